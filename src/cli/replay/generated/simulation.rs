//! One match, five seconds at a time: what may happen does so as often as it does in real matches.

use crate::cli::replay::dice::Dice;
use crate::cli::replay::telling::Telling;
use crate::cli::replay::timeline::TimedFact;
use crate::event::{FactBody, Period, Side};
use crate::pricing::{Clock, ModelInputs, Phase, Profile, Rates, State, remaining};
use crate::values::{Billionths, Millis};

const STEP: Millis = Millis::from_seconds(5);
const HALF: Millis = Millis::from_seconds(45 * 60);
/// Steps of a match of usual length, for what is counted a match.
const STEPS_A_MATCH: f64 = 1_140.0;

/// What may happen besides goals, and how often in a match (roughly the counts of the incident files and of Wyscout).
const HAPPENINGS: [(Happening, f64); 10] = [
    (Happening::Corner, 10.0),
    (Happening::FreeKick, 4.0),
    (Happening::Yellow, 3.7),
    (Happening::Red, 0.08),
    (Happening::NearRed, 0.05),
    (Happening::Disallowed, 0.4),
    (Happening::NearGoal, 0.3),
    (Happening::MissedPenalty, 0.08),
    (Happening::CancelledPenalty, 0.05),
    (Happening::Interruption, 0.07),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happening {
    Corner,
    FreeKick,
    Yellow,
    Red,
    NearRed,
    Disallowed,
    NearGoal,
    MissedPenalty,
    CancelledPenalty,
    Interruption,
}

/// The facts of a match between sides of these rates.
pub(super) fn simulate(rates: [Billionths; 2], dice: Dice, tick_every: Millis) -> Vec<TimedFact> {
    let mut simulation = Simulation {
        dice,
        telling: Telling::new(tick_every),
        profile: Profile::measured_v1(),
        rates: Rates::from(&ModelInputs::with_rates(rates[0], rates[1])),
        state: State::PRE_MATCH,
        waiting: Vec::new(),
        busy_until: Millis::ZERO,
        lost: Millis::ZERO,
        number: 0,
    };
    let first = 1 + simulation.dice.below(2) + usize::from(simulation.dice.happens(0.15));
    simulation.half(Period::FirstHalf, Phase::FirstHalf, first);
    let second = 2 + simulation.dice.below(4) + usize::from(simulation.dice.happens(0.3));
    simulation.half(Period::SecondHalf, Phase::SecondHalf, second);
    simulation.telling.over()
}

struct Simulation {
    dice: Dice,
    telling: Telling,
    profile: Profile,
    rates: Rates,
    state: State,
    /// Goals that are drawn and come as soon as play goes on: time without play must not cost goals.
    waiting: Vec<Side>,
    /// Until then something is going on.
    busy_until: Millis,
    /// Time lost to interruptions in this half.
    lost: Millis,
    /// Numbers what happens.
    number: u32,
}

impl Simulation {
    fn half(&mut self, period: Period, phase: Phase, stoppage_minutes: usize) {
        self.telling.begin(period);
        (self.busy_until, self.lost) = (Millis::from_seconds(4), Millis::ZERO);
        let mut announced = None;
        let mut whistle = HALF;
        let mut elapsed = Millis::ZERO;
        while elapsed < whistle {
            if elapsed >= HALF && announced.is_none() {
                let minutes = stoppage_minutes as i64 + self.lost.get() / 60_000;
                whistle = HALF + Millis::from_seconds(60 * minutes) + self.dice.seconds(2.0, 40.0);
                let minutes = u8::try_from(minutes).unwrap_or(u8::MAX);
                announced = Some(minutes);
                self.telling.announce(HALF, minutes);
            }
            self.draw_goals(phase, elapsed, announced);
            self.step(elapsed);
            elapsed = elapsed + STEP;
            if elapsed >= HALF && announced.is_none() {
                whistle = whistle.max(elapsed + STEP);
            }
        }
        while !self.waiting.is_empty() {
            let at = self.busy_until.max(elapsed);
            self.step(at);
        }
        self.telling.end(whistle.max(self.busy_until));
    }

    /// Whether somebody scores in the next five seconds: Poisson, with the model's share of the match that they are.
    fn draw_goals(&mut self, phase: Phase, elapsed: Millis, announced: Option<u8>) {
        let before = if phase == Phase::SecondHalf { HALF } else { Millis::ZERO };
        let left = |at: Millis| {
            let shown = u32::try_from((before + at).get()).expect("a match is shorter than 49 days");
            let clock = Clock::from_milliseconds(phase, shown, announced.map(u16::from));
            remaining(&self.profile, &clock).total()
        };
        // The clock alone never ends a half, so at its very end the model's time stands still: take the minute before.
        let minute = Millis::from_seconds(60);
        let share = match left(elapsed) - left(elapsed + STEP) {
            share if share > 0.0 => share,
            _ => left(elapsed - minute) - left(elapsed - minute + STEP),
        };
        let lead = i32::from(self.state.home_score) - i32::from(self.state.away_score);
        let [home_reds, away_reds] = self.rates.red_card_factors(&self.state);
        let phi = |own_lead: i32| self.rates.phi[usize::try_from(own_lead.clamp(-2, 2) + 2).expect("0 to 4")];
        let home = self.rates.home_rate * share.max(0.0) * phi(lead) * home_reds;
        let away = self.rates.away_rate * share.max(0.0) * phi(-lead) * away_reds;
        for (side, rate) in [(Side::Home, home), (Side::Away, away)] {
            if self.dice.happens(rate) {
                self.waiting.push(side);
            }
        }
    }

    fn step(&mut self, elapsed: Millis) {
        if elapsed < self.busy_until {
            return;
        }
        let at = elapsed + self.dice.seconds(0.0, 4.9);
        if !self.waiting.is_empty() {
            let side = self.waiting.remove(0);
            return self.goal(at, side);
        }
        for (happening, a_match) in HAPPENINGS {
            if self.dice.happens(a_match / STEPS_A_MATCH) {
                // Home sides have somewhat more of the play.
                let side = if self.dice.happens(0.54) { Side::Home } else { Side::Away };
                return self.happen(happening, at, side);
            }
        }
    }

    fn id(&mut self, word: &str) -> String {
        self.number += 1;
        format!("{word}-{}", self.number)
    }

    fn goal(&mut self, at: Millis, side: Side) {
        let id = self.id("goal");
        let kind = self.dice.share();
        let (goal_at, sure) = if kind < 0.09 {
            let kick = self.penalty(&id, at, side);
            (kick, kick + self.dice.seconds(40.0, 60.0))
        } else {
            let goal_at = at + self.dice.seconds(1.5, 4.0);
            self.telling.certain(at, &format!("{id}/possible"), FactBody::PossibleGoal(Some(side)));
            if kind < 0.2 {
                let reviewed = goal_at + self.dice.seconds(50.0, 100.0);
                self.review(&id, goal_at + Millis::from_seconds(12), reviewed);
                (goal_at, reviewed + self.dice.seconds(10.0, 20.0))
            } else {
                (goal_at, goal_at + self.dice.seconds(40.0, 65.0))
            }
        };
        self.telling.goal(goal_at, sure, &id, side, kind >= 0.97);
        match side {
            Side::Home => self.state.home_score += 1,
            Side::Away => self.state.away_score += 1,
        }
        self.busy_until = sure;
    }

    /// A penalty up to its kick, sometimes reviewed, sometimes taken twice; the answer is when it is (last) taken.
    fn penalty(&mut self, id: &str, at: Millis, side: Side) -> Millis {
        self.telling.certain(at, &format!("{id}/penalty"), FactBody::PenaltyAwarded(side));
        let mut kick = at + self.dice.seconds(60.0, 90.0);
        if self.dice.happens(0.35) {
            kick = kick + Millis::from_seconds(45);
            self.review(id, at + Millis::from_seconds(8), kick - Millis::from_seconds(25));
        }
        if self.dice.happens(0.08) {
            self.telling.certain(kick, &format!("{id}/retaken"), FactBody::PenaltyRetaken(side));
            kick = kick + self.dice.seconds(40.0, 60.0);
        }
        kick
    }

    fn review(&mut self, id: &str, from: Millis, to: Millis) {
        self.telling.certain(from, &format!("{id}/review"), FactBody::ReviewStart);
        self.telling.certain(to, &format!("{id}/reviewed"), FactBody::ReviewEnd);
    }

    fn happen(&mut self, happening: Happening, at: Millis, side: Side) {
        self.busy_until = match happening {
            Happening::Corner => {
                let id = self.id("corner");
                self.telling.certain(at, &id, FactBody::CornerAwarded(side));
                let taken = at + self.dice.seconds(15.0, 35.0);
                if self.dice.happens(0.02) {
                    self.telling.certain(taken, &format!("{id}/retracted"), FactBody::CornerRetracted(side));
                } else {
                    self.telling.certain(taken, &format!("{id}/taken"), FactBody::CornerTaken(side));
                }
                taken
            }
            Happening::FreeKick => {
                let id = self.id("free-kick");
                self.telling.certain(at, &id, FactBody::DangerousFreeKick(side));
                let over = at + self.dice.seconds(15.0, 28.0);
                self.telling.certain(over, &format!("{id}/over"), FactBody::DangerOver);
                over
            }
            Happening::Yellow => self.yellow(at, side),
            Happening::Red | Happening::NearRed => self.red(at, side, happening == Happening::Red),
            Happening::Disallowed => self.disallowed(at, side),
            Happening::NearGoal => {
                let id = self.id("near-goal");
                self.telling.certain(at, &id, FactBody::PossibleGoal(Some(side)));
                let over = at + self.dice.seconds(6.0, 15.0);
                self.telling.certain(over, &format!("{id}/no-goal"), FactBody::NoGoal);
                over
            }
            Happening::MissedPenalty => {
                let id = self.id("missed");
                let kick = self.penalty(&id, at, side);
                self.telling.certain(kick, &id, FactBody::PenaltyMissed(side));
                kick
            }
            Happening::CancelledPenalty => {
                let id = self.id("cancelled");
                self.telling.certain(at, &format!("{id}/penalty"), FactBody::PenaltyAwarded(side));
                let decided = at + self.dice.seconds(60.0, 110.0);
                self.review(&id, at + Millis::from_seconds(10), decided);
                self.telling.certain(decided, &id, FactBody::PenaltyCancelled(side));
                decided
            }
            Happening::Interruption => {
                let id = self.id("interruption");
                self.telling.certain(at, &id, FactBody::Interruption);
                let lasts = self.dice.seconds(70.0, 260.0);
                self.lost = self.lost + lasts;
                self.telling.certain(at + lasts, &format!("{id}/over"), FactBody::Resumed);
                at + lasts
            }
        };
    }

    fn yellow(&mut self, at: Millis, side: Side) -> Millis {
        let id = self.id("card");
        self.telling.certain(at, &format!("{id}/possible"), FactBody::PossibleCard(Some(side)));
        let (shown, sure) = (at + Millis::from_seconds(5), at + Millis::from_seconds(15));
        if self.dice.happens(0.025) {
            self.telling.scouted(shown, sure, &id, FactBody::RedCard { side, second_yellow: true });
            self.send_off(side);
        } else {
            self.telling.scouted(shown, sure, &id, FactBody::YellowCard(side));
        }
        sure
    }

    fn red(&mut self, at: Millis, side: Side, is_shown: bool) -> Millis {
        let id = self.id("card");
        self.telling.certain(at, &format!("{id}/possible"), FactBody::PossibleRedCard(Some(side)));
        let mut shown = at + Millis::from_seconds(8);
        if self.dice.happens(0.5) {
            shown = at + self.dice.seconds(60.0, 110.0);
            self.review(&id, at + Millis::from_seconds(6), shown);
        }
        if !is_shown {
            self.telling.certain(shown, &format!("{id}/none"), FactBody::NoRedCard);
            return shown;
        }
        let sure = shown + Millis::from_seconds(10);
        self.telling.scouted(shown, sure, &id, FactBody::RedCard { side, second_yellow: false });
        self.send_off(side);
        sure
    }

    fn send_off(&mut self, side: Side) {
        match side {
            Side::Home => self.state.home_reds += 1,
            Side::Away => self.state.away_reds += 1,
        }
    }

    /// A goal that a review takes away: flagged at once, or given first and rolled back.
    fn disallowed(&mut self, at: Millis, side: Side) -> Millis {
        let id = self.id("disallowed");
        self.telling.certain(at, &format!("{id}/possible"), FactBody::PossibleGoal(Some(side)));
        let decided = at + self.dice.seconds(55.0, 105.0);
        if self.dice.happens(0.5) {
            let goal = FactBody::Goal { side, own_goal: false };
            let goal = self.telling.tell(at + Millis::from_seconds(3), &id, crate::event::Certainty::Scouted, goal);
            self.review(&id, at + Millis::from_seconds(15), decided + Millis::from_seconds(2));
            self.telling.certain(decided, &format!("{id}/rollback"), FactBody::Rollback(goal));
            self.telling.certain(decided + Millis::from_seconds(8), &format!("{id}/resumed"), FactBody::Resumed);
            return decided + Millis::from_seconds(8);
        }
        self.review(&id, at + Millis::from_seconds(10), decided);
        self.telling.certain(decided, &format!("{id}/no-goal"), FactBody::NoGoal);
        decided
    }
}
