//! What the bookmakers thought of a match: one row of a football-data.co.uk file, found by its teams and its day.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::event::PreMatchOdds;
use crate::values::{Date, DecimalOdds, QuarterLine};

use super::teams::{Teams, candidates, compared, decoded, line_of, plain, shown};
use super::wyscout::{WyscoutError, unpacked};

/// 1X2, in order of preference: the columns' beginning (`H`, `D`, `A` follow), and whether they are closing odds.
const RESULT_COLUMNS: [(&str, bool); 7] =
    [("PSC", true), ("PS", false), ("AvgC", true), ("Avg", false), ("BbAv", false), ("B365C", true), ("B365", false)];
/// Over and under 2.5 goals, in order of preference: the columns' beginning (`>2.5` and `<2.5` follow, or `_2_5` and
/// `_2_5_1` where a tool has renamed them).
const TOTAL_COLUMNS: [&str; 7] = ["PC", "P", "AvgC", "Avg", "BbAv", "B365C", "B365"];
/// 2.5 goals.
const LINE: QuarterLine = QuarterLine::from_quarters(10);
/// No side has had more corners in a match.
const CORNERS_MAX: u16 = 50;
/// Days by which the dates of a match may differ: local time here, UTC there.
const DAYS_APART_MAX: i64 = 1;

/// Why odds cannot be read, or a match has none.
#[derive(Debug, thiserror::Error)]
pub enum OddsError {
    /// The file cannot be opened or unpacked.
    #[error(transparent)]
    Read(#[from] WyscoutError),
    /// Not a table of odds.
    #[error("{file:?} is not a football-data.co.uk table: {problem}")]
    NotATable {
        /// The file.
        file: PathBuf,
        /// What it lacks.
        problem: String,
    },
    /// A row that cannot be understood.
    #[error("{file:?} line {line}: {problem}")]
    Row {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// A team that no odds file names.
    #[error("no team {name} in the odds file{near}; {next}")]
    UnknownTeam {
        /// The name as it was looked for.
        name: String,
        /// The names most like it.
        near: String,
        /// What to do.
        next: String,
    },
    /// Both teams are known, but the match is not.
    #[error("no row for {home} - {away} within a day of {date}{others}")]
    NoRow {
        /// The home side's name in the odds file.
        home: String,
        /// The away side's.
        away: String,
        /// The day looked for.
        date: Date,
        /// When the odds file has the match, if at all.
        others: String,
    },
    /// The row is there, its odds are not.
    #[error("{file:?} line {line}: no usable odds for {home} - {away}: {problem}")]
    Unusable {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: u64,
        /// The home side.
        home: String,
        /// The away side.
        away: String,
        /// What is missing or wrong.
        problem: String,
    },
}

impl OddsError {
    /// Whether the match is known for certain to have no odds here; then a default may stand in for them.
    pub fn is_without_odds(&self) -> bool {
        matches!(self, OddsError::NoRow { .. } | OddsError::Unusable { .. })
    }
}

/// What a row says of its match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchOdds {
    /// Home win, draw, away win.
    pub result: [DecimalOdds; 3],
    /// Whether the 1X2 is of the last moment before kick-off.
    pub is_closing: bool,
    /// A line of the match total, its over and its under; some files have none.
    pub total: Option<(QuarterLine, [DecimalOdds; 2])>,
    /// With what the names of the columns of the 1X2 and of the total begin: `PSC`, `BbAv`.
    pub columns: (&'static str, Option<&'static str>),
    /// The result after ninety minutes, where the file has it. Never looked at to find a match.
    pub score: Option<[u16; 2]>,
}

impl MatchOdds {
    /// The same as a feed message tells it; `None` without a total.
    fn before_kick_off(&self) -> Option<PreMatchOdds> {
        let [home, draw, away] = self.result;
        let (line, [over, under]) = self.total?;
        Some(PreMatchOdds { home, draw, away, line, over, under, is_closing: self.is_closing })
    }
}

/// One match.
#[derive(Clone, Debug)]
struct OddsRow {
    file: Arc<Path>,
    line: u64,
    date: Date,
    home: String,
    away: String,
    /// Or what is missing or wrong.
    odds: Result<MatchOdds, String>,
    /// Corners of home and away in the whole match, where the file has them.
    corners: Option<[u16; 2]>,
}

/// The rows of one or more files.
#[derive(Clone, Debug, Default)]
pub struct OddsTable {
    rows: Vec<OddsRow>,
    /// By compared name: the team as the first file with it spells it.
    names: BTreeMap<String, String>,
}

impl OddsTable {
    /// Adds a file, `.csv` or `.csv.gz`.
    ///
    /// # Errors
    /// Names the file, and the line where it has one.
    pub fn add(&mut self, file: &Path) -> Result<(), OddsError> {
        self.add_bytes(file, &unpacked(file)?)
    }

    pub(super) fn add_bytes(&mut self, file: &Path, bytes: &[u8]) -> Result<(), OddsError> {
        let not_a_table = |problem| OddsError::NotATable { file: file.into(), problem };
        let decoded = decoded(bytes);
        let bytes = decoded.as_bytes();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header = reader.headers().map_err(|error| not_a_table(error.to_string()))?;
        let columns = Columns::of(header.iter().map(text)).map_err(not_a_table)?;
        let shared: Arc<Path> = Arc::from(file);
        for record in reader.records() {
            let record = record.map_err(|error| not_a_table(error.to_string()))?;
            let line = record.position().map_or(0, |position| line_of(bytes, position));
            let cells: Vec<String> = record.iter().map(text).collect();
            if cells.iter().all(|cell| cell.is_empty()) {
                continue;
            }
            let row = columns.read(&cells);
            let (date, home, away, odds) =
                row.map_err(|problem| OddsError::Row { file: file.into(), line, problem })?;
            let corners = columns.corners(&cells);
            for name in [&home, &away] {
                self.names.entry(compared(name)).or_insert_with(|| name.clone());
            }
            self.rows.push(OddsRow { file: Arc::clone(&shared), line, date, home, away, odds, corners });
        }
        Ok(())
    }

    /// How many matches it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// As [`OddsTable::match_odds`], for whom needs a total as well.
    ///
    /// # Errors
    /// An unknown team, no such match, two of them, or one without odds or without a total.
    pub fn find(&self, teams: &Teams, source_names: [&str; 2], date: Date) -> Result<PreMatchOdds, OddsError> {
        let row = self.row(teams, source_names, date)?;
        row.offered()?.before_kick_off().ok_or_else(|| {
            let starts = TOTAL_COLUMNS.join(", ");
            row.unusable(format!("no complete over and under 2.5 (of one of {starts})"))
        })
    }

    /// The odds of the match of these two, as their source calls them, on that day or the one before or after. Names are
    /// the same or they are in `teams`; a result is never looked at.
    ///
    /// # Errors
    /// An unknown team, no such match, two of them, or one without odds.
    pub fn match_odds(&self, teams: &Teams, source_names: [&str; 2], date: Date) -> Result<MatchOdds, OddsError> {
        self.row(teams, source_names, date)?.offered()
    }

    /// How many corners home and away had in that match, where its row is found and says it.
    pub fn corners(&self, teams: &Teams, source_names: [&str; 2], date: Date) -> Option<[u16; 2]> {
        self.row(teams, source_names, date).ok()?.corners
    }

    fn row(&self, teams: &Teams, source_names: [&str; 2], date: Date) -> Result<&OddsRow, OddsError> {
        let wanted = source_names.map(|name| compared(teams.odds_name(name)));
        let [home, away] = [0, 1].map(|side| self.known_name(teams, source_names[side], &wanted[side], date));
        let (home, away) = (home?, away?);
        let of_both = || self.rows.iter().filter(|row| row.home == home && row.away == away);
        let nearest = of_both().map(|row| days_apart(row.date, date)).min();
        let mut found = of_both().filter(|row| Some(days_apart(row.date, date)) == nearest);
        let Some(row) = found.next().filter(|row| days_apart(row.date, date) <= DAYS_APART_MAX) else {
            let days: Vec<String> = of_both().map(|row| row.date.to_string()).collect();
            let others = if days.is_empty() { String::new() } else { format!("; they play on {}", days.join(", ")) };
            return Err(OddsError::NoRow { home: shown(home), away: shown(away), date, others });
        };
        if let Some(second) = found.find(|second| second.odds != row.odds) {
            let problem =
                format!("the same match as in {:?} line {}, with other odds or another result", row.file, row.line);
            return Err(OddsError::Row { file: second.file.to_path_buf(), line: second.line, problem });
        }
        Ok(row)
    }

    /// The team as the file spells it. What an unknown one is told to add is found: a line of the name in its source.
    fn known_name(&self, teams: &Teams, source: &str, wanted: &str, date: Date) -> Result<&str, OddsError> {
        let names = || self.rows.iter().flat_map(|row| [row.home.as_str(), row.away.as_str()]);
        if let Some(name) = self.names.get(wanted) {
            return Ok(name);
        }
        let of_the_day = self.rows.iter().filter(|row| days_apart(row.date, date) <= DAYS_APART_MAX);
        let alias = teams.odds_name(source);
        let mut near = candidates(alias, of_the_day.flat_map(|row| [row.home.as_str(), row.away.as_str()]));
        let where_from = if near.is_empty() { "" } else { " that plays about that day" };
        if near.is_empty() {
            near = candidates(alias, names());
        }
        let line = format!("«{},NAME IN THE ODDS FILE»", plain(source));
        let (name, next) = if alias == source {
            let next = format!("add a line {line} to teams.csv, or to a file of your own: --teams FILE");
            (shown(source), next)
        } else {
            let name = format!("{}, which teams.csv calls {},", shown(source), shown(alias));
            let next = format!(
                "is it the file of the right league and season? Then write the line {line} in its place, or into a file \
                 of your own: --teams FILE"
            );
            (name, next)
        };
        let list = near.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", ");
        let list = if near.is_empty() { String::new() } else { format!("; most like it{where_from}: {list}") };
        Err(OddsError::UnknownTeam { name, near: list, next })
    }
}

impl OddsRow {
    fn offered(&self) -> Result<MatchOdds, OddsError> {
        self.odds.clone().map_err(|problem| self.unusable(problem))
    }

    fn unusable(&self, problem: String) -> OddsError {
        OddsError::Unusable {
            file: self.file.to_path_buf(),
            line: self.line,
            home: shown(&self.home),
            away: shown(&self.away),
            problem,
        }
    }
}

fn days_apart(one: Date, other: Date) -> i64 {
    ((one.starts_at() - other.starts_at()).get() / 86_400_000).abs()
}

fn text(cell: &str) -> String {
    cell.trim().trim_start_matches('\u{feff}').to_owned()
}

/// Where the columns are.
struct Columns {
    date: usize,
    home: usize,
    away: usize,
    goals: Option<[usize; 2]>,
    /// Places, names, with what those begin, and whether they are closing odds.
    results: Vec<([usize; 3], [String; 3], &'static str, bool)>,
    totals: Vec<([usize; 2], [String; 2], &'static str)>,
    corners: Option<[usize; 2]>,
}

impl Columns {
    fn of(header: impl Iterator<Item = String>) -> Result<Columns, String> {
        let header: Vec<String> = header.collect();
        let find = |name: &str| header.iter().position(|column| column == name);
        // The files of the smaller leagues have shorter names.
        let either = |name: &str, short: &str| find(name).or_else(|| find(short));
        let needed = |name: &str, short: &str| either(name, short).ok_or_else(|| format!("it has no column {name}"));
        let mut columns = Columns {
            date: needed("Date", "Date")?,
            home: needed("HomeTeam", "Home")?,
            away: needed("AwayTeam", "Away")?,
            goals: either("FTHG", "HG").zip(either("FTAG", "AG")).map(|(home, away)| [home, away]),
            results: Vec::new(),
            totals: Vec::new(),
            corners: find("HC").zip(find("AC")).map(|(home, away)| [home, away]),
        };
        for (start, is_closing) in RESULT_COLUMNS {
            let names = ["H", "D", "A"].map(|outcome| format!("{start}{outcome}"));
            if let [Some(home), Some(draw), Some(away)] = [0, 1, 2].map(|place| find(&names[place])) {
                columns.results.push(([home, draw, away], names, start, is_closing));
            }
        }
        for start in TOTAL_COLUMNS {
            for [over, under] in [[">2.5", "<2.5"], ["_2_5", "_2_5_1"]] {
                let names = [format!("{start}{over}"), format!("{start}{under}")];
                if let (Some(over), Some(under)) = (find(&names[0]), find(&names[1])) {
                    columns.totals.push(([over, under], names, start));
                }
            }
        }
        Ok(columns)
    }

    /// Corners of both sides; a cell that is no such number is one that is not there.
    fn corners(&self, cells: &[String]) -> Option<[u16; 2]> {
        let [home, away] = self.corners?;
        let number = |place: usize| cells.get(place)?.parse().ok().filter(|corners| *corners <= CORNERS_MAX);
        Some([number(home)?, number(away)?])
    }

    /// Day, home, away, and the odds or what they lack.
    fn read(&self, cells: &[String]) -> Result<(Date, String, String, Result<MatchOdds, String>), String> {
        let cell = |place: usize| cells.get(place).map_or("", String::as_str);
        let date = day(cell(self.date)).ok_or_else(|| format!("date {} is not dd/mm/yyyy", shown(cell(self.date))))?;
        let (home, away) = (cell(self.home), cell(self.away));
        for (name, team) in [("HomeTeam", home), ("AwayTeam", away)] {
            if compared(team).is_empty() {
                return Err(format!("{name} is {}, which names no team", shown(team)));
            }
        }
        Ok((date, home.to_owned(), away.to_owned(), self.odds(&cell)))
    }

    /// The first of the preferred sets that is complete.
    fn odds<'a>(&self, cell: &dyn Fn(usize) -> &'a str) -> Result<MatchOdds, String> {
        let mut found = None;
        for (places, names, start, is_closing) in &self.results {
            if let Some(odds) = complete(places, names, cell)? {
                found = Some((odds, *start, *is_closing));
                break;
            }
        }
        let (mut total, mut total_start) = (None, None);
        for (places, names, start) in &self.totals {
            if let Some(odds) = complete(places, names, cell)? {
                (total, total_start) = (Some((LINE, odds)), Some(*start));
                break;
            }
        }
        let (result, start, is_closing) = found.ok_or_else(|| {
            let starts = RESULT_COLUMNS.map(|(start, _)| start).join(", ");
            format!("no complete 1X2 (H, D and A of one of {starts})")
        })?;
        let score = self.goals.and_then(|places| {
            let [home, away] = places.map(|place| cell(place).parse().ok());
            home.zip(away).map(|(home, away)| [home, away])
        });
        Ok(MatchOdds { result, is_closing, total, columns: (start, total_start), score })
    }
}

/// The odds of one bookmaker and market; `None` if a cell is blank.
fn complete<'a, const N: usize>(
    places: &[usize; N],
    names: &[String; N],
    cell: &dyn Fn(usize) -> &'a str,
) -> Result<Option<[DecimalOdds; N]>, String> {
    let mut odds = Vec::with_capacity(N);
    for (place, name) in places.iter().zip(names) {
        let text = cell(*place);
        if text.is_empty() {
            return Ok(None);
        }
        let thousandths = thousandths(text).and_then(|number| DecimalOdds::from_thousandths(number).ok());
        odds.push(
            thousandths.ok_or_else(|| format!("{name} is {}, not decimal odds from 1.001 to 1000", shown(text)))?,
        );
    }
    Ok(odds.try_into().ok())
}

/// Decimal odds as written, `9.74`, in thousandths; further digits are rounded half up.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || whole.len() > 5 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let digit = |place: usize| u32::from(fraction.as_bytes().get(place).map_or(0, |digit| digit - b'0'));
    let below = digit(0) * 100 + digit(1) * 10 + digit(2) + u32::from(digit(3) >= 5);
    Some(whole.parse::<u32>().ok()? * 1_000 + below)
}

/// Reads `19/08/17` and `19/08/2017`.
fn day(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('/').collect();
    let [day, month, year] = parts[..] else { return None };
    let number = |text: &str| text.parse::<u16>().ok().filter(|_| text.bytes().all(|digit| digit.is_ascii_digit()));
    let full_year = match (year.len(), number(year)?) {
        (2, short @ 0..=69) => 2_000 + short,
        (2, short) => 1_900 + short,
        (4, full) => full,
        (_, _) => return None,
    };
    Date::new(i32::from(full_year), u8::try_from(number(month)?).ok()?, u8::try_from(number(day)?).ok()?).ok()
}
