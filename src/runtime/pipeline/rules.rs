//! The rules that the machines depend on: below `[kafka]` and `[observability]`, everything in the pipeline file.
//!
//! They travel as canonical text in the journal, so that a replay uses the rules of the day.

use super::offer::{CompetitionPart, ModelPart};
use crate::event::{MarginRules, MarketType};
use serde::{Deserialize, Serialize};

macro_rules! part {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type),* }
        impl Default for $name {
            fn default() -> Self { $name { $($field: $default),* } }
        }
    };
}

/// The machines' part of the file; also the canonical text in the journal.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RulesPart {
    /// Rises with every change of anything below.
    pub revision: u32,
    /// Partition counts: for ever.
    #[serde(default)]
    pub partitions: PartitionsPart,
    /// Freshness and skew.
    #[serde(default)]
    pub freshness: FreshnessPart,
    /// Rules in match time.
    #[serde(default)]
    pub clock: ClockPart,
    /// Trading.
    #[serde(default)]
    pub trading: TradingPart,
    /// Margins.
    #[serde(default)]
    pub margins: MarginsPart,
    /// What prices are made with. In the pipeline file the name of a model file; its content is taken in when it is read,
    /// so that a replay asks no file. A journal without it is of the time when there was measured_v1 alone.
    #[serde(default)]
    pub model: ModelPart,
    /// Competitions with rules of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub competitions: Vec<CompetitionPart>,
    /// Acceptance.
    #[serde(default)]
    pub placement: PlacementPart,
    /// Limits.
    #[serde(default)]
    pub limits: LimitsPart,
    /// What a shard may stand to lose.
    #[serde(default)]
    pub liability: LiabilityPart,
    /// Portions.
    #[serde(default)]
    pub portions: PortionsPart,
    /// Licences.
    #[serde(default = "default_licences")]
    pub licences: Vec<LicencePart>,
}

part! {
    /// Partition counts.
    PartitionsPart {
        /// Of the match topics (feed, markets, ...): trading shards.
        matches: u32 = 4,
        /// Of the account topics (commands, decisions, ...): book shards.
        accounts: u32 = 4,
    }
}

part! {
    /// Freshness and skew, milliseconds.
    FreshnessPart {
        /// How far append times of different partitions may disagree.
        broker_skew_ms: u32 = 100,
        /// Older market data is stale; a trading shard further behind holds its matches.
        staleness_limit_ms: u32 = 2_000,
        /// A watermark at least so often.
        watermark_every_ms: u32 = 250,
        /// How long after its delay a bet waits for fresh market data.
        decide_grace_ms: u32 = 3_000,
    }
}

part! {
    /// Rules in match time, seconds; divided by `clock_scale`.
    ClockPart {
        /// 1 live, 60 for a replay at speed 60, 0 at once (no clock check).
        clock_scale: u32 = 1,
        /// A scouted goal or card is taken for confirmed.
        confirm_after_s: u32 = 120,
        /// A period end is taken for confirmed.
        confirm_whistle_after_s: u32 = 60,
        /// An unresolved incident alerts the trader.
        incident_alert_after_s: u32 = 180,
        /// A match interrupted and not resumed, or never begun, is abandoned so long after its scheduled kick-off.
        abandon_after_s: u32 = 172_800,
        /// The image of a match follows its updates at most this late; at once when a status changes.
        image_every_s: u32 = 5,
        /// A dangerous free kick lifts itself.
        free_kick_lift_after_s: u32 = 30,
        /// The match clock may run ahead of the source's time.
        clock_jump_limit_s: u32 = 120,
    }
}

part! {
    /// Trading.
    TradingPart {
        /// No heartbeat for this long in a running period: the producer is silent.
        silence_in_running_ms: u32 = 4_000,
        /// The same outside running periods.
        silence_otherwise_ms: u32 = 20_000,
        /// Silence may be noticed later than the shortest bet delay.
        allow_blind: bool = false,
        /// Dangerous free kicks suspend.
        free_kick_suspends: bool = false,
        /// The kinds of market on offer, by name.
        markets: Vec<String> = MarketType::all().map(|kind| kind.name().to_owned()).collect(),
        /// Total lines on offer.
        total_lines: u32 = 7,
        /// Lines on offer of each side's own total.
        team_total_lines: u32 = 3,
        /// Handicap lines on offer.
        handicap_lines: u32 = 7,
        /// Lines on offer of every other family: of a half, of corners, of cards.
        other_lines: u32 = 3,
        /// A correct score market lists scores up to so many goals a side.
        correct_score_max: u32 = 4,
        /// "decimal" or "american".
        ladder: String = "decimal".to_owned(),
        /// How often a second of the day prices that move by the clock alone are published, a match; 0: at every move.
        ticks_per_s_max: u32 = 2,
        /// Matches a shard holds.
        max_matches: u32 = 10_000,
    }
}

macro_rules! margins {
    ($($(#[$doc:meta])* $field:ident = $default:expr => $rule:ident),* $(,)?) => {
        part! {
            /// Target overrounds, thousandths (1050 = 1.05).
            MarginsPart { $($(#[$doc])* $field: u32 = $default),* }
        }

        /// Those that one competition has for itself.
        #[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
        #[serde(default, deny_unknown_fields)]
        pub struct OwnMarginsPart {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<u32>),*
        }

        impl MarginsPart {
            /// Each with its key.
            pub(super) fn named(&self) -> Vec<(&'static str, u32)> {
                vec![$((stringify!($field), self.$field)),*]
            }

            /// As the machines see them.
            pub(super) fn rules(&self) -> MarginRules {
                MarginRules { $($rule: self.$field),* }
            }
        }

        impl OwnMarginsPart {
            /// Each that is given, with its key.
            pub(super) fn named(&self) -> Vec<(&'static str, u32)> {
                [$((stringify!($field), self.$field)),*]
                    .into_iter()
                    .filter_map(|(key, value)| Some((key, value?)))
                    .collect()
            }

            pub(super) fn is_empty(&self) -> bool {
                self.named().is_empty()
            }

            /// All of them: what is not given is as for every other competition.
            pub(super) fn over(&self, general: &MarginsPart) -> MarginsPart {
                MarginsPart { $($field: self.$field.unwrap_or(general.$field)),* }
            }
        }
    };
}

margins! {
    /// 1X2.
    match_result = 1_050 => match_result_thousandths,
    /// The main total line.
    main_total = 1_040 => main_total_thousandths,
    /// Other total lines.
    other_total = 1_050 => other_total_thousandths,
    /// A side's own total.
    team_total = 1_080 => team_total_thousandths,
    /// The main handicap line, and draw no bet.
    main_handicap = 1_040 => main_handicap_thousandths,
    /// Other handicap lines.
    other_handicap = 1_050 => other_handicap_thousandths,
    /// Both teams to score.
    both_teams_to_score = 1_050 => both_teams_to_score_thousandths,
    /// Correct score.
    correct_score = 1_200 => correct_score_thousandths,
    /// Half-time and full-time.
    half_time_full_time = 1_180 => half_time_full_time_thousandths,
    /// Next goal.
    next_goal = 1_060 => next_goal_thousandths,
    /// Corners and cards.
    corners_and_cards = 1_070 => corners_and_cards_thousandths,
    /// To qualify, extra time, shoot-out.
    knock_out = 1_050 => knock_out_thousandths,
    /// Every market not named here.
    other = 1_080 => other_thousandths,
    /// Added in play.
    in_play_extra = 10 => in_play_extra_thousandths,
    /// Added in the last five minutes.
    late_extra = 20 => late_extra_thousandths,
}

part! {
    /// When and how bets are judged.
    PlacementPart {
        /// Bet delay in play.
        in_play_delay_ms: u32 = 5_000,
        /// Bet delay in play of markets that a single goal decides; never shorter than the other.
        next_goal_delay_ms: u32 = 8_000,
        /// Bet delay before kick-off.
        pre_match_delay_ms: u32 = 0,
        /// An id's own time may lie this far after its append time.
        id_time_ahead_ms: u32 = 5_000,
        /// And this far before it.
        id_time_behind_ms: u32 = 600_000,
        /// Ids are remembered.
        remember_ids_s: u32 = 900,
        /// A bet older at its first judgement is refused, in play.
        max_age_in_play_ms: u32 = 10_000,
        /// The same before kick-off.
        max_age_pre_match_ms: u32 = 60_000,
        /// A move of (odds - 1) by more than this, in millionths (1419068 = e^0.35), is a jump.
        price_jump_millionths: u32 = 1_419_068,
        /// Settled bets are kept for rollbacks and cancels.
        resettle_s: u32 = 259_200,
        /// The rule set stored on every bet.
        rule_set: u32 = 1,
    }
}

part! {
    /// Stakes, payouts (minor units) and sizes.
    LimitsPart {
        /// Smallest stake.
        min_stake_minor: i64 = 100,
        /// Largest stake.
        max_stake_minor: i64 = 1_000_000,
        /// Largest payout.
        max_payout_minor: i64 = 50_000_000,
        /// Open bets a shard holds.
        max_open_bets: u32 = 4_000_000,
        /// Accounts a shard holds.
        max_accounts: u32 = 4_000_000,
        /// Matches a book shard keeps a copy of.
        max_matches: u32 = 40_000,
        /// Bets that wait for a judgement.
        max_waiting_bets: u32 = 100_000,
        /// Remembered ids.
        max_remembered_ids: u32 = 8_000_000,
    }
}

part! {
    /// The most that a book shard may stand to lose, minor units.
    LiabilityPart {
        /// If one selection wins, on the bets on it alone.
        outcome_minor: i64 = 500_000_000,
        /// On the bets on one market, at the worst score for them.
        market_minor: i64 = 1_000_000_000,
        /// On the bets on one match, at the worst score for them.
        match_minor: i64 = 2_000_000_000,
        /// On the open bets of one account, if all of them win.
        account_minor: i64 = 500_000_000,
        /// What the other legs of a parlay count: "fair" or "full".
        parlays: String = "fair".to_owned(),
    }
}

part! {
    /// Items served at a time.
    PortionsPart {
        /// Timers.
        due_quota: u32 = 5_000,
        /// Queued work.
        work_quota: u32 = 5_000,
    }
}

/// A licence.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct LicencePart {
    /// Its id, for example US-NJ.
    pub id: String,
    /// Youngest age.
    #[serde(default = "default_age")]
    pub minimum_age_years: u32,
    /// A cancel voids bets only with an approval reference.
    #[serde(default)]
    pub cancel_needs_approval: bool,
    /// The competitions that may be bet on; absent: every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub competitions: Option<Vec<String>>,
    /// The kinds of market that may be bet on; absent: every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markets: Option<Vec<String>>,
    /// Bets in play are permitted.
    #[serde(default = "permitted")]
    pub in_play: bool,
}

fn permitted() -> bool {
    true
}

fn default_age() -> u32 {
    21
}

fn default_licences() -> Vec<LicencePart> {
    vec![LicencePart {
        id: "US-NJ".to_owned(),
        minimum_age_years: default_age(),
        cancel_needs_approval: false,
        competitions: None,
        markets: None,
        in_play: true,
    }]
}

impl RulesPart {
    /// Revision 1 with everything as built in.
    pub(super) fn plain() -> Self {
        RulesPart {
            revision: 1,
            partitions: PartitionsPart::default(),
            freshness: FreshnessPart::default(),
            clock: ClockPart::default(),
            trading: TradingPart::default(),
            margins: MarginsPart::default(),
            model: ModelPart::default(),
            competitions: Vec::new(),
            placement: PlacementPart::default(),
            limits: LimitsPart::default(),
            liability: LiabilityPart::default(),
            portions: PortionsPart::default(),
            licences: default_licences(),
        }
    }
}
