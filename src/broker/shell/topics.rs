//! What topics there are, making and deleting them, in Kafka's words.

use super::dispatch::{Request, text};
use super::house::House;
use crate::broker::core::Core;
use crate::broker::fault::{Fault, code_of};
use crate::broker::topics::check_name;
use bytes::BytesMut;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::describe_configs_response::{DescribeConfigsResourceResult, DescribeConfigsResult};
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{
    BrokerId, CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest, DeleteTopicsResponse,
    DescribeConfigsRequest, DescribeConfigsResponse, MetadataRequest, MetadataResponse, TopicName,
};

/// The one node's number.
pub(super) const NODE: BrokerId = BrokerId(1);
/// The one node's host.
pub(super) const HOST: &str = "127.0.0.1";
const CLUSTER: &str = "touchline-demo-broker";
const TOPIC_RESOURCE: i8 = 2;
const BROKER_RESOURCE: i8 = 4;
/// Whence a setting has its value, in Kafka's numbers.
const FROM_TOPIC: i8 = 1;
const FROM_DEFAULT: i8 = 5;

/// The node, and the topics asked for.
pub(super) fn metadata(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: MetadataRequest = request.body()?;
    // In the first version, none named means all.
    let named = asked.topics.filter(|topics| request.version > 0 || !topics.is_empty());
    let topics = house.work(|core, _| match named {
        None => {
            let all: Vec<String> = core.topics.iter().map(|(name, _)| name.clone()).collect();
            all.iter().map(|name| one_topic(core, name)).collect::<Vec<_>>()
        }
        Some(topics) => {
            let names = topics.into_iter().map(|topic| topic.name.unwrap_or_default());
            names.map(|name| one_topic(core, &name)).collect()
        }
    });
    let node = MetadataResponseBroker::default().with_node_id(NODE).with_host(text(HOST));
    let response = MetadataResponse::default()
        .with_brokers(vec![node.with_port(i32::from(house.port))])
        .with_cluster_id(Some(text(CLUSTER)))
        .with_controller_id(NODE)
        .with_topics(topics);
    request.reply(&response)
}

fn one_topic(core: &Core, name: &str) -> MetadataResponseTopic {
    let found = check_name(name).map_err(|(fault, _)| fault).and_then(|()| core.topics.get(name));
    let partitions = found.as_ref().map_or(0, |topic| topic.partitions.len());
    // Epochs of leaders are not told: there is one, and clients need not check it.
    let each = (0..i32::try_from(partitions).unwrap_or(0)).map(|index| {
        MetadataResponsePartition::default()
            .with_partition_index(index)
            .with_leader_id(NODE)
            .with_replica_nodes(vec![NODE])
            .with_isr_nodes(vec![NODE])
    });
    MetadataResponseTopic::default()
        .with_error_code(code_of(&found))
        .with_name(Some(TopicName(text(name))))
        .with_partitions(each.collect())
}

/// Makes topics.
pub(super) fn create(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: CreateTopicsRequest = request.body()?;
    let mut response = CreateTopicsResponse::default();
    for topic in asked.topics {
        let made = house.work(|core, _| create_one(core, &topic, asked.validate_only));
        let (code, why) = match made {
            Ok(()) => (0, None),
            Err((fault, why)) => (fault.code(), Some(text(why))),
        };
        let result = CreatableTopicResult::default().with_name(topic.name).with_error_code(code);
        response.topics.push(result.with_error_message(why));
    }
    request.reply(&response)
}

fn create_one(core: &mut Core, topic: &CreatableTopic, check_only: bool) -> Result<(), (Fault, String)> {
    let assigned = &topic.assignments;
    if assigned.iter().any(|partition| partition.broker_ids != [NODE]) || topic.replication_factor > 1 {
        return Err((Fault::InvalidReplicationFactor, "there is one broker, so one replica".to_owned()));
    }
    let asked = if assigned.is_empty() { topic.num_partitions } else { i32::try_from(assigned.len()).unwrap_or(0) };
    // -1: as the broker likes.
    let partitions = if asked == -1 { 1 } else { asked };
    let given = topic
        .configs
        .iter()
        .filter_map(|config| Some((config.name.as_str().to_owned(), config.value.as_ref()?.as_str().to_owned())));
    core.topics.create(&topic.name, partitions, given.collect(), check_only)
}

/// Deletes topics.
pub(super) fn delete(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: DeleteTopicsRequest = request.body()?;
    let mut response = DeleteTopicsResponse::default();
    for name in asked.topic_names {
        let code = house.work(|core, _| code_of(&core.delete_topic(&name)));
        response.responses.push(DeletableTopicResult::default().with_name(Some(name)).with_error_code(code));
    }
    request.reply(&response)
}

/// The settings of topics.
pub(super) fn describe(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    let asked: DescribeConfigsRequest = request.body()?;
    let mut response = DescribeConfigsResponse::default();
    for resource in asked.resources {
        let wanted = |name: &str| {
            let keys = resource.configuration_keys.as_ref();
            keys.is_none_or(|keys| keys.iter().any(|key| key.as_str() == name))
        };
        let found = match resource.resource_type {
            TOPIC_RESOURCE => house.work(|core, _| {
                let topic = core.topics.get(&resource.resource_name)?;
                Ok(topic.settings().filter(|(name, _, _)| wanted(name)).collect::<Vec<_>>())
            }),
            BROKER_RESOURCE => Ok(Vec::new()),
            _ => Err(Fault::InvalidRequest),
        };
        let code = code_of(&found);
        let configs = found.unwrap_or_default().into_iter().map(|(name, value, given)| {
            DescribeConfigsResourceResult::default()
                .with_name(text(name))
                .with_value(Some(text(value)))
                .with_config_source(if given { FROM_TOPIC } else { FROM_DEFAULT })
        });
        let result = DescribeConfigsResult::default()
            .with_error_code(code)
            .with_resource_type(resource.resource_type)
            .with_configs(configs.collect())
            .with_resource_name(resource.resource_name);
        response.results.push(result);
    }
    request.reply(&response)
}
