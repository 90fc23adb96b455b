//! Plays scheduled matches to `feed.v1`, beats for the producer, and answers requests to send again.
//!
//! One thread does it all. A request is answered with every fact of the matches it names up to the newest one sent (the
//! same ids and sequences: repeats change nothing) and then `SnapshotComplete` in every partition. What was lost or held
//! back on purpose is among them: the producer knows what it meant to say.

use super::faults::Faults;
use super::progress::Progress;
use super::schedule::{Heartbeats, RunPlan, Sending, schedule};
use super::script::MatchScript;
use crate::event::{Fact, FeedMessage, FeedRequest, Output, SnapshotComplete, Topic};
use crate::kafka::client::{CALL_TIMEOUT, Clients};
use crate::runtime::clock::{local_ms, monotonic};
use crate::runtime::pipeline::Pipeline;
use crate::values::{MatchId, ProducerId, Time, partition_for};
use crate::wire::{self, OutTopic};
use anyhow::{Context, bail};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Message, Offset, TopicPartitionList};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Time between heartbeats; a producer must be heard of at least every second.
const BEAT_EVERY: Duration = Duration::from_millis(500);
/// How long the producer goes on beating after the last fact or answer, so that the end is seen by everybody.
const LINGER: Duration = Duration::from_secs(3);
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
    let mut sendings: Vec<Sending> = Vec::new();
    let mut matches = BTreeMap::new();
    for (index, script) in scripts.iter().enumerate() {
        let of_match = schedule(script, plan, faults).with_context(|| format!("--run {:?}", plan.run))?;
        let mut facts: Vec<Fact> = of_match.iter().map(|sending| sending.fact.clone()).collect();
        facts.sort_by_key(|fact| fact.sequence);
        facts.dedup_by_key(|fact| fact.sequence);
        let told = ToldMatch { index, facts, reached: 0 };
        if matches.insert(script.match_id(&plan.run)?, told).is_some() {
            bail!("{} is given twice", script.title());
        }
        sendings.extend(of_match);
    }
    // Stable: the facts of one match keep their order.
    sendings.sort_by_key(|sending| sending.at);
    let silences = match (faults, sendings.last()) {
        (Some(faults), Some(last)) => faults.silent_times(plan.start, last.at),
        (Some(_) | None, _) => Vec::new(),
    };
    let mut sender = Sender::open(pipeline, plan.producer.clone(), matches, Progress::of(scripts))?;
    sender.silences = silences.into();
    sender.play(sendings.into(), stop, report)?;
    let facts = sender.matches.values().map(|told| told.reached).sum();
    Ok(Played { facts, progress: sender.progress })
}

/// A match, and how much of it is out.
struct ToldMatch {
    /// Its place among the scripts.
    index: usize,
    /// All its facts: number n is at place n - 1.
    facts: Vec<Fact>,
    /// The highest number sent.
    reached: u64,
}

struct Sender {
    clients: Clients,
    partitions: u32,
    producer_id: ProducerId,
    producer: BaseProducer,
    requests: BaseConsumer,
    beats: Heartbeats,
    last_beat: Option<Instant>,
    matches: BTreeMap<MatchId, ToldMatch>,
    silences: VecDeque<(Time, Time)>,
    last_news: Instant,
    progress: Progress,
}

impl Sender {
    fn open(
        pipeline: &Pipeline,
        producer_id: ProducerId,
        matches: BTreeMap<MatchId, ToldMatch>,
        progress: Progress,
    ) -> anyhow::Result<Self> {
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
            matches,
            silences: VecDeque::new(),
            last_news: monotonic(),
            progress,
        })
    }

    fn play(
        &mut self,
        mut sendings: VecDeque<Sending>,
        stop: &AtomicBool,
        report: &mut dyn FnMut(&Progress),
    ) -> anyhow::Result<()> {
        let mut last_report: Option<Instant> = None;
        self.last_news = monotonic();
        while !stop.load(Ordering::Relaxed) && (!sendings.is_empty() || self.last_news.elapsed() < LINGER) {
            let now = Time::from_ms(local_ms());
            self.progress.is_silent = self.is_silent(now) && !sendings.is_empty();
            if self.progress.is_silent {
                self.producer.poll(Duration::from_millis(5));
            } else {
                self.beat()?;
                while sendings.front().is_some_and(|sending| sending.at <= now) {
                    let sending = sendings.pop_front().expect("just seen");
                    self.deliver(sending)?;
                }
                self.answer()?;
            }
            if last_report.is_none_or(|last| last.elapsed() >= REPORT_EVERY) {
                last_report = Some(monotonic());
                self.progress.measure();
                report(&self.progress);
            }
        }
        self.producer.flush(CALL_TIMEOUT).context("the last facts were not acknowledged")?;
        Ok(())
    }

    fn is_silent(&mut self, now: Time) -> bool {
        while self.silences.front().is_some_and(|(_, end)| *end <= now) {
            self.silences.pop_front();
        }
        self.silences.front().is_some_and(|(begin, _)| *begin <= now)
    }

    fn deliver(&mut self, sending: Sending) -> anyhow::Result<()> {
        self.last_news = monotonic();
        let told = self.matches.get_mut(&sending.fact.match_id).expect("of one of the matches");
        told.reached = told.reached.max(sending.fact.sequence);
        self.progress.hear(told.index, &sending.fact);
        if sending.is_lost {
            self.progress.lost += 1;
            return Ok(());
        }
        self.send(&FeedMessage::Fact(sending.fact))
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
        self.progress.messages += 1;
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
            Some(request) if request.producer == self.producer_id => self.send_again(&request),
            Some(_) | None => Ok(()),
        }
    }

    fn send_again(&mut self, request: &FeedRequest) -> anyhow::Result<()> {
        tracing::debug!(request = request.request_id.as_str(), "asked to send again");
        self.last_news = monotonic();
        self.progress.requests += 1;
        let wanted = self.matches.iter().filter(|(id, _)| request.match_id.as_ref().is_none_or(|wanted| wanted == *id));
        let again: Vec<Fact> = wanted.flat_map(|(_, told)| told.said().iter().cloned()).collect();
        for fact in again {
            self.send(&FeedMessage::Fact(fact))?;
        }
        self.send(&FeedMessage::SnapshotComplete(SnapshotComplete {
            producer: self.producer_id.clone(),
            request_id: request.request_id.clone(),
            source_at: Time::from_ms(local_ms()),
        }))
    }
}

impl ToldMatch {
    /// What has been said of it, or was meant to be.
    fn said(&self) -> &[Fact] {
        &self.facts[..usize::try_from(self.reached).unwrap_or(usize::MAX).min(self.facts.len())]
    }
}

fn feed_request(value: &[u8]) -> Option<FeedRequest> {
    match wire::decode_output(OutTopic::FeedRequests, value) {
        Ok(Output::FeedRequest(request)) => Some(request),
        Ok(_) | Err(_) => None,
    }
}
