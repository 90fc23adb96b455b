//! What the runtime asks of a log such as Kafka: read a partition, write all or nothing, read the diary, learn an end.
//!
//! Kafka stands behind these traits (`crate::kafka`); so can a simulated broker.

use super::batch::Source;
use crate::values::Time;
use crate::wire::Role;
use std::time::Duration;

/// A record as it was fetched, not decoded.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Topic and partition.
    pub source: Source,
    /// Its offset.
    pub offset: u64,
    /// When the broker appended it.
    pub append_time: Time,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Vec<u8>,
    /// Its `content-type` header.
    pub content_type: Option<Vec<u8>>,
}

/// Why the log did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Another owner has taken the shard: final for this one.
    #[error("fenced: another owner has taken this shard")]
    Fenced,
    /// It may have happened or not: the writer must be renewed and the diary read.
    #[error("unknown outcome: {0}")]
    Unknown(String),
    /// The log cannot be read on: the position is gone, the topic is another. An operator must look.
    #[error("{0}")]
    Broken(String),
    /// It may work later.
    #[error("{0}")]
    Unavailable(String),
}

/// Reads the sources it was opened with, each in the order of its offsets, committed records only.
pub trait Fetcher: Send {
    /// The next record, or `None` after `wait`.
    fn poll(&mut self, wait: Duration) -> Result<Option<Fetched>, LogError>;
    /// Stops fetching a source; what was fetched of it already may still come.
    fn pause(&mut self, source: Source) -> Result<(), LogError>;
    /// Goes on with a paused source.
    fn resume(&mut self, source: Source) -> Result<(), LogError>;
}

/// A record to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutRecord {
    /// The topic's name.
    pub topic: &'static str,
    /// The partition; for all outputs of a shard its own number.
    pub partition: u32,
    /// The key, or none.
    pub key: Option<Vec<u8>>,
    /// The bytes.
    pub value: Vec<u8>,
    /// Name of the message type, for the header.
    pub type_name: &'static str,
    /// Time stamp for topics with `CreateTime`: the batch's time.
    pub at: Time,
    /// Place in its batch, for the identity header.
    pub index: u32,
}

/// A commit that was reported as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Offset of the last record written: the journal's.
    pub journal_offset: u64,
    /// So slow that the client may have retried it behind our back: a stray copy of the request may still be under way
    /// and would commit half of the next transaction. The writer must be renewed first.
    pub suspect: bool,
}

/// Writes transactions under one transactional id, which is the shard's fence.
pub trait Writer: Send {
    /// Writes all records, or none; the journal's record is the last. `identity` is the role/shard/sequence that all of
    /// them carry in a header.
    fn commit(&mut self, identity: &str, records: &[OutRecord]) -> Result<Receipt, LogError>;
    /// Destroys the client and makes a new one under the same id: aborts what the old one left open, and fences it.
    fn renew(&mut self) -> Result<(), LogError>;
}

/// What is done with each journal record: (offset, bytes).
pub type EachRecord<'a> = dyn FnMut(u64, Vec<u8>) -> Result<(), LogError> + 'a;

/// Reads a shard's own journal.
pub trait Tail: Send {
    /// All committed journal records from `offset` to the end as it is now: (offset, bytes). Only meaningful after
    /// the writer's initialisation, which ends every older transaction.
    fn read_from(&mut self, offset: u64, each: &mut EachRecord<'_>) -> Result<(), LogError>;
}

/// The known ends of partitions: (source, end offset, when it was asked for). Everything appended before that time lies
/// below the end.
pub type KnownEnds = Vec<(Source, u64, Time)>;

/// What a shard is told about its sources.
#[derive(Clone, Debug)]
pub enum Learnt {
    /// The ends of some of them.
    Ends(KnownEnds),
    /// Between what the shard has read of a source and this offset stands nothing but markers and aborted records.
    Nothing(Source, u64),
}

/// A shard's question: does any committed record stand in `[from, end)` of a source?
#[derive(Clone, Debug)]
pub struct Doubt {
    /// Who asks.
    pub name: String,
    /// The source.
    pub source: Source,
    /// The next offset it would read.
    pub from: u64,
    /// The end it has learnt and not reached.
    pub end: u64,
}

/// Opens the log for a shard. `writer` comes first: its initialisation ends what an older owner left open.
pub trait Ports: Send + Sync {
    /// A writer under the shard's transactional id, initialised.
    fn writer(&self, role: Role, shard: u32) -> Result<Box<dyn Writer>, LogError>;
    /// The shard's journal.
    fn tail(&self, role: Role, shard: u32) -> Result<Box<dyn Tail>, LogError>;
    /// The sources from their beginning.
    fn fetcher(&self, sources: &[Source]) -> Result<Box<dyn Fetcher>, LogError>;
}
