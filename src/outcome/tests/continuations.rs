//! Results against every way a match can go on, and against every way a doubt can end.

use proptest::prelude::*;

use super::plain::{at_the_end, every_course, markets};
use super::{goal, ruling, scouted, set_of, sure};
use crate::event::{Fact, FactBody, Period, Side};
use crate::outcome::{FactSet, KNOWN_RULE_SET, decided, is_void_as_a_whole, settle};
use crate::values::LegResult;

fn played(goals: &[Side]) -> FactSet {
    let fact =
        |(number, side): (usize, &Side)| sure(&format!("g{number}"), goal(*side), Period::FirstHalf, number as i64);
    set_of(&goals.iter().enumerate().map(fact).collect::<Vec<_>>())
}

fn whistle() -> Fact {
    sure("w", FactBody::PeriodEnd(Period::SecondHalf), Period::SecondHalf, 48)
}

fn abandoned() -> Fact {
    ruling("a", FactBody::Abandoned)
}

/// Both by confirmed facts and by reported ones, which here are the same.
fn both(facts: &FactSet, market: crate::event::MarketId, outcome: crate::event::Outcome) -> Option<LegResult> {
    let paid = settle(KNOWN_RULE_SET, facts, market, outcome);
    assert_eq!(decided(KNOWN_RULE_SET, facts, market, outcome), paid, "{market} {outcome}");
    paid
}

#[test]
fn early_results_are_those_of_every_continuation() {
    let continuations = every_course(6);
    for goals in every_course(4) {
        let open = played(&goals);
        let (mut over, mut broken_off, mut both_facts) = (open.clone(), open.clone(), open.clone());
        over.insert(&whistle());
        broken_off.insert(&abandoned());
        both_facts.insert(&abandoned());
        both_facts.insert(&whistle());
        for market in markets() {
            let mut is_played = false;
            for outcome in market.outcomes() {
                let now = at_the_end(&goals, market, outcome);
                let goes_on = |more: &Vec<Side>| at_the_end(&[goals.as_slice(), more].concat(), market, outcome) == now;
                let early = continuations.iter().all(goes_on).then_some(now);
                is_played |= early.is_some();
                assert_eq!(both(&open, market, outcome), early, "{market} {outcome} after {goals:?}");
                assert_eq!(both(&over, market, outcome), Some(now), "{market} {outcome} at the end of {goals:?}");
                let rest = early.unwrap_or(LegResult::Void);
                assert_eq!(
                    both(&broken_off, market, outcome),
                    Some(rest),
                    "{market} {outcome} broken off at {goals:?}"
                );
                assert_eq!(both(&both_facts, market, outcome), Some(now), "the ninety minutes were played");
            }
            let cancelled = [&open, &over, &broken_off].map(|facts| is_void_as_a_whole(KNOWN_RULE_SET, facts, market));
            let never_stood = |goals: &[Side]| {
                let outcomes = market.outcomes();
                let is_rest = market.counts_from_base();
                // A line of a quarter never pushes both sides, so only a void market is void in both selections.
                is_rest && outcomes.iter().all(|outcome| both(&played(goals), market, *outcome).is_some())
            };
            assert_eq!(cancelled[0], never_stood(&goals), "{market} after {goals:?}");
            assert!(!cancelled[0] || cancelled[1], "{market} after {goals:?}");
            assert_eq!(cancelled[2], cancelled[0] || !is_played, "{market} broken off at {goals:?}");
        }
    }
}

/// A match as it may be known: goals at few minutes, sure or not, some taken back or replaced, perhaps over.
fn any_known() -> impl Strategy<Value = Vec<Fact>> {
    let one_goal = (0_u8..6, 0_i64..4, any::<bool>(), any::<bool>(), prop::option::weighted(0.2, 0_u8..6));
    let end = (any::<bool>(), any::<bool>());
    let ends = prop::option::weighted(0.5, end);
    (prop::collection::vec(one_goal, 0..7), ends.clone(), ends).prop_map(|(goals, whistle, broken_off)| {
        let mut facts = Vec::new();
        for (number, (minute, second, is_home, is_sure, instead_of)) in goals.into_iter().enumerate() {
            let side = if is_home { Side::Home } else { Side::Away };
            let mut fact = scouted(&format!("g{number}"), goal(side), Period::FirstHalf, i64::from(minute));
            fact.source_at = crate::values::Time::from_ms(second);
            fact.supersedes = instead_of.map(|other| super::id(&format!("g{other}"))).filter(|other| *other != fact.id);
            facts.push(fact.clone());
            if is_sure {
                // The second report knows another time than the first.
                let source_at = crate::values::Time::from_ms(3 - second);
                facts.push(Fact { certainty: crate::event::Certainty::Confirmed, source_at, ..fact });
            }
        }
        for (name, body, known) in
            [("w", FactBody::PeriodEnd(Period::SecondHalf), whistle), ("a", FactBody::Abandoned, broken_off)]
        {
            if let Some((is_sure, is_taken_back)) = known {
                let report = if is_sure { sure } else { scouted };
                facts.push(report(name, body, Period::SecondHalf, 48));
                if is_taken_back {
                    facts.push(ruling(&format!("r{name}"), FactBody::Rollback(super::id(name))));
                }
            }
        }
        facts
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// The order of arrival, and repeats, change no result.
    #[test]
    fn results_are_those_of_the_set(
        facts in any_known(),
        order in prop::collection::vec(any::<prop::sample::Index>(), 20),
    ) {
        let plain = set_of(&facts);
        let mut rest = facts.clone();
        let mut shuffled = FactSet::new();
        for index in order {
            if !rest.is_empty() {
                shuffled.insert(&rest.remove(index.index(rest.len())));
            }
            if !facts.is_empty() {
                shuffled.insert(&facts[index.index(facts.len())]);
            }
        }
        for fact in rest.iter().rev() {
            shuffled.insert(fact);
        }
        prop_assert_eq!(&plain, &shuffled);
    }

    /// What pays stays as it is, whichever goals in doubt prove true and whichever false, and however the match ends.
    #[test]
    fn what_pays_hangs_on_no_goal_in_doubt(facts in any_known(), seed in any::<u64>()) {
        let set = set_of(&facts);
        let in_doubt = |fact: &&Fact| matches!(fact.body, FactBody::Goal { .. }) && !set.is_confirmed(&fact.id);
        let doubts: Vec<Fact> = set.settling_facts().filter(in_doubt).cloned().collect();
        // Each doubt ends: it was a goal, none, or one of the other side at another minute.
        let mut later = set.clone();
        for (number, doubt) in doubts.iter().enumerate() {
            match (seed >> (2 * number)) % 3 {
                0 => later.insert(&ruling(&format!("c{number}"), FactBody::Confirmed(doubt.id.clone()))),
                1 => later.insert(&ruling(&format!("r{number}"), FactBody::Rollback(doubt.id.clone()))),
                _ => {
                    let FactBody::Goal { side, own_goal: _ } = &doubt.body else { unreachable!() };
                    let minute = (seed >> (2 * number + 20)) % 7;
                    let other = sure(&format!("o{number}"), goal(side.other()), Period::FirstHalf, minute as i64);
                    later.insert(&super::replacing(doubt.id.as_str(), other))
                }
            };
        }
        prop_assume!(!later.has_unconfirmed_goal());
        for market in markets() {
            for outcome in market.outcomes() {
                let Some(paid) = settle(KNOWN_RULE_SET, &set, market, outcome) else { continue };
                prop_assert_eq!(decided(KNOWN_RULE_SET, &set, market, outcome), Some(paid));
                if !moves_a_sure_goal(&set, &later) {
                    let then = settle(KNOWN_RULE_SET, &later, market, outcome);
                    prop_assert_eq!(then, Some(paid), "{} {}", market, outcome);
                }
            }
        }
    }
}

/// A correction that puts a goal among goals that were sure and in front of all doubt is a change of what was sure.
fn moves_a_sure_goal(before: &FactSet, after: &FactSet) -> bool {
    let sure = before.counts().goals.iter().take_while(|goal| goal.is_confirmed).count();
    after.counts().goals.get(..sure) != before.counts().goals.get(..sure)
}

#[test]
fn the_order_is_that_of_the_clock() {
    use crate::event::{MarketId, Outcome};
    let late = sure("g1", goal(Side::Home), Period::SecondHalf, 2);
    let early = sure("g2", goal(Side::Away), Period::FirstHalf, 40);
    let mut facts = set_of(&[late]);
    let home_first = |facts: &FactSet| settle(KNOWN_RULE_SET, facts, MarketId::next_goal(1), Outcome::Home);
    assert_eq!(home_first(&facts), Some(LegResult::Win));
    facts.insert(&early);
    assert_eq!(home_first(&facts), Some(LegResult::Lose), "a goal recorded late was the first");
    facts.insert(&ruling("r", FactBody::Rollback(super::id("g2"))));
    assert_eq!(home_first(&facts), Some(LegResult::Win), "disallowed, it numbers no more");
}

#[test]
fn a_goal_in_doubt_holds_up_those_behind_it() {
    use crate::event::{MarketId, Outcome, Score};
    let mut facts = set_of(&[
        scouted("g1", goal(Side::Home), Period::FirstHalf, 3),
        sure("g2", goal(Side::Away), Period::FirstHalf, 30),
    ]);
    let paid = |facts: &FactSet, market, outcome| settle(KNOWN_RULE_SET, facts, market, outcome);
    let second = MarketId::next_goal(2);
    assert_eq!(paid(&facts, MarketId::next_goal(1), Outcome::NoGoal), Some(LegResult::Lose), "one goal is sure");
    assert_eq!(paid(&facts, second, Outcome::Away), None);
    assert_eq!(decided(KNOWN_RULE_SET, &facts, second, Outcome::Away), Some(LegResult::Win));
    let rest = |home, away| MarketId::handicap_rest(Score { home, away }, crate::values::QuarterLine::ZERO);
    assert!(!is_void_as_a_whole(KNOWN_RULE_SET, &facts, rest(0, 1)), "the first goal may have been none");
    facts.insert(&ruling("r", FactBody::Rollback(super::id("g1"))));
    assert_eq!(paid(&facts, MarketId::next_goal(1), Outcome::Away), Some(LegResult::Win));
    assert!(is_void_as_a_whole(KNOWN_RULE_SET, &facts, rest(1, 0)), "away has scored first: 1:0 never stood");
    assert_eq!(paid(&facts, rest(1, 0), Outcome::Home), Some(LegResult::Void));
    assert_eq!(paid(&facts, rest(2, 1), Outcome::Home), None, "2:1 may still come about");
    facts.insert(&whistle());
    assert_eq!(paid(&facts, rest(2, 1), Outcome::Home), Some(LegResult::Void), "and did not");
}

#[test]
fn an_abandoned_match_waits_for_what_is_in_doubt() {
    use crate::event::{MarketId, Outcome};
    let mut facts = set_of(&[abandoned(), scouted("g1", goal(Side::Home), Period::FirstHalf, 3)]);
    let paid = |facts: &FactSet| settle(KNOWN_RULE_SET, facts, MarketId::MATCH_RESULT, Outcome::Home);
    assert_eq!(paid(&facts), None, "a goal is in doubt");
    assert_eq!(decided(KNOWN_RULE_SET, &facts, MarketId::MATCH_RESULT, Outcome::Home), Some(LegResult::Void));
    facts.insert(&ruling("c", FactBody::Confirmed(super::id("g1"))));
    assert_eq!(paid(&facts), Some(LegResult::Void));
    facts.insert(&scouted("w", FactBody::FinalWhistle, Period::SecondHalf, 48));
    assert_eq!(paid(&facts), None, "the ninety minutes may have been played after all");
    facts.insert(&ruling("cw", FactBody::Confirmed(super::id("w"))));
    assert_eq!(paid(&facts), Some(LegResult::Win), "they were");
    let mut resumed = set_of(&[abandoned()]);
    assert_eq!(paid(&resumed), Some(LegResult::Void));
    resumed.insert(&ruling("r", FactBody::Rollback(super::id("a"))));
    assert_eq!(paid(&resumed), None, "play goes on");
}
