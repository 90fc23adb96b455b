//! What a running bet is worth now, and what we pay to be rid of it.

use super::counts::Split;
use super::law::ScoreLaw;
use crate::values::{Billionths, Money};

/// What one unit on a leg, or on all open legs of one match together, comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LegWorth {
    /// It is settled: the payout multiple that it came to (its odds, 1 for a void, 0 for a loss, a half of either).
    Settled(f64),
    /// It runs: the payout multiple that may be expected of it.
    Open(f64),
    /// Its market is suspended: nobody knows.
    Suspended,
}

/// The payout multiple that may be expected of a two-way line at these odds: section 11.
pub fn expected_multiple(split: &Split, odds: f64) -> f64 {
    split.win * odds + split.half_win * (1.0 + odds) / 2.0 + split.push + split.half_lose / 2.0
}

/// The payout multiple that may be expected of legs that all look at the final score of one match: `multiple` says what
/// they pay together at (home, away). Never a product of the legs' own expectations.
pub fn joint_multiple(law: &ScoreLaw, multiple: impl Fn(u32, u32) -> f64) -> f64 {
    law.cells().map(|(home, away, probability)| probability * multiple(home, away)).sum()
}

/// The fair value of a bet in minor units, not rounded: the stake times what it may be expected to pay. Legs of different
/// matches multiply; open legs of one match must come as one. `None` while a leg is suspended, or a multiple is below
/// zero or not finite.
pub fn fair_value(stake: Money, legs: &[LegWorth]) -> Option<f64> {
    let mut value = stake.minor() as f64;
    for leg in legs {
        value *= match *leg {
            LegWorth::Settled(multiple) | LegWorth::Open(multiple) if multiple >= 0.0 => multiple,
            LegWorth::Settled(_) | LegWorth::Open(_) | LegWorth::Suspended => return None,
        };
    }
    value.is_finite().then_some(value)
}

/// A value that misses a whole minor unit by this much is that unit: the sums of a law are no better.
const ROUNDING_SLACK: f64 = 1e-6;

/// What we offer for a bet: its fair value less the margin, rounded down to the minor unit, not below nothing, and less
/// than `full_payout`, which is what the bet pays if everything still open is won. `None` when there is no fair value, the
/// margin is outside [0, 1], or the bet can pay nothing any more.
pub fn cash_out_offer(stake: Money, legs: &[LegWorth], margin: Billionths, full_payout: Money) -> Option<Money> {
    let margin = margin.to_f64();
    if !(0.0..=1.0).contains(&margin) || !full_payout.is_positive() {
        return None;
    }
    let value = fair_value(stake, legs)? * (1.0 - margin);
    // A cast of a float stays inside the range of the whole number.
    let offer = Money::from_minor(libm::floor(value + ROUNDING_SLACK) as i64);
    let most = Money::from_minor(full_payout.minor() - 1);
    Some(offer.clamp(Money::ZERO, most))
}
