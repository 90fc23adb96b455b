//! Threads: how a shard reads, decides and writes without a lock, and comes back after any death.
//!
//! `shard` wires the three stages; `batch` is the order inside a batch; `journal`, `knowledge` and `recover` make it
//! repeatable; `log` is all that is asked of Kafka; `role` says what differs between trading and book. No rule of the
//! business lives here.

pub mod batch;
pub mod clock;
pub mod decide;
pub mod intake;
pub mod journal;
pub mod knowledge;
pub mod log;
pub mod pipeline;
pub mod publish;
pub mod recover;
pub mod role;
pub mod shard;
