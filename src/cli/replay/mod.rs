//! A real match played again: read from its recording, timed from a new kick-off, told as the feed would tell it.
//!
//! ```text
//! events/ID.json.gz, matches_*.json.gz -> wyscout -> timeline -> schedule -> (send at, feed message)
//! ```
//!
//! Only `wyscout` reads files; only `send` reads a clock and sends.

mod listing;
mod wyscout;
mod timeline;
mod schedule;
mod send;
#[cfg(test)]
mod tests;

pub use schedule::{Heartbeats, Pace, RunPlan, schedule};
pub use send::{ReplayArguments, main, play};
pub use timeline::{TICK_EVERY, TimedFact, goals_in_ninety_minutes, timeline};
pub use wyscout::{EventPlace, EventProblem, PlayedMatch, WyscoutError, read_match};
