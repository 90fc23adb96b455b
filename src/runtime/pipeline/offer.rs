//! What one competition is offered with: the rules and the model it has for itself, as the journal keeps them.

use super::checks::Impossible;
use super::rules::{MarginsPart, OwnMarginsPart};
use super::settings::{ladder, markets};
use crate::event::{CountHalf, CountRules, HalfRules, MinuteShares, ModelRules, TradingRules};
use crate::pricing::ModelTables;
use crate::values::{Billionths, CompetitionId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A competition whose matches are offered otherwise than all others; what is absent is as for these. `M` is its model:
/// in the pipeline file the name of a model file, in the journal its content.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct CompetitionPart<M = ModelPart> {
    /// Its id, as fixtures name it.
    pub id: String,
    /// The kinds of market on offer, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markets: Option<Vec<String>>,
    /// Total lines on offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_lines: Option<u32>,
    /// Lines on offer of each side's own total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_total_lines: Option<u32>,
    /// Handicap lines on offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handicap_lines: Option<u32>,
    /// Lines on offer of every other family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_lines: Option<u32>,
    /// A correct score market lists scores up to so many goals a side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correct_score_max: Option<u32>,
    /// "decimal" or "american".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder: Option<String>,
    /// What prices are made with.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub model: Option<M>,
    /// Margins.
    #[serde(default, skip_serializing_if = "OwnMarginsPart::is_empty")]
    pub margins: OwnMarginsPart,
}

/// A model in whole billionths.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct ModelPart {
    /// Its name.
    pub name: String,
    /// Weight of the two halves of extra time.
    pub extra_time: [i64; 2],
    /// Chance that home wins a shoot-out; even in a journal that does not say.
    #[serde(default = "even")]
    pub shoot_out_home: i64,
    /// By the scoring side's own lead, -2 to +2.
    pub phi: [i64; 5],
    /// What a red card leaves of a side's own rate.
    pub kappa_own: i64,
    /// What it makes of the opponent's.
    pub kappa_opp: i64,
    /// Where it is not solved from a match's odds.
    pub rho: i64,
    /// When goals come in the first half.
    pub first_half: HalfShares,
    /// And in the second.
    pub second_half: HalfShares,
    /// How corners come; a journal without it is of the time when there were the measured ones alone.
    #[serde(default = "measured_corners")]
    pub corners: CountPart,
    /// How cards come, likewise.
    #[serde(default = "measured_cards")]
    pub cards: CountPart,
}

fn even() -> i64 {
    ModelRules::measured_v1().shoot_out_home.raw()
}

fn measured_corners() -> CountPart {
    CountPart::from(&ModelRules::measured_v1().corners)
}

fn measured_cards() -> CountPart {
    CountPart::from(&ModelRules::measured_v1().cards)
}

/// How corners or cards come, in whole billionths.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct CountPart {
    /// How many a match.
    pub mean: i64,
    /// How alike matches are.
    pub shape: i64,
    /// Home's share.
    pub home_share: i64,
    /// How firmly a match keeps to it; absent: every event goes to home with the same chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theta: Option<i64>,
    /// How they are spread over the first half.
    pub first_half: CountShares,
    /// And over the second.
    pub second_half: CountShares,
}

/// How corners or cards are spread over one half, in billionths of the match's.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct CountShares {
    /// Five minutes by five minutes.
    pub five_minutes: [i64; 9],
    /// Of all stoppage.
    pub stoppage: i64,
}

/// How goals are spread over one half, in billionths of the match's goals; either start and rise, or 45 minutes.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct HalfShares {
    /// A minute's share at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    /// What it gains until the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rise: Option<i64>,
    /// Each minute's share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<Vec<i64>>,
    /// Of all stoppage.
    pub stoppage: i64,
    /// Billionths of a minute.
    pub expected_stoppage_minutes: i64,
}

impl Default for ModelPart {
    fn default() -> ModelPart {
        ModelPart::from(&ModelRules::measured_v1())
    }
}

impl From<&ModelRules> for ModelPart {
    fn from(rules: &ModelRules) -> ModelPart {
        ModelPart {
            name: rules.name.clone(),
            extra_time: rules.extra_time.map(Billionths::raw),
            shoot_out_home: rules.shoot_out_home.raw(),
            phi: rules.phi.map(Billionths::raw),
            kappa_own: rules.kappa_own.raw(),
            kappa_opp: rules.kappa_opp.raw(),
            rho: rules.rho.raw(),
            first_half: HalfShares::from(&rules.first_half),
            second_half: HalfShares::from(&rules.second_half),
            corners: CountPart::from(&rules.corners),
            cards: CountPart::from(&rules.cards),
        }
    }
}

impl From<&CountRules> for CountPart {
    fn from(rules: &CountRules) -> CountPart {
        CountPart {
            mean: rules.mean.raw(),
            shape: rules.shape.raw(),
            home_share: rules.home_share.raw(),
            theta: rules.theta.map(Billionths::raw),
            first_half: CountShares::from(&rules.first_half),
            second_half: CountShares::from(&rules.second_half),
        }
    }
}

impl From<&CountHalf> for CountShares {
    fn from(half: &CountHalf) -> CountShares {
        CountShares { five_minutes: half.five_minutes.map(Billionths::raw), stoppage: half.stoppage.raw() }
    }
}

impl From<&HalfRules> for HalfShares {
    fn from(rules: &HalfRules) -> HalfShares {
        let (start, rise, minutes) = match &rules.minutes {
            MinuteShares::Straight { start, rise } => (Some(start.raw()), Some(rise.raw()), None),
            MinuteShares::Listed(shares) => (None, None, Some(shares.iter().map(|share| share.raw()).collect())),
        };
        let expected_stoppage_minutes = rules.expected_stoppage_minutes.raw();
        HalfShares { start, rise, minutes, stoppage: rules.stoppage.raw(), expected_stoppage_minutes }
    }
}

impl ModelPart {
    /// As the machines see it. A model file's reader lets no other through; a journal may hold anything.
    pub(super) fn rules(&self, key: &str) -> Result<Arc<ModelRules>, Impossible> {
        let half = |name: &str, part: &HalfShares| {
            part.rules().ok_or_else(|| Impossible::new(&format!("{key}.{name}"), "is not a half of a match"))
        };
        let rules = ModelRules {
            name: self.name.clone(),
            first_half: half("first_half", &self.first_half)?,
            second_half: half("second_half", &self.second_half)?,
            extra_time: self.extra_time.map(Billionths::from_raw),
            shoot_out_home: Billionths::from_raw(self.shoot_out_home),
            phi: self.phi.map(Billionths::from_raw),
            kappa_own: Billionths::from_raw(self.kappa_own),
            kappa_opp: Billionths::from_raw(self.kappa_opp),
            rho: Billionths::from_raw(self.rho),
            corners: self.corners.rules(),
            cards: self.cards.rules(),
        };
        match ModelTables::of(&rules) {
            Ok(_) => Ok(Arc::new(rules)),
            Err(reason) => Err(Impossible::new(key, format!("model {}: {reason:?}", self.name))),
        }
    }
}

impl CountPart {
    fn rules(&self) -> CountRules {
        CountRules {
            mean: Billionths::from_raw(self.mean),
            shape: Billionths::from_raw(self.shape),
            home_share: Billionths::from_raw(self.home_share),
            theta: self.theta.map(Billionths::from_raw),
            first_half: self.first_half.rules(),
            second_half: self.second_half.rules(),
        }
    }
}

impl CountShares {
    fn rules(&self) -> CountHalf {
        CountHalf {
            five_minutes: self.five_minutes.map(Billionths::from_raw),
            stoppage: Billionths::from_raw(self.stoppage),
        }
    }
}

impl HalfShares {
    fn rules(&self) -> Option<HalfRules> {
        let minutes = match (self.start, self.rise, &self.minutes) {
            (Some(start), Some(rise), None) => {
                MinuteShares::Straight { start: Billionths::from_raw(start), rise: Billionths::from_raw(rise) }
            }
            (None, None, Some(minutes)) => {
                let shares: [i64; 45] = minutes.as_slice().try_into().ok()?;
                MinuteShares::Listed(Box::new(shares.map(Billionths::from_raw)))
            }
            (_, _, _) => return None,
        };
        Some(HalfRules {
            minutes,
            stoppage: Billionths::from_raw(self.stoppage),
            expected_stoppage_minutes: Billionths::from_raw(self.expected_stoppage_minutes),
        })
    }
}

impl<M> CompetitionPart<M> {
    /// The same with its model's content for its model's name.
    pub(super) fn with_model(self, model: Option<ModelPart>) -> CompetitionPart {
        CompetitionPart {
            id: self.id,
            markets: self.markets,
            total_lines: self.total_lines,
            team_total_lines: self.team_total_lines,
            handicap_lines: self.handicap_lines,
            other_lines: self.other_lines,
            correct_score_max: self.correct_score_max,
            ladder: self.ladder,
            model,
            margins: self.margins,
        }
    }
}

impl CompetitionPart {
    /// Its rules, over those of all others.
    fn over(&self, general: &TradingRules, margins: &MarginsPart, key: &str) -> Result<TradingRules, Impossible> {
        let mut rules = general.clone();
        let inner = |name: &str| format!("{key}.{name}");
        if let Some(names) = &self.markets {
            rules.markets = markets(&inner("markets"), names)?;
        }
        if let Some(name) = &self.ladder {
            rules.ladder = ladder(&inner("ladder"), name)?;
        }
        if let Some(model) = &self.model {
            rules.model = model.rules(&inner("model"))?;
        }
        rules.total_lines = self.total_lines.unwrap_or(general.total_lines);
        rules.team_total_lines = self.team_total_lines.unwrap_or(general.team_total_lines);
        rules.handicap_lines = self.handicap_lines.unwrap_or(general.handicap_lines);
        rules.other_lines = self.other_lines.unwrap_or(general.other_lines);
        let correct_score_max = self.correct_score_max.map(|goals| u8::try_from(goals).unwrap_or(u8::MAX));
        rules.correct_score_max = correct_score_max.unwrap_or(general.correct_score_max);
        rules.margins = self.margins.over(margins).rules();
        Ok(rules)
    }
}

/// The rules of each competition that has its own.
pub(super) fn competitions(
    parts: &[CompetitionPart],
    general: &TradingRules,
    margins: &MarginsPart,
) -> Result<BTreeMap<CompetitionId, TradingRules>, Impossible> {
    let mut all = BTreeMap::new();
    for (at, part) in parts.iter().enumerate() {
        let key = format!("competitions[{at}]");
        let id = CompetitionId::parse(&part.id)
            .map_err(|error| Impossible::new(&format!("{key}.id"), format!("{:?}: {error}", part.id)))?;
        all.insert(id, part.over(general, margins, &key)?);
    }
    Ok(all)
}
