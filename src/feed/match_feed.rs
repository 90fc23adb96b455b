//! The messages of one match: in order, come twice, or with a hole before them.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Fact, FactBody};
use crate::values::{HashStream, ProducerId, Time};

/// Before the fixture says who is the authority, so many producers may speak of a match.
const SOURCES_MAX: usize = 8;

/// What to do with a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Apply it: the next one.
    InOrder,
    /// Apply it: one that was missing, late.
    Late,
    /// Apply it, and ask for what is missing before it.
    AfterGap,
    /// Drop it: older than what is applied.
    Old,
}

/// So many refused messages of a match are remembered one by one; beyond it the match stays held by those.
const REFUSED_MAX: usize = 64;

/// Why a fact is not taken at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Another producer is the authority for this match.
    NotTheAuthority,
    /// Too many producers speak of a match without a fixture.
    TooManySources,
}

/// How far one producer has come with a match.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Progress {
    /// The next number in order.
    next: u64,
    /// From the first to the last missing number. What came in between is taken again: facts are a set.
    missing: Option<(u64, u64)>,
    /// Source time of the newest message in order.
    last_source_at: Option<Time>,
}

/// The feed of one match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatchFeed {
    authority: Option<ProducerId>,
    sources: BTreeMap<ProducerId, Progress>,
    asked: Option<u64>,
    /// Numbers of the authority's messages that were refused: until a good one comes under the same number, something
    /// has happened that we do not know.
    refused: BTreeSet<u64>,
}

impl MatchFeed {
    /// A match that nobody has spoken of.
    pub fn new() -> MatchFeed {
        MatchFeed::default()
    }

    /// Counts a fact. The producer of the first fixture becomes the authority. The very first message of a match has
    /// number 1 and is its fixture; anything else has a gap before it.
    ///
    /// # Errors
    /// When it is not this producer's match.
    pub fn take(&mut self, fact: &Fact) -> Result<Taken, Refused> {
        if self.authority.as_ref().is_some_and(|authority| *authority != fact.producer) {
            return Err(Refused::NotTheAuthority);
        }
        if !self.sources.contains_key(&fact.producer) && self.sources.len() >= SOURCES_MAX {
            return Err(Refused::TooManySources);
        }
        let is_fixture = matches!(fact.body, FactBody::Fixture(_));
        if is_fixture && self.authority.is_none() {
            self.authority = Some(fact.producer.clone());
            self.sources.retain(|producer, _| *producer == fact.producer);
        }
        let is_first = !self.sources.contains_key(&fact.producer);
        let fresh = Progress { next: 1, missing: None, last_source_at: None };
        let progress = self.sources.entry(fact.producer.clone()).or_insert(fresh);
        let was_refused = self.refused.remove(&fact.sequence);
        let taken = match progress.take(fact) {
            Taken::Old if was_refused => Taken::Late,
            taken @ (Taken::InOrder | Taken::Late | Taken::AfterGap | Taken::Old) => taken,
        };
        let lacks_fixture = is_first && !is_fixture && taken == Taken::InOrder;
        Ok(if lacks_fixture { Taken::AfterGap } else { taken })
    }

    /// Whose facts count, once there is a fixture.
    pub fn authority(&self) -> Option<&ProducerId> {
        self.authority.as_ref()
    }

    /// Whether something is missing and its recovery not complete.
    pub fn is_recovering(&self) -> bool {
        self.asked.is_some() || !self.refused.is_empty()
    }

    /// Notes a refused message of the authority; true when it is new and must be asked for again.
    pub fn note_refused(&mut self, fact: &Fact) -> bool {
        fact.sequence > 0
            && self.authority.as_ref() == Some(&fact.producer)
            && self.refused.len() < REFUSED_MAX
            && self.refused.insert(fact.sequence)
    }

    /// Notes the number of the request that asks for what is missing; gives the one it replaces.
    pub fn note_asked(&mut self, number: u64) -> Option<u64> {
        self.asked.replace(number)
    }

    /// The recovery is complete: what is still missing will not come.
    pub fn recovered(&mut self) {
        self.asked = None;
        for progress in self.sources.values_mut() {
            progress.missing = None;
        }
    }

    /// From when a producer should send again: source time of its last message in order, or the beginning.
    pub fn since(&self, producer: &ProducerId) -> Time {
        self.sources.get(producer).and_then(|progress| progress.last_source_at).unwrap_or(Time::EPOCH)
    }

    /// Adds everything to a hash.
    pub fn hash_into(&self, stream: &mut HashStream) {
        stream.text(self.authority.as_ref().map_or("", |id| id.as_str())).unsigned(self.asked.unwrap_or(0));
        stream.unsigned(self.refused.len() as u64);
        for number in &self.refused {
            stream.unsigned(*number);
        }
        stream.unsigned(self.sources.len() as u64);
        for (producer, progress) in &self.sources {
            let (first, last) = progress.missing.unwrap_or((0, 0));
            stream.text(producer.as_str()).unsigned(progress.next).unsigned(first).unsigned(last);
            stream.integer(progress.last_source_at.map_or(i64::MIN, |time| time.ms()));
        }
    }
}

impl Progress {
    fn take(&mut self, fact: &Fact) -> Taken {
        let number = fact.sequence;
        if number < self.next {
            let is_missing = self.missing.is_some_and(|(first, last)| (first..=last).contains(&number));
            return if is_missing { Taken::Late } else { Taken::Old };
        }
        let taken = if number == self.next {
            // While something is missing, whoever asks again must ask from before it.
            if self.missing.is_none() {
                self.last_source_at = Some(fact.source_at);
            }
            Taken::InOrder
        } else {
            let first = self.missing.map_or(self.next, |(first, _)| first);
            self.missing = Some((first, number - 1));
            Taken::AfterGap
        };
        self.next = number.saturating_add(1);
        taken
    }
}
