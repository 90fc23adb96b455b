//! In which order the goals come: who scores the third one, the last one, or is first to two.

use super::births::{Births, Jumps};
use super::inputs::{NoPrice, Rates, State};
use crate::event::Side;

/// Works out [`GoalOrder`]s one after another in the same memory: after the first few it allocates nothing.
///
/// It is the labelled chain of section 5 without the labels' copies of the grid. Who scores a goal is decided when it
/// comes: the chance that home scores from a score is the time spent at that score times home's rate there, so one walk
/// over the next few goals gives every order. The low-score weights differ from 1 at four final scores only, to which
/// at most five orders of goals lead; these are corrected one by one.
#[derive(Clone, Debug, Default)]
pub struct GoalOrderEngine {
    order: GoalOrder,
    jumps: Jumps,
    walk: Walk,
    last: LastGoal,
}

/// Who scores which goal, from one state of the match.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GoalOrder {
    home_score: u16,
    away_score: u16,
    /// So many goals of each side from now on are told apart.
    goals_ahead: usize,
    /// `[i * goals_ahead + j]`: i more home goals and j more away goals, without the low-score weights: the chance that
    /// it ends so, that home scores from there, that away does.
    ends: Vec<f64>,
    home_scores: Vec<f64>,
    away_scores: Vec<f64>,
    /// Without the weights: the last goal from now on is home's, away's, there is none.
    last: [f64; 3],
    low_ends: [LowEnd; LOW_ENDS],
    normaliser: f64,
}

/// One order of goals that leads to a final score with a weight of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct LowEnd {
    goals: [Option<Side>; 2],
    /// The chance that it ends so, times its weight less 1.
    extra: f64,
}

/// From 0-0: to 0-0, 1-0, 0-1, and two ways to 1-1.
const LOW_ENDS: usize = 5;

/// Which of three selections a bet comes to.
#[derive(Clone, Copy)]
enum Came {
    Home = 0,
    Away = 1,
    Neither = 2,
}

impl From<Option<Side>> for Came {
    fn from(side: Option<Side>) -> Came {
        match side {
            Some(Side::Home) => Came::Home,
            Some(Side::Away) => Came::Away,
            None => Came::Neither,
        }
    }
}

impl GoalOrder {
    /// Probabilities that home scores the n-th goal of the match, that away does, that there are not so many. `None` when
    /// it has been scored already, or is further ahead than was asked for.
    pub fn nth_goal(&self, nth: u32) -> Option<[f64; 3]> {
        let now = u32::from(self.home_score) + u32::from(self.away_score);
        let ahead = nth.checked_sub(now)? as usize;
        if ahead == 0 || ahead > self.goals_ahead {
            return None;
        }
        let before = |goals: usize| (0..goals).map(move |i| i * self.goals_ahead + goals - 1 - i);
        let plain = [
            before(ahead).map(|at| self.home_scores[at]).sum(),
            before(ahead).map(|at| self.away_scores[at]).sum(),
            (1..=ahead).flat_map(before).map(|at| self.ends[at]).sum(),
        ];
        Some(self.weighed(plain, |goals| goals.get(ahead - 1).copied().flatten().into()))
    }

    /// Probabilities that the last goal from now on is home's, that there is no more goal, that it is away's.
    pub fn last_goal(&self) -> [f64; 3] {
        let [home, away, none] = self.weighed(self.last, |goals| goals.iter().rev().copied().flatten().next().into());
        [home, none, away]
    }

    /// Probabilities that home is first to `goals` goals of the final score, that neither side gets so far, that away is
    /// first. `None` when a side has so many already, or it is further ahead than was asked for.
    pub fn race_to(&self, goals: u16) -> Option<[f64; 3]> {
        let home_needs = usize::from(goals.checked_sub(self.home_score)?);
        let away_needs = usize::from(goals.checked_sub(self.away_score)?);
        let out_of_reach = |needs| needs == 0 || needs > self.goals_ahead;
        if out_of_reach(home_needs) || out_of_reach(away_needs) {
            return None;
        }
        let at = |i: usize, j: usize| i * self.goals_ahead + j;
        let plain = [
            (0..away_needs).map(|j| self.home_scores[at(home_needs - 1, j)]).sum(),
            (0..home_needs).map(|i| self.away_scores[at(i, away_needs - 1)]).sum(),
            (0..home_needs).flat_map(|i| (0..away_needs).map(move |j| at(i, j))).map(|at| self.ends[at]).sum(),
        ];
        let [home, away, neither] = self.weighed(plain, |order| {
            let mut needs = [home_needs, away_needs];
            for side in order.iter().flatten() {
                let needs = match side {
                    Side::Home => &mut needs[0],
                    Side::Away => &mut needs[1],
                };
                *needs -= 1;
                if *needs == 0 {
                    return Some(*side).into();
                }
            }
            Came::Neither
        });
        Some([home, neither, away])
    }

    /// Z of section 4.
    pub fn normaliser(&self) -> f64 {
        self.normaliser
    }

    /// Corrects the few orders of goals that lead to a weighed final score.
    fn weighed(&self, plain: [f64; 3], came: impl Fn(&[Option<Side>; 2]) -> Came) -> [f64; 3] {
        let mut masses = plain;
        for end in &self.low_ends {
            masses[came(&end.goals) as usize] += end.extra;
        }
        masses.map(|mass| mass / self.normaliser)
    }
}

impl GoalOrderEngine {
    /// An engine with nothing computed yet.
    pub fn new() -> GoalOrderEngine {
        GoalOrderEngine::default()
    }

    /// The order of the goals over an operational time (1 is one whole match); the state's clock is not looked at. The
    /// next `goals_ahead` goals of the match, and of each side, are told apart.
    ///
    /// # Errors
    /// The named reason why these inputs have no price.
    pub fn order_over(
        &mut self,
        rates: &Rates,
        state: &State,
        time: f64,
        goals_ahead: u8,
    ) -> Result<&GoalOrder, NoPrice> {
        let births = Births::new(rates, state)?;
        births.check(time)?;
        self.jumps.set_with_more(births.busiest() * time);
        let lead_now = i32::from(state.home_score) - i32::from(state.away_score);
        let order = &mut self.order;
        (order.home_score, order.away_score) = (state.home_score, state.away_score);
        // The low-score weights reach two goals ahead.
        order.goals_ahead = usize::from(goals_ahead).max(2);
        let one_all = self.walk.spread(order, &births, lead_now, &self.jumps);
        self.last.spread(&births, lead_now, &self.jumps);
        self.order.last = self.last.came();
        self.order.set_low_ends(rates, one_all);
        Ok(&self.order)
    }
}

/// Buffers of the walk over the next goals. Each grid has one row and one column of zeros in front, so that a score
/// without a predecessor needs no question.
#[derive(Clone, Debug, Default)]
struct Walk {
    now: Vec<f64>,
    next: Vec<f64>,
    /// Chance per jump of staying at a score, of coming to it by a home goal, by an away goal. The leads along a row are
    /// neighbours: score (i, j) looks at index `j + size - 1 - i`.
    stay: Vec<f64>,
    by_home: Vec<f64>,
    by_away: Vec<f64>,
}

impl Walk {
    /// Fills the next goals by uniformisation. What leaves them to further goals never comes back, so it is let go.
    /// Returns the chances of one goal each and no more: home's then away's, and the other way round.
    fn spread(&mut self, order: &mut GoalOrder, births: &Births, lead_now: i32, jumps: &Jumps) -> [f64; 2] {
        let chances = births.chances();
        let size = order.goals_ahead;
        let stride = size + 1;
        self.clear(births, lead_now, size);
        for grid in [&mut order.ends, &mut order.home_scores, &mut order.away_scores] {
            grid.clear();
            grid.resize(size * size, 0.0);
        }
        self.now[stride + 1] = 1.0;
        order.ends[0] = jumps.exactly()[0];
        order.home_scores[0] = jumps.more()[0];
        // One goal each, by who was first: the grid adds the two up.
        let (mut first_home, mut first_away, mut one_all) = (0.0, 0.0, [0.0; 2]);
        for (jump, (weight, more)) in jumps.exactly().iter().zip(jumps.more()).enumerate().skip(1) {
            first_home = first_home * chances.stay(lead_now) + self.now[2 * stride + 1] * chances.away(lead_now + 1);
            first_away = first_away * chances.stay(lead_now) + self.now[stride + 2] * chances.home(lead_now - 1);
            one_all[0] += weight * first_home;
            one_all[1] += weight * first_away;
            for i in 0..size.min(jump + 1) {
                let reach = size.min(jump + 1 - i);
                let ends = &mut order.ends[i * size..][..reach];
                // The time spent at a score, in units of one jump; both sides' goals are made of it below.
                let spent = &mut order.home_scores[i * size..][..reach];
                self.jump_into_row(i, size, [*weight, *more], ends, spent);
            }
            std::mem::swap(&mut self.now, &mut self.next);
        }
        for (at, (home, away)) in order.home_scores.iter_mut().zip(&mut order.away_scores).enumerate() {
            let lead = lead_now + (at / size) as i32 - (at % size) as i32;
            (*home, *away) = (*home * chances.home(lead), *home * chances.away(lead));
        }
        one_all
    }

    fn clear(&mut self, births: &Births, lead_now: i32, size: usize) {
        let chances = births.chances();
        for grid in [&mut self.now, &mut self.next] {
            grid.clear();
            grid.resize((size + 1) * (size + 1), 0.0);
        }
        for all in [&mut self.stay, &mut self.by_home, &mut self.by_away] {
            all.clear();
        }
        for index in 0..2 * size as i32 - 1 {
            let lead = lead_now + size as i32 - 1 - index;
            self.stay.push(chances.stay(lead));
            self.by_home.push(chances.home(lead - 1));
            self.by_away.push(chances.away(lead + 1));
        }
    }

    /// One more jump into the scores with `i` more home goals, as far as `ends` reaches.
    fn jump_into_row(&mut self, i: usize, size: usize, [weight, more]: [f64; 2], ends: &mut [f64], spent: &mut [f64]) {
        let (stride, lead, reach) = (size + 1, size - 1 - i, ends.len());
        let stay = &self.stay[lead..][..reach];
        let by_home = &self.by_home[lead..][..reach];
        let by_away = &self.by_away[lead..][..reach];
        let one_less = &self.now[(i + 1) * stride..][..reach];
        let here = &self.now[(i + 1) * stride + 1..][..reach];
        let above = &self.now[i * stride + 1..][..reach];
        let next = &mut self.next[(i + 1) * stride + 1..][..reach];
        let spent = &mut spent[..reach];
        for j in 0..reach {
            let probability = here[j] * stay[j] + above[j] * by_home[j] + one_less[j] * by_away[j];
            next[j] = probability;
            ends[j] += weight * probability;
            spent[j] += more * probability;
        }
    }
}

impl GoalOrder {
    fn set_low_ends(&mut self, rates: &Rates, [home_then_away, away_then_home]: [f64; 2]) {
        let extra = rates.low_score_weights().map(|row| row.map(|weight| weight - 1.0));
        let (home, away) = (Some(Side::Home), Some(Side::Away));
        let (one_home, one_away) = (self.ends[self.goals_ahead], self.ends[1]);
        let nobody = self.ends[0];
        let end = |goals, chance: f64, extra: f64| LowEnd { goals, extra: chance * extra };
        let never = LowEnd::default();
        self.low_ends = match (self.home_score, self.away_score) {
            (0, 0) => [
                end([None, None], nobody, extra[0][0]),
                end([home, None], one_home, extra[1][0]),
                end([away, None], one_away, extra[0][1]),
                end([home, away], home_then_away, extra[1][1]),
                end([away, home], away_then_home, extra[1][1]),
            ],
            (1, 0) => {
                let goalless = end([None, None], nobody, extra[1][0]);
                [goalless, end([away, None], one_away, extra[1][1]), never, never, never]
            }
            (0, 1) => {
                let goalless = end([None, None], nobody, extra[0][1]);
                [goalless, end([home, None], one_home, extra[1][1]), never, never, never]
            }
            (1, 1) => [end([None, None], nobody, extra[1][1]), never, never, never, never],
            (_, _) => [never; LOW_ENDS],
        };
        self.normaliser = 1.0 + self.low_ends.iter().map(|end| end.extra).sum::<f64>();
    }
}

/// Who scored last, walked over the leads alone: the rates look at nothing else. Slot `most + 1` is the lead now, with
/// one slot of zeros beyond the furthest leads, so that an end needs no question.
#[derive(Clone, Debug, Default)]
struct LastGoal {
    /// The last goal so far was home's, away's.
    home: Vec<f64>,
    away: Vec<f64>,
    next_home: Vec<f64>,
    next_away: Vec<f64>,
    /// Chance per jump of staying at a lead, of coming to it by a home goal, by an away goal.
    stay: Vec<f64>,
    by_home: Vec<f64>,
    by_away: Vec<f64>,
    came: [f64; 3],
}

impl LastGoal {
    /// Without the weights: home's, away's, there is none.
    fn came(&self) -> [f64; 3] {
        self.came
    }

    fn spread(&mut self, births: &Births, lead_now: i32, jumps: &Jumps) {
        let chances = births.chances();
        let most = jumps.most();
        let slots = 2 * most + 3;
        for grid in [&mut self.home, &mut self.away, &mut self.next_home, &mut self.next_away] {
            grid.clear();
            grid.resize(slots, 0.0);
        }
        for all in [&mut self.stay, &mut self.by_home, &mut self.by_away] {
            all.clear();
        }
        for lead in (lead_now - most as i32 - 1..).take(slots) {
            self.stay.push(chances.stay(lead));
            self.by_home.push(chances.home(lead - 1));
            self.by_away.push(chances.away(lead + 1));
        }
        let middle = most + 1;
        // No goal yet.
        let mut none = 1.0;
        self.came = [0.0, 0.0, jumps.exactly()[0]];
        for (jump, weight) in jumps.exactly().iter().enumerate().skip(1) {
            let (home, away) = self.jump(middle - jump, 2 * jump + 1);
            // Those without a goal yet stand in the middle and have no label; their first goal gives them one.
            let first_home = none * self.by_home[middle + 1];
            let first_away = none * self.by_away[middle - 1];
            self.next_home[middle + 1] += first_home;
            self.next_away[middle - 1] += first_away;
            none *= self.stay[middle];
            self.came[0] += weight * (home + first_home);
            self.came[1] += weight * (away + first_away);
            self.came[2] += weight * none;
            std::mem::swap(&mut self.home, &mut self.next_home);
            std::mem::swap(&mut self.away, &mut self.next_away);
        }
    }

    /// One more jump into `reach` slots from `first` on. Returns how much there is of each label.
    fn jump(&mut self, first: usize, reach: usize) -> (f64, f64) {
        let (home, away) = (&self.home[first - 1..][..reach + 2], &self.away[first - 1..][..reach + 2]);
        let stay = &self.stay[first..][..reach];
        let by_home = &self.by_home[first..][..reach];
        let by_away = &self.by_away[first..][..reach];
        let next_home = &mut self.next_home[first..][..reach];
        let next_away = &mut self.next_away[first..][..reach];
        let (mut all_home, mut all_away) = (0.0, 0.0);
        for slot in 0..reach {
            let home_goal = (home[slot] + away[slot]) * by_home[slot];
            let away_goal = (home[slot + 2] + away[slot + 2]) * by_away[slot];
            next_home[slot] = home[slot + 1] * stay[slot] + home_goal;
            next_away[slot] = away[slot + 1] * stay[slot] + away_goal;
            all_home += next_home[slot];
            all_away += next_away[slot];
        }
        (all_home, all_away)
    }
}
