//! A line returns the same to the cent as long arithmetic by hand, in whatever order its legs are written.

use num_bigint::BigUint;
use proptest::prelude::*;

use crate::values::{LegResult, Money, Price, Ratio, Rounding, exceeds_cap, leg_factor, line_return};

const RESULTS: [LegResult; 5] =
    [LegResult::Lose, LegResult::Win, LegResult::Void, LegResult::HalfWin, LegResult::HalfLose];

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

fn ratio(num: u64, den: u64) -> Ratio {
    Ratio::new(num, den).unwrap()
}

fn cents(minor: i64) -> Money {
    Money::from_minor(minor)
}

#[test]
fn a_ratio_is_kept_in_lowest_terms() {
    assert_eq!(Ratio::new(1, 0), None);
    assert_eq!(ratio(0, 7), Ratio::ZERO);
    assert_eq!(ratio(u64::MAX, u64::MAX), Ratio::ONE);
    assert_eq!(ratio(1_950, 1_000).to_string(), "39/20");
    assert_eq!(ratio(2, 3).checked_mul(ratio(3, 2)), Some(Ratio::ONE));
    assert_eq!(ratio(u64::MAX, 2).checked_mul(ratio(2, u64::MAX)), Some(Ratio::ONE));
    assert_eq!(ratio(u64::MAX, 1).checked_mul(ratio(2, 1)), None);
    assert_eq!(ratio(1, u64::MAX).checked_mul(ratio(1, 2)), None);
    assert_eq!(ratio(u64::MAX, 1).checked_mul(Ratio::ZERO), Some(Ratio::ZERO));
    assert!(ratio(u64::MAX - 1, u64::MAX) < Ratio::ONE && Ratio::ONE < ratio(u64::MAX, u64::MAX - 1));
}

#[test]
fn exactly_five_pairs_are_legal() {
    let legal = |r, vf_halves| LegResult::from_pair(r, vf_halves);
    for result in RESULTS {
        let (r, vf_halves) = result.pair();
        assert_eq!(legal(r, vf_halves), Some(result));
    }
    let count = (0..=u8::MAX).flat_map(|r| (0..=u8::MAX).filter_map(move |vf| legal(r, vf))).count();
    assert_eq!(count, 5);
    assert_eq!(legal(1, 2), None, "a void win is malformed");
}

#[test]
fn each_leg_comes_to_what_the_formula_says() {
    for (text, result, expected) in [
        ("1.95", LegResult::Lose, (0, 1)),
        ("1.95", LegResult::Win, (39, 20)),
        ("1.95", LegResult::Void, (1, 1)),
        ("1.95", LegResult::HalfWin, (59, 40)),
        ("1.95", LegResult::HalfLose, (1, 2)),
        ("-110", LegResult::Win, (21, 11)),
        ("-110", LegResult::HalfWin, (16, 11)),
        ("+150", LegResult::HalfWin, (7, 4)),
    ] {
        assert_eq!(leg_factor(&price(text), result), ratio(expected.0, expected.1), "{text} {result:?}");
    }
}

#[test]
fn lines_return_to_the_cent() {
    let win = |text| leg_factor(&price(text), LegResult::Win);
    for (stake, factors, half_up, down) in [
        (11_000, vec![win("-110")], 21_000, 21_000),
        (1, vec![win("1.5")], 2, 1),
        (1, vec![win("1.499")], 1, 1),
        (3, vec![Ratio::HALF], 2, 1),
        (1, vec![Ratio::HALF, Ratio::HALF], 0, 0),
        (100, vec![ratio(1, 3)], 33, 33),
        (100, vec![ratio(2, 3)], 67, 66),
        (1_000, vec![], 1_000, 1_000),
        (1_000, vec![win("1000"), Ratio::ZERO], 0, 0),
        (0, vec![win("1000")], 0, 0),
        (i64::MAX, vec![Ratio::ONE; 25], i64::MAX, i64::MAX),
        // A product that leaves 64 and 128 bits on its way and comes back.
        (1_234, [vec![ratio(u64::MAX, 1); 12], vec![ratio(1, u64::MAX); 12]].concat(), 1_234, 1_234),
    ] {
        assert_eq!(line_return(cents(stake), &factors, Rounding::HalfUp), Some(cents(half_up)), "{stake} {factors:?}");
        assert_eq!(line_return(cents(stake), &factors, Rounding::Down), Some(cents(down)), "{stake} {factors:?}");
    }
}

#[test]
fn a_return_that_cannot_be_counted_is_none() {
    for (stake, factors) in [
        (i64::MAX, vec![ratio(1_001, 1_000)]),
        (1, vec![ratio(1_000, 1); 25]),
        (i64::MAX, vec![ratio(u64::MAX, 1); 25]),
        (100, vec![Ratio::ONE; 26]),
        (-1, vec![Ratio::ONE]),
        (i64::MIN, vec![Ratio::ZERO]),
    ] {
        assert_eq!(line_return(cents(stake), &factors, Rounding::Down), None, "{stake} {factors:?}");
        assert!(exceeds_cap(cents(stake), &factors, Money::MAX), "{stake} {factors:?}");
    }
    // Half a cent above the last cent that fits.
    let half_above = ratio(2 * i64::MAX as u64 + 1, 2);
    assert_eq!(line_return(cents(1), &[half_above], Rounding::Down), Some(Money::MAX));
    assert_eq!(line_return(cents(1), &[half_above], Rounding::HalfUp), None);
}

#[test]
fn the_cap_is_judged_before_rounding() {
    let third_above = [ratio(301, 3)];
    assert_eq!(line_return(cents(1), &third_above, Rounding::HalfUp), Some(cents(100)));
    assert!(exceeds_cap(cents(1), &third_above, cents(100)), "100 1/3 is above 100");
    assert!(!exceeds_cap(cents(1), &third_above, cents(101)));
    assert!(!exceeds_cap(cents(50), &[ratio(2, 1)], cents(100)), "the cap itself may be paid");
    assert!(!exceeds_cap(Money::ZERO, &[ratio(2, 1)], Money::ZERO));
    assert!(exceeds_cap(Money::ZERO, &[], cents(-1)));
}

/// A leg at real odds and any result.
fn any_leg() -> impl Strategy<Value = Ratio> {
    let odds = prop_oneof![
        3 => (1_001_u32..=9_000).prop_map(|thousandths| Price::decimal_thousandths(thousandths).unwrap()),
        1 => (1_001_u32..=1_000_000).prop_map(|thousandths| Price::decimal_thousandths(thousandths).unwrap()),
        1 => (100_i32..=100_000, any::<bool>()).prop_map(|(a, minus)| Price::american(if minus { -a } else { a }).unwrap()),
    ];
    // Losing legs are rare, or nearly every long line would return nothing.
    let result = prop_oneof![
        1 => Just(LegResult::Lose), 60 => Just(LegResult::Win), 10 => Just(LegResult::Void),
        10 => Just(LegResult::HalfWin), 30 => Just(LegResult::HalfLose),
    ];
    (odds, result).prop_map(|(odds, result)| leg_factor(&odds, result))
}

/// Long lines at real odds, short lines where half a cent is common, and lines of factors as wide as they can be.
fn any_line() -> impl Strategy<Value = Vec<Ratio>> {
    let wide = (any::<u64>(), 1..=u64::MAX).prop_map(|(num, den)| Ratio::new(num, den).unwrap());
    let small = (0..=8_u64, 1..=8_u64).prop_map(|(num, den)| ratio(num, den));
    prop_oneof![
        prop::collection::vec(any_leg(), 0..=25),
        prop::collection::vec(small, 0..=3),
        prop::collection::vec(prop_oneof![any_leg(), wide], 0..=25),
    ]
}

/// The plain twin: big integers, one division, and the remainder doubled.
fn oracle(stake: i64, factors: &[Ratio], rounding: Rounding) -> Option<Money> {
    let num = factors.iter().fold(BigUint::from(stake.unsigned_abs()), |product, factor| product * factor.num());
    let den = factors.iter().fold(BigUint::from(1_u64), |product, factor| product * factor.den());
    let (whole, rest) = (&num / &den, &num % &den);
    let up = rounding == Rounding::HalfUp && rest * 2_u8 >= den;
    i64::try_from(whole + u8::from(up)).ok().map(Money::from_minor)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_line_agrees_with_big_integers_in_any_order_of_its_legs(
        stake in prop_oneof![0..=1_000_000_i64, 0..=i64::MAX],
        (factors, shuffled) in any_line()
            .prop_flat_map(|factors| (Just(factors.clone()), Just(factors).prop_shuffle())),
    ) {
        for rounding in [Rounding::HalfUp, Rounding::Down] {
            let expected = oracle(stake, &factors, rounding);
            prop_assert_eq!(line_return(cents(stake), &factors, rounding), expected);
            prop_assert_eq!(line_return(cents(stake), &shuffled, rounding), expected);
        }
    }

    #[test]
    fn a_cap_agrees_with_big_integers(
        stake in 0..=1_000_000_i64, factors in prop::collection::vec(any_leg(), 0..=25), above in -2..=2_i64,
    ) {
        // Caps right around the return, where a wrong comparison would show.
        let Some(rounded) = line_return(cents(stake), &factors, Rounding::Down) else { return Ok(()) };
        let cap = rounded.checked_add(cents(above)).unwrap_or(rounded);
        let num = factors.iter().fold(BigUint::from(stake.unsigned_abs()), |product, factor| product * factor.num());
        let den = factors.iter().fold(BigUint::from(1_u64), |product, factor| product * factor.den());
        let above_cap = cap.is_negative() || num > den * cap.minor().unsigned_abs();
        prop_assert_eq!(exceeds_cap(cents(stake), &factors, cap), above_cap);
    }

    #[test]
    fn a_ratio_times_a_ratio_is_exact(a: u32, b in 1..=u32::MAX, c: u32, d in 1..=u32::MAX) {
        let product = ratio(a.into(), b.into()).checked_mul(ratio(c.into(), d.into()));
        prop_assert_eq!(product, Ratio::new(u64::from(a) * u64::from(c), u64::from(b) * u64::from(d)));
    }

    #[test]
    fn ratios_order_as_their_cross_products(a: u64, b in 1..=u64::MAX, c: u64, d in 1..=u64::MAX) {
        let expected = (u128::from(a) * u128::from(d)).cmp(&(u128::from(c) * u128::from(b)));
        prop_assert_eq!(ratio(a, b).cmp(&ratio(c, d)), expected);
    }
}
