//! Stage 1: fetch and decode. One thread a lane; it writes that lane's ring and nothing else.
//!
//! When the ring is full the thread waits in `send`, so it fetches no more and the log client's own bounded queue fills;
//! when one source has too much waiting while another is needed (recovery reads sources at very different pace), that
//! source alone is paused. When the reader is gone (the shard has ended) `send` fails and the thread ends. When the stop
//! flag is set it ends within one poll.

use super::batch::{BrokenRecord, InRecord, Source};
use super::log::{Fetched, Fetcher, LogError};
use super::role::RoleKind;
use crate::event::{RejectReason, Settings, Topic};
use crate::values::partition_for;
use crate::wire::{Broken, Format, REJECTED_BYTES_MAX, RejectedValue};
use crossbeam::channel::{SendTimeoutError, Sender};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Weight of one source's records that may wait before it is paused: a record weighs 1, and 1 more a KiB.
const SOURCE_WAITING_MAX: usize = 20_000;
/// A paused source goes on below this.
const SOURCE_WAITING_LOW: usize = 5_000;
/// Bytes of a wrong key that a refusal shows.
const KEY_SHOWN_BYTES_MAX: usize = 64;
/// How long a poll or a full ring is waited on before the stop flag is looked at.
const PATIENCE: Duration = Duration::from_millis(50);

/// What comes over a lane's ring.
#[derive(Debug)]
pub enum Arrived<I> {
    /// A record.
    Record(Source, InRecord<I>),
    /// Reading is over, and why.
    Failed(LogError),
}

/// The weight of each source's records that wait between stage 1 and their batch. Stage 1 adds, stage 2 takes away.
#[derive(Debug, Default)]
pub struct Waiting {
    counts: BTreeMap<Source, AtomicUsize>,
}

impl Waiting {
    /// None waiting.
    pub fn new(sources: impl IntoIterator<Item = Source>) -> Self {
        Waiting { counts: sources.into_iter().map(|source| (source, AtomicUsize::new(0))).collect() }
    }

    /// That weight of the source has been taken into a batch.
    pub fn taken(&self, source: Source, weight: usize) {
        self.counts[&source].fetch_sub(weight, Ordering::Relaxed);
    }

    fn added(&self, source: Source, weight: usize) -> usize {
        self.counts[&source].fetch_add(weight, Ordering::Relaxed) + weight
    }

    /// The weight of a source that waits.
    pub fn of(&self, source: Source) -> usize {
        self.counts[&source].load(Ordering::Relaxed)
    }
}

/// How many partitions the topics of each kind have: what a record's partition is checked against.
#[derive(Clone, Copy, Debug)]
pub struct PartitionCounts {
    /// Match topics.
    pub matches: u32,
    /// Account topics.
    pub accounts: u32,
}

impl From<&Settings> for PartitionCounts {
    fn from(settings: &Settings) -> Self {
        PartitionCounts { matches: settings.match_partitions, accounts: settings.account_partitions }
    }
}

impl PartitionCounts {
    fn of(self, topic: Topic) -> u32 {
        match topic {
            Topic::TradingCommands | Topic::Feed | Topic::Markets => self.matches,
            Topic::AccountCommands | Topic::Commands => self.accounts,
        }
    }
}

/// Runs stage 1 until the stop flag is set or the ring's reader is gone.
pub fn run<R: RoleKind>(
    mut fetcher: Box<dyn Fetcher>,
    counts: PartitionCounts,
    waiting: &Waiting,
    ring: &Sender<Arrived<R::Input>>,
    stop: &AtomicBool,
) {
    let mut paused: Vec<Source> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let turn = turn::<R>(fetcher.as_mut(), counts, waiting, &mut paused);
        let arrived = match turn {
            Ok(None) => continue,
            Ok(Some((source, record))) => Arrived::Record(source, record),
            Err(error) => Arrived::Failed(error),
        };
        let over = matches!(arrived, Arrived::Failed(_));
        if !hand_over(ring, arrived, stop) || over {
            return;
        }
    }
}

/// A decoded record and where it came from.
type Turn<I> = (Source, InRecord<I>);

/// Fetches one record and decodes it; pauses and resumes sources by what waits.
fn turn<R: RoleKind>(
    fetcher: &mut dyn Fetcher,
    counts: PartitionCounts,
    waiting: &Waiting,
    paused: &mut Vec<Source>,
) -> Result<Option<Turn<R::Input>>, LogError> {
    if let Some(place) = paused.iter().position(|source| waiting.of(*source) < SOURCE_WAITING_LOW) {
        fetcher.resume(paused.swap_remove(place))?;
    }
    let Some(fetched) = fetcher.poll(PATIENCE)? else { return Ok(None) };
    let source = fetched.source;
    let record = take::<R>(fetched, counts);
    if waiting.added(source, record.weight) > SOURCE_WAITING_MAX && !paused.contains(&source) {
        fetcher.pause(source)?;
        paused.push(source);
    }
    Ok(Some((source, record)))
}

/// False when the reader is gone or the stop flag is set.
fn hand_over<T>(ring: &Sender<T>, mut item: T, stop: &AtomicBool) -> bool {
    loop {
        match ring.send_timeout(item, PATIENCE) {
            Ok(()) => return true,
            Err(SendTimeoutError::Disconnected(_)) => return false,
            Err(SendTimeoutError::Timeout(back)) => {
                if stop.load(Ordering::Relaxed) {
                    return false;
                }
                item = back;
            }
        }
    }
}

/// Decodes a record and checks that it lies where its key belongs.
pub fn take<R: RoleKind>(fetched: Fetched, counts: PartitionCounts) -> InRecord<R::Input> {
    let Fetched { source, offset, append_time, key, value, content_type } = fetched;
    let format = Format::detect(content_type.as_deref(), &value);
    let weight = 1 + value.len().min(REJECTED_BYTES_MAX) / 1_024;
    let body = R::decode(source.topic, &value, format)
        .and_then(|input| check_place::<R>(source, key.as_deref(), counts, input))
        .map_err(|broken| BrokenRecord {
            broken: in_right_partition(source, counts, broken),
            raw: RejectedValue::of(&value),
        });
    InRecord { offset, append_time, weight, body }
}

fn check_place<R: RoleKind>(
    source: Source,
    key: Option<&[u8]>,
    counts: PartitionCounts,
    input: R::Input,
) -> Result<R::Input, Broken> {
    let Some(named) = R::key_of(&input) else { return Ok(input) };
    let right = partition_for(named.as_bytes(), counts.of(source.topic));
    if right != source.partition {
        let detail = format!(
            "key {named} belongs in partition {right}, not {}: partition by murmur2 of the key (librdkafka: partitioner=murmur2_random; kcat: -X topic.partitioner=murmur2_random)",
            source.partition
        );
        return Err(Broken { reason: RejectReason::WrongPartition, detail, answer: None });
    }
    match key {
        Some(key) if key != named.as_bytes() => {
            let shown = key[..key.len().min(KEY_SHOWN_BYTES_MAX)].escape_ascii();
            let detail = format!("the record's key \"{shown}\" is not {named}, the id in its body");
            Err(Broken { reason: RejectReason::KeyMismatch, detail, answer: None })
        }
        Some(_) | None => Ok(input),
    }
}

/// A refusal may be a decision only in the account's own partition: elsewhere the answer is a reject.
fn in_right_partition(source: Source, counts: PartitionCounts, mut broken: Broken) -> Broken {
    let elsewhere = |account: &str| partition_for(account.as_bytes(), counts.of(source.topic)) != source.partition;
    if broken.answer.as_ref().is_some_and(|answer| elsewhere(answer.account.as_str())) {
        broken.answer = None;
    }
    broken
}

/// A shared stop flag.
pub type Stop = Arc<AtomicBool>;
