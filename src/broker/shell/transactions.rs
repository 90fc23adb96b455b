//! Producers' ids and their transactions, in Kafka's words.

use super::dispatch::Request;
use super::house::House;
use crate::broker::fault::{Fault, code_of};
use crate::broker::offsets::{Committed, Place};
use bytes::BytesMut;
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    EndTxnRequest, EndTxnResponse, InitProducerIdRequest, InitProducerIdResponse, TxnOffsetCommitRequest,
    TxnOffsetCommitResponse,
};

/// The number of an outcome. Clients that speak a version before `fenced_since` know a fence by its older name.
fn told<T>(outcome: &Result<T, Fault>, version: i16, fenced_since: i16) -> i16 {
    match outcome {
        Err(Fault::ProducerFenced) if version < fenced_since => Fault::InvalidProducerEpoch.code(),
        other => code_of(other),
    }
}

/// Gives a producer its id and epoch.
pub(super) fn init(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: InitProducerIdRequest = request.body()?;
    let known = (asked.producer_id.0 >= 0).then_some((asked.producer_id.0, asked.producer_epoch));
    let timeout_ms = i64::from(asked.transaction_timeout_ms);
    let outcome = house.work(|core, now| {
        core.init_producer(asked.transactional_id.as_deref().map(|id| &**id), timeout_ms, known, now)
    });
    let code = told(&outcome, request.version, 4);
    let (producer_id, epoch) = outcome.unwrap_or((-1, -1));
    let response = InitProducerIdResponse::default().with_error_code(code);
    request.reply(&response.with_producer_id(producer_id.into()).with_producer_epoch(epoch))
}

/// Adds partitions to a transaction.
pub(super) fn add_partitions(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: AddPartitionsToTxnRequest = request.body()?;
    let producer = (asked.v3_and_below_producer_id.0, asked.v3_and_below_producer_epoch);
    let topics = asked.v3_and_below_topics;
    let places: Vec<Place> = topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|index| (topic.name.as_str().to_owned(), *index)))
        .collect();
    let id = asked.v3_and_below_transactional_id;
    let outcomes = house.work(|core, now| core.add_partitions(&id, producer, &places, now));
    let mut outcomes = outcomes.into_iter();
    let mut response = AddPartitionsToTxnResponse::default();
    for topic in topics {
        let answers =
            topic.partitions.iter().zip(outcomes.by_ref()).map(|(index, outcome)| {
                AddPartitionsToTxnPartitionResult::default()
                    .with_partition_index(*index)
                    .with_partition_error_code(told(&outcome, request.version, 2))
            });
        let answers = answers.collect();
        let answered = AddPartitionsToTxnTopicResult::default().with_name(topic.name);
        response.results_by_topic_v3_and_below.push(answered.with_results_by_partition(answers));
    }
    request.reply(&response)
}

/// Adds a group's offsets to a transaction.
pub(super) fn add_offsets(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: AddOffsetsToTxnRequest = request.body()?;
    let producer = (asked.producer_id.0, asked.producer_epoch);
    let outcome = house.work(|core, now| core.add_offsets(&asked.transactional_id, producer, &asked.group_id, now));
    request.reply(&AddOffsetsToTxnResponse::default().with_error_code(told(&outcome, request.version, 2)))
}

/// Commits or takes back.
pub(super) fn end(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: EndTxnRequest = request.body()?;
    let producer = (asked.producer_id.0, asked.producer_epoch);
    let outcome = house.work(|core, now| core.end_transaction(&asked.transactional_id, producer, asked.committed, now));
    request.reply(&EndTxnResponse::default().with_error_code(told(&outcome, request.version, 2)))
}

/// Commits offsets with a transaction.
pub(super) fn commit_offsets(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: TxnOffsetCommitRequest = request.body()?;
    let mut offsets = Vec::new();
    for topic in &asked.topics {
        for part in &topic.partitions {
            let offset = Committed {
                offset: part.committed_offset,
                leader_epoch: part.committed_leader_epoch,
                note: part.committed_metadata.as_ref().map(|note| note.as_str().to_owned()),
            };
            offsets.push(((topic.name.as_str().to_owned(), part.partition_index), offset));
        }
    }
    let who = (asked.member_id.as_str(), asked.group_instance_id.as_deref(), asked.generation_id);
    let writer = (asked.transactional_id.as_str(), (asked.producer_id.0, asked.producer_epoch));
    let outcomes =
        house.work(|core, now| core.commit_offsets_in_transaction(writer, &asked.group_id, who, offsets, now));
    let mut outcomes = outcomes.into_iter();
    let mut response = TxnOffsetCommitResponse::default();
    for topic in asked.topics {
        let answers = topic.partitions.iter().zip(outcomes.by_ref()).map(|(part, outcome)| {
            TxnOffsetCommitResponsePartition::default()
                .with_partition_index(part.partition_index)
                .with_error_code(code_of(&outcome))
        });
        let answers = answers.collect();
        response.topics.push(TxnOffsetCommitResponseTopic::default().with_name(topic.name).with_partitions(answers));
    }
    request.reply(&response)
}
