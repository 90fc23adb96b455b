//! Who wins, and by how much: 1X2 and everything made of the lead at the end.

use super::definition::*;
use super::{MarketGroup, MarketId, MarketType, Moment, Outcome};
use crate::values::{QuarterLine, Side};

const LEAD: Measure = Measure::goals(For::Lead);
/// Margins up to this many goals have a selection of their own; the last is open.
const MARGINS: u8 = 3;

fn three_ways(outcome: Outcome, lead: i64) -> bool {
    (lead > 0 && outcome == Outcome::Home)
        || (lead == 0 && outcome == Outcome::Draw)
        || (lead < 0 && outcome == Outcome::Away)
}

pub(super) const MATCH_RESULT: Definition = Definition {
    name: "1x2",
    title: "Match result",
    specifiers: &[],
    selections: Selections::Fixed(&[Outcome::Home, Outcome::Draw, Outcome::Away]),
    reads: Reads::Number { measure: |_| LEAD, wins: |_, outcome, lead| three_ways(outcome, lead), beyond: |_| 0 },
    group: MarketGroup::Goals,
    margin: MarginClass::MatchResult,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::MATCH_RESULT],
};

pub(super) const DOUBLE_CHANCE: Definition = Definition {
    name: "double_chance",
    title: "Double chance",
    specifiers: &[],
    selections: Selections::Fixed(&[Outcome::HomeOrDraw, Outcome::HomeOrAway, Outcome::DrawOrAway]),
    reads: Reads::Number {
        measure: |_| LEAD,
        wins: |_, outcome, lead| {
            (outcome == Outcome::HomeOrDraw && lead >= 0)
                || (outcome == Outcome::HomeOrAway && lead != 0)
                || (outcome == Outcome::DrawOrAway && lead <= 0)
        },
        beyond: |_| 0,
    },
    group: MarketGroup::Goals,
    margin: MarginClass::DoubleChance,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::DOUBLE_CHANCE],
};

pub(super) const DRAW_NO_BET: Definition = Definition {
    name: "draw_no_bet",
    title: "Draw no bet",
    specifiers: &[],
    selections: HOME_AWAY,
    reads: Reads::Line(|_| Threshold { measure: LEAD, quarters: 0 }),
    group: MarketGroup::Goals,
    margin: MarginClass::Handicap,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::DRAW_NO_BET],
};

pub(super) const HOME_AWAY: Selections = Selections::Fixed(&[Outcome::Home, Outcome::Away]);

pub(super) const HANDICAP: Definition = Definition {
    name: "handicap",
    title: "Asian handicap {line}",
    specifiers: &[Specifier::Line],
    selections: HOME_AWAY,
    reads: Reads::Line(|id| Threshold { measure: LEAD, quarters: -i64::from(id.line().quarters()) }),
    group: MarketGroup::Goals,
    margin: MarginClass::Handicap,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::handicap(QuarterLine::ZERO)],
};

pub(super) const HANDICAP_REST: Definition = Definition {
    name: "handicap_rest",
    title: "Asian handicap, rest of match (from {base}) {line}",
    specifiers: &[Specifier::Base, Specifier::Line],
    selections: HOME_AWAY,
    reads: Reads::Line(|id| Threshold { measure: rest(id), quarters: -i64::from(id.line().quarters()) }),
    group: MarketGroup::Goals,
    margin: MarginClass::Handicap,
    is_sudden: false,
    on_shelf: |now| in_play(now, MarketId::handicap_rest(now.score, QuarterLine::ZERO)),
};

pub(super) const REST_RESULT: Definition = Definition {
    name: "rest_1x2",
    title: "Rest of match (from {base})",
    specifiers: &[Specifier::Base],
    selections: Selections::Fixed(&[Outcome::Home, Outcome::Draw, Outcome::Away]),
    reads: Reads::Number { measure: rest, wins: |_, outcome, lead| three_ways(outcome, lead), beyond: |_| 0 },
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |now| in_play(now, MarketId::of(MarketType::REST_RESULT).since(now.score)),
};

fn rest(id: MarketId) -> Measure {
    Measure { what: What::Goals, part: Part::Since(id.base()), of: For::Lead }
}

/// Before kick-off the goals from now on are those of the whole match, which has its own market.
fn in_play(now: &Moment, market: MarketId) -> Vec<MarketId> {
    if now.is_in_play() { vec![market] } else { Vec::new() }
}

pub(super) const THREE_WAY_HANDICAP: Definition = Definition {
    name: "european_handicap",
    title: "European handicap {line}",
    specifiers: &[Specifier::Line],
    selections: Selections::Fixed(&[Outcome::Home, Outcome::Draw, Outcome::Away]),
    reads: Reads::Number {
        measure: |_| LEAD,
        wins: |id, outcome, lead| three_ways(outcome, lead + i64::from(id.line().quarters()) / 4),
        beyond: |_| 0,
    },
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |now| {
        let level = i32::from(now.score.away) - i32::from(now.score.home);
        let line = |start: i32| QuarterLine::checked_from_quarters(4 * (level + start));
        let lines = [-2, -1, 1, 2].into_iter().filter_map(line).filter(|line| *line != QuarterLine::ZERO);
        lines.map(|line| MarketId::of(MarketType::THREE_WAY_HANDICAP).at_line(line)).collect()
    },
};

pub(super) const WINNING_MARGIN: Definition = Definition {
    name: "winning_margin",
    title: "Winning margin",
    specifiers: &[Specifier::Max],
    selections: Selections::Margins,
    reads: Reads::Number { measure: |_| LEAD, wins: |_, outcome, lead| by_margin(outcome, lead), beyond: |_| 0 },
    group: MarketGroup::Goals,
    margin: MarginClass::Other,
    is_sudden: false,
    on_shelf: |_| vec![MarketId::of(MarketType::WINNING_MARGIN).number(MARGINS)],
};

fn by_margin(outcome: Outcome, lead: i64) -> bool {
    let of = |side: Side| if side == Side::Home { lead } else { -lead };
    if let Outcome::By(side, margin) = outcome {
        return of(side) == i64::from(margin);
    }
    if let Outcome::ByAtLeast(side, margin) = outcome {
        return of(side) >= i64::from(margin);
    }
    outcome == Outcome::Draw && lead == 0
}
