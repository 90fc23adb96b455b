//! What a fact says, as opposed to how it travelled: two reports of one fact agree when they say the same.

use crate::event::{Expectation, Fact, FactBody, Fixture, MatchClock, Period, Scope, Side};
use crate::values::{Hash, HashStream};

/// The hash of what the fact says: body, clock and what it replaces. Not in it: producer, sequence, source time and
/// certainty. A ruling (confirmation, rollback, cancel) has no clock that matters, so that a confirmation made by a
/// timer and the source's own are the same.
pub(super) fn content_of(fact: &Fact) -> Hash {
    let mut stream = HashStream::new();
    let has_clock = body(&mut stream, &fact.body);
    match fact.clock.filter(|_| has_clock) {
        Some(shown) => clock(stream.unsigned(1), &shown),
        None => {
            stream.unsigned(0);
        }
    }
    stream.text(fact.supersedes.as_ref().map_or("", |id| id.as_str()));
    stream.finish()
}

/// Adds the body; whether the clock is part of what such a fact says.
fn body(stream: &mut HashStream, body: &FactBody) -> bool {
    let sided = |stream: &mut HashStream, number: u64, of: Side| {
        stream.unsigned(number).unsigned(side(of));
        true
    };
    let maybe_sided = |stream: &mut HashStream, number: u64, of: Option<Side>| {
        stream.unsigned(number).unsigned(of.map_or(9, side));
        true
    };
    let plain = |stream: &mut HashStream, number: u64| {
        stream.unsigned(number);
        true
    };
    match body {
        FactBody::Fixture(of) => {
            fixture(stream.unsigned(1), of);
            false
        }
        FactBody::PeriodStart(of) => plain(stream.unsigned(2), period(*of)),
        FactBody::PeriodEnd(of) => plain(stream.unsigned(3), period(*of)),
        FactBody::FinalWhistle => plain(stream, 4),
        FactBody::ClockTick => plain(stream, 5),
        FactBody::PossibleGoal(of) => maybe_sided(stream, 6, *of),
        FactBody::NoGoal => plain(stream, 7),
        FactBody::Goal { side, own_goal } => sided(stream.unsigned(u64::from(*own_goal)), 8, *side),
        FactBody::PlayRestarted => plain(stream, 9),
        FactBody::PenaltyAwarded(of) => sided(stream, 10, *of),
        FactBody::PenaltyMissed(of) => sided(stream, 11, *of),
        FactBody::PenaltyCancelled(of) => sided(stream, 12, *of),
        FactBody::PossibleRedCard(of) => maybe_sided(stream, 13, *of),
        FactBody::NoRedCard => plain(stream, 14),
        FactBody::RedCard { side, second_yellow } => sided(stream.unsigned(u64::from(*second_yellow)), 15, *side),
        FactBody::PossibleCard(of) => maybe_sided(stream, 16, *of),
        FactBody::NoCard => plain(stream, 17),
        FactBody::YellowCard(of) => sided(stream, 18, *of),
        FactBody::CornerAwarded(of) => sided(stream, 19, *of),
        FactBody::CornerTaken(of) => sided(stream, 20, *of),
        FactBody::CornerRetracted(of) => sided(stream, 21, *of),
        FactBody::DangerousFreeKick(of) => sided(stream, 22, *of),
        FactBody::DangerOver => plain(stream, 23),
        FactBody::ReviewStart => plain(stream, 24),
        FactBody::ReviewEnd => plain(stream, 25),
        FactBody::Interruption => plain(stream, 26),
        FactBody::PenaltyRetaken(of) => sided(stream, 32, *of),
        FactBody::Abandoned => plain(stream, 33),
        FactBody::Resumed => plain(stream, 27),
        FactBody::Confirmed(id) => ruling(stream, 28, id.as_str()),
        FactBody::Rollback(id) => ruling(stream, 29, id.as_str()),
        FactBody::Cancel { window, reason, approval_ref } => {
            for end in [window.from, window.to] {
                stream.unsigned(u64::from(end.is_some())).integer(end.map_or(0, |time| time.ms()));
            }
            stream.text(approval_ref.as_ref().map_or("", |text| text.as_str()));
            ruling(stream, 30, reason.as_str())
        }
        FactBody::RollbackCancel(id) => ruling(stream, 31, id.as_str()),
    }
}

fn ruling(stream: &mut HashStream, number: u64, text: &str) -> bool {
    stream.unsigned(number).text(text);
    false
}

fn fixture(stream: &mut HashStream, of: &Fixture) {
    stream.unsigned(u64::from(of.revision)).integer(of.kick_off.ms());
    stream.text(of.home.as_str()).text(of.away.as_str()).text(of.competition.as_str());
    match of.expectation {
        Expectation::Rates { home, away } => stream.integer(home.raw()).integer(away.raw()),
        Expectation::Odds(odds) => {
            for price in [odds.home, odds.draw, odds.away, odds.over, odds.under] {
                stream.unsigned(u64::from(price.thousandths()));
            }
            stream.integer(i64::from(odds.line.quarters())).unsigned(u64::from(odds.is_closing))
        }
    };
    let Scope { knock_out, corners, cards } = of.scope;
    stream.integer(knock_out.map_or(i64::MIN, i64::from));
    stream.unsigned(u64::from(corners)).unsigned(u64::from(cards));
}

fn clock(stream: &mut HashStream, shown: &MatchClock) {
    stream.unsigned(period(shown.period)).integer(shown.elapsed.get());
    stream.integer(shown.stoppage_announced_minutes.map_or(-1, i64::from));
}

fn side(of: Side) -> u64 {
    match of {
        Side::Home => 1,
        Side::Away => 2,
    }
}

fn period(of: Period) -> u64 {
    of as u64
}
