//! Stories of bets on one match that must all come in.

use super::super::{COMBINATION_CAP, HalvesEngine, Holds, LEGS_MAX, Leg, LegPrice, NextGoal, NoCombination};
use super::super::{Rates, Remaining, State, combine, combined_share};
use super::twin::{any_rates, any_state};
use proptest::prelude::*;

const FULL: Remaining = Remaining { first_half: 0.45, second_half: 0.55 };

fn average() -> Rates {
    Rates::from(&super::super::ModelInputs::default())
}

fn leg(fair: f64, offered: f64) -> LegPrice {
    LegPrice { fair, offered }
}

#[test]
fn the_margins_of_the_legs_are_carried_over_up_to_the_cap() {
    let table = [
        // 1.1 x 1.2 = 1.32 is below the cap.
        (0.2, vec![leg(0.5, 0.55), leg(0.4, 0.48)], 0.264),
        // 1.2 x 1.2 = 1.44 is not.
        (0.2, vec![leg(0.5, 0.6), leg(0.4, 0.48)], 0.27),
        // Never shorter than the longest leg makes it: 0.27 would be, 0.24 is that leg.
        (0.2, vec![leg(0.5, 0.6), leg(0.21, 0.24)], 0.24),
        // One leg is itself, even beyond the cap.
        (0.1, vec![leg(0.1, 0.15)], 0.15),
        // No margin, no margin.
        (0.2, vec![leg(0.5, 0.5), leg(0.4, 0.4)], 0.2),
        // A certain leg adds nothing.
        (0.5, vec![leg(0.5, 0.55), leg(1.0, 1.0)], 0.55),
    ];
    for (joint, legs, share) in table {
        let ours = combined_share(joint, &legs, COMBINATION_CAP).unwrap();
        assert!((ours - share).abs() < 1e-15, "{legs:?}: {ours}, not {share}");
    }
}

#[test]
fn what_cannot_be_priced_says_why() {
    let good = leg(0.5, 0.55);
    let table = [
        (0.2, vec![], 1.35, NoCombination::NoLeg),
        (0.0, vec![good, good], 1.35, NoCombination::Impossible),
        (0.2, vec![good, leg(0.4, 0.39)], 1.35, NoCombination::NotOffered),
        (0.2, vec![good, leg(0.4, 1.01)], 1.35, NoCombination::NotOffered),
        (0.2, vec![good, leg(0.4, f64::NAN)], 1.35, NoCombination::NotOffered),
        (0.2, vec![good, leg(f64::NAN, 0.4)], 1.35, NoCombination::NotOffered),
        (f64::NAN, vec![good, good], 1.35, NoCombination::NotOffered),
        (0.2, vec![good, good], 0.99, NoCombination::NotOffered),
        (0.2, vec![good, good], f64::NAN, NoCombination::NotOffered),
    ];
    for (joint, legs, cap, reason) in table {
        assert_eq!(combined_share(joint, &legs, cap), Err(reason), "{legs:?}");
    }
    let mut engine = HalvesEngine::new();
    let law = engine.law_over(&average(), &State::PRE_MATCH, FULL, None).unwrap();
    let (home, away): (&Holds<'_>, &Holds<'_>) = (&|_, ft, _| ft.0 > ft.1, &|_, ft, _| ft.0 < ft.1);
    let legs = [Leg { holds: home, offered: 0.6 }, Leg { holds: away, offered: 0.5 }];
    assert_eq!(combine(law, &legs, 1.35), Err(NoCombination::Impossible));
    assert_eq!(combine(law, &[], 1.35), Err(NoCombination::NoLeg));
    assert_eq!(combine(law, &[legs[0]; LEGS_MAX + 1], 1.35), Err(NoCombination::TooManyLegs));
    let too_long = [Leg { holds: home, offered: 0.2 }, Leg { holds: &|_, ft, _| ft.0 > 0, offered: 0.9 }];
    assert_eq!(combine(law, &too_long, 1.35), Err(NoCombination::NotOffered));
}

#[test]
fn a_leg_that_another_implies_bears_no_margin() {
    let mut engine = HalvesEngine::new();
    let law = engine.law_over(&average(), &State::PRE_MATCH, FULL, None).unwrap();
    let holds: [&Holds<'_>; 6] = [
        &|_, ft, _| ft.0 > ft.1,
        // Home wins, so home scores.
        &|_, ft, _| ft.0 > 0,
        // The next goal is away's, so away scores.
        &|_, _, next| next == NextGoal::Away,
        &|_, ft, _| ft.1 > 0,
        // The same bet by another name.
        &|_, ft, _| ft.1 != 0,
        &|ht, _, _| ht.0 == ht.1,
    ];
    let offer = |leg: usize, margin: f64| {
        let fair = law.probability_with_next(holds[leg]);
        Leg { holds: holds[leg], offered: fair * margin }
    };
    let priced = |legs: &[Leg<'_>]| combine(law, legs, COMBINATION_CAP).unwrap();
    for (implied, legs) in [
        (vec![1], vec![offer(0, 1.05), offer(1, 1.05)]),
        (vec![0], vec![offer(1, 1.05), offer(0, 1.05)]),
        (vec![1], vec![offer(2, 1.05), offer(3, 1.05)]),
        // Of equal bets the one offered shorter stays; of the same offer, the first.
        (vec![0], vec![offer(3, 1.05), offer(4, 1.06)]),
        (vec![1], vec![offer(3, 1.06), offer(4, 1.05)]),
        (vec![1], vec![offer(3, 1.05), offer(3, 1.05)]),
    ] {
        let combination = priced(&legs);
        assert_eq!(combination.implied, implied);
        let stays = legs[1 - implied[0]].offered;
        assert!((combination.offered - stays).abs() < 1e-15, "the bet is the leg that stays");
    }
    let chain = priced(&[offer(3, 1.05), offer(4, 1.05), offer(2, 1.05), offer(5, 1.04)]);
    assert_eq!(chain.implied, [0, 1]);
    let fair = law.probability_with_next(|ht, ft, next| holds[2](ht, ft, next) && holds[5](ht, ft, next));
    assert!((chain.fair - fair).abs() < 1e-15);
    assert!((chain.offered - fair * 1.05 * 1.04).abs() < 1e-14);
    // Neither implies the other: both bear theirs.
    let free = priced(&[offer(0, 1.05), offer(3, 1.05)]);
    assert_eq!(free.implied, Vec::<usize>::new());
    assert!((free.offered / free.fair - 1.05 * 1.05).abs() < 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_combination_is_never_below_fair_nor_above_its_smallest_leg(
        rates in any_rates(), state in any_state(), first_half in 0.05..0.45_f64, second_half in 0.1..0.55_f64,
        margins in [1.0..1.5_f64, 1.0..1.5, 1.0..1.5], half in 0..4_u32, goals in 0..6_u32, next in 0..3_usize,
    ) {
        let mut engine = HalvesEngine::new();
        let law = engine.law_over(&rates, &state, Remaining { first_half, second_half }, None).unwrap();
        let next = [NextGoal::Home, NextGoal::Nobody, NextGoal::Away][next];
        let holds: [&Holds<'_>; 3] =
            [&|ht, _, _| ht.0 + ht.1 <= half, &|_, ft, _| ft.0 + ft.1 > goals, &|_, _, label| label == next];
        let legs: Vec<Leg<'_>> = holds
            .iter()
            .zip(margins)
            .map(|(holds, margin)| Leg { holds, offered: (law.probability_with_next(*holds) * margin).min(1.0) })
            .collect();
        let all = |ht, ft, label| holds.iter().all(|holds| holds(ht, ft, label));
        let fair = law.probability_with_next(all);
        match combine(law, &legs, COMBINATION_CAP) {
            Ok(combination) => {
                prop_assert!((combination.fair - fair).abs() < 1e-14);
                let kept = (0..3).filter(|leg| !combination.implied.contains(leg)).map(|leg| legs[leg].offered);
                let smallest = kept.fold(1.0, f64::min);
                prop_assert!(combination.offered >= combination.fair);
                prop_assert!(combination.offered <= smallest + 1e-12);
            }
            Err(reason) => {
                prop_assert_eq!(reason, NoCombination::Impossible);
                prop_assert!(fair <= 0.0);
            }
        }
    }
}
