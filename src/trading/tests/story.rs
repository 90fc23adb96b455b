//! The one helper that knows the machine: a story is a text, a line is something that happens and what is said of it.
//!
//! `900 g1 goal home -> 1x2 suspended incident; score 1:0` reads: at second 900 the fact `g1`, a scouted goal of the
//! home side, arrives; afterwards 1X2 is suspended by `incident`, and the score is 1:0. A word of its own:
//! `!` before the kind makes the fact sure, `skip 2` loses two messages, `late 7` sends number 7.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::*;
use crate::outcome::FactSet;
use crate::trading::TradingMachine;
use crate::values::*;

/// Kick-off is at this second of every story.
pub(super) const KICK_OFF: i64 = 600;

pub(super) struct Story {
    pub(super) machine: TradingMachine,
    pub(super) now: Time,
    /// How far behind its inputs the shard is.
    pub(super) lag: Millis,
    pub(super) heartbeats: bool,
    offset: u64,
    sequences: BTreeMap<(ProducerId, MatchId), u64>,
    heartbeat_sequence: u64,
    clock: Option<(Period, Time)>,
    /// What the last line made the machine say.
    pub(super) said: Vec<Output>,
    pub(super) updates: BTreeMap<MatchId, MatchUpdate>,
    readers: BTreeMap<MatchId, FactSet>,
    /// Version and time of the last image.
    images: BTreeMap<MatchId, (u64, Time)>,
    /// What outsiders know of results.
    results: BTreeMap<(MatchId, MarketId), Vec<(Outcome, OutcomeStatus)>>,
    image_every: Millis,
    /// What was asked of feed adapters, by id.
    pub(super) requests: Vec<String>,
    line: String,
}

pub(super) fn match_id(name: &str) -> MatchId {
    MatchId::parse(name).unwrap()
}

pub(super) fn producer(name: &str) -> ProducerId {
    ProducerId::parse(name).unwrap()
}

pub(super) fn fixture(revision: u32, kick_off_second: i64) -> FactBody {
    FactBody::Fixture(Fixture {
        revision,
        home: Text::parse("Home").unwrap(),
        away: Text::parse("Away").unwrap(),
        competition: CompetitionId::parse("league").unwrap(),
        kick_off: Time::from_ms(kick_off_second * 1_000),
        expectation: Expectation::Rates {
            home: Billionths::from_raw(1_500_000_000),
            away: Billionths::from_raw(1_100_000_000),
        },
        scope: Scope::default(),
    })
}

/// The same as a knock-out match, with home's lead from the first leg.
fn tie(first_leg: i8) -> FactBody {
    let FactBody::Fixture(fixture) = fixture(1, KICK_OFF) else { unreachable!() };
    FactBody::Fixture(Fixture { scope: Scope { knock_out: Some(first_leg), ..Scope::default() }, ..fixture })
}

/// Plays a story of match `m1` by producer `p`, whose fixture is there and whose producer is alive.
pub(super) fn play(text: &str) -> Story {
    let mut story = Story::new(Settings::default());
    story.tell("0 f1 !fixture -> 1x2 active");
    story.tell(text);
    story
}

impl Story {
    pub(super) fn new(settings: Settings) -> Story {
        let image_every = settings.clock.scaled(settings.clock.image_every);
        Story {
            machine: TradingMachine::new(0, Arc::new(settings)),
            now: Time::EPOCH,
            lag: Millis::ZERO,
            heartbeats: true,
            offset: 0,
            sequences: BTreeMap::new(),
            heartbeat_sequence: 0,
            clock: None,
            said: Vec::new(),
            updates: BTreeMap::new(),
            readers: BTreeMap::new(),
            images: BTreeMap::new(),
            results: BTreeMap::new(),
            image_every,
            requests: Vec::new(),
            line: String::new(),
        }
    }

    /// Plays on.
    pub(super) fn tell(&mut self, text: &str) -> &mut Story {
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.line = line.to_owned();
            let (happens, expected) = line.split_once("->").unwrap_or((line, ""));
            let words: Vec<&str> = happens.split_whitespace().collect();
            self.said.clear();
            self.advance(words[0].parse().unwrap());
            self.happen(&words[1..]);
            for check in expected.split(';').map(str::trim).filter(|check| !check.is_empty()) {
                self.check(check);
            }
        }
        self
    }

    /// Time goes by with a heartbeat every three seconds at most.
    fn advance(&mut self, second: i64) {
        let until = Time::from_ms(second * 1_000);
        while self.now < until {
            self.now = until.min(self.now + Millis::from_seconds(3));
            let beat = self.heartbeats && self.heartbeat_sequence > 0;
            let inputs = if beat { vec![self.heartbeat()] } else { Vec::new() };
            self.batch(inputs);
        }
    }

    fn heartbeat(&mut self) -> TradingInput {
        self.heartbeat_sequence += 1;
        TradingInput::Feed(FeedMessage::Heartbeat(Heartbeat {
            producer: producer("p"),
            sequence: self.heartbeat_sequence,
            source_at: self.now,
        }))
    }

    fn happen(&mut self, words: &[&str]) {
        match words {
            [] => {}
            ["skip", count] => {
                *self.sequences.entry((producer("p"), match_id("m1"))).or_default() += count.parse::<u64>().unwrap();
            }
            ["heartbeat"] => {
                let heartbeat = self.heartbeat();
                self.batch(vec![heartbeat]);
            }
            ["complete", request_id] => {
                let answer = SnapshotComplete {
                    producer: producer("p"),
                    request_id: Text::parse(request_id).unwrap(),
                    source_at: self.now,
                };
                self.batch(vec![TradingInput::Feed(FeedMessage::SnapshotComplete(answer))]);
            }
            ["desk", number, words @ ..] => self.desk(number.parse().unwrap(), words),
            ["late", sequence, id, words @ ..] => {
                let fact = self.fact(id, words, Some(sequence.parse().unwrap()));
                self.send(fact);
            }
            [id, words @ ..] => {
                let fact = self.fact(id, words, None);
                self.send(fact);
            }
        }
    }

    fn desk(&mut self, number: u128, words: &[&str]) {
        let action = match words {
            ["suspend"] => TradingAction::Suspend,
            ["resume"] => TradingAction::Resume,
            ["override", words @ ..] => TradingAction::Override(overriding(words)),
            words => TradingAction::Rule(body(words)),
        };
        let command = TradingCommand {
            command_id: CommandId::from_parts(Time::from_ms(1), number).unwrap(),
            match_id: match_id("m1"),
            actor: Text::parse("desk").unwrap(),
            action,
        };
        self.batch(vec![TradingInput::Command(command)]);
    }

    pub(super) fn fact(&mut self, id: &str, words: &[&str], sequence: Option<u64>) -> Fact {
        let is_sure = words[0].starts_with('!');
        let mut words = words.to_vec();
        words[0] = words[0].trim_start_matches('!');
        let supersedes = words.iter().position(|word| *word == "replaces").map(|at| {
            let id = FactId::parse(words[at + 1]).unwrap();
            words.truncate(at);
            id
        });
        let body = body(&words);
        if let FactBody::PeriodStart(period) = &body {
            self.clock = Some((*period, self.now));
        }
        let next = self.sequences.entry((producer("p"), match_id("m1"))).or_default();
        let sequence = sequence.unwrap_or_else(|| {
            *next += 1;
            *next
        });
        Fact {
            id: FactId::parse(id).unwrap(),
            match_id: match_id("m1"),
            producer: producer("p"),
            sequence,
            source_at: self.now,
            certainty: if is_sure { Certainty::Confirmed } else { Certainty::Scouted },
            supersedes,
            clock: self.clock.map(|(period, began)| MatchClock {
                period,
                elapsed: self.now - began,
                stoppage_announced_minutes: None,
            }),
            body,
        }
    }

    pub(super) fn send(&mut self, fact: Fact) {
        if self.heartbeat_sequence == 0 {
            let heartbeat = self.heartbeat();
            self.batch(vec![heartbeat]);
        }
        self.batch(vec![TradingInput::Feed(FeedMessage::Fact(fact))]);
    }

    /// One batch, as the runtime makes it.
    pub(super) fn batch(&mut self, inputs: Vec<TradingInput>) {
        let mut out = Outbox::new();
        self.machine.open(Moment { at: self.now, through: self.now - self.lag });
        for input in inputs {
            self.offset += 1;
            let topic = match input {
                TradingInput::Settings(_) | TradingInput::Command(_) => Topic::TradingCommands,
                TradingInput::Feed(_) => Topic::Feed,
            };
            let source = InputRef { topic, partition: 0, offset: self.offset };
            self.machine.apply(&Envelope { source, append_time: self.now - self.lag, input }, &mut out);
        }
        self.machine.due(5_000, &mut out);
        assert!(!self.machine.has_work());
        for output in out.take() {
            if let Output::Market(update) = &output {
                self.read(update);
            }
            self.read_projection(&output);
            if let Output::FeedRequest(request) = &output {
                self.requests.push(request.request_id.as_str().to_owned());
            }
            self.said.push(output);
        }
        for (match_id, update) in &self.updates {
            let (version, imaged_at) = self.images[match_id];
            let is_fresh = version == update.version || self.now - imaged_at < self.image_every;
            assert!(is_fresh, "version {version} is an old image of {}: {}", update.version, self.line);
            for market in &update.markets {
                let came = |outcomes: &[(Outcome, OutcomeStatus)]| -> Vec<_> {
                    outcomes.iter().map(|(_, status)| status.result()).collect()
                };
                let published: Vec<_> = market.outcomes.iter().map(|state| (state.outcome, state.status)).collect();
                let nothing = vec![None; published.len()];
                let told = self.results.get(&(match_id.clone(), market.id));
                assert_eq!(told.map_or(nothing, |told| came(told)), came(&published), "{} {}", market.id, self.line);
            }
        }
    }

    /// What outsiders rely on.
    fn read_projection(&mut self, output: &Output) {
        if let Output::Image(image) = output {
            let version = image.update.version;
            let update = &self.updates[&image.update.match_id];
            assert_eq!(image.update, MatchUpdate { facts: Vec::new(), ..update.clone() }, "{}", self.line);
            let before = self.images.insert(update.match_id.clone(), (version, self.now));
            assert!(before.is_none_or(|(before, _)| before < version), "one image a version: {}", self.line);
        }
        if let Output::Results(results) = output {
            assert_eq!(results.version, self.updates[&results.match_id].version, "{}", self.line);
            for market in &results.markets {
                self.results.insert((results.match_id.clone(), market.id), market.outcomes.clone());
            }
        }
    }

    /// What every reader of the market topic relies on.
    fn read(&mut self, update: &MatchUpdate) {
        let line = &self.line;
        let before = self.updates.get(&update.match_id);
        assert_eq!(update.version, before.map_or(0, |before| before.version) + 1, "the chain is unbroken: {line}");
        let reader = self.readers.entry(update.match_id.clone()).or_default();
        for fact in &update.facts {
            reader.insert(fact);
        }
        assert_eq!(reader.score(), update.score, "the facts published make the score published: {line}");
        assert_eq!(reader.reds(), update.reds, "{line}");
        for market in &update.markets {
            assert!(market.status != MarketStatus::Suspended || !market.owners.is_empty(), "{line}");
            assert!(market.status != MarketStatus::Active || market.owners.is_empty(), "{line}");
            assert!(market.price_version <= update.version, "{line}");
            for outcome in &market.outcomes {
                assert_eq!(outcome.status == OutcomeStatus::Offered, outcome.price.is_some(), "{line}");
            }
            let said = before.and_then(|before| before.markets.iter().find(|said| said.id == market.id));
            if let Some(said) = said {
                assert!(crate::market::is_legal_move(said.status, market.status), "{line}");
            }
        }
        let listed = |update: &MatchUpdate| update.markets.iter().map(|market| market.id).collect::<Vec<_>>();
        let gone = before.is_some_and(|before| listed(before).iter().any(|id| !listed(update).contains(id)));
        assert!(!gone, "what was ever offered stays listed: {line}");
        self.updates.insert(update.match_id.clone(), update.clone());
    }

    pub(super) fn last(&self) -> &MatchUpdate {
        self.updates.get(&match_id("m1")).expect("something was published")
    }

    pub(super) fn market(&self, id: &str) -> &MarketState {
        let id = MarketId::parse(id).unwrap();
        self.last().markets.iter().find(|market| market.id == id).unwrap_or_else(|| panic!("{id}: {}", self.line))
    }

    fn check(&self, check: &str) {
        let line = &self.line;
        let words: Vec<&str> = check.split_whitespace().collect();
        let updates =
            || self.said.iter().filter_map(|o| if let Output::Market(update) = o { Some(update) } else { None });
        match words.as_slice() {
            ["quiet"] => assert_eq!(updates().count(), 0, "{line}"),
            ["updates", count] => assert_eq!(updates().count().to_string(), *count, "{line}"),
            ["score", score] => {
                let now = self.last().score;
                assert_eq!(format!("{}:{}", now.home, now.away), *score, "{line}");
            }
            ["phase", phase] => assert_eq!(format!("{:?}", self.last().phase), *phase, "{line}"),
            ["news", id] => {
                let mut facts = updates().flat_map(|update| &update.facts);
                assert!(facts.any(|fact| fact.id.as_str() == *id), "{line}");
            }
            ["asks", id] => {
                let asked = |output: &Output| matches!(output, Output::FeedRequest(r) if r.request_id.as_str() == *id);
                assert!(self.said.iter().any(asked), "{line}");
            }
            ["alert", kind] => {
                let told = |output: &Output| matches!(output, Output::Alert(a) if format!("{:?}", a.kind) == *kind);
                assert!(self.said.iter().any(told), "{line}");
            }
            ["calm"] => assert!(!self.said.iter().any(|output| matches!(output, Output::Alert(_))), "{line}"),
            ["rejects", reason] => {
                let refused = |output: &Output| matches!(output, Output::Reject(r) if r.reason.name() == *reason);
                assert!(self.said.iter().any(refused), "{line}");
            }
            [market, outcome, "is", status] => {
                let outcome = Outcome::parse(outcome).unwrap();
                let state = self.market(market).outcomes.iter().find(|state| state.outcome == outcome).unwrap();
                assert_eq!(format!("{:?}", state.status).to_lowercase(), *status, "{line}");
            }
            [market, status, owners @ ..] => {
                let state = self.market(market);
                assert_eq!(format!("{:?}", state.status).to_lowercase(), *status, "{line}: {:?}", state.owners);
                if state.status == MarketStatus::Suspended {
                    let named = owners.iter().fold(Owners::NONE, |all, name| all.with(owner(name)));
                    assert_eq!(state.owners, named, "{line}");
                }
            }
            other => panic!("no such check: {other:?}"),
        }
    }
}

/// `clear home*1.5 away*0.5 rates=2.0/0.8 goals=2.8/0.6 rho=-0.1 total:line=0@2`
fn overriding(words: &[&str]) -> Override {
    let number = |text: &str| Billionths::from_f64(text.parse().unwrap()).unwrap();
    let mut asked = Override::default();
    for word in words {
        if *word == "clear" {
            asked.clear = true;
        } else if let Some(by) = word.strip_prefix("home*") {
            asked.home_multiplier = Some(number(by));
        } else if let Some(by) = word.strip_prefix("away*") {
            asked.away_multiplier = Some(number(by));
        } else if let Some((home, away)) = word.strip_prefix("rates=").and_then(|rates| rates.split_once('/')) {
            asked.strength = Some(Strength::Rates { home: number(home), away: number(away) });
        } else if let Some((total, supremacy)) = word.strip_prefix("goals=").and_then(|goals| goals.split_once('/')) {
            asked.strength = Some(Strength::Expectancies { total: number(total), supremacy: number(supremacy) });
        } else if let Some((market, quarters)) = word.split_once("=0@") {
            let family = MarketId::parse(&format!("{market}=0")).unwrap_or_else(|| panic!("{market}=0 is a family"));
            asked.line_offsets.push(LineOffset { family, quarters: quarters.parse().unwrap() });
        } else if let Some(rho) = word.strip_prefix("rho=") {
            asked.rho = Some(number(rho));
        } else {
            panic!("no such override: {word}");
        }
    }
    asked
}

fn owner(name: &str) -> Owner {
    let all = [Owner::Feed, Owner::Incident, Owner::Trader, Owner::Risk, Owner::Schedule, Owner::Lag];
    all.into_iter().find(|owner| format!("{owner:?}").to_lowercase() == name).expect("an owner's name")
}

fn side(word: &str) -> Side {
    if word == "home" { Side::Home } else { Side::Away }
}

fn period(word: &str) -> Period {
    match word {
        "1H" => Period::FirstHalf,
        "2H" => Period::SecondHalf,
        "ET1" => Period::ExtraFirstHalf,
        "ET2" => Period::ExtraSecondHalf,
        "SO" => Period::ShootOut,
        other => panic!("no period {other}"),
    }
}

fn body(words: &[&str]) -> FactBody {
    let id = |word: &str| FactId::parse(word).unwrap();
    match words {
        ["fixture"] => fixture(1, KICK_OFF),
        ["tie", first_leg] => tie(first_leg.parse().unwrap()),
        ["start", of] => FactBody::PeriodStart(period(of)),
        ["end", of] => FactBody::PeriodEnd(period(of)),
        ["whistle"] => FactBody::FinalWhistle,
        ["tick"] => FactBody::ClockTick,
        ["goal?"] => FactBody::PossibleGoal(None),
        ["no-goal"] => FactBody::NoGoal,
        ["goal", of] => FactBody::Goal { side: side(of), own_goal: false },
        ["restart"] => FactBody::PlayRestarted,
        ["penalty", of] => FactBody::PenaltyAwarded(side(of)),
        ["missed", of] => FactBody::PenaltyMissed(side(of)),
        ["red?"] => FactBody::PossibleRedCard(None),
        ["no-red"] => FactBody::NoRedCard,
        ["red", of] => FactBody::RedCard { side: side(of), second_yellow: false },
        ["yellow", of] => FactBody::YellowCard(side(of)),
        ["corner", of] => FactBody::CornerAwarded(side(of)),
        ["review"] => FactBody::ReviewStart,
        ["review-end"] => FactBody::ReviewEnd,
        ["interrupted"] => FactBody::Interruption,
        ["resumed"] => FactBody::Resumed,
        ["abandoned"] => FactBody::Abandoned,
        ["confirm", of] => FactBody::Confirmed(id(of)),
        ["rollback", of] => FactBody::Rollback(id(of)),
        ["cancel-all"] => FactBody::Cancel {
            window: BetWindow { from: None, to: None },
            reason: Text::parse("void").unwrap(),
            approval_ref: None,
        },
        ["cancel-undo", of] => FactBody::RollbackCancel(id(of)),
        other => panic!("nothing such happens: {other:?}"),
    }
}
