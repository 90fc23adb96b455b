//! Reading topics as anybody may, and waiting for things to come true.

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A record as it lies in a topic.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its time stamp (append time on input topics and markets), ms.
    pub at_ms: i64,
    /// Its value.
    pub value: Vec<u8>,
}

/// Reads a whole topic from its beginning, and on.
pub struct Reader {
    consumer: BaseConsumer,
    open: BTreeSet<i32>,
}

impl Reader {
    /// Committed records only.
    pub fn committed(brokers: &str, topic: &str, partitions: u32) -> Reader {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", brokers)
            .set("group.id", "touchline-proofs-unused")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "error")
            .set("fetch.wait.max.ms", "20")
            .set("fetch.error.backoff.ms", "50")
            .set("fetch.queue.backoff.ms", "10")
            .set_log_level(RDKafkaLogLevel::Error);
        let consumer: BaseConsumer = config.create().expect("a consumer");
        let mut list = TopicPartitionList::new();
        let all: BTreeSet<i32> = (0..partitions.cast_signed()).collect();
        for partition in &all {
            list.add_partition_offset(topic, *partition, Offset::Beginning).expect("a partition");
        }
        consumer.assign(&list).expect("an assignment");
        Reader { consumer, open: all }
    }

    /// The next record, or none after the wait.
    pub fn poll(&mut self, wait: Duration) -> Option<Seen> {
        match self.consumer.poll(wait)? {
            Ok(message) => Some(seen(&message)),
            Err(KafkaError::PartitionEOF(partition)) => {
                self.open.remove(&partition);
                None
            }
            // On a busy machine a broker may be slow to answer; the client connects again by itself.
            Err(KafkaError::MessageConsumption(RDKafkaErrorCode::AllBrokersDown)) => None,
            Err(error) => panic!("reading: {error}"),
        }
    }

    /// Everything up to the end of each partition as it is met.
    pub fn into_all(mut self) -> Vec<Seen> {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut all = Vec::new();
        while !self.open.is_empty() {
            assert!(Instant::now() < deadline, "the end of a topic was not reached within 60 s");
            all.extend(self.poll(Duration::from_millis(100)));
        }
        all
    }
}

fn seen(message: &BorrowedMessage<'_>) -> Seen {
    Seen { at_ms: message.timestamp().to_millis().unwrap_or(0), value: message.payload().unwrap_or_default().to_vec() }
}

/// Waits until it is so; after the patience it is a failure.
pub fn wait_until(what: &str, patience: Duration, mut so: impl FnMut() -> bool) -> Duration {
    let begin = Instant::now();
    while !so() {
        assert!(begin.elapsed() < patience, "waited {} s in vain until {what}", patience.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
    begin.elapsed()
}
