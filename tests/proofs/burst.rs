//! One final whistle, very many open bets: while they are paid, new bets are answered as before.

use crate::dice::Dice;
use crate::punter::{Habits, Punter, open_account, slip};
use crate::reading::{Reader, wait_until};
use crate::sending::{Parcel, Sender, now_ms};
use crate::stadium::Stadium;
use crate::world::{END_PATIENCE, Shape, World};
use prost::Message as _;
use std::time::{Duration, Instant};
use touchline::values::{CommandId, Time, partition_for};
use touchline::wire::proto::{self, account_command, bet_command, decision::Verdict, market_message};

/// Open bets on one match; `TOUCHLINE_BURST_BETS` asks for another number (a million is the full one).
const BETS: usize = 100_000;
const BETS_QUICK: usize = 10_000;
const ACCOUNTS: usize = 500;
/// Bets sent and not answered: so few that none grows old before its turn.
const UNANSWERED_MAX: usize = 10_000;
/// An answer that takes longer while bets are being paid is a failure, even on a busy machine.
const ANSWER_MS_MAX: i64 = 3_000;
const BURST: &str = "m-burst";
const OTHER: &str = "m-other";

/// Many open bets on one result; while they settle, answers to new bets keep flowing.
pub fn answers_go_on() {
    let wanted = crate::setting("TOUCHLINE_BURST_BETS")
        .map_or(if crate::quick() { BETS_QUICK } else { BETS }, |bets| {
            bets.parse().expect("TOUCHLINE_BURST_BETS is a number")
        });
    let mut world = World::new("burst", Shape { clock_scale: 0, in_play_delay_ms: 2_000, ..Shape::default() });
    let begin = Instant::now();
    let (mut trading, mut book) = (world.role("trading", "t1"), world.role("book", "b1"));
    let stadium = Stadium::open(&world);
    for match_id in [BURST, OTHER] {
        stadium.announce(match_id, now_ms() + 3_600_000);
    }
    let mut masses = Masses {
        dice: world.dice.fork(),
        accounts: world.shape.accounts,
        topics: (world.topic("account-commands.v1"), world.topic("commands.v1")),
        sender: Sender::new(&world.brokers),
        decisions: world.reader("decisions.v1"),
        done: 0,
        accepted: 0,
        refused: 0,
    };
    masses.open_accounts();
    let legs = legs(&world);
    masses.bet(&legs, wanted);
    println!("burst: {wanted} bets taken after {:.1} s", begin.elapsed().as_secs_f32());
    let punter = Punter::start(&mut world, Habits { accounts: 10, bets_per_s: 50, sloppy_percent: 0 });
    punter.wait_ready(Duration::from_secs(60));
    wait_until("other bets are accepted", Duration::from_secs(30), || punter.tally().accepted > 50);
    punter.forget_slowest();
    std::thread::sleep(Duration::from_secs(3));
    let calm_ms = punter.tally().slowest_answer_ms;
    punter.forget_slowest();
    stadium.kick_off(BURST);
    stadium.goal(BURST, proto::Side::Home, Duration::from_millis(50));
    let (first, last, answered) = settle(&world, &stadium, &punter, wanted);
    // Few bets may be paid within a blink, between two answers: what was sent meanwhile is answered as soon as ever.
    let before = answers(&punter);
    wait_until("bets are answered again", Duration::from_secs(30), || answers(&punter) > before + 5);
    let burst_ms = punter.tally().slowest_answer_ms;
    stadium.kick_off(OTHER);
    stadium.end(OTHER);
    let tally = punter.finish(Duration::from_secs(60));
    trading.process.end_cleanly(END_PATIENCE);
    book.process.end_cleanly(END_PATIENCE);
    world.demand_auditors_yes();
    let paying = last - first;
    // What is paid sooner than an answer may take says nothing of answers in between.
    let is_short = paying.as_millis() <= u128::from(ANSWER_MS_MAX.unsigned_abs());
    assert!(answered > 0 || is_short, "no bet was answered while others were being paid for {paying:?}");
    assert!(burst_ms <= ANSWER_MS_MAX, "an answer took {burst_ms} ms while bets were being paid ({calm_ms} ms before)");
    println!(
        "burst: {wanted} bets paid in {:.1} s ({:.1} s after the whistle the first); meanwhile {answered} answers, the \
         slowest {burst_ms} ms ({calm_ms} ms in calm); {tally}; took {} s",
        last.as_secs_f32(),
        first.as_secs_f32(),
        begin.elapsed().as_secs()
    );
}

fn answers(punter: &Punter) -> u64 {
    let tally = punter.tally();
    tally.accepted + tally.refusals()
}

/// Blows the whistle and waits until all are paid: (to the first payment, to the last, answers in between).
fn settle(world: &World, stadium: &Stadium, punter: &Punter, wanted: usize) -> (Duration, Duration, u64) {
    let mut settlements = world.reader("settlements.v1");
    let whistle = Instant::now();
    stadium.end(BURST);
    let (mut first, mut before) = (None, 0);
    let mut paid = 0;
    while paid < wanted {
        assert!(whistle.elapsed() < Duration::from_secs(300), "{paid} of {wanted} bets paid after 300 s");
        let Some(seen) = settlements.poll(Duration::from_millis(100)) else { continue };
        if first.is_none() {
            (first, before) = (Some(whistle.elapsed()), answers(punter));
        }
        let settlement = proto::Settlement::decode(seen.value.as_slice()).expect("a settlement");
        paid += usize::from(settlement.account.starts_with("mass-") && settlement.version == 1);
    }
    (first.expect("some were paid"), whistle.elapsed(), answers(punter) - before)
}

/// Every selection of the match, as offered.
fn legs(world: &World) -> Vec<proto::Leg> {
    let mut markets = world.reader("markets.v1");
    let deadline = Instant::now() + Duration::from_secs(30);
    while Instant::now() < deadline {
        let Some(seen) = markets.poll(Duration::from_millis(100)) else { continue };
        let message = proto::MarketMessage::decode(seen.value.as_slice()).expect("a market message");
        let Some(market_message::Body::MatchUpdate(update)) = message.body else { continue };
        let open = update.markets.iter().filter(|market| market.status() == proto::MarketStatus::Active);
        let leg = |market: &proto::MarketState, outcome: &proto::OutcomeState| proto::Leg {
            match_id: update.match_id.clone(),
            market: market.market.clone(),
            outcome: outcome.outcome.clone(),
            price: outcome.price,
            seen_version: update.version,
        };
        let legs: Vec<_> = open
            .flat_map(|market| market.outcomes.iter().filter(|o| o.price.is_some()).map(|o| leg(market, o)))
            .collect();
        if update.match_id == BURST && !legs.is_empty() {
            return legs;
        }
    }
    panic!("{BURST} was not priced within 30 s");
}

/// Very many customers.
struct Masses {
    dice: Dice,
    accounts: u32,
    topics: (String, String),
    sender: Sender,
    decisions: Reader,
    done: usize,
    accepted: usize,
    refused: usize,
}

impl Masses {
    fn open_accounts(&mut self) {
        for number in 0..ACCOUNTS {
            let account = format!("mass-{number}");
            let deposit = proto::Deposit { amount_minor: 1_000_000_000, currency: "USD".to_owned() };
            for action in [account_command::Action::Open(open_account()), account_command::Action::Deposit(deposit)] {
                let id = CommandId::from_parts(Time::from_ms(now_ms()), self.chance()).expect("a time of our days");
                let command_id = id.to_string();
                let command = proto::AccountCommand { command_id, account: account.clone(), action: Some(action) };
                let topic = self.topics.0.clone();
                self.send(&topic, &account, &command.encode_to_vec());
            }
        }
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.done < 2 * ACCOUNTS {
            assert!(Instant::now() < deadline, "{} of {} account commands done", self.done, 2 * ACCOUNTS);
            self.read_answers(Duration::from_millis(50));
        }
    }

    /// Until that many are accepted, none of them left to grow old in the queue.
    fn bet(&mut self, legs: &[proto::Leg], wanted: usize) {
        let mut sent = 0;
        let mut moved = (0, Instant::now());
        while self.accepted < wanted {
            let answered = self.accepted + self.refused;
            if moved.0 != answered {
                moved = (answered, Instant::now());
            }
            assert!(moved.1.elapsed() < Duration::from_secs(30), "no answer for 30 s; {answered} answered");
            assert!(self.refused <= wanted / 10, "{} bets refused, {} accepted", self.refused, self.accepted);
            // As many as are still wanted, whatever was refused.
            if sent - answered < UNANSWERED_MAX && sent - self.refused < wanted {
                let account = format!("mass-{}", self.dice.within(0, ACCOUNTS as u64));
                let leg = self.dice.pick(legs).expect("selections").clone();
                let bet = slip(self.chance(), &account, 100, proto::PricePolicy::Any, "ticked", vec![leg]);
                let command = proto::BetCommand { body: Some(bet_command::Body::PlaceBet(bet)) };
                let topic = self.topics.1.clone();
                self.send(&topic, &account, &command.encode_to_vec());
                sent += 1;
                if sent % 256 == 0 {
                    self.read_answers(Duration::ZERO);
                }
            } else {
                self.read_answers(Duration::from_millis(5));
            }
        }
    }

    fn chance(&mut self) -> u128 {
        u128::from(self.dice.next()) << 64 | u128::from(self.dice.next())
    }

    fn send(&mut self, topic: &str, account: &str, value: &[u8]) {
        let key = account.as_bytes();
        let partition = partition_for(key, self.accounts);
        self.sender.send(&Parcel { topic, partition, key: Some(key), value: Some(value), content_type: None });
    }

    fn read_answers(&mut self, wait: Duration) {
        self.sender.serve();
        let mut wait = wait;
        while let Some(seen) = self.decisions.poll(wait) {
            wait = Duration::ZERO;
            let decision = proto::Decision::decode(seen.value.as_slice()).expect("a decision");
            match decision.verdict.expect("a verdict") {
                Verdict::Done(_) => self.done += 1,
                Verdict::Accepted(_) => self.accepted += 1,
                Verdict::Refused(_) => self.refused += 1,
                Verdict::Pending(_) => {}
            }
        }
    }
}
