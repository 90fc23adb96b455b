//! Who plays at home, and how many goals each side has.

/// Home or away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The side named first.
    Home,
    /// The side named second.
    Away,
}

impl Side {
    /// The opponent.
    pub fn other(self) -> Side {
        match self {
            Side::Home => Side::Away,
            Side::Away => Side::Home,
        }
    }

    /// `home` or `away`.
    pub fn name(self) -> &'static str {
        match self {
            Side::Home => "home",
            Side::Away => "away",
        }
    }
}

/// Goals, or anything else that the sides count: of home, of away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Score {
    /// Home's.
    pub home: u16,
    /// Away's.
    pub away: u16,
}

impl Score {
    /// Of both sides.
    pub fn both(self) -> i64 {
        i64::from(self.home) + i64::from(self.away)
    }

    /// Of one side.
    pub fn of(self, side: Side) -> u16 {
        match side {
            Side::Home => self.home,
            Side::Away => self.away,
        }
    }

    /// By how much home is ahead.
    pub fn lead(self) -> i64 {
        i64::from(self.home) - i64::from(self.away)
    }

    /// One side has one more, or a number more.
    #[must_use]
    pub fn and(self, side: Side, more: u16) -> Score {
        match side {
            Side::Home => Score { home: self.home.saturating_add(more), ..self },
            Side::Away => Score { away: self.away.saturating_add(more), ..self },
        }
    }

    /// What came after an earlier score; `None` if this one cannot have grown from it.
    pub fn since(self, earlier: Score) -> Option<Score> {
        Some(Score { home: self.home.checked_sub(earlier.home)?, away: self.away.checked_sub(earlier.away)? })
    }
}
