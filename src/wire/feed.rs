//! Letters from the stadium: facts, signs of life, and requests to send again.

use super::field::{Fault, Read, moment, optional, present, required, small};
use super::names::{Listed, named, named_or, named_or_none, number_of};
use super::proto::{self, fact::Body, feed_message::Body as FeedBody};
use crate::event::{
    BetWindow, Certainty, Expectation, Fact, FactBody, FeedMessage, FeedRequest, Fixture, Heartbeat, MatchClock,
    PreMatchOdds, RejectReason, Scope, SnapshotComplete,
};
use crate::values::{Billionths, DecimalOdds, FactId, Millis, QuarterLine, Text, Time};

pub(super) const NOTHING: proto::Nothing = proto::Nothing {};

pub(super) fn write_feed(message: &FeedMessage) -> proto::FeedMessage {
    let body = match message {
        FeedMessage::Fact(fact) => FeedBody::Fact(write_fact(fact)),
        FeedMessage::Heartbeat(heartbeat) => FeedBody::Heartbeat(proto::Heartbeat {
            producer: heartbeat.producer.to_string(),
            sequence: heartbeat.sequence,
            source_at_ms: heartbeat.source_at.ms(),
        }),
        FeedMessage::SnapshotComplete(complete) => FeedBody::SnapshotComplete(proto::SnapshotComplete {
            producer: complete.producer.to_string(),
            request_id: complete.request_id.as_str().to_owned(),
            source_at_ms: complete.source_at.ms(),
        }),
    };
    proto::FeedMessage { body: Some(body) }
}

pub(super) fn read_feed(body: &FeedBody) -> Read<FeedMessage> {
    match body {
        FeedBody::Fact(fact) => {
            read_fact(fact).and_then(checked_fact).map(FeedMessage::Fact).map_err(|fault| fault.under("fact"))
        }
        FeedBody::Heartbeat(heartbeat) => {
            read_heartbeat(heartbeat).map(FeedMessage::Heartbeat).map_err(|fault| fault.under("heartbeat"))
        }
        FeedBody::SnapshotComplete(complete) => read_snapshot_complete(complete)
            .map(FeedMessage::SnapshotComplete)
            .map_err(|fault| fault.under("snapshot_complete")),
    }
}

fn read_heartbeat(wire: &proto::Heartbeat) -> Read<Heartbeat> {
    Ok(Heartbeat {
        producer: required("producer", &wire.producer)?,
        sequence: wire.sequence,
        source_at: moment("source_at_ms", wire.source_at_ms)?,
    })
}

fn read_snapshot_complete(wire: &proto::SnapshotComplete) -> Read<SnapshotComplete> {
    Ok(SnapshotComplete {
        producer: required("producer", &wire.producer)?,
        request_id: required("request_id", &wire.request_id)?,
        source_at: moment("source_at_ms", wire.source_at_ms)?,
    })
}

pub(super) fn write_fact(fact: &Fact) -> proto::Fact {
    proto::Fact {
        id: fact.id.to_string(),
        match_id: fact.match_id.to_string(),
        producer: fact.producer.to_string(),
        sequence: fact.sequence,
        source_at_ms: fact.source_at.ms(),
        certainty: fact.certainty.number(),
        supersedes: fact.supersedes.as_ref().map_or_else(String::new, FactId::to_string),
        clock: fact.clock.as_ref().map(write_clock),
        body: Some(write_body(&fact.body)),
    }
}

/// A fact as any of our topics may hold it; what comes from outside must also pass [`checked_fact`].
pub(super) fn read_fact(wire: &proto::Fact) -> Read<Fact> {
    let missing = || Fault::new(RejectReason::MissingField, "body", "missing, or of an unknown kind");
    Ok(Fact {
        id: required("id", &wire.id)?,
        match_id: required("match_id", &wire.match_id)?,
        producer: required("producer", &wire.producer)?,
        sequence: wire.sequence,
        source_at: Time::from_ms(wire.source_at_ms),
        certainty: named_or("certainty", wire.certainty, Certainty::Scouted)?,
        supersedes: optional("supersedes", &wire.supersedes)?,
        clock: wire.clock.as_ref().map(read_clock).transpose().map_err(|fault| fault.under("clock"))?,
        body: read_body(wire.body.as_ref().ok_or_else(missing)?)?,
    })
}

/// What the feed must tell with a fact, beyond what can be read.
fn checked_fact(fact: Fact) -> Read<Fact> {
    if fact.sequence == 0 {
        return Err(Fault::missing("sequence"));
    }
    moment("source_at_ms", fact.source_at.ms())?;
    if let FactBody::Fixture(fixture) = &fact.body {
        check_fixture(fixture).map_err(|fault| fault.under("fixture"))?;
    }
    check_ruling(&fact.body)?;
    Ok(fact)
}

fn check_fixture(fixture: &Fixture) -> Read<()> {
    if fixture.revision == 0 {
        return Err(Fault::missing("revision"));
    }
    for (field, name) in [("home", &fixture.home), ("away", &fixture.away)] {
        if name.as_str().is_empty() {
            return Err(Fault::missing(field));
        }
    }
    if let Expectation::Rates { home, away } = fixture.expectation {
        for (field, rate) in [("home_expectation_billionths", home), ("away_expectation_billionths", away)] {
            if rate < Billionths::ZERO {
                return Err(Fault::invalid(field, "below zero"));
            }
        }
    }
    moment("kick_off_ms", fixture.kick_off.ms()).map(|_| ())
}

/// A cancel says why, and its window is not back to front.
pub(super) fn check_ruling(body: &FactBody) -> Read<()> {
    let FactBody::Cancel { window, reason, .. } = body else { return Ok(()) };
    if reason.as_str().is_empty() {
        return Err(Fault::missing("cancel.reason"));
    }
    match (window.from, window.to) {
        (Some(from), Some(to)) if to <= from => Err(Fault::invalid("cancel.to_ms", "not after from_ms")),
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

pub(super) fn write_clock(clock: &MatchClock) -> proto::MatchClock {
    proto::MatchClock {
        period: clock.period.number(),
        elapsed_ms: u32::try_from(clock.elapsed.get()).expect("a period lasts less than 49 days"),
        stoppage_announced_minutes: clock.stoppage_announced_minutes.map(u32::from),
    }
}

pub(super) fn read_clock(wire: &proto::MatchClock) -> Read<MatchClock> {
    let stoppage = wire.stoppage_announced_minutes.map(|minutes| small("stoppage_announced_minutes", minutes));
    Ok(MatchClock {
        period: named("period", wire.period)?,
        elapsed: Millis::new(i64::from(wire.elapsed_ms)),
        stoppage_announced_minutes: stoppage.transpose()?,
    })
}

pub(super) fn write_fixture(fixture: &Fixture) -> proto::Fixture {
    let (home, away, odds) = match fixture.expectation {
        Expectation::Rates { home, away } => (home.raw(), away.raw(), None),
        Expectation::Odds(odds) => (0, 0, Some(write_odds(&odds))),
    };
    proto::Fixture {
        revision: fixture.revision,
        home: fixture.home.as_str().to_owned(),
        away: fixture.away.as_str().to_owned(),
        competition: fixture.competition.to_string(),
        kick_off_ms: fixture.kick_off.ms(),
        home_expectation_billionths: home,
        away_expectation_billionths: away,
        odds,
        knock_out: fixture.scope.knock_out.is_some(),
        first_leg_lead: fixture.scope.knock_out.map_or(0, i32::from),
        corners_reported: fixture.scope.corners,
        cards_reported: fixture.scope.cards,
    }
}

fn write_odds(odds: &PreMatchOdds) -> proto::PreMatchOdds {
    proto::PreMatchOdds {
        home_thousandths: odds.home.thousandths(),
        draw_thousandths: odds.draw.thousandths(),
        away_thousandths: odds.away.thousandths(),
        line: odds.line.to_string(),
        over_thousandths: odds.over.thousandths(),
        under_thousandths: odds.under.thousandths(),
        closing: odds.is_closing,
    }
}

fn read_odds(wire: &proto::PreMatchOdds) -> Read<PreMatchOdds> {
    let odds = |field: &str, thousandths: u32| {
        if thousandths == 0 {
            return Err(Fault::missing(field));
        }
        let what = format!("decimal odds {thousandths} thousandths are not 1.001 to 1000.000");
        DecimalOdds::from_thousandths(thousandths).map_err(|_| Fault::new(RejectReason::InvalidPrice, field, what))
    };
    let not_a_line = |_| Fault::invalid("line", "not a line in quarters of a goal (2.5)");
    Ok(PreMatchOdds {
        home: odds("home_thousandths", wire.home_thousandths)?,
        draw: odds("draw_thousandths", wire.draw_thousandths)?,
        away: odds("away_thousandths", wire.away_thousandths)?,
        line: QuarterLine::parse(&wire.line).map_err(not_a_line)?,
        over: odds("over_thousandths", wire.over_thousandths)?,
        under: odds("under_thousandths", wire.under_thousandths)?,
        is_closing: wire.closing,
    })
}

fn read_expectation(wire: &proto::Fixture) -> Read<Expectation> {
    let (home, away) = (wire.home_expectation_billionths, wire.away_expectation_billionths);
    match &wire.odds {
        None => Ok(Expectation::Rates { home: Billionths::from_raw(home), away: Billionths::from_raw(away) }),
        Some(odds) if (home, away) == (0, 0) => {
            read_odds(odds).map(Expectation::Odds).map_err(|fault| fault.under("odds"))
        }
        Some(_) => Err(Fault::invalid("odds", "given beside the rates that they would imply")),
    }
}

pub(super) fn read_fixture(wire: &proto::Fixture) -> Read<Fixture> {
    Ok(Fixture {
        revision: wire.revision,
        home: text("home", &wire.home)?,
        away: text("away", &wire.away)?,
        competition: required("competition", &wire.competition)?,
        kick_off: Time::from_ms(wire.kick_off_ms),
        expectation: read_expectation(wire)?,
        scope: read_scope(wire)?,
    })
}

/// No first leg ends higher.
const FIRST_LEG_LEAD_MAX: i32 = 99;

fn read_scope(wire: &proto::Fixture) -> Read<Scope> {
    let lead = wire.first_leg_lead;
    if lead != 0 && !wire.knock_out {
        return Err(Fault::invalid("first_leg_lead", "given for what is no knock-out match"));
    }
    if lead.abs() > FIRST_LEG_LEAD_MAX {
        return Err(Fault::invalid("first_leg_lead", "not -99 to 99"));
    }
    let knock_out = wire.knock_out.then(|| i8::try_from(lead).expect("at most 99"));
    Ok(Scope { knock_out, corners: wire.corners_reported, cards: wire.cards_reported })
}

/// Free text that may be empty.
pub(super) fn text(field: &str, text: &str) -> Read<Text> {
    super::field::Spelled::read(field, text)
}

pub(super) fn write_cancel(window: &BetWindow, reason: &Text, approval_ref: Option<&Text>) -> proto::Cancel {
    proto::Cancel {
        from_ms: window.from.map(Time::ms),
        to_ms: window.to.map(Time::ms),
        reason: reason.as_str().to_owned(),
        approval_ref: approval_ref.map_or_else(String::new, |text| text.as_str().to_owned()),
    }
}

pub(super) fn read_cancel(wire: &proto::Cancel) -> Read<FactBody> {
    Ok(FactBody::Cancel {
        window: BetWindow { from: wire.from_ms.map(Time::from_ms), to: wire.to_ms.map(Time::from_ms) },
        reason: text("reason", &wire.reason)?,
        approval_ref: optional("approval_ref", &wire.approval_ref)?,
    })
}

fn write_body(body: &FactBody) -> Body {
    match body {
        FactBody::Fixture(fixture) => Body::Fixture(write_fixture(fixture)),
        FactBody::PeriodStart(period) => Body::PeriodStart(period.number()),
        FactBody::PeriodEnd(period) => Body::PeriodEnd(period.number()),
        FactBody::FinalWhistle => Body::FinalWhistle(NOTHING),
        FactBody::ClockTick => Body::ClockTick(NOTHING),
        FactBody::PossibleGoal(side) => Body::PossibleGoal(number_of(*side)),
        FactBody::NoGoal => Body::NoGoal(NOTHING),
        FactBody::Goal { side, own_goal } => Body::Goal(proto::Goal { side: side.number(), own_goal: *own_goal }),
        FactBody::PlayRestarted => Body::PlayRestarted(NOTHING),
        FactBody::PenaltyAwarded(side) => Body::PenaltyAwarded(side.number()),
        FactBody::PenaltyMissed(side) => Body::PenaltyMissed(side.number()),
        FactBody::PenaltyCancelled(side) => Body::PenaltyCancelled(side.number()),
        FactBody::PossibleRedCard(side) => Body::PossibleRedCard(number_of(*side)),
        FactBody::NoRedCard => Body::NoRedCard(NOTHING),
        FactBody::RedCard { side, second_yellow } => {
            Body::RedCard(proto::RedCard { side: side.number(), second_yellow: *second_yellow })
        }
        FactBody::PossibleCard(side) => Body::PossibleCard(number_of(*side)),
        FactBody::NoCard => Body::NoCard(NOTHING),
        FactBody::YellowCard(side) => Body::YellowCard(side.number()),
        FactBody::CornerAwarded(side) => Body::CornerAwarded(side.number()),
        FactBody::CornerTaken(side) => Body::CornerTaken(side.number()),
        FactBody::CornerRetracted(side) => Body::CornerRetracted(side.number()),
        FactBody::DangerousFreeKick(side) => Body::DangerousFreeKick(side.number()),
        FactBody::DangerOver => Body::DangerOver(NOTHING),
        FactBody::ReviewStart => Body::ReviewStart(NOTHING),
        FactBody::ReviewEnd => Body::ReviewEnd(NOTHING),
        FactBody::Interruption => Body::Interruption(NOTHING),
        FactBody::Resumed => Body::Resumed(NOTHING),
        FactBody::Confirmed(id) => Body::Confirmed(id.to_string()),
        FactBody::Rollback(id) => Body::Rollback(id.to_string()),
        FactBody::Cancel { window, reason, approval_ref } => {
            Body::Cancel(write_cancel(window, reason, approval_ref.as_ref()))
        }
        FactBody::RollbackCancel(id) => Body::RollbackCancel(id.to_string()),
        FactBody::PenaltyRetaken(side) => Body::PenaltyRetaken(side.number()),
        FactBody::Abandoned => Body::Abandoned(NOTHING),
    }
}

fn read_body(body: &Body) -> Read<FactBody> {
    Ok(match body {
        Body::Fixture(fixture) => FactBody::Fixture(read_fixture(fixture).map_err(|fault| fault.under("fixture"))?),
        Body::PeriodStart(period) => FactBody::PeriodStart(named("period_start", *period)?),
        Body::PeriodEnd(period) => FactBody::PeriodEnd(named("period_end", *period)?),
        Body::FinalWhistle(_) => FactBody::FinalWhistle,
        Body::ClockTick(_) => FactBody::ClockTick,
        Body::PossibleGoal(side) => FactBody::PossibleGoal(named_or_none("possible_goal", *side)?),
        Body::NoGoal(_) => FactBody::NoGoal,
        Body::Goal(goal) => FactBody::Goal { side: named("goal.side", goal.side)?, own_goal: goal.own_goal },
        Body::PlayRestarted(_) => FactBody::PlayRestarted,
        Body::PenaltyAwarded(side) => FactBody::PenaltyAwarded(named("penalty_awarded", *side)?),
        Body::PenaltyMissed(side) => FactBody::PenaltyMissed(named("penalty_missed", *side)?),
        Body::PenaltyCancelled(side) => FactBody::PenaltyCancelled(named("penalty_cancelled", *side)?),
        Body::PossibleRedCard(side) => FactBody::PossibleRedCard(named_or_none("possible_red_card", *side)?),
        Body::NoRedCard(_) => FactBody::NoRedCard,
        Body::RedCard(card) => {
            FactBody::RedCard { side: named("red_card.side", card.side)?, second_yellow: card.second_yellow }
        }
        Body::PossibleCard(side) => FactBody::PossibleCard(named_or_none("possible_card", *side)?),
        Body::NoCard(_) => FactBody::NoCard,
        Body::YellowCard(side) => FactBody::YellowCard(named("yellow_card", *side)?),
        Body::CornerAwarded(side) => FactBody::CornerAwarded(named("corner_awarded", *side)?),
        Body::CornerTaken(side) => FactBody::CornerTaken(named("corner_taken", *side)?),
        Body::CornerRetracted(side) => FactBody::CornerRetracted(named("corner_retracted", *side)?),
        Body::DangerousFreeKick(side) => FactBody::DangerousFreeKick(named("dangerous_free_kick", *side)?),
        Body::DangerOver(_) => FactBody::DangerOver,
        Body::ReviewStart(_) => FactBody::ReviewStart,
        Body::ReviewEnd(_) => FactBody::ReviewEnd,
        Body::Interruption(_) => FactBody::Interruption,
        Body::Resumed(_) => FactBody::Resumed,
        Body::Confirmed(id) => FactBody::Confirmed(required("confirmed", id)?),
        Body::Rollback(id) => FactBody::Rollback(required("rollback", id)?),
        Body::Cancel(cancel) => read_cancel(cancel).map_err(|fault| fault.under("cancel"))?,
        Body::RollbackCancel(id) => FactBody::RollbackCancel(required("rollback_cancel", id)?),
        Body::PenaltyRetaken(side) => FactBody::PenaltyRetaken(named("penalty_retaken", *side)?),
        Body::Abandoned(_) => FactBody::Abandoned,
    })
}

pub(super) fn write_feed_request(request: &FeedRequest) -> proto::FeedRequest {
    proto::FeedRequest {
        producer: request.producer.to_string(),
        request_id: request.request_id.as_str().to_owned(),
        match_id: request.match_id.as_ref().map_or_else(String::new, ToString::to_string),
        since_ms: request.since.ms(),
    }
}

pub(super) fn read_feed_request(wire: &proto::FeedRequest) -> Read<FeedRequest> {
    Ok(FeedRequest {
        producer: required("producer", &wire.producer)?,
        request_id: required("request_id", &wire.request_id)?,
        match_id: optional("match_id", &wire.match_id)?,
        since: Time::from_ms(wire.since_ms),
    })
}

/// The fixture that every update of a match carries.
pub(super) fn fixture_of(wire: &Option<proto::Fixture>) -> Read<Fixture> {
    present("fixture", wire).and_then(read_fixture)
}
