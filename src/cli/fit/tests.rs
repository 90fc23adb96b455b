//! Made-up matches whose parameters are known: the fit has to find them again.

use std::collections::BTreeMap;

use super::counts::{BothLearnt, CountsLearnt};
use super::exposure::{BINS, Circumstance, Exposure, STOPPAGE, Step, walk};
use super::learn::{Learnt, RateSource, learn};
use super::low_scores;
use super::page::{Provenance, model_file, table};
use super::regression::{Estimate, Factors, Shape, fit};
use crate::cli::evaluate::{Incident, JoinedMatch, Story, What};
use crate::cli::replay::{Dice, MatchOdds};
use crate::event::{CountRules, Side};
use crate::pricing::{Engine, MarginMethod, ProfileParts, Rates, State, apply_margin};
use crate::runtime::pipeline::Model;
use crate::values::{Billionths, Date, DecimalOdds, QuarterLine};

const STOPPAGE_MINUTES: [f64; 2] = [1.4, 3.8];
/// Red cards a side and bin in made-up matches: many, so that little is needed.
const REDS_PER_BIN: f64 = 0.003;

fn truth() -> Factors {
    let mut weights = [0.0; BINS];
    weights[..45].copy_from_slice(&ProfileParts::straight(0.0077, 0.0033));
    weights[46..91].copy_from_slice(&ProfileParts::straight(0.0100, 0.0027));
    weights[STOPPAGE[0]] = 0.017;
    weights[STOPPAGE[1]] = 0.055;
    let all: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= all);
    Factors { weights, phi: [1.10, 1.05, 1.0, 0.92, 0.85], kappa_own: 0.6, kappa_opp: 1.5 }
}

/// Plays a match of these rates, goal by goal.
fn played(factors: &Factors, rates: [f64; 2], dice: &mut Dice) -> Story {
    let mut incidents = Vec::new();
    let (mut lead, mut reds) = (0_i32, [0_usize; 2]);
    for bin in 0..BINS {
        let (half, place) = (bin / 46, (bin % 46) as f64);
        let length = if bin == STOPPAGE[half] { STOPPAGE_MINUTES[half] } else { 1.0 };
        let mut passed = 0.0;
        loop {
            let rate = |side: usize| {
                let own_lead = if side == 0 { lead } else { -lead };
                let lead = usize::try_from(own_lead.clamp(-2, 2) + 2).unwrap();
                let of = Circumstance { bin, lead, own_reds: reds[side].min(4), opponent_reds: reds[1 - side].min(4) };
                rates[side] * factors.of(of)
            };
            let each = [rate(0), rate(1), REDS_PER_BIN, REDS_PER_BIN];
            passed += -libm::log(1.0 - dice.share()) / each.iter().sum::<f64>();
            if passed >= 1.0 {
                break;
            }
            let mut drawn = dice.share() * each.iter().sum::<f64>();
            let which = each.iter().position(|rate| {
                drawn -= rate;
                drawn < 0.0
            });
            let which = which.unwrap_or(0);
            let side = if which % 2 == 0 { Side::Home } else { Side::Away };
            let what = if which < 2 { What::Goal(side) } else { What::Red(side) };
            match which {
                0 => lead += 1,
                1 => lead -= 1,
                card => reds[card - 2] += 1,
            }
            incidents.push(Incident { half, minute: place + passed * length, what });
        }
    }
    Story::new(incidents)
}

/// Within three standard errors, which are small enough to say something.
fn found(what: &str, one: Estimate, truth: f64, error_max: f64) {
    let Estimate { value, error } = one;
    assert!(error > 0.0 && error < error_max, "{what}: s.e. {error}");
    assert!((value - truth).abs() < 3.0 * error, "{what}: {value} +- {error}, truly {truth}");
}

fn joined(number: usize, sides: [&str; 2], story: Story, odds: Option<MatchOdds>) -> JoinedMatch {
    JoinedMatch {
        title: format!("{number}"),
        date: Date::new(2020, 2, 1).unwrap(),
        season: 0,
        sides: sides.map(str::to_owned),
        story,
        odds,
        bookings: Vec::new(),
        corners: None,
    }
}

#[test]
fn every_bin_passes_whole_whatever_happens_in_it() {
    let goal = |half, minute, side| Incident { half, minute, what: What::Goal(side) };
    let red = Incident { half: 0, minute: 30.5, what: What::Red(Side::Home) };
    let story = Story::new(vec![
        goal(0, 10.25, Side::Home),
        goal(0, 10.5, Side::Home),
        red,
        goal(0, 47.0, Side::Away),
        goal(1, 44.5, Side::Away),
    ]);
    let mut shares = BTreeMap::new();
    let mut goals = Vec::new();
    walk(&story, STOPPAGE_MINUTES, |step| match step {
        Step::Passes { sides, share } => {
            assert_eq!(sides[0].lead + sides[1].lead, 4);
            assert_eq!((sides[0].own_reds, sides[0].opponent_reds), (sides[1].opponent_reds, sides[1].own_reds));
            *shares.entry(sides[0].bin).or_insert(0.0) += share;
        }
        Step::Goal { side, circumstance: Circumstance { bin, lead, own_reds, opponent_reds } } => {
            goals.push((side, bin, lead, own_reds, opponent_reds));
        }
    });
    assert_eq!(shares.len(), BINS);
    assert!(shares.values().all(|share: &f64| (share - 1.0).abs() < 1e-12), "{shares:?}");
    assert_eq!(goals, [(0, 10, 2, 0, 0), (0, 10, 3, 0, 0), (1, 45, 0, 0, 1), (1, 90, 1, 0, 1)]);
}

#[test]
fn known_rates_give_back_every_parameter() {
    let (truth, mut dice) = (truth(), Dice::new(5, "fit"));
    let mut exposure = Exposure::new();
    for _ in 0..6_000 {
        let rates = [0.7 + 1.6 * dice.share(), 0.5 + 1.4 * dice.share()];
        exposure.add(&played(&truth, rates, &mut dice), rates, STOPPAGE_MINUTES);
    }
    let fitted = fit(&exposure, Shape::Straight).unwrap();
    let scale = truth.weights[STOPPAGE[1]] / 0.055;
    let profile = [0.0077, 0.0033, 0.017, 0.0100, 0.0027, 0.055].map(|value| value * scale);
    for (place, value) in profile.into_iter().enumerate() {
        found(&format!("profile {place}"), fitted.profile[place], value, 0.003);
    }
    for (place, phi) in [1.10, 1.05, 0.92, 0.85].into_iter().enumerate() {
        found(&format!("phi {place}"), fitted.phi[place], phi, 0.05);
    }
    found("own", fitted.kappa_own, 0.6, 0.04);
    found("opponent", fitted.kappa_opp, 1.5, 0.06);
    found("level", fitted.level, 1.0, 0.02);
    let shares: f64 = fitted.factors().weights.iter().sum();
    assert!((shares - 1.0).abs() < 1e-12, "{shares}");
    // Minute by minute: no minute is far off, and most are near.
    let minutes = fit(&exposure, Shape::ByMinute).unwrap();
    let off = |bin: usize| (minutes.profile[bin].value - truth.weights[bin]).abs() / minutes.profile[bin].error;
    assert!((0..BINS).all(|bin| off(bin) < 4.5));
    let near = (0..BINS).filter(|bin| off(*bin) < 1.0).count();
    assert!((48..=78).contains(&near), "{near} of 92 within one standard error");
}

#[test]
fn without_odds_the_sides_of_a_season_tell_their_rates() {
    let (truth, mut dice) = (truth(), Dice::new(3, "league"));
    let teams: Vec<(String, f64, f64)> =
        (0..20).map(|n| (format!("t{n}"), 0.6 + 0.8 * dice.share(), 0.7 + 0.6 * dice.share())).collect();
    let mut matches = Vec::new();
    for season in 0..8 {
        for (home, attack, defence) in &teams {
            for (away, other_attack, other_defence) in teams.iter().filter(|other| other.0 != *home) {
                let rates = [1.5 * attack * other_defence, 1.2 * other_attack * defence];
                let story = played(&truth, rates, &mut dice);
                matches.push(JoinedMatch { season, ..joined(matches.len(), [home, away], story, None) });
            }
        }
    }
    let learnt = learn(&matches, &Model::built_in(), Shape::Straight).unwrap();
    assert_eq!((learnt.source, learnt.matches, learnt.rho), (RateSource::Strengths, 8 * 380, None));
    for (place, phi) in [1.10, 1.05, 0.92, 0.85].into_iter().enumerate() {
        found(&format!("phi {place}"), learnt.fitted.phi[place], phi, 0.06);
    }
    found("own", learnt.fitted.kappa_own, 0.6, 0.05);
    found("opponent", learnt.fitted.kappa_opp, 1.5, 0.08);
    let goals: u32 = matches.iter().map(|one| one.story.final_score()).map(|[h, a]| u32::from(h) + u32::from(a)).sum();
    assert_eq!(learnt.goals, goals);
    assert_eq!(learnt.goals_by_half.iter().flatten().sum::<u32>(), goals);
    written_and_read_again(&learnt);
}

/// What is written is a model, with the same values to the digits that are written.
fn written_and_read_again(learnt: &Learnt) {
    let base = Model::built_in();
    let day = Date::new(2020, 2, 1).unwrap();
    let files = ["a \"b\" \u{7}.json".to_owned()];
    let from = Provenance { name: "made_up", days: (day, day), incidents: &files, odds: &[], base: &base };
    let text = model_file(learnt, &from);
    let model = Model::read(&text, "made_up.toml").unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!((model.name.as_str(), model.rho), ("made_up", base.rho));
    let phi = model.phi.map(|phi| phi.to_f64());
    for (one, other) in phi.iter().zip(learnt.fitted.factors().phi) {
        assert!((one - other).abs() < 6e-5, "{phi:?}");
    }
    assert!((model.profile.first_half() - learnt.fitted.factors().weights[..46].iter().sum::<f64>()).abs() < 1e-4);
    assert_eq!(model.profile.expected_stoppage_minutes(), base.profile.expected_stoppage_minutes());
    assert_eq!(model_file(learnt, &from), text);
    assert!(table(learnt, &base).contains("kappa, own red card"));
    // No corners or cards were made up: those of the model that it began with stay, and it says so.
    assert_eq!((&model.rules().corners, &model.rules().cards), (&base.rules().corners, &base.rules().cards));
    assert!(
        text.contains("[corners]                  # not learnt, as model measured_v1 has them: 0 matches with"),
        "{text}"
    );
    assert!(table(learnt, &base).contains("cards are not learnt, those of the model stay: 0 matches"));
    let estimate = |value| Estimate { value, error: 0.01 };
    let corners = CountsLearnt {
        matches: 300,
        mean: estimate(9.5),
        shape: Estimate { value: 1e6, error: f64::NAN },
        spread: 0.98,
        home_share: estimate(0.53),
        theta: Some(estimate(11.0)),
        when: None,
    };
    let cards =
        CountsLearnt { shape: estimate(9.0), theta: None, when: Some([[estimate(0.05); 10]; 2]), ..corners.clone() };
    let counts = BothLearnt { corners: Ok(corners), cards: Ok(cards) };
    let with_counts = Learnt { counts, ..learnt.clone() };
    let text = model_file(&with_counts, &from);
    let rules = Model::read(&text, "made_up.toml").unwrap_or_else(|error| panic!("{error}\n{text}")).rules().clone();
    let whole = |value| Billionths::from_f64(value);
    let of = |rules: &CountRules| [Some(rules.mean), Some(rules.shape), Some(rules.home_share), rules.theta];
    assert_eq!(of(&rules.corners), [whole(9.5), whole(1e6), whole(0.53), whole(11.0)]);
    assert_eq!(of(&rules.cards), [whole(9.5), whole(9.0), whole(0.53), None]);
    assert_eq!(rules.corners.first_half, base.rules().corners.first_half);
    assert_eq!(Some(rules.cards.second_half.five_minutes[8]), whole(0.05));
    let shown = table(&with_counts, &base);
    assert!(shown.contains("corners, theta") && shown.contains("when corners come is not in these files"), "{shown}");
}

#[test]
fn a_profile_by_minute_is_written_as_a_list() {
    let (truth, mut dice) = (truth(), Dice::new(9, "list"));
    let teams = ["a", "b", "c", "d"];
    let matches: Vec<JoinedMatch> = (0..2_000)
        .map(|n| joined(n, [teams[n % 4], teams[(n + 1 + n / 4 % 3) % 4]], played(&truth, [1.6, 1.2], &mut dice), None))
        .collect();
    let learnt = learn(&matches, &Model::built_in(), Shape::ByMinute).unwrap();
    written_and_read_again(&learnt);
}

#[test]
fn too_little_to_learn_from_is_said() {
    let story = Story::new(vec![Incident { half: 0, minute: 3.5, what: What::Goal(Side::Home) }]);
    let error = learn(&[joined(0, ["a", "b"], story, None)], &Model::built_in(), Shape::Straight).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("0 goals after a red card") && error.contains("give more seasons"), "{error}");
}

#[test]
fn the_final_scores_tell_rho() {
    let (mut engine, mut dice) = (Engine::new(), Dice::new(4, "rho"));
    let truly = Rates { rho: -0.15, ..Model::built_in().rates() };
    let line = QuarterLine::from_quarters(10);
    let matches: Vec<JoinedMatch> = (0..250)
        .map(|number| {
            let rates = Rates { home_rate: 0.8 + 0.8 * dice.share(), away_rate: 0.6 + 0.8 * dice.share(), ..truly };
            let law = engine.law_over(&rates, &State::PRE_MATCH, 1.0).unwrap();
            let mut left = dice.share();
            let (home, away, _) = law
                .cells()
                .find(|(_, _, probability)| {
                    left -= probability;
                    left < 0.0
                })
                .unwrap();
            let goals = |side, count: u32| (0..count).map(move |n| (f64::from(n), What::Goal(side)));
            let incidents = goals(Side::Home, home).chain(goals(Side::Away, away));
            let mut incidents: Vec<Incident> =
                incidents.map(|(minute, what)| Incident { half: 0, minute, what }).collect();
            incidents.sort_by(|one, other| one.minute.total_cmp(&other.minute));
            let odds = |method, fair: &[f64]| -> Vec<DecimalOdds> {
                let mut offered = Vec::new();
                apply_margin(method, fair, 1, 1.02, &mut offered).unwrap();
                offered.iter().map(|q| DecimalOdds::from_thousandths((1_000.0 / q) as u32).unwrap()).collect()
            };
            let result = odds(MarginMethod::Shin, &law.match_result());
            let total = odds(MarginMethod::Multiplicative, &law.total(line).fair_probabilities().unwrap());
            let odds = MatchOdds {
                result: [result[0], result[1], result[2]],
                is_closing: true,
                total: Some((line, [total[0], total[1]])),
                columns: ("", Some("")),
                score: None,
            };
            joined(number, ["a", "b"], Story::new(incidents), Some(odds))
        })
        .collect();
    let (rho, count) = low_scores::fit(&matches, &Model::built_in().rates()).unwrap();
    assert_eq!(count, 250);
    found("rho", rho, -0.15, 0.11);
}
