//! The bytes themselves: what a foreign client writes is read right, and every wrong field is named.
#![cfg(feature = "wire")]
#![expect(clippy::unwrap_used, reason = "a test stops where its own data is wrong")]

use prost::Message;
use touchline::event::{
    BookInput, InputRef, MarketId, MarketStatus, MatchPhase, Outcome, OutcomeStatus, Owner, PricePolicy, Reject,
    RejectReason, Topic,
};
use touchline::values::{CommandId, Hash, Price};
use touchline::wire::proto::{self, bet_command::Body, market_message};
use touchline::wire::{self, Broken, Format, OutTopic, Role};

const BET_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// A length-delimited field: its tag, its length in one byte, its bytes.
fn field(tag: &str, bytes: &[u8]) -> Vec<u8> {
    let mut field = hex(tag);
    field.push(u8::try_from(bytes.len()).unwrap());
    assert!(bytes.len() < 128, "a longer field has a longer length");
    field.extend(bytes);
    field
}

/// A bet put together by hand from command.proto, its fields out of order and one of a later schema among them.
#[test]
fn a_foreign_clients_bytes_are_read_right() {
    let leg = [
        field("0a", b"M1"),
        field("12", b"1x2"),
        field("1a", b"home"),
        field("22", &hex("08 ec 0e")), // price: decimal_thousandths = 1900
        hex("28 07"),                  // seen_version = 7
    ]
    .concat();
    let american =
        [field("0a", b"M2"), field("12", b"total:line=2.25"), field("1a", b"under"), field("22", &hex("10 db 01"))];
    let location = [
        field("0a", b"L1"),
        field("12", b"US-NJ"),
        hex("18 80 d0 95 ff bc 31"), // issued_at_ms = 1 700 000 000 000
        hex("20 80 a0 f1 c2 b1 34"), // expires_at_ms = 1 800 000 000 000
    ]
    .concat();
    let bet = [
        hex("30 01"), // price_policy = EXACT
        field("2a", &leg),
        field("9a 06", b"later"), // field 99: of a later schema, skipped
        field("2a", &american.concat()),
        field("0a", BET_ID.as_bytes()),
        field("12", b"A7"),
        hex("18 d8 04"), // stake_minor = 600
        field("22", b"USD"),
        field("42", b"S1"),
        hex("48 80 a0 f1 c2 b1 34"), // session_expires_at_ms = 1 800 000 000 000
        field("52", &location),
        field("5a", "Šťastný – 1".as_bytes()),
    ]
    .concat();
    let mut value = hex("0a");
    prost::encoding::encode_varint(bet.len() as u64, &mut value);
    value.extend(bet);

    assert_eq!(Format::detect(None, &value), Format::Protobuf);
    let Ok(BookInput::Bet(bet)) = wire::decode_book(Topic::Commands, &value, Format::Protobuf) else {
        panic!("refused: {:?}", wire::decode_book(Topic::Commands, &value, Format::Protobuf));
    };
    assert_eq!((bet.bet_id.to_string().as_str(), bet.account.as_str(), bet.stake.minor()), (BET_ID, "A7", 600));
    assert_eq!((bet.currency.code(), bet.price_policy, bet.legs.len()), ("USD", PricePolicy::Exact, 2));
    assert_eq!((bet.legs[0].market, bet.legs[0].outcome), (MarketId::MATCH_RESULT, Outcome::Home));
    assert_eq!((bet.legs[0].price, bet.legs[0].seen_version), (Price::decimal_thousandths(1_900).unwrap(), 7));
    assert_eq!((bet.legs[1].market.to_string().as_str(), bet.legs[1].outcome), ("total:line=2.25", Outcome::Under));
    assert_eq!(bet.legs[1].price, Price::american(-110).unwrap());
    assert_eq!((bet.session.expires_at.ms(), bet.location.issued_at.ms()), (1_800_000_000_000, 1_700_000_000_000));
    assert_eq!(bet.text.displayed.as_ref().unwrap().as_str(), "Šťastný – 1");
    assert_eq!(bet.fingerprint, bet.fingerprint_of());

    let json = format!(
        r#"{{"placeBet": {{"betId": "{BET_ID}", "account": "A7", "stakeMinor": 600, "currency": "USD",
        "legs": [{{"matchId": "M1", "market": "1x2", "outcome": "home", "price": {{"decimalThousandths": 1900}},
            "seenVersion": "7"}}, {{"match_id": "M2", "market": "total:line=2.25", "outcome": "under",
            "price": {{"american": -110}}}}], "pricePolicy": "PRICE_POLICY_EXACT", "sessionId": "S1",
        "sessionExpiresAtMs": "1800000000000", "location": {{"id": "L1", "licence": "US-NJ",
            "issuedAtMs": 1700000000000, "expiresAtMs": "1800000000000"}}, "displayed": "Šťastný – 1"}}}}"#
    );
    let from_json = wire::decode_book(Topic::Commands, json.as_bytes(), Format::detect(None, json.as_bytes()));
    assert_eq!(from_json, Ok(BookInput::Bet(bet)), "the same bet, written by a person");
}

#[test]
fn the_form_is_told_by_header_or_first_byte() {
    use Format::{Json, Protobuf};
    type Row = (Option<&'static [u8]>, &'static [u8], Format);
    let table: [Row; 8] = [
        (None, b"{}", Json),
        (None, b"", Protobuf),
        (None, b"\x0a\x00", Protobuf),
        // A first field of 123 bytes begins so: white space before a brace is not told apart without a header.
        (None, b"\n{ 121 more bytes", Protobuf),
        (Some(b"application/json"), b"\n{}", Json),
        (Some(b"Application/JSON; charset=utf-8"), b" {}", Json),
        (Some(b"application/x-protobuf"), b"{}", Protobuf),
        (Some(b"application/json-seq"), b"{}", Protobuf),
    ];
    for (header, value, format) in table {
        assert_eq!(Format::detect(header, value), format, "{header:?} {value:?}");
    }
    // 0x7b is the tag of field 15 as the start of a group, and no record of the schema has a field 15 or a group.
    assert_eq!(0x7b, 15 << 3 | 3);
    let fact = proto::Fact { id: "F".repeat(121), ..proto::Fact::default() };
    let value = proto::FeedMessage { body: Some(proto::feed_message::Body::Fact(fact)) }.encode_to_vec();
    assert_eq!(&value[..2], b"\n{", "such a record exists");
    assert_eq!(Format::detect(None, &value), Protobuf);
}

fn bet() -> proto::PlaceBet {
    let price = Some(proto::Price { form: Some(proto::price::Form::DecimalThousandths(1_950)) });
    let leg =
        proto::Leg { match_id: "M1".into(), market: "1x2".into(), outcome: "draw".into(), price, seen_version: 1 };
    proto::PlaceBet {
        bet_id: BET_ID.into(),
        account: "A7".into(),
        stake_minor: 600,
        currency: "USD".into(),
        legs: vec![leg.clone(), proto::Leg { match_id: "M2".into(), ..leg.clone() }, leg],
        session_id: "S1".into(),
        session_expires_at_ms: 1_800_000_000_000,
        location: Some(proto::LocationProof {
            id: "L1".into(),
            licence: "US-NJ".into(),
            issued_at_ms: 1,
            expires_at_ms: 1_800_000_000_000,
        }),
        ..proto::PlaceBet::default()
    }
}

fn refused(change: impl FnOnce(&mut proto::PlaceBet)) -> Broken {
    let mut bet = bet();
    change(&mut bet);
    let value = proto::BetCommand { body: Some(Body::PlaceBet(bet)) }.encode_to_vec();
    wire::decode_book(Topic::Commands, &value, Format::Protobuf).expect_err("wrong in one field")
}

#[test]
fn a_wrong_field_is_named_with_what_is_wrong() {
    use proto::price::Form;
    type Change = fn(&mut proto::PlaceBet);
    let table: [(Change, RejectReason, &str); 16] = [
        (
            |bet| bet.legs[2].price = Some(proto::Price { form: Some(Form::DecimalThousandths(900)) }),
            RejectReason::InvalidPrice,
            "legs[2].price: decimal odds 900 thousandths are below 1.001",
        ),
        (
            |bet| bet.legs[0].price = Some(proto::Price { form: Some(Form::American(-99)) }),
            RejectReason::InvalidPrice,
            "legs[0].price: American odds -99 are not 100 to 100000 either side of zero",
        ),
        (|bet| bet.legs[1].price = None, RejectReason::MissingField, "legs[1].price: missing"),
        (
            |bet| bet.legs[0].price = Some(proto::Price { form: None }),
            RejectReason::MissingField,
            "legs[0].price: missing",
        ),
        (|bet| bet.legs.clear(), RejectReason::MissingField, "legs: missing"),
        (|bet| bet.legs = vec![bet.legs[0].clone(); 26], RejectReason::TooManyLegs, "legs: 26 legs, at most 25"),
        (|bet| bet.stake_minor = 0, RejectReason::InvalidStake, "stake_minor: 0 minor units are not above zero"),
        (|bet| bet.stake_minor = -5, RejectReason::InvalidStake, "stake_minor: -5 minor units are not above zero"),
        (|bet| bet.price_policy = 9, RejectReason::InvalidValue, "price_policy: 9 is not a value of this list"),
        (
            |bet| bet.currency = "usd".into(),
            RejectReason::InvalidValue,
            "currency: not an active ISO 4217 currency code",
        ),
        (|bet| bet.location = None, RejectReason::MissingField, "location: missing"),
        (|bet| bet.session_id.clear(), RejectReason::MissingField, "session_id: missing"),
        (
            |bet| bet.session_expires_at_ms = i64::MAX,
            RejectReason::InvalidValue,
            "session_expires_at_ms: 9223372036854775807 ms is not a time from 1970 to 9999",
        ),
        (|bet| bet.channel = "x".repeat(257), RejectReason::InvalidValue, "channel: text longer than 256 bytes"),
        (
            |bet| bet.legs[0].match_id = "M 1".into(),
            RejectReason::InvalidId,
            "legs[0].match_id: illegal character in id",
        ),
        (
            |bet| bet.legs[0].market = "total:line=2.50".into(),
            RejectReason::InvalidValue,
            "legs[0].market: not a canonical market id (1x2, total:line=2.5, team_total:line=1.5,side=home)",
        ),
    ];
    for (change, reason, detail) in table {
        let broken = refused(change);
        assert_eq!((broken.reason, broken.detail.as_str()), (reason, format!("place_bet.{detail}").as_str()));
        let answer = broken.answer.expect("account and id are right");
        assert_eq!((answer.account.as_str(), answer.command_id), ("A7", CommandId::parse(BET_ID).unwrap()));
    }
}

#[test]
fn who_cannot_be_read_cannot_be_answered() {
    assert_eq!(refused(|bet| bet.account = "A 7".into()).answer, None);
    assert_eq!(refused(|bet| bet.bet_id = BET_ID.replace("-774b-", "-474b-")).answer, None, "version 4");
    let json =
        |account: &str| format!(r#"{{"placeBet":{{"betId":"{BET_ID}","account":"{account}","stakeMinor":"ten"}}}}"#);
    let broken = |json: String| wire::decode_book(Topic::Commands, json.as_bytes(), Format::Json).unwrap_err();
    assert_eq!(broken(json("A7")).answer.unwrap().account.as_str(), "A7");
    assert_eq!(broken(json("A'7")).answer, None);
    let unknown = format!(r#"{{"commandId":"{BET_ID}","account":"A7","bonus":1}}"#);
    let refusal = wire::decode_book(Topic::AccountCommands, unknown.as_bytes(), Format::Json).unwrap_err();
    assert_eq!(refusal.reason, RejectReason::Malformed);
    assert!(refusal.detail.contains("unknown field `bonus`") && refusal.answer.is_some(), "{refusal}");
    let repeated = br#"{"suspend":{},"suspend":{}}"#;
    assert!(wire::decode_trading(Topic::TradingCommands, repeated, Format::Json).is_err());
}

#[test]
fn emptiness_and_size_have_their_reasons() {
    let reason = |topic, value: &[u8]| match topic {
        Topic::TradingCommands | Topic::Feed => {
            wire::decode_trading(topic, value, Format::Protobuf).unwrap_err().reason
        }
        Topic::Markets | Topic::AccountCommands | Topic::Commands => {
            wire::decode_book(topic, value, Format::Protobuf).unwrap_err().reason
        }
    };
    for topic in [Topic::TradingCommands, Topic::Feed, Topic::Markets, Topic::AccountCommands, Topic::Commands] {
        assert_eq!(reason(topic, b""), RejectReason::MissingField, "{topic:?}");
        match wire::value_bytes_max(topic) {
            Some(max) => {
                assert_eq!(reason(topic, &vec![0; max + 1]), RejectReason::Oversize, "{topic:?}");
                assert_eq!(reason(topic, &vec![0; max]), RejectReason::Malformed, "{topic:?}");
            }
            None => assert_eq!(topic, Topic::Markets, "only our own topic"),
        }
    }
    // Field 9, empty: a kind of bet command, or of feed message, that does not exist yet.
    assert_eq!(reason(Topic::Commands, &hex("4a 00")), RejectReason::UnknownType);
    assert_eq!(reason(Topic::Feed, &hex("4a 00")), RejectReason::UnknownType);
    assert_eq!(reason(Topic::Commands, &hex("0a 04 0a 02 c3 28")), RejectReason::Malformed, "not UTF-8");
}

#[test]
fn reasons_are_numbered_and_named_as_in_the_schema() {
    for reason in RejectReason::ALL {
        let wire = proto::RejectReason::try_from(i32::from(reason.number())).expect("every reason is in the schema");
        let mut name = "REJECT_REASON".to_owned();
        for letter in reason.name().chars() {
            if letter.is_ascii_uppercase() {
                name.push('_');
            }
            name.push(letter.to_ascii_uppercase());
        }
        assert_eq!(wire.as_str_name(), name);
    }
    let in_schema = (1..1_000).filter(|number| proto::RejectReason::try_from(*number).is_ok()).count();
    assert_eq!(in_schema, RejectReason::ALL.len());
}

fn update(change: impl FnOnce(&mut proto::MatchUpdate)) -> proto::MatchUpdate {
    let price = Some(proto::Price { form: Some(proto::price::Form::DecimalThousandths(2_000)) });
    let offered = |outcome: &str| proto::OutcomeState {
        outcome: outcome.into(),
        status: proto::OutcomeStatus::Offered as i32,
        price,
        fair_billionths: Some(500_000_000),
    };
    let market = |id: &str, outcomes: [&str; 2]| proto::MarketState {
        market: id.into(),
        status: proto::MarketStatus::Active as i32,
        owners: Vec::new(),
        price_version: 3,
        outcomes: outcomes.map(offered).to_vec(),
    };
    let mut update = proto::MatchUpdate {
        match_id: "M1".into(),
        version: 3,
        phase: proto::MatchPhase::PreMatch as i32,
        period: proto::Period::PreMatch as i32,
        fixture: Some(proto::Fixture { revision: 1, competition: "C1".into(), ..proto::Fixture::default() }),
        markets: vec![market("1x2", ["home", "away"]), market("total:line=2.5", ["over", "under"])],
        ..proto::MatchUpdate::default()
    };
    change(&mut update);
    update
}

/// (statuses of the markets that remain, whether risk holds them, unknown values)
fn read(update: proto::MatchUpdate) -> (Vec<(MarketStatus, bool)>, u32) {
    let value = proto::MarketMessage { body: Some(market_message::Body::MatchUpdate(update)) }.encode_to_vec();
    let reading = wire::decode_market(&value, Format::Protobuf).unwrap();
    let BookInput::Market(update) = reading.input else { panic!("an update became {:?}", reading.input) };
    let markets = update.markets.iter().map(|market| (market.status, market.owners.contains(Owner::Risk))).collect();
    (markets, reading.unknown_values)
}

#[test]
fn an_unknown_value_holds_its_market_and_is_counted() {
    const OPEN: (MarketStatus, bool) = (MarketStatus::Active, false);
    const HELD: (MarketStatus, bool) = (MarketStatus::Suspended, true);
    type Change = fn(&mut proto::MatchUpdate);
    type Row = (&'static str, Change, Vec<(MarketStatus, bool)>, u32);
    let table: [Row; 11] = [
        ("nothing", |_| (), vec![OPEN, OPEN], 0),
        ("market status", |update| update.markets[0].status = 77, vec![HELD, OPEN], 1),
        ("no market status", |update| update.markets[1].status = 0, vec![OPEN, HELD], 1),
        ("owner", |update| update.markets[0].owners = vec![3, 77], vec![HELD, OPEN], 1),
        ("outcome status", |update| update.markets[0].outcomes[1].status = 77, vec![HELD, OPEN], 1),
        ("outcome", |update| update.markets[0].outcomes[1].outcome = "both".into(), vec![HELD, OPEN], 1),
        ("offer without price", |update| update.markets[0].outcomes[0].price = None, vec![HELD, OPEN], 1),
        ("market", |update| update.markets[0].market = "corners".into(), vec![OPEN], 1),
        ("phase", |update| update.phase = 77, vec![HELD, HELD], 1),
        ("period and status", |update| (update.period, update.markets[0].status) = (77, 77), vec![HELD, HELD], 2),
        (
            "status of a settled market's outcome",
            |update| (update.markets[0].status, update.markets[0].outcomes[0].status) = (4, 77),
            vec![(MarketStatus::Settled, false), OPEN],
            1,
        ),
    ];
    for (what, change, markets, unknown) in table {
        assert_eq!(read(update(change)), (markets, unknown), "unknown {what}");
    }
}

#[test]
fn an_offer_that_cannot_be_read_is_withdrawn() {
    let wire_update = update(|update| update.markets[0].outcomes[0].status = 77);
    let value = proto::MarketMessage { body: Some(market_message::Body::MatchUpdate(wire_update)) }.encode_to_vec();
    let Ok(BookInput::Market(update)) = wire::decode_book(Topic::Markets, &value, Format::Protobuf) else {
        panic!("the update was refused");
    };
    let outcome = update.markets[0].outcomes[0];
    assert_eq!((outcome.status, outcome.price), (OutcomeStatus::Withheld, None));
    assert_eq!(update.phase, MatchPhase::PreMatch);
}

/// Bets are settled by facts, so one that cannot be read is a fault, not something to leave out.
#[test]
fn an_unreadable_fact_of_our_own_is_an_error() {
    let fact = proto::Fact { id: "F1".into(), match_id: "M1".into(), producer: "P1".into(), ..proto::Fact::default() };
    let wire_update = update(|update| update.facts = vec![fact]);
    let value = proto::MarketMessage { body: Some(market_message::Body::MatchUpdate(wire_update)) }.encode_to_vec();
    let broken = wire::decode_market(&value, Format::Protobuf).unwrap_err();
    assert_eq!(broken.detail, "match_update.facts[0].body: missing, or of an unknown kind");
}

#[test]
fn a_reject_keeps_the_first_bytes_and_the_hash_of_all() {
    let raw: Vec<u8> = (0..100_000_u32).map(|index| (index % 251) as u8).collect();
    let cause = InputRef { topic: Topic::Feed, partition: 2, offset: 9 };
    let reject = Reject { cause, reason: RejectReason::Oversize, detail: "too large".into() };
    let mut value = Vec::new();
    let encoded = wire::encode_reject(&reject, &wire::RejectedValue::of(&raw), Role::Trading, &mut value);
    assert_eq!((encoded.topic, encoded.key), (OutTopic::Rejects(Role::Trading), None));
    assert_eq!((encoded.topic.base_name(), encoded.type_name), ("rejects-trading.v1", "Reject"));
    let wire = proto::Reject::decode(&value[..]).unwrap();
    assert_eq!(wire.value, raw[..65_536]);
    assert_eq!((wire.value_length, wire.value_sha256), (100_000, Hash::of(&raw).as_bytes().to_vec()));
    assert_eq!(wire::decode_output(encoded.topic, &value), Ok(reject.into()));
}
