//! `touchline reasons`: every refusal, its stable number, and what it asks of the sender.

use crate::event::RejectReason;
use std::process::ExitCode;

/// Prints the list.
pub fn main() -> anyhow::Result<ExitCode> {
    for reason in RejectReason::ALL {
        println!("{} {:<20} {}", reason.number(), reason.name(), reason.meaning());
    }
    Ok(ExitCode::SUCCESS)
}
