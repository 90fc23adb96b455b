//! What a team is called elsewhere: `fc-turin` is Torino, and `Juventus-turin` is not.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::wyscout::{WyscoutError, unpacked};

/// The file that is built in.
const BUILT_IN: &str = include_str!("../../../pipelines/soccer-live/teams.csv");
/// How many candidates an error names.
const CANDIDATES_MAX: usize = 5;
/// The most of a name that an error shows.
const SHOWN_CHARACTERS_MAX: usize = 60;

/// Why a file of teams is refused.
#[derive(Debug, thiserror::Error)]
pub enum TeamsError {
    /// The file cannot be opened or unpacked.
    #[error(transparent)]
    Read(#[from] WyscoutError),
    /// A line that cannot be understood.
    #[error("{file:?} line {line}: {problem}")]
    Line {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
}

/// Names by which the sources call teams, and those by which the odds files do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Teams {
    /// By compared name: the name in the odds file.
    odds_names: BTreeMap<String, String>,
}

impl Teams {
    /// The names that come with the pipeline: Wyscout's and the incident files' names of teams in England, France,
    /// Germany, Italy and Spain.
    pub fn built_in() -> Teams {
        Teams::parse(Path::new("pipelines/soccer-live/teams.csv"), BUILT_IN.as_bytes())
            .expect("tested as it is built in")
    }

    /// Reads a file with the columns `name` (in the source of the match) and `odds_name` (in the odds file).
    ///
    /// # Errors
    /// Names the file and the line.
    pub fn read(file: &Path) -> Result<Teams, TeamsError> {
        Teams::parse(file, &unpacked(file)?)
    }

    pub(super) fn parse(file: &Path, bytes: &[u8]) -> Result<Teams, TeamsError> {
        let decoded = decoded(bytes);
        let bytes = decoded.trim_start_matches('\u{feff}').as_bytes();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut teams = Teams::default();
        for (index, record) in reader.records().enumerate() {
            let line = |problem: String, line| TeamsError::Line { file: file.into(), line, problem };
            let record = record.map_err(|error| {
                let at = error.position().map_or(0, |position| line_of(bytes, position));
                line(error.to_string(), at)
            })?;
            let number = record.position().map_or(0, |position| line_of(bytes, position));
            let wrong = |problem: String| line(problem, number);
            let cells: Vec<&str> = record.iter().map(str::trim).collect();
            if index == 0 {
                if cells != ["name", "odds_name"] {
                    return Err(wrong("the header must be name,odds_name".to_owned()));
                }
                continue;
            }
            let [name, odds_name] = cells[..] else {
                return Err(wrong(format!("{} cells instead of two: name,odds_name", cells.len())));
            };
            if compared(name).is_empty() || compared(odds_name).is_empty() {
                return Err(wrong("a name without a letter".to_owned()));
            }
            let before = teams.odds_names.insert(compared(name), odds_name.to_owned());
            if before.as_ref().is_some_and(|before| before != odds_name) {
                return Err(wrong(format!(
                    "{} is {} further up already",
                    shown(name),
                    shown(&before.unwrap_or_default())
                )));
            }
        }
        Ok(teams)
    }

    /// These, with the names of a file of one's own before them. It may name a team as its source does, or by the name
    /// that it has here.
    #[must_use]
    pub fn overridden_by(mut self, own: Teams) -> Teams {
        for odds_name in self.odds_names.values_mut() {
            if let Some(renamed) = own.odds_names.get(&compared(odds_name)) {
                odds_name.clone_from(renamed);
            }
        }
        self.odds_names.extend(own.odds_names);
        self
    }

    /// The name in the odds file, or the same name where none is given.
    pub fn odds_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.odds_names.get(&compared(name)).map_or(name, String::as_str)
    }
}

/// The line on which a record begins, from 1: the reader's own count stands before any blank lines.
pub(super) fn line_of(bytes: &[u8], position: &csv::Position) -> u64 {
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX).min(bytes.len());
    let blank = bytes[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + blank.filter(|byte| **byte == b'\n').count() as u64
}

/// What bytes 0x80 to 0x9F stand for in Windows-1252, as the WHATWG encoding standard has it; the other bytes are those of
/// Latin-1.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}', '\u{2030}',
    '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}',
    '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}',
    '\u{17e}', '\u{178}',
];

/// The text of a file: UTF-8, or else Windows-1252, in which spreadsheets and the older odds files write.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let letter = |byte: &u8| match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        plain => char::from(*plain),
    };
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(letter).collect(), Cow::Borrowed)
}

/// What is compared of a name: its letters and digits, in lower case. `crystal-palace` is Crystal Palace; nothing else is
/// guessed.
pub(in crate::cli) fn compared(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A name for an error: quoted, with escapes for what does not show, and not too long.
pub(in crate::cli) fn shown(name: &str) -> String {
    format!("{:?}", short(name))
}

/// The same without the quotes.
pub(super) fn plain(name: &str) -> String {
    short(name).escape_debug().to_string()
}

fn short(name: &str) -> String {
    let mut short: String = name.chars().take(SHOWN_CHARACTERS_MAX).collect();
    if short.len() < name.len() {
        short.push_str("...");
    }
    short
}

/// The known names most like this one: those that share a word first, then by edit distance.
pub(super) fn candidates<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let words = |name: &str| -> BTreeSet<String> {
        let words = name.split(|letter: char| !letter.is_alphanumeric());
        words.map(str::to_lowercase).filter(|word| word.len() > 2).collect()
    };
    let (wanted, wanted_words) = (compared(name), words(name));
    let known: BTreeSet<&str> = known.into_iter().collect();
    let mut ranked: Vec<(usize, i64, &str)> = Vec::new();
    for other in known {
        let shared = words(other).intersection(&wanted_words).count();
        let alike = strsim::jaro_winkler(&wanted, &compared(other));
        ranked.push((usize::MAX - shared, -((alike * 1e6) as i64), other));
    }
    ranked.sort_unstable();
    ranked.into_iter().take(CANDIDATES_MAX).map(|(_, _, other)| other).collect()
}
