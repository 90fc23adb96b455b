//! What goals a match was expected to bring, where nobody's odds on it are known: from how strong its sides were.
//!
//! Each side of a season has an attack and a defence, each season a base rate of home and of away (Maher 1982). A
//! strength is drawn towards 1 as if so many more goals had been seen as expected: as a gamma prior does, with the
//! spread that the sides really show.

use std::collections::BTreeMap;

use super::exposure::{Step, walk};
use super::regression::Factors;
use crate::cli::evaluate::JoinedMatch;

const ROUNDS: usize = 60;
/// The prior's weight, in goals, at least and at most.
const PRIOR_GOALS: [f64; 2] = [4.0, 200.0];

/// One side of one match, seen from its attack.
struct Attempt {
    season: usize,
    attack: usize,
    defence: usize,
    is_away: bool,
    goals: f64,
    /// The match's length for this side: weights and multipliers, summed over its course.
    length: f64,
}

/// λ and μ of each match.
pub(super) fn rates(matches: &[JoinedMatch], factors: &Factors, expected_stoppage: [f64; 2]) -> Vec<[f64; 2]> {
    let mut teams = BTreeMap::new();
    let mut attempts = Vec::with_capacity(2 * matches.len());
    for joined in matches {
        let places = [0, 1].map(|side| {
            let next = teams.len();
            *teams.entry((joined.season, joined.sides[side].as_str())).or_insert(next)
        });
        let (mut goals, mut length) = ([0.0; 2], [0.0; 2]);
        walk(&joined.story, expected_stoppage, |step| match step {
            Step::Passes { sides, share } => {
                sides.into_iter().zip(&mut length).for_each(|(side, length)| *length += share * factors.of(side));
            }
            Step::Goal { side, circumstance: _ } => goals[side] += 1.0,
        });
        for side in 0..2 {
            attempts.push(Attempt {
                season: joined.season,
                attack: places[side],
                defence: places[1 - side],
                is_away: side == 1,
                goals: goals[side],
                length: length[side],
            });
        }
    }
    let seasons = 1 + matches.iter().map(|joined| joined.season).max().unwrap_or(0);
    let strengths = Strengths::learn(&attempts, teams.len(), seasons);
    attempts.chunks_exact(2).map(|both| [strengths.rate(&both[0]), strengths.rate(&both[1])]).collect()
}

struct Strengths {
    attack: Vec<f64>,
    defence: Vec<f64>,
    /// By season: home, away.
    base: Vec<[f64; 2]>,
}

impl Strengths {
    fn learn(attempts: &[Attempt], teams: usize, seasons: usize) -> Strengths {
        let mut now = Strengths { attack: vec![1.0; teams], defence: vec![1.0; teams], base: vec![[1.3; 2]; seasons] };
        for _ in 0..ROUNDS {
            let mut base = vec![[(0.0, 0.0); 2]; seasons];
            for one in attempts {
                let (goals, expected) = &mut base[one.season][usize::from(one.is_away)];
                *goals += one.goals;
                *expected += now.attack[one.attack] * now.defence[one.defence] * one.length;
            }
            let ratio = |(goals, expected): (f64, f64)| if expected > 0.0 { goals / expected } else { 1.3 };
            now.base = base.into_iter().map(|sides| sides.map(ratio)).collect();
            now.attack = now.side(attempts, |one| one.attack, |now, one| now.defence[one.defence]);
            now.defence = now.side(attempts, |one| one.defence, |now, one| now.attack[one.attack]);
        }
        now
    }

    /// New attacks, or new defences: goals over what the other strengths expect, drawn towards 1.
    fn side(
        &self,
        attempts: &[Attempt],
        whose: impl Fn(&Attempt) -> usize,
        against: impl Fn(&Strengths, &Attempt) -> f64,
    ) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.attack.len()];
        for one in attempts {
            let (goals, expected) = &mut sums[whose(one)];
            *goals += one.goals;
            *expected += self.base[one.season][usize::from(one.is_away)] * against(self, one) * one.length;
        }
        let prior = prior_goals(&sums);
        sums.into_iter().map(|(goals, expected)| (goals + prior) / (expected + prior)).collect()
    }

    fn rate(&self, one: &Attempt) -> f64 {
        self.base[one.season][usize::from(one.is_away)] * self.attack[one.attack] * self.defence[one.defence]
    }
}

/// One over the variance of the true strengths: that of goals over expectation, less what chance gives.
fn prior_goals(sums: &[(f64, f64)]) -> f64 {
    let (mut all, mut variance) = (0.0, 0.0);
    for (goals, expected) in sums.iter().filter(|(_, expected)| *expected > 0.0) {
        let off = goals - expected;
        // Weighed by what is known of a side: a play-off guest with two matches hardly counts.
        variance += off * off / expected - 1.0;
        all += expected;
    }
    let [least, most] = PRIOR_GOALS;
    if variance > 0.0 { (all / variance).clamp(least, most) } else { most }
}
