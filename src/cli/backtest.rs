//! `touchline backtest`: the same machines without Kafka, files in and files out.
//!
//! One trading shard and one book shard run on the times in the files. Every input line is
//! `{"at_ms": 1700000000000, "value": {...}}`, the value in the canonical JSON form of its topic; outputs are written the
//! same way, one file a topic, so what comes out can be compared line by line.

use super::PipelineArguments;
use super::replay::{MatchScript, RunPlan, TICK_EVERY, read_match, schedule};
use crate::event::{FeedMessage, Machine, Moment, Output, Settings, Topic};
use crate::runtime::batch::{Batch, InRecord, Said, Source, SourceRange, SourceSlice, apply_batch};
use crate::runtime::intake::{PartitionCounts, take};
use crate::runtime::log::Fetched;
use crate::runtime::role::{Book, RoleKind, Trading};
use crate::values::{Millis, Time};
use crate::wire::{self, OutTopic, Role};
use anyhow::{Context, bail};
use clap::Args;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Arguments of `touchline backtest`.
#[derive(Debug, Args)]
pub struct BacktestArguments {
    /// A recorded match (Wyscout events/ID.json[.gz]) as the feed.
    #[arg(long, value_name = "PATH", conflicts_with = "feed")]
    wyscout: Option<PathBuf>,
    /// When that match is announced, ms since the epoch; its kick-off is ten seconds later.
    #[arg(long, value_name = "MS", default_value_t = 1_700_000_000_000)]
    start_ms: i64,
    /// Lines of feed.v1.
    #[arg(long, value_name = "FILE", required_unless_present = "wyscout")]
    feed: Option<PathBuf>,
    /// Lines of trading-commands.v1.
    #[arg(long, value_name = "FILE")]
    trading_commands: Option<PathBuf>,
    /// Lines of account-commands.v1.
    #[arg(long, value_name = "FILE")]
    account_commands: Option<PathBuf>,
    /// Lines of commands.v1.
    #[arg(long, value_name = "FILE")]
    commands: Option<PathBuf>,
    /// Folder for what comes out.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// How long after the last input time goes on, seconds: confirmations and settlements come by timers.
    #[arg(long, default_value_t = 200, value_name = "SECONDS")]
    tail: u32,
    #[command(flatten)]
    pipeline: PipelineArguments,
}

/// Runs the machines over the files.
pub fn main(arguments: &BacktestArguments) -> anyhow::Result<ExitCode> {
    let pipeline = arguments.pipeline.load_layers()?.pipeline;
    let mut settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
    (settings.match_partitions, settings.account_partitions) = (1, 1);
    let mut inputs = Inputs::default();
    match (&arguments.wyscout, &arguments.feed) {
        (Some(path), _) => inputs.add_match(path, Time::from_ms(arguments.start_ms))?,
        (None, Some(path)) => inputs.add_lines(Topic::Feed, path)?,
        (None, None) => bail!("either --wyscout or --feed"),
    }
    let files = [
        (Topic::TradingCommands, &arguments.trading_commands),
        (Topic::AccountCommands, &arguments.account_commands),
        (Topic::Commands, &arguments.commands),
    ];
    for (topic, path) in files {
        if let Some(path) = path {
            inputs.add_lines(topic, path)?;
        }
    }
    let mut outputs = Outputs::create(&arguments.out)?;
    let counts = run(Arc::new(settings), inputs, Millis::from_seconds(i64::from(arguments.tail)), &mut outputs)?;
    for (topic, count) in counts {
        println!("{topic:<22} {count}");
    }
    outputs.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Input records by time; those of the same time by topic rank, then as they stand in their file.
#[derive(Default)]
struct Inputs {
    queue: Vec<Fetched>,
}

impl Inputs {
    fn add(&mut self, topic: Topic, at: Time, value: Vec<u8>) {
        let offset = self.queue.iter().filter(|record| record.source.topic == topic).count() as u64;
        let source = Source { topic, partition: 0 };
        self.queue.push(Fetched { source, offset, append_time: at, key: None, value, content_type: None });
    }

    fn add_lines(&mut self, topic: Topic, path: &Path) -> anyhow::Result<()> {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut last = Time::MIN;
        for (number, line) in BufReader::new(file).lines().enumerate() {
            let place = || format!("{} line {}", path.display(), number + 1);
            let line = line.with_context(place)?;
            if line.trim().is_empty() {
                continue;
            }
            let mut parsed: serde_json::Value = serde_json::from_str(&line).with_context(place)?;
            let at = parsed["at_ms"].as_i64().with_context(|| format!("{}: at_ms is missing", place()))?;
            let at = Time::from_ms(at);
            if at < last {
                bail!("{}: at_ms goes back; lines are in the order of their topic", place());
            }
            last = at;
            let value = serde_json::to_vec(&parsed["value"].take())?;
            self.add(topic, at, value);
        }
        Ok(())
    }

    fn add_match(&mut self, path: &Path, start: Time) -> anyhow::Result<()> {
        let script = MatchScript::of_recording(&read_match(path)?, TICK_EVERY);
        let plan = RunPlan::new(start);
        println!("{} as {}", script.title(), script.match_id(&plan.run)?);
        let mut beats = super::replay::Heartbeats::new(plan.producer.clone(), 1, start);
        let mut next_beat = start;
        for sending in schedule(&script, &plan, None)? {
            let at = sending.at;
            while next_beat <= at {
                let sent: Vec<FeedMessage> = beats.beat(next_beat);
                sent.iter().for_each(|beat| self.add_message(next_beat, beat));
                next_beat = next_beat + Millis::from_seconds(1);
            }
            self.add_message(at, &FeedMessage::Fact(sending.fact));
        }
        Ok(())
    }

    fn add_message(&mut self, at: Time, message: &FeedMessage) {
        let mut value = Vec::new();
        wire::encode_feed(message, &mut value);
        self.add(Topic::Feed, at, value);
    }
}

/// A shard without a log: what waits, and the machine.
struct Shard<R: RoleKind> {
    machine: R::Machine,
    waiting: BTreeMap<Source, Vec<InRecord<R::Input>>>,
    settings: Arc<Settings>,
}

impl<R: RoleKind> Shard<R> {
    fn new(settings: &Arc<Settings>) -> Self {
        let sources = R::lanes(0, settings).into_iter().flatten().map(|source| (source, Vec::new()));
        Shard {
            machine: R::machine(0, Arc::clone(settings)),
            waiting: sources.collect(),
            settings: Arc::clone(settings),
        }
    }

    fn give(&mut self, fetched: Fetched) {
        let source = fetched.source;
        let record = take::<R>(fetched, PartitionCounts::from(&*self.settings));
        self.waiting.get_mut(&source).expect("a source of this role").push(record);
    }

    /// Applies what waits as one batch.
    fn batch(&mut self, at: Time) -> Vec<Said> {
        let sources = self.waiting.iter_mut().map(|(source, records)| {
            let records = std::mem::take(records);
            let to = records.last().map_or(0, |record| record.offset + 1);
            let from = records.first().map_or(to, |record| record.offset);
            let range =
                SourceRange { source: *source, from, to, reached: to, known_end: to, learnt_at: at, newest_append: at };
            SourceSlice { range, records }
        });
        let (due_quota, work_quota) = (self.settings.due_quota, self.settings.work_quota);
        let batch = Batch { moment: Moment { at, through: at }, sources: sources.collect(), due_quota, work_quota };
        apply_batch(&mut self.machine, batch)
    }

    fn idle(&self) -> bool {
        self.waiting.values().all(Vec::is_empty) && !self.machine.has_work()
    }
}

fn run(
    settings: Arc<Settings>,
    mut inputs: Inputs,
    tail: Millis,
    outputs: &mut Outputs,
) -> anyhow::Result<BTreeMap<&'static str, u64>> {
    inputs.queue.sort_by_key(|record| (record.append_time, record.source, record.offset));
    let Some(end) = inputs.queue.last().map(|record| record.append_time + tail) else { bail!("there is no input") };
    let mut queue: VecDeque<Fetched> = inputs.queue.into();
    let (mut trading, mut book) = (Shard::<Trading>::new(&settings), Shard::<Book>::new(&settings));
    let mut now = queue.front().map_or(end, |record| record.append_time);
    let mut market_offset = 0;
    while now <= end {
        while queue.front().is_some_and(|record| record.append_time <= now) {
            let record = queue.pop_front().expect("just seen");
            match record.source.topic {
                Topic::Feed | Topic::TradingCommands => trading.give(record),
                Topic::Markets | Topic::AccountCommands | Topic::Commands => book.give(record),
            }
        }
        for said in trading.batch(now) {
            if let Some(value) = outputs.write(Role::Trading, now, &said)? {
                let source = Source { topic: Topic::Markets, partition: 0 };
                let offset = market_offset;
                market_offset += 1;
                book.give(Fetched { source, offset, append_time: now, key: None, value, content_type: None });
            }
        }
        loop {
            for said in book.batch(now) {
                outputs.write(Role::Book, now, &said)?;
            }
            if book.idle() {
                break;
            }
        }
        let due = [trading.machine.next_due().at, book.machine.next_due().at, queue.front().map(|r| r.append_time)];
        let next = due.into_iter().flatten().min().unwrap_or(end + Millis::new(1));
        now = next.max(now + Millis::new(1));
    }
    Ok(outputs.counts.clone())
}

/// One file a topic.
struct Outputs {
    folder: PathBuf,
    files: BTreeMap<OutTopic, BufWriter<File>>,
    counts: BTreeMap<&'static str, u64>,
}

impl Outputs {
    fn create(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(Outputs { folder: folder.to_owned(), files: BTreeMap::new(), counts: BTreeMap::new() })
    }

    /// Writes a line; returns the bytes if they belong on `markets.v1`.
    fn write(&mut self, role: Role, at: Time, said: &Said) -> anyhow::Result<Option<Vec<u8>>> {
        let mut value = Vec::new();
        let (topic, watermark) = match said {
            Said::Output(output) => {
                let topic = wire::encode(output, role, &mut value).topic;
                (topic, matches!(output, Output::Watermark(_)))
            }
            Said::Broken { reject, raw } => (wire::encode_reject(reject, raw, role, &mut value).topic, false),
        };
        // Watermarks would be most of the file, and say only that time passed.
        if !watermark {
            let json = wire::to_json(topic, &value).map_err(|broken| anyhow::anyhow!("{}", broken.detail))?;
            let file = match self.files.entry(topic) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => {
                    let path = self.folder.join(format!("{}.jsonl", topic.base_name()));
                    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
                    entry.insert(BufWriter::new(file))
                }
            };
            writeln!(file, "{{\"at_ms\":{},\"value\":{json}}}", at.ms())?;
            *self.counts.entry(topic.base_name()).or_default() += 1;
        }
        Ok((topic == OutTopic::Markets).then_some(value))
    }

    fn finish(self) -> anyhow::Result<()> {
        self.files.into_values().try_for_each(|mut file| file.flush()).context("writing the outputs")
    }
}
