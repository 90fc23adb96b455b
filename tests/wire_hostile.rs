//! Hostile mail: malformed bytes, malformed JSON, attacks in ids, odd characters in free text.
#![cfg(feature = "wire")]
#![expect(clippy::unwrap_used, reason = "a test stops where its own data is wrong")]

use std::io::Read;
use std::path::PathBuf;

use prost::Message;
use touchline::event::{BookInput, FactBody, FeedMessage, RejectReason, Topic, TradingInput};
use touchline::values::TEXT_BYTES_MAX;
use touchline::wire::proto::{self, account_command::Action, bet_command::Body, fact, feed_message};
use touchline::wire::{self, Broken, Format, OutTopic};

const TOPICS: [Topic; 5] =
    [Topic::TradingCommands, Topic::Feed, Topic::Markets, Topic::AccountCommands, Topic::Commands];

/// The rows of a file of the hostile set; `None` where the data is not there.
fn rows(name: &str) -> Option<Vec<serde_json::Value>> {
    #[expect(clippy::disallowed_methods, reason = "a test finds its data by the environment")]
    let (data, ci) = (std::env::var("TOUCHLINE_DATA"), std::env::var("CI"));
    let path = PathBuf::from(data.unwrap_or_else(|_| "../shared/data".to_owned())).join("hostile").join(name);
    let Ok(file) = std::fs::File::open(&path) else {
        assert!(ci.as_deref() != Ok("true"), "{} is missing", path.display());
        println!("skipped: {} is missing", path.display());
        return None;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn bytes_of(row: &serde_json::Value) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = row["base64"].as_str().unwrap().trim_end_matches('=');
    let (mut bits, mut width, mut bytes) = (0_u32, 0, Vec::new());
    for digit in text.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == digit).unwrap();
        bits = (bits << 6 | u32::try_from(value).unwrap()) & 0xffff;
        width += 6;
        if width >= 8 {
            width -= 8;
            bytes.push(u8::try_from(bits >> width & 0xff).unwrap());
        }
    }
    bytes
}

/// What the reader of that topic says.
fn refusal(topic: Topic, value: &[u8], format: Format) -> Option<Broken> {
    let broken = match topic {
        Topic::TradingCommands | Topic::Feed => wire::decode_trading(topic, value, format).err(),
        Topic::Markets | Topic::AccountCommands | Topic::Commands => wire::decode_book(topic, value, format).err(),
    };
    if let Some(broken) = &broken {
        assert!(!broken.detail.is_empty() && broken.detail.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
    }
    broken
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn malformed_protobuf_is_refused_on_every_topic() {
    let Some(rows) = rows("protobuf-wire.jsonl.gz") else { return };
    let mut refused = 0;
    for row in &rows {
        let (value, must) = (bytes_of(row), row["label"] == "reject");
        for topic in TOPICS {
            let seen = refusal(topic, &value, Format::detect(None, &value));
            let binary = refusal(topic, &value, Format::Protobuf);
            assert!(!must || (seen.is_some() && binary.is_some()), "{row} on {topic:?}");
            refused += u32::from(must);
        }
        for topic in OutTopic::ALL {
            assert!(!must || wire::to_json(topic, &value).is_err(), "{row} on {topic:?}");
        }
    }
    assert_eq!(refused, 51 * 5, "the set has 51 rows to reject");
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn malformed_json_is_refused_on_every_topic() {
    let Some(rows) = rows("json.jsonl.gz") else { return };
    for row in &rows {
        let document = bytes_of(row);
        // Alone, and in the place of a text and of a number of an otherwise right bet.
        let mut values = vec![document.clone()];
        for (before, after) in [(&br#"{"placeBet":{"displayed":"#[..], &b"}}"[..]), (br#"{"placeBet":"#, b"}")] {
            values.push([before, &document, after].concat());
        }
        for value in values {
            for topic in TOPICS {
                let broken = refusal(topic, &value, Format::Json);
                let is_nothing = row["label"] == "accept" && document.trim_ascii() == b"{}";
                assert!(is_nothing || broken.is_some(), "{row} on {topic:?}");
            }
        }
    }
}

/// A right example of each message with ids, as its schema's struct.
fn bet() -> proto::PlaceBet {
    let price = proto::Price { form: Some(proto::price::Form::DecimalThousandths(1_950)) };
    proto::PlaceBet {
        bet_id: "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
        account: "A7".to_owned(),
        stake_minor: 600,
        currency: "USD".to_owned(),
        legs: vec![proto::Leg {
            match_id: "M1".to_owned(),
            market: "total:line=2.5".to_owned(),
            outcome: "over".to_owned(),
            price: Some(price),
            seen_version: 3,
        }],
        session_id: "S1".to_owned(),
        session_expires_at_ms: 1_800_000_000_000,
        location: Some(proto::LocationProof {
            id: "L1".to_owned(),
            licence: "US-NJ".to_owned(),
            issued_at_ms: 1_700_000_000_000,
            expires_at_ms: 1_800_000_000_000,
        }),
        ..proto::PlaceBet::default()
    }
}

fn open_account() -> proto::AccountCommand {
    proto::AccountCommand {
        command_id: "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
        account: "A7".to_owned(),
        action: Some(Action::Open(proto::OpenAccount {
            currency: "USD".to_owned(),
            licence: "US-NJ".to_owned(),
            birth_date: "1990-02-28".to_owned(),
            identity_status: proto::IdentityStatus::Verified as i32,
            identity_expires: "2030-01-01".to_owned(),
        })),
    }
}

fn rollback() -> proto::Fact {
    proto::Fact {
        id: "F2".to_owned(),
        match_id: "M1".to_owned(),
        producer: "P1".to_owned(),
        sequence: 2,
        source_at_ms: 1_750_000_000_000,
        supersedes: "F0".to_owned(),
        body: Some(fact::Body::Rollback("F1".to_owned())),
        ..proto::Fact::default()
    }
}

fn fixture() -> proto::Fixture {
    proto::Fixture {
        revision: 1,
        home: "Home".to_owned(),
        away: "Away".to_owned(),
        competition: "C1".to_owned(),
        kick_off_ms: 1_750_000_000_000,
        home_expectation_billionths: 1_500_000_000,
        away_expectation_billionths: 1_100_000_000,
        ..proto::Fixture::default()
    }
}

fn desk_command() -> proto::TradingCommand {
    proto::TradingCommand {
        command_id: "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
        match_id: "M1".to_owned(),
        actor: "trader".to_owned(),
        action: Some(proto::trading_command::Action::Rollback("F1".to_owned())),
    }
}

/// A record with the text in one field, and that field's path.
type Placed = (Topic, Vec<u8>, &'static str, Alphabet);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Alphabet {
    Id,
    Fact,
    Licence,
    Closed,
    /// Closed too, but its words are as short as a number of goals or a score.
    Selection,
}

impl Alphabet {
    /// Written again from the schema's words, apart from the code under test.
    fn takes(self, text: &str) -> bool {
        let (bytes_max, extra) = match self {
            Alphabet::Id => (64, "._:-"),
            Alphabet::Licence => (32, "._:-"),
            Alphabet::Fact => (128, "._:-/"),
            Alphabet::Closed => return false,
            Alphabet::Selection => {
                let goals = |text: &str| text.len() == 1 && text.chars().all(|c| c.is_ascii_digit());
                let is_score = text.split_once(':').is_some_and(|(home, away)| goals(home) && goals(away));
                return is_score || goals(text.strip_suffix('+').unwrap_or(text));
            }
        };
        (1..=bytes_max).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    }
}

/// The text in every field that holds an id or a word of a closed list.
fn placed_in_ids(text: &str) -> Vec<Placed> {
    let mut placed = Vec::new();
    let text = text.to_owned();
    macro_rules! place {
        ($topic:ident, $wrap:expr, $make:expr, $($path:literal $alphabet:ident: |$message:ident| $change:expr;)*) => {
            $({
                let mut $message = $make;
                $change = text.clone();
                let record = $wrap($message);
                placed.push((Topic::$topic, record.encode_to_vec(), $path, Alphabet::$alphabet));
            })*
        };
    }
    let in_bet = |bet| proto::BetCommand { body: Some(Body::PlaceBet(bet)) };
    place! { Commands, in_bet, bet(),
        "place_bet.bet_id" Closed: |bet| bet.bet_id;
        "place_bet.account" Id: |bet| bet.account;
        "place_bet.currency" Closed: |bet| bet.currency;
        "place_bet.legs[0].match_id" Id: |bet| bet.legs[0].match_id;
        "place_bet.legs[0].market" Closed: |bet| bet.legs[0].market;
        "place_bet.legs[0].outcome" Selection: |bet| bet.legs[0].outcome;
        "place_bet.location.licence" Licence: |bet| bet.location.as_mut().unwrap().licence;
    }
    let as_it_is = |command: proto::AccountCommand| command;
    place! { AccountCommands, as_it_is, open_account(),
        "command_id" Closed: |command| command.command_id;
        "account" Id: |command| command.account;
        "open.currency" Closed: |command| open_of(&mut command).currency;
        "open.licence" Licence: |command| open_of(&mut command).licence;
        "open.birth_date" Closed: |command| open_of(&mut command).birth_date;
        "open.identity_expires" Closed: |command| open_of(&mut command).identity_expires;
    }
    let in_feed = |fact| proto::FeedMessage { body: Some(feed_message::Body::Fact(fact)) };
    place! { Feed, in_feed, rollback(),
        "fact.id" Fact: |fact| fact.id;
        "fact.match_id" Id: |fact| fact.match_id;
        "fact.producer" Id: |fact| fact.producer;
        "fact.supersedes" Fact: |fact| fact.supersedes;
    }
    let ruling = proto::Fact { body: Some(fact::Body::Rollback(text.clone())), ..rollback() };
    placed.push((Topic::Feed, in_feed(ruling).encode_to_vec(), "fact.rollback", Alphabet::Fact));
    let of_fixture = |fixture| in_feed(proto::Fact { body: Some(fact::Body::Fixture(fixture)), ..rollback() });
    place! { Feed, of_fixture, fixture(), "fact.fixture.competition" Id: |fixture| fixture.competition; }
    let desk = |command: proto::TradingCommand| command;
    place! { TradingCommands, desk, desk_command(),
        "command_id" Closed: |command| command.command_id;
        "match_id" Id: |command| command.match_id;
    }
    placed
}

fn open_of(command: &mut proto::AccountCommand) -> &mut proto::OpenAccount {
    let Some(Action::Open(open)) = &mut command.action else { panic!("the example opens an account") };
    open
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn attacks_in_ids_are_refused_by_the_fields_name() {
    for (topic, value, path, _) in placed_in_ids("M1") {
        let closed = ["account", "match_id", "id", "producer", "supersedes", "rollback", "licence", "competition"];
        let legal = closed.contains(&path.rsplit('.').next().unwrap());
        assert_eq!(refusal(topic, &value, Format::Protobuf).is_none(), legal, "{path} takes M1");
    }
    for file in ["attacks.jsonl.gz", "odd-strings.jsonl.gz"] {
        let Some(rows) = rows(file) else { return };
        for row in &rows {
            let text = row["text"].as_str().unwrap();
            for (topic, value, path, alphabet) in placed_in_ids(text) {
                let broken = refusal(topic, &value, Format::Protobuf);
                let json = wire::to_json(topic, &value).unwrap();
                assert_eq!(refusal(topic, json.as_bytes(), Format::Json), broken, "{row} in {path}");
                let optional_and_empty = path == "fact.supersedes" && text.is_empty();
                if alphabet.takes(text) || optional_and_empty {
                    assert_eq!(broken, None, "{row} is legal in {path}");
                    continue;
                }
                let broken = broken.unwrap_or_else(|| panic!("{row} was taken in {path}"));
                let reasons = [RejectReason::InvalidId, RejectReason::InvalidValue, RejectReason::MissingField];
                assert!(reasons.contains(&broken.reason), "{broken}");
                assert!(broken.detail.starts_with(&format!("{path}: ")), "{broken} is not about {path}");
            }
        }
    }
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn odd_characters_in_free_text_are_kept_byte_for_byte() {
    for file in ["odd-strings.jsonl.gz", "attacks.jsonl.gz"] {
        let Some(rows) = rows(file) else { return };
        let mut kept = 0;
        for row in &rows {
            let text = row["text"].as_str().unwrap();
            let bet = proto::PlaceBet { displayed: text.to_owned(), ..bet() };
            let value = proto::BetCommand { body: Some(Body::PlaceBet(bet)) }.encode_to_vec();
            let json = wire::to_json(Topic::Commands, &value).unwrap();
            assert!(!json.chars().any(char::is_control), "{json:?}");
            for (value, format) in [(&value[..], Format::Protobuf), (json.as_bytes(), Format::Json)] {
                match wire::decode_book(Topic::Commands, value, format) {
                    Ok(BookInput::Bet(bet)) => {
                        assert_eq!(bet.text.displayed.as_ref().map_or("", |text| text.as_str()), text);
                        kept += 1;
                    }
                    Ok(other) => panic!("a bet became {other:?}"),
                    Err(broken) => {
                        assert!(text.len() > TEXT_BYTES_MAX, "{row}: {broken}");
                        assert_eq!(broken.reason, RejectReason::InvalidValue);
                        assert!(broken.detail.starts_with("place_bet.displayed: "), "{broken}");
                        assert!(broken.answer.is_some(), "who asked can be read");
                    }
                }
            }
        }
        assert!(kept > rows.len(), "most texts are short enough");
    }
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn odd_team_names_reach_the_fixture() {
    let Some(rows) = rows("odd-strings.jsonl.gz") else { return };
    for row in &rows {
        let home = row["text"].as_str().unwrap();
        let body = fact::Body::Fixture(proto::Fixture { home: home.to_owned(), ..fixture() });
        let fact = proto::Fact { body: Some(body), ..rollback() };
        let value = proto::FeedMessage { body: Some(feed_message::Body::Fact(fact)) }.encode_to_vec();
        match wire::decode_trading(Topic::Feed, &value, Format::Protobuf) {
            Ok(TradingInput::Feed(FeedMessage::Fact(fact))) => {
                let FactBody::Fixture(fixture) = fact.body else { panic!("a fixture became {:?}", fact.body) };
                assert_eq!(fixture.home.as_str(), home);
            }
            Ok(other) => panic!("a fact became {other:?}"),
            Err(broken) => assert!(home.is_empty() || home.len() > TEXT_BYTES_MAX, "{row}: {broken}"),
        }
    }
}

#[test]
fn bombs_are_refused_without_a_crash() {
    let bombs = [
        vec![0x7b; 60_000],
        vec![0x0b; 60_000],
        vec![b'['; 60_000],
        br#"{"fact":"#.repeat(5_000),
        br#"{"placeBet":{"location":"#.repeat(2_000),
        [0x0a, 0xff, 0xff, 0x7f].repeat(10_000),
    ];
    for bomb in &bombs {
        for topic in TOPICS {
            for format in [Format::Protobuf, Format::Json, Format::detect(None, bomb)] {
                assert!(refusal(topic, bomb, format).is_some(), "{:?} {topic:?}", &bomb[..8]);
            }
        }
    }
    let deep = refusal(Topic::Commands, &bombs[0], Format::Protobuf).unwrap();
    assert_eq!(deep.reason, RejectReason::LimitExceeded, "{deep}");
}

/// What an account may be asked to do is read with the same care as a bet.
#[test]
fn account_rules_with_something_wrong_are_refused_by_the_fields_name() {
    let asked = |action| {
        let command = proto::AccountCommand { action: Some(action), ..open_account() };
        refusal(Topic::AccountCommands, &command.encode_to_vec(), Format::Protobuf).map(|broken| broken.detail)
    };
    let limit = |limit, amount_minor, currency: &str| {
        asked(Action::SetLimit(proto::SetLimit { limit, amount_minor, currency: currency.to_owned() }))
    };
    let is_about = |detail: Option<String>, field: &str| {
        let detail = detail.unwrap_or_else(|| panic!("{field} is taken"));
        assert!(detail.starts_with(&format!("{field}: ")), "{detail} is not about {field}");
    };
    assert_eq!(limit(1, Some(0), "USD"), None);
    assert_eq!(limit(7, None, "USD"), None);
    is_about(limit(0, Some(1), "USD"), "set_limit.limit");
    is_about(limit(8, Some(1), "USD"), "set_limit.limit");
    is_about(limit(1, Some(-1), "USD"), "set_limit.amount_minor");
    is_about(limit(1, Some(1), "XYZ"), "set_limit.currency");
    is_about(asked(Action::ReaffirmLimit(proto::ReaffirmLimit { limit: 0 })), "reaffirm_limit.limit");
    is_about(asked(Action::SelfExclude(proto::Absence { until_ms: 0 })), "self_exclude.until_ms");
    is_about(asked(Action::TimeOut(proto::Absence { until_ms: -1 })), "time_out.until_ms");
    let status = |status, actor: &str| {
        let reason = "asked for".to_owned();
        asked(Action::SetStatus(proto::SetStatus { status, actor: actor.to_owned(), reason }))
    };
    assert_eq!(status(2, "ops"), None);
    is_about(status(0, "ops"), "set_status.status");
    is_about(status(6, "ops"), "set_status.status");
    is_about(status(2, ""), "set_status.actor");
}

/// An override with one thing wrong in it, and what is said of it.
type Wrong = (proto::Override, RejectReason, &'static str);

fn wrong_overrides() -> Vec<Wrong> {
    use RejectReason::{InvalidValue, MissingField};
    let good = proto::Override { clear: true, ..proto::Override::default() };
    let good = || good.clone();
    let rates = |home, away| proto::Override { home_rate_billionths: home, away_rate_billionths: away, ..good() };
    let home_factor = |factor| proto::Override { home_multiplier_billionths: Some(factor), ..good() };
    let away_factor = |factor| proto::Override { away_multiplier_billionths: Some(factor), ..good() };
    let rho = |rho| proto::Override { rho_billionths: Some(rho), ..good() };
    let expected = |total, supremacy| proto::Override {
        expected_total_billionths: total,
        expected_supremacy_billionths: supremacy,
        ..good()
    };
    let lines = |offsets: &[(&str, i32)]| proto::Override {
        line_offsets: offsets
            .iter()
            .map(|(market, quarters)| proto::LineOffset { market: (*market).to_owned(), quarters: *quarters })
            .collect(),
        ..good()
    };
    const ONE: i64 = 1_000_000_000;
    vec![
        (proto::Override::default(), MissingField, "override: says nothing"),
        (home_factor(99_999_999), InvalidValue, "override.home_multiplier_billionths: "),
        (home_factor(0), InvalidValue, "override.home_multiplier_billionths: "),
        (away_factor(10 * ONE + 1), InvalidValue, "override.away_multiplier_billionths: "),
        (away_factor(i64::MIN), InvalidValue, "override.away_multiplier_billionths: "),
        (rates(Some(ONE), None), MissingField, "override.away_rate_billionths: missing"),
        (rates(None, Some(ONE)), MissingField, "override.home_rate_billionths: missing"),
        (rates(Some(19_999_999), Some(ONE)), InvalidValue, "override.home_rate_billionths: "),
        (rates(Some(ONE), Some(8 * ONE + 1)), InvalidValue, "override.away_rate_billionths: "),
        (rho(ONE + 1), InvalidValue, "override.rho_billionths: "),
        (rho(i64::MAX), InvalidValue, "override.rho_billionths: "),
        (expected(Some(ONE), None), MissingField, "override.expected_supremacy_billionths: missing"),
        (expected(None, Some(0)), MissingField, "override.expected_total_billionths: missing"),
        (expected(Some(39_999_999), Some(0)), InvalidValue, "override.expected_total_billionths: "),
        (expected(Some(16 * ONE + 1), Some(0)), InvalidValue, "override.expected_total_billionths: "),
        (expected(Some(ONE), Some(-8 * ONE - 1)), InvalidValue, "override.expected_supremacy_billionths: "),
        (
            proto::Override { expected_total_billionths: Some(ONE), ..rates(Some(ONE), Some(ONE)) },
            MissingField,
            "override.expected_supremacy_billionths: missing",
        ),
        (
            proto::Override { rho_billionths: None, ..both_strengths(good()) },
            InvalidValue,
            "override.expected_total_billionths: stands beside home_rate_billionths",
        ),
        (lines(&[("total:line=0", 41)]), InvalidValue, "override.line_offsets[0].quarters: 41"),
        (lines(&[("total:line=0", i32::MIN)]), InvalidValue, "override.line_offsets[0].quarters: "),
        (lines(&[("total:line=0", 1), ("total:line=0", 2)]), InvalidValue, "override.line_offsets[1].market: total"),
        (lines(&[("total:line=2.5", 1)]), InvalidValue, "override.line_offsets[0].market: total:line=2.5 is no family"),
        (lines(&[("total", 1)]), InvalidValue, "override.line_offsets[0].market: not a canonical market id"),
        (lines(&[("1x2", 1)]), InvalidValue, "override.line_offsets[0].market: 1x2 is no family"),
        (lines(&[("draw_no_bet", 1)]), InvalidValue, "override.line_offsets[0].market: draw_no_bet is no family"),
        (lines(&[("handicap_rest:base=1:0,line=0", 1)]), InvalidValue, "override.line_offsets[0].market: "),
        (lines(&[("total:line=0", 1); 33]), InvalidValue, "override.line_offsets: 33 families"),
    ]
}

fn both_strengths(asked: proto::Override) -> proto::Override {
    proto::Override {
        home_rate_billionths: Some(1_500_000_000),
        away_rate_billionths: Some(1_000_000_000),
        expected_total_billionths: Some(2_500_000_000),
        expected_supremacy_billionths: Some(500_000_000),
        ..asked
    }
}

#[test]
fn an_override_out_of_bounds_is_refused_by_the_fields_name() {
    let with = |asked| {
        let action = Some(proto::trading_command::Action::Override(asked));
        proto::TradingCommand { action, ..desk_command() }.encode_to_vec()
    };
    for (asked, reason, about) in wrong_overrides() {
        let value = with(asked);
        let broken = refusal(Topic::TradingCommands, &value, Format::Protobuf).expect("refused");
        assert_eq!(broken.reason, reason, "{broken}");
        assert!(broken.detail.starts_with(about), "{broken} is not about {about}");
        let json = wire::to_json(Topic::TradingCommands, &value).unwrap();
        assert_eq!(refusal(Topic::TradingCommands, json.as_bytes(), Format::Json), Some(broken));
    }
    let at_the_bounds = proto::Override {
        clear: false,
        home_multiplier_billionths: Some(100_000_000),
        away_multiplier_billionths: Some(10_000_000_000),
        home_rate_billionths: Some(20_000_000),
        away_rate_billionths: Some(8_000_000_000),
        rho_billionths: Some(-1_000_000_000),
        expected_total_billionths: None,
        expected_supremacy_billionths: None,
        line_offsets: vec![
            proto::LineOffset { market: "total:line=0".to_owned(), quarters: -40 },
            proto::LineOffset { market: "team_total:line=0,side=home".to_owned(), quarters: 40 },
        ],
    };
    assert_eq!(refusal(Topic::TradingCommands, &with(at_the_bounds), Format::Protobuf), None);
    let expected = proto::Override {
        expected_total_billionths: Some(16_000_000_000),
        expected_supremacy_billionths: Some(-8_000_000_000),
        ..proto::Override::default()
    };
    assert_eq!(refusal(Topic::TradingCommands, &with(expected), Format::Protobuf), None);
}
