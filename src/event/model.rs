//! The pricing model in force, in whole billionths: when goals come, and what the score and red cards do to the rates.

use crate::values::Billionths;

/// What a price is made with beside a match's own rates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelRules {
    /// Its name, `measured_v1`.
    pub name: String,
    /// When goals come in the first half.
    pub first_half: HalfRules,
    /// And in the second.
    pub second_half: HalfRules,
    /// Weight of the two halves of extra time, in shares of one match.
    pub extra_time: [Billionths; 2],
    /// φ by the scoring side's own lead: -2 or less, -1, 0, +1, +2 or more.
    pub phi: [Billionths; 5],
    /// κ own: what a red card leaves of a side's own rate.
    pub kappa_own: Billionths,
    /// κ opp: what it makes of the opponent's rate.
    pub kappa_opp: Billionths,
    /// ρ, where it is not solved from a match's odds.
    pub rho: Billionths,
}

/// How a match's goals are spread over one half, as shares of the whole match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HalfRules {
    /// Its 45 minutes.
    pub minutes: MinuteShares,
    /// All its stoppage.
    pub stoppage: Billionths,
    /// How long that is where nothing is announced, minutes.
    pub expected_stoppage_minutes: Billionths,
}

/// The shares of a half's 45 minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MinuteShares {
    /// Minute k of 0..44 has `start + rise (k + ½)/45`.
    Straight {
        /// At the half's beginning.
        start: Billionths,
        /// From its beginning to its end.
        rise: Billionths,
    },
    /// One by one.
    Listed(Box<[Billionths; 45]>),
}

impl ModelRules {
    /// The model that is built in: section 1 of the pricing model, measured on 17,454 matches of 2015-2020.
    pub fn measured_v1() -> ModelRules {
        let millionths = |value: i64| Billionths::from_raw(value * 1_000);
        let half = |start, rise, stoppage, expected_stoppage_minutes| HalfRules {
            minutes: MinuteShares::Straight { start: millionths(start), rise: millionths(rise) },
            stoppage: millionths(stoppage),
            expected_stoppage_minutes: millionths(expected_stoppage_minutes),
        };
        ModelRules {
            name: "measured_v1".to_owned(),
            first_half: half(7_664, 3_273, 16_933, 1_400_000),
            second_half: half(9_958, 2_732, 54_955, 3_800_000),
            extra_time: [millionths(155_000), millionths(155_000)],
            phi: [1_070_000, 1_070_000, 1_000_000, 930_000, 920_000].map(millionths),
            kappa_own: millionths(600_000),
            kappa_opp: millionths(1_600_000),
            rho: millionths(-40_000),
        }
    }
}
