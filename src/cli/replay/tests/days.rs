//! Made-up days: the same from the same seed, and as many goals as were expected.

use super::*;
use crate::cli::replay::{MatchScript, RunPlan, TICK_EVERY, generated, schedule};
use crate::event::{Certainty, Expectation, FeedMessage, Period};
use crate::outcome::FactSet;
use crate::values::{Millis, Time};
use crate::wire;
use std::collections::BTreeSet;

fn bytes(seed: u64) -> Vec<u8> {
    let plan = RunPlan::new(Time::from_ms(1_800_000_000_000));
    let mut bytes = Vec::new();
    for script in generated::match_day(seed, 3, TICK_EVERY) {
        for sending in schedule(&script, &plan, None).unwrap() {
            wire::encode_feed(&FeedMessage::Fact(sending.fact), &mut bytes);
        }
    }
    bytes
}

#[test]
fn the_same_seed_makes_the_same_day_byte_for_byte() {
    assert_eq!(bytes(7), bytes(7));
    assert_ne!(bytes(7), bytes(8));
    // The same on every machine and from version to version: who relies on a seed keeps its day.
    let mut told = String::new();
    for fact in generated::match_day(7, 3, TICK_EVERY).iter().flat_map(|script| &script.facts) {
        told.push_str(&format!("{} {}\n", fact.at_match.get(), fact.id));
    }
    assert_eq!(&crate::values::Hash::of(told.as_bytes()).to_string()[..16], "02319a43be549132");
}

#[test]
fn a_day_has_as_many_matches_as_asked_for_and_every_club_once() {
    for matches in [0, 1, 10, 200] {
        let day = generated::match_day(1, matches, Millis::ZERO);
        let clubs: BTreeSet<&String> = day.iter().flat_map(|script| &script.source_names).collect();
        assert_eq!((day.len(), clubs.len()), (matches, matches * 2));
    }
    assert!(generated::match_day(1, 1_000_000, Millis::ZERO).len() < 1_000);
}

/// What holds at the end, heard in the order in which it is told.
fn heard(script: &MatchScript) -> FactSet {
    let mut facts = FactSet::new();
    for sending in schedule(script, &RunPlan::new(Time::EPOCH), None).unwrap() {
        facts.insert(&sending.fact);
    }
    facts
}

#[test]
fn a_generated_match_is_in_order_and_whole() {
    for script in generated::match_day(11, 100, TICK_EVERY) {
        let facts = &script.facts;
        assert!(facts.is_sorted_by_key(|fact| fact.at_match), "{}", script.key);
        assert!(facts.is_sorted_by_key(|fact| (fact.clock.period, fact.clock.elapsed)), "{}", script.key);
        let ids: BTreeSet<_> = facts.iter().map(|fact| &fact.id).collect();
        assert_eq!(ids.len(), facts.len(), "{}", script.key);
        let heard = heard(&script);
        assert!(!heard.has_unconfirmed_goal() && heard.regulation_over_confirmed(), "{}", script.key);
        assert_eq!(heard.confirmed_score(), heard.score(), "{}", script.key);
        assert_eq!(facts.last().unwrap().body, FactBody::FinalWhistle);
        // Nothing is left open that would keep betting stopped.
        let count = |matches: &dyn Fn(&FactBody) -> bool| facts.iter().filter(|fact| matches(&fact.body)).count();
        assert_eq!(count(&|body| *body == FactBody::ReviewStart), count(&|body| *body == FactBody::ReviewEnd));
        assert_eq!(
            count(&|body| *body == FactBody::Interruption) > 0,
            facts.iter().any(|fact| fact.id.as_str().starts_with("interruption"))
        );
        assert!(facts.iter().any(|fact| fact.clock.stoppage_announced_minutes.is_some()));
    }
}

#[test]
fn goals_come_as_often_as_was_expected() {
    let (mut expected, mut scored) = ([0.0; 2], [0.0; 2]);
    let (mut squares, mut kinds) = (0.0, BTreeSet::new());
    let matches = 500.0;
    for seed in 0..5 {
        for script in generated::match_day(seed, 100, TICK_EVERY) {
            let Some(Expectation::Rates { home, away }) = script.expectation else { panic!("rates are drawn") };
            expected[0] += home.to_f64();
            expected[1] += away.to_f64();
            let score = heard(&script).score();
            scored[0] += f64::from(score.home);
            scored[1] += f64::from(score.away);
            let total = f64::from(score.home + score.away);
            squares += total * total;
            kinds.extend(
                script.facts.iter().map(|fact| std::mem::discriminant(&fact.body)).map(|kind| format!("{kind:?}")),
            );
        }
    }
    println!("expected {expected:?}, scored {scored:?}");
    for side in 0..2 {
        // Four standard errors of a count of some 700.
        assert!((expected[side] - scored[side]).abs() < 4.0 * f64::sqrt(expected[side]), "{expected:?} {scored:?}");
    }
    // Goals that come one by one and not in heaps: the variance of a match is near its mean.
    let mean = (scored[0] + scored[1]) / matches;
    let variance = squares / matches - mean * mean;
    assert!((0.8..1.35).contains(&(variance / mean)), "{variance} {mean}");
    // Everything a trader must have seen happens within a few days.
    assert!(kinds.len() >= 25, "{}", kinds.len());
}

#[test]
fn what_stops_betting_is_seen_on_a_few_days() {
    let day: Vec<MatchScript> = (0..5).flat_map(|seed| generated::match_day(seed, 100, TICK_EVERY)).collect();
    let facts = || day.iter().flat_map(|script| &script.facts);
    for (name, seen) in [
        ("retaken", facts().any(|fact| matches!(fact.body, FactBody::PenaltyRetaken(_)))),
        ("cancelled", facts().any(|fact| matches!(fact.body, FactBody::PenaltyCancelled(_)))),
        ("missed", facts().any(|fact| matches!(fact.body, FactBody::PenaltyMissed(_)))),
        ("rolled back", facts().any(|fact| matches!(fact.body, FactBody::Rollback(_)))),
        ("interrupted", facts().any(|fact| fact.body == FactBody::Interruption)),
        ("own goal", facts().any(|fact| matches!(fact.body, FactBody::Goal { own_goal: true, .. }))),
        ("second yellow", facts().any(|fact| matches!(fact.body, FactBody::RedCard { second_yellow: true, .. }))),
        ("no red", facts().any(|fact| fact.body == FactBody::NoRedCard)),
        ("retracted", facts().any(|fact| matches!(fact.body, FactBody::CornerRetracted(_)))),
        (
            "stoppage goal",
            facts().any(|fact| {
                let is_goal = matches!(fact.body, FactBody::Goal { .. }) && fact.certainty == Certainty::Scouted;
                is_goal && fact.clock.period == Period::SecondHalf && fact.clock.elapsed > Millis::from_seconds(2_700)
            }),
        ),
    ] {
        assert!(seen, "{name}");
    }
}
