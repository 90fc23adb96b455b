//! Everything a machine may say.

use super::{
    BetSettlement, Decision, InputRef, MarketImage, MatchResults, MatchUpdate, Posting, RejectReason, Watermark,
};
use crate::values::{MatchId, ProducerId, Text, Time};

/// A request to a feed adapter: send again. A record of `feed-requests.v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRequest {
    /// To whom.
    pub producer: ProducerId,
    /// The id that `SnapshotComplete` must carry.
    pub request_id: Text,
    /// One match, or all of the producer's in this partition.
    pub match_id: Option<MatchId>,
    /// Everything since then (source time of the last good message).
    pub since: Time,
}

/// A message that could not be answered as a decision. A record of `rejects-<role>.v1`; the runtime adds the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The record refused.
    pub cause: InputRef,
    /// Why, with its stable number.
    pub reason: RejectReason,
    /// Names the thing: which field, what is wrong, what to do.
    pub detail: String,
}

/// What an operator must see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertKind {
    /// A producer fell silent; the bets accepted since its last sign of life are at risk.
    ProducerSilent,
    /// A gap in a match's sequence.
    FeedGap,
    /// An incident is unresolved for too long.
    IncidentUnresolved,
    /// Two bodies under one fact id: the second is quarantined.
    FactConflict,
    /// A price moved so far in the bettor's favour that something must have happened.
    PriceJump,
    /// A balance went below zero by taking a result back.
    NegativeBalance,
    /// A chain of versions has a hole, or a record of our own cannot be right.
    Integrity,
    /// A model gave no price, with its reason.
    NoPrice,
    /// A configured maximum is reached.
    CapacityReached,
}

/// A record of `alerts-<role>.v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What kind.
    pub kind: AlertKind,
    /// What it concerns: a match, a producer, an account.
    pub subject: String,
    /// One sentence for a person.
    pub detail: String,
}

/// A record that a machine says; the wire gives it its topic, key and bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// To `markets.v1`.
    Market(Box<MatchUpdate>),
    /// To `markets.v1`, keyless.
    Watermark(Watermark),
    /// To `market-images.v1`.
    Image(Box<MarketImage>),
    /// To `results.v1`.
    Results(Box<MatchResults>),
    /// To `feed-requests.v1`.
    FeedRequest(FeedRequest),
    /// To `decisions.v1`.
    Decision(Box<Decision>),
    /// To `settlements.v1`.
    Settlement(Box<BetSettlement>),
    /// To `ledger.v1`.
    Posting(Box<Posting>),
    /// To `rejects-<role>.v1`.
    Reject(Reject),
    /// To `alerts-<role>.v1`.
    Alert(Alert),
}

macro_rules! said_as {
    ($($variant:ident($body:ty) $how:expr),* $(,)?) => {
        $(impl From<$body> for Output {
            fn from(body: $body) -> Self {
                Output::$variant($how(body))
            }
        })*
    };
}

said_as! {
    Market(MatchUpdate) Box::new,
    Watermark(Watermark) std::convert::identity,
    Image(MarketImage) Box::new,
    Results(MatchResults) Box::new,
    FeedRequest(FeedRequest) std::convert::identity,
    Decision(Decision) Box::new,
    Settlement(BetSettlement) Box::new,
    Posting(Posting) Box::new,
    Reject(Reject) std::convert::identity,
    Alert(Alert) std::convert::identity,
}
