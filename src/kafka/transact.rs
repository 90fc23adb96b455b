//! All or nothing: a shard's transactional producer.
//!
//! The client retries a lost `EndTxn` itself and then reports success; a stray copy of that request, released later,
//! would commit half of the next transaction. So every commit is timed after the deliveries have been drained: one
//! slower than 0.6 of the retry back-off (a retry cannot come before 0.8 of it) is reported as suspect, and whoever
//! calls renews the producer before the next transaction, which fences the stray.

use super::client::{CALL_TIMEOUT, Clients, log_error};
use crate::runtime::clock::{BrokerClock, local_ms, monotonic};
use crate::runtime::log::{LogError, OutRecord, Receipt, Writer};
use crate::runtime::metrics;
use crate::values::Time;
use crate::wire::Role;
use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders, Timestamp};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long `init_transactions` may take: it waits for the end of the last owner's transaction.
const INIT_TIMEOUT: Duration = Duration::from_secs(30);
/// Sleep between looks at the queue of unacknowledged records.
const DRAIN_NAP: Duration = Duration::from_micros(150);

/// What the delivery reports said: written by the client's callback, read by the writer after the drain.
#[derive(Debug, Default)]
struct Deliveries {
    journal_topic: String,
    journal_offset: AtomicI64,
    journal_append_ms: AtomicI64,
    failures: AtomicU64,
    first_failure: Mutex<Option<KafkaError>>,
}

#[derive(Clone)]
struct Reports(Arc<Deliveries>);

impl ClientContext for Reports {
    fn error(&self, error: KafkaError, reason: &str) {
        metrics::kafka_error("producer");
        tracing::warn!(%error, reason, "kafka producer");
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(message) => {
                if message.topic() == self.0.journal_topic {
                    self.0.journal_offset.store(message.offset(), Ordering::Release);
                    if let Timestamp::LogAppendTime(ms) = message.timestamp() {
                        self.0.journal_append_ms.store(ms, Ordering::Release);
                    }
                }
            }
            Err((error, _)) => {
                self.0.failures.fetch_add(1, Ordering::AcqRel);
                let mut first = self.0.first_failure.lock().expect("nobody panics holding it");
                first.get_or_insert_with(|| error.clone());
            }
        }
    }
}

/// The writer of one shard.
pub struct KafkaWriter {
    clients: Clients,
    role: Role,
    shard: u32,
    clock: BrokerClock,
    deliveries: Arc<Deliveries>,
    producer: Option<BaseProducer<Reports>>,
    suspect_after: Duration,
}

impl KafkaWriter {
    /// Makes the producer and initialises its transactions.
    pub fn open(clients: &Clients, role: Role, shard: u32, clock: BrokerClock) -> Result<Self, LogError> {
        let journal_topic = clients.topic(crate::wire::OutTopic::Journal(role).base_name());
        let mut writer = KafkaWriter {
            clients: clients.clone(),
            role,
            shard,
            clock,
            deliveries: Arc::new(Deliveries { journal_topic, ..Deliveries::default() }),
            producer: None,
            suspect_after: Duration::from_millis(u64::from(clients.part.retry_backoff_ms) * 6 / 10),
        };
        writer.renew()?;
        Ok(writer)
    }

    fn send_all(
        &self,
        producer: &BaseProducer<Reports>,
        identity: &str,
        records: &[OutRecord],
    ) -> Result<(), LogError> {
        for record in records {
            self.send(producer, identity, record)?;
        }
        Ok(())
    }

    fn send(&self, producer: &BaseProducer<Reports>, identity: &str, record: &OutRecord) -> Result<(), LogError> {
        let topic = self.clients.topic(record.topic);
        let id = format!("{identity}/{}", record.index);
        let headers = OwnedHeaders::new()
            .insert(Header { key: "touchline-type", value: Some(record.type_name) })
            .insert(Header { key: "touchline-schema", value: Some("1") })
            .insert(Header { key: "touchline-id", value: Some(id.as_str()) });
        let mut message = BaseRecord::<[u8], [u8]>::to(&topic)
            .partition(i32::try_from(record.partition).expect("a partition count is small"))
            .payload(&record.value)
            .headers(headers)
            .timestamp(record.at.ms());
        if let Some(key) = &record.key {
            message = message.key(key);
        }
        let deadline = monotonic() + CALL_TIMEOUT;
        loop {
            message = match producer.send(message) {
                Ok(()) => return Ok(()),
                // The client's queue is full: back-pressure. Serve it and go on.
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) if monotonic() < deadline => {
                    producer.poll(Duration::from_millis(1));
                    back
                }
                Err((error, _)) => return Err(self.unknown(producer, "produce", &error)),
            };
        }
    }

    /// Waits until every record is acknowledged. The client's own flush works in slices of 100 ms; this does not.
    fn drain(&self, producer: &BaseProducer<Reports>) -> Result<(), LogError> {
        let deadline = monotonic() + Duration::from_millis(u64::from(self.clients.part.transaction_timeout_ms));
        loop {
            producer.poll(Duration::ZERO);
            if producer.in_flight_count() == 0 {
                break;
            }
            if monotonic() > deadline {
                return Err(LogError::Unknown("records were not acknowledged in time".to_owned()));
            }
            std::thread::sleep(DRAIN_NAP);
        }
        if self.deliveries.failures.load(Ordering::Acquire) == 0 {
            return Ok(());
        }
        let first = self.deliveries.first_failure.lock().expect("nobody panics holding it").take();
        Err(first.map_or_else(
            || LogError::Unknown("a record was not delivered".to_owned()),
            |error| self.unknown(producer, "delivery", &error),
        ))
    }

    /// A fence is final; of everything else the outcome is unknown until the producer is renewed and the journal read.
    fn unknown(&self, producer: &BaseProducer<Reports>, doing: &str, error: &KafkaError) -> LogError {
        let fatal = producer.client().fatal_error().map(|(code, _)| code);
        let fenced = |code: RDKafkaErrorCode| {
            matches!(
                code,
                RDKafkaErrorCode::Fenced | RDKafkaErrorCode::InvalidProducerEpoch | RDKafkaErrorCode::ProducerFenced
            )
        };
        if fatal.is_some_and(fenced) || error.rdkafka_error_code().is_some_and(fenced) {
            return LogError::Fenced;
        }
        LogError::Unknown(format!("{doing}: {error}"))
    }
}

impl Writer for KafkaWriter {
    fn commit(&mut self, identity: &str, records: &[OutRecord]) -> Result<Receipt, LogError> {
        let producer = self.producer.as_ref().expect("renewed after every failure");
        self.deliveries.failures.store(0, Ordering::Release);
        self.deliveries.journal_offset.store(-1, Ordering::Release);
        self.deliveries.journal_append_ms.store(-1, Ordering::Release);
        producer.begin_transaction().map_err(|error| self.unknown(producer, "begin", &error))?;
        let sent_ms = local_ms();
        self.send_all(producer, identity, records)?;
        self.drain(producer)?;
        let appended = self.deliveries.journal_append_ms.load(Ordering::Acquire);
        if appended >= 0 {
            self.clock.observe(sent_ms, local_ms(), Time::from_ms(appended));
        }
        let started = monotonic();
        producer.commit_transaction(CALL_TIMEOUT).map_err(|error| self.unknown(producer, "commit", &error))?;
        let offset = self.deliveries.journal_offset.load(Ordering::Acquire);
        let journal_offset = u64::try_from(offset)
            .map_err(|_| LogError::Unknown("the journal record was committed without an offset".to_owned()))?;
        Ok(Receipt { journal_offset, suspect: started.elapsed() > self.suspect_after })
    }

    fn renew(&mut self) -> Result<(), LogError> {
        // Destroyed first: its threads and strays must be gone before the new epoch begins.
        self.producer = None;
        let config = self.clients.transactional(self.role, self.shard);
        self.deliveries.first_failure.lock().expect("nobody panics holding it").take();
        let producer: BaseProducer<Reports> = config
            .create_with_context(Reports(Arc::clone(&self.deliveries)))
            .map_err(|error| log_error("make a producer", &error))?;
        producer.init_transactions(INIT_TIMEOUT).map_err(|error| log_error("init_transactions", &error))?;
        self.producer = Some(producer);
        Ok(())
    }
}
