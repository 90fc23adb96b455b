//! Log lines: for people on a terminal, JSON for machines; and a panic ends the process, whatever thread.

use clap::{Args, ValueEnum};
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use tracing_subscriber::EnvFilter;

/// How and what a process logs, always to standard error.
#[derive(Debug, Args)]
#[command(next_help_heading = "Logs")]
pub struct LogArguments {
    /// Lines for people, or one JSON object a line.
    #[arg(long, value_enum, value_name = "FORM", default_value = "text", env = "TOUCHLINE_LOG_FORMAT", global = true)]
    log_format: LogFormat,
    /// What is logged: a level, or levels by module: `info`, `warn,touchline::kafka=debug`.
    #[arg(long, value_name = "FILTER", env = "TOUCHLINE_LOG", global = true)]
    log: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object.
    Json,
}

static HIDDEN: AtomicBool = AtomicBool::new(false);

/// Throws log lines away from here on, or shows them again: for as long as a full-screen view owns the terminal.
pub fn hide(hidden: bool) {
    HIDDEN.store(hidden, Ordering::Relaxed);
}

fn writer() -> Box<dyn Write> {
    if HIDDEN.load(Ordering::Relaxed) { Box::new(std::io::sink()) } else { Box::new(std::io::stderr()) }
}

/// Sets up logging (`RUST_LOG` chooses where `--log` and `TOUCHLINE_LOG` do not; `info` by default).
pub fn start(arguments: &LogArguments) {
    let filter = match &arguments.log {
        Some(said) => EnvFilter::try_new(said).unwrap_or_else(|error| {
            eprintln!("touchline: --log {said}: {error}; logging at info");
            EnvFilter::new("info")
        }),
        None => EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")),
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_target(false);
    let set = match arguments.log_format {
        LogFormat::Json => lines.json().try_init(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    // Set already: a test process with several subcommands.
    set.ok();
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |what| {
        // The reader of our output has seen enough (`| head`): that is no fault.
        if what.payload_as_str().is_some_and(|text| text.starts_with("failed printing to stdout: Broken pipe")) {
            std::process::exit(0);
        }
        print(what);
        // A bug is a crash: half a process must not go on handling money.
        std::process::abort();
    }));
}
