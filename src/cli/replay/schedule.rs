//! The old match as if it were played today: every fact with the instant at which it is to be sent.

use std::num::NonZeroU32;

use crate::event::{Certainty, Expectation, Fact, FactBody, FeedMessage, Fixture, Heartbeat};
use crate::values::{Billionths, FactId, IdError, MatchId, Millis, ProducerId, Time};

use super::timeline::TimedFact;
use super::wyscout::PlayedMatch;

/// How fast a match is played again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// So many times as fast as it was; breaks too.
    Times(NonZeroU32),
    /// All facts at one instant, in order.
    AtOnce,
}

/// One replay of one match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunPlan {
    /// When the fixture is sent.
    pub start: Time,
    /// From the fixture to the kick-off, whatever the pace; at once there is none.
    pub lead: Millis,
    /// How fast.
    pub pace: Pace,
    /// Tells this run's match from those of other runs: of `[A-Za-z0-9._:-]`.
    pub run: String,
    /// Who reports.
    pub producer: ProducerId,
    /// How the sides are expected to score.
    pub expectation: Expectation,
}

impl RunPlan {
    /// The default plan: producer `wyscout`, as fast as it was, 10 s to the kick-off, 1.5 and 1.2 goals expected, and the
    /// start in seconds to base 36 as the name of the run.
    pub fn new(start: Time) -> RunPlan {
        RunPlan {
            start,
            lead: Millis::from_seconds(10),
            pace: Pace::Times(NonZeroU32::MIN),
            run: base_36(u64::try_from(start.ms() / 1_000).unwrap_or(0)),
            producer: ProducerId::parse("wyscout").expect("a legal id"),
            expectation: Expectation::Rates {
                home: Billionths::from_raw(1_500_000_000),
                away: Billionths::from_raw(1_200_000_000),
            },
        }
    }

    /// When the match kicks off, as scheduled and in fact.
    pub fn kick_off(&self) -> Time {
        match self.pace {
            Pace::Times(_) => self.start + self.lead,
            Pace::AtOnce => self.start,
        }
    }

    /// The id that the match has in this run: `wyscout-ID-RUN`.
    pub fn match_id(&self, played: &PlayedMatch) -> Result<MatchId, IdError> {
        MatchId::parse(&format!("wyscout-{}-{}", played.wyscout_id, self.run))
    }

    fn send_at(&self, at_match: Millis) -> Time {
        match self.pace {
            Pace::Times(times) => self.kick_off() + Millis::new(at_match.get() / i64::from(times.get())),
            Pace::AtOnce => self.start,
        }
    }
}

/// The messages of one run in order, each with the instant to send it at, which is its source time too: the fixture at
/// the start, then the facts. Sequences count from 1. An error: the plan's `run` makes no legal match id.
pub fn schedule(
    played: &PlayedMatch,
    facts: Vec<TimedFact>,
    plan: RunPlan,
) -> Result<impl Iterator<Item = (Time, FeedMessage)>, IdError> {
    let match_id = plan.match_id(played)?;
    let fixture = Fixture {
        revision: 1,
        home: played.home.clone(),
        away: played.away.clone(),
        competition: played.competition.clone(),
        kick_off: plan.kick_off(),
        expectation: plan.expectation,
    };
    let first = Fact {
        id: FactId::parse("fixture").expect("a legal id"),
        match_id: match_id.clone(),
        producer: plan.producer.clone(),
        sequence: 1,
        source_at: plan.start,
        certainty: Certainty::Confirmed,
        supersedes: None,
        clock: None,
        body: FactBody::Fixture(fixture),
    };
    let rest = (2..).zip(facts).map(move |(sequence, timed)| Fact {
        id: timed.id,
        match_id: match_id.clone(),
        producer: plan.producer.clone(),
        sequence,
        source_at: plan.send_at(timed.at_match),
        certainty: timed.certainty,
        supersedes: None,
        clock: Some(timed.clock),
        body: timed.body,
    });
    Ok(std::iter::once(first).chain(rest).map(|fact| (fact.source_at, FeedMessage::Fact(fact))))
}

/// The producer's signs of life, counted per partition. The sender sends one a second to every partition.
#[derive(Clone, Debug)]
pub struct Heartbeats {
    producer: ProducerId,
    /// Last sequence, by partition.
    sent: Vec<u64>,
}

impl Heartbeats {
    /// None sent yet, to this many partitions. Counting goes on from the milliseconds of the start, so that the beats of
    /// a later run are never older than those of an earlier one.
    pub fn new(producer: ProducerId, partitions: usize, start: Time) -> Heartbeats {
        Heartbeats { producer, sent: vec![u64::try_from(start.ms()).unwrap_or(0); partitions] }
    }

    /// The next beat of every partition, in order of partitions.
    pub fn beat(&mut self, source_at: Time) -> Vec<FeedMessage> {
        let mut beats = Vec::with_capacity(self.sent.len());
        for sent in &mut self.sent {
            *sent += 1;
            beats.push(FeedMessage::Heartbeat(Heartbeat {
                producer: self.producer.clone(),
                sequence: *sent,
                source_at,
            }));
        }
        beats
    }
}

fn base_36(mut number: u64) -> String {
    const DIGITS: [u8; 36] = *b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = Vec::new();
    loop {
        digits.push(char::from(DIGITS[(number % 36) as usize]));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}
