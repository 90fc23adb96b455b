//! The smaller markets of the final score: exact goals, odd or even, clean sheets, handicaps with a draw.

use super::law::ScoreLaw;
use crate::event::Side;
use crate::values::QuarterLine;

impl ScoreLaw {
    /// Probabilities of home win, draw and away win once this whole line is added to home's goals. `None` for a line that
    /// is no whole number.
    pub fn european_handicap(&self, line: QuarterLine) -> Option<[f64; 3]> {
        let split = self.handicap(line);
        line.is_whole().then_some([split.win, split.push, split.lose])
    }

    /// Probabilities of 0, 1, … goals of both sides, and last of `open` or more.
    pub fn exact_goals(&self, open: u8) -> Vec<f64> {
        exactly(open, |line| self.total(line))
    }

    /// Probabilities of 0, 1, … goals of one side, and last of `open` or more.
    pub fn exact_team_goals(&self, side: Side, open: u8) -> Vec<f64> {
        exactly(open, |line| self.team_total(side, line))
    }

    /// Probabilities that the final number of goals is odd, and that it is even; 0 is even.
    pub fn odd_even(&self) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for (home, away, probability) in self.cells() {
            sums[usize::from((home + away).is_multiple_of(2))] += probability;
        }
        sums
    }

    /// Probability that the other side ends with no goal.
    pub fn clean_sheet(&self, side: Side) -> f64 {
        let other = match side {
            Side::Home => Side::Away,
            Side::Away => Side::Home,
        };
        self.team_total(other, HALF_A_GOAL).lose
    }

    /// Probability that this side wins and the other ends with no goal.
    pub fn win_to_nil(&self, side: Side) -> f64 {
        let to_nil = |home: u32, away: u32| match side {
            Side::Home => home > 0 && away == 0,
            Side::Away => away > 0 && home == 0,
        };
        self.cells().filter(|(home, away, _)| to_nil(*home, *away)).map(|cell| cell.2).sum()
    }
}

const HALF_A_GOAL: QuarterLine = QuarterLine::from_quarters(2);

fn exactly(open: u8, over: impl Fn(QuarterLine) -> super::Split) -> Vec<f64> {
    let line = QuarterLine::from_quarters;
    let mut each: Vec<f64> = (0..i16::from(open)).map(|goals| over(line(4 * goals)).push).collect();
    each.push(over(line(4 * i16::from(open) - 2)).win);
    each
}
