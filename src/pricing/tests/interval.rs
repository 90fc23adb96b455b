//! Whether somebody scores between two moments: against a grid for each answer, and the clock's side of it.

use super::super::{
    Clock, Engine, IntervalEngine, IntervalTimes, NoGoalInside, Phase, Profile, Rates, State, interval_times,
    remaining, times_before_minute,
};
use super::labelled::{label_probabilities, some_rates, some_state};
use crate::event::Side;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_interval_agrees_with_a_grid_a_label(
        rates in some_rates(), state in some_state(),
        before in 0.0..0.4_f64, inside in prop_oneof![Just(0.0), 0.0..0.5_f64], after in 0.0..0.3_f64,
    ) {
        let same = |label: usize, _: [usize; 2], _: Side| label;
        let scored = |label: usize, _: [usize; 2], side: Side| match side {
            Side::Home => label | 1,
            Side::Away => label | 2,
        };
        let [neither, only_home, only_away, _] =
            label_probabilities(&rates, &state, &[(before, &same), (inside, &scored), (after, &same)]);
        let times = IntervalTimes { before, inside, after };
        let ours = IntervalEngine::new().no_goal(&rates, &state, &times).unwrap();
        for (ours, theirs) in
            [(ours.either, neither), (ours.home, neither + only_away), (ours.away, neither + only_home)]
        {
            prop_assert!((ours - theirs).abs() < 1e-12, "{ours} is not {theirs}");
        }
    }

    #[test]
    fn many_intervals_at_once_are_each_alone(
        rates in some_rates(), state in some_state(), befores in proptest::collection::vec(0.0..0.5_f64, 1..6),
    ) {
        let times: Vec<IntervalTimes> =
            befores.iter().map(|before| IntervalTimes { before: *before, inside: 0.15, after: 0.3 }).collect();
        let mut engine = IntervalEngine::new();
        let mut all = vec![NoGoalInside { either: 0.0, home: 0.0, away: 0.0 }; times.len()];
        engine.no_goal_in_each(&rates, &state, &times, &mut all).unwrap();
        for (times, at_once) in times.iter().zip(&all) {
            let alone = IntervalEngine::new().no_goal(&rates, &state, times).unwrap();
            for (one, other) in
                [(at_once.either, alone.either), (at_once.home, alone.home), (at_once.away, alone.away)]
            {
                prop_assert!((one - other).abs() < 1e-14, "{one} is not {other}");
            }
        }
    }

    #[test]
    fn the_whole_rest_of_the_match_is_an_interval(rates in some_rates(), state in some_state(), time in 0.0..1.0_f64) {
        let times = IntervalTimes { before: 0.0, inside: time, after: 0.0 };
        let ours = IntervalEngine::new().no_goal(&rates, &state, &times).unwrap();
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        prop_assert!((ours.either - law.no_more_goals()).abs() < 1e-13);
        let no_home: f64 = law.cells().filter(|cell| cell.0 == u32::from(state.home_score)).map(|cell| cell.2).sum();
        prop_assert!((ours.home - no_home).abs() < 1e-13);
    }

    /// Fifteen-minute intervals with their stoppage, one after another, are the rest of the match, from any clock.
    #[test]
    fn intervals_fill_the_match(
        phase in prop_oneof![
            Just(Phase::PreMatch), Just(Phase::FirstHalf), Just(Phase::HalfTime), Just(Phase::SecondHalf), Just(Phase::Over)
        ],
        minute in 0.0..48.0_f64,
        stoppage in 0.0..6.0_f64,
        announced in prop_oneof![Just(None), (0.0..9.0_f64).prop_map(Some)],
    ) {
        let profile = Profile::measured_v1();
        let start = if phase == Phase::SecondHalf { 45.0 } else { 0.0 };
        let in_stoppage = if minute > 45.0 { stoppage } else { 0.0 };
        let clock = Clock {
            phase,
            minute: start + minute.min(45.0),
            stoppage_elapsed_minutes: in_stoppage,
            stoppage_announced_minutes: announced,
        };
        let left = remaining(&profile, &clock).total();
        let mut sum = 0.0;
        for end in [15.0, 30.0, 45.0, 60.0, 75.0, 90.0] {
            let times = interval_times(&profile, &clock, end - 15.0, end, true).unwrap();
            prop_assert!((times.before - sum).abs() < 1e-12, "one ends where the next begins");
            sum += times.inside;
            prop_assert!((times.before + times.inside + times.after - left).abs() < 1e-12);
            let by_then = times_before_minute(&profile, &clock, end, true).unwrap();
            prop_assert!((by_then.inside - sum).abs() < 1e-12 && by_then.before == 0.0);
        }
        prop_assert!((sum - left).abs() < 1e-12);
        for end in [45.0, 90.0] {
            let regular = interval_times(&profile, &clock, end - 15.0, end, false).unwrap();
            let whole = interval_times(&profile, &clock, end - 15.0, end, true).unwrap();
            prop_assert!(regular.inside <= whole.inside && regular.before == whole.before);
        }
    }
}

#[test]
fn an_interval_is_the_weight_of_its_minutes() {
    let profile = Profile::measured_v1();
    let [first, second] = [0.007664 + 0.003273 * 20.0 / 45.0, 0.009958 + 0.002732 * 20.0 / 45.0];
    // The published weights sum to 1 but for their rounding: everything is a part of this sum.
    let published = (0.007664 + 0.003273 / 2.0 + 0.009958 + 0.002732 / 2.0) * 45.0 + 0.016933 + 0.054955;
    let h1 = |minute| Clock { phase: Phase::FirstHalf, minute, ..Clock::PRE_MATCH };
    let h2 = |minute| Clock { phase: Phase::SecondHalf, minute, ..Clock::PRE_MATCH };
    // clock, from, to, stoppage, inside
    let table = [
        (Clock::PRE_MATCH, 15.0, 25.0, false, 10.0 * first),
        (h1(15.0), 15.0, 25.0, false, 10.0 * first),
        (h1(26.0), 15.0, 25.0, false, 0.0),
        (h2(50.0), 60.0, 70.0, true, 10.0 * second),
        (h2(50.0), 0.0, 45.0, true, 0.0),
        (h2(71.0), 60.0, 70.0, true, 0.0),
        (h1(45.0), 30.0, 45.0, false, 0.0),
        (h1(45.0), 30.0, 45.0, true, 0.016933),
        (h2(90.0), 75.0, 90.0, true, 0.054955),
        (h2(90.0), 75.0, 90.0, false, 0.0),
    ];
    for (clock, from, to, with_stoppage, inside) in table {
        let times = interval_times(&profile, &clock, from, to, with_stoppage).unwrap();
        assert!((times.inside - inside / published).abs() < 1e-14, "{clock:?} {from}-{to}: {times:?}");
    }
    for (from, to) in [(-1.0, 10.0), (10.0, 10.0), (20.0, 10.0), (80.0, 91.0), (f64::NAN, 10.0), (10.0, f64::NAN)] {
        assert_eq!(interval_times(&profile, &Clock::PRE_MATCH, from, to, true), None);
    }
}

#[test]
fn a_time_that_is_none_has_no_price() {
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
    let mut engine = IntervalEngine::new();
    for (before, inside, after) in [(-0.1, 0.2, 0.1), (0.1, f64::NAN, 0.1), (0.1, 0.1, 9.0)] {
        assert!(engine.no_goal(&rates, &State::PRE_MATCH, &IntervalTimes { before, inside, after }).is_err());
    }
}
