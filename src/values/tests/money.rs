//! An amount is read to the last cent or not at all.

use proptest::prelude::*;

use crate::values::{AmountError, Currency, Money, UnknownCurrency, display_amount, parse_amount};

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

#[test]
fn amounts_are_read_in_minor_units() {
    for (text, code, minor) in [
        ("0", "USD", 0),
        ("0.00", "USD", 0),
        ("12", "USD", 1_200),
        ("12.3", "USD", 1_230),
        ("12.34", "USD", 1_234),
        ("12.340", "USD", 1_234),
        ("12.34000000000000000000000000000000000000000000", "USD", 1_234),
        ("-0.05", "EUR", -5),
        ("1200", "JPY", 1_200),
        ("1200.0", "JPY", 1_200),
        ("1.234", "KWD", 1_234),
        ("92233720368547758.07", "USD", i64::MAX),
        ("-92233720368547758.08", "USD", i64::MIN),
        ("9223372036854775807", "JPY", i64::MAX),
    ] {
        assert_eq!(parse_amount(text, currency(code)), Ok(Money::from_minor(minor)), "{text} {code}");
    }
}

#[test]
fn what_is_not_a_plain_amount_is_refused() {
    use AmountError::{Malformed, OutOfRange, TooManyDigits};
    let long_whole = "9".repeat(60);
    let longer_whole = "9".repeat(100_000);
    for (text, code, error) in [
        ("", "USD", Malformed),
        ("-", "USD", Malformed),
        (".", "USD", Malformed),
        (".5", "USD", Malformed),
        ("5.", "USD", Malformed),
        ("+5", "USD", Malformed),
        ("--5", "USD", Malformed),
        ("-0", "USD", Malformed),
        ("-0.00", "USD", Malformed),
        ("05", "USD", Malformed),
        ("1e2", "USD", Malformed),
        ("1E-2", "USD", Malformed),
        (" 5", "USD", Malformed),
        ("5 ", "USD", Malformed),
        ("5\n", "USD", Malformed),
        ("5\0", "USD", Malformed),
        ("1_000", "USD", Malformed),
        ("1,000", "USD", Malformed),
        ("1,50", "USD", Malformed),
        ("1.2.3", "USD", Malformed),
        ("0x10", "USD", Malformed),
        ("NaN", "USD", Malformed),
        ("inf", "USD", Malformed),
        ("$5", "USD", Malformed),
        ("１２", "USD", Malformed),
        ("٣", "USD", Malformed),
        ("−5", "USD", Malformed),
        ("5\u{200b}", "USD", Malformed),
        ("12.345", "USD", TooManyDigits),
        ("12.3401", "USD", TooManyDigits),
        ("0.5", "JPY", TooManyDigits),
        ("1.2345", "KWD", TooManyDigits),
        ("0.00000000000000000000000000000000000000000000001", "USD", TooManyDigits),
        ("92233720368547758.08", "USD", OutOfRange),
        ("-92233720368547758.09", "USD", OutOfRange),
        ("92233720368547759", "USD", OutOfRange),
        ("79228162514264337593543950336", "JPY", OutOfRange),
        (&long_whole, "USD", OutOfRange),
        (&longer_whole, "USD", OutOfRange),
    ] {
        assert_eq!(parse_amount(text, currency(code)), Err(error), "{text:?} {code}");
    }
}

#[test]
fn an_amount_shows_every_digit_of_its_currency() {
    for (minor, code, text) in [
        (0, "USD", "0.00"),
        (5, "USD", "0.05"),
        (-5, "USD", "-0.05"),
        (123_456, "USD", "1234.56"),
        (1_200, "JPY", "1200"),
        (1_234, "KWD", "1.234"),
        (i64::MIN, "USD", "-92233720368547758.08"),
    ] {
        assert_eq!(display_amount(Money::from_minor(minor), currency(code)), text);
    }
}

#[test]
fn the_list_of_currencies_is_sorted_and_found() {
    let codes: Vec<&str> = Currency::all().map(Currency::code).collect();
    assert!(codes.is_sorted_by(|left, right| left < right), "sorted, each once");
    for currency in Currency::all() {
        assert_eq!(Currency::parse(currency.code()), Ok(currency));
        assert!(currency.code().len() == 3 && currency.code().bytes().all(|byte| byte.is_ascii_uppercase()));
    }
    let with_digits = |digits| Currency::all().filter(|currency| currency.minor_digits() == digits).count();
    assert_eq!((with_digits(0), with_digits(3)), (16, 7), "each exception is in the list");
    for code in ["", "usd", "US", "USDT", "USD ", "XAU", "XTS", "XXX", "CLF", "HRK", "BGN", "ANG", "ZWL", "ＵＳＤ"] {
        assert_eq!(Currency::parse(code), Err(UnknownCurrency), "{code:?}");
    }
}

#[test]
fn sums_say_when_they_overflow() {
    let one = Money::from_minor(1);
    assert_eq!(Money::MAX.checked_add(one), None);
    assert_eq!(Money::from_minor(i64::MIN).checked_sub(one), None);
    assert_eq!(Money::from_minor(i64::MIN).checked_neg(), None);
    assert_eq!(Money::MAX.checked_times(2), None);
    assert_eq!(one.checked_times(20_000), Some(Money::from_minor(20_000)));
    assert_eq!(Money::from_minor(1_000).divide_evenly(3), None);
    assert_eq!(Money::from_minor(1_000).divide_evenly(0), None);
    assert_eq!(Money::from_minor(1_001).divide_evenly(11), Some(Money::from_minor(91)));
    assert!(one.is_positive() && Money::ZERO.is_zero() && one.checked_neg().is_some_and(Money::is_negative));
}

proptest! {
    #[test]
    fn what_is_shown_reads_back(minor: i64, pick in 0..155_usize) {
        let currency = Currency::all().nth(pick).unwrap();
        let shown = display_amount(Money::from_minor(minor), currency);
        prop_assert_eq!(parse_amount(&shown, currency), Ok(Money::from_minor(minor)));
    }

    #[test]
    fn what_is_read_is_what_the_digits_say(text in "-?[0-9]{1,22}(\\.[0-9]{1,4})?") {
        // The oracle: delete the point, fill up to four digits, and count in ten-thousandths.
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let ten_thousandths: i128 = format!("{whole}{fraction:0<4}").parse().unwrap();
        let cents = i64::try_from(ten_thousandths / 100);
        match parse_amount(&text, currency("USD")) {
            Ok(amount) => {
                prop_assert_eq!(ten_thousandths % 100, 0);
                prop_assert_eq!(Ok(amount.minor()), cents);
            }
            Err(AmountError::TooManyDigits) => prop_assert_ne!(ten_thousandths % 100, 0),
            Err(AmountError::OutOfRange) => prop_assert!(cents.is_err()),
            Err(AmountError::Malformed) => {
                let unsigned = text.trim_start_matches('-');
                let leading_zero = unsigned.len() > 1 && unsigned.starts_with('0') && !unsigned.starts_with("0.");
                prop_assert!(leading_zero || (text.starts_with('-') && cents == Ok(0)));
            }
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        for code in ["JPY", "USD", "KWD"] {
            if parse_amount(&text, currency(code)).is_ok() {
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-'));
            }
        }
    }
}
