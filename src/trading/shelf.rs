//! Which markets of a match are on the shelf now, and what each is offered at.

use std::collections::{BTreeMap, BTreeSet};

use super::opening::Opening;
use super::overrides::LinesBefore;
use super::quote::MainLines;
use crate::catalogue::{For, Measure, Moment, Reads, easier_bets, same_bet};
use crate::event::{MarketId, MarketType, Outcome, Score, TradingRules};
use crate::pricing::{
    Fair, Ladder, Laws, LineSet, Lines, MarginPlan, Offer, Overrounds, PriceMaker, Split, State, choose_handicaps,
    choose_totals, default_method, withheld,
};
use crate::values::{Billionths, QuarterLine};

/// The markets that one state of a match puts on offer.
pub(super) struct Shelf<'a> {
    laws: Laws<'a>,
    state: &'a State,
    rules: &'a TradingRules,
    overrounds: Overrounds,
    /// Markets without lines.
    plain: Vec<MarketId>,
    /// Markets that are the same bet as a line, selection by selection: never priced by themselves.
    aliases: Vec<MarketId>,
    families: Vec<Family>,
    pub(super) main_lines: MainLines,
}

/// The lines of one family, which keep an order among themselves.
struct Family {
    /// The line that the others lie around.
    main: Option<QuarterLine>,
    /// Ordered so that the first side gets less likely from line to line.
    lines: Vec<(MarketId, QuarterLine, Split)>,
    /// Lines that are priced with the others and not offered.
    hidden: BTreeSet<MarketId>,
}

impl<'a> Shelf<'a> {
    /// Chooses the markets: of each type in the rules those that the moment calls for, of lines those around the main one.
    pub(super) fn new(
        laws: Laws<'a>,
        state: &'a State,
        moment: &Moment,
        lines_before: LinesBefore<'_>,
        rules: &'a TradingRules,
    ) -> Shelf<'a> {
        let (plain, aliases, families) = (Vec::new(), Vec::new(), Vec::new());
        let main_lines_now = MainLines::default();
        let overrounds = overrounds(rules);
        let mut shelf = Shelf { laws, state, rules, overrounds, plain, aliases, families, main_lines: main_lines_now };
        let mut lines = BTreeMap::new();
        for kind in &rules.markets {
            for market in kind.definition().shelf(moment) {
                if market.outcomes().iter().all(|outcome| same_bet(market, *outcome).is_some()) {
                    shelf.aliases.push(market);
                } else if let Reads::Line(threshold) = kind.definition().reads {
                    lines.insert(market, (threshold(market).measure, BTreeSet::new()));
                } else {
                    shelf.plain.push(market);
                }
            }
        }
        shelf.call_for_priced_lines(&mut lines);
        for (family, (measure, hidden)) in lines {
            shelf.put(family, &measure, hidden, lines_before);
        }
        shelf
    }

    /// Lines that are another name of something on the shelf must be priced, whether they are on offer or not.
    fn call_for_priced_lines(&self, lines: &mut BTreeMap<MarketId, (Measure, BTreeSet<QuarterLine>)>) {
        for market in self.aliases.iter().chain(&self.plain) {
            for (line, _) in market.outcomes().into_iter().filter_map(|outcome| same_bet(*market, outcome)) {
                let Some(measure) = line.measure() else { continue };
                lines
                    .entry(line.at_line(QuarterLine::ZERO))
                    .or_insert((measure, BTreeSet::new()))
                    .1
                    .insert(line.line());
            }
        }
    }

    fn sells(&self, kind: MarketType) -> bool {
        self.rules.markets.contains(&kind)
    }

    /// Puts a family there, if there are lines.
    fn put(&mut self, family: MarketId, measure: &Measure, priced: BTreeSet<QuarterLine>, before: LinesBefore<'_>) {
        let laws = self.laws;
        let split = |line| match laws.fair(family.at_line(line)) {
            Some(Fair::Line(split)) => Some(split),
            Some(Fair::Shares(_)) | None => None,
        };
        let Some(now) = laws.now(measure) else { return };
        let wish = before.wish(family);
        let is_lead = measure.of == For::Lead;
        let chosen = if is_lead {
            choose_handicaps(now, split, wish, self.lines_wanted(family))
        } else {
            choose_totals(now, split, wish, &line_set(self.lines_wanted(family)))
        };
        let Lines { main, centre, mut lines } = match chosen {
            Some(chosen) => chosen,
            None if priced.is_empty() => return,
            None => Lines { main: QuarterLine::ZERO, centre: QuarterLine::ZERO, lines: Vec::new() },
        };
        let is_sold = self.sells(family.kind());
        let hidden = |line: &QuarterLine| !is_sold || !lines.contains(line);
        let hidden: BTreeSet<MarketId> =
            lines.iter().chain(&priced).filter(|line| hidden(line)).map(|line| family.at_line(*line)).collect();
        lines.extend(priced);
        lines.sort_unstable();
        lines.dedup();
        if is_lead {
            // The higher home's start, the likelier home.
            lines.reverse();
        }
        let with_split = |line| split(line).map(|split| (family.at_line(line), line, split));
        let centre = Some(centre).filter(|centre| lines.contains(centre));
        if is_sold && centre.is_some() {
            self.main_lines.keep(family, main);
        }
        self.families.push(Family { main: centre, lines: lines.into_iter().filter_map(with_split).collect(), hidden });
    }

    /// How many lines of a family the rules ask for; one of a family that only an alias calls for.
    fn lines_wanted(&self, family: MarketId) -> u8 {
        let wanted = match family.kind() {
            kind if !self.sells(kind) => 1,
            MarketType::TOTAL => self.rules.total_lines,
            MarketType::TEAM_TOTAL => self.rules.team_total_lines,
            MarketType::HANDICAP | MarketType::HANDICAP_REST => self.rules.handicap_lines,
            _ => self.rules.other_lines,
        };
        u8::try_from(wanted).unwrap_or(u8::MAX)
    }

    /// Everything that is priced.
    pub(super) fn markets(&self) -> impl Iterator<Item = MarketId> + '_ {
        let lines = self.families.iter().flat_map(|family| family.lines.iter().map(|(market, _, _)| *market));
        // Double chance is made of the match result, even where that is not on offer.
        self.plain.iter().copied().chain([MarketId::MATCH_RESULT]).chain(lines)
    }

    /// An offer for every selection.
    pub(super) fn offers(
        &self,
        opening: &Opening,
        maker: &mut PriceMaker,
        ladder: &Ladder,
    ) -> BTreeMap<MarketId, Vec<Offer>> {
        let mut offers = BTreeMap::new();
        let mut hidden: BTreeSet<MarketId> = BTreeSet::new();
        let (mut lines, mut pairs) = (Vec::new(), Vec::new());
        for family in &self.families {
            lines.clear();
            lines.extend(
                family
                    .lines
                    .iter()
                    .map(|(market, line, split)| (*split, self.plan(*market, Some(*line) == family.main, opening))),
            );
            pairs.clear();
            // A margin that cannot be put on is no price, and the fair value is still known.
            if let Err(_no_margin) = maker.offer_lines(&lines, ladder, &mut pairs) {
                pairs.extend(lines.iter().map(|(split, _)| unmarked(*split)));
            }
            let names = family.lines.iter().map(|(market, _, _)| *market);
            offers.extend(names.zip(pairs.iter().map(|pair| pair.to_vec())));
            hidden.extend(&family.hidden);
        }
        for market in &self.plain {
            if let Some(mut of_market) = self.plain_offers(*market, opening, maker, ladder) {
                for (outcome, own) in market.outcomes().into_iter().zip(&mut of_market) {
                    *own = same_offer(&offers, *market, outcome).unwrap_or(*own);
                }
                offers.insert(*market, of_market);
            }
        }
        self.lengthen_harder_bets(&mut offers);
        for market in &self.aliases {
            let of_market = market.outcomes().into_iter().map(|outcome| same_offer(&offers, *market, outcome));
            if let Some(of_market) = of_market.collect::<Option<Vec<Offer>>>() {
                offers.insert(*market, of_market);
            }
        }
        offers.retain(|market, _| !hidden.contains(market));
        if self.state.is_beyond_experience() {
            offers.values_mut().flatten().for_each(|offer| offer.price = None);
        }
        offers
    }

    /// Markets differ in their margins; where that would put a harder bet at shorter odds than an easier one, it is
    /// lengthened to it: the easier one covers what it is worth itself, and so what the harder one is.
    fn lengthen_harder_bets(&self, offers: &mut BTreeMap<MarketId, Vec<Offer>>) {
        let now = Score { home: self.state.home_score, away: self.state.away_score };
        let mut pairs: Vec<[Place; 2]> = Vec::new();
        for market in self.plain.iter().filter(|market| offers.contains_key(market)) {
            for (place, outcome) in market.outcomes().into_iter().enumerate() {
                for (easier, selection) in easier_bets(*market, outcome, now) {
                    let of_easier = place_of(easier, selection).filter(|_| offers.contains_key(&easier));
                    pairs.extend(of_easier.map(|of_easier| [(*market, place), (easier, of_easier)]));
                }
            }
        }
        // A bet may be harder than one that is harder than a third.
        while pairs.iter().fold(false, |is_longer, [harder, easier]| lengthen(offers, *harder, *easier) || is_longer) {}
    }

    fn plain_offers(
        &self,
        market: MarketId,
        opening: &Opening,
        maker: &mut PriceMaker,
        ladder: &Ladder,
    ) -> Option<Vec<Offer>> {
        let Some(Fair::Shares(fair)) = self.laws.fair(market) else { return None };
        let mut offers = Vec::with_capacity(fair.len());
        let offered = if market == MarketId::DOUBLE_CHANCE {
            let plan = self.plan(MarketId::MATCH_RESULT, true, opening);
            maker.offer_double_chance(&self.laws.score().match_result(), &plan, ladder, &mut offers)
        } else {
            maker.offer(&fair, 1, &self.plan(market, true, opening), ladder, &mut offers)
        };
        if let Err(_no_margin) = offered {
            offers = withheld(&fair);
        }
        Some(offers)
    }

    fn plan(&self, market: MarketId, is_main: bool, opening: &Opening) -> MarginPlan {
        let target = self.overrounds.target(market.kind(), is_main);
        let mut plan = MarginPlan::new(default_method(market), self.overrounds.at(target, &self.state.clock));
        plan.kick_off_entropy = opening.entropy(market);
        plan
    }
}

/// A selection by its place in its market.
type Place = (MarketId, usize);

fn place_of(market: MarketId, outcome: Outcome) -> Option<usize> {
    market.outcomes().iter().position(|one| *one == outcome)
}

/// Puts the harder bet at the odds of the easier one where its own are shorter, and that is still no better than fair.
fn lengthen(offers: &mut BTreeMap<MarketId, Vec<Offer>>, harder: Place, easier: Place) -> bool {
    let offer = |(market, place): Place| offers.get(&market)?.get(place).copied();
    let (Some(own), Some(other)) = (offer(harder), offer(easier)) else { return false };
    let (Some(own_price), Some(price)) = (own.price, other.price) else { return false };
    let factor = price.factor();
    let is_covered = factor.den() as f64 / factor.num() as f64 >= own.fair.to_f64();
    if price.cmp_value(&own_price).is_le() || !is_covered {
        return false;
    }
    if let Some(offer) = offers.get_mut(&harder.0).and_then(|of_market| of_market.get_mut(harder.1)) {
        offer.price = Some(price);
    }
    true
}

/// What the same bet under its other name is offered at.
fn same_offer(offers: &BTreeMap<MarketId, Vec<Offer>>, market: MarketId, outcome: Outcome) -> Option<Offer> {
    let (priced, selection) = same_bet(market, outcome)?;
    offers.get(&priced)?.get(place_of(priced, selection)?).copied()
}

/// A line without a margin, at its fair value.
fn unmarked(split: Split) -> [Offer; 2] {
    let fair = withheld(&split.fair_probabilities().unwrap_or_default());
    [fair[0], fair[1]]
}

/// Of the lines on offer a quarter is whole, a quarter is quartered, the rest are halves.
fn line_set(lines: u8) -> LineSet {
    LineSet { half_lines: lines - 2 * (lines / 4), whole_lines: lines / 4, quarter_lines: lines / 4 }
}

fn overrounds(rules: &TradingRules) -> Overrounds {
    let thousandths = |value: u32| Billionths::from_raw(i64::from(value) * 1_000_000);
    let margins = &rules.margins;
    Overrounds {
        match_result: thousandths(margins.match_result_thousandths),
        main_total: thousandths(margins.main_total_thousandths),
        other_total: thousandths(margins.other_total_thousandths),
        team_total: thousandths(margins.team_total_thousandths),
        main_handicap: thousandths(margins.main_handicap_thousandths),
        other_handicap: thousandths(margins.other_handicap_thousandths),
        both_teams_to_score: thousandths(margins.both_teams_to_score_thousandths),
        correct_score: thousandths(margins.correct_score_thousandths),
        half_time_full_time: thousandths(margins.half_time_full_time_thousandths),
        next_goal: thousandths(margins.next_goal_thousandths),
        corners_and_cards: thousandths(margins.corners_and_cards_thousandths),
        knock_out: thousandths(margins.knock_out_thousandths),
        other: thousandths(margins.other_thousandths),
        in_play_addition: thousandths(margins.in_play_extra_thousandths),
        closing_addition: thousandths(margins.late_extra_thousandths),
        ..Overrounds::default()
    }
}
