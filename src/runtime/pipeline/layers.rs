//! Which value is in force, and who said so: defaults, then the file, then the environment, then flags.
//!
//! The file is parsed with the place of every key kept. An override is put into the parsed tree under a place beyond the
//! file's end that stands for it, so that whatever is found wrong later, by the decoder or by a rule, leads back to the
//! line, the variable or the flag that said it.

use super::checks::Impossible;
use super::kafka::KafkaPart;
use super::model::Model;
use super::observability::ObservabilityPart;
use super::offer::{CompetitionPart, ModelPart};
use super::rules::RulesPart;
use super::{BUILT_IN_MODEL, ModelFiles, Pipeline};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

/// The keys of the file's top level.
pub(super) const TOP_LEVEL: [&str; 16] = [
    "name",
    "revision",
    "kafka",
    "observability",
    "partitions",
    "freshness",
    "clock",
    "trading",
    "margins",
    "model",
    "competitions",
    "placement",
    "limits",
    "liability",
    "portions",
    "licences",
];

/// Who gave a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody: it is built in.
    Default,
    /// A line of the pipeline file.
    File {
        /// The file as it was named.
        file: String,
        /// Its line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// A flag, as it was given.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("built-in default"),
            Origin::File { file, line } => write!(f, "{file}:{line}"),
            Origin::Environment(name) => write!(f, "environment {name}"),
            Origin::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// A value that goes before the file's.
#[derive(Clone, Debug)]
pub struct Override {
    /// The key, `kafka.brokers`.
    pub key: String,
    /// The value: TOML, or, for a key that holds text, the text as it is.
    pub text: String,
    /// Who says so.
    pub origin: Origin,
}

/// The pipeline in force.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Itself.
    pub pipeline: Pipeline,
    origins: BTreeMap<String, Origin>,
}

/// A key, its value as TOML, and who gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The key, `kafka.brokers`.
    pub key: String,
    /// The value as TOML.
    pub value: String,
    /// Who gave it.
    pub origin: Origin,
}

impl Loaded {
    /// Every value in force, in the order of the top level and then by name.
    pub fn values(&self) -> Vec<Effective> {
        let mut values = Vec::new();
        flatten("", &toml::Value::Table(table_of(&self.pipeline)), &mut |key, value| {
            let origin = self.origins.get(key).cloned().unwrap_or(Origin::Default);
            values.push(Effective { key: key.to_owned(), value: value.to_string(), origin });
        });
        values.extend(self.models());
        let rank = |key: &str| TOP_LEVEL.iter().position(|top| key.split(['.', '[']).next() == Some(top));
        values.sort_by_key(|value| rank(&value.key));
        values
    }
}

impl Loaded {
    /// The model in force of each kind, by the name that it gives itself.
    fn models(&self) -> Vec<Effective> {
        let rules = &self.pipeline.rules;
        let own = rules.competitions.iter().enumerate();
        let own = own.filter_map(|(at, part)| Some((format!("competitions[{at}].model"), part.model.as_ref()?)));
        let of = |(key, model): (String, &ModelPart)| Effective {
            origin: self.origins.get(&key).cloned().unwrap_or(Origin::Default),
            value: toml::Value::String(model.name.clone()).to_string(),
            key: format!("{}.name", key.strip_suffix(".file").unwrap_or(&key)),
        };
        std::iter::once(("model.file".to_owned(), &rules.model)).chain(own).map(of).collect()
    }
}

/// Reads a pipeline file's text under its overrides, and the model files that it names. `file` is how errors name it, and
/// where a model file's place is counted from; `None` for the built-in copy. The error has a line for each thing that is
/// wrong, each with its place.
pub fn read(text: &str, file: Option<&str>, overrides: &[Override]) -> Result<Loaded, String> {
    let tree = Tree::grow(text, file, overrides)?;
    let (pipeline, mut wrong) = tree.decode()?;
    wrong.extend(pipeline.wrong());
    wrong.sort_by_key(|fault| tree.line_of(fault));
    if !wrong.is_empty() {
        return Err(wrong.iter().map(|fault| tree.tell(fault)).collect::<Vec<_>>().join("\n"));
    }
    let origins = tree.places.iter().map(|(key, place)| (key.clone(), tree.origin(place.value.start))).collect();
    Ok(Loaded { pipeline, origins })
}

/// The whole pipeline as one table: what a file would say.
pub(super) fn table_of(pipeline: &Pipeline) -> toml::Table {
    let mut table = toml::Table::try_from(&pipeline.rules).expect("plain values serialise");
    let part = |value: Result<toml::Value, toml::ser::Error>| value.expect("plain values serialise");
    table.insert("name".to_owned(), toml::Value::String(pipeline.name.clone()));
    table.insert("kafka".to_owned(), part(toml::Value::try_from(&pipeline.kafka)));
    table.insert("observability".to_owned(), part(toml::Value::try_from(&pipeline.observability)));
    // Models by their files.
    let file = toml::Value::String(pipeline.model_files.general.clone());
    table.insert("model".to_owned(), toml::Value::Table([("file".to_owned(), file)].into_iter().collect()));
    if let Some(toml::Value::Array(parts)) = table.get_mut("competitions") {
        for (part, file) in parts.iter_mut().zip(&pipeline.model_files.competitions) {
            if let (Some(part), Some(file)) = (part.as_table_mut(), file) {
                part.insert("model".to_owned(), toml::Value::String(file.clone()));
            }
        }
    }
    table
}

/// Hands over every value that is neither a table nor a list of tables.
pub(super) fn flatten(path: &str, value: &toml::Value, each: &mut dyn FnMut(&str, &toml::Value)) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                flatten(&joined(path, key), value, each);
            }
        }
        toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
            for (at, item) in items.iter().enumerate() {
                flatten(&format!("{path}[{at}]"), item, each);
            }
        }
        toml::Value::String(_)
        | toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_)
        | toml::Value::Array(_) => each(path, value),
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Where a key and its value stand.
struct Place {
    key: Range<usize>,
    value: Range<usize>,
}

/// The file and its overrides as one tree.
struct Tree<'t> {
    text: &'t str,
    file: Option<&'t str>,
    overrides: &'t [Override],
    root: Spanned<DeTable<'t>>,
    places: BTreeMap<String, Place>,
}

impl<'t> Tree<'t> {
    fn grow(text: &'t str, file: Option<&'t str>, overrides: &'t [Override]) -> Result<Self, String> {
        let empty = Spanned::new(0..0, DeTable::new());
        let mut tree = Tree { text, file, overrides, root: empty, places: BTreeMap::new() };
        let parsed = DeTable::parse(text).map_err(|error| tree.error(&error))?;
        let span = parsed.span();
        let mut root = parsed.into_inner();
        let mut known = table_of(&Pipeline::plain());
        known.insert("competitions".to_owned(), toml::Value::Array(Vec::new()));
        for (number, one) in overrides.iter().enumerate() {
            let place = text.len() + 1 + number;
            let at = |what: String| format!("{}: {what}", one.origin);
            let value = override_value(one, &known).map_err(at)?;
            insert(&mut root, &one.key, respan(value, place..place), place..place).map_err(at)?;
        }
        find_places("", &root, &mut tree.places);
        if let Some(unknown) = root.keys().find(|key| !TOP_LEVEL.contains(&key.get_ref().as_ref())) {
            let (name, at) = (unknown.get_ref(), unknown.span().start);
            return Err(format!("{}: {name}: unknown key; known are {}", tree.origin_name(at), TOP_LEVEL.join(", ")));
        }
        tree.root = Spanned::new(span, root);
        Ok(tree)
    }

    /// The pipeline, and what is wrong with the models that it names.
    fn decode(&self) -> Result<(Pipeline, Vec<Impossible>), String> {
        let mut root = self.root.get_ref().clone();
        let told = |error: toml::de::Error| self.error(&error);
        let name = root.remove("name").ok_or_else(|| format!("{}: name: is missing", self.shown_file()))?;
        let name = String::deserialize(ValueDeserializer::from(name)).map_err(told)?;
        let kafka = root.remove("kafka").map(|part| KafkaPart::deserialize(ValueDeserializer::from(part)));
        let kafka = kafka.transpose().map_err(told)?.unwrap_or_default();
        let seen = root.remove("observability");
        let seen = seen.map(|part| ObservabilityPart::deserialize(ValueDeserializer::from(part)));
        let observability = seen.transpose().map_err(told)?.unwrap_or_default();
        if !root.contains_key("revision") {
            return Err(format!(
                "{}: revision: is missing: a whole number that rises with every change of the rules",
                self.shown_file()
            ));
        }
        let model = root.remove("model").map(|part| ModelFilePart::deserialize(ValueDeserializer::from(part)));
        let general = model.transpose().map_err(told)?.unwrap_or_default().file;
        let own = root.remove("competitions");
        let own = own.map(|part| Vec::<CompetitionPart<String>>::deserialize(ValueDeserializer::from(part)));
        let own = own.transpose().map_err(told)?.unwrap_or_default();
        let rest = Spanned::new(self.root.span(), root);
        let mut rules = RulesPart::deserialize(toml::Deserializer::from(rest)).map_err(told)?;
        let mut wrong = Vec::new();
        let mut model_of = |key: String, file: &str| self.model(&key, file).map_err(|fault| wrong.push(fault)).ok();
        rules.model = model_of("model.file".to_owned(), &general).unwrap_or_default();
        let competitions = own.iter().map(|part| part.model.clone()).collect();
        let with_model = |(at, part): (usize, CompetitionPart<String>)| {
            let model = part.model.as_deref().and_then(|file| model_of(format!("competitions[{at}].model"), file));
            part.with_model(model)
        };
        rules.competitions = own.into_iter().enumerate().map(with_model).collect();
        let model_files = ModelFiles { general, competitions };
        Ok((Pipeline { name, kafka, observability, rules, model_files }, wrong))
    }

    /// A model file's content. Its place is counted from the pipeline file's; what nobody has named is built in.
    fn model(&self, key: &str, file: &str) -> Result<ModelPart, Impossible> {
        let origin = self.places.get(key).map_or(Origin::Default, |place| self.origin(place.value.start));
        if origin == Origin::Default && file == BUILT_IN_MODEL {
            return Ok(ModelPart::default());
        }
        let folder = self.file.and_then(|file| Path::new(file).parent()).map_or_else(PathBuf::new, Path::to_path_buf);
        let path = folder.join(file);
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Impossible::new(key, format!("the model file {shown} cannot be read: {error}")))?;
        let model = Model::read(&text, &shown).map_err(|error| Impossible::new(key, error.to_string()))?;
        Ok(ModelPart::from(model.rules()))
    }

    /// What the decoder found, with its place and key.
    fn error(&self, error: &toml::de::Error) -> String {
        let what = error.message().replace("unknown field", "unknown key").replace("missing field", "missing key");
        let Some(span) = error.span() else { return format!("{}: {what}", self.shown_file()) };
        let holds = |range: &Range<usize>| range.start <= span.start && span.end <= range.end.max(range.start);
        // The longest path whose key or value it is; an unknown key has its own place.
        let key = self
            .places
            .iter()
            .filter(|(_, place)| holds(&place.key) || holds(&place.value))
            .max_by_key(|(path, _)| path.len())
            .map(|(path, _)| format!("{path}: "));
        format!("{}: {}{what}{}", self.origin_name(span.start), key.unwrap_or_default(), advice(&what))
    }

    /// A rule that is broken, with the place of the key that broke it.
    fn tell(&self, fault: &Impossible) -> String {
        let place = fault.keys.iter().find_map(|key| self.places.get(key));
        let at = place.map_or_else(|| self.shown_file(), |place| self.origin_name(place.key.start));
        format!("{at}: {fault}")
    }

    fn line_of(&self, fault: &Impossible) -> usize {
        fault.keys.iter().find_map(|key| self.places.get(key)).map_or(usize::MAX, |place| place.key.start)
    }

    fn shown_file(&self) -> String {
        self.file.unwrap_or("the built-in pipeline file").to_owned()
    }

    fn origin(&self, place: usize) -> Origin {
        if place > self.text.len() {
            return self.overrides[place - self.text.len() - 1].origin.clone();
        }
        match self.file {
            None => Origin::Default,
            Some(file) => {
                let line = self.text.as_bytes()[..place].iter().filter(|byte| **byte == b'\n').count() + 1;
                Origin::File { file: file.to_owned(), line }
            }
        }
    }

    fn origin_name(&self, place: usize) -> String {
        match self.origin(place) {
            Origin::Default => self.shown_file(),
            other @ (Origin::File { .. } | Origin::Environment(_) | Origin::Flag(_)) => other.to_string(),
        }
    }
}

/// What to say to one who writes a password where everybody reads it.
const NO_PASSWORD: &str = "; a password is not a setting: put it into a file named by kafka.security.password_file, or into TOUCHLINE_KAFKA_PASSWORD";

/// What to do instead, where people commonly go wrong.
fn advice(what: &str) -> &'static str {
    if what.contains("unknown key `password`") { NO_PASSWORD } else { "" }
}

/// `[model]` as the pipeline file has it.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ModelFilePart {
    file: String,
}

impl Default for ModelFilePart {
    fn default() -> Self {
        ModelFilePart { file: BUILT_IN_MODEL.to_owned() }
    }
}

fn find_places(path: &str, table: &DeTable<'_>, places: &mut BTreeMap<String, Place>) {
    for (key, value) in table {
        let path = joined(path, key.get_ref());
        find_below(&path, value, places);
        places.insert(path, Place { key: key.span(), value: value.span() });
    }
}

fn find_below(path: &str, value: &Spanned<DeValue<'_>>, places: &mut BTreeMap<String, Place>) {
    if let Some(table) = value.get_ref().as_table() {
        find_places(path, table, places);
    } else if let Some(items) = value.get_ref().as_array() {
        for (at, item) in items.iter().enumerate() {
            find_below(&format!("{path}[{at}]"), item, places);
        }
    }
}

/// An override's value: text where the key holds text, else TOML.
fn override_value<'t>(one: &'t Override, known: &toml::Table) -> Result<DeValue<'t>, String> {
    let mut kinds = BTreeMap::new();
    for (top, value) in known {
        flatten(top, value, &mut |key, value| {
            kinds.insert(key.to_owned(), value.is_str());
        });
    }
    let whole = known.get(&one.key).is_some_and(toml::Value::is_array);
    match kinds.get(&one.key) {
        Some(true) => Ok(DeValue::String(one.text.as_str().into())),
        Some(false) => value_of(one),
        None if whole => value_of(one),
        None if one.key.ends_with(".password") => Err(format!("unknown key {}{NO_PASSWORD}", one.key)),
        None => Err(format!("unknown key {}{}", one.key, similar(&one.key, kinds.keys()))),
    }
}

fn value_of<'t>(one: &'t Override) -> Result<DeValue<'t>, String> {
    let parsed =
        DeValue::parse(&one.text).map_err(|error| format!("{} = {}: {}", one.key, one.text, error.message()))?;
    Ok(parsed.into_inner())
}

/// Keys that may have been meant: those of the same section, or of the same last name.
fn similar<'k>(key: &str, known: impl Iterator<Item = &'k String>) -> String {
    let (section, last) = key.rsplit_once('.').unwrap_or(("", key));
    let near = known.filter(|other| {
        let (its_section, its_last) = other.rsplit_once('.').unwrap_or(("", other));
        its_section == section || its_last == last
    });
    let near: Vec<&str> = near.map(String::as_str).collect();
    match near.is_empty() {
        true => format!("; sections are {}", TOP_LEVEL.join(", ")),
        false => format!("; there are {}", near.join(", ")),
    }
}

/// Puts a value under a dotted key; tables on the way are made.
fn insert<'t>(root: &mut DeTable<'t>, key: &'t str, value: DeValue<'t>, span: Range<usize>) -> Result<(), String> {
    let spot = |name: &'t str| Spanned::new(span.clone(), name.into());
    let mut table = root;
    let (path, last) = key.rsplit_once('.').unwrap_or(("", key));
    for name in path.split('.').filter(|name| !name.is_empty()) {
        let fresh = || Spanned::new(span.clone(), DeValue::Table(DeTable::new()));
        let next = table.entry(spot(name)).or_insert_with(fresh);
        let DeValue::Table(inner) = next.get_mut() else { return Err(format!("{name} is not a section")) };
        table = inner;
    }
    // Removed first: a map keeps the old key, and with it the old place.
    table.remove(last);
    table.insert(spot(last), Spanned::new(span.clone(), value));
    Ok(())
}

/// The same value, standing at one place.
fn respan<'t>(value: DeValue<'t>, span: Range<usize>) -> DeValue<'t> {
    match value {
        DeValue::Array(items) => {
            let mut moved = DeArray::new();
            for item in items {
                moved.push(Spanned::new(span.clone(), respan(item.into_inner(), span.clone())));
            }
            DeValue::Array(moved)
        }
        DeValue::Table(table) => DeValue::Table(
            table
                .into_iter()
                .map(|(key, value)| {
                    let value = respan(value.into_inner(), span.clone());
                    (Spanned::new(span.clone(), key.into_inner()), Spanned::new(span.clone(), value))
                })
                .collect(),
        ),
        plain @ (DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)) => plain,
    }
}
