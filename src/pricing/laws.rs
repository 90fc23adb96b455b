//! All the laws of one match at one moment, and any market read from the one that it hangs on.

use super::chain::Engine;
use super::clock::{Phase, remaining};
use super::counts::Counts;
use super::fair::{Fair, shares};
use super::goal_order::{GoalOrder, GoalOrderEngine};
use super::halves::{HalfCounts, HalvesEngine, HalvesLaw, NoHalves};
use super::inputs::{ModelInputs, NoPrice, Rates, State};
use super::interval::{IntervalEngine, IntervalTimes, NoGoalInside, interval_times};
use super::knockout::{ExtraTime, KnockoutEngine, KnockoutLaw, Tie};
use super::law::ScoreLaw;
use super::model_tables::{CountTables, ModelTables};
use super::profile::Profile;
use super::tally::{CountEngine, CountLaw, CountState};
use crate::catalogue::{For, Measure, Part, Reads, Third, What, Window};
use crate::event::{MarketId, MarketType, Outcome, Score, Side};
use crate::values::LegResult;
use std::cell::RefCell;

/// What of a match some markets hang on, besides its score, clock and red cards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The score at half-time, once it was.
    pub half_time: Option<Score>,
    /// Whose the last goal so far is.
    pub last_goal: Option<Side>,
    /// Corners taken so far; `None` where they are not reported.
    pub corners: Option<Score>,
    /// Cards so far, a red counting two; `None` where they are not reported.
    pub cards: Option<Score>,
    /// A knock-out match, and home's lead from the first leg.
    pub knock_out: Option<i8>,
}

impl Circumstances {
    /// The same match before it began.
    #[must_use]
    pub fn at_kick_off(&self) -> Circumstances {
        Circumstances {
            half_time: None,
            last_goal: None,
            corners: self.corners.map(|_| Score::default()),
            cards: self.cards.map(|_| Score::default()),
            knock_out: self.knock_out,
        }
    }
}

/// Which laws are asked for: those that nobody reads are not worked out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Half-time and full-time together.
    pub halves: bool,
    /// Which goal is whose.
    pub order: bool,
    /// Corners.
    pub corners: bool,
    /// Cards.
    pub cards: bool,
    /// Who goes through.
    pub knock_out: bool,
}

impl Needs {
    /// Every law.
    pub const ALL: Needs = Needs { halves: true, order: true, corners: true, cards: true, knock_out: true };

    /// Those of these types of market.
    pub fn of(markets: &[MarketType]) -> Needs {
        let mut needs = Needs::default();
        for kind in markets {
            let market = MarketId::of(*kind).number(1);
            match (kind.definition().reads, market.measure()) {
                (Reads::HalfScore { .. } | Reads::Halves(_), _) => needs.halves = true,
                (Reads::LastGoal | Reads::Race(What::Goals), _) => needs.order = true,
                (Reads::KnockOut(_), _) => needs.knock_out = true,
                (Reads::Race(What::Corners), _) | (_, Some(Measure { what: What::Corners, .. })) => {
                    needs.corners = true;
                }
                (Reads::Race(What::Cards), _) | (_, Some(Measure { what: What::Cards, .. })) => needs.cards = true,
                (_, Some(Measure { part: Part::FirstHalf | Part::SecondHalf, .. })) => needs.halves = true,
                (
                    Reads::Line(_) | Reads::Number { .. } | Reads::Score { .. } | Reads::NthGoal | Reads::GoalWithin(_),
                    _,
                ) => {}
            }
        }
        needs
    }
}

/// What is less likely than this does not happen.
const POSSIBLE: f64 = 1e-9;
/// Goals from now on that are told apart one by one.
const GOALS_AHEAD: u8 = 6;

/// Works out all laws of a match, one match after another in the same memory.
#[derive(Clone, Debug)]
pub struct LawsEngine {
    score: Engine,
    halves: HalvesEngine,
    order: GoalOrderEngine,
    intervals: RefCell<Intervals>,
    corners: CountEngine,
    cards: CountEngine,
    knock_out: KnockoutEngine,
}

impl Default for LawsEngine {
    fn default() -> LawsEngine {
        LawsEngine {
            score: Engine::new(),
            halves: HalvesEngine::new(),
            order: GoalOrderEngine::new(),
            intervals: RefCell::default(),
            corners: CountEngine::new(),
            cards: CountEngine::new(),
            knock_out: KnockoutEngine::new(),
        }
    }
}

/// Intervals of one match at one moment, worked out as they are asked for.
#[derive(Clone, Debug, Default)]
struct Intervals {
    engine: IntervalEngine,
    known: Vec<(IntervalTimes, NoGoalInside)>,
}

/// All the laws of one match at one moment. Every market is read from one of them, and those about goals are one law seen
/// from several sides.
#[derive(Clone, Copy, Debug)]
pub struct Laws<'a> {
    score: &'a ScoreLaw,
    halves: Option<&'a HalvesLaw>,
    order: Option<&'a GoalOrder>,
    corners: Option<&'a CountLaw>,
    cards: Option<&'a CountLaw>,
    knock_out: Option<KnockoutLaw>,
    intervals: &'a RefCell<Intervals>,
    profile: &'a Profile,
    rates: Rates,
    state: State,
    circumstances: Circumstances,
}

impl LawsEngine {
    /// An engine with nothing computed yet.
    pub fn new() -> LawsEngine {
        LawsEngine::default()
    }

    /// The engine of the law of the final score alone.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.score
    }

    /// The laws from this state, as far as they are asked for. In extra time the state's score is that of the match so
    /// far, extra time included, and only the tie has a law.
    ///
    /// # Errors
    /// The named reason why these inputs have no price.
    pub fn laws<'a>(
        &'a mut self,
        tables: &'a ModelTables,
        inputs: &ModelInputs,
        state: &State,
        circumstances: &Circumstances,
        needs: Needs,
    ) -> Result<Laws<'a>, NoPrice> {
        let profile = &tables.goals;
        self.intervals.get_mut().known.clear();
        // In extra time the ninety minutes are over, and the score has its goals in it.
        let is_extra_time = state.clock.phase.is_extra_time();
        let needs = if is_extra_time { Needs { knock_out: needs.knock_out, ..Needs::default() } } else { needs };
        let rates = Rates::from(inputs);
        let score = self.score.law_from(profile, &rates, state)?;
        let time = remaining(profile, &state.clock).total();
        let half_time = half_time(state, circumstances).map(|score| (score.home, score.away));
        let halves = if needs.halves {
            match self.halves.law_from(profile, &rates, state, half_time) {
                Ok(halves) => Some(halves),
                Err(NoHalves::NoPrice(reason)) => return Err(reason),
                // Half-time was missed, or does not go with the score: its markets have no price, the others do.
                Err(NoHalves::HalfTimeUnknown | NoHalves::HalfTimeContradicts) => None,
            }
        } else {
            None
        };
        let order = if needs.order { Some(self.order.order_over(&rates, state, time, GOALS_AHEAD)?) } else { None };
        let counted = |engine: &'a mut CountEngine, tables: &CountTables, so_far: Option<Score>| {
            let so_far = so_far?;
            let share = tables.profile.elapsed_share(&state.clock);
            engine.law(&tables.model, &CountState::whole_match([so_far.home, so_far.away], share)?).ok()
        };
        let wanted = |is_needed: bool, so_far: Option<Score>| so_far.filter(|_| is_needed);
        let corners = wanted(needs.corners, circumstances.corners);
        let cards = wanted(needs.cards, circumstances.cards);
        let corners = counted(&mut self.corners, &tables.corners, corners);
        let cards = counted(&mut self.cards, &tables.cards, cards);
        let tie = circumstances.knock_out.filter(|_| needs.knock_out);
        let tie = tie.and_then(|lead| Tie::new(i16::from(lead), tables.shoot_out_home));
        let knock_out = match tie {
            Some(tie) if is_extra_time => {
                let extra_time = ExtraTime::of(&state.clock);
                Some(self.knock_out.in_extra_time(&rates, state, extra_time, profile, tie)?)
            }
            Some(tie) => Some(self.knock_out.in_regular_time(score, &rates, state, profile, tie)?),
            None => None,
        };
        Ok(Laws {
            score,
            halves,
            order,
            corners,
            cards,
            knock_out,
            intervals: &self.intervals,
            profile,
            rates,
            state: *state,
            circumstances: *circumstances,
        })
    }
}

/// The half-time score that this state has: in the first half none, whatever was reported.
fn half_time(state: &State, circumstances: &Circumstances) -> Option<Score> {
    match state.clock.phase {
        Phase::PreMatch | Phase::FirstHalf => None,
        Phase::HalfTime => Some(Score { home: state.home_score, away: state.away_score }),
        Phase::SecondHalf
        | Phase::BeforeExtraTime
        | Phase::ExtraFirstHalf
        | Phase::ExtraHalfTime
        | Phase::ExtraSecondHalf
        | Phase::Over => circumstances.half_time,
    }
}

/// The law of a number: `counts` plus `offset`, of which there is `now` already.
struct Measured<'a> {
    counts: &'a Counts,
    offset: i64,
    now: i64,
}

impl<'a> Laws<'a> {
    /// The law of the final score.
    pub fn score(&self) -> &'a ScoreLaw {
        self.score
    }

    /// The joint law of half-time and full-time, where it was asked for.
    pub fn halves(&self) -> Option<&'a HalvesLaw> {
        self.halves
    }

    /// Which goal is whose, where it was asked for.
    pub fn order(&self) -> Option<&'a GoalOrder> {
        self.order
    }

    /// How much of a measure there is now; `None` where this moment says nothing of it.
    pub fn now(&self, measure: &Measure) -> Option<i64> {
        self.measured(measure).map(|measured| measured.now)
    }

    /// The fair value of a market; `None` for what this moment says nothing of (a goal long scored, a half that is over,
    /// corners that nobody counts, a law that was not asked for).
    pub fn fair(&self, market: MarketId) -> Option<Fair> {
        let mut fair = self.summed(market)?;
        if let Fair::Shares(shares) = &mut fair {
            // A sum of what is certain may end a rounding beyond it.
            shares.iter_mut().for_each(|share| *share = share.clamp(0.0, 1.0));
        }
        Some(fair)
    }

    fn summed(&self, market: MarketId) -> Option<Fair> {
        let reads = market.definition().reads;
        if self.state.clock.phase.is_extra_time() && !matches!(reads, Reads::KnockOut(_)) {
            return None;
        }
        match reads {
            Reads::Line(threshold) => {
                let threshold = threshold(market);
                let Measured { counts, offset, now: _ } = self.measured(&threshold.measure)?;
                Some(Fair::Line(counts.above(threshold.quarters - 4 * offset)))
            }
            Reads::Number { measure, wins, beyond: _ } => match self.score.fair(market) {
                Some(fair) => Some(fair),
                None => {
                    let Measured { counts, offset, now: _ } = self.measured(&measure(market))?;
                    let ways = counts.each().map(|(number, probability)| (number + offset, probability));
                    Some(shares(market, ways, |outcome, number| wins(market, outcome, number)))
                }
            },
            Reads::Score { .. } => self.score.fair(market),
            Reads::HalfScore { wins, beyond: _ } => self.half_score(market, wins),
            Reads::Halves(_) => self.both_halves(market),
            Reads::NthGoal => self.score.fair(market).or_else(|| {
                self.order?.nth_goal(u32::from(market.first_number())).map(|chances| Fair::Shares(chances.to_vec()))
            }),
            Reads::LastGoal => self.last_goal(),
            Reads::Race(what) => self.race(what, market.first_number()),
            Reads::GoalWithin(window) => self.goal_within(&window(market)),
            Reads::KnockOut(result) => self.tie(market, result),
        }
    }

    fn measured(&self, measure: &Measure) -> Option<Measured<'a>> {
        if let Some((counts, now)) = self.score.counts(measure) {
            return Some(Measured { counts, offset: now, now });
        }
        let score = Score { home: self.state.home_score, away: self.state.away_score };
        let half_time = half_time(&self.state, &self.circumstances);
        let (half, now) = match (measure.what, measure.part) {
            (What::Corners, Part::Match) => return self.events(self.corners?, self.circumstances.corners?, measure),
            (What::Cards, Part::Match) => return self.events(self.cards?, self.circumstances.cards?, measure),
            (What::Goals, Part::FirstHalf) if half_time.is_none() => (self.halves?.first_half(), score),
            (What::Goals, Part::SecondHalf) => {
                let now = half_time.map_or(Some(Score::default()), |half_time| score.since(half_time))?;
                (self.halves?.second_half(), now)
            }
            (What::Goals, Part::Match | Part::FirstHalf | Part::Since(_))
            | (What::Corners | What::Cards, Part::FirstHalf | Part::SecondHalf | Part::Since(_)) => return None,
        };
        let counts = of_half(half, measure.of);
        Some(Measured { counts, offset: 0, now: measure.value(now) })
    }

    fn events(&self, law: &'a CountLaw, so_far: Score, measure: &Measure) -> Option<Measured<'a>> {
        let now = measure.value(so_far);
        Some(Measured { counts: law.to_come(measure.of), offset: now, now })
    }

    /// The chances of each score of a half up to `max` goals a side, home goals first, then of any other that home, neither,
    /// away leads with, put in the place of what `scores` held. `None` for a first half that is over, and a second half before
    /// its time.
    pub fn half_scores_into(&self, half: u8, max: u8, scores: &mut Vec<f64>) -> Option<()> {
        let most = usize::from(max) + 1;
        scores.clear();
        scores.resize(most * most + 3, 0.0);
        let mut add = |score: Score, chance: f64| {
            let (home, away) = (usize::from(score.home), usize::from(score.away));
            let other = most * most + Third::of(score.lead()) as usize;
            scores[if home.max(away) < most { home * most + away } else { other }] += chance;
        };
        let to_score = |home: u32, away: u32| Score { home: home as u16, away: away as u16 };
        match (half, half_time(&self.state, &self.circumstances)) {
            (1, None) => {
                let ways = self.halves?.half_time_scores();
                ways.for_each(|(home, away, chance)| add(to_score(home, away), chance));
            }
            (2, Some(half_time)) => {
                let ways = self.score.cells();
                ways.for_each(|(home, away, chance)| {
                    if let Some(second) = to_score(home, away).since(half_time) {
                        add(second, chance);
                    }
                });
            }
            (_, _) => return None,
        }
        Some(())
    }

    fn half_score(&self, market: MarketId, wins: fn(MarketId, Outcome, Score) -> bool) -> Option<Fair> {
        let wins = |outcome, score| wins(market, outcome, score);
        let to_score = |home: u32, away: u32| Score { home: home as u16, away: away as u16 };
        let halves = self.halves?;
        if market.kind() == MarketType::HALF_CORRECT_SCORE {
            let mut scores = Vec::new();
            if self.half_scores_into(market.first_number(), market.second_number(), &mut scores).is_some() {
                return Some(Fair::Shares(scores));
            }
        }
        match (market.first_number(), half_time(&self.state, &self.circumstances)) {
            (1, None) => {
                let ways = halves.half_time_scores().map(|(home, away, chance)| (to_score(home, away), chance));
                Some(shares(market, ways, wins))
            }
            (1, Some(_)) => None,
            (_, Some(half_time)) => {
                let ways = self.score.cells().filter_map(|(home, away, chance)| {
                    to_score(home, away).since(half_time).map(|second| (second, chance))
                });
                Some(shares(market, ways, wins))
            }
            (_, None) if market.kind() == MarketType::HALF_BOTH_TEAMS_TO_SCORE => {
                Some(Fair::Shares(halves.both_teams_to_score_second_half().to_vec()))
            }
            (_, None) => Some(self.by_both_halves(market, |outcome, _, second| wins(outcome, second))?),
        }
    }

    /// Sums that are at hand, or the market's own rule over every pair of halves, which is the same (it is a test).
    fn both_halves(&self, market: MarketId) -> Option<Fair> {
        let halves = self.halves?;
        let side = usize::from(market.side() == Side::Away);
        let yes = |chance: f64| vec![chance, 1.0 - chance];
        Some(Fair::Shares(match market.kind() {
            MarketType::HALF_TIME_FULL_TIME => halves.half_time_full_time().to_vec(),
            MarketType::WIN_BOTH_HALVES => yes(halves.win_both_halves()[side]),
            MarketType::WIN_EITHER_HALF => yes(halves.win_either_half()[side]),
            MarketType::HIGHEST_HALF => halves.highest_scoring_half().to_vec(),
            MarketType::GOAL_IN_BOTH_HALVES => halves.goal_in_both_halves().to_vec(),
            _ => return self.by_rule_of_halves(market),
        }))
    }

    /// By the market's rule alone.
    pub(super) fn by_rule_of_halves(&self, market: MarketId) -> Option<Fair> {
        let Reads::Halves(wins) = market.definition().reads else { return None };
        self.by_both_halves(market, |outcome, first, second| wins(market, outcome, first, second))
    }

    fn by_both_halves(&self, market: MarketId, wins: impl Fn(Outcome, Score, Score) -> bool) -> Option<Fair> {
        let to_score = |(home, away): (u32, u32)| Score { home: home as u16, away: away as u16 };
        let outcomes = market.outcomes();
        let mut sums = vec![0.0; outcomes.len()];
        self.halves?.each_with_next(|half_time, full_time, _, chance| {
            let first = to_score(half_time);
            let Some(second) = to_score(full_time).since(first) else { return };
            for (sum, outcome) in sums.iter_mut().zip(&outcomes) {
                if wins(*outcome, first, second) {
                    *sum += chance;
                }
            }
        });
        Some(Fair::Shares(sums))
    }

    /// If there is no more goal, the last one so far stays the last.
    fn last_goal(&self) -> Option<Fair> {
        let [home, none, away] = self.order?.last_goal();
        Some(Fair::Shares(match self.circumstances.last_goal {
            _ if self.score.goals_now() == 0 => vec![home, away, none],
            Some(Side::Home) => vec![home + none, away, 0.0],
            Some(Side::Away) => vec![home, away + none, 0.0],
            None => return None,
        }))
    }

    fn race(&self, what: What, to: u8) -> Option<Fair> {
        let to = u16::from(to);
        let [home, neither, away] = match what {
            What::Goals => self.order?.race_to(to),
            What::Corners => self.corners?.race_to(to),
            What::Cards => self.cards?.race_to(to),
        }?;
        Some(Fair::Shares(vec![home, away, neither]))
    }

    fn goal_within(&self, window: &Window) -> Option<Fair> {
        let none = self.no_goal_within(window)?;
        let none = match window.side {
            None => none.either,
            Some(Side::Home) => none.home,
            Some(Side::Away) => none.away,
        };
        Some(Fair::Shares(vec![1.0 - none, none]))
    }

    /// The chances that nobody, that home, that away does not score in what is left of these minutes; whether they have
    /// brought a goal already is for the facts to say. `None` for what are no minutes of a match.
    pub fn no_goal_within(&self, window: &Window) -> Option<NoGoalInside> {
        let with_stoppage = window.to == 45 || window.to == 90;
        let (from, to) = (f64::from(window.from), f64::from(window.to));
        let times = interval_times(self.profile, &self.state.clock, from, to, with_stoppage)?;
        let intervals = &mut *self.intervals.borrow_mut();
        // Several markets ask for the same minutes. Each is walked to by itself, so that it does not matter who asks first.
        if let Some((_, none)) = intervals.known.iter().find(|(of, _)| *of == times) {
            return Some(*none);
        }
        let none = intervals.engine.no_goal(&self.rates, &self.state, &times).ok()?;
        intervals.known.push((times, none));
        Some(none)
    }

    /// The chances of the six ends of a tie; where some return the stake, those of the others among themselves.
    fn tie(
        &self,
        market: MarketId,
        result: fn(MarketId, Outcome, crate::catalogue::Fate) -> LegResult,
    ) -> Option<Fair> {
        use crate::catalogue::Fate;
        let law = self.knock_out?;
        let chance = |fate: Fate| {
            let of_side = if fate.winner() == Side::Home { law.method_home } else { law.method_away };
            of_side[match fate {
                Fate::Ninety(_) => 0,
                Fate::ExtraTime(_) => 1,
                Fate::ShootOut(_) => 2,
                Fate::StraightShootOut(_) => return 0.0,
            }]
        };
        let outcomes = market.outcomes();
        let share = |outcome: &Outcome, wanted: LegResult| -> f64 {
            Fate::ALL.into_iter().filter(|fate| result(market, *outcome, *fate) == wanted).map(chance).sum()
        };
        let counts = outcomes.first().map(|first| share(first, LegResult::Win) + share(first, LegResult::Lose))?;
        // Beyond all likelihood there is no extra time to speak of.
        let worth = |outcome| share(outcome, LegResult::Win) / counts;
        (counts > POSSIBLE).then(|| Fair::Shares(outcomes.iter().map(worth).collect()))
    }
}

fn of_half(half: &HalfCounts, of: For) -> &Counts {
    match of {
        For::Both => half.total(),
        For::One(Side::Home) => half.home(),
        For::One(Side::Away) => half.away(),
        For::Lead => half.lead(),
    }
}
