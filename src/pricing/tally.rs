//! How many more corners or cards there will be, and whose.

use super::counts::{Counts, Split};
use super::inputs::NoPrice;
use crate::catalogue::For;
use crate::event::{CountRules, Side};
use crate::values::{Billionths, QuarterLine};

/// How a competition's corners or cards come (section 7): so many a match, more of them in some matches than in others,
/// and shared between the sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountModel {
    mean: f64,
    shape: f64,
    home_share: f64,
    theta: Option<f64>,
}

/// Why a model of counts was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCountModel {
    /// The mean of a match is outside [0.01, 60].
    Mean,
    /// The shape is outside [1, 1e9]: below, matches would differ more than any do.
    Shape,
    /// Home's share is outside [0.001, 0.999].
    HomeShare,
    /// θ is outside [0.01, 1e9].
    Theta,
}

impl CountModel {
    /// `mean` events a match; shape k of the gamma law by which matches differ; home's share of them; θ, how firmly
    /// a match keeps to that share, or none where every event goes to home with the same chance.
    ///
    /// # Errors
    /// The first number that is out of its range.
    pub fn new(mean: f64, shape: f64, home_share: f64, theta: Option<f64>) -> Result<CountModel, BadCountModel> {
        if !(0.01..=60.0).contains(&mean) {
            return Err(BadCountModel::Mean);
        }
        if !(1.0..=1e9).contains(&shape) {
            return Err(BadCountModel::Shape);
        }
        if !(0.001..=0.999).contains(&home_share) {
            return Err(BadCountModel::HomeShare);
        }
        if theta.is_some_and(|theta| !(0.01..=1e9).contains(&theta)) {
            return Err(BadCountModel::Theta);
        }
        Ok(CountModel { mean, shape, home_share, theta })
    }

    /// Events a match.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The model of these rules.
    ///
    /// # Errors
    /// As [`CountModel::new`].
    pub fn of(rules: &CountRules) -> Result<CountModel, BadCountModel> {
        let CountRules { mean, shape, home_share, theta, first_half: _, second_half: _ } = rules;
        CountModel::new(mean.to_f64(), shape.to_f64(), home_share.to_f64(), theta.map(Billionths::to_f64))
    }
}

/// What has come so far, and what is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountState {
    observed: [u16; 2],
    elapsed_share: f64,
    window_share: f64,
    counted: [u16; 2],
}

impl CountState {
    /// The whole match: `observed` events of home and of away in the elapsed share of it, 0 to 1. `None` for any other
    /// share.
    pub fn whole_match(observed: [u16; 2], elapsed_share: f64) -> Option<CountState> {
        CountState::window(observed, elapsed_share, 1.0 - elapsed_share, observed)
    }

    /// A part of the match, such as a half: `window_share` of the match is what is left of that part, and `counted` of
    /// the observed events belong to it. `None` unless both shares are in [0, 1].
    pub fn window(observed: [u16; 2], elapsed_share: f64, window_share: f64, counted: [u16; 2]) -> Option<CountState> {
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        (is_share(elapsed_share) && is_share(window_share)).then_some(CountState {
            observed,
            elapsed_share,
            window_share,
            counted,
        })
    }
}

/// Events that may still be expected to come, at most: so many corners in so little time are no match we know.
const MEAN_MAX: f64 = 60.0;
/// The law may leave out so much.
const TAIL: f64 = 1e-18;

/// The urn from which the side of each event is drawn. It does not matter how many draws there will be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Urn {
    home: f64,
    away: f64,
    /// Of the side drawn, so much is added: 1 for a beta-binomial law, 0 for a binomial one.
    added: f64,
}

impl Urn {
    fn new(model: &CountModel, observed: [u16; 2]) -> Urn {
        let (home, away) = (model.home_share, 1.0 - model.home_share);
        match model.theta {
            Some(theta) => Urn {
                home: theta * home + f64::from(observed[0]),
                away: theta * away + f64::from(observed[1]),
                added: 1.0,
            },
            None => Urn { home, away, added: 0.0 },
        }
    }

    /// The chance of home, and of away, after so many draws of each.
    fn draw(&self, home_drawn: usize, away_drawn: usize) -> [f64; 2] {
        let (home_drawn, away_drawn) = (home_drawn as f64, away_drawn as f64);
        let all = self.home + self.away + self.added * (home_drawn + away_drawn);
        [(self.home + self.added * home_drawn) / all, (self.away + self.added * away_drawn) / all]
    }
}

/// The law of the events still to come in the match or a part of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CountLaw {
    counted: [u16; 2],
    shape: f64,
    mean: f64,
    urn: Urn,
    /// `total[n]`: exactly n more events; `more[n]`: more than n.
    total: Vec<f64>,
    more: Vec<f64>,
    to_come: Counts,
    home: Counts,
    away: Counts,
    /// Home events less away events still to come.
    lead: Counts,
    odd: f64,
}

impl CountLaw {
    /// Events expected to come.
    pub fn remaining_mean(&self) -> f64 {
        self.mean
    }

    /// Shape of the negative binomial law of the events to come.
    pub fn remaining_shape(&self) -> f64 {
        self.shape
    }

    /// The law of what is still to come of a number of events.
    pub(super) fn to_come(&self, of: For) -> &Counts {
        match of {
            For::Both => &self.to_come,
            For::One(Side::Home) => &self.home,
            For::One(Side::Away) => &self.away,
            For::Lead => &self.lead,
        }
    }

    /// Probability of exactly so many events to come.
    pub fn exact_remaining(&self, events: usize) -> f64 {
        self.total.get(events).copied().unwrap_or(0.0)
    }

    /// Probability of exactly so many events in all, those counted included.
    pub fn exact_total(&self, events: u32) -> f64 {
        events.checked_sub(self.all_counted()).map_or(0.0, |to_come| self.exact_remaining(to_come as usize))
    }

    /// How a stake on OVER this line of all events ends.
    pub fn total(&self, line: QuarterLine) -> Split {
        self.to_come.above(i64::from(line.quarters()) - 4 * i64::from(self.all_counted()))
    }

    /// How a stake on OVER this line of one side's events ends.
    pub fn team_total(&self, side: Side, line: QuarterLine) -> Split {
        let (to_come, counted) = match side {
            Side::Home => (&self.home, self.counted[0]),
            Side::Away => (&self.away, self.counted[1]),
        };
        to_come.above(i64::from(line.quarters()) - 4 * i64::from(counted))
    }

    /// How a stake on HOME ends when this line is added to home's events.
    pub fn handicap(&self, line: QuarterLine) -> Split {
        let lead_now = i64::from(self.counted[0]) - i64::from(self.counted[1]);
        self.lead.above(-i64::from(line.quarters()) - 4 * lead_now)
    }

    /// Probabilities that home has more, that they have as many, that away has more.
    pub fn most(&self) -> [f64; 3] {
        let level = self.handicap(QuarterLine::ZERO);
        [level.win, level.push, level.lose]
    }

    /// Probabilities that the number of all events is odd, and even; 0 is even.
    pub fn odd_even(&self) -> [f64; 2] {
        [self.odd, 1.0 - self.odd]
    }

    /// Probabilities that the n-th event of all is home's, that it is away's, that there are not so many. `None` when it
    /// has come already.
    pub fn nth(&self, nth: u32) -> Option<[f64; 3]> {
        let ahead = nth.checked_sub(self.all_counted())?.checked_sub(1)? as usize;
        // Draws from such an urn are exchangeable: any of them is home's as likely as the first.
        let comes = self.more_than(ahead);
        let [home, away] = self.urn.draw(0, 0);
        let none = self.total.iter().take(ahead + 1).sum();
        Some([comes * home, comes * away, none])
    }

    /// The same for the next event.
    pub fn next(&self) -> [f64; 3] {
        let [home, away] = self.urn.draw(0, 0);
        [self.more_than(0) * home, self.more_than(0) * away, self.exact_remaining(0)]
    }

    /// Probabilities that the last event from now on is home's, that there is none any more, that it is away's.
    pub fn last(&self) -> [f64; 3] {
        // Exchangeable again: whichever is the last is home's as likely as the first.
        let [home, away, none] = self.next();
        [home, none, away]
    }

    /// Probabilities that home is first to so many events, that neither gets so far, that away is first. `None` when a
    /// side has so many already.
    pub fn race_to(&self, events: u16) -> Option<[f64; 3]> {
        let needs = |counted| events.checked_sub(counted).filter(|needs| *needs > 0).map(usize::from);
        let (home_needs, away_needs) = (needs(self.counted[0])?, needs(self.counted[1])?);
        let [mut home, mut neither, mut away] = [0.0; 3];
        // `drawn` is the chance that the first i + j draws are i of home's and j of away's, in any order.
        let mut first_of_row = 1.0;
        for i in 0..home_needs.min(self.total.len()) {
            let mut drawn = first_of_row;
            for j in 0..away_needs.min(self.total.len() - i) {
                let [is_home, is_away] = self.urn.draw(i, j);
                neither += drawn * self.total[i + j];
                if i + 1 == home_needs {
                    home += drawn * is_home * self.more[i + j];
                }
                if j + 1 == away_needs {
                    away += drawn * is_away * self.more[i + j];
                }
                drawn *= is_away * (i + j + 1) as f64 / (j + 1) as f64;
            }
            first_of_row *= self.urn.draw(i, 0)[0];
        }
        Some([home, neither, away])
    }

    fn more_than(&self, events: usize) -> f64 {
        self.more.get(events).copied().unwrap_or(0.0)
    }

    fn all_counted(&self) -> u32 {
        u32::from(self.counted[0]) + u32::from(self.counted[1])
    }
}

/// Works out laws of counts one after another in the same memory: after the first few it allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct CountEngine {
    law: CountLaw,
    /// `shared[i]`: of the events so far in the walk, i are home's.
    shared: Vec<f64>,
    next: Vec<f64>,
    /// How the lead changes, by an even number of events to come and by an odd one.
    leads: [Vec<f64>; 2],
    /// What so many draws add to the urn.
    drawn: Vec<f64>,
}

impl CountEngine {
    /// An engine with nothing computed yet.
    pub fn new() -> CountEngine {
        CountEngine::default()
    }

    /// The law of what is still to come.
    ///
    /// # Errors
    /// `RateTooHigh` when more than 60 events are to be expected.
    pub fn law(&mut self, model: &CountModel, state: &CountState) -> Result<&CountLaw, NoPrice> {
        let law = &mut self.law;
        law.counted = state.counted;
        law.urn = Urn::new(model, state.observed);
        let observed = f64::from(state.observed[0]) + f64::from(state.observed[1]);
        law.shape = model.shape + observed;
        law.mean = law.shape / (model.shape / model.mean + state.elapsed_share) * state.window_share;
        if law.mean > MEAN_MAX {
            return Err(NoPrice::RateTooHigh);
        }
        law.set_total();
        self.share();
        Ok(&self.law)
    }

    /// Draws the side of each event, and adds up what every number of events makes of it.
    fn share(&mut self) {
        let law = &mut self.law;
        let most = law.total.len() - 1;
        law.to_come.clear(0, most + 1);
        law.to_come.each_mut().copy_from_slice(&law.total);
        law.home.clear(0, most + 1);
        law.away.clear(0, most + 1);
        for row in [&mut self.shared, &mut self.next] {
            row.clear();
            row.resize(most + 2, 0.0);
        }
        // With an even number of events to come the lead changes by an even number, so each kind has a row of its own.
        for leads in &mut self.leads {
            leads.clear();
            leads.resize(most + 1, 0.0);
        }
        let urn = law.urn;
        self.drawn.clear();
        self.drawn.extend((0..=most).map(|drawn| urn.added * drawn as f64));
        // Slot 0 stays empty, so that no home event needs no question.
        self.shared[1] = 1.0;
        for (events, weight) in law.total.iter().enumerate() {
            let row = &self.shared[1..events + 2];
            let home = law.home.each_mut()[..=events].iter_mut();
            let away = law.away.each_mut()[..=events].iter_mut().rev();
            let leads = self.leads[events % 2][(most - events) / 2..][..=events].iter_mut();
            for (((shared, home), away), lead) in row.iter().zip(home).zip(away).zip(leads) {
                let probability = weight * shared;
                *home += probability;
                *away += probability;
                *lead += probability;
            }
            if events < most {
                next_draw(&urn, &self.drawn[..=events], &self.shared[..events + 2], &mut self.next[1..events + 3]);
                std::mem::swap(&mut self.shared, &mut self.next);
            }
        }
        law.lead.clear(-(most as i64), 2 * most + 1);
        for (parity, leads) in self.leads.iter().enumerate() {
            let first = (most + parity) % 2;
            for (sum, lead) in law.lead.each_mut().iter_mut().skip(first).step_by(2).zip(leads) {
                *sum = *lead;
            }
        }
        for counts in [&mut law.to_come, &mut law.home, &mut law.away, &mut law.lead] {
            counts.finish();
        }
    }
}

/// From how the events so far are shared to how one more is: `now[i + 1]` and `next[i]` are i of home's, `now[0]` is
/// empty; `drawn[i]` is what i draws have added.
fn next_draw(urn: &Urn, drawn: &[f64], now: &[f64], next: &mut [f64]) {
    let events = drawn.len() - 1;
    let added = drawn[events];
    let one_of = 1.0 / (urn.home + urn.away + added);
    for slot in next.iter_mut() {
        *slot = 0.0;
    }
    // To i of home's by away's draw, from as many of home's.
    let away = urn.away + added;
    for ((slot, now), drawn) in next.iter_mut().zip(&now[1..]).zip(drawn) {
        *slot = now * (away - drawn) * one_of;
    }
    // By home's draw, from one less.
    for ((slot, now), drawn) in next[1..].iter_mut().zip(&now[1..]).zip(drawn) {
        *slot += now * (urn.home + drawn) * one_of;
    }
}

impl CountLaw {
    /// The negative binomial law of the events to come, and the chance that their number makes an odd one in all.
    fn set_total(&mut self) {
        let (shape, mean) = (self.shape, self.mean);
        let ratio = mean / (shape + mean);
        let mut probability = libm::exp(-shape * libm::log1p(mean / shape));
        self.total.clear();
        let mut events = 0.0;
        // The widest law that comes here, of mean 60 and shape 1, ends after about 2,600 events.
        loop {
            self.total.push(probability);
            let step = (shape + events) / (events + 1.0) * ratio;
            probability *= step;
            events += 1.0;
            // Beyond the mean each step is smaller than the one before: a geometric series bounds what is left.
            if events > mean && step < 1.0 && probability < TAIL * (1.0 - step) {
                break;
            }
        }
        self.more.clear();
        self.more.resize(self.total.len(), 0.0);
        for events in (1..self.total.len()).rev() {
            self.more[events - 1] = self.more[events] + self.total[events];
        }
        let first_odd = 1 - self.all_counted() as usize % 2;
        self.odd = self.total.iter().skip(first_odd).step_by(2).sum();
    }
}
