//! The coupon of a match that is on the topics: what stands there now, as every customer reads it.

use super::coupon::{Sections, columns, row, shown};
use crate::event::{BookInput, MarketState, MarketStatus, MatchUpdate, OutcomeStatus};
use crate::kafka::client::Clients;
use crate::kafka::watch::{Start, Watch, watch};
use crate::runtime::pipeline::Pipeline;
use crate::values::MatchId;
use crate::wire::{Format, RecordKind, decode_market, to_json};
use anyhow::bail;
use std::fmt::Write as _;
use std::ops::ControlFlow;

/// The newest update of the match, and its record as JSON.
///
/// # Errors
/// The match is on no record, or the broker does not answer.
pub(super) fn newest(pipeline: &Pipeline, match_id: &MatchId) -> anyhow::Result<(MatchUpdate, String)> {
    let settings = pipeline.rules.settings().map_err(anyhow::Error::msg)?;
    let stop = super::super::stop_on_signal()?;
    let mut newest = None;
    let reading = Watch {
        base: "markets.v1",
        partitions: settings.match_partitions,
        start: Start::Beginning,
        follow: false,
        stop: &stop,
    };
    watch(&Clients::of(pipeline), reading, &mut |record| {
        if record.key.as_deref() == Some(match_id.as_str().as_bytes()) {
            newest = Some(record.value);
        }
        ControlFlow::Continue(())
    })?;
    let Some(value) = newest else {
        bail!(
            "--match {match_id}: no such match in markets.v1; touchline tail markets.v1 --json | jq -r .key | sort -u \
             lists those there are"
        );
    };
    let json = to_json(RecordKind::MarketMessage, &value)?;
    match decode_market(&value, Format::Protobuf)?.input {
        BookInput::Market(update) => Ok((*update, json)),
        BookInput::Settings(_) | BookInput::Watermark(_) | BookInput::Account(_) | BookInput::Bet(_) => {
            bail!("--match {match_id}: its newest record is no match")
        }
    }
}

/// For people: every market that is not over, with its state where it takes no bets.
pub(super) fn table(update: &MatchUpdate) -> String {
    let mut text = String::new();
    let (fixture, score) = (&update.fixture, update.score);
    writeln!(
        text,
        "{} {}:{} {}, {:?}, version {}",
        fixture.home.display_safe(),
        score.home,
        score.away,
        fixture.away.display_safe(),
        update.phase,
        update.version
    )
    .expect("text takes text");
    text.push_str(&columns());
    let mut sections = Sections::default();
    let is_shown = |market: &&MarketState| matches!(market.status, MarketStatus::Active | MarketStatus::Suspended);
    for market in update.markets.iter().filter(is_shown) {
        let remark = if market.status == MarketStatus::Suspended { "  suspended" } else { "" };
        let rows = market.outcomes.iter().map(|outcome| {
            let price = match (outcome.price, outcome.status) {
                (Some(price), _) => shown(&price),
                (None, OutcomeStatus::Withheld) => "withheld".to_owned(),
                (None, status) => format!("{status:?}").to_lowercase(),
            };
            row(market.id, outcome.outcome, outcome.fair, &price)
        });
        sections.push(market.id, remark, rows);
    }
    sections.write(&mut text);
    text
}
