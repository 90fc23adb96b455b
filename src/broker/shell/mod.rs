//! The broker's door: TCP on 127.0.0.1, Kafka's frames, a thread a connection.

mod apis;
mod dispatch;
mod groups;
mod house;
mod records;
mod server;
mod shape;
mod topics;
mod transactions;

pub use server::{Broker, BrokerOptions};
