//! `touchline metrics`: every name that `/metrics` shows.

use crate::runtime::metrics::ALL;
use std::process::ExitCode;

/// Prints the list.
pub fn main() -> anyhow::Result<ExitCode> {
    for metric in ALL {
        let labels = if metric.labels.is_empty() { String::new() } else { format!("{{{}}}", metric.labels) };
        println!("{}{labels} ({})\n    {}", metric.name, metric.kind.name(), metric.help);
    }
    Ok(ExitCode::SUCCESS)
}
