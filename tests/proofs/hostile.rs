//! Letters from people who mean harm, or whose software is broken: each is answered once, nobody falls over, and honest
//! bets go through as if nothing were.

use crate::dice::Dice;
use crate::punter::{Habits, Punter, open_account, price, slip};
use crate::reading::wait_until;
use crate::sending::{Parcel, Sender, now_ms};
use crate::stadium::Stadium;
use crate::world::{END_PATIENCE, Shape, World};
use base64::Engine as _;
use prost::Message as _;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::time::{Duration, Instant};
use touchline::values::{AccountId, CommandId, Time, partition_for};
use touchline::wire::proto::{self, account_command, bet_command, feed_message, trading_command};

const MATCH: &str = "m-calm";
const INPUTS: [&str; 4] = ["feed.v1", "trading-commands.v1", "account-commands.v1", "commands.v1"];
/// Bytes of a record that is too large for every input topic and small enough for the broker.
const OVERSIZE: usize = 900_000;

/// A record that deserves a refusal.
struct Letter {
    base: &'static str,
    partition: u32,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    json: bool,
}

/// Malformed, hostile, oversize and misdirected records on every input topic.
pub fn answered_once() {
    let mut world = World::new("hostile", Shape { clock_scale: 0, in_play_delay_ms: 2_000, ..Shape::default() });
    let begin = Instant::now();
    let (mut trading, mut book) = (world.role("trading", "t1"), world.role("book", "b1"));
    let stadium = Stadium::open(&world);
    stadium.announce(MATCH, now_ms() + 600_000);
    let punter = Punter::start(&mut world, Habits { accounts: 10, bets_per_s: 20, sloppy_percent: 0 });
    punter.wait_ready(Duration::from_secs(60));
    wait_until("bets are accepted", Duration::from_secs(30), || punter.tally().accepted > 5);
    let mut letters = Letters { dice: world.dice.fork(), shape: world.shape.clone(), all: Vec::new() };
    letters.write();
    let places = post(&world, &letters.all);
    wait_until("every letter is answered", Duration::from_secs(60), || {
        std::thread::sleep(Duration::from_millis(500));
        trading.process.demand_alive();
        book.process.demand_alive();
        let answers = answers(&world);
        places.iter().all(|place| answers.contains_key(place))
    });
    let before = punter.tally().accepted;
    wait_until("honest bets are accepted", Duration::from_secs(30), || punter.tally().accepted > before + 20);
    stadium.kick_off(MATCH);
    stadium.end(MATCH);
    let tally = punter.finish(Duration::from_secs(60));
    drop(stadium);
    std::thread::sleep(Duration::from_secs(1));
    trading.process.end_cleanly(END_PATIENCE);
    book.process.end_cleanly(END_PATIENCE);
    let answers = answers(&world);
    for (place, letter) in places.iter().zip(&letters.all) {
        let count = answers.get(place).copied().unwrap_or(0);
        assert_eq!(count, 1, "{} {place:?} ({:?}...) was answered {count} times", letter.base, letter.head());
    }
    world.demand_auditors_yes();
    forge(&world, &mut book);
    println!("hostile: {} letters answered once each, {tally}; took {} s", places.len(), begin.elapsed().as_secs());
}

/// Somebody with the right to write our own topic lies there. The book must notice, stay up and go on answering; the
/// auditor must say no.
fn forge(world: &World, book: &mut crate::world::Role) {
    let taken = book.says("shard taken");
    book.restart();
    book.wait_to_say("shard taken", taken + 1, Duration::from_secs(60));
    let mut sender = Sender::new(&world.brokers);
    let topic = world.topic("markets.v1");
    for partition in 0..world.shape.matches {
        let value = Some(&b"\x0a\x05forged"[..]);
        sender.send(&Parcel { topic: &topic, partition, key: None, value, content_type: None });
    }
    sender.settle();
    let expected = (world.shape.matches * world.shape.accounts) as usize;
    wait_until("each book shard raises an alert for each forgery", Duration::from_secs(30), || {
        std::thread::sleep(Duration::from_millis(300));
        book.process.demand_alive();
        let alerts = world.read("alerts-book.v1").into_iter();
        let alerts = alerts.map(|seen| proto::Alert::decode(seen.value.as_slice()).expect("an alert"));
        alerts.filter(|alert| alert.kind() == proto::AlertKind::Integrity).count() >= expected
    });
    let before = world.read("decisions.v1").len();
    let account = "latecomer";
    let command = account_opening(account, 0x1234_5678);
    let topic = world.topic("account-commands.v1");
    let partition = partition_for(account.as_bytes(), world.shape.accounts);
    let (key, value) = (Some(account.as_bytes()), Some(&command[..]));
    sender.send(&Parcel { topic: &topic, partition, key, value, content_type: None });
    sender.settle();
    wait_until("the book goes on answering", Duration::from_secs(30), || world.read("decisions.v1").len() > before);
    book.process.end_cleanly(END_PATIENCE);
    let (passed, report) = world.audit();
    assert!(!passed, "the auditor saw nothing wrong with forged market records:\n{report}");
}

/// Posts the letters; gives where each came to lie.
fn post(world: &World, letters: &[Letter]) -> Vec<(i32, u32, u64)> {
    let mut sender = Sender::new(&world.brokers);
    for letter in letters {
        let topic = world.topic(letter.base);
        sender.send(&Parcel {
            topic: &topic,
            partition: letter.partition,
            key: letter.key.as_deref(),
            value: letter.value.as_deref(),
            content_type: letter.json.then_some("application/json"),
        });
    }
    let places = sender.places();
    let with_topic = places.into_iter().zip(letters);
    with_topic.map(|((partition, offset), letter)| (input_topic(letter.base), partition, offset)).collect()
}

fn input_topic(base: &str) -> i32 {
    let topic = match base {
        "feed.v1" => proto::InputTopic::Feed,
        "trading-commands.v1" => proto::InputTopic::TradingCommands,
        "account-commands.v1" => proto::InputTopic::AccountCommands,
        "commands.v1" => proto::InputTopic::Commands,
        other => panic!("{other} is no input topic"),
    };
    topic.into()
}

/// How often each input record was refused, as a reject or a final decision.
fn answers(world: &World) -> BTreeMap<(i32, u32, u64), u32> {
    let mut answers = BTreeMap::new();
    let mut count = |cause: Option<proto::InputRef>| {
        let cause = cause.expect("an answer names its cause");
        *answers.entry((cause.topic, cause.partition, cause.offset)).or_default() += 1;
    };
    for base in ["rejects-trading.v1", "rejects-book.v1"] {
        for seen in world.read(base) {
            count(proto::Reject::decode(seen.value.as_slice()).expect("a reject").cause);
        }
    }
    for seen in world.read("decisions.v1") {
        let decision = proto::Decision::decode(seen.value.as_slice()).expect("a decision");
        if matches!(decision.verdict, Some(proto::decision::Verdict::Refused(_))) {
            count(decision.cause);
        }
    }
    answers
}

fn account_opening(account: &str, chance: u128) -> Vec<u8> {
    let id = CommandId::from_parts(Time::from_ms(now_ms()), chance).expect("a time of our days");
    let action = Some(account_command::Action::Open(open_account()));
    proto::AccountCommand { command_id: id.to_string(), account: account.to_owned(), action }.encode_to_vec()
}

/// Rows of a file of the hostile data: a named text field of each.
fn rows(file: &str, field: &str) -> Vec<String> {
    let path = crate::data().expect("a proof without data is ignored").join("hostile").join(file);
    let packed = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).expect("a readable file");
    let row = |line: &str| -> String {
        let row: serde_json::Value = serde_json::from_str(line).expect("a JSON row");
        row[field].as_str().expect("a text").to_owned()
    };
    text.lines().map(row).collect()
}

impl Letter {
    fn head(&self) -> String {
        let value = self.value.as_deref().unwrap_or_default();
        String::from_utf8_lossy(&value[..value.len().min(60)]).into_owned()
    }
}

struct Letters {
    dice: Dice,
    shape: Shape,
    all: Vec<Letter>,
}

impl Letters {
    fn write(&mut self) {
        let base64 = |row: &String| base64::engine::general_purpose::STANDARD.decode(row).expect("base64");
        for base in INPUTS {
            for value in rows("protobuf-wire.jsonl.gz", "base64").iter().map(base64) {
                self.anywhere(base, Some(value), false);
            }
            for value in rows("json.jsonl.gz", "base64").iter().map(base64) {
                self.anywhere(base, Some(value), true);
            }
            for value in [None, Some(Vec::new()), Some(b"{".to_vec()), Some(vec![0xff; 70_000])] {
                self.anywhere(base, value, false);
            }
            self.anywhere(base, Some(vec![b'['; 200_000]), true);
            self.anywhere(base, Some(vec![b' '; OVERSIZE]), true);
            self.anywhere(base, Some(vec![0x0a; OVERSIZE]), false);
        }
        let mut attacks = rows("attacks.jsonl.gz", "text");
        attacks.retain(|attack| AccountId::parse(attack).is_err());
        for _ in 0..if crate::quick() { 50 } else { 250 } {
            let attack = self.dice.pick(&attacks).expect("attacks").clone();
            self.attack(&attack);
        }
        for _ in 0..10 {
            self.misdirected();
        }
        self.oversize_bet();
    }

    fn anywhere(&mut self, base: &'static str, value: Option<Vec<u8>>, json: bool) {
        let by_account = base == "account-commands.v1" || base == "commands.v1";
        let partitions = if by_account { self.shape.accounts } else { self.shape.matches };
        let partition = self.dice.within(0, u64::from(partitions)) as u32;
        let key = self.dice.percent(50).then(|| format!("key-{}", self.dice.within(0, 9)).into_bytes());
        self.all.push(Letter { base, partition, key, value, json });
    }

    fn bet(&mut self) -> proto::PlaceBet {
        let leg = proto::Leg {
            match_id: MATCH.to_owned(),
            market: "1x2".to_owned(),
            outcome: "home".to_owned(),
            price: Some(price(2_000)),
            seen_version: 0,
        };
        let chance = u128::from(self.dice.next()) << 64 | u128::from(self.dice.next());
        slip(chance, "punter-0", 500, proto::PricePolicy::Better, "", vec![leg])
    }

    fn fact(&mut self) -> proto::Fact {
        proto::Fact {
            id: format!("forged/{}", self.dice.next()),
            match_id: MATCH.to_owned(),
            producer: "nobody".to_owned(),
            sequence: 1,
            source_at_ms: now_ms(),
            certainty: proto::Certainty::Confirmed.into(),
            body: Some(proto::fact::Body::ClockTick(proto::Nothing {})),
            ..proto::Fact::default()
        }
    }

    fn put(&mut self, base: &'static str, partition: u32, key: &str, value: Vec<u8>) {
        self.all.push(Letter { base, partition, key: Some(key.into()), value: Some(value), json: false });
    }

    /// The attack as every kind of id; where account and command id are good, a decision is due, else a reject.
    fn attack(&mut self, attack: &str) {
        let bet = self.bet();
        let home = partition_for(bet.account.as_bytes(), self.shape.accounts);
        let mut leg = bet.legs[0].clone();
        leg.match_id = attack.to_owned();
        let bets = [
            proto::PlaceBet { account: attack.to_owned(), ..bet.clone() },
            proto::PlaceBet { bet_id: attack.to_owned(), ..bet.clone() },
            proto::PlaceBet { currency: attack.to_owned(), ..bet.clone() },
            proto::PlaceBet { legs: vec![leg], ..self.bet() },
        ];
        for bet in bets {
            self.put("commands.v1", home, "punter-0", bet_bytes(bet));
        }
        let id = self.bet().bet_id;
        let open = Some(account_command::Action::Open(open_account()));
        let strange = proto::AccountCommand { command_id: id, account: attack.to_owned(), action: open };
        self.put("account-commands.v1", home, "punter-0", strange.encode_to_vec());
        let stage = partition_for(MATCH.as_bytes(), self.shape.matches);
        let facts = [
            proto::Fact { match_id: attack.to_owned(), ..self.fact() },
            proto::Fact { producer: attack.to_owned(), ..self.fact() },
        ];
        for fact in facts {
            self.put("feed.v1", stage, MATCH, fact_bytes(fact));
        }
        let command_id = self.bet().bet_id;
        let action = Some(trading_command::Action::Suspend(proto::Nothing {}));
        let desk = proto::TradingCommand { command_id, match_id: attack.to_owned(), actor: "desk".to_owned(), action };
        self.put("trading-commands.v1", stage, MATCH, desk.encode_to_vec());
    }

    /// Good records in the wrong place, or under another's key.
    fn misdirected(&mut self) {
        let home = partition_for(b"punter-0", self.shape.accounts);
        let stage = partition_for(MATCH.as_bytes(), self.shape.matches);
        let bet = self.bet();
        self.put("commands.v1", (home + 1) % self.shape.accounts, "punter-0", bet_bytes(bet));
        let bet = self.bet();
        self.put("commands.v1", home, "punter-1", bet_bytes(bet));
        let opening = account_opening("punter-0", u128::from(self.dice.next()));
        self.put("account-commands.v1", (home + 1) % self.shape.accounts, "punter-0", opening);
        let fact = self.fact();
        self.put("feed.v1", (stage + 1) % self.shape.matches, MATCH, fact_bytes(fact));
    }

    fn oversize_bet(&mut self) {
        let home = partition_for(b"punter-0", self.shape.accounts);
        let bet = proto::PlaceBet { displayed: "x".repeat(OVERSIZE), ..self.bet() };
        self.put("commands.v1", home, "punter-0", bet_bytes(bet));
    }
}

fn bet_bytes(bet: proto::PlaceBet) -> Vec<u8> {
    proto::BetCommand { body: Some(bet_command::Body::PlaceBet(bet)) }.encode_to_vec()
}

fn fact_bytes(fact: proto::Fact) -> Vec<u8> {
    proto::FeedMessage { body: Some(feed_message::Body::Fact(fact)) }.encode_to_vec()
}
