//! Prices that move by the clock alone are not said faster than anybody reads them.
//!
//! A held-back move is forgotten, not kept: when its time comes the match is priced anew, so what is said is never old.
//! Whatever has happened does not come here at all: it is said at once, and with it the newest prices.

use crate::values::{HashStream, Millis, Time};

/// When a match was last said, and when the next move of its prices may be.
#[derive(Clone, Debug, Default)]
pub(super) struct Ticks {
    said_at: Option<Time>,
    /// The inputs that the last update was made with.
    said_inputs: u64,
    /// A move is held back until then.
    due: Option<Time>,
}

impl Ticks {
    /// The match has been said, whole.
    pub(super) fn said(&mut self, at: Time, inputs_version: u64) {
        *self = Ticks { said_at: Some(at), said_inputs: inputs_version, due: None };
    }

    /// Whether the prices were made with other inputs than those that were last said.
    pub(super) fn has_other_inputs(&self, inputs_version: u64) -> bool {
        self.said_inputs != inputs_version
    }

    /// The next move of prices need not wait, whenever the last one was.
    pub(super) fn free(&mut self) {
        self.said_at = None;
    }

    /// Nothing is held back any more: what there is to say is being looked at now.
    pub(super) fn look(&mut self) {
        self.due = None;
    }

    /// Whether a move of prices must wait; if so, until when is remembered.
    pub(super) fn hold_back(&mut self, at: Time, spacing: Option<Millis>) -> bool {
        let earliest = self.said_at.zip(spacing).map(|(said_at, spacing)| said_at + spacing);
        self.due = earliest.filter(|earliest| *earliest > at);
        self.due.is_some()
    }

    /// When a move that is held back is to be said.
    pub(super) fn next_due(&self) -> Option<Time> {
        self.due
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        for time in [self.said_at, self.due] {
            stream.integer(time.map_or(i64::MIN, Time::ms));
        }
        stream.unsigned(self.said_inputs);
    }
}
