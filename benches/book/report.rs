//! The figures as tables that can be pasted into the README.

use crate::measure::{grouped, median};
use crate::{LATENCY_WARM_UP_SECONDS, Latency, Pair, Plan, Throughput};
use std::fs::read_to_string;

/// The percentiles that are told.
const SHARES: [(&str, f64); 5] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)];

impl Throughput {
    fn rate(&self) -> f64 {
        f64::from(self.bets) / self.wall.as_secs_f64()
    }

    fn per_core_second(&self) -> f64 {
        f64::from(self.bets) / self.cpu.total()
    }
}

/// Machine and plan.
pub(super) fn conditions(plan: &Plan) {
    let file = |path: &str| read_to_string(path).map_or_else(|_| "?".to_owned(), |text| text.trim().to_owned());
    let cpus = file("/proc/cpuinfo");
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("?")
        .trim_start_matches(['\t', ':', ' ']);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let (_, librdkafka) = rdkafka::util::get_rdkafka_version();
    println!(
        "- machine: {cores} cores ({model}), Linux {}; broker, bench and role share it",
        file("/proc/sys/kernel/osrelease")
    );
    println!("- librdkafka {librdkafka}, release profile, mimalloc on both sides");
    println!(
        "- {} singles a round on {} matches of 17 selections, {} accounts, one shard, one market partition; markets fresh every 100 ms",
        grouped(f64::from(plan.bets)),
        crate::world::MATCHES,
        grouped(f64::from(plan.accounts))
    );
}

/// A round in a line, for whoever waits.
pub(super) fn throughput_line(one: &Throughput) -> String {
    format!(
        "{} bets/s, {} bets per core-second ({:.2} s user, {:.2} s system), load {}",
        grouped(one.rate()),
        grouped(one.per_core_second()),
        one.cpu.user,
        one.cpu.system,
        one.load
    )
}

/// Every round, the medians, the ratios.
pub(super) fn throughput(pairs: &[Pair<Throughput>]) {
    println!("\n### Throughput and CPU\n");
    println!(
        "| round | side | bets/s | wall s | CPU s | of it system | CPU s a million bets | bets per core-second | transactions | bets a transaction | late commits | cores busy | load before |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (round, pair) in (1..).zip(pairs) {
        throughput_row(round, "book", &pair.book);
        throughput_row(round, "passthrough", &pair.passthrough);
    }
    if let Some(last) = pairs.last() {
        let sizes = last.book.written.sizes;
        println!(
            "\nBytes a record (key, value, headers): decision {}, posting {}, journal {} a transaction.",
            sizes.decision_bytes, sizes.posting_bytes, sizes.journal_bytes
        );
    }
    println!();
    ratio_head("worst round");
    ratio_row("bets/s", pairs, Throughput::rate, f64::min, grouped);
    ratio_row("bets per core-second", pairs, Throughput::per_core_second, f64::min, grouped);
}

fn throughput_row(round: u32, side: &str, one: &Throughput) {
    let bets = f64::from(one.bets);
    println!(
        "| {round} | {side} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {} | {} | {:.0} | {} | {:.2} | {} |",
        grouped(one.rate()),
        one.wall.as_secs_f64(),
        one.cpu.total(),
        one.cpu.system,
        one.cpu.total() / bets * 1e6,
        grouped(one.per_core_second()),
        one.written.transactions,
        bets / one.written.transactions as f64,
        one.late_commits,
        one.cores_busy,
        one.load
    );
}

fn ratio_head(worst: &str) {
    println!("| median of rounds | book | passthrough | book : passthrough | {worst} |");
    println!("|---|---|---|---|---|");
}

/// The ratio is the median of the rounds' ratios, not the ratio of the medians.
fn ratio_row<T>(
    what: &str,
    pairs: &[Pair<T>],
    value: impl Fn(&T) -> f64,
    worse: fn(f64, f64) -> f64,
    show: impl Fn(f64) -> String,
) {
    let ratios: Vec<f64> = pairs.iter().map(|pair| value(&pair.book) / value(&pair.passthrough)).collect();
    let Some(worst) = ratios.iter().copied().reduce(worse) else { return };
    println!(
        "| {what} | {} | {} | {:.2} | {worst:.2} |",
        show(median(pairs.iter().map(|pair| value(&pair.book)).collect())),
        show(median(pairs.iter().map(|pair| value(&pair.passthrough)).collect())),
        median(ratios),
    );
}

/// A round in a line, for whoever waits.
pub(super) fn latency_line(one: &Latency) -> String {
    let told: Vec<String> =
        SHARES.iter().map(|(name, share)| format!("{name} {:.1} ms", one.percentiles.at(*share))).collect();
    format!("{}, load {}", told.join(", "), one.load)
}

/// Every round, the medians, the ratios.
pub(super) fn latency(plan: &Plan, pairs: &[Pair<Latency>]) {
    println!(
        "\n### Decision latency, open loop\n\n{} bets/s for {} s after {LATENCY_WARM_UP_SECONDS} s of warm-up; milliseconds from the intended time of sending to the reading of the committed decision.\n",
        grouped(f64::from(plan.rate)),
        plan.seconds
    );
    println!(
        "| round | side | p50 | p90 | p99 | p99.9 | max | cores used | bets a transaction | late commits | load before |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let bets = f64::from(plan.rate * (plan.seconds + LATENCY_WARM_UP_SECONDS));
    for (round, pair) in (1..).zip(pairs) {
        for (side, one) in [("book", &pair.book), ("passthrough", &pair.passthrough)] {
            let told: Vec<String> =
                SHARES.iter().map(|(_, share)| format!("{:.1}", one.percentiles.at(*share))).collect();
            println!(
                "| {round} | {side} | {} | {:.2} | {:.1} | {} | {} |",
                told.join(" | "),
                one.cores,
                bets / one.written.transactions as f64,
                one.late_commits,
                one.load
            );
        }
    }
    println!();
    ratio_head("worst round");
    for (name, share) in SHARES {
        ratio_row(name, pairs, |one| one.percentiles.at(share), f64::max, |value| format!("{value:.1}"));
    }
}
