//! The file's rules as the machines see them, and as the journal keeps them.

use super::checks::Impossible;
use super::offer::competitions;
use super::rules::{LiabilityPart, LicencePart, LimitsPart, RulesPart};
use crate::event::{
    BookLimits, ClockRules, FreshnessRules, LadderForm, LiabilityLimits, LicenceRules, MarketType, ParlayWeight,
    PlacementRules, Settings, TradingRules,
};
use crate::runtime::journal::SettingsStamp;
use crate::runtime::recover::settings_hash;
use crate::values::{CompetitionId, LicenceId, Millis, Money, Ratio};
use crate::wire::proto;
use std::collections::BTreeMap;
use std::sync::Arc;

impl RulesPart {
    /// As the machines see it; the error names every key that cannot be.
    pub fn settings(&self) -> Result<Settings, String> {
        self.checked().map_err(|wrong| wrong.iter().map(Impossible::to_string).collect::<Vec<_>>().join("; "))
    }

    /// The same, each fault by itself.
    pub fn checked(&self) -> Result<Settings, Vec<Impossible>> {
        let wrong = super::checks::check(self);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        self.translated().map_err(|wrong| vec![wrong])
    }

    fn translated(&self) -> Result<Settings, Impossible> {
        let ms = |value: u32| Millis::new(i64::from(value));
        let s = |value: u32| Millis::new(i64::from(value) * 1_000);
        let (freshness, clock) = (&self.freshness, &self.clock);
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
            trading: self.trading_rules()?,
            placement: self.placement_rules()?,
            licences: self.licences.iter().enumerate().map(licence).collect::<Result<_, _>>()?,
            limits: self.limits.rules(self.liability.rules()?),
            due_quota: self.portions.due_quota,
            work_quota: self.portions.work_quota,
        })
    }

    fn trading_rules(&self) -> Result<TradingRules, Impossible> {
        let ms = |value: u32| Millis::new(i64::from(value));
        let trading = &self.trading;
        let mut rules = TradingRules {
            silence_in_running: ms(trading.silence_in_running_ms),
            silence_otherwise: ms(trading.silence_otherwise_ms),
            free_kick_suspends: trading.free_kick_suspends,
            markets: markets("trading.markets", &trading.markets)?,
            total_lines: trading.total_lines,
            team_total_lines: trading.team_total_lines,
            handicap_lines: trading.handicap_lines,
            other_lines: trading.other_lines,
            correct_score_max: u8::try_from(trading.correct_score_max).unwrap_or(u8::MAX),
            ladder: ladder("trading.ladder", &trading.ladder)?,
            margins: self.margins.rules(),
            model: self.model.rules("model.file")?,
            ticks_per_s_max: trading.ticks_per_s_max,
            max_matches: trading.max_matches,
            competitions: BTreeMap::new(),
        };
        rules.competitions = competitions(&self.competitions, &rules, &self.margins)?;
        Ok(rules)
    }

    fn placement_rules(&self) -> Result<PlacementRules, Impossible> {
        let ms = |value: u32| Millis::new(i64::from(value));
        let placement = &self.placement;
        Ok(PlacementRules {
            in_play_delay: ms(placement.in_play_delay_ms),
            next_goal_delay: ms(placement.next_goal_delay_ms),
            pre_match_delay: ms(placement.pre_match_delay_ms),
            id_time_earliest: Millis::new(-i64::from(placement.id_time_ahead_ms)),
            id_time_latest: ms(placement.id_time_behind_ms),
            remember_ids_for: Millis::new(i64::from(placement.remember_ids_s) * 1_000),
            max_age_in_play: ms(placement.max_age_in_play_ms),
            max_age_pre_match: ms(placement.max_age_pre_match_ms),
            price_jump: Ratio::new(u64::from(placement.price_jump_millionths), 1_000_000)
                .ok_or_else(|| Impossible::new("placement.price_jump_millionths", "is not a ratio"))?,
            resettle_for: Millis::new(i64::from(placement.resettle_s) * 1_000),
            rule_set: placement.rule_set,
        })
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
    fn rules(&self, liability: LiabilityLimits) -> BookLimits {
        BookLimits {
            min_stake: Money::from_minor(self.min_stake_minor),
            max_stake: Money::from_minor(self.max_stake_minor),
            max_payout: Money::from_minor(self.max_payout_minor),
            max_open_bets: self.max_open_bets,
            max_accounts: self.max_accounts,
            max_waiting_bets: self.max_waiting_bets,
            max_remembered_ids: self.max_remembered_ids,
            max_matches: self.max_matches,
            liability,
        }
    }
}

impl LiabilityPart {
    fn rules(&self) -> Result<LiabilityLimits, Impossible> {
        let parlays = match self.parlays.as_str() {
            "fair" => ParlayWeight::Fair,
            "full" => ParlayWeight::Full,
            other => {
                let what = format!("{other:?} must be \"fair\" or \"full\"");
                return Err(Impossible::new("liability.parlays", what));
            }
        };
        Ok(LiabilityLimits {
            outcome: Money::from_minor(self.outcome_minor),
            market: Money::from_minor(self.market_minor),
            one_match: Money::from_minor(self.match_minor),
            account: Money::from_minor(self.account_minor),
            parlays,
        })
    }
}

pub(super) fn ladder(key: &str, name: &str) -> Result<LadderForm, Impossible> {
    match name {
        "decimal" => Ok(LadderForm::Decimal),
        "american" => Ok(LadderForm::American),
        other => Err(Impossible::new(key, format!("{other:?} must be \"decimal\" or \"american\""))),
    }
}

/// The kinds of those names, each once, in their own order.
pub(super) fn markets(key: &str, names: &[String]) -> Result<Vec<MarketType>, Impossible> {
    let mut kinds = Vec::new();
    for name in names {
        let known = || MarketType::all().map(MarketType::name).collect::<Vec<_>>().join(", ");
        let kind = MarketType::parse(name)
            .ok_or_else(|| Impossible::new(key, format!("{name:?} is no market; known: {}", known())))?;
        kinds.push(kind);
    }
    kinds.sort_unstable();
    kinds.dedup();
    Ok(kinds)
}

fn licence((at, part): (usize, &LicencePart)) -> Result<LicenceRules, Impossible> {
    let key = |name: &str| format!("licences[{at}].{name}");
    let competition = |id: &String| {
        CompetitionId::parse(id).map_err(|error| Impossible::new(&key("competitions"), format!("{id:?}: {error}")))
    };
    let competitions = part.competitions.as_ref().map(|ids| ids.iter().map(competition).collect()).transpose()?;
    let market_types = part.markets.as_ref().map(|names| markets(&key("markets"), names)).transpose()?;
    Ok(LicenceRules {
        competitions,
        market_types,
        in_play: part.in_play,
        licence: LicenceId::parse(&part.id)
            .map_err(|error| Impossible::new(&format!("licences[{at}].id"), format!("{:?}: {error}", part.id)))?,
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
    // Not checked again: what was once in force stays readable, whatever later versions think of it.
    let settings = rules.translated().map_err(|wrong| format!("settings: {wrong}"))?;
    Ok((Arc::new(settings), SettingsStamp { revision: changed.revision, hash }))
}
