//! The goal line of a total or a handicap: over 2.5, plus 0.75.

use std::fmt;

/// A line in quarters of a goal (2.5 is 10), between -8192 and 8192 goals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct QuarterLine(i32);

/// The text is not a line in quarters, written `2`, `2.5`, `2.25` or `-0.75`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LineError;

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a line in quarters of a goal")
    }
}

impl std::error::Error for LineError {}

const QUARTERS_MAX: i32 = 32_768;

impl QuarterLine {
    /// The level line.
    pub const ZERO: QuarterLine = QuarterLine(0);

    /// A line of this many quarters.
    pub const fn from_quarters(quarters: i16) -> Self {
        QuarterLine(quarters as i32)
    }

    /// A line of this many quarters, if it is within bounds (for numbers from outside).
    pub const fn checked_from_quarters(quarters: i32) -> Option<Self> {
        if quarters >= -QUARTERS_MAX && quarters <= QUARTERS_MAX { Some(QuarterLine(quarters)) } else { None }
    }

    /// Reads `2`, `2.5`, `2.25` or `-0.75`; zeros after the point are accepted (`2.0`, `2.50`). Refused: a plus, leading
    /// zeros, minus zero, more than two digits after the point, and what is not a quarter.
    pub fn parse(text: &str) -> Result<Self, LineError> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let plain = (1..=4).contains(&whole.len()) && whole.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(LineError);
        }
        let quarters = match fraction {
            "0" | "00" => 0,
            "25" => 1,
            "5" | "50" => 2,
            "75" => 3,
            _ => return Err(LineError),
        };
        let magnitude = whole.parse::<i32>().map_err(|_| LineError)? * 4 + quarters;
        let negative = unsigned.len() < text.len();
        if negative && magnitude == 0 {
            return Err(LineError);
        }
        Self::checked_from_quarters(if negative { -magnitude } else { magnitude }).ok_or(LineError)
    }

    /// The line in quarters of a goal.
    pub const fn quarters(self) -> i32 {
        self.0
    }

    /// A line of whole goals, which can push.
    pub const fn is_whole(self) -> bool {
        self.0 % 4 == 0
    }

    /// A line of a half, which always wins or loses.
    pub const fn is_half(self) -> bool {
        self.0 % 4 == 2 || self.0 % 4 == -2
    }

    /// A line of a quarter or three quarters, which splits the stake over its two neighbours.
    pub const fn is_quarter(self) -> bool {
        self.0 % 2 != 0
    }

    /// The lower and upper neighbour that a quarter line splits into (2.25: 2 and 2.5). A whole or half line is its own
    /// neighbour twice, so the mean of the two results is right for every line.
    pub const fn halves(self) -> (QuarterLine, QuarterLine) {
        if self.is_quarter() { (QuarterLine(self.0 - 1), QuarterLine(self.0 + 1)) } else { (self, self) }
    }

    /// The same handicap seen from the other side.
    #[must_use]
    pub const fn negated(self) -> QuarterLine {
        QuarterLine(-self.0)
    }
}

/// As short as it can be written: `2`, `2.5`, `-0.75`.
impl fmt::Display for QuarterLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let fraction = ["", ".25", ".5", ".75"][(magnitude % 4) as usize];
        write!(f, "{sign}{}{fraction}", magnitude / 4)
    }
}
