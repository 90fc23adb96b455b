//! `touchline fit`: a season's own profile and multipliers, learnt from who scored when, and its corners and cards.
//!
//! ```text
//! incident files -> matches -> exposure -> regression -> page
//! odds files  ------^     |-> strengths --^    |    \-> low_scores
//!                         |    ^---- learn ----+
//!                         \-> counts: corners and cards
//! ```

mod counts;
mod exposure;
mod learn;
mod low_scores;
mod page;
mod regression;
mod strengths;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use super::evaluate::{MatchArguments, join, model_of, write};
use crate::runtime::pipeline::Model;
use learn::learn;
use page::Provenance;
use regression::Shape;

/// What `touchline fit --help` ends with.
pub const EXAMPLES: &str = "\
Examples:
  touchline fit --incidents data/incidents --only england_premier-league --out model/england.toml
        without odds: how strong the sides are comes from their own goals of the season
  touchline fit --incidents data/incidents --only italien_serie-a-2017 --odds I1_1718.csv.gz --out model/italy_2017.toml
        with odds: the sides' rates, and rho, from the bookmakers; matches without odds are left out
  touchline evaluate --incidents ... --odds ... --model model/england.toml --no-bar
        is it any better? Ask on seasons that it has not seen

The goals of each side in each minute are a Poisson regression on its rate before kick-off, the minute, the score and the
red cards; all values are the most likely ones together, with standard errors from the inverse Fisher information. With a
few seasons of one league these are wide: a value within two standard errors of the built-in one says nothing new.
Cards are learnt from the incidents (how many, how unlike matches are, whose, when), in booking units: yellow 1, red 2. How
many corners, and whose, is in the odds files (HC, AC); when they come is in neither.
What the files cannot tell (the length of stoppage time, extra time, when corners come) is taken over from --model, and the
file says so.";

/// Arguments of `touchline fit`.
#[derive(Debug, Args)]
pub struct FitArguments {
    #[command(flatten)]
    matches: MatchArguments,
    /// Odds of football-data.co.uk, .csv[.gz], or folders of them; only matches with odds are used then.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    odds: Vec<PathBuf>,
    /// Where the model goes.
    #[arg(long, value_name = "FILE.toml")]
    out: PathBuf,
    /// What the model is called; else as the file.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Another model than the built-in one to take over from and to compare with.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// One weight for each minute instead of a straight line in each half: for very many matches.
    #[arg(long)]
    by_minute: bool,
}

/// Learns a model and writes it.
pub fn main(arguments: &FitArguments) -> anyhow::Result<ExitCode> {
    let base = model_of(arguments.model.as_deref())?;
    let stem = arguments.out.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = arguments.name.as_ref().unwrap_or(&stem);
    let joined = join(&arguments.matches, &arguments.odds, arguments.odds.is_empty())?;
    print!("{}", joined.tell_left_out(arguments.matches.list_all));
    let Some(days) = joined.days() else {
        bail!("no match is left: are they the odds of these leagues and seasons?");
    };
    let shape = if arguments.by_minute { Shape::ByMinute } else { Shape::Straight };
    let learnt = learn(&joined.matches, &base, shape)?;
    learnt.refused.iter().for_each(|refused| println!("left out: {refused}"));
    let from =
        Provenance { name, days, incidents: &joined.incident_files_used(), odds: &joined.odds_files, base: &base };
    let text = page::model_file(&learnt, &from);
    let shown = arguments.out.display().to_string();
    Model::read(&text, &shown).context("what was learnt is no model that can be used; nothing is written")?;
    print!("{}", page::table(&learnt, &base));
    write(&arguments.out, &text)?;
    println!("\nwritten to {shown}");
    Ok(ExitCode::SUCCESS)
}
