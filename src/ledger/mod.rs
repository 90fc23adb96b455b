//! Who has how much: every cent that arrives somewhere has left somewhere else.
//!
//! Double entry of one shard. A transfer debits one account and credits another, so that the accounts of a licence and
//! currency sum to zero after every posting, posted and pending alike. Nothing is edited: what was wrong is reversed by
//! new transfers.

mod accounts;
mod post;

use std::collections::BTreeMap;

pub use accounts::CustomerIndex;
use accounts::{Customer, House};
use post::{About, Move, Pending, Place};

use crate::event::{Balances, HouseAccount, InputRef, Posting, PostingEvent, TransferId};
use crate::values::{AccountId, BetId, CommandId, Currency, HashStream, LicenceId, Money};

/// The ledger cannot count so much money; nothing has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerFull;

/// What a settled bet moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payment {
    /// The stake is the house's; nothing comes back.
    Lost,
    /// The stake is turned over; this return is paid (won, half won, half lost, mixed). Above zero.
    Paid(Money),
    /// Every leg is void: the stake goes back.
    StakeBack,
}

/// A bet as the ledger sees it.
#[derive(Clone, Copy, Debug)]
pub struct StakeOf {
    /// Whose.
    pub customer: CustomerIndex,
    /// Which bet: the idempotency key of its transfers.
    pub bet_id: BetId,
    /// The stake, above zero.
    pub stake: Money,
}

/// The accounts of one shard: the customers' purses, and the house's for every licence and currency.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Postings made so far; the next one is this plus one.
    postings: u64,
    customers: Vec<Customer>,
    houses: Vec<House>,
    /// Reservations that are neither posted nor voided.
    pending: BTreeMap<TransferId, Pending>,
}

impl Ledger {
    /// No accounts, no money.
    pub fn new() -> Ledger {
        Ledger::default()
    }

    /// Gives a customer empty purses.
    pub fn open(&mut self, account: &AccountId, licence: &LicenceId, currency: Currency) -> CustomerIndex {
        let known = self.houses.iter().position(|house| house.licence == *licence && house.currency == currency);
        let house = known.unwrap_or_else(|| {
            self.houses.push(House::new(licence.clone(), currency));
            self.houses.len() - 1
        });
        self.customers.push(Customer::new(account.clone(), house));
        CustomerIndex(
            u32::try_from(self.customers.len() - 1).expect("the number of accounts is bounded far below 2^32"),
        )
    }

    /// How many customers there are.
    pub fn customers(&self) -> usize {
        self.customers.len()
    }

    /// Whose purses these are.
    pub fn account_of(&self, customer: CustomerIndex) -> &AccountId {
        &self.customer(customer).id
    }

    /// A customer's money.
    pub fn balances(&self, customer: CustomerIndex) -> Balances {
        self.customer(customer).balances()
    }

    /// What may be staked: cash that nothing else reserves; of negative cash, nothing. `own_hold` is what the asking bet
    /// itself has reserved.
    pub fn available(&self, customer: CustomerIndex, own_hold: Money) -> Money {
        let Balances { cash, reserved, held: _ } = self.balances(customer);
        let free = reserved.checked_sub(own_hold).and_then(|reserved| cash.checked_sub(reserved));
        free.expect("no balance comes near the bounds of 64 bits").max(Money::ZERO)
    }

    /// An authorised deposit becomes cash.
    pub fn deposit(
        &mut self,
        customer: CustomerIndex,
        amount: Money,
        command_id: CommandId,
        cause: InputRef,
    ) -> Result<Posting, LedgerFull> {
        assert!(amount.is_positive(), "a deposit is above zero");
        if !self.house_of(customer).can_take_in(amount) {
            return Err(LedgerFull);
        }
        let about = About::command(command_id, cause);
        let moves = self.pend_and_post(Place::House(HouseAccount::DepositsClearing), Place::Cash, amount);
        Ok(self.post(customer, about, &moves))
    }

    /// Reserves the stake of a bet that waits.
    pub fn hold(&mut self, bet: StakeOf, cause: Option<InputRef>) -> Result<(TransferId, Posting), LedgerFull> {
        self.check_stake(bet)?;
        let id = TransferId { posting: self.postings + 1, index: 0 };
        let about = About::bet(PostingEvent::BetWaits, bet.bet_id, cause);
        let posting = self.post(bet.customer, about, &[Move::pending(Place::Cash, Place::Held, bet.stake)]);
        Ok((id, posting))
    }

    /// Lets the reservation of a refused bet go.
    pub fn release(&mut self, bet: StakeOf, hold: TransferId, cause: Option<InputRef>) -> Posting {
        let about = About::bet(PostingEvent::BetRefused, bet.bet_id, cause);
        self.post(bet.customer, about, &[Move::void(hold, Place::Cash, Place::Held, bet.stake)])
    }

    /// Takes the stake of an accepted bet: out of its reservation if it waited, else at once. `promised` is the most it
    /// can return; what a ledger has promised it can always pay.
    pub fn accept(
        &mut self,
        bet: StakeOf,
        promised: Money,
        hold: Option<TransferId>,
        cause: Option<InputRef>,
    ) -> Result<Posting, LedgerFull> {
        if !self.house_of(bet.customer).can_promise(promised) {
            return Err(LedgerFull);
        }
        let moves = match hold {
            Some(id) => vec![Move::post(id, Place::Cash, Place::Held, bet.stake)],
            None => {
                self.check_stake(bet)?;
                self.pend_and_post(Place::Cash, Place::Held, bet.stake).to_vec()
            }
        };
        self.house_of_mut(bet.customer).promise(promised);
        Ok(self.post(bet.customer, About::bet(PostingEvent::BetAccepted, bet.bet_id, cause), &moves))
    }

    /// Takes back a promise: the bet can return nothing any more.
    pub fn forget(&mut self, customer: CustomerIndex, promised: Money) {
        self.house_of_mut(customer).unpromise(promised);
    }

    /// Moves what a result moves. `version` is the settlement record's.
    pub fn settle(&mut self, bet: StakeOf, payment: Payment, version: u32, cause: Option<InputRef>) -> Posting {
        let about = About::settlement(PostingEvent::BetSettled, bet.bet_id, version, cause);
        self.post(bet.customer, about, &settlement_moves(bet.stake, payment))
    }

    /// Takes a result back: the exact reversal of what [`Ledger::settle`] moved. Cash may go below zero.
    pub fn reopen(&mut self, bet: StakeOf, payment: Payment, version: u32, cause: Option<InputRef>) -> Posting {
        let about = About::settlement(PostingEvent::BetReopened, bet.bet_id, version, cause);
        let moves = settlement_moves(bet.stake, payment).into_iter().rev().map(Move::reversed).collect::<Vec<_>>();
        self.post(bet.customer, about, &moves)
    }

    /// Adds everything to a hash.
    pub fn hash_into(&self, stream: &mut HashStream) {
        let Ledger { postings, customers, houses, pending } = self;
        stream.unsigned(*postings).unsigned(customers.len() as u64);
        customers.iter().for_each(|customer| customer.hash_into(stream));
        stream.unsigned(houses.len() as u64);
        houses.iter().for_each(|house| house.hash_into(stream));
        stream.unsigned(pending.len() as u64);
        for (id, pending) in pending {
            stream.unsigned(id.posting).unsigned(u64::from(id.index));
            stream.integer(pending.amount.minor()).unsigned(u64::from(pending.customer.0));
        }
    }

    fn check_stake(&self, bet: StakeOf) -> Result<(), LedgerFull> {
        assert!(bet.stake.is_positive(), "a stake is above zero");
        assert!(self.available(bet.customer, Money::ZERO) >= bet.stake, "the balance was checked before");
        if self.house_of(bet.customer).can_hold(bet.stake) { Ok(()) } else { Err(LedgerFull) }
    }

    /// A two-phase transfer both of whose phases fall into one posting.
    fn pend_and_post(&self, from: Place, to: Place, amount: Money) -> [Move; 2] {
        let id = TransferId { posting: self.postings + 1, index: 0 };
        [Move::pending(from, to, amount), Move::post(id, from, to, amount)]
    }
}

fn settlement_moves(stake: Money, payment: Payment) -> Vec<Move> {
    let turned_over = Move::posted(Place::Held, Place::House(HouseAccount::Stakes), stake);
    match payment {
        Payment::Lost => vec![turned_over],
        Payment::Paid(returned) => {
            assert!(returned.is_positive(), "a bet that returns nothing is lost");
            vec![turned_over, Move::posted(Place::House(HouseAccount::Payouts), Place::Cash, returned)]
        }
        Payment::StakeBack => vec![Move::posted(Place::Held, Place::Cash, stake)],
    }
}

#[cfg(test)]
mod tests;
