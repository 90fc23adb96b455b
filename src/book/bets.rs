//! The bets that stand, and what each came to so far.

use crate::betting::WeighedLeg;
use crate::event::{AcceptedLeg, LegRequest, ParlayWeight};
use crate::ledger::{CustomerIndex, Payment, StakeOf};
use crate::values::{BetId, Billionths, HashStream, LegResult, Millis, Money, Price, Time};

/// A leg as it is kept. What the customer asked for is not: a resend brings it along.
#[derive(Clone, Debug)]
pub(super) struct StoredLeg {
    /// The match, and the selection in it.
    pub(super) match_index: u32,
    pub(super) selection: u32,
    pub(super) price: Price,
    pub(super) match_version: u64,
    pub(super) price_version: u64,
    pub(super) fact_at: Time,
    pub(super) fair: Option<Billionths>,
    pub(super) fixture_revision: u32,
    pub(super) in_play: bool,
    /// As the last settlement recorded it.
    pub(super) settled_as: Option<LegResult>,
    /// As it was decided when the bet was last counted in the liability.
    pub(super) counted_as: Option<LegResult>,
}

impl StoredLeg {
    pub(super) fn new(match_index: u32, selection: u32, leg: &AcceptedLeg) -> StoredLeg {
        StoredLeg {
            match_index,
            selection,
            price: leg.price,
            match_version: leg.match_version,
            price_version: leg.price_version,
            fact_at: leg.fact_at,
            fair: leg.fair,
            fixture_revision: leg.fixture_revision,
            in_play: leg.in_play,
            settled_as: None,
            counted_as: None,
        }
    }

    /// As the liability sees it.
    pub(super) fn weighed(&self) -> WeighedLeg {
        WeighedLeg { price: self.price, fair: self.fair, decided: self.counted_as }
    }

    /// The leg as its acceptance said it.
    pub(super) fn as_accepted(&self, request: &LegRequest) -> AcceptedLeg {
        AcceptedLeg {
            request: request.clone(),
            price: self.price,
            match_version: self.match_version,
            price_version: self.price_version,
            fixture_revision: self.fixture_revision,
            fact_at: self.fact_at,
            fair: self.fair,
            in_play: self.in_play,
        }
    }
}

/// Most bets have one leg, and need no second piece of memory for it.
#[derive(Clone, Debug)]
pub(super) enum Legs {
    One([StoredLeg; 1]),
    Many(Box<[StoredLeg]>),
}

impl Legs {
    pub(super) fn new(legs: Vec<StoredLeg>) -> Legs {
        match <[StoredLeg; 1]>::try_from(legs) {
            Ok(one) => Legs::One(one),
            Err(many) => Legs::Many(many.into_boxed_slice()),
        }
    }

    pub(super) fn all(&self) -> &[StoredLeg] {
        match self {
            Legs::One(one) => one,
            Legs::Many(many) => many,
        }
    }

    pub(super) fn all_mut(&mut self) -> &mut [StoredLeg] {
        match self {
            Legs::One(one) => one,
            Legs::Many(many) => many,
        }
    }
}

/// An accepted bet.
#[derive(Clone, Debug)]
pub(super) struct StoredBet {
    pub(super) bet_id: BetId,
    pub(super) customer: CustomerIndex,
    pub(super) stake: Money,
    pub(super) potential_return: Money,
    pub(super) placed_at: Time,
    pub(super) accepted_at: Time,
    pub(super) delay: Millis,
    pub(super) rule_set: u32,
    /// What its other legs count in the liability of each, for as long as it is kept.
    pub(super) weight: ParlayWeight,
    /// The settlement records made so far.
    pub(super) settlements: u32,
    /// The one of them that paid it last.
    pub(super) paid_by: u32,
    /// A cancel that lacks its approval covers it.
    pub(super) is_held: bool,
    /// What it was paid; `None` while it is open.
    pub(super) paid: Option<Payment>,
    pub(super) legs: Legs,
}

impl StoredBet {
    /// As the ledger sees it.
    pub(super) fn stake_of(&self) -> StakeOf {
        StakeOf { customer: self.customer, bet_id: self.bet_id, stake: self.stake }
    }

    fn hash_into(&self, stream: &mut HashStream) {
        let StoredBet { bet_id, customer, stake, potential_return, placed_at, accepted_at, .. } = self;
        let StoredBet { delay, rule_set, weight, settlements, paid_by, is_held, paid, legs, .. } = self;
        stream.update(&bet_id.bits().to_be_bytes()).unsigned(u64::from(customer.get()));
        stream.integer(stake.minor()).integer(potential_return.minor());
        stream.integer(placed_at.ms()).integer(accepted_at.ms()).integer(delay.get());
        stream.unsigned(u64::from(*rule_set)).unsigned(u64::from(*settlements));
        stream.unsigned(*weight as u64).unsigned(u64::from(*is_held)).unsigned(u64::from(*paid_by));
        match paid {
            None => stream.unsigned(0),
            Some(Payment::Lost) => stream.unsigned(1),
            Some(Payment::Paid(returned)) => stream.unsigned(2).integer(returned.minor()),
            Some(Payment::StakeBack) => stream.unsigned(3),
        };
        stream.unsigned(legs.all().len() as u64);
        for leg in legs.all() {
            let StoredLeg { match_index, selection, price, match_version, price_version, .. } = leg;
            let StoredLeg { fact_at, fair, fixture_revision, in_play, settled_as, counted_as, .. } = leg;
            stream.unsigned(u64::from(*match_index)).unsigned(u64::from(*selection)).text(&price.to_string());
            stream.unsigned(*match_version).unsigned(*price_version).integer(fact_at.ms());
            stream.integer(fair.map_or(-1, |fair| fair.raw())).unsigned(u64::from(*fixture_revision));
            stream.unsigned(u64::from(*in_play)).unsigned(settled_as.map_or(9, |result| result as u64));
            stream.unsigned(counted_as.map_or(9, |result| result as u64));
        }
    }
}

#[derive(Clone, Debug)]
enum Slot {
    Free,
    Live(StoredBet),
    /// Dropped, but so many lists still name it.
    Dropped(u32),
}

/// All bets of the shard, each at a number that it keeps for life.
#[derive(Clone, Debug, Default)]
pub(super) struct Bets {
    slots: Vec<Slot>,
    free: Vec<u32>,
    open: usize,
    settled: usize,
}

impl Bets {
    /// How many bets are open.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// How many settled bets are kept.
    pub(super) fn settled(&self) -> usize {
        self.settled
    }

    pub(super) fn add(&mut self, bet: StoredBet) -> u32 {
        assert!(bet.paid.is_none(), "a new bet is open");
        self.open += 1;
        match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Slot::Live(bet);
                slot
            }
            None => {
                self.slots.push(Slot::Live(bet));
                u32::try_from(self.slots.len() - 1).expect("the number of bets is bounded far below 2^32")
            }
        }
    }

    /// The bet, unless it was dropped.
    pub(super) fn get(&self, slot: u32) -> Option<&StoredBet> {
        match &self.slots[slot as usize] {
            Slot::Live(bet) => Some(bet),
            Slot::Free | Slot::Dropped(_) => None,
        }
    }

    fn live_mut(&mut self, slot: u32) -> &mut StoredBet {
        match &mut self.slots[slot as usize] {
            Slot::Live(bet) => bet,
            Slot::Free | Slot::Dropped(_) => unreachable!("only bets that are kept are changed"),
        }
    }

    /// Records that it was paid so; returns the number of the settlement record.
    pub(super) fn settle(&mut self, slot: u32, payment: Payment, results: &[Option<LegResult>]) -> u32 {
        let bet = self.live_mut(slot);
        assert!(bet.paid.is_none(), "a bet is paid once");
        bet.paid = Some(payment);
        bet.settlements += 1;
        bet.paid_by = bet.settlements;
        for (leg, result) in bet.legs.all_mut().iter_mut().zip(results) {
            leg.settled_as = *result;
        }
        let version = bet.settlements;
        self.open -= 1;
        self.settled += 1;
        version
    }

    /// Records that what it was paid was taken back; returns the number of the settlement record.
    pub(super) fn reopen(&mut self, slot: u32) -> u32 {
        let bet = self.live_mut(slot);
        assert!(bet.paid.is_some(), "only a settled bet is reopened");
        bet.paid = None;
        bet.settlements += 1;
        bet.legs.all_mut().iter_mut().for_each(|leg| leg.settled_as = None);
        let version = bet.settlements;
        self.open += 1;
        self.settled -= 1;
        version
    }

    /// Records that it is held, or no longer; returns the number of the settlement record.
    pub(super) fn hold(&mut self, slot: u32, is_held: bool) -> u32 {
        let bet = self.live_mut(slot);
        assert!(bet.paid.is_none() && bet.is_held != is_held, "only an open bet is held or released, in turns");
        bet.is_held = is_held;
        bet.settlements += 1;
        bet.settlements
    }

    /// One more settlement record that changes nothing; returns its number.
    pub(super) fn note(&mut self, slot: u32) -> u32 {
        let bet = self.live_mut(slot);
        bet.settlements += 1;
        bet.settlements
    }

    /// Records what its legs have come to while it is open.
    pub(super) fn count_as(&mut self, slot: u32, results: &[Option<LegResult>]) {
        let legs = self.live_mut(slot).legs.all_mut().iter_mut();
        legs.zip(results).for_each(|(leg, result)| leg.counted_as = *result);
    }

    /// Lets a settled bet go. Its number is free again once [`Bets::unlist`] was called for each of its legs.
    pub(super) fn drop_settled(&mut self, slot: u32) -> StoredBet {
        let listed = self.live_mut(slot).legs.all().len();
        let listed = u32::try_from(listed).expect("a bet has at most 25 legs");
        match std::mem::replace(&mut self.slots[slot as usize], Slot::Dropped(listed)) {
            Slot::Live(bet) => {
                assert!(bet.paid.is_some(), "an open bet is never dropped");
                self.settled -= 1;
                bet
            }
            Slot::Free | Slot::Dropped(_) => unreachable!("it was live a moment ago"),
        }
    }

    /// A list names the dropped bet no more.
    pub(super) fn unlist(&mut self, slot: u32) {
        let Slot::Dropped(listed) = &mut self.slots[slot as usize] else {
            unreachable!("only dropped bets are unlisted")
        };
        *listed -= 1;
        if *listed == 0 {
            self.slots[slot as usize] = Slot::Free;
            self.free.push(slot);
        }
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let Bets { slots, free, open, settled } = self;
        stream.unsigned(*open as u64).unsigned(*settled as u64).unsigned(slots.len() as u64);
        for slot in slots {
            match slot {
                Slot::Free => {
                    stream.unsigned(0);
                }
                Slot::Live(bet) => bet.hash_into(stream.unsigned(1)),
                Slot::Dropped(listed) => {
                    stream.unsigned(2).unsigned(u64::from(*listed));
                }
            }
        }
        stream.unsigned(free.len() as u64);
        free.iter().for_each(|slot| {
            stream.unsigned(u64::from(*slot));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_single_is_small() {
        let bytes = size_of::<Slot>();
        assert!(bytes <= 192, "{bytes} bytes");
    }
}
