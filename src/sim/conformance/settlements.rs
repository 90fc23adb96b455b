//! `pricing_settlement.json`: what bets come to and what they pay, from the facts of a match played to its end.

use super::document::{Malformed, Read, each, entries, field, number, text, unknown_keys};
use super::markets::{Quoted, selection};
use super::model::score;
use super::report::Report;
use crate::event::{Certainty, Fact, FactBody, MatchClock, Period, Score, Side};
use crate::outcome::{FactSet, KNOWN_RULE_SET, settle};
use crate::settlement::{payment_of, returned};
use crate::values::{FactId, LegResult, MatchId, Millis, Money, Price, ProducerId, Time};
use serde_json::Value;

const KEYS: [&str; 9] = ["market", "selection", "line", "odds", "stake", "score_at_bet", "final", "result", "payout"];

/// The book counts in whole units of the smallest coin, and rounds once. Here its coin is a billionth of a unit, so that
/// rounding does not show, and larger for stakes of which so many could not be counted.
const COINS_MAX: f64 = 1e9;
/// Coins of a stake at most: at odds of 1000 they can still be counted.
const STAKE_COINS_MAX: f64 = 1e15;

pub(super) fn compare(file: &Value, report: &mut Report) -> Read<()> {
    report.begin("the file");
    for key in unknown_keys(file, &["format", "sets"])? {
        report.unknown(key);
    }
    field(file, "sets", |sets| {
        report.subject = format!("{} settled bets", entries(sets)?.len());
        each(sets, |index, row| {
            report.begin(&super::markets::set_name(row, index)?);
            for key in unknown_keys(row, &KEYS)? {
                if key != "id" {
                    report.unknown(key);
                }
            }
            compare_row(row, report)
        })
    })
}

fn compare_row(row: &Value, report: &mut Report) -> Read<()> {
    let market = field(row, "market", text)?;
    let (at_bet, at_end) = (field(row, "score_at_bet", score)?, field(row, "final", score)?);
    if at_bet.home > at_end.home || at_bet.away > at_end.away {
        return Err(Malformed::new("has more goals than final").within("score_at_bet"));
    }
    let (id, outcome) = selection(row, Quoted::ForTheSelection, at_bet)?;
    let (result, payout) = (field(row, "result", result)?, field(row, "payout", number)?);
    let facts = match_of(at_bet, at_end)?;
    let Some(ours) = settle(KNOWN_RULE_SET, &facts, id, outcome) else {
        report.refused(market, 2, format_args!("{id} {outcome} at {}:{} is not decided", at_end.home, at_end.away));
        return Ok(());
    };
    report.same(market, format_args!("{id} {outcome}"), &word(ours), &word(result));
    let (odds, (stake, coins)) = (field(row, "odds", price)?, field(row, "stake", stake)?);
    let payment = payment_of(stake, &[(odds, Some(ours))]);
    let ours = payment.map_or(f64::NAN, |payment| returned(stake, payment).minor() as f64 / coins);
    // What is paid is no matter of chance: never too unlikely to be compared to the last digit.
    report.money(market, format_args!("{id} {outcome}"), [ours, payout], 0.0);
    Ok(())
}

const WORDS: [(&str, LegResult); 5] = [
    ("win", LegResult::Win),
    ("half_win", LegResult::HalfWin),
    ("push", LegResult::Void),
    ("half_lose", LegResult::HalfLose),
    ("lose", LegResult::Lose),
];

fn result(value: &Value) -> Read<LegResult> {
    let said = text(value)?;
    let known = WORDS.into_iter().find(|(word, _)| *word == said);
    let what = || Malformed::new(format!("must be win, half_win, push, half_lose or lose, is {said:?}"));
    known.map(|(_, result)| result).ok_or_else(what)
}

fn word(result: LegResult) -> &'static str {
    WORDS.into_iter().find(|(_, of)| *of == result).expect("every result has a word").0
}

fn price(value: &Value) -> Read<Price> {
    let thousandths = number(value)? * 1_000.0;
    let is_exact = (thousandths - thousandths.round()).abs() < 1e-6 && (1_001.0..=1_000_000.0).contains(&thousandths);
    let odds = is_exact.then(|| Price::decimal_thousandths(thousandths.round() as u32).ok()).flatten();
    odds.ok_or_else(|| Malformed::new(format!("must be odds from 1.001 to 1000 in thousandths, is {value}")))
}

/// The stake, and how many coins of its a unit has.
fn stake(value: &Value) -> Read<(Money, f64)> {
    let stake = number(value)?;
    if !(stake > 0.0 && stake <= STAKE_COINS_MAX) {
        return Err(Malformed::new(format!("must be above 0 and at most {STAKE_COINS_MAX:e}, is {value}")));
    }
    let mut coins = COINS_MAX;
    while stake * coins > STAKE_COINS_MAX {
        coins /= 10.0;
    }
    Ok((Money::from_minor((stake * coins).round() as i64), coins))
}

/// The facts of a match that was played from 0:0 by way of one score to another, and whistled off: each confirmed.
fn match_of(by_way_of: Score, end: Score) -> Read<FactSet> {
    let goals = |from: Score, to: Score| {
        let home = (from.home..to.home).map(|_| Side::Home);
        home.chain((from.away..to.away).map(|_| Side::Away))
    };
    let mut facts = FactSet::new();
    let mut minute = 0;
    for side in goals(Score::default(), by_way_of).chain(goals(by_way_of, end)) {
        minute += 1;
        facts.insert(&fact(minute, FactBody::Goal { side, own_goal: false })?);
    }
    facts.insert(&fact(minute + 1, FactBody::PeriodEnd(Period::SecondHalf))?);
    Ok(facts)
}

/// A sure fact of that minute of the second half.
fn fact(minute: i64, body: FactBody) -> Read<Fact> {
    let no_id = |_| Malformed::new("too many goals");
    let elapsed = Millis::new(minute * 60_000);
    Ok(Fact {
        id: FactId::parse(&format!("f{minute}")).map_err(no_id)?,
        match_id: MatchId::parse("match").map_err(no_id)?,
        producer: ProducerId::parse("conformance").map_err(no_id)?,
        sequence: minute.unsigned_abs(),
        source_at: Time::from_ms(elapsed.get()),
        certainty: Certainty::Confirmed,
        supersedes: None,
        clock: Some(MatchClock { period: Period::SecondHalf, elapsed, stoppage_announced_minutes: None }),
        body,
    })
}
