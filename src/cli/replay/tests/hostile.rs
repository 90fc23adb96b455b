//! Files that are cut, empty, or not what they say: each is refused in words that name the file and the event.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::cli::replay::read_match;

/// A folder of its own for one test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("touchline-replay-{}-{test}", std::process::id()));
        fs::create_dir_all(folder.join("events")).unwrap();
        Folder(folder)
    }

    fn with(self, name: &str, bytes: &[u8]) -> Folder {
        fs::write(self.0.join(name), bytes).unwrap();
        self
    }

    /// Reads `events/7.json` (or another) and expects to be refused.
    fn refusal(&self, name: &str) -> String {
        read_match(&self.0.join(name)).unwrap_err().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("left behind {:?}: {error}", self.0);
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn recording() -> Vec<u8> {
    serde_json::to_vec(&json!({ "events": whole(Vec::new()) })).unwrap()
}

fn listing() -> Vec<u8> {
    serde_json::to_vec(&json!([{ "wyId": 6 }, row()])).unwrap()
}

#[track_caller]
pub(super) fn assert_says(refusal: &str, words: &[&str]) {
    for word in words {
        assert!(refusal.contains(word), "{word:?} is not in: {refusal}");
    }
}

#[test]
fn packed_or_not_by_its_bytes_and_never_by_its_name() {
    let folder = Folder::new("packed")
        .with("matches_Cup.json.gz", &gzip(&listing()))
        .with("events/7.json.gz", &gzip(&recording()));
    let packed = read_match(&folder.0.join("events/7.json.gz")).unwrap();
    let folder = folder.with("events/7.json", &recording());
    assert_eq!(read_match(&folder.0.join("events/7.json")).unwrap(), packed);
    let folder = folder.with("events/7.json", &gzip(&recording()));
    assert_eq!(read_match(&folder.0.join("events/7.json")).unwrap(), packed);
    assert_eq!((packed.wyscout_id, packed.competition.as_str()), (7, "Cup"));
    assert_eq!(packed.kicked_off_utc.unwrap().as_str(), "2018-01-21 13:30:00");
    assert_eq!(packed.official_goals, Some((2, 1)));
}

#[test]
fn files_that_cannot_be_read() {
    let packed = gzip(&recording());
    let rows = (7..14).map(|id| {
        let mut row = row();
        row["wyId"] = json!(id);
        row
    });
    let folder = Folder::new("unreadable")
        .with("matches_Cup.json", &serde_json::to_vec(&rows.collect::<Vec<_>>()).unwrap())
        .with("events/7.json.gz", &packed[..packed.len() / 2])
        .with("events/8.json", b"")
        .with("events/9.json", b"<events/>")
        .with("events/10.json", b"[1, 2]")
        .with("events/11.json", b"{\"events\": {}}")
        .with("events/12.json", b"{\"events\": [\"\xff\"]}")
        .with("events/13.json", &[b"{\"events\": ".as_slice(), &[b'['; 100_000]].concat())
        .with("events/final.json", &recording());
    assert_says(&folder.refusal("events/7.json.gz"), &["cannot read", "7.json.gz"]);
    assert_says(&folder.refusal("events/6.json"), &["cannot read", "6.json"]);
    for name in ["events/8.json", "events/9.json", "events/10.json", "events/11.json", "events/12.json"] {
        assert_says(&folder.refusal(name), &[name, "is not a Wyscout recording"]);
    }
    assert_says(&folder.refusal("events/13.json"), &["13.json", "is not a Wyscout recording"]);
    assert_says(&folder.refusal("events/final.json"), &["final.json", "named after the match"]);
    assert_says(&folder.refusal("events"), &["events", "named after the match"]);
}

#[test]
fn a_small_file_that_unpacks_to_gigabytes() {
    let folder = Folder::new("bomb").with("events/7.json.gz", &gzip(&vec![b' '; (64 << 20) + 1]));
    assert_says(&folder.refusal("events/7.json.gz"), &["7.json.gz", "holds more than 67108864 bytes"]);
}

#[test]
fn listings_that_do_not_say_who_played() {
    let folder = Folder::new("listing").with("events/7.json", &recording());
    assert_says(&folder.refusal("events/7.json"), &["no match listing", "matches_*.json", "match 7"]);
    let folder = folder.with("matches_Cup.txt", b"").with("matches_Cup.json", b"[]");
    assert_says(&folder.refusal("events/7.json"), &["match 7 is in none"]);
    let folder = folder.with("matches_Cup.json", b"{}");
    assert_says(&folder.refusal("events/7.json"), &["matches_Cup.json", "is not a Wyscout match listing"]);
    let folder = folder.with("matches_Cup.json", b"[{\"wyId\": 7}]");
    assert_says(&folder.refusal("events/7.json"), &["matches_Cup.json", "match 7", "missing field"]);
    let folder = folder.with("matches_Cup.json", b"[]").with("matches_Café.json", &listing());
    assert_says(&folder.refusal("events/7.json"), &["match 7", "illegal character"]);
}

#[test]
fn rows_that_make_no_sense() {
    let refusal = |field: &str, value: Value| {
        let mut row = row();
        row[field] = value;
        understand_row(row, "Cup").unwrap_err()
    };
    assert_says(&refusal("teamsData", json!({})), &["one home and one away team", "names 0"]);
    assert_says(&refusal("teamsData", json!({"1": {"side": "home"}})), &["names 1"]);
    assert_says(&refusal("teamsData", json!({"1": {"side": "home"}, "2": {"side": "home"}})), &["one away"]);
    assert_says(&refusal("teamsData", json!({"1": {"side": "left"}})), &["team 1", "left"]);
    assert_says(&refusal("teamsData", json!({"x": {"side": "home"}})), &["\"x\" is not a number"]);
    assert_says(&refusal("teamsData", json!({"1": {"side": "home", "score": -1}})), &["-1"]);
    assert_says(&refusal("teamsData", json!(null)), &["null"]);
    assert_says(&refusal("label", json!("Ajax Feyenoord")), &["label", "HOME - AWAY, SCORE"]);
    assert_says(&refusal("label", json!(format!("{} - b, 0 - 0", "x".repeat(257)))), &["256 bytes"]);
    assert_says(&refusal("dateutc", json!("2".repeat(257))), &["256 bytes"]);
}

#[test]
fn events_that_make_no_sense() {
    let refusal = |event: Value| play(whole(vec![event])).unwrap_err().to_string();
    // It comes fifth, after the four that frame the halves.
    let place = ["events/7.json", "event 50 (events[4])"];
    let mut odd = pass(50, "3H", 5.0);
    assert_says(&refusal(odd.clone()), &[place[0], place[1], "unknown matchPeriod \"3H\"", "1H, 2H, E1, E2 and P"]);
    odd["matchPeriod"] = json!("1H\u{1b}[2J");
    assert_says(&refusal(odd), &["\"1H\\u{1b}[2J\""]);
    for seconds in [-0.1, 10_801.0, 1e300, f64::MIN] {
        assert_says(&refusal(pass(50, "1H", seconds)), &[place[0], place[1], "is not within a period"]);
    }
    for (name, part, tags) in [
        ("Shot", "Shot", vec![101]),
        ("Pass", "Simple pass", vec![102]),
        ("Free Kick", "Penalty", vec![]),
        ("Free Kick", "Corner", vec![]),
        ("Foul", "Foul", vec![1702]),
    ] {
        let stranger = event(50, "1H", 5.0, 99, name, part, &tags);
        assert_says(&refusal(stranger), &[place[0], place[1], "no side for teamId Some(99)"]);
    }
    let mut of_another_match = pass(50, "1H", 5.0);
    of_another_match["matchId"] = json!(8);
    assert_says(&refusal(of_another_match), &[place[0], place[1], "belongs to match 8"]);
    assert_says(&refusal(pass(1, "1H", 5.0)), &["event 1 (events[4])", "repeats the id"]);
    for (field, wrong) in [("matchPeriod", json!(null)), ("eventSec", json!("5")), ("tags", json!([{"id": "x"}]))] {
        let mut event = pass(50, "1H", 5.0);
        event[field] = wrong;
        assert_says(&refusal(event), &[place[0], place[1], "invalid type"]);
    }
    assert_says(&refusal(json!({"id": -1})), &["events/7.json\": events[4]: ", "-1"]);
    assert_says(&refusal(json!({})), &["events/7.json\": events[4]: ", "missing field `id`"]);
    assert_says(&refusal(json!(null)), &["events/7.json\": events[4]: ", "null"]);
}

#[test]
fn matches_that_were_not_recorded_whole() {
    let refusal = |events: Vec<Value>| play(events).unwrap_err().to_string();
    assert_says(&refusal(Vec::new()), &["events/7.json", "no events in period 1H"]);
    let events = whole(Vec::new());
    assert_says(&refusal(events[..2].to_vec()), &["no events in period 2H"]);
    assert_says(&refusal(events[..3].to_vec()), &["the events of 2H stop after 1 s, at event 3"]);
    assert_says(&refusal(whole(vec![pass(50, "E2", 900.0)])), &["no events in period E1"]);
    assert_says(&refusal(whole(vec![pass(50, "E1", 900.0)])), &["no events in period E2"]);
    // A cup may go from the ninety minutes to the shoot-out.
    assert!(play(whole(vec![pass(50, "P", 9.0)])).is_ok());
}
