//! What a trading desk asks of a match: stop, go on, rule on a fact, or think otherwise of the teams.

use super::{FactBody, MarketId};
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
#[derive(Clone, Debug, PartialEq, Eq, Default)]
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
    /// Families whose lines are offered around another than their main one, each once; at most
    /// [`Override::LINE_OFFSETS_MAX`].
    pub line_offsets: Vec<LineOffset>,
}

/// How far from its main line a family's lines are offered. Prices stay the law's: only the choice of lines moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineOffset {
    /// The family, named by its market at line 0; one that counts from a score by 0-0, for every score.
    pub family: MarketId,
    /// Added to the main line, in quarters of a goal: 4 is the next whole line up, 0 takes an offset back.
    pub quarters: i16,
}

impl Override {
    /// A multiplier lies in this range.
    pub const MULTIPLIER_BOUNDS: [Billionths; 2] =
        [Billionths::from_raw(100_000_000), Billionths::from_raw(10_000_000_000)];
    /// λ and μ lie in this range, as for a fixture that is priced.
    pub const RATE_BOUNDS: [Billionths; 2] = [Billionths::from_raw(20_000_000), Billionths::from_raw(8_000_000_000)];
    /// The goals expected of both sides lie in this range: twice that of a rate.
    pub const TOTAL_BOUNDS: [Billionths; 2] = [Billionths::from_raw(40_000_000), Billionths::from_raw(16_000_000_000)];
    /// Home's goals expected less the away side's lie in this range.
    pub const SUPREMACY_BOUNDS: [Billionths; 2] =
        [Billionths::from_raw(-8_000_000_000), Billionths::from_raw(8_000_000_000)];
    /// A line is moved by this many quarters at most, up or down.
    pub const LINE_OFFSET_MAX: i16 = 40;
    /// Lines of so many families are moved by one override at most.
    pub const LINE_OFFSETS_MAX: usize = 32;
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
    /// What they are expected to score in a whole match from its kick-off, regular time and stoppage: λ and μ are solved
    /// from it, once, by the law with the φ and ρ then in force. Of a match in play it says the same: what would have
    /// been expected of these sides before kick-off. It scales the rates from now on as λ and μ do.
    Expectancies {
        /// Of both together.
        total: Billionths,
        /// Of home, less those of the away side.
        supremacy: Billionths,
    },
}
