//! How the lead changes while goals come: what is left of a law of the final score where only the lead matters.

use super::births::{Births, Jumps};
use crate::event::Side;

/// Leads less likely than this at either end are forgotten, so that one stretch of time after another stays cheap.
const LEAST_KEPT: f64 = 1e-24;

/// From two goals on the pace is the same, but a lead of three comes from two and four.
const FAR_LEAD: i32 = 3;

/// The law of the home lead, carried on from one stretch of time to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct LeadWalk {
    /// The lead that the first entry stands for.
    least: i32,
    each: Vec<f64>,
    now: Vec<f64>,
    next: Vec<f64>,
    /// Chance per jump of staying at a lead, of coming to it by a home goal, by an away goal; by slot of `now`.
    stay: Vec<f64>,
    by_home: Vec<f64>,
    by_away: Vec<f64>,
    jumps: Jumps,
}

impl LeadWalk {
    /// Starts afresh from one lead.
    pub(super) fn start(&mut self, lead: i32) {
        self.least = lead;
        self.each.clear();
        self.each.push(1.0);
    }

    /// Every lead with its probability, rising.
    pub(super) fn leads(&self) -> impl Iterator<Item = (i32, f64)> + '_ {
        (self.least..).zip(self.each.iter().copied())
    }

    /// What has not been killed on the way.
    #[cfg(test)]
    pub(super) fn left(&self) -> f64 {
        self.each.iter().sum()
    }

    /// Lets goals come for some operational time, by uniformisation. A path on which the `killed` side scores leaves the
    /// law.
    pub(super) fn spread(&mut self, births: &Births, time: f64, killed: Option<Side>) {
        self.jumps.set(births.busiest() * time);
        let most = self.jumps.most();
        if most == 0 {
            return;
        }
        let width = self.each.len();
        // The new law has `most` slots more at both ends; both grids have one more slot of zeros there, so that an end
        // needs no question.
        let slots = width + 2 * most;
        self.least -= most as i32;
        self.set_chances(births, slots, killed);
        for grid in [&mut self.now, &mut self.next] {
            grid.clear();
            grid.resize(slots + 2, 0.0);
        }
        self.now[1 + most..][..width].copy_from_slice(&self.each);
        let weights = self.jumps.exactly();
        self.each.clear();
        self.each.extend(self.now[1..=slots].iter().map(|probability| weights[0] * probability));
        for (jump, weight) in weights.iter().enumerate().skip(1) {
            // After so many jumps the lead is no further than that from where it began.
            let (first, reach) = (most - jump, width + 2 * jump);
            let (lower, here, upper) = (&self.now[first..], &self.now[first + 1..], &self.now[first + 2..]);
            let (lower, here, upper) = (&lower[..reach], &here[..reach], &upper[..reach]);
            let stay = &self.stay[first..][..reach];
            let by_home = &self.by_home[first..][..reach];
            let by_away = &self.by_away[first..][..reach];
            let next = &mut self.next[first + 1..][..reach];
            let each = &mut self.each[first..][..reach];
            for slot in 0..reach {
                let probability = here[slot] * stay[slot] + lower[slot] * by_home[slot] + upper[slot] * by_away[slot];
                next[slot] = probability;
                each[slot] += weight * probability;
            }
            std::mem::swap(&mut self.now, &mut self.next);
        }
        self.trim();
    }

    fn set_chances(&mut self, births: &Births, slots: usize, killed: Option<Side>) {
        let chances = births.chances();
        for all in [&mut self.stay, &mut self.by_home, &mut self.by_away] {
            all.clear();
        }
        // Beyond these leads nothing changes any more.
        let least = self.least;
        let first_near = (-FAR_LEAD - least).clamp(0, slots as i32);
        let first_ahead = (FAR_LEAD - least).clamp(first_near, slots as i32);
        let fill = |list: &mut Vec<f64>, chance: &dyn Fn(i32) -> f64| {
            list.resize(first_near as usize, chance(-FAR_LEAD));
            list.extend((first_near..first_ahead).map(|slot| chance(least + slot)));
            list.resize(slots, chance(FAR_LEAD));
        };
        fill(&mut self.stay, &|lead| chances.stay(lead));
        fill(&mut self.by_home, &|lead| if killed == Some(Side::Home) { 0.0 } else { chances.home(lead - 1) });
        fill(&mut self.by_away, &|lead| if killed == Some(Side::Away) { 0.0 } else { chances.away(lead + 1) });
    }

    fn trim(&mut self) {
        let is_kept = |probability: &f64| *probability >= LEAST_KEPT;
        let Some(last) = self.each.iter().rposition(is_kept) else { return };
        self.each.truncate(last + 1);
        let first = self.each.iter().position(is_kept).unwrap_or(0);
        self.each.drain(..first);
        self.least += first as i32;
    }
}
