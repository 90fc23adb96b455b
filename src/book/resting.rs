//! Matches that are over and paid: kept while something may still change, then let go, so that the book stays bounded.
//!
//! A match may go when no kept bet names it, nobody waits for it, and nothing was heard of it for as long as bets are kept
//! for rollbacks; one that is not over rests from its scheduled kick-off at the earliest. What comes later about a match
//! that was let go changes nothing here: if it brings facts, an operator is told, and whoever bets on it is told that
//! there is no such match.

use std::collections::{BTreeSet, VecDeque};

use super::BookMachine;
use super::matches::{MatchBook, may_decide};
use crate::event::{Alert, AlertKind, MatchPhase, MatchUpdate, Outbox};
use crate::values::{HashStream, MatchId, Time};

/// Which matches may go when, and which are gone.
#[derive(Clone, Debug, Default)]
pub(super) struct Resting {
    /// Every match of the book, by the time at which it is looked at next.
    queue: BTreeSet<(Time, u32)>,
    /// Numbers that no match has.
    vacant: Vec<u32>,
    /// Matches that were let go, the oldest first; as many as the book may hold.
    gone: VecDeque<MatchId>,
    gone_names: BTreeSet<MatchId>,
}

/// Matches looked at in one batch.
const LOOKED_AT_MAX: u32 = 100;

impl BookMachine {
    /// The number of the match, new if it was never heard of; `None` for one that was let go or has no room.
    pub(super) fn match_number(&mut self, update: &MatchUpdate, partition: u32, out: &mut Outbox) -> Option<usize> {
        let id = &update.match_id;
        if let Some(number) = self.match_numbers.get(id) {
            return Some(*number as usize);
        }
        if self.resting.gone_names.contains(id) {
            if update.facts.iter().any(may_decide) {
                let detail = "was let go with all its bets paid; its late facts change nothing here: an operator must \
                              decide"
                    .to_owned();
                out.push(Alert { kind: AlertKind::Integrity, subject: id.to_string(), detail });
            }
            return None;
        }
        if self.match_numbers.len() >= self.settings.limits.max_matches as usize {
            self.tell_of_capacity("matches", out);
            return None;
        }
        let one = MatchBook::new(id.clone(), partition, self.at);
        let number = match self.resting.vacant.pop() {
            Some(number) => {
                self.matches[number as usize] = one;
                number
            }
            None => {
                self.matches.push(one);
                u32::try_from(self.matches.len() - 1).expect("matches are counted in thousands")
            }
        };
        self.match_numbers.insert(id.clone(), number);
        self.resting.queue.insert((self.at, number));
        Some(number as usize)
    }

    /// Lets matches go whose time has come, at most `quota`.
    pub(super) fn let_matches_go(&mut self, quota: u32) {
        for _ in 0..quota.min(LOOKED_AT_MAX) {
            let Some((at, number)) = self.resting.queue.first().copied().filter(|(at, _)| *at <= self.at) else {
                return;
            };
            self.resting.queue.remove(&(at, number));
            let rests_until = self.rests_until(number);
            if rests_until > self.at {
                self.resting.queue.insert((rests_until, number));
            } else if self.is_needed(number) {
                let again_at = self.at + self.settings.placement.remember_ids_for;
                self.resting.queue.insert((again_at, number));
            } else {
                self.let_match_go(number);
            }
        }
    }

    fn rests_until(&self, number: u32) -> Time {
        let one = &self.matches[number as usize];
        let kick_off = one.update.as_ref().filter(|update| update.phase != MatchPhase::Over);
        let kick_off = kick_off.map_or(Time::MIN, |update| update.fixture.kick_off);
        one.heard_at.max(kick_off) + self.settings.placement.resettle_for
    }

    fn is_needed(&self, number: u32) -> bool {
        let one = &self.matches[number as usize];
        let in_work = |cursor: Option<usize>, flagging: u32| cursor.is_some() || flagging > 0;
        let on_it = one.selections.iter().any(|one| !one.bets.is_empty() || in_work(one.cursor, one.flagging));
        on_it || !one.waiting.is_empty()
    }

    fn let_match_go(&mut self, number: u32) {
        let one = &mut self.matches[number as usize];
        assert!(one.grid.iter().all(|sum| *sum == 0), "no bet, no liability");
        let (id, partition) = (one.id.clone(), one.partition);
        *one = MatchBook::new(id.clone(), partition, Time::MIN);
        self.match_numbers.remove(&id);
        let resting = &mut self.resting;
        resting.vacant.push(number);
        resting.gone_names.insert(id.clone());
        resting.gone.push_back(id);
        while resting.gone.len() > self.settings.limits.max_matches as usize {
            let oldest = resting.gone.pop_front().expect("it is not empty");
            resting.gone_names.remove(&oldest);
        }
    }
}

impl Resting {
    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let Resting { queue, vacant, gone, gone_names: _ } = self;
        stream.unsigned(queue.len() as u64);
        queue.iter().for_each(|(at, number)| _ = stream.integer(at.ms()).unsigned(u64::from(*number)));
        stream.unsigned(vacant.len() as u64);
        vacant.iter().for_each(|number| _ = stream.unsigned(u64::from(*number)));
        stream.unsigned(gone.len() as u64);
        gone.iter().for_each(|id| _ = stream.text(id.as_str()));
    }
}
