//! The auditor's own list of what may be bet on: markets by their texts, and the selections of each.

use std::collections::BTreeMap;
use std::fmt;

use super::rules::{Ask, Pair, Tie};
use super::selection::{How, LEADERS, Selection, Team};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Goals,
    Corners,
    /// A yellow one counts one, a red one two.
    Cards,
}

/// In which part of the ninety minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Match,
    First,
    Second,
    /// From that score on.
    Since(u16, u16),
}

/// A market by its canonical text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Market {
    /// Hangs on nothing but how many each side comes to.
    Tally(What, Part, Ask),
    Halves(Pair),
    NextGoal(u8),
    LastGoal,
    /// Who has so many first.
    Race(What, u8),
    /// A goal in the minutes `[from, to)`, of anybody or of one team.
    Interval(u8, u8, Option<Team>),
    /// A goal before that minute.
    Before(u8),
    Tie(Tie),
}

/// The specifiers of a market as given.
struct Given<'a>(BTreeMap<&'a str, &'a str>);

impl Given<'_> {
    fn number(&self, name: &str, from: u8, to: u8) -> Option<u8> {
        self.0.get(name)?.parse().ok().filter(|number| (from..=to).contains(number))
    }

    fn max(&self) -> Option<u8> {
        self.number("max", 1, 9)
    }

    fn line(&self) -> Option<i32> {
        quarters(self.0.get("line")?)
    }

    fn side(&self) -> Option<Team> {
        Team::read(self.0.get("side")?)
    }

    fn half(&self) -> Option<Part> {
        Some(if self.number("half", 1, 2)? == 1 { Part::First } else { Part::Second })
    }

    fn base(&self) -> Option<Part> {
        let (home, away) = self.0.get("base")?.split_once(':')?;
        Some(Part::Since(home.parse().ok()?, away.parse().ok()?))
    }
}

impl Market {
    pub(super) fn read(text: &str) -> Option<Market> {
        let (name, rest) = text.split_once(':').unwrap_or((text, ""));
        let given = Given(rest.split(',').map_while(|part| part.split_once('=')).collect());
        let market = of_order(name, &given).or_else(|| of_tie(name)).or_else(|| of_numbers(name, &given))?;
        // Anything that is not written as it would be printed is no market.
        (market.to_string() == text).then_some(market)
    }

    /// What must be beyond doubt for it.
    pub(super) fn what(self) -> What {
        match self {
            Market::Tally(what, _, _) | Market::Race(what, _) => what,
            Market::Halves(_)
            | Market::NextGoal(_)
            | Market::LastGoal
            | Market::Interval(_, _, _)
            | Market::Before(_)
            | Market::Tie(_) => What::Goals,
        }
    }

    /// Whether one incident decides it: such a bet waits longer in play.
    pub(super) fn is_sudden(self) -> bool {
        let by_incident = matches!(self, Market::NextGoal(_) | Market::Interval(_, _, _) | Market::Before(_));
        by_incident || self.what() != What::Goals
    }

    /// Its selections, in order.
    pub(super) fn selections(self) -> Vec<Selection> {
        use Selection::{Away, Draw, Equal, FirstHalf, Home, Neither, No, NoGoal, SecondHalf, Yes};
        match self {
            Market::Tally(_, _, ask) => selections_of(ask),
            Market::Halves(Pair::HalfFull) => {
                LEADERS.into_iter().flat_map(|half| LEADERS.map(|full| Selection::HalfFull(half, full))).collect()
            }
            Market::Halves(Pair::Highest) => vec![FirstHalf, SecondHalf, Equal],
            Market::NextGoal(_) | Market::LastGoal => vec![Home, Away, NoGoal],
            Market::Race(_, _) => vec![Home, Away, Neither],
            Market::Halves(Pair::WinBoth(_) | Pair::WinEither(_) | Pair::GoalInBoth)
            | Market::Interval(_, _, _)
            | Market::Before(_)
            | Market::Tie(Tie::Extra | Tie::ShootOut) => vec![Yes, No],
            Market::Tie(Tie::Qualify | Tie::ShootOutWinner) => vec![Home, Away],
            Market::Tie(Tie::ExtraResult) => vec![Home, Draw, Away],
            Market::Tie(Tie::Method) => {
                Team::BOTH.into_iter().flat_map(|team| How::ALL.map(|how| Selection::Through(team, how))).collect()
            }
        }
    }

    /// What the fair probabilities of all its selections add up to in 1e-9, where that is the same for every match.
    pub(super) fn fair_total(self) -> Option<i64> {
        match self {
            // Two of three results win.
            Market::Tally(_, _, Ask::DoubleChance) => Some(2_000_000_000),
            Market::Tally(_, _, Ask::DrawNoBet | Ask::Total(_) | Ask::TeamTotal(_, _) | Ask::Handicap(_)) => None,
            Market::Tally(
                _,
                _,
                Ask::Result
                | Ask::Start(_)
                | Ask::Margin(_)
                | Ask::Exactly(_)
                | Ask::TeamExactly(_, _)
                | Ask::OddEven
                | Ask::BothScore
                | Ask::Scores(_)
                | Ask::CleanSheet(_)
                | Ask::WinToNil(_),
            )
            | Market::Halves(_)
            | Market::NextGoal(_)
            | Market::LastGoal
            | Market::Race(_, _)
            | Market::Interval(_, _, _)
            | Market::Before(_)
            | Market::Tie(_) => Some(1_000_000_000),
        }
    }
}

fn selections_of(ask: Ask) -> Vec<Selection> {
    use Selection::{Away, Draw, Even, Home, No, Odd, OtherAway, OtherDraw, OtherHome, Over, Under, Yes};
    match ask {
        Ask::Result | Ask::Start(_) => vec![Home, Draw, Away],
        Ask::DoubleChance => vec![Selection::HomeOrDraw, Selection::HomeOrAway, Selection::DrawOrAway],
        Ask::DrawNoBet | Ask::Handicap(_) => vec![Home, Away],
        Ask::Total(_) | Ask::TeamTotal(_, _) => vec![Over, Under],
        Ask::OddEven => vec![Odd, Even],
        Ask::BothScore | Ask::CleanSheet(_) | Ask::WinToNil(_) => vec![Yes, No],
        Ask::Exactly(max) | Ask::TeamExactly(_, max) => {
            (0..max).map(Selection::Exactly).chain([Selection::OrMore(max)]).collect()
        }
        Ask::Margin(max) => {
            let of =
                |team: Team| (1..max).map(move |by| Selection::By(team, by)).chain([Selection::ByOrMore(team, max)]);
            of(Team::Home).chain([Draw]).chain(of(Team::Away)).collect()
        }
        Ask::Scores(max) => {
            let cells = (0..=max).flat_map(|home| (0..=max).map(move |away| Selection::Score(home, away)));
            cells.chain([OtherHome, OtherDraw, OtherAway]).collect()
        }
    }
}

/// Those that hang on order or on minutes.
fn of_order(name: &str, given: &Given<'_>) -> Option<Market> {
    let interval = |side: Option<Team>| {
        let (from, to) = (given.number("from", 0, 89)?, given.number("to", 1, 90)?);
        (from < to).then_some(Market::Interval(from, to, side))
    };
    match name {
        "next_goal" => Some(Market::NextGoal(given.number("nth", 1, 255)?)),
        "last_goal" => Some(Market::LastGoal),
        "race" => Some(Market::Race(What::Goals, given.number("to", 1, 90)?)),
        "corners_race" => Some(Market::Race(What::Corners, given.number("to", 1, 90)?)),
        "interval_goal" => interval(None),
        "team_interval_goal" => interval(Some(given.side()?)),
        "goal_before" => Some(Market::Before(given.number("minute", 1, 90)?)),
        _ => None,
    }
}

fn of_tie(name: &str) -> Option<Market> {
    let all = [Tie::Qualify, Tie::Method, Tie::Extra, Tie::ShootOut, Tie::ExtraResult, Tie::ShootOutWinner];
    all.into_iter().find(|tie| tie_name(*tie) == name).map(Market::Tie)
}

fn tie_name(tie: Tie) -> &'static str {
    match tie {
        Tie::Qualify => "to_qualify",
        Tie::Method => "qualify_method",
        Tie::Extra => "extra_time",
        Tie::ShootOut => "shoot_out",
        Tie::ExtraResult => "extra_time_1x2",
        Tie::ShootOutWinner => "shoot_out_winner",
    }
}

/// Those that hang on numbers, of the match, of a part of it, of both halves.
fn of_numbers(name: &str, given: &Given<'_>) -> Option<Market> {
    let pair = match name {
        "ht_ft" => Some(Pair::HalfFull),
        "win_both_halves" => Some(Pair::WinBoth(given.side()?)),
        "win_either_half" => Some(Pair::WinEither(given.side()?)),
        "highest_half" => Some(Pair::Highest),
        "goal_in_both_halves" => Some(Pair::GoalInBoth),
        _ => None,
    };
    if let Some(pair) = pair {
        return Some(Market::Halves(pair));
    }
    let (what, part, ask) = match name {
        "rest_1x2" => (What::Goals, given.base()?, Ask::Result),
        "handicap_rest" => (What::Goals, given.base()?, Ask::Handicap(given.line()?)),
        _ => {
            if let Some(rest) = name.strip_prefix("half_") {
                (What::Goals, given.half()?, ask(rest, given)?)
            } else if let Some(rest) = name.strip_prefix("corners_") {
                (What::Corners, Part::Match, ask(rest, given)?)
            } else if let Some(rest) = name.strip_prefix("cards_") {
                (What::Cards, Part::Match, ask(rest, given)?)
            } else {
                (What::Goals, Part::Match, ask(name, given)?)
            }
        }
    };
    is_asked(what, part, ask).then_some(Market::Tally(what, part, ask))
}

fn ask(name: &str, given: &Given<'_>) -> Option<Ask> {
    Some(match name {
        "1x2" => Ask::Result,
        "double_chance" => Ask::DoubleChance,
        "draw_no_bet" => Ask::DrawNoBet,
        "total" => Ask::Total(given.line()?),
        "team_total" => Ask::TeamTotal(given.side()?, given.line()?),
        "handicap" => Ask::Handicap(given.line()?),
        "european_handicap" => Ask::Start(given.line().filter(|line| line % 4 == 0)?),
        "winning_margin" => Ask::Margin(given.max()?),
        "exact_goals" => Ask::Exactly(given.max()?),
        "team_exact_goals" => Ask::TeamExactly(given.side()?, given.max()?),
        "odd_even" => Ask::OddEven,
        "btts" => Ask::BothScore,
        "correct_score" => Ask::Scores(given.max()?),
        "clean_sheet" => Ask::CleanSheet(given.side()?),
        "win_to_nil" => Ask::WinToNil(given.side()?),
        _ => return None,
    })
}

/// Whether there is such a market: not everything is asked of everything.
fn is_asked(what: What, part: Part, ask: Ask) -> bool {
    match (what, part) {
        (What::Goals, Part::Match) => true,
        (What::Goals, Part::First | Part::Second) => {
            matches!(ask, Ask::Result | Ask::Total(_) | Ask::Handicap(_) | Ask::Scores(_) | Ask::BothScore)
        }
        (What::Goals, Part::Since(_, _)) => matches!(ask, Ask::Result | Ask::Handicap(_)),
        (What::Corners | What::Cards, Part::Match) => {
            let of_numbers = matches!(ask, Ask::Result | Ask::Total(_) | Ask::TeamTotal(_, _));
            of_numbers || matches!(ask, Ask::Handicap(_) | Ask::OddEven)
        }
        (What::Corners | What::Cards, Part::First | Part::Second | Part::Since(_, _)) => false,
    }
}

/// A line as printed: `2`, `2.25`, `-0.5`.
fn quarters(line: &str) -> Option<i32> {
    let (sign, plain) = line.strip_prefix('-').map_or((1, line), |plain| (-1, plain));
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
    let part = ["0", "25", "5", "75"].iter().position(|known| *known == fraction)?;
    let known = whole.len() <= 4 && whole.bytes().all(|byte| byte.is_ascii_digit());
    if known { Some(sign * (whole.parse::<i32>().ok()? * 4 + part as i32)) } else { None }
}

fn line_text(line: i32) -> String {
    let (sign, size) = (if line < 0 { "-" } else { "" }, line.abs());
    format!("{sign}{}{}", size / 4, ["", ".25", ".5", ".75"][(size % 4) as usize])
}

/// The name of a question, and its specifiers by name.
fn written(ask: Ask) -> (&'static str, Vec<(&'static str, String)>) {
    let line = |line: i32| ("line", line_text(line));
    let side = |team: Team| ("side", team.word().to_owned());
    let max = |max: u8| ("max", max.to_string());
    match ask {
        Ask::Result => ("1x2", vec![]),
        Ask::DoubleChance => ("double_chance", vec![]),
        Ask::DrawNoBet => ("draw_no_bet", vec![]),
        Ask::Total(quarters) => ("total", vec![line(quarters)]),
        Ask::TeamTotal(team, quarters) => ("team_total", vec![line(quarters), side(team)]),
        Ask::Handicap(quarters) => ("handicap", vec![line(quarters)]),
        Ask::Start(quarters) => ("european_handicap", vec![line(quarters)]),
        Ask::Margin(most) => ("winning_margin", vec![max(most)]),
        Ask::Exactly(most) => ("exact_goals", vec![max(most)]),
        Ask::TeamExactly(team, most) => ("team_exact_goals", vec![max(most), side(team)]),
        Ask::OddEven => ("odd_even", vec![]),
        Ask::BothScore => ("btts", vec![]),
        Ask::Scores(most) => ("correct_score", vec![max(most)]),
        Ask::CleanSheet(team) => ("clean_sheet", vec![side(team)]),
        Ask::WinToNil(team) => ("win_to_nil", vec![side(team)]),
    }
}

impl Market {
    fn written(self) -> (String, Vec<(&'static str, String)>) {
        let side = |team: Team| ("side", team.word().to_owned());
        let (name, specifiers) = match self {
            Market::Tally(what, part, ask) => {
                let (name, mut specifiers) = written(ask);
                specifiers.extend(match part {
                    Part::Match => None,
                    Part::First => Some(("half", "1".to_owned())),
                    Part::Second => Some(("half", "2".to_owned())),
                    Part::Since(home, away) => Some(("base", format!("{home}:{away}"))),
                });
                let name = match (what, part) {
                    (What::Goals, Part::Match) => name.to_owned(),
                    (What::Goals, Part::First | Part::Second) => format!("half_{name}"),
                    (What::Goals, Part::Since(_, _)) if ask == Ask::Result => format!("rest_{name}"),
                    (What::Goals, Part::Since(_, _)) => format!("{name}_rest"),
                    (What::Corners, _) => format!("corners_{name}"),
                    (What::Cards, _) => format!("cards_{name}"),
                };
                return (name, specifiers);
            }
            Market::Halves(Pair::HalfFull) => ("ht_ft", vec![]),
            Market::Halves(Pair::WinBoth(team)) => ("win_both_halves", vec![side(team)]),
            Market::Halves(Pair::WinEither(team)) => ("win_either_half", vec![side(team)]),
            Market::Halves(Pair::Highest) => ("highest_half", vec![]),
            Market::Halves(Pair::GoalInBoth) => ("goal_in_both_halves", vec![]),
            Market::NextGoal(nth) => ("next_goal", vec![("nth", nth.to_string())]),
            Market::LastGoal => ("last_goal", vec![]),
            Market::Race(What::Goals, to) => ("race", vec![("to", to.to_string())]),
            Market::Race(What::Corners, to) => ("corners_race", vec![("to", to.to_string())]),
            Market::Race(What::Cards, to) => ("cards_race", vec![("to", to.to_string())]),
            Market::Interval(from, to, None) => {
                ("interval_goal", vec![("from", from.to_string()), ("to", to.to_string())])
            }
            Market::Interval(from, to, Some(team)) => {
                ("team_interval_goal", vec![("from", from.to_string()), ("to", to.to_string()), side(team)])
            }
            Market::Before(minute) => ("goal_before", vec![("minute", minute.to_string())]),
            Market::Tie(tie) => (tie_name(tie), vec![]),
        };
        (name.to_owned(), specifiers)
    }
}

impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, mut specifiers) = self.written();
        specifiers.sort();
        f.write_str(&name)?;
        for (index, (specifier, value)) in specifiers.iter().enumerate() {
            let mark = if index == 0 { ':' } else { ',' };
            write!(f, "{mark}{specifier}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
