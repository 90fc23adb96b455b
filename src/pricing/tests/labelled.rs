//! The plain twin of every market that looks at who scored when: a copy of the whole grid for each label.

use super::super::{Rates, State};
use crate::event::Side;
use proptest::prelude::*;

/// Goals each side may add in the twin.
const GRID: usize = 30;
/// Labels a path may carry.
pub(super) const LABELS: usize = 4;

type Grid = Vec<[f64; LABELS]>;
/// The label after a goal of this side, by the label before it and the score before it.
pub(super) type Relabel<'a> = &'a dyn Fn(usize, [usize; 2], Side) -> usize;

/// How fast each score and label fills and empties: section 3, read aloud.
fn flow(grid: &Grid, rates: &Rates, state: &State, relabel: Relabel<'_>) -> Grid {
    let [home_factor, away_factor] = rates.red_card_factors(state);
    let mut change = vec![[0.0; LABELS]; GRID * GRID];
    for (at, masses) in grid.iter().enumerate() {
        let score = [usize::from(state.home_score) + at / GRID, usize::from(state.away_score) + at % GRID];
        let lead = (score[0] as i32 - score[1] as i32).clamp(-2, 2);
        let home = rates.home_rate * home_factor * rates.phi[(lead + 2) as usize];
        let away = rates.away_rate * away_factor * rates.phi[(2 - lead) as usize];
        for (label, mass) in masses.iter().enumerate().filter(|(_, mass)| **mass != 0.0) {
            change[at][label] -= (home + away) * mass;
            if at / GRID + 1 < GRID {
                change[at + GRID][relabel(label, score, Side::Home)] += home * mass;
            }
            if at % GRID + 1 < GRID {
                change[at + 1][relabel(label, score, Side::Away)] += away * mass;
            }
        }
    }
    change
}

/// The masses of each label at each final score after these stretches of operational time, each with its own labelling,
/// by Taylor's series of small steps. Without the low-score weights.
fn final_labels(rates: &Rates, state: &State, stretches: &[(f64, Relabel<'_>)]) -> Grid {
    const STEPS: usize = 24;
    let mut grid = vec![[0.0; LABELS]; GRID * GRID];
    grid[0][0] = 1.0;
    for (time, relabel) in stretches {
        for _ in 0..STEPS {
            let mut term = grid.clone();
            for order in 1..=14 {
                term = flow(&term, rates, state, relabel);
                let share = time / (STEPS * order) as f64;
                for (sum, part) in grid.iter_mut().flatten().zip(term.iter_mut().flatten()) {
                    *part *= share;
                    *sum += *part;
                }
            }
        }
    }
    grid
}

/// The probability of each label under the low-score weights.
pub(super) fn label_probabilities(rates: &Rates, state: &State, stretches: &[(f64, Relabel<'_>)]) -> [f64; LABELS] {
    let (lambda, mu, rho) = (rates.home_rate, rates.away_rate, rates.rho_in_range());
    let mut sums = [0.0; LABELS];
    for (at, masses) in final_labels(rates, state, stretches).iter().enumerate() {
        let weight = match (usize::from(state.home_score) + at / GRID, usize::from(state.away_score) + at % GRID) {
            (0, 0) => 1.0 - lambda * mu * rho,
            (0, 1) => 1.0 + lambda * rho,
            (1, 0) => 1.0 + mu * rho,
            (1, 1) => 1.0 - rho,
            _ => 1.0,
        };
        for (sum, mass) in sums.iter_mut().zip(masses) {
            *sum += weight * mass;
        }
    }
    let all: f64 = sums.iter().sum();
    sums.map(|sum| sum / all)
}

prop_compose! {
    /// Rates with so few goals to come that the twin's grid leaves out less than 1e-14.
    pub(super) fn some_rates()(
        home_rate in 0.05..2.0_f64,
        away_rate in 0.05..2.0_f64,
        rho in -0.2..0.2_f64,
        phi in prop_oneof![Just([1.0; 5]), Just([1.07, 1.07, 1.0, 0.93, 0.92]), [0.8..1.2_f64, 0.8..1.2, 0.8..1.2, 0.8..1.2, 0.8..1.2]],
        kappa_own in 0.5..0.8_f64,
        kappa_opp in 1.0..1.7_f64,
    ) -> Rates {
        Rates { home_rate, away_rate, rho, phi, kappa_own, kappa_opp, home_scale: 1.0, away_scale: 1.0 }
    }
}

prop_compose! {
    /// Early scores often, late ones sometimes.
    pub(super) fn some_state()(
        scores in prop_oneof![(0..2_u16, 0..2_u16), (0..5_u16, 0..5_u16)],
        home_reds in 0..2_u8,
        away_reds in 0..2_u8,
    ) -> State {
        State { home_score: scores.0, away_score: scores.1, home_reds, away_reds, ..State::PRE_MATCH }
    }
}
