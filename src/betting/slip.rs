//! A slip that has passed: its legs with the prices that stand, and what it pays if all of them win.

use super::account::{Standing, check_account, check_balance};
use super::exposure::Room;
use super::leg::{LegView, check_leg};
use super::own_limits::{OwnLimits, Takings};
use super::refusal;
use super::risk::check_risk;
use crate::event::{AcceptedLeg, Identity, PlaceBet, Refusal, Settings, Stage};
use crate::values::{Currency, Date, LicenceId, Money, Time};

/// A customer as the checks see one.
#[derive(Clone, Debug)]
pub struct CustomerView<'a> {
    /// The licence the account is held under.
    pub licence: &'a LicenceId,
    /// The currency of its money.
    pub currency: Currency,
    /// The customer's birth date.
    pub birth_date: Date,
    /// How far the identity has been checked.
    pub identity: Identity,
    /// Whether anything bars the customer from betting at all.
    pub standing: Standing,
    /// What may be staked; the bet's own hold, if it waits, counts as available to it.
    pub available: Money,
    /// The stakes of all other bets that are open or wait.
    pub open_stakes: Money,
    /// What was lost and paid in lately.
    pub takings: &'a Takings,
    /// The customer's own limits, if there are any.
    pub own_limits: Option<&'a OwnLimits>,
}

/// Which of its two judgements a bet stands before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// On arrival.
    First,
    /// After the bet delay.
    Final,
}

/// Everything that a bet is judged against, at one moment.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// The rules in force.
    pub settings: &'a Settings,
    /// Which judgement.
    pub judgement: Judgement,
    /// R, the append time of the bet.
    pub placed_at: Time,
    /// The time of the judgement.
    pub at: Time,
    /// The customer, if there is such an account.
    pub customer: Option<CustomerView<'a>>,
    /// What is known about each leg, in the order of the bet.
    pub legs: Vec<LegView<'a>>,
}

/// A bet that has passed stages 1 to 4. Only [`check`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    legs: Vec<AcceptedLeg>,
    potential_return: Money,
}

impl Slip {
    /// The legs with the prices that stand.
    pub fn legs(&self) -> &[AcceptedLeg] {
        &self.legs
    }

    /// What the bet pays if every leg wins.
    pub fn potential_return(&self) -> Money {
        self.potential_return
    }

    /// Hands over the legs.
    pub fn into_legs(self) -> Vec<AcceptedLeg> {
        self.legs
    }
}

/// Stages 1 to 4 in their order; the refusal names the first that failed. `room` is asked only for a bet that has come to
/// the fourth.
pub fn check(request: &PlaceBet, situation: &Situation<'_>, room: impl FnOnce() -> Room) -> Result<Slip, Refusal> {
    let customer = check_account(request, situation)?;
    check_balance(request, customer, situation.at).map_err(|reason| refusal(Stage::Balance, reason))?;
    assert_eq!(request.legs.len(), situation.legs.len(), "every leg has its view");
    let mut legs = Vec::with_capacity(request.legs.len());
    for (index, (leg, view)) in (0_u8..).zip(request.legs.iter().zip(&situation.legs)) {
        let accepted = check_leg(request, leg, view, situation);
        legs.push(accepted.map_err(|refusal| Refusal { leg: Some(index), ..refusal })?);
    }
    let potential_return = check_risk(request.stake, &legs, &situation.settings.limits, &room())?;
    assert!(potential_return >= request.stake, "a price pays at least the stake");
    Ok(Slip { legs, potential_return })
}
