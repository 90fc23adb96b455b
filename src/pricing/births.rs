//! How fast goals come at each lead, and the jumps in which a walk over scores lets them come.

use super::inputs::{NoPrice, Rates, State};

/// Goals a side may still be expected to score, at most; as for the law of the final score.
const MEAN_MAX: f64 = 10.0;
/// The series of jumps ends when its Poisson weight is below this: what is as rare as one in ten million, and no longer
/// offered, is still right to a relative 1e-12.
const LEAST_WEIGHT: f64 = 1e-20;

/// The leads -2..=2 have rates of their own; a longer lead counts as two goals.
const CLASSES: usize = 5;

/// Index of a home lead among -2..=2.
fn class(lead: i32) -> usize {
    (lead.clamp(-2, 2) + 2) as usize
}

/// Goals a unit of operational time, of home and of away, by home lead -2..=2, clipped (section 3).
#[derive(Clone, Copy, Debug)]
pub(super) struct Births {
    home: [f64; CLASSES],
    away: [f64; CLASSES],
}

impl Births {
    /// Of these rates with the red cards shown so far.
    ///
    /// # Errors
    /// The named reason why these rates have no price.
    pub(super) fn new(rates: &Rates, state: &State) -> Result<Births, NoPrice> {
        rates.check()?;
        let [home_factor, away_factor] = rates.red_card_factors(state);
        let (home, away) = (rates.home_rate * home_factor, rates.away_rate * away_factor);
        // φ is told by the scoring side's own lead: the away side's is the home lead with its sign turned.
        let mut away = rates.phi.map(|phi| away * phi);
        away.reverse();
        Ok(Births { home: rates.phi.map(|phi| home * phi), away })
    }

    /// Whether so much operational time can be priced.
    ///
    /// # Errors
    /// `NonFinite` for what is no length of time, `RateTooHigh` for too many goals to come.
    pub(super) fn check(&self, time: f64) -> Result<(), NoPrice> {
        if !time.is_finite() || time < 0.0 {
            return Err(NoPrice::NonFinite);
        }
        let fastest = self.home.iter().chain(&self.away).copied().fold(0.0, f64::max);
        if fastest * time > MEAN_MAX { Err(NoPrice::RateTooHigh) } else { Ok(()) }
    }

    /// Of home and of away at this home lead.
    pub(super) fn at(&self, lead: i32) -> [f64; 2] {
        [self.home[class(lead)], self.away[class(lead)]]
    }

    /// The total rate of the busiest lead: jumps come at this rate.
    pub(super) fn busiest(&self) -> f64 {
        (0..CLASSES).map(|class| self.home[class] + self.away[class]).fold(0.0, f64::max)
    }

    /// What a jump is at each lead.
    pub(super) fn chances(&self) -> Chances {
        let busiest = self.busiest();
        let (home, away) = (self.home.map(|rate| rate / busiest), self.away.map(|rate| rate / busiest));
        let mut stay = [0.0; CLASSES];
        for (class, stay) in stay.iter_mut().enumerate() {
            *stay = 1.0 - (home[class] + away[class]);
        }
        Chances { home, away, stay }
    }
}

/// The chances that a jump is a home goal, an away goal, or nothing, by home lead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chances {
    home: [f64; CLASSES],
    away: [f64; CLASSES],
    stay: [f64; CLASSES],
}

impl Chances {
    pub(super) fn home(&self, lead: i32) -> f64 {
        self.home[class(lead)]
    }

    pub(super) fn away(&self, lead: i32) -> f64 {
        self.away[class(lead)]
    }

    pub(super) fn stay(&self, lead: i32) -> f64 {
        self.stay[class(lead)]
    }
}

/// How many jumps there are: the Poisson law, as far as it matters.
#[derive(Clone, Debug, Default)]
pub(super) struct Jumps {
    exactly: Vec<f64>,
    more: Vec<f64>,
}

impl Jumps {
    /// For this many jumps on average.
    pub(super) fn set(&mut self, mean: f64) {
        self.exactly.clear();
        let mut weight = libm::exp(-mean);
        let mut jump = 0.0;
        while weight >= LEAST_WEIGHT || jump < mean {
            self.exactly.push(weight);
            jump += 1.0;
            weight *= mean / jump;
        }
    }

    /// The same, and the chances of more than so many.
    pub(super) fn set_with_more(&mut self, mean: f64) {
        self.set(mean);
        // Added up from the small end: one minus the sum so far would be lost in rounding.
        self.more.clear();
        self.more.resize(self.exactly.len(), 0.0);
        for jump in (1..self.exactly.len()).rev() {
            self.more[jump - 1] = self.more[jump] + self.exactly[jump];
        }
    }

    /// The chance of exactly 0, 1, 2 .. jumps; at least the first entry is there.
    pub(super) fn exactly(&self) -> &[f64] {
        &self.exactly
    }

    /// The chance of more than 0, 1, 2 .. jumps; of [`Jumps::set_with_more`] only.
    pub(super) fn more(&self) -> &[f64] {
        &self.more
    }

    /// The most jumps that are looked at.
    pub(super) fn most(&self) -> usize {
        self.exactly.len() - 1
    }
}
