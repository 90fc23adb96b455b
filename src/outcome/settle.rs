//! What a selection came to, by the soccer rules: ninety minutes and stoppage, decided as soon as nothing can change it.

use super::FactSet;
use super::sight::{End, Read, Sight};
use crate::catalogue::{For, Measure, Reads, Threshold, What, Window};
use crate::event::{MarketGroup, MarketId, Outcome, Score, Side};
use crate::values::LegResult;

/// The rule set in force, and the only one so far. Another number settles nothing.
pub const KNOWN_RULE_SET: u32 = 1;

/// More than a match can bring.
const FAR: i64 = 100_000;

/// What a selection pays, by confirmed facts only: at the confirmed whistle of the ninety minutes if nothing is in doubt,
/// or as soon as every way the match can go on gives the selection the same factor (over 2.5 wins at the third goal; over
/// 2.75 not at 3 goals but at 4). `None` while undecided, and for what is no selection.
///
/// A goal that is reported and not confirmed may yet prove nobody's, or the other side's. So it is
/// neither counted nor, where the order of goals matters, looked past: the n-th goal pays once it and all before it are
/// confirmed, and so does the base of a rest handicap. Goals are in the order of the match clock, not of arrival. Corners
/// and cards likewise.
///
/// A market that counts from a score which cannot have stood, however the match goes on, is void. A score that may still
/// come about decides nothing: the corrected report of a goal just taken back would bring it back.
///
/// In an abandoned match what play has decided stands, and the rest is void; it waits for a goal or a whistle in doubt.
/// Once the ninety minutes are over, an abandonment is not about them: it voids what is open of the tie, and nothing else.
///
/// A level tie whose shoot-out begins with no whistle and no goal of extra time reported was decided without extra time:
/// bets on that are returned. One that is told to be over with nobody ahead stays open until it is corrected.
pub fn settle(rule_set: u32, facts: &FactSet, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    come_to(rule_set, &Sight::sure(facts), market, outcome)
}

/// The same with everything that was reported, confirmed or not: trading closes by it, nothing is paid by it. Whatever
/// [`settle`] pays, this says too.
pub fn decided(rule_set: u32, facts: &FactSet, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    come_to(rule_set, &Sight::reported(facts), market, outcome)
}

/// Whether the market is void as a whole by confirmed facts: the score that it counts from cannot have stood, or the
/// match was abandoned before play had decided any of its selections.
pub fn is_void_as_a_whole(rule_set: u32, facts: &FactSet, market: MarketId) -> bool {
    void_as_a_whole(rule_set, &Sight::sure(facts), market)
}

/// The same three for many markets of one match, which is read once.
pub struct Outcomes<'a> {
    rule_set: u32,
    sure: Sight<'a>,
    reported: Sight<'a>,
}

impl<'a> Outcomes<'a> {
    /// Of these facts.
    pub fn of(rule_set: u32, facts: &'a FactSet) -> Outcomes<'a> {
        Outcomes { rule_set, sure: Sight::sure(facts), reported: Sight::reported(facts) }
    }

    /// As [`settle`].
    pub fn settled(&self, market: MarketId, outcome: Outcome) -> Option<LegResult> {
        come_to(self.rule_set, &self.sure, market, outcome)
    }

    /// As [`decided`].
    pub fn decided(&self, market: MarketId, outcome: Outcome) -> Option<LegResult> {
        come_to(self.rule_set, &self.reported, market, outcome)
    }

    /// As [`is_void_as_a_whole`].
    pub fn is_void_as_a_whole(&self, market: MarketId) -> bool {
        void_as_a_whole(self.rule_set, &self.sure, market)
    }
}

fn void_as_a_whole(rule_set: u32, sight: &Sight<'_>, market: MarketId) -> bool {
    if rule_set != KNOWN_RULE_SET {
        return false;
    }
    let never_stood = market.measure().is_some_and(|measure| matches!(sight.read(&measure), Read::NeverStood));
    let played = || market.outcomes().iter().any(|outcome| by_play(sight, market, *outcome).is_some());
    never_stood || (end_of(sight, market) == End::Abandoned && !played())
}

/// How far that is on which the market hangs.
fn end_of(sight: &Sight<'_>, market: MarketId) -> End {
    if matches!(market.definition().reads, Reads::KnockOut(_)) {
        return sight.end_of_tie();
    }
    sight.end(match market.group() {
        MarketGroup::Goals => What::Goals,
        MarketGroup::Corners => What::Corners,
        MarketGroup::Cards => What::Cards,
    })
}

/// What a selection comes to if the ninety minutes end with this score.
///
/// `None` where the final score does not decide it: for halves, the order of goals, corners; for a market that counts from
/// a score that this one cannot have grown from; and for what is no selection of the market.
pub fn result_at_score(market: MarketId, outcome: Outcome, final_score: Score) -> Option<LegResult> {
    if !market.has(outcome) {
        return None;
    }
    let value = |measure: Measure| {
        use crate::catalogue::Part;
        let counted = match (measure.what, measure.part) {
            (What::Goals, Part::Match) => final_score,
            (What::Goals, Part::Since(base)) => final_score.since(base)?,
            (What::Goals, Part::FirstHalf | Part::SecondHalf) | (What::Corners | What::Cards, _) => return None,
        };
        Some(measure.value(counted))
    };
    match market.definition().reads {
        Reads::Line(threshold) => {
            let threshold = threshold(market);
            Some(ahead(outcome, &threshold, value(threshold.measure)?))
        }
        Reads::Number { measure, wins, .. } => Some(won(wins(market, outcome, value(measure(market))?))),
        Reads::Score { wins, .. } => Some(won(wins(market, outcome, final_score))),
        Reads::HalfScore { .. }
        | Reads::Halves(_)
        | Reads::NthGoal
        | Reads::LastGoal
        | Reads::Race(_)
        | Reads::GoalWithin(_)
        | Reads::KnockOut(_) => None,
    }
}

fn come_to(rule_set: u32, sight: &Sight<'_>, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    if rule_set != KNOWN_RULE_SET || !market.has(outcome) {
        return None;
    }
    let void = || (end_of(sight, market) == End::Abandoned).then_some(LegResult::Void);
    by_play(sight, market, outcome).or_else(void)
}

/// What play has brought, abandoned or not.
fn by_play(sight: &Sight<'_>, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    match market.definition().reads {
        Reads::Line(threshold) => {
            let threshold = threshold(market);
            number(
                sight,
                &threshold.measure,
                |value| ahead(outcome, &threshold, value),
                |from| {
                    // The more, the further ahead: the ends tell of all between.
                    vec![from, from + FAR]
                },
            )
        }
        Reads::Number { measure, wins, beyond } => {
            let ways = |from: i64| (from..=beyond(market).max(from) + 1).collect();
            number(sight, &measure(market), |value| won(wins(market, outcome, value)), ways)
        }
        Reads::Score { wins, beyond } => {
            let is_over = sight.end(What::Goals) == End::Whistle;
            score(sight.score(What::Goals), is_over, beyond(market), |score| won(wins(market, outcome, score)))
        }
        Reads::HalfScore { wins, beyond } => {
            let (now, is_over) = if market.first_number() == 1 {
                (sight.first_half(What::Goals), sight.is_first_half_over(What::Goals))
            } else {
                (sight.second_half(What::Goals), sight.end(What::Goals) == End::Whistle)
            };
            score(now, is_over, beyond(market), |score| won(wins(market, outcome, score)))
        }
        Reads::Halves(wins) => halves(sight, |first, second| won(wins(market, outcome, first, second))),
        Reads::NthGoal => nth_goal(sight, market.first_number(), outcome),
        Reads::LastGoal => last_goal(sight, outcome),
        Reads::Race(what) => race(sight, what, u16::from(market.first_number()), outcome),
        Reads::GoalWithin(window) => goal_within(sight, &window(market), outcome),
        Reads::KnockOut(result) => the_same(sight.fates().into_iter().map(|fate| result(market, outcome, fate))),
    }
}

/// What all of them are, if they are all the same.
fn the_same(mut results: impl Iterator<Item = LegResult>) -> Option<LegResult> {
    let first = results.next()?;
    results.all(|result| result == first).then_some(first)
}

/// By one number: at its end, or once no more of it can change the result. A lead can always turn.
fn number(
    sight: &Sight<'_>,
    measure: &Measure,
    result: impl Fn(i64) -> LegResult,
    ways_from: impl Fn(i64) -> Vec<i64>,
) -> Option<LegResult> {
    match sight.read(measure) {
        Read::Nothing => None,
        Read::NeverStood => Some(LegResult::Void),
        Read::Value(value, false) => Some(result(value)),
        Read::Value(_, true) if measure.of == For::Lead => None,
        Read::Value(value, true) => the_same(ways_from(value).into_iter().map(result)),
    }
}

/// By a score of which both sides can only get more.
fn score(now: Score, is_over: bool, beyond: u16, result: impl Fn(Score) -> LegResult) -> Option<LegResult> {
    if is_over {
        return Some(result(now));
    }
    // Far enough for either side to overtake the other.
    let most = beyond.max(now.home).max(now.away).saturating_add(1);
    let further = |now: u16| now..=most;
    the_same(further(now.home).flat_map(|home| further(now.away).map(move |away| Score { home, away })).map(result))
}

/// By both halves: nothing before half-time, as every half-time score can still come.
fn halves(sight: &Sight<'_>, result: impl Fn(Score, Score) -> LegResult) -> Option<LegResult> {
    if !sight.is_first_half_over(What::Goals) {
        return None;
    }
    let (first, second) = (sight.first_half(What::Goals), sight.second_half(What::Goals));
    if sight.end(What::Goals) == End::Whistle {
        return Some(result(first, second));
    }
    // Enough for either side to turn each half and the match, and for the second half to overtake the first.
    let more = first.home + first.away + second.home + second.away + 2;
    let further = |now: u16| now..=now + more;
    let ways = further(second.home).flat_map(|home| further(second.away).map(move |away| Score { home, away }));
    the_same(ways.map(|second| result(first, second)))
}

fn whose(outcome: Outcome) -> Option<Side> {
    [(Outcome::Home, Side::Home), (Outcome::Away, Side::Away)]
        .into_iter()
        .find_map(|(named, side)| (named == outcome).then_some(side))
}

fn nth_goal(sight: &Sight<'_>, nth: u8, outcome: Outcome) -> Option<LegResult> {
    let scored_by = sight.first(What::Goals).get(usize::from(nth).checked_sub(1)?).map(|goal| goal.side);
    match scored_by {
        Some(side) => Some(won(whose(outcome) == Some(side))),
        None if sight.end(What::Goals) == End::Whistle => Some(won(outcome == Outcome::NoGoal)),
        // So many goals are sure, though not yet which of them is the n-th.
        None if outcome == Outcome::NoGoal && sight.score(What::Goals).both() >= i64::from(nth) => {
            Some(LegResult::Lose)
        }
        None => None,
    }
}

fn last_goal(sight: &Sight<'_>, outcome: Outcome) -> Option<LegResult> {
    if sight.end(What::Goals) == End::Whistle {
        let last = sight.first(What::Goals).last().map(|goal| goal.side);
        return Some(won(whose(outcome) == last));
    }
    let is_lost = outcome == Outcome::NoGoal && sight.score(What::Goals).both() > 0;
    is_lost.then_some(LegResult::Lose)
}

fn race(sight: &Sight<'_>, what: What, to: u16, outcome: Outcome) -> Option<LegResult> {
    let mut score = Score::default();
    for one in sight.first(what) {
        score = score.and(one.side, one.amount);
        if score.of(one.side) >= to {
            return Some(won(whose(outcome) == Some(one.side)));
        }
    }
    if sight.end(what) == End::Whistle {
        return Some(won(outcome == Outcome::Neither));
    }
    let counted = sight.score(what);
    // One of them has got there, though not yet surely as the first.
    (outcome == Outcome::Neither && counted.home.max(counted.away) >= to).then_some(LegResult::Lose)
}

/// A goal in the window decides it at once. That there is none is sure at the whistle of the window's last half: a late
/// report could still bring one.
fn goal_within(sight: &Sight<'_>, window: &Window, outcome: Outcome) -> Option<LegResult> {
    let minutes = i64::from(window.from)..i64::from(window.to);
    let is_one = sight
        .counted(What::Goals)
        .any(|goal| minutes.contains(&goal.minute()) && window.side.is_none_or(|side| side == goal.side));
    let is_over =
        if window.to <= 45 { sight.is_first_half_over(What::Goals) } else { sight.end(What::Goals) == End::Whistle };
    (is_one || is_over).then(|| won((outcome == Outcome::Yes) == is_one))
}

/// What one of two opposed selections comes to where the measure is this. A quarter line puts half the stake on each
/// neighbour, so one quarter ahead is half a win, and one behind half a loss.
fn ahead(outcome: Outcome, threshold: &Threshold, value: i64) -> LegResult {
    let by = 4 * value - threshold.quarters;
    match if matches!(outcome, Outcome::Over | Outcome::Home) { by } else { -by } {
        2.. => LegResult::Win,
        1 => LegResult::HalfWin,
        0 => LegResult::Void,
        -1 => LegResult::HalfLose,
        ..=-2 => LegResult::Lose,
    }
}

fn won(wins: bool) -> LegResult {
    if wins { LegResult::Win } else { LegResult::Lose }
}
