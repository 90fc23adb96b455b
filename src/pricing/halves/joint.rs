//! Half-time, full-time and the next goal together: what combinations of bets on one match are read from.

use super::{Goals, HalvesLaw};

/// Whose the next goal from now on is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NextGoal {
    /// Home's.
    Home,
    /// There is none any more.
    Nobody,
    /// Away's.
    Away,
}

impl HalvesLaw {
    /// Probability that the half-time score and the final score, each (home, away), are as asked. Goes through the whole
    /// joint law: for combinations, not for every tick.
    pub fn probability(&self, mut holds: impl FnMut(Goals, Goals) -> bool) -> f64 {
        let mut sum = 0.0;
        self.each_pair(|half_time, full_time, masses| {
            if holds(half_time, full_time) {
                sum += masses.all;
            }
        });
        sum / self.normaliser
    }

    /// The same with whose the next goal is. At the end, `Nobody` is the only next goal there is.
    pub fn probability_with_next(&self, mut holds: impl FnMut(Goals, Goals, NextGoal) -> bool) -> f64 {
        let mut sum = 0.0;
        self.each_with_next(|half_time, full_time, next, probability| {
            if holds(half_time, full_time, next) {
                sum += probability;
            }
        });
        sum
    }

    /// Calls with every half-time score, final score and next goal that can be, and its probability.
    pub fn each_with_next(&self, mut visit: impl FnMut(Goals, Goals, NextGoal, f64)) {
        let scale = 1.0 / self.normaliser;
        self.each_pair(|half_time, full_time, masses| {
            if masses.no_goal {
                return visit(half_time, full_time, NextGoal::Nobody, masses.all * scale);
            }
            let away_first = f64::max(masses.all - masses.home_first, 0.0);
            for (next, mass) in [(NextGoal::Home, masses.home_first), (NextGoal::Away, away_first)] {
                if mass > 0.0 {
                    visit(half_time, full_time, next, mass * scale);
                }
            }
        });
    }

    fn each_pair(&self, mut visit: impl FnMut(Goals, Goals, Masses)) {
        let Some(first) = self.first.blocks().first() else { return };
        let home_first_block = self.second.blocks()[self.home_first.block];
        for (i, j) in (0..first.rows).flat_map(|i| (0..first.columns).map(move |j| (i, j))) {
            let mass = self.first.cell(first, 0, i, j);
            let Some(lane) = self.lane_of(i, j).filter(|_| mass > 0.0) else { continue };
            let is_now = (i, j) == (0, 0);
            let mass_home_first = self.first.cell(first, 1, i, j);
            let second = self.second.blocks()[lane.block];
            let half_time = (self.half_time_from.0 + i as u32, self.half_time_from.1 + j as u32);
            let from = (half_time.0 + self.second_half_now.0, half_time.1 + self.second_half_now.1);
            for (k, l) in (0..second.rows).flat_map(|k| (0..second.columns).map(move |l| (k, l))) {
                let then = self.second.cell(&second, lane.place, k, l);
                if then <= 0.0 {
                    continue;
                }
                let full_time = (from.0 + k as u32, from.1 + l as u32);
                let weight = self.low_score_weight(full_time);
                let home_first = if is_now {
                    mass * self.second.cell_if_any(&home_first_block, self.home_first.place, k, l)
                } else {
                    mass_home_first * then
                };
                let no_goal = is_now && (k, l) == (0, 0);
                let masses = Masses { all: mass * then * weight, home_first: home_first * weight, no_goal };
                visit(half_time, full_time, masses);
            }
        }
    }

    fn low_score_weight(&self, full_time: Goals) -> f64 {
        let row = self.low_score_weights.get(full_time.0 as usize);
        row.and_then(|row| row.get(full_time.1 as usize)).copied().unwrap_or(1.0)
    }
}

/// What the paths of one half-time and final score weigh, before the weights are made to sum to 1.
struct Masses {
    all: f64,
    /// Those whose first goal from now on is home's; of no meaning where there is none.
    home_first: f64,
    no_goal: bool,
}
