//! Every forecast beside what came: one row a way, a checkpoint and a match, and the tables made of them.

use std::collections::BTreeMap;

use crate::cli::replay::{Dice, MatchOdds};
use crate::event::Side;

use super::forecast::{Forecaster, MatchRates, Way};
use super::matches::JoinedMatch;
use super::scores::{
    BINS, Bin, Interval, bins, bootstrap, brier, calibration_error, calibration_error_of_perfect, log_loss, mean,
    ranked_probability,
};
use super::story::Checkpoint;

/// One forecast and what came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    /// Home win, draw, away win.
    pub(super) forecast: [f64; 3],
    /// Which of the three came.
    pub(super) came: usize,
    /// Somebody had been sent off.
    pub(super) after_red: bool,
    /// The rest, where it was forecast.
    pub(super) more: Option<JudgedMore>,
}

/// Of markets beside the result.
#[derive(Clone, Copy, Debug)]
pub(super) struct JudgedMore {
    /// Log-loss of home, away or none.
    pub(super) next_goal: f64,
    /// Log-loss of over and under 2.5.
    pub(super) over: f64,
    /// Log-loss of the final score.
    pub(super) final_score: f64,
    /// Goals to come as forecast, less those that came.
    pub(super) remaining_bias: f64,
}

impl Judged {
    fn log_loss(&self) -> f64 {
        log_loss(self.forecast[self.came])
    }
}

/// All forecasts of a test set.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// By way: by checkpoint: by match.
    ways: Vec<(Way, [Vec<Judged>; 7])>,
    /// Matches judged.
    pub(super) matches: usize,
    /// Matches by the columns that their odds are from: with what those of the 1X2 begin, whether these are closing odds,
    /// and with what those of the total begin.
    pub(super) columns: BTreeMap<(&'static str, bool, Option<&'static str>), usize>,
    /// Mean and standard deviation of ρ per match.
    pub(super) rho: (f64, f64),
    /// Matches with closing odds and a total, from which ρ is solved.
    pub(super) rho_solved: usize,
    /// Of these, matches whose ρ stands at a bound.
    pub(super) rho_held: usize,
    /// Where it does not, and where there is no total: the furthest that the model before kick-off is from the 1X2 it was
    /// solved from. `None` if no match was solved from its whole 1X2.
    pub(super) reproduced_within: Option<f64>,
    /// Matches whose odds the model cannot hold, and why.
    pub(super) refused: Vec<String>,
}

/// Forecasts and judges every match at every checkpoint, each in these ways.
pub(super) fn judge(matches: &[JoinedMatch], forecaster: &mut Forecaster, ways: &[Way]) -> Trial {
    let every_way = ways.iter().any(|way| !Way::MAIN.contains(way));
    let mut trial = Trial { ways: ways.iter().map(|way| (*way, Default::default())).collect(), ..Trial::default() };
    let mut rhos = Vec::new();
    for joined in matches {
        let Some(odds) = &joined.odds else { continue };
        let judged = forecaster
            .rates(odds, every_way)
            .map_err(|why| format!("{why:?}"))
            .and_then(|rates| Ok((judge_match(joined, forecaster, &rates, ways)?, rates)));
        match judged {
            Ok((rows, rates)) => {
                let solved = rates.solved_rho();
                if let Some((rho, is_held)) = solved {
                    rhos.push(rho);
                    trial.rho_held += usize::from(is_held);
                }
                if solved.map_or(odds.total.is_none(), |(_, is_held)| !is_held) {
                    trial.note_reproduced(&rates, &rows);
                }
                trial.note_columns(odds);
                for ((_, by_checkpoint), row) in trial.ways.iter_mut().zip(rows) {
                    by_checkpoint.iter_mut().zip(row).for_each(|(column, judged)| column.push(judged));
                }
                trial.matches += 1;
            }
            Err(why) => trial.refused.push(format!("{}: the model has no price for its odds: {why}", joined.title)),
        }
    }
    trial.rho_solved = rhos.len();
    let centre = mean(rhos.iter().copied());
    trial.rho = (centre, mean(rhos.iter().map(|rho| (rho - centre) * (rho - centre))).sqrt());
    trial
}

/// One row a way, one cell a checkpoint.
fn judge_match(
    joined: &JoinedMatch,
    forecaster: &mut Forecaster,
    rates: &MatchRates,
    ways: &[Way],
) -> Result<Vec<Vec<Judged>>, String> {
    let final_score = joined.story.final_score();
    let came = match final_score[0].cmp(&final_score[1]) {
        std::cmp::Ordering::Greater => 0,
        std::cmp::Ordering::Equal => 1,
        std::cmp::Ordering::Less => 2,
    };
    let mut rows = Vec::new();
    for way in ways {
        let mut row = Vec::new();
        for checkpoint in Checkpoint::ALL {
            let state = joined.story.state_at(checkpoint);
            let said = forecaster
                .forecast(*way, rates, (checkpoint, &state), final_score)
                .map_err(|why| format!("{why:?} at minute {}", checkpoint.minute))?;
            let goals = final_score[0] + final_score[1];
            let more = said.more.map(|more| JudgedMore {
                next_goal: log_loss(match joined.story.next_goal_after(checkpoint) {
                    Some(Side::Home) => more.next_goal[0],
                    Some(Side::Away) => more.next_goal[1],
                    None => more.next_goal[2],
                }),
                over: log_loss(if goals > 2 { more.over } else { 1.0 - more.over }),
                final_score: log_loss(more.final_score),
                remaining_bias: more.remaining - f64::from(goals - state.home_score - state.away_score),
            });
            let after_red = state.home_reds + state.away_reds > 0;
            row.push(Judged { forecast: said.result, came, after_red, more });
        }
        rows.push(row);
    }
    Ok(rows)
}

/// What a table says of one way, at one checkpoint or over several.
#[derive(Clone, Copy, Debug)]
pub(super) struct Summary {
    /// Forecasts.
    pub(super) count: usize,
    /// Of the result.
    pub(super) log_loss: f64,
    /// Of the result.
    pub(super) ranked_probability: f64,
    /// Of the result.
    pub(super) brier: f64,
    /// Of the result, classes pooled.
    pub(super) calibration_error: f64,
    /// The rest, where it was forecast.
    pub(super) more: Option<SummaryMore>,
}

/// Of markets beside the result.
#[derive(Clone, Copy, Debug)]
pub(super) struct SummaryMore {
    /// Log-loss.
    pub(super) next_goal: f64,
    /// Log-loss.
    pub(super) over: f64,
    /// Log-loss.
    pub(super) final_score: f64,
    /// Goals to come as forecast less those that came, on average, and its standard error.
    pub(super) remaining_bias: (f64, f64),
}

impl Trial {
    fn note_reproduced(&mut self, rates: &MatchRates, rows: &[Vec<Judged>]) {
        let full = self.ways.iter().position(|(way, _)| *way == Way::Full);
        let Some(before) = full.and_then(|place| rows[place].first()) else { return };
        for (said, wanted) in before.forecast.iter().zip(rates.fair.result()) {
            self.reproduced_within = Some(self.reproduced_within.unwrap_or(0.0).max((said - wanted).abs()));
        }
    }

    fn note_columns(&mut self, odds: &MatchOdds) {
        let (result, total) = odds.columns;
        *self.columns.entry((result, odds.is_closing, total)).or_default() += 1;
    }

    /// Matches judged with closing 1X2.
    fn closing(&self) -> usize {
        self.columns.iter().filter(|((_, is_closing, _), _)| *is_closing).map(|(_, count)| count).sum()
    }

    /// Matches judged without a total.
    pub(super) fn without_total(&self) -> usize {
        self.columns.iter().filter(|((_, _, total), _)| total.is_none()).map(|(_, count)| count).sum()
    }

    /// What a table calls a way of forecasting, after what these odds let it do.
    pub(super) fn name(&self, way: Way) -> &'static str {
        let all = self.matches;
        match way {
            Way::Frozen if self.closing() == all => "closing odds frozen",
            Way::Frozen if self.closing() == 0 => "pre-match odds frozen",
            Way::Frozen => "odds frozen, not all closing",
            Way::Full if self.rho_solved == all => "full (rho per match)",
            Way::Full if self.rho_solved == 0 => "full (model's rho)",
            Way::Full => "full (rho by match or model)",
            Way::Naive | Way::Profile | Way::DixonColes | Way::RedCards | Way::ScoreEffect => way.name(),
        }
    }

    fn of(&self, way: Way) -> &[Vec<Judged>; 7] {
        let found = self.ways.iter().find(|(one, _)| *one == way);
        &found.expect("only ways that were asked for are summed up").1
    }

    /// The ways that were asked for.
    pub(super) fn ways(&self) -> impl Iterator<Item = Way> + '_ {
        self.ways.iter().map(|(way, _)| *way)
    }

    /// Of one checkpoint, by its place in [`Checkpoint::ALL`].
    pub(super) fn at(&self, way: Way, place: usize) -> Summary {
        summary(&self.of(way)[place].iter().collect::<Vec<_>>())
    }

    /// Of these checkpoints together.
    pub(super) fn over(&self, way: Way, places: std::ops::Range<usize>) -> Summary {
        summary(&self.of(way)[places].iter().flatten().collect::<Vec<_>>())
    }

    /// Of states in play with a red card.
    pub(super) fn after_red(&self, way: Way) -> Summary {
        summary(&self.of(way).iter().flatten().filter(|judged| judged.after_red).collect::<Vec<_>>())
    }

    /// Bins of these checkpoints.
    pub(super) fn bins(&self, way: Way, places: std::ops::Range<usize>) -> [Bin; BINS] {
        bins(self.of(way)[places].iter().flatten().map(|judged| (&judged.forecast, judged.came)))
    }

    /// The calibration error that a perfect model with these forecasts would have at a checkpoint, 95 %.
    pub(super) fn calibration_error_of_perfect(&self, way: Way, place: usize, dice: &mut Dice) -> f64 {
        let forecasts: Vec<[f64; 3]> = self.of(way)[place].iter().map(|judged| judged.forecast).collect();
        if forecasts.is_empty() { 0.0 } else { calibration_error_of_perfect(&forecasts, dice) }
    }

    /// Log-loss of one way less that of another, a match its mean over these checkpoints; resampled by match.
    pub(super) fn difference(
        &self,
        (one, other): (Way, Way),
        places: std::ops::Range<usize>,
        (resamples, dice): (usize, &mut Dice),
    ) -> Interval {
        let (one, other) = (&self.of(one)[places.clone()], &self.of(other)[places]);
        let by_match: Vec<f64> = (0..self.matches)
            .map(|index| {
                mean(one.iter().zip(other).map(|(one, other)| one[index].log_loss() - other[index].log_loss()))
            })
            .collect();
        bootstrap(&by_match, resamples, dice)
    }
}

fn summary(rows: &[&Judged]) -> Summary {
    let each = || rows.iter();
    let more: Vec<JudgedMore> = each().filter_map(|judged| judged.more).collect();
    let bias = mean(more.iter().map(|more| more.remaining_bias));
    let spread = mean(more.iter().map(|more| (more.remaining_bias - bias) * (more.remaining_bias - bias)));
    Summary {
        count: rows.len(),
        log_loss: mean(each().map(|judged| judged.log_loss())),
        ranked_probability: mean(each().map(|judged| ranked_probability(&judged.forecast, judged.came))),
        brier: mean(each().map(|judged| brier(&judged.forecast, judged.came))),
        calibration_error: calibration_error(&bins(each().map(|judged| (&judged.forecast, judged.came)))),
        more: (!more.is_empty()).then(|| SummaryMore {
            next_goal: mean(more.iter().map(|more| more.next_goal)),
            over: mean(more.iter().map(|more| more.over)),
            final_score: mean(more.iter().map(|more| more.final_score)),
            remaining_bias: (bias, (spread / more.len() as f64).sqrt()),
        }),
    }
}
