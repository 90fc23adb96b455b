//! The old match as if it were played today: every fact with the instant at which it is to be sent.

use std::num::NonZeroU32;

use crate::event::{Certainty, Expectation, Fact, FactBody, FeedMessage, Fixture, Heartbeat};
use crate::values::{Billionths, FactId, IdError, MatchId, Millis, ProducerId, Time};

use super::faults::Faults;
use super::script::MatchScript;
use super::timeline::TimedFact;

/// How fast a match is played again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// So many times as fast as it was; breaks too.
    Times(NonZeroU32),
    /// All facts at one instant, in order.
    AtOnce,
}

/// One replay of a match or of a day of matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunPlan {
    /// When the fixtures are sent.
    pub start: Time,
    /// From the fixtures to the first kick-off, whatever the pace; at once there is none.
    pub lead: Millis,
    /// How fast.
    pub pace: Pace,
    /// Tells this run's matches from those of other runs: of `[A-Za-z0-9._:-]`.
    pub run: String,
    /// Who reports.
    pub producer: ProducerId,
    /// How the sides are expected to score in a match that brings no expectation of its own.
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

    /// When a match kicks off, as scheduled and in fact.
    pub fn kick_off(&self, script: &MatchScript) -> Time {
        self.send_at(script, Millis::ZERO)
    }

    fn send_at(&self, script: &MatchScript, at_match: Millis) -> Time {
        match self.pace {
            Pace::Times(times) => {
                let since_first = script.kick_off_after + at_match;
                self.start + self.lead + Millis::new(since_first.get() / i64::from(times.get()))
            }
            Pace::AtOnce => self.start,
        }
    }
}

/// A fact as it is told: later than it happened if the observer is late, or in the place of a wrong report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) fact: TimedFact,
    /// Match time since kick-off at which it is sent; its own time says when it happened.
    pub(super) told_at: Millis,
    pub(super) supersedes: Option<FactId>,
}

/// A fact on its way to the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// When it goes out.
    pub at: Time,
    /// What goes out.
    pub fact: Fact,
    /// It never arrives: only a request to send again brings it.
    pub is_lost: bool,
}

/// The facts of one match in one run, in the order in which they go out: the fixture at the start, then the rest, counted
/// from 1 without a gap. Without faults a fact goes out when it happens; with faults see [`Faults`].
///
/// # Errors
/// When the plan's `run` makes no legal match id.
pub fn schedule(script: &MatchScript, plan: &RunPlan, faults: Option<&Faults>) -> Result<Vec<Sending>, IdError> {
    let match_id = script.match_id(&plan.run)?;
    let as_it_happened =
        script.facts.iter().map(|fact| Told { fact: fact.clone(), told_at: fact.at_match, supersedes: None });
    let mut told: Vec<Told> = as_it_happened.collect();
    if let Some(faults) = faults {
        faults.mistell(&script.key, &mut told);
    }
    let mut sendings = vec![Sending { at: plan.start, fact: fixture(script, plan, &match_id), is_lost: false }];
    for (told, sequence) in told.into_iter().zip(2..) {
        let fact = Fact {
            id: told.fact.id,
            match_id: match_id.clone(),
            producer: plan.producer.clone(),
            sequence,
            source_at: plan.send_at(script, told.fact.at_match),
            certainty: told.fact.certainty,
            supersedes: told.supersedes,
            clock: Some(told.fact.clock),
            body: told.fact.body,
        };
        sendings.push(Sending { at: plan.send_at(script, told.told_at), fact, is_lost: false });
    }
    if let Some(faults) = faults {
        faults.misdeliver(&script.key, &mut sendings);
    }
    Ok(sendings)
}

fn fixture(script: &MatchScript, plan: &RunPlan, match_id: &MatchId) -> Fact {
    Fact {
        id: FactId::parse("fixture").expect("a legal id"),
        match_id: match_id.clone(),
        producer: plan.producer.clone(),
        sequence: 1,
        source_at: plan.start,
        certainty: Certainty::Confirmed,
        supersedes: None,
        clock: None,
        body: FactBody::Fixture(Fixture {
            revision: 1,
            home: script.home.clone(),
            away: script.away.clone(),
            competition: script.competition.clone(),
            kick_off: plan.kick_off(script),
            expectation: script.expectation.unwrap_or(plan.expectation),
            scope: script.scope,
        }),
    }
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
