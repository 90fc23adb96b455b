//! Whether somebody scores between two moments of the match.

use super::births::{Births, Jumps};
use super::clock::{Clock, Phase, remaining};
use super::inputs::{NoPrice, Rates, State};
use super::lead_walk::LeadWalk;
use super::profile::{HALF_MINUTES, Profile};
use crate::event::Side;

/// Operational time from now to the interval, inside it, and after it to the final whistle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntervalTimes {
    /// From now until the interval begins; 0 once it has.
    pub before: f64,
    /// What is left of the interval; 0 once it is over.
    pub inside: f64,
    /// From its end to the end of regular time.
    pub after: f64,
}

/// Probabilities that in what is left of an interval nobody scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoGoalInside {
    /// Neither side.
    pub either: f64,
    /// Home does not; away may.
    pub home: f64,
    /// Away does not; home may.
    pub away: f64,
}

/// What is left of an interval, from `from_minute` to `to_minute` on the match clock, 0 to 90 (31-45 on a coupon is from
/// 30 to 45). An interval that begins at 45 begins with the second half. One that ends at 45 or 90 has that half's
/// stoppage if `with_stoppage`; first-half stoppage in the middle of an interval always belongs to it. `None` unless
/// `0 <= from_minute < to_minute <= 90`, and the clock is finite.
pub fn interval_times(
    profile: &Profile,
    clock: &Clock,
    from_minute: f64,
    to_minute: f64,
    with_stoppage: bool,
) -> Option<IntervalTimes> {
    if !(0.0 <= from_minute && from_minute < to_minute && to_minute <= 90.0 && clock.is_finite()) {
        return None;
    }
    let half_length = HALF_MINUTES as f64;
    let left_in_first = |minute| left_from_first_half(profile, clock, minute);
    let left_in_second = |minute| left_from_second_half(profile, clock, minute);
    let left_at_start =
        if from_minute < half_length { left_in_first(from_minute) } else { left_in_second(from_minute - half_length) };
    let left_at_end = if to_minute < half_length || (to_minute == half_length && !with_stoppage) {
        left_in_first(to_minute)
    } else if to_minute < 2.0 * half_length || !with_stoppage {
        left_in_second(to_minute - half_length)
    } else {
        0.0
    };
    let left = remaining(profile, clock).total();
    let (left_at_start, left_at_end) = (f64::min(left_at_start, left), f64::min(left_at_end, left));
    let inside = f64::max(left_at_start - left_at_end, 0.0);
    Some(IntervalTimes { before: left - left_at_start, inside, after: left_at_end })
}

/// From now to a minute of the match: goal before minute m. As [`interval_times`]; `None` unless `0 < minute <= 90`.
pub fn times_before_minute(
    profile: &Profile,
    clock: &Clock,
    minute: f64,
    with_stoppage: bool,
) -> Option<IntervalTimes> {
    let times = interval_times(profile, clock, 0.0, minute, with_stoppage)?;
    Some(IntervalTimes { before: 0.0, inside: times.before + times.inside, after: times.after })
}

/// The last moment before the regular minutes of a half are up: all its stoppage is still to come.
const REGULAR_TIME_UP: f64 = (HALF_MINUTES as f64).next_down();

/// Operational time left when the first half comes to this regular minute; all that is left, if it has.
fn left_from_first_half(profile: &Profile, clock: &Clock, minute: f64) -> f64 {
    let first = |announced| profile.first_half_left(minute.min(REGULAR_TIME_UP), 0.0, announced);
    match clock.phase {
        Phase::PreMatch => first(None) + profile.second_half(),
        Phase::FirstHalf if minute > clock.minute => first(announced(clock)) + profile.second_half(),
        Phase::FirstHalf
        | Phase::HalfTime
        | Phase::SecondHalf
        | Phase::BeforeExtraTime
        | Phase::ExtraFirstHalf
        | Phase::ExtraHalfTime
        | Phase::ExtraSecondHalf
        | Phase::Over => remaining(profile, clock).total(),
    }
}

/// The same for the second half, its minutes counted from its own start.
fn left_from_second_half(profile: &Profile, clock: &Clock, minute: f64) -> f64 {
    let second = |announced| profile.second_half_left(minute.min(REGULAR_TIME_UP), 0.0, announced);
    match clock.phase {
        Phase::PreMatch | Phase::FirstHalf | Phase::HalfTime => second(None),
        Phase::SecondHalf if minute > clock.minute - HALF_MINUTES as f64 => second(announced(clock)),
        Phase::SecondHalf
        | Phase::BeforeExtraTime
        | Phase::ExtraFirstHalf
        | Phase::ExtraHalfTime
        | Phase::ExtraSecondHalf
        | Phase::Over => remaining(profile, clock).total(),
    }
}

fn announced(clock: &Clock) -> Option<f64> {
    clock.stoppage_announced_minutes.map(|minutes| minutes.clamp(0.0, Clock::ANNOUNCED_LIMIT_MINUTES))
}

/// Works out intervals one after another in the same memory: after the first few it allocates nothing.
///
/// Births of the tested side inside the interval are killed (section 5). Without the low-score weights only the lead
/// matters, so the walk up to the interval is over leads, and what the interval does to a lead is looked at from its end;
/// the four weighed final scores are walked to apart.
#[derive(Clone, Debug, Default)]
pub struct IntervalEngine {
    before: LeadWalk,
    silence: Silence,
    jumps: Jumps,
}

impl IntervalEngine {
    /// An engine with nothing computed yet.
    pub fn new() -> IntervalEngine {
        IntervalEngine::default()
    }

    /// Probabilities that there is no goal inside the interval; the state's clock is not looked at.
    ///
    /// # Errors
    /// The named reason why these inputs have no price.
    pub fn no_goal(&mut self, rates: &Rates, state: &State, times: &IntervalTimes) -> Result<NoGoalInside, NoPrice> {
        let mut all = [NoGoalInside { either: 0.0, home: 0.0, away: 0.0 }];
        self.no_goal_in_each(rates, state, &[*times], &mut all)?;
        Ok(all[0])
    }

    /// The same for many intervals of one match, cheapest when none begins before the one in front of it. `all` gets the
    /// probabilities of each, and must be as long as `times`.
    ///
    /// # Errors
    /// The named reason why these inputs have no price; then nothing is said of any interval.
    pub fn no_goal_in_each(
        &mut self,
        rates: &Rates,
        state: &State,
        times: &[IntervalTimes],
        all: &mut [NoGoalInside],
    ) -> Result<(), NoPrice> {
        assert_eq!(times.len(), all.len(), "an answer for each interval");
        let births = Births::new(rates, state)?;
        for &IntervalTimes { before, inside, after } in times {
            for part in [before, inside, after, before + inside + after] {
                births.check(part)?;
            }
        }
        let lead_now = i32::from(state.home_score) - i32::from(state.away_score);
        let mut begun = f64::INFINITY;
        for (times, no_goal) in times.iter().zip(all) {
            if times.before < begun {
                self.before.start(lead_now);
                begun = 0.0;
            }
            self.before.spread(&births, times.before - begun, None);
            begun = times.before;
            // No lead beyond two goals either way has rates of its own.
            let quiet = [-2, -1, 0, 1, 2].map(|lead| {
                let [home, away] = births.at(lead);
                libm::exp(-(home + away) * times.inside)
            });
            *no_goal = self.without_weights(&births, times.inside, &quiet);
            let extra = rates.low_score_weights().map(|row| row.map(|weight| weight - 1.0));
            if let Some(low) = LowScores::from_now(state)
                && extra != [[0.0; 2]; 2]
            {
                self.weigh(no_goal, low, LowScores::new(extra), &births, times, &quiet);
            }
        }
        Ok(())
    }

    /// What comes after the interval sums to 1 whatever came before.
    fn without_weights(&mut self, births: &Births, inside: f64, quiet: &[f64; 5]) -> NoGoalInside {
        self.jumps.set(births.busiest() * inside);
        self.silence.look_back(births, &self.jumps);
        let mut no_goal = NoGoalInside { either: 0.0, home: 0.0, away: 0.0 };
        for (lead, probability) in self.before.leads() {
            let [home, away] = self.silence.of(lead);
            no_goal.either += probability * quiet[(lead.clamp(-2, 2) + 2) as usize];
            no_goal.home += probability * home;
            no_goal.away += probability * away;
        }
        no_goal
    }

    /// Corrects the four final scores that have weights. `then` is each weight less 1.
    fn weigh(
        &mut self,
        no_goal: &mut NoGoalInside,
        mut now: LowScores,
        mut then: LowScores,
        births: &Births,
        times: &IntervalTimes,
        quiet: &[f64; 5],
    ) {
        let busiest = births.busiest();
        self.jumps.set(busiest * times.before);
        now.pass(&LowJump::new(births, None), &self.jumps);
        self.jumps.set(busiest * times.after);
        then.pass_back(&LowJump::new(births, None), &self.jumps);
        self.jumps.set(busiest * times.inside);
        let excess = |killed| {
            let mut now = now;
            now.pass(&LowJump::new(births, killed), &self.jumps);
            now.times(&then)
        };
        let normaliser = 1.0 + excess(None);
        // Where neither side scores, each score stays what it is.
        let [_, behind, level, ahead, _] = *quiet;
        let stays = LowScores([level, behind, ahead, level]);
        no_goal.either = (no_goal.either + now.each_times(&stays).times(&then)) / normaliser;
        no_goal.home = (no_goal.home + excess(Some(Side::Home))) / normaliser;
        no_goal.away = (no_goal.away + excess(Some(Side::Away))) / normaliser;
    }
}

/// The chance that in an interval a side does not score, by the lead with which it begins: looked at from its end, by
/// uniformisation. With one side's goals killed the lead goes one way only, and at two goals behind for home (ahead, if
/// away's are killed) its rates stand still.
#[derive(Clone, Debug, Default)]
struct Silence {
    /// After so many jumps: that home does not score, from `lead + 2`; that away does not, from `2 - lead`.
    now: Vec<[f64; 2]>,
    sum: Vec<[f64; 2]>,
}

/// Distances from where the rates stand still that have rates of their own; further away they are those of the last.
const DISTANCES: usize = 5;

impl Silence {
    fn look_back(&mut self, births: &Births, jumps: &Jumps) {
        let chances = births.chances();
        let leads: [[i32; 2]; DISTANCES] = std::array::from_fn(|distance| [distance as i32 - 2, 2 - distance as i32]);
        let stay = leads.map(|leads| leads.map(|lead| chances.stay(lead)));
        let nearer = leads.map(|[home, away]| [chances.away(home), chances.home(away)]);
        let stands = [stay[0][0] + nearer[0][0], stay[0][1] + nearer[0][1]];
        // So many jumps from the furthest lead do not lead back to those that differ.
        let most = DISTANCES - 1 + jumps.most();
        let weights = jumps.exactly();
        for (all, value) in [(&mut self.now, 1.0), (&mut self.sum, weights[0])] {
            all.clear();
            all.resize(most + 1, [value; 2]);
        }
        let (now, sum) = (&mut self.now[..], &mut self.sum[..]);
        let mut look = |distance: usize, weight: f64, stay: &[f64; 2], nearer: &[f64; 2]| {
            let (here, next) = (now[distance], now[distance.saturating_sub(1)]);
            let then = [here[0] * stay[0] + next[0] * nearer[0], here[1] * stay[1] + next[1] * nearer[1]];
            now[distance] = then;
            let sum = &mut sum[distance];
            *sum = [sum[0] + weight * then[0], sum[1] + weight * then[1]];
        };
        for weight in &weights[1..] {
            for distance in (DISTANCES..most + 1).rev() {
                look(distance, *weight, &stay[DISTANCES - 1], &nearer[DISTANCES - 1]);
            }
            for distance in (1..DISTANCES).rev() {
                look(distance, *weight, &stay[distance], &nearer[distance]);
            }
            look(0, *weight, &stands, &[0.0; 2]);
        }
    }

    /// That home does not score, and that away does not.
    fn of(&self, lead: i32) -> [f64; 2] {
        let at = |distance: i32| self.sum[(distance.max(0) as usize).min(self.sum.len() - 1)];
        [at(lead + 2)[0], at(2 - lead)[1]]
    }
}

/// What a jump is among the scores of at most one goal a side. Goals that leave them never lead back.
struct LowJump {
    /// Staying level, with home ahead, with away ahead.
    level: f64,
    home_ahead: f64,
    away_ahead: f64,
    /// Home's goal at 0-0 and at 0-1, away's at 0-0 and at 1-0.
    home_first: f64,
    home_second: f64,
    away_first: f64,
    away_second: f64,
}

impl LowJump {
    /// `killed` does not score.
    fn new(births: &Births, killed: Option<Side>) -> LowJump {
        let chances = births.chances();
        let allowed = |side| if killed == Some(side) { 0.0 } else { 1.0 };
        let (home, away) = (allowed(Side::Home), allowed(Side::Away));
        LowJump {
            level: chances.stay(0),
            home_ahead: chances.stay(1),
            away_ahead: chances.stay(-1),
            home_first: chances.home(0) * home,
            home_second: chances.home(-1) * home,
            away_first: chances.away(0) * away,
            away_second: chances.away(1) * away,
        }
    }
}

/// A number for each score of at most one goal a side, which have low-score weights: 0-0, 0-1, 1-0, 1-1.
#[derive(Clone, Copy)]
struct LowScores([f64; 4]);

impl LowScores {
    /// From `[home goals][away goals]`.
    fn new([[none, away], [home, both]]: [[f64; 2]; 2]) -> LowScores {
        LowScores([none, away, home, both])
    }

    /// All at the score now; `None` when the match has left these scores.
    fn from_now(state: &State) -> Option<LowScores> {
        let mut masses = [[0.0; 2]; 2];
        *masses.get_mut(usize::from(state.home_score))?.get_mut(usize::from(state.away_score))? = 1.0;
        Some(LowScores::new(masses))
    }

    /// Chances of each score: those after the jumps from those before.
    fn pass(&mut self, jump: &LowJump, jumps: &Jumps) {
        self.add_up(jumps, |[none, away, home, both]| {
            [
                none * jump.level,
                away * jump.away_ahead + none * jump.away_first,
                home * jump.home_ahead + none * jump.home_first,
                both * jump.level + home * jump.away_second + away * jump.home_second,
            ]
        });
    }

    /// Worths of each score: those before the jumps from those after.
    fn pass_back(&mut self, jump: &LowJump, jumps: &Jumps) {
        self.add_up(jumps, |[none, away, home, both]| {
            [
                none * jump.level + home * jump.home_first + away * jump.away_first,
                away * jump.away_ahead + both * jump.home_second,
                home * jump.home_ahead + both * jump.away_second,
                both * jump.level,
            ]
        });
    }

    fn add_up(&mut self, jumps: &Jumps, step: impl Fn([f64; 4]) -> [f64; 4]) {
        let mut now = self.0;
        let mut sum = now.map(|mass| jumps.exactly()[0] * mass);
        for weight in &jumps.exactly()[1..] {
            now = step(now);
            for place in 0..4 {
                sum[place] += weight * now[place];
            }
        }
        self.0 = sum;
    }

    fn each_times(&self, other: &LowScores) -> LowScores {
        LowScores(std::array::from_fn(|place| self.0[place] * other.0[place]))
    }

    /// The sum of the products.
    fn times(&self, other: &LowScores) -> f64 {
        self.each_times(other).0.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::births::{Births, Jumps};
    use super::super::lead_walk::LeadWalk;
    use super::super::tests::twin::{any_rates, any_state};
    use super::Silence;
    use crate::event::Side;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn looked_at_from_its_end_an_interval_is_as_quiet_as_walked_through(
            rates in any_rates(), state in any_state(), inside in 0.0..0.6_f64, lead in -30..=30_i32,
        ) {
            let births = Births::new(&rates, &state).unwrap();
            let mut jumps = Jumps::default();
            jumps.set(births.busiest() * inside);
            let mut silence = Silence::default();
            silence.look_back(&births, &jumps);
            for (side, ours) in [Side::Home, Side::Away].into_iter().zip(silence.of(lead)) {
                let mut walk = LeadWalk::default();
                walk.start(lead);
                walk.spread(&births, inside, Some(side));
                prop_assert!((ours / walk.left() - 1.0).abs() < 1e-12, "{:?} {}: {} {}", side, lead, ours, walk.left());
            }
        }
    }
}
