//! One match in several runs: the same story at other instants.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use super::*;
use crate::cli::replay::{Heartbeats, MatchScript, Pace, RunPlan, schedule};
use crate::event::{Fact, FeedMessage};
use crate::values::{Millis, ProducerId, Time};

fn run(plan: RunPlan) -> Vec<(Time, Fact)> {
    let goal = vec![event(9, "1H", 600.0, HOME, "Shot", "Shot", &[101]), pass(10, "1H", 660.0)];
    let played = play(whole(goal)).unwrap();
    let sendings = schedule(&MatchScript::of_recording(&played, TICK_EVERY), &plan, None).unwrap();
    assert!(sendings.iter().all(|sending| !sending.is_lost));
    sendings.into_iter().map(|sending| (sending.at, sending.fact)).collect()
}

fn sixty_times() -> RunPlan {
    let pace = Pace::Times(NonZeroU32::new(60).unwrap());
    RunPlan { pace, ..RunPlan::new(Time::from_ms(1_800_000_000_000)) }
}

#[test]
fn a_run_is_the_match_of_today() {
    let plan = sixty_times();
    let messages = run(plan.clone());
    let (sent_at, first) = &messages[0];
    assert_eq!(*sent_at, plan.start);
    // 1 800 000 000 in base 36, as any calculator says.
    assert_eq!(first.match_id.as_str(), "wyscout-7-tro8w0");
    let FactBody::Fixture(fixture) = &first.body else { panic!("{first:?}") };
    assert_eq!((fixture.home.as_str(), fixture.away.as_str()), ("Ajax", "Feyenoord"));
    assert_eq!(fixture.competition.as_str(), "Eredivisie");
    assert_eq!(fixture.kick_off, plan.start + Millis::from_seconds(10));
    assert_eq!(fixture.expectation, plan.expectation);
    let sent_of = |id: &str| messages.iter().find(|(_, fact)| fact.id.as_str() == id).unwrap().0;
    assert_eq!(sent_of("kick-off"), fixture.kick_off);
    // Ten minutes of match are ten seconds of ours.
    assert_eq!(sent_of("goal-9"), fixture.kick_off + Millis::from_seconds(10));
    assert_eq!(sent_of("goal-9/confirmed"), fixture.kick_off + Millis::from_seconds(11));
    // 2707 s and 15 minutes, by sixty.
    assert_eq!(sent_of("second-half"), fixture.kick_off + Millis::new(60_116));
}

#[test]
fn every_message_counts_up_and_is_sent_when_it_happens() {
    for plan in [sixty_times(), RunPlan { pace: Pace::AtOnce, ..sixty_times() }] {
        let messages = run(plan);
        assert!(messages.iter().zip(1..).all(|((_, fact), sequence)| fact.sequence == sequence));
        assert!(messages.iter().all(|(send_at, fact)| *send_at == fact.source_at));
        assert!(messages.is_sorted_by_key(|(send_at, _)| *send_at));
        let ids: BTreeSet<_> = messages.iter().map(|(_, fact)| &fact.id).collect();
        assert_eq!(ids.len(), messages.len());
    }
}

#[test]
fn at_once_is_one_instant_and_the_same_story() {
    let told = |messages: &[(Time, Fact)]| {
        let facts = messages.iter().skip(1).map(|(_, fact)| (fact.id.clone(), fact.clock, fact.body.clone()));
        facts.collect::<Vec<_>>()
    };
    let at_once = run(RunPlan { pace: Pace::AtOnce, ..sixty_times() });
    assert!(at_once.iter().all(|(send_at, _)| *send_at == sixty_times().start));
    assert_eq!(told(&at_once), told(&run(sixty_times())));
}

#[test]
fn a_run_may_be_named_and_another_name_is_another_match() {
    let named = RunPlan { run: "friday.2".to_owned(), ..sixty_times() };
    assert_eq!(run(named)[0].1.match_id.as_str(), "wyscout-7-friday.2");
    let script = MatchScript::of_recording(&play(whole(Vec::new())).unwrap(), TICK_EVERY);
    for wrong in ["a/b", "a b", "ä", &"x".repeat(60)] {
        let plan = RunPlan { run: wrong.to_owned(), ..sixty_times() };
        assert!(schedule(&script, &plan, None).is_err(), "{wrong}");
    }
}

#[test]
fn heartbeats_count_up_in_every_partition_and_over_runs() {
    let producer = ProducerId::parse("wyscout").unwrap();
    let start = Time::from_ms(1_000);
    let mut beats = Heartbeats::new(producer.clone(), 2, start);
    let sequences = |messages: Vec<FeedMessage>| {
        let of = |message| match message {
            FeedMessage::Heartbeat(beat) => (beat.sequence, beat.source_at.ms()),
            FeedMessage::Fact(_) | FeedMessage::SnapshotComplete(_) => panic!("not a heartbeat: {message:?}"),
        };
        messages.into_iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(sequences(beats.beat(start)), [(1_001, 1_000), (1_001, 1_000)]);
    assert_eq!(sequences(beats.beat(start + Millis::from_seconds(1))), [(1_002, 2_000), (1_002, 2_000)]);
    let mut later = Heartbeats::new(producer, 1, start + Millis::from_seconds(2));
    assert_eq!(sequences(later.beat(start + Millis::from_seconds(2))), [(3_001, 3_000)]);
}
