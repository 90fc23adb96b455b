//! What this shard stands to lose, kept in step with its open and waiting bets.

use std::collections::BTreeMap;

use super::BookMachine;
use super::matches::MatchBook;
use crate::betting::{Headroom, LegRoom, Outlook, Room, SCORE_CELLS, Share, Slip, Tally, WeighedLeg, share_of};
use crate::event::{AcceptedLeg, LiabilityLimits, MarketId, Outcome};
use crate::ledger::CustomerIndex;
use crate::values::{HashStream, LegResult, Money};

/// What a bet that waits has taken of the limits: of each leg's selection, and of its account.
#[derive(Clone, Debug)]
pub(super) struct Reserved {
    customer: CustomerIndex,
    winnings: i64,
    legs: Vec<(u32, u32, Share)>,
}

const RESULTS: [LegResult; 5] =
    [LegResult::Lose, LegResult::Win, LegResult::Void, LegResult::HalfWin, LegResult::HalfLose];

impl MatchBook {
    /// Counts a share in or out.
    fn count(&mut self, selection: u32, share: &Share, is_in: bool) {
        let selection = &mut self.selections[selection as usize];
        if is_in {
            selection.tally.add(share);
        } else {
            selection.tally.take(share);
        }
        if selection.outlook.is_apart() {
            return;
        }
        self.grid.resize(SCORE_CELLS, 0);
        // Should its base turn out never to have stood, it is void at every score: its stakes cover no other loss.
        let may_be_void = selection.market.counts_from_base();
        for (sum, result) in self.grid.iter_mut().zip(selection.outlook.cells()) {
            let amount = i128::from(share.at(*result));
            let amount = if may_be_void { amount.max(0) } else { amount };
            *sum = if is_in { *sum + amount } else { *sum - amount };
        }
    }

    /// What the bets on one market come to in each of its cells.
    fn market_sums(&self, market: MarketId, cells: usize) -> Vec<i128> {
        let with_bets = || self.selections.iter().filter(|one| one.market == market && !one.tally.is_empty());
        let if_all_lose = with_bets().map(|one| one.tally.at(LegResult::Lose)).sum::<i128>();
        let mut sums = vec![if_all_lose; cells];
        for selection in with_bets() {
            let lost = selection.tally.at(LegResult::Lose);
            for (cell, result) in selection.outlook.not_lost() {
                sums[cell] += selection.tally.at(result) - lost;
            }
        }
        sums
    }

    /// The worst of each market that no score decides; never below nothing, as it may be void.
    fn worst_apart(&self) -> BTreeMap<MarketId, i128> {
        let apart = self.selections.iter().filter(|one| one.outlook.is_apart() && !one.tally.is_empty());
        let markets = apart.map(|one| (one.market, one.outlook.cells().len())).collect::<BTreeMap<_, _>>();
        markets.into_iter().map(|(market, cells)| (market, worst(self.market_sums(market, cells)))).collect()
    }

    fn room_for(&self, market: MarketId, outcome: Outcome, limits: &LiabilityLimits) -> LegRoom {
        let on_it = || self.selections.iter().filter(|one| (one.market, one.outcome) == (market, outcome));
        let outlook = on_it().next().map_or_else(|| Outlook::of(market, outcome), |one| one.outlook.clone());
        let alone = |result| on_it().map(|one| one.tally.at(result)).sum::<i128>();
        let under = |limit: Money, cells: Vec<i128>| {
            Headroom::under(i128::from(limit.minor()), cells.into_iter().zip(outlook.cells().iter().copied()))
        };
        let sums = self.market_sums(market, outlook.cells().len());
        let apart = self.worst_apart();
        let all_apart = apart.values().sum::<i128>();
        let in_match = if outlook.is_apart() {
            let others = all_apart - apart.get(&market).copied().unwrap_or(0) + worst(self.grid.iter().copied());
            sums.iter().map(|sum| sum + others).collect()
        } else {
            (0..SCORE_CELLS).map(|cell| self.grid.get(cell).copied().unwrap_or(0) + all_apart).collect()
        };
        let by_result = RESULTS.into_iter().map(|result| (alone(result), result));
        LegRoom {
            outcome: Headroom::under(i128::from(limits.outcome.minor()), by_result),
            market: under(limits.market, sums),
            one_match: under(limits.one_match, in_match),
            outlook: outlook.clone(),
        }
    }
}

fn worst(sums: impl IntoIterator<Item = i128>) -> i128 {
    sums.into_iter().max().unwrap_or(0).max(0)
}

impl BookMachine {
    /// What the limits leave for a bet whose legs are known to be on offer.
    pub(super) fn room_for(&self, customer: CustomerIndex, legs: &[(u32, MarketId, Outcome)]) -> Room {
        let limits = &self.settings.limits.liability;
        let room = |(index, market, outcome): &(u32, MarketId, Outcome)| {
            self.matches[*index as usize].room_for(*market, *outcome, limits)
        };
        let winnings = self.accounts.of(customer).winnings;
        Room { account: i128::from(limits.account.minor()) - winnings, legs: legs.iter().map(room).collect() }
    }

    /// Counts an open bet in or out, with what its legs were decided as when it was counted last.
    pub(super) fn count_bet(&mut self, slot: u32, is_in: bool) {
        let BookMachine { bets, matches, accounts, .. } = self;
        let bet = bets.get(slot).expect("only kept bets are counted");
        let legs = bet.legs.all().iter().map(|leg| leg.weighed()).collect::<Vec<_>>();
        for (index, leg) in bet.legs.all().iter().enumerate().filter(|(_, leg)| leg.counted_as.is_none()) {
            let one = &mut matches[leg.match_index as usize];
            let outlook = &one.selections[leg.selection as usize].outlook;
            let share = share_of(bet.stake, &legs, index, bet.weight, outlook);
            one.count(leg.selection, &share, is_in);
        }
        let winnings = i128::from(bet.potential_return.minor()) - i128::from(bet.stake.minor());
        let account = accounts.of_mut(bet.customer);
        account.winnings = if is_in { account.winnings + winnings } else { account.winnings - winnings };
    }

    /// Takes for a bet that waits what it would count if it stood as judged.
    pub(super) fn reserve(&mut self, customer: CustomerIndex, stake: Money, slip: &Slip) -> Reserved {
        let (weight, rule_set) = (self.settings.limits.liability.parlays, self.settings.placement.rule_set);
        let weighed = |leg: &AcceptedLeg| WeighedLeg { price: leg.price, fair: leg.fair, decided: None };
        let legs = slip.legs().iter().map(weighed).collect::<Vec<_>>();
        let winnings = slip.potential_return().minor() - stake.minor();
        let mut reserved = Reserved { customer, winnings, legs: Vec::with_capacity(legs.len()) };
        for (index, leg) in slip.legs().iter().enumerate() {
            let match_index = self.match_numbers[&leg.request.match_id];
            let one = &mut self.matches[match_index as usize];
            let selection = one.select(leg.request.market, leg.request.outcome, rule_set);
            let outlook = &one.selections[selection as usize].outlook;
            let share = share_of(stake, &legs, index, weight, outlook);
            one.count(selection, &share, true);
            reserved.legs.push((match_index, selection, share));
        }
        self.accounts.of_mut(customer).winnings += i128::from(winnings);
        reserved
    }

    /// Gives back what a waiting bet took.
    pub(super) fn unreserve(&mut self, reserved: &Reserved) {
        for (match_index, selection, share) in &reserved.legs {
            self.matches[*match_index as usize].count(*selection, share, false);
        }
        self.accounts.of_mut(reserved.customer).winnings -= i128::from(reserved.winnings);
    }
}

impl Reserved {
    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let Reserved { customer, winnings, legs } = self;
        stream.unsigned(u64::from(customer.get())).integer(*winnings).unsigned(legs.len() as u64);
        for (match_index, selection, share) in legs {
            stream.unsigned(u64::from(*match_index)).unsigned(u64::from(*selection));
            RESULTS.into_iter().for_each(|result| _ = stream.integer(share.at(result)));
        }
    }
}

/// Adds a liability to a hash.
pub(super) fn hash_tally(stream: &mut HashStream, tally: &Tally) {
    RESULTS.into_iter().for_each(|result| _ = stream.update(&tally.at(result).to_be_bytes()));
}
