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
        let (won, lost) = self.won_and_lost();
        let odds = |won: f64, lost: f64| (won > 0.0).then(|| 1.0 + lost / won);
        (odds(won, lost), odds(lost, won))
    }

    /// One over the fair odds of this side and of the other: they sum to 1, and carry the margin. `None` where one side
    /// cannot win.
    pub fn fair_probabilities(self) -> Option<[f64; 2]> {
        let (won, lost) = self.won_and_lost();
        (won > 0.0 && lost > 0.0).then(|| [won / (won + lost), lost / (won + lost)])
    }

    /// Stakes to be won and to be lost, a half counting half.
    pub(super) fn won_and_lost(self) -> (f64, f64) {
        (self.win + 0.5 * self.half_win, self.lose + 0.5 * self.half_lose)
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
    /// For each entry, between one for all smaller and one for all larger numbers: what comes before it, itself, what comes
    /// after it. Each added up from its small end.
    around: Vec<[f64; 3]>,
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
        self.around.resize(entries + 2, [0.0; 3]);
        let mut after = 0.0;
        for (around, each) in self.around[1..].iter_mut().zip(&self.each).rev() {
            around[2] = after;
            after += each;
        }
        self.around[0] = [0.0, 0.0, after];
        let mut before = 0.0;
        for (around, each) in self.around[1..].iter_mut().zip(&self.each) {
            (around[0], around[1]) = (before, *each);
            before += each;
        }
        self.around[entries + 1] = [before, 0.0, 0.0];
    }

    /// Probability of a smaller number.
    pub(super) fn fewer_than(&self, number: i64) -> f64 {
        self.around(number)[0]
    }

    /// Probability of this number or a larger one.
    pub(super) fn at_least(&self, number: i64) -> f64 {
        self.around(number - 1)[2]
    }

    /// The number to expect.
    pub(super) fn mean(&self) -> f64 {
        (self.least..).zip(&self.each).map(|(number, probability)| number as f64 * probability).sum()
    }

    /// Probabilities of a smaller number, of this one, of a larger one.
    #[inline]
    fn around(&self, number: i64) -> [f64; 3] {
        self.around[(number - self.least + 1).clamp(0, self.each.len() as i64 + 1) as usize]
    }

    /// How a stake on more than this many quarters ends.
    #[inline]
    pub(super) fn above(&self, quarters: i64) -> Split {
        // The whole number nearest to the line; all above it win, all below it lose.
        let nearest = (quarters + 2).div_euclid(4);
        let [lose, exactly, win] = self.around(nearest);
        let mut split = Split { win, lose, ..Split::default() };
        split.add(4 * nearest - quarters, exactly);
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
        self.around(number)[1]
    }
}
