//! What a match came to by its facts, worked out afresh from the whole set each time.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;
use sha2::{Digest, Sha256};

use super::plain::{Came, Market, Selection};
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
    Goal { home: bool },
    /// The 90 minutes are over.
    NinetyOver,
    Cancel { from: Option<i64>, to: Option<i64> },
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
}

impl Window {
    pub(super) fn covers(&self, accepted_at: i64) -> bool {
        self.from.is_none_or(|from| from <= accepted_at) && self.to.is_none_or(|to| accepted_at < to)
    }
}

/// How a match stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Confirmed goals, home and away.
    pub(super) sure: (u32, u32),
    /// Reported goals that hold, confirmed ones included.
    pub(super) score: (u32, u32),
    /// The 90 minutes are over, confirmed.
    pub(super) over: bool,
    /// The cancels that hold.
    pub(super) windows: Vec<Window>,
}

impl Standing {
    /// What a selection came to by the facts alone, no cancel considered; `None` while it may still change.
    pub(super) fn came(&self, market: Market, selection: Selection) -> Option<Came> {
        let (home, away) = self.sure;
        if self.over && self.sure == self.score {
            return at_the_end(market, selection, home, away);
        }
        match (market, selection) {
            // One more goal never turns over into a worse result, so beyond both halves of the line nothing can change.
            (Market::Total(line), Selection::Over) if against_half(home + away, halves(line).1) == Side::Above => {
                Some(Came::Win)
            }
            (Market::Total(line), Selection::Under) if against_half(home + away, halves(line).1) == Side::Above => {
                Some(Came::Lose)
            }
            _ => None,
        }
    }

    /// What a leg of a bet accepted then came to.
    pub(super) fn leg(&self, market: Market, selection: Selection, accepted_at: i64) -> Option<Came> {
        if self.windows.iter().any(|window| window.covers(accepted_at)) {
            return Some(Came::Void);
        }
        self.came(market, selection)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    On,
    Above,
}

/// The two lines, in quarters, that each take half the stake.
fn halves(line: i32) -> (i32, i32) {
    if line % 2 == 0 { (line, line) } else { (line - 1, line + 1) }
}

fn against_half(goals: u32, half_line: i32) -> Side {
    match (i64::from(goals) * 4).cmp(&i64::from(half_line)) {
        std::cmp::Ordering::Less => Side::Below,
        std::cmp::Ordering::Equal => Side::On,
        std::cmp::Ordering::Greater => Side::Above,
    }
}

fn at_the_end(market: Market, selection: Selection, home: u32, away: u32) -> Option<Came> {
    let yes = |won: bool| Some(if won { Came::Win } else { Came::Lose });
    match (market, selection) {
        (Market::Result, Selection::Home) => yes(home > away),
        (Market::Result, Selection::Draw) => yes(home == away),
        (Market::Result, Selection::Away) => yes(home < away),
        (Market::Total(line), Selection::Over | Selection::Under) => {
            let wins = if selection == Selection::Over { Side::Above } else { Side::Below };
            let one = |half| match against_half(home + away, half) {
                Side::On => 1,
                side if side == wins => 2,
                Side::Below | Side::Above => 0,
            };
            // Each half of the stake: 2 wins, 1 comes back, 0 is lost.
            let (lower, upper) = halves(line);
            match one(lower) + one(upper) {
                4 => Some(Came::Win),
                3 => Some(Came::HalfWin),
                2 => Some(Came::Void),
                1 => Some(Came::HalfLose),
                _ => Some(Came::Lose),
            }
        }
        (Market::Result, Selection::Over | Selection::Under)
        | (Market::Total(_), Selection::Home | Selection::Draw | Selection::Away) => None,
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
            let surer = told.content == content && sure && !told.sure;
            if surer {
                told.sure = true;
            }
            return surer;
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
        for told in self.told.iter().filter(holds) {
            let sure = told.sure || confirmed.contains(told.id.as_str());
            match &told.says {
                Says::Goal { home } => {
                    let one = if *home { (1, 0) } else { (0, 1) };
                    let add = |score: &mut (u32, u32)| *score = (score.0 + one.0, score.1 + one.1);
                    add(&mut standing.score);
                    if sure {
                        add(&mut standing.sure);
                    }
                }
                Says::NinetyOver => standing.over |= sure,
                Says::Cancel { from, to } => {
                    standing.windows.push(Window { id: told.id.clone(), from: *from, to: *to });
                }
                Says::Rollback(_) | Says::UndoesCancel(_) | Says::Confirms(_) | Says::Else => {}
            }
        }
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
    let ends = |period: i32| period >= Period::SecondHalf as i32;
    Some(match fact.body.as_ref()? {
        Body::Goal(goal) => {
            let period = fact.clock.as_ref().map_or(0, |clock| clock.period);
            let counts = period == Period::FirstHalf as i32 || period == Period::SecondHalf as i32;
            match proto::Side::try_from(goal.side) {
                Ok(proto::Side::Home) if counts => Says::Goal { home: true },
                Ok(proto::Side::Away) if counts => Says::Goal { home: false },
                Ok(proto::Side::Home | proto::Side::Away | proto::Side::Unspecified) | Err(_) => Says::Else,
            }
        }
        Body::PeriodEnd(period) if ends(*period) => Says::NinetyOver,
        Body::PeriodStart(period) if *period > Period::SecondHalf as i32 => Says::NinetyOver,
        Body::FinalWhistle(_) => Says::NinetyOver,
        Body::Cancel(cancel) => Says::Cancel { from: cancel.from_ms, to: cancel.to_ms },
        Body::Rollback(id) => Says::Rollback(id.clone()),
        Body::RollbackCancel(id) => Says::UndoesCancel(id.clone()),
        Body::Confirmed(id) => Says::Confirms(id.clone()),
        _ => Says::Else,
    })
}

/// What two reports of one fact must agree on: body, clock and what it replaces.
fn content(fact: &proto::Fact) -> [u8; 32] {
    let ruling = matches!(
        fact.body,
        Some(Body::Cancel(_) | Body::Rollback(_) | Body::RollbackCancel(_) | Body::Confirmed(_))
    );
    let said = proto::Fact {
        supersedes: fact.supersedes.clone(),
        clock: if ruling { None } else { fact.clock },
        body: fact.body.clone(),
        ..proto::Fact::default()
    };
    Sha256::digest(said.encode_to_vec()).into()
}
