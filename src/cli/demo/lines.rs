//! The big screen without a terminal: plain lines, every two seconds.

use super::board::{Board, Row};
use super::words;
use crate::event::{MarketId, MarketState, MarketType};

/// One line a match, and one for the book.
pub(super) fn print(board: &mut Board) {
    for row in board.matches.values() {
        println!("{}", match_line(row));
    }
    println!("  {}", book_line(board));
}

fn match_line(row: &Row) -> String {
    let update = &row.update;
    format!(
        "{:>6} {} {}-{} {}  1X2 {}  O/U {}  betting {}",
        words::clock(update),
        update.fixture.home.display_safe(),
        update.score.home,
        update.score.away,
        update.fixture.away.display_safe(),
        prices(row.market(MarketId::MATCH_RESULT)),
        prices(row.main_line(|id| id.kind() == MarketType::TOTAL)),
        row.held_by().unwrap_or_else(|| "open".to_owned())
    )
}

fn prices(market: Option<&MarketState>) -> String {
    let Some(market) = market else { return "-".to_owned() };
    let is_total = market.id.kind() == MarketType::TOTAL;
    let line = if is_total { format!("{}: ", market.id.line()) } else { String::new() };
    let shown = market.outcomes.iter().map(|outcome| match outcome.price {
        Some(price) => price.to_string(),
        None => format!("{:?}", outcome.status).to_lowercase(),
    });
    format!("{line}{}", shown.collect::<Vec<_>>().join(" / "))
}

/// How the book is doing.
pub(super) fn book_line(board: &mut Board) -> String {
    let (accepted, refused) = board.rates();
    let reasons: Vec<String> = board.reasons().iter().map(|(name, count)| format!("{name} {count}")).collect();
    format!(
        "bets sent {}, accepted {} ({accepted:.0}/s), waiting {}, refused {} ({refused:.0}/s: {}), open {}, settled {}; \
         answers {}; prices {}",
        board.sent,
        board.accepted,
        board.waiting(),
        board.refused_total(),
        reasons.join(", "),
        board.open(),
        board.settled,
        board.answers.line(),
        board.prices.line()
    )
}
