//! A name that could break a log, a key or a screen never gets in, or never shows as it is.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::values::{
    AccountId, BetId, CommandId, CompetitionId, FactId, IdError, LicenceId, MatchId, ProducerId, TEXT_BYTES_MAX, Text,
    TextError, Time,
};

/// One of each kind of hostile or odd text: injections, traversals, control and direction characters, lookalikes.
const HOSTILE: [&str; 30] = [
    "' OR '1'='1",
    "1; DROP TABLE bets--",
    "<script>alert(1)</script>",
    "$(reboot)",
    "`id`",
    "a|b",
    "a&b",
    "..\\..\\windows",
    "%2e%2e%2f",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "*)(uid=*",
    "=cmd|' /C calc'!A0",
    "a b",
    " a",
    "a ",
    "a\r\nSet-Cookie: x",
    "a\0",
    "a\u{1b}[31m",
    "a\u{7f}",
    "a\u{85}",
    "a\u{202e}b",
    "a\u{200b}",
    "\u{feff}a",
    "M\u{430}tch",
    "ｍａｔｃｈ",
    "caf\u{e9}",
    "⚽",
    "M1,M2",
    "M1+M2",
];

#[test]
fn ids_keep_to_their_alphabet_and_length() {
    for text in ["M1", "sr:match:12345", "a.b_c:d-e", "0", &"x".repeat(64)] {
        assert_eq!(MatchId::parse(text).unwrap().as_str(), text);
        assert_eq!(AccountId::parse(text).unwrap().to_string(), text);
        assert_eq!(ProducerId::parse(text).unwrap().as_str(), text);
        assert_eq!(CompetitionId::parse(text).unwrap().as_str(), text);
        assert_eq!(FactId::parse(text).unwrap().as_str(), text);
    }
    assert_eq!(LicenceId::parse("US-NJ").unwrap().as_str(), "US-NJ");
    assert_eq!(FactId::parse("goal-7/confirmed").unwrap().as_str(), "goal-7/confirmed");
    assert_eq!(MatchId::parse("goal-7/confirmed"), Err(IdError::IllegalCharacter));
    assert_eq!(MatchId::parse(""), Err(IdError::Empty));
    assert_eq!(MatchId::parse(&"x".repeat(65)), Err(IdError::TooLong));
    assert!(LicenceId::parse(&"x".repeat(32)).is_ok());
    assert_eq!(LicenceId::parse(&"x".repeat(33)), Err(IdError::TooLong));
    assert!(FactId::parse(&"x".repeat(128)).is_ok());
    assert_eq!(FactId::parse(&"x".repeat(129)), Err(IdError::TooLong));
}

#[test]
fn no_hostile_text_is_an_id() {
    for text in HOSTILE {
        assert_eq!(MatchId::parse(text), Err(IdError::IllegalCharacter), "{text:?}");
        assert_eq!(AccountId::parse(text), Err(IdError::IllegalCharacter), "{text:?}");
        assert_eq!(FactId::parse(text), Err(IdError::IllegalCharacter), "{text:?}");
        assert_eq!(LicenceId::parse(text), Err(IdError::IllegalCharacter), "{text:?}");
        assert_eq!(BetId::parse(text), Err(IdError::NotAUuid), "{text:?}");
    }
}

#[test]
fn a_map_by_id_is_searched_by_text() {
    let stands = BTreeMap::from([(MatchId::parse("M1").unwrap(), 1), (MatchId::parse("M2").unwrap(), 2)]);
    assert_eq!(stands.get("M2"), Some(&2));
    assert_eq!(stands.get("M3"), None);
}

#[test]
fn a_bet_id_is_a_uuid_of_version_7() {
    // The example of RFC 9562, appendix A.6: made on 22 February 2022, 14:22:22 at -05:00.
    let text = "017F22E2-79B0-7CC3-98C4-DC0C0C07398F";
    let id = BetId::parse(text).unwrap();
    assert_eq!(id.time(), Time::from_ms(0x017f_22e2_79b0));
    assert_eq!(id.time().to_string(), "2022-02-22T19:22:22.000Z");
    assert_eq!(id.to_string(), text.to_lowercase());
    assert_eq!(BetId::parse(&id.to_string()), Ok(id));
    assert_eq!(BetId::from_bits(id.bits()), Ok(id));
    assert_eq!(CommandId::parse(text).unwrap().bits(), id.bits());
}

#[test]
fn what_is_not_a_canonical_uuid_of_version_7_is_refused() {
    for (text, error) in [
        ("", IdError::NotAUuid),
        ("017f22e279b07cc398c4dc0c0c07398f", IdError::NotAUuid),
        ("{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", IdError::NotAUuid),
        ("urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f", IdError::NotAUuid),
        ("017f22e2-79b0-7cc3-98c4-dc0c0c07398", IdError::NotAUuid),
        ("017f22e2-79b0-7cc3-98c4-dc0c0c07398g", IdError::NotAUuid),
        ("017f22e27-9b0-7cc3-98c4-dc0c0c07398f", IdError::NotAUuid),
        ("017f22e2_79b0_7cc3_98c4_dc0c0c07398f", IdError::NotAUuid),
        (" 17f22e2-79b0-7cc3-98c4-dc0c0c07398f", IdError::NotAUuid),
        ("017f22e2-79b0-7cc3-98c4-dc0c0c0739é", IdError::NotAUuid),
        ("{017f22e279b07cc398c4dc0c0c07398f}ab", IdError::NotAUuid),
        ("017f22e2-79b0-4cc3-98c4-dc0c0c07398f", IdError::NotVersion7),
        ("017f22e2-79b0-8cc3-98c4-dc0c0c07398f", IdError::NotVersion7),
        ("017f22e2-79b0-7cc3-18c4-dc0c0c07398f", IdError::NotVersion7),
        ("017f22e2-79b0-7cc3-c8c4-dc0c0c07398f", IdError::NotVersion7),
        ("00000000-0000-0000-0000-000000000000", IdError::NotVersion7),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", IdError::NotVersion7),
    ] {
        assert_eq!(BetId::parse(text), Err(error), "{text:?}");
        assert_eq!(CommandId::parse(text), Err(error), "{text:?}");
    }
    assert_eq!(BetId::from_parts(Time::from_ms(-1), 0), None);
    assert_eq!(BetId::from_parts(Time::from_ms(1 << 48), 0), None);
}

#[test]
fn free_text_is_kept_and_shown_without_tricks() {
    for (text, shown) in [
        ("", ""),
        ("Córdoba v São Paulo ⚽", "Córdoba v São Paulo ⚽"),
        ("a\nb\tc", "a\\u{a}b\\u{9}c"),
        ("\u{1b}[31mred", "\\u{1b}[31mred"),
        ("\u{9b}31m", "\\u{9b}31m"),
        ("a\u{202e}b\u{2066}c", "a\\u{202e}b\\u{2066}c"),
        ("a\u{200f}\u{61c}\u{2028}\u{feff}", "a\\u{200f}\\u{61c}\\u{2028}\\u{feff}"),
        ("\u{e0041}\u{fe0f}\u{ad}", "\\u{e0041}\\u{fe0f}\\u{ad}"),
        ("\\u{a}", "\\\\u{a}"),
    ] {
        let kept = Text::parse(text).unwrap();
        assert_eq!(kept.as_str(), text);
        assert_eq!(kept.display_safe(), shown);
    }
    assert!(Text::parse(&"x".repeat(TEXT_BYTES_MAX)).is_ok());
    assert_eq!(Text::parse(&"é".repeat(129)), Err(TextError), "bytes count, not characters");
}

proptest! {
    #[test]
    fn an_id_made_from_parts_reads_back(ms in 0..1_i64 << 48, chance: u128) {
        let id = BetId::from_parts(Time::from_ms(ms), chance).unwrap();
        prop_assert_eq!(BetId::parse(&id.to_string()), Ok(id));
        prop_assert_eq!(id.time(), Time::from_ms(ms));
        // The 74 bits of chance are all kept: in the low 62 bits and in 12 above the variant.
        let kept = (id.bits() >> 64 & 0xfff) << 62 | id.bits() & ((1 << 62) - 1);
        prop_assert_eq!(kept, chance & ((1 << 74) - 1));
    }

    #[test]
    fn ids_sort_by_the_time_of_their_making(a in 0..1_i64 << 48, b in 0..1_i64 << 48, chance: u128) {
        prop_assume!(a < b);
        let earlier = BetId::from_parts(Time::from_ms(a), !chance).unwrap();
        prop_assert!(earlier < BetId::from_parts(Time::from_ms(b), chance).unwrap());
        prop_assert!(earlier.to_string() < BetId::from_parts(Time::from_ms(b), chance).unwrap().to_string());
    }

    #[test]
    fn an_id_is_accepted_exactly_by_its_alphabet(text in "[ -~é]{0,70}") {
        let legal = |c: char| c.is_ascii_alphanumeric() || ".:_-".contains(c);
        let expected = (1..=64).contains(&text.len()) && text.chars().all(legal);
        prop_assert_eq!(MatchId::parse(&text).is_ok(), expected);
    }

    #[test]
    fn shown_text_is_unambiguous_and_has_no_control(text: String) {
        let short: String = text.chars().take(64).collect();
        let shown = Text::parse(&short).unwrap().display_safe();
        prop_assert!(!shown.chars().any(char::is_control));
        prop_assert_eq!(unescape(&shown), short);
    }
}

/// Undoes `display_safe`: possible exactly when no two texts are shown alike.
fn unescape(shown: &str) -> String {
    let mut text = String::new();
    let mut rest = shown;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        if let Some(after) = escape.strip_prefix('\\') {
            text.push('\\');
            rest = after;
        } else {
            let (hex, after) = escape.strip_prefix("u{").and_then(|hex| hex.split_once('}')).expect("a known escape");
            text.push(char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap());
            rest = after;
        }
    }
    text + rest
}
