//! Writing to topics as customers, desks and feed adapters do: each record into the partition of its key.

use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where acknowledged records came to lie: (tag, partition, offset).
type Places = Arc<Mutex<Vec<(usize, u32, u64)>>>;

/// Notes what the broker acknowledged.
struct Acknowledged {
    places: Places,
}

impl ClientContext for Acknowledged {}

impl ProducerContext for Acknowledged {
    type DeliveryOpaque = Box<usize>;

    fn delivery(&self, result: &DeliveryResult<'_>, tag: Box<usize>) {
        let message = result.as_ref().unwrap_or_else(|(error, _)| panic!("a record was not delivered: {error}"));
        let place = (*tag, message.partition().unsigned_abs(), message.offset().unsigned_abs());
        self.places.lock().expect("no panic holding it").push(place);
    }
}

/// A producer that never loses a record without failing the test.
pub struct Sender {
    producer: BaseProducer<Acknowledged>,
    places: Places,
    sent: usize,
}

/// A record to be sent.
#[derive(Clone, Debug)]
pub struct Parcel<'a> {
    /// The topic's full name.
    pub topic: &'a str,
    /// The partition.
    pub partition: u32,
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The bytes; none: a tombstone.
    pub value: Option<&'a [u8]>,
    /// The `content-type` header.
    pub content_type: Option<&'a str>,
}

impl Sender {
    /// An idempotent producer: each record once, in order.
    pub fn new(brokers: &str) -> Sender {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", brokers)
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "1")
            .set("message.max.bytes", "4000000")
            .set("queue.buffering.max.messages", "200000")
            .set_log_level(RDKafkaLogLevel::Error);
        let places = Places::default();
        let context = Acknowledged { places: Arc::clone(&places) };
        let producer = config.create_with_context(context).expect("a producer");
        Sender { producer, places, sent: 0 }
    }

    /// Hands a record to the client; gives its tag.
    pub fn send(&mut self, parcel: &Parcel<'_>) -> usize {
        let tag = self.sent;
        self.sent += 1;
        let mut record: BaseRecord<'_, [u8], [u8], Box<usize>> =
            BaseRecord::with_opaque_to(parcel.topic, Box::new(tag)).partition(parcel.partition.cast_signed());
        if let Some(key) = parcel.key {
            record = record.key(key);
        }
        if let Some(value) = parcel.value {
            record = record.payload(value);
        }
        if let Some(content_type) = parcel.content_type {
            let header = Header { key: "content-type", value: Some(content_type) };
            record = record.headers(OwnedHeaders::new().insert(header));
        }
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            record = match self.producer.send(record) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    assert!(Instant::now() < deadline, "the broker takes nothing");
                    self.producer.poll(Duration::from_millis(5));
                    back
                }
                Err((error, _)) => panic!("sending to {}: {error}", parcel.topic),
            };
        }
        self.producer.poll(Duration::ZERO);
        tag
    }

    /// Serves the client.
    pub fn serve(&self) {
        self.producer.poll(Duration::ZERO);
    }

    /// Waits until everything lies in its topic.
    pub fn settle(&self) {
        self.producer.flush(Duration::from_secs(30)).expect("the broker acknowledges");
        assert_eq!(self.places.lock().expect("no panic holding it").len(), self.sent, "every record is acknowledged");
    }

    /// Where the records lie, by tag: (partition, offset).
    pub fn places(&self) -> Vec<(u32, u64)> {
        self.settle();
        let mut places = self.places.lock().expect("no panic holding it").clone();
        places.sort_unstable();
        places.into_iter().map(|(_, partition, offset)| (partition, offset)).collect()
    }
}

/// The time now, ms since the epoch.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as i64
}
