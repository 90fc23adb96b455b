//! Reading a file of reference values: every number where it should be, or the place where it is not.

use serde_json::{Map, Value};
use std::fmt;

/// What is wrong with a file, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    place: String,
    what: String,
}

/// What reading gives.
pub type Read<T> = Result<T, Malformed>;

impl Malformed {
    /// Wrong right here.
    pub fn new(what: impl Into<String>) -> Malformed {
        Malformed { place: String::new(), what: what.into() }
    }

    /// The same, told from one step further out: the name of a key, or `[3]`.
    #[must_use]
    pub fn within(mut self, step: &str) -> Malformed {
        let joint = match self.place.as_bytes().first() {
            None | Some(b'[' | b' ') => "",
            // A step such as ` (id) ` explains the one before it.
            Some(_) if step.ends_with(' ') => "",
            Some(_) => ".",
        };
        self.place = format!("{step}{joint}{}", self.place);
        self
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.what) } else { write!(f, "{}: {}", self.place, self.what) }
    }
}

impl std::error::Error for Malformed {}

/// Parses a whole document.
pub fn parse(text: &str) -> Read<Value> {
    // Some editors put a byte order mark in front.
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| Malformed::new(format!("not JSON: {error}")))
}

/// The value of a key that must be there.
pub fn field<'a, T>(of: &'a Value, name: &str, read: impl FnOnce(&'a Value) -> Read<T>) -> Read<T> {
    let value = object(of)?.get(name).ok_or_else(|| Malformed::new("is missing").within(name))?;
    read(value).map_err(|error| error.within(name))
}

/// The value of a key that may be absent or null.
pub fn field_if_any<'a, T>(of: &'a Value, name: &str, read: impl FnOnce(&'a Value) -> Read<T>) -> Read<Option<T>> {
    match object(of)?.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(value).map(Some).map_err(|error| error.within(name)),
    }
}

/// Each entry of a list, in order.
pub(super) fn each<'a>(list: &'a Value, mut read: impl FnMut(usize, &'a Value) -> Read<()>) -> Read<()> {
    for (i, entry) in entries(list)?.iter().enumerate() {
        read(i, entry).map_err(|error| error.within(&format!("[{i}]")))?;
    }
    Ok(())
}

/// A list.
pub(super) fn entries(value: &Value) -> Read<&[Value]> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| must_be("a list", value))
}

/// Names and their values.
pub fn object(value: &Value) -> Read<&Map<String, Value>> {
    value.as_object().ok_or_else(|| must_be("an object", value))
}

/// Text.
pub fn text(value: &Value) -> Read<&str> {
    value.as_str().ok_or_else(|| must_be("a text", value))
}

/// A number; JSON has no others than finite ones.
pub fn number(value: &Value) -> Read<f64> {
    value.as_f64().filter(|number| number.is_finite()).ok_or_else(|| must_be("a number", value))
}

/// A number, or null for no value.
pub(super) fn number_or_null(value: &Value) -> Read<Option<f64>> {
    if value.is_null() { Ok(None) } else { number(value).map(Some) }
}

/// A whole number from 0 to `most`.
pub(super) fn count(value: &Value, most: u16) -> Read<u16> {
    let whole = number(value)?;
    let is_whole = whole >= 0.0 && whole <= f64::from(most) && whole.fract() == 0.0;
    if is_whole { Ok(whole as u16) } else { Err(must_be(&format!("a whole number from 0 to {most}"), value)) }
}

/// A list of numbers.
pub(super) fn numbers(value: &Value) -> Read<Vec<f64>> {
    let mut all = Vec::new();
    each(value, |_, entry| {
        all.push(number(entry)?);
        Ok(())
    })?;
    Ok(all)
}

/// A list of so many numbers.
pub(super) fn exactly<const N: usize>(value: &Value) -> Read<[f64; N]> {
    let all = numbers(value)?;
    let found = all.len();
    all.try_into().map_err(|_| Malformed::new(format!("must have {N} entries, has {found}")))
}

/// A pair of whole numbers: of home and of away.
pub(super) fn pair(value: &Value, most: u16) -> Read<[u16; 2]> {
    let list = entries(value)?;
    let [home, away] = list else {
        return Err(Malformed::new(format!("must have 2 entries, home and away, has {}", list.len())));
    };
    let of = |side: &Value, step: &str| count(side, most).map_err(|error| error.within(step));
    Ok([of(home, "[0]")?, of(away, "[1]")?])
}

/// The keys that nobody knows here.
pub fn unknown_keys<'a>(of: &'a Value, known: &[&str]) -> Read<Vec<&'a str>> {
    Ok(object(of)?.keys().map(String::as_str).filter(|key| !known.contains(key)).collect())
}

/// How many values stand below: numbers, texts, and nulls, which say that there is no value.
pub(super) fn values_in(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(values_in).sum(),
        Value::Object(map) => map.values().map(values_in).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

fn must_be(what: &str, value: &Value) -> Malformed {
    let mut shown = value.to_string();
    if shown.chars().count() > 40 {
        shown = shown.chars().take(39).chain(['…']).collect();
    }
    Malformed::new(format!("must be {what}, is {shown}"))
}
