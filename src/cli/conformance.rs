//! `touchline conformance`: whether this engine prices and settles as others computed it.

use crate::sim::conformance::{Options, Report, Subject, compare};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `touchline conformance --help` ends with.
pub const ABOUT_FILES: &str = "\
A reference file holds inputs and the exact values that belong to them, computed by
somebody else's program at higher precision: JSON, {\"format\": 1, \"sets\": [...]}.
Which of the formats a file has shows in its content:
  pricing     states of matches (markets), margins (weighted_g), ladders (bands), odds
              to rates (solution), knock-out (qualify), corners and cards (remaining_mean)
  settlement  market, selection, line, odds, stake, score_at_bet, final: result, payout
The development set and its README, with every formula, come with the sample data: the
folder `reference` beside it. Nothing depends on the values of that set: profiles,
ladders, rates and clocks are read from the file.

Tolerances: 1e-9 absolute for probabilities, 1e-9 relative for odds, cash-out and payout,
1e-7 for solved rates, 1e-6 where rho is solved too. Of odds and cash-out less likely than
one in a million (p < 1e-6) the implied probabilities are compared, to 1e-15: sums of
floats say no more of them. A market that is not built is listed with the number of its
values and counts as failed; so does a key that nobody knows, and a set without a value that
other sets of the file have. What no set has is listed as not compared. Of two sets with one
id, and of counts that are neither corners nor cards, nothing is said: the file is refused.

Exit codes: 0 every value of every file was recomputed and agrees; 1 not; 2 a file cannot
be read, and standard error says where.

Examples:
  touchline conformance pricing ../shared/reference/pricing_states.json
  touchline conformance pricing states.json --only x12 --only totals
  touchline conformance settlement ../shared/reference/pricing_settlement.json";

/// Arguments of `touchline conformance`.
#[derive(Debug, Args)]
pub struct ConformanceArguments {
    #[command(subcommand)]
    subject: SubjectArguments,
}

#[derive(Debug, Subcommand)]
enum SubjectArguments {
    /// Recompute every price of reference files and print the largest error of each market.
    #[command(
        after_help = "Example: touchline conformance pricing ../shared/reference/pricing_margin.json\n\nThe formats: touchline conformance --help"
    )]
    Pricing(FileArguments),
    /// Settle every bet of reference files, from facts, and print what came out differently.
    #[command(
        after_help = "Example: touchline conformance settlement ../shared/reference/pricing_settlement.json\n\nThe formats: touchline conformance --help"
    )]
    Settlement(FileArguments),
}

#[derive(Debug, Args)]
struct FileArguments {
    /// Reference files; - is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only this market, by its name in the file; may be repeated.
    #[arg(long, value_name = "MARKET")]
    only: Vec<String>,
    /// Another tolerance for all of them, for example 1e-12.
    #[arg(long, value_name = "ERROR", value_parser = tolerance)]
    tolerance: Option<f64>,
}

/// Compares, and prints a table a file.
pub fn main(arguments: &ConformanceArguments) -> anyhow::Result<ExitCode> {
    let (subject, arguments) = match &arguments.subject {
        SubjectArguments::Pricing(arguments) => (Subject::Pricing, arguments),
        SubjectArguments::Settlement(arguments) => (Subject::Settlement, arguments),
    };
    let options = Options { only: arguments.only.clone(), tolerance: arguments.tolerance };
    let mut all_passed = true;
    for (index, file) in arguments.files.iter().enumerate() {
        let report = compared(subject, file, &options)?;
        let gap = if index == 0 { "" } else { "\n" };
        println!("{gap}{}: {report}", file.display());
        all_passed &= report.passed();
    }
    Ok(if all_passed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn compared(subject: Subject, file: &Path, options: &Options) -> anyhow::Result<Report> {
    let shown = file.display();
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.with_context(|| format!("cannot read {shown}"))?;
    let report = compare(subject, &text, options).with_context(|| format!("{shown} is not a reference file"))?;
    if let Some((market, known)) = report.not_in_the_file() {
        bail!("--only {market}: {shown} has no such market; it has: {}", known.join(", "));
    }
    Ok(report)
}

fn tolerance(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0);
    value.ok_or_else(|| "must be a number not below 0, for example 1e-9".to_owned())
}
