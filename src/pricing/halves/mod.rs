//! What each half of the match may come to, and the halves together.
//!
//! The law of section 5 of the pricing model in two segments: `P*(ht, ft) = P(ht; U1) P(ft | ht; U2) τ(ft) / Z`. The
//! second factor depends on the half-time score only through its lead, so it is worked out once a lead, several leads
//! side by side ([`fan`]). From half-time on the half-time score is a fact, and the same code runs from one lead.
//!
//! Parts of the law worth less than about 1e-13 together are left out: probabilities here are right to that, absolute. The
//! law of the final score ([`ScoreLaw`](super::ScoreLaw)) is the one for fair odds of what is nearly impossible.

mod engine;
mod fan;
mod joint;
mod reading;
mod tables;

pub use engine::{HalvesEngine, NoHalves};
pub use joint::NextGoal;
pub(super) use tables::JointTables;

use super::counts::Counts;
use fan::Fan;

/// Goals of home and of away.
type Goals = (u32, u32);

/// The joint law of the half-time score and the final score of regular time, from one state of the match.
#[derive(Clone, Debug, Default)]
pub struct HalvesLaw {
    /// The score when the first grid starts: the score now in the first half, else the half-time score.
    half_time_from: Goals,
    /// Goals of the second half so far.
    second_half_now: Goals,
    /// One block: added goals of the first half. Lane 0 is the law, lane 1 that part of it whose first goal is home's.
    first: Fan,
    /// Goals still to come in the second half; lanes are named by block and place in it.
    second: Fan,
    /// The lane of each change of the lead in the first half, from the least on; none for what is left out.
    lanes: Vec<Option<Lane>>,
    /// The lane from the lead now, of paths whose first goal is home's.
    home_first: Lane,
    low_score_weights: [[f64; 2]; 2],
    normaliser: f64,
    /// Probability of each cell of the first grid.
    half_time: Vec<f64>,
    first_half: HalfCounts,
    second_half: HalfCounts,
    /// Results by half-time result, home, draw, away: of the match, and of the second half alone.
    match_by_half_time: [[f64; 3]; 3],
    second_by_first_half: [[f64; 3]; 3],
    highest_scoring_half: [f64; 3],
    goal_in_both_halves: [f64; 2],
    both_teams_to_score_first_half: [f64; 2],
    both_teams_to_score_second_half: [f64; 2],
}

/// Which lane of which block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lane {
    block: usize,
    place: usize,
}

/// The goals of one half, counted in four ways, those already scored in it included.
#[derive(Clone, Debug, Default)]
pub struct HalfCounts {
    total: Counts,
    home: Counts,
    away: Counts,
    lead: Counts,
    result: [f64; 3],
}

impl HalfCounts {
    /// Goals of both sides.
    pub fn total(&self) -> &Counts {
        &self.total
    }

    /// Goals of home.
    pub fn home(&self) -> &Counts {
        &self.home
    }

    /// Goals of away.
    pub fn away(&self) -> &Counts {
        &self.away
    }

    /// Goals of home less goals of away.
    pub fn lead(&self) -> &Counts {
        &self.lead
    }

    /// Probabilities that home scores more goals in this half, that both score as many, that away scores more.
    pub fn result(&self) -> [f64; 3] {
        self.result
    }
}

impl HalvesLaw {
    /// The first half, from its kick-off to its whistle.
    pub fn first_half(&self) -> &HalfCounts {
        &self.first_half
    }

    /// The second half alone.
    pub fn second_half(&self) -> &HalfCounts {
        &self.second_half
    }

    /// Probability of this half-time score.
    pub fn half_time_score(&self, home: u32, away: u32) -> f64 {
        let Some(block) = self.first.blocks().first() else { return 0.0 };
        let added = |then: u32, from: u32| then.checked_sub(from).map(|added| added as usize);
        match (added(home, self.half_time_from.0), added(away, self.half_time_from.1)) {
            (Some(i), Some(j)) if i < block.rows && j < block.columns => self.half_time[i * block.columns + j],
            (Some(_) | None, Some(_) | None) => 0.0,
        }
    }

    /// Every half-time score on the grid with its probability, home goals first.
    pub fn half_time_scores(&self) -> impl Iterator<Item = (u32, u32, f64)> + '_ {
        let columns = self.first.blocks().first().map_or(1, |block| block.columns);
        self.half_time.chunks_exact(columns).zip(self.half_time_from.0..).flat_map(move |(row, home)| {
            row.iter().zip(self.half_time_from.1..).map(move |(probability, away)| (home, away, *probability))
        })
    }

    /// Probabilities of half-time and full-time result: home and home, home and draw, home and away, draw and home, and
    /// so on to away and away.
    pub fn half_time_full_time(&self) -> [f64; 9] {
        let mut pairs = [0.0; 9];
        for (pair, probability) in pairs.iter_mut().zip(self.match_by_half_time.iter().flatten()) {
            *pair = *probability;
        }
        pairs
    }

    /// Probabilities that home, and that away, scores more goals than the other in each half.
    pub fn win_both_halves(&self) -> [f64; 2] {
        [self.second_by_first_half[0][0], self.second_by_first_half[2][2]]
    }

    /// Probabilities that home, and that away, scores more goals than the other in at least one half. Both may.
    pub fn win_either_half(&self) -> [f64; 2] {
        let either = |result: usize| {
            let second = (0..3).filter(|first| *first != result).map(|first| self.second_by_first_half[first][result]);
            self.second_by_first_half[result].iter().sum::<f64>() + second.sum::<f64>()
        };
        [either(0), either(2)]
    }

    /// Probabilities that more goals fall in the first half, in the second, as many in both.
    pub fn highest_scoring_half(&self) -> [f64; 3] {
        self.highest_scoring_half
    }

    /// Probabilities that there is a goal in each half, and that there is not.
    pub fn goal_in_both_halves(&self) -> [f64; 2] {
        self.goal_in_both_halves
    }

    /// Probabilities that both sides score in the first half, and that they do not.
    pub fn both_teams_to_score_first_half(&self) -> [f64; 2] {
        self.both_teams_to_score_first_half
    }

    /// Probabilities that both sides score in the second half, and that they do not.
    pub fn both_teams_to_score_second_half(&self) -> [f64; 2] {
        self.both_teams_to_score_second_half
    }

    /// Z of section 4: the mass of the uncorrected law under the low-score weights, as far as the grids reach.
    pub fn normaliser(&self) -> f64 {
        self.normaliser
    }

    /// Added goals a side that the first half, the second half and both have room for, at most; with none among them.
    pub(super) fn reach(&self) -> usize {
        let most = |fan: &Fan| fan.blocks().iter().map(|block| block.rows.max(block.columns)).max().unwrap_or(1);
        most(&self.first) + most(&self.second) - 1
    }

    /// The score when the first grid starts, and goals of the second half so far.
    pub(super) fn begun(&self) -> (Goals, Goals) {
        (self.half_time_from, self.second_half_now)
    }

    fn lane_of(&self, i: usize, j: usize) -> Option<Lane> {
        let columns = self.first.blocks().first()?.columns;
        self.lanes[i + columns - 1 - j]
    }
}

/// Home, draw or away by this lead: 0, 1 or 2.
fn result_index(lead: i64) -> usize {
    match lead.signum() {
        1 => 0,
        0 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests;
