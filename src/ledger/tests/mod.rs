//! Double entry, by hand.
