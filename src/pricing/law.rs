//! What each final score is worth, and each market that can be read from it.

use super::inputs::State;
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
    /// By goals still to come, of both sides together.
    goals_to_come: Vec<f64>,
    /// `fewer[n]`: less than n goals to come; `at_least[n]`: n or more. Each added up from its small end.
    fewer: Vec<f64>,
    at_least: Vec<f64>,
    match_result: [f64; 3],
    expected_remaining: [f64; 2],
    normaliser: f64,
}

/// How a stake on one side of a two-way line ends: the chances of the five endings, which sum to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Split {
    /// The whole stake wins.
    pub win: f64,
    /// Half wins, half is returned.
    pub half_win: f64,
    /// All is returned.
    pub push: f64,
    /// Half is returned, half is lost.
    pub half_lose: f64,
    /// The whole stake is lost.
    pub lose: f64,
}

impl Split {
    /// The same line seen by the other side.
    pub fn mirrored(self) -> Split {
        Split { win: self.lose, half_win: self.half_lose, push: self.push, half_lose: self.half_win, lose: self.win }
    }

    /// Fair decimal odds of this side, `1 + (lose + half_lose/2) / (win + half_win/2)`, and of the other, its mirror;
    /// `None` for a side that cannot win.
    pub fn fair_odds(self) -> (Option<f64>, Option<f64>) {
        let (won, lost) = (self.win + 0.5 * self.half_win, self.lose + 0.5 * self.half_lose);
        let odds = |won: f64, lost: f64| (won > 0.0).then(|| 1.0 + lost / won);
        (odds(won, lost), odds(lost, won))
    }

    /// One over the fair odds of this side and of the other: they sum to 1, and carry the margin. `None` where one side
    /// cannot win.
    pub fn fair_probabilities(self) -> Option<[f64; 2]> {
        let (won, lost) = (self.win + 0.5 * self.half_win, self.lose + 0.5 * self.half_lose);
        (won > 0.0 && lost > 0.0).then(|| [won / (won + lost), lost / (won + lost)])
    }

    /// Adds one ending: `distance` is how far, in quarters of a goal, the count came out above the line.
    fn add(&mut self, distance: i64, probability: f64) {
        let ending = match distance {
            2.. => &mut self.win,
            1 => &mut self.half_win,
            0 => &mut self.push,
            -1 => &mut self.half_lose,
            ..=-2 => &mut self.lose,
        };
        *ending += probability;
    }
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

    /// How a stake on OVER this line of the final total ends.
    pub fn total(&self, line: QuarterLine) -> Split {
        let last = self.goals_to_come.len() as i64;
        let from_now = i64::from(line.quarters()) - 4 * i64::from(self.goals_now());
        // The whole number of goals nearest to the line; all above it win, all below it lose.
        let nearest = (from_now + 2).div_euclid(4);
        let mut split = Split {
            win: self.at_least[(nearest + 1).clamp(0, last) as usize],
            lose: self.fewer[nearest.clamp(0, last) as usize],
            ..Split::default()
        };
        if (0..last).contains(&nearest) {
            split.add(4 * nearest - from_now, self.goals_to_come[nearest as usize]);
        }
        split
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

    /// Every final score on the grid with its probability, home goals first.
    pub fn cells(&self) -> impl Iterator<Item = (u32, u32, f64)> + '_ {
        let (home, away) = (u32::from(self.home_score), u32::from(self.away_score));
        self.cells
            .chunks_exact(self.columns.max(1))
            .zip(home..)
            .flat_map(move |(row, x)| row.iter().zip(away..).map(move |(probability, y)| (x, y, *probability)))
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

    /// Makes the weights sum to 1 and reads off what every market asks for.
    pub(super) fn finish(&mut self) {
        self.normaliser = self.cells.iter().sum();
        assert!(self.normaliser > 0.0 && self.normaliser.is_finite(), "a law of positive weights has a positive mass");
        self.goals_to_come.clear();
        self.goals_to_come.resize(self.rows + self.columns - 1, 0.0);
        self.match_result = [0.0; 3];
        self.expected_remaining = [0.0; 2];
        let scale = 1.0 / self.normaliser;
        let lead_now = i64::from(self.home_score) - i64::from(self.away_score);
        for (row, i) in self.cells.chunks_exact_mut(self.columns).zip(0_u32..) {
            for ((cell, j), to_come) in row.iter_mut().zip(0_u32..).zip(&mut self.goals_to_come[i as usize..]) {
                *cell *= scale;
                *to_come += *cell;
                let result = match (lead_now + i64::from(i) - i64::from(j)).signum() {
                    1 => 0,
                    0 => 1,
                    _ => 2,
                };
                self.match_result[result] += *cell;
                self.expected_remaining[0] += f64::from(i) * *cell;
                self.expected_remaining[1] += f64::from(j) * *cell;
            }
        }
        self.sum_goals_to_come();
    }

    fn sum_goals_to_come(&mut self) {
        let counts = self.goals_to_come.len();
        for sums in [&mut self.fewer, &mut self.at_least] {
            sums.clear();
            sums.resize(counts + 1, 0.0);
        }
        for n in 0..counts {
            self.fewer[n + 1] = self.fewer[n] + self.goals_to_come[n];
        }
        for n in (0..counts).rev() {
            self.at_least[n] = self.at_least[n + 1] + self.goals_to_come[n];
        }
    }
}
