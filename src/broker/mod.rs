//! A Kafka in a thimble, **for demos and tests only**: one process, one node, everything in memory, gone when it ends.
//!
//! It is not for money. It has no replicas, no disk, no passwords, no TLS, and listens on 127.0.0.1 only. Production, and
//! every claim of exactly once, is Apache Kafka; `tests/broker_differential.rs` runs the same operations on both and
//! demands that readers see the same.
//!
//! What it is good for: `touchline broker`, `touchline demo`, ordinary tests and other people's clients, without Java.
//! Transactions (Kafka's first protocol, as librdkafka speaks it), consumer groups (the classic protocol, static members
//! included), `read_committed`, idempotent producers and `LogAppendTime` are as in Kafka 4.
//!
//! The core (all but `shell`) does no I/O and knows no clock; time is an argument. The shell speaks Kafka's protocol on TCP with a plain
//! thread a connection around one mutex, which is enough for a test and easy to be sure of.
//!
//! Where it differs on purpose:
//! - **When it is full it refuses** ([`BrokerOptions::held_bytes_max`]): Produce fails with `POLICY_VIOLATION`, which
//!   clients do not repeat. A test must not lose records that it believes written. Only what a topic's own
//!   `retention.bytes` gives up is dropped, in whole batches, and never beyond the last stable offset.
//! - `DeleteRecords` never passes the last stable offset either.
//! - `retention.ms` and `cleanup.policy=compact` are accepted and told, but nothing is dropped for them.
//! - Topics are made by `CreateTopics` alone, never by being named. Producer and group ids never expire.
//! - A transaction ends in one step, so `CONCURRENT_TRANSACTIONS` is never answered.

mod batch;
mod core;
mod fault;
mod group;
mod log;
mod offsets;
mod producers;
mod shell;
mod topics;
mod transactions;

#[cfg(test)]
mod tests;

pub use shell::{Broker, BrokerOptions};
