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
    Goal {
        home: bool,
    },
    /// The 90 minutes are over.
    NinetyOver,
    Cancel {
        from: Option<i64>,
        to: Option<i64>,
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
        Body::Cancel(cancel) => Says::Cancel { from: cancel.from_ms, to: cancel.to_ms },
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
        | Body::Abandoned(_)
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
mod tests {
    use super::*;
    use proto::{Certainty, Period};

    fn told(id: &str, sure: bool, body: Body) -> proto::Fact {
        let certainty = if sure { Certainty::Confirmed } else { Certainty::Scouted };
        let clock = proto::MatchClock { period: Period::SecondHalf as i32, ..proto::MatchClock::default() };
        proto::Fact {
            id: id.to_owned(),
            certainty: certainty as i32,
            clock: Some(clock),
            body: Some(body),
            ..proto::Fact::default()
        }
    }

    fn goal(id: &str, side: proto::Side, sure: bool) -> proto::Fact {
        told(id, sure, Body::Goal(proto::Goal { side: side as i32, own_goal: false }))
    }

    fn standing(facts: &[proto::Fact]) -> Standing {
        let mut forwards = Facts::default();
        forwards.add(1, facts);
        let mut backwards = Facts::default();
        for (version, fact) in (1..).zip(facts.iter().rev()) {
            backwards.add(version, std::slice::from_ref(fact));
            backwards.add(version, std::slice::from_ref(fact));
        }
        assert_eq!(forwards.standing_now(), backwards.standing_now(), "order and repeats change nothing");
        forwards.standing_now().clone()
    }

    #[test]
    fn facts_are_a_set() {
        use proto::Side::{Away, Home};
        let rollback = |id: &str, of: &str| told(id, true, Body::Rollback(of.to_owned()));
        let replacing = |fact: proto::Fact, of: &str| proto::Fact { supersedes: of.to_owned(), ..fact };
        type Row = (&'static str, Vec<proto::Fact>, (u32, u32), (u32, u32));
        let table: Vec<Row> = vec![
            ("nothing", vec![], (0, 0), (0, 0)),
            ("scouted", vec![goal("a", Home, false)], (1, 0), (0, 0)),
            (
                "confirmed later",
                vec![goal("a", Home, false), told("c", true, Body::Confirmed("a".to_owned()))],
                (1, 0),
                (1, 0),
            ),
            ("told twice, then for sure", vec![goal("a", Home, false), goal("a", Home, true)], (1, 0), (1, 0)),
            ("never was", vec![goal("a", Home, true), rollback("r", "a")], (0, 0), (0, 0)),
            ("corrected", vec![goal("a", Home, true), replacing(goal("b", Away, true), "a")], (0, 1), (0, 1)),
            (
                "the correction was wrong",
                vec![goal("a", Home, true), replacing(goal("b", Away, true), "a"), rollback("r", "b")],
                (1, 0),
                (1, 0),
            ),
            (
                "a chain of corrections, its middle taken back",
                vec![
                    goal("a", Home, true),
                    replacing(goal("b", Away, true), "a"),
                    replacing(goal("c", Away, true), "b"),
                    rollback("r", "b"),
                ],
                (0, 1),
                (0, 1),
            ),
            (
                "a rollback is final",
                vec![goal("a", Home, true), rollback("r", "a"), rollback("s", "r")],
                (0, 0),
                (0, 0),
            ),
        ];
        for (name, facts, score, sure) in table {
            let standing = standing(&facts);
            assert_eq!((standing.score, standing.sure), (score, sure), "{name}");
        }
        let mut extra = goal("a", Home, true);
        extra.clock = Some(proto::MatchClock { period: Period::ExtraFirstHalf as i32, ..proto::MatchClock::default() });
        assert_eq!(standing(&[extra]).score, (0, 0), "a goal of extra time is none");
        let mut facts = Facts::default();
        facts.add(1, &[goal("a", Home, true)]);
        facts.add(2, &[goal("a", Away, true)]);
        assert_eq!(facts.standing_now().score, (1, 0), "the same id with another body is set aside");
    }

    #[test]
    fn totals_settle_by_halves_and_as_soon_as_they_can() {
        use Came::{HalfLose, HalfWin, Lose, Void, Win};
        // Line in quarters, goals, over and under at the end, over while it is played.
        let table = [
            (10, 2, Lose, Win, None),
            (10, 3, Win, Lose, Some(Win)),
            (8, 2, Void, Void, None),
            (8, 3, Win, Lose, Some(Win)),
            (9, 2, HalfLose, HalfWin, None),
            (9, 3, Win, Lose, Some(Win)),
            (11, 3, HalfWin, HalfLose, None),
            (11, 4, Win, Lose, Some(Win)),
            (11, 2, Lose, Win, None),
        ];
        for (line, goals, over, under, early) in table {
            let playing = Standing { sure: (goals, 0), score: (goals, 0), ..Standing::default() };
            let ended = Standing { over: true, ..playing.clone() };
            let market = Market::Total(line);
            assert_eq!(ended.came(market, Selection::Over), Some(over), "over {line} at {goals}");
            assert_eq!(ended.came(market, Selection::Under), Some(under), "under {line} at {goals}");
            assert_eq!(playing.came(market, Selection::Over), early, "over {line} at {goals}, playing");
            assert_eq!(playing.came(market, Selection::Under), early.map(|_| Lose), "under {line} at {goals}, playing");
        }
    }

    #[test]
    fn nothing_is_paid_on_a_goal_in_doubt() {
        let doubt = Standing { sure: (1, 0), score: (1, 1), over: true, windows: Vec::new() };
        assert_eq!(doubt.came(Market::Result, Selection::Home), None);
        assert_eq!(
            doubt.came(Market::Total(2), Selection::Over),
            Some(Came::Win),
            "one goal is enough, the other may fall"
        );
        let certain = Standing { score: (1, 0), ..doubt };
        assert_eq!(certain.came(Market::Result, Selection::Home), Some(Came::Win));
        assert_eq!(certain.came(Market::Result, Selection::Draw), Some(Came::Lose));
    }

    #[test]
    fn a_cancel_voids_its_window_and_can_be_undone() {
        let cancel = |from_ms, to_ms| Body::Cancel(proto::Cancel { from_ms, to_ms, ..proto::Cancel::default() });
        let one = standing(&[told("c", true, cancel(Some(10), Some(20)))]);
        for (accepted_at, expected) in [(9, None), (10, Some(Came::Void)), (19, Some(Came::Void)), (20, None)] {
            assert_eq!(one.leg(Market::Result, Selection::Home, accepted_at), expected, "{accepted_at}");
        }
        let open = standing(&[told("c", true, cancel(None, None))]);
        assert_eq!(open.leg(Market::Result, Selection::Home, 0), Some(Came::Void));
        let undone = told("u", true, Body::RollbackCancel("c".to_owned()));
        assert_eq!(standing(&[told("c", true, cancel(None, None)), undone]).windows, []);
    }
}
