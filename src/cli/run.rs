//! `touchline run`: one role, as many processes as you like.

use super::PipelineArguments;
use super::observe::{self, ObserveArguments};
use crate::kafka::member::{self, Process};
use crate::runtime::role::{Book, Trading};
use clap::{Args, ValueEnum};
use std::process::ExitCode;

/// What `run --help` ends with.
pub const EXAMPLES: &str = "\
Examples:
  touchline run trading & touchline run book            both roles; start more of either to share the shards
  touchline run book --instance book-1                  a restart under the same name takes its shards back at once
  touchline run book --metrics-listen 127.0.0.1:9464    then: curl -s 127.0.0.1:9464/readyz

It runs until SIGTERM or Ctrl-C, finishes the batch in hand and exits with 0; a second signal ends it at once.
/healthz is 200 while the process lives and its shards make progress (else restart it); /readyz is 200 while it is a
member of the group, its shards are restored, their inputs are known up to freshness.staleness_limit_ms ago, and the
local clock is at most 250 ms off the broker's. A book without a running trading role is alive, and not ready.";

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
    #[command(flatten)]
    observe: ObserveArguments,
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
    let listen = pipeline.observability.address().map_err(|wrong| anyhow::anyhow!("{wrong}"))?;
    if let Some(address) = arguments.observe.metrics_listen.or(listen) {
        observe::start(address)?;
    }
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
