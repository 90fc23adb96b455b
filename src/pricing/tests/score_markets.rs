//! The smaller markets of the final score against sums of their scores.

use super::super::Engine;
use super::twin::{any_rates, any_state};
use crate::event::MarketId;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_is_the_sum_of_its_scores(rates in any_rates(), state in any_state(), time in 0.0..1.0_f64) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let sum = |holds: &dyn Fn(u32, u32) -> bool| -> f64 {
            law.cells().filter(|(home, away, _)| holds(*home, *away)).map(|cell| cell.2).sum()
        };
        let worth = |id: &str| -> Vec<f64> {
            law.fair(MarketId::parse(id).unwrap()).and_then(|fair| fair.probabilities()).unwrap()
        };
        let mut same = vec![
            (worth("clean_sheet:side=home")[0], sum(&|_, away| away == 0)),
            (worth("clean_sheet:side=away")[0], sum(&|home, _| home == 0)),
            (worth("win_to_nil:side=home")[0], sum(&|home, away| home > away && away == 0)),
            (worth("win_to_nil:side=away")[0], sum(&|home, away| home < away && home == 0)),
            (worth("odd_even")[0], sum(&|home, away| (home + away) % 2 == 1)),
            (worth("odd_even")[1], sum(&|home, away| (home + away) % 2 == 0)),
        ];
        let [goals, home_goals, away_goals] =
            ["exact_goals:max=6", "team_exact_goals:max=3,side=home", "team_exact_goals:max=3,side=away"].map(worth);
        prop_assert_eq!((goals.len(), home_goals.len(), away_goals.len()), (7, 4, 4));
        same.extend((0..7).map(|n| (goals[n as usize], sum(&|home, away| (home + away).min(6) == n))));
        same.extend((0..4).map(|n| (home_goals[n as usize], sum(&|home, _| home.min(3) == n))));
        same.extend((0..4).map(|n| (away_goals[n as usize], sum(&|_, away| away.min(3) == n))));
        for goals in -3..=3_i16 {
            let three_way = worth(&format!("european_handicap:line={goals}"));
            let lead = |home: u32, away: u32| i64::from(home) + i64::from(goals) - i64::from(away);
            same.push((three_way[0], sum(&|home, away| lead(home, away) > 0)));
            same.push((three_way[1], sum(&|home, away| lead(home, away) == 0)));
            same.push((three_way[2], sum(&|home, away| lead(home, away) < 0)));
        }
        for (place, (ours, theirs)) in same.iter().enumerate() {
            prop_assert!((ours - theirs).abs() < 1e-12, "{place}: {ours} against {theirs}");
        }
    }
}
