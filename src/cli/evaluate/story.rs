//! A match by minutes: who scored and who was sent off when, and how it stood at any time.

use crate::cli::replay::TimedFact;
use crate::event::{FactBody, Period, Side};
use crate::pricing::{Clock, Phase, State};

/// What moves a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum What {
    /// A goal for this side.
    Goal(Side),
    /// A red card, or a second yellow one, for this side.
    Red(Side),
}

/// One incident of regular time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cli) struct Incident {
    /// 0 in the first half, 1 in the second.
    pub(in crate::cli) half: usize,
    /// Minutes since the half began; those of stoppage are 45 and more.
    pub(in crate::cli) minute: f64,
    /// What happened.
    pub(in crate::cli) what: What,
}

/// The ninety minutes of a match, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::cli) struct Story {
    incidents: Vec<Incident>,
}

/// A card of regular time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cli) struct Booking {
    /// 0 in the first half, 1 in the second.
    pub(in crate::cli) half: usize,
    /// Minutes since the half began.
    pub(in crate::cli) minute: f64,
    /// Whose.
    pub(in crate::cli) side: Side,
    /// What it counts: a yellow card 1, a red one 2.
    pub(in crate::cli) units: u16,
}

/// The cards that the facts of a match tell of its two halves.
pub(in crate::cli) fn bookings(facts: &[TimedFact]) -> Vec<Booking> {
    let of_fact = |fact: &TimedFact| {
        #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else is a card")]
        let (side, units) = match fact.body {
            FactBody::YellowCard(side) => (side, 1),
            FactBody::RedCard { side, second_yellow: _ } => (side, 2),
            _ => return None,
        };
        Some(Booking { half: half_of(fact)?, minute: minute_of(fact), side, units })
    };
    facts.iter().filter_map(of_fact).collect()
}

/// 0 in the first half, 1 in the second.
fn half_of(fact: &TimedFact) -> Option<usize> {
    match fact.clock.period {
        Period::FirstHalf => Some(0),
        Period::SecondHalf => Some(1),
        Period::PreMatch
        | Period::HalfTime
        | Period::BeforeExtraTime
        | Period::ExtraFirstHalf
        | Period::ExtraSecondHalf
        | Period::ShootOut
        | Period::Over => None,
    }
}

/// Minutes since its period began.
fn minute_of(fact: &TimedFact) -> f64 {
    fact.clock.elapsed.get() as f64 / 60_000.0
}

/// Home and away goals.
pub(in crate::cli) type Goals = [u16; 2];

impl Story {
    /// Of these incidents, in order.
    pub(in crate::cli) fn new(incidents: Vec<Incident>) -> Story {
        debug_assert!(incidents.is_sorted_by(|one, next| (one.half, one.minute) <= (next.half, next.minute)));
        Story { incidents }
    }

    /// What the facts of a match tell of its two halves.
    pub(in crate::cli) fn of(facts: &[TimedFact]) -> Story {
        let mut incidents = Vec::new();
        for fact in facts {
            let Some(half) = half_of(fact) else { continue };
            #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else moves a rate")]
            let what = match fact.body {
                FactBody::Goal { side, own_goal: _ } => What::Goal(side),
                FactBody::RedCard { side, second_yellow: _ } => What::Red(side),
                _ => continue,
            };
            incidents.push(Incident { half, minute: minute_of(fact), what });
        }
        Story::new(incidents)
    }

    /// Everything, in order.
    pub(in crate::cli) fn incidents(&self) -> &[Incident] {
        &self.incidents
    }

    /// Whether both tell of the same goals and red cards in the same minutes.
    pub(in crate::cli) fn tells_as(&self, other: &Story) -> bool {
        let told = |story: &Story| -> Vec<(usize, u64, What)> {
            let by_minute = |one: &Incident| (one.half, one.minute as u64, one.what);
            story.incidents.iter().map(by_minute).collect()
        };
        told(self) == told(other)
    }

    /// Goals of the ninety minutes.
    pub(in crate::cli) fn final_score(&self) -> Goals {
        goals(&self.incidents)
    }

    /// How it stood when this checkpoint came.
    pub(in crate::cli) fn state_at(&self, checkpoint: Checkpoint) -> State {
        let before = &self.incidents[..self.count_before(checkpoint)];
        let [home_score, away_score] = goals(before);
        let reds = |side| {
            let shown = before.iter().filter(|incident| incident.what == What::Red(side)).count();
            u8::try_from(shown).unwrap_or(u8::MAX)
        };
        State {
            home_score,
            away_score,
            home_reds: reds(Side::Home),
            away_reds: reds(Side::Away),
            clock: checkpoint.clock(),
        }
    }

    /// Who scored next after it, if anybody did.
    pub(in crate::cli) fn next_goal_after(&self, checkpoint: Checkpoint) -> Option<Side> {
        self.incidents[self.count_before(checkpoint)..].iter().find_map(|incident| match incident.what {
            What::Goal(side) => Some(side),
            What::Red(_) => None,
        })
    }

    fn count_before(&self, checkpoint: Checkpoint) -> usize {
        let (half, minute) = checkpoint.place();
        self.incidents.partition_point(|incident| (incident.half, incident.minute) < (half, minute))
    }
}

fn goals(incidents: &[Incident]) -> Goals {
    let of = |side| {
        let scored = incidents.iter().filter(|incident| incident.what == What::Goal(side)).count();
        u16::try_from(scored).unwrap_or(u16::MAX)
    };
    [of(Side::Home), of(Side::Away)]
}

/// A minute at which forecasts are judged: section 15 of the pricing model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Checkpoint {
    /// Minutes played; 45 is half-time.
    pub(in crate::cli) minute: u8,
}

impl Checkpoint {
    /// Kick-off, four in play before and after the break, and the break.
    pub(in crate::cli) const ALL: [Checkpoint; 7] = [
        Checkpoint { minute: 0 },
        Checkpoint { minute: 15 },
        Checkpoint { minute: 30 },
        Checkpoint { minute: 45 },
        Checkpoint { minute: 60 },
        Checkpoint { minute: 75 },
        Checkpoint { minute: 85 },
    ];

    /// What a table calls it.
    pub(in crate::cli) fn name(self) -> String {
        if self.minute == 45 { "HT".to_owned() } else { self.minute.to_string() }
    }

    /// The clock at that time.
    pub(in crate::cli) fn clock(self) -> Clock {
        let phase = match self.minute {
            0 => Phase::PreMatch,
            1..=44 => Phase::FirstHalf,
            45 => Phase::HalfTime,
            46.. => Phase::SecondHalf,
        };
        Clock { phase, minute: f64::from(self.minute), ..Clock::PRE_MATCH }
    }

    /// Half, and minute of it: everything before has happened.
    pub(super) fn place(self) -> (usize, f64) {
        match self.minute {
            0..=44 => (0, f64::from(self.minute)),
            45.. => (1, f64::from(self.minute - 45)),
        }
    }
}
