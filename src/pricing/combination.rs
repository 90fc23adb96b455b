//! What several bets on one match are worth when all of them must come in.
//!
//! Section 11 of the pricing model: the probability of all legs together is read from the joint law, never multiplied
//! from those of the legs, and the house's share of the legs is carried over up to a cap.

use super::halves::{HalvesLaw, NextGoal};

/// What a leg asks of the half-time score, the final score and the next goal.
pub type Holds<'a> = dyn Fn((u32, u32), (u32, u32), NextGoal) -> bool + 'a;

/// One leg of a combination on one match. A leg wins or loses: lines that push have no place here.
#[derive(Clone, Copy)]
pub struct Leg<'a> {
    /// Whether it wins.
    pub holds: &'a Holds<'a>,
    /// One over the odds at which it is offered alone, not below its fair probability.
    pub offered: f64,
}

/// A leg's fair probability and what it is offered at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LegPrice {
    /// p.
    pub fair: f64,
    /// q: one over the odds, q ≥ p.
    pub offered: f64,
}

/// What a combination comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Combination {
    /// Probability that all legs win.
    pub fair: f64,
    /// One over the odds to offer, before they go to a rung of the ladder; not below `fair`. Whether so small a
    /// probability is offered at all is for the limits of section 10.
    pub offered: f64,
    /// The legs that say nothing new, by their place: each is implied by another that stays, and bears no margin.
    pub implied: Vec<usize>,
}

/// Why a combination has no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoCombination {
    /// There is no leg.
    NoLeg,
    /// More than [`LEGS_MAX`] legs.
    TooManyLegs,
    /// What a leg is offered at is no probability, or is below its fair one; or the cap is below 1.
    NotOffered,
    /// The legs cannot all win.
    Impossible,
}

/// Legs on one match, at most.
pub const LEGS_MAX: usize = 10;
/// The cap of section 11: the legs' margins may raise the probability of all together by this much.
pub const COMBINATION_CAP: f64 = 1.35;
/// A fair probability may be this much above the offered one, by rounding.
const ROUNDING: f64 = 1e-9;
/// One leg implies another when it wins without the other in no more than this part of its cases: no law has such small
/// parts but by rounding. The parts are summed by themselves, so nothing cancels, and truly none is 0.
pub(super) const NEVER: f64 = 1e-15;

/// One over the odds to offer on all legs together, of which `joint` is the probability: `q = p · min(Π q_leg / p_leg, cap)`,
/// then at most the smallest leg's q, and never below p. Legs of markets that are independent of the goals (corners,
/// cards) may stand among them, if `joint` holds their probability as a factor. One leg alone keeps its own q, whatever
/// the cap: the same bet is never longer in a combination.
///
/// # Errors
/// See [`NoCombination`].
pub fn combined_share(joint: f64, legs: &[LegPrice], cap: f64) -> Result<f64, NoCombination> {
    let offers = |leg: &LegPrice| leg.fair >= 0.0 && leg.fair <= leg.offered + ROUNDING && leg.offered <= 1.0;
    if !(legs.iter().all(offers) && cap >= 1.0 && (0.0..=1.0 + ROUNDING).contains(&joint)) {
        return Err(NoCombination::NotOffered);
    }
    if joint <= 0.0 || legs.iter().any(|leg| leg.fair <= 0.0) {
        return Err(NoCombination::Impossible);
    }
    let smallest = legs.iter().map(|leg| leg.offered).fold(1.0, f64::min);
    let margins: f64 = legs.iter().map(|leg| f64::max(leg.offered / leg.fair, 1.0)).product();
    match legs {
        [] => Err(NoCombination::NoLeg),
        [leg] => Ok(f64::max(leg.offered, joint)),
        _ => Ok(f64::max(f64::min(joint * f64::min(margins, cap), smallest), joint)),
    }
}

/// Prices legs on one match together. A leg implied by another is dropped first; of two that imply each other the one
/// offered shorter stays, so that a combination that is the same bet as one of its legs is not longer than it.
///
/// # Errors
/// See [`NoCombination`].
pub fn combine(law: &HalvesLaw, legs: &[Leg<'_>], cap: f64) -> Result<Combination, NoCombination> {
    if legs.is_empty() {
        return Err(NoCombination::NoLeg);
    }
    if legs.len() > LEGS_MAX {
        return Err(NoCombination::TooManyLegs);
    }
    let won = WonTogether::of(law, legs);
    let all = (1 << legs.len()) - 1;
    let fair = won.sum(all, 0);
    if fair <= 0.0 {
        return Err(NoCombination::Impossible);
    }
    let implies = |one: usize, other: usize| won.sum(1 << one, 1 << other) <= NEVER * won.sum(1 << one, 0);
    let is_dropped = |leg: usize| {
        (0..legs.len()).filter(|other| *other != leg && implies(*other, leg)).any(|other| {
            let (mine, theirs) = (legs[leg].offered, legs[other].offered);
            !implies(leg, other) || theirs > mine || (theirs == mine && other < leg)
        })
    };
    let (implied, kept): (Vec<usize>, Vec<usize>) = (0..legs.len()).partition(|leg| is_dropped(*leg));
    let price = |leg: usize| LegPrice { fair: won.sum(1 << leg, 0), offered: legs[leg].offered };
    let prices: Vec<LegPrice> = kept.into_iter().map(price).collect();
    let offered = combined_share(fair, &prices, cap)?;
    // What is dropped must have been a bet all the same.
    let dropped: Vec<LegPrice> = implied.iter().map(|leg| price(*leg)).collect();
    dropped.iter().try_for_each(|leg| combined_share(leg.fair, &[*leg], cap).map(|_| ()))?;
    Ok(Combination { fair, offered, implied })
}

/// The probability of each set of winning legs, found in one pass over the law; a set is the bits of its legs.
struct WonTogether(Vec<f64>);

impl WonTogether {
    fn of(law: &HalvesLaw, legs: &[Leg<'_>]) -> WonTogether {
        let mut sets = vec![0.0; 1 << legs.len()];
        law.each_with_next(|half_time, full_time, next, probability| {
            let bits =
                legs.iter().enumerate().map(|(bit, leg)| usize::from((leg.holds)(half_time, full_time, next)) << bit);
            sets[bits.sum::<usize>()] += probability;
        });
        WonTogether(sets)
    }

    /// Probability that all of `won` win and none of `lost`.
    fn sum(&self, won: usize, lost: usize) -> f64 {
        let sets = self.0.iter().enumerate();
        sets.filter(|(set, _)| set & won == won && set & lost == 0).map(|(_, probability)| probability).sum()
    }
}
