//! State directories to measure with, in OpenClaw's own formats.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use serde_json::{Map, json};

/// A directory that is removed with the value.
pub(crate) struct StateDir(PathBuf);

impl StateDir {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Takes every file out of the page cache, as after a start of the machine.
    pub(crate) fn cool(&self) -> Result<()> {
        cool(&self.0)
    }

    fn sessions(&self) -> Result<PathBuf> {
        let dir = self.0.join("agents/main/sessions");
        fs::create_dir_all(&dir)?;
        Ok(dir)
    }

    fn configure(&self, config: &serde_json::Value) -> Result<()> {
        Ok(fs::write(self.0.join("openclaw.json"), config.to_string())?)
    }
}

fn cool(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            cool(&path)?;
        } else if path.is_file() {
            let file = fs::File::open(&path)?;
            // Only pages that are on the disk can be forgotten.
            file.sync_all()?;
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
        }
    }
    Ok(())
}

impl Drop for StateDir {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// Nothing.
pub(crate) fn empty() -> Result<StateDir> {
    let name = format!("openclaw-bench-{}-{}", std::process::id(), super::gateway::free_port()?);
    let dir = std::env::temp_dir().join(name);
    fs::create_dir_all(&dir)?;
    Ok(StateDir(dir))
}

/// A model server on a port, and room for 64 runs at a time.
pub(crate) fn with_model(port: u16) -> Result<StateDir> {
    let dir = empty()?;
    let provider = json!({"baseUrl": format!("http://127.0.0.1:{port}/v1"), "apiKey": "bench",
        "api": "openai-completions", "models": [{"id": "mock", "name": "Mock", "contextWindow": 128_000, "maxTokens": 4096}]});
    dir.configure(&json!({
        "gateway": {"mode": "local"},
        "models": {"providers": {"bench": provider}},
        "agents": {"defaults": {"model": {"primary": "bench/mock"}, "maxConcurrent": 64}},
    }))?;
    Ok(dir)
}

/// Many sessions.
pub(crate) fn with_sessions(count: u64) -> Result<StateDir> {
    let dir = empty()?;
    let mut index = Map::new();
    for n in 0..count {
        let entry = json!({"sessionId": uuid(n), "updatedAt": 1_795_000_000_000_u64 + n, "label": format!("Session {n}"),
            "chatType": "direct", "model": "mock", "modelProvider": "bench", "totalTokens": 1000, "systemSent": true});
        index.insert(format!("agent:main:direct:{n}"), entry);
    }
    fs::write(dir.sessions()?.join("sessions.json"), serde_json::to_vec(&index)?)?;
    Ok(dir)
}

/// One session with many messages.
pub(crate) fn with_history(messages: u64) -> Result<StateDir> {
    let dir = empty()?;
    let id = uuid(1);
    let mut lines = json!({"type": "session", "version": 3, "id": id, "timestamp": "2026-11-20T00:00:00.000Z", "cwd": "/"}).to_string();
    lines.push('\n');
    for n in 0..messages {
        let role = if n % 2 == 0 { "user" } else { "assistant" };
        let text = format!("Message {n}: {}", "some words that people write ".repeat(6));
        let parent = (n > 0).then(|| format!("{:08x}", n - 1));
        let line = json!({"type": "message", "id": format!("{n:08x}"), "parentId": parent, "timestamp": "2026-11-20T00:00:00.000Z",
            "message": {"role": role, "content": [{"type": "text", "text": text}], "timestamp": 1_795_000_000_000_u64 + n}});
        writeln!(lines, "{line}")?;
    }
    let sessions = dir.sessions()?;
    fs::write(sessions.join(format!("{id}.jsonl")), lines)?;
    let entry = json!({"sessionId": id, "updatedAt": 1_795_000_000_000_u64, "systemSent": true});
    fs::write(sessions.join("sessions.json"), json!({"agent:main:long": entry}).to_string())?;
    Ok(dir)
}

fn uuid(n: u64) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}
