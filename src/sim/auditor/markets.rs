//! What could be bet on at every version of every match, and whether it was published by the rules.

use std::collections::BTreeMap;
use std::fmt::Arguments;

use super::decode::Place;
use super::facts::Facts;
use super::market::{Market, What};
use super::plain::{Came, Names, Odds};
use super::projections::{image_of, results_of};
use super::report::Check;
use super::selection::Selection;
use super::standing::{Standing, Window};
use crate::wire::proto;
use proto::fact::Body;
use proto::{MarketStatus, OutcomeStatus};

/// A selection at one version.
#[derive(Clone, Copy, Default)]
pub(super) struct SelectionKept {
    pub(super) offered: bool,
    pub(super) odds: Option<Odds>,
    /// Fair probability, 1e-9; below zero for none.
    pub(super) fair: i32,
}

/// A market at one version.
pub(super) struct MarketKept {
    pub(super) market: Market,
    pub(super) status: MarketStatus,
    pub(super) price_version: u64,
    /// In the market's own order.
    selections: Box<[SelectionKept]>,
}

impl MarketKept {
    pub(super) fn selection(&self, selection: Selection) -> Option<&SelectionKept> {
        let index = self.market.selections().iter().position(|known| *known == selection)?;
        self.selections.get(index)
    }
}

/// One version of a match.
pub(super) struct Version {
    pub(super) version: u64,
    pub(super) offset: u64,
    pub(super) append_ms: i64,
    pub(super) in_play: bool,
    pub(super) fixture_revision: u32,
    /// Which waiting bets its facts refuse.
    pub(super) material: Material,
    /// Append times are not quite in order: the latest up to here, and the earliest from here on (known at the end).
    pub(super) latest_ms: i64,
    pub(super) earliest_ms: i64,
    /// Hash of its image.
    pub(super) image: u128,
    /// Hash of the results that it brings or takes back, if it does.
    pub(super) results: Option<u128>,
    markets: Box<[MarketKept]>,
}

impl Version {
    pub(super) fn market(&self, market: Market) -> Option<&MarketKept> {
        self.markets.iter().find(|known| known.market == market)
    }
}

/// Which bets that wait a fact refuses: all, or those on corners or on cards.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Material {
    all: bool,
    corners: bool,
    cards: bool,
}

impl Material {
    const ALL: Material = Material { all: true, corners: true, cards: true };
    const CORNERS: Material = Material { all: false, corners: true, cards: false };
    const CARDS: Material = Material { all: false, corners: false, cards: true };

    fn and(self, other: Material) -> Material {
        let all = self.all || other.all;
        Material { all, corners: self.corners || other.corners, cards: self.cards || other.cards }
    }

    /// Whether a bet on that is refused.
    pub(super) fn touches(self, what: What) -> bool {
        match what {
            What::Goals => self.all,
            What::Corners => self.corners,
            What::Cards => self.cards,
        }
    }
}

/// A match through all its versions.
#[derive(Default)]
pub(super) struct Match {
    pub(super) partition: u32,
    /// In order; their numbers rise.
    pub(super) versions: Vec<Version>,
    pub(super) facts: Facts,
    /// Material facts by id, and whom it touches that one of them is taken back or corrected.
    seen: BTreeMap<String, Material>,
    /// What the markets have come to; only as long as no fact changes it.
    verdicts: BTreeMap<Market, Verdict>,
    /// Results by market, as last published.
    results: BTreeMap<String, Vec<Option<Came>>>,
}

impl Match {
    pub(super) fn index_of(&self, version: u64) -> Option<usize> {
        self.versions.binary_search_by_key(&version, |known| known.version).ok()
    }
}

/// What a market has come to as the match stands, selection by selection in its own order.
struct Verdict {
    sure: Box<[Option<Came>]>,
    /// With every report taken as sure.
    reported: Box<[Option<Came>]>,
    is_void: bool,
}

impl Verdict {
    fn of(market: Market, selections: &[Selection], standing: &Standing) -> Verdict {
        let of = |standing: &Standing| selections.iter().map(|selection| standing.came(market, *selection)).collect();
        Verdict { sure: of(standing), reported: of(&standing.as_reported()), is_void: standing.is_void(market) }
    }
}

/// All matches.
pub(super) struct Markets {
    pub(super) check: Check,
    matches: BTreeMap<u32, Match>,
    /// Watermarks by partition.
    watermarks: BTreeMap<u32, u64>,
}

impl Markets {
    pub(super) fn new() -> Self {
        Markets { check: Check::new("markets"), matches: BTreeMap::new(), watermarks: BTreeMap::new() }
    }

    pub(super) fn get(&self, match_number: u32) -> Option<&Match> {
        self.matches.get(&match_number)
    }

    /// Every match by its number.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, &Match)> {
        self.matches.iter().map(|(number, known)| (*number, known))
    }

    pub(super) fn watermark(&mut self, place: Place, append_ms: i64, skew_ms: i64, mark: &proto::Watermark) {
        self.check.look();
        *self.watermarks.entry(place.partition).or_default() += 1;
        self.check.demand(mark.shard == place.partition, || {
            format!("{place}: a watermark of shard {}, expected {}", mark.shard, place.partition)
        });
        self.through(place, append_ms, skew_ms, mark.through_ms);
    }

    fn through(&mut self, place: Place, append_ms: i64, skew_ms: i64, through_ms: i64) {
        self.check.demand(through_ms <= append_ms + skew_ms, || {
            format!("{place}: knows everything up to {through_ms}, but was appended at {append_ms}")
        });
    }

    pub(super) fn update(
        &mut self,
        place: Place,
        append_ms: i64,
        skew_ms: i64,
        update: &proto::MatchUpdate,
        names: &mut Names,
    ) {
        self.check.look();
        self.through(place, append_ms, skew_ms, update.through_ms);
        let Markets { check, matches, .. } = self;
        let known = matches.entry(names.number(&update.match_id)).or_default();
        let before = known.versions.last();
        let name = format_args!("{place}: {} version {}", update.match_id, update.version);
        let last = before.map_or(0, |before| before.version);
        let latest_ms = before.map_or(i64::MIN, |before| before.latest_ms);
        check.demand(update.version == last + 1, || format!("{name}, expected {}", last + 1));
        if update.version <= last {
            return;
        }
        check.demand(before.is_none() || known.partition == place.partition, || {
            format!("{name}: the match lives in partition {}", known.partition)
        });
        known.partition = place.partition;
        let mut material = Material::default();
        for fact in &update.facts {
            material = material.and(material_of(fact, &mut known.seen));
        }
        let facts_changed = known.facts.add(update.version, &update.facts);
        let standing = known.facts.standing_now();
        let (told, score) = ((update.home_score, update.away_score), standing.score());
        check.demand((i64::from(told.0), i64::from(told.1)) == score, || {
            format!("{name}: score {}:{}, expected {score:?}", told.0, told.1)
        });
        if facts_changed {
            known.verdicts.clear();
        }
        let markets = markets_of(check, name, update, standing, &mut known.verdicts);
        legal_moves(check, name, before, &markets, update, facts_changed);
        known.versions.push(Version {
            version: update.version,
            offset: place.offset,
            append_ms,
            latest_ms: latest_ms.max(append_ms),
            earliest_ms: append_ms,
            in_play: update.phase == proto::MatchPhase::InPlay as i32,
            fixture_revision: update.fixture.as_ref().map_or(0, |fixture| fixture.revision),
            material,
            image: image_of(update),
            results: results_of(&mut known.results, update),
            markets: markets.into_boxed_slice(),
        });
    }

    /// What had to wait for all records.
    pub(super) fn finish(&mut self) {
        for known in self.matches.values_mut() {
            known.versions.iter_mut().rev().fold(i64::MAX, |earliest, version| {
                version.earliest_ms = version.append_ms.min(earliest);
                version.earliest_ms
            });
            if let Some(first) = known.versions.first()
                && !self.watermarks.contains_key(&known.partition)
            {
                let partition = known.partition;
                self.check.fail(|| {
                    format!("markets.v1[{partition}]: no watermark at all, but updates from offset {} on", first.offset)
                });
                self.watermarks.insert(partition, 0);
            }
        }
    }
}

/// Reads the markets of an update and checks each by itself.
fn markets_of(
    check: &mut Check,
    name: Arguments<'_>,
    update: &proto::MatchUpdate,
    standing: &Standing,
    verdicts: &mut BTreeMap<Market, Verdict>,
) -> Vec<MarketKept> {
    let mut markets: Vec<MarketKept> = Vec::with_capacity(update.markets.len());
    let is_cancelled = standing.windows.iter().any(Window::is_whole);
    for state in &update.markets {
        let named = format_args!("{name}: market {}", state.market);
        let status = MarketStatus::try_from(state.status).unwrap_or(MarketStatus::Unspecified);
        let Some(market) = Market::read(&state.market) else {
            check.fail(|| format!("{named} has no canonical id"));
            continue;
        };
        check.demand(markets.iter().all(|known| known.market != market), || format!("{named} is listed twice"));
        check.demand(status != MarketStatus::Unspecified, || format!("{named} has status {}", state.status));
        check.demand(status != MarketStatus::Active || state.owners.is_empty(), || {
            format!("{named} is Active, but {} owners hold it", state.owners.len())
        });
        check.demand(status != MarketStatus::Suspended || !state.owners.is_empty(), || {
            format!("{named} is Suspended, but nobody holds it")
        });
        check.demand(state.price_version <= update.version, || {
            format!("{named} was priced at version {}, which is yet to come", state.price_version)
        });
        let listed: Vec<&str> = state.outcomes.iter().map(|outcome| outcome.outcome.as_str()).collect();
        let every = market.selections();
        let expected: Vec<String> = every.iter().map(Selection::to_string).collect();
        check.demand(listed == expected, || format!("{named} lists {listed:?}, expected {expected:?}"));
        let mut selections = vec![SelectionKept { fair: -1, ..SelectionKept::default() }; every.len()];
        let verdict = verdicts.entry(market).or_insert_with(|| Verdict::of(market, &every, standing));
        let mut decided = 0;
        for outcome in &state.outcomes {
            let Some(selection) = Selection::read(&outcome.outcome) else { continue };
            let Some(index) = every.iter().position(|known| *known == selection) else { continue };
            selections[index] = one_outcome(check, named, outcome);
            if selections[index].offered {
                let came = verdict.reported[index];
                check.demand(came.is_none() && status != MarketStatus::Cancelled, || {
                    format!("{named} {} is on offer, though by all that was reported {came:?}", outcome.outcome)
                });
            }
            if let Some(published) = Came::published(outcome.status) {
                decided += 1;
                let came = verdict.sure[index];
                let right = came == Some(published) || status == MarketStatus::Cancelled && published == Came::Void;
                check.demand(right, || {
                    format!("{named} {} is published as {published:?}, by the facts {came:?}", outcome.outcome)
                });
            }
        }
        check.demand(status != MarketStatus::Settled || decided == every.len(), || {
            format!("{named} is Settled with {decided} outcomes decided")
        });
        fair_sum(check, named, market, &selections);
        let is_void = verdict.is_void || is_cancelled;
        check.demand((status == MarketStatus::Cancelled) == is_void, || {
            let is = if is_void { "is" } else { "is not" };
            format!("{named} is {}, but by the facts it {is} void as a whole", status.as_str_name())
        });
        let selections = selections.into_boxed_slice();
        markets.push(MarketKept { market, status, price_version: state.price_version, selections });
    }
    markets
}

fn one_outcome(check: &mut Check, named: Arguments<'_>, outcome: &proto::OutcomeState) -> SelectionKept {
    let status = OutcomeStatus::try_from(outcome.status).unwrap_or(OutcomeStatus::Unspecified);
    let offered = status == OutcomeStatus::Offered;
    let odds = Odds::read(outcome.price.as_ref());
    let name = &outcome.outcome;
    check.demand(status != OutcomeStatus::Unspecified, || format!("{named} {name} has status {}", outcome.status));
    check.demand(offered == outcome.price.is_some(), || {
        format!("{named} {name} is {} and has {} price", status.as_str_name(), if offered { "no" } else { "a" })
    });
    check.demand(outcome.price.is_none() || odds.is_some(), || {
        format!("{named} {name}: {:?} is no price", outcome.price)
    });
    let fair = outcome.fair_billionths;
    check.demand(fair.is_none_or(|fair| (0..=1_000_000_000).contains(&fair)), || {
        format!("{named} {name}: fair probability {fair:?} of 1e-9")
    });
    if let (Some(odds), Some(fair)) = (odds, fair) {
        let (num, den) = odds.fraction();
        let implied = i128::from(den) * 1_000_000_000;
        check.demand(implied >= i128::from(fair - 1) * i128::from(num), || {
            format!("{named} {name} at {odds} pays more than its fair probability {fair} of 1e-9")
        });
    }
    SelectionKept { offered, odds, fair: fair.and_then(|fair| i32::try_from(fair).ok()).unwrap_or(-1) }
}

fn fair_sum(check: &mut Check, named: Arguments<'_>, market: Market, selections: &[SelectionKept]) {
    if let Some(total) = market.fair_total()
        && selections.iter().all(|selection| selection.fair >= 0)
    {
        let sum: i64 = selections.iter().map(|selection| i64::from(selection.fair)).sum();
        check.demand((sum - total).abs() <= 1_000, || {
            format!("{named}: fair probabilities sum to {sum} of 1e-9, expected {total}")
        });
    }
}

/// Every market of before is still there and moved as it may.
fn legal_moves(
    check: &mut Check,
    name: Arguments<'_>,
    before: Option<&Version>,
    markets: &[MarketKept],
    update: &proto::MatchUpdate,
    facts_changed: bool,
) {
    let Some(before) = before else { return };
    for was in &before.markets {
        let Some(is) = markets.iter().find(|is| is.market == was.market) else {
            check.fail(|| format!("{name}: market {} of version {} is missing", was.market, before.version));
            continue;
        };
        let (from, to) = (was.status, is.status);
        let holds_incident = || {
            let state = update.markets.iter().find(|state| Market::read(&state.market) == Some(is.market));
            state.is_some_and(|state| state.owners.contains(&(proto::Owner::Incident as i32)))
        };
        let legal = match from {
            MarketStatus::Unspecified | MarketStatus::Active | MarketStatus::Suspended | MarketStatus::Inactive => true,
            MarketStatus::Settled => match to {
                MarketStatus::Settled | MarketStatus::Cancelled => true,
                MarketStatus::Suspended => facts_changed && holds_incident(),
                MarketStatus::Unspecified | MarketStatus::Active | MarketStatus::Inactive => false,
            },
            MarketStatus::Cancelled => match to {
                MarketStatus::Cancelled => true,
                MarketStatus::Suspended => facts_changed && holds_incident(),
                MarketStatus::Unspecified | MarketStatus::Active | MarketStatus::Inactive | MarketStatus::Settled => {
                    false
                }
            },
        };
        check.demand(legal, || {
            format!("{name}: market {} moved from {} to {}", was.market, from.as_str_name(), to.as_str_name())
        });
        let repriced = was
            .selections
            .iter()
            .zip(&is.selections)
            .any(|(was, is)| was.odds.is_some() && is.odds.is_some() && was.odds != is.odds);
        check.demand(!repriced || is.price_version == update.version, || {
            format!("{name}: market {} has new prices but price version {}", was.market, is.price_version)
        });
    }
}

/// Whose waiting bets a fact refuses. A confirmation, a tick or a repeat refuses none.
fn material_of(fact: &proto::Fact, seen: &mut BTreeMap<String, Material>) -> Material {
    let of_other = |id: &str, seen: &BTreeMap<String, Material>| seen.get(id).copied().unwrap_or_default();
    let (of_itself, if_taken_back) = match fact.body.as_ref() {
        Some(Body::Goal(_)) => (Material::ALL, Material::ALL),
        Some(Body::RedCard(_)) => (Material::ALL, Material::CARDS),
        Some(Body::YellowCard(_)) => (Material::CARDS, Material::CARDS),
        Some(Body::CornerTaken(_)) => (Material::CORNERS, Material::CORNERS),
        Some(
            Body::PossibleGoal(_)
            | Body::NoGoal(_)
            | Body::PenaltyAwarded(_)
            | Body::PenaltyMissed(_)
            | Body::PenaltyRetaken(_)
            | Body::PenaltyCancelled(_)
            | Body::PossibleRedCard(_)
            | Body::ReviewStart(_)
            | Body::ReviewEnd(_)
            | Body::PeriodStart(_)
            | Body::PeriodEnd(_)
            | Body::FinalWhistle(_)
            | Body::Abandoned(_)
            | Body::Interruption(_),
        ) => (Material::ALL, Material::default()),
        Some(Body::PossibleCard(_) | Body::NoCard(_)) => (Material::CARDS, Material::default()),
        Some(Body::CornerAwarded(_) | Body::CornerRetracted(_)) => (Material::CORNERS, Material::default()),
        Some(Body::Rollback(id)) => (of_other(id, seen), Material::default()),
        _ => (Material::default(), Material::default()),
    };
    let material = of_itself.and(of_other(&fact.supersedes, seen));
    // The same fact again, confirmed or merely repeated, is nothing new.
    let is_new = material != Material::default() && seen.insert(fact.id.clone(), if_taken_back).is_none();
    if is_new { material } else { Material::default() }
}
