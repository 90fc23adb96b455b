//! The fourth check: is the stake of a size we take, and the payout one we can bear?

use super::refusal;
use crate::event::{AcceptedLeg, BookLimits, Refusal, RejectReason, Stage};
use crate::values::{Money, Ratio, Rounding, exceeds_cap, line_return};

/// Stage 4; gives what the bet pays if every leg wins.
pub(super) fn check_risk(stake: Money, legs: &[AcceptedLeg], limits: &BookLimits) -> Result<Money, Refusal> {
    let factors = legs.iter().map(|leg| leg.price.factor()).collect::<Vec<_>>();
    let too_big_or_small =
        |reason| Refusal { max_stake: Some(largest_stake(&factors, limits)), ..refusal(Stage::Risk, reason) };
    if stake < limits.min_stake {
        return Err(too_big_or_small(RejectReason::StakeBelowMinimum));
    }
    if stake > limits.max_stake {
        return Err(too_big_or_small(RejectReason::StakeAboveMaximum));
    }
    if exceeds_cap(stake, &factors, limits.max_payout) {
        return Err(too_big_or_small(RejectReason::PayoutAboveMaximum));
    }
    if let Some(leg) = second_of_a_match(legs) {
        return Err(Refusal { leg: Some(leg), ..refusal(Stage::Risk, RejectReason::NotCombinable) });
    }
    let potential_return = line_return(stake, &factors, Rounding::HalfUp);
    Ok(potential_return.expect("what is within the cap fits in 64 bits, rounded too"))
}

/// The largest stake that passes the limits on stake and payout; zero if none does.
fn largest_stake(factors: &[Ratio], limits: &BookLimits) -> Money {
    // The payout grows with the stake, so the largest is found by halving.
    let (mut passes, mut fails) = (0, limits.max_stake.minor().max(0).saturating_add(1));
    while fails - passes > 1 {
        let middle = passes + (fails - passes) / 2;
        if exceeds_cap(Money::from_minor(middle), factors, limits.max_payout) {
            fails = middle;
        } else {
            passes = middle;
        }
    }
    let largest = Money::from_minor(passes);
    if largest < limits.min_stake { Money::ZERO } else { largest }
}

/// The first leg whose match an earlier leg has already: results of one match hang together.
fn second_of_a_match(legs: &[AcceptedLeg]) -> Option<u8> {
    (0_u8..).zip(legs).find_map(|(index, leg)| {
        let earlier = &legs[..usize::from(index)];
        earlier.iter().any(|other| other.request.match_id == leg.request.match_id).then_some(index)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::Settings;
    use crate::values::Price;

    proptest! {
        /// The largest stake passes, one cent more does not; where it is zero, no stake passes.
        #[test]
        fn the_largest_stake_is_the_largest(
            prices in prop::collection::vec(1_001_u32..1_000_000, 1..6), max_stake in 1_i64..2_000_000, min_stake in 1_i64..2_000,
        ) {
            let factor = |thousandths: &u32| Price::decimal_thousandths(*thousandths).unwrap().factor();
            let factors = prices.iter().map(factor).collect::<Vec<_>>();
            let money = Money::from_minor;
            let limits = BookLimits { min_stake: money(min_stake), max_stake: money(max_stake), ..Settings::default().limits };
            let passes = |stake: Money| {
                let sized = limits.min_stake <= stake && stake <= limits.max_stake;
                sized && !exceeds_cap(stake, &factors, limits.max_payout)
            };
            let largest = largest_stake(&factors, &limits);
            if largest.is_zero() {
                prop_assert!(!passes(limits.min_stake));
            } else {
                prop_assert!(passes(largest));
                prop_assert!(!passes(money(largest.minor() + 1)));
            }
        }
    }
}
