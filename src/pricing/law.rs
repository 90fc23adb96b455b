//! What each final score is worth, and each market that can be read from it.

use super::counts::{Counts, Split};
use super::inputs::State;
use crate::event::Side;
use crate::values::QuarterLine;

/// The joint law of the final score of regular time, from one state of the match.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreLaw {
    home_score: u16,
    away_score: u16,
    rows: usize,
    columns: usize,
    /// `cells[i * columns + j]`: i more home goals and j more away goals.
    cells: Vec<f64>,
    /// Goals still to come: of both sides together, of each.
    goals_to_come: Counts,
    home_to_come: Counts,
    away_to_come: Counts,
    /// Home goals less away goals still to come.
    lead_to_come: Counts,
    next_goal: [f64; 3],
    match_result: [f64; 3],
    expected_remaining: [f64; 2],
    normaliser: f64,
}

impl ScoreLaw {
    /// Probability of this final score; 0 beyond the grid and below the score now.
    pub fn cell(&self, home: u16, away: u16) -> f64 {
        let added = |final_score: u16, now: u16| final_score.checked_sub(now).map(usize::from);
        match (added(home, self.home_score), added(away, self.away_score)) {
            (Some(i), Some(j)) if i < self.rows && j < self.columns => self.cells[i * self.columns + j],
            (Some(_) | None, Some(_) | None) => 0.0,
        }
    }

    /// Probabilities of home win, draw, away win.
    pub fn match_result(&self) -> [f64; 3] {
        self.match_result
    }

    /// Probabilities of home or draw, home or away, draw or away: two of the three win, so they sum to 2.
    pub fn double_chance(&self) -> [f64; 3] {
        let [home, draw, away] = self.match_result;
        [home + draw, home + away, draw + away]
    }

    /// How a stake on OVER this line of the final total ends.
    pub fn total(&self, line: QuarterLine) -> Split {
        self.goals_to_come.above(i64::from(line.quarters()) - 4 * i64::from(self.goals_now()))
    }

    /// How a stake on OVER this line of one side's final goals ends.
    pub fn team_total(&self, side: Side, line: QuarterLine) -> Split {
        let (to_come, now) = match side {
            Side::Home => (&self.home_to_come, self.home_score),
            Side::Away => (&self.away_to_come, self.away_score),
        };
        to_come.above(i64::from(line.quarters()) - 4 * i64::from(now))
    }

    /// How a stake on HOME ends when this line is added to home's final goals.
    pub fn handicap(&self, line: QuarterLine) -> Split {
        self.lead_to_come.above(-i64::from(line.quarters()) - 4 * self.lead_now())
    }

    /// The same with only the goals from now on counting: as if it stood 0-0.
    pub fn handicap_from_now(&self, line: QuarterLine) -> Split {
        self.lead_to_come.above(-i64::from(line.quarters()))
    }

    /// Probabilities that both sides score in the match, and that they do not.
    pub fn both_teams_to_score(&self) -> [f64; 2] {
        if self.home_score > 0 && self.away_score > 0 {
            return [1.0, 0.0];
        }
        let (mut yes, mut no) = (0.0, 0.0);
        for (home, away, probability) in self.cells() {
            if home > 0 && away > 0 {
                yes += probability;
            } else {
                no += probability;
            }
        }
        [yes, no]
    }

    /// Probabilities of each final score of up to `max` goals a side, home goals first, then of any other home win, draw
    /// and away win. What the score now has made impossible has probability 0.
    pub fn correct_score(&self, max: u8) -> Vec<f64> {
        let max = u16::from(max);
        let mut scores = Vec::with_capacity(usize::from((max + 1) * (max + 1) + 3));
        scores.extend((0..=max).flat_map(|home| (0..=max).map(move |away| self.cell(home, away))));
        let mut others = [0.0; 3];
        for (home, away, probability) in self.cells().filter(|(home, away, _)| *home.max(away) > u32::from(max)) {
            others[result_index(i64::from(home) - i64::from(away))] += probability;
        }
        scores.extend(others);
        scores
    }

    /// Probabilities that home scores the next goal, that away does, that there is none any more.
    pub fn next_goal(&self) -> [f64; 3] {
        self.next_goal
    }

    /// Goals each side is expected to score from now on.
    pub fn expected_remaining(&self) -> [f64; 2] {
        self.expected_remaining
    }

    /// Probability that nobody scores any more.
    pub fn no_more_goals(&self) -> f64 {
        self.cells[0]
    }

    /// Z of section 4: the mass of the uncorrected law under the low-score weights.
    pub fn normaliser(&self) -> f64 {
        self.normaliser
    }

    /// Home goals now.
    pub fn home_score(&self) -> u16 {
        self.home_score
    }

    /// Away goals now.
    pub fn away_score(&self) -> u16 {
        self.away_score
    }

    /// Goals of both sides now.
    pub fn goals_now(&self) -> u32 {
        u32::from(self.home_score) + u32::from(self.away_score)
    }

    fn lead_now(&self) -> i64 {
        i64::from(self.home_score) - i64::from(self.away_score)
    }

    /// Every final score on the grid with its probability, home goals first.
    pub fn cells(&self) -> impl Iterator<Item = (u32, u32, f64)> + '_ {
        let (home, away) = (u32::from(self.home_score), u32::from(self.away_score));
        self.cells
            .chunks_exact(self.columns.max(1))
            .zip(home..)
            .flat_map(move |(row, x)| row.iter().zip(away..).map(move |(probability, y)| (x, y, *probability)))
    }

    /// Goals of both sides still to come.
    pub(super) fn goals_to_come(&self) -> &Counts {
        &self.goals_to_come
    }

    /// Home's goals still to come.
    pub(super) fn home_to_come(&self) -> &Counts {
        &self.home_to_come
    }

    /// Away's goals still to come.
    pub(super) fn away_to_come(&self) -> &Counts {
        &self.away_to_come
    }

    /// How much home's lead still changes.
    pub(super) fn lead_to_come(&self) -> &Counts {
        &self.lead_to_come
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.cells[i * self.columns..][..self.columns]
    }

    /// Starts afresh with an empty grid for this many added goals a side.
    pub(super) fn clear(&mut self, state: &State, home_goals_max: usize, away_goals_max: usize) {
        self.home_score = state.home_score;
        self.away_score = state.away_score;
        self.rows = home_goals_max + 1;
        self.columns = away_goals_max + 1;
        self.cells.clear();
        self.cells.resize(self.rows * self.columns, 0.0);
    }

    /// Multiplies the weight of one final score, if it can still be reached.
    pub(super) fn weigh(&mut self, home: u16, away: u16, factor: f64) {
        if home < self.home_score || away < self.away_score {
            return;
        }
        let (i, j) = (usize::from(home - self.home_score), usize::from(away - self.away_score));
        if i < self.rows && j < self.columns {
            self.cells[i * self.columns + j] *= factor;
        }
    }

    /// Makes the weights sum to 1 and reads off what every market asks for. `next` are the masses, before the weights are
    /// made to sum to 1, of the next goal being home's and away's.
    pub(super) fn finish(&mut self, next: [f64; 2]) {
        self.normaliser = self.cells.iter().sum();
        assert!(self.normaliser > 0.0 && self.normaliser.is_finite(), "a law of positive weights has a positive mass");
        self.goals_to_come.clear(0, self.rows + self.columns - 1);
        self.home_to_come.clear(0, self.rows);
        self.away_to_come.clear(0, self.columns);
        self.lead_to_come.clear(1 - self.columns as i64, self.rows + self.columns - 1);
        self.match_result = [0.0; 3];
        self.expected_remaining = [0.0; 2];
        let scale = 1.0 / self.normaliser;
        let lead_now = self.lead_now();
        for (row, i) in self.cells.chunks_exact_mut(self.columns).zip(0_u32..) {
            let goals = self.goals_to_come.each_mut()[i as usize..].iter_mut();
            // A goal more of away's is a lead one less, so a row fills the leads from its own downwards.
            let leads = self.lead_to_come.each_mut()[i as usize..].iter_mut().take(self.columns).rev();
            let away = self.away_to_come.each_mut().iter_mut();
            let mut row_sum = 0.0;
            for (((cell, j), away), (goals, lead)) in row.iter_mut().zip(0_u32..).zip(away).zip(goals.zip(leads)) {
                *cell *= scale;
                *goals += *cell;
                *away += *cell;
                *lead += *cell;
                row_sum += *cell;
                self.match_result[result_index(lead_now + i64::from(i) - i64::from(j))] += *cell;
                self.expected_remaining[0] += f64::from(i) * *cell;
                self.expected_remaining[1] += f64::from(j) * *cell;
            }
            self.home_to_come.each_mut()[i as usize] = row_sum;
        }
        for counts in [&mut self.goals_to_come, &mut self.home_to_come, &mut self.away_to_come, &mut self.lead_to_come]
        {
            counts.finish();
        }
        self.next_goal = [next[0] * scale, next[1] * scale, self.cells[0]];
    }
}

/// Home win, draw or away win by this lead: 0, 1 or 2.
fn result_index(lead: i64) -> usize {
    match lead.signum() {
        1 => 0,
        0 => 1,
        _ => 2,
    }
}
