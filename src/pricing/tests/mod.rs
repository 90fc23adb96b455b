//! Stories, tables and properties of the pricing room.

mod coherence;
mod goal_order;
mod inputs;
mod interval;
mod inversion;
mod labelled;
mod margins;
mod markets;
mod offers;
mod twin;
