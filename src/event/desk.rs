//! What a trading desk asks of a match: stop, go on, rule on a fact, or think otherwise of the teams.

use super::FactBody;
use crate::values::{Billionths, CommandId, MatchId, Text};

/// What a desk asks of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradingCommand {
    /// Identity of the command: a repeat with the same id changes nothing.
    pub command_id: CommandId,
    /// The match it concerns; also the Kafka key.
    pub match_id: MatchId,
    /// Who asked, as recorded for the regulator.
    pub actor: Text,
    /// What is asked.
    pub action: TradingAction,
}

/// The things a desk may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TradingAction {
    /// Hold every market of the match, owner `trader`.
    Suspend,
    /// Lift the trader's own hold; other owners' holds stay.
    Resume,
    /// A rollback, a cancel or its undoing, decided by a person: applied exactly as the same fact from the feed.
    Rule(FactBody),
    /// Price the match from other inputs than the fixture's.
    Override(Override),
}

/// Inputs of the model in place of the fixture's. What is left out stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Override {
    /// First takes every earlier override back. In play what was frozen at kick-off stays so.
    pub clear: bool,
    /// Factor on home's rate, 0.1 to 10.
    pub home_multiplier: Option<Billionths>,
    /// Factor on the away rate.
    pub away_multiplier: Option<Billionths>,
    /// How many goals to expect of the sides, over the whole match. In play it scales the rates.
    pub strength: Option<Strength>,
    /// ρ of Dixon and Coles, -1 to 1; only before kick-off.
    pub rho: Option<Billionths>,
}

impl Override {
    /// A multiplier lies in this range.
    pub const MULTIPLIER_BOUNDS: [Billionths; 2] =
        [Billionths::from_raw(100_000_000), Billionths::from_raw(10_000_000_000)];
    /// λ and μ lie in this range, as for a fixture that is priced.
    pub const RATE_BOUNDS: [Billionths; 2] = [Billionths::from_raw(20_000_000), Billionths::from_raw(8_000_000_000)];
    /// ρ lies in this range.
    pub const RHO_BOUNDS: [Billionths; 2] = [Billionths::from_raw(-1_000_000_000), Billionths::from_raw(1_000_000_000)];
}

/// How strong the sides are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// The base rates themselves.
    Rates {
        /// λ.
        home: Billionths,
        /// μ.
        away: Billionths,
    },
}
