//! Stories of the whole core, without sockets: what others got wrong, one by one.

use super::batch::tests::sent;
use super::core::{Core, Limits};
use super::fault::Fault;
use super::group::{Join, Joined, Late, Synced};
use super::log::Read;
use super::offsets::Committed;
use super::topics::PartitionId;
use super::transactions::Producer;
use bytes::Bytes;
use std::collections::BTreeMap;

const LIMITS: Limits = Limits { held_max: 1 << 20, transaction_ms_max: 60_000, first_join_delay_ms: 0, incarnation: 1 };
const ALL: usize = usize::MAX;
const NOBODY: (&str, Option<&str>, i32) = ("", None, -1);

/// A core with one topic, and the one helper that knows how to ask it things.
struct World {
    core: Core,
    now: i64,
    tickets: u64,
}

impl World {
    fn new() -> World {
        World::with(LIMITS, &[])
    }

    fn with(limits: Limits, settings: &[(&str, &str)]) -> World {
        let mut core = Core::new(limits);
        let settings: BTreeMap<_, _> = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        core.topics.create("t", 2, settings, false).unwrap();
        World { core, now: 1_000_000, tickets: 0 }
    }

    /// Writes records without a producer's memory.
    fn plain(&mut self, values: &[u8]) -> Result<i64, Fault> {
        let batch = sent((-1, -1, -1), false, values, self.now);
        self.core.produce("t", 0, batch, self.now).map(|appended| appended.base_offset)
    }

    fn init(&mut self, id: &str) -> Producer {
        self.core.init_producer(Some(id), 10_000, None, self.now).unwrap()
    }

    fn add(&mut self, id: &str, producer: Producer) -> Result<(), Fault> {
        self.core.add_partitions(id, producer, &[("t".to_owned(), 0)], self.now)[0]
    }

    fn write(&mut self, producer: Producer, sequence: i32, values: &[u8]) -> Result<i64, Fault> {
        let batch = sent((producer.0, producer.1, sequence), true, values, self.now);
        self.core.produce("t", 0, batch, self.now).map(|appended| appended.base_offset)
    }

    fn end(&mut self, id: &str, producer: Producer, commit: bool) -> Result<(), Fault> {
        self.core.end_transaction(id, producer, commit, self.now)
    }

    fn read(&self, from: i64, committed: bool, len_max: usize) -> Read {
        self.core.fetch(("t", 0), from, committed, len_max, true).unwrap().0
    }

    fn ends(&self) -> (i64, i64, i64) {
        let log = self.core.topics.log("t", 0).unwrap();
        (log.start(), log.stable(), log.end())
    }

    fn partition(&self) -> PartitionId {
        self.core.topics.find("t", 0).unwrap().0
    }

    /// Joins as far as is possible at once; gives the ticket.
    fn join(&mut self, member: &str, instance: Option<&str>) -> Result<u64, (Fault, String)> {
        self.tickets += 1;
        let join = Join {
            member: member.to_owned(),
            instance: instance.map(str::to_owned),
            session_ms: 10_000,
            rebalance_ms: 30_000,
            protocol_type: "consumer".to_owned(),
            protocols: vec![("range".to_owned(), Bytes::from_static(b"t"))],
        };
        self.core.join("g", "client", join, true, self.tickets, self.now).map(|()| self.tickets)
    }

    /// A new dynamic member: its promised id, and its ticket.
    fn newcomer(&mut self) -> (String, u64) {
        let (fault, id) = self.join("", None).unwrap_err();
        assert_eq!(fault, Fault::MemberIdRequired);
        let ticket = self.join(&id, None).unwrap();
        (id, ticket)
    }

    fn answers(&mut self) -> BTreeMap<u64, Late> {
        self.core.take_answers().into_iter().collect()
    }

    fn joined(&mut self, ticket: u64) -> Joined {
        match self.answers().remove(&ticket) {
            Some(Late::Joined(Ok(joined))) => joined,
            other => panic!("{other:?}"),
        }
    }

    fn sync(&mut self, id: &str, generation: i32, given: &[(&str, &'static str)]) -> Result<u64, Fault> {
        self.tickets += 1;
        let given = given.iter().map(|(id, part)| ((*id).to_owned(), Bytes::from_static(part.as_bytes()))).collect();
        self.core.sync("g", (id, None, generation), given, self.tickets, self.now).map(|()| self.tickets)
    }
}

fn synced(answer: Option<&Late>) -> &Synced {
    match answer {
        Some(Late::Synced(Ok(synced))) => synced,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_careful_reader_sees_nothing_of_what_is_open_and_is_told_what_was_taken_back() {
    let mut world = World::new();
    let (a, b) = (world.init("a"), world.init("b"));
    world.add("a", a).unwrap();
    world.add("b", b).unwrap();
    assert_eq!(world.write(a, 0, b"xy"), Ok(0));
    assert_eq!(world.write(b, 0, b"z"), Ok(2));
    assert_eq!(world.plain(b"p"), Ok(3));
    assert_eq!(world.ends(), (0, 0, 4));
    assert!(world.read(0, true, ALL).batches.is_empty());
    assert_eq!(world.read(0, false, ALL).batches.len(), 3);
    world.end("a", a, false).unwrap();
    // Marker at 4; b is open since 2.
    assert_eq!(world.ends(), (0, 2, 5));
    assert_eq!(world.read(0, true, ALL).aborted, [(a.0, 0)]);
    world.end("b", b, true).unwrap();
    assert_eq!(world.ends(), (0, 6, 6));
    let read = world.read(0, true, ALL);
    assert_eq!((read.batches.len(), read.aborted), (5, vec![(a.0, 0)]));
}

#[test]
fn the_list_of_what_was_taken_back_reaches_into_what_is_returned_and_no_further() {
    let mut world = World::new();
    let a = world.init("a");
    world.add("a", a).unwrap();
    world.write(a, 0, b"1").unwrap();
    world.end("a", a, false).unwrap();
    world.plain(b"2").unwrap();
    world.add("a", a).unwrap();
    world.write(a, 1, b"3").unwrap();
    world.end("a", a, false).unwrap();
    // Offsets: 0 taken back, 1 marker, 2 plain, 3 taken back, 4 marker.
    let one_batch = 1;
    let aborted = |from, len_max| world.read(from, true, len_max).aborted;
    assert_eq!(aborted(0, ALL), [(a.0, 0), (a.0, 3)]);
    assert_eq!(aborted(0, one_batch), [(a.0, 0)], "the second begins behind what is returned");
    assert_eq!(aborted(1, one_batch), [(a.0, 0)], "its marker is at the offset");
    assert_eq!(aborted(2, one_batch), []);
    assert_eq!(aborted(2, ALL), [(a.0, 3)], "the first one's marker lies before");
    assert_eq!(world.read(0, false, ALL).aborted, [], "a careless reader is told nothing");
}

#[test]
fn a_reader_gets_what_it_asks_for_but_always_one_batch() {
    let mut world = World::new();
    for _ in 0..5 {
        world.plain(b"0123456789").unwrap();
    }
    let len = world.read(0, false, 0).len;
    let batches = |len_max| world.read(0, false, len_max).batches.len();
    assert_eq!((batches(0), batches(len), batches(2 * len - 1), batches(2 * len), batches(ALL)), (1, 1, 1, 2, 5));
    assert!(world.core.fetch(("t", 0), 0, false, len - 1, false).unwrap().0.batches.is_empty());
    assert_eq!(world.read(17, false, ALL).batches.len(), 4, "from the batch that holds the offset");
    let beyond = world.core.fetch(("t", 0), 51, false, ALL, true).map(|_| ());
    assert_eq!(beyond, Err(Fault::OffsetOutOfRange));
    assert!(world.read(50, false, ALL).batches.is_empty());
}

#[test]
fn a_new_owner_shuts_the_old_one_out_and_takes_back_what_it_left() {
    let mut world = World::new();
    let old = world.init("a");
    world.add("a", old).unwrap();
    world.write(old, 0, b"x").unwrap();
    let new = world.init("a");
    assert_eq!(new.0, old.0);
    assert!(new.1 > old.1);
    assert_eq!(world.ends(), (0, 2, 2), "the marker is there at once");
    assert_eq!(world.read(0, true, ALL).aborted, [(old.0, 0)]);
    assert_eq!(world.write(old, 1, b"y"), Err(Fault::InvalidProducerEpoch));
    assert_eq!(world.add("a", old), Err(Fault::ProducerFenced));
    assert_eq!(world.end("a", old, true), Err(Fault::ProducerFenced));
    world.add("a", new).unwrap();
    assert_eq!(world.end("a", old, true), Err(Fault::ProducerFenced), "a stray end does nothing to the new one");
    assert_eq!(world.write(new, 1, b"y"), Err(Fault::OutOfOrderSequence), "it counts from 0 again");
    assert_eq!(world.write(new, 0, b"y"), Ok(2));
    world.end("a", new, true).unwrap();
    assert_eq!(world.ends(), (0, 4, 4));
}

#[test]
fn an_end_said_twice_is_no_error_and_the_other_end_is() {
    let mut world = World::new();
    let a = world.init("a");
    assert_eq!(world.end("a", a, true), Err(Fault::InvalidTxnState));
    world.add("a", a).unwrap();
    world.write(a, 0, b"x").unwrap();
    world.end("a", a, true).unwrap();
    world.end("a", a, true).unwrap();
    assert_eq!(world.end("a", a, false), Err(Fault::InvalidTxnState));
    assert_eq!(world.ends().2, 2, "one marker");
    assert_eq!(world.end("b", a, true), Err(Fault::InvalidProducerIdMapping));
    assert_eq!(world.end("a", (a.0 + 1, 0), true), Err(Fault::InvalidProducerIdMapping));
}

#[test]
fn a_transaction_left_open_is_taken_back_on_time_and_its_writer_shut_out() {
    let mut world = World::new();
    let a = world.init("a");
    assert_eq!(world.core.next_deadline(), None, "quiet when idle");
    world.add("a", a).unwrap();
    world.write(a, 0, b"x").unwrap();
    assert_eq!(world.core.next_deadline(), Some(world.now + 10_000));
    world.core.expire(world.now + 9_999);
    assert_eq!(world.ends().1, 0);
    world.core.take_news();
    world.core.expire(world.now + 10_000);
    assert_eq!(world.ends(), (0, 2, 2));
    assert!(world.core.take_news().iter().any(|news| news.partition == world.partition() && news.stable));
    assert_eq!(world.end("a", a, true), Err(Fault::ProducerFenced));
    assert_eq!(world.write(a, 1, b"y"), Err(Fault::InvalidProducerEpoch));
    assert_eq!(world.core.next_deadline(), None);
}

#[test]
fn a_batch_is_taken_once_and_in_order() {
    let mut world = World::new();
    let p = world.core.init_producer(None, 0, None, world.now).unwrap();
    let write = |world: &mut World, sequence, values: &[u8]| {
        let batch = sent((p.0, p.1, sequence), false, values, 0);
        world.core.produce("t", 0, batch, 0).map(|appended| (appended.base_offset, appended.new))
    };
    assert_eq!(write(&mut world, 0, b"abc"), Ok((0, true)));
    assert_eq!(write(&mut world, 3, b"d"), Ok((3, true)));
    assert_eq!(write(&mut world, 0, b"abc"), Ok((0, false)), "the old place again");
    assert_eq!(write(&mut world, 5, b"e"), Err(Fault::OutOfOrderSequence));
    assert_eq!(write(&mut world, 3, b"de"), Err(Fault::OutOfOrderSequence));
    for sequence in 4..9 {
        write(&mut world, sequence, b"x").unwrap();
    }
    assert_eq!(write(&mut world, 3, b"d"), Err(Fault::OutOfOrderSequence), "five are remembered");
    assert_eq!(world.ends().2, 9);
}

#[test]
fn nobody_writes_in_a_transaction_to_a_partition_that_it_did_not_name() {
    let mut world = World::new();
    let a = world.init("a");
    assert_eq!(world.write(a, 0, b"x"), Err(Fault::InvalidTxnState));
    assert_eq!(world.write((999, 0), 0, b"x"), Err(Fault::InvalidProducerIdMapping));
    let unknown = world.core.add_partitions("a", a, &[("t".to_owned(), 0), ("t".to_owned(), 7)], world.now);
    assert_eq!(unknown, [Err(Fault::OperationNotAttempted), Err(Fault::UnknownTopicOrPartition)]);
    assert_eq!(world.write(a, 0, b"x"), Err(Fault::InvalidTxnState), "all or none");
    world.add("a", a).unwrap();
    world.write(a, 0, b"x").unwrap();
    let outside = sent((a.0, a.1, 1), false, b"y", world.now);
    assert_eq!(world.core.produce("t", 0, outside, world.now).map(|_| ()), Err(Fault::InvalidTxnState));
}

#[test]
fn a_writer_that_asks_for_a_new_epoch_must_be_the_owner() {
    let mut world = World::new();
    let first = world.init("a");
    let bump = |world: &mut World, known| world.core.init_producer(Some("a"), 10_000, Some(known), world.now);
    let second = bump(&mut world, first).unwrap();
    assert_eq!(second, (first.0, first.1 + 1));
    assert_eq!(bump(&mut world, first), Ok(second), "the answer was lost: the same again");
    let stranger = world.init("a");
    assert_eq!(bump(&mut world, second), Err(Fault::ProducerFenced));
    assert_eq!(bump(&mut world, (77, 0)), Err(Fault::ProducerFenced));
    let mut last = stranger;
    while last.0 == first.0 {
        last = world.init("a");
    }
    assert_eq!(last.1, 0, "when epochs are used up, a new id");
    let too_long = world.core.init_producer(Some("a"), 60_001, None, world.now);
    assert_eq!(too_long, Err(Fault::InvalidTransactionTimeout));
}

#[test]
fn the_start_of_the_log_never_passes_the_last_stable_offset() {
    let mut world = World::with(LIMITS, &[("retention.bytes", "300")]);
    let a = world.init("a");
    for _ in 0..2 {
        world.plain(b"before").unwrap();
    }
    world.add("a", a).unwrap();
    world.write(a, 0, b"open").unwrap();
    for _ in 0..20 {
        world.plain(b"after").unwrap();
    }
    assert_eq!((world.ends().0, world.ends().1), (12, 12), "kept from the open transaction on");
    assert_eq!(world.core.delete_records("t", 0, 13), Err(Fault::OffsetOutOfRange));
    assert_eq!(world.core.delete_records("t", 0, -1), Ok(12));
    world.end("a", a, false).unwrap();
    world.plain(b"last").unwrap();
    let (start, stable, end) = world.ends();
    assert!(start > 12 && stable == end, "{start} {stable} {end}");
    assert!(world.core.topics.len() >= 300 && world.core.topics.len() < 500);
    assert_eq!(world.read(start, true, ALL).aborted, [(a.0, 12)], "its marker is still there");
    world.core.delete_records("t", 0, -1).unwrap();
    assert_eq!((world.ends().0, world.core.topics.len()), (world.ends().2, 0));
}

#[test]
fn a_full_broker_refuses_and_loses_nothing() {
    let mut world = World::with(Limits { held_max: 1_000, ..LIMITS }, &[]);
    let a = world.init("a");
    world.add("a", a).unwrap();
    world.write(a, 0, b"x").unwrap();
    let refused = (0..100).find_map(|_| world.plain(b"0123456789").err());
    assert_eq!(refused, Some(Fault::PolicyViolation));
    assert_eq!(world.ends().0, 0);
    assert!(world.core.topics.len() <= 1_000);
    world.end("a", a, true).expect("what was written can still be committed");
    world.core.delete_records("t", 0, -1).unwrap();
    world.plain(b"again").unwrap();
}

#[test]
fn a_topic_stamped_by_the_broker_tells_when() {
    let mut world = World::with(LIMITS, &[("message.timestamp.type", "LogAppendTime"), ("max.message.bytes", "90")]);
    let batch = sent((-1, -1, -1), false, b"ab", 5);
    let appended = world.core.produce("t", 0, batch, 7_000).unwrap();
    assert_eq!((appended.base_offset, appended.append_time), (0, 7_000));
    let log = world.core.topics.log("t", 0).unwrap();
    assert_eq!((log.first_since(6_000, true), log.first_since(7_001, true)), (Some((0, 7_000)), None));
    assert_eq!(world.plain(b"abcdefghij"), Err(Fault::MessageTooLarge));
    let unknown = world.core.topics.create("u", 1, BTreeMap::from([("x".to_owned(), "y".to_owned())]), false);
    assert_eq!(unknown.unwrap_err().0, Fault::InvalidConfig);
    for name in ["", ".", "a b", "ü", &"x".repeat(250)] {
        assert_eq!(world.core.topics.create(name, 1, BTreeMap::new(), false).unwrap_err().0, Fault::InvalidTopic);
    }
}

#[test]
fn two_members_share_and_one_takes_over() {
    let mut world = World::new();
    let (first, ticket) = world.newcomer();
    let joined = world.joined(ticket);
    assert_eq!((joined.generation, joined.leader.as_str()), (1, first.as_str()));
    let sync = world.sync(&first, 1, &[(&first, "all")]).unwrap();
    assert_eq!(synced(world.answers().get(&sync)).assignment, "all");
    // A second one comes: the first is told at its next sign of life, and joins again.
    let (second, waiting) = world.newcomer();
    assert!(world.answers().is_empty());
    assert_eq!(world.core.heartbeat("g", (&first, None, 1), world.now), Err(Fault::RebalanceInProgress));
    let again = world.join(&first, None).unwrap();
    let mut answers = world.answers();
    let (Some(Late::Joined(Ok(leader))), Some(Late::Joined(Ok(other)))) =
        (answers.remove(&again), answers.remove(&waiting))
    else {
        panic!("both are answered")
    };
    assert_eq!((leader.generation, leader.members.len(), other.members.len()), (2, 2, 0));
    let late = world.sync(&second, 2, &[]).unwrap();
    assert!(world.answers().is_empty(), "the leader has not spoken");
    let sync = world.sync(&first, 2, &[(&first, "left"), (&second, "right")]).unwrap();
    let answers = world.answers();
    assert_eq!(synced(answers.get(&late)).assignment, "right");
    assert_eq!(synced(answers.get(&sync)).assignment, "left");
    // An older generation commits nothing; the first goes silent; the second gets all.
    let offset = || vec![(("t".to_owned(), 0), Committed { offset: 5, leader_epoch: -1, note: None })];
    let commit = |world: &mut World, who| world.core.commit_offsets("g", who, offset(), world.now)[0];
    assert_eq!(commit(&mut world, (&first, None, 1)), Err(Fault::IllegalGeneration));
    assert_eq!(commit(&mut world, ("stranger", None, 2)), Err(Fault::UnknownMemberId));
    assert_eq!(commit(&mut world, NOBODY), Err(Fault::UnknownMemberId));
    assert_eq!(commit(&mut world, (&first, None, 2)), Ok(()));
    world.now += 9_999;
    world.core.heartbeat("g", (&second, None, 2), world.now).unwrap();
    world.now += 1;
    assert_eq!(world.core.next_deadline(), Some(world.now));
    world.core.expire(world.now);
    assert_eq!(world.core.heartbeat("g", (&first, None, 2), world.now), Err(Fault::UnknownMemberId));
    let ticket = world.join(&second, None).unwrap();
    let joined = world.joined(ticket);
    assert_eq!((joined.generation, joined.leader, joined.members.len()), (3, second, 1));
}

#[test]
fn a_member_that_does_not_come_back_in_time_loses_its_seat() {
    let mut world = World::new();
    let (first, ticket) = world.newcomer();
    world.joined(ticket);
    world.sync(&first, 1, &[]).unwrap();
    let (_, waiting) = world.newcomer();
    world.answers();
    // It shows signs of life but never joins again.
    for _ in 0..6 {
        world.now += 5_000;
        world.core.expire(world.now);
        world.core.heartbeat("g", (&first, None, 1), world.now).ok();
    }
    assert_eq!(world.joined(waiting).generation, 2);
}

#[test]
fn a_lasting_name_comes_back_without_disturbing_anybody() {
    let mut world = World::new();
    let ticket = world.join("", Some("one")).unwrap();
    let joined = world.joined(ticket);
    let sync = world.sync(&joined.member, 1, &[(&joined.member, "mine")]).unwrap();
    assert_eq!(synced(world.answers().get(&sync)).assignment, "mine");
    let ticket = world.join("", Some("one")).unwrap();
    let again = world.joined(ticket);
    assert_eq!(again.generation, 1, "no new generation");
    assert_ne!(again.member, joined.member);
    let sync = world.sync(&again.member, 1, &[]).unwrap();
    assert_eq!(synced(world.answers().get(&sync)).assignment, "mine");
    let old = (joined.member.as_str(), Some("one"), 1);
    assert_eq!(world.core.heartbeat("g", old, world.now), Err(Fault::FencedInstanceId));
    assert_eq!(world.join(&joined.member, Some("one")).unwrap_err().0, Fault::FencedInstanceId);
    world.core.leave("g", "", Some("one"), world.now).unwrap();
    assert_eq!(world.core.heartbeat("g", (&again.member, None, 1), world.now), Err(Fault::UnknownMemberId));
    assert_eq!(world.core.next_deadline(), None);
}

#[test]
fn offsets_in_a_transaction_wait_for_its_end_and_for_the_right_generation() {
    let mut world = World::new();
    let (member, ticket) = world.newcomer();
    world.joined(ticket);
    world.sync(&member, 1, &[]).unwrap();
    let a = world.init("a");
    let place = ("t".to_owned(), 0);
    let commit = |world: &mut World, who, offset| {
        let offsets = vec![(("t".to_owned(), 0), Committed { offset, leader_epoch: -1, note: None })];
        world.core.commit_offsets_in_transaction(("a", a), "g", who, offsets, world.now)[0]
    };
    let now = world.now;
    assert_eq!(commit(&mut world, (&member, None, 1), 7), Err(Fault::InvalidTxnState), "not named yet");
    world.core.add_offsets("a", a, "g", now).unwrap();
    assert_eq!(commit(&mut world, (&member, None, 0), 7), Err(Fault::IllegalGeneration));
    assert_eq!(commit(&mut world, ("stranger", None, 1), 7), Err(Fault::UnknownMemberId));
    assert_eq!(commit(&mut world, (&member, None, 1), 7), Ok(()));
    let read = |world: &World, stable| {
        world.core.offsets("g").unwrap().get(&place, stable).map(|found| found.map(|found| found.offset))
    };
    assert_eq!(read(&world, false), Ok(None));
    assert_eq!(read(&world, true), Err(Fault::UnstableOffsetCommit));
    world.end("a", a, true).unwrap();
    assert_eq!(read(&world, true), Ok(Some(7)));
    world.core.add_offsets("a", a, "g", now).unwrap();
    commit(&mut world, NOBODY, 9).unwrap();
    let newer = world.init("a");
    assert_eq!(read(&world, true), Ok(Some(7)), "taken back with its owner");
    assert_eq!(commit(&mut world, NOBODY, 9), Err(Fault::InvalidProducerEpoch));
    assert!(newer.1 > a.1);
    world.core.delete_topic("t").unwrap();
    assert_eq!(read(&world, true), Ok(None), "gone with its topic");
}

#[test]
fn of_two_transactions_the_offset_said_later_stands() {
    let mut world = World::new();
    let (a, b) = (world.init("a"), world.init("b"));
    for (id, producer, offset) in [("a", a, 4), ("b", b, 30)] {
        world.core.add_offsets(id, producer, "g", world.now).unwrap();
        let offsets = vec![(("t".to_owned(), 0), Committed { offset, leader_epoch: -1, note: None })];
        let said = world.core.commit_offsets_in_transaction((id, producer), "g", NOBODY, offsets, world.now);
        assert_eq!(said, [Ok(())]);
    }
    world.end("b", b, true).unwrap();
    world.end("a", a, true).unwrap();
    let kept = world.core.offsets("g").unwrap().get(&("t".to_owned(), 0), true).unwrap().unwrap();
    assert_eq!(kept.offset, 30, "as Apache Kafka has it");
}

#[test]
fn a_deleted_topic_takes_its_transactions_along() {
    let mut world = World::new();
    let a = world.init("a");
    world.add("a", a).unwrap();
    world.write(a, 0, b"x").unwrap();
    world.core.delete_topic("t").unwrap();
    world.core.topics.create("t", 1, BTreeMap::new(), false).unwrap();
    world.end("a", a, true).unwrap();
    assert_eq!(world.ends(), (0, 0, 0), "the new topic knows nothing of it");
}
