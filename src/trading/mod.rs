//! The match machine: facts come in, and what may be bet on goes out, one record a fact.
//!
//! It joins the rooms above: the feed is cleaned ([`crate::feed`]), facts become a score and results
//! ([`crate::outcome`]), the score becomes prices ([`crate::pricing`]), and what is published is derived from all of
//! that ([`crate::market`]). A match is held by its owners and by nobody else; timers run by the batch's time.

mod abandonment;
mod confirmations;
mod desk;
mod door;
mod feed_desk;
mod live_match;
mod machine;
mod opening;
mod overrides;
mod projections;
mod publishing;
mod quote;
mod shelf;
mod together;
mod ticks;

pub use machine::TradingMachine;
pub use quote::{MainLines, Quote, Standing, Unpriced, price, price_state};
pub use together::{NotTogether, Together, price_together};

#[cfg(test)]
mod tests;
