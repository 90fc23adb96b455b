//! Chance from a seed: the same seed throws the same dice on every machine.
//!
//! SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).

use crate::values::Millis;

/// A sequence of throws.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Dice(u64);

impl Dice {
    /// Dice for one purpose: other words, other throws.
    pub(in crate::cli) fn new(seed: u64, purpose: &str) -> Dice {
        // FNV-1a, so that equal words mean equal dice everywhere.
        let start = 0xcbf2_9ce4_8422_2325 ^ seed;
        let mixed = purpose.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut dice = Dice(mixed);
        dice.throw();
        dice
    }

    /// Any number.
    pub(in crate::cli) fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in [0, 1), a multiple of 2^-53.
    pub(in crate::cli) fn share(&mut self) -> f64 {
        (self.throw() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Whether something of this probability happens.
    pub(in crate::cli) fn happens(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// One of `0..count`; `count` is at least 1.
    pub(in crate::cli) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.throw() % count.max(1) as u64).expect("less than a usize")
    }

    /// A span from `least` to `most` seconds, to the millisecond.
    pub(in crate::cli) fn seconds(&mut self, least: f64, most: f64) -> Millis {
        Millis::new(((least + (most - least) * self.share()) * 1_000.0) as i64)
    }
}
