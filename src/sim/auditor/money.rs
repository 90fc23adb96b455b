//! Whether every decision and every settlement moved exactly its money, once, and nothing else moved any.

use super::bets::{Answer, Bets};
use super::coverage::{Coverage, Kind};
use super::decode::{Id, Place, Topic};
use super::inputs::{AccountAsked, Inputs};
use super::ledger::{Moved, Moves, Route, moves, shown};
use super::report::Check;
use super::settlement::Settled;
use crate::wire::proto::{PostingEvent, SettlementKind};

/// Money that must move once.
struct Due {
    event: PostingEvent,
    /// Version of the settlement; 0 for other events.
    version: u32,
    moves: Moves,
    /// Account and currency, where they are known.
    of: Option<(u32, u32)>,
    /// What decided it.
    at: Place,
}

/// Walks through answers, settlements and postings side by side, bet by bet. All three are in order of shard and id.
pub(super) fn check_money(
    check: &mut Check,
    bets: &Bets,
    settled: &[Settled],
    moved: &mut [Moved],
    inputs: &Inputs,
    coverage: &Coverage,
) {
    moved.sort_by_key(|moved| (moved.shard, moved.id, moved.offset));
    let (mut answers, mut settled, mut moved): (&[Answer], &[Settled], &[Moved]) = (&bets.answers, settled, moved);
    loop {
        let heads = [
            answers.first().map(|answer| (answer.shard, answer.id)),
            settled.first().map(|settled| (settled.shard, settled.id)),
            moved.first().map(|moved| (moved.shard, moved.id)),
        ];
        let Some(key) = heads.into_iter().flatten().min() else { return };
        let these_answers = split(&mut answers, |answer| (answer.shard, answer.id) == key);
        let these_settled = split(&mut settled, |settled| (settled.shard, settled.id) == key);
        let these_moved = split(&mut moved, |moved| (moved.shard, moved.id) == key);
        let mut dues: Vec<Due> =
            these_answers.iter().filter_map(|answer| of_answer(answer, inputs, coverage)).collect();
        of_settlements(these_settled, &mut dues);
        let bet = bets.accepted_at(key.0, key.1);
        for due in &mut dues {
            due.of = due.of.or(bet.map(|bet| (bet.account, bet.currency)));
        }
        compare(check, key.1, &dues, these_moved);
        for moved in these_moved {
            check.demand(bet.is_none_or(|bet| bet.licence == moved.licence), || {
                format!("{}: bet {} stands under another licence", moved.place(), key.1)
            });
        }
    }
}

/// Takes the front part for which this holds.
fn split<'a, T>(all: &mut &'a [T], belongs: impl Fn(&T) -> bool) -> &'a [T] {
    let (these, rest) = all.split_at(all.iter().take_while(|one| belongs(one)).count());
    *all = rest;
    these
}

/// What an answer moves, if it moves anything.
fn of_answer(answer: &Answer, inputs: &Inputs, coverage: &Coverage) -> Option<Due> {
    let cause = answer.cause?;
    let stake = inputs.at(cause).map_or(0, |asked| asked.stake);
    let at = Place { topic: Topic::Decisions, partition: answer.shard, offset: answer.offset };
    let due = |event, route, amount| Due { event, version: 0, moves: moves(&[(route, amount)]), of: None, at };
    match answer.kind {
        Kind::Pending => Some(due(PostingEvent::BetWaits, Route::ReservedForHeld, stake)),
        Kind::Accepted => Some(due(PostingEvent::BetAccepted, Route::CashToHeld, stake)),
        Kind::Refused => coverage.waited(cause).then(|| due(PostingEvent::BetRefused, Route::ReleasedFromHeld, stake)),
        Kind::Done => match *inputs.account_asked(cause.partition, cause.offset) {
            AccountAsked::Deposit { account, currency, amount } => {
                let of = Some((account, currency));
                Some(Due { of, ..due(PostingEvent::Deposit, Route::DepositToCash, amount) })
            }
            AccountAsked::Open { .. } | AccountAsked::Nothing => None,
        },
        Kind::Repeated | Kind::Rejected => None,
    }
}

/// What the settlements of one bet move, each after the one before.
fn of_settlements(settled: &[Settled], dues: &mut Vec<Due>) {
    let mut before: Option<&Settled> = None;
    for record in settled.iter().filter(|record| record.moves_money()) {
        let undone = before.filter(|before| before.kind == SettlementKind::Settled);
        let mut routes: Vec<(Route, i64)> = undone.map(taken_back).unwrap_or_default();
        let is_result = record.kind == SettlementKind::Settled;
        if is_result {
            routes.extend(paid(record));
        }
        let event = if is_result { PostingEvent::BetSettled } else { PostingEvent::BetReopened };
        dues.push(Due { event, version: record.version, moves: moves(&routes), of: None, at: record.place() });
        before = Some(record);
    }
}

fn paid(record: &Settled) -> Vec<(Route, i64)> {
    if record.is_void() {
        vec![(Route::HeldToCash, record.stake)]
    } else {
        vec![(Route::HeldToStakes, record.stake), (Route::PayoutsToCash, record.returned)]
    }
}

/// The reversal; giving a void stake back into held money is the same route as accepting the bet.
fn taken_back(record: &Settled) -> Vec<(Route, i64)> {
    if record.is_void() {
        vec![(Route::CashToHeld, record.stake)]
    } else {
        vec![(Route::CashToPayouts, record.returned), (Route::StakesToHeld, record.stake)]
    }
}

/// Each due exactly once among the postings of its bet or command, and no posting more.
fn compare(check: &mut Check, id: Id, dues: &[Due], moved: &[Moved]) {
    let fits = |due: &Due, moved: &Moved| (due.event, due.version) == (moved.event, moved.settlement_version);
    let mut left: Vec<&Moved> = moved.iter().collect();
    for due in dues {
        check.look();
        let name = || format!("{}: {id} {} version {}", due.at, due.event.as_str_name(), due.version);
        let Some(found) = left.iter().position(|moved| fits(due, moved)).map(|index| left.remove(index)) else {
            check.fail(|| format!("{}: no posting in the ledger, expected {}", name(), shown(&due.moves)));
            continue;
        };
        check.demand(found.moves == due.moves, || {
            format!("{}: {} moved {}, expected {}", name(), found.place(), shown(&found.moves), shown(&due.moves))
        });
        check.demand(due.of.is_none_or(|of| of == (found.account, found.currency)), || {
            format!("{}: {} moved another's money", name(), found.place())
        });
    }
    for extra in left {
        check.look();
        check.fail(|| {
            let (place, event, version) = (extra.place(), extra.event.as_str_name(), extra.settlement_version);
            let why = match dues.iter().find(|due| fits(due, extra)) {
                Some(due) => format!("moved twice for {}", due.at),
                None => "nothing was decided that moves this".to_owned(),
            };
            format!("{place}: {id} {event} version {version}: {why}")
        });
    }
}
