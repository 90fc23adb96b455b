//! Stage 3: encode, produce, commit. One thread a shard; the only one that touches the shard's producer and journal.
//!
//! A decided batch is never rolled back. When a commit's outcome is unknown, or so slow that the client may have retried
//! it unseen, the writer is renewed (which fences every stray of the old one) and the journal's tail is read: it holds
//! this record, and we go on; it ends with the one before, and the same bytes are sent again; it holds anything else,
//! and the shard is dropped. A fence is final.
//!
//! When the ring from stage 2 is empty this thread sleeps in `recv_timeout`; when it is slow, stage 2 sees its credits
//! used up and lets the next batch grow. When this thread ends, its notices end too and stage 2 ends. After a gap in
//! the monotonic clock longer than the session (a stopped process, a sleeping machine) all is taken for lost before the
//! producer is touched.

use super::batch::Said;
use super::clock::monotonic;
use super::journal::{Chain, encode_outputs};
use super::log::{LogError, OutRecord, Receipt, Tail, Writer};
use super::metrics::{PublishMetrics, Tally};
use crate::values::Time;
use crate::wire::OutTopic;
use crate::wire::proto::journal_record::Body;
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// How often an idle publisher looks at the clock.
const BEAT: Duration = Duration::from_millis(250);
/// How long a committed record may take to become visible.
const READ_BACK_PATIENCE: Duration = Duration::from_secs(10);
/// How often the same batch is sent again before the shard is given up; it is given up after two sessions, too.
const ATTEMPTS_MAX: u32 = 20;

/// A journal record to be, with the outputs it names.
#[derive(Debug)]
pub struct Item {
    /// Batch time.
    pub at: Time,
    /// The journal's body; a batch's output digests are filled in here.
    pub body: Body,
    /// What was said.
    pub said: Vec<Said>,
}

/// Told to stage 2 after each commit: one item less is under way.
#[derive(Clone, Copy, Debug)]
pub struct Notice;

/// Stage 3 of one shard.
pub struct Publisher {
    /// The shard's journal chain.
    pub chain: Chain,
    /// The shard's producer.
    pub writer: Box<dyn Writer>,
    /// The shard's journal.
    pub tail: Box<dyn Tail>,
    /// A gap in the monotonic clock beyond this means that the shard is lost.
    pub session: Duration,
    /// What is counted.
    pub counts: PublishMetrics,
}

impl Publisher {
    /// Runs until the ring ends (clean) or the shard is lost (error).
    pub fn run(mut self, items: &Receiver<Item>, notices: &Sender<Notice>) -> Result<(), LogError> {
        let mut beat = monotonic();
        loop {
            let item = items.recv_timeout(BEAT);
            self.check_gap(&mut beat)?;
            match item {
                Ok(item) => {
                    self.publish(item)?;
                    beat = monotonic();
                    // Stage 2 may have gone already, after its last item.
                    if notices.send(Notice).is_err() && items.is_empty() {
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    fn check_gap(&self, beat: &mut Instant) -> Result<(), LogError> {
        let gap = beat.elapsed();
        *beat = monotonic();
        if gap > self.session {
            tracing::warn!(
                gap_ms = gap.as_millis() as u64,
                "the process stood still longer than its session: shard lost"
            );
            return Err(LogError::Fenced);
        }
        Ok(())
    }

    /// Writes one item, whatever it takes.
    pub fn publish(&mut self, item: Item) -> Result<(), LogError> {
        let Item { at, mut body, said } = item;
        let encoded = encode_outputs(self.chain.role, self.chain.shard, at, &said);
        let tally = Tally::of(&said);
        let counted: Vec<(String, u64)> =
            encoded.digests.iter().map(|digest| (digest.topic.clone(), u64::from(digest.count))).collect();
        if let Body::Batch(batch) = &mut body {
            batch.outputs = encoded.digests;
        }
        let bytes = self.chain.encode(at, body);
        let mut records = encoded.records;
        let outputs = records.len();
        records.push(OutRecord {
            topic: OutTopic::Journal(self.chain.role).base_name(),
            partition: self.chain.shard,
            key: None,
            value: bytes.clone(),
            type_name: "JournalRecord",
            at,
            index: u32::try_from(outputs).expect("a batch is bounded"),
        });
        let identity = format!("{}/{}/{}", self.chain.role.name(), self.chain.shard, self.chain.next_sequence);
        let offset = self.commit(&identity, &records, &bytes)?;
        self.chain.written(&bytes);
        self.chain.last_offset = Some(offset);
        self.counts.committed(counted.iter().map(|(topic, count)| (topic.as_str(), *count)), &tally);
        Ok(())
    }

    fn commit(&mut self, identity: &str, records: &[OutRecord], bytes: &[u8]) -> Result<u64, LogError> {
        let first = monotonic();
        for attempt in 0..ATTEMPTS_MAX {
            let started = monotonic();
            match self.writer.commit(identity, records) {
                Ok(receipt) if !receipt.suspect => {
                    self.counts.commit_seconds.record(started.elapsed().as_secs_f64());
                    return self.check_offset(receipt, bytes);
                }
                Ok(receipt) => {
                    self.counts.suspect.increment(1);
                    tracing::info!(
                        identity,
                        ms = started.elapsed().as_millis() as u64,
                        offset = receipt.journal_offset,
                        "commit reported late: renewing the producer, reading the journal"
                    );
                }
                Err(LogError::Unknown(why)) => {
                    self.counts.unknown.increment(1);
                    tracing::warn!(identity, attempt, why, "commit with unknown outcome");
                }
                Err(other @ (LogError::Fenced | LogError::Broken(_) | LogError::Unavailable(_))) => return Err(other),
            }
            // Longer than the session: we may have stood still, or be cut off, and another owner may have the shard.
            // Renewing would fence it; all is taken for lost instead.
            if started.elapsed() > self.session || first.elapsed() > 2 * self.session {
                tracing::warn!(identity, "commit outcome unknown for longer than the session: shard dropped");
                return Err(LogError::Fenced);
            }
            self.writer.renew()?;
            if let Some(offset) = self.find(bytes)? {
                return Ok(offset);
            }
        }
        Err(LogError::Unavailable(format!("{identity} could not be committed in {ATTEMPTS_MAX} attempts")))
    }

    /// The record's offset is the one after ours and its marker; after a larger gap somebody else may have written.
    fn check_offset(&mut self, receipt: Receipt, bytes: &[u8]) -> Result<u64, LogError> {
        let expected = self.chain.last_offset.map_or(0, |last| last + 2);
        if receipt.journal_offset == expected {
            return Ok(receipt.journal_offset);
        }
        // Its commit marker may still be on the way: until it is written, readers do not see the record.
        let asked = monotonic();
        while asked.elapsed() < READ_BACK_PATIENCE {
            if let Some(offset) = self.find(bytes)? {
                return Ok(offset);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(LogError::Unavailable("a committed journal record could not be read back in time".to_owned()))
    }

    /// Looks for this record at the journal's end: its offset, none if the journal ends before it, an error if
    /// anything else is there.
    fn find(&mut self, bytes: &[u8]) -> Result<Option<u64>, LogError> {
        let mut found = None;
        let from = self.chain.last_offset.map_or(0, |last| last + 1);
        self.tail.read_from(from, &mut |offset, other| {
            if other == bytes && found.is_none() {
                found = Some(offset);
                return Ok(());
            }
            tracing::error!(
                offset,
                "a foreign record stands in this shard's journal: another owner writes there; shard dropped"
            );
            Err(LogError::Fenced)
        })?;
        Ok(found)
    }
}
