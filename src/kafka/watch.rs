//! Reading one topic as a person does: from some place, to its end or for as long as one cares to look.

use super::client::{CALL_TIMEOUT, Clients, QuietConsumer, consumer, log_error};
use super::connect;
use super::dump::{Dumped, dumped};
use crate::runtime::clock::monotonic;
use crate::runtime::log::LogError;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::{Message, Offset, TopicPartitionList};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Where reading begins, in every partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the first record that is kept.
    Beginning,
    /// With what comes from now on.
    End,
    /// So many offsets before the end (transaction markers count).
    Last(i64),
    /// With this offset.
    Offset(i64),
    /// With the first record of that time or later, milliseconds since the epoch.
    Time(i64),
}

/// One topic to be read.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'a> {
    /// Its name without the pipeline's prefix.
    pub base: &'static str,
    /// Its partitions.
    pub partitions: u32,
    /// Where to begin.
    pub start: Start,
    /// Go on beyond the end as it is now, until the flag is set.
    pub follow: bool,
    /// Set to end it.
    pub stop: &'a AtomicBool,
}

/// What is done with each record; it may end the reading.
pub type EachDumped<'a> = dyn FnMut(Dumped) -> ControlFlow<()> + 'a;

/// Reads committed records until their end, the flag, or the reader's wish.
pub fn watch(clients: &Clients, watch: Watch<'_>, each: &mut EachDumped<'_>) -> Result<(), LogError> {
    connect::metadata(clients)?;
    let mut config = clients.reader("tail");
    config.set("enable.partition.eof", "true");
    let consumer = consumer(&config)?;
    let list = starting_points(clients, &consumer, watch)?;
    consumer.assign(&list).map_err(|error| log_error("assign", &error))?;
    let mut open: BTreeSet<u32> = (0..watch.partitions).collect();
    let mut quiet_since = monotonic();
    while (watch.follow || !open.is_empty()) && !watch.stop.load(Ordering::Relaxed) {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                quiet_since = monotonic();
                let past_its_end = !watch.follow && !open.contains(&message.partition().unsigned_abs());
                if !past_its_end && each(dumped(watch.base, &message).0).is_break() {
                    return Ok(());
                }
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                open.remove(&partition.unsigned_abs());
                quiet_since = monotonic();
            }
            Some(Err(error)) => match log_error("read", &error) {
                LogError::Unavailable(why) => tracing::warn!(why, base = watch.base, "reading"),
                other @ (LogError::Fenced | LogError::Unknown(_) | LogError::Broken(_)) => return Err(other),
            },
            None if watch.follow || quiet_since.elapsed() < 3 * CALL_TIMEOUT => {}
            None => return Err(LogError::Unavailable(format!("{}: its end was not reached in time", watch.base))),
        }
    }
    Ok(())
}

fn starting_points(
    clients: &Clients,
    consumer: &QuietConsumer,
    watch: Watch<'_>,
) -> Result<TopicPartitionList, LogError> {
    let offset = match watch.start {
        Start::Beginning => Offset::Beginning,
        Start::End => Offset::End,
        Start::Last(count) => Offset::OffsetTail(count),
        Start::Offset(offset) | Start::Time(offset) => Offset::Offset(offset),
    };
    let mut list = TopicPartitionList::new();
    for partition in 0..watch.partitions {
        let partition = i32::try_from(partition).expect("a partition count is small");
        list.add_partition_offset(&clients.topic(watch.base), partition, offset)
            .map_err(|error| log_error("assign", &error))?;
    }
    match watch.start {
        Start::Time(_) => {
            consumer.offsets_for_times(list, CALL_TIMEOUT).map_err(|error| log_error("look for a time", &error))
        }
        Start::Beginning | Start::End | Start::Last(_) | Start::Offset(_) => Ok(list),
    }
}
