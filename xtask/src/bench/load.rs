//! The load generator: runs scenarios, and serves as baseline and as model.

use std::{
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::gateway::{free_port, pause};

/// Figures that need no load are measured without it.
const MISSING: &str =
    "the load generator is not here: build it and name it with --ocbench or OCBENCH";

pub(crate) struct Generator {
    binary: PathBuf,
}

/// A server that the generator runs; ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Generator {
    pub(crate) fn new(binary: PathBuf) -> Self {
        Self { binary }
    }

    fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments);
        command
    }

    /// Runs a scenario; the JSON line that it prints.
    pub(crate) fn run(&self, arguments: &[String]) -> Result<Value> {
        let out = self.command(arguments).output().context(MISSING)?;
        if !out.status.success() {
            bail!("{arguments:?} failed: {}", String::from_utf8_lossy(&out.stderr));
        }
        Ok(serde_json::from_slice(&out.stdout)?)
    }

    pub(crate) fn run_plain(&self, arguments: &[&str]) -> Result<Value> {
        self.run(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    /// A bare WebSocket server that answers with this many bytes.
    pub(crate) fn baseline(&self, payload: usize) -> Result<Server> {
        self.serve(&["limit", "--payload", &payload.to_string()])
    }

    /// A model server that answers at once.
    pub(crate) fn model(&self) -> Result<Server> {
        self.serve(&["mock-llm"])
    }

    /// A model server that pauses between two pieces of an answer.
    pub(crate) fn paced_model(&self, gap_ms: u32) -> Result<Server> {
        self.serve(&["mock-llm", "--gap-ms", &gap_ms.to_string()])
    }

    fn serve(&self, arguments: &[&str]) -> Result<Server> {
        let port = free_port()?;
        let port_text = port.to_string();
        let all: Vec<String> =
            arguments.iter().copied().chain(["--port", &port_text]).map(str::to_owned).collect();
        let child = self.command(&all).stdout(Stdio::null()).spawn().context(MISSING)?;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            pause(std::time::Duration::from_millis(5));
        }
        Ok(Server { child, port })
    }
}

impl Server {
    /// The arguments of a scenario against this server.
    pub(crate) fn target(&self, scenario: &[&str]) -> Vec<String> {
        let url = format!("ws://127.0.0.1:{}/", self.port);
        scenario.iter().copied().chain(["--url", &url]).map(str::to_owned).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
