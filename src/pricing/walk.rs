//! How the goals still to come spread over the scores when a side's pace depends on who leads.

use super::chain::{MeansByLead, ONE_OVER, TAIL};
use super::law::ScoreLaw;

/// Neighbouring scores that are worked on together.
const LANES: usize = 4;
/// Terms of one series at most: at 20 goals to come and no likeness between the leads it is about 110.
const TERMS_MAX: usize = 160;
/// Leads of -3 to 3 are told apart: from 2 on the pace is the same, but a score of lead 3 comes from 2 and 4.
const FAR_LEAD: i32 = 3;

/// Buffers of the walk over added goals.
///
/// Uniformisation, sorted by goals: jumps come at one constant rate R, and a jump is a home goal, an away goal or
/// nothing. A score with n goals added is reached by n + m jumps, m of them nothing, whose weight is Poisson's. What
/// one jump of nothing takes is `1 - r/R`, r the rate of all goals at that lead. Where the leads' rates are much alike,
/// as they are, R is taken in their middle: that share is then a few hundredths of either sign, and a handful of terms
/// is enough. Where they differ much, R is the largest, every term is positive and nothing cancels.
#[derive(Clone, Debug, Default)]
pub(super) struct Walk {
    /// The scores with n goals added, j of them away's, after m jumps of nothing; the level n takes the place of the
    /// level before it. Blocks of neighbours by j, in each m after m; in front a block of zeros, so that a score without
    /// a predecessor needs no question.
    terms: Vec<[f64; LANES]>,
    reach: Reach,
    /// By the parity of the goals added.
    chances: [Chances; 2],
    /// Poisson's weights of mean R.
    weights: Vec<f64>,
    /// The law of the scores of one level.
    level: Vec<[f64; LANES]>,
}

/// Chance per jump of nothing, of coming to a score by a home goal, by an away goal. The scores of one level have
/// leads that fall by two from one to the next: the one with j away goals of n looks at index `j + middle - n / 2`.
#[derive(Clone, Debug, Default)]
struct Chances {
    stay: Vec<f64>,
    by_home: Vec<f64>,
    by_away: Vec<f64>,
}

impl Chances {
    /// For levels whose middle score has this lead.
    fn fill(&mut self, means: &MeansByLead, lead: i32, one_over_jumps: f64, lanes: usize) {
        let middle = (lanes / 2) as i32;
        let length = lanes + 2 * LANES;
        // The leads fall along the way: far ahead first, far behind last, and a few in between.
        let first_near = (middle + (lead - FAR_LEAD).div_euclid(2)).clamp(0, length as i32) as usize;
        let first_behind = (first_near + FAR_LEAD as usize + 1).min(length);
        let lead_at = |index: usize| lead - 2 * (index as i32 - middle);
        let fill = |list: &mut Vec<f64>, chance: &dyn Fn(i32) -> f64| {
            list.clear();
            list.resize(first_near, chance(FAR_LEAD));
            list.extend((first_near..first_behind).map(|index| chance(lead_at(index))));
            list.resize(length, chance(-FAR_LEAD));
        };
        fill(&mut self.stay, &|lead| {
            let (home, away) = means.at(lead);
            1.0 - (home + away) * one_over_jumps
        });
        fill(&mut self.by_home, &|lead| means.at(lead - 1).0 * one_over_jumps);
        fill(&mut self.by_away, &|lead| means.at(lead + 1).1 * one_over_jumps);
    }
}

/// How the series of a walk are cut.
#[derive(Clone, Debug, Default)]
struct Reach {
    /// R.
    jumps: f64,
    /// `fades[m]`: the m-th term of any score is at most this part of what the level weighs.
    fades: Vec<f64>,
    /// What a level of n goals weighs at most, as many as there are levels.
    levels: Vec<f64>,
}

impl Reach {
    /// For the rates that the leads have, the smallest and the largest, and at most so many goals.
    fn measure(&mut self, [smallest, largest]: [f64; 2], goals_max: usize) {
        let half = 0.5 * (largest - smallest);
        let (jumps, spread) = if half <= 1.0 { (largest - half, half) } else { (largest, 2.0 * half) };
        self.jumps = jumps;
        self.fades.clear();
        let (mut fade, mut terms) = (1.0, 0);
        while terms < TERMS_MAX && (fade >= TAIL || (terms as f64) < spread) {
            self.fades.push(fade);
            terms += 1;
            fade *= spread * ONE_OVER[terms];
        }
        self.levels.clear();
        let (mut weight, mut goals) = (libm::exp(-jumps), 0);
        while goals <= goals_max && (weight >= TAIL || (goals as f64) < largest) {
            // On the way up to the most likely number, what comes later weighs more.
            self.levels.push(if (goals as f64) < largest { 1.0 } else { weight });
            goals += 1;
            weight *= largest * ONE_OVER[goals];
        }
    }

    /// Terms, of at most so many, that count at a level of this weight.
    fn terms_at(&self, weight: f64, at_most: usize) -> usize {
        let needless = self.fades[1..at_most].iter().rev().take_while(|fade| weight * **fade < TAIL);
        at_most - needless.count()
    }
}

impl Walk {
    /// Fills the law, level by level of goals added.
    pub(super) fn spread(&mut self, law: &mut ScoreLaw, means: &MeansByLead) {
        let lead = i32::from(law.home_score()) - i32::from(law.away_score());
        let [smallest, largest] = means.total_rates();
        let (rows, columns) = law.size();
        let cells = law.cells_mut();
        if largest <= 0.0 {
            cells[0] = 1.0;
            return;
        }
        self.reach.measure([smallest, largest], rows + columns - 2);
        self.prepare(means, lead);
        let mut terms = self.reach.fades.len();
        for n in 0..self.reach.levels.len() {
            terms = self.reach.terms_at(self.reach.levels[n], terms);
            if n == 0 {
                self.first(terms)
            } else {
                self.jump(n, terms)
            }
            // The scores of a level lie across the grid: a goal less of away's and one more of home's is a row further,
            // and a cell back.
            let (first, last) = ((n + 1).saturating_sub(rows), columns.min(n + 1));
            let across = cells[(n + 1 - last) * columns + last - 1..].iter_mut().step_by((columns - 1).max(1));
            across
                .zip(self.level.as_flattened()[first..last].iter().rev())
                .for_each(|(cell, probability)| *cell = *probability);
        }
    }

    fn prepare(&mut self, means: &MeansByLead, lead: i32) {
        let (levels, terms, jumps) = (self.reach.levels.len(), self.reach.fades.len(), self.reach.jumps);
        let blocks = levels.div_ceil(LANES);
        for (buffer, length) in [(&mut self.terms, (blocks + 1) * terms), (&mut self.level, blocks)] {
            buffer.clear();
            buffer.resize(length, [0.0; LANES]);
        }
        self.weights.clear();
        let mut weight = libm::exp(-jumps);
        for one_over in &ONE_OVER[1..=levels + terms] {
            self.weights.push(weight);
            weight *= jumps * one_over;
        }
        for (chances, parity) in self.chances.iter_mut().zip(0_i32..) {
            chances.fill(means, lead + parity, 1.0 / jumps, LANES * blocks);
        }
    }

    /// The score as it is, with no goal added.
    fn first(&mut self, terms: usize) {
        let stay = self.chances[0].stay[self.middle()];
        let (mut term, mut sum) = (1.0, 0.0);
        let all = self.reach.fades.len();
        for (place, weight) in self.terms[all..][..terms].iter_mut().zip(&self.weights) {
            place[0] = term;
            sum += weight * term;
            term *= stay;
        }
        self.level[0][0] = sum;
    }

    /// From the scores of n - 1 goals added to those of n. The last ones first, as each reads its neighbour of before.
    fn jump(&mut self, n: usize, terms: usize) {
        let begin = self.middle() - n / 2;
        let chances = &self.chances[n % 2];
        let weights = &self.weights[n..][..terms];
        let all = self.reach.fades.len();
        for block in (0..=n / LANES).rev() {
            let at = begin + LANES * block;
            let stay = lanes(&chances.stay[at..]);
            let by_home = lanes(&chances.by_home[at..]);
            let by_away = lanes(&chances.by_away[at..]);
            let (mut term, mut sum) = ([0.0; LANES], [0.0; LANES]);
            let (before, here) = self.terms[block * all..].split_at_mut(all);
            for ((here, before), weight) in here.iter_mut().zip(before).zip(weights) {
                let one_less = [before[LANES - 1], here[0], here[1], here[2]];
                for lane in 0..LANES {
                    let come = here[lane] * by_home[lane] + one_less[lane] * by_away[lane];
                    term[lane] = term[lane] * stay[lane] + come;
                    sum[lane] += weight * term[lane];
                }
                *here = term;
            }
            self.level[block] = sum;
        }
    }

    /// Where the chances of a level's middle score stand.
    fn middle(&self) -> usize {
        self.level.len() * LANES / 2
    }
}

fn lanes(slice: &[f64]) -> [f64; LANES] {
    let lanes: &[f64; LANES] = slice.first_chunk().expect("chances reach beyond the last score");
    *lanes
}
