//! What a match is priced at: the model's inputs in, prices on the ladder out.

use std::collections::BTreeMap;

use crate::event::{Expectation, Fixture, LadderForm, MarketId, MatchClock, ModelUsed, Period, Score, TradingRules};
use crate::pricing::{
    Clock, Engine, Ladder, LineSet, MarginMethod, MarginPlan, ModelInputs, NoPrice, Offer, Overrounds, Phase, Profile,
    State, choose_lines, offer, offer_two_way,
};
use crate::values::{Billionths, Millis, QuarterLine};

/// Five men sent off end a match.
const REDS_THAT_ABANDON: u8 = 5;

/// The pricing engine with its tables. No part of the state: it remembers nothing that changes a price.
pub(super) struct Pricer {
    engine: Engine,
    profile: Profile,
    decimal: Ladder,
    american: Ladder,
}

/// How a match stands, as far as its price goes.
pub(super) struct Standing<'a> {
    pub(super) fixture: &'a Fixture,
    pub(super) period: Period,
    pub(super) clock: Option<MatchClock>,
    pub(super) score: Score,
    pub(super) reds: (u8, u8),
}

/// Prices of one match.
pub(super) struct Quote {
    pub(super) model: ModelUsed,
    /// The markets on offer, each with an offer a selection, in the order of `MarketId::outcomes`.
    pub(super) offers: BTreeMap<MarketId, Vec<Offer>>,
    pub(super) main_line: Option<QuarterLine>,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unpriced {
    /// The model gives no price.
    Model(NoPrice),
    /// A side has too few players to go on.
    Abandonment,
}

/// How uncertain each market was before kick-off: its margin shrinks with that. A function of the fixture's rates,
/// kept because it costs a second law.
#[derive(Clone, Debug, Default)]
pub(super) struct KickOffEntropies {
    rates: Option<(Billionths, Billionths)>,
    known: BTreeMap<MarketId, Option<Billionths>>,
}

impl Pricer {
    pub(super) fn new() -> Pricer {
        Pricer {
            engine: Engine::new(),
            profile: Profile::measured_v1(),
            decimal: Ladder::decimal_default(),
            american: Ladder::american_default(),
        }
    }

    /// Prices the match. The main line stays while it is nearly the most even one.
    pub(super) fn quote(
        &mut self,
        standing: &Standing<'_>,
        main_line: Option<QuarterLine>,
        rules: &TradingRules,
        kick_off: &mut KickOffEntropies,
    ) -> Result<Quote, Unpriced> {
        let (home_reds, away_reds) = standing.reds;
        if home_reds.max(away_reds) >= REDS_THAT_ABANDON {
            return Err(Unpriced::Abandonment);
        }
        let fixture = standing.fixture;
        let inputs = inputs_of(&fixture.expectation)?;
        let state = State {
            home_score: standing.score.home,
            away_score: standing.score.away,
            home_reds,
            away_reds,
            clock: clock_of(standing.period, standing.clock),
        };
        let law = self.engine.law(&self.profile, &inputs, &state).map_err(Unpriced::Model)?;
        let lines = choose_lines(law, main_line, &line_set(rules.total_lines));
        let fair_result = law.match_result();
        let main_line = lines.as_ref().map(|lines| lines.main);
        let splits: Vec<_> = lines.iter().flat_map(|all| &all.lines).map(|line| (*line, law.total(*line))).collect();
        kick_off.learn(self, &inputs, splits.iter().map(|(line, _)| *line)).map_err(Unpriced::Model)?;

        let overrounds = overrounds(rules);
        let plan = |method, target, market: MarketId| {
            let mut plan = MarginPlan::new(method, overrounds.at(target, &state.clock));
            plan.kick_off_entropy = kick_off.known.get(&market).copied().flatten();
            plan
        };
        let ladder = match rules.ladder {
            LadderForm::Decimal => &self.decimal,
            LadderForm::American => &self.american,
        };
        let withheld = state.is_beyond_experience();
        let hide = |offers: &mut [Offer]| offers.iter_mut().filter(|_| withheld).for_each(|offer| offer.price = None);
        let unmarked = |fair: f64| Offer { fair: Billionths::from_f64(fair).unwrap_or(Billionths::ZERO), price: None };
        let result_plan = plan(MarginMethod::Power, overrounds.match_result, MarketId::MATCH_RESULT);
        let mut match_result = offer(&fair_result, 1, &result_plan, ladder)
            .unwrap_or_else(|_| fair_result.iter().map(|fair| unmarked(*fair)).collect());
        hide(&mut match_result);
        let mut offers = BTreeMap::from([(MarketId::MatchResult, match_result)]);
        for (line, split) in splits {
            let target = if Some(line) == main_line { overrounds.main_total } else { overrounds.other_total };
            let line_plan = plan(MarginMethod::OddsRatio, target, MarketId::total(line));
            if let Ok(mut pair) = offer_two_way(split, &line_plan, ladder) {
                hide(&mut pair);
                offers.insert(MarketId::TotalGoals(line), Vec::from(pair));
            }
        }
        let model = ModelUsed { home_rate: inputs.home_rate, away_rate: inputs.away_rate, rho: inputs.rho };
        Ok(Quote { model, offers, main_line })
    }
}

impl KickOffEntropies {
    /// Works out what is not known yet.
    fn learn(
        &mut self,
        pricer: &mut Pricer,
        inputs: &ModelInputs,
        lines: impl Iterator<Item = QuarterLine>,
    ) -> Result<(), NoPrice> {
        let rates = Some((inputs.home_rate, inputs.away_rate));
        if self.rates != rates {
            *self = KickOffEntropies { rates, known: BTreeMap::new() };
        }
        let wanted = lines.map(MarketId::total).chain([MarketId::MATCH_RESULT]);
        let missing: Vec<MarketId> = wanted.filter(|market| !self.known.contains_key(market)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let law = pricer.engine.law(&pricer.profile, inputs, &State::PRE_MATCH)?;
        for market in missing {
            let fair = match market {
                MarketId::TotalGoals(line) => law.total(line).fair_probabilities().map(Vec::from),
                MarketId::MatchResult => Some(Vec::from(law.match_result())),
                MarketId::DoubleChance
                | MarketId::DrawNoBet
                | MarketId::TeamTotal(..)
                | MarketId::Handicap(_)
                | MarketId::HandicapRest(..)
                | MarketId::BothTeamsToScore
                | MarketId::CorrectScore(_)
                | MarketId::NextGoal(_) => None,
            };
            let plan = MarginPlan::new(MarginMethod::Power, Billionths::ONE);
            let entropy = fair.and_then(|fair| plan.shrinking_from(&fair).kick_off_entropy);
            self.known.insert(market, entropy);
        }
        Ok(())
    }
}

/// The model's inputs for what is expected of the match.
fn inputs_of(expectation: &Expectation) -> Result<ModelInputs, Unpriced> {
    match expectation {
        Expectation::Rates { home, away } => Ok(ModelInputs::with_rates(*home, *away)),
        Expectation::Odds(_) => Err(Unpriced::Model(NoPrice::NonFinite)),
    }
}

fn clock_of(period: Period, clock: Option<MatchClock>) -> Clock {
    let in_period = clock.filter(|clock| clock.period == period);
    let elapsed = in_period.map_or(Millis::ZERO, |clock| clock.elapsed);
    let announced = in_period.and_then(|clock| clock.stoppage_announced_minutes).map(u16::from);
    let (phase, begins_at) = match period {
        Period::PreMatch => (Phase::PreMatch, Millis::ZERO),
        Period::FirstHalf => (Phase::FirstHalf, Millis::ZERO),
        Period::HalfTime => (Phase::HalfTime, Millis::from_seconds(45 * 60)),
        Period::SecondHalf => (Phase::SecondHalf, Millis::from_seconds(45 * 60)),
        Period::BeforeExtraTime
        | Period::ExtraFirstHalf
        | Period::ExtraSecondHalf
        | Period::ShootOut
        | Period::Over => (Phase::Over, Millis::from_seconds(90 * 60)),
    };
    let shown = u32::try_from((begins_at + elapsed).get()).unwrap_or(u32::MAX);
    Clock::from_milliseconds(phase, shown, announced)
}

/// Of the lines on offer a quarter is whole, a quarter is quartered, the rest are halves.
fn line_set(lines: u32) -> LineSet {
    let lines = u8::try_from(lines).unwrap_or(u8::MAX);
    LineSet { half_lines: lines - 2 * (lines / 4), whole_lines: lines / 4, quarter_lines: lines / 4 }
}

fn overrounds(rules: &TradingRules) -> Overrounds {
    let thousandths = |value: u32| Billionths::from_raw(i64::from(value) * 1_000_000);
    let margins = &rules.margins;
    Overrounds {
        match_result: thousandths(margins.match_result_thousandths),
        main_total: thousandths(margins.main_total_thousandths),
        other_total: thousandths(margins.other_total_thousandths),
        in_play_addition: thousandths(margins.in_play_extra_thousandths),
        closing_addition: thousandths(margins.late_extra_thousandths),
        ..Overrounds::default()
    }
}
