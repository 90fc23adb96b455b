//! Stories, tables and properties of the pricing room.

mod coherence;
mod combination;
mod inputs;
mod inversion;
mod margins;
mod markets;
mod offers;
mod score_markets;
pub(super) mod twin;
