//! Every market is read from one law: plain twins, equal bets, and order between lines.

use super::super::{Engine, Rates, ScoreLaw, Split, State};
use super::twin::{any_rates, any_state};
use crate::event::Side;
use crate::values::QuarterLine;
use proptest::prelude::*;

fn line(quarters: i32) -> QuarterLine {
    QuarterLine::checked_from_quarters(quarters).expect("a small line")
}

fn near(one: f64, other: f64, tolerance: f64) -> Result<(), TestCaseError> {
    prop_assert!((one - other).abs() < tolerance, "{one} is not {other}");
    Ok(())
}

fn endings(split: Split) -> [f64; 5] {
    [split.win, split.half_win, split.push, split.half_lose, split.lose]
}

/// Who scores next, by letting the first goal come at any time: at time t it leaves the score that it makes and the time
/// after it, whose weights are the normaliser of the law from there. By Simpson's rule.
fn next_goal_by_waiting(rates: &Rates, state: &State, time: f64) -> [f64; 2] {
    const STEPS: u32 = 1_024;
    let [home_factor, away_factor] = rates.red_card_factors(state);
    let lead = (i32::from(state.home_score) - i32::from(state.away_score)).clamp(-2, 2);
    let rate_of = [
        rates.home_rate * home_factor * rates.phi[(2 + lead) as usize],
        rates.away_rate * away_factor * rates.phi[(2 - lead) as usize],
    ];
    let mut engine = Engine::new();
    let now = engine.law_over(rates, state, time).unwrap().normaliser();
    let scored =
        [State { home_score: state.home_score + 1, ..*state }, State { away_score: state.away_score + 1, ..*state }];
    let mut sums = [0.0; 2];
    for step in 0..=STEPS {
        let at = time * f64::from(step) / f64::from(STEPS);
        let simpson = if step == 0 || step == STEPS { 1.0 } else { 2.0 + 2.0 * f64::from(step % 2) };
        let nothing_yet = libm::exp(-(rate_of[0] + rate_of[1]) * at);
        for ((sum, rate), after) in sums.iter_mut().zip(rate_of).zip(&scored) {
            let weight = engine.law_over(rates, after, time - at).unwrap().normaliser();
            *sum += simpson * nothing_yet * rate * weight / now;
        }
    }
    sums.map(|sum| sum * time / f64::from(3 * STEPS))
}

/// A market of one law counted cell by cell: the distance from the line in quarters, and how it ends.
fn by_cells(law: &ScoreLaw, distance: impl Fn(i32, i32) -> i32, line: QuarterLine) -> [f64; 5] {
    let mut plain = [0.0; 5];
    for (x, y, probability) in law.cells() {
        // A quarter line is half a stake on each neighbour, each of which wins, pushes or loses.
        let (low, high) = line.halves();
        let ending = [low, high].map(|half| (4 * distance(x as i32, y as i32) + half.quarters()).signum());
        plain[(2 - ending[0] - ending[1]) as usize] += probability;
    }
    plain
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_next_goal_is_what_waiting_for_it_gives(
        rates in any_rates(), home in 0..3_u16, away in 0..3_u16, reds in 0..2_u8, time in 0.0..1.0_f64,
    ) {
        let state = State { home_score: home, away_score: away, home_reds: reds, ..State::PRE_MATCH };
        let ours = Engine::new().law_over(&rates, &state, time).unwrap().next_goal();
        let theirs = next_goal_by_waiting(&rates, &state, time);
        near(ours[0], theirs[0], 1e-9)?;
        near(ours[1], theirs[1], 1e-9)?;
        near(ours.iter().sum(), 1.0, 1e-12)?;
    }

    #[test]
    fn without_weights_the_next_goal_is_a_race(rates in any_rates(), state in any_state(), time in 0.0..1.0_f64) {
        let rates = Rates { rho: 0.0, phi: [1.0; 5], ..rates };
        let [home, away, nobody] = Engine::new().law_over(&rates, &state, time).unwrap().next_goal();
        let [home_factor, away_factor] = rates.red_card_factors(&state);
        let (h, a) = (rates.home_rate * home_factor, rates.away_rate * away_factor);
        let none = libm::exp(-(h + a) * time);
        near(home, h / (h + a) * (1.0 - none), 1e-12)?;
        near(away, a / (h + a) * (1.0 - none), 1e-12)?;
        near(nobody, none, 1e-12)?;
    }

    #[test]
    fn handicaps_and_team_totals_are_the_sum_of_their_scores(
        rates in any_rates(), state in any_state(), time in 0.0..1.0_f64,
    ) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let (h, a) = (i32::from(state.home_score), i32::from(state.away_score));
        for quarters in -22..=22 {
            let line = line(quarters);
            let pairs = [
                (law.handicap(line), by_cells(law, |x, y| x - y, line)),
                (law.handicap_from_now(line), by_cells(law, |x, y| (x - h) - (y - a), line)),
                (law.team_total(Side::Home, line), by_cells(law, |x, _| x, line.negated())),
                (law.team_total(Side::Away, line), by_cells(law, |_, y| y, line.negated())),
            ];
            for (ours, plain) in pairs {
                for (ours, plain) in endings(ours).into_iter().zip(plain) {
                    near(ours, plain, 1e-12)?;
                }
            }
        }
    }

    #[test]
    fn equal_bets_are_worth_the_same(rates in any_rates(), state in any_state(), time in 0.0..1.0_f64) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let [home, draw, away] = law.match_result();
        let [home_or_draw, home_or_away, draw_or_away] = law.double_chance();
        near(home_or_draw + home_or_away + draw_or_away, 2.0, 1e-12)?;
        // Draw no bet is handicap 0; home -0.5 is a home win, home +0.5 is home or draw.
        let level = law.handicap(QuarterLine::ZERO);
        near(level.win, home, 1e-12)?;
        near(level.push, draw, 1e-12)?;
        near(level.lose, away, 1e-12)?;
        near(law.handicap(line(-2)).win, home, 1e-12)?;
        near(law.handicap(line(2)).win, home_or_draw, 1e-12)?;
        near(law.handicap(line(2)).lose, away, 1e-12)?;
        // Under 0.5 is 0:0; what one side does not score, the other keeps clean.
        let scores = law.correct_score(4);
        near(law.total(line(2)).lose, scores[0], 1e-12)?;
        near(scores.iter().sum(), 1.0, 1e-12)?;
        near(scores[25] + (0..5).flat_map(|x| (0..x).map(move |y| (x, y))).map(|(x, y)| scores[5 * x + y]).sum::<f64>(),
            home, 1e-12)?;
        let [yes, no] = law.both_teams_to_score();
        near(yes + no, 1.0, 1e-12)?;
        let no_home = law.team_total(Side::Home, line(2)).lose;
        let no_away = law.team_total(Side::Away, line(2)).lose;
        near(no, no_home + no_away - scores[0], 1e-12)?;
        // Between them, the two counts of goals from now on are the whole: rest is full, moved by the lead.
        let lead = i32::from(state.home_score) - i32::from(state.away_score);
        near(law.handicap_from_now(line(3)).win, law.handicap(line(3 - 4 * lead)).win, 1e-12)?;
        near(law.next_goal()[2], law.no_more_goals(), 1e-15)?;
        // Bounds.
        prop_assert!(yes <= f64::min(1.0 - no_home, 1.0 - no_away) + 1e-12);
        prop_assert!(scores.iter().all(|p| *p >= 0.0));
    }

    #[test]
    fn handicap_odds_fall_as_the_line_rises(rates in any_rates(), state in any_state(), time in 0.01..1.0_f64) {
        let mut engine = Engine::new();
        let law = engine.law_over(&rates, &state, time).unwrap();
        let mut before = f64::INFINITY;
        for quarters in -40..40 {
            let Some(home) = law.handicap(line(quarters)).fair_odds().0 else { continue };
            prop_assert!(home <= before * (1.0 + 1e-12), "{quarters}: {home} after {before}");
            before = home;
        }
    }

    #[test]
    fn a_mirrored_match_has_mirrored_markets(rates in any_rates(), state in any_state(), time in 0.0..1.0_f64) {
        let (mut one, mut other) = (Engine::new(), Engine::new());
        let law = one.law_over(&rates, &state, time).unwrap();
        let mirrored_rates = Rates { home_rate: rates.away_rate, away_rate: rates.home_rate, ..rates };
        let mirrored_state = State {
            home_score: state.away_score,
            away_score: state.home_score,
            home_reds: state.away_reds,
            away_reds: state.home_reds,
            ..state
        };
        let mirrored = other.law_over(&mirrored_rates, &mirrored_state, time).unwrap();
        let [home, away, _] = law.next_goal();
        near(home, mirrored.next_goal()[1], 1e-12)?;
        near(away, mirrored.next_goal()[0], 1e-12)?;
        near(law.both_teams_to_score()[0], mirrored.both_teams_to_score()[0], 1e-12)?;
        let (ours, theirs) = (law.handicap(line(-3)), mirrored.handicap(line(3)).mirrored());
        for (ours, theirs) in endings(ours).into_iter().zip(endings(theirs)) {
            near(ours, theirs, 1e-12)?;
        }
    }
}

#[test]
fn what_the_score_has_decided_is_certain() {
    let rates = Rates {
        home_rate: 1.5,
        away_rate: 1.1,
        rho: -0.04,
        phi: [1.0; 5],
        kappa_own: 0.6,
        kappa_opp: 1.6,
        home_scale: 1.0,
        away_scale: 1.0,
    };
    let state = State { home_score: 2, away_score: 1, ..State::PRE_MATCH };
    let mut engine = Engine::new();
    let law = engine.law_over(&rates, &state, 0.4).unwrap();
    assert_eq!(law.both_teams_to_score(), [1.0, 0.0]);
    let scores = law.correct_score(2);
    let possible: Vec<usize> = (0..scores.len()).filter(|index| scores[*index] > 0.0).collect();
    // 2:1 and 2:2 of the nine, and the three others.
    assert_eq!(possible, [7, 8, 9, 10, 11]);
    // Nine goals up with a grid of scores up to 1: nothing listed is left.
    let state = State { home_score: 9, ..State::PRE_MATCH };
    let scores = engine.law_over(&rates, &state, 0.01).unwrap().correct_score(1);
    assert_eq!(scores[..4], [0.0; 4]);
    assert!((scores[4] - 1.0).abs() < 1e-12);
}

#[test]
fn no_time_left_means_no_next_goal() {
    let rates = Rates {
        home_rate: 1.5,
        away_rate: 1.1,
        rho: -0.04,
        phi: [1.0; 5],
        kappa_own: 0.6,
        kappa_opp: 1.6,
        home_scale: 1.0,
        away_scale: 1.0,
    };
    let mut engine = Engine::new();
    assert_eq!(engine.law_over(&rates, &State::PRE_MATCH, 0.0).unwrap().next_goal(), [0.0, 0.0, 1.0]);
}
