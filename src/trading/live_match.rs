//! One match as trading knows it: its facts, what is going on, and what was last said about it.

use std::collections::{BTreeMap, BTreeSet};

use super::abandonment::Abandonment;
use super::confirmations::{Confirmations, Unsure, waits};
use super::opening::Opening;
use super::overrides::Overrides;
use super::projections::Projections;
use super::quote::{MainLines, Pricer};
use super::ticks::Ticks;
use crate::event::{
    Alert, AlertKind, Certainty, Fact, FactBody, Fixture, InputRef, MarketId, MarketState, MatchPhase, Outbox,
    Override, Period, Score, Settings, Side, Strength, TradingRules,
};
use crate::feed::{MatchFeed, Taken};
use crate::market::{ClockJump, ClockWatch, IncidentKind, Incidents};
use crate::outcome::{FactSet, Inserted, TieStanding};
use crate::pricing::NoRates;
use crate::values::{CommandId, FactId, HashStream, MatchId, Time};

/// What one match needs to know of the world around it.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) settings: &'a Settings,
    /// The batch's time.
    pub(super) at: Time,
    /// Up to when what is published now is complete.
    pub(super) through: Time,
    /// The shard is behind its inputs.
    pub(super) is_lagging: bool,
    /// The match's producer cannot be trusted now.
    pub(super) is_feed_held: bool,
}

/// What hearing a fact came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// News: these facts are to be published, the one heard and those it made sure.
    News(Vec<Fact>),
    /// Known already.
    Repeat,
    /// Its id says something else already.
    Conflict,
}

pub(super) struct LiveMatch {
    pub(super) id: MatchId,
    pub(super) feed: MatchFeed,
    pub(super) facts: FactSet,
    /// The last fixture in force; kept even if every fixture was rolled back.
    pub(super) fixture: Option<Fixture>,
    pub(super) incidents: Incidents,
    pub(super) clock: ClockWatch,
    pub(super) confirmations: Confirmations,
    /// The source's count at the last fact in order.
    last_sequence: u64,
    /// Facts that came before the fixture, by whoever.
    pub(super) before_fixture: Vec<(InputRef, Fact, Taken)>,
    /// The fact limit was passed, so what we know is not whole.
    pub(super) is_overfull: bool,
    pub(super) is_held_by_trader: bool,
    pub(super) commands: BTreeSet<CommandId>,
    pub(super) abandonment: Abandonment,
    pub(super) projections: Projections,
    /// Kick-off still to come.
    kick_off_due: Option<Time>,
    pub(super) version: u64,
    pub(super) markets: BTreeMap<MarketId, MarketState>,
    pub(super) main_lines: MainLines,
    pub(super) overrides: Overrides,
    /// Rises with every fixture and every override.
    pub(super) inputs_version: u64,
    pub(super) ticks: Ticks,
    pub(super) opening: Opening,
    /// The operator knows that there is no price.
    pub(super) is_unpriced: bool,
    /// The operator knows that the tie was told to be over with nobody through.
    is_told_level: bool,
    /// As last told to the producer's watch.
    pub(super) is_running: bool,
    /// As last entered in the calendar.
    pub(super) timer: Option<Time>,
}

impl LiveMatch {
    pub(super) fn new(id: MatchId) -> LiveMatch {
        LiveMatch {
            id,
            feed: MatchFeed::new(),
            facts: FactSet::new(),
            fixture: None,
            incidents: Incidents::new(),
            clock: ClockWatch::default(),
            confirmations: Confirmations::default(),
            last_sequence: 0,
            before_fixture: Vec::new(),
            is_overfull: false,
            is_held_by_trader: false,
            commands: BTreeSet::new(),
            abandonment: Abandonment::default(),
            projections: Projections::default(),
            kick_off_due: None,
            version: 0,
            markets: BTreeMap::new(),
            main_lines: MainLines::default(),
            overrides: Overrides::default(),
            inputs_version: 0,
            ticks: Ticks::default(),
            opening: Opening::default(),
            is_unpriced: false,
            is_told_level: false,
            is_running: false,
            timer: None,
        }
    }

    /// The period by the whistles, or by the clock where that is further: a missed kick-off must not keep a match that
    /// is being played on pre-match terms.
    pub(super) fn period(&self) -> Period {
        let shown = self.clock.clock().map_or(Period::PreMatch, |clock| clock.period);
        self.facts.period().max(shown)
    }

    /// A tie is in play to the end of extra time. Its shoot-out is not: who knows the order of the kicks knows more
    /// than an even chance.
    pub(super) fn phase(&self) -> MatchPhase {
        let in_extra_time = matches!(self.facts.tie(), TieStanding::ExtraTime { .. });
        if in_extra_time && self.period() < Period::ShootOut {
            MatchPhase::InPlay
        } else if self.facts.regulation_over() || self.facts.is_abandoned() {
            MatchPhase::Over
        } else {
            MatchPhase::from(self.period())
        }
    }

    /// The period and the score that prices are made from: the break in extra time is its second half about to begin,
    /// and its goals count as goals of the match.
    pub(super) fn priced(&self) -> (Period, Score) {
        let (period, score) = (self.period(), self.facts.score());
        let TieStanding::ExtraTime { is_at_half_time } = self.facts.tie() else { return (period, score) };
        let in_extra = self.facts.extra_time_score();
        let score = score.and(Side::Home, in_extra.home).and(Side::Away, in_extra.away);
        (if is_at_half_time { period.max(Period::ExtraSecondHalf) } else { period }, score)
    }

    /// Tells the operator, once, that a tie was told to be over with nobody through: its bets stay open until that is
    /// corrected.
    pub(super) fn watch_tie(&mut self, out: &mut Outbox) {
        let is_told_level = self.facts.tie() == TieStanding::ToldLevel;
        if is_told_level && !self.is_told_level {
            out.push(Alert {
                kind: AlertKind::IncidentUnresolved,
                subject: self.id.to_string(),
                detail: "the tie is reported over with nobody ahead; its bets stay open until a report is corrected"
                    .to_owned(),
            });
        }
        self.is_told_level = is_told_level;
    }

    /// Hears a fact that the feed or a desk stands for.
    pub(super) fn hear(&mut self, fact: &Fact, taken: Taken, around: &Around<'_>, out: &mut Outbox) -> Heard {
        let was_known = self.facts.contains(&fact.id);
        let replaced = self.counted_target(fact);
        match self.facts.insert(fact) {
            Inserted::New => {}
            Inserted::Repeat => return Heard::Repeat,
            Inserted::Conflict => return Heard::Conflict,
        }
        if taken != Taken::Late {
            self.watch_clock(fact, around);
        }
        let is_active = fact.body == FactBody::ClockTick || self.facts.is_active(&fact.id);
        if was_known {
            // The same report, sure now (or a goal's earlier time).
            if self.facts.is_confirmed(&fact.id) {
                self.note_confirmed(&fact.id);
            }
        } else if is_active {
            let rules = &around.settings.clock;
            self.incidents.hear(fact, around.at, around.settings.trading.free_kick_suspends);
            self.confirmations.hear(fact, around.at, rules);
        }
        self.follow_ruling(fact, replaced, around);
        self.take_fixture(around);
        let mut news = vec![fact.clone()];
        let sure = self.confirmations.take_restarted();
        self.confirm(sure, fact.source_at, &mut news, out);
        Heard::News(news)
    }

    /// The goal or whistle that this fact takes back or replaces and that counts until now; whether it is settled on
    /// the pitch, so that taking it back is a correction.
    fn counted_target(&self, fact: &Fact) -> Option<(FactId, bool)> {
        let taken_back = if let FactBody::Rollback(id) = &fact.body { Some(id) } else { fact.supersedes.as_ref() };
        let target = self.facts.active_fact(taken_back?)?;
        let is_goal = matches!(target.body, FactBody::Goal { .. });
        let is_whistle = matches!(
            target.body,
            FactBody::PeriodStart(_)
                | FactBody::PeriodEnd(Period::SecondHalf)
                | FactBody::FinalWhistle
                | FactBody::Abandoned
        );
        if !is_goal && !is_whistle {
            return None;
        }
        let was_resolved = !self.incidents.contains(IncidentKind::Goal, &target.id);
        Some((target.id.clone(), was_resolved))
    }

    fn watch_clock(&mut self, fact: &Fact, around: &Around<'_>) {
        self.last_sequence = self.last_sequence.max(fact.sequence);
        let Some(clock) = fact.clock else { return };
        match self.clock.watch(clock, fact.source_at, &around.settings.clock) {
            Some(ClockJump::Back | ClockJump::Ahead) => {
                self.incidents.begin(IncidentKind::ClockCorrection, fact, around.at, fact.sequence);
            }
            None => {}
        }
    }

    /// What a confirmation, a rollback or a replacement changes about what is going on.
    fn follow_ruling(&mut self, fact: &Fact, replaced: Option<(FactId, bool)>, around: &Around<'_>) {
        if let FactBody::Confirmed(id) = &fact.body
            && self.facts.is_confirmed(id)
        {
            self.note_confirmed(&id.clone());
        } else if self.facts.is_confirmed(&fact.id) {
            // Its confirmation came first.
            self.confirmations.forget(&fact.id);
            self.incidents.confirmed_early(&fact.id);
        }
        let rolled_back = if let FactBody::Rollback(id) = &fact.body { Some(id) } else { None };
        for id in rolled_back.into_iter().chain(&fact.supersedes) {
            if self.facts.is_withdrawn(id) {
                self.incidents.withdrawn(id);
                self.confirmations.forget(id);
            }
        }
        if rolled_back.is_some() {
            self.revive(fact, around);
        }
        let Some((target, was_resolved)) = replaced else { return };
        if was_resolved && self.facts.is_withdrawn(&target) && !self.incidents.is_open(IncidentKind::Review) {
            // Play has gone on since: there will be no restart for the fact that takes the place of the old one.
            self.incidents.withdrawn(&fact.id);
            self.incidents.begin(IncidentKind::ScoreCorrection, fact, around.at, self.last_sequence);
        }
    }

    /// A correction that is taken back brings the older report back: it waits to be sure again, from now on, and a goal
    /// among them is a correction of the score.
    fn revive(&mut self, ruling: &Fact, around: &Around<'_>) {
        let unsure = |fact: &&Fact| {
            waits(&fact.body).is_some()
                && fact.certainty == Certainty::Scouted
                && !self.facts.is_confirmed(&fact.id)
                && !self.confirmations.is_waiting(&fact.id)
        };
        let sequence = self.last_sequence;
        let revived = self.facts.settling_facts().filter(unsure).map(|fact| Fact { sequence, ..fact.clone() });
        for fact in revived.collect::<Vec<_>>() {
            self.confirmations.hear(&fact, around.at, &around.settings.clock);
            if matches!(fact.body, FactBody::Goal { .. }) {
                self.incidents.begin(IncidentKind::ScoreCorrection, ruling, around.at, sequence);
            }
        }
    }

    fn note_confirmed(&mut self, id: &FactId) {
        self.incidents.confirmed(id);
        self.confirmations.forget(id);
    }

    fn take_fixture(&mut self, around: &Around<'_>) {
        let Some(fixture) = self.facts.fixture() else { return };
        if self.fixture.as_ref() == Some(fixture) {
            return;
        }
        if self.fixture.as_ref().is_none_or(|known| known.kick_off != fixture.kick_off) {
            self.abandonment.learn(fixture, around.at, &around.settings.clock);
        }
        self.kick_off_due = Some(fixture.kick_off).filter(|kick_off| *kick_off > around.at);
        self.fixture = Some(fixture.clone());
        self.inputs_version += 1;
    }

    /// Takes a trader's override, whole or not at all.
    ///
    /// # Errors
    /// Why the goals expected have no rates.
    pub(super) fn take_override(
        &mut self,
        asked: &Override,
        pricer: &mut Pricer,
        rules: &TradingRules,
    ) -> Result<(), NoRates> {
        let is_played = self.phase() != MatchPhase::PreMatch;
        let rates = match (asked.strength, &self.fixture) {
            (Some(Strength::Rates { home, away }), _) => Some([home, away]),
            (Some(Strength::Expectancies { total, supremacy }), Some(fixture)) => {
                let (rho, model) = (self.overrides.rho_with(asked, is_played), &rules.of(&fixture.competition).model);
                let expected = [total, supremacy];
                Some(pricer.rates_from(expected, rho, &fixture.expectation, model, &mut self.opening)?)
            }
            (Some(Strength::Expectancies { .. }) | None, _) => None,
        };
        self.overrides.take(asked, rates, is_played);
        self.inputs_version += 1;
        Ok(())
    }

    /// Turns what has become sure into facts.
    fn confirm(&mut self, sure: Vec<Unsure>, at: Time, news: &mut Vec<Fact>, out: &mut Outbox) {
        for unsure in sure {
            if !self.facts.is_active(&unsure.id) || self.facts.is_confirmed(&unsure.id) {
                continue;
            }
            let Some(fact) = unsure.confirmation(&self.id, at) else { continue };
            match self.facts.insert(&fact) {
                Inserted::New => {
                    self.incidents.confirmed(&unsure.id);
                    news.push(fact);
                }
                Inserted::Repeat => {}
                Inserted::Conflict => out.push(Alert {
                    kind: AlertKind::FactConflict,
                    subject: self.id.to_string(),
                    detail: format!("{} cannot be confirmed: {} says something else", unsure.id, fact.id),
                }),
            }
        }
    }

    /// Serves the timers that are due; the facts they make, if any.
    pub(super) fn serve(&mut self, around: &Around<'_>, out: &mut Outbox) -> Vec<Fact> {
        self.kick_off_due = self.kick_off_due.filter(|kick_off| *kick_off > around.at);
        let mut news = Vec::new();
        let in_review = self.incidents.is_open(IncidentKind::Review);
        let sure = self.confirmations.take_due(around.at, in_review);
        self.confirm(sure, around.at, &mut news, out);
        news.extend(self.abandon(around));
        if let Some(image) = self.projections.take_due(around.at, &around.settings.clock) {
            out.push(image);
        }
        for kind in self.incidents.due(around.at, &around.settings.clock) {
            out.push(Alert {
                kind: AlertKind::IncidentUnresolved,
                subject: self.id.to_string(),
                detail: format!("{kind:?} is not resolved; betting stays stopped until it is"),
            });
        }
        news
    }

    /// The first timer. While a review is open no goal or card becomes sure by time.
    pub(super) fn next_due(&self, settings: &Settings) -> Option<Time> {
        let in_review = self.incidents.is_open(IncidentKind::Review);
        let confirmation = self.confirmations.next_due(in_review);
        [
            self.kick_off_due,
            self.abandonment_due(),
            self.projections.due(&settings.clock),
            confirmation,
            self.incidents.next_due(&settings.clock),
            self.ticks.next_due(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        stream.text(self.id.as_str());
        self.feed.hash_into(stream);
        self.facts.hash_into(stream);
        self.incidents.hash_into(stream);
        self.clock.hash_into(stream);
        self.confirmations.hash_into(stream);
        self.abandonment.hash_into(stream);
        self.projections.hash_into(stream);
        stream.integer(self.fixture.as_ref().map_or(-1, |fixture| i64::from(fixture.revision)));
        stream.unsigned(self.last_sequence).unsigned(self.before_fixture.len() as u64);
        for (source, fact, _) in &self.before_fixture {
            stream.unsigned(source.offset).text(fact.id.as_str());
        }
        for flag in [self.is_overfull, self.is_held_by_trader, self.is_unpriced, self.is_told_level, self.is_running] {
            stream.unsigned(u64::from(flag));
        }
        stream.unsigned(self.commands.len() as u64);
        for command in &self.commands {
            stream.text(&command.to_string());
        }
        let timers = [self.kick_off_due, self.timer].map(|time| time.map_or(i64::MIN, |time| time.ms()));
        stream.integer(timers[0]).integer(timers[1]).unsigned(self.version);
        self.main_lines.hash_into(stream);
        self.overrides.hash_into(stream);
        self.ticks.hash_into(stream);
        stream.unsigned(self.inputs_version);
        stream.unsigned(self.markets.len() as u64);
        for market in self.markets.values() {
            hash_market(stream, market);
        }
    }
}

fn hash_market(stream: &mut HashStream, market: &MarketState) {
    stream.text(&market.id.to_string()).unsigned(market.status as u64).unsigned(u64::from(market.owners.0));
    stream.unsigned(market.price_version).unsigned(market.outcomes.len() as u64);
    for outcome in &market.outcomes {
        stream.unsigned(outcome.outcome.number()).unsigned(outcome.status as u64);
        stream.integer(outcome.fair.map_or(-1, |fair| fair.raw()));
        match outcome.price {
            Some(price) => stream.text(&price.to_string()),
            None => stream.text(""),
        };
    }
}
