//! `touchline topics`: the topics a pipeline needs.

use super::PipelineArguments;
use crate::kafka::client::Clients;
use crate::kafka::topics;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Arguments of `touchline topics`.
#[derive(Debug, Args)]
pub struct TopicsArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make what is missing; say what is wrong with what is there.
    Create(PipelineArguments),
    /// Check that all are there with the right counts and settings.
    Check(PipelineArguments),
}

/// Makes or checks the topics.
pub fn main(arguments: &TopicsArguments) -> anyhow::Result<ExitCode> {
    let (Action::Create(pipeline) | Action::Check(pipeline)) = &arguments.action;
    let pipeline = pipeline.load()?;
    let clients = Clients::of(&pipeline);
    let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
    if matches!(arguments.action, Action::Create(_)) {
        for (name, made) in topics::create(&clients, &settings)? {
            println!("{} {name}", if made { "made " } else { "there" });
        }
    }
    topics::check(&clients, &settings)?;
    println!("all topics of {} are as the pipeline says", pipeline.name);
    Ok(ExitCode::SUCCESS)
}
