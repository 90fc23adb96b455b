//! The bets that wait for their moment: found when knowledge is fresh enough, when time is up, or when something happened.

use std::collections::{BTreeMap, BTreeSet};

use super::exposure::Reserved;
use super::freshness::Freshness;
use crate::betting::Wait;
use crate::event::{Due, InputRef, PlaceBet, TransferId};
use crate::values::{HashStream, Time};

/// How far a waiting bet has come.
#[derive(Clone, Debug)]
pub(super) enum Progress {
    /// Not judged yet: what was known when it came was older than the bet.
    Unjudged {
        /// Its wait, as it was when it came.
        wait: Wait,
        /// Whether a leg was in play then.
        in_play: bool,
    },
    /// Passed its first judgement; waits out its delay.
    Pending {
        /// Until when, and what counts against it.
        wait: Wait,
        /// The reservation of its stake.
        hold: TransferId,
        /// What it took of the liability limits.
        reserved: Reserved,
    },
}

/// A bet without its final answer.
#[derive(Clone, Debug)]
pub(super) struct WaitingBet {
    pub(super) request: Box<PlaceBet>,
    pub(super) source: InputRef,
    pub(super) placed_at: Time,
    /// The markets partitions of its legs, each once.
    pub(super) partitions: Vec<u32>,
    /// The knowledge that it needs.
    pub(super) fresh_to: Time,
    /// Not served before this, however fresh the knowledge.
    pub(super) not_before: Time,
    /// Served at this time at the latest.
    pub(super) deadline: Time,
    pub(super) progress: Progress,
    /// The leg to whose market something material happened.
    pub(super) doomed: Option<u8>,
    /// Resends that came before there was an answer to repeat.
    pub(super) also_asked: Vec<InputRef>,
}

impl WaitingBet {
    /// The first partition whose knowledge is still too old.
    fn lacking(&self, freshness: &Freshness) -> Option<u32> {
        self.partitions.iter().copied().find(|partition| freshness.of(*partition) < self.fresh_to)
    }

    /// Whether all that it needs is known.
    pub(super) fn is_ready(&self, freshness: &Freshness) -> bool {
        self.lacking(freshness).is_none()
    }
}

/// Everybody who waits, by number, with one index for each thing that can end the wait.
#[derive(Clone, Debug, Default)]
pub(super) struct WaitingRoom {
    next: u64,
    bets: BTreeMap<u64, WaitingBet>,
    /// For each partition, who waits for it next.
    wanted: BTreeMap<u32, BTreeSet<(Time, u64)>>,
    /// Who waits for time only.
    ready: BTreeSet<(Time, u64)>,
    deadlines: BTreeSet<(Time, u64)>,
    doomed: BTreeSet<u64>,
    /// How many resends wait along with them.
    also_asked: usize,
}

impl WaitingRoom {
    pub(super) fn len(&self) -> usize {
        self.bets.len()
    }

    /// Everything that waits for an answer: bets and resends.
    pub(super) fn crowd(&self) -> usize {
        self.bets.len() + self.also_asked
    }

    /// A resend of a bet that is not judged yet waits for the same answer.
    pub(super) fn ask_again(&mut self, number: u64, source: InputRef) {
        self.bets.get_mut(&number).expect("only who waits is asked for again").also_asked.push(source);
        self.also_asked += 1;
    }

    /// A number for a bet that comes in.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn get(&self, number: u64) -> &WaitingBet {
        &self.bets[&number]
    }

    pub(super) fn enter(&mut self, number: u64, bet: WaitingBet, freshness: &Freshness) {
        self.deadlines.insert((bet.deadline, number));
        self.seat(number, &bet, freshness);
        let before = self.bets.insert(number, bet);
        assert!(before.is_none(), "a bet waits once");
    }

    pub(super) fn leave(&mut self, number: u64) -> WaitingBet {
        let bet = self.bets.remove(&number).expect("only who waits can leave");
        for partition in &bet.partitions {
            if let Some(queue) = self.wanted.get_mut(partition) {
                queue.remove(&(bet.fresh_to, number));
            }
        }
        self.ready.remove(&(bet.not_before, number));
        self.deadlines.remove(&(bet.deadline, number));
        self.doomed.remove(&number);
        self.also_asked -= bet.also_asked.len();
        bet
    }

    /// Something material happened to the market of that leg: there is nothing left to wait for.
    pub(super) fn doom(&mut self, number: u64, leg: u8) {
        let bet = self.bets.get_mut(&number).expect("only who waits can be doomed");
        if bet.doomed.is_none() {
            bet.doomed = Some(leg);
            self.doomed.insert(number);
        }
    }

    /// A partition's knowledge got fresher: whom it satisfies moves on to the next that he lacks, or is ready.
    pub(super) fn freshen(&mut self, partition: u32, freshness: &Freshness) {
        let Some(queue) = self.wanted.get_mut(&partition) else { return };
        let still_wanted = queue.split_off(&(freshness.of(partition), u64::MAX));
        let satisfied = std::mem::replace(queue, still_wanted);
        for (_, number) in satisfied {
            // Taken out and put back so that the bet can be read while the indexes change.
            let bet = self.bets.remove(&number).expect("who is wanted waits");
            self.seat(number, &bet, freshness);
            self.bets.insert(number, bet);
        }
    }

    fn seat(&mut self, number: u64, bet: &WaitingBet, freshness: &Freshness) {
        match bet.lacking(freshness) {
            Some(partition) => self.wanted.entry(partition).or_default().insert((bet.fresh_to, number)),
            None => self.ready.insert((bet.not_before, number)),
        };
    }

    /// Whose wait is over at that time: the doomed, then the ready, then those whose time is up.
    pub(super) fn served_next(&self, at: Time) -> Option<u64> {
        let timed =
            |queue: &BTreeSet<(Time, u64)>| queue.first().filter(|(time, _)| *time <= at).map(|(_, number)| *number);
        self.doomed.first().copied().or_else(|| timed(&self.ready)).or_else(|| timed(&self.deadlines))
    }

    /// The next timer, and the knowledge that somebody lacks. `at` is the time of the batch.
    pub(super) fn next_due(&self, at: Time) -> Due {
        let first = |queue: &BTreeSet<(Time, u64)>| queue.first().map(|(time, _)| *time);
        let doomed = self.doomed.first().map(|_| at);
        let timers = [doomed, first(&self.ready), first(&self.deadlines)];
        let wanted = self.wanted.iter().filter_map(|(partition, queue)| Some((*partition, first(queue)?)));
        Due { at: timers.into_iter().flatten().min(), wanted: wanted.collect() }
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        // The indexes follow from the bets and the freshness.
        let WaitingRoom { next, bets, wanted: _, ready: _, deadlines: _, doomed: _, also_asked: _ } = self;
        stream.unsigned(*next).unsigned(bets.len() as u64);
        for (number, bet) in bets {
            let WaitingBet {
                request,
                source,
                placed_at,
                partitions,
                fresh_to,
                not_before,
                deadline,
                progress,
                doomed,
                also_asked,
            } = bet;
            stream.unsigned(*number).update(request.fingerprint.as_bytes());
            hash_source(stream, source);
            stream.integer(placed_at.ms()).unsigned(partitions.len() as u64);
            for partition in partitions {
                stream.unsigned(u64::from(*partition));
            }
            stream.integer(fresh_to.ms()).integer(not_before.ms()).integer(deadline.ms());
            match progress {
                Progress::Unjudged { wait, in_play } => {
                    hash_wait(stream.unsigned(0), wait).unsigned(u64::from(*in_play))
                }
                Progress::Pending { wait, hold, reserved } => {
                    hash_wait(stream.unsigned(1), wait);
                    reserved.hash_into(stream);
                    stream.unsigned(hold.posting).unsigned(u64::from(hold.index))
                }
            };
            stream.integer(doomed.map_or(-1, i64::from)).unsigned(also_asked.len() as u64);
            also_asked.iter().for_each(|source| hash_source(stream, source));
        }
    }
}

fn hash_source(stream: &mut HashStream, source: &InputRef) {
    stream.unsigned(source.topic as u64).unsigned(u64::from(source.partition)).unsigned(source.offset);
}

fn hash_wait<'a>(stream: &'a mut HashStream, wait: &Wait) -> &'a mut HashStream {
    let Wait { delay, decide_at, fresh_to, deadline, window } = wait;
    stream.integer(delay.get()).integer(decide_at.ms()).integer(fresh_to.ms());
    stream.integer(deadline.ms()).integer(window.0.ms()).integer(window.1.ms())
}
