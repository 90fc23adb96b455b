//! Extra time as it runs: against small steps of time, and without a gain for whoever waits.

use super::super::{
    Circumstances, Clock, Engine, ExtraTime, Fair, KnockoutEngine, LawsEngine, ModelTables, Needs, Phase, Profile,
    Rates, State, Tie,
};
use super::laws::in_billionths;
use super::twin::{any_rates, any_state, final_scores};
use crate::event::{MarketId, MarketType};
use proptest::prelude::*;

const PHASES: [Phase; 4] =
    [Phase::BeforeExtraTime, Phase::ExtraFirstHalf, Phase::ExtraHalfTime, Phase::ExtraSecondHalf];

/// Operational time left, read aloud: 0.155 a half, of which a running one has its minutes and the stoppage announced.
fn time_left(clock: &Clock) -> f64 {
    let announced = clock.stoppage_announced_minutes.unwrap_or(0.0).min(15.0);
    let minutes = |end: f64| (end - clock.minute + (announced - clock.stoppage_elapsed_minutes).max(0.0)).max(0.5);
    let of_half = 0.155 / 15.0;
    match PHASES.iter().position(|phase| *phase == clock.phase) {
        Some(0) => 0.31,
        Some(1) => of_half * minutes(105.0) + 0.155,
        Some(2) => 0.155,
        Some(_) => of_half * minutes(120.0),
        None => panic!("{clock:?} is not extra time"),
    }
}

fn clock(phase: Phase, share: f64, stoppage: f64, announced: Option<f64>) -> Clock {
    let (from, to) = phase.minutes();
    let is_running = from < to;
    let stoppage = if is_running { stoppage } else { 0.0 };
    let minute = if stoppage > 0.0 { to } else { from + share * (to - from) };
    let announced = announced.filter(|_| is_running);
    Clock { phase, minute, stoppage_elapsed_minutes: stoppage, stoppage_announced_minutes: announced }
}

fn shares(fair: Option<Fair>) -> Vec<f64> {
    let Some(Fair::Shares(shares)) = fair else { panic!("no shares: {fair:?}") };
    shares
}

fn near(ours: &[f64], theirs: &[f64], within: f64) -> Result<(), TestCaseError> {
    prop_assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        prop_assert!((ours - theirs).abs() < within, "{ours} is not {theirs}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_market_of_a_tie_is_small_steps_to_the_end_of_extra_time(
        rates in any_rates(), state in any_state(), phase in prop::sample::select(PHASES.to_vec()), share in 0.0..1.0_f64,
        stoppage in prop_oneof![Just(0.0), 0.0..6.0_f64], announced in prop::option::of(0.0..20.0_f64), lead in -3..=3_i8,
    ) {
        let state = State { clock: clock(phase, share, stoppage, announced), ..state };
        let inputs = in_billionths(&rates);
        let rates = Rates { rho: 0.0, ..Rates::from(&inputs) };
        let tables = ModelTables::measured_v1();
        let circumstances = Circumstances { knock_out: Some(lead), ..Circumstances::default() };
        let mut engine = LawsEngine::new();
        let laws = engine.laws(&tables, &inputs, &state, &circumstances, Needs::ALL).unwrap();
        let mut result = [0.0; 3];
        for (i, row) in final_scores(&rates, &state, time_left(&state.clock)).iter().enumerate() {
            for (j, probability) in row.iter().enumerate() {
                let lead = i64::from(state.home_score) - i64::from(state.away_score) + i as i64 - j as i64 + i64::from(lead);
                result[(1 - lead.signum()) as usize] += probability;
            }
        }
        let [home, level, away] = result;
        let fair = |kind| shares(laws.fair(MarketId::of(kind)));
        near(&fair(MarketType::EXTRA_TIME_RESULT), &result, 1e-9)?;
        near(&fair(MarketType::TO_QUALIFY), &[home + level / 2.0, away + level / 2.0], 1e-9)?;
        near(&fair(MarketType::QUALIFY_METHOD), &[0.0, home, level / 2.0, 0.0, away, level / 2.0], 1e-9)?;
        near(&fair(MarketType::SHOOT_OUT), &[level, home + away], 1e-9)?;
        near(&fair(MarketType::EXTRA_TIME), &[1.0, 0.0], 1e-9)?;
        // The ninety minutes are over.
        prop_assert_eq!(laws.fair(MarketId::MATCH_RESULT), None);
    }

    /// Thinking ahead to a later minute and pricing each score there gives the price now.
    #[test]
    fn prices_of_extra_time_are_martingales(
        rates in any_rates(), state in any_state(), from in 0.5..15.0_f64, until in 0.5..15.0_f64, halves in 0..3_u8,
        lead in -3..4_i16,
    ) {
        let (now, then) = match halves {
            0 => (ExtraTime::FirstHalf(from.max(until)), ExtraTime::FirstHalf(from.min(until))),
            1 => (ExtraTime::FirstHalf(from), ExtraTime::SecondHalf(until)),
            _ => (ExtraTime::ToCome, ExtraTime::HalfTime),
        };
        let profile = Profile::measured_v1();
        let tie = Tie::new(lead, 0.54).unwrap();
        let mut engine = KnockoutEngine::new();
        let law = engine.in_extra_time(&rates, &state, now, &profile, tie).unwrap();
        let time = now.left(&profile) - then.left(&profile);
        let mut chain = Engine::new();
        let there = chain.law_over(&Rates { rho: 0.0, ..rates }, &state, time).unwrap();
        let mut expected = [0.0; 4];
        for (x, y, probability) in there.cells() {
            let later = State { home_score: x as u16, away_score: y as u16, ..state };
            let law = engine.in_extra_time(&rates, &later, then, &profile, tie).unwrap();
            for (sum, part) in expected.iter_mut().zip([law.qualify[0], law.penalties, law.method_home[1], law.method_away[1]])
            {
                *sum += probability * part;
            }
        }
        near(&[law.qualify[0], law.penalties, law.method_home[1], law.method_away[1]], &expected, 1e-9)?;
    }
}

#[test]
fn the_clock_alone_never_decides_a_running_half() {
    let profile = Profile::measured_v1();
    for (phase, least) in [(Phase::ExtraFirstHalf, 0.155 + 0.155 / 30.0), (Phase::ExtraSecondHalf, 0.155 / 30.0)] {
        for (stoppage, announced) in [(0.0, None), (7.0, None), (7.0, Some(2.0)), (90.0, Some(15.0))] {
            let at_the_end = clock(phase, 1.0, stoppage, announced);
            let left = ExtraTime::of(&at_the_end).left(&profile);
            let more = if stoppage == 0.0 { 0.0 } else { 1e-15 };
            assert!(left >= least - more - 1e-15, "{at_the_end:?}: {left}");
        }
        // What is announced is to come, and counts down.
        let left = |stoppage| ExtraTime::of(&clock(phase, 1.0, stoppage, Some(3.0))).left(&profile);
        assert!(left(0.0) > left(1.0) && left(1.0) > left(2.4) && (left(2.5) - least).abs() < 1e-15);
    }
}

#[test]
fn a_man_sent_off_in_extra_time_counts() {
    let rates = crate::pricing::ModelInputs::default();
    let tables = ModelTables::measured_v1();
    let circumstances = Circumstances { knock_out: Some(0), ..Circumstances::default() };
    let qualify = |home_reds| {
        let clock = clock(Phase::ExtraFirstHalf, 0.3, 0.0, None);
        let state = State { home_reds, clock, ..State::PRE_MATCH };
        let mut engine = LawsEngine::new();
        let laws = engine.laws(&tables, &rates, &state, &circumstances, Needs::ALL).unwrap();
        shares(laws.fair(MarketId::of(MarketType::TO_QUALIFY)))[0]
    };
    assert!(qualify(1) < qualify(0) - 0.03, "{} {}", qualify(1), qualify(0));
}
