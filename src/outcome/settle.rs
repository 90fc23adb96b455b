//! What a selection came to, by the soccer rules: ninety minutes and stoppage, decided as soon as nothing can change it.

use super::FactSet;
use crate::event::{MarketId, Outcome, Score};
use crate::values::{LegResult, QuarterLine};

/// The rule set in force, and the only one so far. Another number settles nothing.
pub const KNOWN_RULE_SET: u32 = 1;

/// What a selection pays: by confirmed facts only, once the ninety minutes are over for sure and no goal is in doubt, or
/// as soon as every way the match can go on from the confirmed facts gives the selection the same factor (over 2.5 wins
/// at the third goal; over 2.75 not at 3 goals but at 4). `None` while undecided, and for what is no selection.
pub fn settle(rule_set: u32, facts: &FactSet, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    let is_final = facts.regulation_over_confirmed() && !facts.has_unconfirmed_goal();
    result_at(rule_set, facts.confirmed_score(), is_final, market, outcome)
}

/// The same with everything that was reported, confirmed or not: trading closes by it, nothing is paid by it.
pub fn decided(rule_set: u32, facts: &FactSet, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    result_at(rule_set, facts.score(), facts.regulation_over(), market, outcome)
}

fn result_at(rule_set: u32, score: Score, is_final: bool, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    if rule_set != KNOWN_RULE_SET {
        return None;
    }
    match market {
        MarketId::MatchResult if is_final => match_result(score, outcome),
        MarketId::TotalGoals(line) => {
            let goals = u32::from(score.home) + u32::from(score.away);
            let result = settle_total(line, outcome, goals)?;
            // More goals only ever push over towards a win and under towards a loss.
            let cannot_change = match outcome {
                Outcome::Over => result == LegResult::Win,
                Outcome::Under => result == LegResult::Lose,
                Outcome::Home
                | Outcome::Draw
                | Outcome::Away
                | Outcome::HomeOrDraw
                | Outcome::HomeOrAway
                | Outcome::DrawOrAway
                | Outcome::Yes
                | Outcome::No
                | Outcome::NoGoal
                | Outcome::Score(..)
                | Outcome::OtherHome
                | Outcome::OtherDraw
                | Outcome::OtherAway => false,
            };
            (is_final || cannot_change).then_some(result)
        }
        MarketId::MatchResult
        | MarketId::DoubleChance
        | MarketId::DrawNoBet
        | MarketId::TeamTotal(..)
        | MarketId::Handicap(_)
        | MarketId::HandicapRest(..)
        | MarketId::BothTeamsToScore
        | MarketId::CorrectScore(_)
        | MarketId::NextGoal(_) => None,
    }
}

fn match_result(score: Score, outcome: Outcome) -> Option<LegResult> {
    let wins = match outcome {
        Outcome::Home => score.home > score.away,
        Outcome::Draw => score.home == score.away,
        Outcome::Away => score.home < score.away,
        Outcome::Over
        | Outcome::Under
        | Outcome::HomeOrDraw
        | Outcome::HomeOrAway
        | Outcome::DrawOrAway
        | Outcome::Yes
        | Outcome::No
        | Outcome::NoGoal
        | Outcome::Score(..)
        | Outcome::OtherHome
        | Outcome::OtherDraw
        | Outcome::OtherAway => return None,
    };
    Some(if wins { LegResult::Win } else { LegResult::Lose })
}

/// What over or under a line came to at this many goals; `None` for another selection. A quarter line puts half the
/// stake on each neighbour, so one quarter above the line is half a win, and one below half a loss.
pub fn settle_total(line: QuarterLine, outcome: Outcome, goals: u32) -> Option<LegResult> {
    let over_by_quarters = 4 * i64::from(goals) - i64::from(line.quarters());
    let ahead_by_quarters = match outcome {
        Outcome::Over => over_by_quarters,
        Outcome::Under => -over_by_quarters,
        Outcome::Home
        | Outcome::Draw
        | Outcome::Away
        | Outcome::HomeOrDraw
        | Outcome::HomeOrAway
        | Outcome::DrawOrAway
        | Outcome::Yes
        | Outcome::No
        | Outcome::NoGoal
        | Outcome::Score(..)
        | Outcome::OtherHome
        | Outcome::OtherDraw
        | Outcome::OtherAway => return None,
    };
    Some(match ahead_by_quarters {
        2.. => LegResult::Win,
        1 => LegResult::HalfWin,
        0 => LegResult::Void,
        -1 => LegResult::HalfLose,
        ..=-2 => LegResult::Lose,
    })
}
