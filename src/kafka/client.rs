//! How every client of a pipeline is set up, and what its topics are called.

use crate::event::Topic;
use crate::runtime::log::LogError;
use crate::runtime::metrics;
use crate::runtime::pipeline::{KafkaPart, Pipeline};
use crate::wire::{Role, in_topic_name};
use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::time::Duration;

/// No call to the broker waits longer.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The names and settings of one pipeline's clients.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The pipeline's name.
    pub pipeline: String,
    /// Its Kafka part.
    pub part: KafkaPart,
}

impl Clients {
    /// Those of a pipeline.
    pub fn of(pipeline: &Pipeline) -> Self {
        Clients { pipeline: pipeline.name.clone(), part: pipeline.kafka.clone() }
    }

    /// A topic's full name.
    pub fn topic(&self, base: &str) -> String {
        format!("{}{base}", self.part.topic_prefix)
    }

    /// An input topic's full name.
    pub fn in_topic(&self, topic: Topic) -> String {
        self.topic(in_topic_name(topic))
    }

    /// The fence of a shard.
    pub fn transactional_id(&self, role: Role, shard: u32) -> String {
        format!("{}{}-{}-{shard}", self.part.topic_prefix, self.pipeline, role.name())
    }

    /// What all clients share.
    pub fn base(&self, purpose: &str) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.part.brokers)
            .set("client.id", format!("touchline-{}-{purpose}", self.pipeline))
            .set("socket.timeout.ms", "10000")
            .set("reconnect.backoff.ms", "50")
            .set("reconnect.backoff.max.ms", "1000")
            .set("retry.backoff.ms", self.part.retry_backoff_ms.to_string())
            .set("retry.backoff.max.ms", "1000")
            .set_log_level(RDKafkaLogLevel::Error);
        self.secure(&mut config);
        config
    }

    /// Encryption and who we are, as the settings say.
    fn secure(&self, config: &mut ClientConfig) {
        let security = &self.part.security;
        config.set("security.protocol", security.protocol.name());
        if security.protocol.is_sasl() {
            config
                .set("sasl.mechanism", security.mechanism.name())
                .set("sasl.username", &security.username)
                .set("sasl.password", &security.secrets.password);
        }
        if security.protocol.is_encrypted() {
            let given =
                |file: &str, otherwise: &str| if file.is_empty() { otherwise.to_owned() } else { file.to_owned() };
            // OpenSSL is linked in and knows no place of its own: "probe" looks where systems keep their authorities.
            config.set("ssl.ca.location", given(&security.ca_file, "probe")).set(
                "ssl.endpoint.identification.algorithm",
                if security.endpoint_identification { "https" } else { "none" },
            );
            for (key, value) in [
                ("ssl.certificate.location", &security.certificate_file),
                ("ssl.key.location", &security.key_file),
                ("ssl.key.password", &security.secrets.key_password),
            ] {
                if !value.is_empty() {
                    config.set(key, value);
                }
            }
        }
    }

    /// A consumer that reads partitions it is told to, committed records only.
    pub fn reader(&self, purpose: &str) -> ClientConfig {
        let mut config = self.base(purpose);
        config
            .set("group.id", format!("{}-unused", self.pipeline))
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "error")
            .set("fetch.wait.max.ms", "250")
            .set("fetch.queue.backoff.ms", "10")
            .set("fetch.error.backoff.ms", "100")
            .set("queued.min.messages", "20000")
            .set("queued.max.messages.kbytes", "16384");
        config
    }

    /// A shard's transactional producer.
    pub fn transactional(&self, role: Role, shard: u32) -> ClientConfig {
        let timeout = self.part.transaction_timeout_ms;
        let mut config = self.base(role.name());
        config
            .set("transactional.id", self.transactional_id(role, shard))
            .set("transaction.timeout.ms", timeout.to_string())
            .set("message.timeout.ms", timeout.to_string())
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "0.5")
            .set("queue.buffering.max.messages", "500000")
            .set("queue.buffering.max.kbytes", "524288");
        config
    }

    /// A plain idempotent producer, for adapters and tools.
    pub fn producer(&self, purpose: &str) -> ClientConfig {
        let mut config = self.base(purpose);
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "1")
            .set("partitioner", "murmur2_random")
            .set("message.timeout.ms", "30000");
        config
    }
}

/// Logs what the client complains about, except that a partition has an end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl ClientContext for Quiet {
    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::PartitionEOF) {
            metrics::kafka_error("reader");
            tracing::warn!(%error, reason, "kafka");
        }
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(?level, facility, message, "kafka");
    }
}

impl ConsumerContext for Quiet {}

/// A consumer that says only what matters.
pub type QuietConsumer = BaseConsumer<Quiet>;

/// Makes a consumer.
pub fn consumer(config: &ClientConfig) -> Result<QuietConsumer, LogError> {
    config.create_with_context(Quiet).map_err(|error| log_error("make a consumer", &error))
}

/// What a Kafka error means for a shard.
pub fn log_error(doing: &str, error: &KafkaError) -> LogError {
    let text = format!("{doing}: {error}");
    if let KafkaError::ClientCreation(_) | KafkaError::ClientConfig(..) = error {
        // No waiting makes a missing file or an impossible setting good.
        return LogError::Broken(text);
    }
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::Fenced | RDKafkaErrorCode::InvalidProducerEpoch | RDKafkaErrorCode::ProducerFenced) => {
            LogError::Fenced
        }
        Some(
            RDKafkaErrorCode::OffsetOutOfRange
            | RDKafkaErrorCode::AutoOffsetReset
            | RDKafkaErrorCode::UnknownTopic
            | RDKafkaErrorCode::UnknownTopicOrPartition
            | RDKafkaErrorCode::UnknownPartition
            | RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::ClusterAuthorizationFailed
            | RDKafkaErrorCode::TransactionalIdAuthorizationFailed,
        ) => LogError::Broken(text),
        Some(_) | None => LogError::Unavailable(text),
    }
}
