//! What a bet's line returns: the stake times what each leg came to, exactly, and rounded once.

use std::cmp::Ordering;
use std::fmt;

use ruint::Uint;

use super::{Money, Price};

/// The most legs one line may have.
pub const LEGS_MAX: usize = 25;

/// 63 bits of stake and 25 times 64 bits of numerator: no line can overflow it. Lines of real odds need under 768 bits,
/// and the arithmetic skips leading zeros, so the rest costs nothing.
type Wide = Uint<1664, 26>;

/// An exact fraction, never negative, always in lowest terms with a denominator above zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ratio {
    num: u64,
    den: u64,
}

impl Ratio {
    /// 0/1.
    pub const ZERO: Ratio = Ratio { num: 0, den: 1 };
    /// 1/1.
    pub const ONE: Ratio = Ratio { num: 1, den: 1 };
    /// 1/2.
    pub const HALF: Ratio = Ratio { num: 1, den: 2 };

    /// `num / den` in lowest terms; `None` when the denominator is zero.
    pub const fn new(num: u64, den: u64) -> Option<Ratio> {
        if den == 0 {
            return None;
        }
        let common = greatest_common_divisor(num, den);
        Some(Ratio { num: num / common, den: den / common })
    }

    /// A constant written in lowest terms; a mistake does not compile.
    pub(super) const fn const_reduced(num: u64, den: u64) -> Ratio {
        assert!(den > 0 && greatest_common_divisor(num, den) == 1, "a constant ratio is written in lowest terms");
        Ratio { num, den }
    }

    /// The numerator.
    pub const fn num(self) -> u64 {
        self.num
    }

    /// The denominator, above zero.
    pub const fn den(self) -> u64 {
        self.den
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.num == 0
    }

    /// The product, unless it does not fit in 64 bits over 64 bits in lowest terms.
    #[must_use]
    pub fn checked_mul(self, other: Ratio) -> Option<Ratio> {
        // Cancel crosswise first: the product is then already in lowest terms.
        let left = greatest_common_divisor(self.num, other.den);
        let right = greatest_common_divisor(other.num, self.den);
        let num = (self.num / left).checked_mul(other.num / right)?;
        let den = (self.den / right).checked_mul(other.den / left)?;
        Ratio::new(num, den)
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Ratio) -> Ordering {
        let left = u128::from(self.num) * u128::from(other.den);
        left.cmp(&(u128::from(other.num) * u128::from(self.den)))
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Ratio) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

const fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// What a leg came to: the five legal pairs of result `r` and void factor `vf`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LegResult {
    /// (0, 0): returns nothing.
    Lose,
    /// (1, 0): returns the odds.
    Win,
    /// (0, 1): returns the stake.
    Void,
    /// (1, 1/2): half the stake wins, half comes back.
    HalfWin,
    /// (0, 1/2): half the stake comes back.
    HalfLose,
}

impl LegResult {
    /// The result for `r` in 0 or 1 and a void factor in halves (0, 1 or 2); anything else, and a void win, is malformed.
    pub const fn from_pair(r: u8, vf_halves: u8) -> Option<LegResult> {
        match (r, vf_halves) {
            (0, 0) => Some(LegResult::Lose),
            (1, 0) => Some(LegResult::Win),
            (0, 2) => Some(LegResult::Void),
            (1, 1) => Some(LegResult::HalfWin),
            (0, 1) => Some(LegResult::HalfLose),
            _ => None,
        }
    }

    /// The pair (`r`, void factor in halves).
    pub const fn pair(self) -> (u8, u8) {
        match self {
            LegResult::Lose => (0, 0),
            LegResult::Win => (1, 0),
            LegResult::Void => (0, 2),
            LegResult::HalfWin => (1, 1),
            LegResult::HalfLose => (0, 1),
        }
    }
}

/// What one unit on this leg came to: f = vf + (1 - vf) x r x odds, exact.
pub fn leg_factor(price: &Price, result: LegResult) -> Ratio {
    let odds = price.factor();
    match result {
        LegResult::Lose => Ratio::ZERO,
        LegResult::Win => odds,
        LegResult::Void => Ratio::ONE,
        LegResult::HalfWin => {
            Ratio::new(odds.num + odds.den, 2 * odds.den).expect("odds are above zero, and small by their limits")
        }
        LegResult::HalfLose => Ratio::HALF,
    }
}

/// How a part of a cent becomes whole cents.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rounding {
    /// To the nearest, a half upwards.
    HalfUp,
    /// Towards zero.
    Down,
}

/// The return of one line: stake x product of its factors, as one wide product and one division, rounded once. The
/// order of the factors cannot matter. `None` for a negative stake, more than [`LEGS_MAX`] factors, or a return beyond
/// 64 bits.
pub fn line_return(stake: Money, factors: &[Ratio], rounding: Rounding) -> Option<Money> {
    let (num, den) = exact_return(stake, factors)?;
    let (whole, rest) = num.div_rem(den);
    let rounded = match rounding {
        Rounding::Down => whole,
        // The rest is below the denominator, so rest >= den - rest says "at least a half" without a doubling.
        Rounding::HalfUp if !rest.is_zero() && rest >= den - rest => whole + Wide::from(1_u64),
        Rounding::HalfUp => whole,
    };
    i64::try_from(u64::try_from(rounded).ok()?).ok().map(Money::from_minor)
}

/// Whether the exact return of a line, before any rounding, is above `cap`. A line that [`line_return`] would refuse for
/// its stake or its number of legs counts as above every cap.
pub fn exceeds_cap(stake: Money, factors: &[Ratio], cap: Money) -> bool {
    let Some((num, den)) = exact_return(stake, factors) else { return true };
    match u64::try_from(cap.minor()) {
        Ok(cap) => num.div_rem(den) > (Wide::from(cap), Wide::ZERO),
        // A cap below zero allows nothing, not even nothing.
        Err(_) => true,
    }
}

/// Stake x product, as a fraction not in lowest terms.
fn exact_return(stake: Money, factors: &[Ratio]) -> Option<(Wide, Wide)> {
    let stake = u64::try_from(stake.minor()).ok()?;
    if factors.len() > LEGS_MAX {
        return None;
    }
    let num = factors.iter().fold(Wide::from(stake), |product, factor| product * Wide::from(factor.num));
    let den = factors.iter().fold(Wide::from(1_u64), |product, factor| product * Wide::from(factor.den));
    Some((num, den))
}
