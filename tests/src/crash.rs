//! A gateway in a process of its own, which can be killed as nothing in this process can.

pub mod model;
pub mod power;

use std::{
    net::SocketAddr,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdin, Command},
    time::timeout,
};

pub use model::{AnsweringModel, Hold};
pub use power::{Cut, Power};

use crate::{PATIENCE, gateway::TOKEN};

/// A gateway process. Dropped, it is killed.
pub struct CrashGateway {
    process: Child,
    /// While it is open the gateway goes on; to wait for the process would close it there.
    input: Option<ChildStdin>,
    address: Option<SocketAddr>,
}

/// Starts gateways on one state directory, one after the other.
pub struct Starter {
    /// The `crash_gateway` program: `env!("CARGO_BIN_EXE_crash_gateway")`, which only a test knows.
    pub program: &'static str,
    /// The state directory.
    pub state: PathBuf,
    /// Keeps what is synced, where the power is to be cut.
    pub power: Option<Power>,
}

impl Starter {
    /// Starts one and waits until it serves or has died. `crash_at` is `LABEL:N`.
    pub async fn start(&self, mut config: Value, crash_at: Option<&str>) -> CrashGateway {
        config["gateway"]["auth"] = json!({"mode": "token", "token": TOKEN});
        std::fs::write(self.state.join("openclaw.json"), config.to_string()).unwrap();
        if let Some(power) = &self.power {
            power.settled(&self.state);
        }
        let power = self.power.iter().flat_map(|power| power.variables(&self.state));
        let mut process = Command::new(self.program)
            .envs(power)
            .arg(&self.state)
            .args(crash_at)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = timeout(PATIENCE, lines.next_line()).await.expect("the gateway starts in time");
        let address = line.unwrap().map(|line| line.parse().unwrap());
        let input = process.stdin.take();
        CrashGateway { process, input, address }
    }
}

impl CrashGateway {
    /// Where it listens; it must not have died while it started.
    pub fn address(&self) -> SocketAddr {
        self.address.expect("the gateway comes up")
    }

    /// The process.
    pub fn pid(&self) -> rustix::process::Pid {
        let id = self.process.id().expect("it lives");
        rustix::process::Pid::from_raw(i32::try_from(id).unwrap()).unwrap()
    }

    /// The memory that it has, in KiB.
    pub fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.pid().as_raw_nonzero());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// How many files and sockets it has open; and those of them that are sockets.
    pub fn open_files(&self) -> (usize, usize) {
        let entries = std::fs::read_dir(format!("/proc/{}/fd", self.pid().as_raw_nonzero()));
        let targets: Vec<_> = entries
            .unwrap()
            .map(|entry| std::fs::read_link(entry.unwrap().path()).unwrap_or_default())
            .collect();
        let sockets =
            targets.iter().filter(|target| target.to_string_lossy().starts_with("socket:"));
        let sockets = sockets.count();
        (targets.len(), sockets)
    }

    /// `kill -9`. Returns when the process is gone.
    pub async fn kill(mut self) {
        self.process.start_kill().unwrap();
        self.died().await;
    }

    /// Waits until it has killed itself.
    pub async fn died(mut self) {
        let status = timeout(PATIENCE, self.process.wait()).await;
        let status = status.expect("the gateway passes its crash point").unwrap();
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{status}");
    }

    /// Stops it cleanly.
    pub async fn stop(mut self) {
        drop(self.input.take());
        let status = timeout(PATIENCE, self.process.wait()).await;
        let status = status.expect("the gateway stops in time").unwrap();
        assert!(status.success(), "{status}");
    }
}

/// A copy of a database as a killed process left it: to look into it there would repair it.
pub fn copy_of_database(state: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["gateway.sqlite", "gateway.sqlite-wal"] {
        let from = state.join(name);
        if from.exists() {
            std::fs::copy(from, copy.path().join(name)).unwrap();
        }
    }
    copy
}
