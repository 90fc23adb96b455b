//! A match day that never was: clubs, rates and matches drawn from a seed, goals coming as often as our own model says.
//!
//! Every match is simulated in steps of five seconds with the intensities of the pricing room (profile, rates, lead, red
//! cards), so what is offered on it is fair by construction. The same seed makes the same day, byte for byte.

mod clubs;
mod simulation;

use crate::event::{Expectation, Scope};
use crate::values::{Billionths, CompetitionId, Millis, Text};

use super::dice::Dice;
use super::script::MatchScript;

/// Kick-offs of one day lie within this many seconds: no referee whistles to the second.
const KICK_OFF_SPREAD_SECONDS: f64 = 40.0;

/// `matches` matches that kick off together, with their rates as what is expected of them. At most as many as there are
/// pairs of clubs (200).
pub fn match_day(seed: u64, matches: usize, tick_every: Millis) -> Vec<MatchScript> {
    let mut dice = Dice::new(seed, "day");
    let clubs = clubs::draw(&mut dice, matches.min(clubs::PAIRS_MAX) * 2);
    let pairs = clubs.chunks_exact(2).zip(1_u32..);
    pairs.map(|(pair, number)| one_match(seed, number, [&pair[0], &pair[1]], &mut dice, tick_every)).collect()
}

fn one_match(seed: u64, number: u32, clubs: [&String; 2], day: &mut Dice, tick_every: Millis) -> MatchScript {
    let total = 2.2 + day.share();
    let supremacy = -0.9 + 2.2 * day.share();
    // Whole hundredths of a goal, as people speak of them.
    let rate = |goals: f64| Billionths::from_raw((goals * 100.0).round() as i64 * 10_000_000);
    let (home, away) = (rate((total + supremacy) / 2.0), rate((total - supremacy) / 2.0));
    let kick_off_after = day.seconds(0.0, KICK_OFF_SPREAD_SECONDS);
    let text = |name: &str| Text::parse(name).expect("our clubs have short names");
    MatchScript {
        key: format!("generated-{seed}-{number:02}"),
        home: text(clubs[0]),
        away: text(clubs[1]),
        source_names: clubs.map(String::clone),
        competition: CompetitionId::parse("invented-league").expect("a legal id"),
        date: None,
        kicked_off: None,
        kick_off_after,
        expectation: Some(Expectation::Rates { home, away }),
        scope: Scope { knock_out: None, corners: true, cards: true },
        facts: simulation::simulate([home, away], Dice::new(seed, &format!("match {number}")), tick_every),
        doubt: None,
    }
}
