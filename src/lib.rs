//! Touchline turns a live soccer feed into prices, answers to bets, and settlements, exactly once, on Kafka.

pub mod values;
pub mod event;
pub mod feed;
pub mod pricing;
pub mod market;
pub mod outcome;
pub mod trading;
pub mod betting;
pub mod ledger;
pub mod settlement;
pub mod book;
#[cfg(feature = "wire")]
pub mod wire;
#[cfg(feature = "shell")]
pub mod runtime;
#[cfg(feature = "shell")]
pub mod kafka;
#[cfg(feature = "shell")]
pub mod cli;
pub mod sim;
