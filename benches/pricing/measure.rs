//! Nanoseconds a call, state by state.

use crate::allocations;
use std::time::Instant;

/// Calls that one reading of the clock covers, and readings a state; a state's figure is the lowest reading, as what else
/// the machine does can only add to it.
const CALLS: u32 = 16;
const READINGS: u32 = 7;

/// Figures of every state for one piece of work.
pub(super) struct Figures {
    /// Nanoseconds a call, rising, one a state.
    sorted: Vec<f64>,
    /// Allocations in all measured calls.
    pub(super) allocations: u64,
}

impl Figures {
    /// The smallest figure that this share of the states does not exceed, in nanoseconds.
    pub(super) fn at(&self, share: f64) -> f64 {
        let rank = (share * self.sorted.len() as f64).ceil() as usize;
        self.sorted[rank.clamp(1, self.sorted.len()) - 1]
    }
}

/// Measures `work` on each of `subjects`, after a round over all that does not count. `work` is told the number of the
/// call, so that no two calls in a row need be the same.
#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
pub(super) fn measure<T>(subjects: &[T], mut work: impl FnMut(&T, u32)) -> Figures {
    for subject in subjects {
        (0..CALLS).for_each(|call| work(subject, call));
    }
    let mut sorted = Vec::with_capacity(subjects.len());
    let before = allocations::count();
    for subject in subjects {
        let mut lowest = f64::INFINITY;
        for _ in 0..READINGS {
            let begin = Instant::now();
            (0..CALLS).for_each(|call| work(subject, call));
            lowest = f64::min(lowest, begin.elapsed().as_nanos() as f64 / f64::from(CALLS));
        }
        sorted.push(lowest);
    }
    let allocations = allocations::count() - before;
    sorted.sort_unstable_by(f64::total_cmp);
    Figures { sorted, allocations }
}
