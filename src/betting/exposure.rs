//! What the house stands to lose on a bet, for every score with which a match may end.
//!
//! A bet counts for the match of each leg that is not decided yet. At a final score its leg comes to one of five
//! results, so what a bet adds is five amounts (a [`Share`]), and what a selection comes to at each score (its
//! [`Outlook`]) is a fixed row of results. Sums of shares give the liability of a selection, a market or a match, and a
//! bet that goes away is taken off by the very amounts that it added.
//!
//! **Scores.** There are infinitely many, and 121 cells: one for each score up to 9 goals a side (a correct score market
//! names no more, see [`crate::event::CORRECT_SCORE_MAX`]); beyond that one for each lead from -9 to 9; and one for each
//! side that leads by more. A cell of many scores counts, for every bet, the best result for the customer that any of
//! its scores can give, so nothing is ever counted short. That best result is found at a few scores, because within such
//! a cell every market either stays the same (1X2, double chance, draw no bet, correct score, and handicaps where the
//! lead is given) or moves one way only with more goals of a side or a longer lead (totals, team totals, both to score,
//! handicaps where the lead is open): the best lies where the goals are fewest or beyond all lines. Whoever is ahead by
//! one and scores forever is asked as well: a rest handicap is void at scores below its base. No score above 30 000 goals
//! is thought of.
//!
//! **The n-th goal** is not told by the final score: such a market is counted apart, by its own selections, and its
//! worst is added to the worst score.
//!
//! **Parlays.** A leg counts stake x its result x the weight of the other legs: what they came to where decided, else
//! their odds, times their fair chance if settings say `Fair`. The stake is deducted in full, as it is lost if this leg
//! is. All of it is one exact fraction, rounded up to the cent.

use std::sync::Arc;

use crate::event::{MarketId, Outcome, ParlayWeight, Score};
use crate::outcome::result_at_score;
use crate::values::{Billionths, LegResult, Money, Price, Ratio, Rounding, exceeds_cap, leg_factor, line_return};

/// Goals a side up to which every score has a cell of its own.
const OWN_CELL_GOALS: u16 = 9;
const SIDE: usize = OWN_CELL_GOALS as usize + 1;
const LEADS: usize = SIDE * SIDE;
const HOME_FAR_AHEAD: usize = LEADS + 2 * SIDE - 1;
/// Cells of the grid of final scores.
pub const SCORE_CELLS: usize = HOME_FAR_AHEAD + 2;
/// More goals than any line.
const BEYOND: u16 = 60_000;

/// What a selection comes to in each cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    cells: Arc<[LegResult]>,
    /// The cells in which it does not lose: few, for most selections.
    not_lost: Arc<[u8]>,
    /// The results that occur, one bit each.
    occurring: u8,
    is_apart: bool,
}

impl Outlook {
    /// Of that selection. What no score decides is counted as void there.
    pub fn of(market: MarketId, outcome: Outcome) -> Outlook {
        let is_apart = !market.is_by_final_score();
        let cells: Arc<[LegResult]> = if is_apart {
            let wins = |one: Outcome| if one == outcome { LegResult::Win } else { LegResult::Lose };
            market.outcomes().into_iter().map(wins).collect()
        } else {
            scores_of_cells().map(|scores| best_of(market, outcome, scores)).collect()
        };
        let occurring = cells.iter().fold(0, |bits, result| bits | 1 << *result as u8);
        let not_lost = (0_u8..).zip(&*cells).filter(|(_, result)| **result != LegResult::Lose).map(|(cell, _)| cell);
        Outlook { not_lost: not_lost.collect(), cells, occurring, is_apart }
    }

    /// Its result in each cell: of the grid of scores, or of its own market where that is counted apart.
    pub fn cells(&self) -> &[LegResult] {
        &self.cells
    }

    /// The cells in which it does not lose, with what it comes to there.
    pub fn not_lost(&self) -> impl Iterator<Item = (usize, LegResult)> {
        self.not_lost.iter().map(|cell| (usize::from(*cell), self.cells[usize::from(*cell)]))
    }

    /// Whether no score decides its market.
    pub fn is_apart(&self) -> bool {
        self.is_apart
    }
}

/// For each cell the scores at which its best results lie.
fn scores_of_cells() -> impl Iterator<Item = Vec<(u16, u16)>> {
    let small = (0..=OWN_CELL_GOALS).flat_map(|home| (0..=OWN_CELL_GOALS).map(move |away| vec![(home, away)]));
    let least = OWN_CELL_GOALS + 1;
    let away_ahead = (1..=OWN_CELL_GOALS).rev().map(move |lead| vec![(least - lead, least), (BEYOND - lead, BEYOND)]);
    let level_or_home = (0..=OWN_CELL_GOALS).map(move |lead| vec![(least, least - lead), (BEYOND, BEYOND - lead)]);
    // An odd and an even number of goals both lie there.
    let home_far =
        vec![(least, 0), (least + 1, 0), (BEYOND, 0), (BEYOND + 1, 0), (BEYOND, BEYOND - least), (BEYOND, BEYOND / 2)];
    let away_far = home_far.iter().map(|(most, fewest)| (*fewest, *most)).collect::<Vec<_>>();
    small.chain(away_ahead).chain(level_or_home).chain([home_far, away_far])
}

fn best_of(market: MarketId, outcome: Outcome, scores: Vec<(u16, u16)>) -> LegResult {
    let results = scores.into_iter().map(|(home, away)| result_at_score(market, outcome, Score { home, away }));
    let best = results.map(|result| result.unwrap_or(LegResult::Void)).max_by_key(|result| goodness(*result));
    best.expect("every cell has a score")
}

/// How good a result is for the customer: it pays the more, at any odds.
fn goodness(result: LegResult) -> u8 {
    match result {
        LegResult::Lose => 0,
        LegResult::HalfLose => 1,
        LegResult::Void => 2,
        LegResult::HalfWin => 3,
        LegResult::Win => 4,
    }
}

const RESULTS: [LegResult; 5] =
    [LegResult::Lose, LegResult::Win, LegResult::Void, LegResult::HalfWin, LegResult::HalfLose];

/// Return less stake by the result of one leg, in minor units; zero for results that the leg cannot come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share([i64; 5]);

impl Share {
    /// At that result.
    pub fn at(&self, result: LegResult) -> i64 {
        self.0[result as usize]
    }
}

/// A leg as the liability sees it.
#[derive(Clone, Copy, Debug)]
pub struct WeighedLeg {
    /// The price that stands.
    pub price: Price,
    /// Its fair probability at acceptance; an unknown one counts as certain.
    pub fair: Option<Billionths>,
    /// What it came to, if it is decided.
    pub decided: Option<LegResult>,
}

/// What a bet adds to the selection of its leg `index`. The most that the bet can return must fit in 64 bits.
pub fn share_of(stake: Money, legs: &[WeighedLeg], index: usize, weight: ParlayWeight, outlook: &Outlook) -> Share {
    let mut factors = Vec::with_capacity(legs.len());
    for (other, leg) in legs.iter().enumerate() {
        factors.push(match leg.decided {
            _ if other == index => Ratio::ONE,
            Some(result) => leg_factor(&leg.price, result),
            None => expected(leg, weight),
        });
    }
    let mut amounts = [0; 5];
    for result in RESULTS.into_iter().filter(|result| outlook.occurring & 1 << *result as u8 != 0) {
        factors[index] = leg_factor(&legs[index].price, result);
        amounts[result as usize] = return_rounded_up(stake, &factors) - stake.minor();
    }
    Share(amounts)
}

fn expected(leg: &WeighedLeg, weight: ParlayWeight) -> Ratio {
    let odds = leg.price.factor();
    let fair = match weight {
        ParlayWeight::Full => Billionths::ONE,
        ParlayWeight::Fair => leg.fair.unwrap_or(Billionths::ONE).clamp(Billionths::ZERO, Billionths::ONE),
    };
    let (one, fair) = (Billionths::ONE.raw().unsigned_abs(), fair.raw().unsigned_abs());
    // Odds have at most 20 bits over 17, a chance 30.
    Ratio::new(odds.num() * fair, odds.den() * one).expect("odds have a denominator above zero")
}

/// Stake times all factors, a part of a cent counted as a whole one.
fn return_rounded_up(stake: Money, factors: &[Ratio]) -> i64 {
    let fits = |sum: u128, factor: u64| sum.checked_mul(u128::from(factor));
    let num = factors.iter().try_fold(u128::from(stake.minor().unsigned_abs()), |num, factor| fits(num, factor.num()));
    let den = factors.iter().try_fold(1_u128, |den, factor| fits(den, factor.den()));
    if let (Some(num), Some(den)) = (num, den)
        && let Ok(returned) = i64::try_from(num.div_ceil(den))
    {
        return returned;
    }
    let down = line_return(stake, factors, Rounding::Down);
    let down = down.expect("no more than the most that the bet can return, which fits in 64 bits");
    down.minor() + i64::from(exceeds_cap(stake, factors, down))
}

/// The liability of many bets on one selection, by what it comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally([i128; 5]);

impl Tally {
    /// Counts a bet in.
    pub fn add(&mut self, share: &Share) {
        self.0.iter_mut().zip(share.0).for_each(|(sum, amount)| *sum += i128::from(amount));
    }

    /// Takes a bet out again, by the share that it was counted with.
    pub fn take(&mut self, share: &Share) {
        self.0.iter_mut().zip(share.0).for_each(|(sum, amount)| *sum -= i128::from(amount));
    }

    /// If the selection comes to that.
    pub fn at(&self, result: LegResult) -> i128 {
        self.0[result as usize]
    }

    /// Whether there is nothing on it.
    pub fn is_empty(&self) -> bool {
        *self == Tally::default()
    }
}

/// By how much the liability may still grow where a selection comes to each result; below zero where it is too high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headroom([i128; 5]);

impl Headroom {
    /// Bounded by nothing.
    pub const FREE: Headroom = Headroom([i128::MAX; 5]);

    /// Under a limit, over cells: the sum there, and what the selection comes to there.
    pub fn under(limit: i128, cells: impl Iterator<Item = (i128, LegResult)>) -> Headroom {
        let mut room = Headroom::FREE;
        for (sum, result) in cells {
            let known = &mut room.0[result as usize];
            *known = (*known).min(limit - sum);
        }
        room
    }

    /// Whether there is room for it. What makes nothing worse always has room.
    pub fn takes(&self, share: &Share) -> bool {
        self.0.iter().zip(share.0).all(|(room, amount)| amount <= 0 || i128::from(amount) <= *room)
    }
}

/// The room for one leg.
#[derive(Clone, Debug)]
pub struct LegRoom {
    /// What its selection comes to.
    pub outlook: Outlook,
    /// On the selection alone.
    pub outcome: Headroom,
    /// On its market.
    pub market: Headroom,
    /// On its match.
    pub one_match: Headroom,
}

/// The room for a bet.
#[derive(Clone, Debug)]
pub struct Room {
    /// By how much the account's open bets may still win more.
    pub account: i128,
    /// For each leg.
    pub legs: Vec<LegRoom>,
}

#[cfg(test)]
mod tests;
