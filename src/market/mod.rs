//! What may be bet on now, at what odds, at which version, and who holds it.
//!
//! [`Incidents`] keeps what is happening on the pitch and what lifts it, [`ClockWatch`] catches a match clock that cannot
//! be right, and [`next_state`] derives how a market is published: its status is never set, only derived.

mod clock_watch;
mod incident;
mod listing;

pub use clock_watch::{ClockJump, ClockWatch};
pub use incident::{IncidentKind, Incidents};
pub use listing::{Selling, Wanted, is_legal_move, next_state};

#[cfg(test)]
mod tests;
