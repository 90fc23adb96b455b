//! What each outcome came to: a pure function of the set of facts of a match; trading closes by it, the book pays by it.
//!
//! A [`FactSet`] holds the facts of one match. Their order of arrival and their repeats do not matter: whoever holds
//! the same facts reads the same score, the same cancels and the same results ([`settle`]).

mod content;
mod counted;
mod fact_set;
mod settle;
mod sight;
mod standing;

pub use fact_set::{FactSet, Inserted, TieStanding};
pub use settle::{KNOWN_RULE_SET, Outcomes, decided, is_void_as_a_whole, result_at_score, settle};

#[cfg(test)]
mod tests;
