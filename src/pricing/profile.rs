//! When goals tend to come in a match: how much each minute and each stoppage is worth.

use crate::event::{HalfRules, MinuteShares, ModelRules};
use crate::values::Billionths;

/// Regular minutes in a half.
pub(super) const HALF_MINUTES: usize = 45;

/// The plain numbers a [`Profile`] is made from, as shares of one match: `sum(w1) + s1 + sum(w2) + s2 = 1`.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileParts {
    /// Share of the match's goals in each regular minute of the first half.
    pub w1: [f64; HALF_MINUTES],
    /// Share of the match's goals in each regular minute of the second half.
    pub w2: [f64; HALF_MINUTES],
    /// Share in all stoppage of the first half.
    pub s1: f64,
    /// Share in all stoppage of the second half.
    pub s2: f64,
    /// Expected stoppage of the first half, minutes.
    pub l1: f64,
    /// Expected stoppage of the second half, minutes.
    pub l2: f64,
    /// Weight of the first half of extra time, in the same unit.
    pub x1: f64,
    /// Weight of the second half of extra time.
    pub x2: f64,
}

impl ProfileParts {
    /// The weights of a half's minutes under a rate that runs straight: minute k of 0..44 has `start + rise (k + ½)/45`.
    pub fn straight(start: f64, rise: f64) -> [f64; HALF_MINUTES] {
        let mut weights = [0.0; HALF_MINUTES];
        for (k, weight) in weights.iter_mut().enumerate() {
            *weight = start + rise * (k as f64 + 0.5) / 45.0;
        }
        weights
    }

    /// The same shape as shares of one match: the ninety minutes and their stoppage sum to 1. Not finite, which
    /// [`Profile::new`] refuses, where they sum to nothing.
    pub fn normalised(mut self) -> ProfileParts {
        let sum = self.w1.iter().sum::<f64>() + self.s1 + self.w2.iter().sum::<f64>() + self.s2;
        for weight in self.w1.iter_mut().chain(&mut self.w2).chain([&mut self.s1, &mut self.s2]) {
            *weight /= sum;
        }
        self
    }
}

/// Why a profile was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadProfile {
    /// A part is infinite or not a number.
    NonFinite,
    /// A weight is below zero.
    NegativeWeight,
    /// The weights of the ninety minutes and their stoppage do not sum to 1.
    SumNotOne,
    /// An expected stoppage is not above zero.
    StoppageNotPositive,
}

/// One half: its minutes, and what is left of them after each.
#[derive(Clone, Debug, PartialEq)]
struct Half {
    minute_weights: [f64; HALF_MINUTES],
    /// `weight_from[k]` = weight of the minutes k, k+1, .. 44.
    weight_from: [f64; HALF_MINUTES + 1],
    stoppage_weight: f64,
    stoppage_expected_minutes: f64,
}

impl Half {
    fn new(minute_weights: [f64; HALF_MINUTES], stoppage_weight: f64, stoppage_expected_minutes: f64) -> Half {
        let mut weight_from = [0.0; HALF_MINUTES + 1];
        for k in (0..HALF_MINUTES).rev() {
            weight_from[k] = weight_from[k + 1] + minute_weights[k];
        }
        Half { minute_weights, weight_from, stoppage_weight, stoppage_expected_minutes }
    }

    fn total(&self) -> f64 {
        self.weight_from[0] + self.stoppage_weight
    }
}

/// How scoring is spread over a match of a competition; checked, and normalised to one match.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    first: Half,
    second: Half,
    extra_time: [f64; 2],
}

/// Stoppage left is never priced below this while the half still runs, minutes.
const LEAST_STOPPAGE_MINUTES: f64 = 0.5;

/// Parts may miss the sum of 1 by this much (they are written with a few digits).
const SUM_TOLERANCE: f64 = 1e-9;

impl Profile {
    /// Checks the parts: everything finite, no weight below zero, expected stoppage above zero, sum 1 within 1e-9.
    ///
    /// # Errors
    /// The first rule that the parts break.
    pub fn new(parts: ProfileParts) -> Result<Profile, BadProfile> {
        let ProfileParts { w1, w2, s1, s2, l1, l2, x1, x2 } = parts;
        let weights = || w1.iter().chain(&w2).copied().chain([s1, s2, x1, x2]);
        if !weights().chain([l1, l2]).all(f64::is_finite) {
            return Err(BadProfile::NonFinite);
        }
        if weights().any(|weight| weight < 0.0) {
            return Err(BadProfile::NegativeWeight);
        }
        if l1 <= 0.0 || l2 <= 0.0 {
            return Err(BadProfile::StoppageNotPositive);
        }
        let profile = Profile { first: Half::new(w1, s1, l1), second: Half::new(w2, s2, l2), extra_time: [x1, x2] };
        if (profile.first.total() + profile.second.total() - 1.0).abs() > SUM_TOLERANCE {
            return Err(BadProfile::SumNotOne);
        }
        Ok(profile)
    }

    /// The profile of a model, its shares made to sum to 1.
    ///
    /// # Errors
    /// As [`Profile::new`]; where no minute has a goal, not finite.
    pub fn of(model: &ModelRules) -> Result<Profile, BadProfile> {
        let minutes = |half: &HalfRules| match &half.minutes {
            MinuteShares::Straight { start, rise } => ProfileParts::straight(start.to_f64(), rise.to_f64()),
            MinuteShares::Listed(shares) => shares.map(Billionths::to_f64),
        };
        let ModelRules { first_half, second_half, extra_time: [x1, x2], .. } = model;
        let parts = ProfileParts {
            w1: minutes(first_half),
            w2: minutes(second_half),
            s1: first_half.stoppage.to_f64(),
            s2: second_half.stoppage.to_f64(),
            l1: first_half.expected_stoppage_minutes.to_f64(),
            l2: second_half.expected_stoppage_minutes.to_f64(),
            x1: x1.to_f64(),
            x2: x2.to_f64(),
        };
        Profile::new(parts.normalised())
    }

    /// The default: a rate linear in each half, measured on 17,454 matches of 2015-2020.
    pub fn measured_v1() -> Profile {
        let parts = ProfileParts {
            w1: ProfileParts::straight(0.007664, 0.003273),
            w2: ProfileParts::straight(0.009958, 0.002732),
            s1: 0.016933,
            s2: 0.054955,
            l1: 1.4,
            l2: 3.8,
            x1: 0.155,
            x2: 0.155,
        };
        Profile::new(parts.normalised()).expect("the measured profile keeps its own rules")
    }

    /// The same scoring rate a minute with another expected stoppage: competitions and seasons differ in it.
    ///
    /// # Errors
    /// When a length is not finite or not above zero.
    pub fn with_expected_stoppage(&self, l1_minutes: f64, l2_minutes: f64) -> Result<Profile, BadProfile> {
        if !l1_minutes.is_finite() || !l2_minutes.is_finite() {
            return Err(BadProfile::NonFinite);
        }
        if l1_minutes <= 0.0 || l2_minutes <= 0.0 {
            return Err(BadProfile::StoppageNotPositive);
        }
        Profile::new(
            ProfileParts {
                w1: self.first.minute_weights,
                w2: self.second.minute_weights,
                s1: self.first.stoppage_weight / self.first.stoppage_expected_minutes * l1_minutes,
                s2: self.second.stoppage_weight / self.second.stoppage_expected_minutes * l2_minutes,
                l1: l1_minutes,
                l2: l2_minutes,
                x1: self.extra_time[0],
                x2: self.extra_time[1],
            }
            .normalised(),
        )
    }

    /// Weight of the two halves of extra time.
    pub fn extra_time(&self) -> [f64; 2] {
        self.extra_time
    }

    /// Stoppage expected of each half where none is announced, minutes.
    pub fn expected_stoppage_minutes(&self) -> [f64; 2] {
        [self.first.stoppage_expected_minutes, self.second.stoppage_expected_minutes]
    }

    /// Operational length of the first half, stoppage included.
    pub fn first_half(&self) -> f64 {
        self.first.total()
    }

    /// Operational length of the second half, stoppage included.
    pub fn second_half(&self) -> f64 {
        self.second.total()
    }

    /// What is left of the running first half at `half_minute` in [0, 45].
    pub(super) fn first_half_left(&self, half_minute: f64, elapsed_minutes: f64, announced: Option<f64>) -> f64 {
        left(&self.first, half_minute, elapsed_minutes, announced)
    }

    /// What is left of the running second half at `half_minute` in [0, 45].
    pub(super) fn second_half_left(&self, half_minute: f64, elapsed_minutes: f64, announced: Option<f64>) -> f64 {
        left(&self.second, half_minute, elapsed_minutes, announced)
    }
}

fn left(half: &Half, half_minute: f64, elapsed_minutes: f64, announced: Option<f64>) -> f64 {
    let expected = announced.unwrap_or(half.stoppage_expected_minutes);
    // A float that is not a number, or below zero, casts to 0; the engine refuses such clocks before it comes here.
    let k = half_minute as usize;
    let (regular, stoppage) = if k < HALF_MINUTES {
        let of_this_minute = half_minute - k as f64;
        ((1.0 - of_this_minute) * half.minute_weights[k] + half.weight_from[k + 1], expected)
    } else {
        // While the half runs, the clock alone never makes a price certain.
        (0.0, f64::max(expected - elapsed_minutes, LEAST_STOPPAGE_MINUTES))
    };
    regular + half.stoppage_weight / half.stoppage_expected_minutes * stoppage
}
