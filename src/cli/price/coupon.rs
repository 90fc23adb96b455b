//! The coupon: each market with what its selections are worth and what they are offered at, for people and for programs.

use crate::event::LadderForm;
use crate::pricing::{Offer, Phase, State};
use crate::trading::Quote;
use crate::values::Price;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A priced match.
pub(super) struct Coupon {
    pub(super) quote: Quote,
    pub(super) state: State,
    pub(super) ladder: LadderForm,
}

impl Coupon {
    /// A table for a trader; selections that cannot come about any more are left out.
    pub(super) fn table(&self) -> String {
        let mut text = self.heading();
        let markets: Vec<(String, &Vec<Offer>, Vec<String>)> = self
            .quote
            .offers
            .iter()
            .map(|(market, offers)| {
                (market.to_string(), offers, market.outcomes().iter().map(ToString::to_string).collect())
            })
            .collect();
        let width = markets.iter().map(|(market, _, _)| market.len()).max().unwrap_or(0).max(6);
        let mut line = |market: &str, selection: &str, fair: &str, odds: &str, price: &str| {
            let row = format!("{market:<width$}  {selection:<11}  {fair:>9}  {odds:>9}  {price:>8}");
            text.push_str(row.trim_end());
            text.push('\n');
        };
        line("market", "selection", "fair prob", "fair odds", "price");
        for (market, offers, selections) in markets {
            let mut name = market.as_str();
            for (offer, selection) in offers.iter().zip(&selections) {
                if offer.fair.raw() <= 0 {
                    continue;
                }
                let fair = offer.fair.to_f64();
                let price = offer.price.map_or_else(|| "withheld".to_owned(), |price| shown(&price));
                line(name, selection, &format!("{fair:.5}"), &odds_shown(1.0 / fair), &price);
                name = "";
            }
        }
        text
    }

    fn heading(&self) -> String {
        let State { home_score, away_score, home_reds, away_reds, clock } = self.state;
        let mut text = match clock.phase {
            Phase::PreMatch => "before kick-off".to_owned(),
            Phase::HalfTime => format!("{home_score}:{away_score} at half-time"),
            Phase::FirstHalf | Phase::SecondHalf | Phase::Over => {
                let stoppage = if clock.stoppage_elapsed_minutes > 0.0 {
                    format!("+{}", clock.stoppage_elapsed_minutes)
                } else {
                    String::new()
                };
                format!("{home_score}:{away_score} in minute {}{stoppage}", clock.minute)
            }
        };
        if let Some(minutes) = clock.stoppage_announced_minutes {
            let cut = if clock.announcement_is_cut() { ", counted as 15" } else { "" };
            write!(text, ", {minutes} minutes of stoppage announced{cut}").expect("text takes text");
        }
        if (home_reds, away_reds) != (0, 0) {
            write!(text, ", reds {home_reds}:{away_reds}").expect("text takes text");
        }
        let model = &self.quote.model;
        let (home, away, rho) = (model.home_rate.to_f64(), model.away_rate.to_f64(), model.rho.to_f64());
        writeln!(text, "\ngoals expected over the match {home:.4} : {away:.4}, rho {rho:.4}").expect("text takes text");
        if self.state.is_beyond_experience() {
            text.push_str("both sides have two players or more sent off: nothing is offered\n");
        }
        text.push('\n');
        text
    }

    /// One object: every market and selection, `price` null where it is withheld.
    pub(super) fn json(&self) -> Value {
        let markets = self.quote.offers.iter().map(|(market, offers)| {
            let selections = market.outcomes().into_iter().zip(offers).map(|(outcome, offer)| {
                let fair = offer.fair.to_f64();
                json!({
                    "selection": outcome.to_string(),
                    "fair_probability": fair,
                    "fair_odds": (fair > 0.0).then(|| 1.0 / fair),
                    "price": offer.price.map(|price| price.to_string()),
                    "price_decimal": offer.price.map(|price| decimal(&price)),
                })
            });
            json!({ "market": market.to_string(), "selections": selections.collect::<Vec<_>>() })
        });
        let State { home_score, away_score, home_reds, away_reds, clock } = self.state;
        let period = match clock.phase {
            Phase::PreMatch => "PRE",
            Phase::FirstHalf => "H1",
            Phase::HalfTime => "HT",
            Phase::SecondHalf | Phase::Over => "H2",
        };
        let model = &self.quote.model;
        json!({
            "state": {
                "score": [home_score, away_score],
                "reds": [home_reds, away_reds],
                "clock": {
                    "period": period,
                    "minute": clock.minute,
                    "stoppage_elapsed": clock.stoppage_elapsed_minutes,
                    "stoppage_announced": clock.stoppage_announced_minutes,
                },
            },
            "model": {
                "lambda_home": model.home_rate.to_f64(),
                "lambda_away": model.away_rate.to_f64(),
                "rho": model.rho.to_f64(),
            },
            "ladder": match self.ladder {
                LadderForm::Decimal => "decimal",
                LadderForm::American => "american",
            },
            "markets": markets.collect::<Vec<_>>(),
        })
    }
}

/// As a trader writes it: 1.95, -105.
fn shown(price: &Price) -> String {
    match price {
        Price::Decimal(odds) if odds.thousandths() % 10 == 0 => {
            let hundredths = odds.thousandths() / 10;
            format!("{}.{:02}", hundredths / 100, hundredths % 100)
        }
        Price::Decimal(_) | Price::American(_) => price.to_string(),
    }
}

fn odds_shown(odds: f64) -> String {
    match odds {
        ..100.0 => format!("{odds:.3}"),
        ..10_000.0 => format!("{odds:.1}"),
        _ => format!("{odds:.0}"),
    }
}

fn decimal(price: &Price) -> f64 {
    let factor = price.factor();
    factor.num() as f64 / factor.den() as f64
}
