//! What each selection of a market is truly worth, by the market's name.

use super::counts::{Counts, Split};
use super::law::ScoreLaw;
use crate::catalogue::{For, Measure, Part, Reads, What};
use crate::event::{MarketId, MarketType, Outcome, Score, Side};

/// The fair value of a market, its selections in the order of [`MarketId::outcomes`].
#[derive(Clone, Debug, PartialEq)]
pub enum Fair {
    /// The probability of each selection; they sum to the number of winners, 2 for a double chance and 1 else.
    Shares(Vec<f64>),
    /// A line of two sides, which may push or split the stake: how the first side ends.
    Line(Split),
}

impl Fair {
    /// One over the fair odds of each selection; `None` for a line that one side cannot win.
    pub fn probabilities(&self) -> Option<Vec<f64>> {
        match self {
            Fair::Shares(shares) => Some(shares.clone()),
            Fair::Line(split) => split.fair_probabilities().map(Vec::from),
        }
    }
}

/// What each selection is worth by a rule that is applied to every way it can come out.
pub(super) fn shares<T: Copy>(
    market: MarketId,
    ways: impl Iterator<Item = (T, f64)>,
    wins: impl Fn(Outcome, T) -> bool,
) -> Fair {
    let outcomes = market.outcomes();
    let mut shares = vec![0.0; outcomes.len()];
    for (way, probability) in ways {
        for (share, outcome) in shares.iter_mut().zip(&outcomes) {
            if wins(*outcome, way) {
                *share += probability;
            }
        }
    }
    Fair::Shares(shares)
}

impl ScoreLaw {
    /// The fair value of a market that the final score decides, or the next goal. `None` for other markets and for what
    /// the score now says nothing of: a goal that is not the next one, goals after a score that is not the score now.
    ///
    /// Most are read by the market's own rule, summed over all that can happen; where a sum is at hand already, that sum
    /// is the same (it is a test).
    pub fn fair(&self, market: MarketId) -> Option<Fair> {
        let at_hand = match market.kind() {
            MarketType::MATCH_RESULT => self.match_result().to_vec(),
            MarketType::DOUBLE_CHANCE => self.double_chance().to_vec(),
            MarketType::BOTH_TEAMS_TO_SCORE => self.both_teams_to_score().to_vec(),
            MarketType::CORRECT_SCORE => self.correct_score(market.first_number()),
            _ => return self.fair_by_rule(market),
        };
        Some(Fair::Shares(at_hand))
    }

    /// By the market's rule alone.
    pub(super) fn fair_by_rule(&self, market: MarketId) -> Option<Fair> {
        match market.definition().reads {
            Reads::Line(threshold) => {
                let threshold = threshold(market);
                let (counts, now) = self.counts(&threshold.measure)?;
                Some(Fair::Line(counts.above(threshold.quarters - 4 * now)))
            }
            Reads::Number { measure, wins, beyond: _ } => {
                let (counts, now) = self.counts(&measure(market))?;
                let ways = counts.each().map(|(number, probability)| (number + now, probability));
                Some(shares(market, ways, |outcome, number| wins(market, outcome, number)))
            }
            Reads::Score { wins, beyond: _ } => {
                let ways = self
                    .cells()
                    .map(|(home, away, probability)| (Score { home: home as u16, away: away as u16 }, probability));
                Some(shares(market, ways, |outcome, score| wins(market, outcome, score)))
            }
            Reads::NthGoal => {
                let is_next = u32::from(market.first_number()) == self.goals_now() + 1;
                is_next.then(|| Fair::Shares(self.next_goal().to_vec()))
            }
            Reads::HalfScore { .. }
            | Reads::Halves(_)
            | Reads::LastGoal
            | Reads::Race(_)
            | Reads::GoalWithin(_)
            | Reads::KnockOut(_) => None,
        }
    }

    /// The law of what is still to come of a number, and how much there is of it now.
    pub(super) fn counts(&self, measure: &Measure) -> Option<(&Counts, i64)> {
        let score = Score { home: self.home_score(), away: self.away_score() };
        let counted = match (measure.what, measure.part) {
            (What::Goals, Part::Match) => score,
            (What::Goals, Part::Since(base)) if base == score => Score::default(),
            (What::Goals, Part::Since(_) | Part::FirstHalf | Part::SecondHalf) => return None,
            (What::Corners | What::Cards, _) => return None,
        };
        let to_come = match measure.of {
            For::Both => self.goals_to_come(),
            For::One(Side::Home) => self.home_to_come(),
            For::One(Side::Away) => self.away_to_come(),
            For::Lead => self.lead_to_come(),
        };
        Some((to_come, measure.value(counted)))
    }
}
