//! Consumer groups and their offsets, in Kafka's words.

use super::dispatch::{Request, text};
use super::house::House;
use super::topics::{HOST, NODE};
use crate::broker::fault::{Fault, code_of};
use crate::broker::group::{Join, Joined, Late};
use crate::broker::offsets::{Committed, Offsets, Place};
use anyhow::bail;
use bytes::BytesMut;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic};
use kafka_protocol::messages::offset_fetch_response::{OffsetFetchResponsePartition, OffsetFetchResponseTopic};
use kafka_protocol::messages::{
    FindCoordinatorRequest, FindCoordinatorResponse, HeartbeatRequest, HeartbeatResponse, JoinGroupRequest,
    JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse, OffsetCommitRequest, OffsetCommitResponse,
    OffsetFetchRequest, OffsetFetchResponse, SyncGroupRequest, SyncGroupResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;
use std::collections::BTreeMap;

/// From this version of JoinGroup on, a client without an id is given one before it joins.
const ID_FIRST_SINCE: i16 = 4;

/// Who looks after a group or a transactional id: the one node there is.
pub(super) fn find_coordinator(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    request.body::<FindCoordinatorRequest>()?;
    let response = FindCoordinatorResponse::default().with_node_id(NODE).with_host(text(HOST));
    request.reply(&response.with_port(i32::from(house.port)))
}

fn owned(text: Option<&StrBytes>) -> Option<String> {
    text.map(|text| text.as_str().to_owned())
}

/// Joins a group; answered when all have.
pub(super) fn join(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: JoinGroupRequest = request.body()?;
    let protocols = asked.protocols.into_iter().map(|one| (one.name.as_str().to_owned(), one.metadata));
    let join = Join {
        member: asked.member_id.as_str().to_owned(),
        instance: owned(asked.group_instance_id.as_ref()),
        session_ms: i64::from(asked.session_timeout_ms),
        rebalance_ms: i64::from(asked.rebalance_timeout_ms),
        protocol_type: asked.protocol_type.as_str().to_owned(),
        protocols: protocols.collect(),
    };
    let (client, id_first) = (request.client.clone(), request.version >= ID_FIRST_SINCE);
    let own = asked.member_id;
    let (code, joined, member) =
        match house.ask(|core, ticket, now| core.join(&asked.group_id, &client, join, id_first, ticket, now)) {
            Err((fault, member)) => (fault.code(), None, text(member)),
            Ok(Some(Late::Joined(Err(fault)))) => (fault.code(), None, own),
            Ok(Some(Late::Joined(Ok(joined)))) => (0, Some(joined), StrBytes::new()),
            Ok(Some(Late::Synced(_)) | None) => bail!("the broker closes"),
        };
    let response = JoinGroupResponse::default().with_error_code(code);
    // No client of these versions expects the protocol to be absent.
    request.reply(&match joined {
        None => response.with_generation_id(-1).with_protocol_name(Some(StrBytes::new())).with_member_id(member),
        Some(joined) => told(response, joined, request.version),
    })
}

fn told(response: JoinGroupResponse, joined: Joined, version: i16) -> JoinGroupResponse {
    let members = joined.members.into_iter().map(|(id, instance, subscription)| {
        JoinGroupResponseMember::default()
            .with_member_id(text(id))
            .with_group_instance_id(instance.filter(|_| version >= 5).map(text))
            .with_metadata(subscription)
    });
    response
        .with_generation_id(joined.generation)
        .with_protocol_name(Some(text(joined.protocol)))
        .with_leader(text(joined.leader))
        .with_member_id(text(joined.member))
        .with_members(members.collect())
}

/// Asks for, or brings, the assignment.
pub(super) fn sync(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: SyncGroupRequest = request.body()?;
    let given = asked.assignments.into_iter().map(|one| (one.member_id.as_str().to_owned(), one.assignment));
    let given: Vec<_> = given.collect();
    let who = (asked.member_id.as_str(), asked.group_instance_id.as_deref(), asked.generation_id);
    let outcome = match house.ask(|core, ticket, now| core.sync(&asked.group_id, who, given, ticket, now)) {
        Err(fault) => Err(fault),
        Ok(Some(Late::Synced(outcome))) => outcome,
        Ok(Some(Late::Joined(_)) | None) => bail!("the broker closes"),
    };
    let response = SyncGroupResponse::default().with_error_code(code_of(&outcome));
    request.reply(&match outcome {
        Err(_) => response,
        Ok(synced) => response.with_assignment(synced.assignment),
    })
}

/// A sign of life.
pub(super) fn heartbeat(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: HeartbeatRequest = request.body()?;
    let who = (asked.member_id.as_str(), asked.group_instance_id.as_deref(), asked.generation_id);
    let outcome = house.work(|core, now| core.heartbeat(&asked.group_id, who, now));
    request.reply(&HeartbeatResponse::default().with_error_code(code_of(&outcome)))
}

/// Members go.
pub(super) fn leave(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: LeaveGroupRequest = request.body()?;
    let group = &asked.group_id;
    if request.version < 3 {
        let outcome = house.work(|core, now| core.leave(group, &asked.member_id, None, now));
        return request.reply(&LeaveGroupResponse::default().with_error_code(code_of(&outcome)));
    }
    let mut response = LeaveGroupResponse::default();
    for member in asked.members {
        let instance = member.group_instance_id.as_deref();
        let outcome = house.work(|core, now| core.leave(group, &member.member_id, instance, now));
        let left = MemberResponse::default().with_member_id(member.member_id).with_error_code(code_of(&outcome));
        response.members.push(left.with_group_instance_id(member.group_instance_id));
    }
    request.reply(&response)
}

/// Commits offsets.
pub(super) fn commit_offsets(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: OffsetCommitRequest = request.body()?;
    let mut offsets = Vec::new();
    for topic in &asked.topics {
        for part in &topic.partitions {
            let offset = Committed {
                offset: part.committed_offset,
                leader_epoch: part.committed_leader_epoch,
                note: owned(part.committed_metadata.as_ref()),
            };
            offsets.push(((topic.name.as_str().to_owned(), part.partition_index), offset));
        }
    }
    let who = (asked.member_id.as_str(), asked.group_instance_id.as_deref(), asked.generation_id_or_member_epoch);
    let outcomes = house.work(|core, now| core.commit_offsets(&asked.group_id, who, offsets, now));
    let mut outcomes = outcomes.into_iter();
    let mut response = OffsetCommitResponse::default();
    for topic in asked.topics {
        let answers = topic.partitions.iter().zip(outcomes.by_ref()).map(|(part, outcome)| {
            OffsetCommitResponsePartition::default()
                .with_partition_index(part.partition_index)
                .with_error_code(code_of(&outcome))
        });
        let answers = answers.collect();
        response.topics.push(OffsetCommitResponseTopic::default().with_name(topic.name).with_partitions(answers));
    }
    request.reply(&response)
}

/// Tells what is committed: for the places asked for, or for all.
pub(super) fn fetch_offsets(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: OffsetFetchRequest = request.body()?;
    let stable = asked.require_stable;
    let places: Option<Vec<Place>> = asked.topics.map(|topics| {
        let each = topics.into_iter().flat_map(|topic| {
            let name = topic.name.as_str().to_owned();
            topic.partition_indexes.into_iter().map(move |index| (name.clone(), index))
        });
        each.collect()
    });
    let found = house.work(|core, _| {
        let nothing = Offsets::default();
        let offsets = core.offsets(&asked.group_id).unwrap_or(&nothing);
        let places = places.unwrap_or_else(|| offsets.places().cloned().collect());
        let told = |place: Place| {
            let found = offsets.get(&place, stable).map(Option::<&Committed>::cloned);
            (place, found)
        };
        places.into_iter().map(told).collect::<Vec<_>>()
    });
    let mut topics: BTreeMap<String, Vec<OffsetFetchResponsePartition>> = BTreeMap::new();
    for ((topic, index), found) in found {
        topics.entry(topic).or_default().push(told_offset(index, found));
    }
    let topics = topics.into_iter().map(|(name, partitions)| {
        OffsetFetchResponseTopic::default().with_name(TopicName(text(name))).with_partitions(partitions)
    });
    request.reply(&OffsetFetchResponse::default().with_topics(topics.collect()))
}

fn told_offset(index: i32, found: Result<Option<Committed>, Fault>) -> OffsetFetchResponsePartition {
    let answer = OffsetFetchResponsePartition::default()
        .with_partition_index(index)
        .with_error_code(code_of(&found))
        .with_committed_offset(-1)
        .with_committed_leader_epoch(-1)
        .with_metadata(Some(StrBytes::new()));
    match found.ok().flatten() {
        None => answer,
        Some(committed) => answer
            .with_committed_offset(committed.offset)
            .with_committed_leader_epoch(committed.leader_epoch)
            .with_metadata(Some(committed.note.map_or_else(StrBytes::new, text))),
    }
}
