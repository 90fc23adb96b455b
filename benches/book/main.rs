//! How many bets the book decides, and how soon, beside the least that any exactly-once program must do.
//!
//! `cargo bench --bench book -- [--bets N] [--rounds N] [--rate N] [--seconds N]` against a real Kafka; what it measures,
//! and what it does not show, is in `benches/README.md`.

mod check;
mod ground;
mod measure;
mod passthrough;
mod report;
mod side;
mod world;

use check::Written;
use clap::{Args, Parser, Subcommand};
use measure::{Percentiles, ProcessTime};
use rdkafka::producer::BaseProducer;
use side::{Gate, Side, Who};
use std::time::{Duration, Instant};
use touchline::event::Topic;
use touchline::runtime::clock::{local_ms, monotonic};
use world::{Record, World, drain, send};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "The book role beside a bare exactly-once passthrough, through a real Kafka")]
struct Arguments {
    #[command(subcommand)]
    hidden: Option<Hidden>,
    #[command(flatten)]
    plan: Plan,
    /// Given by `cargo bench`; without it (`cargo test --all-targets`) nothing is measured.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Subcommand)]
enum Hidden {
    /// The plain alternative's process.
    #[command(hide = true)]
    Passthrough(passthrough::PassthroughArguments),
}

#[derive(Args, Clone)]
struct Plan {
    /// Bets a round; all are written first, within the 15 s that a transaction may last.
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(1_000..=2_000_000))]
    bets: u32,
    /// Rounds, each the book and then the passthrough; before them one with a quarter of the bets that does not count.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Bets a second for the latencies.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// For how long, after three seconds that do not count; 0 leaves the latencies out.
    #[arg(long, default_value_t = 15)]
    seconds: u32,
    /// Accounts, opened and paid into before.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    accounts: u32,
    /// Kafka.
    #[arg(long, value_name = "HOST:PORT", env = "KAFKA_BOOTSTRAP", default_value = "127.0.0.1:19092")]
    brokers: String,
}

/// Seconds of bets before latencies count.
const LATENCY_WARM_UP_SECONDS: u32 = 3;

/// One side's share of a throughput round.
struct Throughput {
    /// Bets decided.
    bets: u32,
    /// From the moment the bets could be seen to the reading of the last decision.
    wall: Duration,
    /// CPU of the side's process meanwhile.
    cpu: ProcessTime,
    /// Cores busy on the whole machine meanwhile, of all of them.
    cores_busy: f64,
    /// What was written.
    written: Written,
    /// Commits that were reported late.
    late_commits: u32,
    /// Load average before it.
    load: String,
}

/// One side's share of a latency round.
struct Latency {
    /// Of every bet that counts.
    percentiles: Percentiles,
    /// What was written.
    written: Written,
    /// CPU of the side's process from the first to the last bet, those of the warm-up included, in cores.
    cores: f64,
    /// Commits that were reported late.
    late_commits: u32,
    /// Load average before it.
    load: String,
}

/// Both sides of a round.
struct Pair<T> {
    /// `touchline run book`.
    book: T,
    /// The plain alternative.
    passthrough: T,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let Some(Hidden::Passthrough(arguments)) = arguments.hidden {
        return passthrough::run(&arguments);
    }
    if !arguments.bench {
        println!("nothing is measured without --bench: run `cargo bench --bench book` with a Kafka (scripts/kafka up)");
        return Ok(());
    }
    let bench = Bench { plan: arguments.plan, run: local_ms() };
    bench.run()
}

struct Bench {
    plan: Plan,
    /// Part of all names: no two runs meet.
    run: i64,
}

impl Bench {
    fn run(&self) -> anyhow::Result<()> {
        report::conditions(&self.plan);
        self.throughput_pair("warm", self.plan.bets.div_ceil(4))?;
        let mut pairs = Vec::new();
        for round in 1..=self.plan.rounds {
            pairs.push(self.throughput_pair(&format!("t{round}"), self.plan.bets)?);
        }
        report::throughput(&pairs);
        if self.plan.seconds == 0 {
            return Ok(());
        }
        let mut pairs = Vec::new();
        for round in 1..=self.plan.rounds {
            pairs.push(self.latency_pair(&format!("l{round}"))?);
        }
        report::latency(&self.plan, &pairs);
        Ok(())
    }

    fn name(&self, who: Who, round: &str) -> String {
        format!("bench-{:x}-{round}-{}", self.run, who.name())
    }

    fn throughput_pair(&self, round: &str, bets: u32) -> anyhow::Result<Pair<Throughput>> {
        let book = self.throughput(Who::Book, round, bets)?;
        let passthrough = self.throughput(Who::Passthrough(book.written.sizes), round, bets)?;
        Ok(Pair { book, passthrough })
    }

    fn throughput(&self, who: Who, round: &str, bets: u32) -> anyhow::Result<Throughput> {
        let load = measure::load();
        let mut world = World::new(self.plan.accounts)?;
        let side = Side::start(who, &self.plan.brokers, &self.name(who, round), &mut world)?;
        let records: Vec<Record> = (0..bets).map(|number| world.bet(number)).collect::<anyhow::Result<_>>()?;
        let gate = Gate::fill(&side.ground, &records)?;
        drop(records);
        let (cpu, busy, start) = (side.cpu()?, measure::machine_busy()?, monotonic());
        gate.open()?;
        side.answers.take(bets as usize, |_| Ok(()))?;
        let wall = start.elapsed();
        let (cpu, busy) = (side.cpu()?.since(cpu), measure::machine_busy()? - busy);
        let written = check::check(&side, bets as usize)?;
        let late_commits = side.late_commits();
        side.end()?;
        let cores_busy = busy / wall.as_secs_f64();
        let result = Throughput { bets, wall, cpu, cores_busy, written, late_commits, load };
        eprintln!("{round} {}: {}", who.name(), report::throughput_line(&result));
        Ok(result)
    }

    fn latency_pair(&self, round: &str) -> anyhow::Result<Pair<Latency>> {
        let book = self.latency(Who::Book, round)?;
        let passthrough = self.latency(Who::Passthrough(book.written.sizes), round)?;
        Ok(Pair { book, passthrough })
    }

    fn latency(&self, who: Who, round: &str) -> anyhow::Result<Latency> {
        let load = measure::load();
        let mut world = World::new(self.plan.accounts)?;
        let side = Side::start(who, &self.plan.brokers, &self.name(who, round), &mut world)?;
        let (warm, bets) =
            (self.plan.rate * LATENCY_WARM_UP_SECONDS, self.plan.rate * (LATENCY_WARM_UP_SECONDS + self.plan.seconds));
        let pace = Pace { start: monotonic() + Duration::from_millis(200), rate: self.plan.rate };
        let producer: BaseProducer = side.ground.clients.producer("bets").set("linger.ms", "0").create()?;
        let topic = side.ground.clients.in_topic(Topic::Commands);
        let sender = std::thread::Builder::new().name("sender".to_owned()).spawn(move || -> anyhow::Result<()> {
            for number in 0..bets {
                pace.wait_for(number);
                let (key, value) = world.bet(number)?;
                send(&producer, &topic, Some(&key), &value)?;
                producer.poll(Duration::ZERO);
            }
            drain(&producer, Duration::from_secs(30))
        })?;
        let (cpu, since) = (side.cpu()?, monotonic());
        let mut latencies = vec![Duration::ZERO; bets as usize];
        side.answers.take(bets as usize, |message| {
            let now = monotonic();
            let number = match who {
                Who::Book => check::accepted(&*check::decision_of(message)?)?,
                Who::Passthrough(_) => check::passed(message, side.warm)?,
            };
            if let Some(number) = number {
                latencies[number] = now.saturating_duration_since(pace.intended(number as u32));
            }
            Ok(())
        })?;
        let cores = side.cpu()?.since(cpu).total() / since.elapsed().as_secs_f64();
        sender.join().expect("the sender does not panic")?;
        let written = check::check(&side, bets as usize)?;
        let late_commits = side.late_commits();
        side.end()?;
        let percentiles = Percentiles::of(latencies.split_off(warm as usize));
        let result = Latency { percentiles, written, cores, late_commits, load };
        eprintln!("{round} {}: {}", who.name(), report::latency_line(&result));
        Ok(result)
    }
}

/// When each bet is meant to be sent, whatever became of the ones before.
#[derive(Clone, Copy)]
struct Pace {
    start: Instant,
    rate: u32,
}

impl Pace {
    fn intended(&self, number: u32) -> Instant {
        self.start + Duration::from_secs(1) * number / self.rate
    }

    fn wait_for(&self, number: u32) {
        std::thread::sleep(self.intended(number).saturating_duration_since(monotonic()));
    }
}
