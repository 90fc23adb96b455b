//! What outsiders get of a match besides its updates: an image for those who come late, and what its outcomes came to.

use std::collections::BTreeMap;

use super::live_match::{Around, LiveMatch};
use crate::event::{
    ClockRules, MarketId, MarketImage, MarketResults, MarketState, MatchResults, MatchUpdate, OutcomeStatus, Output,
};
use crate::values::{HashStream, Time};

/// The image of a match that waits to be published.
#[derive(Clone, Debug)]
pub(super) struct Projections {
    image: Option<Box<MarketImage>>,
    imaged_at: Time,
}

impl Default for Projections {
    fn default() -> Self {
        Projections { image: None, imaged_at: Time::EPOCH }
    }
}

impl Projections {
    /// When the waiting image is published.
    pub(super) fn due(&self, rules: &ClockRules) -> Option<Time> {
        self.image.as_ref().map(|_| self.imaged_at + rules.scaled(rules.image_every))
    }

    /// The waiting image, if it is due.
    pub(super) fn take_due(&mut self, at: Time, rules: &ClockRules) -> Option<MarketImage> {
        self.due(rules).filter(|due| *due <= at)?;
        self.take(at)
    }

    fn take(&mut self, at: Time) -> Option<MarketImage> {
        self.imaged_at = at;
        self.image.take().map(|image| *image)
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let waiting = self.image.as_ref().map_or(0, |image| image.update.version);
        stream.unsigned(waiting).integer(self.imaged_at.ms());
    }
}

impl LiveMatch {
    /// What this update, not published yet, gives outsiders at once: its image if a status has changed or the last
    /// image is old, else later; and
    /// the results that it brings or takes back. `before` is how the markets were published last.
    pub(super) fn project(
        &mut self,
        before: &BTreeMap<MarketId, MarketState>,
        update: &MatchUpdate,
        around: &Around<'_>,
    ) -> Vec<Output> {
        let has_moved = |market: &MarketState| before.get(&market.id).is_none_or(|said| said.status != market.status);
        let image = MarketImage { update: MatchUpdate { facts: Vec::new(), ..update.clone() } };
        let mut said = Vec::new();
        self.projections.image = Some(Box::new(image));
        if update.markets.iter().any(has_moved) {
            said.extend(self.projections.take(around.at).map(Output::from));
        } else {
            // The last one may be old enough already.
            said.extend(self.projections.take_due(around.at, &around.settings.clock).map(Output::from));
        }
        said.extend(results_of(before, update).map(Output::from));
        said
    }
}

/// The markets whose results this update changes, each whole.
fn results_of(before: &BTreeMap<MarketId, MarketState>, update: &MatchUpdate) -> Option<MatchResults> {
    let results = |market: &MarketState| -> Vec<Option<OutcomeStatus>> {
        market.outcomes.iter().map(|outcome| outcome.status.result()).collect()
    };
    let has_changed = |market: &&MarketState| match before.get(&market.id) {
        Some(said) => results(said) != results(market),
        None => results(market).iter().any(Option::is_some),
    };
    let markets: Vec<MarketResults> = (update.markets.iter().filter(has_changed))
        .map(|market| MarketResults {
            id: market.id,
            status: market.status,
            outcomes: market.outcomes.iter().map(|outcome| (outcome.outcome, outcome.status)).collect(),
        })
        .collect();
    let (match_id, version) = (update.match_id.clone(), update.version);
    (!markets.is_empty()).then_some(MatchResults {
        match_id,
        version,
        phase: update.phase,
        score: update.score,
        markets,
    })
}
