//! How a match stands, said with flags; what cannot be is refused by the flag's name.

use super::super::PipelineArguments;
use crate::event::{Expectation, MarketId, MarketType, MatchClock, Outcome, Period, PreMatchOdds, Score, Side};
use crate::pricing::{Circumstances, Clock, Phase, State};
use crate::trading::Standing;
use crate::values::{Billionths, CompetitionId, DecimalOdds, MatchId, Millis, Price, QuarterLine};
use anyhow::bail;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Arguments of `touchline price`.
#[derive(Debug, Args)]
pub struct PriceArguments {
    /// Home goals expected over the whole match, before kick-off (lambda).
    #[arg(long, value_name = "GOALS", value_parser = rate, requires = "away_rate", conflicts_with_all = ["odds", "state"])]
    pub(super) home_rate: Option<Billionths>,
    /// Away goals expected likewise (mu).
    #[arg(long, value_name = "GOALS", value_parser = rate, requires = "home_rate")]
    pub(super) away_rate: Option<Billionths>,
    /// A bookmaker's pre-match decimal odds instead of the rates: 1.95/3.5/4.0.
    #[arg(long, value_name = "HOME/DRAW/AWAY", value_parser = result_odds, requires = "total", conflicts_with = "state")]
    pub(super) odds: Option<[DecimalOdds; 3]>,
    /// The odds on a total that go with them: 2.5:1.90/1.95.
    #[arg(long, value_name = "LINE:OVER/UNDER", value_parser = total_odds, requires = "odds")]
    pub(super) total: Option<(QuarterLine, [DecimalOdds; 2])>,
    /// They are closing or exchange odds: the draw is trusted as well, and rho solved from it.
    #[arg(long, requires = "odds")]
    pub(super) closing: bool,
    /// The score now; in extra time its goals are in it.
    #[arg(long, value_name = "HOME:AWAY", default_value = "0:0", value_parser = score, conflicts_with = "state")]
    pub(super) score: Score,
    /// The period: PRE, H1, HT, H2; with --knock-out also ET, ET1, ETHT, ET2 of extra time. Without it: by --minute,
    /// else before kick-off.
    #[arg(long, ignore_case = true, conflicts_with = "state")]
    pub(super) period: Option<PeriodName>,
    /// Match minute: 0 to 45 in the first half, 45 to 90 in the second, 90 to 105 and 105 to 120 in extra time; it
    /// stands still in stoppage time.
    #[arg(long, value_parser = minutes, conflicts_with = "state")]
    pub(super) minute: Option<f64>,
    /// Minutes of stoppage time played in this half.
    #[arg(long, value_name = "MINUTES", value_parser = minutes, conflicts_with = "state")]
    pub(super) stoppage: Option<f64>,
    /// Minutes of stoppage time announced for this half; above 15 counts as 15.
    #[arg(long, value_name = "MINUTES", conflicts_with = "state")]
    pub(super) announced: Option<u8>,
    /// Players sent off.
    #[arg(long, value_name = "HOME:AWAY", default_value = "0:0", value_parser = reds, conflicts_with = "state")]
    pub(super) reds: (u8, u8),
    /// The score at half-time, in the second half: what half-time markets hang on.
    #[arg(long, value_name = "HOME:AWAY", value_parser = score, conflicts_with = "state")]
    pub(super) half_time: Option<Score>,
    /// Whose the last goal so far is, home or away: what the last goal hangs on.
    #[arg(long, value_name = "SIDE", value_parser = side, conflicts_with = "state")]
    pub(super) last_goal: Option<Side>,
    /// Corners so far; without it no corners are priced.
    #[arg(long, value_name = "HOME:AWAY", value_parser = score)]
    pub(super) corners: Option<Score>,
    /// Cards so far, a yellow 1 and a red 2; without it no cards are priced.
    #[arg(long, value_name = "HOME:AWAY", value_parser = score)]
    pub(super) cards: Option<Score>,
    /// A knock-out match, and by how many goals home leads from the first leg (0 if there was none). In extra time its
    /// markets are all there is.
    #[arg(long, value_name = "LEAD", allow_negative_numbers = true, value_parser = clap::value_parser!(i8).range(-99..=99))]
    pub(super) knock_out: Option<i8>,
    /// The state from a file in the form of a reference file's "input"; - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// A match on the topics instead: what stands there for it now.
    #[arg(long = "match", value_name = "ID", value_parser = match_id, conflicts_with_all = ["home_rate", "odds", "state"])]
    pub(super) of_match: Option<MatchId>,
    /// Price this selection together with the others so named, as one bet: 1x2@home; may be repeated.
    #[arg(long, value_name = "MARKET@SELECTION", value_parser = selection, conflicts_with_all = ["state", "of_match"])]
    pub(super) combine: Vec<(MarketId, Outcome)>,
    /// The match's competition: its markets, margins, ladder and model, where the pipeline has its own for it.
    #[arg(long, value_name = "ID", value_parser = competition)]
    pub(super) competition: Option<CompetitionId>,
    /// The ladder, instead of the pipeline's trading.ladder.
    #[arg(long)]
    pub(super) ladder: Option<LadderName>,
    /// Only this kind of market: 1x2, total, handicap, ...; may be repeated.
    #[arg(long, value_name = "KIND", value_parser = market)]
    pub(super) market: Vec<MarketType>,
    /// One JSON object instead of a table.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) pipeline: PipelineArguments,
}

fn competition(text: &str) -> Result<CompetitionId, String> {
    CompetitionId::parse(text).map_err(|error| error.to_string())
}

/// The periods that have prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PeriodName {
    /// Before kick-off.
    #[value(name = "PRE")]
    Pre,
    /// First half.
    #[value(name = "H1")]
    H1,
    /// Half-time.
    #[value(name = "HT")]
    Ht,
    /// Second half.
    #[value(name = "H2")]
    H2,
    /// Before extra time.
    #[value(name = "ET")]
    Et,
    /// First half of extra time.
    #[value(name = "ET1")]
    Et1,
    /// Between its halves.
    #[value(name = "ETHT")]
    EtHt,
    /// Second half of extra time.
    #[value(name = "ET2")]
    Et2,
}

impl PeriodName {
    fn phase(self) -> Phase {
        match self {
            PeriodName::Pre => Phase::PreMatch,
            PeriodName::H1 => Phase::FirstHalf,
            PeriodName::Ht => Phase::HalfTime,
            PeriodName::H2 => Phase::SecondHalf,
            PeriodName::Et => Phase::BeforeExtraTime,
            PeriodName::Et1 => Phase::ExtraFirstHalf,
            PeriodName::EtHt => Phase::ExtraHalfTime,
            PeriodName::Et2 => Phase::ExtraSecondHalf,
        }
    }
}

/// The ladders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LadderName {
    /// 1.95
    Decimal,
    /// -105
    American,
}

impl PriceArguments {
    /// The standing that the flags describe.
    ///
    /// # Errors
    /// Flags that do not go together.
    pub(super) fn standing(&self) -> anyhow::Result<Standing> {
        let state = self.state()?;
        let period = match state.clock.phase {
            Phase::PreMatch => Period::PreMatch,
            Phase::FirstHalf => Period::FirstHalf,
            Phase::HalfTime => Period::HalfTime,
            Phase::SecondHalf | Phase::Over => Period::SecondHalf,
            Phase::BeforeExtraTime => Period::BeforeExtraTime,
            Phase::ExtraFirstHalf => Period::ExtraFirstHalf,
            // The break: its clock does not run yet.
            Phase::ExtraHalfTime | Phase::ExtraSecondHalf => Period::ExtraSecondHalf,
        };
        let (begins_at, ends_at) = state.clock.phase.minutes();
        let elapsed = state.clock.minute - begins_at + state.clock.stoppage_elapsed_minutes;
        let clock = MatchClock {
            period,
            elapsed: Millis::new((elapsed * 60_000.0).round() as i64),
            stoppage_announced_minutes: self.announced,
        };
        let is_running = begins_at < ends_at;
        Ok(Standing {
            expectation: self.expectation()?,
            period,
            clock: is_running.then_some(clock),
            score: self.score,
            reds: self.reds,
            circumstances: self.circumstances()?,
        })
    }

    /// What else some markets hang on.
    ///
    /// # Errors
    /// A half-time score that cannot have grown into the score, or before half-time.
    pub(super) fn circumstances(&self) -> anyhow::Result<Circumstances> {
        let state = self.state()?;
        let half_time = self.half_time;
        if let Some(half_time) = half_time
            && (state.clock.phase < Phase::HalfTime || self.score.since(half_time).is_none())
        {
            bail!(
                "--half-time {}:{}: not a score that this match can have had at half-time",
                half_time.home,
                half_time.away
            );
        }
        let half_time = half_time.or_else(|| (state.clock.phase == Phase::HalfTime).then_some(self.score));
        Ok(Circumstances {
            half_time,
            last_goal: self.last_goal,
            corners: self.corners,
            cards: self.cards,
            knock_out: self.knock_out,
        })
    }

    fn expectation(&self) -> anyhow::Result<Expectation> {
        match (self.home_rate, self.away_rate, self.odds, self.total) {
            (Some(home), Some(away), _, _) => Ok(Expectation::Rates { home, away }),
            (_, _, Some([home, draw, away]), Some((line, [over, under]))) => {
                let is_closing = self.closing;
                Ok(Expectation::Odds(PreMatchOdds { home, draw, away, line, over, under, is_closing }))
            }
            _ => bail!(
                "what is expected of the sides? Say --home-rate 1.6 --away-rate 1.1, or --odds 1.95/3.5/4.0 --total \
                 2.5:1.90/1.95, or --state FILE"
            ),
        }
    }

    /// The state that the flags describe.
    ///
    /// # Errors
    /// Flags that do not go together.
    pub(super) fn state(&self) -> anyhow::Result<State> {
        let (home_reds, away_reds) = self.reds;
        let clock = self.clock()?;
        let state = State { home_score: self.score.home, away_score: self.score.away, home_reds, away_reds, clock };
        check(&state, &|name| format!("--{name}")).map_err(anyhow::Error::msg)?;
        if clock.phase.is_extra_time() {
            let Some(first_leg) = self.knock_out else {
                bail!(
                    "--period: only a knock-out match has extra time: say --knock-out and home's lead from the first leg"
                )
            };
            if clock.phase == Phase::BeforeExtraTime && self.score.lead() + i64::from(first_leg) != 0 {
                bail!("--score: extra time is played where the score and --knock-out together are level");
            }
        }
        Ok(state)
    }

    fn clock(&self) -> anyhow::Result<Clock> {
        let period = match (self.period, self.minute) {
            (Some(period), _) => period,
            (None, None) => PeriodName::Pre,
            (None, Some(minute)) if minute < 45.0 => PeriodName::H1,
            (None, Some(minute)) if minute > 45.0 && (minute <= 90.0 || self.knock_out.is_none()) => PeriodName::H2,
            (None, Some(minute)) if minute > 90.0 && minute < 105.0 => PeriodName::Et1,
            (None, Some(minute)) if minute > 105.0 => PeriodName::Et2,
            (None, Some(minute)) if minute < 90.0 => bail!("--minute 45: say --period H1, HT or H2 as well"),
            (None, Some(_)) => bail!("--minute 105: say --period ET1, ETHT or ET2 as well"),
        };
        let phase = period.phase();
        let (begins_at, ends_at) = phase.minutes();
        let minute = match self.minute {
            Some(minute) => minute,
            None if begins_at < ends_at => bail!("--period H1, H2, ET1 and ET2 need --minute as well"),
            None => begins_at,
        };
        Ok(Clock {
            phase,
            minute,
            stoppage_elapsed_minutes: self.stoppage.unwrap_or(0.0),
            stoppage_announced_minutes: self.announced.map(f64::from),
        })
    }
}

/// Whether a match can stand so; if not, which input to look at, by the name that `named` gives it.
///
/// # Errors
/// What cannot be.
pub(super) fn check(state: &State, named: &dyn Fn(&str) -> String) -> Result<(), String> {
    let clock = &state.clock;
    let words = match clock.phase {
        Phase::PreMatch => "before kick-off",
        Phase::FirstHalf => "in the first half",
        Phase::HalfTime => "at half-time",
        Phase::SecondHalf | Phase::Over => "in the second half",
        Phase::BeforeExtraTime => "before extra time",
        Phase::ExtraFirstHalf => "in the first half of extra time",
        Phase::ExtraHalfTime => "at half-time of extra time",
        Phase::ExtraSecondHalf => "in the second half of extra time",
    };
    let (least, most) = clock.phase.minutes();
    if !(least..=most).contains(&clock.minute) {
        let is_running = least < most;
        let hint = if is_running && clock.minute > most {
            format!(": in stoppage time say {} {most} and {}", named("minute"), named("stoppage"))
        } else {
            String::new()
        };
        let range = if is_running { format!("from {least} to {most}") } else { format!("{least}") };
        return Err(format!("{} {}: {words} it is {range}{hint}", named("minute"), clock.minute));
    }
    if clock.stoppage_elapsed_minutes > 0.0 && !(least < most && clock.minute == most) {
        return Err(format!(
            "{} {}: stoppage time is played at minute 45 of the first half and 90 of the second, 105 and 120 in extra time",
            named("stoppage"),
            clock.stoppage_elapsed_minutes
        ));
    }
    if clock.stoppage_elapsed_minutes > 60.0 {
        return Err(format!("{} {}: at most 60", named("stoppage"), clock.stoppage_elapsed_minutes));
    }
    if clock.phase == Phase::PreMatch && (state.home_score, state.away_score) != (0, 0) {
        let (home, away) = (state.home_score, state.away_score);
        return Err(format!("{} {home}:{away}: nobody has scored before kick-off", named("score")));
    }
    if clock.phase == Phase::PreMatch && (state.home_reds, state.away_reds) != (0, 0) {
        let (home, away) = (state.home_reds, state.away_reds);
        return Err(format!("{} {home}:{away}: nobody is sent off before kick-off", named("reds")));
    }
    Ok(())
}

fn rate(text: &str) -> Result<Billionths, String> {
    let goals = text.parse::<f64>().ok().filter(|goals| (0.02..=8.0).contains(goals));
    goals.and_then(Billionths::from_f64).ok_or_else(|| "must be from 0.02 to 8 goals a match".to_owned())
}

fn minutes(text: &str) -> Result<f64, String> {
    let minutes = text.parse::<f64>().ok().filter(|minutes| (0.0..=1_000.0).contains(minutes));
    minutes.ok_or_else(|| "must be minutes, for example 67 or 67.5".to_owned())
}

fn score(text: &str) -> Result<Score, String> {
    let goals = |text: &str| text.parse::<u16>().ok().filter(|goals| *goals <= 99);
    let score = text.split_once(':').and_then(|(home, away)| Some(Score { home: goals(home)?, away: goals(away)? }));
    score.ok_or_else(|| "must be HOME:AWAY, for example 1:0".to_owned())
}

fn reds(text: &str) -> Result<(u8, u8), String> {
    let cards = |text: &str| text.parse::<u8>().ok().filter(|cards| *cards <= 11);
    let reds = text.split_once(':').and_then(|(home, away)| Some((cards(home)?, cards(away)?)));
    reds.ok_or_else(|| "must be HOME:AWAY, for example 0:1".to_owned())
}

fn result_odds(text: &str) -> Result<[DecimalOdds; 3], String> {
    let [home, draw, away] = text.split('/').collect::<Vec<_>>()[..] else {
        return Err("must be three decimal odds, home/draw/away: 1.95/3.5/4.0".to_owned());
    };
    Ok([decimal(home)?, decimal(draw)?, decimal(away)?])
}

fn total_odds(text: &str) -> Result<(QuarterLine, [DecimalOdds; 2]), String> {
    let parts = text.split_once(':').and_then(|(line, odds)| Some((line, odds.split_once('/')?)));
    let Some((line, (over, under))) = parts else {
        return Err("must be a line and two decimal odds, line:over/under: 2.5:1.90/1.95".to_owned());
    };
    let line = QuarterLine::parse(line).map_err(|error| format!("{line}: {error}"))?;
    if line.quarters() < 2 {
        return Err(format!("{line}: the line of a total is at least 0.5"));
    }
    Ok((line, [decimal(over)?, decimal(under)?]))
}

fn decimal(text: &str) -> Result<DecimalOdds, String> {
    match Price::parse(text) {
        Ok(Price::Decimal(odds)) => Ok(odds),
        Ok(Price::American(_)) => Err(format!("{text}: must be decimal odds, for example 1.95")),
        Err(error) => Err(format!("{text}: {error}; decimal odds look like 1.95")),
    }
}

fn selection(text: &str) -> Result<(MarketId, Outcome), String> {
    let (market, outcome) = text.split_once('@').ok_or_else(|| format!("{text}: must be MARKET@SELECTION"))?;
    let market = MarketId::parse(market).ok_or_else(|| format!("{market}: no market; one is total:line=2.5"))?;
    let known = market.outcomes();
    let names = || known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let outcome = Outcome::parse(outcome).filter(|outcome| market.has(*outcome));
    outcome.map(|outcome| (market, outcome)).ok_or_else(|| format!("{text}: {market} has {}", names()))
}

fn match_id(text: &str) -> Result<MatchId, String> {
    MatchId::parse(text).map_err(|error| format!("{text}: {error}"))
}

fn side(text: &str) -> Result<Side, String> {
    [Side::Home, Side::Away].into_iter().find(|side| side.name() == text).ok_or_else(|| format!("{text}: home or away"))
}

fn market(text: &str) -> Result<MarketType, String> {
    let known = || MarketType::all().map(MarketType::name).collect::<Vec<_>>().join(", ");
    MarketType::parse(text).ok_or_else(|| format!("no kind of market; there are: {}", known()))
}
