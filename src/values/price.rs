//! The odds on offer, in the form the punter sees, and exactly what they pay.

use std::cmp::Ordering;
use std::fmt;

use super::Ratio;

/// Odds as shown, stored and settled. Two prices are equal when they read the same; `+100`, `-100` and `2.000` pay the
/// same and are three prices: compare what they pay with [`Price::cmp_value`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Price {
    /// Total return per unit staked, in thousandths.
    Decimal(DecimalOdds),
    /// Winnings on 100 staked (positive), or the stake that wins 100 (negative).
    American(AmericanOdds),
}

/// Decimal odds in thousandths, 1.001 to 1000.000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DecimalOdds(u32);

/// American odds, 100 to 100,000 either side of zero. No order of its own: -110 pays less than +100.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AmericanOdds(i32);

/// The way a price is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PriceForm {
    /// `1.950`
    Decimal,
    /// `-105`
    American,
}

/// Why something is not a price.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PriceError {
    /// Neither `1.95` (up to three digits after the point) nor `+150` nor `-110`.
    Malformed,
    /// Outside 1.001 to 1000.000, or outside 100 to 100,000 either side of zero.
    OutOfRange,
}

impl fmt::Display for PriceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PriceError::Malformed => "not decimal or American odds",
            PriceError::OutOfRange => "odds out of range",
        })
    }
}

impl std::error::Error for PriceError {}

impl DecimalOdds {
    /// From thousandths, 1,001 to 1,000,000.
    pub const fn from_thousandths(thousandths: u32) -> Result<DecimalOdds, PriceError> {
        if thousandths >= 1_001 && thousandths <= 1_000_000 {
            Ok(DecimalOdds(thousandths))
        } else {
            Err(PriceError::OutOfRange)
        }
    }

    /// The odds in thousandths.
    pub const fn thousandths(self) -> u32 {
        self.0
    }
}

impl AmericanOdds {
    /// The signed number as written.
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl Price {
    /// Decimal odds from thousandths, 1,001 to 1,000,000.
    pub fn decimal_thousandths(thousandths: u32) -> Result<Price, PriceError> {
        DecimalOdds::from_thousandths(thousandths).map(Price::Decimal)
    }

    /// American odds, 100 to 100,000 either side of zero. +100 and -100 are both even money and stay as given.
    pub fn american(odds: i32) -> Result<Price, PriceError> {
        let in_range = (100..=100_000).contains(&odds.unsigned_abs());
        in_range.then_some(Price::American(AmericanOdds(odds))).ok_or(PriceError::OutOfRange)
    }

    /// Reads `1.95`, `2`, `+150` or `-110`: a sign makes it American. More than three digits after the point, leading
    /// zeros, spaces and exponents are refused.
    pub fn parse(text: &str) -> Result<Price, PriceError> {
        if let Some(magnitude) = text.strip_prefix('+') {
            return Price::american(whole_number(magnitude)?);
        }
        if let Some(magnitude) = text.strip_prefix('-') {
            return Price::american(-whole_number(magnitude)?);
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let fraction_is_plain = (1..=3).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
        if !fraction_is_plain {
            return Err(PriceError::Malformed);
        }
        let units = u32::try_from(whole_number(whole)?).map_err(|_| PriceError::Malformed)?;
        let thousandths = format!("{fraction:0<3}").parse::<u32>().map_err(|_| PriceError::Malformed)?;
        Price::decimal_thousandths(units * 1_000 + thousandths)
    }

    /// What one unit staked returns, stake included: exact, at least 1001/1000.
    pub fn factor(&self) -> Ratio {
        let (num, den) = match self {
            Price::Decimal(odds) => (u64::from(odds.0), 1_000),
            Price::American(odds) => {
                let magnitude = u64::from(odds.0.unsigned_abs());
                (magnitude + 100, if odds.0 > 0 { 100 } else { magnitude })
            }
        };
        Ratio::new(num, den).expect("the validated odds have no zero denominator")
    }

    /// The way this price is written.
    pub const fn form(&self) -> PriceForm {
        match self {
            Price::Decimal(_) => PriceForm::Decimal,
            Price::American(_) => PriceForm::American,
        }
    }

    /// Which of two prices pays more, exactly, whatever their forms.
    pub fn cmp_value(&self, other: &Price) -> Ordering {
        self.factor().cmp(&other.factor())
    }
}

/// `1.950`, `+150`, `-110`.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Price::Decimal(odds) => write!(f, "{}.{:03}", odds.0 / 1_000, odds.0 % 1_000),
            Price::American(odds) => write!(f, "{:+}", odds.0),
        }
    }
}

/// How far apart the winnings (odds - 1) of two prices may be before the move is a jump: e^0.35 = 1.419068 to six
/// places, as 354767/250000.
pub const PRICE_JUMP_RATIO: Ratio = Ratio::const_reduced(354_767, 250_000);

/// Whether (odds - 1) of the two prices differ, either way, by strictly more than `limit` (by default
/// [`PRICE_JUMP_RATIO`]); exact.
pub fn price_jump(current: &Price, requested: &Price, limit: Ratio) -> bool {
    let winnings = |price: &Price| {
        let factor = price.factor();
        // At most 10^6 over 10^5 for validated odds: a product of two has 40 bits, and of three with a limit fits in 128.
        (u128::from(factor.num() - factor.den()), u128::from(factor.den()))
    };
    let ((current_num, current_den), (requested_num, requested_den)) = (winnings(current), winnings(requested));
    let (left, right) = (current_num * requested_den, requested_num * current_den);
    let (larger, smaller) = (left.max(right), left.min(right));
    larger * u128::from(limit.den()) > smaller * u128::from(limit.num())
}

/// One to six ASCII digits without a leading zero.
fn whole_number(text: &str) -> Result<i32, PriceError> {
    let plain = (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return Err(PriceError::Malformed);
    }
    text.parse().map_err(|_| PriceError::Malformed)
}
