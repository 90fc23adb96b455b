//! What each result is truly worth, given how the match stands, and the odds we offer on it.
//!
//! The way through this room: a [`Profile`] and a [`Clock`] say how much of the match is left to score in
//! ([`remaining`]); the [`Engine`] spreads the goals still to come over it and gives one [`ScoreLaw`], from which
//! every market of the match is read; a [`MarginPlan`] and a [`Ladder`] turn fair probabilities into an [`Offer`].
//!
//! # The model
//!
//! Where a comment in this room names a section, it is one of these.
//!
//! 1. **Inputs.** λ and μ, the base rates of home and away over regular time as seen before kick-off; ρ; the score
//!    effect φ; what a red card does, κ. Frozen at kick-off but for traders' scales.
//! 2. **Time.** A profile spreads the match's goals over its minutes and stoppages. What is left of it, U, is all that the
//!    laws know of the clock.
//! 3. **Rates.** At a home lead of d, home scores at λ κ φ(d) and away at μ κ φ(-d) a unit of U: a pure birth process
//!    whose rates hang on the score, as in Dixon and Robinson (1998), *A birth process model for association football
//!    matches*. They tell home and away leads apart by factors of their own and let the rates rise with time; here one φ
//!    by the scoring side's own lead, -2 to +2 and the same beyond, serves both sides, and the profile is time.
//! 4. **Final score.** Goals arrive by 3 for the time U that is left; then each final score of at most one goal a side is
//!    weighed by the τ of Dixon and Coles (1997), *Modelling association football scores and inefficiencies in the
//!    football betting market*, with the λ, μ and ρ of kick-off, and all is divided by Z, the weighed mass. Without score
//!    effect and red cards that is the conditional law of the Dixon-Coles match given the goals so far; with them it is the
//!    same change of measure (a Doob transform) of this process: fair prices are martingales all the same, but at
//!    kick-off Z is then not 1 and each side's goals are not quite Poisson, as they are in their paper.
//! 5. **Derived laws** by the same weights: both halves jointly, the order of goals, minutes without one, what is left of
//!    the match, extra time and a shoot-out.
//! 6. **Markets** are read from these laws by the rules of the [catalogue](crate::catalogue).
//! 7. **Corners and cards** have processes of their own: a gamma-mixed Poisson total, its sides drawn from an urn.
//! 8. **From odds to rates**: the margin taken off, λ and μ (and ρ) solved so that the model gives those odds.
//! 9. **Margin**: six methods to put it on and take it off, Shin (1992, 1993) among them.
//! 10. **Prices** stand on a ladder, never better than fair; lines are chosen around the most even one.
//! 11. **Several bets on one match** are priced from the joint law, and what a bet could be cashed out for.
//! 12. **Coherence**: every market of a match is one measure's; the tests hold published sets to it.
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
