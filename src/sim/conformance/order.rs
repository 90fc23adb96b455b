//! Of `pricing_states.json` the markets that look at who scores when: races, the last goal, goals in an interval.

use super::document::{Malformed, Read, count, each, entries, exactly, field, field_if_any, object};
use super::report::Report;
use crate::pricing::{GoalOrderEngine, IntervalEngine, Profile, Rates, State, interval_times, remaining};
use serde_json::Value;

/// A race to more goals than this is no market, and no score of a file is higher.
const RACE_GOALS_MAX: u16 = 999;
/// Goals from now that a race can be to.
const RACE_GOALS_AHEAD_MAX: u16 = 99;

/// Compares them as far as the set has them.
pub(super) fn compare(set: &Value, profile: &Profile, rates: &Rates, state: &State, report: &mut Report) -> Read<()> {
    field(set, "markets", |markets| compare_orders(markets, profile, rates, state, report))?;
    let interval = field(set, "input", |input| field_if_any(input, "interval", exactly))?;
    field(set, "markets", |markets| compare_interval(markets, interval, profile, rates, state, report))
}

fn compare_orders(markets: &Value, profile: &Profile, rates: &Rates, state: &State, report: &mut Report) -> Read<()> {
    let mut races: Vec<(u16, [f64; 3])> = Vec::new();
    if object(markets)?.contains_key("race") {
        field(markets, "race", |rows| {
            each(rows, |_, row| {
                let [_, theirs @ ..]: [f64; 4] = exactly(row)?;
                let goals = count(&entries(row)?[0], RACE_GOALS_MAX).map_err(|error| error.within("[0]"))?;
                races.push((goals, theirs));
                Ok(())
            })
        })?;
    }
    let ahead = |goals: u16| goals.saturating_sub(state.home_score.min(state.away_score));
    let (races, beyond): (Vec<_>, Vec<_>) = races.into_iter().partition(|race| ahead(race.0) <= RACE_GOALS_AHEAD_MAX);
    for (goals, _) in beyond {
        let most = RACE_GOALS_AHEAD_MAX;
        report.refused(
            "race",
            3,
            format_args!("to {goals}: this engine looks {most} goals ahead, not {}", ahead(goals)),
        );
    }
    let ahead = races.iter().map(|(goals, _)| ahead(*goals)).max().unwrap_or(0);
    let mut engine = GoalOrderEngine::new();
    let order = match engine.order_over(rates, state, remaining(profile, &state.clock).total(), ahead as u8) {
        Ok(order) => order,
        Err(reason) => {
            report.refused("last_goal", 3, format_args!("no price: {reason:?}"));
            report.refused("race", 3 * races.len(), format_args!("no price: {reason:?}"));
            return Ok(());
        }
    };
    if object(markets)?.contains_key("last_goal") {
        let theirs: [f64; 3] = field(markets, "last_goal", exactly)?;
        report.near_all("last_goal", format_args!(""), &order.last_goal(), &theirs);
    }
    for (goals, theirs) in races {
        match order.race_to(goals) {
            Some(ours) => report.near_all("race", format_args!("to {goals} "), &ours, &theirs),
            None => report.refused("race", 3, format_args!("a side has {goals} already")),
        }
    }
    Ok(())
}

fn compare_interval(
    markets: &Value,
    interval: Option<[f64; 2]>,
    profile: &Profile,
    rates: &Rates,
    state: &State,
    report: &mut Report,
) -> Read<()> {
    let theirs: Option<[f64; 3]> = field_if_any(markets, "interval", exactly)?;
    let Some(theirs) = theirs else { return Ok(()) };
    let Some([from, to]) = interval else {
        return Err(Malformed::new("has values, but input.interval does not say of when").within("interval"));
    };
    // Regular minutes only, the file says.
    let Some(times) = interval_times(profile, &state.clock, from, to, false) else {
        let what = format!("must be two rising minutes from 0 to 90, is {from} to {to}");
        return Err(Malformed::new(what).within("input.interval"));
    };
    match IntervalEngine::new().no_goal(rates, state, &times) {
        Ok(ours) => {
            let ours = [ours.either, 1.0 - ours.home, 1.0 - ours.away];
            report.near_all("interval", format_args!(""), &ours, &theirs);
        }
        Err(reason) => report.refused("interval", 3, format_args!("no price: {reason:?}")),
    }
    Ok(())
}
