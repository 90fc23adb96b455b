//! The diaries of the shards: an unbroken chain, nothing read twice, nothing passed over.

use std::collections::BTreeMap;

use prost::Message;
use sha2::{Digest, Sha256};

use super::decode::{Place, Record, Role, Topic};
use super::inputs::Inputs;
use super::report::Check;
use super::through::{self, Known};
use super::torn::{Digested, Torn};
use crate::wire::proto;
use proto::journal_record::Body;

/// One shard's diary so far.
#[derive(Default)]
struct Diary {
    records: u64,
    next_sequence: u64,
    last_hash: Option<[u8; 32]>,
    owner: String,
    closed: bool,
    at_ms: i64,
    /// Up to when its inputs were known complete at most, ms.
    through_ms: i64,
    settings: Option<(u32, Vec<u8>)>,
    /// One past the last record applied, by source partition.
    positions: BTreeMap<(Topic, u32), u64>,
    /// Offsets that a batch jumped over: legal only where there is no record.
    jumps: Vec<(Place, Topic, u32, std::ops::Range<u64>)>,
}

/// The diaries of all shards.
pub(super) struct Journals {
    pub(super) check: Check,
    diaries: BTreeMap<(Role, u32), Diary>,
    /// The hash of every revision of the settings, as the first journal has it: one text for all shards and roles.
    revisions: BTreeMap<u32, Vec<u8>>,
    /// Partitions of the match topics and of the account topics, by the first Genesis.
    pub(super) counts: Option<(u32, u32)>,
}

impl Journals {
    pub(super) fn new() -> Self {
        Journals { check: Check::new("journal"), diaries: BTreeMap::new(), revisions: BTreeMap::new(), counts: None }
    }

    /// One past the last record of that partition that the shard has applied.
    pub(super) fn position(&self, role: Role, shard: u32, topic: Topic, partition: u32) -> u64 {
        let diary = self.diaries.get(&(role, shard));
        diary.and_then(|diary| diary.positions.get(&(topic, partition))).copied().unwrap_or(0)
    }

    /// The time of the shard's last record, ms.
    pub(super) fn last_at_ms(&self, role: Role, shard: u32) -> i64 {
        self.diaries.get(&(role, shard)).map_or(i64::MIN, |diary| diary.at_ms)
    }

    pub(super) fn take(&mut self, role: Role, place: Place, record: &Record, torn: &mut Torn) {
        let Journals { check, diaries, revisions, counts } = self;
        check.look();
        let Ok(entry) = proto::JournalRecord::decode(record.value.as_slice()) else {
            check.fail(|| format!("{place}: cannot be decoded as a journal record"));
            return;
        };
        let diary = diaries.entry((role, place.partition)).or_default();
        check.demand(entry.role == role.name() && entry.shard == place.partition, || {
            format!(
                "{place}: says role {} shard {}, expected {} {}",
                entry.role,
                entry.shard,
                role.name(),
                place.partition
            )
        });
        diary.chain(check, place, &entry);
        if let Some(settings) = settings_of(&entry) {
            let first = revisions.entry(settings.revision).or_insert_with(|| settings.hash.clone());
            check.demand(*first == settings.hash, || {
                format!("{place}: settings revision {} are others than in another journal", settings.revision)
            });
        }
        match &entry.body {
            Some(Body::Genesis(genesis)) => {
                let said = (genesis.match_partitions, genesis.account_partitions);
                let born = *counts.get_or_insert(said);
                check.demand(born == said, || {
                    format!("{place}: genesis counts {said:?} partitions (match, account), another shard's {born:?}")
                });
                match &genesis.settings {
                    Some(settings) => diary.settle_settings(check, place, settings),
                    None => check.fail(|| format!("{place}: genesis without settings")),
                }
            }
            Some(Body::OwnerTaken(_)) => {
                diary.owner.clone_from(&entry.owner);
                diary.closed = false;
            }
            Some(Body::Settings(settings)) => diary.settle_settings(check, place, settings),
            Some(Body::Batch(batch)) => {
                diary.sources(check, role, place, batch);
                diary.batch_settings(check, place, batch);
                let newest_ms = &mut diary.through_ms;
                let known = through::known(&mut torn.through, role, place, entry.at_ms, batch, newest_ms);
                name_outputs(check, role, place, (entry.sequence, known), batch, torn);
            }
            Some(Body::Closed(_)) => diary.closed = true,
            None => check.fail(|| format!("{place}: an empty journal record")),
        }
        diary.records += 1;
        diary.next_sequence = entry.sequence + 1;
        diary.last_hash = Some(Sha256::digest(&record.value).into());
    }

    /// What had to wait for all records: whether a jump passed over one.
    pub(super) fn finish(&mut self, inputs: &Inputs) {
        for diary in self.diaries.values() {
            for (place, topic, partition, jump) in &diary.jumps {
                if let Some(offset) = inputs.first_offset_in(*topic, *partition, jump.clone()) {
                    let missed = Place { topic: *topic, partition: *partition, offset };
                    self.check.fail(|| {
                        format!(
                            "{place}: reads on from {} where {} was expected: {missed} was never read",
                            jump.end, jump.start
                        )
                    });
                }
            }
        }
    }
}

impl Diary {
    /// Sequence, hash, time and owner.
    fn chain(&mut self, check: &mut Check, place: Place, entry: &proto::JournalRecord) {
        check.demand(entry.sequence == self.next_sequence, || {
            format!("{place}: sequence {}, expected {}", entry.sequence, self.next_sequence)
        });
        let expected = self.last_hash.map(|hash| hash.to_vec()).unwrap_or_default();
        check.demand(entry.previous_hash == expected, || {
            format!("{place}: previous_hash is not the hash of the record before (sequence {})", entry.sequence)
        });
        check.demand(entry.at_ms >= self.at_ms, || {
            format!("{place}: at {} is before the {} of the record before", entry.at_ms, self.at_ms)
        });
        self.at_ms = self.at_ms.max(entry.at_ms);
        let is_genesis = matches!(entry.body, Some(Body::Genesis(_)));
        let is_owner = matches!(entry.body, Some(Body::OwnerTaken(_)));
        check.demand(is_genesis == (self.records == 0), || {
            format!("{place}: record {} of the shard, and the first alone is Genesis", self.records)
        });
        check.demand(is_owner || self.records != 1, || format!("{place}: the second record is not OwnerTaken"));
        check.demand(is_owner || is_genesis || (entry.owner == self.owner && !self.closed), || {
            let state = if self.closed { "closed by" } else { "owned by" };
            format!("{place}: written by {:?}, but the shard is {state} {:?}", entry.owner, self.owner)
        });
    }

    fn settle_settings(&mut self, check: &mut Check, place: Place, settings: &proto::SettingsChanged) {
        let before = self.settings.as_ref().map_or(0, |(revision, _)| *revision);
        check.demand(self.settings.is_none() || settings.revision > before, || {
            format!("{place}: settings revision {} does not rise above {before}", settings.revision)
        });
        let hash: [u8; 32] = Sha256::digest(settings.text.as_bytes()).into();
        check.demand(settings.hash == hash, || format!("{place}: the settings' hash is not that of their text"));
        self.settings = Some((settings.revision, settings.hash.clone()));
    }

    fn batch_settings(&self, check: &mut Check, place: Place, batch: &proto::Batch) {
        let (revision, hash) = self.settings.clone().unwrap_or_default();
        check.demand(batch.settings_revision == revision && batch.settings_hash == hash, || {
            format!("{place}: decided by settings {}, but {revision} are in force", batch.settings_revision)
        });
    }

    fn sources(&mut self, check: &mut Check, role: Role, place: Place, batch: &proto::Batch) {
        for range in &batch.sources {
            let Some(topic) = Topic::of_input(range.topic) else {
                check.fail(|| format!("{place}: reads topic number {}, which is none", range.topic));
                continue;
            };
            let source = format!("{}[{}] {}..{}", topic.name(), range.partition, range.from, range.to);
            check.demand(role.reads(place.partition, topic, range.partition), || {
                format!("{place}: read {source}, which is not this shard's")
            });
            check.demand(range.to >= range.from, || format!("{place}: read {source}, which ends before it begins"));
            check.demand(range.reached >= range.to, || {
                format!("{place}: read {source} but says to have reached only {}", range.reached)
            });
            let position = self.positions.entry((topic, range.partition)).or_insert(0);
            check.demand(range.from >= *position, || {
                format!("{place}: read {source}, but everything below {position} was read before")
            });
            if range.from > *position {
                self.jumps.push((place, topic, range.partition, *position..range.from));
            }
            *position = range.to.max(*position);
        }
    }
}

/// The settings that the record brings into force, if it does.
fn settings_of(entry: &proto::JournalRecord) -> Option<&proto::SettingsChanged> {
    match entry.body.as_ref()? {
        Body::Genesis(genesis) => genesis.settings.as_ref(),
        Body::Settings(settings) => Some(settings),
        Body::OwnerTaken(_) | Body::Batch(_) | Body::Closed(_) => None,
    }
}

fn name_outputs(
    check: &mut Check,
    role: Role,
    place: Place,
    (sequence, known): (u64, Known),
    batch: &proto::Batch,
    torn: &mut Torn,
) {
    for output in &batch.outputs {
        let Some(topic) = Topic::read(&output.topic) else { continue };
        check.demand(topic.written_by() == Some(role) && output.partition == place.partition, || {
            format!("{place}: wrote to {}[{}], which is not this shard's", output.topic, output.partition)
        });
        if topic.is_compacted() {
            continue;
        }
        let digested = Digested { place, sequence, count: output.count, hash: output.hash.clone(), known };
        torn.named(topic, output.partition, digested);
    }
}
