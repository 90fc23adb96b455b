//! The front door: bytes come in as inputs, or are turned away with a reason.

use super::command::{read_account_command, read_bet, read_trading_command};
use super::feed::read_feed;
use super::field::{Fault, Read};
use super::json::{Format, addressee, read_message};
use super::limits::{Answerable, Broken, value_bytes_max};
use super::market::{read_match_update, read_watermark};
use super::proto::{self, bet_command::Body as BetBody, market_message::Body as MarketBody};
use super::topics::{RecordKind, in_topic_name};
use crate::event::{BookInput, FeedMessage, RejectReason, Topic, TradingInput};
use crate::values::{AccountId, CommandId};

/// Reads a record of `feed.v1` or `trading-commands.v1`.
pub fn decode_trading(topic: Topic, value: &[u8], format: Format) -> Result<TradingInput, Broken> {
    check_size(topic, value)?;
    match topic {
        Topic::TradingCommands => {
            let wire: proto::TradingCommand = read_message(topic.into(), value, format)?;
            Ok(TradingInput::Command(read_trading_command(&wire)?))
        }
        Topic::Feed => {
            let wire: proto::FeedMessage = read_message(topic.into(), value, format)?;
            let body = wire.body.as_ref().ok_or_else(|| empty(value))?;
            Ok(TradingInput::Feed(read_feed(body)?))
        }
        Topic::Markets | Topic::AccountCommands | Topic::Commands => Err(not_read("trading", topic)),
    }
}

/// Reads a record of `markets.v1`, `account-commands.v1` or `commands.v1`. Unknown values in a market are tolerated;
/// [`decode_market`] also counts them.
pub fn decode_book(topic: Topic, value: &[u8], format: Format) -> Result<BookInput, Broken> {
    check_size(topic, value)?;
    match topic {
        Topic::Markets => decode_market(value, format).map(|reading| reading.input),
        Topic::AccountCommands => {
            let wire: proto::AccountCommand = answering(topic, value, format)?;
            let answer = answerable(&wire.account, &wire.command_id);
            read_account_command(&wire).map(BookInput::Account).map_err(|fault| Broken { answer, ..fault.into() })
        }
        Topic::Commands => {
            let wire: proto::BetCommand = answering(topic, value, format)?;
            let Some(BetBody::PlaceBet(bet)) = &wire.body else { return Err(empty(value)) };
            let answer = answerable(&bet.account, &bet.bet_id);
            let read: Read<_> = read_bet(bet).map_err(|fault| fault.under("place_bet"));
            read.map(|bet| BookInput::Bet(Box::new(bet))).map_err(|fault| Broken { answer, ..fault.into() })
        }
        Topic::TradingCommands | Topic::Feed => Err(not_read("the book", topic)),
    }
}

/// A record of `markets.v1` as far as this version understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketReading {
    /// What it says: an update or a watermark. A market with an unknown value is suspended, owner `risk`.
    pub input: BookInput,
    /// How many values in it this version does not know: to be counted and alerted, never to stop a book.
    pub unknown_values: u32,
}

/// Reads a record of `markets.v1`. An error is an integrity fault: our own record, and a fact of it cannot be read.
pub fn decode_market(value: &[u8], format: Format) -> Result<MarketReading, Broken> {
    let wire: proto::MarketMessage = read_message(RecordKind::MarketMessage, value, format)?;
    match wire.body.as_ref().ok_or_else(|| empty(value))? {
        MarketBody::MatchUpdate(update) => {
            let read = read_match_update(update).map_err(|fault| fault.under("match_update"))?;
            Ok(MarketReading { input: BookInput::Market(Box::new(read.value)), unknown_values: read.unknown })
        }
        MarketBody::Watermark(watermark) => {
            Ok(MarketReading { input: BookInput::Watermark(read_watermark(watermark)), unknown_values: 0 })
        }
    }
}

/// The key that a record's body demands; `None` for control records, which have none.
pub fn trading_key(input: &TradingInput) -> Option<&str> {
    match input {
        TradingInput::Settings(_) => None,
        TradingInput::Command(command) => Some(command.match_id.as_str()),
        TradingInput::Feed(FeedMessage::Fact(fact)) => Some(fact.match_id.as_str()),
        TradingInput::Feed(FeedMessage::Heartbeat(_) | FeedMessage::SnapshotComplete(_)) => None,
    }
}

/// The key that a record's body demands; `None` for control records, which have none.
pub fn book_key(input: &BookInput) -> Option<&str> {
    match input {
        BookInput::Settings(_) | BookInput::Watermark(_) => None,
        BookInput::Market(update) => Some(update.match_id.as_str()),
        BookInput::Account(command) => Some(command.account.as_str()),
        BookInput::Bet(bet) => Some(bet.account.as_str()),
    }
}

fn check_size(topic: Topic, value: &[u8]) -> Result<(), Broken> {
    match value_bytes_max(topic) {
        Some(max) if value.len() > max => {
            let detail = format!("{} bytes, {} takes at most {max}", value.len(), in_topic_name(topic));
            Err(Broken::new(RejectReason::Oversize, detail))
        }
        Some(_) | None => Ok(()),
    }
}

/// Reads a command; one that cannot be read but says who asks what is answerable.
fn answering<M>(topic: Topic, value: &[u8], format: Format) -> Result<M, Broken>
where
    M: prost::Message + Default + serde::de::DeserializeOwned,
{
    read_message(topic.into(), value, format).map_err(|broken| match format {
        Format::Protobuf => broken,
        Format::Json => {
            let answer = addressee(topic.into(), value);
            Broken { answer: answer.map(|(account, command_id)| Answerable { account, command_id }), ..broken }
        }
    })
}

fn answerable(account: &str, command_id: &str) -> Option<Answerable> {
    let account = AccountId::parse(account).ok()?;
    let command_id = CommandId::parse(command_id).ok()?;
    Some(Answerable { account, command_id })
}

/// No body: nothing at all, or a kind that this version does not know.
fn empty(value: &[u8]) -> Broken {
    if value.is_empty() {
        Fault::missing("body").into()
    } else {
        Broken::new(RejectReason::UnknownType, "body: none of the kinds that this version knows")
    }
}

fn not_read(role: &str, topic: Topic) -> Broken {
    Broken::new(RejectReason::UnknownType, format!("{role} does not read {}", in_topic_name(topic)))
}
