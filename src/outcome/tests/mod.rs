//! Stories and properties of facts and of what they decide.

mod continuations;
mod fact_set;
mod plain;
mod settlement_reference;
mod settling;
mod ties;

use crate::event::{Certainty, Fact, FactBody, MatchClock, Period, Side};
use crate::outcome::FactSet;
use crate::values::{FactId, MatchId, Millis, ProducerId, Time};

pub(super) fn id(text: &str) -> FactId {
    FactId::parse(text).unwrap()
}

/// One helper knows what a fact looks like: `scouted("g1", goal(Home), minute)`.
pub(super) fn scouted(name: &str, body: FactBody, period: Period, minute: i64) -> Fact {
    Fact {
        id: id(name),
        match_id: MatchId::parse("m1").unwrap(),
        producer: ProducerId::parse("p1").unwrap(),
        sequence: 1,
        source_at: Time::from_ms(minute * 60_000),
        certainty: Certainty::Scouted,
        supersedes: None,
        clock: Some(MatchClock { period, elapsed: Millis::new(minute * 60_000), stoppage_announced_minutes: None }),
        body,
    }
}

pub(super) fn sure(name: &str, body: FactBody, period: Period, minute: i64) -> Fact {
    Fact { certainty: Certainty::Confirmed, ..scouted(name, body, period, minute) }
}

pub(super) fn ruling(name: &str, body: FactBody) -> Fact {
    Fact { clock: None, ..sure(name, body, Period::PreMatch, 0) }
}

pub(super) fn replacing(old: &str, fact: Fact) -> Fact {
    Fact { supersedes: Some(id(old)), ..fact }
}

pub(super) fn goal(side: Side) -> FactBody {
    FactBody::Goal { side, own_goal: false }
}

pub(super) fn set_of(facts: &[Fact]) -> FactSet {
    let mut set = FactSet::new();
    for fact in facts {
        set.insert(fact);
    }
    set
}
