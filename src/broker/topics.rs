//! The topics: their names, how many partitions each has, and the few settings that this broker obeys.

use super::fault::Fault;
use super::log::PartitionLog;
use std::collections::{BTreeMap, BTreeSet};

/// A partition, for ever: a topic made again under an old name has new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PartitionId(u32);

/// The settings that may be named, with Kafka's defaults. Those that this broker obeys are fields of [`Topic`]; the
/// others are kept and told, and nothing else.
const SETTINGS: [(&str, &str); 14] = [
    ("cleanup.policy", "delete"),
    ("compression.type", "producer"),
    ("delete.retention.ms", "86400000"),
    ("file.delete.delay.ms", "60000"),
    ("flush.messages", "9223372036854775807"),
    ("flush.ms", "9223372036854775807"),
    ("max.message.bytes", "1048588"),
    ("message.timestamp.type", "CreateTime"),
    ("min.cleanable.dirty.ratio", "0.5"),
    ("min.insync.replicas", "1"),
    ("retention.bytes", "-1"),
    ("retention.ms", "604800000"),
    ("segment.bytes", "1073741824"),
    ("segment.ms", "604800000"),
];
/// The longest name.
const NAME_LEN_MAX: usize = 249;
/// The most partitions of a topic.
const PARTITIONS_MAX: i32 = 10_000;

/// A topic.
#[derive(Clone, Debug)]
pub(crate) struct Topic {
    /// Its partitions.
    pub(crate) partitions: Vec<PartitionId>,
    settings: BTreeMap<String, String>,
    /// Whether the broker stamps its records.
    pub(crate) append_time: bool,
    /// The longest batch, bytes.
    pub(crate) batch_len_max: usize,
    /// How much of a partition is kept at least; `None`: all.
    pub(crate) retention_len: Option<u64>,
}

impl Topic {
    /// Every setting: (name, value, whether it was given when the topic was made).
    pub(crate) fn settings(&self) -> impl Iterator<Item = (&'static str, String, bool)> + '_ {
        SETTINGS.iter().map(|(name, default)| match self.settings.get(*name) {
            Some(value) => (*name, value.clone(), true),
            None => (*name, (*default).to_owned(), false),
        })
    }
}

/// All topics and their partitions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Topics {
    by_name: BTreeMap<String, Topic>,
    logs: BTreeMap<PartitionId, PartitionLog>,
    next: u32,
}

impl Topics {
    /// By name.
    pub(crate) fn get(&self, name: &str) -> Result<&Topic, Fault> {
        self.by_name.get(name).ok_or(Fault::UnknownTopicOrPartition)
    }

    /// All of them, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Topic)> {
        self.by_name.iter()
    }

    /// The partition of that number.
    pub(crate) fn find(&self, name: &str, index: i32) -> Result<(PartitionId, &Topic), Fault> {
        let topic = self.get(name)?;
        let index = usize::try_from(index).map_err(|_| Fault::UnknownTopicOrPartition)?;
        let id = topic.partitions.get(index).ok_or(Fault::UnknownTopicOrPartition)?;
        Ok((*id, topic))
    }

    /// What lies in the partition of that number.
    pub(crate) fn log(&self, name: &str, index: i32) -> Result<&PartitionLog, Fault> {
        let (id, _) = self.find(name, index)?;
        Ok(self.logs.get(&id).expect("a topic's partitions exist"))
    }

    /// A partition that may have gone with its topic.
    pub(crate) fn log_mut(&mut self, id: PartitionId) -> Option<&mut PartitionLog> {
        self.logs.get_mut(&id)
    }

    /// Bytes held in all.
    pub(crate) fn len(&self) -> u64 {
        self.logs.values().map(PartitionLog::len).sum()
    }

    /// Makes a topic; `check_only` says what would happen.
    pub(crate) fn create(
        &mut self,
        name: &str,
        partitions: i32,
        settings: BTreeMap<String, String>,
        check_only: bool,
    ) -> Result<(), (Fault, String)> {
        check_name(name)?;
        if self.by_name.contains_key(name) {
            return Err((Fault::TopicAlreadyExists, format!("Topic '{name}' already exists.")));
        }
        if !(1..=PARTITIONS_MAX).contains(&partitions) {
            return Err((Fault::InvalidPartitions, format!("1 to {PARTITIONS_MAX} partitions, not {partitions}")));
        }
        let mut topic = configured(settings)?;
        if check_only {
            return Ok(());
        }
        for _ in 0..partitions {
            let id = PartitionId(self.next);
            self.next += 1;
            topic.partitions.push(id);
            self.logs.insert(id, PartitionLog::default());
        }
        self.by_name.insert(name.to_owned(), topic);
        Ok(())
    }

    /// Deletes a topic with all that lies in it; gives its partitions.
    pub(crate) fn delete(&mut self, name: &str) -> Result<BTreeSet<PartitionId>, Fault> {
        let topic = self.by_name.remove(name).ok_or(Fault::UnknownTopicOrPartition)?;
        for id in &topic.partitions {
            self.logs.remove(id);
        }
        Ok(topic.partitions.into_iter().collect())
    }
}

/// Whether a topic could have that name.
pub(crate) fn check_name(name: &str) -> Result<(), (Fault, String)> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.is_empty() || name == "." || name == ".." || name.len() > NAME_LEN_MAX || !name.bytes().all(legal) {
        let why = format!("a topic's name has 1 to {NAME_LEN_MAX} of a-z, A-Z, 0-9, '.', '_', '-'");
        return Err((Fault::InvalidTopic, why));
    }
    Ok(())
}

fn configured(settings: BTreeMap<String, String>) -> Result<Topic, (Fault, String)> {
    let wrong = |name: &str, value: &str| (Fault::InvalidConfig, format!("Invalid value {value} for {name}"));
    if let Some(unknown) = settings.keys().find(|name| !SETTINGS.iter().any(|(known, _)| known == name)) {
        return Err((Fault::InvalidConfig, format!("Unknown topic config name: {unknown}")));
    }
    let number = |name: &str, default: i64| -> Result<i64, (Fault, String)> {
        settings.get(name).map_or(Ok(default), |value| value.parse().map_err(|_| wrong(name, value)))
    };
    let append_time = match settings.get("message.timestamp.type").map(String::as_str) {
        Some("LogAppendTime") => true,
        Some("CreateTime") | None => false,
        Some(other) => return Err(wrong("message.timestamp.type", other)),
    };
    let policy = settings.get("cleanup.policy").map_or("delete", String::as_str);
    if !policy.split(',').all(|part| matches!(part.trim(), "delete" | "compact")) {
        return Err(wrong("cleanup.policy", policy));
    }
    let longest = number("max.message.bytes", 1_048_588)?;
    let batch_len_max = usize::try_from(longest).map_err(|_| wrong("max.message.bytes", &longest.to_string()))?;
    number("retention.ms", 0)?;
    let retention_len = u64::try_from(number("retention.bytes", -1)?).ok();
    Ok(Topic { partitions: Vec::new(), settings, append_time, batch_len_max, retention_len })
}
