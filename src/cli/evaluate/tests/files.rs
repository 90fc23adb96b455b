//! Files as people have them: twice, in other words, without a total, with another result.

use super::super::forecast::{Forecaster, Way};
use super::super::judge::{Trial, judge};
use super::super::matches::{Joined, MatchArguments, join};
use super::super::{bar, report};
use super::near;
use crate::cli::replay::Dice;
use crate::runtime::pipeline::Model;
use std::slice::from_ref;

const CLOSING: &str = "Date,HomeTeam,AwayTeam,FTHG,FTAG,PSCH,PSCD,PSCA,PC>2.5,PC<2.5";

/// A match of 2020-02-01 as an incident file has it: its goals are `team minute`.
fn told(home: &str, away: &str, goals: &[(&str, u32)]) -> String {
    let of = |side: &str| goals.iter().filter(|(team, _)| *team == side).count();
    let goal = |(team, minute): &(&str, u32)| {
        format!(r#"{{"team":"{team}","minute":"{minute}'","incident_type":"Goal","home_score":"0"}}"#)
    };
    let incidents: Vec<String> = goals.iter().map(goal).collect();
    format!(
        r#"{{"league":"nowhere_liga-2019-2020","home":"{home}","away":"{away}","GH":{},"GA":{},"date":"2020-02-01",
        "incident":{{"incidents":[{}]}}}}"#,
        of("home"),
        of("away"),
        incidents.join(",")
    )
}

/// Joins files of such matches with odds and names.
fn joined(seasons: &[&[String]], odds: &str, teams: Option<&str>) -> anyhow::Result<Joined> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).map(|()| path)
    };
    let mut incidents = Vec::new();
    for (number, matches) in seasons.iter().enumerate() {
        incidents.push(write(&format!("liga{number}-2019-2020.json"), &format!("[{}]", matches.join(",")))?);
    }
    let teams = teams.map(|lines| write("own.csv", &format!("name,odds_name\n{lines}\n"))).transpose()?;
    let arguments = MatchArguments { incidents, only: vec![], teams, list_all: false };
    join(&arguments, &[write("odds.csv", odds)?], false)
}

fn trial(joined: &Joined, ways: &[Way]) -> Trial {
    judge(&joined.matches, &mut Forecaster::new(Model::built_in()), ways)
}

#[test]
fn the_line_that_is_asked_for_is_the_line_that_helps() {
    let season = [told("fc-everton", "crystal-palace", &[])];
    let odds = format!("{CLOSING}\n01/02/2020,Toffees,Crystal Palace,0,0,2.0,3.4,3.9,1.9,1.95\n");
    let asked = joined(&[&season], &odds, None).unwrap().tell_left_out(true);
    assert!(asked.contains("«fc-everton,NAME IN THE ODDS FILE»") && asked.contains("\"Everton\""), "{asked}");
    for line in ["fc-everton,Toffees", "Everton,Toffees", "everton,Toffees"] {
        let joined = joined(&[&season], &odds, Some(line)).unwrap();
        assert_eq!((joined.matches.len(), joined.left_out.len()), (1, 0), "{line}: {:?}", joined.left_out);
    }
    // A line that misses is told by the name that a line can mend.
    let asked = joined(&[&season], &odds, Some("fc-everton,Toffee")).unwrap().tell_left_out(true);
    assert!(asked.contains("«fc-everton,NAME IN THE ODDS FILE»") && asked.contains("\"Toffees\""), "{asked}");
}

#[test]
fn a_match_that_is_told_twice_counts_once_and_never_in_two_ways() {
    let odds = format!("{CLOSING}\n01/02/2020,Ajax,PSV,1,0,1.9,3.6,4.2,1.85,2.0\n");
    let one = told("ajax", "psv", &[("home", 20)]);
    let twice: [&[&[String]]; 2] = [&[from_ref(&one), from_ref(&one)], &[&[one.clone(), one.clone()]]];
    for seasons in twice {
        let joined = joined(seasons, &odds, None).unwrap();
        assert_eq!((joined.matches.len(), joined.repeated), (1, 1));
        assert!(joined.tell_left_out(false).contains("told more than once, counted once: 1 matches"));
    }
    // A day later by another clock it is the same match.
    let later = one.replace("2020-02-01", "2020-02-02");
    assert_eq!(joined(&[from_ref(&one), &[later]], &odds, None).unwrap().repeated, 1);
    let other = told("ajax", "psv", &[("home", 21)]);
    let error = joined(&[&[one], &[other]], &odds, None).unwrap_err().to_string();
    for words in ["ajax - psv of 2020-02-01", "liga0-2019-2020.json", "liga1-2019-2020.json", "other goals"] {
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let season = [told("ajax", "psv", &[("home", 20)]), told("twente", "az", &[("away", 90)])];
    let odds = format!(
        "{CLOSING}\n01/02/2020,Ajax,PSV,9,1,1.9,3.6,4.2,1.85,2.0\n01/02/2020,Twente,AZ,,,3.1,3.4,2.3,2.02,1.83\n"
    );
    let joined = joined(&[&season], &odds, None).unwrap();
    assert_eq!(
        joined.left_out,
        ["ajax - psv of 2020-02-01: after ninety minutes it is 1-0 here, 9-1 in the odds file"]
    );
    assert_eq!(joined.matches.len(), 1, "a row without a result contradicts nothing");
    let strange = r#"{"team":"home","minute":"55'","incident_type":"Alien Abduction"}"#;
    let season = [told("ajax", "psv", &[]).replace("[]", &format!("[{strange}]"))];
    let odds = format!("{CLOSING}\n01/02/2020,Ajax,PSV,0,0,1.9,3.6,4.2,1.85,2.0\n");
    let told = self::joined(&[&season], &odds, None).unwrap().tell_left_out(false);
    assert!(told.contains("unknown kinds, which count for nothing: \"Alien Abduction\" (1)"), "{told}");
    let error = self::joined(&[&season], &format!("{CLOSING}\n"), None).unwrap_err().to_string();
    assert!(error.contains("no rows of matches in odds.csv"), "{error}");
}

#[test]
fn without_a_total_the_goals_come_from_the_1x2() {
    let season = [told("ajax", "psv", &[("home", 20)]), told("twente", "az", &[("away", 90)])];
    let odds = "Country,League,Season,Date,Time,Home,Away,HG,AG,Res,PSCH,PSCD,PSCA\n\
        N,L,2019/2020,01/02/2020,15:00,Ajax,PSV,1,0,H,1.9,3.6,4.2\n\
        N,L,2019/2020,01/02/2020,15:00,Twente,AZ,0,1,A,3.1,3.4,2.3\n";
    let joined = joined(&[&season], odds, None).unwrap();
    let trial = trial(&joined, &Way::ALL);
    assert_eq!((trial.matches, trial.without_total(), trial.rho_solved), (2, 2, 0), "{:?}", trial.refused);
    // The same 1X2 as in `two_matches_judged`: what the odds say of it does not depend on the total.
    near(trial.at(Way::Frozen, 0).log_loss, 0.774147092, 1e-8);
    near(trial.at(Way::Full, 0).log_loss, trial.at(Way::Frozen, 0).log_loss, 1e-9);
    assert!(trial.reproduced_within.unwrap() < 1e-9, "{:?}", trial.reproduced_within);
    let said = report::odds_used(&trial, -0.04);
    assert_eq!(
        said,
        "odds of 2 matches: PSCH PSCD PSCA (closing), no total\n\
         2 matches priced without a total: goals to expect from 1X2 alone\n\
         rho of 2 matches is the model's, -0.0400: no closing odds with a total\n"
    );
}

#[test]
fn rows_are_called_what_they_are() {
    let season = [told("ajax", "psv", &[("home", 20)]), told("twente", "az", &[("away", 90)])];
    let rows = |header: &str| {
        format!(
            "{header}\n01/02/2020,Ajax,PSV,1,0,1.9,3.6,4.2,1.85,2.0\n01/02/2020,Twente,AZ,0,1,3.1,3.4,2.3,2.02,1.83\n"
        )
    };
    let names = |odds: &str| {
        let trial = trial(&joined(&[&season], odds, None).unwrap(), &Way::MAIN);
        let tables = report::tables(&trial, 10, &mut Dice::new(1, ""));
        assert!(tables.contains(trial.name(Way::Frozen)) && tables.contains(trial.name(Way::Full)), "{tables}");
        (trial.name(Way::Frozen), trial.name(Way::Full), report::odds_used(&trial, -0.04), trial)
    };
    let (frozen, full, said, _) = names(&rows(CLOSING));
    assert_eq!((frozen, full), ("closing odds frozen", "full (rho per match)"));
    assert!(
        said.starts_with("odds of 2 matches: PSCH PSCD PSCA (closing), PC>2.5 PC<2.5\nrho solved from 2"),
        "{said}"
    );
    let (frozen, full, said, before) = names(&rows("Date,HomeTeam,AwayTeam,FTHG,FTAG,B365H,B365D,B365A,P>2.5,P<2.5"));
    assert_eq!((frozen, full), ("pre-match odds frozen", "full (model's rho)"));
    assert!(said.contains("B365H B365D B365A (not closing), P>2.5") && !said.contains("solved"), "{said}");
    // Nothing was solved from a whole 1X2: then nobody says that it comes out again.
    let last = bar::requirements(&before, &mut Dice::new(1, "")).pop().unwrap();
    assert!(!last.is_met && last.words.contains("no match has closing odds"), "{last:?}");
    let mixed = "Date,HomeTeam,AwayTeam,FTHG,FTAG,PSCH,PSCD,PSCA,PSH,PSD,PSA,P>2.5,P<2.5\n\
        01/02/2020,Ajax,PSV,1,0,1.9,3.6,4.2,,,,1.85,2.0\n01/02/2020,Twente,AZ,0,1,,,,3.1,3.4,2.3,2.02,1.83\n";
    let (frozen, full, ..) = names(mixed);
    assert_eq!((frozen, full), ("odds frozen, not all closing", "full (rho by match or model)"));
}

#[test]
fn of_nothing_no_number_is_printed() {
    let odds = format!("{CLOSING}\n01/02/2020,Ajax,PSV,1,0,1.9,3.6,4.2,1.85,2.0\n");
    let joined = joined(&[&[told("ajax", "psv", &[("home", 20)])]], &odds, None).unwrap();
    let trial = trial(&joined, &Way::MAIN);
    let tables = report::tables(&trial, 10, &mut Dice::new(1, ""));
    let after_red = tables.lines().find(|line| line.ends_with("n = 0")).unwrap();
    assert!(after_red.contains(" -   n = 0"), "{after_red}");
    // One match has no interval.
    let paired = tables.lines().find(|line| line.ends_with("minutes 0-85")).unwrap();
    assert!(paired.contains("   -  ") && !paired.contains('['), "{paired}");
    assert!(!tables.contains("-0.00000"), "{tables}");
    let csv = report::csv(&trial);
    assert!(csv.lines().any(|line| line == "full,after_red,0,,,,,,,,,"), "{csv}");
}
