//! What is done cleverly for speed, done plainly: the same laws, the same rungs, the same sums.

use super::super::{
    Engine, Ladder, MarginMethod, MarginPlan, Offer, PriceMaker, Rates, State, apply_margin, offer, offer_lines,
};
use super::twin::{any_rates, any_state};
use crate::values::{Billionths, QuarterLine};
use proptest::prelude::*;

/// Goals each side may add.
const GRID: usize = 41;

/// Uniformisation, read aloud: jumps at the largest rate, each a home goal, an away goal or nothing, until their Poisson
/// weight is far below what counts. Before the low-score weights.
fn uniformised(rates: &Rates, state: &State, time: f64) -> Vec<[f64; GRID]> {
    let [home_factor, away_factor] = rates.red_card_factors(state);
    let means = |i: usize, j: usize| {
        let lead = i32::from(state.home_score) + i as i32 - i32::from(state.away_score) - j as i32;
        let lead = lead.clamp(-2, 2);
        let home = rates.home_rate * home_factor * rates.phi[(lead + 2) as usize] * time;
        (home, rates.away_rate * away_factor * rates.phi[(2 - lead) as usize] * time)
    };
    let mut jumps: f64 = 0.0;
    for i in 0..GRID {
        for j in 0..GRID {
            jumps = jumps.max(means(i, j).0 + means(i, j).1);
        }
    }
    let mut now = vec![[0.0; GRID]; GRID];
    now[0][0] = 1.0;
    let mut law = vec![[0.0; GRID]; GRID];
    let mut weight = libm::exp(-jumps);
    for jump in 1_u32.. {
        let mut next = vec![[0.0; GRID]; GRID];
        for i in 0..GRID {
            for j in 0..GRID {
                law[i][j] += weight * now[i][j];
                let (home, away) = means(i, j);
                next[i][j] += now[i][j] * (1.0 - (home + away) / jumps);
                if i + 1 < GRID {
                    next[i + 1][j] += now[i][j] * home / jumps;
                }
                if j + 1 < GRID {
                    next[i][j + 1] += now[i][j] * away / jumps;
                }
            }
        }
        now = next;
        weight *= jumps / f64::from(jump);
        if weight < 1e-25 && f64::from(jump) > jumps {
            break;
        }
    }
    law
}

fn assert_same_law(rates: &Rates, state: &State, time: f64) -> Result<(), TestCaseError> {
    // Without the low-score weights, which would make one of both sums.
    let rates = Rates { rho: 0.0, ..*rates };
    let plain = uniformised(&rates, state, time);
    let mut engine = Engine::new();
    let law = engine.law_over(&rates, state, time).unwrap();
    for (row, home) in plain.iter().zip(state.home_score..) {
        for (cell, away) in row.iter().zip(state.away_score..) {
            let difference = (law.cell(home, away) - cell).abs();
            prop_assert!(difference < 1e-15, "{home}-{away}: {} and {cell}", law.cell(home, away));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_walk_by_goals_is_a_walk_by_jumps(rates in any_rates(), state in any_state(), time in 0.0..0.9_f64) {
        assert_same_law(&rates, &state, time)?;
    }

    /// Leads whose rates have nothing to do with each other: the terms are many, and must still not cancel.
    #[test]
    fn and_so_it_is_where_the_leads_differ_wildly(
        rates in any_rates(),
        phi in [0.01..2.5_f64, 0.01..2.5, 0.01..2.5, 0.01..2.5, 0.01..2.5],
        state in any_state(),
        time in 0.0..0.5_f64,
    ) {
        let state = State { home_reds: 0, away_reds: 0, ..state };
        assert_same_law(&Rates { phi, ..rates }, &state, time)?;
    }

    #[test]
    fn markets_are_the_sums_of_their_scores(rates in any_rates(), state in any_state(), time in 0.0..1.0_f64, max in 0..9_u8) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let sum = |wanted: &dyn Fn(i64, i64) -> bool| -> f64 {
            law.cells().filter(|(x, y, _)| wanted(i64::from(*x), i64::from(*y))).map(|(_, _, p)| p).sum()
        };
        // Added up one after another, hundreds of scores are good to a few units of the last digit of the whole.
        let close = |one: f64, other: f64| (one - other).abs() < 1e-14;
        let [home, draw, away] = law.match_result();
        prop_assert!(close(home, sum(&|x, y| x > y)) && close(draw, sum(&|x, y| x == y)) && close(away, sum(&|x, y| x < y)));
        let [yes, no] = law.both_teams_to_score();
        prop_assert!(close(yes, sum(&|x, y| x > 0 && y > 0)) && close(no, sum(&|x, y| x == 0 || y == 0)));
        let scores = law.correct_score(max);
        let (max, mut at) = (i64::from(max), 0);
        for home in 0..=max {
            for away in 0..=max {
                prop_assert_eq!(scores[at], law.cell(home as u16, away as u16));
                at += 1;
            }
        }
        let is_listed = |x: i64, y: i64| x <= max && y <= max;
        prop_assert!(close(scores[at], sum(&|x, y| !is_listed(x, y) && x > y)));
        prop_assert!(close(scores[at + 1], sum(&|x, y| !is_listed(x, y) && x == y)));
        prop_assert!(close(scores[at + 2], sum(&|x, y| !is_listed(x, y) && x < y)));
        for quarters in -20..=20_i16 {
            let split = law.handicap(QuarterLine::from_quarters(quarters));
            let line = f64::from(quarters) / 4.0;
            let ahead = |by: f64| sum(&|x, y| (x - y) as f64 + line == by);
            prop_assert!(close(split.win, sum(&|x, y| (x - y) as f64 + line > 0.4)), "{quarters}");
            prop_assert!(close(split.lose, sum(&|x, y| ((x - y) as f64 + line) < -0.4)), "{quarters}");
            prop_assert!(close(split.half_win, ahead(0.25)) && close(split.push, ahead(0.0)), "{quarters}");
            prop_assert!(close(split.half_lose, ahead(-0.25)), "{quarters}");
        }
    }

    #[test]
    fn a_rung_is_the_last_one_not_above(odds in 0.9..1_100.0_f64, american in any::<bool>(), rung in 0..300_usize) {
        let ladder = if american { Ladder::american_default() } else { Ladder::decimal_default() };
        let plain = |odds: f64| {
            let factor = |price: &crate::values::Price| price.factor().num() as f64 / price.factor().den() as f64;
            ladder.prices().iter().rev().find(|price| factor(price) <= odds + 1e-9).copied()
        };
        let on_it = ladder.prices()[rung % ladder.prices().len()].factor();
        let on_it = on_it.num() as f64 / on_it.den() as f64;
        for odds in [odds, on_it, on_it - 2e-9, on_it + 2e-9, 1.0 / odds, f64::INFINITY, -odds] {
            prop_assert_eq!(ladder.down(odds), plain(odds), "{}", odds);
        }
        prop_assert_eq!(ladder.down(f64::NAN), None);
    }

    /// A third outcome that is dead takes the market off the short way.
    #[test]
    fn two_ways_in_closed_form_are_the_root(p in 0.0001..0.9999_f64, overround in 1.0..1.5_f64) {
        let (mut short, mut long) = (Vec::new(), Vec::new());
        apply_margin(MarginMethod::OddsRatio, &[p, 1.0 - p], 1, overround, &mut short).unwrap();
        apply_margin(MarginMethod::OddsRatio, &[p, 1.0 - p, 0.0], 1, overround, &mut long).unwrap();
        prop_assert!((short[0] - long[0]).abs() < 1e-12 && (short[1] - long[1]).abs() < 1e-12, "{short:?} {long:?}");
    }

    #[test]
    fn used_memory_changes_no_offer(rates in any_rates(), state in any_state(), time in 0.01..1.0_f64) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let ladder = Ladder::decimal_default();
        let open = MarginPlan::default().shrinking_from(&[0.45, 0.28, 0.27]);
        let even = MarginPlan::new(MarginMethod::OddsRatio, Billionths::from_raw(1_050_000_000)).shrinking_from(&[0.5; 2]);
        let falling = (-12..=12).rev().map(QuarterLine::from_quarters);
        let lines: Vec<_> = falling.map(|line| (law.handicap(line), even)).collect();
        let (mut maker, mut offers, mut pairs) = (PriceMaker::new(), Vec::<Offer>::new(), Vec::new());
        for _ in 0..2 {
            offers.clear();
            pairs.clear();
            maker.offer(&law.correct_score(5), 1, &open, &ladder, &mut offers).unwrap();
            maker.offer_lines(&lines, &ladder, &mut pairs).unwrap();
            maker.offer(&law.match_result(), 1, &open, &ladder, &mut offers).unwrap();
        }
        let mut once = offer(&law.correct_score(5), 1, &open, &ladder).unwrap();
        once.extend(offer(&law.match_result(), 1, &open, &ladder).unwrap());
        prop_assert_eq!(offers, once);
        prop_assert_eq!(&pairs, &offer_lines(&lines, &ladder).unwrap());
        // What is published of a probability is the nearest billionth, as everywhere.
        for ((split, _), pair) in lines.iter().zip(&pairs) {
            let Some(fair) = split.fair_probabilities() else { continue };
            prop_assert_eq!(pair[0].fair, Billionths::from_f64(fair[0]).unwrap());
        }
    }
}

#[test]
fn a_law_asked_for_again_is_the_same_and_another_one_is_not() {
    let rates = Rates {
        home_rate: 1.5,
        away_rate: 1.1,
        rho: -0.05,
        phi: [1.05, 1.0, 1.0, 1.0, 0.95],
        kappa_own: 0.6,
        kappa_opp: 1.6,
        home_scale: 1.0,
        away_scale: 1.0,
    };
    let mut engine = Engine::new();
    let states =
        [State::PRE_MATCH, State { home_score: 1, ..State::PRE_MATCH }, State { away_reds: 1, ..State::PRE_MATCH }];
    for state in &states {
        for time in [0.5, 0.5, 0.6] {
            for rho in [-0.05, -0.05, 0.02] {
                let rates = Rates { rho, ..rates };
                let fresh = Engine::new().law_over(&rates, state, time).unwrap().clone();
                assert_eq!(engine.law_over(&rates, state, time).unwrap(), &fresh);
            }
        }
    }
    // A refusal in between leaves no law behind that is not the one asked for.
    let first = engine.law_over(&rates, &State::PRE_MATCH, 0.5).unwrap().clone();
    assert!(engine.law_over(&rates, &State::PRE_MATCH, f64::NAN).is_err());
    assert_eq!(engine.law_over(&rates, &State::PRE_MATCH, 0.5).unwrap(), &first);
}

#[test]
fn thousands_of_rungs_are_found_as_well() {
    use super::super::Band;
    use crate::values::PriceForm;
    let ladder = Ladder::new(PriceForm::Decimal, &[Band { from: 1_010, to: 1_000_000, step: 1 }]).unwrap();
    for thousandths in [1_010_u32, 1_011, 1_999, 2_000, 500_000, 777_777, 999_999, 1_000_000] {
        let odds = f64::from(thousandths) / 1_000.0;
        let price = crate::values::Price::decimal_thousandths(thousandths).unwrap();
        assert_eq!(ladder.down(odds), Some(price));
        assert_eq!(ladder.down(odds + 0.0005), Some(price));
    }
    assert_eq!(ladder.down(1.009), None);
}
