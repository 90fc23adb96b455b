//! The whole catalogue from one state: every market from one measure, whichever law it is read from.

use super::super::{
    BadModel, Circumstances, Clock, Fair, Laws, LawsEngine, ModelInputs, ModelTables, Needs, Phase, Rates, Remaining,
    State, remaining,
};
use super::twin::any_rates;
use crate::catalogue::{Moment, Reads, Stage, easier_bets, same_bet};
use crate::event::{MarketId, MarketType, ModelRules, Outcome, Score, Side};
use crate::values::{Billionths, QuarterLine};
use proptest::prelude::*;

/// A match at some moment, with all that markets hang on.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) inputs: ModelInputs,
    pub(super) state: State,
    pub(super) circumstances: Circumstances,
}

pub(super) fn in_billionths(rates: &Rates) -> ModelInputs {
    let whole = |value| Billionths::from_f64(value).unwrap();
    ModelInputs {
        home_rate: whole(rates.home_rate),
        away_rate: whole(rates.away_rate),
        rho: whole(rates.rho),
        phi: rates.phi.map(whole),
        kappa_own: whole(rates.kappa_own),
        kappa_opp: whole(rates.kappa_opp),
        home_scale: whole(rates.home_scale),
        away_scale: whole(rates.away_scale),
    }
}

prop_compose! {
    pub(super) fn any_given()(
        rates in any_rates(),
        phase in prop::sample::select(vec![Phase::PreMatch, Phase::FirstHalf, Phase::HalfTime, Phase::SecondHalf]),
        minute in 0.0..45.0_f64,
        first in (0..4_u16, 0..4_u16),
        second in (0..3_u16, 0..3_u16),
        reds in (0..3_u8, 0..2_u8),
        counted in (0..14_u16, 0..12_u16, 0..9_u16, 0..9_u16),
        stoppage in prop_oneof![Just(0.0), 0.0..9.0_f64],
        announced in prop::option::of(0.0..9.0_f64),
        first_leg in -2..=2_i8,
        home_last in any::<bool>(),
    ) -> Given {
        let before = phase == Phase::PreMatch;
        let first = if before { (0, 0) } else { first };
        let second = if phase == Phase::SecondHalf { second } else { (0, 0) };
        let score = Score { home: first.0 + second.0, away: first.1 + second.1 };
        let stoppage = if matches!(phase, Phase::FirstHalf | Phase::SecondHalf) { stoppage } else { 0.0 };
        let minute = if stoppage > 0.0 { 45.0 } else { minute };
        let minute = match phase {
            Phase::PreMatch => 0.0,
            Phase::FirstHalf => minute,
            Phase::HalfTime => 45.0,
            Phase::SecondHalf | Phase::BeforeExtraTime | Phase::ExtraFirstHalf | Phase::ExtraHalfTime | Phase::ExtraSecondHalf | Phase::Over => 45.0 + minute,
        };
        let last = match (score.home, score.away) {
            (0, 0) => None,
            (_, 0) => Some(Side::Home),
            (0, _) => Some(Side::Away),
            (_, _) => Some(if home_last { Side::Home } else { Side::Away }),
        };
        let (corners, cards) = if before { ((0, 0), (0, 0)) } else { ((counted.0, counted.1), (counted.2, counted.3)) };
        let reds = if before { (0, 0) } else { reds };
        Given {
            inputs: in_billionths(&rates),
            state: State {
                home_score: score.home,
                away_score: score.away,
                home_reds: reds.0,
                away_reds: reds.1,
                clock: Clock { phase, minute, stoppage_elapsed_minutes: stoppage, stoppage_announced_minutes: announced },
            },
            circumstances: Circumstances {
                half_time: (phase > Phase::FirstHalf).then_some(Score { home: first.0, away: first.1 }),
                last_goal: last,
                corners: Some(Score { home: corners.0, away: corners.1 }),
                cards: Some(Score { home: cards.0, away: cards.1 }),
                knock_out: Some(first_leg),
            },
        }
    }
}

pub(super) fn moment(given: &Given) -> Moment {
    Moment {
        stage: match given.state.clock.phase {
            Phase::PreMatch => Stage::PreMatch,
            Phase::FirstHalf => Stage::FirstHalf,
            Phase::HalfTime => Stage::HalfTime,
            Phase::SecondHalf
            | Phase::BeforeExtraTime
            | Phase::ExtraFirstHalf
            | Phase::ExtraHalfTime
            | Phase::ExtraSecondHalf
            | Phase::Over => Stage::SecondHalf,
        },
        minute: given.state.clock.minute as u8,
        score: Score { home: given.state.home_score, away: given.state.away_score },
        half_time: given.circumstances.half_time,
        corners: given.circumstances.corners.unwrap(),
        correct_score_max: 4,
        has_corners: true,
        has_cards: true,
        is_knock_out: true,
    }
}

/// One over the fair odds of a selection.
fn worth(laws: &Laws<'_>, id: &str, outcome: &str) -> f64 {
    let market = MarketId::parse(id).unwrap_or_else(|| panic!("{id} is a market"));
    let place = market.outcomes().iter().position(|one| one.to_string() == outcome).unwrap();
    let fair = laws.fair(market).unwrap_or_else(|| panic!("{id} has a value"));
    match fair {
        Fair::Shares(shares) => shares[place],
        Fair::Line(split) => match split.fair_probabilities() {
            Some(pair) => pair[place],
            None => f64::from(u8::from((split.win > 0.0) == (place == 0))),
        },
    }
}

fn near(one: f64, other: f64, what: &str) -> Result<(), TestCaseError> {
    prop_assert!((one - other).abs() < 1e-11, "{what}: {one} is not {other}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_market_on_the_shelf_shares_out_what_can_happen(given in any_given()) {
        let (mut engine, tables) = (LawsEngine::new(), ModelTables::measured_v1());
        let laws = engine.laws(&tables, &given.inputs, &given.state, &given.circumstances, Needs::ALL).unwrap();
        let moment = moment(&given);
        for kind in MarketType::all() {
            for market in kind.definition().shelf(&moment) {
                let is_family = matches!(kind.definition().reads, Reads::Line(_)) && kind != MarketType::DRAW_NO_BET;
                let market = if is_family {
                    let now = laws.now(&market.measure().unwrap()).unwrap();
                    market.at_line(QuarterLine::from_quarters(4 * now as i16 + 2))
                } else {
                    market
                };
                let Some(fair) = laws.fair(market) else {
                    // Where extra time is out of reach there is nothing to say of it.
                    if [MarketType::EXTRA_TIME_RESULT, MarketType::SHOOT_OUT_WINNER].contains(&kind) {
                        continue;
                    }
                    return Err(TestCaseError::fail(format!("{market} has no value")));
                };
                let (parts, winners) = match &fair {
                    Fair::Shares(shares) => (shares.clone(), f64::from(kind.definition().winners())),
                    Fair::Line(split) => {
                        (vec![split.win, split.half_win, split.push, split.half_lose, split.lose], 1.0)
                    }
                };
                prop_assert!(parts.iter().all(|part| (-1e-12..=1.0 + 1e-12).contains(part)), "{market}: {parts:?}");
                let sum: f64 = parts.iter().sum();
                prop_assert!((sum - winners).abs() < 1e-10, "{market}: {parts:?} sum to {sum}");
            }
        }
    }

    /// Whatever was priced before with the same engine.
    #[test]
    fn an_engine_remembers_nothing(matches in prop::collection::vec(any_given(), 2..6)) {
        let (mut used, tables) = (LawsEngine::new(), ModelTables::measured_v1());
        for given in matches {
            let mut fresh = LawsEngine::new();
            let of = |engine: &mut LawsEngine| -> Vec<String> {
                let laws =
                    engine.laws(&tables, &given.inputs, &given.state, &given.circumstances, Needs::ALL).unwrap();
                let markets = MarketType::all().flat_map(|kind| kind.definition().shelf(&moment(&given)));
                // As text, for what is no number is not even equal to itself.
                markets.map(|market| format!("{market} {:?}", laws.fair(market))).collect()
            };
            let (used, fresh) = (of(&mut used), of(&mut fresh));
            for (used, fresh) in used.iter().zip(&fresh) {
                prop_assert_eq!(used, fresh);
                prop_assert!(!used.contains("NaN") && !used.contains("inf"), "{}", used);
            }
        }
    }

    /// What is at hand as a sum, and the market's own rule over all that can happen.
    #[test]
    fn a_sum_at_hand_is_the_rule_summed(given in any_given()) {
        let (mut engine, tables) = (LawsEngine::new(), ModelTables::measured_v1());
        let laws = engine.laws(&tables, &given.inputs, &given.state, &given.circumstances, Needs::ALL).unwrap();
        let moment = moment(&given);
        for market in MarketType::all().flat_map(|kind| kind.definition().shelf(&moment)) {
            let by_rule = laws.score().fair_by_rule(market).or_else(|| laws.by_rule_of_halves(market));
            let (Some(Fair::Shares(by_rule)), Some(Fair::Shares(at_hand))) = (by_rule, laws.fair(market)) else { continue };
            for (one, other) in by_rule.iter().zip(&at_hand) {
                near(*one, *other, &market.to_string())?;
            }
        }
    }

    /// Section 12.3 and 12.5.
    #[test]
    fn equal_bets_are_worth_the_same(given in any_given()) {
        let (mut engine, tables) = (LawsEngine::new(), ModelTables::measured_v1());
        let laws = engine.laws(&tables, &given.inputs, &given.state, &given.circumstances, Needs::ALL).unwrap();
        let worth = |id: &str, outcome: &str| worth(&laws, id, outcome);
        let now = moment(&given).score;
        let (base, goals) = (format!("base={}:{}", now.home, now.away), now.both());
        near(worth("european_handicap:line=0", "draw"), worth("1x2", "draw"), "a handicap of nothing")?;
        near(worth("handicap:line=-0.5", "home"), worth("1x2", "home"), "half a goal down")?;
        near(worth(&format!("rest_1x2:{base}"), "home"), worth(&format!("handicap_rest:{base},line=-0.5"), "home"), "rest")?;
        near(worth("exact_goals:max=6", "0"), worth("total:line=0.5", "under"), "no goal")?;
        near(worth("clean_sheet:side=home", "yes"), worth("team_total:line=0.5,side=away", "under"), "clean sheet")?;
        near(worth("winning_margin:max=1", "home_by_1+"), worth("1x2", "home"), "any margin")?;
        let no_more = worth(&format!("total:line={}", goals as f64 + 0.5), "under");
        near(worth("interval_goal:from=0,to=90", "no"), no_more, "ninety minutes without a goal")?;
        near(worth(&format!("next_goal:nth={}", goals + 1), "no_goal"), no_more, "no next goal")?;
        let pairs = ["home", "draw", "away"];
        for (half, full) in pairs.iter().flat_map(|half| pairs.map(|full| (half, full))) {
            let joint = worth("ht_ft", &format!("{half}/{full}"));
            prop_assert!(joint <= worth("1x2", full) + 1e-12);
        }
        for full in pairs {
            let sum: f64 = pairs.iter().map(|half| worth("ht_ft", &format!("{half}/{full}"))).sum();
            near(sum, worth("1x2", full), "whatever half-time was")?;
        }
        if given.circumstances.half_time.is_none() {
            for half in pairs {
                let sum: f64 = pairs.iter().map(|full| worth("ht_ft", &format!("{half}/{full}"))).sum();
                near(sum, worth("half_1x2:half=1", half), "whatever full-time is")?;
            }
        }
        if now == Score::default() {
            near(worth("race:to=1", "home"), worth("next_goal:nth=1", "home"), "first to one")?;
            near(worth("last_goal", "no_goal"), no_more, "no last goal")?;
        }
        let method = |side: &str| -> f64 {
            ["in_90", "in_extra_time", "on_penalties"].iter().map(|how| worth("qualify_method", &format!("{side}_{how}"))).sum()
        };
        near(method("home"), worth("to_qualify", "home"), "one way or another")?;
        prop_assert!(worth("shoot_out", "yes") <= worth("extra_time", "yes") + 1e-12);
        for market in MarketType::all().map(MarketId::of) {
            for (outcome, (priced, same)) in market.outcomes().into_iter().filter_map(|o| Some((o, same_bet(market, o)?))) {
                let id = [market, priced].map(|id| id.to_string());
                if let (Some(_), Some(_)) = (laws.fair(market), laws.fair(priced)) {
                    near(worth(&id[0], &outcome.to_string()), worth(&id[1], &same.to_string()), &id[0])?;
                }
            }
        }
    }

    /// A bet that cannot lose when another wins is worth as much at least.
    #[test]
    fn an_easier_bet_is_worth_no_less(given in any_given()) {
        let (mut engine, tables) = (LawsEngine::new(), ModelTables::measured_v1());
        let laws = engine.laws(&tables, &given.inputs, &given.state, &given.circumstances, Needs::ALL).unwrap();
        let moment = moment(&given);
        let shelf = MarketType::all().flat_map(|kind| kind.definition().shelf(&moment));
        let worth = |market: MarketId, outcome: Outcome| -> Option<f64> {
            let place = market.outcomes().iter().position(|one| *one == outcome)?;
            laws.fair(market)?.probabilities()?.get(place).copied()
        };
        for market in shelf {
            for outcome in market.outcomes() {
                for (easier, selection) in easier_bets(market, outcome, moment.score) {
                    if let (Some(harder), Some(easy)) = (worth(market, outcome), worth(easier, selection)) {
                        prop_assert!(harder <= easy + 1e-11, "{} {}: {} and {} {}: {}", market, outcome, harder, easier, selection, easy);
                    }
                }
            }
        }
    }

    /// The later it gets without a goal, the likelier there is none.
    #[test]
    fn time_runs_one_way(given in any_given(), minutes in 1.0..20.0_f64) {
        let (mut engine, tables) = (LawsEngine::new(), ModelTables::measured_v1());
        let none = |state: &State, engine: &mut LawsEngine| {
            let laws = engine.laws(&tables, &given.inputs, state, &given.circumstances, Needs::ALL).unwrap();
            laws.score().no_more_goals()
        };
        let mut later = given.state;
        later.clock.minute = (later.clock.minute + minutes).min(44.9 + if later.clock.minute >= 45.0 { 45.0 } else { 0.0 });
        let left = |state: &State| -> f64 { Remaining::total(remaining(&tables.goals, &state.clock)) };
        if matches!(given.state.clock.phase, Phase::FirstHalf | Phase::SecondHalf) && left(&later) < left(&given.state) {
            prop_assert!(none(&later, &mut engine) > none(&given.state, &mut engine));
        }
    }
}

#[test]
fn a_law_that_nobody_asked_for_prices_nothing_of_its_own() {
    let (mut engine, tables) = (LawsEngine::new(), ModelTables::measured_v1());
    let circumstances = Circumstances { corners: Some(Score::default()), ..Circumstances::default() };
    let needs = Needs::of(&[MarketType::MATCH_RESULT, MarketType::TOTAL]);
    assert_eq!(needs, Needs::default());
    let laws = engine.laws(&tables, &ModelInputs::default(), &State::PRE_MATCH, &circumstances, needs).unwrap();
    for kind in [MarketType::HALF_RESULT, MarketType::CORNERS_TOTAL, MarketType::TO_QUALIFY, MarketType::LAST_GOAL] {
        assert_eq!(laws.fair(MarketId::of(kind).number(1)), None, "{kind:?}");
        assert_ne!(Needs::of(&[kind]), Needs::default(), "{kind:?}");
    }
    assert_eq!(Needs::of(&MarketType::all().collect::<Vec<_>>()), Needs::ALL);
    assert!(laws.fair(MarketId::MATCH_RESULT).is_some());
    assert!(MarketId::MATCH_RESULT.has(Outcome::Draw));
}

#[test]
fn a_shoot_out_is_as_even_as_the_model_says() {
    let circumstances = Circumstances { knock_out: Some(0), ..Circumstances::default() };
    let winner = MarketId::of(MarketType::SHOOT_OUT_WINNER);
    for (billionths, fair) in [(500_000_000, [0.5, 0.5]), (540_000_000, [0.54, 1.0 - 0.54])] {
        let model = ModelRules { shoot_out_home: Billionths::from_raw(billionths), ..ModelRules::measured_v1() };
        let (mut engine, tables) = (LawsEngine::new(), ModelTables::of(&model).unwrap());
        let laws =
            engine.laws(&tables, &ModelInputs::default(), &State::PRE_MATCH, &circumstances, Needs::ALL).unwrap();
        let shares = laws.fair(winner).unwrap().probabilities().unwrap();
        assert!((shares[0] - fair[0]).abs() < 1e-12 && (shares[1] - fair[1]).abs() < 1e-12, "{shares:?}");
    }
    let impossible = ModelRules { shoot_out_home: Billionths::from_raw(1_000_000_001), ..ModelRules::measured_v1() };
    assert_eq!(ModelTables::of(&impossible), Err(BadModel::ShootOut));
}
