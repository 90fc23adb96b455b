//! Real matches with the odds they closed at, joined by team and day, never by result.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::cli::replay::{MatchScript, OddsError, OddsTable, Teams, read_season};
use crate::event::PreMatchOdds;
use crate::values::{Date, Millis};

use super::story::{Booking, Story, bookings};

/// Lines of a list that are printed without --list-all.
const LISTED_MAX: usize = 10;

/// Which matches.
#[derive(Debug, Args)]
pub(in crate::cli) struct MatchArguments {
    /// Seasons by the minute, COUNTRY_LEAGUE-YYYY-YYYY.json[.gz], or folders of them.
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    pub(in crate::cli) incidents: Vec<PathBuf>,
    /// Of these only files with one of these words in their name: 2018-2019, premier-league.
    #[arg(long, value_name = "WORD", num_args = 1..)]
    pub(in crate::cli) only: Vec<String>,
    /// What teams are called in the odds files, beside what is built in: a CSV of name,odds_name.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) teams: Option<PathBuf>,
    /// Print every match that is left out, not just the first ten.
    #[arg(long)]
    pub(in crate::cli) list_all: bool,
}

/// One match, told by minutes, with its odds if they are known.
#[derive(Clone, Debug)]
pub(in crate::cli) struct JoinedMatch {
    /// `home - away of YYYY-MM-DD`, as the incident file writes them.
    pub(in crate::cli) title: String,
    /// The day.
    pub(in crate::cli) date: Date,
    /// Which of the incident files.
    pub(in crate::cli) season: usize,
    /// The sides, as the incident file writes them.
    pub(in crate::cli) sides: [String; 2],
    /// What happened.
    pub(in crate::cli) story: Story,
    /// The odds before kick-off.
    pub(in crate::cli) odds: Option<PreMatchOdds>,
    /// Its cards in the ninety minutes.
    pub(in crate::cli) bookings: Vec<Booking>,
    /// Corners of home and away, where the odds file has them.
    pub(in crate::cli) corners: Option<[u16; 2]>,
}

/// What was found.
#[derive(Debug, Default)]
pub(in crate::cli) struct Joined {
    /// The matches, in the order of the files.
    pub(in crate::cli) matches: Vec<JoinedMatch>,
    /// Names of the incident files, without their folders; some may have no match here.
    incident_files: Vec<String>,
    /// Names of the odds files, without their folders.
    pub(in crate::cli) odds_files: Vec<String>,
    /// Who was left out, and why.
    pub(in crate::cli) left_out: Vec<String>,
}

/// Reads all files. With odds files only matches with odds are kept, unless `odds_optional`.
///
/// # Errors
/// Files that cannot be read or understood, or none.
pub(in crate::cli) fn join(
    arguments: &MatchArguments,
    odds: &[PathBuf],
    odds_optional: bool,
) -> anyhow::Result<Joined> {
    let teams = Names {
        built_in: Teams::built_in(),
        own: arguments.teams.as_deref().map(Teams::read).transpose()?.unwrap_or_default(),
    };
    let mut table = OddsTable::default();
    let mut joined = Joined::default();
    for file in files(odds, ".csv")? {
        table.add(&file)?;
        joined.odds_files.push(base_name(&file));
    }
    let is_wanted = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|word| name.contains(word));
    let mut unknown = BTreeMap::new();
    for file in files(&arguments.incidents, ".json")? {
        let name = base_name(&file);
        if !is_wanted(&name) {
            continue;
        }
        let season = read_season(&file, None, Millis::ZERO)?;
        joined.left_out.extend(season.left_out.into_iter().map(|(_, why)| why));
        let place = joined.incident_files.len();
        joined.incident_files.push(name);
        for script in &season.scripts {
            joined.add(script, place, &teams, &table, &mut unknown, odds_optional)?;
        }
    }
    if joined.incident_files.is_empty() {
        bail!("no file of --incidents has one of these words in its name: {}", arguments.only.join(", "));
    }
    joined.left_out.extend(unknown.into_values().map(|(matches, why)| match matches {
        1 => format!("1 match: {why}"),
        many => format!("{many} matches: {why}"),
    }));
    Ok(joined)
}

/// The names of the command's own file go before the built-in ones.
struct Names {
    built_in: Teams,
    own: Teams,
}

impl Joined {
    fn add(
        &mut self,
        script: &MatchScript,
        season: usize,
        teams: &Names,
        table: &OddsTable,
        unknown: &mut BTreeMap<String, (usize, String)>,
        odds_optional: bool,
    ) -> anyhow::Result<()> {
        let [home, away] = &script.source_names;
        let date = script.date.context("an incident file dates every match")?;
        let title = format!("{home} - {away} of {date}");
        if let Some(doubt) = &script.doubt {
            self.left_out.push(format!("{title}: {doubt}"));
            return Ok(());
        }
        let (mut odds, mut corners) = (None, None);
        if !(odds_optional && table.is_empty()) {
            let names = [home, away].map(|name| match teams.own.odds_name(name) {
                same if same == name => teams.built_in.odds_name(name),
                other => other,
            });
            match table.find(&Teams::default(), names, date) {
                Ok(found) => {
                    odds = Some(found);
                    corners = table.corners(&Teams::default(), names, date);
                }
                Err(_) if odds_optional => {}
                Err(ref why @ OddsError::UnknownTeam { ref name, .. }) => {
                    // One line a team, with the candidates of its first match.
                    unknown.entry(name.clone()).or_insert_with(|| (0, why.to_string())).0 += 1;
                    return Ok(());
                }
                Err(why @ (OddsError::NoRow { .. } | OddsError::Unusable { .. })) => {
                    self.left_out.push(format!("{title}: {why}"));
                    return Ok(());
                }
                Err(other @ (OddsError::Read(_) | OddsError::NotATable { .. } | OddsError::Row { .. })) => {
                    return Err(other.into());
                }
            }
        }
        let sides = script.source_names.clone();
        let (story, bookings) = (Story::of(&script.facts), bookings(&script.facts));
        self.matches.push(JoinedMatch { title, date, season, sides, story, odds, bookings, corners });
        Ok(())
    }

    /// Names of the incident files that these matches come from.
    pub(in crate::cli) fn incident_files_used(&self) -> Vec<String> {
        let used = |place: usize| self.matches.iter().any(|joined| joined.season == place);
        let named = self.incident_files.iter().enumerate();
        named.filter(|(place, _)| used(*place)).map(|(_, name)| name.clone()).collect()
    }

    /// First and last day.
    pub(in crate::cli) fn days(&self) -> Option<(Date, Date)> {
        let by_day = |one: &&JoinedMatch| one.date.starts_at();
        let first = self.matches.iter().min_by_key(by_day)?;
        Some((first.date, self.matches.iter().max_by_key(by_day)?.date))
    }

    /// Who was left out and why, for a person; everything or the beginning.
    pub(in crate::cli) fn tell_left_out(&self, all: bool) -> String {
        if self.left_out.is_empty() {
            return String::new();
        }
        let shown = if all { self.left_out.len() } else { LISTED_MAX };
        let mut told = String::from("left out:\n");
        for line in self.left_out.iter().take(shown) {
            told.push_str(&format!("  {line}\n"));
        }
        if self.left_out.len() > shown {
            told.push_str(&format!("  and {} more: --list-all\n", self.left_out.len() - shown));
        }
        told
    }
}

/// The files themselves, and those of that kind below the folders, in order of name.
fn files(paths: &[PathBuf], kind: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let (mut folders, mut inside) = (vec![path.clone()], Vec::new());
        while let Some(folder) = folders.pop() {
            let of_folder = || format!("cannot read the folder {}", folder.display());
            for entry in folder.read_dir().with_context(of_folder)? {
                let path = entry.with_context(of_folder)?.path();
                let name = base_name(&path);
                if path.is_dir() {
                    folders.push(path);
                } else if name.ends_with(kind) || name.ends_with(&format!("{kind}.gz")) {
                    inside.push(path);
                }
            }
        }
        if inside.is_empty() {
            bail!("no {kind} or {kind}.gz file in the folder {}", path.display());
        }
        inside.sort();
        found.extend(inside);
    }
    Ok(found)
}

fn base_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
