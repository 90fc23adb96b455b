//! One partition: its batches in order, how far a careful reader may go, and what was taken back.

use super::batch::Batch;
use super::fault::Fault;
use super::producers::{Admission, Producers};
use bytes::Bytes;
use std::collections::VecDeque;

/// A batch at its place.
#[derive(Clone, Debug)]
struct Stored {
    base: i64,
    last: i64,
    batch: Batch,
}

/// A transaction that was taken back.
#[derive(Clone, Copy, Debug)]
struct Aborted {
    producer_id: i64,
    /// Its first record here.
    first: i64,
    /// Its marker.
    marker: i64,
}

/// What a reader gets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Read {
    /// Whole batches, the first of which holds the offset asked for.
    pub(crate) batches: Vec<Bytes>,
    /// Their length together, bytes.
    pub(crate) len: usize,
    /// (producer, first offset) of what a careful reader must skip among them.
    pub(crate) aborted: Vec<(i64, i64)>,
}

/// Where a batch came to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Appended {
    /// Offset of its first record.
    pub(crate) base_offset: i64,
    /// The broker's time, where the topic is stamped by it; else -1.
    pub(crate) append_time: i64,
    /// Whether it is new, and not an answer repeated.
    pub(crate) new: bool,
}

/// A partition.
#[derive(Clone, Debug, Default)]
pub(crate) struct PartitionLog {
    start: i64,
    end: i64,
    len: u64,
    batches: VecDeque<Stored>,
    producers: Producers,
    aborted: Vec<Aborted>,
}

impl PartitionLog {
    /// The first offset that can be read.
    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    /// The offset that the next record gets; there are no followers, so it is the high watermark too.
    pub(crate) fn end(&self) -> i64 {
        self.end
    }

    /// The last stable offset: below it every transaction has ended.
    pub(crate) fn stable(&self) -> i64 {
        self.producers.first_open().unwrap_or(self.end)
    }

    /// Bytes held.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Whether the batch may come next, or came before.
    pub(crate) fn admit(&self, batch: &Batch) -> Result<Admission, Fault> {
        self.producers.admit(batch)
    }

    /// Whether the batch goes on with what its writer has open here; if not, notes that it was tried.
    pub(crate) fn goes_on(&mut self, batch: &Batch) -> bool {
        let goes_on = self.producers.goes_on(batch);
        if !goes_on {
            self.producers.note_try(batch);
        }
        goes_on
    }

    /// Appends what was admitted. `stamp`: the broker's time, for topics of `LogAppendTime`.
    pub(crate) fn append(&mut self, batch: Batch, stamp: Option<i64>) -> Appended {
        let (base, append_time) = (self.end, stamp.unwrap_or(-1));
        self.producers.note(&batch, base, append_time);
        self.push(batch.placed(base, stamp));
        Appended { base_offset: base, append_time, new: true }
    }

    fn push(&mut self, batch: Batch) {
        let base = self.end;
        self.end += i64::from(batch.last_delta) + 1;
        self.len += batch.len() as u64;
        self.batches.push_back(Stored { base, last: self.end - 1, batch });
    }

    /// Ends a producer's transaction here with a marker.
    pub(crate) fn end_transaction(&mut self, producer_id: i64, epoch: i16, commit: bool, now: i64) {
        let marker = self.end;
        let first = self.producers.end(producer_id, epoch);
        if let Some(first) = first.filter(|_| !commit) {
            let at = self.aborted.partition_point(|known| known.first < first);
            self.aborted.insert(at, Aborted { producer_id, first, marker });
        }
        self.push(Batch::marker(producer_id, epoch, commit, marker, now));
    }

    /// Reads whole batches from the one that holds `from`, up to `len_max` bytes; the first is given whatever its length
    /// where `at_least_one`.
    pub(crate) fn read(&self, from: i64, committed: bool, len_max: usize, at_least_one: bool) -> Result<Read, Fault> {
        if from < self.start || from > self.end {
            return Err(Fault::OffsetOutOfRange);
        }
        let bound = if committed { self.stable() } else { self.end };
        let mut read = Read::default();
        let mut after = from;
        let begin = self.batches.partition_point(|stored| stored.last < from);
        for stored in self.batches.range(begin..).take_while(|stored| stored.base < bound) {
            let first = read.batches.is_empty() && at_least_one;
            if read.len + stored.batch.len() > len_max && !first {
                break;
            }
            read.len += stored.batch.len();
            read.batches.push(stored.batch.bytes().clone());
            after = stored.last + 1;
        }
        if committed {
            // Only what reaches into these batches: a range whose marker lies behind would hide later records of the
            // same producer for ever.
            let within = self.aborted.iter().filter(|range| range.marker >= from && range.first < after);
            read.aborted = within.map(|range| (range.producer_id, range.first)).collect();
        }
        Ok(read)
    }

    /// The first record at or after a time that a reader may see: (offset, its time).
    pub(crate) fn first_since(&self, time: i64, committed: bool) -> Option<(i64, i64)> {
        let bound = if committed { self.stable() } else { self.end };
        let found = self.batches.iter().find_map(|stored| {
            let (delta, at) = stored.batch.first_since(time, self.start - stored.base)?;
            Some((stored.base + delta, at))
        });
        found.filter(|(offset, _)| *offset < bound)
    }

    /// Drops what lies before an offset, which is never beyond the last stable one: readers that come to an open
    /// transaction later must find all of it. Gives the new start.
    pub(crate) fn delete_before(&mut self, offset: i64) -> Result<i64, Fault> {
        if offset > self.stable() {
            return Err(Fault::OffsetOutOfRange);
        }
        self.start = self.start.max(offset);
        while self.batches.front().is_some_and(|stored| stored.last < self.start) {
            self.drop_first();
        }
        self.aborted.retain(|range| range.marker >= self.start);
        Ok(self.start)
    }

    fn drop_first(&mut self) {
        if let Some(stored) = self.batches.pop_front() {
            self.len -= stored.batch.len() as u64;
        }
    }

    /// Drops old batches as long as what is left still holds `len_min` bytes.
    pub(crate) fn retain(&mut self, len_min: u64) {
        let stable = self.stable();
        let mut keep_from = self.start;
        let mut len = self.len;
        for stored in &self.batches {
            let left = len - stored.batch.len() as u64;
            if left < len_min || stored.last >= stable {
                break;
            }
            (len, keep_from) = (left, stored.last + 1);
        }
        self.delete_before(keep_from).expect("not beyond the last stable offset");
    }
}
