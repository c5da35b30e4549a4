//! How long each command takes that asks a running gateway, from its start to its end.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value};

use super::gateway::{Gateway, TOKEN, now};

/// Those that ask, and those that only read the config beside them.
const COMMANDS: [&str; 34] = [
    "status",
    "status --deep",
    "status --json",
    "health",
    "health --verbose",
    "gateway status",
    "gateway status --deep",
    "gateway health",
    "gateway probe",
    "gateway call health",
    "sessions --all-agents",
    "agents list --bindings",
    "models list",
    "models list --all",
    "logs --limit 50",
    "dashboard --no-open",
    "status --all",
    "devices list",
    "nodes list",
    "nodes status",
    "nodes pending",
    "approvals get --gateway",
    "approvals pending",
    "audit",
    "qr --json --url wss://claw.example.org",
    "security audit",
    "security audit --deep",
    "config file",
    "config validate",
    "completion --shell bash",
    "completion --help",
    "--help",
    "--version",
    "config schema",
];

/// Runs of each whose median counts.
const RUNS: usize = 15;

/// The median of each, in microseconds.
pub(super) fn measure(binary: &Path, gateway: &Gateway) -> Result<Map<String, Value>> {
    let mut medians = Map::new();
    for line in COMMANDS {
        let mut micros = Vec::new();
        for _ in 0..RUNS {
            let begin = now();
            let status = Command::new(binary)
                .args(line.split_whitespace())
                .env_clear()
                .env("HOME", gateway.state_dir())
                .env("OPENCLAW_STATE_DIR", gateway.state_dir())
                .env("OPENCLAW_GATEWAY_TOKEN", TOKEN)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .with_context(|| format!("cannot run {line}"))?;
            let took = begin.elapsed().as_micros();
            ensure!(status.success(), "`openclaw {line}` failed: {status}");
            micros.push(u64::try_from(took)?);
        }
        micros.sort_unstable();
        medians.insert(line.to_owned(), micros[micros.len() / 2].into());
    }
    Ok(medians)
}
