//! What in a match kills the bets that wait: a goal, a penalty, a review, a whistle, a suspension, a jump of the odds.

use std::collections::BTreeMap;

use crate::event::{Fact, FactBody, MarketId, MarketState, MarketStatus, MatchUpdate, Outcome, OutcomeStatus, Owner};
use crate::values::{HashStream, Price, Ratio, price_jump};

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
    let by_nobody_named = market.status == MarketStatus::Suspended && market.owners.is_empty();
    by_nobody_named || !market.owners.without(Owner::Staleness).is_empty()
}

/// Compares two updates of one match. Suspensions are not in it: they last, see [`is_held`].
pub fn material_changes(
    before: Option<&MatchUpdate>,
    after: &MatchUpdate,
    last: &mut LastOffered,
    jump: Ratio,
) -> MaterialChange {
    let by_fact = after.facts.iter().any(is_material);
    // A change that no fact explains is one all the same.
    let state = |update: &MatchUpdate| (update.phase, update.period, update.score, update.reds);
    let by_state = before.is_some_and(|before| state(before) != state(after));
    let jumped = after.markets.iter().filter(|market| last.learn(market, jump)).map(|market| market.id);
    MaterialChange { jumped: jumped.collect(), whole_match: by_fact || by_state }
}

/// At what price each outcome of a match was last on offer: one withheld for a moment may come back far from it.
#[derive(Clone, Debug, Default)]
pub struct LastOffered {
    prices: BTreeMap<(MarketId, Outcome), Price>,
}

impl LastOffered {
    /// Takes in a market as it is now; whether any of its offers has moved too far.
    fn learn(&mut self, market: &MarketState, jump: Ratio) -> bool {
        let mut has_jumped = false;
        for outcome in market.outcomes.iter().filter(|outcome| outcome.status == OutcomeStatus::Offered) {
            let Some(now) = outcome.price else { continue };
            let then = self.prices.insert((market.id, outcome.outcome), now);
            has_jumped |= then.is_some_and(|then| then != now && price_jump(&now, &then, jump));
        }
        has_jumped
    }

    /// Adds all of it to a hash.
    pub fn hash_into(&self, stream: &mut HashStream) {
        let LastOffered { prices } = self;
        stream.unsigned(prices.len() as u64);
        for ((market, outcome), price) in prices {
            stream.text(&market.to_string()).unsigned(outcome.number()).text(&price.to_string());
        }
    }
}

/// Whether a fact moves the goal markets (all that are offered so far) at one stroke; every correction does.
pub fn is_material(fact: &Fact) -> bool {
    fact.supersedes.is_some() || moves_prices(&fact.body)
}

fn moves_prices(body: &FactBody) -> bool {
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
        | FactBody::PenaltyRetaken(_)
        | FactBody::PossibleRedCard(_)
        | FactBody::RedCard { .. }
        | FactBody::ReviewStart
        | FactBody::ReviewEnd
        | FactBody::Interruption
        | FactBody::Abandoned
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
