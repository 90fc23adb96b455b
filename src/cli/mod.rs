//!

pub mod replay;
