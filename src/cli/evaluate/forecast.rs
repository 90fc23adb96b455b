//! What each way of forecasting says about a match at each checkpoint.

use crate::event::PreMatchOdds;
use crate::pricing::{
    Engine, FairOdds, NoRates, Profile, RHO_BOUNDS, Rates, RhoSource, ScoreLaw, State, fair_odds, rates_from_odds,
};
use crate::runtime::pipeline::Model;
use crate::values::QuarterLine;

use super::story::Checkpoint;

/// The line of over and under that is scored: 2.5 goals.
const LINE: QuarterLine = QuarterLine::from_quarters(10);
/// ρ of the ablation's rows without a score effect (section 15).
const RHO_WITHOUT_SCORE_EFFECT: f64 = -0.08;

/// A way of forecasting; each adds one thing to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The closing odds, whatever happens.
    Frozen,
    /// Independent Poisson goals at an even rate over ninety minutes, blind to cards.
    Naive,
    /// Goals come by the profile, stoppage included.
    Profile,
    /// Low scores corrected by Dixon and Coles.
    DixonColes,
    /// Red cards.
    RedCards,
    /// The score effect, with ρ as in the model file.
    ScoreEffect,
    /// ρ solved per match: the engine as it prices.
    Full,
}

impl Way {
    /// In the order of section 15's table.
    pub const ALL: [Way; 7] =
        [Way::Frozen, Way::Naive, Way::Profile, Way::DixonColes, Way::RedCards, Way::ScoreEffect, Way::Full];
    /// Those that every run compares.
    pub const MAIN: [Way; 3] = [Way::Frozen, Way::Naive, Way::Full];

    /// What a table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Way::Frozen => "closing odds frozen",
            Way::Naive => "naive linear Poisson",
            Way::Profile => "+ profile with stoppage",
            Way::DixonColes => "+ Dixon-Coles, rho -0.08",
            Way::RedCards => "+ red cards",
            Way::ScoreEffect => "+ score effect, model's rho",
            Way::Full => "full (rho per match)",
        }
    }

    /// Its name in a CSV.
    pub fn code(self) -> &'static str {
        match self {
            Way::Frozen => "frozen",
            Way::Naive => "naive",
            Way::Profile => "profile",
            Way::DixonColes => "dixon_coles",
            Way::RedCards => "red_cards",
            Way::ScoreEffect => "score_effect",
            Way::Full => "full",
        }
    }
}

/// What is said about one state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Home win, draw, away win.
    pub result: [f64; 3],
    /// The rest, which frozen odds do not say.
    pub more: Option<More>,
}

/// Of markets beside the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct More {
    /// The next goal: home, away, none.
    pub next_goal: [f64; 3],
    /// More than 2.5 goals in all.
    pub over: f64,
    /// The final score that came.
    pub final_score: f64,
    /// Goals still to come, of both sides.
    pub remaining: f64,
}

/// Rates of one match for each way, solved from its odds.
#[derive(Clone, Debug)]
pub struct MatchRates {
    /// The odds without their margin.
    pub fair: FairOdds,
    plain: Rates,
    dixon_coles: Rates,
    score_effect: Rates,
    full: Rates,
}

/// Works out forecasts one after another.
pub struct Forecaster {
    engine: Engine,
    model: Model,
}

impl Forecaster {
    /// With this model.
    pub fn new(model: Model) -> Forecaster {
        Forecaster { engine: Engine::new(), model }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Solves the odds for every way: each inverts with its own model (section 8).
    ///
    /// # Errors
    /// Why these odds say nothing.
    pub fn rates(&mut self, odds: &PreMatchOdds, every_way: bool) -> Result<MatchRates, NoRates> {
        let decimal = |odds: crate::values::DecimalOdds| f64::from(odds.thousandths()) / 1_000.0;
        let result = [decimal(odds.home), decimal(odds.draw), decimal(odds.away)];
        let fair = fair_odds(result, odds.line, decimal(odds.over), decimal(odds.under))?;
        let with_effect = self.model.rates();
        let plain = Rates { rho: 0.0, phi: [1.0; 5], ..with_effect };
        let full_source = if odds.is_closing { RhoSource::Draw } else { RhoSource::Inputs };
        let mut solve = |start: Rates, source| rates_from_odds(&mut self.engine, &fair, &start, source);
        let (plain, full) = (solve(plain, RhoSource::Inputs)?, solve(with_effect, full_source)?);
        let (mut dixon_coles, mut score_effect) = (plain, full);
        if every_way {
            dixon_coles = solve(Rates { rho: RHO_WITHOUT_SCORE_EFFECT, ..plain }, RhoSource::Inputs)?;
            score_effect = solve(with_effect, RhoSource::Inputs)?;
        }
        Ok(MatchRates { fair, plain, dixon_coles, score_effect, full })
    }

    /// What this way says of a state; `final_score` is the one whose probability is asked for.
    ///
    /// # Errors
    /// Why the engine has no price.
    pub fn forecast(
        &mut self,
        way: Way,
        rates: &MatchRates,
        (checkpoint, state): (Checkpoint, &State),
        final_score: [u16; 2],
    ) -> Result<Forecast, crate::pricing::NoPrice> {
        let without_cards = State { home_reds: 0, away_reds: 0, ..*state };
        let profile: &Profile = &self.model.profile;
        let law = match way {
            Way::Frozen => return Ok(Forecast { result: rates.fair.match_result, more: None }),
            Way::Naive => {
                let left = f64::from(90 - checkpoint.minute) / 90.0;
                self.engine.law_over(&rates.plain, &without_cards, left)
            }
            Way::Profile => self.engine.law_from(profile, &rates.plain, &without_cards),
            Way::DixonColes => self.engine.law_from(profile, &rates.dixon_coles, &without_cards),
            Way::RedCards => self.engine.law_from(profile, &rates.dixon_coles, state),
            Way::ScoreEffect => self.engine.law_from(profile, &rates.score_effect, state),
            Way::Full => self.engine.law_from(profile, &rates.full, state),
        }?;
        Ok(read(law, final_score))
    }
}

impl MatchRates {
    /// ρ of the full model, and whether it stands at a bound, so that the draw of the odds could not be met.
    pub fn rho(&self) -> (f64, bool) {
        let rho = self.full.rho;
        let held = RHO_BOUNDS.map(|bound| Rates { rho: bound, ..self.full }.rho_in_range());
        // A bound is computed from the rates, so the last digits may differ.
        (rho, rho <= held[0] + 1e-12 || rho >= held[1] - 1e-12)
    }
}

fn read(law: &ScoreLaw, final_score: [u16; 2]) -> Forecast {
    let over = law.total(LINE);
    Forecast {
        result: law.match_result(),
        more: Some(More {
            next_goal: law.next_goal(),
            over: over.win,
            final_score: law.cell(final_score[0], final_score[1]),
            remaining: law.expected_remaining().iter().sum(),
        }),
    }
}
