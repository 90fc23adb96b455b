//! How long an in-play bet waits before it is judged for good, so that nobody bets on a goal he has already seen.

use crate::event::{MatchPhase, Settings};
use crate::values::{Millis, Time};

/// The wait of one bet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// d, the bet delay.
    pub delay: Millis,
    /// D, the time of the bet plus its delay.
    pub decide_at: Time,
    /// No knowledge older than this judges the bet for good.
    pub fresh_to: Time,
    /// At this time the bet is refused if that knowledge is still missing; judged later than this, it is refused anyway.
    pub deadline: Time,
    /// First and last moment at which a material change counts against it.
    pub window: (Time, Time),
}

/// Whether a leg in such a phase is in play. A match never heard of counts as not begun.
pub fn has_leg_in_play(phases: impl IntoIterator<Item = Option<MatchPhase>>) -> bool {
    phases.into_iter().any(|phase| phase == Some(MatchPhase::InPlay))
}

/// The wait of a bet with or without a leg in play; `None` if it is judged for good at once.
pub fn wait_of(placed_at: Time, in_play: bool, settings: &Settings) -> Option<Wait> {
    let delay = match in_play {
        true => settings.placement.in_play_delay.max(settings.placement.pre_match_delay),
        false => settings.placement.pre_match_delay,
    };
    if !in_play && delay <= Millis::ZERO {
        return None;
    }
    let decide_at = placed_at + delay;
    let skew = settings.freshness.broker_skew;
    Some(Wait {
        delay,
        decide_at,
        fresh_to: decide_at + skew,
        deadline: decide_at + settings.freshness.decide_grace,
        window: (placed_at - skew, decide_at + skew),
    })
}
