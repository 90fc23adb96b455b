//! Whatever order a feed arrives in, the match ends the same.

use super::story::Story;
use crate::event::{Certainty, Fact, FactBody, MarketStatus, Output, Period, Settings};
use crate::values::{Hash, HashStream};
use proptest::prelude::*;

/// The facts of a match, in the source's order.
fn whole_match(story: &mut Story, events: &[u8]) -> Vec<Fact> {
    let mut lines: Vec<(String, Vec<&str>)> =
        vec![("f1".into(), vec!["!fixture"]), ("k1".into(), vec!["!start", "1H"])];
    for (number, event) in events.iter().enumerate() {
        if number == events.len() / 2 {
            lines.push(("e1".into(), vec!["!end", "1H"]));
            lines.push(("s2".into(), vec!["!start", "2H"]));
        }
        let what = match event {
            0 | 1 => vec!["goal", "home"],
            2 => vec!["goal", "away"],
            3 => vec!["red", "away"],
            4 => vec!["review"],
            5 => vec!["review-end"],
            6 => vec!["penalty", "home"],
            7 => vec!["corner", "home"],
            8 => vec!["rollback", "g0"],
            9 => vec!["rollback", "g3"],
            _ => vec!["tick"],
        };
        let name = if what[0] == "goal" { format!("g{number}") } else { format!("x{number}") };
        lines.push((name, what));
        if event % 2 == 0 {
            lines.push((format!("r{number}"), vec!["restart"]));
        }
    }
    lines.push(("e2".into(), vec!["!end", "2H"]));
    lines.iter().map(|(id, words)| story.fact(id, words, None)).collect()
}

fn settled_state(story: &Story) -> (Hash, Vec<String>) {
    let mut stream = HashStream::new();
    let update = story.last();
    stream.unsigned(u64::from(update.score.home)).unsigned(u64::from(update.score.away));
    let results = update.markets.iter().filter(|market| market.status == MarketStatus::Settled);
    let results = results.map(|market| format!("{} {:?}", market.id, market.outcomes)).collect();
    (stream.finish(), results)
}

/// Plays the facts in this order, answers every request, and lets every timer run out.
fn end_of(facts: &[Fact]) -> Story {
    let mut story = Story::new(Settings::default());
    story.tell("0");
    for fact in facts {
        story.said.clear();
        story.send(fact.clone());
    }
    for number in 1..=story_requests(facts) {
        story.tell(&format!("0 complete trading-0-{number}"));
    }
    story.tell("2000");
    story
}

fn story_requests(facts: &[Fact]) -> usize {
    facts.len() + 1
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_order_and_any_repeats_end_in_the_same_results(
        events in prop::collection::vec(0_u8..12, 2..14),
        keys in prop::collection::vec(any::<u32>(), 64),
        repeats in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut writer = Story::new(Settings::default());
        let facts = whole_match(&mut writer, &events);
        let in_order = end_of(&facts);
        let mut jumbled: Vec<Fact> = facts.clone();
        jumbled.extend(repeats.iter().map(|index| facts[index.index(facts.len())].clone()));
        let mut keyed: Vec<(u32, Fact)> = keys.iter().copied().cycle().zip(jumbled).collect();
        keyed.sort_by_key(|(key, _)| *key);
        let jumbled: Vec<Fact> = keyed.into_iter().map(|(_, fact)| fact).collect();
        let out_of_order = end_of(&jumbled);
        prop_assert_eq!(in_order.last().score, out_of_order.last().score);
        prop_assert_eq!(in_order.last().phase, out_of_order.last().phase);
        let results = |story: &Story| settled_state(story).1.into_iter().filter(|r| r.starts_with("1x2")).collect::<Vec<_>>();
        prop_assert_eq!(results(&in_order), results(&out_of_order));
        prop_assert_eq!(results(&in_order).is_empty(), is_in_review(&events));
    }

    #[test]
    fn the_same_inputs_say_the_same_bytes(events in prop::collection::vec(0_u8..12, 2..10)) {
        let run = || {
            let mut story = Story::new(Settings::default());
            let facts = whole_match(&mut story, &events);
            let mut said: Vec<Output> = Vec::new();
            for fact in facts {
                story.said.clear();
                story.send(fact);
                said.append(&mut story.said);
            }
            (said, crate::event::Machine::state_hash(&story.machine))
        };
        prop_assert_eq!(run(), run());
    }
}

/// A review that never ends keeps what is scouted in doubt: goals without a restart, if any count.
fn is_in_review(events: &[u8]) -> bool {
    let review_open = events.iter().rev().find(|event| (4..=5).contains(*event)) == Some(&4);
    let rolled_back = |number: usize| (number == 0 && events.contains(&8)) || (number == 3 && events.contains(&9));
    let last_restart = events.iter().rposition(|event| event % 2 == 0);
    let half = events.len() / 2;
    let doubtful = |number: usize| number >= half && last_restart.is_none_or(|restart| number > restart);
    let in_doubt = |(number, event): (usize, &u8)| *event <= 2 && doubtful(number) && !rolled_back(number);
    review_open && events.iter().enumerate().any(in_doubt)
}

#[test]
fn the_helper_writes_a_whole_match() {
    let mut writer = Story::new(Settings::default());
    let facts = whole_match(&mut writer, &[0, 1]);
    assert_eq!(facts.last().map(|fact| fact.body.clone()), Some(FactBody::PeriodEnd(Period::SecondHalf)));
    assert_eq!(facts.iter().filter(|fact| fact.certainty == Certainty::Scouted).count(), 3);
}
