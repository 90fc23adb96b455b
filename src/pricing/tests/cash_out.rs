//! What a running bet is worth: stories of tickets, and the bounds of every offer.

use super::super::{Engine, LegWorth, Rates, State, cash_out_offer, expected_multiple, fair_value, joint_multiple};
use super::twin::{any_rates, any_state};
use crate::values::{Billionths, Money, QuarterLine};
use proptest::prelude::*;

const MARGIN: Billionths = Billionths::from_raw(30_000_000);

#[test]
fn tickets_are_bought_back() {
    use LegWorth::{Open, Settled, Suspended};
    let (won, half_lost, void, lost) = (Settled(2.5), Settled(0.5), Settled(1.0), Settled(0.0));
    // stake, legs, full payout, offer
    let table: [(i64, &[LegWorth], i64, Option<i64>); 12] = [
        (1_000, &[Open(1.0)], 2_000, Some(970)),
        // 1000 x 2.5 x 0.8 x 0.97 is 1940 to the cent.
        (1_000, &[won, Open(0.8)], 5_000, Some(1_940)),
        (1_000, &[won, half_lost, void, Open(0.8)], 2_500, Some(970)),
        (1_000, &[won, Open(0.5), Open(0.5)], 9_000, Some(606)),
        (1_000, &[lost, Open(3.0)], 0, None),
        (1_000, &[Open(0.0)], 2_000, Some(0)),
        (1_000, &[won, Suspended], 5_000, None),
        (1_000, &[lost, Suspended], 5_000, None),
        // Nearly won: never the full payout or more.
        (1_000, &[Open(2.5)], 2_000, Some(1_999)),
        (100, &[Open(0.999_999)], 200, Some(96)),
        (1_000, &[Open(f64::NAN)], 2_000, None),
        (1_000, &[Open(-0.1)], 2_000, None),
    ];
    for (stake, legs, full, expected) in table {
        let offer = cash_out_offer(Money::from_minor(stake), legs, MARGIN, Money::from_minor(full));
        assert_eq!(offer.map(Money::minor), expected, "{stake} {legs:?} of {full}");
    }
    let all = Billionths::from_raw(1_000_000_001);
    assert_eq!(cash_out_offer(Money::from_minor(100), &[Open(1.0)], all, Money::from_minor(200)), None);
    assert_eq!(fair_value(Money::from_minor(1_000), &[won, Open(0.8)]), Some(2_000.0));
}

#[test]
fn a_whole_unit_is_not_lost_to_the_last_bit() {
    for units in 1..2_000_i64 {
        // A third and three of it again: as near to the whole as floats come.
        let legs = [LegWorth::Open(1.0 / 3.0), LegWorth::Settled(3.0)];
        let stake = Money::from_minor(units);
        let offer = cash_out_offer(stake, &legs, Billionths::ZERO, Money::from_minor(9 * units));
        assert_eq!(offer, Some(stake));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_offer_is_never_above_its_value(
        stake in 1..10_000_000_i64,
        legs in proptest::collection::vec((0.0..5.0_f64).prop_map(LegWorth::Open), 1..6),
        margin in 0..1_000_000_000_i64,
        full in 1..1_000_000_000_i64,
    ) {
        let (stake, full) = (Money::from_minor(stake), Money::from_minor(full));
        let margin = Billionths::from_raw(margin);
        let offer = cash_out_offer(stake, &legs, margin, full).unwrap();
        let value = fair_value(stake, &legs).unwrap();
        prop_assert!(!offer.is_negative() && offer < full);
        prop_assert!(offer.minor() as f64 <= value * (1.0 - margin.to_f64()) + 1e-6);
    }

    /// One leg by the cells is the same leg by its line, and two legs of one match are no product.
    #[test]
    fn legs_of_one_match_are_looked_at_together(
        rates in any_rates(), state in any_state(), time in 0.05..1.0_f64, quarters in -9..10_i16, odds in 1.01..9.0_f64,
    ) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let line = QuarterLine::from_quarters(quarters);
        let one = |x: u32, y: u32| match 4 * (i64::from(x) - i64::from(y)) + i64::from(quarters) {
            2.. => odds,
            1 => (1.0 + odds) / 2.0,
            0 => 1.0,
            -1 => 0.5,
            ..=-2 => 0.0,
        };
        let by_line = expected_multiple(&law.handicap(line), odds);
        prop_assert!((joint_multiple(law, one) - by_line).abs() < 1e-12);
        let home_wins = |x: u32, y: u32| if x > y { 2.0 } else { 0.0 };
        let both = joint_multiple(law, |x, y| home_wins(x, y) * home_wins(x, y));
        prop_assert!((both - 4.0 * law.match_result()[0]).abs() < 1e-12);
        prop_assert!(both >= joint_multiple(law, home_wins) * joint_multiple(law, home_wins) - 1e-12);
    }
}

#[test]
fn a_line_pays_by_its_endings() {
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
    let mut engine = Engine::new();
    let law = engine.law_over(&rates, &State { home_score: 1, ..State::PRE_MATCH }, 0.0).unwrap();
    // It ends 1-0: -0.75 half wins, -1 pushes, -1.25 half loses.
    for (quarters, multiple) in [(-2, 2.0), (-3, 1.5), (-4, 1.0), (-5, 0.5), (-6, 0.0)] {
        assert_eq!(expected_multiple(&law.handicap(QuarterLine::from_quarters(quarters)), 2.0), multiple);
    }
}
