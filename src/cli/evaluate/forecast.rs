//! What each way of forecasting says about a match at each checkpoint.

use crate::cli::replay::MatchOdds;
use crate::pricing::{
    Engine, FairOdds, NoRates, Profile, RHO_BOUNDS, Rates, RhoSource, ScoreLaw, State, fair_odds,
    rates_from_match_result, rates_from_odds,
};
use crate::runtime::pipeline::Model;
use crate::values::{DecimalOdds, QuarterLine};

use super::story::Checkpoint;

/// The line of over and under that is scored: 2.5 goals.
const LINE: QuarterLine = QuarterLine::from_quarters(10);
/// ρ of the ablation's rows without a score effect (section 15).
const RHO_WITHOUT_SCORE_EFFECT: f64 = -0.08;

/// A way of forecasting; each adds one thing to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// The odds before kick-off, whatever happens.
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
    /// ρ solved per match where the odds are good enough to say it: the engine as it prices.
    Full,
}

impl Way {
    /// In the order of section 15's table.
    pub(super) const ALL: [Way; 7] =
        [Way::Frozen, Way::Naive, Way::Profile, Way::DixonColes, Way::RedCards, Way::ScoreEffect, Way::Full];
    /// Those that every run compares.
    pub(super) const MAIN: [Way; 3] = [Way::Frozen, Way::Naive, Way::Full];

    /// What a table calls it; what the odds were, a [`Trial`](super::judge::Trial) knows.
    pub(super) fn name(self) -> &'static str {
        match self {
            Way::Frozen => "odds frozen",
            Way::Naive => "naive linear Poisson",
            Way::Profile => "+ profile with stoppage",
            Way::DixonColes => "+ Dixon-Coles, rho -0.08",
            Way::RedCards => "+ red cards",
            Way::ScoreEffect => "+ score effect, model's rho",
            Way::Full => "full",
        }
    }

    /// Its name in a CSV.
    pub(super) fn code(self) -> &'static str {
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
pub(super) struct Forecast {
    /// Home win, draw, away win.
    pub(super) result: [f64; 3],
    /// The rest, which frozen odds do not say.
    pub(super) more: Option<More>,
}

/// Of markets beside the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct More {
    /// The next goal: home, away, none.
    pub(super) next_goal: [f64; 3],
    /// More than 2.5 goals in all.
    pub(super) over: f64,
    /// The final score that came.
    pub(super) final_score: f64,
    /// Goals still to come, of both sides.
    pub(super) remaining: f64,
}

/// Rates of one match for each way, solved from its odds.
#[derive(Clone, Debug)]
pub(super) struct MatchRates {
    /// The odds without their margin.
    pub(super) fair: Fair,
    plain: Rates,
    dixon_coles: Rates,
    score_effect: Rates,
    full: Rates,
    /// Whether ρ was solved from the draw, which takes closing odds and a total.
    rho_is_solved: bool,
}

/// Works out forecasts one after another.
pub(super) struct Forecaster {
    engine: Engine,
    model: Model,
}

impl Forecaster {
    /// With this model.
    pub(super) fn new(model: Model) -> Forecaster {
        Forecaster { engine: Engine::new(), model }
    }

    /// The model.
    pub(super) fn model(&self) -> &Model {
        &self.model
    }

    /// Solves the odds for every way: each inverts with its own model (section 8).
    ///
    /// # Errors
    /// Why these odds say nothing.
    pub(super) fn rates(&mut self, odds: &MatchOdds, every_way: bool) -> Result<MatchRates, NoRates> {
        let fair = fair(odds)?;
        let with_effect = self.model.rates();
        let plain = Rates { rho: 0.0, phi: [1.0; 5], ..with_effect };
        let mut solve = |start: Rates, source| fair.rates(&mut self.engine, &start, source);
        let (plain, full) = (solve(plain, RhoSource::Inputs)?, solve(with_effect, rho_source(odds))?);
        let (mut dixon_coles, mut score_effect) = (plain, full);
        if every_way {
            dixon_coles = solve(Rates { rho: RHO_WITHOUT_SCORE_EFFECT, ..plain }, RhoSource::Inputs)?;
            score_effect = solve(with_effect, RhoSource::Inputs)?;
        }
        Ok(MatchRates {
            fair,
            plain,
            dixon_coles,
            score_effect,
            full,
            rho_is_solved: rho_source(odds) == RhoSource::Draw,
        })
    }

    /// What this way says of a state; `final_score` is the one whose probability is asked for.
    ///
    /// # Errors
    /// Why the engine has no price.
    pub(super) fn forecast(
        &mut self,
        way: Way,
        rates: &MatchRates,
        (checkpoint, state): (Checkpoint, &State),
        final_score: [u16; 2],
    ) -> Result<Forecast, crate::pricing::NoPrice> {
        let without_cards = State { home_reds: 0, away_reds: 0, ..*state };
        let profile: &Profile = &self.model.profile;
        let law = match way {
            Way::Frozen => return Ok(Forecast { result: rates.fair.result(), more: None }),
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
    /// ρ of the full model as solved from the draw, and whether it stands at a bound, so that the draw of the odds could
    /// not be met. `None` where the odds are not closing ones or have no total: then ρ is the model's.
    pub(super) fn solved_rho(&self) -> Option<(f64, bool)> {
        let rho = Some(self.full.rho).filter(|_| self.rho_is_solved)?;
        let held = RHO_BOUNDS.map(|bound| Rates { rho: bound, ..self.full }.rho_in_range());
        // A bound is computed from the rates, so the last digits may differ.
        Some((rho, rho <= held[0] + 1e-12 || rho >= held[1] - 1e-12))
    }
}

/// Odds without their margin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cli) enum Fair {
    /// 1X2 and a total.
    WithTotal(FairOdds),
    /// Home win, draw, away win: all that some files have.
    Result([f64; 3]),
}

impl Fair {
    /// Home win, draw, away win.
    pub(in crate::cli) fn result(&self) -> [f64; 3] {
        match self {
            Fair::WithTotal(odds) => odds.match_result,
            Fair::Result(result) => *result,
        }
    }

    /// λ and μ, and ρ by its source, as the odds imply them. Without a total the draw says how many goals there will be,
    /// and ρ is that of `start`.
    ///
    /// # Errors
    /// Why the odds say nothing.
    pub(in crate::cli) fn rates(
        &self,
        engine: &mut Engine,
        start: &Rates,
        source: RhoSource,
    ) -> Result<Rates, NoRates> {
        match self {
            Fair::WithTotal(odds) => rates_from_odds(engine, odds, start, source),
            Fair::Result(result) => rates_from_match_result(engine, *result, start),
        }
    }
}

/// Whether these odds are good enough to solve ρ from their draw (section 8.3).
pub(in crate::cli) fn rho_source(odds: &MatchOdds) -> RhoSource {
    if odds.is_closing && odds.total.is_some() { RhoSource::Draw } else { RhoSource::Inputs }
}

/// Takes the margin off (section 8.1). A total may carry none: averages of many bookmakers sometimes do not, and its
/// share of the two sides is what the multiplicative method gives anyhow.
///
/// # Errors
/// When they are no odds, or the 1X2 sums to less than one winner.
pub(in crate::cli) fn fair(odds: &MatchOdds) -> Result<Fair, NoRates> {
    const EVEN: f64 = 1.9;
    let decimal = |odds: DecimalOdds| f64::from(odds.thousandths()) / 1_000.0;
    let result = odds.result.map(decimal);
    let Some((line, total)) = odds.total else {
        return Ok(Fair::Result(fair_odds(result, LINE, EVEN, EVEN)?.match_result));
    };
    let [over, under] = total.map(decimal);
    if 1.0 / over + 1.0 / under >= 1.0 {
        return Ok(Fair::WithTotal(fair_odds(result, line, over, under)?));
    }
    Ok(Fair::WithTotal(FairOdds { over: under / (over + under), ..fair_odds(result, line, EVEN, EVEN)? }))
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
