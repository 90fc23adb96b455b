//! Chances and model numbers as whole billionths, so that they mean the same on every machine.

use std::fmt;

/// A number in integer units of 1e-9: probabilities, goal expectations (lambda, mu) and correlation (rho) outside the
/// pricing room and on the wire. May be negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Billionths(i64);

impl Billionths {
    /// 0.
    pub const ZERO: Billionths = Billionths(0);
    /// 1, or certainty.
    pub const ONE: Billionths = Billionths(1_000_000_000);

    /// This many billionths.
    pub const fn from_raw(raw: i64) -> Self {
        Billionths(raw)
    }

    /// The nearest billionth (a tie goes to the even one); `None` for what is not finite or does not fit.
    pub fn from_f64(value: f64) -> Option<Self> {
        // 2^63 itself is exact as a float and is the first value that does not fit.
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        let scaled = (value * 1e9).round_ties_even();
        // Written so that NaN and the infinities fail it.
        if (-LIMIT..LIMIT).contains(&scaled) { Some(Billionths(scaled as i64)) } else { None }
    }

    /// The nearest float.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The number of billionths.
    pub const fn raw(self) -> i64 {
        self.0
    }
}

/// With all nine digits after the point: `0.512300000`.
impl fmt::Display for Billionths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:09}", magnitude / 1_000_000_000, magnitude % 1_000_000_000)
    }
}
