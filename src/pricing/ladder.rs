//! The odds we quote: a ladder of round prices, and which rung a raw price stands on.

use crate::values::{Price, PriceForm};

/// Rungs from `from` to `to`, both included, `step` apart: thousandths for decimal odds, the signed number for American.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// First rung.
    pub from: i32,
    /// Last rung; may be the first of the next band.
    pub to: i32,
    /// Distance, above zero, that divides the band without a rest.
    pub step: i32,
}

/// Why bands do not make a ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLadder {
    /// No band at all.
    Empty,
    /// A step of zero or less, a band that falls, or one its step does not divide.
    BadBand(Band),
    /// A rung that is not a price, or outside 1.01 to 1000.
    OutOfLimits(i32),
    /// Odds do not rise from rung to rung.
    NotRising(i32),
}

/// The prices that may be offered, rising; exact, because each is made from an integer.
#[derive(Clone, Debug, PartialEq)]
pub struct Ladder {
    prices: Vec<Price>,
    /// The same as decimal odds.
    odds: Vec<f64>,
    /// The same as probabilities.
    implied: Vec<f64>,
    /// By the first digits of odds: how many rungs there are below all odds that begin so.
    rungs_below: Vec<u32>,
    /// More than a few rungs begin alike somewhere: they are then better halved than counted.
    is_dense: bool,
}

/// Odds are looked up by these first digits of theirs as a float: 64 beginnings to each doubling, so that only a few
/// rungs begin alike.
fn beginning(odds: f64) -> usize {
    const DIGITS: u32 = 46;
    (odds.to_bits() >> DIGITS).saturating_sub(1.0_f64.to_bits() >> DIGITS) as usize
}

/// Rounding forgives this much, so that a price that is a rung stays on it.
const ODDS_TOLERANCE: f64 = 1e-9;
/// Rungs of one beginning that are still counted one by one.
const ALIKE_MAX: u32 = 8;
/// No offer is shorter or longer than these decimal odds.
const ODDS_LIMITS: [f64; 2] = [1.01, 1000.0];

const fn band(from: i32, to: i32, step: i32) -> Band {
    Band { from, to, step }
}

impl Ladder {
    /// Checks bands and lays out their rungs. Where two bands meet in equal odds (2 and 2; -100 and +100) the later
    /// rung stays.
    ///
    /// # Errors
    /// The first band or rung that breaks a rule.
    pub fn new(form: PriceForm, bands: &[Band]) -> Result<Ladder, BadLadder> {
        let (prices, odds, implied) = (Vec::new(), Vec::new(), Vec::new());
        let mut ladder = Ladder { prices, odds, implied, rungs_below: Vec::new(), is_dense: false };
        for band in bands {
            let length = i64::from(band.to) - i64::from(band.from);
            if band.step <= 0 || length < 0 || length % i64::from(band.step) != 0 {
                return Err(BadLadder::BadBand(*band));
            }
            for rung in 0..=length / i64::from(band.step) {
                // Between two integers of 32 bits, so it fits.
                ladder.push(form, (i64::from(band.from) + rung * i64::from(band.step)) as i32)?;
            }
        }
        if ladder.prices.is_empty() {
            return Err(BadLadder::Empty);
        }
        ladder.implied = ladder.odds.iter().map(|odds| 1.0 / odds).collect();
        // There are fewer than a million prices of thousandths, and no more American ones.
        let below = |begin| ladder.odds.partition_point(|odds| beginning(*odds) < begin) as u32;
        ladder.rungs_below = (0..=beginning(ODDS_LIMITS[1]) + 1).map(below).collect();
        ladder.is_dense = ladder.rungs_below.windows(2).any(|pair| pair[1] - pair[0] > ALIKE_MAX);
        Ok(ladder)
    }

    /// The house's decimal ladder (section 10.1).
    pub fn decimal_default() -> Ladder {
        let bands = [
            band(1_010, 2_000, 10),
            band(2_000, 3_000, 20),
            band(3_000, 4_000, 50),
            band(4_000, 6_000, 100),
            band(6_000, 10_000, 200),
            band(10_000, 20_000, 500),
            band(20_000, 30_000, 1_000),
            band(30_000, 50_000, 2_000),
            band(50_000, 100_000, 5_000),
            band(100_000, 1_000_000, 10_000),
        ];
        Ladder::new(PriceForm::Decimal, &bands).expect("the default bands make a ladder")
    }

    /// The house's American ladder. It ends at +99000, as +100000 is 1001.0 and above the longest odds offered.
    pub fn american_default() -> Ladder {
        let bands = [
            band(-10_000, -1_000, 100),
            band(-1_000, -500, 50),
            band(-500, -200, 10),
            band(-200, -100, 5),
            band(100, 200, 5),
            band(200, 500, 10),
            band(500, 1_000, 25),
            band(1_000, 2_000, 50),
            band(2_000, 10_000, 100),
            band(10_000, 99_000, 1_000),
        ];
        Ladder::new(PriceForm::American, &bands).expect("the default bands make a ladder")
    }

    /// The longest rung not above these decimal odds (forgiving 1e-9); `None` below the first rung.
    pub fn down(&self, odds: f64) -> Option<Price> {
        self.rung_below(odds).map(|rung| self.prices[rung])
    }

    /// The nearest rung by decimal odds, a tie going down; `None` below the first rung.
    pub fn nearest(&self, odds: f64) -> Option<Price> {
        self.rung_nearest(odds).map(|rung| self.prices[rung])
    }

    /// Every rung, rising.
    pub fn prices(&self) -> &[Price] {
        &self.prices
    }

    #[inline]
    pub(super) fn rung_below(&self, odds: f64) -> Option<usize> {
        let most = odds + ODDS_TOLERANCE;
        if most.is_nan() || most < self.odds[0] {
            return None;
        }
        let below = self.rungs_below[beginning(most).min(self.rungs_below.len() - 1)] as usize;
        let above = if self.is_dense {
            self.odds.partition_point(|rung| *rung <= most)
        } else {
            below + self.odds[below..].iter().take_while(|rung| **rung <= most).count()
        };
        above.checked_sub(1)
    }

    pub(super) fn rung_nearest(&self, odds: f64) -> Option<usize> {
        let below = self.rung_below(odds)?;
        match self.odds.get(below + 1) {
            Some(above) if above - odds < odds - self.odds[below] - ODDS_TOLERANCE => Some(below + 1),
            Some(_) | None => Some(below),
        }
    }

    /// The highest rung at or below this one whose implied probability is at least `least`; `None` if the first rung
    /// falls short too.
    #[inline]
    pub(super) fn rung_covering(&self, rung: usize, least: f64) -> Option<usize> {
        // As a rule the first.
        (0..=rung).rev().find(|rung| self.implied[*rung] >= least)
    }

    pub(super) fn price_at(&self, rung: usize) -> Price {
        self.prices[rung]
    }

    pub(super) fn implied_at(&self, rung: usize) -> f64 {
        self.implied[rung]
    }

    fn push(&mut self, form: PriceForm, number: i32) -> Result<(), BadLadder> {
        let price = match form {
            PriceForm::Decimal => u32::try_from(number).ok().and_then(|odds| Price::decimal_thousandths(odds).ok()),
            PriceForm::American => Price::american(number).ok(),
        };
        let price = price.ok_or(BadLadder::OutOfLimits(number))?;
        let factor = price.factor();
        let odds = factor.num() as f64 / factor.den() as f64;
        if !(ODDS_LIMITS[0]..=ODDS_LIMITS[1]).contains(&odds) {
            return Err(BadLadder::OutOfLimits(number));
        }
        match self.prices.last().map(|last| last.cmp_value(&price)) {
            None | Some(std::cmp::Ordering::Less) => {}
            Some(std::cmp::Ordering::Equal) => {
                self.prices.pop();
                self.odds.pop();
            }
            Some(std::cmp::Ordering::Greater) => return Err(BadLadder::NotRising(number)),
        }
        self.prices.push(price);
        self.odds.push(odds);
        Ok(())
    }
}
