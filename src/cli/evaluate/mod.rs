//! `touchline evaluate`: how good the prices of past matches would have been, beside the closing odds and a naive model.
//!
//! ```text
//! incident files -> story --+
//! odds files ---------------+-> matches -> forecast -> judge -> report, plot, bar
//! model file ---------------------------------^        (scores)
//! ```

mod bar;
mod counts;
mod forecast;
mod judge;
mod matches;
mod plot;
mod report;
mod scores;
mod story;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use crate::cli::replay::Dice;
use crate::runtime::pipeline::Model;

pub(in crate::cli) use forecast::{Fair, fair, rho_source};
pub(in crate::cli) use matches::{JoinedMatch, MatchArguments, join};
#[cfg(test)]
pub(in crate::cli) use story::Incident;
pub(in crate::cli) use story::{Booking, Story, What};

use forecast::{Forecaster, Way};
use judge::judge;

/// What `touchline evaluate --help` ends with.
pub const EXAMPLES: &str = "\
Examples:
  touchline evaluate --incidents england_premier-league-2018-2019.json.gz --odds E0_1819.csv.gz --no-bar
        one league and season
  touchline evaluate --incidents data/incidents --only 2018-2019 2019-2020 --odds data/football-data-co-uk \\
      --ablation --csv quality.csv --plot calibration.svg
        folders: every season of these two years whose odds are there, with what each part of the model adds
  touchline evaluate --incidents data/incidents --only bundesliga-2019 --odds data/football-data-co-uk \\
      --model pipelines/soccer-live/model/measured_v1.toml --no-bar
        with parameters that `touchline fit` wrote; they must come from earlier seasons than the test

A match is forecast at minutes 0, 15, 30, half-time, 60, 75 and 85 from its odds, the score and the red cards.
Lower is better, but for the bias, which should be near 0. Corners (of the odds files) and cards are totals of the match,
beside Poisson numbers of the model's mean. Matches are joined to odds by the names of the teams and the
day, never by result; whoever is not found is listed with the likeliest names, to be put into --teams FILE. A match
that ended otherwise in the odds file is left out, and one that stands in the incident files twice is counted once.
Odds are the first complete of PSC, PS, AvgC, Avg, BbAv, B365C, B365 for 1X2 and of PC, P, AvgC, Avg, BbAv, B365C,
B365 for over and under 2.5; the output says which were used. Files with HomeTeam, AwayTeam and with Home, Away are
read alike. Without over and under the goals to expect come from 1X2 alone, with the model's rho; rho is solved per
match only from closing odds with a total.
Exit code 1: a line of the bar says FAIL. The bar is of the five big leagues of 2018/19 and 2019/20; the limit of the
log-loss means nothing elsewhere, so say --no-bar there.";

/// Arguments of `touchline evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateArguments {
    #[command(flatten)]
    matches: MatchArguments,
    /// Odds of football-data.co.uk, .csv[.gz], or folders of them.
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    odds: Vec<PathBuf>,
    /// Profile and multipliers from a file that `touchline fit` wrote, instead of the built-in ones.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Also the steps between the naive and the full model, one part at a time.
    #[arg(long)]
    ablation: bool,
    /// Write every number of the tables: one line a model and minute.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Draw the calibration in play.
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// Only measure, do not judge: for other matches than the bar was made for.
    #[arg(long)]
    no_bar: bool,
    /// How often matches are drawn again for the intervals.
    #[arg(long, value_name = "TIMES", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    resamples: u32,
    /// The dice of the intervals: the same seed gives the same text.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

/// Runs the evaluation; exit code 1 if the bar is missed.
pub fn main(arguments: &EvaluateArguments) -> anyhow::Result<ExitCode> {
    let model = model_of(arguments.model.as_deref())?;
    let joined = join(&arguments.matches, &arguments.odds, false)?;
    print!("{}", joined.tell_left_out(arguments.matches.list_all));
    let ways = if arguments.ablation { Way::ALL.to_vec() } else { Way::MAIN.to_vec() };
    let mut forecaster = Forecaster::new(model);
    let trial = judge(&joined.matches, &mut forecaster, &ways);
    for refused in &trial.refused {
        println!("left out: {refused}");
    }
    let Some((first, last)) = joined.days().filter(|_| trial.matches > 0) else {
        bail!("no match has both incidents and odds: are they the odds of these leagues and seasons?");
    };
    let left_out = joined.left_out.len() + trial.refused.len();
    let name = &forecaster.model().name;
    let what = format!("{} matches of {first} to {last}, model {name}", trial.matches);
    println!("{what}; {} lines of matches left out", left_out);
    println!("{}", report::odds_used(&trial, forecaster.model().rates().rho));
    let resamples = usize::try_from(arguments.resamples).context("so many resamples")?;
    print!("{}", report::tables(&trial, resamples, &mut Dice::new(arguments.seed, "resamples")));
    print!("{}", counts::tables(&joined.matches, forecaster.model()));
    if let Some(path) = &arguments.csv {
        write(path, &report::csv(&trial))?;
    }
    if let Some(path) = &arguments.plot {
        write(path, &plot::calibration(&trial, &format!("{what}; minutes 15 to 85")))?;
    }
    if arguments.no_bar {
        return Ok(ExitCode::SUCCESS);
    }
    let requirements = bar::requirements(&trial, &mut Dice::new(arguments.seed, "perfect"));
    println!("the bar");
    requirements.iter().for_each(|one| println!("{}", one.line()));
    let is_met = requirements.iter().all(|one| one.is_met);
    Ok(if is_met { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The model of that file, or the built-in one.
pub(in crate::cli) fn model_of(path: Option<&Path>) -> anyhow::Result<Model> {
    let Some(path) = path else { return Ok(Model::built_in()) };
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the model file {shown}"))?;
    Ok(Model::read(&text, &shown)?)
}

/// Writes a whole file.
pub(in crate::cli) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
