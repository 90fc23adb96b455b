//! `pricing_states.json`: fair probabilities and fair odds of every market, from states of matches.

use super::document::{Malformed, Read, each, entries, exactly, field, number, number_or_null, numbers, object};
use super::document::{unknown_keys, values_in};
use super::halves;
use super::markets::{Quoted, line, selection, set_name};
use super::model::{CLOCK_KEYS, PROFILE_KEYS, profile, profile_name, rates, state};
use super::report::Report;
use crate::event::{Score, Side};
use crate::pricing::{
    Clock, Engine, Fair, Phase, Profile, Rates, ScoreLaw, Split, State, expected_multiple, remaining,
};
use crate::values::QuarterLine;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the engine assumes is left of stoppage at least, minutes.
pub(super) const LEAST_STOPPAGE: f64 = 0.5;
const TOP_KEYS: [&str; 4] = ["format", "lmin", "profiles", "sets"];
const SET_KEYS: [&str; 4] = ["id", "input", "derived", "markets"];
/// The keys of an input.
pub const INPUT_KEYS: [&str; 13] = [
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
    "ht_score",
    "interval",
    "bets",
];
/// The markets that every set has, whatever the state of its match. Those of the first half are there until half-time, those
/// of an interval where the input has one.
const OF_EVERY_STATE: [&str; 30] = [
    "ah_full",
    "ah_rest",
    "btts",
    "cashout",
    "clean_sheet",
    "combo",
    "dc",
    "dnb",
    "eh",
    "exact_away",
    "exact_home",
    "exact_total",
    "expected_remaining",
    "h2",
    "h2_over",
    "highest_half",
    "htft",
    "last_goal",
    "matrix",
    "matrix_other",
    "next_goal",
    "odd_even",
    "race",
    "team_total_away",
    "team_total_home",
    "totals",
    "win_both_halves",
    "win_either_half",
    "win_to_nil",
    "x12",
];
const OF_FIRST_HALF: [&str; 4] = ["ht", "ht_over", "ht_score", "ht_score_other"];
const BET_KEYS: [&str; 5] = ["market", "selection", "line", "odds", "stake"];

pub(super) fn compare(file: &Value, report: &mut Report) -> Read<()> {
    for key in unknown_keys(file, &TOP_KEYS)? {
        report.unknown(key);
    }
    report.begin("the file");
    report.near("lmin", format_args!(""), LEAST_STOPPAGE, field(file, "lmin", number)?);
    let profiles = field(file, "profiles", |value| profiles(value, report))?;
    let mut engine = Engine::new();
    field(file, "sets", |sets| {
        report.subject = format!("{} states of matches", entries(sets)?.len());
        each(sets, |index, set| compare_set(set, index, &profiles, &mut engine, report))
    })
}

pub(super) fn profiles(value: &Value, report: &mut Report) -> Read<BTreeMap<String, Profile>> {
    let mut all = BTreeMap::new();
    for (name, one) in object(value)? {
        report.begin(&format!("profiles.{name}"));
        for key in unknown_keys(one, &PROFILE_KEYS).map_err(|error| error.within(name))? {
            report.unknown(key);
        }
        all.insert(name.clone(), profile(one).map_err(|error| error.within(name))?);
    }
    Ok(all)
}

fn compare_set(
    set: &Value,
    index: usize,
    profiles: &BTreeMap<String, Profile>,
    engine: &mut Engine,
    report: &mut Report,
) -> Read<()> {
    let id = set_name(set, index)?;
    report.begin(&id);
    let valued = with_values(set);
    compare_state(&valued, profiles, engine, report).map_err(|error| error.within(&format!(" ({id}) ")))
}

/// The set without the markets that are null, whole or every entry: they have no value.
fn with_values(set: &Value) -> Cow<'_, Value> {
    let is_nothing = |value: &Value| match value {
        Value::Null => true,
        Value::Array(list) => !list.is_empty() && list.iter().all(Value::is_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => false,
    };
    let markets = set.get("markets").and_then(Value::as_object);
    if !markets.is_some_and(|markets| markets.values().any(is_nothing)) {
        return Cow::Borrowed(set);
    }
    let mut valued = set.clone();
    if let Some(markets) = valued["markets"].as_object_mut() {
        markets.retain(|_, value| !is_nothing(value));
    }
    Cow::Owned(valued)
}

/// Which markets a set should have, and has.
fn expect_markets(set: &Value, state: &State, law: &ScoreLaw, report: &mut Report) {
    let has = |market: &str| set["markets"].get(market).is_some();
    // A match that must end level has no odds on one side given no draw.
    let is_decisive = decisive(law).iter().sum::<f64>() > 0.0;
    for market in OF_EVERY_STATE.into_iter().filter(|market| *market != "dnb" || is_decisive) {
        report.expect(market, has(market));
    }
    if matches!(state.clock.phase, Phase::PreMatch | Phase::FirstHalf) {
        OF_FIRST_HALF.into_iter().for_each(|market| report.expect(market, has(market)));
    }
    if set["input"].get("interval").is_some_and(|interval| !interval.is_null()) {
        report.expect("interval", has("interval"));
    }
}

/// The chances that home and that away is ahead at the end.
fn decisive(law: &ScoreLaw) -> [f64; 2] {
    let level = law.handicap(QuarterLine::ZERO);
    [level.win, level.lose]
}

fn compare_state(
    set: &Value,
    profiles: &BTreeMap<String, Profile>,
    engine: &mut Engine,
    report: &mut Report,
) -> Read<()> {
    unknown_in(set, "", &SET_KEYS, report)?;
    let markets = field(set, "markets", Ok)?;
    let (profile, rates, state) = field(set, "input", |input| {
        unknown_in(input, "input.", &INPUT_KEYS, report)?;
        field(input, "clock", |clock| unknown_in(clock, "input.clock.", &CLOCK_KEYS, report))?;
        let name = profile_name(input)?;
        let known = profiles.get(name);
        let profile = known.ok_or_else(|| Malformed::new(format!("no profile {name:?} in the file")).within("profile"));
        Ok((profile?, rates(input, None)?, state(input)?))
    })?;
    if let Some(announced) = state.clock.stoppage_announced_minutes.filter(|_| state.clock.announcement_is_cut()) {
        let limit = Clock::ANNOUNCED_LIMIT_MINUTES;
        report.remark(&format!("announced {announced} min counted as {limit}"));
    }
    let law = match engine.law_from(profile, &rates, &state) {
        Ok(law) => law,
        Err(reason) => {
            for (name, value) in object(markets)? {
                report.refused(name, values_in(value), format_args!("no price: {reason:?}"));
            }
            return Ok(());
        }
    };
    expect_markets(set, &state, law, report);
    field(set, "derived", |derived| compare_derived(derived, profile, &rates, &state, law, report))?;
    field(set, "markets", |markets| {
        compare_markets(markets, law, report)?;
        compare_lines(markets, law, report)?;
        compare_correct_score(markets, law, report)?;
        list_unknown(markets, report)
    })?;
    super::order::compare(set, profile, &rates, &state, report)?;
    halves::compare(set, profile, &rates, &state, law, report)?;
    compare_cashout(set, &state, law, report)
}

fn unknown_in(value: &Value, path: &str, known: &[&str], report: &mut Report) -> Read<()> {
    for key in unknown_keys(value, known)? {
        report.unknown(&format!("{path}{key}"));
    }
    Ok(())
}

fn compare_derived(
    derived: &Value,
    profile: &Profile,
    rates: &Rates,
    state: &State,
    law: &ScoreLaw,
    report: &mut Report,
) -> Read<()> {
    let left = remaining(profile, &state.clock);
    let [home_factor, away_factor] = rates.red_card_factors(state);
    let ours = [
        ("U1", left.first_half),
        ("U2", left.second_half),
        ("c_home", home_factor),
        ("c_away", away_factor),
        ("rho_eff", rates.rho_in_range()),
        ("Z", law.normaliser()),
    ];
    for (name, ours) in ours {
        report.near(name, format_args!(""), ours, field(derived, name, number)?);
    }
    unknown_in(derived, "derived.", &ours.map(|(name, _)| name), report)
}

/// The markets whose values stand side by side.
fn compare_markets(markets: &Value, law: &ScoreLaw, report: &mut Report) -> Read<()> {
    let [home, away, nobody] = law.next_goal();
    let [ahead, behind] = decisive(law);
    let no_draw = [ahead, behind].map(|chance| chance / (ahead + behind));
    let ours: [(&str, &[f64]); 6] = [
        ("x12", &law.match_result()),
        ("dc", &law.double_chance()),
        ("dnb", &no_draw),
        ("btts", &law.both_teams_to_score()),
        ("next_goal", &[home, nobody, away]),
        ("expected_remaining", &law.expected_remaining()),
    ];
    for (name, ours) in ours {
        if object(markets)?.contains_key(name) {
            report.near_all(name, format_args!(""), ours, &field(markets, name, numbers)?);
        }
    }
    if object(markets)?.contains_key("matrix") {
        let mut shown = 0.0;
        field(markets, "matrix", |matrix| {
            let size = entries(matrix)?.len() as u16;
            each(matrix, |x, row| {
                let ours: Vec<f64> = (0..size).map(|away| law.cell(x as u16, away)).collect();
                shown += ours.iter().sum::<f64>();
                report.near_all("matrix", format_args!("[{x}]"), &ours, &numbers(row)?);
                Ok(())
            })
        })?;
        report.near("matrix_other", format_args!(""), 1.0 - shown, field(markets, "matrix_other", number)?);
    }
    Ok(())
}

/// The markets with a row a line.
fn compare_lines(markets: &Value, law: &ScoreLaw, report: &mut Report) -> Read<()> {
    let mut rows = |name: &str, read: &mut dyn FnMut(QuarterLine, &Value, &mut Report) -> Read<()>| {
        if !object(markets)?.contains_key(name) {
            return Ok(());
        }
        field(markets, name, |rows| {
            each(rows, |_, row| {
                let first = entries(row)?.first().ok_or_else(|| Malformed::new("must begin with a line"))?;
                read(line(first).map_err(|error| error.within("[0]"))?, row, report)
            })
        })
    };
    rows("totals", &mut |line, row, report| compare_split("totals", line, law.total(line), row, report))?;
    rows("ah_full", &mut |line, row, report| compare_split("ah_full", line, law.handicap(line), row, report))?;
    rows("ah_rest", &mut |line, row, report| compare_split("ah_rest", line, law.handicap_from_now(line), row, report))?;
    for (name, side) in [("team_total_home", Side::Home), ("team_total_away", Side::Away)] {
        rows(name, &mut |line, row, report| {
            let [_, over] = exactly(row)?;
            report.near(name, format_args!("over {line}"), law.team_total(side, line).win, over);
            Ok(())
        })?;
    }
    Ok(())
}

fn compare_split(market: &str, line: QuarterLine, split: Split, row: &Value, report: &mut Report) -> Read<()> {
    let row = entries(row)?;
    let [_, endings @ .., fair_one, fair_other] = row else {
        return Err(Malformed::new("must have 8 entries"));
    };
    if endings.len() != 5 {
        return Err(Malformed::new(format!("must have 8 entries, has {}", row.len())));
    }
    let ours = [split.win, split.half_win, split.push, split.half_lose, split.lose];
    let names = ["win", "half win", "push", "half lose", "lose"];
    for ((theirs, ours), name) in endings.iter().zip(ours).zip(names) {
        report.near(market, format_args!("{line} {name}"), ours, number(theirs)?);
    }
    let (one, other) = split.fair_odds();
    report.odds(market, format_args!("{line} fair_1"), one, number_or_null(fair_one)?);
    report.odds(market, format_args!("{line} fair_2"), other, number_or_null(fair_other)?);
    Ok(())
}

/// Our market of that name lists the scores up to some number of goals a side, and what is left of each result. The file
/// has the cells; what it says of each result, less those cells, is the rest.
fn compare_correct_score(markets: &Value, law: &ScoreLaw, report: &mut Report) -> Read<()> {
    if !(object(markets)?.contains_key("matrix") && object(markets)?.contains_key("x12")) {
        return Ok(());
    }
    let results: [f64; 3] = field(markets, "x12", exactly)?;
    let mut matrix = Vec::new();
    field(markets, "matrix", |rows| {
        each(rows, |_, row| {
            matrix.push(numbers(row)?);
            Ok(())
        })
    })?;
    for max in [1_u8, 4, 7] {
        if matrix.len() <= usize::from(max) || matrix.iter().any(|row| row.len() <= usize::from(max)) {
            continue;
        }
        let mut others = results;
        let ours = law.correct_score(max);
        let scores = (0..=max).flat_map(|home| (0..=max).map(move |away| (home, away)));
        for ((home, away), ours) in scores.zip(&ours) {
            let theirs = matrix[usize::from(home)][usize::from(away)];
            report.near("correct_score", format_args!("{home}:{away}"), *ours, theirs);
            others[usize::from(home <= away) + usize::from(home < away)] -= theirs;
        }
        report.near_all("correct_score", format_args!("beyond {max} goals "), &ours[ours.len() - 3..], &others);
    }
    Ok(())
}

/// Markets that nobody knows.
fn list_unknown(markets: &Value, report: &mut Report) -> Read<()> {
    let built = [
        "x12",
        "dc",
        "dnb",
        "btts",
        "next_goal",
        "expected_remaining",
        "matrix",
        "matrix_other",
        "totals",
        "ah_full",
        "ah_rest",
        "team_total_home",
        "team_total_away",
        "cashout",
        "race",
        "last_goal",
        "interval",
    ];
    for name in object(markets)?.keys() {
        if !built.contains(&name.as_str()) && !halves::MARKETS.contains(&name.as_str()) {
            report.unknown(&format!("markets.{name}"));
        }
    }
    Ok(())
}

/// What each bet is worth now: the stake times what it may be expected to pay.
fn compare_cashout(set: &Value, state: &State, law: &ScoreLaw, report: &mut Report) -> Read<()> {
    let bets = field(set, "input", |input| field(input, "bets", entries))?;
    let values = field(set, "markets", |markets| {
        if object(markets)?.contains_key("cashout") { field(markets, "cashout", entries) } else { Ok(&[]) }
    })?;
    if bets.len() != values.len() && !values.is_empty() {
        let what = format!("has {} values for {} bets", values.len(), bets.len());
        return Err(Malformed::new(what).within("cashout").within("markets"));
    }
    for (index, (bet, value)) in bets.iter().zip(values).enumerate() {
        let at_bet = |error: Malformed| error.within(&format!("[{index}]")).within("bets").within("input");
        let theirs = number(value).map_err(|error| error.within(&format!("[{index}]")).within("markets.cashout"))?;
        unknown_in(bet, "input.bets.", &BET_KEYS, report).map_err(at_bet)?;
        let base = Score { home: state.home_score, away: state.away_score };
        let (market, outcome) = selection(bet, Quoted::ForHome, base).map_err(at_bet)?;
        let (odds, stake) = (field(bet, "odds", number).map_err(at_bet)?, field(bet, "stake", number).map_err(at_bet)?);
        let Some(fair) = law.fair(market) else {
            report.not_built("cashout", 1);
            continue;
        };
        let position = market.outcomes().iter().position(|of_market| *of_market == outcome);
        let ours = position.map_or(f64::NAN, |position| stake * multiple_of(&fair, position, odds));
        report.money("cashout", format_args!("[{index}] {market} {outcome}"), [ours, theirs], stake * odds);
    }
    Ok(())
}

/// What one unit on a selection may be expected to pay.
fn multiple_of(fair: &Fair, position: usize, odds: f64) -> f64 {
    match fair {
        Fair::Shares(shares) => shares[position] * odds,
        Fair::Line(split) => {
            let side = if position == 0 { *split } else { split.mirrored() };
            expected_multiple(&side, odds)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{MarketId, Outcome};

    #[test]
    fn a_bet_is_worth_what_each_ending_pays_times_its_chance() {
        let split = Split { win: 0.3, half_win: 0.1, push: 0.2, half_lose: 0.1, lose: 0.3 };
        // 0.3 x 2.5 + 0.1 x 1.75 + 0.2 + 0.1 x 0.5, and for the other side the same of its odds.
        assert!((multiple_of(&Fair::Line(split), 0, 2.5) - 1.175).abs() < 1e-15);
        assert!((multiple_of(&Fair::Line(split), 1, 2.5) - 1.175).abs() < 1e-15);
        let shares = Fair::Shares(vec![0.5, 0.3, 0.2]);
        assert!((multiple_of(&shares, 2, 4.0) - 0.8).abs() < 1e-15);
        assert_eq!(MarketId::MATCH_RESULT.outcomes()[2], Outcome::Away);
    }
}
