//! Paying bets by what happened, in portions: a goal that decides a million bets stops nobody else's.

use std::collections::VecDeque;

use super::BookMachine;
use super::bets::{StoredBet, StoredLeg};
use crate::event::{Alert, AlertKind, BetSettlement, LegFact, Outbox, SettlementKind};
use crate::ledger::Payment;
use crate::settlement::{Cancel, payment_of, returned};
use crate::values::{FactId, HashStream, LegResult, Money, Time};

/// Bets to look at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// All bets on a selection, from its cursor on.
    Selection {
        /// Its match.
        match_index: u32,
        /// Its number there.
        selection: u32,
    },
    /// One bet.
    Bet(u32),
}

/// A settled bet that may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaving {
    at: Time,
    slot: u32,
    /// Its settlement then; another one since has its own place in the queue.
    version: u32,
}

/// What a bet comes to by all that is known now.
struct Standing {
    results: Vec<Option<LegResult>>,
    payment: Option<Payment>,
    cancelled_by: Option<FactId>,
    /// The cancel that covers it and lacks its approval.
    held_by: Option<LegFact>,
}

impl BookMachine {
    /// Looks at queued bets, at most `quota`; gives what is left of the quota.
    pub(super) fn settle_queued(&mut self, quota: u32, out: &mut Outbox) -> u32 {
        let mut left = quota;
        while let Some(task) = self.tasks.front().copied() {
            if left == 0 {
                break;
            }
            match task {
                Task::Bet(slot) => {
                    self.tasks.pop_front();
                    self.revise_bet(slot, out);
                    left -= 1;
                }
                Task::Selection { match_index, selection } => match self.next_bet(match_index, selection) {
                    Some(slot) => {
                        self.revise_bet(slot, out);
                        left -= 1;
                    }
                    None => {
                        self.tasks.pop_front();
                        self.tidy(match_index, selection);
                    }
                },
            }
        }
        left
    }

    /// Moves the cursor of a selection on; `None` at its end.
    fn next_bet(&mut self, match_index: u32, selection: u32) -> Option<u32> {
        let selection = &mut self.matches[match_index as usize].selections[selection as usize];
        let cursor = selection.cursor.expect("a queued selection has a cursor");
        let slot = selection.bets.get(cursor).copied();
        selection.cursor = slot.is_some().then_some(cursor + 1);
        slot
    }

    /// Counts a new bet, and looks at it once more if something known already concerns it (a cancel with an open end).
    pub(super) fn count_new(&mut self, slot: u32) {
        let bet = self.bets.get(slot).expect("a new bet is kept");
        let standing = self.standing_of(bet);
        self.bets.count_as(slot, &standing.results);
        self.count_bet(slot, true);
        if standing.payment.is_some() || standing.held_by.is_some() {
            self.tasks.push_back(Task::Bet(slot));
        }
    }

    fn revise_bet(&mut self, slot: u32, out: &mut Outbox) {
        let Some(bet) = self.bets.get(slot) else { return };
        let standing = self.standing_of(bet);
        self.recount(slot, &standing);
        self.restate(slot, &standing, out);
    }

    /// Makes the liability agree with what is known: a bet counts while it is open, its decided legs as they are.
    fn recount(&mut self, slot: u32, standing: &Standing) {
        let bet = self.bets.get(slot).expect("only a kept bet is revised");
        let (is_open, stays_open) = (bet.paid.is_none(), standing.payment.is_none());
        let is_so_counted = bet.legs.all().iter().map(|leg| leg.counted_as).eq(standing.results.iter().copied());
        if is_open && stays_open && is_so_counted {
            return;
        }
        if is_open {
            self.count_bet(slot, false);
        }
        if stays_open {
            self.bets.count_as(slot, &standing.results);
            self.count_bet(slot, true);
        }
    }

    /// Makes what was paid agree with what is known.
    fn restate(&mut self, slot: u32, standing: &Standing, out: &mut Outbox) {
        let bet = self.bets.get(slot).expect("only a kept bet is revised");
        let is_held = standing.held_by.is_some();
        let recorded = bet.legs.all().iter().map(|leg| leg.settled_as);
        // A leg still undecided when another one lost the bet may come to anything.
        let is_true = recorded.zip(&standing.results).all(|(then, now)| then.is_none() || then == *now);
        if bet.paid == standing.payment && is_true && bet.is_held == is_held {
            return;
        }
        let customer = bet.customer;
        let (was_paid, was_held) = (bet.paid.is_some(), bet.is_held);
        if was_paid {
            let paid_next = standing.payment.map_or(Money::ZERO, |payment| returned(bet.stake, payment));
            self.take_back(slot, paid_next, out);
        }
        if was_held != is_held {
            self.hold(slot, standing, out);
        }
        if let Some(payment) = standing.payment {
            self.pay(slot, payment, standing, out);
        }
        if was_paid && self.ledger.balances(customer).cash.is_negative() {
            let bet = self.bets.get(slot).expect("it was just revised");
            let detail = format!("taking back the result of bet {} left less than nothing", bet.bet_id);
            let subject = self.ledger.account_of(customer).to_string();
            out.push(Alert { kind: AlertKind::NegativeBalance, subject, detail });
        }
    }

    fn pay(&mut self, slot: u32, payment: Payment, standing: &Standing, out: &mut Outbox) {
        let version = self.bets.settle(slot, payment, &standing.results);
        let bet = self.bets.get(slot).expect("it was just settled");
        let posting = self.ledger.settle(bet.stake_of(), payment, version, None);
        out.push(posting);
        let record = self.record(bet, SettlementKind::Settled, returned(bet.stake, payment));
        let cancelled_by = standing.cancelled_by.clone();
        out.push(BetSettlement { legs: standing.results.clone(), cancelled_by, ..record });
        let bet = self.bets.get(slot).expect("it was just settled");
        let lost = bet.stake.minor() - returned(bet.stake, payment).minor();
        self.accounts.of_mut(bet.customer).takings.lose(self.at, lost);
        let at = self.at + self.settings.placement.resettle_for;
        self.leaving.push_back(Leaving { at, slot, version });
    }

    /// `paid_next` is what the same revision pays at once: taking back leaves a debt only if that does not cover it.
    fn take_back(&mut self, slot: u32, paid_next: Money, out: &mut Outbox) {
        let bet = self.bets.get(slot).expect("only a kept bet is taken back");
        let (stake_of, payment) = (bet.stake_of(), bet.paid.expect("only a paid bet is taken back"));
        let version = self.bets.reopen(slot);
        let posting = self.ledger.reopen(stake_of, payment, version, None);
        let negative_balance = posting.balances.cash.minor() < -paid_next.minor();
        out.push(posting);
        let bet = self.bets.get(slot).expect("a reopened bet is kept");
        let record = self.record(bet, SettlementKind::Reopened, Money::ZERO);
        out.push(BetSettlement { negative_balance, ..record });
        let won = returned(stake_of.stake, payment).minor() - stake_of.stake.minor();
        self.accounts.of_mut(stake_of.customer).takings.lose(self.at, won);
    }

    /// Says that an open bet is held until people have decided, or that they have.
    fn hold(&mut self, slot: u32, standing: &Standing, out: &mut Outbox) {
        let is_held = standing.held_by.is_some();
        self.bets.hold(slot, is_held);
        let kind = if is_held { SettlementKind::HeldForApproval } else { SettlementKind::Released };
        self.tell(slot, kind, standing.held_by.clone(), out);
    }

    /// Says something about a bet that moves no money.
    pub(super) fn tell(&mut self, slot: u32, kind: SettlementKind, about: Option<LegFact>, out: &mut Outbox) {
        let bet = self.bets.get(slot).expect("only kept bets are told of");
        out.push(BetSettlement { about, ..self.record(bet, kind, Money::ZERO) });
    }

    fn record(&self, bet: &StoredBet, kind: SettlementKind, returned: Money) -> BetSettlement {
        BetSettlement {
            bet_id: bet.bet_id,
            account: self.ledger.account_of(bet.customer).clone(),
            version: bet.settlements,
            kind,
            stake: bet.stake,
            returned,
            legs: Vec::new(),
            decided_by: bet.legs.all().iter().map(|leg| self.matches[leg.match_index as usize].version()).collect(),
            cancelled_by: None,
            negative_balance: false,
            about: None,
        }
    }

    fn standing_of(&self, bet: &StoredBet) -> Standing {
        let licence = &self.accounts.of(bet.customer).licence;
        let rules = self.settings.licences.iter().find(|rules| rules.licence == *licence);
        // A licence that is no longer listed gives no right to void anything by one's own will.
        let needs_approval = rules.is_none_or(|rules| rules.cancel_needs_approval);
        let cancel_of = |leg: &StoredLeg| {
            let cancels = &self.matches[leg.match_index as usize].cancels;
            cancels.iter().find(|cancel: &&Cancel| cancel.voids(bet.accepted_at, needs_approval))
        };
        let legs = bet.legs.all();
        let result_of = |leg: &StoredLeg| match cancel_of(leg) {
            Some(_) => Some(LegResult::Void),
            None => self.matches[leg.match_index as usize].selections[leg.selection as usize].result,
        };
        let results = legs.iter().map(result_of).collect::<Vec<_>>();
        let priced = legs.iter().map(|leg| leg.price).zip(results.iter().copied()).collect::<Vec<_>>();
        let cancelled_by = legs.iter().find_map(cancel_of).map(|cancel| cancel.id.clone());
        // Covered by a cancel and not voided: that cancel lacks its approval, and nobody may pay ahead of the decision.
        let covering = |leg: &StoredLeg| {
            let cancels = &self.matches[leg.match_index as usize].cancels;
            cancels.iter().find(|cancel| cancel.covers(bet.accepted_at))
        };
        let held_by = (0_u8..).zip(legs).filter(|(_, leg)| cancel_of(leg).is_none());
        let held_by =
            held_by.filter_map(|(leg, stored)| Some(LegFact { leg, fact: covering(stored)?.id.clone() })).next();
        let payment = if held_by.is_some() { None } else { payment_of(bet.stake, &priced) };
        Standing { payment, results, cancelled_by, held_by }
    }

    /// Drops settled bets whose time is over, at most `quota`: no fact can change what they were paid any more.
    pub(super) fn let_go(&mut self, quota: u32, out: &mut Outbox) {
        // Each once at most: what may not go yet is put back, and is not asked again in the same batch.
        for _ in 0..self.leaving.len().min(quota as usize) {
            let Some(first) = self.leaving.front().copied() else { return };
            let too_many = self.bets.settled() > self.settings.limits.max_open_bets as usize;
            if first.at > self.at && !too_many {
                return;
            }
            self.leaving.pop_front();
            let settled = self.bets.get(first.slot).filter(|bet| bet.paid.is_some() && bet.paid_by == first.version);
            let Some(bet) = settled else { continue };
            let id = bet.bet_id.bits();
            if !self.bet_ids.may_forget(id) {
                // A resend of it must still be answered.
                let is_due = first.at <= self.at;
                let at = if is_due { self.at + self.settings.placement.remember_ids_for } else { first.at };
                self.leaving.push_back(Leaving { at, ..first });
                continue;
            }
            if first.at > self.at {
                self.tell_of_capacity("settled bets kept for rollbacks", out);
            }
            self.bet_ids.forget(id);
            let bet = self.bets.drop_settled(first.slot);
            self.ledger.forget(bet.customer, bet.potential_return);
            for leg in bet.legs.all() {
                let selection = &mut self.matches[leg.match_index as usize].selections[leg.selection as usize];
                selection.dropped += 1;
                selection.let_go += 1;
                self.tidy(leg.match_index, leg.selection);
            }
        }
    }

    /// Takes dropped bets off the list of a selection once they are most of it, unless work is going on there.
    pub(super) fn tidy(&mut self, match_index: u32, selection: u32) {
        let selection = &mut self.matches[match_index as usize].selections[selection as usize];
        let is_in_work = selection.cursor.is_some() || selection.flagging > 0;
        if is_in_work || selection.dropped * 2 <= selection.bets.len() {
            return;
        }
        selection.dropped = 0;
        let bets = &mut self.bets;
        selection.bets.retain(|slot| {
            let is_kept = bets.get(*slot).is_some();
            if !is_kept {
                bets.unlist(*slot);
            }
            is_kept
        });
    }
}

pub(super) fn hash_queues(stream: &mut HashStream, tasks: &VecDeque<Task>, leaving: &VecDeque<Leaving>) {
    stream.unsigned(tasks.len() as u64);
    for task in tasks {
        match task {
            Task::Selection { match_index, selection } => {
                stream.unsigned(1).unsigned(u64::from(*match_index)).unsigned(u64::from(*selection))
            }
            Task::Bet(slot) => stream.unsigned(2).unsigned(u64::from(*slot)),
        };
    }
    stream.unsigned(leaving.len() as u64);
    for Leaving { at, slot, version } in leaving {
        stream.integer(at.ms()).unsigned(u64::from(*slot)).unsigned(u64::from(*version));
    }
}
