//! Idempotency keys in the database.

use openclaw_agent::store::{IdempotencyKey, Remembered, StoreError, run::IDEMPOTENCY_WINDOW_MS};
use openclaw_protocol::ids::RunId;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::runs;
use crate::error::Result;

struct Known {
    digest: Vec<u8>,
    at: i64,
    run_id: Option<String>,
    result: Option<String>,
}

fn find(conn: &Connection, key: &IdempotencyKey) -> Result<Option<Known>> {
    let known = conn
        .prepare_cached(
            "SELECT digest, at, run_id, result FROM idempotency \
             WHERE principal = ?1 AND scope = ?2 AND key = ?3",
        )?
        .query_row(params![key.principal, key.scope, key.key], |row| {
            Ok(Known {
                digest: row.get(0)?,
                at: row.get(1)?,
                run_id: row.get(2)?,
                result: row.get(3)?,
            })
        });
    Ok(known.optional()?)
}

/// What the key stands for; `None` when it is new, or its window is over and its run has ended.
pub(super) fn recall(
    conn: &Connection,
    key: &IdempotencyKey,
    now: i64,
) -> Result<Option<Remembered>> {
    let Some(known) = find(conn, key)? else { return Ok(None) };
    let run = match &known.run_id {
        Some(id) => runs::find(conn, id)?.map(|found| found.record),
        None => None,
    };
    if known.at + IDEMPOTENCY_WINDOW_MS < now && run.as_ref().is_none_or(|r| r.state.is_final()) {
        return Ok(None);
    }
    if known.digest != key.digest {
        return Err(StoreError::KeyReused.into());
    }
    Ok(match known.result {
        Some(result) => Some(Remembered::Result(result)),
        None => run.map(|run| Remembered::Run(Box::new(run))),
    })
}

pub(super) fn remember(
    conn: &Connection,
    key: &IdempotencyKey,
    result: &str,
    now: i64,
) -> Result<Remembered> {
    if let Some(known) = recall(conn, key, now)? {
        return Ok(known);
    }
    forget(conn, key)?;
    insert(conn, key, now, None, Some(result))?;
    Ok(Remembered::New)
}

/// Forgets a key whose window is over, and the run it stood for.
pub(super) fn forget(conn: &Connection, key: &IdempotencyKey) -> Result<()> {
    let Some(known) = find(conn, key)? else { return Ok(()) };
    conn.prepare_cached(
        "DELETE FROM idempotency WHERE principal = ?1 AND scope = ?2 AND key = ?3",
    )?
    .execute(params![key.principal, key.scope, key.key])?;
    if let Some(run) = known.run_id {
        conn.prepare_cached("DELETE FROM runs WHERE run_id = ?1")?.execute([run])?;
    }
    Ok(())
}

pub(super) fn insert(
    conn: &Connection,
    key: &IdempotencyKey,
    at: i64,
    run: Option<&RunId>,
    result: Option<&str>,
) -> Result<()> {
    let run = run.map(RunId::as_str);
    conn.prepare_cached(
        "INSERT INTO idempotency (principal, scope, key, digest, at, run_id, result) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![key.principal, key.scope, key.key, key.digest, at, run, result])?;
    Ok(())
}
