//! A match that nobody plays to its end is given up by time: two days after its kick-off was due, bets must not hang.

use super::live_match::{Around, LiveMatch};
use crate::event::{Certainty, ClockRules, Fact, FactBody, Fixture, Period};
use crate::market::IncidentKind;
use crate::outcome::{Inserted, TieStanding};
use crate::values::{FactId, HashStream, Millis, Time};

/// What is added to the id of the interruption, or of the fixture, that the match was given up for.
const SUFFIX: &str = "/abandoned";
/// How long to wait where it is due and we cannot know yet whether play went on.
const ASK_AGAIN_AFTER: Millis = Millis::new(1_000);

/// When a match is given up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Abandonment {
    /// `None` where the deadline had passed when the kick-off was learnt: an old match told late was played long ago.
    deadline: Option<Time>,
    ask_again: Option<Time>,
}

impl Abandonment {
    /// A kick-off was learnt. At once, no time passes, so time gives up nothing.
    pub(super) fn learn(&mut self, fixture: &Fixture, at: Time, rules: &ClockRules) {
        let deadline = fixture.kick_off + rules.scaled(rules.abandon_after);
        let counts = rules.clock_scale > 0 && deadline > at;
        *self = Abandonment { deadline: counts.then_some(deadline), ask_again: None };
    }

    pub(super) fn hash_into(self, stream: &mut HashStream) {
        for time in [self.deadline, self.ask_again] {
            stream.integer(time.map_or(i64::MIN, |time| time.ms()));
        }
    }
}

impl LiveMatch {
    /// When to give the match up, or to look again whether to.
    pub(super) fn abandonment_due(&self) -> Option<Time> {
        let deadline = self.abandonment.deadline?;
        self.abandonment_id()?;
        Some(self.abandonment.ask_again.map_or(deadline, |again| again.max(deadline)))
    }

    /// The report that gives the match up, if that is due. Only where everything that the feed said until the deadline is
    /// known here: whoever is silent or behind may yet tell that play went on.
    pub(super) fn abandon(&mut self, around: &Around<'_>) -> Option<Fact> {
        if self.abandonment_due()? > around.at {
            return None;
        }
        let deadline = self.abandonment.deadline?;
        let producer = self.feed.authority()?.clone();
        if around.is_feed_held || around.is_lagging || around.through < deadline {
            self.abandonment.ask_again = Some(around.at + ASK_AGAIN_AFTER);
            return None;
        }
        let fact = Fact {
            id: self.abandonment_id()?,
            match_id: self.id.clone(),
            producer,
            sequence: 0,
            source_at: around.at,
            certainty: Certainty::Confirmed,
            supersedes: None,
            clock: None,
            body: FactBody::Abandoned,
        };
        let inserted = self.facts.insert(&fact);
        assert!(inserted == Inserted::New, "an id that is not known is new");
        Some(fact)
    }

    /// Under which id the match would be given up: for an interruption that lasts, or a kick-off that never came. `None`
    /// where there is no reason to, and where that was said already, or taken back.
    fn abandonment_id(&self) -> Option<FactId> {
        let is_played = match self.facts.tie() {
            TieStanding::ExtraTime { .. } | TieStanding::ShootOut => false,
            TieStanding::ToldLevel | TieStanding::Other => self.facts.regulation_over(),
        };
        if is_played || self.facts.is_abandoned() {
            return None;
        }
        let interruption = self.incidents.first(IncidentKind::Interruption);
        let unplayed = || self.facts.fixture_fact().filter(|_| self.period() == Period::PreMatch).map(|fact| &fact.id);
        let id = FactId::parse(&format!("{}{SUFFIX}", interruption.or_else(unplayed)?)).ok()?;
        (!self.facts.contains(&id) && !self.facts.is_withdrawn(&id)).then_some(id)
    }
}
