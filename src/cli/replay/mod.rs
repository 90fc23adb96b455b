//! A match day played again or made up: read or drawn, timed from a new kick-off, told as the feed would tell it.
//!
//! ```text
//! events/ID.json.gz, matches_*.json.gz -> wyscout -> timeline --+
//! COUNTRY_LEAGUE-SEASON.json.gz        -> incidents -> telling -+-> script -> faults -> schedule -> voice -> send
//! a seed                               -> generated -> telling -+      ^
//! football-data CSV, teams.csv         -> odds, teams -----------------+
//! ```
//!
//! Only `wyscout`, `incidents`, `odds`, `teams` and `choose` read files; only `send` reads a clock and sends.

mod arguments;
mod choose;
mod dice;
mod faults;
pub mod generated;
mod incidents;
mod listing;
mod odds;
mod progress;
mod schedule;
mod script;
mod send;
mod teams;
mod telling;
#[cfg(test)]
mod tests;
mod timeline;
mod voice;
mod wyscout;

pub use arguments::{EXAMPLES, ReplayArguments, main};
pub use choose::{Choice, SourceFormat, choose};
pub(in crate::cli) use dice::Dice;
pub use faults::Faults;
pub use incidents::{IncidentsError, Season, read_season};
pub use odds::{MatchOdds, OddsError, OddsTable};
pub use progress::{MatchProgress, Progress, Reporter};
pub use schedule::{Heartbeats, Pace, RunPlan, Sending, schedule};
pub use script::MatchScript;
pub use send::{Played, play};
pub use teams::{Teams, TeamsError};
pub(in crate::cli) use teams::{compared, shown};
pub use timeline::{TICK_EVERY, TimedFact, goals_in_ninety_minutes, timeline};
pub use wyscout::{EventPlace, EventProblem, PlayedMatch, WyscoutError, read_match};
