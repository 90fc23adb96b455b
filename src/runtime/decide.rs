//! Stage 2: gather, close the batch, apply. One thread a shard; the only one that touches the shard's state.
//!
//! It reads the lanes' rings, the learnt ends and the publisher's notices, and writes the ring to stage 3. At most two
//! batches are under way at stage 3; while they are, what arrives waits here and makes the next batch larger, up to a
//! bound a lane; beyond it the rings fill and stage 1 stops. With nothing to do it sleeps until a ring, a timer or a
//! quarter of a second wakes it. When stage 3 is gone it ends with what stage 3 died of; when stage 1 has failed it ends
//! with that; when told to stop it takes what it has, says `Closed` with the hash of its state, and ends.

use super::batch::{Batch, InRecord, Source, SourceSlice, apply_batch};
use super::clock::{BrokerClock, monotonic};
use super::health::Vitals;
use super::intake::{Arrived, Waiting};
use super::journal::{SettingsStamp, header};
use super::knowledge::{Knowledge, through};
use super::log::{Doubt, Learnt, LogError};
use super::metrics::{DecideMetrics, LOOK_EVERY};
use super::publish::{Item, Notice};
use super::role::{RoleKind, Urgency};
use crate::event::{Due, Machine, Moment, Settings, Topic};
use crate::values::{Millis, Time};
use crate::wire::proto::{self, journal_record::Body};
use crossbeam::channel::{Receiver, Select, Sender, TryRecvError};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Weight of a lane's records that a batch may hold (a record weighs 1, and 1 more a KiB); more wait in the ring.
const LANE_WEIGHT_MAX: usize = 20_000;
/// Market records that make a book's batch close by their number.
const PATIENT_RECORDS_MAX: usize = 10_000;
/// Market records wait no longer than this.
const PATIENCE: Duration = Duration::from_secs(1);
/// A batch with commands waits for known unread market records no longer than this.
const MARKETS_FIRST: Duration = Duration::from_millis(200);
/// Batches decided but not committed.
const UNDER_WAY_MAX: usize = 2;
/// An end not reached for this long is doubted.
const DOUBT_AFTER: Millis = Millis::new(300);
/// And not more often than this.
const DOUBT_EVERY: Millis = Millis::new(500);
/// Longest sleep.
const NAP: Duration = Duration::from_millis(250);

/// The records that wait, and what they ask for.
pub struct Pending<I> {
    lanes: Vec<Vec<Source>>,
    queues: BTreeMap<Source, VecDeque<InRecord<I>>>,
    lane_weights: Vec<usize>,
    urgent: bool,
    commands_since: Option<Instant>,
    patient_since: Option<Instant>,
    patient_count: usize,
    market_through: BTreeMap<u32, Time>,
}

impl<I> Pending<I> {
    /// Nothing waits.
    pub fn new(lanes: Vec<Vec<Source>>) -> Self {
        Pending {
            queues: lanes.iter().flatten().map(|source| (*source, VecDeque::new())).collect(),
            lane_weights: vec![0; lanes.len()],
            lanes,
            urgent: false,
            commands_since: None,
            patient_since: None,
            patient_count: 0,
            market_through: BTreeMap::new(),
        }
    }

    /// Adds a record that came by a lane.
    pub fn add<R: RoleKind<Input = I>>(&mut self, lane: usize, source: Source, record: InRecord<I>) {
        let urgency = match &record.body {
            Ok(input) => {
                if let Some(through) = R::through_of(input) {
                    let newest = self.market_through.entry(source.partition).or_insert(Time::MIN);
                    *newest = through.max(*newest);
                }
                R::urgency(input)
            }
            Err(_) if source.topic == Topic::Markets => Urgency::Patient,
            Err(_) => Urgency::NowAfterMarkets,
        };
        match urgency {
            Urgency::Now => self.urgent = true,
            Urgency::NowAfterMarkets => {
                self.commands_since.get_or_insert_with(monotonic);
            }
            Urgency::Patient => {
                self.patient_since.get_or_insert_with(monotonic);
                self.patient_count += 1;
            }
            Urgency::Idle => self.patient_count += 1,
        }
        self.lane_weights[lane] += record.weight;
        self.queues.get_mut(&source).expect("a source of this shard").push_back(record);
    }

    /// One past the newest waiting offset of a source.
    fn end(&self, source: Source) -> Option<u64> {
        self.queues[&source].back().map(|record| record.offset + 1)
    }

    /// Takes the records of a source below `end`.
    pub fn take_below(&mut self, source: Source, end: u64) -> Vec<InRecord<I>> {
        let queue = self.queues.get_mut(&source).expect("a source of this shard");
        let count = queue.partition_point(|record| record.offset < end);
        let taken: Vec<_> = queue.drain(..count).collect();
        let lane = self.lane_of(source);
        self.lane_weights[lane] -= weight_of(&taken);
        taken
    }

    /// The lane that a source comes by.
    pub fn lane_of(&self, source: Source) -> usize {
        self.lanes.iter().position(|lane| lane.contains(&source)).expect("a source of a lane")
    }

    /// The newest waiting offset of a source.
    pub fn newest(&self, source: Source) -> Option<u64> {
        self.queues[&source].back().map(|record| record.offset)
    }

    fn cleared(&mut self) {
        self.urgent = false;
        self.commands_since = None;
        self.patient_since = None;
        self.patient_count = 0;
        self.market_through.clear();
    }
}

/// What records weigh together.
pub fn weight_of<I>(records: &[InRecord<I>]) -> usize {
    records.iter().map(|record| record.weight).sum()
}

/// Stage 2 of one shard.
pub struct Decider<R: RoleKind> {
    /// The state.
    pub machine: R::Machine,
    /// Positions and learnt ends.
    pub knowledge: Knowledge,
    /// What waits.
    pub pending: Pending<R::Input>,
    /// Time of the last batch.
    pub last_at: Time,
    /// The rules in force.
    pub settings: Arc<Settings>,
    /// And their stamp.
    pub stamp: SettingsStamp,
    /// The process clock.
    pub clock: BrokerClock,
    /// Stage 1's rings, a lane each.
    pub rings: Vec<Receiver<Arrived<R::Input>>>,
    /// What is learnt of the sources' ends.
    pub learnt: Receiver<Learnt>,
    /// Asks whether markers are all that stands before an end.
    pub doubts: Sender<Doubt>,
    /// When it last asked.
    pub doubted_at: Time,
    /// How this shard is called there.
    pub name: String,
    /// Next offset of the shard's own source, for lag tools.
    pub position: Arc<AtomicU64>,
    /// To stage 3.
    pub items: Sender<Item>,
    /// From stage 3.
    pub notices: Receiver<Notice>,
    /// Set to end the shard.
    pub stop: Arc<AtomicBool>,
    /// What waits between stage 1 and the batches.
    pub waiting: Arc<Waiting>,
    /// Raised on every turn: whoever watches it sees that the shard lives.
    pub progress: Arc<AtomicU64>,
    /// Batches decided, not committed.
    pub under_way: usize,
    /// What the membership thread sees of the shard.
    pub vitals: Arc<Vitals>,
    /// What is counted, and the clock of what is only looked at.
    pub counts: Counts,
}

/// Stage 2's counts, and what it keeps for them.
pub struct Counts {
    metrics: DecideMetrics,
    shard: u32,
    looked: Instant,
    /// Through of the last batch.
    through: Time,
    /// Up to when the matches behind each partition of `markets.v1` are known.
    market_through: BTreeMap<u32, Time>,
}

impl Counts {
    /// None yet.
    pub fn new(role: crate::wire::Role, shard: u32, lanes: &[Vec<Source>]) -> Self {
        Counts {
            metrics: DecideMetrics::new(role, shard, lanes),
            shard,
            looked: monotonic(),
            through: Time::MIN,
            market_through: BTreeMap::new(),
        }
    }
}

/// Why stage 2 ended.
#[derive(Debug)]
pub enum Ended {
    /// Told to; everything decided has been handed over.
    Stopped,
    /// Stage 3 is gone.
    PublisherGone,
    /// Stage 1 failed.
    IntakeFailed(LogError),
}

impl<R: RoleKind> Decider<R> {
    /// Runs until told to stop, or a neighbour is gone.
    pub fn run(mut self) -> Ended {
        loop {
            self.progress.fetch_add(1, Ordering::Relaxed);
            match self.turn() {
                Ok(()) => {}
                Err(ended) => return ended,
            }
        }
    }

    fn turn(&mut self) -> Result<(), Ended> {
        let stopping = self.stop.load(Ordering::Relaxed);
        self.gather()?;
        self.look_around();
        if stopping {
            return Err(self.close_down());
        }
        let due = self.machine.next_due();
        let wait = match self.closes_in(&due) {
            _ if self.under_way >= UNDER_WAY_MAX => NAP,
            None => return self.close_batch(),
            Some(wait) => wait.min(NAP),
        };
        self.sleep(wait);
        Ok(())
    }

    /// Takes what has arrived, within bounds.
    fn gather(&mut self) -> Result<(), Ended> {
        for lane in 0..self.rings.len() {
            while self.pending.lane_weights[lane] < LANE_WEIGHT_MAX {
                match self.rings[lane].try_recv() {
                    Ok(Arrived::Record(source, record)) => self.pending.add::<R>(lane, source, record),
                    Ok(Arrived::Failed(error)) => return Err(Ended::IntakeFailed(error)),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => {
                        return Err(Ended::IntakeFailed(LogError::Unavailable("the intake thread is gone".to_owned())));
                    }
                }
            }
        }
        while let Ok(learnt) = self.learnt.try_recv() {
            match learnt {
                Learnt::Ends(ends) => self.knowledge.learn(ends),
                Learnt::Nothing(source, end) => self.knowledge.pass(source, end),
            }
        }
        self.doubt();
        loop {
            match self.notices.try_recv() {
                Ok(_) => self.under_way -= 1,
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => return Err(Ended::PublisherGone),
            }
        }
    }

    /// A transaction of a client of ours may end with a marker that no read shows: asks whether that is all there is.
    fn doubt(&mut self) {
        let now = self.clock.now();
        if now - self.doubted_at < DOUBT_EVERY {
            return;
        }
        let Some((source, from, end)) = self.knowledge.unreached(now - DOUBT_AFTER) else { return };
        if self.pending.newest(source).is_none() {
            self.doubted_at = now;
            // Full: it is asked again.
            self.doubts.try_send(Doubt { name: self.name.clone(), source, from, end }).ok();
        }
    }

    /// `None`: the batch closes now. Otherwise how long it need not be asked again.
    fn closes_in(&self, due: &Due) -> Option<Duration> {
        let pending = &self.pending;
        let judgeable = due
            .wanted
            .iter()
            .any(|(partition, through)| pending.market_through.get(partition).is_some_and(|newest| newest >= through));
        if pending.urgent || judgeable || self.machine.has_work() || pending.patient_count >= PATIENT_RECORDS_MAX {
            return None;
        }
        let mut wait = NAP;
        if let Some(since) = pending.commands_since {
            let left = MARKETS_FIRST.saturating_sub(since.elapsed());
            if left.is_zero() || !self.markets_unread() {
                return None;
            }
            wait = wait.min(left).min(Duration::from_millis(5));
        }
        if let Some(since) = pending.patient_since {
            let left = PATIENCE.saturating_sub(since.elapsed());
            if left.is_zero() {
                return None;
            }
            wait = wait.min(left);
        }
        if let Some(at) = due.at {
            let left = at - self.clock.now().max(self.last_at);
            if left <= Millis::ZERO {
                return None;
            }
            wait = wait.min(Duration::from_millis(left.get().unsigned_abs()));
        }
        Some(wait)
    }

    /// Whether committed market records are known that have not arrived. A transaction ends with one marker, so an end
    /// one past what was read says nothing.
    fn markets_unread(&self) -> bool {
        self.knowledge.positions().any(|(source, next)| {
            let read = self.pending.end(source).unwrap_or(next);
            source.topic == Topic::Markets && self.knowledge.newest_end(source) > read + 1
        })
    }

    fn close_batch(&mut self) -> Result<(), Ended> {
        let at = self.clock.now().max(self.last_at);
        self.last_at = at;
        let in_order: Vec<Source> = self.pending.queues.keys().copied().collect();
        let sources: Vec<_> = in_order.into_iter().map(|source| self.slice(source)).collect();
        self.remember_markets();
        self.pending.cleared();
        let first: Vec<_> =
            sources.iter().map(|slice| slice.range).filter(|range| range.source.before_timers()).collect();
        let moment = Moment { at, through: through(&first).min(at) };
        let (due_quota, work_quota) = (self.settings.due_quota, self.settings.work_quota);
        let batch = Batch { moment, sources, due_quota, work_quota };
        let body = Body::Batch(header(&batch, &self.stamp));
        self.count(&batch);
        let began = monotonic();
        let said = apply_batch(&mut self.machine, batch);
        self.counts.metrics.apply_seconds.record(began.elapsed().as_secs_f64());
        self.send(Item { at, body, said })
    }

    fn count(&mut self, batch: &Batch<R::Input>) {
        let counts = &mut self.counts;
        counts.through = batch.moment.through;
        let mut records = 0;
        for slice in &batch.sources {
            let count = slice.records.len();
            records += count;
            counts.metrics.sources[&slice.range.source].records_in.increment(count as u64);
        }
        counts.metrics.batches.increment(1);
        counts.metrics.batch_records.record(records as f64);
    }

    fn remember_markets(&mut self) {
        for (partition, through) in &self.pending.market_through {
            let known = self.counts.market_through.entry(*partition).or_insert(Time::MIN);
            *known = (*through).max(*known);
        }
    }

    /// Sets the gauges and the vitals, a few times a second.
    fn look_around(&mut self) {
        if self.counts.looked.elapsed() < LOOK_EVERY {
            return;
        }
        self.counts.looked = monotonic();
        let now = self.clock.now();
        self.remember_markets();
        // A book's batches say nothing of the matches; a trading shard has no market partitions.
        let mut known = if self.counts.market_through.is_empty() { self.counts.through } else { Time::MAX };
        for (source, gauges) in &self.counts.metrics.sources {
            let through = match source.topic {
                // What a book must know is not its topic but the matches behind it.
                Topic::Markets => {
                    let through = self.counts.market_through.get(&source.partition).copied().unwrap_or(Time::MIN);
                    known = known.min(through);
                    through
                }
                Topic::Feed | Topic::TradingCommands | Topic::AccountCommands | Topic::Commands => {
                    self.knowledge.known_through(*source)
                }
            };
            gauges.lag.set(self.knowledge.lag(*source, self.pending.end(*source)) as f64);
            gauges.waiting.set(self.waiting.of(*source) as f64);
            if through > Time::MIN {
                gauges.freshness.set((now - through).get().max(0) as f64 / 1_000.0);
            }
        }
        self.vitals.know(known);
        for (gauge, ring) in self.counts.metrics.rings.iter().zip(&self.rings) {
            gauge.set(ring.len() as f64);
        }
        self.counts.metrics.under_way.set(self.under_way as f64);
        for (metric, count) in R::holds(&self.machine) {
            metrics::gauge!(metric.name, "shard" => self.counts.shard.to_string()).set(count as f64);
        }
    }

    fn slice(&mut self, source: Source) -> SourceSlice<R::Input> {
        let records = self.pending.take_below(source, u64::MAX);
        self.waiting.taken(source, weight_of(&records));
        if source.topic == R::SHARD_TOPIC
            && let Some(last) = records.last()
        {
            self.position.store(last.offset + 1, Ordering::Relaxed);
        }
        let range = self.knowledge.advance(source, records.last().map(|record| (record.offset, record.append_time)));
        SourceSlice { range, records }
    }

    fn send(&mut self, item: Item) -> Result<(), Ended> {
        self.under_way += 1;
        self.items.send(item).map_err(|_| Ended::PublisherGone)
    }

    fn close_down(&mut self) -> Ended {
        let state_hash = self.machine.state_hash().as_bytes().to_vec();
        let body = Body::Closed(proto::Closed { state_hash });
        match self.send(Item { at: self.last_at, body, said: Vec::new() }) {
            Ok(()) => Ended::Stopped,
            Err(ended) => ended,
        }
    }

    fn sleep(&self, wait: Duration) {
        let mut select = Select::new();
        for (lane, ring) in self.rings.iter().enumerate() {
            if self.pending.lane_weights[lane] < LANE_WEIGHT_MAX {
                select.recv(ring);
            }
        }
        select.recv(&self.notices);
        select.recv(&self.learnt);
        // A wake-up says only that something may be there; `gather` looks.
        select.ready_timeout(wait).ok();
    }
}
