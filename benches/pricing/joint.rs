//! The whole catalogue of one match with the half-time joint: halves, order of goals, minutes, and bets together.

use crate::catalogue::{self, Margins};
use crate::states::Match;
use serde_json::Value;
use std::hint::black_box;
use touchline::catalogue::{For, MarketType, Measure, Moment, Part, Reads, Stage as MatchStage, Third, What, Window};
use touchline::event::{MarketId, ModelRules, Outcome, Score, Side};
use touchline::pricing::{
    COMBINATION_CAP, Circumstances, Fair, HalfCounts, JointPrice, Ladder, Laws, LawsEngine, MarginMethod, MarginPlan,
    ModelTables, Needs, Offer, Phase, PriceMaker, SameGames, Split,
};
use touchline::values::{Billionths, QuarterLine};

/// The laws that this catalogue hangs on.
const NEEDS: Needs = Needs { halves: true, order: true, corners: false, cards: false, knock_out: false };

/// A selection and one over the odds at which it is offered alone.
type Leg = (MarketId, Outcome, f64);

/// A match, and what is asked of it.
pub(super) struct Subject {
    pub(super) one: Match,
    tables: ModelTables,
    circumstances: Circumstances,
    /// Minutes on the shelf.
    windows: Vec<Window>,
    /// Which halves are on the shelf.
    halves: Vec<u8>,
    races: Vec<u16>,
    combinations: Vec<Vec<Leg>>,
    /// So many of them are different.
    kinds: usize,
}

/// Matches, the last of them `generated`. How it stood at half-time is told by the reference; of those of our own making, half the goals, rounded up, fell in
/// the first half.
pub(super) fn subjects(matches: &[Match], generated: usize) -> Vec<Subject> {
    let mut told = half_times();
    told.truncate(matches.len() - generated);
    let mut engine = LawsEngine::new();
    matches
        .iter()
        .enumerate()
        .map(|(place, one)| subject(&mut engine, one, told.get(place).copied().flatten()))
        .collect()
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

/// Its own spread of goals; corners and cards are not asked for.
fn tables_of(one: &Match) -> ModelTables {
    ModelTables::with_goals(one.profile.clone(), &ModelRules::measured_v1())
        .expect("the measured model keeps its rules")
}

fn subject(engine: &mut LawsEngine, one: &Match, told: Option<Score>) -> Subject {
    let now = Score { home: one.state.home_score, away: one.state.away_score };
    let guessed = Score { home: now.home.div_ceil(2), away: now.away.div_ceil(2) };
    let (stage, half_time) = match one.state.clock.phase {
        Phase::PreMatch => (MatchStage::PreMatch, None),
        Phase::FirstHalf => (MatchStage::FirstHalf, None),
        Phase::HalfTime => (MatchStage::HalfTime, Some(now)),
        Phase::SecondHalf
        | Phase::BeforeExtraTime
        | Phase::ExtraFirstHalf
        | Phase::ExtraHalfTime
        | Phase::ExtraSecondHalf
        | Phase::Over => (MatchStage::SecondHalf, Some(told.unwrap_or(guessed))),
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
    let on_shelf = |kind: MarketType| kind.definition().shelf(&moment);
    let mut windows = Vec::new();
    for kind in [MarketType::GOAL_IN_INTERVAL, MarketType::GOAL_BEFORE] {
        let Reads::GoalWithin(window) = kind.definition().reads else { panic!("minutes are read as minutes") };
        windows.extend(on_shelf(kind).into_iter().map(window));
    }
    let halves = on_shelf(MarketType::HALF_RESULT).iter().map(|market| market.first_number()).collect();
    let races = on_shelf(MarketType::RACE).iter().map(|market| u16::from(market.first_number())).collect();
    let last_goal = (now.both() > 0).then_some(if now.home > 0 { Side::Home } else { Side::Away });
    let circumstances = Circumstances { half_time, last_goal, ..Circumstances::default() };
    let tables = tables_of(one);
    let laws = engine.laws(&tables, &one.inputs, &one.state, &circumstances, NEEDS).expect("it has a price");
    let mut combinations = combinations(&laws, now, half_time);
    let (mut games, mut sold) = (SameGames::new(), Vec::new());
    let mut game = games.of(&laws).expect("the halves were asked for");
    combinations.retain(|legs| game.price(legs, COMBINATION_CAP).is_ok());
    // What a score has ruled out makes way for another one.
    while sold.len() < COMBINATIONS && !combinations.is_empty() {
        sold.push(combinations[sold.len() % combinations.len()].clone());
    }
    Subject {
        one: one.clone(),
        tables,
        circumstances,
        windows,
        halves,
        races,
        kinds: combinations.len(),
        combinations: sold,
    }
}

/// Combinations a match.
const COMBINATIONS: usize = 10;

/// Ten usual ones, of two to four legs; what a score has decided has no place in them.
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
    let to_home = (halves, Outcome::HalfFull(Third::of(then.lead()), Third::Home));
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
        vec![
            (home_goals(0), Over),
            (away_goals(1), Under),
            (MarketId::of(MarketType::HIGHEST_HALF), Outcome::SecondHalf),
        ],
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

/// What is asked of them on average, for the table's own sake.
pub(super) fn told(subjects: &[Subject]) -> String {
    let mean = |of: &dyn Fn(&Subject) -> usize| subjects.iter().map(of).sum::<usize>() as f64 / subjects.len() as f64;
    let legs = mean(&|subject| subject.combinations.iter().map(Vec::len).sum());
    let kinds = mean(&|subject| subject.kinds);
    let mut joint = Joint::new();
    let mut offers = 0;
    subjects.iter().for_each(|subject| offers += joint.price(subject, 0, Stage::Offers));
    format!(
        "{:.0} offers a state, of {:.1} intervals (any side, each side) and {COMBINATIONS} combinations of {:.1} legs on average, \
         {kinds:.1} of them different",
        offers as f64 / subjects.len() as f64,
        mean(&|subject| subject.windows.len()),
        legs / COMBINATIONS as f64,
    )
}

/// Engines and memory that are used again.
pub(super) struct Joint {
    engine: LawsEngine,
    games: SameGames,
    catalogue: catalogue::Fair,
    fair: JointFair,
    margins: Margins,
    joint_margins: JointMargins,
}

/// The fair values of one match that are not in [`catalogue::Fair`].
#[derive(Default)]
struct JointFair {
    /// Market after market, and where each ends.
    shares: Vec<f64>,
    ends: Vec<usize>,
    scores: Vec<f64>,
    /// Families of [`LINES`] lines.
    lines: Vec<Split>,
    together: Vec<JointPrice>,
}

/// Lines of a family: goals of both in a half, of each side in it, its handicap.
const LINES: usize = 5;

impl JointFair {
    fn put(&mut self, shares: &[f64]) {
        self.shares.extend_from_slice(shares);
        self.ends.push(self.shares.len());
    }

    fn yes(&mut self, chance: f64) {
        self.put(&[chance, f64::max(1.0 - chance, 0.0)]);
    }

    fn read(&mut self, laws: &Laws<'_>, subject: &Subject) {
        self.shares.clear();
        self.ends.clear();
        self.lines.clear();
        let halves = laws.halves().expect("it was asked for");
        for half in &subject.halves {
            self.read_half(laws, if *half == 1 { halves.first_half() } else { halves.second_half() }, *half);
        }
        self.put(&halves.half_time_full_time());
        halves.win_both_halves().into_iter().chain(halves.win_either_half()).for_each(|chance| self.yes(chance));
        self.put(&halves.highest_scoring_half());
        self.put(&halves.goal_in_both_halves());
        let order = laws.order().expect("it was asked for");
        let next = laws.score().goals_now() + 1;
        (next..next + 3).filter_map(|nth| order.nth_goal(nth)).for_each(|whose| self.put(&whose));
        self.put(&order.last_goal());
        subject.races.iter().filter_map(|to| order.race_to(*to)).for_each(|whose| self.put(&whose));
        for window in &subject.windows {
            let none = laws.no_goal_within(window).expect("minutes of the shelf are minutes");
            [none.either, none.home, none.away].into_iter().for_each(|none| self.yes(1.0 - none));
        }
    }

    fn read_half(&mut self, laws: &Laws<'_>, half: &HalfCounts, number: u8) {
        self.put(&half.result());
        let halves = laws.halves().expect("it was asked for");
        let [first, second] = [halves.both_teams_to_score_first_half(), halves.both_teams_to_score_second_half()];
        self.put(if number == 1 { &first } else { &second });
        let mut scores = std::mem::take(&mut self.scores);
        if laws.half_scores_into(number, 2, &mut scores).is_some() {
            self.put(&scores);
        }
        self.scores = scores;
        let part = if number == 1 { Part::FirstHalf } else { Part::SecondHalf };
        let both = (half.total(), For::Both);
        let families = [both, (half.home(), For::One(Side::Home)), (half.away(), For::One(Side::Away))];
        for (goals, of) in families.into_iter().chain([(half.lead(), For::Lead)]) {
            // From half a goal more than there is; a handicap from a goal below it, by half goals.
            let now = laws.now(&Measure { what: What::Goals, part, of }).expect("this half is on the shelf") as i16;
            let (least, step) = if of == For::Lead { (-4, 2) } else { (2, 4) };
            let line = |place: usize| QuarterLine::from_quarters(4 * now + least + step * place as i16);
            self.lines.extend((0..LINES).map(|place| goals.over(line(place))));
        }
    }
}

/// Margins on these: as those of the rest of the catalogue.
struct JointMargins {
    ladder: Ladder,
    many_way: MarginPlan,
    two_way: MarginPlan,
    maker: PriceMaker,
    lines: Vec<(Split, MarginPlan)>,
    offers: Vec<Offer>,
    pairs: Vec<[Offer; 2]>,
}

impl JointMargins {
    fn new() -> JointMargins {
        let overround = |thousandths: i64| Billionths::from_raw(thousandths * 1_000_000);
        JointMargins {
            ladder: Ladder::decimal_default(),
            many_way: MarginPlan::new(MarginMethod::Power, overround(1_080)).shrinking_from(&[0.45, 0.28, 0.27]),
            two_way: MarginPlan::new(MarginMethod::OddsRatio, overround(1_060)).shrinking_from(&[0.5, 0.5]),
            maker: PriceMaker::new(),
            lines: Vec::new(),
            offers: Vec::new(),
            pairs: Vec::new(),
        }
    }

    /// How many offers there are.
    fn offer(&mut self, fair: &JointFair) -> usize {
        let JointMargins { ladder, many_way, two_way, maker, lines, offers, pairs } = self;
        offers.clear();
        pairs.clear();
        let mut begin = 0;
        for end in &fair.ends {
            let shares = &fair.shares[begin..*end];
            let plan = if shares.len() == 2 { &*two_way } else { &*many_way };
            // Two sides win a half each way: what is no single choice of one has its yes and its no.
            maker.offer(shares, 1, plan, ladder, offers).expect("a law gives probabilities");
            begin = *end;
        }
        for family in fair.lines.chunks_exact(LINES) {
            lines.clear();
            lines.extend(family.iter().map(|split| (*split, *two_way)));
            maker.offer_lines(lines, ladder, pairs).expect("a law gives probabilities");
        }
        let rungs = fair.together.iter().filter_map(|price| ladder.down(1.0 / price.offered)).count();
        offers.len() + 2 * pairs.len() + rungs
    }
}

impl Joint {
    pub(super) fn new() -> Joint {
        Joint {
            engine: LawsEngine::new(),
            games: SameGames::new(),
            catalogue: catalogue::Fair::default(),
            fair: JointFair::default(),
            margins: Margins::new(),
            joint_margins: JointMargins::new(),
        }
    }

    /// The law of the final score, the joint law of the halves, the order of goals; and of the rest as much as `stage` says.
    /// How many offers there are.
    pub(super) fn price(&mut self, subject: &Subject, call: u32, stage: Stage) -> usize {
        let Joint { engine, games, catalogue, fair, margins, joint_margins } = self;
        let Subject { one, tables, circumstances, .. } = subject;
        let inputs = black_box(one.inputs_of(call));
        let needs = Needs { order: stage != Stage::Joint, ..NEEDS };
        let laws = engine.laws(tables, &inputs, &one.state, circumstances, needs);
        let laws = laws.expect("a match to price has a price");
        black_box(laws.score().match_result());
        if stage < Stage::Fair {
            return 0;
        }
        catalogue.read(laws.score());
        fair.read(&laws, subject);
        black_box(catalogue.checksum() + fair.shares.iter().sum::<f64>());
        fair.together.clear();
        if stage >= Stage::Combinations {
            let mut game = games.of(&laws).expect("the halves were asked for");
            let prices = subject.combinations.iter().map(|legs| game.price(legs, COMBINATION_CAP));
            fair.together.extend(prices.map(|price| price.expect("what does not go together was left out")));
            black_box(fair.together.last());
        }
        if stage < Stage::Offers { 0 } else { black_box(margins.offer(catalogue) + joint_margins.offer(fair)) }
    }
}

/// How much of it is done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// The laws of the final score and of the halves.
    Joint,
    /// And the order of goals.
    Laws,
    /// And every fair value.
    Fair,
    /// And the combinations.
    Combinations,
    /// And margins and rungs.
    Offers,
}
