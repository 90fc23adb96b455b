//! Goal lines, billionths, partitions and fingerprints mean the same on every machine.

use proptest::prelude::*;

use crate::values::{Billionths, Hash, HashStream, LineError, QuarterLine, murmur2, partition_for};

#[test]
fn goal_lines_read_in_quarters() {
    for (text, quarters, shown) in [
        ("2.5", 10, "2.5"),
        ("2.50", 10, "2.5"),
        ("2.25", 9, "2.25"),
        ("2", 8, "2"),
        ("2.0", 8, "2"),
        ("2.00", 8, "2"),
        ("0", 0, "0"),
        ("-0.75", -3, "-0.75"),
        ("-0.25", -1, "-0.25"),
        ("-1", -4, "-1"),
        ("-1.5", -6, "-1.5"),
        ("8192", 32_768, "8192"),
        ("-8192", -32_768, "-8192"),
    ] {
        let line = QuarterLine::parse(text).unwrap();
        assert_eq!((line.quarters(), line.to_string().as_str()), (quarters, shown));
    }
    for text in [
        "",
        "-",
        "+0.5",
        "-0",
        "-0.0",
        "02.5",
        ".5",
        "2.",
        "2.1",
        "2.3",
        "2.250",
        "2.500",
        "2,5",
        " 2.5",
        "2.5 ",
        "1e1",
        "--1",
        "8192.25",
        "9999",
        "10000",
        "99999999999",
        "NaN",
        "２",
        "2½",
    ] {
        assert_eq!(QuarterLine::parse(text), Err(LineError), "{text:?}");
    }
    assert_eq!(QuarterLine::checked_from_quarters(32_769), None);
    assert_eq!(QuarterLine::checked_from_quarters(i32::MIN), None);
}

#[test]
fn a_quarter_line_splits_into_its_neighbours() {
    for (text, lower, upper) in [
        ("2.25", "2", "2.5"),
        ("2.75", "2.5", "3"),
        ("-0.75", "-1", "-0.5"),
        ("-0.25", "-0.5", "0"),
        ("0.25", "0", "0.5"),
    ] {
        let line = QuarterLine::parse(text).unwrap();
        let (low, high) = line.halves();
        assert_eq!((low.to_string().as_str(), high.to_string().as_str()), (lower, upper), "{text}");
    }
}

#[test]
fn murmur2_is_kafkas() {
    // The vectors of Kafka's own UtilsTest.
    for (key, expected) in [
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
    ] {
        assert_eq!(murmur2(key.as_bytes()), expected, "{key}");
    }
}

#[test]
fn a_negative_hash_loses_its_sign_bit_and_nothing_else() {
    // -973932308 is 0xc5f3092c; without its top bit 0x45f3092c = 1173551340.
    assert_eq!(partition_for(b"21", 1), 0);
    assert_eq!(partition_for(b"21", 10), 0);
    assert_eq!(partition_for(b"21", 32), 12);
    assert_eq!(partition_for(b"21", u32::MAX), 1_173_551_340);
}

#[test]
fn sha_256_is_the_published_one() {
    // FIPS 180-4 examples.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(Hash::of(b"abc").to_string(), abc);
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(HashStream::new().finish().to_string(), nothing);
    assert_eq!(Hash::from_bytes(*Hash::of(b"abc").as_bytes()), Hash::of(b"abc"));
}

#[test]
fn a_stream_says_where_each_value_ends() {
    let of = |fill: fn(&mut HashStream)| {
        let mut stream = HashStream::new();
        fill(&mut stream);
        stream.finish()
    };
    let split = of(|stream| {
        stream.text("ab").text("c");
    });
    let other_split = of(|stream| {
        stream.text("a").text("bc");
    });
    let plain = of(|stream| {
        stream.update(b"ab").update(b"c");
    });
    assert_ne!(split, other_split);
    assert_eq!(plain, Hash::of(b"abc"));
    let numbers = of(|stream| {
        stream.integer(-1).unsigned(1);
    });
    assert_eq!(numbers, Hash::of(&[255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 1]));
}

#[test]
fn floats_become_billionths_or_nothing() {
    for (value, raw) in [
        (0.0, Some(0)),
        (-0.0, Some(0)),
        (1.0, Some(1_000_000_000)),
        (-0.25, Some(-250_000_000)),
        (0.1, Some(100_000_000)),
        (1.0 / 3.0, Some(333_333_333)),
        (2.0 / 3.0, Some(666_666_667)),
        // Exact ties: n + 1/2 billionths that a float times 1e9 hits exactly go to the even neighbour.
        (0.000_000_000_5, Some(0)),
        (0.000_000_001_5, Some(2)),
        (0.000_000_002_5, Some(2)),
        (1e-300, Some(0)),
        (9.2e9, Some(9_200_000_000_000_000_000)),
        (9.3e9, None),
        (-9.3e9, None),
        (1e300, None),
        (f64::MAX, None),
        (f64::NAN, None),
        (f64::INFINITY, None),
        (f64::NEG_INFINITY, None),
    ] {
        assert_eq!(Billionths::from_f64(value).map(Billionths::raw), raw, "{value}");
    }
    assert_eq!(Billionths::from_raw(-5).to_string(), "-0.000000005");
    assert_eq!(Billionths::from_raw(i64::MIN).to_string(), "-9223372036.854775808");
    assert_eq!(Billionths::ONE.to_f64(), 1.0);
}

proptest! {
    #[test]
    fn every_line_reads_back_and_is_of_one_kind(quarters in -32_768..=32_767_i16) {
        let line = QuarterLine::from_quarters(quarters);
        prop_assert_eq!(QuarterLine::parse(&line.to_string()), Ok(line));
        prop_assert_eq!([line.is_whole(), line.is_half(), line.is_quarter()].iter().filter(|kind| **kind).count(), 1);
        let goals = f64::from(quarters) / 4.0;
        prop_assert_eq!(line.is_whole(), goals.fract() == 0.0);
        prop_assert_eq!(line.is_half(), goals.fract().abs() == 0.5);
        let (low, high) = line.halves();
        prop_assert_eq!(low.quarters() + high.quarters(), 2 * line.quarters());
        prop_assert!(!low.is_quarter() && !high.is_quarter());
        prop_assert_eq!(line.negated().negated(), line);
    }

    #[test]
    fn a_line_is_read_as_the_number_written(text in "-?[0-9]{1,4}(\\.[0257]{0,3})?|\\PC{0,12}") {
        if let Ok(line) = QuarterLine::parse(&text) {
            prop_assert_eq!(f64::from(line.quarters()) / 4.0, text.parse::<f64>().unwrap());
        }
    }

    #[test]
    fn billionths_survive_a_float_up_to_a_million(raw in -1_000_000_000_000_000_i64..=1_000_000_000_000_000) {
        let value = Billionths::from_raw(raw);
        prop_assert_eq!(Billionths::from_f64(value.to_f64()), Some(value));
    }

    #[test]
    fn a_float_is_within_half_a_billionth(value in -1e6..1e6_f64) {
        let billionths = Billionths::from_f64(value).unwrap();
        prop_assert!((billionths.to_f64() - value).abs() <= 0.500_001e-9 + value.abs() * 1e-15);
    }

    #[test]
    fn a_key_always_has_a_partition(key: Vec<u8>, partitions in 1..=u32::MAX) {
        prop_assert!(partition_for(&key, partitions) < partitions);
    }
}
