//! What the desk asks: stop, go on, or a ruling that counts as a fact.

use super::machine::{TradingMachine, refuse};
use crate::event::{Certainty, Fact, FactBody, InputRef, Outbox, RejectReason, TradingAction, TradingCommand};
use crate::feed::Taken;
use crate::values::{FactId, ProducerId, Time};

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
                if !live.commands.insert(command.command_id) {
                    self.dropped += 1;
                    return;
                }
                if live.commands.len() > COMMANDS_REMEMBERED {
                    live.commands.pop_first();
                }
                live.is_held_by_trader = command.action == TradingAction::Suspend;
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

fn is_ruling(body: &FactBody) -> bool {
    matches!(
        body,
        FactBody::Rollback(_) | FactBody::Confirmed(_) | FactBody::Cancel { .. } | FactBody::RollbackCancel(_)
    )
}
