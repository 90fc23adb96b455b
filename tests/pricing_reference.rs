//! Our prices and settlements against exact values computed elsewhere at higher precision: each within a billionth.
//!
//! The comparing itself is `touchline conformance`. What must be built is written down here, so that a market that is
//! lost cannot pass for one that was never built.

use serde_json::Value;
use touchline::pricing::{Clock, Ladder, Phase, Profile, remaining};
use touchline::sim::conformance::{self, Finding, Options, Report, Subject};

/// A reference file, or `None` (said aloud) where the reference is not at hand; on CI that is a failure.
#[expect(clippy::disallowed_methods, reason = "a test finds its data by the environment")]
fn reference(name: &str) -> Option<Value> {
    let data = std::env::var("TOUCHLINE_DATA").unwrap_or_else(|_| "../shared/data".into());
    let path = format!("{data}/../reference/{name}");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).expect("the reference is JSON")),
        Err(error) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{path}: {error}");
            println!("not compared: {path} is not here ({error})");
            None
        }
    }
}

fn compared(subject: Subject, file: &Value) -> Report {
    let report = conformance::compare(subject, &file.to_string(), &Options::default());
    report.unwrap_or_else(|malformed| panic!("{malformed}"))
}

/// Every market of `built` was compared, at least so many values of it, and all agree; what is not built is exactly what
/// `not_built` says; no key is unknown.
fn assert_conforms(report: &Report, built: &[(&str, usize)], not_built: &[&str]) {
    for row in report.rows() {
        match &row.finding {
            Finding::Compared { failed, .. } => assert_eq!(*failed, 0, "{}: {report}", row.market),
            Finding::NotBuilt { .. } => {
                assert!(not_built.contains(&row.market.as_str()), "{} was built: {report}", row.market);
            }
            Finding::Unknown { .. } => panic!("unknown key {}: {report}", row.market),
        }
    }
    for (market, at_least) in built {
        let values = report.rows().iter().filter(|row| row.market == *market).map(|row| match row.finding {
            Finding::Compared { values, .. } => values,
            Finding::NotBuilt { .. } | Finding::Unknown { .. } => 0,
        });
        let values: usize = values.sum();
        assert!(values >= *at_least, "{market}: only {values} values were compared, not {at_least}: {report}");
    }
    for market in not_built {
        assert!(report.rows().iter().any(|row| row.market == *market), "{market} is no longer listed: {report}");
    }
}

/// The markets that are priced, and how many values of each the development set has.
const STATES_BUILT: [(&str, usize); 41] = [
    ("lmin", 1),
    ("U1", 228),
    ("U2", 228),
    ("c_home", 228),
    ("c_away", 228),
    ("rho_eff", 228),
    ("Z", 228),
    ("x12", 228 * 3),
    ("dc", 228 * 3),
    ("dnb", 228 * 2),
    ("matrix", 228 * 64),
    ("matrix_other", 228),
    ("correct_score", 228 * 100),
    ("totals", 228 * 60),
    ("ah_full", 228 * 100),
    ("ah_rest", 228 * 100),
    ("btts", 228 * 2),
    ("next_goal", 228 * 3),
    ("expected_remaining", 228 * 2),
    ("cashout", 228 * 3),
    ("last_goal", 228 * 3),
    ("race", 228 * 6),
    ("interval", 105 * 3),
    ("clean_sheet", 228 * 2),
    ("win_to_nil", 228 * 2),
    ("odd_even", 228 * 2),
    ("exact_total", 228 * 9),
    ("exact_home", 228 * 6),
    ("exact_away", 228 * 6),
    ("eh", 228 * 21),
    ("ht", 93 * 3),
    ("ht_over", 93 * 3),
    ("ht_score", 93 * 16),
    ("ht_score_other", 93),
    ("htft", 228 * 9),
    ("h2", 228 * 3),
    ("h2_over", 228 * 3),
    ("win_both_halves", 228 * 2),
    ("win_either_half", 228 * 2),
    ("highest_half", 228 * 3),
    ("combo", 228 * 14),
];

const STATES_NOT_BUILT: [&str; 0] = [];

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn states_agree_with_the_reference() {
    let Some(states) = reference("pricing_states.json") else { return };
    let report = compared(Subject::Pricing, &states);
    assert_conforms(&report, &STATES_BUILT, &STATES_NOT_BUILT);
    assert_conforms(&report, &[("team_total_home", 228 * 3), ("team_total_away", 228 * 3)], &STATES_NOT_BUILT);
    assert!(report.passed(), "{report}");
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn one_altered_value_names_its_market_and_its_set() {
    let Some(mut states) = reference("pricing_states.json") else { return };
    let sets = states["sets"].as_array_mut().expect("sets are a list");
    sets.drain(..17);
    sets.truncate(2);
    let altered = [
        ("derived", "U2", "/U2"),
        ("derived", "Z", "/Z"),
        ("markets", "x12", "/x12/1"),
        ("markets", "dc", "/dc/0"),
        ("markets", "dnb", "/dnb/1"),
        ("markets", "matrix", "/matrix/7/7"),
        ("markets", "matrix_other", "/matrix_other"),
        ("markets", "totals", "/totals/3/5"),
        ("markets", "ah_full", "/ah_full/12/1"),
        ("markets", "ah_rest", "/ah_rest/8/6"),
        ("markets", "btts", "/btts/0"),
        ("markets", "team_total_away", "/team_total_away/1/1"),
        ("markets", "next_goal", "/next_goal/2"),
        ("markets", "eh", "/eh/4/2"),
        ("markets", "exact_home", "/exact_home/5"),
        ("markets", "htft", "/htft/0"),
        ("markets", "h2_over", "/h2_over/0/1"),
        ("markets", "highest_half", "/highest_half/1"),
        ("markets", "combo", "/combo/next_home&home"),
        ("markets", "expected_remaining", "/expected_remaining/0"),
        ("markets", "cashout", "/cashout/2"),
        ("markets", "last_goal", "/last_goal/1"),
        ("markets", "race", "/race/1/2"),
    ];
    let set = states["sets"][1]["id"].as_str().expect("a set has an id").to_owned();
    for (part, market, pointer) in altered {
        let mut states = states.clone();
        let value = states["sets"][1][part].pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}"));
        let right = value.as_f64().expect("a number");
        *value = Value::from(right + 3e-9 * f64::max(right, 1.0));
        let report = compared(Subject::Pricing, &states);
        let failed: Vec<&str> = report
            .rows()
            .iter()
            .filter(
                |row| matches!(&row.finding, Finding::Compared { failed: 1.., place, .. } if place.starts_with(&set)),
            )
            .map(|row| row.market.as_str())
            .collect();
        // Correct scores are compared with the matrix and the 1X2 as well.
        assert!(failed.contains(&market) && failed.iter().all(|of| [market, "correct_score"].contains(of)), "{report}");
    }
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn unknown_keys_and_malformed_places_are_named() {
    let Some(mut states) = reference("pricing_states.json") else { return };
    states["sets"].as_array_mut().expect("sets are a list").truncate(1);
    let with = |pointer: &str, key: &str, value: Value| {
        let mut states = states.clone();
        states.pointer_mut(pointer).expect("there is such a place")[key] = value;
        states
    };
    for (pointer, key, told) in [
        ("", "weather", "weather"),
        ("/profiles/flat", "w3", "w3"),
        ("/sets/0", "note", "note"),
        ("/sets/0/input", "wind", "input.wind"),
        ("/sets/0/input/clock", "zone", "input.clock.zone"),
        ("/sets/0/derived", "U3", "derived.U3"),
        ("/sets/0/markets", "corners", "markets.corners"),
    ] {
        let report = compared(Subject::Pricing, &with(pointer, key, Value::from(1)));
        let unknown: Vec<&str> = report
            .rows()
            .iter()
            .filter(|row| matches!(row.finding, Finding::Unknown { .. }))
            .map(|row| row.market.as_str())
            .collect();
        assert_eq!(unknown, [told], "{report}");
        assert!(!report.passed());
    }
    for (pointer, key, value, told) in [
        ("/sets/0/input", "lambda_home", Value::from("1.5"), "sets[0] (dev-000) input.lambda_home: must be a number"),
        ("/sets/0/input", "profile", Value::from("mine"), "sets[0] (dev-000) input.profile: no profile \"mine\""),
        ("/sets/0/input/clock", "period", Value::from("H3"), "sets[0] (dev-000) input.clock.period: must be PRE"),
        ("/sets/0/input", "score", Value::from(3), "sets[0] (dev-000) input.score: must be a list"),
        ("/sets/0/markets", "x12", Value::from(1), "sets[0] (dev-000) markets.x12: must be a list"),
        ("/profiles/flat", "s1", Value::from(0.9), "profiles.flat: w1, s1, w2 and s2 do not sum to 1"),
    ] {
        let file = with(pointer, key, value).to_string();
        let malformed = conformance::compare(Subject::Pricing, &file, &Options::default()).expect_err(told);
        assert!(malformed.to_string().starts_with(told), "{malformed}");
    }
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn the_default_profile_is_the_reference_one() {
    let Some(states) = reference("pricing_states.json") else { return };
    let theirs = conformance::profile(&states["profiles"]["measured_v1"]).expect("a profile of the reference is valid");
    let ours = Profile::measured_v1();
    for minute in 0..=90 {
        for phase in [Phase::FirstHalf, Phase::SecondHalf] {
            let clock = Clock { phase, minute: f64::from(minute), ..Clock::PRE_MATCH };
            let difference = remaining(&ours, &clock).total() - remaining(&theirs, &clock).total();
            assert!(difference.abs() < 1e-14, "minute {minute} of {phase:?} differs by {difference}");
        }
    }
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn margins_agree_with_the_reference() {
    let Some(mut margins) = reference("pricing_margin.json") else { return };
    let report = compared(Subject::Pricing, &margins);
    let values = 120 * 2;
    let built = ["multiplicative", "additive", "weighted", "power", "odds_ratio", "shin"];
    for method in built {
        assert_conforms(&report, &[(&format!("apply {method}"), values), (&format!("remove {method}"), values)], &[]);
    }
    assert!(report.passed(), "{report}");
    let parameter = &mut margins["sets"][7]["remove"]["shin"]["param"];
    *parameter = Value::from(parameter.as_f64().expect("a number") + 1e-6);
    let report = compared(Subject::Pricing, &margins);
    assert_eq!(report.failed(), 1);
    assert!(report.to_string().contains("remove shin: sets[7] param"), "{report}");
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn odds_lead_back_to_the_rates_that_made_them() {
    let Some(mut inversions) = reference("pricing_inversion.json") else { return };
    let report = compared(Subject::Pricing, &inversions);
    assert_conforms(&report, &[("two equations", 80), ("three equations", 120), ("way back", 200)], &[]);
    assert!(report.passed(), "{report}");
    let rate = &mut inversions["sets"][3]["solution"]["lambda_away"];
    *rate = Value::from(rate.as_f64().expect("a number") + 2e-7);
    let report = compared(Subject::Pricing, &inversions);
    assert!(!report.passed() && report.to_string().contains("two equations: sets[3] lambda_away"), "{report}");
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn the_ladder_agrees_with_the_reference() {
    let Some(mut file) = reference("pricing_ladder.json") else { return };
    let report = compared(Subject::Pricing, &file);
    assert_conforms(&report, &[("ticks", 350), ("down", 143), ("nearest", 143)], &[]);
    assert!(report.passed(), "{report}");
    // Its bands are the house's.
    let house: Vec<f64> = Ladder::decimal_default()
        .prices()
        .iter()
        .map(|price| price.factor().num() as f64 / price.factor().den() as f64)
        .collect();
    let theirs: Vec<f64> = file["ticks"].as_array().expect("a list").iter().filter_map(Value::as_f64).collect();
    assert_eq!(house, theirs);
    file["sets"][20]["down"] = Value::from(77.0);
    let report = compared(Subject::Pricing, &file);
    assert!(!report.passed() && report.to_string().contains("down: sets[20]"), "{report}");
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn bets_settle_as_the_reference_says() {
    let Some(mut file) = reference("pricing_settlement.json") else { return };
    let report = compared(Subject::Settlement, &file);
    let built = [("totals", 2 * 47), ("dnb", 2 * 57), ("ah_full", 2 * 44), ("ah_rest", 2 * 44)];
    assert_conforms(&report, &built, &["eh"]);
    let rows = file["sets"].as_array_mut().expect("a list");
    let row = rows.iter_mut().find(|row| row["market"] == "ah_rest" && row["result"] == "win").expect("one is won");
    row["payout"] = Value::from(row["payout"].as_f64().expect("a number") + 0.01);
    let report = compared(Subject::Settlement, &file);
    assert_eq!(report.failed(), 1);
    assert!(report.to_string().contains("ah_rest: sets["), "{report}");
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn goals_in_an_interval_agree_with_the_reference() {
    let Some(mut states) = reference("pricing_states.json") else { return };
    let sets = states["sets"].as_array_mut().expect("sets are a list");
    sets.retain(|set| set["input"]["interval"].is_array());
    sets.truncate(2);
    let value = &mut states["sets"][1]["markets"]["interval"][2];
    *value = Value::from(value.as_f64().expect("a number") + 3e-9);
    let report = compared(Subject::Pricing, &states);
    assert_eq!(report.failed(), 1, "{report}");
    assert!(report.to_string().contains("interval: dev-"), "{report}");
    states["sets"][1]["input"]["interval"] = Value::from(vec![40.0, 30.0]);
    let malformed = conformance::compare(Subject::Pricing, &states.to_string(), &Options::default());
    assert!(malformed.expect_err("falling minutes").to_string().contains("input.interval: must be two rising minutes"));
}

/// Every value of these markets is compared, and one that is altered is found.
fn assert_file_conforms(name: &str, built: &[(&str, usize)], altered: &str, market: &str) {
    let Some(mut file) = reference(name) else { return };
    let report = compared(Subject::Pricing, &file);
    assert_conforms(&report, built, &[]);
    assert!(report.passed(), "{report}");
    let value = file["sets"][3]["output"].pointer_mut(altered).expect("there is such a value");
    *value = Value::from(value.as_f64().expect("a number") + 3e-9);
    let report = compared(Subject::Pricing, &file);
    assert_eq!(report.failed(), 1, "{report}");
    assert!(report.to_string().contains(&format!("{market}: ")), "{report}");
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn knock_out_ties_agree_with_the_reference() {
    let built =
        [("qualify", 40 * 2), ("extra_time", 40), ("penalties", 40), ("method_home", 40 * 3), ("method_away", 40 * 3)];
    assert_file_conforms("pricing_knockout.json", &built, "/method_away/1", "method_away");
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn corners_and_cards_agree_with_the_reference() {
    let built = [
        ("remaining_mean", 60),
        ("remaining_shape", 60),
        ("total_over", 60 * 8),
        ("most", 60 * 3),
        ("home_over", 60 * 5),
        ("exact_remaining", 60 * 12),
        ("odd", 60),
    ];
    assert_file_conforms("pricing_counts.json", &built, "/home_over/2/1", "home_over");
}
