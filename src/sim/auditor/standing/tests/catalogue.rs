//! Halves, order, minutes, corners, cards and ties, told fact by fact.

use super::*;
use Came::{Lose, Void, Win};

/// What several selections came to.
#[track_caller]
fn each(standing: &Standing, text: &str, expected: &[(&str, Option<Came>)]) {
    for (selection, came_to) in expected {
        assert_eq!(came(standing, text, selection), *came_to, "{text} {selection}");
    }
}

const WON: Option<Came> = Some(Win);
const LOST: Option<Came> = Some(Lose);
const BACK: Option<Came> = Some(Void);

#[test]
fn a_first_half_is_decided_when_its_end_is_sure_and_no_goal_of_it_in_doubt() {
    let facts = [goal("a", Home, Period::FirstHalf, 20)];
    each(&standing(&facts), "half_1x2:half=1", &[("home", None), ("draw", None)]);
    each(&standing(&facts), "half_total:half=1,line=0.5", &[("over", WON), ("under", LOST)]);
    each(&standing(&facts), "half_correct_score:half=1,max=2", &[("0:0", LOST), ("1:0", None), ("other_home", None)]);
    each(&standing(&facts), "half_btts:half=1", &[("yes", None), ("no", None)]);
    let scouted = told("h", false, Body::PeriodEnd(Period::FirstHalf as i32));
    each(&then(&facts, &[scouted]), "half_1x2:half=1", &[("home", None)]);
    let over = then(&facts, &[end(Period::FirstHalf)]);
    each(&over, "half_1x2:half=1", &[("home", WON), ("draw", LOST), ("away", LOST)]);
    each(&over, "half_handicap:half=1,line=-1", &[("home", BACK), ("away", BACK)]);
    each(&over, "half_correct_score:half=1,max=2", &[("1:0", WON), ("other_home", LOST)]);
    each(&over, "half_btts:half=1", &[("no", WON)]);
    each(&over, "half_1x2:half=2", &[("home", None), ("draw", None)]);
    let began = told("s", true, Body::PeriodStart(Period::SecondHalf as i32));
    each(&then(&facts, &[began]), "half_1x2:half=1", &[("home", WON)]);
    let doubt = [end(Period::FirstHalf), goal_at("b", Away, false, 44, 1)];
    each(&then(&facts, &doubt), "half_1x2:half=1", &[("home", None)]);
    let later = [end(Period::FirstHalf), fact("b", false, (Period::SecondHalf, 1), scored(Away))];
    each(&then(&facts, &later), "half_1x2:half=1", &[("home", WON)]);
}

#[test]
fn a_second_half_is_its_own_goals_and_ends_with_the_whistle() {
    let facts = [
        goal("a", Home, Period::FirstHalf, 20),
        goal("b", Home, Period::FirstHalf, 30),
        end(Period::FirstHalf),
        goal("c", Away, Period::SecondHalf, 3),
    ];
    let playing = standing(&facts);
    each(&playing, "half_total:half=2,line=0.5", &[("over", WON), ("under", LOST)]);
    each(&playing, "half_total:half=2,line=1.5", &[("over", None)]);
    each(&playing, "half_correct_score:half=2,max=2", &[("0:0", LOST), ("0:1", None)]);
    let ended = then(&facts, &[end(Period::SecondHalf)]);
    each(&ended, "half_1x2:half=2", &[("home", LOST), ("away", WON)]);
    each(&ended, "half_handicap:half=2,line=1", &[("home", BACK)]);
    each(&ended, "half_correct_score:half=2,max=2", &[("0:1", WON)]);
}

#[test]
fn both_halves_are_asked_after_half_time() {
    let before = [goal("a", Home, Period::FirstHalf, 20)];
    let nothing_yet = standing(&before);
    for text in ["ht_ft", "highest_half", "goal_in_both_halves", "win_both_halves:side=away"] {
        for selection in market(text).selections() {
            assert_eq!(nothing_yet.came(market(text), selection), None, "{text} {selection} before half-time");
        }
    }
    let facts = [before[0].clone(), end(Period::FirstHalf)];
    let break_time = standing(&facts);
    each(&break_time, "ht_ft", &[("home/home", None), ("home/away", None), ("draw/home", LOST), ("away/away", LOST)]);
    each(&break_time, "win_both_halves:side=away", &[("yes", LOST), ("no", WON)]);
    each(&break_time, "win_both_halves:side=home", &[("yes", None), ("no", None)]);
    each(&break_time, "win_either_half:side=home", &[("yes", WON), ("no", LOST)]);
    each(&break_time, "win_either_half:side=away", &[("yes", None)]);
    each(&break_time, "highest_half", &[("first_half", None), ("equal", None), ("second_half", None)]);
    each(&break_time, "goal_in_both_halves", &[("yes", None), ("no", None)]);
    let two = [goal("b", Away, Period::SecondHalf, 1), goal("c", Away, Period::SecondHalf, 2)];
    let later = then(&facts, &two);
    each(&later, "highest_half", &[("first_half", LOST), ("equal", LOST), ("second_half", WON)]);
    each(&later, "goal_in_both_halves", &[("yes", WON), ("no", LOST)]);
    each(&later, "ht_ft", &[("home/away", None)]);
    let ended = then(&facts, &[&two[..], &[end(Period::SecondHalf)]].concat());
    each(&ended, "ht_ft", &[("home/away", WON), ("home/home", LOST), ("home/draw", LOST)]);
    each(&ended, "win_either_half:side=away", &[("yes", WON)]);
    each(&ended, "win_both_halves:side=home", &[("yes", LOST)]);
    let none = standing(&[end(Period::FirstHalf)]);
    each(&none, "goal_in_both_halves", &[("yes", LOST), ("no", WON)]);
}

#[test]
fn the_last_goal_is_known_at_the_whistle() {
    let whistle = end(Period::SecondHalf);
    let facts = [goal("a", Home, Period::FirstHalf, 3), goal("b", Away, Period::SecondHalf, 9)];
    each(&standing(&[]), "last_goal", &[("no_goal", None)]);
    each(&standing(&facts), "last_goal", &[("home", None), ("away", None), ("no_goal", LOST)]);
    each(&then(&facts, std::slice::from_ref(&whistle)), "last_goal", &[("home", LOST), ("away", WON)]);
    each(&standing(&[whistle]), "last_goal", &[("home", LOST), ("away", LOST), ("no_goal", WON)]);
}

#[test]
fn a_race_is_won_by_who_is_surely_first() {
    let facts = [goal("a", Home, Period::FirstHalf, 3), goal("b", Home, Period::SecondHalf, 9)];
    each(&standing(&facts), "race:to=2", &[("home", WON), ("away", LOST), ("neither", LOST)]);
    each(&standing(&facts), "race:to=3", &[("home", None), ("neither", None)]);
    each(&then(&facts, &[end(Period::SecondHalf)]), "race:to=3", &[("home", LOST), ("neither", WON)]);
    // An earlier goal in doubt: somebody has two, whoever it is.
    let doubt = then(&facts, &[goal_at("c", Away, false, 1, 1)]);
    each(&doubt, "race:to=2", &[("home", None), ("away", None), ("neither", LOST)]);
    let corner = |id: &str, side: proto::Side, minute: u32| {
        fact(id, true, (Period::FirstHalf, minute), Body::CornerTaken(side as i32))
    };
    let corners = [corner("c1", Away, 1), corner("c2", Home, 2), corner("c3", Away, 3), corner("c4", Away, 8)];
    each(&standing(&corners), "corners_race:to=3", &[("away", WON), ("home", LOST)]);
    each(&standing(&corners[..3]), "corners_race:to=3", &[("away", None)]);
}

#[test]
fn minutes_are_whole_and_stoppage_is_of_the_last_one() {
    let at = |period: Period, ms: u32| {
        let clock = proto::MatchClock { period: period as i32, elapsed_ms: ms, ..proto::MatchClock::default() };
        standing(&[proto::Fact { clock: Some(clock), ..told("a", true, scored(Home)) }])
    };
    // 14:59.999, 15:00, 45+2, the second half's first second, 90+5.
    let table = [
        (at(Period::FirstHalf, 899_999), [WON, None, None, None]),
        (at(Period::FirstHalf, 900_000), [None, None, None, None]),
        (at(Period::FirstHalf, 47 * 60_000), [None, WON, None, None]),
        (at(Period::SecondHalf, 1_000), [None, None, WON, None]),
        (at(Period::SecondHalf, 50 * 60_000), [None, None, None, WON]),
    ];
    let windows = [(0, 15), (30, 45), (45, 60), (75, 90)];
    for (standing, yes) in &table {
        for ((from, to), yes) in windows.iter().zip(yes) {
            each(standing, &format!("interval_goal:from={from},to={to}"), &[("yes", *yes)]);
        }
    }
    let early = &table[0].0;
    each(early, "team_interval_goal:from=0,side=home,to=15", &[("yes", WON), ("no", LOST)]);
    each(early, "team_interval_goal:from=0,side=away,to=15", &[("yes", None), ("no", None)]);
    each(early, "goal_before:minute=15", &[("yes", WON)]);
    each(early, "goal_before:minute=14", &[("yes", None), ("no", None)]);
}

#[test]
fn that_no_goal_came_is_known_when_its_half_is_over() {
    let late = told("t", true, Body::ClockTick(proto::Nothing {}));
    each(&standing(&[late]), "interval_goal:from=0,to=15", &[("no", None)]);
    let break_time = standing(&[end(Period::FirstHalf)]);
    each(&break_time, "interval_goal:from=0,to=15", &[("yes", LOST), ("no", WON)]);
    each(&break_time, "interval_goal:from=30,to=45", &[("no", WON)]);
    each(&break_time, "interval_goal:from=30,to=46", &[("no", None)]);
    each(&break_time, "goal_before:minute=60", &[("no", None)]);
    let doubt = standing(&[end(Period::FirstHalf), goal_at("a", Home, false, 44, 1)]);
    each(&doubt, "interval_goal:from=0,to=15", &[("no", None)]);
    each(&standing(&[end(Period::SecondHalf)]), "goal_before:minute=60", &[("no", WON)]);
}

#[test]
fn the_rest_is_what_comes_after_its_base() {
    let rest = "rest_1x2:base=1:0";
    let facts = [goal_at("a", Home, true, 3, 1), goal_at("b", Away, true, 9, 1)];
    each(&standing(&facts), rest, &[("home", None), ("away", None)]);
    let ended = then(&facts, &[end(Period::SecondHalf)]);
    each(&ended, rest, &[("home", LOST), ("draw", LOST), ("away", WON)]);
    each(&ended, "rest_1x2:base=0:1", &[("away", BACK)]);
    assert!(is_void(&ended, "rest_1x2:base=0:1") && !is_void(&ended, rest));
}

#[test]
fn numbers_are_decided_as_soon_as_no_more_can_change_them() {
    let facts = [goal("a", Home, Period::FirstHalf, 3), goal("b", Away, Period::FirstHalf, 9)];
    let one_all = standing(&facts);
    each(&one_all, "exact_goals:max=2", &[("0", LOST), ("1", LOST), ("2+", WON)]);
    each(&one_all, "exact_goals:max=3", &[("1", LOST), ("2", None), ("3+", None)]);
    each(&one_all, "team_exact_goals:max=3,side=home", &[("0", LOST), ("1", None), ("3+", None)]);
    each(&one_all, "clean_sheet:side=home", &[("yes", LOST), ("no", WON)]);
    each(&one_all, "win_to_nil:side=away", &[("yes", LOST), ("no", WON)]);
    each(&one_all, "odd_even", &[("odd", None), ("even", None)]);
    each(&one_all, "winning_margin:max=3", &[("home_by_3+", None), ("draw", None)]);
    each(&one_all, "european_handicap:line=-2", &[("home", None), ("away", None)]);
    let ended = then(&facts, &[end(Period::SecondHalf)]);
    each(&ended, "odd_even", &[("odd", LOST), ("even", WON)]);
    each(&ended, "winning_margin:max=3", &[("home_by_1", LOST), ("draw", WON)]);
    each(&ended, "european_handicap:line=-2", &[("away", WON), ("draw", LOST)]);
}

#[test]
fn any_lead_can_turn() {
    let rout: Vec<_> = (0..12).map(|n| goal(&format!("g{n}"), Home, Period::FirstHalf, n)).collect();
    let rout = standing(&rout);
    each(&rout, "1x2", &[("draw", None), ("away", None)]);
    each(&rout, "correct_score:max=4", &[("other_draw", None), ("other_away", None), ("4:4", LOST)]);
    each(&rout, "winning_margin:max=9", &[("away_by_8", None), ("away_by_9+", None)]);
    each(&standing(&[]), "european_handicap:line=-14", &[("draw", None), ("home", None)]);
    let broken = [end(Period::FirstHalf)];
    let rout: Vec<_> = (0..14).map(|n| goal(&format!("g{n}"), Home, Period::FirstHalf, n)).chain(broken).collect();
    each(&standing(&rout), "highest_half", &[("equal", None), ("second_half", None)]);
    each(&standing(&rout), "ht_ft", &[("home/draw", None), ("home/away", None)]);
}

#[test]
fn corners_and_cards_have_doubts_of_their_own() {
    let corner = |id: &str, sure: bool, side: proto::Side| {
        fact(id, sure, (Period::FirstHalf, 5), Body::CornerTaken(side as i32))
    };
    let yellow = fact("y", true, (Period::SecondHalf, 5), Body::YellowCard(Home as i32));
    let red = proto::RedCard { side: Away as i32, second_yellow: false };
    let red = fact("r", true, (Period::SecondHalf, 8), Body::RedCard(red));
    let facts = [corner("c1", true, Home), corner("c2", false, Away), yellow, red, end(Period::SecondHalf)];
    let ended = standing(&facts);
    each(&ended, "corners_1x2", &[("home", None), ("draw", None)]);
    each(&ended, "corners_total:line=0.5", &[("over", WON)]);
    each(&ended, "cards_1x2", &[("home", LOST), ("away", WON)]);
    each(&ended, "cards_total:line=3", &[("over", BACK), ("under", BACK)]);
    each(&ended, "cards_team_total:line=1.5,side=away", &[("over", WON)]);
    each(&ended, "cards_handicap:line=0.5", &[("home", LOST), ("away", WON)]);
    each(&ended, "cards_odd_even", &[("odd", WON)]);
    each(&ended, "1x2", &[("draw", WON)]);
    let sure = then(&facts, &[told("ok", true, Body::Confirmed("c2".to_owned()))]);
    each(&sure, "corners_1x2", &[("draw", WON)]);
    each(&sure, "corners_odd_even", &[("even", WON), ("odd", LOST)]);
    each(&sure, "corners_handicap:line=0.25", &[("home", Some(Came::HalfWin))]);
    each(&sure, "corners_team_total:line=1,side=home", &[("over", BACK)]);
    let given_up = told("x", true, Body::Abandoned(proto::Nothing {}));
    let broken = standing(&[facts[0].clone(), facts[1].clone(), given_up]);
    each(&broken, "corners_total:line=0.5", &[("over", WON)]);
    each(&broken, "corners_1x2", &[("home", None)]);
    each(&broken, "cards_1x2", &[("home", BACK)]);
    each(&broken, "half_1x2:half=1", &[("home", BACK)]);
    each(&broken, "odd_even", &[("odd", BACK)]);
}

#[test]
fn a_match_given_up_after_half_time_leaves_the_first_half() {
    let given_up = told("x", true, Body::Abandoned(proto::Nothing {}));
    let broken = standing(&[goal("a", Home, Period::FirstHalf, 3), end(Period::FirstHalf), given_up]);
    each(&broken, "half_1x2:half=1", &[("home", WON)]);
    each(&broken, "half_1x2:half=2", &[("home", BACK)]);
    each(&broken, "ht_ft", &[("draw/home", LOST), ("home/home", BACK)]);
    each(&broken, "interval_goal:from=30,to=45", &[("no", WON)]);
    each(&broken, "interval_goal:from=45,to=60", &[("no", BACK)]);
    each(&broken, "race:to=2", &[("neither", BACK)]);
    each(&broken, "last_goal", &[("home", BACK), ("no_goal", LOST)]);
    assert!(is_void(&broken, "half_1x2:half=2") && !is_void(&broken, "ht_ft"));
}

fn knock_out(first_leg_lead: i32) -> proto::Fact {
    let fixture = proto::Fixture { revision: 1, knock_out: true, first_leg_lead, ..proto::Fixture::default() };
    told("f", true, Body::Fixture(fixture))
}

#[test]
fn a_tie_is_decided_when_the_ninety_minutes_are_enough() {
    let facts = [knock_out(0), goal("a", Home, Period::FirstHalf, 3)];
    each(&standing(&facts), "to_qualify", &[("home", None)]);
    let through = then(&facts, &[end(Period::SecondHalf)]);
    each(&through, "to_qualify", &[("home", WON), ("away", LOST)]);
    each(&through, "qualify_method", &[("home_in_90", WON), ("home_in_extra_time", LOST)]);
    each(&through, "extra_time", &[("yes", LOST), ("no", WON)]);
    each(&through, "shoot_out", &[("no", WON)]);
    each(&through, "extra_time_1x2", &[("home", BACK), ("draw", BACK)]);
    each(&through, "shoot_out_winner", &[("away", BACK)]);
    let behind = standing(&[knock_out(-2), facts[1].clone(), end(Period::SecondHalf)]);
    each(&behind, "to_qualify", &[("home", LOST), ("away", WON)]);
    let no_tie = standing(&[facts[1].clone(), end(Period::SecondHalf)]);
    each(&no_tie, "to_qualify", &[("home", None)]);
}

#[test]
fn a_level_tie_goes_on_to_extra_time_and_the_shoot_out() {
    let facts = [knock_out(-1), goal("a", Home, Period::FirstHalf, 3), end(Period::SecondHalf)];
    let level = standing(&facts);
    each(&level, "1x2", &[("home", WON)]);
    each(&level, "extra_time", &[("yes", None), ("no", None)]);
    each(&level, "qualify_method", &[("home_in_90", LOST), ("home_in_extra_time", None)]);
    each(&level, "extra_time_1x2", &[("draw", None)]);
    each(&level, "shoot_out", &[("yes", None)]);
    let scored_late = goal("b", Away, Period::ExtraSecondHalf, 3);
    let extra = then(&facts, std::slice::from_ref(&scored_late));
    each(&extra, "extra_time", &[("yes", WON), ("no", LOST)]);
    each(&extra, "extra_time_1x2", &[("away", None)]);
    let decided = then(&facts, &[scored_late, end(Period::ExtraSecondHalf)]);
    each(&decided, "extra_time_1x2", &[("home", LOST), ("draw", LOST), ("away", WON)]);
    each(&decided, "to_qualify", &[("away", WON)]);
    each(&decided, "qualify_method", &[("away_in_extra_time", WON)]);
    each(&decided, "shoot_out_winner", &[("home", BACK)]);
    each(&decided, "1x2", &[("home", WON)]);
    let began = told("b1", true, Body::PeriodStart(Period::ExtraFirstHalf as i32));
    each(&then(&facts, std::slice::from_ref(&began)), "extra_time", &[("yes", WON)]);
    let kicks = [
        end(Period::ExtraSecondHalf),
        goal("p1", Home, Period::ShootOut, 1),
        goal("p2", Away, Period::ShootOut, 2),
        goal("p3", Home, Period::ShootOut, 3),
    ];
    let shooting = then(&facts, &kicks);
    each(&shooting, "extra_time_1x2", &[("draw", WON)]);
    each(&shooting, "shoot_out", &[("yes", WON)]);
    each(&shooting, "shoot_out_winner", &[("home", None)]);
    let over = then(&facts, &[&kicks[..], &[told("w", true, Body::FinalWhistle(proto::Nothing {}))]].concat());
    each(&over, "shoot_out_winner", &[("home", WON), ("away", LOST)]);
    each(&over, "qualify_method", &[("home_on_penalties", WON), ("away_on_penalties", LOST)]);
    assert_eq!(over.score(), (1, 0), "what comes later is no goal of the match");
    let unsure = fact("p4", false, (Period::ShootOut, 4), scored(Away));
    let whistle = told("w", true, Body::FinalWhistle(proto::Nothing {}));
    each(&then(&facts, &[&kicks[..], &[unsure, whistle]].concat()), "shoot_out_winner", &[("home", None)]);
}

#[test]
fn a_tie_given_up_in_extra_time_leaves_the_ninety_minutes() {
    let facts = [knock_out(0), end(Period::SecondHalf), goal("b", Away, Period::ExtraFirstHalf, 3)];
    let given_up = fact("x", true, (Period::ExtraFirstHalf, 9), Body::Abandoned(proto::Nothing {}));
    let broken = then(&facts, &[given_up]);
    each(&broken, "1x2", &[("draw", WON)]);
    each(&broken, "extra_time", &[("yes", WON)]);
    each(&broken, "to_qualify", &[("home", BACK), ("away", BACK)]);
    each(&broken, "extra_time_1x2", &[("away", BACK)]);
    each(&broken, "qualify_method", &[("home_in_90", LOST), ("away_in_extra_time", BACK)]);
    let doubt = fact("y", false, (Period::ExtraFirstHalf, 9), Body::PeriodEnd(Period::ExtraSecondHalf as i32));
    let given_up = fact("x", true, (Period::ExtraFirstHalf, 9), Body::Abandoned(proto::Nothing {}));
    each(&then(&facts, &[given_up.clone(), doubt]), "to_qualify", &[("away", None)]);
    let played = end(Period::ExtraSecondHalf);
    each(&then(&facts, &[given_up, played]), "to_qualify", &[("away", WON)]);
}

#[test]
fn penalties_straight_after_the_ninety_minutes_are_no_extra_time() {
    let began = told("s", true, Body::PeriodStart(Period::ShootOut as i32));
    let facts = [knock_out(0), end(Period::SecondHalf), began, goal("p1", Home, Period::ShootOut, 1)];
    let kicking = standing(&facts);
    each(&kicking, "extra_time", &[("yes", LOST), ("no", WON)]);
    each(&kicking, "extra_time_1x2", &[("home", BACK), ("draw", BACK), ("away", BACK)]);
    each(&kicking, "shoot_out", &[("yes", WON), ("no", LOST)]);
    each(&kicking, "to_qualify", &[("home", None)]);
    let over = then(&facts, &[end(Period::ShootOut)]);
    each(&over, "qualify_method", &[("home_on_penalties", WON), ("home_in_extra_time", LOST)]);
    each(&over, "shoot_out_winner", &[("home", WON), ("away", LOST)]);
    // A whistle of extra time, however late it is told.
    let whistle = told("e", true, Body::PeriodEnd(Period::ExtraFirstHalf as i32));
    each(&then(&facts, &[whistle]), "extra_time", &[("yes", WON)]);
    let scouted = told("e", false, Body::PeriodEnd(Period::ExtraFirstHalf as i32));
    each(&then(&facts, &[scouted]), "extra_time", &[("yes", None), ("no", None)]);
}

#[test]
fn a_shoot_out_told_level_leaves_its_winner_open() {
    let facts = [knock_out(0), end(Period::SecondHalf), end(Period::ExtraSecondHalf), end(Period::ShootOut)];
    let level = standing(&facts);
    each(&level, "shoot_out", &[("yes", WON)]);
    each(&level, "to_qualify", &[("home", None), ("away", None)]);
    each(&then(&facts, &[goal("p", Away, Period::ShootOut, 1)]), "to_qualify", &[("home", LOST), ("away", WON)]);
}
