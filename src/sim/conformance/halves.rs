//! The markets of the halves, the combinations, and the smaller markets of the final score.

use super::document::{Malformed, Read, each, entries, field, field_if_any, number, numbers, object, pair};
use super::document::{exactly, values_in};
use super::markets::line;
use super::report::Report;
use crate::event::{MarketId, MarketType, Side};
use crate::pricing::{HalfCounts, HalvesEngine, HalvesLaw, NextGoal, Profile, Rates, ScoreLaw, State};
use serde_json::Value;

/// The markets that are compared here.
pub(super) const MARKETS: [&str; 18] = [
    "clean_sheet",
    "combo",
    "eh",
    "exact_away",
    "exact_home",
    "exact_total",
    "h2",
    "h2_over",
    "highest_half",
    "ht",
    "ht_over",
    "ht_score",
    "ht_score_other",
    "htft",
    "odd_even",
    "win_both_halves",
    "win_either_half",
    "win_to_nil",
];
/// Those of them that the law of the final score has.
const OF_FINAL_SCORE: [&str; 7] =
    ["clean_sheet", "eh", "exact_away", "exact_home", "exact_total", "odd_even", "win_to_nil"];

type Goals = (u32, u32);

/// Compares those of the markets that a set has.
pub(super) fn compare(
    set: &Value,
    profile: &Profile,
    rates: &Rates,
    state: &State,
    law: &ScoreLaw,
    report: &mut Report,
) -> Read<()> {
    let half_time = field(set, "input", |input| field_if_any(input, "ht_score", |score| pair(score, 999)))?;
    let mut engine = HalvesEngine::new();
    let halves = engine.law_from(profile, rates, state, half_time.map(|[home, away]| (home, away)));
    field(set, "markets", |markets| {
        compare_final_score(markets, law, report)?;
        match halves {
            Ok(halves) => {
                compare_first_half(markets, halves, report)?;
                compare_halves(markets, halves, report)?;
                compare_combinations(markets, halves, report)
            }
            Err(reason) => {
                let of_halves = object(markets)?
                    .iter()
                    .filter(|(name, _)| MARKETS.contains(&name.as_str()) && !OF_FINAL_SCORE.contains(&name.as_str()));
                for (name, value) in of_halves {
                    report.refused(name, values_in(value), format_args!("no law of the halves: {reason:?}"));
                }
                Ok(())
            }
        }
    })
}

fn compare_if_any(markets: &Value, name: &str, ours: &[f64], report: &mut Report) -> Read<()> {
    if !object(markets)?.contains_key(name) {
        return Ok(());
    }
    report.near_all(name, format_args!(""), ours, &field(markets, name, numbers)?);
    Ok(())
}

fn compare_final_score(markets: &Value, law: &ScoreLaw, report: &mut Report) -> Read<()> {
    let market = MarketId::of;
    let both = |kind| [Side::Home, Side::Away].map(|side| shares(law, market(kind).of_side(side))[0]);
    let of_side = |side| shares(law, market(MarketType::TEAM_EXACT_GOALS).number(5).of_side(side));
    let ours: [(&str, &[f64]); 6] = [
        ("clean_sheet", &both(MarketType::CLEAN_SHEET)),
        ("win_to_nil", &both(MarketType::WIN_TO_NIL)),
        ("odd_even", &shares(law, market(MarketType::ODD_EVEN))),
        ("exact_total", &shares(law, market(MarketType::EXACT_GOALS).number(8))),
        ("exact_home", &of_side(Side::Home)),
        ("exact_away", &of_side(Side::Away)),
    ];
    for (name, ours) in ours {
        compare_if_any(markets, name, ours, report)?;
    }
    if !object(markets)?.contains_key("eh") {
        return Ok(());
    }
    field(markets, "eh", |rows| {
        each(rows, |_, row| {
            let theirs: [f64; 4] = exactly(row)?;
            let line = line(&Value::from(theirs[0])).map_err(|error| error.within("[0]"))?;
            if !line.is_whole() {
                return Err(Malformed::new("must be a whole number of goals").within("[0]"));
            }
            let ours = shares(law, market(MarketType::THREE_WAY_HANDICAP).at_line(line));
            report.near_all("eh", format_args!("{line}"), &ours, &theirs[1..]);
            Ok(())
        })
    })
}

/// What the selections are worth as they are sold: by the rule of the catalogue.
fn shares(law: &ScoreLaw, market: MarketId) -> Vec<f64> {
    let fair = law.fair(market).and_then(|fair| fair.probabilities());
    fair.expect("the final score has a value for every market that it alone decides")
}

/// Rows of a line and the probability of more goals.
fn compare_over(markets: &Value, name: &str, half: &HalfCounts, report: &mut Report) -> Read<()> {
    if !object(markets)?.contains_key(name) {
        return Ok(());
    }
    field(markets, name, |rows| {
        each(rows, |_, row| {
            let [at, over] = exactly(row)?;
            let line = line(&Value::from(at)).map_err(|error| error.within("[0]"))?;
            report.near(name, format_args!("over {line}"), half.total().over(line).win, over);
            Ok(())
        })
    })
}

fn compare_first_half(markets: &Value, law: &HalvesLaw, report: &mut Report) -> Read<()> {
    compare_if_any(markets, "ht", &law.first_half().result(), report)?;
    compare_over(markets, "ht_over", law.first_half(), report)?;
    if !object(markets)?.contains_key("ht_score") {
        return Ok(());
    }
    let size = field(markets, "ht_score", |matrix| {
        let size = entries(matrix)?.len() as u32;
        each(matrix, |home, row| {
            let ours: Vec<f64> = (0..size).map(|away| law.half_time_score(home as u32, away)).collect();
            report.near_all("ht_score", format_args!("[{home}]"), &ours, &numbers(row)?);
            Ok(())
        })?;
        Ok(size)
    })?;
    let beyond = law.half_time_scores().filter(|(home, away, _)| *home.max(away) >= size).map(|score| score.2).sum();
    report.near("ht_score_other", format_args!(""), beyond, field(markets, "ht_score_other", number)?);
    Ok(())
}

fn compare_halves(markets: &Value, law: &HalvesLaw, report: &mut Report) -> Read<()> {
    compare_over(markets, "h2_over", law.second_half(), report)?;
    let ours: [(&str, &[f64]); 5] = [
        ("htft", &law.half_time_full_time()),
        ("h2", &law.second_half().result()),
        ("win_both_halves", &law.win_both_halves()),
        ("win_either_half", &law.win_either_half()),
        ("highest_half", &law.highest_scoring_half()),
    ];
    ours.into_iter().try_for_each(|(name, ours)| compare_if_any(markets, name, ours, report))
}

/// Every combination of a set in one pass over the joint law. Their names are their legs, joined by `&`.
fn compare_combinations(markets: &Value, law: &HalvesLaw, report: &mut Report) -> Read<()> {
    if !object(markets)?.contains_key("combo") {
        return Ok(());
    }
    field(markets, "combo", |combinations| {
        let mut known = Vec::new();
        for (name, value) in object(combinations)? {
            let theirs = number(value).map_err(|error| error.within(name))?;
            match name.split('&').map(leg).collect::<Option<Vec<Leg>>>() {
                Some(legs) => known.push((name, legs, theirs, 0.0)),
                None => report.unknown(&format!("markets.combo.{name}")),
            }
        }
        law.each_with_next(|half_time, full_time, next, probability| {
            for (_, legs, _, ours) in &mut known {
                if legs.iter().all(|leg| leg(half_time, full_time, next)) {
                    *ours += probability;
                }
            }
        });
        for (name, _, theirs, ours) in known {
            report.near("combo", format_args!("{name}"), ours, theirs);
        }
        Ok(())
    })
}

type Leg = Box<dyn Fn(Goals, Goals, NextGoal) -> bool>;

fn leg(name: &str) -> Option<Leg> {
    let goals = |line: &str| line.strip_suffix(".5")?.parse::<u32>().ok();
    if let Some(line) = name.strip_prefix("over") {
        let most = goals(line)?;
        return Some(Box::new(move |_, ft, _| ft.0 + ft.1 > most));
    }
    if let Some(line) = name.strip_prefix("under") {
        let most = goals(line)?;
        return Some(Box::new(move |_, ft, _| ft.0 + ft.1 <= most));
    }
    let holds: fn(Goals, Goals, NextGoal) -> bool = match name {
        "home" | "ft_home" => |_, ft, _| ft.0 > ft.1,
        "draw" | "ft_draw" => |_, ft, _| ft.0 == ft.1,
        "away" | "ft_away" => |_, ft, _| ft.0 < ft.1,
        "1x" => |_, ft, _| ft.0 >= ft.1,
        "12" => |_, ft, _| ft.0 != ft.1,
        "x2" => |_, ft, _| ft.0 <= ft.1,
        "btts" => |_, ft, _| ft.0 > 0 && ft.1 > 0,
        "btts_no" => |_, ft, _| ft.0 == 0 || ft.1 == 0,
        "next_home" => |_, _, next| next == NextGoal::Home,
        "next_none" => |_, _, next| next == NextGoal::Nobody,
        "next_away" => |_, _, next| next == NextGoal::Away,
        "ht_home" => |ht, _, _| ht.0 > ht.1,
        "ht_draw" => |ht, _, _| ht.0 == ht.1,
        "ht_away" => |ht, _, _| ht.0 < ht.1,
        _ => return None,
    };
    Some(Box::new(holds))
}
