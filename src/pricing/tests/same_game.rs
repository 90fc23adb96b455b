//! Bets on one match together against the plain way: each bet a question that is put to every cell of the joint law.

use super::super::same_game::{NoSameGame, SameGames, same_game};
use super::super::{
    COMBINATION_CAP, Circumstances, Combination, Fair, Holds, Laws, LawsEngine, Leg, ModelTables, NextGoal,
    NoCombination, Phase, combine,
};
use super::laws::{Given, any_given, moment};
use crate::catalogue::{Measure, Part, Reads, What};
use crate::event::{MarketId, MarketType, Outcome, Score};
use crate::values::QuarterLine;
use proptest::prelude::*;

fn plain(laws: &Laws<'_>, legs: &[(MarketId, Outcome, f64)], cap: f64) -> Result<Combination, NoSameGame> {
    let law = laws.halves().ok_or(NoSameGame::NoLaw)?;
    let mut rules: Vec<Box<Holds<'_>>> = Vec::with_capacity(legs.len());
    for (place, (market, outcome, _)) in legs.iter().enumerate() {
        rules.push(holds(laws, *market, *outcome).ok_or(NoSameGame::NotCombinable(place))?);
    }
    let legs: Vec<Leg<'_>> =
        rules.iter().zip(legs).map(|(holds, (_, _, offered))| Leg { holds, offered: *offered }).collect();
    combine(law, &legs, cap).map_err(NoSameGame::Combination)
}

/// When a selection wins, told by the two scores and the next goal.
fn holds(laws: &Laws<'_>, market: MarketId, outcome: Outcome) -> Option<Box<Holds<'static>>> {
    if !market.has(outcome) {
        return None;
    }
    let score = |(home, away): (u32, u32)| Score { home: home as u16, away: away as u16 };
    let now = Score { home: laws.score().home_score(), away: laws.score().away_score() };
    let first = market.outcomes().first() == Some(&outcome);
    match market.definition().reads {
        Reads::Line(threshold) => {
            let threshold = threshold(market);
            let value = value_of(threshold.measure, now)?;
            let splits_or_pushes = threshold.quarters.rem_euclid(4) != 2;
            (!splits_or_pushes).then(|| -> Box<Holds<'static>> {
                Box::new(move |half, full, _| (4 * value(score(half), score(full)) > threshold.quarters) == first)
            })
        }
        Reads::Number { measure, wins, beyond: _ } => {
            let value = value_of(measure(market), now)?;
            Some(Box::new(move |half, full, _| wins(market, outcome, value(score(half), score(full)))))
        }
        Reads::Score { wins, beyond: _ } => Some(Box::new(move |_, full, _| wins(market, outcome, score(full)))),
        Reads::HalfScore { wins, beyond: _ } => Some(Box::new(move |half, full, _| {
            let (half, full) = (score(half), score(full));
            let own = if market.first_number() == 1 { Some(half) } else { full.since(half) };
            own.is_some_and(|own| wins(market, outcome, own))
        })),
        Reads::Halves(wins) => Some(Box::new(move |half, full, _| {
            let (half, full) = (score(half), score(full));
            full.since(half).is_some_and(|second| wins(market, outcome, half, second))
        })),
        Reads::NthGoal => {
            let is_next = i64::from(market.first_number()) == now.both() + 1;
            let whose =
                [(Outcome::Home, NextGoal::Home), (Outcome::Away, NextGoal::Away), (Outcome::NoGoal, NextGoal::Nobody)];
            let wanted = whose.into_iter().find_map(|(named, next)| (named == outcome).then_some(next))?;
            is_next.then(|| -> Box<Holds<'static>> { Box::new(move |_, _, next| next == wanted) })
        }
        Reads::LastGoal | Reads::Race(_) | Reads::GoalWithin(_) | Reads::KnockOut(_) => None,
    }
}

/// A measure as told by the half-time and the final score; `None` where they do not tell it.
fn value_of(measure: Measure, now: Score) -> Option<impl Fn(Score, Score) -> i64> {
    let is_told = match (measure.what, measure.part) {
        (What::Goals, Part::Match | Part::FirstHalf | Part::SecondHalf) => true,
        (What::Goals, Part::Since(base)) => base == now,
        (What::Corners | What::Cards, _) => false,
    };
    is_told.then_some(move |half: Score, full: Score| {
        let counted = match measure.part {
            Part::Match => full,
            Part::FirstHalf => half,
            Part::SecondHalf => full.since(half).unwrap_or_default(),
            Part::Since(base) => full.since(base).unwrap_or_default(),
        };
        measure.value(counted)
    })
}

/// Every market of these types on the shelf; lines with a half goal, some of them decided.
fn markets(given: &Given, quarters: i16) -> Vec<MarketId> {
    let of = |kind: MarketType| kind.definition().shelf(&moment(given));
    let line = QuarterLine::from_quarters(quarters);
    let all = MarketType::all().flat_map(of).map(|market| {
        let is_family = matches!(market.definition().reads, Reads::Line(_)) && market.kind() != MarketType::DRAW_NO_BET;
        if is_family { market.at_line(line) } else { market }
    });
    all.collect()
}

fn share(laws: &Laws<'_>, market: MarketId, outcome: Outcome) -> f64 {
    let law = laws.halves().unwrap();
    holds(laws, market, outcome).map_or(0.5, |holds| law.probability_with_next(holds))
}

fn differ(laws: &Laws<'_>, games: &mut SameGames, legs: &[(MarketId, Outcome, f64)]) -> Option<String> {
    let plain = plain(laws, legs, COMBINATION_CAP);
    let ours = games.of(laws).and_then(|mut game| game.price(legs, COMBINATION_CAP));
    let told = || Some(format!("{legs:?}: {ours:?}, plainly {plain:?}"));
    match (&ours, &plain) {
        (Ok(ours), Ok(plain)) => {
            let is_near = (ours.fair - plain.fair).abs() < 1e-12 && (ours.offered - plain.offered).abs() < 1e-12;
            // What is all but impossible may be none in one and next to none in the other.
            let is_same = ours.implied.places().eq(plain.implied.iter().copied()) || plain.fair < 1e-9;
            if (is_near || plain.fair < 1e-9) && is_same { None } else { told() }
        }
        (Err(ours), Err(plain)) if ours == plain => None,
        (Ok(price), Err(NoSameGame::Combination(NoCombination::Impossible))) if price.fair < 1e-13 => None,
        (Err(NoSameGame::Combination(NoCombination::Impossible)), Ok(price)) if price.fair < 1e-13 => None,
        _ => told(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_selections_together_are_worth_what_the_plain_way_says(
        given in any_given(), quarters in (-2..4_i16).prop_map(|goals| 4 * goals + 2),
        chosen in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 12), count in 2..5_usize,
    ) {
        let (mut engine, tables) = (LawsEngine::new(), ModelTables::measured_v1());
        let needs = super::super::Needs::ALL;
        let laws = engine.laws(&tables, &given.inputs, &given.state, &given.circumstances, needs).unwrap();
        let markets = markets(&given, quarters);
        let legs: Vec<_> = chosen.iter().map(|(market, outcome)| {
            let market = *market.get(&markets);
            let outcome = *outcome.get(&market.outcomes());
            (market, outcome, f64::min(1.05 * share(&laws, market, outcome), 1.0))
        }).collect();
        let mut games = SameGames::new();
        for legs in legs.chunks(count) {
            prop_assert_eq!(differ(&laws, &mut games, legs), None);
            // And without those that cannot be combined, so that something is.
            let good: Vec<_> = legs.iter().copied().filter(|(market, outcome, _)| holds(&laws, *market, *outcome).is_some()).collect();
            prop_assert_eq!(differ(&laws, &mut games, &good), None);
        }
    }
}

/// Each selection that the plain way can read alone, so that no type of market is forgotten.
#[test]
fn every_selection_of_the_shelf_is_read_as_plainly() {
    let tables = ModelTables::measured_v1();
    for (phase, minute, half_time, score) in [
        (Phase::PreMatch, 0.0, None, (0, 0)),
        (Phase::FirstHalf, 30.0, None, (1, 0)),
        (Phase::SecondHalf, 60.0, Some(Score { home: 0, away: 1 }), (1, 1)),
    ] {
        let clock = super::super::Clock { phase, minute, ..super::super::Clock::PRE_MATCH };
        let state = super::super::State { home_score: score.0, away_score: score.1, home_reds: 0, away_reds: 1, clock };
        let circumstances = Circumstances {
            half_time,
            corners: Some(Score::default()),
            cards: Some(Score::default()),
            ..Circumstances::default()
        };
        let given = Given { inputs: super::super::ModelInputs::default(), state, circumstances };
        let mut engine = LawsEngine::new();
        let needs = super::super::Needs { halves: true, ..super::super::Needs::default() };
        let laws = engine.laws(&tables, &given.inputs, &state, &circumstances, needs).unwrap();
        let mut games = SameGames::new();
        for market in markets(&given, 6) {
            for outcome in market.outcomes() {
                let offered = f64::min(1.02 * share(&laws, market, outcome), 1.0);
                assert_eq!(differ(&laws, &mut games, &[(market, outcome, offered)]), None);
                if holds(&laws, market, outcome).is_some() && offered > 1e-3 {
                    let ours = same_game(&laws, &[(market, outcome, offered)], COMBINATION_CAP).unwrap();
                    let at_hand = match laws.fair(market).unwrap() {
                        Fair::Shares(shares) => {
                            shares[market.outcomes().iter().position(|one| *one == outcome).unwrap()]
                        }
                        Fair::Line(split) => {
                            if market.outcomes()[0] == outcome {
                                split.win
                            } else {
                                split.lose
                            }
                        }
                    };
                    assert!((ours.fair - at_hand).abs() < 1e-12, "{market} {outcome}: {} {at_hand}", ours.fair);
                }
            }
        }
    }
}
