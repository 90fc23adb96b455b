//! `pipeline.toml`: what an operator edits, and the part of it that the machines depend on.
//!
//! `kafka` and `observability` are the operator's own: no machine depends on them, and they may be overridden at will.
//! Everything else is `rules`: it travels as canonical text in the journal, so a replay uses the rules of the day, and
//! an override of a rule is a change of the rules like any other (`revision` must rise). Every key but `name` and
//! `revision` has a default. Unknown keys and impossible values are refused with file, line and key (`layers`).

mod checks;
mod kafka;
mod layers;
mod model;
mod model_counts;
mod observability;
mod offer;
mod rules;
mod settings;

pub use checks::Impossible;
pub use kafka::{KafkaPart, Mechanism, Protocol, Secrets, SecurityPart, is_loopback};
pub use layers::{Effective, Loaded, Origin, Override, read};
pub use model::{Model, ModelError};
pub use observability::ObservabilityPart;
pub use offer::{CompetitionPart, CountPart, CountShares, HalfShares, ModelPart};
pub use rules::{
    ClockPart, FreshnessPart, LicencePart, LimitsPart, MarginsPart, OwnMarginsPart, PartitionsPart, PlacementPart,
    PortionsPart, RulesPart, TradingPart,
};
pub use settings::settings_from_journal;

use std::path::Path;

/// The whole file.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Its name: part of every transactional id and consumer group. `[a-z0-9-]`, 1 to 40.
    pub name: String,
    /// How to reach Kafka.
    pub kafka: KafkaPart,
    /// What can be seen of its processes.
    pub observability: ObservabilityPart,
    /// The machines' part.
    pub rules: RulesPart,
    /// Where its models come from.
    pub model_files: ModelFiles,
}

/// The model files as the pipeline names them; what is in them is in the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFiles {
    /// `model.file`.
    pub general: String,
    /// `model` of each competition in the list.
    pub competitions: Vec<Option<String>>,
}

/// The model file that is built in, as the shipped pipeline names it.
const BUILT_IN_MODEL: &str = "model/measured_v1.toml";

impl Pipeline {
    /// Revision 1 of a pipeline where everything is as built in.
    fn plain() -> Self {
        Pipeline {
            name: "soccer-live".to_owned(),
            kafka: KafkaPart::default(),
            observability: ObservabilityPart::default(),
            rules: RulesPart::plain(),
            model_files: ModelFiles { general: BUILT_IN_MODEL.to_owned(), competitions: Vec::new() },
        }
    }

    /// All that cannot be.
    fn wrong(&self) -> Vec<Impossible> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let mut wrong = Vec::new();
        if self.name.is_empty() || self.name.len() > 40 || !self.name.bytes().all(legal) {
            wrong.push(Impossible::new("name", format!("{:?} must be 1 to 40 of a-z, 0-9 and -", self.name)));
        }
        wrong.extend(self.kafka.check());
        wrong.extend(self.observability.address().err());
        wrong.extend(self.rules.checked().err().into_iter().flatten());
        wrong
    }
}

/// Reads a pipeline file; the error names file, line and key.
pub fn load(path: &Path) -> anyhow::Result<Pipeline> {
    let shown = path.display().to_string();
    let loaded = read(&text_of(path)?, Some(&shown), &[]).map_err(anyhow::Error::msg)?;
    Ok(loaded.pipeline)
}

/// A pipeline file's text.
pub fn text_of(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| anyhow::anyhow!("cannot read the pipeline file {}: {error}", path.display()))
}

/// Parses a pipeline file's text and checks that it can be.
pub fn parse(text: &str) -> Result<Pipeline, String> {
    read(text, Some("pipeline.toml"), &[]).map(|loaded| loaded.pipeline)
}

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;
