//! A result with very many bets: settled in portions, while others are answered.

use super::world::*;
use crate::event::*;
use crate::values::*;

#[test]
fn a_result_with_many_bets_is_settled_in_portions() {
    const BETS: usize = 50_000;
    let mut world = World::new(Settings::default());
    world.freshen(START);
    world.open_account("A1");
    world.deposit("A1", Money::from_minor(100 * BETS as i64 + 1_000));
    for id in ["M1", "M2"] {
        let mut one = MatchSim::new(id);
        one.price(MarketId::MATCH_RESULT, &["2.000", "3.000", "4.000"].map(price));
        world.matches.insert(id.to_owned(), one);
        world.publish(id, Vec::new());
    }
    let bet = |world: &mut World, id, outcome| {
        let legs = vec![leg(id, MarketId::MATCH_RESULT, outcome, price("2.000"))];
        let request = world.request("A1", Money::from_minor(100), legs);
        world.bet_record(request)
    };
    let records = (0..BETS).map(|_| bet(&mut world, "M1", Outcome::Home)).collect::<Vec<_>>();
    world.batch(records);
    assert_eq!(world.book.open_bets(), BETS);

    world.quota = 5_000;
    let one = world.matches.get_mut("M1").unwrap();
    let goal = one.fact(
        START + Millis::new(1),
        Certainty::Confirmed,
        Period::FirstHalf,
        FactBody::Goal { side: Side::Home, own_goal: false },
    );
    let whistle = one.fact(
        START + Millis::new(1),
        Certainty::Confirmed,
        Period::SecondHalf,
        FactBody::PeriodEnd(Period::SecondHalf),
    );
    let mut portions = 0;
    let record = world.update_record("M1", vec![goal, whistle]);
    world.batch(vec![record]);
    while world.book.has_work() {
        portions += 1;
        let settled = world.said.iter().filter(|output| matches!(output, Output::Settlement(_))).count();
        assert_eq!(settled, 5_000, "no batch says more than its quota, and none wastes it");
        // Others are answered in the midst of it.
        let record = bet(&mut world, "M2", Outcome::Home);
        world.batch(vec![record]);
        let accepted =
            |output: &Output| matches!(output, Output::Decision(one) if matches!(one.verdict, Verdict::Accepted(_)));
        assert_eq!(world.said.iter().filter(|output| accepted(output)).count(), 1);
    }
    assert!((9..=10).contains(&portions), "{portions} portions");
    assert_eq!(world.book.open_bets(), portions);
    let cash = world.auditor.balances_of("A1").cash;
    assert_eq!(cash.minor(), 200 * BETS as i64 + 1_000 - 100 * portions as i64);
}

#[test]
fn bets_due_together_are_judged_in_portions() {
    const BETS: usize = 1_000;
    let mut world = World::new(Settings::default());
    world.freshen(START);
    world.open_account("A1");
    world.deposit("A1", dollars("10000.00"));
    let mut one = MatchSim::new("M1");
    one.price(MarketId::MATCH_RESULT, &["2.000", "3.000", "4.000"].map(price));
    one.update.phase = MatchPhase::InPlay;
    one.update.period = Period::FirstHalf;
    world.matches.insert("M1".to_owned(), one);
    world.publish("M1", Vec::new());
    let records = (0..BETS).map(|_| {
        let legs = vec![leg("M1", MarketId::MATCH_RESULT, Outcome::Home, price("2.000"))];
        let request = world.request("A1", Money::from_minor(100), legs);
        world.bet_record(request)
    });
    let records = records.collect::<Vec<_>>();
    world.batch(records);
    assert_eq!(world.book.waiting_bets(), BETS);
    world.quota = 300;
    world.now = START + Millis::new(2_000);
    let penalty = FactBody::PenaltyAwarded(Side::Home);
    let penalty = world.matches.get_mut("M1").unwrap().fact(
        START + Millis::new(1),
        Certainty::Confirmed,
        Period::FirstHalf,
        penalty,
    );
    world.publish("M1", vec![penalty]);
    assert_eq!(world.book.waiting_bets(), BETS - 300, "a goal refuses a portion in the batch that learns it");
    assert_eq!(world.book.next_due().at, Some(world.now), "and the rest as soon as may be");
    for _ in 0..3 {
        world.batch(Vec::new());
    }
    assert_eq!(world.book.waiting_bets(), 0);
    assert_eq!(world.book.next_due(), Due::default());
    assert_eq!(world.auditor.balances_of("A1").cash, dollars("10000.00"));
}
