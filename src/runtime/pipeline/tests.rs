//! Settings: what the shortest file means, what is refused and where, who has the last word.

use super::*;
use crate::event::Settings;

const FILE: &str = "pipelines/x/pipeline.toml";

fn refused(text: &str, overrides: &[Override]) -> String {
    read(text, Some(FILE), overrides).expect_err(text)
}

fn set(key: &str, text: &str) -> Override {
    Override { key: key.to_owned(), text: text.to_owned(), origin: Origin::Flag(format!("--set {key}={text}")) }
}

fn variable(key: &str, text: &str) -> Override {
    let name = format!("TOUCHLINE__{}", key.replace('.', "__").to_uppercase());
    Override { key: key.to_owned(), text: text.to_owned(), origin: Origin::Environment(name) }
}

#[test]
fn the_shortest_file_is_the_default_settings() {
    let pipeline = parse("name = \"soccer-live\"\nrevision = 1\n").unwrap();
    assert_eq!(pipeline.rules.settings().unwrap(), Settings::default());
}

#[test]
fn the_shipped_file_says_every_default_and_explains_every_key() {
    let text = include_str!("../../../pipelines/soccer-live/pipeline.toml");
    let shipped = read(text, Some("pipelines/soccer-live/pipeline.toml"), &[]).unwrap();
    let plain = layers::table_of(&Pipeline::plain());
    let mut defaults = Vec::new();
    layers::flatten("", &toml::Value::Table(plain), &mut |key, value| {
        defaults.push((key.to_owned(), value.to_string()))
    });
    let values = shipped.values();
    for (key, default) in defaults {
        let shown = values.iter().find(|value| value.key == key).unwrap_or_else(|| panic!("{key} is not there"));
        assert_eq!(shown.value, default, "{key}");
        let Origin::File { line, .. } = shown.origin else { panic!("{key} is not in the shipped file") };
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[line - 1].contains('#') || lines[line - 2].starts_with('#'), "{key} has no comment");
    }
}

#[test]
fn canonical_text_comes_back_whole() {
    let rules = parse("name = \"p\"\nrevision = 7\n[clock]\nclock_scale = 60\n").unwrap().rules;
    let (settings, stamp) = settings_from_journal(&rules.to_journal()).unwrap();
    assert_eq!(*settings, rules.settings().unwrap());
    assert_eq!(stamp, rules.stamp());
}

#[test]
fn what_cannot_be_is_refused_with_file_line_and_key() {
    for (text, expected) in [
        ("name = \"p\"\nrevision = 1\n[clok]\nx = 1", "pipelines/x/pipeline.toml:3: clok: unknown key"),
        (
            "name = \"p\"\nrevision = 1\n[clock]\nclock_scal = 1",
            "pipelines/x/pipeline.toml:4: clock.clock_scal: unknown key",
        ),
        (
            "name = \"p\"\nrevision = 1\n\n[clock]\nclock_scale = \"fast\"",
            "pipelines/x/pipeline.toml:5: clock.clock_scale: invalid type: string",
        ),
        (
            "name = \"p\"\nrevision = 1\n[clock]\nclock_scale = -1",
            "pipelines/x/pipeline.toml:4: clock.clock_scale: invalid value: integer `-1`",
        ),
        ("name = \"p\"\nrevision = 1\nname = \"q\"", "pipelines/x/pipeline.toml:3: "),
        ("name = \"p\"\nrevision = \n", "pipelines/x/pipeline.toml:2: "),
        ("name = \"P p\"\nrevision = 1", "pipelines/x/pipeline.toml:1: name: \"P p\" must be"),
        ("name = \"p\"\nrevision = 0", "pipelines/x/pipeline.toml:2: revision: must be above 0"),
        ("name = \"p\"\nrevision = 1\n[partitions]\nmatches = 0", "pipelines/x/pipeline.toml:4: partitions.matches: "),
        (
            "name = \"p\"\nrevision = 1\n[margins]\nmatch_result = 900",
            "pipelines/x/pipeline.toml:4: margins.match_result: 900 must be 1000 to 2000",
        ),
        (
            "name = \"p\"\nrevision = 1\n[trading]\nsilence_in_running_ms = 9000",
            "pipelines/x/pipeline.toml:4: trading.silence_in_running_ms: 9000 exceeds placement.in_play_delay_ms 5000 without allow_blind",
        ),
        (
            "name = \"p\"\nrevision = 1\n[placement]\nin_play_delay_ms = 1000",
            "pipelines/x/pipeline.toml:4: trading.silence_in_running_ms: 4000 exceeds",
        ),
        (
            "name = \"p\"\nrevision = 1\n[[licences]]\nid = \"US-NJ\"\n[[licences]]\nid = \"US NJ\"",
            "pipelines/x/pipeline.toml:6: licences[1].id: ",
        ),
        (
            "name = \"p\"\nrevision = 1\n[[licences]]\nid = \"US-NJ\"\nage = 3",
            "pipelines/x/pipeline.toml:5: licences[0].age: unknown key",
        ),
        (
            "name = \"p\"\nrevision = 1\n[trading]\nladder = \"fractional\"",
            "pipelines/x/pipeline.toml:4: trading.ladder: \"fractional\" must be",
        ),
        ("name = \"p\"", "pipelines/x/pipeline.toml: revision: is missing"),
        ("revision = 1", "pipelines/x/pipeline.toml: name: is missing"),
        (
            "name = \"p\"\nrevision = 1\n[kafka]\nretry_backoff_ms = 2000",
            "pipelines/x/pipeline.toml:4: kafka.retry_backoff_ms: 2000 must be 50 to 1000",
        ),
        (
            "name = \"p\"\nrevision = 1\nkafka.brokers = \"here\"",
            "pipelines/x/pipeline.toml:3: kafka.brokers: \"here\" is not host:port",
        ),
        (
            "name = \"p\"\nrevision = 1\n[kafka.security]\npassword = \"hush\"",
            "pipelines/x/pipeline.toml:4: kafka.security.password: unknown key `password`",
        ),
        (
            "name = \"p\"\nrevision = 1\n[observability]\nlisten = \"9464\"",
            "pipelines/x/pipeline.toml:4: observability.listen: \"9464\" is not address:port",
        ),
    ] {
        let error = refused(text, &[]);
        assert!(error.starts_with(expected), "{text:?} gave {error:?}, not {expected:?}");
        assert!(!error.contains("hush"), "a secret was printed");
    }
}

#[test]
fn everything_wrong_is_told_at_once_in_the_order_of_the_file() {
    let error = refused("name = \"p\"\nrevision = 1\n[margins]\nmain_total = 1\n[kafka]\nreplication = 0\n", &[]);
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(lines[0].starts_with("pipelines/x/pipeline.toml:4: margins.main_total"));
    assert!(lines[1].starts_with("pipelines/x/pipeline.toml:6: kafka.replication"));
}

#[test]
fn the_last_word_is_the_flag_s_and_each_value_knows_who_gave_it() {
    let text =
        "name = \"p\"\nrevision = 1\n[kafka]\nbrokers = \"127.0.0.1:1\"\ntopic_prefix = \"a.\"\nreplication = 2\n";
    let overrides = [
        variable("kafka.brokers", "127.0.0.1:2"),
        set("kafka.brokers", "127.0.0.1:3"),
        variable("kafka.topic_prefix", "17"),
        set("clock.clock_scale", "60"),
        set("licences", "[{ id = \"US-PA\", minimum_age_years = 19 }]"),
    ];
    let loaded = read(text, Some(FILE), &overrides).unwrap();
    assert_eq!(loaded.pipeline.kafka.brokers, "127.0.0.1:3");
    assert_eq!(loaded.pipeline.kafka.topic_prefix, "17", "a key that holds text takes it as it is");
    assert_eq!(loaded.pipeline.rules.clock.clock_scale, 60);
    assert_eq!(loaded.pipeline.rules.licences[0].id, "US-PA");
    let shown = |key: &str| {
        let values = loaded.values();
        values
            .into_iter()
            .find(|value| value.key == key)
            .map(|value| format!("{} | {}", value.value, value.origin))
            .unwrap()
    };
    assert_eq!(shown("kafka.brokers"), "\"127.0.0.1:3\" | flag --set kafka.brokers=127.0.0.1:3");
    assert_eq!(shown("kafka.topic_prefix"), "\"17\" | environment TOUCHLINE__KAFKA__TOPIC_PREFIX");
    assert_eq!(shown("kafka.replication"), "2 | pipelines/x/pipeline.toml:6");
    assert_eq!(shown("kafka.retry_backoff_ms"), "300 | built-in default");
    assert_eq!(
        shown("licences[0].minimum_age_years"),
        "19 | flag --set licences=[{ id = \"US-PA\", minimum_age_years = 19 }]"
    );
}

#[test]
fn a_wrong_override_is_told_by_its_own_name() {
    let text = "name = \"p\"\nrevision = 1\n[margins]\nmatch_result = 1050\n";
    for (one, expected) in [
        (set("kafka.broker", "x:1"), "flag --set kafka.broker=x:1: unknown key kafka.broker; there are kafka.brokers"),
        (
            Override {
                origin: Origin::Flag("--set kafka.security.password".to_owned()),
                ..set("kafka.security.password", "hush")
            },
            "flag --set kafka.security.password: unknown key kafka.security.password; a password is not a setting",
        ),
        (set("nonsense", "1"), "flag --set nonsense=1: unknown key nonsense"),
        (set("clock.clock_scale", "fast"), "flag --set clock.clock_scale=fast: clock.clock_scale = fast"),
        (set("clock.clock_scale", "-1"), "flag --set clock.clock_scale=-1: clock.clock_scale: invalid value"),
        (set("clock.clock_scale", "true"), "flag --set clock.clock_scale=true: clock.clock_scale: invalid type"),
        (
            variable("margins.match_result", "900"),
            "environment TOUCHLINE__MARGINS__MATCH_RESULT: margins.match_result: 900 must be",
        ),
        (
            set("kafka.security.protocol", "sasl"),
            "flag --set kafka.security.protocol=sasl: kafka.security.protocol: unknown variant `sasl`",
        ),
        (
            set("kafka.security.mechanism", "x"),
            "flag --set kafka.security.mechanism=x: kafka.security.mechanism: unknown variant",
        ),
    ] {
        let error = refused(text, std::slice::from_ref(&one));
        assert!(error.starts_with(expected), "{error:?}, not {expected:?}");
        assert!(!error.contains("hush"), "a secret was printed");
    }
}

#[test]
fn an_override_of_a_rule_is_other_content_and_one_of_kafka_is_not() {
    let text = "name = \"p\"\nrevision = 1\n";
    let stamp = |overrides: &[Override]| read(text, Some(FILE), overrides).unwrap().pipeline.rules.stamp();
    let plain = stamp(&[]);
    assert_eq!(stamp(&[set("kafka.brokers", "127.0.0.1:7"), set("observability.listen", "127.0.0.1:0")]), plain);
    let changed = stamp(&[set("margins.match_result", "1060")]);
    assert_eq!(changed.revision, plain.revision);
    assert_ne!(changed.hash, plain.hash, "the same revision with other content: a journal refuses it");
}

#[test]
fn bets_do_not_cross_a_network_in_the_open() {
    let with = |brokers: &str, rest: &str| {
        let text = format!("name = \"p\"\nrevision = 1\n[kafka]\nbrokers = \"{brokers}\"\n[kafka.security]\n{rest}\n");
        read(&text, Some(FILE), &[]).map(|_| ())
    };
    for here in ["127.0.0.1:9092", "localhost:9092", "[::1]:9092", "127.8.8.8:1, localhost:2"] {
        with(here, "").unwrap();
    }
    for away in [
        "kafka:9092",
        "10.0.0.1:9092",
        "127.0.0.1:1,broker.example:2",
        "localhost.example:1",
        "0.0.0.0:9092",
        "[::]:9092",
    ] {
        let error = with(away, "").unwrap_err();
        assert!(error.starts_with("pipelines/x/pipeline.toml:4: kafka.brokers: "), "{error}");
        assert!(error.contains("sasl_ssl") && error.contains("allow_plaintext = true"), "{error}");
        with(away, "allow_plaintext = true").unwrap();
        with(away, "protocol = \"sasl_plaintext\"\nusername = \"u\"").unwrap_err();
        with(away, "protocol = \"ssl\"").unwrap();
        with(away, "protocol = \"sasl_ssl\"\nmechanism = \"SCRAM-SHA-256\"\nusername = \"u\"\npassword_file = \"p\"")
            .unwrap();
    }
}

#[test]
fn security_that_does_not_fit_together_is_refused() {
    for (rest, expected) in [
        ("protocol = \"sasl_ssl\"", "kafka.security.username: is missing"),
        ("username = \"u\"", "kafka.security.username: is given, but protocol plaintext does not use it"),
        (
            "protocol = \"sasl_plaintext\"\nusername = \"u\"\nca_file = \"ca.pem\"",
            "kafka.security.ca_file: is given, but",
        ),
        (
            "protocol = \"ssl\"\ncertificate_file = \"c.pem\"",
            "kafka.security.certificate_file: is given without key_file",
        ),
        ("protocol = \"ssl\"\nkey_file = \"c.pem\"", "kafka.security.key_file: is given without certificate_file"),
    ] {
        let error = refused(&format!("name = \"p\"\nrevision = 1\n[kafka.security]\n{rest}\n"), &[]);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_secret_is_not_shown_by_any_way_of_printing() {
    let mut pipeline = parse("name = \"p\"\nrevision = 1\n").unwrap();
    pipeline.kafka.security.secrets.password = "hush".to_owned();
    let printed = format!("{pipeline:?} {}", toml::to_string(&pipeline.kafka).unwrap());
    assert!(!printed.contains("hush"));
}
