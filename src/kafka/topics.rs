//! The topics of a pipeline: made by `touchline topics create`, checked by every role before it starts.

use super::client::{CALL_TIMEOUT, Clients, QuietConsumer, consumer, log_error};
use super::connect;
use crate::event::{Settings, Topic};
use crate::runtime::clock::monotonic;
use crate::runtime::log::LogError;
use crate::wire::{OutTopic, Role, in_topic_name};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::Consumer;
use rdkafka::error::RDKafkaErrorCode;
use std::time::Duration;

/// A topic as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPlan {
    /// Its name without the pipeline's prefix.
    pub base: &'static str,
    /// Its partitions.
    pub partitions: u32,
    /// Whether the broker stamps it (`LogAppendTime`) or the writer does (`CreateTime` = batch time).
    pub log_append_time: bool,
    /// How long records are kept; `None`: for ever.
    pub retention_ms: Option<u64>,
    /// Compacted.
    pub compacted: bool,
}

const SEVEN_DAYS_MS: u64 = 7 * 24 * 3_600_000;

/// The topics of a pipeline with these partition counts (`architecture.md`, section 1).
pub fn plan(settings: &Settings) -> Vec<TopicPlan> {
    let (matches, accounts) = (settings.match_partitions, settings.account_partitions);
    let kept = |base, partitions, log_append_time| TopicPlan {
        base,
        partitions,
        log_append_time,
        retention_ms: None,
        compacted: false,
    };
    let mut plan = vec![
        kept(in_topic_name(Topic::Feed), matches, true),
        kept(in_topic_name(Topic::TradingCommands), matches, true),
        TopicPlan { retention_ms: Some(SEVEN_DAYS_MS), ..kept(OutTopic::FeedRequests.base_name(), matches, false) },
        kept(OutTopic::Markets.base_name(), matches, true),
        TopicPlan { compacted: true, ..kept(OutTopic::MarketImages.base_name(), matches, false) },
        kept(OutTopic::Results.base_name(), matches, false),
        kept(in_topic_name(Topic::AccountCommands), accounts, true),
        kept(in_topic_name(Topic::Commands), accounts, true),
        kept(OutTopic::Decisions.base_name(), accounts, false),
        kept(OutTopic::Settlements.base_name(), accounts, false),
        kept(OutTopic::Ledger.base_name(), accounts, false),
    ];
    for (role, shards) in [(Role::Trading, matches), (Role::Book, accounts)] {
        plan.push(kept(OutTopic::Journal(role).base_name(), shards, true));
        plan.push(kept(OutTopic::Rejects(role).base_name(), shards, false));
        plan.push(kept(OutTopic::Alerts(role).base_name(), shards, false));
    }
    plan
}

impl TopicPlan {
    fn time_type(&self) -> &'static str {
        if self.log_append_time { "LogAppendTime" } else { "CreateTime" }
    }

    fn retention(&self) -> String {
        self.retention_ms.map_or("-1".to_owned(), |ms| ms.to_string())
    }
}

impl TopicPlan {
    /// Its settings in words.
    pub fn rules(&self) -> String {
        let kept = match self.retention_ms {
            None if self.compacted => "the newest of each key kept".to_owned(),
            None => "kept for ever".to_owned(),
            Some(ms) => format!("kept {} h", ms / 3_600_000),
        };
        format!(
            "{} partitions, stamped by {}, {kept}",
            self.partitions,
            if self.log_append_time { "the broker" } else { "the writer" }
        )
    }
}

/// First offset and end of each partition of a topic; none for a topic that is not there.
pub type Standing = Option<Vec<(i64, i64)>>;

/// How each of these topics stands.
pub fn standing(clients: &Clients, plan: &[TopicPlan]) -> Result<Vec<Standing>, LogError> {
    let metadata = connect::metadata(clients)?;
    let reader = consumer(&clients.reader("topics"))?;
    let mut all = Vec::with_capacity(plan.len());
    for topic in plan {
        let name = clients.topic(topic.base);
        let Some(known) = metadata.topics().iter().find(|known| known.name() == name) else {
            all.push(None);
            continue;
        };
        let ends = known.partitions().iter().map(|partition| ends_of(&reader, &name, partition.id()));
        all.push(Some(ends.collect::<Result<_, _>>()?));
    }
    Ok(all)
}

/// A partition that was just made, or whose leader moves, is asked again for a while.
fn ends_of(reader: &QuietConsumer, name: &str, partition: i32) -> Result<(i64, i64), LogError> {
    let deadline = monotonic() + CALL_TIMEOUT;
    loop {
        match reader.fetch_watermarks(name, partition, CALL_TIMEOUT) {
            Ok(ends) => return Ok(ends),
            Err(_) if monotonic() < deadline => std::thread::sleep(Duration::from_millis(100)),
            Err(error) => return Err(log_error(&format!("{name} partition {partition}: ask for its ends"), &error)),
        }
    }
}

fn admin(clients: &Clients) -> Result<AdminClient<DefaultClientContext>, LogError> {
    clients.base("admin").create().map_err(|error| log_error("make an admin client", &error))
}

fn block_on<T>(future: impl Future<Output = T>) -> Result<T, LogError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| LogError::Unavailable(error.to_string()))?;
    Ok(runtime.block_on(future))
}

/// Makes the missing topics: (name, made now) each.
pub fn create(clients: &Clients, settings: &Settings) -> Result<Vec<(String, bool)>, LogError> {
    let plan = plan(settings);
    let names: Vec<String> = plan.iter().map(|topic| clients.topic(topic.base)).collect();
    let retention: Vec<String> = plan.iter().map(TopicPlan::retention).collect();
    let new: Vec<NewTopic<'_>> = plan
        .iter()
        .enumerate()
        .map(|(at, topic)| {
            let partitions = i32::try_from(topic.partitions).expect("a partition count is small");
            NewTopic::new(&names[at], partitions, TopicReplication::Fixed(clients.part.replication))
                .set("message.timestamp.type", topic.time_type())
                .set("retention.ms", &retention[at])
                .set("cleanup.policy", if topic.compacted { "compact" } else { "delete" })
        })
        .collect();
    // The first word: it says what is wrong where an admin call would only time out.
    connect::metadata(clients)?;
    let admin = admin(clients)?;
    let options = AdminOptions::new().operation_timeout(Some(CALL_TIMEOUT)).request_timeout(Some(CALL_TIMEOUT));
    let results = block_on(admin.create_topics(&new, &options))?.map_err(|error| log_error("create topics", &error))?;
    let made: Vec<(String, bool)> = results
        .into_iter()
        .map(|result| match result {
            Ok(name) => Ok((name, true)),
            Err((name, RDKafkaErrorCode::TopicAlreadyExists)) => Ok((name, false)),
            Err((name, code)) => Err(LogError::Broken(format!("topic {name} cannot be made: {code}"))),
        })
        .collect::<Result<_, _>>()?;
    if made.iter().any(|(_, now)| *now) {
        await_known(clients, settings)?;
    }
    Ok(made)
}

/// A topic that the controller has just made is not at once in the metadata that brokers give out: waits until it is.
fn await_known(clients: &Clients, settings: &Settings) -> Result<(), LogError> {
    let deadline = monotonic() + CALL_TIMEOUT;
    loop {
        match check(clients, settings) {
            Err(LogError::Broken(_)) if monotonic() < deadline => std::thread::sleep(Duration::from_millis(100)),
            other => return other,
        }
    }
}

/// Refuses a missing topic, another partition count, wrong settings; names all that is wrong.
pub fn check(clients: &Clients, settings: &Settings) -> Result<(), LogError> {
    let plan = plan(settings);
    let metadata = connect::metadata(clients)?;
    let (mut wrong, mut missing) = (Vec::new(), Vec::new());
    for topic in &plan {
        let name = clients.topic(topic.base);
        match metadata.topics().iter().find(|known| known.name() == name) {
            None => missing.push(name),
            Some(known) if known.partitions().len() != topic.partitions as usize => wrong.push(format!(
                "topic {name} has {} partitions, the pipeline says {}",
                known.partitions().len(),
                topic.partitions
            )),
            Some(_) => {}
        }
    }
    if !missing.is_empty() {
        wrong.push(format!(
            "missing at {}: {}: run `touchline topics create`",
            clients.part.brokers,
            missing.join(", ")
        ));
    }
    if wrong.is_empty() {
        check_configs(clients, &plan, &mut wrong)?;
    }
    if wrong.is_empty() { Ok(()) } else { Err(LogError::Broken(wrong.join("; "))) }
}

fn check_configs(clients: &Clients, plan: &[TopicPlan], wrong: &mut Vec<String>) -> Result<(), LogError> {
    let names: Vec<String> = plan.iter().map(|topic| clients.topic(topic.base)).collect();
    let asked: Vec<_> = names.iter().map(|name| ResourceSpecifier::Topic(name)).collect();
    let admin = admin(clients)?;
    let options = AdminOptions::new().request_timeout(Some(CALL_TIMEOUT));
    let found =
        block_on(admin.describe_configs(&asked, &options))?.map_err(|error| log_error("describe topics", &error))?;
    for ((topic, name), resource) in plan.iter().zip(&names).zip(found) {
        let resource =
            resource.map_err(|code| LogError::Broken(format!("topic {name} cannot be described: {code}")))?;
        let value = |key: &str| resource.get(key).and_then(|entry| entry.value.clone()).unwrap_or_default();
        let stamp = value("message.timestamp.type");
        if stamp != topic.time_type() {
            wrong.push(format!("topic {name} has message.timestamp.type={stamp}, must be {}", topic.time_type()));
        }
        let policy = value("cleanup.policy");
        if policy.contains("compact") != topic.compacted {
            wrong.push(format!("topic {name} has cleanup.policy={policy}"));
        }
        if topic.retention_ms.is_none() && value("retention.ms") != "-1" {
            wrong.push(format!("topic {name} has retention.ms={}, must be -1: it is the truth", value("retention.ms")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_that_a_role_reads_or_writes_is_planned_once() {
        let plan = plan(&Settings { match_partitions: 3, account_partitions: 5, ..Settings::default() });
        let mut names: Vec<_> = plan.iter().map(|topic| topic.base).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), plan.len());
        let partitions = |base| plan.iter().find(|topic| topic.base == base).map(|topic| topic.partitions);
        assert_eq!(partitions("feed.v1"), Some(3));
        assert_eq!(partitions("journal-trading.v1"), Some(3));
        let compacted: Vec<_> = plan.iter().filter(|topic| topic.compacted).map(|topic| topic.base).collect();
        assert_eq!(compacted, ["market-images.v1"], "no machine reads a compacted topic");
        assert_eq!(partitions("ledger.v1"), Some(5));
        assert_eq!(partitions("journal-book.v1"), Some(5));
    }
}
