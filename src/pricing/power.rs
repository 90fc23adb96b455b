//! The margin by power: every probability is raised to the one power that makes them all sum to what we ask.

use super::logarithms::{LANES, logarithm, logarithms, raise, whole_fours};

/// Newton's steps at most; the second is as a rule the last.
const STEPS_MAX: usize = 100;
/// The sum may miss its target by this much.
const SOLVED: f64 = 1e-14;
/// What a step of this length or less leaves out is of its fourth power: it need not be looked at again.
const LITTLE: f64 = 1e-4;

/// q = p^k, k ≤ 1 so that Σq is the target, a number above Σp. Fills `offered`.
pub(super) fn add_by_power(fair: &[f64], target: f64, offered: &mut Vec<f64>) {
    // Whole groups, filled up with zeros; behind the offers, while it lasts, the logarithms of the fair ones.
    let padded = whole_fours(fair.len());
    offered.clear();
    offered.extend_from_slice(fair);
    offered.resize(2 * padded, 0.0);
    let (offers, logs) = offered.split_at_mut(padded);
    logarithms(offers, logs);
    solve(fair, target, offers, logs);
    offered.truncate(fair.len());
}

/// The same with the logarithms of `fair` at hand.
pub(super) fn add_by_power_with(fair: &[f64], logs: &[f64], target: f64, offered: &mut Vec<f64>) {
    offered.clear();
    offered.extend_from_slice(fair);
    offered.resize(logs.len(), 0.0);
    solve(fair, target, offered, logs);
    offered.truncate(fair.len());
}

/// Raises `offers`, which begin as `fair`; both they and `logs` are filled up to whole groups with zeros.
fn solve(fair: &[f64], target: f64, offers: &mut [f64], logs: &[f64]) {
    let (mut k, mut low, mut high) = (1.0, 0.0, 1.0);
    for _ in 0..STEPS_MAX {
        let [sum, first, second, third] = sums(offers, logs);
        if (sum - target).abs() <= SOLVED {
            break;
        }
        if sum < target {
            high = k;
        } else {
            low = k;
        }
        // The logarithm of Σp^k is nearly a line in k. What its slope, bend and twist leave is of fourth order.
        let one_over_sum = 1.0 / sum;
        let slope = first * one_over_sum;
        let bend = 0.5 * (second * one_over_sum - slope * slope);
        let twist = (third * one_over_sum - 3.0 * slope * second * one_over_sum + 2.0 * slope * slope * slope) / 6.0;
        let line = logarithm(target * one_over_sum) / slope;
        let curve = bend / slope * line;
        let step = line * (1.0 - curve + 2.0 * curve * curve - twist / slope * line * line);
        let next = k + step;
        if next > low && next < high {
            raise(offers, logs, step);
            k = next;
            if line.abs() < LITTLE && curve.abs() < LITTLE {
                break;
            }
        } else {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            k = middle;
            offers[..fair.len()].copy_from_slice(fair);
            raise(offers, logs, k - 1.0);
        }
    }
}

/// Σq, Σq ln p, Σq ln² p, Σq ln³ p.
fn sums(offers: &[f64], logs: &[f64]) -> [f64; 4] {
    let mut sums = [[0.0; LANES]; 4];
    for (q, log) in offers.as_chunks::<LANES>().0.iter().zip(logs.as_chunks::<LANES>().0) {
        let mut term = *q;
        for sum in &mut sums {
            for lane in 0..LANES {
                sum[lane] += term[lane];
                term[lane] *= log[lane];
            }
        }
    }
    sums.map(|sum| (sum[0] + sum[1]) + (sum[2] + sum[3]))
}
