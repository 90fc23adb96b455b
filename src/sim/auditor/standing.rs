//! How a match stands at some moment, and what each selection has come to by then.

use std::collections::BTreeSet;

use super::market::{Market, Part, What};
use super::plain::Came;
use super::rules::{Ask, End, Pair, Tie, WAYS, answer};
use super::selection::{How, Selection, Team};
use crate::wire::proto::Period;

pub(super) const FIRST_HALF: u8 = Period::FirstHalf as u8;
pub(super) const SECOND_HALF: u8 = Period::SecondHalf as u8;
const EXTRA_FIRST: u8 = Period::ExtraFirstHalf as u8;
const EXTRA_SECOND: u8 = Period::ExtraSecondHalf as u8;
const SHOOT_OUT: u8 = Period::ShootOut as u8;

/// A cancel that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) id: String,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    /// It names the approval of people.
    pub(super) is_approved: bool,
}

impl Window {
    /// Voids every bet of the match.
    pub(super) fn is_whole(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    pub(super) fn covers(&self, accepted_at: i64) -> bool {
        self.from.is_none_or(|from| from <= accepted_at) && self.to.is_none_or(|to| accepted_at < to)
    }

    /// Whether it voids a bet accepted then, under a licence that demands an approval or does not.
    pub(super) fn voids(&self, accepted_at: i64, needs_approval: bool) -> bool {
        self.covers(accepted_at) && (self.is_approved || !needs_approval)
    }
}

/// Something counted that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) what: What,
    pub(super) team: Team,
    pub(super) worth: u8,
    pub(super) period: u8,
    /// In its period.
    pub(super) elapsed_ms: u32,
    /// Confirmed.
    pub(super) sure: bool,
}

impl Event {
    /// In which minute of the ninety, from 0: stoppage is of the last minute of its half.
    fn minute(&self) -> u32 {
        let minute = (self.elapsed_ms / 60_000).min(44);
        if self.period == FIRST_HALF { minute } else { 45 + minute }
    }
}

/// How a match stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Everything counted that holds, in the order of the match.
    pub(super) events: Vec<Event>,
    /// The last period that is over, by any report that holds.
    pub(super) over_told: u8,
    /// That is confirmed.
    pub(super) over: u8,
    /// Periods of which a whistle was heard, by any report that holds.
    pub(super) whistles_told: BTreeSet<u8>,
    /// That are confirmed.
    pub(super) whistles: BTreeSet<u8>,
    /// The match was given up, by any report that holds.
    pub(super) given_up_told: bool,
    /// That is confirmed.
    pub(super) given_up: bool,
    /// Of a knock-out match, by how many home leads from the first leg.
    pub(super) first_leg: Option<i32>,
    /// The cancels that hold.
    pub(super) windows: Vec<Window>,
}

fn yes(won: bool) -> Option<Came> {
    Some(if won { Came::Win } else { Came::Lose })
}

/// How much of it each side has.
fn sum<'a>(events: impl Iterator<Item = &'a Event>) -> (i64, i64) {
    events.fold((0, 0), |(home, away), event| match event.team {
        Team::Home => (home + i64::from(event.worth), away),
        Team::Away => (home, away + i64::from(event.worth)),
    })
}

/// How much more there may be, home and away: so far of one side alone that any lead up to `near` is reached, a few of
/// each, and more than any line.
fn more(near: i64) -> impl Iterator<Item = (i64, i64)> {
    const FAR: i64 = 20_000;
    const FEW: i64 = 10;
    let few = || (0..=FEW).chain([FAR]);
    // The far ends first: they tell soonest.
    let of_one = [FAR].into_iter().chain(0..=near).flat_map(|more| [(more, 0), (0, more)]);
    of_one.chain(few().flat_map(move |home| few().map(move |away| (home, away))))
}

impl Standing {
    /// What a selection came to by the facts alone, no cancel considered; `None` while it may still change.
    pub(super) fn came(&self, market: Market, selection: Selection) -> Option<Came> {
        let is_one = || market.selections().contains(&selection);
        self.played(market, selection).or_else(|| (self.is_broken_off(market) && is_one()).then_some(Came::Void))
    }

    /// The same match with every report that holds taken as sure: nothing is paid by it, but nothing that it decides may
    /// be on sale.
    pub(super) fn as_reported(&self) -> Standing {
        Standing {
            events: self.events.iter().map(|event| Event { sure: true, ..*event }).collect(),
            over: self.over_told,
            whistles: self.whistles_told.clone(),
            given_up: self.given_up_told,
            ..self.clone()
        }
    }

    /// Goals of the ninety minutes that hold, home and away.
    pub(super) fn score(&self) -> (i64, i64) {
        sum(self.told(What::Goals, FIRST_HALF..=SECOND_HALF))
    }

    /// Whether the market is void altogether: its base score never was, or nothing of it was decided before the end came.
    pub(super) fn is_void(&self, market: Market) -> bool {
        if let Market::Tally(_, Part::Since(home, away), _) = market
            && self.base_stood((home.into(), away.into())) == Some(false)
        {
            return true;
        }
        let is_open = |selection: &Selection| self.played(market, *selection).is_none();
        self.is_broken_off(market) && market.selections().iter().all(is_open)
    }

    fn told(&self, what: What, periods: std::ops::RangeInclusive<u8>) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.what == what && periods.contains(&event.period))
    }

    /// What is sure of that, side by side.
    fn sure(&self, what: What, from: u8, to: u8) -> (i64, i64) {
        sum(self.told(what, from..=to).filter(|event| event.sure))
    }

    /// The first ones of the ninety minutes up to the first in doubt.
    fn surely_first(&self, what: What) -> impl Iterator<Item = &Event> {
        self.told(what, FIRST_HALF..=SECOND_HALF).take_while(|event| event.sure)
    }

    /// Whether something up to that period may yet prove to be nothing.
    fn in_doubt(&self, what: What, to: u8) -> bool {
        self.told(what, FIRST_HALF..=to).any(|event| !event.sure)
    }

    /// Whether nothing more will be counted up to the end of that period.
    fn is_over(&self, what: What, period: u8) -> bool {
        self.over >= period && !self.in_doubt(what, period)
    }

    /// Given up before the end of what the market hangs on. Who gives up after the ninety minutes has played them, and
    /// leaves open who goes through; what is in doubt may still say.
    fn is_broken_off(&self, market: Market) -> bool {
        if !self.given_up || self.in_doubt(market.what(), SECOND_HALF) {
            return false;
        }
        if self.over_told < SECOND_HALF {
            return true;
        }
        let is_sure = self.over.min(SHOOT_OUT) == self.over_told.min(SHOOT_OUT)
            && !self.in_doubt(What::Goals, SHOOT_OUT)
            && [(EXTRA_FIRST, EXTRA_SECOND), (SHOOT_OUT, SHOOT_OUT)]
                .iter()
                .all(|(from, to)| self.was_seen(*from, *to) == self.was_told(*from, *to));
        matches!(market, Market::Tie(_)) && is_sure
    }

    /// Whether a whistle or a goal of these periods is sure.
    fn was_seen(&self, from: u8, to: u8) -> bool {
        self.whistles.range(from..=to).next().is_some() || self.told(What::Goals, from..=to).any(|goal| goal.sure)
    }

    /// The same by any report.
    fn was_told(&self, from: u8, to: u8) -> bool {
        self.whistles_told.range(from..=to).next().is_some() || self.told(What::Goals, from..=to).next().is_some()
    }

    fn played(&self, market: Market, selection: Selection) -> Option<Came> {
        match market {
            Market::Tally(what, part, ask) => self.tally(what, part, ask, selection),
            Market::Halves(pair) => self.halves(pair, selection),
            Market::NextGoal(nth) => self.nth_goal(usize::from(nth), selection),
            Market::LastGoal => self.last_goal(selection),
            Market::Race(what, to) => self.race(what, i64::from(to), selection),
            Market::Interval(from, to, team) => self.goal_within(from, to, team, selection),
            Market::Before(minute) => self.goal_within(0, minute, None, selection),
            Market::Tie(tie) => self.tie(tie, selection),
        }
    }

    /// Plays on to every number that can tell results apart.
    fn tally(&self, what: What, part: Part, ask: Ask, selection: Selection) -> Option<Came> {
        ask.at(selection, 0, 0)?;
        let ((home, away), is_over) = match part {
            Part::Match => (self.sure(what, FIRST_HALF, SECOND_HALF), self.is_over(what, SECOND_HALF)),
            Part::First => (self.sure(what, FIRST_HALF, FIRST_HALF), self.is_over(what, FIRST_HALF)),
            Part::Second => (self.sure(what, SECOND_HALF, SECOND_HALF), self.is_over(what, SECOND_HALF)),
            Part::Since(home, away) => {
                let base = (i64::from(home), i64::from(away));
                if !self.base_stood(base)? {
                    return Some(Came::Void);
                }
                let score = self.sure(what, FIRST_HALF, SECOND_HALF);
                ((score.0 - base.0, score.1 - base.1), self.is_over(what, SECOND_HALF))
            }
        };
        let now = ask.at(selection, home, away);
        // From any lead to any other that a selection names.
        let near = 10 + (home - away).abs() + ask.start();
        let stays = || more(near).all(|(h, a)| ask.at(selection, home + h, away + a) == now);
        if is_over || stays() { now } else { None }
    }

    /// Nothing before half-time; then every second half is played to its end.
    fn halves(&self, pair: Pair, selection: Selection) -> Option<Came> {
        if !self.is_over(What::Goals, FIRST_HALF) {
            return None;
        }
        let first = self.sure(What::Goals, FIRST_HALF, FIRST_HALF);
        let (home, away) = self.sure(What::Goals, SECOND_HALF, SECOND_HALF);
        let now = pair.at(selection, first, (home, away));
        let near = first.0 + first.1 + home + away + 1;
        let stays = || more(near).all(|(h, a)| pair.at(selection, first, (home + h, away + a)) == now);
        if self.is_over(What::Goals, SECOND_HALF) || stays() { now } else { None }
    }

    fn nth_goal(&self, nth: usize, selection: Selection) -> Option<Came> {
        let is_ended = self.is_over(What::Goals, SECOND_HALF);
        let all_sure = self.told(What::Goals, FIRST_HALF..=SECOND_HALF).filter(|goal| goal.sure).count();
        let scorer = self.surely_first(What::Goals).nth(nth - 1).map(|goal| goal.team);
        match (selection.team(), scorer) {
            (Some(team), Some(scorer)) => yes(team == scorer),
            (Some(_), None) if is_ended => yes(false),
            (None, _) if selection != Selection::NoGoal => None,
            (None, _) if all_sure >= nth => yes(false),
            (None, None) if is_ended => yes(true),
            (Some(_), None) | (None, None | Some(_)) => None,
        }
    }

    fn last_goal(&self, selection: Selection) -> Option<Came> {
        if selection.team().is_none() && selection != Selection::NoGoal {
            return None;
        }
        let goals = || self.told(What::Goals, FIRST_HALF..=SECOND_HALF).filter(|goal| goal.sure);
        if self.is_over(What::Goals, SECOND_HALF) {
            return yes(goals().last().map(|goal| goal.team) == selection.team());
        }
        if selection == Selection::NoGoal && goals().next().is_some() { yes(false) } else { None }
    }

    fn race(&self, what: What, to: i64, selection: Selection) -> Option<Came> {
        if selection.team().is_none() && selection != Selection::Neither {
            return None;
        }
        let (mut home, mut away) = (0, 0);
        for event in self.surely_first(what) {
            let so_far = if event.team == Team::Home { &mut home } else { &mut away };
            *so_far += i64::from(event.worth);
            if *so_far >= to {
                return yes(selection.team() == Some(event.team));
            }
        }
        if self.is_over(what, SECOND_HALF) {
            return yes(selection == Selection::Neither);
        }
        // Somebody is there, whoever it was first.
        let (home, away) = self.sure(what, FIRST_HALF, SECOND_HALF);
        if selection == Selection::Neither && home.max(away) >= to { yes(false) } else { None }
    }

    /// A goal says yes at once. That there was none nobody knows before the whistle: it may be reported late.
    fn goal_within(&self, from: u8, to: u8, team: Option<Team>, selection: Selection) -> Option<Came> {
        let minutes = u32::from(from)..u32::from(to);
        let mut goals = self.told(What::Goals, FIRST_HALF..=SECOND_HALF).filter(|goal| goal.sure);
        let is_one = goals.any(|goal| minutes.contains(&goal.minute()) && team.is_none_or(|team| team == goal.team));
        let last_half = if to <= 45 { FIRST_HALF } else { SECOND_HALF };
        if is_one || self.is_over(What::Goals, last_half) { answer(selection, is_one) } else { None }
    }

    /// What every end that the tie may still have makes of it.
    fn tie(&self, tie: Tie, selection: Selection) -> Option<Came> {
        let mut ends = self.ends().into_iter().map(|end| tie.at(selection, end));
        let first = ends.next()?;
        if ends.all(|came| came == first) { first } else { None }
    }

    /// How the tie may still end; in no way if it is none.
    fn ends(&self) -> Vec<End> {
        let Some(first_leg) = self.first_leg else { return Vec::new() };
        let by = |(how, has_extra): (How, bool)| Team::BOTH.map(|team| (team, how, has_extra));
        if !self.is_over(What::Goals, SECOND_HALF) {
            return WAYS.into_iter().flat_map(by).collect();
        }
        let lead = |(home, away): (i64, i64)| home - away;
        let of_ninety = lead(self.sure(What::Goals, FIRST_HALF, SECOND_HALF)) + i64::from(first_leg);
        if let Some(team) = Team::ahead(of_ninety) {
            return vec![(team, How::Ninety, false)];
        }
        let has_extra = self.was_seen(EXTRA_FIRST, EXTRA_SECOND);
        if !has_extra && (self.was_told(EXTRA_FIRST, EXTRA_SECOND) || !self.was_seen(SHOOT_OUT, SHOOT_OUT)) {
            // Nothing of either is sure: extra time may come, or be left out.
            return WAYS[1..].iter().copied().flat_map(by).collect();
        }
        if has_extra && !self.is_over_from(EXTRA_FIRST, EXTRA_SECOND) {
            return WAYS[1..3].iter().copied().flat_map(by).collect();
        }
        if has_extra && let Some(team) = Team::ahead(lead(self.sure(What::Goals, EXTRA_FIRST, EXTRA_SECOND))) {
            return vec![(team, How::Extra, true)];
        }
        let scored = Team::ahead(lead(self.sure(What::Goals, SHOOT_OUT, SHOOT_OUT)));
        match scored.filter(|_| self.is_over_from(SHOOT_OUT, SHOOT_OUT)) {
            Some(team) => vec![(team, How::Penalties, has_extra)],
            None => by((How::Penalties, has_extra)).to_vec(),
        }
    }

    /// Whether these periods are over, and none of their goals in doubt.
    fn is_over_from(&self, from: u8, to: u8) -> bool {
        self.over >= to && !self.told(What::Goals, from..=to).any(|goal| !goal.sure)
    }

    /// Whether the score was ever this; `None` while that is open.
    fn base_stood(&self, base: (i64, i64)) -> Option<bool> {
        let mut score = (0, 0);
        let mut stood = score == base;
        for goal in self.surely_first(What::Goals) {
            match goal.team {
                Team::Home => score.0 += 1,
                Team::Away => score.1 += 1,
            }
            stood |= score == base;
        }
        let passed = score.0 > base.0 || score.1 > base.1;
        if stood {
            Some(true)
        } else if passed || self.is_over(What::Goals, SECOND_HALF) {
            Some(false)
        } else {
            None
        }
    }

    /// What a leg of a bet accepted then came to.
    pub(super) fn leg(
        &self,
        market: Market,
        selection: Selection,
        accepted_at: i64,
        needs_approval: bool,
    ) -> Option<Came> {
        if self.windows.iter().any(|window| window.voids(accepted_at, needs_approval)) {
            return Some(Came::Void);
        }
        self.came(market, selection)
    }

    /// Whether people must decide before a bet accepted then is paid: a cancel without its approval covers it, and no
    /// other one voids it.
    pub(super) fn holds(&self, accepted_at: i64, needs_approval: bool) -> bool {
        self.windows.iter().any(|window| window.covers(accepted_at))
            && !self.windows.iter().any(|window| window.voids(accepted_at, needs_approval))
    }
}

#[cfg(test)]
mod tests;
