//! What the lines of one family are offered at: four of them side by side, so that a machine can work on several at once.

use super::counts::Split;
use super::ladder::Ladder;
use super::logarithms::{LANES, logarithm, whole_fours};
use super::margin::{MarginMethod, NoMargin, apply_margin, effective_overround, two_way_odds_ratio};
use super::offer::{MarginPlan, Offer, TickRounding, nearest_carries, sold_down, sold_nearest, unsold};

/// The lines on their way to the ladder, filled up to whole groups.
#[derive(Clone, Debug, Default)]
pub(super) struct LineOffers {
    lines: Vec<Line>,
}

/// One over its fair odds, and what it is offered at before rounding: of the first side and of the second.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    fair: [f64; 2],
    /// 0 for a line that is withheld.
    offered: [f64; 2],
}

/// Four neighbours. A line that fills up is even and has no margin.
struct Four {
    won: [f64; LANES],
    lost: [f64; LANES],
    overround: [f64; LANES],
    /// Openness at kick-off; 0 for a margin that does not shrink.
    at_kick_off: [f64; LANES],
    ceiling: [f64; LANES],
}

impl LineOffers {
    /// Works out what the lines are offered at before rounding. `scratch` is for methods that work market by market.
    pub(super) fn offer(&mut self, lines: &[(Split, MarginPlan)], scratch: &mut Vec<f64>) -> Result<(), NoMargin> {
        self.lines.resize(whole_fours(lines.len()), Line::default());
        for (four, offered) in lines.chunks(LANES).zip(self.lines.as_chunks_mut::<LANES>().0) {
            *offered = Four::of(four).offered();
        }
        for ((split, plan), line) in lines.iter().zip(&mut self.lines) {
            let [p, r] = line.fair;
            // By the odds ratio, with a margin, and open to both sides.
            let is_done = plan.method == MarginMethod::OddsRatio
                && plan.overround.raw() > 1_000_000_000
                && plan.overround.raw() < 2_000_000_000
                && p > 0.0
                && r > 0.0;
            if !is_done {
                *line = offered_alone(split, plan, scratch)?;
            }
        }
        self.keep_in_order(lines.len());
        Ok(())
    }

    /// Shortens the easier bet to the harder one where their margins would put them the wrong way round.
    fn keep_in_order(&mut self, lines: usize) {
        let (mut first, mut second) = (0.0, 0.0);
        // What is withheld is 0, and stays.
        let longest = |so_far: &mut f64, offered: &mut f64| {
            *so_far = f64::max(*so_far, *offered);
            *offered = if *offered > 0.0 { *so_far } else { 0.0 };
        };
        let lines = &mut self.lines[..lines];
        lines.iter_mut().rev().for_each(|line| longest(&mut first, &mut line.offered[0]));
        lines.iter_mut().for_each(|line| longest(&mut second, &mut line.offered[1]));
    }

    /// Adds the offers on the rungs that these come to stand on.
    pub(super) fn on_the_ladder(&self, lines: &[(Split, MarginPlan)], ladder: &Ladder, offers: &mut Vec<[Offer; 2]>) {
        offers.extend(lines.iter().zip(&self.lines).map(|((_, plan), line)| {
            if line.offered[0] <= 0.0 || plan.rounding != TickRounding::Down {
                return line.unlike_most(plan.rounding, ladder);
            }
            let Line { fair, offered } = line;
            [sold_down(fair[0], offered[0], ladder), sold_down(fair[1], offered[1], ladder)]
        }));
    }
}

impl Four {
    /// Of up to four lines.
    fn of(lines: &[(Split, MarginPlan)]) -> Four {
        let (even, one, none) = ([0.5; LANES], [1.0; LANES], [0.0; LANES]);
        let mut four = Four { won: even, lost: even, overround: one, at_kick_off: none, ceiling: one };
        for (lane, (split, plan)) in lines.iter().enumerate() {
            (four.won[lane], four.lost[lane]) = split.won_and_lost();
            four.overround[lane] = plan.overround.to_f64();
            four.at_kick_off[lane] = plan.kick_off_entropy.map_or(0.0, |entropy| entropy.to_f64());
            four.ceiling[lane] = plan.ceiling_factor();
        }
        four
    }

    /// By the odds ratio. Of a line that one side cannot win nothing here is a number.
    fn offered(&self) -> [Line; LANES] {
        let mut lines = [Line::default(); LANES];
        let (mut p, mut r) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let sum = self.won[lane] + self.lost[lane];
            (p[lane], r[lane]) = (self.won[lane] / sum, self.lost[lane] / sum);
        }
        let (mut log_p, mut log_r) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            log_p[lane] = logarithm(p[lane]);
            log_r[lane] = logarithm(r[lane]);
        }
        for lane in 0..LANES {
            let openness = -p[lane] * log_p[lane] - r[lane] * log_r[lane];
            let overround = effective_overround(self.overround[lane], openness, self.at_kick_off[lane]);
            let offered = two_way_odds_ratio(p[lane], r[lane], overround);
            let ceiling = self.ceiling[lane];
            let offered = [f64::min(offered[0], ceiling * p[lane]), f64::min(offered[1], ceiling * r[lane])];
            lines[lane] = Line { fair: [p[lane], r[lane]], offered };
        }
        lines
    }
}

impl Line {
    /// A line that is withheld, or rounded to the nearest rungs where these carry enough.
    #[cold]
    #[inline(never)]
    fn unlike_most(&self, rounding: TickRounding, ladder: &Ladder) -> [Offer; 2] {
        let Line { fair, offered } = self;
        if offered[0] <= 0.0 {
            return fair.map(unsold);
        }
        if let TickRounding::Nearest { overround_min } = rounding
            && nearest_carries(fair, offered, ladder, overround_min.to_f64())
        {
            return [sold_nearest(fair[0], offered[0], ladder), sold_nearest(fair[1], offered[1], ladder)];
        }
        [sold_down(fair[0], offered[0], ladder), sold_down(fair[1], offered[1], ladder)]
    }
}

/// A line of another method or without a margin, and one that one side cannot win: its fair values are 0 and 1, and it is
/// withheld.
#[cold]
#[inline(never)]
fn offered_alone(split: &Split, plan: &MarginPlan, scratch: &mut Vec<f64>) -> Result<Line, NoMargin> {
    let Some(fair) = split.fair_probabilities() else {
        let (won, lost) = split.won_and_lost();
        if won.is_nan() || lost.is_nan() {
            return Err(NoMargin::NotProbabilities);
        }
        return Ok(Line { fair: [won, lost].map(|some| f64::from(u8::from(some > 0.0))), offered: [0.0; 2] });
    };
    let mut overround = plan.overround.to_f64();
    if let Some(at_kick_off) = plan.kick_off_entropy {
        let openness = fair.into_iter().map(|p| -p * logarithm(p)).sum();
        overround = effective_overround(overround, openness, at_kick_off.to_f64());
    }
    let offered = match apply_margin(plan.method, &fair, 1, overround, scratch) {
        Ok(_) => [scratch[0], scratch[1]],
        Err(NoMargin::OutOfReach) => [0.0; 2],
        Err(reason @ (NoMargin::NotProbabilities | NoMargin::Underround | NoMargin::ExponentOutOfBounds)) => {
            return Err(reason);
        }
    };
    let ceiling = plan.ceiling_factor();
    Ok(Line { fair, offered: [f64::min(offered[0], ceiling * fair[0]), f64::min(offered[1], ceiling * fair[1])] })
}
