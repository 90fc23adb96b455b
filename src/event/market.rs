//! What may be bet on now and at what odds, as it is published: one record a fact and match.

use super::{Fact, Fixture, MatchClock, Period};
use crate::catalogue::{MarketId, Outcome};
use crate::values::{Billionths, MatchId, Price, Score, Time};

/// Whether a market takes bets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarketStatus {
    /// Takes bets.
    Active,
    /// Held by at least one owner; odds may still move.
    Suspended,
    /// Not offered; may return.
    Inactive,
    /// Decided by confirmed facts.
    Settled,
    /// Void as a whole.
    Cancelled,
}

/// Who may hold a market. One owner's resume never lifts another's hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Owner {
    /// The feed's producer is silent, gapped or recovering.
    Feed = 0,
    /// Something is happening on the pitch.
    Incident = 1,
    /// A trader.
    Trader = 2,
    /// Risk control.
    Risk = 3,
    /// A freeze.
    Freeze = 4,
    /// The scheduled kick-off has come.
    Schedule = 5,
    /// The trading shard is behind its inputs.
    Lag = 6,
    /// The book's market data is old. Set by books only, never published.
    Staleness = 7,
}

/// A set of owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Owners(pub u8);

impl Owners {
    /// Nobody.
    pub const NONE: Owners = Owners(0);
    /// This set and one more.
    pub fn with(self, owner: Owner) -> Owners {
        Owners(self.0 | 1 << owner as u8)
    }
    /// This set without one.
    pub fn without(self, owner: Owner) -> Owners {
        Owners(self.0 & !(1 << owner as u8))
    }
    /// Whether that owner is in the set.
    pub fn contains(self, owner: Owner) -> bool {
        self.0 & (1 << owner as u8) != 0
    }
    /// Whether nobody holds.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Whether an outcome may be bet on, or what it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutcomeStatus {
    /// On offer at the price beside it.
    Offered,
    /// Not on offer now.
    Withheld,
    /// Decided, awaiting confirmation: closed, not priced.
    Closed,
    /// Won.
    Won,
    /// Lost.
    Lost,
    /// Stake back.
    Void,
    /// Half the stake won, half returned.
    HalfWon,
    /// Half the stake lost, half returned.
    HalfLost,
}

impl OutcomeStatus {
    /// The same, if it is a result.
    pub fn result(self) -> Option<OutcomeStatus> {
        match self {
            OutcomeStatus::Offered | OutcomeStatus::Withheld | OutcomeStatus::Closed => None,
            OutcomeStatus::Won
            | OutcomeStatus::Lost
            | OutcomeStatus::Void
            | OutcomeStatus::HalfWon
            | OutcomeStatus::HalfLost => Some(self),
        }
    }
}

/// One outcome as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeState {
    /// Which.
    pub outcome: Outcome,
    /// Its state of its own.
    pub status: OutcomeStatus,
    /// The offered price, on the pipeline's ladder; present iff `Offered` (also while the market is suspended).
    pub price: Option<Price>,
    /// Fair probability in 1e-9 (for a two-way line 1 / fair odds); absent once decided.
    pub fair: Option<Billionths>,
}

/// One market as published: always whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketState {
    /// Which.
    pub id: MarketId,
    /// Derived: `Suspended` iff it would be `Active` and somebody holds it.
    pub status: MarketStatus,
    /// Who holds it.
    pub owners: Owners,
    /// The match version at which its prices last changed; a bet stores it.
    pub price_version: u64,
    /// Its outcomes, in the order of `Outcome`.
    pub outcomes: Vec<OutcomeState>,
}

/// The phase that delay and margin hang on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchPhase {
    /// Before kick-off.
    PreMatch,
    /// From kick-off to the end of the ninety minutes, half-time included; of a tie that they leave level, to the end of
    /// extra time.
    InPlay,
    /// Nothing is sold any more, though a shoot-out may still be played.
    Over,
}

/// The model inputs that priced an update: goals come at λ and μ times the factors beside them, and the low scores are
/// weighted by λ, μ and ρ as they stood at kick-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelUsed {
    /// Lambda in 1e-9.
    pub home_rate: Billionths,
    /// Mu in 1e-9.
    pub away_rate: Billionths,
    /// Rho in 1e-9.
    pub rho: Billionths,
    /// What traders have made of home's rate since, in 1e-9; 1 without an override.
    pub home_multiplier: Billionths,
    /// The same of the away rate.
    pub away_multiplier: Billionths,
    /// Rises with every fixture and every override of the match, from 1. 0: not told, as by versions before overrides.
    pub inputs_version: u64,
}

/// Everything the world may know about a match after one fact; a record of `markets.v1`, applied whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchUpdate {
    /// The match; also the Kafka key.
    pub match_id: MatchId,
    /// Previous version + 1, from 1.
    pub version: u64,
    /// Up to when the trading shard's inputs were known to be complete.
    pub through: Time,
    /// Pre-match, in play, over.
    pub phase: MatchPhase,
    /// The running period, as by the facts.
    pub period: Period,
    /// The last reported clock.
    pub clock: Option<MatchClock>,
    /// The score by the active facts.
    pub score: Score,
    /// Red cards home, away.
    pub reds: (u8, u8),
    /// The fixture now in force.
    pub fixture: Fixture,
    /// What priced it; absent where there is no price.
    pub model: Option<ModelUsed>,
    /// Every market of the match that is or ever was offered, in the order of `MarketId`: whole, not a delta.
    pub markets: Vec<MarketState>,
    /// The facts that this update adds (confirmations, rollbacks and cancels are facts).
    pub facts: Vec<Fact>,
}

/// A match as it stood at one version, for those who come late; a record of `market-images.v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketImage {
    /// The update of that version, without its facts.
    pub update: MatchUpdate,
}

/// What outcomes of a match came to, or that it was taken back; a record of `results.v1`, for outsiders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchResults {
    /// The match; also the Kafka key.
    pub match_id: MatchId,
    /// The version of the update that brought them.
    pub version: u64,
    /// Pre-match, in play, over.
    pub phase: MatchPhase,
    /// The score by the active facts.
    pub score: Score,
    /// The markets whose results are others than before, each whole.
    pub markets: Vec<MarketResults>,
}

/// The results of one market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketResults {
    /// Which.
    pub id: MarketId,
    /// Settled, cancelled, or still open with some of its outcomes decided.
    pub status: MarketStatus,
    /// Its outcomes, in the order of `Outcome`; a status that is no result says that there is none, or none any more.
    pub outcomes: Vec<(Outcome, OutcomeStatus)>,
}

/// Up to when a trading shard's knowledge reaches; a keyless control record in its own partition of `markets.v1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watermark {
    /// The trading shard, which is its partition.
    pub shard: u32,
    /// Its inputs were known to be complete up to here.
    pub through: Time,
    /// The batch's time.
    pub at: Time,
}

/// As far as the period alone tells: that a tie is played on is for the facts to say.
impl From<Period> for MatchPhase {
    fn from(period: Period) -> Self {
        match period {
            Period::PreMatch => MatchPhase::PreMatch,
            Period::FirstHalf | Period::HalfTime | Period::SecondHalf => MatchPhase::InPlay,
            Period::BeforeExtraTime
            | Period::ExtraFirstHalf
            | Period::ExtraSecondHalf
            | Period::ShootOut
            | Period::Over => MatchPhase::Over,
        }
    }
}
