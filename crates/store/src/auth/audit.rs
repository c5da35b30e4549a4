//! Rows of the audit record.

use openclaw_auth::audit::{
    AuditEntry, AuditEvent, AuditQuery, AuditRecord, MAX_RECORDS, MAX_REFUSALS,
};
use openclaw_protocol::ids::DeviceId;
use rusqlite::{Connection, Row, params, types::Type};

use super::{
    Result,
    rows::{read_time, rows_of, time},
};

/// How many records are added between two looks at what is too old.
const LOOK: i64 = 64;

pub(super) fn add(conn: &Connection, entry: &AuditEntry) -> Result<()> {
    let detail = serde_json::to_string(&entry.detail)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let refusal = entry.event.is_refusal();
    conn.prepare_cached(
        "INSERT INTO audit (refusal, at, event, actor, device, detail, count) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        refusal,
        time(entry.at_ms),
        entry.event.name(),
        entry.actor,
        entry.device.as_ref().map(DeviceId::as_str),
        detail,
        time(entry.count),
    ])?;
    if conn.last_insert_rowid() % LOOK == 0 {
        forget(conn)?;
    }
    Ok(())
}

fn forget(conn: &Connection) -> Result<()> {
    for (refusal, kept) in [(false, MAX_RECORDS), (true, MAX_REFUSALS)] {
        conn.prepare_cached(
            "DELETE FROM audit WHERE refusal = ?1 AND seq <= (SELECT seq FROM audit \
             WHERE refusal = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute(params![refusal, rows_of(kept)])?;
    }
    Ok(())
}

pub(super) fn list(conn: &Connection, query: &AuditQuery) -> Result<Vec<AuditRecord>> {
    let mut statement = conn.prepare_cached(
        "SELECT seq, at, event, actor, device, detail, count FROM audit \
         WHERE seq < ?1 AND (?2 IS NULL OR device = ?2) AND (?3 IS NULL OR refusal = ?3) \
         AND at >= ?4 AND at < ?5 ORDER BY seq DESC LIMIT ?6",
    )?;
    let (cursor, device) = (query.cursor.map_or(i64::MAX, time), query.device.as_ref());
    let (after, before) = (query.after_ms.map_or(0, time), query.before_ms.map_or(i64::MAX, time));
    let limit = rows_of(query.limit);
    let bounds =
        params![cursor, device.map(DeviceId::as_str), query.refusals, after, before, limit];
    let rows = statement.query_map(bounds, read)?;
    // Events that a later version wrote are passed over.
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Option<AuditRecord>> {
    let Some(event) = AuditEvent::parse(row.get_ref(2)?.as_str()?) else { return Ok(None) };
    let detail = serde_json::from_str(row.get_ref(5)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(5, Type::Text, error.into()))?;
    let entry = AuditEntry {
        at_ms: read_time(row, 1)?,
        event,
        actor: row.get(3)?,
        device: row.get::<_, Option<String>>(4)?.map(DeviceId::from),
        detail,
        count: read_time(row, 6)?,
    };
    Ok(Some(AuditRecord { seq: read_time(row, 0)?, entry }))
}
