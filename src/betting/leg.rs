//! The third check, leg by leg: is this still on offer, and at a price the customer takes?

use std::cmp::Ordering;

use super::refusal;
use super::slip::{Judgement, Situation};
use crate::event::{
    AcceptedLeg, LegRequest, MarketState, MarketStatus, MatchPhase, MatchUpdate, OutcomeState, OutcomeStatus, PlaceBet,
    PricePolicy, Refusal, RejectReason, Stage,
};
use crate::values::{Price, Ratio, Time, price_jump};

/// What is known about the match of a leg.
#[derive(Clone, Copy, Debug)]
pub struct LegView<'a> {
    /// The knowledge is too old to judge by, or a part of it is missing.
    pub is_stale: bool,
    /// The match as last published; absent if it never was.
    pub update: Option<&'a MatchUpdate>,
    /// When that was appended.
    pub fact_at: Time,
    /// The reported facts decide the outcome already.
    pub is_decided: bool,
    /// Something material happened to the leg's market within the window of the bet.
    pub has_changed: bool,
}

/// Stage 3 for one leg. Refusals name no leg: the caller counts them.
pub(super) fn check_leg(
    request: &PlaceBet,
    leg: &LegRequest,
    view: &LegView<'_>,
    situation: &Situation<'_>,
) -> Result<AcceptedLeg, Refusal> {
    let refused = |reason| refusal(Stage::Market, reason);
    let (update, market, outcome, current) = find_offer(leg, view, situation.judgement).map_err(refused)?;
    if view.has_changed {
        return Err(refused(RejectReason::MaterialChange));
    }
    check_price(request, &leg.price, &current, situation.settings.placement.price_jump)
        .map_err(|reason| Refusal { current_price: Some(current), ..refused(reason) })?;
    Ok(AcceptedLeg {
        request: leg.clone(),
        price: current,
        match_version: update.version,
        price_version: market.price_version,
        fixture_revision: update.fixture.revision,
        fact_at: view.fact_at,
        fair: outcome.fair,
        in_play: update.phase == MatchPhase::InPlay,
    })
}

type Offer<'a> = (&'a MatchUpdate, &'a MarketState, &'a OutcomeState, Price);

/// The outcome on offer with its price, or the first thing that is in the way.
fn find_offer<'a>(leg: &LegRequest, view: &LegView<'a>, judgement: Judgement) -> Result<Offer<'a>, RejectReason> {
    // What is not known for sure is never said to be unknown, suspended or over.
    if view.is_stale {
        return Err(RejectReason::MarketDataStale);
    }
    let update = view.update.ok_or(RejectReason::MatchUnknown)?;
    match update.phase {
        MatchPhase::PreMatch | MatchPhase::InPlay => {}
        MatchPhase::Over => return Err(RejectReason::MatchOver),
    }
    let index = update.markets.binary_search_by_key(&leg.market, |market| market.id);
    let market = &update.markets[index.map_err(|_| RejectReason::MarketUnknown)?];
    match (market.status, judgement) {
        (MarketStatus::Active, Judgement::First | Judgement::Final) => {}
        (MarketStatus::Suspended, Judgement::First | Judgement::Final) => return Err(RejectReason::MarketSuspended),
        // A line withdrawn during the wait is no fault of the customer's choice.
        (MarketStatus::Inactive, Judgement::Final) => return Err(RejectReason::OutcomeNotOffered),
        (MarketStatus::Inactive, Judgement::First)
        | (MarketStatus::Settled | MarketStatus::Cancelled, Judgement::First | Judgement::Final) => {
            return Err(RejectReason::MarketNotActive);
        }
    }
    let outcome = market.outcomes.iter().find(|outcome| outcome.outcome == leg.outcome);
    let outcome = outcome.ok_or(RejectReason::OutcomeUnknown)?;
    match outcome.status {
        OutcomeStatus::Closed
        | OutcomeStatus::Won
        | OutcomeStatus::Lost
        | OutcomeStatus::Void
        | OutcomeStatus::HalfWon
        | OutcomeStatus::HalfLost => return Err(RejectReason::PastPosted),
        OutcomeStatus::Offered | OutcomeStatus::Withheld if view.is_decided => return Err(RejectReason::PastPosted),
        OutcomeStatus::Withheld => return Err(RejectReason::OutcomeNotOffered),
        OutcomeStatus::Offered => {}
    }
    let price = outcome.price.ok_or(RejectReason::OutcomeNotOffered)?;
    Ok((update, market, outcome, price))
}

/// Whether the current price may stand for the requested one.
fn check_price(request: &PlaceBet, requested: &Price, current: &Price, jump: Ratio) -> Result<(), RejectReason> {
    if price_jump(current, requested, jump) {
        return Err(RejectReason::PriceJump);
    }
    match (request.price_policy, current.cmp_value(requested)) {
        (PricePolicy::Exact | PricePolicy::Better | PricePolicy::Any, Ordering::Equal)
        | (PricePolicy::Better | PricePolicy::Any, Ordering::Greater) => Ok(()),
        (PricePolicy::Exact, Ordering::Less | Ordering::Greater) | (PricePolicy::Better, Ordering::Less) => {
            Err(RejectReason::PriceChanged)
        }
        (PricePolicy::Any, Ordering::Less) if request.odds_consent.is_some() => Ok(()),
        (PricePolicy::Any, Ordering::Less) => Err(RejectReason::ConsentMissing),
    }
}
