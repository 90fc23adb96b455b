//! The pricing model in force, in whole billionths: when goals, corners and cards come, and what the score and red cards
//! do to the rates.

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
    /// Chance that home wins a shoot-out.
    pub shoot_out_home: Billionths,
    /// φ by the scoring side's own lead: -2 or less, -1, 0, +1, +2 or more.
    pub phi: [Billionths; 5],
    /// κ own: what a red card leaves of a side's own rate.
    pub kappa_own: Billionths,
    /// κ opp: what it makes of the opponent's rate.
    pub kappa_opp: Billionths,
    /// ρ, where it is not solved from a match's odds.
    pub rho: Billionths,
    /// How corners come.
    pub corners: CountRules,
    /// How cards come, in booking units: a yellow 1, a red 2.
    pub cards: CountRules,
}

/// How a match's corners or cards come: section 7 of the pricing model. What stoppage is to be expected is the goals'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountRules {
    /// M: how many a match.
    pub mean: Billionths,
    /// k: shape of the gamma law by which matches differ.
    pub shape: Billionths,
    /// p: home's share of them.
    pub home_share: Billionths,
    /// θ: how firmly a match keeps to that share; `None`: every event goes to home with the same chance.
    pub theta: Option<Billionths>,
    /// How they are spread over the first half, as shares of the whole match.
    pub first_half: CountHalf,
    /// And over the second.
    pub second_half: CountHalf,
}

/// How corners or cards are spread over one half, as shares of the whole match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountHalf {
    /// Five minutes by five minutes.
    pub five_minutes: [Billionths; 9],
    /// All its stoppage.
    pub stoppage: Billionths,
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
    /// The model that is built in: sections 1 and 7 of the pricing model, goals measured on 17,454 matches of 2015-2020.
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
            shoot_out_home: millionths(500_000),
            phi: [1_070_000, 1_070_000, 1_000_000, 930_000, 920_000].map(millionths),
            kappa_own: millionths(600_000),
            kappa_opp: millionths(1_600_000),
            rho: millionths(-40_000),
            corners: CountRules::measured_corners(),
            cards: CountRules::measured_cards(),
        }
    }
}

impl CountRules {
    /// Measured on 23,561 matches, the spread on 1,825.
    fn measured_corners() -> CountRules {
        CountRules {
            mean: thousandths(10_020),
            shape: thousandths(53_000),
            home_share: thousandths(556),
            theta: Some(thousandths(10_000)),
            first_half: CountHalf::of_thousandths([40, 52, 49, 52, 52, 54, 54, 53, 51], 17),
            second_half: CountHalf::of_thousandths([46, 59, 55, 56, 54, 55, 51, 52, 52], 46),
        }
    }

    /// Mean measured on 4,691 matches, shape assumed; spread as yellow cards were in 1,825.
    fn measured_cards() -> CountRules {
        CountRules {
            mean: thousandths(4_450),
            shape: thousandths(10_000),
            home_share: thousandths(469),
            theta: None,
            first_half: CountHalf::of_thousandths([13, 19, 28, 29, 39, 47, 50, 52, 60], 15),
            second_half: CountHalf::of_thousandths([40, 57, 64, 68, 60, 61, 66, 72, 81], 79),
        }
    }
}

impl CountHalf {
    fn of_thousandths(five_minutes: [i64; 9], stoppage: i64) -> CountHalf {
        CountHalf { five_minutes: five_minutes.map(thousandths), stoppage: thousandths(stoppage) }
    }
}

fn thousandths(value: i64) -> Billionths {
    Billionths::from_raw(value * 1_000_000)
}
