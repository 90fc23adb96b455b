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

/// Which odds went in, and where ρ came from; `rho` is the model's own.
pub(super) fn odds_used(trial: &Trial, rho: f64) -> String {
    let mut text = String::new();
    for ((result, is_closing, total), count) in &trial.columns {
        let kind = if *is_closing { "closing" } else { "not closing" };
        let total = total.map_or("no total".to_owned(), |start| format!("{start}>2.5 {start}<2.5"));
        let _infallible = writeln!(text, "odds of {count} matches: {result}H {result}D {result}A ({kind}), {total}");
    }
    let without = trial.without_total();
    if without > 0 {
        let _infallible = writeln!(text, "{without} matches priced without a total: goals to expect from 1X2 alone");
    }
    let (mean, deviation) = trial.rho;
    let (solved, held) = (trial.rho_solved, trial.rho_held);
    if solved > 0 {
        let _infallible = writeln!(
            text,
            "rho solved from {solved} closing 1X2: mean {mean:.4}, s.d. {deviation:.4}, {held} held at a bound"
        );
    }
    if solved < trial.matches {
        let others = trial.matches - solved;
        let _infallible =
            writeln!(text, "rho of {others} matches is the model's, {rho:.4}: no closing odds with a total");
    }
    text
}

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
        let _infallible = write!(text, "{:<28}", trial.name(way));
        for value in line {
            let _infallible = write!(text, "{:>9.5}", unsigned_if_nothing(value));
        }
        text.push('\n');
    }
    text
}

fn after_red(trial: &Trial) -> String {
    let mut text = String::from("log-loss of the result in states after a red card\n");
    for way in trial.ways() {
        let one = trial.after_red(way);
        let said = if one.count == 0 { "-".to_owned() } else { format!("{:.5}", one.log_loss) };
        let _infallible = writeln!(text, "{:<28}{said:>9}   n = {}", trial.name(way), one.count);
    }
    text
}

/// What rounds to nothing is nothing, not a little less than nothing.
fn unsigned_if_nothing(value: f64) -> f64 {
    if value.abs() < 5e-6 { 0.0 } else { value }
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
            let short = |way| if way == Way::Frozen { "frozen" } else { trial.name(way) };
            let who = format!("{} less {}", short(pair.0), short(pair.1));
            let [mean, low, high] = [one.mean, one.low, one.high].map(unsigned_if_nothing);
            // One match drawn again is the same match: that says nothing of chance.
            let interval = if trial.matches > 1 { format!("[{low:+.5}, {high:+.5}]") } else { "-".to_owned() };
            let _infallible = writeln!(text, "{who:<52}{mean:>10.5}   {interval:<20}   minutes {when}");
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
            if one.count == 0 {
                let _infallible = writeln!(text, "{},{when},0,,,,,,,,,", way.code());
                continue;
            }
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
