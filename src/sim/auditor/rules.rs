//! What a selection comes to in a match that is over, by its numbers, its halves, or the end of its tie.

use super::plain::Came;
use super::selection::{How, Selection, Team};

/// A question about how many each side came to; lines in quarters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ask {
    /// Who has more.
    Result,
    DoubleChance,
    DrawNoBet,
    Total(i32),
    TeamTotal(Team, i32),
    /// The line is home's.
    Handicap(i32),
    /// The same of three ways.
    Start(i32),
    /// By how many; the last is open.
    Margin(u8),
    /// How many; the last is open.
    Exactly(u8),
    TeamExactly(Team, u8),
    OddEven,
    BothScore,
    /// Scores up to this many a side have a selection of their own.
    Scores(u8),
    CleanSheet(Team),
    WinToNil(Team),
}

fn yes(won: bool) -> Option<Came> {
    Some(if won { Came::Win } else { Came::Lose })
}

/// What the selection comes to of those that are listed with whether they win.
fn one_of<const N: usize>(selection: Selection, all: [(Selection, bool); N]) -> Option<Came> {
    all.into_iter().find(|(known, _)| *known == selection).and_then(|(_, won)| yes(won))
}

/// Yes or no to what is so.
pub(super) fn answer(selection: Selection, is_so: bool) -> Option<Came> {
    one_of(selection, [(Selection::Yes, is_so), (Selection::No, !is_so)])
}

fn three_ways(selection: Selection, lead: i64) -> Option<Came> {
    one_of(selection, [(Selection::Home, lead > 0), (Selection::Draw, lead == 0), (Selection::Away, lead < 0)])
}

fn over_under(selection: Selection, number: i64, line: i32) -> Option<Came> {
    match selection == Selection::Over {
        true => Some(halves_of(number, -line)),
        false => (selection == Selection::Under).then(|| halves_of(-number, line)),
    }
}

fn two_ways(selection: Selection, lead: i64, line: i32) -> Option<Came> {
    Some(match selection.team()? {
        Team::Home => halves_of(lead, line),
        Team::Away => halves_of(-lead, -line),
    })
}

fn number_is(selection: Selection, number: i64, max: u8) -> Option<Came> {
    if selection == Selection::OrMore(max) {
        return yes(number >= i64::from(max));
    }
    (0..max).find(|named| selection == Selection::Exactly(*named)).and_then(|named| yes(number == i64::from(named)))
}

fn margin_is(selection: Selection, lead: i64, max: u8) -> Option<Came> {
    if selection == Selection::Draw {
        return yes(lead == 0);
    }
    let by = |team: Team| if team == Team::Home { lead } else { -lead };
    if let Some(team) = Team::BOTH.into_iter().find(|team| selection == Selection::ByOrMore(*team, max)) {
        return yes(by(team) >= i64::from(max));
    }
    let (team, margin) = if let Selection::By(team, margin) = selection { (team, margin) } else { return None };
    (1..max).contains(&margin).then(|| yes(by(team) == i64::from(margin)))?
}

fn score_is(selection: Selection, home: i64, away: i64, max: u8) -> Option<Came> {
    if let Selection::Score(x, y) = selection {
        return if x.max(y) <= max { yes((home, away) == (i64::from(x), i64::from(y))) } else { None };
    }
    let is_other = home.max(away) > i64::from(max);
    let others = [
        (Selection::OtherHome, is_other && home > away),
        (Selection::OtherDraw, is_other && home == away),
        (Selection::OtherAway, is_other && home < away),
    ];
    one_of(selection, others)
}

impl Ask {
    /// What a selection comes to if the sides come to this many; `None` for no selection of it.
    pub(super) fn at(self, selection: Selection, home: i64, away: i64) -> Option<Came> {
        let (lead, both) = (home - away, home + away);
        let of = |team: Team| if team == Team::Home { (home, away) } else { (away, home) };
        match self {
            Ask::Result => three_ways(selection, lead),
            Ask::DoubleChance => {
                let (home_or, away_or) = ((Selection::HomeOrDraw, lead >= 0), (Selection::DrawOrAway, lead <= 0));
                one_of(selection, [home_or, (Selection::HomeOrAway, lead != 0), away_or])
            }
            Ask::DrawNoBet => two_ways(selection, lead, 0),
            Ask::Total(line) => over_under(selection, both, line),
            Ask::TeamTotal(team, line) => over_under(selection, of(team).0, line),
            Ask::Handicap(line) => two_ways(selection, lead, line),
            Ask::Start(line) => three_ways(selection, 4 * lead + i64::from(line)),
            Ask::Margin(max) => margin_is(selection, lead, max),
            Ask::Exactly(max) => number_is(selection, both, max),
            Ask::TeamExactly(team, max) => number_is(selection, of(team).0, max),
            Ask::OddEven => one_of(selection, [(Selection::Odd, both % 2 == 1), (Selection::Even, both % 2 == 0)]),
            Ask::BothScore => answer(selection, home > 0 && away > 0),
            Ask::Scores(max) => score_is(selection, home, away, max),
            Ask::CleanSheet(team) => answer(selection, of(team).1 == 0),
            Ask::WinToNil(team) => answer(selection, of(team).0 > 0 && of(team).1 == 0),
        }
    }
}

impl Ask {
    /// How far from level the lead lies that it calls level.
    pub(super) fn start(self) -> i64 {
        if let Ask::Start(line) = self { i64::from(line.abs() / 4) } else { 0 }
    }
}

/// Half the stake on each neighbour of a line that is added to a lead: each half wins, comes back or is lost.
fn halves_of(lead: i64, line: i32) -> Came {
    let (lower, upper) = if line % 2 == 0 { (line, line) } else { (line - 1, line + 1) };
    let half = |line: i32| match (lead * 4 + i64::from(line)).signum() {
        1 => 2,
        0 => 1,
        _ => 0,
    };
    match half(lower) + half(upper) {
        4 => Came::Win,
        3 => Came::HalfWin,
        2 => Came::Void,
        1 => Came::HalfLose,
        _ => Came::Lose,
    }
}

/// A question about both halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pair {
    /// Who leads at half-time and at the end.
    HalfFull,
    WinBoth(Team),
    WinEither(Team),
    /// Which has more goals.
    Highest,
    /// Whether each has one.
    GoalInBoth,
}

impl Pair {
    /// What a selection comes to with these goals in each half, home and away.
    pub(super) fn at(self, selection: Selection, first: (i64, i64), second: (i64, i64)) -> Option<Came> {
        let won = |team: Team, (home, away): (i64, i64)| Team::ahead(home - away) == Some(team);
        let (before, after) = (first.0 + first.1, second.0 + second.1);
        match self {
            Pair::HalfFull => {
                let (half, full) = (first.0 - first.1, first.0 - first.1 + second.0 - second.1);
                if let Selection::HalfFull(then, at_last) = selection {
                    yes((then, at_last) == (Team::ahead(half), Team::ahead(full)))
                } else {
                    None
                }
            }
            Pair::WinBoth(team) => answer(selection, won(team, first) && won(team, second)),
            Pair::WinEither(team) => answer(selection, won(team, first) || won(team, second)),
            Pair::Highest => {
                let halves = [(Selection::FirstHalf, before > after), (Selection::SecondHalf, before < after)];
                one_of(selection, [halves[0], halves[1], (Selection::Equal, before == after)])
            }
            Pair::GoalInBoth => answer(selection, before > 0 && after > 0),
        }
    }
}

/// A question about how a tie ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tie {
    Qualify,
    Method,
    /// Whether there is extra time.
    Extra,
    /// Whether there is a shoot-out.
    ShootOut,
    ExtraResult,
    ShootOutWinner,
}

/// An end of a tie: who went through, how, and whether extra time was played.
pub(super) type End = (Team, How, bool);

/// Every way in which a tie may end for a team. Penalties come after extra time, or at once.
pub(super) const WAYS: [(How, bool); 4] =
    [(How::Ninety, false), (How::Extra, true), (How::Penalties, true), (How::Penalties, false)];

impl Tie {
    /// What a selection comes to. Who bet on a part that was never played has the stake back.
    pub(super) fn at(self, selection: Selection, (team, how, has_extra): End) -> Option<Came> {
        match self {
            Tie::Qualify => yes(selection.team()? == team),
            Tie::Method => {
                let through = if let Selection::Through(named, by) = selection { (named, by) } else { return None };
                yes(through == (team, how))
            }
            Tie::Extra => answer(selection, has_extra),
            Tie::ShootOut => answer(selection, how == How::Penalties),
            Tie::ExtraResult => {
                let in_extra = three_ways(selection, if how == How::Extra { lead_of(team) } else { 0 })?;
                Some(if has_extra { in_extra } else { Came::Void })
            }
            Tie::ShootOutWinner => {
                let won = yes(selection.team()? == team);
                if how == How::Penalties { won } else { Some(Came::Void) }
            }
        }
    }
}

fn lead_of(team: Team) -> i64 {
    if team == Team::Home { 1 } else { -1 }
}
