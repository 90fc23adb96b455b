//! What a trader thinks of a match prices it from then on, and every price tells which inputs made it.

use super::story::{Story, fixture, match_id, play};
use crate::event::*;
use crate::pricing::{Engine, ModelInputs, Rates, State};
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

/// The goals expected of home and of the away side before kick-off at these rates.
fn expected(home: f64, away: f64, rho: f64) -> [f64; 2] {
    let rates = Rates { home_rate: home, away_rate: away, rho, ..Rates::from(&ModelInputs::default()) };
    Engine::new().law_over(&rates, &State::PRE_MATCH, 1.0).unwrap().expected_remaining()
}

#[test]
fn goals_expected_before_kick_off_become_the_rates_that_give_them() {
    let mut story = play("300 desk 1 override goals=2.9/0.7 -> updates 1; 1x2 active");
    let ([home, away, rho, ..], version) = model(&story);
    assert_eq!((rho, version), (-0.04, 2));
    let [home_goals, away_goals] = expected(home, away, rho);
    assert!((home_goals - 1.8).abs() < 1e-8 && (away_goals - 1.1).abs() < 1e-8, "{home_goals} {away_goals}");
    assert!((home - 1.8).abs() > 1e-3, "the score effect makes rates of the goals: {home}");
    is_priced_as(&story, &quoted(home, away));
    // By the rho that comes with them, and from then on as they stand: another rho leaves the rates.
    story.tell("301 desk 2 override goals=2.9/0.7 rho=0.1 -> updates 1");
    let ([home, away, rho, ..], _) = model(&story);
    let [home_goals, away_goals] = expected(home, away, rho);
    assert!(rho == 0.1 && (home_goals - 1.8).abs() < 1e-8 && (away_goals - 1.1).abs() < 1e-8);
    story.tell("302 desk 3 override rho=-0.1 -> updates 1");
    assert_eq!(model(&story).0[..3], [home, away, -0.1]);
    story.tell("303 desk 4 override clear -> updates 1");
    assert_eq!(model(&story), ([1.5, 1.1, -0.04, 1.0, 1.0], 5));
}

#[test]
fn goals_that_no_rates_give_are_refused_and_change_nothing() {
    let mut story = play("300 desk 1 override rates=2.0/0.8 home*1.2 -> updates 1");
    let before = model(&story);
    story.tell(
        "
        301 desk 2 override goals=2/2 away*3          -> quiet; rejects InvalidValue
        302 desk 3 override clear goals=2/-2.5        -> quiet; rejects InvalidValue
        303 desk 4 override goals=16/0 rho=0.1        -> quiet; rejects InvalidValue
        304 desk 5 override goals=0.04/0.03           -> quiet; rejects InvalidValue
        305 desk 6 override home*1.2                  -> updates 1
    ",
    );
    assert_eq!(model(&story).0, before.0);
    // What was refused may be asked again under the same id, once it can be.
    story.tell("306 desk 2 override goals=2/0.5 -> updates 1");
    assert_ne!(model(&story).0, before.0);
}

#[test]
fn goals_expected_in_play_are_those_of_the_whole_match_and_scale_what_is_left() {
    let mut story = play("600\n605 k1 !start 1H\n3400 e1 !end 1H\n4300 k2 !start 2H\n4900 t1 tick -> 1x2 active");
    let [home, away] = expected(1.5, 1.1, -0.04);
    // The fixture's own expectancies, in play: nothing changes.
    let goals = |home: f64, away: f64| format!("{:.9}/{:.9}", home + away, home - away);
    story.tell(&format!("4901 desk 1 override goals={} -> updates 1; 1x2 active", goals(home, away)));
    let near = |one: f64, other: f64| assert!((one - other).abs() < 1e-7, "{one} {other}");
    let ([lambda, mu, _, home_scale, away_scale], _) = model(&story);
    assert_eq!([lambda, mu], [1.5, 1.1]);
    near(home_scale, 1.0);
    near(away_scale, 1.0);
    // Those of a match of 3.0 and 0.55: the rates of kick-off stay, twice and half of them from now on.
    let [home, away] = expected(3.0, 0.55, -0.04);
    story.tell(&format!("4902 desk 2 override goals={} -> updates 1; 1x2 active", goals(home, away)));
    let ([lambda, mu, rho, home_scale, away_scale], _) = model(&story);
    assert_eq!([lambda, mu, rho], [1.5, 1.1, -0.04]);
    near(home_scale, 2.0);
    near(away_scale, 0.5);
}

/// The lines on offer of a family, by its ids' beginning, and their fair prices.
fn lines(story: &Story, family: &str) -> Vec<(QuarterLine, Vec<Option<Billionths>>)> {
    let of_family = |market: &&MarketState| {
        let is_offered = market.outcomes.iter().any(|outcome| outcome.price.is_some());
        is_offered && market.id.at_line(QuarterLine::ZERO) == MarketId::parse(family).unwrap()
    };
    let fair = |market: &MarketState| market.outcomes.iter().map(|outcome| outcome.fair).collect();
    let listed = story.last().markets.iter().filter(of_family);
    let mut lines: Vec<_> = listed.map(|market| (market.id.line(), fair(market))).collect();
    lines.sort();
    lines
}

#[test]
fn a_moved_line_moves_what_is_offered_and_no_price() {
    let mut story = play("300 -> quiet");
    let quarters = |lines: &[(QuarterLine, Vec<Option<Billionths>>)]| -> Vec<i32> {
        lines.iter().map(|(line, _)| line.quarters()).collect()
    };
    let (totals, handicaps) = (lines(&story, "total:line=0"), lines(&story, "handicap:line=0"));
    story.tell("301 desk 1 override total:line=0@4 handicap:line=0@-1 -> updates 1");
    let moved = lines(&story, "total:line=0");
    let active = |lines: &[i32]| lines.iter().map(|quarters| quarters + 4).collect::<Vec<_>>();
    assert_eq!(quarters(&moved), active(&quarters(&totals)), "a goal further up");
    for (line, fair) in &moved {
        let before = totals.iter().find(|(other, _)| other == line);
        assert!(before.is_none_or(|(_, before)| before == fair), "{line} is worth what it was");
    }
    let lower: Vec<i32> = quarters(&handicaps).iter().map(|quarters| quarters - 1).collect();
    assert_eq!(quarters(&lines(&story, "handicap:line=0")), lower);
    assert_eq!(quarters(&lines(&story, "team_total:line=0,side=home")).len(), 3, "other families stay");
    story.tell("302 desk 2 override total:line=0@0 -> updates 1\n303 desk 3 override clear -> updates 1");
    assert_eq!((lines(&story, "total:line=0"), lines(&story, "handicap:line=0")), (totals, handicaps));
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
