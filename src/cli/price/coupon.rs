//! The coupon: each market with what its selections are worth and what they are offered at, for people and for programs.

use crate::event::{LadderForm, MarketId, Outcome};
use crate::pricing::{Phase, State};
use crate::trading::Quote;
use crate::values::{Billionths, Price};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A priced match.
pub(super) struct Coupon {
    pub(super) quote: Quote,
    pub(super) state: State,
    pub(super) ladder: LadderForm,
}

impl Coupon {
    /// A table for people, market by market; selections that cannot come about any more are left out.
    pub(super) fn table(&self) -> String {
        let mut text = self.heading();
        let mut sections = Sections::default();
        for (market, offers) in &self.quote.offers {
            let rows = market.outcomes().into_iter().zip(offers).filter(|(_, offer)| offer.fair.raw() > 0);
            let rows = rows.map(|(outcome, offer)| {
                let price = offer.price.map_or_else(|| "withheld".to_owned(), |price| shown(&price));
                row(*market, outcome, Some(offer.fair), &price)
            });
            sections.push(*market, "", rows);
        }
        sections.write(&mut text);
        text
    }

    fn heading(&self) -> String {
        let State { home_score, away_score, home_reds, away_reds, clock } = self.state;
        let mut text = match clock.phase {
            Phase::PreMatch => "before kick-off".to_owned(),
            Phase::HalfTime => format!("{home_score}:{away_score} at half-time"),
            Phase::BeforeExtraTime => format!("{home_score}:{away_score} before extra time"),
            Phase::ExtraHalfTime => format!("{home_score}:{away_score} at half-time of extra time"),
            Phase::FirstHalf | Phase::SecondHalf | Phase::ExtraFirstHalf | Phase::ExtraSecondHalf | Phase::Over => {
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
        text.push_str(&columns());
        text
    }

    /// One object: every market and selection, `price` null where it is withheld.
    pub(super) fn json(&self) -> Value {
        let markets = self.quote.offers.iter().map(|(market, offers)| {
            let selections = market.outcomes().into_iter().zip(offers).map(|(outcome, offer)| {
                let fair = offer.fair.to_f64();
                json!({
                    "selection": outcome.to_string(),
                    "title": market.selection_title(outcome),
                    "fair_probability": fair,
                    "fair_odds": (fair > 0.0).then(|| 1.0 / fair),
                    "price": offer.price.map(|price| price.to_string()),
                    "price_decimal": offer.price.map(|price| decimal(&price)),
                })
            });
            json!({ "market": market.to_string(), "title": market.title(), "selections": selections.collect::<Vec<_>>() })
        });
        let State { home_score, away_score, home_reds, away_reds, clock } = self.state;
        let period = match clock.phase {
            Phase::PreMatch => "PRE",
            Phase::FirstHalf => "H1",
            Phase::HalfTime => "HT",
            Phase::SecondHalf | Phase::Over => "H2",
            Phase::BeforeExtraTime => "ET",
            Phase::ExtraFirstHalf => "ET1",
            Phase::ExtraHalfTime => "ETHT",
            Phase::ExtraSecondHalf => "ET2",
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

/// Markets under the headings of a coupon.
#[derive(Default)]
pub(super) struct Sections(BTreeMap<usize, String>);

impl Sections {
    /// Adds a market's name, and a row for each selection.
    pub(super) fn push(&mut self, market: MarketId, remark: &str, rows: impl Iterator<Item = String>) {
        let place = MarketId::SECTIONS.iter().position(|section| *section == market.section());
        let text = self.0.entry(place.unwrap_or(MarketId::SECTIONS.len())).or_default();
        writeln!(text, "{}  [{market}]{remark}", market.title()).expect("text takes text");
        for row in rows {
            writeln!(text, "{row}").expect("text takes text");
        }
    }

    /// Writes all of them, each under its heading.
    pub(super) fn write(&self, text: &mut String) {
        for (place, markets) in &self.0 {
            let heading = MarketId::SECTIONS.get(*place).copied().unwrap_or("Other");
            write!(text, "\n{}\n{markets}", heading.to_uppercase()).expect("text takes text");
        }
    }
}

/// What stands in a row.
pub(super) fn columns() -> String {
    format!("\n{}\n", cells(["selection", "id", "fair prob", "fair odds", "price"]))
}

fn cells([selection, id, probability, odds, price]: [&str; 5]) -> String {
    format!("  {selection:<22}  {id:<14}  {probability:>9}  {odds:>9}  {price:>9}").trim_end().to_owned()
}

/// A selection as people call it and as programs do, its fair probability, one over that, and what it is offered at.
pub(super) fn row(market: MarketId, outcome: Outcome, fair: Option<Billionths>, price: &str) -> String {
    let (selection, id) = (market.selection_title(outcome), outcome.to_string());
    named_row(&selection, &id, fair, price)
}

/// The same by any name.
pub(super) fn named_row(selection: &str, id: &str, fair: Option<Billionths>, price: &str) -> String {
    let fair = fair.map(Billionths::to_f64).filter(|fair| *fair > 0.0);
    let (probability, odds) = match fair {
        Some(fair) => (probability_shown(fair), odds_shown(1.0 / fair)),
        None => (String::new(), String::new()),
    };
    cells([selection, id, &probability, &odds, price])
}

fn probability_shown(probability: f64) -> String {
    if probability < 0.000_01 { "<0.00001".to_owned() } else { format!("{probability:.5}") }
}

/// As a trader writes it: 1.95, -105.
pub(super) fn shown(price: &Price) -> String {
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
        ..=100_000.0 => format!("{odds:.0}"),
        _ => ">100000".to_owned(),
    }
}

fn decimal(price: &Price) -> f64 {
    let factor = price.factor();
    factor.num() as f64 / factor.den() as f64
}
