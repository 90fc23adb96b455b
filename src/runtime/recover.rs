//! Taking over where the last owner stood: every journalled batch is applied again, and must say the same bytes.

use super::batch::{Batch, SourceSlice, apply_batch};
use super::clock::monotonic;
use super::decide::{Pending, weight_of};
use super::intake::{Arrived, Waiting};
use super::journal::{Chain, SettingsStamp, encode_outputs, range_from_wire};
use super::knowledge::Knowledge;
use super::log::{LogError, Tail};
use super::pipeline;
use super::role::RoleKind;
use crate::event::{Envelope, InputRef, Machine, Moment, Outbox, Settings};
use crate::values::{Hash, Time};
use crate::wire::proto::{self, journal_record::Body};
use crossbeam::channel::{Receiver, RecvTimeoutError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How long recovery waits for an input record that the journal says was read.
const INPUT_PATIENCE: Duration = Duration::from_secs(60);

/// A shard's state as its journal says.
pub struct Recovered<R: RoleKind> {
    /// The machine; none when the journal is empty.
    pub machine: Option<R::Machine>,
    /// The rules in force.
    pub settings: Arc<Settings>,
    /// And their stamp; none when the journal is empty.
    pub stamp: Option<SettingsStamp>,
    /// Positions.
    pub knowledge: Knowledge,
    /// What was fetched beyond them.
    pub pending: Pending<R::Input>,
    /// Time of the last record.
    pub last_at: Time,
    /// Batches applied again.
    pub batches: u64,
}

/// Recovery under way.
pub struct Recovery<'a, R: RoleKind> {
    /// The shard.
    pub shard: u32,
    /// The rings of stage 1, which reads every source from its beginning.
    pub rings: &'a [Receiver<Arrived<R::Input>>],
    /// What waits between stage 1 and here.
    pub waiting: &'a Waiting,
    /// Set to give up.
    pub stop: &'a AtomicBool,
    /// Raised with every batch.
    pub progress: &'a AtomicU64,
    /// What has been restored so far.
    pub state: Recovered<R>,
}

impl<R: RoleKind> Recovery<'_, R> {
    /// Reads the journal from its beginning and applies it.
    pub fn run(mut self, tail: &mut dyn Tail, chain: &mut Chain) -> Result<Recovered<R>, LogError> {
        tail.read_from(0, &mut |offset, bytes| {
            let record = chain.read(offset, &bytes)?;
            self.progress.fetch_add(1, Ordering::Relaxed);
            self.apply(record)
        })?;
        Ok(self.state)
    }

    fn apply(&mut self, record: proto::JournalRecord) -> Result<(), LogError> {
        let sequence = record.sequence;
        let broken = |what: String| LogError::Broken(format!("journal record {sequence}: {what}"));
        let at = Time::from_ms(record.at_ms);
        self.state.last_at = self.state.last_at.max(at);
        match record.body.ok_or_else(|| broken("has no body".to_owned()))? {
            Body::Genesis(genesis) => self.begin(&genesis).map_err(broken),
            Body::OwnerTaken(_) => Ok(()),
            Body::Settings(changed) => self.settle(&changed, at).map_err(broken),
            Body::Batch(batch) => self.again(&batch, at, sequence),
            Body::Closed(closed) => {
                let machine = self.machine().map_err(broken)?;
                if machine.state_hash().as_bytes().as_slice() == closed.state_hash {
                    return Ok(());
                }
                Err(LogError::Broken(format!("journal record {sequence}: the state on close was another one")))
            }
        }
    }

    fn machine(&mut self) -> Result<&mut R::Machine, String> {
        self.state.machine.as_mut().ok_or_else(|| "comes before the genesis record".to_owned())
    }

    fn begin(&mut self, genesis: &proto::Genesis) -> Result<(), String> {
        let now = &self.state.settings;
        if (genesis.match_partitions, genesis.account_partitions) != (now.match_partitions, now.account_partitions) {
            return Err(format!(
                "this shard was born with {} match and {} account partitions, the pipeline now says {} and {}: partition counts are for ever (make new topics)",
                genesis.match_partitions, genesis.account_partitions, now.match_partitions, now.account_partitions
            ));
        }
        let first = genesis.settings.as_ref().ok_or("names no settings")?;
        let (settings, stamp) = pipeline::settings_from_journal(first)?;
        self.state.machine = Some(R::machine(self.shard, Arc::clone(&settings)));
        (self.state.settings, self.state.stamp) = (settings, Some(stamp));
        Ok(())
    }

    fn settle(&mut self, changed: &proto::SettingsChanged, at: Time) -> Result<(), String> {
        let (settings, stamp) = pipeline::settings_from_journal(changed)?;
        apply_settings::<R>(self.machine()?, Arc::clone(&settings), at);
        (self.state.settings, self.state.stamp) = (settings, Some(stamp));
        Ok(())
    }

    /// Applies a journalled batch again and compares what it says with what was written.
    fn again(&mut self, header: &proto::Batch, at: Time, sequence: u64) -> Result<(), LogError> {
        let mut sources = Vec::with_capacity(header.sources.len());
        for range in &header.sources {
            let range = range_from_wire(range)
                .ok_or_else(|| LogError::Broken(format!("journal record {sequence}: unknown source topic")))?;
            if range.from != self.state.knowledge.next(range.source) {
                return Err(LogError::Broken(format!("journal record {sequence}: its ranges do not continue")));
            }
            if range.to > range.from {
                self.wait_for(range.source, range.to - 1)?;
            }
            let records = self.state.pending.take_below(range.source, range.to);
            self.waiting.taken(range.source, weight_of(&records));
            self.state.knowledge.restore(&range);
            sources.push(SourceSlice { range, records });
        }
        let moment = Moment { at, through: Time::from_ms(header.through_ms) };
        let batch = Batch { moment, sources, due_quota: header.due_quota, work_quota: header.work_quota };
        let said = apply_batch(self.machine().map_err(LogError::Broken)?, batch);
        self.state.batches += 1;
        let digests = encode_outputs(R::ROLE, self.shard, at, &said).digests;
        if digests == header.outputs {
            return Ok(());
        }
        Err(LogError::Broken(format!(
            "journal record {sequence}: applied again, the batch says other bytes than were written; the program or its inputs are not the ones that wrote it"
        )))
    }

    /// Waits until the record at `offset` of the source has arrived.
    fn wait_for(&mut self, source: crate::runtime::batch::Source, offset: u64) -> Result<(), LogError> {
        let mut since = monotonic();
        while self.state.pending.newest(source).is_none_or(|newest| newest < offset) {
            let lane = self.state.pending.lane_of(source);
            match self.rings[lane].recv_timeout(Duration::from_millis(100)) {
                Ok(Arrived::Record(arrived, record)) => {
                    self.state.pending.add::<R>(lane, arrived, record);
                    since = monotonic();
                    self.progress.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Arrived::Failed(error)) => return Err(error),
                Err(RecvTimeoutError::Timeout) if since.elapsed() < INPUT_PATIENCE => {}
                Err(_) => {
                    return Err(LogError::Unavailable(format!(
                        "the journal read {:?} partition {} up to offset {offset}, which does not arrive (is it still in the topic?)",
                        source.topic, source.partition
                    )));
                }
            }
            if self.stop.load(Ordering::Relaxed) {
                return Err(LogError::Unavailable("told to stop while restoring".to_owned()));
            }
        }
        Ok(())
    }
}

/// Puts settings in force: an input like any other, without a place in a topic.
pub fn apply_settings<R: RoleKind>(machine: &mut R::Machine, settings: Arc<Settings>, at: Time) {
    let mut outbox = Outbox::new();
    let source = InputRef { topic: R::SHARD_TOPIC, partition: 0, offset: 0 };
    machine.apply(&Envelope { source, append_time: at, input: R::settings(settings) }, &mut outbox);
    assert!(outbox.records().is_empty(), "settings say nothing by themselves: the next batch does");
}

/// The hash that names canonical settings.
pub fn settings_hash(text: &str) -> Hash {
    Hash::of(text.as_bytes())
}
