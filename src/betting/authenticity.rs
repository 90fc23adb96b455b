//! Before anything else: is this bet well formed, and is it still the bet that was sent a moment ago?

use super::refusal;
use crate::event::{PlaceBet, PlacementRules, Refusal, RejectReason, Stage};
use crate::values::{LEGS_MAX, Time};

/// The id says when it was made; what arrives much earlier or later is not judged.
pub fn check_id_time(made_at: Time, placed_at: Time, rules: &PlacementRules) -> Result<(), RejectReason> {
    let travelled = placed_at - made_at;
    let in_time = (rules.id_time_earliest..=rules.id_time_latest).contains(&travelled);
    if in_time { Ok(()) } else { Err(RejectReason::StaleCommand) }
}

/// What a slip must have to be one. The door lets nothing else in; a bet that came by another way is refused here.
pub fn check_authenticity(request: &PlaceBet) -> Result<(), Refusal> {
    let wrong = if !request.stake.is_positive() {
        Some(RejectReason::InvalidStake)
    } else if request.legs.is_empty() || request.legs.len() > LEGS_MAX {
        Some(RejectReason::TooManyLegs)
    } else {
        None
    };
    wrong.map_or(Ok(()), |reason| Err(refusal(Stage::Authenticity, reason)))
}

/// Whether a bet has lain too long before anybody looked at it.
pub fn is_too_old(placed_at: Time, at: Time, in_play: bool, rules: &PlacementRules) -> bool {
    at - placed_at > if in_play { rules.max_age_in_play } else { rules.max_age_pre_match }
}
