//! What is happening on the pitch that stops betting, and what lets it go on.
//!
//! An incident is opened by a fact and lifted by a later one, by the source's own count: so a late opener whose end is
//! known already opens nothing, whatever order they came in.

use std::collections::BTreeMap;

use crate::event::{Certainty, ClockRules, Fact, FactBody, MarketGroup};
use crate::values::{FactId, HashStream, Time};

/// The kinds of incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IncidentKind {
    /// It may have been a goal.
    PossibleGoal,
    /// A goal, until play has restarted (which also confirms it).
    Goal,
    /// A penalty, until it is scored, missed or cancelled.
    Penalty,
    /// It may be a red card.
    PossibleRedCard,
    /// A red card that is not confirmed.
    RedCard,
    /// A video review.
    Review,
    /// A period has ended, until that is confirmed and priced, or the next one begins.
    PeriodBreak,
    /// Play is interrupted.
    Interruption,
    /// The match clock cannot be right.
    ClockCorrection,
    /// A goal or a whistle was taken back outside a review.
    ScoreCorrection,
    /// A dangerous free kick.
    FreeKick,
    /// A card may be shown.
    PossibleCard,
    /// A corner, until it is taken or taken back.
    Corner,
}

impl IncidentKind {
    /// Every kind.
    pub const ALL: [IncidentKind; 13] = [
        IncidentKind::PossibleGoal,
        IncidentKind::Goal,
        IncidentKind::Penalty,
        IncidentKind::PossibleRedCard,
        IncidentKind::RedCard,
        IncidentKind::Review,
        IncidentKind::PeriodBreak,
        IncidentKind::Interruption,
        IncidentKind::ClockCorrection,
        IncidentKind::ScoreCorrection,
        IncidentKind::FreeKick,
        IncidentKind::PossibleCard,
        IncidentKind::Corner,
    ];

    /// Whether it suspends that group of markets.
    pub fn suspends(self, group: MarketGroup) -> bool {
        match self {
            IncidentKind::PossibleGoal | IncidentKind::Goal | IncidentKind::FreeKick => group == MarketGroup::Goals,
            IncidentKind::Penalty | IncidentKind::PossibleRedCard | IncidentKind::RedCard | IncidentKind::Review => {
                group != MarketGroup::Corners
            }
            IncidentKind::PeriodBreak
            | IncidentKind::Interruption
            | IncidentKind::ClockCorrection
            | IncidentKind::ScoreCorrection => true,
            IncidentKind::PossibleCard => group == MarketGroup::Cards,
            IncidentKind::Corner => group == MarketGroup::Corners,
        }
    }
}

/// What a fact does to the incidents of its match.
struct Effect {
    lifts: &'static [IncidentKind],
    opens: Option<IncidentKind>,
}

fn effect(body: &FactBody) -> Effect {
    use IncidentKind as Kind;
    let (lifts, opens): (&'static [Kind], Option<Kind>) = match body {
        FactBody::PossibleGoal(_) => (&[], Some(Kind::PossibleGoal)),
        FactBody::NoGoal => (&[Kind::PossibleGoal], None),
        FactBody::Goal { .. } => (&[Kind::PossibleGoal, Kind::Penalty], Some(Kind::Goal)),
        FactBody::PlayRestarted => (&[Kind::Goal, Kind::ScoreCorrection], None),
        FactBody::PeriodStart(_) => (&[Kind::Goal, Kind::ScoreCorrection, Kind::PeriodBreak], None),
        FactBody::PeriodEnd(_) => (&[], Some(Kind::PeriodBreak)),
        FactBody::PenaltyAwarded(_) => (&[], Some(Kind::Penalty)),
        FactBody::PenaltyMissed(_) | FactBody::PenaltyCancelled(_) => (&[Kind::Penalty], None),
        FactBody::PossibleRedCard(_) => (&[], Some(Kind::PossibleRedCard)),
        FactBody::NoRedCard => (&[Kind::PossibleRedCard], None),
        FactBody::RedCard { .. } => (&[Kind::PossibleRedCard, Kind::PossibleCard], Some(Kind::RedCard)),
        FactBody::PossibleCard(_) => (&[], Some(Kind::PossibleCard)),
        FactBody::NoCard | FactBody::YellowCard(_) => (&[Kind::PossibleCard], None),
        FactBody::CornerAwarded(_) => (&[], Some(Kind::Corner)),
        FactBody::CornerTaken(_) | FactBody::CornerRetracted(_) => (&[Kind::Corner], None),
        FactBody::DangerousFreeKick(_) => (&[], Some(Kind::FreeKick)),
        FactBody::DangerOver => (&[Kind::FreeKick], None),
        FactBody::ReviewStart => (&[], Some(Kind::Review)),
        FactBody::ReviewEnd => (&[Kind::Review], None),
        // A retake leaves the penalty awarded.
        FactBody::PenaltyRetaken(_) => (&[], None),
        FactBody::Interruption | FactBody::Abandoned => (&[], Some(Kind::Interruption)),
        FactBody::Resumed => (&[Kind::Interruption, Kind::ClockCorrection, Kind::ScoreCorrection], None),
        FactBody::Fixture(_)
        | FactBody::FinalWhistle
        | FactBody::ClockTick
        | FactBody::Confirmed(_)
        | FactBody::Rollback(_)
        | FactBody::Cancel { .. }
        | FactBody::RollbackCancel(_) => (&[], None),
    };
    Effect { lifts, opens }
}

/// An incident that is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    /// The source's count at its beginning.
    sequence: u64,
    /// When we heard of it.
    since: Time,
    /// The operator has been told that it lasts too long.
    is_alerted: bool,
    /// The fact that opened it is confirmed.
    is_confirmed: bool,
}

/// The incidents of one match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incidents {
    open: BTreeMap<(IncidentKind, FactId), Open>,
    /// The source's count at the last fact that lifts each kind.
    lifted: BTreeMap<IncidentKind, u64>,
}

impl Incidents {
    /// Nothing is happening.
    pub fn new() -> Incidents {
        Incidents::default()
    }

    /// Hears an active fact of the feed.
    pub fn hear(&mut self, fact: &Fact, at: Time, free_kick_suspends: bool) {
        let Effect { lifts, opens } = effect(&fact.body);
        for kind in lifts {
            self.lift(*kind, fact.sequence);
        }
        match opens {
            Some(IncidentKind::FreeKick) if !free_kick_suspends => {}
            Some(IncidentKind::RedCard) if fact.certainty == Certainty::Confirmed => {}
            Some(kind) => self.begin(kind, fact, at, fact.sequence),
            None => {}
        }
    }

    /// Opens a correction because of that fact, at this point of the source's count.
    pub fn begin(&mut self, kind: IncidentKind, cause: &Fact, at: Time, sequence: u64) {
        if self.lifted.get(&kind).is_some_and(|lifted| *lifted > sequence) {
            return;
        }
        let is_confirmed = cause.certainty == Certainty::Confirmed;
        let open = Open { sequence, since: at, is_alerted: false, is_confirmed };
        self.open.entry((kind, cause.id.clone())).or_insert(open);
    }

    fn lift(&mut self, kind: IncidentKind, sequence: u64) {
        let lifted = self.lifted.entry(kind).or_insert(sequence);
        *lifted = (*lifted).max(sequence);
        self.open.retain(|(open_kind, _), open| *open_kind != kind || open.sequence > sequence);
    }

    /// That fact is confirmed: a red card is settled by it, a break has begun for sure.
    pub fn confirmed(&mut self, id: &FactId) {
        self.open.remove(&(IncidentKind::RedCard, id.clone()));
        self.open.remove(&(IncidentKind::PeriodBreak, id.clone()));
    }

    /// The same, where the confirmation came before the fact: a break still stops betting for one update.
    pub fn confirmed_early(&mut self, id: &FactId) {
        self.open.remove(&(IncidentKind::RedCard, id.clone()));
        if let Some(open) = self.open.get_mut(&(IncidentKind::PeriodBreak, id.clone())) {
            open.is_confirmed = true;
        }
    }

    /// That fact was taken back or replaced: what it opened never was.
    pub fn withdrawn(&mut self, id: &FactId) {
        for kind in IncidentKind::ALL {
            self.open.remove(&(kind, id.clone()));
        }
    }

    /// A stop for a whistle that is sure has been published: it ends, and the next update carries the prices of the
    /// break. Whether there was one.
    pub fn end_sure_break(&mut self) -> bool {
        let before = self.open.len();
        self.open.retain(|(kind, _), open| *kind != IncidentKind::PeriodBreak || !open.is_confirmed);
        self.open.len() < before
    }

    /// Whether betting on that group must stop.
    pub fn suspends(&self, group: MarketGroup) -> bool {
        self.open.keys().any(|(kind, _)| kind.suspends(group))
    }

    /// Whether an incident of that kind is open.
    pub fn is_open(&self, kind: IncidentKind) -> bool {
        self.open.keys().any(|(open_kind, _)| *open_kind == kind)
    }

    /// The fact that opened an incident of that kind which lasts: the first by id.
    pub fn first(&self, kind: IncidentKind) -> Option<&FactId> {
        self.open.keys().find(|(open_kind, _)| *open_kind == kind).map(|(_, id)| id)
    }

    /// Whether the incident that this fact opened lasts.
    pub fn contains(&self, kind: IncidentKind, id: &FactId) -> bool {
        self.open.contains_key(&(kind, id.clone()))
    }

    /// When something is due: an alert for an incident that lasts, or the end of a free kick.
    pub fn next_due(&self, rules: &ClockRules) -> Option<Time> {
        self.open.iter().filter_map(|((kind, _), open)| due_of(*kind, open, rules)).min()
    }

    /// Serves what is due: lifts free kicks, and gives the kinds that have lasted too long, each once.
    pub fn due(&mut self, at: Time, rules: &ClockRules) -> Vec<IncidentKind> {
        let is_due = |kind: IncidentKind, open: &Open| due_of(kind, open, rules).is_some_and(|due| due <= at);
        self.open.retain(|(kind, _), open| *kind != IncidentKind::FreeKick || !is_due(*kind, open));
        let mut unresolved = Vec::new();
        for ((kind, _), open) in &mut self.open {
            if is_due(*kind, open) {
                open.is_alerted = true;
                unresolved.push(*kind);
            }
        }
        unresolved
    }

    /// Adds everything to a hash.
    pub fn hash_into(&self, stream: &mut HashStream) {
        stream.unsigned(self.open.len() as u64);
        for ((kind, id), open) in &self.open {
            stream.unsigned(*kind as u64).text(id.as_str()).unsigned(open.sequence).integer(open.since.ms());
            stream.unsigned(u64::from(open.is_alerted)).unsigned(u64::from(open.is_confirmed));
        }
        stream.unsigned(self.lifted.len() as u64);
        for (kind, sequence) in &self.lifted {
            stream.unsigned(*kind as u64).unsigned(*sequence);
        }
    }
}

/// Only what suspends a market on offer is worth an alert; at scale 0 no time passes, so nothing lasts too long.
fn due_of(kind: IncidentKind, open: &Open, rules: &ClockRules) -> Option<Time> {
    if kind == IncidentKind::FreeKick {
        return Some(open.since + rules.scaled(rules.free_kick_lift_after));
    }
    let is_watched = kind.suspends(MarketGroup::Goals) && !open.is_alerted && rules.clock_scale > 0;
    is_watched.then(|| open.since + rules.scaled(rules.incident_alert_after))
}
