//! Odds read, show and compare exactly, and a jump is a jump in whole numbers.

use std::cmp::Ordering;

use proptest::prelude::*;

use crate::values::{PRICE_JUMP_RATIO, Price, PriceError, PriceForm, Ratio, price_jump};

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

fn any_price() -> impl Strategy<Value = Price> {
    prop_oneof![
        (1_001_u32..=1_000_000).prop_map(|thousandths| Price::decimal_thousandths(thousandths).unwrap()),
        (1_001_u32..=5_000).prop_map(|thousandths| Price::decimal_thousandths(thousandths).unwrap()),
        (100_i32..=100_000).prop_map(|odds| Price::american(odds).unwrap()),
        (100_i32..=100_000).prop_map(|odds| Price::american(-odds).unwrap()),
    ]
}

#[test]
fn prices_read_and_show_in_their_own_form() {
    for (text, shown, factor) in [
        ("1.95", "1.950", (39, 20)),
        ("2", "2.000", (2, 1)),
        ("2.0", "2.000", (2, 1)),
        ("1.001", "1.001", (1_001, 1_000)),
        ("1000", "1000.000", (1_000, 1)),
        ("1000.000", "1000.000", (1_000, 1)),
        ("+150", "+150", (5, 2)),
        ("-110", "-110", (21, 11)),
        ("+100", "+100", (2, 1)),
        ("-100", "-100", (2, 1)),
        ("+100000", "+100000", (1_001, 1)),
        ("-100000", "-100000", (1_001, 1_000)),
    ] {
        let price = price(text);
        assert_eq!(price.to_string(), shown);
        assert_eq!(price.factor(), Ratio::new(factor.0, factor.1).unwrap(), "{text}");
        let form = if text.starts_with(['+', '-']) { PriceForm::American } else { PriceForm::Decimal };
        assert_eq!(price.form(), form);
    }
}

#[test]
fn what_is_not_a_price_is_refused() {
    use PriceError::{Malformed, OutOfRange};
    for (text, error) in [
        ("1", OutOfRange),
        ("1.000", OutOfRange),
        ("0.9", OutOfRange),
        ("0", OutOfRange),
        ("1000.001", OutOfRange),
        ("1001", OutOfRange),
        ("999999.999", OutOfRange),
        ("+99", OutOfRange),
        ("-99", OutOfRange),
        ("+0", OutOfRange),
        ("-0", OutOfRange),
        ("+100001", OutOfRange),
        ("-100001", OutOfRange),
        ("", Malformed),
        ("+", Malformed),
        ("-", Malformed),
        (".", Malformed),
        ("2.", Malformed),
        (".5", Malformed),
        ("1.9501", Malformed),
        ("1.9500", Malformed),
        ("01.95", Malformed),
        ("1,95", Malformed),
        ("1.95 ", Malformed),
        (" 1.95", Malformed),
        ("1.9e1", Malformed),
        ("1.+5", Malformed),
        ("+1.5", Malformed),
        ("+-150", Malformed),
        ("--110", Malformed),
        ("+0150", Malformed),
        ("+1000000", Malformed),
        ("1/2", Malformed),
        ("NaN", Malformed),
        ("２.00", Malformed),
        ("−110", Malformed),
        ("99999999999999999999", Malformed),
    ] {
        assert_eq!(Price::parse(text), Err(error), "{text:?}");
    }
    for thousandths in [0, 1, 1_000, 1_000_001, u32::MAX] {
        assert_eq!(Price::decimal_thousandths(thousandths), Err(OutOfRange));
    }
    for odds in [0, 99, -99, 100_001, -100_001, i32::MIN, i32::MAX] {
        assert_eq!(Price::american(odds), Err(OutOfRange));
    }
}

#[test]
fn even_money_has_three_faces_and_one_value() {
    let faces = [price("+100"), price("-100"), price("2.000")];
    for (index, face) in faces.iter().enumerate() {
        for other in &faces[index + 1..] {
            assert_ne!(face, other);
            assert_eq!(face.cmp_value(other), Ordering::Equal);
        }
    }
    assert_eq!(price("-110").cmp_value(&price("1.909")), Ordering::Greater);
    assert_eq!(price("-110").cmp_value(&price("1.910")), Ordering::Less);
}

#[test]
fn a_jump_is_more_than_a_factor_of_e_to_0_35_in_winnings() {
    for (current, requested, jumped) in [
        ("2.00", "2.00", false),
        ("1.71", "2.00", false),
        ("1.70", "2.00", true),
        ("2.41", "2.00", false),
        ("2.42", "2.00", true),
        // 1.419 < 1.419068 < 1.420, and 1/0.705 = 1.4184 < 1.419068 < 1/0.704 = 1.4205
        ("2.419", "2.00", false),
        ("2.420", "2.00", true),
        ("1.705", "2.00", false),
        ("1.704", "2.00", true),
        ("+141", "-100", false),
        ("+142", "-100", true),
        ("-141", "+100", false),
        ("-142", "+100", true),
        ("1.002", "1.001", true),
        ("1000", "1.001", true),
        ("1.001", "-100000", false),
        ("1000", "+99900", false),
    ] {
        assert_eq!(
            price_jump(&price(current), &price(requested), PRICE_JUMP_RATIO),
            jumped,
            "{current} for {requested}"
        );
        assert_eq!(
            price_jump(&price(requested), &price(current), PRICE_JUMP_RATIO),
            jumped,
            "{requested} for {current}"
        );
    }
}

#[test]
fn a_ratio_exactly_at_the_limit_is_no_jump() {
    // Winnings of 354.767 on 250 are exactly the limit and one thousandth more is beyond it.
    let low = Price::decimal_thousandths(251_000).unwrap();
    assert!(!price_jump(&Price::decimal_thousandths(355_767).unwrap(), &low, PRICE_JUMP_RATIO));
    assert!(price_jump(&Price::decimal_thousandths(355_768).unwrap(), &low, PRICE_JUMP_RATIO));
}

proptest! {
    #[test]
    fn what_is_shown_reads_back(price in any_price()) {
        prop_assert_eq!(Price::parse(&price.to_string()), Ok(price));
    }

    #[test]
    fn prices_compare_as_what_they_pay_on_a_common_stake(left in any_price(), right in any_price()) {
        // The oracle: what each pays on a stake that both denominators divide.
        let (a, b) = (left.factor(), right.factor());
        let stake = u128::from(a.den()) * u128::from(b.den());
        let pays = |factor: Ratio| stake / u128::from(factor.den()) * u128::from(factor.num());
        prop_assert_eq!(left.cmp_value(&right), pays(a).cmp(&pays(b)));
        prop_assert!(a > Ratio::ONE);
    }

    #[test]
    fn a_jump_agrees_with_logarithms_away_from_the_limit(left in any_price(), right in any_price()) {
        let winnings = |price: Price| price.factor().num() as f64 / price.factor().den() as f64 - 1.0;
        let distance = (libm::log(winnings(left)) - libm::log(winnings(right))).abs();
        prop_assume!((distance - 0.35).abs() > 1e-6);
        prop_assert_eq!(price_jump(&left, &right, PRICE_JUMP_RATIO), distance > 0.35);
        prop_assert_eq!(price_jump(&right, &left, PRICE_JUMP_RATIO), distance > 0.35);
    }

    #[test]
    fn what_is_read_is_the_number_written(text in "[+-]?[0-9]{1,4}(\\.[0-9]{0,4})?") {
        if let Ok(price) = Price::parse(&text) {
            // Written out in full, the shown price is the text with zeros to the third place.
            let full = match (price.form(), text.contains('.')) {
                (PriceForm::American, _) => text,
                (PriceForm::Decimal, true) => {
                    format!("{text:0<width$}", width = text.find('.').map_or(0, |point| point + 4))
                }
                (PriceForm::Decimal, false) => format!("{text}.000"),
            };
            prop_assert_eq!(price.to_string(), full);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,12}") {
        if Price::parse(&text).is_ok() {
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte)));
        }
    }
}
