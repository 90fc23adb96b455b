//! What a customer's account is asked to do: open, take a deposit, close, keep the customer within his own limits.

use crate::values::{AccountId, CommandId, Currency, Date, LicenceId, Money, Text, Time};

/// How far the customer's identity has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityStatus {
    /// Not checked yet.
    Unverified,
    /// Checked.
    Verified,
    /// Checked and refused.
    Failed,
}

/// The identity check and how long it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its outcome.
    pub status: IdentityStatus,
    /// Last day on which it holds (UTC).
    pub expires: Date,
}

/// What opens an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAccount {
    /// The currency of all its money.
    pub currency: Currency,
    /// The licence (jurisdiction) it is held under.
    pub licence: LicenceId,
    /// The customer's birth date.
    pub birth_date: Date,
    /// The identity check.
    pub identity: Identity,
}

/// What the operator lets an account do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountStatus {
    /// Everything.
    Active,
    /// No bets.
    Suspended,
    /// Nothing: the customer has left.
    Closed,
    /// Nothing: its money stays where it is.
    Frozen,
    /// Nothing: the customer is on a list of people who may not bet.
    Prohibited,
}

/// A limit that customers set themselves. Days, weeks (from Monday) and months are those of the calendar in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum LimitKind {
    /// The stake of one bet.
    SingleStake,
    /// Losses of a day: stakes less returns of the bets settled in it, and all open stakes.
    LossPerDay,
    /// Losses of a week.
    LossPerWeek,
    /// Losses of a month.
    LossPerMonth,
    /// Deposits of a day.
    DepositPerDay,
    /// Deposits of a week.
    DepositPerWeek,
    /// Deposits of a month.
    DepositPerMonth,
}

/// The things an account may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountAction {
    /// Open it.
    Open(OpenAccount),
    /// Authorised deposit: the amount becomes cash.
    Deposit {
        /// How much, > 0.
        amount: Money,
        /// In which currency; must be the account's.
        currency: Currency,
    },
    /// The operator lets it do more or less. What a customer decided for himself stays.
    SetStatus {
        /// From now on.
        status: AccountStatus,
        /// Who decided, as recorded for the regulator.
        actor: Text,
        /// Why.
        reason: Text,
    },
    /// The customer excludes himself. Can be made longer, never shorter.
    SelfExclude {
        /// First moment at which he may bet again.
        until: Time,
    },
    /// The customer takes a break. Can be made longer, never shorter.
    TimeOut {
        /// First moment at which he may bet again.
        until: Time,
    },
    /// A limit of the customer's own. A lower one binds at once; a higher one, or none, only when it is reaffirmed after
    /// 24 hours and the end of the current day, week or month, whichever is later.
    SetLimit {
        /// Which.
        limit: LimitKind,
        /// The most, >= 0; `None` takes the limit away.
        amount: Option<Money>,
        /// In which currency; must be the account's.
        currency: Currency,
    },
    /// The customer still wants the raise that is due now.
    ReaffirmLimit {
        /// Which.
        limit: LimitKind,
    },
}

/// A record of `account-commands.v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountCommand {
    /// Identity: a repeat gets the first answer.
    pub command_id: CommandId,
    /// The account; also the Kafka key.
    pub account: AccountId,
    /// What is asked.
    pub action: AccountAction,
}
