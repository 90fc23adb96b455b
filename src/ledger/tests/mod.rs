//! The postings table by hand, and random postings against plain sums.

use proptest::prelude::*;

use super::*;
use crate::event::{LedgerAccount, Purse, Topic, TransferKind};
use crate::values::Time;

fn ledger() -> (Ledger, CustomerIndex) {
    let mut ledger = Ledger::new();
    let account = AccountId::parse("A1").unwrap();
    let customer = ledger.open(&account, &LicenceId::parse("US-NJ").unwrap(), Currency::parse("USD").unwrap());
    (ledger, customer)
}

fn cause() -> InputRef {
    InputRef { topic: Topic::Commands, partition: 0, offset: 7 }
}

fn command() -> CommandId {
    CommandId::from_parts(Time::EPOCH, 1).unwrap()
}

fn stake(customer: CustomerIndex, minor: i64) -> StakeOf {
    StakeOf { customer, bet_id: BetId::from_parts(Time::EPOCH, 2).unwrap(), stake: Money::from_minor(minor) }
}

/// `cash>held 600 pending` and so on, as the postings table writes it.
fn shown(posting: &Posting) -> Vec<String> {
    let name = |account: &LedgerAccount| match account {
        LedgerAccount::Customer(_, Purse::Cash) => "cash",
        LedgerAccount::Customer(_, Purse::Held) => "held",
        LedgerAccount::House(HouseAccount::Stakes) => "stakes",
        LedgerAccount::House(HouseAccount::Payouts) => "payouts",
        LedgerAccount::House(HouseAccount::DepositsClearing) => "clearing",
    };
    let kind = |kind: &TransferKind| match kind {
        TransferKind::Posted => "posted".to_owned(),
        TransferKind::Pending => "pending".to_owned(),
        TransferKind::PostPending(id) => format!("post {}.{}", id.posting, id.index),
        TransferKind::VoidPending(id) => format!("void {}.{}", id.posting, id.index),
    };
    let one = |transfer: &crate::event::Transfer| {
        let (from, to) = (name(&transfer.from), name(&transfer.to));
        format!("{from}>{to} {} {}", transfer.amount.minor(), kind(&transfer.kind))
    };
    posting.transfers.iter().map(one).collect()
}

#[test]
fn the_postings_table() {
    let (mut ledger, customer) = ledger();
    let deposit = ledger.deposit(customer, Money::from_minor(1_000), command(), cause()).unwrap();
    assert_eq!(shown(&deposit), ["clearing>cash 1000 pending", "clearing>cash 1000 post 1.0"]);
    assert_eq!((deposit.id, deposit.command_id, deposit.bet_id), (1, Some(command()), None));

    let bet = stake(customer, 600);
    let at_once = ledger.accept(bet, Money::from_minor(1_200), None, Some(cause())).unwrap();
    assert_eq!(shown(&at_once), ["cash>held 600 pending", "cash>held 600 post 2.0"]);
    assert_eq!(ledger.available(customer, Money::ZERO).minor(), 400);

    let (hold, waits) = ledger.hold(stake(customer, 400), Some(cause())).unwrap();
    assert_eq!(shown(&waits), ["cash>held 400 pending"]);
    assert_eq!(waits.balances.reserved.minor(), 400);
    assert_eq!(ledger.available(customer, Money::ZERO), Money::ZERO);
    assert_eq!(ledger.available(customer, Money::from_minor(400)).minor(), 400);
    assert_eq!(shown(&ledger.release(stake(customer, 400), hold, None)), ["cash>held 400 void 3.0"]);

    let (hold, _) = ledger.hold(stake(customer, 300), Some(cause())).unwrap();
    let accepted = ledger.accept(stake(customer, 300), Money::from_minor(900), Some(hold), None).unwrap();
    assert_eq!(shown(&accepted), ["cash>held 300 post 5.0"]);

    let won = Payment::Paid(Money::from_minor(1_200));
    assert_eq!(shown(&ledger.settle(bet, won, 1, None)), ["held>stakes 600 posted", "payouts>cash 1200 posted"]);
    assert_eq!(shown(&ledger.reopen(bet, won, 2, None)), ["cash>payouts 1200 posted", "stakes>held 600 posted"]);
    assert_eq!(shown(&ledger.settle(bet, Payment::Lost, 3, None)), ["held>stakes 600 posted"]);
    assert_eq!(shown(&ledger.reopen(bet, Payment::Lost, 4, None)), ["stakes>held 600 posted"]);
    let back = ledger.settle(bet, Payment::StakeBack, 5, None);
    assert_eq!(shown(&back), ["held>cash 600 posted"]);
    assert_eq!((back.event, back.settlement_version, back.cause), (PostingEvent::BetSettled, Some(5), None));
    assert_eq!(shown(&ledger.reopen(bet, Payment::StakeBack, 6, None)), ["cash>held 600 posted"]);
}

#[test]
fn what_cannot_be_counted_is_refused_before_anything_moves() {
    let (mut ledger, customer) = ledger();
    let most = Money::from_minor(1 << 61);
    assert_eq!(ledger.deposit(customer, Money::MAX, command(), cause()), Err(LedgerFull));
    ledger.deposit(customer, most, command(), cause()).unwrap();
    let full = ledger.clone();
    assert_eq!(ledger.deposit(customer, Money::from_minor(1), command(), cause()), Err(LedgerFull));
    let bet = stake(customer, 100);
    assert_eq!(ledger.accept(bet, Money::MAX, None, None), Err(LedgerFull));
    assert_eq!(format!("{ledger:?}"), format!("{full:?}"));
    // Promises add up until they are forgotten.
    ledger.accept(bet, most, None, None).unwrap();
    assert_eq!(ledger.accept(stake(customer, 1), Money::from_minor(1), None, None), Err(LedgerFull));
    ledger.settle(bet, Payment::Lost, 1, None);
    ledger.forget(customer, most);
    ledger.accept(stake(customer, 1), Money::from_minor(1), None, None).unwrap();
}

#[test]
#[should_panic(expected = "voided once")]
fn a_reservation_ends_once() {
    let (mut ledger, customer) = ledger();
    ledger.deposit(customer, Money::from_minor(1_000), command(), cause()).unwrap();
    let (hold, _) = ledger.hold(stake(customer, 300), None).unwrap();
    ledger.release(stake(customer, 300), hold, None);
    ledger.release(stake(customer, 300), hold, None);
}

proptest! {
    /// Two customers of different licences do as they like; plain sums over all published transfers agree.
    #[test]
    fn money_comes_from_somewhere(steps in prop::collection::vec((0_u8..7, 0_usize..2, 1_i64..5_000), 1..60)) {
        let mut ledger = Ledger::new();
        let customers = ["US-NJ", "US-PA"].map(|licence| {
            let account = AccountId::parse(licence).unwrap();
            ledger.open(&account, &LicenceId::parse(licence).unwrap(), Currency::parse("USD").unwrap())
        });
        let mut holds = Vec::new();
        let mut open: Vec<(StakeOf, Option<Payment>)> = Vec::new();
        let mut plain = BTreeMap::<(LicenceId, LedgerAccount), i64>::new();
        for (what, who, amount) in steps {
            let customer = customers[who];
            let bet = stake(customer, amount);
            let affordable = ledger.available(customer, Money::ZERO) >= bet.stake;
            let posting = match what {
                0 => Some(ledger.deposit(customer, bet.stake, command(), cause()).unwrap()),
                1 if affordable => {
                    let (hold, posting) = ledger.hold(bet, None).unwrap();
                    holds.push((bet, hold));
                    Some(posting)
                }
                2 if affordable => {
                    open.push((bet, None));
                    Some(ledger.accept(bet, Money::from_minor(3 * amount), None, None).unwrap())
                }
                3 => holds.pop().map(|(bet, hold)| ledger.release(bet, hold, None)),
                4 => holds.pop().map(|(bet, hold)| {
                    open.push((bet, None));
                    ledger.accept(bet, bet.stake, Some(hold), None).unwrap()
                }),
                5 => open.iter_mut().find(|(_, paid)| paid.is_none()).map(|(bet, paid)| {
                    let payment = match amount % 3 {
                        0 => Payment::Lost,
                        1 => Payment::StakeBack,
                        _ => Payment::Paid(Money::from_minor(amount)),
                    };
                    *paid = Some(payment);
                    ledger.settle(*bet, payment, 1, None)
                }),
                6 => open.iter_mut().find(|(_, paid)| paid.is_some()).map(|(bet, paid)| {
                    ledger.reopen(*bet, paid.take().unwrap(), 2, None)
                }),
                _ => None,
            };
            let Some(posting) = posting else { continue };
            for transfer in &posting.transfers {
                if matches!(transfer.kind, TransferKind::Posted | TransferKind::PostPending(_)) {
                    let amount = transfer.amount.minor();
                    *plain.entry((posting.licence.clone(), transfer.from.clone())).or_default() -= amount;
                    *plain.entry((posting.licence.clone(), transfer.to.clone())).or_default() += amount;
                }
            }
            for licence in ["US-NJ", "US-PA"] {
                let of = plain.iter().filter(|((other, _), _)| other.as_str() == licence);
                prop_assert_eq!(of.map(|(_, amount)| *amount).sum::<i64>(), 0);
            }
            let account = |purse| LedgerAccount::Customer(posting.account.clone(), purse);
            let balance = |purse| plain.get(&(posting.licence.clone(), account(purse))).copied().unwrap_or(0);
            prop_assert_eq!(posting.balances.cash.minor(), balance(Purse::Cash));
            prop_assert_eq!(posting.balances.held.minor(), balance(Purse::Held));
            let reserved = holds.iter().filter(|(bet, _)| bet.customer == ledger_index(&ledger, &posting));
            prop_assert_eq!(posting.balances.reserved.minor(), reserved.map(|(bet, _)| bet.stake.minor()).sum::<i64>());
        }
    }
}

fn ledger_index(ledger: &Ledger, posting: &Posting) -> CustomerIndex {
    let index = (0..2).find(|index| *ledger.account_of(CustomerIndex(*index)) == posting.account);
    CustomerIndex(index.unwrap())
}
