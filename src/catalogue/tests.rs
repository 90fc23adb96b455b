//! Every type of market: its names read back, its selections share what can happen among them.

use super::*;

/// One market of each type, and a few more.
fn samples() -> Vec<MarketId> {
    let mut samples: Vec<MarketId> = MarketType::all()
        .map(|kind| {
            let mut id = MarketId::of(kind);
            let names = kind.definition().specifiers;
            if names.contains(&Specifier::Line) {
                id = id.at_line(QuarterLine::from_quarters(-8));
            }
            if names.contains(&Specifier::Side) {
                id = id.of_side(Side::Away);
            }
            if names.contains(&Specifier::Base) {
                id = id.since(Score { home: 1, away: 0 });
            }
            let numbers = names.iter().filter(|name| *name.bounds().end() > 0).count();
            match numbers {
                0 => id,
                1 => id.number(2),
                _ => id.numbers(1, 3),
            }
        })
        .collect();
    let half = QuarterLine::from_quarters(-2);
    samples.extend([
        MarketId::total(QuarterLine::from_quarters(9)),
        MarketId::team_total(Side::Home, QuarterLine::from_quarters(6)),
        MarketId::handicap(half),
        MarketId::handicap_rest(Score { home: 1, away: 0 }, half),
        MarketId::correct_score(4),
        MarketId::next_goal(3),
    ]);
    samples
}

/// Every selection that has a name.
fn every_outcome() -> Vec<Outcome> {
    let mut all: Vec<Outcome> = samples().into_iter().flat_map(MarketId::outcomes).collect();
    all.extend((0..=9).flat_map(|home| (0..=9).map(move |away| Outcome::Score(home, away))));
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn every_market_and_selection_reads_back_as_written() {
    let every = every_outcome();
    for market in samples() {
        assert_eq!(MarketId::parse(&market.to_string()), Some(market), "{market}");
        let outcomes = market.outcomes();
        for outcome in &every {
            assert_eq!(market.has(*outcome), outcomes.contains(outcome), "{market} {outcome}");
        }
    }
    for outcome in &every {
        assert_eq!(Outcome::parse(&outcome.to_string()), Some(*outcome));
    }
    let mut numbers: Vec<_> = every.iter().map(|outcome| outcome.number()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), every.len(), "two selections share a number");
}

#[test]
fn types_have_names_of_their_own_and_specifiers_in_order() {
    let mut names: Vec<_> = MarketType::all().map(MarketType::name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), MarketType::all().count());
    for kind in MarketType::all() {
        assert_eq!(MarketType::parse(kind.name()), Some(kind));
        let specifiers: Vec<_> = kind.definition().specifiers.iter().map(|specifier| specifier.name()).collect();
        assert!(specifiers.is_sorted(), "{kind:?}");
    }
}

#[test]
fn what_is_not_canonical_is_no_market() {
    let texts = [
        "",
        "1X2",
        "1x2:",
        "total",
        "total:",
        "total:line=2.50",
        "total:line=+2.5",
        "total:line=2.5,line=2.5",
        "total:line=2.5,",
        "total:side=home,line=2",
        "team_total:line=1.5",
        "team_total:side=home,line=1.5",
        "team_total:line=1.5,side=Home",
        "handicap_rest:base=01:0,line=0",
        "handicap_rest:base=1:0",
        "handicap_rest:line=0,base=1:0",
        "correct_score",
        "correct_score:max=0",
        "correct_score:max=10",
        "correct_score:max=04",
        "next_goal:nth=0",
        "next_goal:nth=256",
        "handicap_rest:base=99999:0,line=0",
        "european_handicap:line=0.5",
        "half_total:half=3,line=1.5",
        "interval_goal:from=30,to=15",
        "interval_goal:from=15,to=15",
        "goal_before:minute=91",
    ];
    for text in texts {
        assert_eq!(MarketId::parse(text), None, "{text}");
    }
    for text in ["", "HOME", "10:0", "1-0", "1:00", "x1", "home_by_0", "3++", "home/", "10"] {
        assert_eq!(Outcome::parse(text), None, "{text}");
    }
}

/// However many, and however far, exactly as many selections win as the type says: nothing falls between two, nothing
/// under two. From `beyond` on nothing changes but odd and even.
#[test]
fn each_number_and_each_score_has_its_winners() {
    for market in samples() {
        let definition = market.definition();
        let winners = usize::from(definition.winners());
        let count = |wins: &dyn Fn(Outcome) -> bool| market.outcomes().into_iter().filter(|o| wins(*o)).count();
        match definition.reads {
            Reads::Number { wins, beyond, measure } => {
                let least = if measure(market).of == For::Lead { -40 } else { 0 };
                for number in least..=40 {
                    assert_eq!(count(&|outcome| wins(market, outcome, number)), winners, "{market} at {number}");
                }
                let from = beyond(market).max(0);
                for outcome in market.outcomes().into_iter().filter(|_| measure(market).of != For::Lead) {
                    for number in from..60 {
                        assert_eq!(
                            wins(market, outcome, number),
                            wins(market, outcome, number + 2),
                            "{market} {outcome}"
                        );
                    }
                }
            }
            Reads::Score { wins, beyond } | Reads::HalfScore { wins, beyond } => {
                let scores = || (0..14).flat_map(|home| (0..14).map(move |away| Score { home, away }));
                for score in scores() {
                    assert_eq!(count(&|outcome| wins(market, outcome, score)), winners, "{market} at {score:?}");
                }
                // What can still come about shows within one goal of the leader, or of `beyond`.
                for (now, outcome) in scores().flat_map(|now| market.outcomes().into_iter().map(move |o| (now, o))) {
                    let most = beyond(market).max(now.home).max(now.away) + 1;
                    let reached = scores().filter(|then| then.since(now).is_some());
                    let near = reached.clone().filter(|then| then.home.max(then.away) <= most);
                    let all = |mut ways: Box<dyn Iterator<Item = Score>>| {
                        let first = wins(market, outcome, now);
                        ways.all(|then| wins(market, outcome, then) == first)
                    };
                    if most < 13 {
                        let (near, far) = (near.collect::<Vec<_>>(), reached.collect::<Vec<_>>());
                        let same = all(Box::new(near.into_iter())) == all(Box::new(far.into_iter()));
                        assert!(same, "{market} {outcome} from {now:?}");
                    }
                }
            }
            Reads::Halves(wins) => {
                let scores = || (0..5).flat_map(|home| (0..5).map(move |away| Score { home, away }));
                for (first, second) in scores().flat_map(|first| scores().map(move |second| (first, second))) {
                    assert_eq!(count(&|outcome| wins(market, outcome, first, second)), winners, "{market}");
                }
            }
            Reads::KnockOut(result) => {
                for fate in Fate::ALL {
                    let results = market.outcomes().into_iter().map(|outcome| result(market, outcome, fate));
                    let won = results.clone().filter(|one| *one == crate::values::LegResult::Win).count();
                    let void = results.clone().filter(|one| *one == crate::values::LegResult::Void).count();
                    assert!(won == 1 && void == 0 || won == 0 && void == results.count(), "{market} {fate:?}");
                }
            }
            Reads::Line(_) => assert_eq!(market.outcomes().len(), 2, "{market}"),
            Reads::NthGoal | Reads::LastGoal | Reads::Race(_) | Reads::GoalWithin(_) => {}
        }
    }
}

#[test]
fn a_market_has_the_selections_that_it_lists_and_no_others() {
    let mut every: Vec<Outcome> = samples().into_iter().flat_map(MarketId::outcomes).collect();
    every.extend([Outcome::Score(9, 9), Outcome::Exactly(9), Outcome::AtLeast(9), Outcome::By(Side::Home, 0)]);
    every.extend([Outcome::By(Side::Away, 9), Outcome::ByAtLeast(Side::Home, 9), Outcome::ByAtLeast(Side::Away, 1)]);
    for market in samples() {
        for outcome in &every {
            assert_eq!(market.has(*outcome), market.outcomes().contains(outcome), "{market} {outcome}");
        }
    }
}

/// Whether the selection wins when the halves end so; `None` where more than that decides it, or the stake is split.
fn wins_at(market: MarketId, outcome: Outcome, first: Score, second: Score) -> Option<bool> {
    let end = Score { home: first.home + second.home, away: first.away + second.away };
    let counted = |part: Part| match part {
        Part::Match => end,
        Part::FirstHalf => first,
        Part::SecondHalf => second,
        Part::Since(base) => end.since(base).unwrap_or_default(),
    };
    let of_goals = |measure: Measure| (measure.what == What::Goals).then(|| measure.value(counted(measure.part)));
    Some(match market.definition().reads {
        Reads::Line(threshold) => {
            let threshold = threshold(market);
            let above = 4 * of_goals(threshold.measure)? - threshold.quarters;
            assert!(above.abs() >= 2, "{market} returns stakes");
            (above > 0) == (outcome == market.outcomes()[0])
        }
        Reads::Number { measure, wins, .. } => wins(market, outcome, of_goals(measure(market))?),
        Reads::Score { wins, .. } => wins(market, outcome, end),
        Reads::HalfScore { wins, .. } => wins(market, outcome, if market.first_number() == 1 { first } else { second }),
        Reads::Halves(wins) => wins(market, outcome, first, second),
        Reads::NthGoal | Reads::LastGoal | Reads::Race(_) | Reads::GoalWithin(_) | Reads::KnockOut(_) => return None,
    })
}

#[test]
fn an_easier_bet_wins_at_every_end_that_the_harder_one_wins_at() {
    let scores = || (0..5).flat_map(|home| (0..5).map(move |away| Score { home, away }));
    let none = Score::default();
    let moment = Moment {
        stage: Stage::PreMatch,
        minute: 0,
        score: none,
        half_time: None,
        corners: none,
        correct_score_max: 4,
        has_corners: true,
        has_cards: true,
        is_knock_out: true,
    };
    let mut pairs = 0;
    for market in MarketType::all().flat_map(|kind| kind.definition().shelf(&moment)).chain(samples()) {
        for outcome in market.outcomes() {
            for (easier, selection) in easier_bets(market, outcome, Score::default()) {
                assert!(easier.has(selection), "{easier} {selection}");
                assert_ne!(easier, market);
                for (first, second) in scores().flat_map(|first| scores().map(move |second| (first, second))) {
                    let Some(true) = wins_at(market, outcome, first, second) else { continue };
                    let told = format!("{market} {outcome} and {easier} {selection} at {first:?}, {second:?}");
                    assert_eq!(wins_at(easier, selection, first, second), Some(true), "{told}");
                    pairs += 1;
                }
            }
        }
    }
    assert!(pairs > 10_000, "{pairs} compared");
}
