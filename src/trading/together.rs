//! What several selections of one match are offered at together.

use super::opening::Opening;
use super::overrides::Overrides;
use super::quote::{MainLines, Pricer, Standing, Unpriced};
use crate::event::{MarketId, Outcome, TradingRules};
use crate::pricing::{COMBINATION_CAP, NoSameGame};
use crate::values::{Billionths, Price};
use std::fmt;

/// A combination as it would be offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    /// Probability that all of it comes in.
    pub fair: Billionths,
    /// The price on the ladder; `None` is withheld.
    pub price: Option<Price>,
    /// Selections that say nothing new, by their place.
    pub implied: Vec<usize>,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTogether {
    /// The match has no price.
    Unpriced(Unpriced),
    /// This selection, by its place, is not on offer by itself.
    NotOffered(usize),
    /// The selections do not go together.
    NoSameGame(NoSameGame),
}

impl fmt::Display for NotTogether {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotTogether::Unpriced(reason) => write!(f, "{reason}"),
            NotTogether::NotOffered(place) => write!(f, "selection {} is not on offer by itself", place + 1),
            NotTogether::NoSameGame(NoSameGame::NotCombinable(place)) => {
                write!(
                    f,
                    "selection {} cannot be combined: it may return the stake, or hangs on more than goals",
                    place + 1
                )
            }
            NotTogether::NoSameGame(NoSameGame::NoLaw) => f.write_str("the half-time score is not known"),
            NotTogether::NoSameGame(NoSameGame::Combination(reason)) => write!(f, "no price together: {reason:?}"),
        }
    }
}

/// Prices selections of one match together, from the same law and at the offers that [`price`](super::price) gives each.
///
/// # Errors
/// Why there is no price.
pub fn price_together(
    standing: &Standing,
    rules: &TradingRules,
    legs: &[(MarketId, Outcome)],
) -> Result<Together, NotTogether> {
    let mut pricer = Pricer::new();
    let mut opening = Opening::default();
    let quote = pricer
        .quote(standing, &Overrides::default(), &MainLines::default(), rules, &mut opening)
        .map_err(NotTogether::Unpriced)?;
    let mut offered = Vec::with_capacity(legs.len());
    for (place, (market, outcome)) in legs.iter().enumerate() {
        let at = market.outcomes().iter().position(|one| one == outcome);
        let price = at.and_then(|at| quote.offers.get(market)?.get(at)?.price);
        let factor = price.ok_or(NotTogether::NotOffered(place))?.factor();
        offered.push((*market, *outcome, factor.den() as f64 / factor.num() as f64));
    }
    pricer.together(standing, rules, &mut opening, &offered, COMBINATION_CAP)
}
