//! The topics by name, and the kind of letter that each of them carries.

use super::names::Listed;
use super::proto;
use crate::event::Topic;

/// Which of the two machines writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Facts to prices.
    Trading,
    /// Bets to answers and money.
    Book,
}

impl Role {
    /// Its name in topics, journals and settings.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Trading => "trading",
            Role::Book => "book",
        }
    }
}

/// The topics that a role writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutTopic {
    /// What may be bet on now.
    Markets,
    /// Matches as they stand, for those who come late.
    MarketImages,
    /// What outcomes came to, for outsiders.
    Results,
    /// Requests to feed adapters.
    FeedRequests,
    /// Answers.
    Decisions,
    /// What bets came to.
    Settlements,
    /// Money.
    Ledger,
    /// What could not be taken.
    Rejects(Role),
    /// What an operator must see.
    Alerts(Role),
    /// A shard's diary.
    Journal(Role),
}

impl OutTopic {
    /// Every one of them.
    pub const ALL: [OutTopic; 13] = [
        OutTopic::Markets,
        OutTopic::MarketImages,
        OutTopic::Results,
        OutTopic::FeedRequests,
        OutTopic::Decisions,
        OutTopic::Settlements,
        OutTopic::Ledger,
        OutTopic::Rejects(Role::Trading),
        OutTopic::Rejects(Role::Book),
        OutTopic::Alerts(Role::Trading),
        OutTopic::Alerts(Role::Book),
        OutTopic::Journal(Role::Trading),
        OutTopic::Journal(Role::Book),
    ];

    /// Its name, without a pipeline's prefix.
    pub const fn base_name(self) -> &'static str {
        match self {
            OutTopic::Markets => "markets.v1",
            OutTopic::MarketImages => "market-images.v1",
            OutTopic::Results => "results.v1",
            OutTopic::FeedRequests => "feed-requests.v1",
            OutTopic::Decisions => "decisions.v1",
            OutTopic::Settlements => "settlements.v1",
            OutTopic::Ledger => "ledger.v1",
            OutTopic::Rejects(Role::Trading) => "rejects-trading.v1",
            OutTopic::Rejects(Role::Book) => "rejects-book.v1",
            OutTopic::Alerts(Role::Trading) => "alerts-trading.v1",
            OutTopic::Alerts(Role::Book) => "alerts-book.v1",
            OutTopic::Journal(Role::Trading) => "journal-trading.v1",
            OutTopic::Journal(Role::Book) => "journal-book.v1",
        }
    }

    /// What it carries.
    pub const fn record(self) -> RecordKind {
        match self {
            OutTopic::Markets => RecordKind::MarketMessage,
            OutTopic::MarketImages => RecordKind::MarketImage,
            OutTopic::Results => RecordKind::MatchResults,
            OutTopic::FeedRequests => RecordKind::FeedRequest,
            OutTopic::Decisions => RecordKind::Decision,
            OutTopic::Settlements => RecordKind::Settlement,
            OutTopic::Ledger => RecordKind::Posting,
            OutTopic::Rejects(_) => RecordKind::Reject,
            OutTopic::Alerts(_) => RecordKind::Alert,
            OutTopic::Journal(_) => RecordKind::JournalRecord,
        }
    }
}

/// The name of an input topic, without a pipeline's prefix.
pub const fn in_topic_name(topic: Topic) -> &'static str {
    match topic {
        Topic::TradingCommands => "trading-commands.v1",
        Topic::Feed => "feed.v1",
        Topic::Markets => "markets.v1",
        Topic::AccountCommands => "account-commands.v1",
        Topic::Commands => "commands.v1",
    }
}

/// An input topic as journals and answers name it.
pub fn topic_to_wire(topic: Topic) -> proto::InputTopic {
    match topic {
        Topic::TradingCommands => proto::InputTopic::TradingCommands,
        Topic::Feed => proto::InputTopic::Feed,
        Topic::Markets => proto::InputTopic::Markets,
        Topic::AccountCommands => proto::InputTopic::AccountCommands,
        Topic::Commands => proto::InputTopic::Commands,
    }
}

/// The input topic of that number.
pub fn topic_from_wire(number: i32) -> Option<Topic> {
    Topic::of(number)
}

/// The kinds of record, one a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// `feed.v1`
    FeedMessage,
    /// `feed-requests.v1`
    FeedRequest,
    /// `markets.v1`
    MarketMessage,
    /// `market-images.v1`
    MarketImage,
    /// `results.v1`
    MatchResults,
    /// `trading-commands.v1`
    TradingCommand,
    /// `account-commands.v1`
    AccountCommand,
    /// `commands.v1`
    BetCommand,
    /// `decisions.v1`
    Decision,
    /// `settlements.v1`
    Settlement,
    /// `ledger.v1`
    Posting,
    /// `alerts-<role>.v1`
    Alert,
    /// `rejects-<role>.v1`
    Reject,
    /// `journal-<role>.v1`
    JournalRecord,
}

impl RecordKind {
    /// The message's name in the schema, in package `touchline.v1`.
    pub const fn name(self) -> &'static str {
        match self {
            RecordKind::FeedMessage => "FeedMessage",
            RecordKind::FeedRequest => "FeedRequest",
            RecordKind::MarketMessage => "MarketMessage",
            RecordKind::MarketImage => "MarketImage",
            RecordKind::MatchResults => "MatchResults",
            RecordKind::TradingCommand => "TradingCommand",
            RecordKind::AccountCommand => "AccountCommand",
            RecordKind::BetCommand => "BetCommand",
            RecordKind::Decision => "Decision",
            RecordKind::Settlement => "Settlement",
            RecordKind::Posting => "Posting",
            RecordKind::Alert => "Alert",
            RecordKind::Reject => "Reject",
            RecordKind::JournalRecord => "JournalRecord",
        }
    }

    /// What the topic of that base name carries.
    pub fn of_topic_name(base_name: &str) -> Option<RecordKind> {
        const INPUTS: [Topic; 5] =
            [Topic::TradingCommands, Topic::Feed, Topic::Markets, Topic::AccountCommands, Topic::Commands];
        let input = INPUTS.into_iter().find(|topic| in_topic_name(*topic) == base_name).map(RecordKind::from);
        let output = || OutTopic::ALL.into_iter().find(|topic| topic.base_name() == base_name).map(OutTopic::record);
        input.or_else(output)
    }
}

impl From<Topic> for RecordKind {
    fn from(topic: Topic) -> RecordKind {
        match topic {
            Topic::TradingCommands => RecordKind::TradingCommand,
            Topic::Feed => RecordKind::FeedMessage,
            Topic::Markets => RecordKind::MarketMessage,
            Topic::AccountCommands => RecordKind::AccountCommand,
            Topic::Commands => RecordKind::BetCommand,
        }
    }
}

impl From<OutTopic> for RecordKind {
    fn from(topic: OutTopic) -> RecordKind {
        topic.record()
    }
}
