//! Tampering with bets: their ids, their acceptance, their freshness, and what they came to.

use touchline::sim::auditor::AuditRules;
use touchline::wire::proto;

use crate::auditor_markets::sold_as;
use crate::auditor_world::story::{fact, goal};
use crate::auditor_world::{Body, DAY, Entry, World, audit, audit_by, good, home_of, id, rules};
use crate::{demand, written};
use proto::decision::Verdict;
use proto::{Certainty, MarketStatus, Period};

#[test]
fn bet_ids() {
    written(
        |world| {
            let again = world.decisions(1).pop().unwrap();
            let Some(Verdict::Accepted(bet)) = &mut again.verdict else { panic!() };
            bet.accepted_at_ms += 1;
        },
        &["bet ids"],
        "a repeated answer that was not the first one's",
    );
    // The resend is judged anew: accepted twice, and the second stake never moved.
    written(
        |world| world.decisions(1)[1].repeated_answer = false,
        &["bet ids", "money", "acceptance"],
        "was accepted before",
    );
    written(
        |world| {
            let command = world.entries.iter().find(|entry| is_bet(entry, 10)).unwrap().clone();
            let partition = command.partition;
            let offset = world.push("commands.v1", partition, 400_000, Some("beth"), command.body);
            let mut anew = world.decisions(10)[0].clone();
            anew.cause.as_mut().unwrap().offset = offset;
            world.push("decisions.v1", partition, 400_010, Some("beth"), Body::Decision(anew));
        },
        &["bet ids"],
        "was judged anew",
    );
    // Refused as stale, and then accepted all the same.
    written(
        |world| {
            let is_answer = |entry: &Entry| matches!(&entry.body, Body::Decision(said) if said.command_id == id(1));
            let first = world.entries.iter().position(is_answer).unwrap();
            let resent = world.entries.iter().rposition(is_answer).unwrap();
            let accepted = world.entries[first].body.clone();
            let mut stale = world.decisions(1).pop().unwrap().clone();
            stale.repeated_answer = false;
            stale.verdict = Some(Verdict::Refused(proto::Refusal {
                reason: proto::RejectReason::StaleCommand as i32,
                ..proto::Refusal::default()
            }));
            world.entries[first].body = Body::Decision(stale);
            world.entries[resent].body = accepted;
        },
        &["bet ids"],
        "though it was refused as stale",
    );
}

pub(crate) fn is_bet(entry: &Entry, number: u32) -> bool {
    bet_of(&entry.body).is_some_and(|bet| bet.bet_id == id(number))
}

fn bet_of(body: &Body) -> Option<&proto::PlaceBet> {
    match body {
        Body::Bet(proto::BetCommand { body: Some(proto::bet_command::Body::PlaceBet(bet)) }) => Some(bet),
        _ => None,
    }
}

#[test]
fn acceptance() {
    let only = |change: fn(&mut World), words: &str| written(change, &["acceptance"], words);
    let decimal = |odds| Some(proto::Price { form: Some(proto::price::Form::DecimalThousandths(odds)) });
    written(
        |world| {
            let bet = world.accepted(7);
            (bet.legs[0].price, bet.potential_return_minor) = (decimal(2_010), 503);
        },
        &["acceptance"],
        "accepted at 2.010, version 1 has 2.000 (offered)",
    );
    only(
        |world| world.update("M1", 2).markets[2].status = MarketStatus::Inactive as i32,
        "MARKET_STATUS_INACTIVE at version 2",
    );
    only(|world| world.accepted(5).legs[0].match_version = 99, "which was never published");
    only(|world| world.accepted(5).potential_return_minor += 1, "potential return 1681, expected Some(1680)");
    only(
        |world| world.accepted(5).request.as_mut().unwrap().displayed = "x".to_owned(),
        "is not the command at offset",
    );
    only(|world| world.accepted(5).placed_at_ms += 1, "but the command was appended at");
    only(|world| world.accepted(5).legs[0].fact_at_ms += 1, "price version, append time");
    only(|world| world.accepted(5).legs[0].in_play = true, "price version, append time");
    only(|world| world.accepted(5).legs[0].price_version = 1, "price version, append time");
    written(
        |world| world.accepted(5).licence = "US-PA".to_owned(),
        &["money", "acceptance"],
        "not under the account's licence US-NJ",
    );
    written(
        |world| {
            world.entries.retain(|entry| !matches!(&entry.body, Body::Decision(done) if done.command_id == id(103)))
        },
        &["coverage", "acceptance"],
        "account beth was not open",
    );
    let asks = |policy: proto::PricePolicy, odds: u32, words: &str| {
        let change = |bet: &mut proto::PlaceBet| {
            bet.price_policy = policy as i32;
            bet.legs[0].price = decimal(odds);
        };
        written(
            |world| {
                let accepted = world.accepted(5);
                change(accepted.request.as_mut().unwrap());
                accepted.legs[0].request.as_mut().unwrap().price = decimal(odds);
                let command = world.entries.iter_mut().find(|entry| is_bet(entry, 5)).unwrap();
                let Body::Bet(proto::BetCommand { body: Some(proto::bet_command::Body::PlaceBet(bet)) }) =
                    &mut command.body
                else {
                    panic!()
                };
                change(bet);
            },
            &["acceptance"],
            words,
        );
    };
    asks(proto::PricePolicy::Exact, 4_100, "asked for 4.100 (Exact)");
    asks(proto::PricePolicy::Better, 4_300, "asked for 4.300 (Better)");
    asks(proto::PricePolicy::Any, 4_300, "asked for 4.300 (Any)");
    asks(proto::PricePolicy::Better, 3_200, "a jump from the 3.200 asked for");
}

#[test]
fn freshness() {
    let only = |change: fn(&mut World), words: &str| written(change, &["freshness"], words);
    written(
        |world| world.accepted(1).accepted_at_ms = DAY + 14_000,
        &["bet ids", "freshness"],
        "though version 2 (1.950) was appended",
    );
    only(|world| world.accepted(5).accepted_at_ms = DAY + 102_000, "too old after");
    only(|world| world.accepted(3).accepted_at_ms = DAY + 244_999, "expected within");
    only(|world| world.accepted(3).delay_ms = 4_999, "in play after a delay of 4999 ms, expected 5000");
    // The second goal falls while bet 3 waits; a moment later it does not matter.
    let goal_at = |at: i64| {
        move |world: &mut World| {
            world.update("M1", 6).through_ms = DAY + at;
            move_update(world, 6, at);
        }
    };
    written(goal_at(242_000), &["freshness"], "something material happened at version 6");
    written(goal_at(244_900), &["freshness"], "something material happened at version 6");
    let mut world = good();
    goal_at(244_901)(&mut world);
    assert!(audit(&world.records()).passed(), "after the delay less the skew anything may happen");
    // The market reopens only after bet 3 was placed.
    only(
        |world| {
            move_update(world, 5, 239_901);
            world.accepted(3).legs[0].fact_at_ms = DAY + 239_901;
        },
        "the market was held at version 4",
    );
    // Bet 3 cites the version of the goal's restart, but the price had moved by then.
    only(
        |world| {
            let kick_off = world.update("M1", 5).clone();
            let later = world.update("M1", 6);
            (later.facts, later.home_score) = (Vec::new(), 1);
            later.markets = kick_off.markets;
            later.markets[1].outcomes[0].price =
                Some(proto::Price { form: Some(proto::price::Form::DecimalThousandths(1_480)) });
            later.markets[1].price_version = 6;
            later.through_ms = DAY + 241_000;
            let next = world.update("M1", 7);
            next.facts.insert(0, proto::Fact { match_id: "M1".to_owned(), ..goal("g2", Certainty::Confirmed) });
            move_update(world, 6, 241_000);
        },
        "though version 6 (1.480) was appended",
    );
}

/// Moves the append time of a version of M1.
fn move_update(world: &mut World, version: u64, at: i64) {
    let moved = world.entries.iter_mut().find(|entry| match &entry.body {
        Body::Market(proto::MarketMessage { body: Some(proto::market_message::Body::MatchUpdate(update)) }) => {
            (update.match_id.as_str(), update.version) == ("M1", version)
        }
        _ => false,
    });
    moved.expect("a version").at = DAY + at;
    world.update("M1", version).through_ms = DAY + at;
}

#[test]
fn settlement() {
    let only = |change: fn(&mut World), words: &str| written(change, &["settlement"], words);
    written(
        |world| world.settlement(1, 1).returned_minor += 1,
        &["money", "settlement"],
        "returned 2001, expected Some(2000)",
    );
    written(
        |world| world.settlement(1, 1).stake_minor += 1,
        &["money", "settlement"],
        "stake 1001, accepted with 1000",
    );
    only(|world| world.settlement(1, 1).decided_by = vec![9], "by the facts up to match version 9 None");
    only(|world| world.settlement(9, 1).legs = vec![proto::LegResult::Win as i32], "HalfWin");
    only(|world| world.settlement(6, 1).cancelled_by = "c2".to_owned(), "which voids no leg of it");
    only(|world| world.settlement(1, 1).cancelled_by = "c1".to_owned(), "no cancel covers it");
    only(
        |world| {
            world.settlement(3, 3).version = 4;
            world.posting(3, 4).settlement_version = Some(4);
        },
        "version 4, expected version 3",
    );
    only(|world| world.settlement(3, 2).returned_minor = 5, "reopened with 5 returned");
    written(
        |world| world.settlement(6, 1).bet_id = id(77),
        &["ledger sums", "money", "settlement"],
        "was never accepted",
    );
    // M2 ends nil to nil and nobody settles: demanded at rest, a figure before.
    let mut world = good();
    let mut end = world.update("M2", 2).clone();
    let whistle =
        fact("w", Certainty::Confirmed, Period::SecondHalf, proto::fact::Body::FinalWhistle(proto::Nothing {}));
    (end.version, end.facts) = (3, vec![whistle]);
    for outcome in end.markets.iter_mut().flat_map(|market| &mut market.outcomes) {
        (outcome.status, outcome.price) = (proto::OutcomeStatus::Withheld as i32, None);
    }
    let body = Body::Market(proto::MarketMessage { body: Some(proto::market_message::Body::MatchUpdate(end)) });
    world.push("markets.v1", home_of("M2"), 600_000, Some("M2"), body);
    demand(&audit(&world.records()), &["settlement"], "is open, by all facts settled at 0");
    let report = audit_by(AuditRules { expect_settled: false, ..rules() }, &world.records());
    assert!(report.passed(), "{report}");
    assert_eq!(report.summary.unsettled_yet, 1);
}

/// The same day under a licence whose cancels need an approval: bet 6 is held instead of void, or wrongly is not.
#[test]
fn approval() {
    let needing = || AuditRules { cancel_needs_approval: ["US-NJ".to_owned()].into(), ..rules() };
    let approve = |world: &mut World, approval: &str| {
        let Some(proto::fact::Body::Cancel(cancel)) = &mut world.update("M2", 2).facts[0].body else { panic!() };
        cancel.approval_ref = approval.to_owned();
    };
    let mut approved = good();
    approve(&mut approved, "two people");
    let report = audit_by(needing(), &approved.records());
    assert!(report.passed(), "{report}");
    let report = audit_by(needing(), &good().records());
    demand(&report, &["settlement"], "settled, but a cancel that lacks its approval covers it");
    let says = |report: &touchline::sim::auditor::Report, words: &str| {
        let said = &report.check("settlement").expect("a check").failures;
        assert!(said.iter().any(|failure| failure.contains(words)), "nobody says {words:?}\n{report}");
    };
    says(&report, "by the facts up to match version 2 None");
    // Bets 2 and 6 are held, and nothing of them is paid.
    let mut held = good();
    hold(&mut held, 2);
    hold(&mut held, 6);
    let report = audit_by(needing(), &held.records());
    assert!(report.check("settlement").expect("a check").failures.is_empty(), "{report}");
    let report = audit(&held.records());
    says(&report, "held, but no cancel that lacks its approval covers it");
    says(&report, "is open, by all facts settled at 700");
    approve(&mut held, "two people");
    says(&audit_by(needing(), &held.records()), "held, but no cancel that lacks its approval covers it");
    // Nobody holds it: nothing is paid wrongly, and yet people would never be asked.
    let mut silent = good();
    hold(&mut silent, 2);
    let is_settlement = |entry: &Entry| matches!(&entry.body, Body::Settlement(said) if said.bet_id == id(6));
    silent.entries.retain(|entry| !is_settlement(entry));
    says(&audit_by(needing(), &silent.records()), "is not held, by all facts held for approval");
}

fn hold(world: &mut World, number: u32) {
    let said = world.settlement(number, 1);
    said.kind = proto::SettlementKind::HeldForApproval as i32;
    (said.returned_minor, said.legs, said.cancelled_by) = (0, Vec::new(), String::new());
}

/// Bet 3 is on the third corner, which is taken with the third goal; a corner or a card stands alone in version 6.
fn with_corners(alone: proto::fact::Body) -> World {
    let mut world = good();
    sold_as(&mut world, "total:line=2.5", "corners_total:line=2.5");
    let told = |id: &str, body: proto::fact::Body| fact(id, Certainty::Confirmed, Period::FirstHalf, body);
    let corner = |id: &str| told(id, proto::fact::Body::CornerTaken(proto::Side::Home as i32));
    let second = std::mem::replace(&mut world.update("M1", 6).facts, vec![told("alone", alone)]);
    world.update("M1", 6).home_score = 1;
    world.update("M1", 5).facts.extend([corner("k1"), corner("k2")]);
    let third = &mut world.update("M1", 7).facts;
    third.splice(0..0, second);
    third.push(corner("k3"));
    world.update("M1", 8).facts.push(told("back", proto::fact::Body::Rollback("k3".to_owned())));
    world.update("M1", 9).facts.push(corner("k4"));
    world
}

#[test]
fn what_is_material_to_corners() {
    let rules = || AuditRules { next_goal_delay_ms: 5_000, ..rules() };
    let earlier = |mut world: World| {
        world.update("M1", 6).through_ms = DAY + 242_000;
        move_update(&mut world, 6, 242_000);
        audit_by(rules(), &world.records())
    };
    let home = proto::Side::Home as i32;
    let awarded = || with_corners(proto::fact::Body::CornerAwarded(home));
    let report = audit_by(rules(), &awarded().records());
    assert!(report.passed(), "{report}");
    demand(&audit(&awarded().records()), &["freshness"], "in play after a delay of 5000 ms, expected 8000");
    demand(&earlier(awarded()), &["freshness"], "something material happened at version 6");
    let card = earlier(with_corners(proto::fact::Body::YellowCard(home)));
    demand(&card, &["freshness"], "the market was held at version 6");
}
