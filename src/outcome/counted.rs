//! What is counted in a match, in the order in which it happened, whatever order it was reported in: goals, corners, cards.

use crate::catalogue::What;
use crate::event::{Certainty, Fact, FactBody, Period, Score, Side};
use crate::values::{FactId, Millis, Time};

/// A red card weighs as much as two yellow ones.
const RED: u16 = 2;

/// Something counted that holds. Ordered by the match clock; at the same clock by the source's time, then by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counted {
    at: (Period, Millis, Time, FactId),
    pub(super) side: Side,
    /// How much it counts.
    pub(super) amount: u16,
    pub(super) is_confirmed: bool,
}

impl Counted {
    /// In which period.
    pub(super) fn period(&self) -> Period {
        self.at.0
    }

    /// In which minute of the match, from 0; stoppage belongs to the last minute of its half.
    pub(super) fn minute(&self) -> i64 {
        let minutes = self.at.1.get() / 60_000;
        if self.at.0 == Period::SecondHalf { 45 + minutes.clamp(0, 44) } else { minutes.clamp(0, 44) }
    }
}

/// All that is counted in a match, each kind in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Goals of the ninety minutes.
    pub(super) goals: Vec<Counted>,
    /// Corners taken in them.
    pub(super) corners: Vec<Counted>,
    /// Cards shown in them; a second yellow is reported as the red card that it is.
    pub(super) cards: Vec<Counted>,
    /// Goals of extra time.
    pub(super) extra_goals: Vec<Counted>,
    /// Penalties scored in the shoot-out.
    pub(super) penalties: Vec<Counted>,
}

impl Counts {
    /// Counts a fact that holds, if it is one that counts. Without a clock in a period of play it counts nowhere.
    pub(super) fn add(&mut self, fact: &Fact, is_confirmed: bool) {
        let Some(clock) = fact.clock else { return };
        let Some((what, side, amount)) = counts_as(&fact.body) else { return };
        let list = match (what, clock.period) {
            (What::Goals, Period::FirstHalf | Period::SecondHalf) => &mut self.goals,
            (What::Goals, Period::ExtraFirstHalf | Period::ExtraSecondHalf) => &mut self.extra_goals,
            (What::Goals, Period::ShootOut) => &mut self.penalties,
            (What::Corners, Period::FirstHalf | Period::SecondHalf) => &mut self.corners,
            (What::Cards, Period::FirstHalf | Period::SecondHalf) => &mut self.cards,
            (What::Goals | What::Corners | What::Cards, _) => return,
        };
        let at = (clock.period, clock.elapsed, fact.source_at, fact.id.clone());
        let is_confirmed = fact.certainty == Certainty::Confirmed || is_confirmed;
        list.push(Counted { at, side, amount, is_confirmed });
    }

    /// Puts each kind in its order.
    pub(super) fn sort(&mut self) {
        for list in [&mut self.goals, &mut self.corners, &mut self.cards, &mut self.extra_goals, &mut self.penalties] {
            list.sort_unstable();
        }
    }
}

/// What the fact adds to, for whom, and how much.
pub(super) fn counts_as(body: &FactBody) -> Option<(What, Side, u16)> {
    if let FactBody::Goal { side, own_goal: _ } = body {
        return Some((What::Goals, *side, 1));
    }
    if let FactBody::CornerTaken(side) = body {
        return Some((What::Corners, *side, 1));
    }
    if let FactBody::YellowCard(side) = body {
        return Some((What::Cards, *side, 1));
    }
    if let FactBody::RedCard { side, second_yellow: _ } = body { Some((What::Cards, *side, RED)) } else { None }
}

/// The score that these make.
pub(super) fn score_of<'a>(counted: impl IntoIterator<Item = &'a Counted>) -> Score {
    counted.into_iter().fold(Score::default(), |score, one| score.and(one.side, one.amount))
}
