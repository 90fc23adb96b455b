//! Does this engine price and settle as others computed it? Every value of a reference file, worked out afresh and
//! compared.
//!
//! A file holds inputs and the exact outputs that belong to them, computed elsewhere at higher precision. Nothing here
//! depends on the values of the files that come with the project: profiles, ladders, rates and clocks are read from the
//! file. Markets that are not built are counted, never passed over.

mod counts;
mod document;
mod halves;
mod inversions;
mod knockout;
mod ladders;
mod margins;
mod markets;
mod model;
mod order;
mod report;
mod settlements;
mod states;

pub use document::{Malformed, Read, field, field_if_any, number, object, parse, text, unknown_keys};
pub use model::{CLOCK_KEYS, PROFILE_KEYS, profile, rates, score, state};
pub use report::{Finding, LONG_ODDS, Measure, Options, Report, Row};
pub use states::INPUT_KEYS;

use document::entries;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Fair values, margins, ladders, rates.
    Pricing,
    /// What bets come to.
    Settlement,
}

/// Compares a whole file. Which of the formats it has shows in its content.
///
/// # Errors
/// What is wrong with the file, and where: then nothing is said of the engine.
pub fn compare(subject: Subject, file: &str, options: &Options) -> Read<Report> {
    let file = parse(file)?;
    let kind = FileKind::of(&file)?;
    ids_are_unique(&file)?;
    let mut report = Report::new(options);
    match (subject, kind) {
        (Subject::Settlement, FileKind::Settlement) => settlements::compare(&file, &mut report)?,
        (Subject::Pricing, FileKind::States) => states::compare(&file, &mut report)?,
        (Subject::Pricing, FileKind::Margins) => margins::compare(&file, &mut report)?,
        (Subject::Pricing, FileKind::Ladder) => ladders::compare(&file, &mut report)?,
        (Subject::Pricing, FileKind::Inversion) => inversions::compare(&file, &mut report)?,
        (Subject::Pricing, FileKind::Counts) => counts::compare(&file, &mut report)?,
        (Subject::Pricing, FileKind::Knockout) => knockout::compare(&file, &mut report)?,
        (Subject::Pricing, FileKind::Settlement) => {
            return Err(Malformed::new("holds settled bets: compare it with `conformance settlement`"));
        }
        (
            Subject::Settlement,
            FileKind::States
            | FileKind::Margins
            | FileKind::Ladder
            | FileKind::Inversion
            | FileKind::Counts
            | FileKind::Knockout,
        ) => return Err(Malformed::new("holds prices, not settled bets: compare it with `conformance pricing`")),
    }
    report.end();
    Ok(report)
}

/// Two sets of one name: one of them was meant to be another.
fn ids_are_unique(file: &Value) -> Read<()> {
    let mut seen = BTreeMap::new();
    let sets = file.get("sets").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (index, set) in sets.iter().enumerate() {
        let Some(id) = set.get("id").and_then(Value::as_str) else { continue };
        if let Some(first) = seen.insert(id, index) {
            let what = Malformed::new(format!("is {id:?}, as that of sets[{first}] is"));
            return Err(what.within("id").within(&format!("[{index}]")).within("sets"));
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FileKind {
    States,
    Margins,
    Ladder,
    Inversion,
    Counts,
    Knockout,
    Settlement,
}

impl FileKind {
    /// Recognised by the keys that only this kind of file has.
    fn of(file: &Value) -> Read<FileKind> {
        let format = field(file, "format", number)?;
        if format != 1.0 {
            return Err(Malformed::new(format!("must be 1, is {format}: another format is not known")).within("format"));
        }
        let top = object(file)?;
        if top.contains_key("bands") {
            return Ok(FileKind::Ladder);
        }
        if top.contains_key("weighted_g") {
            return Ok(FileKind::Margins);
        }
        let sets = field(file, "sets", entries)?;
        let Some(first) = sets.first() else { return Err(Malformed::new("is empty").within("sets")) };
        let has = |key: &str| first.get(key).is_some();
        let comes_out = |key: &str| first["output"].get(key).is_some();
        let known = [
            (has("markets"), FileKind::States),
            (has("solution"), FileKind::Inversion),
            (comes_out("qualify"), FileKind::Knockout),
            (comes_out("remaining_mean"), FileKind::Counts),
            (has("result") && has("payout"), FileKind::Settlement),
        ];
        let kind = known.into_iter().find(|(is_it, _)| *is_it).map(|(_, kind)| kind);
        kind.ok_or_else(|| {
            Malformed::new(
                "has neither markets nor solution, output or result: not a reference file that is known here",
            )
            .within("[0]")
            .within("sets")
        })
    }
}

#[cfg(test)]
mod tests;
