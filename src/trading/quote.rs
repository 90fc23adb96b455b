//! What a match is priced at: the model's inputs in, prices on the ladder out.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::opening::Opening;
use super::overrides::{LineOffsets, LinesBefore, Overrides};
use super::shelf::Shelf;
use super::together::{NotTogether, Together};
use crate::catalogue::{Moment, Stage};
use crate::event::{
    CORRECT_SCORE_MAX, Expectation, LadderForm, MarketId, MatchClock, ModelRules, ModelUsed, Outcome, Period, Score,
    TradingRules,
};
use crate::pricing::{
    BadModel, Circumstances, Clock, Combination, Ladder, LawsEngine, ModelInputs, ModelTables, Needs, NoPrice, NoRates,
    Offer, Phase, PriceMaker, Profile, Rates, State, rates_from_expectancies, same_game,
};
use crate::values::{Billionths, HashStream, Millis, QuarterLine};

/// What is less likely than one in a million is not offered, in billionths.
const FAIR_LEAST: i64 = 1_000;
/// Five men sent off end a match.
const REDS_THAT_ABANDON: u8 = 5;

/// How a match stands, as far as its price goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What was expected of it before it began.
    pub expectation: Expectation,
    /// The running period; a half of extra time whose clock does not run yet is about to begin.
    pub period: Period,
    /// The last reported clock; one of another period is not looked at.
    pub clock: Option<MatchClock>,
    /// The score; in extra time its goals are in it.
    pub score: Score,
    /// Red cards home, away.
    pub reds: (u8, u8),
    /// What else some markets hang on.
    pub circumstances: Circumstances,
}

/// The main line of each family of a match: it stays while it is nearly the most even one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MainLines(BTreeMap<MarketId, QuarterLine>);

impl MainLines {
    /// Of a family, which is named by its market at line 0.
    pub fn of(&self, family: MarketId) -> Option<QuarterLine> {
        self.0.get(&family).copied()
    }

    /// Of every family that has one.
    pub fn iter(&self) -> impl Iterator<Item = (MarketId, QuarterLine)> + '_ {
        self.0.iter().map(|(family, line)| (*family, *line))
    }

    pub(super) fn keep(&mut self, family: MarketId, main: QuarterLine) {
        self.0.insert(family, main);
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        stream.unsigned(self.0.len() as u64);
        for (family, line) in &self.0 {
            stream.text(&family.to_string()).integer(i64::from(line.quarters()));
        }
    }
}

/// Prices of one match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The inputs that made them; solved, if the fixture brought odds. Their version is the match's to tell.
    pub model: ModelUsed,
    /// The markets on offer, each with an offer a selection, in the order of `MarketId::outcomes`.
    pub offers: BTreeMap<MarketId, Vec<Offer>>,
    /// The main line of each family.
    pub main_lines: MainLines,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpriced {
    /// The fixture's odds do not say what goals to expect.
    Odds(NoRates),
    /// The model gives no price.
    Model(NoPrice),
    /// The rules' model cannot be: it says of no minute how many goals it has, or not how corners or cards come. Settings
    /// that were checked have no such model.
    Rules(BadModel),
    /// A side has too few players to go on.
    Abandonment,
}

impl fmt::Display for Unpriced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unpriced::Odds(reason) => write!(f, "no price: the fixture's odds give no rates: {reason:?}"),
            Unpriced::Model(reason) => write!(f, "no price: {reason:?}"),
            Unpriced::Rules(reason) => write!(f, "no price: the rules' model cannot be: {reason:?}"),
            Unpriced::Abandonment => f.write_str("no price: five men of one side sent off"),
        }
    }
}

/// Prices one match as it stands, with no memory of what was offered before: what trading would publish first.
///
/// # Errors
/// Why there is no price.
pub fn price(standing: &Standing, rules: &TradingRules) -> Result<Quote, Unpriced> {
    Pricer::new().quote(standing, &Overrides::default(), &MainLines::default(), rules, &mut Opening::default())
}

/// The same from the model's own inputs, of any profile: for what is not a fixture of the feed. Corners and cards come by
/// the rules' model.
///
/// # Errors
/// Why there is no price.
pub fn price_state(
    profile: &Profile,
    inputs: &ModelInputs,
    state: &State,
    circumstances: &Circumstances,
    rules: &TradingRules,
) -> Result<Quote, Unpriced> {
    let tables = ModelTables::with_goals(profile.clone(), &rules.model).map_err(Unpriced::Rules)?;
    Pricer::new().quote_state(
        &tables,
        inputs,
        state,
        circumstances,
        LinesBefore { main_lines: &MainLines::default(), offsets: &LineOffsets::default() },
        rules,
        &mut Opening::default(),
    )
}

/// The pricing engine with its tables. No part of the state: it remembers nothing that changes a price.
pub(super) struct Pricer {
    engine: LawsEngine,
    /// Another one for the match as it was at kick-off, while the first one's law is in use.
    opening_engine: LawsEngine,
    maker: PriceMaker,
    tables: Tables,
    decimal: Ladder,
    american: Ladder,
}

impl Pricer {
    pub(super) fn new() -> Pricer {
        Pricer {
            engine: LawsEngine::new(),
            opening_engine: LawsEngine::new(),
            maker: PriceMaker::new(),
            tables: Tables::default(),
            decimal: Ladder::decimal_default(),
            american: Ladder::american_default(),
        }
    }

    /// Prices the match by the rules of its competition: every market on offer from one law of the final score.
    pub(super) fn quote(
        &mut self,
        standing: &Standing,
        overrides: &Overrides,
        main_lines: &MainLines,
        rules: &TradingRules,
        opening: &mut Opening,
    ) -> Result<Quote, Unpriced> {
        let (home_reds, away_reds) = standing.reds;
        if home_reds.max(away_reds) >= REDS_THAT_ABANDON {
            return Err(Unpriced::Abandonment); // Whatever the odds say.
        }
        let tables = self.tables.of(&rules.model).map_err(Unpriced::Rules)?;
        let of_fixture = opening.inputs(&mut self.opening_engine, &standing.expectation, &rules.model);
        let inputs = overrides.over(of_fixture, &rules.model).map_err(Unpriced::Odds)?;
        let state = state_of(standing);
        let lines_before = LinesBefore { main_lines, offsets: overrides.line_offsets() };
        self.quote_state(&tables, &inputs, &state, &standing.circumstances, lines_before, rules, opening)
    }

    /// λ and μ of the total and the supremacy that a trader expects, by the law with the φ and ρ that the match would be
    /// priced with.
    pub(super) fn rates_from(
        &mut self,
        expectancies: [Billionths; 2],
        rho: Option<Billionths>,
        expectation: &Expectation,
        model: &Arc<ModelRules>,
        opening: &mut Opening,
    ) -> Result<[Billionths; 2], NoRates> {
        let of_fixture = opening.inputs(&mut self.opening_engine, expectation, model);
        let given = of_fixture.unwrap_or_else(|_| ModelInputs::of(model, Billionths::ONE, Billionths::ONE));
        let given = ModelInputs { rho: rho.unwrap_or(given.rho), ..given };
        let [total, supremacy] = expectancies.map(Billionths::to_f64);
        let goals = [(total + supremacy) / 2.0, (total - supremacy) / 2.0];
        let solved = rates_from_expectancies(self.opening_engine.engine(), goals, &Rates::from(&given))?;
        let rounded = |rate| Billionths::from_f64(rate).ok_or(NoRates::NotSolved);
        Ok([rounded(solved.home_rate)?, rounded(solved.away_rate)?])
    }

    /// What selections come to together, each with one over the odds of its offer.
    pub(super) fn together(
        &mut self,
        standing: &Standing,
        rules: &TradingRules,
        opening: &mut Opening,
        offered: &[(MarketId, Outcome, f64)],
        cap: f64,
    ) -> Result<Together, NotTogether> {
        let tables = self.tables.of(&rules.model).map_err(|reason| NotTogether::Unpriced(Unpriced::Rules(reason)))?;
        let inputs = opening
            .inputs(&mut self.opening_engine, &standing.expectation, &rules.model)
            .map_err(|reason| NotTogether::Unpriced(Unpriced::Odds(reason)))?;
        let state = state_of(standing);
        let needs = Needs { halves: true, ..Needs::default() };
        let laws = self.engine.laws(&tables, &inputs, &state, &standing.circumstances, needs);
        let laws = laws.map_err(|reason| NotTogether::Unpriced(Unpriced::Model(reason)))?;
        let Combination { fair, offered, implied } = same_game(&laws, offered, cap).map_err(NotTogether::NoSameGame)?;
        let ladder = match rules.ladder {
            LadderForm::Decimal => &self.decimal,
            LadderForm::American => &self.american,
        };
        let fair = Billionths::from_f64(fair).unwrap_or(Billionths::ZERO);
        // Not longer than fair, nor than what is published as fair.
        let covered = f64::max(offered, fair.to_f64());
        let price = Some(covered).filter(|_| fair.raw() >= FAIR_LEAST).and_then(|offered| ladder.down(1.0 / offered));
        Ok(Together { fair, price, implied })
    }

    #[expect(clippy::too_many_arguments, reason = "each is another thing that a price is made from")]
    fn quote_state(
        &mut self,
        tables: &ModelTables,
        inputs: &ModelInputs,
        state: &State,
        circumstances: &Circumstances,
        lines_before: LinesBefore<'_>,
        rules: &TradingRules,
        opening: &mut Opening,
    ) -> Result<Quote, Unpriced> {
        if state.home_reds.max(state.away_reds) >= REDS_THAT_ABANDON {
            return Err(Unpriced::Abandonment);
        }
        let needs = Needs::of(&rules.markets);
        let laws = self.engine.laws(tables, inputs, state, circumstances, needs).map_err(Unpriced::Model)?;
        let moment = moment_of(state, circumstances, rules);
        let shelf = Shelf::new(laws, state, &moment, lines_before, rules);
        opening
            .learn(&mut self.opening_engine, tables, inputs, circumstances, needs, shelf.markets())
            .map_err(Unpriced::Model)?;
        let ladder = match rules.ladder {
            LadderForm::Decimal => &self.decimal,
            LadderForm::American => &self.american,
        };
        let offers = shelf.offers(opening, &mut self.maker, ladder);
        let model = ModelUsed {
            home_rate: inputs.home_rate,
            away_rate: inputs.away_rate,
            rho: inputs.rho,
            home_multiplier: inputs.home_scale,
            away_multiplier: inputs.away_scale,
            inputs_version: 0,
        };
        Ok(Quote { model, offers, main_lines: shelf.main_lines })
    }
}

fn state_of(standing: &Standing) -> State {
    State {
        home_score: standing.score.home,
        away_score: standing.score.away,
        home_reds: standing.reds.0,
        away_reds: standing.reds.1,
        clock: clock_of(standing.period, standing.clock),
    }
}

/// Most models whose tables are remembered.
const MODELS_MAX: usize = 256;

/// The tables of each model in use, worked out once. By what the model says and not by where it stands, so that a
/// forgotten one comes back the same.
#[derive(Default)]
struct Tables(Vec<(Arc<ModelRules>, Arc<ModelTables>)>);

impl Tables {
    fn of(&mut self, model: &Arc<ModelRules>) -> Result<Arc<ModelTables>, BadModel> {
        let is_same = |known: &Arc<ModelRules>| Arc::ptr_eq(known, model) || known == model;
        if let Some((_, tables)) = self.0.iter().find(|(known, _)| is_same(known)) {
            return Ok(Arc::clone(tables));
        }
        let tables = Arc::new(ModelTables::of(model)?);
        if self.0.len() == MODELS_MAX {
            // Those of settings long replaced among them.
            self.0.clear();
        }
        self.0.push((Arc::clone(model), Arc::clone(&tables)));
        Ok(tables)
    }
}

fn moment_of(state: &State, circumstances: &Circumstances, rules: &TradingRules) -> Moment {
    let stage = match state.clock.phase {
        Phase::PreMatch => Stage::PreMatch,
        Phase::FirstHalf => Stage::FirstHalf,
        Phase::HalfTime => Stage::HalfTime,
        Phase::SecondHalf | Phase::Over => Stage::SecondHalf,
        Phase::BeforeExtraTime | Phase::ExtraFirstHalf | Phase::ExtraHalfTime | Phase::ExtraSecondHalf => {
            Stage::ExtraTime
        }
    };
    Moment {
        stage,
        minute: state.clock.minute as u8,
        score: Score { home: state.home_score, away: state.away_score },
        half_time: circumstances.half_time,
        corners: circumstances.corners.unwrap_or_default(),
        correct_score_max: rules.correct_score_max.clamp(1, CORRECT_SCORE_MAX),
        has_corners: circumstances.corners.is_some(),
        has_cards: circumstances.cards.is_some(),
        is_knock_out: circumstances.knock_out.is_some(),
    }
}

fn clock_of(period: Period, clock: Option<MatchClock>) -> Clock {
    let in_period = clock.filter(|clock| clock.period == period);
    let elapsed = in_period.map_or(Millis::ZERO, |clock| clock.elapsed);
    let announced = in_period.and_then(|clock| clock.stoppage_announced_minutes).map(u16::from);
    let (phase, begins_at) = match period {
        Period::PreMatch => (Phase::PreMatch, 0),
        Period::FirstHalf => (Phase::FirstHalf, 0),
        Period::HalfTime => (Phase::HalfTime, 45),
        Period::SecondHalf => (Phase::SecondHalf, 45),
        Period::BeforeExtraTime => (Phase::BeforeExtraTime, 90),
        Period::ExtraFirstHalf => (Phase::ExtraFirstHalf, 90),
        Period::ExtraSecondHalf => (Phase::ExtraSecondHalf, 105),
        // Nothing of these is sold.
        Period::ShootOut | Period::Over => (Phase::Over, 90),
    };
    let shown = u32::try_from((Millis::from_seconds(begins_at * 60) + elapsed).get()).unwrap_or(u32::MAX);
    Clock::from_milliseconds(phase, shown, announced)
}
