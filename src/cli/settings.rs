//! Which pipeline a command works on: the file, and what the environment and the flags say otherwise.

use crate::runtime::pipeline::{self, Loaded, Origin, Override, Pipeline, SecurityPart};
use anyhow::Context;
use clap::Args;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The pipeline file that is built in.
const BUILT_IN: &str = include_str!("../../pipelines/soccer-live/pipeline.toml");
/// Where the file is looked for when none is named.
const USUAL_PLACE: &str = "pipelines/soccer-live/pipeline.toml";
/// What a variable begins with that overrides a key: `TOUCHLINE__KAFKA__BROKERS`.
const VARIABLE: &str = "TOUCHLINE__";
/// The broker's password, if it is not in `kafka.security.password_file`.
const PASSWORD: &str = "TOUCHLINE_KAFKA_PASSWORD";
/// The password of `kafka.security.key_file`, if that is locked.
const KEY_PASSWORD: &str = "TOUCHLINE_KAFKA_KEY_PASSWORD";

/// Where the pipeline is described, and where its Kafka is.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Pipeline")]
pub struct PipelineArguments {
    /// The pipeline file. Without it, and without pipelines/soccer-live/pipeline.toml here, the built-in copy is used.
    #[arg(long, value_name = "FILE", env = "TOUCHLINE_PIPELINE")]
    pub pipeline: Option<PathBuf>,
    /// Kafka, instead of the file's `kafka.brokers`.
    #[arg(long, value_name = "HOST:PORT", env = "KAFKA_BOOTSTRAP")]
    pub brokers: Option<String>,
    /// Put before every topic name, instead of the file's `kafka.topic_prefix`.
    #[arg(long, value_name = "PREFIX", env = "TOUCHLINE_TOPIC_PREFIX")]
    pub topic_prefix: Option<String>,
    /// Any key of the file, for example `--set kafka.replication=3`; may be repeated. Before it comes the environment:
    /// `TOUCHLINE__KAFKA__REPLICATION=3`. `touchline config show` lists all keys.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

impl PipelineArguments {
    /// The pipeline in force, with what is needed to reach its Kafka.
    pub fn load(&self) -> anyhow::Result<Pipeline> {
        let mut pipeline = self.load_layers()?.pipeline;
        find_secrets(&mut pipeline.kafka.security)?;
        Ok(pipeline)
    }

    /// The pipeline in force and who gave its values; secrets are not looked for.
    pub fn load_layers(&self) -> anyhow::Result<Loaded> {
        let overrides = self.overrides(std::env::vars_os())?;
        let usual = Path::new(USUAL_PLACE);
        let file = self.pipeline.as_deref().or_else(|| usual.exists().then_some(usual));
        let text = file.map(pipeline::text_of).transpose()?;
        let shown = file.map(|file| file.display().to_string());
        pipeline::read(text.as_deref().unwrap_or(BUILT_IN), shown.as_deref(), &overrides).map_err(anyhow::Error::msg)
    }

    /// What goes before the file, the strongest last.
    fn overrides(&self, variables: impl Iterator<Item = (OsString, OsString)>) -> anyhow::Result<Vec<Override>> {
        let mut all = Vec::new();
        let mut variables: Vec<(String, OsString)> =
            variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect();
        variables.sort();
        for (name, value) in &variables {
            let Some(path) = name.strip_prefix(VARIABLE) else { continue };
            let text = value.to_str().with_context(|| format!("{name} is not readable text"))?.to_owned();
            let key = path.split("__").map(str::to_ascii_lowercase).collect::<Vec<_>>().join(".");
            all.push(Override { key, text, origin: Origin::Environment(name.clone()) });
        }
        let mut flags = Vec::new();
        for one in &self.set {
            let (key, text) = one
                .split_once('=')
                .with_context(|| format!("--set {one}: must be KEY=VALUE, for example kafka.replication=3"))?;
            // Without the value: somebody may try to give a password this way.
            let origin = Origin::Flag(format!("--set {}", key.trim()));
            flags.push(Override { key: key.trim().to_owned(), text: text.trim().to_owned(), origin });
        }
        let named = [
            ("kafka.brokers", &self.brokers, "KAFKA_BOOTSTRAP", "--brokers"),
            ("kafka.topic_prefix", &self.topic_prefix, "TOUCHLINE_TOPIC_PREFIX", "--topic-prefix"),
        ];
        for (key, value, variable, flag) in named {
            let Some(text) = value else { continue };
            // The parser takes the variable where there is no flag, and does not say so.
            let by_variable = variables.iter().any(|(name, value)| name == variable && value.to_str() == Some(text));
            let one = |origin| Override { key: key.to_owned(), text: text.clone(), origin };
            match by_variable {
                true => all.push(one(Origin::Environment(variable.to_owned()))),
                false => flags.push(one(Origin::Flag(flag.to_owned()))),
            }
        }
        all.extend(flags);
        Ok(all)
    }
}

/// Reads the passwords that the settings ask for, from where they belong.
fn find_secrets(security: &mut SecurityPart) -> anyhow::Result<()> {
    let variable = |name: &str| -> anyhow::Result<String> {
        let value = std::env::var_os(name).unwrap_or_default();
        value.into_string().map_err(|_| anyhow::anyhow!("{name} is not readable text"))
    };
    let files = [
        ("ca_file", &security.ca_file),
        ("certificate_file", &security.certificate_file),
        ("key_file", &security.key_file),
    ];
    for (key, file) in files.into_iter().filter(|(_, file)| !file.is_empty()) {
        // The client would say that something is missing, but not what.
        std::fs::File::open(file).with_context(|| format!("kafka.security.{key}: cannot read {file}"))?;
    }
    security.secrets.key_password = variable(KEY_PASSWORD)?;
    if !security.protocol.is_sasl() {
        return Ok(());
    }
    let file = &security.password_file;
    let password = match file.as_str() {
        "" => variable(PASSWORD)?,
        file => std::fs::read_to_string(file)
            .with_context(|| format!("kafka.security.password_file: cannot read {file}"))?
            .trim_end_matches(['\r', '\n'])
            .to_owned(),
    };
    if password.is_empty() {
        anyhow::bail!(
            "kafka.security.protocol {} needs a password for {}: name a file that holds it in kafka.security.password_file, or set {PASSWORD}",
            security.protocol.name(),
            security.username
        );
    }
    security.secrets.password = password;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(brokers: Option<&str>, set: &[&str]) -> PipelineArguments {
        let set = set.iter().map(|one| (*one).to_owned()).collect();
        PipelineArguments { pipeline: None, brokers: brokers.map(str::to_owned), topic_prefix: None, set }
    }

    fn said(arguments: &PipelineArguments, variables: &[(&str, &str)]) -> Vec<String> {
        let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let overrides = arguments.overrides(variables).unwrap();
        overrides.into_iter().map(|one| format!("{} {} by {}", one.key, one.text, one.origin)).collect()
    }

    #[test]
    fn the_environment_comes_before_flags_and_each_keeps_its_name() {
        let arguments = arguments(Some("b:1"), &["kafka.topic_prefix = x.", "kafka.replication=3"]);
        let variables = [("TOUCHLINE__KAFKA__SECURITY__USERNAME", "me"), ("PATH", "/"), ("TOUCHLINE_LOG", "info")];
        assert_eq!(
            said(&arguments, &variables),
            [
                "kafka.security.username me by environment TOUCHLINE__KAFKA__SECURITY__USERNAME",
                "kafka.topic_prefix x. by flag --set kafka.topic_prefix",
                "kafka.replication 3 by flag --set kafka.replication",
                "kafka.brokers b:1 by flag --brokers",
            ]
        );
    }

    #[test]
    fn a_value_that_clap_took_from_the_environment_is_the_environment_s() {
        let variables = [("KAFKA_BOOTSTRAP", "b:1")];
        assert_eq!(
            said(&arguments(Some("b:1"), &[]), &variables),
            ["kafka.brokers b:1 by environment KAFKA_BOOTSTRAP"]
        );
        assert_eq!(said(&arguments(Some("b:2"), &[]), &variables), ["kafka.brokers b:2 by flag --brokers"]);
    }

    #[test]
    fn a_set_without_a_value_says_how_it_goes() {
        let error = arguments(None, &["kafka.replication"]).overrides(std::iter::empty()).unwrap_err();
        assert!(error.to_string().contains("KEY=VALUE"));
    }

    #[test]
    fn a_password_is_read_from_its_file_without_its_line_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "hush hush\n").unwrap();
        let mut security = SecurityPart {
            protocol: pipeline::Protocol::SaslSsl,
            password_file: file.path().display().to_string(),
            ..SecurityPart::default()
        };
        find_secrets(&mut security).unwrap();
        assert_eq!(security.secrets.password, "hush hush");
        security.password_file = "no/such/file".to_owned();
        let error = find_secrets(&mut security).unwrap_err();
        assert!(error.to_string().contains("kafka.security.password_file: cannot read no/such/file"));
    }
}
