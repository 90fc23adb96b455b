//! A bet comes in: is it new, is it whole, can it be judged now or does it have to wait?

use super::BookMachine;
use super::judging::Asked;
use super::memory::{Answer, Recall};
use super::waiting::{Progress, WaitingBet};
use crate::betting::{Wait, check_authenticity, check_id_time, delay_in_play, is_too_old, refusal, wait_of};
use crate::event::{
    AcceptedBet, Decision, InputRef, Outbox, PlaceBet, PlacementRules, Refusal, RejectReason, Stage, Verdict,
};
use crate::values::{CommandId, Millis, Time};

impl BookMachine {
    /// Answers a bet, or seats it.
    pub(super) fn place(&mut self, source: InputRef, placed_at: Time, request: &PlaceBet, out: &mut Outbox) {
        self.bet_ids.advance(placed_at);
        let asked = Asked { request, source, placed_at, cause: Some(source), number: None, also_asked: &[] };
        if self.answer_known(&asked, out) {
            return;
        }
        if let Err(reason) = check_id_time(request.bet_id.time(), placed_at, &self.settings.placement) {
            return self.refuse_stale_id(&asked, reason, out);
        }
        if let Some(what) = self.full(request) {
            self.tell_of_capacity(what, out);
            return self.refuse_unless_full(&asked, refusal(Stage::Authenticity, RejectReason::CapacityReached), out);
        }
        if let Err(refusal) = check_authenticity(request) {
            return self.refuse(&asked, refusal, None, out);
        }
        let delay_in_play = self.delay_in_play(request);
        let in_play = delay_in_play.is_some();
        if is_too_old(placed_at, self.at, in_play, &self.settings.placement) {
            return self.refuse(&asked, refusal(Stage::Authenticity, RejectReason::TimeElapsed), None, out);
        }
        match wait_of(placed_at, delay_in_play, &self.settings) {
            None => self.judge_at_once(&asked, out),
            Some(wait) => self.judge_or_seat(&asked, wait, in_play, out),
        }
    }

    /// Answers a bet whose id was seen before; whether it was.
    fn answer_known(&mut self, asked: &Asked<'_>, out: &mut Outbox) -> bool {
        let request = asked.request;
        let is_open = |slot| self.bets.get(slot).is_some_and(|bet| bet.paid.is_none());
        let decision = match self.bet_ids.recall(request.bet_id.bits(), request.fingerprint, is_open) {
            Recall::New => return false,
            Recall::Forgotten => asked.decision(false, refused(Stage::Authenticity, RejectReason::StaleCommand)),
            Recall::Conflict => asked.decision(false, refused(Stage::Authenticity, RejectReason::DuplicateConflict)),
            Recall::Same(Answer::Waiting(number)) => {
                let number = *number;
                match &self.waiting.get(number).progress {
                    Progress::Pending { wait, .. } => {
                        asked.decision(true, Verdict::Pending { decide_at: wait.decide_at })
                    }
                    Progress::Unjudged { .. }
                        if self.waiting.crowd() < self.settings.limits.max_waiting_bets as usize =>
                    {
                        self.waiting.ask_again(number, asked.source);
                        return true;
                    }
                    // No room to wait along. Its bet may still be accepted, so this is no refusal.
                    Progress::Unjudged { wait, .. } => {
                        asked.decision(true, Verdict::Pending { decide_at: wait.decide_at })
                    }
                }
            }
            Recall::Same(answer) => asked.decision(true, self.verdict_again(request, answer)),
        };
        out.push(decision);
        true
    }

    /// The verdict that was given. The resend has the same body, so it brings along what is not stored.
    fn verdict_again(&self, request: &PlaceBet, answer: &Answer) -> Verdict {
        match answer {
            Answer::Refused(refusal) => Verdict::Refused(*refusal.clone()),
            Answer::Bet(slot) => {
                let bet = self.bets.get(*slot).expect("a remembered bet is kept");
                let legs = bet.legs.all().iter().zip(&request.legs);
                Verdict::Accepted(Box::new(AcceptedBet {
                    request: Box::new(request.clone()),
                    legs: legs.map(|(stored, asked)| stored.as_accepted(asked)).collect(),
                    placed_at: bet.placed_at,
                    accepted_at: bet.accepted_at,
                    delay: bet.delay,
                    licence: self.accounts.of(bet.customer).licence.clone(),
                    rule_set: bet.rule_set,
                    potential_return: bet.potential_return,
                }))
            }
            Answer::Waiting(_) => unreachable!("who waits has no verdict to repeat"),
            Answer::Done => unreachable!("a bet is accepted or refused, never just done"),
        }
    }

    /// An id too old is too old for ever. One made too early would come into its time: it is remembered as refused, or a
    /// repeat a few seconds later would be accepted behind the back of whoever read the refusal.
    fn refuse_stale_id(&mut self, asked: &Asked<'_>, reason: RejectReason, out: &mut Outbox) {
        let refusal = refusal(Stage::Authenticity, reason);
        if may_come_of_age(asked.request.bet_id.time(), asked.placed_at, &self.settings.placement) {
            self.refuse_unless_full(asked, refusal, out);
        } else {
            asked.answer(Verdict::Refused(refusal), out);
        }
    }

    /// Refuses, and remembers it; where there is no room to remember it, no id so old is judged any more.
    fn refuse_unless_full(&mut self, asked: &Asked<'_>, refusal: Refusal, out: &mut Outbox) {
        if self.has_no_room_for_ids() {
            self.bet_ids.bar(asked.request.bet_id.bits(), asked.placed_at, &self.settings.placement);
            asked.answer(Verdict::Refused(refusal), out);
        } else {
            self.refuse(asked, refusal, None, out);
        }
    }

    /// Which maximum leaves no room for this bet.
    fn full(&self, request: &PlaceBet) -> Option<&'static str> {
        let limits = &self.settings.limits;
        if self.has_no_room_for_ids() {
            Some("remembered ids")
        } else if self.bets.open() + self.waiting.len() >= limits.max_open_bets as usize {
            Some("open bets")
        } else if self.waiting.crowd() >= limits.max_waiting_bets as usize && self.may_wait(request) {
            Some("waiting bets")
        } else {
            None
        }
    }

    fn may_wait(&self, request: &PlaceBet) -> bool {
        wait_of(Time::EPOCH, self.delay_in_play(request), &self.settings).is_some()
    }

    fn delay_in_play(&self, request: &PlaceBet) -> Option<Millis> {
        let phase_of = |id| self.match_of(id).and_then(|known| known.phase());
        let legs = request.legs.iter().map(|leg| (leg.market, phase_of(&leg.match_id)));
        delay_in_play(legs, &self.settings.placement)
    }

    /// A bet that has to wait anyway is judged on no knowledge older than itself.
    fn judge_or_seat(&mut self, asked: &Asked<'_>, wait: Wait, in_play: bool, out: &mut Outbox) {
        let deadline = asked.placed_at + self.settings.freshness.decide_grace;
        let bet = WaitingBet {
            request: Box::new(asked.request.clone()),
            source: asked.source,
            placed_at: asked.placed_at,
            partitions: self.partitions_of(asked.request),
            fresh_to: asked.placed_at,
            not_before: Time::MIN,
            deadline,
            progress: Progress::Unjudged { wait, in_play },
            doomed: None,
            also_asked: Vec::new(),
        };
        if bet.is_ready(&self.freshness) {
            return self.judge_first(asked, wait, out);
        }
        if self.at >= deadline {
            return self.refuse(asked, refusal(Stage::Market, RejectReason::MarketDataStale), None, out);
        }
        let number = self.waiting.number();
        self.remember(asked, Answer::Waiting(number));
        self.waiting.enter(number, bet, &self.freshness);
    }

    /// The markets partitions of a bet's legs, each once.
    pub(super) fn partitions_of(&self, request: &PlaceBet) -> Vec<u32> {
        let mut partitions = request.legs.iter().map(|leg| self.partition_of(&leg.match_id)).collect::<Vec<_>>();
        partitions.sort_unstable();
        partitions.dedup();
        partitions
    }
}

/// Whether an id refused for its time could pass later, within the time that ids are remembered.
pub(super) fn may_come_of_age(made_at: Time, placed_at: Time, rules: &PlacementRules) -> bool {
    let made_ahead = made_at - placed_at;
    made_ahead > -rules.id_time_latest && made_ahead <= rules.remember_ids_for
}

fn refused(stage: Stage, reason: RejectReason) -> Verdict {
    Verdict::Refused(refusal(stage, reason))
}

impl Asked<'_> {
    /// Gives the first answer, and the same to those who asked again meanwhile.
    pub(super) fn answer(&self, verdict: Verdict, out: &mut Outbox) {
        let first = self.decision(false, verdict);
        let again = self.also_asked.iter().map(|cause| Decision { cause: *cause, repeated: true, ..first.clone() });
        let again = again.collect::<Vec<_>>();
        out.push(first);
        again.into_iter().for_each(|decision| out.push(decision));
    }

    /// The answer to this record.
    pub(super) fn decision(&self, repeated: bool, verdict: Verdict) -> Decision {
        let bits = self.request.bet_id.bits();
        let command_id = CommandId::from_bits(bits).expect("a bet id is a UUIDv7 as a command id is");
        Decision { account: self.request.account.clone(), command_id, cause: self.source, repeated, verdict }
    }
}
