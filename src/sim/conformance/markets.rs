//! The markets of the files by the names that the files have for them: which bet of ours each selection is.

use super::document::{Malformed, Read, field, field_if_any, number, text};
use crate::event::{MarketId, MarketType, Outcome, Score, Side};
use crate::values::QuarterLine;
use serde_json::Value;

/// For whom a handicap line is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoted {
    /// Always for home.
    ForHome,
    /// For the side that is bet on.
    ForTheSelection,
}

/// Ours for the `market`, `selection` and `line` of a bet. `base` is the score from which a rest
/// handicap counts.
pub(super) fn selection(bet: &Value, quoted: Quoted, base: Score) -> Read<(MarketId, Outcome)> {
    let market = field(bet, "market", text)?;
    let word = field(bet, "selection", text)?;
    let line = || field(bet, "line", line);
    let outcomes: &[(&str, Outcome)] = match market {
        "eh" => &[("H", Outcome::Home), ("D", Outcome::Draw), ("A", Outcome::Away)],
        "x12" => &[("H", Outcome::Home), ("D", Outcome::Draw), ("A", Outcome::Away)],
        "dc" => &[("1X", Outcome::HomeOrDraw), ("12", Outcome::HomeOrAway), ("X2", Outcome::DrawOrAway)],
        "dnb" | "ah_full" | "ah_rest" => &[("H", Outcome::Home), ("A", Outcome::Away)],
        "totals" | "team_total_home" | "team_total_away" => &[("O", Outcome::Over), ("U", Outcome::Under)],
        "btts" => &[("yes", Outcome::Yes), ("no", Outcome::No)],
        other => return Err(Malformed::new(format!("no market {other:?} is known")).within("market")),
    };
    let Some((_, outcome)) = outcomes.iter().find(|(known, _)| *known == word) else {
        let known: Vec<&str> = outcomes.iter().map(|(known, _)| *known).collect();
        let what = format!("must be one of {} in {market}, is {word:?}", known.join(", "));
        return Err(Malformed::new(what).within("selection"));
    };
    let home_line = || {
        let line = line()?;
        let for_away = quoted == Quoted::ForTheSelection && *outcome == Outcome::Away;
        Ok(if for_away { line.negated() } else { line })
    };
    let market = match market {
        "eh" => {
            let line = line()?;
            if !line.is_whole() {
                return Err(Malformed::new(format!("must be whole, is {line}")).within("line"));
            }
            MarketId::of(MarketType::THREE_WAY_HANDICAP).at_line(line)
        }
        "x12" => MarketId::MATCH_RESULT,
        "dc" => MarketId::DOUBLE_CHANCE,
        "dnb" => MarketId::DRAW_NO_BET,
        "ah_full" => MarketId::handicap(home_line()?),
        "ah_rest" => MarketId::handicap_rest(base, home_line()?),
        "totals" => MarketId::total(line()?),
        "team_total_home" => MarketId::team_total(Side::Home, line()?),
        "team_total_away" => MarketId::team_total(Side::Away, line()?),
        _btts => MarketId::BOTH_TEAMS_TO_SCORE,
    };
    Ok((market, *outcome))
}

/// A line in quarters of a goal.
pub(super) fn line(value: &Value) -> Read<QuarterLine> {
    let quarters = number(value)? * 4.0;
    let whole = (quarters.fract() == 0.0 && quarters.abs() < 32_768.0).then_some(quarters as i32);
    let line = whole.and_then(QuarterLine::checked_from_quarters);
    line.ok_or_else(|| Malformed::new(format!("must be a line in quarters of a goal, is {value}")))
}

/// The name of a set, for people: its id, or its place in the file.
pub(super) fn set_name(set: &Value, index: usize) -> Read<String> {
    Ok(field_if_any(set, "id", text)?.map_or_else(|| format!("sets[{index}]"), str::to_owned))
}
