//! Whether everything that was asked was answered, once.

use super::decode::{Id, Place, Role, Topic};
use super::inputs::{Asked, Inputs};
use super::journal::Journals;
use super::report::Check;

/// How an answer ends a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Pending,
    Accepted,
    Done,
    Refused,
    Repeated,
    Rejected,
}

/// One answer to one input record.
pub(super) struct Outcome {
    pub(super) cause: Place,
    pub(super) at: Place,
    pub(super) kind: Kind,
    /// The id that the answer names; absent on a reject.
    pub(super) id: Option<Id>,
}

/// All answers.
pub(super) struct Coverage {
    pub(super) check: Check,
    outcomes: Vec<Outcome>,
    /// Bets that are still to be judged.
    pub(super) waiting: u64,
}

impl Coverage {
    pub(super) fn new() -> Self {
        Coverage { check: Check::new("coverage"), outcomes: Vec::new(), waiting: 0 }
    }

    pub(super) fn add(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    /// How the question there ended for good, once the answers are in order; `None` while it is open.
    pub(super) fn ended(&self, cause: Place) -> Option<Kind> {
        self.answers(cause).iter().map(|outcome| outcome.kind).find(|kind| *kind != Kind::Pending)
    }

    /// Whether the question there was told to wait.
    pub(super) fn waited(&self, cause: Place) -> bool {
        self.answers(cause).iter().any(|outcome| outcome.kind == Kind::Pending)
    }

    fn answers(&self, cause: Place) -> &[Outcome] {
        let from = self.outcomes.partition_point(|outcome| outcome.cause < cause);
        let to = from + self.outcomes[from..].partition_point(|outcome| outcome.cause == cause);
        &self.outcomes[from..to]
    }

    /// Puts the answers beside the questions. A bet in play is first judged when market data newer than itself has come,
    /// or after `grace_ms` without any: until then it is read and has no answer yet.
    pub(super) fn finish(&mut self, inputs: &Inputs, journals: &Journals, grace_ms: i64) {
        self.outcomes.sort_by_key(|outcome| (outcome.cause, outcome.at.topic, outcome.at.offset));
        let mut check = std::mem::replace(&mut self.check, Check::new("coverage"));
        for outcome in &self.outcomes {
            let Outcome { cause, at, .. } = outcome;
            check.demand(inputs.at(*cause).is_some(), || format!("{at}: answers {cause}, where there is no record"));
            check.demand(at.partition == cause.partition && role_fits(outcome), || {
                format!("{at}: answers {cause}, which is not for this shard or topic to answer")
            });
        }
        let mut waiting = 0;
        for (topic, partition, asked) in inputs.partitions() {
            let role = if topic.is_by_match() { Role::Trading } else { Role::Book };
            let position = journals.position(role, partition, topic, partition);
            for one in asked {
                check.look();
                let cause = Place { topic, partition, offset: one.offset };
                let answers = self.answers(cause);
                if topic.is_by_match() {
                    check.demand(answers.len() <= 1, || format!("{cause}: rejected {} times", answers.len()));
                } else {
                    let judged_by_ms = one.append_ms.saturating_add(grace_ms);
                    let may_wait = topic == Topic::Commands && journals.last_at_ms(role, partition) <= judged_by_ms;
                    waiting += one_outcome(&mut check, cause, one, answers, (position, may_wait));
                }
                for answer in answers {
                    check.demand(one.offset < position, || {
                        format!(
                            "{}: answers {cause}, which the journal has not read (it stands at {position})",
                            answer.at
                        )
                    });
                    check.demand(answer.id.is_none_or(|id| one.names(id)), || {
                        format!("{}: answers {cause} under an id that is not there", answer.at)
                    });
                }
            }
        }
        self.check = check;
        self.waiting = waiting;
    }
}

/// Decisions and the book's rejects answer customers, trading's rejects the feed and the desks.
fn role_fits(outcome: &Outcome) -> bool {
    match (outcome.at.topic, outcome.cause.topic) {
        (Topic::Decisions, Topic::Commands) => outcome.kind != Kind::Done,
        (Topic::Decisions, Topic::AccountCommands) => !matches!(outcome.kind, Kind::Accepted | Kind::Pending),
        (Topic::RejectsBook, Topic::Commands | Topic::AccountCommands)
        | (Topic::RejectsTrading, Topic::Feed | Topic::TradingCommands) => true,
        _ => false,
    }
}

/// Demands exactly one end; returns how many bets are still waiting (0 or 1).
fn one_outcome(
    check: &mut Check,
    cause: Place,
    asked: &Asked,
    answers: &[Outcome],
    (position, may_wait): (u64, bool),
) -> u64 {
    let places = |kinds: &dyn Fn(Kind) -> bool| {
        let named: Vec<String> =
            answers.iter().filter(|answer| kinds(answer.kind)).map(|answer| answer.at.to_string()).collect();
        named.join(", ")
    };
    let pending: Vec<&Outcome> = answers.iter().filter(|answer| answer.kind == Kind::Pending).collect();
    let ends: Vec<&Outcome> = answers.iter().filter(|answer| answer.kind != Kind::Pending).collect();
    check.demand(ends.len() <= 1, || {
        format!("{cause}: {} ended {} times: {}", asked.id, ends.len(), places(&|kind| kind != Kind::Pending))
    });
    check.demand(pending.len() <= 1, || {
        format!(
            "{cause}: {} was told to wait {} times: {}",
            asked.id,
            pending.len(),
            places(&|kind| kind == Kind::Pending)
        )
    });
    match (pending.first(), ends.first()) {
        (None, None) => {
            let is_read = asked.offset < position;
            check.demand(!is_read || may_wait, || {
                format!("{cause}: {} was read (the journal stands at {position}) and never answered", asked.id)
            });
            u64::from(is_read)
        }
        (Some(_), None) => 1,
        (Some(first), Some(end)) => {
            let in_order = end.at.topic == Topic::Decisions && first.at.offset < end.at.offset;
            check.demand(in_order && matches!(end.kind, Kind::Accepted | Kind::Refused), || {
                format!("{cause}: {} waits by {} but ended by {}", asked.id, first.at, end.at)
            });
            0
        }
        (None, Some(_)) => 0,
    }
}
