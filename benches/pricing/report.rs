//! The figures as a table that can be pasted into the README.

use crate::catalogue::{Fair, Margins, openness};
use crate::joint::{self, Joint, Stage, Subject};
use crate::measure::{Figures, measure};
use crate::states::Match;
use crate::work;
use std::hint::black_box;
use touchline::pricing::{Engine, Phase, RhoSource};

/// Measures everything and prints it; `false` if memory was asked for in steady state.
pub(super) fn table(matches: &[Match], generated: usize) -> bool {
    conditions(matches, generated);
    let mut rows = Vec::new();
    laws(matches, &mut rows);
    joint(matches, generated, &mut rows);
    let odds = work::odds_before_kick_off();
    let mut engine = Engine::new();
    for (name, source) in [("inversion, rho given", RhoSource::Inputs), ("inversion, rho too", RhoSource::Draw)] {
        rows.push((name.to_owned(), measure(&odds, |odds, _| work::inversion(&mut engine, odds, source))));
    }
    let implied = work::implied();
    let (mut fair, mut offered) = (Vec::new(), Vec::new());
    for (name, method) in work::METHODS {
        let taken = measure(&implied, |row, _| work::remove(method, row, &mut fair));
        rows.push((format!("{name}, three-way, off"), taken));
        let shares: Vec<Vec<f64>> =
            implied.iter().map(|row| row.map(|q| q / row.iter().sum::<f64>()).to_vec()).collect();
        let put = measure(&shares, |fair, _| work::apply(method, fair, &mut offered));
        rows.push((format!("{name}, three-way, on"), put));
    }
    println!("| microseconds a call | median | p99 | worst | allocations |");
    println!("|---|---|---|---|---|");
    for (name, figures) in &rows {
        let [median, p99, worst] = [0.5, 0.99, 1.0].map(|share| figures.at(share) / 1e3);
        println!("| {name} | {median:.3} | {p99:.3} | {worst:.3} | {} |", figures.allocations);
    }
    rows.iter().all(|(_, figures)| figures.allocations == 0)
}

fn laws(matches: &[Match], rows: &mut Vec<(String, Figures)>) {
    let (mut engine, mut fair, mut margins) = (Engine::new(), Fair::default(), Margins::new());
    let with_effect: Vec<Match> = matches.iter().filter(|one| work::has_score_effect(one)).cloned().collect();
    for (which, matches) in [("all states", matches), ("score effect", &with_effect)] {
        rows.push((format!("law, {which}"), measure(matches, |one, call| work::law(&mut engine, one, call))));
        let read = measure(matches, |one, call| work::fair(&mut engine, &mut fair, one, call));
        rows.push((format!("law, fair values, {which}"), read));
        let whole = measure(matches, |one, call| work::whole(&mut engine, &mut fair, &mut margins, one, call));
        rows.push((format!("law, fair values, margins, rungs, {which}"), whole));
    }
    rows.push(("clock read again, nothing moved".to_owned(), measure(matches, |one, _| work::tick(&mut engine, one))));
}

/// With the half-time joint, the order of goals, minutes and combinations.
fn joint(matches: &[Match], generated: usize, rows: &mut Vec<(String, Figures)>) {
    let subjects = joint::subjects(matches, generated);
    println!("- with the joint: {}\n", joint::told(&subjects));
    let mut joint = Joint::new();
    let (with_effect, _): (Vec<&Subject>, Vec<&Subject>) =
        subjects.iter().partition(|subject| work::has_score_effect(&subject.one));
    let early = |subject: &&Subject| subject.one.state.clock.phase < Phase::HalfTime;
    let early: Vec<&Subject> = with_effect.iter().copied().filter(early).collect();
    let all: Vec<&Subject> = subjects.iter().collect();
    for (which, subjects) in
        [("all states", &all), ("score effect", &with_effect), ("score effect, up to half-time", &early)]
    {
        for (what, stage) in [
            ("joint law", Stage::Joint),
            ("joint law, order of goals", Stage::Laws),
            ("the same, all fair values", Stage::Fair),
            ("the same, ten combinations", Stage::Combinations),
            ("the same, margins, rungs", Stage::Offers),
        ] {
            let figures = measure(subjects, |subject, call| {
                black_box(joint.price(subject, call, stage));
            });
            rows.push((format!("{what}, {which}"), figures));
        }
    }
}

/// One line for `benches/pricing/run`: median nanoseconds of the law and fair values, and with margins and rungs.
pub(super) fn round(matches: &[Match]) {
    let (mut engine, mut fair, mut margins) = (Engine::new(), Fair::default(), Margins::new());
    let read = measure(matches, |one, call| work::fair(&mut engine, &mut fair, one, call));
    let whole = measure(matches, |one, call| work::whole(&mut engine, &mut fair, &mut margins, one, call));
    let odds = work::odds_before_kick_off();
    let inversion = measure(&odds, |odds, _| work::inversion(&mut engine, odds, RhoSource::Inputs));
    let implied = work::implied();
    let mut taken = Vec::new();
    let shin = measure(&implied, |row, _| work::remove(touchline::pricing::MarginMethod::Shin, row, &mut taken));
    let medians = [&read, &whole, &inversion, &shin].map(|figures| format!("{:.0}", figures.at(0.5)));
    println!("{}", medians.join(" "));
}

fn conditions(matches: &[Match], generated: usize) {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("?");
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let (mut engine, mut fair, mut margins) = (Engine::new(), Fair::default(), Margins::new());
    work::whole(&mut engine, &mut fair, &mut margins, &matches[matches.len() - generated], 0);
    println!(
        "- machine: one core of {}, load before {}",
        model.trim_start_matches(['\t', ':', ' ']),
        load.split(' ').next().unwrap_or("?")
    );
    println!(
        "- {} states of the reference, {generated} generated; before kick-off {} of {} offers are for sale (openness {:.2})\n",
        matches.len() - generated,
        margins.on_sale(),
        margins.offer(&fair),
        openness(&fair)
    );
}
