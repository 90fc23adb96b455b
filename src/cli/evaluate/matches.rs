//! Real matches with the odds they closed at, joined by team and day, never by result.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::cli::replay::{MatchOdds, MatchScript, OddsError, OddsTable, Teams, compared, read_season, shown};
use crate::values::{Date, Millis};

use super::story::{Booking, Story, bookings};

/// Lines of a list that are printed without --list-all.
const LISTED_MAX: usize = 10;
/// Two sides that meet twice within so many days, the same one at home, met once: sources differ by a night.
const DAYS_APART_MAX: i64 = 1;

/// Which matches.
#[derive(Debug, Args)]
pub(in crate::cli) struct MatchArguments {
    /// Seasons by the minute, COUNTRY_LEAGUE-YYYY-YYYY.json[.gz], or folders of them.
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    pub(in crate::cli) incidents: Vec<PathBuf>,
    /// Of these only files with one of these words in their name: 2018-2019, premier-league.
    #[arg(long, value_name = "WORD", num_args = 1..)]
    pub(in crate::cli) only: Vec<String>,
    /// What teams are called in the odds files, where what is built in does not say or is wrong: a CSV of name,odds_name.
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
    pub(in crate::cli) odds: Option<MatchOdds>,
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
    /// Matches that stood in the files once more, and were dropped there.
    pub(in crate::cli) repeated: usize,
    /// Kinds of incidents that nobody knows, and how often each is listed: none of them counts.
    pub(in crate::cli) unknown_kinds: BTreeMap<String, usize>,
}

/// Reads all files. With odds files only matches with odds are kept, unless `odds_optional`.
///
/// # Errors
/// Files that cannot be read or understood, or none; a match that is told twice, in two ways.
pub(in crate::cli) fn join(
    arguments: &MatchArguments,
    odds: &[PathBuf],
    odds_optional: bool,
) -> anyhow::Result<Joined> {
    let own = arguments.teams.as_deref().map(Teams::read).transpose()?.unwrap_or_default();
    let mut joiner = Joiner { teams: Teams::built_in().overridden_by(own), odds_optional, ..Joiner::default() };
    for file in files(odds, ".csv")? {
        joiner.table.add(&file)?;
        joiner.joined.odds_files.push(base_name(&file));
    }
    if joiner.table.is_empty() && !odds.is_empty() {
        bail!("no rows of matches in {}", joiner.joined.odds_files.join(", "));
    }
    let is_wanted = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|word| name.contains(word));
    for file in files(&arguments.incidents, ".json")? {
        let name = base_name(&file);
        if !is_wanted(&name) {
            continue;
        }
        let season = read_season(&file, None, Millis::ZERO)?;
        for (_, why) in season.left_out {
            joiner.leave_out(why);
        }
        for (kind, count) in season.unknown_kinds {
            *joiner.joined.unknown_kinds.entry(kind).or_default() += count;
        }
        joiner.joined.incident_files.push(name);
        joiner.paths.push(file);
        for script in &season.scripts {
            joiner.add(script)?;
        }
    }
    let Joiner { mut joined, unknown_teams, .. } = joiner;
    if joined.incident_files.is_empty() {
        bail!("no file of --incidents has one of these words in its name: {}", arguments.only.join(", "));
    }
    joined.left_out.extend(unknown_teams.into_values().map(|(matches, why)| match matches {
        1 => format!("1 match: {why}"),
        many => format!("{many} matches: {why}"),
    }));
    Ok(joined)
}

/// Puts matches and odds together, file by file.
#[derive(Default)]
struct Joiner {
    teams: Teams,
    table: OddsTable,
    odds_optional: bool,
    joined: Joined,
    /// The incident files, whole.
    paths: Vec<PathBuf>,
    /// By sides as they are compared: when they met, what happened, and which file says so.
    met: BTreeMap<[String; 2], Vec<(Date, Story, usize)>>,
    /// By team: its matches, and the error of the first.
    unknown_teams: BTreeMap<String, (usize, String)>,
}

impl Joiner {
    /// Adds a match of the last file.
    fn add(&mut self, script: &MatchScript) -> anyhow::Result<()> {
        let sides = script.source_names.clone();
        let date = script.date.context("an incident file dates every match")?;
        let title = format!("{} - {} of {date}", sides[0], sides[1]);
        if let Some(doubt) = &script.doubt {
            self.leave_out(format!("{title}: {doubt}"));
            return Ok(());
        }
        let story = Story::of(&script.facts);
        if self.is_repeated(&title, &sides, date, &story)? {
            self.joined.repeated += 1;
            return Ok(());
        }
        let (mut odds, mut corners) = (None, None);
        if !(self.odds_optional && self.table.is_empty()) {
            let names = [sides[0].as_str(), sides[1].as_str()];
            match self.table.match_odds(&self.teams, names, date) {
                Ok(found) => {
                    odds = Some(found);
                    corners = self.table.corners(&self.teams, names, date);
                }
                Err(_) if self.odds_optional => {}
                Err(ref why @ OddsError::UnknownTeam { ref name, .. }) => {
                    // One line a team, with the candidates of its first match.
                    self.unknown_teams.entry(name.clone()).or_insert_with(|| (0, why.to_string())).0 += 1;
                    return Ok(());
                }
                Err(why @ (OddsError::NoRow { .. } | OddsError::Unusable { .. })) => {
                    self.leave_out(format!("{title}: {why}"));
                    return Ok(());
                }
                Err(other @ (OddsError::Read(_) | OddsError::NotATable { .. } | OddsError::Row { .. })) => {
                    return Err(other.into());
                }
            }
        }
        // Never to find a match; but the odds of one that ended otherwise may be those of another.
        let told = story.final_score();
        if let Some([home, away]) = odds.and_then(|odds| odds.score).filter(|score| *score != told) {
            let said =
                format!("after ninety minutes it is {}-{} here, {home}-{away} in the odds file", told[0], told[1]);
            self.leave_out(format!("{title}: {said}"));
            return Ok(());
        }
        let season = self.paths.len() - 1;
        let bookings = bookings(&script.facts);
        self.joined.matches.push(JoinedMatch { title, date, season, sides, story, odds, bookings, corners });
        Ok(())
    }

    /// Whether this match was told before, in the same way.
    ///
    /// # Errors
    /// Told before in another way.
    fn is_repeated(&mut self, title: &str, sides: &[String; 2], date: Date, story: &Story) -> anyhow::Result<bool> {
        let met = self.met.entry([compared(&sides[0]), compared(&sides[1])]).or_default();
        let is_near = |other: Date| (other.starts_at() - date.starts_at()).get().abs() <= DAYS_APART_MAX * 86_400_000;
        let Some((day, before, file)) = met.iter().find(|(day, ..)| is_near(*day)) else {
            met.push((date, story.clone(), self.paths.len() - 1));
            return Ok(false);
        };
        if before.tells_as(story) {
            return Ok(true);
        }
        let [first, second] = [*file, self.paths.len() - 1].map(|file| self.paths[file].display());
        bail!(
            "{title} in {second} is told with other goals or red cards in {first}, as of {day}: take one of them out"
        );
    }

    fn leave_out(&mut self, why: String) {
        if !self.joined.left_out.contains(&why) {
            self.joined.left_out.push(why);
        }
    }
}

impl Joined {
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

    /// What of the files does not count and why, for a person; every match that is left out, or the first.
    pub(in crate::cli) fn tell_left_out(&self, all: bool) -> String {
        let mut told = String::new();
        if self.repeated > 0 {
            told.push_str(&format!("told more than once, counted once: {} matches\n", self.repeated));
        }
        if !self.unknown_kinds.is_empty() {
            let kinds = self.unknown_kinds.iter().take(LISTED_MAX);
            let kinds: Vec<String> = kinds.map(|(kind, count)| format!("{} ({count})", shown(kind))).collect();
            let more = if self.unknown_kinds.len() > LISTED_MAX { " and others" } else { "" };
            told.push_str(&format!(
                "incidents of unknown kinds, which count for nothing: {}{more}\n",
                kinds.join(", ")
            ));
        }
        if self.left_out.is_empty() {
            return told;
        }
        let listed = if all { self.left_out.len() } else { LISTED_MAX };
        told.push_str("left out:\n");
        for line in self.left_out.iter().take(listed) {
            told.push_str(&format!("  {line}\n"));
        }
        if self.left_out.len() > listed {
            told.push_str(&format!("  and {} more: --list-all\n", self.left_out.len() - listed));
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
