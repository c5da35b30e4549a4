//! Dead letters in the database. Whoever drops something adds its letter in the same transaction.

use openclaw_agent::store::{
    DeadLetter, DeadLetterKind, DeadLetterPage, MAX_DEAD_LETTERS, NewDeadLetter,
};
use rusqlite::{Connection, Row, params};

type Result<T> = rusqlite::Result<T>;

/// How many letters are added between two looks at what is too many.
const LOOK: i64 = 64;

pub(crate) fn bury(conn: &Connection, letter: &NewDeadLetter) -> Result<()> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO dead_letters (at, kind, subject, reason, session_key, node, text) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        letter.at,
        letter.kind.name(),
        letter.subject,
        letter.reason,
        letter.session_key,
        letter.node,
        letter.text,
    ])?;
    if conn.last_insert_rowid() % LOOK == 0 {
        forget(conn)?;
    }
    Ok(())
}

fn forget(conn: &Connection) -> Result<()> {
    let forgotten = conn
        .prepare_cached(
            "DELETE FROM dead_letters WHERE id <= (SELECT id FROM dead_letters ORDER BY id DESC \
             LIMIT 1 OFFSET ?1)",
        )?
        .execute([rows(MAX_DEAD_LETTERS)])?;
    if forgotten > 0 {
        tracing::warn!(forgotten, "the oldest dead letters were forgotten");
    }
    Ok(())
}

pub(crate) fn page(conn: &Connection, before: Option<i64>, limit: usize) -> Result<DeadLetterPage> {
    let mut statement = conn.prepare_cached(
        "SELECT id, at, kind, subject, reason, session_key, node, text FROM dead_letters \
         WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let found = statement.query_map([before.unwrap_or(i64::MAX), rows(limit)], read)?;
    // Kinds that a later version wrote are passed over.
    let letters = found.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    Ok(DeadLetterPage { letters, total: total(conn)? })
}

pub(crate) fn discard(conn: &Connection, ids: Option<&[i64]>) -> Result<(u64, u64)> {
    let discarded = match ids {
        None => conn.execute("DELETE FROM dead_letters", [])?,
        Some(ids) => {
            let mut statement = conn.prepare_cached("DELETE FROM dead_letters WHERE id = ?1")?;
            ids.iter().map(|id| statement.execute([id])).sum::<Result<usize>>()?
        }
    };
    Ok((discarded as u64, total(conn)?))
}

fn total(conn: &Connection) -> Result<u64> {
    let count = "SELECT COUNT(*) FROM dead_letters";
    conn.prepare_cached(count)?.query_row([], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}

fn read(row: &Row<'_>) -> Result<Option<DeadLetter>> {
    let Some(kind) = DeadLetterKind::parse(row.get_ref(2)?.as_str()?) else { return Ok(None) };
    let letter = NewDeadLetter {
        at: row.get(1)?,
        kind,
        subject: row.get(3)?,
        reason: row.get(4)?,
        session_key: row.get(5)?,
        node: row.get(6)?,
        text: row.get(7)?,
    };
    Ok(Some(DeadLetter { id: row.get(0)?, letter }))
}

fn rows(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
