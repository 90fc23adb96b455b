//! Anything that may be said, made at random: the material of the wire's properties.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use touchline::event::*;
use touchline::values::*;

const LAST_MS: i64 = 253_402_300_799_999;

macro_rules! ids {
    ($($function:ident -> $kind:ident = $pattern:literal;)*) => {
        $(fn $function() -> impl Strategy<Value = $kind> {
            $pattern.prop_map(|text| $kind::parse(&text).unwrap())
        })*
    };
}

ids! {
    match_id -> MatchId = "[A-Za-z0-9._:-]{1,64}";
    account -> AccountId = "[A-Za-z0-9._:-]{1,64}";
    producer -> ProducerId = "[A-Za-z0-9._:-]{1,64}";
    competition -> CompetitionId = "[A-Za-z0-9._:-]{1,64}";
    licence -> LicenceId = "[A-Za-z0-9._:-]{1,32}";
    fact_id -> FactId = "[A-Za-z0-9._:/-]{1,128}";
}

/// Non-empty text of any characters, at most 256 bytes.
fn text() -> impl Strategy<Value = Text> {
    vec(any::<char>(), 1..64).prop_map(|characters| Text::parse(&characters.into_iter().collect::<String>()).unwrap())
}

fn any_time() -> impl Strategy<Value = Time> {
    any::<i64>().prop_map(Time::from_ms)
}

/// A time that the door lets in.
fn moment() -> impl Strategy<Value = Time> {
    (1..=LAST_MS).prop_map(Time::from_ms)
}

fn command_id() -> impl Strategy<Value = CommandId> {
    (0..1_i64 << 48, any::<u128>()).prop_map(|(ms, chance)| CommandId::from_parts(Time::from_ms(ms), chance).unwrap())
}

fn bet_id() -> impl Strategy<Value = BetId> {
    command_id().prop_map(|id| BetId::from_bits(id.bits()).unwrap())
}

fn currency() -> impl Strategy<Value = Currency> {
    select(Currency::all().collect::<Vec<_>>())
}

fn money() -> impl Strategy<Value = Money> {
    any::<i64>().prop_map(Money::from_minor)
}

fn positive() -> impl Strategy<Value = Money> {
    (1..=i64::MAX).prop_map(Money::from_minor)
}

fn billionths() -> impl Strategy<Value = Billionths> {
    any::<i64>().prop_map(Billionths::from_raw)
}

fn price() -> impl Strategy<Value = Price> {
    prop_oneof![
        (1_001..=1_000_000_u32).prop_map(|odds| Price::decimal_thousandths(odds).unwrap()),
        (100..=100_000_i32).prop_map(|odds| Price::american(odds).unwrap()),
        (100..=100_000_i32).prop_map(|odds| Price::american(-odds).unwrap()),
    ]
}

fn date() -> impl Strategy<Value = Date> {
    (0..=9999_i32, 1..=12_u8, 1..=28_u8).prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

fn side() -> impl Strategy<Value = Side> {
    select(vec![Side::Home, Side::Away])
}

fn period() -> impl Strategy<Value = Period> {
    use Period::*;
    select(vec![
        PreMatch,
        FirstHalf,
        HalfTime,
        SecondHalf,
        BeforeExtraTime,
        ExtraFirstHalf,
        ExtraSecondHalf,
        ShootOut,
        Over,
    ])
}

fn clock() -> impl Strategy<Value = MatchClock> {
    (period(), any::<u32>(), option::of(any::<u8>())).prop_map(|(period, elapsed, stoppage)| MatchClock {
        period,
        elapsed: Millis::new(i64::from(elapsed)),
        stoppage_announced_minutes: stoppage,
    })
}

fn fixture() -> impl Strategy<Value = Fixture> {
    let scope = (option::of(-99_i8..=99), any::<bool>(), any::<bool>());
    let scope = scope.prop_map(|(knock_out, corners, cards)| Scope { knock_out, corners, cards });
    (1..=u32::MAX, text(), text(), competition(), moment(), 0..=i64::MAX, 0..=i64::MAX, scope).prop_map(
        |(revision, home, away, competition, kick_off, lambda, mu, scope)| Fixture {
            revision,
            home,
            away,
            competition,
            kick_off,
            expectation: Expectation::Rates { home: Billionths::from_raw(lambda), away: Billionths::from_raw(mu) },
            scope,
        },
    )
}

fn window() -> impl Strategy<Value = BetWindow> {
    (option::of(any::<i64>()), option::of(any::<i64>())).prop_map(|(from, to)| {
        let (from, to) = match (from, to) {
            (Some(one), Some(other)) if one == other => (Some(one), None),
            (Some(one), Some(other)) => (Some(one.min(other)), Some(one.max(other))),
            open => open,
        };
        BetWindow { from: from.map(Time::from_ms), to: to.map(Time::from_ms) }
    })
}

/// What a desk may rule.
fn ruling() -> impl Strategy<Value = FactBody> {
    prop_oneof![
        fact_id().prop_map(FactBody::Confirmed),
        fact_id().prop_map(FactBody::Rollback),
        fact_id().prop_map(FactBody::RollbackCancel),
        (window(), text(), option::of(text())).prop_map(|(window, reason, approval_ref)| FactBody::Cancel {
            window,
            reason,
            approval_ref
        }),
    ]
}

fn fact_body() -> impl Strategy<Value = FactBody> {
    let bare = select(vec![
        FactBody::FinalWhistle,
        FactBody::ClockTick,
        FactBody::NoGoal,
        FactBody::PlayRestarted,
        FactBody::NoRedCard,
        FactBody::NoCard,
        FactBody::DangerOver,
        FactBody::ReviewStart,
        FactBody::ReviewEnd,
        FactBody::Interruption,
        FactBody::Resumed,
        FactBody::Abandoned,
    ]);
    let of_side = select(vec![
        FactBody::PenaltyAwarded as fn(Side) -> FactBody,
        FactBody::PenaltyMissed,
        FactBody::PenaltyCancelled,
        FactBody::PenaltyRetaken,
        FactBody::YellowCard,
        FactBody::CornerAwarded,
        FactBody::CornerTaken,
        FactBody::CornerRetracted,
        FactBody::DangerousFreeKick,
    ]);
    let of_a_side_perhaps = select(vec![
        FactBody::PossibleGoal as fn(Option<Side>) -> FactBody,
        FactBody::PossibleRedCard,
        FactBody::PossibleCard,
    ]);
    prop_oneof![
        fixture().prop_map(FactBody::Fixture),
        period().prop_map(FactBody::PeriodStart),
        period().prop_map(FactBody::PeriodEnd),
        bare,
        (of_side, side()).prop_map(|(kind, side)| kind(side)),
        (of_a_side_perhaps, option::of(side())).prop_map(|(kind, side)| kind(side)),
        (side(), any::<bool>()).prop_map(|(side, own_goal)| FactBody::Goal { side, own_goal }),
        (side(), any::<bool>()).prop_map(|(side, second_yellow)| FactBody::RedCard { side, second_yellow }),
        ruling(),
    ]
}

/// A fact that the feed may bring.
fn fact() -> impl Strategy<Value = Fact> {
    let certainty = select(vec![Certainty::Scouted, Certainty::Confirmed]);
    let clock = option::of(clock());
    let supersedes = option::of(fact_id());
    (fact_id(), match_id(), producer(), 1..=u64::MAX, moment(), certainty, supersedes, clock, fact_body()).prop_map(
        |(id, match_id, producer, sequence, source_at, certainty, supersedes, clock, body)| Fact {
            id,
            match_id,
            producer,
            sequence,
            source_at,
            certainty,
            supersedes,
            clock,
            body,
        },
    )
}

/// A record of `feed.v1`.
pub(super) fn feed_message() -> impl Strategy<Value = FeedMessage> {
    prop_oneof![
        6 => fact().prop_map(FeedMessage::Fact),
        1 => (producer(), any::<u64>(), moment()).prop_map(|(producer, sequence, source_at)| {
            FeedMessage::Heartbeat(Heartbeat { producer, sequence, source_at })
        }),
        1 => (producer(), text(), moment()).prop_map(|(producer, request_id, source_at)| {
            FeedMessage::SnapshotComplete(SnapshotComplete { producer, request_id, source_at })
        }),
    ]
}

/// A record of `trading-commands.v1`.
pub(super) fn trading_command() -> impl Strategy<Value = TradingCommand> {
    let action = prop_oneof![
        Just(TradingAction::Suspend),
        Just(TradingAction::Resume),
        ruling().prop_map(TradingAction::Rule),
        overriding().prop_map(TradingAction::Override),
    ];
    (command_id(), match_id(), text(), action).prop_map(|(command_id, match_id, actor, action)| TradingCommand {
        command_id,
        match_id,
        actor,
        action,
    })
}

/// Inputs in place of the fixture's, at least one.
fn overriding() -> impl Strategy<Value = Override> {
    let within = |[least, most]: [Billionths; 2]| (least.raw()..=most.raw()).prop_map(Billionths::from_raw);
    let multiplier = move || option::of(within(Override::MULTIPLIER_BOUNDS));
    let rates = (within(Override::RATE_BOUNDS), within(Override::RATE_BOUNDS));
    let expected = (within(Override::TOTAL_BOUNDS), within(Override::SUPREMACY_BOUNDS));
    let strength = option::of(prop_oneof![
        rates.prop_map(|(home, away)| Strength::Rates { home, away }),
        expected.prop_map(|(total, supremacy)| Strength::Expectancies { total, supremacy }),
    ]);
    let most = Override::LINE_OFFSET_MAX;
    let families = ["total:line=0", "team_total:line=0,side=away", "handicap_rest:base=0:0,line=0"];
    let offset = move |family: &str, quarters| LineOffset { family: MarketId::parse(family).unwrap(), quarters };
    let line_offsets = vec(-most..=most, 0..=3).prop_map(move |offsets| {
        families.into_iter().zip(offsets).map(|(family, quarters)| offset(family, quarters)).collect::<Vec<_>>()
    });
    (any::<bool>(), multiplier(), multiplier(), strength, option::of(within(Override::RHO_BOUNDS)), line_offsets)
        .prop_map(|(clear, home_multiplier, away_multiplier, strength, rho, line_offsets)| Override {
            clear,
            home_multiplier,
            away_multiplier,
            strength,
            rho,
            line_offsets,
        })
        .prop_filter("says something", |asked| *asked != Override::default())
}

/// A record of `account-commands.v1`.
pub(super) fn account_command() -> impl Strategy<Value = AccountCommand> {
    let status = select(vec![IdentityStatus::Unverified, IdentityStatus::Verified, IdentityStatus::Failed]);
    let open =
        (currency(), licence(), date(), status, date()).prop_map(|(currency, licence, birth_date, status, expires)| {
            AccountAction::Open(OpenAccount { currency, licence, birth_date, identity: Identity { status, expires } })
        });
    let deposit = (positive(), currency()).prop_map(|(amount, currency)| AccountAction::Deposit { amount, currency });
    (command_id(), account(), prop_oneof![open, deposit, account_rule()])
        .prop_map(|(command_id, account, action)| AccountCommand { command_id, account, action })
}

fn account_rule() -> impl Strategy<Value = AccountAction> {
    use AccountStatus::{Active, Closed, Frozen, Prohibited, Suspended};
    use LimitKind::{
        DepositPerDay, DepositPerMonth, DepositPerWeek, LossPerDay, LossPerMonth, LossPerWeek, SingleStake,
    };
    let status = select(vec![Active, Suspended, Closed, Frozen, Prohibited]);
    let limit = || {
        select(vec![SingleStake, LossPerDay, LossPerWeek, LossPerMonth, DepositPerDay, DepositPerWeek, DepositPerMonth])
    };
    let most = option::of((0..=i64::MAX).prop_map(Money::from_minor));
    prop_oneof![
        (status, text(), text()).prop_map(|(status, actor, reason)| AccountAction::SetStatus { status, actor, reason }),
        moment().prop_map(|until| AccountAction::SelfExclude { until }),
        moment().prop_map(|until| AccountAction::TimeOut { until }),
        (limit(), most, currency()).prop_map(|(limit, amount, currency)| AccountAction::SetLimit {
            limit,
            amount,
            currency
        }),
        limit().prop_map(|limit| AccountAction::ReaffirmLimit { limit }),
    ]
}

fn market_id() -> impl Strategy<Value = MarketId> {
    let line = || any::<i16>().prop_map(QuarterLine::from_quarters);
    let score = (any::<u16>(), any::<u16>()).prop_map(|(home, away)| Score { home, away });
    prop_oneof![
        select(vec![
            MarketId::MATCH_RESULT,
            MarketId::DOUBLE_CHANCE,
            MarketId::DRAW_NO_BET,
            MarketId::BOTH_TEAMS_TO_SCORE,
        ]),
        line().prop_map(MarketId::total),
        (side(), line()).prop_map(|(side, line)| MarketId::team_total(side, line)),
        line().prop_map(MarketId::handicap),
        (score, line()).prop_map(|(score, line)| MarketId::handicap_rest(score, line)),
        (1..=CORRECT_SCORE_MAX).prop_map(MarketId::correct_score),
        (1..=u8::MAX).prop_map(MarketId::next_goal),
    ]
    .prop_filter("a line that has a text form", |id| MarketId::parse(&id.to_string()) == Some(*id))
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let words = select(vec![
        Outcome::Home,
        Outcome::Draw,
        Outcome::Away,
        Outcome::Over,
        Outcome::Under,
        Outcome::HomeOrDraw,
        Outcome::HomeOrAway,
        Outcome::DrawOrAway,
        Outcome::Yes,
        Outcome::No,
        Outcome::NoGoal,
        Outcome::OtherHome,
        Outcome::OtherDraw,
        Outcome::OtherAway,
    ]);
    prop_oneof![words, (0..=9_u8, 0..=9_u8).prop_map(|(home, away)| Outcome::Score(home, away))]
}

fn leg() -> impl Strategy<Value = LegRequest> {
    (match_id(), market_id(), outcome(), price(), any::<u64>()).prop_map(
        |(match_id, market, outcome, price, seen_version)| LegRequest {
            match_id,
            market,
            outcome,
            price,
            seen_version,
        },
    )
}

/// A record of `commands.v1`.
pub(super) fn bet() -> impl Strategy<Value = PlaceBet> {
    let policy = select(vec![PricePolicy::Exact, PricePolicy::Better, PricePolicy::Any]);
    let who = (bet_id(), account(), positive(), currency());
    let what = (vec(leg(), 1..=LEGS_MAX), policy, option::of(text()));
    let session = (text(), moment()).prop_map(|(id, expires_at)| Session { id, expires_at });
    let location = (text(), licence(), moment(), moment())
        .prop_map(|(id, licence, issued_at, expires_at)| LocationProof { id, licence, issued_at, expires_at });
    let shown = (option::of(text()), option::of(text()), option::of(text()), option::of(text()))
        .prop_map(|(displayed, channel, device, address)| WagerText { displayed, channel, device, address });
    (who, what, session, location, shown).prop_map(|(who, what, session, location, text)| {
        let (bet_id, account, stake, currency) = who;
        let (legs, price_policy, odds_consent) = what;
        let fingerprint = Hash::ZERO;
        let mut bet = PlaceBet {
            bet_id,
            account,
            stake,
            currency,
            legs,
            price_policy,
            odds_consent,
            session,
            location,
            text,
            fingerprint,
        };
        bet.fingerprint = bet.fingerprint_of();
        bet
    })
}

fn outcome_state() -> impl Strategy<Value = OutcomeState> {
    use OutcomeStatus::*;
    let status = select(vec![Offered, Withheld, Closed, Won, Lost, Void, HalfWon, HalfLost]);
    (outcome(), status, price(), option::of(billionths())).prop_map(|(outcome, status, price, fair)| OutcomeState {
        outcome,
        status,
        price: (status == Offered).then_some(price),
        fair,
    })
}

fn market_state() -> impl Strategy<Value = MarketState> {
    use MarketStatus::*;
    let status = select(vec![Active, Suspended, Inactive, Settled, Cancelled]);
    (market_id(), status, any::<u8>(), any::<u64>(), vec(outcome_state(), 0..4)).prop_map(
        |(id, status, owners, price_version, outcomes)| MarketState {
            id,
            status,
            owners: Owners(owners),
            price_version,
            outcomes,
        },
    )
}

fn model_used() -> impl Strategy<Value = ModelUsed> {
    // A factor of nothing is one that was not told.
    let multiplier = || (1..=i64::MAX).prop_map(Billionths::from_raw);
    (billionths(), billionths(), billionths(), multiplier(), multiplier(), any::<u64>()).prop_map(
        |(home_rate, away_rate, rho, home_multiplier, away_multiplier, inputs_version)| ModelUsed {
            home_rate,
            away_rate,
            rho,
            home_multiplier,
            away_multiplier,
            inputs_version,
        },
    )
}

/// An update of `markets.v1`.
pub(super) fn match_update() -> impl Strategy<Value = MatchUpdate> {
    let phase = select(vec![MatchPhase::PreMatch, MatchPhase::InPlay, MatchPhase::Over]);
    let model = option::of(model_used());
    let head = (match_id(), 1..=u64::MAX, any_time(), phase, period(), option::of(clock()));
    let score = (any::<u16>(), any::<u16>(), any::<(u8, u8)>());
    (head, score, fixture(), model, vec(market_state(), 0..5), vec(fact(), 0..3)).prop_map(
        |(head, score, fixture, model, markets, facts)| {
            let (match_id, version, through, phase, period, clock) = head;
            MatchUpdate {
                match_id,
                version,
                through,
                phase,
                period,
                clock,
                score: Score { home: score.0, away: score.1 },
                reds: score.2,
                fixture,
                model,
                markets,
                facts,
            }
        },
    )
}

fn input_ref() -> impl Strategy<Value = InputRef> {
    use Topic::*;
    (select(vec![TradingCommands, Feed, Markets, AccountCommands, Commands]), any::<u32>(), any::<u64>())
        .prop_map(|(topic, partition, offset)| InputRef { topic, partition, offset })
}

fn reason() -> impl Strategy<Value = RejectReason> {
    select(RejectReason::ALL)
}

fn accepted_bet() -> impl Strategy<Value = AcceptedBet> {
    let leg = (leg(), price(), any::<(u64, u64, u32)>(), any_time(), option::of(billionths()), any::<bool>()).prop_map(
        |(request, price, (match_version, price_version, fixture_revision), fact_at, fair, in_play)| AcceptedLeg {
            request,
            price,
            match_version,
            price_version,
            fixture_revision,
            fact_at,
            fair,
            in_play,
        },
    );
    (bet(), vec(leg, 1..5), any_time(), any_time(), any::<i64>(), licence(), any::<u32>(), money()).prop_map(
        |(request, legs, placed_at, accepted_at, delay, licence, rule_set, potential_return)| AcceptedBet {
            request: Box::new(request),
            legs,
            placed_at,
            accepted_at,
            delay: Millis::new(delay),
            licence,
            rule_set,
            potential_return,
        },
    )
}

fn verdict() -> impl Strategy<Value = Verdict> {
    use Stage::*;
    let stage = select(vec![Authenticity, Account, Balance, Market, Risk, Ledger]);
    let refusal = (reason(), stage, option::of(any::<u8>()), option::of(price()), option::of(money())).prop_map(
        |(reason, stage, leg, current_price, max_stake)| {
            let detail = "legs[0].market: not a market".to_owned();
            Refusal { reason, stage, leg, current_price, max_stake, detail }
        },
    );
    prop_oneof![
        any_time().prop_map(|decide_at| Verdict::Pending { decide_at }),
        accepted_bet().prop_map(|bet| Verdict::Accepted(Box::new(bet))),
        Just(Verdict::Done),
        refusal.prop_map(Verdict::Refused),
    ]
}

fn settlement() -> impl Strategy<Value = BetSettlement> {
    use LegResult::*;
    use SettlementKind::{HeldForApproval, LateAccepted, Released, Reopened, Settled};
    let kind = select(vec![Settled, Reopened, HeldForApproval, Released, LateAccepted]);
    let about = (any::<u8>(), fact_id()).prop_map(|(leg, fact)| LegFact { leg, fact });
    let results = vec(option::of(select(vec![Lose, Win, Void, HalfWin, HalfLose])), 0..=LEGS_MAX);
    let versions = vec(any::<u64>(), 0..=LEGS_MAX);
    let rest = (option::of(fact_id()), any::<bool>(), option::of(about));
    (bet_id(), account(), any::<u32>(), kind, money(), money(), results, versions, rest).prop_map(
        |(bet_id, account, version, kind, stake, returned, legs, decided_by, rest)| BetSettlement {
            bet_id,
            account,
            version,
            kind,
            stake,
            returned,
            legs,
            decided_by,
            cancelled_by: rest.0,
            negative_balance: rest.1,
            about: rest.2,
        },
    )
}

fn transfer() -> impl Strategy<Value = Transfer> {
    let id = || any::<(u64, u8)>().prop_map(|(posting, index)| TransferId { posting, index });
    let kind = prop_oneof![
        Just(TransferKind::Posted),
        Just(TransferKind::Pending),
        id().prop_map(TransferKind::PostPending),
        id().prop_map(TransferKind::VoidPending),
    ];
    let house = select(vec![HouseAccount::Stakes, HouseAccount::Payouts, HouseAccount::DepositsClearing]);
    let purse = select(vec![Purse::Cash, Purse::Held]);
    let side = prop_oneof![
        (account(), purse).prop_map(|(account, purse)| LedgerAccount::Customer(account, purse)),
        house.prop_map(LedgerAccount::House),
    ]
    .boxed();
    (id(), kind, side.clone(), side, money()).prop_map(|(id, kind, from, to, amount)| Transfer {
        id,
        kind,
        from,
        to,
        amount,
    })
}

fn posting() -> impl Strategy<Value = Posting> {
    use PostingEvent::*;
    let event = select(vec![Deposit, BetWaits, BetRefused, BetAccepted, BetSettled, BetReopened]);
    let head = (any::<u64>(), account(), licence(), currency(), event);
    let why = (option::of(bet_id()), option::of(command_id()), option::of(any::<u32>()), option::of(input_ref()));
    let balances = (money(), money(), money()).prop_map(|(cash, reserved, held)| Balances { cash, reserved, held });
    (head, why, vec(transfer(), 0..6), balances).prop_map(|(head, why, transfers, balances)| Posting {
        id: head.0,
        account: head.1,
        licence: head.2,
        currency: head.3,
        event: head.4,
        bet_id: why.0,
        command_id: why.1,
        settlement_version: why.2,
        cause: why.3,
        transfers,
        balances,
    })
}

fn alert() -> impl Strategy<Value = Alert> {
    use AlertKind::*;
    let kind = select(vec![
        ProducerSilent,
        FeedGap,
        IncidentUnresolved,
        FactConflict,
        PriceJump,
        NegativeBalance,
        Integrity,
        NoPrice,
        CapacityReached,
    ]);
    (kind, any::<String>(), any::<String>()).prop_map(|(kind, subject, detail)| Alert { kind, subject, detail })
}

fn image_of(update: MatchUpdate) -> MarketImage {
    MarketImage { update: MatchUpdate { facts: Vec::new(), ..update } }
}

fn results_of(update: MatchUpdate) -> MatchResults {
    let market = |market: &MarketState| MarketResults {
        id: market.id,
        status: market.status,
        outcomes: market.outcomes.iter().map(|outcome| (outcome.outcome, outcome.status)).collect(),
    };
    let markets = update.markets.iter().map(market).collect();
    let MatchUpdate { match_id, version, phase, score, .. } = update;
    MatchResults { match_id, version, phase, score, markets }
}

/// Anything that a machine may say.
pub(super) fn output() -> impl Strategy<Value = Output> {
    let decision = (account(), command_id(), input_ref(), any::<bool>(), verdict()).prop_map(
        |(account, command_id, cause, repeated, verdict)| Decision { account, command_id, cause, repeated, verdict },
    );
    let watermark =
        (any::<u32>(), any_time(), any_time()).prop_map(|(shard, through, at)| Watermark { shard, through, at });
    let request = (producer(), text(), option::of(match_id()), any_time())
        .prop_map(|(producer, request_id, match_id, since)| FeedRequest { producer, request_id, match_id, since });
    let reject =
        (input_ref(), reason(), any::<String>()).prop_map(|(cause, reason, detail)| Reject { cause, reason, detail });
    prop_oneof![
        3 => match_update().prop_map(Output::from),
        1 => match_update().prop_map(|update| Output::from(image_of(update))),
        1 => match_update().prop_map(|update| Output::from(results_of(update))),
        1 => watermark.prop_map(Output::from),
        1 => request.prop_map(Output::from),
        3 => decision.prop_map(Output::from),
        2 => settlement().prop_map(Output::from),
        2 => posting().prop_map(Output::from),
        1 => reject.prop_map(Output::from),
        1 => alert().prop_map(Output::from),
    ]
}
