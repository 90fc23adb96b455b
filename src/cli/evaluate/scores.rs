//! How good forecasts were: log-loss, ranked probability, Brier, calibration, and how sure one can be of a difference.

use crate::cli::replay::Dice;

/// Bins of the calibration error.
pub(super) const BINS: usize = 10;
/// A probability is not taken to be smaller: a forecast of nothing that comes true costs 34.5, not infinity.
const LEAST_PROBABILITY: f64 = 1e-15;
/// Made-up results from which the calibration error of a perfect model is read.
const PERFECT_RUNS: usize = 400;

/// -ln p of what came.
pub(super) fn log_loss(probability: f64) -> f64 {
    -libm::log(probability.max(LEAST_PROBABILITY))
}

/// The ranked probability score of home, draw, away (Epstein 1969), halved so that the worst is 1.
pub(super) fn ranked_probability(forecast: &[f64; 3], came: usize) -> f64 {
    let (mut said, mut sum) = (0.0, 0.0);
    for (class, probability) in forecast.iter().enumerate().take(2) {
        said += probability;
        let happened = if came <= class { 1.0 } else { 0.0 };
        sum += (said - happened) * (said - happened);
    }
    sum / 2.0
}

/// The Brier score over all three classes: 0 to 2.
pub(super) fn brier(forecast: &[f64; 3], came: usize) -> f64 {
    let missed = |class: usize| forecast[class] - if class == came { 1.0 } else { 0.0 };
    (0..3).map(|class| missed(class) * missed(class)).sum()
}

/// One bin of a calibration plot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Bin {
    /// Forecasts in it.
    pub(super) count: usize,
    /// The sum of what they said.
    pub(super) said: f64,
    /// How many came true.
    pub(super) came: usize,
}

impl Bin {
    /// Mean forecast and share that came true; `None` if it is empty.
    pub(super) fn point(&self) -> Option<(f64, f64)> {
        let count = self.count as f64;
        (self.count > 0).then(|| (self.said / count, self.came as f64 / count))
    }
}

fn bin_of(probability: f64) -> usize {
    ((probability * BINS as f64) as usize).min(BINS - 1)
}

/// Forecasts of all three classes by bins of equal width, classes pooled.
pub(super) fn bins<'a>(forecasts: impl Iterator<Item = (&'a [f64; 3], usize)>) -> [Bin; BINS] {
    let mut bins = [Bin::default(); BINS];
    for (forecast, came) in forecasts {
        for (class, probability) in forecast.iter().enumerate() {
            let bin = &mut bins[bin_of(*probability)];
            bin.count += 1;
            bin.said += probability;
            bin.came += usize::from(class == came);
        }
    }
    bins
}

/// Expected calibration error: how far said and come are apart, on average over all forecasts.
pub(super) fn calibration_error(bins: &[Bin; BINS]) -> f64 {
    let all: usize = bins.iter().map(|bin| bin.count).sum();
    let apart: f64 = bins.iter().map(|bin| (bin.said - bin.came as f64).abs()).sum();
    if all == 0 { 0.0 } else { apart / all as f64 }
}

/// The calibration error below which a perfect model with these forecasts stays in 95 of 100 cases.
pub(super) fn calibration_error_of_perfect(forecasts: &[[f64; 3]], dice: &mut Dice) -> f64 {
    let empty = bins(forecasts.iter().map(|forecast| (forecast, usize::MAX)));
    let places: Vec<[usize; 3]> = forecasts.iter().map(|forecast| forecast.map(bin_of)).collect();
    let mut errors: Vec<f64> = (0..PERFECT_RUNS)
        .map(|_| {
            let mut bins = empty;
            for (forecast, places) in forecasts.iter().zip(&places) {
                let drawn = dice.share();
                let came = usize::from(drawn >= forecast[0]) + usize::from(drawn >= forecast[0] + forecast[1]);
                bins[places[came]].came += 1;
            }
            calibration_error(&bins)
        })
        .collect();
    quantile(&mut errors, 0.95)
}

/// The value below which this share of the numbers lies, between the two nearest.
pub(super) fn quantile(numbers: &mut [f64], share: f64) -> f64 {
    assert!(!numbers.is_empty(), "no numbers have no quantile");
    numbers.sort_by(f64::total_cmp);
    let place = share * (numbers.len() - 1) as f64;
    let (below, part) = (place as usize, place.fract());
    let above = (below + 1).min(numbers.len() - 1);
    numbers[below] + part * (numbers[above] - numbers[below])
}

/// The arithmetic mean; 0 of nothing.
pub(super) fn mean(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = numbers.len();
    let sum: f64 = numbers.sum();
    if count == 0 { 0.0 } else { sum / count as f64 }
}

/// A mean with where it would lie in 95 of 100 samples of as many matches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    /// The mean.
    pub(super) mean: f64,
    /// 2.5 % of resamples lie below.
    pub(super) low: f64,
    /// 2.5 % lie above.
    pub(super) high: f64,
}

/// The mean of one number a match, its interval by drawing matches again with replacement (Efron 1979).
pub(super) fn bootstrap(by_match: &[f64], resamples: usize, dice: &mut Dice) -> Interval {
    let whole = mean(by_match.iter().copied());
    if by_match.is_empty() || resamples == 0 {
        return Interval { mean: whole, low: whole, high: whole };
    }
    let mut means: Vec<f64> =
        (0..resamples).map(|_| mean((0..by_match.len()).map(|_| by_match[dice.below(by_match.len())]))).collect();
    Interval { mean: whole, low: quantile(&mut means, 0.025), high: quantile(&mut means, 0.975) }
}
