//! One consumer group: who is in it, in which generation, and who got what (Kafka's classic protocol).

use super::fault::Fault;
use bytes::Bytes;
use std::collections::BTreeMap;

/// A question that is answered later.
pub(crate) type Ticket = u64;

/// What a member says when it joins.
#[derive(Clone, Debug)]
pub(crate) struct Join {
    /// Its id; empty before it has one.
    pub(crate) member: String,
    /// Its lasting name, if it has one.
    pub(crate) instance: Option<String>,
    /// How long it may be silent, milliseconds.
    pub(crate) session_ms: i64,
    /// How long it may take to join again, milliseconds.
    pub(crate) rebalance_ms: i64,
    /// "consumer", commonly.
    pub(crate) protocol_type: String,
    /// (name, subscription), the best first.
    pub(crate) protocols: Vec<(String, Bytes)>,
}

/// What a member learns when all have joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) generation: i32,
    pub(crate) protocol_type: String,
    pub(crate) protocol: String,
    pub(crate) leader: String,
    pub(crate) member: String,
    /// (id, lasting name, subscription) of all; for the leader alone.
    pub(crate) members: Vec<(String, Option<String>, Bytes)>,
}

/// What a member learns when the leader has spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Synced {
    pub(crate) protocol_type: String,
    pub(crate) protocol: String,
    pub(crate) assignment: Bytes,
}

/// A late answer.
#[derive(Clone, Debug)]
pub(crate) enum Late {
    Joined(Result<Joined, Fault>),
    Synced(Result<Synced, Fault>),
}

#[derive(Clone, Debug)]
struct Member {
    instance: Option<String>,
    session_ms: i64,
    rebalance_ms: i64,
    protocols: Vec<(String, Bytes)>,
    assignment: Bytes,
    /// Silent for too long from then on.
    deadline: i64,
    joining: Option<Ticket>,
    syncing: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Empty,
    /// Members join, from the first time to the second at most.
    Joining(i64, i64),
    /// The leader is waited for, until then.
    Syncing(i64),
    Stable,
}

/// A group.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    state: State,
    generation: i32,
    protocol_type: String,
    protocol: String,
    leader: String,
    members: BTreeMap<String, Member>,
    /// Ids given out whose owners have not come back with them yet, and until when they may.
    promised: BTreeMap<String, i64>,
    answers: Vec<(Ticket, Late)>,
}

impl Default for Group {
    fn default() -> Self {
        Group {
            state: State::Empty,
            generation: 0,
            protocol_type: String::new(),
            protocol: String::new(),
            leader: String::new(),
            members: BTreeMap::new(),
            promised: BTreeMap::new(),
            answers: Vec::new(),
        }
    }
}

impl Group {
    /// The answers that are ready.
    pub(crate) fn take_answers(&mut self) -> Vec<(Ticket, Late)> {
        std::mem::take(&mut self.answers)
    }

    /// Gives out an id that its owner must come back with.
    pub(crate) fn promise(&mut self, id: String, session_ms: i64, now: i64) {
        self.promised.insert(id, now + session_ms);
    }

    /// Whether what the member can do fits the others.
    fn check_protocols(&self, join: &Join) -> Result<(), Fault> {
        let others: Vec<&Member> =
            self.members.iter().filter(|(id, _)| **id != join.member).map(|(_, member)| member).collect();
        let common = |name: &str| others.iter().all(|other| other.protocols.iter().any(|(own, _)| own == name));
        let fits = others.is_empty() || self.protocol_type == join.protocol_type;
        if join.protocol_type.is_empty() || !fits || !join.protocols.iter().any(|(name, _)| common(name)) {
            return Err(Fault::InconsistentGroupProtocol);
        }
        Ok(())
    }

    /// The id under which a lasting name is a member now.
    fn member_of_instance(&self, instance: &str) -> Option<String> {
        let named = |member: &Member| member.instance.as_deref() == Some(instance);
        self.members.iter().find(|(_, member)| named(member)).map(|(id, _)| id.clone())
    }

    /// A member joins, again or for the first time; the answer comes later under the ticket. `fresh_id` is used if it is
    /// new.
    pub(crate) fn join(
        &mut self,
        mut join: Join,
        fresh_id: String,
        ticket: Ticket,
        (delay_ms, now): (i64, i64),
    ) -> Result<(), Fault> {
        self.check_protocols(&join)?;
        let holder = join.instance.as_deref().and_then(|instance| self.member_of_instance(instance));
        if join.member.is_empty() {
            join.member = fresh_id;
            if let Some(old) = holder {
                return self.take_over(join, &old, ticket, now);
            }
            return self.admit(join, ticket, delay_ms, now);
        }
        if join.instance.is_some() && holder.as_ref().is_some_and(|holder| *holder != join.member) {
            return Err(Fault::FencedInstanceId);
        }
        if self.promised.remove(&join.member).is_some() {
            return self.admit(join, ticket, delay_ms, now);
        }
        let member = self.members.get(&join.member).ok_or(Fault::UnknownMemberId)?;
        let same = member.protocols == join.protocols;
        let answer_as_is = match self.state {
            State::Syncing(_) => same,
            State::Stable => same && self.leader != join.member,
            State::Empty | State::Joining(..) => false,
        };
        let id = join.member.clone();
        self.seat(join, ticket, now);
        if answer_as_is {
            self.answer_join(&id, now);
        } else {
            self.rejoin(0, now);
        }
        Ok(())
    }

    /// A new member.
    fn admit(&mut self, join: Join, ticket: Ticket, delay_ms: i64, now: i64) -> Result<(), Fault> {
        self.protocol_type.clone_from(&join.protocol_type);
        self.seat(join, ticket, now);
        self.rejoin(delay_ms, now);
        Ok(())
    }

    /// A process came back under its lasting name: it gets what it had, without disturbing the others.
    fn take_over(&mut self, join: Join, old: &str, ticket: Ticket, now: i64) -> Result<(), Fault> {
        let before = self.members.remove(old).ok_or(Fault::UnknownMemberId)?;
        if let Some(ticket) = before.joining {
            self.answers.push((ticket, Late::Joined(Err(Fault::FencedInstanceId))));
        }
        if let Some(ticket) = before.syncing {
            self.answers.push((ticket, Late::Synced(Err(Fault::FencedInstanceId))));
        }
        let (id, same) = (join.member.clone(), before.protocols == join.protocols);
        let leader_before = self.leader.clone();
        if self.leader == old {
            self.leader.clone_from(&id);
        }
        self.seat(join, ticket, now);
        if let Some(member) = self.members.get_mut(&id) {
            member.assignment = before.assignment;
        }
        if self.state == State::Stable && same {
            // Told the old leader's name, it does not take itself for one who must assign.
            let leader = std::mem::replace(&mut self.leader, leader_before);
            self.answer_join(&id, now);
            self.leader = leader;
        } else {
            self.rejoin(0, now);
        }
        Ok(())
    }

    fn seat(&mut self, join: Join, ticket: Ticket, now: i64) {
        let fresh = || Member {
            instance: None,
            session_ms: 0,
            rebalance_ms: 0,
            protocols: Vec::new(),
            assignment: Bytes::new(),
            deadline: 0,
            joining: None,
            syncing: None,
        };
        let member = self.members.entry(join.member).or_insert_with(fresh);
        member.instance = join.instance;
        (member.session_ms, member.rebalance_ms) = (join.session_ms, join.rebalance_ms);
        member.protocols = join.protocols;
        member.deadline = now + join.session_ms;
        if let Some(ticket) = member.joining.replace(ticket) {
            // It asked on another connection before; nobody listens there any more.
            self.answers.push((ticket, Late::Joined(Err(Fault::RebalanceInProgress))));
        }
    }

    /// All must join again.
    fn rejoin(&mut self, delay_ms: i64, now: i64) {
        if !matches!(self.state, State::Joining(..)) {
            let patience = self.members.values().map(|member| member.rebalance_ms).max().unwrap_or(0);
            let from = if self.state == State::Empty { now + delay_ms } else { now };
            self.state = State::Joining(from, now + patience.max(delay_ms));
            for member in self.members.values_mut() {
                if let Some(ticket) = member.syncing.take() {
                    member.deadline = now + member.session_ms;
                    self.answers.push((ticket, Late::Synced(Err(Fault::RebalanceInProgress))));
                }
            }
        }
        self.complete_join(now);
    }

    /// Ends the joining if all are here, or time is up.
    fn complete_join(&mut self, now: i64) {
        let State::Joining(from, until) = self.state else { return };
        let all = self.promised.is_empty() && self.members.values().all(|member| member.joining.is_some());
        if now < until && (!all || now < from) {
            return;
        }
        // Who has a lasting name keeps its seat until its session ends.
        self.members.retain(|_, member| member.joining.is_some() || member.instance.is_some());
        if self.members.is_empty() {
            self.generation += 1;
            self.state = State::Empty;
            self.leader.clear();
            return;
        }
        let Some(first) = self.members.iter().find(|(_, member)| member.joining.is_some()).map(|(id, _)| id.clone())
        else {
            let patience = self.members.values().map(|member| member.rebalance_ms).max().unwrap_or(0);
            self.state = State::Joining(from, now + patience.max(1));
            return;
        };
        if self.members.get(&self.leader).is_none_or(|leader| leader.joining.is_none()) {
            self.leader = first;
        }
        self.generation += 1;
        self.protocol = self.vote();
        let patience = self.members.values().map(|member| member.rebalance_ms).max().unwrap_or(0);
        self.state = State::Syncing(now + patience);
        let here: Vec<String> = self.members.keys().cloned().collect();
        for id in here {
            self.answer_join(&id, now);
        }
    }

    /// What most would like best of what all can do.
    fn vote(&self) -> String {
        let common =
            |name: &str| self.members.values().all(|member| member.protocols.iter().any(|(own, _)| own == name));
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members.values() {
            if let Some((name, _)) = member.protocols.iter().find(|(name, _)| common(name)) {
                *votes.entry(name).or_default() += 1;
            }
        }
        votes.into_iter().max_by_key(|(_, count)| *count).map_or_else(String::new, |(name, _)| name.to_owned())
    }

    fn answer_join(&mut self, id: &str, now: i64) {
        let members = if self.leader == id {
            let subscription = |member: &Member| {
                let found = member.protocols.iter().find(|(name, _)| *name == self.protocol);
                found.map_or_else(Bytes::new, |(_, subscription)| subscription.clone())
            };
            let each = self.members.iter();
            each.map(|(id, member)| (id.clone(), member.instance.clone(), subscription(member))).collect()
        } else {
            Vec::new()
        };
        let Some(member) = self.members.get_mut(id) else { return };
        let Some(ticket) = member.joining.take() else { return };
        member.deadline = now + member.session_ms;
        let joined = Joined {
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            member: id.to_owned(),
            members,
        };
        self.answers.push((ticket, Late::Joined(Ok(joined))));
    }

    /// A member asks for its part; the leader brings everybody's.
    pub(crate) fn sync(
        &mut self,
        who: (&str, Option<&str>, i32),
        assignments: Vec<(String, Bytes)>,
        ticket: Ticket,
        now: i64,
    ) -> Result<(), Fault> {
        self.check(who)?;
        let id = who.0;
        match self.state {
            State::Empty => return Err(Fault::UnknownMemberId),
            State::Joining(..) => return Err(Fault::RebalanceInProgress),
            State::Syncing(_) | State::Stable => {}
        }
        let member = self.members.get_mut(id).expect("checked above");
        if let Some(ticket) = member.syncing.replace(ticket) {
            self.answers.push((ticket, Late::Synced(Err(Fault::RebalanceInProgress))));
        }
        if self.state != State::Stable && self.leader == id {
            let mut given: BTreeMap<String, Bytes> = assignments.into_iter().collect();
            for (id, member) in &mut self.members {
                member.assignment = given.remove(id).unwrap_or_default();
            }
            self.state = State::Stable;
        }
        if self.state == State::Stable {
            self.answer_syncs(now);
        }
        Ok(())
    }

    fn answer_syncs(&mut self, now: i64) {
        for member in self.members.values_mut() {
            let Some(ticket) = member.syncing.take() else { continue };
            member.deadline = now + member.session_ms;
            let synced = Synced {
                protocol_type: self.protocol_type.clone(),
                protocol: self.protocol.clone(),
                assignment: member.assignment.clone(),
            };
            self.answers.push((ticket, Late::Synced(Ok(synced))));
        }
    }

    /// Whether (id, lasting name, generation) is a member of the present generation.
    fn check(&self, (id, instance, generation): (&str, Option<&str>, i32)) -> Result<(), Fault> {
        let holder = instance.and_then(|instance| self.member_of_instance(instance));
        if holder.is_some_and(|holder| holder != id) {
            return Err(Fault::FencedInstanceId);
        }
        if !self.members.contains_key(id) {
            return Err(Fault::UnknownMemberId);
        }
        if generation == self.generation { Ok(()) } else { Err(Fault::IllegalGeneration) }
    }

    /// A sign of life.
    pub(crate) fn heartbeat(&mut self, who: (&str, Option<&str>, i32), now: i64) -> Result<(), Fault> {
        self.check(who)?;
        let member = self.members.get_mut(who.0).expect("checked above");
        member.deadline = now + member.session_ms;
        match self.state {
            State::Joining(..) => Err(Fault::RebalanceInProgress),
            State::Empty | State::Syncing(_) | State::Stable => Ok(()),
        }
    }

    /// Whether offsets may be committed by (id, lasting name, generation); a generation below zero is nobody's, which a
    /// group without members allows. `transactional`: in a transaction even while members join.
    pub(crate) fn check_commit(
        &mut self,
        who: (&str, Option<&str>, i32),
        transactional: bool,
        now: i64,
    ) -> Result<(), Fault> {
        let nobody = who.2 < 0 && who.0.is_empty();
        if nobody && (transactional || self.members.is_empty()) {
            return Ok(());
        }
        if self.members.is_empty() && self.state == State::Empty && self.generation == 0 {
            return Err(Fault::IllegalGeneration);
        }
        self.check(who)?;
        if let Some(member) = self.members.get_mut(who.0) {
            member.deadline = now + member.session_ms;
        }
        match self.state {
            State::Syncing(_) if !transactional => Err(Fault::RebalanceInProgress),
            State::Empty | State::Joining(..) | State::Syncing(_) | State::Stable => Ok(()),
        }
    }

    /// A member goes, by id or by lasting name.
    pub(crate) fn leave(&mut self, id: &str, instance: Option<&str>, now: i64) -> Result<(), Fault> {
        let holder = instance.map(|instance| self.member_of_instance(instance).ok_or(Fault::UnknownMemberId));
        let leaving = match holder.transpose()? {
            Some(holder) if id.is_empty() || holder == id => holder,
            Some(_) => return Err(Fault::FencedInstanceId),
            None => id.to_owned(),
        };
        if self.promised.remove(&leaving).is_some() {
            self.complete_join(now);
            return Ok(());
        }
        self.remove(&leaving, now)
    }

    fn remove(&mut self, id: &str, now: i64) -> Result<(), Fault> {
        let member = self.members.remove(id).ok_or(Fault::UnknownMemberId)?;
        if let Some(ticket) = member.joining {
            self.answers.push((ticket, Late::Joined(Err(Fault::UnknownMemberId))));
        }
        if let Some(ticket) = member.syncing {
            self.answers.push((ticket, Late::Synced(Err(Fault::UnknownMemberId))));
        }
        self.rejoin(0, now);
        Ok(())
    }

    /// Lets go of who was silent for too long.
    pub(crate) fn expire(&mut self, now: i64) {
        self.promised.retain(|_, until| *until > now);
        let silent = |member: &Member| member.joining.is_none() && member.syncing.is_none() && member.deadline <= now;
        let mut gone: Vec<String> =
            self.members.iter().filter(|(_, member)| silent(member)).map(|(id, _)| id.clone()).collect();
        if matches!(self.state, State::Syncing(until) if until <= now) {
            // Who has not asked for its part by now will not.
            gone =
                self.members.iter().filter(|(_, member)| member.syncing.is_none()).map(|(id, _)| id.clone()).collect();
        }
        for id in gone {
            // The first removal may have ended a joining that cost the others their seats too.
            if self.members.contains_key(&id) {
                self.remove(&id, now).expect("it is there");
            }
        }
        self.complete_join(now);
    }

    /// When something of this will be late.
    pub(crate) fn next_deadline(&self) -> Option<i64> {
        let heard = self.members.values().filter(|member| member.joining.is_none() && member.syncing.is_none());
        let phase = match self.state {
            // Once time has come, only the other deadlines (or a member) move it on.
            State::Joining(from, until) => {
                let all = self.promised.is_empty() && self.members.values().all(|member| member.joining.is_some());
                Some(if all { from } else { until })
            }
            State::Syncing(until) => Some(until),
            State::Empty | State::Stable => None,
        };
        heard.map(|member| member.deadline).chain(self.promised.values().copied()).chain(phase).min()
    }
}
