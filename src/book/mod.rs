//! The account machine: it takes deposits and bets, holds the stakes, and pays by what happened.
//!
//! A book shard owns some accounts and keeps its own copy of every match, so that a bet is checked against its account
//! and its markets in one place. Check, hold, accept; then settle from a queue, in portions, whenever facts decide
//! something. What a bet comes to is a function of the facts that hold, so a result taken back is simply another result.

mod accounts;
mod bets;
mod exposure;
mod freshness;
mod hindsight;
mod incidents;
mod judging;
mod markets;
mod matches;
mod memory;
mod placing;
mod resting;
mod settling;
mod waiting;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use accounts::Accounts;
use bets::Bets;
use freshness::Freshness;
use hindsight::LateFact;
use matches::MatchBook;
use memory::Memory;
use resting::Resting;
use settling::{Leaving, Task};
use waiting::WaitingRoom;

use crate::event::{Alert, AlertKind, BookInput, Due, Envelope, Machine, Moment, Outbox, Settings};
use crate::ledger::Ledger;
use crate::values::{Hash, HashStream, MatchId, Time};

/// One shard of the book.
#[derive(Clone, Debug)]
pub struct BookMachine {
    shard: u32,
    settings: Arc<Settings>,
    /// The time of the batch.
    at: Time,
    freshness: Freshness,
    accounts: Accounts,
    ledger: Ledger,
    matches: Vec<MatchBook>,
    match_numbers: BTreeMap<MatchId, u32>,
    resting: Resting,
    bets: Bets,
    waiting: WaitingRoom,
    bet_ids: Memory,
    command_ids: Memory,
    /// Bets to look at again because of what happened.
    tasks: VecDeque<Task>,
    /// Facts that came late, and the bets still to be told of them.
    late_facts: VecDeque<LateFact>,
    /// Settled bets in the order in which they may go.
    leaving: VecDeque<Leaving>,
    /// An operator was told in this batch already that a maximum is reached.
    told_of_capacity: bool,
}

impl BookMachine {
    /// An empty book.
    pub fn new(shard: u32, settings: Arc<Settings>) -> BookMachine {
        BookMachine {
            shard,
            settings,
            at: Time::MIN,
            freshness: Freshness::default(),
            accounts: Accounts::default(),
            ledger: Ledger::new(),
            matches: Vec::new(),
            match_numbers: BTreeMap::new(),
            resting: Resting::default(),
            bets: Bets::default(),
            waiting: WaitingRoom::default(),
            bet_ids: Memory::new(),
            command_ids: Memory::new(),
            tasks: VecDeque::new(),
            late_facts: VecDeque::new(),
            leaving: VecDeque::new(),
            told_of_capacity: false,
        }
    }

    /// How many bets are open.
    pub fn open_bets(&self) -> usize {
        self.bets.open()
    }

    /// How many bets wait for their answer.
    pub fn waiting_bets(&self) -> usize {
        self.waiting.len()
    }

    /// The shard's ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Tells an operator, once a batch, that a maximum is reached.
    fn tell_of_capacity(&mut self, what: &str, out: &mut Outbox) {
        if !std::mem::replace(&mut self.told_of_capacity, true) {
            let detail = format!("the maximum of {what} is reached");
            out.push(Alert { kind: AlertKind::CapacityReached, subject: format!("book shard {}", self.shard), detail });
        }
    }
}

impl Machine for BookMachine {
    type Input = BookInput;

    fn open(&mut self, moment: Moment) {
        self.at = self.at.max(moment.at);
        self.told_of_capacity = false;
    }

    fn apply(&mut self, envelope: &Envelope<BookInput>, out: &mut Outbox) {
        let (source, appended_at) = (envelope.source, envelope.append_time);
        match &envelope.input {
            BookInput::Settings(settings) => self.adopt(settings.clone()),
            BookInput::Market(update) => self.hear_update(source.partition, appended_at, update, out),
            BookInput::Watermark(mark) => self.hear_of(source.partition, mark.through),
            BookInput::Account(command) => self.command(source, appended_at, command, out),
            BookInput::Bet(request) => self.place(source, appended_at, request, out),
        }
    }

    fn next_due(&self) -> Due {
        self.waiting.next_due(self.at)
    }

    fn due(&mut self, quota: u32, out: &mut Outbox) {
        for _ in 0..quota {
            let Some(number) = self.waiting.served_next(self.at) else { return };
            self.serve(number, out);
        }
    }

    fn has_work(&self) -> bool {
        !self.tasks.is_empty() || !self.late_facts.is_empty()
    }

    fn work(&mut self, quota: u32, out: &mut Outbox) {
        let left = self.settle_queued(quota, out);
        let left = self.flag_late(left, out);
        self.let_go(left, out);
        self.let_matches_go(left);
    }

    fn state_hash(&self) -> Hash {
        let BookMachine { shard, settings, at, freshness, accounts, ledger, matches, match_numbers: _, bets, .. } =
            self;
        let BookMachine { resting, waiting, bet_ids, command_ids, tasks, late_facts, leaving, .. } = self;
        // Said anew in each batch.
        let BookMachine { told_of_capacity: _, .. } = self;
        let mut stream = HashStream::new();
        stream.unsigned(u64::from(*shard)).unsigned(u64::from(settings.revision)).integer(at.ms());
        freshness.hash_into(&mut stream);
        accounts.hash_into(&mut stream);
        ledger.hash_into(&mut stream);
        stream.unsigned(matches.len() as u64);
        matches.iter().for_each(|one| one.hash_into(&mut stream));
        bets.hash_into(&mut stream);
        waiting.hash_into(&mut stream);
        bet_ids.hash_into(&mut stream);
        command_ids.hash_into(&mut stream);
        settling::hash_queues(&mut stream, tasks, leaving);
        hindsight::hash_queue(&mut stream, late_facts);
        resting.hash_into(&mut stream);
        stream.finish()
    }
}

#[cfg(test)]
mod tests;
