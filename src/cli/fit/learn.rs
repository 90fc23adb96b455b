//! From matches to a model: rates by the multipliers, multipliers by the rates, until neither moves.

use anyhow::{anyhow, bail};

use crate::cli::evaluate::{JoinedMatch, fair, rho_source};
use crate::pricing::{Engine, Rates};
use crate::runtime::pipeline::Model;

use super::counts::{self, BothLearnt};
use super::exposure::{BINS, Circumstance, Exposure, STOPPAGE};
use super::low_scores;
use super::regression::{Estimate, Factors, Fitted, Shape, fit};
use super::strengths;

/// Turns at most, and the largest change of a multiplier after which there are no more.
const TURNS_MAX: usize = 12;
const CHANGE_MAX: f64 = 2e-4;

/// Where the sides' base rates come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RateSource {
    /// Odds before kick-off, solved with the multipliers in force.
    Odds,
    /// The sides' goals of the season.
    Strengths,
}

impl RateSource {
    /// In words, for the file.
    pub(super) fn name(self) -> &'static str {
        match self {
            RateSource::Odds => "odds before kick-off",
            RateSource::Strengths => "goals of the sides in the season",
        }
    }
}

/// What was learnt.
#[derive(Clone, Debug)]
pub(super) struct Learnt {
    /// Profile and multipliers.
    pub(super) fitted: Fitted,
    /// ρ and the matches behind it; `None`: taken over.
    pub(super) rho: Option<(Estimate, usize)>,
    /// Where the rates come from.
    pub(super) source: RateSource,
    /// Matches used.
    pub(super) matches: usize,
    /// Matches whose odds the model cannot hold, and why.
    pub(super) refused: Vec<String>,
    /// All their goals.
    pub(super) goals: u32,
    /// Goals at each lead but level: -2, -1, +1, +2.
    pub(super) goals_by_lead: [u32; 4],
    /// Goals of sides with players sent off, and against such.
    pub(super) goals_after_red: [u32; 2],
    /// Goals in regular time and in stoppage of each half.
    pub(super) goals_by_half: [[u32; 2]; 2],
    /// Corners and cards.
    pub(super) counts: BothLearnt,
}

/// Learns from these matches; what they cannot say is taken from `base`.
///
/// # Errors
/// When there are too few of them, in words.
pub(super) fn learn(matches: &[JoinedMatch], base: &Model, shape: Shape) -> anyhow::Result<Learnt> {
    let with_odds = matches.iter().filter(|joined| joined.odds.is_some()).count();
    if with_odds > 0 && with_odds < matches.len() {
        bail!("{with_odds} of {} matches have odds: leave the others out, or all odds", matches.len());
    }
    let source = if with_odds > 0 { RateSource::Odds } else { RateSource::Strengths };
    let stoppage = base.profile.expected_stoppage_minutes();
    let mut factors = Factors { weights: [1.0 / BINS as f64; BINS], phi: [1.0; 5], kappa_own: 1.0, kappa_opp: 1.0 };
    let mut engine = Engine::new();
    for _ in 0..TURNS_MAX {
        let mut refused = Vec::new();
        let rates = match source {
            RateSource::Odds => rates_by_odds(&mut engine, matches, &model_rates(base, &factors), &mut refused),
            RateSource::Strengths => strengths::rates(matches, &factors, stoppage).into_iter().map(Some).collect(),
        };
        let mut exposure = Exposure::new();
        for (joined, rates) in matches.iter().zip(rates) {
            if let Some(rates) = rates {
                exposure.add(&joined.story, rates, stoppage);
            }
        }
        let fitted = fit(&exposure, shape).map_err(|why| anyhow!(why))?;
        let before = std::mem::replace(&mut factors, fitted.factors());
        if change(&before, &factors) < CHANGE_MAX {
            let model_rates = model_rates(base, &factors);
            let rho = if source == RateSource::Odds { low_scores::fit(matches, &model_rates) } else { None };
            let counts = counts::learn(matches);
            let matches = matches.len() - refused.len();
            return Ok(Learnt { rho, source, matches, refused, ..counted(fitted, &exposure, counts) });
        }
    }
    bail!("rates and multipliers do not settle in {TURNS_MAX} turns: give more seasons")
}

fn model_rates(base: &Model, factors: &Factors) -> Rates {
    Rates { phi: factors.phi, kappa_own: factors.kappa_own, kappa_opp: factors.kappa_opp, ..base.rates() }
}

/// λ and μ of each match, solved with the φ in force, as seen before kick-off; `None` where the model cannot hold the odds.
fn rates_by_odds(
    engine: &mut Engine,
    matches: &[JoinedMatch],
    start: &Rates,
    refused: &mut Vec<String>,
) -> Vec<Option<[f64; 2]>> {
    let mut rates = Vec::with_capacity(matches.len());
    for joined in matches {
        let solved = joined.odds.ok_or_else(|| "no odds".to_owned()).and_then(|odds| {
            let solved = fair(&odds).and_then(|fair| fair.rates(engine, start, rho_source(&odds)));
            solved.map_err(|why| format!("the model has no price for its odds: {why:?}"))
        });
        rates.push(match solved {
            Ok(solved) => Some([solved.home_rate, solved.away_rate]),
            Err(why) => {
                refused.push(format!("{}: {why}", joined.title));
                None
            }
        });
    }
    rates
}

fn change(before: &Factors, after: &Factors) -> f64 {
    let multipliers = |factors: &Factors| factors.phi.into_iter().chain([factors.kappa_own, factors.kappa_opp]);
    let moved = multipliers(before).zip(multipliers(after)).map(|(one, other)| (one - other).abs());
    let shares = before.weights.iter().zip(after.weights).map(|(one, other)| (one - other).abs() * BINS as f64);
    moved.chain(shares).fold(0.0, f64::max)
}

/// What was fitted, with the goals behind each part.
fn counted(fitted: Fitted, exposure: &Exposure, counts: BothLearnt) -> Learnt {
    let goals = |holds: &dyn Fn(Circumstance) -> bool| exposure.goals_where(holds);
    Learnt {
        fitted,
        rho: None,
        source: RateSource::Strengths,
        matches: 0,
        refused: Vec::new(),
        goals: goals(&|_| true),
        goals_by_lead: [0, 1, 3, 4].map(|lead| goals(&|one| one.lead == lead)),
        goals_after_red: [goals(&|one| one.own_reds > 0), goals(&|one| one.opponent_reds > 0)],
        goals_by_half: [0, 1].map(|half| {
            let stoppage = STOPPAGE[half];
            [goals(&|one| one.bin / 46 == half && one.bin != stoppage), goals(&|one| one.bin == stoppage)]
        }),
        counts,
    }
}
