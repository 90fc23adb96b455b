//! A good day passes; and whatever one thing is changed in it, the auditor names exactly what that breaks.
#![cfg(feature = "wire")]
#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and picks out what it wants"
)]
#![expect(clippy::too_many_arguments, reason = "the story tells each bet in one line")]

mod auditor_bets;
mod auditor_markets;
mod auditor_world;

use prost::Message;
use touchline::sim::auditor::{Record, Report};
use touchline::wire::proto;

use auditor_bets::is_bet;
use auditor_world::books::{Books, rewrite_journal};
use auditor_world::story::goal;
use auditor_world::{Body, DAY, Entry, PARTITIONS, World, audit, good, home_of, id, sha};
use proto::journal_record::Body as Said;
use proto::{Certainty, LedgerAccountKind as Purse, MarketStatus, OutcomeStatus, PostingEvent, TransferKind};

/// Changes what was written (the journals then name the changed records) and demands that exactly these checks fail,
/// one of them in these words.
#[track_caller]
fn written(change: impl FnOnce(&mut World), failed: &[&str], words: &str) {
    let mut world = good();
    change(&mut world);
    demand(&audit(&world.records()), failed, words);
}

/// Changes the bytes that are read, journals included.
#[track_caller]
fn read(change: impl FnOnce(&mut Vec<Record>), failed: &[&str], words: &str) {
    let mut records = good().records();
    change(&mut records);
    demand(&audit(&records), failed, words);
}

#[track_caller]
fn demand(report: &Report, failed: &[&str], words: &str) {
    assert_eq!(report.failed_names(), failed, "{report}");
    let said = report.checks.iter().flat_map(|check| &check.failures).any(|failure| failure.contains(words));
    assert!(said, "nobody says {words:?}\n{report}");
}

fn is_on(record: &Record, topic: &str, partition: u32) -> bool {
    record.topic == topic && record.partition == partition
}

/// The last record of that topic and partition.
fn last(records: &[Record], topic: &str, partition: u32) -> usize {
    records.iter().rposition(|record| is_on(record, topic, partition)).expect("a record")
}

#[test]
fn a_good_day_passes() {
    let report = audit(&good().records());
    assert!(report.passed(), "{report}");
    assert!(report.checks.iter().all(|check| check.counted > 0), "{report}");
    let summary = &report.summary;
    let figures = (summary.accepted, summary.open, summary.reopened, summary.settled, summary.void, summary.waiting);
    assert_eq!(figures, (7, 1, 0, 5, 1, 1));
    assert_eq!(summary.sums.len(), 2, "one sum a shard");
    assert!(report.to_string().ends_with("The topics agree."));
}

#[test]
fn any_interleaving_gives_the_same_report() {
    let records = good().records();
    let expected = audit(&records);
    let mut reversed = records.clone();
    reversed.sort_by(|a, b| (&b.topic, b.partition, a.offset).cmp(&(&a.topic, a.partition, b.offset)));
    assert_eq!(audit(&reversed), expected, "the last topic first");
    let mut woven = records;
    woven.sort_by(|a, b| (a.offset, &a.topic).cmp(&(b.offset, &b.topic)));
    assert_eq!(audit(&woven), expected, "record by record");
}

#[test]
fn an_empty_log_proves_nothing_and_says_so() {
    let report = audit(&[]);
    assert!(report.passed());
    assert!(report.checks.iter().all(|check| check.counted == 0));
    assert_eq!(report.to_string().matches("looked at nothing").count(), report.checks.len());
}

#[test]
fn records() {
    read(|records| records.swap(0, 2), &["records", "transactions"], "markets.v1[1]@0: read after offset 1");
    written(
        |world| {
            world.push("alerts-book.v1", 0, 0, None, Body::Raw(vec![0xff]));
        },
        &["records"],
        "alerts-book.v1[0]@0: cannot be decoded",
    );
}

#[test]
fn journal() {
    let journal = "journal-book.v1";
    let at = |records: &[Record], back: usize| last(records, journal, 0) - back;
    read(
        |records| {
            let index = at(records, 4);
            let mut genesis = proto::JournalRecord::decode(records[index].value.as_slice()).unwrap();
            genesis.logic_version = 2;
            records[index].value = genesis.encode_to_vec();
        },
        &["journal"],
        "journal-book.v1[0]@2: previous_hash is not the hash",
    );
    read(
        |records| {
            let index = at(records, 0);
            records.remove(index - 3);
        },
        &["journal"],
        "journal-book.v1[0]@4: sequence 2, expected 1",
    );
    read(
        |records| {
            let index = at(records, 0);
            let mut closed = proto::JournalRecord::decode(records[index].value.as_slice()).unwrap();
            (closed.at_ms, closed.owner) = (DAY, "process-2".to_owned());
            records[index].value = closed.encode_to_vec();
        },
        &["journal"],
        "written by \"process-2\", but the shard is owned by \"process-1\"",
    );
    let book = |change: fn(&mut Vec<Said>), words: &str| {
        read(|records| rewrite_journal(records, "book", 0, change), &["journal"], words);
    };
    book(|said| said.swap(0, 1), "the first alone is Genesis");
    book(
        |said| {
            let Said::Genesis(genesis) = &said[0] else { panic!() };
            let settings = genesis.settings.clone().unwrap();
            said.insert(2, Said::Settings(settings));
        },
        "settings revision 1 does not rise above 1",
    );
    book(|said| source(said, 3).from -= 1, "was read before");
    book(|said| source(said, 3).from += 1, "was never read");
    book(|said| source(said, 3).reached = 0, "says to have reached only 0");
    read(
        |records| rewrite_journal(records, "book", 0, |said| source(said, 3).partition = 9),
        &["journal", "coverage"],
        "is not this shard's",
    );
    // One shard's settings are others, under the same revision: in itself its journal is in order.
    book(
        |said| {
            let Said::Genesis(genesis) = &mut said[0] else { panic!() };
            let settings = genesis.settings.as_mut().unwrap();
            settings.text.push_str("# other\n");
            settings.hash = sha(settings.text.as_bytes());
            let hash = settings.hash.clone();
            for one in said {
                if let Said::Batch(batch) = one {
                    batch.settings_hash.clone_from(&hash);
                }
            }
        },
        "settings revision 1 are others than in another journal",
    );
    book(|said| batch(said, 2).settings_revision = 7, "decided by settings 7");
}

fn batch(said: &mut [Said], index: usize) -> &mut proto::Batch {
    let Said::Batch(batch) = &mut said[index] else { panic!("a batch") };
    batch
}

/// What a batch of the book read of the commands.
fn source(said: &mut [Said], index: usize) -> &mut proto::SourceRange {
    batch(said, index).sources.last_mut().unwrap()
}

#[test]
fn transactions() {
    let watermark = |records: &[Record]| last(records, "markets.v1", 0);
    read(
        |records| {
            records.remove(watermark(records));
        },
        &["transactions"],
        "records to markets.v1[0], only",
    );
    read(
        |records| {
            let index = watermark(records);
            let mut mark = records[index].clone();
            mark.offset += 1;
            records.insert(index + 1, mark);
        },
        &["transactions"],
        "no journal names this record",
    );
    read(
        |records| {
            let index = watermark(records);
            let mark = proto::Watermark { shard: 0, ..proto::Watermark::default() };
            let body = Some(proto::market_message::Body::Watermark(mark));
            records[index].value = proto::MarketMessage { body }.encode_to_vec();
        },
        &["transactions"],
        "are others",
    );
}

#[test]
fn through() {
    let trading = |change: fn(&mut Vec<Said>), words: &str| {
        read(|records| rewrite_journal(records, "trading", 0, change), &["through"], words);
    };
    // What only the batch itself knew is not the updates' to promise.
    trading(|said| batch(said, 2).through_ms = DAY - 1_000, "an update claims to know everything up to");
    trading(
        |said| {
            batch(said, 3).through_ms = DAY - 1_000;
            batch(said, 4).through_ms = DAY - 1_000;
        },
        "a watermark claims to know everything up to",
    );
    trading(|said| source(said, 3).learnt_at_ms = DAY, "but by its sources and time at most");
    trading(|said| source(said, 4).learnt_at_ms = 0, "but by its sources and time at most 0");
    trading(
        |said| {
            for index in 2..5 {
                batch(said, index).through_ms += 60_000;
                batch(said, index).sources.iter_mut().for_each(|range| range.learnt_at_ms += 60_000);
            }
        },
        "but by its sources and time at most",
    );
}

#[test]
fn coverage() {
    let is_decision = |number| {
        let id = id(number);
        move |entry: &Entry| matches!(&entry.body, Body::Decision(decision) if decision.command_id == id)
    };
    written(|world| world.entries.retain(|entry| !is_decision(10)(entry)), &["coverage"], "never answered");
    written(
        |world| {
            let twice = world.entries.iter().find(|entry| is_decision(10)(entry)).unwrap().clone();
            world.entries.push(twice);
        },
        &["coverage"],
        "ended 2 times",
    );
    written(|world| world.entries.retain(|entry| entry.topic != "rejects-book.v1"), &["coverage"], "never answered");
    written(
        |world| world.decisions(10)[0].cause.as_mut().unwrap().offset += 1_000,
        &["coverage"],
        "where there is no record",
    );
    written(
        |world| {
            let rejects = world.entries.iter_mut().filter(|entry| entry.topic == "rejects-trading.v1");
            rejects.for_each(|entry| {
                let Body::Reject(reject) = &mut entry.body else { panic!() };
                reject.value_sha256[0] ^= 1;
            });
        },
        &["coverage"],
        "length or hash are not those of feed.v1[0]",
    );
    // The waiting bet's answer is lost: it still waits, and its money says otherwise.
    written(
        |world| {
            let last = world.entries.iter().rposition(is_decision(4)).unwrap();
            world.entries.remove(last);
        },
        &["money"],
        "nothing was decided that moves this",
    );
    let shard = home_of("beth");
    read(
        |records| rewrite_journal(records, "book", shard, |said| source(said, 3).to -= 1),
        &["coverage"],
        "which the journal has not read",
    );
}

#[test]
fn ledger() {
    written(|world| world.posting(3, 0).cash_minor += 1, &["ledger"], "prints cash, reserved, held");
    written(|world| world.posting(8, 0).reserved_minor = 0, &["ledger"], "prints cash, reserved, held");
    written(|world| world.posting(1, 0).id += 1, &["ledger"], "expected posting");
    written(|world| world.posting(104, 0).transfers[0].id = None, &["ledger"], "its id is None");
    // The refused bet's reservation is let go twice.
    written(
        |world| {
            let void = world.posting(4, 1).transfers[0].clone();
            world
                .posting(4, 1)
                .transfers
                .push(proto::Transfer { id: void.id.map(|id| proto::TransferId { index: 1, ..id }), ..void });
        },
        &["ledger"],
        "or is posted or voided already",
    );
    // Betting without a cent: the ledger lends what is not there.
    let mut world = World::default();
    let moves = [(TransferKind::Posted, Purse::Cash, Purse::Held, 500)];
    Books::default().post(&mut world, 0, "beth", PostingEvent::BetAccepted, 3, None, &moves);
    demand(&audit(&world.records()), &["ledger", "ledger sums", "money"], "leaves -500 available");
    let moves = [(TransferKind::Posted, Purse::Cash, Purse::Payouts, 500)];
    let mut world = World::default();
    Books::default().post(&mut world, 0, "beth", PostingEvent::BetSettled, 3, Some(1), &moves);
    demand(&audit(&world.records()), &["ledger", "money"], "cash falls to -500");
    let mut world = World::default();
    Books::default().post(&mut world, 0, "beth", PostingEvent::BetReopened, 3, Some(2), &moves);
    demand(&audit(&world.records()), &["money"], "nothing was decided");
}

#[test]
fn ledger_sums() {
    // The last posting of beth's shard prints a cent too much: nobody paid it.
    let sums = |world: &mut World| world.posting(5, 1).held_minor += 1;
    written(sums, &["ledger", "ledger sums"], "expected zero");
    // An accepted bet whose stake is not what is held.
    written(
        |world| {
            let settlement = world
                .entries
                .iter()
                .position(|entry| matches!(&entry.body, Body::Settlement(settled) if settled.bet_id == id(5)));
            world.entries.remove(settlement.unwrap());
        },
        &["ledger sums", "money", "settlement"],
        "its open bets' stakes are 400",
    );
}

#[test]
fn money() {
    written(|world| world.posting(1, 1).settlement_version = Some(2), &["money"], "no posting in the ledger");
    written(
        |world| {
            let Some(Body::Account(command)) = world
                .entries
                .iter_mut()
                .map(|entry| &mut entry.body)
                .find(|body| matches!(body, Body::Account(command) if command.command_id == id(102)))
            else {
                panic!()
            };
            let Some(proto::account_command::Action::Deposit(deposit)) = &mut command.action else { panic!() };
            deposit.amount_minor += 1;
        },
        &["money"],
        "expected DepositToCash 100001",
    );
    // Paid twice: the same settlement posted again, the books themselves in order.
    let mut world = good();
    let first = world.posting(9, 1).clone();
    let mut twice = world.posting(6, 1).clone();
    (twice.bet_id, twice.settlement_version) = (first.bet_id.clone(), first.settlement_version);
    *world.posting(6, 1) = twice;
    let report = audit(&world.records());
    assert_eq!(report.failed_names(), ["money"], "{report}");
    assert!(report.check("money").unwrap().failures.iter().any(|failure| failure.contains("moved twice")), "{report}");
}

#[test]
fn markets() {
    let only = |change: fn(&mut World), words: &str| written(change, &["markets"], words);
    only(|world| world.update("M1", 3).home_score = 1, "score 1:0, expected (0, 0)");
    only(|world| drop(world.update("M1", 10).markets.pop()), "market total:line=2.75 of version 9 is missing");
    only(
        |world| world.update("M1", 3).markets[0].outcomes[0].price = None,
        "is OUTCOME_STATUS_OFFERED and has no price",
    );
    only(|world| world.update("M1", 7).markets[1].outcomes[0].price = Some(proto::Price::default()), "has a price");
    only(|world| world.update("M1", 3).markets[0].owners = vec![1], "is Active, but 1 owners hold it");
    only(|world| world.update("M1", 4).markets[0].owners.clear(), "is Suspended, but nobody holds it");
    // On sale though the reports decide it: over 2.5 at three goals, confirmed or not, and anything after the whistle.
    for certainty in [Certainty::Scouted, Certainty::Confirmed] {
        written(
            |world| {
                let open = world.update("M1", 8).markets[1].clone();
                let third = world.update("M1", 7);
                third.markets[1] = open;
                third.facts[0].certainty = certainty as i32;
            },
            // The bet that won by it is settled by a goal that is sure only in the second case.
            &["settlement", "markets"][usize::from(certainty == Certainty::Confirmed)..],
            "total:line=2.5 over is on offer, though by all that was reported Some(Win)",
        );
    }
    only(
        |world| {
            let open = world.update("M1", 9).markets[0].clone();
            world.update("M1", 10).markets[0] = open;
        },
        "1x2 home is on offer, though by all that was reported Some(Win)",
    );
    only(|world| world.update("M1", 3).through_ms += 1_000, "knows everything up to");
    only(
        |world| world.update("M1", 10).markets[2].outcomes[0].status = OutcomeStatus::Won as i32,
        "published as Win, by the facts Some(HalfWin)",
    );
    only(|world| world.update("M1", 6).markets[1].outcomes[1].status = OutcomeStatus::Lost as i32, "by the facts None");
    only(
        |world| *world.update("M1", 3).markets[0].outcomes[1].fair_billionths.as_mut().unwrap() += 1_001,
        "fair probabilities sum to 1000001001",
    );
    only(
        |world| world.update("M1", 3).markets[1].outcomes[0].fair_billionths = Some(540_540_542),
        "pays more than its fair probability",
    );
    only(
        |world| {
            let market = &mut world.update("M1", 8).markets[1];
            (market.status, market.owners) = (MarketStatus::Active as i32, Vec::new());
        },
        "moved from MARKET_STATUS_SETTLED to MARKET_STATUS_ACTIVE",
    );
    only(|world| world.update("M1", 3).markets[0].price_version = 2, "has new prices but price version 2");
    only(|world| world.update("M1", 3).markets[2].market = "total:line=2.750".to_owned(), "has no canonical id");
    only(|world| world.update("M1", 3).markets[2].outcomes.swap(0, 1), "lists [\"under\", \"over\"]");
    only(
        |world| {
            let marks =
                |entry: &Entry| entry.topic == "markets.v1" && entry.key.is_none() && entry.partition == home_of("M1");
            world.entries.retain(|entry| !marks(entry));
        },
        "no watermark at all",
    );
    written(
        |world| {
            let last = world.update("M1", 10);
            last.version = 11;
        },
        &["settlement", "markets"],
        "version 11, expected 10",
    );
}

#[test]
fn partitions() {
    let wrong = |key: &str| (home_of(key) + 1) % PARTITIONS;
    written(
        |world| {
            let request = proto::FeedRequest { match_id: "M1".to_owned(), ..proto::FeedRequest::default() };
            world.push("feed-requests.v1", wrong("M1"), 0, Some("M1"), Body::Raw(request.encode_to_vec()));
        },
        &["partitions"],
        "its key belongs in partition",
    );
    written(
        |world| {
            let told = proto::Fact { match_id: "M1".to_owned(), ..goal("g1", Certainty::Scouted) };
            let told = proto::FeedMessage { body: Some(proto::feed_message::Body::Fact(told)) };
            world.push("feed.v1", wrong("M1"), 0, Some("M1"), Body::Feed(told));
        },
        &["partitions"],
        "taken, though its key belongs in partition",
    );
    written(
        |world| {
            let decided = world.entries.iter_mut().find(|entry| entry.topic == "decisions.v1").unwrap();
            decided.key = None;
        },
        &["partitions"],
        "key None, expected Some(\"anna\")",
    );
    written(
        |world| world.entries.iter_mut().find(|entry| is_bet(entry, 5)).unwrap().key = Some("zoe".to_owned()),
        &["partitions"],
        "though its key is not the id in its body",
    );
}
