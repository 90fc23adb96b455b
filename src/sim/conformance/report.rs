//! What came of a comparison: for each market how many values, how far the worst was off, and where.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Probabilities and expectations: the difference.
    Absolute,
    /// Odds: the difference as a part of the value.
    Relative,
    /// Cash-out and payout: likewise.
    Money,
    /// What is less likely than one in [`LONG_ODDS`]: the difference of the probabilities that the odds or the money
    /// imply. Sums of floats are good to about 1e-16 of the whole, ours as well as the file's, so that the last digits of
    /// such odds say nothing.
    Implied,
    /// Solutions of equations: the difference.
    Solution,
    /// Solutions of three equations at once.
    LooseSolution,
    /// Results and rungs: the same or not.
    Same,
}

/// Odds above this are compared by what they imply.
pub const LONG_ODDS: f64 = 1e6;

impl Measure {
    /// How much two values may differ.
    fn tolerance(self) -> f64 {
        match self {
            Measure::Absolute | Measure::Relative | Measure::Money => 1e-9,
            // At odds of a million this is a relative 1e-9 as well.
            Measure::Implied => 1e-15,
            Measure::Solution => 1e-7,
            Measure::LooseSolution => 1e-6,
            Measure::Same => 0.0,
        }
    }

    /// What the name of the market is followed by.
    fn suffix(self) -> &'static str {
        match self {
            Measure::Absolute | Measure::Solution | Measure::LooseSolution | Measure::Same => "",
            Measure::Relative => " (odds)",
            Measure::Money => " (money)",
            Measure::Implied => " (p < 1e-6)",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Measure::Absolute | Measure::Solution | Measure::LooseSolution => "absolute",
            Measure::Relative | Measure::Money => "relative",
            Measure::Implied => "implied",
            Measure::Same => "same",
        }
    }
}

/// What to compare, and how strictly.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only these markets; all, if none is named.
    pub only: Vec<String>,
    /// Instead of the tolerances that go with the files.
    pub tolerance: Option<f64>,
}

/// One market of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name in the file.
    pub market: String,
    /// What was found.
    pub finding: Finding,
}

/// What was found of a market.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// Its values were computed afresh.
    Compared {
        /// How.
        measure: Measure,
        /// How much they may differ.
        tolerance: f64,
        /// How many.
        values: usize,
        /// How many are further off than they may.
        failed: usize,
        /// The largest difference; infinite where there was nothing to compare with.
        largest: f64,
        /// Where that was.
        place: String,
        /// The first few that failed, whole.
        examples: Vec<String>,
    },
    /// This engine has no such market yet; so many values stand in the file.
    NotBuilt {
        /// How many.
        values: usize,
    },
    /// Nobody knows what this key of the file means.
    Unknown {
        /// How often it stands there.
        values: usize,
        /// Where first.
        place: String,
    },
}

impl Row {
    /// Whether there is nothing to find fault with.
    pub fn passed(&self) -> bool {
        match &self.finding {
            Finding::Compared { failed, .. } => *failed == 0,
            Finding::NotBuilt { .. } | Finding::Unknown { .. } => false,
        }
    }
}

/// So many failures of a market are told one by one.
const EXAMPLES_MAX: usize = 3;

/// Everything that came of a file.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What kind of file it is, and how many sets it has.
    pub subject: String,
    rows: Vec<Row>,
    options: Options,
    /// Markets that the file has and nobody asked for.
    left_out: BTreeSet<String>,
    /// By key that a set should have: how many have it, how many do not, and the first of these.
    expected: BTreeMap<String, (usize, usize, String)>,
    set: String,
}

impl Report {
    pub(super) fn new(options: &Options) -> Report {
        Report { options: options.clone(), ..Report::default() }
    }

    /// What follows is of this set.
    pub(super) fn begin(&mut self, set: &str) {
        set.clone_into(&mut self.set);
    }

    /// Something to know of the set at hand where a value of it is told.
    pub(super) fn remark(&mut self, words: &str) {
        self.set.push_str(&format!(" ({words})"));
    }

    /// Whether the set at hand has a key that every set like it should have.
    pub(super) fn expect(&mut self, key: &str, is_there: bool) {
        let (have, lack, first) = self.expected.entry(key.to_owned()).or_default();
        match is_there {
            true => *have += 1,
            false => {
                *lack += 1;
                if first.is_empty() {
                    first.clone_from(&self.set);
                }
            }
        }
    }

    /// All sets are done: what some have and others lack is a fault of the others.
    pub(super) fn end(&mut self) {
        let expected = std::mem::take(&mut self.expected);
        for (key, (have, lack, first)) in &expected {
            if *have > 0 && *lack > 0 {
                self.begin(first);
                let others = if *lack == 1 { String::new() } else { format!("; {lack} sets have none") };
                self.refused(key, *lack, format_args!("has no value, as other sets have{others}"));
            }
        }
        self.expected = expected;
    }

    /// One row a market and way of comparing, in the order in which they first came up.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Whether everything in the file was computed afresh, and came out the same.
    pub fn passed(&self) -> bool {
        self.compared() > 0 && self.rows.iter().all(Row::passed)
    }

    /// How many values were compared.
    pub fn compared(&self) -> usize {
        let of = |row: &Row| if let Finding::Compared { values, .. } = row.finding { values } else { 0 };
        self.rows.iter().map(of).sum()
    }

    /// How many of them were further off than they may.
    pub fn failed(&self) -> usize {
        let of = |row: &Row| if let Finding::Compared { failed, .. } = row.finding { failed } else { 0 };
        self.rows.iter().map(of).sum()
    }

    /// Those of the markets asked for that the file does not have, and all that it has.
    pub fn not_in_the_file(&self) -> Option<(String, Vec<String>)> {
        let all: BTreeSet<&str> =
            self.rows.iter().map(|row| row.market.as_str()).chain(self.left_out.iter().map(String::as_str)).collect();
        let missing = self.options.only.iter().find(|market| !all.contains(market.as_str()))?;
        Some((missing.clone(), all.into_iter().map(str::to_owned).collect()))
    }

    pub(super) fn near(&mut self, market: &str, at: fmt::Arguments<'_>, ours: f64, theirs: f64) {
        self.measured(market, Measure::Absolute, at, (ours - theirs).abs(), &ours, &theirs);
    }

    pub(super) fn near_all(&mut self, market: &str, at: fmt::Arguments<'_>, ours: &[f64], theirs: &[f64]) {
        if ours.len() != theirs.len() {
            self.refused(market, theirs.len(), format_args!("{at}: has {} entries, not {}", theirs.len(), ours.len()));
            return;
        }
        for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            self.near(market, format_args!("{at}[{i}]"), *ours, *theirs);
        }
    }

    pub(super) fn solution(
        &mut self,
        market: &str,
        measure: Measure,
        at: fmt::Arguments<'_>,
        [ours, theirs]: [f64; 2],
    ) {
        self.measured(market, measure, at, (ours - theirs).abs(), &ours, &theirs);
    }

    /// Odds that both have.
    pub(super) fn relative(&mut self, market: &str, at: fmt::Arguments<'_>, ours: f64, theirs: f64) {
        self.measured(market, Measure::Relative, at, relative_error(ours, theirs), &ours, &theirs);
    }

    /// Money of which `most` is the most that could be paid.
    pub(super) fn money(&mut self, market: &str, at: fmt::Arguments<'_>, [ours, theirs]: [f64; 2], most: f64) {
        // Nothing at all is as unlikely as can be: ours may be 0 where theirs is a last digit.
        let is_unlikely = |money: f64| money >= 0.0 && money * LONG_ODDS < most;
        if is_unlikely(ours) && is_unlikely(theirs) {
            self.measured(market, Measure::Implied, at, (ours - theirs).abs() / most, &ours, &theirs);
        } else {
            self.measured(market, Measure::Money, at, relative_error(ours, theirs), &ours, &theirs);
        }
    }

    /// Fair odds, none for what cannot win.
    pub(super) fn odds(&mut self, market: &str, at: fmt::Arguments<'_>, ours: Option<f64>, theirs: Option<f64>) {
        let is_long = |odds: Option<f64>| odds.is_none_or(|odds| odds > LONG_ODDS);
        match (ours, theirs) {
            (None, None) => self.same(market, at, &"no odds", &"no odds"),
            (ours, theirs) if is_long(ours) && is_long(theirs) => {
                let implied = |odds: Option<f64>| odds.map_or(0.0, |odds| 1.0 / odds);
                let error = (implied(ours) - implied(theirs)).abs();
                self.measured(market, Measure::Implied, at, error, &Shown(ours), &Shown(theirs));
            }
            (Some(ours), Some(theirs)) => self.relative(market, at, ours, theirs),
            (ours, theirs) => {
                self.measured(market, Measure::Relative, at, f64::INFINITY, &Shown(ours), &Shown(theirs));
            }
        }
    }

    /// Things that are equal or not.
    pub(super) fn same<T: PartialEq + fmt::Display>(
        &mut self,
        market: &str,
        at: fmt::Arguments<'_>,
        ours: &T,
        theirs: &T,
    ) {
        let error = if ours == theirs { 0.0 } else { f64::INFINITY };
        self.measured(market, Measure::Same, at, error, ours, theirs);
    }

    /// So many values for which there is nothing of ours to compare with.
    pub(super) fn refused(&mut self, market: &str, values: usize, why: fmt::Arguments<'_>) {
        if values == 0 {
            return;
        }
        let set = self.set.clone();
        if let Some(Finding::Compared { values: all, failed, largest, place, examples, .. }) =
            self.compared_row(market, Measure::Absolute)
        {
            *all += values;
            *failed += values;
            if *largest != f64::INFINITY {
                *largest = f64::INFINITY;
                *place = set.clone();
            }
            if examples.len() < EXAMPLES_MAX {
                examples.push(format!("{set}: {why}"));
            }
        }
    }

    pub(super) fn not_built(&mut self, market: &str, values: usize) {
        let found =
            self.row(market, |finding| matches!(finding, Finding::NotBuilt { .. }), || Finding::NotBuilt { values: 0 });
        if let Some(Finding::NotBuilt { values: all }) = found {
            *all += values;
        }
    }

    /// A key that nobody knows: told whatever markets were asked for.
    pub(super) fn unknown(&mut self, key: &str) {
        let place = self.set.clone();
        let only = std::mem::take(&mut self.options.only);
        let found = self.row(
            key,
            |finding| matches!(finding, Finding::Unknown { .. }),
            || Finding::Unknown { values: 0, place },
        );
        if let Some(Finding::Unknown { values, .. }) = found {
            *values += 1;
        }
        self.options.only = only;
    }

    fn measured(
        &mut self,
        market: &str,
        measure: Measure,
        at: fmt::Arguments<'_>,
        error: f64,
        ours: &dyn fmt::Display,
        theirs: &dyn fmt::Display,
    ) {
        let set = std::mem::take(&mut self.set);
        if let Some(Finding::Compared { tolerance, values, failed, largest, place, examples, .. }) =
            self.compared_row(market, measure)
        {
            *values += 1;
            // Written so that what is not a number fails.
            let is_near = error <= *tolerance;
            let error = if error.is_nan() { f64::INFINITY } else { error };
            if error > *largest || place.is_empty() {
                *largest = error;
                *place = joined(&set, at);
            }
            if !is_near {
                *failed += 1;
                if examples.len() < EXAMPLES_MAX {
                    examples.push(format!("{}: ours {ours}, the file's {theirs}", joined(&set, at)));
                }
            }
        }
        self.set = set;
    }

    fn compared_row(&mut self, market: &str, measure: Measure) -> Option<&mut Finding> {
        let tolerance = match measure {
            Measure::Same => 0.0,
            Measure::Absolute
            | Measure::Relative
            | Measure::Money
            | Measure::Implied
            | Measure::Solution
            | Measure::LooseSolution => self.options.tolerance.unwrap_or(measure.tolerance()),
        };
        let is_that = |finding: &Finding| matches!(finding, Finding::Compared { measure: of, .. } if *of == measure);
        self.row(market, is_that, || Finding::Compared {
            measure,
            tolerance,
            values: 0,
            failed: 0,
            largest: 0.0,
            place: String::new(),
            examples: Vec::new(),
        })
    }

    /// The row of a market, made if it is new; none if nobody asked for that market.
    fn row(
        &mut self,
        market: &str,
        is_that: impl Fn(&Finding) -> bool,
        new: impl FnOnce() -> Finding,
    ) -> Option<&mut Finding> {
        if !self.options.only.is_empty() && !self.options.only.iter().any(|only| only == market) {
            if !self.left_out.contains(market) {
                self.left_out.insert(market.to_owned());
            }
            return None;
        }
        let index = self.rows.iter().position(|row| row.market == market && is_that(&row.finding));
        let index = index.unwrap_or_else(|| {
            let of_the_same = self.rows.iter().rposition(|row| row.market == market);
            let index = of_the_same.map_or(self.rows.len(), |last| last + 1);
            self.rows.insert(index, Row { market: market.to_owned(), finding: new() });
            index
        });
        Some(&mut self.rows[index].finding)
    }
}

fn relative_error(ours: f64, theirs: f64) -> f64 {
    let difference = (ours - theirs).abs();
    if theirs == 0.0 { difference } else { difference / theirs.abs() }
}

fn joined(set: &str, at: fmt::Arguments<'_>) -> String {
    format!("{set} {at}").trim().to_owned()
}

/// Odds, if there are any.
struct Shown(Option<f64>);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(odds) => write!(f, "{odds}"),
            None => f.write_str("none"),
        }
    }
}

/// A table, a line a market; below it what failed, and what it comes to.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |row: &Row| match &row.finding {
            Finding::Compared { measure, .. } => format!("{}{}", row.market, measure.suffix()),
            Finding::NotBuilt { .. } | Finding::Unknown { .. } => row.market.clone(),
        };
        let width = self.rows.iter().map(|row| name(row).chars().count()).max().unwrap_or(0).max(6);
        let places = self.rows.iter().map(|row| match &row.finding {
            Finding::Compared { place, .. } | Finding::Unknown { place, .. } => place.chars().count(),
            Finding::NotBuilt { .. } => 0,
        });
        let at = places.max().unwrap_or(0).clamp(5, 44);
        writeln!(f, "{}", self.subject)?;
        writeln!(f, "{:<width$}  {:>7}  {:>9}  {:<at$}  tolerance", "market", "values", "largest", "where")?;
        for row in &self.rows {
            let name = name(row);
            match &row.finding {
                Finding::Compared { measure, tolerance, values, failed, largest, place, .. } => {
                    let word = if *failed == 0 { "ok".to_owned() } else { format!("FAILED ({failed})") };
                    let allowed = if *measure == Measure::Same {
                        "the same".to_owned()
                    } else {
                        format!("{tolerance:.0e} {}", measure.kind())
                    };
                    writeln!(f, "{name:<width$}  {values:>7}  {largest:>9.1e}  {place:<at$}  {allowed:<14}  {word}")?;
                }
                Finding::NotBuilt { values } => {
                    writeln!(f, "{name:<width$}  {values:>7}  {:>9}  {:<at$}  {:<14}  not built", "-", "", "")?;
                }
                Finding::Unknown { values, place } => {
                    writeln!(f, "{name:<width$}  {values:>7}  {:>9}  {place:<at$}  {:<14}  unknown key", "-", "")?;
                }
            }
        }
        let is_asked = |key: &String| self.options.only.is_empty() || self.options.only.contains(key);
        let nowhere = self.expected.iter().filter(|(key, (have, lack, _))| *have == 0 && *lack > 0 && is_asked(key));
        let nowhere: Vec<&str> = nowhere.map(|(key, _)| key.as_str()).collect();
        if !nowhere.is_empty() {
            writeln!(f, "not compared, as no set has a value: {}", nowhere.join(", "))?;
        }
        for row in &self.rows {
            let Finding::Compared { examples, failed, .. } = &row.finding else { continue };
            for example in examples {
                writeln!(f, "  {}: {example}", row.market)?;
            }
            if *failed > examples.len() {
                writeln!(f, "  {}: and {} more", row.market, failed - examples.len())?;
            }
        }
        self.write_sum(f)
    }
}

impl Report {
    fn write_sum(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut not_built, mut unknown) = (0, 0);
        for row in &self.rows {
            match row.finding {
                Finding::NotBuilt { values } => not_built += values,
                Finding::Unknown { .. } => unknown += 1,
                Finding::Compared { .. } => {}
            }
        }
        write!(f, "{} values compared, {} failed, {not_built} not built", self.compared(), self.failed())?;
        if unknown > 0 {
            write!(f, ", {unknown} unknown keys")?;
        }
        f.write_str(if self.passed() { ": passed" } else { ": FAILED" })
    }
}
