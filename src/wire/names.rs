//! Two spellings of the same closed lists: the schema's enums and the house's own, side by side.

use super::field::{Fault, Read};
use super::proto;
use crate::event::{
    AccountStatus, AlertKind, Certainty, IdentityStatus, LimitKind, MarketStatus, MatchPhase, OutcomeStatus, Owner,
    Period, PostingEvent, PricePolicy, RejectReason, SettlementKind, Side, Topic,
};
use crate::values::LegResult;

/// A closed list that the schema spells as an enum. Number 0 of every such enum is "not given".
pub(super) trait Listed: Copy + Sized {
    /// Its number on the wire.
    fn number(self) -> i32;
    /// What the number stands for; `None` for 0 and for numbers that this version does not know.
    fn of(number: i32) -> Option<Self>;
}

macro_rules! listed {
    ($($native:ident = $wire:ident { $($name:ident = $spelled:ident),* $(,)? })*) => {
        $(impl Listed for $native {
            fn number(self) -> i32 {
                match self { $($native::$name => proto::$wire::$spelled as i32),* }
            }

            fn of(number: i32) -> Option<Self> {
                match proto::$wire::try_from(number).ok()? {
                    proto::$wire::Unspecified => None,
                    $(proto::$wire::$spelled => Some($native::$name)),*
                }
            }
        })*

        #[cfg(test)]
        mod tests {
            use super::*;

            /// Each list and its spelling have the same names, in number and in kind, both ways.
            #[test]
            fn every_number_means_the_same_on_both_sides() {
                $(
                    let mut known = 0;
                    for number in 0..1_000 {
                        let Ok(wire) = proto::$wire::try_from(number) else { continue };
                        match $native::of(number) {
                            Some(native) => {
                                known += 1;
                                assert_eq!(native.number(), number);
                                let snake = squeeze(&format!("{native:?}"));
                                assert!(squeeze(wire.as_str_name()).ends_with(&snake), "{native:?} {wire:?}");
                            }
                            None => assert_eq!(number, 0, "{wire:?} has no {}", stringify!($native)),
                        }
                    }
                    assert_eq!(known, [$(stringify!($name)),*].len(), stringify!($native));
                )*
            }

            fn squeeze(name: &str) -> String {
                name.replace('_', "").to_ascii_lowercase()
            }
        }
    };
}

listed! {
    Side = Side { Home = Home, Away = Away }

    Period = Period {
        PreMatch = PreMatch,
        FirstHalf = FirstHalf,
        HalfTime = HalfTime,
        SecondHalf = SecondHalf,
        BeforeExtraTime = BeforeExtraTime,
        ExtraFirstHalf = ExtraFirstHalf,
        ExtraSecondHalf = ExtraSecondHalf,
        ShootOut = ShootOut,
        Over = Over,
    }

    Certainty = Certainty { Scouted = Scouted, Confirmed = Confirmed }

    MarketStatus = MarketStatus {
        Active = Active,
        Suspended = Suspended,
        Inactive = Inactive,
        Settled = Settled,
        Cancelled = Cancelled,
    }

    OutcomeStatus = OutcomeStatus {
        Offered = Offered,
        Withheld = Withheld,
        Closed = Closed,
        Won = Won,
        Lost = Lost,
        Void = Void,
        HalfWon = HalfWon,
        HalfLost = HalfLost,
    }

    MatchPhase = MatchPhase { PreMatch = PreMatch, InPlay = InPlay, Over = Over }

    Owner = Owner {
        Feed = Feed,
        Incident = Incident,
        Trader = Trader,
        Risk = Risk,
        Freeze = Freeze,
        Schedule = Schedule,
        Lag = Lag,
        Staleness = Staleness,
    }

    IdentityStatus = IdentityStatus { Unverified = Unverified, Verified = Verified, Failed = Failed }

    PricePolicy = PricePolicy { Exact = Exact, Better = Better, Any = Any }

    Topic = InputTopic {
        TradingCommands = TradingCommands,
        Feed = Feed,
        Markets = Markets,
        AccountCommands = AccountCommands,
        Commands = Commands,
    }

    SettlementKind = SettlementKind {
        Settled = Settled,
        Reopened = Reopened,
        HeldForApproval = HeldForApproval,
        Released = Released,
        LateAccepted = LateAccepted,
    }

    AccountStatus = AccountStatus {
        Active = Active,
        Suspended = Suspended,
        Closed = Closed,
        Frozen = Frozen,
        Prohibited = Prohibited,
    }

    LimitKind = LimitKind {
        SingleStake = SingleStake,
        LossPerDay = LossPerDay,
        LossPerWeek = LossPerWeek,
        LossPerMonth = LossPerMonth,
        DepositPerDay = DepositPerDay,
        DepositPerWeek = DepositPerWeek,
        DepositPerMonth = DepositPerMonth,
    }

    LegResult = LegResult { Lose = Lose, Win = Win, Void = Void, HalfWin = HalfWin, HalfLose = HalfLose }

    PostingEvent = PostingEvent {
        Deposit = Deposit,
        BetWaits = BetWaits,
        BetRefused = BetRefused,
        BetAccepted = BetAccepted,
        BetSettled = BetSettled,
        BetReopened = BetReopened,
    }

    AlertKind = AlertKind {
        ProducerSilent = ProducerSilent,
        FeedGap = FeedGap,
        IncidentUnresolved = IncidentUnresolved,
        FactConflict = FactConflict,
        PriceJump = PriceJump,
        NegativeBalance = NegativeBalance,
        Integrity = Integrity,
        NoPrice = NoPrice,
        CapacityReached = CapacityReached,
    }
}

/// Every owner, in the order in which a market names them.
pub(super) const OWNERS: [Owner; 8] = [
    Owner::Feed,
    Owner::Incident,
    Owner::Trader,
    Owner::Risk,
    Owner::Freeze,
    Owner::Schedule,
    Owner::Lag,
    Owner::Staleness,
];

/// The schema numbers reasons as the house does.
impl Listed for RejectReason {
    fn number(self) -> i32 {
        i32::from(RejectReason::number(self))
    }

    fn of(number: i32) -> Option<Self> {
        u16::try_from(number).ok().and_then(RejectReason::from_number)
    }
}

/// A name that must be there and known.
pub(super) fn named<T: Listed>(field: &str, number: i32) -> Read<T> {
    if number == 0 { Err(Fault::missing(field)) } else { known(field, number) }
}

/// A name that may be left out.
pub(super) fn named_or<T: Listed>(field: &str, number: i32, default: T) -> Read<T> {
    if number == 0 { Ok(default) } else { known(field, number) }
}

/// A name that may be "not given" and means just that.
pub(super) fn named_or_none<T: Listed>(field: &str, number: i32) -> Read<Option<T>> {
    if number == 0 { Ok(None) } else { known(field, number).map(Some) }
}

fn known<T: Listed>(field: &str, number: i32) -> Read<T> {
    T::of(number).ok_or_else(|| Fault::invalid(field, format!("{number} is not a value of this list")))
}

/// 0 for "not given".
pub(super) fn number_of<T: Listed>(name: Option<T>) -> i32 {
    name.map_or(0, Listed::number)
}
