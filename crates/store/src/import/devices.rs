//! Paired devices and their tokens: `devices/paired.json` of OpenClaw 2026.3.28, and the table
//! `device_pairing_paired` in `state/openclaw.sqlite` of 2026.9.6, whose columns say the same.
//!
//! What is taken over can only be less than what was granted there: a device whose id is not that of its
//! key is left out, an unknown role or scope grants nothing. Requests that wait are not taken over.

use std::{collections::BTreeMap, fs, io};

use openclaw_auth::{
    Device, Secret,
    device::{id_of, key_text, parse_key},
    pairing::{About, ApprovedVia, MAX_LABEL, shown},
    token::DeviceToken,
};
use openclaw_protocol::{Role, ScopeSet};
use rusqlite::{Connection, OpenFlags, Row};
use serde::Deserialize;
use serde_json::Value;

use super::{Cx, mark};
use crate::error::{DbError, Result};

/// A device as either version has it. What is absent grants nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Record {
    device_id: String,
    public_key: String,
    display_name: Option<String>,
    operator_label: Option<String>,
    platform: Option<String>,
    device_family: Option<String>,
    client_id: Option<String>,
    client_mode: Option<String>,
    remote_ip: Option<String>,
    role: Option<String>,
    roles: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
    approved_scopes: Option<Vec<String>>,
    approved_via: Option<String>,
    tokens: Option<BTreeMap<String, Token>>,
    created_at_ms: u64,
    approved_at_ms: u64,
    last_seen_at_ms: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Token {
    #[serde(rename = "token")]
    text: String,
    role: String,
    scopes: Option<Vec<String>>,
    created_at_ms: u64,
    rotated_at_ms: Option<u64>,
    revoked_at_ms: Option<u64>,
}

/// Takes over the devices of either version, each source once.
pub(super) fn take_over(cx: &Cx<'_>) -> Result<()> {
    if !cx.done("imported-devices")? {
        put(cx, "imported-devices", of_file(cx)?)?;
    }
    if cx.layout.foreign_state().is_file() && !cx.done("imported-devices-sqlite")? {
        put(cx, "imported-devices-sqlite", of_database(cx)?)?;
    }
    Ok(())
}

fn put(cx: &Cx<'_>, source: &'static str, records: Vec<Record>) -> Result<()> {
    let found = records.len();
    let devices: Vec<Device> = records.into_iter().filter_map(Record::into_device).collect();
    let now = cx.now;
    let taken = cx.db.write_blocking(move |conn| -> Result<usize> {
        let mut taken = 0;
        for device in &devices {
            taken += usize::from(crate::auth::take_over(conn, device)?);
        }
        mark(conn, source, now)?;
        Ok(taken)
    })?;
    if found > 0 {
        tracing::info!(found, taken, "took over paired devices");
    }
    Ok(())
}

fn of_file(cx: &Cx<'_>) -> Result<Vec<Record>> {
    let path = cx.layout.foreign_devices();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(DbError::file(path)(e).into()),
    };
    let records: BTreeMap<String, Value> = serde_json::from_slice(&bytes).map_err(|error| {
        let why = format!(
            "{error}; put it back from a backup, or move it away so that devices pair again"
        );
        DbError::Foreign { path: path.clone(), why }
    })?;
    Ok(records.into_values().filter_map(record).collect())
}

fn record(value: Value) -> Option<Record> {
    let record = serde_json::from_value(value);
    record.inspect_err(|error| tracing::warn!(%error, "a paired device is left out")).ok()
}

fn of_database(cx: &Cx<'_>) -> Result<Vec<Record>> {
    let path = cx.layout.foreign_state();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let fail = |why| DbError::Foreign { path: path.clone(), why };
    let read = || -> rusqlite::Result<(Option<u32>, Vec<Record>)> {
        let conn = Connection::open_with_flags(&path, flags)?;
        // A database that was made by an earlier 2026.9 has no names of operators.
        let named = conn.column_exists(None, "device_pairing_paired", "operator_label")?;
        let label = if named { "operator_label" } else { "NULL" };
        let mut statement = conn.prepare(&format!(
            "SELECT device_id, public_key, display_name, platform, device_family, client_id, client_mode, \
             remote_ip, role, roles_json, scopes_json, approved_scopes_json, approved_via, tokens_json, \
             created_at_ms, approved_at_ms, last_seen_at_ms, {label} FROM device_pairing_paired",
        ))?;
        let records = statement.query_map([], of_row)?.collect::<rusqlite::Result<_>>()?;
        Ok((running(&conn), records))
    };
    let (running, records) = read().map_err(|error| {
        fail(format!(
            "{error}; put it and its -wal file back from a backup, or move them away so that devices pair again"
        ))
    })?;
    match running {
        None => Ok(records),
        Some(pid) => Err(fail(format!(
            "OpenClaw runs as process {pid} and uses it; stop it with its own `openclaw gateway stop`, then start again"
        ))
        .into()),
    }
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        device_id: row.get(0)?,
        public_key: row.get(1)?,
        display_name: row.get(2)?,
        platform: row.get(3)?,
        device_family: row.get(4)?,
        client_id: row.get(5)?,
        client_mode: row.get(6)?,
        remote_ip: row.get(7)?,
        role: row.get(8)?,
        roles: json(row, 9)?,
        scopes: json(row, 10)?,
        approved_scopes: json(row, 11)?,
        approved_via: row.get(12)?,
        tokens: json(row, 13)?,
        created_at_ms: time(row, 14)?.unwrap_or_default(),
        approved_at_ms: time(row, 15)?.unwrap_or_default(),
        last_seen_at_ms: time(row, 16)?,
        operator_label: row.get(17)?,
    })
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(|ms| u64::try_from(ms).ok()))
}

fn json<T: for<'de> Deserialize<'de>>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// The process of an OpenClaw that still runs here: what it does after the import would be missing.
fn running(conn: &Connection) -> Option<u32> {
    let sql = "SELECT pid FROM gateway_boot_lifecycle WHERE completed_at_ms IS NULL \
               ORDER BY started_at_ms DESC LIMIT 1";
    let pid = conn.query_row(sql, [], |row| row.get::<_, u32>(0)).ok()?;
    // A process of that number may be another one by now: only one that runs OpenClaw counts.
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let is_openclaw = String::from_utf8_lossy(&command).contains("openclaw");
    (is_openclaw && is_node(pid)).then_some(pid)
}

fn is_node(pid: u32) -> bool {
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    program.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("node"))
}

impl Record {
    fn into_device(self) -> Option<Device> {
        let key = parse_key(&self.public_key).filter(|key| id_of(key).as_str() == self.device_id);
        let Some(key) = key else {
            tracing::warn!(
                device = self.device_id,
                "a device whose id is not that of its key is left out"
            );
            return None;
        };
        let mut roles: Vec<Role> = Vec::new();
        // Absent is not the same as empty: the older single field counts only where there is no list.
        for name in self.roles.unwrap_or_else(|| self.role.into_iter().collect()) {
            roles.extend(Role::parse(&name).filter(|role| !roles.contains(role)));
        }
        let scopes = ScopeSet::parse(self.approved_scopes.or(self.scopes).unwrap_or_default());
        let mut device = Device {
            id: id_of(&key),
            public_key: key_text(&key),
            about: About {
                display_name: self.display_name,
                platform: self.platform,
                device_family: self.device_family,
                client_id: self.client_id.unwrap_or_default(),
                client_mode: self.client_mode.unwrap_or_default(),
                remote_ip: self.remote_ip,
            },
            label: self.operator_label.and_then(|label| shown(&label, MAX_LABEL)),
            roles,
            scopes,
            approved_via: ApprovedVia::parse(self.approved_via.as_deref().unwrap_or_default()),
            created_at_ms: self.created_at_ms,
            approved_at_ms: self.approved_at_ms,
            last_seen_at_ms: self.last_seen_at_ms,
            tokens: Vec::new(),
        };
        for token in self.tokens.unwrap_or_default().into_values() {
            device.tokens.extend(token.into_token(&device));
        }
        Some(device)
    }
}

impl Token {
    /// A token that allows more than the device is approved for is no token of it.
    fn into_token(self, device: &Device) -> Option<DeviceToken> {
        let role = Role::parse(&self.role).filter(|role| device.roles.contains(role))?;
        let scopes = match role {
            Role::Operator => ScopeSet::parse(self.scopes.unwrap_or_default()),
            Role::Node => ScopeSet::EMPTY,
        };
        let fits = !self.text.is_empty() && device.ceiling(role).covers(scopes);
        fits.then(|| DeviceToken {
            role,
            token: Secret::from(self.text),
            scopes,
            created_at_ms: self.created_at_ms,
            rotated_at_ms: self.rotated_at_ms,
            revoked_at_ms: self.revoked_at_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn device(change: Value) -> Option<Device> {
        let key = [7; 32];
        let mut record = json!({
            "deviceId": id_of(&key).as_str(), "publicKey": key_text(&key),
            "roles": ["operator"], "approvedScopes": ["operator.read"],
        });
        let Value::Object(change) = change else { unreachable!() };
        record.as_object_mut().unwrap().extend(change);
        serde_json::from_value::<Record>(record).unwrap().into_device()
    }

    fn token(change: Value) -> Option<DeviceToken> {
        let mut token = json!({"token": "t", "role": "operator", "scopes": ["operator.read"]});
        let Value::Object(change) = change else { unreachable!() };
        token.as_object_mut().unwrap().extend(change);
        device(json!({"tokens": {"operator": token}})).unwrap().tokens.pop()
    }

    #[test]
    fn what_is_taken_over_is_less_than_what_was_granted_or_the_same() {
        assert!(device(json!({"deviceId": "another"})).is_none(), "an id is that of its key");
        let odd =
            device(json!({"roles": ["owner", "node"], "scopes": ["operator.admin"]})).unwrap();
        assert_eq!(
            (odd.roles, odd.scopes.names()),
            (vec![Role::Node], vec!["operator.read".to_owned()])
        );
        let usual = token(json!({})).unwrap();
        assert!(usual.is_live() && usual.scopes.names() == ["operator.read"]);
        assert!(!token(json!({"revokedAtMs": 5})).unwrap().is_live(), "what is revoked stays so");
        for no_token in [
            json!({"role": "node"}),
            json!({"role": "owner"}),
            json!({"scopes": ["operator.admin"]}),
            json!({"token": ""}),
        ] {
            assert!(token(no_token.clone()).is_none(), "{no_token}");
        }
    }

    /// What it does after the import would be missing.
    #[test]
    fn nothing_is_taken_over_while_openclaw_runs() {
        let dir = tempfile::tempdir().unwrap();
        let (program, layout) = (dir.path().join("node"), crate::Layout::new(dir.path()));
        fs::copy("/bin/sh", &program).unwrap();
        let mut runs = std::process::Command::new(&program)
            .args(["-c", "read line", "openclaw"])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        fs::create_dir(layout.foreign_state().parent().unwrap()).unwrap();
        let conn = Connection::open(layout.foreign_state()).unwrap();
        conn.execute_batch(
            "CREATE TABLE device_pairing_paired (device_id, public_key, display_name, platform, device_family, client_id,
               client_mode, remote_ip, role, roles_json, scopes_json, approved_scopes_json, approved_via, tokens_json,
               created_at_ms, approved_at_ms, last_seen_at_ms);
             CREATE TABLE gateway_boot_lifecycle (pid INTEGER, started_at_ms INTEGER, completed_at_ms INTEGER);",
        )
        .unwrap();
        conn.execute("INSERT INTO gateway_boot_lifecycle VALUES (?1, 1, NULL)", [runs.id()])
            .unwrap();
        let db = crate::Db::open(&layout.database()).unwrap();
        let cx = Cx { db: &db, layout: &layout, now: 1 };
        let refused = of_database(&cx).unwrap_err().to_string();
        assert!(refused.contains(&format!("runs as process {}", runs.id())), "{refused}");
        runs.kill().unwrap();
        runs.wait().unwrap();
        assert!(of_database(&cx).unwrap().is_empty());
    }
}
