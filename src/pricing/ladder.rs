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
    /// The same with what they come to. In front a rung without a price, on which stands what is shorter than all, and
    /// at the end one that nothing reaches.
    rungs: Vec<Rung>,
    /// By the first digits of odds: the last rung below all odds that begin so.
    rungs_below: Box<[u32; BEGINNINGS]>,
    /// Somewhere two rungs begin alike: they are then looked for by halving.
    is_dense: bool,
}

/// So many beginnings are there up to 1024, and one for all longer odds.
const BEGINNINGS: usize = 10 * 256 + 1;

/// One price of the ladder.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rung {
    /// Decimal odds.
    odds: f64,
    /// One over the odds.
    implied: f64,
    price: Option<Price>,
}

/// Nothing is offered at it: raw odds are shorter than the first price.
pub(super) const NO_RUNG: usize = 0;

/// Odds are looked up by these first digits of theirs as a float: 256 beginnings to each doubling, so that no two rungs
/// of the house's decimal ladder begin alike.
#[inline]
fn beginning(odds: f64) -> usize {
    const DIGITS: u32 = 44;
    (f64::max(odds, 1.0).to_bits() >> DIGITS) as usize - (1.0_f64.to_bits() >> DIGITS) as usize
}

/// Rounding forgives this much, so that a price that is a rung stays on it.
const ODDS_TOLERANCE: f64 = 1e-9;
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
        let shortest = Rung { odds: 1.0, implied: f64::INFINITY, price: None };
        let mut ladder = Ladder {
            prices: Vec::new(),
            rungs: vec![shortest],
            rungs_below: Box::new([0; BEGINNINGS]),
            is_dense: false,
        };
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
        ladder.rungs.push(Rung { odds: f64::INFINITY, implied: 0.0, price: None });
        // There are fewer than a million prices of thousandths, and no more American ones.
        let mut rungs = ladder.rungs[1..].iter().map(|rung| beginning(rung.odds)).peekable();
        let mut below = 0;
        for (begin, rungs_below) in ladder.rungs_below.iter_mut().enumerate() {
            while rungs.next_if(|rung| *rung < begin).is_some() {
                below += 1;
            }
            *rungs_below = below;
        }
        ladder.is_dense = ladder.rungs_below.windows(2).any(|pair| pair[1] - pair[0] > 1);
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
        self.price_at(self.rung_below(odds))
    }

    /// The nearest rung by decimal odds, a tie going down; `None` below the first rung.
    pub fn nearest(&self, odds: f64) -> Option<Price> {
        self.price_at(self.rung_nearest(odds))
    }

    /// Every rung, rising.
    pub fn prices(&self) -> &[Price] {
        &self.prices
    }

    /// The longest rung not above these odds.
    #[inline(always)]
    pub(super) fn rung_below(&self, odds: f64) -> usize {
        if self.is_dense || odds.is_nan() {
            return self.rung_below_by_halving(odds);
        }
        let most = f64::min(odds + ODDS_TOLERANCE, f64::MAX);
        // Of the one rung that may begin as these odds do: is it reached? No branch, as nobody could guess it.
        let below = self.rungs_below[beginning(most).min(BEGINNINGS - 1)] as usize;
        below + usize::from(self.rungs[below + 1].odds <= most)
    }

    #[cold]
    #[inline(never)]
    fn rung_below_by_halving(&self, odds: f64) -> usize {
        if odds.is_nan() {
            return NO_RUNG;
        }
        let most = f64::min(odds + ODDS_TOLERANCE, f64::MAX);
        self.rungs.partition_point(|rung| rung.odds <= most).max(1) - 1
    }

    pub(super) fn rung_nearest(&self, odds: f64) -> usize {
        let below = self.rung_below(odds);
        let (here, above) = (self.rungs[below].odds, self.rungs[below + 1].odds);
        if below != NO_RUNG && above - odds < odds - here - ODDS_TOLERANCE { below + 1 } else { below }
    }

    /// The highest rung at or below this one whose implied probability is at least `least`; none if the first rung falls
    /// short too.
    #[inline]
    pub(super) fn rung_covering(&self, rung: usize, least: f64) -> usize {
        // As a rule the first.
        (1..=rung).rev().find(|rung| self.rungs[*rung].implied >= least).unwrap_or(NO_RUNG)
    }

    #[inline(always)]
    pub(super) fn price_at(&self, rung: usize) -> Option<Price> {
        self.rungs[rung].price
    }

    /// What the rung's odds say, and what no rung says: more than certainty.
    #[inline(always)]
    pub(super) fn implied_at(&self, rung: usize) -> f64 {
        self.rungs[rung].implied
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
                self.rungs.pop();
            }
            Some(std::cmp::Ordering::Greater) => return Err(BadLadder::NotRising(number)),
        }
        self.prices.push(price);
        self.rungs.push(Rung { odds, implied: 1.0 / odds, price: Some(price) });
        Ok(())
    }
}
