//! What suspends, and what lifts it: one story a row of the table of incidents.

use crate::event::{Certainty, Fact, FactBody, MarketGroup, Period, Settings, Side};
use crate::market::{IncidentKind, Incidents};
use crate::values::{FactId, MatchId, Millis, ProducerId, Time};

fn fact(sequence: u64, body: FactBody) -> Fact {
    Fact {
        id: FactId::parse(&format!("f{sequence}")).unwrap(),
        match_id: MatchId::parse("m1").unwrap(),
        producer: ProducerId::parse("p").unwrap(),
        sequence,
        source_at: Time::EPOCH,
        certainty: Certainty::Scouted,
        supersedes: None,
        clock: None,
        body,
    }
}

fn goal() -> FactBody {
    FactBody::Goal { side: Side::Home, own_goal: false }
}

fn red() -> FactBody {
    FactBody::RedCard { side: Side::Away, second_yellow: false }
}

/// Goals, corners, cards: which of them are suspended after each fact.
fn story(bodies: &[(FactBody, &str)]) {
    let mut incidents = Incidents::new();
    for (sequence, (body, suspended)) in (1..).zip(bodies) {
        incidents.hear(&fact(sequence, body.clone()), Time::EPOCH, true);
        let groups = [(MarketGroup::Goals, 'G'), (MarketGroup::Corners, 'C'), (MarketGroup::Cards, 'K')];
        let now: String = groups.iter().filter(|(group, _)| incidents.suspends(*group)).map(|(_, name)| name).collect();
        assert_eq!(now, *suspended, "after {sequence}: {body:?}");
    }
}

#[test]
fn goals() {
    story(&[(FactBody::PossibleGoal(None), "G"), (FactBody::NoGoal, "")]);
    story(&[(FactBody::PossibleGoal(None), "G"), (goal(), "G"), (FactBody::PlayRestarted, "")]);
    story(&[(goal(), "G"), (goal(), "G"), (FactBody::NoGoal, "G"), (FactBody::PlayRestarted, "")]);
    story(&[
        (goal(), "G"),
        (FactBody::PossibleGoal(None), "G"),
        (FactBody::PlayRestarted, "G"),
        (FactBody::NoGoal, ""),
    ]);
}

#[test]
fn penalties() {
    let awarded = || (FactBody::PenaltyAwarded(Side::Home), "GK");
    story(&[awarded(), (goal(), "G"), (FactBody::PlayRestarted, "")]);
    story(&[awarded(), (FactBody::PenaltyMissed(Side::Home), "")]);
    story(&[awarded(), (FactBody::PlayRestarted, "GK"), (FactBody::PenaltyCancelled(Side::Home), "")]);
}

#[test]
fn cards_and_reviews() {
    story(&[(FactBody::PossibleRedCard(None), "GK"), (FactBody::NoRedCard, "")]);
    story(&[(FactBody::PossibleRedCard(None), "GK"), (red(), "GK"), (FactBody::ClockTick, "GK")]);
    story(&[(FactBody::PossibleCard(None), "K"), (FactBody::YellowCard(Side::Home), "")]);
    story(&[(FactBody::ReviewStart, "GK"), (FactBody::PlayRestarted, "GK"), (FactBody::ReviewEnd, "")]);
}

#[test]
fn corners_and_free_kicks() {
    story(&[(FactBody::CornerAwarded(Side::Home), "C"), (FactBody::CornerTaken(Side::Home), "")]);
    story(&[(FactBody::DangerousFreeKick(Side::Home), "G"), (FactBody::DangerOver, "")]);
}

#[test]
fn breaks_and_interruptions() {
    story(&[(FactBody::PeriodEnd(Period::FirstHalf), "GCK"), (FactBody::PeriodStart(Period::SecondHalf), "")]);
    story(&[(FactBody::Interruption, "GCK"), (FactBody::PlayRestarted, "GCK"), (FactBody::Resumed, "")]);
}

#[test]
fn a_red_card_is_lifted_by_its_confirmation_alone() {
    let mut incidents = Incidents::new();
    incidents.hear(&fact(1, red()), Time::EPOCH, false);
    incidents.confirmed(&FactId::parse("f0").unwrap());
    assert!(incidents.suspends(MarketGroup::Goals));
    incidents.confirmed(&FactId::parse("f1").unwrap());
    assert!(!incidents.suspends(MarketGroup::Goals));
    incidents.hear(&Fact { certainty: Certainty::Confirmed, ..fact(2, red()) }, Time::EPOCH, false);
    assert!(!incidents.suspends(MarketGroup::Goals), "shown for sure");
}

#[test]
fn a_break_ends_once_its_stop_is_said_and_its_whistle_sure() {
    let mut incidents = Incidents::new();
    let whistle = fact(1, FactBody::PeriodEnd(Period::FirstHalf));
    incidents.hear(&whistle, Time::EPOCH, false);
    assert!(!incidents.end_sure_break() && incidents.suspends(MarketGroup::Goals));
    let mut incidents = Incidents::new();
    incidents.hear(&Fact { certainty: Certainty::Confirmed, ..whistle }, Time::EPOCH, false);
    assert!(incidents.suspends(MarketGroup::Goals));
    assert!(incidents.end_sure_break() && !incidents.suspends(MarketGroup::Goals));
}

#[test]
fn what_is_taken_back_never_was() {
    let mut incidents = Incidents::new();
    incidents.hear(&fact(1, goal()), Time::EPOCH, false);
    incidents.withdrawn(&FactId::parse("f1").unwrap());
    assert!(!incidents.suspends(MarketGroup::Goals));
}

#[test]
fn a_late_opener_whose_end_is_known_opens_nothing() {
    let pairs = [
        (FactBody::PossibleGoal(None), FactBody::NoGoal),
        (goal(), FactBody::PlayRestarted),
        (FactBody::PenaltyAwarded(Side::Home), FactBody::PenaltyMissed(Side::Home)),
        (FactBody::ReviewStart, FactBody::ReviewEnd),
        (FactBody::Interruption, FactBody::Resumed),
        (FactBody::PossibleRedCard(None), FactBody::NoRedCard),
    ];
    for (opener, end) in pairs {
        let mut incidents = Incidents::new();
        incidents.hear(&fact(2, end.clone()), Time::EPOCH, false);
        incidents.hear(&fact(1, opener.clone()), Time::EPOCH, false);
        assert!(!incidents.suspends(MarketGroup::Goals), "{opener:?} before {end:?}");
        incidents.hear(&fact(3, opener), Time::EPOCH, false);
        assert!(incidents.suspends(MarketGroup::Goals), "a new one after it");
    }
}

#[test]
fn an_incident_that_lasts_is_told_once_and_never_lifted() {
    let rules = Settings::default().clock;
    let mut incidents = Incidents::new();
    incidents.hear(&fact(1, FactBody::ReviewStart), Time::EPOCH, true);
    let due = Time::EPOCH + Millis::from_seconds(180);
    assert_eq!(incidents.next_due(&rules), Some(due));
    assert_eq!(incidents.due(due - Millis::new(1), &rules), []);
    assert_eq!(incidents.due(due, &rules), [IncidentKind::Review]);
    assert_eq!((incidents.due(due, &rules), incidents.next_due(&rules)), (vec![], None));
    assert!(incidents.suspends(MarketGroup::Goals));
}

#[test]
fn only_a_free_kick_lifts_itself_and_only_if_it_suspends() {
    let rules = Settings::default().clock;
    let kick = fact(1, FactBody::DangerousFreeKick(Side::Home));
    let mut incidents = Incidents::new();
    incidents.hear(&kick, Time::EPOCH, false);
    assert!(!incidents.suspends(MarketGroup::Goals));
    incidents.hear(&kick, Time::EPOCH, true);
    assert!(incidents.suspends(MarketGroup::Goals));
    assert_eq!(incidents.due(Time::EPOCH + Millis::from_seconds(30), &rules), []);
    assert!(!incidents.suspends(MarketGroup::Goals));
}
