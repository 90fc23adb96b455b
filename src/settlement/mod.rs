//! What a bet comes to once its legs are decided: the stake times what each leg came to, paid once.
//!
//! Functions of what is known, never of how it came to be known: the same results and cancels give the same payment in
//! whatever order they arrived.

use crate::event::BetWindow;
use crate::ledger::Payment;
use crate::values::{FactId, LegResult, Money, Price, Rounding, Time, leg_factor, line_return};

/// A cancel that holds: it voids this match's legs of the bets accepted in its window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancel {
    /// The fact.
    pub id: FactId,
    /// Which bets, by the time of their acceptance.
    pub window: BetWindow,
    /// Whether it came with an approval reference.
    pub is_approved: bool,
}

impl Cancel {
    /// Whether a bet accepted then is among those that it is meant to void.
    pub fn covers(&self, accepted_at: Time) -> bool {
        let BetWindow { from, to } = self.window;
        from.is_none_or(|from| from <= accepted_at) && to.is_none_or(|to| accepted_at < to)
    }

    /// Whether it voids a bet accepted then. Where the licence demands an approval, a cancel without one voids nothing:
    /// the bets that it covers are held, unpaid, until it is approved or undone.
    pub fn voids(&self, accepted_at: Time, needs_approval: bool) -> bool {
        self.covers(accepted_at) && (self.is_approved || !needs_approval)
    }
}

/// What a single or parlay pays: lost as soon as one leg is lost; otherwise nothing (`None`) until every leg is decided;
/// then the stake back if all are void, else the stake times the product of the factors, a half cent rounded up.
pub fn payment_of(stake: Money, legs: &[(Price, Option<LegResult>)]) -> Option<Payment> {
    if legs.iter().any(|(_, result)| *result == Some(LegResult::Lose)) {
        return Some(Payment::Lost);
    }
    let results = legs.iter().map(|(price, result)| Some((price, (*result)?))).collect::<Option<Vec<_>>>()?;
    if results.iter().all(|(_, result)| *result == LegResult::Void) {
        return Some(Payment::StakeBack);
    }
    let factors = results.iter().map(|(price, result)| leg_factor(price, *result)).collect::<Vec<_>>();
    let returned = line_return(stake, &factors, Rounding::HalfUp);
    let returned = returned.expect("no result pays more than the winning of all legs, which was counted at acceptance");
    // Halves lost often enough leave less than half a cent.
    Some(if returned.is_zero() { Payment::Lost } else { Payment::Paid(returned) })
}

/// What the customer gets by a payment, stake included.
pub fn returned(stake: Money, payment: Payment) -> Money {
    match payment {
        Payment::Lost => Money::ZERO,
        Payment::Paid(returned) => returned,
        Payment::StakeBack => stake,
    }
}

#[cfg(test)]
mod tests;
