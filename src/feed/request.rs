//! What we asked a producer to send again, and which answer belongs to which question.

use std::collections::BTreeMap;

use crate::event::{FeedRequest, SnapshotComplete};
use crate::values::{HashStream, MatchId, ProducerId, Text, Time};

/// The requests of one trading shard. Numbers rise from 1 and are never used again.
#[derive(Clone, Debug)]
pub struct Requests {
    shard: u32,
    made: u64,
    open: BTreeMap<u64, (ProducerId, Option<MatchId>)>,
}

/// What an answer has put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The whole producer has recovered, not just matches.
    pub whole_producer: bool,
    /// Matches whose gap is closed, by name: the one asked for, or those asked for before the whole producer was.
    pub matches: Vec<MatchId>,
}

impl Requests {
    /// No requests yet.
    pub fn new(shard: u32) -> Requests {
        Requests { shard, made: 0, open: BTreeMap::new() }
    }

    /// Makes a request for one match, or for all of a producer's in this partition; gives its number and its record.
    pub fn ask(&mut self, producer: &ProducerId, match_id: Option<&MatchId>, since: Time) -> (u64, FeedRequest) {
        self.made += 1;
        self.open.insert(self.made, (producer.clone(), match_id.cloned()));
        let request = FeedRequest {
            producer: producer.clone(),
            request_id: self.id_of(self.made),
            match_id: match_id.cloned(),
            since,
        };
        (self.made, request)
    }

    /// Forgets a request that a newer one has replaced: its answer may have been made too early.
    pub fn forget(&mut self, number: u64) {
        self.open.remove(&number);
    }

    /// What this answer puts right; `None` if it answers nothing that we still ask of that producer.
    pub fn answered(&mut self, answer: &SnapshotComplete) -> Option<Answered> {
        let number: u64 = answer.request_id.as_str().rsplit('-').next()?.parse().ok()?;
        let (producer, match_id) = self.open.get(&number)?;
        if *producer != answer.producer || self.id_of(number) != answer.request_id {
            return None;
        }
        match match_id.clone() {
            Some(match_id) => {
                self.open.remove(&number);
                Some(Answered { whole_producer: false, matches: vec![match_id] })
            }
            None => Some(Answered { whole_producer: true, matches: self.take_up_to(number, &answer.producer) }),
        }
    }

    /// Removes the requests to that producer up to this number; the matches among them.
    fn take_up_to(&mut self, number: u64, producer: &ProducerId) -> Vec<MatchId> {
        let covered: Vec<u64> =
            self.open.range(..=number).filter(|(_, (to, _))| to == producer).map(|(number, _)| *number).collect();
        covered.into_iter().filter_map(|number| self.open.remove(&number)?.1).collect()
    }

    fn id_of(&self, number: u64) -> Text {
        Text::parse(&format!("trading-{}-{number}", self.shard)).expect("two numbers fit in a text")
    }

    /// Adds everything to a hash.
    pub fn hash_into(&self, stream: &mut HashStream) {
        stream.unsigned(u64::from(self.shard)).unsigned(self.made).unsigned(self.open.len() as u64);
        for (number, (producer, match_id)) in &self.open {
            stream.unsigned(*number).text(producer.as_str());
            stream.text(match_id.as_ref().map_or("", |id| id.as_str()));
        }
    }
}
