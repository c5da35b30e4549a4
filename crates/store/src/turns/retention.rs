//! What is forgotten with time: keys and runs whose window is over, indexes of archived transcripts.

use openclaw_agent::store::run::IDEMPOTENCY_WINDOW_MS;
use rusqlite::Connection;

use crate::{db::Db, error::Result};

/// Rows that are removed in one transaction, so that no one waits long for the writer.
const CHUNK: i64 = 1_000;

/// Removes what is over. Called from the projector's thread; each transaction is short.
pub(crate) fn sweep(db: &Db, now: i64) -> Result<()> {
    let before = now - IDEMPOTENCY_WINDOW_MS;
    while db.write_blocking(move |conn| forget_old(conn, before))? > 0 {}
    while db.write_blocking(drop_loose)? > 0 {}
    Ok(())
}

fn forget_old(conn: &Connection, before: i64) -> Result<usize> {
    let keys = conn.execute(
        "DELETE FROM idempotency WHERE rowid IN (SELECT i.rowid FROM idempotency i WHERE i.at < ?1 \
         AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.run_id = i.run_id AND r.ended_at IS NULL) LIMIT ?2)",
        [before, CHUNK],
    )?;
    let runs = conn.execute(
        "DELETE FROM runs WHERE seq IN (SELECT seq FROM runs WHERE ended_at < ?1 LIMIT ?2)",
        [before, CHUNK],
    )?;
    Ok(keys + runs)
}

/// Removes rows of one transcript that no session, no running run and no file operation needs any more.
fn drop_loose(conn: &Connection) -> Result<usize> {
    let loose: Option<i64> = conn.query_row(
        "SELECT MIN(id) FROM transcripts t WHERE session_id IS NULL \
         AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.transcript = t.id) \
         AND NOT EXISTS (SELECT 1 FROM moves m WHERE m.transcript = t.id) \
         AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.transcript = t.id AND r.ended_at IS NULL)",
        [],
        |row| row.get(0),
    )?;
    let Some(id) = loose else { return Ok(0) };
    let entries = conn.execute(
        "DELETE FROM entries WHERE transcript = ?1 AND seq IN \
         (SELECT seq FROM entries WHERE transcript = ?1 LIMIT ?2)",
        [id, CHUNK],
    )?;
    if entries > 0 {
        return Ok(entries);
    }
    Ok(conn.execute("DELETE FROM transcripts WHERE id = ?1", [id])?)
}
