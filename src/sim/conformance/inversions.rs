//! `pricing_inversion.json`: the rates that somebody's odds imply.

use super::document::{Read, each, entries, exactly, field, number, unknown_keys};
use super::markets::line;
use super::report::{Measure, Report};
use crate::pricing::{Engine, FairOdds, ModelInputs, Rates, RhoSource, State, rates_from_odds};
use serde_json::Value;

/// Where the search for ρ begins, if the odds are to tell it.
const RHO_START: f64 = -0.04;
const INPUT_KEYS: [&str; 8] = ["p_home", "p_draw", "p_away", "total_line", "fair_over", "fair_under", "rho", "phi"];

pub(super) fn compare(file: &Value, report: &mut Report) -> Read<()> {
    report.begin("the file");
    for key in unknown_keys(file, &["format", "sets"])? {
        report.unknown(key);
    }
    let mut engine = Engine::new();
    field(file, "sets", |sets| {
        report.subject = format!("rates from the odds of {} matches", entries(sets)?.len());
        each(sets, |index, set| {
            report.begin(&super::markets::set_name(set, index)?);
            for key in unknown_keys(set, &["id", "input", "solution"])? {
                report.unknown(key);
            }
            compare_set(set, &mut engine, report)
        })
    })
}

fn compare_set(set: &Value, engine: &mut Engine, report: &mut Report) -> Read<()> {
    let (result, line, odds, rho, phi) = field(set, "input", |input| {
        for key in unknown_keys(input, &INPUT_KEYS)? {
            report.unknown(&format!("input.{key}"));
        }
        let result =
            [field(input, "p_home", number)?, field(input, "p_draw", number)?, field(input, "p_away", number)?];
        let odds = [field(input, "fair_over", number)?, field(input, "fair_under", number)?];
        let line = field(input, "total_line", line)?;
        Ok((result, line, odds, field(input, "rho", number)?, field(input, "phi", exactly)?))
    })?;
    let truth = field(set, "solution", |solution| {
        for key in unknown_keys(solution, &["lambda_home", "lambda_away"])? {
            report.unknown(&format!("solution.{key}"));
        }
        Ok([field(solution, "lambda_home", number)?, field(solution, "lambda_away", number)?])
    })?;
    let fair = FairOdds { match_result: result, line, over: 1.0 / odds[0] };
    let start = Rates { rho, phi, ..Rates::from(&ModelInputs::default()) };
    match rates_from_odds(engine, &fair, &start, RhoSource::Inputs) {
        Ok(solved) => {
            let market = "two equations";
            report.solution(market, Measure::Solution, format_args!("lambda_home"), [solved.home_rate, truth[0]]);
            report.solution(market, Measure::Solution, format_args!("lambda_away"), [solved.away_rate, truth[1]]);
            // The way back: what these rates make of every number that went in.
            if let Ok(law) = engine.law_over(&solved, &State::PRE_MATCH, 1.0) {
                report.near_all("way back", format_args!("p"), &law.match_result(), &result);
                let (over, under) = law.total(line).fair_odds();
                report.odds("way back", format_args!("fair_over"), over, Some(odds[0]));
                report.odds("way back", format_args!("fair_under"), under, Some(odds[1]));
            }
        }
        Err(reason) => report.refused("two equations", 2, format_args!("no solution: {reason:?}")),
    }
    match rates_from_odds(engine, &fair, &Rates { rho: RHO_START, ..start }, RhoSource::Draw) {
        Ok(solved) => {
            let ours = [solved.home_rate, solved.away_rate, solved.rho];
            let names = ["lambda_home", "lambda_away", "rho"];
            for ((name, ours), theirs) in names.into_iter().zip(ours).zip([truth[0], truth[1], rho]) {
                report.solution("three equations", Measure::LooseSolution, format_args!("{name}"), [ours, theirs]);
            }
        }
        Err(reason) => report.refused("three equations", 3, format_args!("no solution: {reason:?}")),
    }
    Ok(())
}
