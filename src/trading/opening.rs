//! What a match was expected to be before it began: its goals, and how open each market was.

use std::collections::BTreeMap;

use crate::catalogue::Reads;
use crate::event::{Expectation, MarketId, PreMatchOdds, Score};
use crate::pricing::{
    Circumstances, Engine, Fair, LawsEngine, ModelInputs, Needs, NoPrice, NoRates, Profile, RhoSource, State, entropy,
    fair_odds, inputs_from_odds,
};
use crate::values::{Billionths, DecimalOdds};

/// What follows from the fixture alone, worked out once: the model's inputs, which odds are slow to give, and the
/// entropy of each market at kick-off, with which its margin shrinks. No part of the state: the fixture gives it again.
#[derive(Clone, Debug, Default)]
pub(super) struct Opening {
    known: Option<(Expectation, Result<ModelInputs, NoRates>)>,
    entropies: BTreeMap<MarketId, Option<Billionths>>,
}

impl Opening {
    /// The model's inputs for what is expected of the match.
    ///
    /// # Errors
    /// Why odds do not give any.
    pub(super) fn inputs(
        &mut self,
        engine: &mut LawsEngine,
        expectation: &Expectation,
    ) -> Result<ModelInputs, NoRates> {
        if let Some((known, inputs)) = &self.known
            && known == expectation
        {
            return *inputs;
        }
        let inputs = match expectation {
            Expectation::Rates { home, away } => Ok(ModelInputs::with_rates(*home, *away)),
            Expectation::Odds(odds) => solved(engine.engine(), odds),
        };
        *self = Opening { known: Some((*expectation, inputs)), entropies: BTreeMap::new() };
        inputs
    }

    /// Works out the entropies that are not known yet.
    pub(super) fn learn(
        &mut self,
        engine: &mut LawsEngine,
        profile: &Profile,
        inputs: &ModelInputs,
        circumstances: &Circumstances,
        needs: Needs,
        markets: impl Iterator<Item = MarketId>,
    ) -> Result<(), NoPrice> {
        let missing: Vec<MarketId> =
            markets.map(at_kick_off).filter(|market| !self.entropies.contains_key(market)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let laws = engine.laws(profile, inputs, &State::PRE_MATCH, &circumstances.at_kick_off(), needs)?;
        for market in missing {
            let fair = laws.fair(market).as_ref().and_then(Fair::probabilities);
            self.entropies.insert(market, fair.and_then(|fair| Billionths::from_f64(entropy(&fair))));
        }
        Ok(())
    }

    /// How open the market was at kick-off; `None` if it was decided then, or was not asked for.
    pub(super) fn entropy(&self, market: MarketId) -> Option<Billionths> {
        self.entropies.get(&at_kick_off(market)).copied().flatten()
    }
}

/// The market that stood for this one at kick-off: the goals after a later score were those of the whole match, and the
/// next goal was the first.
fn at_kick_off(market: MarketId) -> MarketId {
    match market.definition().reads {
        Reads::NthGoal => MarketId::next_goal(1),
        Reads::Line(_)
        | Reads::Number { .. }
        | Reads::Score { .. }
        | Reads::HalfScore { .. }
        | Reads::Halves(_)
        | Reads::LastGoal
        | Reads::Race(_)
        | Reads::GoalWithin(_)
        | Reads::KnockOut(_) => market.since(Score::default()),
    }
}

fn solved(engine: &mut Engine, odds: &PreMatchOdds) -> Result<ModelInputs, NoRates> {
    let decimal = |odds: DecimalOdds| f64::from(odds.thousandths()) / 1_000.0;
    let match_result = [odds.home, odds.draw, odds.away].map(decimal);
    let fair = fair_odds(match_result, odds.line, decimal(odds.over), decimal(odds.under))?;
    let source = if odds.is_closing { RhoSource::Draw } else { RhoSource::Inputs };
    inputs_from_odds(engine, &fair, &ModelInputs::default(), source)
}
