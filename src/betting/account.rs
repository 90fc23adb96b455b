//! The first two checks: may this customer bet here, and is the money there?

use super::slip::{CustomerView, Situation};
use crate::event::{IdentityStatus, LocationProof, PlaceBet, RejectReason};
use crate::values::Time;

/// Stage 1: identity, age, log-in, whereabouts and licence, all at the time of the bet.
pub(super) fn check_account<'a>(
    request: &PlaceBet,
    situation: &'a Situation<'_>,
) -> Result<&'a CustomerView<'a>, RejectReason> {
    let placed_at = situation.placed_at;
    let customer = situation.customer.as_ref().ok_or(RejectReason::AccountUnknown)?;
    match customer.identity.status {
        IdentityStatus::Verified => {}
        IdentityStatus::Unverified | IdentityStatus::Failed => return Err(RejectReason::IdentityUnverified),
    }
    if placed_at.date() > customer.identity.expires {
        return Err(RejectReason::IdentityExpired);
    }
    let rules = situation.settings.licences.iter().find(|rules| rules.licence == *customer.licence);
    let years = i64::from(customer.birth_date.age_on(placed_at));
    if rules.is_some_and(|rules| years < i64::from(rules.minimum_age_years)) {
        return Err(RejectReason::UnderAge);
    }
    if placed_at >= request.session.expires_at {
        return Err(RejectReason::SessionInvalid);
    }
    if !is_valid_at(&request.location, placed_at) {
        return Err(RejectReason::LocationInvalid);
    }
    if request.location.licence != *customer.licence {
        return Err(RejectReason::LicenceMismatch);
    }
    // A licence that is not listed permits nothing.
    if rules.is_none() {
        return Err(RejectReason::NotPermittedHere);
    }
    Ok(customer)
}

/// Stage 2. The currency comes first: an amount in another one cannot be compared.
pub(super) fn check_balance(request: &PlaceBet, customer: &CustomerView<'_>) -> Result<(), RejectReason> {
    if request.currency != customer.currency {
        return Err(RejectReason::CurrencyMismatch);
    }
    if request.stake > customer.available {
        return Err(RejectReason::InsufficientFunds);
    }
    Ok(())
}

fn is_valid_at(proof: &LocationProof, at: Time) -> bool {
    (proof.issued_at..proof.expires_at).contains(&at)
}
