//! The table of legal moves, and that every derived status keeps to it.

use crate::event::{MarketId, MarketState, MarketStatus, Outcome, OutcomeStatus, Owner, Owners};
use crate::market::{Selling, Wanted, is_legal_move, next_state};
use crate::values::{Billionths, LegResult, Price};
use proptest::prelude::*;

const ALL: [MarketStatus; 5] = [
    MarketStatus::Active,
    MarketStatus::Suspended,
    MarketStatus::Inactive,
    MarketStatus::Settled,
    MarketStatus::Cancelled,
];

#[test]
fn the_table_of_legal_moves() {
    let table = [
        (MarketStatus::Active, [true, true, true, true, true]),
        (MarketStatus::Suspended, [true, true, true, true, true]),
        (MarketStatus::Inactive, [true, true, true, true, true]),
        (MarketStatus::Settled, [false, true, false, true, true]),
        (MarketStatus::Cancelled, [false, true, false, false, true]),
    ];
    for (from, legal) in table {
        assert_eq!(ALL.map(|to| is_legal_move(from, to)), legal, "from {from:?}");
    }
}

fn selling(outcome: Outcome, selling: Selling) -> (Outcome, Selling) {
    (outcome, selling)
}

fn offered() -> Selling {
    Selling::Offered { price: Price::decimal_thousandths(1_900).unwrap(), fair: Billionths::from_raw(500_000_000) }
}

fn wanted(over: Selling, under: Selling) -> Wanted {
    let selections = vec![selling(Outcome::Over, over), selling(Outcome::Under, under)];
    Wanted { selections, is_offered: true, is_cancelled: false, owners: Owners::NONE }
}

fn next(previous: Option<&MarketState>, wanted: &Wanted, version: u64) -> MarketState {
    next_state(MarketId::parse("total:line=2.5").unwrap(), previous, wanted, version).0
}

#[test]
fn one_owners_resume_never_lifts_anothers() {
    let held = Owners::NONE.with(Owner::Trader).with(Owner::Feed);
    let mut state = next(None, &Wanted { owners: held, ..wanted(offered(), offered()) }, 1);
    assert_eq!(state.status, MarketStatus::Suspended);
    assert!(state.outcomes.iter().all(|outcome| outcome.price.is_some()), "odds may still move");
    state = next(Some(&state), &Wanted { owners: held.without(Owner::Trader), ..wanted(offered(), offered()) }, 2);
    assert_eq!((state.status, state.owners), (MarketStatus::Suspended, Owners::NONE.with(Owner::Feed)));
    state = next(Some(&state), &wanted(offered(), offered()), 3);
    assert_eq!((state.status, state.price_version), (MarketStatus::Active, 1));
}

#[test]
fn a_bet_stop_moves_nothing_that_is_not_on_offer() {
    let owners = Owners::NONE.with(Owner::Incident);
    let line = Wanted { is_offered: false, owners, ..wanted(offered(), offered()) };
    assert_eq!(next(None, &line, 1).status, MarketStatus::Inactive);
}

#[test]
fn what_is_decided_closes_and_settles_once_confirmed() {
    let active = next(None, &wanted(offered(), offered()), 1);
    let closed = next(Some(&active), &wanted(Selling::Closed, Selling::Closed), 2);
    assert_eq!((closed.status, closed.owners), (MarketStatus::Suspended, Owners::NONE.with(Owner::Incident)));
    let results = wanted(Selling::Result(LegResult::Win), Selling::Result(LegResult::Lose));
    let settled = next(Some(&closed), &results, 3);
    assert_eq!((settled.status, settled.owners), (MarketStatus::Settled, Owners::NONE));
    assert_eq!(settled.outcomes[0].status, OutcomeStatus::Won);
}

#[test]
fn a_result_taken_back_is_first_suspended() {
    let results = wanted(Selling::Result(LegResult::Win), Selling::Result(LegResult::Lose));
    let settled = next(None, &results, 1);
    let id = settled.id;
    let (reopened, again) = next_state(id, Some(&settled), &wanted(offered(), offered()), 2);
    assert_eq!((reopened.status, again), (MarketStatus::Suspended, true));
    assert!(reopened.owners.contains(Owner::Incident));
    assert_eq!(next(Some(&reopened), &wanted(offered(), offered()), 3).status, MarketStatus::Active);
    let other = wanted(Selling::Result(LegResult::Lose), Selling::Result(LegResult::Win));
    let (reopened, again) = next_state(id, Some(&settled), &other, 2);
    assert_eq!(
        (reopened.status, again, reopened.outcomes[0].status),
        (MarketStatus::Suspended, true, OutcomeStatus::Closed)
    );
    assert_eq!(next(Some(&reopened), &other, 3).outcomes[0].status, OutcomeStatus::Lost);
}

fn any_wanted() -> impl Strategy<Value = Wanted> {
    let pair = prop::sample::select(vec![
        (offered(), offered()),
        (Selling::Withheld { fair: None }, offered()),
        (Selling::Withheld { fair: None }, Selling::Withheld { fair: None }),
        (Selling::Closed, Selling::Closed),
        (Selling::Result(LegResult::Win), Selling::Result(LegResult::Lose)),
        (Selling::Result(LegResult::HalfWin), Selling::Result(LegResult::HalfLose)),
    ]);
    (pair, any::<bool>(), prop::bool::weighted(0.2), 0_u8..128).prop_map(|(pair, is_offered, is_cancelled, owners)| {
        Wanted { is_offered, is_cancelled, owners: Owners(owners & 0b0010_0111), ..wanted(pair.0, pair.1) }
    })
}

proptest! {
    #[test]
    fn whatever_is_wanted_moves_legally(history in prop::collection::vec(any_wanted(), 1..20)) {
        let mut state: Option<MarketState> = None;
        for (version, wanted) in (1..).zip(&history) {
            let after = next(state.as_ref(), wanted, version);
            if let Some(before) = &state {
                prop_assert!(is_legal_move(before.status, after.status));
            }
            let is_priced = |outcome: &crate::event::OutcomeState| outcome.price.is_some();
            prop_assert!(after.outcomes.iter().all(|o| is_priced(o) == (o.status == OutcomeStatus::Offered)));
            prop_assert!(after.status != MarketStatus::Active || after.owners.is_empty());
            prop_assert!(after.status != MarketStatus::Suspended || !after.owners.is_empty());
            prop_assert!(after.status != MarketStatus::Active || after.outcomes.iter().any(is_priced));
            state = Some(after);
        }
    }
}
