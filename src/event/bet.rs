//! A bet as the customer asked for it.

use super::{MarketId, Outcome};
use crate::values::{AccountId, BetId, Currency, Hash, LicenceId, MatchId, Money, Price, Text, Time};

/// Which price a customer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PricePolicy {
    /// Only the price asked for.
    Exact,
    /// The current price if it is no lower. The default.
    Better,
    /// The current price, whatever it is; a lower one only with consent.
    Any,
}

/// The customer's log-in, trusted as sent until the gate exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id (a hash is kept).
    pub id: Text,
    /// When it ends.
    pub expires_at: Time,
}

/// Where the customer is, as attested; trusted as sent until the gate exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationProof {
    /// Id of the proof.
    pub id: Text,
    /// The licence in whose territory the customer stands.
    pub licence: LicenceId,
    /// When it was issued.
    pub issued_at: Time,
    /// When it ends.
    pub expires_at: Time,
}

/// What the wager record keeps as it was shown.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct WagerText {
    /// The slip as displayed (event, market, selection).
    pub displayed: Option<Text>,
    /// Channel: internet, mobile, retail, ...
    pub channel: Option<Text>,
    /// Device, hashed by the client.
    pub device: Option<Text>,
    /// Network address, hashed by the client.
    pub address: Option<Text>,
}

/// One leg as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegRequest {
    /// The match.
    pub match_id: MatchId,
    /// Its market.
    pub market: MarketId,
    /// The selection.
    pub outcome: Outcome,
    /// The price the customer saw.
    pub price: Price,
    /// The match version the customer saw; 0 if unknown. Recorded, not judged.
    pub seen_version: u64,
}

/// A record of `commands.v1`: a single (one leg) or a parlay (2 to 25 legs, all of different matches).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceBet {
    /// Identity, a UUIDv7.
    pub bet_id: BetId,
    /// Who bets; also the Kafka key.
    pub account: AccountId,
    /// The whole stake, > 0.
    pub stake: Money,
    /// Its currency; must be the account's.
    pub currency: Currency,
    /// 1 to 25 legs.
    pub legs: Vec<LegRequest>,
    /// Which price is taken.
    pub price_policy: PricePolicy,
    /// The recorded consent to lower odds, for `Any`.
    pub odds_consent: Option<Text>,
    /// Log-in.
    pub session: Session,
    /// Whereabouts.
    pub location: LocationProof,
    /// As shown.
    pub text: WagerText,
    /// SHA-256 over every field above, set at the door: a resend with the same id must have the same.
    pub fingerprint: Hash,
}

impl PlaceBet {
    /// SHA-256 over every field but the fingerprint itself: what a resend must repeat.
    pub fn fingerprint_of(&self) -> Hash {
        let mut stream = crate::values::HashStream::new();
        stream.text(&self.bet_id.to_string());
        stream.text(self.account.as_str());
        stream.integer(self.stake.minor());
        stream.text(self.currency.code());
        stream.integer(self.legs.len() as i64);
        for leg in &self.legs {
            stream.text(leg.match_id.as_str());
            stream.text(&leg.market.to_string());
            stream.text(&leg.outcome.to_string());
            stream.text(&leg.price.to_string());
            stream.text(&leg.seen_version.to_string());
        }
        stream.integer(self.price_policy as i64);
        let session = &self.session;
        let location = &self.location;
        stream.text(session.id.as_str());
        stream.integer(session.expires_at.ms());
        stream.text(location.id.as_str());
        stream.text(location.licence.as_str());
        stream.integer(location.issued_at.ms());
        stream.integer(location.expires_at.ms());
        let optional =
            [&self.odds_consent, &self.text.displayed, &self.text.channel, &self.text.device, &self.text.address];
        for text in optional {
            stream.text(text.as_ref().map_or("", |text| text.as_str()));
        }
        stream.finish()
    }
}
