//! How corners and cards come, as a model file says it.

use super::model::{Measured, ModelError, Page, SUM_TOLERANCE};
use crate::event::{CountHalf, CountRules};
use crate::values::Billionths;
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

/// One kind of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CountPage {
    /// Matches behind how many there are and whose; and those behind when they come.
    #[expect(dead_code, reason = "for the reader of the file")]
    #[serde(default)]
    matches: Option<u32>,
    #[expect(dead_code, reason = "for the reader of the file")]
    #[serde(default)]
    matches_of_spread: Option<u32>,
    mean: Measured,
    shape: Measured,
    home_share: Measured,
    #[serde(default)]
    theta: Option<Measured>,
    first_half: HalfPage,
    second_half: HalfPage,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HalfPage {
    five_minutes: Spanned<Vec<Spanned<f64>>>,
    #[serde(default)]
    five_minutes_standard_error: Option<Spanned<Vec<Spanned<f64>>>>,
    stoppage: Measured,
}

/// Bounds of the numbers: as the engine asks.
const MEAN_BOUNDS: [f64; 2] = [0.01, 60.0];
const SHAPE_BOUNDS: [f64; 2] = [1.0, 1e9];
const HOME_SHARE_BOUNDS: [f64; 2] = [0.001, 0.999];
const THETA_BOUNDS: [f64; 2] = [0.01, 1e9];
const SHARE_BOUNDS: [f64; 2] = [0.0, 1.0];

impl CountPage {
    /// As the machines see it. `name` is the table's, `place` where it stands.
    pub(super) fn rules(&self, name: &str, page: &Page<'_>, place: Range<usize>) -> Result<CountRules, ModelError> {
        let key = |of: &str| format!("{name}.{of}");
        let rules = CountRules {
            mean: number(page, &key("mean"), &self.mean, MEAN_BOUNDS)?,
            shape: number(page, &key("shape"), &self.shape, SHAPE_BOUNDS)?,
            home_share: number(page, &key("home_share"), &self.home_share, HOME_SHARE_BOUNDS)?,
            theta: match &self.theta {
                Some(theta) => Some(number(page, &key("theta"), theta, THETA_BOUNDS)?),
                None => None,
            },
            first_half: self.first_half.rules(&key("first_half"), page)?,
            second_half: self.second_half.rules(&key("second_half"), page)?,
        };
        let shares = [rules.first_half, rules.second_half];
        let shares = shares.iter().flat_map(|half| half.five_minutes.iter().chain([&half.stoppage]));
        let sum: f64 = shares.copied().map(Billionths::to_f64).sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            let problem =
                format!("{name}: the shares of both halves and their stoppage sum to {sum:.6}; they must to 1");
            return Err(page.wrong(Some(place), problem));
        }
        Ok(rules)
    }
}

impl HalfPage {
    fn rules(&self, name: &str, page: &Page<'_>) -> Result<CountHalf, ModelError> {
        let mut five_minutes = [Billionths::ZERO; 9];
        let key = format!("{name}.five_minutes");
        nine(page, &key, &self.five_minutes)?;
        for (own, share) in five_minutes.iter_mut().zip(self.five_minutes.get_ref()) {
            *own = within(page, &key, share, SHARE_BOUNDS)?;
        }
        if let Some(errors) = &self.five_minutes_standard_error {
            let key = format!("{name}.five_minutes_standard_error");
            nine(page, &key, errors)?;
            for error in errors.get_ref() {
                within(page, &key, error, SHARE_BOUNDS)?;
            }
        }
        Ok(CountHalf {
            five_minutes,
            stoppage: number(page, &format!("{name}.stoppage"), &self.stoppage, SHARE_BOUNDS)?,
        })
    }
}

fn nine(page: &Page<'_>, key: &str, list: &Spanned<Vec<Spanned<f64>>>) -> Result<(), ModelError> {
    let count = list.get_ref().len();
    let problem = || format!("{key} has {count} numbers; a half has nine times five minutes");
    if count == 9 { Ok(()) } else { Err(page.wrong(Some(list.span()), problem())) }
}

fn number(page: &Page<'_>, key: &str, measured: &Measured, bounds: [f64; 2]) -> Result<Billionths, ModelError> {
    page.standard_error(measured)?;
    within(page, key, &measured.value, bounds)
}

fn within(page: &Page<'_>, key: &str, value: &Spanned<f64>, [least, most]: [f64; 2]) -> Result<Billionths, ModelError> {
    let number = *value.get_ref();
    let inside = Some(number).filter(|number| (least..=most).contains(number)).and_then(Billionths::from_f64);
    inside.ok_or_else(|| page.wrong(Some(value.span()), format!("{key}: {number} must be from {least} to {most}")))
}

#[cfg(test)]
mod tests {
    use super::super::Model;
    use crate::event::ModelRules;
    use crate::values::Billionths;

    const BUILT_IN: &str = include_str!("../../../pipelines/soccer-live/model/measured_v1.toml");

    fn read(what: &str, by: &str) -> Result<Model, String> {
        assert!(BUILT_IN.contains(what), "{what:?} is not in the file");
        Model::read(&BUILT_IN.replacen(what, by, 1), "m.toml").map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_without_them_has_the_measured_ones() {
        let (without, _) = BUILT_IN.split_once("[corners]").unwrap();
        let model = Model::read(without, "m.toml").unwrap();
        assert_eq!(*model.rules(), ModelRules::measured_v1());
        let (_, cards) = BUILT_IN.split_once("[cards]").unwrap();
        let own = format!("{without}[cards]{cards}").replacen("value = 4.45", "value = 3.9", 1);
        let rules = Model::read(&own, "m.toml").unwrap().rules().clone();
        assert_eq!(rules.cards.mean, Billionths::from_raw(3_900_000_000));
        assert_eq!(rules.corners, ModelRules::measured_v1().corners);
    }

    #[test]
    fn without_theta_every_corner_goes_to_home_with_the_same_chance() {
        assert_eq!(read("theta = { value = 10 }\n", "").unwrap().rules().corners.theta, None);
    }

    #[test]
    fn what_cannot_be_is_refused_by_its_key_and_line() {
        let line = |text: &str| BUILT_IN.lines().position(|line| line.starts_with(text)).unwrap() + 1;
        let corners = line("[corners.first_half]") + 1;
        for (what, by, place, words) in [
            (
                "mean = { value = 10.02 }",
                "mean = { value = nan }",
                line("mean"),
                "corners.mean: NaN must be from 0.01 to",
            ),
            (
                "mean = { value = 10.02 }",
                "mean = { value = 61 }",
                line("mean"),
                "corners.mean: 61 must be from 0.01 to 60",
            ),
            ("mean = { value = 10.02 }", "", line("[corners]"), "missing key `mean`"),
            ("shape = { value = 53 }", "shape = { value = inf }", line("shape"), "corners.shape: inf must be from 1"),
            (
                "home_share = { value = 0.556 }",
                "home_share = { value = -1 }",
                line("home_share"),
                "corners.home_share: -1",
            ),
            ("theta = { value = 10 }", "theta = { value = 0 }", line("theta"), "corners.theta: 0 must be from 0.01"),
            ("theta = { value = 10 }", "theta = 10", line("theta"), ""),
            ("matches = 23561", "games = 23561", line("matches = 23561"), "unknown key `games`"),
            ("[0.040, 0.052,", "[-0.040, 0.052,", corners, "corners.first_half.five_minutes: -0.04 must be"),
            ("[0.040, 0.052,", "[nan, 0.052,", corners, "corners.first_half.five_minutes: NaN must be from 0 to 1"),
            ("[0.040, 0.052,", "[0.052,", corners, "corners.first_half.five_minutes has 8 numbers"),
            ("[0.040, 0.052,", "[0.045, 0.052,", line("[corners]"), "corners: the shares of both halves and their"),
            (
                "stoppage = { value = 0.079 }",
                "stoppage = { value = 2 }",
                line("stoppage = { value = 0.079 }"),
                "cards.second_half.stoppage: 2 must be from 0 to 1",
            ),
        ] {
            let told = read(what, by).unwrap_err();
            assert!(told.starts_with(&format!("m.toml:{place}: ")) || words.is_empty(), "{what}: {told}");
            assert!(told.contains(words), "{told}");
        }
    }
}
