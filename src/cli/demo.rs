//! `touchline demo`: everything in one process against a Kafka, a real match, synthetic punters, the auditor's word.

use super::PipelineArguments;
use super::audit::audit;
use super::punters::Crowd;
use super::replay::{self, Pace, RunPlan};
use crate::event::{MarketId, MatchUpdate, Output, Period, Verdict};
use crate::kafka::client::Clients;
use crate::kafka::member::{self, Process};
use crate::kafka::topics;
use crate::runtime::clock::{local_ms, monotonic};
use crate::runtime::pipeline::Pipeline;
use crate::runtime::role::{Book, Trading};
use crate::values::{MatchId, Time};
use crate::wire::{self, OutTopic};
use anyhow::{Context, bail};
use clap::Args;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Message, Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a line is printed.
const LINE_EVERY: Duration = Duration::from_secs(2);
/// How long open bets are waited for after the last fact.
const SETTLE_PATIENCE: Duration = Duration::from_secs(45);

/// Arguments of `touchline demo`.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Matches to play (Wyscout events/ID.json[.gz]). Default: two of the World Cup 2018 from TOUCHLINE_DATA.
    #[arg(long = "match", value_name = "PATH")]
    matches: Vec<PathBuf>,
    /// Where the recorded matches lie.
    #[arg(long, value_name = "FOLDER", env = "TOUCHLINE_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// So many times as fast as life. Rules in match time (confirmations, alerts) scale with it; the bet delay does not.
    #[arg(long, default_value = "60")]
    speed: NonZeroU32,
    /// How many punters.
    #[arg(long, default_value_t = 200)]
    punters: u32,
    /// Bets a second.
    #[arg(long, default_value_t = 50)]
    rate: u32,
    /// The crowd's dice.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    #[command(flatten)]
    pipeline: PipelineArguments,
}

/// Plays, prints, audits.
pub fn main(arguments: &DemoArguments) -> anyhow::Result<ExitCode> {
    let paths = match_files(arguments)?;
    let start = Time::from_ms(local_ms());
    let mut plan = RunPlan::new(start);
    plan.pace = Pace::Times(arguments.speed);
    let pipeline = own_pipeline(arguments, &plan.run)?;
    let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
    topics::create(&Clients::of(&pipeline), &settings)
        .with_context(|| format!("no Kafka at {}: start one with scripts/kafka up", pipeline.kafka.brokers))?;
    println!("pipeline {} on {}, topics {}*", pipeline.name, pipeline.kafka.brokers, pipeline.kafka.topic_prefix);
    println!(
        "speed {} (clock_scale {}): a minute of the match takes {:.1} s; bet delay in play {} s",
        arguments.speed,
        arguments.speed,
        60.0 / f64::from(arguments.speed.get()),
        settings.placement.in_play_delay.get() / 1_000
    );
    let stop = super::stop_on_signal()?;
    let roles = Roles::start(&pipeline)?;
    let played = play(&pipeline, paths, plan, &stop)?;
    let mut view = View::open(&pipeline)?;
    let mut crowd = Crowd::new(&pipeline, &pipeline.name, arguments.punters, arguments.seed)?;
    crowd.open_accounts()?;
    watch(arguments, &mut view, &mut crowd, &played, &stop)?;
    crowd.flush()?;
    let settled = wait_settled(&mut view, &roles, &stop)?;
    let facts = played.join().expect("the replay does not panic")?;
    roles.stop()?;
    println!("{facts} facts, {} bets sent: {}", crowd.bets, view.line());
    if !settled {
        println!("not everything was settled in time; the auditor is asked all the same");
    }
    let report = audit(&pipeline, settled)?;
    println!("{report}");
    Ok(if report.passed() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn match_files(arguments: &DemoArguments) -> anyhow::Result<Vec<PathBuf>> {
    let chosen = if arguments.matches.is_empty() {
        ["2058017", "2058016"].map(|id| arguments.data.join(format!("wyscout/events/{id}.json.gz"))).to_vec()
    } else {
        arguments.matches.clone()
    };
    if let Some(missing) = chosen.iter().find(|path| !path.exists()) {
        bail!(
            "no recorded match at {}: give one with --match PATH, or its folder with --data FOLDER",
            missing.display()
        );
    }
    Ok(chosen)
}

/// A pipeline of the demo's own: its topics and shards meet nobody else's.
fn own_pipeline(arguments: &DemoArguments, run: &str) -> anyhow::Result<Pipeline> {
    let mut pipeline = arguments.pipeline.load()?;
    pipeline.name = format!("demo-{run}");
    pipeline.kafka.topic_prefix = format!("demo-{run}.");
    pipeline.rules.clock.clock_scale = arguments.speed.get();
    (pipeline.rules.partitions.matches, pipeline.rules.partitions.accounts) = (2, 2);
    Ok(pipeline)
}

/// The two roles, a thread each.
struct Roles {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<anyhow::Result<()>>>,
}

impl Roles {
    fn start(pipeline: &Pipeline) -> anyhow::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let process = |name: &str| Process {
            pipeline: pipeline.clone(),
            instance: format!("demo-{name}"),
            stop: Arc::clone(&stop),
        };
        let (trading, book) = (process("trading"), process("book"));
        let threads = vec![
            std::thread::Builder::new()
                .name("trading".to_owned())
                .spawn(move || Ok(member::run::<Trading>(trading)?))?,
            std::thread::Builder::new().name("book".to_owned()).spawn(move || Ok(member::run::<Book>(book)?))?,
        ];
        Ok(Roles { stop, threads })
    }

    fn failed(&self) -> bool {
        self.threads.iter().any(JoinHandle::is_finished)
    }

    fn stop(self) -> anyhow::Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().try_for_each(|thread| thread.join().expect("a role does not panic"))
    }
}

fn play(
    pipeline: &Pipeline,
    paths: Vec<PathBuf>,
    plan: RunPlan,
    stop: &Arc<AtomicBool>,
) -> anyhow::Result<JoinHandle<anyhow::Result<usize>>> {
    let (pipeline, stop) = (pipeline.clone(), Arc::clone(stop));
    let body = move || replay::play(&pipeline, &paths, &plan, &stop);
    Ok(std::thread::Builder::new().name("replay".to_owned()).spawn(body)?)
}

/// Bets and prints until the last fact is out.
fn watch(
    arguments: &DemoArguments,
    view: &mut View,
    crowd: &mut Crowd,
    played: &JoinHandle<anyhow::Result<usize>>,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let pause = Duration::from_secs(1) / arguments.rate.max(1);
    let (mut next_bet, mut next_line) = (monotonic(), monotonic() + LINE_EVERY);
    while !played.is_finished() && !stop.load(Ordering::Relaxed) {
        view.read(Duration::from_millis(2));
        let now = monotonic();
        if now >= next_bet {
            crowd.bet(&view.matches)?;
            next_bet = (next_bet + pause).max(now.checked_sub(Duration::from_secs(1)).unwrap_or(now));
        }
        if now >= next_line {
            next_line = now + LINE_EVERY;
            view.print();
        }
    }
    Ok(())
}

fn wait_settled(view: &mut View, roles: &Roles, stop: &AtomicBool) -> anyhow::Result<bool> {
    let since = monotonic();
    view.last_news = monotonic();
    while since.elapsed() < SETTLE_PATIENCE && !stop.load(Ordering::Relaxed) {
        if roles.failed() {
            bail!("a role ended early; see its message above");
        }
        view.read(Duration::from_millis(50));
        if view.last_news.elapsed() > Duration::from_secs(3) && view.counts.open() == 0 && view.counts.waiting() == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What can be seen on the output topics.
struct View {
    reader: BaseConsumer,
    prefix: String,
    matches: BTreeMap<MatchId, MatchUpdate>,
    counts: Counts,
    /// When something other than a watermark was last read.
    last_news: Instant,
}

/// Decisions and settlements so far.
#[derive(Debug, Default)]
struct Counts {
    pending: u64,
    resolved: u64,
    accepted: u64,
    settled: i64,
    returned_minor: i64,
    refused: BTreeMap<&'static str, u64>,
    /// Bets seen pending, by id: a later word resolves them.
    waiting: std::collections::BTreeSet<u128>,
}

impl Counts {
    fn open(&self) -> i64 {
        i64::try_from(self.accepted).unwrap_or(i64::MAX) - self.settled
    }
    fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

impl View {
    fn open(pipeline: &Pipeline) -> anyhow::Result<Self> {
        let clients = Clients::of(pipeline);
        let reader: BaseConsumer = clients.reader("view").create()?;
        let mut list = TopicPartitionList::new();
        let topics = [
            (OutTopic::Markets, pipeline.rules.partitions.matches),
            (OutTopic::Decisions, pipeline.rules.partitions.accounts),
            (OutTopic::Settlements, pipeline.rules.partitions.accounts),
        ];
        for (topic, partitions) in topics {
            for partition in 0..partitions {
                list.add_partition_offset(
                    &clients.topic(topic.base_name()),
                    i32::try_from(partition)?,
                    Offset::Offset(0),
                )?;
            }
        }
        reader.assign(&list)?;
        let prefix = pipeline.kafka.topic_prefix.clone();
        Ok(View { reader, prefix, matches: BTreeMap::new(), counts: Counts::default(), last_news: monotonic() })
    }

    /// Reads what is there, at most a hundred records.
    fn read(&mut self, wait: Duration) {
        let mut wait = wait;
        for _ in 0..100 {
            let output = match self.reader.poll(wait) {
                Some(Ok(message)) => {
                    let base = message.topic().strip_prefix(&self.prefix).unwrap_or_default();
                    let topic = OutTopic::ALL.into_iter().find(|topic| topic.base_name() == base);
                    topic.and_then(|topic| wire::decode_output(topic, message.payload().unwrap_or_default()).ok())
                }
                Some(Err(_)) | None => return,
            };
            wait = Duration::ZERO;
            if let Some(output) = output {
                self.take(output);
            }
        }
    }

    fn take(&mut self, output: Output) {
        if !matches!(output, Output::Watermark(_)) {
            self.last_news = monotonic();
        }
        match output {
            Output::Market(update) => {
                self.matches.insert(update.match_id.clone(), *update);
            }
            Output::Decision(decision) => {
                let id = decision.command_id.bits();
                match decision.verdict {
                    Verdict::Pending { .. } => {
                        self.counts.pending += 1;
                        self.counts.waiting.insert(id);
                    }
                    Verdict::Accepted(_) => {
                        self.counts.accepted += 1;
                        self.resolve(id);
                    }
                    Verdict::Refused(refusal) => {
                        *self.counts.refused.entry(refusal.reason.name()).or_default() += 1;
                        self.resolve(id);
                    }
                    Verdict::Done => {}
                }
            }
            Output::Settlement(settlement) => match settlement.kind {
                crate::event::SettlementKind::Settled => {
                    self.counts.settled += 1;
                    self.counts.returned_minor += settlement.returned.minor();
                }
                crate::event::SettlementKind::Reopened => self.counts.settled -= 1,
            },
            Output::Watermark(_)
            | Output::Image(_)
            | Output::Results(_)
            | Output::FeedRequest(_)
            | Output::Posting(_)
            | Output::Reject(_)
            | Output::Alert(_) => {}
        }
    }

    fn resolve(&mut self, id: u128) {
        if self.counts.waiting.remove(&id) {
            self.counts.resolved += 1;
        }
    }

    fn print(&self) {
        for update in self.matches.values() {
            println!("{}", match_line(update));
        }
        println!("  {}", self.line());
    }

    fn line(&self) -> String {
        let refused: u64 = self.counts.refused.values().sum();
        let mut reasons: Vec<_> = self.counts.refused.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let reasons: Vec<String> = reasons.iter().map(|(name, count)| format!("{name} {count}")).collect();
        format!(
            "accepted {}, waiting {}, refused {refused} ({}), open {}, settled {}",
            self.counts.accepted,
            self.counts.waiting(),
            reasons.join(", "),
            self.counts.open(),
            self.counts.settled
        )
    }
}

fn match_line(update: &MatchUpdate) -> String {
    let before = if update.period == Period::SecondHalf { 45 } else { 0 };
    let minute = update.clock.map_or(0, |clock| before + clock.elapsed.get() / 60_000 + 1);
    let prices = update.markets.iter().find(|market| market.id == MarketId::MATCH_RESULT).map(|market| {
        let shown = market.outcomes.iter().map(|outcome| match outcome.price {
            Some(price) => price.to_string(),
            None => format!("{:?}", outcome.status).to_lowercase(),
        });
        format!("{:?} {}", market.status, shown.collect::<Vec<_>>().join(" / "))
    });
    format!(
        "{:?} {minute:>2}'  {} {}-{} {}  1X2 {}",
        update.period,
        update.fixture.home.display_safe(),
        update.score.home,
        update.score.away,
        update.fixture.away.display_safe(),
        prices.unwrap_or_default()
    )
}
