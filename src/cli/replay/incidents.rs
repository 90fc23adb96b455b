//! A season told by minutes only: goals, cards and disallowed goals, spread over their minutes the same way every time.
//!
//! The format is that of github.com/schochastics/football-data: a list of matches, each with a list of incidents. A
//! minute has no seconds, so incidents of one minute share it in the order listed; kick-offs, reviews and whistles,
//! which nobody wrote down, are put where they commonly are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::event::{FactBody, Period, Scope, Side};
use crate::values::{CompetitionId, Date, Millis, TEXT_BYTES_MAX, Text};

use super::dice::Dice;
use super::script::{MatchScript, doubt};
use super::telling::Telling;
use super::timeline::goals_in_ninety_minutes;
use super::wyscout::{WyscoutError, unpacked};

/// Why a season cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum IncidentsError {
    /// The file cannot be opened or unpacked, or is far too large.
    #[error(transparent)]
    Read(#[from] WyscoutError),
    /// Not the JSON that it should be.
    #[error("{file:?} is not a season of incidents (a list of matches): {cause}")]
    Json {
        /// The file.
        file: PathBuf,
        /// Where it is not.
        cause: serde_json::Error,
    },
    /// A match that cannot be understood.
    #[error("{file:?}: match {index} of the list{named}: {problem}")]
    Match {
        /// The file.
        file: PathBuf,
        /// Place in the list, from 0.
        index: usize,
        /// Who and when, as far as that can be read.
        named: String,
        /// What is wrong.
        problem: String,
    },
}

#[derive(Deserialize)]
struct MatchRow {
    league: String,
    home: String,
    away: String,
    #[serde(rename = "GH")]
    home_goals: Option<u32>,
    #[serde(rename = "GA")]
    away_goals: Option<u32>,
    date: String,
    incident: IncidentPart,
}

#[derive(Deserialize)]
struct IncidentPart {
    incidents: Vec<IncidentRow>,
}

#[derive(Deserialize)]
struct IncidentRow {
    team: String,
    minute: String,
    incident_type: String,
    home_score: Option<Value>,
    player_name: Option<String>,
}

/// What happened, as far as a fact depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Goal,
    OwnGoal,
    PenaltyScored,
    PenaltyMissed,
    Disallowed,
    Yellow,
    SecondYellow,
    Red,
}

#[derive(Clone, Copy, Debug)]
struct Incident {
    /// Place in the list: the number in its id.
    number: usize,
    kind: Kind,
    side: Side,
    period: Period,
    /// Whole minutes since the start of the period.
    minute: u32,
}

/// What to play of a season, and what must be left out and why.
#[derive(Debug, Default)]
pub struct Season {
    /// The matches, as listed.
    pub scripts: Vec<MatchScript>,
    /// Matches without a record of what happened: who, when, and why.
    pub left_out: Vec<(Option<Date>, String)>,
    /// Kinds of incidents that nobody knows, and how often each is listed: none of them counts.
    pub unknown_kinds: BTreeMap<String, usize>,
}

/// Reads a season, `.json` or `.json.gz`; of all matches, or of one day.
///
/// # Errors
/// Names the file and the match; a match of another day need only have a date.
pub fn read_season(file: &Path, day: Option<Date>, tick_every: Millis) -> Result<Season, IncidentsError> {
    understand_season(file, &unpacked(file)?, day, tick_every)
}

pub(super) fn understand_season(
    file: &Path,
    bytes: &[u8],
    day: Option<Date>,
    tick_every: Millis,
) -> Result<Season, IncidentsError> {
    let json = |cause| IncidentsError::Json { file: file.into(), cause };
    let values: Vec<Value> = serde_json::from_slice(bytes).map_err(json)?;
    let mut season = Season::default();
    let mut keys = BTreeMap::new();
    for (index, value) in values.into_iter().enumerate() {
        let named = named(&value);
        let problem = |problem| IncidentsError::Match { file: file.into(), index, named: named.clone(), problem };
        if let Some(day) = day {
            let date = value.get("date").and_then(Value::as_str).and_then(|date| Date::parse(date).ok());
            let date = date.ok_or_else(|| problem("its date is not YYYY-MM-DD".to_owned()))?;
            if date != day {
                continue;
            }
        }
        let row = MatchRow::deserialize(value).map_err(|error| problem(error.to_string()))?;
        let date = Date::parse(&row.date).map_err(|error| problem(format!("date {:?}: {error}", row.date)))?;
        let unknown = row.home_goals.is_none() || row.away_goals.is_none();
        let is_scored = row.home_goals.unwrap_or(0) + row.away_goals.unwrap_or(0) > 0;
        if row.incident.incidents.is_empty() && (unknown || is_scored) {
            season
                .left_out
                .push((Some(date), format!("{} - {} of {date}: no incidents are listed", row.home, row.away)));
            continue;
        }
        let unknown_kinds = &mut season.unknown_kinds;
        let mut script = understand_match(&row, date, tick_every, unknown_kinds).map_err(problem)?;
        let times = keys.entry(script.key.clone()).and_modify(|times| *times += 1).or_insert(1);
        if *times > 1 {
            script.key = format!("{}-{times}", script.key);
        }
        season.scripts.push(script);
    }
    Ok(season)
}

/// Who and when, for an error about a match that may lack either.
fn named(value: &Value) -> String {
    let field = |name| value.get(name).and_then(Value::as_str);
    match (field("home"), field("away"), field("date")) {
        (Some(home), Some(away), Some(date)) => format!(" ({home:?} - {away:?}, {date:?})"),
        _ => String::new(),
    }
}

fn understand_match(
    row: &MatchRow,
    date: Date,
    tick_every: Millis,
    unknown_kinds: &mut BTreeMap<String, usize>,
) -> Result<MatchScript, String> {
    let incidents = understand_incidents(row, unknown_kinds)?;
    let short = |slug: &str| {
        let legal = slug.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-');
        legal.take(14).collect::<String>().trim_end_matches('-').to_owned()
    };
    let day = format!("{:04}{:02}{:02}", date.year(), date.month(), date.day());
    let key = format!("incidents-{day}-{}-{}", short(&row.home), short(&row.away));
    let shoot_out = row.incident.incidents.iter().any(|incident| !incident.minute.contains('\''));
    let facts = tell(&incidents, shoot_out, &key, tick_every);
    let goals = goals_in_all(&facts);
    let text = |name: &str| {
        if name.is_empty() {
            return Err("a team without a name".to_owned());
        }
        Text::parse(&displayed(name)).map_err(|_| format!("a name of more than {TEXT_BYTES_MAX} bytes"))
    };
    let league = row.league.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '-');
    Ok(MatchScript {
        key,
        home: text(&row.home)?,
        away: text(&row.away)?,
        source_names: [row.home.clone(), row.away.clone()],
        competition: CompetitionId::parse(league).map_err(|error| format!("league {:?}: {error}", row.league))?,
        date: Some(date),
        kicked_off: None,
        kick_off_after: Millis::ZERO,
        expectation: None,
        scope: Scope { knock_out: None, corners: false, cards: true },
        doubt: doubt(row.home_goals.zip(row.away_goals), goals),
        facts,
    })
}

/// The listed result counts extra time.
fn goals_in_all(facts: &[super::TimedFact]) -> (u32, u32) {
    let mut goals = goals_in_ninety_minutes(facts);
    let extra = [Period::ExtraFirstHalf, Period::ExtraSecondHalf];
    for fact in facts.iter().filter(|fact| extra.contains(&fact.clock.period)) {
        if let FactBody::Goal { side, own_goal: _ } = fact.body {
            match side {
                Side::Home => goals.0 += 1,
                Side::Away => goals.1 += 1,
            }
        }
    }
    goals
}

/// `west-bromwich-albion` as people write it.
fn displayed(slug: &str) -> String {
    const SHORT: [&str; 30] = [
        "ac", "afc", "as", "az", "ca", "cd", "cfc", "ea", "es", "fc", "fco", "ff", "fk", "fsv", "gfc", "hsc", "ksc",
        "ogc", "osc", "rb", "rc", "rcd", "rsc", "sc", "sco", "sd", "sk", "sm", "ssc", "sv",
    ];
    let words = slug.split('-').filter(|word| !word.is_empty()).map(|word| {
        if SHORT.contains(&word) {
            return word.to_uppercase();
        }
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The incidents by their minutes, whatever order they are listed in.
fn understand_incidents(row: &MatchRow, unknown_kinds: &mut BTreeMap<String, usize>) -> Result<Vec<Incident>, String> {
    let mut timed = Vec::new();
    for (number, incident) in row.incident.incidents.iter().enumerate() {
        let place = |what: String| format!("incident {number}: {what}");
        let side = match incident.team.as_str() {
            "home" => Side::Home,
            "away" => Side::Away,
            _ => return Err(place(format!("team {:?} is neither home nor away", incident.team))),
        };
        let Some(minute) = incident.minute.strip_suffix('\'') else {
            // A kick of a shoot-out: its number, and not whether it was scored. It never counts.
            let is_kick = incident.incident_type == "Penalty Awarded" && incident.minute.parse::<u32>().is_ok();
            if is_kick { continue } else { return Err(place(format!("minute {:?} is not as 45+1'", incident.minute))) }
        };
        let Some(kind) = kind_of(incident, unknown_kinds).map_err(place)? else { continue };
        let (period, minute) = period_and_minute(minute)
            .ok_or_else(|| place(format!("minute {:?} is not one of a match (as 45+1' or 90')", incident.minute)))?;
        timed.push((incident, Incident { number, kind, side, period, minute }));
    }
    let minute_of = |(_, incident): &(&IncidentRow, Incident)| (incident.period, incident.minute);
    // Listed from the end of the match: so are those of one minute.
    if !timed.is_sorted_by_key(minute_of) && timed.iter().rev().is_sorted_by_key(&minute_of) {
        timed.reverse();
    }
    // Stable: incidents of one minute stay in the order listed.
    timed.sort_by_key(minute_of);
    let mut yellows: BTreeMap<(Side, &str), u32> = BTreeMap::new();
    for (row, incident) in &mut timed {
        if let (Kind::Yellow, Some(player)) = (incident.kind, &row.player_name) {
            let shown = yellows.entry((incident.side, player)).or_default();
            *shown += 1;
            if *shown == 2 {
                incident.kind = Kind::SecondYellow;
            }
        }
    }
    Ok(timed.into_iter().map(|(_, incident)| incident).collect())
}

/// What an incident is, yellow cards as if each were a player's first; `None` for those that move no market. Those that
/// nobody knows are counted.
fn kind_of(incident: &IncidentRow, unknown_kinds: &mut BTreeMap<String, usize>) -> Result<Option<Kind>, String> {
    let changes_score = incident.home_score.is_some();
    Ok(match (incident.incident_type.to_ascii_lowercase().as_str(), changes_score) {
        ("goal", _) => Some(Kind::Goal),
        ("own goal", _) => Some(Kind::OwnGoal),
        ("penalty awarded", true) => Some(Kind::PenaltyScored),
        ("penalty awarded", false) => Some(Kind::PenaltyMissed),
        ("goal disallowed", _) => Some(Kind::Disallowed),
        ("red card", _) => Some(Kind::Red),
        ("yellow card", _) => Some(Kind::Yellow),
        (_, true) => {
            return Err(format!("it changes the score, and {:?} is no kind we know", incident.incident_type));
        }
        ("substitution" | "substitution - out" | "substitution - in", false) => None,
        (_, false) => {
            *unknown_kinds.entry(incident.incident_type.clone()).or_default() += 1;
            None
        }
    })
}

/// `45+2` is between 46:00 and 47:00 of the first half, `46` between 0:00 and 1:00 of the second.
fn period_and_minute(text: &str) -> Option<(Period, u32)> {
    let (base, added) = match text.split_once('+') {
        Some((base, added)) => (base, added.parse::<u32>().ok().filter(|added| *added <= 60)?),
        None => (text, 0),
    };
    let base: u32 = base.parse().ok()?;
    let (period, start) = match base {
        0..=45 => (Period::FirstHalf, 0),
        46..=90 => (Period::SecondHalf, 45),
        91..=105 => (Period::ExtraFirstHalf, 90),
        106..=120 => (Period::ExtraSecondHalf, 105),
        _ => return None,
    };
    Some((period, (base - start).saturating_sub(1) + added))
}

fn tell(incidents: &[Incident], shoot_out: bool, key: &str, tick_every: Millis) -> Vec<super::TimedFact> {
    let mut telling = Telling::new(tick_every);
    let mut dice = Dice::new(0, key);
    let extra_time = incidents.iter().any(|incident| incident.period > Period::SecondHalf);
    let mut periods = vec![(Period::FirstHalf, 45, 1), (Period::SecondHalf, 45, 3)];
    if extra_time {
        periods.extend([(Period::ExtraFirstHalf, 15, 0), (Period::ExtraSecondHalf, 15, 1)]);
    }
    for (period, regular_minutes, stoppage) in periods {
        let in_period: Vec<Incident> = incidents.iter().filter(|incident| incident.period == period).copied().collect();
        let seen = in_period.iter().map(|incident| (incident.minute + 1).saturating_sub(regular_minutes)).max();
        let stoppage = seen.unwrap_or(0).max(stoppage + u32::try_from(dice.below(2)).expect("0 or 1"));
        telling.begin(period);
        let regular_end = Millis::from_seconds(i64::from(regular_minutes) * 60);
        telling.announce(regular_end, u8::try_from(stoppage).unwrap_or(u8::MAX));
        tell_incidents(&mut telling, &in_period, &mut dice);
        telling.end(regular_end + Millis::from_seconds(i64::from(stoppage) * 60) + dice.seconds(1.0, 25.0));
    }
    if shoot_out {
        telling.begin(Period::ShootOut);
        telling.end(Millis::from_seconds(6 * 60));
    }
    telling.over()
}

fn tell_incidents(telling: &mut Telling, incidents: &[Incident], dice: &mut Dice) {
    let mut times = Vec::new();
    for minute in incidents.chunk_by(|one, next| one.minute == next.minute) {
        for (place, incident) in minute.iter().enumerate() {
            let share = (place as f64 + 0.1 + 0.8 * dice.share()) / minute.len() as f64;
            times.push(Millis::new(i64::from(incident.minute) * 60_000 + (share * 60_000.0) as i64));
        }
    }
    let mut free_from = Millis::ZERO;
    for (place, incident) in incidents.iter().enumerate() {
        let at = times[place];
        // What follows from an incident is over well before the next one.
        let budget = times.get(place + 1).map_or(i64::MAX, |next| (*next - at).get() * 6 / 10);
        let after = |span: Millis| at + Millis::new(span.get().min(budget));
        let before = |span: Millis| free_from.max(at - span).max(Millis::ZERO);
        free_from = tell_incident(telling, incident, at, (&after, &before), dice);
    }
}

/// Tells one incident; the answer is when it is over.
fn tell_incident(
    telling: &mut Telling,
    incident: &Incident,
    at: Millis,
    (after, before): (&dyn Fn(Millis) -> Millis, &dyn Fn(Millis) -> Millis),
    dice: &mut Dice,
) -> Millis {
    let Incident { number, kind, side, .. } = *incident;
    let moment = Millis::from_seconds(3);
    match kind {
        Kind::Goal | Kind::OwnGoal => {
            let restart = after(dice.seconds(40.0, 65.0));
            telling.certain(before(moment), &format!("goal-{number}/possible"), FactBody::PossibleGoal(Some(side)));
            telling.goal(at, restart, &format!("goal-{number}"), side, kind == Kind::OwnGoal);
            restart
        }
        Kind::PenaltyScored | Kind::PenaltyMissed => {
            let award = before(dice.seconds(55.0, 90.0));
            telling.certain(award, &format!("penalty-{number}"), FactBody::PenaltyAwarded(side));
            if kind == Kind::PenaltyMissed {
                telling.certain(at, &format!("penalty-{number}/missed"), FactBody::PenaltyMissed(side));
                return at;
            }
            let restart = after(dice.seconds(40.0, 65.0));
            telling.goal(at, restart, &format!("goal-{number}"), side, false);
            restart
        }
        Kind::Disallowed => {
            let (review, decided) = (after(Millis::from_seconds(10)), after(dice.seconds(50.0, 100.0)));
            let id = format!("disallowed-{number}");
            telling.certain(at, &id, FactBody::PossibleGoal(Some(side)));
            telling.certain(review, &format!("{id}/review"), FactBody::ReviewStart);
            telling.certain(decided, &format!("{id}/reviewed"), FactBody::ReviewEnd);
            telling.certain(decided, &format!("{id}/no-goal"), FactBody::NoGoal);
            decided
        }
        Kind::Yellow => {
            let sure = after(Millis::from_seconds(8));
            telling.scouted(at, sure, &format!("card-{number}"), FactBody::YellowCard(side));
            sure
        }
        Kind::SecondYellow | Kind::Red => {
            let sure = after(Millis::from_seconds(12));
            let card = FactBody::RedCard { side, second_yellow: kind == Kind::SecondYellow };
            telling.certain(before(moment), &format!("card-{number}/possible"), FactBody::PossibleRedCard(Some(side)));
            telling.scouted(at, sure, &format!("card-{number}"), card);
            sure
        }
    }
}
