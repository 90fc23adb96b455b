//! One field of a letter, read with care: what it must be, and how to say what is wrong with it.

use std::borrow::Cow;
use std::fmt::Display;

use crate::event::RejectReason;
use crate::values::{
    AccountId, BetId, CommandId, CompetitionId, Currency, Date, FactId, LicenceId, MatchId, Money, ProducerId, Text,
    Time,
};

/// The last moment that a message from outside may name, 9999-12-31T23:59:59.999Z in milliseconds.
pub(super) const TIME_MS_MAX: i64 = 253_402_300_799_999;

/// What is wrong with a field, and with which. Never repeats the sender's text, so it is safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) reason: RejectReason,
    field: String,
    what: Cow<'static, str>,
}

impl Fault {
    pub(super) fn new(reason: RejectReason, field: &str, what: impl Into<Cow<'static, str>>) -> Fault {
        Fault { reason, field: field.to_owned(), what: what.into() }
    }

    pub(super) fn missing(field: &str) -> Fault {
        Fault::new(RejectReason::MissingField, field, "missing")
    }

    pub(super) fn invalid(field: &str, what: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(RejectReason::InvalidValue, field, what)
    }

    /// The same fault, seen from the message around it: `price` becomes `legs[2].price`.
    pub(super) fn under(mut self, parent: impl Display) -> Fault {
        self.field = if self.field.is_empty() { parent.to_string() } else { format!("{parent}.{}", self.field) };
        self
    }

    /// `legs[2].price: decimal odds of 900 thousandths are below 1.001`
    pub(super) fn detail(&self) -> String {
        if self.field.is_empty() { self.what.clone().into_owned() } else { format!("{}: {}", self.field, self.what) }
    }
}

pub(super) type Read<T> = Result<T, Fault>;

/// A value that travels as text and checks itself.
pub(super) trait Spelled: Sized {
    fn read(field: &str, text: &str) -> Read<Self>;
}

macro_rules! spelled {
    ($($name:ident: $reason:ident),* $(,)?) => {
        $(impl Spelled for $name {
            fn read(field: &str, text: &str) -> Read<Self> {
                $name::parse(text).map_err(|error| Fault::new(RejectReason::$reason, field, error.to_string()))
            }
        })*
    };
}

spelled! {
    MatchId: InvalidId,
    AccountId: InvalidId,
    ProducerId: InvalidId,
    CompetitionId: InvalidId,
    FactId: InvalidId,
    LicenceId: InvalidId,
    BetId: InvalidId,
    CommandId: InvalidId,
    Currency: InvalidValue,
    Date: InvalidValue,
    Text: InvalidValue,
}

/// Text that must be there.
pub(super) fn required<T: Spelled>(field: &str, text: &str) -> Read<T> {
    if text.is_empty() { Err(Fault::missing(field)) } else { T::read(field, text) }
}

/// Text that may be empty for "none".
pub(super) fn optional<T: Spelled>(field: &str, text: &str) -> Read<Option<T>> {
    if text.is_empty() { Ok(None) } else { T::read(field, text).map(Some) }
}

/// A message that must be there.
pub(super) fn present<'a, T>(field: &str, message: &'a Option<T>) -> Read<&'a T> {
    message.as_ref().ok_or_else(|| Fault::missing(field))
}

/// A moment from outside: there, after 1970 and before the year 10000.
pub(super) fn moment(field: &str, ms: i64) -> Read<Time> {
    match ms {
        0 => Err(Fault::missing(field)),
        1..=TIME_MS_MAX => Ok(Time::from_ms(ms)),
        _ => Err(Fault::invalid(field, format!("{ms} ms is not a time from 1970 to 9999"))),
    }
}

/// A stake or deposit: a positive number of minor units.
pub(super) fn positive_amount(field: &str, minor: i64) -> Read<Money> {
    let amount = Money::from_minor(minor);
    let fault = || Fault::new(RejectReason::InvalidStake, field, format!("{minor} minor units are not above zero"));
    if amount.is_positive() { Ok(amount) } else { Err(fault()) }
}

/// A whole number that must fit a smaller kind of number.
pub(super) fn small<N: TryFrom<u32>>(field: &str, number: u32) -> Read<N> {
    N::try_from(number).map_err(|_| Fault::invalid(field, format!("{number} is too large")))
}
