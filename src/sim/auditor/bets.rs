//! Every answer to a customer: nothing accepted twice, and every bet accepted at a price that was there to take.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Arguments;

use prost::Message;

use super::AuditRules;
use super::coverage::{Coverage, Kind, Outcome};
use super::decode::{Id, Place, Topic, body_hash, short_hash};
use super::inputs::{AccountAsked, Asked, Inputs};
use super::market::Market;
use super::markets::{Markets, Version};
use super::plain::{Came, Names, Odds, returns};
use super::report::Check;
use super::selection::Selection;
use crate::wire::proto;
use proto::decision::Verdict;
use proto::{PricePolicy, RejectReason};

/// An answer, kept small.
pub(super) struct Answer {
    pub(super) id: Id,
    pub(super) shard: u32,
    pub(super) offset: u64,
    pub(super) kind: Kind,
    verdict: u128,
    reason: i32,
    pub(super) cause: Option<Place>,
}

/// A leg as accepted.
pub(super) struct Leg {
    pub(super) match_number: u32,
    pub(super) market: Market,
    pub(super) selection: Selection,
    asked: Odds,
    pub(super) odds: Odds,
    pub(super) version: u64,
    price_version: u64,
    fact_at_ms: i64,
    fixture_revision: u32,
    fair: i32,
    pub(super) in_play: bool,
}

/// An accepted bet.
pub(super) struct Bet {
    pub(super) id: Id,
    pub(super) shard: u32,
    pub(super) offset: u64,
    pub(super) cause: Option<Place>,
    pub(super) account: u32,
    pub(super) licence: u32,
    pub(super) currency: u32,
    pub(super) stake: i64,
    pub(super) placed_at: i64,
    pub(super) accepted_at: i64,
    pub(super) delay_ms: i64,
    potential_return: i64,
    body: u128,
    policy: PricePolicy,
    consent: bool,
    location_licence: u32,
    /// When session and location proof hold at most: [from, to].
    proof: (i64, i64),
    pub(super) legs: Box<[Leg]>,
}

impl Bet {
    pub(super) fn place(&self) -> Place {
        Place { topic: Topic::Decisions, partition: self.shard, offset: self.offset }
    }
}

/// All answers and all accepted bets.
pub(super) struct Bets {
    pub(super) ids: Check,
    pub(super) acceptance: Check,
    pub(super) answers: Vec<Answer>,
    pub(super) accepted: Vec<Bet>,
    pub(super) refused: BTreeMap<String, u64>,
}

impl Bets {
    pub(super) fn new() -> Self {
        Bets {
            ids: Check::new("bet ids"),
            acceptance: Check::new("acceptance"),
            answers: Vec::new(),
            accepted: Vec::new(),
            refused: BTreeMap::new(),
        }
    }

    pub(super) fn take(
        &mut self,
        place: Place,
        decision: &proto::Decision,
        coverage: &mut Coverage,
        names: &mut Names,
    ) {
        let id = Id::read(&decision.command_id);
        let cause = Place::of_cause(decision.cause.as_ref());
        let (of_itself, reason) = match &decision.verdict {
            Some(Verdict::Pending(_)) => (Kind::Pending, 0),
            Some(Verdict::Accepted(_)) => (Kind::Accepted, 0),
            Some(Verdict::Done(_)) => (Kind::Done, 0),
            Some(Verdict::Refused(refusal)) => (Kind::Refused, refusal.reason),
            None => {
                self.acceptance.fail(|| format!("{place}: a decision without a verdict"));
                return;
            }
        };
        let kind = if decision.repeated_answer { Kind::Repeated } else { of_itself };
        match cause {
            Some(cause) => coverage.add(Outcome { cause, at: place, kind, id: Some(id) }),
            None => coverage.check.fail(|| format!("{place}: a decision that names no input record")),
        }
        if kind == Kind::Refused {
            *self.refused.entry(reason_name(reason)).or_default() += 1;
        }
        let said = proto::Decision { verdict: decision.verdict.clone(), ..proto::Decision::default() };
        self.answers.push(Answer {
            id,
            shard: place.partition,
            offset: place.offset,
            kind,
            verdict: short_hash(&said.encode_to_vec()),
            reason,
            cause,
        });
        if let (Kind::Accepted, Some(Verdict::Accepted(bet))) = (kind, &decision.verdict) {
            match self.read_bet(place, id, cause, decision, bet, names) {
                Some(bet) => self.accepted.push(bet),
                None => self.acceptance.fail(|| format!("{place}: bet {id}: the wager record is not whole")),
            }
        }
    }

    fn read_bet(
        &mut self,
        place: Place,
        id: Id,
        cause: Option<Place>,
        decision: &proto::Decision,
        bet: &proto::AcceptedBet,
        names: &mut Names,
    ) -> Option<Bet> {
        let request = bet.request.as_ref()?;
        let asked: Vec<Option<&proto::Leg>> = bet.legs.iter().map(|leg| leg.request.as_ref()).collect();
        let same_legs = asked == request.legs.iter().map(Some).collect::<Vec<_>>();
        self.acceptance.demand(same_legs, || format!("{place}: bet {id}: its legs are not those of the request"));
        self.acceptance.demand(request.account == decision.account && Id::read(&request.bet_id) == id, || {
            format!("{place}: bet {id} of {}: the request inside is another's", decision.account)
        });
        let location = request.location.clone().unwrap_or_default();
        Some(Bet {
            id,
            shard: place.partition,
            offset: place.offset,
            cause,
            account: names.number(&request.account),
            licence: names.number(&bet.licence),
            currency: names.number(&request.currency),
            stake: request.stake_minor,
            placed_at: bet.placed_at_ms,
            accepted_at: bet.accepted_at_ms,
            delay_ms: bet.delay_ms,
            potential_return: bet.potential_return_minor,
            body: body_hash(request),
            policy: PricePolicy::try_from(request.price_policy).ok()?,
            consent: !request.odds_consent.is_empty(),
            location_licence: names.number(&location.licence),
            proof: (location.issued_at_ms, location.expires_at_ms.min(request.session_expires_at_ms)),
            legs: bet.legs.iter().map(|leg| read_leg(leg, names)).collect::<Option<_>>()?,
        })
    }

    /// Puts answers and bets in order, so that what belongs to one bet stands together.
    pub(super) fn sort(&mut self) {
        self.answers.sort_by_key(|answer| (answer.shard, answer.id, answer.offset));
        self.accepted.sort_by_key(|bet| (bet.shard, bet.id, bet.offset));
    }

    /// The accepted bet of that id on that shard.
    pub(super) fn accepted_at(&self, shard: u32, id: Id) -> Option<&Bet> {
        let index = self.accepted.partition_point(|bet| (bet.shard, bet.id) < (shard, id));
        self.accepted.get(index).filter(|bet| (bet.shard, bet.id) == (shard, id))
    }

    /// No id is accepted twice, and a repeated answer is the first one again.
    pub(super) fn check_ids(&mut self, inputs: &Inputs) {
        let mut accepted: Vec<(Id, Place)> = self.accepted.iter().map(|bet| (bet.id, bet.place())).collect();
        accepted.sort();
        for pair in accepted.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            self.ids.fail(|| format!("{}: bet {} was accepted before, at {}", pair[1].1, pair[1].0, pair[0].1));
        }
        for answers in self.answers.chunk_by(|a, b| (a.shard, a.id) == (b.shard, b.id)) {
            self.ids.look();
            let before = |until: u64| answers.iter().filter(move |first| first.offset < until);
            for answer in answers {
                let place = Place { topic: Topic::Decisions, partition: answer.shard, offset: answer.offset };
                let id = answer.id;
                if answer.kind == Kind::Repeated {
                    self.ids.demand(
                        before(answer.offset)
                            .any(|first| first.kind != Kind::Repeated && first.verdict == answer.verdict),
                        || format!("{place}: {id}: a repeated answer that was not the first one's"),
                    );
                } else if matches!(answer.kind, Kind::Accepted | Kind::Done) {
                    let stale = before(answer.offset).find(|first| first.is_stale() && first.asks_same(answer, inputs));
                    self.ids.demand(stale.is_none(), || {
                        let stale = stale.map_or(0, |first| first.offset);
                        format!("{place}: {id} was judged anew, though it was refused as stale at offset {stale}")
                    });
                }
                if answer.is_first() {
                    let again = before(answer.offset).find(|first| first.is_first() && first.cause != answer.cause);
                    self.ids.demand(again.is_none(), || {
                        let first = again.map_or(0, |first| first.offset);
                        format!("{place}: {id} was judged anew, though it was answered at offset {first}")
                    });
                }
            }
        }
    }

    /// Every accepted bet against the request, the account and the versions it cites.
    pub(super) fn check_acceptance(&mut self, inputs: &Inputs, markets: &Markets, rules: &AuditRules, names: &Names) {
        let opened = self.accounts_opened(inputs);
        let mut check = std::mem::replace(&mut self.acceptance, Check::new("acceptance"));
        for bet in &self.accepted {
            check.look();
            let name = format_args!("{}: bet {}", bet.place(), bet.id);
            check_request(&mut check, name, bet, inputs);
            match opened.get(&bet.account) {
                Some(account) if account.shard == bet.shard && account.offset < bet.offset => {
                    let right = (account.licence, account.currency) == (bet.licence, bet.currency);
                    check.demand(right && bet.location_licence == bet.licence, || {
                        let text = |number| names.text(number);
                        let (licence, currency) = (text(account.licence), text(account.currency));
                        format!("{name}: not under the account's licence {licence} and currency {currency}")
                    });
                    check.demand(account.verified, || format!("{name}: the account's identity is not verified"));
                }
                Some(_) | None => check.fail(|| format!("{name}: account {} was not open", names.text(bet.account))),
            }
            check_size(&mut check, name, bet);
            for (index, leg) in bet.legs.iter().enumerate() {
                let name = format_args!(
                    "{name} leg {index} ({} {} {})",
                    names.text(leg.match_number),
                    leg.market,
                    leg.selection
                );
                check_leg(&mut check, name, bet, leg, markets, rules);
            }
        }
        self.acceptance = check;
    }

    fn accounts_opened(&self, inputs: &Inputs) -> BTreeMap<u32, OpenedAccount> {
        let mut opened = BTreeMap::new();
        for answer in self.answers.iter().filter(|answer| answer.kind == Kind::Done) {
            let Some(cause) = answer.cause.filter(|cause| cause.topic == Topic::AccountCommands) else { continue };
            if let AccountAsked::Open { account, currency, licence, verified } =
                *inputs.account_asked(cause.partition, cause.offset)
            {
                let (shard, offset) = (answer.shard, answer.offset);
                opened.insert(account, OpenedAccount { shard, offset, currency, licence, verified });
            }
        }
        opened
    }
}

struct OpenedAccount {
    shard: u32,
    offset: u64,
    currency: u32,
    licence: u32,
    verified: bool,
}

impl Answer {
    /// A judgement, which a resend must get again: not itself a repeat, nor a refusal before judging (malformed, another
    /// body under the id, too old, no room, set aside).
    fn is_first(&self) -> bool {
        let judged = !(100..200).contains(&self.reason) && self.reason < 900;
        self.kind != Kind::Repeated && judged && self.reason != RejectReason::CapacityReached as i32
    }

    /// Refused as too old: whatever it asks, it may already have been done.
    fn is_stale(&self) -> bool {
        self.kind == Kind::Refused && self.reason == RejectReason::StaleCommand as i32
    }

    /// Whether both answer the same request, word for word or as a bet.
    fn asks_same(&self, other: &Answer, inputs: &Inputs) -> bool {
        let asked = |answer: &Answer| answer.cause.and_then(|cause| inputs.at(cause));
        let (Some(one), Some(other)) = (asked(self), asked(other)) else { return false };
        one.raw == other.raw || (one.body != 0 && one.body == other.body)
    }
}

pub(super) fn reason_name(reason: i32) -> String {
    match RejectReason::try_from(reason) {
        Ok(known) => format!("{reason} {}", known.as_str_name().trim_start_matches("REJECT_REASON_")),
        Err(_) => reason.to_string(),
    }
}

/// A reject: who it answers, and whether it shows the record it refuses.
pub(super) struct Refusals {
    rejects: Vec<(Place, Place, u64, u128)>,
    pub(super) by_reason: BTreeMap<String, u64>,
}

impl Refusals {
    pub(super) fn new() -> Self {
        Refusals { rejects: Vec::new(), by_reason: BTreeMap::new() }
    }

    pub(super) fn take(&mut self, place: Place, reject: &proto::Reject, coverage: &mut Coverage) {
        *self.by_reason.entry(reason_name(reject.reason)).or_default() += 1;
        let Some(cause) = Place::of_cause(reject.cause.as_ref()) else {
            coverage.check.fail(|| format!("{place}: a reject that names no input record"));
            return;
        };
        coverage.add(Outcome { cause, at: place, kind: Kind::Rejected, id: None });
        let hash = reject.value_sha256.iter().take(16).fold(0, |value, byte| value << 8 | u128::from(*byte));
        self.rejects.push((place, cause, reject.value_length, hash));
    }

    pub(super) fn finish(&self, inputs: &Inputs, check: &mut Check) {
        for (place, cause, length, hash) in &self.rejects {
            let asked = inputs.at(*cause);
            // What could be understood and cannot be done is refused without a copy: it stands in its topic.
            let fits = |asked: &Asked| {
                (asked.length, asked.raw) == (*length, *hash) || (asked.readable && (*length, *hash) == (0, 0))
            };
            check.demand(asked.is_none_or(fits), || {
                format!("{place}: length or hash are not those of {cause}, which it refuses")
            });
        }
    }
}

fn read_leg(leg: &proto::AcceptedLeg, names: &mut Names) -> Option<Leg> {
    let request = leg.request.as_ref()?;
    Some(Leg {
        match_number: names.number(&request.match_id),
        market: Market::read(&request.market)?,
        selection: Selection::read(&request.outcome)?,
        asked: Odds::read(request.price.as_ref())?,
        odds: Odds::read(leg.price.as_ref())?,
        version: leg.match_version,
        price_version: leg.price_version,
        fact_at_ms: leg.fact_at_ms,
        fixture_revision: leg.fixture_revision,
        fair: leg.fair_billionths.map_or(-1, |fair| i32::try_from(fair).unwrap_or(-1)),
        in_play: leg.in_play,
    })
}

fn check_request(check: &mut Check, name: Arguments<'_>, bet: &Bet, inputs: &Inputs) {
    let asked = bet.cause.filter(|cause| cause.topic == Topic::Commands).and_then(|cause| inputs.at(cause));
    let Some(asked) = asked else {
        check.fail(|| format!("{name}: no bet was asked for at its cause"));
        return;
    };
    check.demand(asked.readable && asked.body == bet.body, || {
        format!("{name}: the request inside is not the command at offset {} of its partition", asked.offset)
    });
    check.demand(asked.append_ms == bet.placed_at, || {
        format!("{name}: placed_at {}, but the command was appended at {}", bet.placed_at, asked.append_ms)
    });
    check.demand(bet.proof.0 <= bet.placed_at && bet.placed_at <= bet.proof.1, || {
        format!("{name}: session or location proof hold in {:?}, the bet is of {}", bet.proof, bet.placed_at)
    });
}

fn check_size(check: &mut Check, name: Arguments<'_>, bet: &Bet) {
    check.demand(bet.stake > 0, || format!("{name}: stake {}", bet.stake));
    check.demand((1..=25).contains(&bet.legs.len()), || format!("{name}: {} legs", bet.legs.len()));
    let matches: BTreeSet<u32> = bet.legs.iter().map(|leg| leg.match_number).collect();
    check.demand(matches.len() == bet.legs.len(), || format!("{name}: two legs of one match"));
    let factors: Vec<(u64, u64)> = bet.legs.iter().map(|leg| Came::Win.fraction(leg.odds)).collect();
    let expected = returns(bet.stake, &factors);
    check.demand(expected == Some(bet.potential_return), || {
        format!("{name}: potential return {}, expected {expected:?}", bet.potential_return)
    });
}

fn check_leg(check: &mut Check, name: Arguments<'_>, bet: &Bet, leg: &Leg, markets: &Markets, rules: &AuditRules) {
    let known = markets.get(leg.match_number);
    let Some(version) = known.and_then(|known| known.index_of(leg.version).map(|index| &known.versions[index])) else {
        check.fail(|| format!("{name}: cites version {}, which was never published", leg.version));
        return;
    };
    check_offer(check, name, leg, version);
    let against = leg.odds.pays(leg.asked);
    let taken = match bet.policy {
        PricePolicy::Exact => against == Ordering::Equal,
        PricePolicy::Better | PricePolicy::Unspecified => against != Ordering::Less,
        PricePolicy::Any => against != Ordering::Less || bet.consent,
    };
    check.demand(taken, || format!("{name}: accepted at {}, asked for {} ({:?})", leg.odds, leg.asked, bet.policy));
    check.demand(!leg.odds.jumped(leg.asked, rules.price_jump), || {
        format!("{name}: accepted at {}, a jump from the {} asked for", leg.odds, leg.asked)
    });
}

fn check_offer(check: &mut Check, name: Arguments<'_>, leg: &Leg, version: &Version) {
    let number = version.version;
    let Some(market) = version.market(leg.market) else {
        check.fail(|| format!("{name}: version {number} has no such market"));
        return;
    };
    check.demand(market.status == proto::MarketStatus::Active, || {
        format!("{name}: the market was {} at version {number}", market.status.as_str_name())
    });
    let Some(selection) = market.selection(leg.selection) else {
        check.fail(|| format!("{name}: version {number} has no such selection"));
        return;
    };
    check.demand(selection.offered && selection.odds == Some(leg.odds), || {
        let there = selection.odds.map_or_else(|| "no price".to_owned(), |odds| odds.to_string());
        let state = if selection.offered { "offered" } else { "not offered" };
        format!("{name}: accepted at {}, version {number} has {there} ({state})", leg.odds)
    });
    let cited = (leg.price_version, leg.fact_at_ms, leg.fixture_revision, leg.fair, leg.in_play);
    let there = (market.price_version, version.append_ms, version.fixture_revision, selection.fair, version.in_play);
    check.demand(cited == there, || {
        format!(
            "{name}: price version, append time, fixture, fair, in play are {cited:?}, version {number} has {there:?}"
        )
    });
}
