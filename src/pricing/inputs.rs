//! What a price is made from: how strong the teams are, and how the match stands.

use super::clock::Clock;
use crate::event::ModelRules;
use crate::values::Billionths;

/// The model's inputs as they travel, in whole billionths, so that equal inputs give equal bits everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelInputs {
    /// λ: base rate of the home side over one match, as frozen at kick-off; 0.02 to 8.
    pub home_rate: Billionths,
    /// μ: base rate of the away side; 0.02 to 8.
    pub away_rate: Billionths,
    /// ρ of Dixon and Coles; clamped so that no score gets a negative weight.
    pub rho: Billionths,
    /// φ, the score effect, by the scoring side's own lead: -2 or less, -1, 0, +1, +2 or more.
    pub phi: [Billionths; 5],
    /// κ own: what a red card leaves of a side's own rate.
    pub kappa_own: Billionths,
    /// κ opp: what it makes of the opponent's rate.
    pub kappa_opp: Billionths,
    /// What traders make of home's rate from now on: 1, or their factor on it. The low-score weights never see it.
    pub home_scale: Billionths,
    /// The same for the away side.
    pub away_scale: Billionths,
}

impl ModelInputs {
    /// These two rates with the defaults of section 1 of the pricing model for everything else.
    pub const fn with_rates(home_rate: Billionths, away_rate: Billionths) -> ModelInputs {
        ModelInputs {
            home_rate,
            away_rate,
            rho: Billionths::from_raw(-40_000_000),
            phi: [
                Billionths::from_raw(1_070_000_000),
                Billionths::from_raw(1_070_000_000),
                Billionths::from_raw(1_000_000_000),
                Billionths::from_raw(930_000_000),
                Billionths::from_raw(920_000_000),
            ],
            kappa_own: Billionths::from_raw(600_000_000),
            kappa_opp: Billionths::from_raw(1_600_000_000),
            home_scale: Billionths::ONE,
            away_scale: Billionths::ONE,
        }
    }

    /// The same match as it was at kick-off, before anybody's second thoughts.
    #[must_use]
    pub const fn at_kick_off(&self) -> ModelInputs {
        ModelInputs { home_scale: Billionths::ONE, away_scale: Billionths::ONE, ..*self }
    }
}

impl ModelInputs {
    /// These two rates with a model's values for everything else.
    pub fn of(model: &ModelRules, home_rate: Billionths, away_rate: Billionths) -> ModelInputs {
        let ModelRules { rho, phi, kappa_own, kappa_opp, .. } = *model;
        let (home_scale, away_scale) = (Billionths::ONE, Billionths::ONE);
        ModelInputs { home_rate, away_rate, rho, phi, kappa_own, kappa_opp, home_scale, away_scale }
    }
}

impl Default for ModelInputs {
    /// An average match, 1.4 against 1.2; meant to be overwritten by the match's own rates.
    fn default() -> ModelInputs {
        ModelInputs::with_rates(Billionths::from_raw(1_400_000_000), Billionths::from_raw(1_200_000_000))
    }
}

/// The same inputs as floats. The engine's inner door: tests and solvers, which hold more digits, come in here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// λ.
    pub home_rate: f64,
    /// μ.
    pub away_rate: f64,
    /// ρ.
    pub rho: f64,
    /// φ by own lead -2..+2.
    pub phi: [f64; 5],
    /// κ own.
    pub kappa_own: f64,
    /// κ opp.
    pub kappa_opp: f64,
    /// The factor of home's rate; 1 as a rule.
    pub home_scale: f64,
    /// The factor of the away rate.
    pub away_scale: f64,
}

impl From<&ModelInputs> for Rates {
    fn from(inputs: &ModelInputs) -> Rates {
        Rates {
            home_rate: inputs.home_rate.to_f64(),
            away_rate: inputs.away_rate.to_f64(),
            rho: inputs.rho.to_f64(),
            phi: inputs.phi.map(Billionths::to_f64),
            kappa_own: inputs.kappa_own.to_f64(),
            kappa_opp: inputs.kappa_opp.to_f64(),
            home_scale: inputs.home_scale.to_f64(),
            away_scale: inputs.away_scale.to_f64(),
        }
    }
}

/// How the match stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// Home goals.
    pub home_score: u16,
    /// Away goals.
    pub away_score: u16,
    /// Home players sent off.
    pub home_reds: u8,
    /// Away players sent off.
    pub away_reds: u8,
    /// The clock.
    pub clock: Clock,
}

impl State {
    /// 0-0 before kick-off.
    pub const PRE_MATCH: State =
        State { home_score: 0, away_score: 0, home_reds: 0, away_reds: 0, clock: Clock::PRE_MATCH };

    /// Both sides have lost two players or more: the law still computes, but nobody has measured such matches, so
    /// the offer is withheld (section 13).
    pub fn is_beyond_experience(&self) -> bool {
        self.home_reds >= 2 && self.away_reds >= 2
    }
}

/// Why there is no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoPrice {
    /// An input is infinite or not a number.
    NonFinite,
    /// λ or μ is outside [0.02, 8].
    RateOutOfBounds,
    /// A φ or κ is outside [0.01, 10], or a factor on a rate outside [0.0001, 10000].
    MultiplierOutOfBounds,
    /// A side may be expected to score more than 10 goals in what is left: the grid would hide its tail.
    RateTooHigh,
}

/// Red cards count up to this many a side.
const REDS_MAX: u8 = 4;

impl Rates {
    /// λ and μ must lie in this range.
    pub const RATE_BOUNDS: [f64; 2] = [0.02, 8.0];
    /// A factor on a rate must lie in this range: any rate for any other, times a multiplier of 0.1 to 10.
    pub const SCALE_BOUNDS: [f64; 2] = [0.000_1, 10_000.0];

    pub(super) fn check(&self) -> Result<(), NoPrice> {
        let multipliers = || self.phi.iter().copied().chain([self.kappa_own, self.kappa_opp]);
        let scales = [self.home_scale, self.away_scale];
        if !multipliers().chain([self.home_rate, self.away_rate, self.rho]).chain(scales).all(f64::is_finite) {
            return Err(NoPrice::NonFinite);
        }
        let [least, most] = Rates::RATE_BOUNDS;
        if [self.home_rate, self.away_rate].iter().any(|rate| !(least..=most).contains(rate)) {
            return Err(NoPrice::RateOutOfBounds);
        }
        let [least, most] = Rates::SCALE_BOUNDS;
        let is_scaled_wildly = scales.iter().any(|scale| !(least..=most).contains(scale));
        if is_scaled_wildly || multipliers().any(|multiplier| !(0.01..=10.0).contains(&multiplier)) {
            return Err(NoPrice::MultiplierOutOfBounds);
        }
        Ok(())
    }

    /// What the red cards make of the home and of the away rate (section 3), and the traders' factors with them: the
    /// one place where a rate is anything but that of kick-off.
    pub fn red_card_factors(&self, state: &State) -> [f64; 2] {
        let factor = |own: u8, opponents: u8| {
            let mut product = 1.0;
            for _ in 0..own.min(REDS_MAX) {
                product *= self.kappa_own;
            }
            for _ in 0..opponents.min(REDS_MAX) {
                product *= self.kappa_opp;
            }
            product
        };
        [
            self.home_scale * factor(state.home_reds, state.away_reds),
            self.away_scale * factor(state.away_reds, state.home_reds),
        ]
    }

    /// ρ inside the range where every final score keeps a positive weight (section 4.3).
    pub fn rho_in_range(&self) -> f64 {
        let least = 0.99 * f64::max(-1.0 / self.home_rate, -1.0 / self.away_rate);
        let most = 0.99 * f64::min(1.0 / (self.home_rate * self.away_rate), 1.0);
        self.rho.clamp(least, most)
    }

    /// τ of Dixon and Coles (1997) for the final scores of at most one goal a side: `[home goals][away goals]`. λ and μ
    /// are the match's, never scaled to the time left. It is λ that stands with 0-1 and μ with 1-0: the other way round,
    /// as often seen, the weights would change how many goals each side is expected to score.
    pub(super) fn low_score_weights(&self) -> [[f64; 2]; 2] {
        let (home, away, rho) = (self.home_rate, self.away_rate, self.rho_in_range());
        [[1.0 - home * away * rho, 1.0 + home * rho], [1.0 + away * rho, 1.0 - rho]]
    }
}
