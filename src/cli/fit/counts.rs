//! How corners and cards came: how many a match, how unlike matches are, whose they were and when.
//!
//! The total of a match is negative binomial, a Poisson number whose mean differs from match to match by a gamma law of
//! shape k; home's share of it is beta-binomial of firmness θ, or binomial. All values are the most likely ones, with
//! errors from the information of the data; the sums over events j below a count are what the gamma functions come to.

use crate::cli::evaluate::{Booking, JoinedMatch};
use crate::event::Side;

use super::regression::Estimate;

/// Fewer matches than these say nothing of how matches differ.
const MATCHES_LEAST: usize = 200;
/// k and θ are looked for up to here: beyond, matches differ no more than chance makes them.
const FIRMNESS_MOST: f64 = 1e6;
const SHAPE_LEAST: f64 = 1.0;
const THETA_LEAST: f64 = 0.01;
/// Halvings of a bracket: more than a float has digits.
const HALVINGS: usize = 200;

/// What was learnt of corners or of cards.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CountsLearnt {
    /// Matches behind it.
    pub(super) matches: usize,
    /// M.
    pub(super) mean: Estimate,
    /// k; without an error where matches differ no more than chance makes them.
    pub(super) shape: Estimate,
    /// Variance of a match's number over its mean.
    pub(super) spread: f64,
    /// p.
    pub(super) home_share: Estimate,
    /// θ, where the share was let differ and does.
    pub(super) theta: Option<Estimate>,
    /// Shares of nine times five minutes of each half and of its stoppage, where it is known when they came.
    pub(super) when: Option<[[Estimate; 10]; 2]>,
}

/// Corners and cards, or why there is nothing to learn of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BothLearnt {
    pub(super) corners: Result<CountsLearnt, String>,
    pub(super) cards: Result<CountsLearnt, String>,
}

/// Learns from these matches: corners from the full-time numbers of the odds files, cards from the incidents.
pub(super) fn learn(matches: &[JoinedMatch]) -> BothLearnt {
    let corners: Vec<[u16; 2]> = matches.iter().filter_map(|joined| joined.corners).collect();
    // A season without a single card is one whose cards were not written down.
    let has_cards = |season| matches.iter().any(|other| other.season == season && !other.bookings.is_empty());
    let told: Vec<&JoinedMatch> = matches.iter().filter(|joined| has_cards(joined.season)).collect();
    let cards: Vec<[u16; 2]> = told.iter().map(|joined| units(&joined.bookings)).collect();
    let bookings: Vec<Booking> = told.iter().flat_map(|joined| joined.bookings.iter().copied()).collect();
    BothLearnt {
        corners: enough(&corners, "with the corners of home and away").map(|()| {
            let (home_share, theta) = shared(&corners);
            CountsLearnt { home_share, theta, when: None, ..totals(&corners) }
        }),
        cards: enough(&cards, "of seasons whose incidents have cards").map(|()| {
            let when = Some(spread_over_time(&bookings));
            CountsLearnt { home_share: plain_share(&cards), theta: None, when, ..totals(&cards) }
        }),
    }
}

fn enough(counts: &[[u16; 2]], what: &str) -> Result<(), String> {
    let all: u64 = counts.iter().flatten().map(|count| u64::from(*count)).sum();
    if counts.len() >= MATCHES_LEAST && all > 0 {
        return Ok(());
    }
    Err(format!("{} matches {what}, {MATCHES_LEAST} are needed", counts.len()))
}

/// A match's cards in booking units: home, away.
fn units(bookings: &[Booking]) -> [u16; 2] {
    let of = |side| bookings.iter().filter(|booking| booking.side == side).map(|booking| booking.units).sum();
    [of(Side::Home), of(Side::Away)]
}

/// `[j]`: in how many matches there were more than j.
fn tails(counts: impl Iterator<Item = u16>) -> Vec<f64> {
    let mut tails: Vec<f64> = Vec::new();
    for count in counts {
        let count = usize::from(count);
        if tails.len() < count {
            tails.resize(count, 0.0);
        }
        tails[..count].iter_mut().for_each(|tail| *tail += 1.0);
    }
    tails
}

/// Σ tail[j] / (from + j): what the logarithm of a rising factorial grows by.
fn rising(tails: &[f64], from: f64) -> f64 {
    tails.iter().enumerate().map(|(j, tail)| tail / (from + j as f64)).sum()
}

/// Σ tail[j] / (from + j)²: how fast that growth falls.
fn falling(tails: &[f64], from: f64) -> f64 {
    tails.iter().enumerate().map(|(j, tail)| tail / square(from + j as f64)).sum()
}

fn square(value: f64) -> f64 {
    value * value
}

/// Where a function that is above zero at `low` falls through zero; `high` if it does not. Halves the logarithm.
fn root(low: f64, high: f64, value: impl Fn(f64) -> f64) -> f64 {
    if value(high) > 0.0 {
        return high;
    }
    let (mut low, mut high) = (low, high);
    for _ in 0..HALVINGS {
        let middle = (low * high).sqrt();
        if value(middle) > 0.0 { low = middle } else { high = middle }
    }
    (low * high).sqrt()
}

/// Mean and shape of the matches' totals; the sides are for others to tell.
fn totals(counts: &[[u16; 2]]) -> CountsLearnt {
    let totals: Vec<u16> = counts.iter().map(|[home, away]| home + away).collect();
    let n = totals.len() as f64;
    // The most likely mean is that of the data, whatever the shape.
    let mean = totals.iter().map(|total| f64::from(*total)).sum::<f64>() / n;
    let variance = totals.iter().map(|total| square(f64::from(*total) - mean)).sum::<f64>() / n;
    let tails = tails(totals.into_iter());
    let slope = |k: f64| rising(&tails, k) - n * libm::log1p(mean / k);
    let k = if slope(SHAPE_LEAST) > 0.0 { root(SHAPE_LEAST, FIRMNESS_MOST, slope) } else { SHAPE_LEAST };
    let information = falling(&tails, k) - n * mean / (k * (k + mean));
    let is_held = k == SHAPE_LEAST || k == FIRMNESS_MOST;
    CountsLearnt {
        matches: counts.len(),
        mean: Estimate { value: mean, error: (mean * (1.0 + mean / k) / n).sqrt() },
        shape: Estimate { value: k, error: if is_held { f64::NAN } else { information.sqrt().recip() } },
        spread: variance / mean,
        home_share: Estimate::default(),
        theta: None,
        when: None,
    }
}

/// Home's share and how firmly matches keep to it. Without θ where they keep to it as closely as chance lets them.
fn shared(counts: &[[u16; 2]]) -> (Estimate, Option<Estimate>) {
    let home = tails(counts.iter().map(|[home, _]| *home));
    let away = tails(counts.iter().map(|[_, away]| *away));
    let all = tails(counts.iter().map(|[home, away]| home + away));
    // By p, for a given θ: the likelihood bends down, so that there is one top.
    let share = |theta: f64| {
        let slope = |p: f64| rising(&home, theta * p) - rising(&away, theta * (1.0 - p));
        root(1e-6, 1.0 - 1e-6, slope)
    };
    let slope = |theta: f64| {
        let p = share(theta);
        let [of_home, of_away] = [rising(&home, theta * p), rising(&away, theta * (1.0 - p))];
        p * of_home + (1.0 - p) * of_away - rising(&all, theta)
    };
    let theta = if slope(THETA_LEAST) > 0.0 { root(THETA_LEAST, FIRMNESS_MOST, slope) } else { THETA_LEAST };
    if theta == FIRMNESS_MOST {
        return (plain_share(counts), None);
    }
    let p = share(theta);
    let (alpha, beta) = (theta * p, theta * (1.0 - p));
    let [home_2, away_2] = [falling(&home, alpha), falling(&away, beta)];
    let by_share = theta * theta * (home_2 + away_2);
    let by_theta = p * p * home_2 + (1.0 - p) * (1.0 - p) * away_2 - falling(&all, theta);
    let by_both = theta * (p * home_2 - (1.0 - p) * away_2) + rising(&away, beta) - rising(&home, alpha);
    let determinant = by_share * by_theta - by_both * by_both;
    (
        Estimate { value: p, error: (by_theta / determinant).sqrt() },
        Some(Estimate { value: theta, error: (by_share / determinant).sqrt() }),
    )
}

/// Home's share alone; the error sees that a match's events go together.
fn plain_share(counts: &[[u16; 2]]) -> Estimate {
    let (mut home, mut all) = (0.0, 0.0);
    for [of_home, of_away] in counts {
        home += f64::from(*of_home);
        all += f64::from(of_home + of_away);
    }
    let p = home / all;
    let off = |[home, away]: &[u16; 2]| square(f64::from(*home) - p * f64::from(home + away));
    Estimate { value: p, error: counts.iter().map(off).sum::<f64>().sqrt() / all }
}

/// When they came, weighed as they count.
fn spread_over_time(bookings: &[Booking]) -> [[Estimate; 10]; 2] {
    let (mut sums, mut squares) = ([[0.0; 10]; 2], [[0.0; 10]; 2]);
    for booking in bookings {
        let part = (booking.minute / 5.0) as usize;
        let units = f64::from(booking.units);
        sums[booking.half][part.min(9)] += units;
        squares[booking.half][part.min(9)] += units * units;
    }
    let [all, all_squares] = [&sums, &squares].map(|cells| cells.iter().flatten().sum::<f64>());
    let estimate = |sum: f64, squared: f64| {
        let share = sum / all;
        let variance = squared * square(1.0 - share) + (all_squares - squared) * square(share);
        Estimate { value: share, error: variance.sqrt() / all }
    };
    [0, 1].map(|half| std::array::from_fn(|part| estimate(sums[half][part], squares[half][part])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::evaluate::Story;
    use crate::cli::replay::Dice;
    use crate::values::Date;

    fn exponential(dice: &mut Dice) -> f64 {
        -libm::log(1.0 - dice.share())
    }

    /// A match's events, home and away: M, whole k, p and θ; no θ is a plain share.
    fn drawn(dice: &mut Dice, mean: f64, shape: u32, p: f64, theta: Option<f64>) -> [u16; 2] {
        let gamma: f64 = (0..shape).map(|_| exponential(dice)).sum();
        let (rate, mut passed, mut counts) = (mean * gamma / f64::from(shape), exponential(dice), [0_u16; 2]);
        while passed < rate {
            let [home, away] = counts.map(f64::from);
            let chance = theta.map_or(p, |theta| (theta * p + home) / (theta + home + away));
            counts[usize::from(dice.share() >= chance)] += 1;
            passed += exponential(dice);
        }
        counts
    }

    fn found(what: &str, one: Estimate, truth: f64, error_max: f64) {
        assert!(one.error > 0.0 && one.error < error_max, "{what}: s.e. {}", one.error);
        assert!((one.value - truth).abs() < 3.0 * one.error, "{what}: {one:?}, truly {truth}");
    }

    fn joined(bookings: Vec<Booking>, corners: Option<[u16; 2]>) -> JoinedMatch {
        JoinedMatch {
            title: "a - b".to_owned(),
            date: Date::new(2020, 2, 1).unwrap(),
            season: 0,
            sides: ["a", "b"].map(str::to_owned),
            story: Story::default(),
            odds: None,
            bookings,
            corners,
        }
    }

    #[test]
    fn made_up_matches_give_back_what_they_were_made_with() {
        let mut dice = Dice::new(7, "counts");
        let mut matches = Vec::new();
        for _ in 0..6_000 {
            let corners = drawn(&mut dice, 10.0, 30, 0.55, Some(12.0));
            let [home, away] = drawn(&mut dice, 4.5, 8, 0.47, None);
            let mut booking = |side, _| {
                // Half of them in the last quarter of an hour, a tenth in its stoppage.
                let at = dice.share();
                let minute = if at < 0.5 {
                    90.0 * at
                } else if at < 0.9 {
                    30.0 + 37.5 * (at - 0.5)
                } else {
                    46.0
                };
                Booking { half: 1, minute, side, units: 1 }
            };
            let mut bookings: Vec<Booking> = (0..home).map(|n| booking(Side::Home, n)).collect();
            bookings.extend((0..away).map(|n| booking(Side::Away, n)));
            matches.push(joined(bookings, Some(corners)));
        }
        let BothLearnt { corners, cards } = learn(&matches);
        let (corners, cards) = (corners.unwrap(), cards.unwrap());
        assert_eq!((corners.matches, cards.matches, corners.when.is_none()), (6_000, 6_000, true));
        found("corners", corners.mean, 10.0, 0.06);
        found("their shape", corners.shape, 30.0, 5.0);
        found("their share", corners.home_share, 0.55, 0.004);
        found("their firmness", corners.theta.unwrap(), 12.0, 0.8);
        found("cards", cards.mean, 4.5, 0.05);
        found("their shape", cards.shape, 8.0, 1.0);
        found("their share", cards.home_share, 0.47, 0.005);
        assert_eq!(cards.theta, None);
        let when = cards.when.unwrap();
        let sum: f64 = when.iter().flatten().map(|one| one.value).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        found("of the last stoppage", when[1][9], 0.1, 0.003);
        found("from the 35th minute to the 40th", when[1][7], 0.5 / 9.0 + 0.4 / 3.0, 0.004);
        assert_eq!(when[0], [Estimate { value: 0.0, error: 0.0 }; 10]);
    }

    #[test]
    fn what_is_not_in_the_files_is_not_made_up() {
        let BothLearnt { corners, cards } = learn(&vec![joined(Vec::new(), None); 300]);
        assert!(corners.unwrap_err().starts_with("0 matches with the corners of home and away, 200 are needed"));
        assert!(cards.unwrap_err().starts_with("0 matches of seasons whose incidents have cards"));
        // As many in every match: nothing says how they would differ.
        let same = learn(&vec![joined(Vec::new(), Some([5, 5])); 300]).corners.unwrap();
        assert_eq!((same.mean.value, same.spread, same.theta), (10.0, 0.0, None));
        assert!(same.shape.value == FIRMNESS_MOST && same.shape.error.is_nan());
    }
}
