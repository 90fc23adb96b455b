//! What goals a match is expected to bring, read back from somebody's odds on it.

use super::chain::Engine;
use super::inputs::{ModelInputs, NoPrice, Rates, State};
use super::margin::{MarginMethod, NoMargin, remove_margin};
use crate::values::{Billionths, QuarterLine};

/// Fair values of a match before kick-off, margin already taken off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FairOdds {
    /// Probabilities of home win, draw, away win.
    pub match_result: [f64; 3],
    /// A line of the match total.
    pub line: QuarterLine,
    /// One over the fair odds of OVER this line; that of UNDER is one less this.
    pub over: f64,
}

/// Where ρ comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RhoSource {
    /// The inputs' own: only λ and μ are solved, and the draw comes out as it will.
    Inputs,
    /// The draw, as closing and exchange odds are good enough for it; ρ stays within [`RHO_BOUNDS`].
    Draw,
}

/// Why odds do not say what goals to expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoRates {
    /// The odds are no odds, or carry no margin.
    Margin(NoMargin),
    /// A side cannot win, or the line is decided before kick-off.
    NotOpen,
    /// The model refused rates on the way.
    Model(NoPrice),
    /// No rates within [0.02, 8] give these odds.
    RateOutOfBounds,
    /// The search did not come to an end.
    NotSolved,
}

/// A solved ρ is kept within these (section 8.3).
pub const RHO_BOUNDS: [f64; 2] = [-0.25, 0.15];
/// Newton's steps at most, and what they may miss.
const STEPS_MAX: usize = 25;
const RESIDUAL_MAX: f64 = 1e-11;
/// Halvings of the bracket of ρ at most, where Newton's way leads out of it.
const BRACKETS_MAX: usize = 100;
/// No step of ln λ or ln μ is longer than this, none of ρ longer than a fifth of it.
const STEP_LONGEST: f64 = 0.7;
/// Distance of the two points that give a slope.
const SLOPE_STEP: f64 = 1e-6;

/// Takes the margin off 1X2 odds (Shin) and off a total line (multiplicative), section 8.1. Decimal odds.
///
/// # Errors
/// When they are no odds, or sum to less than one winner.
pub fn fair_odds(match_result: [f64; 3], line: QuarterLine, over: f64, under: f64) -> Result<FairOdds, NoRates> {
    let mut fair = Vec::new();
    let implied = |odds: &[f64]| odds.iter().map(|odds| 1.0 / odds).collect::<Vec<_>>();
    remove_margin(MarginMethod::Shin, &implied(&match_result), &mut fair).map_err(NoRates::Margin)?;
    let match_result = [fair[0], fair[1], fair[2]];
    remove_margin(MarginMethod::Multiplicative, &implied(&[over, under]), &mut fair).map_err(NoRates::Margin)?;
    Ok(FairOdds { match_result, line, over: fair[0] })
}

/// Fills λ, μ and, by its source, ρ of these inputs from fair odds; φ and κ stay. Rounded to billionths, so that the same
/// odds give the same inputs everywhere.
///
/// # Errors
/// Why the odds say nothing: no price.
pub fn inputs_from_odds(
    engine: &mut Engine,
    odds: &FairOdds,
    inputs: &ModelInputs,
    source: RhoSource,
) -> Result<ModelInputs, NoRates> {
    let rates = rates_from_odds(engine, odds, &Rates::from(inputs), source)?;
    let rounded = |value| Billionths::from_f64(value).ok_or(NoRates::NotSolved);
    Ok(ModelInputs {
        home_rate: rounded(rates.home_rate)?,
        away_rate: rounded(rates.away_rate)?,
        rho: rounded(rates.rho)?,
        ..*inputs
    })
}

/// λ and μ of a match in which these goals are expected of home and of the away side, over its ninety minutes as seen
/// before kick-off; φ and ρ as given. With a score effect and ρ the rates are not quite the goals (section 0).
///
/// # Errors
/// Why no rates have these expectancies.
pub fn rates_from_expectancies(engine: &mut Engine, goals: [f64; 2], given: &Rates) -> Result<Rates, NoRates> {
    let [least, most] = Rates::RATE_BOUNDS;
    if !goals.iter().all(|goals| goals.is_finite()) {
        return Err(NoRates::Model(NoPrice::NonFinite));
    }
    if goals.iter().any(|goals| *goals <= 0.0) {
        return Err(NoRates::RateOutOfBounds);
    }
    let [home_rate, away_rate] = goals.map(|goals| goals.clamp(least, most));
    let mut search = Search { engine, target: Target::Expectancies(goals.map(libm::log)) };
    within_bounds(search.two(Rates { home_rate, away_rate, home_scale: 1.0, away_scale: 1.0, ..*given })?)
}

/// The same in floats: the inner door, for tests. Solves two equations, the odds of home against away and the total line,
/// or three, with the draw; Newton's method with numerical slopes from (1.4, 1.2).
///
/// # Errors
/// As [`inputs_from_odds`].
pub fn rates_from_odds(
    engine: &mut Engine,
    odds: &FairOdds,
    start: &Rates,
    source: RhoSource,
) -> Result<Rates, NoRates> {
    let mut search = Search { engine, target: Target::odds(odds)? };
    let start = Rates { home_rate: 1.4, away_rate: 1.2, ..*start };
    let solved = match source {
        RhoSource::Inputs => search.two(start)?,
        RhoSource::Draw => search.three(Rates { rho: start.rho.clamp(RHO_BOUNDS[0], RHO_BOUNDS[1]), ..start })?,
    };
    within_bounds(solved)
}

fn within_bounds(solved: Rates) -> Result<Rates, NoRates> {
    let [least, most] = Rates::RATE_BOUNDS;
    let within = |rate: f64| (least..=most).contains(&rate);
    if within(solved.home_rate) && within(solved.away_rate) { Ok(solved) } else { Err(NoRates::RateOutOfBounds) }
}

/// λ and μ from the 1X2 alone, for odds without a total: the two equations are home against away and the draw, so ρ stays
/// the one of `start`.
///
/// # Errors
/// As [`inputs_from_odds`].
pub fn rates_from_match_result(engine: &mut Engine, match_result: [f64; 3], start: &Rates) -> Result<Rates, NoRates> {
    // The total is worked out on the way, and asked of nobody.
    let unasked = FairOdds { match_result, line: QuarterLine::from_quarters(10), over: 0.5 };
    let mut search = Search { engine, target: Target::odds(&unasked)? };
    let solved = search.two_of(Rates { home_rate: 1.4, away_rate: 1.2, ..*start }, [0, 2])?;
    within_bounds(solved)
}

/// What the model has to meet, on scales on which a step of any of it means about the same.
#[derive(Clone, Copy)]
enum Target {
    /// The odds of home against away, of the total line and of the draw, as logits.
    Odds([f64; 3], QuarterLine),
    /// The goals expected of home and of the away side, as logarithms.
    Expectancies([f64; 2]),
}

impl Target {
    fn odds(odds: &FairOdds) -> Result<Target, NoRates> {
        let [home, draw, away] = odds.match_result;
        let is_open = |p: f64| p > 0.0 && p < 1.0;
        if ![home, draw, away, odds.over].into_iter().all(is_open) {
            return Err(NoRates::NotOpen);
        }
        Ok(Target::Odds([logit(home / (home + away)), logit(odds.over), logit(draw)], odds.line))
    }
}

fn logit(p: f64) -> f64 {
    libm::log(p / (1.0 - p))
}

struct Search<'a> {
    engine: &'a mut Engine,
    target: Target,
}

impl Search<'_> {
    /// How far the model with these rates is from the target.
    fn residual(&mut self, rates: &Rates) -> Result<[f64; 3], NoRates> {
        let law = self.engine.law_over(rates, &State::PRE_MATCH, 1.0).map_err(|reason| match reason {
            NoPrice::RateOutOfBounds | NoPrice::RateTooHigh => NoRates::RateOutOfBounds,
            NoPrice::NonFinite | NoPrice::MultiplierOutOfBounds => NoRates::Model(reason),
        })?;
        let residual = match self.target {
            Target::Odds(target, line) => {
                let [home, draw, away] = law.match_result();
                let [over, _] = law.total(line).fair_probabilities().ok_or(NoRates::NotOpen)?;
                [logit(home / (home + away)) - target[0], logit(over) - target[1], logit(draw) - target[2]]
            }
            Target::Expectancies([home, away]) => {
                let expected = law.expected_remaining();
                [libm::log(expected[0]) - home, libm::log(expected[1]) - away, 0.0]
            }
        };
        if residual.iter().all(|part| part.is_finite()) { Ok(residual) } else { Err(NoRates::NotSolved) }
    }

    /// λ and μ, ρ as given.
    fn two(&mut self, rates: Rates) -> Result<Rates, NoRates> {
        self.two_of(rates, [0, 1])
    }

    /// The same by two of the three residuals.
    fn two_of(&mut self, mut rates: Rates, [one, other]: [usize; 2]) -> Result<Rates, NoRates> {
        for _ in 0..STEPS_MAX {
            let now = self.residual(&rates)?;
            if now[one].abs() < RESIDUAL_MAX && now[other].abs() < RESIDUAL_MAX {
                return Ok(rates);
            }
            let by = self.slopes::<2>(&rates, &now)?;
            let row = |equation: usize| [by[0][equation], by[1][equation], now[equation]];
            let step = solve([row(one), row(other)]).ok_or(NoRates::NotSolved)?;
            let scale = shortened(&step, 0.0);
            rates = moved(&rates, [-scale * step[0], -scale * step[1], 0.0]);
        }
        Err(unsolved(&rates))
    }

    /// λ, μ and ρ; where ρ would leave its bounds it stays there, and the draw comes out as near as it can.
    fn three(&mut self, mut rates: Rates) -> Result<Rates, NoRates> {
        let mut was_held = false;
        for _ in 0..STEPS_MAX {
            let now = self.residual(&rates)?;
            if now.iter().all(|part| part.abs() < RESIDUAL_MAX) {
                return Ok(rates);
            }
            let by = self.slopes::<3>(&rates, &now)?;
            let row = |equation: usize| [by[0][equation], by[1][equation], by[2][equation], now[equation]];
            let Some(step) = solve([row(0), row(1), row(2)]) else { break };
            let scale = shortened(&[step[0], step[1]], step[2]);
            rates = moved(&rates, step.map(|part| -scale * part));
            let [least, most] = Search::rho_bounds(&rates);
            let is_held = rates.rho <= least || rates.rho >= most;
            if is_held && was_held {
                break;
            }
            was_held = is_held;
            rates.rho = rates.rho.clamp(least, most);
        }
        self.bracketed(rates)
    }

    /// The slow and sure way: ρ by bracketing, λ and μ for each ρ by the two equations. A draw that no ρ within its bounds
    /// makes leaves it at the nearer bound.
    fn bracketed(&mut self, rates: Rates) -> Result<Rates, NoRates> {
        let mut low = self.draw_at(Rates { rho: RHO_BOUNDS[0], home_rate: 1.4, away_rate: 1.2, ..rates })?;
        // A lower ρ makes more draws.
        if low.1 <= 0.0 {
            return Ok(Rates { rho: low.0.rho_in_range(), ..low.0 });
        }
        let mut high = self.draw_at(Rates { rho: RHO_BOUNDS[1], ..low.0 })?;
        if high.1 >= 0.0 {
            return Ok(Rates { rho: high.0.rho_in_range(), ..high.0 });
        }
        for turn in 0..BRACKETS_MAX {
            // Where a line between the two ends would be zero; every other time the middle, so that neither end stands still.
            let share = if turn % 2 == 0 { low.1 / (low.1 - high.1) } else { 0.5 };
            let rho = low.0.rho + share * (high.0.rho - low.0.rho);
            let middle = self.draw_at(Rates { rho, ..low.0 })?;
            if middle.1.abs() < RESIDUAL_MAX {
                return Ok(Rates { rho: middle.0.rho_in_range(), ..middle.0 });
            }
            if middle.1 > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        Err(NoRates::NotSolved)
    }

    /// The rates for this ρ, and how many draws too many they make.
    fn draw_at(&mut self, rates: Rates) -> Result<(Rates, f64), NoRates> {
        let solved = self.two(rates)?;
        Ok((solved, self.residual(&solved)?[2]))
    }

    /// Where ρ can go at these rates and still change a price.
    fn rho_bounds(rates: &Rates) -> [f64; 2] {
        RHO_BOUNDS.map(|rho| Rates { rho, ..*rates }.rho_in_range())
    }

    /// How fast each residual rises with ln λ, ln μ and ρ.
    fn slopes<const N: usize>(&mut self, rates: &Rates, now: &[f64; 3]) -> Result<[[f64; 3]; N], NoRates> {
        let mut slopes = [[0.0; 3]; N];
        for (unknown, slope) in slopes.iter_mut().enumerate() {
            let mut by = [0.0; 3];
            // Looked at inwards, where nothing is clamped.
            let is_high = [rates.home_rate > 1.0, rates.away_rate > 1.0, rates.rho > 0.0][unknown];
            let inwards = if is_high { -SLOPE_STEP } else { SLOPE_STEP };
            by[unknown] = inwards;
            let there = self.residual(&moved(rates, by))?;
            for ((slope, there), now) in slope.iter_mut().zip(there).zip(now) {
                *slope = (there - now) / inwards;
            }
        }
        Ok(slopes)
    }
}

/// Rates a step away: of ln λ, of ln μ, of ρ. λ and μ stay where the model has a price: a step too far on the way is
/// no reason to give up.
fn moved(rates: &Rates, step: [f64; 3]) -> Rates {
    let [least, most] = Rates::RATE_BOUNDS;
    Rates {
        home_rate: (rates.home_rate * libm::exp(step[0])).clamp(least, most),
        away_rate: (rates.away_rate * libm::exp(step[1])).clamp(least, most),
        rho: rates.rho + step[2],
        ..*rates
    }
}

/// Where a search that did not end has come to: held at a bound of λ or μ, or not.
fn unsolved(rates: &Rates) -> NoRates {
    let is_held = [rates.home_rate, rates.away_rate].iter().any(|rate| Rates::RATE_BOUNDS.contains(rate));
    if is_held { NoRates::RateOutOfBounds } else { NoRates::NotSolved }
}

/// What to take of a step, so that no part of it is too long.
fn shortened(step: &[f64; 2], rho_step: f64) -> f64 {
    let longest = step[0].abs().max(step[1].abs()).max(5.0 * rho_step.abs());
    if longest > STEP_LONGEST { STEP_LONGEST / longest } else { 1.0 }
}

/// Solves N linear equations, each row its coefficients and its right side, by elimination with pivots; `None` if they
/// do not determine one answer.
fn solve<const N: usize, const M: usize>(mut rows: [[f64; M]; N]) -> Option<[f64; N]> {
    for column in 0..N {
        let pivot = (column..N).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let whole = rows[column];
        if whole[column].abs() < 1e-14 {
            return None;
        }
        for row in rows.iter_mut().skip(column + 1) {
            let share = row[column] / whole[column];
            row.iter_mut().zip(whole).for_each(|(cell, pivot)| *cell -= share * pivot);
        }
    }
    let mut answer = [0.0; N];
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|column| rows[row][column] * answer[column]).sum();
        answer[row] = (rows[row][N] - known) / rows[row][row];
    }
    Some(answer)
}
