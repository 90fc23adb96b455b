//! Writing, reading, finding and deleting records, in Kafka's words.

use super::dispatch::{Request, text};
use super::house::House;
use crate::broker::core::Core;
use crate::broker::fault::{Fault, code_of};
use crate::broker::log::Read;
use crate::broker::topics::PartitionId;
use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult};
use kafka_protocol::messages::fetch_response::{AbortedTransaction, FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{
    DeleteRecordsRequest, DeleteRecordsResponse, FetchRequest, FetchResponse, ListOffsetsRequest, ListOffsetsResponse,
    ProduceRequest, ProduceResponse,
};
use std::collections::BTreeSet;

const READ_COMMITTED: i8 = 1;
const EARLIEST: i64 = -2;
const LATEST: i64 = -1;

/// Appends batches.
pub(super) fn produce(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: ProduceRequest = request.body()?;
    let version = request.version;
    let mut response = ProduceResponse::default();
    for topic in asked.topic_data {
        let mut answers = Vec::new();
        for part in topic.partition_data {
            let batch = part.records.unwrap_or_default();
            let index = part.index;
            let outcome = if matches!(asked.acks, -1..=1) {
                house.work(|core, now| {
                    let appended = core.produce(&topic.name, index, batch, now)?;
                    Ok((appended, core.topics.log(&topic.name, index)?.start()))
                })
            } else {
                Err(Fault::InvalidRequiredAcks)
            };
            let mut answer = PartitionProduceResponse::default()
                .with_index(index)
                .with_error_code(code_of(&outcome))
                .with_base_offset(-1)
                .with_log_append_time_ms(-1);
            match outcome {
                Ok((appended, start)) => {
                    answer.base_offset = appended.base_offset;
                    answer.log_append_time_ms = appended.append_time;
                    answer.log_start_offset = if version >= 5 { start } else { -1 };
                }
                Err(fault) => {
                    tracing::debug!(?fault, topic = topic.name.as_str(), index, "broker: produce refused");
                    answer.error_message = why(fault).filter(|_| version >= 8).map(text);
                }
            }
            answers.push(answer);
        }
        let answered = TopicProduceResponse::default().with_name(topic.name).with_partition_responses(answers);
        response.responses.push(answered);
    }
    if asked.acks == 0 { Ok(None) } else { request.reply(&response) }
}

fn why(fault: Fault) -> Option<&'static str> {
    let full = "the demo broker holds all that it may; give topics a retention.bytes, or start it with more memory";
    (fault == Fault::PolicyViolation).then_some(full)
}

/// One partition's part of a Fetch.
type Part = (i32, Result<Seen, Fault>);

/// What is there to read, and where the log begins and ends.
struct Seen {
    read: Read,
    end: i64,
    stable: i64,
    start: i64,
}

/// Reads batches, and waits for them a while.
pub(super) fn fetch(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: FetchRequest = request.body()?;
    let committed = asked.isolation_level == READ_COMMITTED;
    let wait_ms = i64::from(asked.max_wait_ms.max(0));
    let seen = house.look(wait_ms, committed, |core, concerned| gather(core, &asked, committed, concerned));
    let mut response = FetchResponse::default();
    for (topic, parts) in asked.topics.into_iter().zip(seen) {
        let partitions = parts.into_iter().map(|(index, part)| partition_data(index, part, committed)).collect();
        response.responses.push(FetchableTopicResponse::default().with_topic(topic.topic).with_partitions(partitions));
    }
    request.reply(&response)
}

/// Reads what is there now, topic by topic, and says whether that is enough.
fn gather(
    core: &Core,
    asked: &FetchRequest,
    committed: bool,
    concerned: &mut BTreeSet<PartitionId>,
) -> (Vec<Vec<Part>>, bool) {
    let len_max = usize::try_from(asked.max_bytes).unwrap_or(0);
    let (mut total, mut faulty, mut asked_any) = (0, false, false);
    let mut topics = Vec::with_capacity(asked.topics.len());
    for topic in &asked.topics {
        let mut parts = Vec::with_capacity(topic.partitions.len());
        for part in &topic.partitions {
            asked_any = true;
            let (name, index) = (topic.topic.as_str(), part.partition);
            if let Ok((id, _)) = core.topics.find(name, index) {
                concerned.insert(id);
            }
            let left = len_max.saturating_sub(total);
            let own_max = usize::try_from(part.partition_max_bytes).unwrap_or(0).min(left);
            let seen = read_one(core, (name, index), part.fetch_offset, committed, (own_max, left, total == 0));
            match &seen {
                Ok(seen) => total += seen.read.len,
                Err(_) => faulty = true,
            }
            parts.push((index, seen));
        }
        topics.push(parts);
    }
    let enough = faulty || !asked_any || total >= usize::try_from(asked.min_bytes).unwrap_or(0);
    (topics, enough)
}

/// Reads one partition. A batch longer than the partition's share is still given if it is the very first of the answer,
/// or fits what is left of the whole: else its reader would never get past it.
fn read_one(
    core: &Core,
    place: (&str, i32),
    from: i64,
    committed: bool,
    (own_max, left, first): (usize, usize, bool),
) -> Result<Seen, Fault> {
    let (mut read, log) = core.fetch(place, from, committed, own_max, first)?;
    if read.batches.is_empty() && !first {
        let (one, _) = core.fetch(place, from, committed, 0, true)?;
        if one.len <= left {
            read = one;
        }
    }
    Ok(Seen { read, end: log.end(), stable: log.stable(), start: log.start() })
}

fn partition_data(index: i32, part: Result<Seen, Fault>, committed: bool) -> PartitionData {
    let answer = PartitionData::default().with_partition_index(index).with_error_code(code_of(&part));
    match part {
        Err(_) => answer.with_high_watermark(-1).with_aborted_transactions(None),
        Ok(seen) => {
            let aborted = seen.read.aborted.iter().map(|(producer, first)| {
                AbortedTransaction::default().with_producer_id((*producer).into()).with_first_offset(*first)
            });
            let aborted: Vec<_> = aborted.collect();
            answer
                .with_high_watermark(seen.end)
                .with_last_stable_offset(seen.stable)
                .with_log_start_offset(seen.start)
                .with_aborted_transactions(committed.then_some(aborted))
                .with_records(Some(joined(seen.read)))
        }
    }
}

fn joined(read: Read) -> Bytes {
    match <[Bytes; 1]>::try_from(read.batches) {
        Ok([only]) => only,
        Err(many) => {
            let mut bytes = BytesMut::with_capacity(read.len);
            many.iter().for_each(|batch| bytes.extend_from_slice(batch));
            bytes.freeze()
        }
    }
}

/// Finds offsets by time, or the first or last.
pub(super) fn list_offsets(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: ListOffsetsRequest = request.body()?;
    let committed = asked.isolation_level == READ_COMMITTED;
    let mut response = ListOffsetsResponse::default();
    for topic in asked.topics {
        let mut answers = Vec::new();
        for part in topic.partitions {
            let found = house.work(|core, _| {
                let log = core.topics.log(&topic.name, part.partition_index)?;
                Ok(match part.timestamp {
                    EARLIEST => (log.start(), -1),
                    LATEST => (if committed { log.stable() } else { log.end() }, -1),
                    time => log.first_since(time, committed).unwrap_or((-1, -1)),
                })
            });
            let (offset, time) = *found.as_ref().unwrap_or(&(-1, -1));
            let answer = ListOffsetsPartitionResponse::default()
                .with_partition_index(part.partition_index)
                .with_error_code(code_of(&found))
                .with_timestamp(time)
                .with_offset(offset);
            answers.push(answer);
        }
        response.topics.push(ListOffsetsTopicResponse::default().with_name(topic.name).with_partitions(answers));
    }
    request.reply(&response)
}

/// Deletes records before an offset.
pub(super) fn delete(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: DeleteRecordsRequest = request.body()?;
    let mut response = DeleteRecordsResponse::default();
    for topic in asked.topics {
        let mut answers = Vec::new();
        for part in topic.partitions {
            let deleted = house.work(|core, _| core.delete_records(&topic.name, part.partition_index, part.offset));
            let answer = DeleteRecordsPartitionResult::default()
                .with_partition_index(part.partition_index)
                .with_error_code(code_of(&deleted))
                .with_low_watermark(deleted.unwrap_or(-1));
            answers.push(answer);
        }
        response.topics.push(DeleteRecordsTopicResult::default().with_name(topic.name).with_partitions(answers));
    }
    request.reply(&response)
}
