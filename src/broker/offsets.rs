//! How far a group says that it has come: what is committed, and what still waits for a transaction to end.

use super::fault::Fault;
use std::collections::BTreeMap;

/// The longest note beside an offset, bytes.
const NOTE_LEN_MAX: usize = 4_096;

/// A partition, by its topic's name.
pub(crate) type Place = (String, i32);

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) note: Option<String>,
}

/// An offset with its number among all that were ever said.
type Numbered = (u64, Committed);

/// A group's offsets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offsets {
    committed: BTreeMap<Place, Numbered>,
    /// By the producer in whose open transaction they lie.
    pending: BTreeMap<i64, BTreeMap<Place, Numbered>>,
    said: u64,
}

impl Offsets {
    /// Commits, at once or when the producer's transaction is.
    pub(crate) fn commit(&mut self, producer: Option<i64>, place: Place, offset: Committed) -> Result<(), Fault> {
        if offset.note.as_ref().is_some_and(|note| note.len() > NOTE_LEN_MAX) {
            return Err(Fault::OffsetMetadataTooLarge);
        }
        self.said += 1;
        match producer {
            None => self.committed.insert(place, (self.said, offset)),
            Some(producer) => self.pending.entry(producer).or_default().insert(place, (self.said, offset)),
        };
        Ok(())
    }

    /// A producer's transaction has ended. Of two for one place, that which was said later stands, whichever transaction
    /// was committed last: a group's offsets follow the order in which its members spoke.
    pub(crate) fn end_transaction(&mut self, producer: i64, commit: bool) {
        let pending = self.pending.remove(&producer).unwrap_or_default();
        for (place, offset) in pending.into_iter().filter(|_| commit) {
            if self.committed.get(&place).is_none_or(|known| known.0 < offset.0) {
                self.committed.insert(place, offset);
            }
        }
    }

    /// What is committed there; a fault where a transaction may still change it and the reader cares.
    pub(crate) fn get(&self, place: &Place, stable: bool) -> Result<Option<&Committed>, Fault> {
        if stable && self.pending.values().any(|offsets| offsets.contains_key(place)) {
            return Err(Fault::UnstableOffsetCommit);
        }
        Ok(self.committed.get(place).map(|(_, offset)| offset))
    }

    /// Every place with a committed offset.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        self.committed.keys()
    }

    /// Forgets a topic that is no more.
    pub(crate) fn forget(&mut self, topic: &str) {
        self.committed.retain(|(name, _), _| name != topic);
        for pending in self.pending.values_mut() {
            pending.retain(|(name, _), _| name != topic);
        }
    }
}
