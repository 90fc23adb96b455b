//! Markets by their texts, and what their selections come to in a match that is over.

use super::*;
use crate::sim::auditor::plain::Came;
use crate::sim::auditor::rules::WAYS;

/// One of every type at least.
pub(crate) const TEXTS: [&str; 67] = [
    "1x2",
    "double_chance",
    "draw_no_bet",
    "btts",
    "total:line=0.5",
    "total:line=2",
    "total:line=2.25",
    "total:line=10.75",
    "team_total:line=1.5,side=home",
    "team_total:line=0.75,side=away",
    "handicap:line=-0.75",
    "handicap:line=0",
    "handicap_rest:base=1:0,line=-0.5",
    "correct_score:max=4",
    "next_goal:nth=3",
    "rest_1x2:base=2:1",
    "european_handicap:line=-1",
    "european_handicap:line=2",
    "winning_margin:max=3",
    "winning_margin:max=1",
    "exact_goals:max=6",
    "team_exact_goals:max=3,side=away",
    "odd_even",
    "clean_sheet:side=home",
    "win_to_nil:side=away",
    "half_1x2:half=1",
    "half_1x2:half=2",
    "half_total:half=1,line=0.5",
    "half_total:half=2,line=1.25",
    "half_handicap:half=1,line=-0.25",
    "half_handicap:half=2,line=0",
    "half_correct_score:half=1,max=2",
    "half_correct_score:half=2,max=3",
    "half_btts:half=1",
    "half_btts:half=2",
    "ht_ft",
    "win_both_halves:side=home",
    "win_either_half:side=away",
    "highest_half",
    "goal_in_both_halves",
    "last_goal",
    "race:to=2",
    "interval_goal:from=0,to=15",
    "interval_goal:from=30,to=45",
    "interval_goal:from=75,to=90",
    "team_interval_goal:from=15,side=away,to=30",
    "goal_before:minute=30",
    "goal_before:minute=60",
    "corners_1x2",
    "corners_total:line=9.5",
    "corners_team_total:line=4.5,side=home",
    "corners_handicap:line=-1.5",
    "corners_odd_even",
    "corners_race:to=3",
    "corners_race:to=7",
    "cards_1x2",
    "cards_total:line=4.5",
    "cards_total:line=3",
    "cards_team_total:line=1.5,side=away",
    "cards_handicap:line=0.5",
    "cards_odd_even",
    "to_qualify",
    "qualify_method",
    "extra_time",
    "shoot_out",
    "extra_time_1x2",
    "shoot_out_winner",
];

const NONE: [&str; 46] = [
    "",
    "1X2",
    "1x2:",
    "1x2:line=1",
    "total",
    "total:line=",
    "total:line=2.0",
    "total:line=02",
    "total:line=2.3",
    "total:line=+1",
    "handicap:line=-0",
    "team_total:line=1.5",
    "team_total:line=1.5,side=Home",
    "handicap_rest:base=01:0,line=0",
    "handicap_rest:line=0,base=1:0",
    "correct_score:max=10",
    "next_goal:nth=0",
    "next_goal:nth=1,x",
    "next_goal:nth=256",
    "european_handicap:line=0.5",
    "half_total:half=3,line=1.5",
    "half_total:line=1.5",
    "half_double_chance:half=1",
    "half_odd_even:half=1",
    "half_team_total:half=1,line=0.5,side=home",
    "interval_goal:from=30,to=15",
    "interval_goal:from=15,to=15",
    "interval_goal:from=0,side=home,to=15",
    "team_interval_goal:from=0,to=15",
    "goal_before:minute=91",
    "goal_before:minute=0",
    "race:to=0",
    "race",
    "cards_race:to=3",
    "corners_correct_score:max=4",
    "cards_btts",
    "corners_double_chance",
    "corners_next_goal:nth=1",
    "rest_total:base=1:0,line=1.5",
    "total_rest:base=1:0,line=1.5",
    "rest_1x2",
    "winning_margin:max=0",
    "clean_sheet",
    "last_goal:nth=1",
    "to_qualify:side=home",
    "first_goalscorer",
];

#[test]
fn markets_read_back_as_they_are_written() {
    for text in TEXTS {
        assert_eq!(Market::read(text).map(|market| market.to_string()).as_deref(), Some(text));
    }
    for text in NONE {
        assert_eq!(Market::read(text), None, "{text}");
    }
    for market in TEXTS.iter().filter_map(|text| Market::read(text)) {
        let selections = market.selections();
        for selection in &selections {
            assert_eq!(Selection::read(&selection.to_string()), Some(*selection), "{market}");
        }
        let mut known = selections.clone();
        known.sort();
        known.dedup();
        assert_eq!(known.len(), selections.len(), "{market} lists a selection twice");
    }
    for text in ["", "HOME", "10:0", "1-0", "10", "3++", "home/", "home/none", "home_by_", "home_by_10", "x_in_90"] {
        assert_eq!(Selection::read(text), None, "{text}");
    }
}

#[test]
fn selections_stand_in_the_order_of_a_coupon() {
    let listed = |market: &str| {
        let words = Market::read(market).unwrap().selections();
        words.iter().map(Selection::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(listed("winning_margin:max=3"), "home_by_1 home_by_2 home_by_3+ draw away_by_1 away_by_2 away_by_3+");
    assert_eq!(listed("team_exact_goals:max=2,side=home"), "0 1 2+");
    assert_eq!(listed("half_correct_score:half=2,max=1"), "0:0 0:1 1:0 1:1 other_home other_draw other_away");
    assert_eq!(
        listed("ht_ft"),
        "home/home home/draw home/away draw/home draw/draw draw/away away/home away/draw away/away"
    );
    assert_eq!(
        listed("qualify_method"),
        "home_in_90 home_in_extra_time home_on_penalties away_in_90 away_in_extra_time away_on_penalties"
    );
    assert_eq!(listed("highest_half"), "first_half second_half equal");
    assert_eq!(listed("corners_race:to=5"), "home away neither");
    assert_eq!(listed("odd_even"), "odd even");
}

/// Whatever the sides come to, as many selections win as the fair probabilities say, and none of two ways pays on both.
#[test]
fn every_end_has_its_winners() {
    let numbers = || (0..8_i64).flat_map(|home| (0..8_i64).map(move |away| (home, away)));
    for market in TEXTS.iter().filter_map(|text| Market::read(text)) {
        let check = |results: Vec<Option<Came>>, at: String| {
            assert!(results.iter().all(Option::is_some), "{market} at {at}");
            let won = results.iter().filter(|came| **came == Some(Came::Win)).count() as i64;
            let void = results.iter().all(|came| *came == Some(Came::Void));
            match market.fair_total() {
                Some(total) => assert!(won == total / 1_000_000_000 || (won == 0 && void), "{market} at {at}"),
                None => assert!(won <= 1, "{market} at {at}"),
            }
        };
        let selections = market.selections();
        match market {
            Market::Tally(_, _, ask) => {
                for (home, away) in numbers() {
                    let results = selections.iter().map(|selection| ask.at(*selection, home, away)).collect();
                    check(results, format!("{home}:{away}"));
                }
            }
            Market::Halves(pair) => {
                for (first, second) in numbers().flat_map(|first| numbers().map(move |second| (first, second))) {
                    let results = selections.iter().map(|selection| pair.at(*selection, first, second)).collect();
                    check(results, format!("{first:?} and {second:?}"));
                }
            }
            Market::Tie(tie) => {
                for end in Team::BOTH.into_iter().flat_map(|team| WAYS.map(|(how, extra)| (team, how, extra))) {
                    check(selections.iter().map(|selection| tie.at(*selection, end)).collect(), format!("{end:?}"));
                }
            }
            // Their stories are told goal by goal.
            Market::NextGoal(_)
            | Market::LastGoal
            | Market::Race(_, _)
            | Market::Interval(_, _, _)
            | Market::Before(_) => {}
        }
    }
}

/// Results by hand, one of every kind that hangs on two numbers.
#[test]
fn results_by_hand() {
    use Came::{HalfLose, HalfWin, Lose, Void, Win};
    let table = [
        ("1x2", "home", (2, 1), Win),
        ("1x2", "draw", (2, 1), Lose),
        ("double_chance", "12", (1, 1), Lose),
        ("double_chance", "1x", (1, 1), Win),
        ("double_chance", "x2", (0, 1), Win),
        ("draw_no_bet", "home", (1, 1), Void),
        ("draw_no_bet", "away", (2, 1), Lose),
        ("total:line=2.75", "over", (2, 1), HalfWin),
        ("total:line=2.75", "under", (2, 1), HalfLose),
        ("total:line=2.25", "over", (1, 1), HalfLose),
        ("total:line=2", "under", (1, 1), Void),
        ("team_total:line=1.5,side=away", "over", (3, 1), Lose),
        ("team_total:line=1.25,side=home", "under", (1, 4), HalfWin),
        ("handicap:line=-0.75", "home", (2, 1), HalfWin),
        ("handicap:line=-0.75", "away", (2, 1), HalfLose),
        ("handicap:line=-1", "home", (2, 1), Void),
        ("handicap:line=0.25", "home", (1, 1), HalfWin),
        ("btts", "yes", (1, 0), Lose),
        ("btts", "no", (1, 0), Win),
        ("correct_score:max=4", "2:1", (2, 1), Win),
        ("correct_score:max=4", "1:2", (2, 1), Lose),
        ("correct_score:max=4", "other_home", (5, 1), Win),
        ("correct_score:max=4", "other_draw", (5, 5), Win),
        ("correct_score:max=4", "other_away", (5, 1), Lose),
        ("european_handicap:line=-1", "draw", (2, 1), Win),
        ("european_handicap:line=-1", "home", (2, 1), Lose),
        ("european_handicap:line=2", "home", (0, 1), Win),
        ("european_handicap:line=2", "away", (0, 3), Win),
        ("winning_margin:max=3", "home_by_1", (2, 1), Win),
        ("winning_margin:max=3", "away_by_3+", (0, 4), Win),
        ("winning_margin:max=3", "home_by_2", (2, 1), Lose),
        ("winning_margin:max=3", "draw", (2, 2), Win),
        ("exact_goals:max=6", "3", (2, 1), Win),
        ("exact_goals:max=6", "6+", (5, 2), Win),
        ("exact_goals:max=6", "5", (5, 2), Lose),
        ("team_exact_goals:max=3,side=away", "1", (3, 1), Win),
        ("team_exact_goals:max=3,side=away", "3+", (3, 1), Lose),
        ("odd_even", "even", (0, 0), Win),
        ("odd_even", "odd", (2, 1), Win),
        ("clean_sheet:side=home", "yes", (0, 0), Win),
        ("clean_sheet:side=home", "yes", (2, 1), Lose),
        ("win_to_nil:side=away", "yes", (0, 1), Win),
        ("win_to_nil:side=away", "no", (0, 0), Win),
        ("corners_handicap:line=-1.5", "home", (6, 5), Lose),
        ("cards_total:line=3", "over", (2, 1), Void),
    ];
    for (text, selection, (home, away), came) in table {
        let (market, selection) = (Market::read(text).unwrap(), Selection::read(selection).unwrap());
        let Market::Tally(_, _, ask) = market else { panic!("{market} hangs on more than two numbers") };
        assert_eq!(ask.at(selection, home, away), Some(came), "{market} {selection} at {home}:{away}");
    }
}

#[test]
fn a_tie_by_hand() {
    use Came::{Lose, Void, Win};
    let table = [
        ("to_qualify", "home", (Team::Home, How::Penalties, true), Win),
        ("to_qualify", "away", (Team::Home, How::Penalties, true), Lose),
        ("qualify_method", "away_in_extra_time", (Team::Away, How::Extra, true), Win),
        ("qualify_method", "away_in_90", (Team::Away, How::Extra, true), Lose),
        ("extra_time", "yes", (Team::Away, How::Ninety, false), Lose),
        ("extra_time", "yes", (Team::Away, How::Penalties, true), Win),
        ("shoot_out", "no", (Team::Home, How::Extra, true), Win),
        ("extra_time_1x2", "home", (Team::Home, How::Ninety, false), Void),
        ("extra_time_1x2", "home", (Team::Home, How::Extra, true), Win),
        ("extra_time_1x2", "draw", (Team::Home, How::Penalties, true), Win),
        ("extra_time_1x2", "away", (Team::Away, How::Penalties, true), Lose),
        ("shoot_out_winner", "away", (Team::Away, How::Penalties, true), Win),
        ("shoot_out_winner", "away", (Team::Away, How::Extra, true), Void),
        ("to_qualify", "home", (Team::Home, How::Penalties, false), Win),
        ("qualify_method", "home_on_penalties", (Team::Home, How::Penalties, false), Win),
        ("extra_time", "yes", (Team::Home, How::Penalties, false), Lose),
        ("extra_time", "no", (Team::Home, How::Penalties, false), Win),
        ("extra_time_1x2", "draw", (Team::Home, How::Penalties, false), Void),
        ("shoot_out", "yes", (Team::Home, How::Penalties, false), Win),
        ("shoot_out_winner", "home", (Team::Home, How::Penalties, false), Win),
    ];
    for (text, selection, end, came) in table {
        let (market, selection) = (Market::read(text).unwrap(), Selection::read(selection).unwrap());
        let Market::Tie(tie) = market else { panic!("{market} is no tie") };
        assert_eq!(tie.at(selection, end), Some(came), "{market} {selection} at {end:?}");
    }
}

#[test]
fn one_incident_decides_the_next_goal_some_minutes_corners_and_cards() {
    let is_sudden = |text: &str| Market::read(text).unwrap().is_sudden();
    for text in TEXTS {
        let by_name = ["next_goal", "interval_goal", "team_interval", "goal_before", "corners_", "cards_"];
        assert_eq!(is_sudden(text), by_name.iter().any(|name| text.starts_with(name)), "{text}");
    }
}
