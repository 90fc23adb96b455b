//! Proof: what checks that the house kept its word, and its own rules.

#[cfg(feature = "wire")]
pub mod auditor;
#[cfg(feature = "wire")]
pub mod conformance;
#[cfg(test)]
mod house_rules;
