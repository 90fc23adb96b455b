//! What several bets on one match ask together: of the first half, of the second, of both, of the next goal.

use super::halves::NextGoal;
use super::score_set::{ScoreSet, below};
use std::cmp::Ordering;

/// A set of scores; most bets ask nothing of most parts of a match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) set: ScoreSet,
    pub(super) is_any: bool,
}

impl Part {
    const ANY: Part = Part { set: ScoreSet::ALL, is_any: true };

    fn meet(&mut self, other: &Part) {
        if other.is_any {
            return;
        }
        if self.is_any { *self = *other } else { self.set.meet(&other.set) }
    }

    fn leave(&mut self, other: &Part) {
        self.is_any = false;
        self.set.leave(&other.set);
    }
}

/// Of three things, those that may be: a bit each.
pub(super) type Three = u8;
/// All of them.
pub(super) const ANY: Three = 0b111;

/// The bit of a next goal.
pub(super) fn next_bit(next: NextGoal) -> Three {
    1 << next as u8
}

/// The bit of how the second half's goals compare with the first's.
pub(super) fn order_bit(second_against_first: Ordering) -> Three {
    1 << (second_against_first as i8 + 1)
}

/// What one bet asks: all its parts at once, or the contrary of that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asks {
    /// Goals from now on to half-time.
    pub(super) half: Part,
    /// Goals from now on to the end.
    pub(super) full: Part,
    /// Goals from now on in the second half.
    pub(super) second: Part,
    /// How the second half's goals compare with the first's.
    pub(super) order: Three,
    /// Whose the next goal is.
    pub(super) next: Three,
    pub(super) is_contrary: bool,
}

impl Asks {
    pub(super) const NOTHING: Asks =
        Asks { half: Part::ANY, full: Part::ANY, second: Part::ANY, order: ANY, next: ANY, is_contrary: false };

    pub(super) fn of_half(mut self, set: ScoreSet) -> Asks {
        self.half = Part { set, is_any: false };
        self
    }

    pub(super) fn of_full(mut self, set: ScoreSet) -> Asks {
        self.full = Part { set, is_any: false };
        self
    }

    pub(super) fn of_second(mut self, set: ScoreSet) -> Asks {
        self.second = Part { set, is_any: false };
        self
    }

    /// The contrary, where `is_contrary`.
    pub(super) fn contrary_if(mut self, is_contrary: bool) -> Asks {
        self.is_contrary = is_contrary;
        self
    }
}

/// What bets ask together.
pub(super) struct Asked<'a> {
    pub(super) half: Part,
    pub(super) full: Part,
    pub(super) second: Part,
    pub(super) order: Three,
    pub(super) next: Three,
    /// Those of several parts of which the contrary is asked.
    contraries: [Option<&'a Asks>; super::combination::LEGS_MAX + 1],
    contrary_count: usize,
}

impl<'a> Asked<'a> {
    pub(super) fn nothing() -> Asked<'a> {
        let Asks { half, full, second, order, next, is_contrary: _ } = Asks::NOTHING;
        Asked {
            half,
            full,
            second,
            order,
            next,
            contraries: [None; super::combination::LEGS_MAX + 1],
            contrary_count: 0,
        }
    }

    /// With one bet more.
    pub(super) fn and(self, asks: &'a Asks) -> Asked<'a> {
        self.with(asks, asks.is_contrary)
    }

    /// With one bet more that must not win.
    pub(super) fn and_not(self, asks: &'a Asks) -> Asked<'a> {
        self.with(asks, !asks.is_contrary)
    }

    fn with(mut self, asks: &'a Asks, is_contrary: bool) -> Asked<'a> {
        if !is_contrary {
            self.half.meet(&asks.half);
            self.full.meet(&asks.full);
            self.second.meet(&asks.second);
            self.order &= asks.order;
            self.next &= asks.next;
            return self;
        }
        // The contrary of one part is a part again.
        match (asks.half.is_any, asks.full.is_any, asks.second.is_any, asks.order == ANY, asks.next == ANY) {
            (false, true, true, true, true) => self.half.leave(&asks.half),
            (true, false, true, true, true) => self.full.leave(&asks.full),
            (true, true, false, true, true) => self.second.leave(&asks.second),
            (true, true, true, false, true) => self.order &= !asks.order,
            (true, true, true, true, false) => self.next &= !asks.next,
            (_, _, _, _, true) => {
                self.contraries[self.contrary_count] = Some(asks);
                self.contrary_count += 1;
            }
            (_, _, _, _, false) => panic!("no bet asks of the next goal and of the score"),
        }
        self
    }

    fn contraries(&self) -> impl Iterator<Item = &'a Asks> + '_ {
        self.contraries[..self.contrary_count].iter().flatten().copied()
    }

    /// Whether nothing is asked but of the final score.
    pub(super) fn is_of_full_only(&self) -> bool {
        self.half.is_any && self.second.is_any && self.is_of_scores_only()
    }

    /// Whether nothing is asked but of the half-time score.
    pub(super) fn is_of_half_only(&self) -> bool {
        self.full.is_any && self.second.is_any && self.is_of_scores_only()
    }

    /// Whether nothing is asked but of the second half and the next goal.
    pub(super) fn is_of_second_only(&self) -> bool {
        self.full.is_any && self.half.is_any && self.is_of_scores_only()
    }

    fn is_of_scores_only(&self) -> bool {
        self.order == ANY && self.next == ANY && self.contrary_count == 0
    }

    /// Away's goals in the second half that go with so many of home's there, `k`, and these added to half-time. `level` is
    /// how many goals from now on make the second half's as many as the first's.
    #[inline]
    pub(super) fn row(&self, (i, j): (usize, usize), k: usize, level: i64) -> u64 {
        let mut row =
            self.second.set.row(k) & (self.full.set.row(i + k) >> j) & order_row(self.order, level - k as i64);
        if self.contrary_count > 0 {
            for asks in self.contraries() {
                if asks.half.set.contains(i, j) {
                    let own = asks.second.set.row(k) & (asks.full.set.row(i + k) >> j);
                    row &= !(own & order_row(asks.order, level - k as i64));
                }
            }
        }
        row
    }
}

/// Away's goals that leave the halves in one of these orders, `level` of which make them equal.
#[inline]
fn order_row(order: Three, level: i64) -> u64 {
    if order == ANY {
        return u64::MAX;
    }
    let (fewer, not_more) = (below(level), below(level + 1));
    let of = |bit: Three, row: u64| if order & bit == 0 { 0 } else { row };
    of(0b001, fewer) | of(0b010, not_more & !fewer) | of(0b100, !not_more)
}
