//! The money: every balance kept again from the transfers alone, and held against what was printed.

use std::collections::BTreeMap;
use std::fmt::Arguments;

use super::decode::{Id, Place, Topic};
use super::plain::Names;
use super::report::{Check, LedgerSum, MoneyFlow, Summary};
use crate::wire::proto;
use proto::{LedgerAccountKind, PostingEvent, TransferKind};

/// From where to where money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Route {
    Nothing,
    DepositToCash,
    CashToHeld,
    /// Reserved, not moved.
    ReservedForHeld,
    /// A deposit promised, not moved.
    ReservedForCash,
    /// Such a promise let go.
    ReleasedForCash,
    /// A reservation let go.
    ReleasedFromHeld,
    HeldToStakes,
    HeldToCash,
    PayoutsToCash,
    CashToPayouts,
    StakesToHeld,
    Other,
}

/// What a posting moved in the end: at most four routes, sorted, nothing for nothing.
pub(super) type Moves = [(Route, i64); 4];

/// A set of moves, in the one order in which two equal sets are equal.
pub(super) fn moves(routes: &[(Route, i64)]) -> Moves {
    let mut sorted: Vec<(Route, i64)> = routes.iter().copied().filter(|(_, amount)| *amount != 0).collect();
    sorted.sort_unstable();
    let mut kept = [(Route::Nothing, 0); 4];
    if sorted.len() > kept.len() {
        kept[0] = (Route::Other, 0);
        return kept;
    }
    kept[..sorted.len()].copy_from_slice(&sorted);
    kept
}

/// The moves as a reader wants them.
pub(super) fn shown(moves: &Moves) -> String {
    let named: Vec<String> = (moves.iter().filter(|(route, _)| *route != Route::Nothing))
        .map(|(route, amount)| format!("{route:?} {amount}"))
        .collect();
    if named.is_empty() { "nothing".to_owned() } else { named.join(", ") }
}

/// A posting, kept small.
pub(super) struct Moved {
    /// Bet or command.
    pub(super) id: Id,
    pub(super) shard: u32,
    pub(super) offset: u64,
    pub(super) event: PostingEvent,
    pub(super) settlement_version: u32,
    pub(super) account: u32,
    pub(super) licence: u32,
    pub(super) currency: u32,
    pub(super) moves: Moves,
}

impl Moved {
    pub(super) fn place(&self) -> Place {
        Place { topic: Topic::Ledger, partition: self.shard, offset: self.offset }
    }
}

#[derive(Clone, Copy, Default)]
struct Balance {
    posted: i128,
    pending_in: i128,
    pending_out: i128,
}

/// A reservation that is neither posted nor let go.
struct Open {
    id: Id,
    from: (i32, u32),
    to: (i32, u32),
    amount: i64,
}

/// Shard, licence, currency: what one house owns.
type House = (u32, u32, u32);

/// The ledgers of all shards.
pub(super) struct Ledger {
    pub(super) check: Check,
    pub(super) sums: Check,
    next_posting: BTreeMap<u32, u64>,
    /// By house, kind of account, and customer (the empty name's number for the house).
    balances: BTreeMap<(House, i32, u32), Balance>,
    printed: BTreeMap<(House, u32), (i64, i64)>,
    open: BTreeMap<(u32, u64, u32), Open>,
    flows: BTreeMap<(i32, u32), MoneyFlow>,
    pub(super) moved: Vec<Moved>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Ledger {
            check: Check::new("ledger"),
            sums: Check::new("ledger sums"),
            next_posting: BTreeMap::new(),
            balances: BTreeMap::new(),
            printed: BTreeMap::new(),
            open: BTreeMap::new(),
            flows: BTreeMap::new(),
            moved: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, place: Place, posting: &proto::Posting, names: &mut Names) {
        self.check.look();
        let name = format_args!("{place}: posting {} of {}", posting.id, posting.account);
        let expected = self.next_posting.get(&place.partition).map_or(1, |next| *next);
        self.check.demand(posting.id == expected, || format!("{name}, expected posting {expected}"));
        self.next_posting.insert(place.partition, posting.id + 1);
        let house = (place.partition, names.number(&posting.licence), names.number(&posting.currency));
        let account = names.number(&posting.account);
        let event = PostingEvent::try_from(posting.event).unwrap_or(PostingEvent::Unspecified);
        self.check.demand(event != PostingEvent::Unspecified, || format!("{name}: event {}", posting.event));
        let subject = if posting.bet_id.is_empty() { &posting.command_id } else { &posting.bet_id };
        let id = Id::read(subject);
        let cash_before = self.posted(house, LedgerAccountKind::Cash, account);
        let mut routes = Vec::with_capacity(posting.transfers.len());
        for (index, transfer) in posting.transfers.iter().enumerate() {
            let named = format_args!("{name} transfer {index}");
            let here = transfer.id.is_some_and(|id| id.posting == posting.id && id.index as usize == index);
            self.check.demand(here, || format!("{named}: its id is {:?}", transfer.id));
            self.transfer(named, house, account, id, transfer, names, &mut routes);
        }
        self.balances_after(name, house, account, event, cash_before, posting);
        self.moved.push(Moved {
            id,
            shard: place.partition,
            offset: place.offset,
            event,
            settlement_version: posting.settlement_version.unwrap_or(0),
            account,
            licence: house.1,
            currency: house.2,
            moves: moves(&cancelled_out(routes)),
        });
    }

    #[expect(clippy::too_many_arguments, reason = "one transfer with everything it is judged by, called once")]
    fn transfer(
        &mut self,
        named: Arguments<'_>,
        house: House,
        account: u32,
        id: Id,
        transfer: &proto::Transfer,
        names: &mut Names,
        routes: &mut Vec<(Route, i64)>,
    ) {
        let amount = transfer.amount_minor;
        let side = |side: Option<&proto::LedgerAccount>, names: &mut Names| {
            side.map_or((0, u32::MAX), |side| (side.kind, names.number(&side.account)))
        };
        let (from, to) = (side(transfer.from.as_ref(), names), side(transfer.to.as_ref(), names));
        let nobody = names.number("");
        let own = |(kind, owner): (i32, u32)| match LedgerAccountKind::try_from(kind) {
            Ok(LedgerAccountKind::Cash | LedgerAccountKind::Held) => owner == account,
            Ok(LedgerAccountKind::Stakes | LedgerAccountKind::Payouts | LedgerAccountKind::DepositsClearing) => {
                owner == nobody
            }
            Ok(LedgerAccountKind::Unspecified) | Err(_) => false,
        };
        self.check.demand(amount >= 0, || format!("{named}: amount {amount}"));
        self.check.demand(own(from) && own(to) && from != to, || {
            format!("{named}: from {:?} to {:?}", transfer.from, transfer.to)
        });
        let key = |id: Option<&proto::TransferId>| id.map(|id| (house.0, id.posting, id.index));
        let wide = i128::from(amount);
        match TransferKind::try_from(transfer.kind) {
            Ok(TransferKind::Posted) => {
                self.post(house, from, to, wide);
                routes.push((route(from, to), amount));
            }
            Ok(TransferKind::Pending) => {
                if let Some(key) = key(transfer.id.as_ref()) {
                    self.open.insert(key, Open { id, from, to, amount });
                }
                self.reserve(house, from, to, wide);
                routes.push((reserved(from, to), amount));
            }
            Ok(kind @ (TransferKind::PostPending | TransferKind::VoidPending)) => {
                let Some(open) = key(transfer.pending.as_ref()).and_then(|key| self.open.remove(&key)) else {
                    self.check.fail(|| {
                        format!(
                            "{named}: pending {:?} was never made, or is posted or voided already",
                            transfer.pending
                        )
                    });
                    return;
                };
                self.check.demand((open.id, open.from, open.to) == (id, from, to) && amount <= open.amount, || {
                    format!(
                        "{named}: {amount} for a pending transfer of {} between others, or of another bet",
                        open.amount
                    )
                });
                self.reserve(house, open.from, open.to, -i128::from(open.amount));
                routes.push((released(from, to), open.amount));
                if kind == TransferKind::PostPending {
                    self.post(house, from, to, wide);
                    routes.push((route(from, to), amount));
                }
            }
            Ok(TransferKind::Unspecified) | Err(_) => {
                self.check.fail(|| format!("{named}: kind {}", transfer.kind));
            }
        }
    }

    fn post(&mut self, house: House, from: (i32, u32), to: (i32, u32), amount: i128) {
        self.balances.entry((house, from.0, from.1)).or_default().posted -= amount;
        self.balances.entry((house, to.0, to.1)).or_default().posted += amount;
        self.flows.entry((from.0, house.2)).or_default().paid_out += amount;
        self.flows.entry((to.0, house.2)).or_default().paid_in += amount;
    }

    fn reserve(&mut self, house: House, from: (i32, u32), to: (i32, u32), amount: i128) {
        self.balances.entry((house, from.0, from.1)).or_default().pending_out += amount;
        self.balances.entry((house, to.0, to.1)).or_default().pending_in += amount;
    }

    fn balance(&self, house: House, kind: LedgerAccountKind, account: u32) -> Balance {
        self.balances.get(&(house, kind as i32, account)).copied().unwrap_or_default()
    }

    fn posted(&self, house: House, kind: LedgerAccountKind, account: u32) -> i128 {
        self.balance(house, kind, account).posted
    }

    /// The balances printed, and the floors below which no balance may go.
    fn balances_after(
        &mut self,
        name: Arguments<'_>,
        house: House,
        account: u32,
        event: PostingEvent,
        cash_before: i128,
        posting: &proto::Posting,
    ) {
        let cash = self.balance(house, LedgerAccountKind::Cash, account);
        let held = self.posted(house, LedgerAccountKind::Held, account);
        let expected = (cash.posted, cash.pending_out, held);
        let printed = (posting.cash_minor, posting.reserved_minor, posting.held_minor);
        let wide = (i128::from(printed.0), i128::from(printed.1), i128::from(printed.2));
        self.check.demand(wide == expected, || {
            format!("{name}: prints cash, reserved, held {printed:?}, expected {expected:?}")
        });
        self.printed.insert((house, account), (posting.cash_minor, posting.held_minor));
        let falls = cash.posted < 0 && cash.posted < cash_before;
        self.check.demand(!falls || event == PostingEvent::BetReopened, || {
            format!("{name}: cash falls to {} by {}", cash.posted, event.as_str_name())
        });
        let stakes = matches!(event, PostingEvent::BetWaits | PostingEvent::BetAccepted);
        let available = cash.posted - cash.pending_out;
        self.check.demand(!stakes || available >= 0, || {
            format!("{name}: {} leaves {available} available", event.as_str_name())
        });
        self.check.demand(held >= 0, || format!("{name}: held stakes fall to {held}"));
    }

    /// The sums, and what each account holds against the stakes of its open bets.
    pub(super) fn finish(&mut self, stakes: &BTreeMap<(u32, u32), i128>, summary: &mut Summary, names: &Names) {
        let mut sums: BTreeMap<House, LedgerSum> = BTreeMap::new();
        let mut held: BTreeMap<(u32, u32), i128> = BTreeMap::new();
        for ((house, kind, account), balance) in &self.balances {
            let sum = sums.entry(*house).or_default();
            sum.posted += balance.posted;
            sum.pending += balance.pending_in - balance.pending_out;
            if *kind == LedgerAccountKind::Held as i32 {
                *held.entry((house.0, *account)).or_default() += balance.posted;
            } else if *kind != LedgerAccountKind::Cash as i32 {
                sum.printed += balance.posted;
            }
        }
        for ((house, _), (cash, held)) in &self.printed {
            sums.entry(*house).or_default().printed += i128::from(*cash) + i128::from(*held);
        }
        for (house, sum) in sums {
            self.sums.look();
            let key = (house.0, names.text(house.1).to_owned(), names.text(house.2).to_owned());
            self.sums.demand((sum.posted, sum.pending, sum.printed) == (0, 0, 0), || {
                format!("shard {} {} {}: {sum:?}, expected zero", key.0, key.1, key.2)
            });
            summary.sums.insert(key, sum);
        }
        let accounts: std::collections::BTreeSet<(u32, u32)> = held.keys().chain(stakes.keys()).copied().collect();
        for key in accounts {
            self.sums.look();
            let (holds, expected) = (held.get(&key).unwrap_or(&0), stakes.get(&key).unwrap_or(&0));
            self.sums.demand(holds == expected, || {
                format!(
                    "shard {} account {}: holds {holds}, its open bets' stakes are {expected}",
                    key.0,
                    names.text(key.1)
                )
            });
        }
        for ((kind, currency), flow) in std::mem::take(&mut self.flows) {
            let class = LedgerAccountKind::try_from(kind).map_or("?", |kind| kind.as_str_name());
            let class = class.trim_start_matches("LEDGER_ACCOUNT_KIND_").to_lowercase();
            summary.money.insert((class, names.text(currency).to_owned()), flow);
        }
    }
}

fn route(from: (i32, u32), to: (i32, u32)) -> Route {
    use LedgerAccountKind::{Cash, DepositsClearing, Held, Payouts, Stakes};
    let table = [
        (DepositsClearing, Cash, Route::DepositToCash),
        (Cash, Held, Route::CashToHeld),
        (Held, Stakes, Route::HeldToStakes),
        (Held, Cash, Route::HeldToCash),
        (Payouts, Cash, Route::PayoutsToCash),
        (Cash, Payouts, Route::CashToPayouts),
        (Stakes, Held, Route::StakesToHeld),
    ];
    let found = table.iter().find(|(a, b, _)| (*a as i32, *b as i32) == (from.0, to.0));
    found.map_or(Route::Other, |(_, _, route)| *route)
}

fn reserved(from: (i32, u32), to: (i32, u32)) -> Route {
    let promised = route(from, to);
    RESERVATIONS.iter().find(|kind| kind.moved == promised).map_or(Route::Other, |kind| kind.made)
}

fn released(from: (i32, u32), to: (i32, u32)) -> Route {
    let promised = route(from, to);
    RESERVATIONS.iter().find(|kind| kind.moved == promised).map_or(Route::Other, |kind| kind.released)
}

/// What may be reserved: the move, the promise of it, and the promise let go.
struct Reservation {
    moved: Route,
    made: Route,
    released: Route,
}

const RESERVATIONS: [Reservation; 2] = [
    Reservation { moved: Route::CashToHeld, made: Route::ReservedForHeld, released: Route::ReleasedFromHeld },
    Reservation { moved: Route::DepositToCash, made: Route::ReservedForCash, released: Route::ReleasedForCash },
];

/// A reservation made and let go in one posting is nothing; one posted is just the move.
fn cancelled_out(mut routes: Vec<(Route, i64)>) -> Vec<(Route, i64)> {
    for kind in &RESERVATIONS {
        while let Some(released) = routes.iter().position(|(route, _)| *route == kind.released) {
            let amount = routes[released].1;
            let made = routes.iter().position(|made| *made == (kind.made, amount));
            let moved = routes.iter().position(|(route, _)| *route == kind.moved);
            match (made, moved) {
                (Some(made), _) => {
                    routes.remove(released.max(made));
                    routes.remove(released.min(made));
                }
                (None, Some(_)) => {
                    routes.remove(released);
                }
                (None, None) => break,
            }
        }
    }
    routes
}
