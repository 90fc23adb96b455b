//! Kafka behind the runtime's log: who owns which shard, how a transaction is written, what the topics must be.

pub mod client;
pub mod connect;
pub mod dump;
pub mod ends;
pub mod fetch;
mod header;
pub mod member;
pub mod topics;
pub mod transact;
pub mod watch;
