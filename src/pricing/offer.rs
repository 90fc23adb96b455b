//! The odds we are ready to lay on each outcome, or that we do not lay any.

use super::counts::Split;
use super::ladder::{Ladder, NO_RUNG};
use super::line_offers::LineOffers;
use super::logarithms::{logarithms, whole_fours};
use super::margin::{MarginMethod, NoMargin, apply_margin_with, effective_overround, entropy};
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

    /// No offered probability is above its fair one times this.
    pub(super) fn ceiling_factor(&self) -> f64 {
        f64::max(self.ceiling.to_f64(), 1.0)
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
    let mut offers = Vec::with_capacity(fair.len());
    PriceMaker::new().offer(fair, winners, plan, ladder, &mut offers)?;
    Ok(offers)
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
    let mut offers = Vec::with_capacity(3);
    PriceMaker::new().offer_double_chance(match_result, plan, ladder, &mut offers)?;
    Ok(offers)
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
    let mut offers = Vec::with_capacity(lines.len());
    PriceMaker::new().offer_lines(lines, ladder, &mut offers)?;
    Ok(offers)
}

/// Makes offers of market after market in the same memory: after the first few it allocates nothing. The functions of
/// the same names do the same once.
#[derive(Clone, Debug, Default)]
pub struct PriceMaker {
    offered: Vec<f64>,
    /// Fair probabilities filled up to whole groups with zeros, and their logarithms.
    fair: Vec<f64>,
    logs: Vec<f64>,
    lines: LineOffers,
}

impl PriceMaker {
    /// One with nothing made yet.
    pub fn new() -> PriceMaker {
        PriceMaker::default()
    }

    /// Adds to `offers` those of [`offer()`].
    ///
    /// # Errors
    /// As there; `offers` is then as it was.
    pub fn offer(
        &mut self,
        fair: &[f64],
        winners: u8,
        plan: &MarginPlan,
        ladder: &Ladder,
        offers: &mut Vec<Offer>,
    ) -> Result<(), NoMargin> {
        if self.offered_probabilities(fair, winners, plan)? {
            on_the_ladder(fair, &self.offered, winners, plan.rounding, ladder, offers);
        } else {
            offers.extend(fair.iter().map(|p| unsold(*p)));
        }
        Ok(())
    }

    /// Adds to `offers` those of [`offer_double_chance`].
    ///
    /// # Errors
    /// As there; `offers` is then as it was.
    pub fn offer_double_chance(
        &mut self,
        match_result: &[f64; 3],
        plan: &MarginPlan,
        ladder: &Ladder,
        offers: &mut Vec<Offer>,
    ) -> Result<(), NoMargin> {
        let pairs = |of: &[f64]| [of[0] + of[1], of[0] + of[2], of[1] + of[2]];
        let fair = pairs(match_result).map(|p| f64::min(p, 1.0));
        if self.offered_probabilities(match_result, 1, plan)? {
            on_the_ladder(&fair, &pairs(&self.offered), 2, plan.rounding, ladder, offers);
        } else {
            offers.extend(fair.map(unsold));
        }
        Ok(())
    }

    /// Adds to `offers` those of [`offer_lines`].
    ///
    /// # Errors
    /// As there; `offers` is then as it was.
    pub fn offer_lines(
        &mut self,
        lines: &[(Split, MarginPlan)],
        ladder: &Ladder,
        offers: &mut Vec<[Offer; 2]>,
    ) -> Result<(), NoMargin> {
        self.lines.offer(lines, &mut self.offered)?;
        self.lines.on_the_ladder(lines, ladder, offers);
        Ok(())
    }

    /// Fills `offered` with what the outcomes are offered at before rounding; `false` if nothing is left to decide.
    fn offered_probabilities(&mut self, fair: &[f64], winners: u8, plan: &MarginPlan) -> Result<bool, NoMargin> {
        let mut overround = plan.overround.to_f64();
        let mut logs = None;
        if let Some(at_kick_off) = plan.kick_off_entropy {
            self.fair.clear();
            self.fair.extend_from_slice(fair);
            self.fair.resize(whole_fours(fair.len()), 0.0);
            self.logs.resize(self.fair.len(), 0.0);
            logarithms(&self.fair, &mut self.logs);
            let openness = fair.iter().zip(&self.logs).map(|(p, log)| -p * log).sum();
            overround = effective_overround(overround, openness, at_kick_off.to_f64());
            logs = Some(self.logs.as_slice());
        }
        match apply_margin_with(plan.method, fair, logs, winners, overround, &mut self.offered) {
            Ok(_) => {}
            Err(NoMargin::OutOfReach) => return Ok(false),
            Err(reason @ (NoMargin::NotProbabilities | NoMargin::Underround | NoMargin::ExponentOutOfBounds)) => {
                return Err(reason);
            }
        }
        let ceiling = plan.ceiling_factor();
        self.offered.iter_mut().zip(fair).for_each(|(q, p)| *q = f64::min(*q, ceiling * p));
        Ok(true)
    }
}

fn on_the_ladder(
    fair: &[f64],
    offered: &[f64],
    winners: u8,
    rounding: TickRounding,
    ladder: &Ladder,
    offers: &mut Vec<Offer>,
) {
    let sides = fair.iter().zip(offered);
    if let TickRounding::Nearest { overround_min } = rounding
        && nearest_carries(fair, offered, ladder, f64::from(winners) * overround_min.to_f64())
    {
        offers.extend(sides.map(|(p, q)| sold_nearest(*p, *q, ladder)));
        return;
    }
    offers.extend(sides.map(|(p, q)| sold_down(*p, *q, ladder)));
}

/// Not for sale, each at its fair value.
pub fn withheld(fair: &[f64]) -> Vec<Offer> {
    fair.iter().map(|p| unsold(*p)).collect()
}

#[cold]
#[inline(never)]
pub(super) fn unsold(p: f64) -> Offer {
    Offer { fair: quantised(p), price: None }
}

#[inline(always)]
pub(super) fn sold_down(p: f64, q: f64, ladder: &Ladder) -> Offer {
    sold(p, ladder.rung_below(1.0 / q), ladder)
}

pub(super) fn sold_nearest(p: f64, q: f64, ladder: &Ladder) -> Offer {
    sold(p, ladder.rung_nearest(1.0 / q), ladder)
}

/// At this rung, or at the next below that covers what it is worth.
#[inline(always)]
fn sold(p: f64, rung: usize, ladder: &Ladder) -> Offer {
    if !(FAIR_LEAST..1.5).contains(&p) {
        return unsold(p);
    }
    let fair = quantised(p);
    // What is published is less than a billionth off: as a rule there is no question.
    let is_clear = ladder.implied_at(rung) >= p + 1e-9;
    let rung = if is_clear { rung } else { covering(p, fair, rung, ladder) };
    Offer { fair, price: ladder.price_at(rung) }
}

/// The next rung below that covers it.
#[cold]
#[inline(never)]
fn covering(p: f64, published: Billionths, rung: usize, ladder: &Ladder) -> usize {
    ladder.rung_covering(rung, least_cover(p, published))
}

/// To the nearest billionth, a tie to the even one, as [`Billionths::from_f64`] does.
#[inline(always)]
fn quantised(p: f64) -> Billionths {
    /// Added to a number below it, it leaves no digits behind the point, and those before it stand at its end.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    let scaled = p * 1e9;
    if (0.0..WHOLE).contains(&scaled) {
        Billionths::from_raw(((scaled + WHOLE).to_bits() - WHOLE.to_bits()) as i64)
    } else {
        rounded(p)
    }
}

/// What is left of a certainty may be a rounding below 0.
#[cold]
#[inline(never)]
fn rounded(p: f64) -> Billionths {
    Billionths::from_f64(p).expect("a probability fits in billionths")
}

/// An offer must cover the fair probability and the one that is published, which may be rounded up from it.
fn least_cover(p: f64, published: Billionths) -> f64 {
    f64::max(p, published.to_f64())
}

/// Whether the market still carries `least` on its nearest rungs. Outcomes without a rung count with what they would be
/// offered at.
pub(super) fn nearest_carries(fair: &[f64], offered: &[f64], ladder: &Ladder, least: f64) -> bool {
    let implied = |(p, q): (&f64, &f64)| {
        let rung = ladder.rung_covering(ladder.rung_nearest(1.0 / q), least_cover(*p, quantised(*p)));
        if rung == NO_RUNG { *q } else { ladder.implied_at(rung) }
    };
    fair.iter().zip(offered).map(implied).sum::<f64>() >= least
}
