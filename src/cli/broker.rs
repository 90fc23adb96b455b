//! `touchline broker`: a small Kafka in memory, for demos and tests.

use crate::broker::{Broker, BrokerOptions};
use anyhow::Context;
use clap::Args;
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Arguments of `touchline broker`.
#[derive(Debug, Args)]
pub struct BrokerArguments {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How many MiB of records it holds before it refuses more. Nothing is dropped to make room.
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    memory: u32,
}

/// Runs until a signal.
pub fn main(arguments: &BrokerArguments) -> anyhow::Result<ExitCode> {
    let stop = super::stop_on_signal()?;
    let options = BrokerOptions {
        port: arguments.port,
        held_bytes_max: u64::from(arguments.memory) << 20,
        ..BrokerOptions::default()
    };
    let broker = Broker::start(options)
        .with_context(|| format!("cannot listen on 127.0.0.1:{}; choose another --port, or 0", arguments.port))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "KAFKA_BOOTSTRAP={}", broker.address())?;
    out.flush()?;
    eprintln!("a demo and test broker: everything is in memory and gone when it ends; stop it with Ctrl-C");
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(200));
    }
    broker.stop();
    Ok(ExitCode::SUCCESS)
}
