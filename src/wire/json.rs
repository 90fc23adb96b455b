//! The same letters in JSON: how it is recognised, read, and printed for people.

use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::limits::Broken;
use super::proto;
use super::topics::RecordKind;
use crate::event::RejectReason;
use crate::values::{AccountId, CommandId};

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Protobuf's binary form.
    Protobuf,
    /// Protobuf's canonical JSON form.
    Json,
}

impl Format {
    /// JSON if the `content-type` header says so (`application/json`, with or without parameters), or, without that
    /// header, if the first byte is `{`; else Protobuf.
    ///
    /// `{` (0x7b) would open a group of field 15, and this schema has no groups. White space before it needs the header:
    /// a line feed and `{` is also how a Protobuf message begins whose first field is 123 bytes long.
    pub fn detect(content_type: Option<&[u8]>, value: &[u8]) -> Format {
        const JSON: &[u8] = b"application/json";
        let json = match content_type {
            Some(header) => {
                let media_type = header.split(|byte| *byte == b';').next().unwrap_or_default();
                media_type.trim_ascii().eq_ignore_ascii_case(JSON)
            }
            None => value.first() == Some(&b'{'),
        };
        if json { Format::Json } else { Format::Protobuf }
    }
}

/// Reads a message in either form.
pub(super) fn read_message<M>(kind: RecordKind, value: &[u8], format: Format) -> Result<M, Broken>
where
    M: Message + Default + DeserializeOwned,
{
    match format {
        Format::Protobuf => M::decode(value).map_err(|error| Broken::undecodable(kind.name(), &error.to_string())),
        Format::Json => {
            serde_json::from_slice(value).map_err(|error| Broken::undecodable(kind.name(), &error.to_string()))
        }
    }
}

/// Account and id of a JSON command whose other fields do not even have the right type.
pub(super) fn addressee(kind: RecordKind, value: &[u8]) -> Option<(AccountId, CommandId)> {
    let json: serde_json::Value = serde_json::from_slice(value).ok()?;
    let text = |body: &serde_json::Value, names: [&str; 2]| {
        names.into_iter().find_map(|name| body.get(name)?.as_str().map(str::to_owned))
    };
    let (body, id_names) = if kind == RecordKind::BetCommand {
        (json.get("placeBet").or_else(|| json.get("place_bet"))?, ["betId", "bet_id"])
    } else {
        (&json, ["commandId", "command_id"])
    };
    let account = AccountId::parse(&text(body, ["account", "account"])?).ok()?;
    let id = CommandId::parse(&text(body, id_names)?).ok()?;
    Some((account, id))
}

macro_rules! for_each_kind {
    ($kind:expr, $message:ident => $body:expr, [$($name:ident),* $(,)?]) => {
        match $kind {
            $(RecordKind::$name => {
                type $message = proto::$name;
                $body
            })*
        }
    };
    ($kind:expr, $message:ident => $body:expr) => {
        for_each_kind!($kind, $message => $body, [
            FeedMessage, FeedRequest, MarketMessage, TradingCommand, AccountCommand, BetCommand, Decision, Settlement,
            Posting, Alert, Reject, JournalRecord, MarketImage, MatchResults,
        ])
    };
}

/// A Protobuf value in its JSON form, on one line. What acts on a terminal instead of showing is escaped.
pub fn to_json(kind: impl Into<RecordKind>, value: &[u8]) -> Result<String, Broken> {
    let kind = kind.into();
    for_each_kind!(kind, M => print(kind, &read_message::<M>(kind, value, Format::Protobuf)?))
}

/// A JSON value in its Protobuf form. Unknown and repeated fields are refused.
pub fn from_json(kind: impl Into<RecordKind>, json: &[u8]) -> Result<Vec<u8>, Broken> {
    let kind = kind.into();
    for_each_kind!(kind, M => Ok(read_message::<M>(kind, json, Format::Json)?.encode_to_vec()))
}

fn print(kind: RecordKind, message: &impl Serialize) -> Result<String, Broken> {
    let json = serde_json::to_string(message)
        .map_err(|error| Broken::new(RejectReason::InvalidValue, format!("{}: {error}", kind.name())))?;
    Ok(inert(&json))
}

/// JSON whose strings hold letters and digits of any script as they are and every other character outside ASCII as
/// `\uXXXX`, so that no control, direction or invisible character reaches a terminal. It says the same to a parser:
/// outside strings JSON is ASCII.
fn inert(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        let shown = if character.is_ascii() { character != '\u{7f}' } else { character.is_alphanumeric() };
        if shown {
            safe.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    safe
}
