//! The goals of a match in the order in which they were scored, whatever order they were reported in.

use crate::event::{Certainty, Fact, FactBody, Period, Score, Side};
use crate::values::{FactId, Millis, Time};

/// A goal of the ninety minutes that holds. Ordered by the match clock; goals at the same clock by the source's time, then
/// by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Goal {
    at: (Period, Millis, Time, FactId),
    pub(super) side: Side,
    pub(super) is_confirmed: bool,
}

impl Goal {
    /// The goal that a fact reports; `None` for any other fact, and for goals whose clock stands in neither half: none of
    /// extra time counts, none of a shoot-out.
    pub(super) fn of(fact: &Fact, is_confirmed: impl FnOnce(&FactId) -> bool) -> Option<Goal> {
        let clock = fact.clock.filter(|clock| matches!(clock.period, Period::FirstHalf | Period::SecondHalf))?;
        let FactBody::Goal { side, own_goal: _ } = &fact.body else { return None };
        let at = (clock.period, clock.elapsed, fact.source_at, fact.id.clone());
        let is_confirmed = fact.certainty == Certainty::Confirmed || is_confirmed(&fact.id);
        Some(Goal { at, side: *side, is_confirmed })
    }
}

/// The score that these goals make.
pub(super) fn score_of<'a>(goals: impl IntoIterator<Item = &'a Goal>) -> Score {
    let mut score = Score::default();
    for goal in goals {
        let of_side = match goal.side {
            Side::Home => &mut score.home,
            Side::Away => &mut score.away,
        };
        *of_side = of_side.saturating_add(1);
    }
    score
}
