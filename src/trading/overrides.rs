//! What traders think of a match in place of what its fixture says.

use std::collections::BTreeMap;

use super::quote::MainLines;
use crate::event::{MarketId, ModelRules, Override, Score};
use crate::pricing::{LineWish, ModelInputs, NoRates};
use crate::values::{Billionths, HashStream};

/// The overrides in force of one match. The fixture stays what it is: these are laid over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Overrides {
    /// λ and μ now.
    rates: Option<[Billionths; 2]>,
    /// λ and μ as frozen at kick-off, for the weights of the low scores. The rates now against these are the scale.
    frozen_rates: Option<[Billionths; 2]>,
    rho: Option<Billionths>,
    multipliers: [Billionths; 2],
    line_offsets: LineOffsets,
}

/// How far traders move the lines on offer from the main one, family by family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LineOffsets(BTreeMap<MarketId, i16>);

impl LineOffsets {
    /// Of a family at whatever score it counts from, in quarters of a goal.
    fn of(&self, family: MarketId) -> i16 {
        self.0.get(&family.since(Score::default())).copied().unwrap_or(0)
    }
}

/// What the choice of lines goes by, beside the law.
#[derive(Clone, Copy)]
pub(super) struct LinesBefore<'a> {
    /// The main lines until now.
    pub(super) main_lines: &'a MainLines,
    /// How far traders move what is offered from them.
    pub(super) offsets: &'a LineOffsets,
}

impl LinesBefore<'_> {
    /// Which lines of a family are wished for.
    pub(super) fn wish(self, family: MarketId) -> LineWish {
        LineWish { previous_main: self.main_lines.of(family), offset_quarters: self.offsets.of(family) }
    }
}

impl Default for Overrides {
    fn default() -> Overrides {
        Overrides {
            rates: None,
            frozen_rates: None,
            rho: None,
            multipliers: [Billionths::ONE; 2],
            line_offsets: LineOffsets::default(),
        }
    }
}

impl Overrides {
    /// The traders' ρ once this is taken, if any.
    pub(super) fn rho_with(&self, asked: &Override, is_played: bool) -> Option<Billionths> {
        if is_played { self.rho } else { asked.rho.or(self.rho.filter(|_| !asked.clear)) }
    }

    /// Takes what a trader asks, with λ and μ where its strength says any. Once the match is played nothing touches what
    /// was frozen at kick-off.
    pub(super) fn take(&mut self, asked: &Override, rates: Option<[Billionths; 2]>, is_played: bool) {
        let Override { clear, home_multiplier, away_multiplier, strength: _, rho: _, ref line_offsets } = *asked;
        let rho = self.rho_with(asked, is_played);
        if clear {
            let frozen = if is_played { self.clone() } else { Overrides::default() };
            *self = Overrides { frozen_rates: frozen.frozen_rates, ..Overrides::default() };
        }
        self.rho = rho;
        let [home, away] = &mut self.multipliers;
        *home = home_multiplier.unwrap_or(*home);
        *away = away_multiplier.unwrap_or(*away);
        self.rates = rates.or(self.rates);
        if !is_played {
            self.frozen_rates = self.rates;
        }
        let offsets = &mut self.line_offsets.0;
        offsets.extend(line_offsets.iter().map(|offset| (offset.family, offset.quarters)));
        offsets.retain(|_, quarters| *quarters != 0);
    }

    /// How far the lines on offer are moved from the main ones.
    pub(super) fn line_offsets(&self) -> &LineOffsets {
        &self.line_offsets
    }

    /// The inputs that price the match, given the fixture's own. Where those are none, a trader's rates make a price by
    /// the model of the match's competition.
    ///
    /// # Errors
    /// Why the fixture gives no rates, where no trader does either.
    pub(super) fn over(
        &self,
        of_fixture: Result<ModelInputs, NoRates>,
        model: &ModelRules,
    ) -> Result<ModelInputs, NoRates> {
        let of_fixture = match (of_fixture, self.frozen_rates.or(self.rates)) {
            (Ok(inputs), _) => inputs,
            (Err(_), Some([home, away])) => ModelInputs::of(model, home, away),
            (Err(reason), None) => return Err(reason),
        };
        let own = [of_fixture.home_rate, of_fixture.away_rate];
        let frozen = self.frozen_rates.unwrap_or(own);
        let now = self.rates.unwrap_or(own);
        let [home_scale, away_scale] = [0, 1].map(|side| scale(now[side], frozen[side], self.multipliers[side]));
        Ok(ModelInputs {
            home_rate: frozen[0],
            away_rate: frozen[1],
            rho: self.rho.unwrap_or(of_fixture.rho),
            home_scale,
            away_scale,
            ..of_fixture
        })
    }

    pub(super) fn hash_into(&self, stream: &mut HashStream) {
        for rates in [self.rates, self.frozen_rates] {
            stream.unsigned(u64::from(rates.is_some()));
            rates.iter().flatten().for_each(|rate| {
                stream.integer(rate.raw());
            });
        }
        stream.unsigned(u64::from(self.rho.is_some())).integer(self.rho.map_or(0, Billionths::raw));
        self.multipliers.iter().for_each(|multiplier| {
            stream.integer(multiplier.raw());
        });
        stream.unsigned(self.line_offsets.0.len() as u64);
        for (family, quarters) in &self.line_offsets.0 {
            stream.text(&family.to_string()).integer(i64::from(*quarters));
        }
    }
}

/// The rate now over the one of kick-off, times the multiplier, to the nearest billionth. A rate of nothing has no scale,
/// and no price either.
fn scale(now: Billionths, frozen: Billionths, multiplier: Billionths) -> Billionths {
    if now == frozen || frozen <= Billionths::ZERO {
        return multiplier;
    }
    let frozen = i128::from(frozen.raw());
    let scaled = (i128::from(now.raw()) * i128::from(multiplier.raw()) + frozen / 2) / frozen;
    Billionths::from_raw(i64::try_from(scaled).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn billionths(value: f64) -> Billionths {
        Billionths::from_f64(value).unwrap()
    }

    fn rates(home: f64, away: f64) -> Option<[Billionths; 2]> {
        Some([home, away].map(billionths))
    }

    fn fixture() -> Result<ModelInputs, NoRates> {
        Ok(ModelInputs::with_rates(billionths(1.5), billionths(1.1)))
    }

    /// λ, μ, ρ and the two scales.
    fn priced(overrides: &Overrides) -> [f64; 5] {
        let inputs = overrides.over(fixture(), &ModelRules::measured_v1()).unwrap();
        [inputs.home_rate, inputs.away_rate, inputs.rho, inputs.home_scale, inputs.away_scale].map(Billionths::to_f64)
    }

    #[test]
    fn before_kick_off_a_trader_says_what_will_be_frozen() {
        let mut overrides = Overrides::default();
        assert_eq!(overrides.over(fixture(), &ModelRules::measured_v1()), fixture());
        let asked = Override { rho: Some(billionths(-0.1)), ..Override::default() };
        assert_eq!(overrides.rho_with(&asked, false), asked.rho);
        overrides.take(&asked, rates(2.0, 0.8), false);
        assert_eq!(priced(&overrides), [2.0, 0.8, -0.1, 1.0, 1.0]);
        let clear = Override { clear: true, ..Override::default() };
        assert_eq!(overrides.rho_with(&clear, false), None);
        overrides.take(&clear, None, false);
        assert_eq!(overrides.over(fixture(), &ModelRules::measured_v1()), fixture());
    }

    #[test]
    fn in_play_rates_are_a_scale_on_those_of_kick_off() {
        let mut overrides = Overrides::default();
        overrides.take(&Override::default(), rates(2.0, 0.8), false);
        let asked = Override { away_multiplier: Some(billionths(2.0)), ..Override::default() };
        overrides.take(&asked, rates(3.0, 0.6), true);
        assert_eq!(priced(&overrides), [2.0, 0.8, -0.04, 1.5, 1.5]);
        // Taken back, the fixture's own rates are in force: as a scale, as the kick-off was with others.
        overrides.take(&Override { clear: true, ..Override::default() }, None, true);
        assert_eq!(priced(&overrides), [2.0, 0.8, -0.04, 0.75, 1.375]);
    }

    #[test]
    fn a_match_without_rates_is_priced_by_those_of_a_trader() {
        let mut overrides = Overrides::default();
        let none = Err(NoRates::NotSolved);
        overrides.take(&Override { home_multiplier: Some(billionths(1.2)), ..Override::default() }, None, false);
        let other_model = ModelRules { rho: billionths(-0.1), ..ModelRules::measured_v1() };
        assert_eq!(overrides.over(none, &other_model), none);
        overrides.take(&Override::default(), rates(1.4, 1.2), true);
        let inputs = overrides.over(none, &other_model).unwrap();
        assert_eq!([inputs.home_rate, inputs.home_scale, inputs.rho], [1.4, 1.2, -0.1].map(billionths));
    }

    #[test]
    fn a_line_is_moved_until_it_is_moved_back_or_everything_is_taken_back() {
        let family = MarketId::parse("handicap_rest:base=0:0,line=0").unwrap();
        let moved = |quarters| Override {
            line_offsets: vec![crate::event::LineOffset { family, quarters }],
            ..Override::default()
        };
        let mut overrides = Overrides::default();
        overrides.take(&moved(-3), None, false);
        // Of the goals after any score.
        assert_eq!(overrides.line_offsets().of(family.since(Score { home: 2, away: 1 })), -3);
        assert_eq!(overrides.line_offsets().of(MarketId::parse("handicap:line=0").unwrap()), 0);
        overrides.take(&Override::default(), None, true);
        assert_eq!(overrides.line_offsets().of(family), -3);
        overrides.take(&moved(0), None, true);
        assert_eq!(overrides, Overrides::default());
        overrides.take(&moved(5), None, true);
        overrides.take(&Override { clear: true, ..Override::default() }, None, true);
        assert_eq!(overrides, Overrides::default());
    }
}
