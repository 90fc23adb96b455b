//! `touchline topics`: the topics a pipeline needs, and how they stand.

use super::PipelineArguments;
use crate::event::Settings;
use crate::kafka::client::Clients;
use crate::kafka::topics::{self, TopicPlan};
use anyhow::Context;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Arguments of `touchline topics`.
#[derive(Debug, Args)]
pub struct TopicsArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make what is missing; say what is wrong with what is there. Run again it changes nothing.
    #[command(after_help = "Example: touchline topics create --brokers 127.0.0.1:19092")]
    Create(PipelineArguments),
    /// Check that all are there with the right counts and settings.
    #[command(after_help = "Example: touchline topics check && touchline run book")]
    Check(PipelineArguments),
    /// The pipeline's topics: what each carries, its key, who writes it. Asks no broker.
    #[command(after_help = "Example: touchline topics list")]
    List(PipelineArguments),
    /// How one topic, or every one, stands in Kafka: partitions, offsets, settings.
    #[command(after_help = "Example: touchline topics describe decisions.v1")]
    Describe(DescribeArguments),
}

#[derive(Debug, Args)]
struct DescribeArguments {
    /// The topic without the pipeline's prefix; all of them without it.
    topic: Option<String>,
    #[command(flatten)]
    pipeline: PipelineArguments,
}

/// Makes, checks or shows the topics.
pub fn main(arguments: &TopicsArguments) -> anyhow::Result<ExitCode> {
    match &arguments.action {
        Action::Create(pipeline) => create_or_check(pipeline, true),
        Action::Check(pipeline) => create_or_check(pipeline, false),
        Action::List(pipeline) => list(pipeline),
        Action::Describe(arguments) => describe(arguments),
    }
}

fn create_or_check(arguments: &PipelineArguments, create: bool) -> anyhow::Result<ExitCode> {
    let pipeline = arguments.load()?;
    let clients = Clients::of(&pipeline);
    let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
    if create {
        for (name, made) in topics::create(&clients, &settings)? {
            println!("{} {name}", if made { "made " } else { "there" });
        }
    }
    topics::check(&clients, &settings)?;
    println!("all topics of {} are as the pipeline says", pipeline.name);
    Ok(ExitCode::SUCCESS)
}

fn list(arguments: &PipelineArguments) -> anyhow::Result<ExitCode> {
    let pipeline = arguments.load_layers()?.pipeline;
    let clients = Clients::of(&pipeline);
    let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
    let plan = topics::plan(&settings);
    let width = plan.iter().map(|topic| clients.topic(topic.base).len()).max().unwrap_or(0);
    println!("{:<width$} {:>10}  {:<8} {:<15} what it carries", "topic", "partitions", "key", "written by");
    for topic in &plan {
        let about = about(topic.base);
        let name = clients.topic(topic.base);
        println!("{name:<width$} {:>10}  {:<8} {:<15} {}", topic.partitions, about.key, about.writer, about.carries);
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(arguments: &DescribeArguments) -> anyhow::Result<ExitCode> {
    let pipeline = arguments.pipeline.load()?;
    let clients = Clients::of(&pipeline);
    let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
    let chosen = match &arguments.topic {
        None => topics::plan(&settings),
        Some(name) => vec![planned(&settings, name).with_context(|| unknown_topic(&settings, name))?],
    };
    let mut missing = 0;
    for (topic, standing) in chosen.iter().zip(topics::standing(&clients, &chosen)?) {
        let about = about(topic.base);
        println!("{}: {}", clients.topic(topic.base), about.carries);
        println!("  written by {}, key {}, {}", about.writer, about.key, topic.rules());
        match standing {
            None => {
                missing += 1;
                println!("  not there: touchline topics create");
            }
            Some(partitions) => {
                for (number, (first, end)) in partitions.into_iter().enumerate() {
                    println!("  partition {number}: offsets {first} to {end} ({} kept, markers counted)", end - first);
                }
            }
        }
    }
    Ok(if missing == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What a newcomer wants to know of a topic.
struct About {
    carries: &'static str,
    key: &'static str,
    writer: &'static str,
}

fn about(base: &str) -> About {
    let of = |carries, key, writer| About { carries, key, writer };
    match base {
        "feed.v1" => of("what scouts and vendors report from the matches", "match", "feed adapters"),
        "market-images.v1" => of("the newest whole picture of each match, for who comes late", "match", "trading"),
        "results.v1" => of("what each market came to, and when that was taken back", "match", "trading"),
        "trading-commands.v1" => of("what the trading desk orders: suspend, resume, cancel", "match", "the desk"),
        "feed-requests.v1" => of("requests to feed adapters to say something again", "match", "trading"),
        "markets.v1" => of("odds, status and facts of every match, and watermarks", "match", "trading"),
        "account-commands.v1" => of("accounts opened, deposits", "account", "account service"),
        "commands.v1" => of("bets", "account", "bet engines"),
        "decisions.v1" => of("the answer to every bet and account command", "account", "book"),
        "settlements.v1" => of("what bets came to", "account", "book"),
        "ledger.v1" => of("every movement of money, double entry", "account", "book"),
        "journal-trading.v1" => of("the diary of each trading shard: what it read and said", "none", "trading"),
        "journal-book.v1" => of("the diary of each book shard: what it read and said", "none", "book"),
        "rejects-trading.v1" => of("feed and desk records that could not be taken, and why", "none", "trading"),
        "rejects-book.v1" => of("commands that could not be taken nor answered, and why", "none", "book"),
        "alerts-trading.v1" => of("what a trader or operator must see", "none", "trading"),
        "alerts-book.v1" => of("what an operator must see", "none", "book"),
        _ => of("", "", ""),
    }
}

/// The plan of a topic, by its base name.
pub(super) fn planned(settings: &Settings, name: &str) -> Option<TopicPlan> {
    topics::plan(settings).into_iter().find(|topic| topic.base == name)
}

/// What to say of a name that is no topic.
pub(super) fn unknown_topic(settings: &Settings, name: &str) -> String {
    let names: Vec<&str> = topics::plan(settings).iter().map(|topic| topic.base).collect();
    format!("{name} is not a topic of a pipeline (names go without the prefix). There are: {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_is_explained_and_found_by_its_name() {
        let settings = Settings::default();
        for topic in topics::plan(&settings) {
            assert!(!about(topic.base).carries.is_empty(), "{} is not explained", topic.base);
            assert_eq!(planned(&settings, topic.base), Some(topic));
        }
        assert_eq!(planned(&settings, "bets"), None);
        assert!(unknown_topic(&settings, "bets").contains("commands.v1"));
    }
}
