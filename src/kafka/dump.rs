//! Reading a whole pipeline's topics once, as anybody may: committed records only, up to a consistent cut.
//!
//! Journals are read first. A transaction is visible whole, so every output that those journals name is there when the
//! outputs are read after them; outputs of later batches are left out by their identity header.

use super::client::{CALL_TIMEOUT, Clients, consumer, log_error};
use super::connect;
use super::header::header;
use super::topics;
use crate::event::Settings;
use crate::runtime::clock::monotonic;
use crate::runtime::log::LogError;
use crate::wire::proto;
use prost::Message as _;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A record as it lies in a topic.
#[derive(Clone, Debug)]
pub struct Dumped {
    /// The topic without the pipeline's prefix.
    pub topic: &'static str,
    /// Its partition.
    pub partition: u32,
    /// Its offset.
    pub offset: u64,
    /// Its time stamp, milliseconds.
    pub timestamp_ms: i64,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Vec<u8>,
    /// Its `content-type` header.
    pub content_type: Option<Vec<u8>>,
}

/// Sequence of the last journal record read, by (role, shard).
type Cut = BTreeMap<(String, u32), u64>;

/// Hands over every record of every topic of the pipeline: journals, then outputs, then inputs.
pub fn read_all(clients: &Clients, settings: &Settings, each: &mut dyn FnMut(Dumped)) -> Result<(), LogError> {
    connect::metadata(clients)?;
    let plan = topics::plan(settings);
    let (journals, others): (Vec<_>, Vec<_>) = plan.iter().partition(|topic| topic.base.starts_with("journal-"));
    let mut cut = Cut::new();
    for topic in journals {
        read_topic(clients, topic.base, topic.partitions, &mut |record, _| {
            if let Ok(header) = proto::JournalRecord::decode(record.value.as_slice()) {
                cut.insert((header.role, header.shard), header.sequence);
            }
            each(record);
        })?;
    }
    for topic in others {
        read_topic(clients, topic.base, topic.partitions, &mut |record, identity| {
            if identity.is_none_or(|identity| within(&cut, &identity)) {
                each(record);
            }
        })?;
    }
    Ok(())
}

/// Whether an output's `role/shard/sequence/index` is named by a journal that was read.
fn within(cut: &Cut, identity: &str) -> bool {
    let mut parts = identity.split('/');
    let named = (|| {
        let role = parts.next()?.to_owned();
        let shard: u32 = parts.next()?.parse().ok()?;
        let sequence: u64 = parts.next()?.parse().ok()?;
        Some(cut.get(&(role, shard)).is_none_or(|last| sequence <= *last))
    })();
    named.unwrap_or(true)
}

fn read_topic(
    clients: &Clients,
    base: &'static str,
    partitions: u32,
    each: &mut dyn FnMut(Dumped, Option<String>),
) -> Result<(), LogError> {
    let mut config = clients.reader("audit");
    config.set("enable.partition.eof", "true");
    let consumer = consumer(&config)?;
    let mut list = TopicPartitionList::new();
    for partition in 0..partitions {
        let partition = i32::try_from(partition).expect("a partition count is small");
        list.add_partition_offset(&clients.topic(base), partition, Offset::Beginning)
            .map_err(|error| log_error("assign", &error))?;
    }
    consumer.assign(&list).map_err(|error| log_error("assign", &error))?;
    let mut open: BTreeSet<i32> = (0..partitions).map(|partition| i32::try_from(partition).unwrap_or(0)).collect();
    let mut quiet_since = monotonic();
    while !open.is_empty() {
        match consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => {
                quiet_since = monotonic();
                if open.contains(&message.partition()) {
                    let (record, identity) = dumped(base, &message);
                    each(record, identity);
                }
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                open.remove(&partition);
            }
            Some(Err(error)) => match log_error("read", &error) {
                LogError::Unavailable(why) => tracing::warn!(why, base, "reading"),
                other @ (LogError::Fenced | LogError::Unknown(_) | LogError::Broken(_)) => return Err(other),
            },
            None if quiet_since.elapsed() < 3 * CALL_TIMEOUT => {}
            None => return Err(LogError::Unavailable(format!("{base}: its end was not reached in time"))),
        }
    }
    Ok(())
}

/// The record, and its identity header.
pub(super) fn dumped(base: &'static str, message: &BorrowedMessage<'_>) -> (Dumped, Option<String>) {
    let record = Dumped {
        topic: base,
        partition: message.partition().unsigned_abs(),
        offset: message.offset().unsigned_abs(),
        timestamp_ms: message.timestamp().to_millis().unwrap_or(0),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().unwrap_or_default().to_vec(),
        content_type: header(message, c"content-type"),
    };
    let identity = header(message, c"touchline-id").and_then(|id| String::from_utf8(id).ok());
    (record, identity)
}
