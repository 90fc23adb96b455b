//! The limits that customers set themselves: lower at once, higher only after a wait and a second word.

use crate::event::LimitKind;
use crate::values::{Date, HashStream, Millis, Money, Time};

const DAY: Millis = Millis::from_seconds(86_400);

/// The span that a limit counts over, by the calendar in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Span {
    Day,
    Week,
    Month,
}

impl Span {
    const ALL: [Span; 3] = [Span::Day, Span::Week, Span::Month];

    /// The number of the span that a moment falls in.
    fn number(self, at: Time) -> i64 {
        let day = at.ms().div_euclid(DAY.get());
        match self {
            Span::Day => day,
            // The epoch was a Thursday: three days earlier a week began.
            Span::Week => (day + 3).div_euclid(7),
            Span::Month => i64::from(at.date().year()) * 12 + i64::from(at.date().month()) - 1,
        }
    }

    /// The first moment after the span that a moment falls in.
    fn end(self, at: Time) -> Time {
        let next = self.number(at).saturating_add(1);
        match self {
            Span::Day => Time::from_ms(next.saturating_mul(DAY.get())),
            Span::Week => Time::from_ms((next.saturating_mul(7) - 3).saturating_mul(DAY.get())),
            Span::Month => {
                let month = u8::try_from(next.rem_euclid(12) + 1).expect("twelve months");
                let year = i32::try_from(next.div_euclid(12)).ok();
                let first = year.and_then(|year| Date::new(year, month, 1).ok());
                first.map_or(Time::MAX, Date::starts_at)
            }
        }
    }
}

fn span_of(kind: LimitKind) -> Option<Span> {
    match kind {
        LimitKind::SingleStake => None,
        LimitKind::LossPerDay | LimitKind::DepositPerDay => Some(Span::Day),
        LimitKind::LossPerWeek | LimitKind::DepositPerWeek => Some(Span::Week),
        LimitKind::LossPerMonth | LimitKind::DepositPerMonth => Some(Span::Month),
    }
}

/// What an account has lost and paid in during the current day, week and month. A result taken back counts when it is
/// taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Takings {
    at: Time,
    lost: [i64; 3],
    deposited: [i64; 3],
}

impl Takings {
    /// Counts what a settled bet lost the customer (below zero: won him), or back again if that was taken back.
    pub fn lose(&mut self, at: Time, lost: i64) {
        self.turn_to(at);
        self.lost.iter_mut().for_each(|sum| *sum = sum.saturating_add(lost));
    }

    /// Counts a deposit.
    pub fn deposit(&mut self, at: Time, amount: Money) {
        self.turn_to(at);
        self.deposited.iter_mut().for_each(|sum| *sum = sum.saturating_add(amount.minor()));
    }

    fn turn_to(&mut self, at: Time) {
        for (index, span) in Span::ALL.into_iter().enumerate() {
            if span.number(at) != span.number(self.at) {
                (self.lost[index], self.deposited[index]) = (0, 0);
            }
        }
        self.at = at;
    }

    fn of(sums: &[i64; 3], then: Time, span: Span, now: Time) -> i64 {
        if span.number(now) == span.number(then) { sums[span as usize] } else { 0 }
    }

    /// Adds all of it to a hash.
    pub fn hash_into(&self, stream: &mut HashStream) {
        let Takings { at, lost, deposited } = self;
        stream.integer(at.ms());
        lost.iter().chain(deposited).for_each(|sum| _ = stream.integer(*sum));
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct OneLimit {
    most: Option<Money>,
    /// A higher one, or none, and from when on it may be reaffirmed.
    raise: Option<(Option<Money>, Time)>,
}

/// Nothing to reaffirm yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRaiseDue;

/// All limits of one customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnLimits {
    limits: [OneLimit; 7],
}

impl OwnLimits {
    /// What binds now.
    pub fn most(&self, kind: LimitKind) -> Option<Money> {
        self.limits[kind as usize].most
    }

    /// A lower limit binds at once, and a raise that was asked for is off. A higher one waits to be reaffirmed.
    pub fn set(&mut self, kind: LimitKind, asked: Option<Money>, at: Time) {
        let limit = &mut self.limits[kind as usize];
        let is_raise = match (limit.most, asked) {
            (Some(most), Some(asked)) => asked > most,
            (Some(_), None) => true,
            (None, Some(_) | None) => false,
        };
        if is_raise {
            let span_ends = span_of(kind).map_or(Time::MIN, |span| span.end(at));
            limit.raise = Some((asked, span_ends.max(at + DAY)));
        } else {
            *limit = OneLimit { most: asked, raise: None };
        }
    }

    /// The customer still wants the raise, and its time has come.
    pub fn reaffirm(&mut self, kind: LimitKind, at: Time) -> Result<(), NoRaiseDue> {
        let limit = &mut self.limits[kind as usize];
        let (most, _) = limit.raise.filter(|(_, due)| *due <= at).ok_or(NoRaiseDue)?;
        *limit = OneLimit { most, raise: None };
        Ok(())
    }

    /// Whether a stake may be made on top of the other open stakes.
    pub fn take_stake(&self, stake: Money) -> bool {
        self.most(LimitKind::SingleStake).is_none_or(|most| stake <= most)
    }

    /// Whether the losses stay within their limits if all open stakes and this one are lost.
    pub fn take_loss(&self, takings: &Takings, at: Time, open_stakes: i64, stake: Money) -> bool {
        let kinds = [LimitKind::LossPerDay, LimitKind::LossPerWeek, LimitKind::LossPerMonth];
        kinds.into_iter().zip(Span::ALL).all(|(kind, span)| {
            let lost = i128::from(Takings::of(&takings.lost, takings.at, span, at));
            let at_risk = lost + i128::from(open_stakes) + i128::from(stake.minor());
            self.most(kind).is_none_or(|most| at_risk <= i128::from(most.minor()))
        })
    }

    /// Whether a deposit stays within its limits.
    pub fn take_deposit(&self, takings: &Takings, at: Time, amount: Money) -> bool {
        let kinds = [LimitKind::DepositPerDay, LimitKind::DepositPerWeek, LimitKind::DepositPerMonth];
        kinds.into_iter().zip(Span::ALL).all(|(kind, span)| {
            let sum = i128::from(Takings::of(&takings.deposited, takings.at, span, at)) + i128::from(amount.minor());
            self.most(kind).is_none_or(|most| sum <= i128::from(most.minor()))
        })
    }

    /// Adds all of it to a hash.
    pub fn hash_into(&self, stream: &mut HashStream) {
        for OneLimit { most, raise } in &self.limits {
            let minor = |most: &Option<Money>| most.map_or(-1, Money::minor);
            stream.integer(minor(most)).integer(raise.map_or(-1, |(_, due)| due.ms()));
            stream.integer(raise.map_or(-1, |(most, _)| minor(&most)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(day: &str, hour: i64) -> Time {
        Date::parse(day).unwrap().starts_at() + Millis::from_seconds(3_600 * hour)
    }

    #[test]
    fn spans_end_with_the_calendar() {
        // 2026-11-22 is a Sunday.
        let sunday = moment("2026-11-22", 17);
        assert_eq!(Span::Day.end(sunday), moment("2026-11-23", 0));
        assert_eq!(Span::Week.end(sunday), moment("2026-11-23", 0));
        assert_eq!(Span::Week.end(moment("2026-11-23", 0)), moment("2026-11-30", 0));
        assert_eq!(Span::Month.end(sunday), moment("2026-12-01", 0));
        assert_eq!(Span::Month.end(moment("2026-12-31", 23)), moment("2027-01-01", 0));
    }

    #[test]
    fn a_raise_waits_for_the_span_and_a_second_word() {
        let monday = moment("2026-11-23", 12);
        let mut own = OwnLimits::default();
        let set = |own: &mut OwnLimits, most: Option<i64>, at| {
            own.set(LimitKind::LossPerWeek, most.map(Money::from_minor), at);
            own.most(LimitKind::LossPerWeek).map(Money::minor)
        };
        let reaffirm = |own: &mut OwnLimits, at| own.reaffirm(LimitKind::LossPerWeek, at);
        assert_eq!(set(&mut own, Some(100), monday), Some(100));
        assert_eq!(set(&mut own, Some(50), monday), Some(50));
        assert_eq!(reaffirm(&mut own, Time::MAX), Err(NoRaiseDue));
        assert_eq!(set(&mut own, None, monday), Some(50));
        assert_eq!(reaffirm(&mut own, moment("2026-11-29", 23)), Err(NoRaiseDue));
        assert_eq!(reaffirm(&mut own, moment("2026-11-30", 0)), Ok(()));
        assert_eq!(own.most(LimitKind::LossPerWeek), None);
        // On the last evening of a week 24 hours are longer.
        set(&mut own, Some(100), monday);
        set(&mut own, Some(200), moment("2026-11-29", 20));
        assert_eq!(reaffirm(&mut own, moment("2026-11-30", 19)), Err(NoRaiseDue));
        // Lowered meanwhile: the raise is off.
        assert_eq!(set(&mut own, Some(90), moment("2026-11-30", 19)), Some(90));
        assert_eq!(reaffirm(&mut own, Time::MAX), Err(NoRaiseDue));
    }
}
