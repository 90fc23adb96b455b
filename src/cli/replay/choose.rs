//! Which matches are played: files, a folder, or all matches of one day, with their kick-offs as far apart as they were.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::generated;
use super::incidents::read_season;
use super::listing::kick_offs;
use super::script::MatchScript;
use super::wyscout::{read_match, stem};
use crate::values::{Date, Millis, Time};

/// How many days an error names.
const DAYS_NAMED_MAX: usize = 8;

/// The formats that can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SourceFormat {
    /// Wyscout event files: events/ID.json(.gz) with matches_*.json(.gz) in the folder above.
    Wyscout,
    /// Incidents by the minute, one file a league and season: COUNTRY_LEAGUE-YYYY-YYYY.json(.gz).
    Incidents,
    /// No files: a made-up match day from --seed.
    Generated,
}

impl SourceFormat {
    /// Its name on the command line; also the producer that reports its matches.
    pub fn name(self) -> &'static str {
        match self {
            SourceFormat::Wyscout => "wyscout",
            SourceFormat::Incidents => "incidents",
            SourceFormat::Generated => "generated",
        }
    }
}

/// What is to be played.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The format.
    pub source: SourceFormat,
    /// Files or folders; none for a generated day.
    pub paths: Vec<PathBuf>,
    /// Only the matches of this day (UTC, as far as the source knows).
    pub day: Option<Date>,
    /// Only matches of teams whose name has one of these in it; none: all.
    pub teams: Vec<String>,
    /// All kick off at once, whenever they did.
    pub together: bool,
    /// Match time between two ticks of the clock.
    pub tick_every: Millis,
    /// Of a generated day: its dice.
    pub seed: u64,
    /// Of a generated day: how many.
    pub matches: usize,
}

/// The matches in order of kick-off, and what a person should know about them (one line each).
///
/// # Errors
/// Files that cannot be understood, no match at all, or matches of several days without a day chosen.
pub fn choose(choice: &Choice) -> anyhow::Result<(Vec<MatchScript>, Vec<String>)> {
    let mut warnings = Vec::new();
    let mut is_listed_one_by_one = false;
    let mut scripts = match choice.source {
        SourceFormat::Generated => {
            let mut day = generated::match_day(choice.seed, choice.matches, choice.tick_every);
            day.iter_mut().filter(|_| choice.together).for_each(|script| script.kick_off_after = Millis::ZERO);
            return Ok((day, warnings));
        }
        SourceFormat::Wyscout => {
            is_listed_one_by_one = choice.paths.iter().all(|path| path.is_file()) && choice.day.is_none();
            recordings(choice)?
        }
        SourceFormat::Incidents => seasons(choice, &mut warnings)?,
    };
    if let Some(day) = choice.day {
        scripts.retain(|script| script.date == Some(day));
    }
    let wanted: Vec<String> = choice.teams.iter().map(|team| team.to_lowercase()).collect();
    let is_wanted = |name: &str| wanted.iter().any(|team| name.to_lowercase().contains(team));
    scripts.retain(|script| {
        let [home, away] = &script.source_names;
        let names = [home, away, script.home.as_str(), script.away.as_str()];
        wanted.is_empty() || names.into_iter().any(is_wanted)
    });
    if scripts.is_empty() {
        let of_day = choice.day.map_or_else(String::new, |day| format!(" on {day}"));
        bail!("no match{of_day} in what was given: see --day and --team");
    }
    let days = count_days(&scripts);
    if days.len() > 1 && !is_listed_one_by_one {
        bail!(
            "these are {} matches of {} days: choose one with --day, as {}",
            scripts.len(),
            days.len(),
            busiest(&days)
        );
    }
    scripts.sort_by(|one, other| (one.kicked_off, &one.key).cmp(&(other.kicked_off, &other.key)));
    if !choice.together && !is_listed_one_by_one {
        space_out(&mut scripts);
    }
    let doubtful = scripts.iter().filter_map(|script| Some(format!("{}: {}", script.title(), script.doubt.as_ref()?)));
    warnings.extend(doubtful);
    Ok((scripts, warnings))
}

/// Kick-offs as far apart as they were; those whose time nobody noted are the first.
fn space_out(scripts: &mut [MatchScript]) {
    let Some(first) = scripts.iter().filter_map(|script| script.kicked_off).min() else { return };
    for script in scripts {
        script.kick_off_after = script.kicked_off.map_or(Millis::ZERO, |kicked_off| kicked_off - first);
    }
}

fn count_days(scripts: &[MatchScript]) -> BTreeMap<Date, usize> {
    let mut days: BTreeMap<i64, usize> = BTreeMap::new();
    for date in scripts.iter().filter_map(|script| script.date) {
        *days.entry(date.starts_at().ms()).or_default() += 1;
    }
    days.into_iter().map(|(day, matches)| (Time::from_ms(day).date(), matches)).collect()
}

fn busiest(days: &BTreeMap<Date, usize>) -> String {
    let mut by_matches: Vec<(usize, Date)> = days.iter().map(|(day, matches)| (*matches, *day)).collect();
    by_matches.sort_by_key(|(matches, day)| (std::cmp::Reverse(*matches), *day));
    let named = by_matches.iter().take(DAYS_NAMED_MAX).map(|(matches, day)| format!("{day} ({matches} matches)"));
    named.collect::<Vec<_>>().join(", ")
}

fn recordings(choice: &Choice) -> anyhow::Result<Vec<MatchScript>> {
    let mut files = Vec::new();
    for path in &choice.paths {
        if path.is_dir() {
            files.extend(recordings_of_folder(path, choice.day)?);
        } else {
            files.push(path.clone());
        }
    }
    let read = |file: &PathBuf| Ok(MatchScript::of_recording(&read_match(file)?, choice.tick_every));
    files.iter().map(read).collect()
}

/// The recordings in a folder or in its `events`, of that day as far as the listings say.
fn recordings_of_folder(folder: &Path, day: Option<Date>) -> anyhow::Result<Vec<PathBuf>> {
    let events = folder.join("events");
    let folder = if events.is_dir() { events } else { folder.to_owned() };
    let of_folder = || format!("cannot read the folder {}", folder.display());
    let mut files = BTreeMap::new();
    for entry in folder.read_dir().with_context(of_folder)? {
        let path = entry.with_context(of_folder)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(id) = Some(stem(name)).filter(|stem| *stem != name).and_then(|stem| stem.parse::<u64>().ok()) {
            files.insert(id, path);
        }
    }
    if files.is_empty() {
        bail!("no recordings in {}: they are called ID.json or ID.json.gz", folder.display());
    }
    let times = kick_offs(folder.canonicalize().with_context(of_folder)?.parent().unwrap_or(&folder))?;
    let date = |id: &u64| times.get(id).map(|time| time.date());
    // Without a day the whole folder must be of one; then reading it all just to refuse it would be a waste.
    if day.is_none() {
        let mut days: BTreeMap<i64, usize> = BTreeMap::new();
        for date in files.keys().filter_map(date) {
            *days.entry(date.starts_at().ms()).or_default() += 1;
        }
        if days.len() > 1 {
            let days = days.into_iter().map(|(day, matches)| (Time::from_ms(day).date(), matches)).collect();
            bail!("{} holds matches of several days: choose one with --day, as {}", folder.display(), busiest(&days));
        }
    }
    Ok(files.into_iter().filter(|(id, _)| day.is_none() || date(id) == day).map(|(_, path)| path).collect())
}

fn seasons(choice: &Choice, warnings: &mut Vec<String>) -> anyhow::Result<Vec<MatchScript>> {
    let mut files = Vec::new();
    for path in &choice.paths {
        if path.is_dir() {
            let of_folder = || format!("cannot read the folder {}", path.display());
            let mut inside = Vec::new();
            for entry in path.read_dir().with_context(of_folder)? {
                let file = entry.with_context(of_folder)?.path();
                let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                if stem(name) != name {
                    inside.push(file);
                }
            }
            inside.sort();
            files.extend(inside);
        } else {
            files.push(path.clone());
        }
    }
    let mut scripts = Vec::new();
    for file in files {
        let season = read_season(&file, choice.day, choice.tick_every)?;
        scripts.extend(season.scripts);
        let of_day = season.left_out.into_iter().filter(|(date, _)| choice.day.is_none() || *date == choice.day);
        warnings.extend(of_day.map(|(_, what)| format!("left out: {what}")));
    }
    Ok(scripts)
}
