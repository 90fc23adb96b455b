//! What the selections of a match come to, by hand.

use super::*;
use crate::sim::auditor::facts::Facts;
use crate::wire::proto;
use proto::Certainty;
use proto::Side::{Away, Home};
use proto::fact::Body;

fn market(text: &str) -> Market {
    Market::read(text).unwrap()
}

fn came(standing: &Standing, text: &str, selection: &str) -> Option<Came> {
    standing.came(market(text), Selection::read(selection).unwrap())
}

fn is_void(standing: &Standing, text: &str) -> bool {
    standing.is_void(market(text))
}

/// A fact at a minute of a period, by a source that looked at its watch then.
fn fact(id: &str, sure: bool, at: (Period, u32), body: Body) -> proto::Fact {
    let certainty = if sure { Certainty::Confirmed } else { Certainty::Scouted };
    let clock = proto::MatchClock { period: at.0 as i32, elapsed_ms: at.1 * 60_000, ..proto::MatchClock::default() };
    proto::Fact {
        id: id.to_owned(),
        certainty: certainty as i32,
        clock: Some(clock),
        body: Some(body),
        ..proto::Fact::default()
    }
}

fn told(id: &str, sure: bool, body: Body) -> proto::Fact {
    fact(id, sure, (Period::SecondHalf, 0), body)
}

fn scored(side: proto::Side) -> Body {
    Body::Goal(proto::Goal { side: side as i32, own_goal: false })
}

fn goal(id: &str, side: proto::Side, period: Period, minute: u32) -> proto::Fact {
    fact(id, true, (period, minute), scored(side))
}

fn goal_at(id: &str, side: proto::Side, sure: bool, minute: u32, source_at_ms: i64) -> proto::Fact {
    proto::Fact { source_at_ms, ..fact(id, sure, (Period::FirstHalf, minute), scored(side)) }
}

fn end(of: Period) -> proto::Fact {
    told(&format!("end-{}", of as i32), true, Body::PeriodEnd(of as i32))
}

/// Whatever order it was told in.
fn standing(facts: &[proto::Fact]) -> Standing {
    let mut forwards = Facts::default();
    forwards.add(1, facts);
    let mut backwards = Facts::default();
    for (version, fact) in (1..).zip(facts.iter().rev()) {
        backwards.add(version, std::slice::from_ref(fact));
    }
    assert_eq!(forwards.standing_now(), backwards.standing_now(), "order changes nothing");
    forwards.standing_now().clone()
}

fn then(facts: &[proto::Fact], more: &[proto::Fact]) -> Standing {
    standing(&[facts, more].concat())
}

#[test]
fn totals_settle_by_halves_and_as_soon_as_they_can() {
    use Came::{HalfLose, HalfWin, Lose, Void, Win};
    // Line, goals, over and under at the end, over while it is played.
    let table = [
        ("2.5", 2, Lose, Win, None),
        ("2.5", 3, Win, Lose, Some(Win)),
        ("2", 2, Void, Void, None),
        ("2", 3, Win, Lose, Some(Win)),
        ("2.25", 2, HalfLose, HalfWin, None),
        ("2.25", 3, Win, Lose, Some(Win)),
        ("2.75", 3, HalfWin, HalfLose, None),
        ("2.75", 4, Win, Lose, Some(Win)),
        ("2.75", 2, Lose, Win, None),
    ];
    for (line, goals, over, under, early) in table {
        let facts: Vec<_> = (0..goals).map(|n| goal(&format!("g{n}"), Home, Period::FirstHalf, n)).collect();
        let (playing, ended) = (standing(&facts), then(&facts, &[end(Period::SecondHalf)]));
        let total = format!("total:line={line}");
        assert_eq!(came(&ended, &total, "over"), Some(over), "over {line} at {goals}");
        assert_eq!(came(&ended, &total, "under"), Some(under), "under {line} at {goals}");
        assert_eq!(came(&playing, &total, "over"), early, "over {line} at {goals}, playing");
        assert_eq!(came(&playing, &total, "under"), early.map(|_| Lose), "under {line} at {goals}, playing");
    }
}

#[test]
fn nothing_is_paid_on_a_goal_in_doubt() {
    let facts = [goal_at("a", Home, true, 3, 1), goal_at("b", Away, false, 9, 1), end(Period::SecondHalf)];
    let doubt = standing(&facts);
    assert_eq!(came(&doubt, "1x2", "home"), None);
    assert_eq!(came(&doubt, "total:line=0.5", "over"), Some(Came::Win), "one goal is enough, the other may fall");
    assert_eq!(came(&doubt.as_reported(), "1x2", "draw"), Some(Came::Win), "but by all reports it is a draw");
    let certain = then(&facts, &[told("r", true, Body::Rollback("b".to_owned()))]);
    assert_eq!(came(&certain, "1x2", "home"), Some(Came::Win));
    assert_eq!(came(&certain, "1x2", "draw"), Some(Came::Lose));
}

#[test]
fn a_cancel_voids_its_window_and_can_be_undone() {
    let cancel = |from_ms, to_ms| Body::Cancel(proto::Cancel { from_ms, to_ms, ..proto::Cancel::default() });
    let one = standing(&[told("c", true, cancel(Some(10), Some(20)))]);
    for (accepted_at, expected) in [(9, None), (10, Some(Came::Void)), (19, Some(Came::Void)), (20, None)] {
        assert_eq!(one.leg(market("1x2"), Selection::Home, accepted_at, false), expected, "{accepted_at}");
    }
    let open = standing(&[told("c", true, cancel(None, None))]);
    assert_eq!(open.leg(market("1x2"), Selection::Home, 0, false), Some(Came::Void));
    let undone = told("u", true, Body::RollbackCancel("c".to_owned()));
    assert_eq!(standing(&[told("c", true, cancel(None, None)), undone]).windows, []);
}

#[test]
fn goals_count_in_the_order_of_the_match() {
    let late = goal_at("a", Home, true, 40, 1);
    let early = goal_at("b", Away, true, 3, 9);
    let both = standing(&[late.clone(), early.clone()]);
    assert_eq!(came(&both, "next_goal:nth=1", "away"), Some(Came::Win));
    assert_eq!(came(&both, "next_goal:nth=2", "home"), Some(Came::Win));
    assert_eq!(came(&both, "next_goal:nth=2", "no_goal"), Some(Came::Lose));
    assert_eq!(came(&both, "next_goal:nth=3", "no_goal"), None);
    // At one clock the source's time orders, the earliest of all reports.
    let again = goal_at("a", Home, true, 3, 5);
    let first = standing(&[goal_at("a", Home, true, 3, 20), early.clone(), again]);
    assert_eq!(came(&first, "next_goal:nth=1", "home"), Some(Came::Win));
    // Behind a goal in doubt nothing is numbered.
    let doubt = standing(&[late.clone(), goal_at("b", Away, false, 3, 9)]);
    assert_eq!(came(&doubt, "next_goal:nth=1", "home"), None);
    assert_eq!(came(&doubt, "next_goal:nth=1", "no_goal"), Some(Came::Lose), "one goal is sure");
    let none = standing(&[told("w", true, Body::FinalWhistle(proto::Nothing {}))]);
    assert_eq!(came(&none, "next_goal:nth=1", "no_goal"), Some(Came::Win));
    assert_eq!(came(&none, "next_goal:nth=1", "home"), Some(Came::Lose));
}

#[test]
fn a_rest_handicap_needs_its_base() {
    let rest = "handicap_rest:base=1:0,line=0";
    let whistle = told("w", true, Body::FinalWhistle(proto::Nothing {}));
    let (home, away) = (goal_at("a", Home, true, 3, 1), goal_at("b", Away, true, 9, 1));
    assert_eq!(came(&standing(&[]), rest, "home"), None, "it may yet come");
    assert_eq!(came(&standing(std::slice::from_ref(&away)), rest, "home"), Some(Came::Void), "it cannot any more");
    assert!(is_void(&standing(std::slice::from_ref(&away)), rest));
    assert_eq!(came(&standing(std::slice::from_ref(&whistle)), rest, "away"), Some(Came::Void), "it never came");
    assert_eq!(came(&standing(&[home.clone(), away.clone()]), rest, "home"), None);
    let ended = standing(&[home.clone(), away.clone(), whistle.clone()]);
    assert_eq!(came(&ended, rest, "away"), Some(Came::Win), "the rest was 0:1");
    let doubt = standing(&[goal_at("a", Home, false, 3, 1), away]);
    assert_eq!(came(&doubt, rest, "home"), None, "if the first goal was none, it never stood");
}

#[test]
fn scores_and_both_to_score_are_decided_when_nothing_can_change_them() {
    let one_all = standing(&[goal_at("a", Home, true, 3, 1), goal_at("b", Away, true, 9, 1)]);
    assert_eq!(came(&one_all, "btts", "yes"), Some(Came::Win));
    assert_eq!(came(&one_all, "btts", "no"), Some(Came::Lose));
    assert_eq!(came(&one_all, "correct_score:max=4", "0:3"), Some(Came::Lose));
    assert_eq!(came(&one_all, "correct_score:max=4", "1:1"), None);
    assert_eq!(came(&one_all, "correct_score:max=4", "other_home"), None);
    assert_eq!(came(&one_all, "team_total:line=0.5,side=away", "over"), Some(Came::Win));
    for market in ["1x2", "draw_no_bet", "handicap:line=5.5"] {
        assert_eq!(came(&one_all, market, "home"), None, "{market}");
    }
    assert_eq!(came(&one_all, "double_chance", "1x"), None);
}

#[test]
fn a_match_given_up_leaves_what_was_decided() {
    let given_up = |sure| told("x", sure, Body::Abandoned(proto::Nothing {}));
    let scored = goal_at("a", Home, true, 3, 1);
    let ended = standing(&[scored.clone(), given_up(true)]);
    assert_eq!(came(&ended, "total:line=0.5", "over"), Some(Came::Win));
    assert_eq!(came(&ended, "1x2", "home"), Some(Came::Void));
    assert_eq!(came(&ended, "next_goal:nth=1", "home"), Some(Came::Win));
    assert_eq!(came(&ended, "next_goal:nth=2", "no_goal"), Some(Came::Void));
    assert!(is_void(&ended, "1x2") && !is_void(&ended, "total:line=0.5") && !is_void(&ended, "correct_score:max=4"));
    assert_eq!(came(&standing(&[scored.clone(), given_up(false)]), "1x2", "home"), None, "nobody is sure");
    let doubt = standing(&[goal_at("a", Home, false, 3, 1), given_up(true)]);
    assert_eq!(came(&doubt, "1x2", "home"), None, "a goal is in doubt");
    let taken_back = told("r", true, Body::Rollback("x".to_owned()));
    assert_eq!(came(&standing(&[given_up(true), taken_back]), "1x2", "home"), None, "play goes on");
    let whistle = |sure| told("w", sure, Body::FinalWhistle(proto::Nothing {}));
    let played = standing(&[scored.clone(), given_up(true), whistle(true)]);
    assert_eq!(came(&played, "1x2", "home"), Some(Came::Win), "the ninety minutes were played");
    assert_eq!(came(&standing(&[scored, given_up(true), whistle(false)]), "1x2", "home"), None);
}

mod catalogue;
