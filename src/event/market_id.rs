//! The names of what may be bet on: a market of a match, and a selection of it.

use super::Side;
use super::market::Score;
use crate::values::QuarterLine;
use std::fmt;

/// The kinds of market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarketType {
    /// Home, draw or away after 90 minutes and stoppage (1X2).
    MatchResult,
    /// Two of the three results at once.
    DoubleChance,
    /// Home or away; a draw returns the stake.
    DrawNoBet,
    /// Over or under a number of goals.
    TotalGoals,
    /// Over or under a number of goals of one side.
    TeamTotal,
    /// Asian handicap on the final score.
    Handicap,
    /// Asian handicap on the goals after a given score: the usual in-play form.
    HandicapRest,
    /// Whether both sides score.
    BothTeamsToScore,
    /// The final score.
    CorrectScore,
    /// Who scores the n-th goal of the match.
    NextGoal,
}

impl MarketType {
    /// Every kind, in the order of [`MarketId`].
    pub const ALL: [MarketType; 10] = [
        MarketType::MatchResult,
        MarketType::DoubleChance,
        MarketType::DrawNoBet,
        MarketType::TotalGoals,
        MarketType::TeamTotal,
        MarketType::Handicap,
        MarketType::HandicapRest,
        MarketType::BothTeamsToScore,
        MarketType::CorrectScore,
        MarketType::NextGoal,
    ];

    /// The first word of its market ids: `1x2`, `double_chance`, `total`, ...
    pub fn name(self) -> &'static str {
        match self {
            MarketType::MatchResult => "1x2",
            MarketType::DoubleChance => "double_chance",
            MarketType::DrawNoBet => "draw_no_bet",
            MarketType::TotalGoals => "total",
            MarketType::TeamTotal => "team_total",
            MarketType::Handicap => "handicap",
            MarketType::HandicapRest => "handicap_rest",
            MarketType::BothTeamsToScore => "btts",
            MarketType::CorrectScore => "correct_score",
            MarketType::NextGoal => "next_goal",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<MarketType> {
        MarketType::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A market of a match. Its text form is canonical: the kind, a colon, then specifiers in the order of the alphabet,
/// parted by commas: `1x2`, `total:line=2.25`, `team_total:line=1.5,side=home`, `handicap_rest:base=1:0,line=-0.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarketId {
    /// `1x2`.
    MatchResult,
    /// `double_chance`.
    DoubleChance,
    /// `draw_no_bet`.
    DrawNoBet,
    /// `total:line=L`: goals of both sides.
    TotalGoals(QuarterLine),
    /// `team_total:line=L,side=S`: goals of one side.
    TeamTotal(Side, QuarterLine),
    /// `handicap:line=L`: L is added to home's goals.
    Handicap(QuarterLine),
    /// `handicap_rest:base=H:A,line=L`: only goals after the score H:A count; L is added to home's.
    HandicapRest(Score, QuarterLine),
    /// `btts`.
    BothTeamsToScore,
    /// `correct_score:max=N`: scores up to N goals a side, and three selections for all others.
    CorrectScore(u8),
    /// `next_goal:nth=N`: the n-th goal of the match, from 1.
    NextGoal(u8),
}

/// Most goals a side that a correct score market may name.
pub const CORRECT_SCORE_MAX: u8 = 9;

/// A selection of a market; never depends on display order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Home wins, or home is ahead with the handicap, or home scores it.
    Home,
    /// Draw.
    Draw,
    /// Away, likewise.
    Away,
    /// More goals than the line.
    Over,
    /// Fewer goals than the line.
    Under,
    /// Home or draw (1X).
    HomeOrDraw,
    /// Home or away (12).
    HomeOrAway,
    /// Draw or away (X2).
    DrawOrAway,
    /// Yes.
    Yes,
    /// No.
    No,
    /// No such goal.
    NoGoal,
    /// That final score: home goals, away goals, each at most [`CORRECT_SCORE_MAX`].
    Score(u8, u8),
    /// Home wins by a score that is not listed.
    OtherHome,
    /// A draw that is not listed.
    OtherDraw,
    /// Away wins by a score that is not listed.
    OtherAway,
}

impl MarketId {
    /// The 1X2 market.
    pub const MATCH_RESULT: MarketId = MarketId::MatchResult;

    /// The over/under market of a line.
    pub fn total(line: QuarterLine) -> MarketId {
        MarketId::TotalGoals(line)
    }

    /// Its kind.
    pub fn kind(self) -> MarketType {
        match self {
            MarketId::MatchResult => MarketType::MatchResult,
            MarketId::DoubleChance => MarketType::DoubleChance,
            MarketId::DrawNoBet => MarketType::DrawNoBet,
            MarketId::TotalGoals(_) => MarketType::TotalGoals,
            MarketId::TeamTotal(..) => MarketType::TeamTotal,
            MarketId::Handicap(_) => MarketType::Handicap,
            MarketId::HandicapRest(..) => MarketType::HandicapRest,
            MarketId::BothTeamsToScore => MarketType::BothTeamsToScore,
            MarketId::CorrectScore(_) => MarketType::CorrectScore,
            MarketId::NextGoal(_) => MarketType::NextGoal,
        }
    }

    /// The selections of this market, in the order of [`Outcome`].
    pub fn outcomes(self) -> Vec<Outcome> {
        match self {
            MarketId::MatchResult => vec![Outcome::Home, Outcome::Draw, Outcome::Away],
            MarketId::DoubleChance => vec![Outcome::HomeOrDraw, Outcome::HomeOrAway, Outcome::DrawOrAway],
            MarketId::DrawNoBet | MarketId::Handicap(_) | MarketId::HandicapRest(..) => {
                vec![Outcome::Home, Outcome::Away]
            }
            MarketId::TotalGoals(_) | MarketId::TeamTotal(..) => vec![Outcome::Over, Outcome::Under],
            MarketId::BothTeamsToScore => vec![Outcome::Yes, Outcome::No],
            MarketId::CorrectScore(max) => (0..=max)
                .flat_map(|home| (0..=max).map(move |away| Outcome::Score(home, away)))
                .chain([Outcome::OtherHome, Outcome::OtherDraw, Outcome::OtherAway])
                .collect(),
            MarketId::NextGoal(_) => vec![Outcome::Home, Outcome::Away, Outcome::NoGoal],
        }
    }

    /// Whether the market has this selection.
    pub fn has(self, outcome: Outcome) -> bool {
        use MarketType as Kind;
        let kind = self.kind();
        match outcome {
            Outcome::Home | Outcome::Away => matches!(
                kind,
                Kind::MatchResult | Kind::DrawNoBet | Kind::Handicap | Kind::HandicapRest | Kind::NextGoal
            ),
            Outcome::Draw => kind == Kind::MatchResult,
            Outcome::Over | Outcome::Under => matches!(kind, Kind::TotalGoals | Kind::TeamTotal),
            Outcome::HomeOrDraw | Outcome::HomeOrAway | Outcome::DrawOrAway => kind == Kind::DoubleChance,
            Outcome::Yes | Outcome::No => kind == Kind::BothTeamsToScore,
            Outcome::NoGoal => kind == Kind::NextGoal,
            Outcome::Score(home, away) => {
                matches!(self, MarketId::CorrectScore(max) if home.max(away) <= max)
            }
            Outcome::OtherHome | Outcome::OtherDraw | Outcome::OtherAway => kind == Kind::CorrectScore,
        }
    }

    /// Parses the text form; refuses anything that is not canonical.
    pub fn parse(text: &str) -> Option<MarketId> {
        let (name, specifiers) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let id = match (MarketType::parse(name)?, specifiers) {
            (MarketType::MatchResult, None) => MarketId::MatchResult,
            (MarketType::DoubleChance, None) => MarketId::DoubleChance,
            (MarketType::DrawNoBet, None) => MarketId::DrawNoBet,
            (MarketType::BothTeamsToScore, None) => MarketId::BothTeamsToScore,
            (MarketType::TotalGoals, Some(rest)) => MarketId::TotalGoals(line_of(rest)?),
            (MarketType::Handicap, Some(rest)) => MarketId::Handicap(line_of(rest)?),
            (MarketType::TeamTotal, Some(rest)) => {
                let (line, side) = rest.split_once(",side=")?;
                MarketId::TeamTotal(side_of(side)?, line_of(line)?)
            }
            (MarketType::HandicapRest, Some(rest)) => {
                let (base, line) = rest.strip_prefix("base=")?.split_once(',')?;
                let (home, away) = base.split_once(':')?;
                MarketId::HandicapRest(Score { home: home.parse().ok()?, away: away.parse().ok()? }, line_of(line)?)
            }
            (MarketType::CorrectScore, Some(rest)) => {
                let max: u8 = rest.strip_prefix("max=")?.parse().ok()?;
                MarketId::CorrectScore(Some(max).filter(|max| (1..=CORRECT_SCORE_MAX).contains(max))?)
            }
            (MarketType::NextGoal, Some(rest)) => {
                MarketId::NextGoal(rest.strip_prefix("nth=")?.parse().ok().filter(|nth| *nth >= 1)?)
            }
            (
                MarketType::MatchResult
                | MarketType::DoubleChance
                | MarketType::DrawNoBet
                | MarketType::BothTeamsToScore,
                Some(_),
            )
            | (
                MarketType::TotalGoals
                | MarketType::TeamTotal
                | MarketType::Handicap
                | MarketType::HandicapRest
                | MarketType::CorrectScore
                | MarketType::NextGoal,
                None,
            ) => return None,
        };
        (id.to_string() == text).then_some(id)
    }
}

fn line_of(text: &str) -> Option<QuarterLine> {
    QuarterLine::parse(text.strip_prefix("line=")?).ok()
}

fn side_of(text: &str) -> Option<Side> {
    match text {
        "home" => Some(Side::Home),
        "away" => Some(Side::Away),
        _ => None,
    }
}

impl fmt::Display for MarketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().name())?;
        match self {
            MarketId::MatchResult | MarketId::DoubleChance | MarketId::DrawNoBet | MarketId::BothTeamsToScore => Ok(()),
            MarketId::TotalGoals(line) | MarketId::Handicap(line) => write!(f, ":line={line}"),
            MarketId::TeamTotal(side, line) => {
                let side = match side {
                    Side::Home => "home",
                    Side::Away => "away",
                };
                write!(f, ":line={line},side={side}")
            }
            MarketId::HandicapRest(base, line) => write!(f, ":base={}:{},line={line}", base.home, base.away),
            MarketId::CorrectScore(max) => write!(f, ":max={max}"),
            MarketId::NextGoal(nth) => write!(f, ":nth={nth}"),
        }
    }
}

impl Outcome {
    /// Those that are one word; a score is written `2:1`.
    const WORDS: [(Outcome, &'static str); 14] = [
        (Outcome::Home, "home"),
        (Outcome::Draw, "draw"),
        (Outcome::Away, "away"),
        (Outcome::Over, "over"),
        (Outcome::Under, "under"),
        (Outcome::HomeOrDraw, "1x"),
        (Outcome::HomeOrAway, "12"),
        (Outcome::DrawOrAway, "x2"),
        (Outcome::Yes, "yes"),
        (Outcome::No, "no"),
        (Outcome::NoGoal, "no_goal"),
        (Outcome::OtherHome, "other_home"),
        (Outcome::OtherDraw, "other_draw"),
        (Outcome::OtherAway, "other_away"),
    ];

    /// The selection of that name; refuses anything that is not canonical.
    pub fn parse(name: &str) -> Option<Outcome> {
        if let Some((outcome, _)) = Outcome::WORDS.into_iter().find(|(_, word)| *word == name) {
            return Some(outcome);
        }
        match name.as_bytes() {
            [home @ b'0'..=b'9', b':', away @ b'0'..=b'9'] => Some(Outcome::Score(home - b'0', away - b'0')),
            _ => None,
        }
    }

    /// A number of its own, for hashes: never changes.
    pub fn number(self) -> u64 {
        match self {
            Outcome::Home => 0,
            Outcome::Draw => 1,
            Outcome::Away => 2,
            Outcome::Over => 3,
            Outcome::Under => 4,
            Outcome::HomeOrDraw => 5,
            Outcome::HomeOrAway => 6,
            Outcome::DrawOrAway => 7,
            Outcome::Yes => 8,
            Outcome::No => 9,
            Outcome::NoGoal => 10,
            Outcome::OtherHome => 11,
            Outcome::OtherDraw => 12,
            Outcome::OtherAway => 13,
            Outcome::Score(home, away) => 100 + 10 * u64::from(home) + u64::from(away),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Outcome::Score(home, away) = self {
            return write!(f, "{home}:{away}");
        }
        let word = Outcome::WORDS.iter().find(|(outcome, _)| outcome == self);
        f.write_str(word.expect("every selection but a score has a word").1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_market_and_selection_reads_back_as_written() {
        let half = QuarterLine::from_quarters(-2);
        let markets = [
            MarketId::MatchResult,
            MarketId::DoubleChance,
            MarketId::DrawNoBet,
            MarketId::BothTeamsToScore,
            MarketId::TotalGoals(QuarterLine::from_quarters(9)),
            MarketId::TeamTotal(Side::Home, QuarterLine::from_quarters(6)),
            MarketId::TeamTotal(Side::Away, QuarterLine::from_quarters(2)),
            MarketId::Handicap(half),
            MarketId::HandicapRest(Score { home: 1, away: 0 }, half),
            MarketId::CorrectScore(4),
            MarketId::NextGoal(3),
        ];
        for market in markets {
            assert_eq!(MarketId::parse(&market.to_string()), Some(market), "{market}");
            let outcomes = market.outcomes();
            assert!(outcomes.is_sorted(), "{market}");
            let scores = (0..=9).flat_map(|home| (0..=9).map(move |away| Outcome::Score(home, away)));
            for outcome in Outcome::WORDS.map(|(outcome, _)| outcome).into_iter().chain(scores) {
                assert_eq!(market.has(outcome), outcomes.contains(&outcome), "{market} {outcome}");
            }
            for outcome in outcomes {
                assert_eq!(Outcome::parse(&outcome.to_string()), Some(outcome));
            }
        }
    }

    #[test]
    fn what_is_not_canonical_is_no_market() {
        let texts = [
            "",
            "1X2",
            "1x2:",
            "total",
            "total:",
            "total:line=2.50",
            "total:line=+2.5",
            "total:side=home,line=2",
            "team_total:line=1.5",
            "team_total:side=home,line=1.5",
            "team_total:line=1.5,side=Home",
            "handicap_rest:base=01:0,line=0",
            "handicap_rest:base=1:0",
            "handicap_rest:line=0,base=1:0",
            "correct_score",
            "correct_score:max=0",
            "correct_score:max=10",
            "correct_score:max=04",
            "next_goal:nth=0",
            "next_goal:nth=256",
            "handicap_rest:base=99999:0,line=0",
        ];
        for text in texts {
            assert_eq!(MarketId::parse(text), None, "{text}");
        }
        for text in ["", "HOME", "10:0", "1-0", "1:00", "x1"] {
            assert_eq!(Outcome::parse(text), None, "{text}");
        }
    }
}
