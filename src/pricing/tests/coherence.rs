//! What must hold between the prices of one match, and from one moment to the next.

use super::super::{Clock, Engine, MarginMethod, ModelInputs, Phase, Profile, Rates, State, apply_margin, law};
use super::twin::{any_rates, any_state};
use crate::values::QuarterLine;
use proptest::prelude::*;

fn line(quarters: i32) -> QuarterLine {
    QuarterLine::checked_from_quarters(quarters).expect("a small line")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_final_scores_sum_to_one(rates in any_rates(), state in any_state(), time in 0.0..1.0_f64) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let sum: f64 = law.cells().map(|cell| cell.2).sum();
        prop_assert!((sum - 1.0).abs() < 1e-12);
        prop_assert!(law.cells().all(|cell| cell.2 >= 0.0));
        let [home, draw, away] = law.match_result();
        prop_assert!((home + draw + away - 1.0).abs() < 1e-12);
        let by_hand: f64 = law.cells().filter(|(x, y, _)| x > y).map(|cell| cell.2).sum();
        prop_assert!((home - by_hand).abs() < 1e-12);
    }

    /// Thinking ahead to any later moment and pricing each score there gives the price now: nothing is gained by
    /// waiting. The chain alone (ρ = 0) carries us there, and each score weighs with its normaliser.
    #[test]
    fn fair_prices_are_martingales(
        rates in any_rates(), state in any_state(), time in 0.05..1.0_f64, share in 0.05..0.95_f64,
    ) {
        let (mut now, mut there, mut then) = (Engine::new(), Engine::new(), Engine::new());
        let uncorrected = Rates { rho: 0.0, ..rates };
        let now = now.law_over(&rates, &state, time).unwrap();
        let there = there.law_over(&uncorrected, &state, time * share).unwrap();
        let over = line(4 * i32::from(state.home_score + state.away_score) + 5);
        let (mut result, mut total) = ([0.0; 3], 0.0);
        for (x, y, probability) in there.cells() {
            let later = State { home_score: x as u16, away_score: y as u16, ..state };
            let law = then.law_over(&rates, &later, time * (1.0 - share)).unwrap();
            let weight = probability * law.normaliser() / now.normaliser();
            for (sum, part) in result.iter_mut().zip(law.match_result()) {
                *sum += weight * part;
            }
            total += weight * law.total(over).win;
        }
        for (expected, part) in result.iter().zip(now.match_result()) {
            prop_assert!((expected - part).abs() < 1e-9);
        }
        prop_assert!((total - now.total(over).win).abs() < 1e-9);
    }

    #[test]
    fn a_total_is_the_sum_of_its_scores(rates in any_rates(), state in any_state(), time in 0.0..1.0_f64) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        for quarters in -6..60 {
            let split = law.total(line(quarters));
            // A quarter line is half a stake on each neighbour, each of which wins, pushes or loses.
            let mut plain = [0.0; 5];
            for (x, y, probability) in law.cells() {
                let halves = line(quarters).halves();
                let ending = [halves.0, halves.1].map(|half| (4 * (x + y) as i32 - half.quarters()).signum());
                plain[(2 - ending[0] - ending[1]) as usize] += probability;
            }
            let ours = [split.win, split.half_win, split.push, split.half_lose, split.lose];
            for (ours, plain) in ours.iter().zip(plain) {
                prop_assert!((ours - plain).abs() < 1e-12, "line {quarters}: {split:?} against {plain}");
            }
        }
    }

    #[test]
    fn over_odds_rise_with_the_line(rates in any_rates(), state in any_state(), time in 0.01..1.0_f64) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let now = 4 * law.goals_now() as i32;
        let mut before = 1.0;
        for quarters in now + 1..now + 30 {
            let Some(over) = law.total(line(quarters)).fair_odds().0 else { break };
            prop_assert!(over >= before * (1.0 - 1e-12), "{quarters}: {over} after {before}");
            before = over;
        }
    }

    #[test]
    fn a_mirrored_match_has_mirrored_prices(rates in any_rates(), state in any_state(), time in 0.0..1.0_f64) {
        let (mut one, mut other) = (Engine::new(), Engine::new());
        let [home, draw, away] = one.law_over(&rates, &state, time).unwrap().match_result();
        let rates = Rates { home_rate: rates.away_rate, away_rate: rates.home_rate, ..rates };
        let state = State {
            home_score: state.away_score,
            away_score: state.home_score,
            home_reds: state.away_reds,
            away_reds: state.home_reds,
            ..state
        };
        let mirrored = other.law_over(&rates, &state, time).unwrap().match_result();
        for (one, other) in [away, draw, home].iter().zip(mirrored) {
            prop_assert!((one - other).abs() < 1e-12);
        }
    }

    #[test]
    fn a_stronger_home_side_wins_more_often(rates in any_rates(), state in any_state(), time in 0.05..1.0_f64) {
        let mut engine = Engine::new();
        // Without ρ: the low-score weights move with λ too.
        let rates = Rates { rho: 0.0, phi: [1.0; 5], ..rates };
        let weaker = engine.law_over(&rates, &state, time).unwrap().match_result();
        let stronger = Rates { home_rate: rates.home_rate * 1.1, ..rates };
        let stronger = engine.law_over(&stronger, &state, time).unwrap().match_result();
        prop_assert!(stronger[0] >= weaker[0] - 1e-13 && stronger[2] <= weaker[2] + 1e-13);
    }
}

#[test]
fn time_without_a_goal_makes_another_goal_less_likely() {
    let (profile, rates) = (Profile::measured_v1(), Rates::from(&ModelInputs::default()));
    let mut engine = Engine::new();
    let mut before = 0.0;
    let minutes = (0..=90).map(|half| (Phase::FirstHalf, f64::from(half) / 2.0));
    for (phase, minute) in minutes.chain((90..=180).map(|half| (Phase::SecondHalf, f64::from(half) / 2.0))) {
        let state = State { clock: Clock { phase, minute, ..Clock::PRE_MATCH }, ..State::PRE_MATCH };
        let quiet = engine.law_from(&profile, &rates, &state).unwrap().no_more_goals();
        assert!(quiet > before, "{phase:?} {minute}: {quiet} after {before}");
        before = quiet;
    }
    assert!(before < 1.0, "while the half runs nothing is certain");
}

#[test]
fn one_engine_used_again_gives_the_same_bits() {
    let rates = Rates::from(&ModelInputs::default());
    let late = State { home_score: 3, away_score: 1, away_reds: 1, ..State::PRE_MATCH };
    let mut used = Engine::new();
    for (state, time) in [(State::PRE_MATCH, 1.0), (late, 0.1), (State::PRE_MATCH, 0.5), (late, 0.0), (late, 0.9)] {
        let fresh = Engine::new().law_over(&rates, &state, time).unwrap().clone();
        assert_eq!(used.law_over(&rates, &state, time).unwrap(), &fresh);
    }
}

#[test]
fn the_same_inputs_give_the_same_bits_everywhere() {
    // Pinned: a change here is a change of every published price, on purpose or by another machine's arithmetic.
    let state = State { home_score: 1, home_reds: 1, ..State::PRE_MATCH };
    let state = State { clock: Clock { phase: Phase::FirstHalf, minute: 30.5, ..Clock::PRE_MATCH }, ..state };
    let law = law(&Profile::measured_v1(), &ModelInputs::default(), &state).unwrap();
    let mut offered = Vec::new();
    apply_margin(MarginMethod::Power, &law.match_result(), 1, 1.05, &mut offered).unwrap();
    let bits = law.match_result().into_iter().chain(offered).map(f64::to_bits);
    let pinned: [u64; 6] = [
        4600897038216272472,
        4599138782099917491,
        4598993437947009778,
        4601198914851810597,
        4599438801146941868,
        4599292262189921376,
    ];
    assert_eq!(bits.collect::<Vec<_>>(), pinned);
}
