//! The day itself: two matches, two customers, and everything that can happen to a bet.

use touchline::wire::proto;

use super::{Body, Books, DAY, PARTITIONS, World, home_of, id, sha};
use proto::fact::Body as Happened;
use proto::{
    Certainty, LedgerAccountKind as Purse, LegResult, MarketStatus, OutcomeStatus, Period, PostingEvent, RejectReason,
    SettlementKind, TransferKind,
};

enum Say {
    At(u32, i64),
    Is(OutcomeStatus),
}
use Say::{At, Is};

fn decimal(thousandths: u32) -> Option<proto::Price> {
    Some(proto::Price { form: Some(proto::price::Form::DecimalThousandths(thousandths)) })
}

fn market(id: &str, status: MarketStatus, price_version: u64, outcomes: &[(&str, Say)]) -> proto::MarketState {
    let held = status == MarketStatus::Suspended;
    let outcomes = outcomes.iter().map(|(name, say)| {
        let (status, price, fair_billionths) = match say {
            At(price, fair) => (OutcomeStatus::Offered, decimal(*price), Some(*fair)),
            Is(status) => (*status, None, None),
        };
        proto::OutcomeState { outcome: (*name).to_owned(), status: status as i32, price, fair_billionths }
    });
    proto::MarketState {
        market: id.to_owned(),
        status: status as i32,
        owners: if held { vec![proto::Owner::Incident as i32] } else { Vec::new() },
        price_version,
        outcomes: outcomes.collect(),
    }
}

pub(crate) fn fact(id: &str, certainty: Certainty, period: Period, body: Happened) -> proto::Fact {
    proto::Fact {
        id: id.to_owned(),
        producer: "scout".to_owned(),
        sequence: 1,
        source_at_ms: DAY,
        certainty: certainty as i32,
        clock: Some(proto::MatchClock { period: period as i32, elapsed_ms: 60_000, stoppage_announced_minutes: None }),
        body: Some(body),
        ..proto::Fact::default()
    }
}

pub(crate) fn goal(id: &str, certainty: Certainty) -> proto::Fact {
    let body = proto::Goal { side: proto::Side::Home as i32, own_goal: false };
    fact(id, certainty, Period::FirstHalf, Happened::Goal(body))
}

fn update(
    world: &mut World,
    match_id: &str,
    version: u64,
    at: i64,
    phase: proto::MatchPhase,
    home_score: u32,
    facts: Vec<proto::Fact>,
    markets: Vec<proto::MarketState>,
) {
    let facts = facts.into_iter().map(|fact| proto::Fact { match_id: match_id.to_owned(), ..fact }).collect();
    let update = proto::MatchUpdate {
        match_id: match_id.to_owned(),
        version,
        through_ms: DAY + at - 50,
        phase: phase as i32,
        home_score,
        fixture: Some(proto::Fixture { revision: 1, home: "Home".to_owned(), ..proto::Fixture::default() }),
        markets,
        facts,
        ..proto::MatchUpdate::default()
    };
    let body = Body::Market(proto::MarketMessage { body: Some(proto::market_message::Body::MatchUpdate(update)) });
    world.push("markets.v1", home_of(match_id), at, Some(match_id), body);
}

fn watermarks(world: &mut World, at: i64) {
    for shard in 0..PARTITIONS {
        let mark = proto::Watermark { shard, through_ms: DAY + at, at_ms: DAY + at };
        let body = Body::Market(proto::MarketMessage { body: Some(proto::market_message::Body::Watermark(mark)) });
        world.push("markets.v1", shard, at, None, body);
    }
}

/// Home, draw, away of the match result; over and under 2.5; over and under 2.75.
fn all(status: MarketStatus, price_version: u64, home: u32, over: u32) -> Vec<proto::MarketState> {
    let fair = |price: u32| 950_000_000_000 / i64::from(price);
    let rest = 1_000_000_000 - fair(home);
    vec![
        market(
            "1x2",
            status,
            price_version,
            &[
                ("home", At(home, fair(home))),
                ("draw", At(3_000, rest - 200_000_000)),
                ("away", At(4_200, 200_000_000)),
            ],
        ),
        market(
            "total:line=2.5",
            status,
            price_version,
            &[("over", At(over, fair(over))), ("under", At(1_950, 500_000_000))],
        ),
        market(
            "total:line=2.75",
            status,
            price_version,
            &[("over", At(2_000, 480_000_000)), ("under", At(1_900, 520_000_000))],
        ),
    ]
}

fn write_matches(world: &mut World) {
    use MarketStatus::{Active, Settled, Suspended};
    use proto::MatchPhase::{InPlay, Over, PreMatch};
    let sure = Certainty::Confirmed;
    watermarks(world, 0);
    let fixture = |id| fact(id, sure, Period::PreMatch, Happened::Fixture(proto::Fixture::default()));
    update(world, "M1", 1, 0, PreMatch, 0, vec![fixture("f1")], all(Active, 1, 2_000, 1_900));
    update(world, "M2", 1, 0, PreMatch, 0, vec![fixture("f1")], all(Active, 1, 2_000, 1_900));
    let tick = |id| fact(id, sure, Period::PreMatch, Happened::ClockTick(proto::Nothing {}));
    update(world, "M1", 2, 10_000, PreMatch, 0, vec![tick("f2")], all(Active, 2, 1_950, 1_900));
    let kick_off = fact("f3", sure, Period::FirstHalf, Happened::PeriodStart(Period::FirstHalf as i32));
    update(world, "M1", 3, 60_000, InPlay, 0, vec![kick_off], all(Active, 3, 1_900, 1_850));
    let first = goal("g1", Certainty::Scouted);
    update(world, "M1", 4, 200_000, InPlay, 1, vec![first], all(Suspended, 4, 1_500, 1_600));
    let confirmed = fact("g1/confirmed", sure, Period::FirstHalf, Happened::Confirmed("g1".to_owned()));
    let restart = fact("f5", sure, Period::FirstHalf, Happened::PlayRestarted(proto::Nothing {}));
    update(world, "M1", 5, 230_000, InPlay, 1, vec![confirmed, restart], all(Active, 5, 1_400, 1_500));
    update(world, "M1", 6, 300_000, InPlay, 2, vec![goal("g2", sure)], all(Suspended, 5, 1_400, 1_500));
    let decided = |status: MarketStatus| {
        let mut markets = all(status, 5, 1_400, 1_500);
        markets[1] = market(
            "total:line=2.5",
            Settled,
            5,
            &[("over", Is(OutcomeStatus::Won)), ("under", Is(OutcomeStatus::Lost))],
        );
        markets
    };
    update(world, "M1", 7, 320_000, InPlay, 3, vec![goal("g3", sure)], decided(Suspended));
    let rollback = fact("r3", sure, Period::FirstHalf, Happened::Rollback("g3".to_owned()));
    update(world, "M1", 8, 400_000, InPlay, 2, vec![rollback], all(Suspended, 5, 1_400, 1_500));
    update(world, "M1", 9, 420_000, InPlay, 3, vec![goal("g4", sure)], decided(Suspended));
    let whistle = fact("w", sure, Period::SecondHalf, Happened::PeriodEnd(Period::SecondHalf as i32));
    let mut end = decided(Suspended);
    let came = [("home", Is(OutcomeStatus::Won)), ("draw", Is(OutcomeStatus::Lost)), ("away", Is(OutcomeStatus::Lost))];
    end[0] = market("1x2", Settled, 5, &came);
    let halves = [("over", Is(OutcomeStatus::HalfWon)), ("under", Is(OutcomeStatus::HalfLost))];
    end[2] = market("total:line=2.75", Settled, 5, &halves);
    update(world, "M1", 10, 500_000, Over, 3, vec![whistle], end);
    let cancel = proto::Cancel { from_ms: Some(DAY + 11_000), to_ms: Some(DAY + 30_000), ..proto::Cancel::default() };
    let cancel = fact("c1", sure, Period::PreMatch, Happened::Cancel(cancel));
    update(world, "M2", 2, 505_000, PreMatch, 0, vec![cancel], all(Active, 1, 2_000, 1_900));
    watermarks(world, 510_000);
}

fn leg(world: &mut World, match_id: &str, version: u64, market: &str, outcome: &str) -> proto::AcceptedLeg {
    let is_it = |entry: &&super::Entry| match &entry.body {
        Body::Market(proto::MarketMessage { body: Some(proto::market_message::Body::MatchUpdate(update)) }) => {
            (update.match_id.as_str(), update.version) == (match_id, version)
        }
        _ => false,
    };
    let fact_at_ms = world.entries.iter().find(is_it).expect("a version").at;
    let update = world.update(match_id, version).clone();
    let state = update.markets.iter().find(|state| state.market == market).expect("a market").clone();
    let found = state.outcomes.iter().find(|state| state.outcome == outcome).expect("an outcome").clone();
    proto::AcceptedLeg {
        request: Some(proto::Leg {
            match_id: match_id.to_owned(),
            market: market.to_owned(),
            outcome: outcome.to_owned(),
            price: found.price,
            seen_version: version,
        }),
        price: found.price,
        match_version: version,
        price_version: state.price_version,
        fixture_revision: 1,
        fact_at_ms,
        fair_billionths: found.fair_billionths,
        in_play: update.phase == proto::MatchPhase::InPlay as i32,
    }
}

fn place_bet(number: u32, account: &str, stake: i64, legs: &[proto::AcceptedLeg]) -> proto::PlaceBet {
    proto::PlaceBet {
        bet_id: id(number),
        account: account.to_owned(),
        stake_minor: stake,
        currency: "USD".to_owned(),
        legs: legs.iter().filter_map(|leg| leg.request.clone()).collect(),
        price_policy: 0,
        session_id: "session".to_owned(),
        session_expires_at_ms: DAY + 3_600_000,
        location: Some(proto::LocationProof {
            id: "proof".to_owned(),
            licence: "US-NJ".to_owned(),
            issued_at_ms: DAY,
            expires_at_ms: DAY + 3_600_000,
        }),
        ..proto::PlaceBet::default()
    }
}

fn decide(
    world: &mut World,
    at: i64,
    account: &str,
    number: u32,
    cause: proto::InputRef,
    repeated: bool,
    verdict: proto::decision::Verdict,
) {
    let decision = proto::Decision {
        account: account.to_owned(),
        command_id: id(number),
        cause: Some(cause),
        repeated_answer: repeated,
        verdict: Some(verdict),
    };
    world.push("decisions.v1", home_of(account), at, Some(account), Body::Decision(decision));
}

struct Day {
    world: World,
    books: Books,
}

const NEW: i64 = -1;

impl Day {
    fn post(
        &mut self,
        at: i64,
        account: &str,
        event: PostingEvent,
        number: u32,
        moves: &[(TransferKind, Purse, Purse, i64)],
    ) {
        self.books.post(&mut self.world, at, account, event, number, None, moves);
    }

    fn ask(&mut self, at: i64, bet: &proto::PlaceBet, json: bool) -> proto::InputRef {
        let command = proto::BetCommand { body: Some(proto::bet_command::Body::PlaceBet(bet.clone())) };
        let body = if json { Body::Json(serde_json::to_string(&command).unwrap()) } else { Body::Bet(command) };
        let partition = home_of(&bet.account);
        let offset = self.world.push("commands.v1", partition, at, Some(&bet.account), body);
        proto::InputRef { topic: proto::InputTopic::Commands as i32, partition, offset }
    }

    /// A bet that is asked for at `asked`, waits if it must (`delay` above zero), and stands at `accepted`.
    fn accept(
        &mut self,
        number: u32,
        account: &str,
        stake: i64,
        legs: &[(&str, u64, &str, &str)],
        asked: i64,
        delay: i64,
        accepted: i64,
        potential_return: i64,
    ) -> proto::InputRef {
        use TransferKind::{Pending, PostPending};
        let legs: Vec<_> = legs
            .iter()
            .map(|(at, version, market, outcome)| leg(&mut self.world, at, *version, market, outcome))
            .collect();
        let bet = place_bet(number, account, stake, &legs);
        let cause = self.ask(asked, &bet, number == 7);
        if delay > 0 {
            let waits = proto::Pending { decide_at_ms: DAY + asked + delay };
            decide(
                &mut self.world,
                asked + 10,
                account,
                number,
                cause,
                false,
                proto::decision::Verdict::Pending(waits),
            );
            self.post(
                asked + 10,
                account,
                PostingEvent::BetWaits,
                number,
                &[(Pending, Purse::Cash, Purse::Held, stake)],
            );
        }
        let stands = proto::AcceptedBet {
            request: Some(proto::PlaceBet { price_policy: proto::PricePolicy::Better as i32, ..bet }),
            legs,
            placed_at_ms: DAY + asked,
            accepted_at_ms: DAY + accepted,
            delay_ms: delay,
            licence: "US-NJ".to_owned(),
            rule_set: 1,
            potential_return_minor: potential_return,
        };
        decide(&mut self.world, accepted, account, number, cause, false, proto::decision::Verdict::Accepted(stands));
        let post = (PostPending, Purse::Cash, Purse::Held, stake);
        let at_once = [(Pending, Purse::Cash, Purse::Held, stake), post];
        let moves = if delay > 0 { &at_once[1..] } else { &at_once[..] };
        self.post(accepted, account, PostingEvent::BetAccepted, number, moves);
        cause
    }

    fn settle(
        &mut self,
        at: i64,
        number: u32,
        account: &str,
        version: u32,
        stake: i64,
        returned: i64,
        legs: &[(LegResult, u64)],
        cancel: &str,
    ) {
        use TransferKind::Posted;
        let is_void = legs.iter().all(|(result, _)| *result == LegResult::Void);
        let reopened = returned == NEW;
        let (kind, event) = match reopened {
            true => (SettlementKind::Reopened, PostingEvent::BetReopened),
            false => (SettlementKind::Settled, PostingEvent::BetSettled),
        };
        let settlement = proto::Settlement {
            bet_id: id(number),
            account: account.to_owned(),
            version,
            kind: kind as i32,
            stake_minor: stake,
            returned_minor: returned.max(0),
            legs: legs.iter().map(|(result, _)| *result as i32).collect(),
            decided_by: legs.iter().map(|(_, version)| *version).collect(),
            cancelled_by: cancel.to_owned(),
            negative_balance: false,
            about: None,
        };
        self.world.push("settlements.v1", home_of(account), at, Some(account), Body::Settlement(settlement));
        let moves = match (reopened, is_void) {
            // The only result that this day takes back is bet 3's 750.
            (true, _) => vec![(Posted, Purse::Cash, Purse::Payouts, 750), (Posted, Purse::Stakes, Purse::Held, stake)],
            (false, true) => vec![(Posted, Purse::Held, Purse::Cash, stake)],
            (false, false) if returned == 0 => vec![(Posted, Purse::Held, Purse::Stakes, stake)],
            (false, false) => {
                vec![(Posted, Purse::Held, Purse::Stakes, stake), (Posted, Purse::Payouts, Purse::Cash, returned)]
            }
        };
        self.books.post(&mut self.world, at, account, event, number, Some(version), &moves);
    }

    fn open(&mut self, number: u32, account: &str, amount: i64) {
        let open = proto::OpenAccount {
            currency: "USD".to_owned(),
            licence: "US-NJ".to_owned(),
            birth_date: "1990-01-01".to_owned(),
            identity_status: proto::IdentityStatus::Verified as i32,
            identity_expires: "2030-01-01".to_owned(),
        };
        let deposit = proto::Deposit { amount_minor: amount, currency: "USD".to_owned() };
        let actions = [proto::account_command::Action::Open(open), proto::account_command::Action::Deposit(deposit)];
        for (number, action) in (number..).zip(actions) {
            let command =
                proto::AccountCommand { command_id: id(number), account: account.to_owned(), action: Some(action) };
            let partition = home_of(account);
            let offset = self.world.push("account-commands.v1", partition, 1, Some(account), Body::Account(command));
            let cause = proto::InputRef { topic: proto::InputTopic::AccountCommands as i32, partition, offset };
            decide(&mut self.world, 5, account, number, cause, false, proto::decision::Verdict::Done(proto::Done {}));
        }
        let moves = [(TransferKind::Posted, Purse::DepositsClearing, Purse::Cash, amount)];
        self.post(5, account, PostingEvent::Deposit, number + 1, &moves);
    }

    /// Bytes that are no message, and the reject that answers them.
    fn nonsense(&mut self, topic: &'static str, number: proto::InputTopic, rejects: &'static str, partition: u32) {
        let value = b"\xff\xff nonsense".to_vec();
        let offset = self.world.push(topic, partition, 900, Some("anna"), Body::Raw(value.clone()));
        let reject = proto::Reject {
            cause: Some(proto::InputRef { topic: number as i32, partition, offset }),
            reason: RejectReason::Malformed as i32,
            detail: "not a message".to_owned(),
            value: value.clone(),
            value_length: value.len() as u64,
            value_sha256: sha(&value),
        };
        self.world.push(rejects, partition, 910, None, Body::Reject(reject));
    }

    fn refuse(&mut self, number: u32, account: &str, stake: i64, asked: i64, reason: RejectReason, waited: bool) {
        let legs = [leg(&mut self.world, "M1", 3, "1x2", "home")];
        let cause = self.ask(asked, &place_bet(number, account, stake, &legs), false);
        if waited {
            let waits = proto::Pending { decide_at_ms: DAY + asked + 5_000 };
            decide(
                &mut self.world,
                asked + 10,
                account,
                number,
                cause,
                false,
                proto::decision::Verdict::Pending(waits),
            );
            let moves = [(TransferKind::Pending, Purse::Cash, Purse::Held, stake)];
            self.post(asked + 10, account, PostingEvent::BetWaits, number, &moves);
        }
        let refusal = proto::Refusal { reason: reason as i32, stage: 3, ..proto::Refusal::default() };
        decide(
            &mut self.world,
            asked + 2_100,
            account,
            number,
            cause,
            false,
            proto::decision::Verdict::Refused(refusal),
        );
        if waited {
            let moves = [(TransferKind::VoidPending, Purse::Cash, Purse::Held, stake)];
            self.post(asked + 2_100, account, PostingEvent::BetRefused, number, &moves);
        }
    }
}

/// Writes the whole day.
pub(crate) fn write() -> World {
    let mut day = Day { world: World::default(), books: Books::default() };
    write_matches(&mut day.world);
    let heartbeat = proto::Heartbeat { producer: "scout".to_owned(), sequence: 1, source_at_ms: DAY };
    let heartbeat = proto::FeedMessage { body: Some(proto::feed_message::Body::Heartbeat(heartbeat)) };
    (0..PARTITIONS).for_each(|shard| {
        day.world.push("feed.v1", shard, 0, None, Body::Feed(heartbeat.clone()));
    });
    let told = proto::Fact { match_id: "M1".to_owned(), ..goal("g1", Certainty::Scouted) };
    let told = proto::FeedMessage { body: Some(proto::feed_message::Body::Fact(told)) };
    day.world.push("feed.v1", home_of("M1"), 199_900, Some("M1"), Body::Feed(told));
    day.nonsense("feed.v1", proto::InputTopic::Feed, "rejects-trading.v1", 0);
    day.open(101, "anna", 100_000);
    day.open(103, "beth", 50_000);
    day.nonsense("commands.v1", proto::InputTopic::Commands, "rejects-book.v1", home_of("anna"));
    write_bets(&mut day);
    write_settlements(&mut day);
    day.world
}

fn write_bets(day: &mut Day) {
    let first = day.accept(1, "anna", 1_000, &[("M1", 1, "1x2", "home")], 1_000, 0, 1_010, 2_000);
    // Sent again: the first answer again.
    let again = day.world.accepted(1).clone();
    let resent = day.ask(1_500, again.request.as_ref().unwrap(), false);
    assert_ne!(first, resent);
    decide(&mut day.world, 1_510, "anna", 1, resent, true, proto::decision::Verdict::Accepted(again));
    let both = [("M1", 2, "total:line=2.5", "over"), ("M2", 1, "1x2", "home")];
    day.accept(2, "anna", 333, &both, 11_990, 0, 12_000, 1_265);
    day.accept(6, "anna", 700, &[("M2", 1, "1x2", "home")], 19_990, 0, 20_000, 1_400);
    day.accept(7, "anna", 250, &[("M2", 1, "1x2", "home")], 39_990, 0, 40_000, 500);
    day.accept(5, "beth", 400, &[("M1", 2, "1x2", "away")], 41_000, 0, 41_010, 1_680);
    day.accept(9, "anna", 1_001, &[("M1", 2, "total:line=2.75", "over")], 42_000, 0, 42_010, 2_002);
    day.refuse(4, "beth", 600, 198_000, RejectReason::MaterialChange, true);
    day.refuse(10, "beth", 60_000_000, 199_000, RejectReason::InsufficientFunds, false);
    day.accept(3, "beth", 500, &[("M1", 5, "total:line=2.5", "over")], 240_000, 5_000, 245_150, 750);
    // Still waiting when the day ends.
    let legs = [leg(&mut day.world, "M2", 2, "1x2", "draw")];
    let cause = day.ask(509_000, &place_bet(8, "beth", 100, &legs), false);
    let waits = proto::Pending { decide_at_ms: DAY + 514_000 };
    decide(&mut day.world, 509_010, "beth", 8, cause, false, proto::decision::Verdict::Pending(waits));
    day.post(509_010, "beth", PostingEvent::BetWaits, 8, &[(TransferKind::Pending, Purse::Cash, Purse::Held, 100)]);
}

fn write_settlements(day: &mut Day) {
    use LegResult::{HalfWin, Lose, Void, Win};
    day.settle(320_010, 3, "beth", 1, 500, 750, &[(Win, 7)], "");
    day.settle(400_010, 3, "beth", 2, 500, NEW, &[], "");
    day.settle(420_010, 3, "beth", 3, 500, 750, &[(Win, 9)], "");
    day.settle(500_010, 1, "anna", 1, 1_000, 2_000, &[(Win, 10)], "");
    day.settle(500_010, 5, "beth", 1, 400, 0, &[(Lose, 10)], "");
    day.settle(500_010, 9, "anna", 1, 1_001, 1_502, &[(HalfWin, 10)], "");
    day.settle(505_010, 2, "anna", 1, 333, 633, &[(Win, 10), (Void, 2)], "c1");
    day.settle(505_010, 6, "anna", 1, 700, 700, &[(Void, 2)], "c1");
}
