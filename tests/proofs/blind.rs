//! Goals that the book cannot know of: trading is stopped in the middle of a transaction, killed, or drains a backlog,
//! while goals fall and bets come in at the old prices.

use crate::proxy::{END_TXN, PRODUCE, Proxy, Referee, Request, Ruling};
use crate::punter::{Habits, Punter};
use crate::reading::wait_until;
use crate::sending::now_ms;
use crate::stadium::Stadium;
use crate::world::{END_PATIENCE, Role, Shape, World};
use prost::Message as _;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use touchline::wire::proto::{self, decision::Verdict, feed_message, market_message};

const MATCHES: [&str; 4] = ["m-north", "m-south", "m-east", "m-west"];
const DELAY_MS: u32 = 2_000;
/// The pipeline's default `freshness.broker_skew_ms`.
const SKEW_MS: i64 = 100;
/// The pipeline's default `freshness.staleness_limit_ms`.
const STALENESS_MS: i64 = 2_000;

/// Where trading is to be caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Catch {
    /// Between closing a batch and producing it.
    BeforeProduce,
    /// Between producing and committing.
    BeforeCommit,
}

#[derive(Default)]
struct Gate {
    catch: Option<Catch>,
    caught: bool,
    open: bool,
    cut: bool,
}

/// Stops trading's client at a chosen step until the proof lets it go.
#[derive(Clone, Default)]
struct Catcher(Arc<(Mutex<Gate>, Condvar)>);

impl Catcher {
    fn set(&self, change: impl FnOnce(&mut Gate)) {
        change(&mut self.0.0.lock().expect("no panic holding it"));
        self.0.1.notify_all();
    }

    fn caught(&self) -> bool {
        self.0.0.lock().expect("no panic holding it").caught
    }
}

impl Referee for Catcher {
    fn request(&mut self, request: &Request) -> Ruling {
        let (gate, changed) = &*self.0;
        let mut gate = gate.lock().expect("no panic holding it");
        let step = match (request.api, &request.transactional_id) {
            (PRODUCE, Some(_)) => Catch::BeforeProduce,
            (END_TXN, Some(_)) => Catch::BeforeCommit,
            _ => return Ruling::Pass,
        };
        if gate.catch != Some(step) {
            return Ruling::Pass;
        }
        (gate.catch, gate.caught, gate.open) = (None, true, false);
        let (after, _) =
            changed.wait_timeout_while(gate, Duration::from_secs(30), |gate| !gate.open).expect("no panic holding it");
        if after.cut { Ruling::Cut } else { Ruling::Pass }
    }

    fn answered(&mut self, _: &Request) {}
}

/// Whatever happens to trading, no bet is accepted on knowledge older than the rules allow.
pub fn no_bet_on_old_knowledge() {
    let shape = Shape { in_play_delay_ms: DELAY_MS, clock_scale: 20, ..Shape::default() };
    let mut world = World::new("blind", shape);
    let begin = Instant::now();
    let catcher = Catcher::default();
    let proxy = Proxy::before(&world.brokers, Box::new(catcher.clone()));
    let mut trading = world.role_via("trading", "t1", Some(&proxy.address));
    let mut book = world.role("book", "b1");
    let stadium = Stadium::open(&world);
    let mut dice = world.dice.fork();
    MATCHES.iter().for_each(|match_id| stadium.announce(match_id, now_ms() + 20_000));
    let punter = Punter::start(&mut world, Habits { accounts: 30, bets_per_s: 100, sloppy_percent: 5 });
    punter.wait_ready(Duration::from_secs(60));
    wait_until("bets before kick-off are accepted", Duration::from_secs(30), || punter.tally().accepted > 5);
    MATCHES.iter().for_each(|match_id| stadium.kick_off(match_id));
    wait_until("bets in play are accepted", Duration::from_secs(30), || punter.tally().accepted_in_play > 5);
    let rounds = if crate::quick() { 3 } else { 9 };
    for round in 0..rounds {
        // Every third time the process dies, else it stands still: shorter and longer than the bounds, not than the session.
        let dies = round % 3 == 2;
        let catch = if round % 2 == 0 { Catch::BeforeCommit } else { Catch::BeforeProduce };
        catcher.set(|gate| (gate.catch, gate.caught, gate.cut) = (Some(catch), false, false));
        wait_until("trading is caught in the act", Duration::from_secs(20), || catcher.caught());
        if dies {
            trading.process.kill()
        } else {
            trading.process.freeze()
        }
        let until = Instant::now() + Duration::from_millis(dice.within(400, 4_500));
        while Instant::now() < until {
            let match_id = MATCHES[dice.within(0, 4) as usize];
            stadium.happening(match_id, &mut dice);
            std::thread::sleep(Duration::from_millis(dice.within(20, 200)));
        }
        catcher.set(|gate| (gate.open, gate.cut) = (true, dies));
        if dies {
            trading.restart()
        } else {
            trading.process.thaw()
        }
        let before = punter.tally().accepted;
        wait_until("bets are accepted again", Duration::from_secs(40), || punter.tally().accepted > before + 3);
    }
    MATCHES.iter().for_each(|match_id| stadium.end(match_id));
    let tally = punter.finish(Duration::from_secs(60));
    end(&mut trading, &mut book);
    let (checked, nearest) = demand_knowledge(&world);
    world.demand_auditors_yes();
    assert!(tally.accepted_in_play > 50, "too quiet a day to prove anything: {tally}");
    println!(
        "blind: trading caught {rounds} times, {checked} legs judged on all they had to know, the nearest fact {nearest} ms \
         beyond the bound; {tally}; took {} s",
        begin.elapsed().as_secs()
    );
}

fn end(trading: &mut Role, book: &mut Role) {
    trading.process.end_cleanly(END_PATIENCE);
    book.process.end_cleanly(END_PATIENCE);
}

/// By append times alone: every accepted leg was judged on a version that holds each fact of its match which stood in
/// the feed before the bound. Gives how many legs, and how near the nearest later fact came, ms.
fn demand_knowledge(world: &World) -> (usize, i64) {
    let mut versions: BTreeMap<(String, String), u64> = BTreeMap::new();
    for seen in world.read("markets.v1") {
        let message = proto::MarketMessage::decode(seen.value.as_slice()).expect("a market message");
        if let Some(market_message::Body::MatchUpdate(update)) = message.body {
            for fact in update.facts {
                versions.entry((update.match_id.clone(), fact.id)).or_insert(update.version);
            }
        }
    }
    let mut facts: BTreeMap<String, Vec<(i64, u64)>> = BTreeMap::new();
    for seen in world.read("feed.v1") {
        let message = proto::FeedMessage::decode(seen.value.as_slice()).expect("a feed message");
        if let Some(feed_message::Body::Fact(fact)) = message.body
            && let Some(version) = versions.get(&(fact.match_id.clone(), fact.id))
        {
            facts.entry(fact.match_id).or_default().push((seen.at_ms, *version));
        }
    }
    let (mut checked, mut nearest) = (0, i64::MAX);
    for seen in world.read("decisions.v1") {
        let decision = proto::Decision::decode(seen.value.as_slice()).expect("a decision");
        let Some(Verdict::Accepted(bet)) = decision.verdict.filter(|_| !decision.repeated_answer) else { continue };
        let bound = if bet.delay_ms > 0 {
            bet.placed_at_ms + bet.delay_ms - SKEW_MS
        } else {
            bet.accepted_at_ms - STALENESS_MS - SKEW_MS
        };
        for leg in &bet.legs {
            let request = leg.request.as_ref().expect("a request");
            let told = facts.get(&request.match_id).map_or(&[][..], Vec::as_slice);
            for (at_ms, version) in told.iter().filter(|(_, version)| *version > leg.match_version) {
                assert!(
                    *at_ms >= bound,
                    "bet {} on {} was judged on version {}, though the fact of version {version} stood in the feed {} ms \
                     before the bound",
                    decision.command_id,
                    request.match_id,
                    leg.match_version,
                    bound - at_ms
                );
                nearest = nearest.min(at_ms - bound);
            }
            checked += 1;
        }
    }
    (checked, nearest)
}
