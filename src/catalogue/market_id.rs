//! The name of one market of a match: its type, and what tells it from the others of that type.

use super::definition::{Definition, Measure, Part, Reads, Specifier, What};
use super::{CATALOGUE, MarketGroup, MarketType, Outcome};
use crate::values::{QuarterLine, Score, Side};
use std::fmt;

/// A market of a match. Its text form is canonical: the type, a colon, then specifiers in the order of the alphabet,
/// parted by commas: `1x2`, `total:line=2.25`, `team_total:line=1.5,side=home`, `handicap_rest:base=1:0,line=-0.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarketId {
    kind: MarketType,
    side: Option<Side>,
    /// The numbers of `from`, `half`, `max`, `minute`, `nth`, `to`, in this order; 0 where there is none.
    numbers: [u8; 2],
    base: Score,
    line: QuarterLine,
}

impl MarketId {
    /// The market of that type without specifiers; those it has are set by the methods below.
    pub const fn of(kind: MarketType) -> MarketId {
        MarketId { kind, side: None, numbers: [0, 0], base: Score { home: 0, away: 0 }, line: QuarterLine::ZERO }
    }

    /// With that line.
    #[must_use]
    pub const fn at_line(mut self, line: QuarterLine) -> MarketId {
        self.line = line;
        self
    }

    /// Of that side.
    #[must_use]
    pub const fn of_side(mut self, side: Side) -> MarketId {
        self.side = Some(side);
        self
    }

    /// Counting what comes after that score.
    #[must_use]
    pub const fn since(mut self, base: Score) -> MarketId {
        self.base = base;
        self
    }

    /// With its number: the half, the largest one listed, the n-th, the minute, how many to reach.
    #[must_use]
    pub const fn number(mut self, number: u8) -> MarketId {
        self.numbers = [number, 0];
        self
    }

    /// With two numbers: from one to the other, or a half and the largest one listed.
    #[must_use]
    pub const fn numbers(mut self, first: u8, second: u8) -> MarketId {
        self.numbers = [first, second];
        self
    }

    /// Its type.
    pub const fn kind(self) -> MarketType {
        self.kind
    }

    /// What its type is.
    pub fn definition(self) -> &'static Definition {
        self.kind.definition()
    }

    /// Its line; 0 where it has none.
    pub const fn line(self) -> QuarterLine {
        self.line
    }

    /// Its side; home where it has none.
    pub fn side(self) -> Side {
        self.side.unwrap_or(Side::Home)
    }

    /// The score after which it counts; 0-0 where it has none.
    pub const fn base(self) -> Score {
        self.base
    }

    /// Its first number; 0 where it has none.
    pub const fn first_number(self) -> u8 {
        self.numbers[0]
    }

    /// Its second number; 0 where it has none.
    pub const fn second_number(self) -> u8 {
        self.numbers[1]
    }

    /// The group whose bet stops it follows.
    pub fn group(self) -> MarketGroup {
        self.definition().group
    }

    /// Whether it counts only what comes after its base score.
    pub fn counts_from_base(self) -> bool {
        self.definition().specifiers.contains(&Specifier::Base)
    }

    /// The number that decides it, where it is one.
    pub fn measure(self) -> Option<Measure> {
        match self.definition().reads {
            Reads::Line(threshold) => Some(threshold(self).measure),
            Reads::Number { measure, .. } => Some(measure(self)),
            Reads::Score { .. }
            | Reads::HalfScore { .. }
            | Reads::Halves(_)
            | Reads::NthGoal
            | Reads::LastGoal
            | Reads::Race(_)
            | Reads::GoalWithin(_)
            | Reads::KnockOut(_) => None,
        }
    }

    /// Whether the final score decides it (and the base, where it counts from one).
    pub fn is_by_final_score(self) -> bool {
        match self.measure() {
            Some(measure) => measure.what == What::Goals && matches!(measure.part, Part::Match | Part::Since(_)),
            None => matches!(self.definition().reads, Reads::Score { .. }),
        }
    }

    /// The selections of this market, in the order of a coupon.
    pub fn outcomes(self) -> Vec<Outcome> {
        self.definition().selections.all(self)
    }

    /// Whether the market has this selection.
    pub fn has(self, outcome: Outcome) -> bool {
        self.definition().selections.has(self, outcome)
    }

    /// Parses the text form; refuses anything that is not canonical.
    pub fn parse(text: &str) -> Option<MarketId> {
        let (name, rest) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let kind = MarketType::parse(name)?;
        let specifiers = kind.definition().specifiers;
        let mut id = MarketId::of(kind);
        let mut given = rest.map(|rest| rest.split(',')).into_iter().flatten();
        let mut numbers = id.numbers.iter_mut();
        for specifier in specifiers {
            let value = given.next()?.strip_prefix(specifier.name())?.strip_prefix('=')?;
            match specifier {
                Specifier::Line => id.line = QuarterLine::parse(value).ok()?,
                Specifier::Side => {
                    id.side = Some([Side::Home, Side::Away].into_iter().find(|side| side.name() == value)?);
                }
                Specifier::Base => {
                    let (home, away) = value.split_once(':')?;
                    id.base = Score { home: home.parse().ok()?, away: away.parse().ok()? };
                }
                Specifier::From
                | Specifier::Half
                | Specifier::Max
                | Specifier::Minute
                | Specifier::Nth
                | Specifier::To => {
                    let number = value.parse().ok().filter(|number| specifier.bounds().contains(number))?;
                    *numbers.next().expect("no type has more than two numbers") = number;
                }
            }
        }
        (kind.definition().is_valid(id) && id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for MarketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        let mut numbers = self.numbers.iter();
        for (place, specifier) in self.definition().specifiers.iter().enumerate() {
            f.write_str(if place == 0 { ":" } else { "," })?;
            write!(f, "{}=", specifier.name())?;
            match specifier {
                Specifier::Line => write!(f, "{}", self.line)?,
                Specifier::Side => f.write_str(self.side().name())?,
                Specifier::Base => write!(f, "{}:{}", self.base.home, self.base.away)?,
                Specifier::From
                | Specifier::Half
                | Specifier::Max
                | Specifier::Minute
                | Specifier::Nth
                | Specifier::To => {
                    write!(f, "{}", numbers.next().expect("no type has more than two numbers"))?;
                }
            }
        }
        Ok(())
    }
}

impl MarketType {
    /// The first word of its market ids: `1x2`, `double_chance`, `total`, ...
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// The type of that name.
    pub fn parse(name: &str) -> Option<MarketType> {
        MarketType::all().find(|kind| kind.name() == name)
    }

    /// Every type, in the order of [`MarketId`].
    pub fn all() -> impl Iterator<Item = MarketType> {
        (0..CATALOGUE.len()).map(|place| MarketType(place as u8))
    }

    /// All that there is to say of it.
    pub fn definition(self) -> &'static Definition {
        CATALOGUE[usize::from(self.0)]
    }
}
