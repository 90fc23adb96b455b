//! Feed messages to clean facts: what came twice, what is missing, who has fallen silent.
//!
//! [`MatchFeed`] counts the messages of one match, [`Producers`] listens for heartbeats, [`Requests`] remembers what we
//! asked to be sent again. A match whose feed cannot be trusted is held until the answer to *our* request is complete.

mod health;
mod match_feed;
mod request;

pub use health::{Producers, SilenceLimits};
pub use match_feed::{MatchFeed, Refused, Taken};
pub use request::{Answered, Requests};

#[cfg(test)]
mod tests;
