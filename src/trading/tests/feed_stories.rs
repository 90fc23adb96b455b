//! What a feed does wrong, and what is held meanwhile.

use super::story::{Story, fixture, match_id, play, producer};
use crate::event::{
    Fact, FeedMessage, Machine, MarketStatus, Moment, Outbox, Output, Settings, TradingInput, Watermark,
};
use crate::values::Millis;

#[test]
fn a_gap_holds_the_match_until_our_own_recovery_is_complete() {
    play(
        "
        10 skip 2
        11 t4 tick               -> 1x2 suspended feed; asks trading-0-1; alert FeedGap
        12 t5 tick               -> 1x2 suspended feed; calm
        13 late 2 t2 tick        -> 1x2 suspended feed
        14 complete trading-0-9  -> 1x2 suspended feed
        15 complete trading-9-1  -> 1x2 suspended feed
        16 complete trading-0-1  -> 1x2 active
        17 complete trading-0-1  -> quiet
        18 late 3 t3 tick        -> quiet
    ",
    );
}

#[test]
fn a_missing_goal_counts_when_it_comes_and_play_that_went_on_lifts_it() {
    play(
        "
        600
        605 k1 !start 1H   -> 1x2 active
        900 skip 1
        960 r1 restart           -> 1x2 suspended feed; score 0:0
        961 late 3 g1 goal home  -> score 1:0; news g1/confirmed; 1x2 suspended feed
        962 complete trading-0-1 -> 1x2 active; total:line=0.5 settled
    ",
    );
}

#[test]
fn old_and_repeated_messages_change_nothing() {
    let mut story = play("605 k1 !start 1H");
    let goal = story.fact("g1", &["goal", "home"], None);
    story.send(goal.clone());
    story.tell("900 -> score 1:0");
    story.said.clear();
    let resent = story.fact("g1", &["goal", "home"], None);
    story.send(Fact { clock: goal.clock, ..resent });
    story.send(goal);
    assert!(story.said.iter().all(|output| matches!(output, Output::Watermark(_))), "{:?}", story.said);
    assert_eq!(story.machine.dropped(), 2);
    story.tell(
        "
        907 late 2 g9 goal away  -> quiet; calm
        910 g1 goal away         -> quiet; alert FactConflict; rejects DuplicateConflict; score 1:0
    ",
    );
}

#[test]
fn a_silent_producer_is_held_until_it_has_sent_everything_again() {
    let mut story = play("605 k1 !start 1H -> 1x2 active");
    story.heartbeats = false;
    story.tell(
        "
        608              -> 1x2 active
        611              -> 1x2 suspended feed; asks trading-0-1; alert ProducerSilent
        620              -> calm; 1x2 suspended feed
        621 heartbeat    -> 1x2 suspended feed
        622 t1 tick      -> 1x2 suspended feed
        623 complete trading-0-1 -> 1x2 active
    ",
    );
}

#[test]
fn before_kick_off_silence_is_longer() {
    let mut story = play("10 -> 1x2 active");
    story.heartbeats = false;
    story.tell(
        "
        28 -> 1x2 active
        31 -> 1x2 suspended feed; asks trading-0-1
    ",
    );
}

#[test]
fn a_backlog_is_no_silence() {
    let mut story = play("605 k1 !start 1H");
    // The shard reads what was appended a minute ago: it lags, and holds the match for that, but nobody is silent.
    story.lag = Millis::from_seconds(60);
    story.heartbeats = false;
    story.tell("665 -> 1x2 suspended lag; calm");
    story.lag = Millis::ZERO;
    story.heartbeats = true;
    story.tell("668 -> 1x2 suspended feed; alert ProducerSilent");
}

#[test]
fn a_shard_that_lags_holds_its_matches_and_lifts_by_itself() {
    let mut story = play("10 -> 1x2 active");
    story.lag = Millis::new(2_000);
    story.tell("13 -> 1x2 active");
    story.lag = Millis::new(2_001);
    story.tell("16 -> 1x2 suspended lag");
    story.tell("19 -> quiet");
    story.lag = Millis::ZERO;
    story.tell("22 -> 1x2 active");
}

#[test]
fn a_match_that_begins_without_its_fixture_waits_for_it() {
    let mut story = Story::new(Settings::default());
    story.tell(
        "
        0 skip 1
        1 k1 !start 1H   -> quiet; asks trading-0-1; alert FeedGap
        2 g1 !goal home  -> quiet
    ",
    );
    let fixture = Fact { body: fixture(1, 600), ..story.fact("f1", &["fixture"], Some(1)) };
    story.send(fixture);
    assert_eq!(story.updates.len(), 1);
    story.tell(
        "
        3                        -> score 1:0; 1x2 suspended feed incident
        4 complete trading-0-1   -> 1x2 suspended incident
        5 r1 restart             -> 1x2 active
    ",
    );
}

#[test]
fn only_the_fixtures_producer_is_heard() {
    let mut story = play("605 k1 !start 1H");
    let goal = story.fact("g1", &["goal", "home"], Some(1));
    story.said.clear();
    story.send(Fact { producer: producer("other"), ..goal });
    assert!(matches!(story.said.as_slice(), [.., Output::Reject(_)]), "{:?}", story.said);
    story.tell("606 t1 tick -> score 0:0; 1x2 active");
}

#[test]
fn what_can_never_be_right_is_refused() {
    let mut story = play("605 k1 !start 1H");
    let goal = story.fact("g1", &["goal", "home"], Some(3));
    let mut on_the_break = goal.clone();
    on_the_break.clock.as_mut().unwrap().period = crate::event::Period::HalfTime;
    let flawed = [
        Fact { sequence: 0, ..goal.clone() },
        Fact { clock: None, ..goal.clone() },
        on_the_break,
        Fact { id: crate::values::FactId::parse(&"g".repeat(120)).unwrap(), ..goal },
    ];
    for fact in flawed {
        story.said.clear();
        story.batch(vec![TradingInput::Feed(FeedMessage::Fact(fact))]);
        assert!(story.said.iter().any(|output| matches!(output, Output::Reject(_))));
        assert_eq!(story.last().score.home, 0);
    }
}

#[test]
fn a_shard_full_of_matches_takes_no_more() {
    let mut settings = Settings::default();
    settings.trading.max_matches = 1;
    let mut story = Story::new(settings);
    story.tell("0 f1 !fixture -> 1x2 active");
    let other = Fact { match_id: match_id("m2"), ..story.fact("f1", &["fixture"], Some(1)) };
    story.said.clear();
    story.send(other);
    assert!(story.said.iter().any(|output| matches!(output, Output::Reject(_))));
    assert_eq!(story.updates.len(), 1);
}

#[test]
fn a_watermark_is_said_at_least_every_quarter_second() {
    let mut story = Story::new(Settings::default());
    assert!(story.machine.next_due().at.is_some_and(|at| at <= story.now), "the first at once");
    for _ in 0..3 {
        story.said.clear();
        story.batch(Vec::new());
        let expected = Watermark { shard: 0, through: story.now, at: story.now };
        assert_eq!(story.said, [Output::Watermark(expected)]);
        let due = story.now + Millis::new(250);
        assert_eq!(story.machine.next_due().at, Some(due));
        story.now = due;
    }
}

/// A silence that holds more matches than one batch may serve: until all are held, nothing is said to be fresh.
#[test]
fn freshness_waits_for_what_is_decided_but_not_published() {
    let mut story = play("10 -> 1x2 active");
    for number in 2..=6 {
        let other = story.fact("f1", &["fixture"], Some(1));
        story.send(Fact { match_id: match_id(&format!("m{number}")), ..other });
    }
    let mut out = Outbox::new();
    let silent_from = story.now + Millis::from_seconds(30);
    let mut said = |story: &mut Story, ms: i64| {
        let at = silent_from + Millis::new(ms);
        story.machine.open(Moment { at, through: at });
        story.machine.due(4, &mut out);
        let fresh =
            out.records().iter().rev().find_map(|record| {
                if let Output::Watermark(watermark) = record { Some(watermark.through) } else { None }
            });
        let updates = out.records().iter().filter(|record| matches!(record, Output::Market(_))).count();
        out.take();
        (updates, fresh.map(|through| (through - silent_from).get()))
    };
    assert_eq!(said(&mut story, 0), (4, Some(-30_000)));
    assert!(story.machine.next_due().at <= Some(silent_from), "at once");
    assert_eq!(said(&mut story, 1_000), (2, Some(1_000)), "all that was decided is published now");
    assert_eq!(said(&mut story, 2_000), (0, Some(2_000)));
}

/// A goal and what follows it in one batch: the first update must not claim what the last one says.
#[test]
fn no_update_claims_what_comes_behind_it_in_its_batch() {
    let mut story = play("605 k1 !start 1H");
    let before = story.now;
    story.now = before + Millis::from_seconds(1);
    let facts = [story.fact("n1", &["corner", "home"], None), story.fact("g1", &["goal", "home"], None)];
    story.said.clear();
    story.batch(facts.into_iter().map(|fact| TradingInput::Feed(FeedMessage::Fact(fact))).collect());
    let claims = |output: &Output| match output {
        Output::Market(update) => Some(update.through),
        Output::Watermark(watermark) => Some(watermark.through),
        Output::Image(_) | Output::Results(_) | Output::FeedRequest(_) | Output::Reject(_) | Output::Alert(_) => None,
        Output::Decision(_) | Output::Settlement(_) | Output::Posting(_) => panic!("trading says no {output:?}"),
    };
    let claimed: Vec<_> = story.said.iter().filter_map(claims).collect();
    assert_eq!(claimed, [before, before, story.now], "only the watermark behind them all is fresh");
}

#[test]
fn a_second_gap_asks_from_before_the_first() {
    let story = play(
        "
        10 t1 tick
        20 skip 1
        21 t2 tick    -> asks trading-0-1
        30 t3 tick
        40 skip 1
        41 t4 tick    -> asks trading-0-2
    ",
    );
    let since = story.said.iter().find_map(|o| if let Output::FeedRequest(r) = o { Some(r.since) } else { None });
    assert_eq!(since, Some(crate::values::Time::from_ms(10_000)));
}

#[test]
fn a_goal_that_cannot_be_taken_holds_the_match_until_it_comes_rightly() {
    let mut story = play("605 k1 !start 1H -> 1x2 active");
    let goal = story.fact("g1", &["goal", "home"], None);
    story.said.clear();
    story.send(Fact { clock: None, ..goal.clone() });
    let shut = |story: &Story| story.last().markets.iter().all(|m| m.status != MarketStatus::Active);
    assert!(shut(&story), "refused, but something happened: {:?}", story.said);
    assert!(story.said.iter().any(|output| matches!(output, Output::Reject(_))));
    assert!(story.said.iter().any(|output| matches!(output, Output::FeedRequest(_))));
    story.said.clear();
    story.send(Fact { clock: None, ..goal.clone() });
    assert!(!story.said.iter().any(|output| matches!(output, Output::FeedRequest(_))), "asked once, not for ever");
    story.tell("620 complete trading-0-1");
    assert!(shut(&story), "the barrier proves nothing while the goal is still missing");
    story.send(goal);
    story.tell("700 -> score 1:0");
}
