//! The most likely profile and multipliers, given goals and exposure: Poisson regression by Fisher's scoring.
//!
//! A goal of a side comes at the rate λ w[bin] φ[lead] κ_own^own κ_opp^opponent. The weights are linear in their
//! parameters (a straight line in each half, or one number a minute), the multipliers enter by their logarithms, and all
//! are estimated together; standard errors are those of the inverse Fisher information. φ of a level score is 1.

use super::exposure::{BINS, Circumstance, Exposure, STOPPAGE};

/// Multipliers: four of φ, two of κ.
const MULTIPLIERS: usize = 6;
/// Steps at most, and the largest change of a parameter, in its standard errors, after which no more are made.
const STEPS_MAX: usize = 60;
const CHANGE_MAX: f64 = 1e-8;

/// The form of the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A straight line in each half: start, rise, stoppage.
    Straight,
    /// One weight a minute, and the stoppages.
    ByMinute,
}

impl Shape {
    /// How many parameters the weights have.
    pub(super) fn parameters(self) -> usize {
        match self {
            Shape::Straight => 6,
            Shape::ByMinute => BINS,
        }
    }

    /// What each parameter adds to the weight of this bin: at most two of them.
    fn basis(self, bin: usize) -> [(usize, f64); 2] {
        match self {
            Shape::ByMinute => [(bin, 1.0), (bin, 0.0)],
            Shape::Straight => {
                let half = bin / 46;
                if bin == STOPPAGE[half] {
                    return [(half * 3 + 2, 1.0), (half * 3 + 2, 0.0)];
                }
                [(half * 3, 1.0), (half * 3 + 1, (bin % 46) as f64 / 45.0 + 0.5 / 45.0)]
            }
        }
    }

    /// The weight of this bin under these parameters.
    fn weight(self, parameters: &[f64], bin: usize) -> f64 {
        self.basis(bin).iter().map(|(parameter, share)| parameters[*parameter] * share).sum()
    }

    /// What each parameter adds to the sum of all weights.
    fn sums(self) -> Vec<f64> {
        let mut sums = vec![0.0; self.parameters()];
        for bin in 0..BINS {
            self.basis(bin).iter().for_each(|(parameter, share)| sums[*parameter] += share);
        }
        sums
    }
}

/// A number and how far off it may be: one standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Estimate {
    /// The most likely value.
    pub(super) value: f64,
    /// Its standard error.
    pub(super) error: f64,
}

/// What the goals say.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fitted {
    /// The form of the profile.
    pub(super) shape: Shape,
    /// Its parameters, as shares of one match.
    pub(super) profile: Vec<Estimate>,
    /// φ of -2, -1, +1, +2.
    pub(super) phi: [Estimate; 4],
    /// κ own.
    pub(super) kappa_own: Estimate,
    /// κ opp.
    pub(super) kappa_opp: Estimate,
    /// Goals that came for each that the base rates and multipliers expect: near 1 where the rates are sound.
    pub(super) level: Estimate,
}

/// The multipliers as they enter a rate.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Factors {
    /// Shares of one match.
    pub(super) weights: [f64; BINS],
    /// φ.
    pub(super) phi: [f64; 5],
    /// κ own.
    pub(super) kappa_own: f64,
    /// κ opp.
    pub(super) kappa_opp: f64,
}

impl Factors {
    /// What a side's base rate is multiplied with.
    pub(super) fn of(&self, circumstance: Circumstance) -> f64 {
        let power = |base: f64, times: usize| (0..times).fold(1.0, |product, _| product * base);
        self.weights[circumstance.bin]
            * self.phi[circumstance.lead]
            * power(self.kappa_own, circumstance.own_reds)
            * power(self.kappa_opp, circumstance.opponent_reds)
    }
}

impl Fitted {
    /// As they enter a rate.
    pub(super) fn factors(&self) -> Factors {
        let parameters: Vec<f64> = self.profile.iter().map(|one| one.value).collect();
        let mut weights = [0.0; BINS];
        for (bin, weight) in weights.iter_mut().enumerate() {
            *weight = self.shape.weight(&parameters, bin);
        }
        let [behind_two, behind_one, ahead_one, ahead_two] = self.phi.map(|one| one.value);
        Factors {
            weights,
            phi: [behind_two, behind_one, 1.0, ahead_one, ahead_two],
            kappa_own: self.kappa_own.value,
            kappa_opp: self.kappa_opp.value,
        }
    }
}

/// Fits all parameters at once.
///
/// # Errors
/// When the data do not determine them, in words.
pub(super) fn fit(exposure: &Exposure, shape: Shape) -> Result<Fitted, String> {
    let count = shape.parameters() + MULTIPLIERS;
    let mut parameters = vec![0.0; count];
    // Even weights, no effects; a rate is positive from here on.
    for bin in 0..BINS {
        let (first, _) = shape.basis(bin)[0];
        parameters[first] = 1.0 / BINS as f64;
    }
    let mut likelihood = log_likelihood(exposure, shape, &parameters).ok_or("no exposure")?;
    for _ in 0..STEPS_MAX {
        let (gradient, information) = score(exposure, shape, &parameters);
        let covariance = inverse(information).ok_or_else(|| undetermined(exposure))?;
        let step: Vec<f64> =
            covariance.iter().map(|row| row.iter().zip(&gradient).map(|(one, other)| one * other).sum()).collect();
        let mut scale = 1.0;
        let next = loop {
            let tried: Vec<f64> = parameters.iter().zip(&step).map(|(now, step)| now + scale * step).collect();
            match log_likelihood(exposure, shape, &tried) {
                Some(better) if better >= likelihood - 1e-9 * likelihood.abs() => {
                    likelihood = better;
                    break tried;
                }
                Some(_) | None => scale /= 2.0,
            }
            if scale < 1e-9 {
                return Err("the likelihood does not rise any more, and is not at its top".to_owned());
            }
        };
        parameters = next;
        let far = step.iter().enumerate().map(|(one, step)| step.abs() / covariance[one][one].sqrt());
        if far.fold(0.0, f64::max) * scale < CHANGE_MAX {
            return Ok(told(shape, &parameters, &covariance));
        }
    }
    Err(format!("the most likely values are not found in {STEPS_MAX} steps"))
}

/// What the data lack, as far as that can be said.
fn undetermined(exposure: &Exposure) -> String {
    let reds = exposure.goals_where(|one| one.own_reds > 0 || one.opponent_reds > 0);
    let lead = exposure.goals_where(|one| one.lead == 0 || one.lead == 4);
    format!(
        "these matches do not determine the model ({reds} goals after a red card, {lead} at a lead of two or more): \
         give more seasons"
    )
}

/// Mean of a cell's goals, and how it grows with each parameter that it depends on.
fn slopes(shape: Shape, parameters: &[f64], circumstance: Circumstance, exposed: f64) -> (f64, [(usize, f64); 5]) {
    let first = shape.parameters();
    let weight = shape.weight(parameters, circumstance.bin);
    // φ has no parameter for a level score: its slope is zero.
    let (phi, moves) = match circumstance.lead {
        0 | 1 => (first + circumstance.lead, 1.0),
        2 => (first, 0.0),
        lead => (first + lead - 1, 1.0),
    };
    let (own, opponent) = (circumstance.own_reds as f64, circumstance.opponent_reds as f64);
    let effects = moves * parameters[phi] + own * parameters[first + 4] + opponent * parameters[first + 5];
    let factor = exposed * libm::exp(effects);
    let mean = weight * factor;
    let [one, other] = shape.basis(circumstance.bin).map(|(parameter, share)| (parameter, share * factor));
    (mean, [one, other, (phi, moves * mean), (first + 4, own * mean), (first + 5, opponent * mean)])
}

/// Up to a constant; `None` where a rate is not positive.
fn log_likelihood(exposure: &Exposure, shape: Shape, parameters: &[f64]) -> Option<f64> {
    let mut sum = 0.0;
    for (circumstance, goals, exposed) in exposure.cells() {
        let (mean, _) = slopes(shape, parameters, circumstance, exposed);
        if !(mean.is_finite() && mean > 0.0) {
            return None;
        }
        sum += goals * libm::log(mean) - mean;
    }
    Some(sum)
}

/// The gradient of the log-likelihood and Fisher's information.
fn score(exposure: &Exposure, shape: Shape, parameters: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut gradient = vec![0.0; parameters.len()];
    let mut information = vec![vec![0.0; parameters.len()]; parameters.len()];
    for (circumstance, goals, exposed) in exposure.cells() {
        let (mean, slopes) = slopes(shape, parameters, circumstance, exposed);
        for (one, slope) in slopes {
            gradient[one] += (goals / mean - 1.0) * slope;
            for (other, other_slope) in slopes {
                information[one][other] += slope * other_slope / mean;
            }
        }
    }
    (gradient, information)
}

/// Makes the weights shares of one match; their errors follow by the delta method.
fn told(shape: Shape, parameters: &[f64], covariance: &[Vec<f64>]) -> Fitted {
    let weights = shape.parameters();
    let sums = shape.sums();
    let level: f64 = sums.iter().zip(parameters).map(|(sum, parameter)| sum * parameter).sum();
    let variance_along = |direction: &[f64]| -> f64 {
        let rows = covariance.iter().zip(direction);
        rows.map(|(row, one)| one * row.iter().zip(direction).map(|(cell, other)| cell * other).sum::<f64>()).sum()
    };
    let profile = (0..weights).map(|one| {
        let share = parameters[one] / level;
        let direction: Vec<f64> =
            (0..weights).map(|other| (f64::from(u8::from(one == other)) - share * sums[other]) / level).collect();
        Estimate { value: share, error: variance_along(&direction).max(0.0).sqrt() }
    });
    let multiplier = |place: usize| {
        let value = libm::exp(parameters[weights + place]);
        Estimate { value, error: value * covariance[weights + place][weights + place].sqrt() }
    };
    Fitted {
        shape,
        profile: profile.collect(),
        phi: [multiplier(0), multiplier(1), multiplier(2), multiplier(3)],
        kappa_own: multiplier(4),
        kappa_opp: multiplier(5),
        level: Estimate { value: level, error: variance_along(&sums).sqrt() },
    }
}

/// The inverse of a symmetric positive matrix, by Gauss and Jordan on rows of like size; `None` where it has none.
fn inverse(mut matrix: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let count = matrix.len();
    let scales: Vec<f64> = (0..count).map(|one| 1.0 / matrix[one][one].sqrt()).collect();
    if !scales.iter().all(|scale| scale.is_finite()) {
        return None;
    }
    for (row, scale) in matrix.iter_mut().zip(&scales) {
        row.iter_mut().zip(&scales).for_each(|(cell, other)| *cell *= scale * other);
    }
    let mut result: Vec<Vec<f64>> =
        (0..count).map(|one| (0..count).map(|other| f64::from(u8::from(one == other))).collect()).collect();
    for column in 0..count {
        let pivot = (column..count).max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))?;
        if matrix[pivot][column].abs() < 1e-12 {
            return None;
        }
        matrix.swap(column, pivot);
        result.swap(column, pivot);
        let scale = 1.0 / matrix[column][column];
        matrix[column].iter_mut().chain(&mut result[column]).for_each(|cell| *cell *= scale);
        let (whole, whole_result) = (matrix[column].clone(), result[column].clone());
        for row in (0..count).filter(|row| *row != column) {
            let share = matrix[row][column];
            matrix[row].iter_mut().zip(&whole).for_each(|(cell, pivot)| *cell -= share * pivot);
            result[row].iter_mut().zip(&whole_result).for_each(|(cell, pivot)| *cell -= share * pivot);
        }
    }
    for (row, scale) in result.iter_mut().zip(&scales) {
        row.iter_mut().zip(&scales).for_each(|(cell, other)| *cell *= scale * other);
    }
    Some(result)
}
