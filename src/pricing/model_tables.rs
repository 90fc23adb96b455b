//! What a model says of a match's goals, corners and cards, made ready to price with.

use super::count_profile::CountProfile;
use super::profile::{BadProfile, Profile};
use super::tally::{BadCountModel, CountModel};
use crate::event::{CountRules, ModelRules};

/// A model's tables, worked out once for all matches that are priced with it.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelTables {
    /// When goals come.
    pub goals: Profile,
    /// How many corners come, and when.
    pub corners: CountTables,
    /// Likewise cards, in booking units.
    pub cards: CountTables,
    /// Chance that home wins a shoot-out.
    pub shoot_out_home: f64,
}

/// How many of a kind come, whose they are, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct CountTables {
    /// How many, and whose.
    pub model: CountModel,
    /// When.
    pub profile: CountProfile,
}

/// Why a model's rules were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadModel {
    /// Its spread of goals.
    Goals(BadProfile),
    /// Its corners.
    Corners(BadCounts),
    /// Its cards.
    Cards(BadCounts),
    /// Its chance of a shoot-out is none: outside [0, 1].
    ShootOut,
}

/// Why rules of corners or cards were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCounts {
    /// How many and whose.
    Model(BadCountModel),
    /// When.
    Profile(BadProfile),
}

impl ModelTables {
    /// Those of a model.
    ///
    /// # Errors
    /// The first part that cannot be, and why.
    pub fn of(model: &ModelRules) -> Result<ModelTables, BadModel> {
        ModelTables::with_goals(Profile::of(model).map_err(BadModel::Goals)?, model)
    }

    /// Another spread of goals, with its expected stoppage, beside a model's corners and cards.
    ///
    /// # Errors
    /// Why its corners or cards cannot be.
    pub fn with_goals(goals: Profile, model: &ModelRules) -> Result<ModelTables, BadModel> {
        let stoppage_minutes = goals.expected_stoppage_minutes();
        let of = |rules: &CountRules| CountTables::of(rules, stoppage_minutes);
        let shoot_out_home = model.shoot_out_home.to_f64();
        if !(0.0..=1.0).contains(&shoot_out_home) {
            return Err(BadModel::ShootOut);
        }
        Ok(ModelTables {
            corners: of(&model.corners).map_err(BadModel::Corners)?,
            cards: of(&model.cards).map_err(BadModel::Cards)?,
            shoot_out_home,
            goals,
        })
    }

    /// Those of the model that is built in.
    pub fn measured_v1() -> ModelTables {
        ModelTables::of(&ModelRules::measured_v1()).expect("the measured model keeps its own rules")
    }
}

impl CountTables {
    /// Those of these rules, with the expected stoppage of the halves, minutes.
    ///
    /// # Errors
    /// What of them cannot be.
    pub fn of(rules: &CountRules, stoppage_minutes: [f64; 2]) -> Result<CountTables, BadCounts> {
        Ok(CountTables {
            model: CountModel::of(rules).map_err(BadCounts::Model)?,
            profile: CountProfile::of(rules, stoppage_minutes).map_err(BadCounts::Profile)?,
        })
    }
}
