//! What is offered: rungs of the ladder, lines, and what is withheld.

use super::super::{
    BadLadder, Band, Clock, Engine, Ladder, LineSet, LineWish, Lines, MarginMethod, MarginPlan, ModelInputs, Offer,
    Overrounds, Phase, Profile, Rates, ScoreLaw, Split, State, TickRounding, apply_margin, choose_handicaps,
    choose_totals, offer, offer_double_chance, offer_lines, offer_two_way, withheld,
};
use super::twin::{any_rates, any_state};
use crate::values::{Billionths, Price, PriceForm, QuarterLine};
use proptest::prelude::*;

fn implied(price: Price) -> f64 {
    let factor = price.factor();
    factor.den() as f64 / factor.num() as f64
}

fn prices(offers: &[Offer]) -> Vec<Option<Price>> {
    offers.iter().map(|offer| offer.price).collect()
}

fn decimal(thousandths: u32) -> Price {
    Price::decimal_thousandths(thousandths).expect("odds of a test are odds")
}

fn choose_lines(law: &ScoreLaw, previous: Option<QuarterLine>, set: &LineSet) -> Option<Lines> {
    choose_totals(i64::from(law.goals_now()), |line| Some(law.total(line)), previous, set)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_offer_is_better_than_fair(
        rates in any_rates(),
        state in any_state(),
        time in 0.0..1.0_f64,
        overround in 1_000_000_000..1_100_000_000_i64,
        nearest in any::<bool>(),
        american in any::<bool>(),
    ) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let ladder = if american { Ladder::american_default() } else { Ladder::decimal_default() };
        let mut plan = MarginPlan::new(MarginMethod::OddsRatio, Billionths::from_raw(overround));
        if nearest {
            plan.rounding = TickRounding::Nearest { overround_min: Billionths::from_raw(1_010_000_000) };
        }
        let mut offers = offer(&law.match_result(), 1, &plan, &ladder).unwrap();
        if let Some(lines) = choose_lines(law, None, &LineSet::default()) {
            for line in lines.lines {
                offers.extend(offer_two_way(law.total(line), &plan, &ladder).unwrap());
            }
        }
        for offer in offers {
            if let Some(price) = offer.price {
                prop_assert!(implied(price) >= offer.fair.to_f64(), "{offer:?}");
                prop_assert!(offer.fair.raw() >= 1_000);
                prop_assert!((0.001..=1.0 / 1.0099).contains(&implied(price)));
            }
        }
    }

    #[test]
    fn lines_are_open_even_and_in_order(rates in any_rates(), state in any_state(), time in 0.01..1.0_f64) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let Some(Lines { main, centre, lines }) = choose_lines(law, None, &LineSet::default()) else { return Ok(()) };
        prop_assert_eq!(centre, main);
        prop_assert!(lines.contains(&main));
        prop_assert!(lines.is_sorted_by(|a, b| a < b));
        prop_assert!(lines[0].quarters() >= 4 * law.goals_now() as i32 + 2);
        let from_even = |line: QuarterLine| (law.total(line).fair_probabilities().unwrap()[0] - 0.5).abs();
        prop_assert!(lines.iter().all(|line| from_even(main) <= from_even(*line)));
        prop_assert_eq!(lines.iter().filter(|line| line.is_half()).count(), 5);
    }
}

#[test]
fn an_average_match_before_kick_off() {
    let law = super::super::law(&Profile::measured_v1(), &ModelInputs::default(), &State::PRE_MATCH).unwrap();
    let ladder = Ladder::decimal_default();
    let offers = offer(&law.match_result(), 1, &MarginPlan::default(), &ladder).unwrap();
    let prices: Vec<String> = offers.iter().map(|offer| offer.price.map_or("-".into(), |p| p.to_string())).collect();
    let overround: f64 = offers.iter().filter_map(|offer| offer.price).map(implied).sum();
    assert!((1.05..1.07).contains(&overround), "{prices:?} carry {overround}");
    let lines = choose_lines(&law, None, &LineSet { half_lines: 5, whole_lines: 0, quarter_lines: 0 }).unwrap();
    assert_eq!(lines.main.to_string(), "2.5");
    assert_eq!(lines.lines.iter().map(QuarterLine::to_string).collect::<Vec<_>>(), ["0.5", "1.5", "2.5", "3.5", "4.5"]);
}

#[test]
fn a_decided_market_is_withheld_and_not_offered_short() {
    let ladder = Ladder::decimal_default();
    let priced = |fair: &[f64]| -> Vec<bool> {
        let plan = MarginPlan::default().shrinking_from(&[0.45, 0.28, 0.27]);
        offer(fair, 1, &plan, &ladder).unwrap().iter().map(|offer| offer.price.is_some()).collect()
    };
    assert_eq!(priced(&[0.6, 0.3, 0.1]), [true, true, true]);
    assert_eq!(priced(&[0.995, 0.004, 0.001]), [false, true, true]);
    assert_eq!(priced(&[0.6, 0.3999995, 0.0000005]), [true, true, false]);
    assert_eq!(priced(&[1.0, 0.0, 0.0]), [false, false, false]);
    let constant = offer(&[1.0, 0.0, 0.0], 1, &MarginPlan::default(), &ladder).unwrap();
    assert!(constant.iter().all(|offer| offer.price.is_none()));
}

#[test]
fn the_ceiling_holds_where_the_margin_would_explode() {
    let ladder = Ladder::decimal_default();
    let plan = MarginPlan::new(MarginMethod::Power, Billionths::from_raw(1_080_000_000));
    let offers = offer(&[0.95, 0.035, 0.015], 1, &plan, &ladder).unwrap();
    // Fair 66.7: at most half as much again in probability is 44.4, and the rung below it is 44.
    assert_eq!(offers[2].price, Some(decimal(44_000)));
}

#[test]
fn the_fair_price_is_offered_at_no_margin_only_where_it_is_a_rung() {
    let ladder = Ladder::decimal_default();
    let plan = MarginPlan::new(MarginMethod::Power, Billionths::ONE);
    let offers = offer(&[0.5, 0.3, 0.2], 1, &plan, &ladder).unwrap();
    assert_eq!(offers[0].price, Some(decimal(2_000)));
    assert_eq!(offers[1].price, Some(decimal(3_300)));
    assert_eq!(offers[2].price, Some(decimal(5_000)));
}

#[test]
fn the_main_line_does_not_flap() {
    let (mut engine, rates) = (Engine::new(), Rates::from(&ModelInputs::default()));
    let set = LineSet { half_lines: 5, whole_lines: 2, quarter_lines: 4 };
    let at = |engine: &mut Engine, time: f64, previous: Option<QuarterLine>| {
        choose_lines(engine.law_over(&rates, &State::PRE_MATCH, time).unwrap(), previous, &set).unwrap().main
    };
    let (mut main, mut changes, mut changes_without_memory) = (None, 0, 0);
    let mut last_without_memory = None;
    for tick in 0..2_000 {
        // A price that trembles while it falls.
        let time = 1.0 - f64::from(tick) / 2_500.0 + if tick % 2 == 0 { 0.003 } else { 0.0 };
        let next = Some(at(&mut engine, time, main));
        let without_memory = Some(at(&mut engine, time, None));
        changes += usize::from(main.is_some() && next != main);
        changes_without_memory += usize::from(last_without_memory.is_some() && without_memory != last_without_memory);
        (main, last_without_memory) = (next, without_memory);
    }
    assert!(changes >= 3, "the main line follows the match");
    assert!(changes_without_memory > 2 * changes, "{changes} against {changes_without_memory}");
    assert_eq!(Some(at(&mut engine, 0.2, Some(QuarterLine::from_quarters(400)))), Some(at(&mut engine, 0.2, None)));
}

#[test]
fn a_handicap_follows_the_match_and_does_not_flap() {
    let (mut engine, rates) = (Engine::new(), Rates::from(&ModelInputs::default()));
    for is_rest in [false, true] {
        let state = State { away_score: 1, away_reds: 1, ..State::PRE_MATCH };
        let (mut main, mut changes, mut changes_without_memory) = (None, 0, 0);
        let mut last_without_memory = None;
        for tick in 0..1_000 {
            let time = 0.9 - f64::from(tick) / 1_200.0 + if tick % 2 == 0 { 0.003 } else { 0.0 };
            let law = engine.law_over(&rates, &state, time).unwrap();
            let split = |line| Some(if is_rest { law.handicap_from_now(line) } else { law.handicap(line) });
            let lead = if is_rest { 0 } else { -1 };
            let chosen = choose_handicaps(lead, split, main, 7).unwrap();
            assert_eq!(chosen.lines.len(), 7);
            // Neighbours: a quarter of a goal apart.
            assert!(chosen.lines.windows(2).all(|pair| pair[1].quarters() - pair[0].quarters() == 1), "{chosen:?}");
            let without_memory = choose_handicaps(lead, split, None, 7).map(|lines| lines.main);
            changes += usize::from(main.is_some() && main != Some(chosen.main));
            changes_without_memory +=
                usize::from(last_without_memory.is_some() && last_without_memory != without_memory);
            (main, last_without_memory) = (Some(chosen.main), without_memory);
        }
        assert!(changes >= 2, "the main line follows the match: {changes}");
        assert!(changes_without_memory > 2 * changes, "{is_rest}: {changes} against {changes_without_memory}");
    }
}

#[test]
fn a_double_chance_is_the_match_result_twice() {
    let ladder = Ladder::decimal_default();
    let offers = offer_double_chance(&[0.5, 0.3, 0.2], &MarginPlan::default(), &ladder).unwrap();
    let mut offered = Vec::new();
    apply_margin(MarginMethod::Power, &[0.5, 0.3, 0.2], 1, 1.05, &mut offered).unwrap();
    let sums = [offered[0] + offered[1], offered[0] + offered[2], offered[1] + offered[2]];
    assert_eq!(prices(&offers), sums.map(|q| ladder.down(1.0 / q)));
    // Above 1 / 1.01 there is no rung: withheld, with its fair value.
    let offers = offer_double_chance(&[0.97, 0.02, 0.01], &MarginPlan::default(), &ladder).unwrap();
    assert_eq!(prices(&offers)[..2], [None, None]);
    assert_eq!(offers[0].fair, Billionths::from_raw(990_000_000));
    assert!(offers[2].price.is_some());
}

#[test]
fn an_easier_line_is_never_longer() {
    let ladder = Ladder::decimal_default();
    let split = |win: f64| Split { win, lose: 1.0 - win, ..Split::default() };
    let plan =
        |thousandths: i64| MarginPlan::new(MarginMethod::OddsRatio, Billionths::from_raw(thousandths * 1_000_000));
    // Nearly the same bet, with less margin on the easier one: alone it would be longer.
    let lines = [(split(0.503), plan(1_010)), (split(0.500), plan(1_080))];
    let alone: Vec<_> =
        lines.iter().map(|(split, plan)| offer_two_way(*split, plan, &ladder).unwrap()[0].price).collect();
    assert!(alone[0].unwrap().cmp_value(&alone[1].unwrap()).is_gt());
    let offers = offer_lines(&lines, &ladder).unwrap();
    assert_eq!(offers[0][0].price, alone[1]);
    assert_eq!(offers[1][0].price, alone[1]);
    assert!(offers[0][1].price.unwrap().cmp_value(&offers[1][1].price.unwrap()).is_ge());
}

#[test]
fn lines_below_the_score_are_gone() {
    let (mut engine, rates) = (Engine::new(), Rates::from(&ModelInputs::default()));
    let state = State { home_score: 2, away_score: 1, ..State::PRE_MATCH };
    let law = engine.law_over(&rates, &state, 0.3).unwrap();
    let chosen = choose_lines(law, Some(QuarterLine::from_quarters(10)), &LineSet::default()).unwrap();
    assert!(chosen.lines.iter().all(|line| line.quarters() >= 14), "{chosen:?}");
    let over = engine.law_over(&rates, &state, 0.0).unwrap();
    assert_eq!(choose_lines(over, None, &LineSet::default()), None);
}

#[test]
fn the_american_ladder_climbs_through_even_money_once() {
    let ladder = Ladder::american_default();
    let american = |odds: i32| Some(Price::american(odds).expect("odds of a test are odds"));
    assert_eq!(ladder.down(1.01), american(-10_000));
    assert_eq!(ladder.down(1.005), None);
    assert_eq!(ladder.down(2.0), american(100));
    assert_eq!(ladder.down(1.9999), american(-105));
    assert_eq!(ladder.down(2.52), american(150));
    assert_eq!(ladder.nearest(2.53), american(155));
    assert_eq!(ladder.down(5_000.0), american(99_000));
    assert!(ladder.prices().windows(2).all(|pair| pair[0].cmp_value(&pair[1]).is_lt()));
}

#[test]
fn bands_that_make_no_ladder_are_refused() {
    let new = |bands: &[Band]| Ladder::new(PriceForm::Decimal, bands);
    let odd = Band { from: 1_010, to: 2_000, step: 7 };
    assert_eq!(new(&[odd]), Err(BadLadder::BadBand(odd)));
    assert_eq!(new(&[]), Err(BadLadder::Empty));
    assert_eq!(new(&[Band { from: 1_005, to: 1_015, step: 5 }]), Err(BadLadder::OutOfLimits(1_005)));
    let falling = [Band { from: 2_000, to: 3_000, step: 500 }, Band { from: 1_500, to: 2_000, step: 500 }];
    assert_eq!(new(&falling), Err(BadLadder::NotRising(1_500)));
}

#[test]
fn the_margin_grows_with_the_phase() {
    let overrounds = Overrounds::default();
    let at = |phase, minute| {
        let clock = Clock { phase, minute, ..Clock::PRE_MATCH };
        overrounds.at(overrounds.main_total, &clock).to_string()
    };
    assert_eq!(at(Phase::PreMatch, 0.0), "1.040000000");
    assert_eq!(at(Phase::FirstHalf, 44.0), "1.050000000");
    assert_eq!(at(Phase::SecondHalf, 84.9), "1.050000000");
    assert_eq!(at(Phase::SecondHalf, 85.0), "1.060000000");
}

#[test]
fn a_rung_a_hair_above_fair_is_not_offered() {
    let ladder = Ladder::decimal_default();
    let plan = MarginPlan::new(MarginMethod::Power, Billionths::ONE);
    // Fair odds of 1.9999999995 round to the rung 2 within the ladder's tolerance, and 2 would be better than fair.
    let fair = 0.5 + 1.25e-10;
    assert_eq!(ladder.down(1.0 / fair), Some(decimal(2_000)));
    let offers = offer(&[fair, 1.0 - fair], 1, &plan, &ladder).unwrap();
    assert_eq!(offers[0].price, Some(decimal(1_990)));
    // Two thirds is published as 0.666666667, which 1.5 does not cover.
    let offers = offer(&[2.0 / 3.0, 1.0 / 3.0], 1, &plan, &ladder).unwrap();
    assert_eq!(prices(&offers), [Some(decimal(1_490)), Some(decimal(3_000))]);
}

#[test]
fn nearest_rungs_are_used_only_where_the_margin_stays() {
    let ladder = Ladder::decimal_default();
    let mut plan = MarginPlan::new(MarginMethod::Multiplicative, Billionths::from_raw(1_038_500_000));
    let both = |plan: &MarginPlan| prices(&offer(&[0.5, 0.5], 1, plan, &ladder).unwrap());
    // Raw odds 1.9259: down is 1.92, nearest 1.93, and two of those carry 1.0363.
    assert_eq!(both(&plan), [Some(decimal(1_920)); 2]);
    plan.rounding = TickRounding::Nearest { overround_min: Billionths::from_raw(1_036_000_000) };
    assert_eq!(both(&plan), [Some(decimal(1_930)); 2]);
    plan.rounding = TickRounding::Nearest { overround_min: Billionths::from_raw(1_037_000_000) };
    assert_eq!(both(&plan), [Some(decimal(1_920)); 2]);
}

#[test]
fn a_double_chance_has_two_winners() {
    let ladder = Ladder::decimal_default();
    let plan = MarginPlan::new(MarginMethod::OddsRatio, Billionths::from_raw(1_050_000_000));
    let offers = offer(&[0.75, 0.55, 0.7], 2, &plan, &ladder).unwrap();
    let carried: f64 = offers.iter().filter_map(|offer| offer.price).map(implied).sum();
    assert!((2.1..2.13).contains(&carried), "{carried}");
}

#[test]
fn what_is_published_of_a_probability_is_its_nearest_billionth() {
    let halves = [0.5e-9, 1.5e-9, 0.123_456_789_5, 0.5, 1.0, 1.0 - 1e-16, 0.0, 1e-300, -4e-16, 0.999_999_999_5];
    for p in halves.into_iter().chain((0..1_000).map(|n| f64::from(n) / 997.3)) {
        assert_eq!(withheld(&[p])[0].fair, Billionths::from_f64(p).unwrap(), "{p}");
    }
}

#[test]
fn a_wish_moves_the_lines_and_not_the_main_one() {
    let law = super::super::law(&Profile::measured_v1(), &ModelInputs::default(), &State::PRE_MATCH).unwrap();
    let set = LineSet { half_lines: 3, whole_lines: 0, quarter_lines: 0 };
    let totals = |wish: LineWish| choose_totals(0, |line| Some(law.total(line)), wish, &set).unwrap();
    let plain = totals(LineWish::default());
    for (quarters, by) in [(4, 4), (-4, -4), (40, 40), (0, 0)] {
        let wished = totals(LineWish { previous_main: Some(plain.main), offset_quarters: quarters });
        assert_eq!((wished.main, wished.centre.quarters()), (plain.main, plain.main.quarters() + by));
        let lines: Vec<i32> = wished.lines.iter().map(|line| line.quarters()).collect();
        assert_eq!(lines, [-4, 0, 4].map(|off| wished.centre.quarters() + off), "moved by {quarters}");
    }
    // Not below what can still come: the lowest lines there are.
    let lowest = totals(LineWish { previous_main: None, offset_quarters: -40 });
    let lines: Vec<i32> = lowest.lines.iter().map(|line| line.quarters()).collect();
    assert_eq!((lowest.main, lowest.centre.quarters(), lines), (plain.main, 2, vec![2, 6, 10]));
    let handicaps = |wish: LineWish| choose_handicaps(0, |line| Some(law.handicap(line)), wish, 5).unwrap();
    let plain = handicaps(LineWish::default());
    let moved = handicaps(LineWish { offset_quarters: -3, ..LineWish::default() });
    assert_eq!((moved.main, moved.centre.quarters()), (plain.main, plain.main.quarters() - 3));
    assert_eq!(moved.lines[2], moved.centre);
}
