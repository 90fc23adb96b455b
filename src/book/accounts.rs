//! The customers of this shard: opening an account, putting money in, keeping a customer out or within his limits.

use std::collections::BTreeMap;

use super::BookMachine;
use super::memory::{Answer, Recall};
use super::placing::may_come_of_age;
use crate::betting::{OwnLimits, Standing, Takings, check_id_time, refusal};
use crate::event::{
    AccountAction, AccountCommand, Decision, Identity, InputRef, LimitKind, OpenAccount, Outbox, Refusal, RejectReason,
    Stage, Verdict,
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
    pub(super) standing: Standing,
    pub(super) takings: Takings,
    /// Absent until the customer sets the first one.
    pub(super) own_limits: Option<Box<OwnLimits>>,
    /// What the open and waiting bets win if all of them do.
    pub(super) winnings: i128,
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

    pub(super) fn of_mut(&mut self, customer: CustomerIndex) -> &mut Account {
        &mut self.list[customer.get() as usize]
    }

    fn find_mut(&mut self, id: &AccountId) -> Result<&mut Account, Refusal> {
        let number = self.numbers.get(id).ok_or_else(|| refusal(Stage::Account, RejectReason::AccountUnknown))?;
        Ok(&mut self.list[*number as usize])
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
            let account = &list[*number as usize];
            let Account { customer, licence, currency, birth_date, identity, .. } = account;
            let Account { standing, takings, own_limits, winnings, .. } = account;
            stream.text(id.as_str()).unsigned(u64::from(customer.get())).text(licence.as_str()).text(currency.code());
            stream.text(&birth_date.to_string()).unsigned(identity.status as u64).text(&identity.expires.to_string());
            let Standing { status, excluded_until, break_until } = standing;
            stream.unsigned(*status as u64).integer(excluded_until.ms()).integer(break_until.ms());
            takings.hash_into(stream);
            stream.unsigned(u64::from(own_limits.is_some()));
            if let Some(own) = own_limits {
                own.hash_into(stream);
            }
            stream.update(&winnings.to_be_bytes());
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
        let (verdict, remembered) = match self.perform(source, placed_at, command, out) {
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

    fn perform(
        &mut self,
        source: InputRef,
        placed_at: Time,
        command: &AccountCommand,
        out: &mut Outbox,
    ) -> Result<(), Refusal> {
        let (id, at) = (&command.account, self.at);
        match &command.action {
            AccountAction::Open(opening) => self.open_account(id, opening, out),
            AccountAction::Deposit { amount, currency } => {
                self.deposit(source, placed_at, command, *amount, *currency, out)
            }
            AccountAction::SetStatus { status, actor: _, reason: _ } => {
                self.accounts.find_mut(id)?.standing.status = *status;
                Ok(())
            }
            AccountAction::SelfExclude { until } => {
                let excluded_until = &mut self.accounts.find_mut(id)?.standing.excluded_until;
                *excluded_until = (*excluded_until).max(*until);
                Ok(())
            }
            AccountAction::TimeOut { until } => {
                let break_until = &mut self.accounts.find_mut(id)?.standing.break_until;
                *break_until = (*break_until).max(*until);
                Ok(())
            }
            AccountAction::SetLimit { limit, amount, currency } => self.set_limit(id, *limit, *amount, *currency),
            AccountAction::ReaffirmLimit { limit } => {
                let own = self.accounts.find_mut(id)?.own_limits.as_mut();
                let is_due = own.is_some_and(|own| own.reaffirm(*limit, at).is_ok());
                if is_due { Ok(()) } else { Err(refusal(Stage::Balance, RejectReason::NoRaiseDue)) }
            }
        }
    }

    fn set_limit(
        &mut self,
        id: &AccountId,
        limit: LimitKind,
        amount: Option<Money>,
        currency: Currency,
    ) -> Result<(), Refusal> {
        let at = self.at;
        if amount.is_some_and(Money::is_negative) {
            return Err(refusal(Stage::Authenticity, RejectReason::InvalidStake));
        }
        let account = self.accounts.find_mut(id)?;
        if currency != account.currency {
            return Err(refusal(Stage::Balance, RejectReason::CurrencyMismatch));
        }
        account.own_limits.get_or_insert_default().set(limit, amount, at);
        Ok(())
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
        let account = Account {
            customer,
            licence,
            currency,
            birth_date,
            identity,
            standing: Standing::ACTIVE,
            takings: Takings::default(),
            own_limits: None,
            winnings: 0,
        };
        self.accounts.add(id.clone(), account);
        Ok(())
    }

    fn deposit(
        &mut self,
        source: InputRef,
        placed_at: Time,
        command: &AccountCommand,
        amount: Money,
        currency: Currency,
        out: &mut Outbox,
    ) -> Result<(), Refusal> {
        if !amount.is_positive() {
            return Err(refusal(Stage::Authenticity, RejectReason::InvalidStake));
        }
        let at = self.at;
        let account = self.accounts.find_mut(&command.account)?;
        if let Some(reason) = account.standing.bars_money(placed_at) {
            return Err(refusal(Stage::Account, reason));
        }
        if currency != account.currency {
            return Err(refusal(Stage::Balance, RejectReason::CurrencyMismatch));
        }
        let own = account.own_limits.as_ref();
        if own.is_some_and(|own| !own.take_deposit(&account.takings, at, amount)) {
            return Err(refusal(Stage::Balance, RejectReason::OwnDepositLimit));
        }
        let posting = self.ledger.deposit(account.customer, amount, command.command_id, source);
        out.push(posting.map_err(|_| refusal(Stage::Ledger, RejectReason::LedgerOverflow))?);
        account.takings.deposit(at, amount);
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
        AccountAction::SetStatus { status, actor, reason } => {
            stream.unsigned(3).unsigned(*status as u64).text(actor.as_str()).text(reason.as_str());
        }
        AccountAction::SelfExclude { until } => _ = stream.unsigned(4).integer(until.ms()),
        AccountAction::TimeOut { until } => _ = stream.unsigned(5).integer(until.ms()),
        AccountAction::SetLimit { limit, amount, currency } => {
            stream.unsigned(6).unsigned(*limit as u64).integer(amount.map_or(-1, Money::minor)).text(currency.code());
        }
        AccountAction::ReaffirmLimit { limit } => _ = stream.unsigned(7).unsigned(*limit as u64),
    }
    stream.finish()
}
