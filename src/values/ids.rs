//! The names of matches, customers, facts and bets, which can hold nothing that would break a log or a key.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use uuid::{Uuid, Variant};

use super::Time;

/// Why a text is not an id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum IdError {
    /// No text at all.
    Empty,
    /// More bytes than this kind of id may have.
    TooLong,
    /// A character outside the id's alphabet.
    IllegalCharacter,
    /// Not a UUID in its canonical form of 36 characters.
    NotAUuid,
    /// A UUID, but not version 7 of RFC 9562.
    NotVersion7,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IdError::Empty => "empty id",
            IdError::TooLong => "id too long",
            IdError::IllegalCharacter => "illegal character in id",
            IdError::NotAUuid => "not a canonical UUID",
            IdError::NotVersion7 => "not a UUID of version 7",
        })
    }
}

impl std::error::Error for IdError {}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-')
}

fn check(text: &str, bytes_max: usize, slash_allowed: bool) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > bytes_max {
        return Err(IdError::TooLong);
    }
    let legal = text.bytes().all(|byte| is_id_byte(byte) || (slash_allowed && byte == b'/'));
    if legal { Ok(()) } else { Err(IdError::IllegalCharacter) }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, bytes_max: $bytes_max:literal, slash_allowed: $slash_allowed:literal) => {
        $(#[$doc])*
        /// A clone shares the text.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The most bytes it may have.
            pub const BYTES_MAX: usize = $bytes_max;

            /// Accepts the text if its length and every character are legal.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check(text, Self::BYTES_MAX, $slash_allowed).map(|()| $name(Arc::from(text)))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        /// Lets a map keyed by the id be searched by its text.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id!(
    /// One match: 1 to 64 of `[A-Za-z0-9._:-]`.
    MatchId, bytes_max: 64, slash_allowed: false
);
text_id!(
    /// One customer's account: 1 to 64 of `[A-Za-z0-9._:-]`.
    AccountId, bytes_max: 64, slash_allowed: false
);
text_id!(
    /// One source of feed messages: 1 to 64 of `[A-Za-z0-9._:-]`.
    ProducerId, bytes_max: 64, slash_allowed: false
);
text_id!(
    /// One competition: 1 to 64 of `[A-Za-z0-9._:-]`.
    CompetitionId, bytes_max: 64, slash_allowed: false
);
text_id!(
    /// One fact of a match, or one cancel: 1 to 128 of `[A-Za-z0-9._:/-]`. The slash derives one fact from another
    /// (`<fact>/confirmed`).
    FactId, bytes_max: 128, slash_allowed: true
);
text_id!(
    /// One licence to take bets, as `US-NJ`: 1 to 32 of `[A-Za-z0-9._:-]`.
    LicenceId, bytes_max: 32, slash_allowed: false
);

macro_rules! uuid7_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// Reads the canonical hyphenated form of 36 characters, in either case; braces, `urn:uuid:` and the form
            /// without hyphens are refused, as is any other version or variant.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                if text.len() != 36 {
                    return Err(IdError::NotAUuid);
                }
                let uuid = Uuid::try_parse(text).map_err(|_| IdError::NotAUuid)?;
                Self::from_bits(uuid.as_u128())
            }

            /// The id with these 128 bits, if they say version 7 and the variant of RFC 9562.
            pub fn from_bits(bits: u128) -> Result<Self, IdError> {
                let uuid = Uuid::from_u128(bits);
                let is_version_7 = uuid.get_version_num() == 7 && uuid.get_variant() == Variant::RFC4122;
                if is_version_7 { Ok($name(bits)) } else { Err(IdError::NotVersion7) }
            }

            /// An id made at `at` from the low 74 bits of `chance`; `None` when the time does not fit in the 48 bits that
            /// the form has for it.
            pub fn from_parts(at: Time, chance: u128) -> Option<Self> {
                let ms = u64::try_from(at.ms()).ok().filter(|ms| *ms < 1 << 48)?;
                let (high, low) = (chance >> 62 & 0xfff, chance & ((1 << 62) - 1));
                Some($name(u128::from(ms) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low))
            }

            /// All 128 bits.
            pub const fn bits(self) -> u128 {
                self.0
            }

            /// When its maker says that it was made.
            pub fn time(self) -> Time {
                Time::from_ms(i64::try_from(self.0 >> 80).expect("48 bits fit in 63"))
            }
        }

        /// Canonical, lower case.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&Uuid::from_u128(self.0), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

uuid7_id!(
    /// One bet: a UUID of version 7 (RFC 9562), which carries the time at which its maker made it.
    BetId
);
uuid7_id!(
    /// One command on an account (a deposit, a limit, a cash-out): a UUID of version 7 (RFC 9562).
    CommandId
);

/// A bet is asked for by a command, and its id is that command's.
impl From<BetId> for CommandId {
    fn from(bet: BetId) -> CommandId {
        CommandId(bet.0)
    }
}
