//! Which lines we offer: the even one, and its neighbours.

use super::counts::Split;
use crate::values::QuarterLine;

/// How many lines of each kind are offered of a total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineSet {
    /// Lines such as 2.5.
    pub half_lines: u8,
    /// Lines such as 2, which can push.
    pub whole_lines: u8,
    /// Lines such as 2.25, which can half win.
    pub quarter_lines: u8,
}

impl Default for LineSet {
    /// Five half lines, and two whole and two quarter lines around the main one.
    fn default() -> LineSet {
        LineSet { half_lines: 5, whole_lines: 2, quarter_lines: 2 }
    }
}

/// Which lines we would rather have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineWish {
    /// The main line until now: it stays while it is nearly the most even one.
    pub previous_main: Option<QuarterLine>,
    /// How far from the main line those on offer are centred, in quarters of a goal: a trader's wish, 0 as a rule.
    pub offset_quarters: i16,
}

impl From<Option<QuarterLine>> for LineWish {
    fn from(previous_main: Option<QuarterLine>) -> LineWish {
        LineWish { previous_main, offset_quarters: 0 }
    }
}

/// The lines on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The most even one, or the one that was and is still close to it.
    pub main: QuarterLine,
    /// The one that those on offer lie around: the main one, or where a wish moves it.
    pub centre: QuarterLine,
    /// All of them, rising, the one in the centre included.
    pub lines: Vec<QuarterLine>,
}

/// Another line takes over as main only if it is more even by this much in probability: no flapping.
const MAIN_CHANGE_LEAST: f64 = 0.02;
/// Lines up to this much above what is counted now, or either side of the lead, are looked at.
const AWAY_MAX: i32 = 25;

/// Chooses the lines of a total: those nearest to the centre, of the kinds in `set`, from half above what is counted
/// now upwards (lower ones are decided or nearly so). `split` says how a line's first side ends. `None` when no more can
/// come, or the set is empty.
pub fn choose_totals(
    now: i64,
    split: impl Fn(QuarterLine) -> Option<Split>,
    wish: impl Into<LineWish>,
    set: &LineSet,
) -> Option<Lines> {
    let now = i32::try_from(now).ok()?;
    let range = 4 * now + 2..=4 * (now + AWAY_MAX);
    let all = candidates(range, |line| count_of_kind(line, set) > 0, split);
    let (main, centre) = main_and_centre(&all, wish.into())?;
    let mut lines = Vec::new();
    for kind in [QuarterLine::is_half, QuarterLine::is_whole, QuarterLine::is_quarter] {
        let first = lines.len();
        lines.extend(all.iter().map(|candidate| candidate.0).filter(|line| kind(*line)));
        let count = lines[first..].first().map_or(0, |line| count_of_kind(*line, set));
        nearest(&mut lines, first, centre, usize::from(count));
    }
    lines.sort_unstable();
    Some(Lines { main, centre, lines })
}

/// Chooses handicap lines, of any kind: the `count` nearest to the centre, itself included, where `lead` is home's now.
/// `None` when no more can come, or none is wanted.
pub fn choose_handicaps(
    lead: i64,
    split: impl Fn(QuarterLine) -> Option<Split>,
    wish: impl Into<LineWish>,
    count: u8,
) -> Option<Lines> {
    let level = -4 * i32::try_from(lead).ok()?;
    let all = candidates(level - 4 * AWAY_MAX..=level + 4 * AWAY_MAX, |_| count > 0, split);
    let (main, centre) = main_and_centre(&all, wish.into())?;
    let mut lines: Vec<QuarterLine> = all.into_iter().map(|candidate| candidate.0).collect();
    nearest(&mut lines, 0, centre, usize::from(count));
    lines.sort_unstable();
    Some(Lines { main, centre, lines })
}

/// Lines that both sides can still win, rising, with their distance from even.
fn candidates(
    quarters: std::ops::RangeInclusive<i32>,
    is_wanted: impl Fn(QuarterLine) -> bool,
    split: impl Fn(QuarterLine) -> Option<Split>,
) -> Vec<(QuarterLine, f64)> {
    let distance = |quarters| {
        let line = QuarterLine::checked_from_quarters(quarters).filter(|line| is_wanted(*line))?;
        let [first, _] = split(line)?.fair_probabilities()?;
        Some((line, (first - 0.5).abs()))
    };
    let mut lines = Vec::with_capacity(quarters.clone().count());
    lines.extend(quarters.filter_map(distance));
    lines
}

/// The main line, and the nearest to where the wish moves it of those that both sides can still win; of two as near, the
/// lower one.
fn main_and_centre(candidates: &[(QuarterLine, f64)], wish: LineWish) -> Option<(QuarterLine, QuarterLine)> {
    let main = main_line(candidates, wish.previous_main)?;
    let wished = main.quarters() + i32::from(wish.offset_quarters);
    let off = |line: &QuarterLine| (line.quarters() - wished).abs();
    let centre = candidates.iter().map(|(line, _)| *line).min_by_key(off)?;
    Some((main, centre))
}

/// The most even line, or the one that was and is still nearly so.
fn main_line(candidates: &[(QuarterLine, f64)], previous: Option<QuarterLine>) -> Option<QuarterLine> {
    let most_even = candidates.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let kept = candidates.iter().find(|candidate| Some(candidate.0) == previous);
    match kept {
        Some(kept) if kept.1 - most_even.1 < MAIN_CHANGE_LEAST => Some(kept.0),
        Some(_) | None => Some(most_even.0),
    }
}

/// Keeps, of the lines from `first` on, the `count` nearest to the centre.
fn nearest(lines: &mut Vec<QuarterLine>, first: usize, centre: QuarterLine, count: usize) {
    // They rise, so that the nearest are neighbours: of two lines as far away, the lower comes first.
    let rising = &lines[first..];
    let mut begin = rising.partition_point(|line| *line < centre);
    let mut end = begin;
    let off = |line: &QuarterLine| (line.quarters() - centre.quarters()).abs();
    while end - begin < count && end - begin < rising.len() {
        let below = begin.checked_sub(1).and_then(|below| rising.get(below)).map_or(i32::MAX, off);
        let above = rising.get(end).map_or(i32::MAX, off);
        if below <= above {
            begin -= 1;
        } else {
            end += 1;
        }
    }
    lines.truncate(first + end);
    lines.drain(first..first + begin);
}

fn count_of_kind(line: QuarterLine, set: &LineSet) -> u8 {
    if line.is_half() {
        set.half_lines
    } else if line.is_whole() {
        set.whole_lines
    } else {
        set.quarter_lines
    }
}
