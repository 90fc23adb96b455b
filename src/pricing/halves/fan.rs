//! Where the score may go from several leads at once: the goals of what is left of one half.

use super::super::chain::MeansByLead;

/// Grids of added goals, one a starting lead, worked out side by side: a block is a grid whose every cell holds the
/// probabilities of as many lanes as the block is wide, and a lane starts from its own lead. The leads differ in their
/// rates only, so one pass over a grid moves all lanes of a block together.
#[derive(Clone, Debug, Default)]
pub(super) struct Fan {
    cells: Vec<f64>,
    blocks: Vec<Block>,
    /// Chances per jump of one block, by how the lead has changed: of staying, of coming by a home goal, by an away goal.
    chances: Vec<f64>,
    /// Poisson weights of the numbers of jumps.
    weights: Vec<f64>,
}

/// One block of a fan. Its grid has one row and one column of zeros in front, so that a cell without a predecessor needs
/// no question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    from: usize,
    pub(super) width: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Block {
    fn stride(&self) -> usize {
        self.columns + 1
    }

    /// Index of the cell of this many added goals, in cells.
    fn index(&self, i: usize, j: usize) -> usize {
        (i + 1) * self.stride() + j + 1
    }

    /// Added goals of both sides at most, and so the reach of the lead to each side together.
    pub(super) fn sums(&self) -> usize {
        self.rows + self.columns - 1
    }
}

/// One block asked for: from these leads, over these means.
pub(super) struct Ask<'a, const W: usize> {
    pub(super) means: &'a MeansByLead,
    pub(super) leads: [i32; W],
    /// In this lane, if any, only paths whose first goal is home's are followed, beside those without a goal.
    pub(super) home_first: Option<usize>,
    /// This much of a lane's law may be left out.
    pub(super) tail: f64,
}

impl Fan {
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.blocks.clear();
    }

    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The probability of this many added goals, in one lane of a block.
    pub(super) fn cell(&self, block: &Block, lane: usize, i: usize, j: usize) -> f64 {
        self.cells[block.from + block.index(i, j) * block.width + lane]
    }

    /// The same, 0 beyond the grid.
    pub(super) fn cell_if_any(&self, block: &Block, lane: usize, i: usize, j: usize) -> f64 {
        if i < block.rows && j < block.columns { self.cell(block, lane, i, j) } else { 0.0 }
    }

    /// The sums over each row of a block (home goals), each column (away goals), each number of goals, each change of the
    /// lead (from the least on): all its lanes at once.
    pub(super) fn sum<const W: usize>(&self, block: &Block, by: Sum) -> impl Iterator<Item = [f64; W]> + '_ {
        assert_eq!(block.width, W, "a block is read as wide as it was made");
        let (cells, _) = self.cells[block.from..].as_chunks::<W>();
        let block = *block;
        let (rows, columns, stride) = (block.rows, block.columns, block.stride());
        let lines = match by {
            Sum::Home => rows,
            Sum::Away => columns,
            Sum::Goals | Sum::Lead => block.sums(),
        };
        (0..lines).map(move |n| {
            let (first, step, count) = match by {
                Sum::Home => (block.index(n, 0), 1, columns),
                Sum::Away => (block.index(0, n), stride, rows),
                Sum::Goals => {
                    let least = (n + 1).saturating_sub(columns);
                    (block.index(least, n - least), stride - 1, n.min(rows - 1) + 1 - least)
                }
                Sum::Lead => {
                    // The lead changed by n less what away can add: from (0, -change) or (change, 0) on.
                    let (i, j) = (n.saturating_sub(columns - 1), (columns - 1).saturating_sub(n));
                    (block.index(i, j), stride + 1, (rows - i).min(columns - j))
                }
            };
            let mut sum = [0.0; W];
            let end = first + (count - 1) * step;
            for cell in cells[first..=end].chunks(step) {
                for lane in 0..W {
                    sum[lane] += cell[0][lane];
                }
            }
            sum
        })
    }

    /// Adds to `sums`, for each row of a block and each of its cells and one more, what the row weighs from there on: all
    /// lanes at once.
    pub(super) fn suffixes<const W: usize>(&self, block: &Block, sums: &mut Vec<f64>) {
        let (cells, _) = self.cells[block.from..].as_chunks::<W>();
        let begin = sums.len();
        sums.resize(begin + block.rows * (block.columns + 1) * W, 0.0);
        let (sums, _) = sums[begin..].as_chunks_mut::<W>();
        for (i, sums) in sums.chunks_exact_mut(block.columns + 1).enumerate() {
            let mut running = [0.0; W];
            let row = &cells[block.index(i, 0)..][..block.columns];
            for (sum, cell) in sums[..block.columns].iter_mut().zip(row).rev() {
                for lane in 0..W {
                    running[lane] += cell[lane];
                }
                *sum = running;
            }
        }
    }

    /// Adds a block, by uniformisation: jumps come at the constant total rate of the busiest lead, and a jump is a home
    /// goal, an away goal or nothing. All terms are positive, so nothing cancels.
    pub(super) fn spread<const W: usize>(&mut self, ask: &Ask<'_, W>) {
        let means = ask.means;
        let jumps = means.most(|home, away| home + away);
        poisson(jumps, ask.tail, &mut self.weights);
        let goals_max = self.weights.len() - 1;
        let size = |mean: f64| goals_max.min(poisson_reach(mean, ask.tail)) + 1;
        let (rows, columns) = (size(means.most(|home, _| home)), size(means.most(|_, away| away)));
        let block = Block { from: self.cells.len(), width: W, rows, columns };
        self.blocks.push(block);
        self.cells.resize(block.from + (rows + 1) * (columns + 1) * W, 0.0);
        self.set_chances(ask, &block, jumps);
        let (cells, _) = self.cells[block.from..].as_chunks_mut::<W>();
        let (chances, _) = self.chances.as_chunks::<W>();
        let (chances, _) = chances.as_chunks::<3>();
        // Σ weight(n) Aⁿ from the corner on, by Horner's rule: the last term is moved first, and each move adds one. So
        // nothing but the sum is kept, and it is moved in place, from its far end.
        for (moves, weight) in self.weights.iter().rev().enumerate() {
            for i in (0..rows.min(moves + 1)).rev() {
                let reach = columns.min(moves + 1 - i);
                move_row(cells, block.stride(), i, &chances[rows - 1 - i..][..reach]);
            }
            for start in &mut cells[block.index(0, 0)] {
                *start += weight;
            }
            if let Some(lane) = ask.home_first.filter(|_| columns > 1) {
                cells[block.index(0, 1)][lane] = 0.0;
            }
        }
    }

    /// The leads along a row are neighbours: cell (i, j) looks at entry `j + rows - 1 - i`.
    fn set_chances<const W: usize>(&mut self, ask: &Ask<'_, W>, block: &Block, jumps: f64) {
        self.chances.clear();
        let per_jump = if jumps > 0.0 { 1.0 / jumps } else { 0.0 };
        for entry in 0..block.sums() {
            let change = block.rows as i32 - 1 - entry as i32;
            let (mut stay, mut by_home, mut by_away) = ([0.0; W], [0.0; W], [0.0; W]);
            for (lane, lead) in ask.leads.iter().enumerate() {
                let (home, away) = ask.means.at(lead + change);
                stay[lane] = 1.0 - (home + away) * per_jump;
                by_home[lane] = ask.means.at(lead + change - 1).0 * per_jump;
                by_away[lane] = ask.means.at(lead + change + 1).1 * per_jump;
            }
            for chances in [stay, by_home, by_away] {
                self.chances.extend_from_slice(&chances);
            }
        }
    }
}

/// What the cells of a line have in common.
#[derive(Clone, Copy)]
pub(super) enum Sum {
    Home,
    Away,
    Goals,
    Lead,
}

/// One more jump into the cells with `i` added home goals, as far as the chances reach. The rows below have moved already.
fn move_row<const W: usize>(cells: &mut [[f64; W]], stride: usize, i: usize, chances: &[[[f64; W]; 3]]) {
    let reach = chances.len();
    let (before, rest) = cells.split_at_mut((i + 1) * stride);
    let above = &before[i * stride + 1..][..reach];
    let here = &mut rest[..reach + 1];
    for j in (0..reach).rev() {
        let [stay, by_home, by_away] = &chances[j];
        let (now, one_less, above) = (here[j + 1], here[j], above[j]);
        let next = &mut here[j + 1];
        for lane in 0..W {
            next[lane] = now[lane] * stay[lane] + above[lane] * by_home[lane] + one_less[lane] * by_away[lane];
        }
    }
}

/// The Poisson probabilities of 0, 1, … as far as `poisson_reach`.
fn poisson(mean: f64, tail: f64, weights: &mut Vec<f64>) {
    weights.clear();
    let mut weight = libm::exp(-mean);
    for n in 0..=poisson_reach(mean, tail) {
        weights.push(weight);
        weight *= mean / (n + 1) as f64;
    }
}

/// The smallest number beyond which a Poisson law of this mean has less than `tail`. Beyond n its terms fall at least as
/// fast as a geometric series of ratio mean / (n + 2).
fn poisson_reach(mean: f64, tail: f64) -> usize {
    let mut next = mean * libm::exp(-mean);
    let mut n = 0;
    loop {
        let ratio = mean / (n + 2) as f64;
        if ratio < 1.0 && next < tail * (1.0 - ratio) {
            return n;
        }
        n += 1;
        next *= mean / (n + 1) as f64;
    }
}
