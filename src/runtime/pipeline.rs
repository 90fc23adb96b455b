//! `pipeline.toml`: what an operator edits, and the part of it that the machines depend on.
//!
//! The machines' part travels as canonical text in the journal, so a replay uses the rules of the day. Unknown keys and
//! impossible values are refused with file and line.

use super::journal::SettingsStamp;
use super::recover::settings_hash;
use crate::event::{
    BookLimits, ClockRules, FreshnessRules, LadderForm, LicenceRules, MarginRules, PlacementRules, Settings,
    TradingRules,
};
use crate::values::{LicenceId, Millis, Money, Ratio};
use crate::wire::proto;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

/// The whole file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// Its name: part of every transactional id and consumer group. `[a-z0-9-]`, 1 to 40.
    pub name: String,
    /// How to reach Kafka.
    #[serde(default)]
    pub kafka: KafkaPart,
    /// The machines' part.
    #[serde(flatten)]
    pub rules: RulesPart,
}

/// How to reach Kafka, and what its topics are called.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KafkaPart {
    /// `host:port`, several with commas.
    pub brokers: String,
    /// Put before every topic name; empty for none.
    pub topic_prefix: String,
    /// Copies of each partition that `topics create` asks for.
    pub replication: i32,
    /// A process not heard of for this long loses its shards.
    pub session_timeout_ms: u32,
    /// A transaction open for longer is aborted by the broker.
    pub transaction_timeout_ms: u32,
    /// Back-off of the client's hidden retries; a commit slower than 0.6 of it makes the producer suspect.
    pub retry_backoff_ms: u32,
    /// How often the ends of the input partitions are learnt.
    pub learn_ends_every_ms: u32,
}

impl Default for KafkaPart {
    fn default() -> Self {
        KafkaPart {
            brokers: "127.0.0.1:19092".to_owned(),
            topic_prefix: String::new(),
            replication: 1,
            session_timeout_ms: 6_000,
            transaction_timeout_ms: 10_000,
            retry_backoff_ms: 300,
            learn_ends_every_ms: 100,
        }
    }
}

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
    /// Acceptance.
    #[serde(default)]
    pub placement: PlacementPart,
    /// Limits.
    #[serde(default)]
    pub limits: LimitsPart,
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
        /// Total lines on offer.
        total_lines: u32 = 7,
        /// "decimal" or "american".
        ladder: String = "decimal".to_owned(),
        /// Matches a shard holds.
        max_matches: u32 = 10_000,
    }
}

part! {
    /// Target overrounds, thousandths (1050 = 1.05).
    MarginsPart {
        /// 1X2.
        match_result: u32 = 1_050,
        /// The main total line.
        main_total: u32 = 1_040,
        /// Other total lines.
        other_total: u32 = 1_050,
        /// Added in play.
        in_play_extra: u32 = 10,
        /// Added in the last five minutes.
        late_extra: u32 = 20,
    }
}

part! {
    /// When and how bets are judged.
    PlacementPart {
        /// Bet delay in play.
        in_play_delay_ms: u32 = 5_000,
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
        /// Bets that wait for a judgement.
        max_waiting_bets: u32 = 100_000,
        /// Remembered ids.
        max_remembered_ids: u32 = 8_000_000,
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
}

fn default_age() -> u32 {
    21
}

fn default_licences() -> Vec<LicencePart> {
    vec![LicencePart { id: "US-NJ".to_owned(), minimum_age_years: default_age(), cancel_needs_approval: false }]
}

/// Reads a pipeline file; the error names file, line and key.
pub fn load(path: &Path) -> anyhow::Result<Pipeline> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| anyhow::anyhow!("cannot read the pipeline file {}: {error}", path.display()))?;
    parse(&text).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
}

/// Parses a pipeline file's text and checks that it can be.
pub fn parse(text: &str) -> Result<Pipeline, String> {
    // `flatten` cannot refuse unknown keys, so the top level is checked by hand.
    let table: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
    const KEYS: [&str; 12] = [
        "name",
        "kafka",
        "revision",
        "partitions",
        "freshness",
        "clock",
        "trading",
        "margins",
        "placement",
        "limits",
        "portions",
        "licences",
    ];
    if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let line = text.lines().position(|line| line.trim_start_matches(['[', ' ']).starts_with(unknown.as_str()));
        return Err(format!(
            "line {}: unknown key {unknown}; known are {}",
            line.map_or(0, |at| at + 1),
            KEYS.join(", ")
        ));
    }
    let pipeline: Pipeline = toml::from_str(text).map_err(|error| error.to_string())?;
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if pipeline.name.is_empty() || pipeline.name.len() > 40 || !pipeline.name.bytes().all(legal) {
        return Err(format!("name {:?} must be 1 to 40 of a-z, 0-9 and -", pipeline.name));
    }
    check_kafka(&pipeline.kafka)?;
    pipeline.rules.settings()?;
    Ok(pipeline)
}

fn check_kafka(part: &KafkaPart) -> Result<(), String> {
    let bounds = [
        ("transaction_timeout_ms", part.transaction_timeout_ms, 10_000, 15_000, "a hanging transaction blocks readers"),
        // Above a second the client caps its back-off, and a hidden retry would come before we suspect one.
        ("retry_backoff_ms", part.retry_backoff_ms, 50, 1_000, "a late commit must be told from a quick one"),
        ("session_timeout_ms", part.session_timeout_ms, 6_000, 10_000, "a dead process must be missed soon"),
        ("learn_ends_every_ms", part.learn_ends_every_ms, 10, 1_000, "freshness hangs on it"),
    ];
    match bounds.into_iter().find(|(_, value, low, high, _)| !(low..=high).contains(&value)) {
        Some((key, value, low, high, why)) => Err(format!("kafka.{key} = {value} must be {low} to {high}: {why}")),
        None => Ok(()),
    }
}

impl RulesPart {
    /// As the machines see it; the error names the key.
    pub fn settings(&self) -> Result<Settings, String> {
        let ms = |value: u32| Millis::new(i64::from(value));
        let s = |value: u32| Millis::new(i64::from(value) * 1_000);
        self.check()?;
        let (freshness, clock, trading, margins) = (&self.freshness, &self.clock, &self.trading, &self.margins);
        Ok(Settings {
            revision: self.revision,
            match_partitions: self.partitions.matches,
            account_partitions: self.partitions.accounts,
            freshness: FreshnessRules {
                broker_skew: ms(freshness.broker_skew_ms),
                staleness_limit: ms(freshness.staleness_limit_ms),
                watermark_every: ms(freshness.watermark_every_ms),
                decide_grace: ms(freshness.decide_grace_ms),
            },
            clock: ClockRules {
                clock_scale: clock.clock_scale,
                confirm_after: s(clock.confirm_after_s),
                confirm_whistle_after: s(clock.confirm_whistle_after_s),
                abandon_after: s(clock.abandon_after_s),
                image_every: s(clock.image_every_s),
                incident_alert_after: s(clock.incident_alert_after_s),
                free_kick_lift_after: s(clock.free_kick_lift_after_s),
                clock_jump_limit: s(clock.clock_jump_limit_s),
            },
            trading: TradingRules {
                silence_in_running: ms(trading.silence_in_running_ms),
                silence_otherwise: ms(trading.silence_otherwise_ms),
                free_kick_suspends: trading.free_kick_suspends,
                total_lines: trading.total_lines,
                ladder: ladder(&trading.ladder)?,
                margins: MarginRules {
                    match_result_thousandths: margins.match_result,
                    main_total_thousandths: margins.main_total,
                    other_total_thousandths: margins.other_total,
                    in_play_extra_thousandths: margins.in_play_extra,
                    late_extra_thousandths: margins.late_extra,
                },
                max_matches: trading.max_matches,
            },
            placement: self.placement_rules()?,
            licences: self.licences.iter().map(licence).collect::<Result<_, _>>()?,
            limits: self.limits.rules(),
            due_quota: self.portions.due_quota,
            work_quota: self.portions.work_quota,
        })
    }

    fn placement_rules(&self) -> Result<PlacementRules, String> {
        let ms = |value: u32| Millis::new(i64::from(value));
        let placement = &self.placement;
        Ok(PlacementRules {
            in_play_delay: ms(placement.in_play_delay_ms),
            pre_match_delay: ms(placement.pre_match_delay_ms),
            id_time_earliest: Millis::new(-i64::from(placement.id_time_ahead_ms)),
            id_time_latest: ms(placement.id_time_behind_ms),
            remember_ids_for: Millis::new(i64::from(placement.remember_ids_s) * 1_000),
            max_age_in_play: ms(placement.max_age_in_play_ms),
            max_age_pre_match: ms(placement.max_age_pre_match_ms),
            price_jump: Ratio::new(u64::from(placement.price_jump_millionths), 1_000_000)
                .ok_or("placement.price_jump_millionths is not a ratio")?,
            resettle_for: Millis::new(i64::from(placement.resettle_s) * 1_000),
            rule_set: placement.rule_set,
        })
    }

    fn check(&self) -> Result<(), String> {
        let above_zero = [
            ("revision", self.revision),
            ("partitions.matches", self.partitions.matches),
            ("partitions.accounts", self.partitions.accounts),
            ("freshness.watermark_every_ms", self.freshness.watermark_every_ms),
            ("trading.total_lines", self.trading.total_lines),
            ("trading.max_matches", self.trading.max_matches),
            ("portions.due_quota", self.portions.due_quota),
            ("portions.work_quota", self.portions.work_quota),
            ("limits.max_open_bets", self.limits.max_open_bets),
            ("limits.max_accounts", self.limits.max_accounts),
        ];
        if let Some((key, _)) = above_zero.iter().find(|(_, value)| *value == 0) {
            return Err(format!("{key} must be above 0"));
        }
        let overrounds = [
            ("margins.match_result", self.margins.match_result),
            ("margins.main_total", self.margins.main_total),
            ("margins.other_total", self.margins.other_total),
        ];
        if let Some((key, value)) = overrounds.iter().find(|(_, value)| !(1_000..=2_000).contains(value)) {
            return Err(format!("{key} = {value} must be 1000 to 2000 thousandths (1.000 to 2.000)"));
        }
        if self.placement.price_jump_millionths <= 1_000_000 {
            return Err("placement.price_jump_millionths must be above 1000000 (1.0)".to_owned());
        }
        if self.placement.rule_set != 1 {
            return Err(format!("placement.rule_set = {}: this version knows rule set 1", self.placement.rule_set));
        }
        if !self.trading.allow_blind && self.trading.silence_in_running_ms > self.placement.in_play_delay_ms {
            return Err("trading.silence_in_running_ms must not exceed placement.in_play_delay_ms (a bet could be accepted on a dead feed); set trading.allow_blind = true to permit it".to_owned());
        }
        Ok(())
    }

    /// The text that the journal keeps: every key, in one order.
    pub fn canonical(&self) -> String {
        toml::to_string(self).expect("plain values serialise")
    }

    /// The journal's record of these settings.
    pub fn to_journal(&self) -> proto::SettingsChanged {
        let text = self.canonical();
        let hash = settings_hash(&text).as_bytes().to_vec();
        proto::SettingsChanged { revision: self.revision, hash, text }
    }

    /// Revision and hash.
    pub fn stamp(&self) -> SettingsStamp {
        SettingsStamp { revision: self.revision, hash: settings_hash(&self.canonical()) }
    }
}

impl LimitsPart {
    fn rules(&self) -> BookLimits {
        BookLimits {
            min_stake: Money::from_minor(self.min_stake_minor),
            max_stake: Money::from_minor(self.max_stake_minor),
            max_payout: Money::from_minor(self.max_payout_minor),
            max_open_bets: self.max_open_bets,
            max_accounts: self.max_accounts,
            max_waiting_bets: self.max_waiting_bets,
            max_remembered_ids: self.max_remembered_ids,
        }
    }
}

fn ladder(name: &str) -> Result<LadderForm, String> {
    match name {
        "decimal" => Ok(LadderForm::Decimal),
        "american" => Ok(LadderForm::American),
        other => Err(format!("trading.ladder = {other:?}: must be \"decimal\" or \"american\"")),
    }
}

fn licence(part: &LicencePart) -> Result<LicenceRules, String> {
    Ok(LicenceRules {
        licence: LicenceId::parse(&part.id).map_err(|error| format!("licences.id {:?}: {error}", part.id))?,
        minimum_age_years: part.minimum_age_years,
        cancel_needs_approval: part.cancel_needs_approval,
    })
}

/// Settings out of the journal, with their stamp.
pub fn settings_from_journal(changed: &proto::SettingsChanged) -> Result<(Arc<Settings>, SettingsStamp), String> {
    let hash = settings_hash(&changed.text);
    if hash.as_bytes().as_slice() != changed.hash {
        return Err(format!("settings revision {} do not have the hash they name", changed.revision));
    }
    let rules: RulesPart = toml::from_str(&changed.text).map_err(|error| format!("settings: {error}"))?;
    Ok((Arc::new(rules.settings()?), SettingsStamp { revision: changed.revision, hash }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_file_is_the_default_settings() {
        let pipeline = parse("name = \"soccer-live\"\nrevision = 1\n").unwrap();
        assert_eq!(pipeline.rules.settings().unwrap(), Settings::default());
    }

    #[test]
    fn canonical_text_comes_back_whole() {
        let rules = parse("name = \"p\"\nrevision = 7\n[clock]\nclock_scale = 60\n").unwrap().rules;
        let (settings, stamp) = settings_from_journal(&rules.to_journal()).unwrap();
        assert_eq!(*settings, rules.settings().unwrap());
        assert_eq!(stamp, rules.stamp());
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (text, named) in [
            ("name = \"p\"\nrevision = 1\n[clok]\nx = 1", "line 3: unknown key clok"),
            ("name = \"p\"\nrevision = 1\n[clock]\nclock_scal = 1", "clock_scal"),
            ("name = \"P p\"\nrevision = 1", "name"),
            ("name = \"p\"\nrevision = 0", "revision"),
            ("name = \"p\"\nrevision = 1\n[partitions]\nmatches = 0", "partitions.matches"),
            ("name = \"p\"\nrevision = 1\n[margins]\nmatch_result = 900", "margins.match_result"),
            ("name = \"p\"\nrevision = 1\n[placement]\nin_play_delay_ms = 1000", "allow_blind"),
            ("name = \"p\"\nrevision = 1\n[[licences]]\nid = \"US NJ\"", "licences.id"),
            ("name = \"p\"\nrevision = 1\n[trading]\nladder = \"fractional\"", "ladder"),
            ("name = \"p\"", "revision"),
            ("name = \"p\"\nrevision = 1\n[kafka]\nretry_backoff_ms = 2000", "kafka.retry_backoff_ms"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(named), "{text:?} gave {error:?}");
        }
    }
}
