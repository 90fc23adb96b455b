//! One posting: a linked set of transfers that moves whole or not at all.

use super::Ledger;
use super::accounts::{Customer, CustomerIndex, House, add, take};
use crate::event::{
    HouseAccount, InputRef, LedgerAccount, Posting, PostingEvent, Purse, Transfer, TransferId, TransferKind,
};
use crate::values::{BetId, CommandId, Money};

/// One end of a transfer, seen from the customer whose event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Cash,
    Held,
    House(HouseAccount),
}

/// A transfer before it has a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    kind: TransferKind,
    from: Place,
    to: Place,
    amount: Money,
}

/// A reservation that is neither posted nor voided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) customer: CustomerIndex,
    pub(super) amount: Money,
    from: Place,
    to: Place,
}

/// Why money moves.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    event: PostingEvent,
    bet_id: Option<BetId>,
    command_id: Option<CommandId>,
    settlement_version: Option<u32>,
    cause: Option<InputRef>,
}

impl About {
    pub(super) fn command(command_id: CommandId, cause: InputRef) -> About {
        let event = PostingEvent::Deposit;
        About { event, bet_id: None, command_id: Some(command_id), settlement_version: None, cause: Some(cause) }
    }

    pub(super) fn bet(event: PostingEvent, bet_id: BetId, cause: Option<InputRef>) -> About {
        About { event, bet_id: Some(bet_id), command_id: None, settlement_version: None, cause }
    }

    pub(super) fn settlement(event: PostingEvent, bet_id: BetId, version: u32, cause: Option<InputRef>) -> About {
        About { event, bet_id: Some(bet_id), command_id: None, settlement_version: Some(version), cause }
    }
}

impl Move {
    pub(super) fn posted(from: Place, to: Place, amount: Money) -> Move {
        Move { kind: TransferKind::Posted, from, to, amount }
    }

    pub(super) fn pending(from: Place, to: Place, amount: Money) -> Move {
        Move { kind: TransferKind::Pending, from, to, amount }
    }

    pub(super) fn post(id: TransferId, from: Place, to: Place, amount: Money) -> Move {
        Move { kind: TransferKind::PostPending(id), from, to, amount }
    }

    pub(super) fn void(id: TransferId, from: Place, to: Place, amount: Money) -> Move {
        Move { kind: TransferKind::VoidPending(id), from, to, amount }
    }

    /// The same amount the other way. Only a posted transfer is ever reversed: a pending one is voided.
    pub(super) fn reversed(self) -> Move {
        assert_eq!(self.kind, TransferKind::Posted, "a pending transfer is voided, not reversed");
        Move { from: self.to, to: self.from, ..self }
    }
}

impl Ledger {
    /// Moves everything, counts the posting, and checks that the books still balance.
    pub(super) fn post(&mut self, customer: CustomerIndex, about: About, moves: &[Move]) -> Posting {
        self.postings += 1;
        let id = self.postings;
        let mut transfers = Vec::with_capacity(moves.len());
        for (index, one) in (0_u8..).zip(moves) {
            let id = TransferId { posting: id, index };
            self.transfer(customer, id, one);
            let account = |place| self.ledger_account(customer, place);
            let (from, to) = (account(one.from), account(one.to));
            transfers.push(Transfer { id, kind: one.kind, from, to, amount: one.amount });
        }
        let house = self.house_of(customer);
        assert_eq!(house.sum_posted(), 0, "the accounts of a licence and currency sum to zero");
        assert_eq!(house.sum_pending(), 0, "what is pending sums to zero");
        let About { event, bet_id, command_id, settlement_version, cause } = about;
        Posting {
            id,
            account: self.customer(customer).id.clone(),
            licence: house.licence.clone(),
            currency: house.currency,
            event,
            bet_id,
            command_id,
            settlement_version,
            cause,
            transfers,
            balances: self.balances(customer),
        }
    }

    fn transfer(&mut self, customer: CustomerIndex, id: TransferId, one: &Move) {
        let pending = Pending { customer, amount: one.amount, from: one.from, to: one.to };
        match one.kind {
            TransferKind::Posted => self.shift(customer, one),
            TransferKind::Pending => {
                self.reserve(customer, one, add);
                let before = self.pending.insert(id, pending);
                assert!(before.is_none(), "a transfer's id is its own");
            }
            TransferKind::PostPending(held) => {
                assert_eq!(self.pending.remove(&held), Some(pending), "a pending transfer is posted once, as it was");
                self.reserve(customer, one, take);
                self.shift(customer, one);
            }
            TransferKind::VoidPending(held) => {
                assert_eq!(self.pending.remove(&held), Some(pending), "a pending transfer is voided once, as it was");
                self.reserve(customer, one, take);
            }
        }
    }

    /// Changes the two balances.
    fn shift(&mut self, customer: CustomerIndex, one: &Move) {
        self.change(customer, one.from, one.amount, take);
        self.change(customer, one.to, one.amount, add);
    }

    fn change(&mut self, customer: CustomerIndex, place: Place, amount: Money, how: fn(&mut Money, Money)) {
        let (customer, house) = self.pair_mut(customer);
        match place {
            Place::Cash | Place::Held => {
                let purse = if place == Place::Cash { Purse::Cash } else { Purse::Held };
                how(customer.purse_mut(purse), amount);
                how(house.purses_mut(purse), amount);
            }
            Place::House(account) => how(house.account_mut(account), amount),
        }
        assert!(!customer.balances().held.is_negative(), "no more stakes come out than went in");
    }

    /// Changes what is pending on both sides.
    fn reserve(&mut self, customer: CustomerIndex, one: &Move, how: fn(&mut Money, Money)) {
        let (customer, house) = self.pair_mut(customer);
        if one.from == Place::Cash {
            how(customer.reserved_mut(), one.amount);
        }
        how(house.pending_out_mut(), one.amount);
        how(house.pending_in_mut(), one.amount);
    }

    fn pair_mut(&mut self, customer: CustomerIndex) -> (&mut Customer, &mut House) {
        let customer = &mut self.customers[customer.0 as usize];
        let house = &mut self.houses[customer.house];
        (customer, house)
    }

    pub(super) fn customer(&self, customer: CustomerIndex) -> &Customer {
        &self.customers[customer.0 as usize]
    }

    pub(super) fn house_of(&self, customer: CustomerIndex) -> &House {
        &self.houses[self.customer(customer).house]
    }

    pub(super) fn house_of_mut(&mut self, customer: CustomerIndex) -> &mut House {
        self.pair_mut(customer).1
    }

    fn ledger_account(&self, customer: CustomerIndex, place: Place) -> LedgerAccount {
        let customer = &self.customer(customer).id;
        match place {
            Place::Cash => LedgerAccount::Customer(customer.clone(), Purse::Cash),
            Place::Held => LedgerAccount::Customer(customer.clone(), Purse::Held),
            Place::House(account) => LedgerAccount::House(account),
        }
    }
}
