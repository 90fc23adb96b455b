//! What a match comes to, by hand.

use super::*;
use proto::{Certainty, Period};

fn told(id: &str, sure: bool, body: Body) -> proto::Fact {
    let certainty = if sure { Certainty::Confirmed } else { Certainty::Scouted };
    let clock = proto::MatchClock { period: Period::SecondHalf as i32, ..proto::MatchClock::default() };
    proto::Fact {
        id: id.to_owned(),
        certainty: certainty as i32,
        clock: Some(clock),
        body: Some(body),
        ..proto::Fact::default()
    }
}

fn goal(id: &str, side: proto::Side, sure: bool) -> proto::Fact {
    told(id, sure, Body::Goal(proto::Goal { side: side as i32, own_goal: false }))
}

fn standing(facts: &[proto::Fact]) -> Standing {
    let mut forwards = Facts::default();
    forwards.add(1, facts);
    let mut backwards = Facts::default();
    for (version, fact) in (1..).zip(facts.iter().rev()) {
        backwards.add(version, std::slice::from_ref(fact));
        backwards.add(version, std::slice::from_ref(fact));
    }
    assert_eq!(forwards.standing_now(), backwards.standing_now(), "order and repeats change nothing");
    forwards.standing_now().clone()
}

#[test]
fn facts_are_a_set() {
    use proto::Side::{Away, Home};
    let rollback = |id: &str, of: &str| told(id, true, Body::Rollback(of.to_owned()));
    let replacing = |fact: proto::Fact, of: &str| proto::Fact { supersedes: of.to_owned(), ..fact };
    type Row = (&'static str, Vec<proto::Fact>, (u32, u32), (u32, u32));
    let table: Vec<Row> = vec![
        ("nothing", vec![], (0, 0), (0, 0)),
        ("scouted", vec![goal("a", Home, false)], (1, 0), (0, 0)),
        (
            "confirmed later",
            vec![goal("a", Home, false), told("c", true, Body::Confirmed("a".to_owned()))],
            (1, 0),
            (1, 0),
        ),
        ("told twice, then for sure", vec![goal("a", Home, false), goal("a", Home, true)], (1, 0), (1, 0)),
        ("never was", vec![goal("a", Home, true), rollback("r", "a")], (0, 0), (0, 0)),
        ("corrected", vec![goal("a", Home, true), replacing(goal("b", Away, true), "a")], (0, 1), (0, 1)),
        (
            "the correction was wrong",
            vec![goal("a", Home, true), replacing(goal("b", Away, true), "a"), rollback("r", "b")],
            (1, 0),
            (1, 0),
        ),
        (
            "a chain of corrections, its middle taken back",
            vec![
                goal("a", Home, true),
                replacing(goal("b", Away, true), "a"),
                replacing(goal("c", Away, true), "b"),
                rollback("r", "b"),
            ],
            (0, 1),
            (0, 1),
        ),
        ("a rollback is final", vec![goal("a", Home, true), rollback("r", "a"), rollback("s", "r")], (0, 0), (0, 0)),
    ];
    for (name, facts, score, sure) in table {
        let standing = standing(&facts);
        assert_eq!((standing.score, standing.sure), (score, sure), "{name}");
    }
    let mut extra = goal("a", Home, true);
    extra.clock = Some(proto::MatchClock { period: Period::ExtraFirstHalf as i32, ..proto::MatchClock::default() });
    assert_eq!(standing(&[extra]).score, (0, 0), "a goal of extra time is none");
    let mut facts = Facts::default();
    facts.add(1, &[goal("a", Home, true)]);
    facts.add(2, &[goal("a", Away, true)]);
    assert_eq!(facts.standing_now().score, (1, 0), "the same id with another body is set aside");
}

#[test]
fn totals_settle_by_halves_and_as_soon_as_they_can() {
    use Came::{HalfLose, HalfWin, Lose, Void, Win};
    // Line in quarters, goals, over and under at the end, over while it is played.
    let table = [
        (10, 2, Lose, Win, None),
        (10, 3, Win, Lose, Some(Win)),
        (8, 2, Void, Void, None),
        (8, 3, Win, Lose, Some(Win)),
        (9, 2, HalfLose, HalfWin, None),
        (9, 3, Win, Lose, Some(Win)),
        (11, 3, HalfWin, HalfLose, None),
        (11, 4, Win, Lose, Some(Win)),
        (11, 2, Lose, Win, None),
    ];
    for (line, goals, over, under, early) in table {
        let list = vec![(true, true); goals as usize];
        let playing = Standing { sure: (goals, 0), score: (goals, 0), goals: list, ..Standing::default() };
        let ended = Standing { over: true, over_told: true, ..playing.clone() };
        let market = Market::Total(line);
        assert_eq!(ended.came(market, Selection::Over), Some(over), "over {line} at {goals}");
        assert_eq!(ended.came(market, Selection::Under), Some(under), "under {line} at {goals}");
        assert_eq!(playing.came(market, Selection::Over), early, "over {line} at {goals}, playing");
        assert_eq!(playing.came(market, Selection::Under), early.map(|_| Lose), "under {line} at {goals}, playing");
    }
}

#[test]
fn nothing_is_paid_on_a_goal_in_doubt() {
    let goals = vec![(true, true), (false, false)];
    let doubt = Standing { sure: (1, 0), score: (1, 1), goals, over: true, over_told: true, ..Standing::default() };
    assert_eq!(doubt.came(Market::Result, Selection::Home), None);
    assert_eq!(
        doubt.came(Market::Total(2), Selection::Over),
        Some(Came::Win),
        "one goal is enough, the other may fall"
    );
    let certain = Standing { score: (1, 0), goals: vec![(true, true)], ..doubt };
    assert_eq!(certain.came(Market::Result, Selection::Home), Some(Came::Win));
    assert_eq!(certain.came(Market::Result, Selection::Draw), Some(Came::Lose));
}

#[test]
fn a_cancel_voids_its_window_and_can_be_undone() {
    let cancel = |from_ms, to_ms| Body::Cancel(proto::Cancel { from_ms, to_ms, ..proto::Cancel::default() });
    let one = standing(&[told("c", true, cancel(Some(10), Some(20)))]);
    for (accepted_at, expected) in [(9, None), (10, Some(Came::Void)), (19, Some(Came::Void)), (20, None)] {
        assert_eq!(one.leg(Market::Result, Selection::Home, accepted_at, false), expected, "{accepted_at}");
    }
    let open = standing(&[told("c", true, cancel(None, None))]);
    assert_eq!(open.leg(Market::Result, Selection::Home, 0, false), Some(Came::Void));
    let undone = told("u", true, Body::RollbackCancel("c".to_owned()));
    assert_eq!(standing(&[told("c", true, cancel(None, None)), undone]).windows, []);
}

/// A goal at a minute, by a source that looked at its watch then.
fn goal_at(id: &str, side: proto::Side, sure: bool, minute: u32, source_at_ms: i64) -> proto::Fact {
    let clock = proto::MatchClock {
        period: Period::FirstHalf as i32,
        elapsed_ms: minute * 60_000,
        ..proto::MatchClock::default()
    };
    proto::Fact { clock: Some(clock), source_at_ms, ..goal(id, side, sure) }
}

fn came(standing: &Standing, market: &str, selection: &str) -> Option<Came> {
    standing.came(Market::read(market).unwrap(), Selection::read(selection).unwrap())
}

#[test]
fn goals_count_in_the_order_of_the_match() {
    use proto::Side::{Away, Home};
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
    use proto::Side::{Away, Home};
    let rest = "handicap_rest:base=1:0,line=0";
    let whistle = told("w", true, Body::FinalWhistle(proto::Nothing {}));
    let (home, away) = (goal_at("a", Home, true, 3, 1), goal_at("b", Away, true, 9, 1));
    assert_eq!(came(&standing(&[]), rest, "home"), None, "it may yet come");
    assert_eq!(came(&standing(std::slice::from_ref(&away)), rest, "home"), Some(Came::Void), "it cannot any more");
    assert!(standing(std::slice::from_ref(&away)).is_void(Market::read(rest).unwrap()));
    assert_eq!(came(&standing(std::slice::from_ref(&whistle)), rest, "away"), Some(Came::Void), "it never came");
    assert_eq!(came(&standing(&[home.clone(), away.clone()]), rest, "home"), None);
    let ended = standing(&[home.clone(), away.clone(), whistle.clone()]);
    assert_eq!(came(&ended, rest, "away"), Some(Came::Win), "the rest was 0:1");
    let doubt = standing(&[goal_at("a", Home, false, 3, 1), away]);
    assert_eq!(came(&doubt, rest, "home"), None, "if the first goal was none, it never stood");
}

#[test]
fn scores_and_both_to_score_are_decided_when_nothing_can_change_them() {
    use proto::Side::{Away, Home};
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
    use proto::Side::Home;
    let given_up = |sure| told("x", sure, Body::Abandoned(proto::Nothing {}));
    let scored = goal_at("a", Home, true, 3, 1);
    let ended = standing(&[scored.clone(), given_up(true)]);
    assert_eq!(came(&ended, "total:line=0.5", "over"), Some(Came::Win));
    assert_eq!(came(&ended, "1x2", "home"), Some(Came::Void));
    assert_eq!(came(&ended, "next_goal:nth=1", "home"), Some(Came::Win));
    assert_eq!(came(&ended, "next_goal:nth=2", "no_goal"), Some(Came::Void));
    let is_void = |standing: &Standing, market: &str| standing.is_void(Market::read(market).unwrap());
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
