//! An independent reader of what the book says: it keeps the money and the answers by itself, and compares.

use std::collections::BTreeMap;

use crate::book::BookMachine;
use crate::event::*;
use crate::values::*;

/// What the records alone say.
#[derive(Default)]
pub(super) struct Auditor {
    pub(super) posted: BTreeMap<LedgerAccount, i64>,
    reserved: BTreeMap<LedgerAccount, i64>,
    pending: BTreeMap<TransferId, Transfer>,
    balances: BTreeMap<AccountId, Balances>,
    postings: u64,
    /// The first answer that is not a repeat, the last one, and whether it was terminal.
    pub(super) answers: BTreeMap<u128, Vec<Verdict>>,
    /// Answers by the record that they answer.
    answered: BTreeMap<InputRef, Vec<Verdict>>,
    pub(super) settlements: BTreeMap<BetId, Vec<BetSettlement>>,
    pub(super) alerts: Vec<Alert>,
    commands: u64,
}

impl Auditor {
    pub(super) fn read(&mut self, said: &[Output], inputs: &[Envelope<BookInput>]) {
        self.commands += inputs.iter().filter(|one| one.source.topic != Topic::Markets).count() as u64;
        for output in said {
            match output {
                Output::Posting(posting) => self.read_posting(posting),
                Output::Decision(decision) => self.read_decision(decision),
                Output::Settlement(settlement) => {
                    let known = self.settlements.entry(settlement.bet_id).or_default();
                    assert_eq!(settlement.version as usize, known.len() + 1, "settlements count from 1");
                    let before = last_state(known).map_or(SettlementKind::Reopened, |last| last.kind);
                    let may_follow = match settlement.kind {
                        SettlementKind::Settled | SettlementKind::HeldForApproval => {
                            matches!(before, SettlementKind::Reopened | SettlementKind::Released)
                        }
                        SettlementKind::Reopened => before == SettlementKind::Settled,
                        SettlementKind::Released => before == SettlementKind::HeldForApproval,
                        SettlementKind::LateAccepted => true,
                    };
                    assert!(may_follow, "{:?} after {before:?}", settlement.kind);
                    let flagged = |one: &&BetSettlement| one.kind == SettlementKind::LateAccepted;
                    let is_new = !known.iter().filter(flagged).any(|one| one.about == settlement.about);
                    assert!(settlement.kind != SettlementKind::LateAccepted || is_new, "a fact flags a bet once");
                    known.push((**settlement).clone());
                }
                Output::Alert(alert) => self.alerts.push(alert.clone()),
                Output::Market(_)
                | Output::Watermark(_)
                | Output::Image(_)
                | Output::Results(_)
                | Output::FeedRequest(_)
                | Output::Reject(_) => {
                    panic!("a book does not say {output:?}")
                }
            }
        }
    }

    fn read_decision(&mut self, decision: &Decision) {
        let is_pending = matches!(decision.verdict, Verdict::Pending { .. });
        let answers = self.answered.entry(decision.cause).or_default();
        assert!(answers.iter().all(|one| matches!(one, Verdict::Pending { .. })), "one terminal answer a record");
        assert!(!is_pending || answers.is_empty(), "pending comes first and once");
        answers.push(decision.verdict.clone());
        let all = self.answers.entry(decision.command_id.bits()).or_default();
        match (&decision.verdict, decision.repeated) {
            // Told before its first judgement, for want of room to wait along.
            (Verdict::Pending { .. }, true) if all.is_empty() => {}
            (verdict, true) => assert_eq!(all.last(), Some(verdict), "a repeat is answered alike"),
            // These are said about a record, not remembered about the id.
            (Verdict::Refused(refusal), false)
                if !all.is_empty()
                    && matches!(
                        refusal.reason,
                        RejectReason::DuplicateConflict | RejectReason::StaleCommand | RejectReason::CapacityReached
                    ) => {}
            (verdict, false) => {
                let is_open = all.iter().all(|one| matches!(one, Verdict::Pending { .. }) || is_full(one));
                assert!(is_open, "an id is judged once: {all:?}, then {verdict:?}");
                all.push(verdict.clone());
            }
        }
    }

    fn read_posting(&mut self, posting: &Posting) {
        self.postings += 1;
        assert_eq!(posting.id, self.postings, "postings count without a gap");
        assert!(!posting.transfers.is_empty());
        for transfer in &posting.transfers {
            assert!(transfer.amount.is_positive(), "no empty transfer");
            assert_eq!(transfer.id.posting, posting.id);
            let amount = transfer.amount.minor();
            let mut reserve = |amount: i64| {
                *self.reserved.entry(transfer.from.clone()).or_default() += amount;
                amount
            };
            match transfer.kind {
                TransferKind::Posted => self.shift(transfer),
                TransferKind::Pending => {
                    reserve(amount);
                    self.pending.insert(transfer.id, transfer.clone());
                }
                TransferKind::PostPending(id) | TransferKind::VoidPending(id) => {
                    reserve(-amount);
                    let held = self.pending.remove(&id).expect("a pending transfer ends once");
                    assert_eq!((&held.from, &held.to, held.amount), (&transfer.from, &transfer.to, transfer.amount));
                    if matches!(transfer.kind, TransferKind::PostPending(_)) {
                        self.shift(transfer);
                    }
                }
            }
        }
        assert_eq!(self.posted.values().sum::<i64>(), 0, "money comes from somewhere");
        let of = |book: &BTreeMap<LedgerAccount, i64>, purse| {
            let account = LedgerAccount::Customer(posting.account.clone(), purse);
            Money::from_minor(book.get(&account).copied().unwrap_or(0))
        };
        let counted = Balances {
            cash: of(&self.posted, Purse::Cash),
            reserved: of(&self.reserved, Purse::Cash),
            held: of(&self.posted, Purse::Held),
        };
        assert_eq!(posting.balances, counted, "the balances of {posting:?}");
        self.balances.insert(posting.account.clone(), counted);
    }

    fn shift(&mut self, transfer: &Transfer) {
        *self.posted.entry(transfer.from.clone()).or_default() -= transfer.amount.minor();
        *self.posted.entry(transfer.to.clone()).or_default() += transfer.amount.minor();
    }

    /// The customer's money by the records.
    pub(super) fn balances_of(&self, account: &str) -> Balances {
        let nothing = Balances { cash: Money::ZERO, reserved: Money::ZERO, held: Money::ZERO };
        self.balances.get(account).copied().unwrap_or(nothing)
    }

    /// What the bet was paid by the records; `None` while open.
    pub(super) fn paid(&self, bet: BetId) -> Option<&BetSettlement> {
        last_state(self.settlements.get(&bet)?).filter(|last| last.kind == SettlementKind::Settled)
    }

    /// Bets that were accepted, by the records.
    pub(super) fn accepted(&self) -> impl Iterator<Item = &AcceptedBet> {
        self.answers.values().filter_map(|all| match all.last() {
            Some(Verdict::Accepted(bet)) => Some(&**bet),
            Some(Verdict::Pending { .. } | Verdict::Done | Verdict::Refused(_)) | None => None,
        })
    }

    /// The book and its records tell the same.
    pub(super) fn agrees_with(&self, book: &BookMachine) {
        let open = self.accepted().filter(|bet| self.paid(bet.request.bet_id).is_none());
        let open_stakes = open.map(|bet| bet.request.stake.minor()).sum::<i64>();
        let held = self.posted.iter().filter(|(account, _)| matches!(account, LedgerAccount::Customer(_, Purse::Held)));
        assert_eq!(held.map(|(_, amount)| *amount).sum::<i64>(), open_stakes, "held money is the stakes of open bets");
        assert_eq!(self.pending.len() as u64, self.pending_bets(), "every pending bet reserves its stake");
        assert!(book.waiting_bets() as u64 >= self.pending_bets());
        let unanswered = self.commands - self.answered.len() as u64;
        assert!(unanswered <= book.waiting.crowd() as u64, "every command is answered unless it waits");
    }

    fn pending_bets(&self) -> u64 {
        self.answers.values().filter(|all| matches!(all.last(), Some(Verdict::Pending { .. }))).count() as u64
    }
}

/// The last record that says how a bet stands.
fn last_state(all: &[BetSettlement]) -> Option<&BetSettlement> {
    all.iter().rev().find(|one| one.kind != SettlementKind::LateAccepted)
}

fn is_full(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Refused(refusal) if refusal.reason == RejectReason::CapacityReached)
}
