//! Check, hold, accept: where a bet is judged, at once or after its wait.

use super::BookMachine;
use super::bets::{Legs, StoredBet, StoredLeg};
use super::memory::Answer;
use super::waiting::{Progress, WaitingBet};
use crate::betting::{CustomerView, Judgement, LegView, Situation, Slip, Wait, check, is_too_old, refusal};
use crate::event::{
    AcceptedBet, Alert, AlertKind, Balances, InputRef, LegRequest, Outbox, PlaceBet, Refusal, RejectReason, Stage,
    TransferId, Verdict,
};
use crate::ledger::{CustomerIndex, StakeOf};
use crate::outcome::decided;
use crate::values::{Millis, Money, Time};

/// A bet before its judge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) request: &'a PlaceBet,
    pub(super) source: InputRef,
    pub(super) placed_at: Time,
    /// The record that brought it up; absent where a timer did.
    pub(super) cause: Option<InputRef>,
    /// The number under which it has waited.
    pub(super) number: Option<u64>,
    /// Resends that get the same answer.
    pub(super) also_asked: &'a [InputRef],
}

impl BookMachine {
    /// Ends a wait, one way or another.
    pub(super) fn serve(&mut self, number: u64, out: &mut Outbox) {
        let bet = self.waiting.leave(number);
        for leg in &bet.request.legs {
            if let Some(index) = self.match_numbers.get(&leg.match_id) {
                self.matches[*index as usize].waiting.remove(&number);
            }
        }
        let WaitingBet { source, placed_at, .. } = bet;
        let also_asked = &bet.also_asked;
        let asked = Asked { request: &bet.request, source, placed_at, cause: None, number: Some(number), also_asked };
        let is_ready = bet.is_ready(&self.freshness);
        match bet.progress {
            Progress::Unjudged { wait, in_play } if is_ready => self.judge_late(&asked, wait, in_play, out),
            Progress::Unjudged { .. } => self.refuse(&asked, stale(), None, out),
            Progress::Pending { wait, hold, reserved } => {
                // What it has reserved is free again for whoever comes next, itself first.
                self.unreserve(&reserved);
                self.end_wait(&asked, wait, hold, bet.doomed, is_ready, out);
            }
        }
    }

    fn end_wait(
        &mut self,
        asked: &Asked<'_>,
        wait: Wait,
        hold: TransferId,
        doomed: Option<u8>,
        is_ready: bool,
        out: &mut Outbox,
    ) {
        match doomed {
            Some(leg) => {
                let changed = refusal(Stage::Market, RejectReason::MaterialChange);
                self.refuse(asked, Refusal { leg: Some(leg), ..changed }, Some(hold), out);
            }
            None if !is_ready => self.refuse(asked, stale(), Some(hold), out),
            None if self.at > wait.deadline => self.refuse(asked, elapsed(), Some(hold), out),
            None => self.judge_finally(asked, wait, hold, out),
        }
    }

    /// A bet without a wait: both judgements in one.
    pub(super) fn judge_at_once(&mut self, asked: &Asked<'_>, out: &mut Outbox) {
        match self.check(asked, Judgement::First, Money::ZERO, None) {
            Ok(slip) => self.accept(asked, slip, Millis::ZERO, None, out),
            Err(refusal) => self.refuse(asked, refusal, None, out),
        }
    }

    /// The first judgement of a bet that had to wait for it. It keeps the delay of its coming whatever became of the
    /// match since.
    fn judge_late(&mut self, asked: &Asked<'_>, wait: Wait, in_play: bool, out: &mut Outbox) {
        if is_too_old(asked.placed_at, self.at, in_play, &self.settings.placement) {
            return self.refuse(asked, elapsed(), None, out);
        }
        self.judge_first(asked, wait, out);
    }

    /// The first judgement of a bet with a delay: what passes waits with its stake reserved.
    pub(super) fn judge_first(&mut self, asked: &Asked<'_>, wait: Wait, out: &mut Outbox) {
        let slip = match self.check(asked, Judgement::First, Money::ZERO, Some(wait)) {
            Ok(slip) => slip,
            Err(refusal) => return self.refuse(asked, refusal, None, out),
        };
        let Ok((hold, posting)) = self.ledger.hold(self.stake_of(asked), asked.cause) else {
            return self.refuse(asked, refusal(Stage::Ledger, RejectReason::LedgerOverflow), None, out);
        };
        out.push(posting);
        let reserved = self.reserve(self.stake_of(asked).customer, asked.request.stake, &slip);
        let number = asked.number.unwrap_or_else(|| {
            let number = self.waiting.number();
            self.remember(asked, Answer::Waiting(number));
            number
        });
        let bet = WaitingBet {
            request: Box::new(asked.request.clone()),
            source: asked.source,
            placed_at: asked.placed_at,
            partitions: self.partitions_of(asked.request),
            fresh_to: wait.fresh_to,
            not_before: wait.decide_at,
            deadline: wait.deadline,
            progress: Progress::Pending { wait, hold, reserved },
            doomed: None,
            also_asked: Vec::new(),
        };
        self.waiting.enter(number, bet, &self.freshness);
        for leg in &asked.request.legs {
            self.matches[self.match_numbers[&leg.match_id] as usize].waiting.insert(number);
        }
        asked.answer(Verdict::Pending { decide_at: wait.decide_at }, out);
    }

    fn judge_finally(&mut self, asked: &Asked<'_>, wait: Wait, hold: TransferId, out: &mut Outbox) {
        match self.check(asked, Judgement::Final, asked.request.stake, Some(wait)) {
            Ok(slip) => self.accept(asked, slip, wait.delay, Some(hold), out),
            Err(refusal) => self.refuse(asked, refusal, Some(hold), out),
        }
    }

    /// Stages 1 to 4.
    fn check(
        &self,
        asked: &Asked<'_>,
        judgement: Judgement,
        own_hold: Money,
        wait: Option<Wait>,
    ) -> Result<Slip, Refusal> {
        let room = || {
            let number = |leg: &LegRequest| (self.match_numbers[&leg.match_id], leg.market, leg.outcome);
            let legs = asked.request.legs.iter().map(number).collect::<Vec<_>>();
            self.room_for(self.stake_of(asked).customer, &legs)
        };
        check(asked.request, &self.situation(asked, judgement, own_hold, wait), room)
    }

    fn situation<'a>(
        &'a self,
        asked: &Asked<'_>,
        judgement: Judgement,
        own_hold: Money,
        wait: Option<Wait>,
    ) -> Situation<'a> {
        let customer = self.accounts.find(&asked.request.account).map(|account| CustomerView {
            licence: &account.licence,
            currency: account.currency,
            birth_date: account.birth_date,
            identity: account.identity,
            standing: account.standing,
            available: self.ledger.available(account.customer, own_hold),
            open_stakes: self.open_stakes(account.customer, own_hold),
            takings: &account.takings,
            own_limits: account.own_limits.as_deref(),
        });
        let legs = asked.request.legs.iter().map(|leg| self.view(leg, wait)).collect();
        Situation { settings: &self.settings, judgement, placed_at: asked.placed_at, at: self.at, customer, legs }
    }

    /// What a customer has at stake, apart from the asking bet's own hold.
    fn open_stakes(&self, customer: CustomerIndex, own_hold: Money) -> Money {
        let Balances { cash: _, reserved, held } = self.ledger.balances(customer);
        let all = held.checked_add(reserved).and_then(|all| all.checked_sub(own_hold));
        all.expect("no balance comes near the bounds of 64 bits")
    }

    fn view(&self, leg: &LegRequest, wait: Option<Wait>) -> LegView<'_> {
        let known = self.match_of(&leg.match_id);
        // Who waits is served only when the knowledge is fresh enough for him.
        let fresh = || self.freshness.of(self.partition_of(&leg.match_id));
        let is_late = wait.is_none() && fresh() < self.at - self.settings.freshness.staleness_limit;
        let rule_set = self.settings.placement.rule_set;
        LegView {
            is_stale: is_late || known.is_some_and(|known| known.is_broken()),
            update: known.and_then(|known| known.update.as_deref()),
            fact_at: known.map_or(Time::MIN, |known| known.fact_at),
            is_decided: known.is_some_and(|known| decided(rule_set, &known.facts, leg.market, leg.outcome).is_some()),
            has_changed: known.zip(wait).is_some_and(|(known, wait)| known.incidents.concern(leg.market, wait.window)),
        }
    }

    fn accept(&mut self, asked: &Asked<'_>, slip: Slip, delay: Millis, hold: Option<TransferId>, out: &mut Outbox) {
        let stake_of = self.stake_of(asked);
        let potential_return = slip.potential_return();
        let Ok(posting) = self.ledger.accept(stake_of, potential_return, hold, asked.cause) else {
            return self.refuse(asked, refusal(Stage::Ledger, RejectReason::LedgerOverflow), hold, out);
        };
        // After this point the bet must stand.
        out.push(posting);
        let rule_set = self.settings.placement.rule_set;
        let legs = slip.into_legs();
        let stored = legs.iter().map(|leg| {
            let match_index = self.match_numbers[&leg.request.match_id];
            let one = &mut self.matches[match_index as usize];
            StoredLeg::new(match_index, one.select(leg.request.market, leg.request.outcome, rule_set), leg)
        });
        let bet = StoredBet {
            bet_id: asked.request.bet_id,
            customer: stake_of.customer,
            stake: stake_of.stake,
            potential_return,
            placed_at: asked.placed_at,
            accepted_at: self.at,
            delay,
            rule_set,
            weight: self.settings.limits.liability.parlays,
            settlements: 0,
            paid_by: 0,
            is_held: false,
            paid: None,
            legs: Legs::new(stored.collect()),
        };
        let on = bet.legs.all().iter().map(|leg| (leg.match_index, leg.selection)).collect::<Vec<_>>();
        let slot = self.bets.add(bet);
        for (match_index, selection) in on {
            self.matches[match_index as usize].selections[selection as usize].bets.push(slot);
        }
        self.remember(asked, Answer::Bet(slot));
        self.count_new(slot);
        let accepted = AcceptedBet {
            request: Box::new(asked.request.clone()),
            legs,
            placed_at: asked.placed_at,
            accepted_at: self.at,
            delay,
            licence: self.accounts.of(stake_of.customer).licence.clone(),
            rule_set,
            potential_return,
        };
        asked.answer(Verdict::Accepted(Box::new(accepted)), out);
    }

    /// Refuses for good, and lets the stake go if it was reserved.
    pub(super) fn refuse(&mut self, asked: &Asked<'_>, refusal: Refusal, hold: Option<TransferId>, out: &mut Outbox) {
        if let Some(hold) = hold {
            out.push(self.ledger.release(self.stake_of(asked), hold, asked.cause));
        }
        if refusal.reason == RejectReason::PriceJump {
            out.push(jump_alert(asked.request, &refusal));
        }
        self.remember(asked, Answer::Refused(Box::new(refusal.clone())));
        asked.answer(Verdict::Refused(refusal), out);
    }

    /// Remembers the newest answer under the bet's id.
    pub(super) fn remember(&mut self, asked: &Asked<'_>, answer: Answer) {
        let id = asked.request.bet_id.bits();
        match asked.number {
            Some(_) => self.bet_ids.amend(id, answer),
            None => {
                let (fingerprint, rules) = (asked.request.fingerprint, &self.settings.placement);
                self.bet_ids.remember(id, fingerprint, asked.placed_at, rules, answer);
            }
        }
    }

    fn stake_of(&self, asked: &Asked<'_>) -> StakeOf {
        let account = self.accounts.find(&asked.request.account).expect("the account was checked before");
        StakeOf { customer: account.customer, bet_id: asked.request.bet_id, stake: asked.request.stake }
    }
}

fn stale() -> Refusal {
    refusal(Stage::Market, RejectReason::MarketDataStale)
}

fn elapsed() -> Refusal {
    refusal(Stage::Authenticity, RejectReason::TimeElapsed)
}

fn jump_alert(request: &PlaceBet, refusal: &Refusal) -> Alert {
    let leg = refusal.leg.and_then(|leg| request.legs.get(usize::from(leg)));
    let now = refusal.current_price.map_or_else(String::new, |price| price.to_string());
    let detail = match leg {
        Some(leg) => {
            format!("bet {} asked {} on {} {}, now {now}", request.bet_id, leg.price, leg.market, leg.outcome)
        }
        None => format!("bet {} asked another price than {now}", request.bet_id),
    };
    let subject = leg.map_or_else(String::new, |leg| leg.match_id.to_string());
    Alert { kind: AlertKind::PriceJump, subject, detail }
}
