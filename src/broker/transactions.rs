//! Who may write under a transactional id, what the open transaction touched, and how it ended.
//!
//! Kafka's first protocol of transactions (before KIP-890), which is what librdkafka speaks. A transaction ends here in
//! one step, so no client is ever told to wait for the last one (`CONCURRENT_TRANSACTIONS`).

use super::fault::Fault;
use super::topics::PartitionId;
use std::collections::{BTreeMap, BTreeSet};

/// How a transactional id stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing yet in this epoch.
    Empty,
    /// Open since then, milliseconds.
    Open(i64),
    /// The last one was committed.
    Committed,
    /// The last one was taken back.
    Aborted,
}

/// One transactional id.
#[derive(Clone, Debug)]
struct Transaction {
    producer_id: i64,
    epoch: i16,
    /// The epoch before it was raised at its owner's wish; -1: none, or not at its wish.
    epoch_before: i16,
    timeout_ms: i64,
    state: State,
    partitions: BTreeSet<PartitionId>,
    groups: BTreeSet<String>,
}

/// What must be done where a transaction ends: a marker each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    /// Its writer.
    pub(crate) producer_id: i64,
    /// The epoch of the markers: raised where the writer is shut out.
    pub(crate) epoch: i16,
    /// Whether it stands.
    pub(crate) commit: bool,
    /// Where it wrote.
    pub(crate) partitions: BTreeSet<PartitionId>,
    /// Where it committed offsets.
    pub(crate) groups: BTreeSet<String>,
}

/// A producer's name for itself: (id, epoch).
pub(crate) type Producer = (i64, i16);

/// All transactional ids.
#[derive(Clone, Debug)]
pub(crate) struct Transactions {
    by_id: BTreeMap<String, Transaction>,
    by_producer: BTreeMap<i64, String>,
    next_producer_id: i64,
    timeout_ms_max: i64,
}

impl Transaction {
    /// Ends it.
    fn end(&mut self, commit: bool) -> Ending {
        self.state = if commit { State::Committed } else { State::Aborted };
        Ending {
            producer_id: self.producer_id,
            epoch: self.epoch,
            commit,
            partitions: std::mem::take(&mut self.partitions),
            groups: std::mem::take(&mut self.groups),
        }
    }

    /// Shuts its writer out and takes back what is open.
    fn fence(&mut self) -> Ending {
        self.epoch = self.epoch.saturating_add(1);
        self.epoch_before = -1;
        self.end(false)
    }

    fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    fn check(&self, producer: Producer) -> Result<(), Fault> {
        if self.producer_id != producer.0 {
            return Err(Fault::InvalidProducerIdMapping);
        }
        if self.epoch == producer.1 { Ok(()) } else { Err(Fault::ProducerFenced) }
    }
}

impl Transactions {
    /// None yet. Ids are given from `first_producer_id` on.
    pub(crate) fn new(first_producer_id: i64, timeout_ms_max: i64) -> Self {
        let (by_id, by_producer) = (BTreeMap::new(), BTreeMap::new());
        Transactions { by_id, by_producer, next_producer_id: first_producer_id, timeout_ms_max }
    }

    /// A new producer without a transactional id.
    pub(crate) fn new_producer(&mut self) -> Producer {
        let id = self.next_producer_id;
        self.next_producer_id += 1;
        (id, 0)
    }

    /// A writer takes over a transactional id: whoever had it is fenced, and what was open is taken back. `known`: what
    /// the writer is already, if it only wants a new epoch.
    pub(crate) fn init(
        &mut self,
        id: &str,
        timeout_ms: i64,
        known: Option<Producer>,
    ) -> Result<(Producer, Option<Ending>), Fault> {
        if id.is_empty() {
            return Err(Fault::InvalidRequest);
        }
        if timeout_ms <= 0 || timeout_ms > self.timeout_ms_max {
            return Err(Fault::InvalidTransactionTimeout);
        }
        let Some(transaction) = self.by_id.get_mut(id) else {
            let producer = self.new_producer();
            let transaction = Transaction {
                producer_id: producer.0,
                epoch: producer.1,
                epoch_before: -1,
                timeout_ms,
                state: State::Empty,
                partitions: BTreeSet::new(),
                groups: BTreeSet::new(),
            };
            self.by_id.insert(id.to_owned(), transaction);
            self.by_producer.insert(producer.0, id.to_owned());
            return Ok((producer, None));
        };
        if let Some((producer_id, epoch)) = known {
            let repeated = transaction.epoch_before >= 0 && epoch == transaction.epoch_before;
            if producer_id != transaction.producer_id || (epoch != transaction.epoch && !repeated) {
                return Err(Fault::ProducerFenced);
            }
            if repeated && !transaction.is_open() {
                // The answer was lost on its way: the same answer again.
                return Ok(((transaction.producer_id, transaction.epoch), None));
            }
        }
        let ending = transaction.is_open().then(|| transaction.fence());
        transaction.timeout_ms = timeout_ms;
        transaction.state = State::Empty;
        if transaction.epoch >= i16::MAX - 1 {
            // Epochs are used up: a new producer id.
            self.by_producer.remove(&transaction.producer_id);
            (transaction.producer_id, transaction.epoch) = (self.next_producer_id, 0);
            (transaction.epoch_before, self.next_producer_id) = (-1, self.next_producer_id + 1);
            self.by_producer.insert(transaction.producer_id, id.to_owned());
        } else {
            transaction.epoch_before = known.map_or(-1, |(_, epoch)| epoch);
            transaction.epoch += 1;
        }
        Ok(((transaction.producer_id, transaction.epoch), ending))
    }

    fn owned(&mut self, id: &str, producer: Producer) -> Result<&mut Transaction, Fault> {
        let transaction = self.by_id.get_mut(id).ok_or(Fault::InvalidProducerIdMapping)?;
        transaction.check(producer)?;
        Ok(transaction)
    }

    /// Adds partitions to the open transaction, which begins with them if there is none.
    pub(crate) fn add_partitions(
        &mut self,
        id: &str,
        producer: Producer,
        partitions: impl IntoIterator<Item = PartitionId>,
        now: i64,
    ) -> Result<(), Fault> {
        let transaction = self.owned(id, producer)?;
        if !transaction.is_open() {
            transaction.state = State::Open(now);
        }
        transaction.partitions.extend(partitions);
        Ok(())
    }

    /// Adds a group's offsets to the open transaction.
    pub(crate) fn add_group(&mut self, id: &str, producer: Producer, group: &str, now: i64) -> Result<(), Fault> {
        self.add_partitions(id, producer, [], now)?;
        self.owned(id, producer)?.groups.insert(group.to_owned());
        Ok(())
    }

    /// Ends the open transaction. The same end said twice is no error, and does nothing.
    pub(crate) fn end(&mut self, id: &str, producer: Producer, commit: bool) -> Result<Option<Ending>, Fault> {
        let transaction = self.owned(id, producer)?;
        match (transaction.state, commit) {
            (State::Open(_), _) => Ok(Some(transaction.end(commit))),
            (State::Committed, true) | (State::Aborted, false) => Ok(None),
            (State::Committed, false) | (State::Aborted, true) | (State::Empty, _) => Err(Fault::InvalidTxnState),
        }
    }

    /// Whether a transactional batch may be written there.
    pub(crate) fn check_write(&self, producer: Producer, partition: PartitionId) -> Result<(), Fault> {
        let id = self.by_producer.get(&producer.0).ok_or(Fault::InvalidProducerIdMapping)?;
        let transaction = self.by_id.get(id).ok_or(Fault::InvalidProducerIdMapping)?;
        // Producers are told so by another name than coordinators use, as they always were.
        transaction.check(producer).map_err(|_| Fault::InvalidProducerEpoch)?;
        let named = transaction.is_open() && transaction.partitions.contains(&partition);
        if named { Ok(()) } else { Err(Fault::InvalidTxnState) }
    }

    /// Whether offsets of that group may be committed in the open transaction.
    pub(crate) fn check_group(&mut self, id: &str, producer: Producer, group: &str) -> Result<(), Fault> {
        let older_name = |fault| if fault == Fault::ProducerFenced { Fault::InvalidProducerEpoch } else { fault };
        let transaction = self.owned(id, producer).map_err(older_name)?;
        let named = transaction.is_open() && transaction.groups.contains(group);
        if named { Ok(()) } else { Err(Fault::InvalidTxnState) }
    }

    /// Takes back, and fences, what was open for too long.
    pub(crate) fn expire(&mut self, now: i64) -> Vec<Ending> {
        let late = self.by_id.values_mut().filter(|transaction| transaction.deadline().is_some_and(|at| at <= now));
        late.map(Transaction::fence).collect()
    }

    /// When the next one will have been open for too long.
    pub(crate) fn next_deadline(&self) -> Option<i64> {
        self.by_id.values().filter_map(Transaction::deadline).min()
    }
}

impl Transaction {
    fn deadline(&self) -> Option<i64> {
        match self.state {
            State::Open(since) => Some(since + self.timeout_ms),
            State::Empty | State::Committed | State::Aborted => None,
        }
    }
}
