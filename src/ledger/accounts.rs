//! The purses of a customer, and the house's accounts that stand against them.

use crate::event::{Balances, HouseAccount, Purse};
use crate::values::{AccountId, Currency, HashStream, LicenceId, Money};

/// A customer's place in the ledger of this shard, in the order of opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomerIndex(pub(super) u32);

impl CustomerIndex {
    /// As a number, from 0.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// No more than this is ever taken in, staked or promised under one licence and currency, in minor units. All other
/// balances are sums and differences of these, so none comes near 64 bits.
const MOST: i64 = 1 << 61;

#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub(super) id: AccountId,
    pub(super) house: usize,
    cash: Money,
    held: Money,
    /// Pending transfers out of cash.
    reserved: Money,
}

/// The house's accounts of one licence and currency, with totals of its customers' purses kept beside them.
#[derive(Clone, Debug)]
pub(super) struct House {
    pub(super) licence: LicenceId,
    pub(super) currency: Currency,
    stakes: Money,
    payouts: Money,
    deposits_clearing: Money,
    cash_total: Money,
    held_total: Money,
    pending_out: Money,
    pending_in: Money,
    /// The most that bets which may still be paid (again) can return.
    promised: Money,
}

/// Adds to a balance. Overflow cannot happen: what comes in is bounded by [`MOST`].
pub(super) fn add(balance: &mut Money, amount: Money) {
    *balance = balance.checked_add(amount).expect("balances are bounded by what was taken in and promised");
}

/// Takes from a balance; see [`add`].
pub(super) fn take(balance: &mut Money, amount: Money) {
    *balance = balance.checked_sub(amount).expect("balances are bounded by what was taken in and promised");
}

impl Customer {
    pub(super) fn new(id: AccountId, house: usize) -> Customer {
        Customer { id, house, cash: Money::ZERO, held: Money::ZERO, reserved: Money::ZERO }
    }

    pub(super) fn balances(&self) -> Balances {
        Balances { cash: self.cash, reserved: self.reserved, held: self.held }
    }

    pub(super) fn purse_mut(&mut self, purse: Purse) -> &mut Money {
        match purse {
            Purse::Cash => &mut self.cash,
            Purse::Held => &mut self.held,
        }
    }

    pub(super) fn reserved_mut(&mut self) -> &mut Money {
        &mut self.reserved
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let Customer { id, house, cash, held, reserved } = self;
        stream.text(id.as_str()).unsigned(*house as u64);
        stream.integer(cash.minor()).integer(held.minor()).integer(reserved.minor());
    }
}

impl House {
    pub(super) fn new(licence: LicenceId, currency: Currency) -> House {
        House {
            licence,
            currency,
            stakes: Money::ZERO,
            payouts: Money::ZERO,
            deposits_clearing: Money::ZERO,
            cash_total: Money::ZERO,
            held_total: Money::ZERO,
            pending_out: Money::ZERO,
            pending_in: Money::ZERO,
            promised: Money::ZERO,
        }
    }

    pub(super) fn account_mut(&mut self, account: HouseAccount) -> &mut Money {
        match account {
            HouseAccount::Stakes => &mut self.stakes,
            HouseAccount::Payouts => &mut self.payouts,
            HouseAccount::DepositsClearing => &mut self.deposits_clearing,
        }
    }

    pub(super) fn purses_mut(&mut self, purse: Purse) -> &mut Money {
        match purse {
            Purse::Cash => &mut self.cash_total,
            Purse::Held => &mut self.held_total,
        }
    }

    pub(super) fn pending_out_mut(&mut self) -> &mut Money {
        &mut self.pending_out
    }

    pub(super) fn pending_in_mut(&mut self) -> &mut Money {
        &mut self.pending_in
    }

    /// Whether a deposit of that much can be counted.
    pub(super) fn can_take_in(&self, amount: Money) -> bool {
        fits(&[self.deposits_clearing], &[amount])
    }

    /// Whether a stake of that much can be counted.
    pub(super) fn can_hold(&self, stake: Money) -> bool {
        fits(&[], &[self.stakes, self.held_total, self.pending_in, stake])
    }

    /// Whether a return of that much can be counted on top of all that is paid or promised.
    pub(super) fn can_promise(&self, promised: Money) -> bool {
        fits(&[self.payouts], &[self.promised, promised])
    }

    pub(super) fn promise(&mut self, promised: Money) {
        add(&mut self.promised, promised);
    }

    pub(super) fn unpromise(&mut self, promised: Money) {
        take(&mut self.promised, promised);
        assert!(!self.promised.is_negative(), "only what was promised is taken back");
    }

    /// Every balance of this licence and currency, posted: must be zero.
    pub(super) fn sum_posted(&self) -> i128 {
        let all = [self.stakes, self.payouts, self.deposits_clearing, self.cash_total, self.held_total];
        all.iter().map(|balance| i128::from(balance.minor())).sum()
    }

    /// What is pending in, less what is pending out: must be zero.
    pub(super) fn sum_pending(&self) -> i128 {
        i128::from(self.pending_in.minor()) - i128::from(self.pending_out.minor())
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let House { licence, currency, stakes, payouts, deposits_clearing, cash_total, held_total, .. } = self;
        let House { pending_out, pending_in, promised, .. } = self;
        stream.text(licence.as_str()).text(currency.code());
        for balance in [stakes, payouts, deposits_clearing, cash_total, held_total, pending_out, pending_in, promised] {
            stream.integer(balance.minor());
        }
    }
}

/// Whether the sum of `credits` less that of `debits` stays within [`MOST`].
fn fits(debits: &[Money], credits: &[Money]) -> bool {
    let sum = |amounts: &[Money]| amounts.iter().map(|amount| i128::from(amount.minor())).sum::<i128>();
    sum(credits) - sum(debits) <= i128::from(MOST)
}
