//! What each result is truly worth, given how the match stands, and the odds we offer on it.
//!
//! The way through this room: a [`Profile`] and a [`Clock`] say how much of the match is left to score in
//! ([`remaining`]); the [`Engine`] spreads the goals still to come over it and gives one [`ScoreLaw`], from which
//! every market of the match is read; a [`MarginPlan`] and a [`Ladder`] turn fair probabilities into an [`Offer`].
//!
//! Floats live here and nowhere else. What leaves is a [`Price`](crate::values::Price) on a ladder, or a probability in
//! whole billionths.

mod asked;
mod births;
mod cash_out;
mod chain;
mod clock;
mod count_profile;
mod counts;
mod fair;
mod goal_order;
mod combination;
mod halves;
mod inputs;
mod interval;
mod inversion;
mod knockout;
mod ladder;
mod law;
mod laws;
mod lead_walk;
mod line_offers;
mod lines;
mod logarithms;
mod margin;
mod model_tables;
mod next_goal;
mod offer;
mod overrounds;
mod power;
mod profile;
mod root;
mod same_game;
mod score_set;
mod tally;
mod walk;

pub use cash_out::{LegWorth, cash_out_offer, expected_multiple, fair_value, joint_multiple};
pub use chain::{Engine, law};
pub use clock::{Clock, Phase, Remaining, remaining};
pub use combination::{COMBINATION_CAP, Combination, Holds, LEGS_MAX, Leg, LegPrice, NoCombination};
pub use combination::{combine, combined_share};
pub use count_profile::CountProfile;
pub use counts::{Counts, Split};
pub use fair::Fair;
pub use goal_order::{GoalOrder, GoalOrderEngine};
pub use halves::{HalfCounts, HalvesEngine, HalvesLaw, NextGoal, NoHalves};
pub use inputs::{ModelInputs, NoPrice, Rates, State};
pub use interval::{IntervalEngine, IntervalTimes, NoGoalInside, interval_times, times_before_minute};
pub use inversion::{FairOdds, NoRates, RHO_BOUNDS, RhoSource};
pub use inversion::{fair_odds, inputs_from_odds, rates_from_expectancies, rates_from_match_result, rates_from_odds};
pub use knockout::{ExtraTime, KnockoutEngine, KnockoutLaw, Tie};
pub use ladder::{BadLadder, Band, Ladder};
pub use law::ScoreLaw;
pub use laws::{Circumstances, Laws, LawsEngine, Needs};
pub use lines::{LineSet, LineWish, Lines, choose_handicaps, choose_totals};
pub use margin::{MarginMethod, NoMargin, apply_margin, effective_overround, entropy, remove_margin};
pub use model_tables::{BadCounts, BadModel, CountTables, ModelTables};
pub use offer::{
    MarginPlan, Offer, PriceMaker, TickRounding, offer, offer_double_chance, offer_lines, offer_two_way, withheld,
};
pub use overrounds::{Overrounds, default_method};
pub use profile::{BadProfile, Profile, ProfileParts};
pub use same_game::{Implied, JointPrice, NoSameGame, SameGame, SameGames, same_game};
pub use tally::{BadCountModel, CountEngine, CountLaw, CountModel, CountState};

#[cfg(test)]
mod tests;
