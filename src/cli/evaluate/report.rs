//! The tables that a person reads, and the one that a program does.

use std::fmt::Write;

use crate::cli::replay::Dice;

use super::forecast::Way;
use super::judge::{Summary, SummaryMore, Trial};
use super::story::Checkpoint;

/// Checkpoints in play: all but the first.
const IN_PLAY: std::ops::Range<usize> = 1..7;
/// All of them.
const ALL: std::ops::Range<usize> = 0..7;

/// The tables, as text.
pub(super) fn tables(trial: &Trial, resamples: usize, dice: &mut Dice) -> String {
    let mut text = String::new();
    let mut add = |part: String| {
        text.push_str(&part);
        text.push('\n');
    };
    add(by_minute(trial, "log-loss of the result, by minute", |one| Some(one.log_loss), Means::AndOtherScores));
    add(by_minute(trial, "ranked probability score", |one| Some(one.ranked_probability), Means::Plain));
    add(by_minute(trial, "Brier score", |one| Some(one.brier), Means::Plain));
    add(by_minute(
        trial,
        "calibration error (10 bins, classes pooled)",
        |one| Some(one.calibration_error),
        Means::Plain,
    ));
    let more = |pick: fn(&SummaryMore) -> f64| move |one: &Summary| one.more.as_ref().map(pick);
    add(by_minute(trial, "log-loss of the next goal (home, away, none)", more(|one| one.next_goal), Means::Plain));
    add(by_minute(trial, "log-loss of over and under 2.5", more(|one| one.over), Means::Plain));
    add(by_minute(trial, "log-loss of the correct score", more(|one| one.final_score), Means::Plain));
    add(by_minute(trial, "goals to come, forecast less came", more(|one| one.remaining_bias.0), Means::Plain));
    add(after_red(trial));
    add(differences(trial, resamples, dice));
    text
}

/// What stands in the columns after the minutes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Means {
    /// The mean over all checkpoints and over those in play.
    Plain,
    /// The same, and the means of the other scores of the result.
    AndOtherScores,
}

fn by_minute(trial: &Trial, title: &str, pick: impl Fn(&Summary) -> Option<f64>, means: Means) -> String {
    let mut text = format!("{title}\n{:<28}", "");
    for checkpoint in Checkpoint::ALL {
        let _infallible = write!(text, "{:>9}", checkpoint.name());
    }
    text.push_str("     mean  in play");
    if means == Means::AndOtherScores {
        text.push_str("      RPS    Brier      ECE");
    }
    text.push('\n');
    for way in trial.ways() {
        let cells: Vec<Summary> = ALL.map(|place| trial.at(way, place)).collect();
        let values: Vec<f64> = cells.iter().filter_map(&pick).collect();
        if values.len() < cells.len() {
            continue;
        }
        let mean_of = |range: std::ops::Range<usize>| {
            let count = range.len() as f64;
            values[range].iter().sum::<f64>() / count
        };
        let mut line = values.clone();
        line.extend([mean_of(ALL), mean_of(IN_PLAY)]);
        if means == Means::AndOtherScores {
            let mean = |pick: fn(&Summary) -> f64| cells.iter().map(pick).sum::<f64>() / cells.len() as f64;
            line.extend([mean(|one| one.ranked_probability), mean(|one| one.brier), mean(|one| one.calibration_error)]);
        }
        let _infallible = write!(text, "{:<28}", way.name());
        for value in line {
            let _infallible = write!(text, "{value:>9.5}");
        }
        text.push('\n');
    }
    text
}

fn after_red(trial: &Trial) -> String {
    let mut text = String::from("log-loss of the result in states after a red card\n");
    for way in trial.ways() {
        let one = trial.after_red(way);
        let _infallible = writeln!(text, "{:<28}{:>9.5}   n = {}", way.name(), one.log_loss, one.count);
    }
    text
}

fn differences(trial: &Trial, resamples: usize, dice: &mut Dice) -> String {
    let mut text = format!("paired differences of log-loss, resampled by match {resamples} times\n");
    text.push_str(&format!("{:<52}{:>10}{:>22}\n", "", "mean", "95 % interval"));
    let mut pairs = vec![(Way::Full, Way::Naive), (Way::Full, Way::Frozen)];
    let ablation = Way::ALL.windows(2).skip(1).map(|pair| (pair[1], pair[0]));
    pairs.extend(
        ablation.filter(|(one, other)| trial.ways().any(|way| way == *one) && trial.ways().any(|way| way == *other)),
    );
    for pair in pairs {
        for (range, when) in [(IN_PLAY, "15-85"), (ALL, "0-85")] {
            let one = trial.difference(pair, range, (resamples, &mut *dice));
            let who = format!("{} less {}", pair.0.name(), pair.1.name());
            let _infallible = writeln!(
                text,
                "{:<52}{:>10.5}   [{:+.5}, {:+.5}]   minutes {when}",
                who.replace("closing odds ", ""),
                one.mean,
                one.low,
                one.high
            );
        }
    }
    text
}

/// One line a way and checkpoint, `all` and `in_play` for the means, with every score. The header is the first line.
pub(super) fn csv(trial: &Trial) -> String {
    let mut text = String::from(
        "way,minute,forecasts,log_loss,ranked_probability,brier,calibration_error,next_goal_log_loss,\
         over_2_5_log_loss,correct_score_log_loss,remaining_goals_bias,remaining_goals_bias_standard_error\n",
    );
    for way in trial.ways() {
        let minutes = ALL.map(|place| (Checkpoint::ALL[place].minute.to_string(), trial.at(way, place)));
        let pooled = [("all".to_owned(), trial.over(way, ALL)), ("in_play".to_owned(), trial.over(way, IN_PLAY))];
        let red = [("after_red".to_owned(), trial.after_red(way))];
        for (when, one) in minutes.chain(pooled).chain(red) {
            let _infallible = write!(
                text,
                "{},{when},{},{:.9},{:.9},{:.9},{:.9}",
                way.code(),
                one.count,
                one.log_loss,
                one.ranked_probability,
                one.brier,
                one.calibration_error
            );
            match one.more {
                Some(more) => {
                    let (bias, error) = more.remaining_bias;
                    let _infallible = writeln!(
                        text,
                        ",{:.9},{:.9},{:.9},{bias:.9},{error:.9}",
                        more.next_goal, more.over, more.final_score
                    );
                }
                None => text.push_str(",,,,,\n"),
            }
        }
    }
    text
}
