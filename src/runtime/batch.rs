//! A batch makes a merge of topics repeatable: which records, in which order, at which time.

use crate::event::{
    Alert, AlertKind, Decision, Envelope, InputRef, Machine, Moment, Outbox, Output, Refusal, Reject, Stage, Topic,
    Verdict,
};
use crate::values::Time;
use crate::wire::{Broken, RejectedValue};

/// One partition of one input topic. Ordered as a batch applies them: topic rank, then partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// The topic.
    pub topic: Topic,
    /// The partition.
    pub partition: u32,
}

impl Source {
    /// Whether a batch applies it before its timers: everything but what customers ask. So bet stops win ties.
    pub fn before_timers(self) -> bool {
        match self.topic {
            Topic::TradingCommands | Topic::Feed | Topic::Markets => true,
            Topic::AccountCommands | Topic::Commands => false,
        }
    }
}

/// A record that could not be taken, with its bytes.
#[derive(Clone, Debug)]
pub struct BrokenRecord {
    /// Why, and whether it can be answered as a decision.
    pub broken: Broken,
    /// The value as it came, cut.
    pub raw: RejectedValue,
}

/// A record as it waits for its batch.
#[derive(Clone, Debug)]
pub struct InRecord<I> {
    /// Its offset.
    pub offset: u64,
    /// When the broker appended it.
    pub append_time: Time,
    /// What it weighs while it waits: 1, and 1 more a KiB.
    pub weight: usize,
    /// What it says, or why it says nothing.
    pub body: Result<I, BrokenRecord>,
}

/// What a batch reads of one source, and what is known of the source's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceRange {
    /// Which.
    pub source: Source,
    /// First offset applied.
    pub from: u64,
    /// One past the last record applied; `from` when there is none.
    pub to: u64,
    /// One past the last offset known to be passed; >= `to`.
    pub reached: u64,
    /// The newest known end that `reached` satisfies.
    pub known_end: u64,
    /// When that end was asked for; `Time::MIN` before the first.
    pub learnt_at: Time,
    /// Append time of the newest record applied so far.
    pub newest_append: Time,
}

/// A source's share of a batch.
#[derive(Debug)]
pub struct SourceSlice<I> {
    /// The offsets.
    pub range: SourceRange,
    /// The records, in order.
    pub records: Vec<InRecord<I>>,
}

/// A closed batch: decided, whatever happens.
#[derive(Debug)]
pub struct Batch<I> {
    /// Its time, and up to when its inputs are complete.
    pub moment: Moment,
    /// By source, in order.
    pub sources: Vec<SourceSlice<I>>,
    /// Items that `due` may serve.
    pub due_quota: u32,
    /// Items that `work` may serve.
    pub work_quota: u32,
}

/// Something to be written: said by the machine, or by the runtime about a broken record.
#[derive(Debug)]
pub enum Said {
    /// The machine's own word.
    Output(Output),
    /// A broken record, with its bytes.
    Broken {
        /// The refusal.
        reject: Reject,
        /// The bytes refused, cut.
        raw: RejectedValue,
    },
}

/// Applies a batch: sources that come before timers, what is due, what customers ask, queued work.
/// The one function that the live role, recovery and back-tests share.
pub fn apply_batch<M: Machine>(machine: &mut M, batch: Batch<M::Input>) -> Vec<Said> {
    let mut said = Vec::new();
    let mut outbox = Outbox::new();
    let Batch { moment, sources, due_quota, work_quota } = batch;
    machine.open(moment);
    let (before, after): (Vec<_>, Vec<_>) = sources.into_iter().partition(|slice| slice.range.source.before_timers());
    apply_slices(machine, before, &mut outbox, &mut said);
    machine.due(due_quota, &mut outbox);
    drain(&mut outbox, &mut said);
    apply_slices(machine, after, &mut outbox, &mut said);
    machine.work(work_quota, &mut outbox);
    drain(&mut outbox, &mut said);
    said
}

fn apply_slices<M: Machine>(
    machine: &mut M,
    slices: Vec<SourceSlice<M::Input>>,
    outbox: &mut Outbox,
    said: &mut Vec<Said>,
) {
    for slice in slices {
        let Source { topic, partition } = slice.range.source;
        for record in slice.records {
            let source = InputRef { topic, partition, offset: record.offset };
            match record.body {
                Ok(input) => {
                    let envelope = Envelope { source, append_time: record.append_time, input };
                    machine.apply(&envelope, outbox);
                    drain(outbox, said);
                }
                Err(broken) => said.push(answer_broken(source, broken)),
            }
        }
    }
}

fn drain(outbox: &mut Outbox, said: &mut Vec<Said>) {
    said.extend(outbox.take().into_iter().map(Said::Output));
}

/// A broken record is answered once: as a decision where account and command id are readable, else as a reject.
fn answer_broken(cause: InputRef, record: BrokenRecord) -> Said {
    let BrokenRecord { broken, raw } = record;
    if cause.topic == Topic::Markets {
        return Said::Output(integrity_alert(cause, &broken));
    }
    match broken.answer {
        Some(answer) => Said::Output(
            Decision {
                account: answer.account,
                command_id: answer.command_id,
                cause,
                repeated: false,
                verdict: Verdict::Refused(Refusal {
                    reason: broken.reason,
                    stage: Stage::Authenticity,
                    leg: None,
                    current_price: None,
                    max_stake: None,
                    detail: broken.detail,
                }),
            }
            .into(),
        ),
        None => Said::Broken { reject: Reject { cause, reason: broken.reason, detail: broken.detail }, raw },
    }
}

/// Our own topics are never rejected: what cannot be read there is an integrity fault, and the chain of versions keeps
/// a match shut whose update was lost by it.
fn integrity_alert(cause: InputRef, broken: &Broken) -> Output {
    let subject = format!("markets.v1 partition {} offset {}", cause.partition, cause.offset);
    let detail = format!("not a market record ({}): {}", broken.reason.name(), broken.detail);
    Alert { kind: AlertKind::Integrity, subject, detail }.into()
}
