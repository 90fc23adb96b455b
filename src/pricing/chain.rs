//! How likely each final score is, given the goals so far and the time left to score more.

use super::clock::remaining;
use super::inputs::{ModelInputs, NoPrice, Rates, State};
use super::law::ScoreLaw;
use super::next_goal::next_goal;
use super::profile::Profile;
use super::walk::Walk;

/// Goals a side may still be expected to score, at most.
pub(super) const MEAN_MAX: f64 = 10.0;
/// Goals added to one side, at most; at `MEAN_MAX` the Poisson tail beyond it is about 1e-12.
const GOALS_MAX: usize = 40;
/// The grid of added goals may leave out this much of one side's law, and every sum ends where what follows is bounded
/// by this. Section 4 asks for 1e-12 and 1e-14; this is tighter so that fair odds and the worth of a bet are right to a
/// relative 1e-9 down to a likelihood of one in a million, below which nothing is offered.
pub(super) const TAIL: f64 = 1e-17;

/// The law of the final score from one state, with an engine of its own. Use an [`Engine`] where many are needed.
///
/// # Errors
/// The named reason why these inputs have no price.
pub fn law(profile: &Profile, inputs: &ModelInputs, state: &State) -> Result<ScoreLaw, NoPrice> {
    let mut engine = Engine::new();
    engine.law(profile, inputs, state)?;
    Ok(engine.law)
}

/// Works out laws one after another in the same memory: after the first few it allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    law: ScoreLaw,
    /// What the law above was made from: asked again, it is not made again.
    made_from: Option<(Rates, Standing, f64)>,
    walk: Walk,
}

/// Home goals, away goals, home and away reds: what a law needs of a state besides the time left.
type Standing = (u16, u16, u8, u8);

impl Engine {
    /// An engine with nothing computed yet.
    pub fn new() -> Engine {
        Engine::default()
    }

    /// The law of the final score.
    ///
    /// # Errors
    /// The named reason why these inputs have no price.
    pub fn law(&mut self, profile: &Profile, inputs: &ModelInputs, state: &State) -> Result<&ScoreLaw, NoPrice> {
        self.law_from(profile, &Rates::from(inputs), state)
    }

    /// The same from floats, for callers that hold more than nine digits.
    ///
    /// # Errors
    /// The named reason why these inputs have no price.
    pub fn law_from(&mut self, profile: &Profile, rates: &Rates, state: &State) -> Result<&ScoreLaw, NoPrice> {
        if !state.clock.is_finite() {
            return Err(NoPrice::NonFinite);
        }
        self.law_over(rates, state, remaining(profile, &state.clock).total())
    }

    /// The same over a given operational time (1 is one whole match); the state's clock is not looked at.
    ///
    /// # Errors
    /// The named reason why these inputs have no price.
    pub fn law_over(&mut self, rates: &Rates, state: &State, time: f64) -> Result<&ScoreLaw, NoPrice> {
        rates.check()?;
        if !time.is_finite() || time < 0.0 {
            return Err(NoPrice::NonFinite);
        }
        let made_from = (*rates, (state.home_score, state.away_score, state.home_reds, state.away_reds), time);
        if self.made_from == Some(made_from) {
            return Ok(&self.law);
        }
        let means = MeansByLead::new(rates, state, time);
        let (home_max, away_max) = (largest(&means.home), largest(&means.away));
        if home_max > MEAN_MAX || away_max > MEAN_MAX {
            return Err(NoPrice::RateTooHigh);
        }
        self.made_from = None;
        let law = &mut self.law;
        law.clear(state, grid_size(home_max), grid_size(away_max));
        if rates.phi == [1.0; 5] {
            independent(law, means.home[LEVEL], means.away[LEVEL]);
        } else {
            self.walk.spread(law, &means);
        }
        let next = next_goal(law, &means, rates);
        correct_low_scores(law, rates);
        law.finish(next);
        self.made_from = Some(made_from);
        Ok(law)
    }
}

/// Index of "level" among the leads -2..=2.
const LEVEL: usize = 2;

/// Goals expected of each side in the time left, were the home lead to stay as it is: by home lead -2..=2, clipped.
pub(super) struct MeansByLead {
    home: [f64; 5],
    away: [f64; 5],
}

impl MeansByLead {
    pub(super) fn new(rates: &Rates, state: &State, time: f64) -> MeansByLead {
        let [home_factor, away_factor] = rates.red_card_factors(state);
        let (home, away) = (rates.home_rate * home_factor * time, rates.away_rate * away_factor * time);
        // φ is told by the scoring side's own lead: the away side's is the home lead with its sign turned.
        MeansByLead {
            home: rates.phi.map(|phi| home * phi),
            away: {
                let mut by_lead = rates.phi.map(|phi| away * phi);
                by_lead.reverse();
                by_lead
            },
        }
    }

    /// Of home and of away at this home lead.
    pub(super) fn at(&self, lead: i32) -> (f64, f64) {
        let class = (lead.clamp(-2, 2) + 2) as usize;
        (self.home[class], self.away[class])
    }

    /// The most that this comes to at any lead, of the means of home and of away there.
    pub(super) fn most(&self, of: impl Fn(f64, f64) -> f64) -> f64 {
        self.home.iter().zip(&self.away).map(|(home, away)| of(*home, *away)).fold(0.0, f64::max)
    }
}

impl MeansByLead {
    /// The smallest and the largest of both sides' together.
    pub(super) fn total_rates(&self) -> [f64; 2] {
        let totals = || self.home.iter().zip(&self.away).map(|(home, away)| home + away);
        [totals().fold(f64::INFINITY, f64::min), totals().fold(0.0, f64::max)]
    }
}

fn largest(means: &[f64; 5]) -> f64 {
    means.iter().copied().fold(0.0, f64::max)
}

/// One over each whole number that a series here divides by: a multiplication is cheaper.
pub(super) const ONE_OVER: [f64; 256] = {
    let mut one_over = [1.0; 256];
    let mut n = 1;
    while n < one_over.len() {
        one_over[n] = 1.0 / n as f64;
        n += 1;
    }
    one_over
};

/// The smallest number of added goals beyond which a Poisson law of this mean has less than `TAIL`.
fn grid_size(mean: f64) -> usize {
    // Beyond n the terms fall at least as fast as a geometric series of ratio mean / (n + 2). Added up from the small
    // end, the bound stays true where one minus the sum so far would be lost in rounding.
    let mut next = mean * libm::exp(-mean);
    let mut goals = 0;
    while goals < GOALS_MAX {
        let ratio = mean * ONE_OVER[goals + 2];
        if next < TAIL * (1.0 - ratio) {
            break;
        }
        goals += 1;
        next *= ratio;
    }
    goals
}

/// Without a score effect the two sides' goals are independent and Poisson: no walk is needed.
fn independent(law: &mut ScoreLaw, home_mean: f64, away_mean: f64) {
    let (_, columns) = law.size();
    let mut away = [0.0; GOALS_MAX + 1];
    let mut probability = libm::exp(-away_mean);
    for (j, cell) in away.iter_mut().enumerate().take(columns) {
        *cell = probability;
        probability *= away_mean * ONE_OVER[j + 1];
    }
    let mut probability = libm::exp(-home_mean);
    for (i, row) in law.cells_mut().chunks_exact_mut(columns).enumerate() {
        row.iter_mut().zip(&away).for_each(|(cell, away)| *cell = probability * away);
        probability *= home_mean * ONE_OVER[i + 1];
    }
}

/// Weighs the final scores 0-0, 0-1, 1-0 and 1-1 as Dixon and Coles (1997) do, given the goals so far. Where goals come
/// at the same pace at any score, this is the exact conditional law of their match; else of this chain under the same
/// weights (section 4).
fn correct_low_scores(law: &mut ScoreLaw, rates: &Rates) {
    let weights = rates.low_score_weights();
    for (home, row) in weights.iter().enumerate() {
        for (away, weight) in row.iter().enumerate() {
            law.weigh(home as u16, away as u16, *weight);
        }
    }
}
