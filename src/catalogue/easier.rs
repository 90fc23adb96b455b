//! Bets that cannot lose when another wins: nobody would pay more for the harder one.

use super::outcome::{How, Third};
use super::{MarketId, MarketType, Outcome};
use crate::values::{QuarterLine, Score, Side};

/// Selections of other markets that win whenever this one does, where the score is `now`. Where both win at exactly the
/// same ends, they are each other's equal.
///
/// Named are those that a customer reads side by side; by `same_bet` what has two names is one bet already. A property
/// test holds every pair against every end of a match.
pub fn easier_bets(market: MarketId, outcome: Outcome, now: Score) -> Vec<(MarketId, Outcome)> {
    match market.kind() {
        MarketType::WINNING_MARGIN => by_margin(outcome),
        MarketType::THREE_WAY_HANDICAP => by_handicap(market, outcome),
        MarketType::CORRECT_SCORE => of_final_score(outcome),
        MarketType::EXACT_GOALS => of_number(outcome, MarketId::total),
        MarketType::TEAM_EXACT_GOALS => of_number(outcome, |line| MarketId::team_total(market.side(), line)),
        MarketType::WIN_TO_NIL if outcome == Outcome::Yes => {
            vec![result(win(market.side())), under(MarketId::team_total(market.side().other(), above(0)))]
        }
        MarketType::HALF_TIME_FULL_TIME => by_thirds(outcome),
        MarketType::WIN_BOTH_HALVES if outcome == Outcome::Yes => {
            let won = win(market.side());
            vec![result(won), half_result(1, won), half_result(2, won)]
        }
        MarketType::HALF_RESULT if outcome != Outcome::Draw => {
            let side = if outcome == Outcome::Home { Side::Home } else { Side::Away };
            vec![yes(MarketId::of(MarketType::WIN_EITHER_HALF).of_side(side))]
        }
        MarketType::HALF_CORRECT_SCORE => of_half_score(market.first_number(), outcome),
        MarketType::HALF_BOTH_TEAMS_TO_SCORE if outcome == Outcome::Yes => {
            let goals_of_half = MarketId::of(MarketType::HALF_TOTAL).number(market.first_number());
            vec![yes(MarketId::BOTH_TEAMS_TO_SCORE), over(goals_of_half.at_line(above(1)))]
        }
        MarketType::GOAL_IN_BOTH_HALVES if outcome == Outcome::Yes => vec![over(MarketId::total(above(1)))],
        MarketType::NEXT_GOAL | MarketType::LAST_GOAL => of_a_goal(market, outcome),
        MarketType::RACE => of_race(market.first_number(), outcome),
        MarketType::GOAL_IN_INTERVAL | MarketType::GOAL_BEFORE if outcome == Outcome::Yes => {
            vec![over(MarketId::total(above_now(now.both())))]
        }
        MarketType::TEAM_GOAL_IN_INTERVAL if outcome == Outcome::Yes => {
            let (from, to, side) = (market.first_number(), market.second_number(), market.side());
            let of_side = MarketId::team_total(side, above_now(i64::from(now.of(side))));
            vec![yes(MarketId::of(MarketType::GOAL_IN_INTERVAL).numbers(from, to)), over(of_side)]
        }
        MarketType::QUALIFY_METHOD => by_way_through(outcome),
        _ => Vec::new(),
    }
}

fn yes(market: MarketId) -> (MarketId, Outcome) {
    (market, Outcome::Yes)
}

fn over(market: MarketId) -> (MarketId, Outcome) {
    (market, Outcome::Over)
}

fn under(market: MarketId) -> (MarketId, Outcome) {
    (market, Outcome::Under)
}

fn result(outcome: Outcome) -> (MarketId, Outcome) {
    (MarketId::MATCH_RESULT, outcome)
}

fn half_result(half: u8, outcome: Outcome) -> (MarketId, Outcome) {
    (MarketId::of(MarketType::HALF_RESULT).number(half), outcome)
}

fn win(side: Side) -> Outcome {
    if side == Side::Home { Outcome::Home } else { Outcome::Away }
}

fn of_lead(lead: i64) -> Outcome {
    third(Third::of(lead))
}

fn third(third: Third) -> Outcome {
    match third {
        Third::Home => Outcome::Home,
        Third::Draw => Outcome::Draw,
        Third::Away => Outcome::Away,
    }
}

/// The line half a goal above so many.
fn above(goals: u8) -> QuarterLine {
    QuarterLine::from_quarters(4 * i16::from(goals) + 2)
}

fn above_now(goals: i64) -> QuarterLine {
    let quarters = i32::try_from(4 * goals + 2).ok();
    quarters.and_then(QuarterLine::checked_from_quarters).unwrap_or(QuarterLine::ZERO)
}

fn by_margin(outcome: Outcome) -> Vec<(MarketId, Outcome)> {
    if let Outcome::By(side, _) | Outcome::ByAtLeast(side, _) = outcome {
        return vec![result(win(side))];
    }
    vec![result(Outcome::Draw)]
}

/// With a goal or more to make up for, a win is a win; a level end is a win by just so many.
fn by_handicap(market: MarketId, outcome: Outcome) -> Vec<(MarketId, Outcome)> {
    let start = i64::from(market.line().quarters()) / 4;
    let wins_anyway = (outcome == Outcome::Home && start < 0) || (outcome == Outcome::Away && start > 0);
    let is_level = outcome == Outcome::Draw;
    match (wins_anyway, is_level) {
        (true, _) => vec![result(outcome)],
        (false, true) => vec![result(of_lead(-start))],
        (false, false) => Vec::new(),
    }
}

fn of_final_score(outcome: Outcome) -> Vec<(MarketId, Outcome)> {
    let Outcome::Score(home, away) = outcome else { return of_other_scores(outcome).map(result).into_iter().collect() };
    let lead = i64::from(home) - i64::from(away);
    let both = if home > 0 && away > 0 { Outcome::Yes } else { Outcome::No };
    let mut easier = vec![result(of_lead(lead)), (MarketId::BOTH_TEAMS_TO_SCORE, both)];
    easier.extend(of_number(Outcome::Exactly(home + away), MarketId::total));
    for (side, own, other) in [(Side::Home, home, away), (Side::Away, away, home)] {
        if own > 0 && other == 0 {
            easier.push(yes(MarketId::of(MarketType::WIN_TO_NIL).of_side(side)));
        }
    }
    easier
}

fn of_other_scores(outcome: Outcome) -> Option<Outcome> {
    let results = [Outcome::Home, Outcome::Draw, Outcome::Away];
    let others = [Outcome::OtherHome, Outcome::OtherDraw, Outcome::OtherAway];
    others.iter().zip(results).find(|(other, _)| **other == outcome).map(|(_, result)| result)
}

/// Exactly so many lie above one line and below the next; so many or more are above a line.
fn of_number(outcome: Outcome, line: impl Fn(QuarterLine) -> MarketId) -> Vec<(MarketId, Outcome)> {
    let more_than_less = |number: u8| number.checked_sub(1).map(|less| over(line(above(less))));
    if let Outcome::AtLeast(number) = outcome {
        return more_than_less(number).into_iter().collect();
    }
    let Outcome::Exactly(number) = outcome else { return Vec::new() };
    more_than_less(number).into_iter().chain([under(line(above(number)))]).collect()
}

fn by_thirds(outcome: Outcome) -> Vec<(MarketId, Outcome)> {
    let Outcome::HalfFull(half, full) = outcome else { return Vec::new() };
    vec![half_result(1, third(half)), result(third(full))]
}

fn of_half_score(half: u8, outcome: Outcome) -> Vec<(MarketId, Outcome)> {
    let Outcome::Score(home, away) = outcome else {
        return of_other_scores(outcome).map(|result| half_result(half, result)).into_iter().collect();
    };
    let mut easier = vec![half_result(half, of_lead(i64::from(home) - i64::from(away)))];
    let goals = |line| MarketId::of(MarketType::HALF_TOTAL).number(half).at_line(line);
    easier.extend(of_number(Outcome::Exactly(home + away), goals));
    easier
}

/// The n-th goal is one of at least n; no n-th goal is fewer. A side that scores last has scored.
fn of_a_goal(market: MarketId, outcome: Outcome) -> Vec<(MarketId, Outcome)> {
    let nth = if market.kind() == MarketType::NEXT_GOAL { market.first_number() } else { 1 };
    let Some(fewer) = nth.checked_sub(1) else { return Vec::new() };
    let line = above(fewer);
    if outcome == Outcome::NoGoal { vec![under(MarketId::total(line))] } else { vec![over(MarketId::total(line))] }
}

fn of_race(to: u8, outcome: Outcome) -> Vec<(MarketId, Outcome)> {
    let Some(fewer) = to.checked_sub(1) else { return Vec::new() };
    let of = |side| MarketId::team_total(side, above(fewer));
    match [Side::Home, Side::Away].into_iter().find(|side| win(*side) == outcome) {
        Some(side) => vec![over(of(side))],
        None => vec![under(of(Side::Home)), under(of(Side::Away))],
    }
}

fn by_way_through(outcome: Outcome) -> Vec<(MarketId, Outcome)> {
    let Outcome::Through(side, how) = outcome else { return Vec::new() };
    let mut easier = vec![(MarketId::of(MarketType::TO_QUALIFY), win(side))];
    if how == How::OnPenalties {
        easier.push(yes(MarketId::of(MarketType::SHOOT_OUT)));
    }
    easier
}
