//! What is said comes out of the wire as it went in, by either form, for everything that can be said.
#![cfg(feature = "wire")]
#![expect(clippy::unwrap_used, reason = "a test stops where its own data is wrong")]

mod wire_given;

use proptest::prelude::*;
use touchline::event::{BookInput, Output, Topic, TradingInput};
use touchline::wire::{self, Format, OutTopic, RecordKind, Role};

/// The same bytes again after a trip through JSON.
fn through_json(kind: impl Into<RecordKind>, value: &[u8]) -> Vec<u8> {
    let kind = kind.into();
    let json = wire::to_json(kind, value).unwrap();
    assert!(!json.contains('\n') && !json.chars().any(char::is_control), "one printable line: {json}");
    let back = wire::from_json(kind, json.as_bytes()).unwrap();
    assert_eq!(back, value, "{json}");
    json.into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn feed_messages_survive(message in wire_given::feed_message()) {
        let mut value = vec![1, 2, 3];
        wire::encode_feed(&message, &mut value);
        let json = through_json(Topic::Feed, &value);
        let input = TradingInput::Feed(message);
        for (value, format) in [(&value, Format::Protobuf), (&json, Format::Json)] {
            prop_assert_eq!(Format::detect(None, value), format);
            prop_assert_eq!(wire::decode_trading(Topic::Feed, value, format), Ok(input.clone()));
        }
    }

    #[test]
    fn trading_commands_survive(command in wire_given::trading_command()) {
        let mut value = vec![1, 2, 3];
        prop_assert!(wire::encode_trading_command(&command, &mut value));
        let json = through_json(Topic::TradingCommands, &value);
        let input = TradingInput::Command(command);
        for (value, format) in [(&value, Format::Protobuf), (&json, Format::Json)] {
            prop_assert_eq!(Format::detect(None, value), format);
            prop_assert_eq!(wire::decode_trading(Topic::TradingCommands, value, format), Ok(input.clone()));
        }
    }

    #[test]
    fn account_commands_survive(command in wire_given::account_command()) {
        let mut value = vec![1, 2, 3];
        wire::encode_account_command(&command, &mut value);
        let json = through_json(Topic::AccountCommands, &value);
        let input = BookInput::Account(command);
        for (value, format) in [(&value, Format::Protobuf), (&json, Format::Json)] {
            prop_assert_eq!(Format::detect(None, value), format);
            prop_assert_eq!(wire::decode_book(Topic::AccountCommands, value, format), Ok(input.clone()));
        }
    }

    /// The fingerprint is part of the value, so a resend in the other form is the same bet.
    #[test]
    fn bets_survive_with_their_fingerprint(bet in wire_given::bet()) {
        let mut value = vec![1, 2, 3];
        wire::encode_bet(&bet, &mut value);
        let json = through_json(Topic::Commands, &value);
        let input = BookInput::Bet(Box::new(bet));
        for (value, format) in [(&value, Format::Protobuf), (&json, Format::Json)] {
            prop_assert_eq!(Format::detect(None, value), format);
            prop_assert_eq!(wire::decode_book(Topic::Commands, value, format), Ok(input.clone()));
        }
    }

    #[test]
    fn outputs_survive(output in wire_given::output()) {
        let (mut value, mut again) = (vec![1, 2, 3], Vec::new());
        let encoded = wire::encode(&output, Role::Book, &mut value);
        prop_assert_eq!(wire::encode(&output, Role::Book, &mut again), encoded);
        prop_assert_eq!(&value, &again, "the same output gives the same bytes");
        prop_assert_eq!(wire::decode_output(encoded.topic, &value), Ok(output.clone()));
        through_json(encoded.topic, &value);
        prop_assert_eq!(encoded.type_name, encoded.topic.record().name());
        prop_assert_eq!(encoded.key, key_by_schema(&output));
    }

    /// Our own updates are read tolerantly, but a right one is read exactly and counts nothing.
    #[test]
    fn market_updates_reach_the_book_whole(update in wire_given::match_update()) {
        let mut value = Vec::new();
        let output = Output::from(update.clone());
        wire::encode(&output, Role::Trading, &mut value);
        let reading = wire::decode_market(&value, Format::Protobuf).unwrap();
        prop_assert_eq!(reading.unknown_values, 0);
        prop_assert_eq!(wire::book_key(&reading.input), Some(update.match_id.as_str()));
        prop_assert_eq!(reading.input, BookInput::Market(Box::new(update)));
    }

    /// A record cut short, or with one byte changed, is read or refused, but stops nobody.
    #[test]
    fn damage_is_survived(bet in wire_given::bet(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut value = Vec::new();
        wire::encode_bet(&bet, &mut value);
        let cut = at.index(value.len());
        prop_assert!(wire::decode_book(Topic::Commands, &value[..cut], Format::Protobuf).is_err());
        value[cut] = byte;
        if let Err(broken) = wire::decode_book(Topic::Commands, &value, Format::Protobuf) {
            prop_assert!(!broken.detail.is_empty() && broken.detail.is_ascii());
        }
    }
}

/// The key column of the table of topics.
fn key_by_schema(output: &Output) -> Option<&str> {
    match output {
        Output::Market(update) => Some(update.match_id.as_str()),
        Output::Image(image) => Some(image.update.match_id.as_str()),
        Output::Results(results) => Some(results.match_id.as_str()),
        Output::FeedRequest(request) => request.match_id.as_ref().map(|id| id.as_str()),
        Output::Decision(decision) => Some(decision.account.as_str()),
        Output::Settlement(settlement) => Some(settlement.account.as_str()),
        Output::Posting(posting) => Some(posting.account.as_str()),
        Output::Watermark(_) | Output::Reject(_) | Output::Alert(_) => None,
    }
}

#[test]
fn every_topic_has_one_name_and_one_kind() {
    for topic in OutTopic::ALL {
        assert_eq!(RecordKind::of_topic_name(topic.base_name()), Some(topic.record()));
    }
    let inputs = [Topic::TradingCommands, Topic::Feed, Topic::Markets, Topic::AccountCommands, Topic::Commands];
    for topic in inputs {
        assert_eq!(RecordKind::of_topic_name(wire::in_topic_name(topic)), Some(RecordKind::from(topic)));
        assert_eq!(wire::topic_from_wire(wire::topic_to_wire(topic) as i32), Some(topic));
    }
    assert_eq!(wire::topic_from_wire(0), None);
    assert_eq!(RecordKind::of_topic_name("nobody.v1"), None);
}
