//! `pricing_knockout.json` and `pricing_counts.json`: extra time, penalties, corners and cards, which are not built yet.

use super::document::{Read, each, entries, field, object, unknown_keys, values_in};
use super::markets::set_name;
use super::report::Report;
use serde_json::Value;

/// What such a file has.
pub(super) struct Kind {
    subject: &'static str,
    top: &'static [&'static str],
    input: &'static [&'static str],
    output: &'static [&'static str],
    /// Those of the output that are rows, each beginning with a line, which is no value.
    rows: &'static [&'static str],
}

pub(super) const KNOCKOUT: Kind = Kind {
    subject: "states of knock-out matches",
    top: &["format", "lmin", "profiles", "sets"],
    input: &[
        "profile",
        "lambda_home",
        "lambda_away",
        "rho",
        "phi",
        "kappa_own",
        "kappa_opp",
        "score",
        "reds",
        "clock",
        "aggregate_lead_home",
        "pen_home",
    ],
    output: &["qualify", "extra_time", "penalties", "method_home", "method_away"],
    rows: &[],
};

pub(super) const COUNTS: Kind = Kind {
    subject: "counts of corners and cards",
    top: &["format", "sets"],
    input: &["kind", "mean", "shape", "theta", "p_home", "elapsed_share", "observed"],
    output: &["remaining_mean", "remaining_shape", "total_over", "most", "home_over", "exact_remaining", "odd"],
    rows: &["total_over", "home_over"],
};

/// Lists every value of the output.
pub(super) fn list(file: &Value, kind: &Kind, report: &mut Report) -> Read<()> {
    report.begin("the file");
    for key in unknown_keys(file, kind.top)? {
        report.unknown(key);
    }
    field(file, "sets", |sets| {
        report.subject = format!("{} {}", entries(sets)?.len(), kind.subject);
        each(sets, |index, set| {
            report.begin(&set_name(set, index)?);
            for key in unknown_keys(set, &["id", "input", "output"])? {
                report.unknown(key);
            }
            field(set, "input", |input| {
                for key in unknown_keys(input, kind.input)? {
                    report.unknown(&format!("input.{key}"));
                }
                Ok(())
            })?;
            field(set, "output", |output| {
                for (name, value) in object(output)? {
                    if kind.rows.contains(&name.as_str()) {
                        let rows = entries(value).map_err(|error| error.within(name))?.len();
                        report.not_built(name, values_in(value) - rows);
                    } else if kind.output.contains(&name.as_str()) {
                        report.not_built(name, values_in(value));
                    } else {
                        report.unknown(&format!("output.{name}"));
                    }
                }
                Ok(())
            })
        })
    })
}
