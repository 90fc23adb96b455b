//! The tools as an operator uses them, on a running pipeline: send, tail, describe, look, and change a rule.

use crate::process::run_to_end;
use crate::reading::wait_until;
use crate::sending::now_ms;
use crate::world::{END_PATIENCE, Role, Shape, World};
use std::io::{Read as _, Write as _};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// A role that can be looked at, and where.
struct Seen {
    role: Role,
    address: String,
}

impl Seen {
    fn start(world: &World, name: &'static str, instance: &str, more: &[&str]) -> Seen {
        let more = [&["--metrics-listen", "127.0.0.1:0"], more].concat();
        let mut role = world.role_with(name, instance, &more);
        role.wait_to_say("looked at: http://", 0, PATIENCE);
        let said = role.said();
        let address = said.split("looked at: http://").nth(1).and_then(|rest| rest.split('/').next());
        Seen { address: address.expect("an address").to_owned(), role }
    }

    /// Status line and body.
    fn ask(&self, path: &str) -> (u16, String) {
        let mut stream = std::net::TcpStream::connect(&self.address).expect("the endpoint listens");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        (status, answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
    }

    fn wait_ready(&self) {
        wait_until("it is ready", PATIENCE, || self.ask("/readyz").0 == 200);
    }
}

/// Runs a tool to its end: exit code and what it said.
fn tool(world: &World, name: &str, arguments: &[&str]) -> (i32, String) {
    let log = world.log(&format!("{name}-{:x}", now_ms()));
    let (status, said) = run_to_end(name, &log, &world.arguments(arguments, None), PATIENCE);
    (status.code().expect("not killed"), said)
}

/// Send, tail and describe; metrics, health and readiness; a rule changed without its revision.
pub fn an_operators_day() {
    let world = World::new("tools", Shape { clock_scale: 0, ..Shape::default() });
    let mut trading = Seen::start(&world, "trading", "t1", &[]);
    let mut book = Seen::start(&world, "book", "b1", &["--log-format", "json"]);
    trading.wait_ready();
    book.wait_ready();
    accounts_are_opened(&world);
    wait_until("the counts say so", PATIENCE, || {
        let (_, metrics) = book.ask("/metrics");
        // Opened and paid in, twenty times.
        let decided = sum(&metrics, "touchline_records_out_total", "topic=\"decisions.v1\"");
        let refused = sum(&metrics, "touchline_refusals_total", "");
        assert!(decided <= 42.0 && refused <= 2.0, "{metrics}");
        decided == 42.0 && refused == 2.0
    });
    let (_, metrics) = book.ask("/metrics");
    assert_eq!(sum(&metrics, "touchline_shards", "state=\"taken\""), 2.0, "{metrics}");
    assert!(sum(&metrics, "touchline_commit_seconds_count", "") > 0.0);
    assert!(book.role.said().lines().all(|line| line.starts_with('{')), "JSON a line");
    // A book without prices lives, and is not ready.
    trading.role.process.end_cleanly(END_PATIENCE);
    wait_until("the book misses its prices", PATIENCE, || book.ask("/readyz").0 == 503);
    assert!(book.ask("/readyz").1.contains("knows its inputs up to"), "{}", book.ask("/readyz").1);
    assert_eq!(book.ask("/healthz").0, 200);
    book.role.process.end_cleanly(END_PATIENCE);
    a_rule_is_not_changed_in_passing(&world);
    world.demand_auditors_yes();
}

fn accounts_are_opened(world: &World) {
    let id = || uuid::Uuid::now_v7().to_string();
    let mut lines = String::new();
    for number in 0..20 {
        lines += &format!(
            "{{\"commandId\":\"{}\",\"account\":\"a{number}\",\"open\":{{\"currency\":\"USD\",\"licence\":\"US-NJ\",\"birthDate\":\"1980-01-31\",\"identityStatus\":\"IDENTITY_STATUS_VERIFIED\",\"identityExpires\":\"2099-01-01\"}}}}\n",
            id()
        );
        lines += &format!(
            "{{\"commandId\":\"{}\",\"account\":\"a{number}\",\"deposit\":{{\"amountMinor\":\"100\",\"currency\":\"USD\"}}}}\n",
            id()
        );
    }
    for _ in 0..2 {
        // Well formed, and refused by the book: another currency.
        lines += &format!(
            "{{\"commandId\":\"{}\",\"account\":\"a1\",\"deposit\":{{\"amountMinor\":\"100\",\"currency\":\"EUR\"}}}}\n",
            id()
        );
    }
    let good = world.log("good.jsonl");
    std::fs::write(&good, &lines).unwrap();
    let good = good.to_str().expect("a plain path");
    let (code, said) = tool(world, "dry", &["send", "account-commands.v1", "--dry-run", "--file", good]);
    assert!(code == 0 && said.contains("42 records good for account-commands.v1"), "{code} {said}");
    let (code, said) = tool(world, "send", &["send", "account-commands.v1", "--file", good]);
    assert!(code == 0 && said.contains("42 records sent to account-commands.v1"), "{code} {said}");
    let bad = world.log("bad.jsonl");
    std::fs::write(&bad, lines.replace("\"100\"", "\"-1\"")).unwrap();
    let bad = bad.to_str().expect("a plain path");
    let (code, said) = tool(world, "bad", &["send", "account-commands.v1", "--file", bad, "--dry-run"]);
    assert!(code == 1 && said.contains("line 2: 113 InvalidStake: deposit.amount_minor"), "{code} {said}");
    wait_until("every command is answered", PATIENCE, || {
        let (code, said) = tool(world, "tail", &["tail", "decisions.v1"]);
        assert_eq!(code, 0, "{said}");
        let answers: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        answers.len() == 42
    });
    let (_, said) = tool(world, "tail-key", &["tail", "decisions.v1", "--key", "a1"]);
    assert_eq!(said.lines().count(), 4, "{said}");
    let (_, said) = tool(world, "tail-limit", &["tail", "decisions.v1", "--from", "-5m", "--limit", "3"]);
    assert_eq!(said.lines().count(), 3, "{said}");
    let (code, said) = tool(world, "describe", &["topics", "describe", "decisions.v1"]);
    assert!(code == 0 && said.contains("partition 1: offsets 0 to "), "{said}");
    let (code, said) = tool(world, "unknown", &["tail", "bets"]);
    assert!(code == 2 && said.contains("There are: feed.v1"), "{said}");
}

/// The journal has revision 1 of the rules; other rules under that number are refused, and named with the next are taken.
fn a_rule_is_not_changed_in_passing(world: &World) {
    let changed = ["--set", "margins.match_result=1060"];
    let mut book = world.role_with("book", "b2", &changed);
    let status = book.process.wait(PATIENCE);
    assert_eq!(status.code(), Some(2), "{}", book.said());
    assert!(book.said().contains("revision 1 with other content: raise `revision`"), "{}", book.said());
    let mut book = world.role_with("book", "b3", &[&changed[..], &["--set", "revision=2"]].concat());
    book.wait_to_say("shard taken", 1, PATIENCE);
    book.process.end_cleanly(END_PATIENCE);
}

/// Adds up the samples of a metric whose labels contain something.
fn sum(metrics: &str, name: &str, labels: &str) -> f64 {
    let samples = metrics.lines().filter(|line| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])) && line.contains(labels)
    });
    samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

/// Both roles through SCRAM under TLS, and every way of being refused at the door.
pub fn behind_scram_and_tls() {
    let setting = |name: &str| crate::setting(name).expect("a proof without it is ignored");
    let (open, tls) = (setting("KAFKA_SASL_BOOTSTRAP"), setting("KAFKA_TLS_BOOTSTRAP"));
    let world = World::new("scram", Shape { clock_scale: 0, ..Shape::default() });
    let password = format!("kafka.security.password_file={}", setting("KAFKA_PASSWORD_FILE"));
    let ca = format!("kafka.security.ca_file={}", setting("KAFKA_CA_FILE"));
    let user = ["--set", "kafka.security.username=touchline"];
    let encrypted = ["--set", "kafka.security.protocol=sasl_ssl", "--set", ca.as_str(), "--set", password.as_str()];
    let in_the_open = ["--set", "kafka.security.protocol=sasl_plaintext", "--set", password.as_str()];
    let check = |via: &str, more: &[&str]| {
        let log = world.log(&format!("check-{:x}", now_ms()));
        let arguments = world.arguments(&[&["topics", "check"], more].concat(), Some(via));
        let (status, said) = run_to_end("check", &log, &arguments, PATIENCE);
        (status.code().expect("not killed"), said)
    };
    for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
        let mechanism = format!("kafka.security.mechanism={mechanism}");
        for (via, how) in [(&tls, &encrypted[..]), (&open, &in_the_open[..])] {
            let (code, said) = check(via, &[&user, how, &["--set", mechanism.as_str()]].concat());
            assert_eq!(code, 0, "{mechanism} {said}");
        }
    }
    let wrong = world.log("wrong-password");
    std::fs::write(&wrong, "not it\n").unwrap();
    let wrong = format!("kafka.security.password_file={}", wrong.display());
    for (via, how, expected) in [
        (
            &open,
            [&user[..], &in_the_open, &["--set", &wrong]].concat(),
            "does not take user \"touchline\" by SCRAM-SHA-512",
        ),
        (
            &tls,
            [&user[..], &encrypted, &["--set", &wrong]].concat(),
            "does not take user \"touchline\" by SCRAM-SHA-512",
        ),
        (
            &open,
            [&user[..], &in_the_open, &["--set", "kafka.security.mechanism=PLAIN"]].concat(),
            "SCRAM-SHA-512,SCRAM-SHA-256",
        ),
        (&tls, [&user[..], &encrypted, &["--set", "kafka.security.ca_file="]].concat(), "check ca_file"),
        (&open, Vec::new(), "kafka.security.protocol is plaintext"),
    ] {
        let (code, said) = check(via, &how);
        assert!(code == 2 && said.contains(expected), "{how:?}: {code} {said}");
        assert!(!said.contains("not it"), "a password was printed");
    }
    let how = [&user[..], &encrypted].concat();
    let mut roles = ["trading", "book"].map(|role| world.role_with_via(role, role, Some(&tls), &how));
    for role in &mut roles {
        role.wait_to_say("shard taken", 1, PATIENCE);
    }
    accounts_are_opened(&world);
    for role in &mut roles {
        role.process.end_cleanly(END_PATIENCE);
    }
    world.demand_auditors_yes();
}
