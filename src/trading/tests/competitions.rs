//! Competitions with an offer, margins and a model of their own beside those that have none.

use std::sync::Arc;

use super::story::{Story, match_id};
use crate::event::*;
use crate::pricing::{
    BadCountModel, BadCounts, BadModel, BadProfile, Circumstances, Clock, ModelInputs, Phase, Profile, State,
};
use crate::trading::{Quote, Standing, Unpriced, price, price_state};
use crate::values::*;

fn cup() -> CompetitionId {
    CompetitionId::parse("cup").unwrap()
}

/// Default rules with a competition of its own rules.
fn rules_with(change: impl FnOnce(&mut TradingRules)) -> TradingRules {
    let mut rules = Settings::default().trading;
    let mut own = rules.clone();
    change(&mut own);
    rules.competitions.insert(cup(), own);
    rules
}

fn standing(period: Period, score: (u16, u16), reds: (u8, u8)) -> Standing {
    Standing {
        expectation: Expectation::Rates {
            home: Billionths::from_raw(1_500_000_000),
            away: Billionths::from_raw(1_100_000_000),
        },
        period,
        clock: None,
        score: Score { home: score.0, away: score.1 },
        reds,
        circumstances: Circumstances::default(),
    }
}

fn fair(quote: &Quote, market: MarketId) -> Vec<i64> {
    quote.offers[&market].iter().map(|offer| offer.fair.raw()).collect()
}

fn implied(market: &MarketState) -> f64 {
    let prices = market.outcomes.iter().map(|outcome| outcome.price.unwrap().factor());
    prices.map(|factor| factor.den() as f64 / factor.num() as f64).sum()
}

/// The fixture of another match, of the cup.
fn tell_cup_fixture(story: &mut Story) {
    let mut fact = story.fact("c1", &["!fixture"], Some(1));
    fact.match_id = match_id("m2");
    let FactBody::Fixture(fixture) = &mut fact.body else { panic!("it is a fixture") };
    fixture.competition = cup();
    story.send(fact);
}

fn market(story: &Story, match_name: &str, id: MarketId) -> MarketState {
    story.updates[&match_id(match_name)].markets.iter().find(|market| market.id == id).unwrap().clone()
}

#[test]
fn two_matches_of_the_same_strength_are_offered_as_their_competitions_say() {
    let trading = rules_with(|own| {
        own.markets = vec![MarketType::MATCH_RESULT, MarketType::TOTAL];
        own.total_lines = 1;
        own.ladder = LadderForm::American;
        own.margins.match_result_thousandths = 1_150;
        own.model = Arc::new(ModelRules { rho: Billionths::from_raw(-200_000_000), ..ModelRules::measured_v1() });
    });
    let mut story = Story::new(Settings { trading, ..Settings::default() });
    story.tell("0 f1 !fixture -> 1x2 active");
    tell_cup_fixture(&mut story);
    let (league, cup) = (&story.updates[&match_id("m1")], &story.updates[&match_id("m2")]);
    let mut plain = Story::new(Settings::default());
    plain.tell("0 f1 !fixture");
    assert_eq!(league.markets, plain.last().markets, "nothing has changed for the others");
    let kinds: Vec<&str> = cup.markets.iter().map(|market| market.id.kind().name()).collect();
    assert_eq!(kinds, ["1x2", "total"]);
    // The margin asked for, and what the ladder adds: odds are rounded down.
    let [of_league, of_cup] = ["m1", "m2"].map(|name| market(&story, name, MarketId::MATCH_RESULT));
    assert!((implied(&of_league) - 1.055).abs() < 0.01, "{}", implied(&of_league));
    assert!((1.145..1.19).contains(&implied(&of_cup)), "{}", implied(&of_cup));
    assert!(of_cup.outcomes[0].price.unwrap().to_string().starts_with(['+', '-']), "an American price");
    // With rho at -0.2 more matches end 0-0 and 1-1.
    assert!(of_cup.outcomes[1].fair.unwrap().raw() > of_league.outcomes[1].fair.unwrap().raw() + 20_000_000);
    assert_eq!(cup.model.unwrap().rho, Billionths::from_raw(-200_000_000));
}

#[test]
fn without_effects_of_its_own_a_red_card_moves_no_price() {
    let rules = rules_with(|own| {
        let phi = [Billionths::ONE; 5];
        let none =
            ModelRules { phi, kappa_own: Billionths::ONE, kappa_opp: Billionths::ONE, ..ModelRules::measured_v1() };
        own.model = Arc::new(none);
    });
    let of = |rules: &TradingRules, reds| {
        fair(&price(&standing(Period::HalfTime, (0, 0), reds), rules).unwrap(), MarketId::MATCH_RESULT)
    };
    assert_eq!(of(rules.of(&cup()), (0, 1)), of(rules.of(&cup()), (0, 0)));
    let general = rules.of(&CompetitionId::parse("league").unwrap());
    assert_ne!(of(general, (0, 1)), of(general, (0, 0)));
}

#[test]
fn where_all_goals_come_after_half_time_the_first_half_costs_no_chance() {
    let rules = rules_with(|own| {
        let minutes = |share| MinuteShares::Listed(Box::new([Billionths::from_raw(share); 45]));
        let mut model = ModelRules::measured_v1();
        (model.first_half.minutes, model.first_half.stoppage) = (minutes(0), Billionths::ZERO);
        (model.second_half.minutes, model.second_half.stoppage) =
            (minutes(20_000_000), Billionths::from_raw(100_000_000));
        own.model = Arc::new(model);
    });
    let of = |rules: &TradingRules, period| {
        fair(&price(&standing(period, (0, 0), (0, 0)), rules).unwrap(), MarketId::MATCH_RESULT)
    };
    let own = rules.of(&cup());
    for (before, after) in of(own, Period::PreMatch).into_iter().zip(of(own, Period::HalfTime)) {
        assert!((before - after).abs() <= 1, "{before} {after}");
    }
    let [before, after] = [Period::PreMatch, Period::HalfTime].map(|period| of(&rules, period)[1]);
    assert!(after > before + 50_000_000, "elsewhere a draw is likelier with half the match gone");
}

#[test]
fn a_competition_has_its_own_corners_and_cards() {
    let rules = rules_with(|own| {
        let model = Arc::make_mut(&mut own.model);
        model.corners.mean = Billionths::from_raw(14_000_000_000);
        model.cards.home_share = Billionths::from_raw(700_000_000);
    });
    let counted =
        Circumstances { corners: Some(Score::default()), cards: Some(Score::default()), ..Circumstances::default() };
    let at = Standing { circumstances: counted, ..standing(Period::PreMatch, (0, 0), (0, 0)) };
    let [own, general] = [cup(), CompetitionId::parse("league").unwrap()].map(|id| price(&at, rules.of(&id)).unwrap());
    let main = |quote: &Quote| {
        let family = MarketId::parse("corners_total:line=0").unwrap();
        quote.main_lines.of(family).unwrap().quarters()
    };
    assert!(main(&own) >= main(&general) + 12, "four corners more are expected: {} {}", main(&own), main(&general));
    let most_cards = MarketId::of(MarketType::CARDS_RESULT);
    assert!(fair(&own, most_cards)[0] > fair(&general, most_cards)[0] + 100_000_000);
    assert_eq!(fair(&own, MarketId::MATCH_RESULT), fair(&general, MarketId::MATCH_RESULT));
    // When they come, too: with all corners in the first half none are left at half-time.
    let mut early = Arc::clone(&rules.model);
    let corners = &mut Arc::make_mut(&mut early).corners;
    (corners.first_half.five_minutes, corners.first_half.stoppage) =
        ([Billionths::from_raw(111_111_111); 9], Billionths::ZERO);
    (corners.second_half.five_minutes, corners.second_half.stoppage) = ([Billionths::ZERO; 9], Billionths::ZERO);
    let rules = TradingRules { model: early, ..rules };
    let corners = Some(Score { home: 5, away: 2 });
    let circumstances = Circumstances { corners, ..counted };
    let at = Standing { circumstances, ..standing(Period::HalfTime, (0, 0), (0, 0)) };
    let quote = price(&at, &rules).unwrap();
    assert_eq!(fair(&quote, MarketId::of(MarketType::CORNERS_RESULT)), [1_000_000_000, 0, 0]);
}

#[test]
fn the_default_rules_price_as_the_model_that_is_written_into_the_engine() {
    let rules = Settings::default().trading;
    assert_eq!(Profile::of(&rules.model), Ok(Profile::measured_v1()));
    let (home, away) = (Billionths::from_raw(1_500_000_000), Billionths::from_raw(1_100_000_000));
    for (period, phase, minute, score, reds) in [
        (Period::PreMatch, Phase::PreMatch, 0, (0, 0), (0, 0)),
        (Period::HalfTime, Phase::HalfTime, 45, (1, 0), (0, 1)),
        (Period::SecondHalf, Phase::SecondHalf, 45, (1, 2), (1, 0)),
    ] {
        let at = standing(period, score, reds);
        let state = State {
            home_score: score.0,
            away_score: score.1,
            home_reds: reds.0,
            away_reds: reds.1,
            clock: Clock::from_milliseconds(phase, minute * 60_000, None),
        };
        let inputs = ModelInputs::with_rates(home, away);
        let hard_wired = price_state(&Profile::measured_v1(), &inputs, &state, &at.circumstances, &rules);
        assert_eq!(price(&at, &rules), hard_wired, "{period:?}");
    }
}

#[test]
fn a_new_model_moves_the_prices_and_the_old_one_moves_them_back() {
    let mut story = Story::new(Settings::default());
    story.tell("0 f1 !fixture -> 1x2 active");
    let sold = |story: &Story| -> Vec<_> {
        story.last().markets.iter().map(|market| (market.id, market.outcomes.clone())).collect()
    };
    let before = sold(&story);
    let mut in_force = |revision, change: fn(&mut ModelRules)| {
        let mut settings = Settings { revision, ..Settings::default() };
        change(Arc::make_mut(&mut settings.trading.model));
        story.batch(vec![TradingInput::Settings(Arc::new(settings))]);
        sold(&story)
    };
    let other = in_force(2, |model| {
        // More goals by the side that is behind: what was expected at kick-off changes as well.
        model.phi[1] = Billionths::from_raw(1_500_000_000);
        model.rho = Billionths::ZERO;
    });
    assert_ne!(other, before);
    assert_eq!(in_force(3, |_| {}), before, "nothing of the other model is left");
}

#[test]
fn a_model_without_corners_has_no_price() {
    let mut rules = Settings::default().trading;
    Arc::make_mut(&mut rules.model).corners.mean = Billionths::ZERO;
    let at = standing(Period::PreMatch, (0, 0), (0, 0));
    let bad = BadModel::Corners(BadCounts::Model(BadCountModel::Mean));
    assert_eq!(price(&at, &rules), Err(Unpriced::Rules(bad)));
    Arc::make_mut(&mut rules.model).corners = ModelRules::measured_v1().corners;
    Arc::make_mut(&mut rules.model).cards.first_half.stoppage = Billionths::from_raw(-1);
    let bad = BadModel::Cards(BadCounts::Profile(BadProfile::NegativeWeight));
    assert_eq!(price(&at, &rules), Err(Unpriced::Rules(bad)));
}

#[test]
fn a_model_without_goals_holds_its_matches() {
    let trading = rules_with(|own| {
        let mut model = ModelRules::measured_v1();
        for half in [&mut model.first_half, &mut model.second_half] {
            half.minutes = MinuteShares::Straight { start: Billionths::ZERO, rise: Billionths::ZERO };
            half.stoppage = Billionths::ZERO;
        }
        own.model = Arc::new(model);
    });
    let mut story = Story::new(Settings { trading, ..Settings::default() });
    story.tell("0 f1 !fixture -> 1x2 active");
    tell_cup_fixture(&mut story);
    assert_eq!(market(&story, "m2", MarketId::MATCH_RESULT).status, MarketStatus::Suspended);
    assert!(story.said.iter().any(|said| matches!(said, Output::Alert(alert) if alert.kind == AlertKind::NoPrice)));
}
