//! A process under our thumb: started, killed, frozen, thawed and always ended, by its own process id.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A running `touchline` with a log of its own. Ends with its owner.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `touchline` with these arguments; what it says goes to the end of the log.
    pub fn start(name: &str, log: &Path, arguments: &[String]) -> Process {
        let child = command(arguments)
            .stdin(Stdio::null())
            .stdout(appending(log))
            .stderr(appending(log))
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        Process { name: name.to_owned(), child, log: log.to_owned() }
    }

    /// Sends a signal that leaves the process alive or asks it to go.
    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, pid.as_str()]).status().expect("kill is there");
        assert!(sent.success(), "kill {signal} {pid} ({}) failed", self.name);
    }

    /// SIGKILL, and gone when this returns.
    pub fn kill(&mut self) {
        self.demand_alive();
        self.child.kill().expect("our own child");
        self.child.wait().expect("our own child");
    }

    /// SIGSTOP: stands still, holding all it has.
    pub fn freeze(&mut self) {
        self.demand_alive();
        self.signal("-STOP");
    }

    /// SIGCONT.
    pub fn thaw(&mut self) {
        self.signal("-CONT");
    }

    /// SIGTERM; demands a clean end.
    pub fn end_cleanly(&mut self, patience: Duration) {
        self.demand_alive();
        self.signal("-TERM");
        let status = self.wait(patience);
        assert!(status.success(), "{} ended with {status} on SIGTERM; see {}", self.name, self.log.display());
    }

    /// Waits for the end.
    pub fn wait(&mut self, patience: Duration) -> ExitStatus {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "{} has not ended within {} s; its last words:\n{}",
                self.name,
                patience.as_secs(),
                last_lines(&self.log, 15)
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("our own child")
    }

    /// A process that should run and does not is a failure.
    pub fn demand_alive(&mut self) {
        if let Some(status) = self.ended() {
            panic!("{} has ended by itself with {status}; its last words:\n{}", self.name, last_lines(&self.log, 25));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL ends a frozen process too. One that has ended already is no concern.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs `touchline` to its end: (status, what it said).
pub fn run_to_end(name: &str, log: &Path, arguments: &[String], patience: Duration) -> (ExitStatus, String) {
    let mut process = Process::start(name, log, arguments);
    let status = process.wait(patience);
    (status, std::fs::read_to_string(log).unwrap_or_default())
}

/// The last lines of a log.
pub fn last_lines(log: &Path, count: usize) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// The binary that belongs to these tests, without settings from outside.
fn command(arguments: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchline"));
    command.args(arguments);
    for outside in [
        "KAFKA_BOOTSTRAP",
        "TOUCHLINE_PIPELINE",
        "TOUCHLINE_TOPIC_PREFIX",
        "TOUCHLINE_LOG",
        "TOUCHLINE_LOG_FORMAT",
        "TOUCHLINE_METRICS_LISTEN",
    ] {
        command.env_remove(outside);
    }
    command
}

fn appending(log: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(log).expect("a log can be written")
}
