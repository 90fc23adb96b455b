//! Who bets on what: ten thousand customers with money, a hundred matches before kick-off, singles at the price on offer.

use anyhow::anyhow;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use std::time::Duration;
use touchline::event::{
    AccountAction, AccountCommand, Expectation, Fixture, Identity, IdentityStatus, LegRequest, LocationProof, MarketId,
    MarketState, MarketStatus, MatchPhase, MatchUpdate, OpenAccount, Outcome, OutcomeState, OutcomeStatus, Owners,
    Period, PlaceBet, PricePolicy, Score, Session, WagerText,
};
use touchline::runtime::clock::{local_ms, monotonic};
use touchline::values::{
    AccountId, BetId, Billionths, CommandId, CompetitionId, Currency, Date, Hash, LicenceId, MatchId, Money, Price,
    QuarterLine, Text, Time,
};
use touchline::wire;

/// Matches on offer, each with 1X2 and seven total lines.
pub(super) const MATCHES: u32 = 100;
/// Each stake, in minor units.
const STAKE_MINOR: i64 = 100;
/// Each deposit: nobody runs out of money.
const DEPOSIT_MINOR: i64 = 100_000_000;

/// A record as it is produced: key and value.
pub(super) type Record = (String, Vec<u8>);

/// The customers and their dice. The same seed gives the same bets but for their times.
pub(super) struct World {
    accounts: u32,
    matches: Vec<MatchUpdate>,
    dice: u64,
}

impl World {
    /// That many customers.
    pub(super) fn new(accounts: u32) -> anyhow::Result<Self> {
        let matches = (0..MATCHES).map(match_before_kick_off).collect::<anyhow::Result<_>>()?;
        Ok(World { accounts, matches, dice: 0x9e37_79b9_7f4a_7c15 })
    }

    /// How many commands [`World::account_commands`] gives.
    pub(super) fn account_command_count(&self) -> usize {
        2 * self.accounts as usize
    }

    /// Every match as trading would publish it, complete up to now.
    pub(super) fn match_updates(&self) -> Vec<Record> {
        let now = Time::from_ms(local_ms());
        let record = |update: &MatchUpdate| {
            let mut value = Vec::new();
            wire::encode(&MatchUpdate { through: now, ..update.clone() }.into(), wire::Role::Trading, &mut value);
            (update.match_id.to_string(), value)
        };
        self.matches.iter().map(record).collect()
    }

    /// All accounts opened, then a deposit into each.
    pub(super) fn account_commands(&mut self) -> anyhow::Result<Vec<Record>> {
        let open = AccountAction::Open(OpenAccount {
            currency: usd(),
            licence: licence()?,
            birth_date: Date::parse("1990-05-17").expect("a date"),
            identity: Identity {
                status: IdentityStatus::Verified,
                expires: Date::parse("2099-12-31").expect("a date"),
            },
        });
        let deposit = AccountAction::Deposit { amount: Money::from_minor(DEPOSIT_MINOR), currency: usd() };
        let mut records = Vec::with_capacity(self.account_command_count());
        for action in [open, deposit] {
            for number in 0..self.accounts {
                let command_id = CommandId::from_bits(self.id(number)?.bits()).map_err(|error| anyhow!("{error}"))?;
                let command = AccountCommand { command_id, account: account(number)?, action: action.clone() };
                let mut value = Vec::new();
                wire::encode_account_command(&command, &mut value);
                records.push((command.account.to_string(), value));
            }
        }
        Ok(records)
    }

    /// A single before kick-off, made now, that has every reason to be accepted. Its number stands in its id.
    pub(super) fn bet(&mut self, number: u32) -> anyhow::Result<Record> {
        let bettor = account(self.roll(u64::from(self.accounts)) as u32)?;
        let match_at = self.roll(u64::from(MATCHES)) as usize;
        let market_at = self.roll(self.matches[match_at].markets.len() as u64) as usize;
        let outcome_at = self.roll(self.matches[match_at].markets[market_at].outcomes.len() as u64) as usize;
        let update = &self.matches[match_at];
        let outcome = update.markets[market_at].outcomes[outcome_at];
        let leg = LegRequest {
            match_id: update.match_id.clone(),
            market: update.markets[market_at].id,
            outcome: outcome.outcome,
            price: outcome.price.expect("every outcome is on offer"),
            seen_version: update.version,
        };
        let now = Time::from_ms(local_ms());
        let later = Time::from_ms(now.ms() + 3_600_000);
        let bet = PlaceBet {
            bet_id: self.id(number)?,
            account: bettor,
            stake: Money::from_minor(STAKE_MINOR),
            currency: usd(),
            legs: vec![leg],
            price_policy: PricePolicy::Better,
            odds_consent: None,
            session: Session { id: text("session-7f3a9c21"), expires_at: later },
            location: LocationProof {
                id: text("proof-51d2"),
                licence: licence()?,
                issued_at: Time::from_ms(now.ms() - 60_000),
                expires_at: later,
            },
            text: WagerText { channel: Some(text("internet")), ..WagerText::default() },
            fingerprint: Hash::ZERO,
        };
        let mut value = Vec::new();
        wire::encode_bet(&bet, &mut value);
        Ok((bet.account.to_string(), value))
    }

    fn id(&mut self, number: u32) -> anyhow::Result<BetId> {
        let chance = u128::from(self.roll(1 << 40)) << 32 | u128::from(number);
        BetId::from_parts(Time::from_ms(local_ms()), chance).ok_or_else(|| anyhow!("the clock is beyond UUIDv7"))
    }

    /// A number below `sides` (xorshift).
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (self.dice >> 11) % sides
    }
}

/// The number that [`World::bet`] put into an id.
pub(super) fn number_of(id: u128) -> usize {
    (id & 0xffff_ffff) as usize
}

fn account(number: u32) -> anyhow::Result<AccountId> {
    AccountId::parse(&format!("customer-{number:07}")).map_err(|error| anyhow!("{error}"))
}

fn licence() -> anyhow::Result<LicenceId> {
    LicenceId::parse("US-NJ").map_err(|error| anyhow!("{error}"))
}

fn usd() -> Currency {
    Currency::parse("USD").expect("a currency")
}

fn text(plain: &str) -> Text {
    Text::parse(plain).expect("short plain text")
}

fn match_before_kick_off(number: u32) -> anyhow::Result<MatchUpdate> {
    let competition = CompetitionId::parse("bench-league").map_err(|error| anyhow!("{error}"))?;
    let mut markets = vec![on_offer(MarketId::MATCH_RESULT)];
    // 0.5, 1.5, ... 6.5 goals.
    markets.extend((0_i16..7).map(|goals| on_offer(MarketId::total(QuarterLine::from_quarters(4 * goals + 2)))));
    markets.sort_by_key(|market| market.id);
    Ok(MatchUpdate {
        match_id: MatchId::parse(&format!("match-{number:04}")).map_err(|error| anyhow!("{error}"))?,
        version: 1,
        through: Time::MIN,
        phase: MatchPhase::PreMatch,
        period: Period::PreMatch,
        clock: None,
        score: Score::default(),
        reds: (0, 0),
        fixture: Fixture {
            revision: 1,
            home: text("Home United"),
            away: text("Away Rovers"),
            competition,
            kick_off: Time::from_ms(local_ms() + 86_400_000),
            expectation: Expectation::Rates {
                home: Billionths::from_raw(1_500_000_000),
                away: Billionths::from_raw(1_200_000_000),
            },
            scope: touchline::event::Scope::default(),
        },
        model: None,
        markets,
        facts: Vec::new(),
    })
}

fn on_offer(id: MarketId) -> MarketState {
    let selections = id.outcomes();
    let fair = Billionths::from_raw(1_000_000_000 / selections.len() as i64);
    let price = Price::decimal_thousandths(950 * selections.len() as u32).expect("legal odds");
    let offer = |outcome: &Outcome| OutcomeState {
        outcome: *outcome,
        status: OutcomeStatus::Offered,
        price: Some(price),
        fair: Some(fair),
    };
    let outcomes = selections.iter().map(offer).collect();
    MarketState { id, status: MarketStatus::Active, owners: Owners::NONE, price_version: 1, outcomes }
}

/// Produces to partition 0; a full queue is waited for.
pub(super) fn send<C: ProducerContext<DeliveryOpaque = ()>>(
    producer: &BaseProducer<C>,
    topic: &str,
    key: Option<&str>,
    value: &[u8],
) -> anyhow::Result<()> {
    let mut record = BaseRecord::<str, [u8]>::to(topic).partition(0).payload(value);
    if let Some(key) = key {
        record = record.key(key);
    }
    loop {
        record = match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                producer.poll(Duration::from_millis(1));
                back
            }
            Err((error, _)) => return Err(error.into()),
        };
    }
}

/// Waits until all that was sent is acknowledged. `flush` would do it in slices of 100 ms.
pub(super) fn drain<C: ProducerContext>(producer: &BaseProducer<C>, patience: Duration) -> anyhow::Result<()> {
    let deadline = monotonic() + patience;
    while producer.in_flight_count() > 0 {
        anyhow::ensure!(monotonic() < deadline, "records were not acknowledged within {patience:?}");
        producer.poll(Duration::from_millis(1));
    }
    Ok(())
}
