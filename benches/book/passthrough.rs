//! The plain alternative: reads the bets and writes records of the same sizes, exactly once, and judges nothing.
//!
//! One thread: take all that waits (at most as many as a batch of the book), begin, produce, drain, commit. For every
//! bet it writes one record as large as a decision and one as large as a posting, and for every transaction one as large
//! as the book's journal record, which holds the positions. No headers and no allocation a record: their bytes are part
//! of the value, so this is a baseline that is hard to beat.

use crate::ground::Ground;
use anyhow::Context;
use clap::Args;
use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::{ClientContext, Offset, TopicPartitionList};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use touchline::event::Topic;
use touchline::kafka::client::{self, QuietConsumer};
use touchline::wire::{OutTopic, Role};

/// As `LANE_RECORDS_MAX` of the runtime.
const BATCH_MAX: usize = 20_000;
/// As `DRAIN_NAP` of the runtime's producer.
const DRAIN_NAP: Duration = Duration::from_micros(150);

/// Bytes of key, value and headers together.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Of a decision.
    #[arg(long)]
    pub(super) decision_bytes: usize,
    /// Of a posting.
    #[arg(long)]
    pub(super) posting_bytes: usize,
    /// Of a journal record.
    #[arg(long)]
    pub(super) journal_bytes: usize,
}

/// Arguments of the hidden subcommand.
#[derive(Args, Debug)]
pub(super) struct PassthroughArguments {
    #[arg(long)]
    pub(super) pipeline: PathBuf,
    #[command(flatten)]
    pub(super) sizes: Sizes,
}

/// Counts records that were not delivered.
#[derive(Clone, Default)]
struct Failures(Arc<AtomicU64>);

impl ClientContext for Failures {}

impl ProducerContext for Failures {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

struct Passthrough {
    consumer: QuietConsumer,
    producer: BaseProducer<Failures>,
    failures: Failures,
    decisions: String,
    ledger: String,
    journal: String,
    sizes: Sizes,
}

/// Runs until it is killed.
pub(super) fn run(arguments: &PassthroughArguments) -> anyhow::Result<()> {
    let ground = Ground::open(&arguments.pipeline)?;
    let clients = &ground.clients;
    let failures = Failures::default();
    let producer: BaseProducer<Failures> =
        clients.transactional(Role::Book, 0).create_with_context(failures.clone())?;
    producer.init_transactions(Duration::from_secs(30))?;
    let consumer = client::consumer(&clients.reader("in"))?;
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(&clients.in_topic(Topic::Commands), 0, Offset::Offset(0))?;
    consumer.assign(&list)?;
    let topic = |topic: OutTopic| clients.topic(topic.base_name());
    let passthrough = Passthrough {
        consumer,
        producer,
        failures,
        decisions: topic(OutTopic::Decisions),
        ledger: topic(OutTopic::Ledger),
        journal: topic(OutTopic::Journal(Role::Book)),
        sizes: arguments.sizes,
    };
    loop {
        let batch = passthrough.take()?;
        if !batch.is_empty() {
            passthrough.write(&batch)?;
        }
    }
}

impl Passthrough {
    /// All that waits; if nothing does, the next record.
    fn take(&self) -> anyhow::Result<Vec<BorrowedMessage<'_>>> {
        let mut batch = Vec::new();
        let mut wait = Duration::from_millis(250);
        while batch.len() < BATCH_MAX {
            let Some(message) = self.consumer.poll(wait) else { break };
            batch.push(message.context("read")?);
            wait = Duration::ZERO;
        }
        Ok(batch)
    }

    fn write(&self, batch: &[BorrowedMessage<'_>]) -> anyhow::Result<()> {
        self.producer.begin_transaction()?;
        let mut value = vec![0; self.sizes.decision_bytes.max(self.sizes.posting_bytes)];
        for message in batch {
            let key = message.key().context("a bet without a key")?;
            value[..8].copy_from_slice(&message.offset().to_be_bytes());
            self.send(&self.decisions, Some(key), &value[..self.sizes.decision_bytes - key.len()])?;
            self.send(&self.ledger, Some(key), &value[..self.sizes.posting_bytes - key.len()])?;
        }
        let mut journal = vec![0; self.sizes.journal_bytes.max(16)];
        let (first, last) = (batch[0].offset(), batch[batch.len() - 1].offset());
        journal[..8].copy_from_slice(&first.to_be_bytes());
        journal[8..16].copy_from_slice(&last.to_be_bytes());
        self.send(&self.journal, None, &journal)?;
        loop {
            self.producer.poll(Duration::ZERO);
            if self.producer.in_flight_count() == 0 {
                break;
            }
            std::thread::sleep(DRAIN_NAP);
        }
        anyhow::ensure!(self.failures.0.load(Ordering::Relaxed) == 0, "a record was not delivered");
        self.producer.commit_transaction(client::CALL_TIMEOUT)?;
        Ok(())
    }

    fn send(&self, topic: &str, key: Option<&[u8]>, value: &[u8]) -> anyhow::Result<()> {
        let mut record = BaseRecord::<[u8], [u8]>::to(topic).partition(0).payload(value);
        if let Some(key) = key {
            record = record.key(key);
        }
        loop {
            record = match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    self.producer.poll(Duration::from_millis(1));
                    back
                }
                Err((error, _)) => return Err(error.into()),
            };
        }
    }
}
