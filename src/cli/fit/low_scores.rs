//! ρ of Dixon and Coles for matches without a draw price to solve it from: the one under which the final scores were
//! most likely.

use crate::cli::evaluate::{Fair, JoinedMatch, fair};
use crate::pricing::{Engine, FairOdds, RHO_BOUNDS, Rates, RhoSource, State, rates_from_odds};

use super::regression::Estimate;

/// Distance of the points through which a parabola is laid.
const STEP: f64 = 0.03;
/// How often it is laid anew around its top.
const ROUNDS: usize = 3;
/// A top this near the middle of its parabola is the answer.
const NEAR: f64 = 0.005;

/// The most likely ρ, and the number of matches behind it. λ and μ of each match are solved anew for each ρ, so that its
/// odds of home against away and of the total are met; without a total the draw has to say how many goals there will be,
/// and says nothing of ρ. `None` if the scores have no top within the bounds.
pub(super) fn fit(matches: &[JoinedMatch], rates: &Rates) -> Option<(Estimate, usize)> {
    let known: Vec<(FairOdds, [u16; 2])> = matches
        .iter()
        .filter_map(|joined| match fair(joined.odds.as_ref()?).ok()? {
            Fair::WithTotal(odds) => Some((odds, joined.story.final_score())),
            Fair::Result(_) => None,
        })
        .collect();
    let mut engine = Engine::new();
    // The same matches for every ρ: one that cannot be solved somewhere is left out everywhere.
    let [low, high] = RHO_BOUNDS;
    let solvable: Vec<_> = known
        .into_iter()
        .filter(|(odds, _)| [low, high].iter().all(|rho| solve(&mut engine, odds, rates, *rho).is_some()))
        .collect();
    let mut centre = rates.rho.clamp(low + STEP, high - STEP);
    for _ in 0..ROUNDS {
        let [below, here, above] =
            [centre - STEP, centre, centre + STEP].map(|rho| likelihood(&mut engine, &solvable, rates, rho));
        let bend = (below? - 2.0 * here? + above?) / (STEP * STEP);
        let slope = (above? - below?) / (2.0 * STEP);
        if bend >= 0.0 {
            return None;
        }
        let top = centre - slope / bend;
        if !(low..=high).contains(&top) {
            return None;
        }
        if (top - centre).abs() < NEAR {
            return Some((Estimate { value: top, error: (-1.0 / bend).sqrt() }, solvable.len()));
        }
        centre = top.clamp(low + STEP, high - STEP);
    }
    None
}

fn solve(engine: &mut Engine, odds: &FairOdds, rates: &Rates, rho: f64) -> Option<Rates> {
    rates_from_odds(engine, odds, &Rates { rho, ..*rates }, RhoSource::Inputs).ok()
}

fn likelihood(engine: &mut Engine, known: &[(FairOdds, [u16; 2])], rates: &Rates, rho: f64) -> Option<f64> {
    let mut sum = 0.0;
    for (odds, [home, away]) in known {
        let solved = solve(engine, odds, rates, rho)?;
        let law = engine.law_over(&solved, &State::PRE_MATCH, 1.0).ok()?;
        sum += libm::log(law.cell(*home, *away).max(1e-15));
    }
    Some(sum)
}
