//! What happens: everything that comes in, everything that goes out, and why a bet is refused.
//!
//! These are the closed enums the machines speak. The wire (Protobuf, JSON, Kafka) is translated into them at the door
//! (`crate::wire`) and out of them again; inside, nothing is unparsed, unbounded or optional by accident.

mod account;
mod bet;
mod decision;
mod desk;
mod envelope;
mod fact;
mod ledger;
mod machine;
mod market;
mod model;
mod output;
mod reason;
mod settings;

pub use crate::catalogue::{CORRECT_SCORE_MAX, MarketGroup, MarketId, MarketType, Outcome};
pub use crate::values::{Score, Side};
pub use account::{AccountAction, AccountCommand, AccountStatus, Identity, IdentityStatus, LimitKind, OpenAccount};
pub use bet::{LegRequest, LocationProof, PlaceBet, PricePolicy, Session, WagerText};
pub use decision::{AcceptedBet, AcceptedLeg, BetSettlement, Decision, LegFact, Refusal, SettlementKind, Verdict};
pub use desk::{LineOffset, Override, Strength, TradingAction, TradingCommand};
pub use envelope::{Envelope, InputRef, Moment, Topic};
pub use fact::{
    BetWindow, Certainty, Expectation, Fact, FactBody, FeedMessage, Fixture, Heartbeat, MatchClock, Period,
    PreMatchOdds, Scope, SnapshotComplete,
};
pub use ledger::{
    Balances, HouseAccount, LedgerAccount, Posting, PostingEvent, Purse, Transfer, TransferId, TransferKind,
};
pub use machine::{Due, Machine, Outbox};
pub use market::{
    MarketImage, MarketResults, MarketState, MarketStatus, MatchPhase, MatchResults, MatchUpdate, ModelUsed,
    OutcomeState, OutcomeStatus, Owner, Owners, Watermark,
};
pub use model::{CountHalf, CountRules, HalfRules, MinuteShares, ModelRules};
pub use output::{Alert, AlertKind, FeedRequest, Output, Reject};
pub use reason::{RejectReason, Stage};
pub use settings::{
    BookLimits, ClockRules, FreshnessRules, LadderForm, LiabilityLimits, LicenceRules, MarginRules, ParlayWeight,
    PlacementRules, Settings, TradingRules,
};

use std::sync::Arc;

/// What the trading machine reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TradingInput {
    /// The rules in force from here on; journalled by the owner of the shard.
    Settings(Arc<Settings>),
    /// A desk's command.
    Command(TradingCommand),
    /// A message of the feed.
    Feed(FeedMessage),
}

/// What the book machine reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookInput {
    /// The rules in force from here on; journalled by the owner of the shard.
    Settings(Arc<Settings>),
    /// One fact's worth of one match: prices, statuses, facts.
    Market(Box<MatchUpdate>),
    /// Up to when a trading shard's knowledge reaches.
    Watermark(Watermark),
    /// A command that concerns an account.
    Account(AccountCommand),
    /// A bet.
    Bet(Box<PlaceBet>),
}
