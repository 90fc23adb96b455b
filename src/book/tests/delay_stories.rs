//! The bet-delay table, row by row: what becomes of a bet that waits while the match goes on.

use super::story::{tell, tell_with};
use crate::event::Settings;

/// A match in play at second 0, a customer with 100.00, and a bet B1 placed at second 10 that waits to second 15.
const WAITING: &str = "deposit A7 100.00
     odds M1 1x2 2.000 3.400 4.500
     fact M1 kickoff
     at 10
     bet B1 A7 6.00 M1/1x2/home@2.000 -> pending 15.000
     balance A7 -> 100.00 reserved 6.00 held 0.00
     again B1 -> again pending 15.000
";

fn waiting(then: &str) {
    tell(&format!("{WAITING}\n{then}"));
}

#[test]
fn nothing_happens_and_the_bet_stands() {
    waiting(
        "at 15.099
         answer B1 -> pending 15.000
         at 15.100
         answer B1 -> accepted 2.000
         again B1 -> again accepted 2.000
         balance A7 -> 94.00 reserved 0.00 held 6.00",
    );
}

#[test]
fn what_a_single_goal_decides_waits_longer() {
    tell(
        "deposit A7 100.00
         odds M1 next_goal:nth=1 2.000 3.400 4.500
         odds M1 1x2 2.000 3.400 4.500
         fact M1 kickoff
         at 10
         bet B1 A7 6.00 M1/next_goal:nth=1/home@2.000 -> pending 18.000
         bet B2 A7 6.00 M1/1x2/home@2.000 -> pending 15.000
         at 15.100
         answer B2 -> accepted 2.000
         at 18.099
         answer B1 -> pending 18.000
         at 18.100
         answer B1 -> accepted 2.000",
    );
}

#[test]
fn a_first_judgement_that_fails_is_final_at_once() {
    tell(
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         fact M1 kickoff
         at 10
         hold M1 trader
         bet B1 A7 6.00 M1/1x2/home@2.000 -> MarketSuspended leg 0
         lift M1 trader
         at 20
         bet B2 A7 6.00 M1/1x2/home@2.100 -> PriceChanged leg 0 now 2.000
         bet B3 A7 600.00 M1/1x2/home@2.000 -> InsufficientFunds
         bet B4 A7 60.00 M1/1x2/home@2.000 -> pending 25.000
         # What is reserved cannot be staked again.
         bet B5 A7 60.00 M1/1x2/home@2.000 -> InsufficientFunds",
    );
}

#[test]
fn a_material_change_refuses_even_if_the_market_reopens_in_time() {
    for change in [
        "fact M1 possible-goal",
        "fact M1 no-goal",
        "fact M1 goal home",
        "fact M1 goal away",
        "fact M1 penalty home",
        "fact M1 missed home",
        "fact M1 possible-red",
        "fact M1 red away",
        "fact M1 review",
        "fact M1 interruption",
        "fact M1 halftime",
        "fact M1 rollback f1",
        "hold M1 trader\n lift M1 trader",
        "hold M1 incident\n lift M1 incident",
        "hold M1 lag\n lift M1 lag",
        // The price of another outcome of the market jumps (4.500: a jump begins above 5.97) and comes back.
        "odds M1 1x2 2.000 3.400 5.980\n odds M1 1x2 2.000 3.400 4.500",
        // The same, withheld in between.
        "outcome M1 1x2 away Withheld\n odds M1 1x2 2.000 3.400 5.980",
    ] {
        waiting(&format!(
            "at 12
             {change}
             answer B1 -> MaterialChange leg 0
             balance A7 -> 100.00 reserved 0.00 held 0.00
             at 15.100
             answer B1 -> MaterialChange leg 0
             again B1 -> again MaterialChange leg 0"
        ));
    }
}

#[test]
fn what_is_not_material_refuses_nothing() {
    for change in [
        "odds M1 1x2 2.010 3.400 4.500\n odds M1 1x2 2.000 3.400 5.960",
        "fact M1 tick",
        "fact M1 corner home",
        "hold M1 staleness\n lift M1 staleness",
        "market M1 1x2 Inactive\n market M1 1x2 Active",
    ] {
        waiting(&format!(
            "at 12
             {change}
             answer B1 -> pending 15.000
             at 15.100
             answer B1 -> accepted 2.000"
        ));
    }
}

#[test]
fn another_match_or_market_does_not_matter() {
    waiting(
        "at 12
         odds M2 1x2 2.000 3.400 4.500
         fact M2 kickoff
         fact M2 goal home
         odds M1 total:line=2.5 2.000 1.800
         odds M1 total:line=2.5 3.000 1.200
         at 15.100
         answer B1 -> accepted 2.000",
    );
}

#[test]
fn the_window_reaches_from_r_to_d_with_the_skew_at_both_ends() {
    // B1 is placed at 10 and decided at 15; the skew is 0.1 s. Told before the bet, and after it.
    let before = |at: &str, told: &str| {
        tell(&format!(
            "deposit A7 100.00
             odds M1 1x2 2.000 3.400 4.500
             fact M1 kickoff
             at {at}
             fact M1 missed home
             at 10
             bet B1 A7 6.00 M1/1x2/home@2.000 -> {told}"
        ))
    };
    before("9.899", "pending 15.000");
    before("9.900", "MaterialChange leg 0");
    // A suspension counts to its end.
    let held = |lifted_at: &str, told: &str| {
        tell(&format!(
            "deposit A7 100.00
             odds M1 1x2 2.000 3.400 4.500
             fact M1 kickoff
             at 5
             hold M1 incident
             at {lifted_at}
             lift M1 incident
             at 10
             bet B1 A7 6.00 M1/1x2/home@2.000 -> {told}"
        ))
    };
    held("9.899", "pending 15.000");
    held("9.900", "MaterialChange leg 0");
    waiting("hang\n at 15.100\n fact M1 missed home\n answer B1 -> MaterialChange leg 0");
    // Later than D + skew it does not count; here the update itself brings the knowledge that was lacking.
    waiting("hang\n at 15.101\n fact M1 missed home\n answer B1 -> accepted 2.000");
    // But a market that is closed when the bet is judged sells nothing.
    waiting("hang\n at 15.101\n hold M1 incident\n answer B1 -> MarketSuspended leg 0");
}

#[test]
fn at_the_end_the_price_policy_meets_the_price_of_then() {
    waiting("at 12\n odds M1 1x2 2.050 3.400 4.500\n at 15.100\n answer B1 -> accepted 2.050");
    waiting("at 12\n odds M1 1x2 1.950 3.400 4.500\n at 15.100\n answer B1 -> PriceChanged leg 0 now 1.950");
    waiting(
        "at 12
         odds M1 1x2 1.800 3.400 4.500
         odds M1 1x2 1.700 3.400 4.500
         at 15.100
         answer B1 -> PriceJump leg 0 now 1.700",
    );
}

#[test]
fn a_selection_withdrawn_is_not_offered_any_more() {
    waiting("at 12\n outcome M1 1x2 home Withheld\n at 15.100\n answer B1 -> OutcomeNotOffered leg 0");
    waiting("at 12\n market M1 1x2 Inactive\n at 15.100\n answer B1 -> OutcomeNotOffered leg 0");
    waiting("at 12\n outcome M1 1x2 home Closed\n at 15.100\n answer B1 -> PastPosted leg 0");
}

#[test]
fn its_own_hold_counts_as_available_to_it() {
    tell(
        "deposit A7 6.00
         odds M1 1x2 2.000 3.400 4.500
         fact M1 kickoff
         at 10
         bet B1 A7 6.00 M1/1x2/home@2.000 -> pending 15.000
         bet B2 A7 1.00 M1/1x2/home@2.000 -> InsufficientFunds
         at 15.100
         answer B1 -> accepted 2.000
         balance A7 -> 0.00 reserved 0.00 held 6.00",
    );
}

#[test]
fn without_fresh_knowledge_it_waits_on_to_d_plus_the_grace() {
    waiting(
        "hang
         fresh 15.099
         at 17.999
         answer B1 -> pending 15.000
         fresh 15.100
         answer B1 -> accepted 2.000",
    );
    waiting(
        "hang
         fresh 15.099
         at 17.999
         answer B1 -> pending 15.000
         at 18.000
         answer B1 -> MarketDataStale
         balance A7 -> 100.00 reserved 0.00 held 0.00",
    );
    // At the very deadline, fresh knowledge still judges it.
    waiting("hang\n at 17.999\n recover\n answer B1 -> accepted 2.000");
    waiting("at 18.000\n answer B1 -> accepted 2.000");
    // Judged later than that (a restart, lag), it is refused however fresh.
    waiting("at 18.001\n answer B1 -> TimeElapsed\n balance A7 -> 100.00 reserved 0.00 held 0.00");
}

#[test]
fn fresh_knowledge_does_not_shorten_the_delay() {
    // The broker's clock may run ahead of the batch's: D is D.
    waiting("hang\n fresh 15.100\n at 14.999\n answer B1 -> pending 15.000\n at 15.000\n answer B1 -> accepted 2.000");
}

#[test]
fn the_first_judgement_waits_for_knowledge_as_new_as_the_bet() {
    let unjudged = "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         fact M1 kickoff
         at 9
         hang
         at 10
         bet B1 A7 6.00 M1/1x2/home@2.000
         balance A7 -> 100.00 reserved 0.00 held 0.00
         # There is no answer yet to repeat: the resend waits along.
         again B1
         answer B1 -> none
";
    let then = |rest: &str| {
        tell(&format!("{unjudged}\n{rest}"));
    };
    then("fresh 9.999\n balance A7 -> 100.00 reserved 0.00 held 0.00");
    then("fresh 10\n answer B1 -> pending 15.000\n balance A7 -> 100.00 reserved 6.00 held 0.00");
    then("at 12.999\n recover\n answer B1 -> pending 15.000\n at 15.100\n answer B1 -> accepted 2.000");
    then("at 13.000\n answer B1 -> MarketDataStale");
    // A goal that became known meanwhile.
    then("at 11\n fact M1 goal home\n answer B1 -> MaterialChange leg 0");
    then("at 11\n hold M1 lag\n answer B1 -> MarketSuspended leg 0");
    // Found not fresh enough only after the grace: refused at once.
    tell(
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         fact M1 kickoff
         at 9
         hang
         at 13
         bet B1 A7 6.00 M1/1x2/home@2.000 aged=3 -> MarketDataStale",
    );
}

#[test]
fn an_in_play_bet_from_a_backlog_is_too_old_after_ten_seconds() {
    tell(
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         fact M1 kickoff
         at 30
         bet B1 A7 6.00 M1/1x2/home@2.000 aged=10.001 -> TimeElapsed
         # Eight seconds old: its five have passed, but not its three of grace.
         bet B2 A7 6.00 M1/1x2/home@2.000 aged=8 -> pending 27.000
         at 30
         answer B2 -> accepted 2.000
         bet B3 A7 6.00 M1/1x2/home@2.000 aged=9 -> pending 26.000
         at 30
         answer B3 -> TimeElapsed",
    );
}

#[test]
fn a_parlay_waits_as_long_as_its_slowest_leg_and_dies_of_any() {
    let mixed = "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         odds M2 1x2 1.500 3.400 4.500
         fact M1 kickoff
         at 10
         bet B1 A7 6.00 M2/1x2/home@1.500 M1/1x2/home@2.000 -> pending 15.000
";
    let then = |rest: &str| {
        tell(&format!("{mixed}\n{rest}"));
    };
    then("at 15.100\n answer B1 -> accepted 1.500 2.000");
    then("at 12\n fact M1 goal home\n answer B1 -> MaterialChange leg 1");
    then("at 12\n hold M2 trader\n lift M2 trader\n answer B1 -> MaterialChange leg 0");
    then("at 12\n fact M2 kickoff\n answer B1 -> MaterialChange leg 0");
    then("at 12\n odds M2 1x2 1.400 3.400 4.500\n at 15.100\n answer B1 -> PriceChanged leg 0 now 1.400");
}

#[test]
fn every_partition_must_be_fresh() {
    // M1 and M2 come by different partitions.
    let mut story = tell(
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         odds M2 1x2 1.500 3.400 4.500
         fact M1 kickoff
         at 10
         bet B1 A7 6.00 M2/1x2/home@1.500 M1/1x2/home@2.000 -> pending 15.000
         hang
         at 16",
    );
    let (one, two) = (story.world.partition_of("M1"), story.world.partition_of("M2"));
    assert_ne!(one, two, "this story needs two partitions");
    use crate::event::{BookInput, Machine, Watermark};
    let mut mark = |partition: u32| {
        let (through, at) = (story.world.now, story.world.now);
        let record =
            story.world.market_record(BookInput::Watermark(Watermark { shard: partition, through, at }), partition);
        story.world.batch(vec![record]);
        let wanted = story.world.book.next_due().wanted;
        wanted.iter().map(|(partition, _)| *partition).collect::<Vec<_>>()
    };
    assert_eq!(mark(two), vec![one], "the other one is still lacking");
    assert_eq!(mark(one), Vec::<u32>::new());
    story.line("answer B1 -> accepted 1.500 2.000");
}

#[test]
fn the_machine_says_when_it_wants_to_be_called() {
    use super::world::START;
    use crate::event::{Due, Machine};
    use crate::values::Millis;
    let story = tell(WAITING);
    let partition = story.world.partition_of("M1");
    let at = |ms: i64| START + Millis::new(ms);
    let due = story.world.book.next_due();
    assert_eq!(due, Due { at: Some(at(18_000)), wanted: vec![(partition, at(15_100))] });
    let story = tell(&format!("{WAITING}\n hang\n fresh 15.100"));
    assert_eq!(story.world.book.next_due(), Due { at: Some(at(15_000)), wanted: vec![] });
    let story = tell(&format!("{WAITING}\n at 15.100"));
    assert_eq!(story.world.book.next_due(), Due::default());
}

#[test]
fn with_no_delay_a_bet_in_play_still_waits_for_knowledge_newer_than_itself() {
    let mut settings = Settings::default();
    settings.placement.in_play_delay = crate::values::Millis::ZERO;
    tell_with(
        settings,
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         fact M1 kickoff
         at 10
         bet B1 A7 6.00 M1/1x2/home@2.000 -> pending 10.000
         at 10.100
         answer B1 -> accepted 2.000",
    );
}

#[test]
fn a_resend_of_a_bet_that_waits_unjudged_is_never_refused_for_want_of_room() {
    let mut settings = Settings::default();
    settings.limits.max_waiting_bets = 1;
    tell_with(
        settings,
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         fact M1 kickoff
         at 10
         hang
         at 11
         bet B1 A7 10.00 M1/1x2/home@2.000
         again B1 -> again pending 16.000
         fresh 11
         answer B1 -> pending 16.000
         at 16
         fresh 16.100
         answer B1 -> accepted 2.000",
    );
}

#[test]
fn a_bet_before_the_match_keeps_its_short_wait_though_knowledge_came_late() {
    let mut settings = Settings::default();
    settings.placement.pre_match_delay = crate::values::Millis::from_seconds(2);
    tell_with(
        settings,
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         at 10
         bet B1 A7 10.00 M1/1x2/home@2.000 -> pending 12.000
         hang
         at 11
         bet B2 A7 10.00 M1/1x2/home@2.000
         answer B2 -> none
         fresh 11
         answer B2 -> pending 13.000",
    );
}
