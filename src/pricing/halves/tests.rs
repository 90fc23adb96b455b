//! The law of the halves against its plain twin: for each half-time score a walk of its own, and everything added up.

use super::super::tests::twin::{any_rates, any_state};
use super::super::{Clock, Engine, Phase, Profile, Rates, Remaining, State};
use super::{HalfCounts, HalvesEngine, HalvesLaw, NextGoal, NoHalves};
use crate::values::QuarterLine;
use proptest::prelude::*;

type Goals = (u32, u32);

/// Every pair of half-time score and final score, and its probability.
fn plain(rates: &Rates, state: &State, left: Remaining, half_time: Option<Goals>) -> Vec<(Goals, Goals, f64)> {
    let chain = Rates { rho: 0.0, ..*rates };
    let (mut to_half_time, mut to_full_time) = (Engine::new(), Engine::new());
    let now = (u32::from(state.home_score), u32::from(state.away_score));
    let mut joint = Vec::new();
    for (home, away, there) in to_half_time.law_over(&chain, state, left.first_half).unwrap().cells() {
        // A pair below this adds less than all the differences that are looked for.
        if there < 1e-17 {
            continue;
        }
        let then = State { home_score: home as u16, away_score: away as u16, ..*state };
        let half_time = half_time.unwrap_or((home, away));
        for (x, y, probability) in to_full_time.law_over(&chain, &then, left.second_half).unwrap().cells() {
            let (lambda, mu, rho) = (rates.home_rate, rates.away_rate, rates.rho_in_range());
            let weight = match (x, y) {
                (0, 0) => 1.0 - lambda * mu * rho,
                (0, 1) => 1.0 + lambda * rho,
                (1, 0) => 1.0 + mu * rho,
                (1, 1) => 1.0 - rho,
                _ => 1.0,
            };
            joint.push((half_time, (x, y), there * probability * weight));
        }
    }
    assert!(half_time.is_none() || joint.iter().all(|(half_time, ..)| half_time.0 <= now.0 && half_time.1 <= now.1));
    let sum: f64 = joint.iter().map(|entry| entry.2).sum();
    for entry in &mut joint {
        entry.2 /= sum;
    }
    joint
}

fn sum(joint: &[(Goals, Goals, f64)], holds: impl Fn(Goals, Goals) -> bool) -> f64 {
    joint.iter().filter(|(half_time, full_time, _)| holds(*half_time, *full_time)).map(|entry| entry.2).sum()
}

fn lead((home, away): Goals) -> i64 {
    i64::from(home) - i64::from(away)
}

fn second(half_time: Goals, full_time: Goals) -> Goals {
    (full_time.0 - half_time.0, full_time.1 - half_time.1)
}

/// Looks for differences and remembers where they are.
struct Differences(Vec<String>);

impl Differences {
    fn look(&mut self, what: &str, fast: f64, plain: f64) {
        let is_near = (fast - plain).abs() < 1e-12;
        if !is_near {
            self.0.push(format!("{what}: {fast} against {plain}"));
        }
    }

    fn look_at_counts(&mut self, what: &str, law: &HalfCounts, of: impl Fn(Goals, Goals) -> Goals, joint: &Joint) {
        let part = |of_goals: &dyn Fn(Goals) -> i64, n: i64| sum(joint, |ht, ft| of_goals(of(ht, ft)) == n);
        let more = |of_goals: &dyn Fn(Goals) -> i64, n: i64| sum(joint, |ht, ft| of_goals(of(ht, ft)) > n);
        let ways: [(&str, _, &dyn Fn(Goals) -> i64); 4] = [
            ("total", law.total(), &|goals| i64::from(goals.0 + goals.1)),
            ("home", law.home(), &|goals| i64::from(goals.0)),
            ("away", law.away(), &|goals| i64::from(goals.1)),
            ("lead", law.lead(), &lead),
        ];
        for (way, counts, goals) in ways {
            for n in -4..9 {
                self.look(&format!("{what} {way} {n}"), counts.exactly(n), part(goals, n));
                let line = QuarterLine::checked_from_quarters(4 * n as i32 + 2).unwrap();
                self.look(&format!("{what} {way} over {n}"), counts.over(line).win, more(goals, n));
            }
        }
        for (result, sign) in law.result().iter().zip([1, 0, -1]) {
            self.look(what, *result, sum(joint, |ht, ft| lead(of(ht, ft)).signum() == sign));
        }
    }
}

type Joint = [(Goals, Goals, f64)];

/// Everything that the law says, against the same from all pairs.
fn differences(law: &HalvesLaw, joint: &Joint) -> Vec<String> {
    let mut all = Differences(Vec::new());
    all.look_at_counts("first half", law.first_half(), |ht, _| ht, joint);
    all.look_at_counts("second half", law.second_half(), second, joint);
    for (home, away) in (0..8).flat_map(|home| (0..8).map(move |away| (home, away))) {
        let there = sum(joint, |ht, _| ht == (home, away));
        all.look(&format!("half-time {home}-{away}"), law.half_time_score(home, away), there);
    }
    all.look("all half-time scores", law.half_time_scores().map(|score| score.2).sum(), 1.0);
    let signs = [1, 0, -1];
    for (pair, fast) in law.half_time_full_time().iter().enumerate() {
        let (first, last) = (signs[pair / 3], signs[pair % 3]);
        let there = sum(joint, |ht, ft| lead(ht).signum() == first && lead(ft).signum() == last);
        all.look(&format!("pair {pair}"), *fast, there);
    }
    let halves = |ht, ft| [lead(ht).signum(), lead(second(ht, ft)).signum()];
    for (side, sign) in [(0, 1), (1, -1)] {
        all.look("both halves", law.win_both_halves()[side], sum(joint, |ht, ft| halves(ht, ft) == [sign; 2]));
        all.look("either half", law.win_either_half()[side], sum(joint, |ht, ft| halves(ht, ft).contains(&sign)));
    }
    let goals = |goals: Goals| goals.0 + goals.1;
    let [first, then, equal] = law.highest_scoring_half();
    all.look("most in the first", first, sum(joint, |ht, ft| goals(ht) > goals(second(ht, ft))));
    all.look("most in the second", then, sum(joint, |ht, ft| goals(ht) < goals(second(ht, ft))));
    all.look("as many", equal, sum(joint, |ht, ft| goals(ht) == goals(second(ht, ft))));
    let mut yes_no = |what: &str, [yes, no]: [f64; 2], holds: &dyn Fn(Goals, Goals) -> bool| {
        all.look(what, yes, sum(joint, holds));
        all.look(what, no, sum(joint, |ht, ft| !holds(ht, ft)));
    };
    yes_no("goal in both", law.goal_in_both_halves(), &|ht, ft| goals(ht) > 0 && goals(second(ht, ft)) > 0);
    yes_no("both score first", law.both_teams_to_score_first_half(), &|ht, _| ht.0 > 0 && ht.1 > 0);
    let both_then = |ht, ft| second(ht, ft).0 > 0 && second(ht, ft).1 > 0;
    yes_no("both score second", law.both_teams_to_score_second_half(), &both_then);
    let odd = |ht: Goals, ft: Goals| (ht.0 + 2 * ft.1 + ft.0).is_multiple_of(3);
    all.look("any pair", law.probability(odd), sum(joint, odd));
    all.look("any pair and goal", law.probability_with_next(|ht, ft, _| odd(ht, ft)), sum(joint, odd));
    all.0
}

/// A state of the first half with its times, or of the second with a half-time score.
fn any_moment() -> impl Strategy<Value = (State, Remaining, Option<(u16, u16)>)> {
    (any_state(), 0.0..0.6_f64, 0.0..0.7_f64, any::<bool>(), 0..5_u16, 0..5_u16).prop_map(
        |(state, first_half, second_half, is_first, home, away)| {
            let half_time = (home.min(state.home_score), away.min(state.away_score));
            if is_first {
                (state, Remaining { first_half, second_half }, None)
            } else {
                (state, Remaining { first_half: 0.0, second_half }, Some(half_time))
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_agrees_with_a_walk_from_each_half_time_score(
        rates in any_rates(), before in any_moment(), (state, left, half_time) in any_moment(),
    ) {
        let mut engine = HalvesEngine::new();
        // Nothing of an earlier state may show in a later one.
        engine.law_over(&rates, &before.0, before.1, before.2).unwrap();
        let law = engine.law_over(&rates, &state, left, half_time).unwrap();
        let given = half_time.map(|(home, away)| (u32::from(home), u32::from(away)));
        let found = differences(law, &plain(&rates, &state, left, given));
        prop_assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn the_halves_and_the_final_score_are_one_law(
        rates in any_rates(), (state, left, half_time) in any_moment(),
    ) {
        let (mut halves, mut engine) = (HalvesEngine::new(), Engine::new());
        let halves = halves.law_over(&rates, &state, left, half_time).unwrap();
        let law = engine.law_over(&rates, &state, left.total()).unwrap();
        let pairs = halves.half_time_full_time();
        for result in 0..3 {
            let of_match: f64 = (0..3).map(|first| pairs[3 * first + result]).sum();
            prop_assert!((of_match - law.match_result()[result]).abs() < 1e-12);
            let of_half: f64 = pairs[3 * result..][..3].iter().sum();
            prop_assert!((of_half - halves.first_half().result()[result]).abs() < 1e-12);
        }
        prop_assert!((halves.normaliser() - law.normaliser()).abs() < 1e-12);
        let [home, away, nobody] = law.next_goal();
        for (next, there) in [(NextGoal::Home, home), (NextGoal::Away, away), (NextGoal::Nobody, nobody)] {
            let here = halves.probability_with_next(|_, _, label| label == next);
            prop_assert!((here - there).abs() < 1e-12, "{next:?}: {here} against {there}");
        }
        let over = |_: Goals, ft: Goals| ft.0 + ft.1 > 2;
        let line = QuarterLine::checked_from_quarters(10).unwrap();
        prop_assert!((halves.probability(over) - law.total(line).win).abs() < 1e-12);
    }
}

/// The integral of a smooth function over [0, `end`], by Gauss and Legendre's rule of five points in eight parts.
fn integral(end: f64, mut of: impl FnMut(f64) -> f64) -> f64 {
    let points = [
        (0.0, 128.0 / 225.0),
        (0.538_469_310_105_683_1, 0.478_628_670_499_366_47),
        (0.906_179_845_938_664, 0.236_926_885_056_189_08),
    ];
    let half = end / 16.0;
    let mut sum = 0.0;
    for part in 0..8 {
        let middle = half * f64::from(2 * part + 1);
        for (distance, weight) in points {
            let both = if distance > 0.0 { &[-1.0, 1.0][..] } else { &[1.0] };
            sum += both.iter().map(|sign| weight * half * of(middle + sign * distance * half)).sum::<f64>();
        }
    }
    sum
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    /// The next goal is home's at some moment of the first or of the second half, and the match goes on from there.
    #[test]
    fn who_scores_next_is_known_with_both_scores(
        rates in any_rates(), (state, left, half_time) in any_moment(),
    ) {
        let rates = Rates { rho: 0.0, ..rates };
        let mut engine = HalvesEngine::new();
        let holds = |ht: Goals, ft: Goals| lead(ht) >= 0 && lead(ft) > 0 && ft.0 + ft.1 > 2 && ht.0 + ht.1 < 4;
        let law = engine.law_over(&rates, &state, left, half_time).unwrap();
        let here = law.probability_with_next(|ht, ft, next| next == NextGoal::Home && holds(ht, ft));
        let scored = State { home_score: state.home_score + 1, ..state };
        let lead_now = lead((u32::from(state.home_score), u32::from(state.away_score))).clamp(-2, 2);
        let [home_factor, away_factor] = rates.red_card_factors(&state);
        let home = rates.home_rate * home_factor * rates.phi[(lead_now + 2) as usize];
        let all = home + rates.away_rate * away_factor * rates.phi[(2 - lead_now) as usize];
        let in_first = integral(left.first_half, |time| {
            let left = Remaining { first_half: left.first_half - time, ..left };
            home * libm::exp(-all * time) * engine.law_over(&rates, &scored, left, half_time).unwrap().probability(holds)
        });
        let at_half_time = half_time.unwrap_or((state.home_score, state.away_score));
        let in_second = integral(left.second_half, |time| {
            let left = Remaining { first_half: 0.0, second_half: left.second_half - time };
            let law = engine.law_over(&rates, &scored, left, Some(at_half_time)).unwrap();
            home * libm::exp(-all * time) * law.probability(holds)
        });
        let there = in_first + libm::exp(-all * left.first_half) * in_second;
        prop_assert!((here - there).abs() < 1e-11, "{here} against {there}");
    }
}

#[test]
fn the_half_time_score_must_fit() {
    let mut engine = HalvesEngine::new();
    let rates = Rates::from(&super::super::ModelInputs::default());
    let profile = Profile::measured_v1();
    let mut law = |phase, minute, half_time| {
        let clock = Clock { phase, minute, ..Clock::PRE_MATCH };
        let state = State { home_score: 2, away_score: 1, clock, ..State::PRE_MATCH };
        engine.law_from(&profile, &rates, &state, half_time).map(|law| law.half_time_score(2, 1)).map_err(Some)
    };
    let contradicts = Err(Some(NoHalves::HalfTimeContradicts));
    assert_eq!(law(Phase::HalfTime, 45.0, None), Ok(1.0));
    assert_eq!(law(Phase::HalfTime, 45.0, Some((2, 1))), Ok(1.0));
    assert_eq!(law(Phase::HalfTime, 45.0, Some((1, 1))), contradicts);
    assert_eq!(law(Phase::FirstHalf, 30.0, Some((2, 1))), contradicts);
    assert_eq!(law(Phase::SecondHalf, 60.0, None), Err(Some(NoHalves::HalfTimeUnknown)));
    assert_eq!(law(Phase::SecondHalf, 60.0, Some((0, 2))), contradicts);
    assert_eq!(law(Phase::SecondHalf, 60.0, Some((0, 1))), Ok(0.0));
    assert!(law(Phase::FirstHalf, 44.0, None).is_ok_and(|probability| probability > 0.9 && probability < 1.0));
    assert_eq!(law(Phase::Over, 90.0, Some((2, 1))), Ok(1.0));
}
