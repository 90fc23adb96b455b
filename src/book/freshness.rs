//! Up to when each trading shard's knowledge is known here.

use crate::values::{HashStream, Time};

/// The newest `through` applied from each partition of the markets topic.
#[derive(Clone, Debug, Default)]
pub(super) struct Freshness {
    through: Vec<Time>,
}

impl Freshness {
    /// How fresh a partition is: before everything, if nothing was heard of it.
    pub(super) fn of(&self, partition: u32) -> Time {
        self.through.get(partition as usize).copied().unwrap_or(Time::MIN)
    }

    /// Knowledge never gets older; returns whether it got newer.
    pub(super) fn learn(&mut self, partition: u32, through: Time) -> bool {
        let index = partition as usize;
        if index >= self.through.len() {
            self.through.resize(index + 1, Time::MIN);
        }
        let is_newer = through > self.through[index];
        self.through[index] = self.through[index].max(through);
        is_newer
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let Freshness { through } = self;
        stream.unsigned(through.len() as u64);
        through.iter().for_each(|time| {
            stream.integer(time.ms());
        });
    }
}
