//! Times and their summaries.

use anyhow::Context;
use std::time::Duration;

/// `USER_HZ` of Linux on every machine that Kafka runs on: ticks of /proc a second.
const TICKS: f64 = 100.0;

/// CPU seconds of a process, user and system, all threads.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProcessTime {
    /// In user mode.
    pub(super) user: f64,
    /// In the kernel.
    pub(super) system: f64,
}

impl ProcessTime {
    /// Of a running process.
    pub(super) fn of(pid: u32) -> anyhow::Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("the role ended early; see above")?;
        // The name in brackets may hold spaces; fields 14 and 15 are counted from 1, field 3 follows the bracket.
        let (_, after) = stat.rsplit_once(") ").context("read /proc/PID/stat")?;
        let field = |number: usize| -> anyhow::Result<f64> {
            let ticks: f64 = after.split(' ').nth(number - 3).context("read /proc/PID/stat")?.parse()?;
            Ok(ticks / TICKS)
        };
        Ok(ProcessTime { user: field(14)?, system: field(15)? })
    }

    /// What passed since.
    pub(super) fn since(self, earlier: ProcessTime) -> ProcessTime {
        ProcessTime { user: self.user - earlier.user, system: self.system - earlier.system }
    }

    /// Both.
    pub(super) fn total(self) -> f64 {
        self.user + self.system
    }
}

/// Busy core seconds of the whole machine so far.
pub(super) fn machine_busy() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().context("read /proc/stat")?;
    let fields: Vec<f64> = line.split_whitespace().skip(1).map(str::parse).collect::<Result<_, _>>()?;
    // user, nice, system; idle, iowait; irq, softirq, steal. Guest time is part of user.
    let busy = [0, 1, 2, 5, 6, 7].into_iter().filter_map(|at| fields.get(at)).sum::<f64>();
    Ok(busy / TICKS)
}

/// The load average of the last minute.
pub(super) fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}

/// Latencies by percentile.
#[derive(Clone, Debug)]
pub(super) struct Percentiles {
    sorted: Vec<Duration>,
}

impl Percentiles {
    /// Sorts.
    pub(super) fn of(mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        Percentiles { sorted: latencies }
    }

    /// The smallest latency that this share of all (1.0: the maximum) does not exceed, in milliseconds.
    pub(super) fn at(&self, share: f64) -> f64 {
        let rank = (share * self.sorted.len() as f64).ceil() as usize;
        self.sorted[rank.clamp(1, self.sorted.len()) - 1].as_secs_f64() * 1e3
    }
}

/// The middle one; of an even number the mean of the two.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { (values[half - 1] + values[half]) / 2.0 }
}

/// As `1234567` is read more easily: `1,234,567`.
pub(super) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
