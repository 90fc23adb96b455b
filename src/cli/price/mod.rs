//! `touchline price`: a state of a match in, fair probabilities and offered prices out.

mod arguments;
mod coupon;
mod live;
mod state_file;

pub use arguments::PriceArguments;

use crate::event::{Expectation, LadderForm, MarketType, TradingRules};
use crate::pricing::{Circumstances, Needs, NoMargin, NoPrice, NoRates};
use crate::trading::{Quote, Together, Unpriced, price, price_state, price_together};
use anyhow::bail;
use coupon::Coupon;
use state_file::StateFile;
use std::process::ExitCode;

/// What `touchline price --help` ends with.
pub const EXAMPLES: &str = "\
Examples:
  touchline price --home-rate 1.6 --away-rate 1.1
        before kick-off, from the goals that are expected of each side
  touchline price --odds 1.95/3.5/4.0 --total 2.5:1.90/1.95 --closing
        the same, from a bookmaker's odds: the margin is taken off and the rates solved
  touchline price --home-rate 1.6 --away-rate 1.1 --score 1:0 --minute 67 --reds 0:1
        in the second half, with an away player sent off
  touchline price --odds 1.95/3.5/4.0 --total 2.5:1.90/1.95 --period H2 --minute 90 --stoppage 1.5 --announced 4 --json
        in stoppage time, for a program
  touchline price --home-rate 1.6 --away-rate 1.1 --combine 1x2@home --combine total:line=2.5@over
        two selections of one match as one bet, from the joint law
  touchline price --home-rate 1.6 --away-rate 1.1 --knock-out -1 --score 2:1 --period ET1 --minute 97
        who goes through, in extra time; the score has its goals in it, and home lost the first leg by one
  touchline price --match generated-1-01-today --brokers 127.0.0.1:19092
        what stands on the topics now for that match, as every customer reads it
  touchline price --state state.json --market 1x2 --market total
        a state as reference files write one: the object under \"input\", or {\"profiles\": ..., \"input\": ...}

fair prob of a line that can return the stake (draw no bet, whole and quarter lines) is one over its fair odds.
Margins, ladder, model and the markets on offer are the pipeline's, for --competition those of its own:
touchline config show | grep -e margins -e trading -e model -e competitions";

/// Prices a state and prints the coupon.
pub fn main(arguments: &PriceArguments) -> anyhow::Result<ExitCode> {
    let pipeline = arguments.pipeline.load_layers()?.pipeline;
    if let Some(match_id) = &arguments.of_match {
        let (update, json) = live::newest(&pipeline, match_id)?;
        if arguments.json {
            println!("{json}")
        } else {
            print!("{}", live::table(&update))
        }
        return Ok(ExitCode::SUCCESS);
    }
    let trading = pipeline.rules.settings().map_err(anyhow::Error::msg)?.trading;
    let mut rules = arguments.competition.as_ref().map_or(&trading, |id| trading.of(id)).clone();
    if let Some(id) = arguments.competition.as_ref().filter(|id| !trading.competitions.contains_key(*id)) {
        eprintln!("touchline: the pipeline has no rules of competition {id}'s own: those of all");
    }
    if let Some(ladder) = arguments.ladder {
        rules.ladder = ladder.into();
    }
    if !arguments.market.is_empty() {
        rules.markets.retain(|market| arguments.market.contains(market));
    }
    if rules.markets.is_empty() {
        bail!(
            "--market: the pipeline offers none of these; trading.markets lists what it does (touchline config show)"
        );
    }
    if !arguments.combine.is_empty() {
        println!("{}", together(arguments, &rules)?);
        return Ok(ExitCode::SUCCESS);
    }
    let coupon = priced(arguments, &rules)?;
    for kind in &rules.markets {
        if arguments.market.contains(kind) && !coupon.quote.offers.keys().any(|market| market.kind() == *kind) {
            eprintln!("touchline: {} is not on offer in this state{}", kind.definition().name, wanting(*kind));
        }
    }
    if arguments.json {
        println!("{}", coupon.json())
    } else {
        print!("{}", coupon.table())
    }
    Ok(ExitCode::SUCCESS)
}

/// What to say of the match so that a market can be priced, if it is not over.
fn wanting(kind: MarketType) -> &'static str {
    let needs = Needs::of(&[kind]);
    match (needs.halves, needs.corners, needs.cards, needs.knock_out) {
        (true, _, _, _) => ": after half-time it needs --half-time",
        (_, true, _, _) => ": it needs --corners",
        (_, _, true, _) => ": it needs --cards",
        (_, _, _, true) => ": it needs --knock-out",
        (false, false, false, false) => "",
    }
}

/// One line for the combination, as text or JSON.
fn together(arguments: &PriceArguments, rules: &TradingRules) -> anyhow::Result<String> {
    let legs = &arguments.combine;
    let Together { fair, price, implied } =
        price_together(&arguments.standing()?, rules, legs).map_err(|reason| anyhow::anyhow!("--combine: {reason}"))?;
    let names: Vec<String> = legs.iter().map(|(market, outcome)| format!("{market}@{outcome}")).collect();
    let said: Vec<&String> = implied.iter().filter_map(|place| names.get(*place)).collect();
    if arguments.json {
        return Ok(serde_json::json!({
            "selections": names,
            "fair_probability": fair.to_f64(),
            "price": price.map(|price| price.to_string()),
            "implied_by_others": said,
        })
        .to_string());
    }
    let price = price.map_or_else(|| "withheld".to_owned(), |price| coupon::shown(&price));
    let mut text = format!("{}\n{}", names.join(" + "), coupon::named_row("Together", "", Some(fair), &price));
    if !said.is_empty() {
        text.push_str(&format!("\nsays nothing new: {}", said.into_iter().cloned().collect::<Vec<_>>().join(", ")));
    }
    Ok(text)
}

fn priced(arguments: &PriceArguments, rules: &TradingRules) -> anyhow::Result<Coupon> {
    if let Some(file) = &arguments.state {
        let StateFile { profile, inputs, state, half_time, unused } = StateFile::read(file, &rules.model)?;
        for key in unused {
            eprintln!("touchline: {key} changes no price that is offered, and was not looked at");
        }
        let circumstances = Circumstances {
            half_time,
            last_goal: None,
            corners: arguments.corners,
            cards: arguments.cards,
            knock_out: arguments.knock_out,
        };
        let quote = price_state(&profile, &inputs, &state, &circumstances, rules);
        return coupon(quote, &state, rules, |reason| in_words(reason, &format!("--state {}", file.display()), "reds"));
    }
    let standing = arguments.standing()?;
    let of_odds = matches!(standing.expectation, Expectation::Odds(_));
    let source = if of_odds { "--odds, --total" } else { "--home-rate, --away-rate" };
    coupon(price(&standing, rules), &arguments.state()?, rules, |reason| in_words(reason, source, "--reds"))
}

fn coupon(
    quote: Result<Quote, Unpriced>,
    state: &crate::pricing::State,
    rules: &TradingRules,
    explain: impl FnOnce(Unpriced) -> String,
) -> anyhow::Result<Coupon> {
    match quote {
        Ok(quote) => Ok(Coupon { quote, state: *state, ladder: rules.ladder }),
        Err(reason) => bail!("{}", explain(reason)),
    }
}

/// Why there is no price, and which input to look at.
fn in_words(reason: Unpriced, rates: &str, reds: &str) -> String {
    let bounds = "no rates from 0.02 to 8 goals a match give these odds";
    let (of, why) = match reason {
        Unpriced::Rules(_) => ("model.file", "the pipeline's model cannot be: touchline config check names the key"),
        Unpriced::Abandonment => (reds, "with five sent off of one side a match is abandoned"),
        Unpriced::Odds(NoRates::Margin(NoMargin::Underround)) => {
            (rates, "one over each of the odds sums to less than 1: whoever bets on all of them wins")
        }
        Unpriced::Odds(NoRates::Margin(
            NoMargin::NotProbabilities | NoMargin::OutOfReach | NoMargin::ExponentOutOfBounds,
        )) => (rates, "these are no odds of a market"),
        Unpriced::Odds(NoRates::NotOpen) => (rates, "one side cannot win, or the line is decided before kick-off"),
        Unpriced::Odds(NoRates::RateOutOfBounds) => (rates, bounds),
        Unpriced::Odds(NoRates::NotSolved) => (rates, "no rates give these odds: is the total line's side right?"),
        Unpriced::Odds(NoRates::Model(reason)) | Unpriced::Model(reason) => (rates, model_in_words(reason)),
    };
    format!("{of}: {why}")
}

fn model_in_words(reason: NoPrice) -> &'static str {
    match reason {
        NoPrice::NonFinite => "a number is not finite",
        NoPrice::RateOutOfBounds => "must be from 0.02 to 8 goals a match",
        NoPrice::MultiplierOutOfBounds => "phi and kappa must be from 0.01 to 10",
        NoPrice::RateTooHigh => "a side could expect more than 10 goals in what is left, with these cards: no price",
    }
}

impl From<arguments::LadderName> for LadderForm {
    fn from(name: arguments::LadderName) -> LadderForm {
        match name {
            arguments::LadderName::Decimal => LadderForm::Decimal,
            arguments::LadderName::American => LadderForm::American,
        }
    }
}

#[cfg(test)]
mod tests;
