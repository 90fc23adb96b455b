//! Whether the process lives, and whether it is fit to serve: what `/healthz` and `/readyz` answer.
//!
//! Each shard has [`Vitals`], two words that its stage 2 writes and the membership thread reads. The membership thread of
//! each role writes its verdict on the one [`board`] of the process, ten times a second; whoever asks reads it there. The
//! board is a lock, and no stage of a shard ever touches it.

use super::clock::monotonic;
use crate::values::Time;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// A membership thread that has not written for this long hangs: longer than its longest wait for ending shards.
pub const VERDICT_AGE_MAX: Duration = Duration::from_secs(30);

/// What a shard says of itself.
#[derive(Debug)]
pub struct Vitals {
    taken: AtomicBool,
    /// Up to when its inputs are known, ms; `i64::MIN`: not yet.
    known_through_ms: AtomicI64,
}

impl Default for Vitals {
    fn default() -> Self {
        Vitals { taken: AtomicBool::new(false), known_through_ms: AtomicI64::new(i64::MIN) }
    }
}

impl Vitals {
    /// Restored, `OwnerTaken` written, at work.
    pub fn take(&self) {
        self.taken.store(true, Ordering::Relaxed);
    }

    /// Whether it is at work.
    pub fn is_taken(&self) -> bool {
        self.taken.load(Ordering::Relaxed)
    }

    /// Its inputs are complete up to then.
    pub fn know(&self, through: Time) {
        self.known_through_ms.store(through.ms(), Ordering::Relaxed);
    }

    /// How old its knowledge is; none before there is any.
    pub fn age_ms(&self, now: Time) -> Option<i64> {
        let through = self.known_through_ms.load(Ordering::Relaxed);
        (through > Time::MIN.ms()).then(|| (now.ms().saturating_sub(through)).max(0))
    }
}

/// What a role's membership thread thinks of its process.
#[derive(Clone, Debug)]
struct Verdict {
    hangs: Option<String>,
    unready: Vec<String>,
    at: Instant,
}

/// The verdicts of the roles that run in this process.
#[derive(Debug, Default)]
pub struct Board {
    roles: Mutex<BTreeMap<&'static str, Verdict>>,
}

/// The board of this process.
pub fn board() -> &'static Board {
    static BOARD: OnceLock<Board> = OnceLock::new();
    BOARD.get_or_init(Board::default)
}

impl Board {
    /// A role's verdict: why it hangs, if it does; all that keeps it from being ready.
    pub fn write(&self, role: &'static str, hangs: Option<String>, unready: Vec<String>) {
        let verdict = Verdict { hangs, unready, at: monotonic() };
        self.roles.lock().expect("nobody panics holding it").insert(role, verdict);
    }

    /// A role has ended.
    pub fn remove(&self, role: &str) {
        self.roles.lock().expect("nobody panics holding it").remove(role);
    }

    /// Why this process should be ended and begun again; empty: it lives.
    pub fn sick(&self) -> Vec<String> {
        let roles = self.roles.lock().expect("nobody panics holding it");
        let of = |(role, verdict): (&&str, &Verdict)| {
            let silent = verdict.at.elapsed() > VERDICT_AGE_MAX;
            let silent = silent.then(|| {
                format!("{role}: its membership thread has said nothing for {} s", verdict.at.elapsed().as_secs())
            });
            silent.or_else(|| verdict.hangs.as_ref().map(|why| format!("{role}: {why}")))
        };
        roles.iter().filter_map(of).collect()
    }

    /// Why nothing should be expected of this process now; empty: it is ready.
    pub fn unready(&self) -> Vec<String> {
        let mut why = self.sick();
        let roles = self.roles.lock().expect("nobody panics holding it");
        if roles.is_empty() {
            why.push("no role runs here yet".to_owned());
        }
        why.extend(
            roles.iter().flat_map(|(role, verdict)| verdict.unready.iter().map(move |why| format!("{role}: {why}"))),
        );
        why
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_ready_when_every_role_says_so() {
        let board = Board::default();
        assert_eq!(board.unready(), ["no role runs here yet"]);
        assert!(board.sick().is_empty(), "it lives all the same");
        board.write("book", None, Vec::new());
        board.write("trading", None, vec!["shard 3 is being restored".to_owned()]);
        assert_eq!(board.unready(), ["trading: shard 3 is being restored"]);
        board.write("trading", Some("shard 3 shows no progress".to_owned()), Vec::new());
        assert_eq!(board.sick(), ["trading: shard 3 shows no progress"]);
        assert_eq!(board.unready(), ["trading: shard 3 shows no progress"]);
        board.remove("trading");
        assert!(board.unready().is_empty());
    }

    #[test]
    fn knowledge_has_an_age_once_there_is_any() {
        let vitals = Vitals::default();
        assert_eq!(vitals.age_ms(Time::from_ms(5_000)), None);
        vitals.know(Time::MIN);
        assert_eq!(vitals.age_ms(Time::from_ms(5_000)), None);
        vitals.know(Time::from_ms(4_000));
        assert_eq!(vitals.age_ms(Time::from_ms(5_000)), Some(1_000));
        assert_eq!(vitals.age_ms(Time::from_ms(3_000)), Some(0), "clocks differ by a little");
    }
}
