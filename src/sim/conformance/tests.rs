//! Small files of our own, right, wrong and malformed.

use super::{Options, Report, Subject, compare};

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
