//! What trading says about a match, taken in whole: prices, suspensions, facts.

use std::sync::Arc;

use super::BookMachine;
use super::incidents::Incident;
use super::matches::{MatchBook, may_decide};
use super::settling::Task;
use super::waiting::Progress;
use crate::betting::material_changes;
use crate::event::{Alert, AlertKind, MatchUpdate, Outbox, Settings};
use crate::outcome::Inserted;
use crate::values::{MatchId, Time, partition_for};

impl BookMachine {
    /// The rules change from here on. Bets that wait keep the times they were given.
    pub(super) fn adopt(&mut self, settings: Arc<Settings>) {
        self.settings = settings;
        // Which cancels void a bet may hang on its licence's rules.
        for index in 0..self.matches.len() {
            if !self.matches[index].cancels.is_empty() {
                let all = (0_u32..).take(self.matches[index].selections.len()).collect::<Vec<_>>();
                self.queue(index, &all);
            }
        }
    }

    /// A partition's knowledge reaches up to then.
    pub(super) fn hear_of(&mut self, partition: u32, through: Time) {
        if self.freshness.learn(partition, through) {
            self.waiting.freshen(partition, &self.freshness);
        }
    }

    /// Applies an update, if it is the next one of its match.
    pub(super) fn hear_update(&mut self, partition: u32, appended_at: Time, update: &MatchUpdate, out: &mut Outbox) {
        self.hear_of(partition, update.through);
        let Some(index) = self.match_number(update, partition, out) else { return };
        let one = &mut self.matches[index];
        if update.version <= one.version() {
            return;
        }
        let was_broken = one.is_broken();
        one.newest_seen = one.newest_seen.max(update.version);
        let expected = one.version() + 1;
        let is_sorted = update.markets.is_sorted_by_key(|market| market.id);
        if update.version != expected || !is_sorted {
            if !was_broken {
                let fault = if is_sorted { "came instead" } else { "came with its markets out of order" };
                let detail =
                    format!("version {expected} was expected, {} {fault}: no bets until it is mended", update.version);
                out.push(Alert { kind: AlertKind::Integrity, subject: update.match_id.to_string(), detail });
            }
            return;
        }
        self.tell_of_silence(index, update, appended_at, out);
        let one = &mut self.matches[index];
        one.heard_at = self.at;
        let change =
            material_changes(one.update.as_deref(), update, &mut one.last_offered, self.settings.placement.price_jump);
        let rules = &self.settings.placement;
        // A bet that is judged for the first time is no older than this.
        let keep = rules.max_age_in_play.max(rules.max_age_pre_match) + self.settings.freshness.broker_skew;
        let incidents = one.incidents.learn(update, &change, appended_at, keep);
        one.update = Some(Box::new(MatchUpdate { facts: Vec::new(), ..update.clone() }));
        one.fact_at = appended_at;
        self.doom_waiting(index, &incidents);
        self.learn_facts(index, update, out);
    }

    /// The match, if it was ever heard of.
    pub(super) fn match_of(&self, id: &MatchId) -> Option<&MatchBook> {
        self.match_numbers.get(id).map(|number| &self.matches[*number as usize])
    }

    /// The markets partition that tells of a match.
    pub(super) fn partition_of(&self, id: &MatchId) -> u32 {
        let by_name = || partition_for(id.as_str().as_bytes(), self.settings.match_partitions);
        self.match_of(id).map_or_else(by_name, |known| known.partition)
    }

    /// Bets that wait with a leg on a market to which something happened are lost causes; `due` tells their owners.
    fn doom_waiting(&mut self, index: usize, incidents: &[Incident]) {
        if incidents.is_empty() {
            return;
        }
        let one = &self.matches[index];
        for number in &one.waiting {
            let bet = self.waiting.get(*number);
            let Progress::Pending { wait, .. } = &bet.progress else { continue };
            let hit = (0_u8..).zip(&bet.request.legs).find(|(_, leg)| {
                leg.match_id == one.id && incidents.iter().any(|incident| incident.concerns(leg.market, wait.window))
            });
            if let Some((leg, _)) = hit {
                self.waiting.doom(*number, leg);
            }
        }
    }

    fn learn_facts(&mut self, index: usize, update: &MatchUpdate, out: &mut Outbox) {
        let one = &mut self.matches[index];
        let mut news = Vec::new();
        for fact in update.facts.iter().filter(|fact| may_decide(fact)) {
            match one.facts.insert(fact) {
                Inserted::New => news.push(fact),
                Inserted::Repeat => {}
                Inserted::Conflict => {
                    let detail = format!("fact {} came again with something else to say: set aside", fact.id);
                    out.push(Alert { kind: AlertKind::FactConflict, subject: one.id.to_string(), detail });
                }
            }
        }
        if news.is_empty() {
            return;
        }
        let changed = one.revise();
        let let_go = changed.iter().map(|number| one.selections[*number as usize].let_go).sum::<u64>();
        if let_go > 0 {
            let detail = format!(
                "what was told changes results on which {let_go} bets were paid and let go; they keep what they got: an \
                 operator must decide"
            );
            out.push(Alert { kind: AlertKind::Integrity, subject: one.id.to_string(), detail });
        }
        if self.settings.licences.iter().any(|rules| rules.cancel_needs_approval) {
            // A cancel that voids nothing under some licence waits for people: they must know.
            for cancel in
                one.cancels.iter().filter(|cancel| !cancel.is_approved && news.iter().any(|fact| fact.id == cancel.id))
            {
                let detail =
                    format!("cancel {} lacks the approval that a licence demands: no bet of it is void", cancel.id);
                out.push(Alert { kind: AlertKind::IncidentUnresolved, subject: one.id.to_string(), detail });
            }
        }
        self.queue(index, &changed);
        let match_index = u32::try_from(index).expect("matches are counted in thousands");
        news.into_iter().for_each(|fact| self.look_back(match_index, fact));
    }

    /// Queues all bets on those selections; a selection that is being worked on starts again.
    fn queue(&mut self, index: usize, selections: &[u32]) {
        for selection in selections {
            let cursor = &mut self.matches[index].selections[*selection as usize].cursor;
            if cursor.replace(0).is_none() {
                let match_index = u32::try_from(index).expect("matches are counted in thousands");
                self.tasks.push_back(Task::Selection { match_index, selection: *selection });
            }
        }
    }
}
