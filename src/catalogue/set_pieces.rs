//! Corners and cards: counted by processes of their own, apart from the goals.

use super::definition::*;
use super::goals::{ODD_OR_EVEN, OVER_UNDER, each_side, parity};
use super::order::FIRST_TO;
use super::outcome::Third;
use super::results::HOME_AWAY;
use super::{MarketGroup, MarketId, MarketType, Moment, Outcome};

/// Races on the shelf.
const CORNER_RACES: [u8; 3] = [3, 5, 7];

const fn of(what: What, of: For) -> Measure {
    Measure { what, part: Part::Match, of }
}

fn corners(now: &Moment, markets: Vec<MarketId>) -> Vec<MarketId> {
    if now.has_corners { markets } else { Vec::new() }
}

fn cards(now: &Moment, markets: Vec<MarketId>) -> Vec<MarketId> {
    if now.has_cards { markets } else { Vec::new() }
}

fn most(outcome: Outcome, lead: i64) -> bool {
    outcome == [Outcome::Home, Outcome::Draw, Outcome::Away][Third::of(lead) as usize]
}

const THREE: Selections = Selections::Fixed(&[Outcome::Home, Outcome::Draw, Outcome::Away]);

/// A type about corners that is on the shelf wherever the feed counts them.
macro_rules! type_of {
    ($constant:ident, $group:ident, $name:literal, $title:literal, $specifiers:expr, $selections:expr, $reads:expr, $shelf:expr) => {
        pub(super) const $constant: Definition = Definition {
            name: $name,
            title: $title,
            specifiers: $specifiers,
            selections: $selections,
            reads: $reads,
            group: MarketGroup::$group,
            margin: MarginClass::CornersAndCards,
            is_sudden: true,
            on_shelf: $shelf,
        };
    };
}

fn quarters(id: MarketId) -> i64 {
    i64::from(id.line().quarters())
}

type_of!(
    CORNERS_RESULT,
    Corners,
    "corners_1x2",
    "Most corners",
    &[],
    THREE,
    Reads::Number { measure: |_| of(What::Corners, For::Lead), wins: |_, o, lead| most(o, lead), beyond: |_| 0 },
    |now| corners(now, vec![MarketId::of(MarketType::CORNERS_RESULT)])
);
type_of!(
    CORNERS_TOTAL,
    Corners,
    "corners_total",
    "Total corners {line}",
    &[Specifier::Line],
    OVER_UNDER,
    Reads::Line(|id| Threshold { measure: of(What::Corners, For::Both), quarters: quarters(id) }),
    |now| corners(now, vec![MarketId::of(MarketType::CORNERS_TOTAL)])
);
type_of!(
    CORNERS_TEAM_TOTAL,
    Corners,
    "corners_team_total",
    "{side} total corners {line}",
    &[Specifier::Line, Specifier::Side],
    OVER_UNDER,
    Reads::Line(|id| Threshold { measure: of(What::Corners, For::One(id.side())), quarters: quarters(id) }),
    |now| corners(now, each_side(MarketId::of(MarketType::CORNERS_TEAM_TOTAL)))
);
type_of!(
    CORNERS_HANDICAP,
    Corners,
    "corners_handicap",
    "Corner handicap {line}",
    &[Specifier::Line],
    HOME_AWAY,
    Reads::Line(|id| Threshold { measure: of(What::Corners, For::Lead), quarters: -quarters(id) }),
    |now| corners(now, vec![MarketId::of(MarketType::CORNERS_HANDICAP)])
);
type_of!(
    CORNERS_ODD_EVEN,
    Corners,
    "corners_odd_even",
    "Corners odd or even",
    &[],
    ODD_OR_EVEN,
    Reads::Number { measure: |_| of(What::Corners, For::Both), wins: |_, o, n| parity(o, n), beyond: |_| 0 },
    |now| corners(now, vec![MarketId::of(MarketType::CORNERS_ODD_EVEN)])
);
type_of!(
    CORNERS_RACE,
    Corners,
    "corners_race",
    "Race to {to} corners",
    &[Specifier::To],
    FIRST_TO,
    Reads::Race(What::Corners),
    |now| {
        let best = now.corners.home.max(now.corners.away);
        let open = CORNER_RACES.into_iter().filter(|to| best < u16::from(*to));
        corners(now, open.map(|to| MarketId::of(MarketType::CORNERS_RACE).number(to)).collect())
    }
);
type_of!(
    CARDS_RESULT,
    Cards,
    "cards_1x2",
    "Most cards",
    &[],
    THREE,
    Reads::Number { measure: |_| of(What::Cards, For::Lead), wins: |_, o, lead| most(o, lead), beyond: |_| 0 },
    |now| cards(now, vec![MarketId::of(MarketType::CARDS_RESULT)])
);
type_of!(
    CARDS_TOTAL,
    Cards,
    "cards_total",
    "Total cards {line} (yellow 1, red 2)",
    &[Specifier::Line],
    OVER_UNDER,
    Reads::Line(|id| Threshold { measure: of(What::Cards, For::Both), quarters: quarters(id) }),
    |now| cards(now, vec![MarketId::of(MarketType::CARDS_TOTAL)])
);
type_of!(
    CARDS_TEAM_TOTAL,
    Cards,
    "cards_team_total",
    "{side} total cards {line}",
    &[Specifier::Line, Specifier::Side],
    OVER_UNDER,
    Reads::Line(|id| Threshold { measure: of(What::Cards, For::One(id.side())), quarters: quarters(id) }),
    |now| cards(now, each_side(MarketId::of(MarketType::CARDS_TEAM_TOTAL)))
);
type_of!(
    CARDS_HANDICAP,
    Cards,
    "cards_handicap",
    "Card handicap {line}",
    &[Specifier::Line],
    HOME_AWAY,
    Reads::Line(|id| Threshold { measure: of(What::Cards, For::Lead), quarters: -quarters(id) }),
    |now| cards(now, vec![MarketId::of(MarketType::CARDS_HANDICAP)])
);
type_of!(
    CARDS_ODD_EVEN,
    Cards,
    "cards_odd_even",
    "Cards odd or even",
    &[],
    ODD_OR_EVEN,
    Reads::Number { measure: |_| of(What::Cards, For::Both), wins: |_, o, n| parity(o, n), beyond: |_| 0 },
    |now| cards(now, vec![MarketId::of(MarketType::CARDS_ODD_EVEN)])
);
