//! Reads everything that the topics hold and says whether every bet was treated right, trusting none of the machines.
//!
//! Nothing here calls a rule of the book, the ledger, trading or the outcome room: odds, returns, facts, balances and
//! hashes are worked out again from the documents. It shares with the rest only the compiled wire messages.
//!
//! Records are fed in order of offset within each partition, the partitions in any interleaving. Feeding the journals
//! first keeps memory smallest: an output record's bytes wait until its journal names them.

mod bets;
mod coverage;
mod decode;
mod facts;
mod freshness;
mod inputs;
mod journal;
mod ledger;
mod market;
mod markets;
mod money;
mod partitions;
mod plain;
mod projections;
mod report;
mod rules;
mod selection;
mod settlement;
mod standing;
mod through;
mod torn;

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;

use self::bets::{Bets, Refusals};
use self::coverage::Coverage;
use self::decode::{Place, Role, Topic};
use self::inputs::Inputs;
use self::journal::Journals;
use self::ledger::Ledger;
use self::markets::Markets;
use self::partitions::Partitions;
use self::plain::Names;
use self::projections::Projections;
use self::settlement::{Ruled, Settlements};
use self::torn::Torn;
use crate::wire::proto;

pub use self::decode::Record;
pub use self::report::{Check, LedgerSum, MoneyFlow, Report, Summary};

/// The policy that the bets were judged by, as far as the auditor needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRules {
    /// How far append times of different partitions may disagree, ms.
    pub broker_skew_ms: i64,
    /// How old market data may be for a bet before kick-off, ms.
    pub staleness_limit_ms: i64,
    /// Least bet delay of a bet with a leg in play, ms.
    pub in_play_delay_ms: i64,
    /// The same for a leg on what one incident decides: the next goal, some minutes, corners, cards, ms.
    pub next_goal_delay_ms: i64,
    /// How long after its delay a bet may still be judged, ms.
    pub decide_grace_ms: i64,
    /// How old a bet before kick-off may be when it is judged, ms.
    pub max_age_pre_match_ms: i64,
    /// The ratio of winnings beyond which a price has jumped, numerator and denominator.
    pub price_jump: (u64, u64),
    /// Licences under which a cancel without an approval reference voids nothing. A bet under a licence that is not
    /// listed here is judged as one that needs none.
    pub cancel_needs_approval: BTreeSet<String>,
    /// Partitions of the match topics and of the account topics; `None`: as the journals' Genesis says.
    pub partition_counts: Option<(u32, u32)>,
    /// Whether everything has come to rest, so that each bet must be as all facts say.
    pub expect_settled: bool,
}

impl Default for AuditRules {
    fn default() -> Self {
        AuditRules {
            broker_skew_ms: 100,
            staleness_limit_ms: 2_000,
            in_play_delay_ms: 5_000,
            next_goal_delay_ms: 8_000,
            decide_grace_ms: 3_000,
            max_age_pre_match_ms: 60_000,
            price_jump: (354_767, 250_000),
            cancel_needs_approval: BTreeSet::new(),
            partition_counts: None,
            expect_settled: false,
        }
    }
}

/// The auditor. Feed it with [`Auditor::take`], then ask it with [`Auditor::finish`].
pub struct Auditor {
    rules: AuditRules,
    names: Names,
    records: Check,
    /// One past the last offset seen, by partition.
    next_offset: BTreeMap<(Topic, u32), u64>,
    journals: Journals,
    torn: Torn,
    inputs: Inputs,
    coverage: Coverage,
    refusals: Refusals,
    partitions: Partitions,
    markets: Markets,
    projections: Projections,
    bets: Bets,
    settlements: Settlements,
    ledger: Ledger,
    freshness: Check,
    money: Check,
}

impl Auditor {
    /// An auditor that has read nothing yet.
    pub fn new(rules: AuditRules) -> Self {
        let mut partitions = Partitions::new();
        partitions.count(rules.partition_counts);
        Auditor {
            rules,
            names: Names::default(),
            records: Check::new("records"),
            next_offset: BTreeMap::new(),
            journals: Journals::new(),
            torn: Torn::new(),
            inputs: Inputs::default(),
            coverage: Coverage::new(),
            refusals: Refusals::new(),
            partitions,
            markets: Markets::new(),
            projections: Projections::new(),
            bets: Bets::new(),
            settlements: Settlements::new(),
            ledger: Ledger::new(),
            freshness: Check::new("freshness"),
            money: Check::new("money"),
        }
    }

    /// Changes the rules. All but `broker_skew_ms` and `partition_counts` count at the end only.
    pub fn set_rules(&mut self, rules: AuditRules) {
        self.partitions.count(rules.partition_counts);
        self.rules = rules;
    }

    /// Reads one record. Records of topics that it does not know are passed over.
    pub fn take(&mut self, record: &Record) {
        let Some(topic) = Topic::read(&record.topic) else { return };
        let place = Place { topic, partition: record.partition, offset: record.offset };
        self.records.look();
        let next = self.next_offset.entry((topic, record.partition)).or_default();
        let in_order = record.offset >= *next;
        self.records.demand(in_order, || format!("{place}: read after offset {}", next.saturating_sub(1)));
        if !in_order {
            return;
        }
        *next = record.offset + 1;
        if topic.written_by().is_some() && !topic.is_compacted() {
            self.torn.read(place, record);
        }
        match topic {
            Topic::TradingCommands | Topic::Feed | Topic::AccountCommands | Topic::Commands => {
                self.inputs.take(place, record, &mut self.names);
            }
            Topic::JournalTrading => self.journal(Role::Trading, place, record),
            Topic::JournalBook => self.journal(Role::Book, place, record),
            Topic::Markets
            | Topic::MarketImages
            | Topic::Results
            | Topic::FeedRequests
            | Topic::Decisions
            | Topic::Settlements
            | Topic::Ledger
            | Topic::RejectsTrading
            | Topic::RejectsBook
            | Topic::AlertsTrading
            | Topic::AlertsBook => {
                if self.output(place, record).is_none() {
                    self.records.fail(|| format!("{place}: cannot be decoded as a record of its topic"));
                }
            }
        }
    }

    fn journal(&mut self, role: Role, place: Place, record: &Record) {
        self.journals.take(role, place, record, &mut self.torn);
        self.partitions.count(self.journals.counts);
    }

    /// Reads one of our own records; `None` if it is none.
    fn output(&mut self, place: Place, record: &Record) -> Option<()> {
        let (value, key) = (record.value.as_slice(), record.key.as_deref());
        let names = &mut self.names;
        match place.topic {
            Topic::Markets => {
                self.inputs.take_market(place);
                let skew = self.rules.broker_skew_ms;
                match proto::MarketMessage::decode(value).ok()?.body? {
                    proto::market_message::Body::MatchUpdate(update) => {
                        self.partitions.take(place, key, Some(&update.match_id));
                        self.markets.update(place, record.append_ms, skew, &update, names);
                    }
                    proto::market_message::Body::Watermark(mark) => {
                        self.partitions.take(place, key, None);
                        self.markets.watermark(place, record.append_ms, skew, &mark);
                    }
                }
            }
            Topic::MarketImages => {
                let update = proto::MarketImage::decode(value).ok()?.update?;
                self.partitions.take(place, key, Some(&update.match_id));
                self.projections.image(place, &update, names);
            }
            Topic::Results => {
                let results = proto::MatchResults::decode(value).ok()?;
                self.partitions.take(place, key, Some(&results.match_id));
                self.projections.results(place, &results, names);
            }
            Topic::FeedRequests => {
                let request = proto::FeedRequest::decode(value).ok()?;
                let id = (!request.match_id.is_empty()).then_some(request.match_id.as_str());
                self.partitions.take(place, key, id);
            }
            Topic::Decisions => {
                let decision = proto::Decision::decode(value).ok()?;
                self.partitions.take(place, key, Some(&decision.account));
                self.bets.take(place, &decision, &mut self.coverage, names);
            }
            Topic::Settlements => {
                let settlement = proto::Settlement::decode(value).ok()?;
                self.partitions.take(place, key, Some(&settlement.account));
                self.settlements.take(place, &settlement);
            }
            Topic::Ledger => {
                let posting = proto::Posting::decode(value).ok()?;
                self.partitions.take(place, key, Some(&posting.account));
                self.ledger.take(place, &posting, names);
            }
            Topic::RejectsTrading | Topic::RejectsBook => {
                let reject = proto::Reject::decode(value).ok()?;
                self.refusals.take(place, &reject, &mut self.coverage);
            }
            Topic::AlertsTrading | Topic::AlertsBook => {
                proto::Alert::decode(value).ok()?;
            }
            Topic::TradingCommands
            | Topic::Feed
            | Topic::AccountCommands
            | Topic::Commands
            | Topic::JournalTrading
            | Topic::JournalBook => return None,
        }
        Some(())
    }

    /// Puts everything side by side and gives the verdict.
    pub fn finish(mut self) -> Report {
        let mut summary = Summary { records: self.records.counted, ..Summary::default() };
        self.bets.sort();
        self.settlements.sort();
        self.journals.finish(&self.inputs);
        self.torn.finish();
        let grace_ms = self.rules.decide_grace_ms + self.rules.broker_skew_ms;
        self.coverage.finish(&self.inputs, &self.journals, grace_ms);
        self.refusals.finish(&self.inputs, &mut self.coverage.check);
        self.partitions.finish(&self.inputs, &self.coverage, &self.journals);
        self.markets.finish();
        self.projections.finish(&self.markets, &self.names);
        self.bets.check_ids(&self.inputs);
        self.bets.check_acceptance(&self.inputs, &self.markets, &self.rules, &self.names);
        freshness::check_freshness(&mut self.freshness, &self.bets, &self.markets, &self.rules, &self.names);
        let needs_approval =
            self.rules.cancel_needs_approval.iter().map(|licence| self.names.number(licence)).collect();
        let facts = Ruled { markets: &self.markets, needs_approval };
        self.settlements.finish(&self.bets, &facts, self.rules.expect_settled, &mut summary);
        money::check_money(
            &mut self.money,
            &self.bets,
            &self.settlements.settled,
            &mut self.ledger.moved,
            &self.inputs,
            &self.coverage,
        );
        let stakes = self.settlements.open_stakes(&self.bets);
        self.ledger.finish(&stakes, &mut summary, &self.names);
        summary.waiting = self.coverage.waiting;
        summary.refused = self.bets.refused;
        summary.rejected = self.refusals.by_reason;
        let checks = vec![
            self.records,
            self.journals.check,
            self.torn.check,
            self.torn.through,
            self.coverage.check,
            self.bets.ids,
            self.ledger.check,
            self.ledger.sums,
            self.money,
            self.bets.acceptance,
            self.freshness,
            self.settlements.check,
            self.markets.check,
            self.projections.check,
            self.partitions.check,
        ];
        Report { checks, summary }
    }
}
