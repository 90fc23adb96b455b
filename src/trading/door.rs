//! What a fact must say to be let in: a fact that could never be right is refused before it counts.

use super::confirmations::{confirmation_id, waits};
use crate::event::{Certainty, Fact, FactBody, Period, RejectReason};
use crate::values::Millis;

/// Why a fact is not let in: the reason and the field.
pub(super) type Flaw = (RejectReason, &'static str);

/// Looks at one fact by itself.
pub(super) fn check(fact: &Fact) -> Result<(), Flaw> {
    if fact.sequence == 0 {
        return Err((RejectReason::InvalidValue, "sequence: counts from 1"));
    }
    if fact.clock.is_some_and(|clock| clock.elapsed < Millis::ZERO) {
        return Err((RejectReason::InvalidValue, "clock.elapsed: below zero"));
    }
    if waits(&fact.body).is_some() && fact.certainty == Certainty::Scouted && confirmation_id(&fact.id).is_none() {
        return Err((RejectReason::InvalidId, "id: no room for /confirmed after it"));
    }
    if fact.body == FactBody::ClockTick && fact.supersedes.is_some() {
        return Err((RejectReason::InvalidValue, "supersedes: a tick of the clock corrects nothing"));
    }
    match &fact.body {
        // A goal without a period counts for nothing, and nothing that may be a goal is dropped quietly.
        FactBody::Goal { .. } => match fact.clock {
            None => Err((RejectReason::MissingField, "clock: a goal says in which period it fell")),
            Some(clock) if !is_played(clock.period) => {
                Err((RejectReason::InvalidValue, "clock.period: no goal falls between periods"))
            }
            Some(_) => Ok(()),
        },
        FactBody::PeriodStart(period) | FactBody::PeriodEnd(period) if !is_played(*period) => {
            Err((RejectReason::InvalidValue, "period: only a period that is played begins and ends"))
        }
        FactBody::PeriodStart(_)
        | FactBody::PeriodEnd(_)
        | FactBody::Fixture(_)
        | FactBody::FinalWhistle
        | FactBody::ClockTick
        | FactBody::PossibleGoal(_)
        | FactBody::NoGoal
        | FactBody::PlayRestarted
        | FactBody::PenaltyAwarded(_)
        | FactBody::PenaltyMissed(_)
        | FactBody::PenaltyCancelled(_)
        | FactBody::PenaltyRetaken(_)
        | FactBody::PossibleRedCard(_)
        | FactBody::NoRedCard
        | FactBody::RedCard { .. }
        | FactBody::PossibleCard(_)
        | FactBody::NoCard
        | FactBody::YellowCard(_)
        | FactBody::CornerAwarded(_)
        | FactBody::CornerTaken(_)
        | FactBody::CornerRetracted(_)
        | FactBody::DangerousFreeKick(_)
        | FactBody::DangerOver
        | FactBody::ReviewStart
        | FactBody::ReviewEnd
        | FactBody::Interruption
        | FactBody::Resumed
        | FactBody::Abandoned
        | FactBody::Confirmed(_)
        | FactBody::Rollback(_)
        | FactBody::Cancel { .. }
        | FactBody::RollbackCancel(_) => Ok(()),
    }
}

/// Whether the clock runs in that period.
pub(super) fn is_played(period: Period) -> bool {
    match period {
        Period::FirstHalf
        | Period::SecondHalf
        | Period::ExtraFirstHalf
        | Period::ExtraSecondHalf
        | Period::ShootOut => true,
        Period::PreMatch | Period::HalfTime | Period::BeforeExtraTime | Period::Over => false,
    }
}
