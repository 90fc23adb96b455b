//! Prices that are not there, and settings that change.

use std::sync::Arc;

use super::story::{Story, play};
use crate::event::{Expectation, Fact, FactBody, MarketStatus, OutcomeStatus, Settings, TradingInput};
use crate::values::Billionths;

#[test]
fn without_a_price_risk_holds_the_match_and_one_alert_is_raised() {
    let mut story = play("10 -> 1x2 active");
    let mut body = super::story::fixture(2, 600);
    if let FactBody::Fixture(fixture) = &mut body {
        let home = Billionths::from_raw(99_000_000_000);
        fixture.expectation = Expectation::Rates { home, away: home };
    }
    story.said.clear();
    let fact = Fact { body, ..story.fact("f2", &["fixture"], None) };
    story.send(fact);
    story.tell(
        "
        11           -> 1x2 suspended risk; calm
        12 n1 corner home -> 1x2 suspended risk; calm
    ",
    );
    let repaired = Fact { body: super::story::fixture(3, 600), ..story.fact("f3", &["fixture"], None) };
    story.send(repaired);
    story.tell("13 -> 1x2 active");
}

#[test]
fn with_two_men_off_on_both_sides_nothing_is_offered() {
    let story = play(
        "
        605 k1 !start 1H
        700 a !red home
        701 b !red home
        702 c !red away  -> 1x2 active
        703 d !red away  -> 1x2 inactive
    ",
    );
    assert!(story.market("1x2").outcomes.iter().all(|outcome| outcome.status == OutcomeStatus::Withheld));
}

#[test]
fn five_men_off_is_a_match_abandoned() {
    play(
        "
        605 k1 !start 1H
        700 a !red home
        701 b !red home
        702 c !red home
        703 d !red home -> 1x2 active
        704 e !red home -> 1x2 suspended risk; alert NoPrice
    ",
    );
}

#[test]
fn new_margins_move_the_prices_without_a_fact() {
    let mut story = play("10 -> 1x2 active");
    let before = story.market("1x2").clone();
    let mut settings = Settings { revision: 2, ..Settings::default() };
    settings.trading.margins.match_result_thousandths = 1_200;
    story.batch(vec![TradingInput::Settings(Arc::new(settings))]);
    let after = story.market("1x2");
    assert_ne!(before.outcomes, after.outcomes);
    assert_eq!(after.status, MarketStatus::Active);
}

#[test]
fn at_scale_zero_what_waits_for_time_is_sure_at_once() {
    let mut settings = Settings::default();
    settings.clock.clock_scale = 0;
    let mut story = Story::new(settings);
    story.tell(
        "
        0 f1 !fixture
        605 k1 !start 1H -> 1x2 active
        700 g1 goal home -> news g1/confirmed; 1x2 suspended incident; total:line=0.5 settled; calm
        701 r1 restart   -> 1x2 active
    ",
    );
}

#[test]
fn a_replay_at_speed_sixty_waits_sixty_times_less() {
    let mut settings = Settings::default();
    settings.clock.clock_scale = 60;
    let mut story = Story::new(settings);
    story.tell(
        "
        0 f1 !fixture
        605 k1 !start 1H
        700 g1 goal home
        701              -> 1x2 suspended incident; total:line=0.5 suspended incident
        702              -> news g1/confirmed; total:line=0.5 settled
    ",
    );
}
