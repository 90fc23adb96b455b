//! What the house may stand to lose, by hand.

use super::story::{tell, tell_with};
use crate::event::*;
use crate::values::Money;

fn limits(change: impl FnOnce(&mut LiabilityLimits)) -> Settings {
    let mut settings = Settings::default();
    change(&mut settings.limits.liability);
    settings
}

#[test]
fn the_liability_of_every_score_is_return_less_stake() {
    tell(
        "deposit A7 1000.00
         odds M1 1x2 2.000 3.400 4.500
         odds M1 total:line=2.25 1.950 1.850
         bet B1 A7 10.00 M1/1x2/home@2.000 -> accepted 2.000
         liability M1 1:0 -> 10.00
         liability M1 0:0 -> -10.00
         bet B2 A7 20.00 M1/total:line=2.25/over@1.950 -> accepted 1.950
         liability M1 1:0 -> -10.00      # 10 - 20
         liability M1 2:0 -> 0.00        # 10, and half of 20 is lost
         liability M1 3:0 -> 29.00       # 10 + 19
         liability M1 0:0 -> -30.00
         liability M1 9:9 -> 9.00        # -10 + 19
         fact M1 kickoff
         fact M1 goal home
         fact M1 goal home
         fact M1 goal away               # f4: over is paid, and counts no more
         liability M1 0:0 -> -10.00
         liability M1 9:0 -> 10.00
         fact M1 rollback f4
         liability M1 3:0 -> 29.00
         fact M1 whistle
         liability M1 3:0 -> 0.00",
    );
}

#[test]
fn stakes_on_the_rest_of_a_match_cover_no_other_loss() {
    // Should 1:0 turn out never to have stood, these stakes go back at every score.
    tell(
        "deposit A7 1000.00
         odds M1 correct_score:max=1 6.000 6.000 6.000 6.000 6.000 6.000 6.000
         fact M1 kickoff
         fact M1 goal home
         odds M1 handicap_rest:base=1:0,line=-0.5 2.000 1.800
         at 10
         bet B1 A7 50.00 M1/handicap_rest:base=1:0,line=-0.5/home@2.000 -> pending 15.000
         at 15.100
         answer B1 -> accepted 2.000
         liability M1 2:0 -> 50.00
         liability M1 1:0 -> 0.00
         liability M1 1:1 -> 0.00",
    );
}

#[test]
fn a_parlay_counts_its_other_legs_by_their_chances() {
    // Fair chances are a half. 10 x 2 x (3 x 0.5) - 10 = 20 in M1; 10 x 3 x (2 x 0.5) - 10 = 20 in M2.
    let parlay = "deposit A7 1000.00
         odds M1 1x2 2.000 3.400 4.500
         odds M2 1x2 3.000 3.400 4.500
         bet B1 A7 10.00 M1/1x2/home@2.000 M2/1x2/home@3.000 -> accepted 2.000 3.000";
    tell(&format!(
        "{parlay}
         liability M1 1:0 -> 20.00
         liability M1 0:0 -> -10.00
         liability M2 1:0 -> 20.00
         fact M1 kickoff
         fact M1 goal home   # f2
         fact M1 whistle
         liability M1 1:0 -> 0.00        # decided there: only M2 is open
         liability M2 1:0 -> 50.00       # 10 x 2 x 3 - 10
         fact M1 rollback f2
         paid B1 -> 0.00 Lose ?
         liability M2 1:0 -> 0.00
         fact M1 cancel - -
         liability M2 1:0 -> 20.00       # void there: 10 x 3 - 10"
    ));
    // As if the others had won.
    tell_with(
        limits(|limits| limits.parlays = ParlayWeight::Full),
        &format!(
            "{parlay}
             liability M1 1:0 -> 50.00
             liability M2 1:0 -> 50.00"
        ),
    );
}

#[test]
fn each_limit_refuses_what_goes_beyond_it_and_names_what_would_pass() {
    let money = Money::from_minor;
    let offers = "deposit A7 1000.00
         odds M1 1x2 2.000 3.000 4.000
         odds M1 total:line=2.5 2.000 1.900
         odds M1 next_goal:nth=1 2.500 3.000 9.000";
    // Of one selection: 10 on home wins 10; of 15 are 5 left.
    tell_with(
        limits(|limits| limits.outcome = money(1_500)),
        &format!(
            "{offers}
             bet B1 A7 10.00 M1/1x2/home@2.000 -> accepted 2.000
             bet B2 A7 5.01 M1/1x2/home@2.000 -> OutcomeLiability leg 0 at most 500
             bet B3 A7 7.50 M1/1x2/draw@3.000 -> accepted 3.000
             bet B4 A7 1.00 M1/1x2/draw@3.000 -> OutcomeLiability leg 0 at most 0
             bet B5 A7 5.00 M1/1x2/home@2.000 -> accepted 2.000"
        ),
    );
    // Of a market: what is lost on home pays for away.
    tell_with(
        limits(|limits| limits.market = money(3_000)),
        &format!(
            "{offers}
             bet B1 A7 15.00 M1/1x2/home@2.000 -> accepted 2.000
             bet B2 A7 15.01 M1/1x2/away@4.000 -> MarketLiability leg 0 at most 1500
             bet B3 A7 15.00 M1/1x2/away@4.000 -> accepted 4.000
             bet B4 A7 30.01 M1/1x2/home@2.000 -> MarketLiability leg 0 at most 3000
             bet B5 A7 30.00 M1/total:line=2.5/over@2.000 -> accepted 2.000"
        ),
    );
    // Of a match: at 3:0 home and over win together; the n-th goal's own worst comes on top.
    tell_with(
        limits(|limits| limits.one_match = money(3_000)),
        &format!(
            "{offers}
             bet B1 A7 10.00 M1/1x2/home@2.000 -> accepted 2.000
             bet B2 A7 20.01 M1/total:line=2.5/over@2.000 -> MatchLiability leg 0 at most 2000
             bet B3 A7 10.00 M1/total:line=2.5/over@2.000 -> accepted 2.000
             bet B4 A7 6.67 M1/next_goal:nth=1/home@2.500 -> MatchLiability leg 0 at most 666
             bet B5 A7 6.00 M1/next_goal:nth=1/home@2.500 -> accepted 2.500   # 20 + 9
             bet B6 A7 1.01 M1/1x2/home@2.000 -> MatchLiability leg 0 at most 100
             bet B7 A7 5.00 M1/1x2/away@4.000 -> accepted 4.000
             bet B8 A7 6.00 M1/1x2/home@2.000 -> accepted 2.000
             # At 0:3 now 15 - 16 + 10 + 9; one on the second selection of the next goal makes nothing worse.
             bet B9 A7 3.00 M1/next_goal:nth=1/away@3.000 -> accepted 3.000"
        ),
    );
    // Of an account: all that may be won.
    tell_with(
        limits(|limits| limits.account = money(2_000)),
        &format!(
            "{offers}
             bet B1 A7 10.00 M1/1x2/home@2.000 -> accepted 2.000
             bet B2 A7 5.01 M1/1x2/draw@3.000 -> AccountLiability at most 500
             bet B3 A7 5.00 M1/1x2/draw@3.000 -> accepted 3.000
             bet B4 A7 1.00 M1/1x2/away@4.000 -> AccountLiability at most 0
             fact M1 kickoff
             fact M1 whistle
             paid B3 -> 15.00 Win
             odds M2 1x2 3.000 3.000 3.000
             bet B5 A7 10.01 M2/1x2/home@3.000 -> AccountLiability at most 1000
             bet B6 A7 10.00 M2/1x2/home@3.000 -> accepted 3.000"
        ),
    );
}

#[test]
fn a_waiting_bet_keeps_its_share_and_its_own_counts_as_available() {
    tell_with(
        limits(|limits| limits.outcome = Money::from_minor(1_000)),
        "deposit A7 100.00
         odds M1 1x2 2.000 3.000 4.000
         fact M1 kickoff
         at 10
         bet B1 A7 10.00 M1/1x2/home@2.000 -> pending 15.000
         liability M1 1:0 -> 10.00
         bet B2 A7 1.00 M1/1x2/home@2.000 -> OutcomeLiability leg 0 at most 0
         at 15.1
         answer B1 -> accepted 2.000
         liability M1 1:0 -> 10.00
         liability M1 0:0 -> -10.00
         at 20
         bet B3 A7 5.00 M1/1x2/draw@3.000 -> pending 25.000
         liability M1 0:0 -> 0.00
         fact M1 penalty home
         answer B3 -> MaterialChange leg 0
         liability M1 0:0 -> -10.00",
    );
}

#[test]
fn a_bet_that_makes_nothing_worse_is_taken_though_a_limit_is_passed() {
    // The leg that is open counts more once the other has won: 10 x 2 x 3 - 10 = 50 are above the limit of 40 then.
    tell_with(
        limits(|limits| limits.one_match = Money::from_minor(4_000)),
        "deposit A7 100.00
         odds M1 1x2 2.000 3.000 4.000
         odds M2 1x2 3.000 3.000 4.000
         bet B1 A7 10.00 M1/1x2/home@2.000 M2/1x2/home@3.000 -> accepted 2.000 3.000
         fact M1 kickoff
         fact M1 goal home
         fact M1 whistle
         liability M2 1:0 -> 50.00
         bet B2 A7 1.00 M2/1x2/home@3.000 -> MatchLiability leg 0 at most 0
         bet B3 A7 15.00 M2/1x2/draw@3.000 -> accepted 3.000
         liability M2 1:0 -> 35.00
         bet B4 A7 2.51 M2/1x2/home@3.000 -> MatchLiability leg 0 at most 250",
    );
}
