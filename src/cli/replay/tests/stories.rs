//! Short matches, told event by event.

use super::*;
use crate::event::Period;
use crate::values::Millis;

/// The facts of a whole match around these events, without the frame of the two halves.
fn story(events: Vec<Value>) -> Vec<String> {
    let told = told(&facts(whole(events)));
    let frame = ["kick-off", "half-time", "second-half", "full-time", "final-whistle"];
    told.into_iter().filter(|line| !frame.iter().any(|id| line.contains(&format!(" {id}: ")))).collect()
}

#[test]
fn the_frame_of_a_match_without_incident() {
    assert_eq!(
        told(&facts(whole(Vec::new()))),
        [
            "FirstHalf 0.0 kick-off: PeriodStart(FirstHalf), confirmed",
            "FirstHalf 2707.0 half-time: PeriodEnd(FirstHalf), confirmed",
            "SecondHalf 0.0 second-half: PeriodStart(SecondHalf), confirmed",
            "SecondHalf 2792.0 full-time: PeriodEnd(SecondHalf), confirmed",
            "SecondHalf 2792.0 final-whistle: FinalWhistle, confirmed",
        ]
    );
}

#[test]
fn a_goal_is_sure_when_play_restarts() {
    let lines = story(vec![
        event(9, "1H", 600.0, HOME, "Shot", "Shot", &[101, 1801]),
        event(10, "1H", 601.2, AWAY, "Save attempt", "Reflexes", &[101, 1802]),
        event(11, "1H", 602.5, AWAY, "Others on the ball", "Touch", &[]),
        event(12, "1H", 612.0, HOME, "Foul", "Out of game foul", &[1702]),
        event(13, "1H", 655.5, AWAY, "Pass", "Simple pass", &[1801]),
    ]);
    assert_eq!(
        lines,
        [
            "FirstHalf 600.0 goal-9: home goal, scouted",
            "FirstHalf 612.0 card-12: home yellow, scouted",
            "FirstHalf 655.5 card-12/confirmed: sure of card-12, confirmed",
            "FirstHalf 655.5 goal-9/confirmed: sure of goal-9, confirmed",
            "FirstHalf 655.5 goal-9/restarted: PlayRestarted, confirmed",
        ]
    );
}

#[test]
fn an_own_goal_counts_for_the_other_side_and_a_goal_told_twice_counts_once() {
    let lines = story(vec![
        event(9, "2H", 600.0, HOME, "Others on the ball", "Clearance", &[102]),
        event(10, "2H", 600.0, AWAY, "Shot", "Shot", &[101]),
        event(11, "2H", 601.0, HOME, "Save attempt", "Reflexes", &[101, 102]),
        event(12, "2H", 640.0, HOME, "Pass", "Simple pass", &[]),
    ]);
    assert_eq!(
        lines,
        [
            "SecondHalf 600.0 goal-9: away goal by the other, scouted",
            "SecondHalf 640.0 goal-9/confirmed: sure of goal-9, confirmed",
            "SecondHalf 640.0 goal-9/restarted: PlayRestarted, confirmed",
        ]
    );
}

#[test]
fn a_goal_as_last_event_is_sure_at_the_whistle_and_play_restarts_with_the_next_half() {
    let lines = story(vec![
        event(9, "1H", 2710.0, AWAY, "Free Kick", "Free kick shot", &[101]),
        event(10, "2H", 2800.0, HOME, "Shot", "Shot", &[101]),
    ]);
    assert_eq!(
        lines,
        [
            "FirstHalf 2710.0 goal-9: away goal, scouted",
            "FirstHalf 2712.0 goal-9/confirmed: sure of goal-9, confirmed",
            "SecondHalf 0.0 goal-9/restarted: PlayRestarted, confirmed",
            "SecondHalf 2800.0 goal-10: home goal, scouted",
            "SecondHalf 2802.0 goal-10/confirmed: sure of goal-10, confirmed",
        ]
    );
}

#[test]
fn a_penalty_is_awarded_at_its_foul_however_long_the_review() {
    let lines = story(vec![
        event(9, "1H", 300.0, AWAY, "Foul", "Hand foul", &[1701]),
        event(10, "1H", 330.0, AWAY, "Foul", "Protest", &[1702]),
        event(11, "1H", 335.0, HOME, "Interruption", "Whistle", &[]),
        event(12, "1H", 540.0, HOME, "Free Kick", "Penalty", &[101, 1801]),
        event(13, "1H", 600.0, AWAY, "Pass", "Simple pass", &[]),
    ]);
    assert_eq!(
        lines,
        [
            "FirstHalf 300.0 penalty-12: home penalty, confirmed",
            "FirstHalf 300.0 card-9: away red, scouted",
            "FirstHalf 330.0 card-9/confirmed: sure of card-9, confirmed",
            "FirstHalf 330.0 card-10: away yellow, scouted",
            "FirstHalf 335.0 card-10/confirmed: sure of card-10, confirmed",
            "FirstHalf 540.0 goal-12: home goal, scouted",
            "FirstHalf 600.0 goal-12/confirmed: sure of goal-12, confirmed",
            "FirstHalf 600.0 goal-12/restarted: PlayRestarted, confirmed",
        ]
    );
}

#[test]
fn a_penalty_without_a_foul_of_its_own_is_awarded_at_the_kick() {
    let lines = story(vec![
        event(9, "1H", 300.0, AWAY, "Foul", "Foul", &[]),
        event(10, "1H", 330.0, HOME, "Pass", "Simple pass", &[]),
        event(11, "1H", 340.0, HOME, "Free Kick", "Penalty", &[1802]),
        event(12, "1H", 341.0, HOME, "Shot", "Shot", &[101]),
        event(13, "1H", 400.0, AWAY, "Pass", "Simple pass", &[]),
    ]);
    assert_eq!(
        lines,
        [
            "FirstHalf 340.0 penalty-11: home penalty, confirmed",
            "FirstHalf 340.0 penalty-11/missed: home penalty missed, confirmed",
            "FirstHalf 341.0 goal-12: home goal, scouted",
            "FirstHalf 400.0 goal-12/confirmed: sure of goal-12, confirmed",
            "FirstHalf 400.0 goal-12/restarted: PlayRestarted, confirmed",
        ]
    );
}

#[test]
fn cards_and_corners() {
    let lines = story(vec![
        event(9, "2H", 100.0, AWAY, "Foul", "Foul", &[1702, 1703]),
        event(10, "2H", 130.0, HOME, "Free Kick", "Corner", &[801]),
        event(11, "2H", 2801.0, HOME, "Foul", "Violent Foul", &[1701]),
    ]);
    assert_eq!(
        lines,
        [
            "SecondHalf 100.0 card-9: away second yellow, scouted",
            "SecondHalf 130.0 card-9/confirmed: sure of card-9, confirmed",
            "SecondHalf 130.0 corner-10: home corner, confirmed",
            "SecondHalf 2801.0 card-11: home red, scouted",
            "SecondHalf 2803.0 card-11/confirmed: sure of card-11, confirmed",
        ]
    );
}

#[test]
fn extra_time_and_shoot_out_have_their_own_clock() {
    let mut events = whole(vec![event(9, "2H", 500.0, HOME, "Shot", "Shot", &[101]), pass(10, "2H", 560.0)]);
    events.extend([pass(20, "E1", 1.0), pass(21, "E1", 900.0), pass(22, "E2", 1.0)]);
    events.push(event(23, "E2", 950.0, AWAY, "Shot", "Shot", &[101]));
    events.push(event(30, "P", 10.0, HOME, "Free Kick", "Penalty", &[101]));
    events.push(event(31, "P", 50.0, AWAY, "Free Kick", "Penalty", &[1802]));
    let facts = facts(events);
    let lines = told(&facts);
    let extra = lines.iter().position(|line| line.contains(" full-time")).unwrap();
    assert_eq!(
        lines[extra..],
        [
            "SecondHalf 2792.0 full-time: PeriodEnd(SecondHalf), confirmed",
            "ExtraFirstHalf 0.0 extra-first-half: PeriodStart(ExtraFirstHalf), confirmed",
            "ExtraFirstHalf 902.0 extra-half-time: PeriodEnd(ExtraFirstHalf), confirmed",
            "ExtraSecondHalf 0.0 extra-second-half: PeriodStart(ExtraSecondHalf), confirmed",
            "ExtraSecondHalf 950.0 goal-23: away goal, scouted",
            "ExtraSecondHalf 952.0 goal-23/confirmed: sure of goal-23, confirmed",
            "ExtraSecondHalf 952.0 extra-full-time: PeriodEnd(ExtraSecondHalf), confirmed",
            "ShootOut 0.0 shoot-out: PeriodStart(ShootOut), confirmed",
            "ShootOut 10.0 goal-30: home goal, scouted",
            "ShootOut 50.0 goal-30/confirmed: sure of goal-30, confirmed",
            "ShootOut 50.0 goal-30/restarted: PlayRestarted, confirmed",
            "ShootOut 50.0 penalty-31/missed: away penalty missed, confirmed",
            "ShootOut 52.0 shoot-out-end: PeriodEnd(ShootOut), confirmed",
            "ShootOut 52.0 final-whistle: FinalWhistle, confirmed",
        ]
    );
    assert_eq!(goals_in_ninety_minutes(&facts), (1, 0));
    // 2707 s, 15 min, 2792 s, 5 min, 902 s, 1 min, 952 s, 5 min, 52 s.
    assert_eq!(
        facts.last().unwrap().at_match,
        Millis::from_seconds(2707 + 900 + 2792 + 300 + 902 + 60 + 952 + 300 + 52)
    );
}

#[test]
fn the_clock_ticks_while_a_period_runs() {
    let played = play(whole(Vec::new())).unwrap();
    let ticks = |every| {
        let facts = timeline(&played, Millis::from_seconds(every));
        facts.into_iter().filter(|fact| fact.body == FactBody::ClockTick).collect::<Vec<_>>()
    };
    // 2707 s and 2792 s.
    assert_eq!(ticks(10).len(), 270 + 279);
    assert_eq!(
        ticks(900).iter().map(in_words).collect::<Vec<_>>(),
        [
            "FirstHalf 900.0 tick-1H-900000: ClockTick, confirmed",
            "FirstHalf 1800.0 tick-1H-1800000: ClockTick, confirmed",
            "FirstHalf 2700.0 tick-1H-2700000: ClockTick, confirmed",
            "SecondHalf 900.0 tick-2H-900000: ClockTick, confirmed",
            "SecondHalf 1800.0 tick-2H-1800000: ClockTick, confirmed",
            "SecondHalf 2700.0 tick-2H-2700000: ClockTick, confirmed",
        ]
    );
    assert_eq!(ticks(0), []);
    assert_eq!(ticks(-5), []);
}

#[test]
fn what_is_unknown_or_missing_and_not_needed_is_let_pass() {
    let mut events = whole(Vec::new());
    events.push(json!({"id": 50, "matchPeriod": "1H", "eventSec": 60}));
    events.push(json!({
        "id": 51, "matchPeriod": "1H", "eventSec": 61.5, "teamId": 0, "subEventId": "", "subEventName": null,
        "eventName": "Levitation", "tags": null, "playerId": "nobody", "positions": 3,
    }));
    assert_eq!(told(&facts(events)).len(), 5);
}

#[test]
fn events_out_of_order_are_told_in_order_of_time() {
    let mut events = whole(vec![event(9, "1H", 600.0, HOME, "Shot", "Shot", &[101]), pass(10, "1H", 660.0)]);
    let ordered = facts(events.clone());
    events.reverse();
    assert_eq!(facts(events), ordered);
    assert!(ordered.iter().all(|fact| fact.clock.period != Period::Over));
}

#[test]
fn names_escaped_twice_are_read_as_meant() {
    for (label, home, away) in [
        ("Saint-\\u00c9tienne - Lille, 5 - 0", "Saint-Étienne", "Lille"),
        ("Ajax - Feyenoord, 2 - 1 (P)", "Ajax", "Feyenoord"),
        ("a\\u - b\\ud800x\\u00e9, 0 - 0", "a\\u", "b\\ud800xé"),
    ] {
        let mut row = row();
        row["label"] = json!(label);
        let listed = understand_row(row, "Test").unwrap();
        assert_eq!((listed.home.as_str(), listed.away.as_str()), (home, away));
    }
}
