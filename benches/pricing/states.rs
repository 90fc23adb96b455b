//! The matches that are priced: those of the reference file, and some of our own making.

use serde_json::Value;
use touchline::pricing::{Clock, Engine, ModelInputs, Phase, Profile, ProfileParts, Rates, State, remaining};
use touchline::values::Billionths;

/// A match as it stands.
#[derive(Clone)]
pub(super) struct Match {
    pub(super) profile: Profile,
    pub(super) inputs: ModelInputs,
    pub(super) state: State,
}

impl Match {
    /// The inputs of the n-th call: they differ in their last digit, so that no answer can be the one before.
    pub(super) fn inputs_of(&self, call: u32) -> ModelInputs {
        let home_rate = Billionths::from_raw(self.inputs.home_rate.raw() + i64::from(call & 1));
        ModelInputs { home_rate, ..self.inputs }
    }
}

/// Those of the reference, if it is at hand; else none, said aloud.
#[expect(clippy::disallowed_methods, reason = "a bench finds its data by the environment")]
pub(super) fn reference() -> Vec<Match> {
    let data = std::env::var("TOUCHLINE_DATA").unwrap_or_else(|_| "../shared/data".into());
    let path = format!("{data}/../reference/pricing_states.json");
    let file: Value = match std::fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).expect("the reference is JSON"),
        Err(error) => {
            eprintln!("no states of the reference: {error}");
            return Vec::new();
        }
    };
    let sets = file["sets"].as_array().expect("sets are a list");
    sets.iter().map(|set| read(&file["profiles"], &set["input"])).collect()
}

fn read(profiles: &Value, input: &Value) -> Match {
    let number = |value: &Value| value.as_f64().expect("a number");
    let billionths = |value: &Value| Billionths::from_f64(number(value)).expect("it fits");
    let profile = &profiles[input["profile"].as_str().expect("a name")];
    let minutes = |name: &str| -> [f64; 45] {
        let list = profile[name].as_array().expect("a list");
        std::array::from_fn(|minute| number(&list[minute]))
    };
    let part = |name: &str| number(&profile[name]);
    let parts = ProfileParts {
        w1: minutes("w1"),
        w2: minutes("w2"),
        s1: part("s1"),
        s2: part("s2"),
        l1: part("L1"),
        l2: part("L2"),
        x1: part("x1"),
        x2: part("x2"),
    };
    let clock = &input["clock"];
    let phase = match clock["period"].as_str() {
        Some("PRE") => Phase::PreMatch,
        Some("H1") => Phase::FirstHalf,
        Some("HT") => Phase::HalfTime,
        Some("H2") => Phase::SecondHalf,
        other => panic!("no period {other:?}"),
    };
    let whole = |name: &str, side: usize| input[name][side].as_u64().expect("a whole number") as u16;
    Match {
        profile: Profile::new(parts).expect("a profile of the reference is one"),
        inputs: ModelInputs {
            home_rate: billionths(&input["lambda_home"]),
            away_rate: billionths(&input["lambda_away"]),
            rho: billionths(&input["rho"]),
            phi: std::array::from_fn(|lead| billionths(&input["phi"][lead])),
            kappa_own: billionths(&input["kappa_own"]),
            kappa_opp: billionths(&input["kappa_opp"]),
            ..ModelInputs::default()
        },
        state: State {
            home_score: whole("score", 0),
            away_score: whole("score", 1),
            home_reds: whole("reds", 0) as u8,
            away_reds: whole("reds", 1) as u8,
            clock: Clock {
                phase,
                minute: number(&clock["minute"]),
                stoppage_elapsed_minutes: number(&clock["stoppage_elapsed"]),
                stoppage_announced_minutes: clock["stoppage_announced"].as_f64(),
            },
        },
    }
}

/// Three matches by six moments by six scores by two numbers of men, all with the house's score effect (most of the reference
/// has none, which is the easier case).
pub(super) fn generated() -> Vec<Match> {
    let profile = Profile::measured_v1();
    let rates = [(1.5, 1.15), (2.4, 0.7), (0.9, 1.3)];
    let moments = [
        (Phase::PreMatch, 0.0),
        (Phase::FirstHalf, 15.0),
        (Phase::FirstHalf, 32.5),
        (Phase::HalfTime, 45.0),
        (Phase::SecondHalf, 60.25),
        (Phase::SecondHalf, 80.0),
    ];
    let scores = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (0, 3)];
    let mut matches = Vec::new();
    for (home, away) in rates {
        let billionths = |rate| Billionths::from_f64(rate).expect("it fits");
        let inputs = ModelInputs::with_rates(billionths(home), billionths(away));
        for (phase, minute) in moments {
            for (home_score, away_score) in scores {
                for away_reds in [0, 1] {
                    if phase == Phase::PreMatch && (home_score + away_score + u16::from(away_reds)) > 0 {
                        continue;
                    }
                    let clock = Clock { phase, minute, ..Clock::PRE_MATCH };
                    let state = State { home_score, away_score, home_reds: 0, away_reds, clock };
                    matches.push(Match { profile: profile.clone(), inputs, state });
                }
            }
        }
    }
    matches
}

/// What penaltyblog can price of it. Of a state: goals that each side may still score, and ρ; beside it our own match
/// result with ρ = 0, so that a difference is seen where both must agree (with another ρ penaltyblog 1.13.1 weighs 0-1
/// and 1-0 the other way round). Then odds before kick-off, with those of the total line 2.5,
/// and three-way odds.
pub(super) fn exported(matches: &[Match]) -> String {
    let mut engine = Engine::new();
    let rows: Vec<Value> = matches
        .iter()
        .map(|one| {
            let rates = Rates::from(&one.inputs);
            let [home_factor, away_factor] = rates.red_card_factors(&one.state);
            let time = remaining(&one.profile, &one.state.clock).total();
            let law = engine
                .law_from(&one.profile, &Rates { rho: 0.0, ..rates }, &one.state)
                .expect("a match to price has a price");
            serde_json::json!({
                "home_mean": rates.home_rate * home_factor * time,
                "away_mean": rates.away_rate * away_factor * time,
                // It refuses some that the reference has on purpose; the time it takes does not depend on it.
                "rho": rates.rho.clamp(-0.1, 0.1),
                "is_kick_off": one.state.clock.phase == Phase::PreMatch && one.inputs.phi == [Billionths::ONE; 5],
                "match_result": law.match_result(),
            })
        })
        .collect();
    let odds: Vec<Value> = crate::work::odds_before_kick_off()
        .iter()
        .map(|odds| {
            let [home, draw, away] = odds.match_result;
            serde_json::json!([home, draw, away, odds.over, 1.0 - odds.over])
        })
        .collect();
    let three_way: Vec<Value> =
        crate::work::implied().iter().map(|implied| Value::from(implied.map(|q| 1.0 / q).to_vec())).collect();
    serde_json::json!({ "states": rows, "odds": odds, "three_way": three_way }).to_string()
}
