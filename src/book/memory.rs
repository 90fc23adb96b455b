//! What was answered before: a command that comes again gets the same answer, and nothing moves twice.

use std::collections::{BTreeMap, VecDeque};

use crate::event::{PlacementRules, Refusal};
use crate::values::{Hash, HashStream, Millis, Time};

/// The answer that was given, or where it is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The bet waits, under this number.
    Waiting(u64),
    /// The bet was accepted and is stored here.
    Bet(u32),
    /// The account command was done.
    Done,
    /// Refused, so.
    Refused(Box<Refusal>),
}

/// What is known about an id.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Recall<'a> {
    /// Never seen.
    New,
    /// Seen with this same body.
    Same(&'a Answer),
    /// Seen with another body.
    Conflict,
    /// So old that it may have been seen and forgotten: never judged anew.
    Forgotten,
}

#[derive(Clone, Debug)]
struct Entry {
    fingerprint: Hash,
    forget_at: Time,
    answer: Answer,
}

/// The ids of one input topic.
///
/// Its clock is the newest append time of that topic, not the batch's time: a resend that lay in a backlog for an hour
/// is as old as its append time says, and must still meet the memory of that time.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    entries: BTreeMap<u128, Entry>,
    by_age: VecDeque<(Time, u128)>,
    clock: Time,
    /// When the newest forgotten id was made: an unknown id as old as that may be one of the forgotten.
    forgotten_to: Time,
}

impl Memory {
    pub(super) fn new() -> Memory {
        Memory { entries: BTreeMap::new(), by_age: VecDeque::new(), clock: Time::MIN, forgotten_to: Time::MIN }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// A record of the topic was appended then. Forgets what is old enough.
    pub(super) fn advance(&mut self, appended_at: Time) {
        self.clock = self.clock.max(appended_at);
        while let Some((forget_at, id)) = self.by_age.front().copied() {
            if forget_at >= self.clock {
                return;
            }
            self.by_age.pop_front();
            let is_ended = |entry: &Entry| match entry.answer {
                Answer::Done | Answer::Refused(_) => true,
                // These go with their bet.
                Answer::Waiting(_) | Answer::Bet(_) => false,
            };
            if self.entries.get(&id).is_some_and(is_ended) {
                self.forget(id);
            }
        }
    }

    /// What is known about the id; `is_open` says whether a stored bet is still open and so remembered at any age.
    pub(super) fn recall(&self, id: u128, fingerprint: Hash, is_open: impl Fn(u32) -> bool) -> Recall<'_> {
        let Some(entry) = self.entries.get(&id) else {
            return if made_at(id) <= self.forgotten_to { Recall::Forgotten } else { Recall::New };
        };
        let lives_on = match entry.answer {
            Answer::Waiting(_) => true,
            Answer::Bet(slot) => is_open(slot),
            Answer::Done | Answer::Refused(_) => false,
        };
        if !lives_on && entry.forget_at < self.clock {
            Recall::Forgotten
        } else if entry.fingerprint == fingerprint {
            Recall::Same(&entry.answer)
        } else {
            Recall::Conflict
        }
    }

    /// Remembers an answer, from the append time of its command on.
    pub(super) fn remember(
        &mut self,
        id: u128,
        fingerprint: Hash,
        placed_at: Time,
        rules: &PlacementRules,
        answer: Answer,
    ) {
        let forget_at = placed_at.max(made_at(id)) + remembered_for(rules);
        let before = self.entries.insert(id, Entry { fingerprint, forget_at, answer });
        assert!(before.is_none(), "an id is judged once");
        self.by_age.push_back((forget_at, id));
    }

    /// Puts a later answer (accepted, refused) in place of an earlier one (waiting).
    pub(super) fn amend(&mut self, id: u128, answer: Answer) {
        let entry = self.entries.get_mut(&id).expect("a bet that waits is remembered");
        // Its turn to be forgotten may have come while it waited.
        self.by_age.push_back((entry.forget_at, id));
        entry.answer = answer;
    }

    /// Whether a bet's id need not be known any more once the bet is closed.
    pub(super) fn may_forget(&self, id: u128) -> bool {
        self.entries.get(&id).is_none_or(|entry| entry.forget_at < self.clock)
    }

    /// An answer was given that there is no room to remember: no unknown id so old is judged any more. An id from the
    /// future is not barred with all that come before it; it is refused for itself.
    pub(super) fn bar(&mut self, id: u128, placed_at: Time, rules: &PlacementRules) {
        if made_at(id) <= placed_at - rules.id_time_earliest {
            self.forgotten_to = self.forgotten_to.max(made_at(id));
        }
    }

    /// Forgets an id for good.
    pub(super) fn forget(&mut self, id: u128) {
        self.entries.remove(&id);
        self.forgotten_to = self.forgotten_to.max(made_at(id));
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let Memory { entries, by_age, clock, forgotten_to } = self;
        stream.integer(clock.ms()).integer(forgotten_to.ms()).unsigned(entries.len() as u64);
        for (id, Entry { fingerprint, forget_at, answer }) in entries {
            stream.update(&id.to_be_bytes()).update(fingerprint.as_bytes()).integer(forget_at.ms());
            match answer {
                Answer::Waiting(number) => stream.unsigned(1).unsigned(*number),
                Answer::Bet(slot) => stream.unsigned(2).unsigned(u64::from(*slot)),
                Answer::Done => stream.unsigned(3),
                Answer::Refused(refusal) => hash_refusal(stream.unsigned(4), refusal),
            };
        }
        stream.unsigned(by_age.len() as u64);
        for (forget_at, id) in by_age {
            stream.integer(forget_at.ms()).update(&id.to_be_bytes());
        }
    }
}

/// An id must be too old to be judged before it may be forgotten, whatever the settings say.
fn remembered_for(rules: &PlacementRules) -> Millis {
    rules.remember_ids_for.max(rules.id_time_latest - rules.id_time_earliest)
}

/// The time that a UUIDv7 carries in its first 48 bits.
fn made_at(id: u128) -> Time {
    Time::from_ms(i64::try_from(id >> 80).expect("48 bits fit in 63"))
}

fn hash_refusal<'a>(stream: &'a mut HashStream, refusal: &Refusal) -> &'a mut HashStream {
    let Refusal { reason, stage, leg, current_price, max_stake, detail } = refusal;
    stream.unsigned(u64::from(reason.number())).unsigned(*stage as u64);
    stream.integer(leg.map_or(-1, i64::from)).integer(max_stake.map_or(-1, |stake| stake.minor()));
    stream.text(detail);
    stream.text(&current_price.map_or_else(String::new, |price| price.to_string()))
}
