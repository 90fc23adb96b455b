//! A pipeline of its own for one proof: topics, files, role processes, a replayed match, and the auditor's last word.

use crate::dice::Dice;
use crate::process::{Process, last_lines, run_to_end};
use crate::reading::{Reader, Seen, wait_until};
use crate::sending::now_ms;
use prost::Message as _;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use touchline::wire::proto::{self, journal_record::Body};

/// Every topic of a pipeline, and whether its partitions are counted by account.
const TOPICS: [(&str, bool); 15] = [
    ("feed.v1", false),
    ("trading-commands.v1", false),
    ("feed-requests.v1", false),
    ("markets.v1", false),
    ("journal-trading.v1", false),
    ("rejects-trading.v1", false),
    ("alerts-trading.v1", false),
    ("account-commands.v1", true),
    ("commands.v1", true),
    ("decisions.v1", true),
    ("settlements.v1", true),
    ("ledger.v1", true),
    ("journal-book.v1", true),
    ("rejects-book.v1", true),
    ("alerts-book.v1", true),
];
/// How long the auditor may read.
const AUDIT_PATIENCE: Duration = Duration::from_secs(120);
/// How long a process may take to end after SIGTERM.
pub const END_PATIENCE: Duration = Duration::from_secs(20);

/// What a proof says about its world; the rest is the default of the pipeline file.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Partitions of the match topics.
    pub matches: u32,
    /// Partitions of the account topics.
    pub accounts: u32,
    /// Bet delay in play; silence is noticed as soon.
    pub in_play_delay_ms: u32,
    /// Speed of the replay; 0: no clock.
    pub clock_scale: u32,
}

impl Default for Shape {
    fn default() -> Self {
        Shape { matches: 2, accounts: 2, in_play_delay_ms: 3_000, clock_scale: 60 }
    }
}

/// One proof's world. What it started ends with it; its files stay if the proof fails.
pub struct World {
    /// Name of the pipeline, also the prefix of its topics.
    pub name: String,
    /// The broker.
    pub brokers: String,
    /// What it was made with.
    pub shape: Shape,
    /// Its chance.
    pub dice: Dice,
    dir: PathBuf,
}

impl World {
    /// Makes the pipeline file and the topics.
    pub fn new(proof: &str, shape: Shape) -> World {
        let seed = crate::setting("TOUCHLINE_SEED").and_then(|seed| seed.parse().ok()).unwrap_or(now_ms() as u64);
        let name = format!("proof-{proof}-{:x}", now_ms());
        let dir = tempfile::Builder::new().prefix("touchline-proof-").tempdir().expect("a temporary directory").keep();
        println!("{proof}: seed {seed} (TOUCHLINE_SEED), pipeline {name}, files in {}", dir.display());
        let brokers = crate::setting("KAFKA_BOOTSTRAP").expect("a proof without Kafka is ignored");
        let world = World { name, brokers, shape, dice: Dice::new(seed), dir };
        std::fs::write(world.file(), world.pipeline_text()).expect("a file can be written");
        let log = world.log("topics");
        let arguments = world.arguments(&["topics", "create"], None);
        let (status, said) = run_to_end("topics create", &log, &arguments, Duration::from_secs(60));
        assert!(status.success(), "topics create: {status}\n{said}");
        world
    }

    fn pipeline_text(&self) -> String {
        let Shape { matches, accounts, in_play_delay_ms, clock_scale } = self.shape;
        format!(
            "name = \"{name}\"\nrevision = 1\n[kafka]\nbrokers = \"{brokers}\"\ntopic_prefix = \"{name}.\"\n\
             [partitions]\nmatches = {matches}\naccounts = {accounts}\n[clock]\nclock_scale = {clock_scale}\n\
             [trading]\nsilence_in_running_ms = {in_play_delay_ms}\n[placement]\nin_play_delay_ms = {in_play_delay_ms}\n\
             next_goal_delay_ms = {in_play_delay_ms}\n[liability]\noutcome_minor = {limit}\nmarket_minor = {limit}\n\
             match_minor = {limit}\naccount_minor = {limit}\n",
            name = self.name,
            brokers = self.brokers,
            // A crowd that bets at random is no reason to refuse: these proofs are about something else.
            limit = 1_000_000_000_000_i64,
        )
    }

    fn file(&self) -> PathBuf {
        self.dir.join("pipeline.toml")
    }

    /// Where something's words go.
    pub fn log(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.log"))
    }

    /// Arguments of a subcommand, with this pipeline; `via`: another way to the broker.
    pub fn arguments(&self, subcommand: &[&str], via: Option<&str>) -> Vec<String> {
        let file = self.file();
        let file = file.to_str().expect("a temporary path is text");
        let more = ["--pipeline", file, "--brokers", via.unwrap_or(&self.brokers)];
        subcommand.iter().chain(&more).map(|argument| (*argument).to_owned()).collect()
    }

    /// A topic's full name.
    pub fn topic(&self, base: &str) -> String {
        format!("{}.{base}", self.name)
    }

    fn partitions(&self, base: &str) -> u32 {
        let (_, by_account) = TOPICS.iter().find(|(known, _)| *known == base).expect("a topic of the pipeline");
        if *by_account { self.shape.accounts } else { self.shape.matches }
    }

    /// Reads a topic from its beginning, committed records only.
    pub fn reader(&self, base: &str) -> Reader {
        Reader::committed(&self.brokers, &self.topic(base), self.partitions(base))
    }

    /// Everything committed in a topic now.
    pub fn read(&self, base: &str) -> Vec<Seen> {
        self.reader(base).into_all()
    }

    /// Starts a process of a role.
    pub fn role(&self, role: &'static str, instance: &str) -> Role {
        self.role_via(role, instance, None)
    }

    /// The same, with another way to the broker.
    pub fn role_via(&self, role: &'static str, instance: &str, via: Option<&str>) -> Role {
        self.role_with_via(role, instance, via, &[])
    }

    /// With more arguments.
    pub fn role_with(&self, role: &'static str, instance: &str, more: &[&str]) -> Role {
        self.role_with_via(role, instance, None, more)
    }

    /// With both.
    pub fn role_with_via(&self, role: &'static str, instance: &str, via: Option<&str>, more: &[&str]) -> Role {
        let mut arguments = self.arguments(&[&["run", role], more].concat(), via);
        arguments.extend(["--instance".to_owned(), instance.to_owned()]);
        let log = self.log(instance);
        let process = Process::start(instance, &log, &arguments);
        Role { instance: instance.to_owned(), arguments, log, process }
    }

    /// Plays recorded matches at the pipeline's speed.
    pub fn replay(&mut self, matches: usize, lead_s: u32) -> Process {
        let events = crate::data().expect("a proof without data is ignored").join("wyscout/events");
        let mut paths: Vec<_> = std::fs::read_dir(&events)
            .expect("the recorded matches can be listed")
            .map(|entry| entry.expect("a readable folder").path().to_str().expect("a plain path").to_owned())
            .collect();
        paths.sort_unstable();
        let mut arguments = self.arguments(&["replay", "--source", "wyscout"], None);
        arguments.extend(["--speed".to_owned(), self.shape.clock_scale.to_string()]);
        arguments.extend(["--lead".to_owned(), lead_s.to_string(), "--run".to_owned(), format!("{:x}", now_ms())]);
        // No match twice on one day.
        for _ in 0..matches {
            let place = self.dice.within(0, paths.len() as u64) as usize;
            arguments.push(paths.swap_remove(place));
        }
        Process::start("replay", &self.log("replay"), &arguments)
    }

    /// The auditor's verdict: yes, or the proof fails with its report. Gives the report.
    pub fn demand_auditors_yes(&self) -> String {
        let (passed, report) = self.audit();
        assert!(passed, "the auditor says no:\n{report}");
        self.demand_owners_in_turn();
        report
    }

    /// The auditor's verdict and report.
    pub fn audit(&self) -> (bool, String) {
        let log = self.log(&format!("audit-{:x}", now_ms()));
        let (status, report) =
            run_to_end("audit", &log, &self.arguments(&["audit", "--expect-settled"], None), AUDIT_PATIENCE);
        assert!(matches!(status.code(), Some(0 | 1)), "the auditor did not come to a verdict: {status}\n{report}");
        (status.success(), report)
    }

    /// Who wrote each shard's journal, in turn: (role, shard) -> owners as they took over. A batch by anybody but the
    /// last who took over is a failure.
    pub fn demand_owners_in_turn(&self) -> BTreeMap<(String, u32), Vec<String>> {
        let mut owners: BTreeMap<(String, u32), Vec<String>> = BTreeMap::new();
        for base in ["journal-trading.v1", "journal-book.v1"] {
            for seen in self.read(base) {
                let record = proto::JournalRecord::decode(seen.value.as_slice()).expect("a journal record");
                let turns = owners.entry((record.role.clone(), record.shard)).or_default();
                match record.body.expect("a body") {
                    Body::OwnerTaken(_) => turns.push(record.owner),
                    Body::Batch(_) | Body::Closed(_) => assert_eq!(
                        turns.last(),
                        Some(&record.owner),
                        "{base} shard {} sequence {}: written by one who is not its owner",
                        record.shard,
                        record.sequence
                    ),
                    Body::Genesis(_) | Body::Settings(_) => {}
                }
            }
        }
        owners
    }

    fn forget_topics(&self) {
        let admin: AdminClient<DefaultClientContext> =
            ClientConfig::new().set("bootstrap.servers", &self.brokers).create().expect("an admin client");
        let names: Vec<_> = TOPICS.iter().map(|(base, _)| self.topic(base)).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let options = AdminOptions::new().request_timeout(Some(Duration::from_secs(10)));
        // Tidiness only: a broker that keeps them does no harm.
        runtime.block_on(admin.delete_topics(&names, &options)).ok();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}: failed; the topics and the files in {} are kept", self.name, self.dir.display());
        } else {
            self.forget_topics();
            std::fs::remove_dir_all(&self.dir).ok();
        }
    }
}

/// A role's process that can be begun again under the same name.
pub struct Role {
    /// How it calls itself.
    pub instance: String,
    arguments: Vec<String>,
    log: PathBuf,
    /// The process as it runs now.
    pub process: Process,
}

impl Role {
    /// Begins again, after a kill or an end.
    pub fn restart(&mut self) {
        self.process = Process::start(&self.instance, &self.log, &self.arguments);
    }

    /// All that it has said.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// How often its log says this.
    pub fn says(&self, words: &str) -> usize {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().filter(|line| line.contains(words)).count()
    }

    /// Waits until its log says this more often than before.
    pub fn wait_to_say(&mut self, words: &str, more_than: usize, patience: Duration) {
        let process = &mut self.process;
        let (log, instance): (&Path, &str) = (&self.log, &self.instance);
        wait_until(&format!("{instance} says {words:?}\n{}", last_lines(log, 5)), patience, || {
            process.demand_alive();
            std::fs::read_to_string(log).unwrap_or_default().lines().filter(|line| line.contains(words)).count()
                > more_than
        });
    }
}

/// Ends all roles as an operator would, then begins each again: it restores its state from the journal, which ends with
/// the hash of the state on close, and refuses to run if it gets another one. So what was restored again and again is
/// what ran.
pub fn close_and_reopen(roles: &mut [&mut Role], shards: usize) {
    for role in roles.iter_mut() {
        role.process.end_cleanly(END_PATIENCE);
    }
    for role in roles.iter_mut() {
        let before = role.says("shard taken");
        role.restart();
        role.wait_to_say("shard taken", before + shards - 1, Duration::from_secs(60));
        role.process.end_cleanly(END_PATIENCE);
    }
}
