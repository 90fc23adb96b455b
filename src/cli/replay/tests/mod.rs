//! Made-up matches as stories, real matches against the official results, and files that lie.

mod all_matches;
mod days;
mod hostile;
mod odds;
mod runs;
mod seasons;
mod stories;
mod truth;

use std::path::Path;

use serde_json::{Value, json};

use super::listing::{Listed, understand_row};
use super::wyscout::understand;
use super::{PlayedMatch, TICK_EVERY, TimedFact, WyscoutError, goals_in_ninety_minutes, timeline};
use crate::event::{FactBody, Side};

const ID: u64 = 7;
const HOME: i64 = 10;
const AWAY: i64 = 20;

fn row() -> Value {
    json!({
        "wyId": ID, "label": "Ajax - Feyenoord, 2 - 1", "dateutc": "2018-01-21 13:30:00",
        "teamsData": {"10": {"side": "home", "score": 2}, "20": {"side": "away", "score": 1}},
    })
}

fn listed() -> Listed {
    understand_row(row(), "Eredivisie").unwrap()
}

/// One event: `period`, seconds, team, name, part, tags.
fn event(id: u64, period: &str, seconds: f64, team: i64, name: &str, part: &str, tags: &[i64]) -> Value {
    let tags: Vec<Value> = tags.iter().map(|tag| json!({ "id": tag })).collect();
    json!({
        "id": id, "matchId": ID, "matchPeriod": period, "eventSec": seconds, "teamId": team,
        "eventName": name, "subEventName": part, "tags": tags,
    })
}

fn pass(id: u64, period: &str, seconds: f64) -> Value {
    event(id, period, seconds, HOME, "Pass", "Simple pass", &[1801])
}

/// A whole match around these events: both halves begin and end with a pass.
fn whole(told: Vec<Value>) -> Vec<Value> {
    let mut events = vec![pass(1, "1H", 1.0), pass(2, "1H", 2705.0), pass(3, "2H", 1.0), pass(4, "2H", 2790.0)];
    events.extend(told);
    events
}

fn play(events: Vec<Value>) -> Result<PlayedMatch, WyscoutError> {
    let recording = serde_json::to_vec(&json!({ "events": events })).unwrap();
    understand(Path::new("events/7.json"), ID, &recording, listed())
}

fn facts(events: Vec<Value>) -> Vec<TimedFact> {
    timeline(&play(events).unwrap(), TICK_EVERY)
}

/// The facts in words, without the ticks: `1H 600.0 goal-9: home goal, scouted`.
fn told(facts: &[TimedFact]) -> Vec<String> {
    facts.iter().filter(|fact| fact.body != FactBody::ClockTick).map(in_words).collect()
}

fn in_words(fact: &TimedFact) -> String {
    let elapsed = fact.clock.elapsed.get();
    let name = |side: &Side| if *side == Side::Home { "home" } else { "away" };
    #[expect(clippy::wildcard_enum_match_arm, reason = "facts without a side read well as they are")]
    let body = match &fact.body {
        FactBody::Goal { side, own_goal: false } => format!("{} goal", name(side)),
        FactBody::Goal { side, own_goal: true } => format!("{} goal by the other", name(side)),
        FactBody::YellowCard(side) => format!("{} yellow", name(side)),
        FactBody::RedCard { side, second_yellow: true } => format!("{} second yellow", name(side)),
        FactBody::RedCard { side, second_yellow: false } => format!("{} red", name(side)),
        FactBody::PenaltyAwarded(side) => format!("{} penalty", name(side)),
        FactBody::PenaltyMissed(side) => format!("{} penalty missed", name(side)),
        FactBody::CornerTaken(side) => format!("{} corner", name(side)),
        FactBody::Confirmed(confirmed) => format!("sure of {confirmed}"),
        other => format!("{other:?}"),
    };
    let certainty = format!("{:?}", fact.certainty).to_lowercase();
    format!("{:?} {}.{} {}: {body}, {certainty}", fact.clock.period, elapsed / 1_000, elapsed % 1_000 / 100, fact.id)
}
