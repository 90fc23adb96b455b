//! A plain twin of the book: lists, no indexes, nothing remembered that can be read again from the beginning.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::event::*;
use crate::outcome::{FactSet, decided, result_at_score, settle};
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
    /// Its legs as they count in the liability while it waits: price and fair chance.
    offers: Vec<(Price, i128)>,
    /// How many updates had been heard when it was accepted.
    heard: usize,
    /// How long it waits, by its legs in play.
    delay: Millis,
}

#[derive(Default)]
pub(super) struct Twin {
    pub(super) settings: Settings,
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

/// A bet that may still be lost, with what is decided of it and what its legs come to in each cell.
pub(super) struct AtRisk<'a> {
    bet: &'a TwinBet,
    decided: Vec<Option<LegResult>>,
    cells: Vec<Vec<LegResult>>,
}

impl AtRisk<'_> {
    /// Return less stake in a cell, over its undecided legs that fit.
    pub(super) fn loss_at(&self, fits: &dyn Fn(&LegRequest) -> bool, cell: usize) -> i128 {
        let AtRisk { bet, decided, cells } = self;
        let legs = bet.request.legs.iter().enumerate().filter(|(index, leg)| decided[*index].is_none() && fits(leg));
        legs.map(|(index, _)| share(&bet.request, &bet.offers, decided, index, cells[index][cell])).sum()
    }
}

impl Twin {
    pub(super) fn new(settings: Settings) -> Twin {
        Twin { settings, ..Twin::default() }
    }

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
        let bet = TwinBet {
            request: request.clone(),
            placed_at,
            state: State::Unjudged,
            number: 0,
            offers: Vec::new(),
            heard: 0,
            delay: Millis::ZERO,
        };
        self.bets.push(bet);
        let index = self.bets.len() - 1;
        let mut in_play = false;
        for leg in &request.legs {
            if self.latest(&leg.match_id).is_some_and(|update| update.phase == MatchPhase::InPlay) {
                in_play = true;
                let seconds = if leg.market.kind() == MarketType::NEXT_GOAL { 8 } else { 5 };
                self.bets[index].delay = self.bets[index].delay.max(Millis::from_seconds(seconds));
            }
        }
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
            let (placed_at, delay) = (self.bets[index].placed_at, self.bets[index].delay);
            let reason = match self.bets[index].state {
                State::Unjudged if !self.is_fresh(index, placed_at) => Some(RejectReason::MarketDataStale),
                State::Unjudged if self.at - placed_at > Millis::new(10_000) => Some(RejectReason::TimeElapsed),
                State::Unjudged => {
                    self.judge(index, Step::First);
                    continue;
                }
                _ if self.has_changed(index) => Some(RejectReason::MaterialChange),
                _ if !self.is_fresh(index, placed_at + delay + Millis::new(100)) => Some(RejectReason::MarketDataStale),
                _ if self.at > placed_at + delay + Millis::new(3_000) => Some(RejectReason::TimeElapsed),
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
                let decide_at = bet.placed_at + bet.delay;
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
            Ok(offers) if step == Step::First => {
                self.bets[index].offers = offers;
                if self.bets[index].number == 0 {
                    self.numbers += 1;
                    self.bets[index].number = self.numbers;
                }
                State::Pending
            }
            Ok(offers) => {
                let prices = offers.iter().map(|(price, _)| *price).collect();
                (self.bets[index].offers, self.bets[index].heard) = (offers, self.updates.len());
                State::Accepted { at: self.at, prices }
            }
        };
        self.bets[index].state = state;
    }

    fn check(&self, index: usize, step: Step) -> Result<Vec<(Price, i128)>, RejectReason> {
        let request = &self.bets[index].request;
        if !self.deposits.contains_key(&request.account) {
            return Err(RejectReason::AccountUnknown);
        }
        let own = if step == Step::Final { request.stake.minor() } else { 0 };
        let (cash, reserved) = self.money(&request.account);
        if request.stake.minor() > (cash - reserved + own).max(0) {
            return Err(RejectReason::InsufficientFunds);
        }
        let mut offers = Vec::new();
        for leg in &request.legs {
            offers.push(self.check_leg(index, leg, step)?);
        }
        if request.stake < Money::from_minor(100) {
            return Err(RejectReason::StakeBelowMinimum);
        }
        self.check_liability(index, &offers)?;
        let ids = request.legs.iter().map(|leg| &leg.match_id);
        let distinct = ids.collect::<std::collections::BTreeSet<_>>().len();
        if distinct < request.legs.len() { Err(RejectReason::NotCombinable) } else { Ok(offers) }
    }

    fn check_leg(&self, index: usize, leg: &LegRequest, step: Step) -> Result<(Price, i128), RejectReason> {
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
        let fair = i128::from(state.fair.unwrap().raw());
        if offered < asked_for { Err(RejectReason::PriceChanged) } else { Ok((now, fair)) }
    }

    /// Stage 4's liability, by looking at every open and waiting bet at every score there is room for.
    fn check_liability(&self, index: usize, offers: &[(Price, i128)]) -> Result<(), RejectReason> {
        let own = &self.bets[index];
        let others = self.at_risk().into_iter().filter(|one| one.bet.request.bet_id != own.request.bet_id);
        let others = others.collect::<Vec<_>>();
        let others = || others.iter();
        let limits = &self.settings.limits.liability;
        for (number, leg) in own.request.legs.iter().enumerate() {
            let mine = cells_of(leg.market, leg.outcome);
            let added = |cell: usize| share(&own.request, offers, &vec![None; offers.len()], number, mine[cell]);
            let on = |bet: &AtRisk<'_>, fits: &dyn Fn(&LegRequest) -> bool, cell: usize| {
                bet.loss_at(&|one| one.match_id == leg.match_id && fits(one), cell)
            };
            let exceeds = |limit: Money, sum: &dyn Fn(usize) -> i128| {
                (0..mine.len()).any(|cell| added(cell) > 0 && sum(cell) + added(cell) > i128::from(limit.minor()))
            };
            let same = |one: &LegRequest| (one.market, one.outcome) == (leg.market, leg.outcome);
            if exceeds(limits.outcome, &|cell| others().map(|bet| on(bet, &same, cell)).sum()) {
                return Err(RejectReason::OutcomeLiability);
            }
            let market = |one: &LegRequest| one.market == leg.market;
            if exceeds(limits.market, &|cell| others().map(|bet| on(bet, &market, cell)).sum()) {
                return Err(RejectReason::MarketLiability);
            }
            let is_apart = |market: MarketId| market.kind() == MarketType::NEXT_GOAL;
            let worst_of = |fits: &dyn Fn(&LegRequest) -> bool, cells: usize| {
                let at = |cell| others().map(|bet| on(bet, fits, cell)).sum::<i128>();
                (0..cells).map(at).max().unwrap().max(0)
            };
            let all = others().flat_map(|one| &one.bet.request.legs).map(|leg| leg.market);
            let apart = all.filter(|market| is_apart(*market)).collect::<std::collections::BTreeSet<_>>();
            let apart = apart.into_iter().filter(|market| *market != leg.market);
            let mut beside = apart.map(|market| worst_of(&|one| one.market == market, 3)).sum::<i128>();
            let grid = |one: &LegRequest| !is_apart(one.market);
            if is_apart(leg.market) {
                beside += worst_of(&grid, CELLS);
            }
            let here = |one: &LegRequest| if is_apart(leg.market) { one.market == leg.market } else { grid(one) };
            if exceeds(limits.one_match, &|cell| beside + others().map(|bet| on(bet, &here, cell)).sum::<i128>()) {
                return Err(RejectReason::MatchLiability);
            }
        }
        let winnings = |bet: &TwinBet, offers: &[(Price, i128)]| {
            let factors = offers.iter().map(|(price, _)| price.factor()).collect::<Vec<_>>();
            line_return(bet.request.stake, &factors, Rounding::HalfUp).unwrap().minor() - bet.request.stake.minor()
        };
        let theirs = others().map(|one| one.bet).filter(|bet| bet.request.account == own.request.account);
        let all = theirs.map(|bet| winnings(bet, &bet.offers)).sum::<i64>() + winnings(own, offers);
        if all > limits.account.minor() { Err(RejectReason::AccountLiability) } else { Ok(()) }
    }

    /// The bets that wait with their stake reserved, and those that are open.
    pub(super) fn at_risk(&self) -> Vec<AtRisk<'_>> {
        let is_at_risk = |bet: &&TwinBet| match bet.state {
            State::Pending => true,
            State::Accepted { .. } => self.paid(bet).is_none(),
            State::Unjudged | State::Refused(_) => false,
        };
        let cells = |bet: &TwinBet| bet.request.legs.iter().map(|leg| cells_of(leg.market, leg.outcome)).collect();
        let all = self.bets.iter().filter(is_at_risk);
        all.map(|bet| AtRisk { bet, decided: self.results(bet), cells: cells(bet) }).collect()
    }

    fn has_changed(&self, index: usize) -> bool {
        self.bets[index].request.legs.iter().any(|leg| self.leg_has_changed(index, leg))
    }

    /// Reads the whole history of the leg's match.
    fn leg_has_changed(&self, index: usize, leg: &LegRequest) -> bool {
        let (from, to) = {
            let (placed_at, delay) = (self.bets[index].placed_at, self.bets[index].delay);
            (placed_at - Millis::new(100), placed_at + delay + Millis::new(100))
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
            let told = update.facts.iter().any(is_told);
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

    /// How many material facts came after a bet was accepted and were older than that.
    pub(super) fn late_facts(&self, bet: &TwinBet) -> usize {
        let State::Accepted { at, .. } = &bet.state else { return 0 };
        let mut late = 0;
        for leg in &bet.request.legs {
            let mut known = std::collections::BTreeSet::new();
            for (number, (_, update)) in self.updates.iter().enumerate() {
                for fact in update.facts.iter().filter(|fact| fact.match_id == leg.match_id) {
                    let is_new = known.insert(&fact.id);
                    late += usize::from(is_new && number >= bet.heard && fact.source_at <= *at && is_told(fact));
                }
            }
        }
        late
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

    /// What the legs of an accepted bet have come to; a bet that waits is counted as if nothing were decided.
    fn results(&self, bet: &TwinBet) -> Vec<Option<LegResult>> {
        let State::Accepted { at, .. } = &bet.state else { return vec![None; bet.request.legs.len()] };
        let result = |leg: &LegRequest| {
            let facts = self.facts(&leg.match_id);
            let cancelled = facts.active_cancels().any(|(_, window, _)| {
                window.from.is_none_or(|from| *at >= from) && window.to.is_none_or(|to| *at < to)
            });
            if cancelled { Some(LegResult::Void) } else { settle(1, &facts, leg.market, leg.outcome) }
        };
        bet.request.legs.iter().map(result).collect()
    }

    /// What an accepted bet has come to.
    pub(super) fn paid(&self, bet: &TwinBet) -> Paid {
        let State::Accepted { prices, .. } = &bet.state else { return None };
        let (mut num, mut den) = (i128::from(bet.request.stake.minor()), 1_i128);
        let (mut undecided, mut lost, mut all_void) = (false, false, true);
        for (result, price) in self.results(bet).into_iter().zip(prices) {
            let odds = (i128::from(price.factor().num()), i128::from(price.factor().den()));
            let Some(came_to) = result else {
                undecided = true;
                continue;
            };
            let (n, d) = factor(came_to, odds);
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

/// Of the facts of these worlds, those that move prices.
fn is_told(fact: &Fact) -> bool {
    let is_quiet = matches!(
        fact.body,
        FactBody::ClockTick | FactBody::Confirmed(_) | FactBody::Cancel { .. } | FactBody::RollbackCancel(_)
    );
    !is_quiet
}

/// Cells of a match: its scores to nine goals a side, then leads from -9 to 9, then more.
pub(super) const CELLS: usize = 121;

/// What a selection comes to in each cell, found by trying every score up to 24 goals a side; the best for the customer.
fn cells_of(market: MarketId, outcome: Outcome) -> Vec<LegResult> {
    static KNOWN: Mutex<BTreeMap<(MarketId, Outcome), Vec<LegResult>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let try_all = || {
        if market.kind() == MarketType::NEXT_GOAL {
            let wins = |one| if one == outcome { LegResult::Win } else { LegResult::Lose };
            return market.outcomes().into_iter().map(wins).collect();
        }
        let rank = |result: LegResult| factor(result, (2, 1)).0 * 2 / factor(result, (2, 1)).1;
        let mut cells = vec![LegResult::Lose; CELLS];
        for (home, away) in (0..25_u16).flat_map(|home| (0..25).map(move |away| (home, away))) {
            let lead = i32::from(home) - i32::from(away);
            let cell = match lead {
                _ if home.max(away) <= 9 => usize::from(home * 10 + away),
                -9..=9 => usize::try_from(109 + lead).unwrap(),
                _ => {
                    if lead > 0 {
                        119
                    } else {
                        120
                    }
                }
            };
            let result = result_at_score(market, outcome, Score { home, away }).unwrap_or(LegResult::Void);
            if rank(result) > rank(cells[cell]) {
                cells[cell] = result;
            }
        }
        cells
    };
    known.entry((market, outcome)).or_insert_with(try_all).clone()
}

/// Return less stake of a bet if one leg comes to that, rounded up.
fn share(
    request: &PlaceBet,
    offers: &[(Price, i128)],
    decided: &[Option<LegResult>],
    index: usize,
    result: LegResult,
) -> i128 {
    let stake = i128::from(request.stake.minor());
    let (mut num, mut den) = (stake, 1_i128);
    for (other, (price, fair)) in offers.iter().enumerate() {
        let odds = (i128::from(price.factor().num()), i128::from(price.factor().den()));
        let (n, d) = match decided[other] {
            _ if other == index => factor(result, odds),
            Some(result) => factor(result, odds),
            None => (odds.0 * fair, odds.1 * 1_000_000_000),
        };
        (num, den) = (num * n, den * d);
    }
    (num + den - 1).div_euclid(den) - stake
}

fn factor(result: LegResult, odds: (i128, i128)) -> (i128, i128) {
    match result {
        LegResult::Lose => (0, 1),
        LegResult::Win => odds,
        LegResult::Void => (1, 1),
        LegResult::HalfWin => (odds.0 + odds.1, 2 * odds.1),
        LegResult::HalfLose => (1, 2),
    }
}

fn winnings(price: &Price) -> f64 {
    let factor = price.factor();
    factor.num() as f64 / factor.den() as f64 - 1.0
}
