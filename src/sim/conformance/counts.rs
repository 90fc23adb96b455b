//! `pricing_counts.json`: corners and cards still to come, and whose.

use super::document::{
    Malformed, Read, each, entries, exactly, field, field_if_any, number, numbers, object, pair, text, unknown_keys,
    values_in,
};
use super::markets::{line, set_name};
use super::report::Report;
use crate::event::Side;
use crate::pricing::{BadCountModel, CountEngine, CountLaw, CountModel, CountState};
use crate::values::QuarterLine;
use serde_json::Value;

const INPUT_KEYS: [&str; 7] = ["kind", "mean", "shape", "theta", "p_home", "elapsed_share", "observed"];
const OUTPUT_KEYS: [&str; 8] =
    ["remaining_mean", "remaining_shape", "total_over", "most", "home_over", "away_over", "exact_remaining", "odd"];
/// Those of them that every set has; goals of away are not asked for everywhere.
const OF_EVERY_SET: [&str; 7] =
    ["remaining_mean", "remaining_shape", "total_over", "most", "home_over", "exact_remaining", "odd"];

pub(super) fn compare(file: &Value, report: &mut Report) -> Read<()> {
    report.begin("the file");
    for key in unknown_keys(file, &["format", "sets"])? {
        report.unknown(key);
    }
    let mut engine = CountEngine::new();
    field(file, "sets", |sets| {
        report.subject = format!("{} counts of corners and cards", entries(sets)?.len());
        each(sets, |index, set| {
            report.begin(&set_name(set, index)?);
            for key in unknown_keys(set, &["id", "input", "output"])? {
                report.unknown(key);
            }
            let (model, state) = match field(set, "input", |input| {
                for key in unknown_keys(input, &INPUT_KEYS)? {
                    report.unknown(&format!("input.{key}"));
                }
                Ok((model(input)?, state(input)?))
            })? {
                (Ok(model), state) => (model, state),
                (Err(limit), _) => {
                    report.refused("remaining_mean", values_in(field(set, "output", Ok)?), format_args!("{limit}"));
                    return Ok(());
                }
            };
            field(set, "output", |output| {
                for key in unknown_keys(output, &OUTPUT_KEYS)? {
                    report.unknown(&format!("output.{key}"));
                }
                match engine.law(&model, &state) {
                    Ok(law) => compare_output(output, law, report),
                    Err(reason) => {
                        report.refused("remaining_mean", 1, format_args!("no price: {reason:?}"));
                        Ok(())
                    }
                }
            })
        })
    })
}

/// The kind is told for people: the numbers say everything. A shape that the formulas allow and this engine does not is
/// no fault of the file: inside it are the words for that.
fn model(input: &Value) -> Read<Result<CountModel, String>> {
    field(input, "kind", |kind| match text(kind)? {
        "corners" | "cards" => Ok(()),
        other => Err(Malformed::new(format!("must be corners or cards, is {other:?}"))),
    })?;
    let (mean, shape) = (field(input, "mean", number)?, field(input, "shape", number)?);
    let (home_share, theta) = (field(input, "p_home", number)?, field_if_any(input, "theta", number)?);
    match CountModel::new(mean, shape, home_share, theta) {
        Ok(model) => Ok(Ok(model)),
        Err(BadCountModel::Mean) => Err(Malformed::new("must be from 0.01 to 60").within("mean")),
        Err(BadCountModel::Shape) if shape > 0.0 => {
            Ok(Err(format!("this engine takes a shape from 1 to 1e9, the file's is {shape}")))
        }
        Err(BadCountModel::Shape) => Err(Malformed::new("must be above 0").within("shape")),
        Err(BadCountModel::HomeShare) => Err(Malformed::new("must be from 0.001 to 0.999").within("p_home")),
        Err(BadCountModel::Theta) => Err(Malformed::new("must be null, or from 0.01 to 1e9").within("theta")),
    }
}

fn state(input: &Value) -> Read<CountState> {
    let observed = field(input, "observed", |value| pair(value, 999))?;
    let elapsed_share = field(input, "elapsed_share", number)?;
    let state = CountState::whole_match(observed, elapsed_share);
    state.ok_or_else(|| Malformed::new(format!("must be from 0 to 1, is {elapsed_share}")).within("elapsed_share"))
}

fn compare_output(output: &Value, law: &CountLaw, report: &mut Report) -> Read<()> {
    let has = |name: &str| object(output).map(|output| output.contains_key(name));
    for name in OF_EVERY_SET {
        report.expect(name, has(name)?);
    }
    let mut rows = |name: &str, over: &dyn Fn(QuarterLine) -> f64| {
        if !has(name)? {
            return Ok(());
        }
        field(output, name, |rows| {
            each(rows, |_, row| {
                let [_, theirs] = exactly(row)?;
                let line = line(&entries(row)?[0]).map_err(|error| error.within("[0]"))?;
                report.near(name, format_args!("over {line}"), over(line), theirs);
                Ok(())
            })
        })
    };
    rows("total_over", &|line| law.total(line).win)?;
    rows("home_over", &|line| law.team_total(Side::Home, line).win)?;
    rows("away_over", &|line| law.team_total(Side::Away, line).win)?;
    for (name, ours) in [
        ("remaining_mean", law.remaining_mean()),
        ("remaining_shape", law.remaining_shape()),
        ("odd", law.odd_even()[0]),
    ] {
        if has(name)? {
            report.near(name, format_args!(""), ours, field(output, name, number)?);
        }
    }
    if has("most")? {
        report.near_all("most", format_args!(""), &law.most(), &field(output, "most", numbers)?);
    }
    if has("exact_remaining")? {
        let theirs = field(output, "exact_remaining", numbers)?;
        let ours: Vec<f64> = (0..theirs.len()).map(|events| law.exact_remaining(events)).collect();
        report.near_all("exact_remaining", format_args!(""), &ours, &theirs);
    }
    Ok(())
}
