//! The fourth check: is the stake of a size we take, and the payout one we can bear?

use super::exposure::{Room, Share, WeighedLeg, share_of};
use super::refusal;
use crate::event::{AcceptedLeg, BookLimits, Refusal, RejectReason, Stage};
use crate::values::{Money, Ratio, Rounding, exceeds_cap, line_return};

/// A bet of any stake before the limits.
struct Sized<'a> {
    factors: Vec<Ratio>,
    legs: Vec<WeighedLeg>,
    limits: &'a BookLimits,
    room: &'a Room,
}

/// Stage 4; gives what the bet pays if every leg wins.
pub(super) fn check_risk(
    stake: Money,
    legs: &[AcceptedLeg],
    limits: &BookLimits,
    room: &Room,
) -> Result<Money, Refusal> {
    let weighed = |leg: &AcceptedLeg| WeighedLeg { price: leg.price, fair: leg.fair, decided: None };
    let bet = Sized {
        factors: legs.iter().map(|leg| leg.price.factor()).collect(),
        legs: legs.iter().map(weighed).collect(),
        limits,
        room,
    };
    if let Some((reason, leg)) = bet.obstacle(stake) {
        return Err(Refusal { max_stake: Some(bet.largest_stake()), leg, ..refusal(Stage::Risk, reason) });
    }
    if let Some(leg) = second_of_a_match(legs) {
        return Err(Refusal { leg: Some(leg), ..refusal(Stage::Risk, RejectReason::NotCombinable) });
    }
    let potential_return = line_return(stake, &bet.factors, Rounding::HalfUp);
    Ok(potential_return.expect("what is within the cap fits in 64 bits, rounded too"))
}

impl Sized<'_> {
    /// The first limit that such a stake does not keep, and the leg, where it is one leg's.
    fn obstacle(&self, stake: Money) -> Option<(RejectReason, Option<u8>)> {
        let Sized { factors, limits, .. } = self;
        if stake < limits.min_stake {
            Some((RejectReason::StakeBelowMinimum, None))
        } else if stake > limits.max_stake {
            Some((RejectReason::StakeAboveMaximum, None))
        } else if exceeds_cap(stake, factors, limits.max_payout) {
            Some((RejectReason::PayoutAboveMaximum, None))
        } else {
            self.full_scope(stake)
        }
    }

    /// The first liability that such a stake would take too far: of a selection, a market, a match, the account.
    fn full_scope(&self, stake: Money) -> Option<(RejectReason, Option<u8>)> {
        let weight = self.limits.liability.parlays;
        let share = |index: usize| share_of(stake, &self.legs, index, weight, &self.room.legs[index].outlook);
        let shares = (0..self.legs.len()).map(share).collect::<Vec<Share>>();
        let legs = || (0_u8..).zip(&self.room.legs).zip(&shares);
        let full = legs().find_map(|((leg, room), share)| {
            let scopes = [
                (room.outcome, RejectReason::OutcomeLiability),
                (room.market, RejectReason::MarketLiability),
                (room.one_match, RejectReason::MatchLiability),
            ];
            let (_, reason) = scopes.into_iter().find(|(scope, _)| !scope.takes(share))?;
            Some((reason, Some(leg)))
        });
        let winnings = || line_return(stake, &self.factors, Rounding::HalfUp).map(|all| all.minor() - stake.minor());
        let passes_account = || winnings().is_some_and(|winnings| i128::from(winnings) <= self.room.account);
        full.or_else(|| (!passes_account()).then_some((RejectReason::AccountLiability, None)))
    }

    /// The largest stake that passes now; zero if none does.
    fn largest_stake(&self) -> Money {
        // Every limit but the minimum is kept by any smaller stake too: return less stake grows with the stake wherever it
        // is above nothing, rounded or not. So the largest is found by halving.
        let (mut passes, mut fails) =
            (self.limits.min_stake.minor().max(1) - 1, self.limits.max_stake.minor().max(0).saturating_add(1));
        let smallest = passes;
        while fails - passes > 1 {
            let middle = passes + (fails - passes) / 2;
            if self.obstacle(Money::from_minor(middle)).is_some() {
                fails = middle;
            } else {
                passes = middle;
            }
        }
        if passes == smallest { Money::ZERO } else { Money::from_minor(passes) }
    }
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
    use crate::betting::exposure::{Headroom, LegRoom, Outlook};
    use crate::event::{MarketId, Outcome, Settings};
    use crate::values::{Billionths, LegResult, Price};

    proptest! {
        /// The largest stake passes, one cent more does not; where it is zero, no stake passes.
        #[test]
        fn the_largest_stake_is_the_largest(
            prices in prop::collection::vec((1_001_u32..1_000_000, 0_i64..=1_000_000_000), 1..6),
            max_stake in 1_i64..2_000_000, min_stake in 1_i64..2_000,
            rooms in prop::collection::vec(-1_000_i128..60_000_000, 4),
        ) {
            let legs = prices.iter().map(|(thousandths, fair)| WeighedLeg {
                price: Price::decimal_thousandths(*thousandths).unwrap(),
                fair: Some(Billionths::from_raw(*fair)),
                decided: None,
            }).collect::<Vec<_>>();
            let money = Money::from_minor;
            let settings = Settings::default().limits;
            let limits = BookLimits { min_stake: money(min_stake), max_stake: money(max_stake), ..settings };
            let outlook = Outlook::of(MarketId::MATCH_RESULT, Outcome::Home);
            let under = |limit| Headroom::under(limit, [(0, LegResult::Win), (limit + 1, LegResult::Lose)].into_iter());
            let room = Room {
                account: rooms[0],
                legs: legs.iter().map(|_| LegRoom {
                    outlook: outlook.clone(),
                    outcome: under(rooms[1]), market: under(rooms[2]), one_match: under(rooms[3]),
                }).collect(),
            };
            let factors = legs.iter().map(|leg| leg.price.factor()).collect();
            let bet = Sized { factors, legs, limits: &limits, room: &room };
            let largest = bet.largest_stake();
            if largest.is_zero() {
                prop_assert!(bet.obstacle(limits.min_stake).is_some());
            } else {
                prop_assert!(bet.obstacle(largest).is_none());
                prop_assert!(bet.obstacle(money(largest.minor() + 1)).is_some());
            }
        }
    }
}
