//! How likely each final score is, given the goals so far and the time left to score more.

use super::clock::remaining;
use super::inputs::{ModelInputs, NoPrice, Rates, State};
use super::law::ScoreLaw;
use super::next_goal::next_goal;
use super::profile::Profile;

/// Goals a side may still be expected to score, at most.
pub(super) const MEAN_MAX: f64 = 10.0;
/// Goals added to one side, at most; at `MEAN_MAX` the Poisson tail beyond it is about 1e-12.
const GOALS_MAX: usize = 40;
/// The grid of added goals may leave out this much of one side's law, and the series of jumps ends when its Poisson
/// weight is below `LEAST_WEIGHT`. Section 4 asks for 1e-12 and 1e-14; these are tighter so that fair odds and the worth of a
/// bet are right to a relative 1e-9 however unlikely they are.
const TAIL: f64 = 1e-22;
/// See `TAIL`.
const LEAST_WEIGHT: f64 = 1e-24;

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
    walk: Walk,
}

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
        let means = MeansByLead::new(rates, state, time);
        let (home_max, away_max) = (largest(&means.home), largest(&means.away));
        if home_max > MEAN_MAX || away_max > MEAN_MAX {
            return Err(NoPrice::RateTooHigh);
        }
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

fn largest(means: &[f64; 5]) -> f64 {
    means.iter().copied().fold(0.0, f64::max)
}

/// The smallest number of added goals beyond which a Poisson law of this mean has less than `TAIL`.
fn grid_size(mean: f64) -> usize {
    // Beyond n the terms fall at least as fast as a geometric series of ratio mean / (n + 2). Added up from the small
    // end, the bound stays true where one minus the sum so far would be lost in rounding.
    let mut next = mean * libm::exp(-mean);
    let mut goals = 0;
    while goals < GOALS_MAX {
        let ratio = mean / (goals + 2) as f64;
        if ratio < 1.0 && next < TAIL * (1.0 - ratio) {
            break;
        }
        goals += 1;
        next *= mean / (goals + 1) as f64;
    }
    goals
}

/// Without a score effect the two sides' goals are independent and Poisson: no walk is needed.
fn independent(law: &mut ScoreLaw, home_mean: f64, away_mean: f64) {
    let mut home_probability = libm::exp(-home_mean);
    for i in 0..law.rows() {
        let mut cell = home_probability * libm::exp(-away_mean);
        for (j, out) in law.row_mut(i).iter_mut().enumerate() {
            *out = cell;
            cell *= away_mean / (j + 1) as f64;
        }
        home_probability *= home_mean / (i + 1) as f64;
    }
}

/// Buffers of the walk over added goals. Each grid has one row and one column of zeros in front, so that a score
/// without a predecessor needs no question.
#[derive(Clone, Debug, Default)]
struct Walk {
    now: Vec<f64>,
    next: Vec<f64>,
    /// Chance per jump of staying at a score, of coming to it by a home goal, by an away goal. The leads along a row
    /// are neighbours: score (i, j) of a grid with `rows` rows looks at index `j + rows - 1 - i`.
    stay: Vec<f64>,
    by_home: Vec<f64>,
    by_away: Vec<f64>,
}

impl Walk {
    /// Fills the law by uniformisation: jumps come at the constant total rate of the busiest lead, and a jump is a
    /// home goal, an away goal or nothing. All terms are positive, so nothing cancels.
    fn spread(&mut self, law: &mut ScoreLaw, means: &MeansByLead) {
        let (rows, columns) = (law.rows(), law.columns());
        let stride = columns + 1;
        let jumps = (0..5).map(|class| means.home[class] + means.away[class]).fold(0.0, f64::max);
        self.set_chances(law, means, jumps);
        for grid in [&mut self.now, &mut self.next] {
            grid.clear();
            grid.resize((rows + 1) * stride, 0.0);
        }
        self.now[stride + 1] = 1.0;
        let mut weight = libm::exp(-jumps);
        law.row_mut(0)[0] = weight;
        let mut jump = 0;
        while weight >= LEAST_WEIGHT || (jump as f64) < jumps {
            jump += 1;
            weight *= jumps / jump as f64;
            // After so many jumps no more goals than that can have been scored.
            for i in 0..rows.min(jump + 1) {
                let reach = columns.min(jump - i + 1);
                self.jump_into_row(i, rows, &mut law.row_mut(i)[..reach], weight);
            }
            std::mem::swap(&mut self.now, &mut self.next);
        }
    }

    /// One more jump into the scores with `i` added home goals, as far as `cells` reaches; their law gets its part.
    fn jump_into_row(&mut self, i: usize, rows: usize, cells: &mut [f64], weight: f64) {
        let (reach, lead) = (cells.len(), rows - 1 - i);
        let stride = self.now.len() / (rows + 1);
        let stay = &self.stay[lead..][..reach];
        let by_home = &self.by_home[lead..][..reach];
        let by_away = &self.by_away[lead..][..reach];
        let one_less = &self.now[(i + 1) * stride..][..reach];
        let here = &self.now[(i + 1) * stride + 1..][..reach];
        let above = &self.now[i * stride + 1..][..reach];
        let next = &mut self.next[(i + 1) * stride + 1..][..reach];
        for j in 0..reach {
            let probability = here[j] * stay[j] + above[j] * by_home[j] + one_less[j] * by_away[j];
            next[j] = probability;
            cells[j] += weight * probability;
        }
    }

    fn set_chances(&mut self, law: &ScoreLaw, means: &MeansByLead, jumps: f64) {
        for chances in [&mut self.stay, &mut self.by_home, &mut self.by_away] {
            chances.clear();
        }
        let chance = |mean: f64| if jumps > 0.0 { mean / jumps } else { 0.0 };
        let lead_now = i32::from(law.home_score()) - i32::from(law.away_score());
        let rows = law.rows() as i32;
        for index in 0..law.rows() + law.columns() - 1 {
            let lead = lead_now + rows - 1 - index as i32;
            let (home, away) = means.at(lead);
            self.stay.push(1.0 - chance(home + away));
            self.by_home.push(chance(means.at(lead - 1).0));
            self.by_away.push(chance(means.at(lead + 1).1));
        }
    }
}

/// Weighs the final scores 0-0, 0-1, 1-0 and 1-1 as Dixon and Coles (1997) do, given the goals so far: the exact
/// conditional law of their match (section 4.2).
fn correct_low_scores(law: &mut ScoreLaw, rates: &Rates) {
    let weights = rates.low_score_weights();
    for (home, row) in weights.iter().enumerate() {
        for (away, weight) in row.iter().enumerate() {
            law.weigh(home as u16, away as u16, *weight);
        }
    }
}
