//! The trading shard: one door in, one out, and nothing in between but facts, prices and the batch's time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::door;
use super::live_match::{Around, LiveMatch};
use super::quote::Pricer;
use crate::event::{
    Due, Envelope, Fact, InputRef, Machine, MatchPhase, Moment, Outbox, Reject, RejectReason, Settings, TradingInput,
    Watermark,
};
use crate::feed::{Producers, Requests, SilenceLimits};
use crate::values::{Hash, HashStream, MatchId, ProducerId, Time};

/// The machine of one trading shard.
pub struct TradingMachine {
    pub(super) shard: u32,
    pub(super) settings: Arc<Settings>,
    pub(super) moment: Moment,
    /// Append time of the newest feed record applied.
    pub(super) newest_append: Time,
    pub(super) matches: BTreeMap<MatchId, LiveMatch>,
    pub(super) producers: Producers,
    pub(super) requests: Requests,
    pub(super) calendar: Calendar,
    is_lagging: bool,
    /// Up to when what is published is complete: moves only when all that a batch decided is published.
    through: Time,
    is_behind: bool,
    /// This batch has published a match, so it ends with a watermark.
    has_published: bool,
    last_watermark: Option<Time>,
    pub(super) pricer: Pricer,
    /// Messages dropped as old, or known already.
    pub(super) dropped: u64,
}

/// Which matches must be looked at, and when.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    timers: BTreeSet<(Time, MatchId)>,
    /// Something outside the match has changed how it must be published.
    unpublished: BTreeSet<MatchId>,
}

impl Calendar {
    /// Asks for a look at the match, apart from any fact.
    pub(super) fn look_at(&mut self, match_id: &MatchId) {
        self.unpublished.insert(match_id.clone());
    }

    /// Moves the match to its first timer.
    fn enter(&mut self, live: &mut LiveMatch, settings: &Settings) {
        let timer = live.next_due(settings);
        if timer == live.timer {
            return;
        }
        if let Some(old) = live.timer {
            self.timers.remove(&(old, live.id.clone()));
        }
        if let Some(new) = timer {
            self.timers.insert((new, live.id.clone()));
        }
        live.timer = timer;
    }
}

impl TradingMachine {
    /// The machine of this shard, with nothing known.
    pub fn new(shard: u32, settings: Arc<Settings>) -> TradingMachine {
        TradingMachine {
            shard,
            settings,
            moment: Moment { at: Time::EPOCH, through: Time::EPOCH },
            newest_append: Time::MIN,
            matches: BTreeMap::new(),
            producers: Producers::new(),
            requests: Requests::new(shard),
            calendar: Calendar::default(),
            is_lagging: false,
            through: Time::EPOCH,
            is_behind: false,
            has_published: false,
            last_watermark: None,
            pricer: Pricer::new(),
            dropped: 0,
        }
    }

    /// Messages dropped because they were older than what is applied, or known already.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(super) fn limits(&self) -> SilenceLimits {
        let rules = &self.settings.trading;
        SilenceLimits { in_running: rules.silence_in_running, otherwise: rules.silence_otherwise }
    }

    /// Publishes a match with these facts (or because something around it has changed), and enters its timers.
    pub(super) fn publish(&mut self, match_id: &MatchId, facts: Vec<Fact>, out: &mut Outbox) {
        let Some(live) = self.matches.get_mut(match_id) else { return };
        let around = around(&self.settings, self.moment, self.through, self.is_lagging, &self.producers, live);
        let version = live.version;
        let needs_another = live.publish(&around, &mut self.pricer, facts, out);
        self.has_published |= live.version != version;
        self.calendar.unpublished.remove(match_id);
        if needs_another {
            self.calendar.look_at(match_id);
        }
        self.calendar.enter(live, &self.settings);
        let is_running = door::is_played(live.period()) && !live.facts.is_abandoned();
        if is_running != live.is_running
            && let Some(producer) = live.feed.authority()
        {
            self.producers.note_running(producer, is_running);
            live.is_running = is_running;
        }
    }

    /// Runs something on one match with what it must know of the world around it.
    pub(super) fn with_match<T>(
        &mut self,
        match_id: &MatchId,
        run: impl FnOnce(&mut LiveMatch, &Around<'_>) -> T,
    ) -> Option<T> {
        let live = self.matches.get_mut(match_id)?;
        let around = around(&self.settings, self.moment, self.through, self.is_lagging, &self.producers, live);
        Some(run(live, &around))
    }

    /// The shard falls behind its inputs, or catches up: every match that is not over is published anew.
    fn watch_lag(&mut self) {
        let is_lagging = self.moment.at - self.moment.through > self.settings.freshness.staleness_limit;
        if is_lagging == self.is_lagging {
            return;
        }
        self.is_lagging = is_lagging;
        for live in self.matches.values().filter(|live| live.phase() != MatchPhase::Over) {
            self.calendar.look_at(&live.id);
        }
    }

    fn watch_silence(&mut self, out: &mut Outbox) {
        let known_until = self.newest_append.max(self.moment.through);
        let silent = self.producers.check(known_until, self.limits(), &mut self.requests, out);
        for producer in silent {
            self.look_at_all_of(&producer);
        }
    }

    /// The producer's health has changed: so may all its matches.
    pub(super) fn look_at_all_of(&mut self, producer: &ProducerId) {
        for match_id in self.producers.matches_of(producer) {
            self.calendar.look_at(match_id);
        }
    }

    fn serve_timer(&mut self, match_id: &MatchId, out: &mut Outbox) {
        let Some(news) = self.with_match(match_id, |live, around| live.serve(around, out)) else { return };
        self.publish(match_id, news, out);
    }

    /// At least so often, also when idle, and behind everything that a batch publishes: a reader is fresh only when it has
    /// read all of the batch.
    fn say_watermark(&mut self, out: &mut Outbox) {
        let every = self.settings.freshness.watermark_every;
        let at = self.moment.at;
        let has_published = std::mem::take(&mut self.has_published);
        if has_published || self.last_watermark.is_none_or(|last| at - last >= every) {
            self.last_watermark = Some(at);
            out.push(Watermark { shard: self.shard, through: self.through, at });
        }
    }
}

/// What a match must know of the world around it.
fn around<'a>(
    settings: &'a Settings,
    moment: Moment,
    through: Time,
    is_lagging: bool,
    producers: &Producers,
    live: &LiveMatch,
) -> Around<'a> {
    let is_feed_held =
        live.feed.is_recovering() || live.feed.authority().is_none_or(|producer| producers.is_held(producer));
    Around { settings, at: moment.at, through, is_lagging, is_feed_held }
}

/// Refuses a record.
pub(super) fn refuse(cause: InputRef, reason: RejectReason, detail: impl Into<String>, out: &mut Outbox) {
    out.push(Reject { cause, reason, detail: detail.into() });
}

impl Machine for TradingMachine {
    type Input = TradingInput;

    fn open(&mut self, moment: Moment) {
        // What is published now may still be half of this batch: it claims no more than the batch before it.
        self.moment = moment;
    }

    fn apply(&mut self, envelope: &Envelope<TradingInput>, out: &mut Outbox) {
        match &envelope.input {
            TradingInput::Settings(settings) => {
                self.settings = Arc::clone(settings);
                for (match_id, live) in &mut self.matches {
                    // Prices by other rules do not wait for their turn.
                    live.ticks.free();
                    self.calendar.look_at(match_id);
                }
            }
            TradingInput::Command(command) => self.command(envelope.source, envelope.append_time, command, out),
            TradingInput::Feed(message) => self.feed(envelope.source, envelope.append_time, message, out),
        }
    }

    fn next_due(&self) -> Due {
        // Silence is looked for whenever a watermark is due: its limit is append time, which no timer can know.
        let every = self.settings.freshness.watermark_every;
        let watermark = self.last_watermark.map_or(self.moment.at, |last| last + every);
        let timer = self.calendar.timers.first().map(|(time, _)| *time);
        let unpublished = (!self.calendar.unpublished.is_empty()).then_some(self.moment.at);
        Due { at: [Some(watermark), timer, unpublished].into_iter().flatten().min(), wanted: Vec::new() }
    }

    fn due(&mut self, quota: u32, out: &mut Outbox) {
        self.watch_lag();
        self.watch_silence(out);
        let mut left = quota;
        while left > 0
            && let Some((time, match_id)) = self.calendar.timers.first().cloned()
            && time <= self.moment.at
        {
            self.serve_timer(&match_id, out);
            left -= 1;
        }
        while left > 0
            && let Some(match_id) = self.calendar.unpublished.first().cloned()
        {
            self.publish(&match_id, Vec::new(), out);
            left -= 1;
        }
        let timer_waits = self.calendar.timers.first().is_some_and(|(time, _)| *time <= self.moment.at);
        self.is_behind = timer_waits || !self.calendar.unpublished.is_empty();
        if !self.is_behind {
            self.through = self.through.max(self.moment.through);
        }
        self.say_watermark(out);
    }

    fn has_work(&self) -> bool {
        false
    }

    fn work(&mut self, _quota: u32, _out: &mut Outbox) {}

    fn state_hash(&self) -> Hash {
        let mut stream = HashStream::new();
        stream.unsigned(u64::from(self.shard)).unsigned(u64::from(self.settings.revision));
        for time in [self.moment.at, self.moment.through, self.newest_append, self.through] {
            stream.integer(time.ms());
        }
        stream.unsigned(u64::from(self.is_lagging)).unsigned(u64::from(self.is_behind)).unsigned(self.dropped);
        stream.integer(self.last_watermark.map_or(i64::MIN, |time| time.ms()));
        self.producers.hash_into(&mut stream);
        self.requests.hash_into(&mut stream);
        stream.unsigned(self.calendar.unpublished.len() as u64);
        for match_id in &self.calendar.unpublished {
            stream.text(match_id.as_str());
        }
        stream.unsigned(self.matches.len() as u64);
        for live in self.matches.values() {
            live.hash_into(&mut stream);
        }
        stream.finish()
    }
}
