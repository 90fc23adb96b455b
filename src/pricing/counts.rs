//! How a bet on more or fewer than a line comes out, for goals counted any way: of both sides, of one, or the lead.

use crate::values::QuarterLine;

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

/// The law of one whole number: goals still to come, goals of a half, or how much a lead changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// The number that the first entry stands for.
    least: i64,
    each: Vec<f64>,
    /// `fewer[n]`: before entry n; `at_least[n]`: entry n or later. Each added up from its small end.
    fewer: Vec<f64>,
    at_least: Vec<f64>,
}

impl Counts {
    /// Starts afresh for this many numbers from `least` on.
    pub(super) fn clear(&mut self, least: i64, entries: usize) {
        self.least = least;
        self.each.clear();
        self.each.resize(entries, 0.0);
    }

    /// Every number with its probability.
    pub(super) fn each(&self) -> impl Iterator<Item = (i64, f64)> + '_ {
        (self.least..).zip(self.each.iter().copied())
    }

    /// The entries, from `least` on.
    pub(super) fn each_mut(&mut self) -> &mut [f64] {
        &mut self.each
    }

    /// Adds them up from both ends.
    pub(super) fn finish(&mut self) {
        let entries = self.each.len();
        for sums in [&mut self.fewer, &mut self.at_least] {
            sums.clear();
            sums.resize(entries + 1, 0.0);
        }
        for n in 0..entries {
            self.fewer[n + 1] = self.fewer[n] + self.each[n];
        }
        for n in (0..entries).rev() {
            self.at_least[n] = self.at_least[n + 1] + self.each[n];
        }
    }

    /// How a stake on more than this many quarters ends.
    pub(super) fn above(&self, quarters: i64) -> Split {
        let last = self.each.len() as i64;
        // The whole number nearest to the line; all above it win, all below it lose.
        let nearest = (quarters + 2).div_euclid(4);
        let entry = nearest - self.least;
        let mut split = Split {
            win: self.at_least[(entry + 1).clamp(0, last) as usize],
            lose: self.fewer[entry.clamp(0, last) as usize],
            ..Split::default()
        };
        if (0..last).contains(&entry) {
            split.add(4 * nearest - quarters, self.each[entry as usize]);
        }
        split
    }
}

impl Counts {
    /// How a stake on OVER this line ends. Of a lead, the handicap of home is the line with its sign turned.
    pub fn over(&self, line: QuarterLine) -> Split {
        self.above(i64::from(line.quarters()))
    }

    /// Probability of exactly this number.
    pub fn exactly(&self, number: i64) -> f64 {
        let entry = usize::try_from(number - self.least);
        entry.ok().and_then(|entry| self.each.get(entry)).copied().unwrap_or(0.0)
    }
}
