//! Whether images and results say what the updates said: no more, no less, nothing else.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;

use super::decode::{Place, short_hash};
use super::markets::Markets;
use super::plain::{Came, Names};
use super::report::Check;
use crate::wire::proto;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Image,
    Results,
}

struct Said {
    place: Place,
    kind: Kind,
    match_number: u32,
    version: u64,
    hash: u128,
}

/// All images and results, kept as hashes until every update is read.
pub(super) struct Projections {
    pub(super) check: Check,
    said: Vec<Said>,
    /// The version of the last image, by match.
    imaged: BTreeMap<u32, u64>,
}

impl Projections {
    pub(super) fn new() -> Self {
        Projections { check: Check::new("projections"), said: Vec::new(), imaged: BTreeMap::new() }
    }

    pub(super) fn image(&mut self, place: Place, update: &proto::MatchUpdate, names: &mut Names) {
        let match_number = names.number(&update.match_id);
        let before = self.imaged.insert(match_number, update.version);
        self.check.demand(before.is_none_or(|before| before < update.version), || {
            format!("{place}: an image of {} version {} after {before:?}", update.match_id, update.version)
        });
        let hash = short_hash(&update.encode_to_vec());
        self.said.push(Said { place, kind: Kind::Image, match_number, version: update.version, hash });
    }

    pub(super) fn results(&mut self, place: Place, results: &proto::MatchResults, names: &mut Names) {
        let match_number = names.number(&results.match_id);
        let hash = short_hash(&results.encode_to_vec());
        self.said.push(Said { place, kind: Kind::Results, match_number, version: results.version, hash });
    }

    /// Puts them beside the updates.
    pub(super) fn finish(&mut self, markets: &Markets, names: &Names) {
        let check = &mut self.check;
        let mut told = BTreeSet::new();
        for Said { place, kind, match_number, version, hash } in &self.said {
            check.look();
            let name = format_args!("{place}: {} version {version}", names.text(*match_number));
            let known = markets.get(*match_number);
            let Some(update) = known.and_then(|known| known.versions.get(known.index_of(*version)?)) else {
                check.fail(|| format!("{name}: there is no such update"));
                continue;
            };
            let (what, expected) = match kind {
                Kind::Image => ("image", Some(update.image)),
                Kind::Results => ("record of results", update.results),
            };
            check.demand(expected == Some(*hash), || format!("{name}: the {what} is not what the update says"));
            check.demand(*kind == Kind::Image || told.insert((*match_number, *version)), || {
                format!("{name}: its results are told twice")
            });
        }
        for (match_number, known) in markets.all() {
            for update in known.versions.iter().filter(|update| update.results.is_some()) {
                check.demand(told.contains(&(match_number, update.version)), || {
                    let name = names.text(match_number);
                    format!("{name} version {} changes results, and results.v1 does not say so", update.version)
                });
            }
        }
    }
}

/// The image of an update.
pub(super) fn image_of(update: &proto::MatchUpdate) -> u128 {
    short_hash(&proto::MatchUpdate { facts: Vec::new(), ..update.clone() }.encode_to_vec())
}

/// The results that an update brings or takes back; `known` holds those of the updates before it, by market.
pub(super) fn results_of(known: &mut BTreeMap<String, Vec<Option<Came>>>, update: &proto::MatchUpdate) -> Option<u128> {
    let mut results = proto::MatchResults {
        match_id: update.match_id.clone(),
        version: update.version,
        phase: update.phase,
        home_score: update.home_score,
        away_score: update.away_score,
        markets: Vec::new(),
    };
    for market in &update.markets {
        let came: Vec<Option<Came>> = market.outcomes.iter().map(|outcome| Came::published(outcome.status)).collect();
        let before = known.insert(market.market.clone(), came.clone());
        let is_new = match &before {
            Some(before) => *before != came,
            None => came.iter().any(Option::is_some),
        };
        if is_new {
            let outcomes = market
                .outcomes
                .iter()
                .map(|outcome| proto::OutcomeResult { outcome: outcome.outcome.clone(), status: outcome.status });
            results.markets.push(proto::MarketResults {
                market: market.market.clone(),
                status: market.status,
                outcomes: outcomes.collect(),
            });
        }
    }
    if results.markets.is_empty() { None } else { Some(short_hash(&results.encode_to_vec())) }
}
