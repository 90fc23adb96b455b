//! Any order and any number of repeats: the set says the same.

use super::{goal, id, replacing, ruling, scouted, set_of, sure};
use crate::event::{BetWindow, Certainty, Expectation, Fact, FactBody, Fixture, Period, Score, Side};
use crate::outcome::{FactSet, Inserted};
use crate::values::{Billionths, CompetitionId, Hash, HashStream, Text, Time};
use proptest::prelude::*;

fn hash(set: &FactSet) -> Hash {
    let mut stream = HashStream::new();
    set.hash_into(&mut stream);
    stream.finish()
}

fn score(home: u16, away: u16) -> Score {
    Score { home, away }
}

fn rollback(name: &str, of: &str) -> Fact {
    ruling(name, FactBody::Rollback(id(of)))
}

fn confirm(of: &str) -> Fact {
    ruling(&format!("{of}/confirmed"), FactBody::Confirmed(id(of)))
}

fn cancel(name: &str) -> Fact {
    let window = BetWindow { from: None, to: Some(Time::from_ms(9)) };
    ruling(name, FactBody::Cancel { window, reason: Text::parse("late").unwrap(), approval_ref: None })
}

fn home_goal(name: &str) -> Fact {
    scouted(name, goal(Side::Home), Period::FirstHalf, 10)
}

fn away_goal(name: &str) -> Fact {
    scouted(name, goal(Side::Away), Period::SecondHalf, 20)
}

#[test]
fn a_goal_counts_at_once_and_pays_once_confirmed() {
    let mut set = set_of(&[home_goal("g1")]);
    assert_eq!((set.score(), set.confirmed_score(), set.has_unconfirmed_goal()), (score(1, 0), score(0, 0), true));
    set.insert(&confirm("g1"));
    assert_eq!((set.score(), set.confirmed_score(), set.has_unconfirmed_goal()), (score(1, 0), score(1, 0), false));
    assert!(set.is_confirmed(&id("g1")));
    set.insert(&rollback("r1", "g1/confirmed"));
    assert!(!set.is_confirmed(&id("g1")), "a confirmation that was taken back does not count");
}

#[test]
fn goals_of_extra_time_and_shoot_outs_never_count() {
    let extra = sure("g1", goal(Side::Home), Period::ExtraFirstHalf, 3);
    let shoot_out = sure("g2", goal(Side::Home), Period::ShootOut, 0);
    let without_clock = Fact { clock: None, ..sure("g3", goal(Side::Home), Period::FirstHalf, 3) };
    assert_eq!(set_of(&[extra, shoot_out, without_clock]).score(), score(0, 0));
}

#[test]
fn the_same_id_with_something_else_to_say_is_set_aside() {
    let mut set = set_of(&[home_goal("g1")]);
    let before = hash(&set);
    assert_eq!(set.insert(&scouted("g1", goal(Side::Away), Period::FirstHalf, 10)), Inserted::Conflict);
    assert_eq!(set.insert(&scouted("g1", goal(Side::Home), Period::FirstHalf, 11)), Inserted::Conflict);
    assert_eq!(set.insert(&replacing("g0", home_goal("g1"))), Inserted::Conflict);
    assert_eq!((hash(&set), set.score()), (before, score(1, 0)));
    let resent = Fact { sequence: 77, source_at: Time::from_ms(i64::MAX), ..home_goal("g1") };
    assert_eq!(set.insert(&resent), Inserted::Repeat, "how it travelled is not what it says");
    let earlier = Fact { source_at: Time::from_ms(1), ..resent };
    assert_eq!(set.insert(&earlier), Inserted::New, "goals at one clock are ordered by the source's earliest time");
    assert_eq!(set.insert(&earlier), Inserted::Repeat);
}

#[test]
fn a_scouted_fact_that_comes_again_confirmed_is_news() {
    let mut set = set_of(&[home_goal("g1")]);
    assert_eq!(set.insert(&sure("g1", goal(Side::Home), Period::FirstHalf, 10)), Inserted::New);
    assert_eq!(set.confirmed_score(), score(1, 0));
    assert_eq!(set.insert(&home_goal("g1")), Inserted::Repeat, "nothing becomes less sure by a repeat");
}

#[test]
fn a_timers_confirmation_and_the_sources_own_are_one() {
    let mut set = set_of(&[home_goal("g1"), confirm("g1")]);
    let own = sure("g1/confirmed", FactBody::Confirmed(id("g1")), Period::FirstHalf, 12);
    assert_eq!(set.insert(&own), Inserted::Repeat);
}

#[test]
fn rollbacks_are_final_and_may_come_first() {
    let mut set = set_of(&[rollback("r1", "g1"), home_goal("g1")]);
    assert_eq!(set.score(), score(0, 0));
    assert!(set.contains(&id("g1")) && !set.is_active(&id("g1")));
    set.insert(&rollback("r2", "r1"));
    assert_eq!(set.score(), score(0, 0), "a rollback of a rollback has no effect");
    set.insert(&home_goal("g1-again"));
    assert_eq!(set.score(), score(1, 0), "a re-issue has a new id");
}

#[test]
fn corrections_replace_down_the_chain() {
    let chain = [home_goal("a"), replacing("a", away_goal("b")), replacing("b", home_goal("c"))];
    assert_eq!(set_of(&chain[..2]).score(), score(0, 1));
    assert_eq!(set_of(&chain).score(), score(1, 0));
    let mut set = set_of(&chain);
    set.insert(&rollback("r1", "b"));
    assert_eq!(set.score(), score(1, 0), "taking the middle back does not bring the first back beside the last");
    set.insert(&rollback("r2", "c"));
    assert_eq!(set.score(), score(1, 0), "both corrections gone: the first report stands");
    assert!(set.is_active(&id("a")));
}

#[test]
fn a_ring_of_corrections_ends() {
    let set = set_of(&[replacing("b", home_goal("a")), replacing("a", home_goal("b")), replacing("c", home_goal("c"))]);
    assert_eq!(set.score(), score(1, 0), "a and b cancel out, c replaces nothing but itself");
}

#[test]
fn cancels_stand_until_undone_by_name() {
    let mut set = set_of(&[cancel("c2"), cancel("c1"), ruling("u1", FactBody::RollbackCancel(id("c3")))]);
    let names = |set: &FactSet| set.active_cancels().map(|(id, ..)| id.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&set), ["c1", "c2"]);
    set.insert(&cancel("c3"));
    assert_eq!(names(&set), ["c1", "c2"], "undone before it came");
    set.insert(&ruling("u2", FactBody::RollbackCancel(id("c1"))));
    assert_eq!(names(&set), ["c2"]);
    set.insert(&rollback("r1", "u2"));
    assert_eq!(names(&set), ["c2"], "the undoing is final too");
}

#[test]
fn undoing_a_cancel_touches_nothing_but_cancels() {
    assert_eq!(set_of(&[home_goal("g1"), ruling("u1", FactBody::RollbackCancel(id("g1")))]).score(), score(1, 0));
}

#[test]
fn the_whistles_bring_the_period() {
    let end = scouted("w4", FactBody::PeriodEnd(Period::SecondHalf), Period::SecondHalf, 49);
    let mut set = set_of(&[sure("w2", FactBody::PeriodEnd(Period::FirstHalf), Period::FirstHalf, 46)]);
    assert_eq!(set.period(), Period::HalfTime);
    set.insert(&sure("w1", FactBody::PeriodStart(Period::FirstHalf), Period::FirstHalf, 0));
    assert_eq!(set.period(), Period::HalfTime, "a late kick-off does not turn the clock back");
    set.insert(&end);
    assert_eq!((set.period(), set.regulation_over()), (Period::BeforeExtraTime, true));
    assert!(!set.regulation_over_confirmed());
    set.insert(&confirm("w4"));
    assert!(set.regulation_over_confirmed());
    set.insert(&rollback("r1", "w4"));
    assert_eq!((set.period(), set.regulation_over()), (Period::HalfTime, false), "play goes on");
}

#[test]
fn the_highest_revision_is_the_fixture() {
    let set = set_of(&[fixture("f2", 2), fixture("f1", 1), fixture("f3", 3), rollback("r1", "f3")]);
    assert_eq!(set.fixture().map(|fixture| fixture.revision), Some(2));
}

fn fixture(name: &str, revision: u32) -> Fact {
    let body = FactBody::Fixture(Fixture {
        revision,
        home: Text::parse("Home").unwrap(),
        away: Text::parse("Away").unwrap(),
        competition: CompetitionId::parse("c").unwrap(),
        kick_off: Time::from_ms(i64::from(revision)),
        expectation: Expectation::Rates { home: Billionths::ONE, away: Billionths::ONE },
        scope: crate::event::Scope::default(),
    });
    ruling(name, body)
}

/// Facts with few ids, so that they hit one another; the body hangs on the id, so that none conflicts.
fn any_fact() -> impl Strategy<Value = Fact> {
    let number = 0_usize..5;
    (number.clone(), number, 0..12_u8, prop::option::of(0_usize..5), any::<bool>()).prop_map(
        |(own, other, kind, replaces, is_sure)| {
            let target = id(&format!("{}{other}", ["g", "c", "r", "w"][own % 4]));
            let fact = match kind {
                0..=2 => home_goal(&format!("g{own}")),
                3 => confirm(&format!("g{own}")),
                4 => cancel(&format!("c{own}")),
                5 => ruling(&format!("u{own}{other}"), FactBody::RollbackCancel(target)),
                6 | 7 => ruling(&format!("r{own}{other}"), FactBody::Rollback(target)),
                8 => scouted(&format!("w{own}"), FactBody::PeriodEnd(Period::SecondHalf), Period::SecondHalf, 48),
                9 => scouted(&format!("b{own}"), FactBody::Abandoned, Period::SecondHalf, 48),
                10 => fixture(&format!("f{own}"), (own % 3) as u32),
                _ => scouted(&format!("x{own}"), FactBody::PossibleGoal(None), Period::FirstHalf, 3),
            };
            let certainty = if is_sure { Certainty::Confirmed } else { fact.certainty };
            let fact = Fact { certainty, ..fact };
            match replaces {
                Some(old) if kind < 3 => {
                    let renamed = id(&format!("g{own}{old}"));
                    replacing(&format!("g{old}"), Fact { id: renamed, ..fact })
                }
                Some(_) | None => fact,
            }
        },
    )
}

proptest! {
    #[test]
    fn order_and_repeats_do_not_matter(
        facts in prop::collection::vec(any_fact(), 1..14),
        shuffle in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        let plain = set_of(&facts);
        let mut rest = facts.clone();
        let mut shuffled = FactSet::new();
        for index in shuffle {
            shuffled.insert(&facts[index.index(facts.len())]);
            if !rest.is_empty() {
                shuffled.insert(&rest.remove(index.index(rest.len())));
            }
        }
        for fact in rest.iter().rev() {
            shuffled.insert(fact);
        }
        prop_assert_eq!(hash(&plain), hash(&shuffled));
        prop_assert_eq!(&plain, &shuffled);
    }

    #[test]
    fn what_holds_is_what_a_plain_reading_says(facts in prop::collection::vec(any_fact(), 1..14)) {
        let set = set_of(&facts);
        let goals = facts.iter().filter(|fact| matches!(fact.body, FactBody::Goal { .. }));
        let holding: std::collections::BTreeSet<_> =
            goals.filter(|goal| !is_gone(&facts, goal)).map(|goal| &goal.id).collect();
        prop_assert_eq!(usize::from(set.score().home), holding.len());
    }
}

/// The plain twin: a goal is gone if rolled back, or if some correction above it, at any height, is not rolled back.
fn is_gone(facts: &[Fact], fact: &Fact) -> bool {
    rolled_back(facts, fact) || stands_above(facts, fact, 9)
}

fn rolled_back(facts: &[Fact], fact: &Fact) -> bool {
    facts.iter().any(|other| other.body == FactBody::Rollback(fact.id.clone()))
}

fn stands_above(facts: &[Fact], fact: &Fact, height: u8) -> bool {
    let above = facts.iter().filter(|other| other.supersedes.as_ref() == Some(&fact.id) && other.id != fact.id);
    height > 0 && above.into_iter().any(|other| !rolled_back(facts, other) || stands_above(facts, other, height - 1))
}
