//! Who goes through: the ninety minutes, extra time, penalties.

use super::births::Births;
use super::clock::{Clock, Phase};
use super::inputs::{NoPrice, Rates, State};
use super::law::ScoreLaw;
use super::lead_walk::LeadWalk;
use super::profile::Profile;
use crate::values::QuarterLine;

/// What a knock-out tie brings along besides the match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tie {
    aggregate_lead_home: i16,
    shoot_out_home: f64,
}

/// A half of extra time is never priced as having less left than this while it runs, minutes.
const LEAST_MINUTES: f64 = 0.5;
/// Length of a half of extra time, minutes.
const HALF_MINUTES: f64 = 15.0;
/// A first leg is never won by more.
const AGGREGATE_LEAD_MAX: i16 = 99;

impl Tie {
    /// Lead that today's home side brings from the first leg (0 for a single match, at most 99 either way), and its
    /// probability to win a shoot-out. `None` for other numbers.
    pub fn new(aggregate_lead_home: i16, shoot_out_home: f64) -> Option<Tie> {
        let is_tie = (-AGGREGATE_LEAD_MAX..=AGGREGATE_LEAD_MAX).contains(&aggregate_lead_home)
            && (0.0..=1.0).contains(&shoot_out_home);
        is_tie.then_some(Tie { aggregate_lead_home, shoot_out_home })
    }

    /// Probabilities that home and that away win a shoot-out.
    pub fn shoot_out(self) -> [f64; 2] {
        [self.shoot_out_home, 1.0 - self.shoot_out_home]
    }
}

/// Where extra time stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ExtraTime {
    /// All of it is still to come.
    ToCome,
    /// Its first half runs, with so many minutes left of it, announced stoppage included.
    FirstHalf(f64),
    /// Between its halves.
    HalfTime,
    /// Its second half runs, with so many minutes left of it.
    SecondHalf(f64),
    /// It has been played.
    Over,
}

impl ExtraTime {
    /// Where it stands by the match clock; to come while the ninety minutes run.
    pub fn of(clock: &Clock) -> ExtraTime {
        match clock.phase {
            Phase::PreMatch
            | Phase::FirstHalf
            | Phase::HalfTime
            | Phase::SecondHalf
            | Phase::BeforeExtraTime
            | Phase::Over => ExtraTime::ToCome,
            Phase::ExtraFirstHalf => ExtraTime::FirstHalf(minutes_left(clock)),
            Phase::ExtraHalfTime => ExtraTime::HalfTime,
            Phase::ExtraSecondHalf => ExtraTime::SecondHalf(minutes_left(clock)),
        }
    }

    /// Operational time left of it. The weight of a half is that of its fifteen minutes with the usual stoppage; a half
    /// that runs has never less left than half a minute of it, so no price becomes certain by the clock alone.
    pub fn left(self, profile: &Profile) -> f64 {
        let [first, second] = profile.extra_time();
        let running = |weight: f64, minutes: f64| {
            let most = HALF_MINUTES + Clock::ANNOUNCED_LIMIT_MINUTES;
            weight * minutes.clamp(LEAST_MINUTES, most) / HALF_MINUTES
        };
        match self {
            ExtraTime::ToCome => first + second,
            ExtraTime::FirstHalf(minutes) => running(first, minutes) + second,
            ExtraTime::HalfTime => second,
            ExtraTime::SecondHalf(minutes) => running(second, minutes),
            ExtraTime::Over => 0.0,
        }
    }
}

/// Of the half of extra time that runs: its regular minutes, and the stoppage announced and not played yet. Only what is
/// announced adds to it, as the weight of the half has the usual stoppage in it.
fn minutes_left(clock: &Clock) -> f64 {
    let (start, end) = clock.phase.minutes();
    let announced = clock.stoppage_announced_minutes.unwrap_or(0.0).clamp(0.0, Clock::ANNOUNCED_LIMIT_MINUTES);
    let stoppage_elapsed = f64::max(clock.stoppage_elapsed_minutes, 0.0);
    (end - clock.minute).clamp(0.0, end - start) + f64::max(announced - stoppage_elapsed, 0.0)
}

/// Who goes through and how, as seen from now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnockoutLaw {
    /// Probabilities that home and that away go through.
    pub qualify: [f64; 2],
    /// Probability that extra time is played.
    pub extra_time: f64,
    /// Probability that there is a shoot-out.
    pub penalties: f64,
    /// Probabilities that home goes through in the ninety minutes, in extra time, on penalties.
    pub method_home: [f64; 3],
    /// The same for away.
    pub method_away: [f64; 3],
    /// Home win, draw, away win of extra time alone, given that it is played.
    pub extra_time_result: [f64; 3],
}

/// Works out knock-out ties one after another in the same memory: after the first few it allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct KnockoutEngine {
    leads: LeadWalk,
}

impl KnockoutEngine {
    /// An engine with nothing computed yet.
    pub fn new() -> KnockoutEngine {
        KnockoutEngine::default()
    }

    /// From before the end of the ninety minutes: `law` is that of their final score from this state, and extra time, if
    /// it comes to that, is played at the rates and red cards of now.
    ///
    /// # Errors
    /// The named reason why these inputs have no price.
    pub fn in_regular_time(
        &mut self,
        law: &ScoreLaw,
        rates: &Rates,
        state: &State,
        profile: &Profile,
        tie: Tie,
    ) -> Result<KnockoutLaw, NoPrice> {
        let lead = tie.aggregate_lead_home;
        // Level on aggregate is a lead today of what the first leg was lost by.
        let result = self.extra_time(rates, state, -i32::from(lead), 0, ExtraTime::ToCome.left(profile))?;
        // With the first leg's lead as a handicap today's match decides the tie, and a push is extra time.
        let regular = law.handicap(QuarterLine::from_quarters(4 * lead));
        Ok(KnockoutLaw::new([regular.win, regular.push, regular.lose], result, tie))
    }

    /// From within extra time, or after it; the state's score is that of the match so far, extra time included. The
    /// state's clock is not looked at.
    ///
    /// # Errors
    /// The named reason why these inputs have no price.
    pub fn in_extra_time(
        &mut self,
        rates: &Rates,
        state: &State,
        extra_time: ExtraTime,
        profile: &Profile,
        tie: Tie,
    ) -> Result<KnockoutLaw, NoPrice> {
        let lead_now = i32::from(state.home_score) - i32::from(state.away_score);
        // It was level on aggregate when extra time began, so the lead on aggregate is that of extra time.
        let ahead = lead_now + i32::from(tie.aggregate_lead_home);
        let result = self.extra_time(rates, state, lead_now, ahead, extra_time.left(profile))?;
        Ok(KnockoutLaw::new([0.0, 1.0, 0.0], result, tie))
    }

    /// Home win, draw, away win of extra time, from a lead in the match and a lead in extra time; no low-score weights.
    fn extra_time(
        &mut self,
        rates: &Rates,
        state: &State,
        lead_now: i32,
        ahead: i32,
        time: f64,
    ) -> Result<[f64; 3], NoPrice> {
        let births = Births::new(rates, state)?;
        births.check(time)?;
        self.leads.start(lead_now);
        self.leads.spread(&births, time, None);
        let mut result = [0.0; 3];
        for (lead, probability) in self.leads.leads() {
            let came = (lead - lead_now + ahead).signum();
            result[(1 - came) as usize] += probability;
        }
        Ok(result)
    }
}

impl KnockoutLaw {
    fn new([home, level, away]: [f64; 3], extra_time_result: [f64; 3], tie: Tie) -> KnockoutLaw {
        let [extra_home, extra_level, extra_away] = extra_time_result.map(|probability| level * probability);
        let [shoot_out_home, shoot_out_away] = tie.shoot_out();
        let method_home = [home, extra_home, extra_level * shoot_out_home];
        let method_away = [away, extra_away, extra_level * shoot_out_away];
        KnockoutLaw {
            qualify: [method_home.iter().sum(), method_away.iter().sum()],
            extra_time: level,
            penalties: extra_level,
            method_home,
            method_away,
            extra_time_result,
        }
    }
}
