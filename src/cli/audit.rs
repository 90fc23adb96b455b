//! `touchline audit`: reads every topic with a model of its own, and says whether all invariants hold.

use super::PipelineArguments;
use crate::kafka::client::Clients;
use crate::kafka::dump;
use crate::runtime::pipeline::Pipeline;
use crate::sim::auditor::{AuditRules, Auditor, Record, Report};
use crate::wire::Format;
use clap::Args;
use std::process::ExitCode;

/// Arguments of `touchline audit`.
#[derive(Debug, Args)]
pub struct AuditArguments {
    #[command(flatten)]
    pipeline: PipelineArguments,
    /// Nothing is under way any more: demand that every bet whose facts are known is settled.
    #[arg(long)]
    expect_settled: bool,
}

/// Audits and prints the report.
pub fn main(arguments: &AuditArguments) -> anyhow::Result<ExitCode> {
    let report = audit(&arguments.pipeline.load()?, arguments.expect_settled)?;
    println!("{report}");
    Ok(if report.passed() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Reads all topics of a pipeline and judges them.
pub fn audit(pipeline: &Pipeline, expect_settled: bool) -> anyhow::Result<Report> {
    let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
    let rules = AuditRules {
        broker_skew_ms: settings.freshness.broker_skew.get(),
        staleness_limit_ms: settings.freshness.staleness_limit.get(),
        in_play_delay_ms: settings.placement.in_play_delay.get(),
        next_goal_delay_ms: settings.placement.next_goal_delay.get(),
        decide_grace_ms: settings.freshness.decide_grace.get(),
        max_age_pre_match_ms: settings.placement.max_age_pre_match.get(),
        price_jump: (settings.placement.price_jump.num(), settings.placement.price_jump.den()),
        cancel_needs_approval: (settings.licences.iter().filter(|rules| rules.cancel_needs_approval))
            .map(|rules| rules.licence.to_string())
            .collect(),
        expect_settled,
        partition_counts: None,
    };
    let mut auditor = Auditor::new(rules);
    dump::read_all(&Clients::of(pipeline), &settings, &mut |record| {
        auditor.take(&Record {
            topic: record.topic.to_owned(),
            partition: record.partition,
            offset: record.offset,
            append_ms: record.timestamp_ms,
            content_type_json: Format::detect(record.content_type.as_deref(), &record.value) == Format::Json,
            key: record.key,
            value: record.value,
        });
    })?;
    Ok(auditor.finish())
}
