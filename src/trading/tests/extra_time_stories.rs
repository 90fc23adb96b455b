//! Ties that ninety minutes leave level: what is on sale in extra time, and what is not.

use super::story::Story;
use crate::catalogue::Reads;
use crate::event::*;

/// A tie that is level at the whistle of second 7100, with this lead from the first leg.
fn level(first_leg: i8) -> Story {
    tie(Settings::default(), first_leg)
}

fn tie(settings: Settings, first_leg: i8) -> Story {
    let mut story = Story::new(settings);
    story.tell(&format!(
        "
        0 f1 !tie {first_leg}   -> to_qualify active; extra_time active; extra_time_1x2 active
        600 k1 !start 1H        -> to_qualify active
        3400 e1 !end 1H
        4300 s2 !start 2H       -> to_qualify active; shoot_out active
    "
    ));
    if first_leg == -1 {
        story.tell(
            "
            5000 g1 !goal home  -> to_qualify suspended incident
            5030 r1 restart     -> to_qualify active
        ",
        );
    }
    story
}

/// Nothing of the ninety minutes is on sale.
fn assert_ninety_is_shut(story: &Story) {
    for market in &story.last().markets {
        let is_of_tie = matches!(market.id.definition().reads, Reads::KnockOut(_));
        assert!(is_of_tie || market.status != MarketStatus::Active, "{} is on sale", market.id);
        let is_offered = market.outcomes.iter().any(|outcome| outcome.status == OutcomeStatus::Offered);
        assert!(is_of_tie || !is_offered, "{} is on offer", market.id);
    }
}

fn fair(story: &Story, market: &str, outcome: &str) -> f64 {
    let outcome = Outcome::parse(outcome).unwrap();
    let state = story.market(market).outcomes.iter().find(|state| state.outcome == outcome).unwrap();
    state.fair.expect("it is priced").to_f64()
}

#[test]
fn a_level_tie_is_on_sale_to_the_end_of_extra_time() {
    for first_leg in [0, -1] {
        let mut story = level(first_leg);
        story.tell(
            "
            7100 e2 end 2H            -> 1x2 suspended incident; to_qualify suspended incident; phase InPlay
            7160                      -> news e2/confirmed; 1x2 settled; to_qualify active; phase InPlay
            7160                      -> extra_time inactive; extra_time_1x2 active; qualify_method home_in_90 is lost
        ",
        );
        assert_ninety_is_shut(&story);
        let before = fair(&story, "to_qualify", "home");
        story.tell(
            "
            7500 s3 !start ET1        -> to_qualify active; extra_time settled; extra_time yes is won; phase InPlay
            7800 t1 tick              -> to_qualify active; shoot_out active; shoot_out_winner active
        ",
        );
        assert_ninety_is_shut(&story);
        let draw = fair(&story, "extra_time_1x2", "draw");
        story.tell(
            "
            8000 g2 goal away         -> to_qualify suspended incident; news g2
            8030 r2 restart           -> news g2/confirmed; to_qualify active; 1x2 settled
        ",
        );
        assert_eq!(story.last().score.away, 0, "the score is that of the ninety minutes");
        assert!(fair(&story, "to_qualify", "home") < before - 0.2, "home is behind");
        assert!(fair(&story, "extra_time_1x2", "draw") < draw, "it must score");
        let behind = fair(&story, "to_qualify", "home");
        story.tell("8100 d1 !red away -> to_qualify active");
        assert!(fair(&story, "to_qualify", "home") > behind, "a man more");
        story.tell(
            "
            8420 e3 end ET1           -> to_qualify suspended incident; phase InPlay
            8480                      -> news e3/confirmed; to_qualify active
        ",
        );
        assert_ninety_is_shut(&story);
        let at_the_break = fair(&story, "to_qualify", "home");
        story.tell("8500 s4 !start ET2    -> to_qualify active");
        assert!((fair(&story, "to_qualify", "home") - at_the_break).abs() < 1e-9, "no time has gone by");
        // Far into a stoppage that nobody announced, and nothing is certain by the clock alone.
        story.tell("9700 t2 tick          -> to_qualify active");
        let late = fair(&story, "to_qualify", "home");
        assert!(late < at_the_break && late > 0.001, "{late}");
        story.tell(
            "
            9710 e4 end ET2           -> to_qualify suspended incident; phase Over
            9770                      -> news e4/confirmed; to_qualify settled; to_qualify away is won
            9770                      -> qualify_method away_in_extra_time is won; extra_time_1x2 away is won
            9770                      -> shoot_out_winner settled; shoot_out_winner home is void; shoot_out no is won
        ",
        );
    }
}

#[test]
fn a_tie_that_is_not_level_is_over_at_the_whistle() {
    let mut story = level(1);
    story.tell(
        "
        7100 e2 !end 2H       -> to_qualify settled; to_qualify home is won; extra_time no is won; phase Over
        7100                  -> extra_time_1x2 home is void; shoot_out_winner home is void
    ",
    );
}

#[test]
fn nothing_is_sold_before_and_in_a_shoot_out() {
    let mut story = level(0);
    story.tell(
        "
        7100 e2 !end 2H       -> to_qualify active
        7500 s3 !start ET1
        8400 e3 !end ET1      -> to_qualify active
        8500 s4 !start ET2
        9400 e4 !end ET2      -> to_qualify inactive; phase Over; shoot_out yes is won
        9700 s5 !start SO     -> to_qualify inactive; shoot_out_winner inactive
        9710 p1 !goal away    -> to_qualify inactive
        9800 e5 !end SO       -> to_qualify settled; to_qualify away is won; shoot_out_winner away is won; calm
    ",
    );
}

#[test]
fn penalties_straight_after_the_ninety_minutes_are_no_extra_time() {
    let mut story = level(0);
    story.tell(
        "
        7100 e2 !end 2H       -> to_qualify active; extra_time inactive
        7300 s5 !start SO     -> to_qualify inactive; extra_time settled; extra_time no is won; phase Over
        7300                  -> extra_time_1x2 draw is void; shoot_out yes is won
        7310 p1 !goal home
        7500 e5 !end SO       -> to_qualify home is won; qualify_method home_on_penalties is won
    ",
    );
}

#[test]
fn a_tie_given_up_in_extra_time_stands_for_its_ninety_minutes() {
    let mut story = level(0);
    story.tell(
        "
        7100 e2 !end 2H       -> 1x2 settled; 1x2 draw is won; to_qualify active
        7500 s3 !start ET1
        7600 g2 !goal home    -> to_qualify suspended incident
        7700 x1 abandoned     -> to_qualify suspended incident; phase Over
        7760                  -> news x1/confirmed; to_qualify cancelled; extra_time_1x2 home is void; 1x2 draw is won
        7760                  -> extra_time yes is won; qualify_method home_in_90 is lost
    ",
    );
}

#[test]
fn a_tie_interrupted_in_extra_time_is_given_up_by_time() {
    let mut settings = Settings::default();
    settings.clock = ClockRules { clock_scale: 60, ..settings.clock };
    let mut story = Story::new(settings);
    story.tell(
        "
        0 f1 !tie 0
        600 k1 !start 1H
        650 e1 !end 1H
        660 s2 !start 2H
        710 e2 !end 2H        -> to_qualify active
        720 s3 !start ET1
        725 i1 interrupted    -> to_qualify suspended incident
        3480                  -> to_qualify suspended incident
        3490                  -> news i1/abandoned; to_qualify cancelled; 1x2 draw is won
    ",
    );
}

#[test]
fn a_shoot_out_told_level_waits_for_a_correction_and_says_so() {
    let mut story = level(0);
    story.tell(
        "
        7100 e2 !end 2H
        7300 s5 !start SO
        7310 p1 !goal home
        7320 p2 !goal away
        7500 e5 !end SO       -> to_qualify inactive; alert IncidentUnresolved
        7510 w1 !whistle      -> to_qualify inactive; calm
        7600 x1 !rollback p1  -> to_qualify settled; to_qualify away is won
    ",
    );
}

#[test]
fn a_goal_taken_back_after_the_whistle_makes_a_tie_go_on() {
    let mut story = level(0);
    story.tell(
        "
        7000 g1 !goal home
        7030 r1 restart
        7100 e2 !end 2H       -> to_qualify settled; to_qualify home is won; phase Over
        7110 x1 !rollback g1  -> to_qualify suspended incident; phase InPlay
        7500 s3 !start ET1    -> to_qualify active; extra_time yes is won
    ",
    );
    assert_ninety_is_shut(&story);
}
