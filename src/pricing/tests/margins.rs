//! The margin goes on and comes off again, never makes an offer better than fair, and says when it cannot.

use super::super::{MarginMethod, NoMargin, apply_margin, effective_overround, entropy, remove_margin};
use crate::values::Billionths;
use proptest::prelude::*;

const METHODS: [MarginMethod; 6] = [
    MarginMethod::Multiplicative,
    MarginMethod::Additive,
    MarginMethod::Weighted { exponent: Billionths::from_raw(500_000_000) },
    MarginMethod::Power,
    MarginMethod::OddsRatio,
    MarginMethod::Shin,
];

prop_compose! {
    fn any_fair()(weights in prop::collection::vec(0.001..1.0_f64, 2..12)) -> Vec<f64> {
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / sum).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn offered_covers_fair_and_comes_off_again(fair in any_fair(), overround in 1.0..1.25_f64) {
        let (mut offered, mut back) = (Vec::new(), Vec::new());
        for method in METHODS {
            let used = apply_margin(method, &fair, 1, overround, &mut offered).unwrap();
            prop_assert!((offered.iter().sum::<f64>() - overround).abs() < 1e-12, "{method:?}");
            prop_assert!(offered.iter().zip(&fair).all(|(q, p)| *q >= p - 1e-12 && *q < 1.0), "{method:?}");
            if overround > 1.0 + 1e-9 {
                prop_assert_eq!(remove_margin(used, &offered, &mut back), Ok(used));
                for (p, fair) in back.iter().zip(&fair) {
                    prop_assert!((p - fair).abs() < 1e-9, "{:?}: {} and {}", used, p, fair);
                }
            }
        }
    }

    #[test]
    fn a_power_reaches_its_sum_however_unlike_the_outcomes_are(
        digits in prop::collection::vec(0.0..12.0_f64, 2..60),
        overround in 1.0001..1.25_f64,
    ) {
        let weights: Vec<f64> = digits.iter().map(|digits| libm::exp10(-digits)).collect();
        let sum: f64 = weights.iter().sum();
        let fair: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
        let mut offered = Vec::new();
        let used = apply_margin(MarginMethod::Power, &fair, 1, overround, &mut offered);
        prop_assume!(used == Ok(MarginMethod::Power));
        prop_assert!((offered.iter().sum::<f64>() - overround).abs() < 1e-12);
        // One power for all: what two outcomes say of it agrees.
        let power = |at: usize| libm::log(offered[at]) / libm::log(fair[at]);
        for at in 1..fair.len() {
            prop_assert!((power(at) - power(0)).abs() < 1e-6 || fair[at] > 0.999_9 || fair[0] > 0.999_9);
            prop_assert!(offered[at] >= fair[at]);
        }
    }

    #[test]
    fn with_two_outcomes_shin_is_additive(p in 0.1..0.9_f64, overround in 1.0..1.1_f64) {
        let (mut shin, mut additive) = (Vec::new(), Vec::new());
        apply_margin(MarginMethod::Shin, &[p, 1.0 - p], 1, overround, &mut shin).unwrap();
        apply_margin(MarginMethod::Additive, &[p, 1.0 - p], 1, overround, &mut additive).unwrap();
        prop_assert!((shin[0] - additive[0]).abs() < 1e-12);
    }
}

#[test]
fn a_power_of_two_outcomes_alike_is_not_left_too_soon() {
    // Their logarithms hardly differ, so that the first step is nearly right, and was taken for all of it.
    let mut offered = Vec::new();
    let fair = [0.512717050247823, 0.48728294975217706];
    let overround = 1.111660065352779;
    assert_eq!(apply_margin(MarginMethod::Power, &fair, 1, overround, &mut offered), Ok(MarginMethod::Power));
    assert!((offered.iter().sum::<f64>() - overround).abs() < 1e-14);
}

#[test]
fn a_favourite_too_strong_falls_back_to_the_odds_ratio() {
    let mut result = Vec::new();
    for method in METHODS {
        let used = apply_margin(method, &[0.99, 0.007, 0.003], 1, 1.05, &mut result).unwrap();
        let stays = matches!(method, MarginMethod::Power | MarginMethod::OddsRatio);
        assert_eq!(used, if stays { method } else { MarginMethod::OddsRatio });
        assert!(result.iter().all(|q| *q < 1.0));
    }
    let used = remove_margin(MarginMethod::Additive, &[0.98, 0.05, 0.01], &mut result);
    assert_eq!(used, Ok(MarginMethod::OddsRatio));
}

#[test]
fn dead_outcomes_carry_no_margin() {
    let mut offered = Vec::new();
    for method in METHODS {
        apply_margin(method, &[0.6, 0.4, 0.0], 1, 1.06, &mut offered).unwrap();
        assert_eq!(offered[2], 0.0, "{method:?}");
        assert!((offered[0] + offered[1] - 1.06).abs() < 1e-12);
    }
}

#[test]
fn what_is_no_market_is_refused() {
    let mut result = Vec::new();
    let power = MarginMethod::Power;
    let table = [
        (power, vec![0.5, 0.4], 1, 1.05, NoMargin::NotProbabilities),
        (power, vec![1.2, -0.2], 1, 1.05, NoMargin::NotProbabilities),
        (power, vec![f64::NAN, 0.5], 1, 1.05, NoMargin::NotProbabilities),
        (power, vec![0.5, 0.5], 1, f64::NAN, NoMargin::NotProbabilities),
        (power, vec![0.5, 0.5], 1, 0.99, NoMargin::Underround),
        (power, vec![0.5, 0.5], 1, 2.0, NoMargin::OutOfReach),
        (power, vec![1.0, 0.0], 1, 1.01, NoMargin::OutOfReach),
        (
            MarginMethod::Weighted { exponent: Billionths::from_raw(-1) },
            vec![0.5, 0.5],
            1,
            1.05,
            NoMargin::ExponentOutOfBounds,
        ),
    ];
    for (method, fair, winners, overround, reason) in table {
        assert_eq!(apply_margin(method, &fair, winners, overround, &mut result), Err(reason), "{fair:?} {overround}");
    }
    assert_eq!(remove_margin(power, &[0.6, 0.3], &mut result), Err(NoMargin::Underround));
    assert_eq!(remove_margin(power, &[1.0, 0.3], &mut result), Err(NoMargin::NotProbabilities));
}

#[test]
fn the_overround_shrinks_as_the_market_closes() {
    let open = entropy(&[0.45, 0.28, 0.27]);
    let closed = entropy(&[0.95, 0.035, 0.015]);
    let overround = effective_overround(1.08, closed, open);
    assert!((overround - (1.0 + 0.08 * closed / open)).abs() < 1e-15);
    assert!(overround < 1.02);
    assert_eq!(effective_overround(1.08, open, open), 1.08);
    assert_eq!(effective_overround(1.08, open, closed), 1.08);
    assert_eq!(effective_overround(1.08, entropy(&[1.0, 0.0]), open), 1.0);
}

#[test]
fn shin_speaks_of_one_winner_only() {
    let mut offered = Vec::new();
    let used = apply_margin(MarginMethod::Shin, &[0.4; 5], 2, 1.05, &mut offered);
    assert_eq!(used, Ok(MarginMethod::OddsRatio));
    assert!((offered.iter().sum::<f64>() - 2.1).abs() < 1e-12);
}
