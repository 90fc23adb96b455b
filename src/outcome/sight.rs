//! A match as far as one may look: what is sure of it, or all that was reported.

use super::FactSet;
use super::counted::{Counted, score_of};
use crate::catalogue::{Fate, Measure, Part, What};
use crate::event::{Period, Score, Side};

/// Whether more can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Open,
    /// It is over.
    Whistle,
    /// It will not be played to its end.
    Abandoned,
}

/// One kind of what is counted.
struct Seen<'a> {
    /// All that may be looked at.
    all: &'a [Counted],
    /// The first of them, in order, of which it is sure that they are the first.
    first: usize,
    only_confirmed: bool,
    /// What they make in all, and in each half.
    score: Score,
    in_first_half: Score,
}

impl<'a> Seen<'a> {
    fn new(all: &'a [Counted], only_confirmed: bool) -> Seen<'a> {
        let first = all.iter().take_while(|one| one.is_confirmed || !only_confirmed).count();
        let counted = || all.iter().filter(|one| one.is_confirmed || !only_confirmed);
        let score = score_of(counted());
        let in_first_half = score_of(counted().filter(|one| one.period() == Period::FirstHalf));
        Seen { all, first, only_confirmed, score, in_first_half }
    }

    fn counted(&self) -> impl Iterator<Item = &'a Counted> + '_ {
        self.all.iter().filter(|one| one.is_confirmed || !self.only_confirmed)
    }

    /// Whether something in these periods may yet prove to be nothing.
    fn is_in_doubt(&self, up_to: Period) -> bool {
        self.only_confirmed && self.all.iter().any(|one| !one.is_confirmed && one.period() <= up_to)
    }
}

/// A number read off a match.
pub(super) enum Read {
    /// It is this so far; whether it can still change.
    Value(i64, bool),
    /// The score that it counts from never stood.
    NeverStood,
    /// Nothing yet.
    Nothing,
}

/// See the module.
pub(super) struct Sight<'a> {
    facts: &'a FactSet,
    goals: Seen<'a>,
    corners: Seen<'a>,
    cards: Seen<'a>,
    only_confirmed: bool,
}

impl<'a> Sight<'a> {
    /// Only what is confirmed.
    pub(super) fn sure(facts: &'a FactSet) -> Sight<'a> {
        Sight::new(facts, true)
    }

    /// Everything that was reported and holds.
    pub(super) fn reported(facts: &'a FactSet) -> Sight<'a> {
        Sight::new(facts, false)
    }

    fn new(facts: &'a FactSet, only_confirmed: bool) -> Sight<'a> {
        let counts = facts.counts();
        let seen = |all| Seen::new(all, only_confirmed);
        Sight {
            facts,
            goals: seen(&counts.goals),
            corners: seen(&counts.corners),
            cards: seen(&counts.cards),
            only_confirmed,
        }
    }

    fn seen(&self, what: What) -> &Seen<'a> {
        match what {
            What::Goals => &self.goals,
            What::Corners => &self.corners,
            What::Cards => &self.cards,
        }
    }

    /// Whether the ninety minutes are over for what is counted: the whistle is sure, and nothing in doubt.
    pub(super) fn end(&self, what: What) -> End {
        let is_over =
            if self.only_confirmed { self.facts.regulation_over_confirmed() } else { self.facts.regulation_over() };
        if self.seen(what).is_in_doubt(Period::SecondHalf) {
            End::Open
        } else if is_over {
            End::Whistle
        } else if self.is_abandoned() && !self.facts.regulation_over() {
            End::Abandoned
        } else {
            End::Open
        }
    }

    /// Whether the first half is over for what is counted.
    pub(super) fn is_first_half_over(&self, what: What) -> bool {
        let is_over = self.facts.is_over(Period::FirstHalf, self.only_confirmed);
        (is_over || self.end(what) == End::Whistle) && !self.seen(what).is_in_doubt(Period::FirstHalf)
    }

    /// The score, or what the sides count of something else, in the ninety minutes so far.
    pub(super) fn score(&self, what: What) -> Score {
        self.seen(what).score
    }

    /// The same of the first half.
    pub(super) fn first_half(&self, what: What) -> Score {
        self.seen(what).in_first_half
    }

    /// The same of the second half.
    pub(super) fn second_half(&self, what: What) -> Score {
        let seen = self.seen(what);
        seen.score.since(seen.in_first_half).expect("a half is a part of the whole")
    }

    /// The first ones in their order, as far as it is sure.
    pub(super) fn first(&self, what: What) -> &'a [Counted] {
        let seen = self.seen(what);
        &seen.all[..seen.first]
    }

    /// Every one, in or out of order.
    pub(super) fn counted(&self, what: What) -> impl Iterator<Item = &'a Counted> + '_ {
        self.seen(what).counted()
    }

    /// Whether the score was ever this one; `None` while it may still come.
    pub(super) fn stood(&self, base: Score) -> Option<bool> {
        let goals_then = usize::from(base.home) + usize::from(base.away);
        let goals = self.first(What::Goals);
        let then = score_of(&goals[..goals_then.min(goals.len())]);
        let is_beyond = then.home > base.home || then.away > base.away;
        match then == base {
            true => Some(true),
            false => (is_beyond || self.end(What::Goals) == End::Whistle).then_some(false),
        }
    }

    /// What a measure comes to so far.
    pub(super) fn read(&self, measure: &Measure) -> Read {
        let is_over = self.end(measure.what) == End::Whistle;
        match measure.part {
            Part::Match => Read::Value(measure.value(self.score(measure.what)), !is_over),
            Part::FirstHalf => {
                let score = self.first_half(measure.what);
                Read::Value(measure.value(score), !self.is_first_half_over(measure.what))
            }
            Part::SecondHalf => {
                let score = self.second_half(measure.what);
                Read::Value(measure.value(score), !is_over)
            }
            Part::Since(base) => match self.stood(base) {
                None => Read::Nothing,
                Some(false) => Read::NeverStood,
                Some(true) => match self.score(measure.what).since(base) {
                    Some(since) => Read::Value(measure.value(since), !is_over),
                    None => Read::Nothing,
                },
            },
        }
    }

    /// How the tie may still end; none if the match is no knock-out match.
    pub(super) fn fates(&self) -> Vec<Fate> {
        let Some(first_leg) = self.facts.fixture().and_then(|fixture| fixture.scope.knock_out) else {
            return Vec::new();
        };
        if self.end(What::Goals) != End::Whistle {
            return Fate::ALL.to_vec();
        }
        let lead = self.score(What::Goals).lead() + i64::from(first_leg);
        if let Some(winner) = ahead(lead) {
            return vec![Fate::Ninety(winner)];
        }
        match self.facts.extra_time_was_played(self.only_confirmed) {
            None => Fate::ALL.into_iter().filter(|fate| !matches!(fate, Fate::Ninety(_))).collect(),
            Some(false) => self.winners_of_shoot_out().into_iter().map(Fate::StraightShootOut).collect(),
            Some(true) => self.fates_from_extra_time(),
        }
    }

    fn fates_from_extra_time(&self) -> Vec<Fate> {
        let extra = Seen::new(&self.facts.counts().extra_goals, self.only_confirmed);
        let is_over = self.facts.is_over(Period::ExtraSecondHalf, self.only_confirmed)
            && !extra.is_in_doubt(Period::ExtraSecondHalf);
        if !is_over {
            let by_either = [Side::Home, Side::Away];
            return by_either.map(Fate::ExtraTime).into_iter().chain(by_either.map(Fate::ShootOut)).collect();
        }
        match ahead(score_of(extra.counted()).lead()) {
            Some(winner) => vec![Fate::ExtraTime(winner)],
            None => self.winners_of_shoot_out().into_iter().map(Fate::ShootOut).collect(),
        }
    }

    /// Who may still win the shoot-out: both until it is over, and where it is told to have ended level, which it cannot.
    fn winners_of_shoot_out(&self) -> Vec<Side> {
        let penalties = Seen::new(&self.facts.counts().penalties, self.only_confirmed);
        let is_over = self.facts.is_over(Period::ShootOut, self.only_confirmed);
        let winner = ahead(score_of(penalties.counted()).lead());
        match winner.filter(|_| is_over && !penalties.is_in_doubt(Period::ShootOut)) {
            Some(winner) => vec![winner],
            None => vec![Side::Home, Side::Away],
        }
    }

    /// As [`Sight::end`], for who goes through. A tie whose ninety minutes are over may be given up in extra time, or
    /// before the shoot-out is decided: not while a goal or a whistle of it is in doubt.
    pub(super) fn end_of_tie(&self) -> End {
        let counts = self.facts.counts();
        let in_doubt = |counted: &[Counted]| counted.iter().any(|one| !one.is_confirmed);
        let is_sure = !self.only_confirmed
            || !(self.facts.has_whistle_in_doubt() || in_doubt(&counts.extra_goals) || in_doubt(&counts.penalties));
        match self.end(What::Goals) {
            End::Whistle if is_sure && self.is_abandoned() => End::Abandoned,
            end @ (End::Open | End::Whistle | End::Abandoned) => end,
        }
    }

    fn is_abandoned(&self) -> bool {
        if self.only_confirmed { self.facts.is_abandoned_confirmed() } else { self.facts.is_abandoned() }
    }
}

fn ahead(lead: i64) -> Option<Side> {
    match lead.signum() {
        1 => Some(Side::Home),
        0 => None,
        _ => Some(Side::Away),
    }
}
