//! Threads: how a shard reads, decides and writes without a lock, and comes back after any death.
//!
//! No rule of the business lives here. `shard` wires the three stages; `batch` is the order inside a batch; `journal`,
//! `knowledge` and `recover` make it repeatable; `log` is all that is asked of Kafka; `role` says what differs between
//! trading and book.
//!
//! # The threads of a shard
//!
//! ```text
//!  stage 1, a thread a lane      stage 2, one thread           stage 3, one thread
//!  fetch + decode  --ring 8192--> gather, close, apply --ring--> encode, produce, commit
//!                                        ^------------ notices ------------'
//!                                        ^---- learnt ends ---- the process's one `ends` thread
//! ```
//!
//! | ring | writer | reader | full | writer dies | reader dies |
//! |---|---|---|---|---|---|
//! | lane | stage 1 | stage 2 | stage 1 waits in `send`; the client's bounded queue fills; nothing more is fetched | stage 2 ends: the intake is gone | `send` fails, stage 1 ends |
//! | items | stage 2 | stage 3 | never: stage 2 keeps at most two batches under way and lets the next one grow | stage 3 finishes what it has and ends | stage 2 ends; the shard is begun again |
//! | notices | stage 3 | stage 2 | never: as many as items | stage 2 ends | ignored: stage 2 had said its last item |
//! | learnt | `ends` | stage 2 | the answer is dropped: knowledge gets older, never wrong | knowledge gets older: the shard's matches are held as `lag` | dropped |
//! | doubts | stage 2 | `ends` | asked again later | - | asked again later |
//!
//! A lane is a group of sources with a consumer, a thread and a ring of its own: market data and commands do not hold
//! each other up. A source with more than 20 000 records waiting is paused alone (recovery needs sources at very
//! different pace), so memory is bounded at any input rate: lanes x (ring + 20 000 records + the client's own bound).
//! The state of a shard is touched by stage 2 alone, its producer and journal by stage 3 alone. What is counted
//! ([`metrics`]) and how a process feels ([`health`]) goes out by atomic words that no stage reads.
//!
//! # A batch, decided and kept
//!
//! Stage 2 takes all that waits, gives it one time and one list of offset ranges, and applies it
//! ([`batch::apply_batch`]). From then on the batch is decided. Stage 3 writes its outputs and its header (the journal
//! record) in one transaction. There is no roll-back: on an unknown or late-reported outcome the producer is renewed,
//! which fences whatever is still under way, and the journal's tail tells whether the batch stands; if not, the same
//! bytes are sent again.
//!
//! # Taking a shard
//!
//! The group hands it out; a new producer initialises (the last owner's transaction is over); only then the journal is
//! read, to its end as it is then; every batch it names is applied again from the input topics and must say the same
//! bytes; then `OwnerTaken` is written, and the shard goes on at the journalled positions.
//!
//! # Holes that were found, and how they are mended
//!
//! - *A stray commit request.* The client retries a lost `EndTxn` unseen and reports success; the stray copy, released
//!   during the next transaction, commits half of it. Mended by timing every commit after the drain and renewing the
//!   producer after a late one (`kafka::transact`).
//! - *A position behind a marker.* A client that writes our inputs in transactions leaves a marker at the end of the
//!   partition. No read shows it, so the learnt end was never reached and the shard held its matches as `lag` for as
//!   long as nothing else came. Mended by doubt: an end not reached for 300 ms is looked at with a reader of its own,
//!   and if nothing but markers stands there it counts as reached (`decide`, `kafka::ends`).
//! - *Half a transaction.* Readers do not see a transaction whole. When every update of a batch claimed the `through` of
//!   that batch, a book that had read the first update and not yet the goal behind it would have taken the match for
//!   fresh and accepted a bet after the goal. So an update carries the `through` of the batch before; only the watermark
//!   that closes a batch carries its own (`trading`), and the auditor demands it.
//! - *A guessed clock.* A process that starts on a machine with a wrong clock would stamp its first records, and what it
//!   learns, with a time in the future, and the journal keeps the largest. So the first record of an owner repeats the
//!   time of the one before, ends are not learnt before an append time was seen, `through` is never after `at`, and
//!   local time runs on the monotonic clock.
//! - *A marker on its way.* A commit is acknowledged before its markers are written, so a committed journal record may
//!   not be readable yet; after a gap in the journal it is read back with patience.
//! - *A process that stood still inside a commit* would renew its producer and fence the new owner. A commit whose outcome
//!   is unknown for longer than the session drops the shard instead.
//! - *A hostile header name* makes the client's safe header iterator panic; one header is read by name (`kafka::header`).
//! - *A huge key, a flood of huge records*: what is shown of a key is cut, what is kept of a refused value is cut when it
//!   is fetched, and records are weighed, not only counted.
//! - *Replication.* `ListOffsets` answers the high watermark, append times are given at the leader's append. With several
//!   replicas a record may be appended and not yet below the mark for as long as a follower may lag in the in-sync set:
//!   keep the broker's `replica.lag.time.max.ms` below the shortest bet delay in play, and `broker_skew_ms` honest.
//! - *An end one past a record* on `markets.v1` is always a marker, so "known unread market records" means an end more
//!   than one past what was read. Where several aborted transactions end a partition the wait is in vain, and bounded
//!   (200 ms).

pub mod batch;
pub mod clock;
pub mod decide;
pub mod health;
pub mod intake;
pub mod journal;
pub mod knowledge;
pub mod log;
pub mod metrics;
pub mod pipeline;
pub mod publish;
pub mod recover;
pub mod role;
pub mod shard;
