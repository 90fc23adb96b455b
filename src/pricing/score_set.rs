//! The scores at which a bet wins, as a set that meets another one in a few operations.

use crate::catalogue::For;
use crate::event::Score;

/// Goals from now on that are told apart, a side; more are all but impossible.
pub(super) const GOALS: usize = 64;

/// The rows of every score.
pub(super) static EVERY: [u64; GOALS] = EVERY_ROW;
const EVERY_ROW: [u64; GOALS] = [u64::MAX; GOALS];

/// Goals added by home (a row) and by away (a bit of it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScoreSet([u64; GOALS]);

impl ScoreSet {
    /// Every score.
    pub(super) const ALL: ScoreSet = ScoreSet(EVERY_ROW);

    /// The scores that add up to a number for which `holds`; `base` is what there is already, `reach` how many goals a side
    /// matter.
    pub(super) fn of_number(of: For, base: Score, reach: usize, holds: impl Fn(i64) -> bool) -> ScoreSet {
        let mut set = ScoreSet([0; GOALS]);
        let rows = &mut set.0[..reach];
        let (home, away) = (i64::from(base.home), i64::from(base.away));
        let last = reach - 1;
        match of {
            For::Both => {
                let numbers = pattern(2 * last + 1, |goals| holds(home + away + goals as i64));
                rows.iter_mut().enumerate().for_each(|(more, row)| *row = (numbers >> more) as u64);
            }
            For::One(crate::event::Side::Home) => {
                rows.iter_mut().zip(home..).for_each(|(row, goals)| *row = if holds(goals) { u64::MAX } else { 0 });
            }
            For::One(crate::event::Side::Away) => {
                let numbers = pattern(reach, |goals| holds(away + goals as i64));
                rows.fill(numbers as u64);
            }
            For::Lead => {
                // From the longest lead down, as away's goals rise along a row.
                let leads = pattern(2 * last + 1, |down| holds(home - away + last as i64 - down as i64));
                rows.iter_mut().enumerate().for_each(|(more, row)| *row = (leads >> (last - more)) as u64);
            }
        }
        set
    }

    /// The scores for which `holds`, a rule that from `beyond` goals on asks only who is ahead, as the catalogue tells it.
    pub(super) fn of_score(base: Score, beyond: u16, reach: usize, holds: impl Fn(Score) -> bool) -> ScoreSet {
        let mut set = ScoreSet([0; GOALS]);
        let told_apart = usize::from(beyond.saturating_sub(base.away)).min(reach);
        let up_to_beyond = |home: u16| {
            let numbers = pattern(told_apart, |more| holds(Score { home, away: base.away + more as u16 }));
            numbers as u64
        };
        let both = |home, away| if holds(Score { home, away }) { u64::MAX } else { 0 };
        let [ahead, level, behind] = [both(beyond + 1, beyond), both(beyond, beyond), both(beyond, beyond + 1)];
        let mut of_many = None;
        for (more, row) in set.0[..reach].iter_mut().enumerate() {
            let home = base.home.saturating_add(more as u16);
            if home < beyond {
                *row = up_to_beyond(home) | (both(home, beyond) & !below(told_apart as i64));
                continue;
            }
            let few = *of_many.get_or_insert_with(|| up_to_beyond(beyond));
            let even = i64::from(home) - i64::from(base.away);
            let by_lead =
                (ahead & below(even)) | (level & below(even + 1) & !below(even)) | (behind & !below(even + 1));
            *row = few | (by_lead & !below(told_apart as i64));
        }
        set
    }

    /// Away's goals, row by row.
    #[inline]
    pub(super) fn rows(&self) -> &[u64; GOALS] {
        &self.0
    }

    #[inline]
    pub(super) fn contains(&self, home: usize, away: usize) -> bool {
        self.0[home] >> away & 1 == 1
    }

    /// Takes over so many rows of another one.
    pub(super) fn copy(&mut self, other: &ScoreSet, reach: usize) {
        self.0[..reach].copy_from_slice(&other.0[..reach]);
    }

    /// Leaves what is in both, as far as so many rows.
    pub(super) fn meet(&mut self, other: &ScoreSet, reach: usize) {
        self.0[..reach].iter_mut().zip(&other.0).for_each(|(row, other)| *row &= other);
    }

    /// Leaves what is not in the other.
    pub(super) fn leave(&mut self, other: &ScoreSet, reach: usize) {
        self.0[..reach].iter_mut().zip(&other.0).for_each(|(row, other)| *row &= !other);
    }

    /// Everything but the other.
    pub(super) fn be_without(&mut self, other: &ScoreSet, reach: usize) {
        self.0[..reach].iter_mut().zip(&other.0).for_each(|(row, other)| *row = !other);
    }
}

/// The numbers below this one, 0 the first bit.
#[inline]
pub(super) fn below(number: i64) -> u64 {
    match number {
        ..=0 => 0,
        1..=63 => (1 << number) - 1,
        64.. => u64::MAX,
    }
}

fn pattern(bits: usize, holds: impl Fn(usize) -> bool) -> u128 {
    (0..bits).fold(0, |pattern, bit| pattern | u128::from(holds(bit)) << bit)
}

/// Sums over runs of neighbours in a row: entry y is the sum of the cells from y on. So little is lost by taking one from
/// another, as the cells of a row fall from early on.
#[inline]
pub(super) fn sum_of_runs(mut cells: u64, from: impl Fn(usize) -> f64) -> f64 {
    let mut sum = 0.0;
    while cells != 0 {
        let first = cells.trailing_zeros();
        let after = first + (!(cells >> first)).trailing_zeros();
        sum += from(first as usize) - from(after as usize);
        if after >= 64 {
            break;
        }
        cells &= u64::MAX << after;
    }
    sum
}
