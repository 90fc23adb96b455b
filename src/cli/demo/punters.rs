//! Synthetic punters: they open accounts, look at the prices, and bet now and then.

use crate::event::{
    AccountAction, AccountCommand, Identity, IdentityStatus, LegRequest, LocationProof, MarketStatus, MatchUpdate,
    OpenAccount, OutcomeStatus, PlaceBet, PricePolicy, Session, Topic, WagerText,
};
use crate::kafka::client::Clients;
use crate::runtime::clock::local_ms;
use crate::runtime::pipeline::Pipeline;
use crate::values::{AccountId, BetId, CommandId, Currency, Date, Hash, LicenceId, Money, Text, Time, partition_for};
use crate::wire;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::time::Duration;

/// How many selections a punter looks at before he gives up.
const LOOKS: usize = 12;

/// A crowd with one producer. Its choices come from a seed.
pub(super) struct Crowd {
    clients: Clients,
    producer: BaseProducer,
    partitions: u32,
    accounts: Vec<AccountId>,
    licence: LicenceId,
    dice: u64,
    /// Bets sent.
    pub(super) bets: u64,
}

impl Crowd {
    /// `size` punters, named after the run.
    pub(super) fn new(pipeline: &Pipeline, run: &str, size: u32, seed: u64) -> anyhow::Result<Self> {
        let clients = Clients::of(pipeline);
        let name = |number| AccountId::parse(&format!("punter-{run}-{number}")).map_err(|e| anyhow::anyhow!("{e}"));
        let licence = pipeline.rules.licences.first().map_or("US-NJ", |licence| licence.id.as_str());
        Ok(Crowd {
            producer: clients.producer("punters").create()?,
            clients,
            partitions: pipeline.rules.partitions.accounts,
            accounts: (0..size).map(name).collect::<anyhow::Result<_>>()?,
            licence: LicenceId::parse(licence).map_err(|error| anyhow::anyhow!("{error}"))?,
            dice: seed | 1,
            bets: 0,
        })
    }

    /// Opens all accounts and deposits 500.00 into each.
    pub(super) fn open_accounts(&mut self) -> anyhow::Result<()> {
        for account in self.accounts.clone() {
            let open = AccountAction::Open(OpenAccount {
                currency: usd(),
                licence: self.licence.clone(),
                birth_date: Date::parse("1990-05-17").expect("a date"),
                identity: Identity {
                    status: IdentityStatus::Verified,
                    expires: Date::parse("2099-12-31").expect("a date"),
                },
            });
            self.send_account(&account, open)?;
            self.send_account(&account, AccountAction::Deposit { amount: Money::from_minor(50_000), currency: usd() })?;
        }
        self.producer.flush(Duration::from_secs(10))?;
        Ok(())
    }

    fn send_account(&mut self, account: &AccountId, action: AccountAction) -> anyhow::Result<()> {
        let command = AccountCommand { command_id: CommandId::from_bits(new_id())?, account: account.clone(), action };
        let mut value = Vec::new();
        wire::encode_account_command(&command, &mut value);
        self.produce(Topic::AccountCommands, account, &value)
    }

    /// One punter looks at the boards and bets where the price looks good to him; false when nothing does.
    ///
    /// A punter has an opinion of his own of every selection: the fair probability, a little wrong. He bets when the
    /// price pays more than that opinion asks, and the more it pays the more he stakes: so prices that drift out draw
    /// money, and prices that come in lose it.
    pub(super) fn bet<'a>(&mut self, boards: impl Iterator<Item = &'a MatchUpdate>) -> anyhow::Result<bool> {
        let boards: Vec<&MatchUpdate> = boards.collect();
        let legs_wanted = if self.roll(4) == 0 { 2 + self.roll(2) as usize } else { 1 };
        let (mut legs, mut appeal_total): (Vec<LegRequest>, f64) = (Vec::new(), 0.0);
        for _ in 0..LOOKS {
            let update = boards.get(self.roll(boards.len().max(1) as u64) as usize);
            let Some(update) = update.filter(|update| legs.iter().all(|leg| leg.match_id != update.match_id)) else {
                continue;
            };
            if let Some((leg, appeal)) = self.pick(update) {
                legs.push(leg);
                appeal_total += appeal;
            }
            if legs.len() == legs_wanted {
                break;
            }
        }
        if legs.is_empty() {
            return Ok(false);
        }
        // A fancied bet is a bigger bet: 1.00 and up, a twentieth of a point of edge a unit.
        let units = 1 + (appeal_total * 20.0) as i64 + self.roll(10) as i64;
        self.place(legs, Money::from_minor(100 * units.min(50)))?;
        Ok(true)
    }

    fn place(&mut self, legs: Vec<LegRequest>, stake: Money) -> anyhow::Result<()> {
        let number = self.roll(self.accounts.len() as u64) as usize;
        let account = self.accounts[number].clone();
        let now = Time::from_ms(local_ms());
        let text = |text: &str| Text::parse(text).expect("short plain text");
        let later = Time::from_ms(now.ms() + 3_600_000);
        let price_policy = match self.roll(6) {
            0 => PricePolicy::Exact,
            1 | 2 => PricePolicy::Better,
            _ => PricePolicy::Any,
        };
        let mut bet = PlaceBet {
            bet_id: BetId::from_bits(new_id())?,
            account: account.clone(),
            stake,
            currency: usd(),
            legs,
            price_policy,
            odds_consent: (price_policy == PricePolicy::Any).then(|| text("takes what comes")),
            session: Session { id: text("demo-session"), expires_at: later },
            location: LocationProof {
                id: text("demo-proof"),
                licence: self.licence.clone(),
                issued_at: Time::from_ms(now.ms() - 60_000),
                expires_at: later,
            },
            text: WagerText { channel: Some(text("internet")), ..WagerText::default() },
            fingerprint: Hash::ZERO,
        };
        bet.fingerprint = bet.fingerprint_of();
        let mut value = Vec::new();
        wire::encode_bet(&bet, &mut value);
        self.produce(Topic::Commands, &account, &value)?;
        self.bets += 1;
        Ok(())
    }

    /// A selection that looks good, and how good: the edge this punter believes in.
    fn pick(&mut self, update: &MatchUpdate) -> Option<(LegRequest, f64)> {
        let active: Vec<_> = update.markets.iter().filter(|market| market.status == MarketStatus::Active).collect();
        let market = active.get(self.roll(active.len().max(1) as u64) as usize)?;
        let outcome = market.outcomes.get(self.roll(market.outcomes.len().max(1) as u64) as usize)?;
        let price = outcome.price.filter(|_| outcome.status == OutcomeStatus::Offered)?;
        let odds = price.factor();
        let odds = odds.num() as f64 / odds.den() as f64;
        // Between 20 % too low and 20 % too high, most often near the truth.
        let error = (self.roll(200) + self.roll(200)) as f64 / 1_000.0 - 0.2;
        let believed = outcome.fair?.to_f64() * (1.0 + error);
        let edge = believed * odds - 1.0;
        let leg = LegRequest {
            match_id: update.match_id.clone(),
            market: market.id,
            outcome: outcome.outcome,
            price,
            seen_version: update.version,
        };
        (edge > 0.0).then_some((leg, edge))
    }

    fn produce(&self, topic: Topic, account: &AccountId, value: &[u8]) -> anyhow::Result<()> {
        let topic = self.clients.in_topic(topic);
        let key = account.as_str();
        let partition = i32::try_from(partition_for(key.as_bytes(), self.partitions))?;
        let mut record = BaseRecord::<str, [u8]>::to(&topic).partition(partition).key(key).payload(value);
        loop {
            record = match self.producer.send(record) {
                Ok(()) => {
                    self.producer.poll(Duration::ZERO);
                    return Ok(());
                }
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    self.producer.poll(Duration::from_millis(5));
                    back
                }
                Err((error, _)) => return Err(error.into()),
            };
        }
    }

    /// Waits until everything sent is acknowledged.
    pub(super) fn flush(&self) -> anyhow::Result<()> {
        Ok(self.producer.flush(Duration::from_secs(10))?)
    }

    /// A number below `sides` (xorshift; good enough for a crowd).
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (self.dice >> 11) % sides
    }
}

fn usd() -> Currency {
    Currency::parse("USD").expect("a currency")
}

fn new_id() -> u128 {
    uuid::Uuid::now_v7().as_u128()
}
