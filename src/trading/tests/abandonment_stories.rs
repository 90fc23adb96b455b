//! Matches that are not played to their end. A match day at speed 60: two days are 48 minutes, to second 3480, and
//! what the feed had said by then is known one batch later.

use super::story::Story;
use crate::event::{ClockRules, Settings};

fn fast() -> Story {
    let mut settings = Settings::default();
    settings.clock = ClockRules { clock_scale: 60, ..settings.clock };
    let mut story = Story::new(settings);
    story.tell("0 f1 !fixture -> 1x2 active");
    story
}

#[test]
fn what_is_decided_stands_and_the_rest_is_void() {
    fast().tell(
        "
        600 k1 !start 1H
        610 g1 !goal home
        615 r1 restart      -> total:line=0.5 settled; 1x2 active
        620 i1 interrupted  -> 1x2 suspended incident
        3480                -> quiet
        3490                -> news i1/abandoned; 1x2 cancelled; 1x2 home is void; total:line=0.5 over is won; phase Over
        3600                -> quiet
    ",
    );
}

#[test]
fn a_match_resumed_in_time_stands() {
    fast().tell(
        "
        600 k1 !start 1H
        620 i1 interrupted  -> 1x2 suspended incident
        3400 u1 resumed     -> 1x2 active
        3500                -> 1x2 active; phase InPlay
    ",
    );
}

#[test]
fn a_match_that_never_began_is_void() {
    fast().tell(
        "
        3479                -> 1x2 suspended schedule
        3490                -> news f1/abandoned; 1x2 cancelled; total:line=2.5 over is void
    ",
    );
}

#[test]
fn a_new_date_moves_the_deadline() {
    let mut story = fast();
    let body = super::story::fixture(2, 1_600);
    let moved = story.fact("f2", &["fixture"], None);
    story.send(crate::event::Fact { body, ..moved });
    story.tell(
        "
        3480                -> 1x2 suspended schedule
        4490                -> news f2/abandoned; 1x2 cancelled
    ",
    );
}

#[test]
fn whoever_is_silent_may_yet_tell_that_play_went_on() {
    let mut story = fast();
    story.tell("600 k1 !start 1H \n 620 i1 interrupted");
    story.heartbeats = false;
    story.tell("3500 -> 1x2 suspended incident feed; phase InPlay");
    story.heartbeats = true;
    let request = story.requests.last().cloned().expect("the silent producer was asked");
    story.tell(&format!(
        "
        3501 heartbeat
        3502 complete {request} -> 1x2 suspended incident
        3515                    -> 1x2 cancelled
    "
    ));
}

#[test]
fn an_abandonment_taken_back_lets_the_match_go_on() {
    fast().tell(
        "
        600 k1 !start 1H
        620 i1 interrupted
        3490                            -> news i1/abandoned; 1x2 cancelled
        3600 desk 1 rollback i1/abandoned -> 1x2 suspended incident; phase InPlay
        3700                            -> 1x2 suspended incident; quiet
        3710 u1 resumed                 -> 1x2 active
        9000                            -> 1x2 active
    ",
    );
}

#[test]
fn the_feed_gives_a_match_up_at_once_and_time_makes_it_sure() {
    fast().tell(
        "
        600 k1 !start 1H
        620 b1 abandoned   -> 1x2 suspended incident; 1x2 home is closed
        621                -> news b1/confirmed; 1x2 cancelled
        630 c1 rollback b1 -> 1x2 suspended incident
        640 u1 resumed     -> 1x2 active
    ",
    );
}

#[test]
fn play_that_goes_on_does_not_confirm_its_end() {
    let mut story = super::story::play("600 k1 !start 1H");
    story.tell(
        "
        620 b1 abandoned   -> 1x2 suspended incident
        630 r1 restart     -> 1x2 suspended incident
        679                -> 1x2 suspended incident
        680                -> news b1/confirmed; 1x2 cancelled
    ",
    );
}

#[test]
fn an_old_match_told_late_is_not_given_up() {
    let mut story = Story::new(Settings {
        clock: ClockRules { clock_scale: 60, ..Settings::default().clock },
        ..Settings::default()
    });
    story.tell(
        "
        4000 f1 !fixture
        4010 k1 !start 1H  -> 1x2 active
        9000               -> 1x2 active; phase InPlay
    ",
    );
}
