//! What a season taught: when goals come, what the score and red cards do to the sides' rates, and how corners and cards
//! come, read from a file.

use super::model_counts::CountPage;
use crate::event::{HalfRules, MinuteShares, ModelRules};
use crate::pricing::{ModelInputs, ModelTables, Profile, ProfileParts, RHO_BOUNDS, Rates};
use crate::values::{Billionths, Date};
use serde::Deserialize;
use std::fmt;
use std::ops::Range;
use toml::Spanned;

/// The model that is built in: the values of [`Profile::measured_v1`] and of [`ModelInputs::default`].
const BUILT_IN: &str = include_str!("../../../pipelines/soccer-live/model/measured_v1.toml");
/// A multiplier must lie within these, as the engine asks.
const MULTIPLIER_BOUNDS: [f64; 2] = [0.01, 10.0];

/// The shares of the match may miss the sum of 1 by this much: they are written with a few digits.
pub(super) const SUM_TOLERANCE: f64 = 1e-3;

/// What a pricing engine needs to know beside a match's own rates.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name, `measured_v1`.
    pub name: String,
    /// When goals come.
    pub profile: Profile,
    /// φ by the scoring side's own lead: -2 or less, -1, 0, +1, +2 or more; 1 when level.
    pub phi: [Billionths; 5],
    /// κ own.
    pub kappa_own: Billionths,
    /// κ opp.
    pub kappa_opp: Billionths,
    /// ρ, where it is not solved from a match's odds.
    pub rho: Billionths,
    rules: ModelRules,
}

/// Why a file is no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ModelError {
    /// The file as it was named.
    pub file: String,
    /// Its line, from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.problem),
            None => write!(f, "{}: {}", self.file, self.problem),
        }
    }
}

impl Model {
    /// The model that is built in.
    pub fn built_in() -> Model {
        Model::read(BUILT_IN, "pipelines/soccer-live/model/measured_v1.toml").expect("tested as it is built in")
    }

    /// Reads a model file's text; `file` is how errors name it.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line: no TOML, an unknown or missing key, a value that cannot be.
    pub fn read(text: &str, file: &str) -> Result<Model, ModelError> {
        let page = Page { text, file };
        let document: Document = toml::from_str(text).map_err(|error| {
            let what = error.message().replace("unknown field", "unknown key").replace("missing field", "missing key");
            page.wrong(error.span(), what)
        })?;
        document.check_provenance(&page)?;
        let rules = document.rules(&page)?;
        let (profile, name) = (document.profile.profile(&rules, &page)?, rules.name.clone());
        // Whatever else the engine may ask of a model.
        ModelTables::of(&rules).map_err(|reason| page.wrong(None, format!("is no model: {reason:?}")))?;
        let ModelRules { phi, kappa_own, kappa_opp, rho, .. } = rules;
        Ok(Model { name, profile, phi, kappa_own, kappa_opp, rho, rules })
    }

    /// The same as a rule of trading.
    pub fn rules(&self) -> &ModelRules {
        &self.rules
    }

    /// This model's inputs for a match of these two rates.
    pub fn inputs(&self, home_rate: Billionths, away_rate: Billionths) -> ModelInputs {
        ModelInputs::of(&self.rules, home_rate, away_rate)
    }

    /// The same in floats, of an average match: to be solved for a match's own rates.
    pub fn rates(&self) -> Rates {
        let average = ModelInputs::default();
        Rates::from(&self.inputs(average.home_rate, average.away_rate))
    }
}

/// The text under examination.
pub(super) struct Page<'a> {
    text: &'a str,
    file: &'a str,
}

impl Page<'_> {
    pub(super) fn wrong(&self, place: Option<Range<usize>>, problem: String) -> ModelError {
        let line = place.map(|place| {
            let before = &self.text.as_bytes()[..place.start.min(self.text.len())];
            before.iter().filter(|byte| **byte == b'\n').count() + 1
        });
        ModelError { file: self.file.to_owned(), line, problem }
    }

    /// A number that must lie within bounds.
    fn within(&self, measured: &Measured, [least, most]: [f64; 2]) -> Result<Billionths, ModelError> {
        let value = *measured.value.get_ref();
        let wrong = || self.wrong(Some(measured.value.span()), format!("{value} must be from {least} to {most}"));
        self.standard_error(measured)?;
        if !(least..=most).contains(&value) {
            return Err(wrong());
        }
        Billionths::from_f64(value).ok_or_else(wrong)
    }

    fn multiplier(&self, measured: &Measured) -> Result<Billionths, ModelError> {
        self.within(measured, MULTIPLIER_BOUNDS)
    }

    fn share(&self, value: &Spanned<f64>) -> Result<Billionths, ModelError> {
        let share = *value.get_ref();
        let inside = Some(share).filter(|share| (0.0..=1.0).contains(share)).and_then(Billionths::from_f64);
        inside.ok_or_else(|| {
            self.wrong(Some(value.span()), format!("{share} must be a share of the match's goals, from 0 to 1"))
        })
    }

    /// Any number that can be written in billionths.
    fn whole(&self, measured: &Measured) -> Result<Billionths, ModelError> {
        self.standard_error(measured)?;
        let value = *measured.value.get_ref();
        Billionths::from_f64(value)
            .ok_or_else(|| self.wrong(Some(measured.value.span()), format!("{value} is too much")))
    }

    pub(super) fn standard_error(&self, measured: &Measured) -> Result<(), ModelError> {
        let Some(error) = &measured.standard_error else { return Ok(()) };
        if error.get_ref().is_finite() && *error.get_ref() >= 0.0 {
            return Ok(());
        }
        Err(self.wrong(Some(error.span()), format!("{} is no standard error", error.get_ref())))
    }
}

/// A number with how well it is known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Measured {
    pub(super) value: Spanned<f64>,
    #[serde(default)]
    standard_error: Option<Spanned<f64>>,
    /// Goals from which it was learnt.
    #[expect(dead_code, reason = "for the reader of the file")]
    #[serde(default)]
    goals: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: Spanned<String>,
    measured_on: MeasuredOn,
    profile: ProfilePart,
    score_effect: ScoreEffect,
    red_card: RedCard,
    low_scores: LowScores,
    /// Without it, as measured.
    #[serde(default)]
    shoot_out: Option<ShootOut>,
    #[serde(default)]
    corners: Option<Spanned<CountPage>>,
    #[serde(default)]
    cards: Option<Spanned<CountPage>>,
}

/// Where the numbers come from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "for the reader of the file")]
struct MeasuredOn {
    matches: u32,
    #[serde(default)]
    goals: Option<u32>,
    first_day: Spanned<String>,
    last_day: Spanned<String>,
    rates: String,
    #[serde(default)]
    incidents: Vec<String>,
    #[serde(default)]
    odds: Vec<String>,
    #[serde(default)]
    level: Option<Measured>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfilePart {
    first_half: Spanned<HalfPart>,
    second_half: Spanned<HalfPart>,
    extra_time: ExtraTime,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HalfPart {
    #[serde(default)]
    start: Option<Measured>,
    #[serde(default)]
    rise: Option<Measured>,
    #[serde(default)]
    minutes: Option<Spanned<Vec<Spanned<f64>>>>,
    #[serde(default)]
    minutes_standard_error: Option<Spanned<Vec<f64>>>,
    stoppage: Measured,
    expected_stoppage_minutes: Spanned<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtraTime {
    first_half: Measured,
    second_half: Measured,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScoreEffect {
    two_or_more_behind: Measured,
    one_behind: Measured,
    one_ahead: Measured,
    two_or_more_ahead: Measured,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RedCard {
    own: Measured,
    opponent: Measured,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShootOut {
    home: Measured,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LowScores {
    rho: Measured,
}

impl Document {
    fn check_provenance(&self, page: &Page<'_>) -> Result<(), ModelError> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let name = self.name.get_ref();
        if name.is_empty() || name.len() > 60 || !name.bytes().all(legal) {
            return Err(
                page.wrong(Some(self.name.span()), format!("{name:?} must be 1 to 60 of A-Z, a-z, 0-9, - and _"))
            );
        }
        let day = |text: &Spanned<String>| {
            let wrong = |_| page.wrong(Some(text.span()), format!("{:?} is not a day, YYYY-MM-DD", text.get_ref()));
            Date::parse(text.get_ref()).map_err(wrong)
        };
        let (first, last) = (day(&self.measured_on.first_day)?, day(&self.measured_on.last_day)?);
        if last.starts_at() < first.starts_at() {
            return Err(page.wrong(Some(self.measured_on.last_day.span()), format!("{last} is before {first}")));
        }
        self.measured_on.level.as_ref().map_or(Ok(()), |level| page.standard_error(level))
    }
}

impl Document {
    fn rules(&self, page: &Page<'_>) -> Result<ModelRules, ModelError> {
        let (profile, effect) = (&self.profile, &self.score_effect);
        let measured = ModelRules::measured_v1();
        let counts = |name, own: &Option<Spanned<CountPage>>, measured| match own {
            Some(own) => own.get_ref().rules(name, page, own.span()),
            None => Ok(measured),
        };
        Ok(ModelRules {
            name: self.name.get_ref().clone(),
            first_half: profile.first_half.get_ref().rules(page, profile.first_half.span())?,
            second_half: profile.second_half.get_ref().rules(page, profile.second_half.span())?,
            extra_time: [
                page.share_of(&profile.extra_time.first_half)?,
                page.share_of(&profile.extra_time.second_half)?,
            ],
            shoot_out_home: match &self.shoot_out {
                Some(shoot_out) => page.within(&shoot_out.home, [0.0, 1.0])?,
                None => measured.shoot_out_home,
            },
            phi: [
                page.multiplier(&effect.two_or_more_behind)?,
                page.multiplier(&effect.one_behind)?,
                Billionths::ONE,
                page.multiplier(&effect.one_ahead)?,
                page.multiplier(&effect.two_or_more_ahead)?,
            ],
            kappa_own: page.multiplier(&self.red_card.own)?,
            kappa_opp: page.multiplier(&self.red_card.opponent)?,
            rho: page.within(&self.low_scores.rho, RHO_BOUNDS)?,
            corners: counts("corners", &self.corners, measured.corners)?,
            cards: counts("cards", &self.cards, measured.cards)?,
        })
    }
}

impl ProfilePart {
    /// Their shares are of one match, as those of extra time beside them: another sum is a slip of the pen.
    fn profile(&self, rules: &ModelRules, page: &Page<'_>) -> Result<Profile, ModelError> {
        let place = || Some(self.first_half.span());
        let shares =
            |half: &HalfRules| -> f64 { shares_of(&half.minutes).iter().sum::<f64>() + half.stoppage.to_f64() };
        let sum = shares(&rules.first_half) + shares(&rules.second_half);
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            let problem = format!("the shares of both halves and their stoppage sum to {sum:.6}; they must to 1");
            return Err(page.wrong(place(), problem));
        }
        Profile::of(rules).map_err(|reason| page.wrong(place(), format!("is no profile: {reason:?}")))
    }
}

fn shares_of(minutes: &MinuteShares) -> [f64; 45] {
    match minutes {
        MinuteShares::Straight { start, rise } => ProfileParts::straight(start.to_f64(), rise.to_f64()),
        MinuteShares::Listed(shares) => shares.map(Billionths::to_f64),
    }
}

impl Page<'_> {
    fn share_of(&self, measured: &Measured) -> Result<Billionths, ModelError> {
        self.standard_error(measured)?;
        self.share(&measured.value)
    }
}

impl HalfPart {
    fn rules(&self, page: &Page<'_>, place: Range<usize>) -> Result<HalfRules, ModelError> {
        let minutes = self.minutes(page, place)?;
        let stoppage = page.share_of(&self.stoppage)?;
        Ok(HalfRules { minutes, stoppage, expected_stoppage_minutes: self.stoppage_minutes(page)? })
    }

    fn minutes(&self, page: &Page<'_>, place: Range<usize>) -> Result<MinuteShares, ModelError> {
        let listed = match (&self.start, &self.rise, &self.minutes) {
            (Some(start), Some(rise), None) => {
                let straight = MinuteShares::Straight { start: page.whole(start)?, rise: page.whole(rise)? };
                if let Some(wrong) = shares_of(&straight).iter().find(|share| !(0.0..=1.0).contains(*share)) {
                    let problem = format!("a minute's share comes out as {wrong}; it must be from 0 to 1");
                    return Err(page.wrong(Some(start.value.span()), problem));
                }
                return self.minutes_standard_error.as_ref().map_or(Ok(straight), |errors| {
                    Err(page.wrong(Some(errors.span()), "belongs to `minutes`, which is not here".to_owned()))
                });
            }
            (None, None, Some(minutes)) => minutes,
            (_, _, _) => {
                return Err(page.wrong(Some(place), "needs either start and rise, or minutes".to_owned()));
            }
        };
        let is_whole = |count: usize, place, what: &str| {
            let problem = || format!("{what} has {count} numbers; a half has 45 minutes");
            if count == 45 { Ok(()) } else { Err(page.wrong(Some(place), problem())) }
        };
        is_whole(listed.get_ref().len(), listed.span(), "minutes")?;
        if let Some(errors) = &self.minutes_standard_error {
            is_whole(errors.get_ref().len(), errors.span(), "minutes_standard_error")?;
        }
        let mut shares = [Billionths::ZERO; 45];
        for (out, share) in shares.iter_mut().zip(listed.get_ref()) {
            *out = page.share(share)?;
        }
        Ok(MinuteShares::Listed(Box::new(shares)))
    }

    fn stoppage_minutes(&self, page: &Page<'_>) -> Result<Billionths, ModelError> {
        let minutes = *self.expected_stoppage_minutes.get_ref();
        let inside = Some(minutes).filter(|minutes| (0.1..=30.0).contains(minutes)).and_then(Billionths::from_f64);
        inside.ok_or_else(|| {
            let place = self.expected_stoppage_minutes.span();
            page.wrong(Some(place), format!("{minutes} must be minutes from 0.1 to 30"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(what: &str, by: &str) -> String {
        assert!(BUILT_IN.contains(what), "{what:?} is not in the file");
        Model::read(&BUILT_IN.replacen(what, by, 1), "m.toml").unwrap_err().to_string()
    }

    #[test]
    fn the_built_in_file_holds_the_built_in_values() {
        let model = Model::built_in();
        assert_eq!(model.profile, Profile::measured_v1());
        let default = ModelInputs::default();
        assert_eq!(model.inputs(default.home_rate, default.away_rate), default);
        assert_eq!(model.rates(), Rates::from(&default));
        assert_eq!(*model.rules(), ModelRules::measured_v1());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let line = |text: &str| BUILT_IN.lines().position(|line| line.starts_with(text)).unwrap() + 1;
        for (what, by, place, words) in [
            ("name = \"measured_v1\"", "name = \"a b\"", line("name"), "\"a b\" must be"),
            ("[red_card]", "[red_cards]", line("[red_card]"), "unknown key `red_cards`"),
            ("own = { value = 0.6,", "own = { value = 0.6, error = 1,", line("own"), "unknown key `error`"),
            ("own = { value = 0.6,", "own = { value = 0.0,", line("own"), "must be from 0.01 to 10"),
            ("own = { value = 0.6,", "own = { value = nan,", line("own"), "must be from 0.01 to 10"),
            ("standard_error = 0.027", "standard_error = -1", line("own"), "-1 is no standard error"),
            ("rho = { value = -0.04 }", "rho = { value = 0.2 }", line("rho"), "must be from -0.25 to 0.15"),
            (
                "rise = { value = 0.003273 }",
                "rise = { value = -0.1 }",
                line("start"),
                "a minute's share comes out as -",
            ),
            ("rise = { value = 0.003273 }", "", line("[profile.first_half]"), "either start and rise, or minutes"),
            ("stoppage = { value = 0.016933 }", "stoppage = { value = 2 }", line("stoppage"), "2 must be a share"),
            (
                "start = { value = 0.009958 }",
                "start = { value = 0.09958 }",
                line("[profile.first_half]"),
                "the shares of both halves and their stoppage sum to 5.03",
            ),
            ("\"2020-08-31\"", "\"2010-08-31\"", line("last_day"), "2010-08-31 is before 2015-07-01"),
            ("\"2015-07-01\"", "\"1/7/15\"", line("first_day"), "\"1/7/15\" is not a day"),
            (
                "expected_stoppage_minutes = 3.8",
                "expected_stoppage_minutes = 0",
                line("expected_stoppage_minutes = 3.8"),
                "must be minutes from 0.1 to 30",
            ),
        ] {
            let told = wrong(what, by);
            assert!(told.starts_with(&format!("m.toml:{place}: ")), "{told}");
            assert!(told.contains(words), "{told}");
        }
        assert!(wrong("matches = 17454", "").contains("missing key `matches`"));
        assert!(wrong("own = {", "own = [").starts_with("m.toml:"));
    }

    #[test]
    fn a_half_may_list_its_minutes() {
        let listed = |minutes: &[f64]| {
            let list = minutes.iter().map(f64::to_string).collect::<Vec<_>>().join(", ");
            let text = BUILT_IN.replacen("rise = { value = 0.003273 }\n", "", 1);
            Model::read(&text.replacen("start = { value = 0.007664 }", &format!("minutes = [{list}]"), 1), "m.toml")
        };
        // As a file has them, with nine digits.
        let straight = ProfileParts::straight(0.007664, 0.003273).map(|share| (share * 1e9).round() / 1e9);
        let model = listed(&straight).unwrap();
        let MinuteShares::Listed(shares) = &model.rules().first_half.minutes else { panic!("they are listed") };
        assert_eq!(shares.map(Billionths::to_f64), straight);
        assert!((model.profile.first_half() - Profile::measured_v1().first_half()).abs() < 1e-8);
        assert!(listed(&straight[1..]).unwrap_err().problem.contains("minutes has 44 numbers"));
        let mut negative = straight;
        negative[3] = -0.01;
        assert!(listed(&negative).unwrap_err().problem.contains("-0.01 must be a share"));
    }
}
