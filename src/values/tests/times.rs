//! A moment reads as the calendar says, and nobody is eighteen a day early.

use proptest::prelude::*;

use crate::values::{Date, DateError, Millis, Time};

#[test]
fn a_moment_reads_as_the_calendar_says() {
    for (ms, text) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_795_366_800_000, "2026-11-22T17:00:00.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (253_402_300_800_000, "+10000-01-01T00:00:00.000Z"),
        (-62_167_219_200_001, "-0001-12-31T23:59:59.999Z"),
        (i64::MIN, "-292275055-05-16T16:47:04.192Z"),
        (i64::MAX, "+292278994-08-17T07:12:55.807Z"),
    ] {
        assert_eq!(Time::from_ms(ms).to_string(), text);
    }
}

#[test]
fn every_day_of_four_centuries_follows_the_day_before() {
    // The plain twin of the closed formula: count day by day with the leap year rule.
    let (mut year, mut month, mut day) = (1_850, 1_u8, 1_u8);
    let first = Date::new(year, month, day).unwrap().starts_at();
    for days in 0..150_000 {
        let now = first + Millis::from_seconds(days * 86_400);
        let date = now.date();
        assert_eq!((date.year(), date.month(), date.day()), (year, month, day));
        assert_eq!(date.starts_at(), now);
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        day += 1;
        if day > lengths[usize::from(month) - 1] {
            (month, day) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
    assert!(year > 2_250);
}

#[test]
fn arithmetic_stops_at_the_ends_of_time() {
    let second = Millis::from_seconds(1);
    assert_eq!(Time::MAX + second, Time::MAX);
    assert_eq!(Time::MIN - second, Time::MIN);
    assert_eq!(Time::MIN + Millis::new(-1), Time::MIN);
    assert_eq!(Time::MAX - Time::MIN, Millis::new(i64::MAX));
    assert_eq!(Time::MIN - Time::MAX, Millis::new(i64::MIN));
    assert_eq!(-Millis::new(i64::MIN), Millis::new(i64::MAX));
    assert_eq!(Millis::from_seconds(i64::MAX).get(), i64::MAX);
    assert_eq!(Millis::new(5) - Millis::new(7) + Millis::ZERO, Millis::new(-2));
}

#[test]
fn only_days_that_exist_are_read() {
    assert_eq!(Date::parse("1990-05-17").unwrap().to_string(), "1990-05-17");
    assert_eq!(Date::parse("2000-02-29").unwrap().to_string(), "2000-02-29");
    for text in [
        "",
        "1990-5-17",
        "1990-05-17 ",
        " 1990-05-17",
        "1990/05/17",
        "90-05-17",
        "1990-13-01",
        "1990-00-01",
        "1990-01-00",
        "1990-04-31",
        "1900-02-29",
        "2026-02-29",
        "+990-05-17",
        "-990-05-17",
        "1990-05-1x",
        "1990-05-17T00",
        "１９９０",
        "199é-05-17",
        "19900517--",
    ] {
        assert_eq!(Date::parse(text), Err(DateError), "{text:?}");
    }
}

#[test]
fn nobody_is_eighteen_a_day_early() {
    for (born, now, years) in [
        ("2008-11-22", "2026-11-21", 17),
        ("2008-11-22", "2026-11-22", 18),
        ("2008-11-22", "2026-12-01", 18),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-29", 20),
        ("2026-11-23", "2026-11-22", -1),
        ("1990-05-17", "1970-01-01", -21),
    ] {
        let midnight = Date::parse(now).unwrap().starts_at();
        assert_eq!(Date::parse(born).unwrap().age_on(midnight), years, "{born} on {now}");
        let last_moment = midnight + Millis::new(86_399_999);
        assert_eq!(Date::parse(born).unwrap().age_on(last_moment), years, "{born} late on {now}");
    }
}

proptest! {
    #[test]
    fn times_between_year_0_and_9999_read_in_order(
        a in -62_167_219_200_000_i64..253_402_300_800_000, b in -62_167_219_200_000_i64..253_402_300_800_000,
    ) {
        let (left, right) = (Time::from_ms(a), Time::from_ms(b));
        prop_assert_eq!(left.to_string().cmp(&right.to_string()), left.cmp(&right));
    }

    #[test]
    fn a_date_reads_back(ms in -62_167_219_200_000_i64..253_402_300_800_000) {
        let date = Time::from_ms(ms).date();
        prop_assert_eq!(Date::parse(&date.to_string()), Ok(date));
    }

    #[test]
    fn no_moment_and_no_text_panics(ms: i64, text in "\\PC{0,12}") {
        prop_assert!(Time::from_ms(ms).to_string().ends_with('Z'));
        if let Ok(date) = Date::parse(&text) {
            prop_assert_eq!(date.to_string(), text);
        }
    }
}
