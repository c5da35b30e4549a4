//! Node hosts that are not ours: connected, approved, listed, asked for a command and for a program.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::node;
use crate::{
    bench::gateway::{Gateway, TOKEN, pause},
    run::{root, say},
};

/// A node host that is not there by then never will be; Node takes seconds to load the program.
const TRIES: usize = 600;
const PAUSE: Duration = Duration::from_millis(200);

/// A node host that runs as long as this lives.
struct Host {
    child: Child,
    log: PathBuf,
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do about an error here.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Lets the node host of a version come, and asks it.
pub(super) fn official(all: &Path, version: &str, gateway: &Gateway) -> Result<()> {
    let name = format!("official-{version}");
    let mut host = start(all, version, &name, gateway)?;
    let request = wait(&mut host, || {
        let pending = ours(gateway, &["nodes", "pending", "--json"])?;
        Ok(of(&pending, &name).map(|request| request["requestId"].clone()))
    })?;
    let request = request.as_str().context("a request has an id")?;
    ours(gateway, &["nodes", "approve", request, "--json"])?;
    let node = wait(&mut host, || {
        let list = ours(gateway, &["nodes", "status", "--connected", "--json"])?;
        let node = of(&list["nodes"], &name).cloned();
        Ok(node.filter(|node| node["commands"].to_string().contains("system.run")))
    })?;
    let id = node["nodeId"].as_str().context("a node has an id")?;
    let which = ["--command", "system.which", "--params", r#"{"bins":["sh"]}"#, "--json"];
    let found = ours(gateway, &[&["nodes", "invoke", "--node", id], &which[..]].concat())?;
    if !found["payload"]["bins"]["sh"].as_str().is_some_and(|path| path.ends_with("/sh")) {
        bail!("the node host of {version} does not find sh: {found}");
    }
    let ran = ours(gateway, &["nodes", "run", "--node", &name, "--json", "--", "echo", "hello"])?;
    if ran["payload"]["stdout"].as_str().map(str::trim) != Some("hello") {
        bail!("the node host of {version} does not run echo: {ran}");
    }
    say(format!("ok  openclaw {version}: node run, approved, listed, asked for a program"));
    Ok(())
}

/// Starts the node host in a home of its own, with rules that let everything run.
fn start(all: &Path, version: &str, name: &str, gateway: &Gateway) -> Result<Host> {
    let home = all.join(format!("node-{version}"));
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    fs::create_dir_all(&home)?;
    let limits = json!({ "security": "full", "ask": "off" });
    let rules = json!({ "version": 1, "defaults": limits, "agents": {} });
    fs::write(home.join("exec-approvals.json"), rules.to_string())?;
    fs::write(home.join("openclaw.json"), json!({ "tools": { "exec": limits } }).to_string())?;
    // 2026.3.28 has the file of approvals in the home folder, whatever the state directory is.
    fs::create_dir_all(home.join(".openclaw"))?;
    fs::write(home.join(".openclaw/exec-approvals.json"), rules.to_string())?;
    let log = home.join("output.log");
    let program = all.join(version).join("node_modules/openclaw/openclaw.mjs");
    let child = Command::new(node(all, version))
        .arg(program)
        .args(["node", "run", "--host", "127.0.0.1", "--display-name", name])
        .args(["--port", &gateway.port().to_string()])
        .env("HOME", &home)
        .env("OPENCLAW_STATE_DIR", &home)
        .env("OPENCLAW_GATEWAY_TOKEN", TOKEN)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(File::create(&log)?)
        .stderr(File::options().append(true).open(&log)?)
        .spawn()
        .with_context(|| format!("cannot run the node host of {version}"))?;
    Ok(Host { child, log })
}

/// Asks again until there is an answer.
fn wait(host: &mut Host, ask: impl Fn() -> Result<Option<Value>>) -> Result<Value> {
    for _ in 0..TRIES {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if host.child.try_wait()?.is_some() {
            break;
        }
        pause(PAUSE);
    }
    bail!("the node host did not come, or not with its commands; see {}", host.log.display())
}

/// The entry of a list that has this name.
fn of<'a>(list: &'a Value, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|entry| entry["displayName"] == name)
}

/// Our own command line, which prints JSON.
fn ours(gateway: &Gateway, args: &[&str]) -> Result<Value> {
    let out = Command::new(root().join("target/release/openclaw"))
        .args(args)
        .env_clear()
        .env("HOME", gateway.state_dir())
        .env("OPENCLAW_STATE_DIR", gateway.state_dir())
        .env("OPENCLAW_GATEWAY_TOKEN", TOKEN)
        .env("OPENCLAW_GATEWAY_PORT", gateway.port().to_string())
        .output()
        .context("cannot run target/release/openclaw")?;
    let text = String::from_utf8_lossy(&out.stdout);
    if !out.status.success() {
        bail!("openclaw {}: {text}{}", args.join(" "), String::from_utf8_lossy(&out.stderr));
    }
    Ok(serde_json::from_str(&text)?)
}
