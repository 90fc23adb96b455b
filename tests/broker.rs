//! The embedded broker through its door: librdkafka as everybody uses it, and bytes by hand as nobody should send them.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test has a clock")]
#![allow(dead_code, unreachable_pub, missing_docs, reason = "the wire is shared with tests/broker_differential.rs")]

mod broker_wire;

use broker_wire::{Wire, Words, batch, batches, visible};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Message, Offset, Timestamp, TopicPartitionList};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use touchline::broker::{Broker, BrokerOptions};

const TEN: Duration = Duration::from_secs(10);

fn start() -> Broker {
    Broker::start(BrokerOptions::default()).expect("a free port")
}

fn client(broker: &Broker) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker.address());
    config
}

fn create(broker: &Broker, topic: &str, partitions: i32, settings: &[(&str, &str)]) {
    let admin: AdminClient<DefaultClientContext> = client(broker).create().unwrap();
    let mut new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
    for (key, value) in settings {
        new = new.set(key, value);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let made = runtime.block_on(admin.create_topics(&[new], &AdminOptions::new())).unwrap();
    assert_eq!(made, [Ok(topic.to_owned())]);
}

fn writer(broker: &Broker, id: &str) -> BaseProducer {
    let mut config = client(broker);
    config.set("transactional.id", id).set("transaction.timeout.ms", "10000").set("linger.ms", "0");
    let producer: BaseProducer = config.create().unwrap();
    producer.init_transactions(TEN).unwrap();
    producer
}

fn send(producer: &BaseProducer, topic: &str, partition: i32, text: &str) {
    producer.send(BaseRecord::<str, str>::to(topic).partition(partition).payload(text)).unwrap();
}

fn reader(broker: &Broker, topic: &str, isolation: &str) -> BaseConsumer {
    let mut config = client(broker);
    config.set("group.id", "unused").set("isolation.level", isolation).set("enable.partition.eof", "true");
    let consumer: BaseConsumer = config.set("fetch.wait.max.ms", "50").create().unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
    consumer.assign(&list).unwrap();
    consumer
}

/// All texts of partition 0 up to its end.
fn texts(broker: &Broker, topic: &str, isolation: &str) -> Vec<String> {
    let consumer = reader(broker, topic, isolation);
    let mut seen = Vec::new();
    loop {
        match consumer.poll(TEN).expect("the end comes") {
            Ok(message) => seen.push(String::from_utf8(message.payload().unwrap().to_vec()).unwrap()),
            Err(rdkafka::error::KafkaError::PartitionEOF(_)) => return seen,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn transactions_are_seen_when_they_are_committed_and_never_when_they_are_not() {
    let broker = start();
    create(&broker, "t", 1, &[]);
    let producer = writer(&broker, "a");
    producer.begin_transaction().unwrap();
    send(&producer, "t", 0, "one");
    producer.flush(TEN).unwrap();
    assert!(texts(&broker, "t", "read_committed").is_empty());
    assert_eq!(texts(&broker, "t", "read_uncommitted"), ["one"]);
    producer.commit_transaction(TEN).unwrap();
    producer.begin_transaction().unwrap();
    send(&producer, "t", 0, "two");
    producer.flush(TEN).unwrap();
    producer.abort_transaction(TEN).unwrap();
    producer.begin_transaction().unwrap();
    producer.commit_transaction(TEN).expect("an idle commit");
    producer.begin_transaction().unwrap();
    send(&producer, "t", 0, "three");
    producer.commit_transaction(TEN).unwrap();
    assert_eq!(texts(&broker, "t", "read_committed"), ["one", "three"]);
    assert_eq!(texts(&broker, "t", "read_uncommitted"), ["one", "two", "three"]);
}

#[test]
fn a_new_owner_fences_the_old_one() {
    let broker = start();
    create(&broker, "t", 1, &[]);
    let old = writer(&broker, "a");
    old.begin_transaction().unwrap();
    send(&old, "t", 0, "lost");
    old.flush(TEN).unwrap();
    let new = writer(&broker, "a");
    let refused = old.commit_transaction(TEN).unwrap_err();
    let code = refused.rdkafka_error_code();
    assert!(matches!(code, Some(RDKafkaErrorCode::Fenced | RDKafkaErrorCode::ProducerFenced)), "{refused:?}");
    new.begin_transaction().unwrap();
    send(&new, "t", 0, "kept");
    new.commit_transaction(TEN).unwrap();
    assert_eq!(texts(&broker, "t", "read_committed"), ["kept"]);
}

#[test]
fn the_ends_are_told_by_isolation_level() {
    let broker = start();
    create(&broker, "t", 1, &[]);
    let producer = writer(&broker, "a");
    producer.begin_transaction().unwrap();
    send(&producer, "t", 0, "one");
    producer.flush(TEN).unwrap();
    let end = |isolation| reader(&broker, "t", isolation).fetch_watermarks("t", 0, TEN).unwrap();
    assert_eq!((end("read_committed"), end("read_uncommitted")), ((0, 0), (0, 1)));
    producer.commit_transaction(TEN).unwrap();
    assert_eq!((end("read_committed"), end("read_uncommitted")), ((0, 2), (0, 2)));
}

#[test]
fn a_stamped_topic_has_the_broker_s_time_and_others_the_writer_s() {
    let broker = start();
    create(&broker, "stamped", 1, &[("message.timestamp.type", "LogAppendTime")]);
    create(&broker, "own", 1, &[]);
    let producer: BaseProducer = client(&broker).create().unwrap();
    for topic in ["stamped", "own"] {
        producer.send(BaseRecord::<str, str>::to(topic).partition(0).payload("x").timestamp(1_000)).unwrap();
    }
    producer.flush(TEN).unwrap();
    let time = |topic: &str| {
        let consumer = reader(&broker, topic, "read_committed");
        let message = consumer.poll(TEN).unwrap().unwrap();
        message.timestamp()
    };
    assert_eq!(time("own"), Timestamp::CreateTime(1_000));
    let Timestamp::LogAppendTime(stamp) = time("stamped") else { panic!("{:?}", time("stamped")) };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert!(i64::try_from(now.as_millis()).unwrap() - stamp < 10_000);
}

/// Polls until every one of these consumers has what it must have, or time is up; gives the partitions of each.
fn settle(consumers: &[&BaseConsumer], each: usize) -> Vec<BTreeSet<i32>> {
    let begin = Instant::now();
    loop {
        let mut held = Vec::new();
        for consumer in consumers {
            consumer.poll(Duration::from_millis(20));
            held.push(consumer.assignment().unwrap().elements().iter().map(|one| one.partition()).collect());
        }
        if held.iter().all(|one: &BTreeSet<i32>| one.len() == each) {
            return held;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "{held:?}");
    }
}

#[test]
fn two_members_share_the_partitions_and_one_takes_all_when_the_other_goes() {
    let broker = start();
    create(&broker, "t", 4, &[]);
    for strategy in ["cooperative-sticky", "range"] {
        let member = || {
            let mut config = client(&broker);
            config.set("group.id", format!("g-{strategy}")).set("heartbeat.interval.ms", "100");
            config.set("partition.assignment.strategy", strategy).set("auto.offset.reset", "earliest");
            let consumer: BaseConsumer = config.create().unwrap();
            consumer.subscribe(&["t"]).unwrap();
            consumer
        };
        let (first, second) = (member(), member());
        let held = settle(&[&first, &second], 2);
        assert!(held[0].is_disjoint(&held[1]));
        let mut list = TopicPartitionList::new();
        list.add_partition_offset("t", *held[0].first().unwrap(), Offset::Offset(0)).unwrap();
        first.commit(&list, rdkafka::consumer::CommitMode::Sync).unwrap();
        second.unsubscribe();
        drop(second);
        assert_eq!(settle(&[&first], 4)[0].len(), 4);
    }
}

#[test]
fn offsets_move_with_the_transaction() {
    let broker = start();
    create(&broker, "t", 1, &[]);
    let mut config = client(&broker);
    let consumer: BaseConsumer = config.set("group.id", "g").set("enable.auto.commit", "false").create().unwrap();
    consumer.subscribe(&["t"]).unwrap();
    settle(&[&consumer], 1);
    let producer = writer(&broker, "a");
    let mut offsets = TopicPartitionList::new();
    offsets.add_partition_offset("t", 0, Offset::Offset(5)).unwrap();
    let metadata = consumer.group_metadata().unwrap();
    let committed = || consumer.committed(TEN).unwrap().elements()[0].offset();
    producer.begin_transaction().unwrap();
    producer.send_offsets_to_transaction(&offsets, &metadata, TEN).unwrap();
    producer.abort_transaction(TEN).unwrap();
    assert_eq!(committed(), Offset::Invalid);
    producer.begin_transaction().unwrap();
    producer.send_offsets_to_transaction(&offsets, &metadata, TEN).unwrap();
    producer.commit_transaction(TEN).unwrap();
    assert_eq!(committed(), Offset::Offset(5));
}

#[test]
fn a_reader_that_waits_is_woken_by_the_commit() {
    let broker = start();
    let mut wire = Wire::connect(&broker.address());
    assert_eq!(wire.create_topic("t", 1, &[]), 0);
    let (_, producer) = wire.init(Some("a"), 10_000);
    assert_eq!(wire.add_partition("a", producer, "t", 0), 0);
    let address = broker.address();
    let waiting = std::thread::spawn(move || {
        let begin = Instant::now();
        let fetched = Wire::connect(&address).fetch(("t", 0), 0, true, 1 << 20, 10_000);
        (begin.elapsed(), visible(&fetched, 0, true).0)
    });
    std::thread::sleep(Duration::from_millis(300));
    let sent = batch(Some((producer, 0)), true, &["x".to_owned()], 0);
    assert_eq!(wire.produce(Some("a"), "t", 0, &sent), (0, 0));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(wire.end("a", producer, true), 0);
    let (waited, seen) = waiting.join().unwrap();
    assert_eq!(seen, [(0, "x".to_owned())]);
    assert!(waited > Duration::from_millis(500) && waited < Duration::from_secs(5), "{waited:?}");
}

#[test]
fn a_fetch_is_as_long_as_it_may_be() {
    let broker = start();
    let mut wire = Wire::connect(&broker.address());
    assert_eq!(wire.create_topic("t", 1, &[]), 0);
    for at in 0..10 {
        let sent = batch(None, false, &[format!("{at}")], 0);
        assert_eq!(wire.produce(None, "t", 0, &sent), (0, at));
    }
    let mut count = |len_max| batches(&wire.fetch(("t", 0), 0, false, len_max, 0).records).len();
    assert_eq!((count(1), count(200), count(1 << 20)), (1, 2, 10));
}

#[test]
fn bytes_that_make_no_sense_close_their_connection_and_nothing_else() {
    let broker = start();
    let mut good = Wire::connect(&broker.address());
    assert_eq!(good.create_topic("t", 1, &[]), 0);
    let framed = |body: Vec<u8>| Words::default().bytes(&body).0;
    let head = |api: i16, version: i16| Words::default().i16(api).i16(version).i32(1).text("x");
    let many = i32::MAX;
    let bad = [
        // A length beyond all measure, and a negative one.
        many.to_be_bytes().to_vec(),
        (-5_i32).to_be_bytes().to_vec(),
        // Too short for a head; a client's name that does not end.
        framed(vec![0, 3]),
        framed(Words::default().i16(3).i16(1).i32(1).i16(99).0),
        // An unknown request, and an unknown version of a known one.
        framed(head(999, 0).0),
        framed(head(1, 17).0),
        // Arrays that claim two thousand million items, in both ways of counting.
        framed(head(3, 1).i32(many).0),
        framed(head(19, 4).i32(many).0),
        framed([head(3, 9).0, vec![0, 0xff, 0xff, 0xff, 0xff, 0x07]].concat()),
        framed(head(1, 11).i32(-1).i32(0).i32(1).i32(1).i8(0).i32(0).i32(-1).i32(many).0),
        // A text that is not text.
        framed([head(10, 1).i16(2).0, vec![0xff, 0xff, 0]].concat()),
        // A request that ends in the middle.
        framed(head(22, 1).text("id").i16(1).0),
    ];
    for bytes in bad {
        let mut wire = Wire::connect(&broker.address());
        wire.send_raw(&bytes);
        assert!(wire.is_closed(), "{bytes:?}");
    }
    // A batch that makes no sense is refused, and its connection lives.
    for broken in [vec![], vec![0; 61], vec![0xff; 200]] {
        assert_ne!(good.produce(None, "t", 0, &broken).0, 0);
    }
    let mut spoilt = batch(None, false, &["x".to_owned()], 0);
    *spoilt.last_mut().unwrap() ^= 1;
    assert_eq!(good.produce(None, "t", 0, &spoilt).0, 2);
    assert_eq!(good.produce(None, "t", 0, &batch(None, false, &["x".to_owned()], 0)), (0, 0));
}

#[test]
fn a_newer_client_is_told_what_it_may_speak() {
    let broker = start();
    let mut answer = Wire::connect(&broker.address()).call(18, 77, Words::default());
    assert_eq!(answer.i16(), 35);
    assert!(answer.i32() > 15);
}

#[test]
fn a_full_broker_refuses_and_keeps_what_it_has() {
    let broker = Broker::start(BrokerOptions { held_bytes_max: 20_000, ..BrokerOptions::default() }).unwrap();
    create(&broker, "t", 1, &[]);
    let producer: BaseProducer = client(&broker).create().unwrap();
    let mut wire = Wire::connect(&broker.address());
    let texts: Vec<String> = (0..50).map(|at| format!("{at:049}")).collect();
    let mut refused = 0;
    for _ in 0..20 {
        let (error, _) = wire.produce(None, "t", 0, &batch(None, false, &texts, 0));
        assert!(matches!(error, 0 | 44), "{error}");
        refused += usize::from(error == 44);
    }
    assert!(refused > 10);
    assert_eq!(wire.offset_at(("t", 0), -2, false), (0, 0), "nothing was dropped");
    drop(producer);
}

#[test]
fn it_ends_when_told_and_its_port_is_free_again() {
    let broker = start();
    create(&broker, "t", 1, &[]);
    let address = broker.address();
    let waiting = std::thread::spawn({
        let mut wire = Wire::connect(&address);
        move || {
            wire.send_raw(&[0, 0]);
            wire.is_closed()
        }
    });
    let begin = Instant::now();
    broker.stop();
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert!(waiting.join().unwrap());
    let port = address.rsplit(':').next().unwrap().parse().unwrap();
    let again = Broker::start(BrokerOptions { port, ..BrokerOptions::default() }).unwrap();
    assert_eq!(Wire::connect(&again.address()).fetch(("t", 0), 0, false, 1, 0).error, 3, "it remembers nothing");
}
