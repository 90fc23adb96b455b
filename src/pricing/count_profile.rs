//! When corners and cards tend to come in a match.

use super::clock::{Clock, remaining};
use super::profile::{BadProfile, HALF_MINUTES, Profile, ProfileParts};
use crate::event::CountRules;
use crate::values::Billionths;

/// How a kind of event is spread over a match, by five minutes; checked, and normalised to one match.
#[derive(Clone, Debug, PartialEq)]
pub struct CountProfile(Profile);

/// Parts of a half that the tables tell: nine times five minutes.
const PARTS: usize = 9;

impl CountProfile {
    /// From shares of five minutes each, of the first and of the second half; the shares of their stoppage; and the
    /// expected stoppage, minutes. The shares may be in any unit (the tables have per cent).
    ///
    /// # Errors
    /// When a share is not finite or below zero, all are zero, or an expected stoppage is not above zero.
    pub fn new(
        five_minutes: [[f64; PARTS]; 2],
        stoppage: [f64; 2],
        stoppage_minutes: [f64; 2],
    ) -> Result<CountProfile, BadProfile> {
        let sum: f64 = five_minutes.iter().flatten().chain(&stoppage).sum();
        if !sum.is_finite() {
            return Err(BadProfile::NonFinite);
        }
        if sum <= 0.0 {
            return Err(BadProfile::SumNotOne);
        }
        let minutes = |shares: [f64; PARTS]| {
            let mut weights = [0.0; HALF_MINUTES];
            for (minute, weight) in weights.iter_mut().enumerate() {
                *weight = shares[minute / 5] / 5.0 / sum;
            }
            weights
        };
        let [w1, w2] = five_minutes.map(minutes);
        let [s1, s2] = stoppage.map(|share| share / sum);
        let [l1, l2] = stoppage_minutes;
        // Corners and cards of extra time are not offered.
        Profile::new(ProfileParts { w1, w2, s1, s2, l1, l2, x1: 0.0, x2: 0.0 }).map(CountProfile)
    }

    /// The spread of these rules, with the expected stoppage of the halves, minutes.
    ///
    /// # Errors
    /// As [`CountProfile::new`].
    pub fn of(rules: &CountRules, stoppage_minutes: [f64; 2]) -> Result<CountProfile, BadProfile> {
        let halves = [&rules.first_half, &rules.second_half];
        let five_minutes = halves.map(|half| half.five_minutes.map(Billionths::to_f64));
        CountProfile::new(five_minutes, halves.map(|half| half.stoppage.to_f64()), stoppage_minutes)
    }

    /// The same rate a minute with another expected stoppage.
    ///
    /// # Errors
    /// When a length is not finite or not above zero.
    pub fn with_expected_stoppage(&self, l1_minutes: f64, l2_minutes: f64) -> Result<CountProfile, BadProfile> {
        self.0.with_expected_stoppage(l1_minutes, l2_minutes).map(CountProfile)
    }

    /// F of section 7: the share of the match that has gone by, 0 to 1. Stoppage left is counted as for goals, so it never
    /// reaches 1 while play goes on.
    pub fn elapsed_share(&self, clock: &Clock) -> f64 {
        (1.0 - remaining(&self.0, clock).total()).clamp(0.0, 1.0)
    }

    /// The share that is left of the first half, 0 to 1.
    pub fn first_half_share(&self, clock: &Clock) -> f64 {
        remaining(&self.0, clock).first_half.min(1.0)
    }

    /// The share that is left of the second half, 0 to 1.
    pub fn second_half_share(&self, clock: &Clock) -> f64 {
        remaining(&self.0, clock).second_half.min(1.0)
    }

    /// The same spread as a profile, for intervals of the match.
    pub fn profile(&self) -> &Profile {
        &self.0
    }
}
