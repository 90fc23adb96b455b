//! What turns out afterwards: late facts, silent feeds, cancels without approval, matches long over.

use super::story::{tell, tell_with};
use crate::event::*;
use crate::values::Millis;

#[test]
fn a_fact_that_came_late_flags_the_bets_accepted_since() {
    let mut story = tell(
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         odds M2 1x2 2.000 3.400 4.500
         at 10
         bet B1 A7 1.00 M1/1x2/home@2.000
         at 20
         bet B2 A7 1.00 M1/1x2/home@2.000
         at 30
         bet B3 A7 1.00 M2/1x2/home@2.000 M1/1x2/draw@3.400
         # Kick-off was before schedule: whoever bet since knew more.
         fact M1 kickoff happened=20          # f1
         told B1 ->
         told B2 -> LateAccepted:0:f1
         told B3 -> LateAccepted:1:f1
         fact M1 tick happened=5              # nothing material
         fact M1 goal home happened=31        # f3
         told B3 -> LateAccepted:1:f1
         fact M1 penalty home happened=0      # f4
         told B1 -> LateAccepted:0:f4
         told B2 -> LateAccepted:0:f1 LateAccepted:0:f4
         fact M1 whistle
         paid B2 -> 2.00 Win
         told B2 -> LateAccepted:0:f1 LateAccepted:0:f4 Settled
         # A settled bet is flagged, too, and stays paid.
         fact M1 review happened=15           # f6
         told B1 -> LateAccepted:0:f4 Settled
         told B2 -> LateAccepted:0:f1 LateAccepted:0:f4 Settled LateAccepted:0:f6
         paid B2 -> 2.00 Win",
    );
    story.line("balance A7 -> 101.00 reserved 0.00 held 0.00");
    // Facts played at once say nothing about time.
    let mut settings = Settings::default();
    settings.clock.clock_scale = 0;
    tell_with(
        settings,
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         at 10
         bet B1 A7 1.00 M1/1x2/home@2.000
         fact M1 kickoff happened=0
         told B1 ->",
    );
}

#[test]
fn a_silent_feed_names_the_bets_since_its_last_sign_of_life() {
    let mut story = tell(
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         at 10
         bet B1 A7 1.00 M1/1x2/home@2.000
         at 12
         bet B2 A7 1.00 M1/1x2/home@2.000",
    );
    for number in 0..22 {
        story.line(&format!("bet C{number} A7 1.00 M1/1x2/draw@3.400"));
    }
    // Before kick-off the limit is 20 s, and 2 s of lag: from 11 s on.
    story.line("at 33");
    story.line("hold M1 feed");
    story.line("alert -> ProducerSilent");
    let alert = story.world.auditor.alerts.last().unwrap().clone();
    let name = |bet: &str| story.world.requests[bet].bet_id.to_string();
    assert_eq!(alert.subject, "M1");
    assert!(alert.detail.contains(&name("B2")) && alert.detail.contains(&name("C18")), "{}", alert.detail);
    assert!(!alert.detail.contains(&name("B1")) && !alert.detail.contains(&name("C19")), "{}", alert.detail);
    assert!(alert.detail.ends_with(", and 3 more"), "{}", alert.detail);
    // Told once, not with every update of a silent match.
    story.line("odds M1 1x2 2.000 3.400 4.600");
    assert_eq!(story.world.auditor.alerts.len(), 1);
}

#[test]
fn a_held_bet_says_so_until_people_have_decided() {
    let mut settings = Settings::default();
    settings.licences[0].cancel_needs_approval = true;
    let held = "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         odds M2 1x2 2.000 3.400 4.500
         bet B1 A7 10.00 M2/1x2/home@2.000 M1/1x2/home@2.000
         bet B2 A7 10.00 M1/1x2/home@2.000
         fact M1 kickoff
         fact M1 goal home
         fact M1 whistle
         paid B2 -> 20.00 Win
         at 5
         fact M1 cancel - 5   # f4
         told B1 -> HeldForApproval:1:f4
         told B2 -> Settled Reopened HeldForApproval:0:f4
         paid B2 -> open
         balance A7 -> 80.00 reserved 0.00 held 20.00
         fact M2 kickoff
         fact M2 goal home
         fact M2 whistle
         paid B1 -> open";
    let then = |rest: &str| _ = tell_with(settings.clone(), &format!("{held}\n{rest}"));
    then(
        "fact M1 cancel - 5 two-people
         told B1 -> HeldForApproval:1:f4 Released Settled
         paid B1 -> 20.00 Win Void
         paid B2 -> 10.00 Void
         balance A7 -> 110.00 reserved 0.00 held 0.00",
    );
    then(
        "fact M1 rollback-cancel f4
         told B2 -> Settled Reopened HeldForApproval:0:f4 Released Settled
         paid B1 -> 40.00 Win Win
         paid B2 -> 20.00 Win",
    );
    // Undone before anything is decided: open again.
    tell_with(
        settings,
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         fact M1 cancel - -   # f1
         at 1
         bet B1 A7 10.00 M1/1x2/home@2.000 -> accepted 2.000
         told B1 -> HeldForApproval:0:f1
         fact M1 rollback-cancel f1
         told B1 -> HeldForApproval:0:f1 Released
         paid B1 -> open",
    );
}

#[test]
fn a_deposit_fills_a_debt_first() {
    tell(
        "deposit A7 10.00
         odds M1 total:line=0.5 2.000 1.800
         odds M2 1x2 2.000 3.400 4.500
         bet B1 A7 10.00 M1/total:line=0.5/over@2.000
         fact M1 kickoff
         fact M1 goal home   # f2
         bet B2 A7 20.00 M2/1x2/home@2.000 -> accepted 2.000
         fact M1 rollback f2
         balance A7 -> -20.00 reserved 0.00 held 30.00
         alert -> NegativeBalance
         deposit A7 15.00 -> done
         bet B3 A7 1.00 M2/1x2/home@2.000 -> InsufficientFunds
         deposit A7 6.00 -> done
         balance A7 -> 1.00 reserved 0.00 held 30.00
         bet B4 A7 1.01 M2/1x2/home@2.000 -> InsufficientFunds
         bet B5 A7 1.00 M2/1x2/home@2.000 -> accepted 2.000",
    );
}

/// An hour for rollbacks, and the commands' clock moves on so that ids are forgotten.
fn short() -> Settings {
    let mut settings = Settings::default();
    settings.placement.resettle_for = Millis::from_seconds(3_600);
    settings
}

const PAID_AND_GONE: &str = "deposit A7 100.00
     odds M1 total:line=0.5 2.000 1.800
     bet B1 A7 10.00 M1/total:line=0.5/over@2.000
     fact M1 kickoff
     fact M1 goal home   # f2
     paid B1 -> 20.00 Win
     at 3601
     again B1 -> StaleCommand
     at 4600
     at 4601
";

#[test]
fn a_rollback_after_the_time_for_it_changes_nothing_and_is_told() {
    let story = tell_with(
        short(),
        &format!(
            "{PAID_AND_GONE}
             fact M1 rollback f2
             alert -> Integrity
             paid B1 -> 20.00 Win
             balance A7 -> 110.00 reserved 0.00 held 0.00"
        ),
    );
    assert_eq!(story.world.auditor.alerts.len(), 1);
}

#[test]
fn a_match_long_over_is_let_go_and_its_place_is_used_again() {
    let mut settings = short();
    settings.limits.max_matches = 1;
    let mut story = tell_with(
        settings,
        &format!(
            "{PAID_AND_GONE}
             fact M1 whistle
             at 8200
             odds M2 1x2 2.000 3.400 4.500   # no room
             alert -> CapacityReached
             bet B2 A7 1.00 M2/1x2/home@2.000 -> MatchUnknown leg 0
             at 8202
             at 9200"
        ),
    );
    assert_eq!(story.world.book.match_numbers.len(), 0);
    story.line("odds M3 1x2 2.000 3.400 4.500");
    story.line("bet B3 A7 1.00 M3/1x2/home@2.000 -> accepted 2.000");
    assert_eq!((story.world.book.matches.len(), story.world.book.match_numbers.len()), (1, 1));
    // What is still said about the first one is told to people, and crashes nobody.
    let told = story.world.auditor.alerts.len();
    story.line("odds M1 total:line=0.5 2.000 1.800");
    assert_eq!(story.world.auditor.alerts.len(), told);
    story.line("fact M1 rollback f2");
    story.line("alert -> Integrity");
    story.line("balance A7 -> 109.00 reserved 0.00 held 1.00");
}

#[test]
fn a_match_with_an_open_bet_stays() {
    let story = tell_with(
        short(),
        "deposit A7 100.00
         odds M1 total:line=0.5 2.000 1.800
         odds M2 1x2 2.000 3.400 4.500
         bet B1 A7 10.00 M1/total:line=0.5/over@2.000 M2/1x2/home@2.000
         fact M1 kickoff
         fact M1 goal home
         fact M1 whistle
         at 7200
         at 9000
         at 99000
         fact M2 kickoff
         fact M2 goal home
         fact M2 whistle
         paid B1 -> 40.00 Win Win",
    );
    assert_eq!(story.world.book.match_numbers.len(), 2);
}
