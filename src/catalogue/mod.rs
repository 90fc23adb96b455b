//! What may be bet on: every type of market in one place, with its selections and what of a match decides it.
//!
//! A type of market is one [`Definition`]. The rule in it is read twice and written once: pricing sums it over all that
//! may still happen, settlement applies it to what did happen. So a market cannot be priced by one rule and paid by
//! another. To add a type, write its definition beside its kin and name it in the list below.
//!
//! Two markets that are the same bet under two names are told by [`same_bet`].

mod alias;
mod definition;
mod easier;
mod goals;
mod halves;
mod knock_out;
mod market_id;
mod order;
mod outcome;
mod results;
mod set_pieces;
mod title;

pub use alias::same_bet;
pub use definition::{
    Definition, Fate, For, MarginClass, Measure, Part, Reads, Selections, Specifier, Threshold, What, Window,
};
pub use easier::easier_bets;
pub use market_id::MarketId;
pub use outcome::{How, Outcome, Third};

use crate::values::{QuarterLine, Score, Side};

/// Most goals a side that a correct score market may name.
pub const CORRECT_SCORE_MAX: u8 = 9;

/// A type of market: its place in the catalogue, which never changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarketType(u8);

impl std::fmt::Debug for MarketType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Names each definition and gives it the next number.
macro_rules! catalogue {
    ($($constant:ident = $definition:path, $doc:literal;)*) => {
        const CATALOGUE: &[&Definition] = &[$(&$definition),*];

        #[derive(Clone, Copy)]
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "only there to count")]
        enum Place { $($constant),* }

        impl MarketType {
            $(#[doc = $doc] pub const $constant: MarketType = MarketType(Place::$constant as u8);)*
        }
    };
}

catalogue! {
    MATCH_RESULT = results::MATCH_RESULT, "Home, draw or away after 90 minutes and stoppage (1X2).";
    DOUBLE_CHANCE = results::DOUBLE_CHANCE, "Two of the three results at once.";
    DRAW_NO_BET = results::DRAW_NO_BET, "Home or away; a draw returns the stake.";
    TOTAL = goals::TOTAL, "Over or under a number of goals.";
    TEAM_TOTAL = goals::TEAM_TOTAL, "Over or under a number of goals of one side.";
    HANDICAP = results::HANDICAP, "Asian handicap on the final score.";
    HANDICAP_REST = results::HANDICAP_REST, "Asian handicap on the goals after a given score: the usual in-play form.";
    BOTH_TEAMS_TO_SCORE = goals::BOTH_TEAMS_TO_SCORE, "Whether both sides score.";
    CORRECT_SCORE = goals::CORRECT_SCORE, "The final score.";
    NEXT_GOAL = order::NEXT_GOAL, "Who scores the n-th goal of the match.";
    REST_RESULT = results::REST_RESULT, "Who scores more after a given score.";
    THREE_WAY_HANDICAP = results::THREE_WAY_HANDICAP, "European handicap: home, draw or away with a start.";
    WINNING_MARGIN = results::WINNING_MARGIN, "Who wins, and by how many.";
    EXACT_GOALS = goals::EXACT_GOALS_OF_MATCH, "How many goals exactly.";
    TEAM_EXACT_GOALS = goals::EXACT_GOALS_OF_TEAM, "How many goals of one side exactly.";
    ODD_EVEN = goals::ODD_EVEN, "An odd or an even number of goals.";
    CLEAN_SHEET = goals::CLEAN_SHEET, "Whether one side lets no goal in.";
    WIN_TO_NIL = goals::WIN_TO_NIL, "Whether one side wins and lets no goal in.";
    HALF_RESULT = halves::HALF_RESULT, "Who scores more in one half.";
    HALF_TOTAL = halves::HALF_TOTAL, "Over or under a number of goals in one half.";
    HALF_HANDICAP = halves::HALF_HANDICAP, "Asian handicap on the goals of one half.";
    HALF_CORRECT_SCORE = halves::HALF_CORRECT_SCORE, "The score of one half by itself.";
    HALF_BOTH_TEAMS_TO_SCORE = halves::HALF_BOTH_TEAMS_TO_SCORE, "Whether both sides score in one half.";
    HALF_TIME_FULL_TIME = halves::HALF_TIME_FULL_TIME, "Who is ahead at half-time, and who at the end.";
    WIN_BOTH_HALVES = halves::WIN_BOTH_HALVES, "Whether one side wins each half.";
    WIN_EITHER_HALF = halves::WIN_EITHER_HALF, "Whether one side wins a half.";
    HIGHEST_HALF = halves::HIGHEST_HALF, "Which half brings more goals.";
    GOAL_IN_BOTH_HALVES = halves::GOAL_IN_BOTH_HALVES, "Whether each half brings a goal.";
    LAST_GOAL = order::LAST_GOAL, "Who scores the last goal.";
    RACE = order::RACE, "Who first has so many goals.";
    GOAL_IN_INTERVAL = order::GOAL_IN_INTERVAL, "Whether some minutes bring a goal.";
    TEAM_GOAL_IN_INTERVAL = order::TEAM_GOAL_IN_INTERVAL, "Whether they bring one of that side.";
    GOAL_BEFORE = order::GOAL_BEFORE, "Whether a goal comes before a minute.";
    CORNERS_RESULT = set_pieces::CORNERS_RESULT, "Who takes more corners.";
    CORNERS_TOTAL = set_pieces::CORNERS_TOTAL, "Over or under a number of corners.";
    CORNERS_TEAM_TOTAL = set_pieces::CORNERS_TEAM_TOTAL, "Over or under a number of corners of one side.";
    CORNERS_HANDICAP = set_pieces::CORNERS_HANDICAP, "Handicap on corners.";
    CORNERS_ODD_EVEN = set_pieces::CORNERS_ODD_EVEN, "An odd or an even number of corners.";
    CORNERS_RACE = set_pieces::CORNERS_RACE, "Who first has so many corners.";
    CARDS_RESULT = set_pieces::CARDS_RESULT, "Who is shown more cards.";
    CARDS_TOTAL = set_pieces::CARDS_TOTAL, "Over or under a number of cards.";
    CARDS_TEAM_TOTAL = set_pieces::CARDS_TEAM_TOTAL, "Over or under a number of cards of one side.";
    CARDS_HANDICAP = set_pieces::CARDS_HANDICAP, "Handicap on cards.";
    CARDS_ODD_EVEN = set_pieces::CARDS_ODD_EVEN, "An odd or an even number of cards.";
    TO_QUALIFY = knock_out::TO_QUALIFY, "Who goes through.";
    QUALIFY_METHOD = knock_out::QUALIFY_METHOD, "Who goes through, and how.";
    EXTRA_TIME = knock_out::EXTRA_TIME, "Whether extra time is played.";
    SHOOT_OUT = knock_out::SHOOT_OUT, "Whether penalties decide.";
    EXTRA_TIME_RESULT = knock_out::EXTRA_TIME_RESULT, "Who scores more in extra time.";
    SHOOT_OUT_WINNER = knock_out::SHOOT_OUT_WINNER, "Who wins the shoot-out.";
}

impl MarketId {
    /// `1x2`.
    pub const MATCH_RESULT: MarketId = MarketId::of(MarketType::MATCH_RESULT);
    /// `double_chance`.
    pub const DOUBLE_CHANCE: MarketId = MarketId::of(MarketType::DOUBLE_CHANCE);
    /// `draw_no_bet`.
    pub const DRAW_NO_BET: MarketId = MarketId::of(MarketType::DRAW_NO_BET);
    /// `btts`.
    pub const BOTH_TEAMS_TO_SCORE: MarketId = MarketId::of(MarketType::BOTH_TEAMS_TO_SCORE);

    /// `total:line=L`: goals of both sides.
    pub const fn total(line: QuarterLine) -> MarketId {
        MarketId::of(MarketType::TOTAL).at_line(line)
    }

    /// `team_total:line=L,side=S`: goals of one side.
    pub const fn team_total(side: Side, line: QuarterLine) -> MarketId {
        MarketId::of(MarketType::TEAM_TOTAL).of_side(side).at_line(line)
    }

    /// `handicap:line=L`: L is added to home's goals.
    pub const fn handicap(line: QuarterLine) -> MarketId {
        MarketId::of(MarketType::HANDICAP).at_line(line)
    }

    /// `handicap_rest:base=H:A,line=L`: only goals after the score H:A count; L is added to home's.
    pub const fn handicap_rest(base: Score, line: QuarterLine) -> MarketId {
        MarketId::of(MarketType::HANDICAP_REST).since(base).at_line(line)
    }

    /// `correct_score:max=N`: scores up to N goals a side, and three selections for all others.
    pub const fn correct_score(max: u8) -> MarketId {
        MarketId::of(MarketType::CORRECT_SCORE).number(max)
    }

    /// `next_goal:nth=N`: the n-th goal of the match, from 1.
    pub const fn next_goal(nth: u8) -> MarketId {
        MarketId::of(MarketType::NEXT_GOAL).number(nth)
    }
}

/// The groups that a bet stop names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarketGroup {
    /// Everything that a goal moves.
    Goals,
    /// Corners.
    Corners,
    /// Cards.
    Cards,
}

/// How far a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Before kick-off.
    PreMatch,
    /// The first half.
    FirstHalf,
    /// The break.
    HalfTime,
    /// The second half.
    SecondHalf,
    /// From the end of the ninety minutes of a tie that they have left level.
    ExtraTime,
}

/// What decides which markets belong on the shelf now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// How far the match is.
    pub stage: Stage,
    /// Minutes of the match that are over; in stoppage those of the half.
    pub minute: u8,
    /// The score.
    pub score: Score,
    /// The score at half-time, once it was.
    pub half_time: Option<Score>,
    /// Corners so far.
    pub corners: Score,
    /// Correct scores are named up to this many goals a side.
    pub correct_score_max: u8,
    /// The feed counts this match's corners.
    pub has_corners: bool,
    /// The feed counts its cards.
    pub has_cards: bool,
    /// One side goes through.
    pub is_knock_out: bool,
}

impl Moment {
    /// Whether the ball rolls, or rests at half-time.
    pub fn is_in_play(&self) -> bool {
        self.stage != Stage::PreMatch
    }
}

#[cfg(test)]
mod tests;
