//! The odds we are ready to lay on each outcome, or that we do not lay any.

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
        MarginPlan::new(MarginMethod::Power, Billionths::from_raw(1_050_000_000))
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
    Ok(match offered_probabilities(fair, winners, plan)? {
        Some(offered) => on_the_ladder(fair, &offered, winners, plan.rounding, ladder),
        None => withheld(fair),
    })
}

/// Offers on home or draw, home or away, draw or away: each the sum of what the two are offered at in the match result, of
/// which `plan` is the plan. So it is never a way round that market's margin.
///
/// # Errors
/// As [`offer`].
pub fn offer_double_chance(
    match_result: &[f64; 3],
    plan: &MarginPlan,
    ladder: &Ladder,
) -> Result<Vec<Offer>, NoMargin> {
    let pairs = |of: &[f64]| [of[0] + of[1], of[0] + of[2], of[1] + of[2]];
    let fair = pairs(match_result).map(|p| f64::min(p, 1.0));
    Ok(match offered_probabilities(match_result, 1, plan)? {
        Some(offered) => on_the_ladder(&fair, &pairs(&offered), 2, plan.rounding, ladder),
        None => withheld(&fair),
    })
}

/// Offers on the two sides of a line: the margin is put on one over their fair odds. A line that one side cannot win
/// any more is withheld, and its fair values are 0 and 1.
///
/// # Errors
/// As [`offer`].
pub fn offer_two_way(split: Split, plan: &MarginPlan, ladder: &Ladder) -> Result<[Offer; 2], NoMargin> {
    Ok(offer_lines(&[(split, *plan)], ladder)?[0])
}

/// Offers on the lines of one family, ordered so that the first side gets less likely from line to line (totals rising,
/// handicaps falling). Lines differ in their margins; where that would put a harder bet at shorter odds than an easier one, the
/// easier one is shortened to it: never longer, so no offer gets better than fair.
///
/// # Errors
/// As [`offer`].
pub fn offer_lines(lines: &[(Split, MarginPlan)], ladder: &Ladder) -> Result<Vec<[Offer; 2]>, NoMargin> {
    let mut pairs = Vec::with_capacity(lines.len());
    for (split, plan) in lines {
        let fair = split.fair_probabilities().unwrap_or_else(|| {
            let first_wins = split.win + split.half_win > 0.0;
            [f64::from(u8::from(first_wins)), f64::from(u8::from(split.lose + split.half_lose > 0.0))]
        });
        let offered = if split.fair_probabilities().is_some() { offered_probabilities(&fair, 1, plan)? } else { None };
        pairs.push((fair, offered.map(|offered| [offered[0], offered[1]]), plan.rounding));
    }
    let (mut first, mut second) = (0.0, 0.0);
    for (_, offered, _) in pairs.iter_mut().rev() {
        let Some(offered) = offered else { continue };
        first = f64::max(first, offered[0]);
        offered[0] = first;
    }
    for (_, offered, _) in &mut pairs {
        let Some(offered) = offered else { continue };
        second = f64::max(second, offered[1]);
        offered[1] = second;
    }
    let on_sale = |(fair, offered, rounding): ([f64; 2], Option<[f64; 2]>, TickRounding)| {
        let offers = match offered {
            Some(offered) => on_the_ladder(&fair, &offered, 1, rounding, ladder),
            None => withheld(&fair),
        };
        [offers[0], offers[1]]
    };
    Ok(pairs.into_iter().map(on_sale).collect())
}

/// What the outcomes are offered at before rounding; `None` if nothing is left to decide.
fn offered_probabilities(fair: &[f64], winners: u8, plan: &MarginPlan) -> Result<Option<Vec<f64>>, NoMargin> {
    let overround = match plan.kick_off_entropy {
        Some(at_kick_off) => effective_overround(plan.overround.to_f64(), entropy(fair), at_kick_off.to_f64()),
        None => plan.overround.to_f64(),
    };
    let mut offered = Vec::with_capacity(fair.len());
    match apply_margin(plan.method, fair, winners, overround, &mut offered) {
        Ok(_) => {}
        Err(NoMargin::OutOfReach) => return Ok(None),
        Err(reason @ (NoMargin::NotProbabilities | NoMargin::Underround | NoMargin::ExponentOutOfBounds)) => {
            return Err(reason);
        }
    }
    let ceiling = f64::max(plan.ceiling.to_f64(), 1.0);
    for (q, p) in offered.iter_mut().zip(fair) {
        *q = f64::min(*q, ceiling * p);
    }
    Ok(Some(offered))
}

fn on_the_ladder(fair: &[f64], offered: &[f64], winners: u8, rounding: TickRounding, ladder: &Ladder) -> Vec<Offer> {
    let rungs = match rounding {
        TickRounding::Down => rungs_down(fair, offered, ladder),
        TickRounding::Nearest { overround_min } => {
            let least = f64::from(winners) * overround_min.to_f64();
            rungs_nearest(fair, offered, ladder, least).unwrap_or_else(|| rungs_down(fair, offered, ladder))
        }
    };
    let to_offer = |(p, rung): (&f64, Option<usize>)| Offer {
        fair: quantised(*p),
        price: rung.filter(|_| *p >= FAIR_LEAST).map(|rung| ladder.price_at(rung)),
    };
    fair.iter().zip(rungs).map(to_offer).collect()
}

/// Not for sale, each at its fair value.
pub fn withheld(fair: &[f64]) -> Vec<Offer> {
    fair.iter().map(|p| Offer { fair: quantised(*p), price: None }).collect()
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
