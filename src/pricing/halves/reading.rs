//! Reads off what each market of the halves asks for.

use super::engine::WIDTH;
use super::fan::{Block, Fan, Sum};
use super::{Goals, HalfCounts, HalvesLaw, Lane, result_index};

/// What the second half may still bring from each lead, and from all of them together.
#[derive(Clone, Debug, Default)]
pub(super) struct SecondHalfSums {
    /// As many as there are blocks are of this state; those beyond keep their memory for a later one.
    blocks: Vec<BlockSums>,
    in_use: usize,
}

#[derive(Clone, Debug, Default)]
struct BlockSums {
    rows: usize,
    columns: usize,
    /// In each lane: `fewer[n]` than n goals to come.
    fewer: Vec<[f64; WIDTH]>,
    /// In each lane: `more[n]` that the lead changes at least as much as entry n says, from the least change on.
    more: Vec<[f64; WIDTH]>,
    /// All lanes together, each by its weight: home goals, away goals, goals, change of the lead.
    home: Vec<f64>,
    away: Vec<f64>,
    goals: Vec<f64>,
    lead: Vec<f64>,
}

impl SecondHalfSums {
    pub(super) fn clear(&mut self) {
        self.in_use = 0;
    }

    /// Adds the last block of the fan, whose lanes have these weights.
    pub(super) fn add<const W: usize>(&mut self, fan: &Fan, weights: [f64; W]) {
        if self.blocks.len() == self.in_use {
            self.blocks.push(BlockSums::default());
        }
        let block = fan.blocks()[self.in_use];
        self.blocks[self.in_use].read(fan, &block, weights);
        self.in_use += 1;
    }

    fn blocks(&self) -> &[BlockSums] {
        &self.blocks[..self.in_use]
    }

    /// The mass of a lane: 1, but for what the grid leaves out.
    fn mass(&self, lane: Lane) -> f64 {
        let fewer = &self.blocks[lane.block].fewer;
        fewer[fewer.len() - 1][lane.place]
    }

    /// The masses of fewer than so many goals to come, of as many, of more.
    fn goals_against(&self, lane: Lane, goals: i64) -> [f64; 3] {
        let fewer = &self.blocks[lane.block].fewer;
        let last = fewer.len() as i64 - 1;
        let before = |n: i64| fewer[n.clamp(0, last) as usize][lane.place];
        let (less, not_more) = (before(goals), before(goals + 1));
        [less, not_more - less, before(last) - not_more]
    }

    /// The masses of a home lead, a level score and an away lead in the end, if it now is so much.
    fn result_from(&self, lane: Lane, lead: i64) -> [f64; 3] {
        let BlockSums { more, columns, .. } = &self.blocks[lane.block];
        let last = more.len() as i64 - 1;
        let at_least = |change: i64| more[(change + *columns as i64 - 1).clamp(0, last) as usize][lane.place];
        let (home, not_away) = (at_least(1 - lead), at_least(-lead));
        [home, not_away - home, more[0][lane.place] - not_away]
    }
}

impl BlockSums {
    fn read<const W: usize>(&mut self, fan: &Fan, block: &Block, weights: [f64; W]) {
        let weighed = |lanes: [f64; W]| lanes.iter().zip(&weights).map(|(mass, weight)| mass * weight).sum::<f64>();
        (self.rows, self.columns) = (block.rows, block.columns);
        for sums in [&mut self.home, &mut self.away, &mut self.goals, &mut self.lead] {
            sums.clear();
        }
        self.home.extend(fan.sum::<W>(block, Sum::Home).map(weighed));
        self.away.extend(fan.sum::<W>(block, Sum::Away).map(weighed));
        self.fewer.clear();
        self.fewer.push([0.0; WIDTH]);
        let mut running = [0.0; WIDTH];
        for lanes in fan.sum::<W>(block, Sum::Goals) {
            self.goals.push(weighed(lanes));
            for (running, mass) in running.iter_mut().zip(lanes) {
                *running += mass;
            }
            self.fewer.push(running);
        }
        self.more.clear();
        self.more.resize(block.sums() + 1, [0.0; WIDTH]);
        for (entry, lanes) in self.more.iter_mut().zip(fan.sum::<W>(block, Sum::Lead)) {
            self.lead.push(weighed(lanes));
            entry[..W].copy_from_slice(&lanes);
        }
        let mut running = [0.0; WIDTH];
        for entry in self.more.iter_mut().rev() {
            for (running, mass) in running.iter_mut().zip(entry.iter_mut()) {
                *running += *mass;
                *mass = *running;
            }
        }
    }
}

/// What the weight of a low final score adds to one pair of half-time score and second half, beside the chain's part.
#[derive(Clone, Copy, Default)]
struct Extra {
    half_time: Goals,
    second_half: Goals,
    mass: f64,
}

impl HalvesLaw {
    /// Reads everything off, once both fans are spread. `lead_masses` are of each change of the lead in the first half.
    pub(super) fn read_off(&mut self, lead_masses: &[f64], sums: &SecondHalfSums) {
        let (extras, count) = self.extras();
        let extras = &extras[..count];
        let lanes = || self.lanes.iter().zip(lead_masses).filter_map(|(lane, mass)| Some(((*lane)?, *mass)));
        self.normaliser = lanes().map(|(lane, mass)| mass * sums.mass(lane)).sum::<f64>()
            + extras.iter().map(|extra| extra.mass).sum::<f64>();
        assert!(self.normaliser > 0.0 && self.normaliser.is_finite(), "a law of positive weights has a positive mass");
        let scale = 1.0 / self.normaliser;
        self.compare_halves(lead_masses, sums, extras, scale);
        self.compare_results(lead_masses, sums, extras, scale);
        self.count_first_half();
        self.count_second_half(sums, extras, scale);
    }

    /// There are four low final scores, and nine ways to come to them by half-time.
    fn extras(&self) -> ([Extra; 9], usize) {
        let (mut extras, mut count) = ([Extra::default(); 9], 0);
        let (first, from, now) = (&self.first.blocks()[0], self.half_time_from, self.second_half_now);
        for (home, row) in (0_u32..).zip(&self.low_score_weights) {
            for (away, weight) in (0_u32..).zip(row) {
                let (Some(home_most), Some(away_most)) = (home.checked_sub(now.0), away.checked_sub(now.1)) else {
                    continue;
                };
                let half_times = (from.0..=home_most).flat_map(|x| (from.1..=away_most).map(move |y| (x, y)));
                for half_time in half_times {
                    let (i, j) = ((half_time.0 - from.0) as usize, (half_time.1 - from.1) as usize);
                    if i >= first.rows || j >= first.columns {
                        continue;
                    }
                    let Some(lane) = self.lane_of(i, j) else { continue };
                    let (k, l) = ((home_most - half_time.0) as usize, (away_most - half_time.1) as usize);
                    let then = self.second.cell_if_any(&self.second.blocks()[lane.block], lane.place, k, l);
                    let mass = self.first.cell(first, 0, i, j) * then * (weight - 1.0);
                    // What lies beyond a grid weighs nothing, and there is no place to add it.
                    if mass != 0.0 {
                        let second_half = (home - half_time.0, away - half_time.1);
                        extras[count] = Extra { half_time, second_half, mass };
                        count += 1;
                    }
                }
            }
        }
        (extras, count)
    }

    /// The half-time scores, and which half has the more goals.
    fn compare_halves(&mut self, lead_masses: &[f64], sums: &SecondHalfSums, extras: &[Extra], scale: f64) {
        let first = self.first.blocks()[0];
        let (from, now) = (self.half_time_from, i64::from(self.second_half_now.0 + self.second_half_now.1));
        self.half_time.clear();
        self.half_time.resize(first.rows * first.columns, 0.0);
        self.highest_scoring_half = [0.0; 3];
        // Scores of one lead share a lane, so they are gone through lead by lead.
        for (entry, lane) in self.lanes.iter().enumerate() {
            let Some(lane) = *lane else { continue };
            let of_lane = sums.mass(lane);
            let (home, away) = (entry.saturating_sub(first.columns - 1), (first.columns - 1).saturating_sub(entry));
            for (i, j) in (home..first.rows).zip(away..first.columns) {
                let mass = self.first.cell(&first, 0, i, j) * scale;
                if mass <= 0.0 {
                    continue;
                }
                self.half_time[i * first.columns + j] = mass * of_lane;
                let goals = i64::from(from.0 + from.1) + (i + j) as i64;
                let [fewer, equal, more] = sums.goals_against(lane, goals - now);
                for (half, part) in self.highest_scoring_half.iter_mut().zip([fewer, more, equal]) {
                    *half += mass * part;
                }
            }
        }
        self.compare_any_goal(lead_masses, sums, scale);
        for Extra { half_time, second_half, mass } in extras {
            let mass = mass * scale;
            let (i, j) = ((half_time.0 - from.0) as usize, (half_time.1 - from.1) as usize);
            self.half_time[i * first.columns + j] += mass;
            let (goals, then) = (half_time.0 + half_time.1, second_half.0 + second_half.1);
            let half = match goals.cmp(&then) {
                std::cmp::Ordering::Greater => 0,
                std::cmp::Ordering::Less => 1,
                std::cmp::Ordering::Equal => 2,
            };
            self.highest_scoring_half[half] += mass;
            self.goal_in_both_halves[usize::from(goals == 0 || then == 0)] += mass;
        }
    }

    /// Whether there is a goal in each half: in the first there is one, or the score is still what it starts from.
    fn compare_any_goal(&mut self, lead_masses: &[f64], sums: &SecondHalfSums, scale: f64) {
        let first = self.first.blocks()[0];
        let starts_level = self.half_time_from == (0, 0);
        let now = i64::from(self.second_half_now.0 + self.second_half_now.1);
        let without = if starts_level { self.first.cell(&first, 0, 0, 0) } else { 0.0 };
        self.goal_in_both_halves = [0.0; 2];
        for (entry, (lane, mass)) in self.lanes.iter().zip(lead_masses).enumerate() {
            let Some(lane) = *lane else { continue };
            let without = if entry == first.columns - 1 { without } else { 0.0 };
            let [none, one, more] = sums.goals_against(lane, 1 - now);
            self.goal_in_both_halves[0] += (mass - without) * (one + more) * scale;
            self.goal_in_both_halves[1] += (mass * none + without * (one + more)) * scale;
        }
    }

    /// Who leads at half-time, who scores more in the second half, and who wins.
    fn compare_results(&mut self, lead_masses: &[f64], sums: &SecondHalfSums, extras: &[Extra], scale: f64) {
        self.match_by_half_time = [[0.0; 3]; 3];
        self.second_by_first_half = [[0.0; 3]; 3];
        let least = 1 - self.first.blocks()[0].columns as i64;
        let lead_from = i64::from(self.half_time_from.0) - i64::from(self.half_time_from.1);
        let now = i64::from(self.second_half_now.0) - i64::from(self.second_half_now.1);
        for ((lane, mass), change) in self.lanes.iter().zip(lead_masses).zip(least..) {
            let Some(lane) = *lane else { continue };
            let lead = lead_from + change;
            let row = result_index(lead);
            let (of_match, of_half) = (sums.result_from(lane, lead + now), sums.result_from(lane, now));
            for result in 0..3 {
                self.match_by_half_time[row][result] += mass * scale * of_match[result];
                self.second_by_first_half[row][result] += mass * scale * of_half[result];
            }
        }
        for Extra { half_time, second_half, mass } in extras {
            let first = i64::from(half_time.0) - i64::from(half_time.1);
            let second = i64::from(second_half.0) - i64::from(second_half.1);
            self.match_by_half_time[result_index(first)][result_index(first + second)] += mass * scale;
            self.second_by_first_half[result_index(first)][result_index(second)] += mass * scale;
        }
    }

    fn count_first_half(&mut self) {
        let first = self.first.blocks()[0];
        let (from, counts) = (self.half_time_from, &mut self.first_half);
        counts.clear(from, (first.rows, first.columns));
        self.both_teams_to_score_first_half = [0.0; 2];
        for (row, i) in self.half_time.chunks_exact(first.columns).zip(0..) {
            let mut row_sum = 0.0;
            for (j, probability) in row.iter().enumerate() {
                counts.total.each_mut()[i + j] += probability;
                counts.away.each_mut()[j] += probability;
                counts.lead.each_mut()[i + first.columns - 1 - j] += probability;
                row_sum += probability;
                let both = from.0 as usize + i > 0 && from.1 as usize + j > 0;
                self.both_teams_to_score_first_half[usize::from(!both)] += probability;
            }
            counts.home.each_mut()[i] += row_sum;
        }
        counts.finish();
    }

    fn count_second_half(&mut self, sums: &SecondHalfSums, extras: &[Extra], scale: f64) {
        let (now, counts) = (self.second_half_now, &mut self.second_half);
        let rows = sums.blocks().iter().map(|block| block.rows).max().unwrap_or(1);
        let columns = sums.blocks().iter().map(|block| block.columns).max().unwrap_or(1);
        counts.clear(now, (rows, columns));
        for block in sums.blocks() {
            let add = |to: &mut [f64], from: &[f64]| {
                for (to, from) in to.iter_mut().zip(from) {
                    *to += from * scale;
                }
            };
            add(counts.total.each_mut(), &block.goals);
            add(counts.home.each_mut(), &block.home);
            add(counts.away.each_mut(), &block.away);
            add(&mut counts.lead.each_mut()[columns - block.columns..], &block.lead);
        }
        for Extra { second_half, mass, .. } in extras {
            let (k, l) = ((second_half.0 - now.0) as usize, (second_half.1 - now.1) as usize);
            counts.total.each_mut()[k + l] += mass * scale;
            counts.home.each_mut()[k] += mass * scale;
            counts.away.each_mut()[l] += mass * scale;
            counts.lead.each_mut()[k + columns - 1 - l] += mass * scale;
        }
        counts.finish();
        let without = counts.home.exactly(0) + counts.away.exactly(0) - counts.total.exactly(0);
        let no = f64::min(without, 1.0);
        self.both_teams_to_score_second_half = if now.0 > 0 && now.1 > 0 { [1.0, 0.0] } else { [1.0 - no, no] };
    }
}

impl HalfCounts {
    /// Starts afresh: so many goals are scored, and up to so many more, less one, may be.
    fn clear(&mut self, now: Goals, (rows, columns): (usize, usize)) {
        let (home, away) = (i64::from(now.0), i64::from(now.1));
        self.total.clear(home + away, rows + columns - 1);
        self.home.clear(home, rows);
        self.away.clear(away, columns);
        self.lead.clear(home - away + 1 - columns as i64, rows + columns - 1);
    }

    fn finish(&mut self) {
        for counts in [&mut self.total, &mut self.home, &mut self.away, &mut self.lead] {
            counts.finish();
        }
        let level = self.lead.above(0);
        self.result = [level.win, level.push, level.lose];
    }
}
