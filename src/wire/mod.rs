//! How the house reads and writes its mail: Protobuf or JSON outside, plain words inside.
//!
//! The schema (`schemas/touchline/v1/*.proto`) is the one source of truth; its messages are compiled into [`proto`]. This
//! room translates them into the closed types of `crate::event` and back, and nothing else: what comes from outside is
//! checked field by field and refused with the field's name, our own markets are read tolerantly, and the same output
//! always gives the same bytes.

mod field;
mod names;
mod topics;
mod limits;
mod feed;
mod market;
mod command;
mod ledger;
mod decision;
mod reject;
mod json;
mod door;
mod post;

pub use door::{MarketReading, book_key, decode_book, decode_market, decode_trading, trading_key};
pub use json::{Format, from_json, to_json};
pub use limits::{Answerable, Broken, COMMAND_BYTES_MAX, FEED_BYTES_MAX, REJECTED_BYTES_MAX, value_bytes_max};
pub use post::{
    Encoded, decode_output, encode, encode_account_command, encode_bet, encode_feed, encode_reject,
    encode_trading_command,
};
pub use reject::RejectedValue;
pub use topics::{OutTopic, RecordKind, Role, in_topic_name, topic_from_wire, topic_to_wire};

/// The messages of the schema, and their JSON form, as compiled by `build.rs`.
#[allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::too_many_lines,
    clippy::wildcard_enum_match_arm,
    reason = "generated from the schema, which is documented"
)]
pub mod proto {
    include!(concat!(env!("OUT_DIR"), "/touchline.v1.rs"));
    include!(concat!(env!("OUT_DIR"), "/touchline.v1.serde.rs"));
}
