//! What a match was expected to be before it began: its goals, and how open each market was.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalogue::Reads;
use crate::event::{Expectation, MarketId, ModelRules, PreMatchOdds, Score};
use crate::pricing::{
    Circumstances, Engine, Fair, LawsEngine, ModelInputs, ModelTables, Needs, NoPrice, NoRates, RhoSource, State,
    entropy, fair_odds, inputs_from_odds,
};
use crate::values::{Billionths, DecimalOdds};

/// What follows from the fixture, the model and the overrides alone, worked out once: the model's inputs, which odds are
/// slow to give, and the entropy of each market at kick-off, with which its margin shrinks. No part of the state: they
/// give it again.
#[derive(Clone, Debug, Default)]
pub(super) struct Opening {
    known: Option<(Expectation, Arc<ModelRules>, Result<ModelInputs, NoRates>)>,
    /// The inputs of kick-off that the entropies are of.
    entropies_of: Option<ModelInputs>,
    entropies: BTreeMap<MarketId, Option<Billionths>>,
}

impl Opening {
    /// The model's inputs for what the fixture expects of the match.
    ///
    /// # Errors
    /// Why odds do not give any.
    pub(super) fn inputs(
        &mut self,
        engine: &mut LawsEngine,
        expectation: &Expectation,
        model: &Arc<ModelRules>,
    ) -> Result<ModelInputs, NoRates> {
        if let Some((known, known_model, inputs)) = &self.known
            && known == expectation
            && (Arc::ptr_eq(known_model, model) || known_model == model)
        {
            return *inputs;
        }
        let inputs = match expectation {
            Expectation::Rates { home, away } => Ok(ModelInputs::of(model, *home, *away)),
            Expectation::Odds(odds) => solved(engine.engine(), odds, model),
        };
        *self = Opening { known: Some((*expectation, Arc::clone(model), inputs)), ..Opening::default() };
        inputs
    }

    /// Works out the entropies that are not known yet.
    pub(super) fn learn(
        &mut self,
        engine: &mut LawsEngine,
        tables: &ModelTables,
        inputs: &ModelInputs,
        circumstances: &Circumstances,
        needs: Needs,
        markets: impl Iterator<Item = MarketId>,
    ) -> Result<(), NoPrice> {
        let inputs = &inputs.at_kick_off();
        if self.entropies_of != Some(*inputs) {
            self.entropies_of = Some(*inputs);
            self.entropies.clear();
        }
        let missing: Vec<MarketId> =
            markets.map(at_kick_off).filter(|market| !self.entropies.contains_key(market)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let laws = engine.laws(tables, inputs, &State::PRE_MATCH, &circumstances.at_kick_off(), needs)?;
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

fn solved(engine: &mut Engine, odds: &PreMatchOdds, model: &ModelRules) -> Result<ModelInputs, NoRates> {
    let decimal = |odds: DecimalOdds| f64::from(odds.thousandths()) / 1_000.0;
    let match_result = [odds.home, odds.draw, odds.away].map(decimal);
    let fair = fair_odds(match_result, odds.line, decimal(odds.over), decimal(odds.under))?;
    let source = if odds.is_closing { RhoSource::Draw } else { RhoSource::Inputs };
    let ModelInputs { home_rate, away_rate, .. } = ModelInputs::default(); // Where the search begins.
    inputs_from_odds(engine, &fair, &ModelInputs::of(model, home_rate, away_rate), source)
}
