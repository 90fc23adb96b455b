//! Everything that is counted, in one place: each name, what it means, and who counts it.
//!
//! A stage asks for its handles once, when its shard is wired; from then on a count is one relaxed atomic addition (about
//! 5 ns) and a histogram sample one push into a lock-free bucket (about 20 ns), a batch or a commit each, never a record.
//! What is looked up instead of counted (lags, fills, sizes) is set by stage 2 itself four times a second
//! ([`LOOK_EVERY`]). Where nobody asked for an endpoint no recorder is installed and every handle is a no-op. Nothing
//! here is read by a stage: what is counted cannot change what is decided.

use super::batch::{Said, Source};
use crate::event::{Decision, Output, RejectReason, Verdict};
use crate::wire::{Role, in_topic_name};
use metrics::{Counter, Gauge, Histogram, Label, counter, gauge, histogram};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a shard's gauges are set.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What a metric does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Rises only.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Samples by size, with these upper bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// Prometheus's word.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        }
    }
}

/// A metric: its name, its labels, and what it says.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static str,
    /// What it says, and what to make of it.
    pub help: &'static str,
}

const SECONDS: Kind =
    Kind::Histogram(&[0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]);
const SIZES: Kind = Kind::Histogram(&[0.0, 1.0, 10.0, 100.0, 1_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0]);

macro_rules! list {
    ($($(#[$doc:meta])* $constant:ident = $name:literal, $kind:expr, $labels:literal, $help:literal;)*) => {
        $($(#[$doc])* pub const $constant: Metric = Metric { name: $name, kind: $kind, labels: $labels, help: $help };)*
        /// Every metric.
        pub const ALL: &[Metric] = &[$($constant),*];
    };
}

list! {
    /// What runs.
    BUILD_INFO = "touchline_build_info", Kind::Gauge, "version, git, rustc", "1; the labels say what runs";
    /// Since when.
    START_TIME = "touchline_start_time_seconds", Kind::Gauge, "", "When the process began, seconds since the epoch";
    /// Group membership.
    JOINED = "touchline_group_joined", Kind::Gauge, "role", "1 once the consumer group has handed out shards, also if none are left for this process";
    /// Shards by state.
    SHARDS = "touchline_shards", Kind::Gauge, "role, state", "Shards of this process: handed (by the group), running, taken (restored and at work), refused (an operator must look)";
    /// Shard ends.
    SHARD_ENDS = "touchline_shard_ends_total", Kind::Counter, "role, cause", "Shards that ended by themselves: fenced, broken, unavailable";
    /// Clock drift.
    CLOCK_DRIFT = "touchline_clock_drift_seconds", Kind::Gauge, "role", "How far the broker's clock is ahead of the local one; beyond 0.25 either way a process is not ready";
    /// Client complaints.
    KAFKA_ERRORS = "touchline_kafka_errors_total", Kind::Counter, "client", "What the Kafka client complained about to its error callback";
    /// Recovery time.
    RECOVERY_SECONDS = "touchline_recovery_seconds", Kind::Gauge, "role, shard", "How long the last taking of the shard took, journal replayed and OwnerTaken written";
    /// Recovered batches.
    RECOVERED_BATCHES = "touchline_recovered_batches", Kind::Gauge, "role, shard", "Batches applied again when the shard was last taken";
    /// Batches.
    BATCHES = "touchline_batches_total", Kind::Counter, "role, shard", "Batches decided";
    /// Batch sizes.
    BATCH_RECORDS = "touchline_batch_records", SIZES, "role", "Input records in a batch; 0 when only timers ran";
    /// Apply time.
    APPLY_SECONDS = "touchline_apply_seconds", SECONDS, "role", "How long the machine took for a batch";
    /// Inputs.
    RECORDS_IN = "touchline_records_in_total", Kind::Counter, "role, shard, topic", "Input records taken into batches, replays not counted";
    /// Outputs.
    RECORDS_OUT = "touchline_records_out_total", Kind::Counter, "role, shard, topic", "Output records committed";
    /// Commit time.
    COMMIT_SECONDS = "touchline_commit_seconds", SECONDS, "role", "From begin to commit acknowledged, good commits";
    /// Suspect commits.
    SUSPECT_COMMITS = "touchline_suspect_commits_total", Kind::Counter, "role, shard", "Commits so late that the client may have retried unseen: the producer was renewed";
    /// Unknown outcomes.
    UNKNOWN_COMMITS = "touchline_unknown_commits_total", Kind::Counter, "role, shard", "Commits whose outcome had to be read from the journal";
    /// Answers: accepted.
    BETS_ACCEPTED = "touchline_bets_accepted_total", Kind::Counter, "shard", "Bets accepted";
    /// Answers: refused.
    REFUSALS = "touchline_refusals_total", Kind::Counter, "shard, reason", "Bets and account commands refused, by reason (touchline reasons)";
    /// Rejects.
    REJECTS = "touchline_rejects_total", Kind::Counter, "role, shard, reason", "Records that could not be taken nor answered, by reason";
    /// Lag.
    LAG = "touchline_lag_records", Kind::Gauge, "role, shard, topic, partition", "Offsets between what was fetched and the newest known end of an input partition; a marker that ends a transaction counts, so 1 may mean none. What was fetched and waits for its batch is touchline_waiting_weight";
    /// Freshness.
    FRESHNESS = "touchline_freshness_seconds", Kind::Gauge, "role, shard, topic, partition", "How old the knowledge of an input partition is; for markets.v1 in a book, of the matches behind it";
    /// Ring fill.
    RING_RECORDS = "touchline_ring_records", Kind::Gauge, "role, shard, ring", "Records or batches in a ring between two stages; a lane's ring holds 8192";
    /// Waiting records.
    WAITING = "touchline_waiting_weight", Kind::Gauge, "role, shard, topic, partition", "Weight of records fetched and not yet in a batch (a record weighs 1, and 1 more a KiB); above 20000 its source is paused";
    /// Batches under way.
    UNDER_WAY = "touchline_batches_under_way", Kind::Gauge, "role, shard", "Batches decided and not committed; at 2 the next one grows instead";
    /// Open bets.
    OPEN_BETS = "touchline_open_bets", Kind::Gauge, "shard", "Bets accepted and not settled";
    /// Waiting bets.
    WAITING_BETS = "touchline_waiting_bets", Kind::Gauge, "shard", "Bets that wait out their delay";
}

/// Tells a freshly installed recorder what each name means.
pub fn describe() {
    for metric in ALL {
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, metric.help),
            Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
            Kind::Histogram(_) => metrics::describe_histogram!(metric.name, metric.help),
        }
    }
}

fn of_shard(role: Role, shard: u32) -> Vec<Label> {
    vec![Label::new("role", role.name()), Label::new("shard", shard.to_string())]
}

fn with(mut labels: Vec<Label>, key: &'static str, value: impl ToString) -> Vec<Label> {
    labels.push(Label::new(key, value.to_string()));
    labels
}

/// One more complaint of a Kafka client. Rare, so the handle is looked up.
pub fn kafka_error(client: &'static str) {
    counter!(KAFKA_ERRORS.name, "client" => client).increment(1);
}

/// One more shard that ended by itself. Rare, so the handle is looked up.
pub fn shard_ended(role: Role, cause: &'static str) {
    counter!(SHARD_ENDS.name, "role" => role.name(), "cause" => cause).increment(1);
}

/// A shard has been taken.
pub fn shard_taken(role: Role, shard: u32, batches: u64, took: Duration) {
    gauge!(RECOVERY_SECONDS.name, of_shard(role, shard)).set(took.as_secs_f64());
    gauge!(RECOVERED_BATCHES.name, of_shard(role, shard)).set(batches as f64);
}

/// Stage 2's counts of one shard.
pub struct DecideMetrics {
    /// Batches decided.
    pub batches: Counter,
    /// Their sizes.
    pub batch_records: Histogram,
    /// How long the machine took.
    pub apply_seconds: Histogram,
    /// Batches not committed.
    pub under_way: Gauge,
    /// Each lane's ring.
    pub rings: Vec<Gauge>,
    /// By source: records in, lag, freshness, weight that waits.
    pub sources: BTreeMap<Source, SourceMetrics>,
}

/// What is counted of one source.
pub struct SourceMetrics {
    /// Records taken into batches.
    pub records_in: Counter,
    /// Offsets to the newest known end.
    pub lag: Gauge,
    /// Age of what is known, seconds.
    pub freshness: Gauge,
    /// Weight fetched and not in a batch.
    pub waiting: Gauge,
}

impl DecideMetrics {
    /// The handles of a shard with these lanes.
    pub fn new(role: Role, shard: u32, lanes: &[Vec<Source>]) -> Self {
        let labels = || of_shard(role, shard);
        let source = |source: &Source| {
            let topic = || with(labels(), "topic", in_topic_name(source.topic));
            let place = || with(topic(), "partition", source.partition);
            let metrics = SourceMetrics {
                records_in: counter!(RECORDS_IN.name, topic()),
                lag: gauge!(LAG.name, place()),
                freshness: gauge!(FRESHNESS.name, place()),
                waiting: gauge!(WAITING.name, place()),
            };
            (*source, metrics)
        };
        let ring = |lane: usize| gauge!(RING_RECORDS.name, with(labels(), "ring", format!("in{lane}")));
        DecideMetrics {
            batches: counter!(BATCHES.name, labels()),
            batch_records: histogram!(BATCH_RECORDS.name, "role" => role.name()),
            apply_seconds: histogram!(APPLY_SECONDS.name, "role" => role.name()),
            under_way: gauge!(UNDER_WAY.name, labels()),
            rings: (0..lanes.len()).map(ring).collect(),
            sources: lanes.iter().flatten().map(source).collect(),
        }
    }
}

/// Stage 3's counts of one shard.
pub struct PublishMetrics {
    role: Role,
    shard: u32,
    /// Good commits.
    pub commit_seconds: Histogram,
    /// Late ones.
    pub suspect: Counter,
    /// Those of unknown outcome.
    pub unknown: Counter,
    accepted: Counter,
    records_out: BTreeMap<String, Counter>,
    refusals: BTreeMap<u16, Counter>,
    rejects: BTreeMap<u16, Counter>,
}

/// What one batch says, counted before it is committed and added once it is.
#[derive(Debug, Default)]
pub struct Tally {
    accepted: u64,
    refusals: BTreeMap<u16, (RejectReason, u64)>,
    rejects: BTreeMap<u16, (RejectReason, u64)>,
}

impl Tally {
    /// Counts a batch's words.
    pub fn of(said: &[Said]) -> Self {
        let mut tally = Tally::default();
        for one in said {
            let (counts, reason) = match one {
                Said::Broken { reject, .. } => (&mut tally.rejects, reject.reason),
                Said::Output(output) => {
                    if let Output::Reject(reject) = output {
                        (&mut tally.rejects, reject.reason)
                    } else if let Output::Decision(decision) = output
                        && let Verdict::Refused(refusal) = &decision.verdict
                    {
                        (&mut tally.refusals, refusal.reason)
                    } else {
                        let accepted = |decision: &Decision| matches!(decision.verdict, Verdict::Accepted(_));
                        let stands = matches!(output, Output::Decision(decision) if accepted(decision));
                        tally.accepted += u64::from(stands);
                        continue;
                    }
                }
            };
            counts.entry(reason.number()).or_insert((reason, 0)).1 += 1;
        }
        tally
    }
}

impl PublishMetrics {
    /// The handles of a shard.
    pub fn new(role: Role, shard: u32) -> Self {
        let labels = || of_shard(role, shard);
        PublishMetrics {
            role,
            shard,
            commit_seconds: histogram!(COMMIT_SECONDS.name, "role" => role.name()),
            suspect: counter!(SUSPECT_COMMITS.name, labels()),
            unknown: counter!(UNKNOWN_COMMITS.name, labels()),
            accepted: counter!(BETS_ACCEPTED.name, "shard" => shard.to_string()),
            records_out: BTreeMap::new(),
            refusals: BTreeMap::new(),
            rejects: BTreeMap::new(),
        }
    }

    /// A batch stands: so many records by topic, and what it says.
    pub fn committed<'a>(&mut self, outputs: impl Iterator<Item = (&'a str, u64)>, tally: &Tally) {
        let (role, shard) = (self.role, self.shard);
        for (topic, count) in outputs {
            match self.records_out.get(topic) {
                Some(counter) => counter.increment(count),
                None => {
                    let counter = counter!(RECORDS_OUT.name, with(of_shard(role, shard), "topic", topic));
                    counter.increment(count);
                    self.records_out.insert(topic.to_owned(), counter);
                }
            }
        }
        self.accepted.increment(tally.accepted);
        for (number, (reason, count)) in &tally.refusals {
            let made = || counter!(REFUSALS.name, "shard" => shard.to_string(), "reason" => reason.name());
            self.refusals.entry(*number).or_insert_with(made).increment(*count);
        }
        for (number, (reason, count)) in &tally.rejects {
            let made = || counter!(REJECTS.name, with(of_shard(role, shard), "reason", reason.name()));
            self.rejects.entry(*number).or_insert_with(made).increment(*count);
        }
    }
}

/// A role's process, as its membership thread sees it ten times a second.
pub struct MemberMetrics {
    /// 1 once joined.
    pub joined: Gauge,
    /// Shards: handed, running, taken, refused.
    pub shards: [Gauge; 4],
    /// Clock drift, seconds.
    pub drift: Gauge,
}

impl MemberMetrics {
    /// The handles of a role.
    pub fn new(role: Role) -> Self {
        let state = |state: &'static str| gauge!(SHARDS.name, "role" => role.name(), "state" => state);
        MemberMetrics {
            joined: gauge!(JOINED.name, "role" => role.name()),
            shards: [state("handed"), state("running"), state("taken"), state("refused")],
            drift: gauge!(CLOCK_DRIFT.name, "role" => role.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_prometheus_s_and_said_once() {
        let mut names: Vec<&str> = ALL.iter().map(|metric| metric.name).collect();
        for metric in ALL {
            assert!(metric.name.starts_with("touchline_"), "{}", metric.name);
            assert!(metric.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", metric.name);
            assert_eq!(metric.kind == Kind::Counter, metric.name.ends_with("_total"), "{}", metric.name);
            assert!(metric.help.len() > 10, "{}", metric.name);
        }
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn no_other_file_names_a_metric() {
        fn visit(folder: &std::path::Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    visit(&path, found);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let here =
                        ["counter", "gauge", "histogram"].iter().any(|kind| text.contains(&format!("{kind}!(\"")));
                    if here && !path.ends_with("runtime/metrics.rs") {
                        found.push(path.display().to_string());
                    }
                }
            }
        }
        let mut found = Vec::new();
        visit(std::path::Path::new("src"), &mut found);
        assert_eq!(found, Vec::<String>::new(), "metrics are named in runtime/metrics.rs alone");
    }
}
