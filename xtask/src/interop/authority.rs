//! The official commands about authority: devices that wait, setup codes, and a command that asks a person.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::node;
use crate::{
    bench::gateway::{Gateway, TOKEN},
    run::{root, say},
};

/// Lists and approves a device, makes a setup code that lets one in, and asks for a command.
pub(super) fn official(all: &Path, version: &str, gateway: &Gateway) -> Result<()> {
    let peers = Peers { all, version, gateway };
    peers.devices().with_context(|| format!("devices of {version}"))?;
    peers.setup_code().with_context(|| format!("qr of {version}"))?;
    peers.approval().with_context(|| format!("exec.approval.request of {version}"))
}

struct Peers<'a> {
    all: &'a Path,
    version: &'a str,
    gateway: &'a Gateway,
}

impl Peers<'_> {
    /// A device that comes through a proxy waits; the official command sees and approves it.
    fn devices(&self) -> Result<()> {
        let secret = json!({ "token": TOKEN });
        let key = format!("waiting-{}.pem", self.version);
        let refused = self.come(&secret, "operator", "operator.read", &key)?;
        let id = refused["refused"]["details"]["requestId"].as_str();
        let id = id.with_context(|| format!("it does not wait: {refused}"))?;
        let listed = self.openclaw(&["devices", "list", "--json"])?;
        let has = |list: &Value, key: &str, value: &str| {
            list.as_array().is_some_and(|all| all.iter().any(|one| one[key] == value))
        };
        ensure!(has(&listed["pending"], "requestId", id), "the request is not listed: {listed}");
        self.openclaw(&["devices", "approve", id, "--json"])?;
        let listed = self.openclaw(&["devices", "list", "--json"])?;
        let device = refused["deviceId"].as_str().unwrap_or_default();
        ensure!(has(&listed["paired"], "deviceId", device), "it is not paired: {listed}");
        let granted = self.come(&secret, "operator", "operator.read", &key)?;
        ensure!(granted["granted"]["deviceToken"].is_string(), "it is not let in: {granted}");
        self.done("devices list, devices approve");
        Ok(())
    }

    /// The code that the official command makes lets one device in as a node, and no second one.
    fn setup_code(&self) -> Result<()> {
        let url = format!("ws://127.0.0.1:{}", self.gateway.port());
        let made = self.openclaw(&["qr", "--json", "--url", &url])?;
        let code = URL_SAFE_NO_PAD.decode(made["setupCode"].as_str().context("no code")?)?;
        let code: Value = serde_json::from_slice(&code)?;
        ensure!(code["url"] == url, "another address: {code}");
        let auth = json!({ "bootstrapToken": code["bootstrapToken"] });
        let first = self.come(&auth, "node", "", &format!("scanned-{}.pem", self.version))?;
        ensure!(first["granted"]["deviceToken"].is_string(), "it is not let in: {first}");
        let second = self.come(&auth, "node", "", &format!("again-{}.pem", self.version))?;
        ensure!(second["refused"]["code"].is_string(), "a code is used twice: {second}");
        self.done("qr --json, whose code lets one device in");
        Ok(())
    }

    /// A command asks for a person's yes, and the official client gives it.
    fn approval(&self) -> Result<()> {
        let folder = self.all.join("client");
        fs::copy(root().join("tests/interop/approver.mjs"), folder.join("approver.mjs"))?;
        let approver = Command::new(node(self.all, "client"))
            .args(["approver.mjs", &self.address(), TOKEN])
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut approver = Ended(approver);
        let output = approver.0.stdout.take().context("no output")?;
        let mut lines = BufReader::new(output).lines();
        let listening = lines.next().context("the official client did not connect")??;
        ensure!(listening == "listening", "{listening}");
        let asks = json!({"command": "echo hello", "commandArgv": ["echo", "hello"], "cwd": "/tmp",
            "host": "gateway", "timeoutMs": 30_000});
        let params = asks.to_string();
        let call = ["gateway", "call", "exec.approval.request", "--json", "--timeout", "40000"];
        let answer = self.openclaw(&[&call[..], &["--params", &params]].concat())?;
        ensure!(answer["decision"] == "allow-once", "it was not decided: {answer}");
        let seen = lines.next().context("the official client saw no request")??;
        let seen: Value = serde_json::from_str(&seen)?;
        ensure!(seen["id"] == answer["id"], "another request: {seen}");
        self.done("gateway call exec.approval.request, decided by the official client");
        Ok(())
    }

    fn done(&self, what: &str) {
        say(format!("ok  openclaw {}: {what}", self.version));
    }

    fn address(&self) -> String {
        format!("ws://127.0.0.1:{}/", self.gateway.port())
    }

    /// A device from elsewhere; what became of it.
    fn come(&self, auth: &Value, role: &str, scopes: &str, key: &str) -> Result<Value> {
        let key = self.gateway.state_dir().join(key);
        let out = Command::new(node(self.all, "client"))
            .arg(root().join("tests/interop/device.mjs"))
            .args([&self.address(), &auth.to_string(), role, scopes])
            .arg(key)
            .output()?;
        Ok(serde_json::from_slice(&out.stdout)?)
    }

    /// The official command line, which prints JSON.
    fn openclaw(&self, args: &[&str]) -> Result<Value> {
        let out = super::command(self.all, self.version, self.gateway).args(args).output()?;
        let text = String::from_utf8_lossy(&out.stdout);
        if !out.status.success() {
            bail!("{args:?}: {text}{}", String::from_utf8_lossy(&out.stderr));
        }
        // 2026.9.6 may say first what it migrates.
        let json = text.find('{').and_then(|at| text.get(at..)).unwrap_or_default();
        serde_json::from_str(json).with_context(|| format!("{args:?} printed {text}"))
    }
}

/// A program that ends with the value.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do about an error here.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
