//! How a tie ends after ninety minutes that leave it level: extra time, penalties, or neither.

use super::{goal, id, ruling, scouted, set_of, sure};
use crate::event::*;
use crate::outcome::{FactSet, KNOWN_RULE_SET, TieStanding, decided, is_void_as_a_whole, settle};
use crate::values::*;

fn tie(first_leg: i8) -> Fact {
    let fixture = Fixture {
        revision: 1,
        home: Text::parse("Home").unwrap(),
        away: Text::parse("Away").unwrap(),
        competition: CompetitionId::parse("cup").unwrap(),
        kick_off: Time::from_ms(1_000),
        expectation: Expectation::Rates { home: Billionths::from_raw(1), away: Billionths::from_raw(1) },
        scope: Scope { knock_out: Some(first_leg), corners: false, cards: false },
    };
    ruling("fixture", FactBody::Fixture(fixture))
}

/// The ninety minutes end 1:0, which the first leg makes level.
fn level() -> Vec<Fact> {
    let end = sure("e2", FactBody::PeriodEnd(Period::SecondHalf), Period::SecondHalf, 48);
    vec![tie(-1), sure("g1", goal(Side::Home), Period::SecondHalf, 10), end]
}

fn start(period: Period) -> Fact {
    sure(&format!("s{}", period as u8), FactBody::PeriodStart(period), period, 0)
}

fn end(period: Period) -> Fact {
    sure(&format!("e{}", period as u8), FactBody::PeriodEnd(period), period, 16)
}

fn and(facts: &[Fact], more: &[Fact]) -> Vec<Fact> {
    [facts, more].concat()
}

/// Whatever order they come in, and by all reports as by the confirmed ones.
#[track_caller]
fn comes_to(facts: &[Fact], expected: &[(&str, &str)]) {
    let set = set_of(facts);
    let backwards: Vec<Fact> = facts.iter().rev().cloned().collect();
    assert_eq!(set, set_of(&backwards));
    for (selection, result) in expected {
        let (market, outcome) = selection.split_once(' ').unwrap();
        let (market, outcome) = (MarketId::parse(market).unwrap(), Outcome::parse(outcome).unwrap());
        let said =
            |result: Option<LegResult>| result.map_or("open".to_owned(), |one| format!("{one:?}").to_lowercase());
        assert_eq!(said(settle(KNOWN_RULE_SET, &set, market, outcome)), *result, "{selection}");
        assert_eq!(said(decided(KNOWN_RULE_SET, &set, market, outcome)), *result, "{selection}, by all reports");
    }
}

#[test]
fn nobody_knows_at_the_whistle_whether_extra_time_is_played() {
    let ninety = [
        ("1x2 home", "win"),
        ("extra_time yes", "open"),
        ("extra_time no", "open"),
        ("qualify_method home_in_90", "lose"),
        ("shoot_out no", "open"),
        ("extra_time_1x2 draw", "open"),
    ];
    comes_to(&level(), &ninety);
    assert_eq!(set_of(&level()).tie(), TieStanding::ExtraTime { is_at_half_time: false });
    let begun = and(&level(), &[start(Period::ExtraFirstHalf)]);
    comes_to(&begun, &[("extra_time yes", "win"), ("extra_time no", "lose"), ("shoot_out yes", "open")]);
    let between = and(&begun, &[end(Period::ExtraFirstHalf)]);
    assert_eq!(set_of(&between).tie(), TieStanding::ExtraTime { is_at_half_time: true });
    let to_come = and(&between, &[start(Period::ExtraSecondHalf), end(Period::ExtraSecondHalf)]);
    comes_to(&to_come, &[("extra_time_1x2 draw", "win"), ("shoot_out yes", "win"), ("to_qualify home", "open")]);
    assert_eq!(set_of(&to_come).tie(), TieStanding::ShootOut);
}

#[test]
fn penalties_straight_after_the_ninety_minutes_are_no_extra_time() {
    let kicks = [
        start(Period::ShootOut),
        sure("p1", goal(Side::Away), Period::ShootOut, 1),
        sure("p2", goal(Side::Away), Period::ShootOut, 2),
    ];
    let kicking = and(&level(), &kicks);
    let straight = [
        ("extra_time yes", "lose"),
        ("extra_time no", "win"),
        ("extra_time_1x2 home", "void"),
        ("extra_time_1x2 draw", "void"),
        ("shoot_out yes", "win"),
        ("shoot_out no", "lose"),
        ("qualify_method away_in_extra_time", "lose"),
    ];
    comes_to(&kicking, &straight);
    comes_to(&kicking, &[("to_qualify home", "open"), ("shoot_out_winner away", "open")]);
    assert_eq!(set_of(&kicking).tie(), TieStanding::ShootOut);
    let over = and(&kicking, &[end(Period::ShootOut)]);
    comes_to(&over, &straight);
    comes_to(&over, &[("to_qualify away", "win"), ("shoot_out_winner home", "lose")]);
    comes_to(&over, &[("qualify_method away_on_penalties", "win")]);
    // A whistle or a goal of extra time, however late it is told, says that there was one.
    for sign in [start(Period::ExtraFirstHalf), sure("g9", goal(Side::Home), Period::ExtraSecondHalf, 3)] {
        comes_to(&and(&kicking, std::slice::from_ref(&sign)), &[("extra_time yes", "win")]);
        let taken_back = ruling("r", FactBody::Rollback(sign.id.clone()));
        comes_to(&and(&kicking, &[sign, taken_back]), &straight);
    }
    let mut doubt = set_of(&kicking);
    doubt.insert(&scouted("s6", FactBody::PeriodStart(Period::ExtraFirstHalf), Period::ExtraFirstHalf, 0));
    let extra = (MarketId::of(MarketType::EXTRA_TIME), Outcome::Yes);
    assert_eq!(settle(KNOWN_RULE_SET, &doubt, extra.0, extra.1), None, "it may have been played");
    assert_eq!(decided(KNOWN_RULE_SET, &doubt, extra.0, extra.1), Some(LegResult::Win));
}

#[test]
fn a_tie_given_up_in_extra_time_leaves_the_ninety_minutes_and_what_is_decided() {
    let scored = sure("g2", goal(Side::Away), Period::ExtraFirstHalf, 3);
    let given_up = sure("x", FactBody::Abandoned, Period::ExtraFirstHalf, 9);
    let broken = and(&level(), &[start(Period::ExtraFirstHalf), scored, given_up.clone()]);
    comes_to(&broken, &[("1x2 home", "win"), ("total:line=0.5 over", "win"), ("extra_time yes", "win")]);
    comes_to(&broken, &[("to_qualify home", "void"), ("to_qualify away", "void"), ("shoot_out yes", "void")]);
    comes_to(&broken, &[("extra_time_1x2 away", "void"), ("qualify_method home_in_90", "lose")]);
    let set = set_of(&broken);
    let is_void = |name: &str| is_void_as_a_whole(KNOWN_RULE_SET, &set, MarketId::parse(name).unwrap());
    assert!(is_void("to_qualify") && is_void("shoot_out_winner"));
    assert!(!is_void("extra_time") && !is_void("qualify_method") && !is_void("1x2"));
    assert_eq!(set.tie(), TieStanding::Other);
    // Taken back, it is played on; played to its end, the end counts.
    let taken_back = and(&broken, &[ruling("r", FactBody::Rollback(id("x")))]);
    comes_to(&taken_back, &[("to_qualify away", "open")]);
    let played = and(&broken, &[end(Period::ExtraSecondHalf)]);
    comes_to(&played, &[("to_qualify away", "win"), ("extra_time_1x2 away", "win"), ("shoot_out_winner home", "void")]);
    // In the break before it, and in the shoot-out.
    comes_to(
        &and(&level(), std::slice::from_ref(&given_up)),
        &[("to_qualify home", "void"), ("extra_time yes", "void")],
    );
    let shooting = [start(Period::ExtraFirstHalf), start(Period::ShootOut), given_up];
    comes_to(&and(&level(), &shooting), &[("shoot_out_winner home", "void"), ("extra_time_1x2 draw", "win")]);
}

#[test]
fn a_tie_given_up_waits_for_what_is_in_doubt() {
    let given_up = sure("x", FactBody::Abandoned, Period::ExtraFirstHalf, 9);
    let (market, outcome) = (MarketId::of(MarketType::TO_QUALIFY), Outcome::Home);
    let paid = |facts: &FactSet| settle(KNOWN_RULE_SET, facts, market, outcome);
    let begun = and(&level(), &[start(Period::ExtraFirstHalf), given_up]);
    assert_eq!(paid(&set_of(&begun)), Some(LegResult::Void));
    let in_doubt = [
        scouted("g2", goal(Side::Away), Period::ExtraFirstHalf, 3),
        scouted("e7", FactBody::PeriodEnd(Period::ExtraSecondHalf), Period::ExtraSecondHalf, 15),
        scouted("p1", goal(Side::Away), Period::ShootOut, 1),
    ];
    for doubt in in_doubt {
        let mut facts = set_of(&and(&begun, std::slice::from_ref(&doubt)));
        assert_eq!(paid(&facts), None, "{doubt:?}");
        facts.insert(&ruling("c", FactBody::Confirmed(doubt.id.clone())));
        assert_eq!(paid(&facts), Some(LegResult::Void), "{doubt:?}");
    }
    let scouted_end = scouted("x", FactBody::Abandoned, Period::ExtraFirstHalf, 9);
    let facts = set_of(&and(&level(), &[scouted_end]));
    assert_eq!(paid(&facts), None, "nobody is sure");
    assert_eq!(decided(KNOWN_RULE_SET, &facts, market, outcome), Some(LegResult::Void));
}

#[test]
fn a_shoot_out_told_level_stays_open_until_it_is_corrected() {
    let kicks = [
        start(Period::ExtraFirstHalf),
        start(Period::ShootOut),
        sure("p1", goal(Side::Home), Period::ShootOut, 1),
        sure("p2", goal(Side::Away), Period::ShootOut, 2),
        end(Period::ShootOut),
    ];
    let told_level = and(&level(), &kicks);
    comes_to(&told_level, &[("shoot_out yes", "win"), ("to_qualify home", "open"), ("shoot_out_winner away", "open")]);
    assert_eq!(set_of(&told_level).tie(), TieStanding::ToldLevel);
    let missing = and(&told_level, &[sure("p3", goal(Side::Away), Period::ShootOut, 3)]);
    comes_to(&missing, &[("to_qualify away", "win"), ("shoot_out_winner home", "lose")]);
    assert_eq!(set_of(&missing).tie(), TieStanding::Other);
    let taken_back = and(&told_level, &[ruling("r", FactBody::Rollback(id("p2")))]);
    comes_to(&taken_back, &[("to_qualify home", "win")]);
    // So does a tie that is told to be over and never went on.
    let nothing = and(&level(), &[sure("w", FactBody::FinalWhistle, Period::SecondHalf, 48)]);
    comes_to(&nothing, &[("to_qualify home", "open"), ("extra_time no", "open")]);
    assert_eq!(set_of(&nothing).tie(), TieStanding::ToldLevel);
}
