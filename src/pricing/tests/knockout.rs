//! Who goes through, by playing on from every final score.

use super::super::{Engine, ExtraTime, KnockoutEngine, KnockoutLaw, Profile, Rates, State, Tie};
use super::twin::{any_rates, any_state};
use proptest::prelude::*;

/// Home win, draw, away win of extra time that begins with this state, by the law of the final score without weights.
fn played_on(rates: &Rates, state: &State, time: f64, ahead: i64) -> [f64; 3] {
    let mut engine = Engine::new();
    let law = engine.law_over(&Rates { rho: 0.0, ..*rates }, state, time).expect("these inputs have a price");
    let mut result = [0.0; 3];
    for (x, y, probability) in law.cells() {
        let added = i64::from(x) - i64::from(state.home_score) - i64::from(y) + i64::from(state.away_score);
        result[(1 - (ahead + added).signum()) as usize] += probability;
    }
    result
}

fn near(ours: &[f64], theirs: &[f64]) -> Result<(), TestCaseError> {
    for (ours, theirs) in ours.iter().zip(theirs) {
        prop_assert!((ours - theirs).abs() < 1e-12, "{ours} is not {theirs}");
    }
    Ok(())
}

fn coheres(law: &KnockoutLaw) -> Result<(), TestCaseError> {
    near(&[law.qualify.iter().sum(), law.extra_time_result.iter().sum()], &[1.0, 1.0])?;
    near(&law.qualify, &[law.method_home.iter().sum(), law.method_away.iter().sum()])?;
    near(&[law.penalties], &[law.method_home[2] + law.method_away[2]])?;
    near(&[law.extra_time], &[law.penalties + law.method_home[1] + law.method_away[1]])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tie_is_every_final_score_played_on(
        rates in any_rates(), state in any_state(), time in 0.0..1.0_f64, lead in -4..5_i16, shoot_out in 0.0..1.0_f64,
    ) {
        let profile = Profile::measured_v1();
        let tie = Tie::new(lead, shoot_out).unwrap();
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let ours = KnockoutEngine::new().in_regular_time(law, &rates, &state, &profile, tie).unwrap();
        let (mut home, mut away) = ([0.0; 3], [0.0; 3]);
        for (x, y, probability) in law.cells() {
            let ahead = i64::from(x) - i64::from(y) + i64::from(lead);
            match ahead.signum() {
                1 => home[0] += probability,
                -1 => away[0] += probability,
                _ => {
                    let level = State { home_score: x as u16, away_score: y as u16, ..state };
                    let [won, drawn, lost] = played_on(&rates, &level, 0.31, 0);
                    home[1] += probability * won;
                    away[1] += probability * lost;
                    home[2] += probability * drawn * shoot_out;
                    away[2] += probability * drawn * (1.0 - shoot_out);
                }
            }
        }
        near(&ours.method_home, &home)?;
        near(&ours.method_away, &away)?;
        coheres(&ours)?;
    }

    #[test]
    fn extra_time_goes_on_from_the_score(
        rates in any_rates(), state in any_state(), minute in 90.0..120.0_f64, lead in -4..5_i16,
    ) {
        let profile = Profile::measured_v1();
        let tie = Tie::new(lead, 0.54).unwrap();
        let (clock, minutes_left) = if minute < 105.0 {
            (ExtraTime::FirstHalf(105.0 - minute), f64::max(105.0 - minute, 0.5) + 15.0)
        } else {
            (ExtraTime::SecondHalf(120.0 - minute), f64::max(120.0 - minute, 0.5))
        };
        let ours = KnockoutEngine::new().in_extra_time(&rates, &state, clock, &profile, tie).unwrap();
        let ahead = i64::from(state.home_score) - i64::from(state.away_score) + i64::from(lead);
        let result = played_on(&rates, &state, 0.155 * minutes_left / 15.0, ahead);
        near(&ours.extra_time_result, &result)?;
        near(&ours.qualify, &[result[0] + 0.54 * result[1], result[2] + 0.46 * result[1]])?;
        prop_assert!(ours.extra_time == 1.0 && ours.method_home[0] == 0.0 && ours.method_away[0] == 0.0);
        coheres(&ours)?;
    }
}

#[test]
fn extra_time_stands_where_its_clock_says() {
    let profile = Profile::measured_v1();
    for (clock, left) in [
        (ExtraTime::ToCome, 0.31),
        (ExtraTime::FirstHalf(15.0), 0.31),
        (ExtraTime::FirstHalf(7.5), 0.2325),
        (ExtraTime::FirstHalf(0.0), 0.155 + 0.155 / 30.0),
        (ExtraTime::HalfTime, 0.155),
        (ExtraTime::SecondHalf(3.0), 0.031),
        (ExtraTime::SecondHalf(-3.0), 0.155 / 30.0),
        (ExtraTime::Over, 0.0),
    ] {
        assert!((clock.left(&profile) - left).abs() < 1e-15, "{clock:?}");
    }
}

#[test]
fn a_tie_that_is_over_is_decided_but_for_penalties() {
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
    let profile = Profile::measured_v1();
    let tie = Tie::new(-1, 0.75).unwrap();
    let at = |home_score| State { home_score, away_score: 1, ..State::PRE_MATCH };
    let mut engine = KnockoutEngine::new();
    let level = engine.in_extra_time(&rates, &at(2), ExtraTime::Over, &profile, tie).unwrap();
    assert_eq!((level.penalties, level.qualify, tie.shoot_out()), (1.0, [0.75, 0.25], [0.75, 0.25]));
    let won = engine.in_extra_time(&rates, &at(3), ExtraTime::Over, &profile, tie).unwrap();
    assert_eq!((won.qualify, won.method_home), ([1.0, 0.0], [0.0, 1.0, 0.0]));
    for (lead, shoot_out) in [(100, 0.5), (0, 1.1), (0, f64::NAN)] {
        assert_eq!(Tie::new(lead, shoot_out), None);
    }
    let clock = ExtraTime::FirstHalf(f64::NAN);
    assert!(engine.in_extra_time(&rates, &at(2), clock, &profile, tie).is_err());
}
