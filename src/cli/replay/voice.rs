//! What the producer says and when: the day's facts in their time, all of it again when asked, nothing while it is silent.
//!
//! No clock and no Kafka: `send` has those.

use std::collections::{BTreeMap, VecDeque};

use anyhow::{Context, bail};

use super::faults::Faults;
use super::progress::Progress;
use super::schedule::{RunPlan, Sending, schedule};
use super::script::MatchScript;
use crate::event::{Fact, FeedRequest};
use crate::values::{MatchId, ProducerId, Time};

/// The producer of a run.
#[derive(Debug)]
pub(super) struct Voice {
    pub(super) producer: ProducerId,
    sendings: VecDeque<Sending>,
    matches: BTreeMap<MatchId, ToldMatch>,
    silences: VecDeque<(Time, Time)>,
    pub(super) progress: Progress,
}

/// A match, and how much of it is out.
#[derive(Debug)]
struct ToldMatch {
    /// Its place among the scripts.
    index: usize,
    /// All its facts: number n is at place n - 1.
    facts: Vec<Fact>,
    /// The highest number sent.
    reached: u64,
}

impl Voice {
    /// Everything is still to be said. An error: the run makes no legal match ids, or the same one twice.
    pub(super) fn new(scripts: &[MatchScript], plan: &RunPlan, faults: Option<&Faults>) -> anyhow::Result<Voice> {
        let mut sendings: Vec<Sending> = Vec::new();
        let mut matches = BTreeMap::new();
        for (index, script) in scripts.iter().enumerate() {
            let of_match = schedule(script, plan, faults)
                .with_context(|| format!("the run {:?} and {:?} make no match id", plan.run, script.key))?;
            let mut facts: Vec<Fact> = of_match.iter().map(|sending| sending.fact.clone()).collect();
            facts.sort_by_key(|fact| fact.sequence);
            facts.dedup_by_key(|fact| fact.sequence);
            if matches.insert(script.match_id(&plan.run)?, ToldMatch { index, facts, reached: 0 }).is_some() {
                bail!("{} is given twice", script.title());
            }
            sendings.extend(of_match);
        }
        // Stable: the facts of one match keep their order.
        sendings.sort_by_key(|sending| sending.at);
        let silences = match (faults, sendings.last()) {
            (Some(faults), Some(last)) => faults.silent_times(plan.start, last.at),
            (Some(_) | None, _) => Vec::new(),
        };
        Ok(Voice {
            producer: plan.producer.clone(),
            sendings: sendings.into(),
            matches,
            silences: silences.into(),
            progress: Progress::of(scripts),
        })
    }

    /// Whether everything was said.
    pub(super) fn is_done(&self) -> bool {
        self.sendings.is_empty()
    }

    /// Whether it says nothing at the moment, and does not even live. When all is said it is never silent.
    pub(super) fn is_silent(&mut self, now: Time) -> bool {
        while self.silences.front().is_some_and(|(_, end)| *end <= now) {
            self.silences.pop_front();
        }
        self.progress.is_silent = !self.is_done() && self.silences.front().is_some_and(|(begin, _)| *begin <= now);
        self.progress.is_silent
    }

    /// The next thing that is due, if it is one: a fact to send, or nothing in its place because it is lost.
    pub(super) fn next(&mut self, now: Time) -> Option<Option<Fact>> {
        self.sendings.front().filter(|sending| sending.at <= now)?;
        let sending = self.sendings.pop_front()?;
        let told = self.matches.get_mut(&sending.fact.match_id).expect("of one of the matches");
        told.reached = told.reached.max(sending.fact.sequence);
        self.progress.hear(told.index, &sending.fact);
        if sending.is_lost {
            self.progress.lost += 1;
            return Some(None);
        }
        Some(Some(sending.fact))
    }

    /// Everything said so far of what the request names, also what was lost or is still on its way: of one match from
    /// the message on that the request names by its time, of the whole producer everything.
    pub(super) fn again(&mut self, request: &FeedRequest) -> Vec<Fact> {
        self.progress.requests += 1;
        match &request.match_id {
            Some(id) => self.matches.get(id).map(|told| told.said_since(request.since)).unwrap_or_default().to_vec(),
            None => self.matches.values().flat_map(|told| told.said_since(Time::MIN)).cloned().collect(),
        }
    }

    /// Facts said, each counted once.
    pub(super) fn facts(&self) -> u64 {
        self.matches.values().map(|told| told.reached).sum()
    }
}

impl ToldMatch {
    /// From the first fact of that time or later, in the order of the telling: what was told late comes after it, although
    /// its own time is earlier.
    fn said_since(&self, since: Time) -> &[Fact] {
        let said = &self.facts[..usize::try_from(self.reached).unwrap_or(usize::MAX).min(self.facts.len())];
        let first = said.iter().position(|fact| fact.source_at >= since).unwrap_or(said.len());
        &said[first..]
    }
}
