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
/// matters, so the walk is over leads; the four weighed final scores are walked to apart.
#[derive(Clone, Debug, Default)]
pub struct IntervalEngine {
    before: LeadWalk,
    inside: LeadWalk,
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
            *no_goal = self.without_weights(&births, times.inside);
            if let Some(low) = LowScores::from_now(state) {
                self.weigh(no_goal, low, &births, times, rates);
            }
        }
        Ok(())
    }

    /// What comes after the interval sums to 1 whatever came before.
    fn without_weights(&mut self, births: &Births, inside: f64) -> NoGoalInside {
        // No lead beyond two goals either way has rates of its own.
        let quiet = [-2, -1, 0, 1, 2].map(|lead| {
            let [home, away] = births.at(lead);
            libm::exp(-(home + away) * inside)
        });
        let quiet_at = |(lead, probability): (i32, f64)| probability * quiet[(lead.clamp(-2, 2) + 2) as usize];
        let mut no_goal_of = |side| {
            self.inside.start_from(&self.before);
            self.inside.spread(births, inside, Some(side));
            self.inside.left()
        };
        let (home, away) = (no_goal_of(Side::Home), no_goal_of(Side::Away));
        NoGoalInside { either: self.before.leads().map(quiet_at).sum(), home, away }
    }

    /// Corrects the four final scores that have weights.
    fn weigh(
        &mut self,
        no_goal: &mut NoGoalInside,
        mut now: LowScores,
        births: &Births,
        times: &IntervalTimes,
        rates: &Rates,
    ) {
        let busiest = births.busiest();
        let mut then = LowScores(rates.low_score_weights().map(|row| row.map(|weight| weight - 1.0)));
        self.jumps.set(busiest * times.before);
        now.pass(&LowJump::new(births, Tested::Nobody), &self.jumps);
        self.jumps.set(busiest * times.after);
        then.pass_back(&LowJump::new(births, Tested::Nobody), &self.jumps);
        self.jumps.set(busiest * times.inside);
        let excess = |tested| {
            let mut now = now;
            now.pass(&LowJump::new(births, tested), &self.jumps);
            now.times(&then)
        };
        let normaliser = 1.0 + excess(Tested::Nobody);
        no_goal.either = (no_goal.either + excess(Tested::Both)) / normaliser;
        no_goal.home = (no_goal.home + excess(Tested::One(Side::Home))) / normaliser;
        no_goal.away = (no_goal.away + excess(Tested::One(Side::Away))) / normaliser;
    }
}

/// Whose goals are killed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tested {
    Nobody,
    One(Side),
    Both,
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
    fn new(births: &Births, tested: Tested) -> LowJump {
        let chances = births.chances();
        let allowed = |side| match tested {
            Tested::Nobody => 1.0,
            Tested::One(of) => f64::from(u8::from(of != side)),
            Tested::Both => 0.0,
        };
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

/// A number for each score of at most one goal a side, which have low-score weights: `[home goals][away goals]`.
#[derive(Clone, Copy)]
struct LowScores([[f64; 2]; 2]);

impl LowScores {
    /// All at the score now; `None` when the match has left these scores.
    fn from_now(state: &State) -> Option<LowScores> {
        let mut masses = [[0.0; 2]; 2];
        *masses.get_mut(usize::from(state.home_score))?.get_mut(usize::from(state.away_score))? = 1.0;
        Some(LowScores(masses))
    }

    /// Chances of each score: those after the jumps from those before.
    fn pass(&mut self, jump: &LowJump, jumps: &Jumps) {
        self.add_up(jumps, |[[none, away], [home, both]]| {
            [
                [none * jump.level, away * jump.away_ahead + none * jump.away_first],
                [
                    home * jump.home_ahead + none * jump.home_first,
                    both * jump.level + home * jump.away_second + away * jump.home_second,
                ],
            ]
        });
    }

    /// Worths of each score: those before the jumps from those after.
    fn pass_back(&mut self, jump: &LowJump, jumps: &Jumps) {
        self.add_up(jumps, |[[none, away], [home, both]]| {
            [
                [
                    none * jump.level + home * jump.home_first + away * jump.away_first,
                    away * jump.away_ahead + both * jump.home_second,
                ],
                [home * jump.home_ahead + both * jump.away_second, both * jump.level],
            ]
        });
    }

    fn add_up(&mut self, jumps: &Jumps, step: impl Fn([[f64; 2]; 2]) -> [[f64; 2]; 2]) {
        let mut now = self.0;
        self.0 = now.map(|row| row.map(|mass| jumps.exactly()[0] * mass));
        for weight in &jumps.exactly()[1..] {
            now = step(now);
            for (sum, mass) in self.0.iter_mut().flatten().zip(now.iter().flatten()) {
                *sum += weight * mass;
            }
        }
    }

    /// The sum of the products.
    fn times(&self, other: &LowScores) -> f64 {
        self.0.iter().flatten().zip(other.0.iter().flatten()).map(|(one, other)| one * other).sum()
    }
}
