//! Stories of sequences, gaps and silence.

use super::{Answered, MatchFeed, Producers, Refused, Requests, SilenceLimits, Taken};
use crate::event::{Certainty, Expectation, Fact, FactBody, Fixture, Heartbeat, Outbox, Output, SnapshotComplete};
use crate::values::{Billionths, CompetitionId, FactId, MatchId, Millis, ProducerId, Text, Time};

fn producer(name: &str) -> ProducerId {
    ProducerId::parse(name).unwrap()
}

fn match_id(name: &str) -> MatchId {
    MatchId::parse(name).unwrap()
}

fn tick(from: &str, sequence: u64) -> Fact {
    Fact {
        id: FactId::parse(&format!("t{sequence}")).unwrap(),
        match_id: match_id("m1"),
        producer: producer(from),
        sequence,
        source_at: Time::from_ms(sequence as i64),
        certainty: Certainty::Confirmed,
        supersedes: None,
        clock: None,
        body: FactBody::ClockTick,
    }
}

fn fixture(from: &str, sequence: u64) -> Fact {
    let body = FactBody::Fixture(Fixture {
        revision: 1,
        home: Text::parse("H").unwrap(),
        away: Text::parse("A").unwrap(),
        competition: CompetitionId::parse("c").unwrap(),
        kick_off: Time::EPOCH,
        expectation: Expectation::Rates { home: Billionths::ONE, away: Billionths::ONE },
        scope: crate::event::Scope::default(),
    });
    Fact { body, ..tick(from, sequence) }
}

fn take(feed: &mut MatchFeed, sequences: &[u64]) -> Vec<Taken> {
    sequences.iter().map(|sequence| feed.take(&tick("p", *sequence)).unwrap()).collect()
}

#[test]
fn numbers_in_order_old_missing_and_late() {
    use Taken::{AfterGap, InOrder, Late, Old};
    let mut feed = MatchFeed::new();
    assert_eq!(feed.take(&fixture("p", 1)), Ok(InOrder));
    assert_eq!(take(&mut feed, &[2, 2, 1, 5, 3, 4, 6, 6]), [InOrder, Old, Old, AfterGap, Late, Late, InOrder, Old]);
    assert_eq!(feed.since(&producer("p")), Time::from_ms(2), "before the gap");
    assert_eq!(take(&mut feed, &[9, 12, 8, 10]), [AfterGap, AfterGap, Late, Late]);
    assert_eq!(feed.since(&producer("p")), Time::from_ms(2), "recovery starts before the gap");
    feed.recovered();
    assert_eq!(take(&mut feed, &[7, 11, 13]), [Old, Old, InOrder], "what the recovery did not bring will not come");
}

#[test]
fn a_match_that_does_not_begin_with_its_fixture_has_a_gap() {
    let mut feed = MatchFeed::new();
    assert_eq!(feed.take(&tick("p", 1)), Ok(Taken::AfterGap));
    assert_eq!(MatchFeed::new().take(&fixture("p", 2)), Ok(Taken::AfterGap));
}

#[test]
fn the_fixture_names_the_authority() {
    let mut feed = MatchFeed::new();
    assert_eq!(feed.take(&tick("other", 1)), Ok(Taken::AfterGap), "nobody knows yet");
    assert_eq!(feed.take(&fixture("p", 1)), Ok(Taken::InOrder));
    assert_eq!(feed.take(&tick("other", 2)), Err(Refused::NotTheAuthority));
    assert_eq!(feed.take(&fixture("other", 3)), Err(Refused::NotTheAuthority));
    assert_eq!(feed.authority(), Some(&producer("p")));
}

#[test]
fn too_many_producers_of_a_nameless_match_are_refused() {
    let mut feed = MatchFeed::new();
    let refused = (0..9).filter(|n| feed.take(&tick(&format!("p{n}"), 1)) == Err(Refused::TooManySources)).count();
    assert_eq!(refused, 1);
}

#[test]
fn the_largest_number_is_no_trap() {
    let mut feed = MatchFeed::new();
    assert_eq!(take(&mut feed, &[u64::MAX, 1, u64::MAX]), [Taken::AfterGap, Taken::Late, Taken::InOrder]);
}

fn answer(from: &str, request_id: &str) -> SnapshotComplete {
    SnapshotComplete { producer: producer(from), request_id: Text::parse(request_id).unwrap(), source_at: Time::EPOCH }
}

#[test]
fn only_the_answer_to_our_own_question_counts() {
    let mut requests = Requests::new(3);
    let (_, request) = requests.ask(&producer("p"), Some(&match_id("m1")), Time::EPOCH);
    assert_eq!(request.request_id.as_str(), "trading-3-1");
    for (from, id) in
        [("p", "trading-2-1"), ("p", "trading-3-2"), ("p", "1"), ("p", "trading-3-01"), ("q", "trading-3-1")]
    {
        assert_eq!(requests.answered(&answer(from, id)), None, "{from} {id}");
    }
    let put_right = Answered { whole_producer: false, matches: vec![match_id("m1")] };
    assert_eq!(requests.answered(&answer("p", "trading-3-1")), Some(put_right));
    assert_eq!(requests.answered(&answer("p", "trading-3-1")), None, "once");
}

#[test]
fn a_whole_recovery_closes_the_gaps_asked_for_before_it() {
    let mut requests = Requests::new(0);
    requests.ask(&producer("p"), Some(&match_id("m1")), Time::EPOCH);
    requests.ask(&producer("q"), Some(&match_id("m2")), Time::EPOCH);
    let (_, whole) = requests.ask(&producer("p"), None, Time::EPOCH);
    requests.ask(&producer("p"), Some(&match_id("m3")), Time::EPOCH);
    let answered = requests.answered(&answer("p", whole.request_id.as_str())).unwrap();
    assert_eq!(answered, Answered { whole_producer: true, matches: vec![match_id("m1")] });
}

const LIMITS: SilenceLimits = SilenceLimits { in_running: Millis::new(4_000), otherwise: Millis::new(20_000) };

/// A producer heard at 0, with one match; `at` in ms.
struct Listening {
    producers: Producers,
    requests: Requests,
    out: Outbox,
}

impl Listening {
    fn new(running: bool) -> Listening {
        let mut producers = Producers::new();
        producers.hear(&producer("p"), Time::EPOCH, Time::EPOCH);
        producers.add_match(&producer("p"), &match_id("m1"));
        if running {
            producers.note_running(&producer("p"), true);
        }
        Listening { producers, requests: Requests::new(0), out: Outbox::new() }
    }
    fn check(&mut self, at: i64) -> bool {
        !self.producers.check(Time::from_ms(at), LIMITS, &mut self.requests, &mut self.out).is_empty()
    }
    fn heartbeat(&mut self, at: i64) -> bool {
        let at = Time::from_ms(at);
        let heartbeat = Heartbeat { producer: producer("p"), sequence: 1, source_at: at };
        self.producers.heartbeat(&heartbeat, at, LIMITS, &mut self.requests, &mut self.out)
    }
    fn is_held(&self) -> bool {
        self.producers.is_held(&producer("p"))
    }
    fn request_ids(&mut self) -> Vec<String> {
        let asked = |output| {
            if let Output::FeedRequest(request) = output { Some(request.request_id.as_str().to_owned()) } else { None }
        };
        self.out.take().into_iter().filter_map(asked).collect()
    }
}

#[test]
fn silence_depends_on_whether_play_is_on() {
    for (running, limit) in [(true, 4_000), (false, 20_000)] {
        let mut listening = Listening::new(running);
        assert!(!listening.check(limit), "at the limit it is not silent yet");
        assert!(listening.check(limit + 1));
        assert!(!listening.check(limit + 2), "found once");
        assert_eq!(listening.request_ids(), ["trading-0-1"]);
    }
}

#[test]
fn a_heartbeat_alone_lifts_nothing() {
    let mut listening = Listening::new(true);
    listening.check(5_000);
    assert!(!listening.heartbeat(6_000));
    assert!(listening.is_held());
    listening.producers.recovered(&producer("p"), Time::from_ms(7_000));
    assert!(!listening.is_held());
    assert!(!listening.check(11_000));
}

#[test]
fn a_pause_is_found_even_when_it_is_over() {
    let mut listening = Listening::new(true);
    assert!(listening.heartbeat(9_000), "read at once from a backlog");
    assert!(listening.is_held());
}

#[test]
fn a_second_silence_asks_anew() {
    let mut listening = Listening::new(true);
    listening.check(5_000);
    listening.heartbeat(6_000);
    listening.check(11_000);
    assert_eq!(listening.request_ids(), ["trading-0-1", "trading-0-2"]);
    assert_eq!(listening.requests.answered(&answer("p", "trading-0-1")), None, "made before the second silence");
    assert!(listening.requests.answered(&answer("p", "trading-0-2")).is_some());
}
