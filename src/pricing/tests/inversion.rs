//! Odds that the model made lead back to what made them; odds that nothing makes are refused by name.

use super::super::{
    Engine, FairOdds, ModelInputs, NoMargin, NoPrice, NoRates, RHO_BOUNDS, Rates, RhoSource, State, fair_odds,
    inputs_from_odds, rates_from_expectancies, rates_from_match_result, rates_from_odds,
};
use crate::values::QuarterLine;
use proptest::prelude::*;

fn made_by(rates: &Rates, quarters: i16) -> FairOdds {
    let mut engine = Engine::new();
    let law = engine.law_over(rates, &State::PRE_MATCH, 1.0).unwrap();
    let line = QuarterLine::from_quarters(quarters);
    FairOdds { match_result: law.match_result(), line, over: law.total(line).fair_probabilities().unwrap()[0] }
}

/// A line near the goals to expect, in quarters: what a bookmaker quotes as the main line, give or take.
fn quoted_line(home: f64, away: f64, off: i16) -> i16 {
    ((4.0 * (home + away)) as i16 - 2 + off).max(2)
}

fn rates(home_rate: f64, away_rate: f64, rho: f64) -> Rates {
    Rates { home_rate, away_rate, rho, ..Rates::from(&ModelInputs::default()) }
}

/// Model and odds agree on the match result and the line.
fn assert_repriced(solved: &Rates, odds: &FairOdds) -> Result<(), TestCaseError> {
    let again = made_by(solved, odds.line.quarters() as i16);
    prop_assert!((again.over - odds.over).abs() < 1e-9, "{solved:?} makes {again:?} of {odds:?}");
    for (again, wanted) in again.match_result.iter().zip(odds.match_result) {
        prop_assert!((again - wanted).abs() < 1e-9, "{solved:?} makes {again:?} of {odds:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_equations_find_the_rates(
        home in 0.1..4.0_f64, away in 0.1..4.0_f64, rho in -0.15..0.1_f64, off in -4..=4_i16,
    ) {
        let quarters = quoted_line(home, away, off);
        let truth = rates(home, away, rho);
        let odds = made_by(&truth, quarters);
        let solved = rates_from_odds(&mut Engine::new(), &odds, &truth, RhoSource::Inputs).unwrap();
        prop_assert!((solved.home_rate - home).abs() < 1e-7 && (solved.away_rate - away).abs() < 1e-7, "{solved:?}");
    }

    #[test]
    fn the_match_result_alone_finds_the_rates(home in 0.1..4.0_f64, away in 0.1..4.0_f64, rho in -0.15..0.1_f64) {
        let truth = rates(home, away, rho);
        let odds = made_by(&truth, 10);
        let solved = rates_from_match_result(&mut Engine::new(), odds.match_result, &truth).unwrap();
        prop_assert!((solved.home_rate - home).abs() < 1e-7 && (solved.away_rate - away).abs() < 1e-7, "{solved:?}");
        prop_assert_eq!(solved.rho, rho);
    }

    #[test]
    fn three_equations_make_the_same_match_result(
        home in 0.3..4.0_f64, away in 0.3..4.0_f64, share in 0.05..0.95_f64, off in -4..=4_i16,
    ) {
        let quarters = quoted_line(home, away, off);
        let bounds = RHO_BOUNDS.map(|rho| rates(home, away, rho).rho_in_range());
        let truth = rates(home, away, bounds[0] + share * (bounds[1] - bounds[0]));
        let odds = made_by(&truth, quarters);
        let solved = rates_from_odds(&mut Engine::new(), &odds, &rates(1.0, 1.0, -0.04), RhoSource::Draw).unwrap();
        assert_repriced(&solved, &odds)?;
    }

    #[test]
    fn more_draws_than_any_rho_makes_leave_it_at_its_bound(
        home in 0.5..3.0_f64, away in 0.5..3.0_f64, shift in 0.03..0.06_f64, many in any::<bool>(),
    ) {
        let bound = if many { RHO_BOUNDS[0] } else { RHO_BOUNDS[1] };
        let at_bound = rates(home, away, bound);
        let mut odds = made_by(&at_bound, 10);
        let [home, draw, away] = odds.match_result;
        let moved = if many { draw + shift } else { draw - shift };
        let scale = (1.0 - moved) / (1.0 - draw);
        odds.match_result = [home * scale, moved, away * scale];
        let solved = rates_from_odds(&mut Engine::new(), &odds, &rates(1.0, 1.0, -0.04), RhoSource::Draw).unwrap();
        prop_assert!((solved.rho - at_bound.rho_in_range()).abs() < 1e-9, "{solved:?} for {odds:?}");
        prop_assert!((solved.home_rate - at_bound.home_rate).abs() < 1e-7, "home against away and the line still hold");
    }
}

#[test]
fn real_odds_give_whole_billionths() {
    // A home favourite: 1.80, 3.70, 4.60; over 2.5 at 1.90, under at 1.95.
    let odds = fair_odds([1.8, 3.7, 4.6], QuarterLine::from_quarters(10), 1.9, 1.95).unwrap();
    assert!((odds.match_result.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let mut engine = Engine::new();
    let fixed = inputs_from_odds(&mut engine, &odds, &ModelInputs::default(), RhoSource::Inputs).unwrap();
    assert_eq!(fixed.rho, ModelInputs::default().rho);
    let closing = inputs_from_odds(&mut engine, &odds, &ModelInputs::default(), RhoSource::Draw).unwrap();
    assert_ne!(closing.rho, fixed.rho);
    let law = engine.law_over(&Rates::from(&closing), &State::PRE_MATCH, 1.0).unwrap();
    for (ours, theirs) in law.match_result().iter().zip(odds.match_result) {
        assert!((ours - theirs).abs() < 1e-9, "{ours} is not {theirs}");
    }
    let [home, away] = [closing.home_rate.to_f64(), closing.away_rate.to_f64()];
    assert!((1.5..2.2).contains(&home) && (0.7..1.2).contains(&away), "{home} against {away}");
    // The same again, bit for bit, from an engine of its own.
    assert_eq!(inputs_from_odds(&mut Engine::new(), &odds, &ModelInputs::default(), RhoSource::Draw), Ok(closing));
}

#[test]
fn odds_that_say_nothing_are_refused_by_name() {
    let line = QuarterLine::from_quarters(10);
    let underround = fair_odds([3.1, 3.1, 3.1], line, 1.9, 1.9);
    assert_eq!(underround, Err(NoRates::Margin(NoMargin::Underround)));
    assert_eq!(fair_odds([3.0, 3.0, 3.0], line, 2.1, 2.1), Err(NoRates::Margin(NoMargin::Underround)));
    let search = |match_result, quarters, over, source| {
        let odds = FairOdds { match_result, line: QuarterLine::from_quarters(quarters), over };
        rates_from_odds(&mut Engine::new(), &odds, &rates(1.0, 1.0, -0.04), source)
    };
    for source in [RhoSource::Inputs, RhoSource::Draw] {
        assert_eq!(search([1.0, 0.0, 0.0], 10, 0.5, source), Err(NoRates::NotOpen));
        // A line below which nothing can come.
        assert_eq!(search([0.4, 0.3, 0.3], 0, 0.5, source), Err(NoRates::NotOpen));
        // More goals than any side scores; a favourite so strong with hardly a goal.
        assert_eq!(search([0.4, 0.2, 0.4], 90, 0.9, source), Err(NoRates::RateOutOfBounds));
        assert_eq!(search([0.999, 0.0005, 0.0005], 10, 0.05, source), Err(NoRates::RateOutOfBounds));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_goals_expected_of_any_rates_give_them_back(home in 0.03..6.0_f64, away in 0.03..6.0_f64, rho in -0.2..0.1_f64) {
        let made = rates(home, away, rho);
        let mut engine = Engine::new();
        let goals = engine.law_over(&made, &State::PRE_MATCH, 1.0).unwrap().expected_remaining();
        let solved = rates_from_expectancies(&mut engine, goals, &rates(1.0, 1.0, rho)).unwrap();
        prop_assert!((solved.home_rate / home - 1.0).abs() < 1e-9, "{solved:?} of {goals:?}");
        prop_assert!((solved.away_rate / away - 1.0).abs() < 1e-9, "{solved:?} of {goals:?}");
        prop_assert_eq!(solved.rho, rho);
        // From an engine of its own, bit for bit.
        prop_assert_eq!(rates_from_expectancies(&mut Engine::new(), goals, &rates(1.0, 1.0, rho)), Ok(solved));
    }
}

#[test]
fn without_score_effect_and_rho_the_rates_are_the_goals() {
    let plain = Rates { phi: [1.0; 5], ..rates(1.0, 1.0, 0.0) };
    let solved = rates_from_expectancies(&mut Engine::new(), [1.8, 0.4], &plain).unwrap();
    assert!((solved.home_rate - 1.8).abs() < 1e-10 && (solved.away_rate - 0.4).abs() < 1e-10, "{solved:?}");
    // The example of section 0: with both, rates of 3.2 and 0.4 give 3.05 home goals.
    let law = Engine::new().law_over(&rates(3.2, 0.4, -0.04), &State::PRE_MATCH, 1.0).unwrap().expected_remaining();
    assert!((law[0] - 3.05).abs() < 0.01, "{law:?}");
}

#[test]
fn goals_that_no_rates_give_are_refused_by_name() {
    let search = |goals| rates_from_expectancies(&mut Engine::new(), goals, &rates(1.0, 1.0, -0.04));
    for goals in [[0.0, 1.0], [1.0, -0.5], [9.0, 1.0], [0.001, 1.0], [12.0, 12.0], [1.0, 0.01]] {
        assert_eq!(search(goals), Err(NoRates::RateOutOfBounds), "{goals:?}");
    }
    for bad in [f64::NAN, f64::INFINITY] {
        assert_eq!(search([bad, 1.0]), Err(NoRates::Model(NoPrice::NonFinite)));
    }
}
