//! State directories to measure with, in OpenClaw's own formats.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, json};
use sha2::{Digest as _, Sha256};

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

/// Paired devices, in the file of OpenClaw 2026.3.28. Nobody holds their keys.
pub(crate) fn with_devices(count: u64) -> Result<StateDir> {
    let dir = empty()?;
    let mut devices = Map::new();
    let scopes = [
        "operator.admin",
        "operator.approvals",
        "operator.pairing",
        "operator.read",
        "operator.write",
    ];
    for n in 0..count {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&n.to_le_bytes());
        let id = hex(&Sha256::digest(key));
        let token = json!({"token": URL_SAFE_NO_PAD.encode(Sha256::digest(&id)), "role": "operator", "scopes": scopes, "createdAtMs": n});
        let device = json!({"deviceId": id, "publicKey": URL_SAFE_NO_PAD.encode(key), "displayName": format!("Device {n}"),
            "platform": "linux", "clientId": "cli", "clientMode": "cli", "role": "operator", "roles": ["operator"],
            "scopes": scopes, "approvedScopes": scopes, "tokens": {"operator": token}, "createdAtMs": n, "approvedAtMs": n});
        devices.insert(id, device);
    }
    let folder = dir.0.join("devices");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("paired.json"), serde_json::to_vec(&devices)?)?;
    Ok(dir)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
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

/// An agent's database in the layout of OpenClaw 2026.9.6, as far as it is read: sessions of so many messages each.
pub(crate) fn with_foreign_database(sessions: u64, messages: u64) -> Result<StateDir> {
    let dir = empty()?;
    let folder = dir.0.join("agents/main/agent");
    fs::create_dir_all(&folder)?;
    let mut conn = rusqlite::Connection::open(folder.join("openclaw-agent.sqlite"))?;
    conn.execute_batch(
        "CREATE TABLE schema_meta (meta_key TEXT, schema_version INTEGER, app_version TEXT);
         INSERT INTO schema_meta VALUES ('primary', 23, '2026.9.6');
         CREATE TABLE session_nodes (session_key TEXT PRIMARY KEY, current_session_id TEXT, entry_json TEXT);
         CREATE TABLE session_windows (session_id TEXT PRIMARY KEY, updated_at INTEGER);
         CREATE TABLE transcript_events (session_id TEXT, seq INTEGER, event_json TEXT, event_zstd BLOB,
             event_utf8_bytes INTEGER, PRIMARY KEY (session_id, seq));
         CREATE TABLE transcript_event_identities (session_id TEXT, event_id TEXT, seq INTEGER, event_type TEXT,
             PRIMARY KEY (session_id, event_id));
         CREATE TABLE session_transcript_active_events (session_id TEXT, event_seq INTEGER,
             PRIMARY KEY (session_id, event_seq));
         CREATE TABLE session_transcript_index_state (session_id TEXT PRIMARY KEY, indexed_seq INTEGER, needs_rebuild INTEGER);
         CREATE TABLE session_transcript_cold_archives (session_id TEXT PRIMARY KEY, archive_name TEXT);",
    )?;
    let tx = conn.transaction()?;
    for n in 0..sessions {
        foreign_session(&tx, n, messages)?;
    }
    tx.commit()?;
    Ok(dir)
}

fn foreign_session(conn: &rusqlite::Connection, n: u64, messages: u64) -> Result<()> {
    let id = uuid(n);
    let entry = json!({"sessionId": id, "updatedAt": 1_795_000_000_000_u64 + n, "skillsSnapshot": {"prompt": "skill ".repeat(1_000)}});
    let key = format!("agent:main:direct:{n}");
    conn.execute("INSERT INTO session_nodes VALUES (?1, ?2, ?3)", (key, &id, entry.to_string()))?;
    conn.execute("INSERT INTO session_windows VALUES (?1, 1795000000000)", [&id])?;
    conn.execute(
        "INSERT INTO session_transcript_index_state VALUES (?1, ?2, 0)",
        (&id, i64::try_from(messages)?),
    )?;
    for seq in 0..=messages {
        let event = uuid(1_000_000 * n + seq);
        let line = if seq == 0 {
            json!({"type": "session", "version": 4, "id": id, "timestamp": "2026-11-21T00:00:00.000Z", "cwd": "/"})
        } else {
            let role = if seq % 2 == 1 { "user" } else { "assistant" };
            let text = format!("Message {seq}: {}", "some words that people write ".repeat(6));
            json!({"type": "message", "id": event, "parentId": (seq > 1).then(|| uuid(1_000_000 * n + seq - 1)),
                "timestamp": "2026-11-21T00:00:00.000Z",
                "message": {"role": role, "content": [{"type": "text", "text": text}], "timestamp": 1_795_000_000_000_u64 + seq}})
        };
        let line = line.to_string();
        let mut insert =
            conn.prepare_cached("INSERT INTO transcript_events VALUES (?1, ?2, ?3, NULL, ?4)")?;
        let (number, length) = (i64::try_from(seq)?, i64::try_from(line.len())?);
        insert.execute((&id, number, &line, length))?;
        let kind = if seq == 0 { "session" } else { "message" };
        let mut insert =
            conn.prepare_cached("INSERT INTO transcript_event_identities VALUES (?1, ?2, ?3, ?4)")?;
        insert.execute((&id, event, number, kind))?;
        let mut insert =
            conn.prepare_cached("INSERT INTO session_transcript_active_events VALUES (?1, ?2)")?;
        insert.execute((&id, number))?;
    }
    Ok(())
}

fn uuid(n: u64) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}
