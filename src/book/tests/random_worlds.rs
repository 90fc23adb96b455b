//! Seeded worlds: the book and its plain twin hear the same, and must say the same.

use super::twin::{CELLS, State, Twin};
use super::world::*;
use crate::event::*;
use crate::values::*;

/// Chance that is the same every time (xorshift64*, Vigna 2016).
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index as u64 + 1) as usize);
        }
    }
}

const MATCHES: [&str; 4] = ["M1", "M2", "M3", "M4"];
const ACCOUNTS: [&str; 3] = ["A1", "A2", "A3"];

fn markets() -> [MarketId; 7] {
    [
        MarketId::MATCH_RESULT,
        MarketId::total(QuarterLine::from_quarters(6)),
        MarketId::total(QuarterLine::from_quarters(9)),
        MarketId::handicap(QuarterLine::from_quarters(-3)),
        MarketId::correct_score(1),
        MarketId::next_goal(1),
        MarketId::next_goal(2),
    ]
}

fn all_at(offered: &str, market: MarketId) -> Vec<Price> {
    vec![price(offered); market.outcomes().len()]
}

struct Random {
    world: World,
    twin: Twin,
    chance: Chance,
    pending: Vec<Envelope<BookInput>>,
}

/// In some worlds the limits are so low that they bind.
fn settings_of(seed: u64) -> Settings {
    let mut settings = Settings::default();
    let liability = &mut settings.limits.liability;
    let limit = match seed % 5 {
        0 => &mut liability.outcome,
        1 => &mut liability.market,
        2 => &mut liability.one_match,
        3 => &mut liability.account,
        _ => return settings,
    };
    *limit = Money::from_minor(5_000);
    settings
}

impl Random {
    fn new(seed: u64) -> Random {
        let settings = settings_of(seed);
        let mut random = Random {
            world: World::new(settings.clone()),
            twin: Twin::new(settings),
            chance: Chance::new(seed),
            pending: Vec::new(),
        };
        for id in MATCHES {
            let mut one = MatchSim::new(id);
            for market in markets() {
                one.price(market, &all_at("2.000", market));
            }
            random.world.matches.insert(id.to_owned(), one);
            let record = random.world.update_record(id, Vec::new());
            random.pending.push(record);
        }
        // The first account is opened, the last one is not.
        for account in &ACCOUNTS[..2] {
            random.world.batch(Vec::new());
            let opening = OpenAccount {
                currency: Currency::parse("USD").unwrap(),
                licence: LicenceId::parse("US-NJ").unwrap(),
                birth_date: Date::new(1990, 1, 1).unwrap(),
                identity: Identity { status: IdentityStatus::Verified, expires: Date::new(2030, 1, 1).unwrap() },
            };
            let command = random.world.account_command(account, AccountAction::Open(opening));
            let record = random.world.account_record(command);
            random.pending.push(record);
            random.add_deposit(account, 14_000);
        }
        random.flush();
        random
    }

    fn flush(&mut self) {
        let inputs = std::mem::take(&mut self.pending);
        self.world.batch(inputs.clone());
        let (markets, commands): (Vec<_>, Vec<_>) =
            inputs.into_iter().partition(|one| one.source.topic == Topic::Markets);
        let ordered = markets.into_iter().chain(commands).collect::<Vec<_>>();
        self.twin.batch(self.world.now, &ordered);
        self.compare();
    }

    fn add_deposit(&mut self, account: &str, cents: i64) {
        let currency = Currency::parse("USD").unwrap();
        let action = AccountAction::Deposit { amount: Money::from_minor(cents), currency };
        let command = self.world.account_command(account, action);
        let record = self.world.account_record(command);
        self.pending.push(record);
    }

    fn step(&mut self) {
        match self.chance.below(16) {
            0..=2 => {
                let ms = self.chance.one_of(&[0, 40, 100, 700, 1_900, 3_100, 5_100]);
                self.flush();
                self.world.now = self.world.now + Millis::new(ms);
            }
            3..=5 => self.watermarks(),
            6..=7 => self.new_prices(),
            8 => self.holds(),
            9..=10 => self.facts(),
            11 => {
                let account = self.chance.one_of(&ACCOUNTS[..2]);
                self.add_deposit(account, 5_000);
            }
            12 => self.resend(),
            _ => self.bet(),
        }
        if self.chance.below(3) == 0 {
            self.flush();
        }
    }

    fn watermarks(&mut self) {
        let lag = self.chance.one_of(&[0, 0, 0, 100, 1_500]);
        for shard in 0..self.world.settings.match_partitions {
            if self.chance.below(4) > 0 {
                let mark = Watermark { shard, through: self.world.now - Millis::new(lag), at: self.world.now };
                let record = self.world.market_record(BookInput::Watermark(mark), shard);
                self.pending.push(record);
            }
        }
    }

    fn update(&mut self, id: &str, facts: Vec<Fact>) {
        let record = self.world.update_record(id, facts);
        self.pending.push(record);
    }

    fn new_prices(&mut self) {
        let id = self.chance.one_of(&MATCHES);
        let market = self.any_market();
        let ladder = ["1.900", "2.000", "2.000", "2.100", "2.200", "3.000"].map(price);
        let prices = market.outcomes().iter().map(|_| self.chance.one_of(&ladder)).collect::<Vec<_>>();
        let withdrawn = self.chance.below(6) == 0;
        let as_a_whole = self.chance.below(2) == 0;
        let one = self.world.matches.get_mut(id).unwrap();
        one.price(market, &prices);
        if withdrawn {
            let known = one.update.markets.iter_mut().find(|known| known.id == market).unwrap();
            if known.status == MarketStatus::Active && as_a_whole {
                known.status = MarketStatus::Inactive;
            } else {
                (known.outcomes[0].status, known.outcomes[0].price) = (OutcomeStatus::Withheld, None);
            }
        }
        self.update(id, Vec::new());
    }

    /// One of the first three in every second case.
    fn any_market(&mut self) -> MarketId {
        let all = markets();
        let few = if self.chance.below(2) == 0 { 3 } else { all.len() };
        self.chance.one_of(&all[..few])
    }

    fn holds(&mut self) {
        let id = self.chance.one_of(&MATCHES);
        let owner = self.chance.one_of(&[Owner::Incident, Owner::Trader, Owner::Lag]);
        let held = self.chance.below(4) == 0;
        self.world.matches.get_mut(id).unwrap().hold(owner, held);
        self.update(id, Vec::new());
    }

    fn facts(&mut self) {
        let id = self.chance.one_of(&MATCHES);
        let now = self.world.now;
        let any_fact = FactId::parse(&format!("f{}", 1 + self.chance.below(12))).unwrap();
        let certainty = self.chance.one_of(&[Certainty::Scouted, Certainty::Confirmed]);
        let period = self.world.matches[id].update.period;
        let body = match self.chance.below(12) {
            0..=3 if period == Period::PreMatch => FactBody::PeriodStart(Period::FirstHalf),
            0..=3 => FactBody::Goal { side: self.chance.one_of(&[Side::Home, Side::Away]), own_goal: false },
            4 => FactBody::PenaltyAwarded(Side::Home),
            5 => FactBody::ClockTick,
            6 => FactBody::Confirmed(any_fact),
            7 => FactBody::Rollback(any_fact),
            8 => {
                let from = Some(now - Millis::new(3_000)).filter(|_| self.chance.below(2) == 0);
                let to = Some(now + Millis::new(500)).filter(|_| self.chance.below(2) == 0);
                FactBody::Cancel { window: BetWindow { from, to }, reason: text("error"), approval_ref: None }
            }
            9 => FactBody::RollbackCancel(any_fact),
            10 if self.chance.below(3) == 0 => FactBody::PeriodEnd(Period::SecondHalf),
            _ => FactBody::ClockTick,
        };
        let one = self.world.matches.get_mut(id).unwrap();
        if let FactBody::PeriodStart(to) = &body {
            one.update.period = *to;
        } else if let FactBody::PeriodEnd(_) = &body {
            one.update.period = Period::BeforeExtraTime;
        } else if let FactBody::Goal { .. } = &body {
            one.update.score.home += 1;
        }
        one.update.phase = MatchPhase::from(one.update.period);
        let late = Millis::new(self.chance.one_of(&[-1, 0, 500, 4_000]));
        let one = self.world.matches.get_mut(id).unwrap();
        let fact = one.fact(now - late, certainty, period, body);
        self.update(id, vec![fact]);
    }

    fn bet(&mut self) {
        let legs = 1 + self.chance.below(3);
        let ladder = ["1.700", "1.900", "1.900", "2.000"].map(price);
        let legs = (0..legs).map(|_| {
            let id = if self.chance.below(40) == 0 { "M9" } else { self.chance.one_of(&MATCHES) };
            let market = self.any_market();
            leg(id, market, self.chance.one_of(&market.outcomes()), self.chance.one_of(&ladder))
        });
        let legs = legs.collect::<Vec<_>>();
        let stake = self.chance.one_of(&[50, 100, 333, 1_001, 9_000, 9_000]);
        let account = if self.chance.below(40) == 0 { ACCOUNTS[2] } else { self.chance.one_of(&ACCOUNTS[..2]) };
        let mut request = self.world.request(account, Money::from_minor(stake), legs);
        let sent_at = self.world.now - Millis::new(self.chance.one_of(&[0, 0, 0, 0, 50, 2_000, 9_000, 11_000]));
        request.bet_id = BetId::from_parts(sent_at, self.world.chance).unwrap();
        let request = sealed(request);
        let mut record = self.world.bet_record(request.clone());
        record.append_time = sent_at;
        self.world.requests.insert(format!("{}", self.world.chance), request);
        self.pending.push(record);
    }

    fn resend(&mut self) {
        if self.world.requests.is_empty() {
            return;
        }
        let which = self.chance.below(self.world.requests.len() as u64) as usize;
        let request = self.world.requests.values().nth(which).unwrap().clone();
        let record = self.world.bet_record(request);
        self.pending.push(record);
    }

    /// The twin settles at once; the book's queue is worked off first (its quota is large).
    fn compare(&self) {
        assert!(!self.world.book.has_work());
        for bet in &self.twin.bets {
            let id = bet.request.bet_id;
            let told = self.world.auditor.answers.get(&id.bits()).and_then(|all| all.last());
            match (&bet.state, told) {
                (State::Unjudged, None) | (State::Pending, Some(Verdict::Pending { .. })) => {}
                (State::Accepted { at, prices }, Some(Verdict::Accepted(accepted))) => {
                    assert_eq!(*at, accepted.accepted_at);
                    let stand = accepted.legs.iter().map(|leg| leg.price).collect::<Vec<_>>();
                    assert_eq!(*prices, stand);
                }
                (State::Refused(reason), Some(Verdict::Refused(refusal))) => {
                    assert_eq!(*reason, refusal.reason, "{:?}", bet.request);
                }
                (twin, book) => panic!("the twin says {twin:?}, the book {book:?} of {:?}", bet.request),
            }
            let paid = self
                .world
                .auditor
                .paid(id)
                .map(|paid| (paid.returned.minor(), paid.legs.iter().all(|leg| *leg == Some(LegResult::Void))));
            assert_eq!(self.twin.paid(bet), paid, "of {:?}", bet.request);
            let told = self.world.auditor.settlements.get(&id).into_iter().flatten();
            let flags = told.filter(|one| one.kind == SettlementKind::LateAccepted).count();
            assert_eq!(self.twin.late_facts(bet), flags, "of {:?}", bet.request);
        }
        self.compare_liability();
        for account in ACCOUNTS {
            let (cash, reserved) = self.twin.money(&AccountId::parse(account).unwrap());
            let told = self.world.auditor.balances_of(account);
            assert_eq!((cash, reserved), (told.cash.minor(), told.reserved.minor()));
        }
    }
}

impl Random {
    /// The grid of every match, and of every market apart, read off all bets again.
    fn compare_liability(&self) {
        let at_risk = self.twin.at_risk();
        for id in MATCHES {
            let id = MatchId::parse(id).unwrap();
            let Some(one) = self.world.book.match_of(&id) else { continue };
            let plain = |cell, fits: &dyn Fn(&LegRequest) -> bool| {
                at_risk.iter().map(|bet| bet.loss_at(&|leg| leg.match_id == id && fits(leg), cell)).sum::<i128>()
            };
            let is_apart = |market: MarketId| market.kind() == MarketType::NEXT_GOAL;
            for cell in 0..CELLS {
                let told = one.grid.get(cell).copied().unwrap_or(0);
                assert_eq!(told, plain(cell, &|leg| !is_apart(leg.market)), "cell {cell} of {id}");
            }
            for selection in one.selections.iter().filter(|one| is_apart(one.market)) {
                let (market, outcome) = (selection.market, selection.outcome);
                let wins = market.outcomes().iter().position(|one| *one == outcome).unwrap();
                let on_it = |leg: &LegRequest| (leg.market, leg.outcome) == (market, outcome);
                assert_eq!(selection.tally.at(LegResult::Win), plain(wins, &on_it), "{market} {outcome} of {id}");
            }
        }
    }
}

#[test]
fn the_book_agrees_with_its_plain_twin() {
    let mut seen = std::collections::BTreeMap::<String, u32>::new();
    for seed in 1..=250 {
        let mut random = Random::new(seed);
        for _ in 0..120 {
            random.step();
        }
        random.flush();
        for bet in &random.twin.bets {
            let name = match &bet.state {
                State::Refused(reason) => reason.name().to_owned(),
                State::Accepted { .. } => format!("accepted, {}", random.twin.paid(bet).map_or("open", |_| "settled")),
                State::Unjudged | State::Pending => "waiting".to_owned(),
            };
            *seen.entry(name).or_default() += 1;
            *seen.entry("late".to_owned()).or_default() += u32::from(random.twin.late_facts(bet) > 0);
        }
    }
    println!("{seen:?}");
    // The worlds must go everywhere, or they prove little.
    for name in [
        "accepted, open",
        "accepted, settled",
        "MaterialChange",
        "MarketDataStale",
        "TimeElapsed",
        "PriceJump",
        "PriceChanged",
        "MarketSuspended",
        "PastPosted",
        "NotCombinable",
        "InsufficientFunds",
        "OutcomeNotOffered",
        "MatchOver",
        "MatchUnknown",
        "AccountUnknown",
        "StakeBelowMinimum",
        "MarketNotActive",
        "late",
        "OutcomeLiability",
        "MarketLiability",
        "MatchLiability",
        "AccountLiability",
    ] {
        assert!(seen.get(name).is_some_and(|count| *count >= 3), "{name} is hardly ever seen: {seen:?}");
    }
}

#[test]
fn the_same_inputs_give_the_same_records_and_the_same_state() {
    let run = |seed| {
        let mut random = Random::new(seed);
        let mut said = Vec::new();
        for _ in 0..150 {
            random.step();
            said.push(std::mem::take(&mut random.world.said));
        }
        (said, random.world.book.state_hash())
    };
    for seed in 900..905 {
        assert_eq!(run(seed), run(seed));
    }
    assert_ne!(run(900).1, run(901).1);
}

/// The same facts of two matches, in any order, some twice, in any packets.
#[test]
fn the_order_of_facts_changes_no_settlement() {
    for seed in 1..=25 {
        let mut chance = Chance::new(seed);
        let mut facts = Vec::new();
        for id in ["M1", "M2"] {
            let mut one = MatchSim::new(id);
            for _ in 0..10 {
                let named = FactId::parse(&format!("f{}", 1 + chance.below(10))).unwrap();
                let body = match chance.below(7) {
                    0..=2 => FactBody::Goal { side: chance.one_of(&[Side::Home, Side::Away]), own_goal: false },
                    3 => FactBody::Rollback(named),
                    4 => FactBody::Confirmed(named),
                    5 => FactBody::Cancel {
                        window: BetWindow { from: Some(START + Millis::new(20)), to: None },
                        reason: text("error"),
                        approval_ref: None,
                    },
                    _ => FactBody::RollbackCancel(named),
                };
                let certainty = chance.one_of(&[Certainty::Scouted, Certainty::Confirmed, Certainty::Confirmed]);
                facts.push((id, one.fact(START, certainty, Period::FirstHalf, body)));
            }
            let whistle = FactBody::PeriodEnd(Period::SecondHalf);
            facts.push((id, one.fact(START, Certainty::Confirmed, Period::SecondHalf, whistle)));
        }
        let first = settled_after(&facts, &mut Chance::new(0), false);
        for _ in 0..6 {
            assert_eq!(first, settled_after(&facts, &mut chance, true), "seed {seed}");
        }
    }
}

/// What every bet was paid in the end, and every balance, the house's included.
type Final = (Vec<Option<(Money, bool)>>, std::collections::BTreeMap<LedgerAccount, i64>);

fn settled_after(facts: &[(&str, Fact)], chance: &mut Chance, shuffled: bool) -> Final {
    let mut world = World::new(Settings::default());
    world.freshen(START);
    for account in ACCOUNTS {
        world.open_account(account);
        world.deposit(account, dollars("1000.00"));
    }
    for id in ["M1", "M2"] {
        let mut one = MatchSim::new(id);
        for market in markets() {
            one.price(market, &all_at("2.000", market));
        }
        world.matches.insert(id.to_owned(), one);
        world.publish(id, Vec::new());
    }
    let mut bets = Vec::new();
    let mut same = Chance::new(77);
    for index in 0..30 {
        world.now = world.now + Millis::new(1);
        world.freshen(world.now);
        let market = same.one_of(&markets());
        let mut legs = vec![leg("M1", market, same.one_of(&market.outcomes()), price("1.900"))];
        if index % 2 == 0 {
            let market = same.one_of(&markets());
            legs.push(leg("M2", market, same.one_of(&market.outcomes()), price("1.900")));
        }
        let request = world.request(ACCOUNTS[index % 3], Money::from_minor(1_001), legs);
        bets.push(request.bet_id);
        let record = world.bet_record(request);
        world.batch(vec![record]);
    }
    let mut told = facts.to_vec();
    if shuffled {
        told.extend(facts.iter().filter(|_| chance.below(3) == 0).cloned().collect::<Vec<_>>());
        chance.shuffle(&mut told);
    }
    world.quota = if shuffled { 7 } else { 1_000 };
    for (id, fact) in told {
        // With a small quota the next fact comes while the queue of the last one is still being worked.
        world.publish(id, vec![fact]);
    }
    world.drain();
    let of = |bet: &BetId| world.auditor.accepted().find(|accepted| accepted.request.bet_id == *bet).is_some();
    assert!(bets.iter().all(of), "every bet of this test is accepted");
    let paid = bets
        .iter()
        .map(|bet| world.auditor.paid(*bet))
        .map(|paid| paid.map(|paid| (paid.returned, paid.legs.iter().all(|leg| *leg == Some(LegResult::Void)))));
    let balances = world.auditor.posted.iter().filter(|(_, amount)| **amount != 0);
    (paid.collect(), balances.map(|(account, amount)| (account.clone(), *amount)).collect())
}
