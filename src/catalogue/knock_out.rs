//! Who goes through, and whether the ninety minutes are enough.

use super::definition::*;
use super::goals::YES_NO;
use super::outcome::How;
use super::results::HOME_AWAY;
use super::{MarketGroup, MarketId, MarketType, Moment, Outcome, Stage};
use crate::values::{LegResult, Side};

const fn tie(
    name: &'static str,
    title: &'static str,
    selections: Selections,
    reads: Reads,
    on_shelf: fn(&Moment) -> Vec<MarketId>,
) -> Definition {
    Definition {
        name,
        title,
        specifiers: &[],
        selections,
        reads,
        group: MarketGroup::Goals,
        margin: MarginClass::KnockOut,
        is_sudden: false,
        on_shelf,
    }
}

fn won(is_so: bool) -> LegResult {
    if is_so { LegResult::Win } else { LegResult::Lose }
}

fn side_of(outcome: Outcome) -> Side {
    if outcome == Outcome::Home { Side::Home } else { Side::Away }
}

fn of_tie(now: &Moment, kind: MarketType) -> Vec<MarketId> {
    if now.is_knock_out { vec![MarketId::of(kind)] } else { Vec::new() }
}

pub(super) const TO_QUALIFY: Definition = tie(
    "to_qualify",
    "To qualify",
    HOME_AWAY,
    Reads::KnockOut(|_, outcome, fate| won(side_of(outcome) == fate.winner())),
    |now| of_tie(now, MarketType::TO_QUALIFY),
);

const SIX: [Outcome; 6] = [
    Outcome::Through(Side::Home, How::InNinety),
    Outcome::Through(Side::Home, How::InExtraTime),
    Outcome::Through(Side::Home, How::OnPenalties),
    Outcome::Through(Side::Away, How::InNinety),
    Outcome::Through(Side::Away, How::InExtraTime),
    Outcome::Through(Side::Away, How::OnPenalties),
];

pub(super) const QUALIFY_METHOD: Definition = tie(
    "qualify_method",
    "Method of qualification",
    Selections::Fixed(&SIX),
    Reads::KnockOut(|_, outcome, fate| {
        let through = match fate {
            Fate::Ninety(side) => Outcome::Through(side, How::InNinety),
            Fate::ExtraTime(side) => Outcome::Through(side, How::InExtraTime),
            Fate::ShootOut(side) | Fate::StraightShootOut(side) => Outcome::Through(side, How::OnPenalties),
        };
        won(outcome == through)
    }),
    |now| of_tie(now, MarketType::QUALIFY_METHOD),
);

/// A shoot-out straight after the ninety minutes is no extra time. Not on the shelf once the ninety minutes are over:
/// nobody bets on what comes next.
pub(super) const EXTRA_TIME: Definition = tie(
    "extra_time",
    "Extra time to be played",
    YES_NO,
    Reads::KnockOut(|_, outcome, fate| {
        won((outcome == Outcome::Yes) == matches!(fate, Fate::ExtraTime(_) | Fate::ShootOut(_)))
    }),
    |now| if now.stage == Stage::ExtraTime { Vec::new() } else { of_tie(now, MarketType::EXTRA_TIME) },
);

pub(super) const SHOOT_OUT: Definition = tie(
    "shoot_out",
    "Penalty shoot-out to be held",
    YES_NO,
    Reads::KnockOut(|_, outcome, fate| {
        let is_one = matches!(fate, Fate::ShootOut(_) | Fate::StraightShootOut(_));
        won((outcome == Outcome::Yes) == is_one)
    }),
    |now| of_tie(now, MarketType::SHOOT_OUT),
);

/// Stakes are returned where no extra time is played.
pub(super) const EXTRA_TIME_RESULT: Definition = tie(
    "extra_time_1x2",
    "Extra-time result",
    Selections::Fixed(&[Outcome::Home, Outcome::Draw, Outcome::Away]),
    Reads::KnockOut(|_, outcome, fate| match fate {
        Fate::Ninety(_) | Fate::StraightShootOut(_) => LegResult::Void,
        Fate::ExtraTime(side) => won(outcome != Outcome::Draw && side_of(outcome) == side),
        Fate::ShootOut(_) => won(outcome == Outcome::Draw),
    }),
    |now| of_tie(now, MarketType::EXTRA_TIME_RESULT),
);

/// Stakes are returned where there is no shoot-out.
pub(super) const SHOOT_OUT_WINNER: Definition = tie(
    "shoot_out_winner",
    "Shoot-out winner",
    HOME_AWAY,
    Reads::KnockOut(|_, outcome, fate| match fate {
        Fate::Ninety(_) | Fate::ExtraTime(_) => LegResult::Void,
        Fate::ShootOut(side) | Fate::StraightShootOut(side) => won(side_of(outcome) == side),
    }),
    |now| of_tie(now, MarketType::SHOOT_OUT_WINNER),
);
