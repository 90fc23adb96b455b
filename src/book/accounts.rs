//! The customers of this shard: opening an account, putting money in.

use std::collections::BTreeMap;

use super::BookMachine;
use super::memory::{Answer, Recall};
use super::placing::may_come_of_age;
use crate::betting::{check_id_time, refusal};
use crate::event::{
    AccountAction, AccountCommand, Decision, Identity, InputRef, OpenAccount, Outbox, Refusal, RejectReason, Stage,
    Verdict,
};
use crate::ledger::CustomerIndex;
use crate::values::{AccountId, Currency, Date, Hash, HashStream, LicenceId, Money, Time};

/// A customer, beside the purses that the ledger keeps.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) customer: CustomerIndex,
    pub(super) licence: LicenceId,
    pub(super) currency: Currency,
    pub(super) birth_date: Date,
    pub(super) identity: Identity,
}

/// Everybody who has an account here.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    list: Vec<Account>,
    numbers: BTreeMap<AccountId, u32>,
}

impl Accounts {
    pub(super) fn find(&self, id: &AccountId) -> Option<&Account> {
        self.numbers.get(id).map(|number| &self.list[*number as usize])
    }

    pub(super) fn of(&self, customer: CustomerIndex) -> &Account {
        &self.list[customer.get() as usize]
    }

    fn add(&mut self, id: AccountId, account: Account) {
        assert_eq!(account.customer.get() as usize, self.list.len(), "book and ledger count customers alike");
        self.numbers.insert(id, account.customer.get());
        self.list.push(account);
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let Accounts { list, numbers } = self;
        stream.unsigned(numbers.len() as u64);
        for (id, number) in numbers {
            let Account { customer, licence, currency, birth_date, identity } = &list[*number as usize];
            stream.text(id.as_str()).unsigned(u64::from(customer.get())).text(licence.as_str()).text(currency.code());
            stream.text(&birth_date.to_string()).unsigned(identity.status as u64).text(&identity.expires.to_string());
        }
    }
}

impl BookMachine {
    /// Answers a record of the account commands.
    pub(super) fn command(&mut self, source: InputRef, placed_at: Time, command: &AccountCommand, out: &mut Outbox) {
        let answer = |repeated, verdict| Decision {
            account: command.account.clone(),
            command_id: command.command_id,
            cause: source,
            repeated,
            verdict,
        };
        let refused = |reason| answer(false, Verdict::Refused(refusal(Stage::Authenticity, reason)));
        self.command_ids.advance(placed_at);
        let (id, fingerprint) = (command.command_id, fingerprint_of(command));
        let known = match self.command_ids.recall(id.bits(), fingerprint, |_| false) {
            Recall::New => match check_id_time(id.time(), placed_at, &self.settings.placement) {
                Ok(()) => None,
                Err(reason) => {
                    self.remember_stale_command(command, fingerprint, placed_at, reason);
                    Some(reason)
                }
            },
            Recall::Forgotten => Some(RejectReason::StaleCommand),
            Recall::Conflict => Some(RejectReason::DuplicateConflict),
            Recall::Same(Answer::Refused(refusal)) => {
                return out.push(answer(true, Verdict::Refused(*refusal.clone())));
            }
            Recall::Same(Answer::Done) => return out.push(answer(true, Verdict::Done)),
            Recall::Same(Answer::Waiting(_) | Answer::Bet(_)) => unreachable!("an account command is no bet"),
        };
        if let Some(reason) = known {
            return out.push(refused(reason));
        }
        if self.has_no_room_for_ids() {
            self.tell_of_capacity("remembered ids", out);
            // What cannot be remembered must not be judged later either.
            self.command_ids.bar(id.bits(), placed_at, &self.settings.placement);
            return out.push(refused(RejectReason::CapacityReached));
        }
        let (verdict, remembered) = match self.perform(source, command, out) {
            Ok(()) => (Verdict::Done, Answer::Done),
            Err(refusal) => (Verdict::Refused(refusal.clone()), Answer::Refused(Box::new(refusal))),
        };
        self.command_ids.remember(id.bits(), fingerprint, placed_at, &self.settings.placement, remembered);
        out.push(answer(false, verdict));
    }

    /// A refusal for an id made too early must hold once the id has come of age, as it does for bets.
    fn remember_stale_command(
        &mut self,
        command: &AccountCommand,
        fingerprint: Hash,
        placed_at: Time,
        reason: RejectReason,
    ) {
        let id = command.command_id;
        let rules = &self.settings.placement;
        if !may_come_of_age(id.time(), placed_at, rules) {
            return;
        }
        if self.has_no_room_for_ids() {
            self.command_ids.bar(id.bits(), placed_at, rules);
        } else {
            let answer = Answer::Refused(Box::new(refusal(Stage::Authenticity, reason)));
            self.command_ids.remember(id.bits(), fingerprint, placed_at, rules, answer);
        }
    }

    fn perform(&mut self, source: InputRef, command: &AccountCommand, out: &mut Outbox) -> Result<(), Refusal> {
        match &command.action {
            AccountAction::Open(opening) => self.open_account(&command.account, opening, out),
            AccountAction::Deposit { amount, currency } => self.deposit(source, command, *amount, *currency, out),
        }
    }

    fn open_account(&mut self, id: &AccountId, opening: &OpenAccount, out: &mut Outbox) -> Result<(), Refusal> {
        if self.accounts.find(id).is_some() {
            return Err(refusal(Stage::Account, RejectReason::AccountExists));
        }
        if self.accounts.list.len() >= self.settings.limits.max_accounts as usize {
            self.tell_of_capacity("accounts", out);
            return Err(refusal(Stage::Account, RejectReason::CapacityReached));
        }
        let OpenAccount { currency, licence, birth_date, identity } = opening.clone();
        let customer = self.ledger.open(id, &licence, currency);
        self.accounts.add(id.clone(), Account { customer, licence, currency, birth_date, identity });
        Ok(())
    }

    fn deposit(
        &mut self,
        source: InputRef,
        command: &AccountCommand,
        amount: Money,
        currency: Currency,
        out: &mut Outbox,
    ) -> Result<(), Refusal> {
        if !amount.is_positive() {
            return Err(refusal(Stage::Authenticity, RejectReason::InvalidStake));
        }
        let account = self.accounts.find(&command.account);
        let account = account.ok_or_else(|| refusal(Stage::Account, RejectReason::AccountUnknown))?;
        if currency != account.currency {
            return Err(refusal(Stage::Balance, RejectReason::CurrencyMismatch));
        }
        let posting = self.ledger.deposit(account.customer, amount, command.command_id, source);
        out.push(posting.map_err(|_| refusal(Stage::Ledger, RejectReason::LedgerOverflow))?);
        Ok(())
    }

    /// Whether another id could not be remembered.
    pub(super) fn has_no_room_for_ids(&self) -> bool {
        self.bet_ids.len() + self.command_ids.len() >= self.settings.limits.max_remembered_ids as usize
    }
}

/// A hash of all that a resend must repeat.
fn fingerprint_of(command: &AccountCommand) -> Hash {
    let AccountCommand { command_id, account, action } = command;
    let mut stream = HashStream::new();
    stream.text(&command_id.to_string()).text(account.as_str());
    match action {
        AccountAction::Open(OpenAccount { currency, licence, birth_date, identity }) => {
            stream.unsigned(1).text(currency.code()).text(licence.as_str()).text(&birth_date.to_string());
            stream.unsigned(identity.status as u64).text(&identity.expires.to_string());
        }
        AccountAction::Deposit { amount, currency } => {
            stream.unsigned(2).integer(amount.minor()).text(currency.code());
        }
    }
    stream.finish()
}
