//! What a match came to by its facts, worked out afresh from the whole set each time.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;
use sha2::{Digest, Sha256};

use super::market::What;
use super::selection::Team;
use super::standing::{Event, FIRST_HALF, SECOND_HALF, Standing, Window};
use crate::wire::proto;
use proto::fact::Body;
use proto::{Period, Side};

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
    /// Something that counts; its sureness is the fact's.
    Counts {
        event: Event,
        /// The source's earliest time: it orders what has the same clock.
        source_at: i64,
    },
    /// The match is past this period, and a whistle of that one was heard (0: of none).
    Over(u8, u8),
    /// It will not be played to its end.
    GivenUp,
    /// The fixture of that revision: whether it is a knock-out match, and the lead from its first leg.
    Fixture(u32, Option<i32>),
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
            // Of two reports of one goal, corner or card the earlier time orders it among those at its clock.
            let earlier = match (&mut told.says, &says) {
                (Says::Counts { source_at: known, .. }, Says::Counts { source_at, .. }) if source_at < known => {
                    *known = *source_at;
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
        let mut events = Vec::new();
        let mut fixture = None;
        for told in self.told.iter().filter(holds) {
            let id = told.id.as_str();
            let sure = told.sure || confirmed.contains(id);
            let only_sure = |period: u8| if sure { period } else { 0 };
            match &told.says {
                Says::Counts { event, source_at } => {
                    events.push(((event.period, event.elapsed_ms, *source_at, id), Event { sure, ..*event }));
                }
                Says::Over(period, whistle) => {
                    standing.over_told = standing.over_told.max(*period);
                    standing.over = standing.over.max(only_sure(*period));
                    standing.whistles_told.insert(*whistle);
                    standing.whistles.insert(only_sure(*whistle));
                }
                Says::GivenUp => {
                    standing.given_up_told = true;
                    standing.given_up |= sure;
                }
                // The highest revision; of two, the higher id.
                Says::Fixture(revision, knock_out) => fixture = fixture.max(Some((*revision, id, *knock_out))),
                Says::Cancel { from, to, is_approved } => {
                    let id = told.id.clone();
                    standing.windows.push(Window { id, from: *from, to: *to, is_approved: *is_approved });
                }
                Says::Rollback(_) | Says::UndoesCancel(_) | Says::Confirms(_) | Says::Else => {}
            }
        }
        events.sort_by_key(|(at, _)| *at);
        standing.events = events.into_iter().map(|(_, event)| event).collect();
        standing.first_leg = fixture.and_then(|(_, _, first_leg)| first_leg);
        standing
    }

    /// Ids that were taken back, undone or replaced. Rollbacks and undoings are final, whatever is said of them later.
    fn gone(&self) -> BTreeSet<&str> {
        let mut gone = BTreeSet::new();
        for told in &self.told {
            match &told.says {
                Says::Rollback(id) if !self.is_final(id) => {
                    gone.insert(id.as_str());
                }
                Says::UndoesCancel(id) if self.is_cancel_or_unknown(id) => {
                    gone.insert(id.as_str());
                }
                Says::Rollback(_)
                | Says::UndoesCancel(_)
                | Says::Counts { .. }
                | Says::Over(_, _)
                | Says::GivenUp
                | Says::Fixture(_, _)
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

    fn is_final(&self, id: &str) -> bool {
        let told = self.by_id.get(id).map(|index| &self.told[*index].says);
        told.is_some_and(|says| matches!(says, Says::Rollback(_) | Says::UndoesCancel(_)))
    }

    fn is_cancel_or_unknown(&self, id: &str) -> bool {
        self.by_id.get(id).is_none_or(|index| matches!(self.told[*index].says, Says::Cancel { .. }))
    }
}

/// What the fact says for a result; `None` for a fact without a body, which says nothing.
fn says(fact: &proto::Fact) -> Option<Says> {
    Some(match fact.body.as_ref()? {
        Body::Goal(goal) => counts(fact, What::Goals, goal.side, 1),
        Body::CornerTaken(side) => counts(fact, What::Corners, *side, 1),
        Body::YellowCard(side) => counts(fact, What::Cards, *side, 1),
        // A second yellow one is told as the red one that it brings.
        Body::RedCard(card) => counts(fact, What::Cards, card.side, 2),
        Body::PeriodEnd(period) => over(*period, *period),
        // What begins says that what was before it is over.
        Body::PeriodStart(period) => over(*period - 1, *period),
        Body::FinalWhistle(_) => over(Period::Over as i32, 0),
        Body::Abandoned(_) => Says::GivenUp,
        Body::Fixture(fixture) => Says::Fixture(fixture.revision, fixture.knock_out.then_some(fixture.first_leg_lead)),
        Body::Cancel(cancel) => {
            Says::Cancel { from: cancel.from_ms, to: cancel.to_ms, is_approved: !cancel.approval_ref.is_empty() }
        }
        Body::Rollback(id) => Says::Rollback(id.clone()),
        Body::RollbackCancel(id) => Says::UndoesCancel(id.clone()),
        Body::Confirmed(id) => Says::Confirms(id.clone()),
        Body::ClockTick(_)
        | Body::PossibleGoal(_)
        | Body::NoGoal(_)
        | Body::PlayRestarted(_)
        | Body::PenaltyAwarded(_)
        | Body::PenaltyMissed(_)
        | Body::PenaltyRetaken(_)
        | Body::PenaltyCancelled(_)
        | Body::PossibleRedCard(_)
        | Body::NoRedCard(_)
        | Body::PossibleCard(_)
        | Body::NoCard(_)
        | Body::CornerAwarded(_)
        | Body::CornerRetracted(_)
        | Body::DangerousFreeKick(_)
        | Body::DangerOver(_)
        | Body::ReviewStart(_)
        | Body::ReviewEnd(_)
        | Body::Interruption(_)
        | Body::Resumed(_) => Says::Else,
    })
}

/// A goal, a corner or a card where there is one: goals in any period of play, the others in the ninety minutes.
fn counts(fact: &proto::Fact, what: What, side: i32, worth: u8) -> Says {
    let clock = fact.clock.unwrap_or_default();
    let of_goals = [Period::ExtraFirstHalf, Period::ExtraSecondHalf, Period::ShootOut].map(|period| period as u8);
    let period = u8::try_from(clock.period).unwrap_or_default();
    let counts = [FIRST_HALF, SECOND_HALF].contains(&period) || (what == What::Goals && of_goals.contains(&period));
    let team = match Side::try_from(side) {
        Ok(Side::Home) => Team::Home,
        Ok(Side::Away) => Team::Away,
        Ok(Side::Unspecified) | Err(_) => return Says::Else,
    };
    if !counts {
        return Says::Else;
    }
    let event = Event { what, team, worth, period, elapsed_ms: clock.elapsed_ms, sure: false };
    Says::Counts { event, source_at: fact.source_at_ms }
}

/// That a period is over matters from the first half on.
fn over(period: i32, whistle: i32) -> Says {
    let whistle = u8::try_from(whistle).unwrap_or_default();
    let period = u8::try_from(period).ok().filter(|period| *period >= FIRST_HALF);
    period.map_or(Says::Else, |period| Says::Over(period, whistle))
}

/// What two reports of one fact must agree on: body, clock and what it replaces. A ruling and a fixture have no clock
/// that matters.
fn content(fact: &proto::Fact) -> [u8; 32] {
    let ruling = matches!(
        fact.body,
        Some(Body::Cancel(_) | Body::Rollback(_) | Body::RollbackCancel(_) | Body::Confirmed(_) | Body::Fixture(_))
    );
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
