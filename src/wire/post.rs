//! The way out: everything a machine says gets its topic, its key and its bytes.

use prost::Message;

use super::command::{write_account_command, write_bet_command, write_trading_command};
use super::decision::{read_decision, read_settlement, write_decision, write_settlement};
use super::door::decode_market;
use super::feed::{read_feed_request, write_feed, write_feed_request};
use super::json::{Format, read_message};
use super::ledger::{read_posting, write_posting};
use super::limits::Broken;
use super::market::{read_image, read_results, write_image, write_match_update, write_results, write_watermark};
use super::proto;
use super::reject::{RejectedValue, read_alert, read_reject, write_alert, write_reject};
use super::topics::{OutTopic, Role};
use crate::event::{AccountCommand, BookInput, FeedMessage, Output, PlaceBet, Reject, RejectReason, TradingCommand};

/// Where an encoded record goes; its bytes are in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded<'a> {
    /// Its topic.
    pub topic: OutTopic,
    /// Its key; keyless records go to the shard's own partition.
    pub key: Option<&'a str>,
    /// Its message's name in the schema, for the type header.
    pub type_name: &'static str,
}

impl<'a> Encoded<'a> {
    fn to(topic: OutTopic, key: Option<&'a str>) -> Encoded<'a> {
        Encoded { topic, key, type_name: topic.record().name() }
    }
}

/// Writes what a machine of that role said into the emptied buffer. The same output always gives the same bytes.
/// A machine's own reject has no value here: use [`encode_reject`] where the record's bytes are at hand.
pub fn encode<'a>(output: &'a Output, role: Role, buffer: &mut Vec<u8>) -> Encoded<'a> {
    match output {
        Output::Market(update) => {
            put(&write_match_update(update), buffer);
            Encoded::to(OutTopic::Markets, Some(update.match_id.as_str()))
        }
        Output::Watermark(watermark) => {
            put(&write_watermark(watermark), buffer);
            Encoded::to(OutTopic::Markets, None)
        }
        Output::Image(image) => {
            put(&write_image(image), buffer);
            Encoded::to(OutTopic::MarketImages, Some(image.update.match_id.as_str()))
        }
        Output::Results(results) => {
            put(&write_results(results), buffer);
            Encoded::to(OutTopic::Results, Some(results.match_id.as_str()))
        }
        Output::FeedRequest(request) => {
            put(&write_feed_request(request), buffer);
            Encoded::to(OutTopic::FeedRequests, request.match_id.as_ref().map(|id| id.as_str()))
        }
        Output::Decision(decision) => {
            put(&write_decision(decision), buffer);
            Encoded::to(OutTopic::Decisions, Some(decision.account.as_str()))
        }
        Output::Settlement(settlement) => {
            put(&write_settlement(settlement), buffer);
            Encoded::to(OutTopic::Settlements, Some(settlement.account.as_str()))
        }
        Output::Posting(posting) => {
            put(&write_posting(posting), buffer);
            Encoded::to(OutTopic::Ledger, Some(posting.account.as_str()))
        }
        Output::Reject(reject) => {
            put(&write_reject(reject, None), buffer);
            Encoded::to(OutTopic::Rejects(role), None)
        }
        Output::Alert(alert) => {
            put(&write_alert(alert), buffer);
            Encoded::to(OutTopic::Alerts(role), None)
        }
    }
}

/// Writes a reject with the refused record's value: its first 64 KiB, and the length and SHA-256 of the whole.
pub fn encode_reject(reject: &Reject, raw: &RejectedValue, role: Role, buffer: &mut Vec<u8>) -> Encoded<'static> {
    put(&write_reject(reject, Some(raw)), buffer);
    Encoded::to(OutTopic::Rejects(role), None)
}

/// Reads back what [`encode`] wrote, for replay, tools and proofs; a reject comes back without its value. The journal's
/// records are no machine's output: they are `proto::JournalRecord`.
pub fn decode_output(topic: OutTopic, value: &[u8]) -> Result<Output, Broken> {
    match topic {
        OutTopic::Markets => match decode_market(value, Format::Protobuf)?.input {
            BookInput::Market(update) => Ok(Output::Market(update)),
            BookInput::Watermark(watermark) => Ok(Output::Watermark(watermark)),
            BookInput::Settings(_) | BookInput::Account(_) | BookInput::Bet(_) => Err(no_output(topic)),
        },
        OutTopic::MarketImages => Ok(read_image(&get::<proto::MarketImage>(topic, value)?)?.into()),
        OutTopic::Results => Ok(read_results(&get::<proto::MatchResults>(topic, value)?)?.into()),
        OutTopic::FeedRequests => Ok(read_feed_request(&get::<proto::FeedRequest>(topic, value)?)?.into()),
        OutTopic::Decisions => Ok(read_decision(&get::<proto::Decision>(topic, value)?)?.into()),
        OutTopic::Settlements => Ok(read_settlement(&get::<proto::Settlement>(topic, value)?)?.into()),
        OutTopic::Ledger => Ok(read_posting(&get::<proto::Posting>(topic, value)?)?.into()),
        OutTopic::Rejects(_) => Ok(read_reject(&get::<proto::Reject>(topic, value)?)?.into()),
        OutTopic::Alerts(_) => Ok(read_alert(&get::<proto::Alert>(topic, value)?)?.into()),
        OutTopic::Journal(_) => Err(no_output(topic)),
    }
}

fn no_output(topic: OutTopic) -> Broken {
    Broken::new(RejectReason::UnknownType, format!("{} holds no output of a machine here", topic.base_name()))
}

/// Writes a record of `feed.v1`, for adapters.
pub fn encode_feed(message: &FeedMessage, buffer: &mut Vec<u8>) {
    put(&write_feed(message), buffer);
}

/// Writes a record of `trading-commands.v1`. `false`, and an empty buffer, for a ruling that is no desk's: a desk may
/// roll back, cancel, undo a cancel, confirm.
#[must_use]
pub fn encode_trading_command(command: &TradingCommand, buffer: &mut Vec<u8>) -> bool {
    buffer.clear();
    write_trading_command(command).map(|wire| put(&wire, buffer)).is_some()
}

/// Writes a record of `account-commands.v1`.
pub fn encode_account_command(command: &AccountCommand, buffer: &mut Vec<u8>) {
    put(&write_account_command(command), buffer);
}

/// Writes a record of `commands.v1`. The fingerprint does not travel: the reader takes it anew.
pub fn encode_bet(bet: &PlaceBet, buffer: &mut Vec<u8>) {
    put(&write_bet_command(bet), buffer);
}

fn put(message: &impl Message, buffer: &mut Vec<u8>) {
    buffer.clear();
    message.encode(buffer).expect("a Vec takes whatever is written");
}

fn get<M>(topic: OutTopic, value: &[u8]) -> Result<M, Broken>
where
    M: Message + Default + serde::de::DeserializeOwned,
{
    read_message(topic.record(), value, Format::Protobuf)
}
