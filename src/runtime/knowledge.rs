//! How far a shard knows its inputs: which ends it has learnt, and which of them it has reached.

use super::batch::{Source, SourceRange};
use super::log::KnownEnds;
use crate::event::Topic;
use crate::values::Time;
use std::collections::{BTreeMap, VecDeque};

/// Ends kept a source: enough for a second of polling; the oldest is dropped, which only makes knowledge older.
const ENDS_KEPT: usize = 32;

/// What is known of one source.
#[derive(Clone, Debug)]
struct Known {
    /// Next offset to apply.
    next: u64,
    /// Next offset known to be passed (markers included).
    reached: u64,
    /// Append time of the newest record applied.
    newest_append: Time,
    /// Learnt ends not reached yet, oldest first: (end, asked at).
    ends: VecDeque<(u64, Time)>,
    /// The newest learnt end that was reached.
    satisfied: (u64, Time),
}

/// The positions of a shard and the learnt ends of its sources. One thread owns it.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    sources: BTreeMap<Source, Known>,
}

impl Knowledge {
    /// Starts every source at offset zero.
    pub fn new(sources: impl IntoIterator<Item = Source>) -> Self {
        let known =
            Known { next: 0, reached: 0, newest_append: Time::MIN, ends: VecDeque::new(), satisfied: (0, Time::MIN) };
        Knowledge { sources: sources.into_iter().map(|source| (source, known.clone())).collect() }
    }

    /// Next offset to apply.
    pub fn next(&self, source: Source) -> u64 {
        self.sources[&source].next
    }

    /// Sources and their next offsets.
    pub fn positions(&self) -> impl Iterator<Item = (Source, u64)> + '_ {
        self.sources.iter().map(|(source, known)| (*source, known.next))
    }

    /// Ends have been learnt.
    pub fn learn(&mut self, ends: KnownEnds) {
        for (source, end, asked_at) in ends {
            if let Some(known) = self.sources.get_mut(&source) {
                known.ends.push_back((end, asked_at));
                if known.ends.len() > ENDS_KEPT {
                    known.ends.pop_front();
                }
            }
        }
    }

    /// Offsets between what has been reached, or fetched up to `end`, and the newest end learnt of a source.
    pub fn lag(&self, source: Source, end: Option<u64>) -> u64 {
        let reached = self.sources[&source].reached.max(end.unwrap_or(0));
        self.newest_end(source).saturating_sub(reached)
    }

    /// Up to when a source is known: the learnt end that was reached, or the newest record applied.
    pub fn known_through(&self, source: Source) -> Time {
        let known = &self.sources[&source];
        known.satisfied.1.max(known.newest_append)
    }

    /// Reading has passed everything below `offset` though no record says so (transaction markers).
    pub fn pass(&mut self, source: Source, offset: u64) {
        if let Some(known) = self.sources.get_mut(&source) {
            known.reached = known.reached.max(offset);
        }
    }

    /// The newest end learnt of a source, reached or not.
    pub fn newest_end(&self, source: Source) -> u64 {
        let known = &self.sources[&source];
        known.ends.back().map_or(known.satisfied.0, |(end, _)| *end)
    }

    /// A learnt end that lies beyond what has been read, though it was learnt before `before`: either a record is on its
    /// way, or only markers stand there.
    pub fn unreached(&self, before: Time) -> Option<(Source, u64, u64)> {
        self.sources.iter().find_map(|(source, known)| {
            let (end, asked_at) = known.ends.front()?;
            let doubtful = *end > known.reached && *asked_at < before && source.topic != Topic::Markets;
            doubtful.then_some((*source, known.next, *end))
        })
    }

    /// Takes a batch's share of a source: up to `last` (offset and append time), and returns what to journal.
    pub fn advance(&mut self, source: Source, last: Option<(u64, Time)>) -> SourceRange {
        let known = self.sources.get_mut(&source).expect("a source of this shard");
        let from = known.next;
        if let Some((offset, append_time)) = last {
            known.next = offset + 1;
            known.newest_append = known.newest_append.max(append_time);
        }
        known.reached = known.reached.max(known.next);
        while known.ends.front().is_some_and(|(end, _)| *end <= known.reached) {
            known.satisfied = known.ends.pop_front().expect("just seen");
        }
        let (known_end, learnt_at) = known.satisfied;
        SourceRange {
            source,
            from,
            to: known.next,
            reached: known.reached,
            known_end,
            learnt_at,
            newest_append: known.newest_append,
        }
    }

    /// Takes over what a journalled batch knew.
    pub fn restore(&mut self, range: &SourceRange) {
        let known = self.sources.get_mut(&range.source).expect("a source of this shard");
        known.next = range.to;
        known.reached = range.reached;
        known.newest_append = range.newest_append;
        known.satisfied = (range.known_end, range.learnt_at);
    }
}

/// Up to when the inputs of a batch are complete: for each source the later of "the learnt end was reached" and "the
/// newest record applied was appended then" (a partition is appended in order), and of all sources the earliest.
pub fn through(ranges: &[SourceRange]) -> Time {
    ranges.iter().map(|range| range.learnt_at.max(range.newest_append)).min().unwrap_or(Time::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: Source = Source { topic: Topic::Feed, partition: 2 };
    const DESK: Source = Source { topic: Topic::TradingCommands, partition: 2 };

    fn at(ms: i64) -> Time {
        Time::from_ms(ms)
    }

    #[test]
    fn a_backlog_makes_old_knowledge_and_an_idle_partition_fresh_one() {
        let mut knowledge = Knowledge::new([FEED, DESK]);
        assert_eq!(through(&[knowledge.advance(FEED, None), knowledge.advance(DESK, None)]), Time::MIN);
        knowledge.learn(vec![(FEED, 10, at(5_000)), (DESK, 0, at(5_000))]);
        let ranges = [knowledge.advance(FEED, Some((3, at(1_000)))), knowledge.advance(DESK, None)];
        assert_eq!(through(&ranges), at(1_000), "still draining: only what was applied is known");
        let ranges = [knowledge.advance(FEED, Some((9, at(4_000)))), knowledge.advance(DESK, None)];
        assert_eq!(through(&ranges), at(5_000), "the learnt end is reached");
        knowledge.learn(vec![(FEED, 10, at(5_100)), (DESK, 0, at(5_100))]);
        let ranges = [knowledge.advance(FEED, None), knowledge.advance(DESK, None)];
        assert_eq!(through(&ranges), at(5_100), "idle, and known to be");
    }

    #[test]
    fn an_end_behind_a_marker_is_doubted_and_then_passed() {
        let mut knowledge = Knowledge::new([FEED]);
        knowledge.learn(vec![(FEED, 5, at(1_000))]);
        assert_eq!(knowledge.advance(FEED, Some((3, at(900)))).learnt_at, Time::MIN, "offset 4 may be a record");
        assert_eq!(knowledge.unreached(at(900)), None, "too early to doubt");
        assert_eq!(knowledge.unreached(at(1_500)), Some((FEED, 4, 5)));
        knowledge.pass(FEED, 5);
        assert_eq!(knowledge.advance(FEED, None).learnt_at, at(1_000), "it was a marker");
        assert_eq!(knowledge.unreached(at(9_000)), None);
    }

    #[test]
    fn the_newest_reached_end_counts_though_a_newer_one_is_not_reached() {
        let mut knowledge = Knowledge::new([FEED]);
        knowledge.learn(vec![(FEED, 4, at(100)), (FEED, 8, at(200)), (FEED, 12, at(300))]);
        let range = knowledge.advance(FEED, Some((8, at(150))));
        assert_eq!((range.known_end, range.learnt_at), (8, at(200)));
        assert_eq!(through(&[range]), at(200));
    }
}
