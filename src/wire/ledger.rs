//! The ledger's pages: who paid whom, how much, and because of which record.

use super::field::{Fault, Read, optional, present, required, small};
use super::names::{Listed, named};
use super::proto::{self, LedgerAccountKind as AccountKind, TransferKind as KindWire};
use crate::event::{
    Balances, HouseAccount, InputRef, LedgerAccount, Posting, Purse, Transfer, TransferId, TransferKind,
};
use crate::values::{BetId, CommandId, Money};

pub(super) fn write_input_ref(reference: &InputRef) -> proto::InputRef {
    proto::InputRef { topic: reference.topic.number(), partition: reference.partition, offset: reference.offset }
}

pub(super) fn read_input_ref(wire: &proto::InputRef) -> Read<InputRef> {
    let topic = named("topic", wire.topic).map_err(|fault| fault.under("cause"))?;
    Ok(InputRef { topic, partition: wire.partition, offset: wire.offset })
}

pub(super) fn write_posting(posting: &Posting) -> proto::Posting {
    proto::Posting {
        id: posting.id,
        account: posting.account.to_string(),
        licence: posting.licence.to_string(),
        currency: posting.currency.code().to_owned(),
        event: posting.event.number(),
        bet_id: posting.bet_id.as_ref().map_or_else(String::new, BetId::to_string),
        command_id: posting.command_id.as_ref().map_or_else(String::new, CommandId::to_string),
        settlement_version: posting.settlement_version,
        cause: posting.cause.as_ref().map(write_input_ref),
        transfers: posting.transfers.iter().map(write_transfer).collect(),
        cash_minor: posting.balances.cash.minor(),
        reserved_minor: posting.balances.reserved.minor(),
        held_minor: posting.balances.held.minor(),
    }
}

pub(super) fn read_posting(wire: &proto::Posting) -> Read<Posting> {
    let mut transfers = Vec::with_capacity(wire.transfers.len());
    for (index, transfer) in wire.transfers.iter().enumerate() {
        transfers.push(read_transfer(transfer).map_err(|fault| fault.under(format_args!("transfers[{index}]")))?);
    }
    Ok(Posting {
        id: wire.id,
        account: required("account", &wire.account)?,
        licence: required("licence", &wire.licence)?,
        currency: required("currency", &wire.currency)?,
        event: named("event", wire.event)?,
        bet_id: optional("bet_id", &wire.bet_id)?,
        command_id: optional("command_id", &wire.command_id)?,
        settlement_version: wire.settlement_version,
        cause: wire.cause.as_ref().map(read_input_ref).transpose()?,
        transfers,
        balances: Balances {
            cash: Money::from_minor(wire.cash_minor),
            reserved: Money::from_minor(wire.reserved_minor),
            held: Money::from_minor(wire.held_minor),
        },
    })
}

fn write_transfer(transfer: &Transfer) -> proto::Transfer {
    let (kind, pending) = match transfer.kind {
        TransferKind::Posted => (KindWire::Posted, None),
        TransferKind::Pending => (KindWire::Pending, None),
        TransferKind::PostPending(pending) => (KindWire::PostPending, Some(pending)),
        TransferKind::VoidPending(pending) => (KindWire::VoidPending, Some(pending)),
    };
    proto::Transfer {
        id: Some(write_transfer_id(transfer.id)),
        kind: kind as i32,
        pending: pending.map(write_transfer_id),
        from: Some(write_account(&transfer.from)),
        to: Some(write_account(&transfer.to)),
        amount_minor: transfer.amount.minor(),
    }
}

fn read_transfer(wire: &proto::Transfer) -> Read<Transfer> {
    let pending = || present("pending", &wire.pending).and_then(read_transfer_id);
    let unknown = || Fault::invalid("kind", format!("{} is not a value of this list", wire.kind));
    let kind = match KindWire::try_from(wire.kind).map_err(|_| unknown())? {
        KindWire::Unspecified => return Err(Fault::missing("kind")),
        KindWire::Posted => TransferKind::Posted,
        KindWire::Pending => TransferKind::Pending,
        KindWire::PostPending => TransferKind::PostPending(pending()?),
        KindWire::VoidPending => TransferKind::VoidPending(pending()?),
    };
    Ok(Transfer {
        id: present("id", &wire.id).and_then(read_transfer_id)?,
        kind,
        from: present("from", &wire.from).and_then(read_account).map_err(|fault| fault.under("from"))?,
        to: present("to", &wire.to).and_then(read_account).map_err(|fault| fault.under("to"))?,
        amount: Money::from_minor(wire.amount_minor),
    })
}

fn write_transfer_id(id: TransferId) -> proto::TransferId {
    proto::TransferId { posting: id.posting, index: u32::from(id.index) }
}

fn read_transfer_id(wire: &proto::TransferId) -> Read<TransferId> {
    Ok(TransferId { posting: wire.posting, index: small("index", wire.index)? })
}

fn write_account(account: &LedgerAccount) -> proto::LedgerAccount {
    let (kind, customer) = match account {
        LedgerAccount::Customer(customer, Purse::Cash) => (AccountKind::Cash, Some(customer)),
        LedgerAccount::Customer(customer, Purse::Held) => (AccountKind::Held, Some(customer)),
        LedgerAccount::House(HouseAccount::Stakes) => (AccountKind::Stakes, None),
        LedgerAccount::House(HouseAccount::Payouts) => (AccountKind::Payouts, None),
        LedgerAccount::House(HouseAccount::DepositsClearing) => (AccountKind::DepositsClearing, None),
    };
    proto::LedgerAccount { kind: kind as i32, account: customer.map_or_else(String::new, ToString::to_string) }
}

fn read_account(wire: &proto::LedgerAccount) -> Read<LedgerAccount> {
    let customer = |purse| required("account", &wire.account).map(|account| LedgerAccount::Customer(account, purse));
    let unknown = || Fault::invalid("kind", format!("{} is not a value of this list", wire.kind));
    match AccountKind::try_from(wire.kind).map_err(|_| unknown())? {
        AccountKind::Unspecified => Err(Fault::missing("kind")),
        AccountKind::Cash => customer(Purse::Cash),
        AccountKind::Held => customer(Purse::Held),
        AccountKind::Stakes => Ok(LedgerAccount::House(HouseAccount::Stakes)),
        AccountKind::Payouts => Ok(LedgerAccount::House(HouseAccount::Payouts)),
        AccountKind::DepositsClearing => Ok(LedgerAccount::House(HouseAccount::DepositsClearing)),
    }
}
