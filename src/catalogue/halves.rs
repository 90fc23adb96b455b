//! The halves: each by itself, one against the other, and both together.

use super::definition::*;
use super::goals::{OVER_UNDER, YES_NO, each_side, scored, yes};
use super::outcome::Third;
use super::results::HOME_AWAY;
use super::{MarketGroup, MarketId, MarketType, Moment, Outcome};
use crate::values::{QuarterLine, Score, Side};

/// Scores of a half up to this many goals a side have a selection of their own.
const HALF_SCORE_MAX: u8 = 2;

fn part(id: MarketId) -> Part {
    if id.first_number() == 1 { Part::FirstHalf } else { Part::SecondHalf }
}

fn of_half(id: MarketId, of: For) -> Measure {
    Measure { what: What::Goals, part: part(id), of }
}

/// One market for each half that is not over.
fn of_each_half(now: &Moment, market: MarketId) -> Vec<MarketId> {
    let first = now.half_time.is_none().then_some(1);
    first.into_iter().chain([2]).map(|half| market.numbers(half, market.second_number())).collect()
}

pub(super) const HALF_RESULT: Definition = Definition {
    name: "half_1x2",
    title: "{half} result",
    specifiers: &[Specifier::Half],
    selections: Selections::Fixed(&[Outcome::Home, Outcome::Draw, Outcome::Away]),
    reads: Reads::Number {
        measure: |id| of_half(id, For::Lead),
        wins: |_, outcome, lead| outcome == [Outcome::Home, Outcome::Draw, Outcome::Away][Third::of(lead) as usize],
        beyond: |_| 0,
    },
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |now| of_each_half(now, MarketId::of(MarketType::HALF_RESULT)),
};

pub(super) const HALF_TOTAL: Definition = Definition {
    name: "half_total",
    title: "{half} total goals {line}",
    specifiers: &[Specifier::Half, Specifier::Line],
    selections: OVER_UNDER,
    reads: Reads::Line(|id| Threshold { measure: of_half(id, For::Both), quarters: i64::from(id.line().quarters()) }),
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |now| of_each_half(now, MarketId::of(MarketType::HALF_TOTAL)),
};

pub(super) const HALF_HANDICAP: Definition = Definition {
    name: "half_handicap",
    title: "{half} Asian handicap {line}",
    specifiers: &[Specifier::Half, Specifier::Line],
    selections: HOME_AWAY,
    reads: Reads::Line(|id| Threshold { measure: of_half(id, For::Lead), quarters: -i64::from(id.line().quarters()) }),
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |now| of_each_half(now, MarketId::of(MarketType::HALF_HANDICAP).at_line(QuarterLine::ZERO)),
};

pub(super) const HALF_CORRECT_SCORE: Definition = Definition {
    name: "half_correct_score",
    title: "{half} correct score",
    specifiers: &[Specifier::Half, Specifier::Max],
    selections: Selections::HalfScores,
    reads: Reads::HalfScore {
        wins: |id, outcome, score| scored(outcome, id.second_number(), score),
        beyond: |id| u16::from(id.second_number()) + 1,
    },
    group: MarketGroup::Goals,
    margin: MarginClass::CorrectScore,
    is_sudden: false,
    on_shelf: |now| {
        // The second half's score is for sale once it is the half that is played.
        let half = if now.half_time.is_none() { 1 } else { 2 };
        vec![MarketId::of(MarketType::HALF_CORRECT_SCORE).numbers(half, HALF_SCORE_MAX)]
    },
};

pub(super) const HALF_BOTH_TEAMS_TO_SCORE: Definition = Definition {
    name: "half_btts",
    title: "{half} both teams to score",
    specifiers: &[Specifier::Half],
    selections: YES_NO,
    reads: Reads::HalfScore { wins: |_, outcome, score| yes(outcome, score.home > 0 && score.away > 0), beyond: |_| 1 },
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |now| of_each_half(now, MarketId::of(MarketType::HALF_BOTH_TEAMS_TO_SCORE)),
};

const NINE: [Outcome; 9] = [
    Outcome::HalfFull(Third::Home, Third::Home),
    Outcome::HalfFull(Third::Home, Third::Draw),
    Outcome::HalfFull(Third::Home, Third::Away),
    Outcome::HalfFull(Third::Draw, Third::Home),
    Outcome::HalfFull(Third::Draw, Third::Draw),
    Outcome::HalfFull(Third::Draw, Third::Away),
    Outcome::HalfFull(Third::Away, Third::Home),
    Outcome::HalfFull(Third::Away, Third::Draw),
    Outcome::HalfFull(Third::Away, Third::Away),
];

pub(super) const HALF_TIME_FULL_TIME: Definition = Definition {
    name: "ht_ft",
    title: "Half-time / full-time",
    specifiers: &[],
    selections: Selections::Fixed(&NINE),
    reads: Reads::Halves(|_, outcome, first, second| {
        outcome == Outcome::HalfFull(Third::of(first.lead()), Third::of(first.lead() + second.lead()))
    }),
    group: MarketGroup::Goals,
    margin: MarginClass::HalfTimeFullTime,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::of(MarketType::HALF_TIME_FULL_TIME)],
};

fn wins(side: Side, score: Score) -> bool {
    score.of(side) > score.of(side.other())
}

pub(super) const WIN_BOTH_HALVES: Definition = Definition {
    name: "win_both_halves",
    title: "{side} to win both halves",
    specifiers: &[Specifier::Side],
    selections: YES_NO,
    reads: Reads::Halves(|id, outcome, first, second| yes(outcome, wins(id.side(), first) && wins(id.side(), second))),
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |_| each_side(MarketId::of(MarketType::WIN_BOTH_HALVES)),
};

pub(super) const WIN_EITHER_HALF: Definition = Definition {
    name: "win_either_half",
    title: "{side} to win either half",
    specifiers: &[Specifier::Side],
    selections: YES_NO,
    reads: Reads::Halves(|id, outcome, first, second| yes(outcome, wins(id.side(), first) || wins(id.side(), second))),
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |_| each_side(MarketId::of(MarketType::WIN_EITHER_HALF)),
};

pub(super) const HIGHEST_HALF: Definition = Definition {
    name: "highest_half",
    title: "Highest-scoring half",
    specifiers: &[],
    selections: Selections::Fixed(&[Outcome::FirstHalf, Outcome::SecondHalf, Outcome::Equal]),
    reads: Reads::Halves(|_, outcome, first, second| {
        outcome
            == [Outcome::SecondHalf, Outcome::Equal, Outcome::FirstHalf]
                [(first.both().cmp(&second.both()) as i8 + 1) as usize]
    }),
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::of(MarketType::HIGHEST_HALF)],
};

pub(super) const GOAL_IN_BOTH_HALVES: Definition = Definition {
    name: "goal_in_both_halves",
    title: "Goal in both halves",
    specifiers: &[],
    selections: YES_NO,
    reads: Reads::Halves(|_, outcome, first, second| yes(outcome, first.both() > 0 && second.both() > 0)),
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::of(MarketType::GOAL_IN_BOTH_HALVES)],
};
