//! What bets on who goes through come to: in extra time, on penalties, or where the tie is given up.

use super::story::tell;

/// A tie of one leg with 10.00 on each of four markets; its ninety minutes end 0:0. The whistle is f3.
const LEVEL: &str = "deposit A7 100.00
     fact M1 tie 0
     odds M1 1x2 2.000 3.400 4.500
     odds M1 to_qualify 1.900 1.900
     odds M1 extra_time 2.500 1.500
     odds M1 extra_time_1x2 3.000 2.000 3.500
     bet D A7 10.00 M1/1x2/draw@3.400 -> accepted 3.400
     bet Q A7 10.00 M1/to_qualify/home@1.900 -> accepted 1.900
     bet Y A7 10.00 M1/extra_time/yes@2.500 -> accepted 2.500
     bet R A7 10.00 M1/extra_time_1x2/home@3.000 -> accepted 3.000
     fact M1 kickoff
     fact M1 whistle
     paid D -> 34.00 Win
     paid Q -> open
     paid Y -> open
     paid R -> open
";

fn then(rest: &str) {
    tell(&format!("{LEVEL}\n{rest}"));
}

#[test]
fn a_tie_is_paid_when_extra_time_has_decided_it() {
    then(
        "fact M1 extra
         paid Y -> 25.00 Win
         fact M1 goal home
         paid Q -> open
         fact M1 extra-end
         paid Q -> 19.00 Win
         paid R -> 30.00 Win
         paid D -> 34.00 Win
         balance A7 -> 168.00 reserved 0.00 held 0.00",
    );
}

#[test]
fn a_bet_in_extra_time_waits_like_any_in_play() {
    then(
        "fact M1 extra
         at 10
         bet B A7 10.00 M1/to_qualify/away@1.900 -> pending 15.000
         at 15.100
         answer B -> accepted 1.900
         at 20
         bet G A7 10.00 M1/to_qualify/away@1.900 -> pending 25.000
         at 21
         fact M1 goal away
         answer G -> MaterialChange leg 0
         fact M1 extra-end
         paid B -> 19.00 Win
         paid Q -> 0.00 Lose",
    );
}

#[test]
fn a_tie_given_up_in_extra_time_gives_the_stakes_back_and_the_ninety_minutes_stand() {
    then(
        "fact M1 extra       # f4
         fact M1 goal home   # f5
         fact M1 abandoned   # f6
         paid D -> 34.00 Win
         paid Y -> 25.00 Win
         paid Q -> 10.00 Void
         paid R -> 10.00 Void
         balance A7 -> 139.00 reserved 0.00 held 0.00
         fact M1 rollback f6
         paid Q -> open
         paid R -> open
         balance A7 -> 119.00 reserved 0.00 held 20.00
         fact M1 extra-end
         paid Q -> 19.00 Win
         paid R -> 30.00 Win
         balance A7 -> 168.00 reserved 0.00 held 0.00",
    );
}

#[test]
fn penalties_straight_after_the_ninety_minutes_are_no_extra_time() {
    then(
        "fact M1 shoot-out
         paid Y -> 0.00 Lose
         paid R -> 10.00 Void
         fact M1 goal home
         paid Q -> open
         fact M1 shoot-out-end
         paid Q -> 19.00 Win
         balance A7 -> 123.00 reserved 0.00 held 0.00",
    );
}

#[test]
fn a_shoot_out_told_level_pays_after_its_correction() {
    then(
        "fact M1 extra
         fact M1 extra-end
         fact M1 shoot-out
         paid R -> 0.00 Lose
         fact M1 goal home   # f7
         fact M1 goal away   # f8
         fact M1 shoot-out-end
         paid Q -> open
         fact M1 rollback f8
         paid Q -> 19.00 Win",
    );
}
