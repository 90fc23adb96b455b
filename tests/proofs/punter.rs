//! A crowd of punters: it looks at the prices, bets at random, sends things twice, and remembers every answer.

use crate::dice::Dice;
use crate::reading::{Reader, wait_until};
use crate::sending::{Parcel, Sender, now_ms};
use crate::world::World;
use prost::Message as _;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use touchline::values::{BetId, CommandId, Time, partition_for};
use touchline::wire::proto::{self, account_command, bet_command, decision::Verdict, market_message};
use touchline::wire::{RecordKind, to_json};

/// How the crowd behaves.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// How many accounts.
    pub accounts: u64,
    /// Bets a second.
    pub bets_per_s: u64,
    /// Bets in a hundred that are nonsense, at old prices, on closed markets, or sent again.
    pub sloppy_percent: u64,
}

/// What the crowd has seen so far.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// All accounts are open and funded.
    pub ready: bool,
    /// Bets, repeats not counted.
    pub sent: u64,
    /// Bets sent again, with the same body or another.
    pub resent: u64,
    /// Accepted bets.
    pub accepted: u64,
    /// Of these, with a leg in play.
    pub accepted_in_play: u64,
    /// Refused bets by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// Bets whose latest settlement stands.
    pub settled: u64,
    /// From sending to the first answer, the longest, ms.
    pub slowest_answer_ms: i64,
    /// Bets without a final answer.
    pub unanswered: BTreeMap<String, i64>,
    /// Accepted bets without a settlement.
    pub unsettled: BTreeSet<String>,
}

impl Tally {
    /// How many were refused.
    pub fn refusals(&self) -> u64 {
        self.refused.values().sum()
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let refused: Vec<_> = self.refused.iter().map(|(name, count)| format!("{name} {count}")).collect();
        write!(
            f,
            "{} bets and {} repeats: {} accepted ({} in play, {} settled), {} refused ({}), slowest answer {} ms",
            self.sent,
            self.resent,
            self.accepted,
            self.accepted_in_play,
            self.settled,
            self.refusals(),
            refused.join(", "),
            self.slowest_answer_ms
        )
    }
}

/// The crowd's thread. It stops with its owner.
pub struct Punter {
    tally: Arc<Mutex<Tally>>,
    /// Bets no more, but goes on reading.
    sated: Arc<AtomicBool>,
    gone: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Punter {
    /// Opens accounts, deposits, and bets whenever something is on offer.
    pub fn start(world: &mut World, habits: Habits) -> Punter {
        let tally = Arc::new(Mutex::new(Tally::default()));
        let (sated, gone) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let mut crowd = Crowd {
            habits,
            dice: world.dice.fork(),
            accounts: world.shape.accounts,
            topics: (world.topic("account-commands.v1"), world.topic("commands.v1")),
            sender: Sender::new(&world.brokers),
            markets: world.reader("markets.v1"),
            decisions: world.reader("decisions.v1"),
            settlements: world.reader("settlements.v1"),
            tally: Arc::clone(&tally),
            boards: BTreeMap::new(),
            earlier: VecDeque::new(),
            setting_up: BTreeSet::new(),
            answers: BTreeMap::new(),
            paid: BTreeSet::new(),
        };
        let (no_more, over) = (Arc::clone(&sated), Arc::clone(&gone));
        let thread = std::thread::Builder::new()
            .name("punters".to_owned())
            .spawn(move || crowd.live(&no_more, &over))
            .expect("a thread");
        Punter { tally, sated, gone, thread: Some(thread) }
    }

    /// What has been seen so far.
    pub fn tally(&self) -> Tally {
        assert!(!self.thread.as_ref().is_some_and(JoinHandle::is_finished), "the punters' thread has ended; see above");
        self.tally.lock().expect("no panic holding it").clone()
    }

    /// Measures the slowest answer anew.
    pub fn forget_slowest(&self) {
        self.tally.lock().expect("no panic holding it").slowest_answer_ms = 0;
    }

    /// Waits until the accounts are open.
    pub fn wait_ready(&self, patience: Duration) {
        wait_until("the accounts are open and funded", patience, || self.tally().ready);
    }

    /// Bets no more; waits until every bet has its answer and every accepted one its settlement.
    pub fn finish(mut self, patience: Duration) -> Tally {
        self.sated.store(true, Ordering::Relaxed);
        let begin = Instant::now();
        loop {
            let tally = self.tally();
            if tally.unanswered.is_empty() && tally.unsettled.is_empty() {
                break;
            }
            assert!(
                begin.elapsed() < patience,
                "after {} s {} bets are unanswered (one is {:?}) and {} unsettled (one is {:?}); {tally}",
                patience.as_secs(),
                tally.unanswered.len(),
                tally.unanswered.first_key_value(),
                tally.unsettled.len(),
                tally.unsettled.first(),
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        let tally = self.tally();
        self.gone.store(true, Ordering::Relaxed);
        self.thread.take().expect("not joined yet").join().expect("the punters saw nothing wrong");
        tally
    }
}

impl Drop for Punter {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // Its panic has been printed; the proof fails by `tally` or `finish`.
            thread.join().ok();
        }
    }
}

/// One selection as last seen.
#[derive(Clone, Debug)]
struct Offer {
    leg: proto::Leg,
    open: bool,
}

struct Crowd {
    habits: Habits,
    dice: Dice,
    accounts: u32,
    topics: (String, String),
    sender: Sender,
    markets: Reader,
    decisions: Reader,
    settlements: Reader,
    tally: Arc<Mutex<Tally>>,
    boards: BTreeMap<String, Vec<Offer>>,
    earlier: VecDeque<proto::PlaceBet>,
    setting_up: BTreeSet<String>,
    answers: BTreeMap<String, Verdict>,
    /// Bets whose latest settlement stands, ours and others'.
    paid: BTreeSet<String>,
}

impl Crowd {
    fn live(&mut self, sated: &AtomicBool, gone: &AtomicBool) {
        self.open_accounts();
        let every = Duration::from_micros(1_000_000 / self.habits.bets_per_s);
        let mut next = Instant::now();
        while !gone.load(Ordering::Relaxed) {
            self.look();
            self.sender.serve();
            let ready = self.tally.lock().expect("no panic holding it").ready;
            if ready && !sated.load(Ordering::Relaxed) && Instant::now() >= next {
                // After a stall no burst: the rate is a bound.
                next = Instant::now() + every;
                self.bet();
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        self.sender.settle();
    }

    fn account(&mut self, number: u64) -> String {
        format!("punter-{number}")
    }

    fn open_accounts(&mut self) {
        for number in 0..self.habits.accounts {
            let account = self.account(number);
            let actions = [
                account_command::Action::Open(open_account()),
                account_command::Action::Deposit(proto::Deposit {
                    amount_minor: 5_000_000,
                    currency: "USD".to_owned(),
                }),
            ];
            for action in actions {
                let chance = u128::from(self.dice.next()) << 64 | u128::from(self.dice.next());
                let id = CommandId::from_parts(Time::from_ms(now_ms()), chance).expect("a time of our days");
                let command = proto::AccountCommand {
                    command_id: id.to_string(),
                    account: account.clone(),
                    action: Some(action),
                };
                self.setting_up.insert(id.to_string());
                let topic = self.topics.0.clone();
                self.send(&topic, &account, &command.encode_to_vec(), None);
            }
        }
        self.sender.settle();
    }

    fn send(&mut self, topic: &str, account: &str, value: &[u8], content_type: Option<&str>) {
        let key = account.as_bytes();
        let partition = partition_for(key, self.accounts);
        self.sender.send(&Parcel { topic, partition, key: Some(key), value: Some(value), content_type });
    }

    /// Reads what there is to read.
    fn look(&mut self) {
        while let Some(seen) = self.markets.poll(Duration::ZERO) {
            // Garbage in our own topics is for the roles to notice.
            if let Ok(message) = proto::MarketMessage::decode(seen.value.as_slice())
                && let Some(market_message::Body::MatchUpdate(update)) = message.body
            {
                self.boards.insert(update.match_id.clone(), offers(&update));
            }
        }
        while let Some(seen) = self.decisions.poll(Duration::ZERO) {
            let decision = proto::Decision::decode(seen.value.as_slice()).expect("a decision");
            self.take_answer(decision);
        }
        while let Some(seen) = self.settlements.poll(Duration::ZERO) {
            let settlement = proto::Settlement::decode(seen.value.as_slice()).expect("a settlement");
            self.take_settlement(settlement.kind(), settlement.bet_id);
        }
    }

    /// The two topics are read side by side, so a settlement may be seen before the answer that it belongs to.
    fn take_settlement(&mut self, kind: proto::SettlementKind, bet_id: String) {
        use proto::SettlementKind as Kind;
        let is_settled = match kind {
            Kind::Settled => true,
            Kind::Reopened | Kind::HeldForApproval | Kind::Released => false,
            // Says something about the bet and changes nothing.
            Kind::LateAccepted => return,
            Kind::Unspecified => panic!("bet {bet_id}: a settlement of no kind"),
        };
        let mut tally = self.tally.lock().expect("no panic holding it");
        if matches!(self.answers.get(&bet_id), Some(Verdict::Accepted(_))) {
            if is_settled {
                tally.settled += u64::from(tally.unsettled.remove(&bet_id));
            } else if tally.unsettled.insert(bet_id.clone()) {
                tally.settled -= 1;
            }
        }
        if is_settled {
            self.paid.insert(bet_id);
        } else {
            self.paid.remove(&bet_id);
        }
    }

    fn take_answer(&mut self, decision: proto::Decision) {
        let id = decision.command_id;
        let verdict = decision.verdict.expect("a decision has a verdict");
        let mut tally = self.tally.lock().expect("no panic holding it");
        if self.setting_up.remove(&id) {
            assert!(matches!(verdict, Verdict::Done(_)), "an account was not set up: {verdict:?}");
            tally.ready = self.setting_up.is_empty();
            return;
        }
        let Some(sent_ms) = tally.unanswered.get(&id).copied() else {
            // A repeat is answered like the first; another body under the same id is a conflict.
            if let Some(first) = self.answers.get(&id)
                && decision.repeated_answer
            {
                assert_eq!(*first, verdict, "bet {id}: the repeated answer is another one");
            }
            return;
        };
        tally.slowest_answer_ms = tally.slowest_answer_ms.max(now_ms() - sent_ms);
        if matches!(verdict, Verdict::Pending(_)) || conflict(&verdict) {
            return;
        }
        match &verdict {
            Verdict::Accepted(bet) => {
                tally.accepted += 1;
                tally.accepted_in_play += u64::from(bet.legs.iter().any(|leg| leg.in_play));
                if self.paid.contains(&id) {
                    tally.settled += 1;
                } else {
                    tally.unsettled.insert(id.clone());
                }
            }
            Verdict::Refused(refusal) => *tally.refused.entry(refusal.reason().as_str_name_short()).or_default() += 1,
            Verdict::Done(_) | Verdict::Pending(_) => panic!("bet {id} was answered {verdict:?}"),
        }
        tally.unanswered.remove(&id);
        self.answers.insert(id, verdict);
    }

    fn bet(&mut self) {
        if self.dice.percent(self.habits.sloppy_percent / 2) && !self.earlier.is_empty() {
            return self.bet_again();
        }
        let sloppy = self.dice.percent(self.habits.sloppy_percent);
        let wanted = if self.dice.percent(20) { self.dice.within(2, 4) as usize } else { 1 };
        let mut boards: Vec<_> = self.boards.values().cloned().collect();
        let mut legs = Vec::new();
        while legs.len() < wanted && !boards.is_empty() {
            let board = boards.swap_remove(self.dice.within(0, boards.len() as u64) as usize);
            let open: Vec<_> = board.into_iter().filter(|offer| offer.open || sloppy).collect();
            legs.extend(self.dice.pick(&open).map(|offer| offer.leg.clone()));
        }
        if legs.is_empty() {
            return;
        }
        if sloppy {
            self.spoil(&mut legs[0]);
        }
        let bet = self.slip(legs);
        self.place(&bet);
        self.tally.lock().expect("no panic holding it").sent += 1;
        self.earlier.push_back(bet);
        if self.earlier.len() > 500 {
            self.earlier.pop_front();
        }
    }

    fn slip(&mut self, legs: Vec<proto::Leg>) -> proto::PlaceBet {
        let number = self.dice.within(0, self.habits.accounts);
        let account = self.account(number);
        let chance = u128::from(self.dice.next()) << 64 | u128::from(self.dice.next());
        let policies = [proto::PricePolicy::Exact, proto::PricePolicy::Better, proto::PricePolicy::Any];
        let policy = *self.dice.pick(&policies).expect("three policies");
        let consent = policy == proto::PricePolicy::Any;
        let stake_minor = self.dice.within(100, 2_000).cast_signed();
        slip(chance, &account, stake_minor, policy, if consent { "ticked" } else { "" }, legs)
    }

    fn place(&mut self, bet: &proto::PlaceBet) {
        self.tally.lock().expect("no panic holding it").unanswered.insert(bet.bet_id.clone(), now_ms());
        self.put(bet);
    }

    /// As Protobuf, or now and then as JSON.
    fn put(&mut self, bet: &proto::PlaceBet) {
        let command = proto::BetCommand { body: Some(bet_command::Body::PlaceBet(bet.clone())) }.encode_to_vec();
        let topic = self.topics.1.clone();
        if self.dice.percent(10) {
            let json = to_json(RecordKind::BetCommand, &command).expect("a bet has a JSON form");
            self.send(&topic, &bet.account, json.as_bytes(), Some("application/json"));
        } else {
            self.send(&topic, &bet.account, &command, None);
        }
    }

    fn bet_again(&mut self) {
        let at = self.dice.within(0, self.earlier.len() as u64) as usize;
        let mut bet = self.earlier[at].clone();
        if self.dice.percent(20) {
            bet.stake_minor += 1;
        }
        self.put(&bet);
        self.tally.lock().expect("no panic holding it").resent += 1;
    }

    fn spoil(&mut self, leg: &mut proto::Leg) {
        match self.dice.within(0, 5) {
            0 => leg.match_id = "no-such-match".to_owned(),
            1 => leg.market = "total:line=49.5".to_owned(),
            2 => leg.outcome = if leg.market == "1x2" { "over".to_owned() } else { "draw".to_owned() },
            3 => leg.price = Some(price(1_000 + self.dice.within(1, 9_000) as u32)),
            _ => {}
        }
    }
}

/// A bet by a customer in good standing.
pub fn slip(
    chance: u128,
    account: &str,
    stake_minor: i64,
    policy: proto::PricePolicy,
    consent: &str,
    legs: Vec<proto::Leg>,
) -> proto::PlaceBet {
    let now = now_ms();
    proto::PlaceBet {
        bet_id: BetId::from_parts(Time::from_ms(now), chance).expect("a time of our days").to_string(),
        account: account.to_owned(),
        stake_minor,
        currency: "USD".to_owned(),
        legs,
        price_policy: policy.into(),
        odds_consent: consent.to_owned(),
        session_id: "session".to_owned(),
        session_expires_at_ms: now + 3_600_000,
        location: Some(proto::LocationProof {
            id: "proof".to_owned(),
            licence: "US-NJ".to_owned(),
            issued_at_ms: now - 60_000,
            expires_at_ms: now + 3_600_000,
        }),
        channel: "internet".to_owned(),
        ..proto::PlaceBet::default()
    }
}

/// An account of a verified adult.
pub fn open_account() -> proto::OpenAccount {
    proto::OpenAccount {
        currency: "USD".to_owned(),
        licence: "US-NJ".to_owned(),
        birth_date: "1990-05-17".to_owned(),
        identity_status: proto::IdentityStatus::Verified.into(),
        identity_expires: "2099-12-31".to_owned(),
    }
}

/// Decimal odds.
pub fn price(thousandths: u32) -> proto::Price {
    proto::Price { form: Some(proto::price::Form::DecimalThousandths(thousandths)) }
}

fn offers(update: &proto::MatchUpdate) -> Vec<Offer> {
    let mut offers = Vec::new();
    for market in &update.markets {
        for outcome in &market.outcomes {
            let Some(price) = &outcome.price else { continue };
            let leg = proto::Leg {
                match_id: update.match_id.clone(),
                market: market.market.clone(),
                outcome: outcome.outcome.clone(),
                price: Some(*price),
                seen_version: update.version,
            };
            let open =
                market.status() == proto::MarketStatus::Active && outcome.status() == proto::OutcomeStatus::Offered;
            offers.push(Offer { leg, open });
        }
    }
    offers
}

/// Another body under a known id says nothing about the first.
fn conflict(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Refused(refusal) if refusal.reason() == proto::RejectReason::DuplicateConflict)
}

/// A reason without the schema's prefix.
trait ShortName {
    fn as_str_name_short(&self) -> &'static str;
}

impl ShortName for proto::RejectReason {
    fn as_str_name_short(&self) -> &'static str {
        self.as_str_name().trim_start_matches("REJECT_REASON_")
    }
}
