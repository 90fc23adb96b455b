//! A clock that goes back or runs ahead, by match time and by source time.

use crate::event::{ClockRules, MatchClock, Period, Settings};
use crate::market::{ClockJump, ClockWatch};
use crate::values::{Millis, Time};

#[test]
fn the_clock_is_held_against_the_sources_time() {
    use Period::{FirstHalf, SecondHalf};
    // First clock and second clock in seconds, seconds of source time between them, verdict.
    let table = [
        (FirstHalf, 60, FirstHalf, 70, 10, None),
        (FirstHalf, 60, FirstHalf, 60, 0, None),
        (FirstHalf, 60, FirstHalf, 59, 1, Some(ClockJump::Back)),
        (FirstHalf, 60, FirstHalf, 55, -5, None),
        (FirstHalf, 60, FirstHalf, 190, 10, None),
        (FirstHalf, 60, FirstHalf, 191, 10, Some(ClockJump::Ahead)),
        (FirstHalf, 2_800, SecondHalf, 0, 900, None),
        (FirstHalf, 2_800, SecondHalf, 200, 10, Some(ClockJump::Ahead)),
        (SecondHalf, 10, FirstHalf, 2_800, 10, Some(ClockJump::Back)),
    ];
    for (number, (from, first, to, second, passed, verdict)) in table.into_iter().enumerate() {
        for (scale, expected) in [(1, verdict), (0, None)] {
            let rules = ClockRules { clock_scale: scale, ..Settings::default().clock };
            let clock = |period, seconds| MatchClock {
                period,
                elapsed: Millis::from_seconds(seconds),
                stoppage_announced_minutes: None,
            };
            let mut watch = ClockWatch::default();
            assert_eq!(watch.watch(clock(from, first), Time::EPOCH, &rules), None);
            let at = Time::EPOCH + Millis::from_seconds(passed);
            assert_eq!(watch.watch(clock(to, second), at, &rules), expected, "row {number}, scale {scale}");
        }
    }
}
