//! The whole catalogue of one match without the half-time joint, priced from one law: fair, then offered.

use touchline::event::Side;
use touchline::pricing::{Ladder, MarginMethod, MarginPlan, Offer, PriceMaker, ScoreLaw, Split, entropy};
use touchline::values::{Billionths, QuarterLine};

/// Lines of the total: 0.5 to 7.5 by quarters, 29 of them.
const TOTAL_QUARTERS: std::ops::RangeInclusive<i16> = 2..=30;
/// Handicaps of the whole match, -2 to +2 by quarters, and of the rest of it, -1.75 to +2: 33 lines, 66 sides.
const HANDICAP_QUARTERS: std::ops::RangeInclusive<i16> = -8..=8;
const REST_QUARTERS: std::ops::RangeInclusive<i16> = -7..=8;
/// Lines of one side's goals: 0.5 to 4.5.
const TEAM_QUARTERS: [i16; 5] = [2, 6, 10, 14, 18];
/// Goals a side in the correct score.
const SCORES_MAX: u8 = 6;

/// The fair values of one match, in memory that is used again.
#[derive(Default)]
pub(super) struct Fair {
    match_result: [f64; 3],
    next_goal: [f64; 3],
    both_teams: [f64; 2],
    odd_even: [f64; 2],
    correct_score: Vec<f64>,
    exact_goals: Vec<f64>,
    winning_margin: Vec<f64>,
    draw_no_bet: Split,
    totals: Vec<Split>,
    handicaps: Vec<Split>,
    handicaps_rest: Vec<Split>,
    home_totals: Vec<Split>,
    away_totals: Vec<Split>,
}

impl Fair {
    /// Reads every market from the law.
    pub(super) fn read(&mut self, law: &ScoreLaw) {
        let line = QuarterLine::from_quarters;
        self.match_result = law.match_result();
        self.next_goal = law.next_goal();
        self.both_teams = law.both_teams_to_score();
        law.correct_score_into(SCORES_MAX, &mut self.correct_score);
        self.draw_no_bet = law.handicap(QuarterLine::ZERO);
        refill(&mut self.totals, TOTAL_QUARTERS.map(|quarters| law.total(line(quarters))));
        // The higher home's start, the likelier home: so the lines fall.
        refill(&mut self.handicaps, HANDICAP_QUARTERS.rev().map(|quarters| law.handicap(line(quarters))));
        refill(&mut self.handicaps_rest, REST_QUARTERS.rev().map(|quarters| law.handicap_from_now(line(quarters))));
        for (side, totals) in [(Side::Home, &mut self.home_totals), (Side::Away, &mut self.away_totals)] {
            refill(totals, TEAM_QUARTERS.into_iter().map(|quarters| law.team_total(side, line(quarters))));
        }
        // A whole line is pushed by exactly so many goals.
        let exactly = |goals: i16| law.total(line(4 * goals)).push;
        refill(&mut self.exact_goals, (0..=6).map(exactly));
        self.exact_goals.push(law.total(line(26)).win);
        let even: f64 = (0..=20).map(|half| exactly(2 * half)).sum();
        self.odd_even = [1.0 - even, even];
        let by_exactly = |lead: i16| law.handicap(line(-4 * lead)).push;
        refill(&mut self.winning_margin, [1, 2, -1, -2, 0].into_iter().map(by_exactly));
        self.winning_margin.push(law.handicap(line(-10)).win);
        self.winning_margin.push(law.handicap(line(10)).lose);
    }

    /// Read together, so that nothing of it can be left out.
    pub(super) fn checksum(&self) -> f64 {
        let splits = [&self.totals, &self.handicaps, &self.handicaps_rest, &self.home_totals, &self.away_totals];
        let shares = [&self.correct_score, &self.exact_goals, &self.winning_margin];
        splits.iter().map(|splits| splits[splits.len() / 2].win).sum::<f64>()
            + shares.iter().map(|shares| shares[0]).sum::<f64>()
            + self.both_teams[0]
            + self.odd_even[0]
            + self.draw_no_bet.win
    }
}

fn refill<T>(list: &mut Vec<T>, values: impl Iterator<Item = T>) {
    list.clear();
    list.extend(values);
}

/// The margins of a match: more than two ways by power, two ways by the odds ratio, each shrinking with the openness that its
/// market had at kick-off.
pub(super) struct Margins {
    ladder: Ladder,
    three_way: MarginPlan,
    many_way: MarginPlan,
    two_way: MarginPlan,
    maker: PriceMaker,
    lines: Vec<(Split, MarginPlan)>,
    offers: Vec<Offer>,
    pairs: Vec<[Offer; 2]>,
}

impl Margins {
    pub(super) fn new() -> Margins {
        let overround = |thousandths: i64| Billionths::from_raw(thousandths * 1_000_000);
        Margins {
            ladder: Ladder::decimal_default(),
            three_way: MarginPlan::new(MarginMethod::Power, overround(1_060)).shrinking_from(&[0.45, 0.28, 0.27]),
            many_way: MarginPlan::new(MarginMethod::Power, overround(1_200)),
            two_way: MarginPlan::new(MarginMethod::OddsRatio, overround(1_050)).shrinking_from(&[0.5, 0.5]),
            maker: PriceMaker::new(),
            lines: Vec::new(),
            offers: Vec::new(),
            pairs: Vec::new(),
        }
    }

    /// Offers on every selection; how many there are.
    pub(super) fn offer(&mut self, fair: &Fair) -> usize {
        let Margins { ladder, three_way, many_way, two_way, maker, lines, offers, pairs } = self;
        offers.clear();
        pairs.clear();
        let shares: [(&[f64], &MarginPlan); 7] = [
            (&fair.match_result, three_way),
            (&fair.next_goal, three_way),
            (&fair.both_teams, two_way),
            (&fair.odd_even, two_way),
            (&fair.correct_score, many_way),
            (&fair.exact_goals, many_way),
            (&fair.winning_margin, many_way),
        ];
        for (shares, plan) in shares {
            maker.offer(shares, 1, plan, ladder, offers).expect("a law gives probabilities");
        }
        let double_chance = maker.offer_double_chance(&fair.match_result, three_way, ladder, offers);
        double_chance.expect("a law gives probabilities");
        let one = [fair.draw_no_bet];
        for splits in
            [one.as_slice(), &fair.totals, &fair.handicaps, &fair.handicaps_rest, &fair.home_totals, &fair.away_totals]
        {
            refill(lines, splits.iter().map(|split| (*split, *two_way)));
            maker.offer_lines(lines, ladder, pairs).expect("a law gives probabilities");
        }
        offers.len() + 2 * pairs.len()
    }

    /// How many of the last ones are for sale.
    pub(super) fn on_sale(&self) -> usize {
        self.offers.iter().chain(self.pairs.iter().flatten()).filter(|offer| offer.price.is_some()).count()
    }
}

/// How open a market is, for the table's own sake.
pub(super) fn openness(fair: &Fair) -> f64 {
    entropy(&fair.match_result)
}
