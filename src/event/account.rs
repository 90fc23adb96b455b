//! What a customer's account is asked to do: open, take a deposit.

use crate::values::{AccountId, CommandId, Currency, Date, LicenceId, Money};

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
