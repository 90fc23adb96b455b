//! Whether each batch's records are all there, and nothing else: no transaction was torn.

use std::collections::{BTreeMap, VecDeque};

use sha2::{Digest, Sha256};

use super::decode::{Place, Record, Topic};
use super::report::Check;
use super::through::{Claim, Known};

/// What a journal says that a batch wrote to one partition.
pub(super) struct Digested {
    /// The journal record.
    pub(super) place: Place,
    pub(super) sequence: u64,
    pub(super) count: u32,
    pub(super) hash: Vec<u8>,
    /// What the shard knew when it wrote this.
    pub(super) known: Known,
}

/// One output partition: what the journal named and what was read, each in order.
#[derive(Default)]
struct Stream {
    named: VecDeque<Digested>,
    /// Records that arrived before the journal named them.
    unclaimed: VecDeque<(Place, Vec<u8>, Option<Claim>)>,
    /// The hash of the front batch so far, how many records are in it, and the first one.
    running: Sha256,
    hashed: u32,
    first: Option<Place>,
}

/// All output partitions. Records wait as bytes until their journal names them: read the journals first to keep this small.
pub(super) struct Torn {
    pub(super) check: Check,
    /// Whether no record claims to know more than its batch did.
    pub(super) through: Check,
    streams: BTreeMap<(Topic, u32), Stream>,
}

impl Torn {
    pub(super) fn new() -> Self {
        Torn { check: Check::new("transactions"), through: Check::new("through"), streams: BTreeMap::new() }
    }

    /// A journal names what a batch wrote.
    pub(super) fn named(&mut self, topic: Topic, partition: u32, digested: Digested) {
        let stream = self.streams.entry((topic, partition)).or_default();
        stream.named.push_back(digested);
        stream.run(&mut self.check, &mut self.through);
    }

    /// A record of an output topic was read.
    pub(super) fn read(&mut self, place: Place, record: &Record) {
        let stream = self.streams.entry((place.topic, place.partition)).or_default();
        stream.unclaimed.push_back((place, framed(record), Claim::read(place, record)));
        stream.run(&mut self.check, &mut self.through);
    }

    /// What no journal named, and what was named but never read.
    pub(super) fn finish(&mut self) {
        let check = &mut self.check;
        for ((topic, partition), stream) in &self.streams {
            for (place, _, _) in &stream.unclaimed {
                check.look();
                check.fail(|| format!("{place}: no journal names this record"));
            }
            let mut found = stream.hashed;
            for digested in &stream.named {
                check.look();
                let Digested { place, sequence, count, .. } = digested;
                check.fail(|| {
                    let name = topic.name();
                    format!(
                        "{place}: batch {sequence} wrote {count} records to {name}[{partition}], only {found} are there"
                    )
                });
                found = 0;
            }
        }
    }
}

impl Stream {
    fn run(&mut self, check: &mut Check, through: &mut Check) {
        while let Some(front) = self.named.front() {
            while self.hashed < front.count
                && let Some((place, bytes, claim)) = self.unclaimed.pop_front()
            {
                if let Some(claim) = claim {
                    claim.check(through, place, front.place, front.known);
                }
                self.running.update(&bytes);
                self.hashed += 1;
                self.first.get_or_insert(place);
            }
            if self.hashed < front.count {
                return;
            }
            let hash = std::mem::take(&mut self.running).finalize();
            check.look();
            check.demand(hash.as_slice() == front.hash, || {
                let first = self.first.map_or_else(|| "nothing".to_owned(), |place| place.to_string());
                let Digested { place, sequence, count, .. } = front;
                format!("{place}: batch {sequence} names {count} records here, but those from {first} on are others")
            });
            self.hashed = 0;
            self.first = None;
            self.named.pop_front();
        }
    }
}

/// Key length, key, value length, value; lengths in four bytes, and all ones for no key.
fn framed(record: &Record) -> Vec<u8> {
    let key = record.key.as_deref();
    let mut bytes = Vec::with_capacity(8 + key.map_or(0, <[u8]>::len) + record.value.len());
    let length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    match key {
        Some(key) => {
            bytes.extend(length(key.len()));
            bytes.extend(key);
        }
        None => bytes.extend(u32::MAX.to_be_bytes()),
    }
    bytes.extend(length(record.value.len()));
    bytes.extend(&record.value);
    bytes
}
