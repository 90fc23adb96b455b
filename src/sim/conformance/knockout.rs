//! `pricing_knockout.json`: who goes through, and how.

use super::document::{Malformed, Read, each, entries, field, number, numbers, object, pair, text, unknown_keys};
use super::markets::set_name;
use super::model::{CLOCK_KEYS, profile_name, rates, state};
use super::report::Report;
use super::states::{LEAST_STOPPAGE, profiles};
use crate::pricing::{Clock, Engine, ExtraTime, KnockoutEngine, KnockoutLaw, NoPrice, Phase, Profile, State, Tie};
use serde_json::Value;
use std::collections::BTreeMap;

const INPUT_KEYS: [&str; 12] = [
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
];
const OUTPUT_KEYS: [&str; 5] = ["qualify", "extra_time", "penalties", "method_home", "method_away"];

#[derive(Default)]
struct Engines {
    regular: Engine,
    knockout: KnockoutEngine,
}

pub(super) fn compare(file: &Value, report: &mut Report) -> Read<()> {
    report.begin("the file");
    for key in unknown_keys(file, &["format", "lmin", "profiles", "sets"])? {
        report.unknown(key);
    }
    report.near("lmin", format_args!(""), LEAST_STOPPAGE, field(file, "lmin", number)?);
    let profiles = field(file, "profiles", |value| profiles(value, report))?;
    let mut engines = Engines::default();
    field(file, "sets", |sets| {
        report.subject = format!("{} states of knock-out matches", entries(sets)?.len());
        each(sets, |index, set| {
            let id = set_name(set, index)?;
            report.begin(&id);
            for key in unknown_keys(set, &["id", "input", "output"])? {
                report.unknown(key);
            }
            let compared = compare_set(set, &profiles, &mut engines, report);
            compared.map_err(|error| error.within(&format!(" ({id}) ")))
        })
    })
}

fn compare_set(
    set: &Value,
    profiles: &BTreeMap<String, Profile>,
    engines: &mut Engines,
    report: &mut Report,
) -> Read<()> {
    let law = field(set, "input", |input| {
        for key in unknown_keys(input, &INPUT_KEYS)? {
            report.unknown(&format!("input.{key}"));
        }
        field(input, "clock", |clock| {
            for key in unknown_keys(clock, &CLOCK_KEYS)? {
                report.unknown(&format!("input.clock.{key}"));
            }
            Ok(())
        })?;
        let name = profile_name(input)?;
        let known = profiles.get(name);
        let profile = known.ok_or_else(|| Malformed::new(format!("no profile {name:?} in the file")).within("profile"));
        price(input, profile?, engines)
    })?;
    field(set, "output", |output| {
        for key in unknown_keys(output, &OUTPUT_KEYS)? {
            report.unknown(&format!("output.{key}"));
        }
        match law {
            Ok(law) => compare_output(output, &law, report),
            Err(reason) => {
                report.refused("qualify", 2, format_args!("no price: {reason:?}"));
                Ok(())
            }
        }
    })
}

fn price(input: &Value, profile: &Profile, engines: &mut Engines) -> Read<Result<KnockoutLaw, NoPrice>> {
    let rates = rates(input, None)?;
    let tie = tie(input)?;
    let Some(extra_time) = field(input, "clock", extra_time)? else {
        let state = state(input)?;
        let law = engines.regular.law_from(profile, &rates, &state);
        return Ok(law.and_then(|law| engines.knockout.in_regular_time(law, &rates, &state, profile, tie)));
    };
    let [home_score, away_score] = field(input, "score", |value| pair(value, 999))?;
    let [home_reds, away_reds] = field(input, "reds", |value| pair(value, 99))?.map(|reds| reds as u8);
    let clock = Clock { phase: Phase::Over, minute: 90.0, ..Clock::PRE_MATCH };
    let state = State { home_score, away_score, home_reds, away_reds, clock };
    Ok(engines.knockout.in_extra_time(&rates, &state, extra_time, profile, tie))
}

fn tie(input: &Value) -> Read<Tie> {
    let lead = field(input, "aggregate_lead_home", |value| {
        let lead = number(value)?;
        let is_lead = lead.fract() == 0.0 && lead.abs() <= 99.0;
        if is_lead { Ok(lead as i16) } else { Err(Malformed::new(format!("must be from -99 to 99, is {lead}"))) }
    })?;
    let shoot_out = field(input, "pen_home", number)?;
    Tie::new(lead, shoot_out)
        .ok_or_else(|| Malformed::new(format!("must be from 0 to 1, is {shoot_out}")).within("pen_home"))
}

/// Where extra time stands, or nothing for a clock of the ninety minutes.
fn extra_time(clock: &Value) -> Read<Option<ExtraTime>> {
    let minute = || field(clock, "minute", number);
    Ok(match field(clock, "period", text)? {
        "ET1" => Some(ExtraTime::FirstHalf(105.0 - minute()?)),
        "ET2" => Some(ExtraTime::SecondHalf(120.0 - minute()?)),
        _of_regular_time => None,
    })
}

fn compare_output(output: &Value, law: &KnockoutLaw, report: &mut Report) -> Read<()> {
    let ours: [(&str, &[f64]); 3] =
        [("qualify", &law.qualify), ("method_home", &law.method_home), ("method_away", &law.method_away)];
    let has = |name: &str| object(output).map(|output| output.contains_key(name));
    for name in OUTPUT_KEYS {
        report.expect(name, has(name)?);
    }
    for (name, ours) in ours {
        if has(name)? {
            let theirs = field(output, name, numbers)?;
            report.near_all(name, format_args!(""), ours, &theirs);
        }
    }
    for (name, ours) in [("extra_time", law.extra_time), ("penalties", law.penalties)] {
        if has(name)? {
            report.near(name, format_args!(""), ours, field(output, name, number)?);
        }
    }
    Ok(())
}
