//! What could not be taken, kept as evidence; and what an operator must see.

use super::field::{Fault, Read, present};
use super::ledger::{read_input_ref, write_input_ref};
use super::limits::REJECTED_BYTES_MAX;
use super::names::{Listed, named};
use super::proto;
use crate::event::{Alert, Reject};
use crate::values::Hash;

/// The most bytes of a detail or subject.
const DETAIL_BYTES_MAX: usize = 4_096;

/// A refused value as it is kept: cut, with length and hash of the whole, so that a flood of large ones stays small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedValue {
    /// Its first 64 KiB.
    pub kept: Vec<u8>,
    /// The whole value's length, bytes.
    pub length: u64,
    /// SHA-256 of the whole value.
    pub sha256: Hash,
}

impl RejectedValue {
    /// Keeps what is kept of a value.
    pub fn of(value: &[u8]) -> Self {
        let kept = value[..value.len().min(REJECTED_BYTES_MAX)].to_vec();
        RejectedValue { kept, length: value.len() as u64, sha256: Hash::of(value) }
    }
}

/// A reject with the record's value. `None` where the value is not at hand (a machine's own reject): then there is no
/// hash either.
pub(super) fn write_reject(reject: &Reject, raw: Option<&RejectedValue>) -> proto::Reject {
    proto::Reject {
        cause: Some(write_input_ref(&reject.cause)),
        reason: Listed::number(reject.reason),
        detail: clamped(&reject.detail),
        value: raw.map(|value| value.kept.clone()).unwrap_or_default(),
        value_length: raw.map_or(0, |value| value.length),
        value_sha256: raw.map(|value| value.sha256.as_bytes().to_vec()).unwrap_or_default(),
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
    proto::Alert { kind: alert.kind.number(), subject: clamped(&alert.subject), detail: clamped(&alert.detail) }
}

/// A text for people, never so long that a record cannot be written.
fn clamped(text: &str) -> String {
    let end = text.floor_char_boundary(DETAIL_BYTES_MAX);
    text[..end].to_owned()
}

pub(super) fn read_alert(wire: &proto::Alert) -> Result<Alert, Fault> {
    Ok(Alert { kind: named("kind", wire.kind)?, subject: wire.subject.clone(), detail: wire.detail.clone() })
}
