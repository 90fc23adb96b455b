//! What the auditor has to say: each thing it checked, how often it looked, and what was wrong.

use std::collections::BTreeMap;
use std::fmt;

/// How many failures of one check are kept word for word; all are counted.
const FAILURES_KEPT: usize = 20;

/// One named check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name, as `audit` prints it.
    pub name: &'static str,
    /// How many things it looked at. Zero means that it proves nothing.
    pub counted: u64,
    /// The first 20 failures: topic, partition, offset, id and what was expected.
    pub failures: Vec<String>,
    /// All failures.
    pub failure_count: u64,
}

impl Check {
    pub(super) fn new(name: &'static str) -> Self {
        Check { name, counted: 0, failures: Vec::new(), failure_count: 0 }
    }

    /// One more thing was looked at.
    pub(super) fn look(&mut self) {
        self.counted += 1;
    }

    pub(super) fn fail(&mut self, failure: impl FnOnce() -> String) {
        self.failure_count += 1;
        if self.failures.len() < FAILURES_KEPT {
            self.failures.push(failure());
        }
    }

    pub(super) fn demand(&mut self, holds: bool, failure: impl FnOnce() -> String) {
        if !holds {
            self.fail(failure);
        }
    }
}

/// Money that went through one class of ledger account, minor units, over all shards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoneyFlow {
    /// Credited by posted transfers.
    pub paid_in: i128,
    /// Debited by posted transfers.
    pub paid_out: i128,
}

/// The sum of all balances of one shard, licence and currency; all four are zero in an honest ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerSum {
    /// Customers and house by the transfers, minor units.
    pub posted: i128,
    /// Pending credits less pending debits, minor units.
    pub pending: i128,
    /// Customers as their last postings print them, and the house by the transfers, minor units.
    pub printed: i128,
}

/// What the topics held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records read.
    pub records: u64,
    /// Bets accepted.
    pub accepted: u64,
    /// Of those: no result, never had one.
    pub open: u64,
    /// Of those: open again, a result was taken back.
    pub reopened: u64,
    /// Of those: have a result, at least one leg not void.
    pub settled: u64,
    /// Of those: all legs void, the stake went back.
    pub void: u64,
    /// Bets that wait for a judgement.
    pub waiting: u64,
    /// Commands refused, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Records that went to the rejects, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Bets whose last settlement is not yet what all facts say, where that is not demanded.
    pub unsettled_yet: u64,
    /// Money per class of account and currency.
    pub money: BTreeMap<(String, String), MoneyFlow>,
    /// Sums per shard, licence and currency.
    pub sums: BTreeMap<(u32, String, String), LedgerSum>,
}

/// The auditor's verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Every check, also those that found nothing to look at.
    pub checks: Vec<Check>,
    /// The figures.
    pub summary: Summary,
}

impl Report {
    /// Whether no check failed. A check that looked at nothing did not fail: see [`Check::counted`].
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.failure_count == 0)
    }

    /// The names of the checks that failed, in the order of the report.
    pub fn failed_names(&self) -> Vec<&'static str> {
        self.checks.iter().filter(|check| check.failure_count > 0).map(|check| check.name).collect()
    }

    /// The check of that name.
    pub fn check(&self, name: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.name == name)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<14} {:>12} {:>9}  verdict", "check", "looked at", "failures")?;
        for check in &self.checks {
            let verdict = match (check.failure_count, check.counted) {
                (0, 0) => "looked at nothing",
                (0, _) => "ok",
                _ => "FAILED",
            };
            writeln!(f, "{:<14} {:>12} {:>9}  {verdict}", check.name, check.counted, check.failure_count)?;
        }
        for check in self.checks.iter().filter(|check| check.failure_count > 0) {
            writeln!(f)?;
            for failure in &check.failures {
                writeln!(f, "{}: {failure}", check.name)?;
            }
            let unsaid = check.failure_count - check.failures.len() as u64;
            if unsaid > 0 {
                writeln!(f, "{}: and {unsaid} more", check.name)?;
            }
        }
        writeln!(f)?;
        self.summary.fmt(f)?;
        writeln!(f)?;
        f.write_str(if self.passed() { "The topics agree." } else { "The topics do NOT agree." })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            ("records", self.records),
            ("bets accepted", self.accepted),
            ("  open", self.open),
            ("  open again", self.reopened),
            ("  settled", self.settled),
            ("  void", self.void),
            ("bets waiting", self.waiting),
            ("unsettled yet", self.unsettled_yet),
        ];
        for (name, count) in counts {
            writeln!(f, "{name:<34} {count:>14}")?;
        }
        for (reason, count) in &self.refused {
            writeln!(f, "{:<34} {count:>14}", format!("refused {reason}"))?;
        }
        for (reason, count) in &self.rejected {
            writeln!(f, "{:<34} {count:>14}", format!("rejected {reason}"))?;
        }
        if !self.money.is_empty() {
            writeln!(f, "{:<34} {:>18} {:>18}", "minor units by account", "in", "out")?;
        }
        for ((class, currency), flow) in &self.money {
            writeln!(f, "{:<34} {:>18} {:>18}", format!("  {class} {currency}"), flow.paid_in, flow.paid_out)?;
        }
        if !self.sums.is_empty() {
            writeln!(f, "{:<34} {:>10} {:>10} {:>10}", "sum by shard", "posted", "pending", "printed")?;
        }
        for ((shard, licence, currency), sum) in &self.sums {
            let name = format!("  {shard} {licence} {currency}");
            writeln!(f, "{name:<34} {:>10} {:>10} {:>10}", sum.posted, sum.pending, sum.printed)?;
        }
        Ok(())
    }
}
