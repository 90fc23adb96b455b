//! The same bet under two names: both must stand at the same odds.

use super::{MarketId, MarketType, Outcome};
use crate::values::QuarterLine;

const HALF: QuarterLine = QuarterLine::from_quarters(2);

/// The selection of another market that wins and loses exactly when this one does, and is the one that is priced.
///
/// - A draw no bet is a handicap of 0.
/// - A clean sheet of home is under half a goal of away.
/// - Exactly no goal is under half a goal.
pub fn same_bet(market: MarketId, outcome: Outcome) -> Option<(MarketId, Outcome)> {
    let priced = match market.kind() {
        MarketType::DRAW_NO_BET => (MarketId::handicap(QuarterLine::ZERO), outcome),
        MarketType::CLEAN_SHEET => {
            let under = if outcome == Outcome::Yes { Outcome::Under } else { Outcome::Over };
            (MarketId::team_total(market.side().other(), HALF), under)
        }
        MarketType::EXACT_GOALS if outcome == Outcome::Exactly(0) => (MarketId::total(HALF), Outcome::Under),
        MarketType::TEAM_EXACT_GOALS if outcome == Outcome::Exactly(0) => {
            (MarketId::team_total(market.side(), HALF), Outcome::Under)
        }
        _ => return None,
    };
    Some(priced)
}
