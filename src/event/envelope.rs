//! How a message arrives: where it stood in which topic, and when the broker took it in.

use crate::values::Time;

/// The topics a machine reads, in the order in which a batch applies them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// `trading-commands.v1`, read by trading.
    TradingCommands,
    /// `feed.v1`, read by trading.
    Feed,
    /// `markets.v1`, read by the book.
    Markets,
    /// `account-commands.v1`, read by the book.
    AccountCommands,
    /// `commands.v1`, read by the book.
    Commands,
}

/// One record's place in the log: its identity for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputRef {
    /// The topic it came by.
    pub topic: Topic,
    /// The partition of that topic.
    pub partition: u32,
    /// Its offset there.
    pub offset: u64,
}

/// A record as a machine sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope<I> {
    /// Where it stood.
    pub source: InputRef,
    /// When the broker appended it (`LogAppendTime`): `placed_at` of a bet, `fact_at` of a fact or market update.
    pub append_time: Time,
    /// What it says.
    pub input: I,
}

/// The moment of a batch: the only time a machine knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The batch's time: never goes back.
    pub at: Time,
    /// Up to when this shard's own inputs are known to be complete once this batch is applied. Trading publishes it.
    pub through: Time,
}
