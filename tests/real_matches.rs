//! Recorded matches through the whole house without Kafka: what the markets come to is what really happened.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::path::{Path, PathBuf};
use std::process::Command;
use touchline::cli::replay::read_match;
use touchline::values::{BetId, CommandId, Time};

/// Shoot-outs, extra time, dismissals, own goals, nine goals, a final.
const MATCHES: [u32; 14] = [
    2_058_004, 2_058_005, 2_058_009, 2_058_012, 2_058_015, 2_058_017, 2_499_721, 2_500_040, 2_500_733, 2_576_285,
    2_576_302, 2_576_000, 2_500_919, 2_057_954,
];
const START_MS: i64 = 1_700_000_000_000;

#[expect(clippy::disallowed_methods, reason = "a test finds its data by the environment")]
fn recording(id: u32) -> PathBuf {
    let data = std::env::var("TOUCHLINE_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    Path::new(&data).join(format!("wyscout/events/{id}.json.gz"))
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn backtest(id: u32, out: &Path, more: &[(&str, &Path)]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchline"));
    command.arg("backtest").arg("--wyscout").arg(recording(id)).arg("--out").arg(out);
    command.arg("--pipeline").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/soccer-live/pipeline.toml"));
    for (flag, file) in more {
        command.arg(flag).arg(file);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{id}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The values of a file of output lines.
fn values(out: &Path, topic: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(out.join(format!("{topic}.jsonl"))).unwrap();
    let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["value"].take();
    text.lines().map(value).collect()
}

fn result(goals: (u32, u32)) -> [&'static str; 3] {
    let won = |yes: bool| if yes { "OUTCOME_STATUS_WON" } else { "OUTCOME_STATUS_LOST" };
    [won(goals.0 > goals.1), won(goals.0 == goals.1), won(goals.0 < goals.1)]
}

#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn markets_of_ninety_minutes_come_to_what_happened() {
    for id in MATCHES {
        let out = folder(&format!("match-{id}"));
        backtest(id, &out, &[]);
        let updates = values(&out, "markets.v1");
        let last = &updates.last().unwrap()["matchUpdate"];
        let goals = read_match(&recording(id)).unwrap().official_goals.unwrap();
        let market = |name: &str| {
            last["markets"].as_array().unwrap().iter().find(|market| market["market"] == name).unwrap().clone()
        };
        let one_x_two = market("1x2");
        assert_eq!(one_x_two["status"], "MARKET_STATUS_SETTLED", "{id}");
        let statuses: Vec<_> = one_x_two["outcomes"].as_array().unwrap().iter().map(|o| o["status"].clone()).collect();
        assert_eq!(statuses, result(goals), "{id} ended {goals:?}");
        let over = if goals.0 + goals.1 > 2 { "OUTCOME_STATUS_WON" } else { "OUTCOME_STATUS_LOST" };
        assert_eq!(market("total:line=2.5")["outcomes"][0]["status"], over, "{id} ended {goals:?}");
        for (at, update) in updates.iter().enumerate() {
            assert_eq!(update["matchUpdate"]["version"], (at + 1).to_string(), "{id}: one update a fact, none missing");
        }
    }
}

/// France - Croatia, 4-2: a single that wins, one that loses, and the account's money to the cent.
#[test]
#[cfg_attr(not(touchline_data), ignore = "needs the sample data: set TOUCHLINE_DATA")]
fn bets_before_kick_off_are_paid_to_the_cent() {
    let out = folder("bets");
    std::fs::create_dir_all(&out).unwrap();
    let line = |at: i64, value: String| format!("{{\"at_ms\":{at},\"value\":{value}}}\n");
    let command = |at: i64, chance| CommandId::from_parts(Time::from_ms(at), chance).unwrap();
    let account = [
        line(
            START_MS + 500,
            format!(
                r#"{{"commandId":"{}","account":"alice","open":{{"currency":"USD","licence":"US-NJ","birthDate":"1980-01-31","identityStatus":"IDENTITY_STATUS_VERIFIED","identityExpires":"2030-01-01"}}}}"#,
                command(START_MS + 500, 1)
            ),
        ),
        line(
            START_MS + 600,
            format!(
                r#"{{"commandId":"{}","account":"alice","deposit":{{"amountMinor":10000,"currency":"USD"}}}}"#,
                command(START_MS + 600, 2)
            ),
        ),
    ];
    std::fs::write(out.join("account.jsonl"), account.concat()).unwrap();
    backtest(2_058_017, &out, &[]);
    let first = values(&out, "markets.v1").remove(0)["matchUpdate"].take();
    let match_id = first["matchId"].as_str().unwrap().to_owned();
    let bet = |at: i64, chance: u128, market: &str, outcome: &str, stake: i64| {
        let markets = first["markets"].as_array().unwrap();
        let offered = markets.iter().find(|known| known["market"] == market).unwrap();
        let found = offered["outcomes"].as_array().unwrap().iter().find(|known| known["outcome"] == outcome).unwrap();
        let price = found["price"]["decimalThousandths"].as_u64().unwrap();
        let id = BetId::from_parts(Time::from_ms(at), chance).unwrap();
        let value = format!(
            r#"{{"placeBet":{{"betId":"{id}","account":"alice","stakeMinor":{stake},"currency":"USD","legs":[{{"matchId":"{match_id}","market":"{market}","outcome":"{outcome}","price":{{"decimalThousandths":{price}}}}}],"pricePolicy":"PRICE_POLICY_EXACT","sessionId":"s","sessionExpiresAtMs":"{}","location":{{"id":"p","licence":"US-NJ","issuedAtMs":"{START_MS}","expiresAtMs":"{}"}}}}}}"#,
            at + 60_000,
            at + 60_000
        );
        (line(at, value), price)
    };
    let (wins, price) = bet(START_MS + 2_000, 7, "total:line=2.5", "over", 1_001);
    let (loses, _) = bet(START_MS + 3_000, 8, "1x2", "draw", 2_000);
    std::fs::write(out.join("bets.jsonl"), wins + &loses).unwrap();
    let more = [("--account-commands", out.join("account.jsonl")), ("--commands", out.join("bets.jsonl"))];
    backtest(2_058_017, &out, &more.each_ref().map(|(flag, file)| (*flag, file.as_path())));
    // 10.01 at the offered price, half a cent up.
    let returned = (1_001 * i64::try_from(price).unwrap() + 500) / 1_000;
    let settlements = values(&out, "settlements.v1");
    let mut paid: Vec<_> = settlements.iter().map(|s| s["returnedMinor"].as_str().unwrap_or("0").to_owned()).collect();
    paid.sort();
    assert_eq!(paid, ["0".to_owned(), returned.to_string()]);
    let ledger = values(&out, "ledger.v1");
    let cash = ledger.last().unwrap()["cashMinor"].as_str().unwrap().to_owned();
    assert_eq!(cash, (10_000 - 1_001 - 2_000 + returned).to_string());
}
