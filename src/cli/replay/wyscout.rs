//! A match as Wyscout's observers wrote it down, with its sides and names from the match listing.
//!
//! Fields and traps: `wyscout/` in the README of the sample data. What no fact needs is ignored; what a fact needs and
//! is missing or makes no sense is refused with the file and the event, because a goal guessed is money misplaced.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;

use crate::event::{Period, Side};
use crate::values::{CompetitionId, Millis, Text};

use super::listing::{Listed, find_listed};

/// The most bytes a file may have once unpacked: some fifty times the largest recording known.
const UNPACKED_BYTES_MAX: u64 = 64 << 20;
/// No period lasts longer than this; a later event is a mistake of the file.
const PERIOD_SECONDS_MAX: f64 = 3.0 * 3600.0;
/// A half whose events stop this long before its regular length was cut off, or the match was abandoned.
const SILENCE_AT_END_MAX: Millis = Millis::from_seconds(5 * 60);

const TAG_GOAL: i64 = 101;
const TAG_OWN_GOAL: i64 = 102;
const TAG_RED: i64 = 1701;
const TAG_YELLOW: i64 = 1702;
const TAG_SECOND_YELLOW: i64 = 1703;

/// What the observer saw, as far as a fact depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    /// A shot from play, or a free kick straight at goal.
    Shot,
    /// A penalty kick, in play or in a shoot-out.
    PenaltyKick,
    /// A corner kick.
    Corner,
    /// A foul for the ball, which may cost a penalty.
    Foul,
    /// A keeper's save. Tagged as a goal it is the conceding side's view of a goal that has its own event.
    Save,
    /// A whistle, a ball out of the field, or an offence that nobody committed for the ball (a protest, lost time).
    Stoppage,
    /// Any other touch of the ball, known to us or not.
    Play,
}

/// The card that an event was punished with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Card {
    Yellow,
    SecondYellow,
    Red,
}

/// One line of the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlayedEvent {
    pub(super) id: u64,
    pub(super) period: Period,
    /// Since the start of the period.
    pub(super) at: Millis,
    /// The side of the player; always there for a goal, a penalty, a corner and a card.
    pub(super) side: Option<Side>,
    pub(super) kind: EventKind,
    pub(super) goal: bool,
    pub(super) own_goal: bool,
    pub(super) card: Option<Card>,
}

impl PlayedEvent {
    /// The side credited with a goal by this event, and whether it was put into one's own net.
    ///
    /// A goal is tag 101 on a shot, a free kick at goal or a penalty, never on a save; an own goal is tag 102 on any
    /// event of the side that conceded it.
    pub(super) fn scored(&self) -> Option<(Side, bool)> {
        let side = self.side?;
        let shot = matches!(self.kind, EventKind::Shot | EventKind::PenaltyKick);
        if self.own_goal { Some((side.other(), true)) } else { (self.goal && shot).then_some((side, false)) }
    }

    fn needs_side(&self) -> bool {
        let kick = matches!(self.kind, EventKind::PenaltyKick | EventKind::Corner);
        let scored = self.own_goal || self.goal && self.kind == EventKind::Shot;
        kick || scored || self.card.is_some()
    }
}

/// A whole match: both halves at least, events in order of time, every id once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayedMatch {
    /// Wyscout's number of the match.
    pub wyscout_id: u64,
    /// Home side, as the listing names it.
    pub home: Text,
    /// Away side, as the listing names it.
    pub away: Text,
    /// The listing's name, as `World_Cup`.
    pub competition: CompetitionId,
    /// Kick-off as listed, `2018-07-15 15:00:00` in UTC; for display.
    pub kicked_off_utc: Option<Text>,
    /// Home and away goals after ninety minutes as listed; a few recordings lack a goal, so compare.
    pub official_goals: Option<(u32, u32)>,
    pub(super) events: Vec<PlayedEvent>,
}

/// Where in the recording something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventPlace {
    /// Place in the list of events, from 0.
    pub index: usize,
    /// The event's id, if it has one.
    pub id: Option<u64>,
}

impl fmt::Display for EventPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => write!(f, "event {id} (events[{}])", self.index),
            None => write!(f, "events[{}]", self.index),
        }
    }
}

/// What is wrong with one event.
#[derive(Debug, thiserror::Error)]
pub enum EventProblem {
    /// A field that every event has is missing or of another type.
    #[error("{0}")]
    Shape(serde_json::Error),
    /// The file is about another match.
    #[error("belongs to match {0}")]
    OtherMatch(u64),
    /// Not one of 1H, 2H, E1, E2, P.
    #[error("unknown matchPeriod {0:?}; known are 1H, 2H, E1, E2 and P")]
    UnknownPeriod(String),
    /// Below zero, or longer than a period can last.
    #[error("eventSec {0} is not within a period")]
    TimeOutOfRange(f64),
    /// The event moves a market, and its team does not play in this match.
    #[error("no side for teamId {0:?}, and a goal, penalty, corner or card needs one")]
    UnknownTeam(Option<i64>),
    /// Two events have the id, so two facts would.
    #[error("repeats the id of an earlier event")]
    RepeatedId,
}

/// Why a recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum WyscoutError {
    /// The file cannot be opened or unpacked.
    #[error("cannot read {file:?}: {cause}")]
    Read {
        /// The file or folder.
        file: PathBuf,
        /// What the system or the unpacker says.
        cause: io::Error,
    },
    /// More than any match needs.
    #[error("{file:?} holds more than {UNPACKED_BYTES_MAX} bytes")]
    TooLarge {
        /// The file.
        file: PathBuf,
    },
    /// Not the JSON that it should be.
    #[error("{file:?} is not {expected}: {cause}")]
    Json {
        /// The file.
        file: PathBuf,
        /// What it should be.
        expected: &'static str,
        /// Where it is not.
        cause: serde_json::Error,
    },
    /// The file's name does not say which match it is.
    #[error("{file:?} must be named after the match, as 2058017.json or 2058017.json.gz")]
    NotNamedAfterMatch {
        /// The file.
        file: PathBuf,
    },
    /// Nothing says who played.
    #[error(
        "no match listing: expected matches_*.json or matches_*.json.gz in {folder:?}, with the teams of match {id}"
    )]
    NoListing {
        /// Where it should be: the parent of the folder of the recording.
        folder: PathBuf,
        /// The match.
        id: u64,
    },
    /// There are listings, but the match is in none.
    #[error("match {id} is in none of the match listings in {folder:?}")]
    NotListed {
        /// Where the listings are.
        folder: PathBuf,
        /// The match.
        id: u64,
    },
    /// The listing's row of the match lacks something.
    #[error("{file:?}: match {id}: {problem}")]
    Row {
        /// The listing.
        file: PathBuf,
        /// The match.
        id: u64,
        /// What is missing or makes no sense.
        problem: String,
    },
    /// An event that cannot be understood.
    #[error("{file:?}: {place}: {problem}")]
    Event {
        /// The recording.
        file: PathBuf,
        /// Which event.
        place: EventPlace,
        /// What is wrong with it.
        problem: EventProblem,
    },
    /// A part of the match has no events, or too few to have been recorded whole.
    #[error("{file:?}: {problem}")]
    Incomplete {
        /// The recording.
        file: PathBuf,
        /// What is missing.
        problem: String,
    },
}

/// Reads the recording `.../events/ID.json` or `ID.json.gz` and the listing in the parent of its folder.
pub fn read_match(path: &Path) -> Result<PlayedMatch, WyscoutError> {
    let file = path.canonicalize().map_err(|cause| WyscoutError::Read { file: path.into(), cause })?;
    let not_named = || WyscoutError::NotNamedAfterMatch { file: path.into() };
    let name = file.file_name().and_then(|name| name.to_str()).ok_or_else(not_named)?;
    let id = stem(name).parse().map_err(|_| not_named())?;
    let recording = unpacked(&file)?;
    // A path made canonical ends in folder and file; a file right under the root has its listing there too.
    let folder = file.parent().and_then(|events| events.parent().or(Some(events))).ok_or_else(not_named)?;
    let listed = find_listed(folder, id)?;
    understand(&file, id, &recording, listed)
}

/// The recording of match `id`, understood; `file` is for error messages only.
pub(super) fn understand(file: &Path, id: u64, recording: &[u8], listed: Listed) -> Result<PlayedMatch, WyscoutError> {
    let json: Recording = serde_json::from_slice(recording).map_err(|cause| WyscoutError::Json {
        file: file.into(),
        expected: "a Wyscout recording (an object with a list of events)",
        cause,
    })?;
    let mut events = Vec::with_capacity(json.events.len());
    let mut ids = BTreeSet::new();
    for (index, value) in json.events.into_iter().enumerate() {
        let event_id = value.get("id").and_then(Value::as_u64);
        let event = understand_event(value, id, &listed.sides)
            .and_then(|event| if ids.insert(event.id) { Ok(event) } else { Err(EventProblem::RepeatedId) });
        let place = EventPlace { index, id: event_id };
        events.push(event.map_err(|problem| WyscoutError::Event { file: file.into(), place, problem })?);
    }
    // The list is in order of time as published; a stable sort leaves that as it is.
    events.sort_by_key(|event| (event.period, event.at));
    check_whole(&events).map_err(|problem| WyscoutError::Incomplete { file: file.into(), problem })?;
    let Listed { home, away, competition, kicked_off_utc, official_goals, sides: _ } = listed;
    Ok(PlayedMatch { wyscout_id: id, home, away, competition, kicked_off_utc, official_goals, events })
}

/// Regular length of a period; a shoot-out has none.
pub(super) fn regular_length(period: Period) -> Millis {
    match period {
        Period::FirstHalf | Period::SecondHalf => Millis::from_seconds(45 * 60),
        Period::ExtraFirstHalf | Period::ExtraSecondHalf => Millis::from_seconds(15 * 60),
        Period::PreMatch | Period::HalfTime | Period::BeforeExtraTime | Period::ShootOut | Period::Over => Millis::ZERO,
    }
}

fn check_whole(events: &[PlayedEvent]) -> Result<(), String> {
    let last_in = |period| events.iter().rfind(|event| event.period == period);
    let extra_time = last_in(Period::ExtraFirstHalf).or(last_in(Period::ExtraSecondHalf)).is_some();
    for (period, code, expected) in [
        (Period::FirstHalf, "1H", true),
        (Period::SecondHalf, "2H", true),
        (Period::ExtraFirstHalf, "E1", extra_time),
        (Period::ExtraSecondHalf, "E2", extra_time),
    ] {
        match last_in(period) {
            Some(last) if regular_length(period) - last.at > SILENCE_AT_END_MAX => {
                let seconds = last.at.get() / 1_000;
                return Err(format!("the events of {code} stop after {seconds} s, at event {}: cut off?", last.id));
            }
            None if expected => return Err(format!("no events in period {code}")),
            Some(_) | None => {}
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Recording {
    events: Vec<Value>,
}

/// One event as written; whatever is optional here may be missing or null.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventRow {
    id: u64,
    match_id: Option<u64>,
    team_id: Option<i64>,
    match_period: String,
    event_sec: f64,
    event_name: Option<String>,
    sub_event_name: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
struct Tag {
    id: i64,
}

fn understand_event(value: Value, match_id: u64, sides: &BTreeMap<i64, Side>) -> Result<PlayedEvent, EventProblem> {
    let row = EventRow::deserialize(value).map_err(EventProblem::Shape)?;
    if let Some(other) = row.match_id.filter(|other| *other != match_id) {
        return Err(EventProblem::OtherMatch(other));
    }
    if !(0.0..=PERIOD_SECONDS_MAX).contains(&row.event_sec) {
        return Err(EventProblem::TimeOutOfRange(row.event_sec));
    }
    let period = match row.match_period.as_str() {
        "1H" => Period::FirstHalf,
        "2H" => Period::SecondHalf,
        "E1" => Period::ExtraFirstHalf,
        "E2" => Period::ExtraSecondHalf,
        "P" => Period::ShootOut,
        _ => return Err(EventProblem::UnknownPeriod(row.match_period)),
    };
    let tagged = |tag| row.tags.iter().flatten().any(|tags| tags.id == tag);
    let card = if tagged(TAG_SECOND_YELLOW) {
        Some(Card::SecondYellow)
    } else if tagged(TAG_RED) {
        Some(Card::Red)
    } else {
        tagged(TAG_YELLOW).then_some(Card::Yellow)
    };
    let event = PlayedEvent {
        id: row.id,
        period,
        at: Millis::new((row.event_sec * 1_000.0).round() as i64),
        side: row.team_id.and_then(|team| sides.get(&team).copied()),
        kind: kind(row.event_name.as_deref().unwrap_or(""), row.sub_event_name.as_deref().unwrap_or("")),
        goal: tagged(TAG_GOAL),
        own_goal: tagged(TAG_OWN_GOAL),
        card,
    };
    if event.needs_side() && event.side.is_none() {
        return Err(EventProblem::UnknownTeam(row.team_id));
    }
    Ok(event)
}

fn kind(name: &str, part: &str) -> EventKind {
    match (name, part) {
        ("Shot", _) | ("Free Kick", "Free kick shot") => EventKind::Shot,
        ("Free Kick", "Penalty") => EventKind::PenaltyKick,
        ("Free Kick", "Corner") => EventKind::Corner,
        ("Save attempt", _) => EventKind::Save,
        ("Interruption", _)
        | ("Foul", "Protest" | "Out of game foul" | "Late card foul" | "Time lost foul" | "Simulation") => {
            EventKind::Stoppage
        }
        ("Foul", _) => EventKind::Foul,
        _ => EventKind::Play,
    }
}

/// The name of a JSON file without its ending; any other name as it is.
pub(super) fn stem(name: &str) -> &str {
    name.strip_suffix(".json.gz").or_else(|| name.strip_suffix(".json")).unwrap_or(name)
}

/// The bytes of a file, unpacked if they are gzip, whatever its name says.
pub(super) fn unpacked(file: &Path) -> Result<Vec<u8>, WyscoutError> {
    let unreadable = |cause| WyscoutError::Read { file: file.into(), cause };
    let mut opened = File::open(file).map_err(unreadable)?;
    let mut start = Vec::new();
    opened.by_ref().take(2).read_to_end(&mut start).map_err(unreadable)?;
    let packed = start == [0x1f, 0x8b];
    let whole = Cursor::new(start).chain(opened);
    let mut bytes = Vec::new();
    if packed {
        MultiGzDecoder::new(whole).take(UNPACKED_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        whole.take(UNPACKED_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() as u64 > UNPACKED_BYTES_MAX {
        return Err(WyscoutError::TooLarge { file: file.into() });
    }
    Ok(bytes)
}
