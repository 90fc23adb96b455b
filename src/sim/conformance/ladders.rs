//! `pricing_ladder.json`: which rung of a ladder a raw price stands on.

use super::document::{Malformed, Read, each, entries, exactly, field, number, number_or_null, numbers, unknown_keys};
use super::report::Report;
use crate::pricing::{Band, Ladder};
use crate::values::{Price, PriceForm};
use serde_json::Value;

pub(super) fn compare(file: &Value, report: &mut Report) -> Read<()> {
    report.begin("the file");
    for key in unknown_keys(file, &["format", "bands", "ticks", "sets"])? {
        report.unknown(key);
    }
    let ladder = field(file, "bands", ladder)?;
    let ours: Vec<f64> = ladder.prices().iter().map(decimal).collect();
    let theirs = field(file, "ticks", numbers)?;
    report.same("ticks", format_args!("how many"), &ours.len(), &theirs.len());
    for (rung, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        report.relative("ticks", format_args!("[{rung}]"), *ours, *theirs);
    }
    field(file, "sets", |sets| {
        report.subject = format!("a ladder of {} rungs and {} raw prices", ours.len(), entries(sets)?.len());
        each(sets, |index, set| {
            report.begin(&format!("sets[{index}]"));
            for key in unknown_keys(set, &["odds", "down", "nearest"])? {
                report.unknown(key);
            }
            let odds = field(set, "odds", number)?;
            for (name, rung) in [("down", ladder.down(odds)), ("nearest", ladder.nearest(odds))] {
                let ours = rung.as_ref().map(decimal);
                match (ours, field(set, name, number_or_null)?) {
                    (None, None) => report.same(name, format_args!("{odds}"), &"none", &"none"),
                    (Some(ours), Some(theirs)) => report.relative(name, format_args!("{odds}"), ours, theirs),
                    (ours, theirs) => {
                        report.refused(name, 1, format_args!("{odds}: ours {ours:?}, the file's {theirs:?}"));
                    }
                }
            }
            Ok(())
        })
    })
}

/// The ladder of the file's own bands.
fn ladder(bands: &Value) -> Read<Ladder> {
    let mut all = Vec::new();
    each(bands, |_, band| {
        let [from, to, step] = exactly::<3>(band)?.map(|odds| (odds * 1_000.0).round());
        let is_exact = exactly::<3>(band)?.iter().all(|odds| (odds * 1_000.0 - (odds * 1_000.0).round()).abs() < 1e-6);
        let fits = [from, to, step].iter().all(|odds| odds.abs() <= 1_000_000.0);
        if !is_exact || !fits {
            return Err(Malformed::new("must be odds in thousandths: from, to, step"));
        }
        all.push(Band { from: from as i32, to: to as i32, step: step as i32 });
        Ok(())
    })?;
    Ladder::new(PriceForm::Decimal, &all).map_err(|bad| Malformed::new(format!("make no ladder: {bad:?}")))
}

fn decimal(price: &Price) -> f64 {
    let factor = price.factor();
    factor.num() as f64 / factor.den() as f64
}
