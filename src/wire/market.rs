//! The board as it is published: every market of a match, its prices, and who holds it.
//!
//! Written by our own trading role, so it is read tolerantly: a value that this version does not know in a market never
//! stops a book. That market is held by risk instead, takes no bets, and is counted.

use super::feed::{fixture_of, read_clock, read_fact, write_clock, write_fact, write_fixture};
use super::field::{Fault, Read, required, small};
use super::names::{Listed, OWNERS};
use super::proto::{self, market_message::Body, price::Form};
use crate::event::{
    MarketId, MarketImage, MarketResults, MarketState, MarketStatus, MatchPhase, MatchResults, MatchUpdate, ModelUsed,
    Outcome, OutcomeState, OutcomeStatus, Owner, Owners, Period, RejectReason, Score, Watermark,
};
use crate::values::{Billionths, Price, PriceError, Time};

pub(super) fn write_price(price: &Price) -> proto::Price {
    let form = match price {
        Price::Decimal(odds) => Form::DecimalThousandths(odds.thousandths()),
        Price::American(odds) => Form::American(odds.get()),
    };
    proto::Price { form: Some(form) }
}

pub(super) fn read_price(field: &str, wire: Option<&proto::Price>) -> Read<Price> {
    let fault = |what: String| Fault::new(RejectReason::InvalidPrice, field, what);
    match wire.and_then(|price| price.form.as_ref()) {
        None => Err(Fault::missing(field)),
        Some(Form::DecimalThousandths(thousandths)) => {
            let side = if *thousandths < 1_001 { "below 1.001" } else { "above 1000.000" };
            let what = |_: PriceError| fault(format!("decimal odds {thousandths} thousandths are {side}"));
            Price::decimal_thousandths(*thousandths).map_err(what)
        }
        Some(Form::American(odds)) => {
            let what = |_: PriceError| fault(format!("American odds {odds} are not 100 to 100000 either side of zero"));
            Price::american(*odds).map_err(what)
        }
    }
}

pub(super) fn read_optional_price(field: &str, wire: Option<&proto::Price>) -> Read<Option<Price>> {
    wire.map(|price| read_price(field, Some(price))).transpose()
}

pub(super) fn read_market_id(field: &str, text: &str) -> Read<MarketId> {
    let unknown =
        || Fault::invalid(field, "not a canonical market id (1x2, total:line=2.5, team_total:line=1.5,side=home)");
    if text.is_empty() { Err(Fault::missing(field)) } else { MarketId::parse(text).ok_or_else(unknown) }
}

pub(super) fn read_outcome(field: &str, text: &str) -> Read<Outcome> {
    let unknown =
        || Fault::invalid(field, "not an outcome (home, draw, away, over, under, 1x, 12, x2, yes, no, 2:1, ...)");
    if text.is_empty() { Err(Fault::missing(field)) } else { Outcome::parse(text).ok_or_else(unknown) }
}

pub(super) fn write_match_update(update: &MatchUpdate) -> proto::MarketMessage {
    proto::MarketMessage { body: Some(Body::MatchUpdate(write_update(update))) }
}

fn write_update(update: &MatchUpdate) -> proto::MatchUpdate {
    proto::MatchUpdate {
        match_id: update.match_id.to_string(),
        version: update.version,
        through_ms: update.through.ms(),
        phase: update.phase.number(),
        period: update.period.number(),
        clock: update.clock.as_ref().map(write_clock),
        home_score: u32::from(update.score.home),
        away_score: u32::from(update.score.away),
        home_reds: u32::from(update.reds.0),
        away_reds: u32::from(update.reds.1),
        fixture: Some(write_fixture(&update.fixture)),
        model: update.model.as_ref().map(|model| proto::ModelUsed {
            home_rate_billionths: model.home_rate.raw(),
            away_rate_billionths: model.away_rate.raw(),
            rho_billionths: model.rho.raw(),
            home_multiplier_billionths: model.home_multiplier.raw(),
            away_multiplier_billionths: model.away_multiplier.raw(),
            inputs_version: model.inputs_version,
        }),
        markets: update.markets.iter().map(write_market).collect(),
        facts: update.facts.iter().map(write_fact).collect(),
    }
}

fn write_market(market: &MarketState) -> proto::MarketState {
    proto::MarketState {
        market: market.id.to_string(),
        status: market.status.number(),
        owners: OWNERS.into_iter().filter(|owner| market.owners.contains(*owner)).map(Listed::number).collect(),
        price_version: market.price_version,
        outcomes: market.outcomes.iter().map(write_outcome).collect(),
    }
}

fn write_outcome(outcome: &OutcomeState) -> proto::OutcomeState {
    proto::OutcomeState {
        outcome: outcome.outcome.to_string(),
        status: outcome.status.number(),
        price: outcome.price.as_ref().map(write_price),
        fair_billionths: outcome.fair.map(Billionths::raw),
    }
}

/// What could be read, and how many values in it could not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tolerant<T> {
    pub(super) value: T,
    pub(super) unknown: u32,
}

/// An update as far as this version understands it. An unknown phase, period or clock holds all its markets; a fact
/// that cannot be read is an error, because bets are settled by it.
pub(super) fn read_match_update(wire: &proto::MatchUpdate) -> Read<Tolerant<MatchUpdate>> {
    let phase = MatchPhase::of(wire.phase);
    let period = Period::of(wire.period);
    let clock = wire.clock.as_ref().map(|clock| read_clock(clock).ok());
    let around =
        [phase.is_none(), period.is_none(), clock == Some(None)].into_iter().filter(|lost| *lost).count() as u32;
    // In play is the strictest reading; nothing can be bet on under it, as risk holds every market.
    let phase = phase.unwrap_or(MatchPhase::InPlay);
    let mut unknown = around;
    let mut markets = Vec::with_capacity(wire.markets.len());
    for market in &wire.markets {
        let read = read_market(market, around > 0);
        unknown += read.unknown;
        markets.extend(read.value);
    }
    let mut facts = Vec::with_capacity(wire.facts.len());
    for (index, fact) in wire.facts.iter().enumerate() {
        facts.push(read_fact(fact).map_err(|fault| fault.under(format_args!("facts[{index}]")))?);
    }
    let value = MatchUpdate {
        match_id: required("match_id", &wire.match_id)?,
        version: if wire.version == 0 { return Err(Fault::missing("version")) } else { wire.version },
        through: Time::from_ms(wire.through_ms),
        phase,
        period: period.unwrap_or(match phase {
            MatchPhase::PreMatch => Period::PreMatch,
            MatchPhase::InPlay => Period::FirstHalf,
            MatchPhase::Over => Period::Over,
        }),
        clock: clock.flatten(),
        score: Score { home: small("home_score", wire.home_score)?, away: small("away_score", wire.away_score)? },
        reds: (small("home_reds", wire.home_reds)?, small("away_reds", wire.away_reds)?),
        fixture: fixture_of(&wire.fixture)?,
        model: wire.model.as_ref().map(|model| ModelUsed {
            home_rate: Billionths::from_raw(model.home_rate_billionths),
            away_rate: Billionths::from_raw(model.away_rate_billionths),
            rho: Billionths::from_raw(model.rho_billionths),
            home_multiplier: read_multiplier(model.home_multiplier_billionths),
            away_multiplier: read_multiplier(model.away_multiplier_billionths),
            inputs_version: model.inputs_version,
        }),
        markets,
        facts,
    };
    Ok(Tolerant { value, unknown })
}

/// A factor of nothing is one that an older version did not tell.
fn read_multiplier(billionths: i64) -> Billionths {
    if billionths == 0 { Billionths::ONE } else { Billionths::from_raw(billionths) }
}

/// A market of an unknown kind is left out: no bet can name it. Any other unknown value holds the market.
fn read_market(wire: &proto::MarketState, held: bool) -> Tolerant<Option<MarketState>> {
    let Some(id) = MarketId::parse(&wire.market) else { return Tolerant { value: None, unknown: 1 } };
    let mut unknown = 0;
    let mut owners = Owners::NONE;
    for number in &wire.owners {
        match Owner::of(*number) {
            Some(owner) => owners = owners.with(owner),
            None => unknown += 1,
        }
    }
    let mut outcomes = Vec::with_capacity(wire.outcomes.len());
    for outcome in &wire.outcomes {
        let read = read_outcome_state(outcome);
        unknown += read.unknown;
        outcomes.extend(read.value);
    }
    let status = MarketStatus::of(wire.status);
    unknown += u32::from(status.is_none());
    let suspect = held || unknown > 0;
    let status = match status {
        Some(MarketStatus::Active | MarketStatus::Suspended) | None if suspect => {
            owners = owners.with(Owner::Risk);
            MarketStatus::Suspended
        }
        Some(status) => status,
        // Counted as unknown above, so the arm before this one has taken it.
        None => MarketStatus::Suspended,
    };
    let value = MarketState { id, status, owners, price_version: wire.price_version, outcomes };
    Tolerant { value: Some(value), unknown }
}

/// An offer without a price that can be read is no offer.
fn read_outcome_state(wire: &proto::OutcomeState) -> Tolerant<Option<OutcomeState>> {
    let Some(outcome) = Outcome::parse(&wire.outcome) else { return Tolerant { value: None, unknown: 1 } };
    let fair = wire.fair_billionths.map(Billionths::from_raw);
    let price = read_optional_price("price", wire.price.as_ref());
    let (status, price, unknown) = match (OutcomeStatus::of(wire.status), price) {
        (Some(OutcomeStatus::Offered), Ok(Some(price))) => (OutcomeStatus::Offered, Some(price), 0),
        (Some(OutcomeStatus::Offered) | None, _) => (OutcomeStatus::Withheld, None, 1),
        (Some(status), Ok(None)) => (status, None, 0),
        (Some(status), Ok(Some(_)) | Err(_)) => (status, None, 1),
    };
    Tolerant { value: Some(OutcomeState { outcome, status, price, fair }), unknown }
}

pub(super) fn write_image(image: &MarketImage) -> proto::MarketImage {
    proto::MarketImage { update: Some(write_update(&image.update)) }
}

/// As tolerant as the reading of an update; facts do not belong into an image.
pub(super) fn read_image(wire: &proto::MarketImage) -> Read<MarketImage> {
    let update = wire.update.as_ref().ok_or_else(|| Fault::missing("update"))?;
    let update = read_match_update(update).map_err(|fault| fault.under(format_args!("update")))?.value;
    if update.facts.is_empty() {
        Ok(MarketImage { update })
    } else {
        Err(Fault::invalid("update.facts", "an image carries no facts"))
    }
}

pub(super) fn write_results(results: &MatchResults) -> proto::MatchResults {
    let outcomes = |market: &MarketResults| {
        let write = |(outcome, status): &(Outcome, OutcomeStatus)| proto::OutcomeResult {
            outcome: outcome.to_string(),
            status: status.number(),
        };
        market.outcomes.iter().map(write).collect()
    };
    let write = |market: &MarketResults| proto::MarketResults {
        market: market.id.to_string(),
        status: market.status.number(),
        outcomes: outcomes(market),
    };
    proto::MatchResults {
        match_id: results.match_id.to_string(),
        version: results.version,
        phase: results.phase.number(),
        home_score: u32::from(results.score.home),
        away_score: u32::from(results.score.away),
        markets: results.markets.iter().map(write).collect(),
    }
}

/// Strict: whoever reads results must know all that they say.
pub(super) fn read_results(wire: &proto::MatchResults) -> Read<MatchResults> {
    let read_outcome = |outcome: &proto::OutcomeResult| -> Read<(Outcome, OutcomeStatus)> {
        let status = OutcomeStatus::of(outcome.status).ok_or_else(|| Fault::missing("outcomes.status"))?;
        Ok((read_outcome("outcomes.outcome", &outcome.outcome)?, status))
    };
    let read_one = |market: &proto::MarketResults| -> Read<MarketResults> {
        Ok(MarketResults {
            id: read_market_id("market", &market.market)?,
            status: MarketStatus::of(market.status).ok_or_else(|| Fault::missing("status"))?,
            outcomes: market.outcomes.iter().map(read_outcome).collect::<Read<_>>()?,
        })
    };
    let mut markets = Vec::with_capacity(wire.markets.len());
    for (index, market) in wire.markets.iter().enumerate() {
        markets.push(read_one(market).map_err(|fault| fault.under(format_args!("markets[{index}]")))?);
    }
    Ok(MatchResults {
        match_id: required("match_id", &wire.match_id)?,
        version: if wire.version == 0 { return Err(Fault::missing("version")) } else { wire.version },
        phase: MatchPhase::of(wire.phase).ok_or_else(|| Fault::missing("phase"))?,
        score: Score { home: small("home_score", wire.home_score)?, away: small("away_score", wire.away_score)? },
        markets,
    })
}

pub(super) fn write_watermark(watermark: &Watermark) -> proto::MarketMessage {
    let body =
        proto::Watermark { shard: watermark.shard, through_ms: watermark.through.ms(), at_ms: watermark.at.ms() };
    proto::MarketMessage { body: Some(Body::Watermark(body)) }
}

pub(super) fn read_watermark(wire: &proto::Watermark) -> Watermark {
    Watermark { shard: wire.shard, through: Time::from_ms(wire.through_ms), at: Time::from_ms(wire.at_ms) }
}
