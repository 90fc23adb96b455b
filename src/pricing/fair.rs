//! What each selection of a market is truly worth, by the market's name.

use super::counts::Split;
use super::law::ScoreLaw;
use crate::event::MarketId;
use crate::values::QuarterLine;

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

impl ScoreLaw {
    /// The fair value of a market. `None` for what the score now says nothing of: a next goal that is not the next one,
    /// and goals after a score that is not the score now.
    pub fn fair(&self, market: MarketId) -> Option<Fair> {
        match market {
            MarketId::MatchResult => Some(Fair::Shares(self.match_result().to_vec())),
            MarketId::DoubleChance => Some(Fair::Shares(self.double_chance().to_vec())),
            MarketId::DrawNoBet => Some(Fair::Line(self.handicap(QuarterLine::ZERO))),
            MarketId::TotalGoals(line) => Some(Fair::Line(self.total(line))),
            MarketId::TeamTotal(side, line) => Some(Fair::Line(self.team_total(side, line))),
            MarketId::Handicap(line) => Some(Fair::Line(self.handicap(line))),
            MarketId::HandicapRest(base, line) => {
                let is_now = (base.home, base.away) == (self.home_score(), self.away_score());
                is_now.then(|| Fair::Line(self.handicap_from_now(line)))
            }
            MarketId::BothTeamsToScore => Some(Fair::Shares(self.both_teams_to_score().to_vec())),
            MarketId::CorrectScore(max) => Some(Fair::Shares(self.correct_score(max))),
            MarketId::NextGoal(nth) => {
                (u32::from(nth) == self.goals_now() + 1).then(|| Fair::Shares(self.next_goal().to_vec()))
            }
        }
    }
}
