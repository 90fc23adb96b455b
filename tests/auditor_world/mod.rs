//! A small day at the bookmaker's, written out by hand: what each topic holds when everything went right.

pub(crate) mod books;
pub(crate) mod story;

use std::collections::BTreeMap;

use prost::Message;
use sha2::{Digest, Sha256};
use touchline::sim::auditor::{AuditRules, Auditor, Record, Report};
use touchline::values::partition_for;
use touchline::wire::proto;

pub(crate) use books::Books;

pub(crate) const PARTITIONS: u32 = 2;
/// The day's first millisecond.
pub(crate) const DAY: i64 = 1_700_000_000_000;

/// What a record says, before it is bytes.
#[derive(Clone)]
pub(crate) enum Body {
    Raw(Vec<u8>),
    Json(String),
    Feed(proto::FeedMessage),
    Account(proto::AccountCommand),
    Bet(proto::BetCommand),
    Market(proto::MarketMessage),
    Decision(proto::Decision),
    Settlement(proto::Settlement),
    Posting(proto::Posting),
    Reject(proto::Reject),
}

impl Body {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Body::Raw(bytes) => bytes.clone(),
            Body::Json(text) => text.clone().into_bytes(),
            Body::Feed(body) => body.encode_to_vec(),
            Body::Account(body) => body.encode_to_vec(),
            Body::Bet(body) => body.encode_to_vec(),
            Body::Market(body) => body.encode_to_vec(),
            Body::Decision(body) => body.encode_to_vec(),
            Body::Settlement(body) => body.encode_to_vec(),
            Body::Posting(body) => body.encode_to_vec(),
            Body::Reject(body) => body.encode_to_vec(),
        }
    }
}

/// A record before it has an offset.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) topic: &'static str,
    pub(crate) partition: u32,
    pub(crate) at: i64,
    pub(crate) key: Option<String>,
    pub(crate) body: Body,
}

/// Everything that was written that day, in order.
#[derive(Clone, Default)]
pub(crate) struct World {
    pub(crate) entries: Vec<Entry>,
}

/// Where the n-th record of a partition stands: transaction markers take every fourth offset.
pub(crate) fn offset_of(index: usize) -> u64 {
    (index + index / 3) as u64
}

pub(crate) fn id(number: u32) -> String {
    format!("018bcfe5-6800-7000-8000-{number:012x}")
}

pub(crate) fn home_of(key: &str) -> u32 {
    partition_for(key.as_bytes(), PARTITIONS)
}

pub(crate) fn sha(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

impl World {
    /// Appends a record and says where it stands.
    pub(crate) fn push(&mut self, topic: &'static str, partition: u32, at: i64, key: Option<&str>, body: Body) -> u64 {
        let index = self.entries.iter().filter(|entry| (entry.topic, entry.partition) == (topic, partition)).count();
        self.entries.push(Entry { topic, partition, at: DAY + at, key: key.map(str::to_owned), body });
        offset_of(index)
    }

    /// The decisions on that bet or command, in order.
    pub(crate) fn decisions(&mut self, number: u32) -> Vec<&mut proto::Decision> {
        let id = id(number);
        let bodies = self.entries.iter_mut().filter_map(|entry| match &mut entry.body {
            Body::Decision(body) if body.command_id == id => Some(body),
            _ => None,
        });
        bodies.collect()
    }

    /// The wager record of that bet.
    pub(crate) fn accepted(&mut self, number: u32) -> &mut proto::AcceptedBet {
        let verdicts = self.decisions(number).into_iter().filter_map(|decision| decision.verdict.as_mut());
        let mut accepted = verdicts.filter_map(|verdict| match verdict {
            proto::decision::Verdict::Accepted(bet) => Some(bet),
            _ => None,
        });
        accepted.next().expect("an accepted bet")
    }

    /// That version of a match.
    pub(crate) fn update(&mut self, match_id: &str, version: u64) -> &mut proto::MatchUpdate {
        let mut updates = self.entries.iter_mut().filter_map(|entry| match &mut entry.body {
            Body::Market(proto::MarketMessage { body: Some(proto::market_message::Body::MatchUpdate(update)) }) => {
                Some(update)
            }
            _ => None,
        });
        updates.find(|update| (update.match_id.as_str(), update.version) == (match_id, version)).expect("a version")
    }

    /// That settlement of that bet.
    pub(crate) fn settlement(&mut self, number: u32, version: u32) -> &mut proto::Settlement {
        let id = id(number);
        let mut found = self.entries.iter_mut().filter_map(|entry| match &mut entry.body {
            Body::Settlement(body) if body.bet_id == id && body.version == version => Some(body),
            _ => None,
        });
        found.next().expect("a settlement")
    }

    /// The n-th posting of that bet or command.
    pub(crate) fn posting(&mut self, number: u32, index: usize) -> &mut proto::Posting {
        let id = id(number);
        let mut found = self.entries.iter_mut().filter_map(|entry| match &mut entry.body {
            Body::Posting(body) if body.bet_id == id || body.command_id == id => Some(body),
            _ => None,
        });
        found.nth(index).expect("a posting")
    }

    /// The bytes of the day: everything above with its offsets, and the journals that name it.
    pub(crate) fn records(&self) -> Vec<Record> {
        let mut counts: BTreeMap<(&str, u32), usize> = BTreeMap::new();
        let mut records = Vec::new();
        for entry in &self.entries.iter().cloned().chain(projections(&self.entries)).collect::<Vec<_>>() {
            let count = counts.entry((entry.topic, entry.partition)).or_default();
            records.push(Record {
                topic: entry.topic.to_owned(),
                partition: entry.partition,
                offset: offset_of(*count),
                append_ms: entry.at,
                key: entry.key.clone().map(String::into_bytes),
                value: entry.body.bytes(),
                content_type_json: matches!(entry.body, Body::Json(_)),
            });
            *count += 1;
        }
        books::with_journals(records)
    }
}

/// What outsiders get: an image of every update, and the results that it changes.
fn projections(entries: &[Entry]) -> Vec<Entry> {
    let mut known: BTreeMap<(String, String), Vec<i32>> = BTreeMap::new();
    let mut said = Vec::new();
    for entry in entries {
        let Body::Market(proto::MarketMessage { body: Some(proto::market_message::Body::MatchUpdate(update)) }) =
            &entry.body
        else {
            continue;
        };
        let mut update = update.clone();
        update.facts.clear();
        let mut results = proto::MatchResults {
            match_id: update.match_id.clone(),
            version: update.version,
            phase: update.phase,
            home_score: update.home_score,
            away_score: update.away_score,
            markets: Vec::new(),
        };
        for market in &update.markets {
            let is_result = |status: i32| status >= proto::OutcomeStatus::Won as i32;
            let now: Vec<i32> =
                market.outcomes.iter().map(|o| if is_result(o.status) { o.status } else { 0 }).collect();
            let nothing = vec![0; now.len()];
            let before = known.insert((update.match_id.clone(), market.market.clone()), now.clone());
            if before.unwrap_or(nothing) != now {
                let outcome =
                    |o: &proto::OutcomeState| proto::OutcomeResult { outcome: o.outcome.clone(), status: o.status };
                let (market_id, status) = (market.market.clone(), market.status);
                let outcomes = market.outcomes.iter().map(outcome).collect();
                results.markets.push(proto::MarketResults { market: market_id, status, outcomes });
            }
        }
        if !results.markets.is_empty() {
            said.push(Entry { topic: "results.v1", body: Body::Raw(results.encode_to_vec()), ..entry.clone() });
        }
        let image = proto::MarketImage { update: Some(update) };
        said.push(Entry { topic: "market-images.v1", body: Body::Raw(image.encode_to_vec()), ..entry.clone() });
    }
    said
}

pub(crate) fn rules() -> AuditRules {
    AuditRules { expect_settled: true, ..AuditRules::default() }
}

/// Reads the records as they stand, one topic after the other.
pub(crate) fn audit(records: &[Record]) -> Report {
    audit_by(rules(), records)
}

pub(crate) fn audit_by(rules: AuditRules, records: &[Record]) -> Report {
    let mut auditor = Auditor::new(rules);
    records.iter().for_each(|record| auditor.take(record));
    auditor.finish()
}

/// The good day.
pub(crate) fn good() -> World {
    story::write()
}
