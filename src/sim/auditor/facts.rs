//! What a match came to by its facts, worked out afresh from the whole set each time.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;
use sha2::{Digest, Sha256};

use super::market::{Market, Selection};
use super::plain::Came;
use crate::wire::proto;
use proto::fact::Body;

/// A fact as far as a result can hang on it.
struct Told {
    id: String,
    content: [u8; 32],
    /// Reported as confirmed, first or later.
    sure: bool,
    replaces: Option<String>,
    says: Says,
}

enum Says {
    /// A goal of the 90 minutes.
    Goal {
        home: bool,
        /// Period, match time in it, and the source's earliest time: the order of goals.
        at: (i32, i64, i64),
    },
    /// The 90 minutes are over.
    NinetyOver,
    /// They will not be played to their end.
    GivenUp,
    Cancel {
        from: Option<i64>,
        to: Option<i64>,
        is_approved: bool,
    },
    /// Takes a fact back.
    Rollback(String),
    UndoesCancel(String),
    Confirms(String),
    /// Counts for nothing itself, but may replace something.
    Else,
}

/// A cancel that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) id: String,
    from: Option<i64>,
    to: Option<i64>,
    /// It names the approval of people.
    is_approved: bool,
}

impl Window {
    /// Voids every bet of the match.
    pub(super) fn is_whole(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    pub(super) fn covers(&self, accepted_at: i64) -> bool {
        self.from.is_none_or(|from| from <= accepted_at) && self.to.is_none_or(|to| accepted_at < to)
    }

    /// Whether it voids a bet accepted then, under a licence that demands an approval or does not.
    pub(super) fn voids(&self, accepted_at: i64, needs_approval: bool) -> bool {
        self.covers(accepted_at) && (self.is_approved || !needs_approval)
    }
}

/// How a match stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Confirmed goals, home and away.
    pub(super) sure: (u32, u32),
    /// Reported goals that hold, confirmed ones included.
    pub(super) score: (u32, u32),
    /// The same goals in the order of the match: home's or not, confirmed or not.
    pub(super) goals: Vec<(bool, bool)>,
    /// The 90 minutes are over, by any report that holds.
    pub(super) over_told: bool,
    /// That is confirmed.
    pub(super) over: bool,
    /// The match was given up, by any report that holds.
    given_up_told: bool,
    /// That is confirmed.
    pub(super) given_up: bool,
    /// The cancels that hold.
    pub(super) windows: Vec<Window>,
}

impl Standing {
    /// What a selection came to by the facts alone, no cancel considered; `None` while it may still change.
    pub(super) fn came(&self, market: Market, selection: Selection) -> Option<Came> {
        self.played(market, selection).or(if self.is_broken_off() { Some(Came::Void) } else { None })
    }

    /// The same match with every report that holds taken as sure: nothing is paid by it, but nothing that it decides may
    /// be on sale.
    pub(super) fn as_reported(&self) -> Standing {
        Standing {
            sure: self.score,
            goals: self.goals.iter().map(|(home, _)| (*home, true)).collect(),
            over: self.over_told,
            given_up: self.given_up_told,
            ..self.clone()
        }
    }

    /// Whether the market is void altogether: its base score never was, or nothing of it was decided before the end came.
    pub(super) fn is_void(&self, market: Market) -> bool {
        let every = market.selections();
        if let Market::HandicapRest { base, .. } = market
            && self.base_stood(base) == Some(false)
        {
            return true;
        }
        self.is_broken_off() && every.iter().all(|selection| self.played(market, *selection).is_none())
    }

    fn in_doubt(&self) -> bool {
        self.goals.iter().any(|(_, sure)| !sure)
    }

    fn is_ended(&self) -> bool {
        self.over && !self.in_doubt()
    }

    fn is_broken_off(&self) -> bool {
        self.given_up && !self.over_told && !self.in_doubt()
    }

    fn played(&self, market: Market, selection: Selection) -> Option<Came> {
        match market {
            Market::NextGoal(nth) => self.nth_goal(nth as usize, selection),
            Market::HandicapRest { base, .. } => match self.base_stood(base) {
                Some(true) if self.is_ended() => market.at(selection, self.sure.0, self.sure.1),
                Some(false) => Some(Came::Void),
                Some(true) | None => None,
            },
            Market::Result
            | Market::DoubleChance
            | Market::DrawNoBet
            | Market::Total(_)
            | Market::TeamTotal { .. }
            | Market::Handicap(_)
            | Market::BothScore
            | Market::CorrectScore(_) => {
                let now = market.at(selection, self.sure.0, self.sure.1)?;
                if self.is_ended() || self.every_end_gives(now, market, selection) { Some(now) } else { None }
            }
        }
    }

    /// Plays on to every score that can tell results apart: any cell of a score market, and far beyond any line.
    fn every_end_gives(&self, now: Came, market: Market, selection: Selection) -> bool {
        let more = || (0..=10).chain([20_000]);
        let gives = |home: u32, away: u32| market.at(selection, self.sure.0 + home, self.sure.1 + away) == Some(now);
        // The far ends first: they tell soonest.
        gives(20_000, 0) && gives(0, 20_000) && more().all(|home| more().all(|away| gives(home, away)))
    }

    /// Goals from the first on up to the first in doubt.
    fn sure_goals(&self) -> impl Iterator<Item = bool> {
        self.goals.iter().take_while(|(_, sure)| *sure).map(|(home, _)| *home)
    }

    fn nth_goal(&self, nth: usize, selection: Selection) -> Option<Came> {
        let yes = |won: bool| Some(if won { Came::Win } else { Came::Lose });
        let all_sure = self.goals.iter().filter(|(_, sure)| *sure).count();
        match (selection, self.sure_goals().nth(nth - 1)) {
            (Selection::Home, Some(home)) => yes(home),
            (Selection::Away, Some(home)) => yes(!home),
            (Selection::Home | Selection::Away, None) if self.is_ended() => yes(false),
            (Selection::NoGoal, _) if all_sure >= nth => yes(false),
            (Selection::NoGoal, None) if self.is_ended() => yes(true),
            _ => None,
        }
    }

    /// Whether the score was ever this; `None` while that is open.
    fn base_stood(&self, base: (u32, u32)) -> Option<bool> {
        let mut score = (0, 0);
        let mut stood = score == base;
        for home in self.sure_goals() {
            if home {
                score.0 += 1;
            } else {
                score.1 += 1;
            }
            stood |= score == base;
        }
        let passed = score.0 > base.0 || score.1 > base.1;
        if stood {
            Some(true)
        } else if passed || self.is_ended() {
            Some(false)
        } else {
            None
        }
    }

    /// What a leg of a bet accepted then came to.
    pub(super) fn leg(
        &self,
        market: Market,
        selection: Selection,
        accepted_at: i64,
        needs_approval: bool,
    ) -> Option<Came> {
        if self.windows.iter().any(|window| window.voids(accepted_at, needs_approval)) {
            return Some(Came::Void);
        }
        self.came(market, selection)
    }

    /// Whether people must decide before a bet accepted then is paid: a cancel without its approval covers it, and no
    /// other one voids it.
    pub(super) fn holds(&self, accepted_at: i64, needs_approval: bool) -> bool {
        self.windows.iter().any(|window| window.covers(accepted_at))
            && !self.windows.iter().any(|window| window.voids(accepted_at, needs_approval))
    }
}

/// The facts of one match in the order of the versions that brought them.
pub(super) struct Facts {
    told: Vec<Told>,
    by_id: BTreeMap<String, usize>,
    /// Standings after each version that could change one; never empty.
    standings: Vec<(u64, Standing)>,
}

impl Default for Facts {
    fn default() -> Self {
        Facts { told: Vec::new(), by_id: BTreeMap::new(), standings: vec![(0, Standing::default())] }
    }
}

impl Facts {
    /// Adds the facts of a version; whether one of them can change a standing.
    pub(super) fn add(&mut self, version: u64, facts: &[proto::Fact]) -> bool {
        let mut changed = false;
        for fact in facts {
            changed |= self.add_one(fact);
        }
        if changed {
            let standing = self.standing();
            self.standings.push((version, standing));
        }
        changed
    }

    fn add_one(&mut self, fact: &proto::Fact) -> bool {
        let replaces = (!fact.supersedes.is_empty()).then(|| fact.supersedes.clone());
        let Some(says) = says(fact) else { return false };
        if matches!(says, Says::Else) && replaces.is_none() {
            return false;
        }
        let content = content(fact);
        let sure = fact.certainty == proto::Certainty::Confirmed as i32;
        if let Some(known) = self.by_id.get(&fact.id) {
            let told = &mut self.told[*known];
            // The same id with something else to say is set aside; the same report, now confirmed, is sure.
            if told.content != content {
                return false;
            }
            let surer = sure && !told.sure;
            told.sure |= sure;
            // Of two reports of a goal at one clock the earlier time orders it.
            let earlier = match (&mut told.says, &says) {
                (Says::Goal { at: known, .. }, Says::Goal { at, .. }) if at < known => {
                    *known = *at;
                    true
                }
                _ => false,
            };
            return surer || earlier;
        }
        self.by_id.insert(fact.id.clone(), self.told.len());
        self.told.push(Told { id: fact.id.clone(), content, sure, replaces, says });
        true
    }

    /// How the match stood once that version was applied.
    pub(super) fn standing_at(&self, version: u64) -> &Standing {
        let after = self.standings.partition_point(|(at, _)| *at <= version);
        &self.standings[after.max(1) - 1].1
    }

    /// How it stands by everything that is known.
    pub(super) fn standing_now(&self) -> &Standing {
        self.standing_at(u64::MAX)
    }

    fn standing(&self) -> Standing {
        let gone = self.gone();
        let holds = |told: &&Told| !gone.contains(told.id.as_str());
        let confirmed: BTreeSet<&str> = (self.told.iter().filter(holds))
            .filter_map(|told| if let Says::Confirms(id) = &told.says { Some(id.as_str()) } else { None })
            .collect();
        let mut standing = Standing::default();
        let mut goals = Vec::new();
        for told in self.told.iter().filter(holds) {
            let sure = told.sure || confirmed.contains(told.id.as_str());
            match &told.says {
                Says::Goal { home, at } => {
                    goals.push((*at, told.id.as_str(), *home, sure));
                    let one = if *home { (1, 0) } else { (0, 1) };
                    let add = |score: &mut (u32, u32)| *score = (score.0 + one.0, score.1 + one.1);
                    add(&mut standing.score);
                    if sure {
                        add(&mut standing.sure);
                    }
                }
                Says::NinetyOver => {
                    standing.over_told = true;
                    standing.over |= sure;
                }
                Says::GivenUp => {
                    standing.given_up_told = true;
                    standing.given_up |= sure;
                }
                Says::Cancel { from, to, is_approved } => {
                    let id = told.id.clone();
                    standing.windows.push(Window { id, from: *from, to: *to, is_approved: *is_approved });
                }
                Says::Rollback(_) | Says::UndoesCancel(_) | Says::Confirms(_) | Says::Else => {}
            }
        }
        goals.sort();
        standing.goals = goals.into_iter().map(|(_, _, home, sure)| (home, sure)).collect();
        standing
    }

    /// Ids that were taken back, undone or replaced. Rollbacks and undoings are final, whatever is said of them later.
    fn gone(&self) -> BTreeSet<&str> {
        let mut gone = BTreeSet::new();
        for told in &self.told {
            match &told.says {
                Says::Rollback(id) => {
                    gone.insert(id.as_str());
                }
                Says::UndoesCancel(id) if self.is_cancel_or_unknown(id) => {
                    gone.insert(id.as_str());
                }
                Says::UndoesCancel(_)
                | Says::Goal { .. }
                | Says::NinetyOver
                | Says::GivenUp
                | Says::Cancel { .. }
                | Says::Confirms(_)
                | Says::Else => {}
            }
        }
        // A fact is replaced while any correction in the chain above it was not taken back.
        let mut chain: Vec<&str> = (self.told.iter().filter(|told| !gone.contains(told.id.as_str())))
            .filter_map(|told| told.replaces.as_deref())
            .collect();
        let mut replaced = BTreeSet::new();
        while let Some(id) = chain.pop() {
            if replaced.insert(id) {
                chain.extend(self.by_id.get(id).and_then(|index| self.told[*index].replaces.as_deref()));
            }
        }
        gone.extend(replaced);
        gone
    }

    fn is_cancel_or_unknown(&self, id: &str) -> bool {
        self.by_id.get(id).is_none_or(|index| matches!(self.told[*index].says, Says::Cancel { .. }))
    }
}

/// What the fact says for a result; `None` for a fact without a body, which says nothing.
fn says(fact: &proto::Fact) -> Option<Says> {
    use proto::Period;
    Some(match fact.body.as_ref()? {
        Body::Goal(goal) => {
            let clock = fact.clock.unwrap_or_default();
            let period = clock.period;
            let at = (period, i64::from(clock.elapsed_ms), fact.source_at_ms);
            let counts = period == Period::FirstHalf as i32 || period == Period::SecondHalf as i32;
            match proto::Side::try_from(goal.side) {
                Ok(proto::Side::Home) if counts => Says::Goal { home: true, at },
                Ok(proto::Side::Away) if counts => Says::Goal { home: false, at },
                Ok(proto::Side::Home | proto::Side::Away | proto::Side::Unspecified) | Err(_) => Says::Else,
            }
        }
        Body::PeriodEnd(period) => {
            if *period >= Period::SecondHalf as i32 {
                Says::NinetyOver
            } else {
                Says::Else
            }
        }
        Body::PeriodStart(period) => {
            if *period > Period::SecondHalf as i32 {
                Says::NinetyOver
            } else {
                Says::Else
            }
        }
        Body::FinalWhistle(_) => Says::NinetyOver,
        Body::Abandoned(_) => Says::GivenUp,
        Body::Cancel(cancel) => {
            Says::Cancel { from: cancel.from_ms, to: cancel.to_ms, is_approved: !cancel.approval_ref.is_empty() }
        }
        Body::Rollback(id) => Says::Rollback(id.clone()),
        Body::RollbackCancel(id) => Says::UndoesCancel(id.clone()),
        Body::Confirmed(id) => Says::Confirms(id.clone()),
        Body::Fixture(_)
        | Body::ClockTick(_)
        | Body::PossibleGoal(_)
        | Body::NoGoal(_)
        | Body::PlayRestarted(_)
        | Body::PenaltyAwarded(_)
        | Body::PenaltyMissed(_)
        | Body::PenaltyRetaken(_)
        | Body::PenaltyCancelled(_)
        | Body::PossibleRedCard(_)
        | Body::NoRedCard(_)
        | Body::RedCard(_)
        | Body::PossibleCard(_)
        | Body::NoCard(_)
        | Body::YellowCard(_)
        | Body::CornerAwarded(_)
        | Body::CornerTaken(_)
        | Body::CornerRetracted(_)
        | Body::DangerousFreeKick(_)
        | Body::DangerOver(_)
        | Body::ReviewStart(_)
        | Body::ReviewEnd(_)
        | Body::Interruption(_)
        | Body::Resumed(_) => Says::Else,
    })
}

/// What two reports of one fact must agree on: body, clock and what it replaces.
fn content(fact: &proto::Fact) -> [u8; 32] {
    let ruling =
        matches!(fact.body, Some(Body::Cancel(_) | Body::Rollback(_) | Body::RollbackCancel(_) | Body::Confirmed(_)));
    let said = proto::Fact {
        supersedes: fact.supersedes.clone(),
        clock: if ruling { None } else { fact.clock },
        body: fact.body.clone(),
        ..proto::Fact::default()
    };
    Sha256::digest(said.encode_to_vec()).into()
}

#[cfg(test)]
mod tests;
