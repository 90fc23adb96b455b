//! The plain twin: a match as a list of goals, and what every selection comes to when it is over, read off the list.

#![expect(clippy::wildcard_enum_match_arm, reason = "the twin is plain before it is complete")]

use crate::event::{MarketId, Outcome, Side};
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
    markets
}

/// What a selection came to in a match of exactly these goals.
pub(super) fn at_the_end(goals: &[Side], market: MarketId, outcome: Outcome) -> LegResult {
    let of = |goals: &[Side], side: Side| goals.iter().filter(|goal| **goal == side).count() as i64;
    let (home, away) = (of(goals, Side::Home), of(goals, Side::Away));
    let first = matches!(outcome, Outcome::Over | Outcome::Home);
    match market {
        MarketId::MATCH_RESULT | MarketId::DOUBLE_CHANCE => {
            let result = ["1", "x", "2"][usize::from(home <= away) + usize::from(home < away)];
            let named = match outcome {
                Outcome::Home => "1".to_owned(),
                Outcome::Away => "2".to_owned(),
                other => other.to_string().replace("draw", "x"),
            };
            yes(named.contains(result))
        }
        MarketId::DRAW_NO_BET => split(home - away, QuarterLine::ZERO, first),
        MarketId::total(line) => split(home + away, line, first),
        MarketId::team_total(side, line) => split(of(goals, side), line, first),
        MarketId::handicap(line) => split(home - away, line.negated(), first),
        MarketId::handicap_rest(base, line) => {
            let stood = (0..=goals.len()).find(|then| {
                let then = &goals[..*then];
                (of(then, Side::Home), of(then, Side::Away)) == (i64::from(base.home), i64::from(base.away))
            });
            match stood {
                Some(then) => {
                    let rest = &goals[then..];
                    split(of(rest, Side::Home) - of(rest, Side::Away), line.negated(), first)
                }
                None => LegResult::Void,
            }
        }
        MarketId::BOTH_TEAMS_TO_SCORE => yes((home * away > 0) == (outcome == Outcome::Yes)),
        MarketId::correct_score(max) => {
            let is_listed = home.max(away) <= i64::from(max);
            yes(match outcome {
                Outcome::OtherHome => !is_listed && home > away,
                Outcome::OtherDraw => !is_listed && home == away,
                Outcome::OtherAway => !is_listed && home < away,
                listed => is_listed && listed.to_string() == format!("{home}:{away}"),
            })
        }
        MarketId::next_goal(nth) => yes(match goals.get(usize::from(nth) - 1) {
            Some(Side::Home) => outcome == Outcome::Home,
            Some(Side::Away) => outcome == Outcome::Away,
            None => outcome == Outcome::NoGoal,
        }),
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
