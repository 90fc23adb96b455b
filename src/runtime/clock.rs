//! The one clock of a process: the broker's time, as near as we can tell.

#![expect(clippy::disallowed_methods, reason = "this is the door by which time comes in")]

use crate::values::Time;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Beyond this offset to the broker's clock a process is not ready, in milliseconds.
pub const DRIFT_MS_MAX: i64 = 250;

/// Local time corrected by what the broker's append times say. Shared by the threads of a process: one word, written
/// by whoever has just seen an append time, read by everybody; no order between them is needed.
#[derive(Clone, Debug, Default)]
pub struct BrokerClock {
    offset_ms: Arc<AtomicI64>,
    observed: Arc<AtomicBool>,
}

impl BrokerClock {
    /// A clock that trusts the local one until told otherwise.
    pub fn new() -> Self {
        Self::default()
    }

    /// The broker's time now.
    pub fn now(&self) -> Time {
        Time::from_ms(local_ms() + self.offset_ms.load(Ordering::Relaxed))
    }

    /// A record was sent and acknowledged between two local times and appended at `appended`: the offset must lie
    /// between `appended - acknowledged` and `appended - sent`. It is moved only as far as that demands.
    pub fn observe(&self, sent_ms: i64, acknowledged_ms: i64, appended: Time) {
        // Append times are whole milliseconds, rounded down: allow one.
        let (low, high) = (appended.ms() - acknowledged_ms - 1, appended.ms() - sent_ms + 1);
        let offset = self.offset_ms.load(Ordering::Relaxed);
        if low <= high {
            self.offset_ms.store(offset.clamp(low, high), Ordering::Relaxed);
            self.observed.store(true, Ordering::Release);
        }
    }

    /// Whether an append time has been seen: before that the broker's time is only a guess.
    pub fn is_observed(&self) -> bool {
        self.observed.load(Ordering::Acquire)
    }

    /// How far the local clock is off, in milliseconds.
    pub fn drift_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }
}

/// Local time, milliseconds since the epoch: the wall clock as it was when first asked, and from then on the monotonic
/// clock, so that nobody who sets the clock moves our time; append times correct what is left.
pub fn local_ms() -> i64 {
    static START: OnceLock<(Instant, i64)> = OnceLock::new();
    let (start, wall_ms) = START.get_or_init(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (Instant::now(), i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    });
    wall_ms.saturating_add(i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX))
}

/// A point on the monotonic clock, for measuring spans.
pub fn monotonic() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offset_moves_only_as_far_as_an_append_time_demands() {
        let clock = BrokerClock::new();
        clock.observe(1_000, 1_010, Time::from_ms(1_005));
        assert_eq!(clock.drift_ms(), 0, "an append inside the interval proves nothing against zero");
        clock.observe(1_000, 1_010, Time::from_ms(1_500));
        assert_eq!(clock.drift_ms(), 489);
        clock.observe(1_000, 1_010, Time::from_ms(1_005));
        assert_eq!(clock.drift_ms(), 6);
    }
}
