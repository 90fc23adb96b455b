//! How far the inputs reach: the ends of their partitions, asked for again and again.
//!
//! One thread a process. It asks the broker and hands the answers to each shard's own bounded channel; a shard that does
//! not keep up misses an answer, which only makes its knowledge older. The time noted is that of the question: whatever
//! was appended before it lies below the end in the answer.

use super::client::{CALL_TIMEOUT, Clients, QuietConsumer, consumer, log_error};
use crate::event::Topic;
use crate::runtime::batch::Source;
use crate::runtime::clock::{BrokerClock, monotonic};
use crate::runtime::log::{Doubt, KnownEnds, Learnt, LogError};
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded};
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::{Message, Offset, TopicPartitionList};
use std::time::Duration;

/// How long a doubtful range is looked at.
const DOUBT_PATIENCE: Duration = Duration::from_secs(2);

/// A shard that wants to know: its sources, and where to tell it.
pub struct Asker {
    /// The shard's name, to forget it by.
    pub name: String,
    /// Its sources.
    pub sources: Vec<Source>,
    /// Its channel.
    pub tell: Sender<Learnt>,
}

/// Adds or removes askers.
pub enum Change {
    /// A shard began.
    Add(Asker),
    /// A shard ended.
    Remove(String),
}

/// Starts the thread; it ends when the returned sender of changes is dropped.
pub fn start(clients: &Clients, clock: BrokerClock) -> Result<(Sender<Change>, Sender<Doubt>), LogError> {
    let (changes, ring) = bounded(256);
    let (doubts, doubted) = bounded(64);
    let mut watcher = Watcher::new(clients, clock)?;
    let every = Duration::from_millis(u64::from(clients.part.learn_ends_every_ms));
    std::thread::Builder::new()
        .name("ends".to_owned())
        .spawn(move || watcher.run(&ring, &doubted, every))
        .map_err(|error| LogError::Unavailable(error.to_string()))?;
    Ok((changes, doubts))
}

struct Watcher {
    clients: Clients,
    clock: BrokerClock,
    /// Sees the end of everything, open transactions included: nothing may be missing below it.
    all: QuietConsumer,
    /// Sees the end of what is committed.
    committed: QuietConsumer,
    askers: Vec<Asker>,
}

impl Watcher {
    fn new(clients: &Clients, clock: BrokerClock) -> Result<Self, LogError> {
        let make = |level: &str| -> Result<QuietConsumer, LogError> {
            let mut config = clients.reader("ends");
            config.set("isolation.level", level);
            consumer(&config)
        };
        let (all, committed) = (make("read_uncommitted")?, make("read_committed")?);
        Ok(Watcher { clients: clients.clone(), clock, all, committed, askers: Vec::new() })
    }

    fn run(&mut self, changes: &Receiver<Change>, doubted: &Receiver<Doubt>, every: Duration) {
        loop {
            match changes.recv_timeout(every) {
                Ok(Change::Add(asker)) => self.askers.push(asker),
                Ok(Change::Remove(name)) => self.askers.retain(|asker| asker.name != name),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            while let Ok(doubt) = doubted.try_recv() {
                self.look(&doubt);
            }
            let mut wanted: Vec<Source> = self.askers.iter().flat_map(|asker| asker.sources.iter().copied()).collect();
            wanted.sort_unstable();
            wanted.dedup();
            let (markets, inputs): (Vec<_>, Vec<_>) =
                wanted.into_iter().partition(|source| source.topic == Topic::Markets);
            for (consumer, sources) in [(&self.all, inputs), (&self.committed, markets)] {
                match self.learn(consumer, &sources) {
                    Ok(ends) => self.tell(&ends),
                    Err(error) => tracing::warn!(%error, "the ends of the inputs could not be learnt"),
                }
            }
        }
    }

    fn learn(&self, consumer: &QuietConsumer, sources: &[Source]) -> Result<KnownEnds, LogError> {
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let mut list = TopicPartitionList::new();
        for source in sources {
            let partition = i32::try_from(source.partition).expect("a partition count is small");
            list.add_partition_offset(&self.clients.in_topic(source.topic), partition, Offset::End)
                .map_err(|error| log_error("learn ends", &error))?;
        }
        let asked_at = self.clock.now();
        let found = consumer.offsets_for_times(list, CALL_TIMEOUT).map_err(|error| log_error("learn ends", &error))?;
        let end_of = |source: &Source| {
            let partition = i32::try_from(source.partition).ok()?;
            match found.find_partition(&self.clients.in_topic(source.topic), partition)?.offset() {
                Offset::Offset(end) => u64::try_from(end).ok(),
                Offset::Beginning | Offset::End | Offset::Stored | Offset::Invalid | Offset::OffsetTail(_) => None,
            }
        };
        Ok(sources.iter().filter_map(|source| Some((*source, end_of(source)?, asked_at))).collect())
    }

    /// Looks whether any committed record stands in the doubted range. The committed end is asked for first: once it is
    /// at the doubted end, no transaction below is open, and an end of partition met without a record says that there
    /// is none.
    fn look(&self, doubt: &Doubt) {
        let committed = self.learn(&self.committed, &[doubt.source]);
        let closed = committed.is_ok_and(|ends| ends.first().is_some_and(|(_, end, _)| *end >= doubt.end));
        if closed && self.is_empty(doubt).unwrap_or(false) {
            for asker in self.askers.iter().filter(|asker| asker.name == doubt.name) {
                asker.tell.try_send(Learnt::Nothing(doubt.source, doubt.end)).ok();
            }
        }
    }

    fn is_empty(&self, doubt: &Doubt) -> Result<bool, LogError> {
        let mut config = self.clients.reader("doubt");
        config.set("enable.partition.eof", "true");
        let reader = consumer(&config)?;
        let mut list = TopicPartitionList::new();
        let partition = i32::try_from(doubt.source.partition).expect("a partition count is small");
        let from = Offset::Offset(i64::try_from(doubt.from).expect("an offset fits"));
        list.add_partition_offset(&self.clients.in_topic(doubt.source.topic), partition, from)
            .and_then(|()| reader.assign(&list))
            .map_err(|error| log_error("assign", &error))?;
        let deadline = monotonic() + DOUBT_PATIENCE;
        while monotonic() < deadline {
            match reader.poll(Duration::from_millis(50)) {
                Some(Ok(message)) => return Ok(message.offset().unsigned_abs() >= doubt.end),
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(true),
                Some(Err(_)) | None => {}
            }
        }
        Ok(false)
    }

    fn tell(&self, ends: &KnownEnds) {
        for asker in &self.askers {
            let own: KnownEnds = ends.iter().filter(|(source, ..)| asker.sources.contains(source)).copied().collect();
            if !own.is_empty() {
                // Full: the shard has older answers to read first.
                asker.tell.try_send(Learnt::Ends(own)).ok();
            }
        }
    }
}
