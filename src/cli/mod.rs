//! The command line: one file a subcommand.

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub mod audit;
pub mod backtest;
pub mod broker;
pub mod config;
pub mod conformance;
pub mod demo;
pub mod evaluate;
pub mod fit;
pub mod logs;
pub mod metrics;
pub mod observe;
pub mod price;
pub mod reasons;
pub mod replay;
pub mod run;
pub mod send;
pub mod settings;
pub mod tail;
pub mod topics;

pub use settings::PipelineArguments;

/// What `touchline --help` ends with.
const NEWCOMER: &str = "\
New here? In this order:
  touchline demo                                        a match day in a minute, nothing to set up
  touchline broker --port 29092 &                       a small Kafka in memory; or a real one:
  eval \"$(scripts/kafka up)\" && export KAFKA_BOOTSTRAP
  touchline config check                                is the pipeline file good?
  touchline topics create                               make the pipeline's topics
  touchline run trading &  touchline run book &         both roles, any number of processes
  touchline replay --source generated --speed 60        a made-up match day as a live feed
  touchline tail markets.v1 --follow                    look at the prices
  touchline send commands.v1 < bets.jsonl               place bets
  touchline tail decisions.v1                           read the answers
  touchline audit                                       did everything add up?

Every command has examples: touchline COMMAND --help.

Settings: pipelines/soccer-live/pipeline.toml; over it goes the environment, as
TOUCHLINE__SECTION__KEY=VALUE, and over that --set section.key=VALUE.
`touchline config show` says who gave each value.

Exit codes: 0 done; 1 the answer is no (an invariant failed, a line was refused);
2 it could not be done (arguments, settings, no Kafka), and standard error says what
to do next; 130 interrupted twice.";

/// Live soccer odds, bet acceptance and settlement on Kafka, exactly once.
#[derive(Debug, Parser)]
#[command(name = "touchline", version, about, max_term_width = 120, after_help = NEWCOMER)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    logs: logs::LogArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a role: any number of processes each; the consumer group shares the shards among them.
    #[command(after_help = run::EXAMPLES)]
    Run(run::RunArguments),
    /// Play a match day to feed.v1 as if it happened now: recorded, or made up from a seed.
    #[command(after_help = replay::EXAMPLES)]
    Replay(replay::ReplayArguments),
    /// The pipeline's topics: make, check, list or describe them.
    #[command(after_help = "Example: touchline topics create && touchline topics list")]
    Topics(topics::TopicsArguments),
    /// Read every topic with a model of its own and say whether all invariants hold. Exit code 1 if one does not.
    #[command(after_help = "Example: touchline audit --expect-settled")]
    Audit(audit::AuditArguments),
    /// The same machines without Kafka: files in, files out.
    Backtest(backtest::BacktestArguments),
    /// A small Kafka in memory on 127.0.0.1, for demos and tests only: nothing to install, everything gone when it ends.
    #[command(after_help = "Example: touchline broker --port 29092 & KAFKA_BOOTSTRAP=127.0.0.1:29092 touchline demo")]
    Broker(broker::BrokerArguments),
    /// A live match day in one command, nothing to set up: feed, prices, punters, settlement, and the auditor's word.
    #[command(after_help = demo::EXAMPLES)]
    Demo(demo::DemoArguments),
    /// Print what stands in a topic, up to its end as it is now or for as long as you look.
    #[command(after_help = tail::EXAMPLES)]
    Tail(tail::TailArguments),
    /// What a match is worth as it stands: fair probabilities, fair odds and offered prices of every market. Needs no Kafka.
    #[command(after_help = price::EXAMPLES)]
    Price(price::PriceArguments),
    /// Does this engine price and settle right? Recompute every value of a reference file and name the largest errors.
    #[command(after_help = conformance::ABOUT_FILES)]
    Conformance(conformance::ConformanceArguments),
    /// How good would the prices of past matches have been? Scores by minute beside closing odds and a naive model.
    #[command(after_help = evaluate::EXAMPLES)]
    Evaluate(evaluate::EvaluateArguments),
    /// Learn a competition's profile, score effect and red card multipliers from past matches, with standard errors.
    #[command(after_help = fit::EXAMPLES)]
    Fit(fit::FitArguments),
    /// Send JSON lines to an input topic, each checked with the reader's own decoder, keyed and partitioned as it must be.
    #[command(after_help = send::EXAMPLES)]
    Send(send::SendArguments),
    /// Check the settings, or show each value in force and who gave it.
    #[command(after_help = "Example: touchline config check && touchline config show")]
    Config(config::ConfigArguments),
    /// Every metric that a process shows at /metrics: name, kind, labels, meaning.
    #[command(
        after_help = "Example: touchline run book --metrics-listen 127.0.0.1:9464 & curl -s 127.0.0.1:9464/metrics"
    )]
    Metrics,
    /// Every reason for which a bet or a message is refused, by number.
    Reasons,
    /// Print a completion script for your shell.
    #[command(
        after_help = "Examples:\n  touchline completions bash > /etc/bash_completion.d/touchline\n  touchline completions zsh > \"${fpath[1]}/_touchline\"\n  touchline completions fish > ~/.config/fish/completions/touchline.fish"
    )]
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

/// Runs the subcommand; errors are printed as one line a cause.
pub fn main(arguments: Arguments) -> ExitCode {
    logs::start(&arguments.logs);
    let outcome = match arguments.command {
        Command::Run(arguments) => run::main(&arguments),
        Command::Replay(arguments) => replay::main(&arguments),
        Command::Topics(arguments) => topics::main(&arguments),
        Command::Audit(arguments) => audit::main(&arguments),
        Command::Backtest(arguments) => backtest::main(&arguments),
        Command::Broker(arguments) => broker::main(&arguments),
        Command::Demo(arguments) => demo::main(&arguments),
        Command::Tail(arguments) => tail::main(&arguments),
        Command::Price(arguments) => price::main(&arguments),
        Command::Conformance(arguments) => conformance::main(&arguments),
        Command::Evaluate(arguments) => evaluate::main(&arguments),
        Command::Fit(arguments) => fit::main(&arguments),
        Command::Send(arguments) => send::main(&arguments),
        Command::Config(arguments) => config::main(&arguments),
        Command::Metrics => metrics::main(),
        Command::Reasons => reasons::main(),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "touchline", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_fits_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_has_a_sentence_and_those_that_do_something_an_example() {
        for command in Arguments::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{} does not say what it does", command.get_name());
            let taught = command.get_after_help().is_some() || ["reasons"].contains(&command.get_name());
            let known = ["backtest", "demo"].contains(&command.get_name());
            assert!(taught || known, "{} has no example", command.get_name());
        }
    }

    #[test]
    fn every_shell_gets_a_script_that_names_the_commands() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "touchline", &mut script);
            let script = String::from_utf8(script).unwrap();
            assert!(["send", "tail", "config", "audit"].iter().all(|name| script.contains(name)), "{shell}");
        }
    }
}
