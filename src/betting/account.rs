//! The first two checks: may this customer bet here, and is the money there?

use super::refusal;
use super::slip::{CustomerView, Situation};
use crate::event::{
    AccountStatus, IdentityStatus, LicenceRules, LocationProof, MatchPhase, MatchUpdate, PlaceBet, Refusal,
    RejectReason, Stage,
};
use crate::values::{Money, Time};

/// Who may not bet, whatever the bet: by the operator's word, or by the customer's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the operator lets the account do.
    pub status: AccountStatus,
    /// Excluded by himself until then.
    pub excluded_until: Time,
    /// On a break until then.
    pub break_until: Time,
}

impl Standing {
    /// Nothing is in the way.
    pub const ACTIVE: Standing =
        Standing { status: AccountStatus::Active, excluded_until: Time::MIN, break_until: Time::MIN };

    /// Why no bet made then may be taken.
    pub fn bars_bets(&self, placed_at: Time) -> Option<RejectReason> {
        match self.status {
            AccountStatus::Active => self.bars_money(placed_at),
            AccountStatus::Suspended => Some(RejectReason::AccountSuspended),
            AccountStatus::Closed | AccountStatus::Frozen | AccountStatus::Prohibited => self.bars_money(placed_at),
        }
    }

    /// Why no deposit made then may be taken. A suspended account takes some: it may have a debt to fill.
    pub fn bars_money(&self, placed_at: Time) -> Option<RejectReason> {
        match self.status {
            AccountStatus::Closed => Some(RejectReason::AccountClosed),
            AccountStatus::Frozen => Some(RejectReason::AccountFrozen),
            AccountStatus::Prohibited => Some(RejectReason::Prohibited),
            AccountStatus::Active | AccountStatus::Suspended if placed_at < self.excluded_until => {
                Some(RejectReason::SelfExcluded)
            }
            AccountStatus::Active | AccountStatus::Suspended if placed_at < self.break_until => {
                Some(RejectReason::TimedOut)
            }
            AccountStatus::Active | AccountStatus::Suspended => None,
        }
    }
}

/// Stage 1: standing, identity, age, log-in, whereabouts and licence, all at the time of the bet.
pub(super) fn check_account<'a>(
    request: &PlaceBet,
    situation: &'a Situation<'_>,
) -> Result<&'a CustomerView<'a>, Refusal> {
    let placed_at = situation.placed_at;
    let barred = |reason| Err(refusal(Stage::Account, reason));
    let Some(customer) = &situation.customer else { return barred(RejectReason::AccountUnknown) };
    if let Some(reason) = customer.standing.bars_bets(placed_at) {
        return barred(reason);
    }
    match customer.identity.status {
        IdentityStatus::Verified => {}
        IdentityStatus::Unverified | IdentityStatus::Failed => return barred(RejectReason::IdentityUnverified),
    }
    if placed_at.date() > customer.identity.expires {
        return barred(RejectReason::IdentityExpired);
    }
    let rules = situation.settings.licences.iter().find(|rules| rules.licence == *customer.licence);
    let years = i64::from(customer.birth_date.age_on(placed_at));
    if rules.is_some_and(|rules| years < i64::from(rules.minimum_age_years)) {
        return barred(RejectReason::UnderAge);
    }
    if placed_at >= request.session.expires_at {
        return barred(RejectReason::SessionInvalid);
    }
    if !is_valid_at(&request.location, placed_at) {
        return barred(RejectReason::LocationInvalid);
    }
    if request.location.licence != *customer.licence {
        return barred(RejectReason::LicenceMismatch);
    }
    // A licence that is not listed permits nothing.
    let Some(rules) = rules else { return barred(RejectReason::NotPermittedHere) };
    let legs = request.legs.iter().zip(&situation.legs);
    for (index, (leg, view)) in (0_u8..).zip(legs) {
        let is_kind_permitted = rules.market_types.as_ref().is_none_or(|kinds| kinds.contains(&leg.market.kind()));
        if !is_kind_permitted || !view.update.is_none_or(|update| is_permitted(update, rules)) {
            let refused = refusal(Stage::Account, RejectReason::NotPermittedHere);
            return Err(Refusal { leg: Some(index), ..refused });
        }
    }
    Ok(customer)
}

/// Whether the licence permits bets on that match now. A match never heard of is left to the third check.
fn is_permitted(update: &MatchUpdate, rules: &LicenceRules) -> bool {
    let competition = &update.fixture.competition;
    let is_competition_permitted = rules.competitions.as_ref().is_none_or(|permitted| permitted.contains(competition));
    is_competition_permitted && (rules.in_play || update.phase != MatchPhase::InPlay)
}

/// Stage 2. The currency comes first: an amount in another one cannot be compared.
pub(super) fn check_balance(request: &PlaceBet, customer: &CustomerView<'_>, at: Time) -> Result<(), RejectReason> {
    if request.currency != customer.currency {
        return Err(RejectReason::CurrencyMismatch);
    }
    if request.stake > customer.available {
        return Err(RejectReason::InsufficientFunds);
    }
    let Some(own) = customer.own_limits else { return Ok(()) };
    if !own.take_stake(request.stake) {
        return Err(RejectReason::OwnStakeLimit);
    }
    let open = Money::minor(customer.open_stakes);
    if !own.take_loss(customer.takings, at, open, request.stake) {
        return Err(RejectReason::OwnLossLimit);
    }
    Ok(())
}

fn is_valid_at(proof: &LocationProof, at: Time) -> bool {
    (proof.issued_at..proof.expires_at).contains(&at)
}
