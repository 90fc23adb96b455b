//! What the forecasts have to reach: section 15 of the pricing model, line by line.

use crate::cli::replay::Dice;

use super::forecast::Way;
use super::judge::Trial;
use super::story::Checkpoint;

/// Mean log-loss of the result over the seven checkpoints, at most; on the matches that section 15 names.
const LOG_LOSS_MAX: f64 = 0.7425;
/// The naive model's is larger by this much at least.
const BETTER_THAN_NAIVE_MIN: f64 = 0.011;
/// Calibration error at every checkpoint, at most, of a test as large as section 15's.
const CALIBRATION_ERROR_MAX: f64 = 0.016;
/// Goals to come, forecast less came, at every checkpoint, at most; of a test as large as section 15's.
const REMAINING_BIAS_MAX: f64 = 0.06;
/// The odds come out of the model again to this, where ρ is not held at a bound.
const REPRODUCED_WITHIN: f64 = 1e-9;
/// With fewer matches chance alone breaks the fixed limits: then it is asked what a perfect model would have.
const LARGE_MATCHES: usize = 3_000;
/// 95 of 100 lie within this many standard errors.
const STANDARD_ERRORS: f64 = 1.96;

/// One requirement.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Requirement {
    /// Whether it is met.
    pub(super) is_met: bool,
    /// What it says, with the numbers.
    pub(super) words: String,
}

impl Requirement {
    fn at_most(what: &str, value: f64, limit: f64) -> Requirement {
        // Written so that what is not a number fails.
        Requirement { is_met: value <= limit, words: format!("{what} {value:.5} <= {limit:.5}") }
    }

    /// The line that is printed.
    pub(super) fn line(&self) -> String {
        format!("{}  {}", if self.is_met { "pass" } else { "FAIL" }, self.words)
    }
}

/// All requirements; the dice draw what a perfect model would have.
pub(super) fn requirements(trial: &Trial, dice: &mut Dice) -> Vec<Requirement> {
    let (full, naive) = (trial.over(Way::Full, 0..7).log_loss, trial.over(Way::Naive, 0..7).log_loss);
    let mut all = vec![
        Requirement::at_most("mean log-loss", full, LOG_LOSS_MAX),
        Requirement::at_most("mean log-loss, with naive less 0.011:", full, naive - BETTER_THAN_NAIVE_MIN),
    ];
    let is_large = trial.matches >= LARGE_MATCHES;
    for (place, checkpoint) in Checkpoint::ALL.into_iter().enumerate() {
        let summary = trial.at(Way::Full, place);
        let perfect = trial.calibration_error_of_perfect(Way::Full, place, dice);
        let limit = if is_large { CALIBRATION_ERROR_MAX } else { perfect.max(CALIBRATION_ERROR_MAX) };
        let what = format!("calibration error at {}", checkpoint.name());
        let mut one = Requirement::at_most(&what, summary.calibration_error, limit);
        one.words.push_str(&format!(" (95 % of perfect models: {perfect:.5})"));
        all.push(one);
    }
    for (place, checkpoint) in Checkpoint::ALL.into_iter().enumerate() {
        let Some(more) = trial.at(Way::Full, place).more else { continue };
        let (bias, error) = more.remaining_bias;
        let limit = if is_large { REMAINING_BIAS_MAX } else { REMAINING_BIAS_MAX.max(STANDARD_ERRORS * error) };
        let what = format!("goals to come at {}, forecast less came: {bias:+.4}, and", checkpoint.name());
        all.push(Requirement::at_most(&what, bias.abs(), limit));
    }
    all.push(match trial.reproduced_within {
        Some(reproduced) => Requirement {
            is_met: reproduced <= REPRODUCED_WITHIN,
            words: format!("1X2 before kick-off reproduced within {reproduced:.1e} <= {REPRODUCED_WITHIN:.0e}"),
        },
        None => Requirement {
            is_met: false,
            words: "1X2 before kick-off reproduced: no match has closing odds from which all of it is solved"
                .to_owned(),
        },
    });
    all
}
