//! Logarithms of many probabilities at once, and powers of them: what margins and openness are made of.

/// Neighbours that are worked on together.
pub(super) const LANES: usize = 4;

/// The length of whole groups that so many values fill.
pub(super) const fn whole_fours(values: usize) -> usize {
    values.div_ceil(LANES) * LANES
}

/// Puts the natural logarithm of each probability into `logs`, of equal length; 0 for a probability of 0, which is
/// what its share of an entropy comes to.
///
/// The method of FreeBSD's `e_log.c`, which `libm` has too, without its questions, so that neighbours are worked on
/// side by side: equal to `libm::log` bit by bit from the smallest normal number on; a smaller one counts as that.
pub(super) fn logarithms(probabilities: &[f64], logs: &mut [f64]) {
    for (log, probability) in logs.iter_mut().zip(probabilities) {
        *log = logarithm(*probability);
    }
}

/// The same of one.
#[inline(always)]
pub(super) fn logarithm(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const G: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    /// The upper half of √½.
    const ROOT_HALF: u64 = 0x3fe6_a09e_0000_0000;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
    /// 2^52, in which a small whole number stands in the last digits.
    const WHOLE: u64 = 0x4330_0000_0000_0000;
    // x = 2^k (1 + f), 1 + f between √½ and √2.
    let normal = if x > f64::MIN_POSITIVE { x } else { f64::MIN_POSITIVE };
    let bits = normal.to_bits() + (ONE - ROOT_HALF);
    let k = f64::from_bits((bits >> 52) | WHOLE) - (f64::from_bits(WHOLE) + 1023.0);
    let f = f64::from_bits((bits & MANTISSA) + ROOT_HALF) - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (G[1] + w * (G[3] + w * G[5]));
    let odd = z * (G[0] + w * (G[2] + w * (G[4] + w * G[6])));
    let log = s * (half_square + (odd + even)) + k * LN2_LOW - half_square + f + k * LN2_HIGH;
    if x > 0.0 { log } else { 0.0 }
}

/// The longest power of e that [`exponential`] is right for.
const POWER_MAX: f64 = 2.0;

/// e to this power, to a few units of the last digit.
#[inline(always)]
fn exponential(x: f64) -> f64 {
    // An eighth of it needs few terms; then squared three times.
    let x = 0.125 * x;
    let x2 = x * x;
    let x4 = x2 * x2;
    let low = (1.0 + x) + x2 * (0.5 + x * (1.0 / 6.0));
    let middle = (1.0 / 24.0 + x * (1.0 / 120.0)) + x2 * (1.0 / 720.0 + x * (1.0 / 5_040.0));
    let high = (1.0 / 40_320.0 + x * (1.0 / 362_880.0)) + x2 * (1.0 / 3_628_800.0 + x * (1.0 / 39_916_800.0));
    let eighth = low + x4 * (middle + x4 * high);
    let fourth = eighth * eighth;
    let half = fourth * fourth;
    half * half
}

/// A power of e so small that the first terms of its series are all of it.
const SMALL_POWER: f64 = 1e-4;

/// Multiplies each of `values` by its base to the power `step`, `logs` the logarithms of the bases, none above 0 by more
/// than a rounding. Both are whole groups.
pub(super) fn raise(values: &mut [f64], logs: &[f64], step: f64) {
    for (four, log_four) in values.as_chunks_mut::<LANES>().0.iter_mut().zip(logs.as_chunks::<LANES>().0) {
        let [a, b, c, d] = *log_four;
        let most = (step * f64::min(f64::min(a, b), f64::min(c, d))).abs();
        if most <= SMALL_POWER {
            for lane in 0..LANES {
                let x = step * log_four[lane];
                four[lane] += four[lane] * (x * (1.0 + x * (0.5 + x * (1.0 / 6.0))));
            }
        } else if most <= POWER_MAX {
            for lane in 0..LANES {
                four[lane] *= exponential(step * log_four[lane]);
            }
        } else {
            four.iter_mut().zip(log_four).for_each(|(value, log)| *value *= libm::exp(step * log));
        }
    }
}

/// The sum, in four parts that do not wait for each other.
#[inline]
pub(super) fn summed(values: &[f64]) -> f64 {
    let (fours, rest) = values.as_chunks::<LANES>();
    let mut parts = [0.0; LANES];
    for four in fours {
        parts.iter_mut().zip(four).for_each(|(part, value)| *part += value);
    }
    (parts[0] + parts[1]) + (parts[2] + parts[3]) + rest.iter().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::{logarithms, raise, whole_fours};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn logarithms_are_those_of_libm(p in prop::collection::vec(0.0..=1.0_f64, 1..12), scale in 0..300_i32) {
            let p: Vec<f64> = p.iter().map(|p| p * libm::exp10(f64::from(-scale))).collect();
            let mut logs = vec![f64::NAN; p.len()];
            logarithms(&p, &mut logs);
            for (log, p) in logs.iter().zip(&p) {
                let plain = if *p > 0.0 { libm::log(*p) } else { 0.0 };
                prop_assert_eq!(log.to_bits(), plain.to_bits(), "of {}", p);
            }
        }

        #[test]
        fn powers_are_those_of_libm(p in prop::collection::vec(1e-9..1.0_f64, 1..12), step in -1.0..1.0_f64) {
            let mut raised = p.clone();
            raised.resize(whole_fours(p.len()), 0.0);
            let mut logs = vec![0.0; raised.len()];
            logarithms(&raised, &mut logs);
            for step in [step, 1e-5 * step, 1e-9 * step] {
                let mut raised = raised.clone();
                raise(&mut raised, &logs, step);
                for (raised, p) in raised.iter().zip(&p) {
                    let plain = libm::pow(*p, 1.0 + step);
                    prop_assert!((raised / plain - 1.0).abs() < 1e-14, "{} to {}: {} and {}", p, step, raised, plain);
                }
                prop_assert!(raised[p.len()..].iter().all(|filling| *filling == 0.0));
            }
        }
    }

    #[test]
    fn certainty_and_impossibility_have_no_openness() {
        let mut logs = [f64::NAN; 5];
        logarithms(&[1.0, 0.0, 1.0, 0.0, 1.0], &mut logs);
        assert_eq!(logs, [0.0; 5]);
    }
}
