//! Proof: what checks that the house kept its word, and its own rules.

#[cfg(feature = "wire")]
pub mod auditor;
#[cfg(test)]
mod house_rules;
