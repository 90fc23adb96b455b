//! Which facts hold, and how a match stands by them.

use super::*;
use proto::{Certainty, Period, Side};

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

fn goal(id: &str, side: Side, sure: bool) -> proto::Fact {
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
    use Side::{Away, Home};
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
        (
            "and so is what it replaces",
            vec![goal("a", Home, true), goal("b", Away, true), replacing(rollback("r", "a"), "b"), rollback("s", "r")],
            (0, 0),
            (0, 0),
        ),
    ];
    for (name, facts, score, sure) in table {
        let standing = standing(&facts);
        let counts = |standing: &Standing, only_sure: bool| {
            let of = |team: Team| {
                let goals = standing.events.iter().filter(|goal| goal.team == team && (goal.sure || !only_sure));
                goals.count() as u32
            };
            (of(Team::Home), of(Team::Away))
        };
        assert_eq!((counts(&standing, false), counts(&standing, true)), (score, sure), "{name}");
    }
    let mut extra = goal("a", Home, true);
    extra.clock = Some(proto::MatchClock { period: Period::ExtraFirstHalf as i32, ..proto::MatchClock::default() });
    assert_eq!(standing(&[extra]).score(), (0, 0), "a goal of extra time is none");
    let mut facts = Facts::default();
    facts.add(1, &[goal("a", Home, true)]);
    facts.add(2, &[goal("a", Away, true)]);
    assert_eq!(facts.standing_now().score(), (1, 0), "the same id with another body is set aside");
}

#[test]
fn corners_and_cards_are_counted_in_the_ninety_minutes_and_a_red_one_twice() {
    use Side::{Away, Home};
    let of = |id: &str, period: Period, body: Body| {
        let clock = proto::MatchClock { period: period as i32, ..proto::MatchClock::default() };
        proto::Fact { clock: Some(clock), ..told(id, true, body) }
    };
    let red = |second_yellow| Body::RedCard(proto::RedCard { side: Home as i32, second_yellow });
    let facts = [
        of("c1", Period::FirstHalf, Body::CornerTaken(Home as i32)),
        of("c2", Period::SecondHalf, Body::CornerTaken(Away as i32)),
        of("c3", Period::ExtraFirstHalf, Body::CornerTaken(Away as i32)),
        of("c4", Period::FirstHalf, Body::CornerAwarded(Away as i32)),
        of("c5", Period::FirstHalf, Body::CornerTaken(0)),
        of("y1", Period::FirstHalf, Body::YellowCard(Home as i32)),
        of("y2", Period::HalfTime, Body::YellowCard(Home as i32)),
        of("r1", Period::SecondHalf, red(true)),
        of("r2", Period::SecondHalf, red(false)),
    ];
    let standing = standing(&facts);
    let worth = |what: What| -> Vec<u8> {
        standing.events.iter().filter(|event| event.what == what).map(|event| event.worth).collect()
    };
    assert_eq!(worth(What::Corners), [1, 1]);
    assert_eq!(worth(What::Cards), [1, 2, 2]);
}

#[test]
fn the_fixture_of_the_highest_revision_says_whether_somebody_goes_through() {
    let fixture = |id: &str, revision: u32, knock_out: bool, first_leg_lead: i32| {
        let of = proto::Fixture { revision, knock_out, first_leg_lead, ..proto::Fixture::default() };
        told(id, true, Body::Fixture(of))
    };
    assert_eq!(standing(&[]).first_leg, None);
    assert_eq!(standing(&[fixture("f", 1, false, 0)]).first_leg, None);
    assert_eq!(standing(&[fixture("f", 1, true, 0)]).first_leg, Some(0));
    let moved = [fixture("f", 1, true, 0), fixture("g", 3, true, -2), fixture("h", 2, false, 0)];
    assert_eq!(standing(&moved).first_leg, Some(-2));
    let twice = [fixture("f", 1, true, 5), fixture("g", 1, true, -2)];
    assert_eq!(standing(&twice).first_leg, Some(-2), "of two the higher id");
    let back = told("r", true, Body::Rollback("g".to_owned()));
    assert_eq!(standing(&[fixture("f", 1, true, 5), fixture("g", 2, false, 0), back]).first_leg, Some(5));
}

#[test]
fn whistles_say_what_is_over() {
    let table = [
        (Body::PeriodStart(Period::FirstHalf as i32), 0),
        (Body::PeriodEnd(Period::FirstHalf as i32), 2),
        (Body::PeriodStart(Period::SecondHalf as i32), 3),
        (Body::PeriodEnd(Period::SecondHalf as i32), 4),
        (Body::PeriodStart(Period::ExtraFirstHalf as i32), 5),
        (Body::PeriodStart(Period::ShootOut as i32), 7),
        (Body::PeriodEnd(Period::ShootOut as i32), 8),
        (Body::FinalWhistle(proto::Nothing {}), 9),
    ];
    for (body, over) in table {
        let scouted = standing(&[told("w", false, body.clone())]);
        assert_eq!((scouted.over_told, scouted.over), (over, 0), "{body:?}");
        let sure = standing(&[told("w", true, body.clone())]);
        assert_eq!((sure.over_told, sure.over), (over, over), "{body:?}");
    }
}
