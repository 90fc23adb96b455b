//! The book's answers: accepted, refused, wait a moment; and what each bet came to.

use super::command::{no_action, read_bet, read_leg, write_bet, write_leg};
use super::field::{Fault, Read, optional, present, required, small};
use super::ledger::{read_input_ref, write_input_ref};
use super::market::{read_optional_price, read_price, write_price};
use super::names::{Listed, named, named_or_none, number_of};
use super::proto::{self, decision::Verdict as VerdictWire};
use crate::event::{AcceptedBet, AcceptedLeg, BetSettlement, Decision, LegFact, Refusal, Stage, Verdict};
use crate::values::{Billionths, FactId, Millis, Money, Time};

pub(super) fn write_decision(decision: &Decision) -> proto::Decision {
    let verdict = match &decision.verdict {
        Verdict::Pending { decide_at } => VerdictWire::Pending(proto::Pending { decide_at_ms: decide_at.ms() }),
        Verdict::Accepted(bet) => VerdictWire::Accepted(write_accepted(bet)),
        Verdict::Done => VerdictWire::Done(proto::Done {}),
        Verdict::Refused(refusal) => VerdictWire::Refused(write_refusal(refusal)),
    };
    proto::Decision {
        account: decision.account.to_string(),
        command_id: decision.command_id.to_string(),
        cause: Some(write_input_ref(&decision.cause)),
        repeated_answer: decision.repeated,
        verdict: Some(verdict),
    }
}

pub(super) fn read_decision(wire: &proto::Decision) -> Read<Decision> {
    let verdict = match wire.verdict.as_ref().ok_or_else(|| no_action("verdict"))? {
        VerdictWire::Pending(pending) => Verdict::Pending { decide_at: Time::from_ms(pending.decide_at_ms) },
        VerdictWire::Accepted(bet) => {
            Verdict::Accepted(Box::new(read_accepted(bet).map_err(|fault| fault.under("accepted"))?))
        }
        VerdictWire::Done(proto::Done {}) => Verdict::Done,
        VerdictWire::Refused(refusal) => {
            Verdict::Refused(read_refusal(refusal).map_err(|fault| fault.under("refused"))?)
        }
    };
    Ok(Decision {
        account: required("account", &wire.account)?,
        command_id: required("command_id", &wire.command_id)?,
        cause: present("cause", &wire.cause).and_then(read_input_ref)?,
        repeated: wire.repeated_answer,
        verdict,
    })
}

fn write_refusal(refusal: &Refusal) -> proto::Refusal {
    proto::Refusal {
        reason: Listed::number(refusal.reason),
        stage: refusal.stage as u32,
        leg: refusal.leg.map(u32::from),
        current_price: refusal.current_price.as_ref().map(write_price),
        max_stake_minor: refusal.max_stake.map(Money::minor),
        detail: refusal.detail.clone(),
    }
}

fn read_refusal(wire: &proto::Refusal) -> Read<Refusal> {
    Ok(Refusal {
        reason: named("reason", wire.reason)?,
        stage: read_stage(wire.stage)?,
        leg: wire.leg.map(|leg| small("leg", leg)).transpose()?,
        current_price: read_optional_price("current_price", wire.current_price.as_ref())?,
        max_stake: wire.max_stake_minor.map(Money::from_minor),
        detail: wire.detail.clone(),
    })
}

fn read_stage(number: u32) -> Read<Stage> {
    const STAGES: [Stage; 6] =
        [Stage::Authenticity, Stage::Account, Stage::Balance, Stage::Market, Stage::Risk, Stage::Ledger];
    let unknown = || Fault::invalid("stage", format!("{number} is not a stage"));
    STAGES.into_iter().find(|stage| *stage as u32 == number).ok_or_else(unknown)
}

fn write_accepted(bet: &AcceptedBet) -> proto::AcceptedBet {
    proto::AcceptedBet {
        request: Some(write_bet(&bet.request)),
        legs: bet.legs.iter().map(write_accepted_leg).collect(),
        placed_at_ms: bet.placed_at.ms(),
        accepted_at_ms: bet.accepted_at.ms(),
        delay_ms: bet.delay.get(),
        licence: bet.licence.to_string(),
        rule_set: bet.rule_set,
        potential_return_minor: bet.potential_return.minor(),
    }
}

fn read_accepted(wire: &proto::AcceptedBet) -> Read<AcceptedBet> {
    let request = present("request", &wire.request)?;
    let mut legs = Vec::with_capacity(wire.legs.len());
    for (index, leg) in wire.legs.iter().enumerate() {
        legs.push(read_accepted_leg(leg).map_err(|fault| fault.under(format_args!("legs[{index}]")))?);
    }
    Ok(AcceptedBet {
        request: Box::new(read_bet(request).map_err(|fault| fault.under("request"))?),
        legs,
        placed_at: Time::from_ms(wire.placed_at_ms),
        accepted_at: Time::from_ms(wire.accepted_at_ms),
        delay: Millis::new(wire.delay_ms),
        licence: required("licence", &wire.licence)?,
        rule_set: wire.rule_set,
        potential_return: Money::from_minor(wire.potential_return_minor),
    })
}

fn write_accepted_leg(leg: &AcceptedLeg) -> proto::AcceptedLeg {
    proto::AcceptedLeg {
        request: Some(write_leg(&leg.request)),
        price: Some(write_price(&leg.price)),
        match_version: leg.match_version,
        price_version: leg.price_version,
        fixture_revision: leg.fixture_revision,
        fact_at_ms: leg.fact_at.ms(),
        fair_billionths: leg.fair.map(Billionths::raw),
        in_play: leg.in_play,
    }
}

fn read_accepted_leg(wire: &proto::AcceptedLeg) -> Read<AcceptedLeg> {
    Ok(AcceptedLeg {
        request: present("request", &wire.request)
            .and_then(|leg| read_leg(leg).map_err(|fault| fault.under("request")))?,
        price: read_price("price", wire.price.as_ref())?,
        match_version: wire.match_version,
        price_version: wire.price_version,
        fixture_revision: wire.fixture_revision,
        fact_at: Time::from_ms(wire.fact_at_ms),
        fair: wire.fair_billionths.map(Billionths::from_raw),
        in_play: wire.in_play,
    })
}

pub(super) fn write_settlement(settlement: &BetSettlement) -> proto::Settlement {
    proto::Settlement {
        bet_id: settlement.bet_id.to_string(),
        account: settlement.account.to_string(),
        version: settlement.version,
        kind: settlement.kind.number(),
        stake_minor: settlement.stake.minor(),
        returned_minor: settlement.returned.minor(),
        legs: settlement.legs.iter().map(|result| number_of(*result)).collect(),
        decided_by: settlement.decided_by.clone(),
        cancelled_by: settlement.cancelled_by.as_ref().map_or_else(String::new, FactId::to_string),
        negative_balance: settlement.negative_balance,
        about: settlement.about.as_ref().map(write_leg_fact),
    }
}

fn write_leg_fact(about: &LegFact) -> proto::LegFact {
    proto::LegFact { leg: u32::from(about.leg), fact_id: about.fact.to_string() }
}

fn read_leg_fact(wire: &proto::LegFact) -> Read<LegFact> {
    Ok(LegFact { leg: small("leg", wire.leg)?, fact: required("fact_id", &wire.fact_id)? })
}

pub(super) fn read_settlement(wire: &proto::Settlement) -> Read<BetSettlement> {
    Ok(BetSettlement {
        bet_id: required("bet_id", &wire.bet_id)?,
        account: required("account", &wire.account)?,
        version: wire.version,
        kind: named("kind", wire.kind)?,
        stake: Money::from_minor(wire.stake_minor),
        returned: Money::from_minor(wire.returned_minor),
        legs: wire.legs.iter().map(|result| named_or_none("legs", *result)).collect::<Read<_>>()?,
        decided_by: wire.decided_by.clone(),
        cancelled_by: optional("cancelled_by", &wire.cancelled_by)?,
        negative_balance: wire.negative_balance,
        about: wire.about.as_ref().map(read_leg_fact).transpose().map_err(|fault| fault.under("about"))?,
    })
}
