//! The answer to a command, and what a bet came to.

use super::{InputRef, LegRequest, PlaceBet, RejectReason, Stage};
use crate::values::{
    AccountId, BetId, Billionths, CommandId, FactId, LegResult, LicenceId, Millis, Money, Price, Time,
};

/// Why not, and at which of the five checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, with its stable number.
    pub reason: RejectReason,
    /// The check that failed.
    pub stage: Stage,
    /// The leg that failed, from 0.
    pub leg: Option<u8>,
    /// The price of that leg now, where the price is the reason.
    pub current_price: Option<Price>,
    /// The largest stake that would pass now, where size is the reason; not a promise.
    pub max_stake: Option<Money>,
    /// Which field is wrong and why, where the command could not be understood; else empty.
    pub detail: String,
}

/// A leg as it was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedLeg {
    /// What was asked.
    pub request: LegRequest,
    /// The price that stands.
    pub price: Price,
    /// The match version it was judged on.
    pub match_version: u64,
    /// The version at which that price was published.
    pub price_version: u64,
    /// The fixture revision.
    pub fixture_revision: u32,
    /// Append time of the version it was judged on.
    pub fact_at: Time,
    /// Fair probability then.
    pub fair: Option<Billionths>,
    /// Judged in play.
    pub in_play: bool,
}

/// The wager record of an accepted bet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedBet {
    /// The request, kept whole.
    pub request: Box<PlaceBet>,
    /// Its legs with the prices that stand.
    pub legs: Vec<AcceptedLeg>,
    /// R: append time of the command.
    pub placed_at: Time,
    /// The batch that accepted it.
    pub accepted_at: Time,
    /// The bet delay it waited, zero if none.
    pub delay: Millis,
    /// The licence it stands under.
    pub licence: LicenceId,
    /// The rule set it settles by.
    pub rule_set: u32,
    /// What it pays if every leg wins.
    pub potential_return: Money,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An in-play bet waits out its delay. Not terminal.
    Pending {
        /// D: judged for good once market data is fresh beyond it.
        decide_at: Time,
    },
    /// The bet stands. Terminal.
    Accepted(Box<AcceptedBet>),
    /// The account command is done. Terminal.
    Done,
    /// Refused. Terminal.
    Refused(Refusal),
}

/// A record of `decisions.v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whose command; also the Kafka key. As sent, even if no such account exists.
    pub account: AccountId,
    /// The bet or command id.
    pub command_id: CommandId,
    /// The record answered.
    pub cause: InputRef,
    /// True on the answer to a resend: the first answer again, nothing moved.
    pub repeated: bool,
    /// The answer.
    pub verdict: Verdict,
}

/// What a settlement record does to a bet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettlementKind {
    /// The bet has a result.
    Settled,
    /// An earlier result was taken back: the bet is open again.
    Reopened,
    /// A cancel without the approval that the licence demands covers the bet: it is not paid until that is decided. Moves
    /// no money.
    HeldForApproval,
    /// It is held no longer: the cancel was approved or undone, and the bet is open again. Moves no money.
    Released,
    /// A material fact that arrived later had happened before the bet was accepted. Moves no money and changes nothing:
    /// what follows is the licence's policy.
    LateAccepted,
}

/// A record of `settlements.v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BetSettlement {
    /// The bet.
    pub bet_id: BetId,
    /// Its account; also the Kafka key.
    pub account: AccountId,
    /// Counts the settlement records of this bet, from 1.
    pub version: u32,
    /// What happened to it.
    pub kind: SettlementKind,
    /// The stake.
    pub stake: Money,
    /// What the customer gets (stake included); zero but when settled.
    pub returned: Money,
    /// Each leg's result in the order of the bet; `None` for a leg still undecided (a lost leg decides the bet alone);
    /// empty but when settled.
    pub legs: Vec<Option<LegResult>>,
    /// For each leg the newest match version applied when it was settled, in the order of the bet.
    pub decided_by: Vec<u64>,
    /// The cancel fact that voided a leg, if one did.
    pub cancelled_by: Option<FactId>,
    /// The account's cash went below zero by taking a result back.
    pub negative_balance: bool,
    /// The cancel that holds it, or the fact that came late.
    pub about: Option<LegFact>,
}

/// A fact of the match of one leg.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LegFact {
    /// The leg, from 0.
    pub leg: u8,
    /// The fact, by its id in that match.
    pub fact: FactId,
}
