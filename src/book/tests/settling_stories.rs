//! What bets come to, by hand: quarter lines, parlays with void legs, results taken back, cancels.

use super::story::{tell, tell_with};
use crate::event::*;

/// Total of 2.25 at 1.950 and 1.850, each with 10.00 on it, and the match in play.
const QUARTER_LINE: &str = "deposit A7 100.00
     odds M1 total:line=2.25 1.950 1.850
     bet OVER A7 10.00 M1/total:line=2.25/over@1.950 -> accepted 1.950
     bet UNDER A7 10.00 M1/total:line=2.25/under@1.850 -> accepted 1.850
     fact M1 kickoff
";

#[test]
fn a_quarter_line_splits_the_stake() {
    // Two goals: half of the stake on 2 is void, half on 2.5 is lost (over) or won (under): 5 + 5 x 1.85.
    tell(&format!(
        "{QUARTER_LINE}
         fact M1 goal home
         fact M1 goal home
         paid OVER -> open
         fact M1 whistle
         paid OVER -> 5.00 HalfLose
         paid UNDER -> 14.25 HalfWin
         balance A7 -> 99.25 reserved 0.00 held 0.00"
    ));
    // Three goals decide it before the whistle.
    tell(&format!(
        "{QUARTER_LINE}
         fact M1 goal home
         fact M1 goal home
         fact M1 goal away
         paid OVER -> 19.50 Win
         paid UNDER -> 0.00 Lose
         balance A7 -> 99.50 reserved 0.00 held 0.00"
    ));
}

#[test]
fn a_scouted_goal_pays_nothing_until_it_is_confirmed() {
    tell(
        "deposit A7 100.00
         odds M1 total:line=0.5 1.100 8.000
         bet B1 A7 10.00 M1/total:line=0.5/over@1.100
         fact M1 kickoff
         fact M1 scouted-goal home   # f2
         paid B1 -> open
         fact M1 confirm f2
         paid B1 -> 11.00 Win
         balance A7 -> 101.00 reserved 0.00 held 0.00",
    );
}

#[test]
fn a_parlay_multiplies_what_is_decided_and_a_void_leg_counts_one() {
    let parlay = "deposit A7 100.00
         odds M1 1x2 1.900 3.400 4.500
         odds M2 total:line=2 2.050 1.800
         odds M3 1x2 1.333 3.400 9.000
         bet B1 A7 10.00 M1/1x2/home@1.900 M2/total:line=2/over@2.050 M3/1x2/home@1.333 -> accepted 1.900 2.050 1.333
         fact M1 kickoff
         fact M2 kickoff
         fact M3 kickoff
";
    let then = |rest: &str| {
        tell(&format!("{parlay}\n{rest}"));
    };
    // 10 x 1.9 x 2.05 x 1.333 = 51.92035, rounded once.
    then(
        "fact M1 goal home
         fact M2 goal home\n fact M2 goal home\n fact M2 goal away
         fact M3 goal home
         fact M1 whistle
         paid B1 -> open
         fact M3 whistle
         paid B1 -> 51.92 Win Win Win",
    );
    // Two goals push on the line of 2: 10 x 1.9 x 1 x 1.333 = 25.327.
    then(
        "fact M1 goal home
         fact M2 goal home\n fact M2 goal home
         fact M3 goal home
         fact M1 whistle\n fact M2 whistle\n fact M3 whistle
         paid B1 -> 25.33 Win Void Win
         balance A7 -> 115.33 reserved 0.00 held 0.00",
    );
    // One lost leg loses it at once, whatever the others come to.
    then(
        "fact M3 whistle
         paid B1 -> 0.00 ? ? Lose
         fact M1 goal home
         fact M1 whistle
         paid B1 -> 0.00 ? ? Lose",
    );
    // All void: the stake back, whatever the prices.
    then(
        "fact M1 cancel - -
         fact M2 cancel - -
         paid B1 -> open
         fact M3 cancel - -
         paid B1 -> 10.00 Void Void Void
         balance A7 -> 100.00 reserved 0.00 held 0.00",
    );
}

#[test]
fn a_goal_taken_back_takes_the_payment_back() {
    let mut story = tell(
        "deposit A7 10.00
         odds M1 total:line=0.5 2.000 1.800
         bet B1 A7 10.00 M1/total:line=0.5/over@2.000
         fact M1 kickoff
         fact M1 goal home   # f2
         paid B1 -> 20.00 Win
         balance A7 -> 20.00 reserved 0.00 held 0.00
         fact M1 rollback f2
         paid B1 -> open
         balance A7 -> 0.00 reserved 0.00 held 10.00
         fact M1 goal away
         paid B1 -> 20.00 Win
         balance A7 -> 20.00 reserved 0.00 held 0.00",
    );
    let bet = story.world.requests["B1"].bet_id;
    let kinds = story.world.auditor.settlements[&bet].iter().map(|one| one.kind).collect::<Vec<_>>();
    assert_eq!(kinds, [SettlementKind::Settled, SettlementKind::Reopened, SettlementKind::Settled]);
    // Won, spent on another bet, then taken back: less than nothing, and flagged.
    story.line("odds M2 1x2 2.000 3.400 4.500");
    story.line("bet B2 A7 15.00 M2/1x2/home@2.000 -> accepted 2.000");
    story.line("fact M1 rollback f4");
    story.line("balance A7 -> -15.00 reserved 0.00 held 25.00");
    story.line("alert -> NegativeBalance");
    assert!(story.world.auditor.settlements[&bet].last().unwrap().negative_balance);
    story.line("bet B3 A7 1.00 M2/1x2/home@2.000 -> InsufficientFunds");
    story.line("fact M2 kickoff");
    story.line("fact M2 goal home");
    story.line("fact M2 whistle");
    story.line("balance A7 -> 15.00 reserved 0.00 held 10.00");
}

#[test]
fn a_corrected_result_is_paid_anew_in_one_go() {
    let mut story = tell(
        "deposit A7 10.00
         odds M1 1x2 2.000 3.400 4.500
         bet B1 A7 10.00 M1/1x2/draw@3.400
         fact M1 kickoff
         fact M1 goal home   # f2
         fact M1 whistle
         paid B1 -> 0.00 Lose",
    );
    story.line("fact M1 rollback f2");
    story.line("paid B1 -> 34.00 Win");
    story.line("balance A7 -> 34.00 reserved 0.00 held 0.00");
    let bet = story.world.requests["B1"].bet_id;
    let versions = story.world.auditor.settlements[&bet].iter().map(|one| (one.version, one.kind)).collect::<Vec<_>>();
    let (settled, reopened) = (SettlementKind::Settled, SettlementKind::Reopened);
    assert_eq!(versions, [(1, settled), (2, reopened), (3, settled)]);
}

#[test]
fn a_cancel_voids_what_was_accepted_in_its_window() {
    let three = "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         at 10
         bet B1 A7 10.00 M1/1x2/home@2.000
         at 20
         bet B2 A7 10.00 M1/1x2/home@2.000
         at 30
         bet B3 A7 10.00 M1/1x2/away@4.500
";
    let then = |rest: &str| {
        tell(&format!("{three}\n{rest}"));
    };
    then(
        "fact M1 cancel 20 30   # f1
         paid B1 -> open
         paid B2 -> 10.00 Void
         paid B3 -> open
         fact M1 rollback-cancel f1
         paid B2 -> open
         balance A7 -> 70.00 reserved 0.00 held 30.00",
    );
    // It overrides a settlement, before or after; undone, the result counts again.
    then(
        "fact M1 kickoff
         fact M1 goal home
         fact M1 whistle
         paid B1 -> 20.00 Win
         fact M1 cancel - 20   # f4
         paid B1 -> 10.00 Void
         paid B2 -> 20.00 Win
         fact M1 rollback-cancel f4
         paid B1 -> 20.00 Win
         balance A7 -> 110.00 reserved 0.00 held 0.00",
    );
    // An open end voids what is accepted later, too.
    then(
        "fact M1 cancel 30 -
         bet B4 A7 10.00 M1/1x2/home@2.000 -> accepted 2.000
         at 31
         paid B3 -> 10.00 Void
         paid B4 -> 10.00 Void
         paid B2 -> open",
    );
}

#[test]
fn a_cancel_without_the_approval_that_the_licence_demands_voids_nothing() {
    let mut settings = Settings::default();
    settings.licences[0].cancel_needs_approval = true;
    let mut story = tell_with(
        settings,
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         bet B1 A7 10.00 M1/1x2/home@2.000
         fact M1 cancel - -
         paid B1 -> open
         alert -> IncidentUnresolved
         fact M1 cancel - - two-people
         paid B1 -> 10.00 Void",
    );
    assert_eq!(story.world.auditor.alerts.len(), 1);
    let settled = story.world.auditor.paid(story.world.requests["B1"].bet_id).unwrap();
    assert_eq!(settled.cancelled_by.as_ref().map(|id| id.as_str()), Some("f2"));
    story.line("balance A7 -> 100.00 reserved 0.00 held 0.00");
}

#[test]
fn settled_bets_go_after_their_time() {
    let mut settings = Settings::default();
    settings.placement.resettle_for = crate::values::Millis::from_seconds(3_600);
    let mut story = tell_with(
        settings,
        "deposit A7 100.00
         odds M1 total:line=0.5 2.000 1.800
         bet B1 A7 10.00 M1/total:line=0.5/over@2.000
         fact M1 kickoff
         fact M1 goal home   # f2
         paid B1 -> 20.00 Win
         at 3600
         fact M1 goal home   # f3
         # The bet's time is over, but a resend of it must still be answered: nothing has moved the commands' clock.
         at 3601
         again B1 -> StaleCommand
         at 4600
         fact M1 rollback f2
         fact M1 rollback f3
         paid B1 -> 20.00 Win
         balance A7 -> 110.00 reserved 0.00 held 0.00",
    );
    assert_eq!(story.world.book.bets.settled(), 0);
    assert_eq!(story.world.book.matches[0].selections[0].bets.len(), 0);
    // Its number is used again.
    story.line("odds M2 1x2 2.000 3.400 4.500");
    story.line("bet B2 A7 10.00 M2/1x2/home@2.000 -> accepted 2.000");
    story.line("again B1 -> StaleCommand");
}

#[test]
fn a_cancel_without_its_approval_holds_the_bets_that_it_covers() {
    let mut settings = Settings::default();
    settings.licences[0].cancel_needs_approval = true;
    let won = "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         bet B1 A7 10.00 M1/1x2/home@2.000
         at 5
         bet B2 A7 10.00 M1/1x2/home@2.000
         fact M1 kickoff
         fact M1 goal home
         fact M1 whistle
         paid B1 -> 20.00 Win
         fact M1 cancel - 5   # f4
         paid B1 -> open
         paid B2 -> 20.00 Win
         balance A7 -> 100.00 reserved 0.00 held 10.00";
    let then = |rest: &str| _ = tell_with(settings.clone(), &format!("{won}\n{rest}"));
    then("fact M1 cancel - 5 two-people\n paid B1 -> 10.00 Void");
    then("fact M1 rollback-cancel f4\n paid B1 -> 20.00 Win");
    // The cancel comes first: what happens then pays nobody.
    tell_with(
        settings.clone(),
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         bet B1 A7 10.00 M1/1x2/home@2.000
         fact M1 cancel - -   # f1
         fact M1 kickoff
         fact M1 whistle
         paid B1 -> open
         fact M1 rollback-cancel f1
         paid B1 -> 0.00 Lose",
    );
}

#[test]
fn a_debt_is_told_only_if_the_new_result_leaves_one() {
    for (second_stake, in_debt) in [("12.00", false), ("12.01", true)] {
        let story = tell(&format!(
            "deposit A7 12.00
             odds M1 1x2 2.000 3.400 4.500
             odds M2 1x2 2.000 3.400 4.500
             bet B1 A7 10.00 M1/1x2/home@2.000
             at 5
             fact M1 kickoff
             fact M1 goal home
             fact M1 whistle
             bet B2 A7 {second_stake} M2/1x2/home@2.000 -> accepted 2.000
             fact M1 cancel - 5
             paid B1 -> 10.00 Void"
        ));
        let told = &story.world.auditor.settlements[&story.world.requests["B1"].bet_id];
        let flags = told.iter().map(|one| one.negative_balance).collect::<Vec<_>>();
        assert_eq!(flags, [false, in_debt, false]);
        assert_eq!(story.world.auditor.alerts.len(), usize::from(in_debt));
    }
}

#[test]
fn settled_bets_keep_their_time_though_there_are_too_many() {
    let mut settings = Settings::default();
    settings.limits.max_open_bets = 1;
    let mut story = tell_with(
        settings,
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         odds M2 1x2 2.000 3.400 4.500
         bet B1 A7 10.00 M1/1x2/home@2.000 -> accepted 2.000
         fact M1 whistle
         bet B2 A7 10.00 M2/1x2/home@2.000 -> accepted 2.000
         at 1
         fact M2 whistle
         paid B2 -> 0.00 Lose",
    );
    let kept_to = story.world.book.leaving.clone();
    assert_eq!((kept_to.len(), story.world.book.bets.settled()), (2, 2), "more than is wanted, none may go");
    story.line("at 2");
    story.line("at 3");
    assert_eq!(story.world.book.leaving, kept_to);
}

#[test]
fn red_cards_are_part_of_the_state() {
    use super::world::MatchSim;
    let hash_with = |reds| {
        let mut story = tell("");
        let mut one = MatchSim::new("M1");
        one.update.reds = reds;
        story.world.matches.insert("M1".to_owned(), one);
        story.line("odds M1 1x2 2.000 3.400 4.500");
        story.world.book.state_hash()
    };
    assert_eq!(hash_with((1, 0)), hash_with((1, 0)));
    assert_ne!(hash_with((1, 0)), hash_with((0, 1)));
}
