//! What a price costs: a law, its markets, their margins and rungs, and the way back from odds, on one core.
//!
//! `cargo bench --no-default-features --bench pricing` prints a table; what it measures, and what it does not show, is
//! in `benches/README.md`. `benches/pricing/run` sets penaltyblog beside it, `benches/pricing/instructions` counts
//! instructions.

mod allocations;
mod catalogue;
mod joint;
mod measure;
mod report;
mod states;
mod work;

use states::{Match, generated, reference};
use std::process::ExitCode;

/// What the command line asks for.
#[derive(Default)]
struct Plan {
    /// Given by `cargo bench`; without it (`cargo test --all-targets`) nothing is measured.
    bench: bool,
    /// Writes the states for penaltyblog to this file, and nothing else.
    export: Option<String>,
    /// Prints one line for `benches/pricing/run`: the median nanoseconds of law, and of law and the whole catalogue.
    round: bool,
    /// Prices a fixed set of states of its own so many times, for counting instructions.
    fixed: Option<String>,
}

fn plan() -> Result<Plan, String> {
    let mut plan = Plan::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = |name: &str| arguments.next().ok_or_else(|| format!("{name} wants a value"));
        match argument.as_str() {
            "--bench" => plan.bench = true,
            "--round" => plan.round = true,
            "--export" => plan.export = Some(value("--export")?),
            "--fixed" => plan.fixed = Some(value("--fixed")?),
            other => {
                return Err(format!("unknown argument {other:?} (--round, --export FILE and --fixed WHAT are known)"));
            }
        }
    }
    Ok(plan)
}

fn main() -> ExitCode {
    let plan = match plan() {
        Ok(plan) => plan,
        Err(told) => {
            eprintln!("{told}");
            return ExitCode::from(2);
        }
    };
    if let Some(what) = &plan.fixed {
        return if work::fixed(what) { ExitCode::SUCCESS } else { ExitCode::from(2) };
    }
    if !plan.bench {
        println!("nothing is measured without --bench: cargo bench --no-default-features --bench pricing");
        return ExitCode::SUCCESS;
    }
    let mut matches: Vec<Match> = generated();
    let generated = matches.len();
    matches.splice(0..0, reference());
    if let Some(path) = &plan.export {
        if let Err(error) = std::fs::write(path, states::exported(&matches)) {
            eprintln!("{path}: {error}");
            return ExitCode::FAILURE;
        }
        return ExitCode::SUCCESS;
    }
    if plan.round {
        report::round(&matches);
        return ExitCode::SUCCESS;
    }
    if report::table(&matches, generated) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
