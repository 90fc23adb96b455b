//! What each final score is worth, and each market that can be read from it.

use super::counts::{Counts, Split};
use super::inputs::State;
use super::logarithms::summed;
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
    /// Probability that both sides score from now on.
    both_to_come: f64,
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
        // A side that has not scored yet has yet to; each part is added up from small ones, so that none cancels.
        match (self.home_score > 0, self.away_score > 0) {
            (true, true) => [1.0, 0.0],
            (true, false) => [self.away_to_come.at_least(1), self.away_to_come.fewer_than(1)],
            (false, true) => [self.home_to_come.at_least(1), self.home_to_come.fewer_than(1)],
            (false, false) => {
                let (no_home, no_away) = (self.home_to_come.fewer_than(1), self.away_to_come.fewer_than(1));
                [self.both_to_come, (no_home - self.cells[0]) + no_away]
            }
        }
    }

    /// Probabilities of each final score of up to `max` goals a side, home goals first, then of any other home win, draw
    /// and away win. What the score now has made impossible has probability 0.
    pub fn correct_score(&self, max: u8) -> Vec<f64> {
        let goals = usize::from(max) + 1;
        let mut scores = Vec::with_capacity(goals * goals + 3);
        self.correct_score_into(max, &mut scores);
        scores
    }

    /// The same, put in the place of what `scores` held.
    pub fn correct_score_into(&self, max: u8, scores: &mut Vec<f64>) {
        let max = u16::from(max);
        scores.clear();
        let (home_score, away_score) = (usize::from(self.home_score), usize::from(self.away_score));
        // Listed final scores: so many of a row are below the score now, so many of it are cells.
        let goals = usize::from(max) + 1;
        let gone = away_score.min(goals);
        let listed_cells = (goals - gone).min(self.columns);
        let listed_rows = goals.saturating_sub(home_score);
        scores.resize(goals * goals, 0.0);
        for (row, out) in self.rows().zip(scores.chunks_exact_mut(goals).skip(home_score)) {
            out[gone..gone + listed_cells].copy_from_slice(&row[..listed_cells]);
        }
        let mut others = [0.0; 3];
        for (i, row) in self.rows().enumerate() {
            // A row not listed is beyond the listed home goals whole; of a listed one, what has more away goals is.
            let unlisted = if i < listed_rows { listed_cells } else { 0 };
            // The cell of a draw, if it were in the row: before it home has won, after it away.
            let level = (home_score + i) as i64 - away_score as i64;
            let bound = |cell: i64| cell.clamp(unlisted as i64, row.len() as i64) as usize;
            let (level, after) = (bound(level), bound(level + 1));
            others[0] += row[unlisted..level].iter().sum::<f64>();
            others[1] += row[level..after].iter().sum::<f64>();
            others[2] += row[after..].iter().sum::<f64>();
        }
        scores.extend(others);
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
        self.rows().zip(home..).flat_map(move |(row, x)| row.iter().zip(away..).map(move |(p, y)| (x, y, *p)))
    }

    fn rows(&self) -> impl Iterator<Item = &[f64]> + '_ {
        self.cells.chunks_exact(self.columns.max(1))
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

    /// The added goals of home and of away that the grid has room for, each with none among them.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// The cells, rows of equal length one after another.
    pub(super) fn cells_mut(&mut self) -> &mut [f64] {
        &mut self.cells
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
        self.normaliser = summed(&self.cells);
        assert!(self.normaliser > 0.0 && self.normaliser.is_finite(), "a law of positive weights has a positive mass");
        let (rows, columns) = (self.rows, self.columns);
        self.goals_to_come.clear(0, rows + columns - 1);
        self.home_to_come.clear(0, rows);
        self.away_to_come.clear(0, columns);
        self.lead_to_come.clear(1 - columns as i64, rows + columns - 1);
        let scale = 1.0 / self.normaliser;
        // Each row goes into the sums at its own place; the first one last, so that before it the away side's sums are
        // those of home scoring too.
        for (i, row) in self.cells.chunks_exact_mut(columns).enumerate().rev() {
            if i == 0 {
                self.both_to_come = summed(&self.away_to_come.each_mut()[1..]);
            }
            // The leads are put there the wrong way round first: a goal more of away's is a lead one less.
            let (goals, trail) = (self.goals_to_come.each_mut(), self.lead_to_come.each_mut());
            let sums = [self.away_to_come.each_mut(), &mut goals[i..], &mut trail[rows - 1 - i..]];
            self.home_to_come.each_mut()[i] = scaled_into(row, scale, sums);
        }
        self.lead_to_come.each_mut().reverse();
        for counts in [&mut self.goals_to_come, &mut self.home_to_come, &mut self.away_to_come, &mut self.lead_to_come]
        {
            counts.finish();
        }
        self.expected_remaining = [self.home_to_come.mean(), self.away_to_come.mean()];
        let trail = -self.lead_now();
        let (wins, loses) = (self.lead_to_come.at_least(trail + 1), self.lead_to_come.fewer_than(trail));
        self.match_result = [wins, self.lead_to_come.exactly(trail), loses];
        self.next_goal = [next[0] * scale, next[1] * scale, self.cells[0]];
    }
}

/// Scales a row, adds it to the three sums, cell by cell, and gives its own.
fn scaled_into(row: &mut [f64], scale: f64, sums: [&mut [f64]; 3]) -> f64 {
    let columns = row.len();
    let (fours, rest) = row.as_chunks_mut::<4>();
    let [(a, a_rest), (b, b_rest), (c, c_rest)] = sums.map(|sum| sum[..columns].as_chunks_mut::<4>());
    let mut parts = [0.0; 4];
    for (((four, a), b), c) in fours.iter_mut().zip(a).zip(b).zip(c) {
        let scaled = four.map(|cell| cell * scale);
        let plus = |sum: &[f64; 4]| [sum[0] + scaled[0], sum[1] + scaled[1], sum[2] + scaled[2], sum[3] + scaled[3]];
        let (next_a, next_b, next_c) = (plus(a), plus(b), plus(c));
        parts = plus(&parts);
        (*four, *a, *b, *c) = (scaled, next_a, next_b, next_c);
    }
    let mut sum = (parts[0] + parts[1]) + (parts[2] + parts[3]);
    for (((cell, a), b), c) in rest.iter_mut().zip(a_rest).zip(b_rest).zip(c_rest) {
        *cell *= scale;
        *a += *cell;
        *b += *cell;
        *c += *cell;
        sum += *cell;
    }
    sum
}
