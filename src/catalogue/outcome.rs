//! The selections of the markets: what a customer can say will happen.

use crate::values::Side;
use std::fmt;

/// Home, draw, away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Third {
    /// Home is ahead.
    Home,
    /// Level.
    Draw,
    /// Away is ahead.
    Away,
}

impl Third {
    /// In the order of a coupon.
    pub const ALL: [Third; 3] = [Third::Home, Third::Draw, Third::Away];

    /// By home's lead.
    pub fn of(lead: i64) -> Third {
        match lead.signum() {
            1 => Third::Home,
            0 => Third::Draw,
            _ => Third::Away,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Third::Home => "home",
            Third::Draw => "draw",
            Third::Away => "away",
        }
    }
}

/// How a side goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// In the ninety minutes (and the first leg).
    InNinety,
    /// In extra time.
    InExtraTime,
    /// In the shoot-out.
    OnPenalties,
}

impl How {
    const ALL: [How; 3] = [How::InNinety, How::InExtraTime, How::OnPenalties];

    fn name(self) -> &'static str {
        match self {
            How::InNinety => "in_90",
            How::InExtraTime => "in_extra_time",
            How::OnPenalties => "on_penalties",
        }
    }
}

/// A selection of a market; never depends on display order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Home wins, or home is ahead with the handicap, or home scores it.
    Home,
    /// Draw.
    Draw,
    /// Away, likewise.
    Away,
    /// More than the line.
    Over,
    /// Fewer than the line.
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
    /// That score: home goals, away goals, each at most [`CORRECT_SCORE_MAX`](super::CORRECT_SCORE_MAX).
    Score(u8, u8),
    /// Home wins by a score that is not listed.
    OtherHome,
    /// A draw that is not listed.
    OtherDraw,
    /// Away wins by a score that is not listed.
    OtherAway,
    /// An odd number.
    Odd,
    /// An even number; 0 is even.
    Even,
    /// Neither side gets there.
    Neither,
    /// The first half.
    FirstHalf,
    /// The second half.
    SecondHalf,
    /// As many in both.
    Equal,
    /// Exactly so many.
    Exactly(u8),
    /// So many or more.
    AtLeast(u8),
    /// That side wins by exactly so many.
    By(Side, u8),
    /// That side wins by so many or more.
    ByAtLeast(Side, u8),
    /// This at half-time and that at full-time.
    HalfFull(Third, Third),
    /// That side goes through, and how.
    Through(Side, How),
}

impl Outcome {
    /// Those that are one word.
    const WORDS: [(Outcome, &'static str); 20] = [
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
        (Outcome::Odd, "odd"),
        (Outcome::Even, "even"),
        (Outcome::Neither, "neither"),
        (Outcome::FirstHalf, "first_half"),
        (Outcome::SecondHalf, "second_half"),
        (Outcome::Equal, "equal"),
    ];

    /// The selection of that name; refuses anything that is not canonical. A score is written `2:1`, a number of goals
    /// `3` or `3+`, a margin `home_by_2` or `home_by_3+`, half-time and full-time `draw/home`, a way through
    /// `away_on_penalties`.
    pub fn parse(name: &str) -> Option<Outcome> {
        if let Some((outcome, _)) = Outcome::WORDS.into_iter().find(|(_, word)| *word == name) {
            return Some(outcome);
        }
        let outcome = match name.as_bytes() {
            [home @ b'0'..=b'9', b':', away @ b'0'..=b'9'] => Outcome::Score(home - b'0', away - b'0'),
            [number @ b'0'..=b'9'] => Outcome::Exactly(number - b'0'),
            [number @ b'0'..=b'9', b'+'] => Outcome::AtLeast(number - b'0'),
            _ => return Outcome::longer(name),
        };
        Some(outcome)
    }

    fn longer(name: &str) -> Option<Outcome> {
        let margins = [Side::Home, Side::Away].into_iter().flat_map(|side| {
            (1..=9).flat_map(move |number| [Outcome::By(side, number), Outcome::ByAtLeast(side, number)])
        });
        let pairs = Third::ALL.into_iter().flat_map(|half| Third::ALL.map(|full| Outcome::HalfFull(half, full)));
        let ways =
            [Side::Home, Side::Away].into_iter().flat_map(|side| How::ALL.map(|how| Outcome::Through(side, how)));
        margins.chain(pairs).chain(ways).find(|outcome| outcome.to_string() == name)
    }

    /// A number of its own, for hashes: never changes.
    pub fn number(self) -> u64 {
        let of_side = |side: Side| if side == Side::Home { 0 } else { 1 };
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
            Outcome::Odd => 14,
            Outcome::Even => 15,
            Outcome::Neither => 16,
            Outcome::FirstHalf => 17,
            Outcome::SecondHalf => 18,
            Outcome::Equal => 19,
            Outcome::HalfFull(half, full) => 20 + 3 * half as u64 + full as u64,
            Outcome::Through(side, how) => 30 + 3 * of_side(side) + how as u64,
            Outcome::Score(home, away) => 100 + 10 * u64::from(home) + u64::from(away),
            Outcome::Exactly(number) => 200 + u64::from(number),
            Outcome::AtLeast(number) => 500 + u64::from(number),
            Outcome::By(side, number) => 1_000 + 300 * of_side(side) + u64::from(number),
            Outcome::ByAtLeast(side, number) => 2_000 + 300 * of_side(side) + u64::from(number),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Score(home, away) => write!(f, "{home}:{away}"),
            Outcome::Exactly(number) => write!(f, "{number}"),
            Outcome::AtLeast(number) => write!(f, "{number}+"),
            Outcome::By(side, number) => write!(f, "{}_by_{number}", side.name()),
            Outcome::ByAtLeast(side, number) => write!(f, "{}_by_{number}+", side.name()),
            Outcome::HalfFull(half, full) => write!(f, "{}/{}", half.name(), full.name()),
            Outcome::Through(side, how) => write!(f, "{}_{}", side.name(), how.name()),
            Outcome::Home
            | Outcome::Draw
            | Outcome::Away
            | Outcome::Over
            | Outcome::Under
            | Outcome::HomeOrDraw
            | Outcome::HomeOrAway
            | Outcome::DrawOrAway
            | Outcome::Yes
            | Outcome::No
            | Outcome::NoGoal
            | Outcome::OtherHome
            | Outcome::OtherDraw
            | Outcome::OtherAway
            | Outcome::Odd
            | Outcome::Even
            | Outcome::Neither
            | Outcome::FirstHalf
            | Outcome::SecondHalf
            | Outcome::Equal => {
                let word = Outcome::WORDS.iter().find(|(outcome, _)| outcome == self);
                f.write_str(word.expect("every selection of one word has it").1)
            }
        }
    }
}
