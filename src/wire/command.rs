//! What people ask: a bet, a deposit, a new account, a trader's hold.

use super::feed::{NOTHING, check_ruling, read_cancel, write_cancel};
use super::field::{Fault, Read, moment, optional, positive_amount, present, required};
use super::market::{read_market_id, read_outcome, read_price, write_price};
use super::names::{Listed, named, named_or};
use super::proto::{
    self, account_command::Action as AccountWire, bet_command::Body, trading_command::Action as DeskWire,
};
use crate::catalogue::Specifier;
use crate::event::{
    AccountAction, AccountCommand, FactBody, Identity, IdentityStatus, LegRequest, LineOffset, LocationProof,
    OpenAccount, Override, PlaceBet, PricePolicy, RejectReason, Score, Session, Strength, TradingAction,
    TradingCommand, WagerText,
};
use crate::values::{Billionths, Hash, LEGS_MAX, Money, QuarterLine, Text};

/// `None` for a ruling that the schema gives no desk: only rollback, cancel, its undoing and confirmation.
pub(super) fn write_trading_command(command: &TradingCommand) -> Option<proto::TradingCommand> {
    let action = match &command.action {
        TradingAction::Suspend => DeskWire::Suspend(NOTHING),
        TradingAction::Resume => DeskWire::Resume(NOTHING),
        TradingAction::Rule(ruling) => write_ruling(ruling)?,
        TradingAction::Override(asked) => DeskWire::Override(write_override(asked)),
    };
    Some(proto::TradingCommand {
        command_id: command.command_id.to_string(),
        match_id: command.match_id.to_string(),
        actor: command.actor.as_str().to_owned(),
        action: Some(action),
    })
}

fn write_ruling(ruling: &FactBody) -> Option<DeskWire> {
    if let FactBody::Rollback(id) = ruling {
        Some(DeskWire::Rollback(id.to_string()))
    } else if let FactBody::Cancel { window, reason, approval_ref } = ruling {
        Some(DeskWire::Cancel(write_cancel(window, reason, approval_ref.as_ref())))
    } else if let FactBody::RollbackCancel(id) = ruling {
        Some(DeskWire::RollbackCancel(id.to_string()))
    } else if let FactBody::Confirmed(id) = ruling {
        Some(DeskWire::Confirmed(id.to_string()))
    } else {
        None
    }
}

pub(super) fn read_trading_command(wire: &proto::TradingCommand) -> Read<TradingCommand> {
    Ok(TradingCommand {
        command_id: required("command_id", &wire.command_id)?,
        match_id: required("match_id", &wire.match_id)?,
        actor: required("actor", &wire.actor)?,
        action: read_desk_action(wire.action.as_ref().ok_or_else(|| no_action("action"))?)?,
    })
}

/// A oneof of which none is set: left out, or of a kind that came after this version.
pub(super) fn no_action(field: &str) -> Fault {
    Fault::new(RejectReason::MissingField, field, "missing, or of an unknown kind")
}

fn read_desk_action(action: &DeskWire) -> Read<TradingAction> {
    let ruling = match action {
        DeskWire::Suspend(_) => return Ok(TradingAction::Suspend),
        DeskWire::Resume(_) => return Ok(TradingAction::Resume),
        DeskWire::Rollback(id) => FactBody::Rollback(required("rollback", id)?),
        DeskWire::Cancel(cancel) => read_cancel(cancel).map_err(|fault| fault.under("cancel"))?,
        DeskWire::RollbackCancel(id) => FactBody::RollbackCancel(required("rollback_cancel", id)?),
        DeskWire::Confirmed(id) => FactBody::Confirmed(required("confirmed", id)?),
        DeskWire::Override(asked) => {
            return read_override(asked).map(TradingAction::Override).map_err(|fault| fault.under("override"));
        }
    };
    check_ruling(&ruling)?;
    Ok(TradingAction::Rule(ruling))
}

fn write_override(asked: &Override) -> proto::Override {
    let (rates, expected) = match asked.strength {
        Some(Strength::Rates { home, away }) => ([Some(home), Some(away)], [None, None]),
        Some(Strength::Expectancies { total, supremacy }) => ([None, None], [Some(total), Some(supremacy)]),
        None => ([None, None], [None, None]),
    };
    let [home_rate, away_rate] = rates.map(|rate| rate.map(Billionths::raw));
    let [total, supremacy] = expected.map(|goals| goals.map(Billionths::raw));
    let line_offset = |offset: &LineOffset| proto::LineOffset {
        market: offset.family.to_string(),
        quarters: i32::from(offset.quarters),
    };
    proto::Override {
        clear: asked.clear,
        home_multiplier_billionths: asked.home_multiplier.map(Billionths::raw),
        away_multiplier_billionths: asked.away_multiplier.map(Billionths::raw),
        home_rate_billionths: home_rate,
        away_rate_billionths: away_rate,
        rho_billionths: asked.rho.map(Billionths::raw),
        expected_total_billionths: total,
        expected_supremacy_billionths: supremacy,
        line_offsets: asked.line_offsets.iter().map(line_offset).collect(),
    }
}

fn read_override(wire: &proto::Override) -> Read<Override> {
    let multiplier = |field, raw| within(field, raw, Override::MULTIPLIER_BOUNDS);
    let asked = Override {
        clear: wire.clear,
        home_multiplier: multiplier("home_multiplier_billionths", wire.home_multiplier_billionths)?,
        away_multiplier: multiplier("away_multiplier_billionths", wire.away_multiplier_billionths)?,
        strength: read_strength(wire)?,
        rho: within("rho_billionths", wire.rho_billionths, Override::RHO_BOUNDS)?,
        line_offsets: read_line_offsets(&wire.line_offsets)?,
    };
    if asked == Override::default() {
        return Err(Fault::new(RejectReason::MissingField, "", "says nothing"));
    }
    Ok(asked)
}

/// λ and μ, or total and supremacy: not both.
fn read_strength(wire: &proto::Override) -> Read<Option<Strength>> {
    let rates = both(
        ("home_rate_billionths", wire.home_rate_billionths, Override::RATE_BOUNDS),
        ("away_rate_billionths", wire.away_rate_billionths, Override::RATE_BOUNDS),
    )?;
    let expected = both(
        ("expected_total_billionths", wire.expected_total_billionths, Override::TOTAL_BOUNDS),
        ("expected_supremacy_billionths", wire.expected_supremacy_billionths, Override::SUPREMACY_BOUNDS),
    )?;
    match (rates, expected) {
        (None, None) => Ok(None),
        (Some([home, away]), None) => Ok(Some(Strength::Rates { home, away })),
        (None, Some([total, supremacy])) => Ok(Some(Strength::Expectancies { total, supremacy })),
        (Some(_), Some(_)) => {
            let what = "stands beside home_rate_billionths: either rates, or total and supremacy";
            Err(Fault::invalid("expected_total_billionths", what))
        }
    }
}

/// A number's field, value and bounds.
type Bounded = (&'static str, Option<i64>, [Billionths; 2]);

/// Two numbers of which neither says anything without the other.
fn both(one: Bounded, other: Bounded) -> Read<Option<[Billionths; 2]>> {
    let read = |(field, raw, bounds): Bounded| within(field, raw, bounds);
    match (read(one)?, read(other)?) {
        (None, None) => Ok(None),
        (Some(first), Some(second)) => Ok(Some([first, second])),
        (None, Some(_)) => Err(Fault::missing(one.0)),
        (Some(_), None) => Err(Fault::missing(other.0)),
    }
}

fn read_line_offsets(wire: &[proto::LineOffset]) -> Read<Vec<LineOffset>> {
    if wire.len() > Override::LINE_OFFSETS_MAX {
        let what = format!("{} families, at most {}", wire.len(), Override::LINE_OFFSETS_MAX);
        return Err(Fault::invalid("line_offsets", what));
    }
    let mut read: Vec<LineOffset> = Vec::with_capacity(wire.len());
    for (index, offset) in wire.iter().enumerate() {
        let offset =
            read_line_offset(offset, &read).map_err(|fault| fault.under(format_args!("line_offsets[{index}]")))?;
        read.push(offset);
    }
    Ok(read)
}

fn read_line_offset(wire: &proto::LineOffset, before: &[LineOffset]) -> Read<LineOffset> {
    let family = read_market_id("market", &wire.market)?;
    let has_lines = family.definition().specifiers.contains(&Specifier::Line);
    if !has_lines || family.line() != QuarterLine::ZERO || family.base() != Score::default() {
        let what = format!("{family} is no family of lines, named by its market at line 0 and base 0:0");
        return Err(Fault::invalid("market", what));
    }
    if before.iter().any(|other| other.family == family) {
        return Err(Fault::invalid("market", format!("{family} stands there twice")));
    }
    let most = Override::LINE_OFFSET_MAX;
    let quarters = i16::try_from(wire.quarters).ok().filter(|quarters| (-most..=most).contains(quarters));
    let fault = || Fault::invalid("quarters", format!("{} is not within -{most} to {most}", wire.quarters));
    Ok(LineOffset { family, quarters: quarters.ok_or_else(fault)? })
}

/// A number of billionths within its bounds, if it is there.
fn within(field: &str, raw: Option<i64>, [least, most]: [Billionths; 2]) -> Read<Option<Billionths>> {
    let read = |raw| {
        let value = Billionths::from_raw(raw);
        let fault = || Fault::invalid(field, format!("{raw} is not within {} to {}", least.raw(), most.raw()));
        if (least..=most).contains(&value) { Ok(value) } else { Err(fault()) }
    };
    raw.map(read).transpose()
}

pub(super) fn write_account_command(command: &AccountCommand) -> proto::AccountCommand {
    let action = match &command.action {
        AccountAction::SetStatus { status, actor, reason } => AccountWire::SetStatus(proto::SetStatus {
            status: status.number(),
            actor: actor.as_str().to_owned(),
            reason: reason.as_str().to_owned(),
        }),
        AccountAction::SelfExclude { until } => AccountWire::SelfExclude(proto::Absence { until_ms: until.ms() }),
        AccountAction::TimeOut { until } => AccountWire::TimeOut(proto::Absence { until_ms: until.ms() }),
        AccountAction::SetLimit { limit, amount, currency } => AccountWire::SetLimit(proto::SetLimit {
            limit: limit.number(),
            amount_minor: amount.map(Money::minor),
            currency: currency.code().to_owned(),
        }),
        AccountAction::ReaffirmLimit { limit } => {
            AccountWire::ReaffirmLimit(proto::ReaffirmLimit { limit: limit.number() })
        }
        AccountAction::Open(open) => AccountWire::Open(proto::OpenAccount {
            currency: open.currency.code().to_owned(),
            licence: open.licence.to_string(),
            birth_date: open.birth_date.to_string(),
            identity_status: open.identity.status.number(),
            identity_expires: open.identity.expires.to_string(),
        }),
        AccountAction::Deposit { amount, currency } => {
            AccountWire::Deposit(proto::Deposit { amount_minor: amount.minor(), currency: currency.code().to_owned() })
        }
    };
    proto::AccountCommand {
        command_id: command.command_id.to_string(),
        account: command.account.to_string(),
        action: Some(action),
    }
}

pub(super) fn read_account_command(wire: &proto::AccountCommand) -> Read<AccountCommand> {
    let action = match wire.action.as_ref().ok_or_else(|| no_action("action")) {
        Ok(AccountWire::Open(open)) => read_open(open).map_err(|fault| fault.under("open")),
        Ok(AccountWire::Deposit(deposit)) => read_deposit(deposit).map_err(|fault| fault.under("deposit")),
        Ok(AccountWire::SetStatus(status)) => read_status(status).map_err(|fault| fault.under("set_status")),
        Ok(AccountWire::SelfExclude(absence)) => {
            let until = moment("until_ms", absence.until_ms).map_err(|fault| fault.under("self_exclude"));
            until.map(|until| AccountAction::SelfExclude { until })
        }
        Ok(AccountWire::TimeOut(absence)) => {
            let until = moment("until_ms", absence.until_ms).map_err(|fault| fault.under("time_out"));
            until.map(|until| AccountAction::TimeOut { until })
        }
        Ok(AccountWire::SetLimit(limit)) => read_limit(limit).map_err(|fault| fault.under("set_limit")),
        Ok(AccountWire::ReaffirmLimit(limit)) => {
            let limit = named("limit", limit.limit).map_err(|fault| fault.under("reaffirm_limit"));
            limit.map(|limit| AccountAction::ReaffirmLimit { limit })
        }
        Err(fault) => Err(fault),
    };
    Ok(AccountCommand {
        command_id: required("command_id", &wire.command_id)?,
        account: required("account", &wire.account)?,
        action: action?,
    })
}

fn read_open(wire: &proto::OpenAccount) -> Read<AccountAction> {
    Ok(AccountAction::Open(OpenAccount {
        currency: required("currency", &wire.currency)?,
        licence: required("licence", &wire.licence)?,
        birth_date: required("birth_date", &wire.birth_date)?,
        identity: Identity {
            status: named_or("identity_status", wire.identity_status, IdentityStatus::Unverified)?,
            expires: required("identity_expires", &wire.identity_expires)?,
        },
    }))
}

fn read_status(wire: &proto::SetStatus) -> Read<AccountAction> {
    Ok(AccountAction::SetStatus {
        status: named("status", wire.status)?,
        actor: required("actor", &wire.actor)?,
        reason: required("reason", &wire.reason)?,
    })
}

fn read_limit(wire: &proto::SetLimit) -> Read<AccountAction> {
    let amount = match wire.amount_minor {
        Some(minor) if minor < 0 => return Err(Fault::invalid("amount_minor", format!("{minor} is below zero"))),
        amount => amount.map(Money::from_minor),
    };
    Ok(AccountAction::SetLimit {
        limit: named("limit", wire.limit)?,
        amount,
        currency: required("currency", &wire.currency)?,
    })
}

fn read_deposit(wire: &proto::Deposit) -> Read<AccountAction> {
    Ok(AccountAction::Deposit {
        amount: positive_amount("amount_minor", wire.amount_minor)?,
        currency: required("currency", &wire.currency)?,
    })
}

pub(super) fn write_bet_command(bet: &PlaceBet) -> proto::BetCommand {
    proto::BetCommand { body: Some(Body::PlaceBet(write_bet(bet))) }
}

pub(super) fn write_bet(bet: &PlaceBet) -> proto::PlaceBet {
    let written = |text: &Option<Text>| text.as_ref().map_or_else(String::new, |text| text.as_str().to_owned());
    proto::PlaceBet {
        bet_id: bet.bet_id.to_string(),
        account: bet.account.to_string(),
        stake_minor: bet.stake.minor(),
        currency: bet.currency.code().to_owned(),
        legs: bet.legs.iter().map(write_leg).collect(),
        price_policy: bet.price_policy.number(),
        odds_consent: written(&bet.odds_consent),
        session_id: bet.session.id.as_str().to_owned(),
        session_expires_at_ms: bet.session.expires_at.ms(),
        location: Some(proto::LocationProof {
            id: bet.location.id.as_str().to_owned(),
            licence: bet.location.licence.to_string(),
            issued_at_ms: bet.location.issued_at.ms(),
            expires_at_ms: bet.location.expires_at.ms(),
        }),
        displayed: written(&bet.text.displayed),
        channel: written(&bet.text.channel),
        device: written(&bet.text.device),
        address: written(&bet.text.address),
    }
}

pub(super) fn write_leg(leg: &LegRequest) -> proto::Leg {
    proto::Leg {
        match_id: leg.match_id.to_string(),
        market: leg.market.to_string(),
        outcome: leg.outcome.to_string(),
        price: Some(write_price(&leg.price)),
        seen_version: leg.seen_version,
    }
}

/// A bet that can be judged, with its fingerprint.
pub(super) fn read_bet(wire: &proto::PlaceBet) -> Read<PlaceBet> {
    let mut bet = PlaceBet {
        bet_id: required("bet_id", &wire.bet_id)?,
        account: required("account", &wire.account)?,
        stake: positive_amount("stake_minor", wire.stake_minor)?,
        currency: required("currency", &wire.currency)?,
        legs: read_legs(&wire.legs)?,
        price_policy: named_or("price_policy", wire.price_policy, PricePolicy::Better)?,
        odds_consent: optional("odds_consent", &wire.odds_consent)?,
        session: Session {
            id: required("session_id", &wire.session_id)?,
            expires_at: moment("session_expires_at_ms", wire.session_expires_at_ms)?,
        },
        location: present("location", &wire.location)
            .and_then(|location| read_location(location).map_err(|fault| fault.under("location")))?,
        text: WagerText {
            displayed: optional("displayed", &wire.displayed)?,
            channel: optional("channel", &wire.channel)?,
            device: optional("device", &wire.device)?,
            address: optional("address", &wire.address)?,
        },
        fingerprint: Hash::ZERO,
    };
    bet.fingerprint = bet.fingerprint_of();
    Ok(bet)
}

fn read_legs(legs: &[proto::Leg]) -> Read<Vec<LegRequest>> {
    if legs.is_empty() {
        return Err(Fault::missing("legs"));
    }
    if legs.len() > LEGS_MAX {
        let what = format!("{} legs, at most {LEGS_MAX}", legs.len());
        return Err(Fault::new(RejectReason::TooManyLegs, "legs", what));
    }
    let mut read = Vec::with_capacity(legs.len());
    for (index, leg) in legs.iter().enumerate() {
        read.push(read_leg(leg).map_err(|fault| fault.under(format_args!("legs[{index}]")))?);
    }
    Ok(read)
}

pub(super) fn read_leg(wire: &proto::Leg) -> Read<LegRequest> {
    Ok(LegRequest {
        match_id: required("match_id", &wire.match_id)?,
        market: read_market_id("market", &wire.market)?,
        outcome: read_outcome("outcome", &wire.outcome)?,
        price: read_price("price", wire.price.as_ref())?,
        seen_version: wire.seen_version,
    })
}

fn read_location(wire: &proto::LocationProof) -> Read<LocationProof> {
    Ok(LocationProof {
        id: required("id", &wire.id)?,
        licence: required("licence", &wire.licence)?,
        issued_at: moment("issued_at_ms", wire.issued_at_ms)?,
        expires_at: moment("expires_at_ms", wire.expires_at_ms)?,
    })
}
