//! What is said about a match: one record, whole, with prices made from the facts it carries.

use super::live_match::{Around, LiveMatch};
use super::quote::{Pricer, Quote, Standing};
use crate::catalogue::What;
use crate::event::{
    Alert, AlertKind, Fact, FactBody, Fixture, MarketGroup, MarketId, MarketState, MarketStatus, MarketType,
    MatchPhase, MatchUpdate, ModelUsed, Outbox, Outcome, Owner, Owners, Scope,
};
use crate::market::{Selling, Wanted, next_state};
use crate::outcome::Outcomes;
use crate::pricing::{Circumstances, Offer};

impl LiveMatch {
    /// Publishes the match with these facts. A fact, a lift, a change of status or of the model's inputs always publishes,
    /// with full prices; clock ticks, or nothing at all, only if a price moved, and no more often than the rules say.
    /// Whether the match needs another update at once: a market was reopened, or the stop for a break has been said.
    pub(super) fn publish(
        &mut self,
        around: &Around<'_>,
        pricer: &mut Pricer,
        facts: Vec<Fact>,
        out: &mut Outbox,
    ) -> bool {
        let Some(fixture) = self.fixture.clone() else { return false };
        self.ticks.look();
        self.watch_tie(out);
        let quote = self.quote(pricer, &fixture, around, out);
        let owners = [MarketGroup::Goals, MarketGroup::Corners, MarketGroup::Cards]
            .map(|group| self.owners(group, around, &fixture));
        let version = self.version + 1;
        let mut needs_another = false;
        let is_cancelled =
            self.facts.active_cancels().any(|(_, window, _)| window.from.is_none() && window.to.is_none());
        let mut ids: Vec<MarketId> = self.markets.keys().copied().collect();
        if let Some(quote) = &quote {
            ids.extend(quote.offers.keys());
        }
        let sells_result = around.settings.trading.of(&fixture.competition).markets.contains(&MarketType::MATCH_RESULT);
        ids.extend(Some(MarketId::MATCH_RESULT).filter(|_| sells_result));
        ids.sort_unstable();
        ids.dedup();
        let outcomes = Outcomes::of(around.settings.placement.rule_set, &self.facts);
        let mut markets = Vec::with_capacity(ids.len());
        for id in ids {
            let is_void = outcomes.is_void_as_a_whole(id);
            let wanted =
                self.wanted(id, &outcomes, quote.as_ref(), owners[id.group() as usize], is_cancelled || is_void);
            let (state, reopened) = next_state(id, self.markets.get(&id), &wanted, version);
            needs_another |= reopened;
            markets.push(state);
        }
        let only_ticks = facts.iter().all(|fact| fact.body == FactBody::ClockTick && fact.supersedes.is_none());
        if let Some(quote) = &quote {
            // With what was published only, a line would hang on which updates were held back.
            self.main_lines.clone_from(&quote.main_lines);
        }
        if only_ticks && !needs_another && !self.ticks.has_other_inputs(self.inputs_version) {
            match self.shown_move(&markets) {
                Shown::Nothing => return false,
                Shown::Prices if self.ticks.hold_back(around.at, around.settings.trading.tick_spacing()) => {
                    return false;
                }
                Shown::Prices | Shown::Status => {}
            }
        }
        self.version = version;
        self.ticks.said(around.at, self.inputs_version);
        let published = markets.iter().map(|market| (market.id, market.clone())).collect();
        let before = std::mem::replace(&mut self.markets, published);
        let update = MatchUpdate {
            match_id: self.id.clone(),
            version,
            through: around.through,
            phase: self.phase(),
            period: self.period(),
            clock: self.clock.clock(),
            score: self.facts.score(),
            reds: self.facts.reds(),
            fixture,
            model: quote.map(|quote| ModelUsed { inputs_version: self.inputs_version, ..quote.model }),
            markets,
            facts,
        };
        let projected = self.project(&before, &update, around);
        out.push(update);
        for output in projected {
            out.push(output);
        }
        needs_another | self.incidents.end_sure_break()
    }

    /// The prices now; an alert the first time that there are none though play goes on.
    fn quote(
        &mut self,
        pricer: &mut Pricer,
        fixture: &Fixture,
        around: &Around<'_>,
        out: &mut Outbox,
    ) -> Option<Quote> {
        if self.phase() == MatchPhase::Over {
            return None;
        }
        let (period, score) = self.priced();
        let standing = Standing {
            expectation: fixture.expectation,
            period,
            clock: self.clock.clock(),
            score,
            reds: self.facts.reds(),
            circumstances: self.circumstances(fixture),
        };
        let rules = around.settings.trading.of(&fixture.competition);
        match pricer.quote(&standing, &self.overrides, &self.main_lines, rules, &mut self.opening) {
            Ok(quote) => {
                self.is_unpriced = false;
                Some(quote)
            }
            Err(reason) => {
                if !self.is_unpriced {
                    out.push(Alert {
                        kind: AlertKind::NoPrice,
                        subject: self.id.to_string(),
                        detail: format!("{reason}; the match is held"),
                    });
                }
                self.is_unpriced = true;
                None
            }
        }
    }

    fn circumstances(&self, fixture: &Fixture) -> Circumstances {
        let Scope { knock_out, corners, cards } = fixture.scope;
        Circumstances {
            half_time: self.facts.half_time(),
            last_goal: self.facts.last_goal(),
            corners: corners.then(|| self.facts.counted(What::Corners)),
            cards: cards.then(|| self.facts.counted(What::Cards)),
            knock_out,
        }
    }

    /// Who holds the match's markets of a group, derived afresh each time.
    fn owners(&self, group: MarketGroup, around: &Around<'_>, fixture: &Fixture) -> Owners {
        let is_over = self.phase() == MatchPhase::Over;
        let is_late = self.phase() == MatchPhase::PreMatch && fixture.kick_off <= around.at;
        let holders = [
            (Owner::Feed, around.is_feed_held),
            (Owner::Incident, is_over || self.incidents.suspends(group)),
            (Owner::Trader, self.is_held_by_trader),
            (Owner::Risk, (self.is_unpriced && !is_over) || self.is_overfull),
            (Owner::Schedule, is_late),
            (Owner::Lag, around.is_lagging && !is_over),
        ];
        holders.iter().filter(|(_, holds)| *holds).fold(Owners::NONE, |owners, (owner, _)| owners.with(*owner))
    }

    fn wanted(
        &self,
        id: MarketId,
        outcomes: &Outcomes<'_>,
        quote: Option<&Quote>,
        owners: Owners,
        is_cancelled: bool,
    ) -> Wanted {
        let offers = quote.and_then(|quote| quote.offers.get(&id));
        let selling = |(index, outcome): (usize, &Outcome)| {
            let settled = outcomes.settled(id, *outcome).map(Selling::Result);
            let closed = || outcomes.decided(id, *outcome).map(|_| Selling::Closed);
            let open = || match offers.and_then(|offers| offers.get(index)) {
                Some(Offer { fair, price: Some(price) }) => Selling::Offered { price: *price, fair: *fair },
                Some(Offer { fair, price: None }) => Selling::Withheld { fair: Some(*fair) },
                None => Selling::Withheld { fair: None },
            };
            (*outcome, settled.or_else(closed).unwrap_or_else(open))
        };
        let selections = id.outcomes().iter().enumerate().map(selling).collect();
        // Without any price a market that was on offer stays so, held by risk.
        let was_offered = self.markets.get(&id).is_some_and(|market| !is_inactive(market));
        let is_offered = offers.is_some() || (quote.is_none() && (was_offered || id == MarketId::MATCH_RESULT));
        Wanted { selections, is_offered, is_cancelled, owners }
    }

    /// What differs from what was last said.
    fn shown_move(&self, markets: &[MarketState]) -> Shown {
        if markets.len() != self.markets.len() {
            return Shown::Status;
        }
        let mut shown = Shown::Nothing;
        for market in markets {
            let Some(said) = self.markets.get(&market.id) else { return Shown::Status };
            let statuses = |market: &MarketState| -> Vec<_> {
                market.outcomes.iter().map(|outcome| (outcome.outcome, outcome.status)).collect()
            };
            if (said.status, said.owners) != (market.status, market.owners) || statuses(said) != statuses(market) {
                return Shown::Status;
            }
            if said.outcomes.iter().zip(&market.outcomes).any(|(said, now)| said.price != now.price) {
                shown = Shown::Prices;
            }
        }
        shown
    }
}

/// How much of an update anybody would see.
enum Shown {
    /// No tick has moved.
    Nothing,
    /// Ticks, and nothing else.
    Prices,
    /// A status, a holder, an outcome's state, a market more.
    Status,
}

fn is_inactive(market: &MarketState) -> bool {
    market.status == MarketStatus::Inactive
}
