//! The joint law laid out so that what several bets ask together is a few sums.

use super::engine::WIDTH;
use super::fan::Block;
use super::{HalvesLaw, Lane, NextGoal};
use crate::pricing::asked::{ANY, Asked, next_bit};
use crate::pricing::score_set::{GOALS, below, sum_of_runs};

/// A half-time score, or a row after it, that weighs less is left out: all of them together are nothing to the law.
const LEAST: f64 = 1e-16;

/// Made of one law after another in the same memory.
#[derive(Clone, Debug, Default)]
pub(in crate::pricing) struct JointTables {
    /// Sums of each lane's rows of the second half from a cell on; blocks and lanes as in the fan.
    suffixes: Vec<f64>,
    /// Where each block begins.
    begins: Vec<usize>,
    /// Half-time scores that weigh anything, the score now first.
    starts: Vec<Start>,
    /// The same with all scores of one lane as one: for what is not asked of the half-time score.
    lanes: Vec<Start>,
    /// From the score now: the second half's rows where the next goal is home's, and where it is away's.
    next: [Vec<f64>; 2],
    has_next: bool,
    extras: Vec<Extra>,
    columns_by_block: Vec<usize>,
    normaliser: f64,
    /// Nobody scores any more.
    no_goal: f64,
}

/// A half-time score, and what may follow.
#[derive(Clone, Copy, Debug)]
struct Start {
    goals: (usize, usize),
    /// Its weight, and the part of it whose first goal is home's, is away's.
    weights: [f64; 3],
    lane: Lane,
    /// So many rows of the second half weigh anything.
    rows: usize,
}

/// What a low final score's weight adds, by half-time score and the second half after it.
#[derive(Clone, Copy, Debug)]
struct Extra {
    half: (usize, usize),
    second: (usize, usize),
    /// As in a start.
    weights: [f64; 3],
    is_no_goal: bool,
}

/// Rows of sums, of one lane.
struct Rows<'a> {
    sums: &'a [f64],
    columns: usize,
    width: usize,
}

impl Rows<'_> {
    #[inline]
    fn from(&self, k: usize, l: usize) -> f64 {
        self.sums[(k * (self.columns + 1) + l) * self.width]
    }

    #[inline]
    fn sum(&self, k: usize, cells: u64) -> f64 {
        let row = &self.sums[k * (self.columns + 1) * self.width..];
        sum_of_runs(cells, |l| row[l * self.width])
    }
}

impl JointTables {
    /// Lays out a law.
    pub(in crate::pricing) fn prepare(&mut self, law: &HalvesLaw) {
        self.normaliser = law.normaliser;
        self.has_next = false;
        self.suffixes.clear();
        self.begins.clear();
        self.columns_by_block.clear();
        for block in law.second.blocks() {
            self.begins.push(self.suffixes.len());
            self.columns_by_block.push(block.columns);
            if block.width == WIDTH {
                law.second.suffixes::<WIDTH>(block, &mut self.suffixes);
            } else {
                law.second.suffixes::<2>(block, &mut self.suffixes);
            }
        }
        self.begin(law);
        self.set_extras(law);
        self.no_goal = law.first.cell(&law.first.blocks()[0], 0, 0, 0)
            * law.lane_of(0, 0).map_or(0.0, |lane| law.second.cell(&law.second.blocks()[lane.block], lane.place, 0, 0));
    }

    fn begin(&mut self, law: &HalvesLaw) {
        let first = &law.first.blocks()[0];
        self.starts.clear();
        self.lanes.clear();
        for i in 0..first.rows {
            for j in 0..first.columns {
                let mass = law.first.cell(first, 0, i, j);
                let Some(lane) = law.lane_of(i, j).filter(|_| mass >= LEAST) else { continue };
                let home_first = law.first.cell(first, 1, i, j);
                let weights = match (i, j) {
                    // Who comes first is for the second half to say.
                    (0, 0) => [mass; 3],
                    _ => [mass, home_first, f64::max(mass - home_first, 0.0)],
                };
                let block = &law.second.blocks()[lane.block];
                let rows = self.rows_that_weigh(block, lane, mass);
                self.starts.push(Start { goals: (i, j), weights, lane, rows });
                match self.lanes.iter_mut().find(|start| start.lane == lane) {
                    Some(start) => {
                        start.weights[0] += mass;
                        start.rows = start.rows.max(rows);
                    }
                    None => self.lanes.push(Start { goals: (0, 0), weights: [mass, 0.0, 0.0], lane, rows }),
                }
            }
        }
    }

    fn rows_that_weigh(&self, block: &Block, lane: Lane, mass: f64) -> usize {
        let rows = self.rows_of(block.width, lane);
        let mut count = block.rows;
        while count > 1 && mass * rows.from(count - 1, 0) < LEAST {
            count -= 1;
        }
        count
    }

    fn rows_of(&self, width: usize, lane: Lane) -> Rows<'_> {
        let sums = &self.suffixes[self.begins[lane.block] + lane.place..];
        Rows { sums, columns: self.columns_by_block[lane.block], width }
    }

    fn set_extras(&mut self, law: &HalvesLaw) {
        self.extras.clear();
        let (first, from, now) = (&law.first.blocks()[0], law.half_time_from, law.second_half_now);
        let home_first = &law.second.blocks()[law.home_first.block];
        for (home, row) in (0_u32..).zip(&law.low_score_weights) {
            for (away, weight) in (0_u32..).zip(row) {
                let more = (home.checked_sub(from.0 + now.0), away.checked_sub(from.1 + now.1));
                let ((Some(x), Some(y)), true) = (more, *weight != 1.0) else { continue };
                for i in 0..=(x as usize).min(first.rows - 1) {
                    for j in 0..=(y as usize).min(first.columns - 1) {
                        let Some(lane) = law.lane_of(i, j) else { continue };
                        let (k, l) = (x as usize - i, y as usize - j);
                        let then = law.second.cell_if_any(&law.second.blocks()[lane.block], lane.place, k, l);
                        let all = law.first.cell(first, 0, i, j) * then;
                        let home = if (i, j) == (0, 0) {
                            law.first.cell(first, 0, 0, 0)
                                * law.second.cell_if_any(home_first, law.home_first.place, k, l)
                        } else {
                            law.first.cell(first, 1, i, j) * then
                        };
                        let weights = [all, home, f64::max(all - home, 0.0)].map(|mass| mass * (weight - 1.0));
                        let is_no_goal = (x, y) == (0, 0);
                        self.extras.push(Extra { half: (i, j), second: (k, l), weights, is_no_goal });
                    }
                }
            }
        }
    }

    /// Rows of the second half from the score now, by whose the next goal is.
    fn prepare_next(&mut self, law: &HalvesLaw) {
        if std::mem::replace(&mut self.has_next, true) {
            return;
        }
        let Some(lane) = law.lane_of(0, 0) else { return };
        let block = law.second.blocks()[lane.block];
        let home_first = law.second.blocks()[law.home_first.block];
        self.next.iter_mut().for_each(|rows| {
            rows.clear();
            rows.resize(block.rows * (block.columns + 1), 0.0);
        });
        for k in 0..block.rows {
            let mut sums = [0.0; 2];
            for l in (0..block.columns).rev().filter(|l| (k, *l) != (0, 0)) {
                let all = law.second.cell(&block, lane.place, k, l);
                let home = law.second.cell_if_any(&home_first, law.home_first.place, k, l);
                sums[0] += home;
                sums[1] += f64::max(all - home, 0.0);
                self.next.iter_mut().zip(sums).for_each(|(rows, sum)| rows[k * (block.columns + 1) + l] = sum);
            }
            // Without a goal there is no next one: nothing is added by that cell.
            if k == 0 {
                self.next.iter_mut().zip(sums).for_each(|(rows, sum)| rows[0] = sum);
            }
        }
    }

    /// The probability of what is asked, or any number above `enough` where it is above that.
    pub(in crate::pricing) fn probability(&mut self, law: &HalvesLaw, asked: &Asked<'_>, enough: f64) -> f64 {
        if asked.is_of_half_only() {
            return half_time(law, asked);
        }
        let enough = enough * self.normaliser;
        if asked.next() == ANY {
            let starts = if asked.is_of_second_only() { &self.lanes } else { &self.starts };
            return self.sum(law, asked, starts, 0, enough) / self.normaliser;
        }
        self.prepare_next(law);
        let mut sum = 0.0;
        for (label, next) in [(1, NextGoal::Home), (2, NextGoal::Away)] {
            if asked.next() & next_bit(next) != 0 {
                sum += self.sum(law, asked, &self.starts, label, enough);
            }
        }
        if asked.next() & next_bit(NextGoal::Nobody) != 0 {
            sum += self.nobody(law, asked);
        }
        sum / self.normaliser
    }

    fn sum(&self, law: &HalvesLaw, asked: &Asked<'_>, starts: &[Start], label: usize, enough: f64) -> f64 {
        let mut sum = 0.0;
        for extra in &self.extras {
            if (label == 0 || !extra.is_no_goal) && holds(law, asked, extra.half, extra.second) {
                sum += extra.weights[label];
            }
        }
        let is_of_sets = asked.is_of_sets();
        let (half, full, second) = (asked.half_rows(), asked.full_rows(), asked.second_rows());
        for start in starts {
            let (i, j) = start.goals;
            if half[i] >> j & 1 == 0 {
                continue;
            }
            let weight = start.weights[label];
            let is_now = label > 0 && (i, j) == (0, 0);
            let block = &law.second.blocks()[start.lane.block];
            let rows = if is_now {
                Rows { sums: &self.next[label - 1], columns: block.columns, width: 1 }
            } else {
                self.rows_of(block.width, start.lane)
            };
            let (cells_of, rows_of) = (below(block.columns as i64), start.rows.min(GOALS - i));
            let (full, second) = (&full[i..][..rows_of], &second[..rows_of]);
            let mut part = 0.0;
            if is_of_sets {
                for (k, (full, second)) in full.iter().zip(second).enumerate() {
                    let cells = second & (full >> j) & cells_of;
                    if cells != 0 {
                        part += rows.sum(k, cells);
                    }
                }
            } else {
                let level = level(law, start.goals);
                for (k, (full, second)) in full.iter().zip(second).enumerate() {
                    let cells = second & (full >> j) & cells_of;
                    if cells != 0 {
                        part += rows.sum(k, cells & asked.rest(start.goals, k, level));
                    }
                }
            }
            sum += weight * part;
            if sum > enough {
                break;
            }
        }
        sum
    }

    fn nobody(&self, law: &HalvesLaw, asked: &Asked<'_>) -> f64 {
        if !holds(law, asked, (0, 0), (0, 0)) {
            return 0.0;
        }
        self.no_goal + self.extras.iter().filter(|extra| extra.is_no_goal).map(|extra| extra.weights[0]).sum::<f64>()
    }
}

/// Goals from now on in the second half that make it as many as in the first.
fn level(law: &HalvesLaw, (i, j): (usize, usize)) -> i64 {
    let (from, now) = (law.half_time_from, law.second_half_now);
    i64::from(from.0 + from.1) + (i + j) as i64 - i64::from(now.0 + now.1)
}

fn holds(law: &HalvesLaw, asked: &Asked<'_>, half: (usize, usize), second: (usize, usize)) -> bool {
    asked.holds(half, second, level(law, half))
}

fn half_time(law: &HalvesLaw, asked: &Asked<'_>) -> f64 {
    let columns = law.first.blocks()[0].columns;
    let mut sum = 0.0;
    for (row, cells) in law.half_time.chunks_exact(columns).zip(asked.half_rows()) {
        for (j, probability) in row.iter().enumerate() {
            if cells >> j & 1 == 1 {
                sum += probability;
            }
        }
    }
    sum
}
