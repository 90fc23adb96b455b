//! What the feed tells us: a goal, a whistle, a review, or that an earlier report was wrong.

use crate::values::{
    Billionths, CompetitionId, DecimalOdds, FactId, MatchId, Millis, ProducerId, QuarterLine, Side, Text, Time,
};

/// The part of a match that the clock is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// Before kick-off.
    PreMatch,
    /// First half, stoppage included.
    FirstHalf,
    /// The break between the halves.
    HalfTime,
    /// Second half, stoppage included. Markets of 90 minutes end with it.
    SecondHalf,
    /// Between the ninety minutes and extra time.
    BeforeExtraTime,
    /// First half of extra time.
    ExtraFirstHalf,
    /// Second half of extra time.
    ExtraSecondHalf,
    /// Penalty shoot-out; its goals never count in a score.
    ShootOut,
    /// After the final whistle.
    Over,
}

/// The match clock as the source reported it with a fact; never extrapolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MatchClock {
    /// The running period.
    pub period: Period,
    /// Match time since the start of that period.
    pub elapsed: Millis,
    /// Announced stoppage of this half in whole minutes, once known.
    pub stoppage_announced_minutes: Option<u8>,
}

/// How sure the source is. A scouted fact closes markets; only a confirmed one pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Reported live by one observer; may be taken back.
    Scouted,
    /// Checked.
    Confirmed,
}

/// The fixture: who plays whom, when, and what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixture {
    /// Rises with every change of the fixture; stored on each bet.
    pub revision: u32,
    /// Home side, as displayed.
    pub home: Text,
    /// Away side, as displayed.
    pub away: Text,
    /// The competition, which margins and permissions hang on.
    pub competition: CompetitionId,
    /// Scheduled kick-off.
    pub kick_off: Time,
    /// How the sides are expected to score.
    pub expectation: Expectation,
    /// What of the match there is to bet on besides its goals.
    pub scope: Scope,
}

/// What of a match there is to bet on besides the goals of ninety minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// A knock-out match, and by how much home leads from the first leg (0 where there was none).
    pub knock_out: Option<i8>,
    /// Its corners are reported, every one.
    pub corners: bool,
    /// Its cards are reported, every one.
    pub cards: bool,
}

/// What is expected of a match before it begins: the pricing model's base rates, or odds that imply them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Base rates over the match, in 1e-9 goals.
    Rates {
        /// Of home goals (lambda).
        home: Billionths,
        /// Of away goals (mu).
        away: Billionths,
    },
    /// Odds of others, margin included, from which the rates are solved.
    Odds(PreMatchOdds),
}

/// Somebody's pre-match odds: 1X2 and one total line. Decimal, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreMatchOdds {
    /// Home win.
    pub home: DecimalOdds,
    /// Draw.
    pub draw: DecimalOdds,
    /// Away win.
    pub away: DecimalOdds,
    /// The line of the total.
    pub line: QuarterLine,
    /// Over it.
    pub over: DecimalOdds,
    /// Under it.
    pub under: DecimalOdds,
    /// Closing or exchange odds: good enough to take the draw from them as well (rho is solved).
    pub is_closing: bool,
}

/// Which bets a cancel voids: those with `accepted_at` in `[from, to)`; an open end has no bound on that side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BetWindow {
    /// First instant inside the window.
    pub from: Option<Time>,
    /// First instant after the window.
    pub to: Option<Time>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactBody {
    /// Who plays whom; the first fact of every match.
    Fixture(Fixture),
    /// A period begins. `FirstHalf` is the kick-off.
    PeriodStart(Period),
    /// A period ends. `SecondHalf` ends the ninety minutes.
    PeriodEnd(Period),
    /// The match is over, extra time and shoot-out included.
    FinalWhistle,
    /// The clock moved; nothing else happened.
    ClockTick,
    /// It may have been a goal.
    PossibleGoal(Option<Side>),
    /// It was not a goal.
    NoGoal,
    /// A goal, filed under the side that is credited with it: an own goal counts for the opponent of who scored it.
    Goal {
        /// The side credited.
        side: Side,
        /// Put into one's own net.
        own_goal: bool,
    },
    /// Play goes on after a goal.
    PlayRestarted,
    /// Penalty kick awarded to this side.
    PenaltyAwarded(Side),
    /// The penalty was not scored (a scored one is a `Goal`).
    PenaltyMissed(Side),
    /// The award was taken back.
    PenaltyCancelled(Side),
    /// A red card may be shown.
    PossibleRedCard(Option<Side>),
    /// No red card.
    NoRedCard,
    /// Red card to a player of this side.
    RedCard {
        /// The side that loses a player.
        side: Side,
        /// Second yellow of the same player.
        second_yellow: bool,
    },
    /// A yellow card may be shown.
    PossibleCard(Option<Side>),
    /// No card after all.
    NoCard,
    /// Yellow card.
    YellowCard(Side),
    /// Corner awarded to this side.
    CornerAwarded(Side),
    /// Corner taken by this side.
    CornerTaken(Side),
    /// Corner taken back before it was taken.
    CornerRetracted(Side),
    /// Dangerous free kick for this side.
    DangerousFreeKick(Side),
    /// The danger is over.
    DangerOver,
    /// Video review begins.
    ReviewStart,
    /// Video review ended.
    ReviewEnd,
    /// The penalty is taken again.
    PenaltyRetaken(Side),
    /// Play is interrupted.
    Interruption,
    /// Play goes on after an interruption or a correction.
    Resumed,
    /// The match will not be played to its end: what is decided stands, the rest is void.
    Abandoned,
    /// The source is sure of that fact now.
    Confirmed(FactId),
    /// That fact never happened. May arrive before it; final.
    Rollback(FactId),
    /// Void the bets of this match accepted in the window.
    Cancel {
        /// Which bets, by `accepted_at`.
        window: BetWindow,
        /// Why, as shown to the customer.
        reason: Text,
        /// Two people's approval, where the licence demands one.
        approval_ref: Option<Text>,
    },
    /// Undo exactly that cancel.
    RollbackCancel(FactId),
}

/// A fact with its identity. Facts form a set: order and repeats do not change what a bet comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Identity; a corrected report has a new id. Unique within its match.
    pub id: FactId,
    /// The match; also the Kafka key.
    pub match_id: MatchId,
    /// Who reports.
    pub producer: ProducerId,
    /// Counts up per (producer, match), from 1, without a gap.
    pub sequence: u64,
    /// When it happened, by the source's clock.
    pub source_at: Time,
    /// How sure the source is.
    pub certainty: Certainty,
    /// The fact that this one replaces.
    pub supersedes: Option<FactId>,
    /// The match clock at that moment; absent on facts without one (fixture, rulings).
    pub clock: Option<MatchClock>,
    /// What happened.
    pub body: FactBody,
}

/// The producer is alive; a control record, in every partition of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// Who is alive.
    pub producer: ProducerId,
    /// Counts up per (producer, partition).
    pub sequence: u64,
    /// When it was sent, by the producer's clock.
    pub source_at: Time,
}

/// A recovery that we asked for has been sent whole; a control record, in every partition of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotComplete {
    /// Who answers.
    pub producer: ProducerId,
    /// The `request_id` of our request.
    pub request_id: Text,
    /// When it was sent, by the producer's clock.
    pub source_at: Time,
}

/// A record of `feed.v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedMessage {
    /// Something happened in a match.
    Fact(Fact),
    /// The producer is alive.
    Heartbeat(Heartbeat),
    /// A recovery is complete.
    SnapshotComplete(SnapshotComplete),
}
