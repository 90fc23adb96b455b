//! Whether every record stands in the partition of its key.

use super::coverage::{Coverage, Kind};
use super::decode::{Place, Role, Topic};
use super::inputs::Inputs;
use super::journal::Journals;
use super::plain::key_hash;
use super::report::Check;

/// Keys of our own records, judged as soon as the partition counts are known.
pub(super) struct Partitions {
    pub(super) check: Check,
    /// Partitions of the match topics and of the account topics, once known.
    counts: Option<(u32, u32)>,
    unjudged: Vec<(Place, u32)>,
}

impl Partitions {
    pub(super) fn new() -> Self {
        Partitions { check: Check::new("partitions"), counts: None, unjudged: Vec::new() }
    }

    /// The counts were learnt.
    pub(super) fn count(&mut self, counts: Option<(u32, u32)>) {
        if self.counts.is_none() && counts.is_some() {
            self.counts = counts;
            for (place, hash) in std::mem::take(&mut self.unjudged) {
                self.judge(place, hash);
            }
        }
    }

    /// One of our own records: its key must be the id in its body, and its partition the key's.
    pub(super) fn take(&mut self, place: Place, key: Option<&[u8]>, id_in_body: Option<&str>) {
        self.check.demand(key == id_in_body.map(str::as_bytes), || {
            let key = key.map(|key| String::from_utf8_lossy(key).into_owned());
            format!("{place}: key {key:?}, expected {id_in_body:?}")
        });
        if let Some(key) = key {
            let hash = key_hash(key);
            if self.counts.is_some() { self.judge(place, hash) } else { self.unjudged.push((place, hash)) }
        }
    }

    fn judge(&mut self, place: Place, hash: u32) {
        self.check.look();
        if let Some(right) = right_partition(self.counts, place.topic, hash) {
            self.check.demand(right == place.partition, || format!("{place}: its key belongs in partition {right}"));
        }
    }

    /// Inputs that were taken although they stand in the wrong partition or under another's key.
    pub(super) fn finish(&mut self, inputs: &Inputs, coverage: &Coverage, journals: &Journals) {
        for (topic, partition, asked) in inputs.partitions() {
            let role = if topic.is_by_match() { Role::Trading } else { Role::Book };
            let position = journals.position(role, partition, topic, partition);
            for one in asked.iter().filter(|one| one.offset < position) {
                let cause = Place { topic, partition, offset: one.offset };
                let end = coverage.ended(cause);
                let taken = match topic.is_by_match() {
                    true => end.is_none(),
                    false => matches!(end, Some(Kind::Accepted | Kind::Done)),
                };
                if !taken {
                    continue;
                }
                self.check.look();
                let right = one.key.and_then(|hash| right_partition(self.counts, topic, hash));
                self.check.demand(right.is_none_or(|right| right == partition), || {
                    format!("{cause}: taken, though its key belongs in partition {}", right.unwrap_or_default())
                });
                self.check.demand(one.key_fits, || format!("{cause}: taken, though its key is not the id in its body"));
            }
        }
    }
}

fn right_partition(counts: Option<(u32, u32)>, topic: Topic, hash: u32) -> Option<u32> {
    let (by_match, by_account) = counts?;
    let count = if topic.is_by_match() { by_match } else { by_account };
    hash.checked_rem(count)
}
