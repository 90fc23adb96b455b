//! How far a replay has come: clock and score of every match, messages a second.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::event::{Fact, FactBody, Period, Score};
use crate::outcome::FactSet;
use crate::runtime::clock::monotonic;

use super::script::MatchScript;

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Between two screens on a terminal.
const SCREEN_EVERY: Duration = Duration::from_millis(250);

/// One match as told so far.
#[derive(Clone, Debug)]
pub struct MatchProgress {
    /// Home side, fit for a terminal.
    pub home: String,
    /// Away side.
    pub away: String,
    /// The period that was last told of.
    pub period: Period,
    /// Minute of the match as people count it (45 in the stoppage of the first half); 0 before kick-off.
    pub minute: u32,
    /// Minutes of stoppage played in this half.
    pub stoppage: u32,
    /// Goals that hold.
    pub score: Score,
    /// The final whistle is told.
    pub is_over: bool,
    facts: FactSet,
}

/// A run as told so far.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The matches in the order in which they were given.
    pub matches: Vec<MatchProgress>,
    /// Messages sent: facts, repeats, heartbeats, answers.
    pub messages: u64,
    /// Messages a second, over the last second or so.
    pub messages_a_second: u64,
    /// Messages lost on purpose.
    pub lost: u64,
    /// Requests to send again that were answered.
    pub requests: u64,
    /// The producer says nothing at the moment.
    pub is_silent: bool,
    since: Instant,
    messages_then: u64,
}

impl Progress {
    pub(super) fn of(scripts: &[MatchScript]) -> Progress {
        let of_match = |script: &MatchScript| MatchProgress {
            home: script.home.display_safe(),
            away: script.away.display_safe(),
            period: Period::PreMatch,
            minute: 0,
            stoppage: 0,
            score: Score::default(),
            is_over: false,
            facts: FactSet::new(),
        };
        Progress {
            matches: scripts.iter().map(of_match).collect(),
            messages: 0,
            messages_a_second: 0,
            lost: 0,
            requests: 0,
            is_silent: false,
            since: monotonic(),
            messages_then: 0,
        }
    }

    pub(super) fn hear(&mut self, index: usize, fact: &Fact) {
        let told = &mut self.matches[index];
        told.facts.insert(fact);
        told.score = told.facts.score();
        if let Some(clock) = fact.clock.filter(|clock| clock.period >= told.period) {
            let (before, regular) = regular_minutes(clock.period);
            let shown = u32::try_from(clock.elapsed.get() / 60_000).unwrap_or(0) + 1;
            told.period = clock.period;
            told.minute = (before + shown.min(regular)).max(told.minute);
            told.stoppage = shown.saturating_sub(regular);
        }
        told.is_over |= fact.body == FactBody::FinalWhistle;
        if let FactBody::PeriodEnd(Period::FirstHalf) = fact.body {
            told.period = Period::HalfTime;
        }
    }

    pub(super) fn measure(&mut self) {
        let passed = self.since.elapsed();
        if passed >= Duration::from_secs(1) {
            let sent = (self.messages - self.messages_then) as f64;
            self.messages_a_second = (sent / passed.as_secs_f64()).round() as u64;
            (self.since, self.messages_then) = (monotonic(), self.messages);
        }
    }

    /// Totals in one line.
    pub fn totals(&self) -> String {
        let over = self.matches.iter().filter(|told| told.is_over).count();
        let mut line = format!(
            "{over} of {} matches over, {} messages, {} a second",
            self.matches.len(),
            self.messages,
            self.messages_a_second
        );
        for (count, what) in [(self.lost, "lost on purpose"), (self.requests, "requests answered")] {
            if count > 0 {
                write!(line, ", {count} {what}").expect("writing to a string cannot fail");
            }
        }
        if self.is_silent {
            line.push_str(", SILENT");
        }
        line
    }
}

impl MatchProgress {
    /// The clock as a scoreboard shows it: `45+2'`, `HT`, `FT`.
    pub fn clock(&self) -> String {
        match (self.is_over, self.period) {
            (true, _) | (_, Period::Over) => "FT".to_owned(),
            (_, Period::PreMatch) => "--".to_owned(),
            (_, Period::HalfTime) => "HT".to_owned(),
            (_, Period::BeforeExtraTime) => "ET".to_owned(),
            (_, Period::ShootOut) => "PEN".to_owned(),
            (_, Period::FirstHalf | Period::SecondHalf | Period::ExtraFirstHalf | Period::ExtraSecondHalf) => {
                let stoppage = if self.stoppage > 0 { format!("+{}", self.stoppage) } else { String::new() };
                format!("{}{stoppage}'", self.minute)
            }
        }
    }

    fn line(&self) -> String {
        format!("{:>6}  {} {}-{} {}", self.clock(), self.home, self.score.home, self.score.away, self.away)
    }
}

/// Minutes before a period, and its own.
fn regular_minutes(period: Period) -> (u32, u32) {
    match period {
        Period::FirstHalf => (0, 45),
        Period::SecondHalf => (45, 45),
        Period::ExtraFirstHalf => (90, 15),
        Period::ExtraSecondHalf => (105, 15),
        Period::PreMatch | Period::HalfTime => (0, 0),
        Period::BeforeExtraTime => (90, 0),
        Period::ShootOut | Period::Over => (120, 0),
    }
}

/// Shows progress on standard error: a screen of lines on a terminal, else a line every few seconds.
#[derive(Debug)]
pub struct Reporter {
    is_terminal: bool,
    last: Option<Instant>,
    lines_shown: usize,
}

impl Reporter {
    /// For the standard error of this process.
    pub fn stderr() -> Reporter {
        Reporter { is_terminal: std::io::stderr().is_terminal(), last: None, lines_shown: 0 }
    }

    /// Shows it, if it is time to.
    pub fn show(&mut self, progress: &Progress) {
        let every = if self.is_terminal { SCREEN_EVERY } else { LINE_EVERY };
        if self.last.is_some_and(|last| last.elapsed() < every) {
            return;
        }
        self.last = Some(monotonic());
        self.write(progress);
    }

    /// Shows it for the last time.
    pub fn end(&mut self, progress: &Progress) {
        self.write(progress);
    }

    fn write(&mut self, progress: &Progress) {
        let mut text = String::new();
        let lines = progress.matches.iter().map(MatchProgress::line).chain([format!("        {}", progress.totals())]);
        if self.is_terminal {
            if self.lines_shown > 0 {
                write!(text, "\x1b[{}A", self.lines_shown).expect("writing to a string cannot fail");
            }
            let lines: Vec<String> = lines.collect();
            self.lines_shown = lines.len();
            lines.iter().for_each(|line| text.push_str(&format!("\x1b[2K{line}\n")));
        } else {
            let lines: Vec<String> = lines.map(|line| line.trim().to_owned()).collect();
            text = format!("{}\n", lines.join(" | "));
        }
        let mut stderr = std::io::stderr().lock();
        // Nobody may be listening: a replay goes on without an audience.
        drop(stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush()));
    }
}
