//! The day's bookkeeping: postings with the balances they leave, and the journals of both roles.

use std::collections::BTreeMap;

use prost::Message;
use touchline::sim::auditor::Record;
use touchline::wire::proto;

use super::{Body, DAY, PARTITIONS, World, home_of, id, sha};
use proto::journal_record::Body as Said;
use proto::{InputTopic, LedgerAccountKind as Purse, PostingEvent, TransferKind};

/// One account's cash, reserved part, and held stakes.
#[derive(Clone, Copy, Default)]
struct Balance {
    cash: i64,
    reserved: i64,
    held: i64,
}

/// Writes postings and keeps the balances that they print.
#[derive(Default)]
pub(crate) struct Books {
    balances: BTreeMap<String, Balance>,
    next: BTreeMap<u32, u64>,
    /// The reservation of a waiting bet.
    waiting: BTreeMap<u32, proto::TransferId>,
}

impl Books {
    /// Appends a posting of these transfers (kind, from, to, amount) for a bet or command of that account.
    pub(crate) fn post(
        &mut self,
        world: &mut World,
        at: i64,
        account: &str,
        event: PostingEvent,
        number: u32,
        version: Option<u32>,
        transfers: &[(TransferKind, Purse, Purse, i64)],
    ) {
        let shard = home_of(account);
        let next = self.next.entry(shard).or_insert(1);
        let posting_id = *next;
        *next += 1;
        let balance = self.balances.entry(account.to_owned()).or_default();
        let mut written = Vec::new();
        for (index, (kind, from, to, amount)) in transfers.iter().copied().enumerate() {
            let transfer_id = proto::TransferId { posting: posting_id, index: index as u32 };
            let mut pending = None;
            match kind {
                TransferKind::Pending => {
                    balance.reserved += amount;
                    self.waiting.insert(number, transfer_id);
                }
                TransferKind::PostPending | TransferKind::VoidPending => {
                    balance.reserved -= amount;
                    pending = self.waiting.remove(&number);
                }
                TransferKind::Posted | TransferKind::Unspecified => {}
            }
            if matches!(kind, TransferKind::Posted | TransferKind::PostPending) {
                balance.cash += amount * (i64::from(to == Purse::Cash) - i64::from(from == Purse::Cash));
                balance.held += amount * (i64::from(to == Purse::Held) - i64::from(from == Purse::Held));
            }
            let side = |purse: Purse| {
                let own = matches!(purse, Purse::Cash | Purse::Held);
                Some(proto::LedgerAccount {
                    kind: purse as i32,
                    account: if own { account.to_owned() } else { String::new() },
                })
            };
            written.push(proto::Transfer {
                id: Some(transfer_id),
                kind: kind as i32,
                pending,
                from: side(from),
                to: side(to),
                amount_minor: amount,
            });
        }
        let is_deposit = event == PostingEvent::Deposit;
        let posting = proto::Posting {
            id: posting_id,
            account: account.to_owned(),
            licence: "US-NJ".to_owned(),
            currency: "USD".to_owned(),
            event: event as i32,
            bet_id: if is_deposit { String::new() } else { id(number) },
            command_id: if is_deposit { id(number) } else { String::new() },
            settlement_version: version,
            cause: None,
            transfers: written,
            cash_minor: balance.cash,
            reserved_minor: balance.reserved,
            held_minor: balance.held,
        };
        world.push("ledger.v1", shard, at, Some(account), Body::Posting(posting));
    }
}

/// Adds both roles' journals: genesis, owner, two batches that share out everything, a clean end.
pub(crate) fn with_journals(mut records: Vec<Record>) -> Vec<Record> {
    let mut journals = Vec::new();
    for shard in 0..PARTITIONS {
        let trading: Vec<(InputTopic, &str, u32)> =
            vec![(InputTopic::TradingCommands, "trading-commands.v1", shard), (InputTopic::Feed, "feed.v1", shard)];
        let mut book: Vec<(InputTopic, &str, u32)> =
            (0..PARTITIONS).map(|markets| (InputTopic::Markets, "markets.v1", markets)).collect();
        book.push((InputTopic::AccountCommands, "account-commands.v1", shard));
        book.push((InputTopic::Commands, "commands.v1", shard));
        let trading_outputs = [
            "alerts-trading.v1",
            "feed-requests.v1",
            "market-images.v1",
            "markets.v1",
            "rejects-trading.v1",
            "results.v1",
        ];
        let book_outputs = ["alerts-book.v1", "decisions.v1", "ledger.v1", "rejects-book.v1", "settlements.v1"];
        journals.extend(journal("trading", shard, &records, &trading, &trading_outputs));
        journals.extend(journal("book", shard, &records, &book, &book_outputs));
    }
    records.extend(journals);
    records
}

fn journal(
    role: &str,
    shard: u32,
    records: &[Record],
    sources: &[(InputTopic, &str, u32)],
    outputs: &[&str],
) -> Vec<Record> {
    let text = "revision = 1\n";
    let settings = proto::SettingsChanged { revision: 1, hash: sha(text.as_bytes()), text: text.to_owned() };
    let mut said = vec![
        Said::Genesis(proto::Genesis {
            pipeline: "test".to_owned(),
            match_partitions: PARTITIONS,
            account_partitions: PARTITIONS,
            settings: Some(settings.clone()),
        }),
        Said::OwnerTaken(proto::OwnerTaken {}),
    ];
    // Trading learns first how far its inputs reach, then writes: updates promise what the batch before knew.
    let learnt_at_ms = DAY + 600_000;
    if role == "trading" {
        let range = |(topic, _, partition): &(InputTopic, &str, u32)| proto::SourceRange {
            topic: *topic as i32,
            partition: *partition,
            learnt_at_ms,
            ..proto::SourceRange::default()
        };
        said.push(Said::Batch(proto::Batch {
            settings_revision: 1,
            settings_hash: settings.hash.clone(),
            sources: sources.iter().map(range).collect(),
            through_ms: learnt_at_ms,
            ..proto::Batch::default()
        }));
    }
    for half in 0..2 {
        let mut batch = proto::Batch {
            settings_revision: 1,
            settings_hash: settings.hash.clone(),
            due_quota: 10,
            work_quota: 10,
            through_ms: learnt_at_ms,
            ..proto::Batch::default()
        };
        for (topic, name, partition) in sources {
            let all = on(records, name, *partition);
            let end = |index: usize| index.checked_sub(1).map_or(0, |last| all[last].offset + 1);
            let (from, to) = [(0, end(all.len() / 2)), (end(all.len() / 2), end(all.len()))][half];
            let range = proto::SourceRange {
                topic: *topic as i32,
                partition: *partition,
                from,
                to,
                reached: to,
                learnt_at_ms,
                ..proto::SourceRange::default()
            };
            batch.sources.push(range);
        }
        for name in outputs {
            let all = on(records, name, shard);
            let (first, second) = all.split_at(all.len() / 2);
            let part = [first, second][half];
            if !part.is_empty() {
                batch.outputs.push(digest(name, shard, part));
            }
        }
        said.push(Said::Batch(batch));
    }
    said.push(Said::Closed(proto::Closed { state_hash: sha(b"state") }));
    chained(role, shard, said)
}

fn on<'a>(records: &'a [Record], topic: &str, partition: u32) -> Vec<&'a Record> {
    records.iter().filter(|record| record.topic == topic && record.partition == partition).collect()
}

fn digest(topic: &str, partition: u32, records: &[&Record]) -> proto::OutputDigest {
    let mut bytes = Vec::new();
    for record in records {
        match &record.key {
            Some(key) => {
                bytes.extend((key.len() as u32).to_be_bytes());
                bytes.extend(key);
            }
            None => bytes.extend([0xff; 4]),
        }
        bytes.extend((record.value.len() as u32).to_be_bytes());
        bytes.extend(&record.value);
    }
    proto::OutputDigest { topic: format!("day.{topic}"), partition, count: records.len() as u32, hash: sha(&bytes) }
}

/// The records of a journal, each with the hash of the one before.
pub(crate) fn chained(role: &str, shard: u32, said: Vec<Said>) -> Vec<Record> {
    let mut previous = Vec::new();
    let mut records = Vec::new();
    for (sequence, body) in said.into_iter().enumerate() {
        let record = proto::JournalRecord {
            role: role.to_owned(),
            shard,
            sequence: sequence as u64,
            previous_hash: std::mem::take(&mut previous),
            owner: "process-1".to_owned(),
            at_ms: DAY + 600_000 + 1_000 * sequence as i64,
            logic_version: 1,
            body: Some(body),
        };
        let value = record.encode_to_vec();
        previous = sha(&value);
        records.push(Record {
            topic: format!("journal-{role}.v1"),
            partition: shard,
            offset: sequence as u64 * 2,
            append_ms: record.at_ms,
            key: None,
            value,
            content_type_json: false,
        });
    }
    records
}

/// Changes the journal of a shard from within, and chains it anew.
pub(crate) fn rewrite_journal(records: &mut Vec<Record>, role: &str, shard: u32, change: impl FnOnce(&mut Vec<Said>)) {
    let topic = format!("journal-{role}.v1");
    let mut said: Vec<Said> = (on(records, &topic, shard).iter())
        .map(|record| proto::JournalRecord::decode(record.value.as_slice()).unwrap().body.unwrap())
        .collect();
    change(&mut said);
    records.retain(|record| (record.topic.as_str(), record.partition) != (topic.as_str(), shard));
    records.extend(chained(role, shard, said));
}
