//! The two roles, as the runtime sees them: what they read, what is urgent, how their machine is made.

use super::batch::Source;
use super::metrics::{self, Metric};
use crate::book::BookMachine;
use crate::event::{BookInput, Machine, Settings, Topic, TradingInput};
use crate::trading::TradingMachine;
use crate::values::Time;
use crate::wire::{self, Broken, Format, Role};
use std::sync::Arc;

/// When a record makes a batch close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// At once.
    Now,
    /// At once, but known unread market records are waited for a little.
    NowAfterMarkets,
    /// Not by itself: with the next batch, a full batch, or after a second.
    Patient,
    /// Not by itself, nor by its number: with the next batch.
    Idle,
}

/// A role: a machine and how it is fed.
pub trait RoleKind: Send + 'static {
    /// What its machine reads.
    type Input: Send + 'static;
    /// Its machine.
    type Machine: Machine<Input = Self::Input> + Send;
    /// Which role.
    const ROLE: Role;
    /// The topic whose partitions are its shards.
    const SHARD_TOPIC: Topic;
    /// Makes the machine of a shard.
    fn machine(shard: u32, settings: Arc<Settings>) -> Self::Machine;
    /// Settings as an input.
    fn settings(settings: Arc<Settings>) -> Self::Input;
    /// Decodes a record.
    fn decode(topic: Topic, bytes: &[u8], format: Format) -> Result<Self::Input, Broken>;
    /// The key that the body names; none for control records.
    fn key_of(input: &Self::Input) -> Option<&str>;
    /// When it closes a batch.
    fn urgency(input: &Self::Input) -> Urgency;
    /// Up to when a market record's knowledge reaches.
    fn through_of(input: &Self::Input) -> Option<Time>;
    /// What a shard reads, a lane each: a lane has a thread and a ring of its own, so that a flood in one does not
    /// hold up the other.
    fn lanes(shard: u32, settings: &Settings) -> Vec<Vec<Source>>;
    /// How many shards there are.
    fn shards(settings: &Settings) -> u32;
    /// What its machine holds, for the gauges; asked four times a second, so it must be cheap.
    fn holds(_: &Self::Machine) -> Vec<(Metric, usize)> {
        Vec::new()
    }
}

/// The trading role.
#[derive(Debug)]
pub struct Trading;

impl RoleKind for Trading {
    type Input = TradingInput;
    type Machine = TradingMachine;
    const ROLE: Role = Role::Trading;
    const SHARD_TOPIC: Topic = Topic::Feed;

    fn machine(shard: u32, settings: Arc<Settings>) -> TradingMachine {
        TradingMachine::new(shard, settings)
    }
    fn settings(settings: Arc<Settings>) -> TradingInput {
        TradingInput::Settings(settings)
    }
    fn decode(topic: Topic, bytes: &[u8], format: Format) -> Result<TradingInput, Broken> {
        wire::decode_trading(topic, bytes, format)
    }
    fn key_of(input: &TradingInput) -> Option<&str> {
        wire::trading_key(input)
    }
    fn urgency(input: &TradingInput) -> Urgency {
        use crate::event::FeedMessage;
        match input {
            TradingInput::Feed(FeedMessage::Heartbeat(_)) => Urgency::Idle,
            TradingInput::Settings(_)
            | TradingInput::Command(_)
            | TradingInput::Feed(FeedMessage::Fact(_) | FeedMessage::SnapshotComplete(_)) => Urgency::Now,
        }
    }
    fn through_of(_: &TradingInput) -> Option<Time> {
        None
    }
    fn lanes(shard: u32, _: &Settings) -> Vec<Vec<Source>> {
        let of = |topic| Source { topic, partition: shard };
        vec![vec![of(Topic::TradingCommands), of(Topic::Feed)]]
    }
    fn shards(settings: &Settings) -> u32 {
        settings.match_partitions
    }
}

/// The book role.
#[derive(Debug)]
pub struct Book;

impl RoleKind for Book {
    type Input = BookInput;
    type Machine = BookMachine;
    const ROLE: Role = Role::Book;
    const SHARD_TOPIC: Topic = Topic::Commands;

    fn machine(shard: u32, settings: Arc<Settings>) -> BookMachine {
        BookMachine::new(shard, settings)
    }
    fn settings(settings: Arc<Settings>) -> BookInput {
        BookInput::Settings(settings)
    }
    fn decode(topic: Topic, bytes: &[u8], format: Format) -> Result<BookInput, Broken> {
        wire::decode_book(topic, bytes, format)
    }
    fn key_of(input: &BookInput) -> Option<&str> {
        wire::book_key(input)
    }
    fn urgency(input: &BookInput) -> Urgency {
        match input {
            BookInput::Settings(_) => Urgency::Now,
            BookInput::Account(_) | BookInput::Bet(_) => Urgency::NowAfterMarkets,
            BookInput::Market(_) => Urgency::Patient,
            BookInput::Watermark(_) => Urgency::Idle,
        }
    }
    fn through_of(input: &BookInput) -> Option<Time> {
        match input {
            BookInput::Market(update) => Some(update.through),
            BookInput::Watermark(watermark) => Some(watermark.through),
            BookInput::Settings(_) | BookInput::Account(_) | BookInput::Bet(_) => None,
        }
    }
    fn lanes(shard: u32, settings: &Settings) -> Vec<Vec<Source>> {
        let markets = (0..settings.match_partitions).map(|partition| Source { topic: Topic::Markets, partition });
        let of = |topic| Source { topic, partition: shard };
        vec![markets.collect(), vec![of(Topic::AccountCommands), of(Topic::Commands)]]
    }
    fn shards(settings: &Settings) -> u32 {
        settings.account_partitions
    }
    fn holds(machine: &BookMachine) -> Vec<(Metric, usize)> {
        vec![(metrics::OPEN_BETS, machine.open_bets()), (metrics::WAITING_BETS, machine.waiting_bets())]
    }
}
