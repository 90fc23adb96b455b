//! What the bookmakers thought of a match: one row of a football-data.co.uk file, found by its teams and its day.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::event::PreMatchOdds;
use crate::values::{Date, DecimalOdds, QuarterLine};

use super::teams::{Teams, candidates, compared, line_of, plain, shown};
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

/// One match.
#[derive(Clone, Debug)]
struct OddsRow {
    file: Arc<Path>,
    line: u64,
    date: Date,
    home: String,
    away: String,
    /// Or what is missing or wrong.
    odds: Result<PreMatchOdds, String>,
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
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header = reader.byte_headers().map_err(|error| not_a_table(error.to_string()))?;
        let columns = Columns::of(header.iter().map(text)).map_err(not_a_table)?;
        let shared: Arc<Path> = Arc::from(file);
        for record in reader.byte_records() {
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

    /// The odds of the match of these two, as their source calls them, on that day or the one before or after. Names are
    /// the same or they are in `teams`; a result is never looked at.
    ///
    /// # Errors
    /// An unknown team, no such match, two of them, or one without odds.
    pub fn find(&self, teams: &Teams, source_names: [&str; 2], date: Date) -> Result<PreMatchOdds, OddsError> {
        let row = self.row(teams, source_names, date)?;
        row.odds.clone().map_err(|problem| OddsError::Unusable {
            file: row.file.to_path_buf(),
            line: row.line,
            home: shown(&row.home),
            away: shown(&row.away),
            problem,
        })
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
            let problem = format!("the same match as in {:?} line {}, with other odds", row.file, row.line);
            return Err(OddsError::Row { file: second.file.to_path_buf(), line: second.line, problem });
        }
        Ok(row)
    }

    /// The team as the file spells it.
    fn known_name(&self, teams: &Teams, source: &str, wanted: &str, date: Date) -> Result<&str, OddsError> {
        let names = || self.rows.iter().flat_map(|row| [row.home.as_str(), row.away.as_str()]);
        if let Some(name) = self.names.get(wanted) {
            return Ok(name);
        }
        let of_the_day = self.rows.iter().filter(|row| days_apart(row.date, date) <= DAYS_APART_MAX);
        let mut near = candidates(source, of_the_day.flat_map(|row| [row.home.as_str(), row.away.as_str()]));
        let where_from = if near.is_empty() { "" } else { " that plays about that day" };
        if near.is_empty() {
            near = candidates(source, names());
        }
        let alias = teams.odds_name(source);
        let (name, next) = if alias == source {
            let next = format!(
                "add a line «{},NAME IN THE ODDS FILE» to teams.csv, or to a file of your own: --teams FILE",
                plain(source)
            );
            (shown(source), next)
        } else {
            let name = format!("{}, which teams.csv calls {},", shown(source), shown(alias));
            (name, "is it the file of the right league and season?".to_owned())
        };
        let list = near.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", ");
        let list = if near.is_empty() { String::new() } else { format!("; most like it{where_from}: {list}") };
        Err(OddsError::UnknownTeam { name, near: list, next })
    }
}

fn days_apart(one: Date, other: Date) -> i64 {
    ((one.starts_at() - other.starts_at()).get() / 86_400_000).abs()
}

/// Latin-1 bytes of old files become odd letters here, and no error: only names and numbers count.
fn text(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().trim_start_matches('\u{feff}').to_owned()
}

/// Where the columns are.
struct Columns {
    date: usize,
    home: usize,
    away: usize,
    results: Vec<([usize; 3], [String; 3], bool)>,
    totals: Vec<([usize; 2], [String; 2])>,
    corners: Option<[usize; 2]>,
}

impl Columns {
    fn of(header: impl Iterator<Item = String>) -> Result<Columns, String> {
        let header: Vec<String> = header.collect();
        let find = |name: &str| header.iter().position(|column| column == name);
        let needed = |name: &str| find(name).ok_or_else(|| format!("it has no column {name}"));
        let mut columns = Columns {
            date: needed("Date")?,
            home: needed("HomeTeam")?,
            away: needed("AwayTeam")?,
            results: Vec::new(),
            totals: Vec::new(),
            corners: find("HC").zip(find("AC")).map(|(home, away)| [home, away]),
        };
        for (start, is_closing) in RESULT_COLUMNS {
            let names = ["H", "D", "A"].map(|outcome| format!("{start}{outcome}"));
            if let [Some(home), Some(draw), Some(away)] = [0, 1, 2].map(|place| find(&names[place])) {
                columns.results.push(([home, draw, away], names, is_closing));
            }
        }
        for start in TOTAL_COLUMNS {
            for [over, under] in [[">2.5", "<2.5"], ["_2_5", "_2_5_1"]] {
                let names = [format!("{start}{over}"), format!("{start}{under}")];
                if let (Some(over), Some(under)) = (find(&names[0]), find(&names[1])) {
                    columns.totals.push(([over, under], names));
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
    fn read(&self, cells: &[String]) -> Result<(Date, String, String, Result<PreMatchOdds, String>), String> {
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
    fn odds<'a>(&self, cell: &dyn Fn(usize) -> &'a str) -> Result<PreMatchOdds, String> {
        let mut result = None;
        for (places, names, is_closing) in &self.results {
            if let Some(odds) = complete(places, names, cell)? {
                result = Some((odds, *is_closing));
                break;
            }
        }
        let mut total = None;
        for (places, names) in &self.totals {
            if let Some(odds) = complete(places, names, cell)? {
                total = Some(odds);
                break;
            }
        }
        let starts = |starts: &[&str]| starts.join(", ");
        let ([home, draw, away], is_closing) = result.ok_or_else(|| {
            format!("no complete 1X2 (H, D and A of one of {})", starts(&RESULT_COLUMNS.map(|(start, _)| start)))
        })?;
        let [over, under] =
            total.ok_or_else(|| format!("no complete over and under 2.5 (of one of {})", starts(&TOTAL_COLUMNS)))?;
        Ok(PreMatchOdds { home, draw, away, line: LINE, over, under, is_closing })
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
