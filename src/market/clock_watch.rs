//! Whether the match clock can be right: it neither goes back nor runs far ahead of the source's own time.

use crate::event::{ClockRules, MatchClock};
use crate::values::{HashStream, Millis, Time};

/// What is wrong with a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockJump {
    /// It shows less than before, though the source's time went on.
    Back,
    /// It is further ahead than the source's time can explain.
    Ahead,
}

/// The last clock that was reported in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockWatch {
    last: Option<(MatchClock, Time)>,
}

impl ClockWatch {
    /// The last clock reported.
    pub fn clock(&self) -> Option<MatchClock> {
        self.last.map(|(clock, _)| clock)
    }

    /// Takes the clock of the next fact in order and says what is wrong with it, if anything. A fact of an earlier
    /// moment, reported late by its own source time, may show an earlier clock. Nothing is checked at scale 0.
    pub fn watch(&mut self, clock: MatchClock, source_at: Time, rules: &ClockRules) -> Option<ClockJump> {
        let (before, before_at) = self.last.replace((clock, source_at))?;
        if rules.clock_scale == 0 {
            return None;
        }
        let passed = source_at - before_at;
        if (clock.period, clock.elapsed) < (before.period, before.elapsed) {
            if passed < Millis::ZERO {
                // An earlier moment told late: the later clock stays the last one.
                self.last = Some((before, before_at));
                return None;
            }
            return Some(ClockJump::Back);
        }
        let progress = if clock.period == before.period { clock.elapsed - before.elapsed } else { clock.elapsed };
        let limit = Millis::new(rules.clock_jump_limit.get().saturating_mul(i64::from(rules.clock_scale)));
        (progress - passed > limit).then_some(ClockJump::Ahead)
    }

    /// Adds everything to a hash.
    pub fn hash_into(&self, stream: &mut HashStream) {
        let Some((clock, at)) = self.last else {
            stream.unsigned(0);
            return;
        };
        stream.unsigned(1 + clock.period as u64).integer(clock.elapsed.get()).integer(at.ms());
        stream.integer(clock.stoppage_announced_minutes.map_or(-1, i64::from));
    }
}
