//! A match day on which the power fails again and again: every role is killed at random moments and begun again.

use crate::punter::{Habits, Punter};
use crate::world::{Shape, World, close_and_reopen};
use std::time::{Duration, Instant};

/// Kills of an ordinary run and of a quick one; `TOUCHLINE_KILLS` asks for another number.
const KILLS: usize = 14;
const KILLS_QUICK: usize = 5;

/// kill -9 of each role, again and again, while a match is played and bets are taken.
pub fn killed_again_and_again() {
    let wanted = crate::setting("TOUCHLINE_KILLS").map_or(if crate::quick() { KILLS_QUICK } else { KILLS }, |kills| {
        kills.parse().expect("TOUCHLINE_KILLS is a number")
    });
    let speed = if crate::quick() { 240 } else { 90 };
    let mut world = World::new("kills", Shape { clock_scale: speed, ..Shape::default() });
    let mut dice = world.dice.fork();
    let begin = Instant::now();
    let mut roles = [world.role("trading", "t1"), world.role("book", "b1")];
    let punter = Punter::start(&mut world, Habits { accounts: 25, bets_per_s: 40, sloppy_percent: 15 });
    punter.wait_ready(Duration::from_secs(60));
    let mut replay = world.replay(3, 8);
    let (mut kills, mut moments) = (0, Vec::new());
    // Until the match is over, and longer if that many kills were asked for.
    while replay.ended().is_none() || kills < wanted {
        if let Some(status) = replay.ended() {
            assert!(status.success(), "the replay ended with {status}");
            replay = world.replay(3, 5);
        }
        // Now and then so soon that the role has not even recovered.
        let pause = if dice.percent(15) { dice.within(200, 1_000) } else { dice.within(2_000, 6_500) };
        std::thread::sleep(Duration::from_millis(pause));
        let both = dice.percent(15);
        let first = dice.within(0, 2) as usize;
        let mut dead: Vec<_> =
            roles.iter_mut().enumerate().filter(|(number, _)| *number == first || both).map(|(_, role)| role).collect();
        for role in &mut dead {
            role.process.kill();
            moments.push(format!("{} at {:.1} s", role.instance, begin.elapsed().as_secs_f32()));
            kills += 1;
        }
        std::thread::sleep(Duration::from_millis(dice.within(50, 1_200)));
        for role in &mut dead {
            role.restart();
        }
    }
    println!("kills: {}", moments.join(", "));
    let status = replay.wait(Duration::from_secs(1));
    assert!(status.success(), "the replay ended with {status}");
    let tally = punter.finish(Duration::from_secs(90));
    let [trading, book] = &mut roles;
    close_and_reopen(&mut [trading, book], 2);
    assert!(tally.accepted > 50 && tally.accepted_in_play > 0, "too quiet a day to prove anything: {tally}");
    world.demand_auditors_yes();
    println!("kills: {kills} kills, {tally}; took {} s", begin.elapsed().as_secs());
}
