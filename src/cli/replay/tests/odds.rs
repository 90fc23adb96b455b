//! Odds found by names and days: the right row, the preferred columns, and errors that say what to do.

use std::path::Path;

use super::all_matches::wyscout_folder;
use super::hostile::assert_says;
use super::*;
use crate::cli::replay::teams::candidates;
use crate::cli::replay::{MatchScript, OddsError, OddsTable, Teams, read_match, read_season};
use crate::event::PreMatchOdds;
use crate::values::{Date, Millis};

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn table(text: &str) -> Result<OddsTable, OddsError> {
    let mut table = OddsTable::default();
    table.add_bytes(Path::new("odds.csv"), text.as_bytes()).map(|()| table)
}

fn teams(text: &str) -> Teams {
    Teams::parse(Path::new("teams.csv"), text.as_bytes()).unwrap()
}

fn thousandths(odds: &PreMatchOdds) -> [u32; 5] {
    [odds.home, odds.draw, odds.away, odds.over, odds.under].map(|odds| odds.thousandths())
}

const SMALL: &str = "\u{feff}Div,Date,HomeTeam,AwayTeam,B365H,B365D,B365A,PSH,PSD,PSA,Avg>2.5,Avg<2.5,PSCH,PSCD,PSCA,PC>2.5,PC<2.5\r\n\
    E0,13/05/2018,Man United,Watford,1.4,4.5,9,1.41,4.6,9.1,1.8,2.0,1.42,4.75,9.25,1.85,2.05\r\n\
    E0,13/05/18,Swansea,Stoke,2,3.4,3.9,2.01,3.41,3.91,1.9,1.9555,,3.5,4,,\r\n\
    ,,,,,,,,,,,,,,,,\r\n\
    E0,20/05/18,Swansea,Watford,1.5,3,,,,,1.8,2.0\r\n";

#[test]
fn the_best_complete_odds_of_the_row_are_taken() {
    let (table, teams) = (table(SMALL).unwrap(), teams("name,odds_name\nManchester United,Man United\n"));
    assert_eq!(table.len(), 3);
    let closing = table.find(&teams, ["Manchester United", "watford"], date("2018-05-13")).unwrap();
    assert_eq!((thousandths(&closing), closing.is_closing), ([1_420, 4_750, 9_250, 1_850, 2_050], true));
    assert_eq!(closing.line.to_string(), "2.5");
    // A closing price is missing, so the earlier ones of the same bookmaker stand in, whole.
    let before = table.find(&teams, ["SWANSEA", "stoke"], date("2018-05-13")).unwrap();
    assert_eq!((thousandths(&before), before.is_closing), ([2_010, 3_410, 3_910, 1_900, 1_956], false));
}

#[test]
fn corners_stand_in_some_files_and_some_rows() {
    let text = "Date,HomeTeam,AwayTeam,HC,AC,B365H,B365D,B365A\n\
        13/05/18,A,B,7,3,2,3,4\n13/05/18,C,D,7,,2,3,4\n13/05/18,E,F,51,3,2,3,4\n";
    let of = |text, sides| table(text).unwrap().corners(&Teams::default(), sides, date("2018-05-13"));
    assert_eq!(of(text, ["A", "B"]), Some([7, 3]));
    for sides in [["C", "D"], ["E", "F"], ["A", "D"], ["A", "G"]] {
        assert_eq!(of(text, sides), None, "{sides:?}");
    }
    assert_eq!(of(SMALL, ["Swansea", "Stoke"]), None);
}

#[test]
fn a_day_more_or_less_is_the_same_match_and_two_are_not() {
    let (table, teams) = (table(SMALL).unwrap(), Teams::default());
    for day in ["2018-05-12", "2018-05-13", "2018-05-14"] {
        assert!(table.find(&teams, ["Swansea", "Stoke"], date(day)).is_ok(), "{day}");
    }
    for day in ["2018-05-11", "2018-05-15"] {
        let error = table.find(&teams, ["Swansea", "Stoke"], date(day)).unwrap_err();
        assert_says(
            &error.to_string(),
            &["no row for \"Swansea\" - \"Stoke\" within a day of", "they play on 2018-05-13"],
        );
        assert!(error.is_without_odds());
    }
    // Home and away are not exchanged.
    let error = table.find(&teams, ["Stoke", "Swansea"], date("2018-05-13")).unwrap_err();
    assert_says(&error.to_string(), &["no row for \"Stoke\" - \"Swansea\""]);
}

#[test]
fn an_unknown_team_is_refused_with_candidates_and_the_line_to_add() {
    let (table, known) = (table(SMALL).unwrap(), Teams::default());
    let error = table.find(&known, ["fc-manchester-united", "watford"], date("2018-05-13")).unwrap_err();
    let words = [
        "no team \"fc-manchester-united\"",
        "that plays about that day: \"Man United\"",
        "«fc-manchester-united,NAME IN THE ODDS FILE»",
        "--teams FILE",
    ];
    assert_says(&error.to_string(), &words);
    assert!(!error.is_without_odds());
    let misled = teams("name,odds_name\nman-utd,Man Utd\n");
    let error = table.find(&misled, ["man-utd", "watford"], date("2018-05-13")).unwrap_err();
    assert_says(
        &error.to_string(),
        &["\"man-utd\", which teams.csv calls \"Man Utd\",", "right league", "«man-utd,NAME IN THE ODDS FILE»"],
    );
    // A name of one's own goes before, be it for the source's name or for the one that it has been given.
    for own in ["name,odds_name\nman-utd,Man United\n", "name,odds_name\nMan Utd,Man United\n"] {
        let mended = misled.clone().overridden_by(teams(own));
        assert!(table.find(&mended, ["man-utd", "watford"], date("2018-05-13")).is_ok(), "{own}");
    }
    // Somebody else is in town: never the nearest name instead of the right one.
    assert!(table.find(&known, ["Swansea City", "Stoke"], date("2018-05-13")).is_err());
    assert_eq!(candidates("juventus-turin", ["Torino", "Juventus", "Inter"])[0], "Juventus");
}

#[test]
fn the_files_of_smaller_leagues_are_read_without_a_total() {
    let text = "Country,League,Season,Date,Time,Home,Away,HG,AG,Res,PSCH,PSCD,PSCA\n\
        Nowhere,Liga,2019/2020,01/02/2020,15:00,A,B,2,1,H,1.9,3.6,4.2\n";
    let table = table(text).unwrap();
    let odds = table.match_odds(&Teams::default(), ["A", "B"], date("2020-02-01")).unwrap();
    assert_eq!(odds.result.map(|odds| odds.thousandths()), [1_900, 3_600, 4_200]);
    assert_eq!((odds.is_closing, odds.total, odds.columns, odds.score), (true, None, ("PSC", None), Some([2, 1])));
    // A feed message has a total.
    let error = table.find(&Teams::default(), ["A", "B"], date("2020-02-01")).unwrap_err();
    assert_says(&error.to_string(), &["line 2", "no complete over and under 2.5"]);
}

#[test]
fn a_file_that_is_not_utf_8_is_windows_1252() {
    let mut table = OddsTable::default();
    let text = b"Date,HomeTeam,AwayTeam,PSH,PSD,PSA,P>2.5,P<2.5\n1/2/20,F\xfclham,\x8aibenik,2,3,4,1.9,1.9\n";
    table.add_bytes(Path::new("odds.csv"), text).unwrap();
    let find = |teams: &Teams| table.find(teams, ["fc-fulham", "sibenik"], date("2020-02-01"));
    assert!(find(&teams("name,odds_name\nfc-fulham,Fülham\nsibenik,Šibenik\n")).is_ok());
    let as_the_odds_file = b"name,odds_name\nfc-fulham,F\xfclham\nsibenik,\x8aibenik\n";
    assert!(find(&Teams::parse(Path::new("teams.csv"), as_the_odds_file).unwrap()).is_ok());
}

#[test]
fn a_row_without_usable_odds_says_what_it_lacks() {
    let find = |odds: &str| {
        let text = format!("Date,HomeTeam,AwayTeam,PSH,PSD,PSA,P>2.5,P<2.5\n01/02/2020,A,B,{odds}\n");
        table(&text).unwrap().find(&Teams::default(), ["A", "B"], date("2020-02-01")).unwrap_err()
    };
    for (odds, words) in [
        (",,,1.9,1.9", ["line 2", "no complete 1X2", "PSC, PS, AvgC"]),
        ("2,3,4,,", ["line 2", "over and under 2.5", "PC, P, AvgC"]),
        ("2,3,4", ["line 2", "over and under 2.5", "\"A\" - \"B\""]),
        ("2,3,1,1.9,1.9", ["line 2", "PSA is \"1\"", "decimal odds"]),
        ("2,abc,4,1.9,1.9", ["line 2", "PSD is \"abc\"", "decimal odds"]),
        ("2,3,-4,1.9,1.9", ["line 2", "PSA is \"-4\"", "decimal odds"]),
        ("2,3,1e3,1.9,1.9", ["line 2", "PSA is \"1e3\"", "decimal odds"]),
        ("2,3,99999999999999,1.9,1.9", ["line 2", "PSA is", "decimal odds"]),
        ("2,3,4,NaN,1.9", ["line 2", "P>2.5 is \"NaN\"", "decimal odds"]),
        ("2,3,4,1.9,=1+1", ["line 2", "P<2.5 is \"=1+1\"", "decimal odds"]),
    ] {
        let error = find(odds);
        assert_says(&error.to_string(), &words);
        assert!(error.is_without_odds());
    }
}

#[test]
fn tables_that_are_none() {
    for (text, words) in [
        ("", ["odds.csv", "not a football-data.co.uk table", "no column Date"]),
        ("Date,HomeTeam\n", ["odds.csv", "no column AwayTeam", "table"]),
        ("<html>", ["odds.csv", "no column Date", "table"]),
        ("Date,HomeTeam,AwayTeam\n2020-01-01,A,B\n", ["odds.csv", "line 2", "is not dd/mm/yyyy"]),
        ("Date,HomeTeam,AwayTeam\n31/02/2020,A,B\n", ["odds.csv", "line 2", "is not dd/mm/yyyy"]),
        ("Date,HomeTeam,AwayTeam\n\n01/02/2020,,B\n", ["odds.csv", "line 3", "HomeTeam is \"\""]),
        ("Date,HomeTeam,AwayTeam\n01/02/2020,A,\u{202e}\n", ["odds.csv", "line 2", "AwayTeam is \"\\u{202e}\""]),
    ] {
        assert_says(&table(text).unwrap_err().to_string(), &words);
    }
    let twice = "Date,HomeTeam,AwayTeam,PSH,PSD,PSA,P>2.5,P<2.5\n1/2/20,A,B,2,3,4,1.9,1.9\n2/2/20,A,B,2,3,5,1.9,1.9\n1/2/20,A,B,2,3,4.5,1.9,1.9\n";
    let error = table(twice).unwrap().find(&Teams::default(), ["A", "B"], date("2020-02-01")).unwrap_err();
    assert_says(&error.to_string(), &["line 4", "the same match as in", "line 2"]);
    // The nearer day is the match; the other is another.
    assert!(table(twice).unwrap().find(&Teams::default(), ["A", "B"], date("2020-02-03")).is_ok());
}

#[test]
fn files_of_teams_that_make_no_sense() {
    for (text, words) in [
        ("a,b\n", ["teams.csv", "line 1", "header must be name,odds_name"]),
        ("name,odds_name\na\n", ["teams.csv", "line 2", "1 cells instead of two"]),
        ("name,odds_name\na,b,c\n", ["teams.csv", "line 2", "3 cells"]),
        ("name,odds_name\na,--\n", ["teams.csv", "line 2", "without a letter"]),
        ("name,odds_name\nFC A,b\nfc-a,c\n", ["teams.csv", "line 3", "is \"b\" further up"]),
    ] {
        let error = Teams::parse(Path::new("teams.csv"), text.as_bytes()).unwrap_err().to_string();
        assert_says(&error, &words);
    }
}

/// Every line of the hostile strings in every cell: refused or taken as a plain name, never a panic, and what is shown of
/// it cannot move a cursor.
#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn hostile_strings_in_every_cell() {
    let Some(folder) = wyscout_folder() else { return };
    let mut strings = 0;
    for file in ["odd-strings", "attacks"] {
        let bytes = crate::cli::replay::wyscout::unpacked(&folder.join(format!("../hostile/{file}.jsonl.gz"))).unwrap();
        for line in String::from_utf8(bytes).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let Some(text) = row["text"].as_str() else { continue };
            strings += 1;
            let quoted = format!("\"{}\"", text.replace('"', "\"\""));
            for cells in [
                format!("{quoted},A,B,2,3,4,1.9,1.9"),
                format!("1/2/20,{quoted},B,2,3,4,1.9,1.9"),
                format!("1/2/20,A,{quoted},2,3,4,1.9,1.9"),
                format!("1/2/20,A,B,{quoted},3,4,1.9,1.9"),
                format!("1/2/20,A,B,2,3,4,1.9,{quoted}"),
                text.to_owned(),
            ] {
                let text = format!("Date,HomeTeam,AwayTeam,PSH,PSD,PSA,P>2.5,P<2.5\n{cells}\n");
                let found =
                    table(&text).and_then(|table| table.find(&Teams::default(), ["A", "B"], date("2020-02-01")));
                if let Err(error) = found {
                    let shown = error.to_string();
                    assert!(!shown.chars().any(char::is_control), "{shown:?}");
                    assert!(shown.len() < 2_000, "{shown}");
                }
            }
            let aliases = format!("name,odds_name\n{quoted},A\n");
            if let Err(error) = Teams::parse(Path::new("teams.csv"), aliases.as_bytes()) {
                assert!(!error.to_string().chars().any(char::is_control), "{error:?}");
            }
        }
    }
    assert!(strings > 4_000);
}

/// The names of the pipeline's own file, against every match of the leagues that have odds here. Matches that are not in
/// the odds files are play-offs, by their date.
#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn every_league_match_of_the_sample_finds_its_row() {
    let Some(folder) = wyscout_folder() else { return };
    let data = folder.join("..");
    let teams = Teams::built_in();
    let leagues = [
        ("england_premier-league", "england/E0", [1_718, 1_819, 1_920].as_slice(), 0),
        ("frankreich_ligue-1", "europe/F1", &[1_718, 1_819, 1_920], 8),
        ("italien_serie-a", "europe/I1", &[1_718, 1_819, 1_920], 0),
        ("deutschland_bundesliga", "europe/D1", &[1_819, 1_920], 4),
        ("spanien_la-liga", "europe/SP1", &[1_819, 1_920], 0),
    ];
    let (mut found, mut closing) = (0, 0);
    for (league, odds, seasons, play_offs) in leagues {
        let mut missing = Vec::new();
        for season in seasons {
            let mut table = OddsTable::default();
            table.add(&data.join(format!("football-data-co-uk/{odds}_{season}.csv.gz"))).unwrap();
            let (from, to) = (2_000 + season / 100, 2_000 + season % 100);
            let file = data.join(format!("incidents/{league}-{from}-{to}.json.gz"));
            for script in read_season(&file, None, Millis::ZERO).unwrap().scripts {
                let [home, away] = &script.source_names;
                match table.find(&teams, [home, away], script.date.unwrap()) {
                    Ok(odds) => {
                        found += 1;
                        closing += usize::from(odds.is_closing);
                    }
                    Err(error) => missing.push(format!("{home} - {away}: {error}")),
                }
            }
        }
        assert_eq!(missing.len(), play_offs, "{league}: {missing:#?}");
    }
    assert_eq!(found, 380 * 10 + 279 + 306 * 2);
    assert!(closing > 4_600, "{closing}");
    for (competition, odds) in [("England", "england/E0"), ("France", "europe/F1"), ("Italy", "europe/I1")] {
        let mut table = OddsTable::default();
        table.add(&data.join(format!("football-data-co-uk/{odds}_1718.csv.gz"))).unwrap();
        for line in std::fs::read_to_string(folder.join("index.csv")).unwrap().lines() {
            let (id, rest) = line.split_once(',').unwrap();
            if rest.starts_with(competition) {
                let played = read_match(&folder.join(format!("events/{id}.json.gz"))).unwrap();
                let script = MatchScript::of_recording(&played, Millis::ZERO);
                let [home, away] = &script.source_names;
                let odds = table.find(&teams, [home, away], script.date.unwrap()).unwrap();
                // PSCH and its neighbours, with the 1.5 to 3.5 % margin of that bookmaker, closing.
                let book: f64 = thousandths(&odds)[..3].iter().map(|odds| 1_000.0 / f64::from(*odds)).sum();
                assert!(odds.is_closing && (1.005..1.06).contains(&book), "{id}: {book}");
            }
        }
    }
}
