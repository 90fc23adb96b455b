//! How much of a market's odds is the house's, by the kind of market and the moment of the match.

use super::clock::{Clock, Phase};
use super::margin::MarginMethod;
use crate::event::MarketType;
use crate::values::Billionths;

/// Target overrounds by market, and what the phase of the match adds to them (section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrounds {
    /// Match result; double chance is made of it.
    pub match_result: Billionths,
    /// The main line of the total.
    pub main_total: Billionths,
    /// Its other lines.
    pub other_total: Billionths,
    /// Goals of one side.
    pub team_total: Billionths,
    /// The main line of a handicap of either form; draw no bet is a line of it.
    pub main_handicap: Billionths,
    /// Its other lines.
    pub other_handicap: Billionths,
    /// Both teams to score.
    pub both_teams_to_score: Billionths,
    /// Correct score.
    pub correct_score: Billionths,
    /// Next goal.
    pub next_goal: Billionths,
    /// Added from kick-off on.
    pub in_play_addition: Billionths,
    /// Added, instead of the former, from `closing_minute` on.
    pub closing_addition: Billionths,
    /// Match minute in the second half from which the match counts as closing.
    pub closing_minute: u8,
}

impl Default for Overrounds {
    fn default() -> Overrounds {
        Overrounds {
            match_result: Billionths::from_raw(1_050_000_000),
            main_total: Billionths::from_raw(1_040_000_000),
            other_total: Billionths::from_raw(1_050_000_000),
            team_total: Billionths::from_raw(1_080_000_000),
            main_handicap: Billionths::from_raw(1_040_000_000),
            other_handicap: Billionths::from_raw(1_050_000_000),
            both_teams_to_score: Billionths::from_raw(1_050_000_000),
            correct_score: Billionths::from_raw(1_200_000_000),
            next_goal: Billionths::from_raw(1_060_000_000),
            in_play_addition: Billionths::from_raw(10_000_000),
            closing_addition: Billionths::from_raw(20_000_000),
            closing_minute: 85,
        }
    }
}

impl Overrounds {
    /// The overround of a kind of market before kick-off; `is_main` matters where it has lines.
    pub fn target(&self, kind: MarketType, is_main: bool) -> Billionths {
        match kind {
            MarketType::MatchResult | MarketType::DoubleChance => self.match_result,
            MarketType::TotalGoals if is_main => self.main_total,
            MarketType::TotalGoals => self.other_total,
            MarketType::TeamTotal => self.team_total,
            MarketType::Handicap | MarketType::HandicapRest | MarketType::DrawNoBet if is_main => self.main_handicap,
            MarketType::Handicap | MarketType::HandicapRest | MarketType::DrawNoBet => self.other_handicap,
            MarketType::BothTeamsToScore => self.both_teams_to_score,
            MarketType::CorrectScore => self.correct_score,
            MarketType::NextGoal => self.next_goal,
        }
    }

    /// A pre-match overround with the addition of the moment.
    pub fn at(&self, pre_match: Billionths, clock: &Clock) -> Billionths {
        let addition = match clock.phase {
            Phase::PreMatch => Billionths::ZERO,
            Phase::SecondHalf if clock.minute >= f64::from(self.closing_minute) => self.closing_addition,
            Phase::FirstHalf | Phase::HalfTime | Phase::SecondHalf | Phase::Over => self.in_play_addition,
        };
        Billionths::from_raw(pre_match.raw().saturating_add(addition.raw()))
    }
}

/// How the margin of a kind of market is spread by default: two-way by the odds ratio, more ways by power.
pub fn default_method(kind: MarketType) -> MarginMethod {
    match kind {
        MarketType::MatchResult | MarketType::DoubleChance | MarketType::CorrectScore | MarketType::NextGoal => {
            MarginMethod::Power
        }
        MarketType::DrawNoBet
        | MarketType::TotalGoals
        | MarketType::TeamTotal
        | MarketType::Handicap
        | MarketType::HandicapRest
        | MarketType::BothTeamsToScore => MarginMethod::OddsRatio,
    }
}
