//! Bets before the match, and every way in which one is refused.

use super::story::{decisions, tell, tell_with};
use super::world::dollars;
use crate::event::*;
use crate::values::*;

#[test]
fn a_bet_is_held_and_paid_when_it_wins() {
    tell(
        "deposit A7 10.00 -> done
         odds M1 1x2 1.900 3.400 4.500
         bet B6 A7 6.00 M1/1x2/home@1.900 -> accepted 1.900
         balance A7 -> 4.00 reserved 0.00 held 6.00
         bet B7 A7 6.00 M1/1x2/home@1.900 -> InsufficientFunds
         again B6 -> again accepted 1.900
         again B7 -> again InsufficientFunds
         fact M1 kickoff
         fact M1 goal home
         paid B6 -> open
         fact M1 whistle
         paid B6 -> 11.40 Win
         balance A7 -> 15.40 reserved 0.00 held 0.00
         again B6 -> again accepted 1.900",
    );
}

#[test]
fn the_better_price_stands_and_a_worse_one_never_does() {
    tell(
        "deposit A7 1000.00
         odds M1 1x2 1.900 3.400 4.500
         bet B1 A7 6.00 M1/1x2/home@1.850 -> accepted 1.900
         bet B2 A7 6.00 M1/1x2/home@1.910 -> PriceChanged leg 0 now 1.900
         bet B3 A7 6.00 M1/1x2/home@1.850 exact -> PriceChanged leg 0 now 1.900
         bet B4 A7 6.00 M1/1x2/home@1.900 exact -> accepted 1.900
         bet B5 A7 6.00 M1/1x2/home@2.000 any -> ConsentMissing leg 0 now 1.900
         bet B6 A7 6.00 M1/1x2/home@2.000 any consent -> accepted 1.900
         bet B7 A7 6.00 M1/1x2/home@1.850 any -> accepted 1.900",
    );
}

#[test]
fn a_price_that_moved_too_far_is_refused_under_every_policy() {
    // 2.00 asked: the jump begins below 1.71 and above 2.41.
    for policy in ["exact", "", "any consent"] {
        tell(&format!(
            "deposit A7 1000.00
             odds M1 1x2 2.420 3.400 4.500
             bet B1 A7 6.00 M1/1x2/home@2.000 {policy} -> PriceJump leg 0 now 2.420
             alert -> PriceJump
             odds M1 1x2 1.700 3.400 4.500
             bet B2 A7 6.00 M1/1x2/home@2.000 {policy} -> PriceJump leg 0 now 1.700"
        ));
    }
    tell(
        "deposit A7 1000.00
         odds M1 1x2 2.410 3.400 4.500
         bet B1 A7 6.00 M1/1x2/home@2.000 -> accepted 2.410
         odds M1 1x2 1.710 3.400 4.500
         bet B2 A7 6.00 M1/1x2/home@2.000 any consent -> accepted 1.710",
    );
}

#[test]
fn the_first_check_that_fails_is_named() {
    tell(
        "odds M1 1x2 2.000 3.400 4.500
         bet B1 A9 6.00 M1/1x2/home@2.000 -> AccountUnknown
         deposit A7 10.00
         bet B2 A7 6.00 M1/1x2/home@2.000 log-out -> SessionInvalid
         bet B3 A7 6.00 M1/1x2/home@2.000 lost -> LocationInvalid
         bet B4 A7 6.00 M1/1x2/home@2.000 elsewhere -> LicenceMismatch
         bet B5 A7 6.00 M1/1x2/home@2.000 eur -> CurrencyMismatch
         bet B6 A7 10.01 M1/1x2/home@2.000 -> InsufficientFunds
         bet B7 A7 6.00 M9/1x2/home@2.000 -> MatchUnknown leg 0
         bet B8 A7 6.00 M1/total:line=2.5/over@2.000 -> MarketUnknown leg 0
         bet B9 A7 6.00 M1/1x2/over@2.000 -> OutcomeUnknown leg 0
         bet C1 A7 6.00 M1/1x2/home@2.000 M9/1x2/home@2.000 -> MatchUnknown leg 1
         bet C2 A7 0.00 M1/1x2/home@2.000 -> InvalidStake
         bet C3 A7 6.00 -> TooManyLegs
         bet C4 A7 6.00 M1/1x2/home@2.000 M1/1x2/home@2.000 -> NotCombinable leg 1
         balance A7 -> 10.00 reserved 0.00 held 0.00",
    );
}

#[test]
fn what_is_not_on_offer_is_not_sold() {
    tell(
        "deposit A7 1000.00
         odds M1 1x2 2.000 3.400 4.500
         hold M1 trader
         bet B1 A7 6.00 M1/1x2/home@2.000 -> MarketSuspended leg 0
         lift M1 trader
         bet B2 A7 6.00 M1/1x2/home@2.000 -> accepted 2.000
         outcome M1 1x2 home Withheld
         bet B3 A7 6.00 M1/1x2/home@2.000 -> OutcomeNotOffered leg 0
         outcome M1 1x2 home Closed
         bet B4 A7 6.00 M1/1x2/home@2.000 -> PastPosted leg 0
         bet B5 A7 6.00 M1/1x2/draw@3.400 -> accepted 3.400
         market M1 1x2 Inactive
         bet B6 A7 6.00 M1/1x2/draw@3.400 -> MarketNotActive leg 0
         market M1 1x2 Settled
         bet B7 A7 6.00 M1/1x2/draw@3.400 -> MarketNotActive leg 0
         fact M1 whistle
         bet B8 A7 6.00 M1/1x2/draw@3.400 -> MatchOver leg 0",
    );
}

#[test]
fn what_the_facts_decide_already_is_past_posted_even_while_it_is_offered() {
    tell(
        "deposit A7 1000.00
         odds M1 total:line=0.5 2.000 1.800
         fact M1 kickoff
         fact M1 scouted-goal home
         at 10
         bet B1 A7 6.00 M1/total:line=0.5/over@2.000 -> PastPosted leg 0
         bet B2 A7 6.00 M1/total:line=0.5/under@1.800 -> PastPosted leg 0",
    );
}

#[test]
fn stakes_and_payouts_have_their_sizes() {
    tell(
        "deposit A7 1000000.00
         odds M1 1x2 2.000 3.400 600.000
         bet B1 A7 0.99 M1/1x2/home@2.000 -> StakeBelowMinimum at most 1000000
         bet B2 A7 1.00 M1/1x2/home@2.000 -> accepted 2.000
         bet B3 A7 10000.01 M1/1x2/home@2.000 -> StakeAboveMaximum at most 1000000
         bet B4 A7 10000.00 M1/1x2/home@2.000 -> accepted 2.000
         # 500,000.00 / 600 = 833.33 and a third: one cent more would pay above the cap.
         bet B5 A7 833.34 M1/1x2/away@600.000 -> PayoutAboveMaximum at most 83333
         bet B6 A7 833.33 M1/1x2/away@600.000 -> accepted 600.000",
    );
}

#[test]
fn stale_market_data_refuses_and_never_says_unknown() {
    tell(
        "deposit A7 1000.00
         odds M1 1x2 2.000 3.400 4.500
         hang
         at 2.000
         bet B1 A7 6.00 M1/1x2/home@2.000 -> accepted 2.000
         at 2.001
         bet B2 A7 6.00 M1/1x2/home@2.000 -> MarketDataStale leg 0
         bet B3 A7 6.00 M9/1x2/home@2.000 -> MarketDataStale leg 0
         recover
         bet B4 A7 6.00 M1/1x2/home@2.000 -> accepted 2.000
         bet B5 A7 6.00 M9/1x2/home@2.000 -> MatchUnknown leg 0",
    );
}

#[test]
fn a_hole_in_the_chain_of_versions_stops_the_match() {
    tell(
        "deposit A7 1000.00
         odds M1 1x2 2.000 3.400 4.500
         odds M2 1x2 2.000 3.400 4.500
         gap M1
         alert -> Integrity
         bet B1 A7 6.00 M1/1x2/home@2.000 -> MarketDataStale leg 0
         bet B2 A7 6.00 M2/1x2/home@2.000 -> accepted 2.000",
    );
}

#[test]
fn an_id_is_judged_once() {
    tell(
        "deposit A7 20.00
         odds M1 1x2 2.000 3.400 4.500
         bet B1 A7 6.00 M1/1x2/home@2.000 -> accepted 2.000
         bet B1 A7 7.00 M1/1x2/home@2.000 -> DuplicateConflict
         bet B2 A7 50.00 M1/1x2/home@2.000 -> InsufficientFunds
         deposit A7 100.00
         again B2 -> again InsufficientFunds
         at 60
         # Far beyond the ten minutes of an id, an open bet still answers.
         at 1800
         again B1 -> again accepted 2.000
         again B2 -> StaleCommand
         # The record that moved the clock on forgot B2; B1 settled is forgotten too.
         fact M1 whistle
         paid B1 -> 0.00 Lose
         again B1 -> StaleCommand
         balance A7 -> 114.00 reserved 0.00 held 0.00",
    );
}

#[test]
fn an_id_too_early_or_too_late_is_stale_for_ever() {
    tell(
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         bet B1 A7 6.00 M1/1x2/home@2.000 made=600 -> accepted 2.000
         bet B2 A7 6.00 M1/1x2/home@2.000 made=600.001 -> StaleCommand
         bet B3 A7 6.00 M1/1x2/home@2.000 made=-5 -> accepted 2.000
         bet B4 A7 6.00 M1/1x2/home@2.000 made=-5.001 -> StaleCommand
         bet B5 A7 6.00 M1/1x2/home@2.000 made=-9000 -> StaleCommand
         at 1
         # A duplicate of the record must not be accepted behind the refusal's back.
         again B4 -> again StaleCommand",
    );
}

#[test]
fn a_resend_that_lay_in_a_backlog_meets_the_memory_of_its_time() {
    let mut story = tell(
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         bet B1 A7 6.00 M1/1x2/home@2.000 -> accepted 2.000
         at 1
         fact M1 whistle
         paid B1 -> 0.00 Lose
         at 7200",
    );
    // Appended a second after the first, read two hours later.
    let again = story.world.requests["B1"].clone();
    let mut record = story.world.bet_record(again);
    record.append_time = super::world::START + Millis::from_seconds(1);
    story.world.batch(vec![record]);
    story.line("answer B1 -> accepted 2.000");
    story.line("balance A7 -> 94.00 reserved 0.00 held 0.00");
}

#[test]
fn a_bet_too_old_at_its_first_judgement_is_refused() {
    tell(
        "deposit A7 100.00
         odds M1 1x2 2.000 3.400 4.500
         at 100
         bet B1 A7 6.00 M1/1x2/home@2.000 aged=60 -> accepted 2.000
         at 200
         bet B2 A7 6.00 M1/1x2/home@2.000 aged=60.001 -> TimeElapsed
         again B2 -> again TimeElapsed",
    );
}

#[test]
fn accounts_open_once_and_deposits_count_once() {
    let mut story = tell("open A7 -> done");
    let usd = Currency::parse("USD").unwrap();
    let mut send = |command: AccountCommand| {
        let record = story.world.account_record(command);
        story.world.batch(vec![record]);
        let answers = decisions(&story.world).map(|decision| (decision.repeated, decision.verdict.clone()));
        let answers = answers.collect::<Vec<_>>();
        assert_eq!(answers.len(), 1);
        match &answers[0] {
            (repeated, Verdict::Done) => format!("{repeated} done"),
            (repeated, Verdict::Refused(refusal)) => format!("{repeated} {}", refusal.reason.name()),
            other => panic!("{other:?}"),
        }
    };
    let account = |name: &str| AccountId::parse(name).unwrap();
    let id = |chance| CommandId::from_parts(super::world::START, chance).unwrap();
    let deposit = |chance, name: &str, amount: &str, currency| AccountCommand {
        command_id: id(chance),
        account: account(name),
        action: AccountAction::Deposit { amount: dollars(amount), currency },
    };
    assert_eq!(send(deposit(900, "A7", "5.00", usd)), "false done");
    assert_eq!(send(deposit(900, "A7", "5.00", usd)), "true done");
    assert_eq!(send(deposit(900, "A7", "6.00", usd)), "false DuplicateConflict");
    assert_eq!(send(deposit(901, "A8", "5.00", usd)), "false AccountUnknown");
    assert_eq!(send(deposit(901, "A8", "5.00", usd)), "true AccountUnknown");
    assert_eq!(send(deposit(902, "A7", "0.00", usd)), "false InvalidStake");
    assert_eq!(send(deposit(903, "A7", "-1.00", usd)), "false InvalidStake");
    assert_eq!(send(deposit(904, "A7", "5.00", Currency::parse("EUR").unwrap())), "false CurrencyMismatch");
    let huge = AccountAction::Deposit { amount: Money::MAX, currency: usd };
    let huge = AccountCommand { command_id: id(905), account: account("A7"), action: huge };
    assert_eq!(send(huge), "false LedgerOverflow");
    let opening = AccountAction::Open(OpenAccount {
        currency: usd,
        licence: LicenceId::parse("US-NJ").unwrap(),
        birth_date: Date::new(1990, 1, 1).unwrap(),
        identity: Identity { status: IdentityStatus::Verified, expires: Date::new(2030, 1, 1).unwrap() },
    });
    let opening = AccountCommand { command_id: id(906), account: account("A7"), action: opening };
    assert_eq!(send(opening), "false AccountExists");
    story.line("balance A7 -> 5.00 reserved 0.00 held 0.00");
}

#[test]
fn customers_are_of_age_known_and_where_they_say() {
    let cases = [
        ("2005-05-30", IdentityStatus::Verified, "2030-01-01", "UnderAge"),
        ("2005-05-27", IdentityStatus::Verified, "2030-01-01", "accepted"),
        ("1990-01-01", IdentityStatus::Unverified, "2030-01-01", "IdentityUnverified"),
        ("1990-01-01", IdentityStatus::Failed, "2030-01-01", "IdentityUnverified"),
        ("1990-01-01", IdentityStatus::Verified, "2026-05-27", "IdentityExpired"),
        ("1990-01-01", IdentityStatus::Verified, "2026-05-28", "accepted"),
    ];
    assert_eq!(super::world::START.date().to_string(), "2026-05-28", "the day of these stories");
    for (birth, status, expires, expected) in cases {
        let mut story = tell("odds M1 1x2 2.000 3.400 4.500");
        let action = AccountAction::Open(OpenAccount {
            currency: Currency::parse("USD").unwrap(),
            licence: LicenceId::parse("US-NJ").unwrap(),
            birth_date: Date::parse(birth).unwrap(),
            identity: Identity { status, expires: Date::parse(expires).unwrap() },
        });
        let command = story.world.account_command("A1", action);
        let record = story.world.account_record(command);
        story.world.batch(vec![record]);
        story.world.deposit("A1", dollars("10.00"));
        let said = if expected == "accepted" { "accepted 2.000" } else { expected };
        story.line(&format!("bet B1 A1 5.00 M1/1x2/home@2.000 -> {said}"));
    }
}

#[test]
fn a_licence_that_is_not_listed_permits_nothing() {
    let mut settings = Settings::default();
    settings.licences.clear();
    tell_with(
        settings,
        "deposit A7 10.00
         odds M1 1x2 2.000 3.400 4.500
         bet B1 A7 5.00 M1/1x2/home@2.000 -> NotPermittedHere",
    );
}

#[test]
fn what_is_full_says_so_and_settles_all_the_same() {
    let mut settings = Settings::default();
    settings.limits.max_open_bets = 2;
    settings.limits.max_accounts = 1;
    let mut story = tell_with(
        settings,
        "deposit A7 100.00
         open A8 -> CapacityReached
         odds M1 1x2 2.000 3.400 4.500
         bet B1 A7 5.00 M1/1x2/home@2.000 -> accepted 2.000
         bet B2 A7 5.00 M1/1x2/home@2.000 -> accepted 2.000
         bet B3 A7 5.00 M1/1x2/home@2.000 -> CapacityReached
         again B3 -> again CapacityReached
         alert -> CapacityReached
         fact M1 kickoff
         fact M1 goal home
         fact M1 whistle
         paid B2 -> 10.00 Win
         odds M2 1x2 2.000 3.400 4.500
         bet B4 A7 5.00 M2/1x2/home@2.000 -> accepted 2.000",
    );
    let mut settings = story.world.settings.clone();
    settings.limits.max_remembered_ids = 1;
    story = tell_with(settings, "open A7 -> done");
    story.line("bet B1 A7 5.00 M1/1x2/home@2.000 -> CapacityReached");
    // It could not be remembered, so it is never judged: the customer read a refusal.
    story.line("again B1 -> StaleCommand");
}

#[test]
fn a_deposit_made_too_early_stays_refused() {
    let mut story = tell("open A7 -> done");
    let deposit = AccountCommand {
        command_id: CommandId::from_parts(super::world::START + Millis::new(5_001), 900).unwrap(),
        account: AccountId::parse("A7").unwrap(),
        action: AccountAction::Deposit { amount: dollars("5.00"), currency: Currency::parse("USD").unwrap() },
    };
    for (at, expected_repeat) in [("at 0", false), ("at 10", true)] {
        story.line(at);
        let record = story.world.account_record(deposit.clone());
        story.world.batch(vec![record]);
        let answers = decisions(&story.world).map(|one| (one.repeated, one.verdict.clone())).collect::<Vec<_>>();
        assert_eq!(answers.len(), 1);
        let (repeated, Verdict::Refused(refusal)) = &answers[0] else { panic!("{answers:?}") };
        assert_eq!((*repeated, refusal.reason), (expected_repeat, RejectReason::StaleCommand));
    }
    story.line("balance A7 -> 0.00 reserved 0.00 held 0.00");
}
