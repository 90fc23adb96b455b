//! `touchline send`: JSON lines onto an input topic, each looked at with the reader's own eyes first.

use super::PipelineArguments;
use crate::event::{RejectReason, Topic};
use crate::kafka::client::Clients;
use crate::kafka::connect;
use crate::runtime::intake::PartitionCounts;
use crate::runtime::role::{Book, RoleKind, Trading};
use crate::values::partition_for;
use crate::wire::{self, Format, in_topic_name};
use anyhow::{Context, bail};
use clap::Args;
use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What `send --help` ends with.
pub const EXAMPLES: &str = "\
Examples:
  touchline send commands.v1 --dry-run < bets.jsonl   are these bets well formed? (asks no broker)
  touchline send commands.v1 < bets.jsonl             place them; `touchline tail decisions.v1` shows the answers
  touchline tail feed.v1 --json | touchline send feed.v1 --topic-prefix copy.   say a feed again elsewhere

A line is the canonical JSON form of the topic's message (schemas/touchline/v1), alone or as the `value` of a line that
`tail` or `backtest` wrote. Nothing is sent of a line that the reader would refuse; sending stops there, with exit code 1.";

/// Topics that people and their systems write.
const INPUTS: [Topic; 4] = [Topic::Feed, Topic::TradingCommands, Topic::AccountCommands, Topic::Commands];

/// Arguments of `touchline send`.
#[derive(Debug, Args)]
pub struct SendArguments {
    /// The topic, without the pipeline's prefix: feed.v1, trading-commands.v1, account-commands.v1 or commands.v1.
    topic: String,
    /// Read lines from here instead of standard input.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Only look: name every line that would be refused, say where the others would go, send nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pipeline: PipelineArguments,
}

/// Sends, or only looks.
pub fn main(arguments: &SendArguments) -> anyhow::Result<ExitCode> {
    let topic = input_topic(&arguments.topic)?;
    let pipeline = match arguments.dry_run {
        true => arguments.pipeline.load_layers()?.pipeline,
        false => arguments.pipeline.load()?,
    };
    let counts = PartitionCounts::from(&pipeline.rules.settings().map_err(anyhow::Error::msg)?);
    let sender = if arguments.dry_run { None } else { Some(Sender::open(&Clients::of(&pipeline), topic)?) };
    let lines: Box<dyn BufRead> = match &arguments.file {
        Some(path) => {
            let file = std::fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
            Box::new(std::io::BufReader::new(file))
        }
        None => Box::new(std::io::stdin().lock()),
    };
    let (mut sent, mut refused) = (BTreeMap::<u32, u64>::new(), 0);
    for (number, line) in lines.lines().enumerate() {
        let line = line.with_context(|| format!("line {}", number + 1))?;
        if line.trim().is_empty() {
            continue;
        }
        match letter(topic, &line, counts) {
            Ok(letter) => {
                for partition in &letter.partitions {
                    *sent.entry(*partition).or_default() += 1;
                    if let Some(sender) = &sender {
                        sender.send(*partition, &letter).with_context(|| format!("line {}", number + 1))?;
                    }
                }
            }
            Err(refusal) => {
                eprintln!("line {}: {refusal}", number + 1);
                refused += 1;
                if sender.is_some() {
                    break;
                }
            }
        }
    }
    if let Some(sender) = &sender {
        sender.finish()?;
    }
    report(topic, &sent, refused, arguments.dry_run);
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn report(topic: Topic, sent: &BTreeMap<u32, u64>, refused: u64, dry_run: bool) {
    let total: u64 = sent.values().sum();
    let places: Vec<String> =
        sent.iter().map(|(partition, count)| format!("{count} to partition {partition}")).collect();
    let (verb, rest) = match (dry_run, refused) {
        (true, 0) => ("good for", "; nothing was sent".to_owned()),
        (true, _) => ("good for", format!("; {refused} would be refused (named above); nothing was sent")),
        (false, 0) => ("sent to", String::new()),
        (false, _) => ("sent to", "; stopped at the line named above, which was not sent".to_owned()),
    };
    let places = if places.is_empty() { String::new() } else { format!(" ({})", places.join(", ")) };
    eprintln!("{total} records {verb} {}{places}{rest}", in_topic_name(topic));
}

fn input_topic(name: &str) -> anyhow::Result<Topic> {
    if let Some(topic) = INPUTS.into_iter().find(|topic| in_topic_name(*topic) == name) {
        return Ok(topic);
    }
    let inputs = INPUTS.map(in_topic_name).join(", ");
    match wire::RecordKind::of_topic_name(name) {
        Some(_) => bail!("{name} is written by Touchline itself, nobody else may; inputs are {inputs}"),
        None => bail!("{name} is not a topic of a pipeline (names go without the prefix); inputs are {inputs}"),
    }
}

/// A record to be.
#[derive(Debug, PartialEq, Eq)]
struct Letter {
    /// None for control records.
    key: Option<String>,
    /// One, or for control records all of them.
    partitions: Vec<u32>,
    value: Vec<u8>,
}

/// Reads a line as the role behind the topic would; the error says what it would answer.
fn letter(topic: Topic, line: &str, counts: PartitionCounts) -> Result<Letter, String> {
    let value = message_of(line).unwrap_or_else(|| line.trim().as_bytes().to_vec());
    let refused = |reason: RejectReason, detail: &str| format!("{} {}: {detail}", reason.number(), reason.name());
    let (key, count) = match topic {
        Topic::Feed | Topic::TradingCommands => {
            let input = Trading::decode(topic, &value, Format::Json).map_err(|b| refused(b.reason, &b.detail))?;
            (Trading::key_of(&input).map(str::to_owned), counts.matches)
        }
        Topic::AccountCommands | Topic::Commands => {
            let input = Book::decode(topic, &value, Format::Json).map_err(|b| refused(b.reason, &b.detail))?;
            (Book::key_of(&input).map(str::to_owned), counts.accounts)
        }
        Topic::Markets => return Err("markets.v1 is not an input".to_owned()),
    };
    let partitions = match &key {
        Some(key) => vec![partition_for(key.as_bytes(), count)],
        // Heartbeats and the like speak for every match: each shard must hear them.
        None => (0..count).collect(),
    };
    Ok(Letter { key, partitions, value })
}

/// The message inside a line of `tail` or `backtest`.
fn message_of(line: &str) -> Option<Vec<u8>> {
    let parsed: serde_json::Value = serde_json::from_str(line).ok()?;
    let value = parsed.get("value").filter(|value| value.is_object())?;
    parsed.get("at_ms").is_some().then(|| value.to_string().into_bytes())
}

/// Keeps the first delivery that failed.
#[derive(Clone, Default)]
struct Failures(Arc<Mutex<Option<KafkaError>>>);

impl ClientContext for Failures {}

impl ProducerContext for Failures {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            let mut first = self.0.lock().expect("nobody panics holding it");
            first.get_or_insert_with(|| error.clone());
        }
    }
}

struct Sender {
    producer: BaseProducer<Failures>,
    failures: Failures,
    topic: String,
}

impl Sender {
    fn open(clients: &Clients, topic: Topic) -> anyhow::Result<Self> {
        let name = clients.in_topic(topic);
        let metadata = connect::metadata(clients)?;
        if !metadata.topics().iter().any(|known| known.name() == name) {
            bail!("topic {name} is not there: make the pipeline's topics with `touchline topics create`");
        }
        let failures = Failures::default();
        let producer = clients.producer("send").create_with_context(failures.clone())?;
        Ok(Sender { producer, failures, topic: name })
    }

    fn send(&self, partition: u32, letter: &Letter) -> anyhow::Result<()> {
        let headers = OwnedHeaders::new().insert(Header { key: "content-type", value: Some("application/json") });
        let mut record = BaseRecord::<str, [u8]>::to(&self.topic)
            .partition(i32::try_from(partition)?)
            .payload(&letter.value)
            .headers(headers);
        if let Some(key) = &letter.key {
            record = record.key(key);
        }
        loop {
            record = match self.producer.send(record) {
                Ok(()) => {
                    self.producer.poll(Duration::ZERO);
                    return self.delivered();
                }
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    self.producer.poll(Duration::from_millis(5));
                    back
                }
                Err((error, _)) => return Err(error.into()),
            };
        }
    }

    fn delivered(&self) -> anyhow::Result<()> {
        match self.failures.0.lock().expect("nobody panics holding it").take() {
            Some(error) => Err(anyhow::Error::new(error).context("a record was not delivered")),
            None => Ok(()),
        }
    }

    fn finish(&self) -> anyhow::Result<()> {
        self.producer.flush(Duration::from_secs(35)).context("not every record was acknowledged")?;
        self.delivered()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: PartitionCounts = PartitionCounts { matches: 3, accounts: 5 };

    fn deposit(account: &str) -> String {
        format!(
            "{{\"commandId\":\"018bcfe5-6800-7000-8000-000000000001\",\"account\":\"{account}\",\"deposit\":{{\"amountMinor\":\"100\",\"currency\":\"USD\"}}}}"
        )
    }

    #[test]
    fn a_good_line_goes_where_its_key_belongs() {
        let letter = letter(Topic::AccountCommands, &deposit("alice"), COUNTS).unwrap();
        assert_eq!(letter.key.as_deref(), Some("alice"));
        assert_eq!(letter.partitions, [partition_for(b"alice", 5)]);
        assert_eq!(letter.value, deposit("alice").as_bytes());
    }

    #[test]
    fn a_line_of_tail_or_backtest_is_taken_for_its_value() {
        let wrapped =
            format!("{{\"partition\":0,\"offset\":7,\"at_ms\":1,\"key\":\"x\",\"value\":{}}}", deposit("alice"));
        let taken = letter(Topic::AccountCommands, &wrapped, COUNTS).unwrap();
        assert_eq!(taken.key.as_deref(), Some("alice"));
    }

    #[test]
    fn a_control_record_goes_to_every_shard() {
        let beat = "{\"heartbeat\":{\"producer\":\"scout-1\",\"sequence\":\"1\",\"sourceAtMs\":\"1700000000000\"}}";
        let taken = letter(Topic::Feed, beat, COUNTS).unwrap();
        assert_eq!((taken.key, taken.partitions), (None, vec![0, 1, 2]));
    }

    #[test]
    fn a_bad_line_is_refused_with_number_and_field() {
        for (topic, line, expected) in [
            (Topic::AccountCommands, deposit("al ice"), "account"),
            (Topic::AccountCommands, deposit("alice").replace("\"100\"", "\"-1\""), "amount_minor"),
            (Topic::AccountCommands, deposit("alice").replace("deposit", "depositt"), "depositt"),
            (Topic::Commands, "{}".to_owned(), "body"),
            (Topic::Commands, "{\"placeBet\":{\"account\":\"alice\"}}".to_owned(), "place_bet."),
            (Topic::Feed, "not json".to_owned(), "not a FeedMessage"),
        ] {
            let refusal = letter(topic, &line, COUNTS).unwrap_err();
            assert!(
                refusal.contains(expected) && refusal.starts_with(|c: char| c.is_ascii_digit()),
                "{line}: {refusal}"
            );
        }
    }

    #[test]
    fn only_inputs_are_taken_and_others_are_explained() {
        assert_eq!(input_topic("commands.v1").unwrap(), Topic::Commands);
        assert!(input_topic("markets.v1").unwrap_err().to_string().contains("written by Touchline itself"));
        assert!(input_topic("bets").unwrap_err().to_string().contains("commands.v1"));
    }
}
