//! When a selection is decided, and to what.

use super::{goal, id, ruling, scouted, set_of, sure};
use crate::event::{FactBody, MarketId, Outcome, Period, Side};
use crate::outcome::{FactSet, KNOWN_RULE_SET, decided, settle};
use crate::values::{LegResult, QuarterLine};

fn total(line: &str) -> MarketId {
    MarketId::total(QuarterLine::parse(line).unwrap())
}

fn paid(facts: &FactSet, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    settle(KNOWN_RULE_SET, facts, market, outcome)
}

fn closed(facts: &FactSet, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    decided(KNOWN_RULE_SET, facts, market, outcome)
}

fn with_goals(home: usize, away: usize) -> FactSet {
    let side = |number: usize| if number < home { Side::Home } else { Side::Away };
    let goals = (0..home + away).map(|n| sure(&format!("g{n}"), goal(side(n)), Period::FirstHalf, 5));
    set_of(&goals.collect::<Vec<_>>())
}

fn over_for_sure() -> crate::event::Fact {
    sure("w4", FactBody::PeriodEnd(Period::SecondHalf), Period::SecondHalf, 48)
}

#[test]
fn a_total_is_decided_at_the_goal_that_nothing_can_change() {
    use LegResult::{Lose, Win};
    let table = [
        ("2.5", 2, None, None),
        ("2.5", 3, Some(Win), Some(Lose)),
        ("2.75", 3, None, None),
        ("2.75", 4, Some(Win), Some(Lose)),
        ("2", 2, None, None),
        ("2", 3, Some(Win), Some(Lose)),
        ("2.25", 2, None, None),
        ("2.25", 3, Some(Win), Some(Lose)),
        ("0.5", 1, Some(Win), Some(Lose)),
    ];
    for (line, goals, over, under) in table {
        let facts = with_goals(goals, 0);
        assert_eq!(paid(&facts, total(line), Outcome::Over), over, "over {line} at {goals}");
        assert_eq!(paid(&facts, total(line), Outcome::Under), under, "under {line} at {goals}");
    }
}

#[test]
fn the_whistle_decides_the_rest() {
    use LegResult::{HalfLose, HalfWin, Lose, Void, Win};
    let table = [
        (1, 1, "2", Void, Void, [Lose, Win, Lose]),
        (2, 1, "2.75", HalfWin, HalfLose, [Win, Lose, Lose]),
        (0, 2, "2.25", HalfLose, HalfWin, [Lose, Lose, Win]),
        (0, 0, "0.5", Lose, Win, [Lose, Win, Lose]),
    ];
    for (home, away, line, over, under, result) in table {
        let mut facts = with_goals(home, away);
        assert_eq!(paid(&facts, MarketId::MATCH_RESULT, Outcome::Home), None);
        facts.insert(&over_for_sure());
        assert_eq!(paid(&facts, total(line), Outcome::Over), Some(over));
        assert_eq!(paid(&facts, total(line), Outcome::Under), Some(under));
        let results = [Outcome::Home, Outcome::Draw, Outcome::Away].map(|o| paid(&facts, MarketId::MATCH_RESULT, o));
        assert_eq!(results, result.map(Some));
    }
}

#[test]
fn scouted_facts_close_and_only_confirmed_ones_pay() {
    let mut facts = set_of(&[scouted("g1", goal(Side::Home), Period::FirstHalf, 5)]);
    assert_eq!(closed(&facts, total("0.5"), Outcome::Over), Some(LegResult::Win));
    assert_eq!(paid(&facts, total("0.5"), Outcome::Over), None);
    facts.insert(&over_for_sure());
    assert_eq!(paid(&facts, total("1.5"), Outcome::Under), None, "a goal is in doubt");
    assert_eq!(paid(&facts, MarketId::MATCH_RESULT, Outcome::Home), None);
    facts.insert(&ruling("c", FactBody::Confirmed(id("g1"))));
    assert_eq!(paid(&facts, total("1.5"), Outcome::Under), Some(LegResult::Win));
    assert_eq!(paid(&facts, MarketId::MATCH_RESULT, Outcome::Home), Some(LegResult::Win));
}

#[test]
fn a_scouted_whistle_closes_and_does_not_pay() {
    let facts = set_of(&[scouted("w", FactBody::FinalWhistle, Period::SecondHalf, 48)]);
    assert_eq!(closed(&facts, MarketId::MATCH_RESULT, Outcome::Draw), Some(LegResult::Win));
    assert_eq!(paid(&facts, MarketId::MATCH_RESULT, Outcome::Draw), None);
}

#[test]
fn a_rollback_takes_a_result_back() {
    let mut facts = with_goals(1, 0);
    facts.insert(&ruling("r", FactBody::Rollback(id("g0"))));
    assert_eq!(paid(&facts, total("0.5"), Outcome::Over), None);
}

#[test]
fn what_is_no_selection_is_never_decided() {
    let mut facts = with_goals(3, 0);
    facts.insert(&over_for_sure());
    assert_eq!(paid(&facts, MarketId::MATCH_RESULT, Outcome::Over), None);
    assert_eq!(paid(&facts, total("1.5"), Outcome::Home), None);
    assert_eq!(settle(KNOWN_RULE_SET + 1, &facts, MarketId::MATCH_RESULT, Outcome::Home), None);
}
