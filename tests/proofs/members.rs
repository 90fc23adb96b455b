//! Processes join and leave while a match is played; the consumer group shares the shards among those who are there.

use crate::process::Process;
use crate::punter::{Habits, Punter};
use crate::reading::wait_until;
use crate::world::{END_PATIENCE, Role, Shape, World};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Two and three processes a role, coming and going; one leaves without a word.
pub fn come_and_go() {
    let speed = if crate::quick() { 240 } else { 120 };
    let mut world = World::new("members", Shape { matches: 4, accounts: 4, clock_scale: speed, ..Shape::default() });
    let begin = Instant::now();
    let mut present: Vec<Role> = vec![world.role("trading", "t1"), world.role("book", "b1")];
    let punter = Punter::start(&mut world, Habits { accounts: 40, bets_per_s: 30, sloppy_percent: 10 });
    punter.wait_ready(Duration::from_secs(60));
    let mut replay = world.replay(4, 6);
    let pause = Duration::from_millis(if crate::quick() { 2_000 } else { 5_000 });
    join(&world, &mut present, &[("trading", "t2"), ("book", "b2")], pause);
    join(&world, &mut present, &[("book", "b3"), ("trading", "t3")], pause);
    leave(&mut present, "b1", pause);
    leave(&mut present, "t1", pause);
    // t2 goes without a word: its shards come free with its session.
    let lost = present.iter().position(|role| role.instance == "t2").expect("t2 is there");
    present.swap_remove(lost).process.kill();
    std::thread::sleep(pause);
    join(&world, &mut present, &[("trading", "t1"), ("book", "b1")], pause);
    leave(&mut present, "b2", pause);
    wait_until("the match is over", Duration::from_secs(150), || replay.ended().is_some());
    demand_clean_end(&mut replay);
    let tally = punter.finish(Duration::from_secs(90));
    for role in &mut present {
        role.process.end_cleanly(END_PATIENCE);
    }
    assert!(tally.accepted > 30, "too quiet a day to prove anything: {tally}");
    world.demand_auditors_yes();
    let owners = world.demand_owners_in_turn();
    let names: BTreeSet<_> = owners.values().flatten().cloned().collect();
    let all: BTreeSet<_> = ["t1", "t2", "t3", "b1", "b2", "b3"].map(str::to_owned).into();
    assert_eq!(names, all, "everybody who came was given a shard");
    let moves: usize = owners.values().map(|turns| turns.len() - 1).sum();
    println!(
        "members: {moves} shards changed hands among {}, {tally}; took {} s",
        names.len(),
        begin.elapsed().as_secs()
    );
}

fn join(world: &World, present: &mut Vec<Role>, who: &[(&'static str, &str)], pause: Duration) {
    for (role, instance) in who {
        present.push(world.role(role, instance));
    }
    std::thread::sleep(pause);
    for role in present.iter_mut() {
        role.process.demand_alive();
    }
}

fn leave(present: &mut Vec<Role>, who: &str, pause: Duration) {
    let place = present.iter().position(|role| role.instance == who).expect("it is there");
    present.swap_remove(place).process.end_cleanly(END_PATIENCE);
    std::thread::sleep(pause);
}

fn demand_clean_end(replay: &mut Process) {
    let status = replay.wait(Duration::from_secs(1));
    assert!(status.success(), "the replay ended with {status}");
}
