//! The facts of one match as a set: whatever order they came in, and however often, it says the same.

use std::collections::BTreeMap;

use super::content::content_of;
use super::counted::{Counts, counts_as, score_of};
use super::sight::Sight;
use super::standing::Standing;
use crate::catalogue::{Fate, What};
use crate::event::{BetWindow, Certainty, Fact, FactBody, Fixture, Period, Score, Side};
use crate::values::{FactId, Hash, HashStream, Text};

/// What a fact did to the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// The set says more than before (also: a fact known as scouted came again as confirmed, or a goal as scored
    /// earlier).
    New,
    /// Nothing new.
    Repeat,
    /// Its id is known with something else to say: set aside, the set is as before.
    Conflict,
}

/// How a knock-out tie stands after the ninety minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TieStanding {
    /// It is level, and extra time is to come or runs.
    ExtraTime {
        /// Its first half is over.
        is_at_half_time: bool,
    },
    /// It is still level after extra time, or instead of it: the shoot-out is to come or runs.
    ShootOut,
    /// It was told to be over with nobody ahead, which cannot be: a report is missing or wrong.
    ToldLevel,
    /// None of these: no tie, not that far, decided, or given up.
    Other,
}

/// A fact as kept: whole where a result can hang on it, else only enough to know it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recorded {
    /// Hash of what it says.
    pub(super) content: Hash,
    /// How sure its source is by its own report.
    pub(super) certainty: Certainty,
    /// The whole fact, where it matters to a result.
    pub(super) settling: Option<Box<Fact>>,
}

/// What another report of a known fact has told.
enum Learnt {
    Nothing,
    /// It is sure now.
    Surer,
    /// It is counted, and happened earlier than the first report said.
    Earlier,
}

impl Recorded {
    /// Takes another report of the same fact. Two reports may give a goal (or a corner, a card) two source times, by which those at the same
    /// clock are ordered: the earlier one counts, so that the order of arrival does not.
    fn learn(&mut self, fact: &Fact) -> Learnt {
        let is_surer = self.certainty < fact.certainty;
        self.certainty = self.certainty.max(fact.certainty);
        let Some(settling) = &mut self.settling else {
            return if is_surer { Learnt::Surer } else { Learnt::Nothing };
        };
        settling.certainty = self.certainty;
        let is_earlier = counts_as(&fact.body).is_some() && fact.source_at < settling.source_at;
        if is_earlier {
            settling.source_at = fact.source_at;
        }
        match (is_surer, is_earlier) {
            (true, true | false) => Learnt::Surer,
            (false, true) => Learnt::Earlier,
            (false, false) => Learnt::Nothing,
        }
    }
}

/// The facts of one match. Two sets are equal when they hold the same facts.
///
/// A rollback and a confirmation may come before their fact. Clock ticks say nothing that a result hangs on and are not
/// kept. Cost: a query is a look-up; an insertion that can change a result reads the set of such facts once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactSet {
    facts: BTreeMap<FactId, Recorded>,
    standing: Standing,
}

impl FactSet {
    /// No facts yet.
    pub fn new() -> FactSet {
        FactSet::default()
    }

    /// Adds a fact.
    pub fn insert(&mut self, fact: &Fact) -> Inserted {
        if fact.body == FactBody::ClockTick && fact.supersedes.is_none() {
            return Inserted::New;
        }
        let content = content_of(fact);
        let inserted = match self.facts.get_mut(&fact.id) {
            Some(known) if known.content != content => return Inserted::Conflict,
            Some(known) => match known.learn(fact) {
                Learnt::Nothing => return Inserted::Repeat,
                Learnt::Surer => known.settling.is_some(),
                Learnt::Earlier => true,
            },
            None => {
                let settling = is_settling(fact).then(|| Box::new(fact.clone()));
                let matters = settling.is_some();
                self.facts.insert(fact.id.clone(), Recorded { content, certainty: fact.certainty, settling });
                matters
            }
        };
        if inserted {
            self.standing = Standing::of(&self.facts);
        }
        Inserted::New
    }

    /// How many facts are kept.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Whether that fact has arrived, whether or not it holds.
    pub fn contains(&self, id: &FactId) -> bool {
        self.facts.contains_key(id)
    }

    /// Whether that fact holds: arrived, not rolled back, not replaced. A tick is never kept, so never holds.
    pub fn is_active(&self, id: &FactId) -> bool {
        self.contains(id) && !self.is_withdrawn(id)
    }

    /// Whether that id was rolled back, replaced or, being a cancel, undone; true also before its fact arrives.
    pub fn is_withdrawn(&self, id: &FactId) -> bool {
        self.standing.inactive.contains(id)
    }

    /// Whether that fact holds and is sure, by its own report or by a confirmation that holds.
    pub fn is_confirmed(&self, id: &FactId) -> bool {
        let by_report = self.facts.get(id).is_some_and(|recorded| recorded.certainty == Certainty::Confirmed);
        self.is_active(id) && (by_report || self.standing.confirmed.contains(id))
    }

    /// The active fact of that id, where a result can hang on it.
    pub fn active_fact(&self, id: &FactId) -> Option<&Fact> {
        self.facts.get(id).filter(|_| !self.is_withdrawn(id)).and_then(|recorded| recorded.settling.as_deref())
    }

    /// Goals of the ninety minutes that hold, scouted or confirmed. Goals without a clock in one of the halves never count.
    pub fn score(&self) -> Score {
        self.standing.score
    }

    /// Those of them that are confirmed.
    pub fn confirmed_score(&self) -> Score {
        self.standing.confirmed_score
    }

    /// Whether a goal of the ninety minutes that holds is not confirmed yet.
    pub fn has_unconfirmed_goal(&self) -> bool {
        self.standing.counts.goals.iter().any(|goal| !goal.is_confirmed)
    }

    /// Goals, corners and cards that hold, in the order of the match.
    pub(super) fn counts(&self) -> &Counts {
        &self.standing.counts
    }

    /// What the sides have so far of goals, of corners or of cards, in the ninety minutes, by all reports that hold.
    pub fn counted(&self, what: What) -> Score {
        let counts = self.counts();
        score_of(match what {
            What::Goals => &counts.goals,
            What::Corners => &counts.corners,
            What::Cards => &counts.cards,
        })
    }

    /// The score at half-time, once a whistle has ended the first half.
    pub fn half_time(&self) -> Option<Score> {
        let of_first = self.counts().goals.iter().filter(|goal| goal.period() == Period::FirstHalf);
        self.is_over(Period::FirstHalf, false).then(|| score_of(of_first))
    }

    /// Who scored the last goal of the ninety minutes so far.
    pub fn last_goal(&self) -> Option<Side> {
        self.counts().goals.last().map(|goal| goal.side)
    }

    /// Whether whistles, or confirmed whistles only, say that a period is over.
    pub(super) fn is_over(&self, period: Period, only_confirmed: bool) -> bool {
        let standing = &self.standing;
        let over_before = if only_confirmed { standing.over_before_confirmed } else { standing.over_before };
        Some(period) < over_before
    }

    /// Whether extra time was played, by a whistle or a goal of it; not, if a shoot-out has shown itself and no report of
    /// extra time holds. `None` while neither is known, or known for sure.
    pub(super) fn extra_time_was_played(&self, only_confirmed: bool) -> Option<bool> {
        let Standing { extra_time, shoot_out, .. } = &self.standing;
        let is_seen = if only_confirmed { extra_time.is_confirmed } else { extra_time.is_reported };
        let has_shoot_out = if only_confirmed { shoot_out.is_confirmed } else { shoot_out.is_reported };
        match (is_seen, extra_time.is_reported) {
            (true, true | false) => Some(true),
            (false, true) => None,
            (false, false) => has_shoot_out.then_some(false),
        }
    }

    /// Whether a whistle is reported that says more than the confirmed ones.
    pub(super) fn has_whistle_in_doubt(&self) -> bool {
        let Standing { over_before, over_before_confirmed, extra_time, shoot_out, .. } = &self.standing;
        over_before != over_before_confirmed
            || [extra_time, shoot_out].iter().any(|seen| seen.is_reported && !seen.is_confirmed)
    }

    /// Goals of extra time that hold, scouted or confirmed.
    pub fn extra_time_score(&self) -> Score {
        score_of(&self.counts().extra_goals)
    }

    /// How the facts stand to who goes through, by all reports that hold.
    pub fn tie(&self) -> TieStanding {
        let is_tie = || self.fixture().is_some_and(|fixture| fixture.scope.knock_out.is_some());
        if !self.regulation_over() || self.is_abandoned() || !is_tie() {
            return TieStanding::Other;
        }
        let fates = Sight::reported(self).fates();
        if fates.len() < 2 {
            TieStanding::Other
        } else if self.is_over(Period::ShootOut, false) {
            TieStanding::ToldLevel
        } else if fates.contains(&Fate::ExtraTime(Side::Home)) {
            TieStanding::ExtraTime { is_at_half_time: self.is_over(Period::ExtraFirstHalf, false) }
        } else {
            TieStanding::ShootOut
        }
    }

    /// Whether it was reported, and holds, that the match will not be played to its end.
    pub fn is_abandoned(&self) -> bool {
        self.standing.abandoned
    }

    /// Whether that is confirmed.
    pub fn is_abandoned_confirmed(&self) -> bool {
        self.standing.abandoned_confirmed
    }

    /// Red cards that hold: home, away.
    pub fn reds(&self) -> (u8, u8) {
        self.standing.reds
    }

    /// The furthest period that the whistles that hold have brought.
    pub fn period(&self) -> Period {
        self.standing.period.unwrap_or(Period::PreMatch)
    }

    /// Whether a whistle has ended the ninety minutes.
    pub fn regulation_over(&self) -> bool {
        self.is_over(Period::SecondHalf, false)
    }

    /// Whether a confirmed whistle has.
    pub fn regulation_over_confirmed(&self) -> bool {
        self.is_over(Period::SecondHalf, true)
    }

    /// The fixture in force: of those that hold, the one of the highest revision.
    pub fn fixture(&self) -> Option<&Fixture> {
        let fact = self.fixture_fact()?;
        if let FactBody::Fixture(fixture) = &fact.body { Some(fixture) } else { None }
    }

    /// The fact that brought the fixture in force.
    pub fn fixture_fact(&self) -> Option<&Fact> {
        self.active_fact(&self.standing.fixture.as_ref()?.1)
    }

    /// The cancels that hold, by id: which bets each voids, and its approval reference.
    pub fn active_cancels(&self) -> impl Iterator<Item = (&FactId, BetWindow, Option<&Text>)> {
        self.standing.cancels.iter().filter_map(|id| {
            let fact = self.active_fact(id)?;
            if let FactBody::Cancel { window, reason: _, approval_ref } = &fact.body {
                Some((id, *window, approval_ref.as_ref()))
            } else {
                None
            }
        })
    }

    /// The facts that hold and that a result can hang on, by id.
    pub fn settling_facts(&self) -> impl Iterator<Item = &Fact> {
        let holding = self.facts.iter().filter(|(id, _)| !self.is_withdrawn(id));
        holding.filter_map(|(_, recorded)| recorded.settling.as_deref())
    }

    /// Adds the whole set to a hash, by id: equal sets add equal bytes.
    pub fn hash_into(&self, stream: &mut HashStream) {
        stream.unsigned(self.facts.len() as u64);
        for (id, recorded) in &self.facts {
            stream.text(id.as_str()).update(recorded.content.as_bytes()).unsigned(recorded.certainty as u64);
            if let Some(counted) = recorded.settling.as_deref().filter(|fact| counts_as(&fact.body).is_some()) {
                stream.integer(counted.source_at.ms());
            }
        }
    }
}

/// Whether a result, a cancel, the score, the cards or the period can hang on such a fact.
fn is_settling(fact: &Fact) -> bool {
    fact.supersedes.is_some()
        || match &fact.body {
            FactBody::Fixture(_)
            | FactBody::PeriodStart(_)
            | FactBody::PeriodEnd(_)
            | FactBody::FinalWhistle
            | FactBody::Goal { .. }
            | FactBody::RedCard { .. }
            | FactBody::YellowCard(_)
            | FactBody::CornerTaken(_)
            | FactBody::Confirmed(_)
            | FactBody::Rollback(_)
            | FactBody::Cancel { .. }
            | FactBody::Abandoned
            | FactBody::RollbackCancel(_) => true,
            FactBody::ClockTick
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
            | FactBody::Resumed => false,
        }
}
