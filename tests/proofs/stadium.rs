//! A feed of our own: hand-made matches whose goals fall when a proof wants them to.

use crate::dice::Dice;
use crate::reading::Reader;
use crate::sending::{Parcel, Sender, now_ms};
use crate::world::World;
use prost::Message as _;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use touchline::values::partition_for;
use touchline::wire::proto::{self, fact::Body, feed_message};

const PRODUCER: &str = "stadium";
const BEAT_EVERY: Duration = Duration::from_millis(400);

/// A match as its reporter sees it.
#[derive(Clone, Debug, Default)]
struct Report {
    told: u64,
    period: i32,
    period_began_ms: i64,
}

/// What the reporting thread and the proof share.
struct Desk {
    sender: Sender,
    topic: String,
    partitions: u32,
    scale: u32,
    reports: BTreeMap<String, Report>,
    told: Vec<proto::Fact>,
    beats: u64,
}

/// The feed. It beats, and answers what trading asks, until its owner goes.
pub struct Stadium {
    desk: Arc<Mutex<Desk>>,
    gone: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stadium {
    /// Opens it; heartbeats begin.
    pub fn open(world: &World) -> Stadium {
        let desk = Arc::new(Mutex::new(Desk {
            sender: Sender::new(&world.brokers),
            topic: world.topic("feed.v1"),
            partitions: world.shape.matches,
            scale: world.shape.clock_scale,
            reports: BTreeMap::new(),
            told: Vec::new(),
            beats: 0,
        }));
        let gone = Arc::new(AtomicBool::new(false));
        let mut requests = world.reader("feed-requests.v1");
        let (shared, over) = (Arc::clone(&desk), Arc::clone(&gone));
        let thread = std::thread::Builder::new()
            .name("stadium".to_owned())
            .spawn(move || beat_and_answer(&shared, &mut requests, &over))
            .expect("a thread");
        Stadium { desk, gone, thread: Some(thread) }
    }

    /// Announces a match that kicks off at `kick_off_ms`.
    pub fn announce(&self, match_id: &str, kick_off_ms: i64) {
        let fixture = proto::Fixture {
            revision: 1,
            home: format!("{match_id} home"),
            away: format!("{match_id} away"),
            competition: "proof-league".to_owned(),
            kick_off_ms,
            home_expectation_billionths: 1_450_000_000,
            away_expectation_billionths: 1_150_000_000,
            ..proto::Fixture::default()
        };
        self.tell(match_id, Body::Fixture(fixture));
    }

    /// Tells a confirmed fact, and has it in the topic when this returns.
    pub fn tell(&self, match_id: &str, body: Body) -> String {
        self.desk.lock().expect("no panic holding it").tell(match_id, body, proto::Certainty::Confirmed)
    }

    /// Tells what one observer saw.
    pub fn tell_scouted(&self, match_id: &str, body: Body) -> String {
        self.desk.lock().expect("no panic holding it").tell(match_id, body, proto::Certainty::Scouted)
    }

    /// Kick-off.
    pub fn kick_off(&self, match_id: &str) {
        self.tell(match_id, Body::PeriodStart(proto::Period::FirstHalf.into()));
    }

    /// From any running half to the confirmed end.
    pub fn end(&self, match_id: &str) {
        let period = self.desk.lock().expect("no panic holding it").reports[match_id].period;
        if period == i32::from(proto::Period::FirstHalf) {
            self.tell(match_id, Body::PeriodEnd(proto::Period::FirstHalf.into()));
            self.tell(match_id, Body::PeriodStart(proto::Period::SecondHalf.into()));
        }
        let end = self.tell(match_id, Body::PeriodEnd(proto::Period::SecondHalf.into()));
        let whistle = self.tell(match_id, Body::FinalWhistle(proto::Nothing {}));
        self.tell(match_id, Body::Confirmed(end));
        self.tell(match_id, Body::Confirmed(whistle));
    }

    /// A goal for the side, as feeds tell it: possible, scored, play goes on.
    pub fn goal(&self, match_id: &str, side: proto::Side, pause: Duration) {
        self.tell_scouted(match_id, Body::PossibleGoal(side.into()));
        std::thread::sleep(pause);
        self.tell_scouted(match_id, Body::Goal(proto::Goal { side: side.into(), own_goal: false }));
        std::thread::sleep(pause);
        self.tell(match_id, Body::PlayRestarted(proto::Nothing {}));
    }

    /// Something happens in the match, as the dice fall.
    pub fn happening(&self, match_id: &str, dice: &mut Dice) {
        let side = if dice.percent(55) { proto::Side::Home } else { proto::Side::Away };
        let nothing = proto::Nothing {};
        let pause = Duration::from_millis(dice.within(1, 120));
        match dice.within(0, 10) {
            0..4 => {
                self.tell(match_id, Body::ClockTick(nothing));
            }
            4 | 5 => self.goal(match_id, side, pause),
            6 => {
                self.tell_scouted(match_id, Body::PossibleGoal(side.into()));
                std::thread::sleep(pause);
                self.tell(match_id, Body::NoGoal(nothing));
            }
            7 => {
                self.tell(match_id, Body::PenaltyAwarded(side.into()));
                std::thread::sleep(pause);
                self.tell(match_id, Body::PenaltyMissed(side.into()));
            }
            8 => {
                self.tell(match_id, Body::ReviewStart(nothing));
                std::thread::sleep(pause);
                self.tell(match_id, Body::ReviewEnd(nothing));
            }
            _ => {
                self.tell(match_id, Body::Interruption(nothing));
                std::thread::sleep(pause);
                self.tell(match_id, Body::Resumed(nothing));
            }
        }
    }
}

impl Drop for Stadium {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

impl Desk {
    fn tell(&mut self, match_id: &str, body: Body, certainty: proto::Certainty) -> String {
        let now = now_ms();
        let report = self.reports.entry(match_id.to_owned()).or_default();
        report.told += 1;
        if let Body::PeriodStart(period) = &body {
            (report.period, report.period_began_ms) = (*period, now);
        }
        let elapsed_ms = (now - report.period_began_ms) * i64::from(self.scale.max(1));
        let clock = proto::MatchClock {
            period: report.period,
            // A half of a hand-made match may last longer than a half.
            elapsed_ms: u32::try_from(elapsed_ms.clamp(0, 44 * 60_000)).expect("clamped"),
            stoppage_announced_minutes: None,
        };
        let ruling = matches!(body, Body::Fixture(_) | Body::Confirmed(_) | Body::Rollback(_));
        let fact = proto::Fact {
            id: format!("{match_id}/{}", report.told),
            match_id: match_id.to_owned(),
            producer: PRODUCER.to_owned(),
            sequence: report.told,
            source_at_ms: now,
            certainty: certainty.into(),
            supersedes: String::new(),
            clock: (!ruling && report.period != 0).then_some(clock),
            body: Some(body),
        };
        let id = fact.id.clone();
        self.told.push(fact.clone());
        self.send_fact(fact);
        self.sender.settle();
        id
    }

    fn send_fact(&mut self, fact: proto::Fact) {
        let key = fact.match_id.clone();
        let partition = partition_for(key.as_bytes(), self.partitions);
        let value = proto::FeedMessage { body: Some(feed_message::Body::Fact(fact)) }.encode_to_vec();
        self.put(partition, Some(key.as_bytes()), &value);
    }

    fn put(&mut self, partition: u32, key: Option<&[u8]>, value: &[u8]) {
        let topic = self.topic.clone();
        self.sender.send(&Parcel { topic: &topic, partition, key, value: Some(value), content_type: None });
    }

    fn everywhere(&mut self, body: &feed_message::Body) {
        let value = proto::FeedMessage { body: Some(body.clone()) }.encode_to_vec();
        for partition in 0..self.partitions {
            self.put(partition, None, &value);
        }
    }

    fn beat(&mut self) {
        self.beats += 1;
        let beat = proto::Heartbeat { producer: PRODUCER.to_owned(), sequence: self.beats, source_at_ms: now_ms() };
        self.everywhere(&feed_message::Body::Heartbeat(beat));
    }

    /// Sends again what is asked for, then says that this was all.
    fn answer(&mut self, request: proto::FeedRequest) {
        let wanted = |fact: &&proto::Fact| request.match_id.is_empty() || fact.match_id == request.match_id;
        for fact in self.told.iter().filter(wanted).cloned().collect::<Vec<_>>() {
            self.send_fact(fact);
        }
        self.everywhere(&feed_message::Body::SnapshotComplete(proto::SnapshotComplete {
            producer: PRODUCER.to_owned(),
            request_id: request.request_id,
            source_at_ms: now_ms(),
        }));
    }
}

fn beat_and_answer(desk: &Mutex<Desk>, requests: &mut Reader, gone: &AtomicBool) {
    let mut last: Option<Instant> = None;
    while !gone.load(Ordering::Relaxed) {
        if last.is_none_or(|last| last.elapsed() >= BEAT_EVERY) {
            last = Some(Instant::now());
            desk.lock().expect("no panic holding it").beat();
        }
        if let Some(seen) = requests.poll(Duration::from_millis(10)) {
            let request = proto::FeedRequest::decode(seen.value.as_slice()).expect("a feed request");
            if request.producer == PRODUCER {
                desk.lock().expect("no panic holding it").answer(request);
            }
        }
    }
}
