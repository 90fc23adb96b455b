//! `touchline replay`: what to play, how fast, with what expectation, and what is to go wrong.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use super::choose::{Choice, SourceFormat, choose};
use super::faults::Faults;
use super::odds::OddsTable;
use super::progress::Reporter;
use super::schedule::{Pace, RunPlan};
use super::script::MatchScript;
use super::send::play;
use super::teams::Teams;
use super::timeline::TICK_EVERY;
use crate::cli::PipelineArguments;
use crate::event::Expectation;
use crate::runtime::clock::local_ms;
use crate::values::{Billionths, Date, Millis, ProducerId, Time};

/// Matches of a generated day unless told otherwise.
const GENERATED_MATCHES: u32 = 10;

/// What to try first.
pub const EXAMPLES: &str = "\
Examples:
  One match, sixty times as fast (clock.clock_scale = 60 in the pipeline file):
    touchline replay --source wyscout ../shared/data/wyscout/events/2058017.json.gz --speed 60
  A day of a World Cup, its kick-offs as far apart as they were:
    touchline replay --source wyscout ../shared/data/wyscout --day 2018-06-28 --speed 60
  The last day of a league season with the closing odds of the day, and trouble on the line:
    touchline replay --source incidents ../shared/data/incidents/england_premier-league-2017-2018.json.gz --day 2018-05-13 \\
      --odds ../shared/data/football-data-co-uk/england/E0_1718.csv.gz --speed 60 --faults seed=7,gaps=0.01,corrections=0.3
  Ten matches that never were:
    touchline replay --source generated --seed 1 --matches 10 --speed 90";

/// Arguments of `touchline replay`.
#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// Format of the recording.
    #[arg(long, value_enum)]
    source: SourceFormat,
    /// The recordings: files, played at the same time, or folders of them; none for a generated day.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only the matches of this day (YYYY-MM-DD, UTC), kicking off as far apart as they did. A folder or a season needs
    /// it, unless all its matches are of one day.
    #[arg(long, value_parser = parse_day)]
    day: Option<Date>,
    /// All matches of the day kick off together.
    #[arg(long)]
    together: bool,
    /// Only matches of teams with this in their name; may be given more than once.
    #[arg(long, value_name = "NAME")]
    team: Vec<String>,
    /// The dice of a generated day: the same number makes the same day.
    #[arg(long)]
    seed: Option<u64>,
    /// How many matches a generated day has [default: 10].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=200))]
    matches: Option<u32>,
    /// So many times as fast as it was. Set the pipeline's clock.clock_scale to the same number.
    #[arg(long, default_value = "1", conflicts_with = "at_once")]
    speed: NonZeroU32,
    /// All facts at once, in order. Set the pipeline's clock.clock_scale to 0: there is no clock to check.
    #[arg(long)]
    at_once: bool,
    /// From the fixtures to the first kick-off, seconds.
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    lead: u32,
    /// Expected goals of home and away over the match, for matches without odds.
    #[arg(long, num_args = 2, value_names = ["HOME", "AWAY"], default_values = ["1.5", "1.2"])]
    expectation: Vec<f64>,
    /// Pre-match odds: a table of football-data.co.uk, .csv or .csv.gz; may be given more than once. The row of a match
    /// is the one of its two teams within a day of its date; a result is never looked at. 1X2 is the first complete of
    /// the columns PSCH/D/A (Pinnacle, closing), PSH, AvgCH, AvgH, BbAvH, B365CH, B365H; over and under 2.5 the first of
    /// PC>2.5, P>2.5, AvgC>2.5, Avg>2.5, BbAv>2.5, B365C>2.5, B365>2.5. Trading takes the margin out and solves for the
    /// expected goals.
    #[arg(long, value_name = "FILE")]
    odds: Vec<PathBuf>,
    /// A match without usable odds is played with --expectation instead of refused. A team that the odds file does not
    /// know is refused all the same.
    #[arg(long, requires = "odds")]
    odds_or_default: bool,
    /// What teams are called in the odds file: lines name,odds_name. Without it pipelines/soccer-live/teams.csv, or the
    /// copy built in.
    #[arg(long, value_name = "FILE", requires = "odds")]
    teams: Option<PathBuf>,
    /// What goes wrong, with which dice: seed=7,duplicates=0.05,reorder=0.02,gaps=0.01,late=0.1,corrections=0.3,silences=2.
    /// duplicates, reorder, gaps: of the messages (a gap loses one to three until they are asked for). late: of the goals,
    /// cards and corners, told 20 to 120 s late. corrections: of the goals, given to the wrong side first, and of the
    /// halves, a goal that never was. silences: how often nothing at all comes for silence_s=6 seconds. Whatever goes
    /// wrong, the match comes to the same in the end.
    #[arg(long, value_name = "SPEC")]
    faults: Option<Faults>,
    /// Distinguishes runs of the same match: match id SOURCE-MATCH-RUN. Default: made from the time.
    #[arg(long)]
    run: Option<String>,
    #[command(flatten)]
    pipeline: PipelineArguments,
}

fn parse_day(text: &str) -> Result<Date, String> {
    Date::parse(text).map_err(|error| error.to_string())
}

/// The roles must know how fast the match is played.
fn warn_of_scale(plan: &RunPlan, clock_scale: u32) {
    let speed = match plan.pace {
        Pace::Times(speed) => speed.get(),
        Pace::AtOnce => 0,
    };
    if speed != clock_scale {
        eprintln!(
            "note: played {speed} times as fast as life under clock.clock_scale = {clock_scale}: rules in match time \
             (confirmations, clock checks) go by the scale. Give the roles and this command the same, for example \
             --set clock.clock_scale={speed} --set revision=2"
        );
    }
}

/// Reads the matches and plays them.
pub fn main(arguments: &ReplayArguments) -> anyhow::Result<ExitCode> {
    let pipeline = arguments.pipeline.load()?;
    let plan = plan(arguments)?;
    warn_of_scale(&plan, pipeline.rules.clock.clock_scale);
    let mut scripts = scripts(arguments)?;
    if !arguments.odds.is_empty() {
        add_odds(arguments, &mut scripts)?;
    }
    for script in &scripts {
        let expected = match script.expectation {
            Some(Expectation::Odds(odds)) => {
                let closing = if odds.is_closing { "closing odds" } else { "odds" };
                let prices = [odds.home, odds.draw, odds.away, odds.over, odds.under];
                let [home, draw, away, over, under] = prices.map(|odds| f64::from(odds.thousandths()) / 1e3);
                format!("{closing} {home} / {draw} / {away}, over 2.5 {over}, under {under}")
            }
            Some(Expectation::Rates { home, away }) => {
                format!("{:.2} and {:.2} goals expected", home.to_f64(), away.to_f64())
            }
            None => "no odds: the default expectation".to_owned(),
        };
        println!("{} as {}: {expected}", script.title(), script.match_id(&plan.run)?);
    }
    let mut reporter = Reporter::stderr();
    let stop = crate::cli::stop_on_signal()?;
    let played =
        play(&pipeline, &scripts, &plan, arguments.faults.as_ref(), &stop, &mut |progress| reporter.show(progress))?;
    reporter.end(&played.progress);
    println!("{} facts sent", played.facts);
    Ok(ExitCode::SUCCESS)
}

fn plan(arguments: &ReplayArguments) -> anyhow::Result<RunPlan> {
    let mut plan = RunPlan::new(Time::from_ms(local_ms()));
    plan.lead = Millis::from_seconds(i64::from(arguments.lead));
    plan.pace = if arguments.at_once { Pace::AtOnce } else { Pace::Times(arguments.speed) };
    plan.producer = ProducerId::parse(arguments.source.name()).expect("a legal id");
    if let Some(run) = &arguments.run {
        plan.run.clone_from(run);
    }
    let rate = |value: f64| {
        let rate = Billionths::from_f64(value).filter(|_| (0.02..=8.0).contains(&value));
        rate.with_context(|| format!("--expectation {value}: must be 0.02 to 8 goals"))
    };
    let [home, away] = arguments.expectation[..] else { bail!("--expectation takes two numbers") };
    plan.expectation = Expectation::Rates { home: rate(home)?, away: rate(away)? };
    Ok(plan)
}

fn scripts(arguments: &ReplayArguments) -> anyhow::Result<Vec<MatchScript>> {
    let is_generated = arguments.source == SourceFormat::Generated;
    let is_bare = arguments.paths.is_empty() && arguments.odds.is_empty() && arguments.team.is_empty();
    if is_generated && !(is_bare && arguments.day.is_none()) {
        bail!("a generated day has no files, no odds, no --team and no --day: give it --seed and --matches");
    }
    if !is_generated && arguments.paths.is_empty() {
        bail!("which recordings? Name files or folders, or play a made-up day: --source generated");
    }
    if !is_generated && (arguments.seed.is_some() || arguments.matches.is_some()) {
        bail!("--seed and --matches are for --source generated; faults have their own: --faults seed=7,...");
    }
    let (scripts, warnings) = choose(&Choice {
        source: arguments.source,
        paths: arguments.paths.clone(),
        day: arguments.day,
        teams: arguments.team.clone(),
        together: arguments.together,
        tick_every: TICK_EVERY,
        seed: arguments.seed.unwrap_or(1),
        matches: arguments.matches.unwrap_or(GENERATED_MATCHES) as usize,
    })?;
    warnings.iter().for_each(|warning| eprintln!("note: {warning}"));
    Ok(scripts)
}

/// Gives every match its odds. All that is wrong is said at once.
fn add_odds(arguments: &ReplayArguments, scripts: &mut [MatchScript]) -> anyhow::Result<()> {
    let mut table = OddsTable::default();
    for file in &arguments.odds {
        table.add(file)?;
    }
    let here = PathBuf::from("pipelines/soccer-live/teams.csv");
    let teams = match &arguments.teams {
        Some(file) => Teams::read(file)?,
        None if here.exists() => Teams::read(&here)?,
        None => Teams::built_in(),
    };
    let mut problems = Vec::new();
    for script in scripts.iter_mut() {
        let Some(date) = script.date else {
            problems.push(format!("{}: its source does not say when it was played", script.title()));
            continue;
        };
        let [home, away] = &script.source_names;
        match table.find(&teams, [home, away], date) {
            Ok(odds) => script.expectation = Some(Expectation::Odds(odds)),
            Err(error) if arguments.odds_or_default && error.is_without_odds() => {
                eprintln!("note: {}: {error}; the default expectation stands in", script.title());
            }
            Err(error) => problems.push(format!("{} on {date}: {error}", script.title())),
        }
    }
    match problems.len() {
        0 => Ok(()),
        1 => bail!("{}", problems.remove(0)),
        count => bail!("{count} matches without odds:\n  {}", problems.join("\n  ")),
    }
}
