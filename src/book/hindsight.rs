//! What turns out afterwards about bets that stand: a fact that was older than it looked, a feed that had been silent.
//!
//! A material fact that happened before a bet was accepted, by its source's clock, and was heard only after it, flags the
//! bet with a `LateAccepted` record on `settlements.v1`: the bet's own chronicle, keyed by its account, in one count of
//! versions with what it is paid. The flag moves no money and decides nothing: it is what a licence's policy, or a person
//! who cancels, goes by. Each bet is flagged once for each such fact. One fact may concern a million bets, so flags are
//! set in portions, after everything that is to be paid. Where facts are played at once (`clock_scale` 0) the source's
//! clock means nothing, and nobody is flagged.

use std::collections::VecDeque;

use super::BookMachine;
use super::bets::Bets;
use super::matches::MatchBook;
use crate::betting::moved_by;
use crate::event::{Alert, AlertKind, Fact, LegFact, MatchPhase, MatchUpdate, Outbox, Owner, SettlementKind};
use crate::values::{FactId, HashStream, Time};

/// A fact that came late, and the bets of one selection that it concerns.
#[derive(Clone, Debug)]
pub(super) struct LateFact {
    match_index: u32,
    selection: u32,
    /// From this place in the selection's list up to that one, which was its end when the fact came.
    next: usize,
    end: usize,
    fact: FactId,
}

/// Bets that a silence alert names; the rest is counted.
const NAMED_BETS_MAX: usize = 20;

impl BookMachine {
    /// Queues the bets that were accepted after something had happened that nobody here knew.
    pub(super) fn look_back(&mut self, match_index: u32, fact: &Fact) {
        let Some(moved) = moved_by(fact).filter(|_| self.settings.clock.clock_scale != 0) else { return };
        let selections = &mut self.matches[match_index as usize].selections;
        for (number, selection) in (0_u32..).zip(selections).filter(|(_, selection)| moved.concerns(selection.market)) {
            let (next, end) = (accepted_since(&self.bets, &selection.bets, fact.source_at), selection.bets.len());
            if next < end {
                selection.flagging += 1;
                let fact = fact.id.clone();
                self.late_facts.push_back(LateFact { match_index, selection: number, next, end, fact });
            }
        }
    }

    /// Flags queued bets, at most `quota`; gives what is left of the quota.
    pub(super) fn flag_late(&mut self, quota: u32, out: &mut Outbox) -> u32 {
        let mut left = quota;
        while left > 0 {
            let Some(late) = self.late_facts.front_mut() else { break };
            let (match_index, selection) = (late.match_index, late.selection);
            if late.next == late.end {
                self.late_facts.pop_front();
                self.matches[match_index as usize].selections[selection as usize].flagging -= 1;
                self.tidy(match_index, selection);
                continue;
            }
            let slot = self.matches[match_index as usize].selections[selection as usize].bets[late.next];
            late.next += 1;
            left -= 1;
            let Some(bet) = self.bets.get(slot) else { continue };
            let leg = (0_u8..).zip(bet.legs.all()).find(|(_, leg)| leg.match_index == match_index);
            let about = leg.map(|(leg, _)| LegFact { leg, fact: late.fact.clone() });
            self.bets.note(slot);
            self.tell(slot, SettlementKind::LateAccepted, about, out);
        }
        left
    }

    /// A match has just been closed because its feed is silent or has a gap: whoever bet on it since the last sign of life
    /// may have seen more than we did. That sign is at most the silence limit old, and what a trading shard may lag.
    pub(super) fn tell_of_silence(&self, index: usize, update: &MatchUpdate, appended_at: Time, out: &mut Outbox) {
        let one = &self.matches[index];
        let was_silent = one.update.as_deref().is_some_and(is_silent);
        if was_silent || !is_silent(update) {
            return;
        }
        let rules = &self.settings.trading;
        let limit = match update.phase {
            MatchPhase::InPlay => rules.silence_in_running,
            MatchPhase::PreMatch | MatchPhase::Over => rules.silence_otherwise,
        };
        let since = appended_at - limit - self.settings.freshness.staleness_limit;
        let (names, rest) = accepted_on(one, &self.bets, since);
        if names.is_empty() {
            return;
        }
        let rest = if rest == 0 { String::new() } else { format!(", and {rest} more") };
        let detail =
            format!("the feed is silent or has a gap; bets accepted since {since}: {}{rest}", names.join(", "));
        out.push(Alert { kind: AlertKind::ProducerSilent, subject: update.match_id.to_string(), detail });
    }
}

fn is_silent(update: &MatchUpdate) -> bool {
    update.markets.iter().any(|market| market.owners.contains(Owner::Feed))
}

/// The first place in a list of bets from which on they were accepted then or later.
fn accepted_since(bets: &Bets, list: &[u32], since: Time) -> usize {
    list.partition_point(|slot| bets.get(*slot).is_none_or(|bet| bet.accepted_at < since))
}

/// The first bets on a match that were accepted then or later, by name, and how many more there are.
fn accepted_on(one: &MatchBook, bets: &Bets, since: Time) -> (Vec<String>, usize) {
    let (mut names, mut rest) = (Vec::new(), 0);
    for selection in &one.selections {
        let recent = &selection.bets[accepted_since(bets, &selection.bets, since)..];
        for bet in recent.iter().filter_map(|slot| bets.get(*slot)) {
            if names.len() < NAMED_BETS_MAX {
                names.push(bet.bet_id.to_string());
            } else {
                rest += 1;
            }
        }
    }
    (names, rest)
}

pub(super) fn hash_queue(stream: &mut HashStream, late_facts: &VecDeque<LateFact>) {
    stream.unsigned(late_facts.len() as u64);
    for LateFact { match_index, selection, next, end, fact } in late_facts {
        stream.unsigned(u64::from(*match_index)).unsigned(u64::from(*selection));
        stream.unsigned(*next as u64).unsigned(*end as u64).text(fact.as_str());
    }
}
