//! The reference rows of every market that is built: the same results, and the same payouts to a billionth.

use std::collections::BTreeMap;

use crate::event::{MarketId, Outcome, Score};
use crate::outcome::result_at_score;
use crate::values::{LegResult, QuarterLine};

#[expect(clippy::disallowed_methods, reason = "a test finds its reference by the environment")]
fn reference(name: &str) -> Option<serde_json::Value> {
    let data = std::env::var("TOUCHLINE_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let path = std::path::Path::new(&data).join("../reference").join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(error) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{}: {error}", path.display());
            println!("skipped: no reference values at {}", path.display());
            None
        }
    }
}

/// The market and selection of a row; `None` for a market that is not built (the European handicap). A handicap line is
/// quoted for the selected side.
fn selection(row: &serde_json::Value) -> Option<(MarketId, Outcome)> {
    let line = QuarterLine::parse(&row["line"].to_string()).unwrap();
    let score = |name: &str| {
        let [home, away] = [0, 1].map(|side| row[name][side].as_u64().unwrap() as u16);
        Score { home, away }
    };
    let outcome = match row["selection"].as_str().unwrap() {
        "O" => Outcome::Over,
        "U" => Outcome::Under,
        "H" => Outcome::Home,
        "A" => Outcome::Away,
        "D" => Outcome::Draw,
        other => panic!("no selection: {other}"),
    };
    let home_line = if outcome == Outcome::Away { line.negated() } else { line };
    let market = match row["market"].as_str().unwrap() {
        "totals" => MarketId::total(line),
        "dnb" => MarketId::DRAW_NO_BET,
        "ah_full" => MarketId::handicap(home_line),
        "ah_rest" => MarketId::handicap_rest(score("score_at_bet"), home_line),
        "eh" => return None,
        other => panic!("no market: {other}"),
    };
    Some((market, outcome))
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn every_market_settles_as_the_reference_says() {
    let Some(reference) = reference("pricing_settlement.json") else { return };
    let mut checked: BTreeMap<&str, u32> = BTreeMap::new();
    for row in reference["sets"].as_array().unwrap() {
        let Some((market, outcome)) = selection(row) else { continue };
        let [home, away] = [0, 1].map(|side| row["final"][side].as_u64().unwrap() as u16);
        let result = result_at_score(market, outcome, Score { home, away }).unwrap();
        let odds = row["odds"].as_f64().unwrap();
        let (name, factor) = match result {
            LegResult::Lose => ("lose", 0.0),
            LegResult::Win => ("win", odds),
            LegResult::Void => ("push", 1.0),
            LegResult::HalfWin => ("half_win", (1.0 + odds) / 2.0),
            LegResult::HalfLose => ("half_lose", 0.5),
        };
        assert_eq!(row["result"], name, "{row}");
        let payout = row["payout"].as_f64().unwrap();
        assert!((factor * row["stake"].as_f64().unwrap() - payout).abs() <= 1e-9 * payout.max(1.0), "{row}");
        *checked.entry(market.kind().name()).or_default() += 1;
    }
    assert!(checked.len() == 4 && checked.values().all(|rows| *rows >= 40), "only {checked:?}");
}
