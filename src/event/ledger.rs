//! Double entry as it is published: who paid whom, how much, and because of what.

use super::InputRef;
use crate::values::{AccountId, BetId, CommandId, Currency, LicenceId, Money};

/// A customer's purses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purse {
    /// Money to bet with.
    Cash,
    /// Stakes of accepted open bets.
    Held,
}

/// The house's accounts, one of each per shard, licence and currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HouseAccount {
    /// Stakes that were lost or turned over.
    Stakes,
    /// Returns paid.
    Payouts,
    /// Deposits on their way in.
    DepositsClearing,
}

/// One side of a transfer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAccount {
    /// A customer's purse.
    Customer(AccountId, Purse),
    /// The house's account of this shard, licence and currency.
    House(HouseAccount),
}

/// Identity of a transfer: unique in its shard for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferId {
    /// The posting it belongs to.
    pub posting: u64,
    /// Its place there, from 0.
    pub index: u8,
}

/// What a transfer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TransferKind {
    /// Moves money at once.
    Posted,
    /// Reserves the amount: it leaves the available balance, not the account.
    Pending,
    /// Makes that pending transfer real; at most once.
    PostPending(TransferId),
    /// Lets that pending transfer go; at most once.
    VoidPending(TransferId),
}

/// One transfer: debits `from`, credits `to`. Immutable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Identity.
    pub id: TransferId,
    /// What it does.
    pub kind: TransferKind,
    /// Who pays.
    pub from: LedgerAccount,
    /// Who gets.
    pub to: LedgerAccount,
    /// How much, >= 0.
    pub amount: Money,
}

/// Why money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PostingEvent {
    /// An authorised deposit.
    Deposit,
    /// A bet waits: its stake is reserved.
    BetWaits,
    /// A waiting bet was refused: the reservation goes.
    BetRefused,
    /// A bet was accepted.
    BetAccepted,
    /// A bet was settled.
    BetSettled,
    /// A settlement was taken back.
    BetReopened,
}

/// The account's balances after a posting, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balances {
    /// Cash, reserved part included; below zero only through a settlement taken back.
    pub cash: Money,
    /// The part of cash that pending transfers reserve.
    pub reserved: Money,
    /// Stakes of accepted open bets.
    pub held: Money,
}

/// A record of `ledger.v1`: one linked set of transfers, all or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Counts the shard's postings from 1 without a gap.
    pub id: u64,
    /// Whose event; also the Kafka key.
    pub account: AccountId,
    /// The licence all sides belong to.
    pub licence: LicenceId,
    /// The currency of every amount.
    pub currency: Currency,
    /// Why.
    pub event: PostingEvent,
    /// The bet, for bet events.
    pub bet_id: Option<BetId>,
    /// The account command, for deposits.
    pub command_id: Option<CommandId>,
    /// The settlement record's version, for settlements.
    pub settlement_version: Option<u32>,
    /// The record that caused it; absent where a timer or queued work did.
    pub cause: Option<InputRef>,
    /// The transfers, in order.
    pub transfers: Vec<Transfer>,
    /// The account's balances after it.
    pub balances: Balances,
}
