//! The pieces of work that are measured.

use crate::catalogue::{Fair, Margins};
use crate::joint::{Joint, Stage, Subject, subjects};
use crate::states::{Match, generated};
use std::hint::black_box;
use touchline::event::Settings;
use touchline::pricing::{
    Circumstances, Engine, FairOdds, MarginMethod, ModelInputs, Rates, RhoSource, State, apply_margin,
    inputs_from_odds, remove_margin,
};
use touchline::trading::price_state;
use touchline::values::{Billionths, QuarterLine};

/// The rates depend on the score, so that the law is no closed form.
pub(super) fn has_score_effect(one: &Match) -> bool {
    one.inputs.phi != [Billionths::ONE; 5]
}

/// The law of the final score.
pub(super) fn law(engine: &mut Engine, one: &Match, call: u32) {
    let law = engine.law(&one.profile, &black_box(one.inputs_of(call)), &one.state);
    black_box(law.expect("a match to price has a price").match_result());
}

/// The law, and every market of it.
pub(super) fn fair(engine: &mut Engine, fair: &mut Fair, one: &Match, call: u32) {
    let law = engine.law(&one.profile, &black_box(one.inputs_of(call)), &one.state);
    fair.read(law.expect("a match to price has a price"));
    black_box(fair.checksum());
}

/// The law, every market, its margin, its rungs.
pub(super) fn whole(engine: &mut Engine, read: &mut Fair, margins: &mut Margins, one: &Match, call: u32) {
    fair(engine, read, one, call);
    black_box(margins.offer(read));
}

/// The clock has been read again, and stands where it stood.
pub(super) fn tick(engine: &mut Engine, one: &Match) {
    let law = engine.law(&one.profile, black_box(&one.inputs), &one.state);
    black_box(law.expect("a match to price has a price").match_result());
}

/// Odds before kick-off, margin taken off, and the inputs to start from.
pub(super) fn odds_before_kick_off() -> Vec<FairOdds> {
    let mut engine = Engine::new();
    let mut odds = Vec::new();
    for home in 0..10 {
        for away in 0..8 {
            let (home, away) = (0.5 + 0.25 * f64::from(home), 0.45 + 0.25 * f64::from(away));
            let rates = Rates { home_rate: home, away_rate: away, ..Rates::from(&ModelInputs::default()) };
            let law = engine.law_over(&rates, &State::PRE_MATCH, 1.0).expect("rates of a bench have a price");
            let line = QuarterLine::from_quarters(10);
            let over = law.total(line).fair_probabilities().expect("the line is open")[0];
            odds.push(FairOdds { match_result: law.match_result(), line, over });
        }
    }
    odds
}

/// λ and μ (and ρ) from odds.
pub(super) fn inversion(engine: &mut Engine, odds: &FairOdds, source: RhoSource) {
    let inputs = inputs_from_odds(engine, black_box(odds), &ModelInputs::default(), source);
    black_box(inputs.expect("odds of the model lead back"));
}

/// Implied probabilities of three-way odds, 3 to 10 % over.
pub(super) fn implied() -> Vec<[f64; 3]> {
    let mut rows = Vec::new();
    for home in 1..=15 {
        for draw in [0.15, 0.22, 0.27, 0.31] {
            let home = 0.045 * f64::from(home);
            let overround = 1.03 + 0.1 * home;
            rows.push([home, draw, 1.0 - home - draw].map(|p: f64| p.max(0.01) * overround));
        }
    }
    rows
}

/// Every margin method by name.
pub(super) const METHODS: [(&str, MarginMethod); 6] = [
    ("multiplicative", MarginMethod::Multiplicative),
    ("additive", MarginMethod::Additive),
    ("weighted 0.5", MarginMethod::Weighted { exponent: Billionths::from_raw(500_000_000) }),
    ("power", MarginMethod::Power),
    ("odds ratio", MarginMethod::OddsRatio),
    ("Shin", MarginMethod::Shin),
];

/// Margin taken off three-way odds.
pub(super) fn remove(method: MarginMethod, implied: &[f64; 3], fair: &mut Vec<f64>) {
    black_box(remove_margin(method, black_box(implied), fair).expect("odds of a bench carry a margin"));
}

/// Margin put on.
pub(super) fn apply(method: MarginMethod, fair: &[f64], offered: &mut Vec<f64>) {
    black_box(apply_margin(method, black_box(fair), 1, 1.06, offered).expect("a margin of six in the hundred fits"));
}

/// A fixed set, once through after a round that is there to get the memory: under a tool that counts instructions in
/// `counted_*` only.
pub(super) fn fixed(what: &str) -> bool {
    let matches = generated();
    match what {
        "law" => counted_law(&matches),
        "catalogue" => counted_catalogue(&matches),
        "inversion" => counted_inversion(&odds_before_kick_off()),
        "shin" => counted_shin(&implied()),
        "quote" => counted_quote(&matches),
        "joint" => counted_joint(&subjects(&matches, matches.len()), Stage::Joint),
        "order" => counted_joint(&subjects(&matches, matches.len()), Stage::Laws),
        "fair" => counted_joint(&subjects(&matches, matches.len()), Stage::Fair),
        "together" => counted_joint(&subjects(&matches, matches.len()), Stage::Combinations),
        "everything" => counted_joint(&subjects(&matches, matches.len()), Stage::Offers),
        other => {
            eprintln!(
                "nothing fixed is called {other:?}: law, catalogue, joint, order, fair, together, everything, inversion, shin or \
                 quote"
            );
            return false;
        }
    }
    true
}

#[inline(never)]
fn counted_law(matches: &[Match]) {
    let mut engine = Engine::new();
    matches.iter().for_each(|one| law(&mut engine, one, 0));
}

#[inline(never)]
fn counted_catalogue(matches: &[Match]) {
    let (mut engine, mut fair, mut margins) = (Engine::new(), Fair::default(), Margins::new());
    matches.iter().for_each(|one| whole(&mut engine, &mut fair, &mut margins, one, 0));
}

#[inline(never)]
fn counted_inversion(odds: &[FairOdds]) {
    let mut engine = Engine::new();
    for odds in odds {
        inversion(&mut engine, odds, RhoSource::Inputs);
        inversion(&mut engine, odds, RhoSource::Draw);
    }
}

#[inline(never)]
fn counted_shin(rows: &[[f64; 3]]) {
    let mut fair = Vec::new();
    rows.iter().for_each(|row| remove(MarginMethod::Shin, row, &mut fair));
}

/// With the half-time joint, up to a stage.
#[inline(never)]
fn counted_joint(subjects: &[Subject], stage: Stage) {
    let mut joint = Joint::new();
    for subject in subjects {
        black_box(joint.price(subject, 0, stage));
    }
}

/// What trading would publish first of a match: not part of the gate, but for a profile of that way.
#[inline(never)]
fn counted_quote(matches: &[Match]) {
    let rules = Settings::default().trading;
    for one in matches {
        black_box(
            price_state(&one.profile, &one.inputs, &one.state, &Circumstances::default(), &rules)
                .expect("a match to price has a price"),
        );
    }
}
