//! How many goals, and whose: totals, both to score, the final score itself.

use super::definition::*;
use super::outcome::Third;
use super::{MarketGroup, MarketId, MarketType, Outcome};
use crate::values::{QuarterLine, Score, Side};

pub(super) const OVER_UNDER: Selections = Selections::Fixed(&[Outcome::Over, Outcome::Under]);
pub(super) const YES_NO: Selections = Selections::Fixed(&[Outcome::Yes, Outcome::No]);
pub(super) const ODD_OR_EVEN: Selections = Selections::Fixed(&[Outcome::Odd, Outcome::Even]);

const BOTH: Measure = Measure::goals(For::Both);
/// Goals up to here have a selection of their own: of both sides, of one.
const EXACT_GOALS: u8 = 6;
const EXACT_TEAM_GOALS: u8 = 3;

pub(super) fn yes(outcome: Outcome, is_so: bool) -> bool {
    (outcome == Outcome::Yes) == is_so
}

pub(super) fn parity(outcome: Outcome, number: i64) -> bool {
    (outcome == Outcome::Odd) == (number.rem_euclid(2) == 1)
}

fn exactly(outcome: Outcome, number: i64) -> bool {
    if let Outcome::AtLeast(least) = outcome {
        return number >= i64::from(least);
    }
    matches!(outcome, Outcome::Exactly(goals) if number == i64::from(goals))
}

/// Whether the selection is the one that this score falls under, of those listed up to `max` goals a side.
pub(super) fn scored(outcome: Outcome, max: u8, score: Score) -> bool {
    if score.home.max(score.away) > u16::from(max) {
        let other = [Outcome::OtherHome, Outcome::OtherDraw, Outcome::OtherAway];
        return outcome == other[Third::of(score.lead()) as usize];
    }
    matches!(outcome, Outcome::Score(home, away) if score == Score { home: home.into(), away: away.into() })
}

/// One market of each side.
pub(super) fn each_side(market: MarketId) -> Vec<MarketId> {
    vec![market.of_side(Side::Home), market.of_side(Side::Away)]
}

pub(super) const TOTAL: Definition = Definition {
    name: "total",
    title: "Total goals {line}",
    specifiers: &[Specifier::Line],
    selections: OVER_UNDER,
    reads: Reads::Line(|id| Threshold { measure: BOTH, quarters: i64::from(id.line().quarters()) }),
    group: MarketGroup::Goals,
    margin: MarginClass::Total,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::total(QuarterLine::ZERO)],
};

pub(super) const TEAM_TOTAL: Definition = Definition {
    name: "team_total",
    title: "{side} total goals {line}",
    specifiers: &[Specifier::Line, Specifier::Side],
    selections: OVER_UNDER,
    reads: Reads::Line(|id| Threshold {
        measure: Measure::goals(For::One(id.side())),
        quarters: i64::from(id.line().quarters()),
    }),
    group: MarketGroup::Goals,
    margin: MarginClass::TeamTotal,
    is_sudden: false,
    on_shelf: |_| each_side(MarketId::of(MarketType::TEAM_TOTAL)),
};

pub(super) const BOTH_TEAMS_TO_SCORE: Definition = Definition {
    name: "btts",
    title: "Both teams to score",
    specifiers: &[],
    selections: YES_NO,
    reads: Reads::Score { wins: |_, outcome, score| yes(outcome, score.home > 0 && score.away > 0), beyond: |_| 1 },
    group: MarketGroup::Goals,
    margin: MarginClass::BothTeamsToScore,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::BOTH_TEAMS_TO_SCORE],
};

pub(super) const CORRECT_SCORE: Definition = Definition {
    name: "correct_score",
    title: "Correct score",
    specifiers: &[Specifier::Max],
    selections: Selections::Scores,
    reads: Reads::Score {
        wins: |id, outcome, score| scored(outcome, id.first_number(), score),
        beyond: |id| u16::from(id.first_number()) + 1,
    },
    group: MarketGroup::Goals,
    margin: MarginClass::CorrectScore,
    is_sudden: false,
    on_shelf: |now| vec![MarketId::correct_score(now.correct_score_max)],
};

pub(super) const EXACT_GOALS_OF_MATCH: Definition = Definition {
    name: "exact_goals",
    title: "Exact goals",
    specifiers: &[Specifier::Max],
    selections: Selections::Numbers,
    reads: Reads::Number {
        measure: |_| BOTH,
        wins: |_, outcome, goals| exactly(outcome, goals),
        beyond: |id| i64::from(id.first_number()),
    },
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::of(MarketType::EXACT_GOALS).number(EXACT_GOALS)],
};

pub(super) const EXACT_GOALS_OF_TEAM: Definition = Definition {
    name: "team_exact_goals",
    title: "{side} exact goals",
    specifiers: &[Specifier::Max, Specifier::Side],
    selections: Selections::Numbers,
    reads: Reads::Number {
        measure: |id| Measure::goals(For::One(id.side())),
        wins: |_, outcome, goals| exactly(outcome, goals),
        beyond: |id| i64::from(id.first_number()),
    },
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |_| each_side(MarketId::of(MarketType::TEAM_EXACT_GOALS).number(EXACT_TEAM_GOALS)),
};

pub(super) const ODD_EVEN: Definition = Definition {
    name: "odd_even",
    title: "Goals odd or even",
    specifiers: &[],
    selections: ODD_OR_EVEN,
    reads: Reads::Number { measure: |_| BOTH, wins: |_, outcome, goals| parity(outcome, goals), beyond: |_| 0 },
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::of(MarketType::ODD_EVEN)],
};

pub(super) const CLEAN_SHEET: Definition = Definition {
    name: "clean_sheet",
    title: "{side} clean sheet",
    specifiers: &[Specifier::Side],
    selections: YES_NO,
    reads: Reads::Score { wins: |id, outcome, score| yes(outcome, score.of(id.side().other()) == 0), beyond: |_| 1 },
    group: MarketGroup::Goals,
    margin: MarginClass::TeamTotal,
    is_sudden: false,
    on_shelf: |_| each_side(MarketId::of(MarketType::CLEAN_SHEET)),
};

pub(super) const WIN_TO_NIL: Definition = Definition {
    name: "win_to_nil",
    title: "{side} to win to nil",
    specifiers: &[Specifier::Side],
    selections: YES_NO,
    reads: Reads::Score {
        wins: |id, outcome, score| yes(outcome, score.of(id.side()) > 0 && score.of(id.side().other()) == 0),
        beyond: |_| 1,
    },
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |_| each_side(MarketId::of(MarketType::WIN_TO_NIL)),
};
