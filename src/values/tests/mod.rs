//! Every word means one thing: tables of what is read and refused, and properties against plain oracles.

mod ids;
mod lines;
mod money;
mod odds;
mod returns;
mod times;
