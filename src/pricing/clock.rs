//! How much of the match is still to be played, measured in goals rather than in minutes.

use super::profile::{HALF_MINUTES, Profile};

/// Where the match stands between the whistles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Not kicked off.
    PreMatch,
    /// The first half runs.
    FirstHalf,
    /// Between the halves.
    HalfTime,
    /// The second half runs.
    SecondHalf,
    /// The ninety minutes have left a tie level: extra time is to come.
    BeforeExtraTime,
    /// The first half of extra time runs.
    ExtraFirstHalf,
    /// Between its halves.
    ExtraHalfTime,
    /// The second half of extra time runs.
    ExtraSecondHalf,
    /// The whistle has ended regular time.
    Over,
}

impl Phase {
    /// Whether a tie is played on, or about to be, after the ninety minutes.
    pub fn is_extra_time(self) -> bool {
        match self {
            Phase::BeforeExtraTime | Phase::ExtraFirstHalf | Phase::ExtraHalfTime | Phase::ExtraSecondHalf => true,
            Phase::PreMatch | Phase::FirstHalf | Phase::HalfTime | Phase::SecondHalf | Phase::Over => false,
        }
    }

    /// The match minutes between which this phase lies, stoppage apart.
    pub fn minutes(self) -> (f64, f64) {
        match self {
            Phase::PreMatch => (0.0, 0.0),
            Phase::FirstHalf => (0.0, 45.0),
            Phase::HalfTime => (45.0, 45.0),
            Phase::SecondHalf => (45.0, 90.0),
            Phase::BeforeExtraTime | Phase::Over => (90.0, 90.0),
            Phase::ExtraFirstHalf => (90.0, 105.0),
            Phase::ExtraHalfTime => (105.0, 105.0),
            Phase::ExtraSecondHalf => (105.0, 120.0),
        }
    }
}

/// The match clock as the facts tell it; never extrapolated here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// The phase.
    pub phase: Phase,
    /// Match minute, 0 to 45 in the first half and 45 to 90 in the second, 90 to 105 and 105 to 120 in extra time; it
    /// stands still during stoppage.
    pub minute: f64,
    /// Stoppage played so far in this half, minutes.
    pub stoppage_elapsed_minutes: f64,
    /// Stoppage announced for this half, minutes; used up to [`Clock::ANNOUNCED_LIMIT_MINUTES`].
    pub stoppage_announced_minutes: Option<f64>,
}

/// Operational time left: the share of one match's scoring still to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remaining {
    /// Left of the first half.
    pub first_half: f64,
    /// Left of the second half.
    pub second_half: f64,
}

impl Remaining {
    /// Left of regular time.
    pub fn total(self) -> f64 {
        self.first_half + self.second_half
    }
}

impl Clock {
    /// A longer announcement is cut to this and should be looked at by a person, minutes.
    pub const ANNOUNCED_LIMIT_MINUTES: f64 = 15.0;

    /// Before kick-off.
    pub const PRE_MATCH: Clock =
        Clock { phase: Phase::PreMatch, minute: 0.0, stoppage_elapsed_minutes: 0.0, stoppage_announced_minutes: None };

    /// From the clock on the screen in whole milliseconds: the halves run from 0:00 and 45:00, those of extra time from
    /// 90:00 and 105:00, each on through its stoppage (so 46:30 in the first half is 45 and 1.5 of stoppage).
    pub fn from_milliseconds(phase: Phase, shown_milliseconds: u32, announced_minutes: Option<u16>) -> Clock {
        let shown_minutes = f64::from(shown_milliseconds) / 60_000.0;
        let (least, regular_end) = phase.minutes();
        let is_running = least < regular_end;
        let stoppage_elapsed_minutes = if is_running { f64::max(shown_minutes - regular_end, 0.0) } else { 0.0 };
        Clock {
            phase,
            minute: shown_minutes.clamp(least, regular_end),
            stoppage_elapsed_minutes,
            stoppage_announced_minutes: announced_minutes.map(f64::from),
        }
    }

    /// The announcement is above the limit, so the price uses the limit.
    pub fn announcement_is_cut(&self) -> bool {
        self.stoppage_announced_minutes.is_some_and(|minutes| minutes > Clock::ANNOUNCED_LIMIT_MINUTES)
    }

    pub(super) fn is_finite(&self) -> bool {
        self.minute.is_finite()
            && self.stoppage_elapsed_minutes.is_finite()
            && self.stoppage_announced_minutes.is_none_or(f64::is_finite)
    }

    /// Minutes of the running half, in [0, 45].
    fn half_minute(&self, half_start: f64) -> f64 {
        (self.minute - half_start).clamp(0.0, HALF_MINUTES as f64)
    }
}

/// Converts the clock to operational time (pricing model, section 2). Before kick-off the two parts sum to 1; a long
/// announcement raises them above the profile's. What is left of extra time is not in it: that is
/// [`ExtraTime::left`](super::ExtraTime::left).
pub fn remaining(profile: &Profile, clock: &Clock) -> Remaining {
    let announced = clock.stoppage_announced_minutes.map(|minutes| minutes.clamp(0.0, Clock::ANNOUNCED_LIMIT_MINUTES));
    let elapsed = f64::max(clock.stoppage_elapsed_minutes, 0.0);
    let second_full = profile.second_half();
    let (first_half, second_half) = match clock.phase {
        Phase::PreMatch => (profile.first_half(), second_full),
        Phase::FirstHalf => (profile.first_half_left(clock.half_minute(0.0), elapsed, announced), second_full),
        Phase::HalfTime => (0.0, second_full),
        Phase::SecondHalf => (0.0, profile.second_half_left(clock.half_minute(45.0), elapsed, announced)),
        Phase::BeforeExtraTime
        | Phase::ExtraFirstHalf
        | Phase::ExtraHalfTime
        | Phase::ExtraSecondHalf
        | Phase::Over => (0.0, 0.0),
    };
    Remaining { first_half, second_half }
}
