//! `touchline run`: one role, as many processes as you like.

use super::PipelineArguments;
use crate::kafka::member::{self, Process};
use crate::runtime::role::{Book, Trading};
use clap::{Args, ValueEnum};
use std::process::ExitCode;

/// Arguments of `touchline run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Which role.
    #[arg(value_enum)]
    role: RoleName,
    #[command(flatten)]
    pipeline: PipelineArguments,
    /// How this process calls itself, unique among running ones. A restart under the same name takes its shards back at
    /// once instead of after the session time-out.
    #[arg(long, value_name = "NAME")]
    instance: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    /// Feed facts in, prices and statuses out.
    Trading,
    /// Bets and accounts in; decisions, ledger and settlements out.
    Book,
}

/// Runs until a signal.
pub fn main(arguments: &RunArguments) -> anyhow::Result<ExitCode> {
    let pipeline = arguments.pipeline.load()?;
    let name = match arguments.role {
        RoleName::Trading => "trading",
        RoleName::Book => "book",
    };
    let instance = arguments.instance.clone().unwrap_or_else(|| format!("{name}-{}", uuid::Uuid::now_v7().simple()));
    let process = Process { pipeline, instance, stop: super::stop_on_signal()? };
    match arguments.role {
        RoleName::Trading => member::run::<Trading>(process)?,
        RoleName::Book => member::run::<Book>(process)?,
    }
    tracing::info!(role = name, "stopped cleanly");
    Ok(ExitCode::SUCCESS)
}
