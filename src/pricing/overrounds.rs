//! How much of a market's odds is the house's, by the kind of market and the moment of the match.

use super::clock::{Clock, Phase};
use super::margin::MarginMethod;
use crate::catalogue::{MarginClass, Selections};
use crate::event::{MarketId, MarketType};
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
    /// Half-time and full-time.
    pub half_time_full_time: Billionths,
    /// Next goal.
    pub next_goal: Billionths,
    /// Corners and cards.
    pub corners_and_cards: Billionths,
    /// To qualify, extra time, shoot-out.
    pub knock_out: Billionths,
    /// All that is not named here.
    pub other: Billionths,
    /// Added from kick-off on.
    pub in_play_addition: Billionths,
    /// Added, instead of the former, from `closing_minute` on.
    pub closing_addition: Billionths,
    /// Match minute in the second half from which the match counts as closing; extra time, thirty minutes later.
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
            half_time_full_time: Billionths::from_raw(1_180_000_000),
            next_goal: Billionths::from_raw(1_060_000_000),
            corners_and_cards: Billionths::from_raw(1_070_000_000),
            knock_out: Billionths::from_raw(1_050_000_000),
            other: Billionths::from_raw(1_080_000_000),
            in_play_addition: Billionths::from_raw(10_000_000),
            closing_addition: Billionths::from_raw(20_000_000),
            closing_minute: 85,
        }
    }
}

impl Overrounds {
    /// The overround of a kind of market before kick-off; `is_main` matters where it has lines.
    pub fn target(&self, kind: MarketType, is_main: bool) -> Billionths {
        match kind.definition().margin {
            MarginClass::MatchResult | MarginClass::DoubleChance => self.match_result,
            MarginClass::Total if is_main => self.main_total,
            MarginClass::Total => self.other_total,
            MarginClass::TeamTotal => self.team_total,
            MarginClass::Handicap if is_main => self.main_handicap,
            MarginClass::Handicap => self.other_handicap,
            MarginClass::BothTeamsToScore => self.both_teams_to_score,
            MarginClass::CorrectScore => self.correct_score,
            MarginClass::HalfTimeFullTime => self.half_time_full_time,
            MarginClass::NextGoal => self.next_goal,
            MarginClass::CornersAndCards => self.corners_and_cards,
            MarginClass::KnockOut => self.knock_out,
            MarginClass::Other => self.other,
        }
    }

    /// A pre-match overround with the addition of the moment.
    pub fn at(&self, pre_match: Billionths, clock: &Clock) -> Billionths {
        let addition = match clock.phase {
            Phase::PreMatch => Billionths::ZERO,
            Phase::SecondHalf if clock.minute >= f64::from(self.closing_minute) => self.closing_addition,
            // Extra time closes as far before its end as the ninety minutes do.
            Phase::ExtraSecondHalf if clock.minute >= f64::from(self.closing_minute) + 30.0 => self.closing_addition,
            Phase::FirstHalf
            | Phase::HalfTime
            | Phase::SecondHalf
            | Phase::BeforeExtraTime
            | Phase::ExtraFirstHalf
            | Phase::ExtraHalfTime
            | Phase::ExtraSecondHalf
            | Phase::Over => self.in_play_addition,
        };
        Billionths::from_raw(pre_match.raw().saturating_add(addition.raw()))
    }
}

/// How the margin of a market is spread by default: two-way by the odds ratio, more ways by power.
pub fn default_method(market: MarketId) -> MarginMethod {
    let is_two_way = match market.definition().selections {
        Selections::Fixed(outcomes) => outcomes.len() == 2,
        Selections::Scores | Selections::HalfScores | Selections::Numbers | Selections::Margins => false,
    };
    if is_two_way { MarginMethod::OddsRatio } else { MarginMethod::Power }
}
