//! Who still sends: a producer without a heartbeat is not trusted until it has sent everything again.

use std::collections::{BTreeMap, BTreeSet};

use super::request::Requests;
use crate::event::{Alert, AlertKind, Heartbeat, Outbox};
use crate::values::{HashStream, MatchId, Millis, ProducerId, Time};

/// Most producers that a shard listens to.
const PRODUCERS_MAX: usize = 256;

/// How long a producer may go without a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SilenceLimits {
    /// While one of its matches is being played.
    pub in_running: Millis,
    /// Otherwise.
    pub otherwise: Millis,
}

/// One producer.
#[derive(Clone, Debug)]
struct Producer {
    /// Append time of its last heartbeat, or of its first record.
    last_heartbeat: Time,
    /// Source time of that heartbeat: recovery starts there, not at a fact that came after the hole.
    last_source_at: Time,
    /// No heartbeat has come since it was found silent.
    is_silent: bool,
    /// The recovery it still owes us.
    asked: Option<u64>,
    /// Matches for which it is the authority.
    matches: BTreeSet<MatchId>,
    /// How many of them are being played.
    running: u32,
}

/// All producers that a shard hears. Time is append time, so a backlog is never mistaken for silence.
#[derive(Clone, Debug, Default)]
pub struct Producers {
    known: BTreeMap<ProducerId, Producer>,
}

impl Producers {
    /// Nobody yet.
    pub fn new() -> Producers {
        Producers::default()
    }

    /// Notes that a record of this producer came; its first one counts as a sign of life. False if there are too many.
    pub fn hear(&mut self, producer: &ProducerId, append_time: Time, source_at: Time) -> bool {
        if self.known.contains_key(producer) {
            return true;
        }
        if self.known.len() >= PRODUCERS_MAX {
            return false;
        }
        let heard = Producer {
            last_heartbeat: append_time,
            last_source_at: source_at,
            is_silent: false,
            asked: None,
            matches: BTreeSet::new(),
            running: 0,
        };
        self.known.insert(producer.clone(), heard);
        true
    }

    /// Notes a heartbeat. A pause before it that was too long is found here even if nobody looked meanwhile (a backlog
    /// read at once); true then, as its matches are held from now on.
    pub fn heartbeat(
        &mut self,
        heartbeat: &Heartbeat,
        append_time: Time,
        limits: SilenceLimits,
        requests: &mut Requests,
        out: &mut Outbox,
    ) -> bool {
        let Some(known) = self.known.get_mut(&heartbeat.producer) else { return false };
        let fell_silent = known.check(&heartbeat.producer, append_time, limits, requests, out);
        known.is_silent = false;
        known.last_heartbeat = known.last_heartbeat.max(append_time);
        // While a recovery is owed, a new one must reach back as far.
        if known.asked.is_none() {
            known.last_source_at = known.last_source_at.max(heartbeat.source_at);
        }
        fell_silent
    }

    /// Looks who has fallen silent, given how far the feed is known; their matches are held from now on.
    pub fn check(
        &mut self,
        known_until: Time,
        limits: SilenceLimits,
        requests: &mut Requests,
        out: &mut Outbox,
    ) -> Vec<ProducerId> {
        let mut silent = Vec::new();
        for (id, producer) in &mut self.known {
            if producer.check(id, known_until, limits, requests, out) {
                silent.push(id.clone());
            }
        }
        silent
    }

    /// The producer's recovery is complete.
    pub fn recovered(&mut self, producer: &ProducerId, append_time: Time) {
        if let Some(known) = self.known.get_mut(producer) {
            known.asked = None;
            known.is_silent = false;
            known.last_heartbeat = known.last_heartbeat.max(append_time);
        }
    }

    /// Whether its matches must be held.
    pub fn is_held(&self, producer: &ProducerId) -> bool {
        self.known.get(producer).is_none_or(|known| known.is_silent || known.asked.is_some())
    }

    /// Notes that it is the authority for a match.
    pub fn add_match(&mut self, producer: &ProducerId, match_id: &MatchId) {
        if let Some(known) = self.known.get_mut(producer) {
            known.matches.insert(match_id.clone());
        }
    }

    /// Notes that play began or ended in one of its matches.
    pub fn note_running(&mut self, producer: &ProducerId, is_running: bool) {
        if let Some(known) = self.known.get_mut(producer) {
            known.running = if is_running { known.running + 1 } else { known.running.saturating_sub(1) };
        }
    }

    /// The matches for which it is the authority, by name.
    pub fn matches_of(&self, producer: &ProducerId) -> impl Iterator<Item = &MatchId> {
        self.known.get(producer).into_iter().flat_map(|known| &known.matches)
    }

    /// Adds everything to a hash.
    pub fn hash_into(&self, stream: &mut HashStream) {
        stream.unsigned(self.known.len() as u64);
        for (id, producer) in &self.known {
            stream.text(id.as_str()).integer(producer.last_heartbeat.ms()).integer(producer.last_source_at.ms());
            stream.unsigned(u64::from(producer.is_silent)).unsigned(producer.asked.unwrap_or(0));
            stream.unsigned(u64::from(producer.running)).unsigned(producer.matches.len() as u64);
            for match_id in &producer.matches {
                stream.text(match_id.as_str());
            }
        }
    }
}

impl Producer {
    /// Finds it silent, once: asks for a recovery of all its matches (a new one even if it owes us one: that may have
    /// been made before the silence) and tells the operator.
    fn check(
        &mut self,
        id: &ProducerId,
        known_until: Time,
        limits: SilenceLimits,
        requests: &mut Requests,
        out: &mut Outbox,
    ) -> bool {
        let limit = if self.running > 0 { limits.in_running } else { limits.otherwise };
        let pause = known_until - self.last_heartbeat;
        if self.is_silent || pause <= limit {
            return false;
        }
        self.is_silent = true;
        let (number, request) = requests.ask(id, None, self.last_source_at);
        if let Some(replaced) = self.asked.replace(number) {
            requests.forget(replaced);
        }
        out.push(request);
        if self.matches.is_empty() {
            return true;
        }
        out.push(Alert {
            kind: AlertKind::ProducerSilent,
            subject: id.to_string(),
            detail: format!(
                "no heartbeat for {} ms since {}: its {} matches are held; bets accepted since then are at risk",
                pause.get(),
                self.last_heartbeat,
                self.matches.len()
            ),
        });
        true
    }
}
