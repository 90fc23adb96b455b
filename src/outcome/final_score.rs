//! What a selection comes to at a final score of the ninety minutes.

use crate::event::{MarketId, Outcome, Score, Side};
use crate::values::{LegResult, QuarterLine};

/// What a selection comes to if the ninety minutes end with this score.
///
/// `None` where the final score does not decide it: for the n-th goal, for a rest handicap whose base this score cannot
/// have grown from, and for what is no selection of the market.
pub fn result_at_score(market: MarketId, outcome: Outcome, final_score: Score) -> Option<LegResult> {
    if !market.has(outcome) {
        return None;
    }
    let (home, away) = (i64::from(final_score.home), i64::from(final_score.away));
    match market {
        MarketId::MatchResult | MarketId::DoubleChance => one_of_three(outcome, home - away),
        MarketId::DrawNoBet => ahead(outcome, 4 * (home - away)),
        MarketId::TotalGoals(line) => ahead(outcome, 4 * (home + away) - quarters(line)),
        MarketId::TeamTotal(Side::Home, line) => ahead(outcome, 4 * home - quarters(line)),
        MarketId::TeamTotal(Side::Away, line) => ahead(outcome, 4 * away - quarters(line)),
        MarketId::Handicap(line) => ahead(outcome, 4 * (home - away) + quarters(line)),
        MarketId::HandicapRest(base, line) => {
            let (home, away) = (home - i64::from(base.home), away - i64::from(base.away));
            if home < 0 || away < 0 { None } else { ahead(outcome, 4 * (home - away) + quarters(line)) }
        }
        MarketId::BothTeamsToScore => {
            let both = home > 0 && away > 0;
            Some(won(if outcome == Outcome::Yes { both } else { !both }))
        }
        MarketId::CorrectScore(max) => Some(won(outcome == cell(max, final_score))),
        MarketId::NextGoal(_) => None,
    }
}

/// The selection of a correct score market that this final score is.
fn cell(max: u8, score: Score) -> Outcome {
    match (u8::try_from(score.home), u8::try_from(score.away)) {
        (Ok(home), Ok(away)) if home.max(away) <= max => Outcome::Score(home, away),
        (Ok(_) | Err(_), Ok(_) | Err(_)) => match score.home.cmp(&score.away) {
            std::cmp::Ordering::Greater => Outcome::OtherHome,
            std::cmp::Ordering::Equal => Outcome::OtherDraw,
            std::cmp::Ordering::Less => Outcome::OtherAway,
        },
    }
}

/// Whether one of the results that the selection names came about; `lead` is home's.
fn one_of_three(outcome: Outcome, lead: i64) -> Option<LegResult> {
    let wins = match outcome {
        Outcome::Home => lead > 0,
        Outcome::Draw => lead == 0,
        Outcome::Away => lead < 0,
        Outcome::HomeOrDraw => lead >= 0,
        Outcome::HomeOrAway => lead != 0,
        Outcome::DrawOrAway => lead <= 0,
        Outcome::Over
        | Outcome::Under
        | Outcome::Yes
        | Outcome::No
        | Outcome::NoGoal
        | Outcome::Score(..)
        | Outcome::OtherHome
        | Outcome::OtherDraw
        | Outcome::OtherAway => return None,
    };
    Some(won(wins))
}

/// What one of two opposed selections comes to, by how far the first of them (over, home) is ahead of its line, in quarters
/// of a goal. A quarter line puts half the stake on each neighbour, so one quarter ahead is half a win, and one behind half
/// a loss.
fn ahead(outcome: Outcome, first_by: i64) -> Option<LegResult> {
    let by = match outcome {
        Outcome::Over | Outcome::Home => first_by,
        Outcome::Under | Outcome::Away => -first_by,
        Outcome::Draw
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
    Some(match by {
        2.. => LegResult::Win,
        1 => LegResult::HalfWin,
        0 => LegResult::Void,
        -1 => LegResult::HalfLose,
        ..=-2 => LegResult::Lose,
    })
}

fn won(wins: bool) -> LegResult {
    if wins { LegResult::Win } else { LegResult::Lose }
}

fn quarters(line: QuarterLine) -> i64 {
    i64::from(line.quarters())
}
