//! How the house's share is put on fair probabilities, and taken off the odds of others.

use super::logarithms::summed;
use super::power::{add_by_power, add_by_power_with};
use super::root::rising_root;
use crate::values::Billionths;

/// The way the margin is spread over the outcomes of a market (pricing model, section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarginMethod {
    /// Every probability times the overround.
    Multiplicative,
    /// The same addition to every probability.
    Additive,
    /// An addition in proportion to `p^exponent`, exponent in [0, 1]: 0 is additive, 1 multiplicative.
    Weighted {
        /// g.
        exponent: Billionths,
    },
    /// Every probability to the same power.
    Power,
    /// Every probability's odds against times the same number.
    OddsRatio,
    /// Shin (1992, 1993): the margin a bookmaker needs against insiders.
    Shin,
}

/// Why a margin could not be put on or taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoMargin {
    /// Not finite, outside [0, 1], not summing to the number of winners; or, of offered ones, not inside (0, 1).
    NotProbabilities,
    /// The overround is below 1, so there is no margin.
    Underround,
    /// The outcomes still alive cannot sum to so much while each is below 1.
    OutOfReach,
    /// The exponent of `Weighted` is outside [0, 1].
    ExponentOutOfBounds,
}

/// Fair probabilities may miss their sum by this much.
const SUM_TOLERANCE: f64 = 1e-6;
/// An end of a bracket that no real market comes near.
const FAR: f64 = 1e18;

/// Puts the margin on: fills `offered` with q, Σq = `winners` x `overround`, q ≥ p. Outcomes with p = 0 are dead: they
/// get 0 and carry nothing. Returns the method used: where the asked one would give q ≥ 1 it is the odds ratio.
///
/// # Errors
/// See [`NoMargin`]. `offered` is then not to be used.
pub fn apply_margin(
    method: MarginMethod,
    fair: &[f64],
    winners: u8,
    overround: f64,
    offered: &mut Vec<f64>,
) -> Result<MarginMethod, NoMargin> {
    apply_margin_with(method, fair, None, winners, overround, offered)
}

/// The same with the logarithms of `fair`, if they are at hand: filled up to a whole group with zeros.
pub(super) fn apply_margin_with(
    method: MarginMethod,
    fair: &[f64],
    logs: Option<&[f64]>,
    winners: u8,
    overround: f64,
    offered: &mut Vec<f64>,
) -> Result<MarginMethod, NoMargin> {
    let winners = f64::from(winners);
    let in_range = fair.iter().all(|p| (0.0..=1.0 + SUM_TOLERANCE).contains(p));
    if !in_range || (summed(fair) - winners).abs() > SUM_TOLERANCE || !overround.is_finite() {
        return Err(NoMargin::NotProbabilities);
    }
    let exponent = checked_exponent(method)?;
    if overround < 1.0 {
        return Err(NoMargin::Underround);
    }
    offered.clear();
    if overround == 1.0 {
        offered.extend_from_slice(fair);
        return Ok(method);
    }
    let alive = fair.iter().filter(|p| **p > 0.0).count();
    let target = winners * overround;
    if target >= alive as f64 {
        return Err(NoMargin::OutOfReach);
    }
    let extra = target - winners;
    let done = match method {
        MarginMethod::Multiplicative => add_margin(fair, extra, 1.0, offered),
        MarginMethod::Additive => add_margin(fair, extra, 0.0, offered),
        MarginMethod::Weighted { .. } => add_margin(fair, extra, exponent, offered),
        MarginMethod::Power => {
            match logs {
                Some(logs) => add_by_power_with(fair, logs, target, offered),
                None => add_by_power(fair, target, offered),
            }
            true
        }
        MarginMethod::OddsRatio => false,
        MarginMethod::Shin => winners == 1.0 && add_by_shin(fair, overround, offered),
    };
    if done && offered.iter().all(|q| *q < 1.0) {
        return Ok(method);
    }
    offered.clear();
    add_by_odds_ratio(fair, target, offered);
    Ok(MarginMethod::OddsRatio)
}

/// Takes the margin off implied probabilities (one over the odds) of a market with one winner: fills `fair` with p,
/// Σp = 1. Returns the method used: where the asked one would give p ≤ 0 it is the odds ratio.
///
/// # Errors
/// See [`NoMargin`]. `fair` is then not to be used.
pub fn remove_margin(method: MarginMethod, implied: &[f64], fair: &mut Vec<f64>) -> Result<MarginMethod, NoMargin> {
    let exponent = checked_exponent(method)?;
    if implied.len() < 2 || !implied.iter().all(|q| *q > 0.0 && *q < 1.0) {
        return Err(NoMargin::NotProbabilities);
    }
    let overround = implied.iter().sum::<f64>();
    if overround < 1.0 {
        return Err(NoMargin::Underround);
    }
    fair.clear();
    match method {
        MarginMethod::Multiplicative => fair.extend(implied.iter().map(|q| q / overround)),
        MarginMethod::Additive => take_evenly(implied, overround, fair),
        MarginMethod::Weighted { .. } if exponent == 0.0 => take_evenly(implied, overround, fair),
        MarginMethod::Weighted { .. } => take_by_weight(implied, overround, exponent, fair),
        MarginMethod::Power => take_by_power(implied, fair),
        MarginMethod::OddsRatio => take_by_odds_ratio(implied, fair),
        MarginMethod::Shin => take_by_shin(implied, overround, fair),
    }
    if fair.iter().all(|p| *p > 0.0) {
        return Ok(method);
    }
    fair.clear();
    take_by_odds_ratio(implied, fair);
    Ok(MarginMethod::OddsRatio)
}

/// -Σ p ln p: how open a market is.
pub fn entropy(fair: &[f64]) -> f64 {
    fair.iter().filter(|p| **p > 0.0).map(|p| -p * libm::log(*p)).sum()
}

/// The overround for a market that is less open than at kick-off: `1 + (B - 1) min(1, H / H0)`. A constant one would
/// explode when a market is nearly decided.
#[inline]
pub fn effective_overround(overround: f64, entropy_now: f64, entropy_at_kick_off: f64) -> f64 {
    let is_as_open = entropy_now >= entropy_at_kick_off;
    let share = if is_as_open { 1.0 } else { f64::max(entropy_now / entropy_at_kick_off, 0.0) };
    1.0 + (overround - 1.0) * share
}

fn checked_exponent(method: MarginMethod) -> Result<f64, NoMargin> {
    let exponent = match method {
        MarginMethod::Weighted { exponent } => exponent.to_f64(),
        MarginMethod::Multiplicative => 1.0,
        MarginMethod::Additive | MarginMethod::Power | MarginMethod::OddsRatio | MarginMethod::Shin => 0.0,
    };
    if (0.0..=1.0).contains(&exponent) { Ok(exponent) } else { Err(NoMargin::ExponentOutOfBounds) }
}

/// q = p + extra p^g / Σ p^g over the outcomes alive.
fn add_margin(fair: &[f64], extra: f64, exponent: f64, offered: &mut Vec<f64>) -> bool {
    let weight = |p: f64| if p > 0.0 { libm::pow(p, exponent) } else { 0.0 };
    let weights: f64 = fair.iter().map(|p| weight(*p)).sum();
    offered.extend(fair.iter().map(|p| p + extra * weight(*p) / weights));
    true
}

/// q = cp / (1 - p + cp), c ≥ 1 so that Σq is the target.
fn add_by_odds_ratio(fair: &[f64], target: f64, offered: &mut Vec<f64>) {
    if let [first, second] = *fair
        && (first + second - 1.0).abs() <= 4.0 * f64::EPSILON
    {
        offered.extend(two_way_odds_ratio(first, second, target));
        return;
    }
    let ratio = rising_root(1.0, FAR, 1.0, |c| {
        let (mut value, mut slope) = (-target, 0.0);
        for p in fair {
            let whole = 1.0 - p + c * p;
            value += c * p / whole;
            slope += p * (1.0 - p) / (whole * whole);
        }
        (value, slope)
    });
    offered.extend(fair.iter().map(|p| ratio * p / (1.0 - p + ratio * p)));
}

/// The same for two outcomes that sum to 1, both alive, and a target below 2: a quadratic in c, with s the product of
/// the two: `s (2 - target) c² - (1 - 2s) (target - 1) c - s target = 0`.
#[inline(always)]
pub(super) fn two_way_odds_ratio(first: f64, second: f64, target: f64) -> [f64; 2] {
    let product = first * second;
    let room = product * (2.0 - target);
    let linear = (1.0 - 2.0 * product) * (target - 1.0);
    let ratio = (linear + (linear * linear + 4.0 * room * product * target).sqrt()) / (2.0 * room);
    [ratio * first / (second + ratio * first), ratio * second / (first + ratio * second)]
}

/// q_i = s_i Σs, s = √(z p + (1-z) p²), z so that (Σs)² is the overround; `false` if no z in [0, 1) does it.
fn add_by_shin(fair: &[f64], overround: f64, offered: &mut Vec<f64>) -> bool {
    let share = |z: f64, p: f64| (p * p + z * p * (1.0 - p)).sqrt();
    let most: f64 = fair.iter().map(|p| share(1.0, *p)).sum();
    let target = overround.sqrt();
    if most <= target {
        return false;
    }
    let insiders = rising_root(0.0, 1.0, 0.0, |z| {
        let (mut value, mut slope) = (-target, 0.0);
        for p in fair.iter().filter(|p| **p > 0.0) {
            let share = share(z, *p);
            value += share;
            slope += p * (1.0 - p) / (2.0 * share);
        }
        (value, slope)
    });
    let sum: f64 = fair.iter().map(|p| share(insiders, *p)).sum();
    offered.extend(fair.iter().map(|p| share(insiders, *p) * sum));
    true
}

fn take_evenly(implied: &[f64], overround: f64, fair: &mut Vec<f64>) {
    let each = (overround - 1.0) / implied.len() as f64;
    fair.extend(implied.iter().map(|q| q - each));
}

/// Solves q = p + t p^g for each p, with the t that makes them sum to 1: then t Σp^g is the margin.
fn take_by_weight(implied: &[f64], overround: f64, exponent: f64, fair: &mut Vec<f64>) {
    let one = |q: f64, t: f64| {
        rising_root(0.0, q, q / (1.0 + t), |p| {
            let weight = libm::pow(p, exponent);
            (p + t * weight - q, 1.0 + t * exponent * weight / p)
        })
    };
    // As p^g ≥ p, t = overround - 1 is always enough.
    let t = rising_root(0.0, overround - 1.0, 0.0, |t| {
        let (mut value, mut slope) = (1.0, 0.0);
        for q in implied {
            let p = one(*q, t);
            let weight = libm::pow(p, exponent);
            value -= p;
            slope += weight / (1.0 + t * exponent * weight / p);
        }
        (value, slope)
    });
    fair.extend(implied.iter().map(|q| one(*q, t)));
}

/// p = q^k, k ≥ 1 so that Σp = 1.
fn take_by_power(implied: &[f64], fair: &mut Vec<f64>) {
    let power = rising_root(1.0, FAR, 1.0, |k| {
        let (mut value, mut slope) = (1.0, 0.0);
        for q in implied {
            let log = libm::log(*q);
            let p = libm::exp(k * log);
            value -= p;
            slope -= p * log;
        }
        (value, slope)
    });
    fair.extend(implied.iter().map(|q| libm::pow(*q, power)));
}

/// p = q / (c + q - cq), c ≥ 1 so that Σp = 1.
fn take_by_odds_ratio(implied: &[f64], fair: &mut Vec<f64>) {
    let ratio = rising_root(1.0, FAR, 1.0, |c| {
        let (mut value, mut slope) = (1.0, 0.0);
        for q in implied {
            let whole = c + q - c * q;
            value -= q / whole;
            slope += q * (1.0 - q) / (whole * whole);
        }
        (value, slope)
    });
    fair.extend(implied.iter().map(|q| q / (ratio + q - ratio * q)));
}

/// p = (√(z² + 4 (1-z) q²/B) - z) / (2 (1-z)), z so that Σp = 1.
fn take_by_shin(implied: &[f64], overround: f64, fair: &mut Vec<f64>) {
    let share = |z: f64, q: f64| {
        let square = q * q / overround;
        let root = (z * z + 4.0 * (1.0 - z) * square).sqrt();
        let p = (root - z) / (2.0 * (1.0 - z));
        (p, ((z - 2.0 * square) / root - 1.0 + 2.0 * p) / (2.0 * (1.0 - z)))
    };
    let insiders = rising_root(0.0, 1.0, 0.0, |z| {
        let (mut value, mut slope) = (1.0, 0.0);
        for q in implied {
            let (p, p_slope) = share(z, *q);
            value -= p;
            slope -= p_slope;
        }
        (value, slope)
    });
    fair.extend(implied.iter().map(|q| share(insiders, *q).0));
}
