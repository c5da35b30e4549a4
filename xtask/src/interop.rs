//! Peers that are not ours, installed from npm and `PyPI`, against a gateway of ours: the official command
//! lines, node hosts and terminal chats, the official client and pages, a model server, the OpenAI libraries.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{
    bench::{gateway::Gateway, gateway::TOKEN, state},
    npm,
    run::{has, root, run, run_in, say, skip},
};

mod authority;
mod nodes;
mod pages;
mod terminal;
mod tui;

/// The versions of OpenClaw that are met here.
const VERSIONS: [&str; 2] = ["2026.3.28", "2026.9.6"];

/// What each official command line must answer with success.
const COMMANDS: [&str; 12] = [
    "gateway call health",
    "gateway call status",
    "gateway probe",
    "health --json",
    "status --json",
    "agent --agent main --message hi",
    "logs --limit 3",
    "gateway call sessions.list",
    "sessions",
    "nodes status --json",
    "nodes list --json",
    "approvals get --gateway",
];

/// What some of them must show besides, once the agent has answered.
const EXPECTED: [(&str, &[&str]); 7] = [
    ("gateway call health", &["\"ok\": true", "\"agents\""]),
    ("gateway call status", &["\"sessions\""]),
    ("health --json", &["\"ok\": true"]),
    // Without a config file and before the first session the old one asks no gateway.
    ("status --json", &["\"gateway\""]),
    ("agent --agent main --message hi", &["You said: hi"]),
    ("gateway call sessions.list", &["agent:main:main"]),
    ("sessions", &["agent:main:main"]),
];

/// A folder of peers: its name and its `package.json`.
const PEERS: [(&str, &str); 5] = [
    (
        "client",
        r#"{"private":true,"type":"module","dependencies":{"@openclaw/gateway-client":"2026.9.1","@openclaw/gateway-protocol":"2026.9.1","ajv":"8","node":"24"}}"#,
    ),
    (
        "2026.3.28",
        r#"{"private":true,"dependencies":{"openclaw":"2026.3.28","node":"22"},"overrides":{"linkedom":"0.18.12"}}"#,
    ),
    ("aimock", r#"{"private":true,"dependencies":{"@copilotkit/aimock":"1"}}"#),
    ("openai", r#"{"private":true,"type":"module","dependencies":{"openai":"7"}}"#),
    ("2026.9.6", r#"{"private":true,"dependencies":{"openclaw":"2026.9.6"}}"#),
];

/// Installs the peers and lets each talk with a fresh gateway.
pub(crate) fn run_all(no_build: bool) -> Result<()> {
    if !has("npm") {
        skip("the official clients and their state directories, since npm is not here");
        return Ok(());
    }
    if !no_build {
        run("cargo build --release -p openclaw", "fix the build first")?;
    }
    let folder = root().join("target/interop");
    for (name, package) in PEERS {
        // 2026.9.6 refuses to be installed by an older Node than its own.
        npm::install(&folder.join(name), package, Some(&npm::node(&folder.join("client"))))?;
    }
    let gateway = Gateway::start(&root().join("target/release/openclaw"), state::empty()?)?;
    for version in VERSIONS {
        for command in COMMANDS {
            official(&folder, version, command, &gateway)?;
        }
        tui::talk(&folder, version, &node(&folder, version), &gateway)?;
        nodes::official(&folder, version, &gateway)?;
        authority::official(&folder, version, &gateway)?;
    }
    tui::ours(&gateway)?;
    let url = format!("ws://127.0.0.1:{}/", gateway.port());
    script(&folder, "client", "check.mjs", &url, "a result or event does not fit the contract")?;
    let url = format!("http://127.0.0.1:{}/v1", gateway.port());
    script(&folder, "openai", "openai.mjs", &url, "openai-node does not get what it expects")?;
    python(&folder, &url)?;
    pages::run_all(&folder)?;
    run(
        "cargo test --workspace --test it -- --ignored the_path_with_aimock",
        "the tool path fails with a model server that is not ours",
    )?;
    for version in VERSIONS {
        make_state(&folder, version)?;
    }
    run(
        "cargo test --workspace --test it -- --ignored states_of_the_real_programs",
        "a state directory of the real program does not open here as it does there",
    )
}

/// Runs a script of ours beside a peer's packages.
fn script(all: &Path, peer: &str, name: &str, url: &str, fault: &str) -> Result<()> {
    let dir = all.join(peer);
    fs::copy(root().join("tests/interop").join(name), dir.join(name))?;
    let line = format!("{} {name} {url} {TOKEN}", node(all, peer).display());
    run_in(&dir, &line, fault)
}

/// openai-python, in an environment of its own.
fn python(all: &Path, url: &str) -> Result<()> {
    let dir = all.join("python");
    if !dir.join("installed").exists() && !environment(&dir)? {
        skip("openai-python, since python3 -m venv or pip cannot install it here");
        return Ok(());
    }
    let script = root().join("tests/interop/openai.py");
    let python = dir.join("bin/python");
    let line = format!("{} {} {url} {TOKEN}", python.display(), script.display());
    run_in(&dir, &line, "openai-python does not get what it expects")
}

/// Makes the environment; false when the tools for it are not here.
fn environment(dir: &Path) -> Result<bool> {
    fs::create_dir_all(dir)?;
    let tries: [(&Path, &[&str]); 2] = [
        (Path::new("python3"), &["-m", "venv", "."]),
        (&dir.join("bin/python"), &["-m", "pip", "install", "--quiet", "openai==3.*"]),
    ];
    for (program, arguments) in tries {
        say(format!("$ {} {} (in {})", program.display(), arguments.join(" "), dir.display()));
        let made = Command::new(program).args(arguments).current_dir(dir).status();
        if !made.is_ok_and(|status| status.success()) {
            return Ok(false);
        }
    }
    fs::write(dir.join("installed"), "")?;
    Ok(true)
}

/// Lets the real program make a state directory: sessions, a tool call, an abort, a reset, a device.
/// Takes about a minute; one that was made before is used again.
fn make_state(all: &Path, version: &str) -> Result<()> {
    let state = all.join(format!("state-{version}"));
    if state.join("expected.json").exists() {
        return Ok(());
    }
    if state.exists() {
        fs::remove_dir_all(&state)?;
    }
    fs::create_dir_all(&state)?;
    let program = all.join(version).join("node_modules/openclaw/openclaw.mjs");
    let (node, state) = (node(all, version), state.display());
    let line = format!("{} tests/interop/state.mjs {} {state}", node.display(), program.display());
    run(&line, "the real program did not make a state directory; see what it said")
}

/// The Node that a peer brings, or the newest one.
fn node(all: &Path, peer: &str) -> PathBuf {
    let own = npm::node(&all.join(peer));
    if own.exists() { own } else { npm::node(&all.join("client")) }
}

/// An official command line, in the gateway's own state directory and with its secret.
fn command(all: &Path, version: &str, gateway: &Gateway) -> Command {
    let mut command = Command::new(node(all, version));
    command
        .arg(all.join(version).join("node_modules/openclaw/openclaw.mjs"))
        .env("HOME", gateway.state_dir())
        .env("OPENCLAW_STATE_DIR", gateway.state_dir())
        .env("OPENCLAW_GATEWAY_TOKEN", TOKEN)
        .env("OPENCLAW_GATEWAY_PORT", gateway.port().to_string())
        .env("NO_COLOR", "1");
    command
}

fn official(all: &Path, version: &str, line: &str, gateway: &Gateway) -> Result<()> {
    let out = command(all, version, gateway)
        .args(line.split_whitespace())
        .output()
        .with_context(|| format!("cannot run OpenClaw {version}"))?;
    let verdict = if out.status.success() { "ok" } else { "FAILED" };
    say(format!("{verdict}  openclaw {version}: {line}"));
    if !out.status.success() {
        bail!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    }
    // Success is not enough: what was there to be shown must be shown.
    let shown = String::from_utf8_lossy(&out.stdout);
    // 2026.9.6 lists the sessions of its own database, which is not here.
    let own = line == "sessions" && version != VERSIONS[0];
    let expected = EXPECTED.iter().find(|(command, _)| *command == line && !own);
    match expected.and_then(|(_, words)| words.iter().find(|word| !shown.contains(**word))) {
        Some(absent) => bail!("`{line}` of {version} does not show {absent}: {shown}"),
        None => Ok(()),
    }
}
