//! How a match stands by its facts: which of them hold, the score, the cards, the period, whether the ninety are over.

use std::collections::{BTreeMap, BTreeSet};

use super::counted::{Counts, score_of};
use super::fact_set::Recorded;
use crate::event::{Certainty, Fact, FactBody, Period, Score, Side};
use crate::values::FactId;

/// Everything read off a set of facts at once, afresh each time: never an edit of what stood before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Ids that do not hold (rolled back, replaced, or a cancel undone), whether or not their fact has arrived.
    pub(super) inactive: BTreeSet<FactId>,
    /// Ids that an active confirmation names.
    pub(super) confirmed: BTreeSet<FactId>,
    /// Goals, corners and cards, in the order of the match.
    pub(super) counts: Counts,
    /// The score that they make.
    pub(super) score: Score,
    /// The score of those that are confirmed.
    pub(super) confirmed_score: Score,
    /// Red cards home, away.
    pub(super) reds: (u8, u8),
    /// The furthest period that a whistle has brought.
    pub(super) period: Option<Period>,
    /// Whistles say that every period before this one is over.
    pub(super) over_before: Option<Period>,
    /// Confirmed whistles do.
    pub(super) over_before_confirmed: Option<Period>,
    /// Extra time has shown itself: a whistle or a goal of it.
    pub(super) extra_time: Seen,
    /// A shoot-out has.
    pub(super) shoot_out: Seen,
    /// The match will not be played to its end.
    pub(super) abandoned: bool,
    /// That is confirmed.
    pub(super) abandoned_confirmed: bool,
    /// The fixture in force: the highest revision; of two, the higher id.
    pub(super) fixture: Option<(u32, FactId)>,
    /// Cancels that hold, by id.
    pub(super) cancels: BTreeSet<FactId>,
}

/// Whether something was reported, and for sure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) is_reported: bool,
    pub(super) is_confirmed: bool,
}

impl Seen {
    fn note(&mut self, is_confirmed: bool) {
        self.is_reported = true;
        self.is_confirmed |= is_confirmed;
    }
}

impl Standing {
    /// Reads the set.
    pub(super) fn of(facts: &BTreeMap<FactId, Recorded>) -> Standing {
        let mut standing = Standing { inactive: not_holding(facts), ..Standing::default() };
        for fact in holding(facts, &standing.inactive) {
            if let FactBody::Confirmed(id) = &fact.body {
                standing.confirmed.insert(id.clone());
            }
        }
        let inactive = std::mem::take(&mut standing.inactive);
        for fact in holding(facts, &inactive) {
            standing.add(fact);
        }
        standing.inactive = inactive;
        standing.counts.sort();
        for goal in &standing.counts.extra_goals {
            standing.extra_time.note(goal.is_confirmed);
        }
        for penalty in &standing.counts.penalties {
            standing.shoot_out.note(penalty.is_confirmed);
        }
        standing.score = score_of(&standing.counts.goals);
        standing.confirmed_score = score_of(standing.counts.goals.iter().filter(|goal| goal.is_confirmed));
        standing
    }

    fn add(&mut self, fact: &Fact) {
        let is_confirmed = fact.certainty == Certainty::Confirmed || self.confirmed.contains(&fact.id);
        self.counts.add(fact, is_confirmed);
        if let FactBody::PeriodStart(period) | FactBody::PeriodEnd(period) = &fact.body {
            self.show(*period, is_confirmed);
        }
        match &fact.body {
            FactBody::RedCard { side, second_yellow: _ } => match side {
                Side::Home => self.reds.0 = self.reds.0.saturating_add(1),
                Side::Away => self.reds.1 = self.reds.1.saturating_add(1),
            },
            FactBody::PeriodStart(period) => {
                self.period = self.period.max(Some(*period));
                // The whistle that ended the period before may be lost: what comes after it says as much.
                self.end_all_before(*period, is_confirmed);
            }
            FactBody::PeriodEnd(period) => {
                self.period = self.period.max(Some(after(*period)));
                self.end_all_before(next(*period), is_confirmed);
            }
            FactBody::FinalWhistle => {
                self.period = Some(Period::Over);
                self.end_all_before(Period::Over, is_confirmed);
            }
            FactBody::Fixture(fixture) => {
                self.fixture = self.fixture.take().max(Some((fixture.revision, fact.id.clone())));
            }
            FactBody::Cancel { .. } => {
                self.cancels.insert(fact.id.clone());
            }
            FactBody::Abandoned => {
                self.abandoned = true;
                self.abandoned_confirmed |= is_confirmed;
            }
            FactBody::Goal { .. }
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
            | FactBody::YellowCard(_)
            | FactBody::CornerAwarded(_)
            | FactBody::CornerTaken(_)
            | FactBody::CornerRetracted(_)
            | FactBody::DangerousFreeKick(_)
            | FactBody::DangerOver
            | FactBody::ReviewStart
            | FactBody::ReviewEnd
            | FactBody::Interruption
            | FactBody::Resumed
            | FactBody::Confirmed(_)
            | FactBody::Rollback(_)
            | FactBody::RollbackCancel(_) => {}
        }
    }

    /// A whistle of that period says that it was played.
    fn show(&mut self, period: Period, is_confirmed: bool) {
        match period {
            Period::ExtraFirstHalf | Period::ExtraSecondHalf => self.extra_time.note(is_confirmed),
            Period::ShootOut => self.shoot_out.note(is_confirmed),
            Period::PreMatch
            | Period::FirstHalf
            | Period::HalfTime
            | Period::SecondHalf
            | Period::BeforeExtraTime
            | Period::Over => {}
        }
    }

    fn end_all_before(&mut self, period: Period, is_confirmed: bool) {
        self.over_before = self.over_before.max(Some(period));
        if is_confirmed {
            self.over_before_confirmed = self.over_before_confirmed.max(Some(period));
        }
    }
}

/// Facts that say something and hold.
fn holding<'a>(
    facts: &'a BTreeMap<FactId, Recorded>,
    inactive: &'a BTreeSet<FactId>,
) -> impl Iterator<Item = &'a Fact> + 'a {
    facts.iter().filter(|(id, _)| !inactive.contains(*id)).filter_map(|(_, recorded)| recorded.settling.as_deref())
}

/// The ids that do not hold.
///
/// A rollback and the undoing of a cancel are final: nothing takes them back. A fact is replaced while anything in the
/// chain of corrections above it was not rolled back: when C corrects B and B corrected A, taking B back does not bring
/// A back beside C.
fn not_holding(facts: &BTreeMap<FactId, Recorded>) -> BTreeSet<FactId> {
    let said = || facts.values().filter_map(|recorded| recorded.settling.as_deref());
    let is_final = |id: &FactId| facts.get(id).and_then(|recorded| recorded.settling.as_deref()).is_some_and(is_final);
    let is_cancel = |id: &FactId| {
        let recorded = facts.get(id).and_then(|recorded| recorded.settling.as_deref());
        recorded.is_some_and(|fact| matches!(fact.body, FactBody::Cancel { .. }))
    };
    let mut inactive = BTreeSet::new();
    for fact in said() {
        if let FactBody::Rollback(id) = &fact.body
            && !is_final(id)
        {
            inactive.insert(id.clone());
        }
        if let FactBody::RollbackCancel(id) = &fact.body
            && is_cancel(id)
        {
            inactive.insert(id.clone());
        }
    }
    let mut replaced = BTreeSet::new();
    for fact in said().filter(|fact| fact.supersedes.is_some() && !inactive.contains(&fact.id)) {
        let mut below = fact.supersedes.as_ref();
        while let Some(id) = below.take_if(|id| **id != fact.id && !is_final(id)) {
            if !replaced.insert(id.clone()) {
                break; // This chain was walked already, or bites its own tail.
            }
            below = facts.get(id).and_then(|recorded| recorded.settling.as_deref()).and_then(|f| f.supersedes.as_ref());
        }
    }
    inactive.append(&mut replaced);
    inactive
}

fn is_final(fact: &Fact) -> bool {
    matches!(fact.body, FactBody::Rollback(_) | FactBody::RollbackCancel(_))
}

/// The period after it.
fn next(period: Period) -> Period {
    match period {
        Period::PreMatch => Period::FirstHalf,
        Period::FirstHalf => Period::HalfTime,
        Period::HalfTime => Period::SecondHalf,
        Period::SecondHalf => Period::BeforeExtraTime,
        Period::BeforeExtraTime => Period::ExtraFirstHalf,
        Period::ExtraFirstHalf => Period::ExtraSecondHalf,
        Period::ExtraSecondHalf => Period::ShootOut,
        Period::ShootOut | Period::Over => Period::Over,
    }
}

/// What follows the end of a period. The end of something that is no playing period changes nothing.
fn after(period: Period) -> Period {
    match period {
        Period::PreMatch => Period::PreMatch,
        Period::FirstHalf | Period::HalfTime => Period::HalfTime,
        Period::SecondHalf | Period::BeforeExtraTime => Period::BeforeExtraTime,
        Period::ExtraFirstHalf => Period::ExtraFirstHalf,
        Period::ExtraSecondHalf => Period::ExtraSecondHalf,
        Period::ShootOut => Period::ShootOut,
        Period::Over => Period::Over,
    }
}
