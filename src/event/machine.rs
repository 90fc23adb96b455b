//! The one door into a machine: an envelope comes in, records go out; no clock, no chance, no I/O.

use super::{Envelope, Moment, Output};
use crate::values::{Hash, Time};

/// When a machine wants to be called next though nothing arrives.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Due {
    /// The earliest timer, in batch time.
    pub at: Option<Time>,
    /// For items that wait for fresh market data: (markets partition, `through` that would make one of them judgeable).
    /// Only partitions that are not fresh enough yet are listed; the runtime closes a batch when one of them gets there.
    pub wanted: Vec<(u32, Time)>,
}

/// A deterministic role. The same inputs in the same batches give the same records, byte for byte, anywhere.
pub trait Machine {
    /// What it reads.
    type Input;
    /// Opens a batch: sets the only time the machine knows until the next batch.
    fn open(&mut self, moment: Moment);
    /// Applies one record. Emits a bounded number of records.
    fn apply(&mut self, envelope: &Envelope<Self::Input>, out: &mut Outbox);
    /// The next timer, and the freshness that waiting items need.
    fn next_due(&self) -> Due;
    /// Serves what is due at the opened moment, at most `quota` items.
    fn due(&mut self, quota: u32, out: &mut Outbox);
    /// Whether queued work (settling, voiding) is left.
    fn has_work(&self) -> bool;
    /// Does queued work, at most `quota` items.
    fn work(&mut self, quota: u32, out: &mut Outbox);
    /// A hash of the whole state, integers only: equal states give equal hashes.
    fn state_hash(&self) -> Hash;
}

/// What a batch has to say, in order.
#[derive(Debug, Default)]
pub struct Outbox {
    records: Vec<Output>,
}

impl Outbox {
    /// An empty outbox.
    pub fn new() -> Self {
        Self::default()
    }
    /// Says one thing.
    pub fn push(&mut self, output: impl Into<Output>) {
        self.records.push(output.into());
    }
    /// What has been said so far.
    pub fn records(&self) -> &[Output] {
        &self.records
    }
    /// Hands everything over and starts empty.
    pub fn take(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.records)
    }
}
