//! Corners and cards, against the textbook's formulas cell by cell, and draws one by one.

use super::super::{
    BadCountModel, BadProfile, Clock, CountEngine, CountLaw, CountModel, CountProfile, CountState, ModelTables,
    NoPrice, Phase,
};
use crate::event::Side;
use crate::values::QuarterLine;
use proptest::prelude::*;

/// Events each side may add in the twin.
const GRID: usize = 90;

#[derive(Clone, Copy, Debug)]
struct Case {
    mean: f64,
    shape: f64,
    home_share: f64,
    theta: Option<f64>,
    observed: [u16; 2],
    elapsed_share: f64,
}

prop_compose! {
    fn any_case()(
        mean in 1.0..12.0_f64,
        shape in 8.0..80.0_f64,
        home_share in 0.2..0.8_f64,
        theta in prop_oneof![Just(None), (1.0..30.0_f64).prop_map(Some)],
        observed in [0..9_u16, 0..9_u16],
        elapsed_share in prop_oneof![Just(0.0), 0.0..1.0_f64],
    ) -> Case {
        // Nothing can have come before kick-off.
        let observed = if elapsed_share == 0.0 { [0, 0] } else { observed };
        Case { mean, shape, home_share, theta, observed, elapsed_share: elapsed_share.max(f64::from(observed[0] + observed[1]) / 40.0) }
    }
}

fn law<'a>(engine: &'a mut CountEngine, case: &Case) -> &'a CountLaw {
    let model = CountModel::new(case.mean, case.shape, case.home_share, case.theta).unwrap();
    let state = CountState::whole_match(case.observed, case.elapsed_share).unwrap();
    engine.law(&model, &state).unwrap()
}

fn ln_choose(n: f64, k: f64) -> f64 {
    libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0)
}

fn ln_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

/// Negative binomial, by the gamma function.
fn total_by_formula(case: &Case, events: usize) -> f64 {
    let n = f64::from(case.observed[0] + case.observed[1]);
    let shape = case.shape + n;
    let mean = shape / (case.shape / case.mean + case.elapsed_share) * (1.0 - case.elapsed_share);
    let (x, success) = (events as f64, shape / (shape + mean));
    if mean == 0.0 {
        return if events == 0 { 1.0 } else { 0.0 };
    }
    let ln = libm::lgamma(x + shape) - libm::lgamma(x + 1.0) - libm::lgamma(shape);
    libm::exp(ln + shape * libm::log(success) + x * libm::log(1.0 - success))
}

/// Binomial or beta-binomial, by the gamma function.
fn split_by_formula(case: &Case, home: usize, away: usize) -> f64 {
    let (x, y) = (home as f64, away as f64);
    let ln = match case.theta {
        None => x * libm::log(case.home_share) + y * libm::log(1.0 - case.home_share),
        Some(theta) => {
            let alpha = theta * case.home_share + f64::from(case.observed[0]);
            let beta = theta * (1.0 - case.home_share) + f64::from(case.observed[1]);
            ln_beta(x + alpha, y + beta) - ln_beta(alpha, beta)
        }
    };
    libm::exp(ln_choose(x + y, x) + ln)
}

/// Every (home, away) to come with its probability.
fn cells(case: &Case) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
    (0..GRID).flat_map(move |events| {
        let total = total_by_formula(case, events);
        (0..=events).map(move |home| (home, events - home, total * split_by_formula(case, home, events - home)))
    })
}

fn near(ours: &[f64], theirs: &[f64], what: &str) -> Result<(), TestCaseError> {
    for (ours, theirs) in ours.iter().zip(theirs) {
        prop_assert!((ours - theirs).abs() < 1e-12, "{what}: {ours} is not {theirs}");
    }
    Ok(())
}

/// Who is first to so many, drawing one event after another: each comes if the total is not reached yet, and its side
/// comes by the shares so far.
fn race_by_drawing(case: &Case, goal: usize, score: [usize; 2], drawn: [usize; 2], at_least: &[f64]) -> [f64; 3] {
    if score[0] == goal {
        return [1.0, 0.0, 0.0];
    }
    if score[1] == goal {
        return [0.0, 0.0, 1.0];
    }
    let events = drawn[0] + drawn[1];
    let comes = if at_least[events] > 0.0 { at_least[events + 1] / at_least[events] } else { 0.0 };
    let home = match case.theta {
        None => case.home_share,
        Some(theta) => (theta * case.home_share + score[0] as f64) / (theta + (score[0] + score[1]) as f64),
    };
    let mut race = [0.0, 1.0 - comes, 0.0];
    for (side, share) in [(0, home), (1, 1.0 - home)] {
        let (mut score, mut drawn) = (score, drawn);
        score[side] += 1;
        drawn[side] += 1;
        let then = race_by_drawing(case, goal, score, drawn, at_least);
        for (sum, part) in race.iter_mut().zip(then) {
            *sum += comes * share * part;
        }
    }
    race
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_market_is_the_sum_of_its_cells(case in any_case()) {
        let mut engine = CountEngine::new();
        let law = law(&mut engine, &case);
        let counted = case.observed.map(usize::from);
        let sum = |holds: &dyn Fn(usize, usize) -> bool| -> f64 {
            cells(&case).filter(|(x, y, _)| holds(counted[0] + x, counted[1] + y)).map(|cell| cell.2).sum()
        };
        near(&law.most(), &[sum(&|x, y| x > y), sum(&|x, y| x == y), sum(&|x, y| x < y)], "most")?;
        near(&law.odd_even(), &[sum(&|x, y| (x + y) % 2 == 1), sum(&|x, y| (x + y) % 2 == 0)], "odd")?;
        for over in 0..24_usize {
            let line = QuarterLine::from_quarters(4 * over as i16 + 2);
            near(&[law.total(line).win], &[sum(&|x, y| x + y > over)], "total")?;
            near(&[law.team_total(Side::Home, line).win], &[sum(&|x, _| x > over)], "home")?;
            near(&[law.team_total(Side::Away, line).win], &[sum(&|_, y| y > over)], "away")?;
            near(&[law.exact_total(over as u32)], &[sum(&|x, y| x + y == over)], "exact")?;
            near(&[law.exact_remaining(over)], &[total_by_formula(&case, over)], "to come")?;
            let handicap = law.handicap(QuarterLine::from_quarters(4 * (over as i16 - 12)));
            near(&[handicap.win, handicap.push], &[
                sum(&|x, y| x + over > y + 12), sum(&|x, y| x + over == y + 12),
            ], "handicap")?;
        }
    }

    #[test]
    fn races_and_next_ones_are_drawn_one_by_one(case in any_case(), ahead in 1..5_u16) {
        let mut engine = CountEngine::new();
        let law = law(&mut engine, &case);
        let at_least: Vec<f64> =
            (0..40).map(|n| (n..GRID).map(|events| total_by_formula(&case, events)).sum()).collect();
        let counted = case.observed.map(usize::from);
        let goal = case.observed[0].max(case.observed[1]) + ahead;
        // What the twin would need too long for is not asked.
        if usize::from(2 * goal) - counted[0] - counted[1] < 16 {
            let theirs = race_by_drawing(&case, usize::from(goal), counted, [0, 0], &at_least);
            near(&law.race_to(goal).unwrap(), &theirs, "race")?;
        }
        let share = match case.theta {
            None => case.home_share,
            Some(theta) => (theta * case.home_share + counted[0] as f64) / (theta + (counted[0] + counted[1]) as f64),
        };
        near(&law.next(), &[at_least[1] * share, at_least[1] * (1.0 - share), 1.0 - at_least[1]], "next")?;
        near(&law.nth((counted[0] + counted[1] + 1) as u32).unwrap(), &law.next(), "next by number")?;
        // The n-th by enumeration: the n-th draw of all orders.
        let nth = usize::from(ahead);
        let home: f64 = (0..nth).map(|before| {
            let after = [before, nth - 1 - before];
            let share = match case.theta {
                None => case.home_share,
                Some(theta) => (theta * case.home_share + (counted[0] + before) as f64) / (theta + (counted[0] + counted[1] + nth - 1) as f64),
            };
            split_by_formula(&case, after[0], after[1]) * share * at_least[nth]
        }).sum();
        near(&[law.nth((counted[0] + counted[1] + nth) as u32).unwrap()[0]], &[home], "n-th")?;
        prop_assert_eq!(law.nth((counted[0] + counted[1]) as u32), None);
        prop_assert_eq!(law.race_to(goal - ahead), None);
    }

    /// The first half and the second are the match: their means add up, and a window of everything is everything.
    #[test]
    fn windows_share_the_match(case in any_case(), part in 0.0..1.0_f64) {
        let model = CountModel::new(case.mean, case.shape, case.home_share, case.theta).unwrap();
        let left = 1.0 - case.elapsed_share;
        let mean_of = |share| {
            let state = CountState::window(case.observed, case.elapsed_share, share, [0, 0]).unwrap();
            CountEngine::new().law(&model, &state).unwrap().remaining_mean()
        };
        prop_assert!((mean_of(left * part) + mean_of(left * (1.0 - part)) - mean_of(left)).abs() < 1e-12);
        let state = CountState::window(case.observed, case.elapsed_share, left, [3, 1]).unwrap();
        let mut engine = CountEngine::new();
        let law = engine.law(&model, &state).unwrap();
        let (mut other, whole) = (CountEngine::new(), CountState::whole_match(case.observed, case.elapsed_share).unwrap());
        prop_assert_eq!(law.exact_total(6), other.law(&model, &whole).unwrap().exact_remaining(2));
    }
}

#[test]
fn the_widest_models_still_sum_to_one() {
    let mut engine = CountEngine::new();
    for (mean, shape, theta) in
        [(60.0, 1.0, Some(0.01)), (60.0, 1e9, None), (0.01, 1.0, Some(1e9)), (30.0, 5.0, Some(1e9))]
    {
        let model = CountModel::new(mean, shape, 0.999, theta).unwrap();
        let law = engine.law(&model, &CountState::whole_match([0, 0], 0.0).unwrap()).unwrap();
        let [odd, even] = law.odd_even();
        let most: f64 = law.most().iter().sum();
        let all: f64 = (0..3_000).map(|events| law.exact_remaining(events)).sum();
        assert!((odd + even - 1.0).abs() < 1e-12 && (most - 1.0).abs() < 1e-12 && (all - 1.0).abs() < 1e-12, "{mean}");
    }
}

#[test]
fn when_nothing_is_to_come_the_count_stands() {
    let over = CountState::whole_match([3, 4], 1.0).unwrap();
    let mut engine = CountEngine::new();
    let tables = ModelTables::measured_v1();
    for model in [&tables.corners.model, &tables.cards.model] {
        let law = engine.law(model, &over).unwrap();
        assert_eq!((law.most(), law.odd_even(), law.exact_total(7)), ([0.0, 0.0, 1.0], [1.0, 0.0], 1.0));
        assert_eq!((law.next(), law.last(), law.nth(9)), ([0.0, 0.0, 1.0], [0.0, 1.0, 0.0], Some([0.0, 0.0, 1.0])));
        assert_eq!((law.race_to(5), law.race_to(4)), (Some([0.0, 1.0, 0.0]), None));
    }
}

#[test]
fn what_is_no_model_or_no_state_is_refused() {
    for (model, bad) in [
        ((f64::NAN, 50.0, 0.5, None), BadCountModel::Mean),
        ((61.0, 50.0, 0.5, None), BadCountModel::Mean),
        ((10.0, 0.5, 0.5, None), BadCountModel::Shape),
        ((10.0, 50.0, 1.0, None), BadCountModel::HomeShare),
        ((10.0, 50.0, 0.5, Some(0.0)), BadCountModel::Theta),
    ] {
        assert_eq!(CountModel::new(model.0, model.1, model.2, model.3), Err(bad));
    }
    for share in [-0.1, 1.1, f64::NAN] {
        assert_eq!(CountState::whole_match([0, 0], share), None);
    }
    let flood = CountState::whole_match([150, 150], 0.01).unwrap();
    assert_eq!(
        CountEngine::new().law(&ModelTables::measured_v1().corners.model, &flood).err(),
        Some(NoPrice::RateTooHigh)
    );
}

#[test]
fn the_measured_models_give_the_measured_figures() {
    // Section 7: mean and variance of the total and of each side, corners; the total of cards.
    let moments = |law: &CountLaw, side: Option<Side>| {
        let (mut mean, mut square) = (0.0, 0.0);
        for events in 0..60_i16 {
            let line = QuarterLine::from_quarters(4 * events);
            let split = side.map_or(law.total(line), |side| law.team_total(side, line));
            mean += f64::from(events) * split.push;
            square += f64::from(events) * f64::from(events) * split.push;
        }
        (mean, (square - mean * mean) / mean)
    };
    let kick_off = CountState::whole_match([0, 0], 0.0).unwrap();
    let (mut engine, tables) = (CountEngine::new(), ModelTables::measured_v1());
    let corners = engine.law(&tables.corners.model, &kick_off).unwrap();
    for (side, mean, spread) in [(None, 10.02, 1.19), (Some(Side::Home), 5.57, 1.59), (Some(Side::Away), 4.45, 1.53)] {
        let (ours, ours_spread) = moments(corners, side);
        assert!((ours - mean).abs() < 0.005 && (ours_spread - spread).abs() < 0.08, "{side:?}: {ours} {ours_spread}");
    }
    let cards = engine.law(&tables.cards.model, &kick_off).unwrap();
    let (mean, spread) = moments(cards, None);
    assert!((mean - 4.45).abs() < 1e-9 && (spread - 1.445).abs() < 0.01, "{mean} {spread}");
    assert!((cards.total(QuarterLine::from_quarters(18)).win - 0.44).abs() < 0.02, "over 4.5 happened in 44 %");
}

#[test]
fn the_elapsed_share_follows_the_tables() {
    let at = |phase, minute, stoppage| Clock {
        phase,
        minute,
        stoppage_elapsed_minutes: stoppage,
        stoppage_announced_minutes: None,
    };
    let ModelTables { goals: _, corners, cards, shoot_out_home: _ } = ModelTables::measured_v1();
    let (corners, cards) = (corners.profile, cards.profile);
    for (clock, of_corners, of_cards) in [
        (Clock::PRE_MATCH, 0.0, 0.0),
        (at(Phase::FirstHalf, 10.0, 0.0), 0.092, 0.032),
        (at(Phase::FirstHalf, 12.5, 0.0), 0.092 + 0.0245, 0.032 + 0.014),
        (at(Phase::HalfTime, 45.0, 0.0), 0.474, 0.352),
        (at(Phase::SecondHalf, 90.0, 0.0), 0.954, 0.921),
        // Half of the stoppage left, and never less than half a minute of it.
        (at(Phase::SecondHalf, 90.0, 1.9), 0.977, 0.9605),
        (at(Phase::SecondHalf, 90.0, 9.0), 1.0 - 0.046 * 0.5 / 3.8, 1.0 - 0.079 * 0.5 / 3.8),
        (at(Phase::Over, 90.0, 0.0), 1.0, 1.0),
    ] {
        assert!((corners.elapsed_share(&clock) - of_corners).abs() < 1e-12, "{clock:?}");
        assert!((cards.elapsed_share(&clock) - of_cards).abs() < 1e-12, "{clock:?}");
        let left = corners.first_half_share(&clock) + corners.second_half_share(&clock);
        assert!((left - (1.0 - of_corners)).abs() < 1e-12, "{clock:?}");
    }
    assert_eq!(CountProfile::new([[-1.0; 9], [2.0; 9]], [1.0, 1.0], [1.0, 3.0]), Err(BadProfile::NegativeWeight));
    assert_eq!(CountProfile::new([[0.0; 9]; 2], [0.0, 0.0], [1.0, 3.0]), Err(BadProfile::SumNotOne));
    assert_eq!(CountProfile::new([[f64::NAN; 9]; 2], [0.0, 0.0], [1.0, 3.0]), Err(BadProfile::NonFinite));
    assert!(corners.with_expected_stoppage(3.0, 3.8).unwrap().first_half_share(&Clock::PRE_MATCH) > 0.474);
}
