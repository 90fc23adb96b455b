//! How the goals still to come spread over the scores when a side's pace depends on who leads.

use super::chain::{MeansByLead, ONE_OVER, TAIL};
use super::law::ScoreLaw;

/// Neighbouring scores that are worked on together.
const LANES: usize = 4;
/// Zeros in front of each row, so that a score without a predecessor needs no question.
const FRONT: usize = LANES;
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
    /// `terms[m * stride + FRONT + j]`: the scores with n goals added, j of them away's, after m jumps of nothing; the
    /// level n takes the place of the level before it.
    terms: Vec<f64>,
    stride: usize,
    /// By the parity of the goals added: see [`Chances`].
    chances: [Chances; 2],
    /// Poisson's weights of mean R.
    weights: Vec<f64>,
    /// The law of the scores of one level.
    level: Vec<f64>,
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
        let chances = |lead: i32| {
            let (home, away) = means.at(lead);
            let by_home = means.at(lead - 1).0 * one_over_jumps;
            (1.0 - (home + away) * one_over_jumps, by_home, means.at(lead + 1).1 * one_over_jumps)
        };
        let length = lanes + 2 * LANES;
        // The leads fall along the way: far ahead first, far behind last, and a few in between.
        let lead_at = |index: usize| lead - 2 * (index as i32 - middle);
        let (ahead, behind) = (chances(FAR_LEAD), chances(-FAR_LEAD));
        let first_near = (middle + (lead - FAR_LEAD).div_euclid(2)).clamp(0, length as i32) as usize;
        let first_behind = (first_near + FAR_LEAD as usize + 1).min(length);
        for (list, ahead, behind) in [
            (&mut self.stay, ahead.0, behind.0),
            (&mut self.by_home, ahead.1, behind.1),
            (&mut self.by_away, ahead.2, behind.2),
        ] {
            list.clear();
            list.resize(first_behind, ahead);
            list.resize(length, behind);
        }
        for index in first_near..first_behind {
            (self.stay[index], self.by_home[index], self.by_away[index]) = chances(lead_at(index));
        }
    }
}

/// How the series of a walk are cut.
struct Reach {
    /// R.
    jumps: f64,
    /// `fades[m]`: the m-th term of any score is at most this part of what the level weighs.
    fades: [f64; TERMS_MAX],
    /// Terms of the first level.
    terms: usize,
    /// Levels, that is goals added, from 0.
    levels: usize,
    /// What a level of n goals weighs at most, from n on.
    level_weight: [f64; 128],
}

impl Reach {
    /// For the rates that leads within reach have: the largest and the smallest.
    fn new(largest: f64, smallest: f64, goals_max: usize) -> Reach {
        let half = 0.5 * (largest - smallest);
        let (jumps, spread) = if half <= 1.0 { (largest - half, half) } else { (largest, 2.0 * half) };
        let mut reach = Reach { jumps, fades: [0.0; TERMS_MAX], terms: 0, levels: 0, level_weight: [0.0; 128] };
        let mut fade = 1.0;
        while reach.terms < TERMS_MAX && (fade >= TAIL || (reach.terms as f64) < spread) {
            reach.fades[reach.terms] = fade;
            reach.terms += 1;
            fade *= spread * ONE_OVER[reach.terms];
        }
        let mut weight = libm::exp(-jumps);
        while reach.levels <= goals_max && (weight >= TAIL || (reach.levels as f64) < largest) {
            // On the way up to the most likely number, what comes later weighs more.
            reach.level_weight[reach.levels] = if (reach.levels as f64) < largest { 1.0 } else { weight };
            reach.levels += 1;
            weight *= largest * ONE_OVER[reach.levels];
        }
        reach
    }

    /// Terms, of at most so many, that count at a level.
    fn terms_at(&self, level: usize, mut at_most: usize) -> usize {
        while at_most > 1 && self.level_weight[level] * self.fades[at_most - 1] < TAIL {
            at_most -= 1;
        }
        at_most
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
        let reach = Reach::new(largest, smallest, rows + columns - 2);
        self.prepare(&reach, means, lead);
        let mut terms = reach.terms;
        for n in 0..reach.levels {
            terms = reach.terms_at(n, terms);
            if n == 0 {
                self.first(terms)
            } else {
                self.jump(n, terms)
            }
            for j in (n + 1).saturating_sub(rows)..columns.min(n + 1) {
                cells[(n - j) * columns + j] = self.level[j];
            }
        }
    }

    fn prepare(&mut self, reach: &Reach, means: &MeansByLead, lead: i32) {
        let lanes = reach.levels.next_multiple_of(LANES);
        self.stride = FRONT + lanes;
        for (buffer, length) in [(&mut self.terms, reach.terms * self.stride), (&mut self.level, lanes)] {
            buffer.clear();
            buffer.resize(length, 0.0);
        }
        self.weights.clear();
        let mut weight = libm::exp(-reach.jumps);
        for k in 1..=reach.levels + reach.terms {
            self.weights.push(weight);
            weight *= reach.jumps * ONE_OVER[k];
        }
        let one_over_jumps = 1.0 / reach.jumps;
        for (chances, parity) in self.chances.iter_mut().zip(0_i32..) {
            chances.fill(means, lead + parity, one_over_jumps, lanes);
        }
    }

    /// The score as it is, with no goal added.
    fn first(&mut self, terms: usize) {
        let stay = self.chances[0].stay[self.middle()];
        let (mut term, mut sum) = (1.0, 0.0);
        for m in 0..terms {
            self.terms[m * self.stride + FRONT] = term;
            sum += self.weights[m] * term;
            term *= stay;
        }
        self.level[0] = sum;
    }

    /// From the scores of n - 1 goals added to those of n. The last ones first, as each reads its neighbour of before.
    fn jump(&mut self, n: usize, terms: usize) {
        let begin = self.middle() - n / 2;
        let chances = &self.chances[n % 2];
        let weights = &self.weights[n..][..terms];
        for block in (0..=n / LANES).rev() {
            let at = begin + LANES * block;
            let stay = lanes(&chances.stay[at..]);
            let by_home = lanes(&chances.by_home[at..]);
            let by_away = lanes(&chances.by_away[at..]);
            let (mut term, mut sum) = ([0.0; LANES], [0.0; LANES]);
            let rows = self.terms.chunks_exact_mut(self.stride);
            for (row, weight) in rows.zip(weights) {
                let window = &mut row[FRONT + LANES * block - 1..][..LANES + 1];
                let (by_one_less, here) = (lanes(window), lanes(&window[1..]));
                for lane in 0..LANES {
                    let come = here[lane] * by_home[lane] + by_one_less[lane] * by_away[lane];
                    term[lane] = term[lane] * stay[lane] + come;
                    sum[lane] += weight * term[lane];
                }
                window[1..].copy_from_slice(&term);
            }
            self.level[LANES * block..][..LANES].copy_from_slice(&sum);
        }
    }

    /// Where the chances of a level's middle score stand.
    fn middle(&self) -> usize {
        (self.stride - FRONT) / 2
    }
}

fn lanes(slice: &[f64]) -> [f64; LANES] {
    [slice[0], slice[1], slice[2], slice[3]]
}
