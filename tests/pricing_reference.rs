//! Our prices against exact values computed elsewhere at higher precision: each within a billionth.

use serde_json::Value;
use touchline::event::Side;
use touchline::pricing::{
    Clock, Engine, FairOdds, Ladder, MarginMethod, ModelInputs, Phase, Profile, ProfileParts, Rates, RhoSource,
    ScoreLaw, Split, State, apply_margin, rates_from_odds, remaining, remove_margin,
};
use touchline::values::{Billionths, Price, QuarterLine};

const TOLERANCE: f64 = 1e-9;

/// A reference file, or `None` (said aloud) where the reference is not at hand; on CI that is a failure.
#[expect(clippy::disallowed_methods, reason = "a test finds its data by the environment")]
fn reference(name: &str) -> Option<Value> {
    let data = std::env::var("TOUCHLINE_DATA").unwrap_or_else(|_| "../shared/data".into());
    let path = format!("{data}/../reference/{name}");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).expect("the reference is JSON")),
        Err(error) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{path}: {error}");
            println!("not compared: {path} is not here ({error})");
            None
        }
    }
}

/// Collects what differs, so that one run shows all of it.
#[derive(Default)]
struct Comparison {
    compared: usize,
    differences: Vec<String>,
}

impl Comparison {
    fn near(&mut self, name: &str, ours: f64, theirs: &Value) {
        let theirs = theirs.as_f64().unwrap_or_else(|| panic!("{name} is a number"));
        self.compared += 1;
        if (ours - theirs).abs() > TOLERANCE || ours.is_nan() {
            self.differences.push(format!("{name}: ours {ours}, theirs {theirs}"));
        }
    }

    /// Odds: relative, and no value must be no value. Beyond a million, the longest fair odds we offer anything on, the
    /// reference's own rounding shows (it is near 1e-16 of probability), and the probabilities compared above speak.
    fn near_odds(&mut self, name: &str, ours: Option<f64>, theirs: &Value) {
        match (ours, theirs.as_f64()) {
            (Some(ours), Some(theirs)) if ours > 1e6 && theirs > 1e6 => {}
            // What is less likely than 1e-12 may lie beyond our grid, which leaves out 1e-16.
            (None, Some(theirs)) if theirs > 1e12 => {}
            (Some(ours), Some(theirs)) => self.near(name, ours / theirs, &Value::from(1.0)),
            (None, None) => self.compared += 1,
            (ours, theirs) => self.differences.push(format!("{name}: ours {ours:?}, theirs {theirs:?}")),
        }
    }

    fn near_all(&mut self, name: &str, ours: &[f64], theirs: &Value) {
        let theirs = theirs.as_array().unwrap_or_else(|| panic!("{name} is a list"));
        if ours.len() != theirs.len() {
            self.differences.push(format!("{name}: ours has {} entries, theirs {}", ours.len(), theirs.len()));
        }
        for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            self.near(&format!("{name}[{i}]"), *ours, theirs);
        }
    }

    fn assert_same(&self, at_least: usize) {
        let shown = self.differences.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
        assert!(self.differences.is_empty(), "{} of {} differ\n{shown}", self.differences.len(), self.compared);
        assert!(self.compared >= at_least, "only {} values were compared", self.compared);
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers<const N: usize>(value: &Value) -> [f64; N] {
    let list: Vec<f64> = value.as_array().expect("a list").iter().map(number).collect();
    list.try_into().expect("a list of the length its name says")
}

fn list(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

fn profile(value: &Value) -> Profile {
    let part = |name: &str| number(&value[name]);
    let parts = ProfileParts {
        w1: numbers(&value["w1"]),
        w2: numbers(&value["w2"]),
        s1: part("s1"),
        s2: part("s2"),
        l1: part("L1"),
        l2: part("L2"),
        x1: part("x1"),
        x2: part("x2"),
    };
    Profile::new(parts).expect("a profile of the reference is valid")
}

fn rates(input: &Value) -> Rates {
    Rates {
        home_rate: number(&input["lambda_home"]),
        away_rate: number(&input["lambda_away"]),
        rho: number(&input["rho"]),
        phi: numbers(&input["phi"]),
        kappa_own: number(&input["kappa_own"]),
        kappa_opp: number(&input["kappa_opp"]),
    }
}

fn state(input: &Value) -> State {
    let clock = &input["clock"];
    let phase = match clock["period"].as_str() {
        Some("PRE") => Phase::PreMatch,
        Some("H1") => Phase::FirstHalf,
        Some("HT") => Phase::HalfTime,
        Some("H2") => Phase::SecondHalf,
        other => panic!("unknown period {other:?}"),
    };
    let [home_score, away_score] = numbers(&input["score"]).map(|goals| goals as u16);
    let [home_reds, away_reds] = numbers(&input["reds"]).map(|reds| reds as u8);
    State {
        home_score,
        away_score,
        home_reds,
        away_reds,
        clock: Clock {
            phase,
            minute: number(&clock["minute"]),
            stoppage_elapsed_minutes: number(&clock["stoppage_elapsed"]),
            stoppage_announced_minutes: clock["stoppage_announced"].as_f64(),
        },
    }
}

fn quarter_line(value: &Value) -> QuarterLine {
    QuarterLine::checked_from_quarters((number(value) * 4.0) as i32).expect("a line within bounds")
}

fn compare_state(comparison: &mut Comparison, engine: &mut Engine, profiles: &Value, set: &Value) {
    let id = set["id"].as_str().expect("a set has an id");
    let (input, derived, markets) = (&set["input"], &set["derived"], &set["markets"]);
    let profile = profile(&profiles[input["profile"].as_str().expect("a set names its profile")]);
    let (rates, state) = (rates(input), state(input));
    let left = remaining(&profile, &state.clock);
    let [home_factor, away_factor] = rates.red_card_factors(&state);
    comparison.near(&format!("{id} U1"), left.first_half, &derived["U1"]);
    comparison.near(&format!("{id} U2"), left.second_half, &derived["U2"]);
    comparison.near(&format!("{id} c_home"), home_factor, &derived["c_home"]);
    comparison.near(&format!("{id} c_away"), away_factor, &derived["c_away"]);
    comparison.near(&format!("{id} rho_eff"), rates.rho_in_range(), &derived["rho_eff"]);
    let law = engine.law_from(&profile, &rates, &state).expect("every set has a price");
    comparison.near(&format!("{id} Z"), law.normaliser(), &derived["Z"]);
    comparison.near_all(&format!("{id} x12"), &law.match_result(), &markets["x12"]);
    comparison.near_all(&format!("{id} expected_remaining"), &law.expected_remaining(), &markets["expected_remaining"]);
    let mut shown = 0.0;
    for home in 0..8 {
        let row: Vec<f64> = (0..8).map(|away| law.cell(home, away)).collect();
        shown += row.iter().sum::<f64>();
        comparison.near_all(&format!("{id} matrix[{home}]"), &row, &markets["matrix"][usize::from(home)]);
    }
    comparison.near(&format!("{id} matrix_other"), 1.0 - shown, &markets["matrix_other"]);
    comparison.near_all(&format!("{id} dc"), &law.double_chance(), &markets["dc"]);
    comparison.near_all(&format!("{id} btts"), &law.both_teams_to_score(), &markets["btts"]);
    let [home, away, nobody] = law.next_goal();
    comparison.near_all(&format!("{id} next_goal"), &[home, nobody, away], &markets["next_goal"]);
    let [home, away] = law.handicap(QuarterLine::ZERO).fair_probabilities().unwrap_or([f64::NAN; 2]);
    comparison.near_all(&format!("{id} dnb"), &[home, away], &markets["dnb"]);
    let rows = |name: &'static str| {
        markets[name]
            .as_array()
            .expect("lines are rows")
            .iter()
            .map(move |row| (format!("{id} {name} {}", row[0]), row))
    };
    for (name, row) in rows("totals") {
        compare_split(comparison, &name, law.total(quarter_line(&row[0])), row);
    }
    for (name, row) in rows("ah_full") {
        compare_split(comparison, &name, law.handicap(quarter_line(&row[0])), row);
    }
    for (name, row) in rows("ah_rest") {
        compare_split(comparison, &name, law.handicap_from_now(quarter_line(&row[0])), row);
    }
    for (of, side) in [("team_total_home", Side::Home), ("team_total_away", Side::Away)] {
        for (name, row) in rows(of) {
            comparison.near(&name, law.team_total(side, quarter_line(&row[0])).win, &row[1]);
        }
    }
    compare_correct_score(comparison, id, law, markets);
}

fn compare_split(comparison: &mut Comparison, name: &str, split: Split, row: &Value) {
    for (i, ours) in [split.win, split.half_win, split.push, split.half_lose, split.lose].iter().enumerate() {
        comparison.near(name, *ours, &row[i + 1]);
    }
    let (one, other) = split.fair_odds();
    comparison.near_odds(name, one, &row[6]);
    comparison.near_odds(name, other, &row[7]);
}

/// The reference lists the cells up to seven goals a side: ours up to `max` are among them, and what it says of each
/// result less those cells is ours for all others of that result.
fn compare_correct_score(comparison: &mut Comparison, id: &str, law: &ScoreLaw, markets: &Value) {
    for max in [1_u8, 4, 7] {
        let mut others = numbers::<3>(&markets["x12"]);
        let ours = law.correct_score(max);
        let scores = (0..=max).flat_map(|home| (0..=max).map(move |away| (home, away)));
        for ((home, away), ours) in scores.zip(&ours) {
            let theirs = &markets["matrix"][usize::from(home)][usize::from(away)];
            comparison.near(&format!("{id} correct score {home}:{away}"), *ours, theirs);
            others[usize::from(home <= away) + usize::from(home < away)] -= number(theirs);
        }
        let others = others.map(Value::from);
        for (ours, theirs) in ours[ours.len() - 3..].iter().zip(&others) {
            comparison.near(&format!("{id} correct score, others than {max}"), *ours, theirs);
        }
    }
}

fn compare_states(states: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    let mut engine = Engine::new();
    for set in states["sets"].as_array().expect("sets are a list") {
        compare_state(&mut comparison, &mut engine, &states["profiles"], set);
    }
    comparison
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn states_agree_with_the_reference() {
    let Some(states) = reference("pricing_states.json") else { return };
    compare_states(&states).assert_same(228 * 600);
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn one_altered_value_is_noticed() {
    let Some(mut states) = reference("pricing_states.json") else { return };
    let value = &mut states["sets"][17]["markets"]["totals"][3][1];
    *value = Value::from(number(value) + 2e-9);
    let comparison = compare_states(&states);
    assert_eq!(comparison.differences.len(), 1, "{:?}", comparison.differences);
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn the_default_profile_is_the_reference_one() {
    let Some(states) = reference("pricing_states.json") else { return };
    let theirs = profile(&states["profiles"]["measured_v1"]);
    let ours = Profile::measured_v1();
    for minute in 0..=90 {
        for phase in [Phase::FirstHalf, Phase::SecondHalf] {
            let clock = Clock { phase, minute: f64::from(minute), ..Clock::PRE_MATCH };
            let difference = remaining(&ours, &clock).total() - remaining(&theirs, &clock).total();
            assert!(difference.abs() < 1e-14, "minute {minute} of {phase:?} differs by {difference}");
        }
    }
}

fn methods(weighted: &Value) -> [(&'static str, MarginMethod); 6] {
    let exponent = Billionths::from_f64(number(weighted)).expect("a small number");
    [
        ("multiplicative", MarginMethod::Multiplicative),
        ("additive", MarginMethod::Additive),
        ("weighted", MarginMethod::Weighted { exponent }),
        ("power", MarginMethod::Power),
        ("odds_ratio", MarginMethod::OddsRatio),
        ("shin", MarginMethod::Shin),
    ]
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn margins_agree_with_the_reference() {
    let Some(margins) = reference("pricing_margin.json") else { return };
    let mut comparison = Comparison::default();
    let mut result = Vec::new();
    let sets = |name: &str| margins[name].as_array().expect("sets are a list").clone();
    for (set, winners) in sets("sets").iter().map(|set| (set, 1)).chain(sets("double_chance").iter().map(|s| (s, 2))) {
        let fair = list(&set["p"]);
        let overround = number(&set["overround"]);
        for (name, method) in methods(&margins["weighted_g"]) {
            let used = apply_margin(method, &fair, winners, overround, &mut result).expect("fair probabilities");
            let theirs = &set["apply"][name];
            if !theirs.is_null() {
                assert_eq!(used, method);
                comparison.near_all(&format!("{name} on {fair:?}"), &result, &theirs["q"]);
            } else if winners == 1 {
                // The reference leaves out what would be certain or impossible: there we fall back.
                assert_eq!(used, MarginMethod::OddsRatio, "{name} of {set}");
            }
            if winners == 2 {
                continue;
            }
            let implied: Vec<f64> = list(&set["odds"]).iter().map(|odds| 1.0 / odds).collect();
            let used = remove_margin(method, &implied, &mut result);
            match (&set["remove"][name], used) {
                (Value::Null, Ok(used)) => assert_eq!(used, MarginMethod::OddsRatio, "{name} off {implied:?}"),
                (Value::Null, Err(_)) => assert!(implied.iter().sum::<f64>() < 1.0, "{implied:?}"),
                (theirs, used) => {
                    assert_eq!(used, Ok(method));
                    comparison.near_all(&format!("{name} off {implied:?}"), &result, &theirs["p"]);
                }
            }
        }
    }
    comparison.assert_same(120 * 6 * 2 * 2);
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn odds_lead_back_to_the_rates_that_made_them() {
    let Some(inversions) = reference("pricing_inversion.json") else { return };
    let mut engine = Engine::new();
    let sets = inversions["sets"].as_array().expect("sets are a list");
    for set in sets {
        let (input, solution) = (&set["input"], &set["solution"]);
        let odds = FairOdds {
            match_result: ["p_home", "p_draw", "p_away"].map(|name| number(&input[name])),
            line: quarter_line(&input["total_line"]),
            over: 1.0 / number(&input["fair_over"]),
        };
        let truth = [number(&solution["lambda_home"]), number(&solution["lambda_away"]), number(&input["rho"])];
        let start = Rates { rho: truth[2], phi: numbers(&input["phi"]), ..Rates::from(&ModelInputs::default()) };
        for (source, start, tolerance) in
            [(RhoSource::Inputs, start, 1e-7), (RhoSource::Draw, Rates { rho: -0.04, ..start }, 1e-6)]
        {
            let solved = rates_from_odds(&mut engine, &odds, &start, source)
                .unwrap_or_else(|reason| panic!("{source:?} of {set}: {reason:?}"));
            for (ours, theirs) in [solved.home_rate, solved.away_rate, solved.rho].into_iter().zip(truth) {
                assert!((ours - theirs).abs() < tolerance, "{source:?} of {set}: {solved:?}");
            }
        }
    }
    assert!(sets.len() >= 40);
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn the_ladder_agrees_with_the_reference() {
    let Some(reference) = reference("pricing_ladder.json") else { return };
    let ladder = Ladder::decimal_default();
    let price = |odds: f64| Price::decimal_thousandths((odds * 1000.0).round() as u32).expect("a tick is a price");
    let ticks: Vec<Price> = list(&reference["ticks"]).iter().map(|odds| price(*odds)).collect();
    assert_eq!(ladder.prices(), ticks);
    for set in reference["sets"].as_array().expect("sets are a list") {
        let odds = number(&set["odds"]);
        assert_eq!(ladder.down(odds), set["down"].as_f64().map(price), "{odds} down");
        assert_eq!(ladder.nearest(odds), set["nearest"].as_f64().map(price), "{odds} nearest");
    }
}
