//! The inputs of a price as the reference files write them: a profile, the rates of the sides, the state of the match.

use super::document::{Malformed, Read, exactly, field, field_if_any, number, pair, text};
use crate::pricing::{BadProfile, Clock, Phase, Profile, ProfileParts, Rates, State};
use serde_json::Value;

/// The keys of a profile.
pub const PROFILE_KEYS: [&str; 8] = ["w1", "w2", "s1", "s2", "L1", "L2", "x1", "x2"];
/// The keys of a clock.
pub const CLOCK_KEYS: [&str; 4] = ["period", "minute", "stoppage_elapsed", "stoppage_announced"];

/// A profile.
pub fn profile(value: &Value) -> Read<Profile> {
    let part = |name: &str| field(value, name, number);
    let parts = ProfileParts {
        w1: field(value, "w1", exactly)?,
        w2: field(value, "w2", exactly)?,
        s1: part("s1")?,
        s2: part("s2")?,
        l1: part("L1")?,
        l2: part("L2")?,
        x1: part("x1")?,
        x2: part("x2")?,
    };
    Profile::new(parts).map_err(|bad| {
        Malformed::new(match bad {
            BadProfile::NonFinite => "has a number that is not finite",
            BadProfile::NegativeWeight => "has a weight below zero",
            BadProfile::SumNotOne => "w1, s1, w2 and s2 do not sum to 1 within 1e-9",
            BadProfile::StoppageNotPositive => "L1 and L2 must be above zero",
        })
    })
}

/// The rates of a match. What is absent is as in `otherwise`; without that, it must be there.
pub fn rates(input: &Value, otherwise: Option<&Rates>) -> Read<Rates> {
    let part = |name: &str, otherwise: Option<f64>| match field_if_any(input, name, number)? {
        Some(value) => Ok(value),
        None => otherwise.ok_or_else(|| Malformed::new("is missing").within(name)),
    };
    Ok(Rates {
        home_rate: field(input, "lambda_home", number)?,
        away_rate: field(input, "lambda_away", number)?,
        rho: part("rho", otherwise.map(|rates| rates.rho))?,
        phi: match (field_if_any(input, "phi", exactly)?, otherwise) {
            (Some(phi), _) => phi,
            (None, Some(rates)) => rates.phi,
            (None, None) => return Err(Malformed::new("is missing").within("phi")),
        },
        kappa_own: part("kappa_own", otherwise.map(|rates| rates.kappa_own))?,
        kappa_opp: part("kappa_opp", otherwise.map(|rates| rates.kappa_opp))?,
        home_scale: 1.0,
        away_scale: 1.0,
    })
}

/// How the match stands, in the ninety minutes.
pub fn state(input: &Value) -> Read<State> {
    let [home_score, away_score] = field(input, "score", |value| pair(value, 999))?;
    let [home_reds, away_reds] = field(input, "reds", |value| pair(value, 99))?.map(|reds| reds as u8);
    Ok(State { home_score, away_score, home_reds, away_reds, clock: field(input, "clock", clock)? })
}

fn clock(value: &Value) -> Read<Clock> {
    let phase = field(value, "period", |period| match text(period)? {
        "PRE" => Ok(Phase::PreMatch),
        "H1" => Ok(Phase::FirstHalf),
        "HT" => Ok(Phase::HalfTime),
        "H2" => Ok(Phase::SecondHalf),
        other => Err(Malformed::new(format!("must be PRE, H1, HT or H2, is {other:?}"))),
    })?;
    let not_below_zero = |value| {
        let minutes = number(value)?;
        if minutes >= 0.0 { Ok(minutes) } else { Err(Malformed::new(format!("must not be below 0, is {minutes}"))) }
    };
    Ok(Clock {
        phase,
        minute: field(value, "minute", not_below_zero)?,
        stoppage_elapsed_minutes: field_if_any(value, "stoppage_elapsed", not_below_zero)?.unwrap_or(0.0),
        stoppage_announced_minutes: field_if_any(value, "stoppage_announced", not_below_zero)?,
    })
}

/// The name of the profile that an input asks for.
pub(super) fn profile_name(input: &Value) -> Read<&str> {
    field(input, "profile", text)
}

/// The score of a pair.
pub fn score(value: &Value) -> Read<crate::event::Score> {
    let [home, away] = pair(value, 99)?;
    Ok(crate::event::Score { home, away })
}
