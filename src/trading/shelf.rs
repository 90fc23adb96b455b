//! Which markets of a match are on the shelf now, and what each is offered at.

use std::collections::BTreeMap;

use super::opening::Opening;
use super::quote::MainLines;
use crate::event::{CORRECT_SCORE_MAX, MarketId, MarketType, Score, Side, TradingRules};
use crate::pricing::{
    Fair, HandicapForm, Ladder, LineSet, Lines, MarginPlan, NoMargin, Offer, Overrounds, Phase, ScoreLaw, Split, State,
    choose_handicaps, choose_lines, choose_team_lines, default_method, offer, offer_double_chance, offer_lines,
    withheld,
};
use crate::values::{Billionths, QuarterLine};

/// The markets that one state of a match puts on offer.
pub(super) struct Shelf<'a> {
    law: &'a ScoreLaw,
    state: &'a State,
    rules: &'a TradingRules,
    overrounds: Overrounds,
    /// Markets without lines.
    plain: Vec<MarketId>,
    families: Vec<Family>,
    pub(super) main_lines: MainLines,
}

/// The lines of one market type, which keep an order among themselves.
struct Family {
    kind: MarketType,
    main: QuarterLine,
    /// Ordered so that the first side gets less likely from line to line.
    lines: Vec<(MarketId, QuarterLine, Split)>,
    /// Lines that are priced with the others and not offered.
    hidden: Option<MarketId>,
}

impl<'a> Shelf<'a> {
    /// Chooses the markets: of each kind in the rules, the lines around the main one. Before kick-off a handicap counts
    /// the whole match only, which is the same.
    pub(super) fn new(
        law: &'a ScoreLaw,
        state: &'a State,
        main_lines: &MainLines,
        rules: &'a TradingRules,
    ) -> Shelf<'a> {
        let overrounds = overrounds(rules);
        let (plain, families, main_lines_now) = (Vec::new(), Vec::new(), MainLines::default());
        let mut shelf = Shelf { law, state, rules, overrounds, plain, families, main_lines: main_lines_now };
        let score = Score { home: state.home_score, away: state.away_score };
        if shelf.sells(MarketType::TotalGoals) {
            let lines = choose_lines(law, main_lines.total, &line_set(rules.total_lines));
            shelf.main_lines.total = shelf.put(MarketType::TotalGoals, lines, MarketId::TotalGoals);
        }
        if shelf.sells(MarketType::TeamTotal) {
            let set = line_set(rules.team_total_lines);
            let home = choose_team_lines(law, Side::Home, main_lines.home_total, &set);
            let away = choose_team_lines(law, Side::Away, main_lines.away_total, &set);
            let of = |side| move |line| MarketId::TeamTotal(side, line);
            shelf.main_lines.home_total = shelf.put(MarketType::TeamTotal, home, of(Side::Home));
            shelf.main_lines.away_total = shelf.put(MarketType::TeamTotal, away, of(Side::Away));
        }
        let count = u8::try_from(rules.handicap_lines).unwrap_or(u8::MAX);
        if shelf.sells(MarketType::Handicap) || shelf.sells(MarketType::DrawNoBet) {
            let count = if shelf.sells(MarketType::Handicap) { count } else { 1 };
            let lines = choose_handicaps(law, HandicapForm::Full, main_lines.handicap, count);
            shelf.main_lines.handicap = shelf.put(MarketType::Handicap, lines, MarketId::Handicap);
        }
        if shelf.sells(MarketType::HandicapRest) && state.clock.phase != Phase::PreMatch {
            let lines = choose_handicaps(law, HandicapForm::FromNow, main_lines.handicap_rest, count);
            let of = |line| MarketId::HandicapRest(score, line);
            shelf.main_lines.handicap_rest = shelf.put(MarketType::HandicapRest, lines, of);
        }
        shelf.put_plain(score);
        shelf
    }

    fn sells(&self, kind: MarketType) -> bool {
        self.rules.markets.contains(&kind)
    }

    fn put_plain(&mut self, score: Score) {
        let correct_score = MarketId::CorrectScore(self.rules.correct_score_max.clamp(1, CORRECT_SCORE_MAX));
        let goals = u32::from(score.home) + u32::from(score.away);
        let next_goal = u8::try_from(goals + 1).ok().map(MarketId::NextGoal);
        let plain =
            [MarketId::MatchResult, MarketId::DoubleChance, MarketId::BothTeamsToScore, correct_score].into_iter();
        self.plain = plain.chain(next_goal).filter(|market| self.rules.markets.contains(&market.kind())).collect();
    }

    /// Puts a family there, if there are lines; its main line. Handicap 0 is always priced, as draw no bet is it.
    fn put(
        &mut self,
        kind: MarketType,
        lines: Option<Lines>,
        market: impl Fn(QuarterLine) -> MarketId,
    ) -> Option<QuarterLine> {
        let Lines { main, mut lines } = lines?;
        let mut hidden = None;
        if kind == MarketType::Handicap && !lines.contains(&QuarterLine::ZERO) {
            hidden = Some(market(QuarterLine::ZERO));
            lines.push(QuarterLine::ZERO);
            lines.sort_unstable();
        }
        if kind == MarketType::Handicap || kind == MarketType::HandicapRest {
            // The higher home's start, the likelier home.
            lines.reverse();
        }
        let with_split = |line| match self.law.fair(market(line)) {
            Some(Fair::Line(split)) => Some((market(line), line, split)),
            Some(Fair::Shares(_)) | None => None,
        };
        let lines = lines.into_iter().filter_map(with_split).collect();
        self.families.push(Family { kind, main, lines, hidden });
        Some(main)
    }

    /// Everything that is priced.
    pub(super) fn markets(&self) -> impl Iterator<Item = MarketId> + '_ {
        let lines = self.families.iter().flat_map(|family| family.lines.iter().map(|(market, _, _)| *market));
        // Double chance is made of the match result, even where that is not on offer.
        self.plain.iter().copied().chain([MarketId::MatchResult]).chain(lines)
    }

    /// An offer for every selection.
    pub(super) fn offers(&self, opening: &Opening, ladder: &Ladder) -> BTreeMap<MarketId, Vec<Offer>> {
        let mut offers = BTreeMap::new();
        for market in &self.plain {
            if let Some(of_market) = self.plain_offers(*market, opening, ladder) {
                offers.insert(*market, of_market);
            }
        }
        for family in &self.families {
            let lines = family
                .lines
                .iter()
                .map(|(market, line, split)| (*split, self.plan(*market, *line == family.main, opening)));
            let pairs = offer_lines(&lines.collect::<Vec<_>>(), ladder);
            let pairs = pairs.unwrap_or_else(|_| family.lines.iter().map(|(_, _, split)| unmarked(*split)).collect());
            for ((market, line, _), pair) in family.lines.iter().zip(pairs) {
                if family.kind == MarketType::Handicap
                    && *line == QuarterLine::ZERO
                    && self.sells(MarketType::DrawNoBet)
                {
                    offers.insert(MarketId::DrawNoBet, pair.to_vec());
                }
                if self.sells(family.kind) && family.hidden != Some(*market) {
                    offers.insert(*market, pair.to_vec());
                }
            }
        }
        if self.state.is_beyond_experience() {
            offers.values_mut().flatten().for_each(|offer| offer.price = None);
        }
        offers
    }

    fn plain_offers(&self, market: MarketId, opening: &Opening, ladder: &Ladder) -> Option<Vec<Offer>> {
        let Some(Fair::Shares(fair)) = self.law.fair(market) else { return None };
        let offered = if market == MarketId::DoubleChance {
            let plan = self.plan(MarketId::MatchResult, true, opening);
            offer_double_chance(&self.law.match_result(), &plan, ladder)
        } else {
            offer(&fair, 1, &self.plan(market, true, opening), ladder)
        };
        // A margin that cannot be put on is no price, and the fair value is still known.
        Some(offered.unwrap_or_else(|_: NoMargin| withheld(&fair)))
    }

    fn plan(&self, market: MarketId, is_main: bool, opening: &Opening) -> MarginPlan {
        let target = self.overrounds.target(market.kind(), is_main);
        let mut plan = MarginPlan::new(default_method(market.kind()), self.overrounds.at(target, &self.state.clock));
        plan.kick_off_entropy = opening.entropy(market);
        plan
    }
}

/// A line without a margin, at its fair value.
fn unmarked(split: Split) -> [Offer; 2] {
    let fair = withheld(&split.fair_probabilities().unwrap_or_default());
    [fair[0], fair[1]]
}

/// Of the lines on offer a quarter is whole, a quarter is quartered, the rest are halves.
fn line_set(lines: u32) -> LineSet {
    let lines = u8::try_from(lines).unwrap_or(u8::MAX);
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
        next_goal: thousandths(margins.next_goal_thousandths),
        in_play_addition: thousandths(margins.in_play_extra_thousandths),
        closing_addition: thousandths(margins.late_extra_thousandths),
        ..Overrounds::default()
    }
}
