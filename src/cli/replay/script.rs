//! A match ready to be told: who plays whom, what is expected, and what will happen when.

use crate::event::{Expectation, Scope};
use crate::values::{CompetitionId, Date, MatchId, Millis, Text, Time};

use super::timeline::{TimedFact, goals_in_ninety_minutes, timeline};
use super::wyscout::PlayedMatch;

/// One match, from whatever source, that a run can tell at any time and speed.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchScript {
    /// Names the match within its source, `wyscout-2058017`: a match id is this and the name of the run.
    pub key: String,
    /// Home side, as displayed.
    pub home: Text,
    /// Away side, as displayed.
    pub away: Text,
    /// Home and away as the source spells them, to look them up elsewhere.
    pub source_names: [String; 2],
    /// The competition.
    pub competition: CompetitionId,
    /// The day on which it was played, if it ever was.
    pub date: Option<Date>,
    /// When it kicked off, UTC, where the source says so.
    pub kicked_off: Option<Time>,
    /// Match time from the first kick-off of the day to this one.
    pub kick_off_after: Millis,
    /// What is expected of it; without it the run's expectation holds.
    pub expectation: Option<Expectation>,
    /// Whether the source reports its corners and its cards, every one.
    pub scope: Scope,
    /// What happens, in order.
    pub facts: Vec<TimedFact>,
    /// What the source's own result says against its events.
    pub doubt: Option<String>,
}

impl MatchScript {
    /// A Wyscout recording; `tick_every` is match time between two ticks of the clock.
    pub fn of_recording(played: &PlayedMatch, tick_every: Millis) -> MatchScript {
        let facts = timeline(played, tick_every);
        let told = goals_in_ninety_minutes(&facts);
        let kicked_off = played.kicked_off_utc.as_ref().and_then(|text| utc(text.as_str()));
        MatchScript {
            key: format!("wyscout-{}", played.wyscout_id),
            home: played.home.clone(),
            away: played.away.clone(),
            source_names: [played.home.as_str().to_owned(), played.away.as_str().to_owned()],
            competition: played.competition.clone(),
            date: kicked_off.map(Time::date),
            kicked_off,
            kick_off_after: Millis::ZERO,
            expectation: None,
            scope: Scope { knock_out: None, corners: true, cards: true },
            doubt: doubt(played.official_goals, told),
            facts,
        }
    }

    /// The id that the match has in this run.
    ///
    /// # Errors
    /// When `run` is not of `[A-Za-z0-9._:-]` or too long.
    pub fn match_id(&self, run: &str) -> Result<MatchId, crate::values::IdError> {
        MatchId::parse(&format!("{}-{run}", self.key))
    }

    /// `Home - Away`, fit for a terminal.
    pub fn title(&self) -> String {
        format!("{} - {}", self.home.display_safe(), self.away.display_safe())
    }
}

/// What the official result says against the goals that are told.
pub(super) fn doubt(official: Option<(u32, u32)>, told: (u32, u32)) -> Option<String> {
    let (home, away) = official.filter(|official| *official != told)?;
    Some(format!("its events add up to {}-{}, its official result is {home}-{away}", told.0, told.1))
}

/// Reads `2018-07-15 15:00:00`.
pub(super) fn utc(text: &str) -> Option<Time> {
    let (date, clock) = text.split_once([' ', 'T'])?;
    let mut seconds = 0;
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, rest] = parts[..] else { return None };
    for (part, limit) in [(hours, 24), (minutes, 60), (rest, 60)] {
        seconds = seconds * 60 + part.parse::<i64>().ok().filter(|part| (0..limit).contains(part))?;
    }
    Some(Date::parse(date).ok()?.starts_at() + Millis::from_seconds(seconds))
}
