//! Every kind of market at the end of a match, settled right and settled wrong; and what outsiders are told of it.

use touchline::wire::proto;

use super::{MarketStatus, OutcomeStatus, audit, good, last, read, written};
use prost::Message;

/// A market, its status, and what each selection came to.
type Settled = (&'static str, MarketStatus, Vec<(String, OutcomeStatus)>);

/// Home has scored all three goals. Each market with what its selections came to.
fn settled() -> Vec<Settled> {
    use MarketStatus::{Cancelled, Settled};
    use OutcomeStatus::{HalfLost, HalfWon, Lost, Void, Won};
    let of = |pairs: &[(&str, OutcomeStatus)]| pairs.iter().map(|(name, came)| ((*name).to_owned(), *came)).collect();
    let mut cells: Vec<(String, OutcomeStatus)> = (0..=3)
        .flat_map(|home| (0..=3).map(move |away| (format!("{home}:{away}"), (home, away) == (3, 0))))
        .map(|(name, won)| (name, if won { Won } else { Lost }))
        .collect();
    cells.extend(["other_home", "other_draw", "other_away"].map(|name| (name.to_owned(), Lost)));
    vec![
        ("double_chance", Settled, of(&[("1x", Won), ("12", Won), ("x2", Lost)])),
        ("draw_no_bet", Settled, of(&[("home", Won), ("away", Lost)])),
        ("team_total:line=2.75,side=home", Settled, of(&[("over", HalfWon), ("under", HalfLost)])),
        ("team_total:line=0.5,side=away", Settled, of(&[("over", Lost), ("under", Won)])),
        ("handicap:line=-3", Settled, of(&[("home", Void), ("away", Void)])),
        ("handicap:line=-2.75", Settled, of(&[("home", HalfWon), ("away", HalfLost)])),
        ("handicap_rest:base=1:0,line=-2.25", Settled, of(&[("home", HalfLost), ("away", HalfWon)])),
        ("handicap_rest:base=0:1,line=0", Cancelled, of(&[("home", Void), ("away", Void)])),
        ("btts", Settled, of(&[("yes", Lost), ("no", Won)])),
        ("correct_score:max=3", Settled, cells),
        ("next_goal:nth=2", Settled, of(&[("home", Won), ("away", Lost), ("no_goal", Lost)])),
        ("next_goal:nth=4", Settled, of(&[("home", Lost), ("away", Lost), ("no_goal", Won)])),
    ]
}

fn state(market: &str, status: MarketStatus, outcomes: &[(String, OutcomeStatus)]) -> proto::MarketState {
    let outcomes = outcomes.iter().map(|(outcome, came)| proto::OutcomeState {
        outcome: outcome.clone(),
        status: *came as i32,
        ..proto::OutcomeState::default()
    });
    proto::MarketState {
        market: market.to_owned(),
        status: status as i32,
        price_version: 10,
        outcomes: outcomes.collect(),
        ..proto::MarketState::default()
    }
}

#[test]
fn every_market_settles_by_the_auditors_own_rules() {
    let mut world = good();
    for (market, status, outcomes) in settled() {
        world.update("M1", 10).markets.push(state(market, status, &outcomes));
    }
    let report = audit(&world.records());
    assert!(report.passed(), "{report}");
    for (market, status, outcomes) in settled() {
        for index in 0..outcomes.len() {
            let mut wrong = outcomes.clone();
            let was = wrong[index].1;
            wrong[index].1 = if was == OutcomeStatus::Won { OutcomeStatus::Lost } else { OutcomeStatus::Won };
            written(
                |world| world.update("M1", 10).markets.push(state(market, status, &wrong)),
                &["markets"],
                "is published as",
            );
        }
    }
}

#[test]
fn a_market_is_cancelled_if_it_is_void_as_a_whole() {
    let cancel = |market: &'static str, status: MarketStatus, words: &str| {
        let outcomes = [("home".to_owned(), OutcomeStatus::Void), ("away".to_owned(), OutcomeStatus::Void)];
        written(|world| world.update("M1", 10).markets.push(state(market, status, &outcomes)), &["markets"], words);
    };
    cancel("handicap:line=-3", MarketStatus::Cancelled, "is not void as a whole");
    cancel("handicap_rest:base=0:1,line=0", MarketStatus::Settled, "is void as a whole");
}

#[test]
fn projections() {
    let images = |records: &[super::Record]| last(records, "market-images.v1", super::home_of("M1"));
    read(
        |records| {
            let index = images(records);
            let mut image = proto::MarketImage::decode(records[index].value.as_slice()).unwrap();
            image.update.as_mut().unwrap().home_score += 1;
            records[index].value = image.encode_to_vec();
        },
        &["projections"],
        "the image is not what the update says",
    );
    let mut compacted = good().records();
    let newest = images(&compacted);
    let newest = compacted[newest].clone();
    compacted.retain(|record| record.topic != newest.topic || record.key != newest.key || *record == newest);
    assert!(audit(&compacted).passed(), "an older image may be gone");
    let results = |records: &[super::Record]| last(records, "results.v1", super::home_of("M1"));
    let torn = ["transactions", "projections"];
    read(|records| drop(records.remove(results(records))), &torn, "changes results, and results.v1 does not say so");
    read(
        |records| {
            let index = results(records);
            let mut said = proto::MatchResults::decode(records[index].value.as_slice()).unwrap();
            said.markets[0].outcomes.swap(0, 1);
            records[index].value = said.encode_to_vec();
        },
        &torn,
        "the record of results is not what the update says",
    );
}
