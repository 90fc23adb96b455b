//! All that is offered on a match at one moment, taken together.

use std::collections::BTreeMap;

use crate::catalogue::{Specifier, easier_bets};
use crate::event::*;
use crate::pricing::{Circumstances, Offer};
use crate::trading::{Quote, Standing, Unpriced, price};
use crate::values::*;
use proptest::prelude::*;

fn standing(home: f64, away: f64, period: Period, minute: i64, score: (u16, u16), reds: (u8, u8)) -> Standing {
    let rate = |rate| Billionths::from_f64(rate).unwrap();
    Standing {
        expectation: Expectation::Rates { home: rate(home), away: rate(away) },
        period,
        clock: Some(MatchClock {
            period,
            elapsed: Millis::from_seconds(60 * minute),
            stoppage_announced_minutes: None,
        }),
        score: Score { home: score.0, away: score.1 },
        reds,
        circumstances: Circumstances {
            half_time: (period > Period::FirstHalf).then_some(Score { home: score.0.min(1), away: score.1.min(1) }),
            corners: Some(Score { home: 3, away: 1 }),
            cards: Some(Score { home: 0, away: 2 }),
            last_goal: [None, Some(Side::Home)][usize::from(score != (0, 0))],
            knock_out: Some(1),
        },
    }
}

fn implied(price: Price) -> f64 {
    price.factor().den() as f64 / price.factor().num() as f64
}

fn offers(quote: &Quote, id: &str) -> Vec<Offer> {
    quote.offers.get(&MarketId::parse(id).unwrap()).unwrap_or_else(|| panic!("{id} is on offer")).clone()
}

fn fair(quote: &Quote, id: &str, outcome: &str) -> f64 {
    let market = MarketId::parse(id).unwrap();
    let index = market.outcomes().iter().position(|of| of.to_string() == outcome).unwrap();
    quote.offers[&market][index].fair.to_f64()
}

fn same(one: f64, other: f64) -> Result<(), TestCaseError> {
    // Each is rounded to a billionth.
    prop_assert!((one - other).abs() < 2.5e-9, "{one} is not {other}");
    Ok(())
}

prop_compose! {
    fn any_standing()(
        home in 0.2..3.2_f64,
        away in 0.2..3.2_f64,
        period in prop::sample::select(vec![Period::PreMatch, Period::FirstHalf, Period::HalfTime, Period::SecondHalf]),
        minute in 0..48_i64,
        goals in (0..5_u16, 0..5_u16),
        reds in (0..3_u8, 0..3_u8),
    ) -> Standing {
        let before = period == Period::PreMatch;
        let (goals, reds) = if before { ((0, 0), (0, 0)) } else { (goals, reds) };
        standing(home, away, period, minute, goals, reds)
    }
}

fn rules(ladder: LadderForm) -> TradingRules {
    TradingRules { ladder, ..Settings::default().trading }
}

/// Section 12 over one published set.
fn assert_coherent(quote: &Quote, standing: &Standing) -> Result<(), TestCaseError> {
    let withheld = standing.reds.0 >= 2 && standing.reds.1 >= 2;
    for (market, offers) in &quote.offers {
        prop_assert_eq!(offers.len(), market.outcomes().len(), "{}", market);
        let winners = if market.kind() == MarketType::DOUBLE_CHANCE { 2.0 } else { 1.0 };
        let worth: f64 = offers.iter().map(|offer| offer.fair.to_f64()).sum();
        let is_line_of_one = offers.iter().all(|offer| offer.fair == Billionths::ZERO);
        prop_assert!((worth - winners).abs() < 1e-7 || is_line_of_one, "{market} is worth {worth}");
        for offer in offers {
            let Some(price) = offer.price else { continue };
            prop_assert!(!withheld, "{market} is sold with four men off");
            prop_assert!(implied(price) >= offer.fair.to_f64() - 1e-12, "{market}: {offer:?} is better than fair");
            prop_assert!(implied(price) <= 1.0 / 1.0099 && offer.fair.raw() >= 1_000, "{market}: {offer:?}");
        }
        if offers.iter().all(|offer| offer.price.is_some()) {
            let carried: f64 = offers.iter().filter_map(|offer| offer.price).map(implied).sum();
            prop_assert!(carried >= winners, "{market} carries {carried}");
        }
    }
    Ok(())
}

/// The lines of one family with the prices of their two sides.
type PricedLines = Vec<(MarketId, [Option<Price>; 2])>;

/// Families of lines, each in the order in which the first side gets harder.
fn families(quote: &Quote) -> BTreeMap<String, PricedLines> {
    let mut families: BTreeMap<String, PricedLines> = BTreeMap::new();
    for (market, offers) in &quote.offers {
        let specifiers = market.definition().specifiers;
        if !specifiers.contains(&Specifier::Line) || offers.len() != 2 {
            continue;
        }
        let name = market.at_line(QuarterLine::ZERO).to_string();
        families.entry(name).or_default().push((*market, [offers[0].price, offers[1].price]));
    }
    for (name, lines) in &mut families {
        if name.contains("handicap") {
            lines.reverse();
        }
    }
    families
}

fn assert_monotone(quote: &Quote) -> Result<(), TestCaseError> {
    for lines in families(quote).values() {
        for pair in lines.windows(2) {
            let [(easy, easy_prices), (hard, hard_prices)] = [&pair[0], &pair[1]];
            let rises = |low: Option<Price>, high: Option<Price>| match (low, high) {
                (Some(low), Some(high)) => low.cmp_value(&high).is_le(),
                (Some(_) | None, Some(_) | None) => true,
            };
            prop_assert!(rises(easy_prices[0], hard_prices[0]), "{easy} and {hard}: {pair:?}");
            prop_assert!(rises(hard_prices[1], easy_prices[1]), "{easy} and {hard}: {pair:?}");
        }
    }
    Ok(())
}

fn assert_equal_bets(quote: &Quote) -> Result<(), TestCaseError> {
    let fair = |id: &str, outcome: &str| fair(quote, id, outcome);
    let level = quote.offers.get(&MarketId::handicap(QuarterLine::ZERO));
    if let Some(level) = level {
        prop_assert_eq!(level, &quote.offers[&MarketId::DRAW_NO_BET], "one bet, priced once");
    }
    same(fair("double_chance", "1x"), 1.0 - fair("1x2", "away"))?;
    same(fair("double_chance", "12"), 1.0 - fair("1x2", "draw"))?;
    // Multiplied, not divided: a likely draw would blow the rounding up.
    same(fair("draw_no_bet", "home") * (1.0 - fair("1x2", "draw")), fair("1x2", "home"))?;
    for (market, offers) in &quote.offers {
        let text = market.to_string();
        match text.as_str() {
            "handicap:line=-0.5" => same(offers[0].fair.to_f64(), fair("1x2", "home"))?,
            "handicap:line=0.5" => same(offers[0].fair.to_f64(), fair("double_chance", "1x"))?,
            "total:line=0.5" => same(offers[1].fair.to_f64(), fair("correct_score:max=4", "0:0"))?,
            _ => {}
        }
    }
    same(fair("btts", "yes"), 1.0 - fair("btts", "no"))
}

/// Nobody is offered less for the harder of two bets.
fn assert_harder_is_longer(quote: &Quote, now: Score) -> Result<(), TestCaseError> {
    let offer = |market: MarketId, outcome: Outcome| -> Option<(Billionths, Price)> {
        let place = market.outcomes().iter().position(|one| *one == outcome)?;
        let offer = quote.offers.get(&market)?.get(place)?;
        Some((offer.fair, offer.price?))
    };
    for market in quote.offers.keys() {
        for outcome in market.outcomes() {
            for (easier, selection) in easier_bets(*market, outcome, now) {
                if let (Some((fair, harder)), Some((_, easy))) = (offer(*market, outcome), offer(easier, selection)) {
                    // Where both are worth the same, a billionth may be between what is published of them.
                    let is_covered = implied(easy) >= fair.to_f64();
                    let told = format!("{market} {outcome} at {harder}, {easier} at {easy}");
                    prop_assert!(harder.cmp_value(&easy).is_ge() || !is_covered, "{told}");
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_whole_catalogue_is_coherent(standing in any_standing()) {
        let rules = TradingRules { markets: MarketType::all().collect(), ..rules(LadderForm::Decimal) };
        let quote = price(&standing, &rules).unwrap();
        assert_coherent(&quote, &standing)?;
        assert_monotone(&quote)?;
        assert_equal_bets(&quote)?;
        assert_harder_is_longer(&quote, standing.score)?;
    }
}

#[test]
fn a_win_to_nil_pays_no_less_than_a_win() {
    let weak = standing(0.42, 1.11, Period::PreMatch, 0, (0, 0), (0, 0));
    let rules = TradingRules { markets: MarketType::all().collect(), ..rules(LadderForm::Decimal) };
    let quote = price(&weak, &rules).unwrap();
    let win = offers(&quote, "1x2")[0].price.unwrap();
    let to_nil = offers(&quote, "win_to_nil:side=home")[0].price.unwrap();
    assert_eq!(to_nil, win, "its own margin would make it shorter");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_published_set_is_coherent(standing in any_standing(), american in any::<bool>()) {
        let rules = rules(if american { LadderForm::American } else { LadderForm::Decimal });
        let quote = price(&standing, &rules).unwrap();
        assert_coherent(&quote, &standing)?;
        assert_monotone(&quote)?;
        assert_equal_bets(&quote)?;
        let prices = quote.offers.values().flatten().filter_map(|offer| offer.price);
        let form = if american { PriceForm::American } else { PriceForm::Decimal };
        prop_assert!(prices.into_iter().all(|price| price.form() == form));
    }

    #[test]
    fn no_bet_of_any_kind_on_any_score_beats_the_model(standing in any_standing()) {
        // What cannot happen any more is worth nothing and is not sold.
        let quote = price(&standing, &rules(LadderForm::Decimal)).unwrap();
        let (home, away) = (u8::try_from(standing.score.home).unwrap(), u8::try_from(standing.score.away).unwrap());
        for (offer, outcome) in offers(&quote, "correct_score:max=4").iter().zip(MarketId::correct_score(4).outcomes()) {
            if let Outcome::Score(x, y) = outcome && (x < home || y < away) {
                prop_assert_eq!(*offer, Offer { fair: Billionths::ZERO, price: None });
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_feed_and_the_operator_say_the_price_is_coherent_or_refused(
        rates in (0.0..9.0_f64, 0.0..9.0_f64),
        period in prop::sample::select(vec![Period::PreMatch, Period::FirstHalf, Period::SecondHalf, Period::Over]),
        minute in 0..200_i64,
        score in prop_oneof![(0..12_u16, 0..12_u16), (any::<u16>(), any::<u16>())],
        reds in (0..7_u8, 0..7_u8),
        lines in (0..40_u32, 0..40_u32, 0..300_u32),
        correct_score_max in 0..20_u8,
    ) {
        let standing = standing(rates.0, rates.1, period, minute, score, reds);
        let (total_lines, team_total_lines, handicap_lines) = lines;
        let rules = TradingRules {
            total_lines,
            team_total_lines,
            handicap_lines,
            correct_score_max,
            ..rules(LadderForm::Decimal)
        };
        if let Ok(quote) = price(&standing, &rules) {
            assert_coherent(&quote, &standing)?;
            assert_monotone(&quote)?;
        } else {
            // Never without a reason: rates outside [0.02, 8], a red card's flood of goals, or men missing.
            let is_strange = [rates.0, rates.1].iter().any(|rate| !(0.021..4.0).contains(rate));
            prop_assert!(is_strange || reds.0.max(reds.1) >= 2, "{standing:?}");
        }
    }
}

#[test]
fn every_kind_of_market_is_offered_before_and_in_play() {
    let kinds = |quote: &Quote| {
        let mut counts: BTreeMap<MarketType, usize> = BTreeMap::new();
        quote.offers.keys().for_each(|market| *counts.entry(market.kind()).or_default() += 1);
        MarketType::all().map(|kind| counts.get(&kind).copied().unwrap_or(0)).collect::<Vec<_>>()
    };
    let before = price(&standing(1.5, 1.1, Period::PreMatch, 0, (0, 0), (0, 0)), &rules(LadderForm::Decimal)).unwrap();
    assert_eq!(kinds(&before)[..10], [1, 1, 1, 7, 6, 7, 0, 1, 1, 1]);
    let playing =
        price(&standing(1.5, 1.1, Period::FirstHalf, 30, (1, 0), (0, 0)), &rules(LadderForm::Decimal)).unwrap();
    assert_eq!(kinds(&playing)[..10], [1, 1, 1, 7, 6, 7, 7, 1, 1, 1]);
    let on_sale = kinds(&before).into_iter().zip(kinds(&playing)).zip(MarketType::all());
    for ((before, playing), kind) in on_sale {
        assert!(before + playing > 0, "{kind:?} is never on sale");
    }
    assert!(playing.offers.contains_key(&MarketId::next_goal(2)));
    let now = Score { home: 1, away: 0 };
    assert!(playing.offers.keys().filter(|market| market.counts_from_base()).all(|market| market.base() == now));
    let main = |family| playing.main_lines.of(family).unwrap();
    let level = QuarterLine::ZERO;
    assert_ne!(main(MarketId::handicap(level)), main(MarketId::handicap_rest(now, level)));
}

#[test]
fn only_what_the_rules_name_is_offered() {
    let at = standing(1.5, 1.1, Period::FirstHalf, 30, (0, 0), (0, 0));
    for kind in MarketType::all() {
        let rules = TradingRules { markets: vec![kind], ..rules(LadderForm::Decimal) };
        let quote = price(&at, &rules).unwrap();
        assert!(quote.offers.keys().all(|market| market.kind() == kind) && !quote.offers.is_empty(), "{kind:?}");
        // Alone on the shelf it costs the same, in a state where no easier bet beside it makes it longer.
        let whole = price(&at, &Settings::default().trading).unwrap();
        assert!(quote.offers.iter().all(|(market, offers)| whole.offers.get(market) == Some(offers)), "{kind:?}");
    }
}

#[test]
fn draw_no_bet_costs_the_same_where_handicap_zero_is_not_offered() {
    // A favourite: the lines are around -2.
    let quote = price(&standing(3.0, 0.5, Period::PreMatch, 0, (0, 0), (0, 0)), &rules(LadderForm::Decimal)).unwrap();
    assert!(!quote.offers.contains_key(&MarketId::handicap(QuarterLine::ZERO)));
    let wide = TradingRules { handicap_lines: 30, ..rules(LadderForm::Decimal) };
    let wide = price(&standing(3.0, 0.5, Period::PreMatch, 0, (0, 0), (0, 0)), &wide).unwrap();
    assert_eq!(wide.offers[&MarketId::handicap(QuarterLine::ZERO)], quote.offers[&MarketId::DRAW_NO_BET]);
}

fn decimal(thousandths: u32) -> DecimalOdds {
    DecimalOdds::from_thousandths(thousandths).unwrap()
}

fn with_odds(home: u32, draw: u32, away: u32, over: u32, under: u32, is_closing: bool) -> Standing {
    let odds = PreMatchOdds {
        home: decimal(home),
        draw: decimal(draw),
        away: decimal(away),
        line: QuarterLine::from_quarters(10),
        over: decimal(over),
        under: decimal(under),
        is_closing,
    };
    let at = standing(1.0, 1.0, Period::PreMatch, 0, (0, 0), (0, 0));
    Standing { expectation: Expectation::Odds(odds), ..at }
}

#[test]
fn a_fixture_may_bring_odds() {
    let rules = rules(LadderForm::Decimal);
    let opening = price(&with_odds(1_800, 3_700, 4_600, 1_900, 1_950, false), &rules).unwrap();
    assert_eq!(opening.model.rho, Billionths::from_raw(-40_000_000));
    let closing = price(&with_odds(1_800, 3_700, 4_600, 1_900, 1_950, true), &rules).unwrap();
    assert_ne!(closing.model.rho, opening.model.rho);
    // Closing odds are met in all three: what Shin makes of them is our fair 1X2.
    let mut shin = Vec::new();
    let odds = [1.8, 3.7, 4.6].map(|odds: f64| 1.0 / odds);
    crate::pricing::remove_margin(crate::pricing::MarginMethod::Shin, &odds, &mut shin).unwrap();
    for (offer, shin) in offers(&closing, "1x2").iter().zip(shin) {
        assert!((offer.fair.to_f64() - shin).abs() < 3e-9, "{offer:?} {shin}");
    }
    // The same rates given as rates make the same prices.
    let ModelUsed { home_rate, away_rate, .. } = opening.model;
    let expectation = Expectation::Rates { home: home_rate, away: away_rate };
    let at = with_odds(1_800, 3_700, 4_600, 1_900, 1_950, false);
    assert_eq!(price(&Standing { expectation, ..at }, &rules), Ok(opening));
}

#[test]
fn odds_that_say_nothing_give_no_price_and_say_why() {
    let rules = rules(LadderForm::Decimal);
    let underround = price(&with_odds(3_100, 3_100, 3_100, 1_900, 1_950, true), &rules).unwrap_err();
    assert_eq!(underround.to_string(), "no price: the fixture's odds give no rates: Margin(Underround)");
    let absurd = price(&with_odds(1_001, 900_000, 900_000, 20_000, 1_020, false), &rules).unwrap_err();
    assert_eq!(absurd.to_string(), "no price: the fixture's odds give no rates: RateOutOfBounds");
    let five = standing(1.5, 1.1, Period::SecondHalf, 30, (0, 0), (5, 0));
    assert_eq!(price(&five, &rules), Err(Unpriced::Abandonment));
}

#[test]
fn american_prices_stand_on_their_own_ladder() {
    let at = standing(1.9, 0.7, Period::SecondHalf, 40, (3, 0), (0, 0));
    let american = price(&at, &rules(LadderForm::American)).unwrap();
    let decimal = price(&at, &rules(LadderForm::Decimal)).unwrap();
    let [home, draw, away] = offers(&american, "1x2").try_into().unwrap();
    // As good as won: withheld, as on the decimal ladder, and not offered at -10000.
    assert_eq!(home.price, None);
    assert_eq!(offers(&decimal, "1x2")[0].price, None);
    assert!(draw.price.is_some_and(|price| price.to_string().starts_with('+')), "{draw:?}");
    assert_eq!(away.price.is_some(), offers(&decimal, "1x2")[2].price.is_some());
    assert_eq!(american.main_lines, decimal.main_lines);
    // A favourite is quoted with a minus, and the worth of a selection does not hang on the ladder.
    let early = price(&standing(1.9, 0.7, Period::PreMatch, 0, (0, 0), (0, 0)), &rules(LadderForm::American)).unwrap();
    assert!(offers(&early, "1x2")[0].price.unwrap().to_string().starts_with('-'));
    for (market, offers) in &american.offers {
        for (one, other) in offers.iter().zip(&decimal.offers[market]) {
            assert_eq!(one.fair, other.fair);
        }
    }
}

#[test]
fn a_price_asked_for_alone_has_no_memory() {
    let quote = price(&standing(1.5, 1.1, Period::PreMatch, 0, (0, 0), (0, 0)), &rules(LadderForm::Decimal)).unwrap();
    let main = |family: &str| quote.main_lines.of(MarketId::parse(family).unwrap()).map(|line| line.to_string());
    assert_eq!(main("total:line=0").as_deref(), Some("2.5"));
    assert_eq!(main("team_total:line=0,side=home").as_deref(), Some("1.5"));
    assert_eq!(main("team_total:line=0,side=away").as_deref(), Some("0.5"));
    assert!(main("handicap:line=0").is_some() && main("handicap_rest:base=0:0,line=0").is_none());
}

#[test]
fn a_goal_closes_the_next_goal_and_the_handicap_on_the_rest() {
    super::story::play(
        "
        300               -> next_goal:nth=1 active; btts active; correct_score:max=4 active; double_chance active
        600
        605 k1 !start 1H  -> handicap_rest:base=0:0,line=-0.25 active; next_goal:nth=1 active
        900 g1 goal home  -> next_goal:nth=2 suspended incident; handicap_rest:base=1:0,line=-0.25 suspended incident
        960 r1 restart    -> next_goal:nth=2 active; handicap_rest:base=1:0,line=-0.25 active
        961               -> handicap_rest:base=0:0,line=-0.25 inactive; draw_no_bet active; handicap:line=-1 active
    ",
    );
}

#[test]
fn a_goal_taken_back_brings_the_old_markets_back() {
    super::story::play(
        "
        600
        605 k1 !start 1H     -> handicap_rest:base=0:0,line=-0.25 active
        900 g1 goal home     -> handicap_rest:base=0:0,line=-0.25 inactive
        910 x1 !rollback g1  -> handicap_rest:base=0:0,line=-0.25 active; handicap_rest:base=1:0,line=-0.25 inactive
        911                  -> next_goal:nth=1 active; next_goal:nth=2 inactive
    ",
    );
}

#[test]
fn what_a_goal_has_passed_by_is_never_on_sale_again() {
    let mut story = super::story::play("600\n605 k1 !start 1H");
    for (goal, side) in ["home", "away", "home", "away"].iter().enumerate() {
        let second = 900 + 300 * goal;
        story.tell(&format!("{second} g{goal} goal {side}\n{} r{goal} restart", second + 60));
        let update = story.last();
        let now = update.score;
        for market in &update.markets {
            let is_past = match market.id.kind() {
                MarketType::HANDICAP_REST => market.id.base() != now,
                MarketType::NEXT_GOAL => u16::from(market.id.first_number()) != now.home + now.away + 1,
                _ => continue,
            };
            let is_on_sale = matches!(market.status, MarketStatus::Active | MarketStatus::Suspended);
            assert_eq!(is_on_sale, !is_past, "{} after {goal}", market.id);
        }
    }
    // Whole, not a delta: everything that was ever offered is still listed.
    assert!((60..400).contains(&story.last().markets.len()), "{} markets", story.last().markets.len());
}

/// Every half minute of a match, stoppage included, with the same pricer: what trading does all day.
#[test]
fn a_whole_match_is_priced_to_its_end() {
    use crate::trading::opening::Opening;
    use crate::trading::overrides::Overrides;
    use crate::trading::quote::Pricer;
    let rules = rules(LadderForm::Decimal);
    let (mut pricer, mut opening) = (Pricer::new(), Opening::default());
    let mut main_lines = crate::trading::MainLines::default();
    for half_minutes in 0..200_i64 {
        let (period, minute) = if half_minutes < 100 {
            (Period::FirstHalf, half_minutes)
        } else {
            (Period::SecondHalf, half_minutes - 100)
        };
        let goals = u16::try_from(half_minutes / 40).unwrap();
        let mut at = standing(1.4, 1.2, period, 0, (goals, goals / 2), (0, 0));
        at.clock = at.clock.map(|clock| MatchClock { elapsed: Millis::from_seconds(30 * minute), ..clock });
        at.circumstances = Circumstances {
            half_time: (period == Period::SecondHalf).then_some(Score { home: 2, away: 1 }),
            last_goal: (goals > 0).then_some(Side::Home),
            corners: Some(Score { home: goals * 2, away: goals }),
            cards: Some(Score { home: goals, away: 0 }),
            knock_out: None,
        };
        let quote = pricer.quote(&at, &Overrides::default(), &main_lines, &rules, &mut opening).unwrap();
        main_lines.clone_from(&quote.main_lines);
    }
}
