//! Several bets on one match as one bet: which selections can stand together, and what they are worth.

use super::asked::{Asked, Asks, next_bit, order_bit};
use super::combination::{Combination, LEGS_MAX, LegPrice, NEVER, NoCombination, combined_share};
use super::halves::{HalvesLaw, JointTables, NextGoal};
use super::law::ScoreLaw;
use super::laws::Laws;
use super::score_set::{GOALS, ScoreSet, below, sum_of_runs};
use crate::catalogue::{For, Measure, Part, Reads, What};
use crate::event::{MarketId, MarketType, Outcome, Score, Side};
use std::cmp::Ordering;

/// Why selections have no price together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSameGame {
    /// This one, by its place, does not go together with others: it can return the stake, hangs on what the joint law does
    /// not hold (minutes, races, corners), or is decided.
    NotCombinable(usize),
    /// The law of the halves was not worked out.
    NoLaw,
    /// See there.
    Combination(NoCombination),
}

/// Prices selections of one match together from the joint law of half-time, full-time and the next goal (section 11). Each
/// comes with one over the odds at which it is offered alone. Use [`SameGames`] where many are needed.
///
/// # Errors
/// See [`NoSameGame`].
pub fn same_game(laws: &Laws<'_>, legs: &[(MarketId, Outcome, f64)], cap: f64) -> Result<Combination, NoSameGame> {
    let JointPrice { fair, offered, implied } = SameGames::new().of(laws)?.price(legs, cap)?;
    Ok(Combination { fair, offered, implied: implied.places().collect() })
}

/// Prices selections together, one combination and one match after another in the same memory: after the first few it
/// allocates nothing.
///
/// What a bet asks is not put to every cell of the joint law (the plain way, [`combine`](super::combine), of which it is a
/// test that it says the same). A bet is a set of half-time scores, of final scores, of the second half's scores; bets
/// together are what these sets have in common, and that is summed by runs of neighbours.
#[derive(Clone, Debug, Default)]
pub struct SameGames {
    tables: JointTables,
    /// Sums of the final scores' rows from a cell on, by goals from now on.
    full: Vec<f64>,
    columns: usize,
    asks: Vec<Asks>,
}

/// The same for one match at one moment.
#[derive(Debug)]
pub struct SameGame<'a> {
    memory: &'a mut SameGames,
    law: &'a HalvesLaw,
    score: &'a ScoreLaw,
}

/// What a combination comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JointPrice {
    /// Probability that all legs win.
    pub fair: f64,
    /// One over the odds to offer, before they go to a rung of the ladder; not below `fair`.
    pub offered: f64,
    /// The legs that say nothing new, each implied by another that stays.
    pub implied: Implied,
}

/// Places of legs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Implied(u16);

impl Implied {
    /// Rising.
    pub fn places(self) -> impl Iterator<Item = usize> {
        (0..LEGS_MAX).filter(move |place| self.has(*place))
    }

    /// Whether this leg is among them.
    pub fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }
}

impl SameGames {
    /// One with nothing priced yet.
    pub fn new() -> SameGames {
        SameGames::default()
    }

    /// For these laws.
    ///
    /// # Errors
    /// `NoLaw` where that of the halves was not worked out.
    pub fn of<'a>(&'a mut self, laws: &Laws<'a>) -> Result<SameGame<'a>, NoSameGame> {
        let (law, score) = (laws.halves().ok_or(NoSameGame::NoLaw)?, laws.score());
        self.tables.prepare(law);
        let (rows, columns) = score.size();
        self.columns = columns;
        self.full.clear();
        self.full.resize(rows * (columns + 1), 0.0);
        let (home, away) = (u32::from(score.home_score()), u32::from(score.away_score()));
        for (x, y, probability) in score.cells() {
            self.full[(x - home) as usize * (columns + 1) + (y - away) as usize] = probability;
        }
        for sums in self.full.chunks_exact_mut(columns + 1) {
            let mut sum = 0.0;
            for place in sums.iter_mut().rev() {
                sum += *place;
                *place = sum;
            }
        }
        Ok(SameGame { memory: self, law, score })
    }
}

impl SameGame<'_> {
    /// Prices legs together, each with one over the odds at which it is offered alone. A leg implied by another is dropped
    /// first; of two that imply each other the one offered shorter stays, so that a combination that is the same bet as one of
    /// its legs is not longer than it.
    ///
    /// # Errors
    /// See [`NoSameGame`].
    pub fn price(&mut self, legs: &[(MarketId, Outcome, f64)], cap: f64) -> Result<JointPrice, NoSameGame> {
        let mut asks = std::mem::take(&mut self.memory.asks);
        asks.clear();
        let mut refused = None;
        for (place, (market, outcome, _)) in legs.iter().enumerate() {
            match self.asks(*market, *outcome) {
                Some(of_leg) => asks.push(of_leg),
                None => refused = refused.or(Some(place)),
            }
        }
        let priced = match refused {
            Some(place) => Err(NoSameGame::NotCombinable(place)),
            None => self.together(&asks, legs, cap).map_err(NoSameGame::Combination),
        };
        self.memory.asks = asks;
        priced
    }

    fn together(
        &mut self,
        asks: &[Asks],
        legs: &[(MarketId, Outcome, f64)],
        cap: f64,
    ) -> Result<JointPrice, NoCombination> {
        if asks.is_empty() {
            return Err(NoCombination::NoLeg);
        }
        if asks.len() > LEGS_MAX {
            return Err(NoCombination::TooManyLegs);
        }
        let mut asked = Asked::about(asks, self.reach());
        for place in 0..asks.len() {
            asked.and(place);
        }
        let fair = self.probability(&asked, f64::INFINITY);
        if fair <= 0.0 {
            return Err(NoCombination::Impossible);
        }
        let mut prices = [LegPrice { fair: 0.0, offered: 0.0 }; LEGS_MAX];
        for (place, (market, outcome, offered)) in legs.iter().enumerate() {
            let fair = match self.at_hand(*market, *outcome) {
                Some(fair) => fair,
                None => self.probability(asked.nothing().and(place), f64::INFINITY),
            };
            prices[place] = LegPrice { fair, offered: *offered };
        }
        let implied = self.implied(&mut asked, &prices[..legs.len()]);
        let (mut kept, mut count) = (prices, 0);
        for (place, price) in prices[..asks.len()].iter().enumerate() {
            if implied.has(place) {
                // What is dropped must have been a bet all the same.
                combined_share(price.fair, &[*price], cap)?;
            } else {
                kept[count] = *price;
                count += 1;
            }
        }
        let offered = combined_share(fair, &kept[..count], cap)?;
        Ok(JointPrice { fair, offered, implied })
    }

    fn implied(&mut self, asked: &mut Asked<'_>, prices: &[LegPrice]) -> Implied {
        let mut implies = [Implied::default(); LEGS_MAX];
        for (one, price) in prices.iter().enumerate() {
            for other in (0..prices.len()).filter(|other| *other != one) {
                let never = NEVER * price.fair;
                let without = self.probability(asked.nothing().and(one).and_not(other), never);
                implies[one].0 |= u16::from(without <= never) << other;
            }
        }
        let is_dropped = |leg: usize| {
            (0..prices.len()).filter(|other| *other != leg && implies[*other].has(leg)).any(|other| {
                let (mine, theirs) = (prices[leg].offered, prices[other].offered);
                !implies[leg].has(other) || theirs > mine || (theirs == mine && other < leg)
            })
        };
        Implied((0..prices.len()).fold(0, |set, leg| set | u16::from(is_dropped(leg)) << leg))
    }

    /// What one leg is worth by itself, where there is such a sum already.
    fn at_hand(&self, market: MarketId, outcome: Outcome) -> Option<f64> {
        let sums: &[f64] = match market.kind() {
            MarketType::HALF_TIME_FULL_TIME => &self.law.half_time_full_time(),
            MarketType::HIGHEST_HALF => &self.law.highest_scoring_half(),
            MarketType::GOAL_IN_BOTH_HALVES => &self.law.goal_in_both_halves(),
            MarketType::NEXT_GOAL => {
                let [home, away, nobody] = self.score.next_goal();
                &[home, away, nobody]
            }
            _ => return None,
        };
        let crate::catalogue::Selections::Fixed(outcomes) = market.definition().selections else { return None };
        let place = outcomes.iter().position(|one| *one == outcome)?;
        Some(sums[place])
    }

    /// The probability of what is asked, or any number above `enough` where it is above that.
    fn probability(&mut self, asked: &Asked<'_>, enough: f64) -> f64 {
        if !asked.is_of_full_only() {
            return self.memory.tables.probability(self.law, asked, enough);
        }
        let mut sum = 0.0;
        let SameGames { full, columns, .. } = &*self.memory;
        let (rows, cells) = (asked.full_rows(), below(*columns as i64));
        for (home, sums) in full.chunks_exact(columns + 1).enumerate() {
            sum += sum_of_runs(rows[home] & cells, |away| sums[away]);
            if sum > enough {
                break;
            }
        }
        sum
    }

    /// What a selection asks of the two scores and the next goal; `None` where that does not tell whether it wins.
    fn asks(&self, market: MarketId, outcome: Outcome) -> Option<Asks> {
        if !market.has(outcome) {
            return None;
        }
        match market.definition().reads {
            Reads::Line(threshold) => {
                let threshold = threshold(market);
                let splits_or_pushes = threshold.quarters.rem_euclid(4) != 2;
                let is_first = is_first(market, outcome);
                let wins = |value: i64| (4 * value > threshold.quarters) == is_first;
                if splits_or_pushes { None } else { self.of_number(threshold.measure, wins) }
            }
            Reads::Number { measure, wins, beyond: _ } => {
                self.of_number(measure(market), |value| wins(market, outcome, value))
            }
            Reads::Score { wins, beyond } => {
                let set =
                    ScoreSet::of_score(self.now(), beyond(market), self.reach(), |score| wins(market, outcome, score));
                Some(Asks::NOTHING.of_full(set))
            }
            Reads::HalfScore { wins, beyond } => {
                let wins = |score| wins(market, outcome, score);
                let set = |base| ScoreSet::of_score(base, beyond(market), self.reach(), wins);
                let (half_time, second) = self.begun();
                Some(if market.first_number() == 1 {
                    Asks::NOTHING.of_half(set(half_time))
                } else {
                    Asks::NOTHING.of_second(set(second))
                })
            }
            Reads::Halves(_) => self.of_halves(market, outcome),
            Reads::NthGoal => {
                let is_next = i64::from(market.first_number()) == self.now().both() + 1;
                let whose = [
                    (Outcome::Home, NextGoal::Home),
                    (Outcome::Away, NextGoal::Away),
                    (Outcome::NoGoal, NextGoal::Nobody),
                ];
                let wanted = whose.into_iter().find_map(|(named, next)| (named == outcome).then_some(next))?;
                is_next.then(|| Asks { next: next_bit(wanted), ..Asks::NOTHING })
            }
            Reads::LastGoal | Reads::Race(_) | Reads::GoalWithin(_) | Reads::KnockOut(_) => None,
        }
    }

    fn of_number(&self, measure: Measure, wins: impl Fn(i64) -> bool) -> Option<Asks> {
        let (half_time, second) = self.begun();
        let set = |base| ScoreSet::of_number(measure.of, base, self.reach(), wins);
        match (measure.what, measure.part) {
            (What::Goals, Part::Match) => Some(Asks::NOTHING.of_full(set(self.now()))),
            (What::Goals, Part::FirstHalf) => Some(Asks::NOTHING.of_half(set(half_time))),
            (What::Goals, Part::SecondHalf) => Some(Asks::NOTHING.of_second(set(second))),
            (What::Goals, Part::Since(base)) if base == self.now() => {
                Some(Asks::NOTHING.of_full(set(Score::default())))
            }
            (What::Goals, Part::Since(_)) | (What::Corners | What::Cards, _) => None,
        }
    }

    /// The markets of both halves take their rules apart: one set of half-time scores with one of what comes after, or the
    /// contrary of that. That it comes to the same as the rule is a test.
    fn of_halves(&self, market: MarketId, outcome: Outcome) -> Option<Asks> {
        let (half_time, second) = self.begun();
        let reach = self.reach();
        let lead = |base, holds: &dyn Fn(i64) -> bool| ScoreSet::of_number(For::Lead, base, reach, holds);
        let any_goal = |base| ScoreSet::of_number(For::Both, base, reach, |goals| goals > 0);
        let ahead = |lead: i64| if market.side() == Side::Home { lead > 0 } else { lead < 0 };
        let is_no = outcome == Outcome::No;
        match (market.kind(), outcome) {
            (MarketType::HALF_TIME_FULL_TIME, Outcome::HalfFull(half, full)) => {
                let third = |wanted, base| lead(base, &|lead| crate::catalogue::Third::of(lead) == wanted);
                Some(Asks::NOTHING.of_half(third(half, half_time)).of_full(third(full, self.now())))
            }
            (MarketType::WIN_BOTH_HALVES, _) => {
                let asks = Asks::NOTHING.of_half(lead(half_time, &ahead)).of_second(lead(second, &ahead));
                Some(asks.contrary_if(is_no))
            }
            (MarketType::WIN_EITHER_HALF, _) => {
                // Neither is one set with another; either is the contrary.
                let not = |lead: i64| !ahead(lead);
                let asks = Asks::NOTHING.of_half(lead(half_time, &not)).of_second(lead(second, &not));
                Some(asks.contrary_if(!is_no))
            }
            (MarketType::GOAL_IN_BOTH_HALVES, _) => {
                Some(Asks::NOTHING.of_half(any_goal(half_time)).of_second(any_goal(second)).contrary_if(is_no))
            }
            (MarketType::HIGHEST_HALF, _) => {
                let orders = [
                    (Outcome::FirstHalf, Ordering::Less),
                    (Outcome::Equal, Ordering::Equal),
                    (Outcome::SecondHalf, Ordering::Greater),
                ];
                let order = orders.into_iter().find_map(|(named, order)| (named == outcome).then_some(order))?;
                Some(Asks { order: order_bit(order), ..Asks::NOTHING })
            }
            _ => None,
        }
    }

    fn now(&self) -> Score {
        Score { home: self.score.home_score(), away: self.score.away_score() }
    }

    /// The half-time score so far, and that of the second half.
    fn begun(&self) -> (Score, Score) {
        let (half_time, second) = self.law.begun();
        let score = |(home, away): (u32, u32)| Score { home: home as u16, away: away as u16 };
        (score(half_time), score(second))
    }

    /// Goals a side that matter, with none among them.
    fn reach(&self) -> usize {
        let (rows, columns) = self.score.size();
        self.law.reach().max(rows).max(columns).min(GOALS)
    }
}

fn is_first(market: MarketId, outcome: Outcome) -> bool {
    match market.definition().selections {
        crate::catalogue::Selections::Fixed(outcomes) => outcomes.first() == Some(&outcome),
        crate::catalogue::Selections::Scores
        | crate::catalogue::Selections::HalfScores
        | crate::catalogue::Selections::Numbers
        | crate::catalogue::Selections::Margins => market.outcomes().first() == Some(&outcome),
    }
}
