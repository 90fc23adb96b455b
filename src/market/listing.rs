//! How a market is published: a status derived from what it offers, what was decided, and who holds it.

use crate::event::{MarketId, MarketState, MarketStatus, Outcome, OutcomeState, OutcomeStatus, Owner, Owners};
use crate::values::{Billionths, LegResult, Price};

/// Whether a market may go from one published status to the next. After a rollback a settled or cancelled market is
/// first suspended.
pub fn is_legal_move(from: MarketStatus, to: MarketStatus) -> bool {
    match from {
        MarketStatus::Active | MarketStatus::Suspended | MarketStatus::Inactive => true,
        MarketStatus::Settled => match to {
            MarketStatus::Settled | MarketStatus::Suspended | MarketStatus::Cancelled => true,
            MarketStatus::Active | MarketStatus::Inactive => false,
        },
        MarketStatus::Cancelled => match to {
            MarketStatus::Cancelled | MarketStatus::Suspended => true,
            MarketStatus::Active | MarketStatus::Inactive | MarketStatus::Settled => false,
        },
    }
}

/// How one selection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selling {
    /// On offer.
    Offered {
        /// At this price.
        price: Price,
        /// Worth this.
        fair: Billionths,
    },
    /// Not on offer.
    Withheld {
        /// What it is worth, if that is known.
        fair: Option<Billionths>,
    },
    /// Decided by what was reported, not confirmed yet.
    Closed,
    /// Decided by confirmed facts.
    Result(LegResult),
}

/// What a market should be, were there no history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its selections, in the order of `Outcome`.
    pub selections: Vec<(Outcome, Selling)>,
    /// It belongs to what we offer now.
    pub is_offered: bool,
    /// It is void as a whole.
    pub is_cancelled: bool,
    /// Who holds it.
    pub owners: Owners,
}

/// The next published state of a market, and whether it was reopened: a settled or cancelled market whose result no longer
/// stands is suspended for one version, owner `incident`, and needs another update.
pub fn next_state(id: MarketId, previous: Option<&MarketState>, wanted: &Wanted, version: u64) -> (MarketState, bool) {
    let outcomes: Vec<OutcomeState> =
        wanted.selections.iter().map(|(outcome, selling)| published(*outcome, *selling, wanted.is_cancelled)).collect();
    let (status, owners) = aim(previous, wanted);
    let mut state = MarketState { id, status, owners, price_version: version, outcomes };
    let reopened = previous.is_some_and(|previous| is_taken_back(previous, &state));
    if reopened {
        state.status = MarketStatus::Suspended;
        state.owners = wanted.owners.with(Owner::Incident);
        for outcome in &mut state.outcomes {
            if outcome.status.result().is_some() {
                outcome.status = OutcomeStatus::Closed;
            }
        }
    }
    if let Some(previous) = previous
        && prices(&previous.outcomes).eq(prices(&state.outcomes))
    {
        state.price_version = previous.price_version;
    }
    assert!(previous.is_none_or(|previous| is_legal_move(previous.status, state.status)), "an illegal move of {id}");
    assert!(state.status != MarketStatus::Active || state.owners.is_empty(), "{id} is held and takes bets");
    (state, reopened)
}

/// Whether what was published as final does not stand any more.
fn is_taken_back(previous: &MarketState, now: &MarketState) -> bool {
    match (previous.status, now.status) {
        (MarketStatus::Active | MarketStatus::Suspended | MarketStatus::Inactive, _any) => false,
        (MarketStatus::Settled, MarketStatus::Settled) => {
            let results = |state: &MarketState| state.outcomes.iter().map(|outcome| outcome.status).collect::<Vec<_>>();
            results(previous) != results(now)
        }
        (MarketStatus::Settled | MarketStatus::Cancelled, MarketStatus::Cancelled) => false,
        (
            MarketStatus::Settled | MarketStatus::Cancelled,
            MarketStatus::Active | MarketStatus::Suspended | MarketStatus::Inactive,
        )
        | (MarketStatus::Cancelled, MarketStatus::Settled) => true,
    }
}

/// The status that the market would have, and who is shown as holding it.
fn aim(previous: Option<&MarketState>, wanted: &Wanted) -> (MarketStatus, Owners) {
    let all = |test: fn(&Selling) -> bool| wanted.selections.iter().all(|(_, selling)| test(selling));
    if wanted.is_cancelled {
        return (MarketStatus::Cancelled, Owners::NONE);
    }
    if all(|selling| matches!(selling, Selling::Result(_))) {
        return (MarketStatus::Settled, Owners::NONE);
    }
    if all(|selling| matches!(selling, Selling::Result(_) | Selling::Closed)) {
        // Decided and waiting to be confirmed: a bet stop moves Active markets only, so Inactive stays.
        let was_inactive = previous.is_none_or(|previous| previous.status == MarketStatus::Inactive);
        let status = if was_inactive { MarketStatus::Inactive } else { MarketStatus::Suspended };
        return (status, wanted.owners.with(Owner::Incident));
    }
    let sells = wanted.selections.iter().any(|(_, selling)| matches!(selling, Selling::Offered { .. }));
    // Without a price risk control holds what would otherwise be on sale.
    let would_be_active = wanted.is_offered && (sells || wanted.owners.contains(Owner::Risk));
    let status = match (would_be_active, wanted.owners.is_empty()) {
        (false, true | false) => MarketStatus::Inactive,
        (true, true) => MarketStatus::Active,
        (true, false) => MarketStatus::Suspended,
    };
    (status, wanted.owners)
}

fn published(outcome: Outcome, selling: Selling, is_cancelled: bool) -> OutcomeState {
    if is_cancelled {
        return OutcomeState { outcome, status: OutcomeStatus::Void, price: None, fair: None };
    }
    let (status, price, fair) = match selling {
        Selling::Offered { price, fair } => (OutcomeStatus::Offered, Some(price), Some(fair)),
        Selling::Withheld { fair } => (OutcomeStatus::Withheld, None, fair),
        Selling::Closed => (OutcomeStatus::Closed, None, None),
        Selling::Result(result) => (status_of(result), None, None),
    };
    OutcomeState { outcome, status, price, fair }
}

fn status_of(result: LegResult) -> OutcomeStatus {
    match result {
        LegResult::Win => OutcomeStatus::Won,
        LegResult::Lose => OutcomeStatus::Lost,
        LegResult::Void => OutcomeStatus::Void,
        LegResult::HalfWin => OutcomeStatus::HalfWon,
        LegResult::HalfLose => OutcomeStatus::HalfLost,
    }
}

fn prices(outcomes: &[OutcomeState]) -> impl Iterator<Item = (Outcome, Option<Price>)> {
    outcomes.iter().map(|outcome| (outcome.outcome, outcome.price))
}
