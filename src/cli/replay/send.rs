//! Plays scheduled matches to `feed.v1`, beats for the producer, and answers requests to send again.
//!
//! One thread does it all. A request is answered with every fact of the matches it names up to the newest one sent (the
//! same ids and sequences: repeats change nothing) and then `SnapshotComplete` in every partition. What was lost or held
//! back on purpose is among them: the producer knows what it meant to say.

use super::faults::Faults;
use super::progress::Progress;
use super::schedule::{Heartbeats, RunPlan};
use super::script::MatchScript;
use super::voice::Voice;
use crate::event::{FeedMessage, FeedRequest, Output, SnapshotComplete, Topic};
use crate::kafka::client::{CALL_TIMEOUT, Clients};
use crate::runtime::clock::{local_ms, monotonic};
use crate::runtime::pipeline::Pipeline;
use crate::values::{Time, partition_for};
use crate::wire::{self, OutTopic};
use anyhow::Context;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Message, Offset, TopicPartitionList};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Time between heartbeats; a producer must be heard of at least every second.
const BEAT_EVERY: Duration = Duration::from_millis(500);
/// How long the producer goes on beating after the last fact or answer, so that the end is seen by everybody.
const LINGER: Duration = Duration::from_secs(3);
/// The same where messages were lost on purpose: somebody may still have to find out, and ask.
const LINGER_AFTER_LOSS: Duration = Duration::from_secs(10);
/// Time between two reports of progress.
const REPORT_EVERY: Duration = Duration::from_millis(200);

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Played {
    /// Facts sent, each counted once.
    pub facts: u64,
    /// How far it had come when it ended.
    pub progress: Progress,
}

/// Plays the matches until the last fact is out (or the flag is set). `report` is called a few times a second.
///
/// # Errors
/// A `run` that makes no legal match ids, two matches of one id, or a Kafka that does not answer.
pub fn play(
    pipeline: &Pipeline,
    scripts: &[MatchScript],
    plan: &RunPlan,
    faults: Option<&Faults>,
    stop: &AtomicBool,
    report: &mut dyn FnMut(&Progress),
) -> anyhow::Result<Played> {
    let mut sender = Sender::open(pipeline, Voice::new(scripts, plan, faults)?)?;
    sender.play(stop, report)?;
    Ok(Played { facts: sender.voice.facts(), progress: sender.voice.progress })
}

struct Sender {
    clients: Clients,
    partitions: u32,
    voice: Voice,
    producer: BaseProducer,
    requests: BaseConsumer,
    beats: Heartbeats,
    last_beat: Option<Instant>,
    last_news: Instant,
}

impl Sender {
    fn open(pipeline: &Pipeline, voice: Voice) -> anyhow::Result<Self> {
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
            beats: Heartbeats::new(voice.producer.clone(), partitions as usize, Time::from_ms(local_ms())),
            clients,
            partitions,
            voice,
            requests,
            last_beat: None,
            last_news: monotonic(),
        })
    }

    fn play(&mut self, stop: &AtomicBool, report: &mut dyn FnMut(&Progress)) -> anyhow::Result<()> {
        let mut last_report: Option<Instant> = None;
        self.last_news = monotonic();
        loop {
            let linger = if self.voice.progress.lost > 0 { LINGER_AFTER_LOSS } else { LINGER };
            if stop.load(Ordering::Relaxed) || self.voice.is_done() && self.last_news.elapsed() >= linger {
                break;
            }
            let now = Time::from_ms(local_ms());
            if self.voice.is_silent(now) {
                self.producer.poll(Duration::from_millis(5));
            } else {
                self.beat()?;
                while let Some(fact) = self.voice.next(now) {
                    self.last_news = monotonic();
                    fact.map_or(Ok(()), |fact| self.send(&FeedMessage::Fact(fact)))?;
                }
                self.answer()?;
            }
            if last_report.is_none_or(|last| last.elapsed() >= REPORT_EVERY) {
                last_report = Some(monotonic());
                self.voice.progress.measure();
                report(&self.voice.progress);
            }
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

    fn send(&mut self, message: &FeedMessage) -> anyhow::Result<()> {
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

    fn produce(&mut self, partition: u32, key: Option<&str>, message: &FeedMessage) -> anyhow::Result<()> {
        let topic = self.clients.in_topic(Topic::Feed);
        let mut value = Vec::new();
        wire::encode_feed(message, &mut value);
        self.voice.progress.messages += 1;
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
    fn answer(&mut self) -> anyhow::Result<()> {
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
            Some(request) if request.producer == self.voice.producer => self.send_again(&request),
            Some(_) | None => Ok(()),
        }
    }

    fn send_again(&mut self, request: &FeedRequest) -> anyhow::Result<()> {
        tracing::debug!(request = request.request_id.as_str(), "asked to send again");
        self.last_news = monotonic();
        for fact in self.voice.again(request) {
            self.send(&FeedMessage::Fact(fact))?;
        }
        self.send(&FeedMessage::SnapshotComplete(SnapshotComplete {
            producer: self.voice.producer.clone(),
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
