//! Every kind of market at the end of a match, settled right and settled wrong; and what outsiders are told of it.

use touchline::wire::proto;

use super::auditor_world::story::fact;
use super::{Body, Certainty, MarketStatus, OutcomeStatus, World, audit, demand, good, last, read};
use prost::Message;
use proto::fact::Body as Happened;
use proto::{LegResult, Period};

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

/// The same of the rest of the catalogue. All three goals fell in the second minute; home took two corners and then away
/// one; home was shown a yellow card and away a red one; home goes through.
fn settled_too() -> Vec<Settled> {
    use MarketStatus::Cancelled;
    use OutcomeStatus::{HalfLost, HalfWon, Void, Won};
    let table: &[(&'static str, &str)] = &[
        ("rest_1x2:base=1:0", "home! draw away"),
        ("european_handicap:line=-3", "home draw! away"),
        ("winning_margin:max=3", "home_by_1 home_by_2 home_by_3+! draw away_by_1 away_by_2 away_by_3+"),
        ("exact_goals:max=4", "0 1 2 3! 4+"),
        ("team_exact_goals:max=1,side=away", "0! 1+"),
        ("odd_even", "odd! even"),
        ("clean_sheet:side=home", "yes! no"),
        ("win_to_nil:side=away", "yes no!"),
        ("half_1x2:half=1", "home! draw away"),
        ("half_1x2:half=2", "home draw! away"),
        ("half_total:half=2,line=0.5", "over under!"),
        ("half_correct_score:half=1,max=1", "0:0 0:1 1:0 1:1 other_home! other_draw other_away"),
        ("half_btts:half=2", "yes no!"),
        ("ht_ft", "home/home! home/draw home/away draw/home draw/draw draw/away away/home away/draw away/away"),
        ("win_both_halves:side=home", "yes no!"),
        ("win_either_half:side=home", "yes! no"),
        ("highest_half", "first_half! second_half equal"),
        ("goal_in_both_halves", "yes no!"),
        ("last_goal", "home! away no_goal"),
        ("race:to=3", "home! away neither"),
        ("race:to=4", "home away neither!"),
        ("interval_goal:from=0,to=15", "yes! no"),
        ("interval_goal:from=15,to=30", "yes no!"),
        ("team_interval_goal:from=0,side=away,to=15", "yes no!"),
        ("goal_before:minute=2", "yes! no"),
        ("goal_before:minute=1", "yes no!"),
        ("corners_1x2", "home! draw away"),
        ("corners_team_total:line=0.5,side=away", "over! under"),
        ("corners_odd_even", "odd! even"),
        ("corners_race:to=2", "home! away neither"),
        ("cards_1x2", "home draw away!"),
        ("cards_total:line=2.5", "over! under"),
        ("cards_team_total:line=1.5,side=home", "over under!"),
        ("cards_odd_even", "odd! even"),
        ("to_qualify", "home! away"),
        (
            "qualify_method",
            "home_in_90! home_in_extra_time home_on_penalties away_in_90 away_in_extra_time away_on_penalties",
        ),
        ("extra_time", "yes no!"),
        ("shoot_out", "yes no!"),
    ];
    let each = |words: &str| {
        let read = |word: &str| match word.strip_suffix('!') {
            Some(winner) => (winner.to_owned(), Won),
            None => (word.to_owned(), OutcomeStatus::Lost),
        };
        words.split(' ').map(read).collect()
    };
    let of = |words: &str, came: &[OutcomeStatus]| {
        words.split(' ').map(str::to_owned).zip(came.iter().copied()).collect::<Vec<_>>()
    };
    let mut markets: Vec<Settled> =
        table.iter().map(|(market, words)| (*market, MarketStatus::Settled, each(words))).collect();
    let by_halves = [
        ("rest_1x2:base=0:1", Cancelled, of("home draw away", &[Void; 3])),
        ("half_total:half=1,line=2.75", MarketStatus::Settled, of("over under", &[HalfWon, HalfLost])),
        ("half_handicap:half=2,line=0", MarketStatus::Settled, of("home away", &[Void; 2])),
        ("corners_total:line=3.25", MarketStatus::Settled, of("over under", &[HalfLost, HalfWon])),
        ("corners_handicap:line=-1", MarketStatus::Settled, of("home away", &[Void; 2])),
        ("cards_handicap:line=0.75", MarketStatus::Settled, of("home away", &[HalfLost, HalfWon])),
        ("extra_time_1x2", MarketStatus::Settled, of("home draw away", &[Void; 3])),
        ("shoot_out_winner", MarketStatus::Settled, of("home away", &[Void; 2])),
    ];
    markets.extend(by_halves);
    markets
}

/// What else is told with the whistle.
fn also_told() -> Vec<proto::Fact> {
    let sure = Certainty::Confirmed;
    let (home, away) = (proto::Side::Home as i32, proto::Side::Away as i32);
    let red = Happened::RedCard(proto::RedCard { side: away, second_yellow: true });
    let cup = proto::Fixture { revision: 2, knock_out: true, ..proto::Fixture::default() };
    vec![
        fact("k1", sure, Period::FirstHalf, Happened::CornerTaken(home)),
        fact("k2", sure, Period::FirstHalf, Happened::CornerTaken(home)),
        fact("k3", sure, Period::SecondHalf, Happened::CornerTaken(away)),
        fact("y1", sure, Period::FirstHalf, Happened::YellowCard(home)),
        fact("y2", sure, Period::SecondHalf, red),
        fact("f9", sure, Period::PreMatch, Happened::Fixture(cup)),
    ]
}

fn last_version(world: &mut World) -> &mut proto::MatchUpdate {
    let facts = also_told();
    let update = world.update("M1", 10);
    update.facts.extend(facts);
    update
}

/// The good day with that market in its last version as well: exactly these words, if any, are said of it.
#[track_caller]
fn with_market(market: proto::MarketState, words: &str) {
    let mut world = good();
    last_version(&mut world).markets.push(market);
    demand(&audit(&world.records()), &["markets"], words);
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
    let all = || settled().into_iter().chain(settled_too());
    let mut world = good();
    let update = last_version(&mut world);
    update.markets.extend(all().map(|(market, status, outcomes)| state(market, status, &outcomes)));
    let report = audit(&world.records());
    assert!(report.passed(), "{report}");
    for (market, status, outcomes) in all() {
        for index in 0..outcomes.len() {
            let mut wrong = outcomes.clone();
            let was = wrong[index].1;
            wrong[index].1 = if was == OutcomeStatus::Won { OutcomeStatus::Lost } else { OutcomeStatus::Won };
            with_market(state(market, status, &wrong), "is published as");
        }
    }
}

#[test]
fn a_selection_that_is_missing_or_strange_is_named() {
    for (market, status, outcomes) in settled_too() {
        with_market(state(market, MarketStatus::Suspended, &outcomes[1..]), "lists");
        let twice = [&outcomes[..], &outcomes[..1]].concat();
        with_market(state(market, status, &twice), "lists");
    }
}

#[test]
fn a_type_that_nobody_knows_is_named() {
    let outcomes = [("yes".to_owned(), OutcomeStatus::Won), ("no".to_owned(), OutcomeStatus::Lost)];
    for market in ["first_goalscorer", "half_odd_even:half=1", "goal_before:minute=91", "cards_race:to=3"] {
        with_market(state(market, MarketStatus::Settled, &outcomes), "has no canonical id");
    }
}

#[test]
fn a_selection_on_sale_that_is_decided_is_caught() {
    for (market, _, mut outcomes) in settled_too() {
        outcomes[0].1 = OutcomeStatus::Offered;
        let mut market = state(market, MarketStatus::Suspended, &outcomes);
        market.owners = vec![proto::Owner::Incident as i32];
        market.outcomes[0].price = Some(proto::Price { form: Some(proto::price::Form::DecimalThousandths(2_000)) });
        let mut world = good();
        last_version(&mut world).markets.push(market);
        let report = audit(&world.records());
        let said = &report.checks.iter().find(|check| check.name == "markets").unwrap().failures;
        assert!(said.iter().any(|failure| failure.contains("is on offer, though")), "{report}");
    }
}

#[test]
fn a_market_is_cancelled_if_it_is_void_as_a_whole() {
    let cancel = |market: &'static str, status: MarketStatus, names: &[&str], words: &str| {
        let outcomes: Vec<_> = names.iter().map(|name| ((*name).to_owned(), OutcomeStatus::Void)).collect();
        with_market(state(market, status, &outcomes), words);
    };
    cancel("handicap:line=-3", MarketStatus::Cancelled, &["home", "away"], "is not void as a whole");
    cancel("handicap_rest:base=0:1,line=0", MarketStatus::Settled, &["home", "away"], "is void as a whole");
    cancel("rest_1x2:base=0:1", MarketStatus::Settled, &["home", "draw", "away"], "is void as a whole");
    cancel("corners_handicap:line=-1", MarketStatus::Cancelled, &["home", "away"], "is not void as a whole");
    cancel("shoot_out_winner", MarketStatus::Cancelled, &["home", "away"], "is not void as a whole");
}

/// The first match's market of that name is another one, wherever it is named.
pub(crate) fn sold_as(world: &mut World, name: &str, other: &str) {
    let rename = |leg: &mut proto::Leg| {
        if leg.match_id == "M1" && leg.market == name {
            other.clone_into(&mut leg.market);
        }
    };
    for entry in &mut world.entries {
        match &mut entry.body {
            Body::Market(message) => {
                if let Some(proto::market_message::Body::MatchUpdate(update)) = &mut message.body
                    && update.match_id == "M1"
                {
                    let named = update.markets.iter_mut().filter(|market| market.market == name);
                    named.for_each(|market| other.clone_into(&mut market.market));
                }
            }
            Body::Bet(command) => {
                if let Some(proto::bet_command::Body::PlaceBet(bet)) = &mut command.body {
                    bet.legs.iter_mut().for_each(rename);
                }
            }
            Body::Decision(decision) => {
                if let Some(proto::decision::Verdict::Accepted(bet)) = &mut decision.verdict {
                    bet.request.iter_mut().flat_map(|request| &mut request.legs).for_each(rename);
                    bet.legs.iter_mut().filter_map(|leg| leg.request.as_mut()).for_each(rename);
                }
            }
            _ => {}
        }
    }
}

/// Bets on other markets than the day's own, paid by what these came to; and a settlement that says otherwise.
#[test]
fn a_wrong_settlement_is_caught_in_every_family() {
    let corner = |number: usize| {
        let body = Happened::CornerTaken(proto::Side::Home as i32);
        fact(&format!("k{number}"), Certainty::Confirmed, Period::FirstHalf, body)
    };
    let card = |number: usize| {
        let body = Happened::YellowCard(proto::Side::Home as i32);
        fact(&format!("y{number}"), Certainty::Confirmed, Period::SecondHalf, body)
    };
    let three = |of: &dyn Fn(usize) -> proto::Fact| (1..=3).map(of).collect::<Vec<_>>();
    let table: Vec<(&str, &str, Vec<proto::Fact>, u32)> = vec![
        ("total:line=2.75", "half_total:half=1,line=2.75", vec![], 9),
        ("total:line=2.75", "team_total:line=2.75,side=home", vec![], 9),
        ("total:line=2.75", "corners_total:line=2.75", three(&corner), 9),
        ("total:line=2.75", "corners_team_total:line=2.75,side=home", three(&corner), 9),
        ("total:line=2.75", "cards_total:line=2.75", three(&card), 9),
        ("1x2", "half_1x2:half=1", vec![], 1),
        ("1x2", "rest_1x2:base=0:0", vec![], 5),
        ("1x2", "european_handicap:line=-2", vec![], 1),
        ("1x2", "corners_1x2", three(&corner), 1),
        ("1x2", "cards_1x2", three(&card), 5),
    ];
    for (name, other, facts, bet) in table {
        let mut world = good();
        sold_as(&mut world, name, other);
        world.update("M1", 10).facts.extend(facts);
        let report = audit(&world.records());
        assert!(report.passed(), "{other}: {report}");
        let said = &mut world.settlement(bet, 1).legs[0];
        *said = if *said == LegResult::Lose as i32 { LegResult::Win as i32 } else { LegResult::Lose as i32 };
        demand(&audit(&world.records()), &["settlement"], "by the facts up to match version 10");
    }
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
