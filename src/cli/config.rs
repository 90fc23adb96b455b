//! `touchline config`: whether the settings can be, and who gave each of them.

use super::PipelineArguments;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Arguments of `touchline config`.
#[derive(Debug, Args)]
pub struct ConfigArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read the pipeline file and everything that overrides it; name all that is wrong with file, line and key. Asks no
    /// broker and looks for no password. Exit code 2 if anything is wrong.
    #[command(after_help = "Example: touchline config check --pipeline pipelines/soccer-live/pipeline.toml")]
    Check(PipelineArguments),
    /// Print every value in force and where it came from: a line of the file, an environment variable, a flag, or the
    /// built-in default. Passwords are not settings and are never shown.
    #[command(after_help = "Example: touchline config show --set kafka.replication=3 | grep kafka")]
    Show(PipelineArguments),
}

/// Checks or shows.
pub fn main(arguments: &ConfigArguments) -> anyhow::Result<ExitCode> {
    match &arguments.action {
        Action::Check(pipeline) => {
            let loaded = pipeline.load_layers()?;
            let pipeline = &loaded.pipeline;
            let stamp = pipeline.rules.stamp();
            println!("pipeline {} can be: rules revision {}, content {}", pipeline.name, stamp.revision, stamp.hash);
        }
        Action::Show(pipeline) => {
            let values = pipeline.load_layers()?.values();
            let width =
                |of: fn(&crate::runtime::pipeline::Effective) -> usize| values.iter().map(of).max().unwrap_or(0);
            let (keys, texts) = (width(|value| value.key.len()), width(|value| value.value.len()).min(24));
            for value in &values {
                println!("{:<keys$} = {:<texts$}  # {}", value.key, value.value, value.origin);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
