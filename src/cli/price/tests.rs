//! What the flags and a state file mean, and what is said of those that cannot be.

use super::state_file::StateFile;
use super::{PriceArguments, priced};
use crate::event::{MarketId, TradingRules};
use crate::pricing::Circumstances;
use clap::Parser;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    price: PriceArguments,
}

fn rules() -> TradingRules {
    crate::event::Settings::default().trading
}

fn parsed(line: &str) -> Result<PriceArguments, String> {
    let words = std::iter::once("price").chain(line.split_whitespace());
    Line::try_parse_from(words).map(|line| line.price).map_err(|error| error.to_string())
}

/// What the flags are priced at, or what is said instead.
fn said(line: &str) -> String {
    match parsed(line).and_then(|arguments| priced(&arguments, &rules()).map_err(|error| format!("{error:#}"))) {
        Ok(coupon) => coupon.table(),
        Err(error) => error,
    }
}

const RATES: &str = "--home-rate 1.6 --away-rate 1.1";

#[test]
fn a_coupon_shows_each_selection_with_its_fair_value_and_its_price() {
    let text = said(&format!("{RATES} --score 1:0 --minute 67 --reds 0:1"));
    assert!(text.starts_with("1:0 in minute 67, reds 0:1\ngoals expected over the match 1.6000 : 1.1000, rho -0.0400"));
    let row = text.lines().skip_while(|line| *line != "Match result  [1x2]").nth(1).unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    let [fair, odds, price] = [2, 3, 4].map(|cell| cells[cell].parse::<f64>().unwrap());
    assert_eq!(cells[..2], ["Home", "home"]);
    assert!(fair > 0.8 && (odds * fair - 1.0).abs() < 1e-3 && price < odds, "{row}");
}

#[test]
fn the_same_state_is_priced_the_same_by_flags_and_from_a_file() {
    let by_flags =
        parsed(&format!("{RATES} --score 2:1 --period h2 --minute 90 --stoppage 1.5 --announced 4")).unwrap();
    let by_flags = priced(&by_flags, &rules()).unwrap();
    let file = StateFile::parse(
        r#"{"lambda_home": 1.6, "lambda_away": 1.1, "score": [2, 1], "reds": [0, 0],
            "clock": {"period": "H2", "minute": 90, "stoppage_elapsed": 1.5, "stoppage_announced": 4}}"#,
        &rules().model,
    )
    .unwrap();
    let quote =
        crate::trading::price_state(&file.profile, &file.inputs, &file.state, &Circumstances::default(), &rules())
            .unwrap();
    assert_eq!(by_flags.quote, quote);
    assert!(quote.offers.contains_key(&MarketId::MATCH_RESULT));
}

#[test]
fn odds_are_solved_and_come_back_as_fair_values() {
    let arguments = parsed("--odds 1.95/3.5/4.0 --total 2.5:1.90/1.95 --closing").unwrap();
    let coupon = priced(&arguments, &rules()).unwrap();
    let offers = &coupon.quote.offers[&MarketId::MATCH_RESULT];
    let mut fair = Vec::new();
    let implied = [1.95, 3.5, 4.0].map(|odds: f64| 1.0 / odds);
    crate::pricing::remove_margin(crate::pricing::MarginMethod::Shin, &implied, &mut fair).unwrap();
    for (offer, fair) in offers.iter().zip(fair) {
        assert!((offer.fair.to_f64() - fair).abs() < 1e-8, "{offer:?} {fair}");
    }
}

#[test]
fn a_tie_is_priced_in_extra_time() {
    let of = |state: &str| said(&format!("{RATES} --knock-out -1 {state}"));
    let running = of("--score 2:1 --period et1 --minute 97.5 --reds 0:1");
    assert!(running.starts_with("2:1 in minute 97.5, reds 0:1\n"), "{running}");
    for market in ["to_qualify", "qualify_method", "extra_time_1x2", "shoot_out", "shoot_out_winner"] {
        assert!(running.contains(&format!("[{market}]")), "{market}: {running}");
    }
    for market in ["1x2", "total:", "extra_time]", "next_goal"] {
        assert!(!running.contains(&format!("[{market}")), "{market}: {running}");
    }
    assert_eq!(of("--score 2:1 --minute 97.5 --reds 0:1"), running);
    let headings = [
        ("--score 2:1 --period ET", "2:1 before extra time\n"),
        ("--score 2:1 --period ETHT", "2:1 at half-time of extra time\n"),
        ("--score 2:2 --period ET2 --minute 120 --stoppage 1 --announced 2", "2:2 in minute 120+1, 2 minutes of"),
    ];
    for (state, heading) in headings {
        let said = of(state);
        assert!(said.starts_with(heading) && said.contains("[to_qualify]"), "{state}: {said}");
    }
    let coupon = priced(&parsed(&format!("{RATES} --knock-out 0 --score 1:1 --period ET")).unwrap(), &rules()).unwrap();
    assert_eq!(coupon.json()["state"]["clock"]["period"], "ET");
}

#[test]
fn what_cannot_be_is_refused_by_its_flag() {
    let table = [
        ("", "--home-rate 1.6 --away-rate 1.1, or --odds"),
        ("--home-rate 1.6", "--away-rate"),
        ("--home-rate 9 --away-rate 1", "--home-rate <GOALS>': must be from 0.02 to 8"),
        ("--odds 1.95/3.5/4.0", "--total"),
        ("--odds 1.95/3.5 --total 2.5:1.9/1.9", "--odds"),
        ("--odds 1.95/3.5/4.0 --total 2.4:1.9/1.9", "2.4: not a line"),
        ("--odds 3/3.5/4.0 --total 2.5:1.9/1.9", "--odds, --total: one over each"),
        ("--home-rate 1 --away-rate 1 --odds 1.95/3.5/4.0 --total 2.5:1.9/1.9", "cannot be used with"),
        ("--home-rate 1 --away-rate 1 --score 1-0", "--score <HOME:AWAY>': must be HOME:AWAY"),
        ("--home-rate 1 --away-rate 1 --score 1:0", "--score 1:0: nobody has scored before kick-off"),
        ("--home-rate 1 --away-rate 1 --minute 45", "--minute 45: say --period"),
        (
            "--home-rate 1 --away-rate 1 --period H1 --minute 47",
            "--minute 47: in the first half it is from 0 to 45: in",
        ),
        ("--home-rate 1 --away-rate 1 --period HT --minute 46", "--minute 46: at half-time it is 45"),
        ("--home-rate 1 --away-rate 1 --period H2", "need --minute"),
        ("--home-rate 1 --away-rate 1 --minute 60 --stoppage 2", "--stoppage 2: stoppage time is played at"),
        ("--home-rate 1 --away-rate 1 --period ET1 --minute 95", "--period: only a knock-out match has extra time"),
        ("--home-rate 1 --away-rate 1 --knock-out 0 --score 1:0 --period ET", "--score: extra time is played where"),
        ("--home-rate 1 --away-rate 1 --knock-out 0 --minute 105", "--minute 105: say --period ET1"),
        ("--home-rate 1 --away-rate 1 --knock-out 0 --period ET1", "need --minute"),
        (
            "--home-rate 1 --away-rate 1 --knock-out 0 --period ET1 --minute 80",
            "--minute 80: in the first half of extra time it is from 90 to 105",
        ),
        ("--home-rate 1 --away-rate 1 --minute 60 --reds 5:0", "--reds: with five sent off"),
        ("--home-rate 1 --away-rate 1 --market corners", "--market <KIND>': no kind of market"),
        ("--home-rate 8 --away-rate 8 --minute 1 --reds 0:4", "--home-rate, --away-rate: a side could expect"),
    ];
    for (line, expected) in table {
        let said = said(line);
        assert!(said.contains(expected), "{line}: {said}");
    }
}

#[test]
fn a_state_file_names_the_place_of_what_is_wrong() {
    let table = [
        ("{", "not JSON"),
        (r#"{"lambda_home": 1}"#, "clock: is missing"),
        (
            r#"{"lambda_home": 1, "lambda_away": 1, "score": [0, 0], "reds": [0, 0], "clock": {"period": "ET1", "minute": 95}}"#,
            "clock.period: must be PRE, H1, HT or H2",
        ),
        (
            r#"{"input": {"lambda_home": "1", "lambda_away": 1, "score": [0, 0], "reds": [0, 0], "clock": {"period": "PRE", "minute": 0}}}"#,
            "input.lambda_home: must be a number, is \"1\"",
        ),
        (
            r#"{"lambda_home": 1, "lambda_away": 1, "score": [0, 0], "reds": [0, 0], "clock": {"period": "PRE", "minute": 0}, "weather": 1}"#,
            "weather: no such key",
        ),
        (
            r#"{"profile": "mine", "lambda_home": 1, "lambda_away": 1, "score": [0, 0], "reds": [0, 0], "clock": {"period": "PRE", "minute": 0}}"#,
            "profile: \"mine\" is not built in",
        ),
        (
            r#"{"lambda_home": 1, "lambda_away": 1, "score": [0, 0], "reds": [0, 0], "clock": {"period": "H1", "minute": 60}}"#,
            "clock.minute 60: in the first half it is from 0 to 45",
        ),
    ];
    for (text, expected) in table {
        let said = StateFile::parse(text, &rules().model).unwrap_err().to_string();
        assert!(said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn an_american_ladder_gives_american_prices() {
    let mut arguments = parsed(&format!("{RATES} --ladder american --json")).unwrap();
    let rules = TradingRules { ladder: arguments.ladder.take().unwrap().into(), ..rules() };
    let json = priced(&arguments, &rules).unwrap().json();
    assert_eq!(json["ladder"], "american");
    let first = &json["markets"][0];
    assert_eq!(first["market"], "1x2");
    let price = first["selections"][0]["price"].as_str().unwrap();
    assert!(price.starts_with(['+', '-']), "{price}");
}
