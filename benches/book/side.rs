//! One of the two that are compared: its own topics, its process, and fresh markets all the while.

use crate::ground::{Ground, Reader};
use crate::measure::ProcessTime;
use crate::passthrough::Sizes;
use crate::world::{Record, World, drain, send};
use anyhow::{Context, anyhow};
use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseProducer, DefaultProducerContext, Producer};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use touchline::event::{Output, Topic, Watermark};
use touchline::runtime::clock::local_ms;
use touchline::values::Time;
use touchline::wire::{self, OutTopic};

/// How often the markets are said to be fresh.
const WATERMARK_EVERY: Duration = Duration::from_millis(100);

/// Which of the two.
#[derive(Clone, Copy, Debug)]
pub(super) enum Who {
    /// `touchline run book`.
    Book,
    /// The plain alternative, with the sizes of what the book wrote.
    Passthrough(Sizes),
}

impl Who {
    /// Its name in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Who::Book => "book",
            Who::Passthrough(_) => "passthrough",
        }
    }
}

/// A running side, warmed up.
pub(super) struct Side {
    /// Which.
    pub(super) who: Who,
    /// Its topics.
    pub(super) ground: Ground,
    /// What it answers.
    pub(super) answers: Reader,
    /// Records that it answered while warming up.
    pub(super) warm: usize,
    process: RoleProcess,
    keeper: Keeper,
}

impl Side {
    /// Makes topics, starts the process, has all accounts opened and paid into, and waits until that is answered. The
    /// passthrough is given the same records.
    pub(super) fn start(who: Who, brokers: &str, name: &str, world: &mut World) -> anyhow::Result<Side> {
        let ground = Ground::make(brokers, name)?;
        let keeper = Keeper::start(&ground, world.match_updates())?;
        let process = RoleProcess::start(who, &ground)?;
        let answers = Reader::open(&ground, OutTopic::Decisions.base_name())?;
        let commands = world.account_commands()?;
        let topic = match who {
            Who::Book => Topic::AccountCommands,
            Who::Passthrough(_) => Topic::Commands,
        };
        let producer: BaseProducer = ground.clients.producer("warm-up").create()?;
        for (key, value) in &commands {
            send(&producer, &ground.clients.in_topic(topic), Some(key), value)?;
        }
        drain(&producer, Duration::from_secs(30))?;
        answers.take(commands.len(), |_| Ok(())).context("warm-up")?;
        Ok(Side { who, ground, answers, warm: commands.len(), process, keeper })
    }

    /// CPU time of the process so far.
    pub(super) fn cpu(&self) -> anyhow::Result<ProcessTime> {
        ProcessTime::of(self.process.child.id())
    }

    /// Commits that the book reported as late: each makes it renew its producer.
    pub(super) fn late_commits(&self) -> u32 {
        self.process.late_commits.load(Ordering::Relaxed)
    }

    /// Ends it and deletes its topics.
    pub(super) fn end(self) -> anyhow::Result<()> {
        let Side { ground, answers, process, keeper, .. } = self;
        drop((answers, process));
        keeper.stop()?;
        ground.raze()
    }
}

/// The child process; killed when dropped. Whatever was open is aborted with its topics.
struct RoleProcess {
    child: Child,
    late_commits: Arc<AtomicU32>,
}

impl RoleProcess {
    fn start(who: Who, ground: &Ground) -> anyhow::Result<Self> {
        let mut command = match who {
            Who::Book => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_touchline"));
                let prefix = &ground.clients.part.topic_prefix;
                command.args([
                    "run",
                    "book",
                    "--instance",
                    "bench",
                    "--brokers",
                    &ground.brokers,
                    "--topic-prefix",
                    prefix,
                ]);
                command.env("RUST_LOG", "info").env_remove("TOUCHLINE_LOG");
                command
            }
            Who::Passthrough(sizes) => {
                let mut command = Command::new(std::env::current_exe()?);
                command
                    .arg("passthrough")
                    .args(["--decision-bytes", &sizes.decision_bytes.to_string()])
                    .args(["--posting-bytes", &sizes.posting_bytes.to_string()])
                    .args(["--journal-bytes", &sizes.journal_bytes.to_string()]);
                command
            }
        };
        command.arg("--pipeline").arg(&ground.file).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().context("start the role")?;
        let late_commits = Arc::new(AtomicU32::new(0));
        let (lines, late) = (child.stderr.take().context("a piped stderr")?, Arc::clone(&late_commits));
        // Ends by itself with the process.
        std::thread::spawn(move || {
            for line in BufReader::new(lines).lines().map_while(Result::ok) {
                if line.contains("commit reported late") {
                    late.fetch_add(1, Ordering::Relaxed);
                } else if !line.contains(" INFO ") {
                    eprintln!("{}: {line}", who.name());
                }
            }
        });
        Ok(RoleProcess { child, late_commits })
    }
}

impl Drop for RoleProcess {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Says every 100 ms that all markets are known up to now, as an idle trading shard does.
struct Keeper {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<anyhow::Result<()>>,
}

impl Keeper {
    fn start(ground: &Ground, updates: Vec<Record>) -> anyhow::Result<Self> {
        let producer: BaseProducer = ground.clients.producer("markets").create()?;
        let topic = ground.clients.in_topic(Topic::Markets);
        for (key, value) in &updates {
            send(&producer, &topic, Some(key), value)?;
        }
        drain(&producer, Duration::from_secs(30))?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&stop);
        let body = move || {
            let mut value = Vec::new();
            while !stopping.load(Ordering::Relaxed) {
                let now = Time::from_ms(local_ms());
                let watermark = Output::Watermark(Watermark { shard: 0, through: now, at: now });
                wire::encode(&watermark, wire::Role::Trading, &mut value);
                send(&producer, &topic, None, &value)?;
                producer.poll(Duration::ZERO);
                std::thread::sleep(WATERMARK_EVERY);
            }
            drain(&producer, Duration::from_secs(10))
        };
        let thread = std::thread::Builder::new().name("keeper".to_owned()).spawn(body)?;
        Ok(Keeper { stop, thread })
    }

    fn stop(self) -> anyhow::Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the market keeper panicked"))?
    }
}

/// Bets that are in the topic but not yet to be seen: in a transaction that is about to be committed.
pub(super) struct Gate {
    producer: BaseProducer<DefaultProducerContext>,
}

impl Gate {
    /// Writes them all.
    pub(super) fn fill(ground: &Ground, bets: &[Record]) -> anyhow::Result<Self> {
        let mut config: ClientConfig = ground.clients.producer("prefill");
        config
            .set("transactional.id", format!("{}-prefill", ground.clients.pipeline))
            // The longest that the broker of scripts/kafka permits.
            .set("transaction.timeout.ms", "15000")
            .set("message.timeout.ms", "15000")
            .set("queue.buffering.max.kbytes", "1048576");
        let producer: BaseProducer = config.create()?;
        producer.init_transactions(Duration::from_secs(30))?;
        producer.begin_transaction()?;
        let topic = ground.clients.in_topic(Topic::Commands);
        for (key, value) in bets {
            send(&producer, &topic, Some(key), value)?;
        }
        drain(&producer, Duration::from_secs(15)).context("prefill: fewer --bets, or a quieter machine")?;
        Ok(Gate { producer })
    }

    /// From here on they can be seen.
    pub(super) fn open(&self) -> anyhow::Result<()> {
        self.producer.commit_transaction(Duration::from_secs(10)).context("prefill: fewer --bets, or a quieter machine")
    }
}
