//! A pipeline with topics of its own: one match partition, one account partition, so one shard of the book.

use anyhow::{Context, anyhow, bail};
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::{Message, Offset, TopicPartitionList};
use std::path::{Path, PathBuf};
use std::time::Duration;
use touchline::event::Settings;
use touchline::kafka::client::{self, Clients, QuietConsumer};
use touchline::kafka::topics;
use touchline::runtime::pipeline;

/// A topic that stays silent this long while more is expected has failed.
const QUIET_MAX: Duration = Duration::from_secs(30);

/// Fresh topics and the file that names them.
pub(super) struct Ground {
    /// The pipeline file.
    pub(super) file: PathBuf,
    /// Where Kafka is.
    pub(super) brokers: String,
    /// The clients of that pipeline.
    pub(super) clients: Clients,
    settings: Settings,
}

impl Ground {
    /// Writes a pipeline file and makes its topics.
    pub(super) fn make(brokers: &str, name: &str) -> anyhow::Result<Self> {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.toml"));
        let text = format!(
            "name = \"{name}\"\nrevision = 1\n[kafka]\nbrokers = \"{brokers}\"\ntopic_prefix = \"{name}.\"\n\
             [partitions]\nmatches = 1\naccounts = 1\n"
        );
        std::fs::write(&file, text).with_context(|| format!("write {}", file.display()))?;
        let ground = Ground::open(&file)?;
        topics::create(&ground.clients, &ground.settings)
            .with_context(|| format!("no Kafka at {brokers}: start one with scripts/kafka up"))?;
        Ok(ground)
    }

    /// Reads a pipeline file.
    pub(super) fn open(file: &Path) -> anyhow::Result<Self> {
        let pipeline = pipeline::load(file)?;
        let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
        let (clients, brokers) = (Clients::of(&pipeline), pipeline.kafka.brokers);
        Ok(Ground { file: file.to_owned(), brokers, clients, settings })
    }

    /// Deletes the topics and the file.
    pub(super) fn raze(&self) -> anyhow::Result<()> {
        let names: Vec<String> =
            topics::plan(&self.settings).iter().map(|topic| self.clients.topic(topic.base)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let admin: AdminClient<DefaultClientContext> = self.clients.base("admin").create()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        for deleted in runtime.block_on(admin.delete_topics(&names, &AdminOptions::new()))? {
            deleted.map_err(|(name, code)| anyhow!("topic {name} could not be deleted: {code}"))?;
        }
        std::fs::remove_file(&self.file)?;
        Ok(())
    }
}

/// Reads partition 0 of a topic from its beginning, committed records only.
pub(super) struct Reader {
    consumer: QuietConsumer,
    topic: String,
}

impl Reader {
    /// By the topic's name without the prefix.
    pub(super) fn open(ground: &Ground, base_name: &str) -> anyhow::Result<Self> {
        let mut config = ground.clients.reader("bench");
        config.set("enable.partition.eof", "true");
        let consumer = client::consumer(&config)?;
        let topic = ground.clients.topic(base_name);
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&topic, 0, Offset::Offset(0))?;
        consumer.assign(&list)?;
        Ok(Reader { consumer, topic })
    }

    /// Takes that many records.
    pub(super) fn take(
        &self,
        count: usize,
        mut each: impl FnMut(&BorrowedMessage<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        const WAIT: Duration = Duration::from_millis(250);
        let (mut taken, mut silent) = (0, Duration::ZERO);
        while taken < count {
            match self.consumer.poll(WAIT) {
                Some(Ok(message)) => {
                    each(&message)?;
                    taken += 1;
                    silent = Duration::ZERO;
                }
                Some(Err(KafkaError::PartitionEOF(_))) => {}
                Some(Err(error)) => return Err(error.into()),
                None => silent += WAIT,
            }
            if silent > QUIET_MAX {
                bail!("{}: {taken} of {count} records came, then nothing for {QUIET_MAX:?}", self.topic);
            }
        }
        Ok(())
    }

    /// Takes all that is there.
    pub(super) fn take_all(
        &self,
        mut each: impl FnMut(&BorrowedMessage<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        loop {
            match self.consumer.poll(QUIET_MAX) {
                Some(Ok(message)) => each(&message)?,
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(()),
                Some(Err(error)) => return Err(error.into()),
                None => bail!("{}: its end was not reached within {QUIET_MAX:?}", self.topic),
            }
        }
    }
}

/// Bytes of key, value and headers of a record.
pub(super) fn bytes_of(message: &BorrowedMessage<'_>) -> usize {
    use rdkafka::message::Headers as _;
    let headers = message
        .headers()
        .map_or(0, |headers| headers.iter().map(|header| header.key.len() + header.value.map_or(0, <[u8]>::len)).sum());
    message.key_len() + message.payload_len() + headers
}
