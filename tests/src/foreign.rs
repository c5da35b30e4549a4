//! State directories as other programs leave them, built by hand in the layout that was observed.

use std::{fs, path::Path};

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::Device;

/// What is read of an agent's database of OpenClaw 2026.9.6; the real one has many more tables.
const AGENT_TABLES: &str = "
    CREATE TABLE schema_meta (meta_key TEXT PRIMARY KEY, schema_version INTEGER, app_version TEXT);
    CREATE TABLE session_nodes (session_key TEXT PRIMARY KEY, current_session_id TEXT, entry_json TEXT);
    CREATE TABLE session_windows (session_id TEXT PRIMARY KEY, session_key TEXT, updated_at INTEGER);
    CREATE TABLE transcript_events (session_id TEXT, seq INTEGER, event_json TEXT, event_zstd BLOB,
        event_utf8_bytes INTEGER, PRIMARY KEY (session_id, seq));
    CREATE TABLE transcript_event_identities (session_id TEXT, event_id TEXT, seq INTEGER, event_type TEXT);
    CREATE TABLE session_transcript_active_events (session_id TEXT, event_seq INTEGER);
    CREATE TABLE session_transcript_index_state (session_id TEXT PRIMARY KEY, indexed_seq INTEGER,
        needs_rebuild INTEGER);
    CREATE TABLE session_transcript_cold_archives (session_id TEXT PRIMARY KEY, archive_name TEXT);";

/// The devices of OpenClaw 2026.9.6.
const STATE_TABLES: &str = "
    CREATE TABLE gateway_boot_lifecycle (pid INTEGER, started_at_ms INTEGER, completed_at_ms INTEGER);
    CREATE TABLE device_pairing_paired (device_id TEXT, public_key TEXT, display_name TEXT, platform TEXT,
        device_family TEXT, client_id TEXT, client_mode TEXT, remote_ip TEXT, role TEXT, roles_json TEXT,
        scopes_json TEXT, approved_scopes_json TEXT, approved_via TEXT, tokens_json TEXT,
        created_at_ms INTEGER, approved_at_ms INTEGER, last_seen_at_ms INTEGER);";

/// An agent's database of OpenClaw 2026.9.6.
pub struct AgentDb(Connection);

impl AgentDb {
    /// An empty one in this table layout; 23 is that of 2026.9.6.
    pub fn create(state: &Path, agent: &str, layout: i64) -> Self {
        let dir = state.join("agents").join(agent).join("agent");
        fs::create_dir_all(&dir).unwrap();
        let conn = Connection::open(dir.join("openclaw-agent.sqlite")).unwrap();
        conn.execute_batch(AGENT_TABLES).unwrap();
        let sql = "INSERT INTO schema_meta VALUES ('primary', ?1, '2026.9.6')";
        conn.execute(sql, [layout]).unwrap();
        Self(conn)
    }

    /// A session with its transcript; the entry has its `sessionId`. Lines whose number is in `left` were left behind by an edit; those
    /// of 1024 bytes and more are stored packed, as the real program does.
    pub fn session(&self, key: &str, entry: &Value, lines: &[Value], left: &[usize]) {
        let id = entry["sessionId"].as_str().unwrap();
        let conn = &self.0;
        let node = "INSERT INTO session_nodes VALUES (?1, ?2, ?3)";
        conn.execute(node, params![key, id, entry.to_string()]).unwrap();
        let window = "INSERT INTO session_windows VALUES (?1, ?2, 1795251720000)";
        conn.execute(window, params![id, key]).unwrap();
        for (seq, line) in lines.iter().enumerate() {
            let seq_number = i64::try_from(seq).unwrap();
            self.line(id, seq_number, &line.to_string());
            let named = "INSERT INTO transcript_event_identities VALUES (?1, ?2, ?3, ?4)";
            let (entry, kind) = (line["id"].as_str(), line["type"].as_str());
            conn.execute(named, params![id, entry, seq_number, kind]).unwrap();
            if seq > 0 && !left.contains(&seq) {
                let active = "INSERT INTO session_transcript_active_events VALUES (?1, ?2)";
                conn.execute(active, params![id, seq_number]).unwrap();
            }
        }
        let index = "INSERT INTO session_transcript_index_state VALUES (?1, ?2, 0)";
        conn.execute(index, params![id, i64::try_from(lines.len()).unwrap() - 1]).unwrap();
    }

    fn line(&self, id: &str, seq: i64, text: &str) {
        let length = i64::try_from(text.len()).unwrap();
        let packed = (text.len() >= 1024).then(|| {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            ruzstd::encoding::compress_to_vec(text.as_bytes(), level)
        });
        let plain = packed.is_none().then_some(text);
        let sql = "INSERT INTO transcript_events VALUES (?1, ?2, ?3, ?4, ?5)";
        self.0.execute(sql, params![id, seq, plain, packed, length]).unwrap();
    }

    /// Moves a transcript to cold storage, as far as the tables show it.
    pub fn cool(&self, id: &str) {
        let sql = "INSERT INTO session_transcript_cold_archives VALUES (?1, 'x.jsonl.zst')";
        self.0.execute(sql, [id]).unwrap();
    }
}

/// The first line of a transcript of 2026.9.6.
pub fn header(id: &str) -> Value {
    json!({"type": "session", "version": 4, "id": id, "timestamp": "2026-11-21T09:01:43.924Z", "cwd": "/w"})
}

/// A message line.
pub fn message(id: &str, parent: Option<&str>, role: &str, text: &str) -> Value {
    let content =
        if role == "user" { json!(text) } else { json!([{"type": "text", "text": text}]) };
    json!({"type": "message", "id": id, "parentId": parent, "timestamp": "2026-11-21T09:01:43.924Z",
        "message": {"role": role, "content": content, "timestamp": 1_795_251_703_924_i64}})
}

/// A device as both versions record it, with a token that allows what it is approved for.
pub fn device_record(device: &Device, token: &str, scopes: &[&str]) -> Value {
    json!({"deviceId": device.id(), "publicKey": device.public_key(), "platform": "linux", "clientId": "cli",
        "clientMode": "cli", "role": "operator", "roles": ["operator"], "scopes": scopes, "approvedScopes": scopes,
        "tokens": {"operator": {"token": token, "role": "operator", "scopes": scopes, "createdAtMs": 1_795_251_692_839_i64}},
        "createdAtMs": 1_795_251_692_839_i64, "approvedAtMs": 1_795_251_692_839_i64})
}

/// Writes `state/openclaw.sqlite` of 2026.9.6 with one device.
pub fn state_db(state: &Path, record: &Value) {
    fs::create_dir_all(state.join("state")).unwrap();
    let conn = Connection::open(state.join("state/openclaw.sqlite")).unwrap();
    conn.execute_batch(STATE_TABLES).unwrap();
    let text = |name: &str| record[name].as_str().map(str::to_owned);
    let nested = |name: &str| record[name].to_string();
    conn.execute(
        "INSERT INTO device_pairing_paired (device_id, public_key, platform, client_id, client_mode, role, \
         roles_json, scopes_json, approved_scopes_json, tokens_json, approved_via, created_at_ms, approved_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'silent', ?11, ?11)",
        params![
            text("deviceId"), text("publicKey"), text("platform"), text("clientId"), text("clientMode"),
            text("role"), nested("roles"), nested("scopes"), nested("approvedScopes"), nested("tokens"),
            record["createdAtMs"].as_i64(),
        ],
    )
    .unwrap();
}
