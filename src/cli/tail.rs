//! `touchline tail`: what stands in a topic, as JSON lines.

use super::PipelineArguments;
use crate::kafka::client::Clients;
use crate::kafka::dump;
use crate::wire::{self, RecordKind};
use anyhow::Context;
use clap::Args;
use std::process::ExitCode;

/// Arguments of `touchline tail`.
#[derive(Debug, Args)]
pub struct TailArguments {
    /// The topic, without the pipeline's prefix: markets.v1, decisions.v1, journal-book.v1, ...
    topic: String,
    /// Only records with this key.
    #[arg(long)]
    key: Option<String>,
    #[command(flatten)]
    pipeline: PipelineArguments,
}

/// Prints every record up to the topic's end as it is now.
pub fn main(arguments: &TailArguments) -> anyhow::Result<ExitCode> {
    let pipeline = arguments.pipeline.load()?;
    let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
    let topic = arguments.topic.as_str();
    let kind = RecordKind::of_topic_name(topic).with_context(|| format!("{topic} is not a topic of a pipeline"))?;
    dump::read_one(&Clients::of(&pipeline), &settings, topic, &mut |record| {
        let key = record.key.as_ref().map(|key| String::from_utf8_lossy(key).into_owned());
        if arguments.key.is_some() && arguments.key != key {
            return;
        }
        let json = match wire::Format::detect(record.content_type.as_deref(), &record.value) {
            wire::Format::Json => String::from_utf8_lossy(&record.value).escape_debug().to_string(),
            wire::Format::Protobuf => wire::to_json(kind, &record.value).unwrap_or_else(|broken| {
                format!("{{\"unreadable\":{:?},\"bytes\":{}}}", broken.detail, record.value.len())
            }),
        };
        println!(
            "{{\"partition\":{},\"offset\":{},\"at_ms\":{},\"key\":{:?},\"value\":{json}}}",
            record.partition,
            record.offset,
            record.timestamp_ms,
            key.unwrap_or_default()
        );
    })?;
    Ok(ExitCode::SUCCESS)
}
