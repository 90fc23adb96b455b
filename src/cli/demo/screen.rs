//! The big screen: a row a match, prices that flash when they move, and how the book is doing.

use super::board::{Board, Move, Row};
use super::words;
use crate::catalogue::Specifier;
use crate::event::{MarketId, MarketState, MarketType, Outcome, OutcomeState, OutcomeStatus};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Cell, Paragraph, Row as TableRow, Table};
use std::time::Duration;

/// How long an event stays highlighted.
const NEWS_SHOWN_FOR: Duration = Duration::from_secs(3);

/// What stands above and below the board and does not change.
pub(super) struct Captions {
    /// Speed, what scales with it, what does not.
    pub(super) rules: String,
    /// Where the broker is.
    pub(super) broker: String,
    /// A line to paste into another terminal.
    pub(super) paste: String,
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, board: &mut Board, captions: &Captions, stage: &str) {
    let rows = u16::try_from(board.matches.len()).unwrap_or(u16::MAX);
    let area = frame.area();
    // A low window gives the matches what it has.
    let least = if area.height < 30 { 7 } else { 9 };
    let [head, table, feet, foot] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Max(rows.saturating_add(3)),
        Constraint::Min(least),
        Constraint::Length(2),
    ])
    .areas(area);
    let title = Line::from(vec![
        Span::from("touchline demo").bold(),
        Span::from(format!("  {stage}  ")),
        Span::from(captions.broker.clone()).dim(),
    ]);
    frame.render_widget(Paragraph::new(vec![title, Line::from(captions.rules.clone()).dim()]), head);
    frame.render_widget(matches(board, table), table);
    let [bets, speed] = Layout::horizontal([Constraint::Percentage(55), Constraint::Percentage(45)]).areas(feet);
    draw_bets(frame, board, bets);
    draw_speed(frame, board, speed);
    let foot_lines = vec![
        Line::from(vec![Span::from("try  ").dim(), Span::from(captions.paste.clone()).fg(Color::Cyan)]),
        Line::from("q quits").dim(),
    ];
    frame.render_widget(Paragraph::new(foot_lines), foot);
}

/// The columns, from the left; a narrow window leaves out the last ones, the news before the markets.
const COLUMNS: [(&str, u16); 10] = [
    ("clock", 6),
    ("match", 44),
    ("betting", 9),
    ("1", 8),
    ("X", 8),
    ("2", 8),
    ("over/under", 19),
    ("handicap (home/away)", 21),
    ("both score", 13),
    ("", 15),
];
/// Of a match's names so much is shown at least.
const NAMES_LEAST: u16 = 26;

fn matches(board: &Board, area: Rect) -> Table<'static> {
    let room = area.width.saturating_sub(2);
    let needed = |count: usize| {
        let wide: u16 = COLUMNS[..count].iter().map(|(_, width)| width + 1).sum();
        wide - COLUMNS[1].1 + NAMES_LEAST
    };
    let shown = (6..=COLUMNS.len()).rev().find(|count| needed(*count) <= room).unwrap_or(6);
    let widths = COLUMNS[..shown].iter().enumerate().map(|(at, (_, width))| match at {
        1 => Constraint::Fill(1),
        _ => Constraint::Length(*width),
    });
    let head = TableRow::new(COLUMNS[..shown].iter().map(|(name, _)| Cell::from(*name)))
        .style(Style::new().add_modifier(Modifier::DIM));
    let lines = usize::from(area.height.saturating_sub(3));
    let title = match board.matches.len() {
        count if count > lines => format!(" matches ({lines} of {count}: a taller window shows all) "),
        _ => " matches ".to_owned(),
    };
    let rows = board.matches.values().map(|row| TableRow::new(cells(row).into_iter().take(shown).collect::<Vec<_>>()));
    Table::new(rows.collect::<Vec<_>>(), widths).header(head).block(Block::bordered().title(title))
}

fn cells(row: &Row) -> [Cell<'static>; 10] {
    let update = &row.update;
    let result = [Outcome::Home, Outcome::Draw, Outcome::Away]
        .map(|outcome| Cell::from(Line::from(price(row, row.market(MarketId::MATCH_RESULT), outcome))));
    let betting = match row.held_by() {
        None => Span::from("open").fg(Color::Green),
        Some(by) if row.is_feed_held() => Span::from(by).fg(Color::Magenta),
        Some(by) => Span::from(by).fg(Color::Yellow),
    };
    let news = match row.news {
        Some((news, seen)) if seen.elapsed() < NEWS_SHOWN_FOR => Span::from(news).bold().fg(Color::Yellow),
        Some((news, _)) => Span::from(news).dim(),
        None => Span::default(),
    };
    let [home, draw, away] = result;
    [
        Cell::from(words::clock(update)),
        Cell::from(format!(
            "{} {}-{} {}",
            update.fixture.home.display_safe(),
            update.score.home,
            update.score.away,
            update.fixture.away.display_safe()
        )),
        Cell::from(betting),
        home,
        draw,
        away,
        pair(row, row.main_line(|id| id.kind() == MarketType::TOTAL)),
        pair(row, row.main_line(is_handicap)),
        pair(row, row.market(MarketId::BOTH_TEAMS_TO_SCORE)),
        Cell::from(news),
    ]
}

fn is_handicap(id: MarketId) -> bool {
    matches!(id.kind(), MarketType::HANDICAP | MarketType::HANDICAP_REST)
}

/// The line and both prices of a two-way market.
fn pair(row: &Row, market: Option<&MarketState>) -> Cell<'static> {
    let Some(shown) = market else { return Cell::from("") };
    let [first, second] = &shown.outcomes[..] else { return Cell::from("") };
    let line = match shown.id.definition().specifiers.contains(&Specifier::Line).then(|| shown.id.line()) {
        Some(line) if is_handicap(shown.id) && line.quarters() > 0 => format!("+{line} "),
        Some(line) => format!("{line} "),
        None => String::new(),
    };
    let mut spans = vec![Span::from(line).dim()];
    spans.extend(price(row, market, first.outcome));
    spans.push(Span::from(" "));
    spans.extend(price(row, market, second.outcome));
    Cell::from(Line::from(spans))
}

fn price(row: &Row, market: Option<&MarketState>, outcome: Outcome) -> Vec<Span<'static>> {
    let state = market.and_then(|market| market.outcomes.iter().find(|state| state.outcome == outcome));
    let Some((market, state)) = market.zip(state) else { return Vec::new() };
    let Some(text) = shown(state) else { return vec![Span::from("-").dim()] };
    let style = match row.moved(market.id, outcome) {
        Some(Move::Longer) => return vec![Span::from(format!("{text}▲")).fg(Color::Green).bold()],
        Some(Move::Shorter) => return vec![Span::from(format!("{text}▼")).fg(Color::Red).bold()],
        None if market.owners.is_empty() => Style::new(),
        None => Style::new().add_modifier(Modifier::DIM),
    };
    vec![Span::styled(text, style)]
}

/// The price, or what the selection came to.
fn shown(state: &OutcomeState) -> Option<String> {
    match state.status {
        OutcomeStatus::Offered => state.price.map(|price| price.to_string()),
        OutcomeStatus::Withheld | OutcomeStatus::Closed => None,
        OutcomeStatus::Won => Some("won".to_owned()),
        OutcomeStatus::Lost => Some("lost".to_owned()),
        OutcomeStatus::Void => Some("void".to_owned()),
        OutcomeStatus::HalfWon => Some("½ won".to_owned()),
        OutcomeStatus::HalfLost => Some("½ lost".to_owned()),
    }
}

fn draw_bets(frame: &mut Frame<'_>, board: &mut Board, area: Rect) {
    let (accepted, refused) = board.rates();
    let total = board.refused_total();
    let mut lines = vec![
        Line::from(format!("sent {}   waiting out the delay {}", board.sent, board.waiting())),
        Line::from(vec![
            Span::from(format!("accepted {} ({accepted:.0}/s)", board.accepted)).fg(Color::Green),
            Span::from("   "),
            Span::from(format!("refused {total} ({refused:.0}/s)")).fg(Color::Red),
        ]),
    ];
    let reasons: Vec<String> = board.reasons().iter().take(8).map(|(name, count)| format!("{name} {count}")).collect();
    lines.extend(reasons.chunks(2).map(|some| Line::from(format!("  {}", some.join("   "))).dim()));
    lines.push(Line::from(format!(
        "staked {}   paid {}   open bets {}   settled {}",
        words::amount(board.staked_minor),
        words::amount(board.returned_minor),
        board.open(),
        board.settled
    )));
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" bets ")), area);
}

fn draw_speed(frame: &mut Frame<'_>, board: &Board, area: Rect) {
    let lag = board.lag_ms().map_or_else(|| "-".to_owned(), |lag| format!("{lag} ms"));
    let lines = vec![
        Line::from("bet sent to its first answer").dim(),
        Line::from(format!("  {}", board.answers.line())),
        Line::from("feed event to published prices").dim(),
        Line::from(format!("  {}", board.prices.line())),
        Line::from(vec![Span::from("age of the oldest market knowledge  ").dim(), Span::from(lag)]),
        Line::from(vec![Span::from("alerts  ").dim(), Span::from(board.alerts.to_string())]),
    ];
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" speed, as a consumer sees it ")), area);
}
