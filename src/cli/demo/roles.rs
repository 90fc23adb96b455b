//! The two roles of the demo, in this process, a thread each.

use crate::kafka::member::{self, Process};
use crate::runtime::pipeline::Pipeline;
use crate::runtime::role::{Book, Trading};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Trading and book, running.
pub(super) struct Roles {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<anyhow::Result<()>>>,
}

impl Roles {
    pub(super) fn start(pipeline: &Pipeline) -> anyhow::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let process = |name: &str| Process {
            pipeline: pipeline.clone(),
            instance: format!("demo-{name}"),
            stop: Arc::clone(&stop),
        };
        let (trading, book) = (process("trading"), process("book"));
        let named = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let threads = vec![
            named("trading").spawn(move || Ok(member::run::<Trading>(trading)?))?,
            named("book").spawn(move || Ok(member::run::<Book>(book)?))?,
        ];
        Ok(Roles { stop, threads })
    }

    /// Whether one of them has ended though nobody asked.
    pub(super) fn failed(&self) -> bool {
        self.threads.iter().any(JoinHandle::is_finished)
    }

    pub(super) fn stop(self) -> anyhow::Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().try_for_each(|thread| thread.join().expect("a role does not panic"))
    }
}
