//! The cells against scores far beyond them, and shares by hand and against plain fractions.

use proptest::prelude::*;

use super::*;
use crate::event::Side;
use crate::values::QuarterLine;

/// The cell of a score, said in the plainest way.
fn cell_of(home: u16, away: u16) -> usize {
    let lead = i32::from(home) - i32::from(away);
    if home <= 9 && away <= 9 {
        usize::from(home) * 10 + usize::from(away)
    } else if lead.abs() <= 9 {
        usize::try_from(100 + 9 + lead).unwrap()
    } else {
        if lead > 0 { 119 } else { 120 }
    }
}

fn any_market() -> impl Strategy<Value = MarketId> {
    let line = (-60_i16..120).prop_map(QuarterLine::from_quarters);
    let base = (0_u16..14, 0_u16..14).prop_map(|(home, away)| Score { home, away });
    prop_oneof![
        Just(MarketId::MATCH_RESULT),
        Just(MarketId::DOUBLE_CHANCE),
        Just(MarketId::DRAW_NO_BET),
        Just(MarketId::BOTH_TEAMS_TO_SCORE),
        line.clone().prop_map(MarketId::total),
        line.clone().prop_map(MarketId::handicap),
        (prop::bool::ANY, line.clone())
            .prop_map(|(home, line)| MarketId::team_total(if home { Side::Home } else { Side::Away }, line)),
        (base, line).prop_map(|(base, line)| MarketId::handicap_rest(base, line)),
        (1_u8..=9).prop_map(MarketId::correct_score),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// No score, however high, is better for the customer than its cell says; up to nine goals it is just that.
    #[test]
    fn a_cell_is_never_counted_short(market in any_market(), home in 0_u16..45, away in 0_u16..45) {
        for outcome in market.outcomes() {
            let outlook = Outlook::of(market, outcome);
            prop_assert_eq!(outlook.cells().len(), SCORE_CELLS);
            let told = outlook.cells()[cell_of(home, away)];
            let came_to = result_at_score(market, outcome, Score { home, away }).unwrap_or(LegResult::Void);
            prop_assert!(goodness(told) >= goodness(came_to), "{market} {outcome} {home}:{away}");
            if home <= 9 && away <= 9 {
                prop_assert_eq!(told, came_to);
            }
        }
    }

    /// The quick fraction and the wide one round alike.
    #[test]
    fn a_share_is_the_exact_fraction_rounded_up(
        stake in 1_i64..1_000_000, prices in prop::collection::vec((1_001_u32..9_000, 0_i64..=1_000_000_000), 1..5),
    ) {
        let legs = prices.iter().map(|(price, fair)| WeighedLeg {
            price: Price::decimal_thousandths(*price).unwrap(), fair: Some(Billionths::from_raw(*fair)), decided: None,
        }).collect::<Vec<_>>();
        let outlook = Outlook::of(MarketId::total(QuarterLine::from_quarters(9)), Outcome::Over);
        let share = share_of(Money::from_minor(stake), &legs, 0, ParlayWeight::Fair, &outlook);
        let mut num = num_bigint::BigInt::from(stake) * prices[0].0;
        let mut den = num_bigint::BigInt::from(1_000);
        for (price, fair) in &prices[1..] {
            num *= num_bigint::BigInt::from(*price) * *fair;
            den *= num_bigint::BigInt::from(1_000_000_000_000_i64);
        }
        let up = (num + &den - 1) / den - stake;
        prop_assert_eq!(num_bigint::BigInt::from(share.at(LegResult::Win)), up);
        prop_assert_eq!(share.at(LegResult::Lose), -stake);
    }
}

fn leg(price: &str, fair: i64, decided: Option<LegResult>) -> WeighedLeg {
    WeighedLeg { price: Price::parse(price).unwrap(), fair: Some(Billionths::from_raw(fair * 1_000_000)), decided }
}

#[test]
fn shares_by_hand() {
    let over = Outlook::of(MarketId::total(QuarterLine::from_quarters(9)), Outcome::Over);
    let ten = Money::from_minor(1_000);
    let amounts = |legs: &[WeighedLeg], weight| {
        let share = share_of(ten, legs, 0, weight, &over);
        [LegResult::Win, LegResult::HalfWin, LegResult::Void, LegResult::HalfLose, LegResult::Lose]
            .map(|result| share.at(result))
    };
    // 10.00 on over 2.25 at 1.95: +9.50; +4.75 never (a line of 2.25 half wins for under only); -5.00; -10.00.
    assert_eq!(amounts(&[leg("1.950", 500, None)], ParlayWeight::Fair), [950, 0, 0, -500, -1_000]);
    // With a second leg at 2.00: won 10 x 1.95 x 2 - 10 = 29.00 in full; with a chance of 0.48: 18.72 - 10 = 8.72.
    let two = [leg("1.950", 500, None), leg("2.000", 480, None)];
    assert_eq!(amounts(&two, ParlayWeight::Full), [2_900, 0, 0, 0, -1_000]);
    assert_eq!(amounts(&two, ParlayWeight::Fair), [872, 0, 0, -520, -1_000]);
    // Once it has won, it counts in full; void, it counts one.
    let won = [leg("1.950", 500, None), leg("2.000", 480, Some(LegResult::Win))];
    assert_eq!(amounts(&won, ParlayWeight::Fair), [2_900, 0, 0, 0, -1_000]);
    let void = [leg("1.950", 500, None), leg("2.000", 480, Some(LegResult::Void))];
    assert_eq!(amounts(&void, ParlayWeight::Fair), [950, 0, 0, -500, -1_000]);
    // 25 legs at the highest odds that a payout in 64 bits allows: the wide way, and no overflow.
    let many = vec![leg("5.000", 1_000, None); 25];
    assert_eq!(
        share_of(Money::from_minor(10), &many, 24, ParlayWeight::Full, &over).at(LegResult::Win),
        2_980_232_238_769_531_250 - 10
    );
}

#[test]
fn the_nth_goal_is_counted_apart() {
    let home = Outlook::of(MarketId::next_goal(2), Outcome::Home);
    assert!(home.is_apart());
    assert_eq!(home.cells(), [LegResult::Win, LegResult::Lose, LegResult::Lose]);
}
