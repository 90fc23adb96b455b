//! The whole broker as one value: no sockets, no threads, no clock. Time is an argument, and the same calls at the same
//! times give the same answers.

use super::batch::Batch;
use super::fault::Fault;
use super::group::{Group, Join, Late, Ticket};
use super::log::{Appended, PartitionLog, Read};
use super::offsets::{Committed, Offsets, Place};
use super::producers::Admission;
use super::topics::{PartitionId, Topics};
use super::transactions::{Ending, Producer, Transactions};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

/// Sessions shorter or longer than this are refused, as by Kafka.
const SESSION_MS: std::ops::RangeInclusive<i64> = 6_000..=1_800_000;

/// What the core is told once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes of batches held in all; beyond it Produce is refused.
    pub(crate) held_max: u64,
    /// The longest transaction that may be asked for, milliseconds.
    pub(crate) transaction_ms_max: i64,
    /// How long the first member of a group waits for a second, milliseconds.
    pub(crate) first_join_delay_ms: i64,
    /// Different each time a broker starts, so that ids of the one before mean nothing.
    pub(crate) incarnation: i64,
}

/// A place where something can now be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct News {
    /// Where.
    pub(crate) partition: PartitionId,
    /// Whether careful readers can see it too.
    pub(crate) stable: bool,
}

/// Who speaks in a group: (id, lasting name, generation).
pub(crate) type Who<'a> = (&'a str, Option<&'a str>, i32);

/// The broker.
#[derive(Clone, Debug)]
pub(crate) struct Core {
    limits: Limits,
    /// The topics.
    pub(crate) topics: Topics,
    transactions: Transactions,
    groups: BTreeMap<String, (Group, Offsets)>,
    news: BTreeSet<News>,
    named: u64,
}

impl Core {
    /// An empty one.
    pub(crate) fn new(limits: Limits) -> Core {
        Core {
            limits,
            topics: Topics::default(),
            transactions: Transactions::new(limits.incarnation.saturating_mul(1_000), limits.transaction_ms_max),
            groups: BTreeMap::new(),
            news: BTreeSet::new(),
            named: 0,
        }
    }

    // ---- the log -------------------------------------------------------------------------------------------------

    /// Appends a producer's batch.
    pub(crate) fn produce(&mut self, topic: &str, index: i32, bytes: Bytes, now: i64) -> Result<Appended, Fault> {
        let (id, found) = self.topics.find(topic, index)?;
        let (len_max, stamped, retention) = (found.batch_len_max, found.append_time, found.retention_len);
        if bytes.len() > len_max {
            return Err(Fault::MessageTooLarge);
        }
        let batch = Batch::check(bytes)?;
        let log = self.topics.log_mut(id).ok_or(Fault::UnknownTopicOrPartition)?;
        if batch.is_transactional() && !log.goes_on(&batch) {
            self.transactions.check_write((batch.producer_id, batch.producer_epoch), id)?;
        }
        if let Admission::Again { base_offset, append_time } = log.admit(&batch)? {
            return Ok(Appended { base_offset, append_time, new: false });
        }
        self.make_room(id, batch.len(), retention)?;
        let log = self.topics.log_mut(id).ok_or(Fault::UnknownTopicOrPartition)?;
        let appended = log.append(batch, stamped.then_some(now));
        self.note_news(id);
        Ok(appended)
    }

    /// Makes a producer stop rather than lose what somebody may still want: only what a topic's own `retention.bytes`
    /// gives up is dropped.
    fn make_room(&mut self, id: PartitionId, len: usize, retention: Option<u64>) -> Result<(), Fault> {
        let len = len as u64;
        if let Some(retention) = retention
            && let Some(log) = self.topics.log_mut(id)
            && log.len() + len > retention
        {
            log.retain(retention.saturating_sub(len));
        }
        if self.topics.len() + len > self.limits.held_max { Err(Fault::PolicyViolation) } else { Ok(()) }
    }

    fn note_news(&mut self, partition: PartitionId) {
        if let Some(log) = self.topics.log_mut(partition) {
            let stable = log.stable() == log.end();
            self.news.insert(News { partition, stable });
        }
    }

    /// Where something can be read since this was last asked.
    pub(crate) fn take_news(&mut self) -> BTreeSet<News> {
        std::mem::take(&mut self.news)
    }

    /// Reads from one partition.
    pub(crate) fn fetch(
        &self,
        (topic, index): (&str, i32),
        from: i64,
        committed: bool,
        len_max: usize,
        at_least_one: bool,
    ) -> Result<(Read, &PartitionLog), Fault> {
        let log = self.topics.log(topic, index)?;
        Ok((log.read(from, committed, len_max, at_least_one)?, log))
    }

    /// Deletes the records before an offset; -1: all that are stable. Gives the new start.
    pub(crate) fn delete_records(&mut self, topic: &str, index: i32, before: i64) -> Result<i64, Fault> {
        let (id, _) = self.topics.find(topic, index)?;
        let log = self.topics.log_mut(id).ok_or(Fault::UnknownTopicOrPartition)?;
        let before = if before == -1 { log.stable() } else { before };
        if before < 0 { Err(Fault::OffsetOutOfRange) } else { log.delete_before(before) }
    }

    /// Deletes a topic and what groups say about it.
    pub(crate) fn delete_topic(&mut self, topic: &str) -> Result<(), Fault> {
        let gone = self.topics.delete(topic)?;
        self.news.extend(gone.into_iter().map(|partition| News { partition, stable: true }));
        self.groups.values_mut().for_each(|(_, offsets)| offsets.forget(topic));
        Ok(())
    }

    // ---- transactions --------------------------------------------------------------------------------------------

    /// Gives a producer its id and epoch.
    pub(crate) fn init_producer(
        &mut self,
        id: Option<&str>,
        timeout_ms: i64,
        known: Option<Producer>,
        now: i64,
    ) -> Result<Producer, Fault> {
        let Some(id) = id else { return Ok(self.transactions.new_producer()) };
        let (producer, ending) = self.transactions.init(id, timeout_ms, known)?;
        self.carry_out(ending, now);
        Ok(producer)
    }

    /// Adds partitions to a transaction: all or none. An outcome for each.
    pub(crate) fn add_partitions(
        &mut self,
        id: &str,
        producer: Producer,
        places: &[Place],
        now: i64,
    ) -> Vec<Result<(), Fault>> {
        let found: Vec<_> =
            places.iter().map(|(topic, index)| self.topics.find(topic, *index).map(|(id, _)| id)).collect();
        let unknown = |found: &Result<PartitionId, Fault>| match found {
            Ok(_) => Err(Fault::OperationNotAttempted),
            Err(fault) => Err(*fault),
        };
        if found.iter().any(Result::is_err) {
            return found.iter().map(unknown).collect();
        }
        let outcome = self.transactions.add_partitions(id, producer, found.into_iter().flatten(), now);
        vec![outcome; places.len()]
    }

    /// Adds a group's offsets to a transaction.
    pub(crate) fn add_offsets(&mut self, id: &str, producer: Producer, group: &str, now: i64) -> Result<(), Fault> {
        self.transactions.add_group(id, producer, group, now)
    }

    /// Commits or takes back.
    pub(crate) fn end_transaction(
        &mut self,
        id: &str,
        producer: Producer,
        commit: bool,
        now: i64,
    ) -> Result<(), Fault> {
        let ending = self.transactions.end(id, producer, commit)?;
        self.carry_out(ending, now);
        Ok(())
    }

    fn carry_out(&mut self, endings: impl IntoIterator<Item = Ending>, now: i64) {
        for ending in endings {
            for partition in ending.partitions {
                // A topic may have been deleted meanwhile.
                if let Some(log) = self.topics.log_mut(partition) {
                    log.end_transaction(ending.producer_id, ending.epoch, ending.commit, now);
                    // Even where another transaction stays open, the stable end may have moved.
                    self.news.insert(News { partition, stable: true });
                }
            }
            for group in &ending.groups {
                if let Some((_, offsets)) = self.groups.get_mut(group) {
                    offsets.end_transaction(ending.producer_id, ending.commit);
                }
            }
        }
    }

    // ---- groups --------------------------------------------------------------------------------------------------

    /// A member joins a group. Without an id, and where the client can bear it, it is given one first.
    pub(crate) fn join(
        &mut self,
        group: &str,
        client: &str,
        join: Join,
        id_first: bool,
        ticket: Ticket,
        now: i64,
    ) -> Result<(), (Fault, String)> {
        let named = join.member.clone();
        if group.is_empty() {
            return Err((Fault::InvalidGroupId, named));
        }
        if !SESSION_MS.contains(&join.session_ms) {
            return Err((Fault::InvalidSessionTimeout, named));
        }
        if !self.groups.contains_key(group) && !join.member.is_empty() {
            return Err((Fault::UnknownMemberId, named));
        }
        self.named += 1;
        let fresh_id = format!("{client}-{:x}-{}", self.limits.incarnation, self.named);
        let (members, _) = self.groups.entry(group.to_owned()).or_default();
        if join.member.is_empty() && join.instance.is_none() && id_first {
            members.promise(fresh_id.clone(), join.session_ms, now);
            return Err((Fault::MemberIdRequired, fresh_id));
        }
        members.join(join, fresh_id, ticket, (self.limits.first_join_delay_ms, now)).map_err(|fault| (fault, named))
    }

    fn group(&mut self, group: &str) -> Result<&mut Group, Fault> {
        self.groups.get_mut(group).map(|(members, _)| members).ok_or(Fault::UnknownMemberId)
    }

    /// A member asks for its part.
    pub(crate) fn sync(
        &mut self,
        group: &str,
        who: Who<'_>,
        assignments: Vec<(String, Bytes)>,
        ticket: Ticket,
        now: i64,
    ) -> Result<(), Fault> {
        self.group(group)?.sync(who, assignments, ticket, now)
    }

    /// A member's sign of life.
    pub(crate) fn heartbeat(&mut self, group: &str, who: Who<'_>, now: i64) -> Result<(), Fault> {
        self.group(group)?.heartbeat(who, now)
    }

    /// A member goes.
    pub(crate) fn leave(&mut self, group: &str, id: &str, instance: Option<&str>, now: i64) -> Result<(), Fault> {
        self.group(group)?.leave(id, instance, now)
    }

    /// Commits offsets of a group: an outcome for each.
    pub(crate) fn commit_offsets(
        &mut self,
        group: &str,
        who: Who<'_>,
        offsets: Vec<(Place, Committed)>,
        now: i64,
    ) -> Vec<Result<(), Fault>> {
        let allowed = self.group_or_nobody(group, who, false, now);
        self.store_offsets(group, None, offsets, allowed)
    }

    /// Commits offsets of a group when the transaction is. Members of an older generation may not.
    pub(crate) fn commit_offsets_in_transaction(
        &mut self,
        (id, producer): (&str, Producer),
        group: &str,
        who: Who<'_>,
        offsets: Vec<(Place, Committed)>,
        now: i64,
    ) -> Vec<Result<(), Fault>> {
        let allowed = self.group_or_nobody(group, who, true, now);
        let allowed = allowed.and_then(|()| self.transactions.check_group(id, producer, group));
        self.store_offsets(group, Some(producer.0), offsets, allowed)
    }

    fn group_or_nobody(&mut self, group: &str, who: Who<'_>, transactional: bool, now: i64) -> Result<(), Fault> {
        match self.groups.get_mut(group) {
            Some((members, _)) => members.check_commit(who, transactional, now),
            None if who.2 < 0 => Ok(()),
            None => Err(Fault::IllegalGeneration),
        }
    }

    fn store_offsets(
        &mut self,
        group: &str,
        producer: Option<i64>,
        offsets: Vec<(Place, Committed)>,
        allowed: Result<(), Fault>,
    ) -> Vec<Result<(), Fault>> {
        let mut outcomes = Vec::with_capacity(offsets.len());
        for (place, offset) in offsets {
            let found = allowed.and_then(|()| self.topics.find(&place.0, place.1).map(|_| ()));
            outcomes.push(found.and_then(|()| {
                let (_, kept) = self.groups.entry(group.to_owned()).or_default();
                kept.commit(producer, place, offset)
            }));
        }
        outcomes
    }

    /// A group's offsets, if there is such a group.
    pub(crate) fn offsets(&self, group: &str) -> Option<&Offsets> {
        self.groups.get(group).map(|(_, offsets)| offsets)
    }

    /// The answers to members that have become ready.
    pub(crate) fn take_answers(&mut self) -> Vec<(Ticket, Late)> {
        self.groups.values_mut().flat_map(|(members, _)| members.take_answers()).collect()
    }

    // ---- time ----------------------------------------------------------------------------------------------------

    /// Does what is due: transactions that were open for too long are taken back, silent members let go.
    pub(crate) fn expire(&mut self, now: i64) {
        let endings = self.transactions.expire(now);
        self.carry_out(endings, now);
        self.groups.values_mut().for_each(|(members, _)| members.expire(now));
    }

    /// When something will be due.
    pub(crate) fn next_deadline(&self) -> Option<i64> {
        let groups = self.groups.values().filter_map(|(members, _)| members.next_deadline());
        groups.chain(self.transactions.next_deadline()).min()
    }
}
