//! `touchline tail`: what stands in a topic, a line a record.

use super::PipelineArguments;
use super::topics::{planned, unknown_topic};
use crate::kafka::client::Clients;
use crate::kafka::dump::Dumped;
use crate::kafka::watch::{Start, Watch, watch};
use crate::runtime::clock::local_ms;
use crate::wire::{self, RecordKind};
use anyhow::Context;
use clap::Args;
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;

/// What `tail --help` ends with.
pub const EXAMPLES: &str = "\
Examples:
  touchline tail decisions.v1 --key alice            every answer that alice ever got
  touchline tail markets.v1 --follow --from end      prices as they move; Ctrl-C ends it
  touchline tail commands.v1 --from -10s --json      what came in the last ten seconds, for jq
  touchline tail ledger.v1 --from 1000 --limit 5     five postings, from offset 1000 of each partition";

/// Arguments of `touchline tail`.
#[derive(Debug, Args)]
pub struct TailArguments {
    /// The topic, without the pipeline's prefix: markets.v1, decisions.v1, journal-book.v1, ... (`touchline topics list`).
    topic: String,
    /// Only records with this key (an account or a match).
    #[arg(long)]
    key: Option<String>,
    /// JSON lines with partition, offset, time, key and value, even on a terminal. Into a pipe or file it is always so.
    #[arg(long)]
    json: bool,
    /// Go on beyond the topic's end as it is now, until Ctrl-C.
    #[arg(long, short)]
    follow: bool,
    /// Where to begin: `beginning`, `end`, an offset, the last so many records of each partition (`-100`), so long ago
    /// (`-30s`, `-5m`, `-2h`), or a time in ms since the epoch (`@1700000000000`).
    #[arg(long, value_name = "PLACE", default_value = "beginning", allow_hyphen_values = true, value_parser = start)]
    from: Start,
    /// Stop after so many records.
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
    /// Watermarks too: on a terminal they are left out, for they are most of markets.v1 and say only that time passed.
    #[arg(long)]
    watermarks: bool,
    #[command(flatten)]
    pipeline: PipelineArguments,
}

/// Prints records.
pub fn main(arguments: &TailArguments) -> anyhow::Result<ExitCode> {
    let pipeline = arguments.pipeline.load()?;
    let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
    let topic = planned(&settings, &arguments.topic).with_context(|| unknown_topic(&settings, &arguments.topic))?;
    let kind = RecordKind::of_topic_name(topic.base).expect("a planned topic has a kind");
    let stop = super::stop_on_signal()?;
    let mut out = std::io::stdout().lock();
    let json = arguments.json || !out.is_terminal();
    let (mut printed, mut fault) = (0, None);
    let reading = Watch {
        base: topic.base,
        partitions: topic.partitions,
        start: arguments.from,
        follow: arguments.follow,
        stop: &stop,
    };
    watch(&Clients::of(&pipeline), reading, &mut |record| {
        let key = record.key.as_deref().map(String::from_utf8_lossy);
        if arguments.key.is_some() && arguments.key.as_deref() != key.as_deref() {
            return ControlFlow::Continue(());
        }
        let value = readable(kind, &record);
        if !json && !arguments.watermarks && value.starts_with("{\"watermark\"") {
            return ControlFlow::Continue(());
        }
        let written = match json {
            true => writeln!(out, "{}", json_line(&record, &value)),
            false => writeln!(out, "{}", readable_line(&record, &value)),
        };
        printed += 1;
        fault = written.err();
        let enough = fault.is_some() || arguments.limit.is_some_and(|limit| printed >= limit);
        if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    match fault {
        // Whoever read our lines has had enough: `touchline tail ... | head`.
        Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Some(error) => Err(error.into()),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// The value as one line of JSON; what cannot be read is said to be so.
fn readable(kind: RecordKind, record: &Dumped) -> String {
    let unreadable = |why: &str| {
        serde_json::json!({ "unreadable": why, "bytes": record.value.len(), "begins": record.value[..record.value.len().min(64)].escape_ascii().to_string() }).to_string()
    };
    match wire::Format::detect(record.content_type.as_deref(), &record.value) {
        wire::Format::Json => {
            // As the house spells it, if it is what the topic carries; else as the sender did.
            let known = wire::from_json(kind, &record.value).and_then(|value| wire::to_json(kind, &value));
            known.unwrap_or_else(|_| match serde_json::from_slice::<serde_json::Value>(&record.value) {
                Ok(value) => in_ascii(&value.to_string()),
                Err(error) => unreadable(&error.to_string()),
            })
        }
        wire::Format::Protobuf => {
            wire::to_json(kind, &record.value).unwrap_or_else(|broken| unreadable(&broken.detail))
        }
    }
}

fn json_line(record: &Dumped, value: &str) -> String {
    let key = record.key.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    format!(
        "{{\"partition\":{},\"offset\":{},\"at_ms\":{},\"key\":{},\"value\":{value}}}",
        record.partition,
        record.offset,
        record.timestamp_ms,
        in_ascii(&serde_json::Value::from(key).to_string())
    )
}

/// The same JSON in ASCII: no character of a sender's turns a terminal's writing around.
fn in_ascii(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && character != '\u{7f}' {
            safe.push(character);
        } else {
            let mut units = [0; 2];
            safe.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    safe
}

fn readable_line(record: &Dumped, value: &str) -> String {
    let of_day = record.timestamp_ms.rem_euclid(86_400_000);
    let (hours, minutes, ms) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day % 60_000);
    let key = record.key.as_deref().map(|key| key.escape_ascii().to_string()).unwrap_or_default();
    // Whatever a sender wrote must not move the reader's cursor.
    let safe: String = value.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    format!(
        "{hours:02}:{minutes:02}:{:02}.{:03}Z {}/{:<6} {key:<16} {safe}",
        ms / 1_000,
        ms % 1_000,
        record.partition,
        record.offset
    )
}

/// Reads `--from`.
fn start(text: &str) -> Result<Start, String> {
    let wrong = || {
        format!(
            "{text:?} is not beginning, end, an offset (17), the last so many (-100), so long ago (-30s, -5m, -2h) or a time in ms (@1700000000000)"
        )
    };
    match text {
        "beginning" => return Ok(Start::Beginning),
        "end" => return Ok(Start::End),
        _ => {}
    }
    let number = |digits: &str| digits.parse::<i64>().ok().filter(|number| *number >= 0);
    if let Some(ms) = text.strip_prefix('@') {
        return number(ms).map(Start::Time).ok_or_else(wrong);
    }
    let Some(back) = text.strip_prefix('-') else { return number(text).map(Start::Offset).ok_or_else(wrong) };
    let units = [("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    match units.into_iter().find_map(|(unit, ms)| Some((back.strip_suffix(unit)?, ms))) {
        Some((digits, ms)) => {
            let ago = number(digits).and_then(|count| count.checked_mul(ms)).ok_or_else(wrong)?;
            Ok(Start::Time(local_ms().saturating_sub(ago).max(0)))
        }
        None => number(back).map(Start::Last).ok_or_else(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_to_begin_is_said_in_many_ways() {
        assert_eq!(start("beginning"), Ok(Start::Beginning));
        assert_eq!(start("end"), Ok(Start::End));
        assert_eq!(start("17"), Ok(Start::Offset(17)));
        assert_eq!(start("-100"), Ok(Start::Last(100)));
        assert_eq!(start("@1700000000000"), Ok(Start::Time(1_700_000_000_000)));
        let Ok(Start::Time(ms)) = start("-5m") else { panic!("a time") };
        assert!((local_ms() - 300_000 - ms).abs() < 5_000);
        for wrong in ["", "-", "yesterday", "-5w", "@", "@-1", "--5", "1.5", "-9223372036854775807h"] {
            assert!(start(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn lines_are_json_whatever_the_record_holds() {
        let record = |key: &[u8], value: &[u8]| Dumped {
            topic: "commands.v1",
            partition: 1,
            offset: 2,
            timestamp_ms: 86_399_999,
            key: Some(key.to_vec()),
            value: value.to_vec(),
            content_type: None,
        };
        for (key, value) in [
            (&b"al\"ice"[..], &b"{\"placeBet\":{\"account\":\"a\\u001b[2J\"}}"[..]),
            ("\u{202e}ecila".as_bytes(), "{\"no such field\":\"\u{202e}\u{1f600}\"}".as_bytes()),
            (b"\xff", b"{\"cut off"),
            (b"", b"\xff\xff\xff"),
            (b"k", b""),
        ] {
            let record = record(key, value);
            let value = readable(RecordKind::BetCommand, &record);
            let line = json_line(&record, &value);
            let parsed: serde_json::Value =
                serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(parsed["offset"], 2);
            assert!(!line.contains('\u{202e}'), "{line}");
            let shown = readable_line(&record, &value);
            assert!(shown.starts_with("23:59:59.999Z 1/2") && !shown.contains(char::is_control), "{shown}");
        }
    }
}
