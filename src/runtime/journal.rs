//! The shard's diary: every decided batch by its header, each header chained to the one before.

use super::batch::{Batch, Said, Source, SourceRange};
use super::log::{LogError, OutRecord};
use crate::values::{Hash, HashStream, Time};
use crate::wire::proto::{self, journal_record::Body};
use crate::wire::{self, Role};
use prost::Message;
use std::collections::BTreeMap;

/// Rises whenever a kept journal would replay differently.
pub const LOGIC_VERSION: u32 = 4;

/// The end of a shard's journal: what the next record continues.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The role.
    pub role: Role,
    /// The shard.
    pub shard: u32,
    /// The process, as its records name it.
    pub owner: String,
    /// Sequence of the next record.
    pub next_sequence: u64,
    /// Hash of the bytes of the last record; none before the first.
    pub last_hash: Option<Hash>,
    /// Offset of the last record read or written.
    pub last_offset: Option<u64>,
}

impl Chain {
    /// Before the first record.
    pub fn new(role: Role, shard: u32, owner: &str) -> Self {
        Chain { role, shard, owner: owner.to_owned(), next_sequence: 0, last_hash: None, last_offset: None }
    }

    /// The bytes of the next record; the chain moves on only by [`Chain::written`].
    pub fn encode(&self, at: Time, body: Body) -> Vec<u8> {
        proto::JournalRecord {
            role: self.role.name().to_owned(),
            shard: self.shard,
            sequence: self.next_sequence,
            previous_hash: self.last_hash.map(|hash| hash.as_bytes().to_vec()).unwrap_or_default(),
            owner: self.owner.clone(),
            at_ms: at.ms(),
            logic_version: LOGIC_VERSION,
            body: Some(body),
        }
        .encode_to_vec()
    }

    /// The next record stands.
    pub fn written(&mut self, bytes: &[u8]) {
        self.next_sequence += 1;
        self.last_hash = Some(Hash::of(bytes));
    }

    /// Reads the next record of a journal, and checks that it continues the chain.
    pub fn read(&mut self, offset: u64, bytes: &[u8]) -> Result<proto::JournalRecord, LogError> {
        let broken = |what: String| LogError::Broken(format!("journal record at offset {offset}: {what}"));
        let record = proto::JournalRecord::decode(bytes).map_err(|error| broken(error.to_string()))?;
        if record.role != self.role.name() || record.shard != self.shard {
            return Err(broken(format!("belongs to {} shard {}", record.role, record.shard)));
        }
        if record.sequence != self.next_sequence {
            return Err(broken(format!("has sequence {}, expected {}", record.sequence, self.next_sequence)));
        }
        if record.previous_hash != self.last_hash.map(|hash| hash.as_bytes().to_vec()).unwrap_or_default() {
            return Err(broken("does not follow the record before it (hash)".to_owned()));
        }
        if record.logic_version != LOGIC_VERSION {
            return Err(broken(format!(
                "was decided by logic version {}, this program is version {LOGIC_VERSION}: run the version that wrote it",
                record.logic_version
            )));
        }
        self.written(bytes);
        self.last_offset = Some(offset);
        Ok(record)
    }
}

/// A batch as it is written: its records, and their digests for the header.
#[derive(Debug)]
pub struct Encoded {
    /// The output records, in order.
    pub records: Vec<OutRecord>,
    /// Count and hash a partition, by (topic, partition).
    pub digests: Vec<proto::OutputDigest>,
}

/// Turns what was said into bytes. Deterministic: recovery does it again and compares digests.
pub fn encode_outputs(role: Role, shard: u32, at: Time, said: &[Said]) -> Encoded {
    let mut records = Vec::with_capacity(said.len());
    let mut digests: BTreeMap<&'static str, (u32, HashStream)> = BTreeMap::new();
    for (index, one) in said.iter().enumerate() {
        let mut value = Vec::new();
        let encoded = match one {
            Said::Output(output) => wire::encode(output, role, &mut value),
            Said::Broken { reject, raw } => wire::encode_reject(reject, raw, role, &mut value),
        };
        let topic = encoded.topic.base_name();
        let key = encoded.key.map(|key| key.as_bytes().to_vec());
        let (count, stream) = digests.entry(topic).or_insert_with(|| (0, HashStream::new()));
        *count += 1;
        digest_record(stream, key.as_deref(), &value);
        let index = u32::try_from(index).expect("a batch is bounded");
        records.push(OutRecord { topic, partition: shard, key, value, type_name: encoded.type_name, at, index });
    }
    let digests = digests
        .into_iter()
        .map(|(topic, (count, stream))| proto::OutputDigest {
            topic: topic.to_owned(),
            partition: shard,
            count,
            hash: stream.finish().as_bytes().to_vec(),
        })
        .collect();
    Encoded { records, digests }
}

/// Adds a record to a digest, as `journal.proto` documents it.
pub fn digest_record(stream: &mut HashStream, key: Option<&[u8]>, value: &[u8]) {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("a record is bounded").to_be_bytes();
    match key {
        Some(key) => {
            stream.update(&length(key));
            stream.update(key);
        }
        None => {
            stream.update(&u32::MAX.to_be_bytes());
        }
    }
    stream.update(&length(value));
    stream.update(value);
}

/// The settings that a header names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsStamp {
    /// Their revision.
    pub revision: u32,
    /// Hash of their canonical text.
    pub hash: Hash,
}

/// The header of a batch before its outputs are known.
pub fn header<I>(batch: &Batch<I>, settings: &SettingsStamp) -> proto::Batch {
    proto::Batch {
        sources: batch.sources.iter().map(|slice| range_to_wire(&slice.range)).collect(),
        through_ms: batch.moment.through.ms(),
        settings_revision: settings.revision,
        settings_hash: settings.hash.as_bytes().to_vec(),
        due_quota: batch.due_quota,
        work_quota: batch.work_quota,
        skipped: Vec::new(),
        outputs: Vec::new(),
    }
}

fn range_to_wire(range: &SourceRange) -> proto::SourceRange {
    proto::SourceRange {
        topic: wire::topic_to_wire(range.source.topic) as i32,
        partition: range.source.partition,
        from: range.from,
        to: range.to,
        reached: range.reached,
        known_end: range.known_end,
        learnt_at_ms: range.learnt_at.ms(),
        newest_append_ms: range.newest_append.ms(),
    }
}

/// A journalled range as the runtime holds it.
pub fn range_from_wire(range: &proto::SourceRange) -> Option<SourceRange> {
    Some(SourceRange {
        source: Source { topic: wire::topic_from_wire(range.topic)?, partition: range.partition },
        from: range.from,
        to: range.to,
        reached: range.reached,
        known_end: range.known_end,
        learnt_at: Time::from_ms(range.learnt_at_ms),
        newest_append: Time::from_ms(range.newest_append_ms),
    })
}
