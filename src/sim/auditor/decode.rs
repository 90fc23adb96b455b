//! From a record's bytes to what it says, and the names of places.

use std::fmt;

use prost::Message;
use sha2::{Digest, Sha256};

use crate::wire::proto;

/// A record as it was read from Kafka with `read_committed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Base name of the topic, such as `markets.v1`; a prefix that ends in a dot is ignored.
    pub topic: String,
    /// Its partition.
    pub partition: u32,
    /// Its offset.
    pub offset: u64,
    /// The record's time stamp, ms: when the broker appended it, on topics with `LogAppendTime`.
    pub append_ms: i64,
    /// The key, if it has one.
    pub key: Option<Vec<u8>>,
    /// The value.
    pub value: Vec<u8>,
    /// Whether a header says that the value is JSON.
    pub content_type_json: bool,
}

macro_rules! topics {
    ($($name:ident = $text:literal),* $(,)?) => {
        /// The topics that the auditor reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Topic { $($name),* }

        impl Topic {
            const ALL: &'static [(Topic, &'static str)] = &[$((Topic::$name, $text)),*];

            pub(super) fn name(self) -> &'static str {
                match self { $(Topic::$name => $text),* }
            }
        }
    };
}

topics! {
    TradingCommands = "trading-commands.v1",
    Feed = "feed.v1",
    Markets = "markets.v1",
    AccountCommands = "account-commands.v1",
    Commands = "commands.v1",
    FeedRequests = "feed-requests.v1",
    MarketImages = "market-images.v1",
    Results = "results.v1",
    Decisions = "decisions.v1",
    Settlements = "settlements.v1",
    Ledger = "ledger.v1",
    JournalTrading = "journal-trading.v1",
    JournalBook = "journal-book.v1",
    RejectsTrading = "rejects-trading.v1",
    RejectsBook = "rejects-book.v1",
    AlertsTrading = "alerts-trading.v1",
    AlertsBook = "alerts-book.v1",
}

impl Topic {
    /// The topic of that name, with or without a prefix that ends in a dot.
    pub(super) fn read(name: &str) -> Option<Topic> {
        let is = |base: &str| name.strip_suffix(base).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('.'));
        Topic::ALL.iter().find(|(_, base)| is(base)).map(|(topic, _)| *topic)
    }

    pub(super) fn of_input(topic: i32) -> Option<Topic> {
        use proto::InputTopic;
        match InputTopic::try_from(topic) {
            Ok(InputTopic::TradingCommands) => Some(Topic::TradingCommands),
            Ok(InputTopic::Feed) => Some(Topic::Feed),
            Ok(InputTopic::Markets) => Some(Topic::Markets),
            Ok(InputTopic::AccountCommands) => Some(Topic::AccountCommands),
            Ok(InputTopic::Commands) => Some(Topic::Commands),
            Ok(InputTopic::Unspecified) | Err(_) => None,
        }
    }

    /// Whether the match decides the partition (else the account does).
    pub(super) fn is_by_match(self) -> bool {
        matches!(
            self,
            Topic::TradingCommands
                | Topic::Feed
                | Topic::Markets
                | Topic::FeedRequests
                | Topic::MarketImages
                | Topic::Results
        )
    }

    /// Whether old records go once there is a newer one of their key: then what a journal names need not be there.
    pub(super) fn is_compacted(self) -> bool {
        self == Topic::MarketImages
    }

    /// Topics whose records a journal must name.
    pub(super) fn written_by(self) -> Option<Role> {
        match self {
            Topic::Markets
            | Topic::FeedRequests
            | Topic::MarketImages
            | Topic::Results
            | Topic::RejectsTrading
            | Topic::AlertsTrading => Some(Role::Trading),
            Topic::Decisions | Topic::Settlements | Topic::Ledger | Topic::RejectsBook | Topic::AlertsBook => {
                Some(Role::Book)
            }
            Topic::TradingCommands
            | Topic::Feed
            | Topic::AccountCommands
            | Topic::Commands
            | Topic::JournalTrading
            | Topic::JournalBook => None,
        }
    }
}

/// Who writes a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Trading,
    Book,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Trading => "trading",
            Role::Book => "book",
        }
    }

    /// Whether a shard of this role reads that partition.
    pub(super) fn reads(self, shard: u32, topic: Topic, partition: u32) -> bool {
        match self {
            Role::Trading => matches!(topic, Topic::TradingCommands | Topic::Feed) && partition == shard,
            Role::Book => {
                topic == Topic::Markets
                    || matches!(topic, Topic::AccountCommands | Topic::Commands) && partition == shard
            }
        }
    }
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) topic: Topic,
    pub(super) partition: u32,
    pub(super) offset: u64,
}

impl Place {
    /// The input record that an answer names.
    pub(super) fn of_cause(cause: Option<&proto::InputRef>) -> Option<Place> {
        let cause = cause?;
        Some(Place { topic: Topic::of_input(cause.topic)?, partition: cause.partition, offset: cause.offset })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]@{}", self.topic.name(), self.partition, self.offset)
    }
}

/// The identity of a bet or a command: the 128 bits of its UUID, or of a hash of what stands there instead.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Id(pub(super) u128);

impl Id {
    pub(super) fn read(text: &str) -> Id {
        let hyphens = [8, 13, 18, 23];
        let shaped =
            text.len() == 36 && text.bytes().enumerate().all(|(at, byte)| (byte == b'-') == hyphens.contains(&at));
        let digits: String = text.chars().filter(|letter| *letter != '-').collect();
        match u128::from_str_radix(&digits, 16) {
            Ok(bits) if shaped => Id(bits),
            Ok(_) | Err(_) => Id(short_hash(text.as_bytes())),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:032x}", self.0);
        write!(f, "{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
    }
}

/// The first half of the SHA-256: enough to tell records apart, half the memory.
pub(super) fn short_hash(bytes: &[u8]) -> u128 {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    hash.iter().take(16).fold(0, |value, byte| value << 8 | u128::from(*byte))
}

/// Reads an input record, in Protobuf or in its JSON form.
pub(super) fn read_input<M: Message + Default + serde::de::DeserializeOwned>(record: &Record) -> Option<M> {
    if record.content_type_json {
        serde_json::from_slice(&record.value).ok()
    } else {
        M::decode(record.value.as_slice()).ok()
    }
}

/// A bet as both the command and the wager record must show it: defaults spelled out, the id in lower case.
pub(super) fn body_hash(bet: &proto::PlaceBet) -> u128 {
    let mut bet = bet.clone();
    bet.bet_id = bet.bet_id.to_ascii_lowercase();
    if bet.price_policy == proto::PricePolicy::Unspecified as i32 {
        bet.price_policy = proto::PricePolicy::Better as i32;
    }
    short_hash(&bet.encode_to_vec())
}
