//! The odds we are ready to lay on each outcome, or that we do not lay any.

use super::clock::{Clock, Phase};
use super::counts::Split;
use super::ladder::Ladder;
use super::margin::{MarginMethod, NoMargin, apply_margin, effective_overround, entropy};
use crate::values::{Billionths, Price};

/// What one outcome is worth and what it is offered at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Fair probability. For a line with pushes and halves: one over its fair odds.
    pub fair: Billionths,
    /// The price; `None` is withheld.
    pub price: Option<Price>,
}

/// Which rung a raw price comes to stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TickRounding {
    /// The longest rung not above it: the offered overround is never below the target.
    #[default]
    Down,
    /// The nearest rung where that is no better than fair, and only if the market then still carries this overround;
    /// else as `Down`.
    Nearest {
        /// The least overround of the market after rounding.
        overround_min: Billionths,
    },
}

/// How the margin of one market is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarginPlan {
    /// The method.
    pub method: MarginMethod,
    /// Target overround, at least 1; a ceiling where the market is nearly decided.
    pub overround: Billionths,
    /// Entropy of the same market at kick-off: as the market closes, the overround shrinks in proportion. `None` keeps
    /// the overround constant.
    pub kick_off_entropy: Option<Billionths>,
    /// No offered probability is above its fair one times this.
    pub ceiling: Billionths,
    /// Rounding to the ladder.
    pub rounding: TickRounding,
}

impl MarginPlan {
    /// A plan with the default ceiling of 1.5, rounding down, and a constant overround.
    pub const fn new(method: MarginMethod, overround: Billionths) -> MarginPlan {
        MarginPlan {
            method,
            overround,
            kick_off_entropy: None,
            ceiling: Billionths::from_raw(1_500_000_000),
            rounding: TickRounding::Down,
        }
    }

    /// The same plan for a market whose fair probabilities at kick-off were these.
    #[must_use]
    pub fn shrinking_from(mut self, fair_at_kick_off: &[f64]) -> MarginPlan {
        self.kick_off_entropy = Billionths::from_f64(entropy(fair_at_kick_off));
        self
    }
}

impl Default for MarginPlan {
    /// A match result before kick-off: power, 1.05.
    fn default() -> MarginPlan {
        MarginPlan::new(MarginMethod::Power, Overrounds::default().match_result)
    }
}

/// Target overrounds by market, and what the phase of the match adds to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrounds {
    /// Match result.
    pub match_result: Billionths,
    /// The main line of the total.
    pub main_total: Billionths,
    /// Its other lines.
    pub other_total: Billionths,
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
            in_play_addition: Billionths::from_raw(10_000_000),
            closing_addition: Billionths::from_raw(20_000_000),
            closing_minute: 85,
        }
    }
}

impl Overrounds {
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

/// An outcome less likely than this is withheld.
const FAIR_LEAST: f64 = 1e-6;

/// Offers on the outcomes of a market of which `winners` win (1, or 2 for a double chance), in the order given. No
/// offer is ever better than fair. Withheld: fair odds so short that the raw price is below the first rung, and
/// outcomes less likely than one in a million. A market with nothing left to decide is withheld altogether.
///
/// # Errors
/// When `fair` is not a set of probabilities or the plan is not a margin.
pub fn offer(fair: &[f64], winners: u8, plan: &MarginPlan, ladder: &Ladder) -> Result<Vec<Offer>, NoMargin> {
    let overround = match plan.kick_off_entropy {
        Some(at_kick_off) => effective_overround(plan.overround.to_f64(), entropy(fair), at_kick_off.to_f64()),
        None => plan.overround.to_f64(),
    };
    let mut offered = Vec::with_capacity(fair.len());
    match apply_margin(plan.method, fair, winners, overround, &mut offered) {
        Ok(_) => {}
        Err(NoMargin::OutOfReach) => {
            return Ok(fair.iter().map(|p| Offer { fair: quantised(*p), price: None }).collect());
        }
        Err(reason @ (NoMargin::NotProbabilities | NoMargin::Underround | NoMargin::ExponentOutOfBounds)) => {
            return Err(reason);
        }
    }
    let ceiling = f64::max(plan.ceiling.to_f64(), 1.0);
    for (q, p) in offered.iter_mut().zip(fair) {
        *q = f64::min(*q, ceiling * p);
    }
    let rungs = match plan.rounding {
        TickRounding::Down => rungs_down(fair, &offered, ladder),
        TickRounding::Nearest { overround_min } => {
            let least = f64::from(winners) * overround_min.to_f64();
            rungs_nearest(fair, &offered, ladder, least).unwrap_or_else(|| rungs_down(fair, &offered, ladder))
        }
    };
    let to_offer = |(p, rung): (&f64, Option<usize>)| Offer {
        fair: quantised(*p),
        price: rung.filter(|_| *p >= FAIR_LEAST).map(|rung| ladder.price_at(rung)),
    };
    Ok(fair.iter().zip(rungs).map(to_offer).collect())
}

/// Offers on the two sides of a line: the margin is put on one over their fair odds. A line that one side cannot win
/// any more is withheld, and its fair values are 0 and 1.
///
/// # Errors
/// As [`offer`].
pub fn offer_two_way(split: Split, plan: &MarginPlan, ladder: &Ladder) -> Result<[Offer; 2], NoMargin> {
    let Some(pair) = split.fair_probabilities() else {
        let certain =
            |won: f64| Offer { fair: if won > 0.0 { Billionths::ONE } else { Billionths::ZERO }, price: None };
        return Ok([certain(split.win + split.half_win), certain(split.lose + split.half_lose)]);
    };
    let offers = offer(&pair, 1, plan, ladder)?;
    Ok([offers[0], offers[1]])
}

fn quantised(p: f64) -> Billionths {
    Billionths::from_f64(p).expect("a probability fits in billionths")
}

/// An offer must cover the fair probability and the one that is published, which may be rounded up from it.
fn least_cover(p: f64) -> f64 {
    f64::max(p, quantised(p).to_f64())
}

fn rungs_down(fair: &[f64], offered: &[f64], ladder: &Ladder) -> Vec<Option<usize>> {
    let rung = |(p, q): (&f64, &f64)| ladder.rung_covering(ladder.rung_below(1.0 / q)?, least_cover(*p));
    fair.iter().zip(offered).map(rung).collect()
}

/// `None` if the market would carry less than `least`. Outcomes without a rung count with what they would be offered at.
fn rungs_nearest(fair: &[f64], offered: &[f64], ladder: &Ladder, least: f64) -> Option<Vec<Option<usize>>> {
    let mut sum = 0.0;
    let mut rungs = Vec::with_capacity(fair.len());
    for (p, q) in fair.iter().zip(offered) {
        let rung = ladder.rung_nearest(1.0 / q).and_then(|rung| ladder.rung_covering(rung, least_cover(*p)));
        sum += rung.map_or(*q, |rung| ladder.implied_at(rung));
        rungs.push(rung);
    }
    (sum >= least).then_some(rungs)
}
