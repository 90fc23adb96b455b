//! How good totals of corners and cards would have been, beside plain Poisson numbers of the same mean.

use std::fmt::Write;

use crate::event::Side;
use crate::pricing::{CountEngine, CountState, CountTables, ModelTables};
use crate::runtime::pipeline::Model;
use crate::values::QuarterLine;

use super::matches::JoinedMatch;
use super::story::Checkpoint;

/// When cards are forecast; corners are only known at full time, so they are at kick-off.
const CARD_MINUTES: [u8; 4] = [0, 30, 45, 75];
/// A probability below this is counted as this.
const LEAST: f64 = 1e-15;

/// How many there were at some minute, and in the end.
struct Told {
    so_far: [u16; 2],
    in_all: u32,
}

/// Both tables; nothing where the files have neither.
pub(super) fn tables(matches: &[JoinedMatch], model: &Model) -> String {
    let Ok(tables) = ModelTables::of(model.rules()) else { return String::new() };
    let corners: Vec<Told> = matches
        .iter()
        .filter_map(|joined| joined.corners)
        .map(|[home, away]| Told { so_far: [0, 0], in_all: u32::from(home) + u32::from(away) })
        .collect();
    let has_cards = |season| matches.iter().any(|other| other.season == season && !other.bookings.is_empty());
    let booked: Vec<&JoinedMatch> = matches.iter().filter(|joined| has_cards(joined.season)).collect();
    let mut text = String::new();
    let kick_off = Checkpoint { minute: 0 };
    let mut all = vec![("corners", kick_off, &tables.corners, corners)];
    for minute in CARD_MINUTES {
        let checkpoint = Checkpoint { minute };
        let told = booked.iter().map(|joined| cards(joined, checkpoint)).collect();
        all.push(("cards", checkpoint, &tables.cards, told));
    }
    all.retain(|(_, _, _, told)| !told.is_empty());
    if all.is_empty() {
        return text;
    }
    let _infallible = writeln!(
        text,
        "corners and cards (a yellow 1, a red 2), total of the match; naive: Poisson, as many every minute\n{:<22}{:>8}{:>10}\
         {:>10}{:>12}{:>9}{:>10}{:>10}",
        "log-loss", "matches", "model", "naive", "difference", "s.e.", "expected", "happened"
    );
    for (what, checkpoint, tables, told) in &all {
        text.push_str(&log_loss(what, *checkpoint, tables, told));
    }
    text.push('\n');
    for (what, checkpoint, tables, told) in all.iter().filter(|(_, checkpoint, _, _)| checkpoint.minute == 0) {
        text.push_str(&calibration(what, *checkpoint, tables, told));
    }
    text
}

fn cards(joined: &JoinedMatch, checkpoint: Checkpoint) -> Told {
    let (mut so_far, mut in_all) = ([0, 0], 0);
    for booking in &joined.bookings {
        in_all += u32::from(booking.units);
        if (booking.half, booking.minute) < checkpoint.place() {
            so_far[usize::from(booking.side == Side::Away)] += booking.units;
        }
    }
    Told { so_far, in_all }
}

/// The probability of so many in all: by the law, and by a Poisson number; and how many each expects.
fn chances(engine: &mut CountEngine, tables: &CountTables, at: Checkpoint, told: &Told) -> Option<[(f64, f64); 2]> {
    let share = tables.profile.elapsed_share(&at.clock());
    let law = engine.law(&tables.model, &CountState::whole_match(told.so_far, share)?).ok()?;
    let so_far: u32 = told.so_far.iter().map(|count| u32::from(*count)).sum();
    let expected = f64::from(so_far) + law.remaining_mean();
    let rest = tables.model.mean() * (1.0 - f64::from(at.minute) / 90.0);
    let to_come = told.in_all.checked_sub(so_far)?;
    let naive = (1..=to_come).fold(libm::exp(-rest), |chance, n| chance * rest / f64::from(n));
    Some([(law.exact_total(told.in_all), expected), (naive, f64::from(so_far) + rest)])
}

fn log_loss(what: &str, at: Checkpoint, tables: &CountTables, told: &[Told]) -> String {
    let mut engine = CountEngine::new();
    let (mut losses, mut expected, mut happened) = (Vec::with_capacity(told.len()), 0.0, 0.0);
    for one in told {
        let Some([(law, by_law), (naive, _)]) = chances(&mut engine, tables, at, one) else { continue };
        losses.push([law, naive].map(|chance| -libm::log(chance.max(LEAST))));
        expected += by_law;
        happened += f64::from(one.in_all);
    }
    let n = losses.len() as f64;
    let mean = |of: &dyn Fn(&[f64; 2]) -> f64| losses.iter().map(of).sum::<f64>() / n;
    let difference = mean(&|[ours, naive]| ours - naive);
    let variance = mean(&|[ours, naive]| libm::pow(ours - naive - difference, 2.0));
    let when = if at.minute == 0 { "kick-off".to_owned() } else { at.name() };
    format!(
        "{:<22}{:>8}{:>10.4}{:>10.4}{difference:>12.4}{:>9.4}{:>10.3}{:>10.3}\n",
        format!("{what}, {when}"),
        losses.len(),
        mean(&|[ours, _]| *ours),
        mean(&|[_, naive]| *naive),
        (variance / n).sqrt(),
        expected / n,
        happened / n
    )
}

/// How often there were more than a line, for the lines about the mean.
fn calibration(what: &str, at: Checkpoint, tables: &CountTables, told: &[Told]) -> String {
    let mut engine = CountEngine::new();
    let share = tables.profile.elapsed_share(&at.clock());
    let state = CountState::whole_match([0, 0], share);
    let Some(law) = state.and_then(|state| engine.law(&tables.model, &state).ok()) else { return String::new() };
    let mean = tables.model.mean();
    let middle = mean as i16;
    let mut text = format!("{:<22}{:>8}{:>10}{:>10}\n", format!("{what} over"), "model", "naive", "happened");
    for below in (middle - 3).max(0)..=middle + 3 {
        let line = QuarterLine::from_quarters(4 * below + 2);
        let under = (0..=below).scan(libm::exp(-mean), |chance, n| {
            let now = *chance;
            *chance *= mean / f64::from(n + 1);
            Some(now)
        });
        let above = told.iter().filter(|one| i64::from(one.in_all) > i64::from(below)).count();
        let _infallible = writeln!(
            text,
            "{:<22}{:>8.4}{:>10.4}{:>10.4}",
            format!("  {line}"),
            law.total(line).win,
            1.0 - under.sum::<f64>(),
            above as f64 / told.len() as f64
        );
    }
    text.push('\n');
    text
}
