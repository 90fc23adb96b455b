//! The plain twin: a match as a list of goals, and what every selection comes to when it is over, read off the list.

#![expect(clippy::wildcard_enum_match_arm, reason = "the twin is plain before it is complete")]

use crate::event::{MarketId, MarketType, Outcome, Side};
use crate::values::{LegResult, QuarterLine};

/// Every kind of market, with the lines that a few goals can reach and some that they cannot.
pub(super) fn markets() -> Vec<MarketId> {
    let line = QuarterLine::from_quarters;
    let mut markets =
        vec![MarketId::MATCH_RESULT, MarketId::DOUBLE_CHANCE, MarketId::DRAW_NO_BET, MarketId::BOTH_TEAMS_TO_SCORE];
    markets.extend((-2..=18).map(|quarters| MarketId::total(line(quarters))));
    for side in [Side::Home, Side::Away] {
        markets.extend((0..=11).map(|quarters| MarketId::team_total(side, line(quarters))));
    }
    markets.extend((-9..=9).map(|quarters| MarketId::handicap(line(quarters))));
    for (home, away) in [(0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 3)] {
        let base = crate::event::Score { home, away };
        markets.extend([-5, -2, -1, 0, 1, 3].map(|quarters| MarketId::handicap_rest(base, line(quarters))));
    }
    markets.extend([1, 2].map(MarketId::correct_score));
    markets.extend([1, 2, 3, 6].map(MarketId::next_goal));
    markets.extend(
        [(0, 0), (1, 0), (1, 1)]
            .map(|(home, away)| MarketId::of(MarketType::REST_RESULT).since(crate::event::Score { home, away })),
    );
    markets.extend([-4, 4].map(|quarters| MarketId::of(MarketType::THREE_WAY_HANDICAP).at_line(line(quarters))));
    markets.extend([1, 2].map(|max| MarketId::of(MarketType::WINNING_MARGIN).number(max)));
    markets.extend([1, 4].map(|max| MarketId::of(MarketType::EXACT_GOALS).number(max)));
    markets.extend([MarketType::ODD_EVEN, MarketType::LAST_GOAL].map(MarketId::of));
    markets.extend([1, 2, 3].map(|to| MarketId::of(MarketType::RACE).number(to)));
    for side in [Side::Home, Side::Away] {
        markets.extend([
            MarketId::of(MarketType::TEAM_EXACT_GOALS).number(2).of_side(side),
            MarketId::of(MarketType::CLEAN_SHEET).of_side(side),
            MarketId::of(MarketType::WIN_TO_NIL).of_side(side),
        ]);
    }
    markets
}

/// What a selection came to in a match of exactly these goals.
#[expect(clippy::too_many_lines, reason = "a list of markets")]
pub(super) fn at_the_end(goals: &[Side], market: MarketId, outcome: Outcome) -> LegResult {
    let of = |goals: &[Side], side: Side| goals.iter().filter(|goal| **goal == side).count() as i64;
    let (home, away) = (of(goals, Side::Home), of(goals, Side::Away));
    let first = matches!(outcome, Outcome::Over | Outcome::Home);
    let (line, side) = (market.line(), market.side());
    let named = outcome.to_string();
    let after_base = || {
        let base = market.base();
        (0..=goals.len()).map(|then| goals.split_at(then)).find(|(then, _)| {
            (of(then, Side::Home), of(then, Side::Away)) == (i64::from(base.home), i64::from(base.away))
        })
    };
    let one_two_x = |lead: i64| ["draw", "home", "away"][usize::from(lead != 0) + usize::from(lead < 0)];
    let counted = |number: i64| match named.strip_suffix('+') {
        Some(least) => number >= least.parse().unwrap(),
        None => named == number.to_string(),
    };
    match market.kind() {
        MarketType::MATCH_RESULT | MarketType::DOUBLE_CHANCE => {
            let result = ["1", "x", "2"][usize::from(home <= away) + usize::from(home < away)];
            let named = match outcome {
                Outcome::Home => "1".to_owned(),
                Outcome::Away => "2".to_owned(),
                other => other.to_string().replace("draw", "x"),
            };
            yes(named.contains(result))
        }
        MarketType::DRAW_NO_BET => split(home - away, QuarterLine::ZERO, first),
        MarketType::TOTAL => split(home + away, line, first),
        MarketType::TEAM_TOTAL => split(of(goals, side), line, first),
        MarketType::HANDICAP => split(home - away, line.negated(), first),
        MarketType::HANDICAP_REST => match after_base() {
            Some((_, rest)) => split(of(rest, Side::Home) - of(rest, Side::Away), line.negated(), first),
            None => LegResult::Void,
        },
        MarketType::REST_RESULT => match after_base() {
            Some((_, rest)) => yes(one_two_x(of(rest, Side::Home) - of(rest, Side::Away)) == named),
            None => LegResult::Void,
        },
        MarketType::THREE_WAY_HANDICAP => yes(one_two_x(home + i64::from(line.quarters() / 4) - away) == named),
        MarketType::WINNING_MARGIN => {
            let max = i64::from(market.first_number());
            let open = if (home - away).abs() >= max { "+" } else { "" };
            let by = (home - away).abs().min(max);
            yes(named == if by == 0 { "draw".to_owned() } else { format!("{}_by_{by}{open}", one_two_x(home - away)) })
        }
        MarketType::EXACT_GOALS => yes(counted(home + away)),
        MarketType::TEAM_EXACT_GOALS => yes(counted(of(goals, side))),
        MarketType::ODD_EVEN => yes((named == "even") == goals.len().is_multiple_of(2)),
        MarketType::CLEAN_SHEET => yes((named == "yes") != goals.contains(&side.other())),
        MarketType::WIN_TO_NIL => yes((named == "yes") == (!goals.is_empty() && !goals.contains(&side.other()))),
        MarketType::LAST_GOAL => yes(named == goals.last().map_or("no_goal", |side| side.name())),
        MarketType::RACE => {
            let to = i64::from(market.first_number());
            let reached = (0..=goals.len()).map(|then| &goals[..then]);
            let winner = reached
                .flat_map(|then| [Side::Home, Side::Away].map(|side| (side, of(then, side))))
                .find(|(_, n)| *n >= to);
            yes(named == winner.map_or("neither", |(side, _)| side.name()))
        }
        MarketType::BOTH_TEAMS_TO_SCORE => yes((home * away > 0) == (outcome == Outcome::Yes)),
        MarketType::CORRECT_SCORE => {
            let is_listed = home.max(away) <= i64::from(market.first_number());
            yes(match outcome {
                Outcome::OtherHome => !is_listed && home > away,
                Outcome::OtherDraw => !is_listed && home == away,
                Outcome::OtherAway => !is_listed && home < away,
                listed => is_listed && listed.to_string() == format!("{home}:{away}"),
            })
        }
        MarketType::NEXT_GOAL => yes(match goals.get(usize::from(market.first_number()) - 1) {
            Some(Side::Home) => outcome == Outcome::Home,
            Some(Side::Away) => outcome == Outcome::Away,
            None => outcome == Outcome::NoGoal,
        }),
        other => panic!("{other:?} does not hang on goals alone"),
    }
}

/// Half the stake on each neighbour of the line: 2 wins, 1 comes back, 0 is lost.
fn split(count: i64, line: QuarterLine, is_over: bool) -> LegResult {
    let (lower, upper) = line.halves();
    let one = |half: QuarterLine| match (4 * count).cmp(&i64::from(half.quarters())) {
        std::cmp::Ordering::Equal => 1,
        order => 2 * u8::from((order == std::cmp::Ordering::Greater) == is_over),
    };
    match one(lower) + one(upper) {
        4 => LegResult::Win,
        3 => LegResult::HalfWin,
        2 => LegResult::Void,
        1 => LegResult::HalfLose,
        _ => LegResult::Lose,
    }
}

fn yes(won: bool) -> LegResult {
    if won { LegResult::Win } else { LegResult::Lose }
}

/// Every list of at most so many goals.
pub(super) fn every_course(goals_max: usize) -> Vec<Vec<Side>> {
    let mut all = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..goals_max {
        let upto = all.len();
        for at in from..upto {
            for side in [Side::Home, Side::Away] {
                let mut longer = all[at].clone();
                longer.push(side);
                all.push(longer);
            }
        }
        from = upto;
    }
    all
}
