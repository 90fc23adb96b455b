//! The reference rows for totals: the same results, and the same payouts to the cent's tenth of a billionth.

use super::{goal, set_of, sure};
use crate::event::{FactBody, MarketId, Outcome, Period, Side};
use crate::outcome::{KNOWN_RULE_SET, settle};
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

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn totals_settle_as_the_reference_says() {
    let Some(reference) = reference("pricing_settlement.json") else { return };
    let mut checked = 0;
    for row in reference["sets"].as_array().unwrap().iter().filter(|row| row["market"] == "totals") {
        let goals = [0, 1].map(|side| row["final"][side].as_u64().unwrap());
        let mut facts = set_of(&[]);
        for (side, count) in [Side::Home, Side::Away].into_iter().zip(goals) {
            for number in 0..count {
                facts.insert(&sure(&format!("{side:?}{number}"), goal(side), Period::SecondHalf, 5));
            }
        }
        facts.insert(&sure("w", FactBody::FinalWhistle, Period::SecondHalf, 48));
        let line = QuarterLine::parse(&row["line"].to_string()).unwrap();
        let outcome = if row["selection"] == "O" { Outcome::Over } else { Outcome::Under };
        let result = settle(KNOWN_RULE_SET, &facts, MarketId::total(line), outcome).unwrap();
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
        checked += 1;
    }
    assert!(checked >= 40, "only {checked} rows");
}
