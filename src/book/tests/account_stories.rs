//! Who may bet, where, and how much of his own money he lets himself lose.

use super::story::{tell, tell_with};
use crate::event::*;
use crate::values::CompetitionId;

#[test]
fn an_account_does_what_its_standing_lets_it() {
    tell(
        "odds M1 1x2 2.000 3.400 4.500
         status A9 Closed -> AccountUnknown
         deposit A7 10.00 -> done
         status A7 Suspended -> done
         bet B1 A7 1.00 M1/1x2/home@2.000 -> AccountSuspended
         deposit A7 1.00 -> done
         status A7 Closed -> done
         bet B2 A7 1.00 M1/1x2/home@2.000 -> AccountClosed
         deposit A7 1.00 -> AccountClosed
         status A7 Frozen -> done
         bet B3 A7 1.00 M1/1x2/home@2.000 -> AccountFrozen
         deposit A7 1.00 -> AccountFrozen
         status A7 Prohibited -> done
         bet B4 A7 1.00 M1/1x2/home@2.000 -> Prohibited
         deposit A7 1.00 -> Prohibited
         status A7 Active -> done
         bet B5 A7 1.00 M1/1x2/home@2.000 -> accepted 2.000
         again B4 -> again Prohibited
         balance A7 -> 10.00 reserved 0.00 held 1.00",
    );
}

#[test]
fn a_break_or_an_exclusion_ends_by_itself_and_never_sooner() {
    tell(
        "odds M1 1x2 2.000 3.400 4.500
         deposit A7 10.00
         break A7 60 -> done
         break A7 30 -> done
         status A7 Active
         at 59.999
         bet B1 A7 1.00 M1/1x2/home@2.000 -> TimedOut
         deposit A7 1.00 -> TimedOut
         at 60
         bet B2 A7 1.00 M1/1x2/home@2.000 -> accepted 2.000
         exclude A7 100 -> done
         exclude A7 90 -> done
         at 99
         bet B3 A7 1.00 M1/1x2/home@2.000 -> SelfExcluded
         deposit A7 1.00 -> SelfExcluded
         # What stands is paid all the same.
         fact M1 kickoff
         fact M1 goal home
         fact M1 whistle
         paid B2 -> 2.00 Win
         at 100
         odds M2 1x2 2.000 3.400 4.500
         bet B4 A7 1.00 M2/1x2/home@2.000 -> accepted 2.000",
    );
}

#[test]
fn what_changes_while_a_bet_waits_counts_at_its_judgement() {
    for (change, answer) in [
        ("break A7 3600", "TimedOut"),
        ("exclude A7 3600", "SelfExcluded"),
        ("status A7 Closed", "AccountClosed"),
        ("limit A7 SingleStake 4.99", "OwnStakeLimit"),
        ("limit A7 LossPerDay 4.99", "OwnLossLimit"),
        ("limit A7 LossPerDay 5.00", "accepted 2.000"),
    ] {
        tell(&format!(
            "deposit A7 10.00
             odds M1 1x2 2.000 3.400 4.500
             fact M1 kickoff
             at 10
             bet B1 A7 5.00 M1/1x2/home@2.000 -> pending 15.000
             at 12
             {change} -> done
             at 15.1
             answer B1 -> {answer}"
        ));
    }
}

#[test]
fn losses_are_those_settled_and_all_that_are_still_open() {
    // The stories begin on 2026-05-28, a Thursday, at 20:26:40 UTC: the day ends at 12800 s, the week on Monday at 272000.
    tell(
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         odds M2 1x2 2.000 3.400 4.500
         odds M3 1x2 2.000 3.400 4.500
         limit A7 LossPerDay 20.00 EUR -> CurrencyMismatch
         limit A7 LossPerDay 20.00 -> done
         bet B1 A7 12.00 M1/1x2/home@2.000 -> accepted 2.000
         bet B2 A7 8.01 M2/1x2/home@2.000 -> OwnLossLimit
         bet B3 A7 8.00 M2/1x2/home@2.000 -> accepted 2.000
         fact M1 kickoff
         fact M1 whistle                     # B1 is lost: 12 + 8 open
         bet B4 A7 1.00 M3/1x2/home@2.000 -> OwnLossLimit
         fact M2 kickoff
         fact M2 goal home
         fact M2 whistle                     # B3 wins 8: 4 lost in all
         bet B5 A7 16.01 M3/1x2/home@2.000 -> OwnLossLimit
         bet B6 A7 16.00 M3/1x2/home@2.000 -> accepted 2.000
         # The next day begins with what is still open.
         at 12800
         bet B7 A7 4.01 M3/1x2/home@2.000 -> OwnLossLimit
         bet B8 A7 4.00 M3/1x2/home@2.000 -> accepted 2.000",
    );
}

#[test]
fn a_limit_is_lowered_at_once_and_raised_after_a_wait_and_a_second_word() {
    tell(
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         reaffirm A7 SingleStake -> NoRaiseDue
         limit A7 SingleStake 10.00 -> done
         limit A7 SingleStake 5.00 -> done
         bet B1 A7 5.01 M1/1x2/home@2.000 -> OwnStakeLimit
         limit A7 SingleStake none -> done
         bet B2 A7 5.01 M1/1x2/home@2.000 -> OwnStakeLimit
         reaffirm A7 SingleStake -> NoRaiseDue
         at 86399
         reaffirm A7 SingleStake -> NoRaiseDue
         at 86400
         bet B3 A7 5.01 M1/1x2/home@2.000 -> OwnStakeLimit
         reaffirm A7 SingleStake -> done
         bet B4 A7 5.01 M1/1x2/home@2.000 -> accepted 2.000
         # A week's limit waits for Monday.
         limit A7 LossPerWeek 1.00 -> done
         limit A7 LossPerWeek 50.00 -> done
         at 271999
         reaffirm A7 LossPerWeek -> NoRaiseDue
         at 272000
         reaffirm A7 LossPerWeek -> done",
    );
}

#[test]
fn deposits_have_their_limit_too() {
    tell(
        "deposit A7 10.00
         limit A7 DepositPerDay 15.00 -> done
         deposit A7 5.01 -> OwnDepositLimit
         deposit A7 5.00 -> done
         deposit A7 0.01 -> OwnDepositLimit
         at 12800
         deposit A7 15.00 -> done
         limit A7 DepositPerMonth 31.00 -> done
         at 99200
         deposit A7 1.01 -> OwnDepositLimit
         deposit A7 1.00 -> done
         limit A7 DepositPerDay 0.00 -> done
         deposit A7 0.01 -> OwnDepositLimit
         balance A7 -> 31.00 reserved 0.00 held 0.00",
    );
}

#[test]
fn a_licence_permits_some_of_the_catalogue() {
    let with = |change: &dyn Fn(&mut LicenceRules), answers: [&str; 3]| {
        let mut settings = Settings::default();
        change(&mut settings.licences[0]);
        tell_with(
            settings,
            &format!(
                "deposit A7 100.00
                 odds M1 1x2 2.000 3.400 4.500
                 odds M2 total:line=2.5 2.000 1.900
                 odds M2 1x2 2.000 3.400 4.500
                 bet B1 A7 1.00 M1/1x2/home@2.000 -> {}
                 bet B2 A7 1.00 M1/1x2/home@2.000 M2/total:line=2.5/over@2.000 -> {}
                 fact M1 kickoff
                 at 1
                 bet B3 A7 1.00 M1/1x2/home@2.000 -> {}",
                answers[0], answers[1], answers[2]
            ),
        );
    };
    let (taken, both, waits) = ("accepted 2.000", "accepted 2.000 2.000", "pending 6.000");
    let cup = || CompetitionId::parse("cup").unwrap();
    let league = || CompetitionId::parse("league").unwrap();
    with(&|_| {}, [taken, both, waits]);
    with(&|rules| rules.competitions = Some(vec![league(), cup()]), [taken, both, waits]);
    let not_one = ["NotPermittedHere leg 0"; 3];
    with(&|rules| rules.competitions = Some(vec![league()]), not_one);
    with(&|rules| rules.competitions = Some(Vec::new()), not_one);
    let second = "NotPermittedHere leg 1";
    with(&|rules| rules.market_types = Some(vec![MarketType::MATCH_RESULT]), [taken, second, waits]);
    with(&|rules| rules.in_play = false, [taken, both, "NotPermittedHere leg 0"]);
}
