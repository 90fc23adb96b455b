//! `pricing_margin.json`: margins put on fair probabilities by every method, and taken off odds.

use super::document::values_in;
use super::document::{Malformed, Read, each, entries, field, field_if_any, number, numbers, object, unknown_keys};
use super::report::Report;
use crate::pricing::{MarginMethod, apply_margin, remove_margin};
use crate::values::Billionths;
use serde_json::Value;

pub(super) fn compare(file: &Value, report: &mut Report) -> Read<()> {
    report.begin("the file");
    for key in unknown_keys(file, &["format", "weighted_g", "sets", "double_chance"])? {
        report.unknown(key);
    }
    let methods = methods(field(file, "weighted_g", number)?)?;
    let counted = |name: &str| Ok(field_if_any(file, name, entries)?.map_or(0, <[Value]>::len));
    report.subject =
        format!("margins on {} markets of one winner and {} of two", counted("sets")?, counted("double_chance")?);
    for (name, winners) in [("sets", 1), ("double_chance", 2)] {
        field_if_any(file, name, |sets| {
            each(sets, |index, set| {
                report.begin(&format!("{name}[{index}]"));
                compare_set(set, winners, &methods, report)
            })
        })?;
    }
    Ok(())
}

fn methods(exponent: f64) -> Read<[(&'static str, MarginMethod); 6]> {
    let exponent =
        Billionths::from_f64(exponent).ok_or_else(|| Malformed::new("must be a small number").within("weighted_g"))?;
    Ok([
        ("multiplicative", MarginMethod::Multiplicative),
        ("additive", MarginMethod::Additive),
        ("weighted", MarginMethod::Weighted { exponent }),
        ("power", MarginMethod::Power),
        ("odds_ratio", MarginMethod::OddsRatio),
        ("shin", MarginMethod::Shin),
    ])
}

fn compare_set(set: &Value, winners: u8, methods: &[(&'static str, MarginMethod)], report: &mut Report) -> Read<()> {
    for key in unknown_keys(set, &["p", "overround", "winners", "apply", "remove", "odds"])? {
        report.unknown(key);
    }
    let said = field_if_any(set, "winners", number)?.unwrap_or(1.0);
    if said != f64::from(winners) {
        return Err(Malformed::new(format!("must be {winners} here, is {said}")).within("winners"));
    }
    let fair = field(set, "p", numbers)?;
    let overround = field(set, "overround", number)?;
    let apply = field(set, "apply", Ok)?;
    unknown_methods(apply, methods, report)?;
    for (name, method) in methods {
        let mut ours = Vec::new();
        let used = apply_margin(*method, &fair, winners, overround, &mut ours);
        let market = format!("apply {name}");
        match (object(apply)?.get(*name), used) {
            // Left out where it would be certain or impossible: there we fall back. Of two winners only some are given.
            (None, Ok(used)) if winners == 1 && *name != "odds_ratio" => {
                report.same(&market, format_args!("falls back"), &(used != *method), &true);
            }
            (None, _) => {}
            (Some(theirs), Ok(used)) if used == *method => {
                let applied = Margined { fair: &fair, offered: &ours, overround, winners };
                compare_method(&market, "q", theirs, &ours, applied, *method, report)
                    .map_err(|error| error.within(name).within("apply"))?;
            }
            (Some(theirs), used) => report.refused(&market, values_in(theirs), format_args!("{used:?}")),
        }
    }
    if set.get("remove").is_none() && set.get("odds").is_none() {
        return Ok(());
    }
    let odds = field(set, "odds", numbers)?;
    let implied: Vec<f64> = odds.iter().map(|odds| 1.0 / odds).collect();
    compare_removal(field(set, "remove", Ok)?, &implied, methods, report).map_err(|error| error.within("remove"))
}

fn compare_removal(
    remove: &Value,
    implied: &[f64],
    methods: &[(&'static str, MarginMethod)],
    report: &mut Report,
) -> Read<()> {
    unknown_methods(remove, methods, report)?;
    let overround: f64 = implied.iter().sum();
    for (name, method) in methods {
        let mut ours = Vec::new();
        let used = remove_margin(*method, implied, &mut ours);
        let market = format!("remove {name}");
        match (object(remove)?.get(*name), used) {
            (None, used) => {
                let refused = used.is_err() && overround < 1.0;
                let gone = refused || used.is_ok_and(|used| used != *method);
                report.same(&market, format_args!("falls back"), &gone, &true);
            }
            (Some(theirs), Ok(used)) if used == *method => {
                let removed = Margined { fair: &ours, offered: implied, overround, winners: 1 };
                compare_method(&market, "p", theirs, &ours, removed, *method, report)
                    .map_err(|error| error.within(name))?;
            }
            (Some(theirs), used) => report.refused(&market, values_in(theirs), format_args!("{used:?}")),
        }
    }
    Ok(())
}

fn unknown_methods(of: &Value, methods: &[(&'static str, MarginMethod)], report: &mut Report) -> Read<()> {
    for key in unknown_keys(of, &methods.iter().map(|(name, _)| *name).collect::<Vec<_>>())? {
        report.unknown(key);
    }
    Ok(())
}

/// Probabilities without and with a margin: the one side given, the other of our making.
#[derive(Clone, Copy)]
struct Margined<'a> {
    fair: &'a [f64],
    offered: &'a [f64],
    overround: f64,
    winners: u8,
}

fn compare_method(
    market: &str,
    key: &str,
    theirs: &Value,
    ours: &[f64],
    margined: Margined<'_>,
    method: MarginMethod,
    report: &mut Report,
) -> Read<()> {
    for unknown in unknown_keys(theirs, &[key, "param"])? {
        report.unknown(unknown);
    }
    report.near_all(market, format_args!("{key}"), ours, &field(theirs, key, numbers)?);
    match (field_if_any(theirs, "param", number)?, margined.parameter(method, key == "p")) {
        (Some(theirs), Some(ours)) => report.near(market, format_args!("param"), ours, theirs),
        (None, None) => {}
        (theirs, ours) => {
            report.refused(market, 1, format_args!("param: ours {ours:?}, the file's {theirs:?}"));
        }
    }
    Ok(())
}

impl Margined<'_> {
    /// The free parameter of the method, read back from the outcome that tells it best: the one nearest to even.
    fn parameter(&self, method: MarginMethod, is_removal: bool) -> Option<f64> {
        let pairs = self.fair.iter().zip(self.offered).map(|(p, q)| (*p, *q));
        let (p, q) = pairs.min_by(|a, b| (a.0 - 0.5).abs().total_cmp(&(b.0 - 0.5).abs()))?;
        match method {
            MarginMethod::Multiplicative | MarginMethod::Additive => None,
            MarginMethod::Weighted { exponent } => Some(exponent.to_f64()),
            MarginMethod::Power if is_removal => Some(libm::log(p) / libm::log(q)),
            MarginMethod::Power => Some(libm::log(q) / libm::log(p)),
            MarginMethod::OddsRatio => Some(q * (1.0 - p) / (p * (1.0 - q))),
            // q is s times the root of the overround, and s squared is z p + (1 - z) p squared.
            MarginMethod::Shin if self.winners == 1 => Some((q * q / self.overround - p * p) / (p * (1.0 - p))),
            MarginMethod::Shin => None,
        }
    }
}
