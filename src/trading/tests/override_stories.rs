//! What a trader thinks of a match prices it from then on, and every price tells which inputs made it.

use super::story::{Story, fixture, match_id, play};
use crate::event::*;
use crate::trading::{Quote, Standing, price};
use crate::values::*;

fn billionths(value: f64) -> Billionths {
    Billionths::from_f64(value).unwrap()
}

/// λ, μ, ρ, the two multipliers and the version of the inputs, as last published.
fn model(story: &Story) -> ([f64; 5], u64) {
    let model = story.last().model.expect("there is a price");
    let ModelUsed { home_rate, away_rate, rho, home_multiplier, away_multiplier, inputs_version } = model;
    let numbers = [home_rate, away_rate, rho, home_multiplier, away_multiplier];
    (numbers.map(Billionths::to_f64), inputs_version)
}

fn prices(story: &Story) -> Vec<(MarketId, Vec<Option<Price>>)> {
    let of_market = |market: &MarketState| (market.id, market.outcomes.iter().map(|outcome| outcome.price).collect());
    story.last().markets.iter().map(of_market).collect()
}

/// The match before kick-off, of these rates.
fn quoted(home: f64, away: f64) -> Quote {
    let standing = Standing {
        expectation: Expectation::Rates { home: billionths(home), away: billionths(away) },
        period: Period::PreMatch,
        clock: None,
        score: Score::default(),
        reds: (0, 0),
        circumstances: crate::pricing::Circumstances::default(),
    };
    price(&standing, &Settings::default().trading).unwrap()
}

fn is_priced_as(story: &Story, quote: &Quote) {
    let market = story.market("1x2");
    let offered: Vec<_> = market.outcomes.iter().map(|outcome| (outcome.fair, outcome.price)).collect();
    let quoted: Vec<_> =
        quote.offers[&MarketId::MATCH_RESULT].iter().map(|offer| (Some(offer.fair), offer.price)).collect();
    assert_eq!(offered, quoted);
}

#[test]
fn rates_before_kick_off_price_the_match_as_a_fixture_with_those_rates_would() {
    let mut story = play("300 -> quiet");
    assert_eq!(model(&story), ([1.5, 1.1, -0.04, 1.0, 1.0], 1));
    is_priced_as(&story, &quoted(1.5, 1.1));
    story.tell("310 desk 1 override rates=2.0/0.8 -> updates 1; 1x2 active");
    assert_eq!(model(&story), ([2.0, 0.8, -0.04, 1.0, 1.0], 2));
    is_priced_as(&story, &quoted(2.0, 0.8));
    story.tell("320 desk 2 override clear -> updates 1");
    assert_eq!(model(&story), ([1.5, 1.1, -0.04, 1.0, 1.0], 3));
    is_priced_as(&story, &quoted(1.5, 1.1));
}

#[test]
fn an_override_is_taken_once_and_published_whole_even_if_no_price_moves() {
    let mut story = play("300 desk 1 override home*1 -> updates 1");
    let markets = story.last().markets.len();
    assert_eq!(model(&story).1, 2);
    story.tell("301 desk 1 override home*1 -> quiet; calm\n302 desk 1 override home*3 -> quiet; calm");
    assert_eq!((model(&story).1, story.last().markets.len()), (2, markets));
}

#[test]
fn a_multiplier_scales_one_side_and_leaves_what_was_frozen() {
    let mut story = play("600\n605 k1 !start 1H -> 1x2 active");
    let before = story.market("1x2").outcomes.clone();
    story.tell("900 t1 tick\n901 desk 1 override home*1.5 -> updates 1; 1x2 active");
    assert_eq!(model(&story), ([1.5, 1.1, -0.04, 1.5, 1.0], 2));
    let after = story.market("1x2").outcomes.clone();
    assert!(after[0].fair > before[0].fair && after[2].fair < before[2].fair, "{before:?} {after:?}");
    story.tell("902 desk 2 override away*1.5 home*1 -> updates 1");
    assert_eq!(model(&story), ([1.5, 1.1, -0.04, 1.0, 1.5], 3));
}

#[test]
fn in_play_rates_scale_those_of_kick_off_and_can_be_taken_back() {
    let mut story = play("600\n605 k1 !start 1H\n900 t1 tick -> 1x2 active");
    let before = prices(&story);
    story.tell("901 desk 1 override rates=3/0.55 -> updates 1; 1x2 active");
    assert_eq!(model(&story), ([1.5, 1.1, -0.04, 2.0, 0.5], 2));
    assert_ne!(prices(&story), before);
    story.tell("902 desk 2 override clear -> updates 1; 1x2 active");
    assert_eq!(model(&story), ([1.5, 1.1, -0.04, 1.0, 1.0], 3));
    let outcomes = |prices: Vec<(MarketId, Vec<Option<Price>>)>| {
        let listed: Vec<MarketId> = before.iter().map(|(id, _)| *id).collect();
        prices.into_iter().filter(|(id, _)| listed.contains(id)).collect::<Vec<_>>()
    };
    // Lines that only the override called for stay listed, off the shelf.
    let main = |prices: &[(MarketId, Vec<Option<Price>>)]| {
        prices.iter().find(|(id, _)| *id == MarketId::MATCH_RESULT).cloned()
    };
    assert_eq!(main(&outcomes(prices(&story))), main(&before));
}

#[test]
fn what_is_frozen_or_over_is_refused_by_name() {
    let mut story = play(
        "
        600
        605  k1 !start 1H
        900  desk 1 override rho=-0.1          -> quiet; rejects InvalidValue
        901  desk 1 override home*2            -> updates 1
        3400 e1 !end 1H                        -> 1x2 active
        4300 k2 !start 2H
        7200 e2 !end 2H                        -> phase Over
        7300 desk 2 override away*2            -> quiet; rejects MatchOver
        7301 desk 1 override home*2            -> quiet; calm
    ",
    );
    assert!(!story.said.iter().any(|output| matches!(output, Output::Reject(_))), "a repeat is no news");
    story.tell("7302 desk 3 override clear -> rejects MatchOver");
}

#[test]
fn an_override_lifts_no_hold() {
    let mut story = play(
        "
        600
        605 k1 !start 1H
        900 g1 goal home            -> 1x2 suspended incident
        901 desk 1 override home*2  -> updates 1; 1x2 suspended incident
        902 desk 2 suspend          -> 1x2 suspended incident trader
        903 desk 3 override away*2  -> updates 1; 1x2 suspended incident trader
        960 r1 restart              -> 1x2 suspended trader
    ",
    );
    assert_eq!(model(&story), ([1.5, 1.1, -0.04, 2.0, 2.0], 3));
    story.tell("961 desk 4 resume -> 1x2 active");
}

#[test]
fn a_trader_prices_a_match_that_its_odds_do_not() {
    let mut story = Story::new(Settings::default());
    let FactBody::Fixture(plain) = fixture(1, 600) else { panic!("a fixture") };
    let hopeless = Expectation::Rates { home: billionths(9.0), away: billionths(1.0) };
    let mut fact = story.fact("f1", &["!fixture"], None);
    fact.body = FactBody::Fixture(Fixture { expectation: hopeless, ..plain });
    story.send(fact);
    story.tell(
        "
        1                                     -> 1x2 suspended risk
        2 desk 1 override rates=1.5/1.1 rho=0 -> 1x2 active
    ",
    );
    assert_eq!(model(&story), ([1.5, 1.1, 0.0, 1.0, 1.0], 2));
}

#[test]
fn a_new_fixture_is_another_version_of_the_inputs_and_a_traders_rates_stay() {
    let mut story = play("10 desk 1 override rates=2.0/0.8");
    let mut fact = story.fact("f2", &["!fixture"], None);
    fact.body = fixture(2, 700);
    story.send(fact);
    assert_eq!(model(&story), ([2.0, 0.8, -0.04, 1.0, 1.0], 3));
    assert_eq!(story.last().fixture.revision, 2);
    assert!(story.updates.contains_key(&match_id("m1")));
}
