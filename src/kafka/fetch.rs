//! Reading: the input partitions of a shard, and its own journal.

use super::client::{CALL_TIMEOUT, Clients, QuietConsumer, consumer, log_error};
use crate::event::Topic;
use crate::runtime::batch::Source;
use crate::runtime::clock::monotonic;
use crate::runtime::log::{EachRecord, Fetched, Fetcher, LogError, Tail};
use crate::values::Time;
use crate::wire::{OutTopic, Role};
use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message, Timestamp};
use rdkafka::{Offset, TopicPartitionList};
use std::time::Duration;

/// Reads some input partitions from their beginning.
pub struct KafkaFetcher {
    consumer: QuietConsumer,
    topics: Vec<(String, Topic)>,
}

impl KafkaFetcher {
    /// Assigns the sources, each from offset 0: an input that no longer starts there cannot be recovered from.
    pub fn open(clients: &Clients, sources: &[Source]) -> Result<Self, LogError> {
        let consumer = consumer(&clients.reader("in"))?;
        let mut list = TopicPartitionList::new();
        let mut topics: Vec<(String, Topic)> = Vec::new();
        for source in sources {
            let name = clients.in_topic(source.topic);
            add(&mut list, &name, source.partition, Offset::Offset(0))?;
            if !topics.iter().any(|(known, _)| *known == name) {
                topics.push((name, source.topic));
            }
        }
        consumer.assign(&list).map_err(|error| log_error("assign", &error))?;
        Ok(KafkaFetcher { consumer, topics })
    }

    fn list(&self, source: Source) -> Result<TopicPartitionList, LogError> {
        let (name, _) = self.topics.iter().find(|(_, topic)| *topic == source.topic).expect("an assigned topic");
        let mut list = TopicPartitionList::new();
        list.add_partition(name, partition(source.partition));
        Ok(list)
    }

    fn fetched(&self, message: &BorrowedMessage<'_>) -> Result<Fetched, LogError> {
        let (name, topic) =
            self.topics.iter().find(|(name, _)| name == message.topic()).expect("only assigned topics arrive");
        let place = || format!("{name} partition {} offset {}", message.partition(), message.offset());
        let Timestamp::LogAppendTime(append_ms) = message.timestamp() else {
            return Err(LogError::Broken(format!(
                "{}: the topic must have message.timestamp.type=LogAppendTime",
                place()
            )));
        };
        let header = message.headers().and_then(|headers| headers.iter().find(|header| header.key == "content-type"));
        Ok(Fetched {
            source: Source { topic: *topic, partition: message.partition().unsigned_abs() },
            offset: message.offset().unsigned_abs(),
            append_time: Time::from_ms(append_ms),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().unwrap_or_default().to_vec(),
            content_type: header.and_then(|header| header.value).map(<[u8]>::to_vec),
        })
    }
}

impl Fetcher for KafkaFetcher {
    fn poll(&mut self, wait: Duration) -> Result<Option<Fetched>, LogError> {
        match self.consumer.poll(wait) {
            None => Ok(None),
            Some(Ok(message)) => self.fetched(&message).map(Some),
            Some(Err(error)) => passing(&error, "fetch").map(|()| None),
        }
    }

    fn pause(&mut self, source: Source) -> Result<(), LogError> {
        self.consumer.pause(&self.list(source)?).map_err(|error| log_error("pause", &error))
    }

    fn resume(&mut self, source: Source) -> Result<(), LogError> {
        self.consumer.resume(&self.list(source)?).map_err(|error| log_error("resume", &error))
    }
}

/// Reads a shard's journal.
pub struct KafkaTail {
    clients: Clients,
    topic: String,
    shard: u32,
}

impl KafkaTail {
    /// The journal of a shard.
    pub fn new(clients: &Clients, role: Role, shard: u32) -> Self {
        let topic = clients.topic(OutTopic::Journal(role).base_name());
        KafkaTail { clients: clients.clone(), topic, shard }
    }
}

impl Tail for KafkaTail {
    fn read_from(&mut self, offset: u64, each: &mut EachRecord<'_>) -> Result<(), LogError> {
        // A consumer of its own, made after the writer's initialisation: its first end-of-partition is then the end of
        // everything that was ever committed there.
        let mut config = self.clients.reader("journal");
        config.set("enable.partition.eof", "true");
        let consumer = consumer(&config)?;
        let (_, high) = consumer
            .fetch_watermarks(&self.topic, partition(self.shard), CALL_TIMEOUT)
            .map_err(|error| log_error("read the journal's end", &error))?;
        if high.unsigned_abs() <= offset {
            return Ok(());
        }
        let mut list = TopicPartitionList::new();
        let from = i64::try_from(offset).expect("an offset fits");
        add(&mut list, &self.topic, self.shard, Offset::Offset(from))?;
        consumer.assign(&list).map_err(|error| log_error("assign the journal", &error))?;
        let mut quiet_since = monotonic();
        loop {
            match consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => {
                    quiet_since = monotonic();
                    each(message.offset().unsigned_abs(), message.payload().unwrap_or_default().to_vec())?;
                }
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(()),
                Some(Err(error)) => passing(&error, "read the journal")?,
                None if quiet_since.elapsed() < 2 * CALL_TIMEOUT => {}
                None => return Err(LogError::Unavailable("the journal's end was not reached in time".to_owned())),
            }
        }
    }
}

/// Errors that pass by themselves are logged; the client goes on.
fn passing(error: &KafkaError, doing: &str) -> Result<(), LogError> {
    if matches!(error, KafkaError::PartitionEOF(_)) {
        return Ok(());
    }
    match log_error(doing, error) {
        LogError::Unavailable(why) => {
            let decoding = matches!(
                error.rdkafka_error_code(),
                Some(
                    RDKafkaErrorCode::BadMessage | RDKafkaErrorCode::InvalidMessage | RDKafkaErrorCode::BadCompression
                )
            );
            if decoding {
                return Err(LogError::Broken(why));
            }
            tracing::warn!(why, "kafka consumer");
            Ok(())
        }
        other @ (LogError::Fenced | LogError::Unknown(_) | LogError::Broken(_)) => Err(other),
    }
}

fn partition(number: u32) -> i32 {
    i32::try_from(number).expect("a partition count is small")
}

fn add(list: &mut TopicPartitionList, topic: &str, number: u32, offset: Offset) -> Result<(), LogError> {
    list.add_partition_offset(topic, partition(number), offset).map_err(|error| log_error("assign", &error))
}
