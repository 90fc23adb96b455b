//! Payments by hand: what every legal pair of results comes to, and where the cents go.

use super::*;

/// Prices with what their legs came to.
type Told<'a> = &'a [(&'a str, Option<LegResult>)];

fn legs(legs: Told<'_>) -> Vec<(Price, Option<LegResult>)> {
    legs.iter().map(|(price, result)| (Price::parse(price).unwrap(), *result)).collect()
}

#[test]
fn payments_by_hand() {
    use LegResult::{HalfLose, HalfWin, Lose, Void, Win};
    let paid = |minor| Some(Payment::Paid(Money::from_minor(minor)));
    let cases: [(i64, Told<'_>, Option<Payment>); 15] = [
        (11_000, &[("-110", Some(Win))], paid(21_000)),
        (100, &[("1.005", Some(Win))], paid(101)), // 100.5: a half cent goes up
        (100, &[("1.004", Some(Win))], paid(100)),
        (1_000, &[("1.950", Some(HalfWin))], paid(1_475)),
        (1_000, &[("1.950", Some(HalfLose))], paid(500)),
        (1, &[("1.950", Some(HalfLose))], paid(1)),
        (1, &[("1.950", Some(HalfLose)), ("2.000", Some(HalfLose))], Some(Payment::Lost)), // a quarter cent
        (1_000, &[("1.950", Some(Void))], Some(Payment::StakeBack)),
        (1_000, &[("1.950", Some(Void)), ("2.000", Some(Void))], Some(Payment::StakeBack)),
        (1_000, &[("1.950", Some(Void)), ("2.000", Some(Win))], paid(2_000)),
        // Returns exactly the stake, yet is no void line.
        (1_000, &[("2.000", Some(Win)), ("3.000", Some(HalfLose))], paid(1_000)),
        (1_000, &[("1.950", None)], None),
        (1_000, &[("1.950", None), ("2.000", Some(Lose))], Some(Payment::Lost)),
        (1_000, &[("1.950", Some(Void)), ("2.000", Some(Lose))], Some(Payment::Lost)),
        (1_000, &[("1.950", Some(Win)), ("2.000", None)], None),
    ];
    for (stake, of, expected) in cases {
        assert_eq!(payment_of(Money::from_minor(stake), &legs(of)), expected, "{stake} on {of:?}");
    }
}

#[test]
fn the_window_of_a_cancel_is_open_at_its_end() {
    let at = Time::from_ms;
    let cancel =
        |from, to, is_approved| Cancel { id: FactId::parse("c").unwrap(), window: BetWindow { from, to }, is_approved };
    let bounded = cancel(Some(at(10)), Some(at(20)), false);
    let inside = [9, 10, 19, 20].map(|ms| bounded.voids(at(ms), false));
    assert_eq!(inside, [false, true, true, false]);
    assert!(cancel(None, Some(at(20)), false).voids(Time::MIN, false));
    assert!(cancel(Some(at(10)), None, false).voids(Time::MAX, false));
    assert!(!cancel(None, None, false).voids(at(0), true));
    assert!(cancel(None, None, true).voids(at(0), true));
}
