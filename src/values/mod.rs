//! The words everyone here uses: money, odds, probabilities, lines, names and times.
//!
//! Plain values that cannot hold a wrong thing: text and numbers are judged once, where they are parsed, and trusted
//! afterwards. Nothing here knows a rule of the business, reads a clock or draws a random number.

mod hash;
mod ids;
mod line;
mod money;
mod currency;
mod price;
mod probability;
mod ratio;
mod score;
mod shard;
mod text;
mod time;

#[cfg(test)]
mod tests;

pub use currency::{Currency, UnknownCurrency};
pub use hash::{Hash, HashStream};
pub use ids::{AccountId, BetId, CommandId, CompetitionId, FactId, IdError, LicenceId, MatchId, ProducerId};
pub use line::{LineError, QuarterLine};
pub use money::{AmountError, Money, display_amount, parse_amount};
pub use price::{AmericanOdds, DecimalOdds, PRICE_JUMP_RATIO, Price, PriceError, PriceForm, price_jump};
pub use probability::Billionths;
pub use ratio::{LEGS_MAX, LegResult, Ratio, Rounding, exceeds_cap, leg_factor, line_return};
pub use score::{Score, Side};
pub use shard::{murmur2, partition_for};
pub use text::{TEXT_BYTES_MAX, Text, TextError};
pub use time::{Date, DateError, Millis, Time};
