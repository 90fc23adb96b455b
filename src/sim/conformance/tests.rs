//! Small files of our own, right, wrong and malformed.

use super::{Finding, Options, Report, Subject, compare};
use crate::pricing::{Engine, Profile, remaining};
use serde_json::{Value, json};

fn settlement(rows: &str) -> Result<Report, String> {
    let file = format!(r#"{{"format": 1, "sets": [{rows}]}}"#);
    compare(Subject::Settlement, &file, &Options::default()).map_err(|error| error.to_string())
}

/// Home -0.25 at 1:1: half the stake is lost.
const HALF_LOST: &str = r#"{"market": "ah_full", "selection": "H", "line": -0.25, "odds": 1.9, "stake": 7.35,
    "score_at_bet": [1, 0], "final": [1, 1], "result": "half_lose", "payout": 3.675}"#;

#[test]
fn a_bet_settled_right_passes() {
    let report = settlement(HALF_LOST).unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(report.compared(), 2, "its result and its payout");
}

#[test]
fn a_wrong_result_or_payout_names_its_market_and_set() {
    for (from, to) in [("half_lose", "lose"), ("3.675", "3.67500001"), ("-0.25", "0.25")] {
        let report = settlement(&format!("{HALF_LOST}, {}", HALF_LOST.replace(from, to))).unwrap();
        let told = report.to_string();
        assert!(!report.passed() && told.contains("sets[1]") && told.contains("ah_full"), "{to}: {told}");
    }
}

#[test]
fn a_three_way_handicap_has_a_whole_line() {
    let eh = HALF_LOST.replace("ah_full", "eh");
    let error = settlement(&eh).unwrap_err().to_string();
    assert!(error.contains("sets[0].line: must be whole, is -0.25"), "{error}");
    let wrong = settlement(&eh.replace("-0.25", "-1").replace("\"H\"", "\"D\"")).unwrap();
    assert!(!wrong.passed(), "a draw after a start of -1 is no half loss: {wrong}");
}

#[test]
fn an_unknown_key_is_named_and_fails() {
    let report = settlement(&HALF_LOST.replace("\"stake\"", "\"tax\": 0.1, \"stake\"")).unwrap();
    assert!(!report.passed());
    assert!(
        report.to_string().lines().any(|line| line.starts_with("tax") && line.ends_with("unknown key")),
        "{report}"
    );
}

#[test]
fn a_malformed_file_is_refused_with_the_place() {
    let row = |from: &str, to: &str| HALF_LOST.replace(from, to);
    let table = [
        (row("1.9", "\"1.9\""), "sets[0].odds: must be odds"),
        (row("\"H\"", "\"X\""), "sets[0].selection: must be one of H, A in ah_full, is \"X\""),
        (row("ah_full", "corners"), "sets[0].market: no market \"corners\" is known"),
        (row("-0.25", "-0.3"), "sets[0].line: must be a line in quarters of a goal, is -0.3"),
        (row("[1, 0]", "[2, 0]"), "sets[0].score_at_bet: has more goals than final"),
        (row("[1, 1]", "[1]"), "sets[0].final: must have 2 entries"),
        (row("half_lose", "void"), "sets[0].result: must be win,"),
        (row("\"stake\": 7.35,", ""), "sets[0].stake: is missing"),
        (String::new(), "sets: is empty"),
        ("{}".to_owned(), "sets[0]: has neither"),
    ];
    for (rows, expected) in table {
        let said = settlement(&rows).unwrap_err();
        assert!(said.replace("odds: must be a number", "odds: must be odds").starts_with(expected), "{rows}: {said}");
    }
    let whole = [("", "not JSON"), ("[]", "must be an object"), (r#"{"format": 2, "sets": []}"#, "format: must be 1")];
    for (file, expected) in whole {
        let said = compare(Subject::Pricing, file, &Options::default()).unwrap_err().to_string();
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn a_file_of_the_other_subject_says_which_command_to_use() {
    let file = format!(r#"{{"format": 1, "sets": [{HALF_LOST}]}}"#);
    let said = compare(Subject::Pricing, &file, &Options::default()).unwrap_err().to_string();
    assert!(said.contains("conformance settlement"), "{said}");
    let ladder = r#"{"format": 1, "bands": [[1.5, 2.0, 0.5]], "ticks": [1.5, 2.0], "sets": []}"#;
    let said = compare(Subject::Settlement, ladder, &Options::default()).unwrap_err().to_string();
    assert!(said.contains("conformance pricing"), "{said}");
}

#[test]
fn a_ladder_of_any_bands_is_laid_out_and_asked() {
    let file = |nearest: &str| {
        format!(
            r#"{{"format": 1, "bands": [[1.5, 2.0, 0.25], [2.0, 4.0, 1.0]], "ticks": [1.5, 1.75, 2.0, 3.0, 4.0],
                "sets": [{{"odds": 2.6, "down": 2.0, "nearest": {nearest}}}, {{"odds": 1.4, "down": null, "nearest": null}}]}}"#
        )
    };
    let compared = |text: &str, only: &[&str]| {
        let only = only.iter().map(|market| (*market).to_owned()).collect();
        compare(Subject::Pricing, text, &Options { only, tolerance: None }).unwrap()
    };
    assert!(compared(&file("3.0"), &[]).passed());
    let wrong = compared(&file("2.0"), &[]);
    assert!(!wrong.passed() && wrong.to_string().contains("nearest: sets[0] 2.6: ours 3, the file's 2"), "{wrong}");
    assert!(compared(&file("2.0"), &["down"]).passed(), "only what was asked for");
    let (missing, known) = compared(&file("3.0"), &["up"]).not_in_the_file().unwrap();
    assert_eq!((missing.as_str(), known.join(" ").as_str()), ("up", "down nearest ticks"));
}

fn pricing(file: &Value) -> Result<Report, String> {
    compare(Subject::Pricing, &file.to_string(), &Options::default()).map_err(|error| error.to_string())
}

/// States before kick-off of matches that this engine has priced itself, so that all of it agrees.
fn states(count: usize) -> Value {
    let weights = vec![0.01_f64; 45];
    let profile =
        json!({"w1": weights, "w2": weights, "s1": 0.05, "s2": 0.05, "L1": 2.0, "L2": 4.0, "x1": 0.1, "x2": 0.1});
    let input = json!({
        "profile": "even", "lambda_home": 1.5, "lambda_away": 1.1, "rho": -0.05, "phi": [1.0, 1.0, 1.0, 1.0, 1.0],
        "kappa_own": 0.6, "kappa_opp": 1.4, "score": [0, 0], "reds": [0, 0], "ht_score": null, "interval": null,
        "clock": {"period": "PRE", "minute": 0.0, "stoppage_elapsed": 0.0, "stoppage_announced": null},
        "bets": [{"market": "x12", "selection": "H", "line": null, "odds": 2.0, "stake": 10.0}],
    });
    let known: Profile = super::profile(&profile).unwrap();
    let (rates, state) = (super::rates(&input, None).unwrap(), super::state(&input).unwrap());
    let mut engine = Engine::new();
    let law = engine.law_from(&known, &rates, &state).unwrap();
    let left = remaining(&known, &state.clock);
    let derived = json!({
        "U1": left.first_half, "U2": left.second_half, "c_home": 1.0, "c_away": 1.0, "rho_eff": rates.rho_in_range(),
        "Z": law.normaliser(),
    });
    let result = law.match_result();
    let markets = json!({"x12": result, "btts": law.both_teams_to_score(), "cashout": [20.0 * result[0]]});
    let set =
        |number: usize| json!({"id": format!("s{number}"), "input": input, "derived": derived, "markets": markets});
    let sets: Vec<Value> = (0..count).map(set).collect();
    json!({"format": 1, "lmin": 0.5, "profiles": {"even": profile}, "sets": sets})
}

#[test]
fn a_market_that_only_some_sets_have_is_missed_in_the_others() {
    let mut file = states(3);
    let report = pricing(&file).unwrap();
    assert!(report.passed(), "{report}");
    assert!(
        report.to_string().contains("not compared, as no set has a value: ah_full, ah_rest, clean_sheet"),
        "{report}"
    );
    file["sets"][1]["markets"].as_object_mut().unwrap().remove("x12");
    file["sets"][2]["markets"]["x12"] = Value::Null;
    let told = pricing(&file).unwrap();
    assert!(!told.passed(), "{told}");
    assert!(told.to_string().contains("x12: s1: has no value, as other sets have; 2 sets have none"), "{told}");
    // Asked for another market, nobody misses this one.
    let only = Options { only: vec!["btts".to_owned()], tolerance: None };
    assert!(compare(Subject::Pricing, &file.to_string(), &only).unwrap().passed());
}

#[test]
fn null_is_no_value_where_there_can_be_none() {
    let mut file = states(2);
    // Nobody looks for the first half after half-time, nor for an interval that no input names.
    for set in file["sets"].as_array_mut().unwrap() {
        set["markets"]["interval"] = Value::Null;
        set["markets"]["ht_over"] = Value::Null;
    }
    let report = pricing(&file).unwrap();
    assert!(report.passed(), "{report}");
    file["sets"][0]["markets"]["dnb"] = Value::Null;
    file["sets"][1]["markets"]["dnb"] = json!([0.5, 0.5]);
    let report = pricing(&file).unwrap();
    assert!(report.to_string().contains("dnb: s0: has no value, as other sets have"), "{report}");
}

#[test]
fn sets_of_one_name_and_kinds_that_are_none_are_refused() {
    let mut file = states(3);
    file["sets"][2]["id"] = json!("s0");
    assert_eq!(pricing(&file).unwrap_err(), "sets[2].id: is \"s0\", as that of sets[0] is");
    let counts = |kind: &str, shape: f64, odd: Value| {
        let input = json!({"kind": kind, "mean": 10.0, "shape": shape, "theta": null, "p_home": 0.5, "elapsed_share": 0.0,
            "observed": [0, 0]});
        json!({"format": 1, "sets": [{"id": "a", "input": input, "output": {"remaining_mean": 10.0}},
            {"id": "b", "input": input, "output": odd}]})
    };
    let both = json!({"remaining_mean": 10.0});
    assert!(pricing(&counts("cards", 50.0, both.clone())).unwrap().passed());
    assert!(
        pricing(&counts("bananas", 50.0, both.clone()))
            .unwrap_err()
            .contains("must be corners or cards, is \"bananas\"")
    );
    let lacking = pricing(&counts("corners", 50.0, json!({"remaining_shape": 50.0}))).unwrap();
    assert!(!lacking.passed() && lacking.to_string().contains("remaining_mean: b: has no value"), "{lacking}");
    // The formulas allow it; this engine says that it does not.
    let wide = pricing(&counts("corners", 0.5, both)).unwrap();
    assert!(!wide.passed() && wide.to_string().contains("takes a shape from 1 to 1e9, the file's is 0.5"), "{wide}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_file() {
    let file = format!("\u{feff}{}", states(1));
    assert!(compare(Subject::Pricing, &file, &Options::default()).unwrap().passed());
}

#[test]
fn nothing_and_next_to_nothing_imply_the_same() {
    let mut report = Report::new(&Options::default());
    report.money("cashout", format_args!("[0]"), [0.0, 6e-18], 20.0);
    report.money("cashout", format_args!("[1]"), [6e-18, 0.0], 20.0);
    report.money("cashout", format_args!("[2]"), [0.0, 0.0], 20.0);
    assert_eq!((report.compared(), report.failed()), (3, 0), "{report}");
    report.money("cashout", format_args!("[3]"), [0.0, 1e-3], 20.0);
    report.money("cashout", format_args!("[4]"), [-1e-9, 1e-9], 20.0);
    assert_eq!(report.failed(), 2, "what could be paid is missed: {report}");
}

#[test]
fn large_stakes_and_long_races_are_compared_or_refused_by_name() {
    for (stake, payout) in [(2e6, 3.8e6), (1e12, 1.9e12), (123_456_789.01, 234_567_899.119)] {
        let row = format!(
            r#"{{"market": "x12", "selection": "H", "odds": 1.9, "stake": {stake:?}, "score_at_bet": [0, 0],
            "final": [1, 0], "result": "win", "payout": {payout:?}}}"#
        );
        let report = settlement(&row).unwrap();
        assert!(report.passed(), "{report}");
        assert!(
            !settlement(&row.replace(&format!("{payout:?}"), &format!("{:?}", payout * 1.00000001))).unwrap().passed()
        );
    }
    let mut file = states(1);
    file["sets"][0]["markets"]["race"] = json!([[150, 0.0, 1.0, 0.0]]);
    let report = pricing(&file).unwrap();
    assert!(report.to_string().contains("race: s0: to 150: this engine looks 99 goals ahead, not 150"), "{report}");
}

#[test]
fn an_announcement_above_the_limit_is_told_where_a_value_differs() {
    let mut file = states(1);
    file["sets"][0]["input"]["clock"] =
        json!({"period": "H1", "minute": 45.0, "stoppage_elapsed": 0.0, "stoppage_announced": 20.0});
    let report = pricing(&file).unwrap();
    assert!(!report.passed() && report.to_string().contains("s0 (announced 20 min counted as 15)"), "{report}");
    let is_told =
        |row: &super::Row| matches!(&row.finding, Finding::Compared { place, .. } if place.contains("counted as 15"));
    assert!(report.rows().iter().any(is_told));
}
