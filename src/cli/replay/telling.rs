//! Tells a match period by period: things may be noted in any order, the whistle puts them in theirs.

use crate::event::{Certainty, FactBody, MatchClock, Period, Side};
use crate::values::{FactId, Millis};

use super::timeline::{TimedFact, break_before, fact_id, period_names};

/// From the last thing told to the whistle, at least.
const WHISTLE_AFTER: Millis = Millis::from_seconds(2);

/// A match that is being told.
pub(super) struct Telling {
    told: Vec<TimedFact>,
    /// What the running period has so far, in no order.
    running: Vec<TimedFact>,
    period: Period,
    period_start: Millis,
    tick_every: Option<Millis>,
    /// Stoppage of the running period: from when it is known, and the minutes.
    announced: Option<(Millis, u8)>,
}

impl Telling {
    /// Nothing told yet. `tick_every` is match time between two ticks of the clock; zero or less: no ticks.
    pub(super) fn new(tick_every: Millis) -> Telling {
        Telling {
            told: Vec::new(),
            running: Vec::new(),
            period: Period::PreMatch,
            period_start: Millis::ZERO,
            tick_every: Some(tick_every).filter(|every| *every > Millis::ZERO),
            announced: None,
        }
    }

    /// A period begins, its break after the one before.
    pub(super) fn begin(&mut self, period: Period) {
        self.period_start = match self.told.last() {
            Some(end_before) => end_before.at_match + break_before(period),
            None => Millis::ZERO,
        };
        self.period = period;
        self.announced = None;
        self.certain(Millis::ZERO, period_names(period).start, FactBody::PeriodStart(period));
    }

    /// Stoppage is announced: from then on every clock shows it.
    pub(super) fn announce(&mut self, elapsed: Millis, minutes: u8) {
        self.announced = Some((elapsed, minutes));
    }

    /// The period ends at `whistle`, or as soon after as everything in it is told.
    pub(super) fn end(&mut self, whistle: Millis) {
        let last = self.running.iter().map(|fact| fact.clock.elapsed).max().unwrap_or(Millis::ZERO);
        let whistle = whistle.max(last + WHISTLE_AFTER);
        let names = period_names(self.period);
        if let Some(every) = self.tick_every {
            let mut tick = every;
            while tick < whistle {
                let id = format!("tick-{}-{}", names.code, tick.get());
                self.certain(tick, &id, FactBody::ClockTick);
                tick = tick + every;
            }
        }
        // Stable: what was told for the same moment stays in the order in which it was told.
        self.running.sort_by_key(|fact| fact.clock.elapsed);
        self.certain(whistle, names.end, FactBody::PeriodEnd(self.period));
        for mut fact in self.running.drain(..) {
            let known = self.announced.filter(|(from, _)| *from <= fact.clock.elapsed);
            fact.clock.stoppage_announced_minutes = known.map(|(_, minutes)| minutes);
            self.told.push(fact);
        }
    }

    /// The final whistle, and all that was told.
    pub(super) fn over(mut self) -> Vec<TimedFact> {
        if let Some(last) = self.told.last() {
            let whistle = TimedFact { id: fact_id("final-whistle"), body: FactBody::FinalWhistle, ..last.clone() };
            self.told.push(whistle);
        }
        self.told
    }

    /// A fact of the running period. A time before its start is its start.
    pub(super) fn tell(&mut self, elapsed: Millis, id: &str, certainty: Certainty, body: FactBody) -> FactId {
        let elapsed = elapsed.max(Millis::ZERO);
        let clock = MatchClock { period: self.period, elapsed, stoppage_announced_minutes: None };
        let id = fact_id(id);
        let at_match = self.period_start + elapsed;
        self.running.push(TimedFact { at_match, id: id.clone(), certainty, clock, body });
        id
    }

    /// A fact that is sure.
    pub(super) fn certain(&mut self, elapsed: Millis, id: &str, body: FactBody) {
        self.tell(elapsed, id, Certainty::Confirmed, body);
    }

    /// A fact that is sure only later.
    pub(super) fn scouted(&mut self, elapsed: Millis, sure_at: Millis, id: &str, body: FactBody) {
        let fact = self.tell(elapsed, id, Certainty::Scouted, body);
        self.certain(sure_at, &format!("{id}/confirmed"), FactBody::Confirmed(fact));
    }

    /// A goal, sure when play restarts.
    pub(super) fn goal(&mut self, elapsed: Millis, restart: Millis, id: &str, side: Side, own_goal: bool) {
        self.scouted(elapsed, restart, id, FactBody::Goal { side, own_goal });
        self.certain(restart, &format!("{id}/restarted"), FactBody::PlayRestarted);
    }
}
