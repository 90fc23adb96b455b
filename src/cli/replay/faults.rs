//! What can go wrong between the pitch and us: twice, out of order, lost, silent, late, or wrong and then put right.
//!
//! Every fault comes from a seed, and none changes what is true when the match is over: what was told wrong is taken back
//! or replaced, and what was lost comes when it is asked for. So a run with faults must settle as one without.

use std::str::FromStr;

use crate::event::{Certainty, FactBody, Period, Side};
use crate::values::{FactId, Millis, Time};

use super::dice::Dice;
use super::schedule::{Sending, Told};
use super::timeline::{TimedFact, fact_id};

/// Most silences of a run.
const SILENCES_MAX: u32 = 1_000;
/// How long a false goal stands before it is taken back, at most; nobody may have made it sure by then.
const FALSE_GOAL_SECONDS_MAX: f64 = 75.0;
/// From a false goal to the next thing that matters.
const CLEAR_AFTER_FALSE_GOAL: Millis = Millis::from_seconds(95);

/// Which faults, how many, and their dice.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// The dice.
    pub seed: u64,
    /// Of the messages, so many come twice.
    pub duplicates: f64,
    /// Of the messages, so many come after one to three of those behind them.
    pub reorder: f64,
    /// At so many of the messages one to three are lost until they are asked for.
    pub gaps: f64,
    /// Of the goals, cards and corners, so many are told 20 to 120 s of match time after they happened.
    pub late: f64,
    /// So many goals are first told for the wrong side and then replaced; and in so many halves a goal is told that never
    /// was, and taken back.
    pub corrections: f64,
    /// So many times in a run the producer says nothing at all, heartbeats included; what it had to say comes after.
    pub silences: u32,
    /// How long a silence lasts, in real time. The default is longer than the 4 s after which trading holds the matches.
    pub silence_lasts: Millis,
}

impl Faults {
    /// No faults, with these dice.
    pub fn none(seed: u64) -> Faults {
        Faults {
            seed,
            duplicates: 0.0,
            reorder: 0.0,
            gaps: 0.0,
            late: 0.0,
            corrections: 0.0,
            silences: 0,
            silence_lasts: Millis::from_seconds(6),
        }
    }
}

impl FromStr for Faults {
    type Err = String;

    /// Reads `seed=7,duplicates=0.05,reorder=0.02,gaps=0.01,late=0.1,corrections=0.3,silences=2,silence_s=6`, in any
    /// order; what is not named does not happen.
    fn from_str(text: &str) -> Result<Faults, String> {
        let mut faults = Faults::none(0);
        let mut named = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("{part:?} is not NAME=NUMBER"))?;
            if named.contains(&name) {
                return Err(format!("{name} is given twice"));
            }
            named.push(name);
            let whole = || value.parse::<u64>().map_err(|_| format!("{name}: {value:?} is not a whole number"));
            let share = || {
                let share = value.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
                share.ok_or_else(|| format!("{name}: {value:?} is not a share from 0 to 1"))
            };
            match name {
                "seed" => faults.seed = whole()?,
                "duplicates" => faults.duplicates = share()?,
                "reorder" => faults.reorder = share()?,
                "gaps" => faults.gaps = share()?,
                "late" => faults.late = share()?,
                "corrections" => faults.corrections = share()?,
                "silences" => {
                    let count = u32::try_from(whole()?).ok().filter(|count| *count <= SILENCES_MAX);
                    faults.silences = count.ok_or_else(|| format!("silences: at most {SILENCES_MAX}"))?;
                }
                "silence_s" => {
                    let seconds = i64::try_from(whole()?).ok().filter(|seconds| (1..=600).contains(seconds));
                    faults.silence_lasts = Millis::from_seconds(seconds.ok_or("silence_s: 1 to 600 seconds")?);
                }
                _ => {
                    return Err(format!(
                        "no fault is called {name:?}; there are seed, duplicates, reorder, gaps, late, corrections, \
                         silences and silence_s"
                    ));
                }
            }
        }
        Ok(faults)
    }
}

impl Faults {
    /// Tells some things wrong and some late; the order is then that of the telling.
    pub(super) fn mistell(&self, key: &str, told: &mut Vec<Told>) {
        let mut dice = Dice::new(self.seed, &format!("{key}/wrong"));
        self.wrong_side(&mut dice, told);
        self.false_goals(&mut dice, told);
        self.tell_late(&mut Dice::new(self.seed, &format!("{key}/late")), told);
        // Stable: what is told at one moment keeps its order.
        told.sort_by_key(|told| told.told_at);
    }

    /// Some goals are given to the other side first. The true report keeps the goal's own id and time, so that the match
    /// comes to the same.
    fn wrong_side(&self, dice: &mut Dice, told: &mut Vec<Told>) {
        let mut wrong = Vec::new();
        for place in 0..told.len() {
            let FactBody::Goal { side, .. } = told[place].fact.body else { continue };
            if !dice.happens(self.corrections) {
                continue;
            }
            let after = dice.seconds(5.0, 25.0);
            let id = told[place].fact.id.clone();
            let is_sure = |told: &&Told| told.fact.body == FactBody::Confirmed(id.clone());
            let sure_at = told[place..].iter().find(is_sure).map_or(Millis::ZERO, |sure| sure.told_at);
            let goal = &mut told[place];
            let right_at = goal.told_at + after;
            // Once it is sure nobody has to correct it.
            if right_at >= sure_at {
                continue;
            }
            let report = TimedFact {
                id: fact_id(&format!("{id}/wrong")),
                certainty: Certainty::Scouted,
                body: FactBody::Goal { side: side.other(), own_goal: false },
                ..goal.fact.clone()
            };
            goal.supersedes = Some(report.id.clone());
            wrong.push(Told { told_at: goal.told_at, fact: report, supersedes: None });
            goal.told_at = right_at;
        }
        told.extend(wrong);
        told.sort_by_key(|told| told.told_at);
    }

    /// In some halves a goal is told that never was, in a quiet moment, and taken back.
    fn false_goals(&self, dice: &mut Dice, told: &mut Vec<Told>) {
        for (half, name) in [(Period::FirstHalf, "1H"), (Period::SecondHalf, "2H")] {
            let (happens, choice) = (dice.happens(self.corrections), dice.throw());
            let side = if dice.happens(0.5) { Side::Home } else { Side::Away };
            let stands = dice.seconds(20.0, FALSE_GOAL_SECONDS_MAX);
            if !happens {
                continue;
            }
            let quiet = quiet_moments(told, half);
            if quiet.is_empty() {
                continue;
            }
            let place = usize::try_from(choice % quiet.len() as u64).expect("less than a usize");
            let at = told[quiet[place]].fact.clone();
            let goal = fact_id(&format!("false-goal-{name}"));
            let tell = |id: FactId, after: Millis, certainty, body| {
                let mut fact = TimedFact { id, certainty, body, at_match: at.at_match + after, ..at.clone() };
                fact.clock.elapsed = fact.clock.elapsed + after;
                Told { told_at: fact.at_match, fact, supersedes: None }
            };
            let resumed = stands + Millis::from_seconds(4);
            told.extend([
                tell(goal.clone(), Millis::ZERO, Certainty::Scouted, FactBody::Goal { side, own_goal: false }),
                tell(
                    fact_id(&format!("{goal}/rollback")),
                    stands,
                    Certainty::Confirmed,
                    FactBody::Rollback(goal.clone()),
                ),
                tell(fact_id(&format!("{goal}/resumed")), resumed, Certainty::Confirmed, FactBody::Resumed),
            ]);
            told.sort_by_key(|told| told.told_at);
        }
    }

    /// Some things are told late, each with all that follows from it, and before its period is over.
    fn tell_late(&self, dice: &mut Dice, told: &mut [Told]) {
        for place in 0..told.len() {
            let root = told[place].fact.id.clone();
            let is_tellable = matches!(
                told[place].fact.body,
                FactBody::Goal { .. } | FactBody::YellowCard(_) | FactBody::RedCard { .. } | FactBody::CornerTaken(_)
            );
            if !is_tellable || told[place].supersedes.is_some() || root.as_str().contains("/wrong") {
                continue;
            }
            let (happens, delay) = (dice.happens(self.late), dice.seconds(20.0, 120.0));
            if !happens || root.as_str().starts_with("false-goal") {
                continue;
            }
            let with_it: Vec<usize> =
                (place..told.len()).filter(|other| follows(&told[*other].fact.id, &root)).collect();
            let last = with_it.iter().map(|other| told[*other].told_at).max().unwrap_or(Millis::ZERO);
            let period = told[place].fact.clock.period;
            let mut later = told[place..].iter().filter(|other| is_landmark(&other.fact, period, &root));
            // Nothing that matters is overtaken: a goal told after the next one would be another story.
            let room = later.next().map_or(Millis::ZERO, |landmark| landmark.told_at - last - Millis::new(1));
            let delay = delay.min(room);
            for other in with_it.into_iter().filter(|_| delay > Millis::ZERO) {
                told[other].told_at = told[other].told_at + delay;
            }
        }
    }

    /// Lets messages come twice, in another order, or not at all. The fixture is whole, and the last message of a match
    /// always arrives: nothing behind it would show that it is missing.
    pub(super) fn misdeliver(&self, key: &str, sendings: &mut Vec<Sending>) {
        let mut dice = Dice::new(self.seed, &format!("{key}/delivery"));
        let last = sendings.len().saturating_sub(1);
        let mut twice = Vec::new();
        let mut lost_until = 0;
        for place in 1..sendings.len() {
            let (duplicate, reorder, gap) =
                (dice.happens(self.duplicates), dice.happens(self.reorder), dice.happens(self.gaps));
            let (again_after, behind, lost) = (dice.seconds(0.0, 3.0), 1 + dice.below(3), 1 + dice.below(3));
            if gap {
                lost_until = lost_until.max(place + lost);
            }
            sendings[place].is_lost = place < lost_until && place < last;
            if duplicate {
                twice.push(Sending { at: sendings[place].at + again_after, ..sendings[place].clone() });
            }
            if reorder && place < last {
                sendings[place].at = sendings[(place + behind).min(last)].at + Millis::new(1);
            }
        }
        // A repeat of a lost message would not be lost.
        sendings.extend(twice.into_iter().filter(|sending| !sending.is_lost));
        sendings.sort_by_key(|sending| sending.at);
    }

    /// When the producer says nothing, in a run from `start` to `end`, in order of time and apart from each other.
    pub(super) fn silent_times(&self, start: Time, end: Time) -> Vec<(Time, Time)> {
        let mut dice = Dice::new(self.seed, "silence");
        let span = (end - start).get();
        let mut begins: Vec<Time> =
            (0..self.silences).map(|_| start + Millis::new((dice.share() * span as f64) as i64)).collect();
        begins.sort();
        let mut times: Vec<(Time, Time)> = Vec::new();
        for begin in begins {
            // Heard of for a second between two silences.
            let begin = times.last().map_or(begin, |(_, end)| begin.max(*end + Millis::from_seconds(1)));
            times.push((begin, begin + self.silence_lasts));
        }
        times
    }
}

/// Places of ticks after which nothing that matters happens for a while.
fn quiet_moments(told: &[Told], half: Period) -> Vec<usize> {
    let mut quiet = Vec::new();
    let mut is_open = false;
    for (place, tick) in told.iter().enumerate() {
        is_open = opens(&tick.fact.body) || is_open && !closes(&tick.fact.body);
        if tick.fact.body != FactBody::ClockTick || tick.fact.clock.period != half || is_open {
            continue;
        }
        let next = told[place + 1..].iter().find(|next| matters(&next.fact));
        if next.is_some_and(|next| next.told_at - tick.told_at > CLEAR_AFTER_FALSE_GOAL) {
            quiet.push(place);
        }
    }
    quiet
}

/// Whether something begins that another fact must end.
fn opens(body: &FactBody) -> bool {
    matches!(
        body,
        FactBody::Goal { .. }
            | FactBody::PossibleGoal(_)
            | FactBody::PenaltyAwarded(_)
            | FactBody::ReviewStart
            | FactBody::Interruption
            | FactBody::PossibleRedCard(_)
    )
}

/// Whether it ends.
fn closes(body: &FactBody) -> bool {
    matches!(
        body,
        FactBody::PlayRestarted
            | FactBody::NoGoal
            | FactBody::PenaltyMissed(_)
            | FactBody::PenaltyCancelled(_)
            | FactBody::ReviewEnd
            | FactBody::Resumed
            | FactBody::RedCard { .. }
            | FactBody::NoRedCard
            | FactBody::PeriodStart(_)
    )
}

/// Whether a fact is part of the story of the match and not just of its course.
fn matters(fact: &TimedFact) -> bool {
    !matches!(
        fact.body,
        FactBody::ClockTick
            | FactBody::CornerAwarded(_)
            | FactBody::CornerTaken(_)
            | FactBody::CornerRetracted(_)
            | FactBody::DangerousFreeKick(_)
            | FactBody::DangerOver
            | FactBody::YellowCard(_)
            | FactBody::PossibleCard(_)
            | FactBody::NoCard
    )
}

/// Whether a fact is `root` or follows from it, as `goal-7/confirmed` does from `goal-7`.
fn follows(id: &FactId, root: &FactId) -> bool {
    let rest = id.as_str().strip_prefix(root.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a fact may not be overtaken by what is told late.
fn is_landmark(fact: &TimedFact, period: Period, late: &FactId) -> bool {
    !follows(&fact.id, late) && (fact.clock.period != period || matters(fact) && !is_confirmation(fact))
}

fn is_confirmation(fact: &TimedFact) -> bool {
    matches!(fact.body, FactBody::Confirmed(_))
}
