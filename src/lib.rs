//! Touchline turns a live soccer feed into prices, answers to bets, and settlements, exactly once, on Kafka.
//!
//! Read the modules top to bottom and you have watched a bet go by:
//!
//! 1. A scout reports a goal. The message arrives as an [`event::Envelope`] and [`feed`] makes a clean fact of it: in
//!    order, once, from a producer that is alive.
//! 2. [`catalogue`] says what can be bet on: each type of market once, with the rule that decides it.
//! 3. [`trading`] owns the match. [`market`] shuts what the goal moves until play goes on; [`pricing`] turns score,
//!    clock and cards into one law of all that can still happen, and reads every market's fair probabilities and offered
//!    odds from it; [`outcome`] says what is decided already. One fact makes
//!    one record of `markets.v1`.
//! 4. A bet arrives. [`book`] owns the account and has a copy of every match. [`betting`] checks the bet in five stages,
//!    [`ledger`] holds the stake, and only then it stands: check, hold, accept.
//! 5. The whistle goes. [`outcome`] derives every result from the set of confirmed facts, [`settlement`] makes it money,
//!    the ledger moves it, in portions, so that nothing else waits.
//!
//! All of that is the core: no I/O, no clock, no randomness; time is an argument, and the same inputs give the same
//! bytes. [`wire`] translates it from and to Protobuf and JSON. [`broker`] is a small Kafka for demos and tests. [`runtime`] gives a machine exactly-once, recovery and
//! back-pressure; [`kafka`] is the log behind it; [`cli`] is the door; [`sim`] is the proof, first of all an auditor
//! that shares no code with the machines.
//!
//! What always holds (each is a test; [`sim::auditor`] checks them on the topics of a live system):
//! - ledger balances sum to zero per shard, licence and currency, posted and pending;
//! - every command has exactly one terminal decision, every accepted bet exactly one live settlement state;
//! - no bet is accepted on knowledge older than the bound;
//! - a state rebuilt from the journal equals the state of the run that never stopped;
//! - the same facts in any order, with any repeats, give the same settlements;
//! - no input, however malformed, stops a role.
//!
//! A room may import the rooms above it, never those below; `sim::house_rules` is the test of it.

pub mod values;
pub mod catalogue;
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
pub mod broker;
#[cfg(feature = "shell")]
pub mod runtime;
#[cfg(feature = "shell")]
pub mod kafka;
#[cfg(feature = "shell")]
pub mod cli;
pub mod sim;
