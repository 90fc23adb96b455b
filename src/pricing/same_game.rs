//! Several bets on one match as one bet: which selections can stand together, and what they are worth.

use super::combination::{Combination, Holds, Leg, NoCombination, combine};
use super::halves::NextGoal;
use super::laws::Laws;
use crate::catalogue::{Measure, Part, Reads, What};
use crate::event::{MarketId, Outcome, Score};

/// Why selections have no price together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSameGame {
    /// This one, by its place, does not go together with others: it can return the stake, hangs on what the joint law does
    /// not hold (minutes, races, corners), or is decided.
    NotCombinable(usize),
    /// The law of the halves was not worked out.
    NoLaw,
    /// See there.
    Combination(NoCombination),
}

/// Prices selections of one match together from the joint law of half-time, full-time and the next goal (section 11). Each
/// comes with one over the odds at which it is offered alone.
///
/// # Errors
/// See [`NoSameGame`].
pub fn same_game(laws: &Laws<'_>, legs: &[(MarketId, Outcome, f64)], cap: f64) -> Result<Combination, NoSameGame> {
    let law = laws.halves().ok_or(NoSameGame::NoLaw)?;
    let mut rules: Vec<Box<Holds<'_>>> = Vec::with_capacity(legs.len());
    for (place, (market, outcome, _)) in legs.iter().enumerate() {
        rules.push(holds(laws, *market, *outcome).ok_or(NoSameGame::NotCombinable(place))?);
    }
    let legs: Vec<Leg<'_>> =
        rules.iter().zip(legs).map(|(holds, (_, _, offered))| Leg { holds, offered: *offered }).collect();
    combine(law, &legs, cap).map_err(NoSameGame::Combination)
}

/// When a selection wins, told by the two scores and the next goal.
fn holds(laws: &Laws<'_>, market: MarketId, outcome: Outcome) -> Option<Box<Holds<'static>>> {
    if !market.has(outcome) {
        return None;
    }
    let score = |(home, away): (u32, u32)| Score { home: home as u16, away: away as u16 };
    let now = Score { home: laws.score().home_score(), away: laws.score().away_score() };
    let first = market.outcomes().first() == Some(&outcome);
    match market.definition().reads {
        Reads::Line(threshold) => {
            let threshold = threshold(market);
            let value = value_of(threshold.measure, now)?;
            let splits_or_pushes = threshold.quarters.rem_euclid(4) != 2;
            (!splits_or_pushes).then(|| -> Box<Holds<'static>> {
                Box::new(move |half, full, _| (4 * value(score(half), score(full)) > threshold.quarters) == first)
            })
        }
        Reads::Number { measure, wins, beyond: _ } => {
            let value = value_of(measure(market), now)?;
            Some(Box::new(move |half, full, _| wins(market, outcome, value(score(half), score(full)))))
        }
        Reads::Score { wins, beyond: _ } => Some(Box::new(move |_, full, _| wins(market, outcome, score(full)))),
        Reads::HalfScore { wins, beyond: _ } => Some(Box::new(move |half, full, _| {
            let (half, full) = (score(half), score(full));
            let own = if market.first_number() == 1 { Some(half) } else { full.since(half) };
            own.is_some_and(|own| wins(market, outcome, own))
        })),
        Reads::Halves(wins) => Some(Box::new(move |half, full, _| {
            let (half, full) = (score(half), score(full));
            full.since(half).is_some_and(|second| wins(market, outcome, half, second))
        })),
        Reads::NthGoal => {
            let is_next = i64::from(market.first_number()) == now.both() + 1;
            let whose =
                [(Outcome::Home, NextGoal::Home), (Outcome::Away, NextGoal::Away), (Outcome::NoGoal, NextGoal::Nobody)];
            let wanted = whose.into_iter().find_map(|(named, next)| (named == outcome).then_some(next))?;
            is_next.then(|| -> Box<Holds<'static>> { Box::new(move |_, _, next| next == wanted) })
        }
        Reads::LastGoal | Reads::Race(_) | Reads::GoalWithin(_) | Reads::KnockOut(_) => None,
    }
}

/// A measure as told by the half-time and the final score; `None` where they do not tell it.
fn value_of(measure: Measure, now: Score) -> Option<impl Fn(Score, Score) -> i64> {
    let is_told = match (measure.what, measure.part) {
        (What::Goals, Part::Match | Part::FirstHalf | Part::SecondHalf) => true,
        (What::Goals, Part::Since(base)) => base == now,
        (What::Corners | What::Cards, _) => false,
    };
    is_told.then_some(move |half: Score, full: Score| {
        let counted = match measure.part {
            Part::Match => full,
            Part::FirstHalf => half,
            Part::SecondHalf => full.since(half).unwrap_or_default(),
            Part::Since(base) => full.since(base).unwrap_or_default(),
        };
        measure.value(counted)
    })
}
