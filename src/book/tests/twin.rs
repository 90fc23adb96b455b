//! A plain twin of the book: lists, no indexes, nothing remembered that can be read again from the beginning.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::event::*;
use crate::outcome::{FactSet, decided, settle};
use crate::values::*;

/// How far a bet has come.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    Unjudged,
    Pending,
    Accepted { at: Time, prices: Vec<Price> },
    Refused(RejectReason),
}

#[derive(Clone, Debug)]
pub(super) struct TwinBet {
    pub(super) request: PlaceBet,
    placed_at: Time,
    pub(super) state: State,
    number: u64,
}

#[derive(Default)]
pub(super) struct Twin {
    settings: Settings,
    at: Time,
    deposits: BTreeMap<AccountId, i64>,
    /// Every update with its append time, in the order of arrival.
    updates: Vec<(Time, MatchUpdate)>,
    fresh: BTreeMap<u32, Time>,
    pub(super) bets: Vec<TwinBet>,
    numbers: u64,
}

/// What a bet returns, and whether all its legs are void.
pub(super) type Paid = Option<(i64, bool)>;

impl Twin {
    pub(super) fn batch(&mut self, at: Time, inputs: &[Envelope<BookInput>]) {
        self.at = at;
        for input in inputs {
            let (partition, appended_at) = (input.source.partition, input.append_time);
            let through = match &input.input {
                BookInput::Market(update) => {
                    self.updates.push((appended_at, (**update).clone()));
                    update.through
                }
                BookInput::Watermark(mark) => mark.through,
                BookInput::Account(_) | BookInput::Bet(_) | BookInput::Settings(_) => continue,
            };
            let fresh = self.fresh.entry(partition).or_insert(Time::MIN);
            *fresh = through.max(*fresh);
        }
        self.serve_waiting();
        for input in inputs {
            match &input.input {
                BookInput::Account(AccountCommand { account, action, .. }) => match action {
                    AccountAction::Open(_) => _ = self.deposits.insert(account.clone(), 0),
                    AccountAction::Deposit { amount, .. } => *self.deposits.get_mut(account).unwrap() += amount.minor(),
                    AccountAction::SetStatus { .. }
                    | AccountAction::SelfExclude { .. }
                    | AccountAction::TimeOut { .. }
                    | AccountAction::SetLimit { .. }
                    | AccountAction::ReaffirmLimit { .. } => unreachable!("these worlds ask no such thing"),
                },
                BookInput::Bet(request) => self.place(input.append_time, request),
                BookInput::Market(_) | BookInput::Watermark(_) | BookInput::Settings(_) => {}
            }
        }
    }

    fn place(&mut self, placed_at: Time, request: &PlaceBet) {
        if self.bets.iter().any(|bet| bet.request.bet_id == request.bet_id) {
            return;
        }
        let bet = TwinBet { request: request.clone(), placed_at, state: State::Unjudged, number: 0 };
        self.bets.push(bet);
        let index = self.bets.len() - 1;
        let in_play =
            request.legs.iter().any(|leg| self.latest(&leg.match_id).is_some_and(|u| u.phase == MatchPhase::InPlay));
        let max_age = if in_play { 10_000 } else { 60_000 };
        if self.at - placed_at > Millis::new(max_age) {
            self.bets[index].state = State::Refused(RejectReason::TimeElapsed);
        } else if !in_play {
            self.judge(index, Step::Only);
        } else if self.is_fresh(index, placed_at) {
            self.judge(index, Step::First);
        } else if self.at >= placed_at + Millis::new(3_000) {
            self.bets[index].state = State::Refused(RejectReason::MarketDataStale);
        } else {
            self.numbers += 1;
            self.bets[index].number = self.numbers;
        }
    }

    /// Serves one after the other: lost causes, then who is ready, then whose time is up.
    fn serve_waiting(&mut self) {
        loop {
            let next = (0..self.bets.len()).filter_map(|index| Some((Reverse(self.urgency(index)?), index))).max();
            let Some((_, index)) = next else { return };
            let placed_at = self.bets[index].placed_at;
            let reason = match self.bets[index].state {
                State::Unjudged if !self.is_fresh(index, placed_at) => Some(RejectReason::MarketDataStale),
                State::Unjudged if self.at - placed_at > Millis::new(10_000) => Some(RejectReason::TimeElapsed),
                State::Unjudged => {
                    self.judge(index, Step::First);
                    continue;
                }
                _ if self.has_changed(index) => Some(RejectReason::MaterialChange),
                _ if !self.is_fresh(index, placed_at + Millis::new(5_100)) => Some(RejectReason::MarketDataStale),
                _ if self.at > placed_at + Millis::new(8_000) => Some(RejectReason::TimeElapsed),
                State::Pending | State::Accepted { .. } | State::Refused(_) => {
                    self.judge(index, Step::Final);
                    continue;
                }
            };
            self.bets[index].state = State::Refused(reason.unwrap());
        }
    }

    /// When a waiting bet is served, if that is now: rank, time, number.
    fn urgency(&self, index: usize) -> Option<(u8, Time, u64)> {
        let bet = &self.bets[index];
        let (needs, not_before, deadline) = match bet.state {
            State::Unjudged => (bet.placed_at, Time::MIN, bet.placed_at + Millis::new(3_000)),
            State::Pending => {
                if self.has_changed(index) {
                    return Some((0, Time::MIN, bet.number));
                }
                let decide_at = bet.placed_at + Millis::new(5_000);
                (decide_at + Millis::new(100), decide_at, decide_at + Millis::new(3_000))
            }
            State::Accepted { .. } | State::Refused(_) => return None,
        };
        if self.is_fresh(index, needs) && not_before <= self.at {
            return Some((1, not_before, bet.number));
        }
        (deadline <= self.at).then_some((2, deadline, bet.number))
    }

    fn judge(&mut self, index: usize, step: Step) {
        let state = match self.check(index, step) {
            Err(reason) => State::Refused(reason),
            Ok(_) if step == Step::First => {
                if self.bets[index].number == 0 {
                    self.numbers += 1;
                    self.bets[index].number = self.numbers;
                }
                State::Pending
            }
            Ok(prices) => State::Accepted { at: self.at, prices },
        };
        self.bets[index].state = state;
    }

    fn check(&self, index: usize, step: Step) -> Result<Vec<Price>, RejectReason> {
        let request = &self.bets[index].request;
        if !self.deposits.contains_key(&request.account) {
            return Err(RejectReason::AccountUnknown);
        }
        let own = if step == Step::Final { request.stake.minor() } else { 0 };
        let (cash, reserved) = self.money(&request.account);
        if request.stake.minor() > (cash - reserved + own).max(0) {
            return Err(RejectReason::InsufficientFunds);
        }
        let mut prices = Vec::new();
        for leg in &request.legs {
            prices.push(self.check_leg(index, leg, step)?);
        }
        if request.stake < Money::from_minor(100) {
            return Err(RejectReason::StakeBelowMinimum);
        }
        let ids = request.legs.iter().map(|leg| &leg.match_id);
        let distinct = ids.collect::<std::collections::BTreeSet<_>>().len();
        if distinct < request.legs.len() { Err(RejectReason::NotCombinable) } else { Ok(prices) }
    }

    fn check_leg(&self, index: usize, leg: &LegRequest, step: Step) -> Result<Price, RejectReason> {
        let fresh = self.fresh.get(&self.partition(&leg.match_id)).copied().unwrap_or(Time::MIN);
        if step == Step::Only && fresh < self.at - Millis::new(2_000) {
            return Err(RejectReason::MarketDataStale);
        }
        let update = self.latest(&leg.match_id).ok_or(RejectReason::MatchUnknown)?;
        if update.phase == MatchPhase::Over {
            return Err(RejectReason::MatchOver);
        }
        let market = update.markets.iter().find(|market| market.id == leg.market).ok_or(RejectReason::MarketUnknown)?;
        match market.status {
            MarketStatus::Active => {}
            MarketStatus::Suspended => return Err(RejectReason::MarketSuspended),
            MarketStatus::Inactive if step == Step::Final => {
                return Err(RejectReason::OutcomeNotOffered);
            }
            MarketStatus::Inactive | MarketStatus::Settled | MarketStatus::Cancelled => {
                return Err(RejectReason::MarketNotActive);
            }
        }
        let facts = self.facts(&leg.match_id);
        if decided(1, &facts, leg.market, leg.outcome).is_some() {
            return Err(RejectReason::PastPosted);
        }
        let state = market.outcomes.iter().find(|state| state.outcome == leg.outcome).unwrap();
        let now = state.price.ok_or(RejectReason::OutcomeNotOffered)?;
        if step != Step::Only && self.leg_has_changed(index, leg) {
            return Err(RejectReason::MaterialChange);
        }
        let (asked_for, offered) = (winnings(&leg.price), winnings(&now));
        let limit = 1.419_068;
        if offered / asked_for > limit || asked_for / offered > limit {
            return Err(RejectReason::PriceJump);
        }
        if offered < asked_for { Err(RejectReason::PriceChanged) } else { Ok(now) }
    }

    fn has_changed(&self, index: usize) -> bool {
        self.bets[index].request.legs.iter().any(|leg| self.leg_has_changed(index, leg))
    }

    /// Reads the whole history of the leg's match.
    fn leg_has_changed(&self, index: usize, leg: &LegRequest) -> bool {
        let (from, to) = {
            let placed_at = self.bets[index].placed_at;
            (placed_at - Millis::new(100), placed_at + Millis::new(5_100))
        };
        let mut before: Option<&MatchUpdate> = None;
        let mut held_since: Option<Time> = None;
        let mut offered = BTreeMap::new();
        for (time, update) in self.updates.iter().filter(|(_, update)| update.match_id == leg.match_id) {
            let market = |update: &MatchUpdate| update.markets.iter().find(|market| market.id == leg.market).cloned();
            let held = market(update).is_some_and(|market| !market.owners.is_empty());
            if let Some(since) = held_since
                && !held
            {
                if since <= to && *time >= from {
                    return true;
                }
                held_since = None;
            } else if held && held_since.is_none() {
                held_since = Some(*time);
            }
            let mut jumped = false;
            for state in market(update).into_iter().flat_map(|market| market.outcomes) {
                let Some(now) = state.price else { continue };
                if let Some(then) = offered.insert(state.outcome, winnings(&now)) {
                    let ratio = winnings(&now) / then;
                    jumped |= ratio > 1.419_068 || 1.0 / ratio > 1.419_068;
                }
            }
            let moved = before.is_some_and(|before| (before.phase, before.score) != (update.phase, update.score));
            let told = update.facts.iter().any(|fact| {
                !matches!(
                    fact.body,
                    FactBody::ClockTick
                        | FactBody::Confirmed(_)
                        | FactBody::Cancel { .. }
                        | FactBody::RollbackCancel(_)
                )
            });
            if (jumped || moved || told) && (from..=to).contains(time) {
                return true;
            }
            before = Some(update);
        }
        held_since.is_some_and(|since| since <= to)
    }

    fn is_fresh(&self, index: usize, needs: Time) -> bool {
        let legs = &self.bets[index].request.legs;
        legs.iter().all(|leg| self.fresh.get(&self.partition(&leg.match_id)).is_some_and(|fresh| *fresh >= needs))
    }

    fn partition(&self, id: &MatchId) -> u32 {
        partition_for(id.as_str().as_bytes(), self.settings.match_partitions)
    }

    fn latest(&self, id: &MatchId) -> Option<&MatchUpdate> {
        self.updates.iter().rev().map(|(_, update)| update).find(|update| update.match_id == *id)
    }

    fn facts(&self, id: &MatchId) -> FactSet {
        let mut facts = FactSet::new();
        for (_, update) in self.updates.iter().filter(|(_, update)| update.match_id == *id) {
            for fact in &update.facts {
                facts.insert(fact);
            }
        }
        facts
    }

    /// Cash and what is reserved of it.
    pub(super) fn money(&self, account: &AccountId) -> (i64, i64) {
        let mut cash = self.deposits.get(account).copied().unwrap_or(0);
        let mut reserved = 0;
        for bet in self.bets.iter().filter(|bet| bet.request.account == *account) {
            let stake = bet.request.stake.minor();
            match &bet.state {
                State::Pending => reserved += stake,
                State::Accepted { .. } => cash += self.paid(bet).map_or(0, |(returned, _)| returned) - stake,
                State::Unjudged | State::Refused(_) => {}
            }
        }
        (cash, reserved)
    }

    /// What an accepted bet has come to.
    pub(super) fn paid(&self, bet: &TwinBet) -> Paid {
        let State::Accepted { at, prices } = &bet.state else { return None };
        let (mut num, mut den) = (i128::from(bet.request.stake.minor()), 1_i128);
        let (mut undecided, mut lost, mut all_void) = (false, false, true);
        for (leg, price) in bet.request.legs.iter().zip(prices) {
            let facts = self.facts(&leg.match_id);
            let cancelled = facts.active_cancels().any(|(_, window, _)| {
                window.from.is_none_or(|from| *at >= from) && window.to.is_none_or(|to| *at < to)
            });
            let result = if cancelled { Some(LegResult::Void) } else { settle(1, &facts, leg.market, leg.outcome) };
            let odds = (i128::from(price.factor().num()), i128::from(price.factor().den()));
            let (n, d) = match result {
                None => {
                    undecided = true;
                    continue;
                }
                Some(LegResult::Lose) => (0, 1),
                Some(LegResult::Win) => odds,
                Some(LegResult::Void) => (1, 1),
                Some(LegResult::HalfWin) => (odds.0 + odds.1, 2 * odds.1),
                Some(LegResult::HalfLose) => (1, 2),
            };
            lost |= n == 0;
            all_void &= result == Some(LegResult::Void);
            (num, den) = (num * n, den * d);
        }
        match (lost, undecided) {
            (true, _) => Some((0, false)),
            (false, true) => None,
            (false, false) => Some((i64::try_from((2 * num + den) / (2 * den)).unwrap(), all_void)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Judged for good at once.
    Only,
    First,
    Final,
}

fn winnings(price: &Price) -> f64 {
    let factor = price.factor();
    factor.num() as f64 / factor.den() as f64 - 1.0
}
