//! Which goal lines we offer: the even one, and its neighbours.

use super::law::ScoreLaw;
use crate::values::QuarterLine;

/// How many lines of each kind are offered.
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

/// The lines on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalLines {
    /// The most even one, or the one that was and is still close to it.
    pub main: QuarterLine,
    /// All of them, rising, the main one included.
    pub lines: Vec<QuarterLine>,
}

/// Another line takes over as main only if it is more even by this much in probability: no flapping.
const MAIN_CHANGE_LEAST: f64 = 0.02;
/// Lines up to this many goals above the score are looked at.
const GOALS_ABOVE_MAX: u32 = 15;

/// Chooses the lines of the match total: those nearest to the main line, of the kinds in `set`, from half a goal above
/// the score upwards (lower ones are decided or nearly so). `None` when no more goal can come, or the set is empty.
pub fn choose_lines(law: &ScoreLaw, previous_main: Option<QuarterLine>, set: &LineSet) -> Option<TotalLines> {
    let candidates: Vec<(QuarterLine, f64)> = candidates(law, set).collect();
    let most_even = candidates.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let kept = candidates.iter().find(|candidate| Some(candidate.0) == previous_main);
    let main = match kept {
        Some(kept) if kept.1 - most_even.1 < MAIN_CHANGE_LEAST => kept.0,
        Some(_) | None => most_even.0,
    };
    let mut lines = Vec::new();
    for kind in [QuarterLine::is_half, QuarterLine::is_whole, QuarterLine::is_quarter] {
        let first = lines.len();
        lines.extend(candidates.iter().map(|candidate| candidate.0).filter(|line| kind(*line)));
        // A stable sort: of two lines as far away, the lower comes first.
        lines[first..].sort_by_key(|line| (line.quarters() - main.quarters()).abs());
        let count = lines[first..].first().map_or(0, |line| count_of_kind(*line, set));
        lines.truncate(first + usize::from(count));
    }
    lines.sort_unstable();
    Some(TotalLines { main, lines })
}

/// Lines that both sides can still win, rising, with their distance from even.
fn candidates(law: &ScoreLaw, set: &LineSet) -> impl Iterator<Item = (QuarterLine, f64)> {
    let goals = law.goals_now();
    let quarters = 4 * goals + 2..=4 * (goals + GOALS_ABOVE_MAX);
    quarters.filter_map(move |quarters| {
        let line = QuarterLine::checked_from_quarters(i32::try_from(quarters).ok()?)?;
        let [over, _] = law.total(line).fair_probabilities()?;
        (count_of_kind(line, set) > 0).then_some((line, (over - 0.5).abs()))
    })
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
