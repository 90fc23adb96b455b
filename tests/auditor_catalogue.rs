//! Whatever happens in a match, the auditor and the settlement come to the same on every market, each by its own rules.
#![cfg(feature = "wire")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use touchline::catalogue::{Reads, Specifier};
use touchline::event::*;
use touchline::outcome::{FactSet, KNOWN_RULE_SET, decided, is_void_as_a_whole, settle};
use touchline::sim::auditor::{AuditRules, Auditor, Check, Record};
use touchline::values::*;
use touchline::wire::{Role, encode};

/// Markets of every type, with what a few goals, corners and cards can reach and some that they cannot.
fn markets() -> Vec<MarketId> {
    let mut markets = Vec::new();
    for kind in MarketType::all() {
        let specifiers = kind.definition().specifiers;
        let has = |specifier: Specifier| specifiers.contains(&specifier);
        let lines: &[i16] = if has(Specifier::Line) { &[-8, -3, -2, 0, 4, 5, 6, 12] } else { &[0] };
        let sides: &[Side] = if has(Specifier::Side) { &[Side::Home, Side::Away] } else { &[Side::Home] };
        let bases: &[(u16, u16)] = if has(Specifier::Base) { &[(0, 0), (1, 0), (1, 1)] } else { &[(0, 0)] };
        let numbers: &[(u8, u8)] = match specifiers.iter().filter(|name| is_number(**name)).count() {
            0 => &[(0, 0)],
            1 => &[(1, 0), (2, 0), (3, 0), (60, 0)],
            _ => &[(1, 2), (2, 3), (0, 15), (30, 45), (40, 50), (75, 90)],
        };
        for (line, side) in lines.iter().flat_map(|line| sides.iter().map(move |side| (*line, *side))) {
            for (base, number) in bases.iter().flat_map(|base| numbers.iter().map(move |number| (*base, *number))) {
                let mut id = MarketId::of(kind).at_line(QuarterLine::from_quarters(line)).numbers(number.0, number.1);
                id = if has(Specifier::Side) { id.of_side(side) } else { id };
                id = id.since(Score { home: base.0, away: base.1 });
                // What does not go together has no name that reads back.
                markets.extend(MarketId::parse(&id.to_string()));
            }
        }
    }
    markets.sort_unstable();
    markets.dedup();
    markets
}

fn is_number(specifier: Specifier) -> bool {
    !matches!(specifier, Specifier::Base | Specifier::Line | Specifier::Side)
}

fn name(number: usize) -> FactId {
    FactId::parse(&format!("f{number}")).unwrap()
}

fn side() -> impl Strategy<Value = Side> {
    select(vec![Side::Home, Side::Away])
}

fn periods() -> impl Strategy<Value = Period> {
    use Period::{BeforeExtraTime, ExtraFirstHalf, ExtraSecondHalf, FirstHalf, HalfTime, Over, SecondHalf, ShootOut};
    let often = [FirstHalf, FirstHalf, SecondHalf, SecondHalf, SecondHalf];
    let seldom = [HalfTime, BeforeExtraTime, ExtraFirstHalf, ExtraSecondHalf, ShootOut, Over];
    select([&often[..], &seldom[..]].concat())
}

fn body() -> impl Strategy<Value = FactBody> {
    let fixture = option::of(-1_i8..=1).prop_flat_map(|knock_out| {
        (1..4_u32).prop_map(move |revision| FactBody::Fixture(fixture(revision, knock_out)))
    });
    prop_oneof![
        6 => side().prop_map(|side| FactBody::Goal { side, own_goal: false }),
        3 => side().prop_map(FactBody::CornerTaken),
        2 => side().prop_map(FactBody::YellowCard),
        1 => side().prop_map(|side| FactBody::RedCard { side, second_yellow: false }),
        2 => periods().prop_map(FactBody::PeriodEnd),
        1 => periods().prop_map(FactBody::PeriodStart),
        1 => Just(FactBody::FinalWhistle),
        1 => (0..12_usize).prop_map(|other| FactBody::Confirmed(name(other))),
        1 => (0..12_usize).prop_map(|other| FactBody::Rollback(name(other))),
        2 => fixture,
    ]
}

fn fixture(revision: u32, knock_out: Option<i8>) -> Fixture {
    Fixture {
        revision,
        home: Text::parse("Home").unwrap(),
        away: Text::parse("Away").unwrap(),
        competition: CompetitionId::parse("cup").unwrap(),
        kick_off: Time::from_ms(1_000),
        expectation: Expectation::Rates { home: Billionths::from_raw(1), away: Billionths::from_raw(1) },
        scope: Scope { knock_out, corners: true, cards: true },
    }
}

/// What is told of a match in any order; abandoned or not.
fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let clock = (periods(), select(vec![0_i64, 14, 15, 44, 47, 50]), 0..60_000_i64);
    let one = (body(), clock, 0..3_i64, prop::bool::weighted(0.8), option::weighted(0.1, 0..12_usize));
    let abandoned = option::weighted(0.2, (periods(), any::<bool>()));
    (vec(one, 0..14), abandoned).prop_map(|(facts, abandoned)| {
        let told = |number: usize, body: FactBody, period: Period, ms: i64, at: i64, is_sure: bool| Fact {
            id: name(number),
            match_id: MatchId::parse("M").unwrap(),
            producer: ProducerId::parse("scout").unwrap(),
            sequence: number as u64 + 1,
            source_at: Time::from_ms(at),
            certainty: if is_sure { Certainty::Confirmed } else { Certainty::Scouted },
            supersedes: None,
            clock: Some(MatchClock { period, elapsed: Millis::new(ms), stoppage_announced_minutes: None }),
            body,
        };
        let mut all: Vec<Fact> = Vec::new();
        for (number, (body, (period, minute, ms), at, is_sure, supersedes)) in facts.into_iter().enumerate() {
            let fact = told(number, body, period, minute * 60_000 + ms, at, is_sure);
            all.push(Fact { supersedes: supersedes.filter(|other| *other != number).map(name), ..fact });
        }
        if let Some((period, is_sure)) = abandoned {
            all.push(told(90, FactBody::Abandoned, period, 0, 0, is_sure));
        }
        all
    })
}

/// What is told of a knock-out match after ninety minutes that may be level: any part of it, sure or not.
fn facts_of_a_tie() -> impl Strategy<Value = Vec<Fact>> {
    use Period::{ExtraFirstHalf, ExtraSecondHalf, SecondHalf, ShootOut};
    let goal = |side| FactBody::Goal { side, own_goal: false };
    let whole = vec![
        (FactBody::PeriodEnd(SecondHalf), SecondHalf),
        (goal(Side::Home), SecondHalf),
        (FactBody::PeriodStart(ExtraFirstHalf), ExtraFirstHalf),
        (goal(Side::Away), ExtraFirstHalf),
        (FactBody::PeriodEnd(ExtraFirstHalf), ExtraFirstHalf),
        (FactBody::PeriodStart(ExtraSecondHalf), ExtraSecondHalf),
        (goal(Side::Home), ExtraSecondHalf),
        (FactBody::PeriodEnd(ExtraSecondHalf), ExtraSecondHalf),
        (FactBody::PeriodStart(ShootOut), ShootOut),
        (goal(Side::Home), ShootOut),
        (goal(Side::Away), ShootOut),
        (goal(Side::Away), ShootOut),
        (FactBody::PeriodEnd(ShootOut), ShootOut),
        (FactBody::FinalWhistle, ShootOut),
        (FactBody::Abandoned, ExtraFirstHalf),
    ];
    // The ninety minutes end more often than not, extra time is often left out, and few matches are given up.
    let told = [0.9, 0.3, 0.4, 0.3, 0.3, 0.3, 0.3, 0.4, 0.6, 0.6, 0.4, 0.4, 0.6, 0.3, 0.3].map(prop::bool::weighted);
    let sure = vec(prop::bool::weighted(0.85), whole.len());
    let rulings = vec((0..whole.len(), any::<bool>()), 0..3);
    (told.to_vec(), sure, -1_i8..=1, rulings).prop_map(move |(told, sure, first_leg, rulings)| {
        let said = |number: usize, is_sure: bool, period: Period, body: FactBody| Fact {
            id: name(number),
            match_id: MatchId::parse("M").unwrap(),
            producer: ProducerId::parse("scout").unwrap(),
            sequence: number as u64 + 1,
            source_at: Time::from_ms(number as i64),
            certainty: if is_sure { Certainty::Confirmed } else { Certainty::Scouted },
            supersedes: None,
            clock: Some(MatchClock {
                period,
                elapsed: Millis::new(number as i64 * 1_000),
                stoppage_announced_minutes: None,
            }),
            body,
        };
        let fixture = FactBody::Fixture(fixture(1, Some(first_leg)));
        let mut all = vec![said(99, true, Period::PreMatch, fixture)];
        for (number, (body, period)) in whole.iter().enumerate().filter(|(number, _)| told[*number]) {
            all.push(said(number, sure[number], *period, body.clone()));
        }
        for (number, (of, is_confirmation)) in rulings.into_iter().enumerate() {
            let ruling = if is_confirmation { FactBody::Confirmed(name(of)) } else { FactBody::Rollback(name(of)) };
            all.push(said(50 + number, true, ShootOut, ruling));
        }
        all
    })
}

fn markets_of_a_tie() -> Vec<MarketId> {
    let is_of_tie = |market: &MarketId| matches!(market.definition().reads, Reads::KnockOut(_));
    let mut markets: Vec<MarketId> = markets().into_iter().filter(is_of_tie).collect();
    markets.extend([MarketId::MATCH_RESULT, MarketId::total(QuarterLine::from_quarters(2))]);
    markets.sort_unstable();
    markets
}

fn result_status(result: LegResult) -> OutcomeStatus {
    match result {
        LegResult::Win => OutcomeStatus::Won,
        LegResult::Lose => OutcomeStatus::Lost,
        LegResult::Void => OutcomeStatus::Void,
        LegResult::HalfWin => OutcomeStatus::HalfWon,
        LegResult::HalfLose => OutcomeStatus::HalfLost,
    }
}

/// Publishes every market, each outcome with the status that is asked for, and lets the auditor read it.
fn publish(
    facts: &[Fact],
    set: &FactSet,
    markets: &[MarketId],
    status_of: impl Fn(MarketId, Outcome) -> OutcomeStatus,
) -> Check {
    let state = |id: &MarketId| {
        let price = |status| (status == OutcomeStatus::Offered).then(|| Price::decimal_thousandths(2_000).unwrap());
        let outcomes: Vec<OutcomeState> = (id.outcomes().into_iter())
            .map(|outcome| (outcome, status_of(*id, outcome)))
            .map(|(outcome, status)| OutcomeState { outcome, status, price: price(status), fair: None })
            .collect();
        let is_cancelled = is_void_as_a_whole(KNOWN_RULE_SET, set, *id);
        let status = if is_cancelled { MarketStatus::Cancelled } else { MarketStatus::Suspended };
        let owners = if is_cancelled { Owners::NONE } else { Owners::NONE.with(Owner::Incident) };
        MarketState { id: *id, status, owners, price_version: 1, outcomes }
    };
    let update = MatchUpdate {
        match_id: MatchId::parse("M").unwrap(),
        version: 1,
        through: Time::from_ms(10),
        phase: MatchPhase::InPlay,
        period: set.period(),
        clock: None,
        score: set.score(),
        reds: set.reds(),
        fixture: fixture(1, None),
        model: None,
        markets: markets.iter().map(state).collect(),
        facts: facts.to_vec(),
    };
    let mark = Watermark { shard: 0, through: Time::from_ms(20), at: Time::from_ms(20) };
    let mut auditor = Auditor::new(AuditRules::default());
    for (offset, output) in [Output::Market(Box::new(update)), Output::Watermark(mark)].iter().enumerate() {
        let mut value = Vec::new();
        let encoded = encode(output, Role::Trading, &mut value);
        auditor.take(&Record {
            topic: "markets.v1".to_owned(),
            partition: 0,
            offset: offset as u64,
            append_ms: 30,
            key: encoded.key.map(|key| key.as_bytes().to_vec()),
            value,
            content_type_json: false,
        });
    }
    let report = auditor.finish();
    report.checks.into_iter().find(|check| check.name == "markets").unwrap()
}

fn same(facts: &[Fact], markets: &[MarketId]) {
    let mut set = FactSet::new();
    for fact in facts {
        set.insert(fact);
    }
    let settled = |market, outcome| settle(KNOWN_RULE_SET, &set, market, outcome);
    let honest = publish(facts, &set, markets, |market, outcome| match settled(market, outcome) {
        Some(result) => result_status(result),
        None if decided(KNOWN_RULE_SET, &set, market, outcome).is_some() => OutcomeStatus::Closed,
        None => OutcomeStatus::Offered,
    });
    assert_eq!(honest.failure_count, 0, "{honest:#?}\n{facts:#?}");
    // Whatever all are said to have come to, only those that did are right.
    for result in [LegResult::Win, LegResult::Lose, LegResult::Void, LegResult::HalfWin, LegResult::HalfLose] {
        let said = publish(facts, &set, markets, |_, _| result_status(result));
        let wrong = markets.iter().flat_map(|market| market.outcomes().into_iter().map(|outcome| (*market, outcome)));
        let wrong = wrong.filter(|(market, outcome)| settled(*market, *outcome) != Some(result)).count();
        assert_eq!(said.failure_count, wrong as u64, "{result:?}: {said:#?}\n{facts:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_auditor_and_the_settlement_agree_on_every_market(facts in facts()) {
        same(&facts, &markets());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn and_on_every_way_that_a_tie_can_be_told(facts in facts_of_a_tie()) {
        same(&facts, &markets_of_a_tie());
    }
}

#[test]
fn every_type_is_among_the_markets() {
    let markets = markets();
    for kind in MarketType::all() {
        assert!(markets.iter().any(|market| market.kind() == kind), "{kind:?}");
    }
    same(&[], &markets);
}
