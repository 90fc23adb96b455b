//! Who played whom, and on which side: the match listing beside the recordings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::event::Side;
use crate::values::{CompetitionId, TEXT_BYTES_MAX, Text, Time};

use super::script::utc;
use super::wyscout::{WyscoutError, stem, unpacked};

/// What the listing says about one match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) home: Text,
    pub(super) away: Text,
    pub(super) competition: CompetitionId,
    pub(super) kicked_off_utc: Option<Text>,
    pub(super) official_goals: Option<(u32, u32)>,
    pub(super) sides: BTreeMap<i64, Side>,
}

/// One row of a listing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MatchRow {
    label: String,
    dateutc: Option<String>,
    teams_data: BTreeMap<String, TeamRow>,
}

#[derive(Deserialize)]
struct TeamRow {
    side: String,
    score: Option<u32>,
}

/// The row of match `id` in whichever `matches_*.json` or `.json.gz` of the folder has it.
pub(super) fn find_listed(folder: &Path, id: u64) -> Result<Listed, WyscoutError> {
    let listings = listings(folder)?;
    if listings.is_empty() {
        return Err(WyscoutError::NoListing { folder: folder.into(), id });
    }
    for (file, competition) in listings {
        let row = rows(&file)?.into_iter().find(|row| row.get("wyId").and_then(Value::as_u64) == Some(id));
        if let Some(row) = row {
            return understand_row(row, &competition).map_err(|problem| WyscoutError::Row { file, id, problem });
        }
    }
    Err(WyscoutError::NotListed { folder: folder.into(), id })
}

/// What a row says; an error: what it lacks.
pub(super) fn understand_row(row: Value, competition: &str) -> Result<Listed, String> {
    let row = MatchRow::deserialize(row).map_err(|error| error.to_string())?;
    let mut sides = BTreeMap::new();
    let (mut home_goals, mut away_goals) = (None, None);
    for (team, data) in &row.teams_data {
        let team_id: i64 = team.parse().map_err(|_| format!("team id {team:?} is not a number"))?;
        let (side, goals) = match data.side.as_str() {
            "home" => (Side::Home, &mut home_goals),
            "away" => (Side::Away, &mut away_goals),
            _ => return Err(format!("team {team_id} plays on side {:?}", data.side)),
        };
        sides.insert(team_id, side);
        *goals = data.score;
    }
    let both = [Side::Home, Side::Away].iter().all(|side| sides.values().any(|taken| taken == side));
    if !both || sides.len() != 2 {
        return Err(format!("teamsData must name one home and one away team, and names {}", sides.len()));
    }
    let label = unescaped(&row.label);
    let names = label.rsplit_once(", ").and_then(|(names, _score)| names.split_once(" - "));
    let (home, away) = names.ok_or_else(|| format!("label {label:?} is not \"HOME - AWAY, SCORE\""))?;
    let text = |text: &str| Text::parse(text).map_err(|_| format!("a name of more than {TEXT_BYTES_MAX} bytes"));
    Ok(Listed {
        home: text(home)?,
        away: text(away)?,
        competition: CompetitionId::parse(competition).map_err(|error| format!("{competition:?}: {error}"))?,
        kicked_off_utc: row.dateutc.as_deref().map(text).transpose()?,
        official_goals: home_goals.zip(away_goals),
        sides,
    })
}

/// Some names were escaped twice on their way here (`Saint-\u00c9tienne`, backslash included).
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..4).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?)) {
            Some(character) => {
                plain.push(character);
                plain.push_str(&part[4..]);
            }
            None => {
                plain.push_str("\\u");
                plain.push_str(part);
            }
        }
    }
    plain
}

/// When the matches of the listings in a folder kicked off, by number; those without a time are left out.
pub(super) fn kick_offs(folder: &Path) -> Result<BTreeMap<u64, Time>, WyscoutError> {
    let mut times = BTreeMap::new();
    for (file, _) in listings(folder)? {
        for row in rows(&file)? {
            let kick_off = row.get("dateutc").and_then(Value::as_str).and_then(utc);
            if let Some((id, kick_off)) = row.get("wyId").and_then(Value::as_u64).zip(kick_off) {
                times.insert(id, kick_off);
            }
        }
    }
    Ok(times)
}

/// The listings of a folder and the competition of each, in order of name.
fn listings(folder: &Path) -> Result<Vec<(PathBuf, String)>, WyscoutError> {
    let unreadable = |cause| WyscoutError::Read { file: folder.into(), cause };
    let mut listings = Vec::new();
    for entry in folder.read_dir().map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let Some(name) = name.to_str().filter(|name| stem(name) != *name) else { continue };
        if let Some(competition) = stem(name).strip_prefix("matches_") {
            listings.push((folder.join(name), competition.to_owned()));
        }
    }
    listings.sort();
    Ok(listings)
}

fn rows(file: &Path) -> Result<Vec<Value>, WyscoutError> {
    serde_json::from_slice(&unpacked(file)?).map_err(|cause| WyscoutError::Json {
        file: file.into(),
        expected: "a Wyscout match listing (a list of matches)",
        cause,
    })
}
