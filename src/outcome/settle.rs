//! What a selection came to, by the soccer rules: ninety minutes and stoppage, decided as soon as nothing can change it.

use super::FactSet;
use super::final_score::result_at_score;
use super::goals::{Goal, score_of};
use crate::event::{MarketId, Outcome, Score, Side};
use crate::values::LegResult;

/// The rule set in force, and the only one so far. Another number settles nothing.
pub const KNOWN_RULE_SET: u32 = 1;

/// What a selection pays, by confirmed facts only: at the confirmed whistle of the ninety minutes if no goal is in doubt,
/// or as soon as every way the match can go on gives the selection the same factor (over 2.5 wins at the third goal; over
/// 2.75 not at 3 goals but at 4). `None` while undecided, and for what is no selection.
///
/// A goal that is reported and not confirmed may yet prove nobody's, or the other side's. So it is
/// neither counted nor, where the order of goals matters, looked past: the n-th goal pays once it and all before it are
/// confirmed, and so does the base of a rest handicap. Goals are in the order of the match clock, not of arrival.
///
/// A rest handicap whose base cannot have stood, however the match goes on, is void. A base that may still come about
/// decides nothing: the corrected report of a goal just taken back would bring it back.
///
/// In an abandoned match what play has decided stands, and the rest is void; it waits for a goal or a whistle in doubt.
/// Once the ninety minutes are over, an abandonment is not about them and changes nothing.
pub fn settle(rule_set: u32, facts: &FactSet, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    come_to(rule_set, &Sight::sure(facts), market, outcome)
}

/// The same with everything that was reported, confirmed or not: trading closes by it, nothing is paid by it. Whatever
/// [`settle`] pays, this says too.
pub fn decided(rule_set: u32, facts: &FactSet, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    come_to(rule_set, &Sight::reported(facts), market, outcome)
}

/// Whether the market is void as a whole by confirmed facts: the base of a rest handicap cannot have stood, or the match
/// was abandoned before play had decided any of its selections.
pub fn is_void_as_a_whole(rule_set: u32, facts: &FactSet, market: MarketId) -> bool {
    let sight = Sight::sure(facts);
    if rule_set != KNOWN_RULE_SET {
        return false;
    }
    let never_stood = match market {
        MarketId::HandicapRest(base, _) => sight.stood(base) == Some(false),
        MarketId::MatchResult
        | MarketId::DoubleChance
        | MarketId::DrawNoBet
        | MarketId::TotalGoals(_)
        | MarketId::TeamTotal(..)
        | MarketId::Handicap(_)
        | MarketId::BothTeamsToScore
        | MarketId::CorrectScore(_)
        | MarketId::NextGoal(_) => false,
    };
    let played = || market.outcomes().iter().any(|outcome| by_play(&sight, market, *outcome).is_some());
    never_stood || (sight.end == End::Abandoned && !played())
}

/// Whether more can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    /// The ninety minutes are over.
    Whistle,
    /// They will not be played to their end.
    Abandoned,
}

/// A match as far as one may look.
struct Sight<'a> {
    score: Score,
    /// Its first goals, in order; more may follow, or lie between goals that are not listed.
    goals: &'a [Goal],
    end: End,
}

impl<'a> Sight<'a> {
    fn sure(facts: &'a FactSet) -> Sight<'a> {
        let goals = facts.goals();
        let sure = goals.iter().take_while(|goal| goal.is_confirmed).count();
        let end = if sure < goals.len() {
            End::Open
        } else if facts.regulation_over_confirmed() {
            End::Whistle
        } else if facts.is_abandoned_confirmed() && !facts.regulation_over() {
            End::Abandoned
        } else {
            End::Open
        };
        Sight { score: facts.confirmed_score(), goals: &goals[..sure], end }
    }

    fn reported(facts: &'a FactSet) -> Sight<'a> {
        let end = if facts.regulation_over() {
            End::Whistle
        } else if facts.is_abandoned() {
            End::Abandoned
        } else {
            End::Open
        };
        Sight { score: facts.score(), goals: facts.goals(), end }
    }

    /// Whether the score was ever this one; `None` while it may still come.
    fn stood(&self, base: Score) -> Option<bool> {
        let goals_then = usize::from(base.home) + usize::from(base.away);
        let then = score_of(&self.goals[..goals_then.min(self.goals.len())]);
        let is_beyond = then.home > base.home || then.away > base.away;
        match then == base {
            true => Some(true),
            false => (is_beyond || self.end == End::Whistle).then_some(false),
        }
    }
}

fn come_to(rule_set: u32, sight: &Sight<'_>, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    if rule_set != KNOWN_RULE_SET || !market.has(outcome) {
        return None;
    }
    let void = || (sight.end == End::Abandoned).then_some(LegResult::Void);
    by_play(sight, market, outcome).or_else(void)
}

/// What play has brought, abandoned or not.
fn by_play(sight: &Sight<'_>, market: MarketId, outcome: Outcome) -> Option<LegResult> {
    let is_over = sight.end == End::Whistle;
    match market {
        MarketId::NextGoal(nth) => next_goal(sight, nth, outcome),
        MarketId::HandicapRest(base, _) => match sight.stood(base)? {
            true if is_over => result_at_score(market, outcome, sight.score),
            true => None,
            false => Some(LegResult::Void),
        },
        MarketId::MatchResult
        | MarketId::DoubleChance
        | MarketId::DrawNoBet
        | MarketId::TotalGoals(_)
        | MarketId::TeamTotal(..)
        | MarketId::Handicap(_)
        | MarketId::BothTeamsToScore
        | MarketId::CorrectScore(_) => {
            let result = result_at_score(market, outcome, sight.score)?;
            (is_over || cannot_change(market, outcome, result, sight.score)).then_some(result)
        }
    }
}

/// Whether goals to come, however many and whoever's, leave the result as it is. Goals only ever push over and "both
/// score" towards a win, and under, "not both" and a score already passed towards a loss; a lead can always turn.
fn cannot_change(market: MarketId, outcome: Outcome, result: LegResult, score: Score) -> bool {
    match market {
        MarketId::TotalGoals(_) | MarketId::TeamTotal(..) => {
            (outcome == Outcome::Over && result == LegResult::Win)
                || (outcome == Outcome::Under && result == LegResult::Lose)
        }
        MarketId::BothTeamsToScore => score.home > 0 && score.away > 0,
        MarketId::CorrectScore(_) => match outcome {
            Outcome::Score(home, away) => score.home > u16::from(home) || score.away > u16::from(away),
            Outcome::Home
            | Outcome::Draw
            | Outcome::Away
            | Outcome::Over
            | Outcome::Under
            | Outcome::HomeOrDraw
            | Outcome::HomeOrAway
            | Outcome::DrawOrAway
            | Outcome::Yes
            | Outcome::No
            | Outcome::NoGoal
            | Outcome::OtherHome
            | Outcome::OtherDraw
            | Outcome::OtherAway => false,
        },
        MarketId::MatchResult
        | MarketId::DoubleChance
        | MarketId::DrawNoBet
        | MarketId::Handicap(_)
        | MarketId::HandicapRest(..)
        | MarketId::NextGoal(_) => false,
    }
}

fn next_goal(sight: &Sight<'_>, nth: u8, outcome: Outcome) -> Option<LegResult> {
    let scored_by = sight.goals.get(usize::from(nth).checked_sub(1)?).map(|goal| goal.side);
    let wins = match (scored_by, outcome) {
        (Some(side), Outcome::Home) => side == Side::Home,
        (Some(side), Outcome::Away) => side == Side::Away,
        (Some(_), Outcome::NoGoal) => false,
        (None, Outcome::Home | Outcome::Away | Outcome::NoGoal) if sight.end == End::Whistle => {
            outcome == Outcome::NoGoal
        }
        // So many goals are sure, though not yet which of them is the n-th.
        (None, Outcome::NoGoal) if sight.score.home.saturating_add(sight.score.away) >= u16::from(nth) => false,
        (None, Outcome::Home | Outcome::Away | Outcome::NoGoal) => return None,
        (
            Some(_) | None,
            Outcome::Draw
            | Outcome::Over
            | Outcome::Under
            | Outcome::HomeOrDraw
            | Outcome::HomeOrAway
            | Outcome::DrawOrAway
            | Outcome::Yes
            | Outcome::No
            | Outcome::Score(..)
            | Outcome::OtherHome
            | Outcome::OtherDraw
            | Outcome::OtherAway,
        ) => return None,
    };
    Some(if wins { LegResult::Win } else { LegResult::Lose })
}
