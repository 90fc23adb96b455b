//! Whether a market record ever claims to know more than its shard knew: a bet would be sold on that word.

use prost::Message;

use super::decode::{Place, Record, Role, Topic};
use super::report::Check;
use crate::wire::proto;
use proto::market_message::Body;

/// Up to when a shard's inputs were known complete, ms.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// At the end of the batch before.
    before_ms: i64,
    /// By this batch.
    through_ms: i64,
}

/// What a market record says to know, ms.
pub(super) enum Claim {
    /// A reader may see half a transaction, so an update may promise only what the batch before knew.
    Update(i64),
    /// It closes a batch, and speaks for all of it.
    Watermark(i64),
}

impl Claim {
    pub(super) fn read(place: Place, record: &Record) -> Option<Claim> {
        if place.topic != Topic::Markets {
            return None;
        }
        Some(match proto::MarketMessage::decode(record.value.as_slice()).ok()?.body? {
            Body::MatchUpdate(update) => Claim::Update(update.through_ms),
            Body::Watermark(mark) => Claim::Watermark(mark.through_ms),
        })
    }

    pub(super) fn check(&self, check: &mut Check, place: Place, batch: Place, known: Known) {
        check.look();
        let (what, said, most, whose) = match *self {
            Claim::Update(said) => ("an update", said, known.before_ms, "the batch before"),
            Claim::Watermark(said) => ("a watermark", said, known.through_ms, "its batch"),
        };
        check.demand(said <= most, || {
            format!("{place}: {what} claims to know everything up to {said}, {whose} knew it up to {most} ({batch})")
        });
    }
}

/// Checks a batch's own claim against what it read, and notes it for the next. `newest_ms` starts at zero.
pub(super) fn known(
    check: &mut Check,
    role: Role,
    place: Place,
    at_ms: i64,
    batch: &proto::Batch,
    newest_ms: &mut i64,
) -> Known {
    let before_ms = *newest_ms;
    *newest_ms = before_ms.max(batch.through_ms);
    if role == Role::Trading {
        check.look();
        // A source is known up to when its learnt end was asked for, or to its newest record if that is later.
        let sources = batch.sources.iter().map(|range| range.learnt_at_ms.max(range.newest_append_ms));
        let most = sources.min().unwrap_or(i64::MIN).min(at_ms);
        check.demand(batch.through_ms <= most, || {
            format!("{place}: through {}, but by its sources and time at most {most}", batch.through_ms)
        });
    }
    Known { before_ms, through_ms: batch.through_ms.max(0) }
}
