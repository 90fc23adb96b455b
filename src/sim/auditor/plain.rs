//! The auditor's own words: odds, results and what they pay, written again from the rules and nothing else.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::wire::proto;

/// Odds as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odds {
    /// Thousandths, stake included.
    Decimal(u32),
    /// Winnings on 100, or the stake that wins 100.
    American(i32),
}

impl Odds {
    pub(super) fn read(price: Option<&proto::Price>) -> Option<Odds> {
        match price?.form.as_ref()? {
            proto::price::Form::DecimalThousandths(odds) => {
                (1_001..=1_000_000).contains(odds).then_some(Odds::Decimal(*odds))
            }
            proto::price::Form::American(odds) => {
                (100..=100_000).contains(&odds.unsigned_abs()).then_some(Odds::American(*odds))
            }
        }
    }

    /// What one unit staked returns, as a numerator and a denominator.
    pub(super) fn fraction(self) -> (u64, u64) {
        match self {
            Odds::Decimal(thousandths) => (u64::from(thousandths), 1_000),
            Odds::American(odds) if odds > 0 => (u64::from(odds.unsigned_abs()) + 100, 100),
            Odds::American(odds) => (u64::from(odds.unsigned_abs()) + 100, u64::from(odds.unsigned_abs())),
        }
    }

    pub(super) fn pays(self, other: Odds) -> Ordering {
        let ((a, b), (c, d)) = (self.fraction(), other.fraction());
        (u128::from(a) * u128::from(d)).cmp(&(u128::from(c) * u128::from(b)))
    }

    /// Whether winnings on one unit differ, either way, by more than `limit` (a ratio).
    pub(super) fn jumped(self, other: Odds, limit: (u64, u64)) -> bool {
        let ((a, b), (c, d)) = (self.fraction(), other.fraction());
        let (left, right) = (u128::from(a - b) * u128::from(d), u128::from(c - d) * u128::from(b));
        left.max(right) * u128::from(limit.1) > left.min(right) * u128::from(limit.0)
    }
}

impl std::fmt::Display for Odds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Odds::Decimal(odds) => write!(f, "{}.{:03}", odds / 1_000, odds % 1_000),
            Odds::American(odds) => write!(f, "{odds:+}"),
        }
    }
}

/// What a leg came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Came {
    Lose,
    Win,
    Void,
    HalfWin,
    HalfLose,
}

impl Came {
    /// By a settlement record; `Err` for a number that means nothing.
    pub(super) fn read(result: i32) -> Result<Option<Came>, ()> {
        use proto::LegResult;
        match LegResult::try_from(result) {
            Ok(LegResult::Unspecified) => Ok(None),
            Ok(LegResult::Lose) => Ok(Some(Came::Lose)),
            Ok(LegResult::Win) => Ok(Some(Came::Win)),
            Ok(LegResult::Void) => Ok(Some(Came::Void)),
            Ok(LegResult::HalfWin) => Ok(Some(Came::HalfWin)),
            Ok(LegResult::HalfLose) => Ok(Some(Came::HalfLose)),
            Err(_) => Err(()),
        }
    }

    /// By a published outcome; `None` for one that is not decided.
    pub(super) fn published(status: i32) -> Option<Came> {
        use proto::OutcomeStatus;
        match OutcomeStatus::try_from(status) {
            Ok(OutcomeStatus::Won) => Some(Came::Win),
            Ok(OutcomeStatus::Lost) => Some(Came::Lose),
            Ok(OutcomeStatus::Void) => Some(Came::Void),
            Ok(OutcomeStatus::HalfWon) => Some(Came::HalfWin),
            Ok(OutcomeStatus::HalfLost) => Some(Came::HalfLose),
            Ok(
                OutcomeStatus::Unspecified | OutcomeStatus::Offered | OutcomeStatus::Withheld | OutcomeStatus::Closed,
            )
            | Err(_) => None,
        }
    }

    /// What one unit came to at these odds: vf + (1 - vf) x r x odds.
    pub(super) fn fraction(self, odds: Odds) -> (u64, u64) {
        let (num, den) = odds.fraction();
        match self {
            Came::Lose => (0, 1),
            Came::Win => (num, den),
            Came::Void => (1, 1),
            Came::HalfWin => (num + den, 2 * den),
            Came::HalfLose => (1, 2),
        }
    }
}

/// Stake x product, rounded once, a half upwards; `None` beyond 62 bits or for a negative stake.
pub(super) fn returns(stake: i64, factors: &[(u64, u64)]) -> Option<i64> {
    let stake = u64::try_from(stake).ok()?;
    narrow_returns(stake, factors).or_else(|| wide_returns(stake, factors))
}

fn narrow_returns(stake: u64, factors: &[(u64, u64)]) -> Option<i64> {
    let (mut num, mut den) = (u128::from(stake), 1_u128);
    for (over, under) in factors {
        num = num.checked_mul(u128::from(*over))?;
        den = den.checked_mul(u128::from(*under))?;
    }
    let rounded = num.checked_mul(2)?.checked_add(den)? / den.checked_mul(2)?;
    i64::try_from(rounded).ok()
}

/// The largest r with (2r - 1) x den <= 2 x num, searched for bit by bit: slow, and plainly right.
fn wide_returns(stake: u64, factors: &[(u64, u64)]) -> Option<i64> {
    let (mut twice_num, mut den) = (Natural::from(stake).times(2), Natural::from(1));
    for (over, under) in factors {
        twice_num = twice_num.times(*over);
        den = den.times(*under);
    }
    let mut rounded = 0_u64;
    for bit in (0..62).rev() {
        let tried = rounded | 1 << bit;
        if den.clone().times(2 * tried - 1) <= twice_num {
            rounded = tried;
        }
    }
    let too_large = rounded == (1 << 62) - 1;
    if too_large { None } else { i64::try_from(rounded).ok() }
}

/// A whole number of any size, least part first, no leading zeros.
#[derive(Clone, PartialEq, Eq)]
struct Natural(Vec<u64>);

impl From<u64> for Natural {
    fn from(value: u64) -> Self {
        Natural(if value == 0 { Vec::new() } else { vec![value] })
    }
}

impl Natural {
    fn times(mut self, factor: u64) -> Natural {
        if factor == 0 {
            return Natural(Vec::new());
        }
        let mut carry = 0_u128;
        for part in &mut self.0 {
            carry += u128::from(*part) * u128::from(factor);
            *part = carry as u64;
            carry >>= 64;
        }
        if carry > 0 {
            self.0.push(carry as u64);
        }
        self
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

/// Kafka's murmur2, with the sign bit cleared, as its default partitioner uses it.
pub(super) fn key_hash(key: &[u8]) -> u32 {
    let step: u32 = 1_540_483_477;
    let mut hash: u32 = 2_538_058_380 ^ key.len() as u32;
    let mut at = 0;
    while at + 4 <= key.len() {
        let word = u32::from(key[at])
            | u32::from(key[at + 1]) << 8
            | u32::from(key[at + 2]) << 16
            | u32::from(key[at + 3]) << 24;
        let word = word.wrapping_mul(step);
        let word = (word ^ (word >> 24)).wrapping_mul(step);
        hash = hash.wrapping_mul(step) ^ word;
        at += 4;
    }
    let left = key.len() - at;
    if left == 3 {
        hash ^= u32::from(key[at + 2]) << 16;
    }
    if left >= 2 {
        hash ^= u32::from(key[at + 1]) << 8;
    }
    if left >= 1 {
        hash = (hash ^ u32::from(key[at])).wrapping_mul(step);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(step);
    (hash ^ (hash >> 15)) & 0x7fff_ffff
}

/// Texts kept once, known by number.
#[derive(Default)]
pub(super) struct Names {
    numbers: BTreeMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Names {
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).expect("fewer names than 2^32 fit in memory");
        let text: Arc<str> = Arc::from(text);
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("?", |text| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_where_the_java_client_puts_them() {
        // From Kafka's own UtilsTest.testMurmur2, sign bit cleared.
        let known = [
            ("21", -973_932_308_i32),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ];
        for (key, hash) in known {
            assert_eq!(key_hash(key.as_bytes()), hash.cast_unsigned() & 0x7fff_ffff, "{key}");
        }
    }

    #[test]
    fn returns_round_once_a_half_upwards() {
        let table = [
            (11_000, vec![(210, 110)], 21_000),
            (100, vec![(1_005, 1_000)], 101),
            (100, vec![(1_004, 1_000)], 100),
            (1, vec![(1, 2)], 1),
            (1_000, vec![(1_900, 1_000), (0, 1)], 0),
            (333, vec![(1_950, 1_000), (2_100, 1_000), (3, 2)], 2_045),
        ];
        for (stake, factors, expected) in &table {
            let (stake, expected) = (*stake, *expected);
            assert_eq!(returns(stake, factors), Some(expected), "{stake} {factors:?}");
            assert_eq!(wide_returns(stake as u64, factors), Some(expected), "wide {stake} {factors:?}");
        }
        let long = [(1_001, 1_000); 25];
        assert_eq!(narrow_returns(1_000_000, &long), None, "too long for 128 bits");
        assert_eq!(returns(1_000_000, &long), Some(1_025_302), "1.001^25 = 1.025302...");
        assert_eq!(returns(1_000_000, &[(1_000_000, 1_000); 25]), None);
    }
}
