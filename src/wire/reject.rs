//! What could not be taken, kept as evidence; and what an operator must see.

use super::field::{Fault, Read, present};
use super::ledger::{read_input_ref, write_input_ref};
use super::limits::REJECTED_BYTES_MAX;
use super::names::{Listed, named};
use super::proto;
use crate::event::{Alert, Reject};
use crate::values::Hash;

/// A reject with the record's value: its first 64 KiB, and length and hash of the whole. `None` where the value is not
/// at hand (a machine's own reject): then there is no hash either.
pub(super) fn write_reject(reject: &Reject, raw: Option<&[u8]>) -> proto::Reject {
    let kept = raw.map(|value| &value[..value.len().min(REJECTED_BYTES_MAX)]);
    proto::Reject {
        cause: Some(write_input_ref(&reject.cause)),
        reason: Listed::number(reject.reason),
        detail: reject.detail.clone(),
        value: kept.unwrap_or_default().to_vec(),
        value_length: raw.map_or(0, |value| value.len() as u64),
        value_sha256: raw.map(|value| Hash::of(value).as_bytes().to_vec()).unwrap_or_default(),
    }
}

pub(super) fn read_reject(wire: &proto::Reject) -> Read<Reject> {
    Ok(Reject {
        cause: present("cause", &wire.cause).and_then(read_input_ref)?,
        reason: named("reason", wire.reason)?,
        detail: wire.detail.clone(),
    })
}

pub(super) fn write_alert(alert: &Alert) -> proto::Alert {
    proto::Alert { kind: alert.kind.number(), subject: alert.subject.clone(), detail: alert.detail.clone() }
}

pub(super) fn read_alert(wire: &proto::Alert) -> Result<Alert, Fault> {
    Ok(Alert { kind: named("kind", wire.kind)?, subject: wire.subject.clone(), detail: wire.detail.clone() })
}
