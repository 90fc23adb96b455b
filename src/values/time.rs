//! When something happened, how long it lasted, and how old somebody is on that day.

use std::fmt;
use std::ops::{Add, Neg, Sub};

const DAY_MS: i64 = 86_400_000;

/// A moment: whole milliseconds since the Unix epoch, UTC. Arithmetic saturates at [`Time::MIN`] and [`Time::MAX`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(i64);

impl Time {
    /// 1970-01-01T00:00:00.000Z.
    pub const EPOCH: Time = Time(0);
    /// Before everything: an open start of a window.
    pub const MIN: Time = Time(i64::MIN);
    /// After everything: an open end of a window.
    pub const MAX: Time = Time(i64::MAX);

    /// The moment this many milliseconds after the epoch (before it, if negative).
    pub const fn from_ms(ms: i64) -> Self {
        Time(ms)
    }

    /// Milliseconds since the epoch.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// The civil date in UTC.
    pub fn date(self) -> Date {
        Date::from_epoch_day(self.0.div_euclid(DAY_MS))
    }
}

/// RFC 3339 in UTC with milliseconds, as `2026-11-22T17:00:00.000Z`; a year outside 0..=9999 is written with its sign
/// and as many digits as it needs (ISO 8601 expanded).
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_day_ms = self.0.rem_euclid(DAY_MS);
        let (hour, minute) = (in_day_ms / 3_600_000, in_day_ms / 60_000 % 60);
        let (second, ms) = (in_day_ms / 1_000 % 60, in_day_ms % 1_000);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z", self.date())
    }
}

/// A span of time in whole milliseconds; may be negative. Arithmetic saturates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Millis(i64);

impl Millis {
    /// No time at all.
    pub const ZERO: Millis = Millis(0);

    /// A span of this many milliseconds.
    pub const fn new(ms: i64) -> Self {
        Millis(ms)
    }

    /// A span of this many whole seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Millis(seconds.saturating_mul(1_000))
    }

    /// The span in milliseconds.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl Add<Millis> for Time {
    type Output = Time;
    fn add(self, span: Millis) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Sub<Millis> for Time {
    type Output = Time;
    fn sub(self, span: Millis) -> Time {
        Time(self.0.saturating_sub(span.0))
    }
}

impl Sub for Time {
    type Output = Millis;
    fn sub(self, earlier: Time) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Millis {
    type Output = Millis;
    fn add(self, other: Millis) -> Millis {
        Millis(self.0.saturating_add(other.0))
    }
}

impl Sub for Millis {
    type Output = Millis;
    fn sub(self, other: Millis) -> Millis {
        Millis(self.0.saturating_sub(other.0))
    }
}

impl Neg for Millis {
    type Output = Millis;
    fn neg(self) -> Millis {
        Millis(self.0.saturating_neg())
    }
}

/// A day of the Gregorian calendar (extended backwards), for birth dates and expiries. Always a day that exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

/// The text is not an existing day written `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DateError;

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an existing day written YYYY-MM-DD")
    }
}

impl std::error::Error for DateError {}

impl Date {
    /// The day with this year (0 to 9999), month (1 to 12) and day of the month, if there is one.
    pub fn new(year: i32, month: u8, day: u8) -> Result<Date, DateError> {
        let exists = (0..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1;
        if exists && day <= days_in_month(year, month) { Ok(Date { year, month, day }) } else { Err(DateError) }
    }

    /// Reads exactly `YYYY-MM-DD` in ASCII digits.
    pub fn parse(text: &str) -> Result<Date, DateError> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(DateError);
        }
        let month = u8::try_from(digits(&bytes[5..7])?).map_err(|_| DateError)?;
        let day = u8::try_from(digits(&bytes[8..10])?).map_err(|_| DateError)?;
        Date::new(digits(&bytes[0..4])?, month, day)
    }

    /// The year.
    pub const fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// The first millisecond of this day, UTC.
    pub fn starts_at(self) -> Time {
        Time(self.epoch_day().saturating_mul(DAY_MS))
    }

    /// Whole years from this birth date to the UTC day of `now`; negative before birth. Someone born on 29 February
    /// has their birthday on 1 March of a common year: the later, stricter reading.
    pub fn age_on(self, now: Time) -> i32 {
        let today = now.date();
        let birthday_reached = (today.month, today.day) >= (self.month, self.day);
        today.year - self.year - i32::from(!birthday_reached)
    }

    /// Days since 1970-01-01, counted in years that begin in March so that a leap day comes last (Howard Hinnant,
    /// "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`).
    fn epoch_day(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    /// The inverse of `epoch_day` (`civil_from_days` of the same source).
    fn from_epoch_day(epoch_day: i64) -> Date {
        let shifted = epoch_day + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        Date {
            year: i32::try_from(year).expect("64-bit milliseconds reach no further than 292 million years"),
            month: u8::try_from(month).expect("a month is 1 to 12"),
            day: u8::try_from(day).expect("a day is 1 to 31"),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Date { year, month, day } = self;
        if (0..=9999).contains(year) {
            write!(f, "{year:04}-{month:02}-{day:02}")
        } else {
            write!(f, "{year:+05}-{month:02}-{day:02}")
        }
    }
}

fn digits(bytes: &[u8]) -> Result<i32, DateError> {
    bytes.iter().try_fold(0, |sum, byte| match byte {
        b'0'..=b'9' => Ok(sum * 10 + i32::from(byte - b'0')),
        _ => Err(DateError),
    })
}

fn days_in_month(year: i32, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
