//! What every bet came to, worked out again from the facts.

use std::collections::{BTreeMap, BTreeSet};

use super::bets::{Bet, Bets};
use super::decode::{Id, Place, Topic};
use super::markets::Markets;
use super::plain::{Came, returns};
use super::report::{Check, Summary};
use super::standing::Standing;
use crate::wire::proto;
use proto::SettlementKind;

/// A settlement record, kept small.
pub(super) struct Settled {
    pub(super) id: Id,
    pub(super) shard: u32,
    offset: u64,
    pub(super) version: u32,
    pub(super) kind: SettlementKind,
    pub(super) stake: i64,
    pub(super) returned: i64,
    legs: Box<[Option<Came>]>,
    decided_by: Box<[u64]>,
    cancelled_by: Option<Box<str>>,
    negative_balance: bool,
}

impl Settled {
    pub(super) fn place(&self) -> Place {
        Place { topic: Topic::Settlements, partition: self.shard, offset: self.offset }
    }

    /// Held bets, their release, and late flags are told without a posting.
    pub(super) fn moves_money(&self) -> bool {
        matches!(self.kind, SettlementKind::Settled | SettlementKind::Reopened)
    }

    /// Whether it says how the bet stands from then on.
    fn is_state(&self) -> bool {
        self.kind != SettlementKind::LateAccepted
    }

    pub(super) fn is_void(&self) -> bool {
        self.kind == SettlementKind::Settled && self.legs.iter().all(|leg| *leg == Some(Came::Void))
    }
}

/// All settlements.
pub(super) struct Settlements {
    pub(super) check: Check,
    pub(super) settled: Vec<Settled>,
}

impl Settlements {
    pub(super) fn new() -> Self {
        Settlements { check: Check::new("settlement"), settled: Vec::new() }
    }

    pub(super) fn take(&mut self, place: Place, settlement: &proto::Settlement) {
        let kind = SettlementKind::try_from(settlement.kind).unwrap_or(SettlementKind::Unspecified);
        let id = Id::read(&settlement.bet_id);
        let name = || format!("{place}: bet {id} version {}", settlement.version);
        self.check.demand(kind != SettlementKind::Unspecified, || format!("{}: kind {}", name(), settlement.kind));
        let Ok(legs) = settlement.legs.iter().map(|leg| Came::read(*leg)).collect::<Result<Vec<_>, ()>>() else {
            self.check.fail(|| format!("{}: leg results {:?}", name(), settlement.legs));
            return;
        };
        self.settled.push(Settled {
            id,
            shard: place.partition,
            offset: place.offset,
            version: settlement.version,
            kind,
            stake: settlement.stake_minor,
            returned: settlement.returned_minor,
            legs: legs.into_boxed_slice(),
            decided_by: settlement.decided_by.clone().into_boxed_slice(),
            cancelled_by: (!settlement.cancelled_by.is_empty()).then(|| settlement.cancelled_by.as_str().into()),
            negative_balance: settlement.negative_balance,
        });
    }

    pub(super) fn sort(&mut self) {
        self.settled.sort_by_key(|settled| (settled.shard, settled.id, settled.offset));
    }

    fn of(&self, shard: u32, id: Id) -> &[Settled] {
        let from = self.settled.partition_point(|settled| (settled.shard, settled.id) < (shard, id));
        let length = self.settled[from..].partition_point(|settled| (settled.shard, settled.id) == (shard, id));
        &self.settled[from..from + length]
    }

    /// How a bet stands by its records.
    fn state_of(&self, bet: &Bet) -> Option<&Settled> {
        self.of(bet.shard, bet.id).iter().rev().find(|record| record.is_state())
    }

    /// Every record by its own versions, then every bet's last state by all facts.
    pub(super) fn finish(&mut self, bets: &Bets, facts: &Ruled<'_>, expect_settled: bool, summary: &mut Summary) {
        let mut check = std::mem::replace(&mut self.check, Check::new("settlement"));
        for records in self.settled.chunk_by(|a, b| (a.shard, a.id) == (b.shard, b.id)) {
            let Some(bet) = bets.accepted_at(records[0].shard, records[0].id) else {
                check.look();
                check
                    .fail(|| format!("{}: bet {} was never accepted on this shard", records[0].place(), records[0].id));
                continue;
            };
            let mut before: Option<&Settled> = None;
            for (expected, record) in (1..).zip(records) {
                check.look();
                check.demand(record.version == expected, || {
                    let (place, id, version) = (record.place(), record.id, record.version);
                    format!("{place}: bet {id} version {version}, expected version {expected}")
                });
                check_record(&mut check, bet, before, record, facts);
                before = Some(record).filter(|record| record.is_state()).or(before);
            }
        }
        for bet in &bets.accepted {
            let last = self.state_of(bet);
            summary.accepted += 1;
            match last {
                None => summary.open += 1,
                Some(last) if last.kind != SettlementKind::Settled => summary.reopened += 1,
                Some(last) if last.is_void() => summary.void += 1,
                Some(_) => summary.settled += 1,
            }
            let paid = last.filter(|last| last.kind == SettlementKind::Settled).map(|last| last.returned);
            let is_held = last.is_some_and(|last| last.kind == SettlementKind::HeldForApproval);
            let must_be_held = facts.holds(bet, |_| u64::MAX);
            let expected = if must_be_held { None } else { expected_now(bet, facts) };
            if paid == expected && is_held == must_be_held {
                continue;
            }
            if paid == expected && expect_settled {
                check.fail(|| {
                    let is = |held: bool| if held { "held for approval" } else { "not held" };
                    format!("{}: bet {} is {}, by all facts {}", bet.place(), bet.id, is(is_held), is(must_be_held))
                });
                continue;
            }
            if expect_settled {
                check.fail(|| {
                    let state = |state: Option<i64>| {
                        state.map_or_else(|| "open".to_owned(), |paid| format!("settled at {paid}"))
                    };
                    format!("{}: bet {} is {}, by all facts {}", bet.place(), bet.id, state(paid), state(expected))
                });
            } else {
                summary.unsettled_yet += 1;
            }
        }
        self.check = check;
    }

    /// Stakes of the bets that are open by their last settlement record, by shard and account.
    pub(super) fn open_stakes(&self, bets: &Bets) -> BTreeMap<(u32, u32), i128> {
        let mut stakes = BTreeMap::new();
        for bet in &bets.accepted {
            let last = self.state_of(bet);
            if last.is_none_or(|last| last.kind != SettlementKind::Settled) {
                *stakes.entry((bet.shard, bet.account)).or_default() += i128::from(bet.stake);
            }
        }
        stakes
    }
}

/// The facts of all matches, and whose cancels need an approval.
pub(super) struct Ruled<'a> {
    pub(super) markets: &'a Markets,
    /// Licences under which a cancel without an approval voids nothing.
    pub(super) needs_approval: BTreeSet<u32>,
}

impl Ruled<'_> {
    fn needs_approval(&self, bet: &Bet) -> bool {
        self.needs_approval.contains(&bet.licence)
    }

    /// Whether people must decide on one of its legs, by the facts up to these versions of their matches.
    fn holds(&self, bet: &Bet, version_of: impl Fn(usize) -> u64) -> bool {
        bet.legs.iter().enumerate().any(|(index, leg)| {
            self.markets.get(leg.match_number).is_some_and(|known| {
                known.facts.standing_at(version_of(index)).holds(bet.accepted_at, self.needs_approval(bet))
            })
        })
    }
}

/// A record without a result: what it may follow, and that it pays nothing.
fn check_unpaid(check: &mut Check, before: Option<&Settled>, record: &Settled) {
    let name = format_args!("{}: bet {} version {}", record.place(), record.id, record.version);
    let was = before.map(|before| before.kind);
    let word = match record.kind {
        SettlementKind::Reopened => "reopened",
        SettlementKind::Released => "released",
        SettlementKind::HeldForApproval => "held",
        SettlementKind::LateAccepted => "flagged",
        SettlementKind::Settled | SettlementKind::Unspecified => "nothing known",
    };
    let may_follow = match record.kind {
        SettlementKind::Reopened => was == Some(SettlementKind::Settled),
        SettlementKind::Released => was == Some(SettlementKind::HeldForApproval),
        SettlementKind::HeldForApproval => {
            !matches!(was, Some(SettlementKind::Settled | SettlementKind::HeldForApproval))
        }
        SettlementKind::LateAccepted | SettlementKind::Settled | SettlementKind::Unspecified => true,
    };
    check.demand(may_follow, || format!("{name}: {word} after {was:?}"));
    check.demand(record.returned == 0 && record.legs.is_empty(), || {
        format!("{name}: {word} with {} returned and {} leg results", record.returned, record.legs.len())
    });
}

/// One record: its legs by the facts it knew, its amount.
fn check_record(check: &mut Check, bet: &Bet, before: Option<&Settled>, record: &Settled, facts: &Ruled<'_>) {
    let name = format_args!("{}: bet {} version {}", record.place(), record.id, record.version);
    check.demand(record.stake == bet.stake, || format!("{name}: stake {}, accepted with {}", record.stake, bet.stake));
    let is_held = facts.holds(bet, |index| record.decided_by.get(index).copied().unwrap_or(0));
    if record.kind != SettlementKind::Settled {
        check_unpaid(check, before, record);
        check.demand(record.kind != SettlementKind::HeldForApproval || is_held, || {
            format!("{name}: held, but no cancel that lacks its approval covers it")
        });
        check.demand(record.kind != SettlementKind::Released || !is_held, || {
            format!("{name}: released, but a cancel that lacks its approval covers it")
        });
        return;
    }
    check.demand(!is_held, || format!("{name}: settled, but a cancel that lacks its approval covers it"));
    let is_open =
        before.is_none_or(|before| matches!(before.kind, SettlementKind::Reopened | SettlementKind::Released));
    check.demand(is_open, || format!("{name}: settled, but was not open"));
    check.demand(!record.negative_balance || before.is_some(), || format!("{name}: a first result below zero"));
    let legs = bet.legs.len();
    if record.legs.len() != legs || record.decided_by.len() != legs {
        check.fail(|| {
            format!("{name}: {} results and {} versions for {legs} legs", record.legs.len(), record.decided_by.len())
        });
        return;
    }
    let nothing = Standing::default();
    let needs_approval = facts.needs_approval(bet);
    let (mut void_by_cancel, mut cancel_named) = (false, false);
    for (index, ((leg, said), version)) in bet.legs.iter().zip(&record.legs).zip(&record.decided_by).enumerate() {
        let standing = facts.markets.get(leg.match_number).map_or(&nothing, |known| known.facts.standing_at(*version));
        let came = standing.leg(leg.market, leg.selection, bet.accepted_at, needs_approval);
        let voiding = standing.windows.iter().filter(|window| window.voids(bet.accepted_at, needs_approval));
        let covering: Vec<&str> = voiding.map(|window| window.id.as_str()).collect();
        void_by_cancel |= !covering.is_empty();
        cancel_named |= record.cancelled_by.as_deref().is_some_and(|id| covering.contains(&id));
        check.demand(said.is_none() || *said == came, || {
            format!("{name} leg {index}: {said:?}, by the facts up to match version {version} {came:?}")
        });
    }
    check.demand(!void_by_cancel || cancel_named || record.cancelled_by.is_none(), || {
        format!("{name}: cancelled by {:?}, which voids no leg of it", record.cancelled_by)
    });
    check.demand(void_by_cancel || record.cancelled_by.is_none(), || {
        format!("{name}: cancelled by {:?}, but no cancel covers it", record.cancelled_by)
    });
    let amount = result_of(bet, &record.legs);
    check.demand(amount == Some(record.returned), || {
        format!("{name}: returned {}, expected {amount:?} for {:?}", record.returned, record.legs)
    });
}

/// What the customer gets for these results; `None` while the bet is open.
fn result_of(bet: &Bet, legs: &[Option<Came>]) -> Option<i64> {
    if legs.contains(&Some(Came::Lose)) {
        return Some(0);
    }
    let factors = bet.legs.iter().zip(legs).map(|(leg, came)| came.map(|came| came.fraction(leg.odds)));
    returns(bet.stake, &factors.collect::<Option<Vec<_>>>()?)
}

/// What it gets by all facts.
fn expected_now(bet: &Bet, facts: &Ruled<'_>) -> Option<i64> {
    let came = bet.legs.iter().map(|leg| {
        let standing = facts.markets.get(leg.match_number)?.facts.standing_now();
        standing.leg(leg.market, leg.selection, bet.accepted_at, facts.needs_approval(bet))
    });
    result_of(bet, &came.collect::<Vec<_>>())
}
