//! What in a match kills the bets that wait: a goal, a penalty, a review, a whistle, a suspension, a jump of the odds.

use crate::event::{FactBody, MarketId, MarketState, MarketStatus, MatchUpdate, OutcomeState, OutcomeStatus, Owner};
use crate::values::{Ratio, price_jump};

/// What an update changed that matters to waiting bets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaterialChange {
    /// Something happened on the pitch: every market.
    pub whole_match: bool,
    /// Markets in which one update moved the odds too far.
    pub jumped: Vec<MarketId>,
}

/// Whether anybody but the book itself holds the market.
pub fn is_held(market: &MarketState) -> bool {
    market.status == MarketStatus::Suspended || !market.owners.without(Owner::Staleness).is_empty()
}

/// Compares two updates of one match. Suspensions are not in it: they last, see [`is_held`].
pub fn material_changes(before: Option<&MatchUpdate>, after: &MatchUpdate, jump: Ratio) -> MaterialChange {
    let by_fact = after.facts.iter().any(|fact| fact.supersedes.is_some() || is_material(&fact.body));
    let Some(before) = before else { return MaterialChange { whole_match: by_fact, jumped: Vec::new() } };
    // A change that no fact explains is one all the same.
    let by_state = (before.phase, before.period, before.score, before.reds)
        != (after.phase, after.period, after.score, after.reds);
    let jumped = after.markets.iter().filter(|market| {
        let index = before.markets.binary_search_by_key(&market.id, |other| other.id);
        index.is_ok_and(|index| has_jumped(&before.markets[index], market, jump))
    });
    MaterialChange { whole_match: by_fact || by_state, jumped: jumped.map(|market| market.id).collect() }
}

fn has_jumped(before: &MarketState, after: &MarketState, jump: Ratio) -> bool {
    let offered = |outcome: &OutcomeState| outcome.price.filter(|_| outcome.status == OutcomeStatus::Offered);
    after.outcomes.iter().any(|now| {
        let then = before.outcomes.iter().find(|then| then.outcome == now.outcome).and_then(offered);
        then.zip(offered(now)).is_some_and(|(then, now)| price_jump(&now, &then, jump))
    })
}

/// Whether such a fact moves the goal markets (all that are offered so far) at one stroke.
fn is_material(body: &FactBody) -> bool {
    match body {
        FactBody::PeriodStart(_)
        | FactBody::PeriodEnd(_)
        | FactBody::FinalWhistle
        | FactBody::PossibleGoal(_)
        | FactBody::NoGoal
        | FactBody::Goal { .. }
        | FactBody::PenaltyAwarded(_)
        | FactBody::PenaltyMissed(_)
        | FactBody::PenaltyCancelled(_)
        | FactBody::PossibleRedCard(_)
        | FactBody::RedCard { .. }
        | FactBody::ReviewStart
        | FactBody::ReviewEnd
        | FactBody::Interruption
        | FactBody::Rollback(_) => true,
        // A confirmation says again what was said before; it moves no price.
        FactBody::Confirmed(_)
        | FactBody::Fixture(_)
        | FactBody::ClockTick
        | FactBody::PlayRestarted
        | FactBody::NoRedCard
        | FactBody::PossibleCard(_)
        | FactBody::NoCard
        | FactBody::YellowCard(_)
        | FactBody::CornerAwarded(_)
        | FactBody::CornerTaken(_)
        | FactBody::CornerRetracted(_)
        | FactBody::DangerousFreeKick(_)
        | FactBody::DangerOver
        | FactBody::Resumed
        | FactBody::Cancel { .. }
        | FactBody::RollbackCancel(_) => false,
    }
}
