//! A small world for tests: matches that publish, customers that bet, and a clock that the test moves.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::auditor::Auditor;
use crate::book::BookMachine;
use crate::event::*;
use crate::values::*;

/// Where every story begins.
pub(super) const START: Time = Time::from_ms(1_780_000_000_000);

/// A match as its trading shard would publish it.
pub(super) struct MatchSim {
    pub(super) update: MatchUpdate,
    facts: u64,
}

/// The world: one book, its inputs, and all that it said.
pub(super) struct World {
    pub(super) book: BookMachine,
    pub(super) settings: Settings,
    pub(super) now: Time,
    /// Append times of market records lag the clock by nothing; `through` is moved by `freshen`.
    pub(super) matches: BTreeMap<String, MatchSim>,
    pub(super) requests: BTreeMap<String, PlaceBet>,
    pub(super) auditor: Auditor,
    /// What the last batch said.
    pub(super) said: Vec<Output>,
    pub(super) chance: u128,
    offset: u64,
    /// Most bets looked at in one batch.
    pub(super) quota: u32,
}

pub(super) fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}

pub(super) fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

/// `12.34` as cents.
pub(super) fn dollars(text: &str) -> Money {
    parse_amount(text, Currency::parse("USD").unwrap()).unwrap()
}

impl MatchSim {
    pub(super) fn new(id: &str) -> MatchSim {
        let fixture = Fixture {
            revision: 3,
            home: text("Home"),
            away: text("Away"),
            competition: CompetitionId::parse("cup").unwrap(),
            kick_off: START + Millis::from_seconds(3_600),
            expectation: Expectation::Rates {
                home: Billionths::from_raw(1_400_000_000),
                away: Billionths::from_raw(1_100_000_000),
            },
            scope: Scope::default(),
        };
        let update = MatchUpdate {
            match_id: MatchId::parse(id).unwrap(),
            version: 0,
            through: START,
            phase: MatchPhase::PreMatch,
            period: Period::PreMatch,
            clock: None,
            score: Score::default(),
            reds: (0, 0),
            fixture,
            model: None,
            markets: Vec::new(),
            facts: Vec::new(),
        };
        MatchSim { update, facts: 0 }
    }

    /// Sets the prices of a market; makes it active if nobody holds it.
    pub(super) fn price(&mut self, id: MarketId, prices: &[Price]) {
        let version = self.update.version + 1;
        let owners =
            self.update.markets.iter().find(|market| market.id == id).map_or(Owners::NONE, |market| market.owners);
        let outcomes = id.outcomes().into_iter().zip(prices).map(|(outcome, price)| OutcomeState {
            outcome,
            status: OutcomeStatus::Offered,
            price: Some(*price),
            fair: Some(Billionths::from_raw(500_000_000)),
        });
        let status = if owners.is_empty() { MarketStatus::Active } else { MarketStatus::Suspended };
        let market = MarketState { id, status, owners, price_version: version, outcomes: outcomes.collect() };
        self.update.markets.retain(|known| known.id != id);
        self.update.markets.push(market);
        self.update.markets.sort_by_key(|market| market.id);
    }

    pub(super) fn hold(&mut self, owner: Owner, held: bool) {
        for market in &mut self.update.markets {
            market.owners = if held { market.owners.with(owner) } else { market.owners.without(owner) };
            if matches!(market.status, MarketStatus::Active | MarketStatus::Suspended) {
                market.status = if market.owners.is_empty() { MarketStatus::Active } else { MarketStatus::Suspended };
            }
        }
    }

    /// A fact of this match, not yet published. Named `f1`, `f2`, ...
    pub(super) fn fact(&mut self, source_at: Time, certainty: Certainty, period: Period, body: FactBody) -> Fact {
        self.facts += 1;
        Fact {
            id: FactId::parse(&format!("f{}", self.facts)).unwrap(),
            match_id: self.update.match_id.clone(),
            producer: ProducerId::parse("scout").unwrap(),
            sequence: self.facts,
            source_at,
            certainty,
            supersedes: None,
            clock: Some(MatchClock { period, elapsed: Millis::ZERO, stoppage_announced_minutes: None }),
            body,
        }
    }
}

impl World {
    pub(super) fn new(settings: Settings) -> World {
        World {
            book: BookMachine::new(0, Arc::new(settings.clone())),
            settings,
            now: START,
            matches: BTreeMap::new(),
            requests: BTreeMap::new(),
            auditor: Auditor::default(),
            said: Vec::new(),
            chance: 0,
            offset: 0,
            quota: 1_000,
        }
    }

    fn source(&mut self, topic: Topic, partition: u32) -> InputRef {
        self.offset += 1;
        InputRef { topic, partition, offset: self.offset }
    }

    /// One batch at the present moment.
    pub(super) fn batch(&mut self, inputs: Vec<Envelope<BookInput>>) {
        let mut out = Outbox::new();
        self.book.open(Moment { at: self.now, through: self.now });
        let (markets, commands): (Vec<_>, Vec<_>) = inputs.iter().partition(|one| one.source.topic == Topic::Markets);
        markets.iter().for_each(|one| self.book.apply(one, &mut out));
        self.book.due(self.quota, &mut out);
        commands.iter().for_each(|one| self.book.apply(one, &mut out));
        self.book.work(self.quota, &mut out);
        self.said = out.take();
        self.auditor.read(&self.said, &inputs);
        self.auditor.agrees_with(&self.book);
    }

    pub(super) fn partition_of(&self, id: &str) -> u32 {
        partition_for(id.as_bytes(), self.settings.match_partitions)
    }

    /// A market record as it would be appended now.
    pub(super) fn market_record(&mut self, input: BookInput, partition: u32) -> Envelope<BookInput> {
        let source = self.source(Topic::Markets, partition);
        Envelope { source, append_time: self.now, input }
    }

    /// Publishes a match with these facts, in a batch of its own.
    pub(super) fn publish(&mut self, id: &str, facts: Vec<Fact>) {
        let record = self.update_record(id, facts);
        self.batch(vec![record]);
    }

    pub(super) fn update_record(&mut self, id: &str, facts: Vec<Fact>) -> Envelope<BookInput> {
        let one = self.matches.get_mut(id).expect("a match of this world");
        one.update.version += 1;
        let mut update = one.update.clone();
        update.facts = facts;
        update.through = self.now;
        let partition = self.partition_of(id);
        self.market_record(BookInput::Market(Box::new(update)), partition)
    }

    /// Every partition is known up to then.
    pub(super) fn freshen(&mut self, through: Time) {
        let partitions = 0..self.settings.match_partitions;
        let records = partitions.map(|shard| {
            let mark = Watermark { shard, through, at: self.now };
            self.market_record(BookInput::Watermark(mark), shard)
        });
        let records = records.collect::<Vec<_>>();
        self.batch(records);
    }

    pub(super) fn command_id(&mut self) -> CommandId {
        self.chance += 1;
        CommandId::from_parts(self.now, self.chance).unwrap()
    }

    pub(super) fn account_record(&mut self, command: AccountCommand) -> Envelope<BookInput> {
        let source = self.source(Topic::AccountCommands, 0);
        Envelope { source, append_time: self.now, input: BookInput::Account(command) }
    }

    pub(super) fn account_command(&mut self, account: &str, action: AccountAction) -> AccountCommand {
        AccountCommand { command_id: self.command_id(), account: AccountId::parse(account).unwrap(), action }
    }

    pub(super) fn open_account(&mut self, account: &str) {
        let opening = OpenAccount {
            currency: Currency::parse("USD").unwrap(),
            licence: LicenceId::parse("US-NJ").unwrap(),
            birth_date: Date::new(1990, 1, 1).unwrap(),
            identity: Identity { status: IdentityStatus::Verified, expires: Date::new(2030, 1, 1).unwrap() },
        };
        let command = self.account_command(account, AccountAction::Open(opening));
        let record = self.account_record(command);
        self.batch(vec![record]);
    }

    pub(super) fn deposit(&mut self, account: &str, amount: Money) {
        let currency = Currency::parse("USD").unwrap();
        let command = self.account_command(account, AccountAction::Deposit { amount, currency });
        let record = self.account_record(command);
        self.batch(vec![record]);
    }

    /// Sends an account command of its own.
    pub(super) fn ask(&mut self, account: &str, action: AccountAction) {
        let command = self.account_command(account, action);
        let record = self.account_record(command);
        self.batch(vec![record]);
    }

    /// A well-formed bet made now.
    pub(super) fn request(&mut self, account: &str, stake: Money, legs: Vec<LegRequest>) -> PlaceBet {
        self.chance += 1;
        let request = PlaceBet {
            bet_id: BetId::from_parts(self.now, self.chance).unwrap(),
            account: AccountId::parse(account).unwrap(),
            stake,
            currency: Currency::parse("USD").unwrap(),
            legs,
            price_policy: PricePolicy::Better,
            odds_consent: None,
            session: Session { id: text("s"), expires_at: self.now + Millis::from_seconds(600) },
            location: LocationProof {
                id: text("l"),
                licence: LicenceId::parse("US-NJ").unwrap(),
                issued_at: self.now - Millis::from_seconds(60),
                expires_at: self.now + Millis::from_seconds(600),
            },
            text: WagerText::default(),
            fingerprint: Hash::ZERO,
        };
        sealed(request)
    }

    pub(super) fn bet_record(&mut self, request: PlaceBet) -> Envelope<BookInput> {
        let source = self.source(Topic::Commands, 0);
        Envelope { source, append_time: self.now, input: BookInput::Bet(Box::new(request)) }
    }

    /// Runs empty batches until no work is left.
    pub(super) fn drain(&mut self) -> u32 {
        let mut batches = 0;
        while self.book.has_work() {
            self.batch(Vec::new());
            batches += 1;
        }
        batches
    }
}

/// The request with its fingerprint set, as the door does.
pub(super) fn sealed(request: PlaceBet) -> PlaceBet {
    PlaceBet { fingerprint: request.fingerprint_of(), ..request }
}

pub(super) fn leg(match_id: &str, market: MarketId, outcome: Outcome, asked: Price) -> LegRequest {
    LegRequest { match_id: MatchId::parse(match_id).unwrap(), market, outcome, price: asked, seen_version: 0 }
}
