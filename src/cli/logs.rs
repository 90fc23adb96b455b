//! Log lines: for people on a terminal, JSON where `TOUCHLINE_LOG=json`; and a panic ends the process, whatever thread.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Sets up logging to standard error (`RUST_LOG` chooses, `info` by default).
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    #[expect(clippy::disallowed_methods, reason = "logging is set up before any settings are read")]
    let json = std::env::var("TOUCHLINE_LOG").is_ok_and(|form| form == "json");
    let set = if json { lines.json().try_init() } else { lines.with_ansi(std::io::stderr().is_terminal()).try_init() };
    // Set already: a test process with several subcommands.
    set.ok();
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |what| {
        print(what);
        // A bug is a crash: half a process must not go on handling money.
        std::process::abort();
    }));
}
