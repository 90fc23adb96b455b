//! Who scores when: the next goal, the last one, the race to so many, a goal within some minutes.

use super::definition::*;
use super::goals::YES_NO;
use super::{MarketGroup, MarketId, MarketType, Moment, Outcome, Stage};
use crate::values::Side;

const WHOSE: Selections = Selections::Fixed(&[Outcome::Home, Outcome::Away, Outcome::NoGoal]);
pub(super) const FIRST_TO: Selections = Selections::Fixed(&[Outcome::Home, Outcome::Away, Outcome::Neither]);
/// Races on the shelf: to two goals, to three.
const RACES: [u8; 2] = [2, 3];
/// Minutes of an interval on the shelf.
const INTERVAL: u8 = 15;

pub(super) const NEXT_GOAL: Definition = Definition {
    name: "next_goal",
    title: "Next goal ({nth})",
    specifiers: &[Specifier::Nth],
    selections: WHOSE,
    reads: Reads::NthGoal,
    group: MarketGroup::Goals,
    margin: MarginClass::NextGoal,
    is_sudden: true,
    on_shelf: |now| u8::try_from(now.score.both() + 1).ok().map(MarketId::next_goal).into_iter().collect(),
};

pub(super) const LAST_GOAL: Definition = Definition {
    name: "last_goal",
    title: "Last goal",
    specifiers: &[],
    selections: WHOSE,
    reads: Reads::LastGoal,
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::of(MarketType::LAST_GOAL)],
};

pub(super) const RACE: Definition = Definition {
    name: "race",
    title: "Race to {to} goals",
    specifiers: &[Specifier::To],
    selections: FIRST_TO,
    reads: Reads::Race(What::Goals),
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |now| {
        let best = now.score.home.max(now.score.away);
        let open = RACES.into_iter().filter(|to| best < u16::from(*to));
        open.map(|to| MarketId::of(MarketType::RACE).number(to)).collect()
    },
};

/// The intervals of a quarter of an hour that lie ahead or are running.
fn intervals(now: &Moment, market: MarketId) -> Vec<MarketId> {
    let ahead = (0..90).step_by(usize::from(INTERVAL)).filter(|from| now.is_ahead(*from, from + INTERVAL));
    ahead.map(|from| market.numbers(from, from + INTERVAL)).collect()
}

pub(super) const GOAL_IN_INTERVAL: Definition = Definition {
    name: "interval_goal",
    title: "Goal in minutes {from} to {to}",
    specifiers: &[Specifier::From, Specifier::To],
    selections: YES_NO,
    reads: Reads::GoalWithin(|id| Window { from: id.first_number(), to: id.second_number(), side: None }),
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: true,
    on_shelf: |now| intervals(now, MarketId::of(MarketType::GOAL_IN_INTERVAL)),
};

pub(super) const TEAM_GOAL_IN_INTERVAL: Definition = Definition {
    name: "team_interval_goal",
    title: "{side} goal in minutes {from} to {to}",
    specifiers: &[Specifier::From, Specifier::Side, Specifier::To],
    selections: YES_NO,
    reads: Reads::GoalWithin(|id| Window { from: id.first_number(), to: id.second_number(), side: Some(id.side()) }),
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: true,
    on_shelf: |now| {
        let of = |side| intervals(now, MarketId::of(MarketType::TEAM_GOAL_IN_INTERVAL).of_side(side));
        [of(Side::Home), of(Side::Away)].concat()
    },
};

pub(super) const GOAL_BEFORE: Definition = Definition {
    name: "goal_before",
    title: "Goal before {to}:00",
    specifiers: &[Specifier::Minute],
    selections: YES_NO,
    reads: Reads::GoalWithin(|id| Window { from: 0, to: id.first_number(), side: None }),
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: true,
    on_shelf: |now| {
        let open = [10, 30, 60].into_iter().filter(|minute| now.score.both() == 0 && now.is_ahead(0, *minute));
        open.map(|minute| MarketId::of(MarketType::GOAL_BEFORE).number(minute)).collect()
    },
};

impl Moment {
    /// Whether some of the minutes `[from, to)` may still be played. Stoppage belongs to the last minute of its half.
    fn is_ahead(&self, _from: u8, to: u8) -> bool {
        match self.stage {
            Stage::PreMatch => true,
            Stage::FirstHalf => to >= 45 || self.minute < to,
            Stage::HalfTime => to > 45,
            Stage::SecondHalf => to >= 90 || (to > 45 && self.minute < to),
            Stage::ExtraTime => false,
        }
    }
}
