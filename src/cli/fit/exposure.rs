//! Which goals fell under which circumstances, and how long those lasted: all that the data say about the multipliers.

use crate::cli::evaluate::{Story, What};
use crate::event::Side;

/// Parts of a match: 45 minutes and the stoppage of each half.
pub(super) const BINS: usize = 92;
/// The bin of each half's stoppage.
pub(super) const STOPPAGE: [usize; 2] = [45, 91];
/// Red cards of a side are counted up to 4.
const REDS: usize = 5;
/// Leads: -2 or less, -1, 0, +1, +2 or more.
pub(super) const LEADS: usize = 5;
const CELLS: usize = BINS * LEADS * REDS * REDS;
/// Stoppage goes on for this long after its last incident, minutes.
const AFTER_LAST_INCIDENT: f64 = 0.5;

/// How a match stands, for one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Circumstance {
    /// 0..92.
    pub(super) bin: usize,
    /// Own lead: 0 is -2 or less, 4 is +2 or more.
    pub(super) lead: usize,
    /// Own players sent off.
    pub(super) own_reds: usize,
    /// The opponent's.
    pub(super) opponent_reds: usize,
}

impl Circumstance {
    fn index(self) -> usize {
        ((self.bin * LEADS + self.lead) * REDS + self.own_reds) * REDS + self.opponent_reds
    }

    fn of(index: usize) -> Circumstance {
        Circumstance {
            bin: index / (LEADS * REDS * REDS),
            lead: index / (REDS * REDS) % LEADS,
            own_reds: index / REDS % REDS,
            opponent_reds: index % REDS,
        }
    }
}

/// A stretch of a match in which nothing changes, or the goal that ends one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    /// This share of its bin passes.
    Passes {
        /// Home's circumstance and away's.
        sides: [Circumstance; 2],
        /// 0 to 1.
        share: f64,
    },
    /// A goal, in the circumstance of the side that scores.
    Goal {
        /// 0 is home.
        side: usize,
        /// As it stood before.
        circumstance: Circumstance,
    },
}

/// Tells a match step by step. `expected_stoppage`: minutes of each half's; it is longer where incidents say so.
pub(super) fn walk(story: &Story, expected_stoppage: [f64; 2], mut each: impl FnMut(Step)) {
    let (mut lead, mut reds) = (0_i32, [0_usize; 2]);
    for (half, stoppage) in expected_stoppage.into_iter().enumerate() {
        let mut incidents = story.incidents().iter().filter(|incident| incident.half == half).peekable();
        let last = story.incidents().iter().filter(|incident| incident.half == half).map(|incident| incident.minute);
        let end = last.fold(45.0 + stoppage, |end, minute| f64::max(end, minute + AFTER_LAST_INCIDENT));
        for place in 0..=45 {
            let bin = half * 46 + place;
            let (mut now, until) = (place as f64, if place == 45 { end } else { (place + 1) as f64 });
            let length = until - now;
            let sides = |lead: i32, reds: [usize; 2]| {
                [(lead, reds[0], reds[1]), (-lead, reds[1], reds[0])].map(|(lead, own, opponent)| Circumstance {
                    bin,
                    lead: usize::try_from(lead.clamp(-2, 2) + 2).expect("0 to 4"),
                    own_reds: own.min(REDS - 1),
                    opponent_reds: opponent.min(REDS - 1),
                })
            };
            while let Some(incident) = incidents.next_if(|incident| incident.minute < until) {
                each(Step::Passes { sides: sides(lead, reds), share: (incident.minute - now) / length });
                now = incident.minute;
                match incident.what {
                    What::Goal(side) => {
                        let side = index(side);
                        each(Step::Goal { side, circumstance: sides(lead, reds)[side] });
                        lead += if side == 0 { 1 } else { -1 };
                    }
                    What::Red(side) => reds[index(side)] += 1,
                }
            }
            each(Step::Passes { sides: sides(lead, reds), share: (until - now) / length });
        }
    }
}

fn index(side: Side) -> usize {
    match side {
        Side::Home => 0,
        Side::Away => 1,
    }
}

/// Goals and exposure by circumstance, both sides of all matches together: the sufficient statistics.
#[derive(Clone, Debug)]
pub(super) struct Exposure {
    goals: Vec<f64>,
    /// Goals that would come at the sides' base rates, were each bin a whole match.
    exposed: Vec<f64>,
}

impl Exposure {
    /// Of no match yet.
    pub(super) fn new() -> Exposure {
        Exposure { goals: vec![0.0; CELLS], exposed: vec![0.0; CELLS] }
    }

    /// Adds a match of these base rates.
    pub(super) fn add(&mut self, story: &Story, rates: [f64; 2], expected_stoppage: [f64; 2]) {
        walk(story, expected_stoppage, |step| match step {
            Step::Passes { sides, share } => {
                for (side, rate) in sides.into_iter().zip(rates) {
                    self.exposed[side.index()] += rate * share;
                }
            }
            Step::Goal { side: _, circumstance } => self.goals[circumstance.index()] += 1.0,
        });
    }

    /// Every circumstance that came about: goals, exposure.
    pub(super) fn cells(&self) -> impl Iterator<Item = (Circumstance, f64, f64)> + '_ {
        let both = self.goals.iter().zip(&self.exposed).enumerate();
        both.filter(|(_, (_, exposed))| **exposed > 0.0)
            .map(|(index, (goals, exposed))| (Circumstance::of(index), *goals, *exposed))
    }

    /// Goals in the circumstances that this holds for.
    pub(super) fn goals_where(&self, holds: impl Fn(Circumstance) -> bool) -> u32 {
        let goals: f64 =
            self.cells().filter(|(circumstance, _, _)| holds(*circumstance)).map(|(_, goals, _)| goals).sum();
        goals as u32
    }
}
