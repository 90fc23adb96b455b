//! The match as the feed would have told it: who scored when, when that was sure, and when play went on.
//!
//! Offsets count from kick-off on one continuous schedule: halves as long as they were, breaks of a fixed length.

use std::collections::BTreeMap;

use crate::event::{Certainty, FactBody, MatchClock, Period, Side};
use crate::values::{FactId, Millis};

use super::wyscout::{Card, EventKind, PlayedEvent, PlayedMatch, regular_length};

/// Default match time between two ticks of the clock.
pub const TICK_EVERY: Millis = Millis::from_seconds(10);

const HALF_TIME: Millis = Millis::from_seconds(15 * 60);
const BEFORE_EXTRA_TIME: Millis = Millis::from_seconds(5 * 60);
const BETWEEN_EXTRA_HALVES: Millis = Millis::from_seconds(60);
const BEFORE_SHOOT_OUT: Millis = Millis::from_seconds(5 * 60);
/// From the last event to the whistle, which is never before the regular length of the period.
const WHISTLE_AFTER_LAST_EVENT: Millis = Millis::from_seconds(2);
/// Events so soon after a goal belong to it (the save that was none, the ball in the net). In the sample data the last
/// such event comes 3 s after its goal and the first kick-off 26 s after.
const GOAL_AFTERMATH: Millis = Millis::from_seconds(5);

/// A fact of a match that may be played at any time, at any speed: a run gives it its match id, sequence and times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedFact {
    /// Since kick-off, breaks included.
    pub at_match: Millis,
    /// Unique within the match, and the same in every run.
    pub id: FactId,
    /// Goals and cards are scouted, and confirmed by a fact of their own; everything else is certain.
    pub certainty: Certainty,
    /// The period and its time.
    pub clock: MatchClock,
    /// What happened; never the fixture, which belongs to the run.
    pub body: FactBody,
}

/// The facts of a match in order, from the kick-off to the final whistle. `tick_every` is match time between two ticks
/// of the clock while a period runs; zero or less: no ticks.
///
/// - A goal is confirmed, and play restarted, at the first event in play after it; as the last event of a period it is
///   confirmed at its end, and play restarts with the next period.
/// - A card is confirmed at the next event.
/// - A penalty is awarded at the foul that it is for, else at the kick. In a shoot-out nothing is awarded.
pub fn timeline(played: &PlayedMatch, tick_every: Millis) -> Vec<TimedFact> {
    let mut teller = Teller {
        facts: Vec::new(),
        period: Period::PreMatch,
        period_start: Millis::ZERO,
        tick_every: Some(tick_every).filter(|every| *every > Millis::ZERO),
        ticked: Millis::ZERO,
        goal: None,
        cards: Vec::new(),
        restart_owed: None,
    };
    let mut end = Millis::ZERO;
    for events in played.events.chunk_by(|one, next| one.period == next.period) {
        end = teller.tell_period(events);
    }
    teller.tell(end, "final-whistle".to_owned(), Certainty::Confirmed, FactBody::FinalWhistle);
    teller.facts
}

/// Home and away goals of the two halves.
pub fn goals_in_ninety_minutes(facts: &[TimedFact]) -> (u32, u32) {
    let mut goals = (0, 0);
    for fact in facts {
        if !matches!(fact.clock.period, Period::FirstHalf | Period::SecondHalf) {
            continue;
        }
        if let FactBody::Goal { side, own_goal: _ } = fact.body {
            match side {
                Side::Home => goals.0 += 1,
                Side::Away => goals.1 += 1,
            }
        }
    }
    goals
}

struct Teller {
    facts: Vec<TimedFact>,
    period: Period,
    period_start: Millis,
    tick_every: Option<Millis>,
    /// Time of the last tick, or start of the period.
    ticked: Millis,
    /// The goal after which play has not restarted yet, and its time.
    goal: Option<(String, Millis)>,
    /// Cards shown and not yet confirmed.
    cards: Vec<String>,
    /// The goal of the last second of the period before.
    restart_owed: Option<String>,
}

impl Teller {
    /// Tells one period from its first event to its whistle; the answer is the time of the whistle.
    fn tell_period(&mut self, events: &[PlayedEvent]) -> Millis {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return self.ticked };
        let whistle = regular_length(first.period).max(last.at + WHISTLE_AFTER_LAST_EVENT);
        let names = period_names(first.period);
        self.period_start = match self.facts.last() {
            Some(end_before) => end_before.at_match + break_before(first.period),
            None => Millis::ZERO,
        };
        self.period = first.period;
        self.ticked = Millis::ZERO;
        self.certain(Millis::ZERO, names.start.to_owned(), FactBody::PeriodStart(self.period));
        if let Some(goal) = self.restart_owed.take().filter(|_| self.period != Period::ShootOut) {
            self.certain(Millis::ZERO, format!("{goal}/restarted"), FactBody::PlayRestarted);
        }
        let awards = penalty_awards(events);
        for (index, event) in events.iter().enumerate() {
            self.tick_until(event.at);
            self.tell_event(event, awards.get(&index).map(|kick| &events[*kick]));
        }
        self.tick_until(whistle - Millis::new(1));
        self.confirm_cards(whistle);
        if let Some((goal, _)) = self.goal.take() {
            self.confirm(whistle, &goal);
            self.restart_owed = Some(goal);
        }
        self.certain(whistle, names.end.to_owned(), FactBody::PeriodEnd(self.period));
        whistle
    }

    fn tell_event(&mut self, event: &PlayedEvent, awarded: Option<&PlayedEvent>) {
        self.confirm_cards(event.at);
        if let Some((goal, _)) = self.goal.take_if(|(_, scored_at)| plays_on(event, *scored_at)) {
            self.confirm(event.at, &goal);
            self.certain(event.at, format!("{goal}/restarted"), FactBody::PlayRestarted);
        }
        if let Some((kick, side)) = awarded.and_then(|kick| Some((kick, kick.side?))) {
            self.certain(event.at, format!("penalty-{}", kick.id), FactBody::PenaltyAwarded(side));
        }
        match (event.scored(), &self.goal) {
            (Some((side, own_goal)), None) => {
                let goal = format!("goal-{}", event.id);
                self.tell(event.at, goal.clone(), Certainty::Scouted, FactBody::Goal { side, own_goal });
                self.goal = Some((goal, event.at));
            }
            // A second event of the same goal: there is no kick-off and another goal within its aftermath.
            (Some(_), Some(_)) => {}
            (None, _) => self.tell_kick(event),
        }
        self.tell_card(event);
    }

    /// A kick that is a fact without a goal.
    fn tell_kick(&mut self, event: &PlayedEvent) {
        let Some(side) = event.side else { return };
        match event.kind {
            EventKind::PenaltyKick => {
                self.certain(event.at, format!("penalty-{}/missed", event.id), FactBody::PenaltyMissed(side));
            }
            EventKind::Corner => {
                self.certain(event.at, format!("corner-{}", event.id), FactBody::CornerTaken(side));
            }
            EventKind::Shot | EventKind::Foul | EventKind::Save | EventKind::Stoppage | EventKind::Play => {}
        }
    }

    fn tell_card(&mut self, event: &PlayedEvent) {
        let Some((card, side)) = event.card.zip(event.side) else { return };
        let body = match card {
            Card::Yellow => FactBody::YellowCard(side),
            Card::SecondYellow => FactBody::RedCard { side, second_yellow: true },
            Card::Red => FactBody::RedCard { side, second_yellow: false },
        };
        let id = format!("card-{}", event.id);
        self.tell(event.at, id.clone(), Certainty::Scouted, body);
        self.cards.push(id);
    }

    fn tick_until(&mut self, elapsed: Millis) {
        let Some(every) = self.tick_every else { return };
        while self.ticked + every <= elapsed {
            self.ticked = self.ticked + every;
            let id = format!("tick-{}-{}", period_names(self.period).code, self.ticked.get());
            self.certain(self.ticked, id, FactBody::ClockTick);
        }
    }

    fn confirm_cards(&mut self, elapsed: Millis) {
        for card in std::mem::take(&mut self.cards) {
            self.confirm(elapsed, &card);
        }
    }

    /// The id is the one that a confirmation by time would have, so the two cannot stand side by side.
    fn confirm(&mut self, elapsed: Millis, fact: &str) {
        self.certain(elapsed, format!("{fact}/confirmed"), FactBody::Confirmed(fact_id(fact)));
    }

    fn certain(&mut self, elapsed: Millis, id: String, body: FactBody) {
        self.tell(elapsed, id, Certainty::Confirmed, body);
    }

    fn tell(&mut self, elapsed: Millis, id: String, certainty: Certainty, body: FactBody) {
        let clock = MatchClock { period: self.period, elapsed, stoppage_announced_minutes: None };
        let at_match = self.period_start + elapsed;
        self.facts.push(TimedFact { at_match, id: fact_id(&id), certainty, clock, body });
    }
}

pub(super) fn fact_id(id: &str) -> FactId {
    FactId::parse(id).expect("our words and Wyscout's numbers are letters, digits, hyphens and slashes")
}

/// Whether the ball is in play again, after a goal at that time.
fn plays_on(event: &PlayedEvent, scored_at: Millis) -> bool {
    let in_play = match event.kind {
        EventKind::Stoppage => false,
        EventKind::Save => !event.goal,
        EventKind::Shot | EventKind::PenaltyKick | EventKind::Corner | EventKind::Foul | EventKind::Play => true,
    };
    in_play && event.at > scored_at + GOAL_AFTERMATH
}

/// For each penalty of a period (by index): the event at which it is awarded, and the kick. A review may take minutes,
/// but nothing is played between the foul and the kick, so the foul is found by that and not by time.
fn penalty_awards(events: &[PlayedEvent]) -> BTreeMap<usize, usize> {
    let mut kick_of_award = BTreeMap::new();
    for (kick_index, kick) in events.iter().enumerate() {
        if kick.kind != EventKind::PenaltyKick || kick.period == Period::ShootOut {
            continue;
        }
        let offender = kick.side.map(Side::other);
        let last_played = events[..kick_index].iter().rposition(|event| event.kind != EventKind::Stoppage);
        let foul =
            last_played.filter(|index| events[*index].kind == EventKind::Foul && events[*index].side == offender);
        kick_of_award.insert(foul.unwrap_or(kick_index), kick_index);
    }
    kick_of_award
}

/// The words that a period has in the ids of its facts.
pub(super) struct PeriodNames {
    pub(super) code: &'static str,
    pub(super) start: &'static str,
    pub(super) end: &'static str,
}

pub(super) fn period_names(period: Period) -> PeriodNames {
    let (code, start, end) = match period {
        Period::FirstHalf => ("1H", "kick-off", "half-time"),
        Period::SecondHalf => ("2H", "second-half", "full-time"),
        Period::ExtraFirstHalf => ("E1", "extra-first-half", "extra-half-time"),
        Period::ExtraSecondHalf => ("E2", "extra-second-half", "extra-full-time"),
        Period::ShootOut => ("P", "shoot-out", "shoot-out-end"),
        Period::PreMatch | Period::HalfTime | Period::BeforeExtraTime | Period::Over => {
            unreachable!("nothing is recorded in {period:?}")
        }
    };
    PeriodNames { code, start, end }
}

pub(super) fn break_before(period: Period) -> Millis {
    match period {
        Period::SecondHalf => HALF_TIME,
        Period::ExtraFirstHalf => BEFORE_EXTRA_TIME,
        Period::ExtraSecondHalf => BETWEEN_EXTRA_HALVES,
        Period::ShootOut => BEFORE_SHOOT_OUT,
        Period::PreMatch | Period::FirstHalf | Period::HalfTime | Period::BeforeExtraTime | Period::Over => {
            Millis::ZERO
        }
    }
}
