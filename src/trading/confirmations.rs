//! Reports that wait to be sure: a scouted goal, card or whistle is confirmed by word, by a restart, or by time.

use std::collections::BTreeMap;

use crate::event::{Certainty, ClockRules, Fact, FactBody, Period};
use crate::values::{FactId, HashStream, MatchId, Millis, ProducerId, Time};

/// What is added to a fact's id for its confirmation.
const SUFFIX: &str = "/confirmed";

/// A report that is not sure yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsure {
    pub(super) id: FactId,
    pub(super) producer: ProducerId,
    /// The source's count.
    pub(super) sequence: u64,
    is_whistle: bool,
    /// No restart of play makes it sure: play that goes on speaks against it.
    only_by_time: bool,
    due: Time,
}

/// The unsure reports of one match.
#[derive(Clone, Debug, Default)]
pub(super) struct Confirmations {
    waiting: BTreeMap<FactId, Unsure>,
    /// The source's count at the last restart of play (or beginning of a period).
    restarted: u64,
    /// The same at the last beginning of a period.
    period_began: u64,
}

/// The id under which a fact is confirmed; `None` if it would be too long to be an id.
pub(super) fn confirmation_id(id: &FactId) -> Option<FactId> {
    FactId::parse(&format!("{id}{SUFFIX}")).ok()
}

/// Whether such a fact waits for a confirmation when it is scouted; whether it is a whistle.
pub(super) fn waits(body: &FactBody) -> Option<bool> {
    match body {
        FactBody::Goal { .. } | FactBody::RedCard { .. } | FactBody::YellowCard(_) | FactBody::CornerTaken(_) => {
            Some(false)
        }
        FactBody::PeriodEnd(_) | FactBody::FinalWhistle | FactBody::Abandoned => Some(true),
        // It also says that the ninety minutes are over.
        FactBody::PeriodStart(period) if *period > Period::SecondHalf => Some(true),
        FactBody::Fixture(_)
        | FactBody::PeriodStart(_)
        | FactBody::ClockTick
        | FactBody::PossibleGoal(_)
        | FactBody::NoGoal
        | FactBody::PlayRestarted
        | FactBody::PenaltyAwarded(_)
        | FactBody::PenaltyMissed(_)
        | FactBody::PenaltyCancelled(_)
        | FactBody::PenaltyRetaken(_)
        | FactBody::PossibleRedCard(_)
        | FactBody::NoRedCard
        | FactBody::PossibleCard(_)
        | FactBody::NoCard
        | FactBody::CornerAwarded(_)
        | FactBody::CornerRetracted(_)
        | FactBody::DangerousFreeKick(_)
        | FactBody::DangerOver
        | FactBody::ReviewStart
        | FactBody::ReviewEnd
        | FactBody::Interruption
        | FactBody::Resumed
        | FactBody::Confirmed(_)
        | FactBody::Rollback(_)
        | FactBody::Cancel { .. }
        | FactBody::RollbackCancel(_) => None,
    }
}

impl Confirmations {
    /// Hears an active fact: it may have to wait, or be a restart.
    pub(super) fn hear(&mut self, fact: &Fact, at: Time, rules: &ClockRules) {
        if matches!(fact.body, FactBody::ReviewEnd | FactBody::Abandoned) {
            self.wait_anew(at, rules);
        }
        let begins_period = matches!(fact.body, FactBody::PeriodStart(_));
        if begins_period || fact.body == FactBody::PlayRestarted {
            self.restarted = self.restarted.max(fact.sequence);
        }
        if begins_period || matches!(fact.body, FactBody::PlayRestarted | FactBody::Resumed | FactBody::Goal { .. }) {
            // Play goes on, so nobody gives the match up by the clock: a scouted end must be confirmed or taken back.
            self.waiting.retain(|_, unsure| !unsure.only_by_time || unsure.sequence >= fact.sequence);
        }
        if begins_period {
            self.period_began = self.period_began.max(fact.sequence);
        }
        if let (Some(is_whistle), Certainty::Scouted) = (waits(&fact.body), fact.certainty) {
            let unsure = Unsure {
                id: fact.id.clone(),
                producer: fact.producer.clone(),
                sequence: fact.sequence,
                is_whistle,
                only_by_time: fact.body == FactBody::Abandoned,
                due: at + patience(is_whistle, rules),
            };
            self.waiting.insert(fact.id.clone(), unsure);
        }
    }

    /// A review has left these reports standing: they wait their time again, as it must be without review. No review
    /// delays a whistle.
    fn wait_anew(&mut self, at: Time, rules: &ClockRules) {
        for unsure in self.waiting.values_mut().filter(|unsure| !unsure.is_whistle) {
            unsure.due = unsure.due.max(at + patience(unsure.is_whistle, rules));
        }
    }

    /// Whether that report waits.
    pub(super) fn is_waiting(&self, id: &FactId) -> bool {
        self.waiting.contains_key(id)
    }

    /// That report waits no more.
    pub(super) fn forget(&mut self, id: &FactId) {
        self.waiting.remove(id);
    }

    /// Takes what a restart has made sure: goals and cards before it; whistles before the next period.
    pub(super) fn take_restarted(&mut self) -> Vec<Unsure> {
        let (restarted, period_began) = (self.restarted, self.period_began);
        self.take(|unsure| {
            !unsure.only_by_time && unsure.sequence < if unsure.is_whistle { period_began } else { restarted }
        })
    }

    /// Takes what time has made sure. During a review only whistles: goals and cards are what it is about.
    pub(super) fn take_due(&mut self, at: Time, in_review: bool) -> Vec<Unsure> {
        self.take(|unsure| unsure.due <= at && (unsure.is_whistle || !in_review))
    }

    /// In the source's order.
    fn take(&mut self, is_sure: impl Fn(&Unsure) -> bool) -> Vec<Unsure> {
        let mut sure: Vec<Unsure> = self.waiting.values().filter(|unsure| is_sure(unsure)).cloned().collect();
        sure.sort_by_key(|unsure| unsure.sequence);
        for unsure in &sure {
            self.waiting.remove(&unsure.id);
        }
        sure
    }

    /// The first timer.
    pub(super) fn next_due(&self, in_review: bool) -> Option<Time> {
        let moves = |unsure: &&Unsure| unsure.is_whistle || !in_review;
        self.waiting.values().filter(moves).map(|unsure| unsure.due).min()
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        stream.unsigned(self.restarted).unsigned(self.period_began).unsigned(self.waiting.len() as u64);
        for (id, unsure) in &self.waiting {
            stream.text(id.as_str()).text(unsure.producer.as_str()).unsigned(unsure.sequence);
            stream.unsigned(u64::from(unsure.is_whistle)).integer(unsure.due.ms());
        }
    }
}

impl Unsure {
    /// The fact that confirms it.
    pub(super) fn confirmation(&self, match_id: &MatchId, at: Time) -> Option<Fact> {
        Some(Fact {
            id: confirmation_id(&self.id)?,
            match_id: match_id.clone(),
            producer: self.producer.clone(),
            sequence: 0,
            source_at: at,
            certainty: Certainty::Confirmed,
            supersedes: None,
            clock: None,
            body: FactBody::Confirmed(self.id.clone()),
        })
    }
}

fn patience(is_whistle: bool, rules: &ClockRules) -> Millis {
    rules.scaled(if is_whistle { rules.confirm_whistle_after } else { rules.confirm_after })
}
