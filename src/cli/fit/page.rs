//! What was learnt, as a model file and as a table for a person.

use std::fmt::Write;

use crate::event::CountRules;
use crate::runtime::pipeline::Model;
use crate::values::{Billionths, Date};

use super::counts::CountsLearnt;
use super::learn::Learnt;
use super::regression::{Estimate, Shape};

/// Where the numbers come from.
pub(super) struct Provenance<'a> {
    /// The model's name.
    pub(super) name: &'a str,
    /// First and last day of the matches.
    pub(super) days: (Date, Date),
    /// The incident files.
    pub(super) incidents: &'a [String],
    /// The odds files.
    pub(super) odds: &'a [String],
    /// What could not be learnt is this one's.
    pub(super) base: &'a Model,
}

/// The model file's text. Values have as many digits as say something: the same data give the same file.
pub(super) fn model_file(learnt: &Learnt, from: &Provenance<'_>) -> String {
    let mut text = format!(
        "# Learnt by `touchline fit`; the keys are told in pipelines/soccer-live/model/measured_v1.toml. What has no\n\
         # standard_error was not learnt but taken from model {}.\n\n\
         name = {:?}\n\n\
         [measured_on]\nmatches = {}\ngoals = {}\nfirst_day = \"{}\"\nlast_day = \"{}\"\nrates = {:?}\n",
        from.base.name,
        from.name,
        learnt.matches,
        learnt.goals,
        from.days.0,
        from.days.1,
        learnt.source.name()
    );
    // Goals that came for each that rates and multipliers expect: no part of the model, but a sign of sound rates.
    let mut add = |part: String| text.push_str(&part);
    add(format!("level = {}\n", measured(learnt.fitted.level, 4, Some(learnt.goals))));
    add(list("incidents", from.incidents));
    add(list("odds", from.odds));
    for (half, minutes) in from.base.profile.expected_stoppage_minutes().into_iter().enumerate() {
        add(half_part(learnt, half, minutes));
    }
    let [first, second] = from.base.profile.extra_time();
    add(format!(
        "\n[profile.extra_time]                  # not in these files: as model {} has it\nfirst_half = {{ value = {first:?} }}\nsecond_half = {{ value = {second:?} }}\n",
        from.base.name
    ));
    let home = from.base.rules().shoot_out_home.to_f64();
    add(format!("\n[shoot_out]                           # likewise\nhome = {{ value = {home:?} }}\n"));
    add("\n[score_effect]\n".to_owned());
    let leads = ["two_or_more_behind", "one_behind", "one_ahead", "two_or_more_ahead"];
    for ((name, phi), goals) in leads.iter().zip(learnt.fitted.phi).zip(learnt.goals_by_lead) {
        add(format!("{name} = {}\n", measured(phi, 4, Some(goals))));
    }
    let [own, opponent] = learnt.goals_after_red;
    add(format!("\n[red_card]\nown = {}\n", measured(learnt.fitted.kappa_own, 4, Some(own))));
    add(format!("opponent = {}\n", measured(learnt.fitted.kappa_opp, 4, Some(opponent))));
    add("\n[low_scores]\n".to_owned());
    match learnt.rho {
        Some((rho, matches)) => {
            add(format!("rho = {}          # from {matches} final scores\n", measured(rho, 4, None)));
        }
        None => add(format!("rho = {{ value = {:?} }}\n", from.base.rho.to_f64())),
    }
    add(counts_part("corners", &learnt.counts.corners, &from.base.rules().corners, &from.base.name));
    add(counts_part("cards", &learnt.counts.cards, &from.base.rules().cards, &from.base.name));
    text
}

/// Corners or cards: what was learnt, and what was not as it was, with the reason.
fn counts_part(name: &str, learnt: &Result<CountsLearnt, String>, base: &CountRules, model: &str) -> String {
    let given = |value: Billionths| format!("{{ value = {:?} }}", value.to_f64());
    let mut text = format!("\n[{name}]");
    match learnt {
        Ok(learnt) => {
            let CountsLearnt { matches, mean, shape, home_share, theta, when, spread } = learnt;
            text.push_str(&format!("                  # variance over mean {spread:.2}\nmatches = {matches}\n"));
            if when.is_some() {
                text.push_str(&format!("matches_of_spread = {matches}\n"));
            }
            text.push_str(&format!("mean = {}\n", measured(*mean, 4, None)));
            if shape.error.is_finite() {
                text.push_str(&format!("shape = {}\n", measured(*shape, 2, None)));
            } else {
                let why = "at its bound: no standard error";
                text.push_str(&format!("shape = {{ value = {:?} }}       # {why}\n", shape.value));
            }
            text.push_str(&format!("home_share = {}\n", measured(*home_share, 4, None)));
            if let Some(theta) = theta {
                text.push_str(&format!("theta = {}\n", measured(*theta, 2, None)));
            }
        }
        Err(why) => {
            text.push_str(&format!("                  # not learnt, as model {model} has them: {why}\n"));
            let CountRules { mean, shape, home_share, theta, first_half: _, second_half: _ } = base;
            let numbers = [("mean", Some(mean)), ("shape", Some(shape)), ("home_share", Some(home_share))];
            for (key, value) in numbers.into_iter().chain([("theta", theta.as_ref())]) {
                text.extend(value.map(|value| format!("{key} = {}\n", given(*value))));
            }
        }
    }
    let when = learnt.as_ref().ok().and_then(|learnt| learnt.when.as_ref());
    for (half, (part, of_base)) in
        [("first_half", &base.first_half), ("second_half", &base.second_half)].iter().enumerate()
    {
        match when {
            Some(when) => {
                let (five_minutes, stoppage) = (&when[half][..9], when[half][9]);
                let list = |pick: fn(&Estimate) -> f64| {
                    five_minutes.iter().map(|one| format!("{:.5}", pick(one))).collect::<Vec<_>>().join(", ")
                };
                text.push_str(&format!("\n[{name}.{part}]\nfive_minutes = [{}]\n", list(|one| one.value)));
                text.push_str(&format!("five_minutes_standard_error = [{}]\n", list(|one| one.error)));
                text.push_str(&format!("stoppage = {}\n", measured(stoppage, 5, None)));
            }
            None => {
                let why = format!("when they come is not in these files: as model {model} has it");
                let list = of_base.five_minutes.map(|share| format!("{:?}", share.to_f64())).join(", ");
                text.push_str(&format!("\n[{name}.{part}]                  # {why}\nfive_minutes = [{list}]\n"));
                text.push_str(&format!("stoppage = {}\n", given(of_base.stoppage)));
            }
        }
    }
    text
}

fn half_part(learnt: &Learnt, half: usize, expected_stoppage: f64) -> String {
    let name = ["first_half", "second_half"][half];
    let [regular, in_stoppage] = learnt.goals_by_half[half];
    let mut text = format!("\n[profile.{name}]\n");
    let profile = &learnt.fitted.profile;
    let stoppage = match learnt.fitted.shape {
        Shape::Straight => {
            let [start, rise, stoppage] = [0, 1, 2].map(|place| profile[half * 3 + place]);
            let _infallible = writeln!(text, "start = {}", measured(start, 6, Some(regular)));
            let _infallible = writeln!(text, "rise = {}", measured(rise, 6, Some(regular)));
            stoppage
        }
        Shape::ByMinute => {
            let minutes = &profile[half * 46..half * 46 + 45];
            let numbers = |pick: fn(&Estimate) -> f64| {
                let rows = minutes.chunks(9).map(|row| {
                    let row: Vec<String> = row.iter().map(|one| format!("{:.6}", pick(one))).collect();
                    format!("    {},\n", row.join(", "))
                });
                rows.collect::<String>()
            };
            let _infallible = writeln!(text, "minutes = [                  # {regular} goals");
            let _infallible = writeln!(text, "{}]", numbers(|one| one.value));
            let _infallible = writeln!(text, "minutes_standard_error = [");
            let _infallible = writeln!(text, "{}]", numbers(|one| one.error));
            profile[half * 46 + 45]
        }
    };
    let _infallible = writeln!(text, "stoppage = {}", measured(stoppage, 6, Some(in_stoppage)));
    let why = "how long stoppage is does not follow from incidents: taken over";
    let _infallible = writeln!(text, "expected_stoppage_minutes = {expected_stoppage:?}      # {why}");
    text
}

fn measured(estimate: Estimate, digits: usize, goals: Option<u32>) -> String {
    let goals = goals.map_or_else(String::new, |goals| format!(", goals = {goals}"));
    format!("{{ value = {:.digits$}, standard_error = {:.digits$}{goals} }}", estimate.value, estimate.error)
}

fn list(key: &str, names: &[String]) -> String {
    if names.is_empty() {
        return format!("{key} = []\n");
    }
    // A name may hold anything; Rust's escapes are not TOML's.
    let quoted = names.iter().map(|name| format!("    {},\n", toml::Value::String(name.clone())));
    format!("{key} = [\n{}]\n", quoted.collect::<String>())
}

/// Rows of corners or cards.
fn counts_table(text: &mut String, name: &str, learnt: &Result<CountsLearnt, String>, base: &CountRules) {
    let CountsLearnt { matches, mean, shape, home_share, theta, when, spread } = match learnt {
        Ok(learnt) => learnt,
        Err(why) => {
            text.push_str(&format!("{name} are not learnt, those of the model stay: {why}\n"));
            return;
        }
    };
    let mut row = |what: &str, one: &Estimate, before: Option<Billionths>| {
        let before = before.map_or_else(String::new, |before| format!("{:.6}", before.to_f64()));
        let label = format!("{name}, {what}");
        let _infallible = writeln!(text, "{label:<34}{:>10.6}{:>10.6}{:>9}{before:>14}", one.value, one.error, "");
    };
    row(&format!("mean of {matches} matches"), mean, Some(base.mean));
    row("shape", shape, Some(base.shape));
    row("variance over mean", &Estimate { value: *spread, error: f64::NAN }, None);
    row("home's share", home_share, Some(base.home_share));
    if let Some(theta) = theta {
        row("theta", theta, base.theta);
    }
    match when {
        Some(when) => {
            let total = when[0].iter().map(|one| one.value).sum();
            let of_base = base.first_half.five_minutes.iter().chain([&base.first_half.stoppage]);
            let before = of_base.fold(Billionths::ZERO, |sum, share| Billionths::from_raw(sum.raw() + share.raw()));
            row("share of the first half", &Estimate { value: total, error: f64::NAN }, Some(before));
            row("share of the last stoppage", &when[1][9], Some(base.second_half.stoppage));
        }
        None => text.push_str(&format!("when {name} come is not in these files: the model's spread stays\n")),
    }
}

/// The same for a person, beside the model from which it started.
pub(super) fn table(learnt: &Learnt, base: &Model) -> String {
    let mut text = format!(
        "{} matches, {} goals; rates from {}; goals for each expected: {:.4} +- {:.4}\n\n{:<34}{:>10}{:>10}{:>9}{:>14}\n",
        learnt.matches,
        learnt.goals,
        learnt.source.name(),
        learnt.fitted.level.value,
        learnt.fitted.level.error,
        "",
        "value",
        "s.e.",
        "goals",
        base.name
    );
    let mut row = |what: &str, one: Estimate, count: Option<u32>, before: Option<f64>| {
        let count = count.map_or_else(String::new, |count| count.to_string());
        let before = before.map_or_else(String::new, |before| format!("{before:.6}"));
        let _infallible = writeln!(text, "{what:<34}{:>10.6}{:>10.6}{count:>9}{before:>14}", one.value, one.error);
    };
    let profile = &learnt.fitted.profile;
    for (half, name) in ["first half", "second half"].into_iter().enumerate() {
        let [regular, in_stoppage] = learnt.goals_by_half[half];
        match learnt.fitted.shape {
            Shape::Straight => {
                row(&format!("{name}: start"), profile[half * 3], Some(regular), None);
                row(&format!("{name}: rise"), profile[half * 3 + 1], Some(regular), None);
                row(&format!("{name}: stoppage"), profile[half * 3 + 2], Some(in_stoppage), None);
            }
            Shape::ByMinute => {
                row(&format!("{name}: stoppage"), profile[half * 46 + 45], Some(in_stoppage), None);
            }
        }
    }
    let total = learnt.fitted.factors().weights[..46].iter().sum();
    row("first half, all of it", Estimate { value: total, error: f64::NAN }, None, Some(base.profile.first_half()));
    let leads = ["phi, two or more behind", "phi, one behind", "phi, one ahead", "phi, two or more ahead"];
    for (place, name) in leads.into_iter().enumerate() {
        let before = base.phi[[0, 1, 3, 4][place]].to_f64();
        row(name, learnt.fitted.phi[place], Some(learnt.goals_by_lead[place]), Some(before));
    }
    let [own, opponent] = learnt.goals_after_red;
    row("kappa, own red card", learnt.fitted.kappa_own, Some(own), Some(base.kappa_own.to_f64()));
    row("kappa, opponent's red card", learnt.fitted.kappa_opp, Some(opponent), Some(base.kappa_opp.to_f64()));
    match learnt.rho {
        Some((rho, matches)) => {
            row(&format!("rho, of {matches} final scores"), rho, None, Some(base.rho.to_f64()));
        }
        None => text.push_str(&format!("rho is not learnt without odds: {} stays\n", base.rho)),
    }
    let rules = base.rules();
    counts_table(&mut text, "corners", &learnt.counts.corners, &rules.corners);
    counts_table(&mut text, "cards", &learnt.counts.cards, &rules.cards);
    text.replace("       NaN", "          ")
}
