//! A state of a match from a file, as reference files write one, so that a program in any language can ask.

use super::arguments::check;
use crate::event::ModelRules;
use crate::pricing::{ModelInputs, Profile, Rates, State};
use crate::sim::conformance::{
    CLOCK_KEYS, INPUT_KEYS, Malformed, PROFILE_KEYS, Read, field, field_if_any, object, parse, profile, rates, score,
    state, text, unknown_keys,
};
use crate::values::{Billionths, Score};
use anyhow::Context;
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;

/// The profile that is built in.
const BUILT_IN: &str = "measured_v1";

/// Everything that a price of a state needs.
#[derive(Debug)]
pub(super) struct StateFile {
    pub(super) profile: Profile,
    pub(super) inputs: ModelInputs,
    pub(super) state: State,
    pub(super) half_time: Option<Score>,
    /// Keys that are known and change no price.
    pub(super) unused: Vec<&'static str>,
}

impl StateFile {
    /// Reads a file; - is standard input.
    pub(super) fn read(file: &Path, house: &ModelRules) -> anyhow::Result<StateFile> {
        let text = if file == Path::new("-") {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map(|_| text)
        } else {
            std::fs::read_to_string(file)
        };
        let text = text.with_context(|| format!("--state {}: cannot be read", file.display()))?;
        StateFile::parse(&text, house).with_context(|| format!("--state {}", file.display()))
    }

    /// An input, or an object with an input and the profiles it may name; what is absent of profile, rho, phi and kappa
    /// is the house's.
    pub(super) fn parse(text: &str, house: &ModelRules) -> Read<StateFile> {
        let document = parse(text)?;
        let wrapped = object(&document)?.contains_key("input");
        if wrapped {
            refuse_unknown(&document, &["id", "profiles", "input", "derived", "markets"])?;
            return field(&document, "input", |input| StateFile::of(input, document.get("profiles"), house));
        }
        StateFile::of(&document, None, house)
    }

    fn of(input: &Value, profiles: Option<&Value>, house: &ModelRules) -> Read<StateFile> {
        refuse_unknown(input, &INPUT_KEYS)?;
        field(input, "clock", |clock| refuse_unknown(clock, &CLOCK_KEYS))?;
        let average = ModelInputs::default();
        let house_rates = Rates::from(&ModelInputs::of(house, average.home_rate, average.away_rate));
        let state = state(input)?;
        check(&state, &|name| match name {
            "minute" => "clock.minute".to_owned(),
            "stoppage" => "clock.stoppage_elapsed".to_owned(),
            other => other.to_owned(),
        })
        .map_err(Malformed::new)?;
        let unused = ["interval", "bets"].into_iter();
        let is_there = |key: &&str| match input.get(*key) {
            None | Some(Value::Null) => false,
            Some(Value::Array(list)) => !list.is_empty(),
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => true,
        };
        Ok(StateFile {
            profile: profile_of(input, profiles, house)?,
            inputs: in_billionths(&rates(input, Some(&house_rates))?)?,
            state,
            half_time: field_if_any(input, "ht_score", score)?,
            unused: unused.filter(is_there).collect(),
        })
    }
}

/// The profile that the input names, or holds; without one the house's.
fn profile_of(input: &Value, profiles: Option<&Value>, house: &ModelRules) -> Read<Profile> {
    let of = |value: &Value| {
        refuse_unknown(value, &PROFILE_KEYS)?;
        profile(value)
    };
    field_if_any(input, "profile", |value| {
        if value.is_object() {
            return of(value);
        }
        let name = text(value)?;
        match profiles.and_then(|profiles| profiles.get(name)) {
            Some(profile) => of(profile),
            None if name == BUILT_IN => Ok(Profile::measured_v1()),
            None => Err(Malformed::new(format!(
                "{name:?} is not built in ({BUILT_IN} is): give its numbers here instead of the name, or beside \
                 \"input\" under \"profiles\""
            ))),
        }
    })
    .and_then(|given| match given {
        Some(given) => Ok(given),
        None => Profile::of(house).map_err(|reason| Malformed::new(format!("model {}: {reason:?}", house.name))),
    })
}

fn in_billionths(rates: &Rates) -> Read<ModelInputs> {
    let whole = |name: &str, value: f64| {
        let too_large = || Malformed::new(format!("{value} is out of bounds")).within(name);
        Billionths::from_f64(value).ok_or_else(too_large)
    };
    let mut phi = [Billionths::ZERO; 5];
    for (to, from) in phi.iter_mut().zip(rates.phi) {
        *to = whole("phi", from)?;
    }
    Ok(ModelInputs {
        home_rate: whole("lambda_home", rates.home_rate)?,
        away_rate: whole("lambda_away", rates.away_rate)?,
        rho: whole("rho", rates.rho)?,
        phi,
        kappa_own: whole("kappa_own", rates.kappa_own)?,
        kappa_opp: whole("kappa_opp", rates.kappa_opp)?,
        home_scale: whole("home_scale", rates.home_scale)?,
        away_scale: whole("away_scale", rates.away_scale)?,
    })
}

fn refuse_unknown(of: &Value, known: &[&str]) -> Read<()> {
    match unknown_keys(of, known)?.first() {
        None => Ok(()),
        Some(key) => Err(Malformed::new(format!("no such key; known are {}", known.join(", "))).within(key)),
    }
}
