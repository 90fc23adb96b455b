//! The rules in force: what an operator writes in `pipeline.toml`, as the machines see it.
//!
//! Everything here is policy with a default, never a constant in a machine. A change is a journalled record with a
//! higher revision, so a replay uses the rules of the day.

use super::{MarketType, ModelRules};
use crate::values::{CompetitionId, LicenceId, Millis, Money, PRICE_JUMP_RATIO, Ratio};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Freshness and skew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreshnessRules {
    /// How far append times of different partitions may disagree (100 ms).
    pub broker_skew: Millis,
    /// Market data older than this is stale; a trading shard further behind suspends its matches, owner `lag` (2 s).
    pub staleness_limit: Millis,
    /// A watermark at least so often (250 ms).
    pub watermark_every: Millis,
    /// How long after D a bet waits for fresh market data (3 s).
    pub decide_grace: Millis,
}

/// Rules in match time; `clock_scale` divides each of them (multiplies the clock-jump limit).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockRules {
    /// How much faster than life the feed plays: 1 live, 60 for a replay at speed 60; 0 = at once, no clock check.
    pub clock_scale: u32,
    /// A scouted goal or card counts as confirmed after this, without review (120 s).
    pub confirm_after: Millis,
    /// A period end counts as confirmed after this (60 s).
    pub confirm_whistle_after: Millis,
    /// An unresolved incident alerts the trader after this (180 s).
    pub incident_alert_after: Millis,
    /// A match interrupted and not resumed, or never begun, is abandoned this long after its scheduled kick-off (48 h).
    pub abandon_after: Millis,
    /// The image of a match follows its updates at most this late (5 s).
    pub image_every: Millis,
    /// A dangerous free kick lifts itself after this (30 s).
    pub free_kick_lift_after: Millis,
    /// The match clock may run ahead of the source's time by this much (2 min).
    pub clock_jump_limit: Millis,
}

/// Which ladder prices stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LadderForm {
    /// Decimal odds, 1.01 to 1000.
    Decimal,
    /// American odds, -10000 (1.01) to +99000 (991): what is withheld is the same, what is offered stands on rungs of 5
    /// and 10 instead.
    American,
}

/// Target overrounds in 1e-3 (1050 = 1.05).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarginRules {
    /// 1X2 (1050).
    pub match_result_thousandths: u32,
    /// The main total line (1040).
    pub main_total_thousandths: u32,
    /// Other total lines (1050).
    pub other_total_thousandths: u32,
    /// Goals of one side (1080).
    pub team_total_thousandths: u32,
    /// The main handicap line, of either form (1040).
    pub main_handicap_thousandths: u32,
    /// Other handicap lines, and draw no bet where 0 is not the main one (1050).
    pub other_handicap_thousandths: u32,
    /// Both teams to score (1050).
    pub both_teams_to_score_thousandths: u32,
    /// Correct score (1200).
    pub correct_score_thousandths: u32,
    /// Half-time and full-time (1180).
    pub half_time_full_time_thousandths: u32,
    /// Next goal (1060).
    pub next_goal_thousandths: u32,
    /// Corners and cards (1070).
    pub corners_and_cards_thousandths: u32,
    /// To qualify, extra time, shoot-out (1050).
    pub knock_out_thousandths: u32,
    /// Every market not named here (1080).
    pub other_thousandths: u32,
    /// Added in play (10).
    pub in_play_extra_thousandths: u32,
    /// Added in the last five minutes (20).
    pub late_extra_thousandths: u32,
}

/// Trading's own rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradingRules {
    /// A producer without heartbeat for this long in running periods is silent (4 s).
    pub silence_in_running: Millis,
    /// The same outside running periods (20 s).
    pub silence_otherwise: Millis,
    /// Whether dangerous free kicks suspend (false).
    pub free_kick_suspends: bool,
    /// The kinds of market on offer (all).
    pub markets: Vec<MarketType>,
    /// How many total lines are offered around the main one (7).
    pub total_lines: u32,
    /// How many lines of each side's own goals (3).
    pub team_total_lines: u32,
    /// How many handicap lines of each form (7).
    pub handicap_lines: u32,
    /// How many lines of every other family: of halves, corners, cards (3).
    pub other_lines: u32,
    /// Correct scores are named up to this many goals a side, 1 to 9 (4).
    pub correct_score_max: u8,
    /// Decimal or American.
    pub ladder: LadderForm,
    /// Margins.
    pub margins: MarginRules,
    /// How often a second of the day a match is published whose prices alone have moved, by the clock alone; 0: at every
    /// move (2). Whatever has happened is published at once.
    pub ticks_per_s_max: u32,
    /// What prices are made with (measured_v1). Shared: a match that was priced with it holds on to it.
    pub model: Arc<ModelRules>,
    /// Most matches a shard holds (10 000).
    pub max_matches: u32,
    /// The competitions with an offer of their own (none), each with all rules that its matches are priced by: markets,
    /// lines, ladder, margins and model. What else stands here is the shard's, and nobody reads it of a competition.
    pub competitions: BTreeMap<CompetitionId, TradingRules>,
}

impl TradingRules {
    /// The rules that a match of this competition is priced by.
    pub fn of(&self, competition: &CompetitionId) -> &TradingRules {
        self.competitions.get(competition).unwrap_or(self)
    }
}

/// When and how bets are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacementRules {
    /// Bet delay in play, half-time included (5 s).
    pub in_play_delay: Millis,
    /// The same for markets that a single goal decides: next goal (8 s).
    pub next_goal_delay: Millis,
    /// Bet delay before kick-off (0).
    pub pre_match_delay: Millis,
    /// append - id time must be at least this (-5 s).
    pub id_time_earliest: Millis,
    /// append - id time must be at most this (10 min).
    pub id_time_latest: Millis,
    /// Ids are remembered this long, and while the bet is open (15 min).
    pub remember_ids_for: Millis,
    /// A bet older than this at its first judgement is refused, in play (10 s).
    pub max_age_in_play: Millis,
    /// The same before kick-off (60 s).
    pub max_age_pre_match: Millis,
    /// A move of (odds - 1) by more than this, either way, is a jump (1.419068).
    pub price_jump: Ratio,
    /// Settled bets are kept this long for rollbacks and cancels; later ones need an operator (72 h).
    pub resettle_for: Millis,
    /// The rule set stored on every bet (1).
    pub rule_set: u32,
}

/// What a licence demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceRules {
    /// The licence.
    pub licence: LicenceId,
    /// Youngest age in years (21).
    pub minimum_age_years: u32,
    /// Whether a cancel needs an approval reference before it voids a bet (false).
    pub cancel_needs_approval: bool,
    /// The competitions that may be bet on; `None` permits every one (none).
    pub competitions: Option<Vec<CompetitionId>>,
    /// The kinds of market that may be bet on; `None` permits every one (none).
    pub market_types: Option<Vec<MarketType>>,
    /// Whether bets in play are permitted (true).
    pub in_play: bool,
}

impl LicenceRules {
    /// A licence that permits the whole catalogue to whoever is old enough.
    pub fn permitting_all(licence: LicenceId, minimum_age_years: u32) -> LicenceRules {
        LicenceRules {
            licence,
            minimum_age_years,
            cancel_needs_approval: false,
            competitions: None,
            market_types: None,
            in_play: true,
        }
    }
}

/// What the other legs of a parlay count in the liability of one leg's match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParlayWeight {
    /// Odds times the fair probability at acceptance.
    Fair,
    /// The odds, as if they had won already.
    Full,
}

/// The most that this shard may stand to lose, in minor units. A bet that would take it further is refused; one that
/// makes it smaller never is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiabilityLimits {
    /// If one selection wins, on the bets on it alone (500 000 000 = 5 000 000.00).
    pub outcome: Money,
    /// On the bets on one market, at the worst score for them (1 000 000 000).
    pub market: Money,
    /// On the bets on one match, at the worst score for them (2 000 000 000).
    pub one_match: Money,
    /// On the open bets of one account, if all of them win (500 000 000).
    pub account: Money,
    /// What a parlay counts (fair).
    pub parlays: ParlayWeight,
}

/// Stakes, payouts and sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookLimits {
    /// Smallest stake (100 = 1.00).
    pub min_stake: Money,
    /// Largest stake (1 000 000 = 10 000.00).
    pub max_stake: Money,
    /// Largest payout (50 000 000 = 500 000.00).
    pub max_payout: Money,
    /// Most open bets a shard holds (4 000 000).
    pub max_open_bets: u32,
    /// Most accounts a shard holds (4 000 000).
    pub max_accounts: u32,
    /// Most bets that wait for a judgement (100 000).
    pub max_waiting_bets: u32,
    /// Most remembered ids (8 000 000).
    pub max_remembered_ids: u32,
    /// Most matches a shard keeps a copy of (40 000).
    pub max_matches: u32,
    /// What the shard may stand to lose.
    pub liability: LiabilityLimits,
}

/// Everything a machine depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Rises with every change.
    pub revision: u32,
    /// Partitions of the match topics (F).
    pub match_partitions: u32,
    /// Partitions of the account topics (A).
    pub account_partitions: u32,
    /// Freshness and skew.
    pub freshness: FreshnessRules,
    /// Rules in match time.
    pub clock: ClockRules,
    /// Trading.
    pub trading: TradingRules,
    /// Acceptance.
    pub placement: PlacementRules,
    /// The licences bets may stand under, by id; a licence not listed permits nothing.
    pub licences: Vec<LicenceRules>,
    /// Limits.
    pub limits: BookLimits,
    /// Items served by one `due` call (5 000).
    pub due_quota: u32,
    /// Items served by one `work` call (5 000).
    pub work_quota: u32,
}

impl ClockRules {
    /// A span of match time as it passes at this speed; at once, no time passes.
    pub fn scaled(&self, span: Millis) -> Millis {
        match self.clock_scale {
            0 => Millis::ZERO,
            scale => Millis::new(span.get() / i64::from(scale)),
        }
    }
}

impl TradingRules {
    /// How long after one update of a match the next comes at the earliest, if only prices have moved: in the day's
    /// time, whatever `clock_scale` says, as readers are no faster for a faster match. `None`: no limit.
    pub fn tick_spacing(&self) -> Option<Millis> {
        match self.ticks_per_s_max {
            0 => None,
            most => Some(Millis::new((999 + i64::from(most)) / i64::from(most))),
        }
    }
}

impl Default for MarginRules {
    fn default() -> Self {
        MarginRules {
            match_result_thousandths: 1050,
            main_total_thousandths: 1040,
            other_total_thousandths: 1050,
            team_total_thousandths: 1080,
            main_handicap_thousandths: 1040,
            other_handicap_thousandths: 1050,
            both_teams_to_score_thousandths: 1050,
            correct_score_thousandths: 1200,
            half_time_full_time_thousandths: 1180,
            next_goal_thousandths: 1060,
            corners_and_cards_thousandths: 1070,
            knock_out_thousandths: 1050,
            other_thousandths: 1080,
            in_play_extra_thousandths: 10,
            late_extra_thousandths: 20,
        }
    }
}

impl Default for TradingRules {
    fn default() -> Self {
        TradingRules {
            silence_in_running: Millis::new(4_000),
            silence_otherwise: Millis::new(20_000),
            free_kick_suspends: false,
            markets: MarketType::all().collect(),
            total_lines: 7,
            team_total_lines: 3,
            handicap_lines: 7,
            other_lines: 3,
            correct_score_max: 4,
            ladder: LadderForm::Decimal,
            margins: MarginRules::default(),
            ticks_per_s_max: 2,
            model: Arc::new(ModelRules::measured_v1()),
            max_matches: 10_000,
            competitions: BTreeMap::new(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            revision: 1,
            match_partitions: 4,
            account_partitions: 4,
            freshness: FreshnessRules {
                broker_skew: Millis::new(100),
                staleness_limit: Millis::new(2_000),
                watermark_every: Millis::new(250),
                decide_grace: Millis::new(3_000),
            },
            clock: ClockRules {
                clock_scale: 1,
                confirm_after: Millis::new(120_000),
                confirm_whistle_after: Millis::new(60_000),
                incident_alert_after: Millis::new(180_000),
                abandon_after: Millis::new(48 * 3_600_000),
                image_every: Millis::new(5_000),
                free_kick_lift_after: Millis::new(30_000),
                clock_jump_limit: Millis::new(120_000),
            },
            trading: TradingRules::default(),
            placement: PlacementRules {
                in_play_delay: Millis::new(5_000),
                next_goal_delay: Millis::new(8_000),
                pre_match_delay: Millis::ZERO,
                id_time_earliest: Millis::new(-5_000),
                id_time_latest: Millis::new(600_000),
                remember_ids_for: Millis::new(900_000),
                max_age_in_play: Millis::new(10_000),
                max_age_pre_match: Millis::new(60_000),
                price_jump: PRICE_JUMP_RATIO,
                resettle_for: Millis::new(72 * 3_600_000),
                rule_set: 1,
            },
            licences: vec![LicenceRules::permitting_all(LicenceId::parse("US-NJ").expect("a legal licence id"), 21)],
            limits: BookLimits {
                min_stake: Money::from_minor(100),
                max_stake: Money::from_minor(1_000_000),
                max_payout: Money::from_minor(50_000_000),
                max_open_bets: 4_000_000,
                max_accounts: 4_000_000,
                max_waiting_bets: 100_000,
                max_remembered_ids: 8_000_000,
                max_matches: 40_000,
                liability: LiabilityLimits {
                    outcome: Money::from_minor(500_000_000),
                    market: Money::from_minor(1_000_000_000),
                    one_match: Money::from_minor(2_000_000_000),
                    account: Money::from_minor(500_000_000),
                    parlays: ParlayWeight::Fair,
                },
            },
            due_quota: 5_000,
            work_quota: 5_000,
        }
    }
}
