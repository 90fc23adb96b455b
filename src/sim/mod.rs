//! Proof: what plays the world against the house, and what checks that the house kept its word.

#[cfg(feature = "wire")]
pub mod auditor;
