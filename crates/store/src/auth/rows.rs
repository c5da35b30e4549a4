//! Rows of devices, tokens and requests.

use std::cmp::Reverse;

use openclaw_auth::{
    Device, PendingRequest, Secret,
    pairing::{About, ApprovedVia},
    rate_limit::Lockout,
    token::DeviceToken,
};
use openclaw_protocol::{Role, Scope, ScopeSet, ids::DeviceId};
use rusqlite::{
    Connection, Row, Rows, params,
    types::{Type, ValueRef},
};

use super::Result;

/// The columns of a device, and behind them those of one of its tokens, when it has any: one question
/// for many devices is a hundred times cheaper than one for each.
const SELECT: &str = "SELECT id, public_key, about, roles, d.scopes, approved_via, d.created_at, \
     approved_at, last_seen_at, label, \
     t.role, t.token, t.scopes, t.created_at, t.rotated_at, t.revoked_at \
     FROM devices d LEFT JOIN device_tokens t ON t.device = d.id";
/// Where the columns of the token begin.
const TOKEN: usize = 10;

pub(super) fn device(conn: &Connection, id: &DeviceId) -> Result<Option<Device>> {
    let sql = format!("{SELECT} WHERE id = ?1 ORDER BY t.created_at, t.role DESC");
    let mut statement = conn.prepare_cached(&sql)?;
    Ok(read_devices(statement.query([id.as_str()])?)?.pop())
}

/// One of two parts of about the same size: ids are digests in hexadecimal digits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Half {
    Low,
    High,
}

/// The devices of a half by their ids, in the order in which the rows lie.
pub(super) fn devices(conn: &Connection, half: Half) -> Result<Vec<Device>> {
    let which = match half {
        Half::Low => "id < '8'",
        Half::High => "id >= '8'",
    };
    let sql = format!("{SELECT} WHERE {which} ORDER BY id");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut devices = read_devices(statement.query([])?)?;
    for device in &mut devices {
        device.tokens.sort_by_key(|token| (token.created_at_ms, Reverse(token.role.name())));
    }
    Ok(devices)
}

/// Both halves, the last approved first. Sorting them here is cheaper than in the database, and by a copy
/// of the keys the devices themselves move once.
pub(super) fn in_order(mut low: Vec<Device>, high: Vec<Device>) -> Vec<Device> {
    low.extend(high);
    low.sort_by_cached_key(|device| Reverse(device.approved_at_ms));
    low
}

pub(super) fn put_device(conn: &Connection, device: &Device) -> Result<()> {
    // Not REPLACE: that would take the tokens along before they are written again.
    conn.prepare_cached(
        "INSERT INTO devices (id, public_key, about, roles, scopes, approved_via, created_at, \
         approved_at, last_seen_at, label) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
         ON CONFLICT (id) DO UPDATE SET public_key = ?2, about = ?3, roles = ?4, scopes = ?5, \
         approved_via = ?6, created_at = ?7, approved_at = ?8, last_seen_at = ?9, label = ?10",
    )?
    .execute(params![
        device.id.as_str(),
        device.public_key,
        about_text(&device.about)?,
        role_names(&device.roles),
        scope_names(device.scopes),
        device.approved_via.name(),
        time(device.created_at_ms),
        time(device.approved_at_ms),
        device.last_seen_at_ms.map(time),
        device.label,
    ])?;
    conn.prepare_cached("DELETE FROM device_tokens WHERE device = ?1")?
        .execute([device.id.as_str()])?;
    for token in &device.tokens {
        put_token(conn, &device.id, token)?;
    }
    Ok(())
}

pub(super) fn remove_device(conn: &Connection, id: &DeviceId) -> Result<()> {
    conn.prepare_cached("DELETE FROM devices WHERE id = ?1")?.execute([id.as_str()])?;
    Ok(())
}

pub(super) fn seen(conn: &Connection, id: &DeviceId, at_ms: u64) -> Result<()> {
    conn.prepare_cached("UPDATE devices SET last_seen_at = ?2 WHERE id = ?1")?
        .execute(params![id.as_str(), time(at_ms)])?;
    Ok(())
}

pub(super) fn requests(conn: &Connection) -> Result<Vec<PendingRequest>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, device, public_key, about, roles, role, scopes, is_repair, at \
         FROM device_requests ORDER BY at DESC, id",
    )?;
    let read = |row: &Row<'_>| {
        Ok(PendingRequest {
            id: row.get(0)?,
            device: row.get::<_, String>(1)?.into(),
            public_key: row.get(2)?,
            about: read_about(row, 3)?,
            roles: read_roles(row, 4)?,
            role: read_role(row, 5)?,
            scopes: read_scopes(row, 6)?,
            is_repair: row.get(7)?,
            at_ms: read_time(row, 8)?,
        })
    };
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn put_request(conn: &Connection, request: &PendingRequest) -> Result<()> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO device_requests \
         (id, device, public_key, about, roles, role, scopes, is_repair, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        request.id,
        request.device.as_str(),
        request.public_key,
        about_text(&request.about)?,
        role_names(&request.roles),
        request.role.name(),
        scope_names(request.scopes),
        request.is_repair,
        time(request.at_ms),
    ])?;
    Ok(())
}

pub(super) fn remove_request(conn: &Connection, device: &DeviceId) -> Result<()> {
    conn.prepare_cached("DELETE FROM device_requests WHERE device = ?1")?
        .execute([device.as_str()])?;
    Ok(())
}

/// A row whose bucket cannot be read locks nobody out.
pub(super) fn lockouts(conn: &Connection) -> Result<Vec<Lockout>> {
    let mut statement = conn.prepare_cached("SELECT bucket, until FROM lockouts")?;
    let read = |row: &Row<'_>| {
        let bucket = row.get_ref(0)?.as_str()?.parse().ok();
        let until_ms = read_time(row, 1)?;
        Ok(bucket.map(|bucket| Lockout { bucket, until_ms }))
    };
    let read = statement.query_map([], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(read.into_iter().flatten().collect())
}

pub(super) fn put_lockouts(conn: &Connection, lockouts: &[Lockout]) -> Result<()> {
    conn.prepare_cached("DELETE FROM lockouts")?.execute([])?;
    let mut insert = conn.prepare_cached("INSERT INTO lockouts (bucket, until) VALUES (?1, ?2)")?;
    for Lockout { bucket, until_ms } in lockouts {
        insert.execute(params![bucket.to_string(), time(*until_ms)])?;
    }
    Ok(())
}

fn put_token(conn: &Connection, device: &DeviceId, token: &DeviceToken) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO device_tokens (device, role, token, scopes, created_at, rotated_at, revoked_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        device.as_str(),
        token.role.name(),
        token.token.expose(),
        scope_names(token.scopes),
        time(token.created_at_ms),
        token.rotated_at_ms.map(time),
        token.revoked_at_ms.map(time),
    ])?;
    Ok(())
}

/// Devices from rows that stand together for each device.
fn read_devices(mut rows: Rows<'_>) -> rusqlite::Result<Vec<Device>> {
    let mut devices: Vec<Device> = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get_ref(0)?.as_str()?;
        if devices.last().is_none_or(|last| last.id.as_str() != id) {
            devices.push(read_device(row)?);
        }
        let token = row.get_ref(TOKEN)? != ValueRef::Null;
        if let Some(device) = devices.last_mut().filter(|_| token) {
            device.tokens.push(read_token(row)?);
        }
    }
    Ok(devices)
}

fn read_device(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: row.get_ref(0)?.as_str()?.into(),
        public_key: row.get(1)?,
        about: read_about(row, 2)?,
        label: row.get(9)?,
        roles: read_roles(row, 3)?,
        scopes: read_scopes(row, 4)?,
        approved_via: ApprovedVia::parse(row.get_ref(5)?.as_str()?),
        created_at_ms: read_time(row, 6)?,
        approved_at_ms: read_time(row, 7)?,
        last_seen_at_ms: read_maybe_time(row, 8)?,
        tokens: Vec::new(),
    })
}

fn read_token(row: &Row<'_>) -> rusqlite::Result<DeviceToken> {
    Ok(DeviceToken {
        role: read_role(row, TOKEN)?,
        token: Secret::from(row.get_ref(TOKEN + 1)?.as_str()?),
        scopes: read_scopes(row, TOKEN + 2)?,
        created_at_ms: read_time(row, TOKEN + 3)?,
        rotated_at_ms: read_maybe_time(row, TOKEN + 4)?,
        revoked_at_ms: read_maybe_time(row, TOKEN + 5)?,
    })
}

fn about_text(about: &About) -> rusqlite::Result<String> {
    serde_json::to_string(about)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn read_about(row: &Row<'_>, column: usize) -> rusqlite::Result<About> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
    })
}

fn role_names(roles: &[Role]) -> String {
    roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ")
}

fn read_roles(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<Role>> {
    Ok(row.get_ref(column)?.as_str()?.split(' ').filter_map(Role::parse).collect())
}

fn read_role(row: &Row<'_>, column: usize) -> rusqlite::Result<Role> {
    let unknown = || rusqlite::Error::InvalidColumnType(column, "role".into(), Type::Text);
    Role::parse(row.get_ref(column)?.as_str()?).ok_or_else(unknown)
}

fn scope_names(scopes: ScopeSet) -> String {
    scopes.iter().map(Scope::name).collect::<Vec<_>>().join(" ")
}

fn read_scopes(row: &Row<'_>, column: usize) -> rusqlite::Result<ScopeSet> {
    Ok(ScopeSet::parse(row.get_ref(column)?.as_str()?.split(' ')))
}

/// Times beyond what SQLite can hold are cut; no clock says such.
pub(super) fn rows_of(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn time(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

pub(super) fn read_time(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

pub(super) fn read_maybe_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    let ms = row.get::<_, Option<i64>>(column)?;
    Ok(ms.map(|ms| u64::try_from(ms).unwrap_or_default()))
}
