//! The feed's messages, one by one: refuse, drop, ask again, or let the match hear it and publish.

use super::door;
use super::live_match::{Heard, LiveMatch};
use super::machine::{TradingMachine, refuse};
use crate::event::{Alert, AlertKind, Fact, FactBody, FeedMessage, InputRef, Outbox, RejectReason, SnapshotComplete};
use crate::feed::{Refused, Taken};
use crate::values::{MatchId, Time};

/// Most facts that a match may have.
const FACTS_MAX: usize = 10_000;
/// Facts that waited for the fixture are published in portions of this many.
const PORTION: usize = 100;

impl TradingMachine {
    /// Takes a message of the feed.
    pub(super) fn feed(&mut self, cause: InputRef, append_time: Time, message: &FeedMessage, out: &mut Outbox) {
        self.newest_append = self.newest_append.max(append_time);
        let (producer, source_at) = match message {
            FeedMessage::Fact(fact) => (&fact.producer, fact.source_at),
            FeedMessage::Heartbeat(heartbeat) => (&heartbeat.producer, heartbeat.source_at),
            FeedMessage::SnapshotComplete(answer) => (&answer.producer, answer.source_at),
        };
        if !self.producers.hear(producer, append_time, source_at) {
            return refuse(cause, RejectReason::CapacityReached, "producer: too many of them", out);
        }
        match message {
            FeedMessage::Fact(fact) => self.fact(cause, fact, out),
            FeedMessage::Heartbeat(heartbeat) => {
                let limits = self.limits();
                if self.producers.heartbeat(heartbeat, append_time, limits, &mut self.requests, out) {
                    self.look_at_all_of(&heartbeat.producer);
                }
            }
            FeedMessage::SnapshotComplete(answer) => self.recovered(answer, append_time),
        }
    }

    fn recovered(&mut self, answer: &SnapshotComplete, append_time: Time) {
        // The answer to somebody else's question, or to one that we have replaced, proves nothing.
        let Some(answered) = self.requests.answered(answer) else { return };
        if answered.whole_producer {
            self.producers.recovered(&answer.producer, append_time);
            self.look_at_all_of(&answer.producer);
        }
        for match_id in &answered.matches {
            if let Some(live) = self.matches.get_mut(match_id) {
                live.feed.recovered();
                self.calendar.look_at(match_id);
            }
        }
    }

    fn fact(&mut self, cause: InputRef, fact: &Fact, out: &mut Outbox) {
        if let Err((reason, field)) = door::check(fact) {
            // Something has happened in the match that we could not take: it is held until it comes again, rightly.
            if self.matches.get_mut(&fact.match_id).is_some_and(|live| live.feed.note_refused(fact)) {
                self.ask_for_gap(fact, out);
            }
            return refuse(cause, reason, field, out);
        }
        let is_known = self.matches.contains_key(&fact.match_id);
        if !is_known && self.matches.len() >= self.settings.trading.max_matches as usize {
            return refuse(cause, RejectReason::CapacityReached, "match_id: the shard is full of matches", out);
        }
        let live = self.matches.entry(fact.match_id.clone()).or_insert_with(|| LiveMatch::new(fact.match_id.clone()));
        let had_authority = live.feed.authority().is_some();
        let taken = match live.feed.take(fact) {
            Ok(Taken::Old) => {
                self.dropped += 1;
                return;
            }
            Ok(taken) => taken,
            Err(Refused::NotTheAuthority) => {
                let detail = format!("producer: {} is not the authority for this match", fact.producer);
                return refuse(cause, RejectReason::InvalidValue, detail, out);
            }
            Err(Refused::TooManySources) => {
                let detail = "producer: too many of them speak of a match without a fixture";
                return refuse(cause, RejectReason::LimitExceeded, detail, out);
            }
        };
        if !had_authority && live.feed.authority().is_some() {
            self.producers.add_match(&fact.producer, &fact.match_id);
        }
        if taken == Taken::AfterGap {
            self.ask_for_gap(fact, out);
        }
        let Some(live) = self.matches.get_mut(&fact.match_id) else { return };
        if live.facts.len() + live.before_fixture.len() >= FACTS_MAX {
            live.is_overfull = true;
            self.calendar.look_at(&fact.match_id);
            return refuse(cause, RejectReason::LimitExceeded, "match_id: too many facts of one match", out);
        }
        if live.fixture.is_none() && !matches!(fact.body, FactBody::Fixture(_)) {
            live.before_fixture.push((cause, fact.clone(), taken));
            return;
        }
        self.hear(cause, fact, taken, out);
        self.hear_what_waited(&fact.match_id, out);
    }

    /// Something is missing before this fact: the match is held until it has been sent again.
    fn ask_for_gap(&mut self, fact: &Fact, out: &mut Outbox) {
        let Some(live) = self.matches.get_mut(&fact.match_id) else { return };
        let since = live.feed.since(&fact.producer);
        let (number, request) = self.requests.ask(&fact.producer, Some(&fact.match_id), since);
        if let Some(replaced) = live.feed.note_asked(number) {
            self.requests.forget(replaced);
        }
        out.push(Alert {
            kind: AlertKind::FeedGap,
            subject: fact.match_id.to_string(),
            detail: format!(
                "messages of {} are missing before sequence {}; asked again as {}",
                fact.producer,
                fact.sequence,
                request.request_id.as_str()
            ),
        });
        out.push(request);
        self.calendar.look_at(&fact.match_id);
    }

    /// Lets a match hear a fact, and says what came of it.
    pub(super) fn hear(&mut self, cause: InputRef, fact: &Fact, taken: Taken, out: &mut Outbox) {
        let Some(heard) = self.with_match(&fact.match_id, |live, around| live.hear(fact, taken, around, out)) else {
            return;
        };
        match heard {
            Heard::News(facts) => self.publish(&fact.match_id, facts, out),
            Heard::Repeat => self.dropped += 1,
            Heard::Conflict => quarantine(cause, fact, out),
        }
    }

    /// After the fixture: the facts that came before it, those of the authority.
    fn hear_what_waited(&mut self, match_id: &MatchId, out: &mut Outbox) {
        let Some(live) = self.matches.get_mut(match_id).filter(|live| live.fixture.is_some()) else { return };
        let waiting = std::mem::take(&mut live.before_fixture);
        let authority = live.feed.authority().cloned();
        let mut news = Vec::new();
        for (cause, fact, taken) in &waiting {
            if Some(&fact.producer) != authority.as_ref() {
                let detail = format!("producer: {} is not the authority for this match", fact.producer);
                refuse(*cause, RejectReason::InvalidValue, detail, out);
                continue;
            }
            match self.with_match(match_id, |live, around| live.hear(fact, *taken, around, out)) {
                Some(Heard::News(facts)) => news.extend(facts),
                Some(Heard::Conflict) => quarantine(*cause, fact, out),
                Some(Heard::Repeat) | None => self.dropped += 1,
            }
            if news.len() >= PORTION {
                self.publish(match_id, std::mem::take(&mut news), out);
            }
        }
        if !news.is_empty() {
            self.publish(match_id, news, out);
        }
    }
}

fn quarantine(cause: InputRef, fact: &Fact, out: &mut Outbox) {
    refuse(cause, RejectReason::DuplicateConflict, "id: another fact of this match has it", out);
    out.push(Alert {
        kind: AlertKind::FactConflict,
        subject: fact.match_id.to_string(),
        detail: format!("{} of {} says something else than before; it is set aside", fact.id, fact.producer),
    });
}
