//! What happens on the pitch, and what may be bet on meanwhile.

use super::story::play;

/// Up to the kick-off, on time.
const KICKED_OFF: &str = "
    600               -> 1x2 suspended schedule
    605 k1 !start 1H  -> 1x2 active; phase InPlay
";

fn play_on(text: &str) -> super::story::Story {
    let mut story = play(KICKED_OFF);
    story.tell(text);
    story
}

#[test]
fn the_scheduled_kick_off_stops_pre_match_betting() {
    play(
        "
        599               -> 1x2 active; quiet
        600               -> 1x2 suspended schedule; total:line=2.5 suspended schedule; phase PreMatch
        700               -> 1x2 suspended schedule; quiet
        705 k1 !start 1H  -> 1x2 active; total:line=2.5 active; phase InPlay
    ",
    );
}

#[test]
fn an_early_kick_off_turns_in_play_at_once() {
    play(
        "
        500 k1 !start 1H -> 1x2 active; phase InPlay
        600              -> quiet
    ",
    );
}

#[test]
fn a_goal_stops_betting_until_play_goes_on_which_confirms_it() {
    play_on(
        "
        900 p1 goal?     -> 1x2 suspended incident; score 0:0
        905 g1 goal home -> 1x2 suspended incident; score 1:0; total:line=0.5 over is closed
        930 t1 tick      -> 1x2 suspended incident
        960 r1 restart   -> 1x2 active; news r1; news g1/confirmed; updates 1; total:line=0.5 settled
    ",
    );
}

#[test]
fn a_goal_that_was_none_lets_betting_go_on() {
    play_on(
        "
        900 p1 goal?    -> 1x2 suspended incident
        920 n1 no-goal  -> 1x2 active; score 0:0
    ",
    );
}

#[test]
fn two_goals_in_one_suspension_settle_in_order() {
    let story = play_on(
        "
        900 g1 goal home
        910 g2 goal away -> 1x2 suspended incident; score 1:1
        940 r1 restart   -> 1x2 active; news g1/confirmed; news g2/confirmed; total:line=1.5 settled
    ",
    );
    let ids: Vec<_> = story.last().facts.iter().map(|fact| fact.id.to_string()).collect();
    assert_eq!(ids, ["r1", "g1/confirmed", "g2/confirmed"]);
}

#[test]
fn an_explicit_confirmation_pays_before_play_goes_on() {
    play_on(
        "
        900 g1 goal home   -> total:line=0.5 suspended incident
        910 c1 !confirm g1 -> 1x2 suspended incident; total:line=0.5 settled; total:line=0.5 over is won
        940 r1 restart     -> 1x2 active
        945 c1 !confirm g1 -> quiet
    ",
    );
}

#[test]
fn time_confirms_what_nobody_does() {
    play_on(
        "
        900 g1 goal home
        1019             -> total:line=0.5 suspended incident
        1020             -> news g1/confirmed; total:line=0.5 settled; 1x2 suspended incident
        1080             -> alert IncidentUnresolved; 1x2 suspended incident
        1200             -> calm
        1210 r1 restart  -> 1x2 active
    ",
    );
}

#[test]
fn the_sources_own_confirmation_after_the_timers_is_a_repeat() {
    play_on(
        "
        900 g1 goal home
        1020                              -> news g1/confirmed
        1030 g1/confirmed !confirm g1     -> quiet; calm
    ",
    );
}

#[test]
fn no_report_becomes_sure_by_time_during_a_review() {
    play_on(
        "
        900 g1 goal home
        910 v1 review        -> 1x2 suspended incident
        1200                 -> 1x2 suspended incident; total:line=0.5 suspended incident
        1205 v2 review-end   -> total:line=0.5 suspended incident
        1324                 -> total:line=0.5 suspended incident
        1325                 -> news g1/confirmed; total:line=0.5 settled
    ",
    );
}

#[test]
fn a_review_takes_a_goal_back() {
    play_on(
        "
        900 g1 goal home     -> score 1:0
        910 v1 review
        960 x1 !rollback g1  -> score 0:0; 1x2 suspended incident
        970 v2 review-end    -> 1x2 active; total:line=0.5 active
    ",
    );
}

#[test]
fn a_goal_taken_back_before_play_went_on_is_no_goal() {
    play_on(
        "
        900 g1 goal home
        920 x1 !rollback g1  -> score 0:0; 1x2 active
    ",
    );
}

#[test]
fn a_goal_taken_back_after_it_was_paid_is_a_correction() {
    play_on(
        "
        900 g1 goal home
        930 r1 restart        -> total:line=0.5 settled; 1x2 active
        990 x1 !rollback g1   -> 1x2 suspended incident; total:line=0.5 suspended incident; score 0:0
        1000 t1 tick          -> 1x2 suspended incident
        1010 y1 resumed       -> 1x2 active; total:line=0.5 active
    ",
    );
}

#[test]
fn a_goal_credited_to_the_wrong_side_is_corrected() {
    play_on(
        "
        900 g1 goal home
        930 r1 restart                    -> score 1:0; 1x2 active
        990 g2 !goal away replaces g1     -> score 0:1; 1x2 suspended incident
        1000 y1 resumed                   -> 1x2 active; total:line=0.5 settled
    ",
    );
}

#[test]
fn penalties_stop_betting_until_taken() {
    play_on(
        "
        900 p1 penalty home -> 1x2 suspended incident
        950 p2 missed home  -> 1x2 active
        990 p3 penalty home -> 1x2 suspended incident
        999 g1 goal home    -> 1x2 suspended incident
        1030 r1 restart     -> 1x2 active; score 1:0
    ",
    );
}

#[test]
fn red_cards_stop_betting_until_sure() {
    play_on(
        "
        900 q1 red?          -> 1x2 suspended incident
        910 q2 red away      -> 1x2 suspended incident
        920 c1 !confirm q2   -> 1x2 active
        950 q3 !red home     -> 1x2 active
        960 q4 red?          -> 1x2 suspended incident
        970 q5 no-red        -> 1x2 active
        990 q6 red home      -> 1x2 suspended incident
        1110                 -> 1x2 active; news q6/confirmed
    ",
    );
}

#[test]
fn corners_and_yellow_cards_do_not_stop_goal_markets() {
    play_on(
        "
        900 n1 corner home   -> 1x2 active; news n1
        910 n2 yellow home   -> 1x2 active
        1030                 -> news n2/confirmed; 1x2 active
    ",
    );
}

#[test]
fn half_time_is_a_stop_until_the_whistle_is_sure() {
    play_on(
        "
        3400 e1 end 1H    -> 1x2 suspended incident
        3459              -> 1x2 suspended incident
        3460              -> 1x2 active; news e1/confirmed
        4300 s2 !start 2H -> 1x2 active
    ",
    );
}

#[test]
fn a_sure_half_time_whistle_stops_for_one_update() {
    play_on(
        "
        3400 e1 !end 1H   -> updates 2; 1x2 active; phase InPlay
        4300 s2 !start 2H -> updates 1; 1x2 active
    ",
    );
}

#[test]
fn a_goal_just_before_the_break_is_sure_when_the_next_half_begins() {
    play_on(
        "
        3399 g1 goal away
        3400 e1 !end 1H   -> 1x2 suspended incident
        3450 t1 tick      -> 1x2 suspended incident
        4300 s2 !start 2H -> 1x2 active; total:line=0.5 settled
    ",
    );
}

#[test]
fn a_match_is_settled_when_its_end_is_sure() {
    play_on(
        "
        3400 e1 !end 1H
        4300 s2 !start 2H -> 1x2 active
        5000 g1 goal home
        5060 r1 restart
        7100 e2 end 2H    -> 1x2 suspended incident; phase Over; 1x2 home is closed
        7159              -> 1x2 suspended incident
        7160              -> 1x2 settled; 1x2 home is won; 1x2 draw is lost; total:line=1 over is void; \
                             total:line=2.5 under is won
    "
        .replace("\\\n", " ")
        .as_str(),
    );
}

#[test]
fn a_late_goal_in_doubt_keeps_the_match_open() {
    play_on(
        "
        3400 e1 !end 1H
        4300 s2 !start 2H
        7090 g1 goal home
        7100 e2 !end 2H       -> 1x2 suspended incident
        7209                  -> 1x2 suspended incident
        7210                  -> 1x2 settled; 1x2 home is won; news g1/confirmed
    ",
    );
}

#[test]
fn a_result_taken_back_is_suspended_before_it_is_another() {
    let mut story = play_on(
        "
        3400 e1 !end 1H
        4300 s2 !start 2H
        7000 g1 !goal home
        7030 r1 restart
        7100 e2 !end 2H       -> 1x2 settled; 1x2 home is won
        7200 x1 !rollback g1  -> updates 2; 1x2 settled; 1x2 draw is won; total:line=0.5 under is won
    ",
    );
    story.tell("7300 w1 !whistle -> 1x2 settled");
}

#[test]
fn extra_time_and_the_shoot_out_do_not_touch_the_ninety() {
    play_on(
        "
        3400 e1 !end 1H
        4300 s2 !start 2H
        7100 e2 !end 2H       -> 1x2 settled; 1x2 draw is won
        7500 s3 !start ET1    -> 1x2 settled
        7600 g1 !goal home    -> 1x2 settled; news g1; score 0:0
        9000 s4 !start SO     -> 1x2 settled
        9010 g2 goal away     -> score 0:0
        9200 w1 !whistle      -> 1x2 settled; 1x2 draw is won
    ",
    );
}

#[test]
fn an_interruption_and_a_clock_that_goes_back_wait_for_the_word() {
    let mut story = play_on(
        "
        900 i1 interrupted -> 1x2 suspended incident
        950 r1 restart     -> 1x2 suspended incident
        960 y1 resumed     -> 1x2 active
    ",
    );
    story.tell("1000");
    let mut jumped = story.fact("t9", &["tick"], None);
    jumped.clock.as_mut().unwrap().elapsed = crate::values::Millis::new(1);
    story.send(jumped);
    story.tell(
        "
        1001             -> 1x2 suspended incident
        1002 y2 resumed  -> 1x2 active
    ",
    );
}

#[test]
fn a_trader_holds_and_lifts_only_his_own() {
    play_on(
        "
        900 desk 1 suspend -> 1x2 suspended trader
        905 p1 goal?       -> 1x2 suspended incident trader
        910 desk 2 resume  -> 1x2 suspended incident
        915 desk 1 suspend -> quiet; 1x2 suspended incident
        920 n1 no-goal     -> 1x2 active
    ",
    );
}

#[test]
fn a_desk_rules_by_facts() {
    play_on(
        "
        900 g1 goal home
        905 desk 1 confirm g1        -> total:line=0.5 settled
        906 desk 1 confirm g1        -> quiet
        910 desk 2 rollback g1       -> score 0:0; updates 2
        915 desk 3 goal home         -> rejects InvalidValue; score 0:0
    ",
    );
}

#[test]
fn cancelling_everything_cancels_the_markets_until_undone() {
    play_on(
        "
        900 c1 !cancel-all       -> 1x2 cancelled; 1x2 home is void; total:line=2.5 cancelled
        910 t1 tick              -> quiet
        920 u1 !cancel-undo c1   -> updates 2; 1x2 active
    ",
    );
}

#[test]
fn ticks_are_published_only_when_a_price_moves() {
    let mut story = play_on("900 t1 tick");
    story.tell("900 t2 tick -> quiet");
    let before = story.last().version;
    story.tell("2400 t3 tick -> updates 1; news t3");
    assert!(story.last().version > before);
    assert_eq!(story.market("1x2").price_version, story.last().version);
}

#[test]
fn a_review_that_never_ends_does_not_keep_the_match_from_its_end() {
    play_on(
        "
        3400 e1 !end 1H
        4300 s2 !start 2H
        5000 v1 review
        7100 e2 end 2H    -> phase Over
        7160              -> news e2/confirmed; 1x2 settled; 1x2 draw is won
    ",
    );
}

#[test]
fn extra_time_ends_the_ninety_if_their_whistle_was_lost() {
    play_on(
        "
        3400 e1 !end 1H
        4300 s2 !start 2H
        7500 s3 start ET1 -> phase Over; 1x2 suspended incident
        7560              -> news s3/confirmed; 1x2 settled; 1x2 draw is won
    ",
    );
}

#[test]
fn a_correction_taken_back_leaves_the_first_report_shut_and_unsure() {
    play(
        "
        605 k1 !start 1H
        960 g1 goal home                -> score 1:0; 1x2 suspended incident
        961 g2 goal away replaces g1    -> score 0:1; 1x2 suspended incident
        962 x1 !rollback g2             -> score 1:0; 1x2 suspended incident
        970 t1 tick                     -> 1x2 suspended incident
        990 r1 restart                  -> news g1/confirmed; 1x2 active
    ",
    );
}
