//! Whatever goes wrong on the way, the trading machine ends where it ends without faults.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::all_matches::wyscout_folder;
use super::*;
use crate::cli::replay::voice::Voice;
use crate::cli::replay::{Faults, Heartbeats, MatchScript, Pace, RunPlan, generated, read_match, schedule};
use crate::event::{
    Envelope, Fact, FeedMessage, FeedRequest, InputRef, Machine, MarketId, MarketStatus, MatchUpdate, Moment, Outbox,
    Outcome, OutcomeStatus, Output, Score, Settings, SnapshotComplete, Topic, TradingInput,
};
use crate::outcome::FactSet;
use crate::trading::TradingMachine;
use crate::values::{MatchId, Millis, Time};

const SPEED: u32 = 60;
const START: Time = Time::from_ms(1_800_000_000_000);
const STEP: Millis = Millis::new(250);

/// How a day ended for everybody who read the updates.
#[derive(Debug, PartialEq)]
struct Ended {
    /// By match: what every market came to, by outcome.
    markets: BTreeMap<MatchId, BTreeMap<MarketId, Vec<(Outcome, OutcomeStatus)>>>,
    /// Score, confirmed score and red cards of the facts that were published.
    standing: BTreeMap<MatchId, (Score, Score, (u8, u8))>,
}

/// What went wrong on the way, counted so that a test knows it did.
#[derive(Debug, Default)]
struct Trouble {
    requests: u64,
    lost: u64,
    rollbacks: usize,
    replaced: usize,
    alerts: usize,
}

/// A trading machine and the producer, both on made-up time, half a second at a time.
struct World {
    machine: TradingMachine,
    beats: Heartbeats,
    offset: u64,
    updates: BTreeMap<MatchId, MatchUpdate>,
    facts: BTreeMap<MatchId, FactSet>,
    requests: Vec<FeedRequest>,
    trouble: Trouble,
}

fn plan() -> RunPlan {
    RunPlan { pace: Pace::Times(NonZeroU32::new(SPEED).unwrap()), ..RunPlan::new(START) }
}

impl World {
    fn new() -> World {
        let mut settings = Settings::default();
        settings.clock.clock_scale = SPEED;
        let plan = plan();
        World {
            machine: TradingMachine::new(0, Arc::new(settings)),
            beats: Heartbeats::new(plan.producer, 1, START),
            offset: 0,
            updates: BTreeMap::new(),
            facts: BTreeMap::new(),
            requests: Vec::new(),
            trouble: Trouble::default(),
        }
    }

    fn batch(&mut self, at: Time, messages: Vec<FeedMessage>) {
        self.machine.open(Moment { at, through: at });
        let mut out = Outbox::new();
        for message in messages {
            let source = InputRef { topic: Topic::Feed, partition: 0, offset: self.offset };
            self.offset += 1;
            let input = TradingInput::Feed(message);
            self.machine.apply(&Envelope { source, append_time: at, input }, &mut out);
        }
        self.machine.due(1_000, &mut out);
        for output in out.take() {
            match output {
                Output::Market(update) => {
                    let facts = self.facts.entry(update.match_id.clone()).or_default();
                    update.facts.iter().for_each(|fact| self.trouble.count(fact, facts));
                    self.updates.insert(update.match_id.clone(), *update);
                }
                Output::FeedRequest(request) => self.requests.push(request),
                Output::Alert(_) => self.trouble.alerts += 1,
                Output::Reject(reject) => panic!("refused: {reject:?}"),
                Output::Watermark(_) | Output::Image(_) | Output::Results(_) => {}
                Output::Decision(_) | Output::Settlement(_) | Output::Posting(_) => {
                    panic!("not of trading: {output:?}")
                }
            }
        }
    }

    /// Plays the day to its end and two minutes more.
    fn play(&mut self, scripts: &[MatchScript], faults: Option<&Faults>) -> Ended {
        let mut voice = Voice::new(scripts, &plan(), faults).unwrap();
        let (mut now, mut next_beat, mut over_at) = (START, START, None);
        while over_at.is_none_or(|over| now - over < Millis::from_seconds(120)) {
            let mut messages = Vec::new();
            if !voice.is_silent(now) {
                if now >= next_beat {
                    next_beat = now + Millis::new(500);
                    messages.extend(self.beats.beat(now));
                }
                while let Some(fact) = voice.next(now) {
                    messages.extend(fact.map(FeedMessage::Fact));
                }
                for request in std::mem::take(&mut self.requests) {
                    messages.extend(voice.again(&request).into_iter().map(FeedMessage::Fact));
                    let FeedRequest { producer, request_id, .. } = request;
                    messages.push(FeedMessage::SnapshotComplete(SnapshotComplete {
                        producer,
                        request_id,
                        source_at: now,
                    }));
                }
            }
            self.batch(now, messages);
            if voice.is_done() {
                over_at = over_at.or(Some(now));
            }
            now = now + STEP;
        }
        (self.trouble.requests, self.trouble.lost) = (voice.progress.requests, voice.progress.lost);
        self.ended()
    }

    fn ended(&self) -> Ended {
        let of_match = |update: &MatchUpdate| {
            let ended = update.markets.iter().map(|market| {
                // The rest of the match from a score that never stood is void as a whole.
                let is_over = matches!(market.status, MarketStatus::Settled | MarketStatus::Cancelled);
                assert!(is_over, "{}: {} is {:?}", update.match_id, market.id, market.status);
                (market.id, market.outcomes.iter().map(|outcome| (outcome.outcome, outcome.status)).collect())
            });
            (update.match_id.clone(), ended.collect())
        };
        let standing = self.facts.iter().map(|(id, facts)| {
            assert!(!facts.has_unconfirmed_goal() && facts.regulation_over_confirmed(), "{id}");
            (id.clone(), (facts.score(), facts.confirmed_score(), facts.reds()))
        });
        Ended { markets: self.updates.values().map(of_match).collect(), standing: standing.collect() }
    }
}

impl Trouble {
    fn count(&mut self, fact: &Fact, facts: &mut FactSet) {
        self.rollbacks += usize::from(matches!(fact.body, FactBody::Rollback(_)));
        self.replaced += usize::from(fact.supersedes.is_some());
        facts.insert(fact);
    }
}

/// Markets that only one of the two days had (the rest of the match after a goal that never was) are of no concern; all
/// others came to the same.
fn assert_same(with: &Ended, without: &Ended, what: &str) {
    assert_eq!(with.standing, without.standing, "{what}");
    for (id, markets) in &without.markets {
        let other = &with.markets[id];
        let mut compared = 0;
        for (market, outcomes) in markets {
            let Some(outcomes_with) = other.get(market) else { continue };
            assert_eq!(outcomes_with, outcomes, "{what}: {id} {market}");
            compared += 1;
        }
        assert!(compared >= 5, "{what}: {id}: only {compared} markets are in both");
    }
}

fn day() -> Vec<MatchScript> {
    generated::match_day(3, 3, Millis::from_seconds(30))
}

fn calm(scripts: &[MatchScript]) -> Ended {
    let mut world = World::new();
    let ended = world.play(scripts, None);
    assert_eq!((world.trouble.requests, world.trouble.lost), (0, 0));
    ended
}

fn trouble(spec: &str, scripts: &[MatchScript], without: &Ended) -> Trouble {
    let mut world = World::new();
    let with = world.play(scripts, Some(&spec.parse().unwrap()));
    assert_same(&with, without, spec);
    world.trouble
}

#[test]
fn each_fault_alone_changes_nothing_in_the_end() {
    let day = day();
    let without = calm(&day);
    let trouble = |spec: &str| trouble(spec, &day, &without);
    let nothing = trouble("seed=1");
    assert_eq!((nothing.requests, nothing.lost, nothing.replaced), (0, 0, 0));
    assert!(trouble("seed=1,duplicates=0.3").requests == 0);
    assert!(trouble("seed=1,reorder=0.2").requests > 0);
    let gaps = trouble("seed=1,gaps=0.1");
    assert!(gaps.lost > 20 && gaps.requests > 10, "{gaps:?}");
    let silent = trouble("seed=1,silences=3");
    assert!(silent.requests > 0 && silent.alerts > 0, "{silent:?}");
    trouble("seed=1,late=1");
    let corrected = trouble("seed=1,corrections=1");
    assert!(corrected.replaced > 2 && corrected.rollbacks > nothing.rollbacks + 2, "{corrected:?}");
}

#[test]
fn all_faults_together_change_nothing_in_the_end() {
    for seed in 0..4 {
        let scripts = generated::match_day(seed, 2, Millis::from_seconds(30));
        let spec = format!("seed={seed},duplicates=0.1,reorder=0.1,gaps=0.05,late=0.5,corrections=0.7,silences=2");
        let trouble = trouble(&spec, &scripts, &calm(&scripts));
        assert!(trouble.requests > 0 && trouble.lost > 0, "{trouble:?}");
    }
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn real_matches_end_the_same_with_faults() {
    let Some(folder) = wyscout_folder() else { return };
    for id in [2_058_017, 2_500_919, 2_576_302, 2_058_004] {
        let played = read_match(&folder.join(format!("events/{id}.json.gz"))).unwrap();
        let scripts = [MatchScript::of_recording(&played, Millis::from_seconds(60))];
        let spec = "seed=5,duplicates=0.05,reorder=0.05,gaps=0.02,late=0.5,corrections=1,silences=1";
        trouble(spec, &scripts, &calm(&scripts));
    }
}

#[test]
fn the_same_seed_makes_the_same_mistakes() {
    let faults: Faults = "seed=9,duplicates=0.2,reorder=0.2,gaps=0.1,late=0.5,corrections=1".parse().unwrap();
    let script = &day()[0];
    let of = |faults: &Faults| schedule(script, &plan(), Some(faults)).unwrap();
    assert_eq!(of(&faults), of(&faults));
    assert_ne!(of(&faults), of(&Faults { seed: 10, ..faults.clone() }));
    // Without a fault of any kind nothing is touched.
    assert_eq!(of(&Faults::none(9)), schedule(script, &plan(), None).unwrap());
}

#[test]
fn late_is_late_by_its_own_time_and_in_the_count_of_the_telling() {
    let faults: Faults = "seed=2,late=1".parse().unwrap();
    let sendings = schedule(&day()[0], &plan(), Some(&faults)).unwrap();
    let late = sendings.iter().filter(|sending| sending.at > sending.fact.source_at).count();
    assert!(late > 5, "{late}");
    assert!(sendings.iter().all(|sending| sending.at >= sending.fact.source_at));
    assert!(sendings.is_sorted_by_key(|sending| sending.at));
    assert!(sendings.iter().zip(1..).all(|(sending, number)| sending.fact.sequence == number));
}

#[test]
fn a_spec_that_means_nothing_is_refused() {
    let refusal = |spec: &str| spec.parse::<Faults>().unwrap_err();
    assert!(refusal("seed").contains("NAME=NUMBER"));
    assert!(refusal("gap=0.1").contains("no fault is called \"gap\""));
    assert!(refusal("gaps=1.1").contains("share from 0 to 1"));
    assert!(refusal("gaps=NaN").contains("share from 0 to 1"));
    assert!(refusal("gaps=0.1,gaps=0.2").contains("twice"));
    assert!(refusal("silences=1e9").contains("whole number"));
    assert!(refusal("silences=100000").contains("at most"));
    assert!(refusal("silence_s=0").contains("1 to 600"));
    assert_eq!("".parse::<Faults>().unwrap(), Faults::none(0));
}
