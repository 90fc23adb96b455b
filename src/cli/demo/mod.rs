//! `touchline demo`: a live match day in one command: feed, prices, punters, settlement, and the auditor's word at the end.
//!
//! Nothing is mocked but the world outside: the roles, the topics and the wire are those of production. One thread reads
//! the output topics, lets the punters bet and draws; the roles and the feed have threads of their own.

mod board;
mod lines;
mod punters;
mod reader;
mod roles;
mod screen;
mod words;

use self::board::Board;
use self::punters::Crowd;
use self::reader::Reader;
use self::roles::Roles;
use self::screen::Captions;
use super::PipelineArguments;
use super::audit::audit;
use super::replay::{self, Choice, MatchScript, Pace, RunPlan, SourceFormat, TICK_EVERY, choose, generated};
use crate::broker::{Broker, BrokerOptions};
use crate::kafka::client::Clients;
use crate::kafka::topics;
use crate::runtime::clock::{local_ms, monotonic};
use crate::runtime::pipeline::Pipeline;
use crate::values::{Millis, Time};
use anyhow::{Context, bail};
use clap::Args;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyModifiers};
use std::io::IsTerminal;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What `--help` shows.
pub(super) const EXAMPLES: &str = "Examples:
  touchline demo                                     ten matches in about a minute
  touchline demo --hold                              stays up for your own clients
  touchline demo --real ../shared/data/wyscout/events/2058017.json.gz --speed 60
  touchline demo --brokers 127.0.0.1:9092            on a real Kafka
Exit code 0: the auditor found every invariant intact; 1: one is broken; 2: it could not run.";

/// How often plain lines are printed, and how often the screen is drawn.
const LINES_EVERY: Duration = Duration::from_secs(2);
const FRAME_EVERY: Duration = Duration::from_millis(100);
/// How long open bets are waited for after the last fact, without any news.
const SETTLE_PATIENCE: Duration = Duration::from_secs(45);
/// Nothing new for so long, nothing open: the day is over.
const QUIET: Duration = Duration::from_secs(2);

/// The bet delay in play of the demo.
const DELAY_MS: u32 = 1_500;

/// From the fixtures to the kick-off: time for bets before the match.
const LEAD: Millis = Millis::from_seconds(5);
/// How long answers are waited for when somebody stops the demo.
const ANSWER_PATIENCE: Duration = Duration::from_secs(8);

/// Arguments of `touchline demo`.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Matches of the generated day.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=64))]
    matches: u32,
    /// Play recorded matches instead: a folder of Wyscout event files (*.json, *.json.gz), or such files.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    real: Vec<PathBuf>,
    /// So many times as fast as life. Rules in match time scale with it (clock_scale).
    #[arg(long, default_value = "90")]
    speed: NonZeroU32,
    /// How many punters.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    punters: u32,
    /// Bets a second that they are good for.
    #[arg(long, default_value_t = 150)]
    rate: u32,
    /// The dice of the day and of the crowd: the same seed gives the same matches.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Leave everything running after the end, for your own clients, until Ctrl-C.
    #[arg(long)]
    hold: bool,
    /// Plain lines even on a terminal.
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    pipeline: PipelineArguments,
}

/// Plays, shows, audits.
pub fn main(arguments: &DemoArguments) -> anyhow::Result<ExitCode> {
    let scripts = match_day(arguments)?;
    let mut plan = RunPlan::new(Time::from_ms(local_ms()));
    plan.lead = LEAD;
    plan.pace = Pace::Times(arguments.speed);
    let mut pipeline = own_pipeline(arguments, &plan.run)?;
    let broker = own_broker(arguments, &mut pipeline)?;
    let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
    topics::create(&Clients::of(&pipeline), &settings)
        .with_context(|| format!("no Kafka at {}", pipeline.kafka.brokers))?;
    let stop = super::stop_on_signal()?;
    let roles = Roles::start(&pipeline)?;
    let mut show = Show::new(arguments, &pipeline, Arc::clone(&stop))?;
    let mut crowd = Crowd::new(&pipeline, &pipeline.name, arguments.punters, arguments.seed)?;
    crowd.open_accounts()?;
    let played = play(&pipeline, scripts, plan, &stop)?;
    show.watch(arguments, &mut crowd, &played)?;
    crowd.flush()?;
    show.wait_answered()?;
    let settled = show.wait_settled(&roles)?;
    let facts = played.join().expect("the replay does not panic")?;
    show.leave_screen();
    roles.stop()?;
    println!("{facts} facts; {}", lines::book_line(&mut show.board));
    if !settled {
        println!("not everything was settled in time; the auditor is asked all the same");
    }
    let report = audit(&pipeline, settled)?;
    println!("{report}");
    if arguments.hold && !stop.load(Ordering::Relaxed) {
        println!("held: {} answers until Ctrl-C; {}", pipeline.kafka.brokers, show.captions.paste);
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    broker.map(Broker::stop);
    Ok(if report.passed() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The embedded broker, unless a Kafka was named.
fn own_broker(arguments: &DemoArguments, pipeline: &mut Pipeline) -> anyhow::Result<Option<Broker>> {
    if arguments.pipeline.brokers.is_some() {
        return Ok(None);
    }
    let broker = Broker::start(BrokerOptions::default()).context("the embedded broker cannot listen on 127.0.0.1")?;
    pipeline.kafka.brokers = broker.address();
    Ok(Some(broker))
}

/// A pipeline of the demo's own: its topics and shards meet nobody else's.
fn own_pipeline(arguments: &DemoArguments, run: &str) -> anyhow::Result<Pipeline> {
    let mut pipeline = arguments.pipeline.load()?;
    pipeline.name = format!("demo-{run}");
    pipeline.kafka.topic_prefix = format!("demo-{run}.");
    let rules = &mut pipeline.rules;
    rules.clock.clock_scale = arguments.speed.get();
    // A delay of 5 s would be minutes of such a match. The feed must not be trusted for longer than a bet waits.
    rules.placement.in_play_delay_ms = DELAY_MS;
    rules.trading.silence_in_running_ms = DELAY_MS;
    (pipeline.rules.partitions.matches, pipeline.rules.partitions.accounts) = (2, 2);
    Ok(pipeline)
}

/// The matches of the day: drawn from the seed, or recorded ones.
fn match_day(arguments: &DemoArguments) -> anyhow::Result<Vec<MatchScript>> {
    if arguments.real.is_empty() {
        return Ok(generated::match_day(arguments.seed, arguments.matches as usize, TICK_EVERY));
    }
    let choice = Choice {
        source: SourceFormat::Wyscout,
        paths: arguments.real.clone(),
        day: None,
        teams: Vec::new(),
        together: true,
        tick_every: TICK_EVERY,
        seed: arguments.seed,
        matches: arguments.matches as usize,
    };
    let (mut scripts, warnings) = choose(&choice)?;
    warnings.iter().for_each(|warning| eprintln!("{warning}"));
    scripts.truncate(arguments.matches as usize);
    Ok(scripts)
}

/// The feed, on a thread of its own; it ends by itself or when told to stop.
fn play(pipeline: &Pipeline, scripts: Vec<MatchScript>, plan: RunPlan, stop: &Arc<AtomicBool>) -> anyhow::Result<Feed> {
    let (pipeline, stop) = (pipeline.clone(), Arc::clone(stop));
    let body = move || Ok(replay::play(&pipeline, &scripts, &plan, None, &stop, &mut |_| {})?.facts);
    Ok(std::thread::Builder::new().name("replay".to_owned()).spawn(body)?)
}

type Feed = JoinHandle<anyhow::Result<u64>>;

/// What is shown, and where.
struct Show {
    board: Board,
    reader: Reader,
    captions: Captions,
    terminal: Option<DefaultTerminal>,
    stop: Arc<AtomicBool>,
    next_frame: Instant,
}

impl Show {
    fn new(arguments: &DemoArguments, pipeline: &Pipeline, stop: Arc<AtomicBool>) -> anyhow::Result<Self> {
        let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
        let markets = Clients::of(pipeline).topic("markets.v1");
        let speed = arguments.speed;
        let captions = Captions {
            rules: format!(
                "speed {speed}: a minute of the match takes {:.1} s; rules in match time are {speed} times as fast \
                 (clock_scale {speed}), the bet delay of {:.1} s is not",
                60.0 / f64::from(speed.get()),
                settings.placement.in_play_delay.get() as f64 / 1_000.0
            ),
            broker: format!("Kafka protocol on {}", pipeline.kafka.brokers),
            paste: format!("kcat -b {} -t {markets} -C -q -f '%T %k %S bytes\\n'", pipeline.kafka.brokers),
        };
        println!("{}\n{}\nwhile it runs, try: {}", captions.broker, captions.rules, captions.paste);
        let on_screen = !arguments.plain && std::io::stdout().is_terminal();
        let terminal = if on_screen {
            // A log line in the middle of the picture would tear it.
            super::logs::hide(true);
            Some(ratatui::try_init().context("no screen; try --plain")?)
        } else {
            None
        };
        Ok(Show {
            board: Board::new(),
            reader: Reader::open(pipeline)?,
            captions,
            terminal,
            stop,
            next_frame: monotonic(),
        })
    }

    /// Bets and shows until the last fact is out.
    fn watch(&mut self, arguments: &DemoArguments, crowd: &mut Crowd, played: &Feed) -> anyhow::Result<()> {
        let pause = Duration::from_secs(1) / arguments.rate.max(1);
        let mut next_bet = monotonic();
        while !played.is_finished() && !self.is_stopped() {
            self.reader.read(&mut self.board, Duration::from_millis(2));
            let now = monotonic();
            while next_bet <= now {
                crowd.bet(self.board.matches.values().map(|row| &row.update))?;
                next_bet += pause;
            }
            self.board.sent = crowd.bets;
            self.show("playing")?;
        }
        Ok(())
    }

    /// Waits until every bet sent has its answer, also when the demo is being stopped: nobody is left without a word.
    fn wait_answered(&mut self) -> anyhow::Result<()> {
        let since = monotonic();
        while !self.board.is_answered() && since.elapsed() < ANSWER_PATIENCE {
            self.reader.read(&mut self.board, Duration::from_millis(20));
            self.show("the last answers")?;
        }
        Ok(())
    }

    /// Waits until every bet has its result; false if that took too long.
    fn wait_settled(&mut self, roles: &Roles) -> anyhow::Result<bool> {
        self.board.last_news = monotonic();
        while self.board.last_news.elapsed() < SETTLE_PATIENCE && !self.is_stopped() {
            if roles.failed() {
                self.leave_screen();
                bail!("a role ended early; see its message above");
            }
            self.reader.read(&mut self.board, Duration::from_millis(50));
            self.show("settling")?;
            if self.board.last_news.elapsed() > QUIET && self.board.open() == 0 && self.board.waiting() == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// A frame, or a few lines, if it is time for them.
    fn show(&mut self, stage: &str) -> anyhow::Result<()> {
        let now = monotonic();
        if now < self.next_frame {
            return Ok(());
        }
        let Some(terminal) = &mut self.terminal else {
            self.next_frame = now + LINES_EVERY;
            lines::print(&mut self.board);
            return Ok(());
        };
        self.next_frame = now + FRAME_EVERY;
        let (board, captions) = (&mut self.board, &self.captions);
        terminal.draw(|frame| screen::draw(frame, board, captions, stage))?;
        while event::poll(Duration::ZERO)? {
            if let Event::Key(key) = event::read()? {
                let interrupts = key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
                if interrupts || key.code == KeyCode::Char('q') {
                    self.stop.store(true, Ordering::Relaxed);
                }
            }
        }
        Ok(())
    }

    fn leave_screen(&mut self) {
        if self.terminal.take().is_some() {
            ratatui::restore();
            super::logs::hide(false);
        }
    }
}

impl Drop for Show {
    fn drop(&mut self) {
        self.leave_screen();
    }
}
