//! A gateway to measure: started on a state directory of its own, stopped when dropped.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{load::Generator, state::StateDir};

/// The secret of every measured gateway.
pub(crate) const TOKEN: &str = "bench-token";
/// A gateway that is not ready by then never will be.
const READY_TIMEOUT: Duration = Duration::from_mins(1);

pub(crate) struct Gateway {
    child: Child,
    port: u16,
    state: Option<StateDir>,
    pub(crate) ready_after: Duration,
}

impl Gateway {
    pub(crate) fn start(binary: &Path, state: StateDir) -> Result<Self> {
        let port = free_port()?;
        let begin = now();
        let child = Command::new(binary)
            .args(["gateway", "run", "--port", &port.to_string()])
            .env_clear()
            .env("HOME", state.path())
            .env("OPENCLAW_STATE_DIR", state.path())
            .env("OPENCLAW_GATEWAY_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(state.path().join("stderr.log"))?)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut gateway = Self { child, port, state: Some(state), ready_after: Duration::ZERO };
        while !healthy(port) {
            if begin.elapsed() > READY_TIMEOUT || gateway.child.try_wait()?.is_some() {
                bail!("the gateway did not become ready; see {}", gateway.log().display());
            }
            pause(Duration::from_micros(200));
        }
        gateway.ready_after = begin.elapsed();
        Ok(gateway)
    }

    fn log(&self) -> PathBuf {
        self.state.as_ref().map(|state| state.path().join("stderr.log")).unwrap_or_default()
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn state_dir(&self) -> &Path {
        self.state.as_ref().map_or(Path::new("/"), StateDir::path)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The arguments of a scenario against this gateway.
    pub(crate) fn target(&self, scenario: &[&str]) -> Vec<String> {
        let url = format!("ws://127.0.0.1:{}/", self.port);
        scenario
            .iter()
            .copied()
            .chain(["--url", &url, "--token", TOKEN])
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn rss_kib(&self) -> Result<u64> {
        self.status("VmRSS")
    }

    /// The most memory that it had at any time.
    pub(crate) fn peak_kib(&self) -> Result<u64> {
        self.status("VmHWM")
    }

    fn status(&self, name: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find(|line| line.starts_with(name));
        let line = line.with_context(|| format!("no {name}"))?;
        Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
    }

    /// Bytes of a `health` payload, so that the baseline answers as much.
    pub(crate) fn health_bytes(&self, load: &Generator) -> Result<usize> {
        let once: Value = load.run(&self.target(&["rpc", "--seconds", "0"]))?;
        let bytes = once["answer_bytes"].as_u64().context("no answer")?;
        Ok(usize::try_from(bytes)?.saturating_sub(40))
    }

    /// Ends it and keeps its state.
    pub(crate) fn stop(mut self) -> Result<StateDir> {
        Command::new("kill").arg(self.pid().to_string()).status()?;
        self.child.wait()?;
        self.state.take().context("no state")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do about an error here.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

#[expect(clippy::disallowed_methods, reason = "waits for another process, which sends no event")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

#[expect(clippy::disallowed_types, reason = "measures real time")]
pub(crate) fn now() -> std::time::Instant {
    std::time::Instant::now()
}

pub(crate) fn healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut socket = TcpStream::connect(("127.0.0.1", port))?;
        socket
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        socket.read_exact(&mut head)?;
        Ok(&head[9..] == b"200")
    };
    ask().unwrap_or(false)
}
