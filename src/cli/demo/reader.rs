//! Reads the output topics as any consumer could: committed records, from the beginning.

use super::board::Board;
use crate::kafka::client::Clients;
use crate::runtime::pipeline::Pipeline;
use crate::wire::{self, OutTopic};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Message, Offset, TopicPartitionList};
use std::time::Duration;

/// Records taken at a time, so that the screen and the punters get their turn.
const RECORDS_AT_A_TIME: usize = 500;

/// A consumer of what the demo shows.
pub(super) struct Reader {
    consumer: BaseConsumer,
    prefix: String,
}

impl Reader {
    pub(super) fn open(pipeline: &Pipeline) -> anyhow::Result<Self> {
        let clients = Clients::of(pipeline);
        let consumer: BaseConsumer = clients.reader("view").create()?;
        let mut list = TopicPartitionList::new();
        let (matches, accounts) = (pipeline.rules.partitions.matches, pipeline.rules.partitions.accounts);
        let topics = [(OutTopic::Markets, matches), (OutTopic::Decisions, accounts), (OutTopic::Settlements, accounts)];
        for (topic, partitions) in topics {
            for partition in 0..partitions {
                let name = clients.topic(topic.base_name());
                list.add_partition_offset(&name, i32::try_from(partition)?, Offset::Offset(0))?;
            }
        }
        consumer.assign(&list)?;
        Ok(Reader { consumer, prefix: pipeline.kafka.topic_prefix.clone() })
    }

    /// Puts on the board what is there; waits this long for the first record.
    pub(super) fn read(&self, board: &mut Board, wait: Duration) {
        let mut wait = wait;
        for _ in 0..RECORDS_AT_A_TIME {
            let Some(Ok(message)) = self.consumer.poll(wait) else { return };
            wait = Duration::ZERO;
            let base = message.topic().strip_prefix(&self.prefix).unwrap_or_default();
            let topic = OutTopic::ALL.into_iter().find(|topic| topic.base_name() == base);
            let output = topic.and_then(|topic| wire::decode_output(topic, message.payload().unwrap_or_default()).ok());
            if let Some(output) = output {
                board.take(output);
            }
        }
    }
}
