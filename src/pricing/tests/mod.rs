//! Stories, tables and properties of the pricing room.

mod coherence;
mod inputs;
mod inversion;
mod margins;
mod markets;
mod offers;
mod plain;
mod twin;
