//! Transcripts that a session leaves, and the change from one index of a transcript to another.

use openclaw_agent::{
    clock::iso_with_dashes,
    session::SessionRow,
    store::{Delete, Deleted, Reset, StoreError},
    transcript::{LineKind, inspect},
};
use openclaw_protocol::ids::SessionKey;
use rusqlite::{Connection, params};

use super::{
    branches,
    journal::{self, Line, Transcript},
    sessions,
};
use crate::{error::Result, layout::Layout};

/// A new index of a transcript, made beside the old one.
#[derive(Debug)]
pub(crate) struct NewIndex {
    /// The transcript it will replace.
    pub(crate) old: i64,
    /// The new one; its row has no session yet.
    pub(crate) new: Transcript,
}

pub(super) fn reset(
    conn: &Connection,
    layout: &Layout,
    key: &SessionKey,
    reset: Reset,
) -> Result<SessionRow> {
    let Reset { new_session_id, edit, at } = reset;
    let edit = move |old| Ok(edit(old)?.with_new_transcript(new_session_id));
    sessions::edit(conn, layout, (key, None), at, Box::new(edit))
}

pub(super) fn delete(
    conn: &Connection,
    layout: &Layout,
    key: &SessionKey,
    delete: Delete,
    at: i64,
) -> Result<Deleted> {
    let Some(row) = sessions::by_key(conn, key)? else { return Ok(Deleted::default()) };
    if let Some(guard) = delete.guard {
        guard(&row.entry).map_err(StoreError::from)?;
    }
    sessions::remove(conn, &row)?;
    let archived = if delete.transcript { archive(conn, &row, "deleted", at)? } else { None };
    let path =
        |name: String| layout.transcript(&row.agent_id, &name).to_string_lossy().into_owned();
    let archived = archived.map(path).into_iter().collect();
    Ok(Deleted { row: Some(row), archived })
}

/// Takes a transcript out of sight and notes its new name, unless a session still has it.
/// Runs that are writing to it go on doing so. The archive's file name.
pub(super) fn archive(
    conn: &Connection,
    row: &SessionRow,
    reason: &str,
    at: i64,
) -> Result<Option<String>> {
    let id = &row.entry.session_id;
    if sessions::by_session_id(conn, id)?.is_some() {
        return Ok(None);
    }
    let Some(mut transcript) = journal::by_session(conn, id)? else { return Ok(None) };
    let target = format!("{}.{reason}.{}", transcript.file, iso_with_dashes(at));
    conn.prepare_cached(
        "INSERT INTO moves (transcript, agent_id, source, target) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![transcript.id, transcript.agent_id.as_str(), transcript.file, target])?;
    transcript.session_id = None;
    transcript.file.clone_from(&target);
    transcript.save(conn)?;
    Ok(Some(target))
}

/// Puts a new index in the place of the old one. Lines that the old one had pending and that the file
/// lacks are journalled again behind the new end; the old rows stay, out of sight, for the sweep.
pub(crate) fn swap(conn: &Connection, index: NewIndex) -> Result<()> {
    let NewIndex { old, mut new } = index;
    let Some(mut old) = journal::by_id(conn, old)? else {
        return Ok(()); // deleted meanwhile
    };
    new.generation = old.generation + 1;
    new.indexed = true;
    new.file.clone_from(&old.file);
    for line in pending_of(conn, old.id)? {
        let known = journal::has_entry(conn, new.id, &line.entry_id)?
            || (line.kind == LineKind::Session && new.bytes > 0);
        if known {
            conn.prepare_cached("DELETE FROM pending WHERE id = ?1")?.execute([line.id])?;
            continue;
        }
        let head = inspect(line.text.as_bytes());
        let parent = head.as_ref().and_then(|head| head.parent_id.as_deref());
        let row = Line {
            parent: branches::fork_of(conn, &new, parent, None)?,
            id: &line.entry_id,
            kind: line.kind,
            offset: new.bytes,
            length: line.length,
            run: line.run,
        };
        let seq = journal::insert_line(conn, &mut new, &row)?;
        conn.prepare_cached("UPDATE pending SET transcript = ?2, seq = ?3 WHERE id = ?1")?
            .execute(params![line.id, new.id, seq])?;
    }
    branches::settle(conn, &mut new)?;
    new.session_id = old.session_id.take();
    old.save(conn)?;
    new.save(conn)?;
    for table in ["runs", "moves"] {
        let sql = format!("UPDATE {table} SET transcript = ?2 WHERE transcript = ?1");
        conn.execute(&sql, [old.id, new.id])?;
    }
    Ok(())
}

struct Pending {
    id: i64,
    entry_id: String,
    kind: LineKind,
    length: i64,
    run: Option<i64>,
    text: String,
}

fn pending_of(conn: &Connection, transcript: i64) -> Result<Vec<Pending>> {
    let mut statement = conn.prepare_cached(
        "SELECT p.id, e.entry_id, e.kind, e.length, e.run, p.line FROM pending p \
         JOIN entries e ON e.transcript = p.transcript AND e.seq = p.seq \
         WHERE p.transcript = ?1 ORDER BY p.seq",
    )?;
    let rows = statement.query_map([transcript], |row| {
        Ok(Pending {
            id: row.get(0)?,
            entry_id: row.get(1)?,
            kind: LineKind::from_number(row.get(2)?),
            length: row.get(3)?,
            run: row.get(4)?,
            text: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
