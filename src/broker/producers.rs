//! What a partition remembers of those who write to it: which batch must come next, and which it has already.

use super::batch::Batch;
use super::fault::Fault;
use std::collections::{BTreeMap, VecDeque};

/// How many of a producer's batches are remembered, as in Kafka: no client has more under way.
const REMEMBERED: usize = 5;

/// One producer on one partition.
#[derive(Clone, Debug)]
struct Writer {
    epoch: i16,
    /// (first sequence, last sequence, base offset, append time) of its last batches in this epoch.
    recent: VecDeque<(i32, i32, i64, i64)>,
    /// Where its open transaction begins.
    open_since: Option<i64>,
}

/// All producers of a partition.
#[derive(Clone, Debug, Default)]
pub(crate) struct Producers {
    writers: BTreeMap<i64, Writer>,
    /// By producer, what was tried in a transaction and not written yet: (epoch, lowest sequence). A later batch must not
    /// get in before it, or it could never follow.
    tried: BTreeMap<i64, (i16, i32)>,
}

/// What becomes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is new.
    New,
    /// It was appended before, there and then.
    Again { base_offset: i64, append_time: i64 },
}

impl Producers {
    /// Whether the batch is the next of its producer.
    pub(crate) fn admit(&self, batch: &Batch) -> Result<Admission, Fault> {
        let tried = self.tried.get(&batch.producer_id);
        let overtakes = tried.is_some_and(|(_, lowest)| batch.base_sequence > *lowest);
        let Some(writer) = self.writers.get(&batch.producer_id).filter(|_| batch.producer_id >= 0) else {
            // Of a producer without memory, or one that this partition does not know (yet, or any more): as it comes.
            return if overtakes { Err(Fault::OutOfOrderSequence) } else { Ok(Admission::New) };
        };
        if batch.producer_epoch < writer.epoch {
            return Err(Fault::InvalidProducerEpoch);
        }
        let (first, last) = (batch.base_sequence, batch.last_sequence());
        let mut next = 0;
        if batch.producer_epoch == writer.epoch {
            if let Some(known) = writer.recent.iter().find(|known| (known.0, known.1) == (first, last)) {
                return Ok(Admission::Again { base_offset: known.2, append_time: known.3 });
            }
            next = writer.recent.back().map_or(0, |(_, last, _, _)| last.checked_add(1).unwrap_or(0));
        }
        if first != next || overtakes {
            return Err(Fault::OutOfOrderSequence);
        }
        if writer.open_since.is_some() && !batch.is_transactional() {
            return Err(Fault::InvalidTxnState);
        }
        Ok(Admission::New)
    }

    /// Whether the batch goes on with a transaction that its writer has open here.
    pub(crate) fn goes_on(&self, batch: &Batch) -> bool {
        let writer = self.writers.get(&batch.producer_id);
        writer.is_some_and(|writer| writer.open_since.is_some() && writer.epoch == batch.producer_epoch)
    }

    /// Takes note that a batch wants to begin a transaction here.
    pub(crate) fn note_try(&mut self, batch: &Batch) {
        let tried = (batch.producer_epoch, batch.base_sequence);
        let known = self.tried.entry(batch.producer_id).or_insert(tried);
        if tried.0 > known.0 {
            *known = tried;
        } else if tried.0 == known.0 {
            known.1 = known.1.min(tried.1);
        }
    }

    /// Takes note of a batch that was appended.
    pub(crate) fn note(&mut self, batch: &Batch, base_offset: i64, append_time: i64) {
        if batch.producer_id < 0 {
            return;
        }
        let fresh = || Writer { epoch: batch.producer_epoch, recent: VecDeque::new(), open_since: None };
        let writer = self.writers.entry(batch.producer_id).or_insert_with(fresh);
        if writer.epoch != batch.producer_epoch {
            writer.epoch = batch.producer_epoch;
            writer.recent.clear();
        }
        if writer.recent.len() == REMEMBERED {
            writer.recent.pop_front();
        }
        writer.recent.push_back((batch.base_sequence, batch.last_sequence(), base_offset, append_time));
        if batch.is_transactional() {
            self.tried.remove(&batch.producer_id);
            writer.open_since.get_or_insert(base_offset);
        }
    }

    /// Takes note of a transaction's end; gives where it began here. Whoever has an older epoch is fenced from now on.
    pub(crate) fn end(&mut self, producer_id: i64, epoch: i16) -> Option<i64> {
        self.tried.remove(&producer_id);
        let fresh = || Writer { epoch, recent: VecDeque::new(), open_since: None };
        let writer = self.writers.entry(producer_id).or_insert_with(fresh);
        if writer.epoch < epoch {
            writer.epoch = epoch;
            writer.recent.clear();
        }
        writer.open_since.take()
    }

    /// Where the first open transaction begins.
    pub(crate) fn first_open(&self) -> Option<i64> {
        self.writers.values().filter_map(|writer| writer.open_since).min()
    }
}
