//! An amount of money in whole cents, read from text and shown again without losing one.

use std::fmt;

use rust_decimal::Decimal;

use super::Currency;

/// Whole minor units (cents) of a currency that the ledger account names, not this value. May be negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);
    /// The largest amount there is.
    pub const MAX: Money = Money(i64::MAX);

    /// This many minor units.
    pub const fn from_minor(minor: i64) -> Self {
        Money(minor)
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// More than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Less than nothing.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum, unless it overflows.
    #[must_use]
    pub const fn checked_add(self, other: Money) -> Option<Money> {
        match self.0.checked_add(other.0) {
            Some(minor) => Some(Money(minor)),
            None => None,
        }
    }

    /// The difference, unless it overflows.
    #[must_use]
    pub const fn checked_sub(self, other: Money) -> Option<Money> {
        match self.0.checked_sub(other.0) {
            Some(minor) => Some(Money(minor)),
            None => None,
        }
    }

    /// The same amount the other way, unless it overflows.
    #[must_use]
    pub const fn checked_neg(self) -> Option<Money> {
        match self.0.checked_neg() {
            Some(minor) => Some(Money(minor)),
            None => None,
        }
    }

    /// This amount `count` times (a unit stake on every line), unless it overflows.
    #[must_use]
    pub fn checked_times(self, count: u32) -> Option<Money> {
        self.0.checked_mul(i64::from(count)).map(Money)
    }

    /// This amount in `parts` equal parts (a total stake over its lines), if it divides without a remainder.
    #[must_use]
    pub fn divide_evenly(self, parts: u32) -> Option<Money> {
        let parts = i64::from(parts);
        (parts != 0 && self.0 % parts == 0).then(|| Money(self.0 / parts))
    }
}

/// Why a text is not an amount of money.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AmountError {
    /// Not plain ASCII digits, at most one point between digits, and at most one leading minus.
    Malformed,
    /// A part of a minor unit: refused, never rounded.
    TooManyDigits,
    /// Too large to be counted in 64 bits of minor units.
    OutOfRange,
}

impl fmt::Display for AmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AmountError::Malformed => "not a plain decimal amount",
            AmountError::TooManyDigits => "more digits than the currency's minor unit",
            AmountError::OutOfRange => "amount out of range",
        })
    }
}

impl std::error::Error for AmountError {}

/// Reads `12`, `12.3` or `-12.34` as an amount of `currency`. Zeros beyond the minor unit are harmless and accepted
/// (`12.340`); any other digit there is refused, and so are exponents, `+`, spaces, separators, leading zeros, minus
/// zero, a bare point and anything not ASCII.
pub fn parse_amount(text: &str, currency: Currency) -> Result<Money, AmountError> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(AmountError::Malformed);
    }
    let minor_digits = currency.minor_digits() as usize;
    let (kept, beyond) = fraction.split_at(fraction.len().min(minor_digits));
    if beyond.bytes().any(|byte| byte != b'0') {
        return Err(AmountError::TooManyDigits);
    }
    // Exactly the minor digits after the point, so that the decimal's mantissa counts minor units.
    let exact = format!("{whole}.{kept:0<minor_digits$}");
    let amount = Decimal::from_str_exact(exact.trim_end_matches('.')).map_err(|_| AmountError::OutOfRange)?;
    assert_eq!(amount.scale(), currency.minor_digits(), "the text was cut to the minor digits");
    let negative = unsigned.len() < text.len();
    if negative && amount.is_zero() {
        return Err(AmountError::Malformed);
    }
    let minor = if negative { -amount.mantissa() } else { amount.mantissa() };
    i64::try_from(minor).map(Money).map_err(|_| AmountError::OutOfRange)
}

/// Shows an amount with all its currency's digits and no code: `12.34`, `-0.05`, `1200` (yen).
pub fn display_amount(amount: Money, currency: Currency) -> String {
    Decimal::from_i128_with_scale(i128::from(amount.0), currency.minor_digits()).to_string()
}
