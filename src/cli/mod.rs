//! The command line: one file a subcommand.

use crate::runtime::pipeline::{self, Pipeline};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub mod audit;
pub mod backtest;
pub mod demo;
pub mod logs;
pub mod punters;
pub mod reasons;
pub mod replay;
pub mod run;
pub mod tail;
pub mod topics;

/// Live soccer odds, bet acceptance and settlement on Kafka, exactly once.
#[derive(Debug, Parser)]
#[command(name = "touchline", version, about, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a role: any number of processes each; the consumer group shares the shards among them.
    #[command(after_help = "Example: touchline run trading & touchline run book")]
    Run(run::RunArguments),
    /// Play a match day to feed.v1 as if it happened now: recorded, or made up from a seed.
    #[command(after_help = replay::EXAMPLES)]
    Replay(replay::ReplayArguments),
    /// Make the pipeline's topics.
    Topics(topics::TopicsArguments),
    /// Read every topic with a model of its own and say whether all invariants hold. Exit code 1 if one does not.
    Audit(audit::AuditArguments),
    /// The same machines without Kafka: files in, files out.
    Backtest(backtest::BacktestArguments),
    /// Everything in one process against a Kafka: a real match, synthetic punters, and the auditor's word at the end.
    Demo(demo::DemoArguments),
    /// Print a topic as JSON lines, up to its end as it is now.
    Tail(tail::TailArguments),
    /// Every reason for which a bet or a message is refused, by number.
    Reasons,
}

/// Where the pipeline is described, and where its Kafka is.
#[derive(Clone, Debug, Args)]
pub struct PipelineArguments {
    /// The pipeline file. Without it, and without pipelines/soccer-live/pipeline.toml here, the built-in copy is used.
    #[arg(long, value_name = "FILE", env = "TOUCHLINE_PIPELINE")]
    pub pipeline: Option<PathBuf>,
    /// Kafka, instead of the file's `kafka.brokers`.
    #[arg(long, value_name = "HOST:PORT", env = "KAFKA_BOOTSTRAP")]
    pub brokers: Option<String>,
    /// Put before every topic name, instead of the file's `kafka.topic_prefix`.
    #[arg(long, value_name = "PREFIX", env = "TOUCHLINE_TOPIC_PREFIX")]
    pub topic_prefix: Option<String>,
}

/// The pipeline file that is built in.
const BUILT_IN: &str = include_str!("../../pipelines/soccer-live/pipeline.toml");

impl PipelineArguments {
    /// Reads the file and applies the overrides.
    pub fn load(&self) -> anyhow::Result<Pipeline> {
        let here = PathBuf::from("pipelines/soccer-live/pipeline.toml");
        let mut pipeline = match &self.pipeline {
            Some(path) => pipeline::load(path)?,
            None if here.exists() => pipeline::load(&here)?,
            None => pipeline::parse(BUILT_IN).map_err(anyhow::Error::msg)?,
        };
        if let Some(brokers) = &self.brokers {
            pipeline.kafka.brokers.clone_from(brokers);
        }
        if let Some(prefix) = &self.topic_prefix {
            pipeline.kafka.topic_prefix.clone_from(prefix);
        }
        Ok(pipeline)
    }
}

/// Runs the subcommand; errors are printed as one line a cause.
pub fn main(arguments: Arguments) -> ExitCode {
    logs::start();
    let outcome = match arguments.command {
        Command::Run(arguments) => run::main(&arguments),
        Command::Replay(arguments) => replay::main(&arguments),
        Command::Topics(arguments) => topics::main(&arguments),
        Command::Audit(arguments) => audit::main(&arguments),
        Command::Backtest(arguments) => backtest::main(&arguments),
        Command::Demo(arguments) => demo::main(&arguments),
        Command::Tail(arguments) => tail::main(&arguments),
        Command::Reasons => reasons::main(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("touchline: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// A flag that SIGINT and SIGTERM set; a second signal ends the process at once.
pub fn stop_on_signal() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}
