//! What was measured must be right: every bet accepted, once, and paid for once; nothing else said.

use crate::ground::{Ground, Reader, bytes_of};
use crate::passthrough::Sizes;
use crate::side::{Side, Who};
use crate::world::number_of;
use anyhow::{Context, bail, ensure};
use rdkafka::Message;
use rdkafka::message::BorrowedMessage;
use touchline::event::{Decision, Output, PostingEvent, Topic, Verdict};
use touchline::runtime::journal::Chain;
use touchline::wire::proto::journal_record::Body;
use touchline::wire::{self, OutTopic, Role};

/// What a side has written for its bets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    /// Transactions with bets in them.
    pub(super) transactions: usize,
    /// Mean sizes of the records for bets.
    pub(super) sizes: Sizes,
}

/// Reads everything that the side has written, after `bets` bets.
pub(super) fn check(side: &Side, bets: usize) -> anyhow::Result<Written> {
    match side.who {
        Who::Book => check_book(&side.ground, side.warm, bets),
        Who::Passthrough(sizes) => {
            check_passthrough(&side.ground, side.warm, bets).map(|transactions| Written { transactions, sizes })
        }
    }
}

/// The decision in a record of the book.
pub(super) fn decision_of(message: &BorrowedMessage<'_>) -> anyhow::Result<Box<Decision>> {
    let Output::Decision(decision) = output_of(OutTopic::Decisions, message)? else { bail!("not a decision") };
    Ok(decision)
}

fn output_of(topic: OutTopic, message: &BorrowedMessage<'_>) -> anyhow::Result<Output> {
    wire::decode_output(topic, message.payload().unwrap_or_default())
        .map_err(|broken| anyhow::anyhow!("{}: {}", topic.base_name(), broken.detail))
}

/// The number of the accepted bet that a decision answers, `None` for an account command; a refusal is an error.
pub(super) fn accepted(decision: &Decision) -> anyhow::Result<Option<usize>> {
    match &decision.verdict {
        Verdict::Accepted(_) => Ok(Some(number_of(decision.command_id.bits()))),
        Verdict::Done => Ok(None),
        Verdict::Refused(refusal) => {
            bail!("bet {} was refused: {} at {:?}", decision.command_id, refusal.reason.name(), refusal.stage)
        }
        Verdict::Pending { .. } => bail!("bet {} before kick-off was made to wait", decision.command_id),
    }
}

/// Counts and bytes.
#[derive(Default)]
struct Tally {
    count: usize,
    bytes: usize,
}

impl Tally {
    fn add(&mut self, message: &BorrowedMessage<'_>) {
        self.count += 1;
        self.bytes += bytes_of(message);
    }

    fn mean(&self) -> usize {
        self.bytes.div_ceil(self.count.max(1))
    }
}

fn check_book(ground: &Ground, warm: usize, bets: usize) -> anyhow::Result<Written> {
    let (mut decisions, mut postings, mut journals) = (Tally::default(), Tally::default(), Tally::default());
    let (mut done, mut deposits) = (0, 0);
    let mut seen = vec![false; bets];
    Reader::open(ground, OutTopic::Decisions.base_name())?.take_all(|message| {
        let decision = decision_of(message)?;
        let Some(number) = accepted(&decision)? else {
            done += 1;
            return Ok(());
        };
        let first = seen.get_mut(number).with_context(|| format!("a bet was accepted that nobody placed: {number}"))?;
        ensure!(!std::mem::replace(first, true), "bet {number} was accepted twice");
        decisions.add(message);
        Ok(())
    })?;
    ensure!(
        (decisions.count, done) == (bets, warm),
        "{} of {bets} bets accepted, {done} of {warm} account commands done",
        decisions.count
    );
    Reader::open(ground, OutTopic::Ledger.base_name())?.take_all(|message| {
        let Output::Posting(posting) = output_of(OutTopic::Ledger, message)? else { bail!("no posting") };
        match posting.event {
            PostingEvent::BetAccepted => postings.add(message),
            PostingEvent::Deposit => deposits += 1,
            PostingEvent::BetWaits
            | PostingEvent::BetRefused
            | PostingEvent::BetSettled
            | PostingEvent::BetReopened => {
                bail!("a posting that no bet here can cause: {:?}", posting.event)
            }
        }
        Ok(())
    })?;
    ensure!(
        (postings.count, deposits) == (bets, warm / 2),
        "{} of {bets} bets are in the ledger, {deposits} deposits",
        postings.count
    );
    for topic in [OutTopic::Settlements, OutTopic::Rejects(Role::Book), OutTopic::Alerts(Role::Book)] {
        let none = |message: &BorrowedMessage<'_>| {
            bail!("{} must be empty: {:?}", topic.base_name(), output_of(topic, message)?)
        };
        Reader::open(ground, topic.base_name())?.take_all(none)?;
    }
    let mut chain = Chain::new(Role::Book, 0, "");
    Reader::open(ground, OutTopic::Journal(Role::Book).base_name())?.take_all(|message| {
        let record = chain.read(message.offset().unsigned_abs(), message.payload().unwrap_or_default())?;
        if let Some(Body::Batch(batch)) = record.body {
            let commands = wire::topic_to_wire(Topic::Commands) as i32;
            if batch.sources.iter().any(|range| range.topic == commands && range.to > range.from) {
                journals.add(message);
            }
        }
        Ok(())
    })?;
    let sizes =
        Sizes { decision_bytes: decisions.mean(), posting_bytes: postings.mean(), journal_bytes: journals.mean() };
    Ok(Written { transactions: journals.count, sizes })
}

/// The n-th record of both outputs must name the n-th bet, and the journal's ranges must be whole.
fn check_passthrough(ground: &Ground, warm: usize, bets: usize) -> anyhow::Result<usize> {
    let number = |bytes: &[u8], at: usize| -> anyhow::Result<usize> {
        let bytes = bytes.get(at..at + 8).context("a record without its offset")?;
        Ok(usize::try_from(u64::from_be_bytes(bytes.try_into()?))?)
    };
    for topic in [OutTopic::Decisions, OutTopic::Ledger] {
        let mut expected = 0;
        Reader::open(ground, topic.base_name())?.take_all(|message| {
            let offset = number(message.payload().unwrap_or_default(), 0)?;
            ensure!(offset == expected, "{}: record {expected} answers bet {offset}", topic.base_name());
            expected += 1;
            Ok(())
        })?;
        ensure!(expected == warm + bets, "{}: {expected} records, not {}", topic.base_name(), warm + bets);
    }
    let (mut next, mut transactions) = (0, 0);
    Reader::open(ground, OutTopic::Journal(Role::Book).base_name())?.take_all(|message| {
        let bytes = message.payload().unwrap_or_default();
        ensure!(number(bytes, 0)? == next, "the passthrough's journal has a hole at {next}");
        next = number(bytes, 8)? + 1;
        transactions += usize::from(next > warm);
        Ok(())
    })?;
    ensure!(next == warm + bets, "the passthrough's journal ends at {next}, not {}", warm + bets);
    Ok(transactions)
}

/// The number of the bet that the passthrough's record answers.
pub(super) fn passed(message: &BorrowedMessage<'_>, warm: usize) -> anyhow::Result<Option<usize>> {
    let bytes = message.payload().and_then(|bytes| bytes.get(..8)).context("a record without its offset")?;
    let offset = usize::try_from(u64::from_be_bytes(bytes.try_into()?))?;
    Ok(offset.checked_sub(warm))
}
