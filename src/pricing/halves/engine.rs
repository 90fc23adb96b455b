//! Works out the law of the halves, one state after another in the same memory.

use super::super::chain::{MEAN_MAX, MeansByLead};
use super::super::clock::{Phase, Remaining, remaining};
use super::super::inputs::{NoPrice, Rates, State};
use super::super::profile::Profile;
use super::fan::{Ask, Sum};
use super::reading::SecondHalfSums;
use super::{HalvesLaw, Lane};
use std::cmp::Reverse;

/// How much of the law each cut may leave out: the end of a series of jumps, the far leads, the edge of a grid.
const TAIL: f64 = 1e-14;
/// Lanes of a block when several leads are worked out side by side; the first block keeps its last for the paths whose
/// first goal is home's. From one lead on a block of two, the law and those paths, is enough.
pub(super) const WIDTH: usize = 8;

/// Why there is no law of the halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoHalves {
    /// The inputs have no price at all.
    NoPrice(NoPrice),
    /// The second half runs, or is over, and nobody said how it stood at half-time.
    HalfTimeUnknown,
    /// A half-time score before half-time, or one that the score now cannot have come from.
    HalfTimeContradicts,
}

impl From<NoPrice> for NoHalves {
    fn from(reason: NoPrice) -> NoHalves {
        NoHalves::NoPrice(reason)
    }
}

/// Works out laws of the halves one after another in the same memory: after the first few it allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct HalvesEngine {
    law: HalvesLaw,
    work: Work,
}

/// What is needed on the way.
#[derive(Clone, Debug, Default)]
struct Work {
    /// Mass of each change of the lead in the first half, from the least on.
    lead_masses: Vec<f64>,
    /// Those changes, none first, then the likeliest, as far as they are worked out.
    leads: Vec<usize>,
    sums: SecondHalfSums,
}

impl HalvesEngine {
    /// An engine with nothing computed yet.
    pub fn new() -> HalvesEngine {
        HalvesEngine::default()
    }

    /// The law of the halves from the clock of the state. `half_time` is the half-time score: none in the first half and
    /// before; at half-time it may be left out, being the score now.
    ///
    /// # Errors
    /// The named reason why these inputs have no law.
    pub fn law_from(
        &mut self,
        profile: &Profile,
        rates: &Rates,
        state: &State,
        half_time: Option<(u16, u16)>,
    ) -> Result<&HalvesLaw, NoHalves> {
        if !state.clock.is_finite() {
            return Err(NoHalves::NoPrice(NoPrice::NonFinite));
        }
        let now = (state.home_score, state.away_score);
        let half_time = match (state.clock.phase, half_time) {
            (Phase::PreMatch | Phase::FirstHalf, None) => None,
            (Phase::HalfTime, None) => Some(now),
            (Phase::HalfTime, Some(given)) if given == now => Some(now),
            (Phase::PreMatch | Phase::FirstHalf | Phase::HalfTime, Some(_)) => {
                return Err(NoHalves::HalfTimeContradicts);
            }
            (
                Phase::SecondHalf
                | Phase::BeforeExtraTime
                | Phase::ExtraFirstHalf
                | Phase::ExtraHalfTime
                | Phase::ExtraSecondHalf
                | Phase::Over,
                given,
            ) => Some(given.ok_or(NoHalves::HalfTimeUnknown)?),
        };
        self.law_over(rates, state, remaining(profile, &state.clock), half_time)
    }

    /// The same over given operational times; the state's clock is not looked at. With a half-time score the first half is
    /// over: nothing may be left of it.
    ///
    /// # Errors
    /// The named reason why these inputs have no law.
    pub fn law_over(
        &mut self,
        rates: &Rates,
        state: &State,
        left: Remaining,
        half_time: Option<(u16, u16)>,
    ) -> Result<&HalvesLaw, NoHalves> {
        rates.check()?;
        let (first_time, second_time) = (left.first_half, left.second_half);
        if ![first_time, second_time].iter().all(|time| time.is_finite() && *time >= 0.0) {
            return Err(NoHalves::NoPrice(NoPrice::NonFinite));
        }
        let now = (u32::from(state.home_score), u32::from(state.away_score));
        let from = half_time.map_or(now, |(home, away)| (u32::from(home), u32::from(away)));
        if from.0 > now.0 || from.1 > now.1 || (half_time.is_some() && first_time > 0.0) {
            return Err(NoHalves::HalfTimeContradicts);
        }
        let all = MeansByLead::new(rates, state, first_time + second_time);
        if all.most(f64::max) > MEAN_MAX {
            return Err(NoHalves::NoPrice(NoPrice::RateTooHigh));
        }
        let law = &mut self.law;
        law.half_time_from = from;
        law.second_half_now = (now.0 - from.0, now.1 - from.1);
        law.low_score_weights = rates.low_score_weights();
        let lead_now = now.0 as i32 - now.1 as i32;
        law.spread_first_half(&MeansByLead::new(rates, state, first_time), lead_now);
        let has_score_effect = rates.phi != [1.0; 5];
        self.work.choose_leads(law);
        self.work.spread_second_half(law, &MeansByLead::new(rates, state, second_time), lead_now, has_score_effect);
        law.read_off(&self.work.lead_masses, &self.work.sums);
        Ok(law)
    }
}

impl HalvesLaw {
    fn spread_first_half(&mut self, means: &MeansByLead, lead_now: i32) {
        self.first.clear();
        self.first.spread::<2>(&Ask { means, leads: [lead_now; 2], home_first: Some(1), tail: TAIL });
    }
}

impl Work {
    /// The changes of the lead in the first half, the likeliest first, without those that hardly ever happen. No change
    /// comes before all: its lane shares a block with the paths whose first goal is home's, and so their cells without an
    /// away goal are equal to the last bit.
    fn choose_leads(&mut self, law: &HalvesLaw) {
        let block = &law.first.blocks()[0];
        self.lead_masses.clear();
        self.lead_masses.extend(law.first.sum::<2>(block, Sum::Lead).map(|[mass, _]| mass));
        self.leads.clear();
        self.leads.extend(0..self.lead_masses.len());
        let masses = &self.lead_masses;
        let no_change = block.columns - 1;
        let rank = |change: &usize| (*change != no_change, Reverse(masses[*change].to_bits()), *change);
        self.leads.sort_unstable_by_key(rank);
        let mut left_out = 0.0;
        while let [.., _, last] = self.leads[..] {
            left_out += masses[last];
            if left_out > TAIL {
                break;
            }
            self.leads.pop();
        }
    }

    /// One lane for each lead that the second half may start with. Without a score effect they are all alike, and one is
    /// enough.
    fn spread_second_half(&mut self, law: &mut HalvesLaw, means: &MeansByLead, lead_now: i32, has_score_effect: bool) {
        law.second.clear();
        law.lanes.clear();
        law.lanes.resize(self.lead_masses.len(), None);
        self.sums.clear();
        if self.leads.len() == 1 || !has_score_effect {
            law.second.spread::<2>(&Ask { means, leads: [lead_now; 2], home_first: Some(1), tail: TAIL });
            law.home_first = Lane { block: 0, place: 1 };
            let mut weights = [0.0; 2];
            for lead in &self.leads {
                law.lanes[*lead] = Some(Lane { block: 0, place: 0 });
                weights[0] += self.lead_masses[*lead];
            }
            self.sums.add(&law.second, weights);
            return;
        }
        let least = 1 - law.first.blocks()[0].columns as i32;
        law.home_first = Lane { block: 0, place: WIDTH - 1 };
        let (mut done, mut blocks) = (0, 0);
        while done < self.leads.len() {
            let of_block = &self.leads[done..];
            let of_block = &of_block[..of_block.len().min(if blocks == 0 { WIDTH - 1 } else { WIDTH })];
            let (mut leads, mut weights) = ([lead_now; WIDTH], [0.0; WIDTH]);
            for (place, change) in of_block.iter().enumerate() {
                leads[place] = lead_now + least + *change as i32;
                weights[place] = self.lead_masses[*change];
                law.lanes[*change] = Some(Lane { block: blocks, place });
            }
            // Of a block that weighs little, little is left out by leaving out more.
            let tail = f64::min(TAIL / weights.iter().sum::<f64>(), 1e-3);
            // In the blocks after the first the last lane is an ordinary one: no paths are taken out of any.
            let home_first = if blocks == 0 { Some(WIDTH - 1) } else { None };
            law.second.spread::<WIDTH>(&Ask { means, leads, home_first, tail });
            self.sums.add(&law.second, weights);
            done += of_block.len();
            blocks += 1;
        }
    }
}
