//! Why a bet or a message is refused: one list, stable numbers.

/// The five checks, in their order; 0 comes before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// Authenticity: ids, repeats, age, freezes.
    Authenticity = 0,
    /// The account may bet.
    Account = 1,
    /// The money is there.
    Balance = 2,
    /// The market takes the bet at that price.
    Market = 3,
    /// The risk is bearable.
    Risk = 4,
    /// The ledger holds the stake.
    Ledger = 5,
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal),* $(,)?) => {
        /// Why something is refused. Numbers are stable once published: families 1xx malformed or unauthentic,
        /// 2xx account, 3xx balance and limits, 4xx market and price, 5xx risk, 6xx ledger, 7xx frozen, stale or
        /// unavailable (may be retried with a new id), 9xx internal.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum RejectReason { $($(#[doc = $doc])+ $name = $number),* }

        impl RejectReason {
            /// Every reason, by number.
            pub const ALL: &'static [RejectReason] = &[$(RejectReason::$name),*];

            /// Its name as written in documents.
            pub fn name(self) -> &'static str {
                match self { $(RejectReason::$name => stringify!($name)),* }
            }

            /// What it means and asks of the sender.
            pub fn meaning(self) -> &'static str {
                match self { $(RejectReason::$name => concat!($($doc),+).trim_ascii()),* }
            }
        }
    };
}

reasons! {
    /// The bytes are not a message of this topic.
    Malformed = 101,
    /// The record is larger than the topic allows.
    Oversize = 102,
    /// A list is too long, or the message is nested too deeply.
    LimitExceeded = 103,
    /// The record is not in its key's partition; the detail names the right one. Use the murmur2 partitioner.
    WrongPartition = 104,
    /// A field that must be there is missing.
    MissingField = 105,
    /// An id is not of the closed alphabet, or not a UUIDv7.
    InvalidId = 106,
    /// A field has a value that it cannot have.
    InvalidValue = 107,
    /// The message has no body of a kind that this topic takes.
    UnknownType = 108,
    /// The schema version is not supported. Not answered by this version.
    UnsupportedVersion = 109,
    /// The id's time and the record's append time are too far apart; ids older than 15 minutes are not remembered.
    StaleCommand = 110,
    /// The id was used before with another body.
    DuplicateConflict = 111,
    /// The price is not a price (decimal 1.001 to 1000.000, American beyond 100 either way).
    InvalidPrice = 112,
    /// The stake or amount is not a positive whole number of minor units.
    InvalidStake = 113,
    /// A bet has 1 to 25 legs.
    TooManyLegs = 114,
    /// The record's key is not the id in its body.
    KeyMismatch = 115,

    /// No such account.
    AccountUnknown = 201,
    /// The account exists already, opened otherwise.
    AccountExists = 202,
    /// The account is not active, for a reason that has no number of its own.
    AccountNotActive = 203,
    /// The identity is not verified.
    IdentityUnverified = 204,
    /// The identity check has expired.
    IdentityExpired = 205,
    /// The customer is too young under this licence.
    UnderAge = 206,
    /// The session is not valid at the time of the bet.
    SessionInvalid = 207,
    /// The location proof is not valid at the time of the bet.
    LocationInvalid = 208,
    /// The location's licence is not the account's.
    LicenceMismatch = 209,
    /// The catalogue does not permit this under the licence.
    NotPermittedHere = 210,
    /// The account is suspended by the operator.
    AccountSuspended = 211,
    /// The account is closed.
    AccountClosed = 212,
    /// The account is frozen: its money stays where it is.
    AccountFrozen = 213,
    /// The customer is excluded by his own wish.
    SelfExcluded = 214,
    /// The customer takes a break.
    TimedOut = 215,
    /// The customer is on a list of people who may not bet.
    Prohibited = 216,

    /// Available funds do not cover the stake.
    InsufficientFunds = 301,
    /// The currency is not the account's.
    CurrencyMismatch = 302,
    /// The stake is above the customer's own limit.
    OwnStakeLimit = 303,
    /// If the open bets and this one were lost, the customer's own limit of losses would be passed.
    OwnLossLimit = 304,
    /// The deposit would pass the customer's own limit.
    OwnDepositLimit = 305,
    /// No raise of this limit is due: none was asked for, or its waiting time is not over.
    NoRaiseDue = 306,

    /// No such match.
    MatchUnknown = 401,
    /// The match is over.
    MatchOver = 402,
    /// No such market in this match.
    MarketUnknown = 403,
    /// The market is suspended.
    MarketSuspended = 404,
    /// The market is not active (inactive, settled or cancelled).
    MarketNotActive = 405,
    /// No such outcome in this market.
    OutcomeUnknown = 406,
    /// The outcome is not on offer.
    OutcomeNotOffered = 407,
    /// The outcome was decided already.
    PastPosted = 408,
    /// The price has changed in a way the price policy does not take.
    PriceChanged = 409,
    /// The price has moved so far that something must have happened.
    PriceJump = 410,
    /// A lower price needs a recorded consent.
    ConsentMissing = 411,
    /// Something happened in the match while the bet waited.
    MaterialChange = 412,

    /// The stake is below the minimum.
    StakeBelowMinimum = 501,
    /// The stake is above the maximum.
    StakeAboveMaximum = 502,
    /// The payout would be above the maximum.
    PayoutAboveMaximum = 503,
    /// The legs cannot be combined (two of one match).
    NotCombinable = 504,
    /// The selection can take no such stake now.
    OutcomeLiability = 505,
    /// The market can take no such stake now.
    MarketLiability = 506,
    /// The match can take no such stake now.
    MatchLiability = 507,
    /// The account's open bets could win too much.
    AccountLiability = 508,

    /// The ledger cannot hold such an amount.
    LedgerOverflow = 601,

    /// Market data is not fresh enough to judge the bet. Try again with a new id.
    MarketDataStale = 701,
    /// The bet was too old when it could be judged. Try again with a new id.
    TimeElapsed = 702,
    /// Betting is frozen. Try again later with a new id.
    Frozen = 703,
    /// A configured maximum is reached. Try again later with a new id.
    CapacityReached = 704,

    /// The command was set aside after repeated faults; an operator knows.
    SetAside = 901,
}

impl RejectReason {
    /// Its stable number.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The reason of that number.
    pub fn from_number(number: u16) -> Option<RejectReason> {
        RejectReason::ALL.iter().copied().find(|reason| reason.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_sorted() {
        assert!(RejectReason::ALL.windows(2).all(|pair| pair[0].number() < pair[1].number()));
        assert!(RejectReason::ALL.iter().all(|reason| RejectReason::from_number(reason.number()) == Some(*reason)));
    }
}
