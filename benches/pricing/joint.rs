//! The whole catalogue of one match with the half-time joint: halves, order of goals, minutes, and bets together.

use crate::catalogue;
use crate::states::Match;
use serde_json::Value;
use std::hint::black_box;
use touchline::catalogue::{MarketType, Moment, Reads, Stage, Window};
use touchline::event::{MarketId, Outcome, Score, Side};
use touchline::pricing::{
    COMBINATION_CAP, Circumstances, Fair, HalfCounts, HalvesLaw, Laws, LawsEngine, Needs, NextGoal, Phase, Split, same_game,
};
use touchline::values::QuarterLine;

/// The laws that this catalogue hangs on.
const NEEDS: Needs = Needs { halves: true, order: true, corners: false, cards: false, knock_out: false };

/// A selection and one over the odds at which it is offered alone.
type Leg = (MarketId, Outcome, f64);

/// A match, and what is asked of it.
pub(super) struct Subject {
    pub(super) one: Match,
    circumstances: Circumstances,
    /// Minutes on the shelf.
    windows: Vec<Window>,
    /// Which halves are on the shelf.
    halves: Vec<u8>,
    races: Vec<u16>,
    combinations: Vec<Vec<Leg>>,
}

/// How it stood at half-time in the states of the reference; of those of our own making, half the goals, rounded up, fell in
/// the first half.
pub(super) fn subjects(matches: &[Match]) -> Vec<Subject> {
    let told = half_times();
    let mut engine = LawsEngine::new();
    matches.iter().enumerate().map(|(place, one)| subject(&mut engine, one, told.get(place).copied().flatten())).collect()
}

#[expect(clippy::disallowed_methods, reason = "a bench finds its data by the environment")]
fn half_times() -> Vec<Option<Score>> {
    let data = std::env::var("TOUCHLINE_DATA").unwrap_or_else(|_| "../shared/data".into());
    let Ok(text) = std::fs::read_to_string(format!("{data}/../reference/pricing_states.json")) else {
        return Vec::new();
    };
    let file: Value = serde_json::from_str(&text).expect("the reference is JSON");
    let told = |set: &Value| {
        let score = set["input"]["ht_score"].as_array()?;
        let goals = |side: usize| score[side].as_u64().expect("a whole number") as u16;
        Some(Score { home: goals(0), away: goals(1) })
    };
    file["sets"].as_array().expect("sets are a list").iter().map(told).collect()
}

fn subject(engine: &mut LawsEngine, one: &Match, told: Option<Score>) -> Subject {
    let now = Score { home: one.state.home_score, away: one.state.away_score };
    let guessed = Score { home: now.home.div_ceil(2), away: now.away.div_ceil(2) };
    let (stage, half_time) = match one.state.clock.phase {
        Phase::PreMatch => (Stage::PreMatch, None),
        Phase::FirstHalf => (Stage::FirstHalf, None),
        Phase::HalfTime => (Stage::HalfTime, Some(now)),
        Phase::SecondHalf | Phase::Over => (Stage::SecondHalf, Some(told.unwrap_or(guessed))),
    };
    let moment = Moment {
        stage,
        minute: one.state.clock.minute as u8,
        score: now,
        half_time,
        corners: Score::default(),
        correct_score_max: 6,
        has_corners: false,
        has_cards: false,
        is_knock_out: false,
    };
    let shelf = |kind: MarketType| (kind.definition().on_shelf)(&moment);
    let mut windows = Vec::new();
    for kind in [MarketType::GOAL_IN_INTERVAL, MarketType::GOAL_BEFORE] {
        let Reads::GoalWithin(window) = kind.definition().reads else { panic!("minutes are read as minutes") };
        windows.extend(shelf(kind).into_iter().map(window));
    }
    let halves = shelf(MarketType::HALF_RESULT).iter().map(|market| market.first_number()).collect();
    let races = shelf(MarketType::RACE).iter().map(|market| u16::from(market.first_number())).collect();
    let last_goal = (now.both() > 0).then_some(if now.home > 0 { Side::Home } else { Side::Away });
    let circumstances = Circumstances { half_time, last_goal, ..Circumstances::default() };
    let laws = engine.laws(&one.profile, &one.inputs, &one.state, &circumstances, NEEDS).expect("it has a price");
    let combinations = combinations(&laws, now, half_time).into_iter().filter(|legs| same_game(&laws, legs, COMBINATION_CAP).is_ok()).collect();
    Subject { one: one.clone(), circumstances, windows, halves, races, combinations }
}

/// Twelve usual ones, of which ten are taken: what a score or a half has decided has no place in them.
fn combinations(laws: &Laws<'_>, now: Score, half_time: Option<Score>) -> Vec<Vec<Leg>> {
    use Outcome::{Away, Draw, Home, HomeOrDraw, Over, Under, Yes};
    let line = |over: u16, more: i16| QuarterLine::from_quarters(4 * (over as i16 + more) + 2);
    let goals = |more| MarketId::total(line(now.home + now.away, more));
    let home_goals = |more| MarketId::team_total(Side::Home, line(now.home, more));
    let away_goals = |more| MarketId::team_total(Side::Away, line(now.away, more));
    let result = MarketId::MATCH_RESULT;
    let both = if now.home > 0 && now.away > 0 { (away_goals(0), Over) } else { (MarketId::BOTH_TEAMS_TO_SCORE, Yes) };
    let half = if half_time.is_none() { 1 } else { 2 };
    let goals_of_half = half_time.map_or(now, |before| now.since(before).expect("goals stay"));
    let half_goals = |of: u8, more| {
        let goals = if of == half { goals_of_half } else { Score::default() };
        MarketId::of(MarketType::HALF_TOTAL).numbers(of, 0).at_line(line(goals.home + goals.away, more))
    };
    let half_result = MarketId::of(MarketType::HALF_RESULT).number(half);
    let halves = MarketId::of(MarketType::HALF_TIME_FULL_TIME);
    let then = half_time.unwrap_or(now);
    let then = [touchline::catalogue::Third::Home, touchline::catalogue::Third::Draw, touchline::catalogue::Third::Away]
        [(1 - then.lead().signum()) as usize];
    let to_home = (halves, Outcome::HalfFull(then, touchline::catalogue::Third::Home));
    let home_wins_by_one = (
        MarketId::correct_score(6),
        if now.home.max(now.away) < 6 {
            Outcome::Score(now.home.max(now.away) as u8 + 1, now.away as u8)
        } else {
            Outcome::OtherHome
        },
    );
    let next = MarketId::next_goal((now.both() + 1) as u8);
    let all: [Vec<(MarketId, Outcome)>; 10] = [
        vec![(result, Home), both],
        vec![(result, Away), (goals(1), Over)],
        vec![(result, Draw), (goals(1), Under), (half_goals(half, 0), Over)],
        vec![to_home, (goals(1), Over)],
        vec![to_home, home_wins_by_one],
        vec![(MarketId::DOUBLE_CHANCE, HomeOrDraw), (goals(2), Under), both],
        vec![(half_result, Home), (result, Home)],
        vec![(next, Home), (result, Home), (goals(1), Over)],
        vec![(home_goals(0), Over), (away_goals(1), Under), (MarketId::of(MarketType::HIGHEST_HALF), Outcome::SecondHalf)],
        vec![(MarketId::DOUBLE_CHANCE, HomeOrDraw), (goals(3), Under), (half_goals(2, 0), Over), (away_goals(0), Over)],
    ];
    let offered = |(market, outcome): (MarketId, Outcome)| {
        let place = market.outcomes().iter().position(|one| *one == outcome).expect("it is a selection");
        let fair = match laws.fair(market) {
            Some(Fair::Shares(shares)) => shares[place],
            Some(Fair::Line(split)) => [split.win, split.lose][place],
            None => panic!("{market} has no value"),
        };
        (market, outcome, f64::min(1.05 * fair, 1.0))
    };
    all.into_iter().map(|legs| legs.into_iter().map(offered).collect()).collect()
}

/// How many combinations all of them have together, and legs.
pub(super) fn told(subjects: &[Subject]) -> String {
    let combinations: usize = subjects.iter().map(|subject| subject.combinations.len()).sum();
    let windows: usize = subjects.iter().map(|subject| subject.windows.len()).sum();
    format!(
        "{:.1} combinations and {:.1} intervals a state",
        combinations as f64 / subjects.len() as f64,
        windows as f64 / subjects.len() as f64
    )
}

/// Engines and memory that are used again.
#[derive(Default)]
pub(super) struct Joint {
    engine: LawsEngine,
    catalogue: catalogue::Fair,
    fair: JointFair,
}

/// Fair values of one match.
#[derive(Default)]
struct JointFair {
    shares: Vec<f64>,
    splits: Vec<Split>,
    together: Vec<f64>,
}

impl Joint {
    /// The laws alone.
    pub(super) fn laws(&mut self, subject: &Subject, call: u32) {
        let Subject { one, circumstances, .. } = subject;
        let inputs = black_box(one.inputs_of(call));
        let laws = self.engine.laws(&one.profile, &inputs, &one.state, circumstances, NEEDS);
        black_box(laws.expect("a match to price has a price").score().match_result());
    }

    pub(super) fn halves(&mut self, subject: &Subject, call: u32) {
        let Subject { one, circumstances, .. } = subject;
        let inputs = black_box(one.inputs_of(call));
        let laws = self.engine.laws(&one.profile, &inputs, &one.state, circumstances, Needs { halves: true, ..Needs::default() });
        black_box(laws.expect("a match to price has a price").score().match_result());
    }
    pub(super) fn order(&mut self, subject: &Subject, call: u32) {
        let Subject { one, circumstances, .. } = subject;
        let inputs = black_box(one.inputs_of(call));
        let laws = self.engine.laws(&one.profile, &inputs, &one.state, circumstances, Needs { order: true, ..Needs::default() });
        black_box(laws.expect("a match to price has a price").score().match_result());
    }

    /// Intervals
    pub(super) fn intervals(&mut self, subject: &Subject, call: u32) {
        let Subject { one, circumstances, .. } = subject;
        let inputs = black_box(one.inputs_of(call));
        let laws = self.engine.laws(&one.profile, &inputs, &one.state, circumstances, Needs::default()).unwrap();
        for w in &subject.windows {
            let market = if w.to - w.from == 15 && w.from != 0 || w.to == 15 { MarketId::of(MarketType::GOAL_IN_INTERVAL).numbers(w.from, w.to)} else {MarketId::of(MarketType::GOAL_BEFORE).number(w.to)};
            black_box(laws.fair(market));
        }
    }
    pub(super) fn combos(&mut self, subject: &Subject, call: u32) {
        let Subject { one, circumstances, .. } = subject;
        let inputs = black_box(one.inputs_of(call));
        let laws = self.engine.laws(&one.profile, &inputs, &one.state, circumstances, Needs { halves: true, ..Needs::default() }).unwrap();
        for legs in &subject.combinations {
            black_box(same_game(&laws, legs, COMBINATION_CAP)).unwrap();
        }
    }
}
