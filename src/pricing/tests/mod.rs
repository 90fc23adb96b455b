//! Stories, tables and properties of the pricing room.

mod coherence;
mod inputs;
mod margins;
mod markets;
mod offers;
mod twin;
