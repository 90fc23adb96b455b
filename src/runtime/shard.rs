//! One shard, wired: take it in the written order, then three stages and their rings, in one function.
//!
//! ```text
//!  stage 1 (a thread a lane) --ring--> stage 2 (this thread) --ring--> stage 3 (a thread)
//!                                          ^------- notices ---------------'
//! ```
//! Who writes and who reads, and what happens when a ring is full or a neighbour dies, is said at the head of each
//! stage's file. On the way out the rings are dropped first, which ends the neighbours, and their threads are joined.

use super::clock::{BrokerClock, monotonic};
use super::decide::{Counts, Decider, Ended, Pending};
use super::health::Vitals;
use super::intake::{self, Arrived, PartitionCounts, Waiting};
use super::journal::Chain;
use super::knowledge::Knowledge;
use super::log::{Doubt, Learnt, LogError, Ports, Tail, Writer};
use super::metrics::{self, PublishMetrics};
use super::pipeline::RulesPart;
use super::publish::{Item, Notice, Publisher};
use super::recover::{Recovered, Recovery, apply_settings};
use super::role::RoleKind;
use crate::event::Settings;
use crate::values::Time;
use crate::wire::proto::{self, journal_record::Body};
use crossbeam::channel::{Receiver, Sender, bounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Records in a lane's ring.
const LANE_RING: usize = 8_192;

/// What a shard is given.
pub struct ShardSetup {
    /// Which shard.
    pub shard: u32,
    /// The pipeline's name.
    pub pipeline: String,
    /// Its rules as the owner's file has them.
    pub rules: RulesPart,
    /// How this process calls itself.
    pub owner: String,
    /// The log.
    pub ports: Arc<dyn Ports>,
    /// What is learnt of the sources' ends.
    pub learnt: Receiver<Learnt>,
    /// Asks whether markers are all that stands before an end.
    pub doubts: Sender<Doubt>,
    /// How the shard is called there.
    pub name: String,
    /// Next offset of the shard's own source, for lag tools.
    pub position: Arc<AtomicU64>,
    /// The process clock.
    pub clock: BrokerClock,
    /// The group session: a longer stand-still means that the shard is lost.
    pub session: Duration,
    /// Set to end it.
    pub stop: Arc<AtomicBool>,
    /// Raised while it lives.
    pub progress: Arc<AtomicU64>,
    /// What the membership thread sees of it.
    pub vitals: Arc<Vitals>,
}

/// The rings between the stages of a shard.
struct Lanes<R: RoleKind> {
    rings: Vec<Receiver<Arrived<R::Input>>>,
    threads: Vec<std::thread::JoinHandle<()>>,
    stop: Arc<AtomicBool>,
    waiting: Arc<Waiting>,
}

/// Takes the shard and runs it until it is told to stop or is lost.
pub fn run<R: RoleKind>(setup: &ShardSetup) -> Result<(), LogError> {
    let settings = Arc::new(setup.rules.settings().map_err(LogError::Broken)?);
    // Whoever was told to stop meanwhile must not fence its successor.
    let told_to_stop = || match setup.stop.load(Ordering::Relaxed) {
        true => Err(LogError::Unavailable("told to stop before it began".to_owned())),
        false => Ok(()),
    };
    told_to_stop()?;
    let began = monotonic();
    // The order matters: the writer's initialisation ends what the last owner left open; only then is the journal read.
    let writer = setup.ports.writer(R::ROLE, setup.shard)?;
    let mut tail = setup.ports.tail(R::ROLE, setup.shard)?;
    let mut chain = Chain::new(R::ROLE, setup.shard, &setup.owner);
    let lanes = start_lanes::<R>(setup, &settings)?;
    let taken = restore::<R>(setup, &settings, &lanes, tail.as_mut(), &mut chain)
        .and_then(|recovered| told_to_stop().map(|()| recovered))
        .and_then(|recovered| take_over::<R>(setup, recovered, writer, tail, chain));
    let ended = match taken {
        Ok((recovered, publisher)) => {
            metrics::shard_taken(R::ROLE, setup.shard, recovered.batches, began.elapsed());
            setup.vitals.take();
            run_stages::<R>(setup, &lanes, recovered, publisher)
        }
        Err(error) => Err(error),
    };
    lanes.stop.store(true, Ordering::Relaxed);
    drop(lanes.rings);
    for thread in lanes.threads {
        thread.join().expect("stage 1 does not panic");
    }
    ended
}

fn start_lanes<R: RoleKind>(setup: &ShardSetup, settings: &Settings) -> Result<Lanes<R>, LogError> {
    let lanes = R::lanes(setup.shard, settings);
    let waiting = Arc::new(Waiting::new(lanes.iter().flatten().copied()));
    let counts = PartitionCounts::from(settings);
    let stop = Arc::new(AtomicBool::new(false));
    let (mut rings, mut threads) = (Vec::new(), Vec::new());
    for (number, lane) in lanes.iter().enumerate() {
        let fetcher = setup.ports.fetcher(lane)?;
        let (sender, ring) = bounded(LANE_RING);
        let (waiting, stop) = (Arc::clone(&waiting), Arc::clone(&stop));
        let name = format!("{}-{}-in{number}", R::ROLE.name(), setup.shard);
        let body = move || intake::run::<R>(fetcher, counts, &waiting, &sender, &stop);
        threads.push(spawn(name, body)?);
        rings.push(ring);
    }
    Ok(Lanes { rings, threads, stop, waiting })
}

fn spawn<T: Send + 'static>(
    name: String,
    body: impl FnOnce() -> T + Send + 'static,
) -> Result<std::thread::JoinHandle<T>, LogError> {
    std::thread::Builder::new().name(name).spawn(body).map_err(|error| LogError::Unavailable(error.to_string()))
}

fn restore<R: RoleKind>(
    setup: &ShardSetup,
    settings: &Arc<Settings>,
    lanes: &Lanes<R>,
    tail: &mut dyn Tail,
    chain: &mut Chain,
) -> Result<Recovered<R>, LogError> {
    let sources = R::lanes(setup.shard, settings);
    let state = Recovered {
        machine: None,
        settings: Arc::clone(settings),
        stamp: None,
        knowledge: Knowledge::new(sources.iter().flatten().copied()),
        pending: Pending::new(sources),
        last_at: Time::MIN,
        batches: 0,
    };
    let recovery = Recovery::<R> {
        shard: setup.shard,
        rings: &lanes.rings,
        waiting: &lanes.waiting,
        stop: &setup.stop,
        progress: &setup.progress,
        state,
    };
    recovery.run(tail, chain)
}

/// Writes what a new owner writes first: the genesis of a new shard, new settings, and `OwnerTaken`.
fn take_over<R: RoleKind>(
    setup: &ShardSetup,
    mut recovered: Recovered<R>,
    writer: Box<dyn Writer>,
    tail: Box<dyn Tail>,
    chain: Chain,
) -> Result<(Recovered<R>, Publisher), LogError> {
    let counts = PublishMetrics::new(R::ROLE, setup.shard);
    let mut publisher = Publisher { chain, writer, tail, session: setup.session, counts };
    let stamp = setup.rules.stamp();
    // The first record of an owner takes the time of the one before: our clock is a guess until an append time was seen.
    let before = recovered.last_at.max(Time::EPOCH);
    let mut write = |at, body| publisher.publish(Item { at, body, said: Vec::new() });
    let taken = || Body::OwnerTaken(proto::OwnerTaken {});
    let mut last_at = before;
    let settings = Arc::new(setup.rules.settings().map_err(LogError::Broken)?);
    match &recovered.stamp {
        None => {
            let genesis = Body::Genesis(proto::Genesis {
                pipeline: setup.pipeline.clone(),
                match_partitions: settings.match_partitions,
                account_partitions: settings.account_partitions,
                settings: Some(setup.rules.to_journal()),
            });
            write(before, genesis)?;
            write(before, taken())?;
            recovered.machine = Some(R::machine(setup.shard, Arc::clone(&settings)));
        }
        Some(journalled) if stamp.revision > journalled.revision => {
            write(before, taken())?;
            last_at = setup.clock.now().max(before);
            write(last_at, Body::Settings(setup.rules.to_journal()))?;
            let machine = recovered.machine.as_mut().expect("a journal with settings has a machine");
            apply_settings::<R>(machine, Arc::clone(&settings), last_at);
        }
        Some(journalled) if stamp == *journalled => write(before, taken())?,
        Some(journalled) => {
            return Err(LogError::Broken(format!(
                "the journal is at settings revision {}, this pipeline file is revision {} {}: raise `revision` with every change",
                journalled.revision,
                stamp.revision,
                if stamp.revision == journalled.revision { "with other content" } else { "and older" }
            )));
        }
    }
    (recovered.settings, recovered.stamp, recovered.last_at) = (settings, Some(stamp), last_at);
    tracing::info!(role = R::ROLE.name(), shard = setup.shard, batches = recovered.batches, "shard taken");
    Ok((recovered, publisher))
}

fn run_stages<R: RoleKind>(
    setup: &ShardSetup,
    lanes: &Lanes<R>,
    recovered: Recovered<R>,
    publisher: Publisher,
) -> Result<(), LogError> {
    // Stage 2 keeps count and never has more than two items and a last one under way, so neither ring is ever full.
    let (items, item_ring): (Sender<Item>, Receiver<Item>) = bounded(4);
    let (notices, notice_ring): (Sender<Notice>, Receiver<Notice>) = bounded(16);
    let name = format!("{}-{}-out", R::ROLE.name(), setup.shard);
    let publishing = spawn(name, move || publisher.run(&item_ring, &notices))?;
    let counts = Counts::new(R::ROLE, setup.shard, &R::lanes(setup.shard, &recovered.settings));
    let decider = Decider::<R> {
        machine: recovered.machine.expect("a taken shard has a machine"),
        knowledge: recovered.knowledge,
        pending: recovered.pending,
        last_at: recovered.last_at,
        settings: recovered.settings,
        stamp: recovered.stamp.expect("a taken shard has settings"),
        clock: setup.clock.clone(),
        rings: lanes.rings.clone(),
        learnt: setup.learnt.clone(),
        doubts: setup.doubts.clone(),
        doubted_at: Time::MIN,
        name: setup.name.clone(),
        position: Arc::clone(&setup.position),
        items,
        notices: notice_ring,
        stop: Arc::clone(&setup.stop),
        waiting: Arc::clone(&lanes.waiting),
        progress: Arc::clone(&setup.progress),
        under_way: 0,
        vitals: Arc::clone(&setup.vitals),
        counts,
    };
    // The decider owns the only sender of items: when it ends, stage 3 finishes what it has and ends.
    let ended = decider.run();
    let published = publishing.join().expect("stage 3 does not panic");
    match (ended, published) {
        (_, Err(error)) => Err(error),
        (Ended::IntakeFailed(error), Ok(())) => Err(error),
        (Ended::PublisherGone, Ok(())) => Err(LogError::Unavailable("the publisher ended early".to_owned())),
        (Ended::Stopped, Ok(())) => Ok(()),
    }
}
