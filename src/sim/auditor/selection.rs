//! What can be said to happen, word by word as it is published.

use std::fmt;

/// Home or away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Team {
    Home,
    Away,
}

impl Team {
    pub(super) const BOTH: [Team; 2] = [Team::Home, Team::Away];

    pub(super) fn read(text: &str) -> Option<Team> {
        Team::BOTH.into_iter().find(|team| team.word() == text)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Team::Home => "home",
            Team::Away => "away",
        }
    }

    /// Who is ahead; nobody if it is level.
    pub(super) fn ahead(lead: i64) -> Option<Team> {
        match lead {
            1.. => Some(Team::Home),
            0 => None,
            ..=-1 => Some(Team::Away),
        }
    }
}

/// When a tie was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    Ninety,
    Extra,
    Penalties,
}

impl How {
    pub(super) const ALL: [How; 3] = [How::Ninety, How::Extra, How::Penalties];

    fn words(self) -> &'static str {
        match self {
            How::Ninety => "in_90",
            How::Extra => "in_extra_time",
            How::Penalties => "on_penalties",
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
    Neither,
    Odd,
    Even,
    FirstHalf,
    SecondHalf,
    Equal,
    OtherHome,
    OtherDraw,
    OtherAway,
    /// `2:1`
    Score(u8, u8),
    /// `3`
    Exactly(u8),
    /// `3+`
    OrMore(u8),
    /// `home_by_2`
    By(Team, u8),
    /// `home_by_3+`
    ByOrMore(Team, u8),
    /// `draw/home`: who leads at half-time, and at the end.
    HalfFull(Option<Team>, Option<Team>),
    /// `home_on_penalties`
    Through(Team, How),
}

const WORDS: [(Selection, &str); 20] = [
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
    (Selection::Neither, "neither"),
    (Selection::Odd, "odd"),
    (Selection::Even, "even"),
    (Selection::FirstHalf, "first_half"),
    (Selection::SecondHalf, "second_half"),
    (Selection::Equal, "equal"),
    (Selection::OtherHome, "other_home"),
    (Selection::OtherDraw, "other_draw"),
    (Selection::OtherAway, "other_away"),
];

impl Selection {
    pub(super) fn read(text: &str) -> Option<Selection> {
        if let Some((word, _)) = WORDS.iter().find(|(_, word)| *word == text) {
            return Some(*word);
        }
        let selection = if let Some((home, away)) = text.split_once(':') {
            Selection::Score(digit(home)?, digit(away)?)
        } else if let Some((half, full)) = text.split_once('/') {
            Selection::HalfFull(leader(half)?, leader(full)?)
        } else if let Some((team, rest)) = text.split_once('_') {
            let team = Team::read(team)?;
            match (rest.strip_prefix("by_"), How::ALL.into_iter().find(|how| how.words() == rest)) {
                (_, Some(how)) => Selection::Through(team, how),
                (Some(number), None) => match number.strip_suffix('+') {
                    Some(number) => Selection::ByOrMore(team, digit(number)?),
                    None => Selection::By(team, digit(number)?),
                },
                (None, None) => return None,
            }
        } else if let Some(number) = text.strip_suffix('+') {
            Selection::OrMore(digit(number)?)
        } else {
            Selection::Exactly(digit(text)?)
        };
        Some(selection)
    }

    /// The team that it names and nothing more.
    pub(super) fn team(self) -> Option<Team> {
        Team::BOTH.into_iter().find(|team| self == Selection::of(Some(*team)))
    }

    /// Home, draw or away.
    pub(super) fn of(leader: Option<Team>) -> Selection {
        match leader {
            Some(Team::Home) => Selection::Home,
            None => Selection::Draw,
            Some(Team::Away) => Selection::Away,
        }
    }
}

/// Who leads, in the order of a coupon.
pub(super) const LEADERS: [Option<Team>; 3] = [Some(Team::Home), None, Some(Team::Away)];

fn leader(text: &str) -> Option<Option<Team>> {
    LEADERS.into_iter().find(|leader| word_of(*leader) == text)
}

fn word_of(leader: Option<Team>) -> &'static str {
    leader.map_or("draw", Team::word)
}

fn digit(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [one] if one.is_ascii_digit() => Some(one - b'0'),
        _ => None,
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, word)) = WORDS.iter().find(|(known, _)| known == self) {
            return f.write_str(word);
        }
        if let Selection::HalfFull(half, full) = self {
            return write!(f, "{}/{}", word_of(*half), word_of(*full));
        }
        if let Selection::Through(team, how) = self {
            return write!(f, "{}_{}", team.word(), how.words());
        }
        if let Selection::By(team, number) | Selection::ByOrMore(team, number) = self {
            let more = if matches!(self, Selection::ByOrMore(_, _)) { "+" } else { "" };
            return write!(f, "{}_by_{number}{more}", team.word());
        }
        if let Selection::Score(home, away) = self {
            return write!(f, "{home}:{away}");
        }
        let more = if matches!(self, Selection::OrMore(_)) { "+" } else { "" };
        if let Selection::Exactly(number) | Selection::OrMore(number) = self {
            write!(f, "{number}{more}")
        } else {
            Ok(())
        }
    }
}
