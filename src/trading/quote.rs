//! What a match is priced at: the model's inputs in, prices on the ladder out.

use std::collections::BTreeMap;
use std::fmt;

use super::opening::Opening;
use super::shelf::Shelf;
use crate::event::{Expectation, LadderForm, MarketId, MatchClock, ModelUsed, Period, Score, TradingRules};
use crate::pricing::{Clock, Engine, Ladder, ModelInputs, NoPrice, NoRates, Offer, Phase, Profile, State};
use crate::values::{HashStream, Millis, QuarterLine};

/// Five men sent off end a match.
const REDS_THAT_ABANDON: u8 = 5;

/// How a match stands, as far as its price goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What was expected of it before it began.
    pub expectation: Expectation,
    /// The running period.
    pub period: Period,
    /// The last reported clock; one of another period is not looked at.
    pub clock: Option<MatchClock>,
    /// The score.
    pub score: Score,
    /// Red cards home, away.
    pub reds: (u8, u8),
}

/// The main lines of a match: each stays while it is nearly the most even one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MainLines {
    /// Of the total.
    pub total: Option<QuarterLine>,
    /// Of home's goals.
    pub home_total: Option<QuarterLine>,
    /// Of away's goals.
    pub away_total: Option<QuarterLine>,
    /// Of the handicap on the final score.
    pub handicap: Option<QuarterLine>,
    /// Of the handicap on the goals from now on.
    pub handicap_rest: Option<QuarterLine>,
}

/// Prices of one match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The inputs that made them; solved, if the fixture brought odds.
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
    /// A side has too few players to go on.
    Abandonment,
}

impl fmt::Display for Unpriced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unpriced::Odds(reason) => write!(f, "no price: the fixture's odds give no rates: {reason:?}"),
            Unpriced::Model(reason) => write!(f, "no price: {reason:?}"),
            Unpriced::Abandonment => f.write_str("no price: five men of one side sent off"),
        }
    }
}

/// Prices one match as it stands, with no memory of what was offered before: what trading would publish first.
///
/// # Errors
/// Why there is no price.
pub fn price(standing: &Standing, rules: &TradingRules) -> Result<Quote, Unpriced> {
    Pricer::new().quote(standing, &MainLines::default(), rules, &mut Opening::default())
}

/// The same from the model's own inputs, of any profile: for what is not a fixture of the feed.
///
/// # Errors
/// Why there is no price.
pub fn price_state(
    profile: &Profile,
    inputs: &ModelInputs,
    state: &State,
    rules: &TradingRules,
) -> Result<Quote, Unpriced> {
    let mut pricer = Pricer::new();
    pricer.profile.clone_from(profile);
    pricer.quote_state(inputs, state, &MainLines::default(), rules, &mut Opening::default())
}

/// The pricing engine with its tables. No part of the state: it remembers nothing that changes a price.
pub(super) struct Pricer {
    engine: Engine,
    /// Another one for the match as it was at kick-off, while the first one's law is in use.
    opening_engine: Engine,
    profile: Profile,
    decimal: Ladder,
    american: Ladder,
}

impl Pricer {
    pub(super) fn new() -> Pricer {
        Pricer {
            engine: Engine::new(),
            opening_engine: Engine::new(),
            profile: Profile::measured_v1(),
            decimal: Ladder::decimal_default(),
            american: Ladder::american_default(),
        }
    }

    /// Prices the match: every market on offer from one law of the final score.
    pub(super) fn quote(
        &mut self,
        standing: &Standing,
        main_lines: &MainLines,
        rules: &TradingRules,
        opening: &mut Opening,
    ) -> Result<Quote, Unpriced> {
        let (home_reds, away_reds) = standing.reds;
        if home_reds.max(away_reds) >= REDS_THAT_ABANDON {
            return Err(Unpriced::Abandonment); // Whatever the odds say.
        }
        let inputs = opening.inputs(&mut self.opening_engine, &standing.expectation).map_err(Unpriced::Odds)?;
        let state = State {
            home_score: standing.score.home,
            away_score: standing.score.away,
            home_reds,
            away_reds,
            clock: clock_of(standing.period, standing.clock),
        };
        self.quote_state(&inputs, &state, main_lines, rules, opening)
    }

    fn quote_state(
        &mut self,
        inputs: &ModelInputs,
        state: &State,
        main_lines: &MainLines,
        rules: &TradingRules,
        opening: &mut Opening,
    ) -> Result<Quote, Unpriced> {
        if state.home_reds.max(state.away_reds) >= REDS_THAT_ABANDON {
            return Err(Unpriced::Abandonment);
        }
        let law = self.engine.law(&self.profile, inputs, state).map_err(Unpriced::Model)?;
        let shelf = Shelf::new(law, state, main_lines, rules);
        opening.learn(&mut self.opening_engine, &self.profile, inputs, shelf.markets()).map_err(Unpriced::Model)?;
        let ladder = match rules.ladder {
            LadderForm::Decimal => &self.decimal,
            LadderForm::American => &self.american,
        };
        let offers = shelf.offers(opening, ladder);
        let model = ModelUsed { home_rate: inputs.home_rate, away_rate: inputs.away_rate, rho: inputs.rho };
        Ok(Quote { model, offers, main_lines: shelf.main_lines })
    }
}

impl MainLines {
    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let MainLines { total, home_total, away_total, handicap, handicap_rest } = *self;
        for line in [total, home_total, away_total, handicap, handicap_rest] {
            stream.integer(line.map_or(i64::MIN, |line| i64::from(line.quarters())));
        }
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
