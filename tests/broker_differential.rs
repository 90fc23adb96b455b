//! The same operations, chosen by dice, on our broker and on Apache Kafka: readers of both must see the same, and every
//! refusal must be of the same kind.
//!
//! Needs a Kafka at `KAFKA_BOOTSTRAP` (see `scripts/kafka`); without it this is counted as ignored, and as failed where
//! `CI=true`. `TOUCHLINE_SEED` repeats a day, `TOUCHLINE_QUICK=1` makes it short.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test has a clock and no outside")]
#![allow(dead_code, unreachable_pub, missing_docs, reason = "the wire is shared with tests/broker.rs")]

mod broker_wire;

use broker_wire::{Producer, Wire, batch, batches, visible};
use libtest_mimic::{Arguments, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant, SystemTime};
use touchline::broker::{Broker, BrokerOptions};

/// How many operations a day has.
const OPERATIONS: usize = 300;
const WRITERS: usize = 3;
const PARTITIONS: i32 = 2;

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Dice that can be thrown again (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
}

/// What may be done. `who` says under which epoch: the present one, or one that was fenced.
#[derive(Clone, Copy, Debug)]
enum Operation {
    /// A writer takes over its transactional id.
    Init { writer: usize },
    /// A partition joins the open transaction.
    Add { writer: usize, stale: bool, partition: i32 },
    /// Records of a transaction, whose partition is `named` first, or not. `slip`: 0 in order, 1 the last batch again,
    /// 2 a gap.
    Write { writer: usize, stale: bool, partition: i32, count: usize, slip: u8, named: bool },
    /// An end of a transaction, perhaps a stray one, perhaps of nothing.
    End { writer: usize, stale: bool, commit: bool },
    /// Offsets join the open transaction.
    AddOffsets { writer: usize, stale: bool },
    /// Offsets are committed in it, named before or not.
    CommitOffset { writer: usize, stale: bool, partition: i32, offset: i64 },
    /// Records of nobody.
    Plain { partition: i32, count: usize },
    /// Reads a little from somewhere, rarely from beyond the end.
    Fetch { partition: i32, committed: bool, from: i64, len_max: i32 },
    /// Where does a time begin?
    At { partition: i32, after: i64, committed: bool },
    /// The oldest go.
    Delete { partition: i32, before: i64 },
}

fn choose(dice: &mut Dice) -> Operation {
    let writer = dice.below(WRITERS);
    let partition = i32::try_from(dice.below(2)).unwrap();
    let stale = dice.below(9) == 0;
    let small = i64::try_from(dice.below(60)).unwrap();
    match dice.below(100) {
        0..=4 => Operation::Init { writer },
        5..=9 => Operation::Add { writer, stale, partition },
        10..=44 => {
            let slip = u8::try_from(dice.below(12)).unwrap();
            let slip = if slip < 3 { slip } else { 0 };
            Operation::Write { writer, stale, partition, count: 1 + dice.below(4), slip, named: dice.below(4) > 0 }
        }
        45..=59 => Operation::End { writer, stale, commit: dice.below(2) == 0 },
        60..=66 => Operation::AddOffsets { writer, stale },
        67..=73 => Operation::CommitOffset { writer, stale, partition, offset: small },
        74..=79 => Operation::Plain { partition, count: 1 + dice.below(4) },
        80..=95 => {
            let len_max = [1, 150, 400, 1 << 20][dice.below(4)];
            Operation::Fetch { partition, committed: dice.below(2) == 0, from: small * 7, len_max }
        }
        96..=98 => Operation::At { partition, after: small * 1_000, committed: dice.below(2) == 0 },
        _ => Operation::Delete { partition, before: small / 6 },
    }
}

/// A writer as one of the two brokers knows it.
#[derive(Clone, Debug, Default)]
struct Writer {
    now: Producer,
    /// Before it was fenced.
    before: Option<Producer>,
    /// Next sequence and last batch, by partition.
    sequences: BTreeMap<i32, (i32, Vec<u8>)>,
    /// Partitions of the open transaction.
    open: BTreeSet<i32>,
    offsets_open: bool,
}

/// One of the two brokers, and what was done to it.
struct Side {
    wire: Wire,
    run: String,
    writers: Vec<Writer>,
    /// The time of the first operation, milliseconds; later ones write later times.
    time_0: i64,
}

impl Side {
    fn open(address: &str, run: &str, time_0: i64) -> Side {
        let mut wire = Wire::connect(address);
        assert_eq!(wire.create_topic(run, PARTITIONS, &[]), 0);
        let mut side = Side { wire, run: run.to_owned(), writers: Vec::new(), time_0 };
        assert_eq!(side.wire.find_coordinator(run, 0), 0);
        for writer in 0..WRITERS {
            let id = side.id(writer);
            assert_eq!(side.wire.find_coordinator(&id, 1), 0);
            let (error, now) = side.wire.init(Some(&id), 10_000);
            assert_eq!(error, 0);
            side.writers.push(Writer { now, ..Writer::default() });
        }
        for partition in 0..PARTITIONS {
            side.high_watermark(partition);
        }
        side
    }

    fn id(&self, writer: usize) -> String {
        format!("{}-{writer}", self.run)
    }

    fn who(&self, writer: usize, stale: bool) -> Producer {
        let writer = &self.writers[writer];
        if stale { writer.before.unwrap_or(writer.now) } else { writer.now }
    }

    fn high_watermark(&mut self, partition: i32) -> i64 {
        let (error, offset) = self.wire.offset_at((&self.run, partition), -1, false);
        assert_eq!(error, 0);
        offset
    }

    /// Does one thing; gives what can be compared.
    fn act(&mut self, operation: Operation, at: usize) -> String {
        match operation {
            Operation::Init { writer } => self.init(writer),
            Operation::Add { writer, stale, partition } => {
                let (id, who) = (self.id(writer), self.who(writer, stale));
                let error = self.wire.add_partition(&id, who, &self.run, partition);
                if error == 0 {
                    self.writers[writer].open.insert(partition);
                }
                format!("{error}")
            }
            Operation::Write { writer, stale, partition, count, slip, named } => {
                if named {
                    self.act(Operation::Add { writer, stale, partition }, at);
                }
                self.write(writer, stale, partition, count, slip, at)
            }
            Operation::End { writer, stale, commit } => self.end(writer, stale, commit),
            Operation::AddOffsets { writer, stale } => {
                let (id, who) = (self.id(writer), self.who(writer, stale));
                let error = self.wire.add_offsets(&id, who, &self.run);
                self.writers[writer].offsets_open |= error == 0;
                format!("{error}")
            }
            Operation::CommitOffset { writer, stale, partition, offset } => {
                // What is not named first, Kafka lets some older clients commit; no client of ours does.
                if !self.writers[writer].offsets_open {
                    return "not named".to_owned();
                }
                let (id, who) = (self.id(writer), self.who(writer, stale));
                format!("{}", self.wire.commit_offset(&id, who, &self.run, (&self.run, partition), offset))
            }
            Operation::Plain { partition, count } => {
                let batch = batch(None, false, &texts(at, count), self.time(at));
                format!("{:?}", self.wire.produce(None, &self.run, partition, &batch))
            }
            Operation::Fetch { partition, committed, from, len_max } => self.fetch(partition, committed, from, len_max),
            Operation::At { partition, after, committed } => {
                format!("{:?}", self.wire.offset_at((&self.run, partition), self.time_0 + after, committed))
            }
            Operation::Delete { partition, before } => {
                // Beyond the last stable offset our broker refuses on purpose.
                let seen = self.wire.fetch((&self.run, partition), 0, true, 1, 0);
                let before = before.min(self.stable(partition).max(seen.start));
                format!("{:?}", self.wire.delete_records((&self.run, partition), before))
            }
        }
    }

    fn time(&self, at: usize) -> i64 {
        self.time_0 + i64::try_from(at).unwrap() * 250
    }

    fn stable(&mut self, partition: i32) -> i64 {
        self.wire.offset_at((&self.run, partition), -1, true).1
    }

    fn init(&mut self, writer: usize) -> String {
        let id = self.id(writer);
        let ends = self.ends_of_open(writer);
        let (error, producer) = self.wire.init(Some(&id), 10_000);
        let before = self.writers[writer].now;
        self.writers[writer] = Writer { now: producer, before: Some(before), ..Writer::default() };
        self.await_markers(&ends);
        // Ids differ; that it is the same one, and the epoch, must not.
        format!("{error} {} {}", producer.0 == before.0, producer.1)
    }

    fn ends_of_open(&mut self, writer: usize) -> Vec<(i32, i64)> {
        let open: Vec<i32> = self.writers[writer].open.iter().copied().collect();
        open.into_iter().map(|partition| (partition, self.high_watermark(partition))).collect()
    }

    /// Kafka answers before the markers are written: waits for them, so that later records lie behind them.
    fn await_markers(&mut self, ends: &[(i32, i64)]) {
        let deadline = Instant::now() + Duration::from_secs(10);
        for (partition, end) in ends {
            while self.high_watermark(*partition) <= *end {
                assert!(Instant::now() < deadline, "a marker in partition {partition}");
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }

    fn end(&mut self, writer: usize, stale: bool, commit: bool) -> String {
        let ends = self.ends_of_open(writer);
        let (id, who) = (self.id(writer), self.who(writer, stale));
        let error = self.wire.end(&id, who, commit);
        if error == 0 {
            self.await_markers(&ends);
            self.writers[writer].open.clear();
            self.writers[writer].offsets_open = false;
        }
        format!("{error}")
    }

    fn write(&mut self, writer: usize, stale: bool, partition: i32, count: usize, slip: u8, at: usize) -> String {
        let (id, who) = (self.id(writer), self.who(writer, stale));
        let (next, last) = self.writers[writer].sequences.get(&partition).cloned().unwrap_or_default();
        let sequence = if slip == 2 { next + 3 } else { next };
        let mut sent = batch(Some((who, sequence)), true, &texts(at, count), self.time(at));
        if slip == 1 && !last.is_empty() && !stale {
            sent = last;
        }
        let (error, offset) = self.wire.produce(Some(&id), &self.run, partition, &sent);
        if error == 0 && slip != 1 && !stale {
            let next = sequence + i32::try_from(count).unwrap();
            self.writers[writer].sequences.insert(partition, (next, sent));
        }
        format!("{error} {offset}")
    }

    fn fetch(&mut self, partition: i32, committed: bool, from: i64, len_max: i32) -> String {
        let from = from % (self.high_watermark(partition) + 2);
        let fetched = self.wire.fetch((&self.run, partition), from, committed, len_max, 0);
        if fetched.error != 0 {
            return format!("{}", fetched.error);
        }
        let within: Vec<_> =
            batches(&fetched.records).iter().map(|batch| (batch.base, batch.last, batch.marker)).collect();
        let (seen, next) = visible(&fetched, from, committed);
        let ends = (fetched.start, fetched.stable, fetched.high_watermark);
        format!("{ends:?} {within:?} {seen:?} {next}")
    }

    /// All that a reader sees of a partition, in small bites.
    fn read_all(&mut self, partition: i32, committed: bool) -> Vec<(i64, String)> {
        let mut seen = Vec::new();
        let mut from = self.wire.offset_at((&self.run, partition), -2, false).1;
        loop {
            let fetched = self.wire.fetch((&self.run, partition), from, committed, 300, 0);
            assert_eq!(fetched.error, 0);
            let (more, next) = visible(&fetched, from, committed);
            if next == from {
                return seen;
            }
            seen.extend(more);
            from = next;
        }
    }

    fn committed_offsets(&mut self) -> Vec<(i16, i64)> {
        (0..PARTITIONS).map(|partition| self.wire.committed_offset(&self.run.clone(), (&self.run, partition))).collect()
    }
}

fn texts(at: usize, count: usize) -> Vec<String> {
    (0..count).map(|index| format!("{at}.{index}")).collect()
}

/// Our broker and Apache Kafka, side by side.
struct Pair {
    _broker: Broker,
    ours: Side,
    kafka: Side,
}

impl Pair {
    fn open(name: &str) -> Pair {
        let broker = Broker::start(BrokerOptions::default()).expect("a port");
        let kafka = setting("KAFKA_BOOTSTRAP").expect("checked before");
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let run = format!("differential-{name}-{}", since.as_micros());
        // Not long ago: Kafka puts what lies a week apart into different files, and reads one file at a time.
        let time_0 = i64::try_from(since.as_millis()).unwrap() - 600_000;
        let ours = Side::open(&broker.address(), &run, time_0);
        let kafka = Side::open(kafka.split(',').next().unwrap(), &run, time_0);
        Pair { _broker: broker, ours, kafka }
    }

    fn act(&mut self, operation: Operation, at: usize) -> String {
        let kafka = self.kafka.act(operation, at);
        let ours = self.ours.act(operation, at);
        assert_eq!(ours, kafka, "operation {at}, {operation:?}: ours is left, Kafka's right");
        ours
    }

    fn compare(&mut self) -> usize {
        let mut records = 0;
        for (partition, committed) in [(0, false), (0, true), (1, false), (1, true)] {
            let kafka = self.kafka.read_all(partition, committed);
            let ours = self.ours.read_all(partition, committed);
            assert_eq!(ours, kafka, "partition {partition}, committed {committed}: ours is left");
            records += ours.len();
        }
        assert_eq!(self.ours.committed_offsets(), self.kafka.committed_offsets());
        records
    }
}

/// Days of dice.
fn a_day_of_dice() {
    let days = if setting("TOUCHLINE_QUICK").as_deref() == Some("1") { 2 } else { 12 };
    let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let first = setting("TOUCHLINE_SEED").map_or(clock.as_secs(), |seed| seed.parse().expect("a number"));
    for seed in first..first + days {
        println!("TOUCHLINE_SEED={seed}");
        let mut dice = Dice(seed);
        let mut pair = Pair::open("dice");
        let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
        for at in 0..OPERATIONS {
            let operation = choose(&mut dice);
            let outcome = pair.act(operation, at);
            let kind = format!("{operation:?}").split(' ').next().unwrap().to_owned();
            let error = outcome.trim_start_matches('(').split([' ', ',']).next().unwrap().to_owned();
            *outcomes.entry(format!("{kind} {error}")).or_default() += 1;
        }
        // Everything ends well, so that careful readers see to the end.
        for writer in 0..WRITERS {
            pair.act(Operation::Init { writer }, OPERATIONS);
        }
        let records = pair.compare();
        assert!(records > 50, "a day without records proves nothing");
        println!("{records} records read alike; outcomes {outcomes:?}");
    }
}

/// A writer that falls silent: its transaction is taken back in time, and it is shut out.
fn a_silent_writer() {
    let mut pair = Pair::open("silent");
    for side in [&mut pair.kafka, &mut pair.ours] {
        let id = side.id(0);
        let (error, now) = side.wire.init(Some(&id), 1_000);
        assert_eq!(error, 0);
        side.writers[0].now = now;
    }
    pair.act(Operation::Plain { partition: 0, count: 2 }, 0);
    pair.act(Operation::Add { writer: 0, stale: false, partition: 0 }, 1);
    pair.act(Operation::Write { writer: 0, stale: false, partition: 0, count: 2, slip: 0, named: false }, 2);
    pair.act(Operation::Plain { partition: 0, count: 2 }, 3);
    let deadline = Instant::now() + Duration::from_secs(30);
    for side in [&mut pair.kafka, &mut pair.ours] {
        while side.stable(0) < side.high_watermark(0) {
            assert!(Instant::now() < deadline, "it is taken back in time");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    for side in [&mut pair.kafka, &mut pair.ours] {
        side.writers[0].open.clear();
    }
    let outcomes = [
        pair.act(Operation::End { writer: 0, stale: false, commit: true }, 4),
        pair.act(Operation::Write { writer: 0, stale: false, partition: 0, count: 1, slip: 0, named: false }, 5),
        pair.act(Operation::Add { writer: 0, stale: false, partition: 0 }, 6),
    ];
    println!("a silent writer hears {outcomes:?}");
    pair.act(Operation::Fetch { partition: 0, committed: true, from: 0, len_max: 1 << 20 }, 7);
    pair.act(Operation::Init { writer: 0 }, 8);
    pair.act(Operation::Add { writer: 0, stale: false, partition: 0 }, 9);
    pair.act(Operation::Write { writer: 0, stale: false, partition: 0, count: 3, slip: 0, named: false }, 10);
    pair.act(Operation::End { writer: 0, stale: false, commit: true }, 11);
    assert!(pair.compare() > 0);
}

/// A stray EndTxn: of an epoch that is gone it does nothing, of the present one it commits half a transaction.
fn a_stray_end() {
    let mut pair = Pair::open("stray");
    let write = |count| Operation::Write { writer: 0, stale: false, partition: 0, count, slip: 0, named: false };
    let add = Operation::Add { writer: 0, stale: false, partition: 0 };
    let end = |stale, commit| Operation::End { writer: 0, stale, commit };
    pair.act(add, 0);
    pair.act(write(2), 1);
    pair.act(Operation::Init { writer: 0 }, 2);
    pair.act(add, 3);
    pair.act(write(2), 4);
    let fenced = pair.act(end(true, true), 5);
    pair.act(end(false, true), 6);
    pair.act(add, 7);
    pair.act(write(1), 8);
    let torn = pair.act(end(false, true), 9);
    let rest = pair.act(write(1), 10);
    let again = pair.act(end(false, true), 11);
    let other = pair.act(end(false, false), 12);
    println!("stray: {fenced}, torn: {torn}, the rest: {rest}, its own end: {again}, an abort instead: {other}");
    pair.compare();
}

fn trial(name: &str, run: fn()) -> Trial {
    let missing = setting("KAFKA_BOOTSTRAP").is_none();
    let why = "KAFKA_BOOTSTRAP is not set; start one with scripts/kafka up";
    let must_run = setting("CI").is_some_and(|value| value == "true");
    if !missing {
        return Trial::test(name, move || {
            run();
            Ok(())
        });
    }
    if must_run {
        return Trial::test(name, move || Err(why.into()));
    }
    println!("{name} is ignored: {why}");
    Trial::test(name, || Ok(())).with_ignored_flag(true)
}

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(1);
    let trials = vec![
        trial("a_stray_end", a_stray_end),
        trial("a_day_of_dice", a_day_of_dice),
        trial("a_silent_writer", a_silent_writer),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}
