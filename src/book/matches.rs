//! The book's own copy of a match: what is on offer, what has happened, and who has bet on it.

use std::collections::BTreeSet;

use super::exposure::hash_tally;
use super::incidents::Incidents;
use crate::betting::{LastOffered, Outlook, Tally};
use crate::event::{Fact, FactBody, MarketId, MatchPhase, MatchUpdate, Outcome};
use crate::outcome::{FactSet, settle};
use crate::settlement::Cancel;
use crate::values::{HashStream, LegResult, MatchId, Time};

/// One outcome that somebody has bet on, under one rule set.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    pub(super) market: MarketId,
    pub(super) outcome: Outcome,
    pub(super) rule_set: u32,
    /// What it came to by the facts; cancels apart.
    pub(super) result: Option<LegResult>,
    /// The bets, open and settled, in the order of their acceptance.
    pub(super) bets: Vec<u32>,
    /// How many of them were dropped since.
    pub(super) dropped: usize,
    /// Where the work on them stands, if there is work.
    pub(super) cursor: Option<usize>,
    /// Late facts whose flags are still to be set on bets of this list.
    pub(super) flagging: u32,
    /// How many were let go in all: what they were paid stands, whatever is told later.
    pub(super) let_go: u64,
    /// What it comes to at each score.
    pub(super) outlook: Outlook,
    /// What the open and waiting bets on it come to.
    pub(super) tally: Tally,
}

/// A match.
#[derive(Clone, Debug)]
pub(super) struct MatchBook {
    pub(super) id: MatchId,
    /// The markets partition that it comes by.
    pub(super) partition: u32,
    /// The newest version seen; above the applied one only where the chain has a hole.
    pub(super) newest_seen: u64,
    /// As last published, its facts taken out.
    pub(super) update: Option<Box<MatchUpdate>>,
    /// When that was appended.
    pub(super) fact_at: Time,
    pub(super) facts: FactSet,
    pub(super) cancels: Vec<Cancel>,
    pub(super) incidents: Incidents,
    pub(super) last_offered: LastOffered,
    pub(super) selections: Vec<Selection>,
    /// Pending bets with a leg on this match.
    pub(super) waiting: BTreeSet<u64>,
    /// The liability at each score; empty before the first bet.
    pub(super) grid: Vec<i128>,
    /// When something was last heard of it, in batch time.
    pub(super) heard_at: Time,
}

impl MatchBook {
    pub(super) fn new(id: MatchId, partition: u32, heard_at: Time) -> MatchBook {
        MatchBook {
            id,
            partition,
            newest_seen: 0,
            update: None,
            fact_at: Time::MIN,
            facts: FactSet::new(),
            cancels: Vec::new(),
            incidents: Incidents::default(),
            last_offered: LastOffered::default(),
            selections: Vec::new(),
            waiting: BTreeSet::new(),
            grid: Vec::new(),
            heard_at,
        }
    }

    /// The version applied; 0 before the first.
    pub(super) fn version(&self) -> u64 {
        self.update.as_ref().map_or(0, |update| update.version)
    }

    /// Whether a part of what was published is missing here: then nothing about the match is sure.
    pub(super) fn is_broken(&self) -> bool {
        self.newest_seen > self.version()
    }

    pub(super) fn phase(&self) -> Option<MatchPhase> {
        self.update.as_ref().map(|update| update.phase)
    }

    /// The number of a selection; a new one if nobody has bet on it yet.
    pub(super) fn select(&mut self, market: MarketId, outcome: Outcome, rule_set: u32) -> u32 {
        let is_it = |known: &Selection| (known.market, known.outcome, known.rule_set) == (market, outcome, rule_set);
        let index = self.selections.iter().position(is_it).unwrap_or_else(|| {
            let result = settle(rule_set, &self.facts, market, outcome);
            self.selections.push(Selection {
                market,
                outcome,
                rule_set,
                result,
                bets: Vec::new(),
                dropped: 0,
                cursor: None,
                flagging: 0,
                let_go: 0,
                outlook: Outlook::of(market, outcome),
                tally: Tally::default(),
            });
            self.selections.len() - 1
        });
        u32::try_from(index).expect("a match has few selections")
    }

    /// Reads the results off the facts again; gives the selections whose bets may have come to something else.
    pub(super) fn revise(&mut self) -> Vec<u32> {
        let cancels = self.facts.active_cancels();
        let cancels =
            cancels.map(|(id, window, approval)| Cancel { id: id.clone(), window, is_approved: approval.is_some() });
        let cancels = cancels.collect::<Vec<_>>();
        let all_changed = cancels != self.cancels;
        self.cancels = cancels;
        let mut changed = Vec::new();
        for (index, selection) in (0_u32..).zip(&mut self.selections) {
            let result = settle(selection.rule_set, &self.facts, selection.market, selection.outcome);
            if all_changed || result != selection.result {
                selection.result = result;
                changed.push(index);
            }
        }
        changed
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let MatchBook { id, partition, newest_seen, update, fact_at, facts, .. } = self;
        // The grid follows from the tallies, the cancels from the facts.
        let MatchBook { cancels: _, incidents, last_offered, selections, waiting, grid: _, heard_at, .. } = self;
        stream.integer(heard_at.ms());
        stream.text(id.as_str()).unsigned(u64::from(*partition)).unsigned(*newest_seen).integer(fact_at.ms());
        if let Some(update) = update {
            hash_update(stream, update);
        }
        facts.hash_into(stream);
        incidents.hash_into(stream);
        last_offered.hash_into(stream);
        stream.unsigned(selections.len() as u64);
        for selection in selections {
            let Selection { market, outcome, rule_set, result, bets, dropped, cursor, .. } = selection;
            let Selection { flagging, let_go, outlook: _, tally, .. } = selection;
            stream.unsigned(u64::from(*flagging)).unsigned(*let_go);
            hash_tally(stream, tally);
            stream.text(&market.to_string()).unsigned(outcome.number()).unsigned(u64::from(*rule_set));
            stream.unsigned(result.map_or(9, |result| result as u64)).unsigned(bets.len() as u64);
            bets.iter().for_each(|slot| {
                stream.unsigned(u64::from(*slot));
            });
            stream.unsigned(*dropped as u64).integer(cursor.map_or(-1, |cursor| cursor as i64));
        }
        stream.unsigned(waiting.len() as u64);
        waiting.iter().for_each(|number| {
            stream.unsigned(*number);
        });
    }
}

/// Whether a fact can change a result. A tick only moves the clock, unless it replaces another fact.
pub(super) fn may_decide(fact: &Fact) -> bool {
    fact.body != FactBody::ClockTick || fact.supersedes.is_some()
}

/// Adds what bets are judged by.
fn hash_update(stream: &mut HashStream, update: &MatchUpdate) {
    stream.unsigned(update.version).integer(update.through.ms()).unsigned(update.phase as u64);
    stream.unsigned(update.period as u64).unsigned(u64::from(update.fixture.revision));
    stream.unsigned(u64::from(update.score.home)).unsigned(u64::from(update.score.away));
    stream.unsigned(u64::from(update.reds.0)).unsigned(u64::from(update.reds.1));
    stream.unsigned(update.markets.len() as u64);
    for market in &update.markets {
        stream.text(&market.id.to_string()).unsigned(market.status as u64).unsigned(u64::from(market.owners.0));
        stream.unsigned(market.price_version).unsigned(market.outcomes.len() as u64);
        for outcome in &market.outcomes {
            stream.unsigned(outcome.outcome.number()).unsigned(outcome.status as u64);
            stream.text(&outcome.price.map_or_else(String::new, |price| price.to_string()));
            stream.integer(outcome.fair.map_or(-1, |fair| fair.raw()));
        }
    }
}
