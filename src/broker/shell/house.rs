//! The one room in which all connections meet: the core behind a mutex, and a bell for each that waits.

use crate::broker::core::{Core, Limits};
use crate::broker::group::{Late, Ticket};
use crate::broker::topics::PartitionId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Time that never goes back: the wall's when the broker began, and a steady clock from there.
struct Clock {
    began_ms: i64,
    steady: Instant,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the shell brings the core its time")]
    fn start() -> Clock {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Clock { began_ms: i64::try_from(wall.as_millis()).unwrap_or(0), steady: Instant::now() }
    }

    fn now(&self) -> i64 {
        self.began_ms + i64::try_from(self.steady.elapsed().as_millis()).unwrap_or(0)
    }
}

/// Somebody who waits for something to read.
struct Reader {
    partitions: BTreeSet<PartitionId>,
    committed: bool,
    bell: Arc<Condvar>,
}

struct Room {
    core: Core,
    readers: BTreeMap<u64, Reader>,
    members: BTreeMap<Ticket, Arc<Condvar>>,
    answers: BTreeMap<Ticket, Late>,
    next: u64,
    /// Until when the timer sleeps.
    timer_until: Option<i64>,
    closed: bool,
}

/// The room and its bells.
pub(super) struct House {
    room: Mutex<Room>,
    timer: Condvar,
    clock: Clock,
    /// Where clients are told to connect: 127.0.0.1 and this.
    pub(super) port: u16,
}

impl House {
    /// An empty one. `incarnation` of the limits is filled in.
    pub(super) fn open(limits: Limits, port: u16) -> House {
        let clock = Clock::start();
        let core = Core::new(Limits { incarnation: clock.now() / 1_000, ..limits });
        let room = Room {
            core,
            readers: BTreeMap::new(),
            members: BTreeMap::new(),
            answers: BTreeMap::new(),
            next: 0,
            timer_until: None,
            closed: false,
        };
        House { room: Mutex::new(room), timer: Condvar::new(), clock, port }
    }

    fn enter(&self) -> MutexGuard<'_, Room> {
        self.room.lock().expect("a bug ended a thread in here; see its message")
    }

    /// Does something with the core, and wakes whom it concerns.
    pub(super) fn work<T>(&self, work: impl FnOnce(&mut Core, i64) -> T) -> T {
        let mut room = self.enter();
        let now = self.clock.now();
        let done = work(&mut room.core, now);
        self.settle(&mut room);
        done
    }

    /// Rings for those whose wait is over.
    fn settle(&self, room: &mut Room) {
        for news in room.core.take_news() {
            let concerned =
                |reader: &&Reader| (news.stable || !reader.committed) && reader.partitions.contains(&news.partition);
            room.readers.values().filter(concerned).for_each(|reader| reader.bell.notify_one());
        }
        for (ticket, answer) in room.core.take_answers() {
            if let Some(bell) = room.members.remove(&ticket) {
                room.answers.insert(ticket, answer);
                bell.notify_one();
            }
        }
        let due = room.core.next_deadline();
        if due.is_some_and(|due| room.timer_until.is_none_or(|until| due < until)) {
            self.timer.notify_one();
        }
    }

    /// Looks again and again, whenever something was written to these partitions, until there is enough to read or time
    /// is up. `look` gives what it saw and whether it is enough.
    pub(super) fn look<T>(
        &self,
        wait_ms: i64,
        committed: bool,
        mut look: impl FnMut(&Core, &mut BTreeSet<PartitionId>) -> (T, bool),
    ) -> T {
        let mut room = self.enter();
        let until = self.clock.now() + wait_ms;
        let mut partitions = BTreeSet::new();
        let (mut seen, mut enough) = look(&room.core, &mut partitions);
        if enough {
            return seen;
        }
        let bell = Arc::new(Condvar::new());
        room.next += 1;
        let number = room.next;
        room.readers.insert(number, Reader { partitions: partitions.clone(), committed, bell: Arc::clone(&bell) });
        while !enough && !room.closed {
            let left = until - self.clock.now();
            let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else { break };
            let waited = bell.wait_timeout(room, Duration::from_millis(left));
            room = waited.expect("a bug ended a thread in here; see its message").0;
            (seen, enough) = look(&room.core, &mut partitions);
        }
        room.readers.remove(&number);
        seen
    }

    /// Asks something of a group that is answered when others have spoken. Nothing: the house closes.
    pub(super) fn ask<E>(&self, ask: impl FnOnce(&mut Core, Ticket, i64) -> Result<(), E>) -> Result<Option<Late>, E> {
        let mut room = self.enter();
        room.next += 1;
        let ticket = room.next;
        let bell = Arc::new(Condvar::new());
        room.members.insert(ticket, Arc::clone(&bell));
        let now = self.clock.now();
        let asked = ask(&mut room.core, ticket, now);
        self.settle(&mut room);
        if let Err(refused) = asked {
            room.members.remove(&ticket);
            return Err(refused);
        }
        loop {
            if let Some(answer) = room.answers.remove(&ticket) {
                return Ok(Some(answer));
            }
            if room.closed {
                return Ok(None);
            }
            room = bell.wait(room).expect("a bug ended a thread in here; see its message");
        }
    }

    /// The timer's thread: sleeps until something is due, does it, and ends when the house closes.
    pub(super) fn keep_time(&self) {
        let mut room = self.enter();
        while !room.closed {
            let now = self.clock.now();
            room.core.expire(now);
            self.settle(&mut room);
            room.timer_until = room.core.next_deadline();
            room = match room.timer_until {
                None => self.timer.wait(room).expect("a bug ended a thread in here; see its message"),
                Some(until) => {
                    let left = u64::try_from(until - now).unwrap_or(0).max(1);
                    let waited = self.timer.wait_timeout(room, Duration::from_millis(left));
                    waited.expect("a bug ended a thread in here; see its message").0
                }
            };
        }
    }

    /// Sends everybody home.
    pub(super) fn close(&self) {
        let mut room = self.enter();
        room.closed = true;
        self.timer.notify_one();
        room.readers.values().for_each(|reader| reader.bell.notify_one());
        room.members.values().for_each(|bell| bell.notify_one());
    }
}
