//! Clocks, profiles and inputs that have no price.

use super::super::{
    BadProfile, Clock, Engine, ModelInputs, NoPrice, Phase, Profile, ProfileParts, Rates, State, law, remaining,
};
use crate::values::Billionths;

fn flat() -> ProfileParts {
    ProfileParts { w1: [0.01; 45], w2: [0.01; 45], s1: 0.04, s2: 0.06, l1: 2.0, l2: 4.0, x1: 0.15, x2: 0.15 }
}

fn clock(phase: Phase, minute: f64, elapsed: f64, announced: Option<f64>) -> Clock {
    Clock { phase, minute, stoppage_elapsed_minutes: elapsed, stoppage_announced_minutes: announced }
}

#[test]
fn the_clock_runs_down_as_the_table_says() {
    use Phase::{FirstHalf, HalfTime, Over, PreMatch, SecondHalf};
    let profile = Profile::new(flat()).unwrap();
    let table = [
        (clock(PreMatch, 0.0, 0.0, None), 0.49, 0.51),
        (clock(FirstHalf, 0.0, 0.0, None), 0.49, 0.51),
        (clock(FirstHalf, 10.5, 0.0, None), 0.385, 0.51),
        (clock(FirstHalf, 45.0, 1.0, None), 0.02, 0.51),
        (clock(FirstHalf, 45.0, 9.0, None), 0.01, 0.51),
        (clock(FirstHalf, 44.0, 0.0, Some(4.0)), 0.09, 0.51),
        (clock(HalfTime, 45.0, 3.0, None), 0.0, 0.51),
        (clock(SecondHalf, 45.0, 0.0, None), 0.0, 0.51),
        (clock(SecondHalf, 89.5, 0.0, None), 0.0, 0.065),
        (clock(SecondHalf, 90.0, 2.0, Some(6.0)), 0.0, 0.06),
        (clock(SecondHalf, 90.0, 0.0, Some(99.0)), 0.0, 0.225),
        (clock(SecondHalf, 90.0, 20.0, Some(99.0)), 0.0, 0.0075),
        (clock(Over, 90.0, 5.0, None), 0.0, 0.0),
    ];
    for (clock, first_half, second_half) in table {
        let left = remaining(&profile, &clock);
        let difference = (left.first_half - first_half).abs() + (left.second_half - second_half).abs();
        assert!(difference < 1e-12, "{clock:?}: {left:?}");
    }
    assert!(clock(SecondHalf, 90.0, 0.0, Some(15.5)).announcement_is_cut());
    assert!(!clock(SecondHalf, 90.0, 0.0, Some(15.0)).announcement_is_cut());
}

#[test]
fn milliseconds_become_minutes_and_stoppage() {
    let table = [
        (Phase::FirstHalf, 90_000, 1.5, 0.0),
        (Phase::FirstHalf, 46 * 60_000 + 30_000, 45.0, 1.5),
        (Phase::HalfTime, 46 * 60_000, 45.0, 0.0),
        (Phase::SecondHalf, 46 * 60_000 + 30_000, 46.5, 0.0),
        (Phase::SecondHalf, 93 * 60_000, 90.0, 3.0),
    ];
    for (phase, shown, minute, elapsed) in table {
        let expected = clock(phase, minute, elapsed, Some(4.0));
        assert_eq!(Clock::from_milliseconds(phase, shown, Some(4)), expected);
    }
}

#[test]
fn profiles_that_break_a_rule_are_refused() {
    assert_eq!(Profile::new(ProfileParts { s1: f64::NAN, ..flat() }), Err(BadProfile::NonFinite));
    assert_eq!(Profile::new(ProfileParts { s1: 0.11, s2: -0.01, ..flat() }), Err(BadProfile::NegativeWeight));
    assert_eq!(Profile::new(ProfileParts { l2: 0.0, ..flat() }), Err(BadProfile::StoppageNotPositive));
    assert_eq!(Profile::new(ProfileParts { s1: 0.0401, ..flat() }), Err(BadProfile::SumNotOne));
}

#[test]
fn longer_stoppage_keeps_the_rate_a_minute() {
    let longer = Profile::measured_v1().with_expected_stoppage(3.0, 7.0).unwrap();
    let at = |profile: &Profile, minute| remaining(profile, &clock(Phase::SecondHalf, minute, 0.0, None)).second_half;
    let (minute_before, minute_now) = [&Profile::measured_v1(), &longer].map(|p| at(p, 60.0) - at(p, 61.0)).into();
    let (stoppage_before, stoppage_now) = (at(&Profile::measured_v1(), 90.0) / 3.8, at(&longer, 90.0) / 7.0);
    assert!((stoppage_now / minute_now - stoppage_before / minute_before).abs() < 1e-12);
    assert!((remaining(&longer, &Clock::PRE_MATCH).total() - 1.0).abs() < 1e-12);
}

#[test]
fn inputs_without_a_price_say_why() {
    let good = Rates::from(&ModelInputs::default());
    let phi_zero = [1.0, 1.0, 0.0, 1.0, 1.0];
    let table = [
        (Rates { home_rate: 0.019, ..good }, NoPrice::RateOutOfBounds),
        (Rates { away_rate: 8.001, ..good }, NoPrice::RateOutOfBounds),
        (Rates { home_rate: f64::NAN, ..good }, NoPrice::NonFinite),
        (Rates { rho: f64::INFINITY, ..good }, NoPrice::NonFinite),
        (Rates { phi: phi_zero, ..good }, NoPrice::MultiplierOutOfBounds),
        (Rates { kappa_opp: 11.0, ..good }, NoPrice::MultiplierOutOfBounds),
        (Rates { home_rate: 8.0, phi: [1.3; 5], ..good }, NoPrice::RateTooHigh),
    ];
    let mut engine = Engine::new();
    for (rates, reason) in table {
        assert_eq!(
            engine.law_from(&Profile::measured_v1(), &rates, &State::PRE_MATCH).err(),
            Some(reason),
            "{rates:?}"
        );
    }
    let mut state = State::PRE_MATCH;
    state.clock.stoppage_announced_minutes = Some(f64::NAN);
    assert_eq!(engine.law_from(&Profile::measured_v1(), &good, &state).err(), Some(NoPrice::NonFinite));
}

#[test]
fn a_red_card_makes_the_other_side_the_favourite() {
    let inputs = ModelInputs { away_rate: Billionths::from_raw(1_400_000_000), ..ModelInputs::default() };
    let [home, _, away] = law(&Profile::measured_v1(), &inputs, &State::PRE_MATCH).unwrap().match_result();
    assert!((home - away).abs() < 1e-12);
    let sent_off = State { home_reds: 1, ..State::PRE_MATCH };
    let [home, _, away] = law(&Profile::measured_v1(), &inputs, &sent_off).unwrap().match_result();
    assert!(away > home + 0.3, "{home} {away}");
}

#[test]
fn red_cards_count_up_to_four_a_side() {
    let rates = Rates::from(&ModelInputs::default());
    let factors = |home_reds, away_reds| rates.red_card_factors(&State { home_reds, away_reds, ..State::PRE_MATCH });
    assert_eq!(factors(5, 7), factors(4, 4));
    assert!((factors(2, 1)[0] - 0.6 * 0.6 * 1.6).abs() < 1e-15 && (factors(2, 1)[1] - 0.6 * 1.6 * 1.6).abs() < 1e-15);
    let beyond = |home_reds, away_reds| State { home_reds, away_reds, ..State::PRE_MATCH }.is_beyond_experience();
    assert!(beyond(2, 2) && !beyond(4, 1));
}

#[test]
fn when_it_is_over_the_score_is_certain() {
    let over = clock(Phase::Over, 90.0, 4.0, None);
    let state = State { home_score: 2, away_score: 1, clock: over, ..State::PRE_MATCH };
    let law = law(&Profile::measured_v1(), &ModelInputs::default(), &state).unwrap();
    assert_eq!(law.cell(2, 1), 1.0);
    assert_eq!(law.match_result(), [1.0, 0.0, 0.0]);
    assert_eq!(law.cell(1, 1), 0.0);
}

#[test]
fn a_goal_feast_is_priced_like_any_other_match() {
    // The grid is relative to the score now, so there is no limit to it: 60-58 is to the last bit what 2-0 is.
    let priced = |home_score, away_score| {
        let state = State { home_score, away_score, ..State::PRE_MATCH };
        law(&Profile::measured_v1(), &ModelInputs::default(), &state).unwrap()
    };
    let (feast, two_nil) = (priced(60, 58), priced(2, 0));
    assert_eq!(feast.match_result(), two_nil.match_result());
    assert_eq!(feast.cell(61, 60), two_nil.cell(3, 2));
    assert_eq!(priced(u16::MAX, u16::MAX - 2).match_result(), two_nil.match_result());
}

#[test]
fn a_traders_factor_scales_the_rates_and_leaves_the_weights_of_kick_off() {
    let at_kick_off = Rates { rho: -0.1, ..Rates::from(&ModelInputs::default()) };
    let scaled = Rates { home_scale: 1.5, away_scale: 0.75, ..at_kick_off };
    // The oracle: the chain at the scaled rates without any weights, weighted by hand with those of kick-off.
    let [home, away] = [at_kick_off.home_rate * 1.5, at_kick_off.away_rate * 0.75];
    let chain = Rates { home_rate: home, away_rate: away, rho: 0.0, ..at_kick_off };
    let law_of = |rates: &Rates| {
        let mut engine = Engine::new();
        engine.law_from(&Profile::measured_v1(), rates, &State::PRE_MATCH).unwrap().cells().collect::<Vec<_>>()
    };
    let (lambda, mu, rho) = (at_kick_off.home_rate, at_kick_off.away_rate, -0.1);
    let tau = |x, y| match (x, y) {
        (0, 0) => 1.0 - lambda * mu * rho,
        (0, 1) => 1.0 + lambda * rho,
        (1, 0) => 1.0 + mu * rho,
        (1, 1) => 1.0 - rho,
        _ => 1.0,
    };
    let weighted: Vec<_> = law_of(&chain).into_iter().map(|(x, y, p)| (x, y, p * tau(x, y))).collect();
    let mass: f64 = weighted.iter().map(|(_, _, p)| p).sum();
    let ours = law_of(&scaled);
    assert_eq!(ours.len(), weighted.len());
    for ((x, y, p), (_, _, expected)) in ours.iter().zip(&weighted) {
        assert!((p - expected / mass).abs() < 1e-13, "{x}:{y} {p}");
    }
    let naive = law_of(&Rates { rho: -0.1, ..chain });
    assert!((naive[0].2 - ours[0].2).abs() > 1e-4, "weights of the scaled rates are others");
}

#[test]
fn a_factor_out_of_bounds_is_no_price() {
    let good = Rates::from(&ModelInputs::default());
    for (rates, reason) in [
        (Rates { home_scale: 0.0, ..good }, NoPrice::MultiplierOutOfBounds),
        (Rates { away_scale: 10_001.0, ..good }, NoPrice::MultiplierOutOfBounds),
        (Rates { away_scale: f64::INFINITY, ..good }, NoPrice::NonFinite),
        (Rates { home_scale: 9.0, ..good }, NoPrice::RateTooHigh),
    ] {
        let mut engine = Engine::new();
        assert_eq!(engine.law_from(&Profile::measured_v1(), &rates, &State::PRE_MATCH).err(), Some(reason));
    }
}
