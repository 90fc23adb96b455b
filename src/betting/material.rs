//! What in a match kills the bets that wait: a goal, a penalty, a review, a whistle, a suspension, a jump of the odds.

use std::collections::BTreeMap;

use crate::event::{
    Fact, FactBody, MarketGroup, MarketId, MarketState, MarketStatus, MatchUpdate, Outcome, OutcomeStatus, Owner,
};
use crate::values::{HashStream, Price, Ratio, price_jump};

/// What an update changed that matters to waiting bets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaterialChange {
    /// Something happened on the pitch: every market.
    pub whole_match: bool,
    /// Something happened that moves these groups only: a corner, a card.
    pub groups: Vec<MarketGroup>,
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
    let by_fact = after.facts.iter().any(|fact| moved_by(fact) == Some(Moved::Everything));
    let has_moved = |group: &MarketGroup| after.facts.iter().any(|fact| moved_by(fact) == Some(Moved::Group(*group)));
    let groups = [MarketGroup::Corners, MarketGroup::Cards].into_iter().filter(has_moved).collect();
    // A change that no fact explains is one all the same.
    let state = |update: &MatchUpdate| (update.phase, update.period, update.score, update.reds);
    let by_state = before.is_some_and(|before| state(before) != state(after));
    let jumped = after.markets.iter().filter(|market| last.learn(market, jump)).map(|market| market.id);
    MaterialChange { jumped: jumped.collect(), whole_match: by_fact || by_state, groups }
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

/// What a fact moves at one stroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Every market of the match.
    Everything,
    /// The markets of that group.
    Group(MarketGroup),
}

impl Moved {
    /// Whether that market is among them.
    pub fn concerns(self, market: MarketId) -> bool {
        match self {
            Moved::Everything => true,
            Moved::Group(group) => market.group() == group,
        }
    }
}

/// What a fact moves at one stroke, if anything; every correction moves everything.
pub fn moved_by(fact: &Fact) -> Option<Moved> {
    if fact.supersedes.is_some() { Some(Moved::Everything) } else { moves_prices(&fact.body) }
}

fn moves_prices(body: &FactBody) -> Option<Moved> {
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
        | FactBody::Rollback(_) => Some(Moved::Everything),
        FactBody::CornerAwarded(_) | FactBody::CornerTaken(_) | FactBody::CornerRetracted(_) => {
            Some(Moved::Group(MarketGroup::Corners))
        }
        FactBody::PossibleCard(_) | FactBody::NoCard | FactBody::YellowCard(_) => {
            Some(Moved::Group(MarketGroup::Cards))
        }
        // A confirmation says again what was said before; it moves no price.
        FactBody::Confirmed(_)
        | FactBody::Fixture(_)
        | FactBody::ClockTick
        | FactBody::PlayRestarted
        | FactBody::NoRedCard
        | FactBody::DangerousFreeKick(_)
        | FactBody::DangerOver
        | FactBody::Resumed
        | FactBody::Cancel { .. }
        | FactBody::RollbackCancel(_) => None,
    }
}
