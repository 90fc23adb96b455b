//! `touchline replay`: plays recorded matches to `feed.v1`, beats for the producer, and answers requests to send again.
//!
//! One thread does it all. A request is answered with every fact already sent of the matches it names (the same ids and
//! sequences: repeats change nothing) and then `SnapshotComplete` in every partition.

use super::{Heartbeats, Pace, RunPlan, TICK_EVERY, read_match, schedule, timeline};
use crate::cli::PipelineArguments;
use crate::event::{Expectation, FeedMessage, FeedRequest, Output, SnapshotComplete, Topic};
use crate::kafka::client::{CALL_TIMEOUT, Clients};
use crate::runtime::clock::{local_ms, monotonic};
use crate::runtime::pipeline::Pipeline;
use crate::values::{Billionths, Millis, ProducerId, Time, partition_for};
use crate::wire::{self, OutTopic};
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Message, Offset, TopicPartitionList};
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Time between heartbeats; a producer must be heard of at least every second.
const BEAT_EVERY: Duration = Duration::from_millis(500);
/// How long the producer goes on beating after the last fact, so that the end is seen by everybody.
const LINGER: Duration = Duration::from_secs(3);

/// The formats that can be played.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SourceFormat {
    /// Wyscout event files: events/ID.json(.gz) with matches_*.json(.gz) in the folder above.
    Wyscout,
}

/// Arguments of `touchline replay`.
#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// Format of the recording.
    #[arg(long, value_enum)]
    source: SourceFormat,
    /// The recordings; several are played at the same time.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// So many times as fast as it was. Set the pipeline's clock.clock_scale to the same number.
    #[arg(long, default_value = "1", conflicts_with = "at_once")]
    speed: NonZeroU32,
    /// All facts at once, in order. Set the pipeline's clock.clock_scale to 0: there is no clock to check.
    #[arg(long)]
    at_once: bool,
    /// From the fixture to the kick-off, seconds.
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    lead: u32,
    /// Expected goals of home and away over the match.
    #[arg(long, num_args = 2, value_names = ["HOME", "AWAY"], default_values = ["1.5", "1.2"])]
    expectation: Vec<f64>,
    /// Distinguishes runs of the same match: match id wyscout-ID-RUN. Default: made from the time.
    #[arg(long)]
    run: Option<String>,
    #[command(flatten)]
    pipeline: PipelineArguments,
}

/// Reads the matches and plays them.
pub fn main(arguments: &ReplayArguments) -> anyhow::Result<ExitCode> {
    let SourceFormat::Wyscout = arguments.source;
    let pipeline = arguments.pipeline.load()?;
    let mut plan = RunPlan::new(Time::from_ms(local_ms()));
    plan.lead = Millis::from_seconds(i64::from(arguments.lead));
    plan.pace = if arguments.at_once { Pace::AtOnce } else { Pace::Times(arguments.speed) };
    if let Some(run) = &arguments.run {
        plan.run.clone_from(run);
    }
    let rate = |value: f64| {
        let rate = Billionths::from_f64(value).filter(|_| (0.02..=8.0).contains(&value));
        rate.with_context(|| format!("--expectation {value}: must be 0.02 to 8 goals"))
    };
    let [home, away] = arguments.expectation[..] else { bail!("--expectation takes two numbers") };
    plan.expectation = Expectation::Rates { home: rate(home)?, away: rate(away)? };
    let sent = play(&pipeline, &arguments.paths, &plan, crate::cli::stop_on_signal()?.as_ref())?;
    println!("{sent} facts sent");
    Ok(ExitCode::SUCCESS)
}

/// Plays the matches until the last fact is out (or the flag is set); returns how many facts were sent.
pub fn play(pipeline: &Pipeline, paths: &[PathBuf], plan: &RunPlan, stop: &AtomicBool) -> anyhow::Result<usize> {
    let mut facts: Vec<(Time, FeedMessage)> = Vec::new();
    for path in paths {
        let played = read_match(path)?;
        println!("{} - {} as {}", played.home.display_safe(), played.away.display_safe(), plan.match_id(&played)?);
        facts.extend(schedule(&played, timeline(&played, TICK_EVERY), plan.clone())?);
    }
    // Stable: the facts of one match keep their order.
    facts.sort_by_key(|(at, _)| *at);
    let mut sender = Sender::open(pipeline, plan.producer.clone())?;
    sender.play(facts.into(), stop)?;
    Ok(sender.sent.len())
}

struct Sender {
    clients: Clients,
    partitions: u32,
    producer_id: ProducerId,
    producer: BaseProducer,
    requests: BaseConsumer,
    beats: Heartbeats,
    last_beat: Option<Instant>,
    sent: Vec<FeedMessage>,
}

impl Sender {
    fn open(pipeline: &Pipeline, producer_id: ProducerId) -> anyhow::Result<Self> {
        let clients = Clients::of(pipeline);
        let partitions = pipeline.rules.partitions.matches;
        let requests: BaseConsumer = clients.reader("requests").create()?;
        let topic = clients.topic(OutTopic::FeedRequests.base_name());
        let mut list = TopicPartitionList::new();
        for partition in 0..partitions {
            let partition = i32::try_from(partition)?;
            let (_, end) = requests.fetch_watermarks(&topic, partition, CALL_TIMEOUT).with_context(|| {
                format!("topic {topic} at {}: is Kafka up (scripts/kafka up), are the topics made (touchline topics create)?", clients.part.brokers)
            })?;
            list.add_partition_offset(&topic, partition, Offset::Offset(end))?;
        }
        requests.assign(&list)?;
        Ok(Sender {
            producer: clients.producer("replay").create()?,
            beats: Heartbeats::new(producer_id.clone(), partitions as usize, Time::from_ms(local_ms())),
            clients,
            partitions,
            producer_id,
            requests,
            last_beat: None,
            sent: Vec::new(),
        })
    }

    fn play(&mut self, mut facts: VecDeque<(Time, FeedMessage)>, stop: &AtomicBool) -> anyhow::Result<()> {
        let mut last_fact = monotonic();
        while !stop.load(Ordering::Relaxed) && (!facts.is_empty() || last_fact.elapsed() < LINGER) {
            self.beat()?;
            let now = Time::from_ms(local_ms());
            while facts.front().is_some_and(|(at, _)| *at <= now) {
                let (_, message) = facts.pop_front().expect("just seen");
                self.send(&message)?;
                self.sent.push(message);
                last_fact = monotonic();
            }
            self.answer()?;
        }
        self.producer.flush(CALL_TIMEOUT).context("the last facts were not acknowledged")?;
        Ok(())
    }

    fn beat(&mut self) -> anyhow::Result<()> {
        if self.last_beat.is_some_and(|last| last.elapsed() < BEAT_EVERY) {
            return Ok(());
        }
        self.last_beat = Some(monotonic());
        let beats = self.beats.beat(Time::from_ms(local_ms()));
        for (partition, beat) in (0..self.partitions).zip(beats) {
            self.produce(partition, None, &beat)?;
        }
        Ok(())
    }

    fn send(&self, message: &FeedMessage) -> anyhow::Result<()> {
        match message {
            FeedMessage::Fact(fact) => {
                let key = fact.match_id.as_str();
                self.produce(partition_for(key.as_bytes(), self.partitions), Some(key), message)
            }
            FeedMessage::Heartbeat(_) | FeedMessage::SnapshotComplete(_) => {
                (0..self.partitions).try_for_each(|partition| self.produce(partition, None, message))
            }
        }
    }

    fn produce(&self, partition: u32, key: Option<&str>, message: &FeedMessage) -> anyhow::Result<()> {
        let topic = self.clients.in_topic(Topic::Feed);
        let mut value = Vec::new();
        wire::encode_feed(message, &mut value);
        let mut record = BaseRecord::<str, [u8]>::to(&topic).partition(i32::try_from(partition)?).payload(&value);
        if let Some(key) = key {
            record = record.key(key);
        }
        loop {
            record = match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    self.producer.poll(Duration::from_millis(5));
                    back
                }
                Err((error, _)) => return Err(error.into()),
            };
        }
    }

    /// Answers a request to send again, or sleeps a little.
    fn answer(&self) -> anyhow::Result<()> {
        self.producer.poll(Duration::ZERO);
        let request = match self.requests.poll(Duration::from_millis(5)) {
            Some(Ok(message)) => feed_request(message.payload().unwrap_or_default()),
            Some(Err(error)) => {
                tracing::warn!(%error, "feed requests");
                None
            }
            None => None,
        };
        match request {
            Some(request) if request.producer == self.producer_id => self.send_again(&request),
            Some(_) | None => Ok(()),
        }
    }

    fn send_again(&self, request: &FeedRequest) -> anyhow::Result<()> {
        tracing::info!(request = request.request_id.as_str(), "asked to send again");
        for message in &self.sent {
            let wanted = match message {
                FeedMessage::Fact(fact) => request.match_id.as_ref().is_none_or(|wanted| *wanted == fact.match_id),
                FeedMessage::Heartbeat(_) | FeedMessage::SnapshotComplete(_) => false,
            };
            if wanted {
                self.send(message)?;
            }
        }
        self.send(&FeedMessage::SnapshotComplete(SnapshotComplete {
            producer: self.producer_id.clone(),
            request_id: request.request_id.clone(),
            source_at: Time::from_ms(local_ms()),
        }))
    }
}

fn feed_request(value: &[u8]) -> Option<FeedRequest> {
    match wire::decode_output(OutTopic::FeedRequests, value) {
        Ok(Output::FeedRequest(request)) => Some(request),
        Ok(_) | Err(_) => None,
    }
}
