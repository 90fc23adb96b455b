//! The auditor's own list of what may be bet on: markets and selections by their texts, and what a played match makes of
//! them, goal by goal.

use super::plain::Came;

/// A market by its canonical text; lines in quarters of a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Market {
    /// `1x2`
    Result,
    /// `double_chance`
    DoubleChance,
    /// `draw_no_bet`
    DrawNoBet,
    /// `total:line=`
    Total(i32),
    /// `team_total:line=,side=`
    TeamTotal { home: bool, line: i32 },
    /// `handicap:line=`, home's.
    Handicap(i32),
    /// `handicap_rest:base=,line=`
    HandicapRest { base: (u32, u32), line: i32 },
    /// `btts`
    BothScore,
    /// `correct_score:max=`
    CorrectScore(u32),
    /// `next_goal:nth=`
    NextGoal(u32),
}

impl Market {
    pub(super) fn read(text: &str) -> Option<Market> {
        let (name, rest) = text.split_once(':').unwrap_or((text, ""));
        let values: Vec<(&str, &str)> =
            if rest.is_empty() { Vec::new() } else { rest.split(',').map_while(|part| part.split_once('=')).collect() };
        let market = match (name, values.as_slice()) {
            ("1x2", []) => Market::Result,
            ("double_chance", []) => Market::DoubleChance,
            ("draw_no_bet", []) => Market::DrawNoBet,
            ("btts", []) => Market::BothScore,
            ("total", [("line", line)]) => Market::Total(quarters(line)?),
            ("handicap", [("line", line)]) => Market::Handicap(quarters(line)?),
            ("team_total", [("line", line), ("side", side)]) => {
                Market::TeamTotal { home: *side == "home", line: quarters(line)? }
            }
            ("handicap_rest", [("base", base), ("line", line)]) => {
                let (home, away) = base.split_once(':')?;
                Market::HandicapRest { base: (home.parse().ok()?, away.parse().ok()?), line: quarters(line)? }
            }
            ("correct_score", [("max", max)]) => {
                Market::CorrectScore(max.parse().ok().filter(|max| (1..=9).contains(max))?)
            }
            ("next_goal", [("nth", nth)]) => Market::NextGoal(nth.parse().ok().filter(|nth| (1..=255).contains(nth))?),
            _ => return None,
        };
        // Anything that is not written as it would be printed is no market.
        (market.to_string() == text).then_some(market)
    }

    /// Its selections, in order.
    pub(super) fn selections(self) -> Vec<Selection> {
        use Selection::{Away, Draw, Home, Over, Under};
        match self {
            Market::Result => vec![Home, Draw, Away],
            Market::DoubleChance => vec![Selection::HomeOrDraw, Selection::HomeOrAway, Selection::DrawOrAway],
            Market::DrawNoBet | Market::Handicap(_) | Market::HandicapRest { .. } => vec![Home, Away],
            Market::Total(_) | Market::TeamTotal { .. } => vec![Over, Under],
            Market::BothScore => vec![Selection::Yes, Selection::No],
            Market::NextGoal(_) => vec![Home, Away, Selection::NoGoal],
            Market::CorrectScore(max) => {
                let mut cells = Vec::new();
                for home in 0..=max {
                    cells.extend((0..=max).map(|away| Selection::Score(home, away)));
                }
                cells.extend([Selection::OtherHome, Selection::OtherDraw, Selection::OtherAway]);
                cells
            }
        }
    }

    /// What the fair probabilities of all its selections add up to in 1e-9, where that is the same for every match.
    pub(super) fn fair_total(self) -> Option<i64> {
        match self {
            Market::Result | Market::NextGoal(_) | Market::CorrectScore(_) | Market::BothScore => Some(1_000_000_000),
            // Two of three results win.
            Market::DoubleChance => Some(2_000_000_000),
            Market::DrawNoBet
            | Market::Total(_)
            | Market::TeamTotal { .. }
            | Market::Handicap(_)
            | Market::HandicapRest { .. } => None,
        }
    }

    /// What a selection comes to in a match that ends with this score. For markets that hang on nothing else; a rest
    /// handicap as if its base had stood.
    pub(super) fn at(self, selection: Selection, home: u32, away: u32) -> Option<Came> {
        let (h, a) = (i64::from(home), i64::from(away));
        let yes = |won: bool| Some(if won { Came::Win } else { Came::Lose });
        match (self, selection) {
            (Market::Result, Selection::Home) => yes(h > a),
            (Market::Result, Selection::Draw) => yes(h == a),
            (Market::Result, Selection::Away) => yes(h < a),
            (Market::DoubleChance, Selection::HomeOrDraw) => yes(h >= a),
            (Market::DoubleChance, Selection::HomeOrAway) => yes(h != a),
            (Market::DoubleChance, Selection::DrawOrAway) => yes(h <= a),
            (Market::DrawNoBet, Selection::Home) => halves_of(h - a, 0),
            (Market::DrawNoBet, Selection::Away) => halves_of(a - h, 0),
            (Market::Total(line), Selection::Over) => halves_of(h + a, -line),
            (Market::Total(line), Selection::Under) => halves_of(-h - a, line),
            (Market::TeamTotal { home: true, line }, Selection::Over) => halves_of(h, -line),
            (Market::TeamTotal { home: true, line }, Selection::Under) => halves_of(-h, line),
            (Market::TeamTotal { home: false, line }, Selection::Over) => halves_of(a, -line),
            (Market::TeamTotal { home: false, line }, Selection::Under) => halves_of(-a, line),
            (Market::Handicap(line), Selection::Home) => halves_of(h - a, line),
            (Market::Handicap(line), Selection::Away) => halves_of(a - h, -line),
            (Market::HandicapRest { base, line }, Selection::Home) => {
                halves_of(h - i64::from(base.0) - (a - i64::from(base.1)), line)
            }
            (Market::HandicapRest { base, line }, Selection::Away) => {
                halves_of(a - i64::from(base.1) - (h - i64::from(base.0)), -line)
            }
            (Market::BothScore, Selection::Yes) => yes(home > 0 && away > 0),
            (Market::BothScore, Selection::No) => yes(home == 0 || away == 0),
            (Market::CorrectScore(max), Selection::Score(x, y)) if x <= max && y <= max => yes((home, away) == (x, y)),
            (Market::CorrectScore(max), Selection::OtherHome) => yes(h > a && home > max),
            (Market::CorrectScore(max), Selection::OtherDraw) => yes(h == a && home > max),
            (Market::CorrectScore(max), Selection::OtherAway) => yes(h < a && away > max),
            _ => None,
        }
    }
}

/// Half the stake on each neighbour of a line that is added to a lead: each half wins, comes back or is lost.
fn halves_of(lead: i64, line: i32) -> Option<Came> {
    let (lower, upper) = if line % 2 == 0 { (line, line) } else { (line - 1, line + 1) };
    let half = |line: i32| match (lead * 4 + i64::from(line)).signum() {
        1 => 2,
        0 => 1,
        _ => 0,
    };
    Some(match half(lower) + half(upper) {
        4 => Came::Win,
        3 => Came::HalfWin,
        2 => Came::Void,
        1 => Came::HalfLose,
        _ => Came::Lose,
    })
}

/// A line as printed: `2`, `2.25`, `-0.5`.
fn quarters(line: &str) -> Option<i32> {
    let (sign, plain) = line.strip_prefix('-').map_or((1, line), |plain| (-1, plain));
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
    let part = ["0", "25", "5", "75"].iter().position(|known| *known == fraction)?;
    let known = whole.len() <= 4 && whole.bytes().all(|byte| byte.is_ascii_digit());
    if known { Some(sign * (whole.parse::<i32>().ok()? * 4 + part as i32)) } else { None }
}

struct Line(i32);

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.abs());
        write!(f, "{sign}{}{}", size / 4, ["", ".25", ".5", ".75"][(size % 4) as usize])
    }
}

impl std::fmt::Display for Market {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Market::Result => f.write_str("1x2"),
            Market::DoubleChance => f.write_str("double_chance"),
            Market::DrawNoBet => f.write_str("draw_no_bet"),
            Market::BothScore => f.write_str("btts"),
            Market::Total(line) => write!(f, "total:line={}", Line(*line)),
            Market::TeamTotal { home, line } => {
                write!(f, "team_total:line={},side={}", Line(*line), if *home { "home" } else { "away" })
            }
            Market::Handicap(line) => write!(f, "handicap:line={}", Line(*line)),
            Market::HandicapRest { base, line } => {
                write!(f, "handicap_rest:base={}:{},line={}", base.0, base.1, Line(*line))
            }
            Market::CorrectScore(max) => write!(f, "correct_score:max={max}"),
            Market::NextGoal(nth) => write!(f, "next_goal:nth={nth}"),
        }
    }
}

/// A selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Selection {
    Home,
    Draw,
    Away,
    Over,
    Under,
    HomeOrDraw,
    HomeOrAway,
    DrawOrAway,
    Yes,
    No,
    NoGoal,
    OtherHome,
    OtherDraw,
    OtherAway,
    Score(u32, u32),
}

const WORDS: [(Selection, &str); 14] = [
    (Selection::Home, "home"),
    (Selection::Draw, "draw"),
    (Selection::Away, "away"),
    (Selection::Over, "over"),
    (Selection::Under, "under"),
    (Selection::HomeOrDraw, "1x"),
    (Selection::HomeOrAway, "12"),
    (Selection::DrawOrAway, "x2"),
    (Selection::Yes, "yes"),
    (Selection::No, "no"),
    (Selection::NoGoal, "no_goal"),
    (Selection::OtherHome, "other_home"),
    (Selection::OtherDraw, "other_draw"),
    (Selection::OtherAway, "other_away"),
];

impl Selection {
    pub(super) fn read(text: &str) -> Option<Selection> {
        if let Some((word, _)) = WORDS.iter().find(|(_, word)| *word == text) {
            return Some(*word);
        }
        let (home, away) = text.split_once(':')?;
        let digit = |text: &str| if text.len() == 1 { text.parse().ok() } else { None };
        Some(Selection::Score(digit(home)?, digit(away)?))
    }
}

impl std::fmt::Display for Selection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Selection::Score(home, away) = self {
            return write!(f, "{home}:{away}");
        }
        f.write_str(WORDS.iter().find(|(known, _)| known == self).map_or("?", |(_, word)| word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markets_read_back_as_they_are_written() {
        let texts = [
            "1x2",
            "double_chance",
            "draw_no_bet",
            "btts",
            "total:line=0.5",
            "total:line=2",
            "total:line=2.25",
            "total:line=10.75",
            "team_total:line=1.5,side=home",
            "team_total:line=0.75,side=away",
            "handicap:line=-0.75",
            "handicap:line=0",
            "handicap_rest:base=1:0,line=-0.5",
            "correct_score:max=4",
            "next_goal:nth=3",
        ];
        for text in texts {
            assert_eq!(Market::read(text).map(|market| market.to_string()).as_deref(), Some(text));
        }
        let none = [
            "",
            "1X2",
            "1x2:",
            "1x2:line=1",
            "total",
            "total:line=",
            "total:line=2.0",
            "total:line=02",
            "total:line=2.3",
            "total:line=+1",
            "handicap:line=-0",
            "team_total:line=1.5",
            "team_total:line=1.5,side=Home",
            "handicap_rest:base=01:0,line=0",
            "handicap_rest:line=0,base=1:0",
            "correct_score:max=10",
            "next_goal:nth=0",
            "next_goal:nth=1,x",
        ];
        for text in none {
            assert_eq!(Market::read(text), None, "{text}");
        }
        for market in texts.iter().filter_map(|text| Market::read(text)) {
            for selection in market.selections() {
                assert_eq!(Selection::read(&selection.to_string()), Some(selection), "{market}");
            }
        }
        for text in ["", "HOME", "10:0", "1-0"] {
            assert_eq!(Selection::read(text), None, "{text}");
        }
    }

    /// Results by hand, one of every kind.
    #[test]
    fn results_by_hand() {
        use Came::{HalfLose, HalfWin, Lose, Void, Win};
        let table = [
            ("1x2", "home", (2, 1), Win),
            ("1x2", "draw", (2, 1), Lose),
            ("double_chance", "12", (1, 1), Lose),
            ("double_chance", "1x", (1, 1), Win),
            ("double_chance", "x2", (0, 1), Win),
            ("draw_no_bet", "home", (1, 1), Void),
            ("draw_no_bet", "away", (2, 1), Lose),
            ("total:line=2.75", "over", (2, 1), HalfWin),
            ("total:line=2.75", "under", (2, 1), HalfLose),
            ("total:line=2.25", "over", (1, 1), HalfLose),
            ("total:line=2", "under", (1, 1), Void),
            ("team_total:line=1.5,side=away", "over", (3, 1), Lose),
            ("team_total:line=1.25,side=home", "under", (1, 4), HalfWin),
            ("handicap:line=-0.75", "home", (2, 1), HalfWin),
            ("handicap:line=-0.75", "away", (2, 1), HalfLose),
            ("handicap:line=-1", "home", (2, 1), Void),
            ("handicap:line=0.25", "home", (1, 1), HalfWin),
            ("handicap_rest:base=1:0,line=0", "home", (1, 0), Void),
            ("handicap_rest:base=1:0,line=-0.5", "home", (2, 0), Win),
            ("handicap_rest:base=1:0,line=-0.5", "away", (1, 0), Win),
            ("btts", "yes", (1, 0), Lose),
            ("btts", "no", (1, 0), Win),
            ("correct_score:max=4", "2:1", (2, 1), Win),
            ("correct_score:max=4", "1:2", (2, 1), Lose),
            ("correct_score:max=4", "other_home", (5, 1), Win),
            ("correct_score:max=4", "other_draw", (5, 5), Win),
            ("correct_score:max=4", "other_away", (5, 1), Lose),
        ];
        for (market, selection, (home, away), came) in table {
            let (market, selection) = (Market::read(market).unwrap(), Selection::read(selection).unwrap());
            assert_eq!(market.at(selection, home, away), Some(came), "{market} {selection} at {home}:{away}");
        }
    }
}
