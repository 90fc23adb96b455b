//! What happened in a match lately that a bet placed a moment ago must not profit from.

use crate::betting::{MaterialChange, Moved, is_held};
use crate::event::{MarketId, MatchUpdate};
use crate::values::{HashStream, Millis, Time};

/// One material change: a moment, or a suspension from its beginning to its end, by append times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Incident {
    /// The market; `None` for what moves many.
    pub(super) market: Option<MarketId>,
    /// What it moves, if no market is named.
    moved: Moved,
    from: Time,
    /// `None` while it lasts.
    to: Option<Time>,
}

impl Incident {
    /// Whether it counts for a bet on that market with that window, both ends included.
    pub(super) fn concerns(&self, market: MarketId, window: (Time, Time)) -> bool {
        let overlaps = self.from <= window.1 && self.to.is_none_or(|to| to >= window.0);
        overlaps && self.market.map_or(self.moved.concerns(market), |own| own == market)
    }
}

/// The recent incidents of one match, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Incidents {
    recent: Vec<Incident>,
}

impl Incidents {
    /// Takes in what an update appended `at` changed; gives what is new. What ended more than `keep` ago is forgotten.
    pub(super) fn learn(
        &mut self,
        update: &MatchUpdate,
        change: &MaterialChange,
        at: Time,
        keep: Millis,
    ) -> Vec<Incident> {
        self.recent.retain(|incident| incident.to.is_none_or(|to| to >= at - keep));
        let mut new = Vec::new();
        let moment = |market, moved| Incident { market, moved, from: at, to: Some(at) };
        if change.whole_match {
            new.push(moment(None, Moved::Everything));
        }
        new.extend(change.groups.iter().map(|group| moment(None, Moved::Group(*group))));
        new.extend(change.jumped.iter().map(|market| moment(Some(*market), Moved::Everything)));
        for market in &update.markets {
            let lasting = self.recent.iter_mut().find(|known| known.market == Some(market.id) && known.to.is_none());
            match (lasting, is_held(market)) {
                (None, true) => {
                    new.push(Incident { market: Some(market.id), moved: Moved::Everything, from: at, to: None });
                }
                (Some(known), false) => known.to = Some(at.max(known.from)),
                (Some(_), true) | (None, false) => {}
            }
        }
        self.recent.extend(&new);
        new
    }

    /// Whether any of them counts for a bet on that market with that window.
    pub(super) fn concern(&self, market: MarketId, window: (Time, Time)) -> bool {
        self.recent.iter().any(|incident| incident.concerns(market, window))
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        let Incidents { recent } = self;
        stream.unsigned(recent.len() as u64);
        for Incident { market, moved, from, to } in recent {
            stream.text(&market.map_or_else(String::new, |market| market.to_string()));
            stream.unsigned(match moved {
                Moved::Everything => 0,
                Moved::Group(group) => 1 + *group as u64,
            });
            stream.integer(from.ms()).integer(to.map_or(-1, |to| to.ms()));
        }
    }
}
