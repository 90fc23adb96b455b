//! Tells a story line by line: what comes in, and after an arrow what is said to it.

use super::world::*;
use crate::event::*;
use crate::values::*;

/// A world that understands a few words. Times are seconds from the start, amounts dollars. See [`Story::line`].
pub(super) struct Story {
    pub(super) world: World,
    /// Until when the partitions are kept fresh with the clock; off after `hang`.
    fresh: bool,
}

/// Tells a whole story with the default settings.
pub(super) fn tell(story: &str) -> Story {
    tell_with(Settings::default(), story)
}

pub(super) fn tell_with(settings: Settings, story: &str) -> Story {
    let mut teller = Story { world: World::new(settings), fresh: true };
    teller.world.freshen(START);
    for line in story.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            teller.line(line);
        }
    }
    teller
}

impl Story {
    pub(super) fn line(&mut self, line: &str) {
        let (words, expected) = line.split_once("->").unwrap_or((line, ""));
        let words = words.split_whitespace().collect::<Vec<_>>();
        let said = match words[0] {
            "at" => self.at(words[1]),
            "hang" => {
                self.fresh = false;
                String::new()
            }
            "recover" => {
                self.fresh = true;
                self.world.freshen(self.world.now);
                String::new()
            }
            "fresh" => {
                let through = moment(words[1]);
                self.world.freshen(through);
                String::new()
            }
            "open" => self.and_last(|world| world.open_account(words[1])),
            "deposit" => self.deposit(words[1], words[2]),
            "odds" => self.odds(words[1], words[2], &words[3..]),
            "market" => self.market(words[1], words[2], words[3]),
            "outcome" => self.outcome(words[1], words[2], words[3], words[4]),
            "hold" | "lift" => self.hold(words[1], words[2], words[0] == "hold"),
            "fact" => self.fact(words[1], &words[2..]),
            "gap" => self.gap(words[1]),
            "bet" => self.bet(&words[1..]),
            "again" => self.again(words[1]),
            "answer" => self.answer(words[1]),
            "status" | "exclude" | "break" | "limit" | "reaffirm" => self.account(words[0], words[1], &words[2..]),
            "told" => self.told(words[1]),
            "liability" => self.liability(words[1], words[2]),
            "paid" => self.paid(words[1]),
            "balance" => self.balance(words[1]),
            "alert" => self.world.auditor.alerts.last().map_or(String::new(), |alert| format!("{:?}", alert.kind)),
            other => panic!("no such word: {other}"),
        };
        if !expected.is_empty() {
            assert_eq!(said, expected.trim(), "in: {line}");
        }
    }

    fn and_last(&mut self, doing: impl FnOnce(&mut World)) -> String {
        doing(&mut self.world);
        decisions(&self.world).last().map(spoken).unwrap_or_default()
    }

    /// Moves the clock, with the knowledge of all partitions unless they hang.
    fn at(&mut self, time: &str) -> String {
        self.world.now = moment(time);
        if self.fresh {
            self.world.freshen(self.world.now);
        } else {
            self.world.batch(Vec::new());
        }
        String::new()
    }

    fn deposit(&mut self, account: &str, amount: &str) -> String {
        if self.world.auditor.answers.is_empty() || !self.world.requests.contains_key(account) {
            // The first deposit opens the account.
            self.world.open_account(account);
            let nobody = self.world.request(account, Money::ZERO, Vec::new());
            self.world.requests.insert(account.to_owned(), nobody);
        }
        self.and_last(|world| world.deposit(account, dollars(amount)))
    }

    fn of(&mut self, id: &str) -> &mut MatchSim {
        self.world.matches.entry(id.to_owned()).or_insert_with(|| MatchSim::new(id))
    }

    fn odds(&mut self, id: &str, market: &str, prices: &[&str]) -> String {
        let prices = prices.iter().map(|text| price(text)).collect::<Vec<_>>();
        self.of(id).price(MarketId::parse(market).unwrap(), &prices);
        self.world.publish(id, Vec::new());
        String::new()
    }

    fn market(&mut self, id: &str, market: &str, status: &str) -> String {
        let status = match status {
            "Inactive" => MarketStatus::Inactive,
            "Settled" => MarketStatus::Settled,
            "Cancelled" => MarketStatus::Cancelled,
            "Active" => MarketStatus::Active,
            other => panic!("no such status: {other}"),
        };
        let market = MarketId::parse(market).unwrap();
        self.of(id)
            .update
            .markets
            .iter_mut()
            .filter(|known| known.id == market)
            .for_each(|known| known.status = status);
        self.world.publish(id, Vec::new());
        String::new()
    }

    fn outcome(&mut self, id: &str, market: &str, outcome: &str, status: &str) -> String {
        let status = match status {
            "Withheld" => OutcomeStatus::Withheld,
            "Closed" => OutcomeStatus::Closed,
            other => panic!("no such status: {other}"),
        };
        let (market, outcome) = (MarketId::parse(market).unwrap(), Outcome::parse(outcome).unwrap());
        for known in self.of(id).update.markets.iter_mut().filter(|known| known.id == market) {
            let states = known.outcomes.iter_mut().filter(|state| state.outcome == outcome);
            states.for_each(|state| (state.status, state.price) = (status, None));
        }
        self.world.publish(id, Vec::new());
        String::new()
    }

    fn hold(&mut self, id: &str, owner: &str, held: bool) -> String {
        let owner = match owner {
            "incident" => Owner::Incident,
            "trader" => Owner::Trader,
            "lag" => Owner::Lag,
            "staleness" => Owner::Staleness,
            "feed" => Owner::Feed,
            other => panic!("no such owner: {other}"),
        };
        self.of(id).hold(owner, held);
        self.world.publish(id, Vec::new());
        String::new()
    }

    /// `fact M1 goal home`, `fact M1 kickoff`, `fact M1 rollback f3`, `fact M1 cancel 0 10 [approved]`, ...
    /// Facts are told a millisecond before they happen, but for `fact M1 goal home happened=5`.
    fn fact(&mut self, id: &str, words: &[&str]) -> String {
        let happened = words.iter().find_map(|word| word.strip_prefix("happened=")).map(moment);
        let source_at = happened.unwrap_or(self.world.now + Millis::new(1));
        let one = self.of(id);
        let side = || if words[1] == "home" { Side::Home } else { Side::Away };
        let named = || FactId::parse(words[1]).unwrap();
        let mut certainty = Certainty::Confirmed;
        let period = one.update.period;
        let body = match words[0] {
            "tick" => FactBody::ClockTick,
            "possible-goal" => FactBody::PossibleGoal(None),
            "no-goal" => FactBody::NoGoal,
            "corner" => FactBody::CornerTaken(side()),
            "penalty" => FactBody::PenaltyAwarded(side()),
            "missed" => FactBody::PenaltyMissed(side()),
            "red" => FactBody::RedCard { side: side(), second_yellow: false },
            "possible-red" => FactBody::PossibleRedCard(None),
            "review" => FactBody::ReviewStart,
            "interruption" => FactBody::Interruption,
            "goal" => FactBody::Goal { side: side(), own_goal: false },
            "scouted-goal" => {
                certainty = Certainty::Scouted;
                FactBody::Goal { side: side(), own_goal: false }
            }
            "confirm" => FactBody::Confirmed(named()),
            "rollback" => FactBody::Rollback(named()),
            "rollback-cancel" => FactBody::RollbackCancel(named()),
            "kickoff" => FactBody::PeriodStart(Period::FirstHalf),
            "halftime" => FactBody::PeriodEnd(Period::FirstHalf),
            "second-half" => FactBody::PeriodStart(Period::SecondHalf),
            "whistle" => FactBody::PeriodEnd(Period::SecondHalf),
            "tie" => {
                let scope = Scope { knock_out: Some(words[1].parse().unwrap()), ..Scope::default() };
                FactBody::Fixture(Fixture { scope, ..one.update.fixture.clone() })
            }
            "extra" => FactBody::PeriodStart(Period::ExtraFirstHalf),
            "extra-end" => FactBody::PeriodEnd(Period::ExtraSecondHalf),
            "shoot-out" => FactBody::PeriodStart(Period::ShootOut),
            "shoot-out-end" => FactBody::PeriodEnd(Period::ShootOut),
            "abandoned" => FactBody::Abandoned,
            "cancel" => FactBody::Cancel {
                window: BetWindow { from: window_end(words[1]), to: window_end(words[2]) },
                reason: text("late goal"),
                approval_ref: words.get(3).map(|approval| text(approval)),
            },
            other => panic!("no such fact: {other}"),
        };
        let fact = one.fact(source_at, certainty, period, body.clone());
        let to = if let FactBody::PeriodStart(period) = body {
            Some(period)
        } else if let FactBody::PeriodEnd(period) = body {
            Some(if period == Period::FirstHalf { Period::HalfTime } else { Period::Over })
        } else {
            None
        };
        if let Some(period) = to {
            one.update.period = period;
            // These stories play extra time where they begin it.
            let is_extra = period == Period::ExtraFirstHalf;
            one.update.phase = if is_extra { MatchPhase::InPlay } else { MatchPhase::from(period) };
        }
        self.world.publish(id, vec![fact]);
        self.world.drain();
        String::new()
    }

    /// Loses one version on the way.
    fn gap(&mut self, id: &str) -> String {
        self.of(id).update.version += 1;
        self.world.publish(id, Vec::new());
        String::new()
    }

    /// `bet B1 A7 6.00 M1/1x2/home@1.900 M2/.. [exact|any|consent] [eur|log-out|elsewhere|lost|aged=SECONDS]`
    fn bet(&mut self, words: &[&str]) -> String {
        let (name, account, stake) = (words[0], words[1], dollars(words[2]));
        let legs = words[3..].iter().filter(|word| word.contains('@')).map(|word| {
            let (place, asked) = word.split_once('@').unwrap();
            let parts = place.split('/').collect::<Vec<_>>();
            leg(parts[0], MarketId::parse(parts[1]).unwrap(), Outcome::parse(parts[2]).unwrap(), price(asked))
        });
        let legs = legs.collect();
        let mut request = self.world.request(account, stake, legs);
        let mut sent_at = self.world.now;
        for word in words[3..].iter().filter(|word| !word.contains('@')) {
            match word.split_once('=').unwrap_or((word, "")) {
                ("exact", _) => request.price_policy = PricePolicy::Exact,
                ("any", _) => request.price_policy = PricePolicy::Any,
                ("consent", _) => request.odds_consent = Some(text("lower is fine")),
                ("eur", _) => request.currency = Currency::parse("EUR").unwrap(),
                ("log-out", _) => request.session.expires_at = sent_at,
                ("elsewhere", _) => request.location.licence = LicenceId::parse("US-PA").unwrap(),
                ("lost", _) => request.location.issued_at = sent_at + Millis::new(1),
                // Appended so many seconds ago, read only now.
                ("aged", seconds) => {
                    sent_at = self.world.now - (moment(seconds) - START);
                    request.bet_id = BetId::from_parts(sent_at, self.world.chance).unwrap();
                }
                // Made so many seconds before it was appended (after it, if negative).
                ("made", seconds) => {
                    let chance = self.world.chance;
                    let made = sent_at - Millis::new((seconds.parse::<f64>().unwrap() * 1e3) as i64);
                    request.bet_id = BetId::from_parts(made, chance).unwrap();
                }
                other => panic!("no such condition: {other:?}"),
            }
        }
        if let Some(known) = self.world.requests.get(name) {
            request.bet_id = known.bet_id;
        }
        let request = sealed(request);
        // `again` means the first body, not that of a conflict.
        self.world.requests.entry(name.to_owned()).or_insert_with(|| request.clone());
        self.send(request, sent_at)
    }

    fn send(&mut self, request: PlaceBet, sent_at: Time) -> String {
        let mut record = self.world.bet_record(request);
        record.append_time = sent_at;
        let cause = record.source;
        self.world.batch(vec![record]);
        let answers = decisions(&self.world).filter(|decision| decision.cause == cause).map(spoken);
        answers.collect::<Vec<_>>().join(" ")
    }

    fn again(&mut self, name: &str) -> String {
        let request = self.world.requests[name].clone();
        let now = self.world.now;
        self.send(request, now)
    }

    /// `status A7 Closed`, `exclude A7 UNTIL`, `break A7 UNTIL`, `limit A7 LossPerDay 5.00`, `reaffirm A7 LossPerDay`.
    fn account(&mut self, word: &str, account: &str, words: &[&str]) -> String {
        let limit = || {
            let name = |kind: &LimitKind| format!("{kind:?}") == words[0];
            LIMIT_KINDS.into_iter().find(name).unwrap_or_else(|| panic!("no such limit: {}", words[0]))
        };
        let status = || {
            use AccountStatus::{Active, Closed, Frozen, Prohibited, Suspended};
            let all = [Active, Suspended, Closed, Frozen, Prohibited];
            all.into_iter().find(|status| format!("{status:?}") == words[0]).unwrap()
        };
        let action = match word {
            "status" => AccountAction::SetStatus { status: status(), actor: text("ops"), reason: text("why") },
            "exclude" => AccountAction::SelfExclude { until: moment(words[0]) },
            "break" => AccountAction::TimeOut { until: moment(words[0]) },
            "limit" => AccountAction::SetLimit {
                limit: limit(),
                amount: (words[1] != "none").then(|| dollars(words[1])),
                currency: Currency::parse(words.get(2).unwrap_or(&"USD")).unwrap(),
            },
            "reaffirm" => AccountAction::ReaffirmLimit { limit: limit() },
            other => panic!("no such command: {other}"),
        };
        self.and_last(|world| world.ask(account, action))
    }

    /// Every settlement record of a bet.
    fn told(&self, name: &str) -> String {
        let all = self.world.auditor.settlements.get(&self.world.requests[name].bet_id);
        let word = |one: &BetSettlement| match &one.about {
            Some(about) => format!("{:?}:{}:{}", one.kind, about.leg, about.fact),
            None => format!("{:?}", one.kind),
        };
        all.map_or(String::new(), |all| all.iter().map(word).collect::<Vec<_>>().join(" "))
    }

    /// What the book loses on a match if it ends so (a score up to nine goals a side).
    fn liability(&self, id: &str, score: &str) -> String {
        let (home, away) = score.split_once(':').unwrap();
        let cell = home.parse::<usize>().unwrap() * 10 + away.parse::<usize>().unwrap();
        let one = self.world.book.match_of(&MatchId::parse(id).unwrap()).unwrap();
        let minor = one.grid.get(cell).copied().unwrap_or(0);
        display_amount(Money::from_minor(i64::try_from(minor).unwrap()), Currency::parse("USD").unwrap())
    }

    fn answer(&self, name: &str) -> String {
        let answers = self.world.auditor.answers.get(&self.world.requests[name].bet_id.bits());
        answers.and_then(|all| all.last()).map_or_else(|| "none".to_owned(), verdict)
    }

    fn paid(&self, name: &str) -> String {
        match self.world.auditor.paid(self.world.requests[name].bet_id) {
            None => "open".to_owned(),
            Some(settled) => {
                let legs = settled.legs.iter().map(|leg| leg.map_or("?".to_owned(), |leg| format!("{leg:?}")));
                let legs = legs.collect::<Vec<_>>().join(" ");
                format!("{} {legs}", display_amount(settled.returned, Currency::parse("USD").unwrap()))
            }
        }
    }

    fn balance(&self, account: &str) -> String {
        let shown = |amount| display_amount(amount, Currency::parse("USD").unwrap());
        let Balances { cash, reserved, held } = self.world.auditor.balances_of(account);
        format!("{} reserved {} held {}", shown(cash), shown(reserved), shown(held))
    }
}

const LIMIT_KINDS: [LimitKind; 7] = [
    LimitKind::SingleStake,
    LimitKind::LossPerDay,
    LimitKind::LossPerWeek,
    LimitKind::LossPerMonth,
    LimitKind::DepositPerDay,
    LimitKind::DepositPerWeek,
    LimitKind::DepositPerMonth,
];

/// What the last batch answered.
pub(super) fn decisions(world: &World) -> impl Iterator<Item = &Decision> {
    fn decision(output: &Output) -> Option<&Decision> {
        if let Output::Decision(decision) = output { Some(decision) } else { None }
    }
    world.said.iter().filter_map(decision)
}

fn spoken(decision: &Decision) -> String {
    let repeated = if decision.repeated { "again " } else { "" };
    format!("{repeated}{}", verdict(&decision.verdict))
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Pending { decide_at } => format!("pending {:.3}", (*decide_at - START).get() as f64 / 1e3),
        Verdict::Accepted(bet) => {
            let prices = bet.legs.iter().map(|leg| leg.price.to_string()).collect::<Vec<_>>();
            format!("accepted {}", prices.join(" "))
        }
        Verdict::Done => "done".to_owned(),
        Verdict::Refused(refusal) => {
            let leg = refusal.leg.map_or(String::new(), |leg| format!(" leg {leg}"));
            let now = refusal.current_price.map_or(String::new(), |price| format!(" now {price}"));
            let most = refusal.max_stake.map_or(String::new(), |most| format!(" at most {}", most.minor()));
            format!("{}{leg}{now}{most}", refusal.reason.name())
        }
    }
}

fn moment(seconds: &str) -> Time {
    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let ms = format!("{part:0<3}").parse::<i64>().unwrap();
    START + Millis::new(whole.parse::<i64>().unwrap() * 1_000 + ms)
}

fn window_end(word: &str) -> Option<Time> {
    (word != "-").then(|| moment(word))
}
