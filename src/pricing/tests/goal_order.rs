//! Who scores which goal, against a grid for each answer.

use super::super::{Engine, GoalOrderEngine, Rates, State};
use super::labelled::{LABELS, Relabel, label_probabilities, some_rates, some_state};
use crate::event::Side;
use proptest::prelude::*;

fn of_side(side: Side) -> usize {
    match side {
        Side::Home => 1,
        Side::Away => 2,
    }
}

fn near(ours: &[f64], theirs: &[f64], what: &str) -> Result<(), TestCaseError> {
    for (ours, theirs) in ours.iter().zip(theirs) {
        prop_assert!((ours - theirs).abs() < 1e-12, "{what}: {ours} is not {theirs}");
    }
    Ok(())
}

/// [nobody, home, away] by the plain twin.
fn twin(rates: &Rates, state: &State, time: f64, relabel: Relabel<'_>) -> [f64; LABELS] {
    label_probabilities(rates, state, &[(time, relabel)])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_order_agrees_with_a_grid_a_label(
        rates in some_rates(), state in some_state(), time in 0.0..1.0_f64, ahead in 1..5_usize,
    ) {
        let mut engine = GoalOrderEngine::new();
        let order = engine.order_over(&rates, &state, time, 5).unwrap();

        let nth = usize::from(state.home_score + state.away_score) + ahead;
        let [none, home, away, _] = twin(&rates, &state, time, &|label, score, side| {
            if score[0] + score[1] + 1 == nth { of_side(side) } else { label }
        });
        near(&order.nth_goal(nth as u32).unwrap(), &[home, away, none], "n-th goal")?;

        let [none, home, away, _] = twin(&rates, &state, time, &|_, _, side| of_side(side));
        near(&order.last_goal(), &[home, none, away], "last goal")?;

        let goals = state.home_score.max(state.away_score) + ahead as u16;
        let [none, home, away, _] = twin(&rates, &state, time, &|label, score, side| {
            let scored = score[of_side(side) - 1] + 1 == usize::from(goals);
            if label == 0 && scored { of_side(side) } else { label }
        });
        match order.race_to(goals) {
            Some(race) => near(&race, &[home, none, away], "race")?,
            None => prop_assert!(goals > state.home_score.min(state.away_score) + 5),
        }
    }

    #[test]
    fn orders_agree_with_the_law_of_the_final_score(
        rates in some_rates(), state in some_state(), time in 0.0..1.0_f64,
    ) {
        let (mut engine, mut laws) = (GoalOrderEngine::new(), Engine::new());
        let order = engine.order_over(&rates, &state, time, 6).unwrap();
        let law = laws.law_over(&rates, &state, time).unwrap();
        prop_assert!((order.normaliser() - law.normaliser()).abs() < 1e-13);
        let now = law.goals_now();
        near(&order.nth_goal(now + 1).unwrap(), &law.next_goal(), "next goal")?;
        prop_assert!((order.last_goal()[1] - law.no_more_goals()).abs() < 1e-13);
        let mut missing = 0.0;
        for nth in now + 1..=now + 6 {
            let [home, away, none] = order.nth_goal(nth).unwrap();
            let fewer: f64 = law.cells().filter(|(x, y, _)| x + y < nth).map(|cell| cell.2).sum();
            prop_assert!((none - fewer).abs() < 1e-13 && (home + away + none - 1.0).abs() < 1e-13);
            prop_assert!(none >= missing, "a later goal is no likelier");
            missing = none;
        }
        for goals in state.home_score.max(state.away_score) + 1..=state.home_score.min(state.away_score) + 6 {
            let [home, neither, away] = order.race_to(goals).unwrap();
            let short: f64 =
                law.cells().filter(|(x, y, _)| *x.max(y) < u32::from(goals)).map(|cell| cell.2).sum();
            prop_assert!((neither - short).abs() < 1e-13 && (home + neither + away - 1.0).abs() < 1e-13);
        }
    }
}

#[test]
fn what_is_decided_or_too_far_ahead_has_no_probability() {
    let rates = Rates {
        home_rate: 1.4,
        away_rate: 1.2,
        rho: -0.04,
        phi: [1.0; 5],
        kappa_own: 0.6,
        kappa_opp: 1.6,
        home_scale: 1.0,
        away_scale: 1.0,
    };
    let state = State { home_score: 2, away_score: 1, ..State::PRE_MATCH };
    let mut engine = GoalOrderEngine::new();
    let order = engine.order_over(&rates, &state, 0.5, 3).unwrap();
    assert_eq!((3..8).filter(|nth| order.nth_goal(*nth).is_some()).collect::<Vec<u32>>(), [4, 5, 6]);
    // Away would need four goals to be first to five.
    assert_eq!((1..8).filter(|goals| order.race_to(*goals).is_some()).collect::<Vec<u16>>(), [3, 4]);
}

#[test]
fn one_engine_gives_the_same_bits_whatever_it_did_before() {
    let rates = Rates {
        home_rate: 1.4,
        away_rate: 1.2,
        rho: -0.04,
        phi: [1.1, 1.0, 1.0, 0.9, 0.9],
        kappa_own: 0.6,
        kappa_opp: 1.6,
        home_scale: 1.0,
        away_scale: 1.0,
    };
    let mut used = GoalOrderEngine::new();
    used.order_over(&rates, &State { home_score: 4, home_reds: 1, ..State::PRE_MATCH }, 1.0, 9).unwrap();
    used.order_over(&rates, &State::PRE_MATCH, 0.1, 4).unwrap();
    let mut fresh = GoalOrderEngine::new();
    let once = fresh.order_over(&rates, &State::PRE_MATCH, 0.6, 4).unwrap();
    assert_eq!(used.order_over(&rates, &State::PRE_MATCH, 0.6, 4).unwrap(), once);
}

#[test]
fn without_time_there_is_no_goal_and_without_sense_no_price() {
    let rates = Rates {
        home_rate: 1.4,
        away_rate: 1.2,
        rho: -0.04,
        phi: [1.0; 5],
        kappa_own: 0.6,
        kappa_opp: 1.6,
        home_scale: 1.0,
        away_scale: 1.0,
    };
    let mut engine = GoalOrderEngine::new();
    let order = engine.order_over(&rates, &State::PRE_MATCH, 0.0, 3).unwrap();
    assert_eq!((order.nth_goal(1), order.last_goal()), (Some([0.0, 0.0, 1.0]), [0.0, 1.0, 0.0]));
    assert_eq!(order.race_to(2), Some([0.0, 1.0, 0.0]));
    for time in [-0.1, f64::NAN, f64::INFINITY, 8.0] {
        assert!(engine.order_over(&rates, &State::PRE_MATCH, time, 3).is_err(), "{time}");
    }
}
