//! What several bets on one match ask together: of the first half, of the second, of both, of the next goal.

use super::combination::LEGS_MAX;
use super::halves::NextGoal;
use super::score_set::{EVERY, GOALS, ScoreSet, below};
use std::cmp::Ordering;

/// A set of scores; most bets ask nothing of most parts of a match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) set: ScoreSet,
    pub(super) is_any: bool,
}

impl Part {
    const ANY: Part = Part { set: ScoreSet::ALL, is_any: true };

    fn meet(&mut self, other: &Part, reach: usize) {
        if other.is_any {
            return;
        }
        if self.is_any {
            self.set.copy(&other.set, reach)
        } else {
            self.set.meet(&other.set, reach)
        }
        self.is_any = false;
    }

    fn leave(&mut self, other: &Part, reach: usize) {
        if self.is_any {
            self.set.be_without(&other.set, reach)
        } else {
            self.set.leave(&other.set, reach)
        }
        self.is_any = false;
    }

    #[inline]
    pub(super) fn rows(&self) -> &[u64; GOALS] {
        if self.is_any { &EVERY } else { self.set.rows() }
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

/// What bets ask together. One question after another is put in the same memory, and only so many rows of it are looked at
/// as there are goals that matter.
pub(super) struct Asked<'a> {
    asks: &'a [Asks],
    reach: usize,
    half: Part,
    full: Part,
    second: Part,
    order: Three,
    next: Three,
    /// Those of several parts of which the contrary is asked, by their place.
    contraries: [u8; LEGS_MAX],
    contrary_count: usize,
}

impl<'a> Asked<'a> {
    /// Questions about these bets.
    pub(super) fn about(asks: &'a [Asks], reach: usize) -> Asked<'a> {
        let Asks { half, full, second, order, next, is_contrary: _ } = Asks::NOTHING;
        Asked { asks, reach, half, full, second, order, next, contraries: [0; LEGS_MAX], contrary_count: 0 }
    }

    /// Nothing is asked.
    pub(super) fn nothing(&mut self) -> &mut Self {
        [&mut self.half, &mut self.full, &mut self.second].into_iter().for_each(|part| part.is_any = true);
        (self.order, self.next, self.contrary_count) = (ANY, ANY, 0);
        self
    }

    /// With one bet more, by its place.
    pub(super) fn and(&mut self, place: usize) -> &mut Self {
        self.with(place, self.asks[place].is_contrary)
    }

    /// With one bet more that must not win.
    pub(super) fn and_not(&mut self, place: usize) -> &mut Self {
        self.with(place, !self.asks[place].is_contrary)
    }

    fn with(&mut self, place: usize, is_contrary: bool) -> &mut Self {
        let (asks, reach) = (&self.asks[place], self.reach);
        if !is_contrary {
            self.half.meet(&asks.half, reach);
            self.full.meet(&asks.full, reach);
            self.second.meet(&asks.second, reach);
            self.order &= asks.order;
            self.next &= asks.next;
            return self;
        }
        // The contrary of one part is a part again.
        match (asks.half.is_any, asks.full.is_any, asks.second.is_any, asks.order == ANY, asks.next == ANY) {
            (false, true, true, true, true) => self.half.leave(&asks.half, reach),
            (true, false, true, true, true) => self.full.leave(&asks.full, reach),
            (true, true, false, true, true) => self.second.leave(&asks.second, reach),
            (true, true, true, false, true) => self.order &= !asks.order,
            (true, true, true, true, false) => self.next &= !asks.next,
            (_, _, _, _, is_any) => {
                assert!(is_any, "no bet asks of the next goal and of the score");
                self.contraries[self.contrary_count] = place as u8;
                self.contrary_count += 1;
            }
        }
        self
    }

    /// Whose the next goal may be.
    pub(super) fn next(&self) -> Three {
        self.next
    }

    /// Half-time scores that may be, if nothing is asked but that.
    #[inline]
    pub(super) fn half_rows(&self) -> &[u64; GOALS] {
        self.half.rows()
    }

    /// Final scores that may be.
    #[inline]
    pub(super) fn full_rows(&self) -> &[u64; GOALS] {
        self.full.rows()
    }

    /// Scores of the second half that may be.
    #[inline]
    pub(super) fn second_rows(&self) -> &[u64; GOALS] {
        self.second.rows()
    }

    /// Whether nothing is asked but of the final score.
    pub(super) fn is_of_full_only(&self) -> bool {
        self.half.is_any && self.second.is_any && self.is_of_sets() && self.next == ANY
    }

    /// Whether nothing is asked but of the half-time score.
    pub(super) fn is_of_half_only(&self) -> bool {
        self.full.is_any && self.second.is_any && self.is_of_sets() && self.next == ANY
    }

    /// Whether nothing is asked but of the second half.
    pub(super) fn is_of_second_only(&self) -> bool {
        self.full.is_any && self.half.is_any && self.is_of_sets() && self.next == ANY
    }

    /// Whether the sets, and whose the next goal is, are all that is asked.
    pub(super) fn is_of_sets(&self) -> bool {
        self.order == ANY && self.contrary_count == 0
    }

    /// Whether all that is asked is so at this half-time score and this score of the second half.
    pub(super) fn holds(&self, (i, j): (usize, usize), (k, l): (usize, usize), level: i64) -> bool {
        let has = |rows: &[u64; GOALS], home: usize, away: usize| rows[home] >> away & 1 == 1;
        has(self.half_rows(), i, j)
            && has(self.full_rows(), i + k, j + l)
            && has(self.second_rows(), k, l)
            && self.rest((i, j), k, level) >> l & 1 == 1
    }

    /// Away's goals in the second half that go with so many of home's there, `k`, by what is asked beside the sets. `level` is
    /// how many goals from now on make the second half's as many as the first's.
    pub(super) fn rest(&self, (i, j): (usize, usize), k: usize, level: i64) -> u64 {
        let mut row = order_row(self.order, level - k as i64);
        for place in &self.contraries[..self.contrary_count] {
            let asks = &self.asks[usize::from(*place)];
            if asks.half.set.contains(i, j) {
                let own = asks.second.rows()[k] & (asks.full.rows()[i + k] >> j);
                row &= !(own & order_row(asks.order, level - k as i64));
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
