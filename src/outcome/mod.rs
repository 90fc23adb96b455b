//! What each outcome came to: a pure function of the set of facts of a match; trading closes by it, the book pays by it.
//!
//! A [`FactSet`] holds the facts of one match. Their order of arrival and their repeats do not matter: whoever holds
//! the same facts reads the same score, the same cancels and the same results ([`settle`]).

mod content;
mod fact_set;
mod final_score;
mod goals;
mod settle;
mod standing;

pub use fact_set::{FactSet, Inserted};
pub use final_score::result_at_score;
pub use settle::{KNOWN_RULE_SET, decided, is_void_as_a_whole, settle};

#[cfg(test)]
mod tests;
