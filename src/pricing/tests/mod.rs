//! Stories, tables and properties of the pricing room.

mod cash_out;
mod coherence;
mod extra_time;
mod goal_order;
mod combination;
mod inputs;
mod interval;
mod inversion;
mod knockout;
mod labelled;
mod laws;
mod margins;
mod markets;
mod offers;
mod plain;
mod tally;
mod same_game;
mod score_markets;
pub(super) mod twin;
