//! What each result is truly worth, given how the match stands, and the odds we offer on it.
//!
//! The way through this room: a [`Profile`] and a [`Clock`] say how much of the match is left to score in
//! ([`remaining`]); the [`Engine`] spreads the goals still to come over it and gives one [`ScoreLaw`], from which
//! every market of the match is read; a [`MarginPlan`] and a [`Ladder`] turn fair probabilities into an [`Offer`].
//!
//! Floats live here and nowhere else. What leaves is a [`Price`](crate::values::Price) on a ladder, or a probability in
//! whole billionths.

mod chain;
mod clock;
mod counts;
mod fair;
mod inputs;
mod inversion;
mod ladder;
mod law;
mod lines;
mod logarithms;
mod margin;
mod next_goal;
mod offer;
mod overrounds;
mod profile;
mod root;
mod walk;

pub use chain::{Engine, law};
pub use clock::{Clock, Phase, Remaining, remaining};
pub use counts::Split;
pub use fair::Fair;
pub use inputs::{ModelInputs, NoPrice, Rates, State};
pub use inversion::{FairOdds, NoRates, RHO_BOUNDS, RhoSource, fair_odds, inputs_from_odds, rates_from_odds};
pub use ladder::{BadLadder, Band, Ladder};
pub use law::ScoreLaw;
pub use lines::{HandicapForm, LineSet, Lines, choose_handicaps, choose_lines, choose_team_lines};
pub use margin::{MarginMethod, NoMargin, apply_margin, effective_overround, entropy, remove_margin};
pub use offer::{
    MarginPlan, Offer, PriceMaker, TickRounding, offer, offer_double_chance, offer_lines, offer_two_way, withheld,
};
pub use overrounds::{Overrounds, default_method};
pub use profile::{BadProfile, Profile, ProfileParts};

#[cfg(test)]
mod tests;
