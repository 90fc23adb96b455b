//! Who scores next, if anybody does.

use super::chain::MeansByLead;
use super::inputs::Rates;
use super::law::ScoreLaw;

/// The masses of the next goal being home's and away's, under the low-score weights but before these are normalised.
///
/// It is the labelled chain of section 5, a label for the first scorer, without carrying it: until somebody scores the
/// rates stand still, so without weights the first goal is one of two competing exponentials, and the weights differ
/// from 1 at four final scores only. Each of these has one scorer who can have come first, but 1-1 seen from 0-0.
/// `law` holds the chain's cells before they are weighed.
pub(super) fn next_goal(law: &ScoreLaw, means: &MeansByLead, rates: &Rates) -> [f64; 2] {
    let lead = i32::from(law.home_score()) - i32::from(law.away_score());
    let (home, away) = means.at(lead);
    let all = home + away;
    if all <= 0.0 {
        return [0.0, 0.0];
    }
    let any = -libm::expm1(-all);
    let (home_first, away_first) = (home / all * any, away / all * any);
    let extra = rates.low_score_weights().map(|row| row.map(|weight| weight - 1.0));
    let [home_extra, away_extra] = match (law.home_score(), law.away_score()) {
        (0, 0) => {
            let [home_then_away, away_then_home] = one_all(means);
            [
                law.cell(1, 0) * extra[1][0] + home_then_away * extra[1][1],
                law.cell(0, 1) * extra[0][1] + away_then_home * extra[1][1],
            ]
        }
        (1, 0) => [0.0, law.cell(1, 1) * extra[1][1]],
        (0, 1) => [law.cell(1, 1) * extra[1][1], 0.0],
        (_, _) => [0.0, 0.0],
    };
    [home_first + home_extra, away_first + away_extra]
}

/// From 0-0 to 1-1 and no further, by home's goal first and by away's.
fn one_all(means: &MeansByLead) -> [f64; 2] {
    let (home, away) = means.at(0);
    let level = home + away;
    let path = |first: f64, lead: i32| {
        let (home, away) = means.at(lead);
        let second = if lead > 0 { away } else { home };
        // The time between the two goals passes at the total rate of that lead, the rest of it at the level one.
        first * second * libm::exp(-level) * between(home + away - level)
    };
    [path(home, 1), path(away, -1)]
}

/// The integral of `(1 - s) exp(-x s)` over s in [0, 1]: `(x - 1 + exp(-x)) / x²`, 1/2 at 0.
fn between(x: f64) -> f64 {
    if x.abs() > 1.0 {
        return (x - 1.0 + libm::exp(-x)) / (x * x);
    }
    // The closed form cancels near 0; its series is Σ (-x)^n / (n + 2)!.
    let (mut sum, mut term) = (0.0, 0.5);
    for n in 0..20_u32 {
        sum += term;
        term *= -x / f64::from(n + 3);
    }
    sum
}
