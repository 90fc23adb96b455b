//! Zombies: a process stands still for longer than its session, another takes its shards, then it wakes up.

use crate::process::Process;
use crate::punter::{Habits, Punter};
use crate::reading::wait_until;
use crate::world::{Role, Shape, World, close_and_reopen};
use std::time::{Duration, Instant};

/// SIGSTOP past the session and SIGCONT, on both roles, with a second process of each to take over.
pub fn frozen_past_the_session() {
    let speed = if crate::quick() { 240 } else { 100 };
    let mut world = World::new("freezes", Shape { clock_scale: speed, ..Shape::default() });
    let mut dice = world.dice.fork();
    let begin = Instant::now();
    let mut roles =
        [world.role("trading", "t1"), world.role("book", "b1"), world.role("trading", "t2"), world.role("book", "b2")];
    let punter = Punter::start(&mut world, Habits { accounts: 25, bets_per_s: 30, sloppy_percent: 10 });
    punter.wait_ready(Duration::from_secs(60));
    let mut replay = world.replay(3, 8);
    // First one of each kind, then one of each at the same time: (trading, book) processes.
    let rounds: &[&[usize]] = if crate::quick() { &[&[0, 1]] } else { &[&[0], &[1], &[2, 3], &[0, 1]] };
    for round in rounds {
        std::thread::sleep(Duration::from_millis(dice.within(500, 2_500)));
        freeze_round(&world, &mut roles, round, &mut dice);
    }
    wait_until("the match is over", Duration::from_secs(150), || replay.ended().is_some());
    demand_clean_end(&mut replay);
    let tally = punter.finish(Duration::from_secs(90));
    let [t1, b1, t2, b2] = &mut roles;
    // One process of each kind stays: whatever the other had is its by now.
    t2.process.end_cleanly(crate::world::END_PATIENCE);
    b2.process.end_cleanly(crate::world::END_PATIENCE);
    std::thread::sleep(Duration::from_secs(1));
    close_and_reopen(&mut [t1, b1], 2);
    assert!(tally.accepted > 30, "too quiet a day to prove anything: {tally}");
    world.demand_auditors_yes();
    let frozen: usize = rounds.iter().map(|round| round.len()).sum();
    println!("freezes: {frozen} zombies, {tally}; took {} s", begin.elapsed().as_secs());
}

/// Freezes the processes, waits until their shards have been taken by others, and wakes them.
fn freeze_round(world: &World, roles: &mut [Role; 4], round: &[usize], dice: &mut crate::dice::Dice) {
    let takeovers = |world: &World| -> usize { world.demand_owners_in_turn().values().map(Vec::len).sum() };
    let before = takeovers(world);
    for victim in round {
        roles[*victim].process.freeze();
    }
    let names: Vec<_> = round.iter().map(|victim| roles[*victim].instance.clone()).collect();
    let frozen_at = Instant::now();
    // The session is 6 s; the shard is then handed out, restored and taken.
    std::thread::sleep(Duration::from_millis(dice.within(6_500, 7_500)));
    let what = format!("the shards of {} are taken by others", names.join(" and "));
    let holders = |world: &World| world.demand_owners_in_turn();
    wait_until(&what, Duration::from_secs(40), || {
        std::thread::sleep(Duration::from_millis(300));
        holders(world).values().all(|owners| owners.last().is_none_or(|owner| !names.contains(owner)))
    });
    assert!(takeovers(world) > before, "somebody took over");
    println!("freezes: {} stood still for {:.1} s", names.join(" and "), frozen_at.elapsed().as_secs_f32());
    for victim in round {
        roles[*victim].process.thaw();
    }
    std::thread::sleep(Duration::from_millis(1_500));
    for role in roles.iter_mut() {
        role.process.demand_alive();
    }
}

fn demand_clean_end(replay: &mut Process) {
    let status = replay.wait(Duration::from_secs(1));
    assert!(status.success(), "the replay ended with {status}");
}
