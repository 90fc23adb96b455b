//! Which shards are ours: a consumer group hands them out, and each runs until it is taken back, lost or stopped.
//!
//! The membership consumer subscribes and stays paused; it never reads data and never waits for a replay. It is polled
//! only while the shards of this process make progress, so a process that hangs loses its shards. Safety is not its
//! business: a shard's transactional id fences its old owner whatever the group believes.
//!
//! This thread alone starts and ends shards. A shard thread writes its end into a channel that this thread reads. A
//! shard that was fenced is begun again only if a synchronous offset commit shows that we are still of the group: else
//! two owners would fence each other for ever.

use super::client::{CALL_TIMEOUT, Clients};
use super::ends::{self, Asker, Change};
use super::fetch::{KafkaFetcher, KafkaTail};
use super::topics;
use super::transact::KafkaWriter;
use crate::runtime::batch::Source;
use crate::runtime::clock::{BrokerClock, DRIFT_MS_MAX, monotonic};
use crate::runtime::health::{Vitals, board};
use crate::runtime::log::{Doubt, Fetcher, LogError, Ports, Tail, Writer};
use crate::runtime::metrics::{self, MemberMetrics};
use crate::runtime::pipeline::Pipeline;
use crate::runtime::role::RoleKind;
use crate::runtime::shard::{self, ShardSetup};
use crate::wire::Role;
use crossbeam::channel::{Receiver, Sender, bounded, unbounded};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::{ClientContext, Offset, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a shard may show no sign of life before its process is let go by the group: longer than the longest call of
/// a healthy one.
const SHARD_PATIENCE: Duration = Duration::from_secs(45);
/// How often a process without shards looks whether its topics are there.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// How long a process that shows no progress waits for better before it ends.
const HANG_PATIENCE: Duration = Duration::from_secs(45);
/// How long revoked shards are waited for.
const REVOKE_PATIENCE: Duration = Duration::from_secs(2);
/// How often group offsets are committed.
const SHOW_LAG_EVERY: Duration = Duration::from_secs(5);
/// Wait before a shard that ended by a passing fault is begun again.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// Opens real Kafka for shards.
struct KafkaPorts {
    clients: Clients,
    clock: BrokerClock,
}

impl Ports for KafkaPorts {
    fn writer(&self, role: Role, shard: u32) -> Result<Box<dyn Writer>, LogError> {
        Ok(Box::new(KafkaWriter::open(&self.clients, role, shard, self.clock.clone())?))
    }
    fn tail(&self, role: Role, shard: u32) -> Result<Box<dyn Tail>, LogError> {
        Ok(Box::new(KafkaTail::new(&self.clients, role, shard)))
    }
    fn fetcher(&self, sources: &[Source]) -> Result<Box<dyn Fetcher>, LogError> {
        Ok(Box::new(KafkaFetcher::open(&self.clients, sources)?))
    }
}

/// What the group said.
enum Handed {
    Ours(Vec<u32>),
    Gone(Vec<u32>),
}

/// Runs inside the membership consumer's poll: notes what the group says, keeps the partitions paused.
struct GroupContext {
    said: Sender<Handed>,
}

impl ClientContext for GroupContext {
    fn error(&self, error: KafkaError, reason: &str) {
        metrics::kafka_error("group");
        tracing::warn!(%error, reason, "kafka group");
    }
}

impl ConsumerContext for GroupContext {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            self.said.send(Handed::Gone(partitions(list))).ok();
        }
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            if let Err(error) = consumer.pause(list) {
                tracing::warn!(%error, "membership could not be paused");
            }
            self.said.send(Handed::Ours(partitions(list))).ok();
        }
    }
}

fn partitions(list: &TopicPartitionList) -> Vec<u32> {
    list.elements().iter().map(|element| element.partition().unsigned_abs()).collect()
}

/// A fault's name in the metrics.
fn cause_of(error: &LogError) -> &'static str {
    match error {
        LogError::Fenced => "fenced",
        LogError::Broken(_) => "broken",
        LogError::Unknown(_) | LogError::Unavailable(_) => "unavailable",
    }
}

/// A shard's end, and what it ended with.
type Ending = (u32, Result<(), LogError>);

/// A shard that runs here.
struct Running {
    stop: Arc<AtomicBool>,
    progress: Arc<AtomicU64>,
    position: Arc<AtomicU64>,
    seen: (u64, Instant),
    vitals: Arc<Vitals>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What a process of a role is given.
pub struct Process {
    /// The pipeline file.
    pub pipeline: Pipeline,
    /// How this process calls itself in the group and in journals; unique among running processes.
    pub instance: String,
    /// Set to end it.
    pub stop: Arc<AtomicBool>,
}

/// A role's process: joins the group, runs the shards it is given, until told to stop.
pub struct Member<R: RoleKind> {
    process: Process,
    clients: Clients,
    clock: BrokerClock,
    group: BaseConsumer<GroupContext>,
    handed: Receiver<Handed>,
    endings: (Sender<Ending>, Receiver<Ending>),
    changes: Sender<Change>,
    doubts: Sender<Doubt>,
    offsets_committed: Instant,
    ours: BTreeMap<u32, Instant>,
    /// Fenced shards: before they are begun again, the group must confirm that we belong to it.
    fenced: BTreeSet<u32>,
    /// Shards whose log cannot be read on: an operator must look.
    refused: BTreeSet<u32>,
    running: BTreeMap<u32, Running>,
    /// The group has handed out shards, be it none to us.
    joined: bool,
    /// Inputs known no further back make a shard fit to serve, ms.
    fresh_ms: i64,
    counts: MemberMetrics,
    drift_told: Instant,
    /// When the topics were last looked at, and what was wrong with them.
    looked: (Instant, Option<String>),
    role: std::marker::PhantomData<R>,
}

/// Runs a process of role `R` until its stop flag is set.
pub fn run<R: RoleKind>(process: Process) -> Result<(), LogError> {
    let clients = Clients::of(&process.pipeline);
    let settings = process.pipeline.rules.settings().map_err(LogError::Broken)?;
    topics::check(&clients, &settings)?;
    let clock = BrokerClock::new();
    let (changes, doubts) = ends::start(&clients, clock.clone())?;
    let (said, handed) = unbounded();
    let group = join::<R>(&clients, &process.instance, said)?;
    let member = Member::<R> {
        process,
        clients,
        clock,
        group,
        handed,
        endings: unbounded(),
        changes,
        doubts,
        offsets_committed: monotonic(),
        ours: BTreeMap::new(),
        fenced: BTreeSet::new(),
        refused: BTreeSet::new(),
        running: BTreeMap::new(),
        joined: false,
        fresh_ms: settings.freshness.staleness_limit.get(),
        counts: MemberMetrics::new(R::ROLE),
        drift_told: monotonic(),
        looked: (monotonic(), None),
        role: std::marker::PhantomData,
    };
    let outcome = member.serve();
    board().remove(R::ROLE.name());
    outcome
}

fn join<R: RoleKind>(
    clients: &Clients,
    instance: &str,
    said: Sender<Handed>,
) -> Result<BaseConsumer<GroupContext>, LogError> {
    let session = clients.part.session_timeout_ms;
    let mut config = clients.base(&format!("{}-member", R::ROLE.name()));
    config
        .set("group.id", format!("{}{}-{}", clients.part.topic_prefix, clients.pipeline, R::ROLE.name()))
        .set("group.instance.id", instance)
        .set("session.timeout.ms", session.to_string())
        .set("heartbeat.interval.ms", (session / 4).to_string())
        .set("max.poll.interval.ms", (session.max(10_000) * 2).to_string())
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "latest");
    let fault = |error: KafkaError| LogError::Unavailable(format!("join the group: {error}"));
    let group: BaseConsumer<GroupContext> = config.create_with_context(GroupContext { said }).map_err(fault)?;
    group.subscribe(&[clients.in_topic(R::SHARD_TOPIC).as_str()]).map_err(fault)?;
    Ok(group)
}

impl<R: RoleKind> Member<R> {
    fn serve(mut self) -> Result<(), LogError> {
        let session = Duration::from_millis(u64::from(self.clients.part.session_timeout_ms));
        let mut last = monotonic();
        let mut hung_since: Option<Instant> = None;
        let outcome = loop {
            if self.process.stop.load(Ordering::Relaxed) {
                break Ok(());
            }
            if last.elapsed() > session {
                tracing::warn!(
                    ms = last.elapsed().as_millis() as u64,
                    "the process stood still longer than its session"
                );
            }
            last = monotonic();
            if self.alive() {
                hung_since = None;
                if let Some(Err(error)) = self.group.poll(Duration::from_millis(100)) {
                    tracing::warn!(%error, "kafka group");
                }
            } else {
                if hung_since.get_or_insert(last).elapsed() > HANG_PATIENCE {
                    break Err(LogError::Unavailable("a shard hangs: ending, so that others take over".to_owned()));
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            if let Some((code, why)) = self.group.client().fatal_error() {
                break Err(LogError::Broken(format!(
                    "the group has put this process out ({code}: {why}): is another one running as --instance {}?",
                    self.process.instance
                )));
            }
            self.obey();
            if let Err(error) = self.bury() {
                break Err(error);
            }
            self.begin_due();
            self.look_at_topics();
            self.show_lag();
            self.report(hung_since);
        };
        let all: Vec<u32> = self.running.keys().copied().collect();
        self.end(&all, CALL_TIMEOUT);
        outcome
    }

    /// A process without shards may be a spare one, or its Kafka is gone, or came back without its topics: nothing else
    /// would tell. It serves no shard meanwhile, so it may wait for the answer.
    fn look_at_topics(&mut self) {
        if !self.ours.is_empty() {
            self.looked = (monotonic(), None);
            return;
        }
        if self.looked.0.elapsed() < LOOK_EVERY {
            return;
        }
        let checked = self.process.pipeline.rules.settings().map_err(LogError::Broken);
        let wrong = checked.and_then(|settings| topics::check(&self.clients, &settings)).err();
        let wrong = wrong.map(|error| format!("no shards, and the topics cannot be used: {error}"));
        if let Some(what) = &wrong {
            tracing::error!("{what}");
        } else if self.looked.1.is_some() {
            tracing::info!("the topics are as they should be again: joining the group anew");
            self.group.unsubscribe();
            if let Err(error) = self.group.subscribe(&[self.clients.in_topic(R::SHARD_TOPIC).as_str()]) {
                tracing::error!(%error, "the group could not be joined anew");
            }
        }
        self.looked = (monotonic(), wrong);
    }

    /// Writes what `/healthz`, `/readyz` and the gauges say of this process.
    fn report(&mut self, hung_since: Option<Instant>) {
        let hangs = hung_since.map(|since| format!("a shard has shown no progress ({} s)", since.elapsed().as_secs()));
        let mut unready = Vec::new();
        if !self.joined {
            unready.push("not yet a member of the group".to_owned());
        }
        unready.extend(self.looked.1.clone());
        let now = self.clock.now();
        for shard in self.ours.keys() {
            let limit = self.fresh_ms;
            match self.running.get(shard).map(|running| &running.vitals) {
                _ if self.refused.contains(shard) => unready.push(format!("shard {shard} refuses to run: see the log")),
                None => unready.push(format!("shard {shard} is not running")),
                Some(vitals) if !vitals.is_taken() => unready.push(format!("shard {shard} is being restored")),
                Some(vitals) => match vitals.age_ms(now) {
                    None => unready.push(format!("shard {shard} does not know its inputs yet")),
                    Some(age) if age > limit => {
                        unready
                            .push(format!("shard {shard} knows its inputs up to {age} ms ago, the limit is {limit}"));
                    }
                    Some(_) => {}
                },
            }
        }
        let drift = self.clock.drift_ms();
        if drift.abs() > DRIFT_MS_MAX {
            unready.push(format!("the local clock is {drift} ms off the broker's, the limit is {DRIFT_MS_MAX}"));
            if self.drift_told.elapsed() > SHOW_LAG_EVERY {
                self.drift_told = monotonic();
                tracing::error!(ms = drift, "the local clock is off the broker's by more than 250 ms: not ready");
            }
        }
        let taken = self.running.values().filter(|running| running.vitals.is_taken()).count();
        let counts = [self.ours.len(), self.running.len(), taken, self.refused.len()];
        self.counts.shards.iter().zip(counts).for_each(|(gauge, count)| gauge.set(count as f64));
        self.counts.joined.set(f64::from(u8::from(self.joined)));
        self.counts.drift.set(drift as f64 / 1_000.0);
        board().write(R::ROLE.name(), hangs, unready);
    }

    /// Whether every shard has shown a sign of life lately.
    fn alive(&mut self) -> bool {
        let mut alive = true;
        for (shard, running) in &mut self.running {
            let now = running.progress.load(Ordering::Relaxed);
            if now != running.seen.0 {
                running.seen = (now, monotonic());
            } else if running.seen.1.elapsed() > SHARD_PATIENCE {
                tracing::error!(shard, "shard shows no progress: leaving the group to others");
                alive = false;
            }
        }
        alive
    }

    /// Does what the group said.
    fn obey(&mut self) {
        while let Ok(handed) = self.handed.try_recv() {
            match handed {
                Handed::Ours(shards) => {
                    tracing::info!(role = R::ROLE.name(), ?shards, "shards handed to us");
                    let now = monotonic();
                    self.joined = true;
                    self.ours.extend(shards.into_iter().map(|shard| (shard, now)));
                }
                Handed::Gone(shards) => {
                    tracing::info!(role = R::ROLE.name(), ?shards, "shards taken back");
                    for shard in &shards {
                        self.ours.remove(shard);
                        self.fenced.remove(shard);
                        self.refused.remove(shard);
                    }
                    self.end(&shards, REVOKE_PATIENCE);
                }
            }
        }
    }

    /// Takes note of shards that ended by themselves.
    fn bury(&mut self) -> Result<(), LogError> {
        while let Ok((shard, outcome)) = self.endings.1.try_recv() {
            self.changes.send(Change::Remove(self.name(shard))).ok();
            if let Some(thread) = self.running.remove(&shard).and_then(|running| running.thread) {
                thread.join().map_err(|_| LogError::Broken(format!("shard {shard} crashed: a bug; see above")))?;
            }
            if let Err(error) = &outcome {
                metrics::shard_ended(R::ROLE, cause_of(error));
            }
            match outcome {
                Ok(()) => {}
                Err(LogError::Fenced) => {
                    tracing::warn!(shard, "fenced: it is begun again only if the group still counts us in");
                    self.fenced.insert(shard);
                }
                Err(error @ LogError::Broken(_)) => {
                    tracing::error!(shard, %error, "the shard refuses to run and is left alone until a restart");
                    self.refused.insert(shard);
                    if self.ours.keys().all(|ours| self.refused.contains(ours)) {
                        return Err(error);
                    }
                }
                Err(error @ (LogError::Unknown(_) | LogError::Unavailable(_))) => {
                    tracing::warn!(shard, %error, "shard ended; it will be begun again");
                    self.ours.entry(shard).and_modify(|from| *from = monotonic() + RESTART_AFTER);
                }
            }
        }
        Ok(())
    }

    /// A synchronous offset commit succeeds only for a member of the current generation.
    fn still_member(&self, shard: u32) -> bool {
        self.ours.contains_key(&shard)
            && self.offsets(&[(shard, 0)]).is_some_and(|list| self.group.commit(&list, CommitMode::Sync).is_ok())
    }

    /// Commits group offsets now and then, for lag tools alone: the truth is in the journals.
    fn show_lag(&mut self) {
        if self.offsets_committed.elapsed() < SHOW_LAG_EVERY {
            return;
        }
        self.offsets_committed = monotonic();
        let running = self.running.iter().filter(|(shard, _)| self.ours.contains_key(shard));
        let positions: Vec<(u32, u64)> =
            running.map(|(shard, running)| (*shard, running.position.load(Ordering::Relaxed))).collect();
        if let Some(list) = self.offsets(&positions).filter(|list| list.count() > 0)
            && let Err(error) = self.group.commit(&list, CommitMode::Async)
        {
            tracing::warn!(%error, "group offsets");
        }
    }

    fn offsets(&self, positions: &[(u32, u64)]) -> Option<TopicPartitionList> {
        let mut list = TopicPartitionList::new();
        let topic = self.clients.in_topic(R::SHARD_TOPIC);
        for (shard, position) in positions {
            let offset = Offset::Offset(i64::try_from(*position).ok()?);
            list.add_partition_offset(&topic, i32::try_from(*shard).ok()?, offset).ok()?;
        }
        Some(list)
    }

    /// Begins the shards that are ours, do not run, and are due.
    fn begin_due(&mut self) {
        let now = monotonic();
        let due: Vec<u32> = self
            .ours
            .iter()
            .filter(|(shard, from)| **from <= now && !self.running.contains_key(shard) && !self.refused.contains(shard))
            .map(|(shard, _)| *shard)
            .collect();
        for shard in due {
            if self.fenced.contains(&shard) {
                if !self.still_member(shard) {
                    self.ours.insert(shard, now + RESTART_AFTER);
                    continue;
                }
                self.fenced.remove(&shard);
            }
            if let Err(error) = self.begin(shard) {
                tracing::warn!(shard, %error, "shard could not be begun");
                self.ours.insert(shard, now + RESTART_AFTER);
            }
        }
    }

    fn name(&self, shard: u32) -> String {
        format!("{}-{shard}", R::ROLE.name())
    }

    fn begin(&mut self, shard: u32) -> Result<(), LogError> {
        let (stop, progress) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let settings = self.process.pipeline.rules.settings().map_err(LogError::Broken)?;
        let sources: Vec<Source> =
            R::lanes(shard, &settings).into_iter().flatten().filter(|source| source.before_timers()).collect();
        let (tell, learnt) = bounded(8);
        let (position, vitals) = (Arc::new(AtomicU64::new(0)), Arc::new(Vitals::default()));
        self.changes.send(Change::Add(Asker { name: self.name(shard), sources, tell })).ok();
        let setup = ShardSetup {
            shard,
            pipeline: self.process.pipeline.name.clone(),
            rules: self.process.pipeline.rules.clone(),
            owner: self.process.instance.clone(),
            ports: Arc::new(KafkaPorts { clients: self.clients.clone(), clock: self.clock.clone() }),
            learnt,
            doubts: self.doubts.clone(),
            name: self.name(shard),
            position: Arc::clone(&position),
            clock: self.clock.clone(),
            session: Duration::from_millis(u64::from(self.clients.part.session_timeout_ms)),
            stop: Arc::clone(&stop),
            progress: Arc::clone(&progress),
            vitals: Arc::clone(&vitals),
        };
        let endings = self.endings.0.clone();
        let thread = std::thread::Builder::new()
            .name(self.name(shard))
            .spawn(move || {
                let outcome = shard::run::<R>(&setup);
                endings.send((shard, outcome)).ok();
            })
            .map_err(|error| LogError::Unavailable(error.to_string()))?;
        let seen = (0, monotonic());
        self.running.insert(shard, Running { stop, progress, position, seen, vitals, thread: Some(thread) });
        Ok(())
    }

    /// Tells shards to end and waits for them, but not for ever: what does not end in time is fenced by its successor.
    fn end(&mut self, shards: &[u32], patience: Duration) {
        for shard in shards {
            if let Some(running) = self.running.get(shard) {
                running.stop.store(true, Ordering::Relaxed);
            }
        }
        let deadline = monotonic() + patience;
        for shard in shards {
            let Some(running) = self.running.get_mut(shard) else { continue };
            while running.thread.as_ref().is_some_and(|thread| !thread.is_finished()) && monotonic() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
            self.changes.send(Change::Remove(self.name(*shard))).ok();
            if self.running.get(shard).and_then(|running| running.thread.as_ref()).is_some_and(|t| t.is_finished()) {
                self.running.remove(shard);
            }
        }
        // Their endings are known: only those of shards that still run will be looked at.
        let left: Vec<_> = self.endings.1.try_iter().filter(|(shard, _)| self.running.contains_key(shard)).collect();
        for ending in left {
            self.endings.0.send(ending).ok();
        }
    }
}
