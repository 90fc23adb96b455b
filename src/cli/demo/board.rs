//! What the crowd in front of the big screen sees: matches, prices, bets and how fast they are answered.
//!
//! A [`Board`] is made from committed output records only, so it shows what any consumer of the topics could show.

use crate::event::{
    BetSettlement, Decision, MarketId, MarketState, MarketStatus, MatchUpdate, Outcome, Output, Owner, SettlementKind,
    Verdict,
};
use crate::runtime::clock::{local_ms, monotonic};
use crate::values::{MatchId, Price, Time};
use hdrhistogram::Histogram;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// How long a move of a price stays marked.
const MOVE_SHOWN_FOR: Duration = Duration::from_millis(1_500);
/// How long the rates look back.
const RATE_OVER: Duration = Duration::from_secs(5);

/// Which way a price went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// It pays more now.
    Longer,
    /// It pays less now.
    Shorter,
}

/// One match on the board.
pub(super) struct Row {
    /// Its newest update.
    pub(super) update: MatchUpdate,
    /// The last move of each price and when it was seen.
    moves: BTreeMap<(MarketId, Outcome), (Move, Instant)>,
    /// What happened last, in a word, and when it was seen.
    pub(super) news: Option<(&'static str, Instant)>,
}

/// How long something took, and how often it was measured.
pub(super) struct Latency(Histogram<u64>);

impl Latency {
    fn new() -> Self {
        Latency(Histogram::new_with_bounds(1, 600_000, 3).expect("legal bounds"))
    }

    fn record(&mut self, milliseconds: i64) {
        self.0.saturating_record(u64::try_from(milliseconds).unwrap_or(0).max(1));
    }

    /// The percentile in milliseconds; `None` before the first measurement.
    pub(super) fn percentile(&self, of_hundred: f64) -> Option<u64> {
        (!self.0.is_empty()).then(|| self.0.value_at_percentile(of_hundred))
    }

    /// `p50 12 ms, p99 40 ms, max 51 ms`.
    pub(super) fn line(&self) -> String {
        match (self.percentile(50.0), self.percentile(99.0)) {
            (Some(half), Some(most)) => format!("p50 {half} ms  p99 {most} ms  max {} ms", self.0.max()),
            (None | Some(_), None | Some(_)) => "nothing measured yet".to_owned(),
        }
    }
}

/// Everything that is shown.
pub(super) struct Board {
    pub(super) matches: BTreeMap<MatchId, Row>,
    /// Bets the punters sent.
    pub(super) sent: u64,
    pub(super) accepted: u64,
    pub(super) refused: BTreeMap<&'static str, u64>,
    pub(super) settled: i64,
    pub(super) alerts: u64,
    /// Stakes of accepted bets and money returned on settled ones, minor units.
    pub(super) staked_minor: i64,
    pub(super) returned_minor: i64,
    /// From the bet's id to its first answer, seen as a consumer sees it.
    pub(super) answers: Latency,
    /// From the source's time of a fact to its update.
    pub(super) prices: Latency,
    /// The newest word on how fresh each markets partition is.
    through: BTreeMap<u32, Time>,
    /// Bets that wait out their delay.
    waiting: std::collections::BTreeSet<u128>,
    /// Decisions a moment ago: when, accepted, refused.
    recent: VecDeque<(Instant, bool)>,
    /// When something other than a watermark was last seen.
    pub(super) last_news: Instant,
}

impl Board {
    pub(super) fn new() -> Self {
        Board {
            matches: BTreeMap::new(),
            sent: 0,
            accepted: 0,
            refused: BTreeMap::new(),
            settled: 0,
            alerts: 0,
            staked_minor: 0,
            returned_minor: 0,
            answers: Latency::new(),
            prices: Latency::new(),
            through: BTreeMap::new(),
            waiting: std::collections::BTreeSet::new(),
            recent: VecDeque::new(),
            last_news: monotonic(),
        }
    }

    /// Takes one record of an output topic.
    pub(super) fn take(&mut self, output: Output) {
        if let Output::Watermark(watermark) = output {
            self.through.insert(watermark.shard, watermark.through);
            return;
        }
        self.last_news = monotonic();
        match output {
            Output::Market(update) => self.take_update(*update),
            Output::Decision(decision) => self.take_decision(&decision),
            Output::Settlement(settlement) => self.take_settlement(&settlement),
            Output::Alert(_) => self.alerts += 1,
            Output::Watermark(_)
            | Output::Image(_)
            | Output::Results(_)
            | Output::FeedRequest(_)
            | Output::Posting(_)
            | Output::Reject(_) => {}
        }
    }

    fn take_update(&mut self, update: MatchUpdate) {
        let (now, seen) = (local_ms(), monotonic());
        for fact in &update.facts {
            // What trading says by itself (a confirmation by time) has no source that it could be late for.
            if !fact.id.as_str().contains('/') {
                self.prices.record(now - fact.source_at.ms());
            }
        }
        let row = self.matches.entry(update.match_id.clone()).or_insert_with(|| Row {
            update: update.clone(),
            moves: BTreeMap::new(),
            news: None,
        });
        row.note_moves(&update, seen);
        if let Some(news) = update.facts.iter().rev().find_map(|fact| super::words::news(&fact.body)) {
            row.news = Some((news, seen));
        }
        row.update = update;
    }

    fn take_decision(&mut self, decision: &Decision) {
        let id = decision.command_id.bits();
        let was_waiting = self.waiting.remove(&id);
        match &decision.verdict {
            Verdict::Pending { .. } => {
                self.waiting.insert(id);
            }
            Verdict::Accepted(bet) => {
                self.accepted += 1;
                self.staked_minor += bet.request.stake.minor();
                self.recent.push_back((monotonic(), true));
            }
            Verdict::Refused(refusal) => {
                *self.refused.entry(refusal.reason.name()).or_default() += 1;
                self.recent.push_back((monotonic(), false));
            }
            Verdict::Done => return,
        }
        if !was_waiting {
            self.answers.record(local_ms() - decision.command_id.time().ms());
        }
    }

    fn take_settlement(&mut self, settlement: &BetSettlement) {
        match settlement.kind {
            SettlementKind::Settled => {
                self.settled += 1;
                self.returned_minor += settlement.returned.minor();
            }
            SettlementKind::Reopened => self.settled -= 1,
            SettlementKind::HeldForApproval | SettlementKind::Released | SettlementKind::LateAccepted => {}
        }
    }

    /// Accepted and refused a second, over the last five.
    pub(super) fn rates(&mut self) -> (f64, f64) {
        while self.recent.front().is_some_and(|(seen, _)| seen.elapsed() > RATE_OVER) {
            self.recent.pop_front();
        }
        let accepted = self.recent.iter().filter(|(_, accepted)| *accepted).count();
        let a_second = |count: usize| count as f64 / RATE_OVER.as_secs_f64();
        (a_second(accepted), a_second(self.recent.len() - accepted))
    }

    pub(super) fn refused_total(&self) -> u64 {
        self.refused.values().sum()
    }

    /// Reasons of refusals, the most frequent first.
    pub(super) fn reasons(&self) -> Vec<(&'static str, u64)> {
        let mut reasons: Vec<_> = self.refused.iter().map(|(name, count)| (*name, *count)).collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        reasons
    }

    /// Accepted bets without a result.
    pub(super) fn open(&self) -> i64 {
        i64::try_from(self.accepted).unwrap_or(i64::MAX) - self.settled
    }

    /// Whether every bet sent has its final answer.
    pub(super) fn is_answered(&self) -> bool {
        self.waiting.is_empty() && self.accepted + self.refused_total() >= self.sent
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How old the oldest knowledge of the markets is, in milliseconds.
    pub(super) fn lag_ms(&self) -> Option<i64> {
        let now = local_ms();
        self.through.values().map(|through| (now - through.ms()).max(0)).max()
    }
}

impl Row {
    fn note_moves(&mut self, update: &MatchUpdate, seen: Instant) {
        for market in &update.markets {
            for outcome in &market.outcomes {
                let before = self.price(market.id, outcome.outcome);
                if let (Some(before), Some(now)) = (before, outcome.price)
                    && before != now
                {
                    let towards = if now.cmp_value(&before).is_gt() { Move::Longer } else { Move::Shorter };
                    self.moves.insert((market.id, outcome.outcome), (towards, seen));
                }
            }
        }
    }

    pub(super) fn market(&self, id: MarketId) -> Option<&MarketState> {
        self.update.markets.iter().find(|market| market.id == id)
    }

    fn price(&self, id: MarketId, outcome: Outcome) -> Option<Price> {
        self.market(id)?.outcomes.iter().find(|state| state.outcome == outcome)?.price
    }

    /// The way a price went a moment ago.
    pub(super) fn moved(&self, id: MarketId, outcome: Outcome) -> Option<Move> {
        let (towards, seen) = self.moves.get(&(id, outcome))?;
        (seen.elapsed() < MOVE_SHOWN_FOR).then_some(*towards)
    }

    /// The market of a kind that is nearest to even money: the one a trader calls the main line.
    pub(super) fn main_line(&self, is_kind: fn(MarketId) -> bool) -> Option<&MarketState> {
        let on_offer = |market: &&MarketState| {
            is_kind(market.id) && matches!(market.status, MarketStatus::Active | MarketStatus::Suspended)
        };
        let unevenness = |market: &&MarketState| {
            market
                .outcomes
                .first()
                .and_then(|outcome| outcome.fair)
                .map_or(i64::MAX, |fair| (fair.raw() - 500_000_000).abs())
        };
        self.update.markets.iter().filter(on_offer).min_by_key(unevenness)
    }

    /// Who holds the match's 1X2, in words; `None` when it takes bets.
    pub(super) fn held_by(&self) -> Option<String> {
        let market = self.market(MarketId::MATCH_RESULT)?;
        match market.status {
            MarketStatus::Active => None,
            MarketStatus::Suspended => Some(super::words::owners(market.owners)),
            MarketStatus::Inactive => Some("not offered".to_owned()),
            MarketStatus::Settled => Some("settled".to_owned()),
            MarketStatus::Cancelled => Some("void".to_owned()),
        }
    }

    /// Whether the feed is what holds it.
    pub(super) fn is_feed_held(&self) -> bool {
        self.market(MarketId::MATCH_RESULT).is_some_and(|market| market.owners.contains(Owner::Feed))
    }
}
