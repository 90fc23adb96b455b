//! What the desk asks: stop, go on, other inputs for the prices, or a ruling that counts as a fact.

use std::collections::BTreeSet;

use super::machine::{TradingMachine, refuse};
use crate::event::{
    Certainty, Fact, FactBody, InputRef, MatchPhase, Outbox, Override, RejectReason, TradingAction, TradingCommand,
};
use crate::feed::Taken;
use crate::pricing::NoRates;
use crate::values::{CommandId, FactId, ProducerId, Time};

/// Commands of one match whose ids are remembered; the oldest are forgotten first.
const COMMANDS_REMEMBERED: usize = 256;
/// Who a desk's rulings are published by.
const DESK: &str = "desk";

impl TradingMachine {
    /// Does what a desk asks, once.
    pub(super) fn command(&mut self, cause: InputRef, append_time: Time, command: &TradingCommand, out: &mut Outbox) {
        let Some(live) = self.matches.get_mut(&command.match_id).filter(|live| live.fixture.is_some()) else {
            return refuse(cause, RejectReason::MatchUnknown, "match_id: no such match here", out);
        };
        match &command.action {
            TradingAction::Suspend | TradingAction::Resume => {
                if !is_news(&mut live.commands, command.command_id) {
                    self.dropped += 1;
                    return;
                }
                live.is_held_by_trader = command.action == TradingAction::Suspend;
                self.publish(&command.match_id, Vec::new(), out);
            }
            TradingAction::Override(asked) => {
                if live.commands.contains(&command.command_id) {
                    self.dropped += 1;
                    return;
                }
                if let Err((reason, detail)) = may_override(live.phase(), asked) {
                    return refuse(cause, reason, detail, out);
                }
                if let Err(reason) = live.take_override(asked, &mut self.pricer, &self.settings.trading) {
                    return refuse(cause, RejectReason::InvalidValue, no_rates(reason), out);
                }
                is_news(&mut live.commands, command.command_id);
                self.publish(&command.match_id, Vec::new(), out);
            }
            TradingAction::Rule(body) if is_ruling(body) => {
                let fact = Fact {
                    id: FactId::parse(&command.command_id.to_string()).expect("a UUID is an id"),
                    match_id: command.match_id.clone(),
                    producer: ProducerId::parse(DESK).expect("the desk's name is an id"),
                    sequence: 0,
                    source_at: append_time,
                    certainty: Certainty::Confirmed,
                    supersedes: None,
                    clock: None,
                    body: body.clone(),
                };
                // A desk does not stand in the source's count: it is heard, whatever is missing.
                self.hear(cause, &fact, Taken::Late, out);
            }
            TradingAction::Rule(_) => {
                let detail = "action: a desk rules by rollback, confirmation, cancel and the undoing of a cancel";
                refuse(cause, RejectReason::InvalidValue, detail, out);
            }
        }
    }
}

/// Remembers the command; whether it is one that was not known.
fn is_news(commands: &mut BTreeSet<CommandId>, command_id: CommandId) -> bool {
    let is_news = commands.insert(command_id);
    if commands.len() > COMMANDS_REMEMBERED {
        commands.pop_first();
    }
    is_news
}

/// Why inputs cannot be changed now, if so.
fn may_override(phase: MatchPhase, asked: &Override) -> Result<(), (RejectReason, &'static str)> {
    match phase {
        MatchPhase::PreMatch => Ok(()),
        MatchPhase::InPlay if asked.rho.is_some() => {
            Err((RejectReason::InvalidValue, "override.rho_billionths: frozen since kick-off"))
        }
        MatchPhase::InPlay => Ok(()),
        MatchPhase::Over => Err((RejectReason::MatchOver, "override: the match is over, and nothing of it is priced")),
    }
}

/// Why the goals that a trader expects cannot be.
fn no_rates(reason: NoRates) -> &'static str {
    match reason {
        NoRates::RateOutOfBounds => {
            "override.expected_total_billionths: no rates from 0.02 to 8 goals a match have this total and supremacy"
        }
        NoRates::Margin(_) | NoRates::NotOpen | NoRates::Model(_) | NoRates::NotSolved => {
            "override.expected_total_billionths: no rates are found that have this total and supremacy"
        }
    }
}

fn is_ruling(body: &FactBody) -> bool {
    matches!(
        body,
        FactBody::Rollback(_) | FactBody::Confirmed(_) | FactBody::Cancel { .. } | FactBody::RollbackCancel(_)
    )
}
