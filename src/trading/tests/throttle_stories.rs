//! Prices that move by the clock alone are said a few times a second; whatever happens is said in its own batch.

use std::sync::Arc;

use super::story::{Story, fixture};
use crate::event::*;
use crate::values::*;
use proptest::prelude::*;

/// The match runs this much faster than life, so that prices move within a second.
const SPEED: u32 = 600;

/// What a reader sees of the markets: all but the worth behind a price.
type Seen = Vec<(MarketId, MarketStatus, Owners, Vec<(Outcome, OutcomeStatus, Option<Price>)>)>;

fn seen(story: &Story) -> Seen {
    let of_market = |market: &MarketState| {
        let outcomes = market.outcomes.iter().map(|outcome| (outcome.outcome, outcome.status, outcome.price)).collect();
        (market.id, market.status, market.owners, outcomes)
    };
    story.last().markets.iter().map(of_market).collect()
}

/// The same without the prices.
fn stops(story: &Story) -> Seen {
    let mut seen = seen(story);
    seen.iter_mut().flat_map(|market| &mut market.3).for_each(|outcome| outcome.2 = None);
    seen
}

fn settings(ticks_per_s_max: u32) -> Settings {
    let mut settings = Settings::default();
    settings.clock.clock_scale = SPEED;
    settings.trading.ticks_per_s_max = ticks_per_s_max;
    settings
}

/// A match that has just begun, at second 700.
fn kicked_off(ticks_per_s_max: u32) -> Story {
    let mut story = Story::new(settings(ticks_per_s_max));
    story.tell("0 f1 !fixture -> 1x2 active\n700 k1 !start 1H -> 1x2 active");
    story
}

/// Something happens so many milliseconds after kick-off; how many updates that makes.
fn at(story: &mut Story, ms: i64, id: &str, words: &[&str]) -> usize {
    story.said.clear();
    story.now = Time::from_ms(700_000 + ms);
    if words.is_empty() {
        story.batch(Vec::new());
    } else {
        let mut fact = story.fact(id, words, None);
        fact.clock = Some(MatchClock {
            period: Period::FirstHalf,
            elapsed: Millis::new(ms * i64::from(SPEED)),
            stoppage_announced_minutes: None,
        });
        story.send(fact);
    }
    story.said.iter().filter(|output| matches!(output, Output::Market(_))).count()
}

fn is_stopped(story: &Story) -> bool {
    story.market("1x2").status == MarketStatus::Suspended
}

#[test]
fn fifty_ticks_and_a_goal_within_a_second() {
    let (mut throttled, mut free) = (kicked_off(2), kicked_off(0));
    let (mut updates, mut all) = (Vec::new(), 0);
    for tick in 1..=50_i64 {
        let ms = tick * 20;
        let (id, words) = match tick {
            25 => ("g1".to_owned(), vec!["goal", "home"]),
            35 => ("r1".to_owned(), vec!["restart"]),
            _ => (format!("t{tick}"), vec!["tick"]),
        };
        let said = at(&mut throttled, ms, &id, &words);
        all += at(&mut free, ms, &id, &words);
        assert_eq!(stops(&throttled), stops(&free), "no stop waits");
        if said > 0 {
            assert_eq!(seen(&throttled), seen(&free), "what is said is the newest");
            updates.push(tick);
        }
        assert_eq!(is_stopped(&throttled), (25..35).contains(&tick), "tick {tick}");
    }
    assert!(updates.contains(&25) && updates.contains(&35), "{updates:?}");
    // What is not in that list was stopped by itself: a line more or less on the shelf is no move of a price.
    assert!(updates.len() < 15 && all > 30, "{updates:?} of {all}");
    assert_eq!(throttled.last().score, free.last().score);
    // The last move is said when its time comes, without any tick.
    let is_behind = seen(&throttled) != seen(&free);
    assert_eq!(at(&mut throttled, 1_700, "", &[]), usize::from(is_behind));
    assert_eq!(seen(&throttled), seen(&free));
    assert_eq!(at(&mut throttled, 2_700, "", &[]), 0, "and once");
}

#[test]
fn what_is_held_back_comes_at_its_time_whatever_the_limit_becomes() {
    let (mut story, mut free) = (kicked_off(1), kicked_off(0));
    let mut ms = 0;
    // Up to a tick that is held back.
    while seen(&story) == seen(&free) {
        ms += 20;
        assert!(ms < 20_000, "no tick was held back");
        at(&mut story, ms, &format!("t{ms}"), &["tick"]);
        at(&mut free, ms, &format!("t{ms}"), &["tick"]);
    }
    let unlimited = Settings { revision: 2, ..settings(0) };
    story.said.clear();
    story.batch(vec![TradingInput::Settings(Arc::new(unlimited))]);
    assert_eq!(seen(&story), seen(&free));
}

#[test]
fn the_spacing_never_lets_more_than_the_limit_through() {
    for (most, spacing) in [(0, None), (1, Some(1_000)), (2, Some(500)), (3, Some(334)), (1_000, Some(1))] {
        assert_eq!(settings(most).trading.tick_spacing(), spacing.map(Millis::new));
    }
}

#[test]
fn a_new_fixture_does_not_wait_either() {
    let mut story = kicked_off(1);
    at(&mut story, 20, "t1", &["tick"]);
    let mut fact = story.fact("f2", &["!fixture"], None);
    fact.body = fixture(2, 700);
    story.said.clear();
    story.send(fact);
    assert!(story.said.iter().any(|output| matches!(output, Output::Market(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_throttled_match_says_nothing_late_but_prices_and_ends_as_the_free_one(
        happenings in prop::collection::vec((1_i64..300, 0_u8..16), 1..40),
        most in 1_u32..4,
    ) {
        let (mut throttled, mut free) = (kicked_off(most), kicked_off(0));
        let mut ms = 0;
        for (number, (after, what)) in happenings.iter().enumerate() {
            ms += after;
            let words: &[&str] = match what {
                0 => &["goal", "home"],
                1 => &["goal", "away"],
                2 => &["restart"],
                3 => &["review"],
                4 => &["review-end"],
                5 => &["corner", "away"],
                6 => &["yellow", "home"],
                7 => &["red?"],
                8 => &["no-red"],
                9 => &[],
                _ => &["tick"],
            };
            let id = format!("x{number}");
            let said = at(&mut throttled, ms, &id, words);
            let said_free = at(&mut free, ms, &id, words);
            prop_assert_eq!(stops(&throttled), stops(&free));
            prop_assert!(said == 0 || seen(&throttled) == seen(&free), "{:?}", words);
            if !words.is_empty() && words != ["tick"] {
                prop_assert_eq!(said, said_free, "{:?}", words);
            }
            throttled.tell("0 heartbeat");
            free.tell("0 heartbeat");
        }
        at(&mut throttled, ms + 1_000, "", &[]);
        at(&mut free, ms + 1_000, "", &[]);
        prop_assert_eq!(seen(&throttled), seen(&free));
        prop_assert_eq!(throttled.last().model.map(|model| model.inputs_version), free.last().model.map(|model| model.inputs_version));
    }
}
