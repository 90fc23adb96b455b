//! Exactly once, proved with real processes on a real Kafka: killed, frozen, cut off, flooded and lied to.
//!
//! Each proof has a pipeline of its own and ends only when the independent auditor has said yes. They need a Kafka
//! (`KAFKA_BOOTSTRAP`, see `scripts/kafka`) and the recorded matches (`TOUCHLINE_DATA`); without them they are counted
//! as ignored, and as failed where `CI=true`. `TOUCHLINE_QUICK=1` makes them short, `TOUCHLINE_SEED` repeats a day.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test has a clock and no outside"
)]

mod blind;
mod burst;
mod dice;
mod freezes;
mod hostile;
mod kills;
mod members;
mod process;
mod proxy;
mod punter;
mod reading;
mod sending;
mod stadium;
mod stray;
mod tools;
mod world;

use libtest_mimic::{Arguments, Trial};
use std::path::PathBuf;

/// What `scripts/kafka up --sasl` prints besides.
const BEHIND_PASSWORDS: [&str; 4] =
    ["KAFKA_SASL_BOOTSTRAP", "KAFKA_TLS_BOOTSTRAP", "KAFKA_PASSWORD_FILE", "KAFKA_CA_FILE"];

/// A setting from outside.
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the proofs are to be short.
pub fn quick() -> bool {
    setting("TOUCHLINE_QUICK").is_some_and(|value| value == "1")
}

/// The recorded data, if they are here.
pub fn data() -> Option<PathBuf> {
    let path = PathBuf::from(setting("TOUCHLINE_DATA").unwrap_or_else(|| "../shared/data".to_owned()));
    path.is_dir().then_some(path)
}

/// A proof: ignored where something that it needs is missing, but not where that something must be there.
fn proof(name: &str, needs_data: bool, run: fn()) -> Trial {
    proof_with(name, needs_data, &[], run)
}

/// One that needs more settings from outside.
fn proof_with(name: &str, needs_data: bool, needs: &[&'static str], run: fn()) -> Trial {
    let missing = if needs.iter().any(|needed| setting(needed).is_none()) {
        Some("it needs a Kafka that asks for passwords: scripts/kafka up --sasl, and export all that it prints")
    } else if setting("KAFKA_BOOTSTRAP").is_none() {
        Some("KAFKA_BOOTSTRAP is not set; start one with scripts/kafka up")
    } else if needs_data && data().is_none() {
        Some("there is no test data; set TOUCHLINE_DATA")
    } else {
        None
    };
    let must_run = setting("CI").is_some_and(|value| value == "true");
    match missing {
        None => Trial::test(name, move || {
            run();
            Ok(())
        }),
        Some(why) if must_run => Trial::test(name, move || Err(why.into())),
        Some(why) => {
            println!("{name} is ignored: {why}");
            Trial::test(name, || Ok(())).with_ignored_flag(true)
        }
    }
}

fn main() {
    let mut arguments = Arguments::from_args();
    // One at a time: each takes the whole machine.
    arguments.test_threads.get_or_insert(1);
    let proofs = vec![
        proof("stray_end_of_transaction_tears_a_plain_producer", false, stray::tears_a_plain_producer),
        proof("stray_end_of_transaction_does_not_tear_our_writer", false, stray::does_not_tear_our_writer),
        proof("stray_end_of_transaction_does_not_tear_a_role", false, stray::does_not_tear_a_role),
        proof("killed_again_and_again", true, kills::killed_again_and_again),
        proof("frozen_past_the_session", true, freezes::frozen_past_the_session),
        proof("no_bet_on_old_knowledge", false, blind::no_bet_on_old_knowledge),
        proof("members_come_and_go", true, members::come_and_go),
        proof("hostile_records_are_answered_once", true, hostile::answered_once),
        proof("a_burst_of_settlements_does_not_stop_the_answers", false, burst::answers_go_on),
        proof("tools_of_an_operators_day", false, tools::an_operators_day),
        proof_with("roles_behind_scram_and_tls", false, &BEHIND_PASSWORDS, tools::behind_scram_and_tls),
    ];
    libtest_mimic::run(&arguments, proofs).exit();
}
