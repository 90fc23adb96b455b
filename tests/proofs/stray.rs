//! A stray copy of a commit: the client's first EndTxn is held up in the network, the client reconnects and tries again,
//! hears that all is well, and begins the next transaction; then the stray arrives and commits half of it.

use crate::proxy::{END_TXN, PRODUCE, Proxy, Referee, Request, Ruling, let_go};
use crate::punter::{Habits, Punter};
use crate::reading::{Reader, wait_until};
use crate::sending::now_ms;
use crate::stadium::Stadium;
use crate::world::{END_PATIENCE, Shape, World};
use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use touchline::kafka::client::Clients;
use touchline::kafka::transact::KafkaWriter;
use touchline::runtime::clock::BrokerClock;
use touchline::runtime::log::{OutRecord, Writer};
use touchline::runtime::pipeline::KafkaPart;
use touchline::values::Time;
use touchline::wire::Role;

/// How many strays a role must survive.
const STRAYS: usize = 8;
/// Kafka's error for an epoch that is no longer the producer's.
const INVALID_PRODUCER_EPOCH: i16 = 47;
/// Kafka's newer error for the same.
const PRODUCER_FENCED: i16 = 90;

/// Holds a commit when told to, and lets it go in the middle of the same producer's next transaction.
#[derive(Default)]
struct Holder {
    armed: bool,
    held: Option<Request>,
    /// What the broker said to each stray.
    strays: Vec<i16>,
}

/// The referee of a proof that watches it.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Holder>>);

impl Shared {
    fn arm(&self) {
        self.0.lock().expect("no panic holding it").armed = true;
    }

    fn strays(&self) -> Vec<i16> {
        self.0.lock().expect("no panic holding it").strays.clone()
    }

    fn holds_one(&self) -> bool {
        self.0.lock().expect("no panic holding it").held.is_some()
    }
}

impl Referee for Shared {
    fn request(&mut self, request: &Request) -> Ruling {
        let mut holder = self.0.lock().expect("no panic holding it");
        if request.api == END_TXN && holder.armed {
            holder.armed = false;
            holder.held = Some(request.clone());
            return Ruling::Cut;
        }
        Ruling::Pass
    }

    fn answered(&mut self, request: &Request) {
        let mut holder = self.0.lock().expect("no panic holding it");
        let in_next = |held: &Request| held.transactional_id == request.transactional_id;
        if request.api == PRODUCE && holder.held.as_ref().is_some_and(in_next) {
            let stray = holder.held.take().expect("just seen");
            // The record is written, its sender does not know yet: the transaction is surely open.
            holder.strays.push(let_go(&stray));
        }
    }
}

/// A topic of ours, without processes.
fn world() -> World {
    World::new("stray", Shape { matches: 1, accounts: 1, ..Shape::default() })
}

fn texts(reader: &mut Reader, patience: Duration) -> Vec<String> {
    let mut texts = Vec::new();
    let begin = std::time::Instant::now();
    while begin.elapsed() < patience {
        texts.extend(reader.poll(Duration::from_millis(50)).map(|seen| String::from_utf8(seen.value).unwrap()));
    }
    texts
}

/// That the danger is real: a producer that believes its client's good news shows half a transaction to the world.
pub fn tears_a_plain_producer() {
    let world = world();
    let holder = Shared::default();
    let proxy = Proxy::before(&world.brokers, Box::new(holder.clone()));
    let topic = world.topic("markets.v1");
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &proxy.address)
        .set("transactional.id", format!("{}-plain", world.name))
        .set("transaction.timeout.ms", "10000")
        .set("linger.ms", "0")
        .create()
        .expect("a producer");
    let ten = Duration::from_secs(10);
    let send = |text: &'static str| {
        producer.send(BaseRecord::<str, str>::to(&topic).partition(0).payload(text)).expect("room");
        producer.flush(ten).expect("acknowledged");
    };
    producer.init_transactions(ten).expect("a coordinator");
    producer.begin_transaction().unwrap();
    send("first of one");
    holder.arm();
    producer.commit_transaction(ten).expect("the client believes that all is well");
    assert!(holder.holds_one(), "the first EndTxn was held");
    producer.begin_transaction().unwrap();
    send("first of two");
    assert_eq!(holder.strays(), [0], "the broker obeys the stray");
    let mut reader = world.reader("markets.v1");
    let seen = texts(&mut reader, Duration::from_secs(2));
    assert_eq!(seen, ["first of one", "first of two"], "a reader sees a record that nobody has committed");
    println!("stray, plain producer: committed half of the next transaction, as feared");
}

/// That our writer notices the slow commit and renews itself: the stray is fenced.
pub fn does_not_tear_our_writer() {
    let world = world();
    let holder = Shared::default();
    let proxy = Proxy::before(&world.brokers, Box::new(holder.clone()));
    let part =
        KafkaPart { brokers: proxy.address.clone(), topic_prefix: format!("{}.", world.name), ..KafkaPart::default() };
    let clients = Clients { pipeline: world.name.clone(), part };
    let mut writer = KafkaWriter::open(&clients, Role::Trading, 0, BrokerClock::new()).expect("a writer");
    let record = |topic, text: &str, index| OutRecord {
        topic,
        partition: 0,
        key: None,
        value: text.as_bytes().to_vec(),
        type_name: "Test",
        at: Time::from_ms(now_ms()),
        index,
    };
    let mut suspects = 0;
    for round in 0..STRAYS {
        if round % 2 == 0 {
            holder.arm();
        }
        let name = format!("batch {round}");
        let records = [record("markets.v1", &name, 0), record("journal-trading.v1", &name, 1)];
        let receipt = writer.commit(&format!("trading/0/{round}"), &records).expect("a commit");
        assert!(receipt.suspect || round % 2 == 1, "a held commit is noticed");
        if receipt.suspect {
            suspects += 1;
            writer.renew().expect("a new epoch");
        }
    }
    let strays = holder.strays();
    assert_eq!(strays.len(), STRAYS / 2, "every stray arrived");
    assert!(strays.iter().all(|code| fenced(*code)), "the broker refused every stray: {strays:?}");
    let expected: Vec<_> = (0..STRAYS).map(|round| format!("batch {round}")).collect();
    for base in ["markets.v1", "journal-trading.v1"] {
        let seen: Vec<_> = world.read(base).into_iter().map(|seen| String::from_utf8(seen.value).unwrap()).collect();
        assert_eq!(seen, expected, "{base} has each batch once");
    }
    println!("stray, our writer: {} strays refused, {suspects} commits suspected, nothing torn", strays.len());
}

fn fenced(code: i16) -> bool {
    code == INVALID_PRODUCER_EPOCH || code == PRODUCER_FENCED
}

/// That both roles hold through strays while bets are taken and paid.
pub fn does_not_tear_a_role() {
    let mut world = World::new("stray-roles", Shape { clock_scale: 0, in_play_delay_ms: 2_000, ..Shape::default() });
    let holder = Shared::default();
    let proxy = Proxy::before(&world.brokers, Box::new(holder.clone()));
    let mut trading = world.role_via("trading", "t1", Some(&proxy.address));
    let mut book = world.role_via("book", "b1", Some(&proxy.address));
    let stadium = Stadium::open(&world);
    let mut dice = world.dice.fork();
    let matches = ["derby", "final", "friendly"];
    matches.iter().for_each(|match_id| stadium.announce(match_id, now_ms() + 5_000));
    let punter = Punter::start(&mut world, Habits { accounts: 20, bets_per_s: 40, sloppy_percent: 10 });
    punter.wait_ready(Duration::from_secs(60));
    wait_until("bets before kick-off are accepted", Duration::from_secs(30), || punter.tally().accepted > 5);
    matches.iter().for_each(|match_id| stadium.kick_off(match_id));
    let wanted = if crate::quick() { STRAYS / 2 } else { 2 * STRAYS };
    for round in 0..wanted {
        std::thread::sleep(Duration::from_millis(dice.within(200, 900)));
        holder.arm();
        stadium.happening(matches[round % matches.len()], &mut dice);
        wait_until("the stray has arrived", Duration::from_secs(20), || holder.strays().len() > round);
    }
    let strays = holder.strays();
    assert!(strays.iter().all(|code| fenced(*code)), "the broker refused every stray: {strays:?}");
    matches.iter().for_each(|match_id| stadium.end(match_id));
    let tally = punter.finish(Duration::from_secs(60));
    let suspected = trading.says("renewing the producer") + book.says("renewing the producer");
    assert!(suspected >= strays.len(), "{suspected} commits suspected, {} strays", strays.len());
    trading.process.end_cleanly(END_PATIENCE);
    book.process.end_cleanly(END_PATIENCE);
    world.demand_auditors_yes();
    println!("stray, roles: {} strays refused, {suspected} commits suspected; {tally}", strays.len());
}
