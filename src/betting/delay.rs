//! How long an in-play bet waits before it is judged for good, so that nobody bets on a goal he has already seen.

use crate::event::{MarketId, MatchPhase, PlacementRules, Settings};
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

/// The largest delay of the legs that are in play; `None` where none is. A match never heard of counts as not begun.
pub fn delay_in_play(
    legs: impl IntoIterator<Item = (MarketId, Option<MatchPhase>)>,
    rules: &PlacementRules,
) -> Option<Millis> {
    let in_play = legs.into_iter().filter(|(_, phase)| *phase == Some(MatchPhase::InPlay));
    in_play.map(|(market, _)| delay_of(market, rules)).max()
}

/// The bet delay of a market in play: what a single incident decides asks for more.
fn delay_of(market: MarketId, rules: &PlacementRules) -> Millis {
    if market.definition().is_sudden { rules.next_goal_delay.max(rules.in_play_delay) } else { rules.in_play_delay }
}

/// The wait of a bet whose legs in play, if any, ask for this delay; `None` if it is judged for good at once.
pub fn wait_of(placed_at: Time, delay_in_play: Option<Millis>, settings: &Settings) -> Option<Wait> {
    let delay = delay_in_play.unwrap_or(Millis::ZERO).max(settings.placement.pre_match_delay);
    if delay_in_play.is_none() && delay <= Millis::ZERO {
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
