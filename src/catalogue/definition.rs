//! What there is to say of one type of market: its selections, what of a match decides them, who stops betting on it.

use super::{MarketGroup, MarketId, Moment, Outcome, Stage};
use crate::values::{LegResult, Score, Side};
use std::ops::RangeInclusive;

/// One type of market, all of it. Adding a type is writing one of these and naming it in the list of its room.
#[derive(Debug)]
pub struct Definition {
    /// First word of its ids, and its name in settings.
    pub name: &'static str,
    /// As on a coupon, with the places of its specifiers: `{side} total goals {line}`.
    pub title: &'static str,
    /// What tells its markets apart, in the order of the alphabet.
    pub specifiers: &'static [Specifier],
    /// What can be bet on.
    pub selections: Selections,
    /// What of a match decides it: pricing reads the chances of that, settlement the facts.
    pub reads: Reads,
    /// Whose bet stops it follows.
    pub group: MarketGroup,
    /// Which target overround it carries.
    pub margin: MarginClass,
    /// Whether one incident decides it, so that a bet in play waits longer.
    pub is_sudden: bool,
    /// Which of its markets belong on the shelf now; for lines, one market of each family at line 0. In extra time only
    /// those of the tie are asked: see [`Definition::shelf`].
    pub on_shelf: fn(&Moment) -> Vec<MarketId>,
}

impl Definition {
    /// Which of its markets belong on the shelf now. Extra time is sold by the tie alone: everything else is of the
    /// ninety minutes, and those are over.
    pub fn shelf(&self, now: &Moment) -> Vec<MarketId> {
        let is_of_tie = matches!(self.reads, Reads::KnockOut(_));
        if now.stage == Stage::ExtraTime && !is_of_tie { Vec::new() } else { (self.on_shelf)(now) }
    }

    /// Whether the specifiers go together.
    pub(super) fn is_valid(&self, id: MarketId) -> bool {
        let is_interval = self.specifiers.first() == Some(&Specifier::From);
        let has_whole_line = matches!(self.reads, Reads::Score { .. } | Reads::Number { .. });
        (!is_interval || id.first_number() < id.second_number()) && (!has_whole_line || id.line().is_whole())
    }

    /// How many selections win: two of a double chance, else one.
    pub fn winners(&self) -> u8 {
        if self.margin == MarginClass::DoubleChance { 2 } else { 1 }
    }
}

/// What tells two markets of a type apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Specifier {
    /// The score after which it counts: `base=1:0`.
    Base,
    /// First minute.
    From,
    /// The first or the second half.
    Half,
    /// The line.
    Line,
    /// The largest number or score with a selection of its own.
    Max,
    /// A minute of the match.
    Minute,
    /// Which goal of the match, from 1.
    Nth,
    /// Home or away.
    Side,
    /// Last minute, or how many to reach.
    To,
}

impl Specifier {
    /// As in the id.
    pub fn name(self) -> &'static str {
        match self {
            Specifier::Base => "base",
            Specifier::From => "from",
            Specifier::Half => "half",
            Specifier::Line => "line",
            Specifier::Max => "max",
            Specifier::Minute => "minute",
            Specifier::Nth => "nth",
            Specifier::Side => "side",
            Specifier::To => "to",
        }
    }

    /// The numbers it may be.
    pub(super) fn bounds(self) -> RangeInclusive<u8> {
        match self {
            Specifier::From => 0..=89,
            Specifier::Half => 1..=2,
            Specifier::Max => 1..=super::CORRECT_SCORE_MAX,
            Specifier::Minute | Specifier::To => 1..=90,
            Specifier::Nth => 1..=u8::MAX,
            Specifier::Base | Specifier::Line | Specifier::Side => 0..=0,
        }
    }
}

/// What can be bet on.
#[derive(Clone, Copy, Debug)]
pub enum Selections {
    /// Always these.
    Fixed(&'static [Outcome]),
    /// Every score up to the market's number a side (its second number where `HalfScores`), then three for all others.
    Scores,
    /// The same where the first number is the half.
    HalfScores,
    /// Every number below the market's, then "so many or more".
    Numbers,
    /// Home by 1, 2, ..., the market's number or more, a draw, away likewise.
    Margins,
}

impl Selections {
    /// All of that market, in the order of a coupon.
    pub(super) fn all(self, id: MarketId) -> Vec<Outcome> {
        match self {
            Selections::Fixed(outcomes) => outcomes.to_vec(),
            Selections::Scores => scores(id.first_number()),
            Selections::HalfScores => scores(id.second_number()),
            Selections::Numbers => {
                let max = id.first_number();
                (0..max).map(Outcome::Exactly).chain([Outcome::AtLeast(max)]).collect()
            }
            Selections::Margins => {
                let max = id.first_number();
                let by = |side| (1..max).map(move |n| Outcome::By(side, n)).chain([Outcome::ByAtLeast(side, max)]);
                by(Side::Home).chain([Outcome::Draw]).chain(by(Side::Away)).collect()
            }
        }
    }

    /// Whether it is one of them.
    pub(super) fn has(self, id: MarketId, outcome: Outcome) -> bool {
        match self {
            Selections::Fixed(outcomes) => outcomes.contains(&outcome),
            Selections::Scores => is_score(id.first_number(), outcome),
            Selections::HalfScores => is_score(id.second_number(), outcome),
            Selections::Numbers => {
                let max = id.first_number();
                matches!(outcome, Outcome::Exactly(number) if number < max) || outcome == Outcome::AtLeast(max)
            }
            Selections::Margins => {
                let max = id.first_number();
                matches!(outcome, Outcome::By(_, number) if (1..max).contains(&number))
                    || matches!(outcome, Outcome::ByAtLeast(_, number) if number == max)
                    || outcome == Outcome::Draw
            }
        }
    }
}

fn scores(max: u8) -> Vec<Outcome> {
    (0..=max)
        .flat_map(|home| (0..=max).map(move |away| Outcome::Score(home, away)))
        .chain([Outcome::OtherHome, Outcome::OtherDraw, Outcome::OtherAway])
        .collect()
}

fn is_score(max: u8, outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Score(home, away) if home.max(away) <= max)
        || [Outcome::OtherHome, Outcome::OtherDraw, Outcome::OtherAway].contains(&outcome)
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Goals.
    Goals,
    /// Corners taken.
    Corners,
    /// Cards: a yellow counts 1, a red 2.
    Cards,
}

/// In which part of the ninety minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// All of them.
    Match,
    /// The first half with its stoppage.
    FirstHalf,
    /// The second half with its stoppage.
    SecondHalf,
    /// After that score.
    Since(Score),
}

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum For {
    /// Both sides together.
    Both,
    /// One of them.
    One(Side),
    /// Home's less away's.
    Lead,
}

/// A whole number that a match comes to: goals of home in the second half, corners of both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Measure {
    /// Goals, corners, cards.
    pub what: What,
    /// In which part.
    pub part: Part,
    /// For whom.
    pub of: For,
}

impl Measure {
    /// Goals of the ninety minutes.
    pub const fn goals(of: For) -> Measure {
        Measure { what: What::Goals, part: Part::Match, of }
    }

    /// Its value, where the sides count this much.
    pub fn value(&self, counted: Score) -> i64 {
        match self.of {
            For::Both => counted.both(),
            For::One(side) => i64::from(counted.of(side)),
            For::Lead => counted.lead(),
        }
    }
}

/// A line on a measure: the first selection is ahead by four times the measure less this many quarters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// What is measured.
    pub measure: Measure,
    /// In quarters.
    pub quarters: i64,
}

/// How a knock-out tie ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Decided when the ninety minutes ended.
    Ninety(Side),
    /// Decided in extra time.
    ExtraTime(Side),
    /// Decided in the shoot-out, after a level extra time.
    ShootOut(Side),
    /// Decided in a shoot-out straight after the ninety minutes: no extra time was played. No price expects it, and the
    /// facts may bring it.
    StraightShootOut(Side),
}

impl Fate {
    /// Every way.
    pub const ALL: [Fate; 8] = [
        Fate::Ninety(Side::Home),
        Fate::Ninety(Side::Away),
        Fate::ExtraTime(Side::Home),
        Fate::ExtraTime(Side::Away),
        Fate::ShootOut(Side::Home),
        Fate::ShootOut(Side::Away),
        Fate::StraightShootOut(Side::Home),
        Fate::StraightShootOut(Side::Away),
    ];

    /// Who goes through.
    pub fn winner(self) -> Side {
        match self {
            Fate::Ninety(side) | Fate::ExtraTime(side) | Fate::ShootOut(side) | Fate::StraightShootOut(side) => side,
        }
    }
}

/// Minutes of the match as a customer counts them: `[from, to)`, stoppage belonging to the last minute of its half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First minute, from 0.
    pub from: u8,
    /// The minute before which it ends.
    pub to: u8,
    /// Whose goals; `None`: anybody's.
    pub side: Option<Side>,
}

/// What of a match decides a market. The same rule is read twice: summed over what may happen it is the price, applied
/// to what happened it is the result.
#[derive(Clone, Copy)]
pub enum Reads {
    /// Two selections either side of a line; lines of quarters split the stake.
    Line(fn(MarketId) -> Threshold),
    /// Which numbers a selection wins at. From `beyond` on all numbers are alike, or differ in being odd or even only.
    Number {
        /// What is measured.
        measure: fn(MarketId) -> Measure,
        /// Whether the selection wins.
        wins: fn(MarketId, Outcome, i64) -> bool,
        /// See above.
        beyond: fn(MarketId) -> i64,
    },
    /// Which final scores a selection wins at. Once both sides have `beyond` goals, only who is ahead makes a difference;
    /// once one has, more of its own make none while it is ahead.
    Score {
        /// Whether the selection wins.
        wins: fn(MarketId, Outcome, Score) -> bool,
        /// See above.
        beyond: fn(MarketId) -> u16,
    },
    /// The score of the first or second half, likewise.
    HalfScore {
        /// Whether the selection wins at the half's own score.
        wins: fn(MarketId, Outcome, Score) -> bool,
        /// As for a final score.
        beyond: fn(MarketId) -> u16,
    },
    /// Which pairs of a half-time score and the second half's own score a selection wins at.
    Halves(fn(MarketId, Outcome, Score, Score) -> bool),
    /// Whose the n-th goal is: home's, away's, or nobody's.
    NthGoal,
    /// Whose the last goal is.
    LastGoal,
    /// Who first has so many: home, away, neither.
    Race(What),
    /// Whether there is a goal in some minutes: yes or no.
    GoalWithin(fn(MarketId) -> Window),
    /// What each end of a knock-out tie makes of a selection.
    KnockOut(fn(MarketId, Outcome, Fate) -> LegResult),
}

impl std::fmt::Debug for Reads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Reads::Line(_) => "Line",
            Reads::Number { .. } => "Number",
            Reads::Score { .. } => "Score",
            Reads::HalfScore { .. } => "HalfScore",
            Reads::Halves(_) => "Halves",
            Reads::NthGoal => "NthGoal",
            Reads::LastGoal => "LastGoal",
            Reads::Race(_) => "Race",
            Reads::GoalWithin(_) => "GoalWithin",
            Reads::KnockOut(_) => "KnockOut",
        })
    }
}

/// Markets that share a target overround.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarginClass {
    /// 1X2.
    MatchResult,
    /// Made of the 1X2's.
    DoubleChance,
    /// Totals of the match.
    Total,
    /// Goals of one side.
    TeamTotal,
    /// Handicaps of either form, and draw no bet.
    Handicap,
    /// Both teams to score.
    BothTeamsToScore,
    /// Correct score.
    CorrectScore,
    /// Half-time and full-time.
    HalfTimeFullTime,
    /// The n-th goal.
    NextGoal,
    /// Corners and cards.
    CornersAndCards,
    /// To qualify, extra time, penalties.
    KnockOut,
    /// Everything else.
    Other,
}
