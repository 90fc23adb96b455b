//! How much mail the house takes, and what it says about a letter that it cannot take.

use super::field::Fault;
use crate::event::{RejectReason, Topic};
use crate::values::{AccountId, CommandId};

/// The most bytes of a command's value.
pub const COMMAND_BYTES_MAX: usize = 64 * 1024;
/// The most bytes of a feed message's value.
pub const FEED_BYTES_MAX: usize = 256 * 1024;
/// How many bytes of a rejected value are kept.
pub const REJECTED_BYTES_MAX: usize = 64 * 1024;
/// The most characters of a decoder's own words in a detail.
const DETAIL_CHARACTERS_MAX: usize = 300;

/// The most bytes of a record's value on that topic; `None` for our own topic, which is never refused for its size.
pub fn value_bytes_max(topic: Topic) -> Option<usize> {
    match topic {
        Topic::TradingCommands | Topic::AccountCommands | Topic::Commands => Some(COMMAND_BYTES_MAX),
        Topic::Feed => Some(FEED_BYTES_MAX),
        Topic::Markets => None,
    }
}

/// Whom to answer, where a record that is wrong elsewhere still says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answerable {
    /// The account.
    pub account: AccountId,
    /// The bet or command.
    pub command_id: CommandId,
}

/// A record that is not an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Why, with its stable number.
    pub reason: RejectReason,
    /// The field and what is wrong with it, in printable ASCII: nothing of the sender's text acts in it.
    pub detail: String,
    /// Filled on the account topics when account and id are readable: the refusal is then a decision (stage 0).
    pub answer: Option<Answerable>,
}

impl Broken {
    pub(super) fn new(reason: RejectReason, detail: impl Into<String>) -> Broken {
        Broken { reason, detail: detail.into(), answer: None }
    }

    /// What a decoder complains about. Its words may quote the sender, so they are cut and made printable.
    pub(super) fn undecodable(kind: &str, complaint: &str) -> Broken {
        let deep = complaint.contains("recursion limit");
        let reason = if deep { RejectReason::LimitExceeded } else { RejectReason::Malformed };
        let printable: String = complaint
            .chars()
            .take(DETAIL_CHARACTERS_MAX)
            .map(|character| if character == ' ' || character.is_ascii_graphic() { character } else { '?' })
            .collect();
        Broken::new(reason, format!("not a {kind}: {printable}"))
    }
}

impl From<Fault> for Broken {
    fn from(fault: Fault) -> Broken {
        Broken::new(fault.reason, fault.detail())
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.reason.number(), self.reason.name(), self.detail)
    }
}

impl std::error::Error for Broken {}
